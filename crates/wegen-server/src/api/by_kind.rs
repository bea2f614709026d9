//! Incidents on routes, events of violence, and areas, as rows.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use utoipa::IntoParams;
use wegen_ledger::RecordFilter;
use wegen_model::RecordKind;

use super::{
    list::Page,
    rows,
    shapes::{AreaList, EventList, IncidentList},
};
use crate::{
    ask::{Asked, At, Form},
    error::Problem,
    site::App,
};

/// What incidents and events are asked by.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InYears {
    /// The source; `sources` lists them.
    source: String,
    /// The country: ISO 3166-1 alpha-3.
    #[param(example = "LBY")]
    country: Option<String>,
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

impl InYears {
    fn filter(&self) -> Result<RecordFilter, Problem> {
        let years = RecordFilter::of(&self.source).years(self.from.unwrap_or(1900), self.to.unwrap_or(2200));
        let country = rows::country(self.country.as_deref())?;
        Ok(country.into_iter().fold(years, RecordFilter::place))
    }

    async fn give(
        self,
        kind: RecordKind,
        app: &App,
        id: &str,
        headers: &HeaderMap,
        query: Option<String>,
    ) -> Result<Response, Problem> {
        let page = Page::of(kind, &self.source, self.offset, self.limit, self.format, headers)?;
        let (filter, key) = (self.filter()?, format!("{self:?}"));
        let asks = move |evidence: wegen_ledger::Evidence<'_>| {
            rows::held(evidence, &self.source, kind).map(|()| filter)
        };
        page.give(app, id, key, headers, query, asks).await
    }
}

/// Incidents on routes: people who died or went missing, at least. Those of the last two months before the cut-off stay
/// behind (`held_back_after`); places are countries and routes.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/incidents",
    operation_id = "incidents",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InYears,
    ),
    responses(
        (status = 200, description = "as the publisher orders them; of the newest capture that covers a year", content((IncidentList = "application/json"), (String = "text/csv"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the publisher's licence keeps these rows here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn incidents(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Asked(q): Asked<InYears>,
) -> Result<Response, Problem> {
    q.give(RecordKind::Incident, &app, &id, &headers, query).await
}

/// Events of organised violence, by country and first-order division.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/events",
    operation_id = "events",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        InYears,
    ),
    responses(
        (status = 200, description = "as the publisher orders them; of the newest capture that covers a country and year", content((EventList = "application/json"), (String = "text/csv"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the publisher's licence keeps these rows here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn events(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Asked(q): Asked<InYears>,
) -> Result<Response, Problem> {
    q.give(RecordKind::Event, &app, &id, &headers, query).await
}

/// What areas are asked by.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AtLevel {
    /// The source; `sources` lists them.
    source: String,
    /// The country: ISO 3166-1 alpha-3.
    #[param(example = "SYR")]
    country: Option<String>,
    /// The level: 0 for a country, 1 for its first-order divisions, and so on.
    #[param(minimum = 0, maximum = 5)]
    level: Option<u8>,
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

/// Areas: code, name, level and the area above. Their boundaries are in `countries/{country}/boundaries`.
#[utoipa::path(
    get,
    path = "/api/v1/editions/{edition}/areas",
    operation_id = "areas",
    params(
        ("edition" = String, Path, description = "an edition's id, or `latest`", example = "latest"),
        AtLevel,
    ),
    responses(
        (status = 200, description = "as the publisher orders them", content((AreaList = "application/json"), (String = "text/csv"))),
        (status = 400, description = "the question could not be read: what was found and what was expected", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "the publisher's licence keeps these rows here", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "the edition holds nothing of that name", body = Problem, content_type = "application/problem+json"),
        (status = 406, description = "it is not to be had in that form", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn areas(
    State(app): State<App>,
    headers: HeaderMap,
    At(id): At<String>,
    RawQuery(query): RawQuery,
    Asked(q): Asked<AtLevel>,
) -> Result<Response, Problem> {
    let page = Page::of(RecordKind::Area, &q.source, q.offset, q.limit, q.format, &headers)?;
    let mut filter = RecordFilter::of(&q.source);
    if let Some(country) = rows::country(q.country.as_deref())? {
        filter = filter.place(country);
    }
    if let Some(level) = q.level {
        filter = filter.level(level);
    }
    let key = format!("{q:?}");
    page.give(&app, &id, key, &headers, query, move |evidence| {
        rows::held(evidence, &q.source, RecordKind::Area).map(|()| filter)
    })
    .await
}
