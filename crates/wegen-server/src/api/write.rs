//! Rows as CSV: on each who it is not for, and whose it is.

use std::io::Write;

/// The header.
pub(super) fn head<W: Write>(writer: &mut csv::Writer<W>, head: &[&str]) -> csv::Result<()> {
    writer.write_record(head.iter().chain(&["attribution", "not_for_individual_decisions"]))
}

/// The row of HXL hashtags below the header.
pub(super) fn tags<W: Write>(writer: &mut csv::Writer<W>, tags: &[&str]) -> csv::Result<()> {
    writer.write_record(tags.iter().chain(&["#meta+attribution", "#meta+notice"]))
}

/// A row.
pub(super) fn row<W: Write>(
    writer: &mut csv::Writer<W>,
    mut fields: Vec<String>,
    attribution: &str,
) -> csv::Result<()> {
    fields.extend([attribution.to_owned(), "true".to_owned()]);
    writer.write_record(fields)
}
