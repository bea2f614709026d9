//! What can go wrong with an index: where, what was found, what was expected.

/// An error of a file, a method, a structure or a stage.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CompositeError {
    /// A cell of a CSV file.
    #[error("{file}, row {row}, column `{column}`: found `{found}`, expected {expected}")]
    Cell {
        /// The file's name.
        file: String,
        /// The line of the row, the header being line 1.
        row: u64,
        /// The column.
        column: String,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: String,
    },
    /// A CSV file that cannot be read or lacks a column.
    #[error("{file}: {problem}")]
    File {
        /// The file's name.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// A method file.
    #[error("line {line}: {problem}")]
    Method {
        /// The line in the file, the first being 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A structure of indicators and groups.
    #[error("`{code}`: {problem}")]
    Structure {
        /// The position of the node in what was given.
        node: usize,
        /// The code of the node.
        code: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that a stage cannot take.
    #[error("{stage}, unit `{unit}`, `{code}`: found {value}, expected {expected}")]
    Value {
        /// The stage.
        stage: &'static str,
        /// The unit.
        unit: String,
        /// The indicator or group.
        code: String,
        /// The value found.
        value: f64,
        /// What should have been there.
        expected: String,
    },
    /// Options that do not go together, or with the data.
    #[error("{0}")]
    Options(String),
    /// A replication of a design that has no result.
    #[error("replication `{replication}` ({options}) failed, {failed} of {all} in all: {source}")]
    Replication {
        /// The name of the first replication that failed.
        replication: String,
        /// Its options.
        options: String,
        /// How many failed.
        failed: usize,
        /// How many the design has.
        all: usize,
        /// Why the first failed.
        source: Box<CompositeError>,
    },
}

impl CompositeError {
    pub(crate) fn cell(file: &str, row: u64, column: &str, found: &str, expected: impl Into<String>) -> Self {
        Self::Cell {
            file: file.to_owned(),
            row,
            column: column.to_owned(),
            found: found.to_owned(),
            expected: expected.into(),
        }
    }

    pub(crate) fn file(file: &str, problem: impl Into<String>) -> Self {
        Self::File { file: file.to_owned(), problem: problem.into() }
    }

    pub(crate) fn method(line: usize, problem: impl Into<String>) -> Self {
        Self::Method { line, problem: problem.into() }
    }
}
