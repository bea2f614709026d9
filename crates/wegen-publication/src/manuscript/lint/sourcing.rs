//! Rules S1 to S7, S10 and C1: what statements rest on.

use jiff::civil::Date;
use wegen_model::Period;

use super::{Concentration, Edit, Lint, Rule, Severity, dates::dates as dates_in, shows};
use crate::manuscript::{
    CORROBORATED, Confidentiality, Kind, Manuscript, Role, SETTINGS, SOURCES, SourceKind, Status, Text,
};

/// Above this Herfindahl index few sources carry the report.
const CONCENTRATED: f64 = 0.25;

pub(super) fn check(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    for text in manuscript.texts.values() {
        unmarked(lint, text);
        for (paragraph, sentence) in text.statements() {
            let id = &sentence.id;
            let mut add = |rule, severity, message: String| {
                lint.at(rule, severity, text, sentence.mark.start, message).statement = Some(id.clone());
            };
            let figures = text
                .calls_in(&sentence.span)
                .any(|c| matches!(c.function.as_str(), "figure" | "bounds") && c.recipe(&text.raw).is_some());
            let definition = manuscript.definition(id).map(|(_, d)| d);
            let kind = definition.map_or(Kind::Fact, |d| d.kind);
            let supported = definition.is_some_and(|d| d.evidence.iter().any(|e| e.role == Role::Supports));
            if kind != Kind::Gap && !figures && !supported {
                add(
                    Rule::S1,
                    Severity::Error,
                    format!(
                        "`[^{id}]` has no evidence: expected a line `- SOURCE; p. 1` below `[^{id}]:`, or a figure in the sentence"
                    ),
                );
            }
            let Some(definition) = definition else { continue };
            for evidence in definition.evidence.iter().filter(|e| e.role == Role::Contradicts) {
                if definition.kind == Kind::Fact {
                    add(
                        Rule::S7,
                        Severity::Error,
                        format!(
                            "`{}` contradicts `[^{id}]`, which is told as a fact; expected `reported`, with who says what",
                            evidence.source
                        ),
                    );
                }
                if !shows(manuscript, text, paragraph, sentence, &evidence.source) {
                    add(
                        Rule::S7,
                        Severity::Error,
                        format!(
                            "`{}` contradicts `[^{id}]`, and the text does not show it; expected `{{{{ cite(\"{}\") }}}}` in the paragraph, or a statement of the section that rests on it",
                            evidence.source, evidence.source
                        ),
                    );
                }
            }
        }
    }
    corroboration(lint);
    dates(lint);
    sources(lint);
    let concentration = Concentration::of(manuscript);
    if concentration.herfindahl > CONCENTRATED {
        let largest = concentration.roots.iter().max_by_key(|(_, n)| **n).map_or("", |(id, _)| id.as_str());
        lint.in_file(
            Rule::S10,
            Severity::Warning,
            SETTINGS,
            "id",
            format!(
                "the Herfindahl index of root sources is {:.2}, expected at most {CONCENTRATED}; the largest, `{largest}`, has a share of {:.0}%",
                concentration.herfindahl,
                concentration.largest * 100.0
            ),
        );
    }
}

/// Prose outside editorial sections that is no statement.
fn unmarked(lint: &mut Lint<'_>, text: &Text) {
    for paragraph in text.paragraphs.iter().filter(|p| p.prose) {
        if paragraph.section.and_then(|s| text.sections.get(s)).is_some_and(|s| s.editorial) {
            continue;
        }
        let from = paragraph.sentences.last().map_or(paragraph.span.start, |s| s.mark.end);
        let rest = text.masked.get(from..paragraph.span.end).unwrap_or_default();
        if rest.chars().any(char::is_alphanumeric) {
            let lead = rest.len() - rest.trim_start().len();
            lint.error(
                Rule::S1,
                text,
                from + lead,
                "prose without a mark: expected `[^id]` behind each statement, or `editorial` at the heading of text about the report itself",
            );
        }
    }
}

/// S3: two independent sources, or a label.
fn corroboration(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    let Some(text) = manuscript.texts.values().next() else { return };
    for (_, sentence) in text.statements() {
        let id = &sentence.id;
        let single = manuscript.is_single_source(id);
        let definition = manuscript.definition(id);
        let labelled = definition.is_some_and(|(_, d)| d.single_source);
        if single && !labelled {
            let root = manuscript.roots(id).into_iter().next().unwrap_or_default();
            let topic = manuscript.topic(id).unwrap_or_default().to_owned();
            let mut fix = lint.label(id, "single-source");
            if fix.is_empty() {
                let end = text.raw.len();
                let lead = if text.raw.ends_with('\n') { "" } else { "\n" };
                let with = format!("{lead}\n[^{id}]: fact; single-source: yes\n");
                fix.push(Edit { file: text.file.clone(), span: (end, end), with });
            }
            let finding = lint.warn(
                Rule::S3,
                text,
                sentence.mark.start,
                format!("`[^{id}]` is on {topic} and rests on `{root}` alone; expected a second independent source, or `single-source: yes`"),
            );
            finding.statement = Some(id.clone());
            finding.fix = fix;
        }
        if labelled && !single && CORROBORATED.contains(&manuscript.topic(id).unwrap_or_default()) {
            lint.warn(
                Rule::S3,
                text,
                sentence.mark.start,
                format!("`[^{id}]` says `single-source: yes` and rests on {}", manuscript.roots(id).len()),
            )
            .statement = Some(id.clone());
        }
    }
}

/// S4, S5, S6: of when the evidence is, and whose.
fn dates(lint: &mut Lint<'_>) {
    let manuscript = lint.manuscript;
    let cut_off = manuscript.settings.cut_off;
    if cut_off.is_none() && manuscript.settings.status != Status::Draft {
        lint.in_file(
            Rule::S4,
            Severity::Error,
            SETTINGS,
            "status",
            "published without a cut-off, so nothing tells what is late or old; expected `cut-off = \"2026-06-30\"`",
        );
    }
    for text in manuscript.texts.values() {
        for (_, sentence) in text.statements() {
            let Some(cut) = cut_off else { break };
            let id = &sentence.id;
            if manuscript.definition(id).is_some_and(|(_, d)| d.additional) {
                continue;
            }
            let words = text.masked.get(sentence.span.clone()).unwrap_or_default();
            for (at, date) in dates_in(words).into_iter().filter(|d| after(d.1, cut)) {
                lint.warn(
                    Rule::S4,
                    text,
                    sentence.span.start + at,
                    format!("`[^{id}]` speaks of {date}, after the cut-off of {cut}; expected an earlier date, or `additional: yes`"),
                )
                .statement = Some(id.clone());
            }
        }
        for (id, definition) in &text.definitions {
            let additional = definition.additional;
            let mut late = |at: usize, what: String| {
                if !additional {
                    lint.error(
                        Rule::S4,
                        text,
                        at,
                        format!(
                            "{what}, after the cut-off of {}; expected none, or `additional: yes`",
                            cut_off.map(|d| d.to_string()).unwrap_or_default()
                        ),
                    )
                    .statement = Some(id.clone());
                }
            };
            if let Some(cut) = cut_off {
                if let Some(time) = definition.time.filter(|t| after(*t, cut)) {
                    late(definition.at.start, format!("`[^{id}]` is about {time}"));
                }
                for evidence in &definition.evidence {
                    if let Some(date) = manuscript.evidence_date(evidence).filter(|d| after(*d, cut)) {
                        late(evidence.at, format!("`{}` is of {date}", evidence.source));
                    }
                }
            }
            if let (Some(period), Some(time)) = (manuscript.settings.period, definition.time)
                && !additional
                && (later(period.from, time) || later(time, period.to))
            {
                lint.error(Rule::S4, text, definition.at.start, format!("`[^{id}]` is about {time}, outside the reference period {} to {}; expected `additional: yes`", period.from, period.to))
                    .statement = Some(id.clone());
            }
            if manuscript.is_stale(id) && !definition.stale {
                let fix = lint.label(id, "stale");
                let finding = lint.warn(
                    Rule::S5,
                    text,
                    definition.at.start,
                    format!("the newest evidence of `[^{id}]` is older than its topic allows; expected newer evidence, or `stale: yes`"),
                );
                finding.statement = Some(id.clone());
                finding.fix = fix;
            }
            for evidence in definition.evidence.iter().filter(|e| !e.via) {
                let Some(source) = manuscript.sources.get(&evidence.source) else { continue };
                let second_hand = source.kind == SourceKind::CountryReport
                    && source.derives_from.iter().any(|d| {
                        manuscript.sources.get(d).is_some_and(|s| s.kind == SourceKind::CountryReport)
                    });
                if second_hand {
                    let same = |text: &Text| -> Vec<Edit> {
                        let held = text.definitions.get(id).into_iter().flat_map(|d| &d.evidence);
                        let ends = held.filter(|e| e.line == evidence.line).map(|e| e.at + e.line.len());
                        ends.map(|end| Edit {
                            file: text.file.clone(),
                            span: (end, end),
                            with: "; via: yes".into(),
                        })
                        .collect()
                    };
                    let fix = manuscript.texts.values().flat_map(same).collect();
                    let finding = lint.warn(
                        Rule::S6,
                        text,
                        evidence.at,
                        format!("`{}` passes on another country report ({}); expected the original, or `via: yes`", evidence.source, source.derives_from.join(", ")),
                    );
                    finding.statement = Some(id.clone());
                    finding.fix = fix;
                }
            }
        }
    }
}

/// Whether a period begins after a day.
fn after(period: Period, day: Date) -> bool {
    let first = (period.year(), period.month().unwrap_or(1), period.day().unwrap_or(1));
    first > (i32::from(day.year()), day.month(), day.day())
}

/// Whether a period begins after the end of another, each as fine as it is given: 2025 is neither before nor after
/// 2025-06, and 2025-02 is before it.
fn later(period: Period, end: Period) -> bool {
    let first = (period.year(), period.month().unwrap_or(1), period.day().unwrap_or(1));
    first > (end.year(), end.month().unwrap_or(12), end.day().unwrap_or(31))
}

/// S2 and C1: sources that can be cited.
fn sources(lint: &mut Lint<'_>) {
    let manuscript: &Manuscript = lint.manuscript;
    for source in manuscript.sources.own() {
        let at = format!("id = \"{}\"", source.id);
        let mut open = source.unanswered();
        if source.confidentiality == Confidentiality::Confidential {
            // Role, region and month say who and when; what was said stands in the statement.
            open.retain(|q| !["who", "what"].contains(q));
        }
        if !open.is_empty() {
            lint.in_file(
                Rule::S2,
                Severity::Error,
                SOURCES,
                &at,
                format!(
                    "`{}` does not answer {}; a source that does not cannot be cited",
                    source.id,
                    open.join(", ")
                ),
            );
        }
        if source.licence.trim().is_empty() {
            lint.in_file(
                Rule::S2,
                Severity::Error,
                SOURCES,
                &at,
                format!(
                    "`{}` has no licence; expected one, or `unknown`, under which nothing of it is passed on",
                    source.id
                ),
            );
        }
        for above in source.derives_from.iter().filter(|d| !manuscript.sources.knows(d)) {
            lint.in_file(
                Rule::M1,
                Severity::Error,
                SOURCES,
                &at,
                format!(
                    "`{}` derives from `{above}`, which is in neither `{SOURCES}` nor the registry",
                    source.id
                ),
            );
        }
        if manuscript.sources.own().iter().filter(|s| s.id == source.id).count() > 1 {
            lint.in_file(Rule::M1, Severity::Error, SOURCES, &at, format!("`{}` stands twice", source.id));
        }
    }
    for circle in manuscript.sources.circles() {
        let at = format!("id = \"{}\"", circle[0]);
        let way: Vec<&str> = circle.iter().chain(circle.first()).map(String::as_str).collect();
        lint.in_file(
            Rule::C1,
            Severity::Error,
            SOURCES,
            &at,
            format!("circular sourcing: {}", way.join(" → ")),
        );
    }
}
