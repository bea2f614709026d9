//! Sources of an author's own, with the five answers of rule S2, and what derives from what.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use wegen_model::{Period, sources};

use super::{ManuscriptError, SOURCES, read_toml};

/// What sort of source it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A report.
    #[default]
    Report,
    /// A country report, which passes on what others found.
    CountryReport,
    /// Data.
    Data,
    /// A paper of parliament.
    Parliamentary,
    /// A law, a treaty, a judgment.
    Law,
    /// News.
    News,
    /// A web page.
    WebPage,
    /// A book or an article.
    Academic,
    /// A talk with somebody.
    Oral,
}

impl SourceKind {
    /// Whether what it says stays true until it is replaced: a law, a paper of parliament.
    pub fn lasts(self) -> bool {
        matches!(self, SourceKind::Parliamentary | SourceKind::Law)
    }
}

/// Who may read it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidentiality {
    /// Anybody.
    #[default]
    Public,
    /// Nobody: a report says in what role and where somebody spoke, and nothing more.
    Confidential,
}

/// A source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Source {
    /// Its id.
    pub id: String,
    /// What sort it is.
    #[serde(default)]
    pub kind: SourceKind,
    /// Its title.
    #[serde(default)]
    pub title: String,
    /// Who made it.
    #[serde(default)]
    pub who: String,
    /// What it says, on what ground.
    #[serde(default)]
    pub what: String,
    /// Why it was made.
    #[serde(default)]
    pub why: String,
    /// How its makers know.
    #[serde(default)]
    pub how: String,
    /// When it was published.
    pub when: Option<Period>,
    /// Its address.
    #[serde(default)]
    pub url: String,
    /// A citation of a paper of parliament, in whatever form.
    pub citation: Option<String>,
    /// Digital object identifier.
    pub doi: Option<String>,
    /// International standard book number.
    pub isbn: Option<String>,
    /// The address of an archived copy.
    pub archive: Option<String>,
    /// The licence; `unknown` where nothing is said.
    #[serde(default)]
    pub licence: String,
    /// BCP 47 tag of its language.
    pub language: Option<String>,
    /// Whether it is in a language spoken there.
    #[serde(default)]
    pub local: bool,
    /// Whether its maker is a party to the conflict.
    #[serde(default)]
    pub party_to_conflict: bool,
    /// Sources that it passes on.
    #[serde(default)]
    pub derives_from: Vec<String>,
    /// When it was last read.
    pub accessed: Option<Date>,
    /// Who may read it.
    #[serde(default)]
    pub confidentiality: Confidentiality,
    /// In what role somebody spoke (confidential sources).
    pub role: Option<String>,
    /// In what area (confidential sources).
    pub region: Option<String>,
    /// In what month (confidential sources).
    pub month: Option<Period>,
    /// How many people role, area and month could mean, at least (confidential sources).
    pub cell: Option<u32>,
    /// Anything else that was written; the lint names it and never shows it.
    #[serde(flatten, skip_serializing)]
    pub other: BTreeMap<String, toml::Value>,
}

impl Source {
    /// Whether nobody may learn whose words they are.
    pub fn is_confidential(&self) -> bool {
        self.confidentiality == Confidentiality::Confidential
    }

    /// What a confidential source must not carry: every field but role, region, month and cell, by its name. A kind is
    /// a kind of talk, and `unknown` is the licence of what nobody licensed.
    pub(super) fn beyond_role(&self) -> Vec<&'static str> {
        let licensed = !["", "unknown"].contains(&self.licence.trim());
        [
            ("title", !self.title.is_empty()),
            ("who", !self.who.is_empty()),
            ("what", !self.what.is_empty()),
            ("why", !self.why.is_empty()),
            ("how", !self.how.is_empty()),
            ("when", self.when.is_some()),
            ("url", !self.url.is_empty()),
            ("citation", self.citation.is_some()),
            ("doi", self.doi.is_some()),
            ("isbn", self.isbn.is_some()),
            ("archive", self.archive.is_some()),
            ("licence", licensed),
            ("language", self.language.is_some()),
            ("local", self.local),
            ("party-to-conflict", self.party_to_conflict),
            ("derives-from", !self.derives_from.is_empty()),
            ("accessed", self.accessed.is_some()),
        ]
        .into_iter()
        .filter_map(|(field, filled)| filled.then_some(field))
        .collect()
    }

    /// Which of the five questions have no answer. Role, region and month answer all of them for a confidential source.
    pub fn unanswered(&self) -> Vec<&'static str> {
        if self.is_confidential() {
            return if self.month.is_none() { vec!["when"] } else { Vec::new() };
        }
        let mut open: Vec<&'static str> =
            [("who", &self.who), ("what", &self.what), ("why", &self.why), ("how", &self.how)]
                .into_iter()
                .filter(|(_, answer)| answer.trim().is_empty())
                .map(|(question, _)| question)
                .collect();
        if self.when.is_none() && self.month.is_none() {
            open.push("when");
        }
        open
    }
}

/// The sources of a report: its own, and those of the registry by their ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourceList {
    own: Vec<Source>,
}

impl SourceList {
    /// Reads `sources.toml`.
    pub(super) fn read(text: &str) -> Result<SourceList, ManuscriptError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            source: Vec<Source>,
        }
        let mut own = read_toml::<File>(SOURCES, text).map_err(|error| without_values(text, error))?.source;
        for source in own.iter_mut().filter(|s| s.is_confidential() && s.licence.trim().is_empty()) {
            source.licence = "unknown".to_owned();
        }
        Ok(SourceList { own })
    }

    /// The ids that confidential sources have in what is published: `confidential-1` and so on, in their order.
    pub fn neutral_ids(&self) -> BTreeMap<String, String> {
        let public = |id: &str| self.own.iter().any(|s| !s.is_confidential() && s.id == id);
        let mut free = (1..).map(|n| format!("confidential-{n}")).filter(|id| !public(id));
        let confidential = self.own.iter().filter(|s| s.is_confidential());
        confidential.filter_map(|s| Some((s.id.clone(), free.next()?))).collect()
    }

    /// The sources as they are published: a confidential one is its role, region and month under a neutral id.
    pub fn published(&self) -> SourceList {
        let ids = self.neutral_ids();
        let neutral = |id: &String| ids.get(id).unwrap_or(id).clone();
        let own = self.own.iter().map(|source| match source.is_confidential() {
            true => Source {
                id: neutral(&source.id),
                kind: source.kind,
                confidentiality: source.confidentiality,
                role: source.role.clone(),
                region: source.region.clone(),
                month: source.month,
                cell: source.cell,
                licence: "unknown".to_owned(),
                ..Source::default()
            },
            false => {
                Source { derives_from: source.derives_from.iter().map(neutral).collect(), ..source.clone() }
            }
        });
        SourceList { own: own.collect() }
    }

    /// Those of the report's own.
    pub fn own(&self) -> &[Source] {
        &self.own
    }

    /// One of the report's own.
    pub fn get(&self, id: &str) -> Option<&Source> {
        self.own.iter().find(|s| s.id == id)
    }

    /// Whether it may be cited: of the report's own, or of the registry.
    pub fn knows(&self, id: &str) -> bool {
        self.get(id).is_some() || sources().get(id).is_some()
    }

    /// Its name for readers.
    pub fn name(&self, id: &str) -> String {
        match (self.get(id), sources().get(id)) {
            (Some(own), _) if own.confidentiality == Confidentiality::Confidential => {
                let parts = [own.role.clone(), own.region.clone(), own.month.map(|m| m.to_string())];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            }
            (Some(own), _) if own.title.is_empty() => own.who.clone(),
            (Some(own), _) if own.who.is_empty() => own.title.clone(),
            (Some(own), _) => format!("{}, {}", own.who, own.title),
            (None, Some(source)) => format!("{}, {}", source.publisher, source.title),
            (None, None) => id.to_owned(),
        }
    }

    /// The sources from which it derives in the end; itself where it derives from none.
    pub fn roots(&self, id: &str) -> BTreeSet<String> {
        let (mut roots, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![id.to_owned()];
        while let Some(id) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            match self.get(&id).map(|s| &s.derives_from).filter(|d| !d.is_empty()) {
                Some(above) => open.extend(above.iter().cloned()),
                None => {
                    roots.insert(id);
                }
            }
        }
        roots
    }

    /// Sources that derive from themselves, each circle once, from its first id.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let mut found: BTreeSet<Vec<String>> = BTreeSet::new();
        for start in &self.own {
            // The shortest way back to the start, breadth first.
            let mut ways = vec![vec![start.id.clone()]];
            let mut seen = BTreeSet::new();
            while let Some(way) = (!ways.is_empty()).then(|| ways.remove(0)) {
                let Some(source) = way.last().and_then(|id| self.get(id)) else { continue };
                if source.derives_from.contains(&start.id) {
                    let first = way.iter().enumerate().min_by_key(|(_, id)| *id).map_or(0, |(i, _)| i);
                    let mut circle = way.clone();
                    circle.rotate_left(first);
                    found.insert(circle);
                    break;
                }
                for next in source.derives_from.iter().filter(|n| seen.insert((*n).clone())) {
                    ways.push(way.iter().cloned().chain([next.clone()]).collect());
                }
            }
        }
        found.into_iter().collect()
    }
}

/// The error without what stands in the file, where it is about a confidential source.
fn without_values(text: &str, error: ManuscriptError) -> ManuscriptError {
    let ManuscriptError::Toml { file, line, .. } = &error else { return error };
    let (file, line) = (*file, *line);
    let lines: Vec<&str> = text.lines().collect();
    let at = line.saturating_sub(1).min(lines.len().saturating_sub(1));
    let opens = |l: &&str| l.trim_start().starts_with("[[");
    let from = lines[..lines.len().min(at + 1)].iter().rposition(opens);
    let to = lines[at..].iter().skip(1).position(opens).map_or(lines.len(), |n| at + 1 + n);
    // A file that is written in another way is looked at whole.
    let about = match from {
        Some(from) => &lines[from..to],
        None => &lines[..],
    };
    if !about.iter().any(|l| l.to_lowercase().contains("confidential")) {
        return error;
    }
    let expected = [
        ("month", "a month as \"2026-05\""),
        ("cell", "a whole number, 11 or more"),
        ("role", "words in quotation marks"),
        ("region", "words in quotation marks"),
        ("id", "a name in quotation marks"),
        ("kind", "\"oral\", or another kind of source"),
        ("confidentiality", "\"confidential\" or \"public\""),
    ];
    let key = lines.get(at).and_then(|l| l.split_once('=')).map_or("", |(key, _)| key.trim());
    let message = match expected.iter().find(|(field, _)| *field == key) {
        Some((field, expected)) => {
            format!("`{field}` of a confidential source cannot be read; expected {expected}")
        }
        None => {
            "a confidential source cannot be read; expected role, region, month and cell, as TOML".to_owned()
        }
    };
    ManuscriptError::Toml { file, line, message: format!("{message} (what stands there is not shown)") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_confidential_source_shows_nothing_of_it() {
        let secret = "Example Person";
        let clean = "[[source]]\nid = \"talk\"\nconfidentiality = \"confidential\"\nrole = \"aid worker\"\nregion = \"north-west\"\nmonth = \"2026-05\"\ncell = 40\n";
        assert!(SourceList::read(clean).is_ok());
        for (from, to) in [
            ("40", "\"Example Person\""),
            ("\"2026-05\"", "\"Example Person\""),
            ("\"2026-05\"", "Example Person"),
            ("\"aid worker\"", "[\"Example Person\"]"),
            ("cell = 40", "kind = \"Example Person\""),
            ("cell = 40", "Example Person"),
        ] {
            for text in
                [clean.replace(from, to), format!("[[source]]\nid = \"b\"\n{}", clean.replace(from, to))]
            {
                let error = SourceList::read(&text).unwrap_err().to_string();
                assert!(!error.contains(secret) && !error.contains("Example"), "{error}");
                assert!(error.contains("sources.toml:") && error.contains("not shown"), "{error}");
            }
        }
        let inline =
            "source = [{ id = \"a\", confidentiality = \"confidential\", month = \"Example Person\" }]";
        assert!(!SourceList::read(inline).unwrap_err().to_string().contains("Example"));
        // What is wrong with a public source is shown.
        let public = format!("[[source]]\nid = \"b\"\nwhen = \"soon\"\n{clean}");
        assert!(!SourceList::read(&public).unwrap_err().to_string().contains("not shown"));
    }

    #[test]
    fn ids_of_confidential_sources_are_neutral_once_and_for_all() {
        let mut list = list(&[("confidential-1", &["somebody"]), ("somebody", &[]), ("b", &[])]);
        for source in list.own.iter_mut().skip(1) {
            source.confidentiality = Confidentiality::Confidential;
        }
        assert_eq!(list.neutral_ids()["somebody"], "confidential-2");
        let published = list.published();
        assert_eq!(published.own[0].derives_from, ["confidential-2"]);
        assert_eq!(published.published(), published);
    }

    fn list(links: &[(&str, &[&str])]) -> SourceList {
        let own = links.iter().map(|(id, from)| Source {
            id: (*id).to_owned(),
            derives_from: from.iter().map(|f| (*f).to_owned()).collect(),
            ..Source::default()
        });
        SourceList { own: own.collect() }
    }

    #[test]
    fn roots_are_what_derives_from_nothing() {
        let list = list(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"]), ("d", &[])]);
        assert_eq!(list.roots("a"), ["d".to_owned()].into());
        assert_eq!(list.roots("unhcr-population"), ["unhcr-population".to_owned()].into());
        assert!(list.circles().is_empty());
    }

    #[test]
    fn circles_are_found_once() {
        let list = list(&[("a", &["b"]), ("b", &["c"]), ("c", &["a"]), ("d", &["a"]), ("e", &["e"])]);
        assert_eq!(list.circles(), [vec!["a".to_owned(), "b".into(), "c".into()], vec!["e".into()]]);
        assert!(list.roots("d").is_empty());
    }
}
