//! Rules S9, S12, R14, R15 and N1: what the words say.

use std::ops::Range;

use wegen_model::{Lang, NumberKind, Quotation, WordingRule, prose_numbers, quotations, wording_outside};

use super::{Lint, Rule, Severity, readable::Readable};
use crate::manuscript::{CallText, Confidentiality, Kind, Role, SETTINGS, SOURCES, Text};

/// The longest quotation, in words.
const LONGEST: usize = 75;
/// As many words in a row, outside quotation marks, are the source's own.
const COPIED: usize = 12;

pub(super) fn check(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for text in manuscript.texts.values() {
        let read = Readable::of(&text.masked);
        let own = quoted(lint, text, &read);
        said(lint, text, &read, 0, &own);
        numbers(lint, text, &read, 0);
        for call in &text.calls {
            shown(lint, text, call);
        }
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
        .chain(settings.conditions.iter().flat_map(|c| [&*c.nl, &*c.en, &*c.goalpost, &*c.authority]))
        .chain(settings.reviews.iter().map(|r| &*r.role))
        .collect();
    // What a source is called is its maker's choice; what is told of it is the author's.
    let told = manuscript.sources.own().iter().flat_map(|s| {
        let public = s.confidentiality == Confidentiality::Public;
        let words = [Some(&s.what), Some(&s.why), Some(&s.how), s.role.as_ref(), s.region.as_ref()];
        words.into_iter().flatten().filter(move |_| public).map(|w| (SOURCES, w.as_str()))
    });
    for (file, words) in own.into_iter().map(|w| (SETTINGS, w)).chain(told) {
        for hit in wording_outside(&Readable::of(words).text, &[]) {
            let (rule, message) = wording_message(hit.rule, &hit.words, hit.instead);
            lint.in_file(rule, Severity::Error, file, words, message);
        }
    }
}

fn wording_message(rule: WordingRule, words: &str, instead: Option<&str>) -> (Rule, String) {
    let instead = instead.map_or(String::new(), |i| format!("; expected for example “{i}”"));
    match rule {
        WordingRule::Verdict => (
            Rule::S12,
            format!(
                "“{words}” is a verdict on a place or on return; expected the condition and its evidence, or the words of the evidence in quotation marks that a source marker follows{instead}"
            ),
        ),
        WordingRule::Stigma => (Rule::R14, format!("“{words}” is no neutral wording for people{instead}")),
        _ => (
            Rule::R15,
            format!("“{words}” ranks deaths; expected the number, its period and its rate{instead}"),
        ),
    }
}

fn said(lint: &mut Lint<'_>, text: &Text, read: &Readable, offset: usize, own: &[Range<usize>]) {
    for hit in wording_outside(&read.text, own) {
        let (rule, message) = wording_message(hit.rule, &hit.words, hit.instead);
        let at = offset + read.place(hit.at.start);
        let statement = holding(text, at);
        lint.error(rule, text, at, message).statement = statement;
    }
}

/// What a call shows to readers is prose of the author's as well: titles, and the labels of cards.
fn shown(lint: &mut Lint<'_>, text: &Text, call: &CallText) {
    let is_shown = |index: usize, name: &str| {
        name == "title" || name == "subtitle" || call.function == "card" && index < 2
    };
    for string in call.strings.iter().filter(|s| is_shown(s.index, &s.name)) {
        let words = text.raw.get(string.span.clone()).unwrap_or_default();
        let read = Readable::of(words);
        said(lint, text, &read, string.span.start, &[]);
        numbers(lint, text, &read, string.span.start);
    }
    // `"Homs is sa" ~ "fe"`, and `50000 ~ " people"`.
    for (index, argument) in arguments(&call.arguments).into_iter().enumerate() {
        let (name, value) =
            argument.split_once('=').filter(|(n, _)| !n.contains(['"', '\''])).unwrap_or(("", argument));
        if !is_shown(index, name) {
            continue;
        }
        let (joined, other) = strings(value);
        let alone = |words: &str| wording_outside(words, &[]).len();
        let parts: usize = call
            .strings
            .iter()
            .filter(|s| s.index == index)
            .map(|s| alone(text.raw.get(s.span.clone()).unwrap_or_default()))
            .sum();
        if alone(&joined) > parts {
            let (rule, message) = wording_message(WordingRule::Verdict, &joined, None);
            lint.error(rule, text, call.span.start, message);
        }
        let step = |i: usize| other[..i].ends_with(['+', '-']) && other.len() > 1;
        let mut digits = other.char_indices().filter(|(_, c)| c.is_ascii_digit());
        if digits.any(|(i, _)| !step(i) && !other[..i].ends_with(|c: char| c.is_alphanumeric() || c == '_')) {
            lint.error(
                Rule::N1,
                text,
                call.span.start,
                "a number stands in a title; expected one that the template knows, as `population_year`",
            );
        }
    }
}

/// The parts between commas outside strings and brackets.
fn arguments(text: &str) -> Vec<&str> {
    let inner = text.strip_prefix('(').map_or(text, |t| t.strip_suffix(')').unwrap_or(t));
    let (mut found, mut start, mut open, mut depth) = (Vec::new(), 0, None, 0);
    for (i, c) in inner.char_indices() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => open = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                found.push(&inner[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[start..]);
    found
}

/// What stands in the strings of an expression, and what outside them.
fn strings(expression: &str) -> (String, String) {
    let (mut inside, mut outside, mut open) = (String::new(), String::new(), None);
    for c in expression.chars() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (Some(_), c) => inside.push(c),
            (None, '"' | '\'') => open = Some(c),
            (None, c) => outside.push(c),
        }
    }
    (inside, outside)
}

fn holding(text: &Text, at: usize) -> Option<String> {
    text.statements().find(|(_, s)| s.span.contains(&at)).map(|(_, s)| s.id.clone())
}

/// The insides of quotation marks that hold words of the evidence of their statement, with a source marker behind.
fn quoted(lint: &Lint<'_>, text: &Text, read: &Readable) -> Vec<Range<usize>> {
    let found = quotations(&read.text).into_iter().filter(|q| {
        let behind =
            read.text[q.behind..].trim_start_matches([' ', '\u{a0}', '.', ',', ';', ':', '!', '?', ')']);
        let place = read.place(read.text.len() - behind.len());
        let cited = text.calls.iter().any(|c| c.span.start == place && c.function == "cite");
        let id = holding(text, read.place(q.inner.start));
        (behind.starts_with("[^") || cited)
            && id.is_some_and(|id| held(lint, &id, &read.text[q.inner.clone()]))
    });
    found.map(|q| q.inner).collect()
}

/// Whether a quotation of a statement's evidence holds these words, in their order; `…` and brackets leave out others.
fn held(lint: &Lint<'_>, id: &str, words: &str) -> bool {
    let Some((_, definition)) = lint.manuscript.definition(id) else { return false };
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for c in words.replace("...", "…").chars() {
        match c {
            '[' | '(' if c == '[' => depth += 1,
            ']' => depth -= 1,
            _ if depth > 0 => continue,
            '…' => {}
            c => {
                parts.last_mut().into_iter().for_each(|p| p.push(c));
                continue;
            }
        }
        parts.push(String::new());
    }
    let parts: Vec<Vec<String>> = parts.iter().map(|p| plain(p)).filter(|p| !p.is_empty()).collect();
    definition.evidence.iter().flat_map(|e| e.quote.iter().chain(&e.translation)).any(|quote| {
        let quote = plain(quote);
        let mut from = 0;
        !parts.is_empty()
            && parts.iter().all(|part| {
                let at = quote[from..].windows(part.len()).position(|w| w == part);
                from += at.map_or(0, |at| at + part.len());
                at.is_some()
            })
    })
}

/// N1: a number stands in a figure, in a citation, or in the words of the source that the statement reports.
fn numbers(lint: &mut Lint<'_>, text: &Text, read: &Readable, offset: usize) {
    let citations: Vec<Range<usize>> = kamerstuk::find(&read.text).into_iter().map(|f| f.span).collect();
    for number in prose_numbers(&read.text, text.lang) {
        let severity = match number.kind {
            NumberKind::Bare => Severity::Error,
            NumberKind::Word => Severity::Warning,
            _ => continue,
        };
        if citations.iter().any(|c| c.start < number.at.end && number.at.start < c.end) {
            continue;
        }
        let at = offset + read.place(number.at.start);
        // Text about the report may count the report's own parts.
        let section = text.sections.partition_point(|s| s.at <= at).checked_sub(1);
        let editorial = section.is_some_and(|i| text.sections[i].editorial);
        if editorial && number.kind == NumberKind::Word && number.value.is_some_and(|v| v < 100.0) {
            continue;
        }
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
    let written = written.to_lowercase();
    supporting().flat_map(|e| e.quote.iter().chain(&e.translation)).any(|quote| {
        // The quotation may be in either language, or in another that groups digits as one of them does.
        let held = Lang::ALL
            .into_iter()
            .flat_map(|lang| prose_numbers(quote, lang))
            .any(|n| value.is_some() && n.value == value);
        // The 5 of `1500` is not the number 5.
        let quote = quote.to_lowercase();
        let whole = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        held || quote.match_indices(&written).any(|(i, _)| {
            whole(quote[..i].chars().next_back()) && whole(quote[i + written.len()..].chars().next())
        })
    })
}

/// S9: quotations.
fn quotes(lint: &mut Lint<'_>, text: &Text) {
    let manuscript = lint.manuscript;
    for (_, sentence) in text.statements() {
        let id = &sentence.id;
        let read = Readable::of(text.masked.get(sentence.span.clone()).unwrap_or_default());
        let words = read.text.as_str();
        let invented: Vec<Quotation> = quotations(words)
            .into_iter()
            .filter(|q| {
                let inner = &words[q.inner.clone()];
                !plain(inner).is_empty()
                    && !is_elision(words, q)
                    && !held(lint, id, inner)
                    && !is_name(lint, inner)
            })
            .collect();
        for quotation in invented {
            lint.error(
                Rule::S9,
                text,
                sentence.span.start + read.place(quotation.inner.start),
                format!(
                    "“{}” stands in quotation marks, and no quotation of the evidence of `[^{id}]` holds it",
                    &words[quotation.inner]
                ),
            )
            .statement = Some(id.clone());
        }
        let Some((holder, definition)) = manuscript.definition(id) else { continue };
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
    quotations(words).into_iter().map(|q| &words[q.inner]).collect()
}

/// Apostrophes that stand for letters or a century: `'s avonds`, `de jaren '90`.
fn is_elision(words: &str, quotation: &Quotation) -> bool {
    let inner = &words[quotation.inner.clone()];
    let straight = words[..quotation.inner.start].ends_with(['\'', '‘']);
    straight
        && (inner.starts_with("s ")
            || inner.starts_with("s-")
            || inner.starts_with(|c: char| c.is_ascii_digit()))
}

/// Whether words are what a source is called.
fn is_name(lint: &Lint<'_>, words: &str) -> bool {
    let own = lint.manuscript.sources.own().iter();
    own.filter(|s| s.confidentiality == Confidentiality::Public)
        .any(|s| same(&s.title, words) || same(&s.who, words))
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
