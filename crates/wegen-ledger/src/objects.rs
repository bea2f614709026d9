//! The bytes as received: one zstd file each, named by the BLAKE3 of what is in it.

use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use crate::{
    LedgerError, Part,
    rows::{self, Frame, Packer},
};

/// What a file that is being written begins with.
const DRAFT: &str = ".draft-";

pub(crate) struct Objects {
    root: PathBuf,
}

impl Objects {
    pub(crate) fn open(root: PathBuf) -> Result<Objects, LedgerError> {
        fs::create_dir_all(&root).map_err(LedgerError::io(&root))?;
        Ok(Objects::of(root))
    }

    /// Those in a folder that is only read.
    pub(crate) fn of(root: PathBuf) -> Objects {
        Objects { root }
    }

    pub(crate) fn path(&self, hash: &str) -> PathBuf {
        let (folder, name) = hash.split_at(hash.len().min(2));
        self.root.join(folder).join(format!("{name}.zst"))
    }

    /// Stores a part whose hash is known, and puts it in place whole or not at all; answers whether it is new.
    pub(crate) fn put(&self, part: &Part, hash: &str) -> Result<bool, LedgerError> {
        let path = self.path(hash);
        if path.exists() {
            return Ok(false);
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(LedgerError::io(folder))?;
        // Removed by itself where anything fails.
        let draft =
            tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder).map_err(LedgerError::io(folder))?;
        let mut packer = Packer::new(draft).map_err(LedgerError::io(&path))?;
        let mut hasher = blake3::Hasher::new();
        part.read(|bytes| {
            hasher.update(bytes);
            packer.write(bytes).map_err(LedgerError::io(&path))
        })?;
        // A file that somebody writes to meanwhile would be kept under the name of other bytes.
        if hasher.finalize().to_hex().as_str() != hash {
            let changed = std::io::Error::other("it was written to while it was read");
            return Err(LedgerError::io(&part.name)(changed));
        }
        let draft = packer.finish().map_err(LedgerError::io(&path))?;
        draft.as_file().sync_all().map_err(LedgerError::io(&path))?;
        draft.persist(&path).map_err(|e| LedgerError::io(&path)(e.error))?;
        sync_folder(folder);
        Ok(true)
    }

    /// Removes an object that nobody refers to.
    pub(crate) fn remove(&self, hash: &str) {
        let _ = fs::remove_file(self.path(hash));
    }

    /// Removes what runs that were interrupted have left half-written. Only for whoever holds the lock of the database:
    /// nobody else is writing then.
    pub(crate) fn sweep(&self) {
        for folder in fs::read_dir(&self.root).into_iter().flatten().flatten() {
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                if file.file_name().to_str().is_some_and(|name| name.starts_with('.')) {
                    let _ = fs::remove_file(file.path());
                }
            }
        }
    }

    /// Opens an object for reading it as a stream, whole or from a place where a frame begins.
    pub(crate) fn open_at(&self, hash: &str, packed: u64) -> Result<impl Read + use<>, LedgerError> {
        let path = self.path(hash);
        let open = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(packed))?;
            zstd::Decoder::new(file)
        };
        open().map_err(LedgerError::io(&path))
    }

    /// The index of rows of an object; none where it is small, or from before there were indexes.
    pub(crate) fn frames(&self, hash: &str) -> Result<Vec<Frame>, LedgerError> {
        let path = self.path(hash);
        let read = || rows::read(&mut File::open(&path)?);
        read().map_err(LedgerError::io(&path))
    }

    /// The bytes of `hash`, unpacked up to `limit` bytes.
    pub(crate) fn get(&self, hash: &str, limit: u64) -> Result<Vec<u8>, LedgerError> {
        let path = self.path(hash);
        let damaged = |how: std::io::Error| LedgerError::Damaged(format!("`{}`: {how}", path.display()));
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => damaged(error),
            _ => LedgerError::io(&path)(error),
        })?;
        let mut bytes = Vec::new();
        let unpacked = zstd::Decoder::new(file)
            .and_then(|d| d.take(limit + 1).read_to_end(&mut bytes))
            .map_err(damaged)?;
        if unpacked as u64 > limit {
            return Err(LedgerError::Damaged(format!("`{}` unpacks to more than it should", path.display())));
        }
        Ok(bytes)
    }

    /// The hashes of all objects on disk.
    pub(crate) fn all(&self) -> Result<Vec<String>, LedgerError> {
        let mut found = Vec::new();
        for folder in fs::read_dir(&self.root).map_err(LedgerError::io(&self.root))?.flatten() {
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                if let Some(rest) = file.file_name().to_str().and_then(|n| n.strip_suffix(".zst")) {
                    found.push(format!("{}{rest}", folder.file_name().to_string_lossy()));
                }
            }
        }
        found.sort();
        Ok(found)
    }
}

/// The BLAKE3 of a part, and how many bytes it has.
pub(crate) fn identify(part: &Part) -> Result<(String, u64), LedgerError> {
    let (mut hasher, mut length) = (blake3::Hasher::new(), 0);
    part.read(|bytes| {
        hasher.update(bytes);
        length += bytes.len() as u64;
        Ok(())
    })?;
    Ok((hasher.finalize().to_hex().to_string(), length))
}

/// Makes a rename last through a power cut, where the platform can.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}
