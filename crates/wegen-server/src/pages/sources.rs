//! The sources: licence, what of them is held and how old it is, and caveats.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::html;
use wegen_model::{Sharing, sources as all};

use super::{Asking, Frame, Page};
use crate::{answer::Made, ask::At, error::Problem, site::App};

pub(crate) async fn sources(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition)): At<(String, String)>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Page> {
    Asking::of(&lang, &edition, &uri)?.answer(&app, &headers, page).await
}

fn page(frame: &Frame<'_>) -> Result<Made, Problem> {
    let lang = frame.lang;
    let sharing = |s: Sharing| {
        frame.t(match s {
            Sharing::Rows => "web-sharing-rows",
            _ => "web-sharing-display",
        })
    };
    let body = html! {
        h1 { (frame.t("web-sources")) }
        p.lead { (frame.t("web-sources-lead")) }
        div.scroll tabindex="0" role="region" aria-label=(frame.t("web-sources")) { table.dense {
            thead { tr {
                th scope="col" { (frame.t("head-source")) } th scope="col" { (frame.t("label-licence")) } th scope="col" { (frame.t("web-sharing")) }
                th.number scope="col" { (frame.t("web-newest")) } th.number scope="col" { (frame.t("web-records")) } th scope="col" { (frame.t("web-caveat")) }
            } }
            tbody { @for s in all().all() {
                @let held = frame.edition.of(&s.id);
                tr {
                    th scope="row" { a href=(s.url) rel="noreferrer" { (s.publisher) } br; span.small { (s.title) } }
                    td { a href=(s.licence.url) rel="noreferrer" { (s.licence.id) } }
                    td { (sharing(s.licence.sharing)) }
                    td.number { @match held.first() { Some(newest) => (lang.date(newest.recorded_on())), None => span.missing { (frame.t("mark-not-held")) } } }
                    td.number { (lang.integer(held.iter().map(|s| s.records as i64).sum())) }
                    td.small { (s.caveat(lang)) }
                }
            } }
        } }
        p.small { (frame.t("explain-not-held")) }
    };
    Ok(Made::html(frame.page(
        &frame.t("web-sources"),
        &[(frame.t("web-sources"), frame.href("sources"))],
        body,
    )))
}
