//! Observations as rows, and simulated scenarios.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_ledger::RecordFilter;
use wegen_model::{Code, Lang, Sharing, indicators, sources};

use super::{CSV, carried, figures::withheld, paged, table};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, Form},
    error::Problem,
    site::{App, country as of_country},
};

/// Rows of one answer at most.
const MOST: usize = 1_000;

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
    /// How many at most; 1,000 at most.
    #[param(maximum = 1000, minimum = 1)]
    limit: Option<usize>,
    /// The form; otherwise what `Accept` asks for.
    #[param(inline)]
    format: Option<Form>,
}

/// Observations of a source, as far as its rows may be passed on.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/observations",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        Rows,
    ),
    responses(
        (status = 200, description = "by indicator, place, period and counterpart", content((Object = "application/json"), (String = "text/csv"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 406, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    Asked(q): Asked<Rows>,
) -> Result<Response, Problem> {
    let form = Form::of(q.format, &headers, &[Form::Json, Form::Csv, Form::Hxl])?;
    let limit = q.limit.unwrap_or(100);
    if !(1..=MOST).contains(&limit) {
        return Err(Problem::wrong(format!("found limit {limit}, expected 1 to {MOST}")));
    }
    let Some(definition) = sources().get(&q.source) else {
        let shown: String = q.source.chars().take(60).collect();
        return Err(Problem::not_found(format!("there is no source `{shown}`"))
            .hint("`/api/v1/editions/latest/sources` lists them"));
    };
    if definition.licence.sharing != Sharing::Rows {
        return Err(withheld(&[q.source]));
    }
    let code = |text: &Option<String>, name: &str| -> Result<Option<Code>, Problem> {
        let read = |t: &String| {
            let shown: String = t.chars().take(20).collect();
            Code::new(t).map_err(|_| {
                Problem::wrong(format!("found {name} `{shown}`, expected ISO 3166-1 alpha-3 or a P-code"))
            })
        };
        text.as_ref().map(read).transpose()
    };
    let mut filter = RecordFilter::of(&q.source);
    if let Some(indicator) = &q.indicator {
        let shown: String = indicator.chars().take(60).collect();
        let known = indicators().get(indicator).ok_or_else(|| {
            Problem::wrong(format!("there is no indicator `{shown}`"))
                .hint("`/api/v1/editions/latest/indicators` lists them")
        })?;
        filter = filter.indicator(known);
    }
    if let Some(place) = code(&q.place, "place")? {
        filter = filter.place(place);
    }
    if let Some(counterpart) = code(&q.counterpart, "counterpart")? {
        filter = filter.counterpart(counterpart);
    }
    if q.indicator.is_none() && q.place.is_none() {
        return Err(Problem::wrong(
            "an indicator or a place was expected: all rows of a source are in `edition.sqlite`",
        ));
    }
    filter = filter.years(q.from.unwrap_or(1900), q.to.unwrap_or(2200));
    let attribution = definition.attribution.clone();
    answer(&app, &id, format!("observations {q:?} {form:?}"), &headers, move |_, ledger, edition| {
        let rows = ledger.evidence(edition).observations(&filter)?;
        let shown = rows.iter().skip(q.offset).take(limit);
        if form == Form::Json {
            let shown: Vec<Json> = shown
                .map(|row| {
                    let o = &row.value;
                    json!({
                        "INDICATOR": o.indicator.as_str(), "REF_AREA": o.place, "COUNTERPART_AREA": o.counterpart,
                        "TIME_PERIOD": o.period, "OBS_VALUE": o.value, "low": o.bounds.map(|b| b.0), "high": o.bounds.map(|b| b.1),
                        "OBS_STATUS": o.status.letter(), "UNIT_MEASURE": o.indicator.def().unit, "dimensions": o.dims.as_deref(),
                        "record": row.record.to_string(),
                    })
                })
                .collect();
            let value = json!({"source": q.source, "attribution": attribution, "observations": shown, "page": paged(q.offset, limit, rows.len())});
            return Ok(Made::json(&carried(value, &edition.id(), Lang::En)));
        }
        let head = ["INDICATOR", "REF_AREA", "COUNTERPART_AREA", "TIME_PERIOD", "OBS_VALUE", "low", "high", "OBS_STATUS", "UNIT_MEASURE", "dimensions", "record"];
        let tags = ["#indicator+code", "#country+code+origin", "#country+code+asylum", "#date", "#indicator+value+num", "#indicator+low+num", "#indicator+high+num", "#status", "#meta+unit", "#meta+dimensions", "#meta+record"];
        let number = |v: Option<f64>| v.map(|v| v.to_string()).unwrap_or_default();
        let lines = shown.map(|row| {
            let o = &row.value;
            vec![
                o.indicator.as_str().to_owned(), o.place.to_string(), o.counterpart.map(|c| c.to_string()).unwrap_or_default(),
                o.period.to_string(), o.value.to_string(), number(o.bounds.map(|b| b.0)), number(o.bounds.map(|b| b.1)),
                o.status.letter().to_owned(), o.indicator.def().unit.clone(), o.dims.as_deref().unwrap_or_default().to_owned(), row.record.to_string(),
            ]
        });
        let bytes = table(&head, &tags, form == Form::Hxl, &attribution, lines).map_err(Problem::internal)?;
        Ok(Made::new(CSV, bytes).named(format!("{}.csv", q.source)))
    })
    .await
}

/// Simulated scenarios of a country: assumptions, and the claims under which their figures stand.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/simulations",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
    ),
    responses(
        (status = 200, description = "by the name of the scenario", body = Object),
        (status = 404, body = Problem, content_type = "application/problem+json"),
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
                json!({
                    "scenario": s.id, "title": s.text("title", Lang::En), "title_nl": s.text("title", Lang::Nl), "last": s.last,
                    "assumptions": s.texts("assumption", Lang::En), "stated": s.texts("said", Lang::En),
                    "instance": s.texts("instance", Lang::En), "seed": s.text("seed", Lang::En), "job": s.text("job-blake3", Lang::En),
                    "rests_on": s.texts("snapshot", Lang::En), "newer_evidence_of": s.outdated(ledger.evidence(edition)),
                    "figures": [format!("simulated@country={code},scenario={}", s.id), format!("simulation-error@country={code}")],
                })
            })
            .collect();
        Ok(Made::json(&carried(json!({"country": code, "simulations": all}), &edition.id(), Lang::En)))
    })
    .await
}
