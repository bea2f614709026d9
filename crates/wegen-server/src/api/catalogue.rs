//! The catalogue of an edition, as DCAT in JSON-LD: a dataset for each source that is held, and where its rows are.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::{Value as Json, json};
use wegen_ledger::{Edition, Evidence};
use wegen_model::{Lang, RecordKind, Sharing, SourceDef, sources};

use super::{carried, rows::plural};
use crate::{
    answer::{Made, answer},
    ask::At,
    base::base,
    error::Problem,
    site::App,
};

/// The catalogue, as DCAT: a dataset for each source that the edition holds.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/catalogue",
    operation_id = "catalogue",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
    ),
    responses(
        (status = 200, description = "JSON-LD", body = Object, content_type = "application/ld+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn catalogue(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
) -> Result<Response, Problem> {
    let base = base(app.config.base.as_ref(), &headers);
    answer(&app, &id, format!("catalogue {base}"), &headers, move |_, ledger, edition| {
        let at = format!("{base}/api/v1/editions/{}", edition.id());
        let mut datasets = Vec::new();
        for source in sources().all().iter().filter(|s| !edition.of(&s.id).is_empty()) {
            datasets.push(dataset(&at, source, ledger.evidence(edition))?);
        }
        let value = catalogue_of(&at, edition, datasets);
        Ok(Made::new("application/ld+json", carried(value, &edition.id(), Lang::En).to_string()))
    })
    .await
}

fn catalogue_of(at: &str, edition: &Edition, datasets: Vec<Json>) -> Json {
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/", "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": format!("{at}/catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": english("Wegen: evidence about return and migration"),
        "dct:description": english("The sources of one edition: a fixed set of snapshots of what publishers offer."),
        "dct:identifier": edition.id(),
        "dct:publisher": agent("Wegen"),
        "dct:modified": edition.cut_off().map(date),
        "dcat:dataset": datasets,
    })
}

fn dataset(at: &str, source: &SourceDef, evidence: Evidence<'_>) -> Result<Json, Problem> {
    let newest = evidence.edition().of(&source.id).first().copied();
    let licence = iri(&source.licence.url);
    let mut value = json!({
        "@id": format!("{at}/catalogue#{}", source.id),
        "@type": "dcat:Dataset",
        "dct:identifier": source.id,
        "dct:title": english(&source.title),
        "dct:description": Lang::ALL.map(|lang| json!({"@value": source.caveat(lang), "@language": lang.as_str()})),
        "dct:publisher": agent(&source.publisher),
        "dct:license": licence,
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": source.attribution},
        "dct:accrualPeriodicity": frequency(&source.cadence).map(iri),
        "dct:issued": newest.and_then(|s| s.published).map(date),
        "dct:modified": newest.map(|s| date(s.recorded_on())),
        "dcat:landingPage": iri(&source.url),
    });
    let may = source.licence.sharing == Sharing::Rows
        && evidence.edition().of(&source.id).iter().all(|s| s.licence.sharing == Sharing::Rows);
    if may {
        let kinds = evidence.kinds(&source.id)?;
        value["dcat:distribution"] = kinds.into_iter().map(|kind| distribution(at, source, kind)).collect();
    }
    // What is not known is left out: null says nothing in JSON-LD.
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, v| !v.is_null());
    }
    Ok(value)
}

/// All rows of a kind of a source as one file.
fn distribution(at: &str, source: &SourceDef, kind: RecordKind) -> Json {
    let (kind, id) = (plural(kind), &source.id);
    let file = format!("{at}/sources/{id}/{kind}.csv");
    json!({
        "@id": format!("{at}/catalogue#{id}-{kind}"),
        "@type": "dcat:Distribution",
        "dct:title": english(&format!("{}: {kind}", source.title)),
        "dct:license": iri(&source.licence.url),
        "dct:format": iri("http://publications.europa.eu/resource/authority/file-type/CSV"),
        "dcat:mediaType": iri("http://www.iana.org/assignments/media-types/text/csv"),
        "dcat:accessURL": iri(&file),
        "dcat:downloadURL": iri(&file),
    })
}

fn iri(address: &str) -> Json {
    json!({"@id": address})
}

fn english(text: &str) -> Json {
    json!({"@value": text, "@language": "en"})
}

fn agent(name: &str) -> Json {
    json!({"@type": "foaf:Agent", "foaf:name": name})
}

fn date(day: impl ToString) -> Json {
    json!({"@value": day.to_string(), "@type": "xsd:date"})
}

/// How often a source appears, from its ISO 8601 duration to the term of the EU's authority table.
fn frequency(cadence: &str) -> Option<&'static str> {
    Some(match cadence {
        "P1D" => "http://publications.europa.eu/resource/authority/frequency/DAILY",
        "P1W" | "P7D" => "http://publications.europa.eu/resource/authority/frequency/WEEKLY",
        "P1M" => "http://publications.europa.eu/resource/authority/frequency/MONTHLY",
        "P3M" => "http://publications.europa.eu/resource/authority/frequency/QUARTERLY",
        "P6M" => "http://publications.europa.eu/resource/authority/frequency/ANNUAL_2",
        "P10Y" => "http://publications.europa.eu/resource/authority/frequency/DECENNIAL",
        "P1Y" => "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cadence_of_the_registry_has_its_term() {
        for source in sources().all() {
            assert!(frequency(&source.cadence).is_some(), "{}: {}", source.id, source.cadence);
        }
    }
}
