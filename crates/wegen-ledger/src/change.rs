//! What a new snapshot changes: which records answer no longer, which answer now, and by how much.
//!
//! The table of silent records holds, for the newest edition, the records that do not answer; the views leave them out.
//! It is made anew for the sources that a transaction touches, and the difference is what changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::params;
use serde::Serialize;
use wegen_model::{Code, Record, RecordKind};

use crate::{
    Edition, Ledger, LedgerError, RecordFilter, Snapshot,
    compose::{Composer, Facet, country_of},
};

/// What a new snapshot changes in the answers of its source, key by key.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Change {
    /// Keys that were not answered before.
    pub new: u64,
    /// Keys whose value is another one now.
    pub revised: u64,
    /// Keys that have the same value as before.
    pub same: u64,
    /// Keys that were answered before and are no longer: inside the declared coverage, and without a row.
    pub withdrawn: u64,
    /// Rows of the new snapshot that do not answer: a later release does, or a snapshot that covers their place and
    /// month has counted them already.
    pub silent: u64,
    /// Sums that are others than before, the largest difference first, and then sums that are new.
    pub sums: Vec<SumChange>,
    /// The snapshots that answered before for what this one answers now.
    pub displaced: Vec<String>,
}

impl Change {
    /// Whether more is displaced than comes in its place.
    pub fn takes_more_than_it_brings(&self) -> bool {
        self.withdrawn > self.new + self.revised + self.same
    }
}

/// A sum over the answers of a source for a country and year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SumChange {
    /// The indicator, or what is counted: `dead-and-missing`, `deaths`, `areas`.
    pub what: String,
    /// The country.
    pub country: Option<Code>,
    /// The year; 0 for areas.
    pub year: i32,
    /// Before; nothing where no row answered.
    pub before: Option<f64>,
    /// After.
    pub after: Option<f64>,
}

/// How many sums are told.
const TOLD: usize = 12;

/// By kind, the ids of records that do not answer.
type Silent = BTreeMap<RecordKind, HashSet<i64>>;

type Group = (String, Option<Code>, i32);

fn row_id(snapshot: &Snapshot, n: u32) -> i64 {
    snapshot.seq << 32 | i64::from(n)
}

fn group(record: &Record) -> (Group, f64) {
    let (what, country, year, value) = match record {
        Record::Observation(o) => (o.indicator.as_str(), country_of(o.place), o.period.year(), o.value),
        Record::Incident(i) => ("dead-and-missing", i.place, i.year, i.total.unwrap_or(0).into()),
        Record::Event(e) => ("deaths", Some(e.place), e.period.year(), e.best.into()),
        Record::Area(a) => ("areas", Some(a.country), 0, 1.0),
    };
    ((what.to_owned(), country, year), value)
}

impl Ledger {
    /// Makes the list of silent records of a source anew, inside the transaction that is open.
    pub(crate) fn silence(&self, source: &str) -> Result<(), LedgerError> {
        let edition = self.edition(None)?;
        let of_source: Vec<Snapshot> = self.snapshots()?.into_iter().filter(|s| s.source == source).collect();
        let silent = self.silent_in(&edition, source, &of_source)?;
        for kind in RecordKind::ALL {
            for snapshot in &of_source {
                self.db
                    .prepare_cached(&format!("DELETE FROM silent_{kind} WHERE id >= ?1 AND id < ?2"))?
                    .execute(params![snapshot.seq << 32, (snapshot.seq + 1) << 32])?;
            }
            let mut insert = self.db.prepare_cached(&format!("INSERT INTO silent_{kind} VALUES (?1)"))?;
            let ids: BTreeSet<i64> = silent.get(&kind).into_iter().flatten().copied().collect();
            for id in ids {
                insert.execute([id])?;
            }
        }
        Ok(())
    }

    /// The records of a source, in these snapshots, that do not answer in an edition.
    pub(crate) fn silent_in(
        &self,
        edition: &Edition,
        source: &str,
        snapshots: &[Snapshot],
    ) -> Result<Silent, LedgerError> {
        let mut silent = Silent::new();
        let heard = edition.of(source);
        if snapshots.len() < 2 {
            return Ok(silent);
        }
        let all = RecordFilter::default();
        for kind in RecordKind::ALL {
            let into = silent.entry(kind).or_default();
            for left_out in snapshots.iter().filter(|s| !heard.iter().any(|h| h.id == s.id)) {
                self.each(left_out, kind, &all, None, &mut |id, _| {
                    into.insert(row_id(left_out, id.n));
                    Ok(())
                })?;
            }
            let mut composer = Composer::new(self, kind, &heard)?;
            for (index, snapshot) in heard.iter().enumerate() {
                composer.begin(index)?;
                self.each(snapshot, kind, &all, None, &mut |id, record| {
                    if !composer.answers(&Facet::of(&record))? {
                        into.insert(row_id(snapshot, id.n));
                    }
                    Ok(())
                })?;
            }
        }
        Ok(silent)
    }

    /// Whether the list of silent records of a source is what follows from its snapshots: figures rest on it.
    pub(crate) fn silence_holds(&self, source: &str) -> Result<bool, LedgerError> {
        let of_source: Vec<Snapshot> = self.snapshots()?.into_iter().filter(|s| s.source == source).collect();
        let mut made = self.silent_in(&self.edition(None)?, source, &of_source)?;
        let mut listed = self.listed_silent(&of_source)?;
        for silent in [&mut made, &mut listed] {
            silent.retain(|_, ids| !ids.is_empty());
        }
        Ok(made == listed)
    }

    /// Those of the silent records that are listed now.
    fn listed_silent(&self, snapshots: &[Snapshot]) -> Result<Silent, LedgerError> {
        let mut silent = Silent::new();
        for kind in RecordKind::ALL {
            let mut statement = self
                .db
                .prepare_cached(&format!("SELECT id FROM silent_{kind} WHERE id >= ?1 AND id < ?2"))?;
            for snapshot in snapshots {
                let range = params![snapshot.seq << 32, (snapshot.seq + 1) << 32];
                let rows = statement.query_map(range, |r| r.get(0))?;
                silent.entry(kind).or_default().extend(rows.collect::<Result<Vec<i64>, _>>()?);
            }
        }
        Ok(silent)
    }

    /// What one more snapshot, which is in the transaction that is open, changes; the list of silent records is made
    /// anew on the way.
    pub(crate) fn change(&self, added: &Snapshot) -> Result<Change, LedgerError> {
        let of_source: Vec<Snapshot> =
            self.snapshots()?.into_iter().filter(|s| s.source == added.source).collect();
        let before = self.listed_silent(&of_source)?;
        self.silence(&added.source)?;
        let after = self.listed_silent(&of_source)?;
        let is =
            |silent: &Silent, kind: RecordKind, id: i64| silent.get(&kind).is_some_and(|s| s.contains(&id));

        let mut change = Change::default();
        let mut sums: HashMap<Group, (Option<f64>, Option<f64>)> = HashMap::new();
        let mut displaced = BTreeSet::new();
        let all = RecordFilter::default();
        for kind in RecordKind::ALL {
            // What the new snapshot answers, by key: values are added, as several rows can have one key.
            let mut brought: HashMap<u64, (f64, Option<f64>)> = HashMap::new();
            self.each(added, kind, &all, None, &mut |id, record| {
                if is(&after, kind, row_id(added, id.n)) {
                    change.silent += 1;
                    return Ok(());
                }
                let (group, value) = group(&record);
                brought.entry(Facet::of(&record).key()).or_default().0 += value;
                *sums.entry(group).or_default().1.get_or_insert(0.0) += value;
                Ok(())
            })?;
            for snapshot in of_source.iter().filter(|s| s.id != added.id) {
                self.each(snapshot, kind, &all, None, &mut |id, record| {
                    let id = row_id(snapshot, id.n);
                    let (was, is) = (!is(&before, kind, id), !is(&after, kind, id));
                    if !was && !is {
                        return Ok(());
                    }
                    let (group, value) = group(&record);
                    let sum = sums.entry(group).or_default();
                    if was {
                        *sum.0.get_or_insert(0.0) += value;
                    }
                    if is {
                        *sum.1.get_or_insert(0.0) += value;
                        return Ok(());
                    }
                    displaced.insert(snapshot.id.short());
                    match brought.get_mut(&Facet::of(&record).key()) {
                        Some((_, held)) => *held.get_or_insert(0.0) += value,
                        None => change.withdrawn += 1,
                    }
                    Ok(())
                })?;
            }
            for (value, held) in brought.into_values() {
                match held {
                    None => change.new += 1,
                    Some(held) if held == value => change.same += 1,
                    Some(_) => change.revised += 1,
                }
            }
        }
        let difference = |s: &SumChange| (s.after.unwrap_or(0.0) - s.before.unwrap_or(0.0)).abs();
        change.sums = sums
            .into_iter()
            .filter(|(_, (before, after))| before != after)
            .map(|((what, country, year), (before, after))| SumChange { what, country, year, before, after })
            .collect();
        change.sums.sort_by(|a, b| {
            let place = |s: &SumChange| (s.what.clone(), s.country, s.year);
            // What was answered before matters first.
            let new = a.before.is_none().cmp(&b.before.is_none());
            new.then(difference(b).total_cmp(&difference(a))).then_with(|| place(a).cmp(&place(b)))
        });
        change.sums.truncate(TOLD);
        change.displaced = displaced.into_iter().collect();
        Ok(change)
    }
}
