//! Citations in any text: spans are of the text and in order, and what is written is read again as the same.
#![no_main]

use kamerstuk::{Citation, Kind, find};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for found in find(text) {
        assert!(found.span.start >= end && found.span.end <= text.len());
        assert!(text.get(found.span.clone()).is_some());
        end = found.span.end;
        let citation = found.citation;
        let _ = (citation.leidraad(), citation.parliamentary(), citation.english(), citation.url());
        // One dossier and one number, behind a chamber: nothing else can be meant.
        if citation.kind() == Kind::Kamerstuk
            && citation.chamber().is_some()
            && citation.dossiers().len() == 1
            && citation.numbers().len() == 1
            && citation.pages().is_none()
        {
            let again = Citation::parse(&citation.leidraad()).expect("what is written can be read");
            assert_eq!(again.ids(), citation.ids(), "{}", citation.leidraad());
        }
    }
});
