//! Conditions by area and month: a criterion on the map, all criteria in the table, and steps through time.

use std::collections::BTreeMap;

use maud::{Markup, html};
use serde::Deserialize;
use wegen_conditions::Verdict;
use wegen_ledger::RecordFilter;
use wegen_model::{Code, Lang};
use wegen_publication::conditions::{self, Month, National, default_method};

use super::{
    Frame,
    layout::encode,
    map::{Spot, around, draw},
};
use crate::{api, error::Problem};

/// What is looked at.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    #[serde(default)]
    pub(crate) criterion: Option<String>,
    #[serde(default)]
    pub(crate) month: Option<String>,
    #[serde(default)]
    pub(crate) level: Option<u8>,
}

pub(crate) fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "●",
        Verdict::NotMet => "○",
        Verdict::CannotBeDetermined => "?",
    }
}

pub(crate) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::NotMet => "not-met",
        Verdict::CannotBeDetermined => "open",
    }
}

pub(crate) fn words(verdict: Verdict, lang: Lang) -> String {
    lang.text(&format!("verdict-{}", verdict.as_str()))
}

/// The first year with anything by area, for the slider's end.
fn first_year(frame: &Frame<'_>, country: Code) -> Result<i32, Problem> {
    let events = frame.evidence().events(&RecordFilter::of("ucdp-ged").place(country))?;
    Ok(events.iter().map(|e| e.value.period.year()).min().unwrap_or(2014))
}

/// The part of the page.
pub(crate) fn explorer(frame: &Frame<'_>, country: Code, view: &View) -> Result<Markup, Problem> {
    let (lang, method, evidence) = (frame.lang, default_method(), frame.evidence());
    let month = api::month_of(view.month.as_deref())?;
    let national = api::assessed(evidence, country, view.level, month)?;
    let criteria: Vec<usize> = method.criteria.clone();
    let chosen = match &view.criterion {
        Some(id) => criteria.iter().position(|c| method.nodes[*c].id == *id).ok_or_else(|| {
            let known: Vec<&str> = criteria.iter().map(|c| method.nodes[*c].id.as_str()).collect();
            Problem::wrong(format!(
                "there is no criterion `{}`; there are {}",
                id.chars().take(40).collect::<String>(),
                known.join(", ")
            ))
        })?,
        None => 0,
    };
    let shapes = conditions::shapes(evidence, country, national.level)?;
    let (now, last) = (national.month, national.last.unwrap_or(national.month));
    let first = Month::december(first_year(frame, country)?).plus(-11);
    let at = |month: Month| {
        let criterion = encode(&method.nodes[criteria[chosen]].id);
        format!("{country}?criterion={criterion}&month={month}&level={}#conditions", national.level)
    };
    let name = |month: Month| month.period().map_or_else(|| month.to_string(), |p| lang.period(p));
    let label = |k: usize| method.nodes[criteria[k]].label.get(lang).to_owned();
    let step = |months: i32, id: &str| html! { a.step href=(at(now.plus(months))) { (frame.t(id)) } };
    let api = frame.api(&format!("countries/{country}/conditions?month={now}&level={}", national.level));
    Ok(html! {
        section.explorer id="conditions" aria-labelledby="conditions-title" data-api=(api) data-criterion=(method.nodes[criteria[chosen]].id) data-first=(first) data-last=(last) data-now=(now) {
            h2 id="conditions-title" { (frame.t("web-conditions")) }
            p { (frame.t("web-conditions-lead")) }
            form.controls method="get" action=(format!("{country}#conditions")) {
                label { span { (frame.t("web-criterion")) }
                    select name="criterion" { @for (k, c) in criteria.iter().enumerate() {
                        option value=(method.nodes[*c].id) selected[k == chosen] { (label(k)) }
                    } } }
                label { span { (frame.t("web-month")) }
                    input name="month" type="text" inputmode="numeric" pattern="[0-9]{4}-[0-9]{2}" size="8" value=(now) aria-describedby="month-help"; }
                label { span { (frame.t("web-level")) }
                    select name="level" { @for level in 1..=3u8 {
                        option value=(level) selected[level == national.level] { (frame.t(&format!("web-level-{level}"))) }
                    } } }
                button type="submit" { (frame.t("web-show")) }
                span.small id="month-help" { (lang.text_with("web-month-help", &[("first", &first.to_string()), ("last", &last.to_string())])) }
            }
            p.steps role="group" aria-label=(frame.t("web-steps")) {
                (step(-12, "web-year-back")) (step(-1, "web-month-back"))
                strong { (name(now)) }
                (step(1, "web-month-on")) (step(12, "web-year-on"))
            }
            @if now > last || national.last.is_none() { p.state.none role="status" { (lang.text_with("web-no-evidence-month", &[("last", &national.last.map_or_else(|| "–".to_owned(), |_| name(last)))])) } }
            @if national.areas.is_empty() { p.state.none { (frame.t("web-no-areas")) } }
            @else {
                div.split {
                    (area_map(frame, country, &national, &shapes, chosen, &label(chosen)))
                    (table(frame, country, &national, chosen))
                }
                (legend(frame))
                p.small {
                    (frame.t("web-download")) ": "
                    a href={ (api) "&format=csv" } { "CSV" } " · " a href={ (api) "&format=hxl" } { "CSV + HXL" } " · "
                    a href={ (api) "&format=json" } { "JSON" } " · " a href={ (api) "&format=geojson" } { "GeoJSON" } " · "
                    a href=(format!("{country}/compare?what=months&a={}&b={now}&level={}", now.plus(-12), national.level)) { (frame.t("web-compare-months")) }
                }
            }
        }
    })
}

fn area_map(
    frame: &Frame<'_>,
    country: Code,
    national: &National,
    shapes: &BTreeMap<Code, wegen_model::Shape>,
    chosen: usize,
    title: &str,
) -> Markup {
    let lang = frame.lang;
    let spots: Vec<Spot> = national
        .areas
        .iter()
        .filter_map(|area| {
            let verdict = area.assessment.criteria[chosen];
            Some(Spot {
                shape: shapes.get(&area.place.code)?.clone(),
                name: area.place.name.clone(),
                says: words(verdict, lang),
                class: class(verdict),
                href: Some(format!("{country}/areas/{}?month={}", area.place.code, national.month)),
                mark: Some(mark(verdict)),
            })
        })
        .collect();
    html! {
        figure.map-figure data-map="areas" {
            figcaption { strong { (title) } }
            @if spots.is_empty() { p.state.none { (frame.t("web-no-map")) } }
            @else { (draw(&spots, around(spots.iter().map(|s| &s.shape)), 560.0, title)) }
            p.small { (frame.t("map-areas-disclaimer")) }
        }
    }
}

fn table(frame: &Frame<'_>, country: Code, national: &National, chosen: usize) -> Markup {
    let (lang, method) = (frame.lang, default_method());
    let label = |k: usize| method.nodes[method.criteria[k]].label.get(lang);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(frame.t("web-table-areas")) { table.dense.criteria {
            caption { (frame.t("web-table-areas")) }
            thead { tr {
                th scope="col" { (frame.t("head-area")) }
                @for k in 0..method.criteria.len() { th scope="col" class=[(k == chosen).then_some("chosen")] title=(label(k)) { abbr title=(label(k)) { (k + 1) } } }
            } }
            tbody { @for area in &national.areas { tr data-area=(area.place.code) {
                th scope="row" { a href=(format!("{country}/areas/{}?month={}", area.place.code, national.month)) { (area.place.name) } " " span.code { (area.place.code) } }
                @for (k, verdict) in area.assessment.criteria.iter().enumerate() {
                    td class={ "mark " (class(*verdict)) @if k == chosen { " chosen" } } { span aria-hidden="true" { (mark(*verdict)) } span.sr { (label(k)) ": " (words(*verdict, lang)) } }
                }
            } } }
        } }
    }
}

/// What marks and numbers mean.
fn legend(frame: &Frame<'_>) -> Markup {
    let (lang, method) = (frame.lang, default_method());
    html! {
        details.legend open {
            summary { (frame.t("web-legend")) }
            ul.marks {
                @for verdict in [Verdict::Met, Verdict::NotMet, Verdict::CannotBeDetermined] {
                    li { span class={ "swatch " (class(verdict)) } aria-hidden="true" { (mark(verdict)) } " " (words(verdict, lang)) }
                }
            }
            ol.small { @for c in &method.criteria { li { (method.nodes[*c].label.get(lang)) } } }
        }
    }
}
