//! Words that a report does not use, by vectors in three languages.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use proptest::prelude::*;
use wegen_model::{Lang, WordingRule, prose_numbers, wording};

/// Text, whether it is blocked, by which rule, and its language.
fn vectors() -> Vec<(&'static str, bool, &'static str, &'static str)> {
    let lines = include_str!("wording_vectors.tsv").lines().filter(|l| !l.starts_with('#'));
    lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            (fields[0], fields[1] == "block", fields[2], fields[3])
        })
        .collect()
}

#[test]
fn every_vector_is_blocked_or_passed_as_it_should_be() {
    let mut wrong = Vec::new();
    for (text, block, rule, _) in vectors() {
        let hits = wording(text);
        let of = |r: WordingRule| hits.iter().any(|h| h.rule == r);
        let right = match rule {
            "verdict" => of(WordingRule::Verdict),
            "stigma" => of(WordingRule::Stigma),
            "spectacle" => of(WordingRule::Spectacle),
            _ => hits.is_empty(),
        };
        if !right {
            wrong.push(format!("{} {text}: {hits:?}", if block { "not blocked" } else { "blocked" }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_are_enough_vectors_of_each_sort() {
    let all = vectors();
    let count = |lang: &str, block: bool| all.iter().filter(|v| v.3 == lang && v.1 == block).count();
    assert!(all.len() >= 200);
    for lang in ["nl", "en", "ar"] {
        assert!(count(lang, true) >= 40 && count(lang, false) >= 20, "{lang}");
    }
}

#[test]
fn the_built_in_words_hold_none() {
    for text in [
        include_str!("../../../reports/nl/country.md"),
        include_str!("../../../reports/en/country.md"),
        include_str!("../../../locales/nl.ftl"),
        include_str!("../../../locales/en.ftl"),
        include_str!("../../../registry/sources.toml"),
        include_str!("../../../registry/indicators.toml"),
    ] {
        assert_eq!(wording(text), []);
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        for hit in wording(&text) {
            prop_assert_eq!(text.get(hit.at.clone()), Some(hit.words.as_str()));
        }
        for number in prose_numbers(&text, Lang::Nl) {
            prop_assert_eq!(text.get(number.at.clone()), Some(number.text.as_str()));
        }
    }

    #[test]
    fn a_verdict_is_found_wherever_it_stands(before in "[a-z ,]{0,60}", after in "[a-z ,]{0,60}", which in 0usize..3) {
        let verdict = ["Homs is safe.", "De stad is veilig.", "المدينة آمنة."][which];
        let text = format!("{before}. {verdict} {after}");
        prop_assert!(wording(&text).iter().any(|h| h.rule == WordingRule::Verdict));
    }
}
