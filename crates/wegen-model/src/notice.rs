//! What the program never says, and what it always says.

use crate::Lang;

/// The notice that stands in every output (rule R7 of the do-no-harm rules).
pub fn not_for_individual_decisions(lang: Lang) -> String {
    lang.text("notice-not-for-individual-decisions")
}

/// Words that read as a verdict on a place or on return (rule R6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where it starts, in bytes.
    pub at: usize,
    /// The words found.
    pub words: String,
}

const VERDICTS: [&str; 22] = [
    "safe",
    "unsafe",
    "safer",
    "safest",
    "safely",
    "can be returned",
    "may be returned",
    "can return",
    "could return",
    "return is possible",
    "returnable",
    "returnability",
    "veilig",
    "veilige",
    "veiliger",
    "onveilig",
    "onveilige",
    "kan worden teruggekeerd",
    "kunnen worden teruggestuurd",
    "kan terugkeren",
    "kunnen terugkeren",
    "terugkeer is mogelijk",
];

/// Exact names that hold such a word and are no verdict.
const NAMES: [&str; 7] = [
    "safely managed drinking water",
    "safely managed sanitation",
    "global compact for safe, orderly and regular migration",
    "facilitation of orderly, safe, regular and responsible migration and mobility",
    "veilig land van herkomst",
    "veilige landen van herkomst",
    "safe country of origin",
];

/// Every verdict in `text`, Dutch or English, outside exact names. Whole words only; case does not matter.
///
/// ```
/// use wegen_model::verdicts;
/// assert_eq!(verdicts("Homs is safe again").len(), 1);
/// assert!(verdicts("safely managed drinking water").is_empty());
/// assert!(verdicts("Veiligheid: sterfgevallen per jaar").is_empty());
/// ```
pub fn verdicts(text: &str) -> Vec<Verdict> {
    let lower = text.to_lowercase();
    // Lower-casing may move bytes for a few letters; positions are then of the lower-cased text.
    let named: Vec<_> =
        NAMES.iter().flat_map(|n| lower.match_indices(n).map(|(i, _)| i..i + n.len())).collect();
    let mut found: Vec<Verdict> = VERDICTS
        .iter()
        .flat_map(|words| lower.match_indices(words).map(move |(at, _)| (at, *words)))
        .filter(|&(at, words)| {
            let before = lower[..at].chars().next_back();
            let after = lower[at + words.len()..].chars().next();
            let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_');
            !joined(before) && !joined(after) && !named.iter().any(|n| n.contains(&at))
        })
        .map(|(at, words)| Verdict { at, words: words.to_owned() })
        .collect();
    found.sort_by_key(|v| v.at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_found_in_both_languages() {
        for text in [
            "Damascus is safe.",
            "an unsafe area",
            "people can be returned to Homs",
            "De regio is veilig",
            "een onveilige weg",
            "Terugkeer is mogelijk",
            "Syriërs kunnen terugkeren",
            "SAFE",
            "returnability index",
        ] {
            assert!(!verdicts(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn names_and_other_words_pass() {
        for text in [
            "Global Compact for Safe, Orderly and Regular Migration",
            "veilig land van herkomst",
            "vouchsafed",
            "beveiligd",
            "veiligheidssituatie",
            "fail-safe",
            "safeguard",
            "who returned",
            "teruggekeerde vluchtelingen",
        ] {
            assert!(verdicts(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_catalogues_hold_no_verdict() {
        for ftl in [include_str!("../../../locales/en.ftl"), include_str!("../../../locales/nl.ftl")] {
            assert_eq!(verdicts(ftl), []);
        }
        for file in [
            include_str!("../../../registry/sources.toml"),
            include_str!("../../../registry/indicators.toml"),
        ] {
            assert_eq!(verdicts(file), []);
        }
    }

    #[test]
    fn the_notice_stands_in_both_languages() {
        assert!(not_for_individual_decisions(Lang::Nl).contains("individuele"));
        assert!(not_for_individual_decisions(Lang::En).contains("individual"));
    }
}
