//! Conditions for return by area and month: met, not met, or cannot be determined. No score, no ranking.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use utoipa::IntoParams;
use wegen_ledger::Evidence;
use wegen_model::{Code, Lang};
use wegen_publication::conditions::{self, Given, Month, National, default_method};

use super::{CSV, carried};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, Form, Language},
    error::Problem,
    site::{App, country as of_country},
};

/// Whose boundaries they are.
const BOUNDARIES: &str = "OCHA, Common Operational Datasets, CC BY-IGO; Natural Earth";

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// A month, YYYY-MM; the last one with evidence where none is given.
    month: Option<String>,
    /// The level of the areas: 1, 2 or 3; the finest with evidence where none is given.
    #[param(minimum = 1, maximum = 3)]
    level: Option<u8>,
    /// Of labels.
    #[serde(default)]
    #[param(inline)]
    lang: Language,
    /// The form; otherwise what `Accept` asks for.
    #[param(inline)]
    format: Option<Form>,
}

/// A month as it was asked for.
pub(crate) fn month_of(text: Option<&str>) -> Result<Option<Month>, Problem> {
    let read = |text: &str| {
        let shown: String = text.chars().take(20).collect();
        Month::parse(text)
            .filter(|m| (1980..=2100).contains(&m.year()))
            .ok_or_else(|| Problem::wrong(format!("found the month `{shown}`, expected YYYY-MM as 2019-12")))
    };
    text.filter(|t| !t.is_empty()).map(read).transpose()
}

/// The areas of a country in a month under the built-in method.
pub(crate) fn assessed(
    evidence: Evidence<'_>,
    country: Code,
    level: Option<u8>,
    month: Option<Month>,
) -> Result<National, Problem> {
    let level = match level {
        Some(level) if (1..=3).contains(&level) => level,
        Some(level) => return Err(Problem::wrong(format!("found level {level}, expected 1, 2 or 3"))),
        None => conditions::finest_level(evidence, country)?,
    };
    Ok(conditions::assess_month(evidence, country, level, month, default_method())?)
}

/// Areas by criterion: met, not met, or cannot be determined, with bounds, sources and records.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/conditions",
    operation_id = "conditions",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
        Of,
    ),
    responses(
        (status = 200, description = "areas in the order of their codes", content((Object = "application/json"), (String = "text/csv"), (Object = "application/geo+json"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn areas(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code)): At<(String, String)>,
    Asked(q): Asked<Of>,
) -> Result<Response, Problem> {
    let form = Form::of(q.format, &headers, &[Form::Json, Form::Csv, Form::Hxl, Form::Geojson])?;
    let (code, month) = (of_country(&code)?, month_of(q.month.as_deref())?);
    let key = format!("conditions {code} {month:?} {:?} {form:?} {:?}", q.level, q.lang);
    answer(&app, &id, key, &headers, move |_, ledger, edition| {
        let evidence = ledger.evidence(edition);
        let national = assessed(evidence, code, q.level, month)?;
        let (id, lang) = (edition.id(), Lang::from(q.lang));
        let given =
            Given { method: default_method(), national: &national, edition: &id, as_of: edition.as_of, lang };
        let name =
            |end: &str| format!("wegen-{code}-conditions-{}-adm{}.{end}", national.month, national.level);
        Ok(match form {
            Form::Json => Made::json(&given.json()),
            Form::Csv | Form::Hxl => {
                let csv = given.csv().map_err(Problem::internal)?;
                let csv = if form == Form::Hxl { tagged(&csv) } else { csv };
                Made::new(CSV, csv).named(name("csv"))
            }
            Form::Geojson => {
                let shapes = conditions::shapes(evidence, code, national.level)?;
                let mut value = given.geojson(&shapes);
                value["attribution"] = json!(BOUNDARIES);
                Made::new("application/geo+json", value.to_string()).named(name("geojson"))
            }
        })
    })
    .await
}

/// The CSV with a row of hashtags below its header.
fn tagged(csv: &str) -> String {
    let tag = |name: &str| match name {
        "code" => "#adm+code",
        "name" => "#adm+name",
        "month" => "#date+month",
        "criterion" => "#indicator+code",
        "verdict" => "#status",
        "floor" => "#indicator+threshold+num",
        "low" => "#indicator+low+num",
        "high" => "#indicator+high+num",
        "sources" => "#meta+source",
        _ => "#meta",
    };
    let (head, rest) = csv.split_once('\n').unwrap_or((csv, ""));
    let tags: Vec<&str> = head.trim_end().split(',').map(tag).collect();
    format!("{head}\n{}\n{rest}", tags.join(","))
}

/// An area: each criterion down to the records, what would have to change, and which missing facts could settle it.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/conditions/{area}",
    operation_id = "area_conditions",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
        ("area" = String, Path, description = "a P-code", example = "SY07"),
        Of,
    ),
    responses(
        (status = 200, description = "the area", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code, area)): At<(String, String, String)>,
    Asked(q): Asked<Of>,
) -> Result<Response, Problem> {
    Form::of(q.format, &headers, &[Form::Json])?;
    let (code, month) = (of_country(&code)?, month_of(q.month.as_deref())?);
    let key = format!("conditions {code} {area} {month:?} {:?} {:?}", q.level, q.lang);
    answer(&app, &id, key, &headers, move |_, ledger, edition| {
        let level = q.level.unwrap_or_else(|| level_of(&area));
        let national = assessed(ledger.evidence(edition), code, Some(level), month)?;
        let found =
            national.areas.iter().find(|a| a.place.code.as_str() == area).ok_or_else(|| no_area(&area))?;
        let (id, lang) = (edition.id(), Lang::from(q.lang));
        let given =
            Given { method: default_method(), national: &national, edition: &id, as_of: edition.as_of, lang };
        let mut value = given.area_json(found);
        value["month"] = json!(national.month.to_string());
        Ok(Made::json(&carried(value, &id, lang)))
    })
    .await
}

pub(crate) fn no_area(area: &str) -> Problem {
    let shown: String = area.chars().take(20).collect();
    Problem::not_found(format!("`{shown}` is the P-code of no area that is held of this country"))
}

/// The level of a P-code by its length, two digits each: `SY07`, `SY0702`, `SY070200`.
pub(crate) fn level_of(area: &str) -> u8 {
    match area.len() {
        0..=4 => 1,
        5..=6 => 2,
        _ => 3,
    }
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Between {
    /// The earlier month, YYYY-MM.
    from: String,
    /// The later month, YYYY-MM.
    to: String,
    /// The level of the areas: 1, 2 or 3.
    #[param(minimum = 1, maximum = 3)]
    level: Option<u8>,
}

/// What differs between two months: area, criterion, verdict before and after.
pub(crate) fn differences(
    a: &National,
    b: &National,
) -> Vec<(Code, String, usize, wegen_conditions::Verdict, wegen_conditions::Verdict)> {
    let pairs =
        a.areas.iter().filter_map(|x| Some((x, b.areas.iter().find(|y| y.place.code == x.place.code)?)));
    pairs
        .flat_map(|(x, y)| {
            let both = x.assessment.criteria.iter().zip(&y.assessment.criteria).enumerate();
            let own = move |(k, (before, after)): (
                usize,
                (&wegen_conditions::Verdict, &wegen_conditions::Verdict),
            )| {
                (before != after).then(|| (x.place.code, x.place.name.clone(), k, *before, *after))
            };
            both.filter_map(own).collect::<Vec<_>>()
        })
        .collect()
}

/// What differs between two months.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/conditions-changes",
    operation_id = "conditions_changes",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
        Between,
    ),
    responses(
        (status = 200, description = "criteria whose state differs", body = Object),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn changes(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code)): At<(String, String)>,
    Asked(q): Asked<Between>,
) -> Result<Response, Problem> {
    let code = of_country(&code)?;
    let (from, to) = (month_of(Some(&q.from))?, month_of(Some(&q.to))?);
    answer(&app, &id, format!("changes {code} {from:?} {to:?} {:?}", q.level), &headers, move |_, ledger, edition| {
        let evidence = ledger.evidence(edition);
        let (a, b) = (assessed(evidence, code, q.level, from)?, assessed(evidence, code, q.level, to)?);
        let method = default_method();
        let all: Vec<Json> = differences(&a, &b)
            .into_iter()
            .map(|(code, name, k, before, after)| {
                json!({"code": code, "name": name, "criterion": method.nodes[method.criteria[k]].id, "before": before, "after": after})
            })
            .collect();
        let value = json!({"country": code, "from": a.month.to_string(), "to": b.month.to_string(), "changes": all});
        Ok(Made::json(&carried(value, &edition.id(), Lang::En)))
    })
    .await
}

#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtLevel {
    /// The level of the areas: 1, 2 or 3.
    #[param(minimum = 1, maximum = 3)]
    level: Option<u8>,
}

/// Boundaries of a country's areas, at two decimals.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/countries/{country}/boundaries",
    operation_id = "boundaries",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        ("country" = String, Path, description = "ISO 3166-1 alpha-3", example = "SYR"),
        AtLevel,
    ),
    responses(
        (status = 200, description = "areas in the order of their codes", body = Object, content_type = "application/geo+json"),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn boundaries(
    State(app): State<App>,
    headers: HeaderMap,
    At((id, code)): At<(String, String)>,
    Asked(q): Asked<AtLevel>,
) -> Result<Response, Problem> {
    let (code, level) = (of_country(&code)?, q.level.unwrap_or(1));
    if !(1..=3).contains(&level) {
        return Err(Problem::wrong(format!("found level {level}, expected 1, 2 or 3")));
    }
    answer(&app, &id, format!("boundaries {code} {level}"), &headers, move |_, ledger, edition| {
        let evidence = ledger.evidence(edition);
        let shapes = conditions::shapes(evidence, code, level)?;
        let places = conditions::places(evidence, code, level)?;
        let features: Vec<Json> = places
            .iter()
            .filter_map(|place| {
                Some(json!({
                    "type": "Feature", "id": place.code, "geometry": conditions::multi_polygon(shapes.get(&place.code)?),
                    "properties": {"pcode": place.code, "name": place.name},
                }))
            })
            .collect();
        let value = json!({
            "type": "FeatureCollection", "features": features, "disclaimer": Lang::En.text("map-areas-disclaimer"),
            "attribution": BOUNDARIES,
        });
        Ok(Made::new("application/geo+json", carried(value, &edition.id(), Lang::En).to_string()))
    })
    .await
}
