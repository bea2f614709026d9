//! Asylum applications and decisions, after UNHCR.
//!
//! Only rows that count persons are added (`unit=P`), never cases. Applications are those that are new at first
//! instance (`type=N`, `level=FI`), so that nobody is counted again at review. Decisions are added over all
//! levels, as the publisher's own totals are; cases otherwise closed stand apart and are in no denominator.

use std::collections::BTreeMap;

use wegen_model::{Code, Observation};

use super::{
    Ask, Computed, FROM, FigureError, HOST, ORIGIN, Recipe, TO, YEAR, by_year, last_covered, over_all, take,
};
use crate::figure::{Cell, Missing, Table, Value};

const APPLICATIONS: &str = "unhcr-asylum-applications";
const DECISIONS: &str = "unhcr-asylum-decisions";
const KINDS: [&str; 5] = ["recognised", "other", "rejected", "closed", "total"];

pub(super) static RECIPES: [Recipe; 5] = [
    Recipe {
        name: "asylum-applications",
        version: 1,
        draws_on: &[APPLICATIONS],
        params: &[ORIGIN, HOST, YEAR],
        compute: applications,
    },
    Recipe {
        name: "decisions",
        version: 1,
        draws_on: &[DECISIONS],
        params: &[ORIGIN, HOST, YEAR, ("kind", "recognised, other, rejected, closed or total")],
        compute: decisions,
    },
    Recipe {
        name: "decisions-on-substance",
        version: 1,
        draws_on: &[DECISIONS],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| {
            let (cells, _) = substance(ask)?;
            Ok(Computed { unit: "decisions", ..Computed::persons(cells, DECISIONS) })
        },
    },
    Recipe {
        name: "protection-rate",
        version: 1,
        draws_on: &[DECISIONS],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| {
            let (_, rate) = substance(ask)?;
            Ok(Computed {
                value: Value::Number(rate),
                unit: "percent",
                decimals: 1,
                sources: vec![DECISIONS.into()],
            })
        },
    },
    Recipe {
        name: "asylum",
        version: 1,
        draws_on: &[APPLICATIONS, DECISIONS],
        params: &[ORIGIN, HOST, FROM, TO],
        compute: table,
    },
];

fn has(o: &Observation, dimension: &str) -> bool {
    o.dims.as_deref().is_some_and(|dims| dims.split(';').any(|d| d == dimension))
}

fn is_new(o: &Observation) -> bool {
    has(o, "unit=P") && has(o, "type=N") && has(o, "level=FI")
}

fn is_in(o: &Observation, host: Option<Code>) -> bool {
    host.is_none() || o.counterpart == host
}

/// Sums of one host; of all hosts only where all of them are held.
fn of_host(
    ask: &Ask<'_>,
    source: &str,
    host: Option<Code>,
    sums: BTreeMap<i32, Cell>,
) -> BTreeMap<i32, Cell> {
    let origin = ask.country("origin").ok();
    if host.is_some() { sums } else { over_all(ask, source, origin, sums) }
}

fn applications(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (origin, host) = (ask.country("origin")?, ask.maybe_country("host")?);
    let year = ask.year(APPLICATIONS, Some(origin))?;
    let rows = ask.observations(APPLICATIONS, "asylum-applications", Some(origin))?;
    let mut sums = of_host(ask, APPLICATIONS, host, by_year(&rows, |o| is_new(o) && is_in(o, host)));
    let cell = take(&mut sums, ask, APPLICATIONS, Some(origin), year);
    Ok(Computed { unit: "applications", ..Computed::persons(cell, APPLICATIONS) })
}

/// Decisions of one kind by year.
fn kind_by_year(ask: &Ask<'_>, kind: &str) -> Result<BTreeMap<i32, Cell>, FigureError> {
    let (origin, host) = (ask.country("origin")?, ask.maybe_country("host")?);
    let rows = ask.observations(DECISIONS, &format!("decisions-{kind}"), Some(origin))?;
    let sums = by_year(&rows, |o| has(o, "unit=P") && is_in(o, host));
    Ok(of_host(ask, DECISIONS, host, sums))
}

fn decisions(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let kind = ask.word("kind", &KINDS, "total")?;
    let mut sums = kind_by_year(ask, kind)?;
    let origin = Some(ask.country("origin")?);
    let cell = take(&mut sums, ask, DECISIONS, origin, ask.year(DECISIONS, origin)?);
    Ok(Computed { unit: "decisions", ..Computed::persons(cell, DECISIONS) })
}

/// The denominator (recognised, other and rejected together) and the share of protection in it.
fn substance(ask: &Ask<'_>) -> Result<(Cell, Cell), FigureError> {
    let origin = ask.country("origin")?;
    let year = ask.year(DECISIONS, Some(origin))?;
    let mut cells = Vec::new();
    for kind in ["recognised", "other", "rejected"] {
        cells.push(take(&mut kind_by_year(ask, kind)?, ask, DECISIONS, Some(origin), year));
    }
    Ok(rate(&cells))
}

fn rate(cells: &[Cell]) -> (Cell, Cell) {
    let [recognised, other, rejected] = cells else { return Default::default() };
    let (Some(a), Some(b), Some(c)) = (recognised.value, other.value, rejected.value) else {
        let why = cells.iter().find_map(|c| c.missing).unwrap_or(Missing::NotReported);
        return (Cell::missing(why), Cell::missing(why));
    };
    let records: Vec<_> = cells.iter().flat_map(|c| c.records.iter().copied()).collect();
    let denominator = Cell::of(a + b + c, records.clone());
    let share = match a + b + c > 0.0 {
        true => Cell::of(100.0 * (a + b) / (a + b + c), records),
        false => Cell { records, ..Cell::missing(Missing::Undefined) },
    };
    (denominator, share)
}

fn table(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let host = ask.maybe_country("host")?;
    let last = last_covered(ask.evidence, DECISIONS, Some(origin))?.or(last_covered(
        ask.evidence,
        APPLICATIONS,
        Some(origin),
    )?);
    let years = ask.years(last, |last| last - 9)?;
    let rows = ask.observations(APPLICATIONS, "asylum-applications", Some(origin))?;
    let mut applied = of_host(ask, APPLICATIONS, host, by_year(&rows, |o| is_new(o) && is_in(o, host)));
    let mut kinds = KINDS.iter().map(|kind| kind_by_year(ask, kind)).collect::<Result<Vec<_>, _>>()?;
    let keys = ["applications", "recognised", "other", "rejected", "substance", "rate", "closed"];
    let columns = keys.iter().map(|k| ((*k).to_owned(), ask.lang.text(&format!("column-{k}")))).collect();
    let rows = ask.rows_by_year(years, keys.len(), |year| {
        let mut cells: Vec<Cell> =
            kinds.iter_mut().map(|k| take(k, ask, DECISIONS, Some(origin), year)).collect();
        cells.truncate(4);
        let closed = cells.pop().unwrap_or_default();
        let (denominator, share) = rate(&cells);
        let mut row = vec![take(&mut applied, ask, APPLICATIONS, Some(origin), year)];
        row.append(&mut cells);
        row.extend([denominator, share, closed]);
        row
    });
    let table = Table { key: "year", columns, rows };
    let sources = vec![APPLICATIONS.into(), DECISIONS.into()];
    Ok(Computed { value: Value::Table(table), unit: "mixed", decimals: 0, sources })
}
