//! One row of a file, without unpacking the whole.
//!
//! An object is packed in frames that unpack by themselves. Behind them stands, in a frame that every reader of zstd
//! passes over, where each begins and how many lines come before it. An object of one frame has no such index, and is read
//! from its beginning; so is one whose index is damaged, as the index alone is not covered by the object's name.

use std::{
    cell::RefCell,
    fmt,
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::{Layout, LayoutKind, Ledger, LedgerError, PartInfo};

/// How well bytes are packed: zstd's own default.
const LEVEL: i32 = 3;

/// A frame ends with the first line that goes beyond this many bytes.
const FRAME: usize = 512 << 10;

/// A frame ends here, also within a line.
const LONGEST_FRAME: usize = 4 << 20;

/// What of a line is answered.
const LONGEST_ROW: usize = 64 << 10;

/// One of zstd's sixteen marks of a frame to be passed over.
const SKIPPED: u32 = 0x184D_2A57;

/// The last bytes of an object with an index.
const MARK: &[u8; 8] = b"WEGEROWS";

/// Bytes of one entry, and of what stands behind the entries: their count, a checksum, the mark.
const ENTRY: usize = 24;
const TAIL: usize = 4 + 8 + MARK.len();

/// Where a frame begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// How many line ends come before it.
    pub(crate) lines: u64,
    /// How many unpacked bytes come before it.
    pub(crate) unpacked: u64,
    /// How many packed bytes come before it.
    pub(crate) packed: u64,
}

/// Packs bytes in frames, and writes their index.
pub(crate) struct Packer<W> {
    out: W,
    packer: zstd::bulk::Compressor<'static>,
    buffer: Vec<u8>,
    frames: Vec<Frame>,
    next: Frame,
}

impl<W: Write> Packer<W> {
    pub(crate) fn new(out: W) -> io::Result<Packer<W>> {
        let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
        packer.include_checksum(true)?;
        let next = Frame { lines: 0, unpacked: 0, packed: 0 };
        Ok(Packer { out, packer, buffer: Vec::new(), frames: Vec::new(), next })
    }

    pub(crate) fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let room = FRAME.saturating_sub(self.buffer.len());
            if bytes.len() <= room {
                self.buffer.extend_from_slice(bytes);
                return Ok(());
            }
            let longest = (LONGEST_FRAME - self.buffer.len()).min(bytes.len());
            let line =
                bytes[room..longest.max(room)].iter().position(|&b| b == b'\n').map(|at| room + at + 1);
            let taken = line.unwrap_or(longest);
            self.buffer.extend_from_slice(&bytes[..taken]);
            bytes = &bytes[taken..];
            if line.is_some() || self.buffer.len() >= LONGEST_FRAME {
                self.end_frame()?;
            }
        }
        Ok(())
    }

    fn end_frame(&mut self) -> io::Result<()> {
        let packed = self.packer.compress(&self.buffer)?;
        self.out.write_all(&packed)?;
        self.frames.push(self.next);
        self.next.lines += self.buffer.iter().filter(|&&b| b == b'\n').count() as u64;
        self.next.unpacked += self.buffer.len() as u64;
        self.next.packed += packed.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        if !self.buffer.is_empty() || self.frames.is_empty() {
            self.end_frame()?;
        }
        if self.frames.len() > 1 {
            let mut entries = Vec::with_capacity(self.frames.len() * ENTRY + TAIL + 8);
            for frame in &self.frames {
                for number in [frame.lines, frame.unpacked, frame.packed] {
                    entries.extend(number.to_le_bytes());
                }
            }
            let checksum = checksum(&entries);
            self.out.write_all(&SKIPPED.to_le_bytes())?;
            self.out.write_all(&((entries.len() + TAIL) as u32).to_le_bytes())?;
            self.out.write_all(&entries)?;
            self.out.write_all(&(self.frames.len() as u32).to_le_bytes())?;
            self.out.write_all(&checksum)?;
            self.out.write_all(MARK)?;
        }
        Ok(self.out)
    }
}

fn checksum(entries: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    short.copy_from_slice(&blake3::hash(entries).as_bytes()[..8]);
    short
}

/// The index at the end of an object; empty where there is none, or none that is whole.
pub(crate) fn read(file: &mut File) -> io::Result<Vec<Frame>> {
    let length = file.metadata()?.len();
    let mut tail = [0; TAIL];
    if length < TAIL as u64 {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::End(-(TAIL as i64)))?;
    file.read_exact(&mut tail)?;
    let (count, rest) = tail.split_at(4);
    let count = u32::from_le_bytes([count[0], count[1], count[2], count[3]]) as u64;
    let entries = count * ENTRY as u64;
    if !rest.ends_with(MARK) || entries + TAIL as u64 > length {
        return Ok(Vec::new());
    }
    file.seek(SeekFrom::End(-((entries + TAIL as u64) as i64)))?;
    let mut bytes = vec![0; entries as usize];
    file.read_exact(&mut bytes)?;
    if checksum(&bytes) != rest[..8] {
        return Ok(Vec::new());
    }
    let number = |entry: &[u8], at: usize| {
        entry.get(8 * at..8 * at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
    };
    let frame = |e: &[u8]| Frame { lines: number(e, 0), unpacked: number(e, 1), packed: number(e, 2) };
    Ok(bytes.chunks_exact(ENTRY).map(frame).collect())
}

/// Line `line` of what `from` gives, `before` lines of the whole having ended before it.
fn nth_line(mut from: impl Read, before: u64, line: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut buffer = vec![0; 64 << 10];
    let (mut ended, mut taken) = (before, 0);
    let mut found: Option<Vec<u8>> = None;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        taken += read as u64;
        if taken > limit {
            return Err(io::Error::other("it unpacks to more than it should"));
        }
        if read == 0 {
            return Ok(found);
        }
        let mut rest = &buffer[..read];
        while ended + 1 < line {
            match rest.iter().position(|&b| b == b'\n') {
                Some(at) => {
                    rest = &rest[at + 1..];
                    ended += 1;
                }
                None => {
                    rest = &[];
                    break;
                }
            }
        }
        if ended + 1 < line || rest.is_empty() {
            continue;
        }
        let end = rest.iter().position(|&b| b == b'\n');
        let row = found.get_or_insert_default();
        let room = LONGEST_ROW - row.len();
        let piece = &rest[..end.unwrap_or(rest.len())];
        row.extend_from_slice(&piece[..piece.len().min(room)]);
        if end.is_some() || piece.len() >= room {
            return Ok(found);
        }
    }
}

impl Ledger {
    /// A line of a part, counted from 1, without its end; `None` where the part has fewer. Of a line of more than 64 KiB
    /// the beginning is answered.
    ///
    /// Only that frame of the part is unpacked in which the line begins; a part from before there were frames is read as
    /// a stream up to the line.
    ///
    /// # Errors
    /// Bytes that cannot be read or unpacked.
    pub fn row(&self, part: &PartInfo, line: u32) -> Result<Option<String>, LedgerError> {
        if line == 0 {
            return Ok(None);
        }
        let line = u64::from(line);
        let frames = self.objects.frames(&part.object)?;
        // The last frame before which fewer lines end than before this one: the line begins in it, or with the next.
        let behind = frames.partition_point(|frame| frame.lines < line.saturating_sub(1));
        let first = frames.get(behind.saturating_sub(1));
        let from = first.copied().unwrap_or(Frame { lines: 0, unpacked: 0, packed: 0 });
        let reader = self.objects.open_at(&part.object, from.packed)?;
        let limit = part.bytes.saturating_sub(from.unpacked);
        let found = nth_line(reader, from.lines, line, limit);
        let found = found.map_err(LedgerError::io(self.objects.path(&part.object)))?;
        Ok(found.map(|mut row| {
            if row.last() == Some(&b'\r') {
                row.pop();
            }
            String::from_utf8_lossy(&row).into_owned()
        }))
    }

    /// The row of a part that a locator of a layout points to, as it was received: a line, or an item of a JSON array.
    /// `None` where there is none, and of a spreadsheet.
    ///
    /// # Errors
    /// Bytes that cannot be read or unpacked.
    pub fn row_of(&self, part: &PartInfo, layout: &Layout, row: u32) -> Result<Option<String>, LedgerError> {
        match layout.kind {
            LayoutKind::Csv => self.row(part, row),
            LayoutKind::Json => {
                let reader = self.objects.open_at(&part.object, 0)?.take(part.bytes);
                Ok(item(BufReader::with_capacity(64 << 10, reader), &layout.pointer, row as usize))
            }
            LayoutKind::Sheet => Ok(None),
        }
    }
}

/// Item `row` of the array at `pointer`; nothing else of the document is kept.
fn item(reader: impl Read, pointer: &str, row: usize) -> Option<String> {
    let path: Vec<String> =
        pointer.split('/').skip(1).map(|w| w.replace("~1", "/").replace("~0", "~")).collect();
    let found = RefCell::new(None);
    let mut document = serde_json::Deserializer::from_reader(reader);
    // Once it is found nothing more is read, and that ends as an error.
    let _ = Search { path: &path, row, found: &found }.deserialize(&mut document);
    found.into_inner().map(|value| value.to_string())
}

/// Looks for an item on the way down a document.
struct Search<'a> {
    path: &'a [String],
    row: usize,
    found: &'a RefCell<Option<Value>>,
}

impl<'de> DeserializeSeed<'de> for Search<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Search<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array, or an object that holds one")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((first, path)) if *first == key => {
                    map.next_value_seed(Search { path, row: self.row, found: self.found })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let (here, path) = match self.path.split_first() {
            None => (self.row, None),
            Some((first, path)) => (first.parse().map_err(A::Error::custom)?, Some(path)),
        };
        for _ in 0..here {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        match path {
            None => *self.found.borrow_mut() = items.next_element()?,
            Some(path) => {
                items.next_element_seed(Search { path, row: self.row, found: self.found })?;
            }
        }
        Err(A::Error::custom("found"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, Part, Snapshot};

    fn held(bytes: &[u8]) -> (tempfile::TempDir, Ledger, Snapshot) {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path()).unwrap();
        let mut draft = Draft::new("made-up", "2026-01-01T00:00:00Z".parse().unwrap());
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        draft.parts.push(Part::from_file("file", file));
        let snapshot = ledger.add(draft).unwrap().snapshot;
        assert!(ledger.bytes(&snapshot.parts[0]).unwrap() == bytes);
        (folder, ledger, snapshot)
    }

    /// Lines of many lengths, none among them, one longer than a frame may be.
    fn table() -> String {
        let mut text = String::new();
        for n in 0..60_000 {
            let fill = "é".repeat(n % 97);
            let end = if n % 3 == 0 { "\r\n" } else { "\n" };
            match n {
                30_000 => text += &"x".repeat(LONGEST_FRAME + 1_000_000),
                n if n % 11 == 0 => {}
                n => text += &format!("{n},{fill}"),
            }
            text += end;
        }
        text + "last"
    }

    #[test]
    fn each_line_is_found_in_its_frame() {
        let text = table();
        let (_folder, ledger, snapshot) = held(text.as_bytes());
        let part = &snapshot.parts[0];
        let frames = ledger.objects.frames(&part.object).unwrap();
        assert!(frames.len() > 5, "{}", frames.len());
        let lines: Vec<&str> = text.lines().collect();
        let near = frames.iter().flat_map(|f| f.lines.saturating_sub(1)..f.lines + 4).map(|n| n as usize);
        for n in
            near.chain((0..lines.len()).step_by(997)).chain([lines.len() - 1]).filter(|n| *n < lines.len())
        {
            let found = ledger.row(part, n as u32 + 1).unwrap().unwrap();
            assert!(found == lines[n][..lines[n].len().min(LONGEST_ROW)], "line {}", n + 1);
        }
        for beyond in [0, lines.len() as u32 + 1, u32::MAX] {
            assert_eq!(ledger.row(part, beyond).unwrap(), None, "{beyond}");
        }
    }

    #[test]
    fn a_part_without_frames_or_with_a_broken_index_is_read_from_its_beginning() {
        let text = table();
        let (_folder, ledger, snapshot) = held(text.as_bytes());
        let part = &snapshot.parts[0];
        let line = text.lines().nth(45_678).map(str::to_owned);
        let path = ledger.objects.path(&part.object);
        let whole = std::fs::read(&path).unwrap();
        let mut broken = whole.clone();
        let at = whole.len() - TAIL - 5;
        broken[at] ^= 1;
        for (what, bytes) in
            [("as before", zstd::encode_all(text.as_bytes(), 3).unwrap()), ("broken", broken)]
        {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(ledger.objects.frames(&part.object).unwrap(), [], "{what}");
            assert_eq!(ledger.row(part, 45_679).unwrap(), line, "{what}");
            assert!(ledger.bytes(part).unwrap() == text.as_bytes(), "{what}");
        }
    }

    #[test]
    fn items_are_found_by_their_pointer() {
        let text = r#"{"a": [1, 2], "items": [{"x": {"y": [7, "é"]}}, {"b": 1.50}, null], "z": {"items": [[0], [4]]}}"#;
        let (_folder, ledger, snapshot) = held(text.as_bytes());
        let document: Value = serde_json::from_str(text).unwrap();
        for (pointer, count) in
            [("/items", 3), ("/a", 2), ("/z/items", 2), ("/z/items/1", 1), ("/items/0/x/y", 2)]
        {
            let layout = Layout { kind: LayoutKind::Json, columns: vec![], pointer: pointer.into() };
            for row in 0..count + 2 {
                let expected = document.pointer(&format!("{pointer}/{row}")).map(Value::to_string);
                assert_eq!(expected.is_some(), row < count);
                assert_eq!(
                    ledger.row_of(&snapshot.parts[0], &layout, row).unwrap(),
                    expected,
                    "{pointer}/{row}"
                );
            }
        }
        let layout = Layout { kind: LayoutKind::Json, columns: vec![], pointer: "/nowhere/9".into() };
        assert_eq!(ledger.row_of(&snapshot.parts[0], &layout, 0).unwrap(), None);
    }

    #[test]
    fn an_array_is_the_document_itself() {
        let (_folder, ledger, snapshot) = held(br#"[{"n": 1}, {"n": 2}]"#);
        let layout = Layout { kind: LayoutKind::Json, ..Layout::default() };
        let found = ledger.row_of(&snapshot.parts[0], &layout, 1).unwrap();
        assert_eq!(found.as_deref(), Some(r#"{"n":2}"#));
    }
}
