//! The starter evidence: a data package that is built in, so that a first report needs no network.
//!
//! Made by `cargo xtask starter` from publishers' files through the parsers of this crate; figures only, each
//! resource with its source, licence, attribution and the hash of the file it came from.

use include_dir::{Dir, include_dir};
use wegen_ledger::{Draft, Ledger, read_package};

use crate::SourceError;

static PACKAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../starter/package");

/// Brings the starter evidence into a ledger that does not have it; answers with how many snapshots are new.
///
/// # Errors
/// The ledger's; the ledger is then as it was.
pub fn adopt_starter(ledger: &mut Ledger) -> Result<usize, SourceError> {
    let description = PACKAGE.get_file("datapackage.json").map_or(&b"{}"[..], |f| f.contents());
    let hash = blake3::hash(description).to_hex().to_string();
    // A note beside the database saves reading the package each time; adopting twice would change nothing.
    let note = ledger.root().join("starter");
    if std::fs::read_to_string(&note).is_ok_and(|held| held == hash) {
        return Ok(0);
    }
    let drafts: Vec<Draft> =
        read_package(description, |name| PACKAGE.get_file(name).map(|f| f.contents().to_vec()))?;
    let added = ledger.add_all(drafts)?;
    let unwritten = |source| wegen_ledger::LedgerError::Io { path: note.clone(), source };
    std::fs::write(&note, hash).map_err(unwritten)?;
    Ok(added.iter().filter(|a| a.new).count())
}
