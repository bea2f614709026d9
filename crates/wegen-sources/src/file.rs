//! A file in the publisher's format: bytes in memory, or a stretch of a file on disk that is read as it is needed.
//!
//! A table may be larger than memory, so nobody reads one whole: readers go over it from the beginning, several times
//! where they must. What cannot be read piece by piece (a TopoJSON, a page of an answer) is read whole, and only up
//! to [`MAX_WHOLE`].

use std::{
    borrow::Cow,
    fmt, fs,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use wegen_ledger::Part;

use crate::SourceError;

/// No file of a publisher is larger; the lines of a larger one could not be numbered.
pub const MAX_FILE: u64 = u32::MAX as u64;

/// What must be in memory as a whole to be read is at most this large.
pub const MAX_WHOLE: u64 = 32 << 20;

/// How much of a file is looked at to tell what it is.
const HEAD: usize = 1 << 16;

/// How much is read from a disk at a time.
const PIECE: usize = 1 << 16;

/// A file in the publisher's format, unpacked.
#[derive(Clone)]
pub struct File {
    /// Its name, for messages.
    pub name: String,
    content: Content,
    /// Whether the first rows are all that is looked at.
    pub(crate) head_only: bool,
    /// The most bytes that one read answers with: tests find out what odd pieces do.
    most: usize,
}

#[derive(Clone)]
enum Content {
    Memory(Arc<Vec<u8>>),
    Disk(Stretch),
}

/// A part of a file on disk. Readers share the handle, so that the file is the same for all of them, also after it was
/// removed or another was put in its place.
#[derive(Clone)]
pub(crate) struct Stretch {
    handle: Arc<Mutex<fs::File>>,
    start: u64,
    length: u64,
    head: Arc<Vec<u8>>,
    /// When the user's own file was last written, as far as that is known.
    written: Option<SystemTime>,
}

impl File {
    /// A file of these bytes.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> File {
        let content = Content::Memory(Arc::new(bytes.into()));
        File { name: name.into(), content, head_only: false, most: usize::MAX }
    }

    /// A file on disk, which is read where it lies; what is no file with a length, such as a pipe, is copied first.
    ///
    /// # Errors
    /// [`SourceError::Io`] where it cannot be opened.
    pub fn open(name: impl Into<String>, path: &Path) -> Result<File, SourceError> {
        let name = name.into();
        let io = SourceError::io(&path.display().to_string());
        let opened = || -> io::Result<File> {
            let mut handle = fs::File::open(path)?;
            let about = handle.metadata()?;
            if !about.is_file() {
                let mut spool = Spool::default();
                return spool.keep(&name, &mut handle, MAX_FILE + 1);
            }
            let handle = Arc::new(Mutex::new(handle));
            File::stretch(name.clone(), handle, 0, about.len(), about.modified().ok())
        };
        let file = opened().map_err(io)?;
        match file.len() > MAX_FILE {
            false => Ok(file),
            true => {
                let found = format!("{} bytes", file.len());
                Err(SourceError::malformed(&file.name, "the file", found, "at most 4 GiB"))
            }
        }
    }

    fn stretch(
        name: String,
        handle: Arc<Mutex<fs::File>>,
        start: u64,
        length: u64,
        written: Option<SystemTime>,
    ) -> io::Result<File> {
        let stretch = Stretch { handle, start, length, head: Arc::default(), written };
        let mut file =
            File { name, content: Content::Disk(stretch.clone()), head_only: false, most: usize::MAX };
        let mut head = Vec::new();
        file.raw().take(HEAD as u64).read_to_end(&mut head)?;
        file.content = Content::Disk(Stretch { head: Arc::new(head), ..stretch });
        Ok(file)
    }

    /// How many bytes it has.
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk(stretch) => stretch.length,
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its first bytes, by which one tells what it is.
    pub fn head(&self) -> &[u8] {
        match &self.content {
            Content::Memory(bytes) => &bytes[..bytes.len().min(HEAD)],
            Content::Disk(stretch) => &stretch.head,
        }
    }

    /// A reader from its beginning.
    pub fn reader(&self) -> BufReader<FileReader> {
        BufReader::with_capacity(PIECE, self.raw())
    }

    /// A reader from its beginning, where its reader has a buffer of its own.
    pub(crate) fn raw(&self) -> FileReader {
        FileReader { content: self.content.clone(), position: 0, most: self.most }
    }

    /// All its bytes, where they are not more than [`MAX_WHOLE`].
    ///
    /// # Errors
    /// [`SourceError::Malformed`] where there are more; [`SourceError::Io`] where the disk does not give them.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, SourceError> {
        // What is only looked at is not worth so much.
        let most = if self.head_only { 1 << 20 } else { MAX_WHOLE };
        if self.len() > most {
            let expected = format!(
                "at most {} MiB: a file of this kind is read as a whole, unlike a table of rows",
                most >> 20
            );
            let found = format!("{} MiB", self.len() >> 20);
            return Err(SourceError::malformed(&self.name, "the file", found, &expected));
        }
        match &self.content {
            Content::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
            Content::Disk(_) => {
                let mut bytes = Vec::with_capacity(self.len() as usize);
                self.raw().read_to_end(&mut bytes).map_err(SourceError::io(&self.name))?;
                Ok(Cow::Owned(bytes))
            }
        }
    }

    /// The same file, of which only the first rows are looked at.
    pub(crate) fn beginning(&self) -> File {
        File { head_only: true, ..self.clone() }
    }

    /// What the ledger keeps of it.
    pub(crate) fn into_part(self) -> Part {
        match self.content {
            Content::Memory(bytes) => Part::new(self.name, Arc::unwrap_or_clone(bytes)),
            Content::Disk(stretch) => {
                Part::from_stretch(self.name, stretch.handle, stretch.start, stretch.length)
            }
        }
    }

    /// An error where the user's own file was written to while it was read: what is stored would not be what was read.
    pub(crate) fn unchanged(&self) -> Result<(), SourceError> {
        let Content::Disk(Stretch { handle, written: Some(then), length, .. }) = &self.content else {
            return Ok(());
        };
        let about = handle.lock().unwrap_or_else(PoisonError::into_inner).metadata();
        let about = about.map_err(SourceError::io(&self.name))?;
        match about.len() == *length && about.modified().is_ok_and(|now| now == *then) {
            true => Ok(()),
            false => {
                let found = "another size or time than at the beginning";
                let expected = "a file that nobody writes to while it is read";
                Err(SourceError::malformed(&self.name, "the file", found, expected))
            }
        }
    }

    /// The same file, read in pieces of at most so many bytes: to try that odd pieces make no difference.
    pub fn in_pieces(&self, most: usize) -> File {
        File { most, ..self.clone() }
    }

    /// The same bytes on disk.
    #[cfg(test)]
    pub(crate) fn on_disk(&self) -> File {
        let mut spool = Spool { kept: KEPT, ..Spool::default() };
        spool.keep(&self.name, &mut self.raw(), u64::MAX).unwrap()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "File({:?}, {} bytes)", self.name, self.len())
    }
}

/// Files are the same that have the same name and bytes.
impl PartialEq for File {
    fn eq(&self, other: &File) -> bool {
        if self.name != other.name || self.len() != other.len() {
            return false;
        }
        // What cannot be read equals nothing.
        let (mut mine, mut others) = (self.reader().bytes(), other.reader().bytes());
        loop {
            match (mine.next(), others.next()) {
                (None, None) => return true,
                (Some(Ok(a)), Some(Ok(b))) if a == b => {}
                _ => return false,
            }
        }
    }
}

/// Reads a [`File`] from wherever it is.
pub struct FileReader {
    content: Content,
    position: u64,
    most: usize,
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = buffer.len().min(self.most);
        let buffer = &mut buffer[..wanted];
        let read = match &self.content {
            Content::Memory(bytes) => {
                let from = usize::try_from(self.position).unwrap_or(usize::MAX).min(bytes.len());
                let count = buffer.len().min(bytes.len() - from);
                buffer[..count].copy_from_slice(&bytes[from..from + count]);
                count
            }
            Content::Disk(stretch) => {
                let left = stretch.length.saturating_sub(self.position);
                let count = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                if count == 0 {
                    return Ok(0);
                }
                let mut handle = stretch.handle.lock().unwrap_or_else(PoisonError::into_inner);
                handle.seek(SeekFrom::Start(stretch.start + self.position))?;
                match handle.read(&mut buffer[..count])? {
                    0 => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has become shorter")),
                    read => read,
                }
            }
        };
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for FileReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::Disk(stretch) => stretch.length,
        };
        let position = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => length.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "a position before the beginning");
        self.position = position.ok_or_else(before)?;
        Ok(self.position)
    }
}

/// What an archive holds: little in memory, the rest one behind another in one temporary file, which has no name and is
/// gone with the last of its readers, also where the program is killed.
#[derive(Default)]
pub(crate) struct Spool {
    kept: usize,
    spilled: Option<(Arc<Mutex<fs::File>>, u64)>,
}

/// How much of an archive stays in memory.
const KEPT: usize = 4 << 20;

impl Spool {
    /// All that `reader` gives, up to `limit` bytes.
    pub(crate) fn keep(&mut self, name: &str, reader: &mut dyn Read, limit: u64) -> io::Result<File> {
        let mut reader = reader.take(limit);
        let room = KEPT.saturating_sub(self.kept) as u64;
        let mut first = Vec::new();
        (&mut reader).take(room).read_to_end(&mut first)?;
        if (first.len() as u64) < room {
            self.kept += first.len();
            first.shrink_to_fit();
            return Ok(File::new(name, first));
        }
        let (handle, start) = match &self.spilled {
            Some((handle, end)) => (handle.clone(), *end),
            None => (Arc::new(Mutex::new(tempfile::tempfile()?)), 0),
        };
        let mut length = first.len() as u64;
        {
            let mut file = handle.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))?;
            file.write_all(&first)?;
            drop(first);
            length += io::copy(&mut reader, &mut *file)?;
        }
        self.spilled = Some((handle.clone(), start + length));
        File::stretch(name.to_owned(), handle, start, length, None)
    }
}
