//! What is asked: paths and queries read strictly, with a problem that says what was expected.

use axum::{
    extract::{
        FromRequestParts, Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, header, request::Parts},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::ToSchema;
use wegen_model::Lang;

use crate::error::Problem;

/// A query; a parameter that is not known is refused, for a misspelt one would be passed over.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Asked<T>, Problem> {
        let read: Result<Query<T>, QueryRejection> = Query::from_request_parts(parts, state).await;
        read.map(|q| Asked(q.0))
            .map_err(|e| Problem::wrong(e.body_text()).hint("`/api/` lists what each address takes"))
    }
}

/// The parts of an address.
pub(crate) struct At<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<At<T>, Problem> {
        let read: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, state).await;
        read.map(|p| At(p.0)).map_err(|e| Problem::not_found(e.body_text()))
    }
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// JSON.
    Json,
    /// Comma-separated text.
    Csv,
    /// Comma-separated text with a row of HXL hashtags below the header.
    Hxl,
    /// Boundaries with their properties.
    Geojson,
}

impl Form {
    /// What `format` says, else the first of `offered` that the asker accepts.
    pub(crate) fn of(format: Option<Form>, headers: &HeaderMap, offered: &[Form]) -> Result<Form, Problem> {
        if let Some(form) = format {
            return match offered.contains(&form) {
                true => Ok(form),
                false => Err(Problem::of(
                    axum::http::StatusCode::NOT_ACCEPTABLE,
                    format!("this is not to be had as {form:?}; expected one of {offered:?}"),
                )),
            };
        }
        let accepted = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("*/*");
        for part in accepted.split(',') {
            let form = match part.split(';').next().map(str::trim) {
                Some("application/json" | "application/*") => Form::Json,
                Some("text/csv" | "text/*") => Form::Csv,
                Some("application/geo+json") => Form::Geojson,
                Some("*/*" | "text/html") => return Ok(offered.first().copied().unwrap_or(Form::Json)),
                _ => continue,
            };
            if offered.contains(&form) {
                return Ok(form);
            }
        }
        Err(Problem::of(
            axum::http::StatusCode::NOT_ACCEPTABLE,
            format!(
                "found `Accept: {}`, expected one of {offered:?}",
                accepted.chars().take(100).collect::<String>()
            ),
        ))
    }
}

/// The language of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Dutch.
    Nl,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::En => Lang::En,
            Language::Nl => Lang::Nl,
        }
    }
}

/// A language as the first part of a page's address.
pub(crate) fn language(text: &str) -> Result<Lang, Problem> {
    text.parse()
        .map_err(|_| Problem::not_found("found a page in no language here, expected `/nl/…` or `/en/…`"))
}

/// The language that a browser asks for: Dutch where it comes first, else English.
pub(crate) fn preferred(headers: &HeaderMap) -> Lang {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first = asked.split(',').map(|p| p.trim().get(..2).unwrap_or_default().to_ascii_lowercase());
    let mut known = first.filter_map(|p| p.parse::<Lang>().ok());
    known.next().unwrap_or(Lang::En)
}
