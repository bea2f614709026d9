//! Figures: values that know what they rest on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use wegen_ledger::{RecordId, SnapshotId};
use wegen_model::{Code, Period};

/// What is asked: a recipe and its parameters.
///
/// As text `refugees@origin=SYR,year=2024`: the figure's identity, the same in every edition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FigureId {
    /// The recipe's name.
    pub recipe: String,
    /// Its parameters, by name.
    pub params: BTreeMap<String, String>,
}

impl FigureId {
    /// The figure called `text`; unknown recipes and parameters are found when it is computed.
    pub fn parse(text: &str) -> Option<FigureId> {
        let (recipe, rest) = text.split_once('@').unwrap_or((text, ""));
        let mut params = BTreeMap::new();
        for pair in rest.split(',').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=')?;
            params.insert(name.trim().to_owned(), value.trim().to_owned());
        }
        (!recipe.is_empty()).then(|| FigureId { recipe: recipe.trim().to_owned(), params })
    }

    /// The identity as a name for files and anchors: letters, digits and dashes only.
    pub fn slug(&self) -> String {
        let text = self.to_string();
        let mut slug = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c),
                _ if slug.ends_with('-') => {}
                _ => slug.push('-'),
            }
        }
        slug.trim_matches('-').to_owned()
    }
}

impl std::fmt::Display for FigureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.recipe)?;
        for (i, (name, value)) in self.params.iter().enumerate() {
            write!(f, "{}{name}={value}", if i == 0 { '@' } else { ',' })?;
        }
        Ok(())
    }
}

impl Serialize for FigureId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why there is no value. Zero is a value; these are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// No snapshot of the edition answers for this source, country and year.
    NotHeld,
    /// A snapshot answers, and the publisher reports nothing.
    NotReported,
    /// The figure does not exist here: a rate without a denominator.
    Undefined,
    /// What is known does not decide: a criterion between met and not met.
    Undetermined,
    /// It is known and not shown: so few people that they could be told apart (rule R3).
    Withheld,
}

impl Missing {
    /// Its text form.
    pub fn as_str(self) -> &'static str {
        match self {
            Missing::NotHeld => "not-held",
            Missing::NotReported => "not-reported",
            Missing::Undefined => "undefined",
            Missing::Undetermined => "undetermined",
            Missing::Withheld => "withheld",
        }
    }
}

/// A value, its bounds, and the records it rests on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// The value.
    pub value: Option<f64>,
    /// The publisher's bounds, summed where values are summed.
    pub bounds: Option<(f64, f64)>,
    /// Why there is none.
    pub missing: Option<Missing>,
    /// The period it is about, where that is not said by its row.
    pub period: Option<Period>,
    /// Whether it is older than its topic allows.
    pub old: bool,
    /// Whether the publisher carried it over: the same number to the unit as the year before.
    pub carried: bool,
    /// The records.
    pub records: Vec<RecordId>,
}

impl Cell {
    /// No value, for a reason.
    pub fn missing(why: Missing) -> Cell {
        Cell { missing: Some(why), ..Cell::default() }
    }

    /// A value that rests on these records.
    pub fn of(value: f64, records: Vec<RecordId>) -> Cell {
        Cell { value: Some(value), records, ..Cell::default() }
    }

    /// Adds a value with its record; what is missing stays missing only while nothing is added.
    pub fn add(&mut self, value: f64, bounds: Option<(f64, f64)>, record: RecordId) {
        self.merge(Cell { bounds, ..Cell::of(value, vec![record]) });
    }

    /// Adds another cell with all its records; one without a value adds nothing.
    pub fn merge(&mut self, other: Cell) {
        let Some(value) = other.value else { return };
        self.bounds = match (self.value, self.bounds, other.bounds) {
            (None, _, new) => new,
            (Some(_), Some((a, b)), Some((c, d))) => Some((a + c, b + d)),
            _ => None,
        };
        self.value = Some(self.value.unwrap_or(0.0) + value);
        self.missing = None;
        self.records.extend(other.records);
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// Its key, the same in every language (`2024`, `TUR`).
    pub key: String,
    /// Its label for readers.
    pub label: String,
    /// Its cells, one a column.
    pub cells: Vec<Cell>,
}

/// Rows by columns of cells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// What the rows are (`year`, `host`).
    pub key: &'static str,
    /// Keys and labels of the columns.
    pub columns: Vec<(String, String)>,
    /// Units of the columns, where they differ from the figure's.
    pub rows: Vec<TableRow>,
}

/// One number, or a table of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One number.
    Number(Cell),
    /// A table.
    Table(Table),
}

/// A number or table in a publication: recipe + parameters + edition → value + the records it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was asked.
    pub id: FigureId,
    /// The version of the recipe.
    pub version: u32,
    /// The edition it was computed from.
    pub edition: String,
    /// What it is, for readers.
    pub label: String,
    /// How it was computed, for readers.
    pub how: String,
    /// The unit.
    pub unit: String,
    /// How many decimals are shown; values are rounded half away from zero when shown, never before.
    pub decimals: u8,
    /// The sources it may rest on, also where nothing was found.
    pub sources: Vec<String>,
    /// The country it is about.
    pub country: Option<Code>,
    /// The value.
    pub value: Value,
}

impl Figure {
    /// Every cell with its place: row and column keys, empty for a single number.
    pub fn cells(&self) -> Vec<(&str, &str, &Cell)> {
        match &self.value {
            Value::Number(cell) => vec![("", "", cell)],
            Value::Table(table) => table
                .rows
                .iter()
                .flat_map(|row| {
                    row.cells.iter().zip(&table.columns).map(|(cell, column)| (&*row.key, &*column.0, cell))
                })
                .collect(),
        }
    }

    /// The cells at a place as [`place_of`] writes it, `ROW/COLUMN`; at `ROW` alone the whole row, at an empty place
    /// all cells. Keys of rows may hold slashes themselves (`Mourzouq/Sabha (MICS 2014)`).
    pub fn cells_at(&self, place: &str) -> Vec<(&str, &str, &Cell)> {
        let cells = self.cells();
        if place.is_empty() {
            return cells;
        }
        let is = |row: &str, column: &str| {
            place.strip_prefix(row).and_then(|rest| rest.strip_prefix('/')).is_some_and(|rest| rest == column)
        };
        let one: Vec<_> = cells.iter().filter(|(r, c, _)| is(r, c)).copied().collect();
        if !one.is_empty() {
            return one;
        }
        let row = |r: &str| place == r || place.strip_suffix('/') == Some(r);
        cells.into_iter().filter(|(r, _, _)| row(r)).collect()
    }

    /// The records it rests on, each once, in order.
    pub fn records(&self) -> Vec<RecordId> {
        let all: BTreeSet<RecordId> =
            self.cells().iter().flat_map(|(_, _, c)| c.records.iter().copied()).collect();
        all.into_iter().collect()
    }

    /// The snapshots it rests on.
    pub fn snapshots(&self) -> BTreeSet<SnapshotId> {
        let mut all = BTreeSet::new();
        let mut last = None;
        // Records of one snapshot follow one another.
        for snapshot in self.cells().iter().flat_map(|(_, _, c)| c.records.iter().map(|r| r.snapshot)) {
            if last != Some(snapshot) {
                all.insert(snapshot);
                last = Some(snapshot);
            }
        }
        all
    }

    /// The single number; `None` for a table and for what is missing.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(cell) => cell.value,
            Value::Table(_) => None,
        }
    }
}

/// A cell's place in its table as a claim names it behind its `#`; empty for a single number.
pub fn place_of(row: &str, column: &str) -> String {
    match (row.is_empty(), column.is_empty()) {
        (true, _) => column.to_owned(),
        (false, true) => row.to_owned(),
        (false, false) => format!("{row}/{column}"),
    }
}

/// A claim's two parts: the figure's name, and the place in its table behind the first `#`, empty where none is named.
pub fn claim_parts(claim: &str) -> (&str, &str) {
    claim.split_once('#').unwrap_or((claim, ""))
}

/// Record ids as text, runs joined: `3f2a9c01b7de/observation/17-29`.
pub fn compact(records: &[RecordId]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut run: Option<(RecordId, u32)> = None;
    let close = |run: Option<(RecordId, u32)>, out: &mut Vec<String>| match run {
        Some((first, last)) if last > first.n => out.push(format!("{first}-{last}")),
        Some((first, _)) => out.push(first.to_string()),
        None => {}
    };
    let mut sorted = records.to_vec();
    sorted.sort();
    sorted.dedup();
    for record in sorted {
        run = match run {
            Some((first, last))
                if first.snapshot == record.snapshot && first.kind == record.kind && record.n == last + 1 =>
            {
                Some((first, record.n))
            }
            held => {
                close(held, &mut out);
                Some((record, record.n))
            }
        };
    }
    close(run, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for text in ["refugees@origin=SYR,year=2024", "missing-migrants", "a@b=c"] {
            assert_eq!(FigureId::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            FigureId::parse("refugees@year=2024,origin=SYR").unwrap().to_string(),
            "refugees@origin=SYR,year=2024"
        );
        assert!(FigureId::parse("").is_none() && FigureId::parse("a@b").is_none());
        assert_eq!(FigureId::parse("a@b=c,d=e f").unwrap().slug(), "a-b-c-d-e-f");
    }

    #[test]
    fn a_cell_is_found_by_its_place_whatever_its_row_is_called() {
        let row = |key: &str| TableRow {
            key: key.into(),
            label: key.into(),
            cells: vec![Cell::of(1.0, Vec::new()), Cell::of(2.0, Vec::new())],
        };
        // Three regions of Libya as OPHI's survey names them hold a slash.
        let keys = ["Tripoli", "Mourzouq/Sabha", "Al Marj / Benghazi", "a", "a/b"];
        let figure = Figure {
            id: FigureId::parse("deprivations@country=LBY").unwrap(),
            version: 1,
            edition: String::new(),
            label: String::new(),
            how: String::new(),
            unit: "percent".into(),
            decimals: 1,
            sources: Vec::new(),
            country: None,
            value: Value::Table(Table {
                key: "area",
                columns: ["x", "y"].map(|c| (c.to_owned(), c.to_owned())).to_vec(),
                rows: keys.map(row).to_vec(),
            }),
        };
        for key in keys {
            for (column, value) in [("x", 1.0), ("y", 2.0)] {
                let claim = format!("{}#{}", figure.id, place_of(key, column));
                let (name, place) = claim_parts(&claim);
                assert_eq!(name, figure.id.to_string());
                let found = figure.cells_at(place);
                let [(r, c, cell)] = found[..] else { panic!("{claim}: {found:?}") };
                assert_eq!((r, c, cell.value), (key, column, Some(value)));
            }
            assert_eq!(figure.cells_at(key).len(), 2, "{key}");
        }
        assert_eq!(figure.cells_at("").len(), 10);
        for nowhere in ["Sabha", "Mourzouq", "Mourzouq/Sabha/z", "x"] {
            assert!(figure.cells_at(nowhere).is_empty(), "{nowhere}");
        }
    }

    #[test]
    fn adding_keeps_zero_and_unknown_apart() {
        let record = RecordId {
            snapshot: "0".repeat(64).parse().unwrap(),
            kind: wegen_model::RecordKind::Observation,
            n: 4,
        };
        let mut cell = Cell::missing(Missing::NotReported);
        assert_eq!(cell.value, None);
        cell.add(0.0, None, record);
        assert_eq!((cell.value, cell.missing), (Some(0.0), None));
        let next = RecordId { n: 5, ..record };
        let apart = RecordId { n: 9, ..record };
        assert_eq!(
            compact(&[apart, record, next]),
            ["000000000000/observation/4-5", "000000000000/observation/9"]
        );
    }
}
