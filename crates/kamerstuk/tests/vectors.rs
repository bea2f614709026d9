//! Vectors, ordinary prose, and text that means harm.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use kamerstuk::{Citation, find};
use proptest::prelude::*;

fn ids(text: &str) -> Vec<String> {
    find(text).iter().flat_map(|f| f.citation.ids()).collect()
}

#[test]
fn the_vectors_are_read() {
    let (mut all, mut wrong) = (0, Vec::new());
    for line in include_str!("vectors.tsv").lines().filter(|l| !l.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let text = fields[0].replace("\\n", "\n");
        let right = match fields[1] {
            "none" => find(&text).is_empty(),
            expected => {
                ids(&text) == expected.split_whitespace().collect::<Vec<_>>() && find(&text).len() == 1
            }
        };
        all += 1;
        if !right {
            wrong.push(format!(
                "{} ({}): expected {}, found {:?}",
                fields[0],
                fields[2],
                fields[1],
                ids(&text)
            ));
        }
    }
    assert!(all >= 300, "{all} vectors");
    // Every vector of our own is right; the acceptance figure is 98 in a hundred.
    assert!(wrong.is_empty(), "{} of {all} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Sentences of official prose, full of numbers that are no citations.
const PROSE: [&str; 24] = [
    "In {y} werden {n} aanvragen ingediend, {s} meer dan in het jaar daarvoor.",
    "De minister heeft de Tweede Kamer op {d} mei {y} over de uitvoering bericht.",
    "Voor {y} is € {n} beschikbaar, waarvan € {m} voor opvang in de regio.",
    "Artikel {d}, tweede lid, van de wet bepaalt dat binnen {d} weken wordt beslist.",
    "Het ministerie is bereikbaar op 070 {s} {q} en per post via postbus {n}.",
    "Van de {n} personen waren er {m} jonger dan {d} jaar.",
    "De Eerste Kamer telt 75 leden en vergaderde in {y} op {d} dagen.",
    "In tabel {d} staan de aantallen per gemeente: {n}, {m} en {n}.",
    "Tussen {y} en {y} daalde het aantal van {n} naar {m}.",
    "De kosten bedroegen {s} miljoen euro, oftewel {d} procent van het totaal.",
    "Volgens paragraaf {d}.{d} van de nota geldt dit voor {n} huishoudens.",
    "De commissie sprak met {d} deskundigen en bezocht {d} locaties.",
    "Het Hof deed op {d} maart {y} uitspraak; het beroep is ongegrond verklaard.",
    "Per 1 januari {y} telde Nederland {d}.{s}.{q} inwoners.",
    "De subsidieregeling loopt van {y} tot en met {y} en heeft een plafond van {n}.",
    "Er zijn {m} vreemdelingen met een lopende procedure, tegen {n} een jaar eerder.",
    "De kamer op nummer {d} van het gebouw is gereserveerd van 12.{d} tot 13.{d} uur.",
    "Zie pagina {s} van het jaarverslag {y} en bijlage {d}.",
    "De onderhandelingen duurden {d} maanden en leverden {s} afspraken op.",
    "Resolutie 2254 ({y}) en verordening (EU) 2016/679 blijven van toepassing.",
    "Het traject van {d} kilometer kostte {n} uur en {m} euro.",
    "In het vergaderjaar {y} zijn {s} moties ingediend, waarvan {d} aangenomen.",
    "Het dossier telt {s} bladzijden en is {d} jaar oud.",
    "Het percentage steeg van {d},{d} naar {d},{d}; de marge is {d} procentpunt.",
];

#[test]
fn a_hundred_thousand_words_of_prose_hold_no_citation() {
    let mut state = 1u64;
    let mut random = |from: u64, to: u64| {
        // A counter through a mixer: the same words on every machine.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        from + (z ^ (z >> 31)) % (to - from)
    };
    let mut text = String::new();
    let mut words = 0;
    while words < 100_000 {
        let mut sentence = PROSE[random(0, PROSE.len() as u64) as usize].to_owned();
        while let Some(at) = sentence.find('{') {
            let made = match &sentence[at + 1..at + 2] {
                "y" => random(1990, 2027).to_string(),
                "n" => format!("{} {:03}", random(10, 99), random(0, 1000)),
                "m" => format!("{}.{:03}", random(10, 99), random(0, 1000)),
                "s" => random(100, 999).to_string(),
                "q" => random(1000, 9999).to_string(),
                _ => random(10, 60).to_string(),
            };
            sentence.replace_range(at..at + 3, &made);
        }
        words += sentence.split_whitespace().count();
        text.push_str(&sentence);
        text.push(if random(0, 6) == 0 { '\n' } else { ' ' });
    }
    let found = find(&text);
    let said: Vec<&str> = found.iter().take(5).map(|f| &text[f.span.clone()]).collect();
    assert!(found.is_empty(), "{} hits, as {said:?}", found.len());
}

#[test]
fn hostile_text_ends() {
    for text in [
        "Kamerstukken II ".repeat(70_000),
        "1".repeat(1_000_000),
        "29 237, ".repeat(100_000),
        "Kamerstuk 29 237, nrs. 1-".to_owned() + &"9".repeat(100_000),
        "Kamerstuk 29 237, nrs. ".to_owned() + &"1, ".repeat(100_000),
        "(".repeat(100_000) + "Kamerstuk 29 237, nr. 3" + &")".repeat(100_000),
        "Kamerstuk 29 237, nrs. 1-99999".to_owned(),
        "\u{ad}".repeat(100_000) + "Kamerstuk 29 237, nr. 3",
        "ecli:".repeat(100_000),
        "com(2021) ".repeat(100_000),
    ] {
        for found in find(&text) {
            assert!(found.citation.numbers().len() <= 600);
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "(Kamerstuk|nr\\.|Tweede Kamer|29 237|36200|V|-|–|,| |\u{a0}|[0-9]{1,5}|II|Stb\\.|\\PC){0,40}") {
        let mut end = 0;
        for found in find(&text) {
            prop_assert!(found.span.start >= end && found.span.end > found.span.start);
            prop_assert!(text.get(found.span.clone()).is_some());
            end = found.span.end;
        }
    }

    #[test]
    fn what_is_written_is_read_again(
        chamber in 0usize..2, year in 1995u16..2030, dossier in 10_000u32..40_000, addition in 0usize..5, number in 1u32..3000
    ) {
        let addition = ["", " V", " XVII", " A", " IIB"][addition];
        let chamber = ["II", "I"][chamber];
        let text = format!("Kamerstukken {chamber} {year}/{:02}, {dossier}{addition}, nr. {number}", (year + 1) % 100);
        let citation = Citation::parse(&text).unwrap();
        prop_assert_eq!(citation.leidraad(), text);
        let again = Citation::parse(&citation.parliamentary()).unwrap();
        prop_assert_eq!(&again, &citation);
        prop_assert_eq!(Citation::parse(&citation.ids()[0]).unwrap().ids(), citation.ids());
    }
}
