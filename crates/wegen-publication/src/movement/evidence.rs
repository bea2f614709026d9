//! `evidence.toml` of an instance that was built from evidence: what a run of it rests on, for programs.

use serde::{Deserialize, Serialize};
use wegen_model::Code;

/// What an instance was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InstanceEvidence {
    /// The country of origin.
    pub country: Code,
    /// Tables that were given along, which no ledger holds.
    #[serde(default)]
    pub given: Vec<String>,
    /// What is assumed where evidence is missing.
    pub assumptions: Vec<String>,
    /// The snapshots that its rows come from.
    pub snapshot: Vec<Rested>,
}

/// A snapshot that rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rested {
    /// The source.
    pub source: String,
    /// The first digits of its identity.
    pub id: String,
}

impl InstanceEvidence {
    /// Its name in the folder of an instance.
    pub const FILE: &'static str = "evidence.toml";

    /// The file.
    pub fn text(&self) -> String {
        // Strings and lists of them always have a form in TOML.
        toml::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// What was found and expected, with the line.
    pub fn parse(text: &str) -> Result<InstanceEvidence, String> {
        toml::from_str(text).map_err(|e| {
            let line = text[..e.span().map_or(0, |s| s.start).min(text.len())].matches('\n').count() + 1;
            format!("{}: line {line}: {}", InstanceEvidence::FILE, e.message())
        })
    }
}
