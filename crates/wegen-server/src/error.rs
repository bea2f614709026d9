//! What went wrong, as the asker is told it: problem+json (RFC 9457) for programs, a page for people.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use wegen_publication::FigureError;

/// What was wrong, and what to do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem: a page of this interface that explains it.
    #[serde(rename = "type")]
    kind: String,
    /// In a few words.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// What was found and what was expected.
    pub detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("/api/v1/problems#{}", status.as_u16()),
            title: status.canonical_reason().unwrap_or("problem").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Problem {
        Problem { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn wrong(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn of(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem::new(status, detail)
    }

    /// Something of ours: told in the log, and to the asker only that it was ours.
    pub(crate) fn internal(error: impl std::fmt::Display) -> Problem {
        tracing::error!("{error}");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the answer could not be made; the log says why")
    }

    pub(crate) fn code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<FigureError> for Problem {
    fn from(error: FigureError) -> Problem {
        match error {
            FigureError::Ledger(error) => Problem::internal(error),
            FigureError::UnknownRecipe(..) => Problem::not_found(error.to_string())
                .hint("`/api/v1/editions/latest/figures` lists recipes and their parameters"),
            FigureError::NothingHeld(_) => Problem::not_found(error.to_string()),
            other => Problem::wrong(other.to_string())
                .hint("`/api/v1/editions/latest/figures` lists recipes and their parameters"),
        }
    }
}

impl From<wegen_ledger::LedgerError> for Problem {
    fn from(error: wegen_ledger::LedgerError) -> Problem {
        Problem::internal(error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (self.code(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == 429 || self.status == 503 {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}
