//! One self-contained, accessible HTML file. Every value is a button that opens its lineage; no script is needed.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::document::{Block, CellView, ChartView, Document, Inline, Lineage, RecordLine, TableView, plain};

const STYLE: &str = include_str!("../assets/report.css");

/// Renders the document, with the claims inside: data for whoever checks the page, and nothing that runs.
pub(crate) fn render(document: &Document, claims: &serde_json::Value) -> String {
    // `<` would end the element; JSON knows it by its number as well.
    let claims = claims.to_string().replace('<', "\\u003c");
    let mut writer = Writer { document, popovers: Vec::new() };
    let body: Vec<Markup> = document.blocks.iter().map(|b| writer.block(b)).collect();
    let label = |id: &str| document.labels.get(id).cloned().unwrap_or_default();
    let page = html! {
        (DOCTYPE)
        html lang=(document.lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content="Wegen";
                meta name="not-for-individual-decisions" content="true";
                title { (document.title) " – " (document.subtitle) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { (label("skip")) }
                header.cover {
                    p.kicker { (label("kicker")) }
                    h1 { (document.title) }
                    p.subtitle { (document.subtitle) }
                    dl.meta {
                        @for (name, value) in &document.meta { div { dt { (name) } dd { (value) } } }
                    }
                    @if !document.evidence.is_empty() {
                        table.held {
                            thead { tr { @for head in ["source", "period", "since"] { th scope="col" { (label(&format!("evidence-{head}"))) } } } }
                            tbody { @for [source, period, since] in &document.evidence {
                                tr { th scope="row" { (source) } td { (period) } td { (since) } }
                            } }
                        }
                    }
                    p.notice role="note" { (document.notice) }
                }
                nav.contents aria-label=(label("contents")) {
                    h2 { (label("contents")) }
                    ol { @for block in &document.blocks {
                        @if let Block::Heading { level: 1, id, c, .. } = block { li { a href={ "#" (id) } { (plain(c)) } } }
                    } }
                }
                main id="main" { @for block in &body { (block) } }
                footer { p { (document.footer) } p { (document.notice) } }
                @for popover in &writer.popovers { (popover) }
                script type="application/json" id="wegen-claims" { (PreEscaped(claims)) }
            }
        }
    };
    page.into_string()
}

struct Writer<'d> {
    document: &'d Document,
    popovers: Vec<Markup>,
}

impl Writer<'_> {
    fn label(&self, id: &str) -> &str {
        self.document.labels.get(id).map_or("", String::as_str)
    }

    fn block(&mut self, block: &Block) -> Markup {
        match block {
            Block::Heading { level, number, id, c } => {
                let text = self.inlines(c);
                let inner = html! { @if !number.is_empty() { span.number { (number) } " " } (text) };
                match level {
                    1 => html! { h2 id=(id) { (inner) } },
                    2 => html! { h3 id=(id) { (inner) } },
                    _ => html! { h4 id=(id) { (inner) } },
                }
            }
            Block::Paragraph { number, notices, c } => {
                let text = self.inlines(c);
                let notices = html! { @for notice in notices { span.correction role="note" { (notice) } } };
                match number.as_str() {
                    "" => html! { p { (text) } },
                    number => html! {
                        p.numbered id={ "p" (number) } { (pilcrow(number)) (text) (notices) }
                    },
                }
            }
            Block::List { ordered, items } => {
                let items: Vec<Markup> = items
                    .iter()
                    .map(|blocks| {
                        let inner: Vec<Markup> = blocks
                            .iter()
                            .map(|b| match b {
                                // A list's text needs no paragraph of its own.
                                Block::Paragraph { number, notices, c } => {
                                    let text = self.inlines(c);
                                    html! {
                                        @if number.is_empty() { (text) }
                                        @else { span.numbered id={ "p" (number) } { (pilcrow(number)) (text) } }
                                        @for notice in notices { span.correction role="note" { (notice) } }
                                    }
                                }
                                other => self.block(other),
                            })
                            .collect();
                        html! { li { @for part in &inner { (part) } } }
                    })
                    .collect();
                match ordered {
                    true => html! { ol { @for item in &items { (item) } } },
                    false => html! { ul { @for item in &items { (item) } } },
                }
            }
            Block::Notice { c } => {
                let inner: Vec<Markup> = c.iter().map(|b| self.block(b)).collect();
                html! { aside.note { @for part in &inner { (part) } } }
            }
            Block::Cards { cards } => {
                let cards: Vec<Markup> = cards
                    .iter()
                    .map(|card| {
                        let figure = self.inlines(std::slice::from_ref(&card.figure));
                        html! { div.card { dt { (card.label) } dd { span.value { (figure) } span.sub { (card.sub) } } } }
                    })
                    .collect();
                html! { dl.cards { @for card in &cards { (card) } } }
            }
            Block::Table { table } => self.table(table),
            Block::Chart { chart } => self.chart(chart),
            Block::Sources { entries } => html! {
                ol.sources { @for entry in entries {
                    li id={ "source-" (entry.n) } value=(entry.n) {
                        p { (entry.citation) @if !entry.url.is_empty() { " " a href=(entry.url) { (entry.url) } } }
                        p.small {
                            (self.label("licence")) ": "
                            @if entry.licence_url.is_empty() { (entry.licence) } @else { a href=(entry.licence_url) { (entry.licence) } }
                            "." @if !entry.attribution.is_empty() { " " (entry.attribution) "." }
                        }
                        @if !entry.caveat.is_empty() { p.small { (entry.caveat) } }
                        ul.small { @for line in &entry.snapshots { li { (line) } } }
                    }
                } }
            },
        }
    }

    fn inlines(&mut self, inlines: &[Inline]) -> Markup {
        let parts: Vec<Markup> = inlines
            .iter()
            .map(|inline| match inline {
                Inline::Text { v } => html! { (v) },
                Inline::Code { v } => html! { code { (v) } },
                Inline::Emph { c } => {
                    let inner = self.inlines(c);
                    html! { em { (inner) } }
                }
                Inline::Strong { c } => {
                    let inner = self.inlines(c);
                    html! { strong { (inner) } }
                }
                Inline::Link { href, c } => {
                    let inner = self.inlines(c);
                    html! { a href=(href) { (inner) } }
                }
                Inline::Cite { n, .. } => html! { sup.cite { a href={ "#source-" (n) } { "[" (n) "]" } } },
                Inline::Statement { id, support, labels } => {
                    let mark = support.as_ref().map(|s| self.support(id, s));
                    html! {
                        @for label in labels { " " span.label { "(" (label) ")" } }
                        @if let Some(mark) = mark { (mark) }
                    }
                }
                Inline::Figure { v, missing, lineage, .. } => self.value(v, *missing, false, lineage),
            })
            .collect();
        html! { @for part in &parts { (part) } }
    }

    /// The mark behind a statement, which opens its evidence.
    fn support(&mut self, statement: &str, support: &crate::document::Support) -> Markup {
        let id = format!("e-{statement}");
        let popover = html! {
            div.lineage popover id=(id) role="dialog" aria-label=(self.label("evidence")) {
                p { (support.about) }
                @if support.evidence.is_empty() { p { (self.label("no-evidence")) } }
                ol { @for evidence in &support.evidence { li {
                    span { strong { (evidence.role) } ": " (evidence.source)
                        @if evidence.n > 0 { " " a href={ "#source-" (evidence.n) } { "[" (evidence.n) "]" } } }
                    @if !evidence.place.is_empty() { span.place {
                        @if evidence.url.is_empty() { (evidence.place) } @else { a href=(evidence.url) { (evidence.place) } }
                    } }
                    @if !evidence.quote.is_empty() { q { (evidence.quote) } }
                    @if !evidence.kept.is_empty() { span.id { (evidence.kept) } }
                } } }
                p.id { (self.label("statement")) ": " code { (statement) } }
                button type="button" popovertarget=(id) popovertargetaction="hide" { (self.label("close")) }
            }
        };
        self.popovers.push(popover);
        let name = format!("{} {statement}", self.label("evidence"));
        html! { sup { button.mark type="button" popovertarget=(id) aria-label=(name) { (self.label("evidence").to_lowercase()) } } }
    }

    /// A value that opens its lineage.
    fn value(&mut self, text: &str, missing: bool, old: bool, lineage: &Lineage) -> Markup {
        let id = format!("l{}", self.popovers.len());
        let row = |record: &RecordLine| {
            html! {
                li {
                    span { (record.source) @if record.n > 0 { " " a href={ "#source-" (record.n) } { "[" (record.n) "]" } } }
                    span.place { (record.place) }
                    code { (record.row) }
                    span.id { (record.id) }
                }
            }
        };
        let popover = html! {
            div.lineage popover id=(id) role="dialog" aria-label=(self.label("lineage")) {
                p.value { strong { (lineage.value) } " " (lineage.label) }
                @if !lineage.how.is_empty() { p { (lineage.how) } }
                @if lineage.records.is_empty() { p { (self.label("no-records")) } }
                @else { ol { @for record in &lineage.records { (row(record)) } } }
                @if lineage.more > 0 { p { (self.label("more").replace("{n}", &lineage.more.to_string())) } }
                p.id { (self.label("claim")) ": " code { (lineage.claim) } }
                button type="button" popovertarget=(id) popovertargetaction="hide" { (self.label("close")) }
            }
        };
        self.popovers.push(popover);
        let class = match (missing, old) {
            (true, _) => "fig missing",
            (_, true) => "fig old",
            _ => "fig",
        };
        html! { button type="button" class=(class) popovertarget=(id) { (text) } }
    }

    fn cell(&mut self, cell: &CellView) -> Markup {
        match &cell.lineage {
            Some(lineage) => {
                let mark = cell.mark();
                self.value(&format!("{}{mark}", cell.v), cell.missing, cell.old, lineage)
            }
            None => html! { (cell.v) },
        }
    }

    fn rows(&mut self, table: &TableView) -> Vec<Markup> {
        let mut rows = Vec::new();
        for row in &table.rows {
            let cells: Vec<Markup> = row
                .iter()
                .enumerate()
                .map(|(i, cell)| {
                    let inner = self.cell(cell);
                    match (i, cell.number) {
                        (0, _) => html! { th scope="row" { (inner) } },
                        (_, true) => html! { td.number { (inner) } },
                        (_, false) => html! { td { (inner) } },
                    }
                })
                .collect();
            rows.push(html! { tr { @for cell in &cells { (cell) } } });
        }
        rows
    }

    fn table(&mut self, table: &TableView) -> Markup {
        let rows = self.rows(table);
        let numeric = |i: usize| i > 0 && table.rows.iter().any(|r| r.get(i).is_some_and(|c| c.number));
        html! {
            figure.table id=(table.id) {
                figcaption { strong { (table.title) } @if !table.subtitle.is_empty() { span.sub { (table.subtitle) } } }
                div.scroll tabindex="0" role="region" aria-label=(table.title) {
                    table {
                        thead { tr { @for (i, head) in table.head.iter().enumerate() {
                            th scope="col" class=[numeric(i).then_some("number")] { (head) }
                        } } }
                        tbody { @for row in &rows { (row) } }
                    }
                }
                @for mark in &table.marks { p.small { (mark) } }
                p.small { (table.source) }
            }
        }
    }

    fn chart(&mut self, chart: &ChartView) -> Markup {
        let table = chart.table.as_ref().map(|t| self.table(t));
        // The drawing's own size becomes a view box, so that it scales to the page.
        let svg = scalable(&chart.svg, &chart.alt);
        html! {
            figure.chart id=(chart.id) {
                figcaption { strong { (chart.title) } @if !chart.subtitle.is_empty() { span.sub { (chart.subtitle) } } }
                div.scroll.drawing tabindex="0" role="region" aria-label=(chart.title) { (PreEscaped(svg)) }
                p.small { (chart.source) }
                @if let Some(table) = table { details { summary { (self.label("as-table")) } (table) } }
            }
        }
    }
}

/// The number of a paragraph, which is its address.
fn pilcrow(number: &str) -> Markup {
    html! { a.pn href={ "#p" (number) } { (number) } " " }
}

/// The SVG with a role and a text alternative.
fn scalable(svg: &str, alt: &str) -> String {
    let start = svg.find("<svg").unwrap_or(0);
    let escaped = alt.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    svg[start..].replacen("<svg", &format!("<svg role=\"img\" aria-label=\"{escaped}\""), 1)
}
