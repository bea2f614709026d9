//! The screen for personal data: it names columns of the header only, spares the known ones, and finds an
//! e-mail address beside any table whatever.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wegen_sources::personal_columns;

fuzz_target!(|text: &str| {
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let Some(mut header) = lines.next() else { return };
    let rows: Vec<Vec<String>> = lines.collect();
    let mut sample: Vec<Vec<&str>> =
        rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();

    let found = personal_columns(&header, &[], &sample);
    assert!(found.iter().all(|p| header.contains(&p.column)));
    let names = header.clone();
    let known: Vec<&str> = names.iter().map(|h| h.trim()).collect();
    assert!(personal_columns(&header, &known, &sample).is_empty());

    if known.iter().any(|h| h.eq_ignore_ascii_case("remark")) {
        return;
    }
    header.push("remark".into());
    sample.push(Vec::new());
    for row in &mut sample {
        row.resize(header.len() - 1, "");
        row.push("voornaam.a@voorbeeld.example");
    }
    assert!(personal_columns(&header, &known, &sample).iter().any(|p| p.column == "remark"));
});
