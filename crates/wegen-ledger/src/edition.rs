//! A fixed set of snapshots.

use jiff::civil::Date;
use serde::Serialize;

use crate::Snapshot;

/// A set of snapshots, identified by the hash of their ids; what a report is a pure function of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// The date that `as of` named, if any.
    pub as_of: Option<Date>,
    /// The snapshots, by id.
    pub snapshots: Vec<Snapshot>,
}

impl Edition {
    /// An edition of these snapshots, in whatever order.
    pub fn new(as_of: Option<Date>, mut snapshots: Vec<Snapshot>) -> Edition {
        snapshots.sort_by_key(|s| s.id);
        snapshots.dedup_by_key(|s| s.id);
        Edition { as_of, snapshots }
    }

    /// Its identity: BLAKE3 over the sorted snapshot ids; the first sixteen hexadecimal digits.
    pub fn id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for snapshot in &self.snapshots {
            hasher.update(snapshot.id.as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// The last day on which one of its snapshots was recorded: the cut-off of the evidence.
    pub fn cut_off(&self) -> Option<Date> {
        self.snapshots.iter().map(|s| s.recorded_on()).max()
    }

    /// Its snapshots of one source, the one that answers first at the beginning.
    pub fn of<'a>(&'a self, source: &'a str) -> Vec<&'a Snapshot> {
        let mut found: Vec<&Snapshot> = self.snapshots.iter().filter(|s| s.source == source).collect();
        found.sort_by_key(|s| std::cmp::Reverse(s.precedence()));
        found
    }
}
