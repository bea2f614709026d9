//! Reading a data package back: every resource becomes a draft, with the times and origins it says.

use std::io::Read;

use flate2::read::GzDecoder;
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use wegen_model::{Coverage, Licence, RecordKind};

use crate::{Draft, Layout, LedgerError, Origin, Part, Quality, export::from_row};

/// What may be unpacked from one resource: no package of ours comes near it.
const LIMIT: u64 = 1 << 30;

#[derive(Deserialize)]
struct Package {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    path: String,
    wegen: Meta,
}

#[derive(Deserialize)]
struct Meta {
    kind: RecordKind,
    snapshot: Described,
}

#[derive(Deserialize)]
struct Described {
    source: String,
    capture: String,
    coverage: Coverage,
    #[serde(default)]
    release: Option<String>,
    request: String,
    retrieved: Timestamp,
    published: Option<Date>,
    recorded: Timestamp,
    licence: Licence,
    layout: Layout,
    origins: Vec<Origin>,
    quality: Quality,
    rows_read: u64,
}

/// Drafts of a package that [`crate::Ledger::export`] wrote; `file` answers with the bytes of a path in it.
///
/// Resources of one snapshot become one draft.
///
/// # Errors
/// The resource, line and column that cannot be read.
pub fn read_package(
    description: &[u8],
    mut file: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Vec<Draft>, LedgerError> {
    let wrong = |what: String| LedgerError::Damaged(what);
    let package: Package =
        serde_json::from_slice(description).map_err(|e| wrong(format!("datapackage.json: {e}")))?;
    let mut drafts: Vec<Draft> = Vec::new();
    for resource in package.resources {
        let path = resource.path;
        let bytes = file(&path).ok_or_else(|| wrong(format!("`{path}` is not in the package")))?;
        let mut text = Vec::new();
        let read = match path.ends_with(".gz") {
            true => GzDecoder::new(&bytes[..]).take(LIMIT).read_to_end(&mut text),
            false => bytes.as_slice().take(LIMIT).read_to_end(&mut text),
        };
        read.map_err(|e| wrong(format!("`{path}`: {e}")))?;
        let described = resource.wegen.snapshot;
        let mut draft = Draft {
            capture: described.capture,
            coverage: described.coverage,
            release: described.release,
            request: described.request,
            published: described.published,
            recorded: Some(described.recorded),
            parser: "data package".into(),
            licence: described.licence,
            layout: described.layout,
            origins: described.origins,
            quality: described.quality,
            rows_read: described.rows_read,
            ..Draft::new(described.source, described.retrieved)
        };
        let mut rows = csv::Reader::from_reader(text.as_slice());
        let mut row = csv::StringRecord::new();
        while rows.read_record(&mut row).map_err(|e| wrong(format!("`{path}`: {e}")))? {
            let record = from_row(resource.wegen.kind, &row).map_err(|what| {
                wrong(format!("`{path}`, line {}: {what}", row.position().map_or(0, |p| p.line())))
            })?;
            draft.records.push(record)?;
        }
        draft.parts.push(Part::new(path, bytes));
        drafts.push(draft);
    }
    Ok(drafts)
}
