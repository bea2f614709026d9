//! How long the lint takes on a report of three hundred statements in two languages; the limit is one second.

use std::{collections::BTreeMap, time::Instant};

use wegen_publication::manuscript::{Manuscript, lint};

fn main() {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files
        .insert("report.toml".into(), "id = \"bench\"\ncountry = \"SYR\"\ncut-off = \"2026-06-30\"\n".into());
    let source = |i: usize| {
        format!(
            "[[source]]\nid = \"s{i}\"\ntitle = \"T\"\nwho = \"W{i}\"\nwhat = \"w\"\nwhy = \"w\"\nhow = \"h\"\nwhen = \"2026-01\"\nlicence = \"unknown\"\n"
        )
    };
    files.insert("sources.toml".into(), (0..8).map(source).collect());
    for (name, words) in [
        (
            "nl.md",
            "In dat gebied telden de bureaus gezinnen die op een woning wachten, en scholen die weer open zijn.",
        ),
        (
            "en.md",
            "In that area the offices counted families who wait for a dwelling, and schools that are open again.",
        ),
    ] {
        let mut text = String::new();
        for i in 0..300 {
            if i % 10 == 0 {
                text.push_str(&format!("# Chapter <!-- c{i}; topic: security -->\n\n"));
            }
            text.push_str(&format!(
                "{words} {{{{ figure(\"idps\", origin=\"SYR\", year=2020) }}}}[^a{i}]\n\n"
            ));
        }
        text.push_str("# Gaps <!-- gaps -->\n\n{{ gaps() }}\n\n");
        for i in 0..300 {
            text.push_str(&format!(
                "[^a{i}]: reported; time: 2025\n    - s{}; p. {i}\n    - s{}; p. {i}\n",
                i % 8,
                (i + 3) % 8
            ));
        }
        files.insert(name.into(), text);
    }
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let start = Instant::now();
            let Ok(manuscript) = Manuscript::from_files(files.clone()) else { return f64::NAN };
            assert!(lint(&manuscript).is_empty());
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "300 statements in two languages, read and linted: {:.0} ms (median of {}), limit 1000 ms",
        times[3] * 1e3,
        times.len()
    );
}
