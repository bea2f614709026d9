//! Words that a report does not use: verdicts on places and return (rule R6), words that stigmatise people (R14),
//! rankings of deaths (R15); in Dutch, English and Arabic at once.
//!
//! The words stand in `wording/wording.tsv`, for an analyst to read. A report may hold them in one way: as a source's
//! own words, in quotation marks that a source marker follows. Names that hold such words are no verdict, but for
//! where they are said of something: “safe drinking water” is a name, and “the wells are safe drinking water” is not.
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
    /// One of these words; with whether a comma may stand behind it.
    One(Vec<String>, bool),
    /// One of these words, or none.
    Maybe(Vec<String>),
    /// Up to so many other words.
    Gap(usize),
    /// The end of a sentence, or a comma.
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// A name that holds such words: not behind a copula, and not across a comma.
    Name,
    /// A context that states nothing: not across a comma or a conjunction.
    Context,
    /// Words that a report does not use.
    Refused(WordingRule),
}

struct Pattern {
    sort: Sort,
    /// The words of which one must stand before it; `^` is the beginning of a sentence.
    behind: Vec<String>,
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
            let sort = match rule {
                "verdict" => Sort::Refused(WordingRule::Verdict),
                "stigma" => Sort::Refused(WordingRule::Stigma),
                "spectacle" => Sort::Refused(WordingRule::Spectacle),
                "name" => Sort::Name,
                _ => Sort::Context,
            };
            let mut texts: Vec<&str> = pattern.split(' ').filter(|p| !p.is_empty()).collect();
            let before = texts.first().and_then(|t| t.strip_prefix('<'));
            let behind = before.map(|t| t.split('|').map(fold).collect()).unwrap_or_default();
            if before.is_some() {
                texts.remove(0);
            }
            let parts: Vec<Part> = texts.into_iter().map(part).collect();
            let index = patterns.all.len();
            // A pattern begins with its first parts that may be left out, and the first that may not.
            for part in &parts {
                let (words, last) = match part {
                    Part::One(words, _) => (words, true),
                    Part::Maybe(words) => (words, false),
                    Part::Gap(_) | Part::End => break,
                };
                for word in words {
                    patterns.by_word.entry(word.clone()).or_default().push(index);
                }
                if last {
                    break;
                }
            }
            let instead = fields.next().filter(|i| !i.is_empty());
            patterns.all.push(Pattern { sort, behind, parts, instead });
        }
        patterns
    }
}

fn part(text: &str) -> Part {
    let words = |t: &str| t.split('|').map(fold).collect();
    if text == "$" {
        return Part::End;
    }
    if let Some(gap) = text.strip_prefix('~') {
        return Part::Gap(gap.parse().unwrap_or(3));
    }
    match text.strip_prefix('(').and_then(|t| t.strip_suffix(")?")) {
        Some(optional) => Part::Maybe(words(optional)),
        None => Part::One(words(text.trim_end_matches(',')), text.ends_with(',')),
    }
}

struct Token {
    at: Range<usize>,
    word: String,
    /// Whether a sentence ends between the word before and this one.
    breaks: bool,
    /// Whether a comma, a colon, a dash or a bracket stands between the word before and this one.
    comma: bool,
}

/// Words that say something of what stands before them.
const COPULAS: [&str; 59] = [
    "is", "are", "was", "were", "be", "been", "being", "isn't", "aren't", "wasn't", "weren't", "remain",
    "remains", "remained", "become", "becomes", "became", "seem", "seems", "seemed", "look", "looks", "feel",
    "feels", "felt", "stay", "stays", "get", "gets", "zijn", "waren", "wordt", "worden", "werd", "werden",
    "blijft", "blijven", "bleef", "bleven", "lijkt", "lijken", "leek", "leken", "blijkt", "blijken", "bleek",
    "voelt", "voelen", "heet", "heten", "geworden", "gebleven", "ben", "bent", "geldt", "gelden", "oogt",
    "ogen", "appears",
];

/// Words between a copula and what it says.
const ADVERBS: [&str; 62] = [
    "a",
    "an",
    "the",
    "now",
    "again",
    "still",
    "not",
    "very",
    "also",
    "already",
    "once",
    "more",
    "fully",
    "quite",
    "fairly",
    "always",
    "never",
    "no",
    "longer",
    "therefore",
    "today",
    "here",
    "there",
    "really",
    "all",
    "both",
    "one",
    "only",
    "een",
    "de",
    "het",
    "nu",
    "weer",
    "nog",
    "niet",
    "zeer",
    "heel",
    "erg",
    "ook",
    "al",
    "inmiddels",
    "altijd",
    "nooit",
    "geen",
    "hier",
    "daar",
    "er",
    "dus",
    "zich",
    "wel",
    "steeds",
    "redelijk",
    "tamelijk",
    "beide",
    "allebei",
    "allemaal",
    "thans",
    "opnieuw",
    "vooral",
    "echt",
    "alle",
    "ten",
];

/// Words over which what is said of a context does not reach.
const CONJUNCTIONS: [&str; 12] =
    ["and", "but", "that", "so", "because", "en", "maar", "dat", "want", "omdat", "dus", "or"];

/// Every word and phrase of `text` that a report does not use, in order, none overlapping another.
///
/// ```
/// use wegen_model::wording;
/// assert_eq!(wording("Homs is safe again").len(), 1);
/// assert!(wording("“Homs is safe again”[^s1], says the governor").is_empty());
/// assert!(wording("safely managed drinking water").is_empty());
/// ```
pub fn wording(text: &str) -> Vec<Hit> {
    wording_outside(text, &quoted_with_source(text))
}

/// As [`wording`], where the caller knows which words are a source's own: `quotes`, in order, as bytes of `text`.
pub fn wording_outside(text: &str, quotes: &[Range<usize>]) -> Vec<Hit> {
    let tokens = tokens(text);
    let mut named = vec![false; tokens.len()];
    let mut hits: Vec<(Range<usize>, usize)> = Vec::new();
    for start in 0..tokens.len() {
        let Some(indexes) = PATTERNS.by_word.get(&tokens[start].word) else { continue };
        for &index in indexes {
            let pattern = &PATTERNS.all[index];
            if !stands_behind(&pattern.behind, &tokens, start) {
                continue;
            }
            let run = Run { tokens: &tokens, start, sort: pattern.sort };
            let Some(end) = run.ends(&pattern.parts, start, false) else { continue };
            match pattern.sort {
                Sort::Name if said_of_something(&tokens, start) => {}
                Sort::Name | Sort::Context => named[start..end].fill(true),
                Sort::Refused(_) => hits.push((start..end, index)),
            }
        }
    }
    hits.retain(|(span, _)| {
        let (from, to) = (tokens[span.start].at.start, tokens[span.end - 1].at.end);
        let before = quotes.partition_point(|q| q.start <= from);
        let quoted = before.checked_sub(1).is_some_and(|i| to <= quotes[i].end);
        !quoted && !named[span.clone()].contains(&true)
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
            let Sort::Refused(rule) = pattern.sort else { return None };
            let at = tokens[span.start].at.start..tokens[span.end - 1].at.end;
            Some(Hit { words: text[at.clone()].to_owned(), at, rule, instead: pattern.instead })
        })
        .collect()
}

/// Whether one of `behind` stands before a word; where there are none, anything may.
fn stands_behind(behind: &[String], tokens: &[Token], at: usize) -> bool {
    let first = tokens[at].breaks || at == 0;
    let before = at.checked_sub(1).filter(|_| !first && !tokens[at].comma).map(|i| tokens[i].word.as_str());
    behind.is_empty() || behind.iter().any(|b| if b == "^" { first } else { before == Some(b) })
}

/// Whether a copula stands before a word, in the same part of the sentence.
fn said_of_something(tokens: &[Token], at: usize) -> bool {
    for i in (0..at).rev() {
        let after = &tokens[i + 1];
        if after.breaks || after.comma {
            return false;
        }
        let word = tokens[i].word.as_str();
        if COPULAS.contains(&word) {
            return true;
        }
        if !ADVERBS.contains(&word) {
            return false;
        }
    }
    false
}

/// A match that is being tried.
struct Run<'t> {
    tokens: &'t [Token],
    start: usize,
    sort: Sort,
}

impl Run<'_> {
    /// The token behind the last of a match; what may be left out is tried first with it.
    fn ends(&self, parts: &[Part], at: usize, comma: bool) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else { return (at > self.start).then_some(at) };
        let token = self.tokens.get(at).filter(|t| self.reaches(t, at, comma));
        match part {
            Part::One(words, comma) => {
                token.filter(|t| words.contains(&t.word)).and_then(|_| self.ends(rest, at + 1, *comma))
            }
            Part::Maybe(words) => token
                .filter(|t| words.contains(&t.word))
                .and_then(|_| self.ends(rest, at + 1, false))
                .or_else(|| self.ends(rest, at, comma)),
            Part::End => match self.tokens.get(at) {
                Some(next) if !next.breaks && !next.comma => None,
                _ => self.ends(rest, at, comma),
            },
            Part::Gap(most) => (0..=*most).find_map(|skip| {
                let within = (at..at + skip).all(|i| {
                    self.tokens.get(i).is_some_and(|t| {
                        self.reaches(t, i, false)
                            && (self.sort != Sort::Context || !CONJUNCTIONS.contains(&t.word.as_str()))
                    })
                });
                within.then(|| self.ends(rest, at + skip, false)).flatten()
            }),
        }
    }

    /// A phrase does not reach over the end of a sentence, and what is exempt not over a comma.
    fn reaches(&self, token: &Token, at: usize, comma: bool) -> bool {
        let refused = matches!(self.sort, Sort::Refused(_));
        at == self.start || !token.breaks && (refused || comma || !token.comma)
    }
}

/// Words with their places; emphasis marks do not join or split them, and marks that are not seen do not hide them.
fn tokens(text: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut start: Option<usize> = None;
    let (mut breaks, mut comma) = (true, false);
    let mut lines = 0;
    let mut chars = text.char_indices().peekable();
    let mut close = |from: usize, to: usize, breaks: &mut bool, comma: &mut bool| {
        let word = fold(&text[from..to]);
        if !word.is_empty() {
            let (breaks, comma) = (std::mem::take(breaks), std::mem::take(comma));
            found.push(Token { at: from..to, word, breaks, comma });
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
            close(from, i, &mut breaks, &mut comma);
        }
        lines += usize::from(c == '\n');
        comma |= matches!(c, ',' | '،' | ':' | '–' | '—' | '(' | ')');
        breaks |= matches!(c, '.' | '!' | '?' | ';' | '؟' | '؛' | '|' | '\u{e002}' | '\u{e003}') || lines > 1;
    }
    if let Some(from) = start {
        close(from, text.len(), &mut breaks, &mut comma);
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

/// The insides of quotation marks that a source marker follows: `[^s1]`, `[12]` or `{{ cite(…) }}`.
pub(crate) fn quoted_with_source(text: &str) -> Vec<Range<usize>> {
    let found = quotations(text).into_iter();
    found.filter(|q| has_source(&text[q.behind..])).map(|q| q.inner).collect()
}

/// Words in quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// What stands between the marks, in bytes.
    pub inner: Range<usize>,
    /// Where the text goes on behind the closing mark.
    pub behind: usize,
}

/// What stands in quotation marks, paragraph by paragraph, in order; none lies within another.
///
/// ```
/// use wegen_model::quotations;
/// let text = "He said “it’s quiet” and ‘no’.";
/// let said: Vec<&str> = quotations(text).into_iter().map(|q| &text[q.inner]).collect();
/// assert_eq!(said, ["it’s quiet", "no"]);
/// ```
pub fn quotations(text: &str) -> Vec<Quotation> {
    // Where each mark closes, and where paragraphs end, found once: a text of opening marks alone takes no longer.
    let mut closing: HashMap<char, Vec<usize>> = HashMap::new();
    let mut chars = text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        // An apostrophe within a word closes nothing.
        let within = matches!(c, '’' | '\'') && chars.peek().is_some_and(|n| n.1.is_alphanumeric());
        if matches!(c, '”' | '“' | '»' | '’' | '"' | '\'') && !within {
            closing.entry(c).or_default().push(i);
        }
    }
    let paragraphs: Vec<usize> = text
        .match_indices('\n')
        .map(|(i, _)| i)
        .filter(|i| text[i + 1..].trim_start_matches([' ', '\t', '\r']).starts_with('\n'))
        .collect();
    let next = |places: &[usize], from: usize| places.get(places.partition_point(|p| *p < from)).copied();
    let mut found = Vec::new();
    let mut from = 0;
    for (open, c) in text.char_indices() {
        if open < from || !opens(text, open, c) {
            continue;
        }
        let inner = open + c.len_utf8();
        let paragraph = next(&paragraphs, inner).unwrap_or(text.len());
        let marks: &[char] = match c {
            '„' => &['”', '“'],
            '“' => &['”'],
            '«' => &['»'],
            '‘' | '‚' => &['’'],
            '"' => &['"'],
            _ => &['\''],
        };
        let ends = marks.iter().filter_map(|m| Some((next(closing.get(m)?, inner)?, m.len_utf8())));
        if let Some((end, length)) = ends.min().filter(|(end, _)| *end < paragraph) {
            found.push(Quotation { inner: inner..end, behind: end + length });
            from = end + length;
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
    let call = behind.strip_prefix("{{").map(|b| b.trim_start_matches(['-', ' ']));
    behind.starts_with("[^") || number || call.is_some_and(|c| c.starts_with("cite("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let lines =
            include_str!("../wording/wording.tsv").lines().filter(|l| !l.starts_with('#')).count() - 1;
        assert_eq!(PATTERNS.all.len(), lines);
        let rules = [WordingRule::Verdict, WordingRule::Stigma, WordingRule::Spectacle].map(Sort::Refused);
        for sort in rules.into_iter().chain([Sort::Name, Sort::Context]) {
            assert!(PATTERNS.all.iter().any(|p| p.sort == sort));
        }
        assert!(PATTERNS.all.iter().all(|p| p.parts.iter().any(|p| matches!(p, Part::One(..)))));
        // What may be left out stands in brackets; a mark that is read as part of a word matches nothing.
        let signs = |w: &String| !w.is_empty() && !w.contains(['?', '(', ')', '~', '<', ',', '^']);
        for pattern in &PATTERNS.all {
            let good = pattern.parts.iter().all(|p| match p {
                Part::One(words, _) | Part::Maybe(words) => words.iter().all(signs),
                Part::Gap(_) | Part::End => true,
            });
            assert!(good, "{:?}", pattern.instead);
        }
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
    fn marks_that_never_close_take_no_longer() {
        // Each of them used to look through all of what followed.
        let started = std::time::Instant::now();
        for mark in ["«", "„", "“", "‘", "\""] {
            assert!(quotations(&format!("{} safe", mark.repeat(40_001))).len() <= 20_001);
        }
        assert!(wording(&"safe water « ".repeat(20_000)).is_empty());
        assert!(started.elapsed().as_secs() < 5);
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
