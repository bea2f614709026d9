//! Numbers of published paragraphs: given out once, kept for ever.
//!
//! A paragraph is known by its statements. A new paragraph between published ones takes the number before it with a
//! letter, as in a law; a paragraph that goes leaves its number with a notice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use wegen_model::Lang;

use super::{Manuscript, notation::Text};

/// A published paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedParagraph {
    /// Its number, as `4.1.2`.
    pub number: String,
    /// Its section's path.
    pub section: String,
    /// Its statements, each with the hash of its words in each language.
    pub statements: BTreeMap<String, BTreeMap<String, String>>,
}

/// What `paragraphs.lock` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The paragraphs, in order.
    #[serde(default, rename = "paragraph")]
    pub paragraphs: Vec<LockedParagraph>,
}

impl Lock {
    /// The numbers as they stand now, with the words of each statement.
    pub fn of(manuscript: &Manuscript) -> Lock {
        let mut paragraphs: Vec<LockedParagraph> = Vec::new();
        let numbers = manuscript.numbers();
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
                    let hash = words_hash(text, &sentence.span);
                    let held = paragraphs[at].statements.entry(sentence.id.clone()).or_default();
                    held.insert(text.lang.to_string(), hash);
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
        Lock { paragraphs }
    }

    /// The file.
    pub fn to_toml(&self) -> String {
        let mut out =
            "# Numbers of published paragraphs. Written on publication; a number is never given out again.\n"
                .to_owned();
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

/// The hash of a statement's words: BLAKE3 of the text with runs of blanks as one, sixteen hexadecimal digits.
pub(super) fn words_hash(text: &Text, span: &std::ops::Range<usize>) -> String {
    let words = text.raw.get(span.clone()).unwrap_or_default();
    let plain = words.split_whitespace().collect::<Vec<_>>().join(" ");
    blake3::hash(plain.as_bytes()).to_hex()[..16].to_owned()
}

/// The words of a locked statement that differ from now, by language.
pub(super) fn changed<'m>(manuscript: &'m Manuscript, lock: &'m Lock) -> Vec<(&'m str, Lang, Option<usize>)> {
    let mut found = Vec::new();
    for paragraph in &lock.paragraphs {
        for (id, hashes) in &paragraph.statements {
            for (lang, text) in &manuscript.texts {
                let Some(hash) = hashes.get(lang.as_str()) else { continue };
                match text.statements().find(|(_, s)| s.id == *id) {
                    Some((_, s)) if words_hash(text, &s.span) == *hash => {}
                    Some((_, s)) => found.push((id.as_str(), *lang, Some(s.span.start))),
                    None => found.push((id.as_str(), *lang, None)),
                }
            }
        }
    }
    found
}
