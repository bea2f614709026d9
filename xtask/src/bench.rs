//! Whole commands side by side: imports against pandas doing the same, reports and pages against their limits; on the
//! starter evidence, and on a ledger into which all of the publishers' files were imported (`benches/imported.txt`).
//!
//! Each pair is run in turn (A B A B …) after one warm-up, so that a machine that slows down slows both; the
//! medians are printed with their ratio. `time` of the shell's kind is not needed: the wall clock and the peak
//! memory come from the kernel through `/usr/bin/time` where that is installed.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
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

    let imported = ledger("imported");
    crate::import::all(Path::new(&wegen), from, Path::new(&imported))?;
    side_by_side(&wegen, [&held, &imported], &out, runs);
    for (name, held) in [("starter", &held), ("imported", &imported)] {
        pages(&wegen, held, name)?;
    }
    Ok(())
}

/// Commands on the starter ledger and on the imported one, in turn: CPU, their ratio, and the peak of memory.
fn side_by_side(wegen: &str, ledgers: [&String; 2], out: &str, runs: usize) {
    println!("\n{:<34} {:>12} {:>12} {:>7} {:>9}", "CPU", "starter s", "imported s", "ratio", "peak MB");
    let asked: [(&str, &[&str]); 3] = [
        ("report SYR (1.3 times, 2 s)", &["report", "SYR", "--out", out]),
        ("report SYR without PDF", &["report", "SYR", "--no-pdf", "--out", out]),
        ("assess SYR (0.2 s)", &["assess", "SYR"]),
    ];
    for (what, arguments) in asked {
        let (mut times, mut peak) = ([Vec::new(), Vec::new()], 0.0_f64);
        for run in 0..=runs {
            for (ledger, times) in ledgers.iter().zip(&mut times) {
                let (cpu, kb) = cpu_and_peak(wegen, ledger, arguments);
                peak = peak.max(kb / 1024.0);
                if run > 0 {
                    times.push(cpu);
                }
            }
        }
        let [starter, imported] = times.map(median);
        let ratio = imported / starter;
        println!("{what:<34} {starter:>12.2} {imported:>12.2} {ratio:>6.2}x {peak:>9.0}");
    }
}

/// Seconds of CPU and kilobytes, by `/usr/bin/time`; not a number where that is not installed.
fn cpu_and_peak(wegen: &str, ledger: &str, arguments: &[&str]) -> (f64, f64) {
    let timed = Command::new("/usr/bin/time")
        .args(["-f", "%U %S %M", wegen, "--ledger", ledger, "--quiet"])
        .args(arguments)
        .stdout(Stdio::null())
        .output();
    let text = timed.map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).unwrap_or_default();
    let numbers: Vec<f64> =
        text.lines().last().unwrap_or_default().split(' ').filter_map(|n| n.parse().ok()).collect();
    match numbers[..] {
        [user, system, kb] => (user + system, kb),
        _ => (f64::NAN, f64::NAN),
    }
}

/// A server that is stopped when the measurement ends, however that ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The pages of all countries of the focus regions, each cold and then warm.
fn pages(wegen: &str, ledger: &str, name: &str) -> Outcome {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let _served = Served(
        Command::new(wegen)
            .args(["--ledger", ledger, "--quiet", "serve", "--rate", "0", "--listen", &address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?,
    );
    let start = Instant::now();
    while get(&address, "/readyz").is_err() {
        if start.elapsed() > Duration::from_secs(30) {
            return Err("the server does not answer".into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let answer = get(&address, "/en/SYR")?;
    let home = answer
        .lines()
        .find_map(|l| l.strip_prefix("location: ")?.trim().strip_suffix("/SYR"))
        .ok_or("no newest edition is named")?
        .to_owned();
    let (mut cold, mut warm, mut failed) = (Vec::new(), Vec::new(), 0);
    let mut syria = [0.0; 2];
    for country in wegen_model::countries().focus() {
        for (pass, times) in [&mut cold, &mut warm].into_iter().enumerate() {
            let start = Instant::now();
            let answer = get(&address, &format!("{home}/{}", country.iso3))?;
            let took = start.elapsed().as_secs_f64() * 1e3;
            failed += usize::from(!answer.starts_with("HTTP/1.1 200"));
            times.push(took);
            if country.iso3.as_str() == "SYR" {
                syria[pass] = took;
            }
        }
    }
    println!("\ncountry pages, {name}, {} of them, {failed} not answered (300 ms, 20 ms)", cold.len());
    for (what, times, syria) in [("cold", cold, syria[0]), ("warm", warm, syria[1])] {
        let most = times.iter().copied().fold(0.0, f64::max);
        println!("{what:<8} median {:>7.1} ms, Syria {syria:>7.1} ms, longest {most:>7.1} ms", median(times));
    }
    Ok(())
}

/// What is answered, as text, head first.
fn get(address: &str, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
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
