//! Builds what the browser runs, once, where Node is there; without it the pages are served all the same.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    let web = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let dist = out.join("dist");
    for name in ["src", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json"] {
        println!("cargo:rerun-if-changed={}", web.join(name).display());
    }
    println!("cargo:rerun-if-env-changed=WEGEN_WITHOUT_WEB");
    let _ = fs::remove_dir_all(&dist);
    let built = match env::var_os("WEGEN_WITHOUT_WEB") {
        Some(_) => Err("WEGEN_WITHOUT_WEB is set".to_owned()),
        None => build(&web, &out.join("web"), &dist),
    };
    if let Err(why) = built {
        println!(
            "cargo:warning=maps and charts that move are left out of the web pages: {why}. The pages work without. With Node 20 and npm, build again."
        );
        let _ = fs::remove_dir_all(&dist);
    }
    // What is built in is a folder that is there.
    let _ = fs::create_dir_all(&dist);
}

/// Builds in a copy, so that nothing is written into the sources.
fn build(web: &Path, work: &Path, dist: &Path) -> Result<(), String> {
    if !web.join("package-lock.json").is_file() {
        return Err("`web/` is not here".to_owned());
    }
    copy(web, work).map_err(|e| format!("`web/` cannot be copied: {e}"))?;
    let npm = |args: &[&str]| -> Result<(), String> {
        let done = Command::new("npm").args(args).current_dir(work).output();
        let done = done.map_err(|e| format!("`npm` cannot be run ({e}): Node 20 or later is missing"))?;
        match done.status.success() {
            true => Ok(()),
            false => {
                let said = String::from_utf8_lossy(&done.stderr);
                let tail: String = said.lines().rev().take(3).collect::<Vec<_>>().join(" | ");
                Err(format!("`npm {}` failed: {tail}", args.join(" ")))
            }
        }
    };
    npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"])?;
    npm(&["run", "build"])?;
    fs::rename(work.join("dist"), dist).map_err(|e| format!("no `dist` was made: {e}"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if ["node_modules", "dist", "tests"].iter().any(|skip| name == *skip) {
            continue;
        }
        let target = to.join(&name);
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => fs::copy(entry.path(), target).map(|_| ())?,
        }
    }
    Ok(())
}
