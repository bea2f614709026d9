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
    pub(super) fn add(&mut self, row: &Row<Observation>) {
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
        if deep == 0 || self.by_area.is_empty() {
            return None;
        }
        let parts = tree.parts(place);
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

#[cfg(test)]
mod tests {
    use wegen_ledger::SnapshotId;
    use wegen_model::{Locator, RecordKind, Status, indicator};

    use super::*;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    fn row(place: &str, period: &str, value: f64, n: u32) -> Row<Observation> {
        let snapshot: SnapshotId = "0".repeat(64).parse().unwrap();
        Row {
            record: RecordId { snapshot, kind: RecordKind::Observation, n },
            value: Observation {
                indicator: indicator::POPULATION,
                place: code(place),
                counterpart: None,
                period: period.parse().unwrap(),
                value,
                bounds: None,
                status: Status::Estimated,
                dims: None,
                locator: Locator::default(),
            },
        }
    }

    fn people(rows: &[(&str, &str, f64)], place: &str, month: &str) -> Option<(f64, f64, usize)> {
        let mut populations = Populations::default();
        for (n, (place, period, value)) in rows.iter().enumerate() {
            populations.add(&row(place, period, *value, n as u32));
        }
        let tree = AreaTree::built_in(code("TCD"));
        let found = populations.of(code(place), Month::parse(month).unwrap(), &tree)?;
        Some((found.bounds.low, found.bounds.high, found.records.len()))
    }

    #[test]
    fn the_latest_year_that_does_not_lie_behind_the_month_is_taken_and_else_the_earliest() {
        let rows = [("TD07", "2009", 100.0), ("TD07", "2018", 200.0), ("TD07", "2023", 300.0)];
        for (month, value) in [("2017-12", 100.0), ("2018-01", 200.0), ("2024-06", 300.0), ("2001-01", 100.0)]
        {
            assert_eq!(people(&rows, "TD07", month), Some((value, value, 1)), "{month}");
        }
        assert_eq!(people(&rows, "TD06", "2018-01"), None);
    }

    #[test]
    fn two_figures_of_a_year_are_bounds_and_nobody_is_no_denominator() {
        let rows = [("TD07", "2023", 300.0), ("TD07", "2023", 310.0), ("TD06", "2023", 0.0)];
        assert_eq!(people(&rows, "TD07", "2023-06"), Some((300.0, 310.0, 2)));
        assert_eq!(people(&rows, "TD06", "2023-06"), None);
    }

    #[test]
    fn an_area_has_the_people_of_its_parts_if_all_are_held() {
        let parts: Vec<&str> = ["TD0701", "TD0702", "TD0703", "TD0704"].to_vec();
        assert_eq!(
            wegen_model::pcodes().of_country(code("TCD"), 2).filter(|a| a.parent == code("TD07")).count(),
            4
        );
        let rows: Vec<(&str, &str, f64)> = parts.iter().map(|p| (*p, "2023", 10.0)).collect();
        assert_eq!(people(&rows, "TD07", "2023-06"), Some((40.0, 40.0, 4)));
        assert_eq!(people(&rows[1..], "TD07", "2023-06"), None);
    }
}
