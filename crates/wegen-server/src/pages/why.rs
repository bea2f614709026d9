//! Where a value comes from: how it was computed, the records, the rows, and what other sources say.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value as Json;
use wegen_ledger::{RecordFilter, RecordId};
use wegen_model::{Record, Status, countries, sources};
use wegen_publication::{Cell, Figure, claim_parts, show, since};

use super::{
    Asking, Frame, Page,
    layout::{encode, part},
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
    claim: Option<String>,
    #[serde(default)]
    record: Option<String>,
    #[serde(default)]
    offset: usize,
}

/// Records on one page.
const SHOWN: usize = 20;

pub(crate) async fn why(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition)): At<(String, String)>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Asked<View>, Problem>,
) -> Result<Response, Page> {
    let asking = Asking::of(&lang, &edition, &uri)?;
    let Asked(view) = asked.map_err(|problem| Page { problem, lang: asking.lang })?;
    asking.answer(&app, &headers, move |frame| page(frame, &view)).await
}

fn page(frame: &Frame<'_>, view: &View) -> Result<Made, Problem> {
    match (&view.claim, &view.record) {
        (Some(claim), None) => of_claim(frame, claim, view.offset),
        (None, Some(record)) => of_record(frame, record),
        _ => {
            Err(Problem::wrong("a claim or a record was expected: `why?claim=refugees@origin=SYR,year=2024`"))
        }
    }
}

fn country_of(figure: &Figure, frame: &Frame<'_>) -> Vec<(String, String)> {
    let named = figure.country.map(|c| (countries().name(c, frame.lang), frame.href(c.as_str())));
    named.into_iter().chain([(frame.t("web-why"), frame.why(&figure.id.to_string()))]).collect()
}

fn of_claim(frame: &Frame<'_>, claim: &str, offset: usize) -> Result<Made, Problem> {
    let lang = frame.lang;
    let (name, place) = claim_parts(claim);
    let figure = api::figure(frame.evidence(), name, lang)?;
    let cells = figure.cells_at(place);
    if cells.is_empty() {
        return Err(Problem::not_found("the figure has no such cell"));
    }
    let mut ids: Vec<RecordId> = cells.iter().flat_map(|(_, _, c)| c.records.iter().copied()).collect();
    ids.sort();
    ids.dedup();
    let records: Vec<Markup> = ids
        .iter()
        .skip(offset)
        .take(SHOWN)
        .map(|id| api::record_json(frame.evidence(), *id, lang).map(|json| record(frame, &json)))
        .collect::<Result<_, _>>()?;
    let single = match cells.as_slice() {
        [(_, _, cell)] => Some(*cell),
        _ => None,
    };
    let spoken = match cells.as_slice() {
        [(row, column, _)] if !row.is_empty() && !column.is_empty() => format!("{row} · {column}"),
        _ => place.trim_end_matches('/').to_owned(),
    };
    let others = others(frame, &ids)?;
    let broken = has_break(frame, &ids)?;
    let own: Vec<Markup> = match single {
        Some(cell) => vec![value(frame, &figure, cell)],
        None => Vec::new(),
    };
    let body = html! {
        article.why {
            p.kicker { (frame.t("web-why")) }
            h1 { (figure.label) @if !place.is_empty() { ": " (spoken) } }
            @for part in &own { (part) }
            @if single.is_none() { p { a href=(frame.api(&format!("figures/{}", part(name)))) { "JSON" } " · " a href=(frame.api(&format!("figures/{}?format=csv", part(name)))) { "CSV" } } }
            p { (figure.how) }
            @if broken { p.state.old { (frame.t("web-break")) } }
            p.small { (frame.t("label-claim")) ": " code { (claim) } " · " (frame.t("web-edition-short")) " " code { (frame.id) } }
            h2 { (lang.text_with("web-records-of", &[("count", &lang.integer(ids.len() as i64))])) }
            @if ids.is_empty() { p.state.none { (frame.t("label-no-records")) } }
            ol.records start=(offset + 1) { @for r in &records { (r) } }
            @if ids.len() > offset + SHOWN { p { a rel="next" href=(format!("{}&offset={}", frame.why(claim), offset + SHOWN)) { (frame.t("web-more")) } } }
            h2 { (frame.t("web-others")) }
            @if others.is_empty() { p.state.none { (frame.t("web-others-none")) } }
            @else { ul { @for (source, said, href) in &others { li { (source) ": " a href=(href) { (said) } } } } p.small { (frame.t("web-others-text")) } }
        }
    };
    Ok(Made::html(frame.page(&figure.label, &country_of(&figure, frame), body)))
}

/// The value with its bounds, its unit, its period, and its state.
fn value(frame: &Frame<'_>, figure: &Figure, cell: &Cell) -> Markup {
    let lang = frame.lang;
    let number =
        |v: f64| show(&Cell { value: Some(v), ..Cell::default() }, figure.decimals, &figure.unit, lang);
    let unit = format!("unit-{}", figure.unit);
    html! {
        p.big { strong class=[cell.value.is_none().then_some("missing")] { (show(cell, figure.decimals, &figure.unit, lang)) }
            @if lang.has(&unit) && figure.unit != "percent" { " " (lang.text(&unit)) }
            @if let Some((low, high)) = cell.bounds { " " span.small { "(" (number(low)) "–" (number(high)) ")" } }
            @if let Some(period) = cell.period { " · " (lang.period(period)) } }
        @if let Some(why) = cell.missing { p.state.none { (lang.text(&format!("web-missing-{}", why.as_str()))) } }
        @if cell.old { p.state.old { (frame.t("explain-old")) } }
        @if cell.carried { p.state.old { (frame.t("carried-over")) } }
    }
}

fn record(frame: &Frame<'_>, json: &Json) -> Markup {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let row = json["row"].as_object();
    html! {
        li.record {
            p { strong { (text("publisher")) } ", " (text("title")) " · " (json["licence"]["id"].as_str().unwrap_or_default()) " · "
                (text("since")) }
            p.small { (text("place")) }
            @if let Some(received) = json["as_received"].as_str() { p { code { (received) } } }
            @if let Some(row) = row { dl.row-fields { @for (name, value) in row.iter().filter(|(name, _)| !["part", "line", "column"].contains(&name.as_str())) { div { dt { (name) } dd { (value.as_str().unwrap_or_default()) } } } } }
            @else if json["held_back"] == true { p.state.withheld { (frame.t("web-held-back")) } }
            @else { p.state.withheld { (frame.t("web-withheld")) } }
            p.small { a href=(frame.href(&format!("why?record={}", encode(&text("id"))))) { code { (text("id")) } } " · " (text("attribution")) }
        }
    }
}

/// Whether a row says that its series is broken there.
fn has_break(frame: &Frame<'_>, ids: &[RecordId]) -> Result<bool, Problem> {
    for id in ids.iter().take(SHOWN) {
        if let (_, _, Record::Observation(o)) = frame.ledger.record(&id.to_string())?
            && o.status == Status::Break
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What another publisher counts of the same people under an indicator of its own.
const RIVALS: [(&str, &str); 2] = [("idps", "idps-idmc"), ("idps-idmc", "idps")];

/// What other sources report of the same indicator, place, counterpart and period, or of its rival.
fn others(frame: &Frame<'_>, ids: &[RecordId]) -> Result<Vec<(String, String, String)>, Problem> {
    let Some(first) = ids.first() else { return Ok(Vec::new()) };
    let (_, snapshot, Record::Observation(own)) = frame.ledger.record(&first.to_string())? else {
        return Ok(Vec::new());
    };
    let rival = RIVALS.iter().find(|(one, _)| *one == own.indicator.as_str());
    let rival = rival.and_then(|(_, other)| wegen_model::indicators().get(other));
    let mut found = Vec::new();
    for source in sources().all().iter().filter(|s| s.id != snapshot.source) {
        let year = own.period.year();
        let filter = RecordFilter::of(&source.id).place(own.place).years(year, year);
        let mut rows = frame.evidence().observations(&filter.clone().indicator(own.indicator))?;
        rows.retain(|r| r.value.counterpart == own.counterpart);
        if let Some(rival) = rival {
            rows.extend(frame.evidence().observations(&filter.indicator(rival))?);
            rows.retain(|r| wegen_publication::reports(&r.value));
        }
        for row in rows {
            if found.len() < 12 {
                let unit = &own.indicator.def().unit;
                let cell = Cell { value: Some(row.value.value), ..Cell::default() };
                let said = show(&cell, own.indicator.def().decimals, unit, frame.lang);
                found.push((
                    format!("{}, {}", source.publisher, source.title),
                    said,
                    frame.href(&format!("why?record={}", encode(&row.record.to_string()))),
                ));
            }
        }
    }
    Ok(found)
}

fn of_record(frame: &Frame<'_>, text: &str) -> Result<Made, Problem> {
    let (id, snapshot) = api::held_record(frame.evidence(), text)?;
    let json = api::record_json(frame.evidence(), id, frame.lang)?;
    let notes = &snapshot.quality.notes;
    let body = html! {
        article.why {
            p.kicker { (frame.t("web-record")) }
            h1 { code { (id.to_string()) } }
            ol.records { (record(frame, &json)) }
            h2 { (frame.t("web-snapshot")) }
            p { (snapshot.source) " · " (snapshot.capture) " · " (snapshot.coverage.text(frame.lang)) " · " (since(&snapshot, frame.lang)) }
            @for origin in &snapshot.origins { p.small { (origin.name) " · SHA-256 " code { (origin.sha256) } " · " (origin.obtained_from) @if !origin.changes.is_empty() { " · " (origin.changes) } } }
            @if !notes.is_empty() { ul.small { @for n in notes { li { (n.what) ": " (frame.lang.integer(n.count as i64)) } } } }
        }
    };
    Ok(Made::html(frame.page(&id.to_string(), &[(frame.t("web-record"), String::from("#main"))], body)))
}

#[cfg(test)]
mod tests {
    use wegen_publication::Missing;

    #[test]
    fn every_reason_for_a_missing_value_has_its_words() {
        for why in [
            Missing::NotHeld,
            Missing::NotReported,
            Missing::Undefined,
            Missing::Undetermined,
            Missing::Withheld,
        ] {
            for lang in wegen_model::Lang::ALL {
                assert!(lang.has(&format!("web-missing-{}", why.as_str())), "{why:?} {lang}");
            }
        }
    }
}
