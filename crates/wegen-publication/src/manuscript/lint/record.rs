//! Rules S8, S11, S14 and G1: what the report keeps about itself.

use super::{Lint, Rule, Severity};
use crate::manuscript::{Correction, Evidence, Kind, LOCK, SETTINGS, SOURCES, SeenCorrection, Status, lock};

/// So many people must fit a description of a confidential source (CTDC's k).
const MANY: u32 = 11;

pub(super) fn check(lint: &mut Lint<'_>) {
    confidential(lint);
    reviews(lint);
    addresses(lint);
    gaps(lint);
    without_names(lint);
}

/// S8. Values are never shown: the finding itself must not tell who spoke.
fn confidential(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    let ids = manuscript.sources.neutral_ids();
    for source in manuscript.sources.own() {
        let at = format!("id = \"{}\"", source.id);
        let is_confidential = source.is_confidential();
        let name = ids.get(&source.id).unwrap_or(&source.id);
        for field in source.other.keys() {
            let (rule, expected) = match is_confidential {
                true => (Rule::S8, "role, region, month and cell alone"),
                false => (Rule::M1, "a field that sources have"),
            };
            // A key can be somebody's name too.
            let plain = field.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '_');
            let field =
                if plain || !is_confidential { format!("`{field}`") } else { "of its own".to_owned() };
            lint.in_file(
                rule,
                Severity::Error,
                SOURCES,
                &at,
                format!("`{name}` has a field {field}; expected {expected}"),
            );
        }
        if !is_confidential {
            continue;
        }
        let mut add = |message: String| lint.in_file(Rule::S8, Severity::Error, SOURCES, &at, message);
        for field in source.beyond_role() {
            add(format!(
                "the confidential source `{name}` has a `{field}`; expected role, region, month and cell alone"
            ));
        }
        for (field, value) in [("role", &source.role), ("region", &source.region)] {
            match value {
                None => add(format!("the confidential source `{name}` has no `{field}`")),
                Some(value) if reads_as_a_person(value) && field == "role" => {
                    add(format!(
                        "the `{field}` of the confidential source `{name}` reads as somebody's name or address; expected what somebody does"
                    ));
                }
                Some(_) => {}
            }
        }
        if source.month.is_some_and(|m| m.day().is_some()) {
            add(format!("the `month` of the confidential source `{name}` is a day; expected a month"));
        }
        if source.cell.is_none_or(|cell| cell < MANY) {
            add(format!(
                "role, region and month of `{name}` may mean fewer than {MANY} people; expected a coarser description with `cell = {MANY}` or more, or the source withheld"
            ));
        }
    }
    for text in manuscript.texts.values().filter(|_| !ids.is_empty()) {
        for (id, definition) in &text.definitions {
            for evidence in &definition.evidence {
                let Some(name) = ids.get(&evidence.source) else { continue };
                for what in beyond_words(evidence) {
                    lint.error(
                        Rule::S8,
                        text,
                        evidence.at,
                        format!("evidence from the confidential source `{name}` has {what}; expected its id alone, or a `value`"),
                    )
                    .statement = Some(id.clone());
                }
            }
        }
        // A remark or a sentence that names it would be published with the text.
        for (source, name) in &ids {
            let told = text.definitions.values().flat_map(|d| &d.evidence);
            let own: Vec<_> = told.map(|e| e.at..e.at + e.line.len()).collect();
            let cited: Vec<_> =
                text.calls.iter().filter(|c| c.function == "cite").map(|c| c.span.clone()).collect();
            let distinct = source.contains(|c: char| !c.is_alphabetic()) && source != name;
            for (at, _) in text.raw.match_indices(source.as_str()).filter(|_| distinct) {
                if !own.iter().chain(&cited).any(|span| span.contains(&at)) {
                    lint.error(
                        Rule::S8,
                        text,
                        at,
                        format!("the id of the confidential source `{name}` stands in the text; expected it beside statements and in `cite` alone"),
                    );
                }
            }
        }
    }
}

/// What evidence from a confidential source must not carry.
fn beyond_words(evidence: &Evidence) -> Vec<&'static str> {
    [
        ("a locator or an address", !evidence.locators.is_empty()),
        ("a quotation", evidence.quote.is_some() || evidence.translation.is_some()),
        ("a language", evidence.language.is_some()),
        ("a day on which it was read", evidence.accessed.is_some()),
        ("a day on which it was checked", evidence.checked.is_some()),
        ("a hash", evidence.hash.is_some()),
        ("an archived copy", evidence.archive.is_some()),
        ("a date with a day", evidence.date.is_some_and(|d| d.day().is_some())),
    ]
    .into_iter()
    .filter_map(|(what, there)| there.then_some(what))
    .collect()
}

/// Takes out of every finding what would tell who a confidential source is: its id, and words of its evidence.
fn without_names(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    let ids = manuscript.sources.neutral_ids();
    if ids.is_empty() {
        return;
    }
    let mut lines = std::collections::BTreeSet::new();
    for text in manuscript.texts.values() {
        for evidence in text.definitions.values().flat_map(|d| &d.evidence) {
            if ids.contains_key(&evidence.source) {
                lines.insert((text.file.clone(), text.position(evidence.at).0));
            }
        }
    }
    for finding in &mut lint.findings {
        if finding.rule != Rule::S8 && lines.contains(&(finding.file.clone(), finding.line)) {
            finding.message = format!(
                "asked is that {}; what stands here of a confidential source is not shown",
                finding.rule.says()
            );
        }
        for (id, name) in &ids {
            finding.message = finding.message.replace(&format!("`{id}`"), &format!("`{name}`"));
        }
    }
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
    let Some(locked) = &manuscript.lock else {
        // What was corrected was published, and had its numbers.
        if manuscript.settings.status != Status::Draft && !manuscript.settings.corrections.is_empty() {
            lint.in_file(
                Rule::S14,
                Severity::Error,
                SETTINGS,
                "[[correction]]",
                format!("corrects what was published, and `{LOCK}` is not there; expected the file that the last publication wrote"),
            );
        }
        return;
    };
    let seen = locked.corrections.as_deref();
    for gone in seen.unwrap_or_default() {
        if !manuscript.settings.corrections.iter().any(|c| SeenCorrection::of(c) == *gone) {
            lint.in_file(
                Rule::S14,
                Severity::Error,
                SETTINGS,
                &format!("\"{}\"", gone.statement),
                format!(
                    "the correction of `[^{}]` of {} was published and is gone, or in other words; a notice stays, and a further change has one of its own",
                    gone.statement, gone.date
                ),
            );
        }
    }
    // A correction tells of what came after the last publication; of those before it nothing is known in an old lock.
    let is_new = |c: &Correction| seen.is_none_or(|seen| !seen.contains(&SeenCorrection::of(c)));
    for change in lock::changed(manuscript, locked) {
        let id = change.statement;
        if manuscript.corrections(id).into_iter().any(is_new) {
            continue;
        }
        let number = locked.holding(id).map_or("", |p| p.number.as_str());
        let what = match change.at {
            Some(_) => format!("`[^{id}]` was published as part of {number} {}", change.what),
            None => format!("`[^{id}]` was published as part of {number} and is gone"),
        };
        let more = if manuscript.corrections(id).is_empty() { "a" } else { "a further" };
        let message =
            format!("{what}; expected {more} `[[correction]]` with `statement = \"{id}\"` in `{SETTINGS}`");
        if let Some(text) = manuscript.texts.get(&change.lang) {
            lint.error(Rule::S14, text, change.at.unwrap_or(0), message).statement = Some(id.to_owned());
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
