//! Findings as SARIF 2.1.0, for editors and CI.

use serde_json::{Value as Json, json};

use super::lint::{Finding, Rule, Severity};

/// The findings of one run; `folder` is put before file names.
pub fn sarif(findings: &[Finding], folder: &str) -> Json {
    let rules: Vec<Json> = Rule::ALL
        .into_iter()
        .map(|rule| json!({"id": rule.id(), "shortDescription": {"text": rule.says()}}))
        .collect();
    let results: Vec<Json> = findings
        .iter()
        .map(|f| {
            let uri = match folder {
                "" => f.file.clone(),
                folder => format!("{}/{}", folder.trim_end_matches('/'), f.file),
            };
            json!({
                "ruleId": f.rule.id(),
                "ruleIndex": Rule::ALL.iter().position(|r| *r == f.rule),
                "level": match f.severity { Severity::Error => "error", Severity::Warning => "warning" },
                "message": {"text": f.message},
                "locations": [{
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri},
                        "region": {"startLine": f.line, "startColumn": f.column},
                    },
                }],
                "properties": {"statement": f.statement},
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "wegen lint", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}
