//! A file is the same file wherever it lies and in whatever pieces it comes.

use std::{fs, path::Path};

use proptest::prelude::*;
use wegen_ledger::{Note, csv_row};

use crate::{File, parser, parsers, unpack};

/// What a file becomes: capture, rows, records with their places, and notes; or what is wrong with it.
type Outcome = Result<(&'static str, u64, Vec<String>, Vec<Note>), String>;

fn read(source: &str, file: &File) -> Outcome {
    let files = unpack(file).map_err(|e| e.to_string())?;
    let parsed = parser(source).unwrap().parse(&files).map_err(|e| e.to_string())?;
    let told = |record: Result<wegen_model::Record, _>| {
        let record: wegen_model::Record = record.unwrap();
        format!("{:?} {:?}", record.locator(), csv_row(&record))
    };
    let records = parsed.records.iter().map(told).collect();
    Ok((parsed.capture, parsed.rows_read, records, parsed.quality.notes))
}

/// Reads a file from memory and from disk, whole and in pieces.
fn alike(source: &str, file: &File, pieces: &[usize]) -> Outcome {
    let expected = read(source, file);
    let disk = file.on_disk();
    assert_eq!(read(source, &disk), expected, "{source}, {file:?} on disk");
    for piece in pieces {
        assert_eq!(
            read(source, &file.in_pieces(*piece)),
            expected,
            "{source}, {file:?} in pieces of {piece}"
        );
        assert_eq!(read(source, &disk.in_pieces(*piece)), expected, "{source}, {file:?} on disk by {piece}");
    }
    expected
}

#[test]
fn seeds_are_the_same_in_pieces() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    let mut read = 0;
    for parser in parsers() {
        for target in fs::read_dir(&folder).unwrap() {
            for seed in fs::read_dir(target.unwrap().path()).unwrap() {
                let path = seed.unwrap().path();
                let name = format!("{}_hno_2024.json", path.file_name().unwrap().to_string_lossy());
                let file = File::new(name, fs::read(&path).unwrap());
                read += usize::from(alike(parser.source(), &file, &[7]).is_ok());
            }
        }
    }
    assert!(read >= 30, "only {read} seeds are read by any parser");
}

/// A cell of a table, quoted where it must be.
fn cell() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        6 => (0u32..200_000).prop_map(|n| n.to_string()),
        1 => Just("1,234".to_owned()),
        1 => Just("1,234,567".to_owned()),
        1 => Just("1.234".to_owned()),
        1 => Just("12 345".to_owned()),
        1 => Just(String::new()),
        1 => Just("-".to_owned()),
        1 => Just(" 7 ".to_owned()),
    ];
    text.prop_map(|text| if text.contains(',') { format!("\"{text}\"") } else { text })
}

fn remark() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("x".to_owned()),
        1 => Just("\"two\r\nlines, \"\"quoted\"\"\"".to_owned()),
        1 => Just("é€𝄞".to_owned()),
        1 => "[a-z]{0,200}",
    ]
}

fn row() -> impl Strategy<Value = Vec<String>> {
    let code = || prop_oneof![4 => Just("SYR"), 4 => Just("NLD"), 1 => Just("XXA"), 1 => Just("syr")];
    (1990u32..2030, code(), code(), prop::collection::vec(cell(), 7), remark()).prop_map(
        |(year, origin, asylum, cells, remark)| {
            let mut row = vec![year.to_string(), origin.to_owned(), asylum.to_owned()];
            row.extend(cells);
            row.push(remark);
            row
        },
    )
}

const COLUMNS: [&str; 11] = [
    "year",
    "coo_iso",
    "coa_iso",
    "refugees",
    "asylum_seekers",
    "returned_refugees",
    "idps",
    "returned_idps",
    "stateless",
    "ooc",
    "remark",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tables_are_the_same_in_pieces(
        rows in prop::collection::vec(row(), 0..12),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
        between in prop_oneof![4 => Just(","), 1 => Just(";")],
        front in prop_oneof![Just(""), Just("\u{feff}"), Just("\n"), Just("\u{feff}\r\n")],
        tagged in any::<bool>(),
        ended in any::<bool>(),
        cut in prop::option::weighted(0.2, 0usize..400),
        piece in 1usize..70,
    ) {
        let mut lines = vec![COLUMNS.map(str::to_owned).to_vec()];
        if tagged {
            lines.push(COLUMNS.map(|name| format!("#{name}")).to_vec());
        }
        lines.extend(rows);
        let lines: Vec<String> = lines.iter().map(|line| line.join(between)).collect();
        let mut text = (front.to_owned() + &lines.join(end) + if ended { end } else { "" }).into_bytes();
        // Also within a character, a quote, a line end.
        text.truncate(cut.unwrap_or(usize::MAX));
        let _ = alike("unhcr-population", &File::new("table.csv", text), &[piece, 1]);
    }

    #[test]
    fn documents_are_the_same_in_pieces(
        rows in prop::collection::vec(row(), 0..8),
        cut in prop::option::weighted(0.2, 0usize..600),
        numbers in any::<bool>(),
        piece in 1usize..70,
    ) {
        let item = |row: &Vec<String>| {
            let value = |text: &str| {
                let text = text.trim_matches('"');
                match text.parse::<u32>() {
                    Ok(number) if numbers => serde_json::json!(number),
                    _ => serde_json::json!(text),
                }
            };
            let members = COLUMNS.iter().zip(row).map(|(name, text)| ((*name).to_owned(), value(text)));
            serde_json::Value::Object(members.filter(|(_, value)| value != "x").collect())
        };
        let items: Vec<_> = rows.iter().map(item).collect();
        let mut text = serde_json::to_vec_pretty(&serde_json::json!({"page": 1, "items": items})).unwrap();
        text.truncate(cut.unwrap_or(usize::MAX));
        let _ = alike("unhcr-population", &File::new("page.json", text), &[piece, 1]);
    }
}
