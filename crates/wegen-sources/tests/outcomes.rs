//! What becomes of every file in the shared data folder: read, as which source, or why not. The table of it stands in
//! CONTRIBUTING.md, where this test makes it and compares it.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use wegen_sources::{File, SourceError, draft, recognise};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../CONTRIBUTING.md");

/// What stands around the table.
const BEGINS: &str = "<!-- outcomes -->\n";
const ENDS: &str = "<!-- end of outcomes -->\n";

/// Set to anything, it writes the table into CONTRIBUTING.md instead of comparing it.
const WRITE: &str = "WEGEN_WRITE_OUTCOMES";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Read {
        source: &'static str,
        records: usize,
    },
    /// The form of no source.
    Unknown,
    Refused(String),
}

/// All files in a folder and below, but for the texts on them.
fn files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, into),
            false if path.extension().is_some_and(|e| e == "md") => {}
            false => into.push(path),
        }
    }
}

/// Reads one file as `wegen import FILE --dry-run` does.
fn outcome(path: &Path) -> Outcome {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let given = [File::new(name.clone(), fs::read(path).unwrap())];
    let read = |source: &'static str| {
        let day = "2026-11-30T00:00:00Z".parse().unwrap();
        draft(source, given.to_vec(), &name, day).map(|draft| (source, draft.records.len()))
    };
    match recognise(&given).and_then(read) {
        Ok((source, records)) => Outcome::Read { source, records },
        Err(SourceError::Unrecognised { .. }) => Outcome::Unknown,
        // The name stands in the row already, and so does what it is packed in.
        Err(error) => {
            let inner = name.trim_end_matches(".gz").trim_end_matches(".zst");
            let told = error.to_string();
            Outcome::Refused(
                told.replace(&format!("`{name}`"), "the file").replace(&format!("`{inner}`"), "the file"),
            )
        }
    }
}

/// The outcomes of all files, in the order of their paths below `folder`.
fn outcomes(folder: &Path) -> BTreeMap<String, Outcome> {
    let mut paths = Vec::new();
    files(folder, &mut paths);
    // The largest first, so that no processor is left with one at the end.
    paths.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
            done.push((name, outcome(path)));
        }
        done
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}

/// The table: a row for each file that is read, or refused for a reason of its own; one for those of a folder that
/// share theirs.
fn table(outcomes: &BTreeMap<String, Outcome>) -> String {
    let mut rows: Vec<(String, usize, &Outcome)> = Vec::new();
    let mut shared: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (path, outcome) in outcomes {
        // Whole folders hold nothing that is imported: those of instances, of papers, of tests.
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        if !matches!(outcome, Outcome::Read { .. })
            && let Some(&row) = shared.get(&(folder, format!("{outcome:?}")))
        {
            let row: &mut (String, usize, &Outcome) = &mut rows[row];
            (row.0, row.1) = (format!("{folder}/"), row.1 + 1);
            continue;
        }
        if !matches!(outcome, Outcome::Read { .. }) {
            shared.insert((folder, format!("{outcome:?}")), rows.len());
        }
        rows.push((path.clone(), 1, outcome));
    }
    let read = outcomes.values().filter(|o| matches!(o, Outcome::Read { .. })).count();
    let mut table = format!(
        "{} files: {read} are read, {} are not.\n\n| file | source | records, or why not |\n|---|---|---|\n",
        outcomes.len(),
        outcomes.len() - read
    );
    for (path, count, outcome) in rows {
        let file = if count == 1 { format!("`{path}`") } else { format!("`{path}` ({count} files)") };
        let (source, told) = match outcome {
            Outcome::Read { source, records } => (format!("`{source}`"), records.to_string()),
            Outcome::Unknown => (String::new(), "the form of no source".to_owned()),
            Outcome::Refused(why) => (String::new(), why.split_whitespace().collect::<Vec<_>>().join(" ")),
        };
        table.push_str(&format!("| {file} | {source} | {} |\n", told.replace('|', "\\|")));
    }
    table
}

/// `cargo test -p wegen-sources --test outcomes` compares; with `WEGEN_WRITE_OUTCOMES=1` before it, it writes.
#[test]
fn every_file_is_read_or_says_why_not() {
    let folder = Path::new(DATA);
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    }
    let outcomes = outcomes(folder);
    for (path, outcome) in &outcomes {
        if let Outcome::Refused(why) = outcome {
            assert!(why.len() > 20, "{path}: {why}");
        }
    }
    let table = table(&outcomes);
    let page = fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGINS).expect("CONTRIBUTING.md marks where the table begins");
    let (held, after) = rest.split_once(ENDS).expect("CONTRIBUTING.md marks where the table ends");
    if std::env::var_os(WRITE).is_some() {
        fs::write(PAGE, format!("{before}{BEGINS}{table}{ENDS}{after}")).unwrap();
        return;
    }
    let differ = |a: &str, b: &str| {
        let lines: Vec<&str> = b.lines().collect();
        a.lines().filter(|line| !lines.contains(line)).take(5).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(
        held == table,
        "CONTRIBUTING.md holds\n{}\nand reading gives\n{}\n`{WRITE}=1` writes it anew",
        differ(held, &table).join("\n"),
        differ(&table, held).join("\n"),
    );
}
