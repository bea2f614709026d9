//! One retrieval: the bytes as received, the request, the times, the parser, and what it all became.

use std::{
    fmt,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use wegen_model::{Coverage, Licence, Locator, RecordKind};

use crate::{LedgerError, Records};

/// The identity of a snapshot: BLAKE3 over source, capture, scope, bytes, parser and its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SnapshotId([u8; 32]);

impl SnapshotId {
    pub(crate) fn new(bytes: [u8; 32]) -> SnapshotId {
        SnapshotId(bytes)
    }

    /// The raw bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first twelve hexadecimal digits: enough for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

impl FromStr for SnapshotId {
    type Err = LedgerError;
    fn from_str(text: &str) -> Result<SnapshotId, LedgerError> {
        blake3::Hash::from_hex(text)
            .map(|h| SnapshotId(*h.as_bytes()))
            .map_err(|_| LedgerError::NoSnapshot(text.chars().take(70).collect()))
    }
}

impl TryFrom<String> for SnapshotId {
    type Error = LedgerError;
    fn try_from(text: String) -> Result<SnapshotId, LedgerError> {
        text.parse()
    }
}

impl From<SnapshotId> for String {
    fn from(id: SnapshotId) -> String {
        id.to_string()
    }
}

/// A record: its snapshot, its kind, and its number there.
///
/// As text `3f2a9c01b7de/observation/17`, with at least twelve digits of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId {
    /// The snapshot it belongs to.
    pub snapshot: SnapshotId,
    /// Its kind.
    pub kind: RecordKind,
    /// Its number among the records of that kind, from 0, in the order the ledger keeps.
    pub n: u32,
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.snapshot.short(), self.kind, self.n)
    }
}

/// How a [`Locator`] reads in the raw bytes of a snapshot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutKind {
    /// Comma-separated text: row is the physical line, from 1.
    #[default]
    Csv,
    /// JSON: row is an item of the array at `pointer`.
    Json,
    /// A spreadsheet: row is the row of the sheet, from 1.
    Sheet,
}

/// What the locators of a snapshot point into.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The kind.
    pub kind: LayoutKind,
    /// The names of the columns or members, in order.
    pub columns: Vec<String>,
    /// The JSON pointer of the array (`/items`), empty for the document itself; the sheet's name.
    #[serde(default)]
    pub pointer: String,
}

impl Layout {
    /// The locator in words: `line 4711, column refugees` or `/items/17/refugees`.
    pub fn describe(&self, locator: Locator) -> String {
        let column = self.columns.get(usize::from(locator.column));
        match (self.kind, column) {
            (LayoutKind::Csv, Some(column)) => format!("line {}, column {column}", locator.row),
            (LayoutKind::Csv, None) => format!("line {}", locator.row),
            (LayoutKind::Json, Some(column)) => format!("{}/{}/{column}", self.pointer, locator.row),
            (LayoutKind::Json, None) => format!("{}/{}", self.pointer, locator.row),
            (LayoutKind::Sheet, Some(column)) => format!("{}, row {}, {column}", self.pointer, locator.row),
            (LayoutKind::Sheet, None) => format!("{}, row {}", self.pointer, locator.row),
        }
    }
}

/// A publisher's file behind a snapshot that was not made from its bytes directly (the starter evidence).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Where it was obtained.
    pub obtained_from: String,
    /// What was done to it.
    pub changes: String,
}

/// What was odd about the rows, kept and counted; nothing is dropped in silence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Kinds of oddity, how often each was met, and the first few places.
    pub notes: Vec<Note>,
}

/// One kind of oddity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// What it is, in a few words.
    pub what: String,
    /// How often.
    pub count: u64,
    /// The first places, at most five.
    pub first: Vec<String>,
}

impl Quality {
    /// Counts one more of `what`, at `place`.
    pub fn note(&mut self, what: &str, place: impl FnOnce() -> String) {
        let index = self.notes.iter().position(|n| n.what == what).unwrap_or_else(|| {
            self.notes.push(Note { what: what.to_owned(), count: 0, first: Vec::new() });
            self.notes.len() - 1
        });
        let note = &mut self.notes[index];
        note.count += 1;
        if note.first.len() < 5 {
            note.first.push(place());
        }
    }

    /// How often `what` was met.
    pub fn count(&self, what: &str) -> u64 {
        self.notes.iter().find(|n| n.what == what).map_or(0, |n| n.count)
    }
}

/// Bytes as received, in memory or in a file.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The file's name, or a page's.
    pub name: String,
    pub(crate) content: Content,
    /// Where they were fetched.
    pub url: Option<String>,
    /// The server's validator, for a conditional request.
    pub etag: Option<String>,
    /// The server's date, for a conditional request.
    pub last_modified: Option<String>,
}

impl Part {
    /// A file that was read, not fetched.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Part {
        Part { name: name.into(), content: Content::Bytes(bytes), ..Part::default() }
    }

    /// What a file holds, from its first byte to its last; it is read as a stream when the ledger stores it. A file
    /// without a name (`tempfile::tempfile`) goes with the part.
    pub fn from_file(name: impl Into<String>, file: File) -> Part {
        Part { name: name.into(), content: Content::File(Arc::new(Mutex::new(file))), ..Part::default() }
    }

    /// As [`Part::from_file`], of a file of which these `length` bytes behind the first `from` are the part: what was
    /// unpacked of an archive stands one behind another in one file.
    pub fn from_stretch(name: impl Into<String>, file: Arc<Mutex<File>>, from: u64, length: u64) -> Part {
        Part { name: name.into(), content: Content::Stretch { file, from, length }, ..Part::default() }
    }

    /// Gives `each` the bytes, piece by piece, from the first on; as often as it is asked.
    ///
    /// # Errors
    /// A file that cannot be read, and what `each` answers.
    pub fn read(&self, mut each: impl FnMut(&[u8]) -> Result<(), LedgerError>) -> Result<(), LedgerError> {
        match &self.content {
            Content::Bytes(bytes) => each(bytes),
            Content::File(file) => self.pieces(file, 0, u64::MAX, each),
            Content::Stretch { file, from, length } => self.pieces(file, *from, *length, each),
        }
    }

    fn pieces(
        &self,
        file: &Mutex<File>,
        from: u64,
        length: u64,
        mut each: impl FnMut(&[u8]) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(from)).map_err(LedgerError::io(&self.name))?;
        let mut bytes = (&mut *file).take(length);
        let mut buffer = vec![0; 1 << 17];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => each(&buffer[..read])?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(LedgerError::io(&self.name)(e)),
            }
        }
    }
}

/// Where the bytes of a part are.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    File(Arc<Mutex<File>>),
    Stretch { file: Arc<Mutex<File>>, from: u64, length: u64 },
}

impl Default for Content {
    fn default() -> Content {
        Content::Bytes(Vec::new())
    }
}

/// A part as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartInfo {
    /// The file's name, or a page's.
    pub name: String,
    /// BLAKE3 of the bytes.
    pub object: String,
    /// How many bytes.
    pub bytes: u64,
    /// Where they were fetched.
    pub url: Option<String>,
    /// The server's validator.
    pub etag: Option<String>,
    /// The server's date.
    pub last_modified: Option<String>,
}

/// A snapshot that is not yet in the ledger.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The source, as in the registry.
    pub source: String,
    /// Which of the publisher's channels this is (`api`, `csv`): captures differ and are told apart.
    pub capture: String,
    /// What it answers for.
    pub coverage: Coverage,
    /// The publisher's release, by its own name for it (`26.0.1`), where the file says.
    pub release: Option<String>,
    /// What was asked: an address or a file name.
    pub request: String,
    /// When the bytes were received from the publisher.
    pub retrieved: Timestamp,
    /// The publisher's release date, where known.
    pub published: Option<Date>,
    /// When it was first recorded; now, unless evidence is taken over from a package that says when.
    pub recorded: Option<Timestamp>,
    /// The parser.
    pub parser: String,
    /// The parser's version.
    pub parser_version: u32,
    /// The licence.
    pub licence: Licence,
    /// How locators read.
    pub layout: Layout,
    /// Publisher's files behind it, where the parts are not those files.
    pub origins: Vec<Origin>,
    /// What was odd.
    pub quality: Quality,
    /// How many rows the bytes hold.
    pub rows_read: u64,
    /// The bytes.
    pub parts: Vec<Part>,
    /// What they became.
    pub records: Records,
}

impl Draft {
    /// An empty draft of `source`, retrieved then.
    pub fn new(source: impl Into<String>, retrieved: Timestamp) -> Draft {
        Draft {
            source: source.into(),
            capture: "file".into(),
            coverage: Coverage::rows(),
            release: None,
            request: String::new(),
            retrieved,
            published: None,
            recorded: None,
            parser: "none".into(),
            parser_version: 1,
            licence: Licence { id: "unknown".into(), url: String::new(), sharing: Default::default() },
            layout: Layout::default(),
            origins: Vec::new(),
            quality: Quality::default(),
            rows_read: 0,
            parts: Vec::new(),
            records: Records::default(),
        }
    }
}

/// A snapshot of the ledger, without its records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Its number in this ledger.
    #[serde(skip)]
    pub seq: i64,
    /// Its identity, the same in every ledger.
    pub id: SnapshotId,
    /// The source, as in the registry.
    pub source: String,
    /// Which of the publisher's channels.
    pub capture: String,
    /// What it answers for.
    pub coverage: Coverage,
    /// The publisher's release, by its own name for it.
    pub release: Option<String>,
    /// What was asked.
    pub request: String,
    /// When the bytes were received from the publisher.
    pub retrieved: Timestamp,
    /// The publisher's release date.
    pub published: Option<Date>,
    /// When it was first recorded: what `as of` goes by.
    pub recorded: Timestamp,
    /// When it entered this ledger.
    pub added: Timestamp,
    /// The parser.
    pub parser: String,
    /// The parser's version.
    pub parser_version: u32,
    /// The licence.
    pub licence: Licence,
    /// How locators read.
    pub layout: Layout,
    /// Publisher's files behind it.
    pub origins: Vec<Origin>,
    /// What was odd.
    pub quality: Quality,
    /// How many rows the bytes hold.
    pub rows_read: u64,
    /// How many records they became.
    pub records: u64,
    /// BLAKE3 over the records.
    pub rows_hash: String,
    /// The bytes.
    pub parts: Vec<PartInfo>,
}

impl Snapshot {
    /// The day on which it was recorded, UTC.
    pub fn recorded_on(&self) -> Date {
        self.recorded.to_zoned_datetime(TimeZone::UTC).date()
    }

    /// What decides which of two snapshots that cover the same answers: the later one does.
    ///
    /// The publisher's date counts first, then the day of the capture, then the moment it was recorded; a snapshot
    /// without a date of release is as late as its capture. The order of import plays no part where releases or
    /// captures differ.
    pub fn precedence(&self) -> (Date, Date, Timestamp, u32, SnapshotId) {
        let captured = self.retrieved_on();
        (self.published.unwrap_or(captured), captured, self.recorded, self.parser_version, self.id)
    }

    /// The day on which its bytes were received from the publisher, UTC.
    pub fn retrieved_on(&self) -> Date {
        self.retrieved.to_zoned_datetime(TimeZone::UTC).date()
    }
}

/// What became of a draft.
#[derive(Debug, Clone)]
pub struct Added {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Whether it was new; the same bytes with the same parser are stored once.
    pub new: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locators_read_as_people_write_them() {
        let columns = vec!["year".to_owned(), "refugees".to_owned()];
        let csv = Layout { kind: LayoutKind::Csv, columns: columns.clone(), pointer: String::new() };
        assert_eq!(csv.describe(Locator { part: 0, row: 12, column: 1 }), "line 12, column refugees");
        let json = Layout { kind: LayoutKind::Json, columns, pointer: "/items".into() };
        assert_eq!(json.describe(Locator { part: 0, row: 3, column: 1 }), "/items/3/refugees");
        assert_eq!(json.describe(Locator { part: 0, row: 3, column: 9 }), "/items/3");
    }

    #[test]
    fn notes_count_and_keep_the_first_places() {
        let mut quality = Quality::default();
        for i in 0..9 {
            quality.note("no date", || format!("line {i}"));
        }
        assert_eq!(quality.count("no date"), 9);
        assert_eq!(quality.notes[0].first.len(), 5);
    }
}
