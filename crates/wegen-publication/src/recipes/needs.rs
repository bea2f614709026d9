//! People in need, after OCHA's overviews of humanitarian needs.
//!
//! The rows of an overview count the same people many times: by area at several levels, by cluster, by category (sex,
//! age, displaced, returnees), and as a total of the categories. None of these is added to another. Of a country the
//! row without a category is taken, and only where there is none the one with the category `total`; likewise of an
//! area. Where two rows are left that say different numbers, the least and the greatest are the bounds.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{RecordFilter, Row};
use wegen_model::{IndicatorId, Observation, Series, indicator, sources};

use super::{Ask, COUNTRY, Computed, FigureError, Recipe, YEAR};
use crate::{
    conditions::{AreaTree, level_said, places},
    figure::{Cell, Missing, Table, TableRow, Value},
};

const SOURCE: &str = "ocha-hno";
const LEVEL: (&str, &str) =
    ("level", "level of the areas: 1, 2 or 3; the finest with figures where none is given");
const FIGURES: [IndicatorId; 2] = [indicator::PEOPLE_IN_NEED, indicator::PEOPLE_TARGETED];
/// The cluster that stands for all of them.
const ALL: &str = "ALL";

pub(super) static RECIPES: [Recipe; 2] = [
    Recipe {
        name: "people-in-need",
        version: 2,
        draws_on: &[SOURCE],
        params: &[COUNTRY, YEAR],
        compute: by_cluster,
    },
    Recipe {
        name: "people-in-need-by-area",
        version: 1,
        draws_on: &[SOURCE],
        params: &[COUNTRY, YEAR, LEVEL],
        compute: by_area,
    },
];

/// How far rows are from standing for everybody, and these; nothing where there is none.
type Ranked = Option<(usize, Vec<Row<Observation>>)>;

/// A number for everybody in each cell, from rows that may say it more than once.
#[derive(Default)]
struct Numbers {
    /// For each figure, by the key of the row of the table.
    found: BTreeMap<String, [Ranked; FIGURES.len()]>,
}

impl Numbers {
    /// Takes a row of a figure, unless it is of a group, or a better one is held.
    fn add(&mut self, key: String, figure: usize, row: Row<Observation>, series: &Series) {
        let Some(rank) = series.rank_of_whole(row.value.dims.as_deref()) else { return };
        let held = &mut self.found.entry(key).or_default()[figure];
        match held {
            Some((best, _)) if *best < rank => {}
            Some((best, rows)) if *best == rank => rows.push(row),
            _ => *held = Some((rank, vec![row])),
        }
    }

    /// The rows of the table; `label` gives the words for a key.
    fn table(self, label: impl Fn(&str) -> String) -> Vec<TableRow> {
        let cell = |found: Ranked| {
            let Some((_, rows)) = found else { return Cell::missing(Missing::NotReported) };
            let values = || rows.iter().map(|r| r.value.value);
            let (low, high) =
                values().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
            let records = rows.iter().map(|r| r.record).collect();
            Cell { bounds: (low < high).then_some((low, high)), ..Cell::of(low, records) }
        };
        let row = |(key, found): (String, [_; FIGURES.len()])| TableRow {
            label: label(&key),
            cells: found.into_iter().map(cell).collect(),
            key,
        };
        self.found.into_iter().map(row).collect()
    }
}

fn columns(ask: &Ask<'_>) -> Vec<(String, String)> {
    FIGURES.iter().map(|i| (i.as_str().to_owned(), i.def().label(ask.lang).to_owned())).collect()
}

fn computed(key: &'static str, ask: &Ask<'_>, rows: Vec<TableRow>) -> Computed {
    Computed {
        value: Value::Table(Table { key, columns: columns(ask), rows }),
        unit: "persons",
        decimals: 0,
        sources: vec![SOURCE.into()],
    }
}

/// The rows of a country or of all places, of the year asked for, else of the newest year.
fn of_year(
    ask: &Ask<'_>,
    filter: impl Fn(RecordFilter) -> RecordFilter,
    accept: impl Fn(&Observation) -> bool,
) -> Result<Vec<(usize, Row<Observation>)>, FigureError> {
    let asked = ask.year_or(None)?;
    let mut rows = Vec::new();
    for (figure, indicator) in FIGURES.into_iter().enumerate() {
        let mut of = filter(RecordFilter::of(SOURCE).indicator(indicator));
        if let Some(year) = asked {
            of = of.years(year, year);
        }
        let found = ask.evidence.observations(&of)?.into_iter().filter(|r| accept(&r.value));
        rows.extend(found.map(|row| (figure, row)));
    }
    let newest = ask.year_or(rows.iter().map(|(_, r)| r.value.period.year()).max())?;
    rows.retain(|(_, row)| Some(row.value.period.year()) == newest);
    Ok(rows)
}

/// Of a country, by cluster.
fn by_cluster(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let none = Series::default();
    let series = sources().get(SOURCE).map_or(&none, |s| &s.series);
    let rows = of_year(ask, |f| f.place(country), |_| true)?;
    let said = |o: &Observation, key: &str| o.dim(key).unwrap_or_default();
    let mut clusters: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, row) in &rows {
        let of = clusters.entry(said(&row.value, "description")).or_default();
        of.insert(said(&row.value, "cluster"));
    }
    let mut numbers = Numbers::default();
    for (figure, row) in rows {
        // One code can stand for several clusters, which their descriptions tell apart, and one description for two.
        let (name, cluster) = (said(&row.value, "description"), said(&row.value, "cluster"));
        let alone = clusters.get(&name).is_none_or(|of| of.len() == 1);
        let key = match (name.is_empty(), alone) {
            (true, _) => cluster,
            (false, true) => name,
            (false, false) => format!("{name} ({cluster})"),
        };
        numbers.add(key, figure, row, series);
    }
    Ok(computed("cluster", ask, numbers.table(str::to_owned)))
}

/// Of the areas of one level, over all clusters.
fn by_area(ask: &Ask<'_>) -> Result<Computed, FigureError> {
    let country = ask.country("country")?;
    let asked = match ask.text("level") {
        None => None,
        Some(_) => Some(
            u8::try_from(ask.number("level", 0)?)
                .ok()
                .filter(|l| (1..=3).contains(l))
                .ok_or_else(|| ask.wrong("level", "1, 2 or 3"))?,
        ),
    };
    let none = Series::default();
    let series = sources().get(SOURCE).map_or(&none, |s| &s.series);
    let tree = AreaTree::of(ask.evidence, country)?;
    let level = |o: &Observation| tree.level_of(o.place).or_else(|| level_said(o)).unwrap_or_default();
    let rows = of_year(
        ask,
        |f| f,
        |o| {
            o.place != country
                && tree.holds(o.place)
                && o.dim("cluster").as_deref() == Some(ALL)
                && series.rank_of_whole(o.dims.as_deref()).is_some()
        },
    )?;
    let of = asked.or(rows.iter().map(|(_, row)| level(&row.value)).max()).unwrap_or(1);
    let mut numbers = Numbers::default();
    for (figure, row) in rows.into_iter().filter(|(_, row)| level(&row.value) == of) {
        numbers.add(row.value.place.to_string(), figure, row, series);
    }
    let names: BTreeMap<String, String> =
        places(ask.evidence, country, of)?.into_iter().map(|p| (p.code.to_string(), p.name)).collect();
    let label = |key: &str| match names.get(key).filter(|name| *name != key) {
        Some(name) => format!("{name} ({key})"),
        None => key.to_owned(),
    };
    Ok(computed("area", ask, numbers.table(label)))
}
