//! Dates in running text: `25 juni 2026`, `June 25, 2026`, `2026-06-25`, `mei 2026`.

use wegen_model::{Lang, Period, is_month_of, month_named};

/// A word or a number, with its place.
struct Word<'t> {
    at: usize,
    text: &'t str,
    /// What stands between it and the word before.
    gap: &'t str,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let (mut found, mut start, mut end) = (Vec::new(), None, 0);
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() {
            start.get_or_insert(i);
        } else if let Some(from) = start.take() {
            found.push(Word { at: from, text: &text[from..i], gap: &text[end..from] });
            end = i;
        }
    }
    found
}

fn number(word: &str, most: u32) -> Option<u32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let known = ["", "st", "nd", "rd", "th", "e", "ste", "de"].contains(&&word[digits.len()..]);
    let value: u32 = digits.parse().ok().filter(|_| known && digits.len() <= 4)?;
    (1..=most).contains(&value).then_some(value)
}

fn year(word: Option<&Word<'_>>) -> Option<i16> {
    let word = word.filter(|w| w.text.len() == 4 && w.gap.len() <= 2)?;
    word.text.parse().ok().filter(|y| (1900..=2199).contains(y))
}

/// Where each month is named, as 1 to 12; `may` and `march` only where they are no verbs.
pub(super) fn months(text: &str, lang: Lang) -> Vec<(usize, i8)> {
    const BEFORE: [&str; 17] = [
        "in", "since", "during", "until", "by", "from", "of", "to", "and", "early", "late", "mid", "last",
        "next", "each", "every", "through",
    ];
    let words = words(text);
    let digits = |w: Option<&Word<'_>>| w.is_some_and(|w| w.text.starts_with(|c: char| c.is_ascii_digit()));
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let Some(month) = month_named(word.text) else { continue };
        let lower = word.text.to_lowercase();
        let own = is_month_of(word.text, lang);
        let before = i.checked_sub(1).and_then(|j| words.get(j));
        let beside = digits(before) || digits(words.get(i + 1));
        let verb = lang == Lang::En && ["may", "march", "august"].contains(&lower.as_str());
        let capital = word.text.starts_with(char::is_uppercase);
        let led = before.is_some_and(|w| BEFORE.contains(&w.text.to_lowercase().as_str()));
        if own && (!verb || capital && (beside || led)) || !own && beside && lower.len() <= 4 {
            found.push((word.at, month));
        }
    }
    found
}

/// Every date in `text` that has a year and a month at least, with its place.
pub(super) fn dates(text: &str) -> Vec<(usize, Period)> {
    let words = words(text);
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        if let Some(m) = month_named(word.text) {
            let behind = |n: usize| words.get(i + n);
            let before = i.checked_sub(1).and_then(|j| words.get(j)).filter(|_| word.gap.trim().len() <= 1);
            let (at, day) = match before.and_then(|w| Some((w.at, number(w.text, 31)?))) {
                Some((at, day)) => (at, Some(day)),
                // `21st of June`
                None if before.is_some_and(|w| w.text == "of") => {
                    let first = i.checked_sub(2).and_then(|j| words.get(j));
                    first.and_then(|w| Some((w.at, Some(number(w.text, 31)?)))).unwrap_or((word.at, None))
                }
                None => (word.at, None),
            };
            let (day, year) = match (year(behind(1)), behind(1).and_then(|w| number(w.text, 31))) {
                (Some(year), _) => (day, Some(year)),
                // `June 25, 2026`
                (None, Some(d)) if year(behind(2)).is_some() => (Some(d), year(behind(2))),
                _ => (day, None),
            };
            let period = year.and_then(|y| Period::from_parts(y, m, day.unwrap_or(0) as i8));
            found.extend(period.map(|p| (at, p)));
        }
        // `2026-06-25`, `25-06-2026`, `25/6/2026`
        let [b, c] = [words.get(i + 1), words.get(i + 2)];
        if let (Some(b), Some(c)) = (b, c)
            && b.gap == c.gap
            && ["-", "/", "."].contains(&b.gap)
        {
            let part = |w: &Word<'_>, most| number(w.text, most).filter(|_| w.text.len() <= 2);
            let long = |w: &Word<'_>| w.text.parse::<i16>().ok().filter(|y| (1900..=2199).contains(y));
            let iso = long(word).zip(part(b, 12)).zip(part(c, 31)).map(|((y, m), d)| (y, m, d));
            let european = || part(word, 31).zip(part(b, 12)).zip(long(c)).map(|((d, m), y)| (y, m, d));
            let period = iso.or_else(european).and_then(|(y, m, d)| Period::from_parts(y, m as i8, d as i8));
            found.extend(period.map(|p| (word.at, p)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_their_forms() {
        for (text, expected) in [
            ("op 25 juni 2026 was het", "2026-06-25"),
            ("on June 25, 2026", "2026-06-25"),
            ("on 25 June 2026", "2026-06-25"),
            ("the 25th of June 2026", "2026-06-25"),
            ("op 2026-06-25", "2026-06-25"),
            ("op 25-06-2026", "2026-06-25"),
            ("op 25/6/2026", "2026-06-25"),
            ("in mei 2026", "2026-05"),
        ] {
            let found: Vec<String> = dates(text).into_iter().map(|d| d.1.to_string()).collect();
            assert_eq!(found, [expected], "{text}");
        }
        for text in ["In May people fled", "25 June", "in 2026", "32 mei", "1.2.3", "mei 30 doden", ""] {
            assert!(dates(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn months_are_no_verbs() {
        let of = |text, lang| months(text, lang).into_iter().map(|m| m.1).collect::<Vec<_>>();
        assert_eq!(of("They may march in May and on 3 March", Lang::En), [5, 3]);
        assert_eq!(of("in mei en op 3 maart", Lang::Nl), [5, 3]);
        assert!(of("May people march? The august body may.", Lang::En).is_empty());
    }
}
