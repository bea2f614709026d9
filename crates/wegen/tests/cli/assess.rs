//! Conditions and composite indices as a person asks for them.

use std::{fs, path::PathBuf};

use serde_json::Value as Json;
use wegen_model::verdicts;

use super::{LEDGER, wegen};

fn run(arguments: &[&str], code: i32) -> String {
    let output = wegen(&LEDGER, arguments);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    match code {
        0 | 4 if !output.stdout.is_empty() => String::from_utf8(output.stdout).unwrap(),
        _ => error,
    }
}

fn json(arguments: &[&str]) -> Json {
    let text = run(&[arguments, &["--json"]].concat(), 0);
    let value: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(value["not_for_individual_decisions"], true);
    value
}

#[test]
fn areas_stand_in_the_order_of_their_codes_with_three_marks() {
    for lang in ["en", "nl"] {
        let shown = run(&["assess", "SYR", "--lang", lang], 0);
        assert!(verdicts(&shown).is_empty(), "{:?}", verdicts(&shown));
        let codes: Vec<&str> = shown
            .lines()
            .filter_map(|l| l.split_whitespace().next())
            .filter(|w| w.starts_with("SY"))
            .collect();
        assert_eq!(codes.len(), 14);
        assert!(codes.windows(2).all(|w| w[0] < w[1]));
        for mark in ["○", "?"] {
            assert!(shown.contains(mark));
        }
        // No number of an area where nobody asked for one.
        let row = shown.lines().find(|l| l.starts_with("SY07")).unwrap();
        assert!(!row[4..].contains(|c: char| c.is_ascii_digit()), "{row}");
    }
    let bands = run(&["assess", "SYR", "--bands", "--draws", "50"], 0);
    assert!(bands.contains("No ranking of areas follows"));
}

#[test]
fn every_form_of_the_answer_agrees() {
    let all = json(&["assess", "SYR", "--month", "2019-12"]);
    let areas = all["areas"].as_array().unwrap();
    assert_eq!(areas.len(), 14);
    let text = run(&["assess", "SYR", "--month", "2019-12", "--format", "csv"], 0);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let mut count = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let area = areas.iter().find(|a| a["code"] == row[0]).unwrap();
        assert_eq!(area["criteria"][&row[3]]["verdict"], row[4]);
        assert!(row[10].contains("Not for individual decisions"));
        count += 1;
    }
    assert_eq!(count, 14 * all["areas"][0]["criteria"].as_object().unwrap().len());
    let map: Json =
        serde_json::from_str(&run(&["assess", "SYR", "--month", "2019-12", "--format", "geojson"], 0))
            .unwrap();
    for feature in map["features"].as_array().unwrap() {
        let area = areas.iter().find(|a| a["code"] == feature["id"]).unwrap();
        assert_eq!(feature["properties"]["verdict"], area["verdict"]);
        // Boundaries alone, no finer than two decimals.
        let coordinates = feature["geometry"]["coordinates"].to_string();
        assert!(
            !coordinates.split([',', '[', ']']).any(|n| n.split_once('.').is_some_and(|(_, d)| d.len() > 2))
        );
    }
}

#[test]
fn an_area_is_explained_down_to_rows_and_up_to_what_would_have_to_change() {
    let shown = run(&["why-area", "SY07", "2019-12"], 0);
    for part in [
        "Armed violence: ○ not met",
        "UCDP",
        "ucdp-ged",
        "/event/",
        "It would be met",
        "no source of this is read",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(verdicts(&shown).is_empty());
    let value = json(&["why-area", "SY07", "2019-12"]);
    let leaf = &value["areas"][0]["leaves"]["violence.deaths-12"];
    assert!(leaf["records"].as_array().unwrap()[0].as_str().unwrap().contains("/event/"));
    // One that is held of no month: everything is open, and the exit code says that nothing is held.
    let open = run(&["why-area", "SY07", "2026-01", "--lang", "nl"], 4);
    assert!(open.contains("niet vast te stellen") && open.contains("Feiten die ontbreken"));
}

#[test]
fn wrong_questions_are_answered_with_what_was_expected() {
    for (arguments, words) in [
        (&["assess", "SYR", "--month", "2022"][..], "a month was expected"),
        (&["assess", "SYR", "--level", "adm9"], "adm1, adm2 or adm3"),
        (&["assess", "Atlantis"], "a country was expected"),
        (&["why-area", "ZZ01"], "no country"),
        (&["why-area", "SY99"], "no area `SY99`"),
        (&["assess", "SYR", "--compare", "now", "someday"], "no kept edition"),
    ] {
        let error = run(arguments, 2);
        assert!(error.contains(words), "{error}");
    }
    let nothing = run(&["assess", "MLI"], 4);
    assert!(nothing.contains("No evidence on any criterion"));
    let none = run(&["assess", "SDN", "--level", "adm3"], 4);
    assert!(none.contains("no areas of Sudan at level 3") && none.contains("ocha-pcodes"), "{none}");
}

#[test]
fn a_method_of_ones_own_is_checked_and_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let method = run(&["assess", "--print-method"], 0);
    let file = path.to_str().unwrap();
    // War from a million deaths on: nothing of violence is then too much.
    let lenient = method
        .replace(
            "points = [[0, 100], [25, 40], [1000, 0]]",
            "points = [[0, 100], [1000000, 40], [2000000, 0]]",
        )
        .replace(
            "points = [[0, 100], [10, 40], [100, 0]]",
            "points = [[0, 100], [1000000, 40], [2000000, 0]]",
        );
    fs::write(&path, &lenient).unwrap();
    let value = json(&["assess", "SYR", "--month", "2019-12", "--method", file]);
    assert_ne!(value["areas"][6]["criteria"]["violence"]["verdict"], "not-met");
    let changes = json(&["assess", "SYR", "--month", "2019-12", "--level", "adm1", "--compare", file, "now"]);
    let idleb = changes["areas"].as_array().unwrap().iter().find(|a| a["code"] == "SY07").unwrap();
    let violence = &idleb["criteria"][0];
    assert!(violence["high_by_cause"]["goalposts"].as_f64().unwrap() < 0.0);
    assert_eq!(violence["high_by_cause"]["new-data"].as_f64().unwrap(), 0.0);
    fs::write(&path, method.replace("floor = 40\npower", "floor = 400\npower")).unwrap();
    let error = run(&["assess", "SYR", "--method", file], 1);
    assert!(error.contains("mine.toml: line ") && error.contains("400"), "{error}");
}

#[test]
fn anybodys_composite_index_is_run_stage_by_stage() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let data = root.join("../shared/data/asem/input_iData.csv");
    let method = root.join("methods/asem.toml");
    let method = method.to_str().unwrap();
    if !data.exists() {
        eprintln!("skipped: the ASEM data are not at hand");
        return;
    }
    let data = data.to_str().unwrap();
    let value = json(&["index", method, data]);
    // The first two of COINr's results_scores.csv.
    assert_eq!((&value["units"][0]["unit"], &value["units"][1]["unit"]), (&"CHE".into(), &"NLD".into()));
    assert!((value["units"][0]["score"].as_f64().unwrap() - 68.383_724_238_341_71).abs() < 1e-10);
    let stage = run(&["index", method, data, "--stage", "normalised"], 0);
    assert!(stage.starts_with("unit,LPI,Flights") && stage.lines().count() == 52);
    let error = run(&["index", method, method], 1);
    assert!(error.contains("asem.toml"), "{error}");
}

#[test]
fn months_without_evidence_are_not_called_alike() {
    for (lang, same, nothing) in [
        ("en", "No criterion of any area is different", "No evidence on any criterion is held for"),
        ("nl", "geen criterium", "zijn over geen enkel criterium gegevens aanwezig"),
    ] {
        let ask = |a: &str, b: &str, code: i32| {
            run(&["assess", "SYR", "--level", "adm1", "--compare", a, b, "--lang", lang], code)
        };
        // The events that are held of Syria end with 2019.
        let neither = ask("2026-01", "2026-02", 4);
        assert_eq!(neither.matches(nothing).count(), 2, "{neither}");
        assert!(!neither.contains(same), "{neither}");
        let one = ask("2018-12", "2026-02", 4);
        assert_eq!(one.matches(nothing).count(), 1, "{one}");
        assert!(one.contains("2026") && !one.contains(same), "{one}");
        let both = ask("2018-12", "2017-12", 0);
        assert!(!both.contains(nothing), "{both}");
    }
    let shown = run(&["assess", "SYR", "--level", "adm1", "--compare", "2018-12", "2026-02", "--json"], 4);
    let value: Json = serde_json::from_str(&shown).unwrap();
    assert_eq!((&value["a"]["evidence_held"], &value["b"]["evidence_held"]), (&true.into(), &false.into()));
}

#[test]
fn an_indicator_that_counts_for_nobody_is_named() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cases/turn-2/14-index");
    if !folder.exists() {
        eprintln!("skipped: the cases are not at hand");
        return;
    }
    let [method, data] =
        ["coinr_const.toml", "coinr_const.csv"].map(|f| folder.join(f).display().to_string());
    let shown = run(&["index", &method, &data], 0);
    assert!(shown.contains("x1: the same value for all units"), "{shown}");
    let dutch = run(&["index", &method, &data, "--lang", "nl"], 0);
    assert!(dutch.contains("x1: dezelfde waarde voor alle eenheden"), "{dutch}");
    let value = json(&["index", &method, &data]);
    let without = &value["indicators_without_score"];
    assert_eq!(without, &serde_json::json!([{"indicator": "x1", "times": [], "constant": true}]));
}

#[test]
fn a_stage_of_a_panel_tells_its_times_apart() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let method = write(
        "panel.toml",
        "name = \"panel\"\ndata = { unit = \"uCode\", time = \"Time\" }\n\
         normalise = { method = \"minmax\", lower = 0, upper = 100 }\naggregate = { method = \"arithmetic\" }\n\
         group = [{ code = \"Index\", weight = 1 }]\nindicator = [{ code = \"x1\", parent = \"Index\" }]\n",
    );
    let data = write("panel.csv", "uCode,Time,x1\nA,2020,1\nB,2020,3\nA,2021,2\nB,2021,5\n");
    let stage = run(&["index", &method, &data, "--stage", "raw"], 0);
    assert_eq!(stage, "unit,time,x1\nA,2020,1\nB,2020,3\nA,2021,2\nB,2021,5\n");
}
