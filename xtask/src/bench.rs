//! Whole commands side by side: imports against pandas doing the same, reports against their limits.
//!
//! Each pair is run in turn (A B A B …) after one warm-up, so that a machine that slows down slows both; the
//! medians are printed with their ratio. `time` of the shell's kind is not needed: the wall clock and the peak
//! memory come from the kernel through `/usr/bin/time` where that is installed.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use crate::Outcome;

/// Runs all measurements and prints them as a table.
pub(crate) fn run(from: &Path, runs: usize) -> Outcome {
    let built =
        Command::new("cargo").args(["build", "--release", "--locked", "--package", "wegen"]).status()?;
    if !built.success() {
        return Err("the release build failed".into());
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    let wegen = format!("{target}/release/wegen");
    let work = tempfile::tempdir()?;
    let ledger = |name: &str| work.path().join(name).display().to_string();
    let population = from.join("unhcr-population/population.csv.gz").display().to_string();
    let ged = from.join("ucdp/ged191_syria_2016-2019.csv.gz").display().to_string();
    let script = "benches/pandas_import.py";

    println!("{:<46} {:>9} {:>9} {:>7}", "", "wegen s", "pandas s", "ratio");
    for (what, source, file) in [("population", "unhcr-population", &population), ("GED", "ucdp-ged", &ged)] {
        let check = [&wegen, "import", "--source", source, "--dry-run", "--json", file];
        let peer = ["python3", script, source, file];
        pair(
            &format!("{what}: read, check, aggregate"),
            &check.map(String::from),
            &peer.map(String::from),
            runs,
            || {},
        );
        let (a, b) = (ledger("a"), ledger("b.sqlite"));
        let store = [&wegen, "--ledger", &a, "--no-starter", "import", "--source", source, file];
        let peer = ["python3", script, source, file, &b];
        pair(
            &format!("{what}: the same, and store"),
            &store.map(String::from),
            &peer.map(String::from),
            runs,
            || {
                let _ = fs::remove_dir_all(&a);
                let _ = fs::remove_file(&b);
            },
        );
    }

    let held = ledger("held");
    let out = ledger("out");
    let report = |arguments: &[&str]| -> Vec<String> {
        let mut all: Vec<String> =
            [&wegen, "--ledger", &held, "--quiet", "report", "--out", &out].map(str::to_owned).to_vec();
        all.extend(arguments.iter().map(|a| (*a).to_owned()));
        all
    };
    println!("\n{:<46} {:>9} {:>9} {:>9}", "", "median s", "limit s", "peak MB");
    let whole = measure("report SYR", &report(&["SYR"]), runs, Some(2.0));
    let without = measure("report SYR without PDF", &report(&["SYR", "--no-pdf"]), runs, None);
    println!("{:<46} {:>9.2} {:>9}", "  of which PDF", whole - without, "1.0");
    measure("all focus countries", &report(&["--all"]), runs.min(3), Some(30.0));
    Ok(())
}

fn seconds(command: &[String]) -> f64 {
    let start = Instant::now();
    let status =
        Command::new(&command[0]).args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => start.elapsed().as_secs_f64(),
        _ => f64::NAN,
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn pair(what: &str, ours: &[String], peer: &[String], runs: usize, mut clean: impl FnMut()) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        clean();
        let times = (seconds(ours), seconds(peer));
        if run > 0 {
            a.push(times.0);
            b.push(times.1);
        }
    }
    clean();
    let (a, b) = (median(a), median(b));
    println!("{what:<46} {a:>9.3} {b:>9.3} {:>6.1}x", b / a);
}

fn measure(what: &str, command: &[String], runs: usize, limit: Option<f64>) -> f64 {
    seconds(command);
    let took = median((0..runs).map(|_| seconds(command)).collect());
    let mut timed = vec!["-f".to_owned(), "%M".to_owned()];
    timed.extend(command.iter().cloned());
    let peak = Command::new("/usr/bin/time")
        .args(&timed)
        .stdout(Stdio::null())
        .output()
        .ok()
        .and_then(|o| String::from_utf8_lossy(&o.stderr).lines().last()?.trim().parse::<f64>().ok());
    let limit = limit.map_or("–".to_owned(), |l| format!("{l:.1}"));
    let peak = peak.map_or("–".to_owned(), |kb| format!("{:.0}", kb / 1024.0));
    println!("{what:<46} {took:>9.2} {limit:>9} {peak:>9}");
    took
}
