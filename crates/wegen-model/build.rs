//! Makes a constant of each indicator of the registry, so that a parser that names one that is not there does not build.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

const REGISTRY: &str = "../../registry/indicators.toml";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={REGISTRY}");
    println!("cargo::rerun-if-changed=build.rs");
    let text = fs::read_to_string(REGISTRY)?;
    let ids = text.lines().filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'));
    let mut out = String::new();
    for (place, id) in ids.enumerate() {
        let name = id.to_uppercase().replace('-', "_");
        writeln!(out, "/// `{id}`.\npub const {name}: IndicatorId = IndicatorId({place});")?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("indicators.rs"), out)?;
    Ok(())
}
