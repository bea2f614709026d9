//! Archives: gzip, zstd and zip, never to more than they should hold.

use std::io::{self, Read};

use crate::{File, SourceError, file::Spool};

/// No file of a publisher unpacks to more (GED in full is some 300 MB).
pub const MAX_UNPACKED: u64 = 2 << 30;

/// Text packs 5 to 30 times; far beyond that an archive is made to fill a disk.
pub const MAX_RATIO: u64 = 400;

/// No archive of a publisher holds more files.
const MAX_MEMBERS: usize = 4096;

/// The texts of a workbook, which its reader holds in memory.
const STRINGS: &str = "xl/sharedStrings.xml";
const MAX_STRINGS: u64 = 32 << 20;

/// Below this size a high ratio does no harm.
const FREE: u64 = 8 << 20;

/// The files in `file`; itself where it is no archive. Zip members come in the order of their names.
///
/// What is unpacked goes to a temporary file where it is more than a few MiB.
///
/// # Errors
/// [`SourceError::Archive`] where it does not unpack, or to far more than its size; and where it is a tape archive (tar),
/// whose files are imported by themselves.
pub fn unpack(file: &File) -> Result<Vec<File>, SourceError> {
    let wrong = |what: String| SourceError::Archive { file: file.name.clone(), what };
    let broken = |e: &dyn std::fmt::Display| wrong(format!("it does not unpack: {e}"));
    let inner = |ending: &str| file.name.strip_suffix(ending).unwrap_or(&file.name).to_owned();
    let limit_of = |packed: u64| packed.saturating_mul(MAX_RATIO).clamp(FREE, MAX_UNPACKED);
    let too_much = |name: &str, packed: u64| {
        wrong(format!(
            "`{name}` unpacks to more than {} MiB from {packed} bytes; no file of a publisher does",
            limit_of(packed) >> 20
        ))
    };
    let mut spool = Spool::default();
    let mut unpack_one = |name: String, reader: &mut dyn Read, packed: u64| -> Result<File, SourceError> {
        let limit = limit_of(packed);
        let out = spool.keep(&name, reader, limit + 1).map_err(|e| broken(&e))?;
        if out.len() > limit {
            return Err(too_much(&name, packed));
        }
        Ok(out)
    };
    let whole = |file: File| match file.head().get(257..262) {
        Some(b"ustar") => Err(wrong(format!(
            "`{}` is a tar archive, which is not read: unpack it, and import the files of one kind together: `wegen \
             import FILE-1 FILE-2 …`",
            file.name
        ))),
        _ => Ok(vec![file]),
    };
    let size = file.len();
    if file.head().starts_with(&[0x1f, 0x8b]) {
        let mut reader = flate2::bufread::MultiGzDecoder::new(file.reader());
        whole(unpack_one(inner(".gz"), &mut reader, size)?)
    } else if file.head().starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut reader = zstd::Decoder::with_buffer(file.reader()).map_err(|e| broken(&e))?;
        whole(unpack_one(inner(".zst"), &mut reader, size)?)
    } else if file.head().starts_with(b"PK\x03\x04") {
        let mut archive = zip::ZipArchive::new(file.reader()).map_err(|e| broken(&e))?;
        if archive.len() > MAX_MEMBERS {
            return Err(wrong(format!(
                "it holds {} files, expected at most {MAX_MEMBERS}; no archive of a publisher holds more",
                archive.len()
            )));
        }
        // A spreadsheet stays whole, but is held to the same limits.
        let spreadsheet = archive.index_for_name("xl/workbook.xml").is_some();
        let names: Result<Vec<String>, _> = archive.file_names().map(|n| n.map(|n| n.into_owned())).collect();
        let mut names = names.map_err(|e| broken(&e))?;
        names.retain(|n| !n.ends_with('/') && !n.contains("__MACOSX"));
        names.sort();
        let mut found = Vec::new();
        let (mut total, limit) = (0, limit_of(size));
        for name in names {
            let mut member = archive.by_name(&name).map_err(|e| wrong(format!("`{name}`: {e}")))?;
            let packed = member.compressed_size().min(size);
            if spreadsheet {
                let most = if name == STRINGS { limit_of(packed).min(MAX_STRINGS) } else { limit_of(packed) };
                let length = io::copy(&mut (&mut member).take(most + 1), &mut io::sink());
                let length = length.map_err(|e| broken(&e))?;
                if length > most && name == STRINGS {
                    return Err(wrong(format!(
                        "the texts of the workbook are more than {} MiB, expected at most that; tables of that \
                         size are read as comma-separated text",
                        MAX_STRINGS >> 20
                    )));
                }
                if length > most {
                    return Err(too_much(&name, packed));
                }
                total += length;
            } else {
                let unpacked = unpack_one(name, &mut member, packed)?;
                total += unpacked.len();
                found.push(unpacked);
            }
            // Members can share their packed bytes, so each within its limit is not enough.
            if total > limit {
                return Err(wrong(format!(
                    "its members unpack to more than {} MiB from {size} bytes; no file of a publisher does",
                    limit >> 20
                )));
            }
        }
        Ok(if spreadsheet { vec![file.clone()] } else { found })
    } else {
        whole(file.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn gz(bytes: &[u8]) -> Vec<u8> {
        let mut w = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        w.write_all(bytes).unwrap();
        w.finish().unwrap()
    }

    fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut w = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            w.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            w.write_all(bytes).unwrap();
        }
        w.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_give_their_files_back() {
        let table = b"a,b\n1,2\n".repeat(100);
        assert_eq!(unpack(&File::new("t.csv", table.clone())).unwrap(), [File::new("t.csv", table.clone())]);
        assert_eq!(unpack(&File::new("t.csv.gz", gz(&table))).unwrap(), [File::new("t.csv", table.clone())]);
        let packed = zstd::encode_all(&table[..], 3).unwrap();
        assert_eq!(unpack(&File::new("t.csv.zst", packed)).unwrap(), [File::new("t.csv", table.clone())]);
        let both = unpack(&File::new("t.zip", zipped(&[("b.csv", b"b"), ("a.csv", b"a")]))).unwrap();
        assert_eq!(both, [File::new("a.csv", "a"), File::new("b.csv", "b")]);
    }

    #[test]
    fn bombs_are_refused() {
        let zeros = vec![0u8; 64 << 20];
        let archives =
            [gz(&zeros), zstd::encode_all(&zeros[..], 19).unwrap(), zipped(&[("zeros.csv", &zeros)])];
        for archive in archives {
            assert!(archive.len() < 1 << 17);
            let error = unpack(&File::new("bomb", archive)).unwrap_err().to_string();
            assert!(error.contains("unpacks to more than"), "{error}");
        }
    }

    #[test]
    fn truncated_archives_are_refused() {
        let table = b"a,b\n1,2\n".repeat(1000);
        for archive in [gz(&table), zstd::encode_all(&table[..], 3).unwrap(), zipped(&[("a.csv", &table)])] {
            let half = archive[..archive.len() / 2].to_vec();
            assert!(unpack(&File::new("half", half)).is_err());
        }
    }
}
