//! What the program never says, and what it always says.

use crate::{Lang, WordingRule, wording};

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

/// Every verdict in `text`, Dutch, English or Arabic, outside exact names and quotations with a source.
///
/// ```
/// use wegen_model::verdicts;
/// assert_eq!(verdicts("Homs is safe again").len(), 1);
/// assert!(verdicts("safely managed drinking water").is_empty());
/// assert!(verdicts("Veiligheid: sterfgevallen per jaar").is_empty());
/// ```
pub fn verdicts(text: &str) -> Vec<Verdict> {
    let hits = wording(text).into_iter().filter(|h| h.rule == WordingRule::Verdict);
    hits.map(|h| Verdict { at: h.at.start, words: h.words }).collect()
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
