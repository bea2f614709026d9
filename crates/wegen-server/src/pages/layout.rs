//! What stands around every page: head, header, notice, footer.

use maud::{DOCTYPE, Markup, html};
use wegen_ledger::{Edition, Evidence, Ledger};
use wegen_model::{Lang, not_for_individual_decisions};

use crate::{assets, error::Problem, site::Site};

/// What a page is made from.
pub(crate) struct Frame<'a> {
    pub(crate) site: &'a Site,
    pub(crate) ledger: &'a Ledger,
    pub(crate) edition: &'a Edition,
    pub(crate) id: String,
    pub(crate) lang: Lang,
    pub(crate) rest: String,
    pub(crate) newest: String,
}

impl<'a> Frame<'a> {
    pub(crate) fn evidence(&self) -> Evidence<'a> {
        self.ledger.evidence(self.edition)
    }

    pub(crate) fn t(&self, id: &str) -> String {
        self.lang.text(id)
    }

    /// The address of a page of this edition.
    pub(crate) fn href(&self, rest: &str) -> String {
        format!("/{}/e/{}/{rest}", self.lang, self.id)
    }

    /// The address of something of the interface.
    pub(crate) fn api(&self, rest: &str) -> String {
        format!("/api/v1/editions/{}/{rest}", self.id)
    }

    /// Where the lineage of a claim stands.
    pub(crate) fn why(&self, claim: &str) -> String {
        self.href(&format!("why?claim={}", encode(claim)))
    }

    fn dated(&self) -> Markup {
        let lang = self.lang;
        let as_of = self.edition.as_of.map(|d| lang.text_with("web-as-of", &[("date", &lang.date(d))]));
        let behind =
            self.rest.strip_prefix("/e/").and_then(|r| r.split_once('/')).map_or("", |(_, rest)| rest);
        let days = self.site.editions();
        html! {
            details.editions {
                summary {
                    (lang.text_with("web-edition", &[("edition", &self.id)]))
                    @if let Some(as_of) = as_of { ", " (as_of) }
                }
                p { (self.t("web-editions-text")) }
                ul { @for (day, id) in &days.days {
                    li { a href=(format!("/{lang}/e/{id}/{behind}")) aria-current=[(id == &self.id).then_some("true")] {
                        (lang.text_with("web-as-of", &[("date", &lang.date(*day))]))
                    } " " code { (id) } }
                } }
            }
        }
    }

    /// The page, whole.
    pub(crate) fn page(&self, title: &str, trail: &[(String, String)], body: Markup) -> Markup {
        let lang = self.lang;
        let other = if lang == Lang::Nl { Lang::En } else { Lang::Nl };
        let stale = self.id != self.newest;
        html! {
            (DOCTYPE)
            html lang=(lang) {
                (head(title, lang))
                body {
                    a.skip href="#main" { (self.t("label-skip")) }
                    header.top {
                        div.row {
                            a.brand href=(self.href("")) { "Wegen" }
                            nav.trail aria-label=(self.t("web-trail")) { ol {
                                @for (name, href) in trail { li { a href=(href) { (name) } } }
                            } }
                            nav.tools aria-label=(self.t("web-tools")) {
                                a href=(self.href("sources")) { (self.t("web-sources")) }
                                a href="/api/" { "API" }
                                a href={ "/" (other) (self.rest) } hreflang=(other) lang=(other) { (self.t("web-other-language")) }
                            }
                        }
                        (self.dated())
                        @if stale {
                            p.state.old role="status" { (self.t("web-older-edition")) " "
                                a href={ "/" (lang) (self.rest.replacen(&self.id, &self.newest, 1)) } { (self.t("web-to-newest")) } }
                        }
                    }
                    main id="main" { (body) }
                    footer {
                        p.notice role="note" { (not_for_individual_decisions(lang)) }
                        p { (self.t("web-footer")) " " a href="/api/" { "API" } " · " a href=(self.api("edition.sqlite")) { "SQLite" } }
                    }
                    (assets::scripts())
                }
            }
        }
    }
}

fn head(title: &str, lang: Lang) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="not-for-individual-decisions" content="true";
            meta name="color-scheme" content="light";
            title { (title) " – Wegen" }
            link rel="stylesheet" href=(assets::style());
            link rel="icon" href="data:,";
            // Words that scripts show, in the reader's language.
            meta name="wegen-words" content=(words(lang));
        }
    }
}

fn words(lang: Lang) -> String {
    let ids = [
        "web-loading",
        "web-failed",
        "label-close",
        "web-zoom-in",
        "web-zoom-out",
        "web-map-hint",
        "verdict-met",
        "verdict-not-met",
        "verdict-cannot-be-determined",
        "web-copied",
        "web-copy",
        "web-slider",
    ];
    let map: serde_json::Map<String, serde_json::Value> =
        ids.iter().map(|id| ((*id).to_owned(), serde_json::Value::from(lang.text(id)))).collect();
    serde_json::Value::Object(map).to_string()
}

/// A problem as people are told it.
pub(crate) fn problem_page(problem: &Problem, lang: Lang) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang) {
            (head(&lang.text("web-problem"), lang))
            body {
                header.top { div.row { a.brand href={ "/" (lang) "/" } { "Wegen" } } }
                main id="main" {
                    h1 { (lang.text(if problem.status == 404 { "web-not-found" } else { "web-problem" })) }
                    p.state.error role="alert" { (problem.detail) }
                    @if let Some(hint) = &problem.hint { p { (hint) } }
                    p { a href={ "/" (lang) "/" } { (lang.text("web-to-start")) } }
                }
                footer { p.notice role="note" { (not_for_individual_decisions(lang)) } }
            }
        }
    }
}

/// A text as one part of a path.
pub(crate) fn part(text: &str) -> String {
    encode(text).replace('/', "%2F")
}

/// A text as part of a query.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for b in text.bytes() {
        match b {
            b'A'..=b'Z'
            | b'a'..=b'z'
            | b'0'..=b'9'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'/'
            | b','
            | b':'
            | b'@' => out.push(b as char),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}

/// A page on the interface itself, in English as its answers are.
pub(crate) fn plain(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(title, Lang::En))
            body {
                a.skip href="#main" { (Lang::En.text("label-skip")) }
                header.top { div.row { a.brand href="/" { "Wegen" } } }
                main id="main" { (body) }
                footer { p.notice role="note" { (not_for_individual_decisions(Lang::En)) } }
            }
        }
    }
}
