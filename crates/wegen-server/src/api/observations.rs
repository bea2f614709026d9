//! Observations as rows, and simulated scenarios.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_ledger::RecordFilter;
use wegen_model::{IndicatorId, Lang, RecordKind, indicators};

use super::{carried, list::Page, rows, shapes::ObservationList};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, Form},
    error::Problem,
    site::{App, country as of_country},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Rows {
    /// The source; `sources` lists them.
    #[param(example = "unhcr-population")]
    source: String,
    /// The indicator.
    #[param(example = "refugees")]
    indicator: Option<String>,
    /// The place: ISO 3166-1 alpha-3 or a P-code (`REF_AREA`).
    #[param(example = "SYR")]
    place: Option<String>,
    /// The other end: the country of asylum (`COUNTERPART_AREA`).
    counterpart: Option<String>,
    /// The first year.
    #[param(minimum = 1900, maximum = 2200)]
    from: Option<i32>,
    /// The last year.
    #[param(minimum = 1900, maximum = 2200)]
    to: Option<i32>,
    /// How many are passed over.
    #[serde(default)]
    offset: usize,
    /// How many at most; 1,000 at most, 100 where none is given.
    #[param(maximum = 1000, minimum = 1)]
    limit: Option<usize>,
    /// The form; otherwise what `Accept` asks for.
    #[param(inline)]
    format: Option<Form>,
}

/// Observations of a source, as far as its rows may be passed on: those of an indicator, of a place, or of both.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/observations",
    operation_id = "observations",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        Rows,
    ),
    responses(
        (status = 200, description = "by indicator, place, period and counterpart", content((ObservationList = "application/json"), (String = "text/csv"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the publisher's licence keeps these rows here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Asked(q): Asked<Rows>,
) -> Result<Response, Problem> {
    let page = Page::of(RecordKind::Observation, &q.source, q.offset, q.limit, q.format, &headers)?;
    let mut filter = RecordFilter::of(&q.source);
    let indicator = q.indicator.as_deref().map(known).transpose()?;
    if let Some(indicator) = indicator {
        filter = filter.indicator(indicator);
    }
    if let Some(place) = rows::code(q.place.as_deref(), "place")? {
        filter = filter.place(place);
    }
    if let Some(counterpart) = rows::code(q.counterpart.as_deref(), "counterpart")? {
        filter = filter.counterpart(counterpart);
    }
    filter = filter.years(q.from.unwrap_or(1900), q.to.unwrap_or(2200));
    let narrow = q.indicator.is_some() || q.place.is_some();
    let key = format!("{q:?}");
    page.give(&app, &id, key, &headers, query, move |evidence| {
        rows::held(evidence, &q.source, RecordKind::Observation)?;
        if !narrow {
            let id = evidence.edition().id();
            return Err(Problem::wrong("an indicator or a place was expected").hint(format!(
                "all rows of this source are in `/api/v1/editions/{id}/sources/{}/observations.csv`, those of all sources in \
                 `edition.sqlite`",
                q.source
            )));
        }
        match indicator {
            Some(indicator) if !evidence.holds(&q.source, indicator)? => {
                Err(Problem::not_found(format!("this edition holds no `{indicator}` of `{}`", q.source))
                    .hint("`/api/v1/editions/latest/indicators` says what each is"))
            }
            _ => Ok(filter),
        }
    })
    .await
}

/// An indicator of the registry.
fn known(id: &str) -> Result<IndicatorId, Problem> {
    indicators().get(id).ok_or_else(|| {
        let shown: String = id.chars().take(60).collect();
        Problem::wrong(format!("there is no indicator `{shown}`"))
            .hint("`/api/v1/editions/latest/indicators` lists them")
    })
}

/// Simulated scenarios of a country: assumptions, and the claims under which their figures stand.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/simulations",
    operation_id = "simulations",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
    ),
    responses(
        (status = 200, description = "by the name of the scenario", body = Object),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn simulations(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code)): At<(String, String)>,
) -> Result<Response, Problem> {
    let code = of_country(&code)?;
    answer(&app, &id, format!("simulations {code}"), &headers, move |_, ledger, edition| {
        let found = wegen_publication::simulations(ledger.evidence(edition), code)?;
        let all: Vec<Json> = found
            .iter()
            .map(|s| {
                Ok(json!({
                    "scenario": s.id, "title": s.text("title", Lang::En), "title_nl": s.text("title", Lang::Nl), "last": s.last,
                    "assumptions": s.texts("assumption", Lang::En), "stated": s.texts("said", Lang::En),
                    "instance": s.texts("instance", Lang::En), "seed": s.text("seed", Lang::En), "job": s.text("job-blake3", Lang::En),
                    "rests_on": s.texts("snapshot", Lang::En), "newer_evidence_of": s.outdated(ledger.evidence(edition))?,
                    "figures": [format!("simulated@country={code},scenario={}", s.id), format!("simulation-error@country={code}")],
                }))
            })
            .collect::<Result<_, wegen_ledger::LedgerError>>()?;
        Ok(Made::json(&carried(json!({"country": code, "simulations": all}), &edition.id(), Lang::En)))
    })
    .await
}
