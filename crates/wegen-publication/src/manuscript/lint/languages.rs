//! Rule S13: Dutch and English say the same.

use wegen_model::{Lang, NumberKind, number_words, prose_numbers};

use super::{Lint, Rule, Severity, countries, dates, readable::Readable};
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
        let mut found = |severity, message: String| {
            lint.at(Rule::S13, severity, en, other.span.start + lead(en, other), message).statement =
                Some(one.id.clone());
        };
        let mut differ = |message| found(Severity::Error, message);
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
        let numbers = numbers(nl, one).against(numbers(en, other));
        if !numbers.0.is_empty() || !numbers.1.is_empty() {
            differ(format!(
                "`[^{}]` holds other numbers than in nl.md: {}",
                one.id,
                told(&numbers.0, &numbers.1)
            ));
        }
        let places = countries::differ(masked(nl, one), masked(en, other));
        if !places.0.is_empty() || !places.1.is_empty() {
            differ(format!(
                "`[^{}]` holds other countries than in nl.md: {}",
                one.id,
                told(&places.0, &places.1)
            ));
        }
        let (long, short) = (length(nl, one).max(length(en, other)), length(nl, one).min(length(en, other)));
        if long > 80 && short * 5 < long * 2 {
            differ(format!("`[^{}]` is much longer in one language than in the other", one.id));
        }
        if !numbers.2.is_empty() {
            let words: Vec<String> = numbers.2.iter().map(f64::to_string).collect();
            found(
                Severity::Warning,
                format!(
                    "`[^{}]` says {} in words in one language alone, beside nl.md",
                    one.id,
                    words.join(", ")
                ),
            );
        }
        let (x, y) = rest(abbreviations(nl, one), abbreviations(en, other));
        if !x.is_empty() || !y.is_empty() {
            found(
                Severity::Warning,
                format!("`[^{}]` holds other abbreviations than in nl.md: {}", one.id, told(&x, &y)),
            );
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

/// Numbers as both languages have them.
struct Numbers {
    /// Values of figures, digits of dates and references, months as 1 to 12, citations by their ids.
    digits: Vec<String>,
    /// Values in words, and whether other words may say the same.
    words: Vec<(f64, bool)>,
}

fn numbers(text: &Text, sentence: &Sentence) -> Numbers {
    let read = Readable::of(masked(text, sentence));
    let words = read.text.as_str();
    let citations = kamerstuk::find(words);
    let cited = |start: usize, end: usize| citations.iter().any(|c| c.span.start < end && start < c.span.end);
    let mut digits: Vec<String> = citations.iter().flat_map(|c| c.citation.ids()).collect();
    let mut decades = Vec::new();
    for number in prose_numbers(words, text.lang) {
        if cited(number.at.start, number.at.end) {
            continue;
        }
        let decade = words[..number.at.start]
            .trim_end_matches([' ', '\'', '’', '\u{a0}'])
            .to_lowercase()
            .ends_with("jaren");
        match (number.kind, number.value) {
            (NumberKind::Year | NumberKind::Date, Some(value)) if decade && value < 100.0 => {
                digits.push((1900.0 + value).to_string());
                decades.push(number.at);
            }
            (NumberKind::Bare, Some(value)) => digits.push(value.to_string()),
            (NumberKind::Word, _) => {}
            _ => digits.extend(
                number
                    .text
                    .split(|c: char| !c.is_ascii_digit())
                    .filter(|d| !d.is_empty())
                    .map(|d| d.trim_start_matches('0').to_owned()),
            ),
        }
    }
    digits.extend(
        dates::months(words, text.lang).into_iter().filter(|m| !cited(m.0, m.0 + 1)).map(|m| m.1.to_string()),
    );
    digits.extend(nineties(words));
    let said = number_words(words, text.lang).into_iter();
    let said = said.filter(|w| !cited(w.at.start, w.at.end) && !decades.contains(&w.at));
    Numbers { digits, words: said.map(|w| (w.value, w.loose)).collect() }
}

impl Numbers {
    /// What stands in one of the texts alone, and what one of them alone says in words where the other says nothing.
    fn against(self, other: Numbers) -> (Vec<String>, Vec<String>, Vec<f64>) {
        let (mut a, mut b) = rest(self.digits, other.digits);
        let (mut x, mut y) = (self.words, other.words);
        // `3` may be `drie`, and `both` `twee`.
        let cancel = |digits: &mut Vec<String>, words: &mut Vec<(f64, bool)>| {
            digits.retain(|d| match words.iter().position(|w| w.0.to_string() == *d) {
                Some(i) => {
                    words.remove(i);
                    false
                }
                None => true,
            });
        };
        cancel(&mut a, &mut y);
        cancel(&mut b, &mut x);
        x.retain(|w| match y.iter().position(|v| v.0 == w.0) {
            Some(i) => {
                y.remove(i);
                false
            }
            None => true,
        });
        let strict = |words: Vec<(f64, bool)>| -> Vec<f64> {
            words.into_iter().filter(|w| !w.1).map(|w| w.0).collect()
        };
        let (x, y) = (strict(x), strict(y));
        if x.is_empty() || y.is_empty() {
            return (a, b, [x, y].concat());
        }
        a.extend(x.iter().map(f64::to_string));
        b.extend(y.iter().map(f64::to_string));
        (a, b, Vec::new())
    }
}

/// `the nineties` as 1990.
fn nineties(words: &str) -> Vec<String> {
    const DECADES: [(&str, u32); 7] = [
        ("thirties", 1930),
        ("forties", 1940),
        ("fifties", 1950),
        ("sixties", 1960),
        ("seventies", 1970),
        ("eighties", 1980),
        ("nineties", 1990),
    ];
    let words = words.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter_map(|w| DECADES.iter().find(|d| d.0 == w).map(|d| d.1.to_string())).collect()
}

/// Abbreviations, each as English writes it.
fn abbreviations(text: &Text, sentence: &Sentence) -> Vec<String> {
    let words = masked(text, sentence);
    let citations = kamerstuk::find(words);
    let mut found = Vec::new();
    let mut start = None;
    for (i, c) in words.char_indices().chain([(words.len(), ' ')]) {
        if c.is_alphanumeric() {
            start.get_or_insert(i);
            continue;
        }
        let Some(from) = start.take() else { continue };
        let word = &words[from..i];
        let cited = citations.iter().any(|c| c.span.start <= from && from < c.span.end);
        let upper = word.len() >= 2 && word.chars().all(|c| c.is_ascii_uppercase());
        let short = word.len() == 2 && !TRANSLATED.iter().any(|t| t.0 == word || t.1 == word);
        if !upper || short || cited || countries::is_form(word) || word.chars().all(|c| "IVXLCDM".contains(c))
        {
            continue;
        }
        let english = TRANSLATED.iter().find(|t| text.lang == Lang::Nl && t.0 == word).map_or(word, |t| t.1);
        found.push(english.to_owned());
    }
    found.sort();
    found.dedup();
    found
}

/// Abbreviations that differ between Dutch and English.
const TRANSLATED: [(&str, &str); 42] = [
    ("VN", "UN"),
    ("AVVN", "UNGA"),
    ("VNVR", "UNSC"),
    ("VR", "SC"),
    ("IVBPR", "ICCPR"),
    ("BUPO", "ICCPR"),
    ("IVESCR", "ICESCR"),
    ("ESOCUL", "ICESCR"),
    ("IVRK", "CRC"),
    ("VRK", "CRC"),
    ("IVRPH", "CRPD"),
    ("EVRM", "ECHR"),
    ("EHRM", "ECTHR"),
    ("HVJEU", "CJEU"),
    ("HVJ", "CJEU"),
    ("IGH", "ICJ"),
    ("ISH", "ICC"),
    ("NAVO", "NATO"),
    ("OESO", "OECD"),
    ("OVSE", "OSCE"),
    ("IKRK", "ICRC"),
    ("ICRK", "ICRC"),
    ("WGO", "WHO"),
    ("WVP", "WFP"),
    ("IOM", "IOM"),
    ("BBP", "GDP"),
    ("BNP", "GNP"),
    ("BNI", "GNI"),
    ("BTW", "VAT"),
    ("MKB", "SME"),
    ("NGO", "NGO"),
    ("BHO", "BHO"),
    ("BZ", "MFA"),
    ("JV", "MJS"),
    ("AIVD", "GISS"),
    ("MIVD", "DISS"),
    ("ODG", "SDG"),
    ("MOB", "UAM"),
    ("AMV", "UAM"),
    ("AMVB", "OIC"),
    ("EG", "EC"),
    ("ACS", "ACP"),
];

/// What each of two lists holds alone.
fn rest(a: Vec<String>, mut b: Vec<String>) -> (Vec<String>, Vec<String>) {
    let mut alone = Vec::new();
    for item in a {
        match b.iter().position(|r| *r == item) {
            Some(i) => {
                b.remove(i);
            }
            None => alone.push(item),
        }
    }
    alone.sort();
    b.sort();
    (alone, b)
}

fn told(nl: &[String], en: &[String]) -> String {
    let list = |l: &[String]| if l.is_empty() { "nothing".to_owned() } else { l.join(", ") };
    format!("nl.md alone has {}, en.md alone {}", list(nl), list(en))
}

fn difference(nl: &[String], en: &[String]) -> String {
    let (nl, en) = rest(nl.to_vec(), en.to_vec());
    told(&nl, &en)
}
