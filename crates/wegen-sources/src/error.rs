//! What can be wrong with a file or an answer.

use std::fmt;

/// An error of a source: where, what was found, what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A cell that cannot be read.
    #[error("`{file}`, {place}, column `{column}`: found {found}, expected {expected}")]
    Cell {
        /// The file.
        file: String,
        /// The row, as its format counts.
        place: String,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A file without a column that the source always has.
    #[error("`{file}`, row 1: found the columns {found}, expected `{column}` among them{}", hint_text(.hint))]
    MissingColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The header that was found.
        found: String,
        /// The source it looks like.
        hint: Option<&'static str>,
    },
    /// A file with data about individuals; no value is repeated here.
    #[error(
        "`{file}` is refused: column `{column}` {why}. No data about individuals enters; \
         ask for, or make, an aggregate without this column"
    )]
    Personal {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What gives it away, without its values.
        why: &'static str,
    },
    /// Bytes that are no UTF-8.
    #[error("`{file}`, row {row}: found bytes that are not UTF-8, expected UTF-8 text")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line.
        row: usize,
    },
    /// Text that cannot be read as its format at all.
    #[error("`{file}`, {place}: found {found}, expected {expected}")]
    Malformed {
        /// The file.
        file: String,
        /// Where.
        place: String,
        /// What stands there.
        found: String,
        /// What should.
        expected: String,
    },
    /// A file that cannot be read from, or written to, a disk.
    #[error("`{file}`: {source}")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An archive that does not unpack, or to far more than it should.
    #[error("`{file}`: {what}")]
    Archive {
        /// The file.
        file: String,
        /// What is wrong with it.
        what: String,
    },
    /// The publisher answered with a message instead of data.
    #[error("{source_id} answered: {message}")]
    Publisher {
        /// The source.
        source_id: String,
        /// What it said.
        message: String,
    },
    /// A request that brought no answer.
    #[error("{url}: {what}")]
    Http {
        /// The address.
        url: String,
        /// Why there is no answer.
        what: String,
    },
    /// No such source.
    #[error("no source `{0}`; `wegen sources` lists them")]
    UnknownSource(String),
    /// Nothing to read.
    #[error("`{0}` holds no file")]
    Empty(String),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] wegen_ledger::LedgerError),
}

fn hint_text(hint: &Option<&'static str>) -> String {
    hint.map(|source| format!("; it looks like a file of `{source}`")).unwrap_or_default()
}

impl SourceError {
    /// The same error with the source that the file looks like.
    pub(crate) fn with_hint(self, source: Option<&'static str>) -> SourceError {
        match self {
            SourceError::MissingColumn { file, column, found, .. } => {
                SourceError::MissingColumn { file, column, found, hint: source }
            }
            other => other,
        }
    }

    pub(crate) fn io(file: &str) -> impl Fn(std::io::Error) -> SourceError + use<> {
        let file = file.to_owned();
        move |source| SourceError::Io { file: file.clone(), source }
    }

    pub(crate) fn malformed(
        file: &str,
        place: impl fmt::Display,
        found: impl fmt::Display,
        expected: &str,
    ) -> Self {
        SourceError::Malformed {
            file: file.to_owned(),
            place: place.to_string(),
            found: found.to_string(),
            expected: expected.to_owned(),
        }
    }
}
