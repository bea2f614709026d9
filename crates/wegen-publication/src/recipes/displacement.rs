//! People displaced and people who returned, after UNHCR; which of its zeros are numbers stands in
//! [`crate::reported`]. Beside it, and never added to it: people displaced within their country after IDMC, and
//! Palestine refugees after UNRWA.

use std::collections::BTreeMap;

use wegen_ledger::Row;
use wegen_model::{Code, Observation, countries};

use super::{
    Ask, Computed, FROM, FigureError, HOST, ORIGIN, Recipe, TO, YEAR, last_covered, last_year, over_all, take,
};
use crate::{
    figure::{Cell, Table, Value},
    reported::{by_year, reports},
};

const SOURCE: &str = "unhcr-population";
const IDMC: &str = "idmc";
const UNRWA: &str = "unrwa";
/// The origin of all whom UNRWA registers.
const PALESTINE: &str = "PSE";
/// The value of `top` that names every country, also those that report nobody: a map asks for it.
pub(super) const ALL_NAMED: &str = "all";
/// Recipes whose columns are countries, as many as `top` says.
pub(super) const NAMES_COUNTRIES: [&str; 2] = ["refugees-by-host", "returns-by-country"];

const NAMED: (&str, &str) = ("top", "how many are named, or `all`; the rest is added up");

pub(super) static RECIPES: [Recipe; 11] = [
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
        name: "idps-idmc",
        version: 1,
        draws_on: &[IDMC],
        params: &[ORIGIN, YEAR],
        compute: idps_of_idmc,
    },
    Recipe {
        name: "palestine-refugees",
        version: 1,
        draws_on: &[UNRWA],
        params: &[HOST, YEAR],
        compute: palestine_refugees,
    },
    Recipe {
        name: "displacement",
        version: 2,
        draws_on: &[SOURCE, IDMC, UNRWA],
        params: &[ORIGIN, FROM, TO],
        compute: displacement,
    },
    Recipe {
        name: "returns",
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO],
        compute: |ask| by_years(ask, of_unhcr(ask, &["returned-refugees", "returned-idps"])?),
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
        version: 2,
        draws_on: &[SOURCE],
        params: &[ORIGIN, FROM, TO, NAMED],
        compute: |ask| by_host(ask, "returned-refugees"),
    },
];

/// Whether an indicator counts people in many countries of asylum, so that a figure on all of them is a sum. People
/// displaced within a country stand in one row.
fn counts_in_many(indicator: &str) -> bool {
    !["idps", "returned-idps"].contains(&indicator)
}

/// One indicator of one origin in one year, over one or all countries of asylum.
fn stock(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let (origin, host) = (ask.country("origin")?, ask.maybe_country("host")?);
    let year = ask.year(SOURCE, Some(origin))?;
    let rows = ask.observations(SOURCE, indicator, Some(origin))?;
    let sums = by_year(&rows, |o| host.is_none() || o.counterpart == host);
    let mut sums = match host.is_none() && counts_in_many(indicator) {
        true => over_all(ask, SOURCE, Some(origin), sums),
        false => sums,
    };
    Ok(Computed::persons(take(&mut sums, ask, SOURCE, Some(origin), year), SOURCE))
}

/// People displaced within a country at the end of a year, after IDMC.
fn idps_of_idmc(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let year = ask.year(IDMC, Some(origin))?;
    let mut sums = by_year(&ask.observations(IDMC, "idps-idmc", Some(origin))?, |_| true);
    Ok(Computed::persons(take(&mut sums, ask, IDMC, Some(origin), year), IDMC))
}

/// Palestine refugees registered in one country, or added over all, after UNRWA.
fn palestine_refugees(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let host = ask.maybe_country("host")?;
    let (palestine, rows) = registered(ask)?;
    let year = ask.year(UNRWA, palestine)?;
    let sums = by_year(&rows, |o| host.is_none() || o.counterpart == host);
    let mut sums = if host.is_none() { over_all(ask, UNRWA, palestine, sums) } else { sums };
    Ok(Computed::persons(take(&mut sums, ask, UNRWA, palestine, year), UNRWA))
}

/// All rows of UNRWA, with the origin that they have.
fn registered(ask: &Ask<'_>) -> Result<(Option<Code>, Vec<Row<Observation>>), FigureError> {
    let palestine = countries().by_iso3(PALESTINE).map(|c| c.iso3);
    Ok((palestine, ask.observations(UNRWA, "palestine-refugees", palestine)?))
}

/// A column of a table by year: what it counts, whose it is, and its sums.
struct Series {
    indicator: &'static str,
    source: &'static str,
    /// The country that the source is asked about.
    country: Option<Code>,
    sums: BTreeMap<i32, Cell>,
}

/// People displaced from and within a country by year: UNHCR's columns, and those of IDMC and UNRWA where they have any
/// row on people within it.
fn displacement(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let origin = ask.country("origin")?;
    let mut series = of_unhcr(ask, &["refugees", "asylum-seekers", "other-in-need", "idps"])?;
    let idmc = by_year(&ask.observations(IDMC, "idps-idmc", Some(origin))?, |_| true);
    let (palestine, rows) = registered(ask)?;
    let unrwa = by_year(&rows, |o| o.counterpart == Some(origin));
    let beside = [("idps-idmc", IDMC, Some(origin), idmc), ("palestine-refugees", UNRWA, palestine, unrwa)];
    for (indicator, source, country, sums) in beside {
        if !sums.is_empty() {
            series.push(Series { indicator, source, country, sums });
        }
    }
    by_years(ask, series)
}

/// Indicators of UNHCR by year.
fn of_unhcr(ask: &Ask<'_>, ids: &[&'static str]) -> Result<Vec<Series>, FigureError> {
    let origin = ask.country("origin")?;
    let one = |indicator: &&'static str| {
        let sums = by_year(&ask.observations(SOURCE, indicator, Some(origin))?, |_| true);
        let sums = match counts_in_many(indicator) {
            true => over_all(ask, SOURCE, Some(origin), sums),
            false => sums,
        };
        Ok(Series { indicator, source: SOURCE, country: Some(origin), sums })
    };
    ids.iter().map(one).collect()
}

/// Series side by side, a row a year: the fifteen years up to the last that UNHCR answers for, where none are given.
fn by_years(ask: &Ask<'_>, mut series: Vec<Series>) -> Result<Computed, FigureError> {
    let last = last_covered(ask.evidence, SOURCE, Some(ask.country("origin")?))?;
    let years = ask.years(last, |last| last - 14)?;
    let mut columns = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    for s in &series {
        columns.push((s.indicator.to_owned(), ask.indicator(s.indicator)?.def().label(ask.lang).to_owned()));
        if !sources.iter().any(|held| held == s.source) {
            sources.push(s.source.to_owned());
        }
    }
    let cells = |year| series.iter_mut().map(|s| take(&mut s.sums, ask, s.source, s.country, year)).collect();
    let rows = ask.rows_by_year(years, columns.len(), cells);
    let table = Table { key: "year", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources })
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
    let in_last = |r: &&Row<Observation>| years.is_some_and(|(_, to)| r.value.period.year() == to);
    for row in rows.iter().filter(in_last).filter(|r| reports(&r.value)) {
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
    let others = by_year(&rows, |o| !named.contains(&o.counterpart.unwrap_or(Code::UNKNOWN)));
    sums.push(over_all(ask, SOURCE, Some(origin), others));
    let cells = |year| sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(origin), year)).collect();
    let rows = ask.rows_by_year(years, columns.len(), cells);
    let table = Table { key: "year", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "persons", decimals: 0, sources: vec![SOURCE.into()] })
}
