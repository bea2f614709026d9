//! What it costs to read a publisher's file and to store it, in this process: the processor's time and the memory.
//!
//! ```text
//! cargo bench -p wegen-sources --bench storing -- [SOURCE FILE]    a file into an empty ledger, and beside the starter
//! cargo bench -p wegen-sources --bench storing -- made-up MILLIONS    so many made-up records, twice: the ledger's memory
//! ```
//!
//! Without a file it is UNHCR's table of populations under `../shared/data`. `benches/compare_import.py` sets the whole
//! command beside other programs.

#![allow(clippy::unwrap_used, reason = "a bench stops where anything is not as it should be")]

use std::{fs, path::Path, time::Instant};

use jiff::Timestamp;
use wegen_ledger::{Draft, Ledger, Part};
use wegen_model::{Code, Locator, Observation, Period, Record, Status, indicators};
use wegen_sources::File;

/// Seconds of the processor that this process has used, its own and the system's for it; zero where nobody says.
fn used() -> (f64, f64) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| rest.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0) / 100.0;
    (ticks(11), ticks(12))
}

/// The most memory that this process has held, in megabytes.
fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|k| k.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

fn measured<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (before, clock) = (used(), Instant::now());
    let made = run();
    let (user, system) = used();
    println!(
        "{what:<44} {:>6.2} user {:>6.2} system {:>6.2} elapsed {:>6.0} MB at most",
        user - before.0,
        system - before.1,
        clock.elapsed().as_secs_f64(),
        peak()
    );
    made
}

fn import(ledger: &mut Ledger, source: &str, path: &Path) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let draft = measured("  read and check", || {
        wegen_sources::draft(source, vec![File::open(name, path).unwrap()], "bench", Timestamp::now())
            .unwrap()
    });
    measured("  add up", || wegen_sources::totals(&draft.records).unwrap());
    let (change, added) = measured("  store", || ledger.add_if(draft, |_| true).unwrap());
    println!("  {} records, {} new, {} same", added.unwrap().snapshot.records, change.new, change.same);
}

/// Records of no file, pushed one by one, in an order that is not the ledger's; the values of each round are others.
fn made_up(ledger: &mut Ledger, millions: u32, round: u32) {
    let code = |n: u32| Code::new(&format!("P{:04}", n % 250)).unwrap();
    let ids = ["refugees", "idps", "stateless", "asylum-seekers"].map(|id| indicators().get(id).unwrap());
    let now = Timestamp::now();
    let mut draft = Draft::new("made-up", now);
    draft.parts.push(Part::new("made-up", round.to_string().into_bytes()));
    measured("  push", || {
        for n in 0..millions * 1_000_000 {
            let record = Record::Observation(Observation {
                indicator: ids[n as usize % 4],
                place: code(n / 250),
                counterpart: Some(code(n)),
                period: Period::of_year(1900 + (n / 62_500 % 120) as i16).unwrap(),
                value: f64::from(n + round),
                bounds: None,
                status: Status::Normal,
                dims: None,
                locator: Locator { part: 0, row: n, column: 0 },
            });
            draft.records.push(record).unwrap();
        }
    });
    let (change, _) = measured("  store", || ledger.add_if(draft, |_| true).unwrap());
    println!("  {} new, {} revised, {} same", change.new, change.revised, change.same);
}

fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [what, millions] = given.as_slice()
        && what == "made-up"
    {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        for round in 0..2 {
            made_up(&mut ledger, millions.parse().unwrap(), round);
        }
        return;
    }
    let shared =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/unhcr-population/population.csv.gz");
    let (source, path) = match given.as_slice() {
        [source, path] => (source.clone(), path.into()),
        _ => ("unhcr-population".to_owned(), shared),
    };
    if !path.exists() {
        println!("`{}` is not there: nothing to measure", path.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    println!("into an empty ledger");
    import(&mut Ledger::open(&folder.path().join("empty")).unwrap(), &source, &path);
    println!("beside the starter evidence");
    let mut ledger = Ledger::open(&folder.path().join("starter")).unwrap();
    measured("  the starter evidence, taken up", || wegen_sources::adopt_starter(&mut ledger).unwrap());
    import(&mut ledger, &source, &path);
}
