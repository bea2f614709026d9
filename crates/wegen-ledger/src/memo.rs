//! What was read or made of an edition, kept for the next question.
//!
//! What an edition answers never changes, so nothing that is kept here grows old: it is only let go of, the longest
//! unused first, to stay within a limit on bytes. All readers of one ledger can share it.

use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use wegen_model::{Code, RecordKind};

use crate::{Edition, RecordFilter};

/// Bytes that are kept.
const LIMIT: usize = 64 << 20;
/// Bytes of one entry: what is larger would push everything else out, and is asked for once.
const LARGEST: usize = LIMIT / 4;

/// What is kept of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum What {
    /// Rows that answer.
    Rows(RecordKind, RecordFilter),
    /// Rows of a country's areas.
    Places(RecordFilter, Code),
    /// The last year of a snapshot, or of a place in it.
    LastYear(i64, Option<Code>),
    /// How many records of a snapshot do not answer.
    Silent(RecordKind, i64),
    /// What somebody else made.
    Made(String),
}

type Key = (u128, What);

struct Entry {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
    used: u64,
}

#[derive(Default)]
struct Held {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
    newest: Option<Newest>,
}

/// The snapshots of each source in the newest edition.
#[derive(Clone)]
pub(crate) struct Newest {
    /// The last snapshot that there was.
    pub(crate) last: i64,
    pub(crate) of: Arc<BTreeMap<String, Vec<i64>>>,
}

#[derive(Default)]
pub(crate) struct Memo {
    held: Mutex<Held>,
}

impl Memo {
    fn held(&self) -> MutexGuard<'_, Held> {
        // Whoever held the lock left entries that are whole.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self, edition: u128, what: &What) -> Option<Arc<T>> {
        let mut held = self.held();
        held.clock += 1;
        let clock = held.clock;
        let entry = held.entries.get_mut(&(edition, what.clone()))?;
        entry.used = clock;
        Arc::downcast(entry.value.clone()).ok()
    }

    pub(crate) fn keep<T: Any + Send + Sync>(&self, edition: u128, what: What, value: Arc<T>, bytes: usize) {
        let bytes = bytes + size_of::<(Key, Entry)>() + 64;
        if bytes > LARGEST {
            return;
        }
        let mut held = self.held();
        held.clock += 1;
        let entry = Entry { value, bytes, used: held.clock };
        held.bytes += bytes;
        if let Some(before) = held.entries.insert((edition, what), entry) {
            held.bytes -= before.bytes;
        }
        while held.bytes > LIMIT {
            let oldest = held.entries.iter().min_by_key(|(_, e)| e.used).map(|(key, _)| key.clone());
            match oldest.and_then(|key| held.entries.remove(&key)) {
                Some(gone) => held.bytes -= gone.bytes,
                None => break,
            }
        }
    }

    /// The newest edition, where `last` is still the last snapshot.
    pub(crate) fn newest(&self, last: i64) -> Option<Newest> {
        self.held().newest.clone().filter(|n| n.last == last)
    }

    /// Keeps which snapshots the newest edition has, `last` being the last that there is.
    pub(crate) fn note_newest(&self, last: i64, edition: &Edition) -> Newest {
        let mut of: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for snapshot in &edition.snapshots {
            of.entry(snapshot.source.clone()).or_default().push(snapshot.seq);
        }
        of.values_mut().for_each(|seqs| seqs.sort_unstable());
        let newest = Newest { last, of: Arc::new(of) };
        self.held().newest = Some(newest.clone());
        newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_goes_first_and_what_is_too_large_is_not_kept() {
        let memo = Memo::default();
        let what = |n: usize| What::Made(n.to_string());
        for n in 0..8 {
            memo.keep(1, what(n), Arc::new(n), LARGEST / 2);
            assert_eq!(memo.get::<usize>(1, &what(0)).as_deref(), Some(&0), "{n}");
        }
        assert_eq!(memo.get::<usize>(1, &what(1)), None);
        assert_eq!(memo.get::<usize>(1, &what(7)).as_deref(), Some(&7));
        assert_eq!(memo.get::<usize>(2, &what(7)), None, "another edition");
        memo.keep(1, what(9), Arc::new(9_usize), LARGEST + 1);
        assert_eq!(memo.get::<usize>(1, &what(9)), None);
    }
}
