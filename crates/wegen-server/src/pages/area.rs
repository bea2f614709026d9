//! An area in a month: each criterion down to the records, what would have to change, which facts are missing.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use wegen_conditions::{Role, missing_facts, passing_sets};
use wegen_model::{Code, countries, sources};
use wegen_publication::{
    compact,
    conditions::{Assessed, bounds_text, default_method},
};

use super::{
    Asking, Frame, Page,
    explorer::{class, mark, words},
    layout::encode,
};
use crate::{
    answer::Made,
    api,
    ask::{Asked, At},
    error::Problem,
    site::App,
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    #[serde(default)]
    month: Option<String>,
}

pub(crate) async fn area(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition, code, area)): At<(String, String, String, String)>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Asked<View>, Problem>,
) -> Result<Response, Page> {
    let (asking, code, view) = Asking::of_country([&lang, &edition, &code], &uri, asked)?;
    asking.answer(&app, &headers, move |frame| page(frame, code, &area, &view)).await
}

fn page(frame: &Frame<'_>, code: Code, area: &str, view: &View) -> Result<Made, Problem> {
    let (lang, method) = (frame.lang, default_method());
    let month = api::month_of(view.month.as_deref())?;
    let national = api::assessed(frame.evidence(), code, Some(api::level_of(area)), month)?;
    let found =
        national.areas.iter().find(|a| a.place.code.as_str() == area).ok_or_else(|| api::no_area(area))?;
    let (country, now) = (countries().name(code, lang), national.month);
    let when = now.period().map_or_else(|| now.to_string(), |p| lang.period(p));
    let at = |m: wegen_publication::conditions::Month| frame.href(&format!("{code}/areas/{area}?month={m}"));
    let label = |k: usize| method.nodes[method.criteria[k]].label.get(lang);
    let names = |set: &[usize]| lang.list(&set.iter().map(|k| label(*k).to_owned()).collect::<Vec<_>>());
    let would = passing_sets(method, &found.assessment.leaves, true, 12);
    let facts = missing_facts(method, &found.assessment.leaves);
    let body = html! {
        h1 { (found.place.name) " " span.code { (found.place.code) } }
        p.lead { (lang.text_with("web-area-lead", &[("country", &country), ("month", &when)])) }
        p.steps role="group" aria-label=(frame.t("web-steps")) {
            a.step href=(at(now.plus(-12))) { (frame.t("web-year-back")) } a.step href=(at(now.plus(-1))) { (frame.t("web-month-back")) }
            strong { (when) }
            a.step href=(at(now.plus(1))) { (frame.t("web-month-on")) } a.step href=(at(now.plus(12))) { (frame.t("web-year-on")) }
        }
        p { a href=(frame.href(&format!("{code}?month={now}&level={}#conditions", national.level))) { (frame.t("web-all-areas")) } " · "
            a href=(frame.href(&format!("{code}/compare?what=areas&a={area}&b=&month={now}"))) { (frame.t("web-compare-areas")) } " · "
            a href=(frame.api(&format!("countries/{code}/conditions/{area}?month={now}"))) { "JSON" } }
        h2 { (frame.t("web-criteria")) }
        @for (k, verdict) in found.assessment.criteria.iter().enumerate() { (criterion(frame, found, k, *verdict)) }
        h2 { (frame.t("web-would")) }
        @if would.is_empty() { p { (frame.t("why-area-none")) } }
        @else { ul { @for set in &would { li { @if set.is_empty() { (frame.t("why-area-nothing")) } @else { (names(set)) } } } } }
        h2 { (frame.t("web-facts")) }
        @if facts.is_empty() { p { (frame.t("web-facts-none")) } }
        @else { ul { @for f in &facts { li {
            (method.nodes[method.leaves[f.leaf]].label.get(lang))
            @if f.could_settle_not_met { " · " (frame.t("column-fact-not-met")) }
            @if f.needed_for_met { " · " (frame.t("column-fact-needed")) }
        } } } }
    };
    let trail = [
        (country, frame.href(code.as_str())),
        (found.place.name.clone(), frame.href(&format!("{code}/areas/{area}"))),
    ];
    Ok(Made::html(frame.page(&found.place.name, &trail, body)))
}

fn criterion(frame: &Frame<'_>, area: &Assessed, k: usize, verdict: wegen_conditions::Verdict) -> Markup {
    let (lang, method) = (frame.lang, default_method());
    let node = method.criteria[k];
    let own = &method.nodes[node];
    let leaves: Vec<usize> = method.leaves_below(node);
    html! {
        section.criterion aria-labelledby=(own.id) {
            h3 id=(own.id) { span class={ "swatch " (class(verdict)) } aria-hidden="true" { (mark(verdict)) } " " (own.label.get(lang)) ": " (words(verdict, lang)) }
            div.scroll tabindex="0" role="region" aria-labelledby=(own.id) { table.dense {
                thead { tr {
                    th scope="col" { (frame.t("web-fact")) } th.number scope="col" { (frame.t("web-bounds")) }
                    th scope="col" { (frame.t("head-source")) } th scope="col" { (frame.t("web-of")) } th scope="col" { (frame.t("web-records")) }
                } }
                tbody { @for l in leaves {
                    @let leaf = &method.nodes[method.leaves[l]];
                    @let read = &area.reads[l];
                    tr class=[(leaf.role == Role::Context).then_some("context")] {
                        th scope="row" { (leaf.label.get(lang)) }
                        td.number { @match read.cell.bounds {
                            Some(bounds) => (bounds_text(bounds, 1, lang)),
                            None => span.missing { (frame.t(if read.stale { "web-too-old" } else { "web-nobody" })) },
                        } }
                        td { (read.source.as_deref().and_then(|s| sources().get(s)).map_or("–", |s| s.publisher.as_str())) }
                        td { (read.of.map_or_else(|| "–".to_owned(), |p| lang.period(p))) }
                        td { @for run in compact(&read.records).iter().take(3) {
                            @let first = run.split_once('-').map_or(run.as_str(), |(a, b)| if b.bytes().all(|c| c.is_ascii_digit()) { a } else { run.as_str() });
                            a.record href=(frame.href(&format!("why?record={}", encode(first)))) { (run) } " "
                        } @if read.records.is_empty() { "–" } }
                    }
                } }
            } }
        }
    }
}
