//! Which rows of UNHCR's population table report a number, and which only fill a cell.
//!
//! The table has a row for a pair of origin and asylum as soon as one of its columns has a number, and fills all
//! other columns of that row with 0. So a 0 says that nobody was counted only where the column is counted
//! everywhere: refugees and asylum-seekers. Internally displaced people and returns are counted only where UNHCR or
//! its partners monitor them; elsewhere the 0 is a filled cell, and the figure is not reported.

use std::collections::BTreeMap;

use wegen_ledger::{Evidence, LedgerError, RecordFilter, Row};
use wegen_model::{Code, Observation, indicators};

use crate::figure::Cell;

/// From how many people on a number that stays the same to the unit is taken as carried over: small ones stay the
/// same by chance.
const CARRIED_FROM: f64 = 1_000.0;

/// Whether a row can hold what its indicator asks, and holds a number that somebody reported.
///
/// Internally displaced people are in the country they come from, so only the row of which asylum and origin are the
/// same country can hold them. Every row of an indicator that is not named here reports.
pub fn reports(row: &Observation) -> bool {
    match row.indicator.as_str() {
        "idps" | "returned-idps" | "solutions-returned-idps" => {
            row.counterpart == Some(row.place) && row.value > 0.0
        }
        "returned-refugees" | "solutions-returned-refugees" => row.value > 0.0,
        _ => true,
    }
}

/// Whether an indicator counts people at the end of a year, to the unit: what can be carried over.
///
/// IDMC's figures are rounded to thousands: of those, the same number twice says nothing.
fn is_counted_stock(indicator: &str) -> bool {
    ["refugees", "asylum-seekers", "other-in-need", "idps", "palestine-refugees"].contains(&indicator)
}

/// Sums by year of the rows of one indicator that report and that `accept` takes.
///
/// A stock that rests on one row, of 1,000 people or more, is marked as carried over where the same row of the year
/// before has the same number to the unit.
pub(crate) fn by_year(
    rows: &[Row<Observation>],
    accept: impl Fn(&Observation) -> bool,
) -> BTreeMap<i32, Cell> {
    let mut sums: BTreeMap<i32, Cell> = BTreeMap::new();
    let mut hosts: BTreeMap<i32, Option<Code>> = BTreeMap::new();
    let mut stock = true;
    for row in rows.iter().filter(|r| reports(&r.value) && accept(&r.value)) {
        let year = row.value.period.year();
        sums.entry(year).or_default().add(row.value.value, row.value.bounds, row.record);
        hosts.insert(year, row.value.counterpart);
        stock &= is_counted_stock(row.value.indicator.as_str());
    }
    let one = |year: i32| {
        let cell = sums.get(&year).filter(|c| c.records.len() == 1)?;
        Some((cell.value?, hosts.get(&year)?))
    };
    let carried: Vec<i32> = sums
        .keys()
        .copied()
        .filter(|year| one(*year).is_some_and(|(n, _)| stock && n >= CARRIED_FROM))
        .filter(|year| one(*year) == one(year - 1))
        .collect();
    for year in carried {
        if let Some(cell) = sums.get_mut(&year) {
            cell.carried = true;
        }
    }
    sums
}

/// People of each country of origin in one year, of one indicator of one source: what the recipe of that indicator
/// answers for each, for lists of all countries.
///
/// # Errors
/// The ledger's, where it cannot answer.
pub fn by_origin(
    evidence: Evidence<'_>,
    source: &str,
    indicator: &str,
    year: i32,
) -> Result<BTreeMap<Code, Cell>, LedgerError> {
    let Some(id) = indicators().get(indicator) else { return Ok(BTreeMap::new()) };
    let filter = RecordFilter::of(source).indicator(id).years(year - 1, year);
    let mut rows: BTreeMap<Code, Vec<Row<Observation>>> = BTreeMap::new();
    for row in evidence.observations(&filter)? {
        rows.entry(row.value.place).or_default().push(row);
    }
    Ok(rows
        .into_iter()
        .filter_map(|(code, rows)| Some((code, by_year(&rows, |_| true).remove(&year)?)))
        .collect())
}

#[cfg(test)]
mod tests {
    use wegen_ledger::RecordId;
    use wegen_model::{Locator, Period, RecordKind, Status};

    use super::*;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    fn rows(indicator: &str, rows: &[(&str, i16, f64)]) -> Vec<Row<Observation>> {
        let row = |(n, (host, year, value)): (usize, &(&str, i16, f64))| Row {
            record: RecordId {
                snapshot: "0".repeat(64).parse().unwrap(),
                kind: RecordKind::Observation,
                n: n as u32,
            },
            value: Observation {
                indicator: indicators().get(indicator).unwrap(),
                place: code("LBY"),
                counterpart: Some(code(host)),
                period: Period::of_year(*year).unwrap(),
                value: *value,
                bounds: None,
                status: Status::Normal,
                dims: None,
                locator: Locator::default(),
            },
        };
        rows.iter().enumerate().map(row).collect()
    }

    fn value(cells: &BTreeMap<i32, Cell>, year: i32) -> Option<f64> {
        cells.get(&year).and_then(|c| c.value)
    }

    #[test]
    fn the_rows_of_other_countries_cannot_hold_the_internally_displaced() {
        let cells =
            by_year(&rows("idps", &[("TUN", 2024, 0.0), ("EGY", 2024, 7.0), ("LBY", 2025, 9.0)]), |_| true);
        assert_eq!((value(&cells, 2024), value(&cells, 2025)), (None, Some(9.0)));
        assert_eq!(cells[&2025].records.len(), 1);
    }

    #[test]
    fn a_zero_of_what_some_monitor_is_no_zero_and_one_of_refugees_is() {
        for (indicator, zero) in
            [("idps", None), ("returned-idps", None), ("returned-refugees", None), ("refugees", Some(0.0))]
        {
            let cells = by_year(&rows(indicator, &[("LBY", 2025, 0.0)]), |_| true);
            assert_eq!(value(&cells, 2025), zero, "{indicator}");
        }
        let returned =
            rows("returned-refugees", &[("NLD", 2025, 0.0), ("TUN", 2025, 5.0), ("EGY", 2025, 2.0)]);
        let all = by_year(&returned, |_| true);
        assert_eq!((value(&all, 2025), all[&2025].records.len()), (Some(7.0), 2));
        assert_eq!(value(&by_year(&returned, |o| o.counterpart == Some(code("NLD"))), 2025), None);
    }

    #[test]
    fn the_same_number_in_the_same_row_a_year_later_is_carried_over() {
        let carried = |indicator: &str, of: &[(&str, i16, f64)]| {
            by_year(&rows(indicator, of), |_| true).get(&2025).is_some_and(|c| c.carried)
        };
        assert!(carried("idps", &[("LBY", 2024, 32_791.0), ("LBY", 2025, 32_791.0)]));
        assert!(!carried("idps", &[("LBY", 2024, 32_791.0), ("LBY", 2025, 32_790.0)]));
        assert!(!carried("idps", &[("LBY", 2023, 32_791.0), ("LBY", 2025, 32_791.0)]), "a year between");
        assert!(!carried("idps", &[("LBY", 2024, 999.0), ("LBY", 2025, 999.0)]), "too few");
        assert!(!carried("refugees", &[("TUN", 2024, 5_000.0), ("EGY", 2025, 5_000.0)]), "another host");
        let two = [("TUN", 2024, 900.0), ("EGY", 2024, 900.0), ("TUN", 2025, 900.0), ("EGY", 2025, 900.0)];
        assert!(!carried("refugees", &two), "a sum");
        assert!(!carried("returned-refugees", &[("TUN", 2024, 5_000.0), ("TUN", 2025, 5_000.0)]), "a flow");
    }
}
