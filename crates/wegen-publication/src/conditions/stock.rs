//! A stock in an area: one series at one level, never a sum of two.
//!
//! A publisher may give the same people more than once: for an area and for the areas in it, under two kinds of
//! assessment, for two operations. Which rows are parts of one count is said in the registry
//! ([`wegen_model::Series`]). From the rows of one date:
//!
//! 1. Within a series an area's rows add up (reasons, origins).
//! 2. Within a series an area has as many people as the areas in it that have rows, at the deepest level that is
//!    there; where none has, as many as its own row says.
//! 3. Where an area has a row of its own beside those of areas in it, and they differ, the bounds go from the lesser
//!    to the greater: the deeper rows can be of a part of the area only, and nobody says so.
//! 4. Of several series that agree the number is theirs; else the bounds go from the least to the greatest.
//!
//! Areas in it that have no row count for nothing: publishers give rows of the areas where they found people. Which
//! area lies in which is told by the tables of P-codes; a code that no table holds lies in its country alone.

use std::collections::BTreeMap;

use wegen_ledger::Row;
use wegen_model::{Code, Interval, Observation, Series, sources};

use super::AreaTree;

/// The level that a row itself says it is of, for codes that no table holds.
pub(crate) fn level_said(row: &Observation) -> Option<u8> {
    row.dim("level")?.parse().ok()
}

/// The people in `place`, from rows of one date that lie in it; `None` where there is no row.
pub(super) fn of(source: &str, rows: &[&Row<Observation>], place: Code, tree: &AreaTree) -> Option<Interval> {
    let none = Series::default();
    let series = sources().get(source).map_or(&none, |s| &s.series);
    let mut counts: BTreeMap<String, BTreeMap<Code, f64>> = BTreeMap::new();
    for row in rows {
        let key = series.key(row.value.dims.as_deref());
        *counts.entry(key).or_default().entry(row.value.place).or_default() += row.value.value;
    }
    counts.values().filter_map(|own| in_series(own, place, tree)).reduce(over)
}

/// From the lesser of the lower to the greater of the upper ends.
fn over(a: Interval, b: Interval) -> Interval {
    Interval { low: a.low.min(b.low), high: a.high.max(b.high) }
}

/// The people in `place` by one series.
fn in_series(own: &BTreeMap<Code, f64>, place: Code, tree: &AreaTree) -> Option<Interval> {
    // Each area with rows lies in the nearest other one that has some, and at last in the place asked for.
    let mut inside: BTreeMap<Code, Vec<Code>> = BTreeMap::new();
    for code in own.keys().filter(|c| **c != place) {
        let above = tree.ancestors(*code).into_iter().find(|a| *a == place || own.contains_key(a));
        inside.entry(above.unwrap_or(place)).or_default().push(*code);
    }
    count(own, &inside, place, &mut own.len().clone())
}

/// `left`: how many areas can still be met, so that a table in a circle ends.
fn count(
    own: &BTreeMap<Code, f64>,
    inside: &BTreeMap<Code, Vec<Code>>,
    place: Code,
    left: &mut usize,
) -> Option<Interval> {
    let mut parts: Option<Interval> = None;
    for code in inside.get(&place).into_iter().flatten() {
        *left = left.checked_sub(1)?;
        let Some(part) = count(own, inside, *code, left) else { continue };
        parts = Some(parts.map_or(part, |sum| sum + part));
    }
    let itself = own.get(&place).copied().map(Interval::point);
    match (itself, parts) {
        (Some(itself), Some(parts)) => Some(over(itself, parts)),
        (itself, parts) => itself.or(parts),
    }
}
