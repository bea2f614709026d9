//! The interface: read-only JSON, CSV and GeoJSON over an edition, described as OpenAPI 3.1 by its own handlers.

#![allow(unused_qualifications, reason = "what utoipa makes of the handlers names its paths in full")]

mod by_kind;
mod catalogue;
mod conditions;
mod editions;
mod figures;
mod list;
mod observations;
mod rows;
mod shapes;
mod sql;
mod whole;
mod write;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value as Json, json};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};
use wegen_model::{Lang, not_for_individual_decisions};

use crate::{
    answer::{Answer, Made},
    site::{App, Config},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Wegen",
        description = "Evidence about return and migration, read-only, by edition. Not for individual decisions: this is \
            aggregate information about conditions, evidence and gaps. It says nothing about any person, and it does not \
            judge whether anybody can go anywhere. No address takes attributes of a person.\n\nAn edition is a fixed set \
            of snapshots: what it answers never changes, and may be kept. `latest` is the newest. Errors are problem+json \
            (RFC 9457). Codes are ISO 3166-1 alpha-3 and OCHA P-codes; dimensions are named as in SDMX; CSV carries HXL \
            hashtags with `format=hxl`.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2"),
    ),
    components(schemas(crate::error::Problem))
)]
struct Described;

/// The addresses and their description.
pub(crate) fn router(config: &Config) -> (Router<App>, Json) {
    let mut described = OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(editions::list))
        .routes(routes!(editions::one))
        .routes(routes!(editions::sources))
        .routes(routes!(editions::indicators))
        .routes(routes!(editions::countries))
        .routes(routes!(editions::country))
        .routes(routes!(catalogue::catalogue))
        .routes(routes!(whole::file))
        .routes(routes!(editions::copy))
        .routes(routes!(figures::list))
        .routes(routes!(figures::one))
        .routes(routes!(figures::records))
        .routes(routes!(figures::record))
        .routes(routes!(conditions::areas))
        .routes(routes!(conditions::one))
        .routes(routes!(conditions::changes))
        .routes(routes!(conditions::boundaries))
        .routes(routes!(observations::list))
        .routes(routes!(by_kind::incidents))
        .routes(routes!(by_kind::events))
        .routes(routes!(by_kind::areas))
        .routes(routes!(observations::simulations));
    if config.sql {
        described = described.routes(routes!(sql::ask));
    }
    let (router, api) = described.split_for_parts();
    let mut description = serde_json::to_value(&api).unwrap_or_default();
    // Relative to the description's own address where no other is known.
    let server = config.base.as_ref().map_or_else(|| "/".to_owned(), ToString::to_string);
    description["servers"] = json!([{"url": server, "description": "this server"}]);
    description["info"]["x-not-for-individual-decisions"] = json!(true);
    let kept = std::sync::Arc::new(Answer::of(Made::json(&description)));
    let give = move |headers: HeaderMap| {
        let kept = kept.clone();
        async move { kept.give(&headers, false) }
    };
    (router.route("/api/openapi.json", get(give)), description)
}

/// What stands in every answer: who it is not for, and of which edition it is.
fn carried(mut value: Json, edition: &str, lang: Lang) -> Json {
    if let Some(map) = value.as_object_mut() {
        map.insert("edition".into(), json!(edition));
        map.insert("notice".into(), json!(not_for_individual_decisions(lang)));
        map.insert("not_for_individual_decisions".into(), json!(true));
    }
    value
}

/// A page of a list: what there is, and the address of what follows.
fn paged(offset: usize, limit: usize, total: usize) -> Json {
    let next = (offset + limit < total).then(|| offset + limit);
    json!({"offset": offset, "limit": limit, "total": total, "next_offset": next})
}

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether the ledger answers.
pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let asked = app.read(|_, ledger| Ok(ledger.kept_edition("0")?.is_some())).await;
    match asked {
        Ok(_) => format!("ready, edition {}\n", app.editions().latest_id).into_response(),
        Err(problem) => problem.into_response(),
    }
}

pub(crate) async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics.text(app.editions().days.len());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

/// Rows as CSV: a header, hashtags where HXL was asked for, and on each row who it is not for and whose it is.
fn table(
    head: &[&str],
    tags: &[&str],
    hxl: bool,
    attribution: &str,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    write::head(&mut writer, head)?;
    if hxl {
        write::tags(&mut writer, tags)?;
    }
    for row in rows {
        write::row(&mut writer, row, attribution)?;
    }
    writer.into_inner().map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))
}

const CSV: &str = "text/csv; charset=utf-8";

pub(crate) use conditions::{assessed, differences, level_of, month_of, no_area};
pub(crate) use editions::key_figures;
pub(crate) use figures::{figure, held_record, record_json};

/// The description of the interface, for reading.
pub(crate) fn browse(description: &Json) -> Answer {
    let text = |v: &Json| v.as_str().unwrap_or_default().to_owned();
    let paths: Vec<(&String, &Json)> = description["paths"].as_object().into_iter().flatten().collect();
    let body = maud::html! {
        h1 { "Interface" }
        @for part in text(&description["info"]["description"]).split("\n\n") { p { (part) } }
        p { a href="/api/openapi.json" { "OpenAPI 3.1" } " · " a href="/api/v1/editions" { "editions" } " · " a href="/api/v1/editions/latest/catalogue" { "catalogue (DCAT)" } " · " a href="/metrics" { "metrics" } }
        @for (path, item) in paths {
            @let get = &item["get"];
            section.endpoint {
                h2 { code { "GET " (path) } }
                p { (text(&get["summary"])) " " (text(&get["description"])) }
                @if let Some(parameters) = get["parameters"].as_array() { dl.row-fields { @for p in parameters { div {
                    dt { code { (text(&p["name"])) } @if p["required"] == true { " *" } }
                    dd { (text(&p["description"])) }
                } } } }
            }
        }
    };
    Answer::of(Made::html(crate::pages::plain("API", body)))
}

/// What each problem means, and what to do.
pub(crate) fn problems() -> Answer {
    let body = maud::html! {
        h1 { "Problems" }
        dl {
            dt id="400" { "400" } dd { "The question could not be read: `detail` says what was found and what was expected." }
            dt id="403" { "403" } dd { "The publisher's licence does not let these rows be passed on. Figures made of them may be shown." }
            dt id="404" { "404" } dd { "This edition holds nothing of that name." }
            dt id="405" { "405" } dd { "Nothing can be written here." }
            dt id="406" { "406" } dd { "It is not to be had in that form." }
            dt id="414" { "414" } dd { "The address is too long." }
            dt id="429" { "429" } dd { "Too many requests from one address: wait, and keep what you were given." }
            dt id="500" { "500" } dd { "A fault of ours; the log says which." }
            dt id="503" { "503" } dd { "Too much is asked at the moment: ask again." }
        }
    };
    Answer::of(Made::html(crate::pages::plain("Problems", body)))
}
