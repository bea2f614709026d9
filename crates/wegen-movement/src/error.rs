//! What can go wrong, in sentences that name file and line.

/// An instance, scenario or method file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MovementError {
    /// A file cannot be read at all.
    #[error("{file}: {message}")]
    File {
        /// The file.
        file: String,
        /// What happened.
        message: String,
    },
    /// A line of a file holds something that was not expected.
    #[error("{file}: line {line}: {message}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
    /// The instance as a whole cannot be run.
    #[error("{0}")]
    Instance(String),
}

impl MovementError {
    pub(crate) fn file(file: &str, message: impl Into<String>) -> MovementError {
        MovementError::File { file: file.to_owned(), message: message.into() }
    }

    pub(crate) fn line(file: &str, line: usize, message: impl Into<String>) -> MovementError {
        MovementError::Line { file: file.to_owned(), line, message: message.into() }
    }
}
