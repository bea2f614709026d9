//! Two months, two areas, or two editions beside each other.

use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::Value as Json;
use wegen_model::{Code, countries};
use wegen_publication::{Comparison, conditions::default_method};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    #[default]
    Months,
    Areas,
    Editions,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    #[serde(default)]
    what: What,
    #[serde(default)]
    a: String,
    #[serde(default)]
    b: String,
    #[serde(default)]
    month: Option<String>,
    #[serde(default)]
    level: Option<u8>,
}

pub(crate) async fn compare(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition, code)): At<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Asked<View>, Problem>,
) -> Result<Response, Page> {
    let (asking, code, view) = Asking::of_country([&lang, &edition, &code], &uri, asked)?;
    asking.answer(&app, &headers, move |frame| page(frame, code, &view)).await
}

fn page(frame: &Frame<'_>, code: Code, view: &View) -> Result<Made, Problem> {
    let name = countries().name(code, frame.lang);
    let (title, content) = match view.what {
        What::Months => (frame.t("web-compare-months"), months(frame, code, view)?),
        What::Areas => (frame.t("web-compare-areas"), areas(frame, code, view)?),
        What::Editions => (frame.t("web-compare-editions"), editions(frame, code, view)?),
    };
    let to = |what: &str| frame.href(&format!("{code}/compare?what={what}"));
    let body = html! {
        h1 { (name) ": " (title) }
        nav.tabs aria-label=(frame.t("web-compare")) { ul {
            @for (what, id, own) in [("months", "web-compare-months", What::Months), ("areas", "web-compare-areas", What::Areas), ("editions", "web-compare-editions", What::Editions)] {
                li { a href=(to(what)) aria-current=[(view.what == own).then_some("page")] { (frame.t(id)) } }
            }
        } }
        (content)
    };
    let trail = [(name, frame.href(code.as_str())), (title, to("months"))];
    Ok(Made::html(frame.page(&frame.t("web-compare"), &trail, body)))
}

fn text_field(name: &str, label: &str, value: &str) -> Markup {
    html! { label { span { (label) } input name=(name) type="text" size="18" value=(value); } }
}

fn months(frame: &Frame<'_>, code: Code, view: &View) -> Result<Markup, Problem> {
    let (lang, method) = (frame.lang, default_method());
    let later = api::assessed(frame.evidence(), code, view.level, api::month_of(Some(&view.b))?)?;
    let earlier = api::month_of(Some(&view.a))?.unwrap_or_else(|| later.month.plus(-12));
    let earlier = api::assessed(frame.evidence(), code, Some(later.level), Some(earlier))?;
    let found = api::differences(&earlier, &later);
    Ok(html! {
        form.controls method="get" {
            input type="hidden" name="what" value="months"; input type="hidden" name="level" value=(later.level);
            (text_field("a", &frame.t("web-earlier"), &earlier.month.to_string())) (text_field("b", &frame.t("web-later"), &later.month.to_string()))
            button type="submit" { (frame.t("web-show")) }
        }
        p { (lang.text_with("web-differences", &[("count", &lang.integer(found.len() as i64)), ("areas", &lang.integer(later.areas.len() as i64))])) }
        @if !found.is_empty() { div.scroll tabindex="0" role="region" aria-label=(frame.t("web-compare-months")) { table.dense {
            thead { tr { th scope="col" { (frame.t("head-area")) } th scope="col" { (frame.t("web-criterion")) } th scope="col" { (earlier.month) } th scope="col" { (later.month) } } }
            tbody { @for (area, name, k, before, after) in &found { tr {
                th scope="row" { a href=(frame.href(&format!("{code}/areas/{area}?month={}", later.month))) { (name) } }
                td { (method.nodes[method.criteria[*k]].label.get(lang)) }
                @for v in [before, after] { td { span class={ "swatch " (class(*v)) } aria-hidden="true" { (mark(*v)) } " " (words(*v, lang)) } }
            } } }
        } } }
    })
}

fn areas(frame: &Frame<'_>, code: Code, view: &View) -> Result<Markup, Problem> {
    let (lang, method) = (frame.lang, default_method());
    let level = if view.a.is_empty() { view.level.unwrap_or(1) } else { api::level_of(&view.a) };
    let national = api::assessed(frame.evidence(), code, Some(level), api::month_of(view.month.as_deref())?)?;
    let of = |wanted: &str, otherwise: usize| match wanted.is_empty() {
        true => Ok(national.areas.get(otherwise).or_else(|| national.areas.first())),
        false => national
            .areas
            .iter()
            .find(|a| a.place.code.as_str() == wanted)
            .map(Some)
            .ok_or_else(|| api::no_area(wanted)),
    };
    let (a, b) = (of(&view.a, 0)?, of(&view.b, 1)?);
    let (Some(a), Some(b)) = (a, b) else { return Ok(html! { p.state.none { (frame.t("web-no-areas")) } }) };
    let choose = |name: &str, label: String, chosen: Code| {
        html! {
            label { span { (label) } select name=(name) { @for x in &national.areas { option value=(x.place.code) selected[x.place.code == chosen] { (x.place.name) } } } }
        }
    };
    Ok(html! {
        form.controls method="get" {
            input type="hidden" name="what" value="areas";
            (choose("a", frame.t("web-first-area"), a.place.code)) (choose("b", frame.t("web-second-area"), b.place.code))
            (text_field("month", &frame.t("web-month"), &national.month.to_string()))
            button type="submit" { (frame.t("web-show")) }
        }
        div.scroll tabindex="0" role="region" aria-label=(frame.t("web-compare-areas")) { table.dense {
            thead { tr { th scope="col" { (frame.t("web-criterion")) } @for x in [a, b] { th scope="col" { a href=(frame.href(&format!("{code}/areas/{}?month={}", x.place.code, national.month))) { (x.place.name) } } } } }
            tbody { @for (k, c) in method.criteria.iter().enumerate() { tr {
                th scope="row" { (method.nodes[*c].label.get(lang)) }
                @for x in [a, b] { @let v = x.assessment.criteria[k]; td { span class={ "swatch " (class(v)) } aria-hidden="true" { (mark(v)) } " " (words(v, lang)) } }
            } } }
        } }
        p.small { (frame.t("assess-no-ranking")) }
    })
}

fn editions(frame: &Frame<'_>, code: Code, view: &View) -> Result<Markup, Problem> {
    let lang = frame.lang;
    let days = frame.site.editions();
    let before =
        days.days.iter().find(|(_, id)| *id != frame.id).map_or(frame.id.clone(), |(_, id)| id.clone());
    let a = if view.a.is_empty() { before } else { view.a.clone() };
    let b = if view.b.is_empty() { frame.id.clone() } else { view.b.clone() };
    let claims = |id: &str| -> Result<Option<Json>, Problem> {
        let edition = frame.site.edition(frame.ledger, id)?;
        match frame.site.report(frame.ledger, &edition, code, lang) {
            Ok(report) => {
                let bytes = report.data.get("claims.json");
                bytes.map(|b| serde_json::from_slice(b).map_err(Problem::internal)).transpose()
            }
            // Nothing was held of the country then: everything came since.
            Err(problem) if problem.status == 404 => Ok(None),
            Err(problem) => Err(problem),
        }
    };
    let (old, new) = (claims(&a)?, claims(&b)?);
    let choose = |name: &str, label: String, chosen: &str| {
        html! {
            label { span { (label) } select name=(name) { @for (day, id) in &days.days { option value=(id) selected[id == chosen] { (lang.text_with("web-as-of", &[("date", &lang.date(*day))])) } } } }
        }
    };
    let found = old.as_ref().zip(new.as_ref()).map(|(old, new)| Comparison::of(old, new));
    Ok(html! {
        form.controls method="get" {
            input type="hidden" name="what" value="editions";
            (choose("a", frame.t("web-earlier"), &a)) (choose("b", frame.t("web-later"), &b))
            button type="submit" { (frame.t("web-show")) }
        }
        @match &found {
            None => p.state.none { (frame.t("web-nothing-held")) },
            Some(found) => {
                p { (lang.text_with("web-figures-differ", &[("count", &lang.integer(found.figures.len() as i64)), ("came", &lang.integer(found.figures_came.len() as i64)), ("went", &lang.integer(found.figures_went.len() as i64))])) }
                @if !found.snapshots_came.is_empty() { p.small { (frame.t("web-snapshots-came")) ": " (found.snapshots_came.join(", ")) } }
                div.scroll tabindex="0" role="region" aria-label=(frame.t("web-compare-editions")) { table.dense {
                    thead { tr { th scope="col" { (frame.t("label-claim")) } th.number scope="col" { (frame.t("web-earlier")) } th.number scope="col" { (frame.t("web-later")) } th scope="col" { (frame.t("web-because")) } } }
                    tbody { @for f in found.figures.iter().take(300) { tr {
                        th scope="row" { a href=(format!("/{lang}/e/{b}/why?claim={}", encode(&f.claim))) { code { (f.claim) } } }
                        td.number { (f.old) } td.number { (f.new) }
                        td { (lang.text(&format!("web-why-{}", serde_json::to_value(f.why).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()))) @if !f.by.is_empty() { ": " (f.by.join(", ")) } }
                    } } }
                } }
            }
        }
    })
}
