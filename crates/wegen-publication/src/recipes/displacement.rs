//! People displaced and people who returned, after UNHCR.

use std::collections::BTreeMap;

use wegen_model::{Code, countries};

use super::{
    Ask, Computed, FROM, FigureError, HOST, ORIGIN, Recipe, TO, YEAR, by_year, last_covered, last_year, take,
};
use crate::figure::{Cell, Table, Value};

const SOURCE: &str = "unhcr-population";
/// The value of `top` that names every country, also those that report nobody: a map asks for it.
pub(super) const ALL_NAMED: &str = "all";
/// Recipes whose columns are countries, as many as `top` says.
pub(super) const NAMES_COUNTRIES: [&str; 2] = ["refugees-by-host", "returns-by-country"];

const NAMED: (&str, &str) = ("top", "how many are named, or `all`; the rest is added up");

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
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, YEAR],
        compute: |ask| stock(ask, "idps"),
    },
    Recipe {
        name: "returned-refugees",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, HOST, YEAR],
        compute: |ask| stock(ask, "returned-refugees"),
    },
    Recipe {
        name: "returned-idps",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, YEAR],
        compute: |ask| stock(ask, "returned-idps"),
    },
    Recipe {
        name: "displacement",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO],
        compute: |ask| several(ask, &["refugees", "asylum-seekers", "other-in-need", "idps"]),
    },
    Recipe {
        name: "returns",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO],
        compute: |ask| several(ask, &["returned-refugees", "returned-idps"]),
    },
    Recipe {
        name: "refugees-by-host",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO, NAMED],
        compute: |ask| by_host(ask, "refugees"),
    },
    Recipe {
        name: "returns-by-country",
        version: 1,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO, NAMED],
        compute: |ask| by_host(ask, "returned-refugees"),
    },
];

/// One indicator of one origin in one year, over one or all countries of asylum.
fn stock(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let (origin, host) = (ask.country("origin")?, ask.maybe_country("host")?);
    let year = ask.year(SOURCE, Some(origin))?;
    let rows = ask.observations(SOURCE, indicator, Some(origin))?;
    let mut sums = by_year(&rows, |o| host.is_none() || o.counterpart == host);
    Ok(Computed::persons(take(&mut sums, ask, SOURCE, Some(origin), year), SOURCE))
}

/// Several indicators by year.
fn several(ask: &Ask<'_>, ids: &[&str]) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let years = ask.years(last_covered(ask.evidence, SOURCE, Some(origin))?, |last| last - 14)?;
    let mut columns = Vec::new();
    let mut sums: Vec<BTreeMap<i32, Cell>> = Vec::new();
    for id in ids {
        columns.push(((*id).to_owned(), ask.indicator(id)?.def().label(ask.lang).to_owned()));
        sums.push(by_year(&ask.observations(SOURCE, id, Some(origin))?, |_| true));
    }
    let cells = |year| sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(origin), year)).collect();
    let rows = ask.rows_by_year(years, columns.len(), cells);
    let table = Table { key: "year", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources: vec![SOURCE.into()] })
}

/// One indicator by year and country of asylum: the largest in the last year by name, the rest together.
fn by_host(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let rows = ask.observations(SOURCE, indicator, Some(origin))?;
    let last = last_year(&rows).or(last_covered(ask.evidence, SOURCE, Some(origin))?);
    let years = ask.years(last, |last| last - 9)?;
    let all = ask.text("top") == Some(ALL_NAMED);
    let top = match all {
        true => usize::MAX,
        false => usize::try_from(ask.number("top", 6)?).unwrap_or(6).clamp(1, 12),
    };

    let mut sizes: BTreeMap<Code, f64> = BTreeMap::new();
    for row in rows.iter().filter(|r| years.is_some_and(|(_, to)| r.value.period.year() == to)) {
        *sizes.entry(row.value.counterpart.unwrap_or(Code::UNKNOWN)).or_default() += row.value.value;
    }
    let mut hosts: Vec<(Code, f64)> = sizes.into_iter().filter(|(_, size)| all || *size > 0.0).collect();
    hosts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let named: Vec<Code> = hosts.into_iter().take(top).map(|(code, _)| code).collect();

    let mut columns: Vec<(String, String)> =
        named.iter().map(|c| (c.to_string(), countries().name(*c, ask.lang))).collect();
    columns.push(("other".into(), ask.lang.text("other-countries")));
    let mut sums: Vec<BTreeMap<i32, Cell>> =
        named.iter().map(|host| by_year(&rows, |o| o.counterpart == Some(*host))).collect();
    sums.push(by_year(&rows, |o| !named.contains(&o.counterpart.unwrap_or(Code::UNKNOWN))));
    let cells = |year| sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(origin), year)).collect();
    let rows = ask.rows_by_year(years, columns.len(), cells);
    let table = Table { key: "year", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources: vec![SOURCE.into()] })
}
