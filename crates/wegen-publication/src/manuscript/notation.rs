//! How a text is written: Markdown in which each statement ends in a mark, with its evidence beside it.
//!
//! ```text
//! # Security <!-- security; topic: security -->
//!
//! The town was shelled twice in May.[^s1] The governor's office denies it.[^s2]
//!
//! [^s1]: reported; place: SYR; time: 2022-05
//!     - un-coi-2022; p. 14; para 32; "The town was shelled twice."; accessed: 2022-06-01; checked: 2022-06-10
//!     - contradicts: gov-2022; #statement
//! ```
//!
//! A forge shows the marks as footnotes and the comments not at all. Positions are bytes of the file as it is:
//! what is not prose (template tags, calls, comments, definitions) is masked byte for byte.

use std::{collections::BTreeMap, ops::Range};

use comrak::{Arena, Options, nodes::NodeValue, parse_document};
use jiff::civil::Date;
use serde::Serialize;
use wegen_model::{Lang, Period};

use crate::bibliography::{Archive, Doi, Isbn, LocatorError};

/// Stands for a call in the masked text.
const CALL: char = '\u{E002}';
/// Stands for a template tag in the masked text.
const TAG: char = '\u{E003}';

/// What statements may be about; some ask for more than one source, or for newer ones.
pub(super) const TOPICS: [&str; 32] = [
    "asylum",
    "casualties",
    "children",
    "climate",
    "detention",
    "displacement",
    "documents",
    "economic-activity",
    "education",
    "electricity",
    "food",
    "gender",
    "governance",
    "history",
    "housing",
    "human-rights",
    "humanitarian",
    "justice",
    "law",
    "medical-care",
    "migration",
    "minorities",
    "policy",
    "politics",
    "population",
    "return",
    "risk",
    "security",
    "services",
    "society",
    "treatment",
    "water",
];

/// What a statement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something that the report states itself.
    #[default]
    Fact,
    /// Something that a source says, told as what that source says.
    Reported,
    /// A source's own words.
    Quote,
    /// A value that somebody estimated.
    Estimate,
    /// Something that is not known.
    Gap,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Fact, Kind::Reported, Kind::Quote, Kind::Estimate, Kind::Gap];

    /// Its name in a definition.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Fact => "fact",
            Kind::Reported => "reported",
            Kind::Quote => "quote",
            Kind::Estimate => "estimate",
            Kind::Gap => "gap",
        }
    }
}

/// What evidence does for its statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// It bears the statement out.
    #[default]
    Supports,
    /// It says otherwise.
    Contradicts,
    /// It helps to understand the statement.
    Context,
}

impl Role {
    /// Its name in a definition.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Supports => "supports",
            Role::Contradicts => "contradicts",
            Role::Context => "context",
        }
    }
}

/// A place in a source that bears on a statement.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Evidence {
    /// Where it stands in the text, in bytes.
    #[serde(skip)]
    pub at: usize,
    /// The line as written, without its bullet.
    #[serde(skip)]
    pub line: String,
    /// What it does.
    pub role: Role,
    /// The source's id.
    pub source: String,
    /// Page, paragraph, fragment or address; several where given.
    pub locators: Vec<String>,
    /// Values that the source gives; a number in the statement may be one of them.
    pub values: Vec<f64>,
    /// The source's words.
    pub quote: Option<String>,
    /// The words in the report's language, where the source has another.
    pub translation: Option<String>,
    /// BCP 47 tag of the source's words.
    pub language: Option<String>,
    /// The day on which it was read.
    pub accessed: Option<Date>,
    /// The hash of the copy that was kept.
    pub hash: Option<String>,
    /// The address of an archived copy.
    pub archive: Option<String>,
    /// The day on which a reviewer laid paraphrase and quote side by side.
    pub checked: Option<Date>,
    /// Of when this evidence is, where that differs from the source's date.
    pub date: Option<Period>,
    /// Whether it is known that the source passes on another's words.
    pub via: bool,
}

/// What stands beside a statement.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Definition {
    /// Where it stands in the text, in bytes; its first line ends at `head`.
    #[serde(skip)]
    pub at: Range<usize>,
    /// End of the first line, in bytes: where a fix adds a field.
    #[serde(skip)]
    pub head: usize,
    /// What the statement is.
    pub kind: Kind,
    /// What it is about; the section's topic where it says none.
    pub topic: Option<String>,
    /// Where.
    pub place: Option<String>,
    /// When.
    pub time: Option<Period>,
    /// Whom it is about.
    pub group: Option<String>,
    /// How certain its author is: `high`, `moderate`, `low`.
    pub confidence: Option<String>,
    /// The question of the terms of reference that it answers.
    pub answers: Option<String>,
    /// The author knows that it rests on one source.
    pub single_source: bool,
    /// The author knows that its evidence is old.
    pub stale: bool,
    /// The author knows that it is of after the cut-off.
    pub additional: bool,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

/// A heading.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Section {
    /// Its path, the same in every language.
    pub path: String,
    /// Its words.
    pub title: String,
    /// 1 to 3.
    pub level: u8,
    /// Where it stands, in bytes.
    #[serde(skip)]
    pub at: usize,
    /// The topic of its statements.
    pub topic: Option<String>,
    /// Text about the report itself, in which no statement is made.
    pub editorial: bool,
    /// The day on which it was last worked on.
    pub updated: Option<Date>,
}

/// A statement as it stands in a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence {
    /// Its id, the same in every language.
    pub id: String,
    /// Its words, in bytes of the text.
    pub span: Range<usize>,
    /// Its mark, in bytes of the text.
    pub mark: Range<usize>,
}

/// A paragraph or an item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Paragraph {
    /// In bytes of the text.
    pub span: Range<usize>,
    /// Index of its section; none before the first heading.
    pub section: Option<usize>,
    /// Its statements.
    pub sentences: Vec<Sentence>,
    /// Whether it holds words, beside calls.
    pub prose: bool,
}

/// A call of the template.
#[derive(Debug, Clone, PartialEq)]
pub struct CallText {
    /// In bytes of the text, braces included.
    pub span: Range<usize>,
    /// What is called.
    pub function: String,
    /// Its arguments as written, blanks outside strings left out.
    pub arguments: String,
    /// The strings among its arguments.
    pub strings: Vec<Argument>,
}

/// A string, or a part of one, that a call is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Which argument it is part of, from 0.
    pub index: usize,
    /// The name it is given under; empty where it has none.
    pub name: String,
    /// In bytes of the text, without its quotation marks.
    pub span: Range<usize>,
}

impl CallText {
    /// The first string: the recipe of a figure, the source of a citation.
    pub fn first<'t>(&self, raw: &'t str) -> Option<&'t str> {
        self.strings.first().and_then(|s| raw.get(s.span.clone()))
    }

    /// The recipe of a call that asks for a figure; calls that show their own title have it first or third.
    pub fn recipe<'t>(&self, raw: &'t str) -> Option<&'t str> {
        let at = match self.function.as_str() {
            "figure" | "bounds" | "number" | "carried" | "rows" | "table" | "chart" | "map" => 0,
            "card" => 2,
            _ => return None,
        };
        self.strings.iter().find(|s| s.index == at).and_then(|s| raw.get(s.span.clone()))
    }
}

/// Something in the notation that cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where, in bytes of the text.
    pub at: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// A text of a report in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The file's name.
    pub file: String,
    /// Its language.
    pub lang: Lang,
    /// The file as it is.
    pub raw: String,
    /// As long as `raw`, with all that is no prose masked.
    pub masked: String,
    /// Headings, in order.
    pub sections: Vec<Section>,
    /// Paragraphs and list items, in order.
    pub paragraphs: Vec<Paragraph>,
    /// Definitions by statement.
    pub definitions: BTreeMap<String, Definition>,
    /// Calls, in order.
    pub calls: Vec<CallText>,
    /// What cannot be read.
    pub problems: Vec<Problem>,
    lines: Vec<usize>,
}

impl Text {
    /// Reads a text.
    pub fn parse(file: &str, lang: Lang, raw: &str) -> Text {
        let lines: Vec<usize> = [0].into_iter().chain(raw.match_indices('\n').map(|(i, _)| i + 1)).collect();
        let mut text = Text {
            file: file.to_owned(),
            lang,
            raw: raw.to_owned(),
            masked: String::new(),
            sections: Vec::new(),
            paragraphs: Vec::new(),
            definitions: BTreeMap::new(),
            calls: Vec::new(),
            problems: Vec::new(),
            lines,
        };
        let mut masked = raw.as_bytes().to_vec();
        text.take_definitions(&mut masked);
        text.take_headings(&mut masked);
        text.take_template(&mut masked);
        // Masks are whole characters, so the text stays valid.
        text.masked = String::from_utf8(masked).unwrap_or_else(|_| " ".repeat(raw.len()));
        text.take_blocks();
        text
    }

    /// Line and column (both from 1, columns in characters) of a byte.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines[line - 1];
        let column = self.raw.get(start..at).map_or(1, |t| t.chars().count() + 1);
        (line, column)
    }

    /// Every statement, in order, with its paragraph.
    pub fn statements(&self) -> impl Iterator<Item = (&Paragraph, &Sentence)> {
        self.paragraphs.iter().flat_map(|p| p.sentences.iter().map(move |s| (p, s)))
    }

    /// The calls within a range.
    pub fn calls_in(&self, span: &Range<usize>) -> impl Iterator<Item = &CallText> {
        let (from, to) = (span.start, span.end);
        let first = self.calls.partition_point(|c| c.span.start < from);
        self.calls[first..].iter().take_while(move |c| c.span.start < to)
    }

    /// The template that is rendered: definitions and comments taken out, marks as calls.
    pub(crate) fn template(&self) -> String {
        let mut cuts: Vec<(Range<usize>, String)> =
            // Line ends stay, so that an error of the template names the author's line.
            self.definitions.values().map(|d| (d.at.clone(), self.raw[d.at.clone()].chars().filter(|c| *c == '\n').collect())).collect();
        for (section, number) in self.sections.iter().zip(self.section_numbers()) {
            let end = self.raw[section.at..].find('\n').map_or(self.raw.len(), |i| section.at + i);
            let comment = comment(&self.raw[section.at..end]);
            let span = comment.map_or(end..end, |c| section.at + c.start..section.at + c.end);
            // Numbers are those of the whole text, also where a condition leaves chapters out.
            cuts.push((span, format!(" {{{{ section(\"{number}\") }}}}")));
        }
        for (_, sentence) in self.statements() {
            cuts.push((sentence.mark.clone(), format!("{{{{ statement(\"{}\") }}}}", sentence.id)));
        }
        cuts.sort_by_key(|c| c.0.start);
        let mut out = String::with_capacity(self.raw.len());
        let mut from = 0;
        for (span, with) in cuts {
            if span.start >= from {
                out.push_str(&self.raw[from..span.start]);
                out.push_str(&with);
                from = span.end;
            }
        }
        out.push_str(&self.raw[from..]);
        out
    }

    /// The number of each section: `4` for a chapter, `4.1` for a section, `4.1.2` for what lies deeper.
    pub(crate) fn section_numbers(&self) -> Vec<String> {
        let mut at = [0usize; 3];
        let number = |section: &Section| {
            let level = usize::from(section.level.clamp(1, 3)) - 1;
            at[level] += 1;
            at[level + 1..].fill(0);
            at[..=level].iter().map(usize::to_string).collect::<Vec<_>>().join(".")
        };
        self.sections.iter().map(number).collect()
    }

    fn problem(&mut self, at: usize, message: impl Into<String>) {
        self.problems.push(Problem { at, message: message.into() });
    }

    /// Lines that begin with `[^id]:`, with the indented lines below.
    fn take_definitions(&mut self, masked: &mut [u8]) {
        let raw = self.raw.clone();
        let mut at = 0;
        let mut open: Option<(String, Definition)> = None;
        let mut done = Vec::new();
        for line in raw.split_inclusive('\n') {
            let span = at..at + line.len();
            at = span.end;
            let words = line.trim_end();
            if let Some((id, rest, offset)) = definition_head(words) {
                done.extend(open.take());
                let mut definition =
                    Definition { at: span.clone(), head: span.start + words.len(), ..Definition::default() };
                self.read_head(span.start + offset, rest, &mut definition);
                open = Some((id.to_owned(), definition));
                blank(masked, &span);
                continue;
            }
            let indented = words.starts_with([' ', '\t']) && !words.trim().is_empty();
            match &mut open {
                Some((_, definition)) if indented => {
                    definition.at.end = span.end;
                    blank(masked, &span);
                    let bullet = words.trim_start();
                    let offset = span.start + (words.len() - bullet.len());
                    match bullet.strip_prefix("- ") {
                        Some(rest) => {
                            let evidence = self.read_evidence(offset + 2, rest);
                            definition.evidence.extend(evidence);
                        }
                        None => self.problem(
                            offset,
                            format!("found `{}`, expected `- SOURCE; …` below a statement", cut(bullet)),
                        ),
                    }
                }
                Some(_) => done.extend(open.take()),
                None => {}
            }
        }
        done.extend(open.take());
        for (id, definition) in done {
            let at = definition.at.start;
            if self.definitions.insert(id.clone(), definition).is_some() {
                self.problem(at, format!("`[^{id}]:` is defined twice"));
            }
        }
    }

    fn read_head(&mut self, at: usize, text: &str, definition: &mut Definition) {
        for (i, (offset, part)) in parts(text).into_iter().enumerate() {
            let at = at + offset;
            let kind = Kind::ALL.into_iter().find(|k| k.as_str() == part);
            match (i, kind, part.split_once(':')) {
                (0, Some(kind), _) => definition.kind = kind,
                (_, _, Some((name, value))) => {
                    let value = value.trim().to_owned();
                    match name.trim() {
                        "topic" => definition.topic = self.topic(at, &value),
                        "place" => definition.place = Some(value),
                        "group" => definition.group = Some(value),
                        "answers" => definition.answers = Some(value),
                        "time" => match value.parse() {
                            Ok(period) => definition.time = Some(period),
                            Err(_) => self.problem(at, format!("time: found `{value}`, expected a year, month or day as 2022-05")),
                        },
                        "confidence" if ["high", "moderate", "low"].contains(&value.as_str()) => {
                            definition.confidence = Some(value);
                        }
                        "confidence" => self.problem(at, format!("confidence: found `{value}`, expected high, moderate or low")),
                        name @ ("single-source" | "stale" | "additional") => {
                            if value != "yes" {
                                self.problem(at, format!("{name}: found `{value}`, expected `yes`"));
                            } else {
                                match name {
                                    "single-source" => definition.single_source = true,
                                    "stale" => definition.stale = true,
                                    _ => definition.additional = true,
                                }
                            }
                        }
                        other => self.problem(at, format!(
                            "found `{other}:`, expected topic, place, time, group, confidence, answers, single-source, stale or additional"
                        )),
                    }
                }
                _ => self.problem(at, format!(
                    "found `{}`, expected fact, reported, quote, estimate or gap, and then fields as `topic: security`",
                    cut(part)
                )),
            }
        }
    }

    fn read_evidence(&mut self, at: usize, text: &str) -> Option<Evidence> {
        let mut evidence = Evidence { at, line: text.to_owned(), ..Evidence::default() };
        for (i, (offset, part)) in parts(text).into_iter().enumerate() {
            let at = at + offset;
            if i == 0 {
                let (role, source) = match part.split_once(':') {
                    Some((role, source)) => (role.trim(), source.trim()),
                    None => ("supports", part),
                };
                evidence.role = match role {
                    "supports" => Role::Supports,
                    "contradicts" => Role::Contradicts,
                    "context" => Role::Context,
                    other => {
                        self.problem(
                            at,
                            format!("found `{}:`, expected supports, contradicts or context", cut(other)),
                        );
                        Role::Supports
                    }
                };
                evidence.source = source.to_owned();
                continue;
            }
            if let Some(quote) = unquote(part) {
                evidence.quote = Some(quote.to_owned());
                continue;
            }
            let named = part.split_once(':').map(|(n, v)| (n.trim(), v.trim()));
            match named {
                Some(("accessed", value)) => evidence.accessed = self.day(at, "accessed", value),
                Some(("checked", value)) => evidence.checked = self.day(at, "checked", value),
                Some(("date", value)) => match value.parse() {
                    Ok(period) => evidence.date = Some(period),
                    Err(_) => self.problem(at, format!("date: found `{value}`, expected a year, month or day as 2022-05")),
                },
                Some(("value", value)) => match value.parse::<f64>() {
                    Ok(value) if value.is_finite() => evidence.values.push(value),
                    _ => self.problem(at, format!("value: found `{}`, expected digits as 50000 or 12.5", cut(value))),
                },
                Some(("lang", value)) => evidence.language = Some(value.to_owned()),
                Some(("hash", value)) => match value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit()) {
                    true => evidence.hash = Some(value.to_owned()),
                    false => self.problem(at, format!("hash: found `{}`, expected 64 hexadecimal digits (BLAKE3 or SHA-256)", cut(value))),
                },
                Some(("archive", value)) => match Archive::parse(value) {
                    Ok(_) => evidence.archive = Some(value.to_owned()),
                    Err(error) => self.problem(at, format!("archive: {error}")),
                },
                Some(("translation", value)) => {
                    evidence.translation = Some(unquote(value).unwrap_or(value).to_owned());
                }
                Some(("via", "yes")) => evidence.via = true,
                Some(("doi" | "isbn", _)) => match identifier(part) {
                    Ok(locator) => evidence.locators.push(locator),
                    Err(error) => self.problem(at, error.to_string()),
                },
                _ if is_locator(part) => evidence.locators.push(part.to_owned()),
                _ => self.problem(at, format!(
                    "found `{}`, expected a locator (`p. 14`, `para 32`, `#fragment`, an address, `doi:…`, `isbn:…`), a quotation, or accessed, checked, date, value, lang, hash, archive, translation or via with a value",
                    cut(part)
                )),
            }
        }
        Some(evidence)
    }

    /// A topic in the spelling that rules go by.
    fn topic(&mut self, at: usize, value: &str) -> Option<String> {
        let topic = value.to_lowercase();
        if !TOPICS.contains(&topic.as_str()) {
            self.problem(at, format!("topic: found `{}`, expected one of {}", cut(value), TOPICS.join(", ")));
        }
        Some(topic)
    }

    fn day(&mut self, at: usize, name: &str, value: &str) -> Option<Date> {
        let day = value.parse().ok();
        if day.is_none() {
            self.problem(at, format!("{name}: found `{value}`, expected a day as 2022-06-01"));
        }
        day
    }

    /// Headings, with what their comment says.
    fn take_headings(&mut self, masked: &mut [u8]) {
        let raw = self.raw.clone();
        let mut at = 0;
        for line in raw.split_inclusive('\n') {
            let span = at..at + line.len();
            at = span.end;
            let words = line.trim_end();
            let level = words.bytes().take_while(|b| *b == b'#').count();
            if !(1..=3).contains(&level) || !words[level..].starts_with(' ') {
                continue;
            }
            let mut section = Section { level: level as u8, at: span.start, ..Section::default() };
            let mut title = words[level..].trim();
            if let Some(comment) = comment(words) {
                let inner = words[comment.clone()].trim_start_matches("<!--").trim_end_matches("-->");
                title = words[level..comment.start].trim();
                for (i, (_, part)) in parts(inner).into_iter().enumerate() {
                    match (i, part.split_once(':').map(|(n, v)| (n.trim(), v.trim()))) {
                        (_, Some(("topic", value))) => section.topic = self.topic(span.start, value),
                        (_, Some(("updated", value))) => section.updated = self.day(span.start, "updated", value),
                        (_, None) if part == "editorial" => section.editorial = true,
                        (0, None) => section.path = part.to_owned(),
                        _ => self.problem(span.start, format!(
                            "found `{}` behind a heading, expected its path and then topic, updated or editorial", cut(part)
                        )),
                    }
                }
                blank(masked, &(span.start + comment.start..span.start + comment.end));
            }
            section.title = title.to_owned();
            // What a chapter says holds for its sections.
            let above = self.sections.iter().rev().find(|s| s.level < section.level);
            section.topic = section.topic.or_else(|| above.and_then(|s| s.topic.clone()));
            section.editorial |= above.is_some_and(|s| s.editorial);
            self.sections.push(section);
        }
    }

    /// Tags, comments and calls of the template.
    fn take_template(&mut self, masked: &mut [u8]) {
        let raw = self.raw.clone();
        let mut at = 0;
        while let Some(found) = raw[at..].find('{') {
            let start = at + found;
            let (close, call) = match raw.as_bytes().get(start + 1) {
                Some(b'{') => ("}}", true),
                Some(b'%') => ("%}", false),
                Some(b'#') => ("#}", false),
                _ => {
                    at = start + 1;
                    continue;
                }
            };
            let Some(length) = raw[start..].find(close) else {
                self.problem(
                    start,
                    format!("found `{}` that is not closed by `{close}`", &raw[start..start + 2]),
                );
                return;
            };
            let span = start..start + length + 2;
            at = span.end;
            if call {
                self.calls.push(read_call(&raw, span.clone()));
                fill(masked, &span, CALL);
            } else {
                let inner = raw[start + 2..span.end - 2].trim_start_matches(['-', '+']).trim_start();
                let tag: String = inner.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if close == "%}" && !["if", "elif", "else", "endif"].contains(&tag.as_str()) {
                    // A name that the text gives itself could hold a number or words that nobody looks at.
                    self.problem(
                        start,
                        format!("found `{{% {} %}}`, expected if, elif, else or endif", cut(&tag)),
                    );
                }
                let alone = raw[..start].rsplit('\n').next().is_none_or(|t| t.trim().is_empty())
                    && raw[span.end..].split('\n').next().is_none_or(|t| t.trim().is_empty());
                match alone {
                    true => blank(masked, &span),
                    false => fill(masked, &span, TAG),
                }
            }
        }
    }

    /// Paragraphs and list items, with the statements in them.
    fn take_blocks(&mut self) {
        let arena = Arena::new();
        let root = parse_document(&arena, &self.masked, &Options::default());
        let offset =
            |line: usize, column: usize| self.lines.get(line.saturating_sub(1)).map_or(0, |s| s + column);
        let mut found = Vec::new();
        for node in root.descendants() {
            let data = node.data.borrow();
            if !matches!(data.value, NodeValue::Paragraph) {
                continue;
            }
            let pos = data.sourcepos;
            let start = offset(pos.start.line, pos.start.column.saturating_sub(1));
            let end = offset(pos.end.line, pos.end.column).min(self.masked.len());
            if self.masked.get(start..end).is_some() {
                found.push(start..end);
            }
        }
        for span in found {
            let section = self.sections.partition_point(|s| s.at < span.start).checked_sub(1);
            let words = &self.masked[span.clone()];
            let mut sentences: Vec<Sentence> = Vec::new();
            let mut from = span.start;
            for (id, mark) in marks(words) {
                let mark = span.start + mark.start..span.start + mark.end;
                sentences.push(Sentence { id, span: from..mark.start, mark: mark.clone() });
                from = mark.end;
            }
            let prose = words.chars().any(char::is_alphanumeric);
            self.paragraphs.push(Paragraph { span, section, sentences, prose });
        }
    }
}

/// `[^id]: rest` with the offset of the rest.
fn definition_head(line: &str) -> Option<(&str, &str, usize)> {
    let (id, rest) = line.strip_prefix("[^")?.split_once("]:")?;
    let offset = line.len() - rest.trim_start().len();
    is_id(id).then_some((id, rest.trim(), offset))
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Every `[^id]` with its place.
fn marks(text: &str) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("[^").map(|i| at + i) {
        at = start + 2;
        if let Some(length) = text[at..].find(']')
            && is_id(&text[at..at + length])
        {
            found.push((text[at..at + length].to_owned(), start..at + length + 1));
            at += length + 1;
        }
    }
    found
}

/// The comment in a line.
fn comment(line: &str) -> Option<Range<usize>> {
    let start = line.find("<!--")?;
    let end = line[start..].find("-->")? + start + 3;
    Some(start..end)
}

/// The parts between semicolons outside quotation marks, each with its offset.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let (mut start, mut open) = (0, None);
    for (i, c) in text.char_indices() {
        match (open, c) {
            (None, '"') => open = Some('"'),
            (None, '“') => open = Some('”'),
            (None, ';') => {
                found.push((start, &text[start..i]));
                start = i + 1;
            }
            (Some(close), c) if c == close => open = None,
            _ => {}
        }
    }
    found.push((start, &text[start..]));
    let trimmed =
        found.into_iter().map(|(at, part)| (at + part.len() - part.trim_start().len(), part.trim()));
    trimmed.filter(|(_, part)| !part.is_empty()).collect()
}

fn unquote(part: &str) -> Option<&str> {
    let inner = part.strip_prefix('"').and_then(|p| p.strip_suffix('"'));
    inner.or_else(|| part.strip_prefix('“').and_then(|p| p.strip_suffix('”')))
}

/// `doi:…` or `isbn:…`, in one form.
fn identifier(part: &str) -> Result<String, LocatorError> {
    match part.strip_prefix("isbn:") {
        Some(number) => Isbn::parse(number).map(|i| format!("ISBN {}", i.as_str())),
        None => Doi::parse(part).map(|d| format!("doi:{}", d.as_str())),
    }
}

fn is_locator(part: &str) -> bool {
    let heads = [
        "p. ", "pp. ", "para ", "paras ", "§", "¶", "#", "https://", "http://", "table ", "fig. ", "annex ",
        "chapter ", "art. ", "row ", "line ",
    ];
    heads.iter().any(|h| part.len() > h.len() && part.starts_with(h))
}

fn read_call(raw: &str, span: Range<usize>) -> CallText {
    let inner = span.start + 2..span.end - 2;
    let text = &raw[inner.clone()];
    let lead =
        text.len() - text.trim_start_matches(|c: char| c == '-' || c == '+' || c.is_whitespace()).len();
    let function: String =
        text[lead..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let (mut strings, mut arguments, mut index) = (Vec::new(), String::new(), 0);
    let mut open: Option<(char, usize)> = None;
    let body = lead + function.len();
    for (i, c) in text[body..].char_indices() {
        let at = inner.start + body + i;
        match open {
            Some((quote, start)) if c == quote => {
                let name: String = arguments[..arguments.len() - (at - start) - 1]
                    .rsplit(['(', ',', '~'])
                    .next()
                    .and_then(|t| t.strip_suffix('='))
                    .unwrap_or_default()
                    .to_owned();
                strings.push(Argument { index, name, span: start..at });
                arguments.push(c);
                open = None;
            }
            Some(_) => arguments.push(c),
            None => {
                if c == '"' || c == '\'' {
                    open = Some((c, at + 1));
                }
                index += usize::from(c == ',');
                if !c.is_whitespace() {
                    arguments.push(c);
                }
            }
        }
    }
    // `-}}` trims blanks and is no argument.
    if let Some(trimmed) = arguments.strip_suffix('-') {
        arguments.truncate(trimmed.len());
    }
    CallText { span, function, arguments, strings }
}

/// Blanks bytes, line ends kept.
fn blank(masked: &mut [u8], span: &Range<usize>) {
    masked[span.clone()].iter_mut().filter(|b| **b != b'\n').for_each(|b| *b = b' ');
}

/// Fills bytes with a character of three bytes, line ends kept; what is left over becomes DEL.
fn fill(masked: &mut [u8], span: &Range<usize>, with: char) {
    let mut bytes = [0; 3];
    with.encode_utf8(&mut bytes);
    for line in masked[span.clone()].split_mut(|b| *b == b'\n') {
        for chunk in line.chunks_mut(3) {
            match chunk.len() {
                3 => chunk.copy_from_slice(&bytes),
                _ => chunk.fill(0x7f),
            }
        }
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{#- A note with [^x]. -#}\n# Security <!-- security; topic: security -->\n\nThe town was shelled twice.[^s1] In all {{ figure(\"deaths\", country=iso) }} died.[^s2]\n\n{% if x %}- An item.[^s3]{% endif %}\n\n[^s1]: reported; time: 2022-05\n    - un-2022; p. 14; \"The town; shelled\"; accessed: 2022-06-01\n    - contradicts: gov-2022; #a\n[^s2]: fact\n[^s3]: gap\n";

    #[test]
    fn statements_are_read_with_their_evidence() {
        let text = Text::parse("en.md", Lang::En, TEXT);
        assert_eq!(text.problems, []);
        assert_eq!(text.masked.len(), TEXT.len());
        assert_eq!(text.sections[0].path, "security");
        let ids: Vec<&str> = text.statements().map(|(_, s)| s.id.as_str()).collect();
        assert_eq!(ids, ["s1", "s2", "s3"]);
        let first = &text.paragraphs[0].sentences[0];
        assert_eq!(&text.raw[first.span.clone()], "The town was shelled twice.");
        assert_eq!(text.position(first.span.start), (4, 1));
        let definition = &text.definitions["s1"];
        assert_eq!((definition.kind, definition.evidence.len()), (Kind::Reported, 2));
        assert_eq!(definition.evidence[0].quote.as_deref(), Some("The town; shelled"));
        assert_eq!(definition.evidence[1].role, Role::Contradicts);
        let calls: Vec<_> = text.calls_in(&text.paragraphs[0].sentences[1].span).collect();
        assert_eq!((calls.len(), calls[0].recipe(&text.raw)), (1, Some("deaths")));
        assert_eq!(calls[0].arguments, "(\"deaths\",country=iso)");
    }

    #[test]
    fn the_template_holds_calls_for_marks_and_no_definition() {
        let text = Text::parse("en.md", Lang::En, TEXT);
        let template = text.template();
        assert!(template.contains("shelled twice.{{ statement(\"s1\") }} In all"));
        assert!(!template.contains("un-2022") && !template.contains("<!--") && !template.contains("[^s"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let text = Text::parse(
            "en.md",
            Lang::En,
            "A.[^a]\n\n[^a]: rumour; time: May\n    - supports: x; page 3; accessed: soon; hash: 12\n    text\n[^a]: fact\n{{ open",
        );
        let said: Vec<&str> = text.problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(said.len(), 8, "{said:#?}");
    }

    #[test]
    fn identifiers_are_locators() {
        let read = |line: &str| {
            let text = Text::parse("en.md", Lang::En, &format!("A.[^a]\n\n[^a]: fact\n    - x; {line}\n"));
            (text.problems, text.definitions["a"].evidence[0].clone())
        };
        for (line, locator) in [
            ("isbn:978-0-306-40615-7", "ISBN 9780306406157"),
            ("isbn: 0-306-40615-2", "ISBN 9780306406157"),
            ("doi:10.1000/182", "doi:10.1000/182"),
            ("doi: 10.1000/ABC", "doi:10.1000/abc"),
        ] {
            let (problems, evidence) = read(line);
            assert_eq!((problems, evidence.locators), (vec![], vec![locator.to_owned()]), "{line}");
        }
        let archive = "archive: https://web.archive.org/web/20240101000000/https://example.org/";
        assert!(read(archive).0.is_empty() && read(archive).1.archive.is_some());
        for (line, says) in
            [("isbn:9789012345678", "check digit"), ("doi:11.1/x", "DOI"), ("archive: nowhere", "archive")]
        {
            let (problems, _) = read(line);
            assert!(problems.len() == 1 && problems[0].message.contains(says), "{problems:?}");
        }
    }

    #[test]
    fn any_text_is_read() {
        for text in
            ["", "[^", "{{", "{%%}", "# ", "[^a]:", "[^a]:\n - ", "\u{feff}é{{é}}", "{{ f(\"", "{{ f('a) }}"]
        {
            let read = Text::parse("x.md", Lang::Nl, text);
            assert_eq!(read.masked.len(), text.len());
            let _ = read.template();
        }
    }
}
