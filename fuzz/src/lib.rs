//! What every parser owes to arbitrary bytes: an answer, and records that can be written down again.

use wegen_ledger::{csv_row, fields};
use wegen_model::{Period, Record};
use wegen_sources::{File, Parsed, SourceError, parser};

/// Parses `bytes` as a file of each source; panics where a promise is broken.
pub fn parse_as(sources: &[&str], bytes: &[u8]) {
    for source in sources {
        let parser = parser(source).expect("a source of ours");
        // A year in the name: Missing Migrants counts rows without a date in it.
        let file = File::new("fuzz/2024.json", bytes);
        let outcome = parser.parse(std::slice::from_ref(&file));
        match &outcome {
            Ok(parsed) => {
                parsed.records.iter().for_each(|record| encodes(&record.expect("read back as it was written")))
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        // A stream is the same in whatever pieces it comes.
        let told = |outcome: &Result<Parsed, SourceError>| match outcome {
            Ok(parsed) => Ok((parsed.rows_read, parsed.records.len(), parsed.quality.clone())),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(told(&outcome), told(&parser.parse(&[file.in_pieces(1 + bytes.len() % 31)])));
    }
}

/// A record becomes a line of CSV that reads back as the same fields, its periods as periods.
fn encodes(record: &Record) {
    let row = csv_row(record);
    let columns = fields(record.kind());
    assert_eq!(row.len(), columns.len(), "{record:?}");
    for ((name, _), text) in columns.iter().zip(&row) {
        if matches!(*name, "period" | "valid_from") && !text.is_empty() {
            assert_eq!(text.parse::<Period>().expect("a period").to_string(), *text);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&row).expect("written to memory");
    let bytes = writer.into_inner().expect("written to memory");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let again = reader.records().next().expect("a line").expect("CSV");
    assert!(again.iter().eq(row.iter()), "{record:?}");
}
