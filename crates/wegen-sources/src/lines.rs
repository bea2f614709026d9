//! Rows of separated text, read one at a time from a file of any size, within limits.
//!
//! | limit | of |
//! |---|---|
//! | [`MAX_COLUMNS`] | columns, as in a spreadsheet |
//! | [`MAX_CELL`] | bytes in a cell |
//! | [`MAX_ROW`] | bytes in a row |
//!
//! No table of a publisher comes near them. What goes beyond is refused where it does, by row and column, before it
//! takes memory or time.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::{
    File, SourceError,
    file::FileReader,
    forms::{Format, format, likely_encoding},
    screen::is_personal_value,
};

/// How many columns a table has at most.
pub(crate) const MAX_COLUMNS: usize = 16_384;

/// How many bytes stand in a cell at most.
pub(crate) const MAX_CELL: usize = 1 << 20;

/// How many bytes a row has at most.
pub(crate) const MAX_ROW: usize = 4 << 20;

/// How many bytes are read at a time.
const PIECE: usize = 1 << 16;

/// The mark of byte order.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The bytes of the mark of byte order at the beginning of a file.
fn mark(file: &File) -> u64 {
    if file.head().starts_with(MARK) { MARK.len() as u64 } else { 0 }
}

/// The beginning of a file behind its mark of byte order.
pub(crate) fn head(file: &File) -> &[u8] {
    file.head().strip_prefix(MARK).unwrap_or(file.head())
}

/// A reader of a file from behind its mark of byte order.
pub(crate) fn text_of(file: &File) -> io::Result<FileReader> {
    let mut reader = file.raw();
    reader.seek(SeekFrom::Start(mark(file)))?;
    Ok(reader)
}

/// An error that names the first line of a file which is not UTF-8, if one is not.
pub(crate) fn utf8(file: &File) -> Result<(), SourceError> {
    // Some of these are UTF-8 by chance, or as far as one has looked.
    if let Some(format) = format(file.head()).filter(|format| *format != Format::Empty) {
        let (what, instead) = format.told();
        let expected = format!("text, as CSV or JSON: {instead}");
        return Err(SourceError::malformed(&file.name, "the file", what, &expected));
    }
    let Some(at) = not_utf8(file).map_err(SourceError::io(&file.name))? else { return Ok(()) };
    let mut before = file.reader().take(at);
    let mut row = 1;
    loop {
        let bytes = before.fill_buf().map_err(SourceError::io(&file.name))?;
        if bytes.is_empty() {
            return Err(SourceError::NotUtf8 {
                file: file.name.clone(),
                row,
                likely: likely_encoding(&around(file, at)?),
            });
        }
        row += bytes.iter().filter(|b| **b == b'\n').count();
        let read = bytes.len();
        before.consume(read);
    }
}

/// Some bytes from the first one on that is not UTF-8, by which one tells the encoding.
fn around(file: &File, at: u64) -> Result<Vec<u8>, SourceError> {
    let mut reader = file.raw();
    let mut bytes = Vec::new();
    let read =
        reader.seek(SeekFrom::Start(at)).and_then(|_| reader.take(PIECE as u64).read_to_end(&mut bytes));
    read.map_err(SourceError::io(&file.name))?;
    Ok(bytes)
}

/// Where the first byte stands that is not UTF-8.
fn not_utf8(file: &File) -> io::Result<Option<u64>> {
    let mut reader = file.raw();
    let mut block = vec![0; PIECE];
    // The bytes at the front of the block that begin a character.
    let (mut carried, mut at) = (0, 0);
    loop {
        let read = reader.read(&mut block[carried..])?;
        let bytes = &block[..carried + read];
        match std::str::from_utf8(bytes) {
            Ok(_) if read == 0 => return Ok(None),
            _ if file.head_only && at > 0 => return Ok(None),
            Ok(_) => {
                at += bytes.len() as u64;
                carried = 0;
            }
            Err(e) if e.error_len().is_some() || read == 0 => return Ok(Some(at + e.valid_up_to() as u64)),
            Err(e) => {
                let valid = e.valid_up_to();
                let end = bytes.len();
                block.copy_within(valid..end, 0);
                carried = end - valid;
                at += valid as u64;
            }
        }
    }
}

/// What stands between the fields: a semicolon where the header has those and no comma, otherwise a comma.
pub(crate) fn delimiter(file: &File) -> u8 {
    let (mut blank, mut semicolon) = (true, false);
    // What cannot be read is told when the rows are.
    let Ok(reader) = text_of(file) else { return b',' };
    let mut reader = io::BufReader::with_capacity(PIECE, reader).take(MAX_ROW as u64);
    while let Ok(bytes) = reader.fill_buf() {
        if bytes.is_empty() {
            break;
        }
        for byte in bytes {
            match byte {
                b',' => return b',',
                b'\n' if !blank => return if semicolon { b';' } else { b',' },
                b';' => (blank, semicolon) = (false, true),
                byte => blank &= byte.is_ascii_whitespace(),
            }
        }
        let read = bytes.len();
        reader.consume(read);
    }
    if semicolon { b';' } else { b',' }
}

/// How rows are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How {
    /// What stands between fields.
    pub(crate) delimiter: u8,
    /// Whether rows may have more or fewer fields than the header.
    pub(crate) flexible: bool,
    /// Whether the first row is a header.
    pub(crate) header: bool,
}

/// The rows of a file.
pub(crate) struct Lines<'f> {
    file: &'f File,
    how: How,
    reader: csv::Reader<Window>,
    /// The names of the columns, for messages.
    pub(crate) names: Vec<String>,
    /// Whether the header was read.
    begun: bool,
    /// How many more rows are read.
    left: u64,
}

/// How many rows are looked at to tell what a file is.
const HEAD: u64 = 8;

impl<'f> Lines<'f> {
    /// The rows of `file` from the first on.
    ///
    /// # Errors
    /// [`SourceError::Io`] where the disk does not give the beginning.
    pub(crate) fn new(file: &'f File, how: How) -> Result<Lines<'f>, SourceError> {
        let window = Window::new(text_of(file).map_err(SourceError::io(&file.name))?);
        let reader = csv::ReaderBuilder::new()
            .flexible(how.flexible)
            .has_headers(how.header)
            .delimiter(how.delimiter)
            .buffer_capacity(PIECE)
            .from_reader(window);
        let left = if file.head_only { HEAD + u64::from(!how.header) } else { u64::MAX };
        Ok(Lines { file, how, reader, names: Vec::new(), begun: false, left })
    }

    /// The names of the columns, without blanks around them.
    ///
    /// # Errors
    /// [`SourceError`] where the header goes beyond the limits.
    pub(crate) fn header(&mut self) -> Result<Vec<String>, SourceError> {
        self.begun = true;
        self.reader.get_mut().until = MAX_ROW as u64 + 1;
        let header = match self.reader.headers() {
            Ok(header) => header.clone(),
            Err(e) => return Err(self.wrong(e, 0, 1)),
        };
        self.within(&header, 1)?;
        self.names = header.iter().map(|name| name.trim().to_owned()).collect();
        Ok(self.names.clone())
    }

    /// The next row, with the physical line on which it begins, from 1; `None` behind the last.
    ///
    /// # Errors
    /// [`SourceError`] where a row goes beyond the limits, or has not as many fields as the header.
    pub(crate) fn read(&mut self, record: &mut csv::StringRecord) -> Result<Option<u32>, SourceError> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if self.how.header && !self.begun {
            self.header()?;
        }
        let (byte, line) = (self.reader.position().byte(), self.reader.position().line());
        let window = self.reader.get_mut();
        window.until = byte + MAX_ROW as u64 + 1;
        // Where lines end in CR LF, the reader ends a row at the CR and has not yet counted the LF.
        let line = line as u32 + u32::from(window.at(byte) == Some(b'\n'));
        match self.reader.read_record(record) {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            Err(e) => {
                // What was read of it may be large, and is read again for what is told.
                *record = csv::StringRecord::new();
                return Err(self.wrong(e, byte, line));
            }
        }
        self.within(record, line)?;
        Ok(Some(line))
    }

    /// Whether a row is within the limits.
    fn within(&self, record: &csv::StringRecord, line: u32) -> Result<(), SourceError> {
        if record.len() > MAX_COLUMNS {
            let found = format!("{} columns", record.len());
            let expected = format!("at most {MAX_COLUMNS}");
            return Err(SourceError::malformed(
                &self.file.name,
                format_args!("row {line}"),
                found,
                &expected,
            ));
        }
        if record.as_slice().len() > MAX_CELL
            && let Some(column) = record.iter().position(|cell| cell.len() > MAX_CELL)
        {
            return Err(self.long_cell(line, column));
        }
        Ok(())
    }

    fn long_cell(&self, line: u32, column: usize) -> SourceError {
        let name = self.names.get(column).filter(|name| name.len() <= 100 && !is_personal_value(name));
        SourceError::Cell {
            file: self.file.name.clone(),
            place: format!("row {line}"),
            column: name.cloned().unwrap_or_else(|| (column + 1).to_string()),
            found: format!("more than {} MiB of text", MAX_CELL >> 20),
            expected: format!("at most {} MiB in a cell", MAX_CELL >> 20),
        }
    }

    fn wrong(&mut self, error: csv::Error, byte: u64, line: u32) -> SourceError {
        if self.reader.get_ref().beyond {
            return self.long_row(byte, line);
        }
        let place = error.position().map_or(line.into(), csv::Position::line);
        let place = format!("row {place}");
        match error.into_kind() {
            csv::ErrorKind::UnequalLengths { len, expected_len, .. } => {
                let expected = format!("{expected_len}, as in the header");
                SourceError::malformed(&self.file.name, place, format_args!("{len} fields"), &expected)
            }
            csv::ErrorKind::Io(e) => SourceError::io(&self.file.name)(e),
            other => {
                let found = csv_text(&other);
                SourceError::malformed(&self.file.name, place, found, "comma-separated text")
            }
        }
    }

    /// What is wrong with a row that does not end within the limit: a cell of it, where one is too long.
    fn long_row(&self, byte: u64, line: u32) -> SourceError {
        let mut row = Vec::new();
        let read = text_of(self.file).and_then(|mut reader| {
            reader.seek(SeekFrom::Current(byte as i64))?;
            reader.take(MAX_ROW as u64).read_to_end(&mut row)
        });
        if let Err(e) = read {
            return SourceError::io(&self.file.name)(e);
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.how.delimiter)
            .from_reader(row.as_slice());
        let mut record = csv::ByteRecord::new();
        let fields = if reader.read_byte_record(&mut record).unwrap_or(false) { record.len() } else { 0 };
        match record.iter().position(|cell| cell.len() > MAX_CELL) {
            Some(column) => self.long_cell(line, column),
            None => SourceError::malformed(
                &self.file.name,
                format_args!("row {line}, column {fields}"),
                format_args!("more than {} MiB in one row", MAX_ROW >> 20),
                "a row that ends before that",
            ),
        }
    }
}

/// What an error of the reader says, without its own place.
fn csv_text(kind: &csv::ErrorKind) -> String {
    match kind {
        csv::ErrorKind::Utf8 { err, .. } => format!("no UTF-8: {err}"),
        other => format!("{other:?}"),
    }
}

/// Gives a file out in pieces, remembers the last one and the byte behind it, and stops where a row is too long.
struct Window {
    source: FileReader,
    block: Vec<u8>,
    /// Where the block stands in the text.
    start: u64,
    /// How many bytes of the block have been given out.
    given: usize,
    ended: bool,
    /// How far may be read for the row that is being read.
    until: u64,
    /// Whether more was asked for.
    beyond: bool,
}

impl Window {
    fn new(source: FileReader) -> Window {
        Window {
            source,
            block: Vec::new(),
            start: 0,
            given: 0,
            ended: false,
            until: MAX_ROW as u64,
            beyond: false,
        }
    }

    /// The byte at a place that lies in the piece that was given last, or just behind it.
    fn at(&mut self, place: u64) -> Option<u8> {
        let at = usize::try_from(place.checked_sub(self.start)?).ok()?;
        self.block.get(at).copied()
    }

    /// Fills the block, so that one byte more is known than is given out.
    fn fill(&mut self) -> io::Result<()> {
        self.block.drain(..self.given);
        self.start += self.given as u64;
        self.given = 0;
        let mut filled = self.block.len();
        self.block.resize(PIECE + 1, 0);
        while filled < 2 && !self.ended {
            match self.source.read(&mut self.block[filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => filled += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => {
                    self.block.truncate(filled);
                    return Err(e);
                }
            }
        }
        self.block.truncate(filled);
        Ok(())
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.block.len() - self.given < 2 {
            self.fill()?;
        }
        let held_back = usize::from(!self.ended);
        let here = self.start + self.given as u64;
        let room = usize::try_from(self.until.saturating_sub(here)).unwrap_or(usize::MAX);
        let count = (self.block.len() - self.given).saturating_sub(held_back);
        if count > 0 && room == 0 {
            self.beyond = true;
            return Err(io::Error::other("a row that is too long"));
        }
        let count = count.min(buffer.len()).min(room);
        buffer[..count].copy_from_slice(&self.block[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}
