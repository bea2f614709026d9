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
        "[[source]]\nid = \"talk\"\nkind = \"oral\"\nconfidentiality = \"confidential\"\nrole = \"aid worker\"\nregion = \"north-west\"\nmonth = \"2026-05\"\ncell = 40\nwhy = \"To inform\"\nhow = \"By telephone\"\nlicence = \"unknown\"\nphone = \"{canary}\"\n"
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
