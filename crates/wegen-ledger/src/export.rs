//! Records as rows of text, and an edition as a Frictionless data package that anybody can take along.

use std::{fs, io::Write, path::Path};

use serde::Serialize;
use serde_json::{Value, json};
use wegen_model::{
    Code, Event, Incident, Lang, Period, Record, RecordKind, Sharing, not_for_individual_decisions, sources,
};

use crate::{Edition, Ledger, LedgerError, Snapshot};

/// How rows are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated text.
    #[default]
    Csv,
    /// Comma-separated text, gzip.
    CsvGz,
    /// Apache Parquet, a column of text or numbers each.
    #[cfg(feature = "parquet")]
    Parquet,
}

/// What an export wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// Files and how many rows each holds.
    pub written: Vec<(String, u64)>,
    /// Snapshots that were left out, and why.
    pub withheld: Vec<(String, String)>,
}

/// The columns of a kind, each with its Frictionless type.
pub fn fields(kind: RecordKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        RecordKind::Observation => &[
            ("indicator", "string"),
            ("place", "string"),
            ("counterpart", "string"),
            ("period", "string"),
            ("value", "number"),
            ("low", "number"),
            ("high", "number"),
            ("status", "string"),
            ("dims", "string"),
            ("part", "integer"),
            ("line", "integer"),
            ("column", "integer"),
        ],
        RecordKind::Incident => &[
            ("counted_year", "integer"),
            ("period", "string"),
            ("place", "string"),
            ("route", "string"),
            ("origin", "string"),
            ("cause", "string"),
            ("setting", "string"),
            ("cell", "string"),
            ("dead", "integer"),
            ("missing", "integer"),
            ("total", "integer"),
            ("incidents", "integer"),
            ("part", "integer"),
            ("line", "integer"),
            ("id", "string"),
        ],
        RecordKind::Event => &[
            ("period", "string"),
            ("place", "string"),
            ("area", "string"),
            ("violence", "string"),
            ("precision", "integer"),
            ("best", "integer"),
            ("low", "integer"),
            ("high", "integer"),
            ("civilians", "integer"),
            ("events", "integer"),
            ("part", "integer"),
            ("line", "integer"),
            ("id", "string"),
        ],
        RecordKind::Area => &[
            ("code", "string"),
            ("country", "string"),
            ("level", "integer"),
            ("name", "string"),
            ("parent", "string"),
            ("valid_from", "string"),
            ("shape", "string"),
            ("part", "integer"),
            ("line", "integer"),
        ],
    }
}

/// A record as text, in the order of [`fields`]; what is not known is empty.
pub fn csv_row(record: &Record) -> Vec<String> {
    fn text(value: Option<impl ToString>) -> String {
        value.map(|v| v.to_string()).unwrap_or_default()
    }
    let at = record.locator();
    let mut row = match record {
        Record::Observation(r) => vec![
            r.indicator.to_string(),
            r.place.to_string(),
            text(r.counterpart),
            r.period.to_string(),
            r.value.to_string(),
            text(r.bounds.map(|b| b.0)),
            text(r.bounds.map(|b| b.1)),
            if r.status == Default::default() { String::new() } else { r.status.letter().to_owned() },
            text(r.dims.as_deref()),
        ],
        Record::Incident(r) => vec![
            r.year.to_string(),
            text(r.period),
            text(r.place),
            text(r.route.as_deref()),
            text(r.origin),
            r.cause.to_string(),
            r.setting.to_string(),
            text(r.cell),
            text(r.dead),
            text(r.missing),
            text(r.total),
            r.incidents.to_string(),
        ],
        Record::Event(r) => vec![
            r.period.to_string(),
            r.place.to_string(),
            text(r.area.as_deref()),
            r.violence.to_string(),
            r.precision.to_string(),
            r.best.to_string(),
            r.low.to_string(),
            r.high.to_string(),
            r.civilians.to_string(),
            r.events.to_string(),
        ],
        Record::Area(r) => vec![
            r.code.to_string(),
            r.country.to_string(),
            r.level.to_string(),
            r.name.to_string(),
            text(r.parent),
            text(r.valid_from),
            text(r.shape.as_deref().and_then(|s| serde_json::to_string(s).ok())),
        ],
    };
    row.push(at.part.to_string());
    row.push(at.row.to_string());
    match record {
        Record::Observation(_) => row.push(at.column.to_string()),
        Record::Incident(Incident { id, .. }) | Record::Event(Event { id, .. }) => {
            row.push(text(id.as_deref()))
        }
        Record::Area(_) => {}
    }
    row
}

/// A record from the text of [`csv_row`].
///
/// # Errors
/// The name of the column, what was found and what was expected.
pub(crate) fn from_row(kind: RecordKind, row: &csv::StringRecord) -> Result<Record, String> {
    let columns = fields(kind);
    let field = |name: &str| -> &str {
        columns.iter().position(|c| c.0 == name).and_then(|i| row.get(i)).unwrap_or_default()
    };
    let wrong =
        |name: &str, expected: &str| format!("column `{name}`: found `{}`, expected {expected}", field(name));
    macro_rules! number {
        ($name:expr) => {
            field($name).parse().map_err(|_| wrong($name, "a number"))?
        };
    }
    macro_rules! maybe {
        ($name:expr, $expected:expr) => {
            match field($name) {
                "" => None,
                text => Some(text.parse().map_err(|_| wrong($name, $expected))?),
            }
        };
    }
    let code = |name: &str| Code::new(field(name)).map_err(|_| wrong(name, "a code"));
    let period = |name: &str| field(name).parse::<Period>().map_err(|_| wrong(name, "a period"));
    let locator = wegen_model::Locator {
        part: number!("part"),
        row: number!("line"),
        column: if kind == RecordKind::Observation { number!("column") } else { 0 },
    };
    Ok(match kind {
        RecordKind::Observation => {
            let (low, high): (Option<f64>, Option<f64>) =
                (maybe!("low", "a number"), maybe!("high", "a number"));
            Record::Observation(wegen_model::Observation {
                indicator: wegen_model::indicators()
                    .get(field("indicator"))
                    .ok_or_else(|| wrong("indicator", "an indicator of the registry"))?,
                place: code("place")?,
                counterpart: maybe!("counterpart", "a code"),
                period: period("period")?,
                value: number!("value"),
                bounds: low.zip(high),
                status: match field("status") {
                    "" => Default::default(),
                    letter => wegen_model::Status::from_letter(letter)
                        .ok_or_else(|| wrong("status", "A, E, P or B"))?,
                },
                dims: match field("dims") {
                    "" => None,
                    dims => Some(dims.into()),
                },
                locator,
            })
        }
        RecordKind::Incident => Record::Incident(Incident {
            id: Some(field("id")).filter(|id| !id.is_empty()).map(Into::into),
            year: number!("counted_year"),
            period: maybe!("period", "a period"),
            place: maybe!("place", "a code"),
            route: Some(field("route")).filter(|r| !r.is_empty()).map(Into::into),
            origin: maybe!("origin", "a code"),
            cause: field("cause").parse()?,
            setting: field("setting").parse()?,
            cell: maybe!("cell", "a code"),
            dead: maybe!("dead", "a count"),
            missing: maybe!("missing", "a count"),
            total: maybe!("total", "a count"),
            incidents: number!("incidents"),
            locator,
        }),
        RecordKind::Event => Record::Event(Event {
            id: Some(field("id")).filter(|id| !id.is_empty()).map(Into::into),
            period: period("period")?,
            place: code("place")?,
            area: Some(field("area")).filter(|a| !a.is_empty()).map(Into::into),
            violence: field("violence").parse()?,
            precision: number!("precision"),
            best: number!("best"),
            low: number!("low"),
            high: number!("high"),
            civilians: number!("civilians"),
            events: number!("events"),
            locator,
        }),
        RecordKind::Area => Record::Area(wegen_model::Area {
            code: code("code")?,
            country: code("country")?,
            level: number!("level"),
            name: field("name").into(),
            parent: maybe!("parent", "a code"),
            valid_from: maybe!("valid_from", "a period"),
            shape: match field("shape") {
                "" => None,
                text => Some(std::sync::Arc::new(
                    serde_json::from_str(text).map_err(|_| wrong("shape", "rings of coordinates"))?,
                )),
            },
            locator,
        }),
    })
}

/// What a package says of one of its snapshots; the inverse of reading it back.
pub(crate) fn describe(snapshot: &Snapshot, layout: &crate::Layout) -> Value {
    json!({
        "id": snapshot.id,
        "source": snapshot.source,
        "capture": snapshot.capture,
        "scope": snapshot.scope,
        "request": snapshot.request,
        "retrieved": snapshot.retrieved,
        "published": snapshot.published,
        "recorded": snapshot.recorded,
        "parser": format!("{} {}", snapshot.parser, snapshot.parser_version),
        "licence": snapshot.licence,
        "layout": layout,
        "origins": snapshot.origins,
        "quality": snapshot.quality,
        "rows_read": snapshot.rows_read,
    })
}

pub(crate) fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::Io { path, source }
}

/// A table of a package: a file's name and its rows.
pub(crate) fn write_rows(
    path: &Path,
    kind: RecordKind,
    records: &[Record],
    format: Format,
) -> Result<(), LedgerError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| LedgerError::Damaged(e.to_string());
    writer.write_record(fields(kind).iter().map(|f| f.0)).map_err(fail)?;
    for record in records {
        writer.write_record(csv_row(record)).map_err(fail)?;
    }
    let text = writer.into_inner().map_err(|e| LedgerError::Damaged(e.to_string()))?;
    let bytes = match format {
        Format::CsvGz => {
            // No name and no time in the header: the same rows are the same bytes.
            let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gz.write_all(&text).and_then(|()| gz.finish()).map_err(io_error(path))?
        }
        Format::Csv => text,
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            crate::parquet::table(fields(kind), &records.iter().map(csv_row).collect::<Vec<_>>())?
        }
    };
    fs::write(path, bytes).map_err(io_error(path))
}

impl Format {
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::CsvGz => "csv.gz",
            #[cfg(feature = "parquet")]
            Format::Parquet => "parquet",
        }
    }
}

impl Ledger {
    /// Writes an edition to `folder` as a Frictionless data package, attribution and notice included.
    ///
    /// Rows whose licence does not let them be passed on stay here; the report names them. The package is
    /// made beside `folder` and put in place whole.
    pub fn export(
        &self,
        edition: &Edition,
        folder: &Path,
        format: Format,
    ) -> Result<ExportReport, LedgerError> {
        let draft = folder.with_extension(format!("part-{}", std::process::id()));
        fs::create_dir_all(&draft).map_err(io_error(&draft))?;
        let written = self.export_into(edition, &draft, format);
        match written {
            Ok(report) => {
                if folder.exists() {
                    fs::remove_dir_all(folder).map_err(io_error(folder))?;
                }
                fs::rename(&draft, folder).map_err(io_error(folder))?;
                Ok(report)
            }
            Err(error) => {
                let _ = fs::remove_dir_all(&draft);
                Err(error)
            }
        }
    }

    fn export_into(
        &self,
        edition: &Edition,
        folder: &Path,
        format: Format,
    ) -> Result<ExportReport, LedgerError> {
        let mut report = ExportReport::default();
        let mut tables = Vec::new();
        for snapshot in &edition.snapshots {
            if snapshot.licence.sharing != Sharing::Rows {
                let why =
                    format!("rows of {} may not be passed on ({})", snapshot.source, snapshot.licence.id);
                report.withheld.push((snapshot.id.to_string(), why));
                continue;
            }
            for kind in RecordKind::ALL {
                let records: Vec<Record> =
                    self.read(snapshot, kind, None)?.into_iter().map(|(_, r)| r).collect();
                if !records.is_empty() {
                    tables.push((snapshot.clone(), kind, records));
                }
            }
        }
        let resources = write_tables(folder, &tables, format, &mut report)?;
        let package = package_json(&format!("wegen-edition-{}", edition.id()), resources);
        write_json(&folder.join("datapackage.json"), &package)?;
        Ok(report)
    }
}

/// Writes each table and answers with the resources of the package's description.
pub(crate) fn write_tables(
    folder: &Path,
    tables: &[(Snapshot, RecordKind, Vec<Record>)],
    format: Format,
    report: &mut ExportReport,
) -> Result<Vec<Value>, LedgerError> {
    let mut resources = Vec::new();
    for (snapshot, kind, records) in tables {
        let name = format!("{}-{}-{kind}", snapshot.source, &snapshot.id.short()[..8]);
        let file = format!("{name}.{}", format.ending());
        write_rows(&folder.join(&file), *kind, records, format)?;
        report.written.push((file.clone(), records.len() as u64));
        let attribution = sources().get(&snapshot.source).map(|s| s.attribution.clone());
        let types: Vec<Value> =
            fields(*kind).iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect();
        resources.push(json!({
            "name": name,
            "path": file,
            "profile": "tabular-data-resource",
            "encoding": "utf-8",
            "schema": {"fields": types, "missingValues": [""]},
            "licenses": [{"name": snapshot.licence.id, "path": snapshot.licence.url}],
            "sources": [{"title": attribution.unwrap_or_else(|| snapshot.source.clone())}],
            "wegen": {"kind": kind, "snapshot": describe(snapshot, &snapshot.layout)},
        }));
    }
    Ok(resources)
}

/// The description of a package.
pub(crate) fn package_json(name: &str, resources: Vec<Value>) -> Value {
    json!({
        "profile": "tabular-data-package",
        "name": name,
        "not_for_individual_decisions": true,
        "description": not_for_individual_decisions(Lang::En),
        "resources": resources,
    })
}

pub(crate) fn write_json(path: &Path, value: &Value) -> Result<(), LedgerError> {
    let text = serde_json::to_string_pretty(value).map_err(|e| LedgerError::Damaged(e.to_string()))?;
    fs::write(path, text + "\n").map_err(io_error(path))
}
