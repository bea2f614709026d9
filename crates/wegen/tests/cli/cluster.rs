//! The same simulation on a scheduler and two executors, as processes of their own on loopback.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{LEDGER, json, movement::tree, refused, text, wegen};

const INSTANCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/example");
const CEASEFIRE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/ceasefire.toml");

/// A part of a cluster, ended with the test.
struct Part(Child);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn part(arguments: &[&str]) -> (Part, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wegen"))
        .arg("cluster")
        .args(arguments)
        .env("WEGEN_LOG", "error")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    (Part(child), said)
}

/// Ports that nobody listens on now.
fn ports() -> [String; 2] {
    let held = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref().map(|l| l.local_addr().unwrap().port().to_string())
}

fn scheduler() -> (Part, String) {
    let (scheduler, said) = part(&["scheduler", "--listen", "127.0.0.1:0", "--patience", "15"]);
    let address = said.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{said}");
    (scheduler, address)
}

fn executor(scheduler: &str) -> Part {
    let [results, work] = ports();
    part(&["executor", scheduler, "--results-port", &results, "--work-port", &work, "--slots", "1"]).0
}

fn arguments<'a>(members: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["simulate", INSTANCE, "--scenario", CEASEFIRE, "--members", members, "--quiet", "--out", out]
}

/// Everything that was written but the order in which members were finished.
fn written(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(folder);
    files.remove("working/members.bin").unwrap();
    files
}

#[test]
fn a_cluster_gives_what_one_machine_gives_also_when_an_executor_dies() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).display().to_string();
    let (here, there) = (out("here"), out("there"));
    text(&wegen(&LEDGER, &arguments("300", &here)));
    let (_scheduler, address) = scheduler();
    let (_first, second) = (executor(&address), executor(&address));
    let mut run = Command::new(env!("CARGO_BIN_EXE_wegen"))
        .args(arguments("300", &there))
        .args(["--cluster", &address])
        .env("WEGEN_LEDGER", &*LEDGER)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // One executor is killed once there is something finished.
    let members = folder.path().join("there/working/members.bin");
    let begun = Instant::now();
    while fs::metadata(&members).map_or(0, |m| m.len()) < 10_000 && begun.elapsed() < Duration::from_secs(120)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(run.try_wait().unwrap().is_none(), "nothing was left to do when the executor was killed");
    drop(second);
    assert!(run.wait().unwrap().success());
    assert_eq!(written(Path::new(&here)), written(Path::new(&there)));

    // A calibration likewise.
    let fit = ["calibrate", INSTANCE, "--particles", "6", "--generations", "1", "--quiet", "--json"];
    let local = json(&wegen(&LEDGER, &fit));
    let remote = json(&wegen(&LEDGER, &[&fit[..], &["--cluster", &address]].concat()));
    assert_eq!(local, remote);
}

#[test]
fn with_the_scheduler_lost_finished_members_are_kept_and_the_run_goes_on_here() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).display().to_string();
    let (here, there) = (out("here"), out("there"));
    text(&wegen(&LEDGER, &arguments("800", &here)));
    let (scheduler, address) = scheduler();
    let _executor = executor(&address);
    let run = Command::new(env!("CARGO_BIN_EXE_wegen"))
        .args(arguments("800", &there))
        .args(["--cluster", &address])
        .env("WEGEN_LEDGER", &*LEDGER)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let members = folder.path().join("there/working/members.bin");
    let begun = Instant::now();
    while fs::metadata(&members).map_or(0, |m| m.len()) < 10_000 && begun.elapsed() < Duration::from_secs(120)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(scheduler);
    let ended = run.wait_with_output().unwrap();
    let said = refused(&ended, 1);
    assert!(said.contains("was lost after") && said.contains("hint:"), "{said}");
    // Nothing but the finished members is there.
    let kept = tree(Path::new(&there));
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["working/members.bin"]);
    let before = kept["working/members.bin"].len();
    text(&wegen(&LEDGER, &arguments("800", &there)));
    let after = tree(Path::new(&there))["working/members.bin"].clone();
    assert!(after.len() > before && after[..before] == kept["working/members.bin"][..]);
    assert_eq!(written(Path::new(&here)), written(Path::new(&there)));
}

#[test]
fn where_nobody_listens_that_is_said() {
    let [port, _] = ports();
    let address = format!("127.0.0.1:{port}");
    let said = refused(
        &wegen(&LEDGER, &["simulate", INSTANCE, "--members", "2", "--quiet", "--cluster", &address]),
        1,
    );
    assert!(said.contains("no scheduler answers") && said.contains(&address), "{said}");
}
