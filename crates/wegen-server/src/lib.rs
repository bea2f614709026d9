//! Web pages and a read-only interface over an edition of the evidence.
//!
//! Pages show the figures and words of the report, rendered here and whole without script; the interface gives the same
//! figures as JSON, CSV and GeoJSON. Nothing can be written, nobody is asked who they are, and nothing is fetched from
//! elsewhere. What an edition answers never changes: answers are made once and kept, within a limit on bytes.
//!
//! | module | what it holds |
//! |---|---|
//! | `site` | readers of the ledger, editions, what was made |
//! | `answer` | an answer: bytes, packed as well, entity tag |
//! | `ask` | paths, queries and forms, read strictly |
//! | `guard` | limits, headers, what is counted |
//! | `pages` | pages, by page |
//! | `api` | the interface, by subject; SQL where it was asked for |
//! | `copy` | editions as SQLite files, sources as CSV files |
//! | `base` | what addresses that others keep begin with |
//! | `serve` | listening, and stopping without breaking an answer off |

mod answer;
mod api;
mod ask;
mod assets;
mod base;
mod copy;
mod error;
mod guard;
mod pages;
mod serve;
mod site;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer, timeout::TimeoutLayer};

pub use assets::has_scripts;
pub use base::BaseUrl;
pub use error::Problem;
pub use serve::{Running, serve};
pub use site::{Config, OpenError, Site};

/// How long an answer may take.
const TIME: Duration = Duration::from_secs(20);
/// Bytes that a request may bring: there is nothing to bring.
const BODY: usize = 1 << 14;

/// Everything that is answered.
pub fn router(site: Arc<Site>) -> Router {
    let (api, description) = api::router(&site.config);
    let limiter = site.config.rate.and_then(guard::limiter);
    let browse = Arc::new(api::browse(&description));
    let problems = Arc::new(api::problems());
    let mut router = Router::new()
        .merge(api)
        .merge(pages::router())
        .route(
            "/api/",
            get(move |headers: axum::http::HeaderMap| async move { browse.give(&headers, false) }),
        )
        .route(
            "/api/v1/problems",
            get(move |headers: axum::http::HeaderMap| async move { problems.give(&headers, false) }),
        )
        .route("/assets/{name}", get(assets::asset))
        .fallback(nothing)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Problem::internal("a panic in a handler").into_response()
        }))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME))
        .layer(RequestBodyLimitLayer::new(BODY));
    if let Some(limiter) = limiter {
        router = router.layer(middleware::from_fn_with_state(limiter, guard::limit));
    }
    // Whoever watches the server is not limited.
    router
        .route("/healthz", get(api::healthz))
        .route("/readyz", get(api::readyz))
        .route("/metrics", get(api::metrics))
        .layer(middleware::from_fn_with_state(site.clone(), guard::guard))
        .with_state(site)
}

async fn nothing(uri: Uri) -> Response {
    let shown: String = uri.path().chars().take(120).collect();
    let problem = Problem::not_found(format!("there is nothing at `{shown}`"));
    match uri.path().starts_with("/api/") {
        true => problem.hint("`/api/` lists the addresses").into_response(),
        false => pages::Page {
            problem,
            lang: if shown.starts_with("/nl") { wegen_model::Lang::Nl } else { wegen_model::Lang::En },
        }
        .into_response(),
    }
}
