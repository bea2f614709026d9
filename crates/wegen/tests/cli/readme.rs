//! README's commands, in its order and word for word, and what they print.
//!
//! After README's own import of a publisher's file the commands that read run once more: most faults of a ledger show
//! only when real evidence stands beside the built-in one.

use std::{fs, path::Path};

use super::*;

/// A command of README, with the lines that it prints there.
struct Step {
    words: Vec<String>,
    /// The file that standard output is written to (`> FILE`).
    into: Option<String>,
    printed: Vec<String>,
}

/// The commands in the fenced blocks, `$ wegen …` each.
fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut fenced, mut ours) = (false, false);
    for line in readme.lines() {
        if line.starts_with("```") {
            (fenced, ours) = (!fenced, false);
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| fenced) {
            ours = command.starts_with("wegen ");
            if ours {
                let mut words = split(command);
                let into = words.iter().position(|w| w == ">").map(|at| words.split_off(at).remove(1));
                steps.push(Step { words: words.split_off(1), into, printed: Vec::new() });
            }
        } else if let Some(step) = steps.last_mut().filter(|_| fenced && ours) {
            step.printed.push(line.to_owned());
        }
    }
    steps
}

/// Words of a command line, with quotation marks as a shell takes them.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(q)) if c == q => quote = None,
            (' ', None) => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Whether README's lines stand in what was printed, in their order; `…` stands for anything. README has no room for the
/// width of some tables, so spaces beside each other are one.
fn stands(printed: &str, expected: &[String]) -> Result<(), String> {
    let narrow = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown: Vec<String> = printed.lines().map(narrow).collect();
    let mut lines = shown.iter();
    for wanted in expected.iter().filter(|l| !["…", ""].contains(&l.trim())) {
        let wanted = narrow(wanted);
        let pieces: Vec<&str> = wanted.split('…').map(str::trim).collect();
        let fits = |line: &String| {
            let mut rest = line.as_str();
            pieces.iter().all(|piece| match rest.find(piece) {
                Some(at) => {
                    rest = &rest[at + piece.len()..];
                    true
                }
                None => false,
            })
        };
        if !lines.any(fits) {
            return Err(format!("README has `{wanted}`, the program printed:\n{printed}"));
        }
    }
    Ok(())
}

/// What a test leaves out, and why.
fn left_out(words: &[String]) -> Option<&'static str> {
    match words[0].as_str() {
        "sync" => Some("it asks the publishers"),
        "simulate" => Some("it takes minutes, and `tests/cli/movement.rs` runs it"),
        _ => None,
    }
}

#[test]
fn readme_holds_and_holds_after_a_real_import() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let place = tempfile::tempdir().unwrap();
    let ledger = place.path().join("ledger");
    for (link, target) in [("examples", "examples"), ("scenarios", "scenarios"), ("methods", "methods")] {
        std::os::unix::fs::symlink(root.join(target), place.path().join(link)).unwrap();
    }
    let mut held = 0;
    for (file, at) in [
        ("population.csv.gz", "../shared/data/unhcr-population/population.csv.gz"),
        (
            "MissingMigrants-Global-2026-05-06.csv",
            "../shared/data/iom-missing-migrants/captures/mmp_package_2025-05-09.csv.gz",
        ),
    ] {
        let real = root.join(at);
        if real.exists() {
            held += 1;
            fs::copy(&real, place.path().join(file)).unwrap();
        } else {
            eprintln!("skipped: README's import of `{file}` (it is not at hand: {at})");
        }
    }
    let run = |words: &[String]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wegen"))
            .args(words)
            .current_dir(place.path())
            .env("WEGEN_LEDGER", &ledger)
            .env_remove("WEGEN_LOG")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "wegen {}: {:?}\n{said}", words.join(" "), output.status.code());
        (String::from_utf8(output.stdout).unwrap(), said)
    };
    let steps = steps(&readme);
    assert!(steps.len() > 25, "README has commands");
    let (mut again, mut faults) = (Vec::new(), Vec::new());
    for step in &steps {
        if left_out(&step.words).is_some() || (step.words[0] == "import" && held < 2) {
            continue;
        }
        let (printed, said) = run(&step.words);
        match &step.into {
            Some(file) => fs::write(place.path().join(file), printed).unwrap(),
            None => faults.extend(
                stands(&format!("{printed}{said}"), &step.printed)
                    .err()
                    .map(|e| format!("wegen {}: {e}", step.words.join(" "))),
            ),
        }
        if ["report", "sources", "figure", "why", "assess", "why-area", "ledger"]
            .contains(&step.words[0].as_str())
        {
            again.push(step);
        }
    }
    // The same evidence, imported: a figure, its lineage and a report stay as README has them.
    let edition = |line: &String| !line.contains("edition") && !line.contains("/observation/");
    for step in again.iter().filter(|_| held == 2) {
        let (printed, _) = run(&step.words);
        if step.words[0] == "figure" {
            let stays: Vec<String> = step.printed.iter().filter(|l| edition(l)).cloned().collect();
            faults.extend(stands(&printed, &stays).err().map(|e| format!("after the import: {e}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
