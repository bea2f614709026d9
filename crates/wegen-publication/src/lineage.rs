//! From a value back to the row it came from, in words: from what the ledger knows. The row as received is fetched from
//! the publisher's bytes only for somebody who asks to see it ([`raw_row`]).

use std::collections::BTreeMap;

use wegen_ledger::{Evidence, Layout, Ledger, LedgerError, RecordId, Snapshot, SnapshotId, csv_row};
use wegen_model::{Lang, Locator, Record, RecordKind, Sharing, sources};

use crate::{
    document::{Lineage, RecordLine},
    figure::{Cell, Figure, place_of},
    format,
    known::since,
};

/// How many records are described; the rest is counted, and named in `claims.json`.
const SHOWN: usize = 3;

/// Describes records, reading each at most once.
pub(crate) struct Describer<'a> {
    evidence: Evidence<'a>,
    lang: Lang,
    /// Numbers of the sources in the report's list.
    pub(crate) numbers: BTreeMap<String, usize>,
    rows: std::cell::RefCell<BTreeMap<RecordId, Record>>,
}

impl<'a> Describer<'a> {
    pub(crate) fn new(evidence: Evidence<'a>, lang: Lang) -> Describer<'a> {
        Describer { evidence, lang, numbers: BTreeMap::new(), rows: Default::default() }
    }

    fn snapshot(&self, id: SnapshotId) -> Option<&'a Snapshot> {
        let edition = self.evidence.edition();
        edition.snapshots.binary_search_by_key(&id, |s| s.id).ok().map(|i| &edition.snapshots[i])
    }

    fn record(&self, id: RecordId) -> Result<Option<Record>, LedgerError> {
        if let Some(record) = self.rows.borrow().get(&id) {
            return Ok(Some(record.clone()));
        }
        let Some(snapshot) = self.snapshot(id.snapshot) else { return Ok(None) };
        let record = self.evidence.ledger().record_of(snapshot, id.kind, id.n)?;
        if let Some(record) = &record {
            self.rows.borrow_mut().insert(id, record.clone());
        }
        Ok(record)
    }

    /// The lineage of one cell of a figure.
    pub(crate) fn cell(
        &self,
        figure: &Figure,
        row: &str,
        column: &str,
        cell: &Cell,
    ) -> Result<Lineage, LedgerError> {
        let (decimals, unit) = format::unit(figure, row, column);
        let claim = match place_of(row, column) {
            place if place.is_empty() => figure.id.to_string(),
            place => format!("{}#{place}", figure.id),
        };
        let mut records = Vec::new();
        for &id in cell.records.iter().take(SHOWN) {
            records.push(self.line(id)?);
        }
        let shown = format::show(cell, decimals, unit, self.lang);
        let unit_name = format::unit_name(unit, self.lang);
        let value = match (cell.value.is_some(), unit_name.is_empty() || unit == "percent") {
            (true, false) => format!("{shown} {unit_name}"),
            _ => shown,
        };
        let rounding = match cell.value {
            Some(value) if value.fract() != 0.0 => {
                let digits = self.lang.integer(decimals.into());
                self.lang.text_with("how-rounded", &[("digits", &digits)])
            }
            _ => String::new(),
        };
        let carried = if cell.carried { self.lang.text("carried-over") } else { String::new() };
        Ok(Lineage {
            claim,
            label: figure.label.clone(),
            value,
            how: format!("{} {rounding} {carried}", figure.how)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            more: cell.records.len().saturating_sub(records.len()),
            records,
        })
    }

    fn line(&self, id: RecordId) -> Result<RecordLine, LedgerError> {
        let (Some(snapshot), Some(record)) = (self.snapshot(id.snapshot), self.record(id)?) else {
            return Ok(RecordLine { id: id.to_string(), ..RecordLine::default() });
        };
        let since = since(snapshot, self.lang);
        let title = sources()
            .get(&snapshot.source)
            .map_or(snapshot.source.clone(), |s| format!("{}, {}", s.publisher, s.title));
        let args = [("title", &*title), ("since", &*since), ("licence", &*snapshot.licence.id)];
        Ok(RecordLine {
            id: id.to_string(),
            source: self.lang.text_with("lineage-source", &args),
            n: self.numbers.get(&snapshot.source).copied().unwrap_or(0),
            place: place(snapshot, record.locator(), self.lang),
            row: normalised(&record),
        })
    }
}

/// File and locator in words; counts that stand for many rows say so.
pub fn place(snapshot: &Snapshot, locator: Locator, lang: Lang) -> String {
    let file = match snapshot.origins.as_slice() {
        [one] => format!("{} (SHA-256 {}…)", one.name, &one.sha256[..one.sha256.len().min(12)]),
        [] => snapshot.parts.get(locator.part as usize).map(|p| p.name.clone()).unwrap_or_default(),
        many => many.get(locator.part as usize).map(|o| o.name.clone()).unwrap_or_default(),
    };
    if snapshot.layout == Layout::default() && locator == Locator::default() {
        return lang.text_with("lineage-counted", &[("file", &file)]);
    }
    format!("{file}, {}", snapshot.layout.describe(locator))
}

/// The normalised row, as it stands in an export.
fn normalised(record: &Record) -> String {
    let columns = wegen_ledger::fields(record.kind());
    let row = csv_row(record);
    let shown = columns.iter().zip(&row).filter(|((name, _), value)| {
        !value.is_empty() && !["part", "line", "column", "shape"].contains(name)
    });
    shown.map(|((name, _), value)| format!("{name} {value}")).collect::<Vec<_>>().join(" · ")
}

/// The row as received, where the bytes at hand are the publisher's own.
///
/// Long rows are cut at 300 characters; events and incidents, whose rows hold the publisher's prose, give none.
///
/// # Errors
/// The ledger's, where the bytes cannot be read.
pub fn raw_row(ledger: &Ledger, snapshot: &Snapshot, record: &Record) -> Result<Option<String>, LedgerError> {
    let at = record.locator();
    let (Some(part), true) = (snapshot.parts.get(at.part as usize), snapshot.origins.is_empty()) else {
        return Ok(None);
    };
    // What may not be passed on as rows is not shown as rows.
    if record.kind() != RecordKind::Observation || snapshot.licence.sharing != Sharing::Rows {
        return Ok(None);
    }
    let row = ledger.row_of(part, &snapshot.layout, at.row)?;
    Ok(row.map(|row| row.chars().take(300).collect()))
}
