//! The report's tree as a page: each value is a link to where it comes from, each drawing a picture with its table.

use maud::{Markup, html};
use wegen_model::Code;
use wegen_publication::{Block, CellView, ChartView, Inline, TableView};

use super::Frame;

pub(crate) struct Writer<'f, 'a> {
    pub(crate) frame: &'f Frame<'a>,
    pub(crate) country: Code,
    pub(crate) popovers: Vec<Markup>,
}

impl Writer<'_, '_> {
    pub(crate) fn blocks(&mut self, blocks: &[Block]) -> Markup {
        let made: Vec<Markup> = blocks.iter().map(|b| self.block(b)).collect();
        html! { @for part in &made { (part) } }
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
                html! {
                    p id=[(!number.is_empty()).then(|| format!("p{number}"))] {
                        @if !number.is_empty() { a.pn href={ "#p" (number) } { (number) } " " }
                        (text)
                        @for notice in notices { span.correction role="note" { (notice) } }
                    }
                }
            }
            Block::List { ordered, items } => {
                let items: Vec<Markup> = items
                    .iter()
                    .map(|blocks| {
                        let inner: Vec<Markup> = blocks
                            .iter()
                            .map(|b| match b {
                                Block::Paragraph { c, .. } => self.inlines(c),
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
                let inner = self.blocks(c);
                html! { aside.scope { (inner) } }
            }
            Block::Cards { cards } => {
                let cards: Vec<Markup> = cards
                    .iter()
                    .map(|card| {
                        let figure = self.inlines(std::slice::from_ref(&card.figure));
                        html! { div.card { dt { (card.label) } dd { span.value { (figure) } " " span.sub { (card.sub) } } } }
                    })
                    .collect();
                html! { dl.cards { @for card in &cards { (card) } } }
            }
            Block::Table { table } => self.table(table),
            Block::Chart { chart } => self.chart(chart),
            Block::Sources { entries } => html! {
                ol.sources { @for entry in entries {
                    li id={ "source-" (entry.n) } value=(entry.n) {
                        p { (entry.citation) @if !entry.url.is_empty() { " " a href=(entry.url) rel="noreferrer" { (entry.url) } } }
                        p.small { (self.frame.t("label-licence")) ": "
                            @if entry.licence_url.is_empty() { (entry.licence) } @else { a href=(entry.licence_url) rel="noreferrer" { (entry.licence) } }
                            @if !entry.attribution.is_empty() { ". " (entry.attribution) "." } }
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
                Inline::Figure { v, missing, lineage, .. } => self.value(v, *missing, false, &lineage.claim),
            })
            .collect();
        html! { @for part in &parts { (part) } }
    }

    fn support(&mut self, statement: &str, support: &wegen_publication::Support) -> Markup {
        let id = format!("e-{statement}");
        let t = |id: &str| self.frame.t(id);
        self.popovers.push(html! {
            div.drawer popover id=(id) role="dialog" aria-label=(t("label-evidence")) {
                p { (support.about) }
                ol { @for e in &support.evidence { li {
                    strong { (e.role) } ": " (e.source) @if e.n > 0 { " " a href={ "#source-" (e.n) } { "[" (e.n) "]" } }
                    @if !e.place.is_empty() { br; @if e.url.is_empty() { (e.place) } @else { a href=(e.url) rel="noreferrer" { (e.place) } } }
                    @if !e.quote.is_empty() { br; q { (e.quote) } }
                    @if !e.kept.is_empty() { br; span.small { (e.kept) } }
                } } }
                button type="button" popovertarget=(id) popovertargetaction="hide" { (t("label-close")) }
            }
        });
        let name = format!("{} {statement}", t("label-evidence"));
        html! { sup { button.mark type="button" popovertarget=(id) aria-label=(name) { (t("label-evidence").to_lowercase()) } } }
    }

    fn value(&self, text: &str, missing: bool, old: bool, claim: &str) -> Markup {
        let class = match (missing, old) {
            (true, _) => "fig missing",
            (_, true) => "fig old",
            _ => "fig",
        };
        // Beside the page's own address: short, since there are many.
        html! { a class=(class) href={ "why?claim=" (super::layout::encode(claim)) } { (text) } }
    }

    fn cell(&self, cell: &CellView) -> Markup {
        match &cell.lineage {
            Some(lineage) => {
                let mark = cell.mark();
                self.value(&format!("{}{mark}", cell.v), cell.missing, cell.old, &lineage.claim)
            }
            None => html! { (cell.v) },
        }
    }

    pub(crate) fn table(&self, table: &TableView) -> Markup {
        let numeric = |i: usize| i > 0 && table.rows.iter().any(|r| r.get(i).is_some_and(|c| c.number));
        let csv = (!table.claim.is_empty())
            .then(|| self.frame.api(&format!("figures/{}?format=csv", super::layout::part(&table.claim))));
        html! {
            figure.table id=(table.id) {
                figcaption { strong { (table.title) } @if !table.subtitle.is_empty() { span.sub { (table.subtitle) } } }
                div.scroll tabindex="0" role="region" aria-label=(table.title) {
                    table {
                        thead { tr { @for (i, head) in table.head.iter().enumerate() {
                            th scope="col" class=[numeric(i).then_some("number")] { (head) }
                        } } }
                        tbody { @for row in &table.rows { tr { @for (i, cell) in row.iter().enumerate() {
                            @if i == 0 { th scope="row" { (self.cell(cell)) } }
                            @else if cell.number { td.number { (self.cell(cell)) } }
                            @else { td { (self.cell(cell)) } }
                        } } } }
                    }
                }
                @for mark in &table.marks { p.small { (mark) } }
                p.small { (table.source) @if let Some(csv) = csv { " " a href=(csv) { "CSV" } } }
            }
        }
    }

    fn chart(&self, chart: &ChartView) -> Markup {
        let src = format!("{}/drawings/{}", self.country, chart.file);
        let claim = chart.table.as_ref().map(|t| t.claim.clone()).filter(|c| !c.is_empty());
        let (width, height) = size(&chart.svg);
        html! {
            figure.chart id=(chart.id) data-claim=[claim] data-title=(chart.title) {
                figcaption { strong { (chart.title) } @if !chart.subtitle.is_empty() { span.sub { (chart.subtitle) } } }
                div.drawing { img src=(src) alt=(chart.alt) width=(width) height=(height) loading="lazy"; }
                p.small { (chart.source) " " a href=(src) download { "SVG" } }
                @if let Some(table) = &chart.table { details { summary { (self.frame.t("label-as-table")) } (self.table(table)) } }
            }
        }
    }
}

/// Width and height that a drawing states, so that the page does not move when it comes.
fn size(svg: &str) -> (String, String) {
    let of = |name: &str| {
        let from = svg.find(&format!(" {name}=\""))? + name.len() + 3;
        svg[from..].split('"').next().map(str::to_owned)
    };
    (of("width").unwrap_or_else(|| "720".into()), of("height").unwrap_or_else(|| "300".into()))
}
