//! Numbers in prose: which are figures, and which are dates, references or names.
//!
//! A report's figures come from calls; a number that an author types stands on nothing (rule of lineage). Dates,
//! paragraph numbers, laws and codes are no figures, and are told apart here.

use std::ops::Range;

use crate::{Lang, wording::quoted_with_source};

/// What a number in prose is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberKind {
    /// A figure, typed by hand.
    Bare,
    /// A calendar year, or a span of years.
    Year,
    /// Part of a date.
    Date,
    /// Part of a reference: an article, a paragraph, a law, a page.
    Reference,
    /// Part of a name or code.
    Identifier,
    /// A number word that stands for a figure.
    Word,
}

/// A number in prose.
#[derive(Debug, Clone, PartialEq)]
pub struct ProseNumber {
    /// Where, in bytes.
    pub at: Range<usize>,
    /// As written.
    pub text: String,
    /// Its value by the language's marks for groups and decimals; multiplied where `million` follows.
    pub value: Option<f64>,
    /// What it is.
    pub kind: NumberKind,
    /// Whether it stands in quotation marks that a source follows.
    pub quoted: bool,
}

/// Words before a number that make it a reference, in Dutch and English.
const REFERENCES: [&str; 86] = [
    "art",
    "artikel",
    "artikelen",
    "article",
    "articles",
    "arts",
    "lid",
    "paragraaf",
    "paragrafen",
    "paragraph",
    "paragraphs",
    "para",
    "paras",
    "par",
    "hoofdstuk",
    "hoofdstukken",
    "chapter",
    "chapters",
    "section",
    "sections",
    "sectie",
    "p",
    "pp",
    "pag",
    "pagina",
    "page",
    "pages",
    "blz",
    "bladzijde",
    "bladzijden",
    "nr",
    "nrs",
    "nummer",
    "no",
    "nos",
    "number",
    "resolutie",
    "resolution",
    "res",
    "verordening",
    "regulation",
    "richtlijn",
    "directive",
    "besluit",
    "decision",
    "tabel",
    "table",
    "figuur",
    "figure",
    "fig",
    "bijlage",
    "annex",
    "voetnoot",
    "footnote",
    "noot",
    "note",
    "sdg",
    "iso",
    "regel",
    "rule",
    "stb",
    "trb",
    "stcrt",
    "protocol",
    "versie",
    "version",
    "editie",
    "edition",
    "ronde",
    "round",
    "fase",
    "phase",
    "vraag",
    "question",
    "item",
    "boek",
    "book",
    "deel",
    "part",
    "titel",
    "title",
    "eu",
    "eg",
    "ec",
    "vn",
    "stap",
];

const MONTHS: [&str; 34] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
    "january",
    "february",
    "march",
    "may",
    "june",
    "july",
    "august",
    "october",
    "jan",
    "feb",
    "mrt",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "okt",
    "oct",
    "nov",
    "dec",
];

/// Words that multiply the number before them.
const SCALES: [(&str, f64); 14] = [
    ("duizend", 1e3),
    ("thousand", 1e3),
    ("miljoen", 1e6),
    ("million", 1e6),
    ("mln", 1e6),
    ("mln.", 1e6),
    ("mio", 1e6),
    ("miljard", 1e9),
    ("billion", 1e9),
    ("bn", 1e9),
    ("mld", 1e9),
    ("mld.", 1e9),
    ("honderd", 1e2),
    ("hundred", 1e2),
];

/// Words that stand for a figure by themselves.
const WORDS: [&str; 34] = [
    "honderden",
    "duizenden",
    "tienduizenden",
    "honderdduizenden",
    "miljoenen",
    "miljarden",
    "tientallen",
    "dozijnen",
    "honderd",
    "duizend",
    "miljoen",
    "miljard",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "dozens",
    "dozen",
    "hundred",
    "thousand",
    "million",
    "billion",
    "twintig",
    "dertig",
    "veertig",
    "vijftig",
    "zestig",
    "zeventig",
    "tachtig",
    "negentig",
    "twenty",
    "thirty",
    "forty",
    "fifty",
];

const TENS: [&str; 4] = ["sixty", "seventy", "eighty", "ninety"];

/// Parts of Dutch number words that are written as one.
const DUTCH_PARTS: [&str; 3] = ["duizend", "honderd", "miljoen"];

/// Every number in `text`, in order. Code, addresses of links, calls of templates and footnote marks are passed over.
pub fn prose_numbers(text: &str, lang: Lang) -> Vec<ProseNumber> {
    let skip = skipped(text);
    let quotes = quoted_with_source(text);
    let inside = |spans: &[Range<usize>], at: usize| {
        let i = spans.partition_point(|s| s.end <= at);
        spans.get(i).is_some_and(|s| s.start <= at)
    };
    let tokens = tokens(text);
    let mut found: Vec<ProseNumber> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let span = tokens[i].clone();
        let token = &text[span.clone()];
        i += 1;
        if inside(&skip, span.start) {
            continue;
        }
        let digits = token.chars().any(|c| c.is_ascii_digit());
        if !digits && !token.starts_with(char::is_alphabetic) {
            continue;
        }
        if !digits {
            if let Some((kind, value)) = word(token) {
                found.push(ProseNumber {
                    at: span.clone(),
                    text: token.to_owned(),
                    value,
                    kind,
                    quoted: inside(&quotes, span.start),
                });
            }
            continue;
        }
        let letters = token.chars().any(char::is_alphabetic);
        let kind =
            if letters && !ordinal(token) { NumberKind::Identifier } else { kind(text, &tokens, i - 1) };
        let mut value = number(token, lang);
        let mut at = span.clone();
        if kind == NumberKind::Bare
            && let Some(next) = tokens.get(i)
            && text[at.end..next.start].chars().all(|c| c.is_whitespace() || c == '-')
            && let Some((_, scale)) = SCALES.iter().find(|(w, _)| text[next.clone()].eq_ignore_ascii_case(w))
        {
            value = value.map(|v| v * scale);
            at.end = next.end;
            i += 1;
        }
        found.push(ProseNumber {
            text: text[at.clone()].to_owned(),
            quoted: inside(&quotes, at.start),
            at,
            value,
            kind,
        });
    }
    found
}

/// Runs of letters and digits; marks of groups and decimals stay within numbers, dashes within codes.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start: Option<usize> = None;
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map_or(' ', |n| n.1);
        let joins = match c {
            '.' | ',' | '\u{202f}' | '\u{2009}' | '/' => before.is_ascii_digit() && next.is_ascii_digit(),
            '\u{a0}' => before.is_ascii_digit() && next.is_ascii_digit() && groups(&text[i + 2..]),
            '-' => {
                before.is_alphanumeric()
                    && next.is_alphanumeric()
                    && (before.is_ascii_digit() || next.is_ascii_digit())
            }
            '\'' | '’' => before.is_ascii_digit() && next.is_ascii_digit(),
            _ => false,
        };
        if c.is_alphanumeric() || joins {
            start.get_or_insert(i);
        } else if let Some(from) = start.take() {
            found.push(from..i);
        }
        before = c;
    }
    found.extend(start.map(|from| from..text.len()));
    found
}

/// Three digits and then none.
fn groups(rest: &str) -> bool {
    rest.bytes().take_while(u8::is_ascii_digit).count() == 3
}

fn ordinal(token: &str) -> bool {
    let letters = token.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c));
    ["e", "ste", "de", "th", "st", "nd", "rd", "k", "m"].contains(&letters.to_lowercase().as_str())
}

fn kind(text: &str, tokens: &[Range<usize>], i: usize) -> NumberKind {
    let token = &text[tokens[i].clone()];
    let word = |j: Option<usize>| j.and_then(|j| tokens.get(j)).map(|s| text[s.clone()].to_lowercase());
    let gap = |a: usize, b: usize| tokens.get(b).map(|n| &text[tokens[a].end..n.start]);
    let before = word(i.checked_sub(1));
    let after = word(i.checked_add(1));
    let back = i.checked_sub(1).and_then(|j| gap(j, i)).unwrap_or("");
    let ahead = gap(i, i + 1).unwrap_or("");
    let month = |w: &Option<String>| w.as_ref().is_some_and(|w| MONTHS.contains(&w.as_str()));
    let percent = text[tokens[i].end..].trim_start_matches(['\u{a0}', ' ']).starts_with(['%', '‰'])
        || after.as_deref().is_some_and(|w| ["procent", "percent", "pct"].contains(&w));
    let currency = text[..tokens[i].start].trim_end().ends_with(['€', '$', '£']);
    if percent || currency {
        return NumberKind::Bare;
    }
    if is_date(token) {
        return NumberKind::Date;
    }
    let plain = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
    let day = plain && token.len() <= 2;
    let blank = |g: &str| g.chars().all(char::is_whitespace);
    let digits = |w: &Option<String>| w.as_ref().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
    if day && (month(&after) && blank(ahead) || month(&before) && (blank(back) || back == ". ")) {
        return NumberKind::Date;
    }
    // `1 and 3 May`, `12–14 maart`
    if day && digits(&after) && month(&word(Some(i + 2)))
        || day
            && after.as_deref().is_some_and(|w| ["en", "and", "tot", "to"].contains(&w))
            && digits(&word(Some(i + 2)))
            && month(&word(Some(i + 3)))
    {
        return NumberKind::Date;
    }
    let referenced =
        before.as_deref().is_some_and(|w| REFERENCES.contains(&w)) && back.len() < 4 && !back.contains(';');
    if referenced || text[..tokens[i].start].trim_end().ends_with(['§', '¶']) {
        return NumberKind::Reference;
    }
    // `artikelen 3 en 8`, `p. 2-3`, `(EU) 2016/679`
    if (back == "-" || back == "–" || back == ", " || back.trim() == "&")
        && i > 0
        && digits(&before)
        && kind(text, tokens, i - 1) == NumberKind::Reference
    {
        return NumberKind::Reference;
    }
    if before.as_deref().is_some_and(|w| ["en", "and", "tot", "to", "of", "or"].contains(&w))
        && i > 1
        && digits(&word(Some(i - 2)))
        && plain
        && token.len() <= 3
        && kind(text, tokens, i - 2) == NumberKind::Reference
    {
        return NumberKind::Reference;
    }
    if token.contains('/') {
        let parts: Vec<&str> = token.split('/').collect();
        let years = parts.len() == 2 && is_year(parts[0]) && (parts[1].len() == 2 || is_year(parts[1]));
        return if years { NumberKind::Year } else { NumberKind::Reference };
    }
    if token.contains('-') {
        let parts: Vec<&str> = token.split('-').collect();
        if parts.len() == 2
            && is_year(parts[0])
            && (is_year(parts[1]) || parts[1].len() == 2 && parts[1].bytes().all(|b| b.is_ascii_digit()))
        {
            return NumberKind::Year;
        }
        return if token.chars().any(char::is_alphabetic) {
            NumberKind::Identifier
        } else {
            NumberKind::Bare
        };
    }
    // `2.3.4` is a paragraph; `1.341.148` is not, for its groups have three digits.
    if token.matches('.').count() >= 2 && token.split('.').skip(1).any(|g| g.len() < 3) {
        return NumberKind::Reference;
    }
    if is_year(token) && !counted(after.as_deref()) {
        return NumberKind::Year;
    }
    NumberKind::Bare
}

/// Whether the word behind a number is what it counts.
fn counted(after: Option<&str>) -> bool {
    after.is_some_and(|w| {
        [
            "mensen",
            "personen",
            "people",
            "persons",
            "refugees",
            "vluchtelingen",
            "migranten",
            "migrants",
            "doden",
            "deaths",
            "aanvragen",
            "applications",
            "ontheemden",
            "euro",
            "euros",
            "dollar",
            "dollars",
            "besluiten",
            "decisions",
            "km",
            "kilometer",
            "kilometres",
            "incidenten",
            "incidents",
            "kinderen",
            "children",
            "vrouwen",
            "women",
            "families",
            "gezinnen",
            "huishoudens",
            "households",
            "slachtoffers",
            "victims",
            "asielzoekers",
            "doses",
            "ton",
            "tonnes",
            "schools",
            "scholen",
            "gevallen",
            "cases",
        ]
        .contains(&w)
    })
}

fn is_year(token: &str) -> bool {
    token.len() == 4 && token.parse().is_ok_and(|y: u32| (1900..=2100).contains(&y))
}

/// `2026-06-25`, `25-06-2026`, `25/6/2026`
fn is_date(token: &str) -> bool {
    let mark = if token.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = token.split(mark).collect();
    let number = |t: &str| t.bytes().all(|b| b.is_ascii_digit()).then(|| t.parse::<u32>().ok()).flatten();
    let in_range = |t: &str, max: u32| t.len() <= 2 && number(t).is_some_and(|n| (1..=max).contains(&n));
    match parts.as_slice() {
        [a, b, c] => {
            is_year(a) && in_range(b, 12) && in_range(c, 31)
                || is_year(c) && (in_range(a, 31) && in_range(b, 12) || in_range(a, 12) && in_range(b, 31))
        }
        [a, b] => {
            mark == '-'
                && is_year(a)
                && b.len() == 2
                && in_range(b, 12)
                && !is_year(b)
                && number(a).zip(number(b)).is_some_and(|(y, m)| (y + 1) % 100 != m)
        }
        _ => false,
    }
}

/// The value of digits by the marks of a language.
fn number(token: &str, lang: Lang) -> Option<f64> {
    let (group, decimal) = match lang {
        Lang::Nl => ('.', ','),
        Lang::En => (',', '.'),
    };
    let letters = token.trim_end_matches(char::is_alphabetic);
    let mut plain = String::new();
    for c in letters.chars() {
        match c {
            c if c == group
                || c == '\u{a0}'
                || c == '\u{202f}'
                || c == '\u{2009}'
                || c == '\''
                || c == '’' => {}
            c if c == decimal => plain.push('.'),
            c => plain.push(c),
        }
    }
    plain.parse().ok()
}

/// A number word: its kind, and its value where one word says it.
fn word(token: &str) -> Option<(NumberKind, Option<f64>)> {
    let lower = token.to_lowercase();
    let known = WORDS.contains(&lower.as_str()) || TENS.contains(&lower.as_str());
    let compound = DUTCH_PARTS
        .iter()
        .any(|p| lower.ends_with(p) && lower.len() > p.len() && dutch(&lower[..lower.len() - p.len()]));
    (known || compound).then_some((NumberKind::Word, None))
}

/// Whether all of a word is made of Dutch number words.
fn dutch(word: &str) -> bool {
    // The longer before the shorter that begin alike.
    const PARTS: [&str; 28] = [
        "twintig",
        "dertig",
        "veertig",
        "vijftig",
        "zestig",
        "zeventig",
        "tachtig",
        "negentig",
        "dertien",
        "veertien",
        "vijftien",
        "zestien",
        "zeventien",
        "achttien",
        "negentien",
        "een",
        "één",
        "twee",
        "drie",
        "vier",
        "vijf",
        "zes",
        "zeven",
        "acht",
        "negen",
        "tien",
        "elf",
        "twaalf",
    ];
    let mut rest = word;
    'all: while !rest.is_empty() {
        for part in PARTS.iter().chain(&["honderd", "duizend", "en", "ën"]) {
            if let Some(behind) = rest.strip_prefix(part) {
                rest = behind;
                continue 'all;
            }
        }
        return false;
    }
    !word.is_empty()
}

/// Code, addresses of links and bare addresses, calls and tags of templates, footnote marks.
fn skipped(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let rest = &bytes[i..];
        let close: Option<(&[u8], usize)> = match rest {
            [b'`', ..] => Some((b"`", 1)),
            [b'{', b'{', ..] => Some((b"}}", 2)),
            [b'{', b'%', ..] => Some((b"%}", 2)),
            [b'{', b'#', ..] => Some((b"#}", 2)),
            [b'[', b'^', ..] => Some((b"]", 2)),
            [b']', b'(', ..] => Some((b")", 2)),
            [b'<', b'!', b'-', b'-', ..] => Some((b"-->", 4)),
            _ if rest.starts_with(b"http://")
                || rest.starts_with(b"https://")
                || rest.starts_with(b"www.") =>
            {
                Some((b" ", 4))
            }
            _ => None,
        };
        let Some((close, skip)) = close else {
            i += 1;
            continue;
        };
        let from = i + skip;
        let line = if close == b"`" || close == b" " {
            text[i..].find('\n').map_or(bytes.len(), |n| i + n)
        } else {
            bytes.len()
        };
        let end =
            (from <= line).then(|| bytes[from..line].windows(close.len()).position(|w| w == close)).flatten();
        match end {
            Some(n) => {
                found.push(i..from + n + close.len());
                i = from + n + close.len();
            }
            None if close == b" " => {
                found.push(i..line);
                i = line;
            }
            None => i += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, lang: Lang) -> Vec<(String, NumberKind)> {
        prose_numbers(text, lang).into_iter().map(|n| (n.text, n.kind)).collect()
    }

    #[test]
    fn figures_are_bare() {
        for (text, lang, expected) in [
            ("In all 50,000 people died.", Lang::En, "50,000"),
            ("Er kwamen 50.000 mensen om.", Lang::Nl, "50.000"),
            ("Een daling van 12,5%.", Lang::Nl, "12,5"),
            ("About 1.3 million returned.", Lang::En, "1.3 million"),
            ("Ruim 1,3 miljoen keerde terug.", Lang::Nl, "1,3 miljoen"),
            ("It cost € 36 in all.", Lang::En, "36"),
            ("In 3 areas.", Lang::En, "3"),
            ("ongeveer 2000 mensen", Lang::Nl, "2000"),
            ("the 1951 refugees counted", Lang::En, "1951"),
            ("het 25 kilometer verder", Lang::Nl, "25"),
        ] {
            let bare: Vec<String> =
                kinds(text, lang).into_iter().filter(|k| k.1 == NumberKind::Bare).map(|k| k.0).collect();
            assert_eq!(bare, [expected], "{text}");
        }
    }

    #[test]
    fn dates_references_and_names_are_no_figures() {
        for (text, lang) in [
            ("Sinds 2014 en in 2022/23", Lang::Nl),
            ("from 2014–2022 and 2014-2022", Lang::En),
            ("op 25 juni 2026 en 1 en 3 mei", Lang::Nl),
            ("on 25 June 2026, June 25, 2026", Lang::En),
            ("2026-06-25 en 25-06-2026", Lang::Nl),
            ("artikel 3 EVRM, art. 33, artikelen 2 en 3", Lang::Nl),
            ("Article 3, § 2.1, paragraph 2.3.4 and p. 67", Lang::En),
            ("hoofdstuk 4, blz. 12-14, nr. 27", Lang::Nl),
            ("Resolution 2254 (2015), Regulation (EU) 2016/679", Lang::En),
            ("Richtlijn 2011/95/EU en SDG 6.1", Lang::Nl),
            ("COVID-19, SY070200, A4, R6 and ISO 3166-1", Lang::En),
            ("voetnoot 82 en tabel 3", Lang::Nl),
            (
                "`claim@year=2024` and {{ figure(\"x\", year=2024) }} and [^s12] and [a](https://x.org/12)",
                Lang::En,
            ),
            ("one or two, three of twelve", Lang::En),
            ("een of twee van de drie", Lang::Nl),
        ] {
            let bare: Vec<_> = kinds(text, lang)
                .into_iter()
                .filter(|k| matches!(k.1, NumberKind::Bare | NumberKind::Word))
                .collect();
            assert_eq!(bare, [], "{text}");
        }
    }

    #[test]
    fn number_words_are_found() {
        for text in [
            "vijftigduizend mensen",
            "honderden gezinnen",
            "hundreds of families",
            "two million people",
            "tweehonderdvijftigduizend",
            "a dozen towns",
            "tientallen doden",
            "driehonderd",
        ] {
            assert!(kinds(text, Lang::Nl).iter().any(|k| k.1 == NumberKind::Word), "{text}");
        }
        assert!(kinds("honderdste duizendpoot eend tweede", Lang::Nl).is_empty());
    }

    #[test]
    fn values_follow_the_language() {
        let value = |text: &str, lang| prose_numbers(text, lang)[0].value;
        assert_eq!(value("1.341.148,5", Lang::Nl), Some(1_341_148.5));
        assert_eq!(value("1,341,148.5", Lang::En), Some(1_341_148.5));
        assert_eq!(value("50 duizend", Lang::Nl), value("50 thousand", Lang::En));
        assert_eq!(value("1,3 miljoen", Lang::Nl), Some(1_300_000.0));
    }

    #[test]
    fn what_a_source_says_is_marked() {
        assert!(prose_numbers("“meer dan 50.000”[^s1]", Lang::Nl)[0].quoted);
        assert!(!prose_numbers("“meer dan 50.000” zegt men", Lang::Nl)[0].quoted);
    }

    #[test]
    fn any_text_is_read() {
        for text in
            ["", "`", "{{", "[^", "](", "1", "1.", "１２", "٣٤", "1\u{a0}000", "é1é", "http://", "\u{e002}5"]
        {
            let found = prose_numbers(text, Lang::En);
            assert!(found.iter().all(|n| text.get(n.at.clone()).is_some()));
        }
    }
}
