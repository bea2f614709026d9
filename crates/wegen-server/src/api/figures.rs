//! Figures with their lineage: every value leads to the records it rests on.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_ledger::{Evidence, LedgerError, RecordId, Snapshot, csv_row, fields};
use wegen_model::{Lang, Record, Sharing, sources};
use wegen_publication::{
    Cell, Figure, FigureId, Value, compact, compute, place, raw_row, recipes, show, since,
};

use super::{CSV, carried, paged, shapes, table};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, Form, Language},
    error::Problem,
    site::App,
};

/// Recipes: what figures there are, with the parameters of each.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/figures",
    operation_id = "recipes",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
    ),
    responses(
        (status = 200, description = "by name", body = Object),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
) -> Result<Response, Problem> {
    answer(&app, &id, "figures".to_owned(), &headers, |_, _, edition| {
        let one = |r: &&wegen_publication::Recipe| {
            let params: Json =
                r.params.iter().map(|(name, what)| json!({"name": name, "what": what})).collect();
            json!({"recipe": r.name, "version": r.version, "parameters": params, "draws_on": r.draws_on})
        };
        let all: Vec<Json> = recipes().iter().map(one).collect();
        let how = "a claim is a recipe with parameters, as `refugees@origin=SYR,year=2024`";
        Ok(Made::json(&carried(json!({"recipes": all, "claims": how}), &edition.id(), Lang::En)))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Shape {
    /// Of labels.
    #[serde(default)]
    #[param(inline)]
    lang: Language,
    /// The form; otherwise what `Accept` asks for.
    #[param(inline)]
    format: Option<Form>,
}

/// The figure of a claim.
pub(crate) fn figure(evidence: Evidence<'_>, claim: &str, lang: Lang) -> Result<Figure, Problem> {
    let shown: String = claim.chars().take(120).collect();
    let id = FigureId::parse(claim).ok_or_else(|| {
        Problem::wrong(format!("found `{shown}`, expected a claim as `refugees@origin=SYR,year=2024`"))
    })?;
    Ok(compute(evidence, &id, lang)?)
}

fn cell_json(figure: &Figure, row: &str, column: &str, cell: &Cell, lang: Lang) -> Json {
    json!({
        "row": row, "column": column, "value": cell.value, "bounds": cell.bounds, "missing": cell.missing,
        "period": cell.period, "old": cell.old, "carried": cell.carried, "shown": show(cell, figure.decimals, &figure.unit, lang),
        "records": compact(&cell.records).into_iter().take(20).collect::<Vec<_>>(), "records_total": cell.records.len(),
    })
}

/// What a figure's sources ask to stand with it.
pub(crate) fn attribution(figure: &Figure) -> String {
    let names = figure.sources.iter().filter_map(|s| sources().get(s)).map(|s| s.attribution.clone());
    names.collect::<Vec<_>>().join("; ")
}

/// A figure: one number or a table, each cell with its bounds, why it is missing, and its first records.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/figures/{claim}",
    operation_id = "figure",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("claim" = String, Path, description = "a recipe with parameters", example = "refugees@origin=SYR,year=2024"),
        Shape,
    ),
    responses(
        (status = 200, description = "the figure", content((shapes::Figure = "application/json"), (String = "text/csv"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, claim)): At<(String, String)>,
    Asked(q): Asked<Shape>,
) -> Result<Response, Problem> {
    let form = Form::of(q.format, &headers, &[Form::Json, Form::Csv, Form::Hxl])?;
    answer(&app, &id, format!("figure {claim} {form:?} {:?}", q.lang), &headers, move |_, ledger, edition| {
        let lang: Lang = q.lang.into();
        let figure = figure(ledger.evidence(edition), &claim, lang)?;
        if form == Form::Json {
            let cells: Vec<Json> =
                figure.cells().into_iter().map(|(r, c, cell)| cell_json(&figure, r, c, cell, lang)).collect();
            let kind = if matches!(figure.value, Value::Number(_)) { "number" } else { "table" };
            let value = json!({
                "claim": figure.id, "kind": kind, "label": figure.label, "how": figure.how, "unit": figure.unit,
                "recipe_version": figure.version, "sources": figure.sources, "attribution": attribution(&figure), "cells": cells,
            });
            return Ok(Made::json(&carried(value, &edition.id(), lang)));
        }
        // What may only be shown is not passed on as a table.
        if figure.sources.iter().any(|s| sources().get(s).is_none_or(|d| d.licence.sharing != Sharing::Rows)) {
            return Err(withheld(&figure.sources));
        }
        let head = ["claim", "row", "column", "value", "low", "high", "missing", "unit"];
        let tags = ["#meta+claim", "#meta+row", "#meta+column", "#indicator+value+num", "#indicator+low+num", "#indicator+high+num", "#status+missing", "#meta+unit"];
        let name = figure.id.to_string();
        let number = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
        let cells = figure.cells();
        let rows = cells.iter().map(|(row, column, cell)| {
            vec![
                name.clone(), (*row).to_owned(), (*column).to_owned(), number(cell.value), number(cell.bounds.map(|b| b.0)),
                number(cell.bounds.map(|b| b.1)), cell.missing.map(|m| m.as_str().to_owned()).unwrap_or_default(), figure.unit.clone(),
            ]
        });
        let bytes = table(&head, &tags, form == Form::Hxl, &attribution(&figure), rows).map_err(Problem::internal)?;
        Ok(Made::new(CSV, bytes).named(format!("{}.csv", figure.id.slug())))
    })
    .await
}

/// What a publisher lets nobody pass on as rows.
pub(crate) fn withheld(sources: &[String]) -> Problem {
    Problem::of(
        axum::http::StatusCode::FORBIDDEN,
        format!("rows of {} may not be passed on under their publisher's licence", sources.join(", ")),
    )
    .hint("the figures themselves may be shown: ask for JSON")
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfCell {
    /// The row's key, for a cell of a table.
    row: Option<String>,
    /// The column's key.
    column: Option<String>,
    /// How many are passed over.
    #[serde(default)]
    offset: usize,
    /// How many at most; 200 at most.
    #[param(maximum = 200, minimum = 1)]
    limit: Option<usize>,
    /// Of labels.
    #[serde(default)]
    #[param(inline)]
    lang: Language,
}

/// A record: publisher and file, place in the file, the row.
pub(crate) fn record_json(evidence: Evidence<'_>, id: RecordId, lang: Lang) -> Result<Json, Problem> {
    let ledger = evidence.ledger();
    let (_, snapshot, record) = ledger.record(&id.to_string())?;
    let definition = sources().get(&snapshot.source);
    // An incident of late is held back on every address alike (rule R5).
    let held_back = matches!(&record, Record::Incident(i) if !evidence.edition().passes_on(i));
    let shared = snapshot.licence.sharing == Sharing::Rows && !held_back;
    let columns: serde_json::Map<String, Json> = fields(record.kind())
        .iter()
        .zip(csv_row(&record))
        .filter(|((name, _), value)| !value.is_empty() && !["shape", "cell"].contains(name))
        .map(|((name, _), value)| ((*name).to_owned(), json!(value)))
        .collect();
    Ok(json!({
        "id": id.to_string(), "source": snapshot.source, "publisher": definition.map(|d| &d.publisher),
        "title": definition.map(|d| &d.title), "attribution": definition.map(|d| &d.attribution),
        "licence": snapshot.licence, "retrieved": snapshot.retrieved_on(), "recorded": snapshot.recorded_on(),
        "since": since(&snapshot, lang), "snapshot": snapshot.id, "place": place(&snapshot, record.locator(), lang),
        "row": shared.then_some(columns), "held_back": held_back, "as_received": raw_row(ledger, &snapshot, &record)?,
        "origins": snapshot.origins,
    }))
}

/// A record of the edition by its id, and its snapshot.
///
/// # Errors
/// The edition holds no such record; the ledger's own are passed on as what they are.
pub(crate) fn held_record(evidence: Evidence<'_>, text: &str) -> Result<(RecordId, Snapshot), Problem> {
    let missing = || {
        let shown: String = text.chars().take(90).collect();
        Problem::not_found(format!("this edition holds no record `{shown}`"))
    };
    let (record, snapshot, _) = evidence.ledger().record(text).map_err(|error| match error {
        LedgerError::NoRecord(_) | LedgerError::NoSnapshot(_) | LedgerError::Ambiguous(_) => missing(),
        other => other.into(),
    })?;
    match evidence.edition().snapshots.iter().any(|s| s.id == snapshot.id) {
        true => Ok((record, snapshot)),
        false => Err(missing()),
    }
}

/// The records that a figure, or a cell of it, rests on: file, line, row.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/figures/{claim}/records",
    operation_id = "figure_records",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("claim" = String, Path, description = "a recipe with parameters", example = "refugees@origin=SYR,year=2024"),
        OfCell,
    ),
    responses(
        (status = 200, description = "a page of records", body = shapes::RecordPage),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn records(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, claim)): At<(String, String)>,
    Asked(q): Asked<OfCell>,
) -> Result<Response, Problem> {
    let limit = q.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::wrong(format!("found limit {limit}, expected 1 to 200")));
    }
    answer(&app, &id, format!("records {claim} {q:?}"), &headers, move |_, ledger, edition| {
        let (lang, evidence) = (q.lang.into(), ledger.evidence(edition));
        let figure = figure(evidence, &claim, lang)?;
        let own = |row: &str, column: &str| {
            q.row.as_deref().is_none_or(|r| r == row) && q.column.as_deref().is_none_or(|c| c == column)
        };
        let mut ids: Vec<RecordId> = figure
            .cells()
            .into_iter()
            .filter(|(r, c, _)| own(r, c))
            .flat_map(|(_, _, cell)| cell.records.iter().copied())
            .collect();
        ids.sort();
        ids.dedup();
        let page: Vec<Json> = ids
            .iter()
            .skip(q.offset)
            .take(limit)
            .map(|record| record_json(evidence, *record, lang))
            .collect::<Result<_, _>>()?;
        let value = json!({"claim": figure.id, "label": figure.label, "how": figure.how, "records": page, "page": paged(q.offset, limit, ids.len())});
        Ok(Made::json(&carried(value, &edition.id(), lang)))
    })
    .await
}

/// One record by its id.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/records/{snapshot}/{kind}/{n}",
    operation_id = "record",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("snapshot" = String, Path, description = "the first digits of a snapshot's id"),
        ("kind" = String, Path, description = "observation, incident, event or area"),
        ("n" = u32, Path, description = "its number"),
    ),
    responses(
        (status = 200, description = "the record", body = shapes::OneRecord),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn record(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, snapshot, kind, n)): At<(String, String, String, u32)>,
) -> Result<Response, Problem> {
    answer(&app, &id, format!("record {snapshot}/{kind}/{n}"), &headers, move |_, ledger, edition| {
        let (record, _) = held_record(ledger.evidence(edition), &format!("{snapshot}/{kind}/{n}"))?;
        let value = record_json(ledger.evidence(edition), record, Lang::En)?;
        Ok(Made::json(&carried(value, &edition.id(), Lang::En)))
    })
    .await
}
