//! The simulations that the starter evidence carries: minutes of work that a report has no time for.

use std::{ffi::OsStr, fs, path::Path, process::Command};

use crate::{Outcome, starter::root};

/// Members of each: enough for the ends of a central 90 %.
const MEMBERS: &str = "100";

/// Runs every scenario of `scenarios/` over the instance of the starter evidence, and writes one file each into `to`.
pub(crate) fn make(to: &Path) -> Outcome {
    let work = tempfile::tempdir()?;
    let ledger = work.path().join("ledger");
    let wegen = |args: &[&OsStr]| -> Outcome {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(root()).args(["run", "--release", "--locked", "--quiet", "-p", "wegen", "--"]);
        match command.arg("--ledger").arg(&ledger).args(args).status()?.success() {
            true => Ok(()),
            false => Err("wegen failed; what it said stands above".into()),
        }
    };
    let mut scenarios: Vec<_> =
        fs::read_dir(root().join("scenarios"))?.map(|f| f.map(|f| f.path())).collect::<Result<_, _>>()?;
    scenarios.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    scenarios.sort();
    let instance = work.path().join("syria");
    wegen(
        &["movement", "build", "SYR", "--out"]
            .map(OsStr::new)
            .iter()
            .copied()
            .chain([instance.as_os_str()])
            .collect::<Vec<_>>(),
    )?;
    fs::create_dir_all(to)?;
    for scenario in scenarios {
        let name = scenario.file_stem().unwrap_or_default();
        let out = work.path().join(name);
        wegen(&[
            OsStr::new("simulate"),
            instance.as_os_str(),
            OsStr::new("--scenario"),
            scenario.as_os_str(),
            OsStr::new("--members"),
            OsStr::new(MEMBERS),
            OsStr::new("--out"),
            out.as_os_str(),
        ])?;
        let file = to.join(name).with_extension("csv");
        fs::copy(out.join("published/simulation.csv"), &file)?;
        eprintln!("{} bytes  {}", fs::metadata(&file)?.len(), file.display());
    }
    eprintln!("`cargo xtask starter` puts them into the package");
    Ok(())
}
