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
    #[error("`{file}`, row {row}: found bytes that are not UTF-8, expected UTF-8 text{likely}")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line.
        row: usize,
        /// The encoding that it is likely in, and what to do.
        likely: &'static str,
    },
    /// A form that is known and not read.
    #[error("`{file}` is {form}; it is not read: {instead}")]
    Unread {
        /// The file.
        file: String,
        /// What it is.
        form: String,
        /// What to download instead.
        instead: String,
    },
    /// A file without `--source` whose form is of no source.
    #[error(
        "`{file}`: found {found}, which is the form of no source; `wegen sources` lists them, `--source` names one"
    )]
    Unrecognised {
        /// The file.
        file: String,
        /// What it holds.
        found: String,
    },
    /// A file without `--source` whose form is of several sources.
    #[error("`{file}` can be read as {}; `--source` says which", or(candidates))]
    Ambiguous {
        /// The file.
        file: String,
        /// The sources that read it.
        candidates: Vec<&'static str>,
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
    #[error("no source `{0}`{meant}; `wegen sources` lists them", meant = meant(.0))]
    UnknownSource(String),
    /// Nothing to read.
    #[error("`{0}` holds no file")]
    Empty(String),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] wegen_ledger::LedgerError),
}

/// Names in marks: `a`, `b` or `c`.
pub(crate) fn or(names: &[impl AsRef<str>]) -> String {
    let marked: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match marked.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => marked.concat(),
    }
}

/// The sources that a name may stand for: those that begin with it or hold it, otherwise those a few letters away.
fn meant(name: &str) -> String {
    let name = name.to_lowercase();
    let ids: Vec<&str> = wegen_model::sources().all().iter().map(|source| source.id.as_str()).collect();
    let of =
        |test: &dyn Fn(&str) -> bool| -> Vec<&str> { ids.iter().copied().filter(|id| test(id)).collect() };
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2).map(str::to_owned).collect()
    };
    let mut found = of(&|id| name.len() > 1 && id.contains(&name));
    if found.is_empty() {
        let nearest = ids.iter().map(|id| distance(&name, id)).min().unwrap_or(usize::MAX);
        found = of(&|id| nearest <= 3 && nearest * 2 < name.len() && distance(&name, id) == nearest);
    }
    if found.is_empty() {
        found = of(&|id| words(&name).iter().any(|word| words(id).contains(word)));
    }
    match found.len() {
        0 => String::new(),
        _ => format!("; did you mean {}", or(&found)),
    }
}

/// How many letters must be put in, left out or changed to make one name of another.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
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
