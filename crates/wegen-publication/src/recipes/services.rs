//! Basic services as far as held: the latest figure of each, with its year and a mark where it is old.

use wegen_ledger::Row;
use wegen_model::{Code, Observation};

use std::collections::BTreeMap;

use super::{Ask, COUNTRY, Computed, FigureError, Recipe};
use crate::{
    figure::{Cell, Missing, Table, TableRow, Value},
    known,
};

/// From which sources an indicator is taken, the first that has it in its latest year first.
const HELD: [(&str, &[&str]); 12] = [
    ("basic-water", &["worldbank-wdi", "owid-jmp"]),
    ("basic-sanitation", &["worldbank-wdi", "owid-jmp"]),
    ("electricity-access", &["worldbank-wdi", "owid-jmp", "inform-risk"]),
    ("primary-completion", &["worldbank-wdi", "gapminder"]),
    ("out-of-school", &["gapminder"]),
    ("literacy", &["worldbank-wdi", "inform-risk"]),
    ("physicians", &["inform-risk"]),
    ("health-expenditure-ppp", &["worldbank-wdi", "inform-risk"]),
    ("government-health-expenditure", &["gapminder"]),
    ("unemployment", &["worldbank-wdi"]),
    ("gdp-per-head", &["worldbank-wdi", "inform-risk"]),
    ("population", &["worldbank-wdi"]),
];

/// A figure on structure is old after this many years (check S5 of the country report's rules: 24 months).
const OLD_AFTER: i32 = 2;

pub(super) static RECIPES: [Recipe; 3] = [
    Recipe {
        name: "deprivations",
        version: 1,
        draws_on: &[SURVEY],
        params: &[COUNTRY],
        compute: deprivations,
    },
    Recipe {
        name: "service",
        version: 2,
        draws_on: &["worldbank-wdi", "owid-jmp", "inform-risk", "gapminder"],
        params: &[
            COUNTRY,
            ("indicator", "an indicator of the registry"),
            ("by", "the year against which age is told"),
        ],
        compute: one,
    },
    Recipe {
        name: "services",
        version: 2,
        draws_on: &["worldbank-wdi", "owid-jmp", "inform-risk", "gapminder"],
        params: &[COUNTRY, ("by", "the year against which age is told")],
        compute: all,
    },
];

/// The latest observation of an indicator over its sources; ties go to the source that stands first.
fn latest(
    ask: &Ask<'_>,
    country: Code,
    id: &str,
    by: Option<i32>,
) -> Result<(Cell, Option<&'static str>), FigureError> {
    let sources = HELD.iter().find(|(held, _)| *held == id).map_or(&[][..], |(_, sources)| *sources);
    let mut best: Option<(Row<Observation>, &'static str)> = None;
    for source in sources {
        let rows = ask.observations(source, id, Some(country))?;
        let newest = rows.into_iter().max_by_key(|r| (r.value.period, r.record));
        if let Some(row) =
            newest.filter(|r| best.as_ref().is_none_or(|(b, _)| r.value.period > b.value.period))
        {
            best = Some((row, source));
        }
    }
    let Some((row, source)) = best else {
        let mut held = false;
        for source in sources {
            held |= ask.evidence.holds(source, ask.indicator(id)?)?;
        }
        return Ok((Cell::missing(if held { Missing::NotReported } else { Missing::NotHeld }), None));
    };
    let year = row.value.period.year();
    let cell = Cell {
        period: Some(row.value.period),
        old: by.is_some_and(|by| by - year > OLD_AFTER),
        ..Cell::of(row.value.value, vec![row.record])
    };
    Ok((cell, Some(source)))
}

/// The year against which age is told: the one that is given, that of `as of`, or the one in which the newest of what
/// is held on the country was recorded. What is held on other countries does not make a figure old.
fn by(ask: &Ask<'_>, country: Code) -> Result<Option<i32>, FigureError> {
    Ok(match ask.text("by") {
        Some(_) => Some(ask.number("by", 0)?),
        None => known::day_of(ask.evidence, country)?.map(|day| day.year().into()),
    })
}

fn one(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let indicator = ask.indicator(ask.text("indicator").unwrap_or_default())?;
    let (cell, source) = latest(ask, country, indicator.as_str(), by(ask, country)?)?;
    if let Some(period) = cell.period {
        ask.covers(period, period);
    }
    let def = indicator.def();
    let sources = source.map(str::to_owned).into_iter().collect();
    Ok(Computed { value: Value::Number(cell), unit: &def.unit, decimals: def.decimals, sources })
}

fn all(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let by = by(ask, country)?;
    let mut rows = Vec::new();
    let mut used = Vec::new();
    for (id, sources) in HELD.iter().filter(|(id, _)| *id != "population") {
        let (cell, source) = latest(ask, country, id, by)?;
        used.extend(source.or(sources.first().copied()).map(str::to_owned));
        rows.push(TableRow {
            key: (*id).to_owned(),
            label: ask.indicator(id)?.def().label(ask.lang).to_owned(),
            cells: vec![cell],
        });
    }
    used.sort();
    used.dedup();
    let columns = vec![("value".to_owned(), ask.lang.text("column-value"))];
    let table = Table { key: "indicator", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "mixed", decimals: 0, sources: used })
}

/// Where regions are surveyed, and which of its ten deprivations a report on services draws on.
const SURVEY: &str = "ophi-mpi";
const DEPRIVED: [&str; 5] = [
    "deprived-drinking-water",
    "deprived-sanitation",
    "deprived-electricity",
    "deprived-school-attendance",
    "deprived-nutrition",
];

/// Shares of people deprived, by region, with the survey beside each region's name.
fn deprivations(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let mut columns = Vec::new();
    let mut regions: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for (i, id) in DEPRIVED.iter().enumerate() {
        columns.push(((*id).to_owned(), ask.indicator(id)?.def().label(ask.lang).to_owned()));
        for row in ask.observations(SURVEY, id, Some(country))? {
            let dims = row.value.dims.as_deref().unwrap_or_default();
            let part = |name: &str| {
                dims.split(';').find_map(|d| d.strip_prefix(name)).unwrap_or_default().to_owned()
            };
            let name = format!("{} ({})", part("region="), part("survey="));
            let empty = || vec![Cell::missing(Missing::NotReported); DEPRIVED.len()];
            regions.entry(name).or_insert_with(empty)[i] = Cell::of(row.value.value, vec![row.record]);
        }
    }
    let rows =
        regions.into_iter().map(|(name, cells)| TableRow { key: name.clone(), label: name, cells }).collect();
    let table = Table { key: "area", columns, rows };
    Ok(Computed { value: Value::Table(table), unit: "percent", decimals: 1, sources: vec![SURVEY.into()] })
}
