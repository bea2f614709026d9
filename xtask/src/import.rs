//! A ledger into which the publishers' files were imported: the standard case of tests and benches.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Outcome;

/// Folders of the publishers' files; what else stands beside them is no evidence yet.
const FOLDERS: [&str; 18] = [
    "basic-services",
    "boundaries",
    "cod-population",
    "hno-needs",
    "hno-subnational",
    "idmc",
    "inform-risk",
    "inform-risk-2026",
    "insecurity-insight",
    "iom-dtm",
    "iom-missing-migrants",
    "ophi-mpi",
    "pcodes",
    "reach-hsos-syria",
    "syria-idp-movements",
    "ucdp",
    "unhcr-population",
    "uscb-syria-population",
];

/// Imports every file in `from` that `wegen` recognises into the ledger in `into`, the folders and files in the order of
/// their names. Files that are not recognised are passed over: which ones, a table in CONTRIBUTING says, and a test.
pub(crate) fn all(wegen: &Path, from: &Path, into: &Path) -> Outcome {
    let mut imported = 0;
    for folder in FOLDERS {
        for file in files(&from.join(folder))? {
            let output = Command::new(wegen)
                .arg("--ledger")
                .arg(into)
                .args(["--quiet", "import", "--replace"])
                .arg(&file)
                .output()?;
            imported += usize::from(output.status.success());
        }
    }
    match imported {
        0 => Err(format!("nothing of {} could be imported", from.display()).into()),
        _ => {
            eprintln!("{imported} files imported");
            Ok(())
        }
    }
}

/// The files of a folder and of those in it, but for the texts on them.
fn files(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_none_or(|e| e != "md") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
