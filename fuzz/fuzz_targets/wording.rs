//! Wording and numbers of any text: places are of the text, in order, and a verdict beside it is found.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wegen_model::{Lang, WordingRule, prose_numbers, wording};

fuzz_target!(|text: &str| {
    let mut end = 0;
    for hit in wording(text) {
        assert!(hit.at.start >= end && text.get(hit.at.clone()) == Some(hit.words.as_str()));
        end = hit.at.end;
    }
    for lang in Lang::ALL {
        for number in prose_numbers(text, lang) {
            assert_eq!(text.get(number.at.clone()), Some(number.text.as_str()));
        }
    }
    let with = format!("Homs is safe.\n\n{text}");
    assert!(wording(&with).iter().any(|h| h.rule == WordingRule::Verdict && h.at.start < 12));
});
