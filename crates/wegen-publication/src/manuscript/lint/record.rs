//! Rules S8, S11, S14 and G1: what the report keeps about itself.

use super::{Lint, Rule, Severity};
use crate::manuscript::{Confidentiality, Kind, SETTINGS, SOURCES, Source, Status, lock};

/// So many people must fit a description of a confidential source (CTDC's k).
const MANY: u32 = 11;

pub(super) fn check(lint: &mut Lint<'_>) {
    confidential(lint);
    reviews(lint);
    addresses(lint);
    gaps(lint);
}

/// S8. Values are never shown: the finding itself must not tell who spoke.
fn confidential(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for source in manuscript.sources.own() {
        let at = format!("id = \"{}\"", source.id);
        let is_confidential = source.confidentiality == Confidentiality::Confidential;
        for field in source.other.keys() {
            let (rule, expected) = match is_confidential {
                true => (Rule::S8, "role, region, month and cell alone"),
                false => (Rule::M1, "a field that sources have"),
            };
            lint.in_file(
                rule,
                Severity::Error,
                SOURCES,
                &at,
                format!("`{}` has a field `{field}`; expected {expected}", source.id),
            );
        }
        if !is_confidential {
            continue;
        }
        let mut add = |message: String| lint.in_file(Rule::S8, Severity::Error, SOURCES, &at, message);
        for (field, filled) in identifying(source) {
            if filled {
                add(format!(
                    "the confidential source `{}` has a `{field}`; expected role, region, month and cell alone",
                    source.id
                ));
            }
        }
        for (field, value) in [("role", &source.role), ("region", &source.region)] {
            match value {
                None => add(format!("the confidential source `{}` has no `{field}`", source.id)),
                Some(value) if reads_as_a_person(value) && field == "role" => {
                    add(format!(
                        "the `{field}` of the confidential source `{}` reads as somebody's name or address; expected what somebody does",
                        source.id
                    ));
                }
                Some(_) => {}
            }
        }
        if source.cell.is_none_or(|cell| cell < MANY) {
            add(format!(
                "role, region and month of `{}` may mean fewer than {MANY} people; expected a coarser description with `cell = {MANY}` or more, or the source withheld",
                source.id
            ));
        }
    }
}

fn identifying(source: &Source) -> [(&'static str, bool); 7] {
    [
        ("who", !source.who.is_empty()),
        ("title", !source.title.is_empty()),
        ("url", !source.url.is_empty()),
        ("doi", source.doi.is_some()),
        ("archive", source.archive.is_some()),
        ("citation", source.citation.is_some()),
        ("isbn", source.isbn.is_some()),
    ]
}

/// Two capitalised words in a row, an address or digits.
fn reads_as_a_person(value: &str) -> bool {
    let capital = |w: &str| {
        w.chars().next().is_some_and(char::is_uppercase) && w.chars().skip(1).any(char::is_lowercase)
    };
    let words: Vec<&str> = value.split_whitespace().collect();
    value.contains('@')
        || value.chars().any(|c| c.is_ascii_digit())
        || words.windows(2).any(|w| capital(w[0]) && capital(w[1]))
}

/// S11.
fn reviews(lint: &mut Lint<'_>) {
    let settings = &lint.manuscript.settings;
    for review in &settings.reviews {
        if review.resolved < review.comments {
            let severity = if settings.status == Status::Draft { Severity::Warning } else { Severity::Error };
            let message = format!(
                "{} of {} comments of the review of {} are open",
                review.comments - review.resolved,
                review.comments,
                review.date
            );
            lint.in_file(Rule::S11, severity, SETTINGS, &format!("date = {}", review.date), message);
        }
        if reads_as_a_person(&review.role) {
            lint.in_file(
                Rule::S11,
                Severity::Error,
                SETTINGS,
                "[[review]]",
                "a reviewer's role reads as somebody's name; expected what somebody does",
            );
        }
    }
    if settings.status != Status::Draft && settings.reviews.is_empty() {
        lint.in_file(
            Rule::S11,
            Severity::Error,
            SETTINGS,
            "status",
            "published without a review; expected a `[[review]]` with role and date",
        );
    }
}

/// S14.
fn addresses(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for correction in &manuscript.settings.corrections {
        let known =
            manuscript.texts.values().any(|t| t.statements().any(|(_, s)| s.id == correction.statement))
                || manuscript.lock.as_ref().is_some_and(|l| l.holding(&correction.statement).is_some());
        if !known {
            lint.in_file(
                Rule::M1,
                Severity::Error,
                SETTINGS,
                &format!("\"{}\"", correction.statement),
                format!("corrects `{}`, which is no statement", correction.statement),
            );
        }
    }
    let Some(locked) = &manuscript.lock else { return };
    for (id, lang, at) in lock::changed(manuscript, locked) {
        if !manuscript.corrections(id).is_empty() {
            continue;
        }
        let number = locked.holding(id).map_or("", |p| p.number.as_str());
        let what = match at {
            Some(_) => format!("`[^{id}]` was published as part of {number} in other words"),
            None => format!("`[^{id}]` was published as part of {number} and is gone"),
        };
        let message =
            format!("{what}; expected a `[[correction]]` with `statement = \"{id}\"` in `{SETTINGS}`");
        if let Some(text) = manuscript.texts.get(&lang) {
            lint.error(Rule::S14, text, at.unwrap_or(0), message).statement = Some(id.to_owned());
        }
    }
}

/// G1: the compulsory chapter.
fn gaps(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for text in manuscript.texts.values() {
        let chapter = text.sections.iter().position(|s| s.path == "gaps");
        let Some(index) = chapter else {
            lint.error(
                Rule::G1,
                text,
                text.raw.len(),
                "no chapter of information gaps; expected a heading with `<!-- gaps -->`",
            );
            continue;
        };
        let level = text.sections[index].level;
        let end =
            text.sections[index + 1..].iter().find(|s| s.level <= level).map_or(text.raw.len(), |s| s.at);
        let span = text.sections[index].at..end;
        let listed = text.calls_in(&span).any(|c| c.function == "gaps");
        let told = text.statements().any(|(_, s)| {
            span.contains(&s.span.start)
                && manuscript.definition(&s.id).is_some_and(|(_, d)| d.kind == Kind::Gap)
        });
        if !listed && !told {
            lint.error(Rule::G1, text, span.start, "the chapter of information gaps is empty; expected `{{ gaps() }}`, or statements of kind `gap`");
        }
        if !listed {
            for question in manuscript.unanswered() {
                let said = text.statements().any(|(_, s)| {
                    manuscript
                        .definition(&s.id)
                        .is_some_and(|(_, d)| d.answers.as_deref() == Some(&question.id))
                });
                if !said {
                    lint.error(Rule::G1, text, span.start, format!("question `{}` has no answer and is not listed; expected `{{{{ gaps() }}}}`, or a gap that `answers: {}`", question.id, question.id));
                }
            }
        }
    }
}
