//! An answer that is made once and given many times: its bytes, packed as well, and its entity tag.

use std::{io::Write, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use wegen_ledger::{Edition, Ledger};

use crate::{
    error::Problem,
    site::{App, Site},
};

/// Answers above this are not kept: they would push others out.
const KEPT: usize = 4 << 20;

/// What a handler makes.
pub(crate) struct Made {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Under which name it is saved, where it is for saving.
    pub(crate) file: Option<String>,
    /// Where the next page of a list stands, beside this one.
    pub(crate) next: Option<String>,
}

impl Made {
    pub(crate) fn new(content_type: &'static str, bytes: impl Into<Vec<u8>>) -> Made {
        Made { content_type, bytes: bytes.into(), file: None, next: None }
    }

    pub(crate) fn html(markup: maud::Markup) -> Made {
        Made::new("text/html; charset=utf-8", markup.into_string())
    }

    pub(crate) fn json(value: &serde_json::Value) -> Made {
        Made::new("application/json", value.to_string())
    }

    pub(crate) fn named(self, file: String) -> Made {
        Made { file: Some(file), ..self }
    }

    pub(crate) fn followed_by(self, next: Option<String>) -> Made {
        Made { next, ..self }
    }
}

/// An answer as it is kept.
pub(crate) struct Answer {
    content_type: &'static str,
    body: Bytes,
    gzip: Option<Bytes>,
    etag: HeaderValue,
    file: Option<String>,
    next: Option<String>,
}

impl Answer {
    pub(crate) fn of(made: Made) -> Answer {
        let hash = blake3::hash(&made.bytes).to_hex();
        let text = ["text/", "application/json", "application/geo+json", "application/ld+json", "image/svg"];
        let packs = made.bytes.len() > 512 && text.iter().any(|t| made.content_type.starts_with(t));
        let gzip = packs.then(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(3));
            // Writing into memory does not fail.
            let _ = encoder.write_all(&made.bytes);
            Bytes::from(encoder.finish().unwrap_or_default())
        });
        Answer {
            content_type: made.content_type,
            body: made.bytes.into(),
            gzip: gzip.filter(|g| !g.is_empty()),
            etag: HeaderValue::from_str(&format!("W/\"{}\"", &hash[..32]))
                .unwrap_or(HeaderValue::from_static("W/\"0\"")),
            file: made.file,
            next: made.next,
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.body.len() + self.gzip.as_ref().map_or(0, Bytes::len)
    }

    /// Gives it, or says that the asker has it.
    pub(crate) fn give(&self, asked: &HeaderMap, lasting: bool) -> Response {
        let has = asked.get(header::IF_NONE_MATCH).is_some_and(|tags| {
            let tags = tags.to_str().unwrap_or_default();
            let own = self.etag.to_str().unwrap_or_default();
            tags.split(',')
                .any(|t| t.trim() == "*" || t.trim().trim_start_matches("W/") == own.trim_start_matches("W/"))
        });
        let packed = self.gzip.as_ref().filter(|_| takes_gzip(asked));
        let mut response = match has {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Body::from(packed.unwrap_or(&self.body).clone()).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.etag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
        let cache = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if packed.is_some() && !has {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let named = self.file.as_ref().map(|f| format!("attachment; filename=\"{f}\""));
        if let Some(value) = named.and_then(|n| HeaderValue::from_str(&n).ok()) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        let next = self.next.as_ref().map(|address| format!("<{address}>; rel=\"next\""));
        if let Some(value) = next.and_then(|n| HeaderValue::from_str(&n).ok()) {
            headers.insert(header::LINK, value);
        }
        response
    }
}

fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        words.next() == Some("gzip") && !words.any(|w| w == "q=0")
    })
}

/// Answers from what is kept under `key`, or makes it from the edition; `latest` is not to be kept by others.
pub(crate) async fn answer(
    app: &App,
    edition: &str,
    key: String,
    asked: &HeaderMap,
    make: impl FnOnce(&Site, &Ledger, &Edition) -> Result<Made, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let lasting = edition != "latest";
    let id = if lasting { edition.to_owned() } else { app.editions().latest_id.clone() };
    let key = format!("{id} {key}");
    let held = app.answers.get(&key);
    app.metrics.cached(held.is_some());
    let answer = match held {
        Some(held) => held,
        None => {
            let asks = id.clone();
            let made = app
                .read(move |site, ledger| {
                    let edition = site.edition(ledger, &asks)?;
                    make(site, ledger, &edition).map(Answer::of)
                })
                .await?;
            let made = Arc::new(made);
            if made.bytes() <= KEPT {
                app.answers.insert(key, made.clone());
            }
            made
        }
    };
    let mut response = answer.give(asked, lasting);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("wegen-edition", value);
    }
    Ok(response)
}
