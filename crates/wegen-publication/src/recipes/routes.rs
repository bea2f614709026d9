//! People who died or went missing on migration routes, after IOM Missing Migrants: minimum counts.
//!
//! Years are the publisher's. Captures differ: by default the newest snapshot that covers a year answers for
//! it; the parameter `capture` asks one capture alone, so that they can stand side by side. Not every capture tells the
//! dead from the missing: the parameter `kind` asks, for each year, the newest that does.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{Edition, RecordFilter, Row, Snapshot};
use wegen_model::{CauseGroup, Incident, Record, RecordKind, Setting};

use super::{Ask, COUNTRY, Computed, FROM, FigureError, ORIGIN, Recipe, TO, last_covered};
use crate::figure::{Cell, Missing, Table, TableRow, Value};

const SOURCE: &str = "iom-missing-migrants";
/// The first year of the project's data.
const FIRST: i32 = 2014;

const SETTING: (&str, &str) = ("setting", "sea, land or unknown");
const CAPTURE: (&str, &str) = ("capture", "the beginning of a capture's name: api, package, csv");

const KIND: (&str, &str) = ("kind", "dead, missing or total");

pub(super) static RECIPES: [Recipe; 4] = [
    Recipe {
        name: "missing-migrants",
        version: 1,
        draws_on: &[SOURCE],
        params: &[
            FROM,
            TO,
            COUNTRY,
            ORIGIN,
            SETTING,
            CAPTURE,
            KIND,
            ("below", "only rows of fewer people than this"),
        ],
        compute: total,
    },
    Recipe {
        name: "missing-migrants-rows",
        version: 2,
        draws_on: &[SOURCE],
        params: &[FROM, TO, COUNTRY, ORIGIN, SETTING, CAPTURE],
        compute: rows,
    },
    Recipe {
        name: "missing-migrants-by-year",
        version: 1,
        draws_on: &[SOURCE],
        params: &[FROM, TO, COUNTRY, ORIGIN, CAPTURE],
        compute: by_year,
    },
    Recipe {
        name: "missing-migrants-by-cause",
        version: 1,
        draws_on: &[SOURCE],
        params: &[FROM, TO, COUNTRY, ORIGIN, CAPTURE],
        compute: by_cause,
    },
];

/// The first and the last year that are asked for; `None` where none is given and none is held.
type Years = Option<(i32, i32)>;

/// The incidents that the parameters ask for, with the first and last year.
fn incidents(ask: &Ask<'_>) -> Result<(Vec<Row<Incident>>, Years), FigureError> {
    let years = ask.years(last_covered(ask.evidence, SOURCE, None)?, |_| FIRST)?;
    let Some((from, to)) = years else { return Ok((Vec::new(), None)) };
    let filter = RecordFilter::of(SOURCE).years(from, to);
    let filter = match ask.maybe_country("country")? {
        Some(country) => filter.place(country),
        None => filter,
    };
    let mut found = match (ask.text("capture"), Count::of(ask)?) {
        (Some(capture), _) => of_capture(ask, capture, &filter)?,
        (None, Count::Total) => ask.evidence.incidents(&filter)?,
        (None, count) => telling(ask, count, (from, to))?,
    };
    if let Some(country) = ask.maybe_country("country")? {
        found.retain(|r| r.value.place == Some(country));
    }
    if let Some(origin) = ask.maybe_country("origin")? {
        found.retain(|r| r.value.origin == Some(origin));
    }
    if let Some(setting) = ask.text("setting") {
        let setting: Setting = setting.parse().map_err(|_| ask.wrong("setting", "sea, land or unknown"))?;
        found.retain(|r| r.value.setting == setting);
    }
    let below = ask.number("below", i32::MAX)?;
    found.retain(|r| i64::from(r.value.total.unwrap_or(0)) < i64::from(below));
    Ok((found, years))
}

/// What is counted of an incident.
#[derive(Clone, Copy, PartialEq)]
enum Count {
    Dead,
    Missing,
    Total,
}

impl Count {
    fn of(ask: &Ask<'_>) -> Result<Count, FigureError> {
        Ok(match ask.word("kind", &["dead", "missing", "total"], "total")? {
            "dead" => Count::Dead,
            "missing" => Count::Missing,
            _ => Count::Total,
        })
    }

    /// The people, below zero where the publisher takes some back; `None` where the row does not tell.
    fn people(self, incident: &Incident) -> Option<f64> {
        match self {
            Count::Dead => incident.dead.map(f64::from),
            Count::Missing => incident.missing.map(f64::from),
            Count::Total => incident.total.map(f64::from),
        }
    }
}

/// What the snapshots answer together that tell this count at all: not every capture tells the dead from the missing.
fn telling(ask: &Ask<'_>, count: Count, (from, to): (i32, i32)) -> Result<Vec<Row<Incident>>, FigureError> {
    let mut tell = Vec::new();
    for snapshot in ask.evidence.edition().of(SOURCE) {
        let tells = |record: &Record| match record {
            Record::Incident(incident) => count.people(incident).is_some(),
            _ => false,
        };
        if ask.evidence.any_within(snapshot, RecordKind::Incident, tells)? {
            tell.push(snapshot.clone());
        }
    }
    among(ask, tell, &RecordFilter::of(SOURCE).years(from, to))
}

/// What some of the edition's snapshots answer together.
fn among(
    ask: &Ask<'_>,
    snapshots: Vec<Snapshot>,
    filter: &RecordFilter,
) -> Result<Vec<Row<Incident>>, FigureError> {
    let edition = Edition::new(ask.evidence.edition().as_of, snapshots);
    Ok(ask.evidence.ledger().evidence(&edition).incidents(filter)?)
}

/// What one capture says alone; of several snapshots of it, the newest that covers a month.
fn of_capture(
    ask: &Ask<'_>,
    capture: &str,
    filter: &RecordFilter,
) -> Result<Vec<Row<Incident>>, FigureError> {
    let own = ask.evidence.edition().of(SOURCE).into_iter().filter(|s| s.capture.starts_with(capture));
    among(ask, own.cloned().collect(), filter)
}

fn computed(value: Value) -> Computed {
    Computed { value, unit: "persons", decimals: 0, sources: vec![SOURCE.to_owned()] }
}

/// A sum of people; where a source answers and no row does, nobody was recorded: that is a zero.
fn sum<'r>(ask: &Ask<'_>, rows: impl Iterator<Item = &'r Row<Incident>>, years: Years) -> Cell {
    let held = years
        .into_iter()
        .flat_map(|(from, to)| from..=to)
        .any(|year| ask.evidence.answering(SOURCE, None, year).is_some());
    let mut cell = if held { Cell::of(0.0, Vec::new()) } else { Cell::missing(Missing::NotHeld) };
    for row in rows {
        cell.add(row.value.total.unwrap_or(0).into(), None, row.record);
    }
    cell
}

fn total(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (found, years) = incidents(ask)?;
    let count = Count::of(ask)?;
    if count == Count::Total {
        return Ok(computed(Value::Number(sum(ask, found.iter(), years))));
    }
    // Where no row tells the dead from the missing, neither is zero.
    let mut cell = Cell::missing(sum(ask, [].iter(), years).missing.unwrap_or(Missing::NotReported));
    for row in &found {
        if let Some(people) = count.people(&row.value) {
            cell.add(people, None, row.record);
        }
    }
    Ok(computed(Value::Number(cell)))
}

/// Incidents: main ids where the capture has them, rows where it has none.
fn rows(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (found, years) = incidents(ask)?;
    let mut cell = sum(ask, [].iter(), years);
    let mut ids = BTreeSet::new();
    for row in &found {
        // Of an incident that was split, the piece that was read first need not be among those that are asked for.
        let incidents = match &row.value.id {
            Some(id) => f64::from(u8::from(ids.insert(id.clone()))),
            None => row.value.incidents.into(),
        };
        cell.add(incidents, None, row.record);
    }
    Ok(Computed { unit: "incidents", ..computed(Value::Number(cell)) })
}

fn by_year(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (found, years) = incidents(ask)?;
    let settings = [Setting::Sea, Setting::Land, Setting::Unknown];
    let mut groups: BTreeMap<i32, Vec<&Row<Incident>>> = BTreeMap::new();
    for row in &found {
        groups.entry(row.value.year).or_default().push(row);
    }
    let columns = ["sea", "land", "unknown-place", "total"]
        .map(|k| (k.to_owned(), ask.lang.text(&format!("column-{k}"))))
        .to_vec();
    let rows = ask.rows_by_year(years, columns.len(), |year| {
        let of_year = groups.remove(&year).unwrap_or_default();
        let pick = |setting: Option<Setting>| {
            sum(
                ask,
                of_year.iter().copied().filter(|r| setting.is_none_or(|s| r.value.setting == s)),
                Some((year, year)),
            )
        };
        let mut cells: Vec<Cell> = settings.into_iter().map(|s| pick(Some(s))).collect();
        cells.push(pick(None));
        cells
    });
    Ok(computed(Value::Table(Table { key: "year", columns, rows })))
}

fn by_cause(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let (found, years) = incidents(ask)?;
    let columns = vec![("total".to_owned(), ask.lang.text("column-total"))];
    let rows = CauseGroup::ALL.into_iter().map(|cause| TableRow {
        key: cause.to_string(),
        label: ask.lang.text(&format!("cause-{cause}")),
        cells: vec![sum(ask, found.iter().filter(|r| r.value.cause == cause), years)],
    });
    Ok(computed(Value::Table(Table { key: "cause", columns, rows: rows.collect() })))
}
