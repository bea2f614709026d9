//! Simulated movement under scenarios, as an edition holds it: ranges by country of stay, and the error on history.
//!
//! What is simulated is never added to what is counted; a returned person of one kind is never added to another.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{RecordId, Row};
use wegen_model::{Code, Observation, Period, countries};

use super::{Ask, COUNTRY, Computed, FigureError, Recipe};
use crate::{
    figure::{Cell, Missing, Table, TableRow, Value},
    simulations::{SOURCE, simulations},
};

const SCENARIO: (&str, &str) = ("scenario", "a scenario, by its name");
const COUNTED: &str = "unhcr-population";

pub(super) static RECIPES: [Recipe; 5] = [
    Recipe {
        name: "simulated",
        version: 1,
        draws_on: &[SOURCE, COUNTED],
        params: &[COUNTRY, SCENARIO],
        compute: outcome,
    },
    Recipe {
        name: "simulated-by-month",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY],
        compute: by_month,
    },
    Recipe { name: "simulation-error", version: 1, draws_on: &[SOURCE], params: &[COUNTRY], compute: errors },
    Recipe {
        name: "simulation-skill",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY, SCENARIO],
        compute: skill,
    },
    Recipe {
        name: "simulation-within",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY, SCENARIO],
        compute: within,
    },
];

/// Rows that no country of stay is part of, in their order: returns by own decision and pushed ones apart.
const RETURNS: [&str; 4] = ["simulated-set-out", "simulated-pushed", "simulated-home", "simulated-again"];

fn rows(ask: &Ask<'_>, indicator: &str) -> Result<Vec<Row<Observation>>, FigureError> {
    let country = ask.country("country")?;
    ask.observations(SOURCE, indicator, Some(country))
}

fn of_scenario(rows: &mut Vec<Row<Observation>>, scenario: &str) {
    rows.retain(|r| r.value.dim("scenario").as_deref() == Some(scenario));
}

fn scenario<'a>(ask: &'a Ask<'_>) -> Result<&'a str, FigureError> {
    ask.text("scenario").ok_or_else(|| ask.wrong("scenario", "the name of a scenario"))
}

/// An end of what is not known of the conditions: median and range.
struct End {
    median: f64,
    range: (f64, f64),
    record: RecordId,
}

/// Both ends of one figure; an end that has few people is withheld, and the other stands alone.
#[derive(Default)]
struct Ends {
    low: Option<End>,
    high: Option<End>,
}

impl Ends {
    fn add(&mut self, row: &Row<Observation>) {
        let end = || {
            let median = row.value.value;
            Some(End { median, range: row.value.bounds.unwrap_or((median, median)), record: row.record })
        };
        match row.value.dim("end").as_deref() {
            Some("low") => self.low = end(),
            Some("high") => self.high = end(),
            _ => (self.low, self.high) = (end(), end()),
        }
    }

    /// Lower and higher median, and the ends of the range over both.
    fn cells(&self) -> [Cell; 4] {
        let ends: Vec<&End> = self.low.iter().chain(&self.high).collect();
        let records: Vec<RecordId> = ends.iter().map(|e| e.record).collect();
        let of = |value: Option<f64>| match value {
            Some(value) => Cell::of(value, records.clone()),
            None => Cell { records: records.clone(), ..Cell::missing(Missing::Withheld) },
        };
        let whole = ends.len() == 2;
        let least = |of: fn(&End) -> f64| ends.iter().map(|e| of(e)).fold(f64::INFINITY, f64::min);
        let most = |of: fn(&End) -> f64| ends.iter().map(|e| of(e)).fold(f64::NEG_INFINITY, f64::max);
        match (whole, &self.low, &self.high) {
            (true, ..) => {
                [least(|e| e.median), most(|e| e.median), least(|e| e.range.0), most(|e| e.range.1)]
                    .map(|value| of(Some(value)))
            }
            // The end that is withheld has ten people at most, so the other one is the higher.
            (_, _, Some(e)) | (_, Some(e), _) => {
                [of(None), of(Some(e.median)), of(None), of(Some(e.range.1))]
            }
            (_, None, None) => [(); 4].map(|()| of(None)),
        }
    }
}

/// What follows from a scenario at the end of its last month.
fn outcome(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (country, scenario) = (ask.country("country")?, scenario(ask)?);
    let mut displaced = rows(ask, "simulated-displaced")?;
    of_scenario(&mut displaced, scenario);
    let last = displaced.iter().map(|r| r.value.period).max();
    if let Some(last) = last {
        ask.covers(last, last);
    }
    displaced.retain(|r| Some(r.value.period) == last);
    let mut hosts: BTreeMap<Option<Code>, Ends> = BTreeMap::new();
    displaced.iter().for_each(|r| hosts.entry(r.value.counterpart).or_default().add(r));
    // UNHCR counts at the end of a year.
    let counted = last.filter(|p| p.month() == Some(12)).map(Period::year);
    let mut registered: BTreeMap<Code, Cell> = BTreeMap::new();
    if let Some(year) = counted {
        for row in ask.observations(COUNTED, "refugees", Some(country))? {
            if let Some(host) = row.value.counterpart.filter(|_| row.value.period.year() == year) {
                registered.entry(host).or_default().add(row.value.value, None, row.record);
            }
        }
    }
    let unknown =
        || Cell::missing(counted.map_or(Missing::Undefined, |y| ask.why_missing(COUNTED, Some(country), y)));
    let mut all = Vec::new();
    let mut sum = Cell::default();
    for (host, ends) in &hosts {
        let Some(host) = host else { continue };
        let cell = registered.remove(host).unwrap_or_else(unknown);
        sum.merge(cell.clone());
        let cells = std::iter::once(cell).chain(ends.cells()).collect();
        all.push(TableRow { key: host.to_string(), label: countries().name(*host, ask.lang), cells });
    }
    if let Some(ends) = hosts.get(&None) {
        let whole = all.iter().all(|row| row.cells[0].value.is_some());
        let cell = if whole { sum } else { Cell::missing(Missing::Undefined) };
        let cells = std::iter::once(cell).chain(ends.cells()).collect();
        all.push(TableRow { key: "all".into(), label: ask.lang.text("row-simulated-all"), cells });
    }
    for indicator in RETURNS {
        let mut rows = rows(ask, indicator)?;
        of_scenario(&mut rows, scenario);
        let mut ends = Ends::default();
        rows.iter().filter(|r| Some(r.value.period) == last).for_each(|r| ends.add(r));
        // Without a row in any month returns were not simulated; without one in the last it is withheld.
        if !rows.is_empty() {
            let cells = std::iter::once(Cell::missing(Missing::Undefined)).chain(ends.cells()).collect();
            all.push(TableRow {
                key: indicator.into(),
                label: ask.lang.text(&format!("row-{indicator}")),
                cells,
            });
        }
    }
    let columns = ["registered", "median-low", "median-high", "from", "to"];
    let columns = columns.map(|c| (c.to_owned(), ask.lang.text(&format!("column-simulated-{c}")))).to_vec();
    Ok(Computed {
        value: Value::Table(Table { key: "simulated", columns, rows: all }),
        unit: "persons",
        decimals: 0,
        sources: vec![SOURCE.into(), COUNTED.into()],
    })
}

/// People in the countries of asylum of the model, at the ends of quarters: the range of each scenario.
fn by_month(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let all = simulations(ask.evidence, country)?;
    let mut columns = Vec::new();
    let mut months: BTreeMap<Period, BTreeMap<usize, Ends>> = BTreeMap::new();
    for (i, simulation) in all.iter().enumerate() {
        for end in ["low", "high"] {
            let label =
                ask.lang.text_with(&format!("column-range-{end}"), &[("scenario", &simulation.letter)]);
            columns.push((format!("{}:{end}", simulation.id), label));
        }
        let mut rows = rows(ask, "simulated-displaced")?;
        of_scenario(&mut rows, &simulation.id);
        let last = rows.iter().map(|r| r.value.period).max();
        let shown = |p: Period| p.month().is_some_and(|m| m % 3 == 0) || Some(p) == last;
        for row in rows.iter().filter(|r| r.value.counterpart.is_none() && shown(r.value.period)) {
            months.entry(row.value.period).or_default().entry(i).or_default().add(row);
        }
    }
    if let Some((first, last)) = months.keys().next().zip(months.keys().next_back()) {
        ask.covers(*first, *last);
    }
    let row = |(month, of): (Period, BTreeMap<usize, Ends>)| {
        let none = Ends::default();
        let cells = (0..all.len()).flat_map(|i| {
            let [_, _, low, high] = of.get(&i).unwrap_or(&none).cells();
            [low, high]
        });
        TableRow { key: month.to_string(), label: month.to_string(), cells: cells.collect() }
    };
    let rows = months.into_iter().map(row).collect();
    Ok(Computed {
        value: Value::Table(Table { key: "month", columns, rows }),
        unit: "persons",
        decimals: 0,
        sources: vec![SOURCE.into()],
    })
}

/// The error on history of the model and of simple rules; a column for each scenario, or one where they are alike.
fn errors(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let all = simulations(ask.evidence, country)?;
    let rows = rows(ask, "simulation-error")?;
    let mut ways: BTreeSet<String> = BTreeSet::new();
    let mut by_scenario: Vec<(String, String, BTreeMap<String, Cell>)> = Vec::new();
    for simulation in &all {
        let mut errors = BTreeMap::new();
        for row in rows.iter().filter(|r| r.value.dim("scenario").as_deref() == Some(&*simulation.id)) {
            let way = row.value.dim("what").unwrap_or_default();
            errors.insert(way, Cell::of(row.value.value, vec![row.record]));
        }
        ways.extend(errors.keys().cloned());
        by_scenario.push((simulation.id.clone(), simulation.letter.clone(), errors));
    }
    let values = |of: &BTreeMap<String, Cell>| -> Vec<(String, Option<f64>)> {
        of.iter().map(|(way, cell)| (way.clone(), cell.value)).collect()
    };
    let alike = by_scenario.windows(2).all(|w| values(&w[0].2) == values(&w[1].2));
    if alike && by_scenario.len() > 1 {
        let mut merged: BTreeMap<String, Cell> = BTreeMap::new();
        for (way, cell) in by_scenario.drain(..).flat_map(|(_, _, errors)| errors) {
            let held = merged.entry(way).or_insert_with(|| Cell { records: Vec::new(), ..cell.clone() });
            held.records.extend(cell.records);
        }
        by_scenario.push(("all".to_owned(), String::new(), merged));
    }
    let columns = by_scenario.iter().map(|(id, letter, _)| {
        let label = match letter.is_empty() {
            true => ask.lang.text("column-error"),
            false => ask.lang.text_with("column-error-of", &[("scenario", letter)]),
        };
        (id.clone(), label)
    });
    let columns = columns.collect();
    let least = |way: &String| {
        by_scenario.first().and_then(|s| s.2.get(way)).and_then(|c| c.value).unwrap_or(f64::MAX)
    };
    let mut ways: Vec<String> = ways.into_iter().collect();
    ways.sort_by(|a, b| least(a).total_cmp(&least(b)));
    let row = |way: &String| TableRow {
        key: way.clone(),
        label: name_of(way, ask),
        cells: by_scenario
            .iter()
            .map(|(_, _, of)| of.get(way).cloned().unwrap_or_else(|| Cell::missing(Missing::NotReported)))
            .collect(),
    };
    Ok(Computed {
        value: Value::Table(Table { key: "way", columns, rows: ways.iter().map(row).collect() }),
        unit: "percent",
        decimals: 1,
        sources: vec![SOURCE.into()],
    })
}

/// What a way of predicting is called.
fn name_of(way: &str, ask: &Ask<'_>) -> String {
    if ask.lang.has(&format!("way-{way}")) {
        return ask.lang.text(&format!("way-{way}"));
    }
    match way.strip_suffix("-known-afterwards") {
        Some(known) => ask
            .lang
            .text_with("way-known-afterwards", &[("way", &crate::movement::way_name(known, ask.lang))]),
        None => crate::movement::way_name(way, ask.lang),
    }
}

fn one(ask: &Ask<'_>, indicator: &str) -> Result<Computed, FigureError> {
    let scenario = scenario(ask)?;
    let mut rows = rows(ask, indicator)?;
    of_scenario(&mut rows, scenario);
    let cell = rows.first().map_or_else(
        || Cell::missing(Missing::NotReported),
        |row| Cell { bounds: row.value.bounds, ..Cell::of(row.value.value, vec![row.record]) },
    );
    let decimals = ask.indicator(indicator)?.def().decimals;
    Ok(Computed { value: Value::Number(cell), unit: "percent", decimals, sources: vec![SOURCE.into()] })
}

fn skill(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    one(ask, "simulation-skill")
}

fn within(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    one(ask, "simulation-within")
}
