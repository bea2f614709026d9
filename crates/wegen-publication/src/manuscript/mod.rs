//! Manuscripts: a report as its authors keep it, in files that Git shows well.
//!
//! | file | holds |
//! |---|---|
//! | `report.toml` | country, status, reference period, cut-off, terms of reference, reviews, corrections, conditions |
//! | `sources.toml` | sources of the author's own: the five answers, licence, what they derive from |
//! | `nl.md`, `en.md` | the text in each language (`docs/writing-a-report.md` tells how it is written) |
//! | `paragraphs.lock` | numbers and hashes of the paragraphs that were published, so that an address never dies |
//!
//! Report → Section → Statement → Evidence → Source, with derives-from links between sources. Reading is a pure
//! function of the files' text, so that a published report can carry its manuscript and be made again from it.

mod fix;
mod lint;
mod lock;
mod notation;
mod sarif;
mod sources;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use wegen_model::{Code, Lang, Period};

pub use fix::{Fixed, fix};
pub use lint::{Concentration, Finding, Rule, Severity, lint};
pub use lock::{Lock, LockedParagraph, SeenCorrection};
pub use notation::{
    Argument, CallText, Definition, Evidence, Kind, Paragraph, Problem, Role, Section, Sentence, Text,
};
pub use sarif::sarif;
pub use sources::{Confidentiality, Source, SourceKind, SourceList};

/// The settings file.
pub const SETTINGS: &str = "report.toml";
/// The sources of the author's own.
pub const SOURCES: &str = "sources.toml";
/// The numbers that were given out.
pub const LOCK: &str = "paragraphs.lock";

/// How far a report is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being written.
    #[default]
    Draft,
    /// Out: its paragraphs keep their numbers.
    Published,
    /// Replaced by a later report.
    Superseded,
    /// Taken back.
    Withdrawn,
}

/// Words in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

impl Words {
    /// In a language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Nl => &self.nl,
            Lang::En => &self.en,
        }
    }
}

/// The reference period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its first year, month or day.
    pub from: Period,
    /// Its last year, month or day.
    pub to: Period,
}

/// A question of the terms of reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id; a statement answers it with `answers: ID`.
    pub id: String,
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
}

/// A review by a peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// In what role; never a name.
    pub role: String,
    /// When.
    pub date: Date,
    /// How many comments there were.
    #[serde(default)]
    pub comments: u32,
    /// How many of them are resolved.
    #[serde(default)]
    pub resolved: u32,
}

/// A correction of a published paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The statement.
    pub statement: String,
    /// When.
    pub date: Date,
    /// What was corrected, in Dutch.
    pub nl: String,
    /// What was corrected, in English.
    pub en: String,
}

/// A warning that the authors know of and answer for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The rule, as `S10`.
    pub rule: String,
    /// The statement, where it is one; the whole report otherwise.
    pub statement: Option<String>,
    /// Why, in Dutch.
    pub nl: String,
    /// Why, in English.
    pub en: String,
}

/// A condition that the report goes by, with the authority for its threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Its id.
    pub id: String,
    /// In Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
    /// The value from which it is met.
    pub goalpost: String,
    /// Who set that value, and where.
    pub authority: String,
}

/// What `report.toml` holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// The report's id, the same in both languages.
    pub id: String,
    /// The country that figures are of.
    pub country: Code,
    /// How far it is.
    #[serde(default)]
    pub status: Status,
    /// The title; that of a country report where there is none.
    pub title: Option<Words>,
    /// The subtitle.
    pub subtitle: Option<Words>,
    /// The period that statements are about.
    pub period: Option<Span>,
    /// The day by which evidence had to be there; figures are computed as of that day.
    pub cut_off: Option<Date>,
    /// The report that this one replaces.
    pub supersedes: Option<String>,
    /// The terms of reference.
    #[serde(default, rename = "question")]
    pub questions: Vec<Question>,
    /// Reviews.
    #[serde(default, rename = "review")]
    pub reviews: Vec<Review>,
    /// Corrections.
    #[serde(default, rename = "correction")]
    pub corrections: Vec<Correction>,
    /// Warnings that are answered for.
    #[serde(default, rename = "accept")]
    pub accepted: Vec<Accept>,
    /// Conditions and their thresholds.
    #[serde(default, rename = "condition")]
    pub conditions: Vec<Condition>,
}

/// What kept a manuscript from being read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManuscriptError {
    /// A file is not there, or cannot be read.
    #[error("`{path}`: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder without settings or without a text.
    #[error(
        "no `{0}`; a report is a folder with `report.toml`, `nl.md` and `en.md`, as `wegen new report SYR` makes"
    )]
    Missing(String),
    /// A text that is nested deeper than it can be read.
    #[error("{file}:{line}: {message}")]
    Nested {
        /// Which file.
        file: String,
        /// Which line.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// A settings file that cannot be read.
    #[error("{file}:{line}: {message}")]
    Toml {
        /// Which file.
        file: &'static str,
        /// Which line.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
}

/// A report as its authors keep it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manuscript {
    /// What `report.toml` holds.
    pub settings: Settings,
    /// Its sources: those of `sources.toml` and those of the registry.
    pub sources: SourceList,
    /// Its texts.
    pub texts: BTreeMap<Lang, Text>,
    /// The numbers that were given out.
    pub lock: Option<Lock>,
    /// The files as they are, by name.
    pub files: BTreeMap<String, String>,
}

impl Manuscript {
    /// Reads a folder.
    ///
    /// # Errors
    /// [`ManuscriptError`]; what the lint can name is no error here.
    pub fn read(folder: &Path) -> Result<Manuscript, ManuscriptError> {
        let mut files = BTreeMap::new();
        for name in [SETTINGS, SOURCES, LOCK, "nl.md", "en.md"] {
            let path = folder.join(name);
            match fs::read_to_string(&path) {
                Ok(text) => {
                    files.insert(name.to_owned(), text);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => return Err(ManuscriptError::Io { path, source }),
            }
        }
        Manuscript::from_files(files)
    }

    /// Reads files that are at hand.
    ///
    /// # Errors
    /// [`ManuscriptError`]; what the lint can name is no error here.
    pub fn from_files(files: BTreeMap<String, String>) -> Result<Manuscript, ManuscriptError> {
        let settings = files.get(SETTINGS).ok_or_else(|| ManuscriptError::Missing(SETTINGS.into()))?;
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".md")) {
            if let Some((line, message)) = crate::markdown::too_deep(text) {
                return Err(ManuscriptError::Nested { file: name.clone(), line, message });
            }
        }
        let settings: Settings = read_toml(SETTINGS, settings)?;
        let sources = SourceList::read(files.get(SOURCES).map_or("", String::as_str))?;
        let lock = files.get(LOCK).map(|text| read_toml(LOCK, text)).transpose()?;
        let texts: BTreeMap<Lang, Text> = Lang::ALL
            .into_iter()
            .filter_map(|lang| {
                let name = format!("{lang}.md");
                Some((lang, Text::parse(&name, lang, files.get(&name)?)))
            })
            .collect();
        if texts.is_empty() {
            return Err(ManuscriptError::Missing("nl.md".into()));
        }
        Ok(Manuscript { settings, sources, texts, lock, files })
    }

    /// The built-in country report.
    pub fn built_in(country: Code) -> Manuscript {
        let settings = Settings {
            id: country.as_str().to_lowercase(),
            country,
            status: Status::Draft,
            title: None,
            subtitle: None,
            period: None,
            cut_off: None,
            supersedes: None,
            questions: Vec::new(),
            reviews: Vec::new(),
            corrections: Vec::new(),
            accepted: Vec::new(),
            conditions: Vec::new(),
        };
        let mut files: BTreeMap<String, String> = Lang::ALL
            .into_iter()
            .map(|lang| (format!("{lang}.md"), crate::report::default_template(lang).to_owned()))
            .collect();
        files.insert(
            SETTINGS.into(),
            format!("# What the report is. `wegen lint` reads it with the texts beside it.\nid = \"{}\"\ncountry = \"{country}\"\nstatus = \"draft\"\n", settings.id),
        );
        files.insert(SOURCES.into(), BUILT_IN_SOURCES.to_owned());
        let texts = Lang::ALL
            .into_iter()
            .map(|l| (l, Text::parse(&format!("{l}.md"), l, &files[&format!("{l}.md")])));
        Manuscript {
            texts: texts.collect(),
            settings,
            sources: SourceList::read(BUILT_IN_SOURCES).unwrap_or_default(),
            lock: None,
            files,
        }
    }

    /// The built-in country report with another text in one language.
    pub fn with_template(country: Code, lang: Lang, template: &str) -> Manuscript {
        let mut manuscript = Manuscript::built_in(country);
        let name = format!("{lang}.md");
        manuscript.texts = [(lang, Text::parse(&name, lang, template))].into();
        manuscript.files.retain(|file, _| file == SETTINGS || file == SOURCES);
        manuscript.files.insert(name, template.to_owned());
        manuscript
    }

    /// Whether this is the built-in report as it came.
    pub fn is_built_in(&self) -> bool {
        *self == Manuscript::built_in(self.settings.country)
    }

    /// The files that a published report carries, from which it is made again: settings and sources as they were
    /// understood, so that remarks of the authors stay with the authors; texts and numbers as they are. A confidential
    /// source is its role, region and month under a neutral id.
    pub fn kept(&self) -> BTreeMap<String, String> {
        #[derive(Serialize)]
        struct File<'a> {
            source: &'a [Source],
        }
        let mut files = self.files.clone();
        files.insert(SETTINGS.into(), toml::to_string(&self.settings).unwrap_or_default());
        let sources = self.sources.published();
        if !sources.own().is_empty() {
            files
                .insert(SOURCES.into(), toml::to_string(&File { source: sources.own() }).unwrap_or_default());
        }
        let ids = self.sources.neutral_ids();
        for text in self.texts.values().filter(|_| !ids.is_empty()) {
            files.insert(text.file.clone(), neutral(text, &ids));
        }
        files
    }

    /// The report as it is published: what [`Manuscript::kept`] gives, where it has confidential sources.
    ///
    /// # Errors
    /// [`ManuscriptError`] where what is kept cannot be read again.
    pub fn published(&self) -> Result<Manuscript, ManuscriptError> {
        match self.sources.neutral_ids().is_empty() {
            true => Ok(self.clone()),
            false => Manuscript::from_files(self.kept()),
        }
    }

    /// The definition of a statement: in whichever text it stands.
    pub fn definition(&self, id: &str) -> Option<(&Text, &Definition)> {
        self.texts.values().find_map(|text| Some((text, text.definitions.get(id)?)))
    }

    /// What a statement is about: its own topic, or that of its section.
    pub fn topic(&self, id: &str) -> Option<&str> {
        let own = self.definition(id).and_then(|(_, d)| d.topic.as_deref());
        own.or_else(|| {
            self.texts.values().find_map(|text| {
                let (paragraph, _) = text.statements().find(|(_, s)| s.id == id)?;
                text.sections.get(paragraph.section?)?.topic.as_deref()
            })
        })
    }

    /// The sources that a statement rests on: those of its supporting evidence, and those that its figures draw on.
    pub fn rests_on(&self, id: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if let Some((_, definition)) = self.definition(id) {
            found.extend(
                definition.evidence.iter().filter(|e| e.role == Role::Supports).map(|e| e.source.clone()),
            );
        }
        for text in self.texts.values() {
            for (_, sentence) in text.statements().filter(|(_, s)| s.id == id) {
                for call in text.calls_in(&sentence.span) {
                    let recipe = call
                        .recipe(&text.raw)
                        .filter(|_| !["rows", "number", "carried"].contains(&call.function.as_str()));
                    found.extend(
                        recipe
                            .map(crate::recipes::draws_on)
                            .unwrap_or_default()
                            .iter()
                            .map(|s| (*s).to_owned()),
                    );
                }
            }
        }
        found
    }

    /// The roots of what a statement rests on: sources that derive from no other.
    pub fn roots(&self, id: &str) -> BTreeSet<String> {
        self.rests_on(id).iter().flat_map(|source| self.sources.roots(source)).collect()
    }

    /// Whether a statement is on a topic on which one source is not enough (rule S3), and has but one root.
    pub fn is_single_source(&self, id: &str) -> bool {
        let kind = self.definition(id).map_or(Kind::Fact, |(_, d)| d.kind);
        let asks = self.topic(id).is_some_and(|t| CORROBORATED.contains(&t));
        asks && kind != Kind::Gap && self.roots(id).len() == 1
    }

    /// Whether the newest supporting evidence of a statement is older than its topic allows (rule S5).
    pub fn is_stale(&self, id: &str) -> bool {
        let (Some(cut_off), Some((_, definition))) = (self.settings.cut_off, self.definition(id)) else {
            return false;
        };
        let months = match self.topic(id).is_some_and(|t| CORROBORATED.contains(&t)) {
            true => 12,
            false => 24,
        };
        let supporting = || definition.evidence.iter().filter(|e| e.role == Role::Supports);
        let dates: Vec<Period> = supporting().filter_map(|e| self.evidence_date(e)).collect();
        let lasting = supporting().any(|e| self.sources.get(&e.source).is_some_and(|s| s.kind.lasts()));
        !lasting
            && dates.len() == supporting().count()
            && !dates.is_empty()
            && dates.iter().all(|d| months_between(*d, cut_off) > months)
    }

    /// Of when a piece of evidence is.
    pub fn evidence_date(&self, evidence: &Evidence) -> Option<Period> {
        evidence.date.or_else(|| self.sources.get(&evidence.source)?.when)
    }

    /// The corrections of a statement, the oldest first.
    pub fn corrections(&self, id: &str) -> Vec<&Correction> {
        let mut found: Vec<&Correction> =
            self.settings.corrections.iter().filter(|c| c.statement == id).collect();
        found.sort_by_key(|c| c.date);
        found
    }

    /// Questions of the terms of reference that no statement answers.
    pub fn unanswered(&self) -> Vec<&Question> {
        let answered: BTreeSet<&str> = self
            .texts
            .values()
            .flat_map(|t| t.statements().filter_map(|(_, s)| self.definition(&s.id)))
            .filter(|(_, d)| d.kind != Kind::Gap)
            .filter_map(|(_, d)| d.answers.as_deref())
            .collect();
        self.settings.questions.iter().filter(|q| !answered.contains(q.id.as_str())).collect()
    }
}

/// The sources of the built-in reports.
const BUILT_IN_SOURCES: &str = include_str!("../../../../reports/sources.toml");

/// Topics on which a statement needs two independent sources (rule S3).
pub const CORROBORATED: [&str; 3] = ["security", "casualties", "treatment"];

/// A text in which confidential sources have neutral ids, and evidence from them is no more than its role and values.
fn neutral(text: &Text, ids: &BTreeMap<String, String>) -> String {
    let mut cuts: Vec<(std::ops::Range<usize>, String)> = Vec::new();
    for evidence in text.definitions.values().flat_map(|d| &d.evidence) {
        let Some(id) = ids.get(&evidence.source) else { continue };
        cuts.push((evidence.at..evidence.at + evidence.line.len(), neutral_evidence(evidence, id)));
    }
    for call in text.calls.iter().filter(|c| c.function == "cite") {
        let Some(argument) = call.strings.first() else { continue };
        if let Some(id) = text.raw.get(argument.span.clone()).and_then(|id| ids.get(id)) {
            cuts.push((argument.span.clone(), id.clone()));
        }
    }
    cuts.sort_by_key(|c| std::cmp::Reverse(c.0.start));
    let mut raw = text.raw.clone();
    for (span, with) in cuts {
        if raw.get(span.clone()).is_some() {
            raw.replace_range(span, &with);
        }
    }
    raw
}

/// A line of evidence from a confidential source, as it is published.
fn neutral_evidence(evidence: &Evidence, id: &str) -> String {
    let mut line = match evidence.role {
        Role::Supports => id.to_owned(),
        role => format!("{}: {id}", role.as_str()),
    };
    for value in &evidence.values {
        line.push_str(&format!("; value: {value}"));
    }
    if let Some(date) = evidence.date.filter(|d| d.day().is_none()) {
        line.push_str(&format!("; date: {date}"));
    }
    if evidence.via {
        line.push_str("; via: yes");
    }
    line
}

/// Whole months from the end of a period to a day.
fn months_between(period: Period, day: Date) -> i32 {
    let month = period.month().map_or(12, i32::from);
    (i32::from(day.year()) - period.year()) * 12 + i32::from(day.month()) - month
}

fn read_toml<T: serde::de::DeserializeOwned>(file: &'static str, text: &str) -> Result<T, ManuscriptError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |s| s.start);
        let line = text.get(..at).map_or(1, |t| t.matches('\n').count() + 1);
        ManuscriptError::Toml { file, line, message: error.message().to_owned() }
    })
}
