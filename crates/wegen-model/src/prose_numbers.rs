//! Numbers in prose: which are figures, and which are dates, references or names.
//!
//! A report's figures come from calls; a number that an author types stands on nothing (rule of lineage). Dates,
//! paragraph numbers, laws and codes are no figures, and are told apart here.

use std::ops::Range;

use crate::{Lang, month_named, wording::quoted_with_source};

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
const REFERENCES: [&str; 94] = [
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
    "step",
    "route",
    "road",
    "highway",
    "weg",
    "snelweg",
    "lijn",
    "line",
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

/// Words that stand for a figure, and do not say which.
const VAGUE: &str = "honderden duizenden tienduizenden honderdduizenden miljoenen miljarden tientallen dozijnen hundreds \
    thousands millions dozens";

/// Number words that are a manner of speaking; from the next on they stand for a figure.
const SMALL: f64 = 12.0;

/// Words before a year that say that it is one.
const YEAR_BEFORE: &str = "in since sinds during gedurende vanaf eind begin medio end beginning early late mid year jaar years \
    jaren lente voorjaar zomer najaar herfst winter spring summer autumn fall tussen between before \
    after na vóór until through kwartaal quarter helft half fiscal";

/// Words before four digits that may be a year or a count.
const EITHER_BEFORE: &str = "met the de het its their his her this that dit dat deze die of van for voor from uit by tot to on over \
    and en or per as als a an";

/// Verbs and other words that end as plural nouns do.
const VERBS: &str = "ten een geen binnen buiten boven volgens eens des its this as thus perhaps towards besides alleen \
    samen even ondertussen is was has does says gives shows notes states counts reports lists sees puts names holds remains \
    brings describes sets provides contains worden werden waren zijn hebben hadden kunnen konden zullen \
    zouden moeten mogen staan stonden geven gaven noemen noemden melden meldden bleven tegen tussen \
    alsmede";

/// Nouns that are counted, for the sake of those that no ending tells.
const COUNTED: &str = "mensen personen people persons refugees vluchtelingen migranten migrants doden deaths dead aanvragen \
    applications ontheemden euro euros dollar dollars besluiten decisions km kilometer kilometres \
    incidenten incidents kinderen children vrouwen women men mannen families gezinnen huishoudens \
    households slachtoffers victims asielzoekers doses ton tonnes schools scholen gevallen cases wounded \
    injured killed gewonden soldiers soldaten militairen fighters strijders civilians burgers inwoners \
    residents returnees terugkeerders detainees gevangenen prisoners girls boys meisjes jongens bodies \
    lichamen woningen huizen houses homes villages dorpen missing";

/// Every number in `text`, in order. Code, addresses of links, calls of templates and footnote marks are passed over.
pub fn prose_numbers(text: &str, lang: Lang) -> Vec<ProseNumber> {
    let skip = skipped(text);
    let quotes = quoted_with_source(text);
    let inside = |spans: &[Range<usize>], at: usize| {
        let i = spans.partition_point(|s| s.end <= at);
        spans.get(i).is_some_and(|s| s.start <= at)
    };
    let tokens = tokens(text);
    let mut words = words_of(text, &tokens, Lang::Nl);
    words.extend(words_of(text, &tokens, Lang::En));
    words.retain(|w| {
        w.value > SMALL || w.value == SMALL && text[w.at.clone()].to_lowercase().starts_with("do")
    });
    words.sort_by_key(|w| (w.tokens.start, std::cmp::Reverse(w.tokens.end)));
    let mut words = words.into_iter().peekable();
    let mut found: Vec<ProseNumber> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let span = tokens[i].clone();
        let token = &text[span.clone()];
        let first = i;
        i += 1;
        if inside(&skip, span.start) {
            continue;
        }
        let mut add = |at: Range<usize>, kind, value| {
            let quoted = inside(&quotes, at.start);
            found.push(ProseNumber { text: text[at.clone()].to_owned(), quoted, at, value, kind });
        };
        if !token.chars().any(is_digit) {
            while words.next_if(|w| w.tokens.start < first).is_some() {}
            if let Some(word) = words.next_if(|w| w.tokens.start == first) {
                // `de jaren negentig`
                let decade = first.checked_sub(1).is_some_and(|j| is_decades(&text[tokens[j].clone()]));
                let kind = if decade { NumberKind::Date } else { NumberKind::Word };
                add(span.start..tokens[word.tokens.end - 1].end, kind, Some(word.value));
                i = word.tokens.end;
            } else if among(VAGUE, &token.to_lowercase()) {
                add(span, NumberKind::Word, None);
            }
            continue;
        }
        let plain: String = token.chars().map(|c| ascii_digit(c).unwrap_or(c)).collect();
        let place = Place { text, tokens: &tokens, skip: &skip, lang };
        let kind = match plain == token {
            true => place.kind(first),
            // Digits of another script, of full width, or a fraction in one sign.
            false if is_year(&plain) => NumberKind::Year,
            false => NumberKind::Bare,
        };
        let mut value = number(&plain, lang);
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
        add(at, kind, value);
    }
    found
}

/// A number in words.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberWord {
    /// Where, in bytes.
    pub at: Range<usize>,
    /// What it says.
    pub value: f64,
    /// Whether other words may say the same: `both`, `twice`, `one`.
    pub loose: bool,
    tokens: Range<usize>,
}

/// Every number that is written in words of a language, the small ones as well, in order.
///
/// ```
/// use wegen_model::{Lang, number_words};
/// let values = |text, lang| number_words(text, lang).into_iter().map(|n| n.value).collect::<Vec<_>>();
/// assert_eq!(values("three hundred and fifty people in two towns", Lang::En), [350.0, 2.0]);
/// assert_eq!(values("driehonderdvijftig mensen in twee steden", Lang::Nl), [350.0, 2.0]);
/// ```
pub fn number_words(text: &str, lang: Lang) -> Vec<NumberWord> {
    let skip = skipped(text);
    let mut found = words_of(text, &tokens(text), lang);
    found.retain(|w| !skip.iter().any(|s| s.start < w.at.end && w.at.start < s.end));
    found
}

fn words_of(text: &str, tokens: &[Range<usize>], lang: Lang) -> Vec<NumberWord> {
    let lower: Vec<String> = tokens.iter().map(|t| text[t.clone()].to_lowercase()).collect();
    let joined = |i: usize| {
        tokens.get(i + 1).is_some_and(|n| {
            text[tokens[i].end..n.start].chars().all(|c| c.is_whitespace() || matches!(c, '-' | '\u{2011}'))
        })
    };
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        // `50 duizend` is a number with its scale.
        let scaled = i > 0 && joined(i - 1) && lower[i - 1].chars().any(is_digit);
        let loose = match (lang, lower[i].as_str()) {
            (Lang::En, "both" | "twice") | (Lang::Nl, "beide" | "allebei" | "tweemaal") => Some(2.0),
            (Lang::En, "one" | "once") | (Lang::Nl, "één" | "eenmaal") => Some(1.0),
            (Lang::En, "thrice") | (Lang::Nl, "driemaal") => Some(3.0),
            _ => None,
        };
        if let Some(value) = loose
            && !(joined(i) && part_value(&lower[i + 1], lang).is_some_and(|p| p >= 100.0))
        {
            found.push(NumberWord { at: tokens[i].clone(), value, loose: true, tokens: i..i + 1 });
            i += 1;
            continue;
        }
        // `acht` is a verb as well.
        let verb = lower[i] == "acht"
            && lower.get(i + 1).is_some_and(|n| {
                ["het", "de", "dit", "dat", "een", "zich", "geen", "deze", "hen", "hem", "haar"]
                    .contains(&n.as_str())
            });
        let (mut total, mut group, mut last) = (0.0, 0.0, None);
        let mut end = i;
        if !scaled && !verb {
            let mut at = i;
            while let Some(word) = lower.get(at) {
                let Some(value) = part_value(word, lang) else { break };
                // `twenty five` goes on, `two three` does not.
                let fits = match last {
                    None => true,
                    Some(before) => value >= 100.0 || value < 100.0 && before >= 20.0 && value < before,
                };
                if !fits {
                    break;
                }
                if value >= 1000.0 && is_scale(word) {
                    total += f64::max(group, 1.0) * value;
                    group = 0.0;
                } else if value == 100.0 && is_scale(word) {
                    group = f64::max(group, 1.0) * value;
                } else {
                    group += value;
                }
                last = Some(value);
                end = at + 1;
                let and = joined(at)
                    && lower.get(at + 1).is_some_and(|w| w == "and" || w == "en")
                    && value >= 100.0
                    && joined(at + 1)
                    && lower.get(at + 2).and_then(|w| part_value(w, lang)).is_some_and(|v| v < 100.0);
                match (joined(at), and) {
                    (_, true) => at += 2,
                    (true, false) => at += 1,
                    _ => break,
                }
            }
        }
        let value = total + group;
        if end > i && value >= 2.0 {
            let at = tokens[i].start..tokens[end - 1].end;
            found.push(NumberWord { at, value, loose: false, tokens: i..end });
        }
        i = end.max(i + 1);
    }
    found
}

fn is_scale(word: &str) -> bool {
    ["hundred", "thousand", "million", "billion", "honderd", "duizend", "miljoen", "miljard"].contains(&word)
}

/// What one word of a number says.
fn part_value(word: &str, lang: Lang) -> Option<f64> {
    const ENGLISH: [(&str, f64); 33] = [
        ("one", 1.0),
        ("two", 2.0),
        ("three", 3.0),
        ("four", 4.0),
        ("five", 5.0),
        ("six", 6.0),
        ("seven", 7.0),
        ("eight", 8.0),
        ("nine", 9.0),
        ("ten", 10.0),
        ("eleven", 11.0),
        ("twelve", 12.0),
        ("thirteen", 13.0),
        ("fourteen", 14.0),
        ("fifteen", 15.0),
        ("sixteen", 16.0),
        ("seventeen", 17.0),
        ("eighteen", 18.0),
        ("nineteen", 19.0),
        ("twenty", 20.0),
        ("thirty", 30.0),
        ("forty", 40.0),
        ("fifty", 50.0),
        ("sixty", 60.0),
        ("seventy", 70.0),
        ("eighty", 80.0),
        ("ninety", 90.0),
        ("dozen", 12.0),
        ("score", 20.0),
        ("hundred", 1e2),
        ("thousand", 1e3),
        ("million", 1e6),
        ("billion", 1e9),
    ];
    match lang {
        Lang::En if word == "score" => None,
        Lang::En => ENGLISH.iter().find(|(w, _)| *w == word).map(|(_, v)| *v),
        Lang::Nl => dutch(word),
    }
}

/// The value of a Dutch number word: `vijfentwintig`, `driehonderdduizend`.
fn dutch(word: &str) -> Option<f64> {
    const SMALL: [(&str, f64); 21] = [
        ("een", 1.0),
        ("één", 1.0),
        ("twee", 2.0),
        ("drie", 3.0),
        ("vier", 4.0),
        ("vijf", 5.0),
        ("zes", 6.0),
        ("zeven", 7.0),
        ("acht", 8.0),
        ("negen", 9.0),
        ("tien", 10.0),
        ("elf", 11.0),
        ("twaalf", 12.0),
        ("dozijn", 12.0),
        ("dertien", 13.0),
        ("veertien", 14.0),
        ("vijftien", 15.0),
        ("zestien", 16.0),
        ("zeventien", 17.0),
        ("achttien", 18.0),
        ("negentien", 19.0),
    ];
    const TENS: [(&str, f64); 8] = [
        ("twintig", 20.0),
        ("dertig", 30.0),
        ("veertig", 40.0),
        ("vijftig", 50.0),
        ("zestig", 60.0),
        ("zeventig", 70.0),
        ("tachtig", 80.0),
        ("negentig", 90.0),
    ];
    for (scale, value) in [("miljard", 1e9), ("miljoen", 1e6), ("duizend", 1e3), ("honderd", 1e2)] {
        if let Some((front, back)) = word.split_once(scale) {
            let front = if front.is_empty() { 1.0 } else { dutch(front)? };
            let back = back.strip_prefix("en").unwrap_or(back);
            let back = if back.is_empty() { 0.0 } else { dutch(back).filter(|b| *b < value)? };
            return Some(front * value + back);
        }
    }
    let of = |list: &[(&str, f64)], w: &str| list.iter().find(|(n, _)| *n == w).map(|(_, v)| *v);
    if let Some(value) = of(&SMALL, word).or_else(|| of(&TENS, word)) {
        return (word != "een" && word != "één").then_some(value).or(Some(1.0));
    }
    TENS.iter().find_map(|(tens, value)| {
        let front = word.strip_suffix(tens)?;
        let unit = front.strip_suffix("en").or_else(|| front.strip_suffix("ën"))?;
        of(&SMALL, unit).filter(|u| *u < 10.0).map(|u| value + u)
    })
}

fn among(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

fn is_decades(word: &str) -> bool {
    word.eq_ignore_ascii_case("jaren")
}

/// The ASCII digit that a digit of another script stands for; `?` for a fraction in one sign.
fn ascii_digit(c: char) -> Option<char> {
    const ZEROS: [char; 6] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{1040}', '\u{ff10}'];
    let code = u32::from(c);
    let zero = ZEROS.iter().map(|z| u32::from(*z)).find(|z| (*z..*z + 10).contains(&code));
    match zero {
        Some(zero) => char::from_digit(code - zero, 10),
        None => matches!(c, '¼' | '½' | '¾' | '⅐'..='⅞').then_some('?'),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ascii_digit(c).is_some()
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
            '.' | ',' | '\u{202f}' | '\u{2009}' | '/' => is_digit(before) && is_digit(next),
            '\u{a0}' => is_digit(before) && is_digit(next) && groups(&text[i + 2..]),
            '-' => before.is_alphanumeric() && next.is_alphanumeric() && (is_digit(before) || is_digit(next)),
            '\'' | '’' => is_digit(before) && is_digit(next),
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

/// The letters behind digits, where nothing else follows: `th` of `21th`, `km` of `12km`.
fn suffix(token: &str) -> Option<&str> {
    let letters = token.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c));
    let whole = token.len() > letters.len() && letters.chars().all(char::is_alphabetic);
    (whole && !letters.is_empty()).then_some(letters)
}

/// So many references may follow the word that names them: `nrs. 3, 5, 8`.
const LONGEST_LIST: usize = 64;

/// A number in its text.
struct Place<'t> {
    text: &'t str,
    tokens: &'t [Range<usize>],
    skip: &'t [Range<usize>],
    lang: Lang,
}

impl Place<'_> {
    fn word(&self, j: Option<usize>) -> Option<String> {
        j.and_then(|j| self.tokens.get(j)).map(|s| self.text[s.clone()].to_lowercase())
    }

    fn gap(&self, a: usize, b: usize) -> &str {
        self.tokens.get(b).map_or("", |n| &self.text[self.tokens[a].end..n.start])
    }

    fn kind(&self, i: usize) -> NumberKind {
        self.kind_in_list(i, LONGEST_LIST)
    }

    /// `left` more references of a list may lead back to the word that names them.
    fn kind_in_list(&self, i: usize, left: usize) -> NumberKind {
        let (text, tokens) = (self.text, self.tokens);
        let token = &text[tokens[i].clone()];
        let blank = |g: &str| !g.is_empty() && g.chars().all(char::is_whitespace);
        let back = i.checked_sub(1).map_or("", |j| self.gap(j, i));
        let ahead = self.gap(i, i + 1);
        let before = self.word(i.checked_sub(1));
        let any_after = self.word(i.checked_add(1));
        // What a call shows stands between the number and the next word.
        let called = tokens.get(i + 1).is_none_or(|n| self.skip.iter().any(|s| s.contains(&n.start)));
        let after = any_after.clone().filter(|_| blank(ahead) && !called);
        let month = |w: &Option<String>| w.as_ref().is_some_and(|w| month_named(w).is_some());
        let percent = text[tokens[i].end..].trim_start_matches(['\u{a0}', ' ']).starts_with(['%', '‰'])
            || after.as_deref().is_some_and(|w| ["procent", "percent", "pct"].contains(&w));
        let currency = text[..tokens[i].start].trim_end().ends_with(['€', '$', '£']);
        if percent || currency {
            return NumberKind::Bare;
        }
        let referenced = before.as_deref().is_some_and(|w| REFERENCES.contains(&w))
            && back.len() < 4
            && !back.contains(';');
        let letters = token.chars().any(char::is_alphabetic);
        let suffix = suffix(token);
        let ordinal = suffix
            .is_some_and(|l| ["e", "ste", "de", "th", "st", "nd", "rd"].contains(&l.to_lowercase().as_str()));
        if ordinal {
            // The twenty-first century is a name; a five-hundredth death is not.
            let many = token.bytes().take_while(u8::is_ascii_digit).count() > 2;
            return if many && !referenced { NumberKind::Bare } else { NumberKind::Identifier };
        }
        // `12km`, but not `4G`, `1990s` or `A4`.
        let unit = suffix.is_some_and(|l| {
            l.chars().all(char::is_lowercase) && (l.chars().count() > 1 || ["k", "m", "g", "l"].contains(&l))
        });
        if letters && !unit {
            return NumberKind::Identifier;
        }
        if is_date(token) {
            return NumberKind::Date;
        }
        let plain = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
        let day = plain && token.len() <= 2;
        let digits = |w: &Option<String>| w.as_ref().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
        if day && month(&after) || token.contains('/') && token.len() <= 5 && month(&after) {
            return NumberKind::Date;
        }
        // `May 30`; in Dutch a day stands before its month, and `in May 30 people` counts people.
        if day && month(&before) && (blank(back) || back == ". ") && self.lang == Lang::En {
            let within = self.word(i.checked_sub(2)).is_some_and(|w| {
                ["in", "during", "throughout", "early", "late", "mid"].contains(&w.as_str())
            });
            let year = any_after.as_deref().is_some_and(is_year);
            let counts = after.as_deref().is_some_and(|w| among(COUNTED, w));
            let on = self.word(i.checked_sub(2)).is_some_and(|w| w == "on");
            return if year || !within && (on || !counts) { NumberKind::Date } else { NumberKind::Bare };
        }
        // `9:00`, `9.00 uur`
        let two = |w: &Option<String>| w.as_ref().is_some_and(|w| w.len() == 2) && digits(w);
        let clock = |t: &str| {
            let parts: Vec<&str> = t.split(['.', ':']).collect();
            matches!(parts[..], [h, m] if m.len() == 2 && h.len() <= 2
                && h.parse().is_ok_and(|h: u32| h < 25) && m.parse().is_ok_and(|m: u32| m < 60))
        };
        if day && ahead == ":" && two(&any_after)
            || plain && token.len() == 2 && back == ":" && digits(&before)
            || clock(token)
                && after.as_deref().is_some_and(|w| ["uur", "a", "p", "am", "pm", "h"].contains(&w))
        {
            return NumberKind::Date;
        }
        // `1 and 3 May`, `12–14 maart`
        if day && digits(&any_after) && month(&self.word(Some(i + 2)))
            || day
                && after.as_deref().is_some_and(|w| ["en", "and", "tot", "to"].contains(&w))
                && digits(&self.word(Some(i + 2)))
                && month(&self.word(Some(i + 3)))
        {
            return NumberKind::Date;
        }
        if referenced || text[..tokens[i].start].trim_end().ends_with(['§', '¶']) {
            return NumberKind::Reference;
        }
        // `artikelen 3 en 8`, `p. 2-3`, `(EU) 2016/679`
        if (back == "-" || back == "–" || back == ", " || back.trim() == "&")
            && i > 0
            && digits(&before)
            && left > 0
            && self.kind_in_list(i - 1, left - 1) == NumberKind::Reference
        {
            return NumberKind::Reference;
        }
        if before.as_deref().is_some_and(|w| ["en", "and", "tot", "to", "of", "or"].contains(&w))
            && i > 1
            && digits(&self.word(Some(i - 2)))
            && plain
            && token.len() <= 3
            && left > 0
            && self.kind_in_list(i - 2, left - 1) == NumberKind::Reference
        {
            return NumberKind::Reference;
        }
        // `de jaren 90`
        if day && token.ends_with('0') && before.as_deref().is_some_and(is_decades) {
            return NumberKind::Year;
        }
        if token.contains('/') {
            let parts: Vec<&str> = token.split('/').collect();
            let years = parts.len() == 2 && is_year(parts[0]) && (parts[1].len() == 2 || is_year(parts[1]));
            let part = |t: &str| t.parse::<u32>().ok().filter(|n| (1..=100).contains(n));
            let fraction = parts.len() == 2
                && token != "9/11"
                && part(parts[0]).zip(part(parts[1])).is_some_and(|(a, b)| a < b);
            return match (years, fraction) {
                (true, _) => NumberKind::Year,
                (_, true) => NumberKind::Bare,
                _ => NumberKind::Reference,
            };
        }
        if token.contains('-') {
            let parts: Vec<&str> = token.split('-').collect();
            if parts.len() == 2
                && is_year(parts[0])
                && (is_year(parts[1]) || parts[1].len() == 2 && parts[1].bytes().all(|b| b.is_ascii_digit()))
            {
                return NumberKind::Year;
            }
            return if letters { NumberKind::Identifier } else { NumberKind::Bare };
        }
        // `2.3.4` is a paragraph; `1.341.148` is not, for its groups have three digits.
        if token.matches('.').count() >= 2 && token.split('.').skip(1).any(|g| g.len() < 3) {
            return NumberKind::Reference;
        }
        if is_year(token) && self.is_year_here(i, before.as_deref(), back, after.as_deref()) {
            return NumberKind::Year;
        }
        NumberKind::Bare
    }

    /// Whether four digits that may be a year are one: by the words around them.
    fn is_year_here(&self, i: usize, before: Option<&str>, back: &str, after: Option<&str>) -> bool {
        let Some(after) = after else { return true };
        let near = before.filter(|_| back.chars().all(|c| c.is_whitespace() || c == '\'' || c == '’'));
        if near.is_some_and(|w| among(YEAR_BEFORE, w) || month_named(w).is_some()) {
            return true;
        }
        // `from 2014 to 2022`
        let joined = near.is_some_and(|w| ["and", "en", "to", "tot", "or", "of", "met"].contains(&w));
        if joined && self.word(i.checked_sub(2)).as_deref().is_some_and(is_year) {
            return true;
        }
        if among(COUNTED, after) {
            return false;
        }
        if near.is_some_and(|w| among(EITHER_BEFORE, w)) || among(VERBS, after) {
            return true;
        }
        !match self.lang {
            Lang::En => after.len() > 3 && after.ends_with('s'),
            Lang::Nl => after.len() > 3 && (after.ends_with("en") || after.ends_with('s')),
        }
    }
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
            ("In May 30 people were killed.", Lang::En, "30"),
            ("In mei 30 doden.", Lang::Nl, "30"),
            ("There were 2000 wounded.", Lang::En, "2000"),
            ("2000 wounded were counted.", Lang::En, "2000"),
            ("In all 1950 soldiers fell.", Lang::En, "1950"),
            ("Er sneuvelden 1950 soldaten.", Lang::Nl, "1950"),
            ("ruim 2024 burgers", Lang::Nl, "2024"),
            ("1/3 of the houses", Lang::En, "1/3"),
            ("Van de huizen is 2/3 verwoest.", Lang::Nl, "2/3"),
            ("Het front ligt op 12km.", Lang::Nl, "12km"),
            ("Er kwamen ٥٠٠ mensen om.", Lang::Nl, "٥٠٠"),
            ("There died ５００ people.", Lang::En, "５００"),
            ("the 500th death", Lang::En, "500th"),
            ("½ of them", Lang::En, "½"),
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
            ("In 2024, \u{e002}\u{e002} people", Lang::En),
            ("In 2024 \u{e002}\u{e002} deaths", Lang::En),
            ("In 2024 {{ figure(\"x\") }} people died.", Lang::En),
            ("In 2024 people fled; from 2014 to 2022 people died.", Lang::En),
            ("at 9:00 and 21:45", Lang::En),
            ("om 9.00 uur", Lang::Nl),
            ("along route 66", Lang::En),
            ("in the 21st century, the 3rd quarter", Lang::En),
            ("in de jaren negentig en de jaren 90", Lang::Nl),
            ("The 1951 Convention, the 2011 census and the 2024 elections", Lang::En),
            ("De Staat van Migratie 2023 zegt dat, de volkstelling 2004 gaf meer.", Lang::Nl),
            ("On May 30 people gathered; on May 30, 2025.", Lang::En),
            ("the 9/11 attacks, 24/7", Lang::En),
            ("in the 1990s, on a 4G network", Lang::En),
            ("van 2014 tot en met 2022 ten minste", Lang::Nl),
            ("Over 2014 en 2015 en volgens de census 2004 was dat zo.", Lang::Nl),
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
            "vijfentwintig",
            "vijftien gezinnen",
            "fifteen families",
            "Twenty-five people",
        ] {
            assert!(kinds(text, Lang::Nl).iter().any(|k| k.1 == NumberKind::Word), "{text}");
        }
        assert!(kinds("honderdste duizendpoot eend tweede", Lang::Nl).is_empty());
        let said =
            |text: &str, lang| number_words(text, lang).into_iter().map(|n| n.value).collect::<Vec<_>>();
        assert_eq!(said("tweehonderdvijftigduizend", Lang::Nl), [250_000.0]);
        assert_eq!(said("two hundred and fifty thousand", Lang::En), [250_000.0]);
        assert_eq!(said("Twenty-five, two and three million", Lang::En), [25.0, 2.0, 3e6]);
        assert_eq!(said("Het kabinet acht het van belang, acht keer", Lang::Nl), [8.0]);
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
