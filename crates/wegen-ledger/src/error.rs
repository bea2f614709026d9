//! What can go wrong with a ledger.

use std::{io, path::PathBuf};

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// SQLite refused.
    #[error("the ledger's database answered: {0}")]
    Sqlite(rusqlite::Error),
    /// A file could not be read or written.
    #[error("`{path}`: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is a ledger of a later version of the program.
    #[error("`{path}` is a ledger of schema {found}; this program knows schemas up to {known}")]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The ledger is of an earlier schema, and cannot be written here.
    #[error(
        "`{path}` is a ledger of schema {found}, and can only be read here; this program reads schema {known}: open it \
         once where it can be written"
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The ledger can be read here, and not be written.
    #[error("the ledger in `{0}` can only be read here: its folder or its database cannot be written")]
    ReadOnly(PathBuf),
    /// The file is a database, but none of ours.
    #[error("`{0}` is a SQLite file, but not a ledger of Wegen")]
    Foreign(PathBuf),
    /// A snapshot that is not there.
    #[error("no snapshot begins with `{0}`")]
    NoSnapshot(String),
    /// A prefix that more than one snapshot begins with.
    #[error("more than one snapshot begins with `{0}`; give more characters")]
    Ambiguous(String),
    /// A record that is not there.
    #[error("no record `{0}` in this ledger")]
    NoRecord(String),
    /// Stored text that cannot be what was written.
    #[error("damaged: {0}")]
    Damaged(String),
    /// A draft that cannot become a snapshot.
    #[error("a snapshot needs {0}")]
    Incomplete(&'static str),
}

impl From<rusqlite::Error> for LedgerError {
    /// A database that is malformed, or none at all, is damage like any other.
    fn from(error: rusqlite::Error) -> LedgerError {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => LedgerError::Damaged(format!("the database: {error}")),
            _ => LedgerError::Sqlite(error),
        }
    }
}

impl LedgerError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> LedgerError {
        let path = path.into();
        move |source| LedgerError::Io { path, source }
    }
}
