//! Manuscripts: a clean report gives no finding, and every seeded fault in it is found.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use wegen_ledger::Ledger;
use wegen_model::{Code, Lang};
use wegen_publication::{
    Answer, Carried, Options, Report, TextCheck,
    manuscript::{Lock, Manuscript, Rule, fix, lint, sarif},
    verify,
};

type Files = BTreeMap<String, String>;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    folder
});

const PLACES: [(&str, &str); 6] = [
    ("Syrië", "Syria"),
    ("Libanon", "Lebanon"),
    ("Turkije", "Türkiye"),
    ("Irak", "Iraq"),
    ("Jordanië", "Jordan"),
    ("Egypte", "Egypt"),
];

/// Three hundred statements in thirty chapters, on eight sources that know nothing of each other.
fn clean() -> Files {
    let mut files = Files::new();
    files.insert(
        "report.toml".into(),
        "id = \"clean\"\ncountry = \"SYR\"\nstatus = \"published\"\ncut-off = \"2026-06-30\"\n[period]\nfrom = \"2024\"\nto = \"2026\"\n[[review]]\nrole = \"reader of another department\"\ndate = \"2026-06-20\"\ncomments = 4\nresolved = 4\n"
            .into(),
    );
    let mut sources = String::new();
    for i in 0..8 {
        sources.push_str(&format!(
            "[[source]]\nid = \"source-{i}\"\ntitle = \"Yearbook {i}\"\nwho = \"Office {i}\"\nwhat = \"Counts\"\nwhy = \"To inform\"\nhow = \"By survey\"\nwhen = \"2026-0{}\"\nurl = \"https://example.org/{i}\"\nlicence = \"CC-BY-4.0\"\n\n",
            1 + i % 6
        ));
    }
    files.insert("sources.toml".into(), sources);
    let (mut nl, mut en, mut definitions) = (String::new(), String::new(), String::new());
    for chapter in 0..30 {
        nl.push_str(&format!(
            "# Hoofdstuk over onderwerp {} <!-- c{chapter}; topic: security -->\n\n",
            letter(chapter)
        ));
        en.push_str(&format!(
            "# Chapter on subject {} <!-- c{chapter}; topic: security -->\n\n",
            letter(chapter)
        ));
        for k in 0..10 {
            let n = chapter * 10 + k;
            let (there, place) = PLACES[n % PLACES.len()];
            let value = 1200 + 7 * n;
            let (dutch, english) = (Lang::Nl.integer(value as i64), Lang::En.integer(value as i64));
            match k % 3 {
                0 => {
                    nl.push_str(&format!(
                        "In {there} telden de bureaus {dutch} gezinnen die op een woning wachten.[^s{n}]\n\n"
                    ));
                    en.push_str(&format!("In {place} the offices counted {english} families who wait for a dwelling.[^s{n}]\n\n"));
                }
                1 => {
                    let call = format!("{{{{ figure(\"idps\", origin=\"SYR\", year={}) }}}}", 2015 + n % 10);
                    nl.push_str(&format!(
                        "UNHCR meldt {call} ontheemden, en het bureau in {there} zag hetzelfde.[^s{n}]\n\n"
                    ));
                    en.push_str(&format!("UNHCR reports {call} displaced people, and the office in {place} saw the same.[^s{n}]\n\n"));
                }
                _ => {
                    nl.push_str(&format!("De scholen in {there} gingen in maart 202{} weer open, meldt het bureau van wijk {}.[^s{n}]\n\n", 4 + n % 2, letter(n)));
                    en.push_str(&format!("The schools in {place} opened again in March 202{}, reports the office of quarter {}.[^s{n}]\n\n", 4 + n % 2, letter(n)));
                }
            }
            let (a, b) = (n % 8, (n + 3) % 8);
            definitions.push_str(&format!("[^s{n}]: reported; time: 2025\n    - source-{a}; p. {}; value: {value}; accessed: 2026-06-01\n    - source-{b}; para {}\n", 1 + n, 2 + n));
        }
    }
    nl.push_str(&format!("# Wat niet bekend is <!-- gaps -->\n\n{{{{ gaps() }}}}\n\n{definitions}"));
    en.push_str("# What is not known <!-- gaps -->\n\n{{ gaps() }}\n");
    files.insert("nl.md".into(), nl);
    files.insert("en.md".into(), en);
    files
}

/// A name without digits: `aa`, `ab`, …
fn letter(n: usize) -> String {
    [n / 26, n % 26].iter().map(|i| char::from(b'a' + *i as u8)).collect()
}

/// Random numbers by their place in the sequence: the same on every machine.
fn random(seed: u64, below: usize) -> usize {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) % below as u64) as usize
}

fn rules(files: &Files) -> Vec<(Rule, Option<String>)> {
    let manuscript = Manuscript::from_files(files.clone()).unwrap();
    lint(&manuscript).into_iter().map(|f| (f.rule, f.statement)).collect()
}

fn edit(files: &mut Files, name: &str, from: &str, to: &str) {
    let text = files.get_mut(name).unwrap();
    assert!(text.contains(from), "{name}: {from}");
    *text = text.replacen(from, to, 1);
}

/// The line of a statement's prose.
fn line(files: &Files, name: &str, id: &str) -> String {
    let mark = format!("[^{id}]");
    files[name].lines().find(|l| l.contains(&mark) && !l.starts_with("[^")).unwrap().to_owned()
}

#[test]
fn a_clean_report_gives_no_finding() {
    let files = clean();
    assert_eq!(rules(&files), []);
    let manuscript = Manuscript::from_files(files).unwrap();
    assert_eq!(manuscript.texts[&Lang::Nl].statements().count(), 300);
    assert!(fix(&manuscript, &lint(&manuscript)).files.is_empty());
}

#[test]
fn the_page_and_the_built_in_report_are_clean() {
    for files in [page(), Manuscript::built_in(Code::new("SYR").unwrap()).files] {
        assert_eq!(rules(&files), []);
    }
    let page = Manuscript::from_files(page()).unwrap();
    let ids = |lang| page.texts[&lang].statements().map(|(_, s)| s.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(Lang::Nl), (1..=14).map(|n| format!("p{n}")).collect::<Vec<_>>());
    assert_eq!(ids(Lang::Nl), ids(Lang::En));
}

fn page() -> Files {
    let files = [
        ("report.toml", include_str!("../../../reports/staat-van-migratie-2023/report.toml")),
        ("sources.toml", include_str!("../../../reports/staat-van-migratie-2023/sources.toml")),
        ("nl.md", include_str!("../../../reports/staat-van-migratie-2023/nl.md")),
        ("en.md", include_str!("../../../reports/staat-van-migratie-2023/en.md")),
    ];
    files.map(|(name, text)| (name.to_owned(), text.to_owned())).into()
}

/// A fault in the manuscript: its name, what it does, and the rules of which one must find it.
type Fault = (&'static str, fn(&mut Files, u64), &'static [Rule]);

const FAULTS: [Fault; 12] = [
    (
        "a changed number",
        |f, seed| {
            let n = random(seed, 30) * 10 + [0, 3, 6, 9][random(seed + 7, 4)];
            let text = Lang::En.integer((1200 + 7 * n) as i64);
            let other = Lang::En.integer((1201 + 7 * n) as i64);
            edit(f, "en.md", &text, &other);
        },
        &[Rule::S13, Rule::N1],
    ),
    (
        "a number that stands on nothing, in both languages",
        |f, seed| {
            let n = random(seed, 30) * 10 + 3 * random(seed + 7, 4);
            for (name, lang) in [("en.md", Lang::En), ("nl.md", Lang::Nl)] {
                edit(f, name, &lang.integer((1200 + 7 * n) as i64), &lang.integer((90_001 + 7 * n) as i64));
            }
        },
        &[Rule::N1],
    ),
    (
        "a removed source",
        |f, seed| {
            let i = random(seed, 8);
            let sources = f["sources.toml"]
                .split("[[source]]")
                .filter(|s| !s.contains(&format!("\"source-{i}\"")))
                .collect::<Vec<_>>()
                .join("[[source]]");
            f.insert("sources.toml".into(), sources);
        },
        &[Rule::M1],
    ),
    (
        "a verdict",
        |f, seed| {
            let id = format!("[^s{}]", random(seed, 300));
            let (name, words) = [
                ("en.md", " Homs is safe."),
                ("nl.md", " Homs is veilig."),
                ("en.md", " Refugees can return."),
                ("nl.md", " Terugkeer is mogelijk."),
            ][random(seed + 7, 4)];
            edit(f, name, &id, &format!("{words}{id}"));
        },
        &[Rule::S12],
    ),
    (
        "a fact after the cut-off",
        |f, seed| {
            let n = random(seed, 300);
            edit(
                f,
                "nl.md",
                &format!("[^s{n}]: reported; time: 2025"),
                &format!("[^s{n}]: reported; time: 2026-0{}", 7 + random(seed + 7, 3)),
            );
        },
        &[Rule::S4],
    ),
    (
        "evidence after the cut-off",
        |f, seed| {
            let n = random(seed, 300);
            edit(f, "nl.md", &format!("; para {}\n", 2 + n), &format!("; para {}; date: 2026-08\n", 2 + n));
        },
        &[Rule::S4],
    ),
    (
        "a swapped translation",
        |f, seed| {
            // Two statements of one chapter and one form.
            let n = random(seed, 30) * 10 + random(seed + 7, 3);
            let (a, b) = (format!("s{n}"), format!("s{}", n + 3));
            let (x, y) = (line(f, "en.md", &a), line(f, "en.md", &b));
            let words = |l: &str| l.split("[^").next().unwrap().to_owned();
            edit(f, "en.md", &x, &format!("{}[^{a}]", words(&y)));
            let text = f["en.md"].replacen(&y, &format!("{}[^{b}]", words(&x)), 2);
            f.insert("en.md".into(), text);
        },
        &[Rule::S13],
    ),
    (
        "a removed piece of evidence",
        |f, seed| {
            let n = random(seed, 30) * 10 + [0, 2, 3, 5, 6, 8, 9][random(seed + 7, 7)];
            let text: Vec<&str> = f["nl.md"].lines().collect();
            let at = text.iter().position(|l| l.starts_with(&format!("[^s{n}]:"))).unwrap();
            let kept: Vec<&str> =
                text.iter().enumerate().filter(|(i, _)| *i != at + 1).map(|(_, l)| *l).collect();
            let text = kept.join("\n");
            f.insert("nl.md".into(), text);
        },
        &[Rule::S3, Rule::N1],
    ),
    (
        "circular sourcing",
        |f, seed| {
            let i = random(seed, 7);
            edit(
                f,
                "sources.toml",
                &format!("id = \"source-{i}\"\n"),
                &format!("id = \"source-{i}\"\nderives-from = [\"source-{}\"]\n", i + 1),
            );
            edit(
                f,
                "sources.toml",
                &format!("id = \"source-{}\"\n", i + 1),
                &format!("id = \"source-{}\"\nderives-from = [\"source-{i}\"]\n", i + 1),
            );
        },
        &[Rule::C1],
    ),
    (
        "a word that stigmatises",
        |f, seed| {
            let id = format!("[^s{}]", random(seed, 300));
            let (name, words) = [
                ("en.md", " A wave of refugees."),
                ("nl.md", " Een golf van vluchtelingen."),
                ("en.md", " Illegal migrants."),
                ("nl.md", " Illegalen."),
            ][random(seed + 7, 4)];
            edit(f, name, &id, &format!("{words}{id}"));
        },
        &[Rule::R14],
    ),
    (
        "a statement left out of one language",
        |f, seed| {
            let id = format!("s{}", random(seed, 300));
            let text = line(f, "en.md", &id);
            edit(f, "en.md", &text, "");
        },
        &[Rule::S13],
    ),
    (
        "a published sentence in other words",
        |f, seed| {
            let lock = Lock::of(&Manuscript::from_files(f.clone()).unwrap()).to_toml();
            f.insert("paragraphs.lock".into(), lock);
            let n = random(seed, 30) * 10 + 2 + 3 * random(seed + 7, 2);
            let text = line(f, "nl.md", &format!("s{n}"));
            edit(f, "nl.md", &text, &text.replace("gingen", "bleven"));
        },
        &[Rule::S14],
    ),
];

#[test]
fn every_seeded_fault_in_the_text_is_found() {
    let clean = clean();
    let mut faults = 0;
    for seed in 0..180u64 {
        let (name, make, rules_of) = &FAULTS[seed as usize % FAULTS.len()];
        let mut files = clean.clone();
        make(&mut files, seed * 1000);
        assert_ne!(files, clean, "{name}: seed {seed} changes nothing");
        let found = rules(&files);
        assert!(
            found.iter().any(|(rule, _)| rules_of.contains(rule)),
            "{name}: seed {seed} is not found; {found:?}"
        );
        faults += 1;
    }
    assert_eq!(faults, 180);
}

fn built(pdf: bool) -> (Ledger, Report) {
    let ledger = Ledger::open(&FOLDER).unwrap();
    let manuscript = Manuscript::from_files(page()).unwrap();
    let edition = ledger.edition(manuscript.settings.cut_off).unwrap();
    let options =
        Options { country: manuscript.settings.country, lang: Lang::Nl, manuscript: Some(manuscript), pdf };
    let report = Report::build(ledger.evidence(&edition), &options).unwrap();
    (ledger, report)
}

#[test]
fn every_seeded_fault_in_what_is_published_is_found() {
    let (ledger, report) = built(true);
    let files =
        [report.pdf.clone().unwrap(), report.html.clone().into_bytes(), report.data["claims.json"].clone()];
    for bytes in &files {
        let whole = verify(&Carried::of("x", bytes.clone()).unwrap(), &ledger).unwrap();
        assert!(whole.is_confirmed());
        assert!(whole.claims.iter().all(|c| c.answer == Answer::Confirmed));
    }
    for seed in 0..24u64 {
        let mut bytes = files[seed as usize % files.len()].clone();
        let at = random(seed, bytes.len());
        bytes[at] ^= 1 << random(seed + 50, 7);
        // What cannot be read any more is found as well.
        let sound = Carried::of("x", bytes).is_ok_and(|c| verify(&c, &ledger).unwrap().is_confirmed());
        assert!(!sound, "seed {seed}: byte {at}");
    }
}

#[test]
fn a_pdf_is_read_in_the_order_in_which_it_was_written() {
    let (_, report) = built(true);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    std::fs::write(&path, report.pdf.unwrap()).unwrap();
    // Poppler prints the tagged structure with its text.
    let Ok(output) = std::process::Command::new("pdfinfo").arg("-struct-text").arg(&path).output() else {
        eprintln!("skipped: pdfinfo (poppler-utils) is not installed");
        return;
    };
    let tree = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut at = 0;
    let mut follows = |what: &str| {
        let found = tree[at..].find(what).unwrap_or_else(|| panic!("`{what}` does not follow"));
        at += found + what.len();
    };
    follows("Terugkeer en samenwerking");
    follows("H1 \"1  Wat dit rapport is\"");
    follows("H1 \"3  Terugkeer\"");
    for number in ["3.0.1", "3.0.2", "3.0.3", "3.0.4", "3.0.5"] {
        follows(&format!("\"{number}  \""));
        // Each statement's evidence is a note behind it, before the next.
        follows("Note");
    }
    follows("H1 \"4  Samenwerking met partnerlanden\"");
    follows("H2 \"4.1  Migratiepartnerschappen\"");
    for number in ["4.1.1", "4.1.2", "4.1.3"] {
        follows(&format!("\"{number}  \""));
    }
    follows("H1 \"5  Wat niet bekend is\"");
    follows("H1 \"6  Bronnen\"");
}

#[test]
fn an_altered_paragraph_and_an_altered_claim_are_named() {
    let (ledger, report) = built(false);
    let html = report.html.replacen("diplomatieke en andere", "militaire en andere", 1);
    let found = verify(&Carried::of("x", html.into_bytes()).unwrap(), &ledger).unwrap();
    assert_eq!(found.text, TextCheck::Altered { places: vec!["paragraph 3.0.3".into()] });
    let claims = String::from_utf8(report.data["claims.json"].clone()).unwrap();
    let at = claims.find("\"value\": 55310").unwrap();
    let other = format!("{}\"value\": 55311{}", &claims[..at], &claims[at + 14..]);
    let found = verify(&Carried::of("x", other.into_bytes()).unwrap(), &ledger).unwrap();
    assert_eq!(found.counts()[3], 1);
    let empty = tempfile::tempdir().unwrap();
    let nothing = Ledger::open(empty.path()).unwrap();
    let found = verify(&Carried::of("x", report.html.into_bytes()).unwrap(), &nothing).unwrap();
    assert_eq!(found.counts()[2], found.claims.len());
    assert!(matches!(found.text, TextCheck::NotChecked { .. }));
}

#[test]
fn files_without_claims_are_told() {
    for bytes in [
        &b""[..],
        b"%PDF-1.7\n%%EOF",
        b"<html></html>",
        b"{}",
        b"{\"claims\": []}",
        b"\xff\xfe",
        b"%PDF-1.7\n1 0 obj\n<</Type/EmbeddedFile>>stream\n",
    ] {
        assert!(Carried::of("x", bytes.to_vec()).is_err());
    }
}

#[test]
fn fixes_put_the_labels_that_warnings_ask_for() {
    let mut files = clean();
    edit(&mut files, "nl.md", "    - source-3; para 2\n", "");
    let manuscript = Manuscript::from_files(files.clone()).unwrap();
    let findings = lint(&manuscript);
    assert_eq!(findings.len(), 1, "{findings:?}");
    files.extend(fix(&manuscript, &findings).files);
    assert!(files["nl.md"].contains("[^s0]: reported; time: 2025; single-source: yes\n"));
    assert_eq!(rules(&files), []);
}

#[test]
fn findings_are_told_as_sarif() {
    let mut files = clean();
    edit(&mut files, "en.md", "[^s5]", " Homs is safe.[^s5]");
    let findings = lint(&Manuscript::from_files(files).unwrap());
    let sarif = sarif(&findings, "reports/x");
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("S12"), Some("error")));
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "reports/x/en.md");
    assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64() > Some(1));
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], "S12");
}

#[test]
fn numbers_of_published_paragraphs_are_for_ever() {
    let mut files = clean();
    let before = Manuscript::from_files(files.clone()).unwrap().numbers();
    assert_eq!((before["s0"].as_str(), before["s12"].as_str()), ("1.0.1", "2.0.3"));
    let lock = Lock::of(&Manuscript::from_files(files.clone()).unwrap());
    files.insert("paragraphs.lock".into(), lock.to_toml());
    // A new paragraph between, one at the end of a chapter, and one taken out.
    for name in ["nl.md", "en.md"] {
        edit(&mut files, name, "[^s0]\n", "[^s0]\n\nNieuw, new.[^new]\n");
        edit(&mut files, name, "[^s9]\n", "[^s9]\n\nLast, laatste.[^last]\n");
        let gone = line(&files, name, "s4");
        edit(&mut files, name, &gone, "");
    }
    let after = Manuscript::from_files(files.clone()).unwrap().numbers();
    assert_eq!((after["new"].as_str(), after["last"].as_str()), ("1.0.1a", "1.0.11"));
    for (id, number) in before.iter().filter(|(id, _)| *id != "s4") {
        assert_eq!(&after[id], number);
    }
    assert!(rules(&files).iter().any(|(rule, id)| *rule == Rule::S14 && id.as_deref() == Some("s4")));
    // With a correction the change is told, and the address stays.
    edit(
        &mut files,
        "report.toml",
        "[[review]]",
        "[[correction]]\nstatement = \"s4\"\ndate = \"2026-06-29\"\nnl = \"Vervallen.\"\nen = \"Withdrawn.\"\n[[review]]",
    );
    assert!(!rules(&files).iter().any(|(rule, _)| *rule == Rule::S14));
    // Its address still leads somewhere in what is published: the chapter of changes tells why it went.
    for name in ["nl.md", "en.md"] {
        edit(
            &mut files,
            name,
            "{{ gaps() }}\n",
            "{{ gaps() }}\n\n# W <!-- changes; editorial -->\n\n{{ changes() }}\n",
        );
    }
    let manuscript = Manuscript::from_files(files.clone()).unwrap();
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    let options = Options {
        country: Code::new("SYR").unwrap(),
        lang: Lang::En,
        manuscript: Some(manuscript),
        pdf: false,
    };
    let html = Report::build(ledger.evidence(&edition), &options).unwrap().html;
    let gone = html.split(&format!("id=\"p{}\"", before["s4"])).nth(1).unwrap();
    assert!(gone[..400].contains("has been withdrawn") && gone[..600].contains("Corrected on 29 June 2026"));
    assert!(html.contains(&format!("id=\"p{}\"", before["s5"])));
    let again = Lock::of(&Manuscript::from_files(files).unwrap());
    assert_eq!(again.paragraphs.len(), lock.paragraphs.len() + 2);
    assert!(again.paragraphs.iter().any(|p| p.number == before["s4"]));
}

#[test]
fn confidential_sources_say_no_more_than_a_role() {
    let canary = "Kanarievogel";
    let secret = format!(
        "[[source]]\nid = \"talk\"\nkind = \"oral\"\nconfidentiality = \"confidential\"\nrole = \"aid worker\"\nregion = \"north-west\"\nmonth = \"2026-05\"\ncell = 40\nphone = \"{canary}\"\n"
    );
    let mut files = clean();
    files.get_mut("sources.toml").unwrap().push_str(&secret);
    edit(&mut files, "nl.md", "    - source-3; para 2\n", "    - source-3; para 2\n    - talk\n");
    let manuscript = Manuscript::from_files(files.clone()).unwrap();
    let findings = lint(&manuscript);
    assert!(findings.iter().any(|f| f.rule == Rule::S8 && f.message.contains("phone")));
    assert!(
        !format!("{findings:?}").contains(canary) && !manuscript.kept().values().any(|t| t.contains(canary))
    );
    // A name as a role, and a description that fits few.
    for (from, to) in [
        ("aid worker", "Jan Jansen"),
        ("cell = 40", "cell = 3"),
        ("role = \"aid worker\"\n", "role = \"aid worker\"\nwho = \"An office\"\n"),
    ] {
        let mut files = files.clone();
        edit(&mut files, "sources.toml", &format!("phone = \"{canary}\"\n"), "");
        assert!(!rules(&files).iter().any(|(rule, _)| *rule == Rule::S8));
        edit(&mut files, "sources.toml", from, to);
        assert!(rules(&files).iter().any(|(rule, _)| *rule == Rule::S8), "{to}");
    }
}

/// A ninth source, which no statement rests on.
fn another(files: &mut Files, more: &str) {
    files.get_mut("sources.toml").unwrap().push_str(&format!(
        "[[source]]\nid = \"another\"\ntitle = \"Report\"\nwho = \"Body\"\nwhat = \"Visits\"\nwhy = \"To inform\"\nhow = \"On site\"\nwhen = \"2026-02\"\nurl = \"https://example.org/x\"\nlicence = \"unknown\"\n{more}\n"
    ));
}

fn found(files: &Files, rule: Rule, statement: Option<&str>) -> bool {
    rules(files).iter().any(|(r, s)| *r == rule && s.as_deref() == statement)
}

#[test]
fn contradictions_must_stand_in_the_text() {
    let mut files = clean();
    another(&mut files, "");
    edit(
        &mut files,
        "nl.md",
        "    - source-3; para 2\n",
        "    - source-3; para 2\n    - contradicts: another; p. 9\n",
    );
    assert!(found(&files, Rule::S7, Some("s0")));
    // Shown by a citation in each language, it is told as reported; as a fact it cannot stand.
    for name in ["nl.md", "en.md"] {
        edit(&mut files, name, ".[^s0]", ", wat {{ cite(\"another\") }} that.[^s0]");
    }
    assert!(!found(&files, Rule::S7, Some("s0")));
    edit(&mut files, "nl.md", "[^s0]: reported", "[^s0]: fact");
    assert!(found(&files, Rule::S7, Some("s0")));
}

#[test]
fn each_further_rule_finds_its_fault() {
    type Break = fn(&mut Files);
    let faults: [(Rule, Option<&str>, Break); 12] = [
        (Rule::S1, None, |f| edit(f, "en.md", "[^s3]\n", "[^s3] And more than that.\n")),
        (Rule::S1, Some("new"), |f| {
            for name in ["nl.md", "en.md"] {
                edit(f, name, "[^s3]\n", "[^s3]\n\nOntbreekt, missing.[^new]\n");
            }
        }),
        (Rule::S2, None, |f| edit(f, "sources.toml", "how = \"By survey\"\n", "")),
        (Rule::S3, Some("s0"), |f| {
            // Two sources with one root are one.
            edit(
                f,
                "sources.toml",
                "id = \"source-0\"\n",
                "id = \"source-0\"\nderives-from = [\"source-3\"]\n",
            );
        }),
        (Rule::S5, Some("s0"), |f| {
            edit(
                f,
                "nl.md",
                "    - source-0; p. 1; value: 1200; accessed: 2026-06-01\n    - source-3; para 2",
                "    - source-0; p. 1; value: 1200; date: 2024-01\n    - source-3; para 2; date: 2024-02",
            );
        }),
        (Rule::S6, Some("s0"), |f| {
            another(f, "kind = \"country-report\"\n");
            edit(
                f,
                "sources.toml",
                "id = \"source-0\"\n",
                "id = \"source-0\"\nkind = \"country-report\"\nderives-from = [\"another\"]\n",
            );
        }),
        (Rule::S9, Some("s0"), |f| {
            edit(f, "nl.md", "p. 1; value: 1200", "p. 1; value: 1200; \"Twelve hundred.\"")
        }),
        (Rule::S9, Some("s0"), |f| edit(f, "nl.md", "[^s0]: reported", "[^s0]: quote")),
        (Rule::S10, None, |f| {
            for i in 1..8 {
                edit(
                    f,
                    "sources.toml",
                    &format!("id = \"source-{i}\"\n"),
                    &format!("id = \"source-{i}\"\nderives-from = [\"source-0\"]\n"),
                );
            }
        }),
        (Rule::S11, None, |f| edit(f, "report.toml", "resolved = 4", "resolved = 3")),
        (Rule::G1, None, |f| edit(f, "en.md", "{{ gaps() }}", "")),
        (Rule::F1, None, |f| edit(f, "en.md", "origin=\"SYR\"", "orign=\"SYR\"")),
    ];
    for (rule, statement, make) in faults {
        let mut files = clean();
        make(&mut files);
        assert!(found(&files, rule, statement), "{rule:?} {statement:?}: {:?}", rules(&files));
    }
    let mut unreviewed = clean();
    edit(
        &mut unreviewed,
        "report.toml",
        "[[review]]\nrole = \"reader of another department\"\ndate = \"2026-06-20\"\ncomments = 4\nresolved = 4\n",
        "",
    );
    assert!(found(&unreviewed, Rule::S11, None));
    edit(&mut unreviewed, "report.toml", "published", "draft");
    assert!(!found(&unreviewed, Rule::S11, None));
}

#[test]
fn what_an_author_answers_for_is_no_finding_and_is_told() {
    let mut files = page();
    edit(&mut files, "report.toml", "[[accept]]\nrule = \"S10\"", "[[accept]]\nrule = \"S99\"");
    let found = rules(&files);
    assert!(found.iter().any(|f| f.0 == Rule::S10) && found.iter().any(|f| f.0 == Rule::M1));
    let (_, report) = built(false);
    assert!(report.html.contains("Regel S10 is niet gehaald") && report.html.contains("Herfindahl"));
    // The question that nothing answers stands among the gaps, and the papers in the style of their readers.
    assert!(report.html.contains("Op deze vraag is geen informatie gevonden"));
    assert!(report.html.contains("Kamerstukken II 2022/23, 36200 V, nr. 27"));
    assert!(report.html.contains("https://zoek.officielebekendmakingen.nl/kst-29237-183.html"));
}

#[test]
fn broken_settings_name_their_line() {
    for (file, text, says) in [
        ("report.toml", "id = \"x\"\ncountry = \"SYR\"\nstatus = \"ready\"\n", "report.toml:3"),
        ("report.toml", "id = \"x\"\n", "country"),
        ("sources.toml", "[[source]]\nid = 3\n", "sources.toml:2"),
    ] {
        let mut files = clean();
        files.insert(file.into(), text.into());
        let error = Manuscript::from_files(files).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(Manuscript::from_files(Files::new()).is_err());
}

/// Two statements on security, published with their numbers.
fn small() -> Files {
    let mut sources = String::new();
    for id in ["a", "b"] {
        sources.push_str(&format!(
            "[[source]]\nid = \"{id}\"\ntitle = \"Title {id}\"\nwho = \"Office {id}\"\nwhat = \"Counts\"\nwhy = \"To inform\"\nhow = \"By survey\"\nwhen = \"2026-01\"\nurl = \"https://example.org/{id}\"\nlicence = \"unknown\"\n\n"
        ));
    }
    let settings = "id = \"small\"\ncountry = \"SYR\"\nstatus = \"published\"\ncut-off = \"2026-06-30\"\n[[review]]\nrole = \"peer\"\ndate = \"2026-06-01\"\n[[accept]]\nrule = \"S10\"\nnl = \"Kort.\"\nen = \"Short.\"\n";
    let text = |a: &str, b: &str| {
        format!(
            "# A <!-- a; topic: security -->\n\n{a}[^s]\n\n{b}[^u]\n\n# G <!-- gaps -->\n\n{{{{ gaps() }}}}\n\n# C <!-- changes; editorial -->\n\n{{{{ changes() }}}}\n\n"
        )
    };
    let definitions =
        "[^s]: reported\n    - a; p. 1\n    - b; p. 2\n[^u]: reported\n    - a; p. 1\n    - b; p. 2\n";
    [
        ("report.toml", settings.to_owned()),
        ("sources.toml", sources),
        ("nl.md", text("Er werd geschoten.", "Er was brand.") + definitions),
        ("en.md", text("There was shooting.", "There was a fire.")),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into()
}

/// What a publication leaves behind.
fn publish(files: &mut Files) {
    let lock = Lock::of(&Manuscript::from_files(files.clone()).unwrap()).to_toml();
    files.insert("paragraphs.lock".into(), lock);
}

fn correct(files: &mut Files, statement: &str, words: &str) {
    files.get_mut("report.toml").unwrap().push_str(&format!(
        "[[correction]]\nstatement = \"{statement}\"\ndate = \"2026-07-01\"\nnl = \"{words}\"\nen = \"{words}\"\n"
    ));
}

#[test]
fn each_change_of_what_was_published_needs_a_correction_of_its_own() {
    let s14 = |files: &Files| found(files, Rule::S14, Some("s"));
    let change = |files: &mut Files, from: &str, to: &str| edit(files, "nl.md", from, to);
    let mut files = small();
    assert_eq!(rules(&files), []);
    publish(&mut files);
    assert_eq!(rules(&files), []);
    change(&mut files, "geschoten", "gebombardeerd");
    assert!(s14(&files));
    correct(&mut files, "s", "Woord hersteld.");
    assert!(!s14(&files));
    publish(&mut files);
    assert_eq!(rules(&files), []);
    // The correction that was published does not answer for what comes after it.
    let second = |from: &str, to: &str| {
        let mut files = files.clone();
        change(&mut files, from, to);
        assert!(s14(&files), "{from} → {to}");
        correct(&mut files, "s", "Nog een woord hersteld.");
        assert!(!s14(&files), "{from} → {to}");
    };
    second("gebombardeerd", "gelachen");
    second("[^s]: reported", "[^s]: fact");
    second("    - a; p. 1\n    - b; p. 2\n[^u]", "    - a; p. 99\n    - b; p. 2\n[^u]");
    second("    - b; p. 2\n[^u]", "    - b; p. 2\n    - context: a; p. 5\n[^u]");
    // Nor may it go, or be written anew.
    let mut gone = files.clone();
    edit(&mut gone, "report.toml", "nl = \"Woord hersteld.\"", "nl = \"Ander woord.\"");
    assert!(rules(&gone).iter().any(|(rule, _)| *rule == Rule::S14));
    // Without the numbers that were given out nothing is known.
    files.remove("paragraphs.lock");
    assert!(rules(&files).iter().any(|(rule, _)| *rule == Rule::S14));
}

#[test]
fn a_lock_of_before_corrections_were_kept_is_read() {
    let mut files = small();
    publish(&mut files);
    let old: String = files["paragraphs.lock"]
        .lines()
        .filter(|l| !l.starts_with("correction"))
        .map(|l| match l.split_once(", evidence").or_else(|| l.split_once("evidence")) {
            // Of a statement: its words in both languages, as locks held them.
            Some(_) => {
                let hash = |lang: &str| l.split(&format!("{lang} = \"")).nth(1).unwrap()[..16].to_owned();
                let id = l.split(' ').next().unwrap();
                format!("{id} = {{ en = \"{}\", nl = \"{}\" }}\n", hash("en"), hash("nl"))
            }
            None => format!("{l}\n"),
        })
        .collect();
    assert!(!old.contains("kind") && !old.contains("correction"));
    files.insert("paragraphs.lock".into(), old);
    assert_eq!(rules(&files), []);
    edit(&mut files, "nl.md", "geschoten", "gebombardeerd");
    assert!(found(&files, Rule::S14, Some("s")));
    correct(&mut files, "s", "Woord hersteld.");
    assert!(!found(&files, Rule::S14, Some("s")));
}

/// A third source, of whom nobody may learn anything.
fn talk(files: &mut Files, more: &str, evidence: &str) {
    files.get_mut("sources.toml").unwrap().push_str(&format!(
        "[[source]]\nid = \"example-person\"\nkind = \"oral\"\nconfidentiality = \"confidential\"\nrole = \"aid worker\"\nregion = \"north-west\"\nmonth = \"2026-05\"\ncell = 40\n{more}"
    ));
    edit(
        files,
        "nl.md",
        "    - b; p. 2\n[^u]",
        &format!("    - b; p. 2\n    - example-person{evidence}\n[^u]"),
    );
}

#[test]
fn what_would_tell_who_spoke_is_refused_and_never_shown() {
    let canary = "Kanarievogel";
    for (more, evidence) in [
        ("what = \"Kanarievogel\"\n", ""),
        ("why = \"Kanarievogel\"\n", ""),
        ("how = \"Kanarievogel\"\n", ""),
        ("when = \"2026-05-14\"\n", ""),
        ("licence = \"Kanarievogel\"\n", ""),
        ("language = \"ar\"\n", ""),
        ("accessed = \"2026-05-14\"\n", ""),
        ("derives-from = [\"a\"]\n", ""),
        ("party-to-conflict = true\n", ""),
        ("\"Kanarievogel Person\" = 1\n", ""),
        ("", "; https://example.org/Kanarievogel"),
        ("", "; p. Kanarievogel"),
        ("", "; #Kanarievogel"),
        ("", "; \"Kanarievogel\""),
        ("", "; translation: Kanarievogel"),
        ("", "; date: 2026-01-14"),
        ("", "; accessed: 2026-01-14"),
        ("", "; checked: 2026-01-14"),
        ("", "; archive: https://web.archive.org/web/2026/https://example.org/Kanarievogel"),
        // What cannot be read is named and not shown.
        ("", "; date: Kanarievogel"),
        ("", "; page Kanarievogel"),
    ] {
        let mut files = small();
        talk(&mut files, more, evidence);
        let manuscript = Manuscript::from_files(files).unwrap();
        let findings = lint(&manuscript);
        let unread = evidence.contains("page") || evidence.ends_with("date: Kanarievogel");
        let rule = if unread { Rule::M1 } else { Rule::S8 };
        assert!(findings.iter().any(|f| f.rule == rule), "{more}{evidence}: {findings:?}");
        let told = format!("{findings:?}{}", sarif(&findings, "x"));
        for secret in [canary, "2026-01-14", "2026-05-14", "example-person"] {
            assert!(!told.contains(secret), "{more}{evidence}: {told}");
            assert!(!manuscript.kept().values().any(|t| t.contains(secret)), "{more}{evidence}: kept");
        }
    }
    // Its id in a remark of the text would be published with it.
    let mut files = small();
    talk(&mut files, "", "");
    assert_eq!(rules(&files), []);
    edit(&mut files, "en.md", "# G <!--", "{# ask example-person #}\n\n# G <!--");
    assert!(rules(&files).iter().any(|(rule, _)| *rule == Rule::S8));
}

#[test]
fn a_confidential_source_has_a_neutral_id_in_what_is_published() {
    let mut files = small();
    talk(&mut files, "", "; value: 3; date: 2026-05");
    for name in ["nl.md", "en.md"] {
        edit(&mut files, name, "[^u]", " {{ cite(\"example-person\") }}.[^u]");
    }
    publish(&mut files);
    assert!(!files["paragraphs.lock"].contains("example-person"));
    let manuscript = Manuscript::from_files(files).unwrap();
    assert_eq!(lint(&manuscript), []);
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(manuscript.settings.cut_off).unwrap();
    let public = manuscript.published().unwrap();
    assert_eq!(public.published().unwrap().files, public.files);
    assert_eq!(lint(&public), []);
    for lang in Lang::ALL {
        let options = Options {
            country: manuscript.settings.country,
            lang,
            manuscript: Some(public.clone()),
            pdf: false,
        };
        let report = Report::build(ledger.evidence(&edition), &options).unwrap();
        let claims = String::from_utf8(report.data["claims.json"].clone()).unwrap();
        for text in [&report.html, &claims] {
            assert!(!text.contains("example-person") && text.contains("confidential-1"));
        }
        assert!(report.html.contains("aid worker, north-west"));
        // Made again from what it carries, it is the same.
        let found = verify(&Carried::of("x", claims.into_bytes()).unwrap(), &ledger).unwrap();
        assert!(found.is_confirmed(), "{:?}", found.text);
    }
}

#[test]
fn a_carried_manuscript_that_is_made_to_hang_or_to_overflow_is_answered() {
    let (ledger, report) = built(false);
    let claims: serde_json::Value = serde_json::from_slice(&report.data["claims.json"]).unwrap();
    let loops = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}";
    for text in
        [loops.to_owned(), "> ".repeat(20_000), format!("# A <!-- a -->\n\n{}x", "> - ".repeat(5_000))]
    {
        let mut hostile = claims.clone();
        hostile["manuscript"]["nl.md"] = text.into();
        let carried = Carried::of("x", hostile.to_string().into_bytes()).unwrap();
        let TextCheck::Altered { places } = verify(&carried, &ledger).unwrap().text else {
            panic!("not altered")
        };
        assert!(places[0].contains("steps") || places[0].contains("levels deep"), "{places:?}");
    }
}

#[test]
fn of_a_data_folder_every_file_is_verified() {
    let (ledger, report) = built(false);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let write = || report.write(folder.path()).unwrap();
    let text = |path: &std::path::Path| verify(&Carried::read(path).unwrap(), &ledger).unwrap().text;
    write();
    assert_eq!((text(folder.path()), text(&data)), (TextCheck::Same, TextCheck::Same));
    let csv = report.data.keys().find(|name| name.ends_with(".csv")).unwrap().clone();
    let altered = |says: &str| {
        for path in [folder.path(), &data] {
            let TextCheck::Altered { places } = text(path) else { panic!("{says}") };
            assert!(places.iter().any(|p| p.contains(says)), "{places:?}");
        }
    };
    let row = String::from_utf8(report.data[&csv].clone()).unwrap();
    std::fs::write(data.join(&csv), row.replacen(",true", ",false", 1)).unwrap();
    altered(&csv);
    std::fs::remove_file(data.join(&csv)).unwrap();
    altered("which is not there");
    write();
    std::fs::write(data.join("more.csv"), "a\n").unwrap();
    altered("more.csv, which is no part of the report");
    // A single file is verified alone.
    assert_eq!(text(&data.join("claims.json")), TextCheck::Same);
}

#[test]
fn a_comparison_tells_of_kinds_evidence_and_both_languages() {
    let ledger = Ledger::open(&FOLDER).unwrap();
    let claims = |files: Files, lang: Lang| {
        let manuscript = Manuscript::from_files(files).unwrap();
        let edition = ledger.edition(manuscript.settings.cut_off).unwrap();
        let options =
            Options { country: manuscript.settings.country, lang, manuscript: Some(manuscript), pdf: false };
        let report = Report::build(ledger.evidence(&edition), &options).unwrap();
        serde_json::from_slice::<serde_json::Value>(&report.data["claims.json"]).unwrap()
    };
    let with = |water: &str| {
        let mut files = small();
        files.get_mut("report.toml").unwrap().push_str(&format!(
            "[[condition]]\nid = \"w\"\nnl = \"Water {water}\"\nen = \"Water\"\ngoalpost = \"15 l\"\nauthority = \"Sphere\"\n"
        ));
        files
    };
    let old = with("a");
    let mut new = with("b");
    edit(
        &mut new,
        "nl.md",
        "[^s]: reported\n    - a; p. 1\n    - b; p. 2\n",
        "[^s]: fact; confidence: low\n    - b; p. 99\n    - a; p. 7\n",
    );
    edit(&mut new, "nl.md", "Er was brand.", "Er was een brand.");
    edit(&mut new, "report.toml", "2026-06-30", "2026-06-29");
    for lang in Lang::ALL {
        let found = wegen_publication::Comparison::of(&claims(old.clone(), lang), &claims(new.clone(), lang));
        let said: Vec<String> = found
            .statements
            .iter()
            .chain(&found.conditions)
            .chain(&found.about)
            .map(|c| format!("{c:?}"))
            .collect();
        let said = said.join("\n");
        for part in
            ["kind: fact", "confidence: low", "b, p. 99", "Er was een brand.", "nl: Water b", "2026-06-29"]
        {
            assert!(said.contains(part), "{lang}: {part} in {said}");
        }
        assert!(!found.is_empty());
        let same = claims(old.clone(), lang);
        assert!(wegen_publication::Comparison::of(&same, &same).is_empty());
    }
}

// --- verify, seals, corrections ---

// --- words, numbers, names, dates, quotations ---

/// Puts words before the mark of a statement, in one of the texts or in both.
fn say(f: &mut Files, n: usize, nl: &str, en: &str) {
    for (name, words) in [("nl.md", nl), ("en.md", en)] {
        if !words.is_empty() {
            edit(f, name, &format!("[^s{n}]"), &format!(" {words}[^s{n}]"));
        }
    }
}

const FURTHER: [Fault; 9] = [
    (
        "a value that no records give, by an expression",
        |f, seed| {
            let of = |n: &str| {
                [
                    format!("{{{{ {n} }}}}"),
                    format!("{{{{ \"{n}\" }}}}"),
                    format!("{{% set n = {n} %}}{{{{ n }}}}"),
                    format!("{{{{ population_year + {n} }}}}"),
                    format!("{{{{ {n}|string }}}}"),
                    format!("{{{{ cite(\"source-0\") ~ {n} }}}}"),
                    format!("{{% for country in [{n}] %}}{{{{ country }}}}{{% endfor %}}"),
                    "{{ number(\"idps\", origin=\"SYR\") }}".to_owned(),
                ][random(seed, 8)]
                .clone()
            };
            let value = of(&(50_000 + random(seed, 999)).to_string());
            say(f, random(seed + 7, 300), &format!("Er kwamen {value} om."), &format!("There died {value}."));
        },
        &[Rule::F1, Rule::M1],
    ),
    (
        "a number in a form that is easily passed over",
        |f, seed| {
            let (nl, en) = [
                ("In mei 30 doden.", "In May 30 people were killed."),
                ("Er waren 2000 gewonden.", "There were 2000 wounded."),
                ("Er sneuvelden 1950 soldaten.", "In all 1950 soldiers fell."),
                ("Van de huizen is 1/3 verwoest.", "Of the houses 1/3 is destroyed."),
                ("Het front ligt op 12km.", "The front is 12km away."),
                ("Er kwamen ٥٠٠ mensen om.", "There died ٥٠٠ people."),
                ("Er kwamen ５００ mensen om.", "There died ５００ people."),
                ("Er kwamen vijfentwintig mensen om.", "Twenty-five people died."),
                ("Er kwamen vijftien mensen om.", "Fifteen people died."),
                ("Er kwamen 5&#48;0 mensen om.", "There died 5&#48;0 people."),
            ][random(seed, 10)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::N1],
    ),
    (
        "other words for a number, or another date, in one language",
        |f, seed| {
            let (nl, en) = [
                ("Dat gebeurde twee keer.", "That happened three times."),
                ("Dat was op 12 mei 2024.", "That was on 12 June 2024."),
                ("Dat was in mei 2024.", "That was in June 2024."),
                ("Dat was op 12 mei 2024.", "That was on 13 May 2024."),
                ("Dat gebeurde in acht wijken.", "That happened in nine quarters."),
            ][random(seed, 5)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::S13],
    ),
    (
        "another country in one language",
        |f, seed| {
            let (nl, en) = [
                ("Ook Soedan telde mee.", "South Sudan counted as well."),
                ("Nigeriaanse kantoren telden mee.", "Nigerien offices counted as well."),
                ("Ook het VK telde mee.", "The US counted as well."),
                ("Ook Guinee telde mee.", "Equatorial Guinea counted as well."),
            ][random(seed, 4)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::S13],
    ),
    (
        "a month outside the reference period",
        |f, seed| {
            let n = random(seed, 300);
            edit(f, "report.toml", "from = \"2024\"", "from = \"2025-03\"");
            f.insert("nl.md".into(), f["nl.md"].replace("time: 2025\n", "time: 2025-04\n"));
            let month =
                [format!("2025-0{}", 1 + random(seed, 2)), "2025-02-28".to_owned()][random(seed, 2)].clone();
            edit(
                f,
                "nl.md",
                &format!("[^s{n}]: reported; time: 2025-04"),
                &format!("[^s{n}]: reported; time: {month}"),
            );
        },
        &[Rule::S4],
    ),
    (
        "publication without a cut-off",
        |f, seed| {
            let status = ["published", "superseded", "withdrawn"][random(seed, 3)];
            edit(f, "report.toml", "cut-off = \"2026-06-30\"\n", "");
            edit(f, "report.toml", "\"published\"", &format!("\"{status}\""));
        },
        &[Rule::S4],
    ),
    (
        "a date after the cut-off in the words",
        |f, seed| {
            let (nl, en) = [
                ("Dat was op 3 juli 2026.", "That was on 3 July 2026."),
                ("Dat was op 03-07-2026.", "That was on July 3, 2026."),
                ("Dat was op 2026-07-03.", "That was on 2026-07-03."),
            ][random(seed, 3)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::S4],
    ),
    (
        "a quotation that no evidence holds",
        |f, seed| {
            let (nl, en) = [
                ("Hij zei „wij gaan nu allemaal weg”.", "He said “we are all leaving now”."),
                ("Hij zei ‘wij gaan weg’.", "He said ‘we are leaving’."),
                ("Hij zei \"wij gaan weg\".", "He said \"we are leaving\"."),
                ("Hij zei «wij gaan weg».", "He said «we are leaving»."),
            ][random(seed, 4)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::S9],
    ),
    (
        "a verdict in quotation marks or in pieces",
        |f, seed| {
            let (nl, en) = [
                ("„Homs is veilig”.", "“Homs is safe”."),
                ("Homs is v**ei**lig.", "Homs is s**a**fe."),
                ("Homs is vei<!-- -->lig.", "Homs is sa<!-- -->fe."),
                ("Homs is veil&#105;g.", "Homs is s&#97;fe."),
                ("Homs is veilig, water is er weer.", "Homs is safe, water is back."),
                ("Terugkeer zou mogelijk zijn.", "Return would not be dangerous."),
            ][random(seed, 6)];
            say(f, random(seed + 7, 300), nl, en);
        },
        &[Rule::S12],
    ),
];

#[test]
fn every_seeded_fault_in_words_numbers_and_dates_is_found() {
    let clean = clean();
    for seed in 0..108u64 {
        let (name, make, rules_of) = &FURTHER[seed as usize % FURTHER.len()];
        let mut files = clean.clone();
        make(&mut files, seed * 1000);
        let found = rules(&files);
        assert!(
            found.iter().any(|(rule, _)| rules_of.contains(rule)),
            "{name}: seed {seed} is not found; {found:?}"
        );
    }
}

#[test]
fn right_sentences_give_no_finding() {
    for (nl, en) in [
        (
            "De toestand van vluchtelingen uit Syrië verergerde.",
            "The situation of Syrian refugees got worse.",
        ),
        ("Turkije en de Verenigde Staten droegen bij.", "Turkey and the US contributed."),
        ("In Equatoriaal-Guinea en Congo ook.", "In Equatorial Guinea and the DRC as well."),
        ("Het IVBPR geldt, zegt de VNVR.", "The ICCPR applies, says the UNSC."),
        ("Het gebeurde op 12 mei 2025 om 9:00.", "It happened on 12 May 2025 at 9:00."),
        ("Langs route 66, in de 21e eeuw.", "Along route 66, in the 21st century."),
        ("In de jaren negentig, twee keer.", "In the nineties, twice."),
        ("Beide kantoren in de drie wijken.", "The two offices in the three quarters."),
        (
            "In 2024, {{ figure(\"idps\", origin=\"SYR\", year=2024) }} mensen, eind {{ population_year - 1 }}.",
            "In 2024, {{ figure(\"idps\", origin=\"SYR\", year=2024) }} people, end of {{ population_year - 1 }}.",
        ),
        ("Illegale houtkap nam af.", "Illegal logging fell."),
    ] {
        let mut files = clean();
        say(&mut files, 0, nl, en);
        assert_eq!(rules(&files), [], "{nl} / {en}");
    }
    // What a source is called may stand in quotation marks.
    let mut files = clean();
    edit(&mut files, "sources.toml", "title = \"Yearbook 0\"", "title = \"Book of counts\"");
    say(&mut files, 0, "Het „Book of counts” zegt dat.", "The “Book of Counts” says that.");
    assert_eq!(rules(&files), []);
}

#[test]
fn quotations_of_the_evidence_may_stand_in_quotation_marks() {
    let mut files = clean();
    edit(
        &mut files,
        "nl.md",
        "p. 1; value: 1200",
        "p. 1; value: 1200; \"The governor says that Homs is safe and quiet.\"; translation: \"De gouverneur zegt dat Homs veilig en rustig is.\"; checked: 2026-06-02",
    );
    assert_eq!(rules(&files), []);
    say(&mut files, 0, "Hij noemt het „Homs veilig en rustig”.", "He calls it “Homs is safe … quiet”.");
    assert_eq!(rules(&files), []);
    // Words that the evidence has elsewhere are no quotation of it, and another statement has none.
    for (from, to) in
        [("“Homs is safe … quiet”", "“Damascus is safe”"), ("“Homs is safe … quiet”", "Homs is safe")]
    {
        let mut files = files.clone();
        edit(&mut files, "en.md", from, to);
        assert!(found(&files, Rule::S12, Some("s0")), "{to}");
    }
    let mut files = clean();
    say(&mut files, 3, "", "They say “Homs is safe”.");
    assert!(found(&files, Rule::S12, Some("s3")) && found(&files, Rule::S9, Some("s3")));
    // A figure behind it is no source of the words.
    let mut files = clean();
    say(&mut files, 3, "", "They say “Homs is safe” {{ figure(\"idps\", origin=\"SYR\", year=2024) }}.");
    assert!(found(&files, Rule::S12, Some("s3")));
}

#[test]
fn topics_are_those_that_rules_go_by() {
    let of = |topic: &str| {
        let mut files = clean();
        edit(&mut files, "nl.md", "    - source-3; para 2\n", "");
        edit(&mut files, "nl.md", "[^s0]: reported", &format!("[^s0]: reported; topic: {topic}"));
        rules(&files).into_iter().map(|f| f.0).collect::<Vec<_>>()
    };
    assert_eq!(of("Security"), [Rule::S3]);
    assert_eq!(of("casualties"), [Rule::S3]);
    assert_eq!(of("water"), []);
    assert!(of("casualty").contains(&Rule::M1));
}

#[test]
fn settings_and_sources_hold_no_verdict_and_names_of_sources_may() {
    for (file, from, to) in [
        (
            "report.toml",
            "role = \"reader of another department\"",
            "role = \"reader who says that Homs is safe\"",
        ),
        (
            "report.toml",
            "[[review]]",
            "[[condition]]\nid = \"w\"\nnl = \"Water\"\nen = \"Water\"\ngoalpost = \"15 l\"\nauthority = \"Homs is safe\"\n[[review]]",
        ),
        ("sources.toml", "what = \"Counts\"", "what = \"Homs is safe\""),
    ] {
        let mut files = clean();
        edit(&mut files, file, from, to);
        assert!(found(&files, Rule::S12, None), "{to}");
    }
    // What others call their work is theirs: the lint lets it pass, and so does the build.
    let mut files = clean();
    edit(&mut files, "sources.toml", "title = \"Yearbook 0\"", "title = \"Is Damascus safe? A survey\"");
    for name in ["nl.md", "en.md"] {
        edit(
            &mut files,
            name,
            "{{ gaps() }}\n",
            "{{ gaps() }}\n\n# W <!-- w; editorial -->\n\n{{ assessment() }}\n",
        );
    }
    assert_eq!(rules(&files), []);
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    let manuscript = Manuscript::from_files(files).unwrap();
    let options = Options {
        country: Code::new("SYR").unwrap(),
        lang: Lang::En,
        manuscript: Some(manuscript),
        pdf: false,
    };
    assert!(Report::build(ledger.evidence(&edition), &options).unwrap().html.contains("Is Damascus safe?"));
}

#[test]
fn titles_are_looked_at_as_a_whole() {
    for (title, rule) in [
        ("\"Homs is sa\" ~ \"fe\"", Rule::S12),
        ("50000 ~ \" people\"", Rule::N1),
        ("\"People in \" ~ 50000", Rule::N1),
    ] {
        let mut files = clean();
        for name in ["nl.md", "en.md"] {
            let call =
                format!("{{{{ table(\"returns\", title={title}, origin=\"SYR\") }}}}\n\n{{{{ gaps() }}}}");
            edit(&mut files, name, "{{ gaps() }}", &call);
        }
        assert!(found(&files, rule, None), "{title}: {:?}", rules(&files));
    }
    let mut files = clean();
    for name in ["nl.md", "en.md"] {
        let call = "{{ table(\"returns-by-country\", title=\"X \" ~ (population_year - 1), origin=\"SYR\") }}\n\n{{ gaps() }}";
        edit(&mut files, name, "{{ gaps() }}", call);
    }
    assert_eq!(rules(&files), []);
}
