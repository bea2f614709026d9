//! Names of months in running text, Dutch and English, whole and short.

use crate::Lang;

/// Of the whole year, in Dutch.
const DUTCH: [&str; 12] = [
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
];
/// The months of a year in English, in small letters.
pub const ENGLISH_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Short forms, and forms that stand in compounds.
const SHORT: [(&str, i8); 16] = [
    ("jan", 1),
    ("feb", 2),
    ("mrt", 3),
    ("mar", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("okt", 10),
    ("oct", 10),
    ("nov", 11),
    ("dec", 12),
    ("januar", 1),
    ("februar", 2),
];

/// The month that a word names, from 1, in either language and however it is written.
///
/// ```
/// use wegen_model::month_named;
/// assert_eq!((month_named("Mei"), month_named("sept"), month_named("Mayo")), (Some(5), Some(9), None));
/// ```
pub fn month_named(word: &str) -> Option<i8> {
    let lower = word.to_lowercase();
    let of = |list: &[&str]| list.iter().position(|m| *m == lower).map(|i| i as i8 + 1);
    of(&DUTCH).or_else(|| of(&ENGLISH_MONTHS)).or_else(|| SHORT.iter().find(|s| s.0 == lower).map(|s| s.1))
}

/// Whether a word is the whole name of a month in a language.
pub fn is_month_of(word: &str, lang: Lang) -> bool {
    let lower = word.to_lowercase();
    match lang {
        Lang::Nl => DUTCH.contains(&lower.as_str()),
        Lang::En => ENGLISH_MONTHS.contains(&lower.as_str()),
    }
}
