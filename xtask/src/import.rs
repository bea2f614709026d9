//! A ledger into which the publishers' files were imported: the standard case of tests and benches.

use std::{fs, path::Path, process::Command};

use crate::Outcome;

/// Which files, each with its source; what else stands beside them is no evidence yet.
const LIST: &str = "benches/imported.txt";

/// Imports the files of the list in `from` into the ledger in `into`. Those that are refused are passed over and counted:
/// which ones and why, a table in CONTRIBUTING says, and a test.
pub(crate) fn all(wegen: &Path, from: &Path, into: &Path) -> Outcome {
    let (mut read, mut refused) = (0, 0);
    for line in fs::read_to_string(LIST)?.lines().filter(|line| !line.starts_with('#')) {
        let (source, path) = line.split_once(' ').ok_or_else(|| format!("{LIST}: `{line}`"))?;
        let output = Command::new(wegen)
            .arg("--ledger")
            .arg(into)
            .args(["--quiet", "import", "--replace", "--source", source])
            .arg(from.join(path))
            .output()?;
        *(if output.status.success() { &mut read } else { &mut refused }) += 1;
    }
    eprintln!("imported: {read} files; {refused} are refused or not there");
    match read {
        0 => Err(format!("nothing of {} could be imported", from.display()).into()),
        _ => Ok(()),
    }
}
