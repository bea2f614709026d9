//! The examples of the specification.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use kamerstuk::{Citation, find};

fn ids(text: &str) -> Vec<String> {
    find(text).iter().flat_map(|f| f.citation.ids()).collect()
}

#[test]
fn the_citations_of_the_page() {
    let page = [
        (
            "Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27. Motie van de leden Brekelmans en Agnes Mulder",
            "kst-36200-V-27",
        ),
        ("Tweede Kamer, vergaderjaar 2021–2022, 36 180, nr. 1.", "kst-36180-1"),
        ("Tweede Kamer, vergaderjaar 2022–2023, 29 237, nr. 183.", "kst-29237-183"),
    ];
    for (text, id) in page {
        assert_eq!(ids(text), [id], "{text}");
    }
    let all = page.map(|p| p.0).join("\n");
    assert_eq!(ids(&all), page.map(|p| p.1));
}

#[test]
fn the_table_of_the_specification() {
    let table: [(&str, &[&str]); 19] = [
        ("Kamerstukken II 2022/23, 36200 V, nr. 27", &["kst-36200-V-27"]),
        ("Kamerstuk 21501-32-1740", &["kst-21501-32-1740"]),
        ("Kamerstukken 21 501-02, 36 180 en 29 237, nr. 2537", &["kst-21501-02-2537"]),
        ("Kamerstukken I 2008/09, 31700 VI, D, p. 4", &["kst-31700-VI-D"]),
        ("Kamerstukken I 2014/15, 33802, C, p. 3", &["kst-33802-C"]),
        ("Kamerstuk 32 623, nrs. 226, 243 en 245", &["kst-32623-226", "kst-32623-243", "kst-32623-245"]),
        ("Kamerstukken II 2022/23, 36 123 (R2170), nr. 3", &["kst-36123-3"]),
        (
            "Kamerstukken II 2015-2016, 29 344, nr. 128, p. 2-3; nr. 129, p. 5.",
            &["kst-29344-128", "kst-29344-129"],
        ),
        ("kamerstukken II 2022/23, 36 200 hoofdstuk XVII, nr. 2", &["kst-36200-XVII-2"]),
        ("Bijlage bij Kamerstuk 35 788, nr. 77", &["kst-35788-77"]),
        ("(Kamerstuk 32 317. nr. 790)", &["kst-32317-790"]),
        ("Er waren 29 237 aanvragen in 2022, een stijging van 183", &[]),
        ("Handelingen II 2010/11, nr. 108, item 5", &["h-tk-20102011-108-5"]),
        ("Aanhangsel van de Handelingen, vergaderjaar 2024–2025, nr. 2489", &["ah-tk-20242025-2489"]),
        ("Trb. 2019, 92", &["trb-2019-92"]),
        ("COM(2021) 56 final", &["52021DC0056"]),
        ("ECLI:NL:RVS:2019:1234.", &["ECLI:NL:RVS:2019:1234"]),
        ("Kamerstukken 36 180 en 29 237, nr. 64", &["kst-36180-64"]),
        ("Aanhangsel Handelingen II 2014/15, nr. 1241", &["ah-tk-20142015-1241"]),
    ];
    for (text, expected) in table {
        assert_eq!(ids(text), expected, "{text}");
    }
}

#[test]
fn every_style() {
    let citation = Citation::parse("Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27.").unwrap();
    assert_eq!(citation.leidraad(), "Kamerstukken II 2022/23, 36200 V, nr. 27");
    assert_eq!(citation.parliamentary(), "Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27");
    assert_eq!(
        citation.english(),
        "House of Representatives of the Netherlands, session 2022–2023, 36 200 V, no. 27"
    );
    assert_eq!(citation.url().unwrap(), "https://zoek.officielebekendmakingen.nl/kst-36200-V-27.html");
    let annex = Citation::parse("Bijlage bij Kamerstuk 35 788, nr. 77").unwrap();
    assert!(annex.is_annex());
    assert!(Citation::parse("29 237").is_err() && Citation::parse("").is_err());
}

#[test]
fn pages_belong_to_their_number() {
    let text = "Kamerstukken II 2015-2016, 29 344, nr. 128, p. 2-3; nr. 129, p. 5.";
    let citation = Citation::parse(text).unwrap();
    assert_eq!(citation.leidraad(), "Kamerstukken II 2015/16, 29344, nr. 128, p. 2-3; nr. 129, p. 5");
    assert_eq!(
        citation.parliamentary(),
        "Tweede Kamer, vergaderjaar 2015–2016, 29 344, nr. 128, p. 2-3; nr. 129, p. 5"
    );
    assert!(citation.english().ends_with("29 344, no. 128, p. 2-3; no. 129, p. 5"));
    let parts: Vec<_> = citation.parts().into_iter().map(|p| (p.numbers, p.pages)).collect();
    assert_eq!(parts[1], (vec!["129".to_owned()], Some("5".to_owned())));
    assert_eq!(citation.pages(), None);
    assert_eq!(Citation::parse(&citation.leidraad()).unwrap(), citation);
    // One page of the second, none of the first; and numbers without pages, which are one list.
    let second = Citation::parse("Kamerstukken II 2015/16, 29344, nr. 128; nr. 129, p. 5").unwrap();
    assert_eq!(second.leidraad(), "Kamerstukken II 2015/16, 29344, nr. 128; nr. 129, p. 5");
    let list = Citation::parse("Kamerstuk 29 237, nr. 183 en nr. 184").unwrap();
    assert_eq!(list.parliamentary(), "Kamerstuk 29 237, nrs. 183 en 184");
}

#[test]
fn a_long_range_is_shown_and_not_guessed() {
    let found = find("Kamerstuk 29 237, nrs. 1 - 80.");
    assert_eq!((found.len(), found[0].confidence), (1, kamerstuk::Confidence::Ambiguous));
    assert!(found[0].citation.ids().is_empty() && found[0].notes[0].contains("1-80"));
    assert_eq!(found[0].citation.leidraad(), "Kamerstukken 29237, nrs. 1-80");
    let mixed = find("Kamerstuk 29 237, nrs. 3, 100-199 en 205.");
    assert_eq!(mixed[0].citation.ids(), ["kst-29237-3", "kst-29237-205"]);
    assert_eq!(mixed[0].confidence, kamerstuk::Confidence::Ambiguous);
    assert_eq!(find("Kamerstuk 29 237, nrs. 1-50.")[0].citation.ids().len(), 50);
}

#[test]
fn a_year_behind_a_list_is_no_number() {
    let one = |text: &str| {
        let found = find(text);
        assert_eq!(found.len(), 1, "{text}");
        found[0].citation.ids()
    };
    assert_eq!(one("Kamerstuk 29 237, nrs. 183 en 2022 was beter"), ["kst-29237-183"]);
    assert_eq!(one("Kamerstuk 29 237, nrs. 183, 184 en 2022 was beter").len(), 2);
    assert_eq!(one("Kamerstuk 19 637, nrs. 2021 en 2022 gaan hierover").len(), 2);
    assert_eq!(one("Kamerstuk 29 237, nrs. 183 en 2022.").len(), 2);
}

#[test]
fn sittings_and_questions_behind_their_session_and_lists() {
    for (text, expected) in [
        ("Tweede Kamer, vergaderjaar 2024–2025, Aanhangsel, 2489", vec!["ah-tk-20242025-2489"]),
        (
            "Tweede Kamer, vergaderjaar 2024–2025, Aanhangsel van de Handelingen 2489",
            vec!["ah-tk-20242025-2489"],
        ),
        ("Tweede Kamer, vergaderjaar 2019–2020, Handelingen nr. 9, item 4", vec!["h-tk-20192020-9-4"]),
        ("(Eerste Kamer, vergaderjaar 2019–2020, Handelingen 9, item 4, p. 3)", vec!["h-ek-20192020-9-4"]),
        (
            "Aanhangsel Handelingen II 2014/15, nrs. 1241 en 1242",
            vec!["ah-tk-20142015-1241", "ah-tk-20142015-1242"],
        ),
        (
            "Tweede Kamer, vergaderjaar 2014–2015, Aanhangsel, nrs. 1241, 1242 en 1244",
            vec!["ah-tk-20142015-1241", "ah-tk-20142015-1242", "ah-tk-20142015-1244"],
        ),
        ("Stb. 2000, 495 en 496", vec!["stb-2000-495", "stb-2000-496"]),
        ("Stb. 2000, 495, 496 en 498.", vec!["stb-2000-495", "stb-2000-496", "stb-2000-498"]),
        ("Trb. 1954, 88 en Trb. 1967, 76", vec!["trb-1954-88", "trb-1967-76"]),
        ("Stb. 2000, 495 en 3 leden", vec!["stb-2000-495"]),
        ("Stb. 2000, 495, 12 en 3 leden", vec!["stb-2000-495"]),
        ("Het jaarverslag 2019-2020, Aanhangsel 3", vec![]),
        ("Zie Aanhangsel 3 en Handelingen 4", vec![]),
    ] {
        assert_eq!(ids(text), expected, "{text}");
    }
    let text = "zie Tweede Kamer, vergaderjaar 2024–2025, Aanhangsel, 2489 en verder";
    assert_eq!(&text[find(text)[0].span.clone()], "Tweede Kamer, vergaderjaar 2024–2025, Aanhangsel, 2489");
    assert_eq!(find(text)[0].citation.leidraad(), "Aanhangsel Handelingen II 2024/25, nr. 2489");
}

#[test]
fn spans_are_of_the_text_as_it_was() {
    let text = "é — (Kamerstuk\u{a0}36\u{2009}200\u{a0}V, nr.\n27) en verder";
    let found = find(text);
    assert_eq!(found.len(), 1);
    assert_eq!(&text[found[0].span.clone()], "Kamerstuk\u{a0}36\u{2009}200\u{a0}V, nr.\n27");
}

#[cfg(feature = "metadata")]
#[test]
fn metadata_are_asked_for_and_read() {
    use kamerstuk::{metadata_url, odata_url, read_metadata_xml, sru_url};
    let citation = Citation::parse("Kamerstukken II 2022/23, 36200 V, nr. 27").unwrap();
    assert_eq!(
        metadata_url(&citation).unwrap(),
        "https://zoek.officielebekendmakingen.nl/kst-36200-V-27/metadata.xml"
    );
    assert!(odata_url(&citation).unwrap().contains("Nummer%20eq%2036200"));
    assert!(sru_url(&citation.dossiers()[0], 1, 5000).ends_with("startRecord=1&maximumRecords=1000"));
    let xml = r#"<?xml version="1.0"?><metadata_gegevens><metadata name="OVERHEIDop.dossiertitel" scheme="" content="Strategie &amp; beleid"/><metadata name="DCTERMS.issued" content="2023-05-30"></metadata><metadata name="x"/></metadata_gegevens>"#;
    let metadata = read_metadata_xml(xml).unwrap();
    assert_eq!(metadata.dossier_title.as_deref(), Some("Strategie & beleid"));
    assert_eq!(metadata.issued.as_deref(), Some("2023-05-30"));
    for wrong in ["", "<a>", "<metadata/>", "{}", "<metadata name=\"a\" content=\"&nix;\"/>"] {
        assert!(read_metadata_xml(wrong).is_err(), "{wrong}");
    }
}

#[cfg(all(feature = "metadata", feature = "serde"))]
#[test]
fn answers_of_the_tweede_kamer_are_read() {
    let answer = r#"{"value": [{"Onderwerp": "Afrikastrategie", "Volgnummer": 183, "Datum": "2023-05-30T00:00:00+02:00", "Vergaderjaar": "2022-2023"}]}"#;
    let read = kamerstuk::read_odata(answer).unwrap();
    assert_eq!((read[0].number.as_deref(), read[0].issued.as_deref()), (Some("183"), Some("2023-05-30")));
    assert!(kamerstuk::read_odata("{}").is_err() && kamerstuk::read_odata("").is_err());
    let answer = r#"{"value": [{"DocumentNummer": "2023D02547", "Onderwerp": "Brief", "Datum": "2023-01-24T00:00:00"}]}"#;
    assert_eq!(kamerstuk::read_odata(answer).unwrap()[0].document.as_deref(), Some("2023D02547"));
    for (text, asks) in [
        ("2023D02547", "Document?$filter=DocumentNummer%20eq%20%272023D02547%27"),
        ("2023Z02406", "Zaak?$filter=Nummer%20eq%20%272023Z02406%27"),
        ("Kamerstuk 29 237, nr. 183", "d/Nummer%20eq%2029237%20and%20d/Toevoeging%20eq%20null"),
    ] {
        let url = kamerstuk::odata_url(&Citation::parse(text).unwrap()).unwrap();
        assert!(url.contains(asks), "{url}");
    }
    let document = Citation::parse("2023D02547").unwrap();
    assert_eq!(kamerstuk::metadata_url(&document), None);
    assert_eq!(kamerstuk::odata_url(&Citation::parse("Kamerstukken I 2014/15, 33802, C").unwrap()), None);
    let citation = Citation::parse("Kamerstukken II 2022/23, 29237, nr. 183").unwrap();
    assert_eq!(citation.csl_json()["id"], "kst-29237-183");
}

#[test]
fn a_number_may_stand_before_its_dossier() {
    for (text, id) in [
        ("Zij krijgt nr. 456 (36800-XVI).", "kst-36800-XVI-456"),
        ("Zij krijgt nr. 2905 (19637).", "kst-19637-2905"),
        ("De motie-Piri krijgt nr. 12 (36 410 V).", "kst-36410-V-12"),
        ("Zij krijgt nr. 1740 (21501-32).", "kst-21501-32-1740"),
    ] {
        let found = find(text);
        assert_eq!(ids(text), [id], "{text}");
        assert_eq!(found[0].confidence, kamerstuk::Confidence::Exact);
        assert!(
            text[found[0].span.clone()].starts_with("nr. ") && text[found[0].span.clone()].ends_with(')')
        );
    }
    assert_eq!(ids("De moties krijgen nrs. 7 en 8 (29344)."), ["kst-29344-7", "kst-29344-8"]);
    // Of a number between brackets alone nobody can say what it is.
    assert!(ids("Van onderdeel nr. 5 (12000) is niets bekend").is_empty());
    assert!(ids("Zij krijgt nr. 5 (1234).").is_empty());
    assert!(ids("Zij krijgt nr. 5 (29344 exemplaren).").is_empty());
    // A paper that has its number already keeps it.
    assert_eq!(ids("Kamerstuk 29 237, nr. 183 (36 180)"), ["kst-29237-183"]);
}

#[test]
fn attachments_and_questions_are_known_by_their_identifiers() {
    for id in ["blg-1171234", "kv-tk-2024Z12345", "ah-tk-20242025-2489", "h-tk-20222023-14-11"] {
        for text in [
            id.to_owned(),
            format!("(zie {id})"),
            format!("https://zoek.officielebekendmakingen.nl/{id}.html"),
        ] {
            assert_eq!(ids(&text), [id], "{text}");
        }
    }
    assert!(ids("oblg-12 en kv-tk-2024X12345").is_empty());
    let question = Citation::parse("kv-tk-2024Z12345").unwrap();
    assert_eq!(question.chamber(), Some(kamerstuk::Chamber::Second));
    assert_eq!(question.years().map(|y| y.from), Some(2024));
}

#[test]
fn addresses_of_the_chambers_own_site_are_read() {
    for (address, id) in [
        ("https://www.tweedekamer.nl/kamerstukken/detail?id=2023D02547", "2023D02547"),
        ("https://www.tweedekamer.nl/kamerstukken/moties/detail?id=2023Z02406&did=2023D05012", "2023D05012"),
        (
            "https://www.tweedekamer.nl/kamerstukken/moties/detail?id=2023Z02406&amp;did=2023D05012",
            "2023D05012",
        ),
        ("https://www.tweedekamer.nl/downloads/document?id=2023D02547", "2023D02547"),
        ("https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX%3A32016R0679", "32016R0679"),
    ] {
        assert_eq!(ids(address), [id]);
        assert_eq!(Citation::parse(address).unwrap().ids(), [id], "{address}");
        assert_eq!(ids(&format!("Zie {address} voor meer.")), [id]);
    }
    let dossier = "https://www.tweedekamer.nl/kamerstukken/wetsvoorstellen/detail?dossier=36410-XVI";
    let found = find(dossier);
    assert_eq!(found[0].citation.dossiers()[0].number, 36_410);
    assert_eq!(found[0].citation.dossiers()[0].addition.as_deref(), Some("XVI"));
    // A number that stands in another part of an address is none.
    assert!(ids("https://voorbeeld.nl/?bedrag=2023D02547").is_empty());
}

/// Every kind, in forms that make addresses of their own.
#[test]
fn the_addresses_that_are_printed_are_read_back() {
    let citations = [
        ("Kamerstukken II 2022/23, 36200 V, nr. 27", "Kamerstuk"),
        ("Kamerstukken I 2008/09, 31700 VI, D", "Kamerstuk"),
        ("Kamerstuk 21501-32-1740", "Kamerstuk"),
        ("Kamerstukken II 2022/23, 36 123 (R2170), nr. 3", "Kamerstuk"),
        ("dossier/36410-XVI", "Kamerstuk"),
        ("Kamerstuk 36 410", "Kamerstuk"),
        ("Handelingen II 2022/23, nr. 14, item 11", "Handelingen"),
        ("Handelingen II 2008/09, p. 1234-1240", "Handelingen"),
        ("Handelingen II 2008/09, p. 1234", "Handelingen"),
        ("Handelingen I 2014/15, nr. 3, item 2", "Handelingen"),
        ("Aanhangsel Handelingen II 2014/15, nr. 1241", "Aanhangsel"),
        ("Aanhangsel van de Handelingen, vergaderjaar 2024–2025, nr. 2489", "Aanhangsel"),
        ("Stb. 2024, 12", "Staatsblad"),
        ("Trb. 2019, 92", "Tractatenblad"),
        ("Stcrt. 2023, 4567", "Staatscourant"),
        ("COM(2021) 56 final", "Celex"),
        ("JOIN(2023) 3 final", "Celex"),
        ("32016R0679", "Celex"),
        ("ECLI:NL:RVS:2019:1234", "Ecli"),
        ("ECLI:EU:C:2020:17", "Ecli"),
        ("2023D02547", "Document"),
        ("2023Z02406", "Document"),
        ("blg-1171234", "Bijlage"),
        ("kv-tk-2024Z12345", "Kamervraag"),
    ];
    let mut kinds = std::collections::BTreeSet::new();
    for (text, kind) in citations {
        let citation = Citation::parse(text).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(format!("{:?}", citation.kind()), kind, "{text}");
        kinds.insert(kind);
        let url = citation.url().unwrap_or_else(|| panic!("{text} has an address"));
        let back = Citation::parse(&url).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(back.kind(), citation.kind(), "{url}");
        assert_eq!(back.url().as_deref(), Some(url.as_str()), "{text}");
        assert_eq!(back.ids().first(), citation.ids().first(), "{url}");
        // In running text as well, where it ends a sentence.
        let found = find(&format!("Zie {url}."));
        assert_eq!((found.len(), found[0].citation.url()), (1, Some(url)), "{text}");
    }
    assert_eq!(kinds.len(), 11, "every kind has an address: {kinds:?}");
}

/// The cases of the shared data folder; without it, it says so.
#[test]
fn citations_as_the_chamber_writes_them() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cases/turn-2/15-cite/cites.tsv");
    let Ok(cases) = std::fs::read_to_string(path) else {
        eprintln!("skipped: there is no {path}");
        return;
    };
    let mut count = 0;
    for line in cases.lines().skip(1) {
        let (text, expected) = line.split_once('\t').unwrap();
        assert_eq!(ids(text), [expected], "{text}");
        count += 1;
    }
    assert_eq!(count, 7);
}
