//! Finished members in a file, so that an interrupted ensemble goes on where it was.
//!
//! The file begins with a line and the hash of job and parameters; another ensemble's file is refused. Each member
//! is appended when it is finished: its number, the length of its outcome, the outcome, eight bytes of a checksum
//! over these. What follows the last frame that is whole is cut off.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::Outcome;
use crate::MovementError;

const LINE: &[u8] = b"wegen members 1\n";
/// Larger outcomes are torn frames.
const LARGEST: u64 = 1 << 30;

/// An open file of finished members.
#[derive(Debug)]
pub(super) struct Kept {
    file: File,
    name: String,
    /// Where the outcome of each member stands.
    at: BTreeMap<u64, (u64, u32)>,
    end: u64,
}

impl Kept {
    /// Opens the file of an ensemble, or begins it.
    pub(super) fn open(path: &Path, hash: &[u8; 32]) -> Result<Kept, MovementError> {
        let name = path.display().to_string();
        let fault = |e: std::io::Error| MovementError::file(&name, e.to_string());
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(fault)?;
        let length = file.metadata().map_err(fault)?.len();
        let head: Vec<u8> = LINE.iter().chain(hash).copied().collect();
        let mut found = vec![0; head.len().min(length as usize)];
        file.read_exact(&mut found).map_err(fault)?;
        if !head.starts_with(&found) {
            let what =
                if found.starts_with(LINE) { "members of another ensemble" } else { "no file of members" };
            return Err(MovementError::file(&name, format!("{what}; another file was expected")));
        }
        if found.len() < head.len() {
            file.set_len(0).map_err(fault)?;
            file.rewind().map_err(fault)?;
            file.write_all(&head).map_err(fault)?;
        }
        let mut kept = Kept { file, name, at: BTreeMap::new(), end: head.len() as u64 };
        kept.scan().map_err(|e| MovementError::file(&kept.name, e.to_string()))?;
        Ok(kept)
    }

    fn scan(&mut self) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        let mut reader = BufReader::new(&self.file);
        while let Some((member, payload)) = frame(&mut reader)? {
            self.at.insert(member, (self.end + 12, payload.len() as u32));
            self.end += 20 + payload.len() as u64;
        }
        self.file.set_len(self.end)
    }

    pub(super) fn holds(&self, member: u64) -> bool {
        self.at.contains_key(&member)
    }

    pub(super) fn append(&mut self, member: u64, outcome: &Outcome) -> Result<(), MovementError> {
        let payload = outcome.to_bytes();
        let mut bytes = Vec::with_capacity(payload.len() + 20);
        bytes.extend(member.to_le_bytes());
        bytes.extend((payload.len() as u32).to_le_bytes());
        bytes.extend(&payload);
        let sum = checksum(&bytes);
        bytes.extend(sum);
        let write = |file: &mut File, end: u64| -> std::io::Result<()> {
            file.seek(SeekFrom::Start(end))?;
            file.write_all(&bytes)
        };
        write(&mut self.file, self.end).map_err(|e| MovementError::file(&self.name, e.to_string()))?;
        self.at.insert(member, (self.end + 12, payload.len() as u32));
        self.end += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn get(&mut self, member: u64) -> Result<Option<Outcome>, MovementError> {
        let Some((start, length)) = self.at.get(&member).copied() else { return Ok(None) };
        let mut payload = vec![0; length as usize];
        let read = |file: &mut File, payload: &mut [u8]| -> std::io::Result<()> {
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(payload)
        };
        read(&mut self.file, &mut payload).map_err(|e| MovementError::file(&self.name, e.to_string()))?;
        Outcome::from_bytes(&payload).map(Some)
    }
}

/// The next frame, or nothing where none is whole.
fn frame(reader: &mut impl Read) -> std::io::Result<Option<(u64, Vec<u8>)>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(12).read_to_end(&mut bytes)?;
    let (Some(member), Some(length)) = (bytes.get(..8), bytes.get(8..12)) else { return Ok(None) };
    let member = u64::from_le_bytes(member.try_into().unwrap_or_default());
    let length = u64::from(u32::from_le_bytes(length.try_into().unwrap_or_default()));
    if length > LARGEST {
        return Ok(None);
    }
    reader.by_ref().take(length + 8).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length + 20 {
        return Ok(None);
    }
    let sum = bytes.split_off(bytes.len() - 8);
    if sum != checksum(&bytes) {
        return Ok(None);
    }
    Ok(Some((member, bytes.split_off(12))))
}

fn checksum(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    sum
}
