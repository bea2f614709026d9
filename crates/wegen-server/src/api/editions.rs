//! Editions, sources, indicators, countries, the catalogue, and an edition as one SQLite file.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_ledger::{Edition, Evidence, Snapshot};
use wegen_model::{
    Code, Lang, countries as all_countries, indicators as all_indicators, sources as all_sources,
};
use wegen_publication::{FigureId, compute};

use super::{carried, shapes};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, Language},
    copy as copies,
    error::Problem,
    site::{App, country as of_country},
};

/// Nothing but the language of labels.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InLanguage {
    /// Of labels and notices.
    #[serde(default)]
    #[param(inline)]
    lang: Language,
}

fn edition_json(edition: &Edition, latest: bool) -> Json {
    json!({
        "id": edition.id(), "latest": latest, "as_of": edition.as_of, "cut_off": edition.cut_off(),
        "snapshots": edition.snapshots.len(), "self": format!("/api/v1/editions/{}", edition.id()),
    })
}

/// Editions: the newest, and that of each day on which something was recorded.
#[utoipa::path(
    get,
    path = "/api/v1/editions",
    operation_id = "editions",
    params(
        InLanguage,
    ),
    responses(
        (status = 200, description = "the newest first", body = shapes::EditionList),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let known = app.editions();
    answer(
        &app,
        "latest",
        format!("editions {:?} {}", q.lang, known.days.len()),
        &headers,
        move |site, ledger, edition| {
            let mut all = vec![edition_json(edition, true)];
            for (day, id) in &site.editions().days {
                let mut value = edition_json(&*site.edition(ledger, id)?, false);
                value["as_of"] = json!(day);
                all.push(value);
            }
            Ok(Made::json(&carried(json!({"editions": all}), &edition.id(), q.lang.into())))
        },
    )
    .await
}

fn snapshot_json(snapshot: &Snapshot) -> Json {
    json!({
        "id": snapshot.id, "source": snapshot.source, "capture": snapshot.capture, "covers": snapshot.coverage, "release": snapshot.release,
        "retrieved": snapshot.retrieved_on(), "recorded": snapshot.recorded_on(), "published": snapshot.published,
        "licence": snapshot.licence, "rows_read": snapshot.rows_read, "records": snapshot.records,
        "parser": format!("{} {}", snapshot.parser, snapshot.parser_version), "rows_hash": snapshot.rows_hash,
        "origins": snapshot.origins, "quality": snapshot.quality,
    })
}

/// An edition: its snapshots with licence, dates and what was odd about them.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}",
    operation_id = "edition",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InLanguage,
    ),
    responses(
        (status = 200, description = "its snapshots", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    answer(&app, &id, format!("edition {:?}", q.lang), &headers, move |_, _, edition| {
        let snapshots: Vec<Json> = edition.snapshots.iter().map(snapshot_json).collect();
        let value = json!({"id": edition.id(), "as_of": edition.as_of, "cut_off": edition.cut_off(), "snapshots": snapshots});
        Ok(Made::json(&carried(value, &edition.id(), q.lang.into())))
    })
    .await
}

/// Sources: licence, attribution, how often they appear, caveats, and what of them the edition holds.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/sources",
    operation_id = "sources",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InLanguage,
    ),
    responses(
        (status = 200, description = "in the order of the registry", body = shapes::SourceList),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn sources(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    answer(&app, &id, format!("sources {:?}", q.lang), &headers, move |_, _, edition| {
        let lang = q.lang.into();
        let one = |s: &wegen_model::SourceDef| {
            let held: Vec<String> = edition.of(&s.id).iter().map(|s| s.id.to_string()).collect();
            json!({
                "id": s.id, "publisher": s.publisher, "title": s.title, "url": s.url, "licence": s.licence,
                "attribution": s.attribution, "cadence": s.cadence, "counting_unit": s.counting_unit,
                "caveat": s.caveat(lang), "snapshots": held,
            })
        };
        let all: Vec<Json> = all_sources().all().iter().map(one).collect();
        Ok(Made::json(&carried(json!({"sources": all}), &edition.id(), lang)))
    })
    .await
}

/// Indicators: what is counted, in which unit, by whose definition.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/indicators",
    operation_id = "indicators",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InLanguage,
    ),
    responses(
        (status = 200, description = "in the order of the registry", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn indicators(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    answer(&app, &id, format!("indicators {:?}", q.lang), &headers, move |_, _, edition| {
        let lang: Lang = q.lang.into();
        let one = |i: &wegen_model::IndicatorDef| {
            json!({"id": i.id, "unit": i.unit, "label": i.label(lang), "definition": i.definition(lang)})
        };
        let all: Vec<Json> = all_indicators().all().iter().map(one).collect();
        Ok(Made::json(&carried(json!({"indicators": all}), &edition.id(), lang)))
    })
    .await
}

/// Key figures of a country, as its report has them: claim, label, value, or why there is none.
pub(crate) fn key_figures(
    evidence: Evidence<'_>,
    country: Code,
    lang: Lang,
) -> Result<Vec<wegen_publication::Figure>, Problem> {
    // Without a year where none is held: the figure then says so.
    let last = |source: &str| -> Result<String, Problem> {
        let year = evidence.last_year(source, Some(country))?;
        Ok(year.map_or(String::new(), |year| format!(",year={year}")))
    };
    let mut all = Vec::new();
    let people = last("unhcr-population")?;
    for recipe in ["refugees", "idps", "asylum-seekers", "returned-refugees", "returned-idps"] {
        all.push(format!("{recipe}@origin={country}{people}"));
    }
    all.push(format!("deaths@country={country}{}", last("ucdp-country-year")?));
    all.push(format!("missing-migrants@country={country}"));
    let one = |claim: String| {
        let id = FigureId::parse(&claim).ok_or_else(|| Problem::internal("a claim of ours"))?;
        compute(evidence, &id, lang).map_err(Problem::from)
    };
    let mut figures: Vec<_> = all.into_iter().map(one).collect::<Result<_, _>>()?;
    // Other publishers on people within the country stand beside UNHCR where they have a number.
    let beside =
        [format!("idps-idmc@origin={country}{people}"), format!("palestine-refugees@host={country}{people}")];
    for claim in beside.into_iter().rev() {
        let figure = one(claim)?;
        if figure.number().is_some() {
            figures.insert(2, figure);
        }
    }
    Ok(figures)
}

fn figure_json(figure: &wegen_publication::Figure, lang: Lang) -> Json {
    let cell = match &figure.value {
        wegen_publication::Value::Number(cell) => cell.clone(),
        wegen_publication::Value::Table(_) => wegen_publication::Cell::default(),
    };
    json!({
        "claim": figure.id, "label": figure.label, "value": cell.value, "bounds": cell.bounds, "missing": cell.missing,
        "unit": figure.unit, "shown": wegen_publication::show(&cell, figure.decimals, &figure.unit, lang),
        "sources": figure.sources,
    })
}

/// Countries of the focus regions.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries",
    operation_id = "countries",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InLanguage,
    ),
    responses(
        (status = 200, description = "by region and name", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn countries(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    answer(&app, &id, format!("countries {:?}", q.lang), &headers, move |_, _, edition| {
        let lang: Lang = q.lang.into();
        let one = |c: &wegen_model::Country| {
            json!({
                "iso3": c.iso3, "iso2": c.iso2, "name": c.name(lang), "region": c.region.map(crate::pages::region_id),
                "self": format!("/api/v1/editions/{}/countries/{}", edition.id(), c.iso3),
            })
        };
        let all: Vec<Json> = all_countries().focus().map(one).collect();
        Ok(Made::json(&carried(json!({"countries": all}), &edition.id(), lang)))
    })
    .await
}

/// A country: its key figures, and where the rest is.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}",
    operation_id = "country",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
        InLanguage,
    ),
    responses(
        (status = 200, description = "key figures with their claims", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn country(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code)): At<(String, String)>,
    Asked(q): Asked<InLanguage>,
) -> Result<Response, Problem> {
    let code = of_country(&code)?;
    answer(&app, &id, format!("country {code} {:?}", q.lang), &headers, move |_, ledger, edition| {
        let (lang, base) = (q.lang.into(), format!("/api/v1/editions/{}/countries/{code}", edition.id()));
        let figures = key_figures(ledger.evidence(edition), code, lang)?;
        let figures: Vec<Json> = figures.iter().map(|f| figure_json(f, lang)).collect();
        let value = json!({
            "iso3": code, "name": all_countries().name(code, lang), "figures": figures,
            "conditions": format!("{base}/conditions"), "boundaries": format!("{base}/boundaries"),
            "simulations": format!("{base}/simulations"),
            "page": format!("/{lang}/e/{}/{code}", edition.id()),
            "report": format!("/{lang}/e/{}/{code}/report.pdf", edition.id()),
        });
        Ok(Made::json(&carried(value, &edition.id(), lang)))
    })
    .await
}

/// The whole edition as one SQLite file: rows that may be passed on, with the views of the ledger.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/edition.sqlite",
    operation_id = "edition_copy",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
    ),
    responses(
        (status = 200, description = "a file to save", body = Vec<u8>, content_type = "application/vnd.sqlite3"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn copy(State(app): State<App>, At(id): At<String>) -> Result<Response, Problem> {
    let (_, file, id) = copies::of(&app, &id).await?;
    copies::give(file, "application/vnd.sqlite3", &format!("wegen-{id}.sqlite")).await
}
