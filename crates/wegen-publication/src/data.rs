//! `data/`: every figure as CSV with its description, and the claims.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use wegen_ledger::{Edition, Snapshot};
use wegen_model::{Lang, not_for_individual_decisions, sources};

use crate::{
    document::{Block, Document, Inline, plain},
    figure::{Cell, Figure, FigureId, Missing, Value, compact},
    format,
    manuscript::{Kind, Manuscript},
};

/// A claim of each figure: recipe, parameters, edition, value, record ids, and how it was rounded.
///
/// With them everything that is needed to make the report again: the edition's snapshots, the manuscript, and the
/// version of the program.
pub(crate) fn claims(
    figures: &BTreeMap<FigureId, Figure>,
    edition: &Edition,
    document: &Document,
    manuscript: &Manuscript,
    lang: Lang,
) -> Json {
    let claims: Vec<Json> = figures
        .values()
        .map(|figure| {
            let mut claim = json!({
                "id": figure.id,
                "recipe": figure.id.recipe,
                "recipe_version": figure.version,
                "params": figure.id.params,
                "edition": figure.edition,
                "label": figure.label,
                "how": figure.how,
                "rounding": "half away from zero, when shown",
            });
            let cells: Vec<Json> =
                figure.cells().into_iter().map(|(r, c, v)| cell_json(figure, r, c, v, lang)).collect();
            match &figure.value {
                Value::Number(_) => claim["claim"] = cells.into_iter().next().unwrap_or_default(),
                Value::Table(_) => claim["cells"] = Json::Array(cells),
            }
            claim
        })
        .collect();
    let used: BTreeSet<_> = figures.values().flat_map(Figure::snapshots).collect();
    let snapshots: Vec<Json> =
        edition.snapshots.iter().filter(|s| used.contains(&s.id)).map(snapshot).collect();
    let kept = (!manuscript.is_built_in()).then(|| manuscript.kept());
    let kept_hash =
        kept.as_ref().map(|files| blake3::hash(json!(files).to_string().as_bytes()).to_hex().to_string());
    json!({
        "format": FORMAT,
        "made_with": {"program": "wegen", "version": env!("CARGO_PKG_VERSION")},
        "not_for_individual_decisions": true,
        "notice": not_for_individual_decisions(lang),
        "report": manuscript.settings.id,
        "status": manuscript.settings.status,
        "title": document.title,
        "country": manuscript.settings.country,
        "edition": edition.id(),
        "as_of": edition.as_of,
        "language": lang,
        "edition_snapshots": edition
            .snapshots
            .iter()
            .map(|s| json!({"id": s.id, "source": s.source, "recorded": s.recorded_on()}))
            .collect::<Vec<_>>(),
        "manuscript": kept,
        // So that a change of what no reader sees is found as well.
        "manuscript_blake3": kept_hash,
        "conditions": manuscript.settings.conditions,
        "statements": statements(document, manuscript),
        "snapshots": snapshots,
        "claims": claims,
    })
}

/// A cell as `claims.json` holds it.
pub(crate) fn cell_json(figure: &Figure, row: &str, column: &str, cell: &Cell, lang: Lang) -> Json {
    let (decimals, unit) = format::unit(figure, row, column);
    let mut entry = serde_json::Map::new();
    if !row.is_empty() {
        entry.insert("row".into(), json!(row));
        entry.insert("column".into(), json!(column));
    }
    entry.insert("value".into(), json!(cell.value));
    if let Some((low, high)) = cell.bounds {
        entry.insert("bounds".into(), json!([low, high]));
    }
    if let Some(why) = cell.missing {
        entry.insert("missing".into(), json!(why));
    }
    if let Some(period) = cell.period {
        entry.insert("period".into(), json!(period));
    }
    entry.insert("unit".into(), json!(unit));
    entry.insert("shown".into(), json!(format::show(cell, decimals, unit, lang)));
    entry.insert("records".into(), json!(compact(&cell.records)));
    Json::Object(entry)
}

/// The version of `claims.json`.
pub(crate) const FORMAT: u32 = 2;

/// Every statement with the words that stand in the report.
fn statements(document: &Document, manuscript: &Manuscript) -> Vec<Json> {
    fn walk(blocks: &[Block], found: &mut Vec<(String, String, String)>) {
        for block in blocks {
            match block {
                Block::Paragraph { number, c, .. } => {
                    let mut words = String::new();
                    for inline in c {
                        match inline {
                            Inline::Statement { id, .. } => {
                                found.push((id.clone(), number.clone(), std::mem::take(&mut words)));
                            }
                            other => words.push_str(&plain(std::slice::from_ref(other))),
                        }
                    }
                }
                Block::List { items, .. } => items.iter().for_each(|i| walk(i, found)),
                Block::Notice { c } => walk(c, found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&document.blocks, &mut found);
    let entry = |(id, number, words): (String, String, String)| {
        let definition = manuscript.definition(&id).map(|(_, d)| d);
        json!({
            "id": id,
            "paragraph": number,
            "kind": definition.map_or(Kind::Fact, |d| d.kind),
            "text": words.trim(),
            "evidence": definition.map(|d| &d.evidence),
        })
    };
    found.into_iter().map(entry).collect()
}

fn snapshot(s: &Snapshot) -> Json {
    json!({
        "id": s.id,
        "source": s.source,
        "capture": s.capture,
        "covers": s.coverage,
        "release": s.release,
        "published": s.published,
        "retrieved": s.retrieved,
        "recorded": s.recorded,
        "parser": format!("{} {}", s.parser, s.parser_version),
        "licence": s.licence,
        "rows_hash": s.rows_hash,
        "parts": s.parts.iter().map(|p| json!({"name": p.name, "blake3": p.object, "bytes": p.bytes})).collect::<Vec<_>>(),
        "origins": s.origins,
        "quality": s.quality,
    })
}

/// A column of every table, so that the notice of rule R7 travels with the rows.
const NOTICE: &str = "not_for_individual_decisions";

/// The columns of every table, behind its key.
const FIELDS: [&str; 11] =
    ["column", "value", "low", "high", "unit", "missing", "period", "old", "carried", "records", NOTICE];

/// What the rows of a figure's table are.
fn key(figure: &Figure) -> &'static str {
    match &figure.value {
        Value::Table(table) => table.key,
        Value::Number(_) => "figure",
    }
}

/// A figure as a table of text: a row of figures, or each row of a table with value, bounds and records.
pub(crate) fn csv(figure: &Figure) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| e.to_string();
    let key = key(figure);
    writer.write_record([key].into_iter().chain(FIELDS)).map_err(fail)?;
    for (row, column, cell) in figure.cells() {
        let (_, unit) = format::unit(figure, row, column);
        let text = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        let missing = cell.missing.map_or("", Missing::as_str);
        let id = figure.id.to_string();
        writer
            .write_record([
                if row.is_empty() { &id } else { row },
                column,
                &text(cell.value),
                &text(cell.bounds.map(|b| b.0)),
                &text(cell.bounds.map(|b| b.1)),
                unit,
                missing,
                &cell.period.map(|p| p.to_string()).unwrap_or_default(),
                if cell.old { "true" } else { "" },
                if cell.carried { "true" } else { "" },
                &compact(&cell.records).join(" "),
                "true",
            ])
            .map_err(fail)?;
    }
    writer.into_inner().map_err(|e| e.to_string())
}

/// The description of the folder: a resource for each file, with attribution and licence.
pub(crate) fn package(
    name: &str,
    figures: &BTreeMap<FigureId, Figure>,
    files: &[(String, &Figure)],
    lang: Lang,
) -> Json {
    let resources: Vec<Json> = files
        .iter()
        .map(|(file, figure)| {
            let key = key(figure);
            let numbers = ["value", "low", "high"];
            let schema: Vec<Json> = [key]
                .into_iter()
                .chain(FIELDS)
                .map(|f| json!({"name": f, "type": if numbers.contains(&f) { "number" } else { "string" }}))
                .collect();
            let definitions: Vec<_> = figure.sources.iter().filter_map(|s| sources().get(s)).collect();
            json!({
                "name": figure.id.slug().to_lowercase(),
                "path": file,
                "title": figure.label,
                "description": figure.how,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": {"fields": schema, "missingValues": [""]},
                "sources": definitions.iter().map(|s| json!({"title": s.attribution, "path": s.url})).collect::<Vec<_>>(),
                "licenses": definitions.iter().map(|s| json!({"name": s.licence.id, "path": s.licence.url})).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "profile": "tabular-data-package",
        "name": name,
        "edition": figures.values().next().map(|f| f.edition.clone()),
        "not_for_individual_decisions": true,
        "description": not_for_individual_decisions(lang),
        "resources": resources,
    })
}
