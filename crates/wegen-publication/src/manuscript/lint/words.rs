//! Rules S9, S12, R14, R15 and N1: what the words say.

use std::ops::Range;

use wegen_model::{Lang, NumberKind, WordingRule, prose_numbers, wording};

use super::{Lint, Rule, Severity};
use crate::manuscript::{Kind, Role, SETTINGS, Text};

/// The longest quotation, in words.
const LONGEST: usize = 75;
/// As many words in a row, outside quotation marks, are the source's own.
const COPIED: usize = 12;

pub(super) fn check(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for text in manuscript.texts.values() {
        said(lint, text, &text.masked, 0);
        // What a call shows to readers is prose of the author's as well.
        for call in &text.calls {
            for string in &call.strings {
                let named = string.name == "title" || string.name == "subtitle";
                let words = text.raw.get(string.span.clone()).unwrap_or_default();
                if named || call.function == "card" && string.index < 2 {
                    said(lint, text, words, string.span.start);
                    numbers(lint, text, words, string.span.start, &[]);
                }
            }
        }
        let citations: Vec<Range<usize>> =
            kamerstuk::find(&text.masked).into_iter().map(|f| f.span).collect();
        numbers(lint, text, &text.masked, 0, &citations);
        quotes(lint, text);
    }
    let settings = &manuscript.settings;
    let own: Vec<&str> = settings
        .title
        .iter()
        .chain(&settings.subtitle)
        .flat_map(|w| [&*w.nl, &*w.en])
        .chain(settings.questions.iter().flat_map(|q| [&*q.nl, &*q.en]))
        .chain(settings.corrections.iter().flat_map(|c| [&*c.nl, &*c.en]))
        .chain(settings.accepted.iter().flat_map(|a| [&*a.nl, &*a.en]))
        .chain(settings.conditions.iter().flat_map(|c| [&*c.nl, &*c.en, &*c.goalpost]))
        .collect();
    for words in own {
        for hit in wording(words) {
            let (rule, message) = wording_message(hit.rule, &hit.words, hit.instead);
            lint.in_file(rule, Severity::Error, SETTINGS, words, message);
        }
    }
}

fn wording_message(rule: WordingRule, words: &str, instead: Option<&str>) -> (Rule, String) {
    let instead = instead.map_or(String::new(), |i| format!("; expected for example “{i}”"));
    match rule {
        WordingRule::Verdict => (
            Rule::S12,
            format!(
                "“{words}” is a verdict on a place or on return; expected the condition and its evidence, or a quotation followed by its source{instead}"
            ),
        ),
        WordingRule::Stigma => (Rule::R14, format!("“{words}” is no neutral wording for people{instead}")),
        _ => (
            Rule::R15,
            format!("“{words}” ranks deaths; expected the number, its period and its rate{instead}"),
        ),
    }
}

fn said(lint: &mut Lint<'_>, text: &Text, words: &str, offset: usize) {
    for hit in wording(words) {
        let (rule, message) = wording_message(hit.rule, &hit.words, hit.instead);
        let at = offset + hit.at.start;
        let statement = holding(text, at);
        lint.error(rule, text, at, message).statement = statement;
    }
}

fn holding(text: &Text, at: usize) -> Option<String> {
    text.statements().find(|(_, s)| s.span.contains(&at)).map(|(_, s)| s.id.clone())
}

/// N1: a number stands in a figure, in a citation, or in the words of the source that the statement reports.
fn numbers(lint: &mut Lint<'_>, text: &Text, words: &str, offset: usize, citations: &[Range<usize>]) {
    for number in prose_numbers(words, text.lang) {
        let severity = match number.kind {
            NumberKind::Bare => Severity::Error,
            NumberKind::Word => Severity::Warning,
            _ => continue,
        };
        if number.quoted || citations.iter().any(|c| c.start < number.at.end && number.at.start < c.end) {
            continue;
        }
        let at = offset + number.at.start;
        let statement = holding(text, at);
        if statement.as_deref().is_some_and(|id| in_quote(lint, id, number.value, &number.text)) {
            continue;
        }
        lint.at(
            Rule::N1,
            severity,
            text,
            at,
            format!("the number “{}” stands in prose; expected a figure call, or a source's words that hold it in the statement's evidence", number.text),
        )
        .statement = statement;
    }
}

/// Whether a statement's supporting quotations hold a number.
fn in_quote(lint: &Lint<'_>, id: &str, value: Option<f64>, written: &str) -> bool {
    let Some((_, definition)) = lint.manuscript.definition(id) else { return false };
    let supporting = || definition.evidence.iter().filter(|e| e.role == Role::Supports);
    if value.is_some_and(|v| supporting().any(|e| e.values.contains(&v))) {
        return true;
    }
    supporting().flat_map(|e| e.quote.iter().chain(&e.translation)).any(|quote| {
        // The quotation may be in either language, or in another that groups digits as one of them does.
        let held = Lang::ALL
            .into_iter()
            .flat_map(|lang| prose_numbers(quote, lang))
            .any(|n| value.is_some() && n.value == value);
        held || quote.to_lowercase().contains(&written.to_lowercase())
    })
}

/// S9: quotations.
fn quotes(lint: &mut Lint<'_>, text: &Text) {
    let manuscript = lint.manuscript;
    for (_, sentence) in text.statements() {
        let id = &sentence.id;
        let Some((holder, definition)) = manuscript.definition(id) else { continue };
        let words = text.raw.get(sentence.span.clone()).unwrap_or_default();
        let first = holder.lang == text.lang;
        for evidence in definition.evidence.iter().filter(|e| e.quote.is_some()) {
            let quote = evidence.quote.as_deref().unwrap_or_default();
            let count = quote.split_whitespace().count();
            let mut add = |severity, text: &Text, at, message| {
                lint.at(Rule::S9, severity, text, at, message).statement = Some(id.clone())
            };
            if first && count > LONGEST {
                add(
                    Severity::Warning,
                    holder,
                    evidence.at,
                    format!("a quotation of {count} words; expected at most {LONGEST}"),
                );
            }
            if first && evidence.checked.is_none() {
                add(
                    Severity::Warning,
                    holder,
                    evidence.at,
                    "no reviewer has laid text and quotation side by side; expected `checked: DATE`"
                        .to_owned(),
                );
            }
            let copied = [Some(quote), evidence.translation.as_deref()]
                .into_iter()
                .flatten()
                .any(|q| copies(words, q));
            if definition.kind != Kind::Quote && copied {
                add(
                    Severity::Warning,
                    text,
                    sentence.span.start,
                    format!(
                        "more than {COPIED} words in a row are the source's own; expected quotation marks and `quote`, or other words"
                    ),
                );
            }
        }
        if definition.kind == Kind::Quote {
            let quoted = |q: &str| marks(words).iter().any(|inner| same(inner, q));
            let held = definition
                .evidence
                .iter()
                .flat_map(|e| e.quote.iter().chain(&e.translation))
                .any(|q| quoted(q));
            if !held {
                lint.error(Rule::S9, text, sentence.span.start, format!("`[^{id}]` is a quote, and its quotation marks do not hold the source's words as its evidence has them"))
                    .statement = Some(id.clone());
            }
        }
    }
}

fn plain(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn same(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

/// Whether so many words in a row of `quote` stand in `words` outside quotation marks.
fn copies(words: &str, quote: &str) -> bool {
    let mut outside = words.to_owned();
    for inner in marks(words) {
        outside = outside.replace(inner, " ¶ ");
    }
    let (words, quote) = (plain(&outside), plain(quote));
    quote.len() > COPIED && quote.windows(COPIED + 1).any(|run| words.windows(COPIED + 1).any(|w| w == run))
}

/// What stands between quotation marks.
fn marks(words: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (i, c) in words.char_indices() {
        match (open, c) {
            (Some((close, start)), c) if c == close => {
                found.push(&words[start..i]);
                open = None;
            }
            (None, '“' | '„') => open = Some(('”', i + c.len_utf8())),
            (None, '"') => open = Some(('"', i + 1)),
            (None, '«') => open = Some(('»', i + c.len_utf8())),
            (None, '‘') => open = Some(('’', i + c.len_utf8())),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_words_are_found_outside_quotation_marks() {
        let quote = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
        assert!(copies(&format!("It says that {quote}."), quote));
        assert!(!copies(&format!("It says: “{quote}”."), quote));
        assert!(!copies("It says that one two three.", quote));
    }
}
