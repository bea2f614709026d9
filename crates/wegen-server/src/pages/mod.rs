//! Pages, rendered here and whole without script: the same figures and words as the report.

mod area;
mod blocks;
mod compare;
mod country;
mod explorer;
mod home;
mod layout;
mod map;
mod sources;
mod why;

use axum::{
    Router,
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use wegen_model::{Code, FocusRegion, Lang};

pub(crate) use layout::{Frame, plain, problem_page};

use crate::{
    ask::{Asked, At, language, preferred},
    error::Problem,
    site::{App, country as country_of},
};

/// The addresses of pages.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(begin))
        .route("/{lang}/", get(latest_home))
        .route("/{lang}/{country}", get(latest_country))
        .route("/{lang}/e/{edition}/", get(home::home))
        .route("/{lang}/e/{edition}/why", get(why::why))
        .route("/{lang}/e/{edition}/sources", get(sources::sources))
        .route("/{lang}/e/{edition}/{country}", get(country::country))
        .route("/{lang}/e/{edition}/{country}/areas/{area}", get(area::area))
        .route("/{lang}/e/{edition}/{country}/compare", get(compare::compare))
        .route("/{lang}/e/{edition}/{country}/report.pdf", get(country::pdf))
        .route("/{lang}/e/{edition}/{country}/report.html", get(country::html))
        .route("/{lang}/e/{edition}/{country}/drawings/{file}", get(country::drawing))
}

/// A region's name in addresses and messages.
pub(crate) fn region_id(region: FocusRegion) -> &'static str {
    match region {
        FocusRegion::NorthAfrica => "north-africa",
        FocusRegion::EastAfrica => "east-africa",
        FocusRegion::Sahel => "sahel",
        FocusRegion::MiddleEast => "middle-east",
        FocusRegion::Afghanistan => "afghanistan",
    }
}

async fn begin(headers: HeaderMap) -> Response {
    Redirect::temporary(&format!("/{}/", preferred(&headers))).into_response()
}

/// Links hold the edition, so that they show the same thing for as long as the ledger lasts.
fn to_latest(app: &App, lang: Lang, rest: &str, uri: &axum::http::Uri) -> Response {
    let query = uri.query().map_or(String::new(), |q| format!("?{q}"));
    let to = format!("/{lang}/e/{}/{rest}{query}", app.editions().latest_id);
    let mut response = Redirect::temporary(&to).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn latest_home(
    State(app): State<App>,
    At(lang): At<String>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Page> {
    Ok(to_latest(&app, language(&lang)?, "", &uri))
}

async fn latest_country(
    State(app): State<App>,
    At((lang, code)): At<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Page> {
    let lang = language(&lang)?;
    let code = country_of(&code).map_err(|problem| Page { problem, lang })?;
    Ok(to_latest(&app, lang, code.as_str(), &uri))
}

/// A problem as a page.
pub(crate) struct Page {
    pub(crate) problem: Problem,
    pub(crate) lang: Lang,
}

impl From<Problem> for Page {
    fn from(problem: Problem) -> Page {
        Page { problem, lang: Lang::En }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let body = problem_page(&self.problem, self.lang).into_string();
        let status = StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
        (status, kind, body).into_response()
    }
}

/// What a page is asked for, once language and edition are known.
pub(crate) struct Asking {
    pub(crate) lang: Lang,
    pub(crate) edition: String,
    /// Path behind the language, and query: to say the same in another language.
    pub(crate) rest: String,
}

impl Asking {
    pub(crate) fn of(lang: &str, edition: &str, uri: &axum::http::Uri) -> Result<Asking, Page> {
        let lang = language(lang)?;
        let all = uri.path_and_query().map_or("", |p| p.as_str());
        let rest = all.get(3..).unwrap_or_default().to_owned();
        Ok(Asking { lang, edition: edition.to_owned(), rest })
    }

    /// Of a country: what is asked for, which country, and what is looked at; faults are told in the page’s language.
    pub(crate) fn of_country<V>(
        [lang, edition, code]: [&str; 3],
        uri: &axum::http::Uri,
        asked: Result<Asked<V>, Problem>,
    ) -> Result<(Asking, Code, V), Page> {
        let asking = Asking::of(lang, edition, uri)?;
        let in_lang = |problem| Page { problem, lang: asking.lang };
        let (code, Asked(view)) = (country_of(code).map_err(in_lang)?, asked.map_err(in_lang)?);
        Ok((asking, code, view))
    }

    /// Answers from what is kept, or makes the page.
    pub(crate) async fn answer(
        self,
        app: &App,
        headers: &HeaderMap,
        make: impl FnOnce(&Frame<'_>) -> Result<crate::answer::Made, Problem> + Send + 'static,
    ) -> Result<Response, Page> {
        let lang = self.lang;
        if self.edition == "latest" {
            let rest = self.rest.replacen("/e/latest/", &format!("/e/{}/", app.editions().latest_id), 1);
            return Ok(Redirect::temporary(&format!("/{lang}{rest}")).into_response());
        }
        // What is said of the newest edition changes with it.
        let newest = app.editions().latest_id.clone();
        let key = format!("page {lang}{} {newest}", self.rest);
        let made = crate::answer::answer(app, &self.edition, key, headers, move |site, ledger, edition| {
            make(&Frame { site, ledger, edition, id: edition.id(), lang, rest: self.rest, newest })
        });
        let mut response = made.await.map_err(|problem| Page { problem, lang })?;
        // A page may look better tomorrow: it is asked for again, and mostly has not changed.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Ok(response)
    }
}
