//! Rule S13: Dutch and English say the same.

use std::collections::BTreeSet;

use wegen_model::{Lang, NumberKind, countries, prose_numbers};

use super::{Lint, Rule};
use crate::manuscript::{Sentence, Text};

/// Words that only one of the languages has, and that no sentence of some length goes without.
const DUTCH: [&str; 16] = [
    "de", "het", "een", "van", "en", "dat", "niet", "zijn", "wordt", "voor", "naar", "uit", "ook", "bij",
    "door", "met",
];
const ENGLISH: [&str; 16] = [
    "the", "of", "and", "to", "that", "is", "are", "not", "for", "by", "with", "from", "which", "this",
    "its", "at",
];

pub(super) fn check(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    let (Some(nl), Some(en)) = (manuscript.texts.get(&Lang::Nl), manuscript.texts.get(&Lang::En)) else {
        let Some(text) = manuscript.texts.values().next() else { return };
        let other = if text.lang == Lang::Nl { "en.md" } else { "nl.md" };
        lint.warn(Rule::S13, text, 0, format!("there is no `{other}`; a report stands in Dutch and English"));
        return;
    };
    let paths = |t: &Text| t.sections.iter().map(|s| s.path.clone()).collect::<Vec<_>>();
    if let Some(at) = paths(nl).iter().zip(paths(en).iter()).position(|(a, b)| a != b).or_else(|| {
        (nl.sections.len() != en.sections.len()).then(|| nl.sections.len().min(en.sections.len()))
    }) {
        let text = if en.sections.len() > at { en } else { nl };
        let place = text.sections.get(at).map_or(0, |s| s.at);
        lint.error(
            Rule::S13,
            text,
            place,
            "the chapters of the two texts are not the same, or not in the same order",
        );
    }
    let ids = |t: &Text| t.statements().map(|(_, s)| s.id.clone()).collect::<Vec<_>>();
    let (nl_ids, en_ids) = (ids(nl), ids(en));
    for (text, own, other, name) in [(nl, &nl_ids, &en_ids, "en.md"), (en, &en_ids, &nl_ids, "nl.md")] {
        for (_, sentence) in text.statements().filter(|(_, s)| own.contains(&s.id) && !other.contains(&s.id))
        {
            lint.error(
                Rule::S13,
                text,
                sentence.mark.start,
                format!("`[^{}]` is not in {name}", sentence.id),
            )
            .statement = Some(sentence.id.clone());
        }
    }
    let common = |own: &[String], other: &[String]| {
        own.iter().filter(|i| other.contains(i)).cloned().collect::<Vec<_>>()
    };
    let (a, b) = (common(&nl_ids, &en_ids), common(&en_ids, &nl_ids));
    if let Some(at) = a.iter().zip(&b).position(|(x, y)| x != y) {
        let place = en.statements().find(|(_, s)| s.id == b[at]).map_or(0, |(_, s)| s.mark.start);
        lint.error(Rule::S13, en, place, format!("`[^{}]` stands where nl.md has `[^{}]`", b[at], a[at]))
            .statement = Some(b[at].clone());
    }
    for (nl_paragraph, one) in nl.statements() {
        let Some((en_paragraph, other)) = en.statements().find(|(_, s)| s.id == one.id) else { continue };
        let path = |t: &Text, p: &crate::manuscript::Paragraph| {
            p.section.and_then(|s| t.sections.get(s)).map(|s| s.path.clone())
        };
        let mut differ = |message: String| {
            lint.error(Rule::S13, en, other.span.start + lead(en, other), message).statement =
                Some(one.id.clone());
        };
        if path(nl, nl_paragraph) != path(en, en_paragraph) {
            differ(format!("`[^{}]` stands in another chapter than in nl.md", one.id));
        }
        let (x, y) = (calls(nl, one), calls(en, other));
        if x != y {
            differ(format!(
                "`[^{}]` holds other figures or citations than in nl.md: {}",
                one.id,
                difference(&x, &y)
            ));
        }
        let (x, y) = (digits(nl, one), digits(en, other));
        if x != y {
            differ(format!("`[^{}]` holds other numbers than in nl.md: {}", one.id, difference(&x, &y)));
        }
        let (x, y) = (names(nl, one), names(en, other));
        if x != y {
            differ(format!("`[^{}]` holds other names than in nl.md: {}", one.id, difference(&x, &y)));
        }
        let (long, short) = (length(nl, one).max(length(en, other)), length(nl, one).min(length(en, other)));
        if long > 80 && short * 5 < long * 2 {
            differ(format!("`[^{}]` is much longer in one language than in the other", one.id));
        }
    }
    for text in [nl, en] {
        for (_, sentence) in text.statements() {
            let words: Vec<String> = words(text, sentence);
            let count = |list: &[&str]| words.iter().filter(|w| list.contains(&w.as_str())).count();
            let (dutch, english) = (count(&DUTCH), count(&ENGLISH));
            let (own, other, reads) = match text.lang {
                Lang::Nl => (dutch, english, "English"),
                Lang::En => (english, dutch, "Dutch"),
            };
            if other >= 3 && other > 2 * own {
                lint.error(
                    Rule::S13,
                    text,
                    sentence.span.start + lead(text, sentence),
                    format!("`[^{}]` reads as {reads}", sentence.id),
                )
                .statement = Some(sentence.id.clone());
            }
        }
    }
}

fn masked<'t>(text: &'t Text, sentence: &Sentence) -> &'t str {
    text.masked.get(sentence.span.clone()).unwrap_or_default()
}

fn lead(text: &Text, sentence: &Sentence) -> usize {
    let words = masked(text, sentence);
    words.len() - words.trim_start().len()
}

fn words(text: &Text, sentence: &Sentence) -> Vec<String> {
    masked(text, sentence)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn length(text: &Text, sentence: &Sentence) -> usize {
    masked(text, sentence).chars().filter(|c| c.is_alphanumeric()).count()
}

fn calls(text: &Text, sentence: &Sentence) -> Vec<String> {
    let shown =
        text.calls_in(&sentence.span).filter(|c| matches!(c.function.as_str(), "figure" | "bounds" | "cite"));
    let mut found: Vec<String> = shown.map(|c| format!("{}{}", c.function, c.arguments)).collect();
    found.sort();
    found
}

/// Numbers as both languages have them: values of figures, digits of dates and references, citations by their ids.
fn digits(text: &Text, sentence: &Sentence) -> Vec<String> {
    let words = masked(text, sentence);
    let citations = kamerstuk::find(words);
    let mut found: Vec<String> = citations.iter().flat_map(|c| c.citation.ids()).collect();
    for number in prose_numbers(words, text.lang) {
        if citations.iter().any(|c| c.span.start < number.at.end && number.at.start < c.span.end) {
            continue;
        }
        match (number.kind, number.value) {
            (NumberKind::Bare, Some(value)) => found.push(value.to_string()),
            (NumberKind::Word, _) => {}
            _ => found.extend(
                number
                    .text
                    .split(|c: char| !c.is_ascii_digit())
                    .filter(|d| !d.is_empty())
                    .map(|d| d.trim_start_matches('0').to_owned()),
            ),
        }
    }
    found.sort();
    found
}

/// Countries, and abbreviations that both languages write alike.
fn names(text: &Text, sentence: &Sentence) -> Vec<String> {
    let words = masked(text, sentence);
    let citations = kamerstuk::find(words);
    let mut found = BTreeSet::new();
    for country in countries().all() {
        let name = country.name(text.lang);
        if name.len() > 3 && find_name(words, name) {
            found.insert(country.iso3.to_string());
        }
    }
    let mut at = 0;
    for word in words.split(|c: char| !c.is_alphanumeric()) {
        let start = words[at..].find(word).map_or(at, |i| at + i);
        at = start + word.len();
        let cited = citations.iter().any(|c| c.span.start <= start && start < c.span.end);
        let upper = word.len() >= 3 && word.chars().all(|c| c.is_ascii_uppercase());
        if upper && !cited && !TRANSLATED.contains(&word) && !word.chars().all(|c| "IVXLCDM".contains(c)) {
            found.insert(word.to_owned());
        }
    }
    found.into_iter().collect()
}

/// Abbreviations that differ between the languages.
const TRANSLATED: [&str; 10] = ["VN", "EVRM", "ECHR", "NGO", "BBP", "GDP", "BHO", "BHOS", "ODA", "USA"];

/// Whether a name stands in the words as a whole.
fn find_name(words: &str, name: &str) -> bool {
    words.match_indices(name).any(|(i, _)| {
        let before = words[..i].chars().next_back();
        let after = words[i + name.len()..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

fn difference(nl: &[String], en: &[String]) -> String {
    let only = |a: &[String], b: &[String]| {
        let mut rest = b.to_vec();
        let mut out = Vec::new();
        for item in a {
            match rest.iter().position(|r| r == item) {
                Some(i) => {
                    rest.remove(i);
                }
                None => out.push(item.clone()),
            }
        }
        if out.is_empty() { "nothing".to_owned() } else { out.join(", ") }
    };
    format!("nl.md alone has {}, en.md alone {}", only(nl, en), only(en, nl))
}
