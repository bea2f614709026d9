//! Every test, on a fresh machine too.

use std::process::Command;

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
    if !std::path::Path::new("../shared/data").exists() {
        eprintln!(
            "the publishers' files are not at hand (../shared/data): tests that compare with them are skipped"
        );
    }
    // With `cluster` a scheduler and executors are started on loopback as well.
    let tests = ["test", "--workspace", "--features", "wegen/cluster", "--locked", "--no-fail-fast"];
    match call("cargo", &tests) {
        true => Ok(()),
        false => Err("tests failed".into()),
    }
}

fn found(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

fn call(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).status().is_ok_and(|s| s.success())
}
