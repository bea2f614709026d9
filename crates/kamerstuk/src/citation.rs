//! What a citation is, and how it is written.

use std::fmt;

use crate::find::find;

/// What is cited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Kind {
    /// A paper of a chamber.
    Kamerstuk,
    /// The record of a sitting.
    Handelingen,
    /// Written questions with their answers.
    Aanhangsel,
    /// Staatsblad.
    Staatsblad,
    /// Tractatenblad.
    Tractatenblad,
    /// Staatscourant.
    Staatscourant,
    /// A document of the European Commission, by its COM, JOIN, SWD or SEC number, or by CELEX.
    Celex,
    /// A judgment.
    Ecli,
    /// The Tweede Kamer's own number of a document (`2023D02547`) or a case (`2023Z02406`).
    Document,
    /// An attachment, by its number at Officiële Bekendmakingen (`blg-1171234`).
    Bijlage,
    /// Written questions before there is an answer (`kv-tk-2024Z12345`).
    Kamervraag,
}

/// A chamber of the States General.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Chamber {
    /// Eerste Kamer.
    First,
    /// Tweede Kamer.
    Second,
    /// Both, as in `I/II`.
    Both,
    /// Verenigde Vergadering.
    United,
}

impl Chamber {
    fn leidraad(self) -> &'static str {
        match self {
            Chamber::First => "I",
            Chamber::Second => "II",
            Chamber::Both => "I/II",
            Chamber::United => "VV",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Chamber::First => "Eerste Kamer",
            Chamber::Second => "Tweede Kamer",
            Chamber::Both => "Eerste en Tweede Kamer",
            Chamber::United => "Verenigde Vergadering",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Chamber::First => "Senate",
            Chamber::Second => "House of Representatives",
            Chamber::Both => "States General",
            Chamber::United => "Joint Session of the States General",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Chamber::First => "ek",
            Chamber::Second => "tk",
            Chamber::Both => "sg",
            Chamber::United => "vv",
        }
    }
}

/// A session: two consecutive years, by the first; or one year of an official gazette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Years {
    /// The first year.
    pub from: u16,
}

/// A dossier: five digits with, where it has one, an addition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Dossier {
    /// Five digits.
    pub number: u32,
    /// A budget chapter (`V`, `XVII`, `IIA`), a fund (`A`), or two digits of a Council dossier (`02`).
    pub addition: Option<String>,
}

impl Dossier {
    fn id(&self) -> String {
        match &self.addition {
            Some(addition) => format!("{}-{addition}", self.number),
            None => self.number.to_string(),
        }
    }

    fn written(&self, spaced: bool) -> String {
        let number = match spaced {
            true => format!("{} {:03}", self.number / 1000, self.number % 1000),
            false => self.number.to_string(),
        };
        match &self.addition {
            Some(digits) if digits.starts_with(|c: char| c.is_ascii_digit()) => format!("{number}-{digits}"),
            Some(letters) => format!("{number} {letters}"),
            None => number,
        }
    }
}

/// Numbers with the pages that are cited of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Part {
    /// The numbers.
    pub numbers: Vec<String>,
    /// Their pages, as written.
    pub pages: Option<String>,
}

/// A citation that was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Citation {
    pub(crate) kind: Kind,
    pub(crate) chamber: Option<Chamber>,
    pub(crate) years: Option<Years>,
    pub(crate) dossiers: Vec<Dossier>,
    pub(crate) rijkswet: Option<String>,
    pub(crate) numbers: Vec<String>,
    /// Where several numbers have pages of their own; `pages` is none then.
    pub(crate) parts: Vec<Part>,
    pub(crate) ranges: Vec<String>,
    pub(crate) item: Option<String>,
    pub(crate) pages: Option<String>,
    pub(crate) annex: bool,
}

/// A text that is no citation, or more than one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found `{0}`, expected one citation of a Dutch parliamentary or official paper")]
pub struct ParseError(pub String);

impl Citation {
    pub(crate) fn new(kind: Kind) -> Citation {
        Citation {
            kind,
            chamber: None,
            years: None,
            dossiers: Vec::new(),
            rijkswet: None,
            numbers: Vec::new(),
            parts: Vec::new(),
            ranges: Vec::new(),
            item: None,
            pages: None,
            annex: false,
        }
    }

    /// The citation that `text` is, blanks and a full stop around it aside; or the one that an address leads to.
    ///
    /// # Errors
    /// [`ParseError`] where there is none, or more than that.
    pub fn parse(text: &str) -> Result<Citation, ParseError> {
        let trimmed = text.trim().trim_end_matches('.').trim_matches(['(', ')', '[', ']']);
        let mut found = find(text);
        match (found.len(), found.pop()) {
            (1, Some(one))
                if is_address(trimmed)
                    || text[one.span.clone()].trim_end_matches('.').trim().len() + 1 >= trimmed.len() =>
            {
                Ok(one.citation)
            }
            _ => Err(ParseError(text.chars().take(80).collect())),
        }
    }

    /// What is cited.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The chamber, where it is named.
    pub fn chamber(&self) -> Option<Chamber> {
        self.chamber
    }

    /// The session, or the year of a gazette.
    pub fn years(&self) -> Option<Years> {
        self.years
    }

    /// The dossiers; the first gives the identifier, the paper is in the others as well.
    pub fn dossiers(&self) -> &[Dossier] {
        &self.dossiers
    }

    /// The number of a Kingdom act (`R2170`).
    pub fn rijkswet(&self) -> Option<&str> {
        self.rijkswet.as_deref()
    }

    /// The numbers, ranges expanded.
    pub fn numbers(&self) -> &[String] {
        &self.numbers
    }

    /// Ranges that are longer than what is written out, as `1-80`; no identifier is given for their numbers.
    pub fn ranges(&self) -> &[String] {
        &self.ranges
    }

    /// The numbers with the pages that are cited of each: one part where all share them.
    pub fn parts(&self) -> Vec<Part> {
        match self.parts.is_empty() {
            true => vec![Part { numbers: self.numbers.clone(), pages: self.pages.clone() }],
            false => self.parts.clone(),
        }
    }

    /// The item of a sitting.
    pub fn item(&self) -> Option<&str> {
        self.item.as_deref()
    }

    /// Pages, as written; none where numbers have pages of their own, which [`Citation::parts`] gives.
    pub fn pages(&self) -> Option<&str> {
        self.pages.as_deref()
    }

    /// Whether it is an annex of the paper.
    pub fn is_annex(&self) -> bool {
        self.annex
    }

    /// Official identifiers, one for each number; none for a whole handling.
    pub fn ids(&self) -> Vec<String> {
        let years = || self.years.map(|y| y.from).unwrap_or_default();
        let of = |kind: &str| self.numbers.iter().map(|n| format!("{kind}-{}-{n}", years())).collect();
        match self.kind {
            Kind::Kamerstuk => {
                let Some(first) = self.dossiers.first() else { return Vec::new() };
                self.numbers.iter().map(|n| format!("kst-{}-{n}", first.id())).collect()
            }
            Kind::Handelingen => {
                let (Some(chamber), true) = (self.chamber, self.years.is_some()) else { return Vec::new() };
                let session = format!("h-{}-{}{}", chamber.id(), years(), years() + 1);
                match (self.numbers.first(), &self.item, &self.pages) {
                    (Some(number), Some(item), _) => vec![format!("{session}-{number}-{item}")],
                    // Before 2011 pages ran through a session, and records are known by them.
                    (_, None, Some(pages)) if self.years.is_some_and(|y| y.from < 2010) => {
                        vec![format!("{session}-{}", pages.replace(' ', ""))]
                    }
                    _ => Vec::new(),
                }
            }
            Kind::Aanhangsel => {
                let chamber = self.chamber.unwrap_or(Chamber::Second).id();
                self.numbers.iter().map(|n| format!("ah-{chamber}-{}{}-{n}", years(), years() + 1)).collect()
            }
            Kind::Staatsblad => of("stb"),
            Kind::Tractatenblad => of("trb"),
            Kind::Staatscourant => of("stcrt"),
            Kind::Celex | Kind::Ecli | Kind::Document => self.numbers.clone(),
            Kind::Bijlage => self.numbers.iter().map(|n| format!("blg-{n}")).collect(),
            Kind::Kamervraag => {
                let chamber = self.chamber.unwrap_or(Chamber::Second).id();
                self.numbers.iter().map(|n| format!("kv-{chamber}-{n}")).collect()
            }
        }
    }

    /// The address of the first paper, or of the dossier where the whole handling is cited.
    pub fn url(&self) -> Option<String> {
        let official = |id: &str| format!("https://zoek.officielebekendmakingen.nl/{id}.html");
        let id = self.ids().into_iter().next();
        match self.kind {
            Kind::Celex => {
                id.map(|id| format!("https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:{id}"))
            }
            Kind::Ecli if self.numbers.first().is_some_and(|e| e.starts_with("ECLI:NL:")) => {
                id.map(|id| format!("https://deeplink.rechtspraak.nl/uitspraak?id={id}"))
            }
            Kind::Ecli => id.map(|id| format!("https://e-justice.europa.eu/ecli/{id}")),
            Kind::Document => id.map(|id| format!("https://www.tweedekamer.nl/kamerstukken/detail?id={id}")),
            // Attachments are files of several kinds; the address without an ending leads to the one that is there.
            Kind::Bijlage => id.map(|id| format!("https://zoek.officielebekendmakingen.nl/{id}")),
            Kind::Kamerstuk if id.is_none() => {
                let first = self.dossiers.first()?;
                Some(format!("https://zoek.officielebekendmakingen.nl/dossier/{}", first.id()))
            }
            _ => id.map(|id| official(&id)),
        }
    }

    /// As the *Leidraad voor juridische auteurs* writes it: `Kamerstukken II 2022/23, 36200 V, nr. 27`.
    pub fn leidraad(&self) -> String {
        let session = self.years.map(|y| format!("{}/{:02}", y.from, (y.from + 1) % 100));
        let chamber = self.chamber.map(|c| c.leidraad().to_owned());
        match self.kind {
            Kind::Kamerstuk => {
                let annex = if self.annex { "Bijlage bij " } else { "" };
                let head: Vec<String> =
                    ["Kamerstukken".to_owned()].into_iter().chain(chamber).chain(session.clone()).collect();
                let comma = if session.is_some() || self.chamber.is_some() { "," } else { "" };
                let tail = self.tail(self.chamber == Some(Chamber::First));
                format!("{annex}{}{comma} {}{tail}", head.join(" "), self.dossiers_written(false))
            }
            Kind::Handelingen => {
                let head: Vec<String> =
                    ["Handelingen".to_owned()].into_iter().chain(chamber).chain(session).collect();
                format!("{}{}", head.join(" "), self.sitting())
            }
            Kind::Aanhangsel => {
                let head: Vec<String> =
                    ["Aanhangsel Handelingen".to_owned()].into_iter().chain(chamber).chain(session).collect();
                format!("{}{}", head.join(" "), self.tail(false))
            }
            _ => self.gazette(),
        }
    }

    /// In parliament's own style: `Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27`.
    pub fn parliamentary(&self) -> String {
        let session = self.years.map(|y| format!("vergaderjaar {}–{}", y.from, y.from + 1));
        let chamber = self.chamber.map(|c| c.name().to_owned());
        match self.kind {
            Kind::Kamerstuk => {
                let annex = if self.annex { "Bijlage bij " } else { "" };
                let head: Vec<String> = chamber.into_iter().chain(session).collect();
                let tail = self.tail(self.chamber == Some(Chamber::First));
                match head.is_empty() {
                    true => format!("{annex}Kamerstuk {}{tail}", self.dossiers_written(true)),
                    false => format!("{annex}{}, {}{tail}", head.join(", "), self.dossiers_written(true)),
                }
            }
            Kind::Handelingen => {
                let head: Vec<String> =
                    [chamber.map_or("Handelingen".into(), |c| format!("Handelingen {c}"))]
                        .into_iter()
                        .chain(session)
                        .collect();
                format!("{}{}", head.join(", "), self.sitting())
            }
            Kind::Aanhangsel => {
                let head: Vec<String> =
                    ["Aanhangsel van de Handelingen".to_owned()].into_iter().chain(session).collect();
                format!("{}{}", head.join(", "), self.tail(false))
            }
            _ => self.gazette(),
        }
    }

    /// In English: `House of Representatives of the Netherlands, session 2022–2023, 36 200 V, no. 27`.
    pub fn english(&self) -> String {
        let session = self.years.map(|y| format!("session {}–{}", y.from, y.from + 1));
        let chamber = self.chamber.map(|c| format!("{} of the Netherlands", c.english()));
        let (mut numbers, mut pages) = (self.parts_written("no.", "nos.", "and", false), String::new());
        if self.item.is_some() {
            let list = self.numbers.first().map_or(String::new(), |n| format!(", no. {n}"));
            (numbers, pages) = (list, self.pages.as_ref().map_or(String::new(), |p| format!(", p. {p}")));
        }
        match self.kind {
            Kind::Kamerstuk => {
                let annex = if self.annex { "Annex to " } else { "" };
                let head: Vec<String> =
                    chamber.or(Some("Dutch parliamentary paper".into())).into_iter().chain(session).collect();
                let dossiers: Vec<String> = self.dossiers.iter().map(|d| d.written(true)).collect();
                format!("{annex}{}, {}{numbers}{pages}", head.join(", "), listed(&dossiers, "and"))
            }
            Kind::Handelingen | Kind::Aanhangsel => {
                let what = if self.kind == Kind::Handelingen {
                    "Proceedings"
                } else {
                    "Proceedings, annex (written questions)"
                };
                let head: Vec<String> = [chamber.map_or(what.to_owned(), |c| format!("{c}, {what}"))]
                    .into_iter()
                    .chain(session)
                    .collect();
                let item = self.item.as_ref().map_or(String::new(), |i| format!(", item {i}"));
                format!("{}{numbers}{item}{pages}", head.join(", "))
            }
            Kind::Staatsblad => self.gazette().replace("Stb.", "Bulletin of Acts and Decrees (Stb.)"),
            Kind::Tractatenblad => self.gazette().replace("Trb.", "Treaty Series (Trb.)"),
            Kind::Staatscourant => self.gazette().replace("Stcrt.", "Government Gazette (Stcrt.)"),
            Kind::Bijlage => format!("Annex {}", listed(&self.ids(), "and")),
            Kind::Kamervraag => format!("Written questions {}", listed(&self.ids(), "and")),
            _ => self.gazette(),
        }
    }

    fn dossiers_written(&self, spaced: bool) -> String {
        let mut written: Vec<String> = self.dossiers.iter().map(|d| d.written(spaced)).collect();
        if let (Some(act), Some(first)) = (&self.rijkswet, written.first_mut()) {
            first.push_str(&format!(" ({act})"));
        }
        listed(&written, "en")
    }

    /// Numbers and pages; papers of the Eerste Kamer with a letter go without `nr.`.
    fn tail(&self, first_chamber: bool) -> String {
        self.parts_written("nr.", "nrs.", "en", first_chamber)
    }

    /// `, nr. 128, p. 2-3; nr. 129, p. 5`: each number with its own pages.
    fn parts_written(&self, one: &str, several: &str, and: &str, first_chamber: bool) -> String {
        let mut parts = self.parts();
        if let Some(last) = parts.last_mut() {
            last.numbers.extend(self.ranges.iter().cloned());
        }
        let mut out = String::new();
        for (i, part) in parts.iter().enumerate() {
            let letters = part.numbers.iter().all(|n| n.chars().all(|c| c.is_ascii_uppercase()));
            let sep = if i == 0 { "," } else { ";" };
            match part.numbers.as_slice() {
                [] => {}
                many if first_chamber && letters => out.push_str(&format!("{sep} {}", listed(many, and))),
                [number] if !number.contains('-') => out.push_str(&format!("{sep} {one} {number}")),
                many => out.push_str(&format!("{sep} {several} {}", listed(many, and))),
            }
            if let Some(pages) = &part.pages {
                out.push_str(&format!(", p. {pages}"));
            }
        }
        out
    }

    fn sitting(&self) -> String {
        let number = self.numbers.first().map_or(String::new(), |n| format!(", nr. {n}"));
        let item = self.item.as_ref().map_or(String::new(), |i| format!(", item {i}"));
        let pages = self.pages.as_ref().map_or(String::new(), |p| format!(", p. {p}"));
        number + &item + &pages
    }

    fn gazette(&self) -> String {
        let year = self.years.map(|y| y.from.to_string()).unwrap_or_default();
        let number = listed(&self.numbers, "en");
        match self.kind {
            Kind::Staatsblad => format!("Stb. {year}, {number}"),
            Kind::Tractatenblad => format!("Trb. {year}, {number}"),
            Kind::Staatscourant => format!("Stcrt. {year}, {number}"),
            Kind::Celex => format!("CELEX {number}"),
            Kind::Bijlage => format!("Bijlage {}", listed(&self.ids(), "en")),
            Kind::Kamervraag => format!("Kamervragen {}", listed(&self.ids(), "en")),
            _ => number,
        }
    }

    /// As an item of CSL-JSON 1.0.2.
    #[cfg(feature = "serde")]
    pub fn csl_json(&self) -> serde_json::Value {
        let kind = match self.kind {
            Kind::Ecli => "legal_case",
            Kind::Celex | Kind::Staatsblad | Kind::Tractatenblad | Kind::Staatscourant => "legislation",
            Kind::Handelingen => "hearing",
            _ => "report",
        };
        let mut item = serde_json::json!({
            "id": self.ids().first().cloned().unwrap_or_else(|| self.leidraad()),
            "type": kind,
            "title": self.leidraad(),
            "number": listed(&self.numbers, "en"),
        });
        if let Some(years) = self.years {
            item["issued"] = serde_json::json!({"date-parts": [[years.from]]});
        }
        if let Some(chamber) = self.chamber {
            item["authority"] = chamber.name().into();
        }
        if let Some(pages) = &self.pages {
            item["page"] = pages.as_str().into();
        }
        if let Some(url) = self.url() {
            item["URL"] = url.into();
        }
        item
    }
}

impl fmt::Display for Citation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.leidraad())
    }
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

fn listed(items: &[String], and: &str) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} {and} {last}", init.join(", ")),
    }
}
