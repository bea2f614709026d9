//! Which kinds of record a snapshot and a source hold.

use std::collections::BTreeSet;

use wegen_model::RecordKind;

use crate::{Evidence, Ledger, LedgerError, Snapshot};

impl Ledger {
    /// The kinds of record that a snapshot holds at least one of.
    ///
    /// # Errors
    /// SQLite's.
    pub fn kinds_of(&self, snapshot: &Snapshot) -> Result<BTreeSet<RecordKind>, LedgerError> {
        let mut held = BTreeSet::new();
        for kind in RecordKind::ALL {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {kind} WHERE id >= ?1 AND id < ?2)");
            let range = [snapshot.seq << 32, (snapshot.seq + 1) << 32];
            if self.db.prepare_cached(&sql)?.query_row(range, |row| row.get(0))? {
                held.insert(kind);
            }
        }
        Ok(held)
    }
}

impl Evidence<'_> {
    /// The kinds of record that the edition's snapshots of a source hold; none where it holds nothing of the source.
    ///
    /// # Errors
    /// SQLite's.
    pub fn kinds(&self, source: &str) -> Result<BTreeSet<RecordKind>, LedgerError> {
        let mut held = BTreeSet::new();
        for snapshot in self.edition().of(source) {
            held.extend(self.ledger().kinds_of(snapshot)?);
        }
        Ok(held)
    }
}
