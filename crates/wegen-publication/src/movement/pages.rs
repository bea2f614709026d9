//! One self-contained page about a simulation: what was assumed, what came of it, how far off such runs were, limits.
//!
//! For the analyst with camps by day; for publication with areas by month. No script runs in it.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use wegen_model::{Lang, not_for_individual_decisions};
use wegen_movement::{Counted, Parameters, Prior};

use super::Drawing;
use super::csv::{area_months, area_name, compared, plain_name};
use super::told::{Shown, Told, history_lines, total_id, whole};

const STYLE: &str = include_str!("../../assets/report.css");

/// For whom a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Camps by day: stays in the analyst's own folder.
    Analyst,
    /// Areas by month.
    Publication,
}

/// The page.
pub fn page(told: &Told, reader: For, drawings: &[Drawing], lang: Lang) -> String {
    let label = |id: &str| lang.text(id);
    let first = lang.date(told.instance.date(0));
    let last = lang.date(told.instance.date(told.last_day()));
    let subtitle = lang.text_with(
        "movement-subtitle",
        &[("instance", &told.instance.name), ("first", &first), ("last", &last)],
    );
    let meta = [
        (label("movement-meta-members"), lang.integer(told.members as i64)),
        (label("movement-meta-seed"), told.seed.to_string()),
        (label("movement-meta-program"), format!("Wegen {}", env!("CARGO_PKG_VERSION"))),
        (label("movement-meta-job"), told.job_hash.chars().take(16).collect()),
    ];
    let audience = label(match reader {
        For::Analyst => "movement-for-analyst",
        For::Publication => "movement-for-publication",
    });
    let sections = [
        ("assumptions", assumptions(told, lang)),
        ("given", given(told, lang)),
        ("outcome", outcome(told, reader, drawings, lang)),
        ("returns", returns(told, lang)),
        ("parameters", parameters(told, lang)),
        ("history", history(told, lang)),
        ("notes", notes(told, reader, lang)),
        ("limits", limits(lang)),
    ];
    let sections: Vec<(&str, Markup)> = sections.into_iter().filter_map(|(id, m)| Some((id, m?))).collect();
    let head = |id: &str| label(&format!("movement-section-{id}"));
    html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="Wegen";
                meta name="not-for-individual-decisions" content="true";
                title { (told.title(lang)) " – " (told.instance.name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (label("movement-skip")) }
                header.cover {
                    p.kicker { (label("movement-kicker")) }
                    h1 { (told.title(lang)) }
                    p.subtitle { (subtitle) }
                    dl.meta { @for (name, value) in &meta { div { dt { (name) } dd { (value) } } } }
                    p.notice role="note" { (not_for_individual_decisions(lang)) }
                    p.notice role="note" { (audience) }
                }
                nav.contents aria-label=(label("movement-contents")) {
                    h2 { (label("movement-contents")) }
                    ol { @for (id, _) in &sections { li { a href={ "#" (id) } { (head(id)) } } } }
                }
                main id="main" {
                    @for (id, section) in &sections { h2 id=(id) { (head(id)) } (section) }
                }
                footer { p { (told.attribution) } p { (not_for_individual_decisions(lang)) } }
            }
        }
    }
    .into_string()
}

fn assumptions(told: &Told, lang: Lang) -> Option<Markup> {
    let Some((scenario, hash)) = &told.scenario else {
        return Some(html! { p { (lang.text("movement-no-scenario-text")) } });
    };
    let costs: Vec<String> = scenario.costs().iter().map(|c| cost_text(c, lang)).collect();
    Some(html! {
        p { (lang.text("movement-assumed")) }
        ul { @for a in &scenario.assumptions { li { (a.get(lang)) } } }
        @if !scenario.sources.is_empty() {
            p { (lang.text("movement-assumption-sources")) }
            ul { @for source in &scenario.sources { li { (source) } } }
        }
        @if !costs.is_empty() { p { (lang.text("movement-costs")) " " (lang.list(&costs)) "." } }
        p.small { (lang.text("movement-scenario")) ": " code { (scenario.id) } " · " code { (hash.chars().take(16).collect::<String>()) } }
    })
}

/// A cost as the scenario states it.
pub fn cost_text(cost: &wegen_movement::Cost, lang: Lang) -> String {
    lang.text_with(
        "movement-cost",
        &[
            ("amount", &lang.decimal(cost.amount, 0)),
            ("currency", &cost.currency),
            ("year", &cost.year.to_string()),
        ],
    )
}

fn given(told: &Told, lang: Lang) -> Option<Markup> {
    Some(html! { ul { @for line in told.said(lang) { li { (line) } } } })
}

fn outcome(told: &Told, reader: For, drawings: &[Drawing], lang: Lang) -> Option<Markup> {
    let table = match reader {
        For::Analyst => camps(told, lang),
        For::Publication => areas(told, lang),
    };
    Some(html! {
        (table)
        @for drawing in drawings {
            figure.chart {
                div.scroll.drawing tabindex="0" role="region" aria-label=(drawing.title) { (PreEscaped(embedded(drawing))) }
            }
        }
    })
}

fn figure(title: &str, head: &[String], rows: &[Vec<String>], texts: usize, marks: &[String]) -> Markup {
    html! {
        figure.table {
            figcaption { strong { (title) } }
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table {
                    thead { tr { @for (i, h) in head.iter().enumerate() { th scope="col" class=[(i >= texts).then_some("number")] { (h) } } } }
                    tbody { @for row in rows { tr { @for (i, cell) in row.iter().enumerate() {
                        @if i == 0 { th scope="row" { (cell) } }
                        @else { td class=[(i >= texts).then_some("number")] { (cell) } }
                    } } } }
                }
            }
            @for mark in marks { p.small { (mark) } }
        }
    }
}

/// The rows of camps and totals on the last day: name, country, registered, median, central 90 %.
pub fn camp_rows(told: &Told, lang: Lang) -> Vec<Vec<String>> {
    let last = told.last_day();
    let mut rows = Vec::new();
    for band in &told.simulated.daily.series {
        let Counted::At(place) = band.counted else { continue };
        let l = &told.instance.locations[place];
        let shown = Shown::of(&band.ends, last as usize);
        let registered = told.registered(place, last).map_or("–".to_owned(), |n| lang.integer(n as i64));
        let names = [plain_name(&l.name), plain_name(&l.country)];
        rows.push(
            names.into_iter().chain([registered, shown.median_text(lang), shown.wide_text(lang)]).collect(),
        );
    }
    rows
}

/// The rows of totals on the last day; returns by different causes stand apart and are never added without a label.
pub fn total_rows(told: &Told, lang: Lang) -> Vec<Vec<String>> {
    let last = told.last_day() as usize;
    let row = |counted: Counted| -> Option<Vec<String>> {
        let shown = Shown::of(&told.simulated.daily.of(counted)?.ends, last);
        Some(vec![lang.text(total_id(counted)), shown.median_text(lang), shown.wide_text(lang)])
    };
    told.totals().into_iter().filter_map(row).collect()
}

fn camps(told: &Told, lang: Lang) -> Markup {
    let label = |id: &str| lang.text(id);
    let title =
        lang.text_with("movement-table-camps", &[("date", &lang.date(told.instance.date(told.last_day())))]);
    let head = [
        "movement-head-place",
        "movement-head-country",
        "movement-head-registered",
        "movement-head-median",
        "movement-head-wide",
    ]
    .map(label);
    let mut marks = vec![label("movement-mark-wide")];
    if compared(&told.instance) {
        marks.push(label("movement-mark-registered"));
    }
    let totals = ["movement-head-total", "movement-head-median", "movement-head-wide"].map(label);
    html! {
        (figure(&title, &head, &camp_rows(told, lang), 2, &marks))
        (figure(&label("movement-table-totals"), &totals, &total_rows(told, lang), 1, &[]))
    }
}

fn areas(told: &Told, lang: Lang) -> Markup {
    let label = |id: &str| lang.text(id);
    let s = &told.simulated;
    let last = s.months.len().saturating_sub(1);
    let month = s.months.last().map_or(String::new(), |m| month_text(m.first, lang));
    let title = lang.text_with("movement-table-areas", &[("month", &month)]);
    let head =
        ["movement-head-area", "movement-head-registered", "movement-head-median", "movement-head-wide"]
            .map(label);
    let withheld = label("movement-withheld");
    let mut hidden = false;
    let rows: Vec<Vec<String>> = area_months(told)
        .into_iter()
        .filter(|m| m.month == last)
        .map(|m| {
            hidden |= m.withheld;
            let registered = match (m.withheld, m.registered) {
                (true, _) => withheld.clone(),
                (_, Some(n)) => whole(n as f64, lang),
                _ => "–".to_owned(),
            };
            let (median, wide) = m
                .shown
                .map_or((withheld.clone(), withheld.clone()), |s| (s.median_text(lang), s.wide_text(lang)));
            vec![area_name(&s.areas[m.area], lang), registered, median, wide]
        })
        .collect();
    let mut marks = vec![label("movement-mark-wide"), label("movement-mark-months")];
    if compared(&told.instance) {
        marks.push(label("movement-mark-registered"));
    }
    if hidden {
        marks.push(label("movement-mark-withheld"));
    }
    figure(&title, &head, &rows, 1, &marks)
}

/// A month in words.
pub fn month_text(first: jiff::civil::Date, lang: Lang) -> String {
    format!("{} {}", lang.text(&format!("month-{}", first.month())), first.year())
}

fn returns(told: &Told, lang: Lang) -> Option<Markup> {
    let method = told.returns.as_ref()?;
    let label = |id: &str| lang.text(id);
    let head = ["movement-head-number", "movement-head-value", "movement-head-range", "movement-head-reason"]
        .map(label);
    let number = |value: f64| short(value, lang);
    let rows: Vec<Vec<String>> = method
        .priors
        .iter()
        .zip(method.rates.values())
        .map(|(prior, value)| {
            let name = prior.name.trim_start_matches("return.");
            let reason = method.reasons.iter().find(|r| r.name == name).map(|r| r.text.get(lang).to_owned());
            let (low, high) = prior.prior.range();
            let range = format!("{}–{}", number(low), number(high));
            vec![name.to_owned(), number(value), range, reason.unwrap_or_default()]
        })
        .collect();
    Some(html! {
        p { (label("movement-returns-text")) }
        (figure(&format!("{}, {}", method.title.get(lang), method.version), &head, &rows, 4, &[]))
    })
}

/// A parameter in few digits.
pub fn short(value: f64, lang: Lang) -> String {
    let size = value.abs();
    let digits = [(100.0, 0), (10.0, 1), (1.0, 2), (0.01, 3)]
        .iter()
        .find(|(from, _)| size >= *from)
        .map_or(5, |(_, d)| *d);
    let digits = if size == 0.0 { 0 } else { digits };
    lang.decimal(value, digits)
}

/// The rows of parameters: name, what they were drawn from, and the central 90 %.
pub fn parameter_rows(parameters: &Parameters, lang: Lang) -> Vec<Vec<String>> {
    match parameters {
        Parameters::Priors(all) => all
            .iter()
            .map(|p| {
                let (low, high) = (p.prior.quantile(0.05), p.prior.quantile(0.95));
                vec![
                    p.name.clone(),
                    prior_text(&p.prior, lang),
                    format!("{}–{}", short(low, lang), short(high, lang)),
                ]
            })
            .collect(),
        Parameters::Sample(sample) => (0..sample.names.len())
            .map(|at| {
                let (low, high) = (sample.quantile(at, 0.05), sample.quantile(at, 0.95));
                let of = lang
                    .text_with("movement-sample", &[("points", &lang.integer(sample.points.len() as i64))]);
                vec![sample.names[at].clone(), of, format!("{}–{}", short(low, lang), short(high, lang))]
            })
            .collect(),
    }
}

fn prior_text(prior: &Prior, lang: Lang) -> String {
    let (low, high) = prior.range();
    let id = match prior {
        Prior::Point { .. } => "movement-prior-point",
        Prior::Uniform { .. } => "movement-prior-uniform",
        Prior::LogUniform { .. } => "movement-prior-log-uniform",
        Prior::Whole { .. } => "movement-prior-whole",
        Prior::Triangular { .. } => "movement-prior-triangular",
        Prior::Normal { .. } => "movement-prior-normal",
    };
    lang.text_with(id, &[("low", &short(low, lang)), ("high", &short(high, lang))])
}

fn parameters(told: &Told, lang: Lang) -> Option<Markup> {
    let rows = parameter_rows(&told.parameters, lang);
    let head =
        ["movement-head-parameter", "movement-head-drawn", "movement-head-central"].map(|id| lang.text(id));
    Some(match rows.is_empty() {
        true => html! { p { (lang.text("movement-parameters-none")) } },
        false => figure(&lang.text("movement-table-parameters"), &head, &rows, 2, &[]),
    })
}

fn history(told: &Told, lang: Lang) -> Option<Markup> {
    let lines = history_lines(&told.history, lang);
    Some(html! {
        p { (lang.text("movement-history-text")) }
        ul { @for line in &lines { li { (line) } } }
    })
}

fn notes(told: &Told, reader: For, lang: Lang) -> Option<Markup> {
    // Notes name files, lines and places: they are for who made the run.
    let notes = &told.instance.notes;
    (reader == For::Analyst && !notes.is_empty()).then(|| {
        html! {
            p { (lang.text("movement-notes-text")) }
            ul { @for note in notes { li lang="en" { (note) } } }
        }
    })
}

fn limits(lang: Lang) -> Option<Markup> {
    let limits = ["will", "shares", "capacities", "roads", "conditions", "person"];
    Some(html! { ul { @for limit in limits { li { (lang.text(&format!("movement-limit-{limit}"))) } } } })
}

/// The drawing with a text alternative.
fn embedded(drawing: &Drawing) -> String {
    let start = drawing.svg.find("<svg").unwrap_or(0);
    let title = drawing.title.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    drawing.svg[start..].replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{title}\""), 1)
}
