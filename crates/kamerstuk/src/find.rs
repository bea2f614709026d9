//! Citations in running text.

use std::{ops::Range, sync::LazyLock};

use aho_corasick::AhoCorasick;
use regex::Captures;

use crate::{
    citation::{Chamber, Citation, Dossier, Kind, Part, Years},
    grammar::{self, Pattern, ends},
    normal::Normal,
};

/// How sure it is that this is what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
pub enum Confidence {
    /// It can mean something else too: shown, and not guessed.
    Ambiguous,
    /// Part of it is understood from its form alone.
    Inferred,
    /// Every part is there.
    Exact,
}

/// A citation in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Found {
    /// Where it stands, in bytes of the text.
    pub span: Range<usize>,
    /// What it cites.
    pub citation: Citation,
    /// How sure that is.
    pub confidence: Confidence,
    /// What was put right.
    pub notes: Vec<String>,
}

/// How far before and behind a number a citation reaches, in bytes.
const BEFORE: usize = 160;
const BEHIND: usize = 320;
/// A range of numbers is written out up to this length.
const LONGEST_RANGE: u32 = 50;

const TRIGGERS: [&str; 20] = [
    "handelingen",
    "aanhangsel",
    "stb",
    "staatsblad",
    "trb",
    "tractatenblad",
    "stcrt",
    "staatscourant",
    "com(",
    "com (",
    "com/",
    "com 2",
    "join",
    "swd",
    "sec(",
    "ecli:",
    "-tk-",
    "-ek-",
    "kst-",
    "blg-",
];
const ADDRESSES: [&str; 3] = ["kamerstuk/", "dossier/", "dossier="];

static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(TRIGGERS.iter().chain(&ADDRESSES)).ok()
});

/// Every citation in `text`, in order, none overlapping another.
pub fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    if let Some(words) = WORDS.as_ref() {
        let mut from = 0;
        for hit in words.find_iter(text) {
            // Inside a citation that was read, words begin no other.
            if hit.start() >= from
                && let Some(one) = by_word(text, hit.start())
            {
                from = one.span.end;
                found.push(one);
            }
        }
    }
    numbers(text, &mut found);
    found.sort_by_key(|f| (f.span.start, std::cmp::Reverse(f.span.end)));
    let mut end = 0;
    found.retain(|f| {
        let keep = f.span.start >= end;
        if keep {
            end = f.span.end;
        }
        keep
    });
    found
}

/// Citations that begin with a number: papers, CELEX, documents of the Tweede Kamer.
fn numbers(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() {
            i += 1;
            continue;
        }
        let start = i;
        while i < bytes.len() && bytes[i].is_ascii_digit() {
            i += 1;
        }
        let boundary = start == 0
            || !(bytes[start - 1].is_ascii_alphanumeric()
                || matches!(bytes[start - 1], b'-' | b'/' | b'_' | b'=' | b'$'))
            || in_address(text, start, i);
        if !boundary {
            continue;
        }
        let one = match i - start {
            5 | 2 => {
                let celex = (i - start == 5 && bytes.get(i).is_some_and(u8::is_ascii_uppercase))
                    .then(|| celex(text, start))
                    .flatten();
                celex.or_else(|| paper(text, start))
            }
            4 if matches!(bytes.get(i), Some(b'D' | b'Z')) => document(text, start),
            _ => None,
        };
        if let Some(one) = one {
            i = one.span.end.max(i);
            found.push(one);
        }
    }
}

/// Whether digits from `start` to `end` begin a number in an address: of the Chamber's own site, where a document
/// (`did=`) says more than the case that it belongs to (`id=`), or of EUR-Lex, with its colon written as `%3A`.
fn in_address(text: &str, start: usize, end: usize) -> bool {
    let ends_with = |suffix: &str| {
        let before = &text.as_bytes()[..start];
        before.len() >= suffix.len()
            && before[before.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
    };
    let document = end - start == 4 && (ends_with("?id=") || ends_with("&id=") || ends_with("&amp;id="));
    let of_case = || {
        let rest = &text[end..];
        let address = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        address.contains("&did=") || address.contains("&amp;did=")
    };
    document && !of_case()
        || end - start == 4 && (ends_with("?did=") || ends_with("&did=") || ends_with("&amp;did="))
        || end - start == 5 && ends_with("celex%3a")
}

fn captures<'t>(pattern: &Pattern, text: &'t str) -> Option<Captures<'t>> {
    pattern.as_ref()?.captures(text)
}

fn celex(text: &str, at: usize) -> Option<Found> {
    let window = Normal::of(text, at, at + 24);
    let hit = captures(&grammar::CELEX, &window.text)?;
    let types = [
        "R", "L", "D", "A", "H", "M", "DC", "PC", "JC", "SC", "CJ", "TJ", "CC", "CA", "CO", "TO", "AG", "AP",
        "AE", "IP", "Q", "F", "P", "E",
    ];
    if !types.contains(&&hit[3]) || !ends(&window.text[hit[0].len()..]) {
        return None;
    }
    let citation =
        Citation { numbers: vec![hit[0].to_owned()], years: years_of(&hit[2]), ..Citation::new(Kind::Celex) };
    Some(whole(text, &window, 0, hit[0].len(), citation, Confidence::Exact, Vec::new()))
}

fn years_of(year: &str) -> Option<Years> {
    year.parse().ok().map(|from| Years { from })
}

fn document(text: &str, at: usize) -> Option<Found> {
    let window = Normal::of(text, at, at + 16);
    let hit = captures(&grammar::DOCUMENT, &window.text)?;
    if !ends(&window.text[hit[0].len()..]) {
        return None;
    }
    let citation = Citation {
        numbers: vec![hit[0].to_owned()],
        years: years_of(&hit[0][..4]),
        ..Citation::new(Kind::Document)
    };
    Some(whole(text, &window, 0, hit[0].len(), citation, Confidence::Exact, Vec::new()))
}

fn whole(
    text: &str,
    window: &Normal,
    from: usize,
    to: usize,
    citation: Citation,
    confidence: Confidence,
    notes: Vec<String>,
) -> Found {
    Found { span: window.original(from)..window.original_end(text, to), citation, confidence, notes }
}

/// Whether five digits stand here, as one or as two and three, and what surrounds them can be a citation: cheaper than
/// reading it.
fn promising(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        bytes[from.min(bytes.len())..].iter().take(6).take_while(|b| b.is_ascii_digit()).count()
    };
    let end = match digits(at) {
        5 => at + 5,
        2 => {
            // One mark or blank between, of whatever length in bytes; three where a line breaks.
            let gap = bytes[at + 2..].iter().take(4).take_while(|b| !b.is_ascii_alphanumeric()).count();
            if !(1..=3).contains(&gap) || digits(at + 2 + gap) != 3 {
                return false;
            }
            at + 2 + gap + 3
        }
        _ => return false,
    };
    let behind = &bytes[end..bytes.len().min(end + 48)];
    // `-27`, or `, nr. 27`, within reach of an addition and of another dossier.
    if behind.first().is_some_and(|b| *b == b'-' || *b > 127) {
        return true;
    }
    let numbered = |w: &[u8]| {
        !w[0].is_ascii_alphabetic()
            && matches!(
                w[1..],
                [b'n' | b'N', b'r' | b'R' | b'u' | b'U', _] | [b'n' | b'N', b'o' | b'O', b'.']
            )
    };
    if behind.windows(4).any(numbered) {
        return true;
    }
    let before = &bytes[at.saturating_sub(76)..at];
    // `nr. 456 (36800-XVI)`.
    if before.last() == Some(&b'(') && behind.iter().take(12).any(|b| *b == b')') {
        return true;
    }
    // An amount.
    if text[..at].trim_end().ends_with(['€', '$', '£']) {
        return false;
    }
    let chamber = |w: &[u8]| {
        matches!(
            w,
            [b'T' | b'E', b'K', b' ' | b',' | b')'] | [b'T' | b'E', b'.', b'K'] | [b'I', b' ' | b',', _]
        )
    };
    let word = |w: &[u8]| {
        matches!(
            w,
            [b'a' | b'A', b'm' | b'M', b'e' | b'E', b'r' | b'R']
                | [b'K' | b'k', b's' | b'S', b't' | b'T', b'.' | b' ']
                | [b'r', b'g', b'a', b'd']
        )
    };
    before.windows(3).any(chamber) || before.windows(4).any(word)
}

/// A paper, of which a dossier's digits stand at `at`.
fn paper(text: &str, at: usize) -> Option<Found> {
    if !promising(text, at) {
        return None;
    }
    let behind = Normal::of(text, at, at + BEHIND);
    let before = Normal::of(text, at.saturating_sub(BEFORE), at);
    if before.text.ends_with(['€', '$', '£', '+', '%'])
        || before.text.trim_end().ends_with(['€', '$', '£', '+'])
        || ends_in_number(&before.text)
    {
        return None;
    }
    if let Some(found) = number_first(text, &before, &behind) {
        return Some(found);
    }
    let mut notes = Vec::new();
    let mut cursor = Cursor::new(&behind.text, 0);
    let first = cursor.dossier()?;
    let context = captures(&grammar::BEFORE, &before.text);
    let named = |name: &str| context.as_ref().and_then(|c| c.name(name)).map(|m| m.as_str());
    let label = named("label").is_some();
    let head = context.as_ref().and_then(|c| c.get(0)).map_or("", |m| m.as_str());
    let before_head = &before.text[..before.text.len() - head.len()];
    if before_head.trim_end().to_lowercase().ends_with("handelingen") {
        return None;
    }
    let mut citation =
        Citation { dossiers: vec![first], annex: named("annex").is_some(), ..Citation::new(Kind::Kamerstuk) };
    citation.chamber = named("chamber").map(chamber).or(match named("digit") {
        Some("1") => Some(Chamber::First),
        Some(_) => Some(Chamber::Second),
        None => None,
    });
    let mut confidence =
        if label || citation.chamber.is_some() { Confidence::Exact } else { Confidence::Inferred };
    if let (Some(y1), Some(y2)) = (named("y1"), named("y2")) {
        match session(y1, y2) {
            Some(years) => citation.years = Some(years),
            None => {
                notes.push(format!("`{y1}-{y2}` is no session: two consecutive years were expected"));
                confidence = Confidence::Inferred;
            }
        }
    }
    let strong = label || citation.chamber.is_some() || citation.years.is_some();
    citation.rijkswet = cursor.eat(&grammar::RIJKSWET).map(|c| format!("R{}", &c[1]));
    // Several dossiers, and then the number that the paper has in the first.
    let single = cursor.at;
    let mut others = Vec::new();
    while let Some(also) = cursor.also() {
        others.push(also);
        let _act_of_another = cursor.eat(&grammar::RIJKSWET);
        if others.len() > 20 {
            break;
        }
    }
    if !others.is_empty()
        && captures(&grammar::NUMBER, cursor.rest()).is_none()
        && !(label && others.len() > 1)
    {
        cursor.at = single;
        others.clear();
    }
    citation.dossiers.extend(others);
    let spaced = !behind.text.starts_with(|c: char| c.is_ascii_digit())
        || behind.text.as_bytes().get(2) != Some(&b' ');
    if let Some(nr) = cursor.eat(&grammar::NUMBER) {
        if nr.name("sep").is_some_and(|s| s.as_str().trim() == ".") {
            notes.push("a full stop stood for a comma".to_owned());
        }
        let plural = nr["nr"].to_lowercase().trim_end_matches('.').ends_with('s');
        if !cursor.list(plural, &mut citation.numbers) {
            return None;
        }
        let mut parts = vec![Part { numbers: citation.numbers.clone(), pages: cursor.pages() }];
        while let Some(numbers) = cursor.again() {
            let pages = cursor.pages();
            match parts.last_mut() {
                // `nr. 3 en nr. 4` are numbers of one list.
                Some(last) if last.pages.is_none() && pages.is_none() => last.numbers.extend(numbers),
                _ => parts.push(Part { numbers, pages }),
            }
        }
        citation.numbers = parts.iter().flat_map(|p| p.numbers.iter().cloned()).collect();
        match parts.as_mut_slice() {
            [one] => citation.pages = one.pages.take(),
            _ => citation.parts = parts,
        }
        citation.ranges = std::mem::take(&mut cursor.ranges);
        for range in &citation.ranges {
            notes.push(format!(
                "the range {range} is longer than {LONGEST_RANGE} numbers and is not written out"
            ));
            confidence = Confidence::Ambiguous;
        }
    } else if strong && cursor.plain_item(label, &mut citation.numbers)
        || !strong && spaced && cursor.compact(&mut citation)
    {
        citation.pages = cursor.pages();
    } else if citation.chamber == Some(Chamber::First)
        && let Some(letter) = citation.dossiers[0]
            .addition
            .take_if(|a| a.len() <= 2 && a.chars().all(|c| c.is_ascii_uppercase()))
    {
        // `Kamerstukken I 2020/21, 35570 D`: a letter behind a paper of the Eerste Kamer is its number.
        citation.numbers.push(letter);
        citation.pages = cursor.pages();
    } else if !label {
        return None;
    } else {
        citation.pages = cursor.pages();
    }
    if citation.numbers.is_empty() && citation.ranges.is_empty() && !ends(cursor.rest()) {
        return None;
    }
    let lead = head.len() - head.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let taken = if strong || citation.annex || head.trim().len() > 1 { head.len() - lead } else { 0 };
    let start = match taken {
        0 => at,
        taken => before.original(before.text.len() - taken),
    };
    let mut end = cursor.at;
    while behind.text[..end].ends_with([' ', ',']) {
        end -= 1;
    }
    Some(Found { span: start..behind.original_end(text, end), citation, confidence, notes })
}

/// `Zij krijgt nr. 456 (36800-XVI)`, of which the dossier's digits begin `behind`.
fn number_first(text: &str, before: &Normal, behind: &Normal) -> Option<Found> {
    if !before.text.ends_with('(') {
        return None;
    }
    let hit = captures(&grammar::NUMBER_FIRST, &before.text)?;
    let mut cursor = Cursor::new(&behind.text, 0);
    let dossier = cursor.dossier()?;
    if !cursor.rest().starts_with(')') || !(10_000..40_000).contains(&dossier.number) {
        return None;
    }
    let whole = hit.get(0)?.as_str();
    let lead = whole.len() - whole.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let start = before.text.len() - whole.len() + lead;
    // Five digits alone are as well a number of anything else.
    let numbered = captures(&grammar::NUMBERED, &before.text[..start]).is_some();
    if !numbered && dossier.addition.is_none() {
        return None;
    }
    let mut citation = Citation { dossiers: vec![dossier], ..Citation::new(Kind::Kamerstuk) };
    let mut list = Cursor::new(&hit["list"], 0);
    if !list.list(true, &mut citation.numbers) || !list.rest().trim().is_empty() || !list.ranges.is_empty() {
        return None;
    }
    let confidence = if numbered { Confidence::Exact } else { Confidence::Inferred };
    let span = before.original(start)..behind.original_end(text, cursor.at + 1);
    Some(Found { span, citation, confidence, notes: Vec::new() })
}

/// `1 234 ` or `12.` before: the digits belong to a longer number.
fn ends_in_number(before: &str) -> bool {
    let mut back = before.chars().rev();
    match (back.next(), back.next()) {
        (Some('.' | ','), Some(c)) => c.is_ascii_digit(),
        (Some(' '), Some(c)) if c.is_ascii_digit() => {
            let digits = before.trim_end().chars().rev().take_while(char::is_ascii_digit).count();
            // `2022 36 180` is a year before a dossier; `0 12 345` and `1 234 567` are numbers.
            digits <= 3
        }
        _ => false,
    }
}

fn chamber(text: &str) -> Chamber {
    match text.to_lowercase().replace('.', "").as_str() {
        "i/ii" => Chamber::Both,
        "i" | "ek" => Chamber::First,
        t if t.starts_with("eerste") => Chamber::First,
        "vv" => Chamber::United,
        t if t.starts_with("verenigde") => Chamber::United,
        _ => Chamber::Second,
    }
}

/// Two years, if the second follows the first.
fn session(y1: &str, y2: &str) -> Option<Years> {
    let from: u16 = y1.parse().ok()?;
    let to: u16 = y2.parse().ok()?;
    let follows = match y2.len() {
        2 => (from + 1) % 100 == to,
        _ => from + 1 == to,
    };
    (follows && (1814..2100).contains(&from)).then_some(Years { from })
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// Ranges that are too long to be written out.
    ranges: Vec<String>,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str, at: usize) -> Cursor<'t> {
        Cursor { text, at, ranges: Vec::new() }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn eat(&mut self, pattern: &Pattern) -> Option<Captures<'t>> {
        let hit = captures(pattern, self.rest())?;
        self.at += hit[0].len();
        Some(hit)
    }

    /// Five digits with an addition.
    fn dossier(&mut self) -> Option<Dossier> {
        let start = self.at;
        let hit = self.eat(&grammar::DOSSIER)?;
        let number: u32 = format!("{}{}", &hit[1], &hit[2]).parse().ok()?;
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.at = start;
            return None;
        }
        let addition = self.addition(number);
        if !ends(self.rest()) {
            self.at = start;
            return None;
        }
        Some(Dossier { number, addition })
    }

    fn addition(&mut self, number: u32) -> Option<String> {
        let start = self.at;
        if let Some(hit) = self.eat(&grammar::COUNCIL) {
            let rest = self.rest();
            // Two digits are an addition of Council dossiers, or where a number follows them.
            let numbered = captures(&grammar::NUMBER, rest).is_some()
                || rest.starts_with('-') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
            let lettered = rest.starts_with(", ") && rest[2..].starts_with(|c: char| c.is_ascii_uppercase());
            if ends(rest)
                && !rest.starts_with("-R")
                && ([21501, 22112, 23432].contains(&number) || numbered || lettered)
            {
                return Some(hit[1].to_owned());
            }
            self.at = start;
            return None;
        }
        let hit = self.eat(&grammar::ADDITION)?;
        let letters = [1, 2, 3].into_iter().find_map(|i| hit.get(i)).map(|m| m.as_str().to_owned());
        // `29 237 II 2` is nothing that anybody writes; `33 802-AB` is a number.
        let two = letters.as_ref().is_some_and(|l| {
            l.len() == 2 && !l.chars().all(|c| "IVXLC".contains(c)) && !l.starts_with(['I', 'V', 'X'])
        });
        if !ends(self.rest()) || two {
            self.at = start;
            return None;
        }
        letters
    }

    /// `, 36 180` or ` en 29 237`.
    fn also(&mut self) -> Option<Dossier> {
        let start = self.at;
        self.eat(&grammar::ALSO)?;
        let dossier = self.dossier();
        if dossier.is_none() {
            self.at = start;
        }
        dossier
    }

    fn item(&mut self) -> Option<String> {
        let start = self.at;
        let hit = self.eat(&grammar::ITEM)?;
        if !ends(self.rest()) {
            self.at = start;
            return None;
        }
        Some(hit[0].to_owned())
    }

    /// Numbers behind `nr.`; false where there is none.
    fn list(&mut self, plural: bool, numbers: &mut Vec<String>) -> bool {
        let Some(first) = self.item() else { return false };
        let letters = first.starts_with(|c: char| c.is_ascii_uppercase());
        let mut last = first.clone();
        numbers.push(first);
        while numbers.len() < 500 {
            let start = self.at;
            let Some(next) = self.eat(&grammar::NEXT) else { break };
            let range = next.name("range").is_some();
            let Some(item) = self.item() else {
                self.at = start;
                break;
            };
            let rest = self.rest();
            let same = item.starts_with(|c: char| c.is_ascii_uppercase()) == letters;
            // `nrs. 183 en 2022 was beter` goes on with a year; behind numbers as high it is one of them.
            let high = last.parse::<u32>().is_ok_and(|n| n >= 1_500);
            let year = item.len() == 4
                && (item.starts_with("19") || item.starts_with("20"))
                && !(plural && (high || range || closes(rest)));
            // `nr. 183, 5 juni` and `nr. 27, 36 180` go on with something else.
            let closed = closes(rest);
            let dossier = rest.len() > 4
                && item.len() == 2
                && rest.starts_with(' ')
                && rest[1..].bytes().take(3).all(|b| b.is_ascii_digit())
                || item.len() == 5;
            if !same || year || dossier || !(plural || range || closed) {
                self.at = start;
                break;
            }
            match (range, last.parse::<u32>(), item.parse::<u32>()) {
                (true, Ok(from), Ok(to)) if from < to && to - from < LONGEST_RANGE => {
                    numbers.extend((from + 1..=to).map(|n| n.to_string()));
                }
                (true, Ok(from), Ok(to)) if to > from => {
                    // Its first number is part of the range, and of nothing else.
                    numbers.pop();
                    self.ranges.push(format!("{from}-{to}"));
                    last = item;
                    continue;
                }
                (true, Ok(from), Ok(to)) if to <= from => {
                    // `128-3`: no range.
                    self.at = start;
                    break;
                }
                (true, Err(_), Err(_)) if letters && last.len() == 1 && item.len() == 1 && last < item => {
                    let (from, to) = (last.as_bytes()[0], item.as_bytes()[0]);
                    numbers.extend((from + 1..=to).map(|b| char::from(b).to_string()));
                }
                _ => numbers.push(item.clone()),
            }
            last = item;
        }
        true
    }

    /// `, C` or `-1740` behind a dossier that a label or a chamber names.
    fn plain_item(&mut self, label: bool, numbers: &mut Vec<String>) -> bool {
        let start = self.at;
        let Some(sep) = self.eat(&grammar::PLAIN) else { return false };
        let sep = sep[0].to_owned();
        let Some(item) = self.item() else {
            self.at = start;
            return false;
        };
        let rest = self.rest();
        let letters = item.starts_with(|c: char| c.is_ascii_uppercase());
        let year = item.len() == 4 && (item.starts_with("19") || item.starts_with("20"));
        let closed = rest.is_empty()
            || rest.starts_with(['.', ',', ';', ')', ']', ':'])
            || captures(&grammar::PAGES, rest).is_some();
        let dash = sep.trim() == "-";
        let fits = match (dash, letters) {
            (true, _) => !sep.starts_with(' ') || closed,
            (false, true) => sep.starts_with(',') || closed,
            (false, false) => closed && !year && (label || sep.starts_with(',')) && item.len() < 5,
        };
        if !fits {
            self.at = start;
            return false;
        }
        numbers.push(item);
        true
    }

    /// `29344-128` without a label.
    fn compact(&mut self, citation: &mut Citation) -> bool {
        let start = self.at;
        let first = &citation.dossiers[0];
        let plausible = (10_000..40_000).contains(&first.number);
        let addition = first.addition.as_ref().is_none_or(|_| self.text.as_bytes().get(5) == Some(&b'-'));
        if !plausible || !addition || !self.rest().starts_with('-') {
            return false;
        }
        self.at += 1;
        match self.item() {
            Some(item)
                if item.len() < 5
                    && item.starts_with(|c: char| c.is_ascii_digit())
                    && !self.rest().starts_with('-') =>
            {
                citation.numbers.push(item);
                true
            }
            _ => {
                self.at = start;
                false
            }
        }
    }

    fn pages(&mut self) -> Option<String> {
        let hit = self.eat(&grammar::PAGES)?;
        let pages = hit[1].replace(" - ", "-").replace('/', "-").replace(" -", "-").replace("- ", "-");
        Some(pages + hit.get(2).map_or("", |m| m.as_str()))
    }

    /// `; nr. 129`.
    fn again(&mut self) -> Option<Vec<String>> {
        let start = self.at;
        let hit = self.eat(&grammar::AGAIN)?;
        let plural = hit[0].to_lowercase().contains("nrs");
        let mut numbers = Vec::new();
        if !self.list(plural, &mut numbers) {
            self.at = start;
            return None;
        }
        Some(numbers)
    }
}

/// Whether a list of numbers may end, or go on with another number, before this text.
fn closes(rest: &str) -> bool {
    rest.is_empty()
        || rest.starts_with(['.', ',', ';', ')', ']', ':'])
        || rest.starts_with(" en ") && !rest[4..].starts_with("nr")
}

/// Numbers from `at` on, and where they end: the first alone where the text goes on with something else.
fn numbers_from(text: &str, at: usize, plural: bool) -> Option<(Vec<String>, usize)> {
    let mut cursor = Cursor::new(text, at);
    let first = cursor.item()?;
    let end = cursor.at;
    let (mut cursor, mut numbers) = (Cursor::new(text, at), Vec::new());
    let listed = cursor.list(plural, &mut numbers) && cursor.ranges.is_empty();
    let on = cursor.rest().strip_prefix(" en ").or_else(|| cursor.rest().strip_prefix(", "));
    let more = on.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    match listed && (plural || !more) {
        true => Some((numbers, cursor.at)),
        false => Some((vec![first], end)),
    }
}

/// Citations that begin with a word of their own.
fn by_word(text: &str, at: usize) -> Option<Found> {
    // `-tk-` stands behind the letters that begin an identifier.
    let bytes = text.as_bytes();
    let start = match bytes[at] {
        b'-' => {
            let back = bytes[..at].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
            at - back.min(2)
        }
        _ => at,
    };
    let open = text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    if !open {
        return None;
    }
    let window = Normal::of(text, start, start + BEHIND / 2);
    let t = window.text.as_str();
    let made = |to: usize, citation: Citation, confidence: Confidence| {
        ends(&t[to..]).then(|| whole(text, &window, 0, to, citation, confidence, Vec::new()))
    };
    if let Some(hit) = captures(&grammar::AANHANGSEL, t) {
        let mut citation = Citation::new(Kind::Aanhangsel);
        citation.chamber = hit.name("chamber").map(|c| chamber(c.as_str()));
        citation.years = Some(session(&hit["y1"], &hit["y2"])?);
        let (numbers, end) = numbers_from(t, hit.name("nr")?.start(), is_plural(hit.name("nrs")))?;
        citation.numbers = numbers;
        let confidence = if citation.chamber.is_some() { Confidence::Exact } else { Confidence::Inferred };
        return made(end, citation, confidence);
    }
    if let Some(hit) = captures(&grammar::HANDELINGEN, t) {
        let mut citation = Citation::new(Kind::Handelingen);
        citation.chamber = hit.name("chamber").map(|c| chamber(c.as_str()));
        citation.years = Some(session(&hit["y1"], &hit["y2"])?);
        citation.numbers.extend(hit.name("nr").map(|n| n.as_str().to_owned()));
        citation.item = hit.name("item").map(|n| n.as_str().to_owned());
        citation.pages = hit.name("pages").map(|n| n.as_str().replace(' ', ""));
        if citation.numbers.is_empty() && citation.pages.is_none() {
            return None;
        }
        let confidence = match (citation.chamber, &citation.item) {
            (None, _) => Confidence::Ambiguous,
            (_, None) => Confidence::Inferred,
            _ => Confidence::Exact,
        };
        return made(hit[0].trim_end_matches([' ', ',']).len(), citation, confidence);
    }
    if t.starts_with(['h', 'H', 'a', 'A'])
        && let Some(found) = behind_session(text, &window, start)
    {
        return Some(found);
    }
    if let Some(hit) = captures(&grammar::GAZETTE_ID, t) {
        let kind = match hit["kind"].to_lowercase().as_str() {
            "stb" => Kind::Staatsblad,
            "trb" => Kind::Tractatenblad,
            _ => Kind::Staatscourant,
        };
        return made(hit[0].len(), gazette(kind, &hit["year"], &hit["nr"])?, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::GAZETTE, t) {
        let kind = match (hit.name("stb"), hit.name("trb")) {
            (Some(_), _) => Kind::Staatsblad,
            (_, Some(_)) => Kind::Tractatenblad,
            _ => Kind::Staatscourant,
        };
        // `Stb. 2024, 12 500` and `Staatsblad 2024, 3 mei` are something else.
        if goes_on(&t[hit[0].len()..]) {
            return None;
        }
        let mut citation = gazette(kind, &hit["year"], &hit["nr"])?;
        let (numbers, end) = numbers_from(t, hit.name("nr")?.start(), false)?;
        citation.numbers = numbers;
        return made(end, citation, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::COM, t) {
        let year = ["y1", "y2", "y3"].into_iter().find_map(|y| hit.name(y))?.as_str();
        let code = match &hit["kind"] {
            "COM" => "DC",
            "JOIN" => "JC",
            _ => "SC",
        };
        let number: u32 = hit["nr"].parse().ok()?;
        let citation = Citation {
            numbers: vec![format!("5{year}{code}{number:04}")],
            years: years_of(year),
            ..Citation::new(Kind::Celex)
        };
        return made(hit[0].len(), citation, Confidence::Inferred);
    }
    if let Some(hit) = captures(&grammar::ECLI, t) {
        let length = hit[0].trim_end_matches('.').len();
        let citation = Citation {
            numbers: vec![t[..length].to_uppercase()],
            years: years_of(&hit[3]),
            ..Citation::new(Kind::Ecli)
        };
        return made(length, citation, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::RECORD_ID, t) {
        let record = hit["kind"].eq_ignore_ascii_case("h");
        let mut citation = Citation::new(if record { Kind::Handelingen } else { Kind::Aanhangsel });
        citation.chamber = Some(match hit["chamber"].to_lowercase().as_str() {
            "ek" => Chamber::First,
            "vv" => Chamber::United,
            "sg" => Chamber::Both,
            _ => Chamber::Second,
        });
        let years = session(&hit["y1"], &hit["y2"])?;
        citation.years = Some(years);
        let item = hit.name("item").filter(|_| record).map(|i| i.as_str().to_owned());
        match record && years.from < 2010 {
            // Before 2011 records are known by their pages.
            true => {
                let last = item.map(|last| format!("-{last}")).unwrap_or_default();
                citation.pages = Some(format!("{}{last}", &hit["nr"]));
            }
            false => {
                citation.numbers.push(hit["nr"].to_owned());
                citation.item = item;
            }
        }
        return made(hit[0].len(), citation, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::ATTACHMENT_ID, t) {
        let citation = Citation { numbers: vec![hit[1].to_owned()], ..Citation::new(Kind::Bijlage) };
        return made(hit[0].len(), citation, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::QUESTION_ID, t) {
        let citation = Citation {
            numbers: vec![format!("{}Z{}", &hit["year"], &hit["nr"])],
            years: years_of(&hit["year"]),
            chamber: Some(chamber(&hit["chamber"])),
            ..Citation::new(Kind::Kamervraag)
        };
        return made(hit[0].len(), citation, Confidence::Exact);
    }
    if let Some(hit) = captures(&grammar::PAPER_ID, t) {
        let mut parts: Vec<&str> = hit["rest"].trim_start_matches('-').split('-').collect();
        let mut citation = Citation::new(Kind::Kamerstuk);
        citation.rijkswet = parts
            .iter()
            .position(|p| p.starts_with("(R"))
            .map(|i| parts.remove(i).trim_matches(['(', ')']).to_owned());
        citation.numbers.push(parts.pop()?.to_owned());
        let addition = parts.pop().map(str::to_owned);
        citation.dossiers.push(Dossier { number: hit["dossier"].parse().ok()?, addition });
        return made(hit[0].len(), citation, Confidence::Exact);
    }
    let hit = captures(&grammar::ADDRESS, t)?;
    if t[hit[0].len()..].starts_with("/kst-") {
        // The identifier behind says more.
        return None;
    }
    let mut citation = Citation::new(Kind::Kamerstuk);
    let addition = hit.name("add").map(|a| a.as_str().to_owned());
    citation.dossiers.push(Dossier { number: hit["dossier"].parse().ok()?, addition });
    citation.numbers.extend(hit.name("nr").map(|n| n.as_str().to_owned()));
    made(hit[0].len(), citation, Confidence::Exact)
}

fn is_plural(nr: Option<regex::Match<'_>>) -> bool {
    nr.is_some_and(|nr| nr.as_str().to_lowercase().trim_end_matches('.').ends_with('s'))
}

/// `Tweede Kamer, vergaderjaar 2019-2020, Handelingen nr. 9, item 4`, of which `Handelingen` stands at `start`.
fn behind_session(text: &str, window: &Normal, start: usize) -> Option<Found> {
    let t = window.text.as_str();
    let record = captures(&grammar::HANDELINGEN_BEHIND, t);
    let questions = captures(&grammar::AANHANGSEL_BEHIND, t);
    let hit = record.as_ref().or(questions.as_ref())?;
    let before = Normal::of(text, start.saturating_sub(BEFORE), start);
    let head = captures(&grammar::SITTING_BEFORE, &before.text)?;
    let mut citation = Citation::new(if record.is_some() { Kind::Handelingen } else { Kind::Aanhangsel });
    citation.chamber = head.name("chamber").map(|c| chamber(c.as_str()));
    citation.years = Some(session(&head["y1"], &head["y2"])?);
    let mut end = hit[0].len();
    match record.is_some() {
        true => {
            citation.numbers.push(hit["nr"].to_owned());
            citation.item = hit.name("item").map(|i| i.as_str().to_owned());
            citation.pages = hit.name("pages").map(|p| p.as_str().replace(' ', ""));
        }
        false => {
            let (numbers, to) = numbers_from(t, hit.name("nr")?.start(), is_plural(hit.name("nrs")))?;
            (citation.numbers, end) = (numbers, to);
        }
    }
    if !ends(&t[end..]) {
        return None;
    }
    let confidence = match (citation.chamber, record.is_some()) {
        (Some(_), _) => Confidence::Exact,
        (None, true) => Confidence::Ambiguous,
        (None, false) => Confidence::Inferred,
    };
    let head = head.get(0)?.as_str();
    let lead = head.len() - head.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    let from = before.original(before.text.len() - head.len() + lead);
    Some(Found { span: from..window.original_end(text, end), citation, confidence, notes: Vec::new() })
}

fn gazette(kind: Kind, year: &str, number: &str) -> Option<Citation> {
    let years = years_of(year).filter(|y| (1813..2100).contains(&y.from))?;
    Some(Citation { years: Some(years), numbers: vec![number.to_owned()], ..Citation::new(kind) })
}

/// Whether what follows makes the number part of something else: more digits, or a month.
fn goes_on(rest: &str) -> bool {
    let months = ["jan", "feb", "maa", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];
    let next = rest.strip_prefix([' ', '.', ',']).unwrap_or("");
    let digits = next.bytes().take_while(u8::is_ascii_digit).count();
    rest.starts_with([' ', '.', ',']) && digits == 3
        || rest.starts_with(' ') && months.iter().any(|m| next.to_lowercase().starts_with(m))
}
