//! Deaths in organised violence, after UCDP: best estimates with the publisher's low and high ones.

use std::collections::BTreeMap;

use wegen_ledger::RecordFilter;
use wegen_model::{Asked, Span, Violence};

use super::{Ask, COUNTRY, Computed, FROM, FigureError, Recipe, TO, TOP, YEAR, by_year, last_covered, take};
use crate::figure::{Cell, Missing, Table, TableRow, Value};

const SOURCE: &str = "ucdp-country-year";
const EVENTS: &str = "ucdp-ged";
/// Stands for the areas that are added up; no publisher names one so.
const OTHER: &str = "\u{0}";

pub(super) static RECIPES: [Recipe; 3] = [
    Recipe {
        name: "deaths",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY, YEAR, ("type", "state-based, non-state, one-sided or organised-violence")],
        compute: deaths,
    },
    Recipe {
        name: "deaths-by-type",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY, FROM, TO],
        compute: by_type,
    },
    Recipe {
        name: "events-by-area",
        version: 1,
        draws_on: &[EVENTS],
        params: &[COUNTRY, FROM, TO, TOP],
        compute: by_area,
    },
];

fn computed(value: Value, source: &str) -> Computed {
    Computed { value, unit: "deaths", decimals: 0, sources: vec![source.to_owned()] }
}

fn deaths(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let words = ["state-based", "non-state", "one-sided", "organised-violence"];
    let country = ask.country("country")?;
    let year = ask.year(SOURCE, Some(country))?;
    let kind = ask.word("type", &words, "organised-violence")?;
    let rows = ask.observations(SOURCE, &format!("deaths-{kind}"), Some(country))?;
    let cell = take(&mut by_year(&rows, |_| true), ask, SOURCE, Some(country), year);
    Ok(computed(Value::Number(cell), SOURCE))
}

fn by_type(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let years = ask.years(last_covered(ask.evidence, SOURCE, Some(country))?, |last| last - 14)?;
    let ids = ["deaths-state-based", "deaths-non-state", "deaths-one-sided", "deaths-organised-violence"];
    let (mut columns, mut sums) = (Vec::new(), Vec::new());
    for id in ids {
        let label = ask.indicator(id)?.def().label(ask.lang).to_owned();
        let label = if id == "deaths-organised-violence" { ask.lang.text("column-total") } else { label };
        columns.push((id.trim_start_matches("deaths-").to_owned(), label));
        sums.push(by_year(&ask.observations(SOURCE, id, Some(country))?, |_| true));
    }
    let cells = |year| sums.iter_mut().map(|s| take(s, ask, SOURCE, Some(country), year)).collect();
    let rows = ask.rows_by_year(years, columns.len(), cells);
    Ok(computed(Value::Table(Table { key: "year", columns, rows }), SOURCE))
}

/// Events and deaths by first-order division, as the publisher names it, over the years that are held.
fn by_area(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let filter = RecordFilter::of(EVENTS).place(country);
    let all = ask.evidence.events(&filter)?;
    let held = || all.iter().map(|r| r.value.period.year());
    let first = held().min().unwrap_or(i32::MIN);
    let last = held().max().or(last_covered(ask.evidence, EVENTS, Some(country))?);
    let years = ask.years(last, |last| first.max(last - 9))?;
    if let Some((from, to)) = years {
        ask.known_for(
            EVENTS,
            Asked { country: Some(country), period: Some(Span::years(from, to)), ..Asked::default() },
        )?;
    }
    let keys = ["events", "state-based", "non-state", "one-sided", "deaths"];
    let columns = keys.iter().map(|k| ((*k).to_owned(), ask.lang.text(&format!("column-{k}")))).collect();
    let mut areas: BTreeMap<String, [Cell; 5]> = BTreeMap::new();
    let asked = |year: i32| years.is_some_and(|(from, to)| (from..=to).contains(&year));
    for row in all.iter().filter(|r| asked(r.value.period.year())) {
        let event = &row.value;
        // Events without an area stand under no name, which sorts last below.
        let name = event.area.as_deref().unwrap_or_default().to_owned();
        let cells = areas.entry(name).or_default();
        let bounds = Some((f64::from(event.low), f64::from(event.high)));
        cells[0].add(event.events.into(), None, row.record);
        let kind = 1 + Violence::ALL.iter().position(|v| *v == event.violence).unwrap_or(0);
        cells[kind].add(event.best.into(), bounds, row.record);
        cells[4].add(event.best.into(), bounds, row.record);
    }
    let top = usize::try_from(ask.number("top", 14)?).unwrap_or(14).clamp(1, 60);
    let mut areas: Vec<_> = areas.into_iter().collect();
    areas.sort_by_key(|(name, _)| (name.is_empty(), name.clone()));
    if areas.len() > top {
        // The smallest are added up; the named ones stay in the order of the alphabet, which ranks nobody.
        let mut sizes: Vec<f64> = areas.iter().map(|(_, c)| c[0].value.unwrap_or(0.0)).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let least = sizes[top - 1];
        let (kept, rest): (Vec<_>, Vec<_>) =
            areas.into_iter().partition(|(_, c)| c[0].value.unwrap_or(0.0) >= least);
        areas = kept;
        let mut other: [Cell; 5] = Default::default();
        for (_, cells) in rest {
            for (sum, cell) in other.iter_mut().zip(cells) {
                sum.merge(cell);
            }
        }
        areas.push((OTHER.to_owned(), other));
    }
    // Keys are the same in every language.
    let key = |name: &str| match name {
        "" => "unknown".to_owned(),
        OTHER => "other".to_owned(),
        name => name.to_owned(),
    };
    let label = |name: &str| match name {
        "" => ask.lang.text("area-unknown"),
        OTHER => ask.lang.text("other-areas"),
        name => name.to_owned(),
    };
    let rows = areas.into_iter().map(|(name, cells)| TableRow {
        key: key(&name),
        label: label(&name),
        // An area with events has no deaths of a type where none were recorded: that is a zero, not a gap.
        cells: cells
            .into_iter()
            .map(|c| if c.value.is_none() { Cell { value: Some(0.0), ..c } } else { c })
            .collect(),
    });
    let mut rows: Vec<TableRow> = rows.collect();
    if rows.is_empty() {
        let why = years.map_or(Missing::NotHeld, |(_, to)| ask.why_missing(EVENTS, Some(country), to));
        rows.push(TableRow {
            key: "none".into(),
            label: ask.lang.text("area-none"),
            cells: vec![Cell::missing(why); 5],
        });
    }
    Ok(computed(Value::Table(Table { key: "area", columns, rows }), EVENTS))
}
