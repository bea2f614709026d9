//! A country: one paragraph and what this page is not, conditions by area, then the report's chapters.

use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use maud::{Markup, html};
use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Lang, countries, not_for_individual_decisions, official_reports};
use wegen_publication::{Block, Options, Report, manuscript::Manuscript, plain};

use super::{
    Asking, Frame, Page,
    blocks::Writer,
    explorer::{View, explorer},
};
use crate::{
    answer::{Made, answer},
    ask::{Asked, At, language},
    error::Problem,
    guard::REPORT,
    site::{App, Site, country as of_country, of_report},
};

pub(crate) async fn country(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition, code)): At<(String, String, String)>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Asked<View>, Problem>,
) -> Result<Response, Page> {
    let (asking, code, view) = Asking::of_country([&lang, &edition, &code], &uri, asked)?;
    asking.answer(&app, &headers, move |frame| page(frame, code, &view)).await
}

/// The chapters of the report that stand in its own words; conditions are shown above, so that only what follows from
/// them is left there.
fn chapters(blocks: &[Block], code: Code, lang: Lang) -> Vec<Block> {
    let manuscript = Manuscript::built_in(code);
    let path = |title: &str| {
        let sections = manuscript.texts.get(&lang).map(|t| t.sections.as_slice()).unwrap_or_default();
        sections.iter().find(|s| s.title == title).map(|s| s.path.clone()).unwrap_or_default()
    };
    let mut kept = Vec::new();
    let (mut chapter, mut deeper) = (String::new(), false);
    for block in blocks {
        if let Block::Heading { level, c, .. } = block {
            if *level == 1 {
                (chapter, deeper) = (path(&plain(c)), false);
            } else {
                deeper = true;
            }
        }
        let shown_above = chapter == "about" || (chapter == "conditions" && !deeper);
        let heading = matches!(block, Block::Heading { level: 1, .. }) && chapter == "conditions";
        if !shown_above || heading {
            kept.push(block.clone());
        }
    }
    kept
}

fn page(frame: &Frame<'_>, code: Code, view: &View) -> Result<Made, Problem> {
    let lang = frame.lang;
    let name = countries().name(code, lang);
    let report = frame.site.report(frame.ledger, frame.edition, code, lang)?;
    let own = chapters(&report.document.blocks, code, lang);
    let mut writer = Writer { frame, country: code, popovers: Vec::new() };
    let body = writer.blocks(&own);
    let popovers = writer.popovers;
    let contents = own.iter().filter_map(|b| match b {
        Block::Heading { level: 1, id, c, .. } => Some((id.clone(), plain(c))),
        _ => None,
    });
    let contents: Vec<(String, String)> = contents.collect();
    let figures = crate::api::key_figures(frame.evidence(), code, lang)?;
    let body = html! {
        h1 { (name) }
        p.lead { (answer_in_short(frame, &name, &figures)) }
        aside.scope {
            h2 { (frame.t("web-not-title")) }
            p { (lang.text_with("web-not-country", &[("country", &name)])) }
            p { (not_for_individual_decisions(lang)) }
        }
        nav.contents aria-label=(frame.t("label-contents")) { ol {
            li { a href="#conditions" { (frame.t("web-conditions")) } }
            li { a href="#register" { (frame.t("web-register")) } }
            @for (id, title) in &contents { li { a href={ "#" (id) } { (title) } } }
            li { a href="#take" { (frame.t("web-take")) } }
        } }
        (explorer(frame, code, view)?)
        (register(frame, code))
        div.report { (body) }
        (take(frame, code, &name))
        @for popover in &popovers { (popover) }
    };
    Ok(Made::html(frame.page(&name, &[(name.clone(), frame.href(code.as_str()))], body)))
}

/// One paragraph: what is counted, each value a link.
fn answer_in_short(frame: &Frame<'_>, name: &str, figures: &[wegen_publication::Figure]) -> Markup {
    let lang = frame.lang;
    let shown = |recipe: &str| {
        let figure = figures.iter().find(|f| f.id.recipe == recipe);
        let cell = figure.and_then(|f| match &f.value {
            wegen_publication::Value::Number(cell) => Some((f, cell)),
            wegen_publication::Value::Table(_) => None,
        });
        html! { @if let Some((f, cell)) = cell {
            a class=(if cell.value.is_none() { "fig missing" } else { "fig" }) href=(frame.why(&f.id.to_string())) { (wegen_publication::show(cell, f.decimals, &f.unit, lang)) @if cell.carried { "\u{a0}*" } }
        } }
    };
    // Of what is not held no year is known.
    let when = |message: &str, recipe: &str| {
        let figure = figures.iter().find(|f| f.id.recipe == recipe);
        let year = figure.and_then(|f| f.id.params.get("year"));
        year.map_or(String::new(), |year| lang.text_with(message, &[("year", year)]))
    };
    html! {
        (lang.text_with("web-short-refugees", &[("country", name), ("when", &when("web-end-of", "refugees"))])) " " (shown("refugees")) ". "
        (frame.t("web-short-idps")) " " (shown("idps")) ". "
        @for recipe in ["idps-idmc", "palestine-refugees"] { @if figures.iter().any(|f| f.id.recipe == recipe) {
            (frame.t(&format!("web-short-{recipe}"))) " " (shown(recipe)) ". "
        } }
        (lang.text_with("web-short-returned", &[("when", &when("web-during", "returned-refugees"))])) " " (shown("returned-refugees")) ". "
        (lang.text_with("web-short-deaths", &[("when", &when("web-during", "deaths"))])) " " (shown("deaths")) "."
    }
}

/// Official reports with what became of them.
fn register(frame: &Frame<'_>, code: Code) -> Markup {
    let lang = frame.lang;
    let reports: Vec<_> = official_reports().of(code).collect();
    html! {
        section aria-labelledby="register" {
            h2 id="register" { (frame.t("web-register")) }
            @if reports.is_empty() { p.state.none { (frame.t("web-register-none")) } }
            @else { ul { @for r in reports { li {
                strong { (r.title) } " · " (r.publisher)
                @if let Some(status) = r.status() { " · " span.label { (lang.text(&format!("official-{}", status.as_str()))) } }
                ul.small { @for event in &r.history { li { (lang.period(event.date)) " · " (lang.text(&format!("official-{}", event.status.as_str()))) ": " (event.note(lang))
                    @if let Some(url) = &event.url { " " a href=(url) rel="noreferrer" { (lang.text(&format!("official-page-{}", event.page.as_str().replace(' ', "-")))) } } } } }
            } } } }
        }
    }
}

/// What can be taken along, and how it is cited.
fn take(frame: &Frame<'_>, code: Code, name: &str) -> Markup {
    let lang = frame.lang;
    let link = frame.href(code.as_str());
    let edition = match frame.edition.as_of {
        Some(day) => {
            format!("{}, {}", frame.id, lang.text_with("web-as-of", &[("date", &lang.date(day))]))
        }
        None => frame.id.clone(),
    };
    let cite = lang.text_with("web-cite", &[("country", name), ("edition", &edition), ("link", &link)]);
    html! {
        section.take aria-labelledby="take" {
            h2 id="take" { (frame.t("web-take")) }
            ul {
                li { a href=(format!("{code}/report.pdf")) { (frame.t("web-take-pdf")) } }
                li { a href=(format!("{code}/report.html")) { (frame.t("web-take-html")) } }
                li { a href=(frame.api(&format!("countries/{code}"))) { "JSON" } " · " a href=(frame.api(&format!("countries/{code}/conditions?format=hxl"))) { "CSV + HXL" } " · " a href=(frame.api(&format!("countries/{code}/conditions?format=geojson"))) { "GeoJSON" } }
                li { a href=(frame.api("edition.sqlite")) { (frame.t("web-take-sqlite")) } }
                li { a href=(format!("{code}/compare?what=editions")) { (frame.t("web-compare-editions")) } }
            }
            p { (frame.t("web-link")) " " a.permalink href=(link) { code { (link) } } }
            p.cite-this { (cite) }
            p.small { (frame.t("web-print")) }
        }
    }
}

/// Language, edition and country of an address, and what behind them is asked for.
type Of = (String, String, String);

/// A file of a country’s report, made by `make` and kept under `what`.
async fn file(
    app: &App,
    headers: &HeaderMap,
    (lang, edition, code): &Of,
    what: &str,
    make: impl FnOnce(&Site, &Ledger, &Edition, Code, Lang) -> Result<Made, Problem> + Send + 'static,
) -> Result<Response, Page> {
    let lang = language(lang)?;
    let in_lang = |problem| Page { problem, lang };
    let code = of_country(code).map_err(in_lang)?;
    let key = format!("{what} {code} {lang}");
    let made = answer(app, edition, key, headers, move |site, ledger, edition| {
        make(site, ledger, edition, code, lang)
    });
    made.await.map_err(in_lang)
}

/// The report as a PDF.
pub(crate) async fn pdf(
    State(app): State<App>,
    headers: HeaderMap,
    At(of): At<Of>,
) -> Result<Response, Page> {
    file(&app, &headers, &of, "pdf", |_, ledger, edition, code, lang| {
        let options = Options { country: code, lang, manuscript: None, pdf: true };
        let report = Report::build(ledger.evidence(edition), &options).map_err(of_report)?;
        let pdf = report.pdf.ok_or_else(|| Problem::internal("a report without its PDF"))?;
        Ok(Made::new("application/pdf", pdf).named(format!("wegen-{code}-{lang}-{}.pdf", edition.id())))
    })
    .await
}

/// The report as the file that can be verified.
pub(crate) async fn html(
    State(app): State<App>,
    headers: HeaderMap,
    At(of): At<Of>,
) -> Result<Response, Page> {
    let made = file(&app, &headers, &of, "html", |site, ledger, edition, code, lang| {
        Ok(Made::new("text/html; charset=utf-8", site.report(ledger, edition, code, lang)?.html.clone()))
    });
    let mut response = made.await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(REPORT));
    Ok(response)
}

/// A drawing of the report.
pub(crate) async fn drawing(
    State(app): State<App>,
    headers: HeaderMap,
    At((lang, edition, code, name)): At<(String, String, String, String)>,
) -> Result<Response, Page> {
    let (of, what) = ((lang, edition, code), format!("drawing {name}"));
    let made = file(&app, &headers, &of, &what, move |site, ledger, edition, code, lang| {
        let report = site.report(ledger, edition, code, lang)?;
        let known = name.ends_with(".svg").then(|| report.data.get(&name)).flatten();
        let shown: String = name.chars().take(80).collect();
        let bytes =
            known.ok_or_else(|| Problem::not_found(format!("this report has no drawing `{shown}`")))?;
        Ok(Made::new("image/svg+xml", bytes.clone()))
    });
    let mut response = made.await?;
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    );
    Ok(response)
}
