//! All rows of one kind of a source, as one CSV file to save: made once, kept for a while, given piece by piece.

use std::{fs, io::BufWriter, path::Path};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use wegen_ledger::{Evidence, RecordFilter};
use wegen_model::{RecordKind, SourceDef, indicators};

use super::{
    CSV,
    rows::{columns, found, held, plural, shared, text, values},
    write,
};
use crate::{ask::At, copy, error::Problem, site::App};

/// All rows of one kind of a source, as one CSV file; what of it may not be passed on stays behind as in lists.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/sources/{source}/{file}",
    operation_id = "source_rows",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("source" = String, Path, description = "the source; `sources` lists them", example = "unhcr-population"),
        ("file" = String, Path, description = "`observations.csv`, `incidents.csv`, `events.csv` or `areas.csv`: the catalogue names those that are there", example = "observations.csv"),
    ),
    responses(
        (status = 200, description = "a file to save", body = String, content_type = "text/csv"),
        (status = 403, description = "the publisher's licence keeps these rows here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn file(
    State(app): State<App>,
    headers: HeaderMap,
    At((asked, source, file)): At<(String, String, String)>,
) -> Result<Response, Problem> {
    let source = shared(&source)?;
    let kind = RecordKind::ALL.into_iter().find(|k| file.strip_suffix(".csv") == Some(plural(*k)));
    let kind = kind.ok_or_else(|| {
        let shown: String = file.chars().take(40).collect();
        Problem::not_found(format!(
            "found `{shown}`, expected observations.csv, incidents.csv, events.csv or areas.csv"
        ))
    })?;
    let lasting = asked != "latest";
    let id = app
        .read(move |site, ledger| {
            let edition = site.edition(ledger, &asked)?;
            held(ledger.evidence(&edition), &source.id, kind)?;
            Ok(edition.id())
        })
        .await?;
    let name = format!("{}-{}", source.id, plural(kind));
    // The rows of an edition never change, and what a version of the program writes of them does not either.
    let tag = format!("W/\"{id}-{name}-{}\"", env!("CARGO_PKG_VERSION"));
    let has = headers.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut response = match has.split(',').any(|t| t.trim() == tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => {
            let made_of = id.clone();
            let made = copy::kept(&app, "rows", &format!("{id}-{name}.csv"), move |site, ledger, path| {
                let edition = site.edition(ledger, &made_of)?;
                write_all(ledger.evidence(&edition), source, kind, path)
            })
            .await?;
            copy::give(made, CSV, &format!("wegen-{id}-{name}.csv")).await?
        }
    };
    copy::lasts(response.headers_mut(), lasting, &tag, &id);
    Ok(response)
}

fn write_all(
    evidence: Evidence<'_>,
    source: &SourceDef,
    kind: RecordKind,
    path: &Path,
) -> Result<(), Problem> {
    let file = fs::File::create(path).map_err(Problem::internal)?;
    let mut writer = csv::Writer::from_writer(BufWriter::new(file));
    let head: Vec<&str> = columns(kind).iter().map(|(name, _)| *name).collect();
    write::head(&mut writer, &head).map_err(Problem::internal)?;
    for filter in pieces(evidence, source, kind)? {
        for row in found(evidence, kind, &filter)? {
            let fields = values(&row).into_iter().map(text).collect();
            write::row(&mut writer, fields, &source.attribution).map_err(Problem::internal)?;
        }
    }
    writer.flush().map_err(Problem::internal)
}

/// Filters that together take all rows once: observations by indicator, so that no more than those are in memory.
fn pieces(
    evidence: Evidence<'_>,
    source: &SourceDef,
    kind: RecordKind,
) -> Result<Vec<RecordFilter>, Problem> {
    let all = || RecordFilter::of(&source.id);
    if kind != RecordKind::Observation {
        return Ok(vec![all()]);
    }
    let mut pieces = Vec::new();
    for indicator in indicators().all().iter().filter_map(|i| indicators().get(&i.id)) {
        if evidence.holds(&source.id, indicator)? {
            pieces.push(all().indicator(indicator));
        }
    }
    Ok(pieces)
}
