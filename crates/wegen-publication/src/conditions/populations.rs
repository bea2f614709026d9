//! How many people live in an area: what a rate of deaths is set against.
//!
//! The area's own figure of the latest reference year that does not lie behind the month; where all lie behind it, of
//! the earliest. Without a figure of its own an area has the people of its parts, if all of them have a figure. A
//! census can be twenty years old: the record with its year is among those of every cell that rests on it.

use std::collections::BTreeMap;

use wegen_ledger::{RecordId, Row};
use wegen_model::{Code, Interval, Observation, Period};

use super::{AreaTree, Month};

/// People of areas by reference year.
#[derive(Debug, Default)]
pub(super) struct Populations {
    by_area: BTreeMap<Code, BTreeMap<Period, Vec<(f64, RecordId)>>>,
}

/// The people of an area, more than none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct People {
    /// How many; a range where two figures of one year differ.
    pub(super) bounds: Interval,
    /// The records that say so.
    pub(super) records: Vec<RecordId>,
}

impl Populations {
    /// Takes a row.
    pub(super) fn add(&mut self, row: Row<Observation>) {
        let of = self.by_area.entry(row.value.place).or_default();
        of.entry(row.value.period).or_default().push((row.value.value, row.record));
    }

    /// The people of an area in a month; `None` where nobody says, or says that there were none.
    pub(super) fn of(&self, place: Code, month: Month, tree: &AreaTree) -> Option<People> {
        // Areas have at most four levels below them.
        self.within(place, month, tree, 4)
    }

    fn within(&self, place: Code, month: Month, tree: &AreaTree, deep: u8) -> Option<People> {
        let known = self.by_area.get(&place).and_then(|by_period| {
            let before = by_period.iter().rev().find(|(period, _)| Month::span(**period).0 <= month);
            before.or(by_period.iter().next()).map(|(_, figures)| figures)
        });
        if let Some(figures) = known {
            let values = || figures.iter().map(|(value, _)| *value);
            let bounds = Interval::new(values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max))?;
            let records = figures.iter().map(|(_, record)| *record).collect();
            return (bounds.low > 0.0).then_some(People { bounds, records });
        }
        let parts = tree.parts(place);
        if parts.is_empty() || deep == 0 || self.by_area.is_empty() {
            return None;
        }
        let mut sum: Option<People> = None;
        for part in parts {
            let people = self.within(part, month, tree, deep - 1)?;
            sum = Some(match sum {
                None => people,
                Some(mut sum) => {
                    sum.bounds = sum.bounds + people.bounds;
                    sum.records.extend(people.records);
                    sum
                }
            });
        }
        sum
    }
}
