//! Simulations of movement, over a made-up instance.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use wegen_model::verdicts;

use super::{LEDGER, json, refused, text, wegen};

const INSTANCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/example");
const CEASEFIRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/ceasefire.toml");
const PUSHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/pushed.toml");

fn simulate(further: &[&str]) -> std::process::Output {
    wegen(&LEDGER, &[&["simulate", INSTANCE, "--members", "20", "--quiet"], further].concat())
}

/// All files below a folder by their path.
pub(crate) fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(folder: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(folder, &path, found),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn strings(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap_or_else(|_| panic!("{name} is no text"))
}

fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_simulation_is_shown_with_its_errors_and_the_notice() {
    let shown = text(&simulate(&[]));
    for said in [
        "E      Neighbour",
        "90% range",
        "Totals are given",
        "as published",
        "honest mode",
        "Baselines",
        "Not for individual decisions",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let dutch = text(&simulate(&["--lang", "nl"]));
    assert!(dutch.contains("90%-marge") && dutch.contains("Totalen zijn gegeven"), "{dutch}");
    let answer = json(&simulate(&["--json"]));
    assert_eq!(answer["not_for_individual_decisions"], true);
    assert_eq!(answer["members"], 20);
    let e = answer["places"].as_array().unwrap().iter().find(|p| p["place"] == "E").unwrap();
    assert!(e["registered"].as_u64().unwrap() > 8000 && e["displaced"]["median"][0].as_f64().unwrap() > 0.0);
    assert!(answer["history"]["published"]["error"]["mean"].as_f64().unwrap() > 0.0);
    assert!(answer["history"]["alone"]["baselines"].as_array().unwrap().len() >= 4);
}

#[test]
fn the_same_seed_gives_the_same_files_and_another_one_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).display().to_string();
    let (a, b, c) = (out("a"), out("b"), out("c"));
    text(&simulate(&["--priors", "built-in", "--threads", "1", "--out", &a]));
    text(&simulate(&["--priors", "built-in", "--threads", "3", "--out", &b]));
    text(&simulate(&["--priors", "built-in", "--seed", "2", "--out", &c]));
    let trees = [a, b, c].map(|p| {
        let mut tree = tree(&PathBuf::from(p));
        // Members stand in the order in which they were finished.
        tree.remove("working/members.bin").unwrap();
        tree
    });
    assert_eq!(trees[0], trees[1]);
    assert_ne!(trees[0]["working/series.csv"], trees[2]["working/series.csv"]);
}

#[test]
fn what_is_written_is_whole_and_what_is_published_is_coarse() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    text(&simulate(&["--scenario", CEASEFIRE, "--out", &out.display().to_string()]));
    let files = tree(&out);
    for name in [
        "run.toml",
        "published/SOURCES.md",
        "working/README.txt",
        "working/summary.csv",
        "working/series.csv",
        "working/parameters.csv",
        "working/job.json",
        "working/map.svg",
        "working/report.html",
        "working/members.bin",
        "working/charts/e.svg",
        "published/README.txt",
        "published/months.csv",
        "published/report.html",
        "published/charts/all.svg",
    ] {
        assert!(files.contains_key(name), "{name} is not among {:?}", files.keys());
    }
    // Nothing is left beside it.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // Nothing of a camp, a day or a coordinate is published.
    for (name, bytes) in files.iter().filter(|(name, _)| name.starts_with("published/")) {
        let content = String::from_utf8_lossy(bytes);
        for day in ["2020-03-15", "15 March 2020"] {
            assert!(!content.contains(day), "{name} holds {day}");
        }
    }
    let months = rows(&strings(&files, "published/months.csv"));
    assert!(months.iter().all(|r| r["month"].len() == 7 && r["not_for_individual_decisions"] == "true"));
    assert!(months.iter().all(|r| !r["attribution"].is_empty() && !r.contains_key("place")));
    let whole = months.iter().find(|r| r["country"].is_empty() && r["month"] == "2020-06").unwrap();
    assert!(whole["p05"].parse::<f64>().unwrap() <= whole["p95"].parse::<f64>().unwrap());
    assert!(!whole["past_error_honest"].is_empty() && !whole["past_error_as_published"].is_empty());
    // The last registration is of August; what comes after is a forecast, and shown by country alone.
    let later: Vec<_> = months.iter().filter(|r| r["month"].as_str() > "2020-08").collect();
    assert!(later.iter().any(|r| !r["region"].is_empty()) && later.iter().any(|r| r["withheld"].is_empty()));
    for row in later {
        assert_eq!(row["p95"].is_empty(), !row["region"].is_empty(), "{row:?}");
    }
    // Day by day for the analyst.
    let series = rows(&strings(&files, "working/series.csv"));
    assert!(series.iter().any(|r| r["place"] == "E" && r["date"] == "2020-03-15" && r["end"] == "low"));
    assert!(series.iter().any(|r| r["counts"] == "set-out-own-decision"));
    let page = strings(&files, "working/report.html");
    for said in [
        "Fighting at A and B ends on day 120",
        "EUR 2,000,000 (prices of 2020)",
        "How far off such runs were",
        "<svg",
    ] {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("<script"));
    assert!(!strings(&files, "published/report.html").contains(">E<"));
}

#[test]
fn areas_with_few_people_are_withheld_with_the_totals_that_would_give_them_away() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("few");
    super::copy(Path::new(INSTANCE), &instance);
    fs::write(instance.join("source_data/e.csv"), "#Date,Count\n2020-01-01,4\n2020-08-27,7\n").unwrap();
    let out = folder.path().join("out");
    let (instance, to) = (instance.display().to_string(), out.display().to_string());
    text(&wegen(&LEDGER, &["simulate", &instance, "--members", "4", "--quiet", "--out", &to]));
    let months = rows(&fs::read_to_string(out.join("published/months.csv")).unwrap());
    for row in &months {
        let west = row["country"] == "Neighbour" && row["region"] != "East";
        let all = row["country"].is_empty();
        assert!(
            !(west || all)
                || row["withheld"] == "true" && row["registered"].is_empty() && row["p95"].is_empty(),
            "{row:?}"
        );
    }
    assert!(months.iter().any(|r| r["region"] == "East" && r["withheld"].is_empty()));
}

#[test]
fn an_interrupted_run_goes_on_from_what_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name);
    let run = |name: &str, further: &[&str]| {
        let to = out(name).display().to_string();
        simulate(&[&["--out", &to], further].concat())
    };
    text(&run("whole", &[]));
    // Members of a run that was torn off in the middle of one.
    let members = fs::read(out("whole").join("working/members.bin")).unwrap();
    fs::create_dir_all(out("torn").join("working")).unwrap();
    fs::write(out("torn").join("working/members.bin"), &members[..members.len() * 2 / 5]).unwrap();
    text(&run("torn", &[]));
    let trees = ["whole", "torn"].map(|name| {
        let mut tree = tree(&out(name));
        tree.remove("working/members.bin");
        tree
    });
    assert_eq!(trees[0], trees[1]);
    // Members of another run are not mixed in.
    let other = refused(&run("whole", &["--seed", "9"]), 1);
    assert!(other.contains("members of another ensemble") && other.contains("hint:"), "{other}");
    // Somebody's own folder is not written into.
    fs::create_dir(out("mine")).unwrap();
    fs::write(out("mine").join("thesis.txt"), "mine").unwrap();
    refused(&run("mine", &[]), 2);
    assert_eq!(tree(&out("mine")).len(), 1);
}

#[test]
fn an_earlier_run_is_done_again_from_its_job_with_what_was_assumed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let first = json(&simulate(&["--scenario", CEASEFIRE, "--out", &out.display().to_string(), "--json"]));
    let job = out.join("working/job.json").display().to_string();
    let again = json(&wegen(&LEDGER, &["simulate", &job, "--members", "20", "--quiet", "--json"]));
    for same in ["places", "totals", "scenario", "parameters", "settings"] {
        assert_eq!(again[same], first[same], "{same}");
    }
    assert_eq!(again["scenario"]["assumptions"].as_array().unwrap().len(), 2);
}

#[test]
fn two_scenarios_are_compared_member_by_member_and_kinds_of_return_stay_apart() {
    let same = json(&simulate(&["--compare", "none", "none", "--json"]));
    for row in same["differences"].as_array().unwrap() {
        assert_eq!(row["difference_wide"], serde_json::json!([0.0, 0.0]), "{row}");
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("compared");
    let to = out.display().to_string();
    let shown = text(&simulate(&["--compare", CEASEFIRE, PUSHED, "--out", &to]));
    for said in [
        "own decision",
        "under obligation or forced",
        "by whatever kind of return",
        "are not to be added",
        "same random numbers",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let answer = json(&simulate(&["--compare", CEASEFIRE, PUSHED, "--json"]));
    let of = |total: &str| -> Vec<Json> {
        let rows = answer["differences"].as_array().unwrap().iter();
        rows.filter(|r| r["of"]["total"] == total).cloned().collect()
    };
    let pushed = of("set-out-pushed");
    assert!(pushed.last().unwrap()["difference"][0].as_f64().unwrap() > 0.0, "{pushed:?}");
    assert!(pushed.iter().all(|r| r["median_a"] == serde_json::json!([0.0, 0.0])));
    let published = fs::read_to_string(out.join("published/differences.csv")).unwrap();
    assert!(rows(&published).iter().all(|r| r["place"].is_empty() && r["month"].len() == 7));
    assert!(out.join("working/differences.csv").is_file() && out.join("comparison.toml").is_file());
}

#[test]
fn flees_columns_are_printed_for_existing_scripts() {
    let table = text(&simulate(&["--format", "flee"]));
    let head = table.lines().next().unwrap();
    assert!(head.starts_with("Day,Date,E sim,E data,E error,F sim"), "{head}");
    assert!(head.ends_with("refugees in camps (simulation),refugee_debt"));
    assert_eq!(table.lines().count(), 241);
    let flee = text(&simulate(&["--format", "flee", "--compat", "flee"]));
    assert_ne!(table, flee);
}

/// Inputs of Flee of 2026 that change its result and are not followed here: a column, a file, a setting.
fn with_what_is_not_followed(folder: &Path) -> String {
    let instance = folder.join("newer");
    super::copy(Path::new(INSTANCE), &instance);
    let locations = instance.join("input_csv/locations.csv");
    let grown: String = (fs::read_to_string(&locations).unwrap().lines().enumerate())
        .map(|(at, line)| format!("{line},{}\n", if at == 0 { "capacity_per_day" } else { "100" }))
        .collect();
    fs::write(&locations, grown).unwrap();
    for (file, text) in [
        ("location_changes.csv", "#name,type,day\nC,idpcamp,100\n"),
        ("region_attributes_IPC.csv", "#Day,North\n0,3\n"),
        ("major_routes.csv", "A,C,E\n"),
    ] {
        fs::write(instance.join("input_csv").join(file), text).unwrap();
    }
    let settings = instance.join("simsetting.yml");
    fs::write(&settings, fs::read_to_string(&settings).unwrap() + "new_rule: False\n").unwrap();
    instance.display().to_string()
}

#[test]
fn every_command_refuses_a_rule_that_is_not_supported() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("newer");
    super::copy(Path::new(INSTANCE), &instance);
    fs::write(instance.join("simsetting.yml"), "move_rules:\n  use_economic_pull: True\n").unwrap();
    let instance = instance.display().to_string();
    for command in [
        vec!["simulate", &instance, "--members", "2"],
        vec!["simulate", &instance, "--members", "2", "--compare", "none", CEASEFIRE],
        vec!["validate", &instance, "--runs", "2"],
        vec!["calibrate", &instance, "--particles", "4", "--generations", "1"],
    ] {
        let output = wegen(&LEDGER, &[&command[..], &["--quiet"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{command:?}");
        assert!(said.contains("simsetting.yml: line 2: use_economic_pull is not supported"), "{said}");
    }
}

#[test]
fn every_command_says_what_of_an_instance_is_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    let instance = with_what_is_not_followed(folder.path());
    let told = |shown: &str, of: &str| {
        for said in [
            "locations.csv: line 1: column `capacity_per_day` is not followed: camps keep their capacity",
            "location_changes.csv: not read: places keep their type",
            "region_attributes_IPC.csv: not read: food security changes nothing",
            "major_routes.csv: not read: nobody knows of places further away",
            "new_rule is not a setting that is known, and is not followed",
        ] {
            assert!(shown.contains(said), "{of}: {said}: {shown}");
        }
    };
    let run = |further: &[&str]| wegen(&LEDGER, &[further, &["--quiet"]].concat());
    let few = ["--particles", "4", "--generations", "1"];
    let commands = [
        ("simulate", vec!["simulate", &instance, "--members", "2"]),
        ("compare", vec!["simulate", &instance, "--members", "2", "--compare", "none", CEASEFIRE]),
        ("validate", vec!["validate", &instance, "--runs", "2"]),
        ("calibrate", [&["calibrate", &instance], &few[..]].concat()),
    ];
    for (name, command) in &commands {
        told(&text(&run(command)), name);
        let answer = json(&run(&[&command[..], &["--json"]].concat()));
        told(&answer["notes"].to_string(), name);
    }
    // What is written says it to the analyst.
    for ((name, command), file) in commands.iter().zip([
        &["working/report.html"][..],
        &["working/README.txt", "comparison.toml"],
        &[],
        &["posterior.json"],
    ]) {
        let out = folder.path().join(name);
        if !file.is_empty() {
            text(&run(&[&command[..], &["--out", &out.display().to_string()]].concat()));
        }
        for file in file {
            told(&fs::read_to_string(out.join(file)).unwrap(), file);
        }
    }
    let comparison = fs::read_to_string(folder.path().join("compare/comparison.toml")).unwrap();
    assert!(comparison.parse::<toml::Table>().unwrap()["notes"].as_array().unwrap().len() >= 3);
    // A table for scripts keeps its columns; the notes stand beside it.
    let flee = run(&["simulate", &instance, "--format", "flee"]);
    assert_eq!(text(&flee).lines().count(), 241);
    told(&String::from_utf8_lossy(&flee.stderr), "flee");
    // A run that is done again from its job says it again.
    let job = folder.path().join("simulate/working/job.json").display().to_string();
    told(&text(&run(&["simulate", &job, "--members", "2"])), "job");
}

#[test]
fn a_rule_that_changes_the_result_and_is_not_followed_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("newer");
    super::copy(Path::new(INSTANCE), &instance);
    let settings = instance.join("simsetting.yml");
    let given = fs::read_to_string(&settings).unwrap();
    let instance = instance.display().to_string();
    for rule in ["use_economic_pull", "ElderlyAvoidHazards"] {
        fs::write(&settings, format!("{given}{rule}: True\n")).unwrap();
        let line = given.lines().count() + 1;
        let said = format!("simsetting.yml: line {line}: {} is not supported", rule.to_lowercase());
        for command in [
            &["simulate", &instance][..],
            &["simulate", &instance, "--compare", "none", "none"],
            &["validate", &instance],
            &["calibrate", &instance],
        ] {
            let error = refused(&wegen(&LEDGER, command), 1);
            assert!(error.contains(&said), "{command:?}: {error}");
        }
    }
}

#[test]
fn validation_prints_both_modes_and_says_where_a_baseline_is_nearer() {
    let shown = text(&wegen(&LEDGER, &["validate", INSTANCE, "--runs", "5", "--quiet"]));
    for said in [
        "As published",
        "Honest",
        "shares frozen at the start",
        "uses what is only known afterwards",
        "CRPS",
        "Skill is 1 − error",
    ] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let answer = json(&wegen(&LEDGER, &["validate", INSTANCE, "--runs", "5", "--quiet", "--json"]));
    let alone = &answer["honest_alone"][0];
    let (skill, low, high) =
        (&alone["skill"], &alone["skill_interval"]["low"], &alone["skill_interval"]["high"]);
    assert!(low.as_f64() <= high.as_f64() && skill.as_f64().is_some());
    let said = if high.as_f64().unwrap() < 0.0 {
        "A baseline is nearer"
    } else if low.as_f64().unwrap() > 0.0 {
        "The model is nearer"
    } else {
        "Neither is clearly nearer"
    };
    assert!(shown.contains(said), "{shown}");
}

#[test]
fn a_calibration_says_what_registrations_tell_and_its_sample_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("fit");
    let to = out.display().to_string();
    let few = ["--particles", "8", "--generations", "1", "--quiet"];
    let shown = text(&wegen(&LEDGER, &[&["calibrate", INSTANCE, "--out", &to], &few[..]].concat()));
    assert!(shown.contains("softening") && shown.contains("No instance was held out"), "{shown}");
    assert!(out.join("posterior.csv").is_file() && out.join("charts/profile-softening.svg").is_file());
    let held = json(&wegen(
        &LEDGER,
        &[&["calibrate", INSTANCE, "--hold-out", INSTANCE, "--json"], &few[..]].concat(),
    ));
    assert_eq!(held["held_out"].as_array().unwrap().len(), 1);
    let posterior = out.join("posterior.json").display().to_string();
    let drawn = text(&simulate(&["--posterior", &posterior]));
    assert!(drawn.contains("a calibrated sample of 8 points"), "{drawn}");
}

#[test]
fn bad_input_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("bad");
    super::copy(Path::new(INSTANCE), &instance);
    let path = instance.display().to_string();
    let broken = |file: &str, from: &str, to: &str| {
        let file = instance.join(file);
        let before = fs::read_to_string(&file).unwrap();
        assert!(before.contains(from));
        fs::write(&file, before.replacen(from, to, 1)).unwrap();
        let said = refused(&wegen(&LEDGER, &["simulate", &path, "--members", "2", "--quiet"]), 1);
        fs::write(&file, before).unwrap();
        said
    };
    let said = broken("input_csv/locations.csv", "B,North,Example,1.5", "B,North,Example,far");
    assert!(said.contains("locations.csv") && said.contains("line 3"), "{said}");
    let said = broken("input_csv/routes.csv", "A,B,125", "A,Z,125");
    assert!(said.contains("routes.csv") && said.contains("line 3") && said.contains('Z'), "{said}");
    let scenario = folder.path().join("s.toml");
    let text = fs::read_to_string(CEASEFIRE).unwrap();
    fs::write(&scenario, text.replacen("places = [\"A\", \"B\"]", "places = [\"A\", \"Nowhere\"]", 1))
        .unwrap();
    let scenario = scenario.display().to_string();
    let said = refused(&simulate(&["--scenario", &scenario]), 1);
    assert!(said.contains("s.toml: line") && said.contains("Nowhere"), "{said}");
    fs::write(
        folder.path().join("v.toml"),
        text.replace("Fighting at A and B ends", "A is safe again: fighting ends"),
    )
    .unwrap();
    let verdict = folder.path().join("v.toml").display().to_string();
    assert!(refused(&simulate(&["--scenario", &verdict]), 1).contains("a verdict"));
    assert!(refused(&simulate(&["--set", "softness=3"]), 2).contains("softness"));
    assert!(refused(&simulate(&["--set", "softening"]), 2).contains("NAME=NUMBER"));
    refused(&wegen(&LEDGER, &["simulate", "nowhere"]), 1);
}

#[test]
fn no_output_judges_a_place_or_a_return() {
    let folder = tempfile::tempdir().unwrap();
    for lang in ["en", "nl"] {
        let out = folder.path().join(lang);
        let to = out.display().to_string();
        let mut all = vec![
            text(&simulate(&["--scenario", PUSHED, "--lang", lang, "--out", &to])),
            text(&simulate(&["--compare", "none", CEASEFIRE, "--lang", lang])),
            text(&wegen(&LEDGER, &["validate", INSTANCE, "--runs", "3", "--quiet", "--lang", lang])),
            text(&wegen(
                &LEDGER,
                &["calibrate", INSTANCE, "--particles", "4", "--generations", "0", "--quiet", "--lang", lang],
            )),
        ];
        for (name, bytes) in tree(&out) {
            // Numbers alone, and the job, whose conditions have names of their own.
            if !name.ends_with(".bin") && !name.ends_with("job.json") {
                all.push(String::from_utf8(bytes).unwrap());
            }
        }
        for output in &all {
            assert_eq!(verdicts(output), [], "{output}");
        }
        assert!(all.iter().take(4).all(|o| o.contains(if lang == "en" {
            "Not for individual"
        } else {
            "Niet voor individuele"
        })));
    }
    for command in ["simulate", "validate", "calibrate", "movement"] {
        assert_eq!(verdicts(&text(&wegen(&LEDGER, &[command, "--help"]))), [], "{command}");
    }
}

#[test]
fn an_instance_is_built_from_what_is_held_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("syria").display().to_string();
    let built = text(&wegen(&LEDGER, &["movement", "build", "SYR", "--out", &out]));
    assert!(built.contains("SOURCES.md") && built.contains("Not for individual decisions"), "{built}");
    let run = text(&wegen(&LEDGER, &["simulate", &out, "--members", "2", "--quiet"]));
    assert!(run.contains("see its SOURCES.md"), "{run}");
    let twice = refused(&wegen(&LEDGER, &["movement", "build", "SYR", "--out", &out]), 1);
    assert!(twice.contains("syria"), "{twice}");
}

#[test]
fn the_simulations_that_are_carried_are_what_their_scenarios_give() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let work = tempfile::tempdir().unwrap();
    // The job bears the name of the folder, as the book has it.
    let instance = work.path().join("syria").display().to_string();
    text(&wegen(&LEDGER, &["movement", "build", "SYR", "--out", &instance]));
    let notes = |csv: &str| -> Vec<(String, String)> {
        let notes = rows(csv).into_iter().filter(|r| r["indicator"] == "simulation-note");
        notes.map(|r| (r["what"].clone(), format!("{} {}", r["en"], r["nl"]))).collect()
    };
    let mut scenarios = 0;
    for entry in fs::read_dir(root.join("scenarios")).unwrap() {
        let scenario = entry.unwrap().path();
        let name = scenario.file_stem().unwrap().to_string_lossy().into_owned();
        let out = work.path().join(&name);
        let (file, folder) = (scenario.display().to_string(), out.display().to_string());
        // Two members tell: the job is a hash of all that goes in, and the first member’s outcome is kept as a hash.
        text(&wegen(
            &LEDGER,
            &["simulate", &instance, "--scenario", &file, "--members", "2", "--quiet", "--out", &folder],
        ));
        let made = strings(&tree(&out), "published/simulation.csv");
        let carried = fs::read_to_string(root.join("starter/simulations").join(&name).with_extension("csv"));
        assert_eq!(notes(&made), notes(&carried.unwrap()), "{name}: run `cargo xtask simulations`");
        scenarios += 1;
    }
    assert_eq!(scenarios, fs::read_dir(root.join("starter/simulations")).unwrap().count());
}
