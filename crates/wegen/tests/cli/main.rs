//! The program as a person runs it.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

mod assess;
#[cfg(feature = "cluster")]
mod cluster;
mod movement;
mod readme;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use serde_json::Value as Json;
use wegen_model::verdicts;

/// A ledger with the starter evidence, made once.
static LEDGER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    assert!(wegen(&folder, &["sources"]).status.success());
    folder
});

fn wegen(ledger: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wegen"))
        .args(arguments)
        .env("WEGEN_LEDGER", ledger)
        .env_remove("WEGEN_LOG")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Json {
    serde_json::from_str(&text(output)).unwrap()
}

const HEADER: &str = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                      returned_idps,stateless,ooc,oip,hst";

fn table(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[test]
fn a_figure_is_shown_with_what_it_rests_on() {
    let shown = text(&wegen(&LEDGER, &["figure", "returned-refugees", "--origin", "SYR", "--year", "2024"]));
    assert!(shown.contains("512,718") && shown.contains("returned-refugees@origin=SYR,year=2024"), "{shown}");
    let dutch = text(&wegen(
        &LEDGER,
        &["figure", "returned-refugees", "--origin", "Syrië", "--year", "2024", "--lang", "nl"],
    ));
    assert!(dutch.contains("512.718") && dutch.contains("teruggekeerde"), "{dutch}");
    let answer = json(&wegen(&LEDGER, &["figure", "deaths@country=SYR,year=2024", "--json"]));
    assert_eq!(answer["cells"][0]["value"], 3616.0);
    assert_eq!(answer["cells"][0]["bounds"], serde_json::json!([3568.0, 3677.0]));
    assert_eq!(answer["not_for_individual_decisions"], true);
}

#[test]
fn why_leads_to_the_row_of_the_publishers_file() {
    let shown = text(&wegen(&LEDGER, &["why", "refugees@host=NLD,origin=SYR,year=2025"]));
    assert!(shown.contains("74,805") && shown.contains("population.csv.gz (SHA-256 405dd0a16504"), "{shown}");
    assert!(shown.contains("column refugees") && shown.contains("CC-BY-4.0"), "{shown}");
    let id = shown.lines().find(|l| l.contains("/observation/")).unwrap().to_owned();
    let record = text(&wegen(&LEDGER, &["why", &id]));
    assert!(record.contains("value 74805"), "{record}");
    let cell = json(&wegen(&LEDGER, &["why", "displacement@origin=SYR#2024/refugees", "--json"]));
    assert_eq!(cell["cells"].as_array().unwrap().len(), 1);
    assert_eq!(cell["cells"][0]["value"], 5_952_174.0);
    refused(&wegen(&LEDGER, &["why", "000000000000/observation/1"]), 4);
    assert!(refused(&wegen(&LEDGER, &["why", "refugees@x"]), 2).contains("hint:"));
}

#[test]
fn reports_are_written_whole_and_again() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("SYR");
    let write = |lang: &str| {
        text(&wegen(&LEDGER, &["report", "SYR", "--lang", lang, "--out", &out.path().display().to_string()]))
    };
    assert!(write("en").contains("index.html"));
    for file in ["index.html", "report.pdf", "data/claims.json", "data/datapackage.json"] {
        assert!(folder.join(file).is_file(), "{file}");
    }
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    write("nl");
    assert!(fs::read_to_string(folder.join("index.html")).unwrap().contains("Landenrapport: Syrië"));
    assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 1);
}

#[test]
fn a_template_of_ones_own_is_used() {
    let out = tempfile::tempdir().unwrap();
    let built_in = text(&wegen(&LEDGER, &["report", "--print-template"]));
    assert!(built_in.contains("{{ gaps() }}"));
    let template =
        table(out.path(), "mine.md", "# Mine\n\n{{ figure(\"idps\", origin=iso, year=2025) }} people.\n");
    let folder = out.path().display().to_string();
    text(&wegen(&LEDGER, &["report", "SYR", "--template", &template, "--no-pdf", "--out", &folder]));
    let html = fs::read_to_string(out.path().join("SYR/index.html")).unwrap();
    assert!(html.contains("5,542,227") && html.contains("Mine"));
    let broken = table(out.path(), "broken.md", "# Mine\n\n{{ figure(\"idps\" }}\n");
    assert!(
        refused(&wegen(&LEDGER, &["report", "SYR", "--template", &broken, "--out", &folder]), 1)
            .contains(":3")
    );
}

#[test]
fn an_earlier_date_gives_an_earlier_report() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().display().to_string();
    let arguments = ["report", "SDN", "--as-of", "2025-12-31", "--no-pdf", "--out", &folder, "--json"];
    let answer = json(&wegen(&LEDGER, &arguments));
    assert_eq!(answer["as_of"], "2025-12-31");
    let html = fs::read_to_string(out.path().join("SDN/index.html")).unwrap();
    assert!(html.contains("31 December 2025"));
    assert!(
        refused(&wegen(&LEDGER, &["report", "SYR", "--as-of", "2025-02-30"]), 2)
            .contains("a day that exists")
    );
    let early = refused(&wegen(&LEDGER, &["report", "SYR", "--as-of", "2015-01-01", "--out", &folder]), 4);
    assert!(early.contains("no evidence on Syria (SYR)"), "{early}");
}

#[test]
fn a_file_is_imported_once_and_answers_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let file = table(
        folder.path(),
        "p.csv",
        &format!("{HEADER}\n2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0,,0\n"),
    );
    let import = ["--no-starter", "import", &file, "--source", "unhcr-population"];
    let dry: Vec<&str> = import.iter().copied().chain(["--dry-run"]).collect();
    assert!(text(&wegen(&ledger, &dry)).contains("nothing is stored"));
    assert!(!ledger.exists());
    assert!(text(&wegen(&ledger, &import)).contains("1 rows, 8 records"));
    assert!(text(&wegen(&ledger, &import)).contains("held already"));
    let shown = text(&wegen(&ledger, &["--no-starter", "why", "refugees@host=NLD,origin=SYR,year=2025"]));
    assert!(shown.contains("as received: 2025,Syrian Arab Rep."), "{shown}");
    assert!(text(&wegen(&ledger, &["--no-starter", "ledger", "log"])).contains("unhcr-population"));
}

#[test]
fn a_file_without_a_source_is_recognised_or_refused_with_the_candidates() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let row = "2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0,,0";
    let file = table(folder.path(), "p.csv", &format!("{HEADER}\n{row}\n"));
    let shown = text(&wegen(&ledger, &["--no-starter", "import", &file]));
    assert!(shown.starts_with("recognised as `unhcr-population` by its form\n"), "{shown}");
    assert!(shown.contains("unhcr-population: 1 rows, 8 records"), "{shown}");
    let shown = json(&wegen(&ledger, &["--no-starter", "import", &file, "--json"]));
    assert_eq!((&shown["source"], &shown["recognised"]), (&"unhcr-population".into(), &true.into()));
    let named =
        json(&wegen(&ledger, &["--no-starter", "import", &file, "--source", "unhcr-population", "--json"]));
    assert_eq!((&named["recognised"], &named["snapshot"]["id"]), (&false.into(), &shown["snapshot"]["id"]));
    // A cell that is wrong is told by the one source whose form it has.
    let file = table(folder.path(), "bad.csv", &format!("{HEADER}\n{}\n", row.replace(",7,", ",seven,")));
    let said = refused(&wegen(&ledger, &["--no-starter", "import", &file]), 1);
    assert!(said.contains("row 2, column `refugees`: found `seven`"), "{said}");
    let file = table(folder.path(), "mine.csv", "apples,pears\n1,2\n");
    let said = refused(&wegen(&ledger, &["--no-starter", "import", &file]), 1);
    assert!(said.contains("the form of no source") && said.contains("--source"), "{said}");
    let said = refused(&wegen(&ledger, &["--no-starter", "import", &file, "--source", "unhcr"]), 1);
    for source in ["population", "asylum-applications", "asylum-decisions", "solutions"] {
        assert!(said.contains(&format!("`unhcr-{source}`")), "{said}");
    }
}

#[test]
fn bad_files_are_refused_and_nothing_enters() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let row = "2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0,,0";
    let cases = [
        (
            format!("{HEADER}\n{}\n", row.replace(",7,", ",seven,")),
            "row 2, column `refugees`: found `seven`, expected a number",
        ),
        (
            format!("{HEADER}\n{}\n", row.replace("SYR,SYR", "SYR,Syria")),
            "column `coo_iso`: found `Syria`, expected a country's",
        ),
        (HEADER.replace("refugees,", "refugee,") + "\n", "expected `refugees` among them"),
        (
            format!("{HEADER},date_of_birth\n{row},2000-01-01\n"),
            "column `date_of_birth` is named as a date or place of birth",
        ),
    ];
    for (content, expected) in cases {
        let file = table(folder.path(), "bad.csv", &content);
        let said =
            refused(&wegen(&ledger, &["--no-starter", "import", &file, "--source", "unhcr-population"]), 1);
        assert!(said.contains(expected) && said.contains("bad.csv"), "{said}");
        assert!(!said.contains("2000-01-01"), "a value was repeated: {said}");
    }
    let said = refused(
        &wegen(&ledger, &["--no-starter", "import", "nowhere.csv", "--source", "unhcr-population"]),
        1,
    );
    assert!(said.contains("nowhere.csv"));
    assert!(!ledger.exists(), "something entered");
}

#[test]
fn damage_gives_an_exit_code_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = table(
        folder.path(),
        "p.csv",
        &format!("{HEADER}\n2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0,,0\n"),
    );
    let ledger = folder.path().join("ledger");
    text(&wegen(&ledger, &["--no-starter", "import", &file, "--source", "unhcr-population"]));
    assert!(text(&wegen(&ledger, &["--no-starter", "ledger", "verify"])).contains("nothing is damaged"));
    let objects = fs::read_dir(ledger.join("objects")).unwrap().next().unwrap().unwrap().path();
    let object = fs::read_dir(objects).unwrap().next().unwrap().unwrap().path();
    fs::write(&object, b"other bytes").unwrap();
    let output = wegen(&ledger, &["--no-starter", "ledger", "verify"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("damaged: object"));
}

#[test]
fn an_edition_is_exported_with_its_attribution() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("package");
    text(&wegen(&LEDGER, &["export", &out.display().to_string(), "--format", "csv-gz"]));
    let package: Json = serde_json::from_slice(&fs::read(out.join("datapackage.json")).unwrap()).unwrap();
    assert_eq!(package["not_for_individual_decisions"], true);
    for resource in package["resources"].as_array().unwrap() {
        assert!(out.join(resource["path"].as_str().unwrap()).is_file());
        assert!(resource["sources"][0]["title"].as_str().is_some_and(|t| !t.is_empty()));
    }
    // A folder with somebody's files is not replaced.
    let mine = folder.path().join("mine");
    fs::create_dir(&mine).unwrap();
    fs::write(mine.join("thesis.txt"), "mine").unwrap();
    refused(&wegen(&LEDGER, &["export", &mine.display().to_string()]), 2);
    assert!(mine.join("thesis.txt").is_file());
}

#[test]
fn every_reading_command_speaks_json() {
    for arguments in [
        &["sources", "--json"][..],
        &["figure", "--list", "--json"],
        &["ledger", "log", "--json"],
        &["figure", "displacement", "--origin", "SYR", "--json"],
    ] {
        json(&wegen(&LEDGER, arguments));
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(text(&wegen(&LEDGER, &["completions", shell])).contains("wegen"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    text(&wegen(&LEDGER, &["man", &folder.path().display().to_string()]));
    assert!(folder.path().join("wegen-report.1").is_file());
}

#[test]
fn wrong_usage_is_told_apart() {
    assert!(refused(&wegen(&LEDGER, &["report", "Atlantis"]), 2).contains("a country was expected"));
    assert!(refused(&wegen(&LEDGER, &["figure", "refugess"]), 2).contains("no recipe `refugess`"));
    let said = refused(&wegen(&LEDGER, &["import", "x.csv", "--source", "nobody"]), 1);
    assert!(said.contains("x.csv") || said.contains("nobody"));
}

#[test]
fn help_holds_no_verdict() {
    for command in ["report", "figure", "why", "sources", "import", "sync", "ledger", "export"] {
        assert_eq!(verdicts(&text(&wegen(&LEDGER, &[command, "--help"]))), [], "{command}");
    }
}

#[test]
fn a_file_says_what_it_covers_and_what_it_would_change() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let row = |n: u32| format!("2024,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,{n},20000,0,0,0,0,0,,0\n");
    let part = table(folder.path(), "part.csv", &format!("{HEADER}\n{}", row(70_600)));
    let source = ["--source", "unhcr-population"];
    let refugees = |claim: &[&str]| {
        let arguments: Vec<&str> = ["figure", "refugees", "--origin", "SYR", "--year", "2024"]
            .into_iter()
            .chain(claim.iter().copied())
            .collect();
        text(&wegen(&ledger, &arguments)).lines().nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(refugees(&[]), "5,952,174");

    // A part answers for its rows; the rest of the world is what it was.
    let imported = text(&wegen(&ledger, &[&["import", &part], &source[..]].concat()));
    assert!(imported.contains("covers the rows that it holds, and nothing else"), "{imported}");
    assert!(
        imported.contains("0 withdrawn") && imported.contains("refugees, Syria, 2024: 5,952,174 → 5,952,118"),
        "{imported}"
    );
    assert_eq!((refugees(&[]).as_str(), refugees(&["--host", "NLD"]).as_str()), ("5,952,118", "70,600"));
    assert_eq!(
        text(&wegen(&ledger, &["figure", "idps", "--origin", "SYR", "--year", "2024"])).lines().nth(1),
        Some("7,408,909")
    );

    // Declared to be the whole year, it would take away the world: shown, and not stored.
    let whole = [&["import", &part, "--covers", "period=2024"], &source[..]].concat();
    let refused_import = wegen(&ledger, &whole);
    assert_eq!(refused_import.status.code(), Some(1));
    let shown = String::from_utf8(refused_import.stdout).unwrap();
    assert!(shown.contains("idps, Syria, 2024: 7,408,909 → 0") && !shown.contains("stored as"), "{shown}");
    assert_eq!(refugees(&[]), "5,952,118");
    let json_form = json(&wegen(&ledger, &[&whole[..], &["--dry-run", "--json"]].concat()));
    assert_eq!(json_form["stored"], false);
    assert_eq!(json_form["covers"]["period"], "2024");
    assert!(json_form["change"]["withdrawn"].as_u64() > Some(10_000));
    assert!(text(&wegen(&ledger, &[&whole[..], &["--replace"]].concat())).contains("stored as snapshot"));
    assert_eq!(refugees(&[]), "70,600");
    assert!(text(&wegen(&ledger, &["ledger", "log"])).contains("period=2024"));

    // A page says that it is one of several.
    let page = table(folder.path(), "page.json", r#"{"page": 1, "maxPages": 31, "items": []}"#);
    assert!(
        refused(&wegen(&ledger, &[&["import", &page], &source[..]].concat()), 1).contains("page 1 of 31")
    );
    assert!(
        refused(&wegen(&ledger, &[&["import", &part, "--covers", "Syria"], &source[..]].concat()), 2)
            .contains("`Syria`")
    );
}

/// The cases of `../shared/data/cases/turn-2` that a command answers.
#[test]
fn months_of_events_add_up_and_a_file_of_two_countries_is_silent_on_others() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cases/turn-2");
    if !cases.is_dir() {
        eprintln!("skipped: there is no {}", cases.display());
        return;
    }
    let import = |ledger: &Path, file: &str| {
        let path = cases.join(file).display().to_string();
        text(&wegen(ledger, &["import", &path, "--source", "ucdp-ged"]));
    };
    let months = ["GEDEvent_v25_01_25_12.csv", "GEDEvent_v26_0_1.csv", "GEDEvent_v26_0_2.csv"];
    for order in [[0, 1, 2], [2, 0, 1]] {
        let folder = tempfile::tempdir().unwrap();
        for i in order {
            import(folder.path(), &format!("01-ucdp-candidate/{}", months[i]));
        }
        let shown = text(&wegen(
            folder.path(),
            &["figure", "events-by-area", "--country", "SDN", "--from", "2026", "--to", "2026"],
        ));
        let row: Vec<&str> =
            shown.lines().find(|l| l.starts_with("Khartoum")).unwrap().split_whitespace().collect();
        assert_eq!((row[2], row[6]), ("2", "47"), "{shown}");
        assert!(shown.contains("2026 (covered: January 2026 – February 2026)"), "{shown}");
        let why = text(&wegen(folder.path(), &["why-area", "SD01", "2026-02"]));
        assert!(why.contains("57.0 deaths") && why.contains("Armed violence: ○ not met"), "{why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let assess = |country: &str| {
        let shown = text(&wegen(folder.path(), &["assess", country, "--month", "2017-06", "--all"]));
        shown.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    let before = [assess("SYR"), assess("SDN")];
    import(folder.path(), "03-ged-subset/ged_myanmar_bangladesh_2016_2017.csv");
    assert_eq!([assess("SYR"), assess("SDN")], before);
    assert!(before.iter().flatten().all(|line| !line.contains("  ●  ")), "{before:?}");
}

#[test]
fn a_report_is_begun_linted_built_signed_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (report, out, key) = (place("report"), place("out"), place("key.pem"));
    let begun = text(&wegen(&LEDGER, &["new", "report", "SYR", &report]));
    assert!(begun.contains("report.toml") && begun.contains("wegen build"));
    assert!(refused(&wegen(&LEDGER, &["new", "report", "SYR", &report]), 2).contains("holds something"));
    let linted = text(&wegen(&LEDGER, &["lint", &report]));
    assert!(linted.contains("0 errors"));
    // What the readme shows is what is said.
    assert!(include_str!("../../../../README.md").contains(linted.trim_end()), "{linted}");
    text(&wegen(&LEDGER, &["key", &key]));
    assert!(refused(&wegen(&LEDGER, &["key", &key]), 1).contains("never written over"));
    let built = text(&wegen(&LEDGER, &["build", &report, "--out", &out, "--sign", &key, "--no-pdf"]));
    assert!(built.contains("signed by"));
    let public = format!("{key}.pub.pem");
    let verified = text(&wegen(&LEDGER, &["verify", &out, "--key", &public]));
    assert!(verified.contains("the same to the byte") && verified.contains("0 altered"), "{verified}");
    // The same two reports hold the same; the two languages hold other words.
    let (nl, en) = (format!("{out}/nl"), format!("{out}/en"));
    assert!(
        text(&wegen(&LEDGER, &["diff", &nl, &nl])).contains("no figure, statement or condition is different")
    );
    let other = json(&wegen(&LEDGER, &["diff", &nl, &en, "--json"]));
    assert_eq!(other["comparison"]["figures"], serde_json::json!([]));
    assert!(!other["comparison"]["statements"].as_array().unwrap().is_empty());
    // One figure changed in the page.
    let page = format!("{out}/nl/index.html");
    let html = fs::read_to_string(&page).unwrap();
    fs::write(&page, html.replacen("1.341.148", "1.341.149", 1)).unwrap();
    let found = wegen(&LEDGER, &["verify", &page]);
    assert_eq!(found.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&found.stdout).contains("ALTERED"));
    assert_eq!(wegen(&LEDGER, &["verify", &out, "--key", &public]).status.code(), Some(3));
    // Evidence that is not here is told, and is no confirmation.
    let empty = tempfile::tempdir().unwrap();
    let elsewhere = wegen(empty.path(), &["--no-starter", "verify", &format!("{out}/en")]);
    assert_eq!(elsewhere.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&elsewhere.stdout).contains("evidence missing"));
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => assert!(fs::copy(entry.path(), &target).is_ok()),
        }
    }
}

#[test]
fn with_a_key_every_file_must_be_sealed_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (report, out, forged, key) = (place("report"), place("out"), place("forged"), place("key.pem"));
    text(&wegen(&LEDGER, &["new", "report", "MLI", &report]));
    text(&wegen(&LEDGER, &["key", &key]));
    text(&wegen(&LEDGER, &["build", &report, "--out", &out, "--sign", &key, "--no-pdf"]));
    // The same report in other words, without a signature.
    let file = format!("{report}/nl.md");
    let words = fs::read_to_string(&file).unwrap();
    fs::write(&file, words.replacen("[^returns]", " Zo is het.[^returns]", 1)).unwrap();
    text(&wegen(&LEDGER, &["build", &report, "--out", &forged, "--no-pdf"]));
    let public = format!("{key}.pub.pem");
    let verified = text(&wegen(&LEDGER, &["verify", &out, "--key", &public]));
    assert!(verified.matches("signed by the key that was given").count() == 3, "{verified}");
    // A single file is looked up in the seal around it.
    text(&wegen(&LEDGER, &["verify", &format!("{out}/nl/data"), "--key", &public]));
    assert!(
        refused(&wegen(&LEDGER, &["verify", &format!("{report}/nl.md"), "--key", &public]), 2)
            .contains("not sealed")
    );
    type Break<'a> = &'a dyn Fn(&Path);
    let faults: [(&str, Break<'_>); 4] = [
        ("nl", &|p| {
            fs::remove_dir_all(p.join("nl")).unwrap();
            copy(&Path::new(&forged).join("nl"), &p.join("nl"));
            for name in ["manifest.json", "manifest.sig", "manifest.pub.pem"] {
                let _ = fs::remove_file(p.join("nl").join(name));
            }
        }),
        ("nl", &|p| fs::remove_dir_all(p.join("nl")).unwrap()),
        ("index.html", &|p| assert!(fs::copy(p.join("en/index.html"), p.join("index.html")).is_ok())),
        ("references.bib", &|p| fs::write(p.join("references.bib"), "@misc{x}").unwrap()),
    ];
    for (named, make) in faults {
        for without_the_whole in [false, true] {
            let other = tempfile::tempdir().unwrap();
            let path = other.path().join("published");
            copy(Path::new(&out), &path);
            make(&path);
            if without_the_whole {
                for name in ["manifest.json", "manifest.sig", "manifest.pub.pem"] {
                    fs::remove_file(path.join(name)).unwrap();
                }
            }
            let found = wegen(&LEDGER, &["verify", &path.display().to_string(), "--key", &public]);
            assert_eq!(found.status.code(), Some(3), "{named}");
            assert!(String::from_utf8_lossy(&found.stdout).contains(named), "{named}");
        }
    }
}

#[test]
fn an_altered_table_of_an_unsealed_report_is_found() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().display().to_string();
    text(&wegen(&LEDGER, &["report", "SYR", "--no-pdf", "--out", &folder]));
    let report = out.path().join("SYR");
    let verify = |path: &Path| wegen(&LEDGER, &["verify", &path.display().to_string()]);
    assert!(verify(&report).status.success());
    let table = report.join("data/events-by-area-country-SYR.csv");
    let rows = fs::read_to_string(&table).unwrap();
    assert!(rows.contains(",310,"));
    fs::write(&table, rows.replacen(",310,", ",424242,", 1)).unwrap();
    for path in [report.clone(), report.join("data")] {
        let found = verify(&path);
        assert_eq!(found.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&found.stdout).contains("events-by-area-country-SYR.csv"));
    }
}

#[test]
fn what_was_published_without_its_numbers_is_not_published_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (report, out) = (place("report"), place("out"));
    fs::create_dir(&report).unwrap();
    let source = |id: &str| {
        format!(
            "[[source]]\nid = \"{id}\"\ntitle = \"T\"\nwho = \"{id}\"\nwhat = \"w\"\nwhy = \"y\"\nhow = \"h\"\nwhen = \"2026-01\"\nlicence = \"unknown\"\n"
        )
    };
    let body = |words: &str| {
        format!("# A <!-- a; topic: security -->\n\n{words}[^s]\n\n# G <!-- gaps -->\n\n{{{{ gaps() }}}}\n")
    };
    let evidence = "\n[^s]: reported\n    - a; p. 1\n    - b; p. 2\n";
    for (name, content) in [
        (
            "report.toml",
            "id = \"small\"\ncountry = \"SYR\"\nstatus = \"published\"\ncut-off = \"2026-06-30\"\n[[review]]\nrole = \"peer\"\ndate = \"2026-06-01\"\n[[accept]]\nrule = \"S10\"\nnl = \"Kort.\"\nen = \"Short.\"\n".to_owned(),
        ),
        ("sources.toml", source("a") + &source("b")),
        ("nl.md", body("Er was brand.") + evidence),
        ("en.md", body("There was a fire.")),
    ] {
        fs::write(Path::new(&report).join(name), content).unwrap();
    }
    let build = || wegen(&LEDGER, &["build", &report, "--out", &out, "--no-pdf"]);
    text(&build());
    text(&build());
    fs::remove_file(format!("{report}/paragraphs.lock")).unwrap();
    let again = build();
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.contains("paragraphs.lock:1:1: error S14") && said.contains("published before"), "{said}");
}

#[test]
fn what_the_lint_finds_stops_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report").display().to_string();
    let out = folder.path().join("out").display().to_string();
    text(&wegen(&LEDGER, &["new", "report", "SDN", &report]));
    let file = format!("{report}/en.md");
    let clean = fs::read_to_string(&file).unwrap();
    fs::write(&file, clean.replacen("[^returns]", " Khartoum is unsafe.[^returns]", 1)).unwrap();
    let linted = wegen(&LEDGER, &["lint", &report]);
    assert_eq!(linted.status.code(), Some(1));
    let said = String::from_utf8(linted.stdout).unwrap();
    assert!(said.contains("en.md:") && said.contains("error S12"), "{said}");
    let sarif = wegen(&LEDGER, &["lint", &report, "--sarif"]);
    let sarif: Json = serde_json::from_slice(&sarif.stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "S12");
    assert!(refused(&wegen(&LEDGER, &["build", &report, "--out", &out]), 1).contains("stand in its way"));
    assert!(!Path::new(&out).exists(), "nothing is written");
    // A label that is missing is put where it belongs.
    fs::write(&file, &clean).unwrap();
    for name in ["en.md", "nl.md"] {
        let file = format!("{report}/{name}");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(
            &file,
            text.replace("[^violence-deaths]: estimate; single-source: yes", "[^violence-deaths]: estimate"),
        )
        .unwrap();
    }
    assert_eq!(wegen(&LEDGER, &["lint", &report, "--strict"]).status.code(), Some(1));
    text(&wegen(&LEDGER, &["lint", &report]));
    wegen(&LEDGER, &["lint", &report, "--fix"]);
    let fixed = fs::read_to_string(format!("{report}/nl.md")).unwrap();
    assert!(fixed.contains("[^violence-deaths]: estimate; single-source: yes"));
}

#[test]
fn editions_of_two_days_are_compared() {
    let changed = json(&wegen(&LEDGER, &["diff", "2025-12-31", "now", "--country", "SYR", "--json"]));
    let comparison = &changed["comparison"];
    assert!(!comparison["snapshots_came"].as_array().unwrap().is_empty());
    assert!(!comparison["figures_came"].as_array().unwrap().is_empty());
    for figure in comparison["figures"].as_array().unwrap() {
        assert_ne!(figure["why"], "unexplained", "{figure}");
    }
    assert!(refused(&wegen(&LEDGER, &["diff", "2025-12-31", "now"]), 2).contains("--country"));
    assert!(
        refused(&wegen(&LEDGER, &["diff", "nothing", "now", "--country", "SYR"]), 2)
            .contains("no kept edition")
    );
}

#[test]
fn citations_are_found_and_written() {
    let cited = "Tweede Kamer, vergaderjaar 2022–2023, 36 200 V, nr. 27. Motie van de leden Brekelmans en Agnes Mulder";
    let found = json(&wegen(&LEDGER, &["cite", cited, "--json"]));
    assert_eq!(found[0]["ids"][0], "kst-36200-V-27");
    assert_eq!(found[0]["leidraad_nl"], "Kamerstukken II 2022/23, 36200 V, nr. 27");
    assert_eq!(wegen(&LEDGER, &["cite", "29 237 aanvragen"]).status.code(), Some(4));
    let pages = json(&wegen(
        &LEDGER,
        &["cite", "Kamerstukken II 2015-2016, 29 344, nr. 128, p. 2-3; nr. 129, p. 5.", "--json"],
    ));
    assert_eq!(pages[0]["leidraad_nl"], "Kamerstukken II 2015/16, 29344, nr. 128, p. 2-3; nr. 129, p. 5");
    assert_eq!(pages[0]["parts"][1]["pages"], "5");
}

#[test]
fn what_is_known_of_a_paper_is_asked_of_both_services() {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let at = format!("http://{}", server.server_addr().to_ip().unwrap());
    std::thread::spawn(move || {
        for request in server.incoming_requests() {
            let url = request.url().to_owned();
            let (status, kind, body) = match url.as_str() {
                "/kst-29237-183/metadata.xml" => (
                    200,
                    "application/xml",
                    r#"<metadata_gegevens><metadata name="OVERHEIDop.dossiertitel" content="Afrikabeleid"/></metadata_gegevens>"#,
                ),
                u if u.contains("/OData/v4/2.0/Document") && u.contains("36200")
                    || u.contains("2023D02547") =>
                {
                    (
                        200,
                        "application/json",
                        r#"{"value": [{"DocumentNummer": "2023D02547", "Onderwerp": "Motie", "Volgnummer": 27}]}"#,
                    )
                }
                u if u.contains("/OData/") => (200, "application/json", r#"{"value": []}"#),
                _ => (404, "text/html", "<html>niet gevonden</html>"),
            };
            let kind = tiny_http::Header::from_bytes("Content-Type", kind).unwrap();
            let answer = tiny_http::Response::from_string(body).with_status_code(status).with_header(kind);
            let _ = request.respond(answer);
        }
    });
    let ask = |text: &str| {
        json(&wegen(&LEDGER, &["cite", text, "--fetch", "--at", &at, "--json"]))[0]["metadata"].clone()
    };
    let official = ask("Kamerstuk 29 237, nr. 183");
    assert_eq!(
        (official["from"].as_str(), official["dossier_title"].as_str()),
        (Some("Officiële Bekendmakingen"), Some("Afrikabeleid"))
    );
    // A paper that the first does not know, and a number of the Tweede Kamer's own.
    for text in ["Kamerstuk 36 200 V, nr. 27", "2023D02547"] {
        let known = ask(text);
        assert_eq!(
            (known["from"].as_str(), known["title"].as_str()),
            (Some("Tweede Kamer"), Some("Motie")),
            "{text}"
        );
        assert_eq!(known["document"], "2023D02547");
    }
    assert_eq!(ask("Kamerstuk 19 637, nr. 9999"), Json::Null);
}

#[test]
fn the_register_tells_what_was_withheld() {
    let register = text(&wegen(&LEDGER, &["register", "SYR", "--on", "2025-05-31"]));
    assert!(register.contains("Algemeen ambtsbericht Syrië [withheld]"), "{register}");
    let now = text(&wegen(&LEDGER, &["register", "SYR"]));
    assert!(now.contains("Algemeen ambtsbericht Syrië [released-on-request]"));
    assert_eq!(wegen(&LEDGER, &["register", "NLD"]).status.code(), Some(4));
    assert!(
        now.contains("news article https://") && now.contains("edition of 2023-02: address https://euaa"),
        "{now}"
    );
    assert!(now.contains("address not held; hash not held"), "{now}");
    // The day is told to programs as well.
    let on = json(&wegen(&LEDGER, &["register", "SYR", "--on", "2025-05-31", "--json"]));
    let dutch = on.as_array().unwrap().iter().find(|r| r["id"] == "nl-syr-2025").unwrap();
    assert_eq!((dutch["status"].as_str(), dutch["on"].as_str()), (Some("withheld"), Some("2025-05-31")));
    assert!(dutch["editions"][0]["hash"].is_null());
    let today = json(&wegen(&LEDGER, &["register", "SYR", "--json"]));
    let dutch = today.as_array().unwrap().iter().find(|r| r["id"] == "nl-syr-2025").unwrap();
    assert_eq!(dutch["status"], "released-on-request");
}

#[test]
fn the_head_of_the_log_shows_a_roll_back() {
    let ledger = tempfile::tempdir().unwrap();
    let rows = |n: u32| format!("{HEADER}\n2024,Syria,SYR,SYR,Netherlands,NET,NLD,{n},0,0,0,0,0,0,0,0\n");
    let mut heads = Vec::new();
    let before = tempfile::tempdir().unwrap();
    for n in [1, 2] {
        let file = table(ledger.path(), &format!("{n}.csv"), &rows(n));
        text(&wegen(ledger.path(), &["--no-starter", "import", &file, "--source", "unhcr-population"]));
        heads.push(text(&wegen(ledger.path(), &["--no-starter", "ledger", "head"])).trim().to_owned());
        if n == 1 {
            fs::copy(ledger.path().join("ledger.sqlite"), before.path().join("ledger.sqlite")).unwrap();
        }
    }
    for head in &heads {
        text(&wegen(ledger.path(), &["--no-starter", "ledger", "verify", "--head", head]));
    }
    // Yesterday's database put back, with all objects that it names: sound in itself.
    fs::copy(before.path().join("ledger.sqlite"), ledger.path().join("ledger.sqlite")).unwrap();
    text(&wegen(ledger.path(), &["--no-starter", "ledger", "verify", "--head", &heads[0]]));
    let output = wegen(ledger.path(), &["--no-starter", "ledger", "verify", "--head", &heads[1]]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("rolled back"), "{output:?}");
    refused(&wegen(ledger.path(), &["--no-starter", "ledger", "verify", "--head", "12"]), 2);

    // What is no database, and what is half of one, is damage for every command that meets it.
    let whole = fs::read(ledger.path().join("ledger.sqlite")).unwrap();
    for broken in
        [b"a text, and no database at all, whatever its name".to_vec(), whole[..whole.len() / 2].to_vec()]
    {
        fs::write(ledger.path().join("ledger.sqlite"), broken).unwrap();
        for command in [["ledger", "verify"], ["report", "SYR"], ["ledger", "log"]] {
            let arguments = [&["--no-starter"][..], &command].concat();
            let output = wegen(ledger.path(), &arguments);
            assert_eq!(output.status.code(), Some(3), "{command:?}: {output:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    for shell in ["bash", "fish"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wegen"))
            .args(["completions", shell])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody reads: as `| head` does once it has its lines.
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn what_is_nearly_right_is_taken_or_told_with_what_was_meant() {
    let figure = |arguments: &[&str]| wegen(&LEDGER, &[&["figure", "refugees"], arguments].concat());
    let syria = text(&figure(&["--origin", "SYR", "--year", "2024"]));
    for (origin, lang) in [("sy", "en"), ("syr", "EN"), ("Syrie", "en")] {
        assert_eq!(text(&figure(&["--origin", origin, "--year", "2024", "--lang", lang])), syria);
    }
    let said = refused(&figure(&["--origin", "Syira", "--year", "2024"]), 2);
    assert!(said.contains("did you mean Syria (SYR)?"), "{said}");
    let said = refused(&figure(&["--origin", "Soedna", "--year", "2024"]), 2);
    assert!(said.contains("Sudan (SDN)?"), "{said}");
    assert!(!refused(&figure(&["--origin", "xyzzy"]), 2).contains("did you mean"));

    // Nothing is held: the exit code says so as well.
    let output = figure(&["--origin", "SYR", "--year", "2030"]);
    assert_eq!(output.status.code(), Some(4), "{output:?}");

    let day = |as_of: &str| text(&figure(&["--origin", "SYR", "--year", "2024", "--as-of", as_of, "--json"]));
    assert_eq!(day("2026-06"), day("2026-06-30"));
    assert_eq!(day("2026"), day(&this_year_so_far()));
    for wrong in ["2999-12-31", "2999", "2999-01", "31-12-2025", "2025-13"] {
        let said = refused(&figure(&["--origin", "SYR", "--year", "2024", "--as-of", wrong]), 2);
        assert!(said.contains("was expected"), "{said}");
    }

    let place = tempfile::tempdir().unwrap();
    let file = table(place.path(), "file", "a file, and no folder");
    let out = format!("{file}/reports");
    let said = refused(&wegen(&LEDGER, &["report", "SYR", "--no-pdf", "--out", &out]), 1);
    assert!(said.contains("reports") && !said.contains("/.SYR"), "{said}");
    let said = refused(&wegen(&LEDGER, &["simulate", "SYR"]), 1);
    assert!(said.contains("`SYR` is no instance") && said.contains("wegen movement build"), "{said}");
    let said = refused(&wegen(&LEDGER, &["diff", &file, "later.pdf"]), 2);
    assert!(said.contains("there is no file `later.pdf`"), "{said}");
    let said = refused(&wegen(&LEDGER, &["serve", "--listen", "somewhere"]), 2);
    assert!(said.contains("127.0.0.1:8080 or 8080"), "{said}");
}

/// Today, or the last day of 2026 once that is over.
fn this_year_so_far() -> String {
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    today.min(jiff::civil::date(2026, 12, 31)).to_string()
}
