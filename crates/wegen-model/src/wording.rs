//! Words that a report does not use: verdicts on places and return (rule R6), words that stigmatise people (R14),
//! rankings of deaths (R15); in Dutch, English and Arabic at once.
//!
//! The words stand in `wording/wording.tsv`, for an analyst to read. A report may hold them in one way: as a source's
//! own words, in quotation marks that a source marker follows.
//!
//! Letters that only look like others (a Cyrillic `а` in `safe`) are not seen through.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

/// Which rule a word breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordingRule {
    /// A verdict on a place, a route or return (R6).
    Verdict,
    /// A word that stigmatises people (R14).
    Stigma,
    /// A ranking of deaths for its own sake (R15).
    Spectacle,
}

/// Words that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Where, in bytes of the text.
    pub at: Range<usize>,
    /// The words as they stand there.
    pub words: String,
    /// The rule.
    pub rule: WordingRule,
    /// What can be said instead, where there is something.
    pub instead: Option<&'static str>,
}

/// A part of a pattern.
enum Part {
    /// One of these words.
    One(Vec<String>),
    /// One of these words, or none.
    Maybe(Vec<String>),
    /// Up to so many other words.
    Gap(usize),
}

struct Pattern {
    /// `None` for names that hold such words and are no verdict.
    rule: Option<WordingRule>,
    parts: Vec<Part>,
    instead: Option<&'static str>,
}

struct Patterns {
    all: Vec<Pattern>,
    /// Patterns by the words that may begin them.
    by_word: HashMap<String, Vec<usize>>,
}

static PATTERNS: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../wording/wording.tsv")));

impl Patterns {
    fn read(table: &'static str) -> Patterns {
        let mut patterns = Patterns { all: Vec::new(), by_word: HashMap::new() };
        for line in table.lines().skip_while(|l| l.starts_with('#')).skip(1) {
            let mut fields = line.split('\t');
            let (Some(rule), Some(pattern)) = (fields.next(), fields.next()) else { continue };
            let rule = match rule {
                "verdict" => Some(WordingRule::Verdict),
                "stigma" => Some(WordingRule::Stigma),
                "spectacle" => Some(WordingRule::Spectacle),
                _ => None,
            };
            let parts: Vec<Part> = pattern.split(' ').filter(|p| !p.is_empty()).map(part).collect();
            let index = patterns.all.len();
            // A pattern begins with its first parts that may be left out, and the first that may not.
            for part in &parts {
                let (words, last) = match part {
                    Part::One(words) => (words, true),
                    Part::Maybe(words) => (words, false),
                    Part::Gap(_) => break,
                };
                for word in words {
                    patterns.by_word.entry(word.clone()).or_default().push(index);
                }
                if last {
                    break;
                }
            }
            patterns.all.push(Pattern { rule, parts, instead: fields.next().filter(|i| !i.is_empty()) });
        }
        patterns
    }
}

fn part(text: &str) -> Part {
    let words =
        |t: &str| t.split('|').map(|w| fold(w.trim_end_matches('?').trim_matches(['(', ')']))).collect();
    if let Some(gap) = text.strip_prefix('~') {
        return Part::Gap(gap.parse().unwrap_or(3));
    }
    match text.strip_suffix('?') {
        Some(optional) => Part::Maybe(words(optional)),
        None => Part::One(words(text)),
    }
}

struct Token {
    at: Range<usize>,
    word: String,
    /// Whether a sentence ends between the word before and this one.
    breaks: bool,
}

/// Every word and phrase of `text` that a report does not use, in order, none overlapping another.
///
/// ```
/// use wegen_model::wording;
/// assert_eq!(wording("Homs is safe again").len(), 1);
/// assert!(wording("“Homs is safe again”[^s1], says the governor").is_empty());
/// assert!(wording("safely managed drinking water").is_empty());
/// ```
pub fn wording(text: &str) -> Vec<Hit> {
    let tokens = tokens(text);
    let mut named: Vec<Range<usize>> = Vec::new();
    let mut hits: Vec<(Range<usize>, usize)> = Vec::new();
    for start in 0..tokens.len() {
        let Some(indexes) = PATTERNS.by_word.get(&tokens[start].word) else { continue };
        for &index in indexes {
            let pattern = &PATTERNS.all[index];
            let Some(end) = ends(&pattern.parts, &tokens, start, start) else { continue };
            match pattern.rule {
                None => named.push(start..end),
                Some(_) => hits.push((start..end, index)),
            }
        }
    }
    let quotes = quoted_with_source(text);
    hits.retain(|(span, _)| {
        let exempt = named.iter().any(|n| n.start < span.end && span.start < n.end);
        let (from, to) = (tokens[span.start].at.start, tokens[span.end - 1].at.end);
        let quoted = quotes.iter().any(|q| q.start <= from && to <= q.end);
        !exempt && !quoted
    });
    hits.sort_by_key(|(span, index)| (span.start, std::cmp::Reverse(span.end), *index));
    let mut end = 0;
    hits.retain(|(span, _)| {
        let keep = span.start >= end;
        if keep {
            end = span.end;
        }
        keep
    });
    hits.into_iter()
        .filter_map(|(span, index)| {
            let pattern = &PATTERNS.all[index];
            let at = tokens[span.start].at.start..tokens[span.end - 1].at.end;
            Some(Hit {
                words: text[at.clone()].to_owned(),
                at,
                rule: pattern.rule?,
                instead: pattern.instead,
            })
        })
        .collect()
}

/// The token behind the last of a match that begins at `at`; what may be left out is tried first with it.
fn ends(parts: &[Part], tokens: &[Token], at: usize, start: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return (at > start).then_some(at) };
    // A phrase does not reach over the end of a sentence.
    let token = tokens.get(at).filter(|t| at == start || !t.breaks);
    match part {
        Part::One(words) => {
            token.filter(|t| words.contains(&t.word)).and_then(|_| ends(rest, tokens, at + 1, start))
        }
        Part::Maybe(words) => token
            .filter(|t| words.contains(&t.word))
            .and_then(|_| ends(rest, tokens, at + 1, start))
            .or_else(|| ends(rest, tokens, at, start)),
        Part::Gap(most) => (0..=*most).find_map(|skip| {
            let within = (at..at + skip).all(|i| tokens.get(i).is_some_and(|t| !t.breaks));
            within.then(|| ends(rest, tokens, at + skip, start)).flatten()
        }),
    }
}

/// Words with their places; emphasis marks do not join or split them, and marks that are not seen do not hide them.
fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut start: Option<usize> = None;
    let mut breaks = true;
    let mut lines = 0;
    let mut chars = text.char_indices().peekable();
    let mut close = |from: usize, to: usize, breaks: &mut bool| {
        let word = fold(&text[from..to]);
        if !word.is_empty() {
            found.push(Token { at: from..to, word, breaks: std::mem::take(breaks) });
        }
    };
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |n| n.1);
        let joins = matches!(c, '\'' | '’' | '-' | '\u{2010}' | '\u{2011}') && next.is_alphanumeric();
        if c.is_alphanumeric() || unseen(c) || is_sign(c) || start.is_some() && joins {
            start.get_or_insert(i);
            if c.is_alphanumeric() {
                lines = 0;
            }
            continue;
        }
        if let Some(from) = start.take() {
            close(from, i, &mut breaks);
        }
        lines += usize::from(c == '\n');
        breaks |= matches!(c, '.' | '!' | '?' | ';' | '؟' | '؛' | '|' | '\u{e002}' | '\u{e003}') || lines > 1;
    }
    if let Some(from) = start {
        close(from, text.len(), &mut breaks);
    }
    found
}

/// Characters within words that nobody sees.
fn unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{640}')
}

/// Arabic vowel signs.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{64b}'..='\u{652}' | '\u{670}' | '\u{654}' | '\u{655}')
}

/// A word as it is compared: lower case, without unseen characters; Arabic without vowel signs and with one alef.
///
/// The alef with madda stays: it tells آمن (safe) from أمن (security).
fn fold(word: &str) -> String {
    let seen = word.chars().filter(|c| !unseen(*c) && !is_sign(*c));
    seen.flat_map(|c| match c {
        'أ' | 'إ' | 'ٱ' => 'ا'.to_lowercase(),
        'ى' => 'ي'.to_lowercase(),
        '’' => '\''.to_lowercase(),
        '\u{2010}' | '\u{2011}' => '-'.to_lowercase(),
        c => c.to_lowercase(),
    })
    .collect()
}

/// The insides of quotation marks that a source marker follows: `[^s1]`, `[12]`, `{{ cite(…) }}` or a call's mark.
pub(crate) fn quoted_with_source(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some((open, c)) = text[from..].char_indices().find(|(i, c)| opens(text, from + i, *c)) {
        let inner = from + open + c.len_utf8();
        let paragraph = text[inner..].find("\n\n").map_or(text.len(), |n| inner + n);
        let closing: &[char] = match c {
            '„' | '“' => &['”', '“'],
            '«' => &['»'],
            '‘' | '‚' => &['’'],
            '"' => &['"'],
            _ => &['\''],
        };
        let end = text[inner..paragraph].char_indices().find(|(i, d)| {
            let behind = text[inner + i + d.len_utf8()..].chars().next();
            // An apostrophe within a word closes nothing.
            closing.contains(d) && !(matches!(d, '’' | '\'') && behind.is_some_and(char::is_alphanumeric))
        });
        match end {
            Some((i, d)) => {
                let close = inner + i;
                if has_source(&text[close + d.len_utf8()..]) {
                    found.push(inner..close);
                }
                from = close + d.len_utf8();
            }
            None => from = inner,
        }
    }
    found
}

fn opens(text: &str, at: usize, c: char) -> bool {
    match c {
        '„' | '“' | '«' | '‘' | '‚' => true,
        '"' => true,
        '\'' => !text[..at].chars().next_back().is_some_and(char::is_alphanumeric),
        _ => false,
    }
}

fn has_source(behind: &str) -> bool {
    let behind = behind.trim_start_matches(|c: char| c == ' ' || c == '\u{a0}' || ".,;:!?)".contains(c));
    let number = behind.strip_prefix('[').is_some_and(|b| {
        let digits = b.bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && b[digits..].starts_with(']')
    });
    behind.starts_with("[^")
        || number
        || behind.starts_with("{{")
        || behind.starts_with(['\u{e000}', '\u{e002}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let lines =
            include_str!("../wording/wording.tsv").lines().filter(|l| !l.starts_with('#')).count() - 1;
        assert_eq!(PATTERNS.all.len(), lines);
        for rule in
            [None, Some(WordingRule::Verdict), Some(WordingRule::Stigma), Some(WordingRule::Spectacle)]
        {
            assert!(PATTERNS.all.iter().any(|p| p.rule == rule));
        }
        assert!(PATTERNS.all.iter().all(|p| p.parts.iter().any(|p| matches!(p, Part::One(_)))));
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "İI é **Sa\u{ad}fe** now";
        let hits = wording(text);
        assert_eq!(&text[hits[0].at.clone()], "Sa\u{ad}fe");
    }

    #[test]
    fn a_phrase_stays_within_its_sentence() {
        assert!(wording("People return. It is possible that figures change.").is_empty());
        assert!(!wording("Return to the\ntown is again possible").is_empty());
    }

    #[test]
    fn quotation_needs_its_source() {
        for text in
            ["„De stad is veilig”[^s1]", "“safe” [3]", "“It is safe.” {{ cite(\"x\") }}", "«آمنة» [^a]"]
        {
            assert!(wording(text).is_empty(), "{text}");
        }
        for text in ["“safe”", "“safe\n\n[^s1]”[^s2]", "safe”[^s1]", "“a” safe[^s1]"] {
            assert!(!wording(text).is_empty(), "{text}");
        }
    }
}
