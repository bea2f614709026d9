//! The lint: what a report's author must know before readers do.
//!
//! Rules S1 to S14 are those of the country report's method; N1, G1, C1, F1 and M1 are the house's own; S12 stands
//! for R6 of the do-no-harm rules. Everything is found from the files alone: no ledger is opened.

mod countries;
mod dates;
mod languages;
mod readable;
mod record;
mod sourcing;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Manuscript, Role, SETTINGS, SOURCES, Text};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The report cannot be published.
    Error,
    /// The authors decide, and can answer for it in `report.toml`.
    Warning,
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[expect(missing_docs, reason = "`Rule::says` tells each")]
pub enum Rule {
    S1,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
    S8,
    S9,
    S10,
    S11,
    S12,
    S13,
    S14,
    R14,
    R15,
    N1,
    G1,
    C1,
    F1,
    M1,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 21] = [
        Rule::S1,
        Rule::S2,
        Rule::S3,
        Rule::S4,
        Rule::S5,
        Rule::S6,
        Rule::S7,
        Rule::S8,
        Rule::S9,
        Rule::S10,
        Rule::S11,
        Rule::S12,
        Rule::S13,
        Rule::S14,
        Rule::R14,
        Rule::R15,
        Rule::N1,
        Rule::G1,
        Rule::C1,
        Rule::F1,
        Rule::M1,
    ];

    /// Its id.
    pub fn id(self) -> String {
        format!("{self:?}")
    }

    /// What it asks.
    pub fn says(self) -> &'static str {
        match self {
            Rule::S1 => "each statement has evidence beside it, or a figure in it",
            Rule::S2 => "each source answers who, what, why, how and when, and has a licence",
            Rule::S3 => {
                "statements on security, casualties and treatment rest on two independent sources, or say that they rest on one"
            }
            Rule::S4 => {
                "nothing is of after the cut-off, unless labelled as additional; what is published has one"
            }
            Rule::S5 => {
                "evidence on security is at most twelve months old, other evidence twenty-four, or is labelled as old"
            }
            Rule::S6 => "the original source is cited, or it is said that another passes it on",
            Rule::S7 => "what contradicts a statement stands in the text",
            Rule::S8 => {
                "a confidential source is a role, a region and a month that could mean many people, and nothing else"
            }
            Rule::S9 => {
                "what stands in quotation marks is in the statement's evidence, short and literal, and a reviewer laid each paraphrase beside its quotation"
            }
            Rule::S10 => "no few sources carry the report (Herfindahl index of root sources at most 0.25)",
            Rule::S11 => "no publication without a review whose comments are resolved",
            Rule::S12 => "no verdict on a place or on return (rule R6)",
            Rule::S13 => "Dutch and English hold the same statements, figures, numbers and names",
            Rule::S14 => "a published paragraph keeps its address, and a change of it carries a notice",
            Rule::R14 => "neutral words for people",
            Rule::R15 => "no ranking of deaths for its own sake",
            Rule::N1 => "no number in prose without a figure call or the words of a source",
            Rule::G1 => {
                "a chapter of information gaps, and each open question of the terms of reference in it"
            }
            Rule::C1 => "no source derives from itself",
            Rule::F1 => "each call names a figure, parameters and sources that exist",
            Rule::M1 => "the notation can be read",
        }
    }
}

/// Where text is put or replaced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// The file.
    pub file: String,
    /// First and last byte of what is replaced; equal where text is put in.
    pub span: (usize, usize),
    /// The text.
    pub with: String,
}

/// Something that the lint found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// The statement, where it is one.
    pub statement: Option<String>,
    /// Changes that cannot do harm; one in each text where they belong.
    pub fix: Vec<Edit>,
}

/// On how few sources a report rests (rule S10).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Concentration {
    /// Supported statements by root source.
    pub roots: BTreeMap<String, usize>,
    /// The share of the largest, 0 to 1.
    pub largest: f64,
    /// The Herfindahl index: the sum of squared shares, 0 to 1.
    pub herfindahl: f64,
    /// The share of parties to the conflict, 0 to 1.
    pub parties: f64,
    /// The share of sources in a language spoken there, 0 to 1.
    pub local: f64,
}

impl Concentration {
    /// Over all statements: each counts once for each of its root sources.
    pub fn of(manuscript: &Manuscript) -> Concentration {
        let mut roots: BTreeMap<String, usize> = BTreeMap::new();
        let Some(text) = manuscript.texts.values().next() else { return Concentration::default() };
        for (_, sentence) in text.statements() {
            for root in manuscript.roots(&sentence.id) {
                *roots.entry(root).or_default() += 1;
            }
        }
        let all: usize = roots.values().sum();
        if all == 0 {
            return Concentration::default();
        }
        let share = |n: usize| n as f64 / all as f64;
        let of = |which: fn(&super::Source) -> bool| {
            share(
                roots
                    .iter()
                    .filter(|(id, _)| manuscript.sources.get(id).is_some_and(which))
                    .map(|(_, n)| n)
                    .sum(),
            )
        };
        Concentration {
            largest: roots.values().copied().max().map_or(0.0, share),
            herfindahl: roots.values().map(|n| share(*n).powi(2)).sum(),
            parties: of(|s| s.party_to_conflict),
            local: of(|s| s.local),
            roots,
        }
    }
}

/// Lints a manuscript: findings by file and place.
pub fn lint(manuscript: &Manuscript) -> Vec<Finding> {
    let mut lint = Lint { manuscript, findings: Vec::new() };
    notation(&mut lint);
    sourcing::check(&mut lint);
    words::check(&mut lint);
    languages::check(&mut lint);
    record::check(&mut lint);
    let mut findings = lint.findings;
    findings.retain(|f| f.severity == Severity::Error || !accepted(manuscript, f));
    findings.sort_by(|a, b| (&a.file, a.line, a.column, a.rule).cmp(&(&b.file, b.line, b.column, b.rule)));
    findings.dedup();
    findings
}

fn accepted(manuscript: &Manuscript, finding: &Finding) -> bool {
    manuscript
        .settings
        .accepted
        .iter()
        .any(|a| a.rule == finding.rule.id() && (a.statement.is_none() || a.statement == finding.statement))
}

struct Lint<'m> {
    manuscript: &'m Manuscript,
    findings: Vec<Finding>,
}

impl Lint<'_> {
    fn at(
        &mut self,
        rule: Rule,
        severity: Severity,
        text: &Text,
        at: usize,
        message: impl Into<String>,
    ) -> &mut Finding {
        let (line, column) = text.position(at);
        self.push(Finding {
            rule,
            severity,
            file: text.file.clone(),
            line,
            column,
            message: message.into(),
            statement: None,
            fix: Vec::new(),
        })
    }

    fn error(&mut self, rule: Rule, text: &Text, at: usize, message: impl Into<String>) -> &mut Finding {
        self.at(rule, Severity::Error, text, at, message)
    }

    fn warn(&mut self, rule: Rule, text: &Text, at: usize, message: impl Into<String>) -> &mut Finding {
        self.at(rule, Severity::Warning, text, at, message)
    }

    /// In a settings file, at the first line that holds `needle`.
    fn in_file(
        &mut self,
        rule: Rule,
        severity: Severity,
        file: &str,
        needle: &str,
        message: impl Into<String>,
    ) {
        let content = self.manuscript.files.get(file).map_or("", String::as_str);
        let line = content.lines().position(|l| l.contains(needle)).map_or(1, |i| i + 1);
        self.push(Finding {
            rule,
            severity,
            file: file.to_owned(),
            line,
            column: 1,
            message: message.into(),
            statement: None,
            fix: Vec::new(),
        });
    }

    /// A label behind the head of a statement's definition, in every text that holds one.
    fn label(&self, id: &str, label: &str) -> Vec<Edit> {
        let texts = self.manuscript.texts.values();
        let edit = |text: &Text| {
            let head = text.definitions.get(id)?.head;
            Some(Edit { file: text.file.clone(), span: (head, head), with: format!("; {label}: yes") })
        };
        texts.filter_map(edit).collect()
    }

    fn push(&mut self, finding: Finding) -> &mut Finding {
        self.findings.push(finding);
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }
}

/// M1 and F1: whether all of it can be read, and every name leads somewhere.
fn notation(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for text in manuscript.texts.values() {
        for problem in &text.problems {
            lint.error(Rule::M1, text, problem.at, problem.message.clone());
        }
        let mut seen = std::collections::BTreeSet::new();
        for (_, sentence) in text.statements() {
            if !seen.insert(&sentence.id) {
                lint.error(
                    Rule::M1,
                    text,
                    sentence.mark.start,
                    format!("`[^{}]` marks two statements", sentence.id),
                );
            }
        }
        for (id, definition) in &text.definitions {
            if !manuscript.texts.values().any(|t| t.statements().any(|(_, s)| s.id == *id)) {
                lint.error(
                    Rule::M1,
                    text,
                    definition.at.start,
                    format!("`[^{id}]:` is defined, and no statement is marked so"),
                );
            }
            for evidence in definition.evidence.iter().filter(|e| !manuscript.sources.knows(&e.source)) {
                lint.error(
                    Rule::M1,
                    text,
                    evidence.at,
                    format!("found source `{}`, expected an id of `{SOURCES}` or of the registry (`wegen sources`)", evidence.source),
                ).statement = Some(id.clone());
            }
            let question = definition.answers.as_deref();
            if let Some(q) =
                question.filter(|q| !manuscript.settings.questions.iter().any(|known| known.id == *q))
            {
                lint.error(
                    Rule::M1,
                    text,
                    definition.at.start,
                    format!("answers `{q}`, which is no question of `{SETTINGS}`"),
                );
            }
        }
        for section in text.sections.iter().filter(|s| s.path.is_empty()) {
            lint.error(
                Rule::M1,
                text,
                section.at,
                format!(
                    "the heading `{}` has no path; expected one behind it, as `<!-- security -->`",
                    section.title
                ),
            );
        }
        for call in &text.calls {
            calls(lint, text, call);
        }
        if let Err((at, message)) = crate::template::check(&text.template()) {
            let start = text.raw.split_inclusive('\n').take(at.saturating_sub(1)).map(str::len).sum();
            lint.error(Rule::F1, text, start, message);
        }
    }
    let mut all = manuscript.texts.values();
    if let (Some(a), Some(b)) = (all.next(), all.next()) {
        for (id, one) in &a.definitions {
            let Some(other) = b.definitions.get(id) else { continue };
            let plain = |d: &super::Definition| {
                let lines: Vec<String> = d.evidence.iter().map(|e| e.line.clone()).collect();
                let mut bare = d.clone();
                (bare.at, bare.head) = (0..0, 0);
                bare.evidence.clear();
                (bare, lines)
            };
            if plain(one) != plain(other) {
                lint.error(
                    Rule::M1,
                    b,
                    other.at.start,
                    format!("`[^{id}]:` differs from that in {}; one of them is enough", a.file),
                )
                .statement = Some(id.clone());
            }
        }
    }
    let rules: Vec<String> = Rule::ALL.into_iter().map(Rule::id).collect();
    for accept in manuscript.settings.accepted.iter().filter(|a| !rules.contains(&a.rule)) {
        lint.in_file(
            Rule::M1,
            Severity::Error,
            SETTINGS,
            "[[accept]]",
            format!("accepts `{}`, expected a rule of {}", accept.rule, rules.join(", ")),
        );
    }
}

/// The functions of a template, with the names that each takes beside a recipe's parameters.
const FUNCTIONS: [(&str, &[&str]); 18] = [
    ("figure", &[]),
    ("bounds", &[]),
    ("number", &[]),
    ("carried", &[]),
    ("rows", &[]),
    ("table", &["title", "subtitle"]),
    ("chart", &["title", "subtitle", "draw", "table"]),
    ("map", &["title", "subtitle"]),
    ("card", &[]),
    ("cite", &[]),
    ("sources", &[]),
    ("gaps", &[]),
    ("conditions", &[]),
    ("assessment", &[]),
    ("changes", &[]),
    ("questions", &[]),
    ("statement", &[]),
    ("assumptions", &["instance"]),
];

/// What a template knows of itself and may show.
const VARIABLES: [&str; 28] = [
    "country",
    "iso",
    "lang",
    "edition",
    "as_of",
    "cut_off",
    "population_year",
    "decisions_year",
    "deaths_year",
    "routes_year",
    "events_from",
    "events_to",
    "conditions_level",
    "conditions_month",
    "conditions_known",
    "conditions_name",
    "first_month",
    "first_name",
    "idmc_year",
    "unrwa_year",
    "this_year",
    "scenario_a",
    "scenario_a_title",
    "scenario_a_last",
    "scenario_b",
    "scenario_b_title",
    "scenario_b_last",
    "simulation_nearer",
];

fn calls(lint: &mut Lint<'_>, text: &Text, call: &super::CallText) {
    let Some((_, own)) = FUNCTIONS.iter().find(|(name, _)| *name == call.function) else {
        // A year more or less is still one of the evidence.
        let step = call.arguments.strip_prefix(['+', '-']).unwrap_or(&call.arguments);
        let years = step.len() <= 2 && step.bytes().all(|b| b.is_ascii_digit());
        if VARIABLES.contains(&call.function.as_str()) && years {
            return;
        }
        let names: Vec<&str> = FUNCTIONS.iter().map(|f| f.0).collect();
        let message = match call.arguments.starts_with('(') {
            true => format!("found `{}(…)`, expected one of {}", call.function, names.join(", ")),
            false => format!(
                "found an expression that shows what stands on nothing; expected a call of {}, or one of {}",
                names.join(", "),
                VARIABLES.join(", ")
            ),
        };
        lint.error(Rule::F1, text, call.span.start, message);
        return;
    };
    if !is_call_alone(&call.arguments) {
        lint.error(
            Rule::F1,
            text,
            call.span.start,
            format!("found more than a call of `{}`; expected `{}(…)` alone", call.function, call.function),
        );
    }
    if ["number", "carried", "rows"].contains(&call.function.as_str()) {
        lint.error(
            Rule::F1,
            text,
            call.span.start,
            format!(
                "`{}` shows a value without its records and is for `if` alone; expected `figure`",
                call.function
            ),
        );
    }
    if call.function == "cite" {
        let source = call.first(&text.raw).unwrap_or_default();
        if !lint.manuscript.sources.knows(source) {
            lint.error(
                Rule::F1,
                text,
                call.span.start,
                format!("cites `{source}`, which is in neither `{SOURCES}` nor the registry"),
            );
        }
    }
    let Some(name) = call.recipe(&text.raw) else { return };
    let all = crate::recipes::recipes();
    let Some(recipe) = all.iter().find(|r| r.name == name) else {
        lint.error(
            Rule::F1,
            text,
            call.span.start,
            format!("no recipe `{name}`; `wegen figure --list` shows them"),
        );
        return;
    };
    for parameter in named_arguments(&call.arguments) {
        if !own.contains(&parameter) && !recipe.params.iter().any(|p| p.0 == parameter) {
            let known: Vec<&str> = recipe.params.iter().map(|p| p.0).collect();
            lint.error(
                Rule::F1,
                text,
                call.span.start,
                format!("`{name}` has no parameter `{parameter}`; it has {}", known.join(", ")),
            );
        }
    }
}

/// Whether arguments are one pair of brackets with nothing behind it.
fn is_call_alone(arguments: &str) -> bool {
    let (mut depth, mut open) = (0usize, None);
    for (i, c) in arguments.char_indices() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => open = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1 == arguments.len();
                }
            }
            (None, _) if depth == 0 => return false,
            _ => {}
        }
    }
    false
}

/// The names before `=` outside strings.
fn named_arguments(arguments: &str) -> Vec<&str> {
    let (mut found, mut open, mut start) = (Vec::new(), None, 0);
    let bytes = arguments.as_bytes();
    for (i, c) in arguments.char_indices() {
        match (open, c) {
            (Some(quote), c) if c == quote => open = None,
            (None, '"' | '\'') => open = Some(c),
            (None, '(' | ',') => start = i + 1,
            (None, '=') if bytes.get(i + 1) != Some(&b'=') => {
                let name = &arguments[start..i];
                if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    found.push(name);
                }
                start = i + 1;
            }
            _ => {}
        }
    }
    found
}

/// Whether the text around a statement shows a source: by a citation, or by another statement that rests on it.
fn shows(
    manuscript: &Manuscript,
    text: &Text,
    paragraph: &super::Paragraph,
    sentence: &super::Sentence,
    source: &str,
) -> bool {
    let cited =
        text.calls_in(&paragraph.span).any(|c| c.function == "cite" && c.first(&text.raw) == Some(source));
    let near =
        || text.paragraphs.iter().filter(|p| p.section == paragraph.section).flat_map(|p| &p.sentences);
    let told = near().filter(|s| s.id != sentence.id).any(|s| {
        manuscript
            .definition(&s.id)
            .is_some_and(|(_, d)| d.evidence.iter().any(|e| e.role == Role::Supports && e.source == source))
    });
    cited || told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_arguments_are_read() {
        assert_eq!(named_arguments("(\"a=b\",origin=iso,year=population_year-1)"), ["origin", "year"]);
        assert_eq!(named_arguments("(x==y)"), Vec::<&str>::new());
        for (arguments, alone) in [
            ("(\"a)\",year=(2024))", true),
            ("()", true),
            ("(\"a\")~\"b\"", false),
            ("(\"a\")|upper", false),
            ("(\"a", false),
            ("", false),
            ("+1", false),
        ] {
            assert_eq!(is_call_alone(arguments), alone, "{arguments}");
        }
    }

    #[test]
    fn each_rule_says_something_of_its_own() {
        let said: std::collections::BTreeSet<&str> = Rule::ALL.into_iter().map(Rule::says).collect();
        assert_eq!(said.len(), Rule::ALL.len());
    }
}
