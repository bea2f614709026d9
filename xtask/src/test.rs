//! Every test, on a fresh machine too.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::Outcome;

/// A C compiler builds the bundled SQLite and zstd; nothing else is needed beyond the toolchain.
const NEEDED: [(&str, &str); 1] = [("cc", "gcc")];

/// Makes sure of what is needed, then runs all tests of all crates, examples in the documentation included.
pub(crate) fn run() -> Outcome {
    for (program, package) in NEEDED {
        if found(program) {
            continue;
        }
        eprintln!("`{program}` is missing; installing the Debian package `{package}`");
        let installed = call("apt-get", &["update"]) && call("apt-get", &["install", "--yes", package]);
        if !installed || !found(program) {
            return Err(format!(
                "`{program}` is missing: install it first (Debian: apt-get install {package})"
            )
            .into());
        }
    }
    if !Path::new("../shared/data").exists() {
        eprintln!(
            "the publishers' files are not at hand (../shared/data): tests that compare with them are skipped"
        );
    }
    // With `cluster` a scheduler and executors are started on loopback as well.
    let tests = ["test", "--workspace", "--features", "wegen/cluster", "--locked", "--no-fail-fast"];
    let tested = call("cargo", &tests);
    let walked = walk();
    match (tested, walked) {
        (true, walked) => walked,
        (false, Ok(())) => Err("tests failed".into()),
        (false, Err(walk)) => Err(format!("tests failed; {walk}").into()),
    }
}

/// A walk through the web pages in a browser, with a server of its own over the starter evidence.
fn walk() -> Outcome {
    for (program, package) in [("node", "nodejs"), ("npm", "npm"), ("chromium", "chromium")] {
        let install = || {
            call("apt-get", &["update"])
                && call("apt-get", &["install", "--yes", "--no-install-recommends", package])
        };
        if !(found(program) || (install() && found(program))) {
            eprintln!("skipped: the walk through the pages needs `{program}` (Debian: {package})");
            return Ok(());
        }
    }
    let step = |program: &str, arguments: &[&str]| -> Outcome {
        match Command::new(program).args(arguments).current_dir("web").status()?.success() {
            true => Ok(()),
            false => Err(format!("`{program} {}` failed", arguments.join(" ")).into()),
        }
    };
    step("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"])?;
    let ledger = tempfile::tempdir()?;
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    // The program as the tests of the command line have just built it.
    let wegen = std::path::absolute(folder.join("debug/wegen"))?;
    with_server(&wegen, ledger.path(), |address| step("node", &["tests/walk.mjs", address]))
}

/// Does something with the address of a server over a ledger, and ends the server.
fn with_server(wegen: &Path, ledger: &Path, what: impl FnOnce(&str) -> Outcome) -> Outcome {
    // A free port: taken, read, and given back.
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let mut server = Command::new(wegen)
        .arg("--ledger")
        .arg(ledger)
        .args(["--quiet", "serve", "--rate", "0", "--listen", &address])
        .stdout(std::process::Stdio::null())
        .spawn()?;
    let up = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        std::net::TcpStream::connect(&address).is_ok()
    });
    let done = match up {
        true => what(&format!("http://{address}")),
        false => Err("the server did not begin to listen".into()),
    };
    let _ = server.kill();
    let _ = server.wait();
    done
}

fn found(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

fn call(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).status().is_ok_and(|s| s.success())
}
