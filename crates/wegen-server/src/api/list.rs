//! A page of a list of records: JSON, CSV, or CSV with HXL hashtags.

use axum::{http::HeaderMap, response::Response};
use serde_json::{Map, Value as Json, json};
use wegen_ledger::{Evidence, RecordFilter, Row};
use wegen_model::{Lang, Record, RecordKind, SourceDef};

use super::{
    CSV, carried, paged,
    rows::{columns, found, plural, shared, text, values},
    table,
};
use crate::{
    answer::{Made, answer},
    ask::Form,
    error::Problem,
    site::App,
};

/// Rows of one answer at most (rule R8).
const MOST: usize = 1_000;
/// Rows of an answer where nobody says how many.
const USUAL: usize = 100;

/// What is asked for, whatever the kind.
pub(super) struct Page {
    kind: RecordKind,
    source: &'static SourceDef,
    offset: usize,
    limit: usize,
    form: Form,
}

impl Page {
    /// Reads what all lists are asked in the same way.
    ///
    /// # Errors
    /// The form is not to be had, the limit is none, there is no such source, or its rows stay here.
    pub(super) fn of(
        kind: RecordKind,
        source: &str,
        offset: usize,
        limit: Option<usize>,
        format: Option<Form>,
        headers: &HeaderMap,
    ) -> Result<Page, Problem> {
        let form = Form::of(format, headers, &[Form::Json, Form::Csv, Form::Hxl])?;
        let limit = limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::wrong(format!("found limit {limit}, expected 1 to {MOST}")));
        }
        Ok(Page { kind, source: shared(source)?, offset, limit, form })
    }

    /// Answers with the records that `asks` names, from what is kept under `key` where it is there.
    pub(super) async fn give(
        self,
        app: &App,
        edition: &str,
        key: String,
        headers: &HeaderMap,
        query: Option<String>,
        asks: impl FnOnce(Evidence<'_>) -> Result<RecordFilter, Problem> + Send + 'static,
    ) -> Result<Response, Problem> {
        let key = format!("{} {key} {:?}", plural(self.kind), self.form);
        answer(app, edition, key, headers, move |_, ledger, edition| {
            let evidence = ledger.evidence(edition);
            let filter = asks(evidence)?;
            let rows = found(evidence, self.kind, &filter)?;
            let follows = self.offset.saturating_add(self.limit);
            let next = (follows < rows.len()).then(|| following(query.as_deref(), follows));
            self.made(&rows, evidence).map(|made| made.followed_by(next))
        })
        .await
    }

    fn made(&self, rows: &[Row<Record>], evidence: Evidence<'_>) -> Result<Made, Problem> {
        let (columns, attribution) = (columns(self.kind), &self.source.attribution);
        let shown = rows.iter().skip(self.offset).take(self.limit);
        if self.form == Form::Json {
            let named = |row: &Row<Record>| -> Json {
                let names = columns.iter().map(|(name, _)| (*name).to_owned());
                Json::Object(names.zip(values(row)).collect::<Map<_, _>>())
            };
            let mut value = json!({
                "source": self.source.id, "attribution": attribution,
                "page": paged(self.offset, self.limit, rows.len()),
            });
            value[plural(self.kind)] = shown.map(named).collect();
            if self.kind == RecordKind::Incident {
                value["held_back_after"] = json!(evidence.edition().incidents_through());
            }
            return Ok(Made::json(&carried(value, &evidence.edition().id(), Lang::En)));
        }
        let (head, tags): (Vec<&str>, Vec<&str>) = columns.iter().copied().unzip();
        let lines = shown.map(|row| values(row).into_iter().map(text).collect());
        let bytes =
            table(&head, &tags, self.form == Form::Hxl, attribution, lines).map_err(Problem::internal)?;
        Ok(Made::new(CSV, bytes).named(format!("{}-{}.csv", self.source.id, plural(self.kind))))
    }
}

/// The address of the next page, relative to this one's.
fn following(query: Option<&str>, offset: usize) -> String {
    let parts = query.unwrap_or_default().split('&').filter(|p| !p.is_empty() && !p.starts_with("offset="));
    let same: Vec<&str> = parts.collect();
    format!("?{}&offset={offset}", same.join("&"))
}

#[cfg(test)]
mod tests {
    use super::following;

    #[test]
    fn the_next_page_is_asked_as_this_one_was() {
        assert_eq!(following(Some("source=a&offset=100&limit=100"), 200), "?source=a&limit=100&offset=200");
    }
}
