//! Numbers of published paragraphs: given out once, kept for ever.
//!
//! A paragraph is known by its statements. A new paragraph between published ones takes the number before it with a
//! letter, as in a law; a paragraph that goes leaves its number with a notice.
//!
//! Beside the numbers stand hashes of what was published: the words of each statement, its kind and its evidence. A
//! change needs a correction that was not there at the last publication, so the corrections stand here as well.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use wegen_model::Lang;

use super::{Correction, Kind, Manuscript, notation::Text};

/// A published paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedParagraph {
    /// Its number, as `4.1.2`.
    pub number: String,
    /// Its section's path.
    pub section: String,
    /// Its statements, each with the hash of its words in each language, and of `kind` and `evidence`.
    pub statements: BTreeMap<String, BTreeMap<String, String>>,
}

/// A correction that a publication carried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenCorrection {
    /// The statement.
    pub statement: String,
    /// When.
    pub date: Date,
    /// The hash of its words in both languages.
    pub words: String,
}

impl SeenCorrection {
    /// What is kept of a correction.
    pub fn of(correction: &Correction) -> SeenCorrection {
        let words = short_hash(&[&correction.nl, &correction.en]);
        SeenCorrection { statement: correction.statement.clone(), date: correction.date, words }
    }
}

/// What `paragraphs.lock` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The paragraphs, in order.
    #[serde(default, rename = "paragraph")]
    pub paragraphs: Vec<LockedParagraph>,
    /// The corrections of the last publication; `None` in a lock of before they were kept.
    #[serde(default, rename = "correction")]
    pub corrections: Option<Vec<SeenCorrection>>,
}

impl Lock {
    /// The numbers as they stand now, with the words of each statement.
    pub fn of(manuscript: &Manuscript) -> Lock {
        let mut paragraphs: Vec<LockedParagraph> = Vec::new();
        let numbers = manuscript.numbers();
        let ids = manuscript.sources.neutral_ids();
        for text in manuscript.texts.values() {
            for paragraph in text.paragraphs.iter().filter(|p| !p.sentences.is_empty()) {
                let Some(number) = numbers.get(&paragraph.sentences[0].id) else { continue };
                let section = paragraph.section.and_then(|s| text.sections.get(s));
                let at = match paragraphs.iter().position(|p| p.number == *number) {
                    Some(at) => at,
                    None => {
                        paragraphs.push(LockedParagraph {
                            number: number.clone(),
                            section: section.map(|s| s.path.clone()).unwrap_or_default(),
                            statements: BTreeMap::new(),
                        });
                        paragraphs.len() - 1
                    }
                };
                for sentence in &paragraph.sentences {
                    let hash = words_hash(text, &sentence.span, &ids);
                    let held = paragraphs[at].statements.entry(sentence.id.clone()).or_default();
                    held.insert(text.lang.to_string(), hash);
                    let [kind, evidence] = ground(manuscript, &sentence.id, &ids);
                    held.insert(KIND.into(), kind);
                    held.insert(EVIDENCE.into(), evidence);
                }
            }
        }
        // What was published and is gone keeps its number.
        for gone in manuscript.lock.iter().flat_map(|l| &l.paragraphs) {
            if !paragraphs.iter().any(|p| p.number == gone.number) {
                paragraphs.push(gone.clone());
            }
        }
        paragraphs.sort_by_key(|p| order(&p.number));
        let mut corrections: Vec<SeenCorrection> =
            manuscript.settings.corrections.iter().map(SeenCorrection::of).collect();
        corrections.sort();
        corrections.dedup();
        Lock { paragraphs, corrections: Some(corrections) }
    }

    /// The file.
    pub fn to_toml(&self) -> String {
        let mut out =
            "# Numbers of published paragraphs. Written on publication; a number is never given out again.\n"
                .to_owned();
        let corrections = self.corrections.as_deref();
        if corrections.is_some_and(<[_]>::is_empty) {
            out.push_str("correction = []\n");
        }
        for c in corrections.unwrap_or_default() {
            out.push_str(&format!(
                "\n[[correction]]\nstatement = \"{}\"\ndate = \"{}\"\nwords = \"{}\"\n",
                c.statement, c.date, c.words
            ));
        }
        for paragraph in &self.paragraphs {
            out.push_str(&format!(
                "\n[[paragraph]]\nnumber = \"{}\"\nsection = \"{}\"\n[paragraph.statements]\n",
                paragraph.number, paragraph.section
            ));
            for (id, hashes) in &paragraph.statements {
                let hashes: Vec<String> =
                    hashes.iter().map(|(lang, hash)| format!("{lang} = \"{hash}\"")).collect();
                out.push_str(&format!("{id} = {{ {} }}\n", hashes.join(", ")));
            }
        }
        out
    }

    /// The published paragraph that holds a statement.
    pub fn holding(&self, statement: &str) -> Option<&LockedParagraph> {
        self.paragraphs.iter().find(|p| p.statements.contains_key(statement))
    }
}

impl Manuscript {
    /// The number of the paragraph that each statement stands in.
    ///
    /// Chapter, section and paragraph within it, as `4.1.2`; directly below a chapter the section is 0. The order is
    /// that of the first text; a statement that stands only in another text takes its place there.
    pub fn numbers(&self) -> BTreeMap<String, String> {
        let mut numbers: BTreeMap<String, String> = BTreeMap::new();
        let held = |id: &str| self.lock.as_ref().and_then(|l| l.holding(id)).map(|p| p.number.clone());
        let mut used: BTreeSet<String> =
            self.lock.iter().flat_map(|l| &l.paragraphs).map(|p| p.number.clone()).collect();
        for text in self.texts.values() {
            let headings = heading_numbers(text);
            let (mut last, mut count, mut section) = (String::new(), 0, None);
            for paragraph in text.paragraphs.iter().filter(|p| !p.sentences.is_empty()) {
                if paragraph.section != section || last.is_empty() {
                    (section, count, last) = (paragraph.section, 0, String::new());
                }
                let heading = section.and_then(|s| headings.get(s)).cloned().unwrap_or_else(|| "0.0".into());
                let ids = || paragraph.sentences.iter().map(|s| &s.id);
                let known =
                    ids().find_map(|id| numbers.get(id).cloned()).or_else(|| ids().find_map(|id| held(id)));
                let number = known.unwrap_or_else(|| {
                    if self.lock.is_none() {
                        count += 1;
                        return format!("{heading}.{count}");
                    }
                    // Between published paragraphs: the number before, with a letter; behind the last, the next one.
                    let after_all = is_last(paragraph.section, text, paragraph.span.start, &held);
                    let free = |made: &mut dyn FnMut(u32) -> String| {
                        (1..).map(made).find(|n| !used.contains(n)).unwrap_or_default()
                    };
                    match (after_all, last.is_empty()) {
                        (true, false) => free(&mut |i| format!("{heading}.{}", count + i)),
                        (true, true) => free(&mut |i| format!("{heading}.{i}")),
                        (false, _) => {
                            let base = if last.is_empty() { format!("{heading}.0") } else { last.clone() };
                            free(&mut |i| format!("{base}{}", letters(i)))
                        }
                    }
                });
                used.insert(number.clone());
                let tail = number.rsplit('.').next().unwrap_or_default();
                count = tail.trim_end_matches(|c: char| c.is_ascii_lowercase()).parse().unwrap_or(count);
                for id in ids() {
                    numbers.entry(id.clone()).or_insert_with(|| number.clone());
                }
                last = number;
            }
        }
        numbers
    }
}

/// Whether no published paragraph of the section stands behind this place.
fn is_last(section: Option<usize>, text: &Text, at: usize, held: &dyn Fn(&str) -> Option<String>) -> bool {
    !text
        .paragraphs
        .iter()
        .filter(|p| p.section == section && p.span.start > at)
        .any(|p| p.sentences.iter().any(|s| held(&s.id).is_some()))
}

/// `4.1` for a section; `4.0` for what stands directly below a chapter.
fn heading_numbers(text: &Text) -> Vec<String> {
    let numbers = text.section_numbers().into_iter();
    numbers.map(|n| if n.contains('.') { n } else { format!("{n}.0") }).collect()
}

/// a, b, … z, aa, ab, …
fn letters(mut n: u32) -> String {
    let mut out = String::new();
    while n > 0 {
        n -= 1;
        out.insert(0, char::from(b'a' + (n % 26) as u8));
        n /= 26;
    }
    out
}

fn order(number: &str) -> Vec<(u32, String)> {
    number
        .split('.')
        .map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            (digits.parse().unwrap_or(0), part[digits.len()..].to_owned())
        })
        .collect()
}

/// The hash of a statement's words as they are published: BLAKE3 of the text with runs of blanks as one, sixteen
/// hexadecimal digits.
fn words_hash(text: &Text, span: &Range<usize>, ids: &BTreeMap<String, String>) -> String {
    let mut words = text.raw.get(span.clone()).unwrap_or_default().to_owned();
    if !ids.is_empty() {
        let calls: Vec<_> = text.calls_in(span).filter(|c| c.function == "cite").collect();
        for argument in calls.into_iter().rev().filter_map(|c| c.strings.first()) {
            let id = text.raw.get(argument.span.clone()).and_then(|id| ids.get(id));
            let at = argument.span.start - span.start..argument.span.end - span.start;
            if let Some(id) = id.filter(|_| words.get(at.clone()).is_some()) {
                words.replace_range(at, id);
            }
        }
    }
    let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
    blake3::hash(plain.as_bytes()).to_hex()[..16].to_owned()
}

/// The hash of a statement's kind, and that of its evidence as it is published.
fn ground(manuscript: &Manuscript, id: &str, ids: &BTreeMap<String, String>) -> [String; 2] {
    let Some((_, definition)) = manuscript.definition(id) else {
        return [short_hash(&[Kind::default().as_str()]), short_hash(&[])];
    };
    let lines: Vec<String> = definition
        .evidence
        .iter()
        .map(|e| match ids.get(&e.source) {
            Some(id) => super::neutral_evidence(e, id),
            None => e.line.split_whitespace().collect::<Vec<_>>().join(" "),
        })
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    [short_hash(&[definition.kind.as_str()]), short_hash(&lines)]
}

/// BLAKE3 over texts and their lengths, sixteen hexadecimal digits.
fn short_hash(texts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

const KIND: &str = "kind";
const EVIDENCE: &str = "evidence";

/// A published statement that is other now.
pub(super) struct Changed<'m> {
    pub(super) statement: &'m str,
    pub(super) lang: Lang,
    /// Where it stands; `None` where it is gone.
    pub(super) at: Option<usize>,
    /// What is other, in words.
    pub(super) what: &'static str,
}

/// Locked statements that differ from now: in their words, by language, or in what they rest on.
pub(super) fn changed<'m>(manuscript: &'m Manuscript, lock: &'m Lock) -> Vec<Changed<'m>> {
    let mut found = Vec::new();
    let ids = manuscript.sources.neutral_ids();
    for paragraph in &lock.paragraphs {
        for (id, hashes) in &paragraph.statements {
            let [kind, evidence] = ground(manuscript, id, &ids);
            let mut other = |lang: Lang, at: Option<usize>, what: &'static str| {
                found.push(Changed { statement: id, lang, at, what });
            };
            let mut whole = true;
            for (lang, text) in &manuscript.texts {
                let Some(hash) = hashes.get(lang.as_str()) else { continue };
                match text.statements().find(|(_, s)| s.id == *id) {
                    Some((_, s)) if words_hash(text, &s.span, &ids) == *hash => {}
                    Some((_, s)) => other(*lang, Some(s.span.start), "in other words"),
                    None => {
                        whole = false;
                        other(*lang, None, "");
                    }
                }
            }
            // A lock of before these were kept holds neither.
            let Some((text, definition)) = manuscript.definition(id).filter(|_| whole) else { continue };
            let at = Some(definition.at.start);
            if hashes.get(KIND).is_some_and(|h| *h != kind) {
                other(text.lang, at, "as a statement of another kind");
            }
            if hashes.get(EVIDENCE).is_some_and(|h| *h != evidence) {
                other(text.lang, at, "on other evidence");
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reads_back_and_so_does_one_of_before() {
        let correction =
            SeenCorrection { statement: "s".into(), date: Date::constant(2026, 7, 1), words: "00".into() };
        for corrections in [Some(vec![]), Some(vec![correction])] {
            let lock = Lock { paragraphs: Vec::new(), corrections };
            assert_eq!(toml::from_str::<Lock>(&lock.to_toml()).unwrap(), lock);
        }
        let old = "[[paragraph]]\nnumber = \"1.0.1\"\nsection = \"a\"\n[paragraph.statements]\ns = { nl = \"0\" }\n";
        let read = toml::from_str::<Lock>(old).unwrap();
        assert_eq!((read.paragraphs.len(), read.corrections), (1, None));
    }
}
