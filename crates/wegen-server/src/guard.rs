//! What stands before every handler: limits, headers, and what is counted.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::{error::Problem, site::App};

/// Bytes that an address may have.
const LONGEST: usize = 4_096;

/// Addresses that are remembered at most.
const ADDRESSES: usize = 20_000;

/// Requests a second by address.
pub(crate) type Limiter = DefaultKeyedRateLimiter<IpAddr>;

/// A limiter that lets four seconds' worth through at once.
pub(crate) fn limiter(a_second: u32) -> Option<Arc<Limiter>> {
    let rate = NonZeroU32::new(a_second)?;
    let burst = NonZeroU32::new(a_second.saturating_mul(4)).unwrap_or(rate);
    Some(Arc::new(RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst))))
}

/// No more from one address than was allowed.
pub(crate) async fn limit(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    // Addresses that asked for nothing of late are forgotten, so that their number has an end.
    if limiter.len() > ADDRESSES {
        limiter.retain_recent();
    }
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    match from.is_none_or(|ip| limiter.check_key(&ip).is_ok()) {
        true => next.run(request).await,
        false => Problem::of(
            StatusCode::TOO_MANY_REQUESTS,
            "more requests a second than are taken from one address",
        )
        .hint("wait a second, and keep what you were given: an edition does not change")
        .into_response(),
    }
}

/// What the pages may do: nothing from elsewhere, no script or style within the page.
const PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
     connect-src 'self'; worker-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What a whole report may do: it is one file, its style within, and runs no script.
pub(crate) const REPORT: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Headers of every answer, what is counted, and what is refused before anything is looked at.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let path = request.uri().path().to_owned();
    let long = request.uri().path_and_query().is_some_and(|p| p.as_str().len() > LONGEST);
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    let mut response = match (reads, long) {
        (false, _) => Problem::of(StatusCode::METHOD_NOT_ALLOWED, "nothing can be written here")
            .hint("GET, HEAD and OPTIONS are answered")
            .into_response(),
        (_, true) => {
            Problem::of(StatusCode::URI_TOO_LONG, format!("an address of more than {LONGEST} bytes"))
                .into_response()
        }
        _ if request.method() == Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    }
    let api = path.starts_with("/api/");
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, PAGES);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    );
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("not-for-individual-decisions"), "true");
    if api {
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, If-None-Match");
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link, Wegen-Edition");
        set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    } else {
        set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    }
    app.metrics.count(api, response.status(), start.elapsed());
    response
}

/// Seconds up to which requests are counted together.
const BUCKETS: [f64; 8] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, f64::INFINITY];

/// What is counted; no address, and nothing of who asks.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Pages and API by class of status.
    answers: [[AtomicU64; 6]; 2],
    buckets: [[AtomicU64; 8]; 2],
    micros: [AtomicU64; 2],
    kept: [AtomicU64; 2],
}

impl Metrics {
    fn count(&self, api: bool, status: StatusCode, took: Duration) {
        let at = usize::from(api);
        let class = usize::from(status.as_u16() / 100).min(5);
        self.answers[at][class].fetch_add(1, Ordering::Relaxed);
        self.micros[at].fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        let bucket = BUCKETS.iter().position(|b| took.as_secs_f64() <= *b).unwrap_or(BUCKETS.len() - 1);
        self.buckets[at][bucket].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn cached(&self, held: bool) {
        self.kept[usize::from(held)].fetch_add(1, Ordering::Relaxed);
    }

    /// In Prometheus' text form.
    pub(crate) fn text(&self, editions: usize) -> String {
        use std::fmt::Write;
        let mut text = String::new();
        let get = |n: &AtomicU64| n.load(Ordering::Relaxed);
        text.push_str(
            "# HELP wegen_http_requests_total Requests answered.\n# TYPE wegen_http_requests_total counter\n",
        );
        for (at, kind) in ["page", "api"].iter().enumerate() {
            for class in 2..6 {
                let n = get(&self.answers[at][class]);
                let _ =
                    writeln!(text, "wegen_http_requests_total{{kind=\"{kind}\",status=\"{class}xx\"}} {n}");
            }
        }
        text.push_str("# HELP wegen_http_request_duration_seconds Time to an answer.\n# TYPE wegen_http_request_duration_seconds histogram\n");
        for (at, kind) in ["page", "api"].iter().enumerate() {
            let mut sum = 0;
            for (bound, bucket) in BUCKETS.iter().zip(&self.buckets[at]) {
                sum += get(bucket);
                let le = if bound.is_finite() { bound.to_string() } else { "+Inf".to_owned() };
                let _ = writeln!(
                    text,
                    "wegen_http_request_duration_seconds_bucket{{kind=\"{kind}\",le=\"{le}\"}} {sum}"
                );
            }
            let seconds = get(&self.micros[at]) as f64 / 1e6;
            let _ = writeln!(text, "wegen_http_request_duration_seconds_sum{{kind=\"{kind}\"}} {seconds}");
            let _ = writeln!(text, "wegen_http_request_duration_seconds_count{{kind=\"{kind}\"}} {sum}");
        }
        text.push_str("# HELP wegen_answers_kept_total Answers that were there already.\n# TYPE wegen_answers_kept_total counter\n");
        let _ = writeln!(text, "wegen_answers_kept_total {}", get(&self.kept[1]));
        text.push_str("# HELP wegen_answers_made_total Answers that had to be made.\n# TYPE wegen_answers_made_total counter\n");
        let _ = writeln!(text, "wegen_answers_made_total {}", get(&self.kept[0]));
        text.push_str(
            "# HELP wegen_editions Editions that can be asked for by a day.\n# TYPE wegen_editions gauge\n",
        );
        let _ = writeln!(text, "wegen_editions {editions}");
        text
    }
}
