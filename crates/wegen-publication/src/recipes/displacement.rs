//! People displaced and people who returned, after UNHCR; which of its zeros are numbers stands in
//! [`crate::reported`].

use std::collections::BTreeMap;

use wegen_model::{Code, countries};

use super::{
    Ask, Computed, FROM, FigureError, HOST, ORIGIN, Recipe, TO, TOP, YEAR, last_covered, last_year, take,
};
use crate::{
    figure::{Cell, Table, TableRow, Value},
    reported::{by_year, reports},
};

const SOURCE: &str = "unhcr-population";

pub(super) static RECIPES: [Recipe; 9] = [
    Recipe {
        name: "refugees",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| stock(ask, "refugees"),
    },
    Recipe {
        name: "asylum-seekers",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| stock(ask, "asylum-seekers"),
    },
    Recipe {
        name: "idps",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, YEAR],
        compute: |ask| stock(ask, "idps"),
    },
    Recipe {
        name: "returned-refugees",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| stock(ask, "returned-refugees"),
    },
    Recipe {
        name: "returned-idps",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, YEAR],
        compute: |ask| stock(ask, "returned-idps"),
    },
    Recipe {
        name: "displacement",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO],
        compute: |ask| several(ask, &["refugees", "asylum-seekers", "other-in-need", "idps"]),
    },
    Recipe {
        name: "returns",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO],
        compute: |ask| several(ask, &["returned-refugees", "returned-idps"]),
    },
    Recipe {
        name: "refugees-by-host",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO, TOP],
        compute: |ask| by_host(ask, "refugees"),
    },
    Recipe {
        name: "returns-by-country",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO, TOP],
        compute: |ask| by_host(ask, "returned-refugees"),
    },
];

/// One indicator of one origin in one year, over one or all countries of asylum.
fn stock(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let (origin, host, year) = (ask.country("origin")?, ask.maybe_country("host")?, ask.year()?);
    let rows = ask.observations(SOURCE, indicator, Some(origin))?;
    let mut sums = by_year(&rows, |o| host.is_none() || o.counterpart == host);
    Ok(Computed::persons(take(&mut sums, ask, SOURCE, Some(origin), year), SOURCE))
}

/// Several indicators by year.
fn several(ask: &Ask<'_>, ids: &[&str]) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let last = last_covered(ask.evidence, SOURCE, Some(origin)).unwrap_or(2025);
    let (from, to) = ask.years(last - 14, last)?;
    let mut columns = Vec::new();
    let mut sums: Vec<BTreeMap<i32, Cell>> = Vec::new();
    for id in ids {
        columns.push(((*id).to_owned(), ask.indicator(id)?.def().label(ask.lang).to_owned()));
        sums.push(by_year(&ask.observations(SOURCE, id, Some(origin))?, |_| true));
    }
    let rows = (from..=to).map(|year| TableRow {
        key: year.to_string(),
        label: year.to_string(),
        cells: sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(origin), year)).collect(),
    });
    let table = Table { key: "year", columns, rows: rows.collect() };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources: vec![SOURCE.into()] })
}

/// One indicator by year and country of asylum: the largest in the last year by name, the rest together.
fn by_host(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let rows = ask.observations(SOURCE, indicator, Some(origin))?;
    let last = last_year(&rows).or(last_covered(ask.evidence, SOURCE, Some(origin))).unwrap_or(2025);
    let (from, to) = ask.years(last - 9, last)?;
    let top = usize::try_from(ask.number("top", 6)?).unwrap_or(6).clamp(1, 12);

    let mut sizes: BTreeMap<Code, f64> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.value.period.year() == to && reports(&r.value)) {
        *sizes.entry(row.value.counterpart.unwrap_or(Code::UNKNOWN)).or_default() += row.value.value;
    }
    let mut hosts: Vec<(Code, f64)> = sizes.into_iter().filter(|(_, size)| *size > 0.0).collect();
    hosts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let named: Vec<Code> = hosts.into_iter().take(top).map(|(code, _)| code).collect();

    let mut columns: Vec<(String, String)> =
        named.iter().map(|c| (c.to_string(), countries().name(*c, ask.lang))).collect();
    columns.push(("other".into(), ask.lang.text("other-countries")));
    let mut sums: Vec<BTreeMap<i32, Cell>> =
        named.iter().map(|host| by_year(&rows, |o| o.counterpart == Some(*host))).collect();
    sums.push(by_year(&rows, |o| !named.contains(&o.counterpart.unwrap_or(Code::UNKNOWN))));
    let table = Table {
        key: "year",
        columns,
        rows: (from..=to)
            .map(|year| TableRow {
                key: year.to_string(),
                label: year.to_string(),
                cells: sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(origin), year)).collect(),
            })
            .collect(),
    };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources: vec![SOURCE.into()] })
}
