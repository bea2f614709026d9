//! Rehashing everything, and naming what is damaged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wegen_model::RecordKind;

use crate::{Ledger, LedgerError, encode::RowsHash, store::chain};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// What is damaged: `object …`, `snapshot …`, `log entry …`, `database`.
    pub what: String,
    /// How it was noticed.
    pub how: String,
}

/// The outcome of [`Ledger::verify`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Snapshots looked at.
    pub snapshots: u64,
    /// Records rehashed.
    pub records: u64,
    /// Objects rehashed.
    pub objects: u64,
    /// Objects that no snapshot names: left by a run that was interrupted; harmless.
    pub unreferenced: Vec<String>,
    /// What is damaged; empty where all is well.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// Rehashes every object, every record and the log, and lets SQLite check its file.
    ///
    /// `progress` is told how many of all snapshots are done.
    pub fn verify(&self, mut progress: impl FnMut(u64, u64)) -> Result<Verification, LedgerError> {
        let mut found = Verification::default();
        let damage = |what: String, how: String| Damage { what, how };
        let mut statement = self.db.prepare("PRAGMA integrity_check(20)")?;
        let answers: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        found
            .damage
            .extend(answers.into_iter().filter(|a| a != "ok").map(|how| damage("database".into(), how)));
        let broken: i64 =
            self.db.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |r| r.get(0))?;
        if broken > 0 {
            found.damage.push(damage("database".into(), format!("{broken} references lead nowhere")));
        }

        let mut named = BTreeSet::new();
        let snapshots = self.snapshots()?;
        for (i, snapshot) in snapshots.iter().enumerate() {
            progress(i as u64, snapshots.len() as u64);
            found.snapshots += 1;
            for part in &snapshot.parts {
                if !named.insert(part.object.clone()) {
                    continue;
                }
                found.objects += 1;
                let what =
                    || format!("object {} ({} of snapshot {})", part.object, part.name, snapshot.id.short());
                match self.bytes(part) {
                    Ok(_) => {}
                    Err(error) => found.damage.push(damage(what(), error.to_string())),
                }
            }
            let mut hash = RowsHash::default();
            let mut count = 0;
            let mut unreadable = None;
            for kind in RecordKind::ALL {
                match self.read(snapshot, kind, None) {
                    Ok(rows) => {
                        count += rows.len() as u64;
                        rows.iter().for_each(|(_, record)| hash.add(record));
                    }
                    Err(error) => unreadable = Some(error.to_string()),
                }
            }
            found.records += count;
            let what = format!("snapshot {} ({})", snapshot.id.short(), snapshot.source);
            if let Some(how) = unreadable {
                found.damage.push(damage(what, how));
            } else if count != snapshot.records {
                found.damage.push(damage(what, format!("{count} records of {}", snapshot.records)));
            } else if hash.finish() != snapshot.rows_hash {
                found.damage.push(damage(what, "its records have another hash".into()));
            }
        }
        // Figures of the newest edition are made by this list.
        let sources: BTreeSet<&str> = snapshots.iter().map(|s| s.source.as_str()).collect();
        for source in sources {
            let how = match self.silence_holds(source) {
                Ok(true) => continue,
                Ok(false) => {
                    "it is not what follows from the snapshots; the next import of the source makes it anew"
                }
                // What cannot be read is named already.
                Err(_) if !found.damage.is_empty() => continue,
                Err(error) => &error.to_string(),
            };
            let what = format!("list of the records of {source} that do not answer");
            found.damage.push(damage(what, how.to_owned()));
        }
        found.unreferenced = self.objects.all()?.into_iter().filter(|o| !named.contains(o)).collect();

        let (mut before, mut next) = (String::new(), 1);
        let mut logged = BTreeSet::new();
        let mut declared: BTreeMap<String, String> = BTreeMap::new();
        for entry in self.log()? {
            let expected = chain(&before, &entry.at.to_string(), &entry.action, &entry.subject);
            if expected != entry.hash || entry.seq != next {
                let how = "it does not follow from the entry before it".into();
                found.damage.push(damage(format!("log entry {}", entry.seq), how));
            }
            match entry.action.as_str() {
                "add snapshot" => {
                    logged.insert(entry.subject);
                }
                "declare coverage" => declared.extend(
                    entry.subject.split_once(' ').map(|(id, covers)| (id.to_owned(), covers.to_owned())),
                ),
                _ => {}
            }
            (before, next) = (entry.hash, entry.seq + 1);
        }
        for snapshot in &snapshots {
            let covers = snapshot.coverage.to_string();
            if let Some(was) = declared.get(&snapshot.id.to_string()).filter(|was| **was != covers) {
                let how = format!("it covers `{covers}`, the log says `{was}`");
                found.damage.push(damage(format!("snapshot {}", snapshot.id.short()), how));
            }
            if !logged.remove(&snapshot.id.to_string()) {
                let how = "the log does not name it".into();
                found.damage.push(damage(format!("snapshot {}", snapshot.id.short()), how));
            }
        }
        for id in logged {
            found.damage.push(damage(format!("snapshot {id}"), "the log names it, but it is gone".into()));
        }
        progress(found.snapshots, found.snapshots);
        Ok(found)
    }
}
