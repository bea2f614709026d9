//! Rehashing everything, and naming what is damaged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wegen_model::RecordKind;

use crate::{
    Ledger, LedgerError,
    encode::RowsHash,
    schema,
    store::{SEAL_EDITION, SEAL_SNAPSHOT, SEALED, chain, seal},
};

/// The last entry of the log: whoever keeps it elsewhere can tell later whether the ledger still holds all that it held.
///
/// As text `123:` and the first 32 hexadecimal digits of the entry's hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Head {
    /// The number of the entry; 0 where nothing was recorded.
    pub seq: i64,
    /// Its hash, as far as it is known.
    pub hash: String,
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.seq, &self.hash[..self.hash.len().min(32)])
    }
}

impl std::str::FromStr for Head {
    type Err = String;
    fn from_str(text: &str) -> Result<Head, String> {
        let expected = || {
            format!(
                "found `{text}`, expected what `wegen ledger head` prints, such as `12:` and 32 hexadecimal digits"
            )
        };
        let (seq, hash) = text.trim().split_once(':').ok_or_else(expected)?;
        let hexadecimal = hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        match seq.parse() {
            Ok(seq @ 1..) if hexadecimal && (32..=64).contains(&hash.len()) => {
                Ok(Head { seq, hash: hash.to_owned() })
            }
            Ok(0) if hash.is_empty() => Ok(Head { seq: 0, hash: String::new() }),
            _ => Err(expected()),
        }
    }
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// What is damaged: `object …`, `snapshot …`, `edition …`, `log entry …`, `trigger …`, `database`.
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
    /// Snapshots and editions that no entry of the log covers whole, since the ledger was written by an earlier program
    /// and not opened for writing since.
    pub unsealed: u64,
    /// Objects that no snapshot names: left by a run that was interrupted; harmless.
    pub unreferenced: Vec<String>,
    /// What is damaged; empty where all is well.
    pub damage: Vec<Damage>,
}

impl Ledger {
    /// The last entry of the log.
    ///
    /// # Errors
    /// SQLite's.
    pub fn head(&self) -> Result<Head, LedgerError> {
        let last = self.log()?.pop();
        Ok(last.map_or(Head { seq: 0, hash: String::new() }, |e| Head { seq: e.seq, hash: e.hash }))
    }

    /// Rehashes every object, every record and the log, compares what is held with what the log says of it, compares the
    /// schema with ours, and lets SQLite check its file. With `head`, as [`Ledger::head`] answered it earlier, the log
    /// must still hold that entry.
    ///
    /// `progress` is told how many of all snapshots are done.
    pub fn verify(
        &self,
        head: Option<&Head>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Verification, LedgerError> {
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
        for kind in RecordKind::ALL {
            let sql = format!("SELECT count(*) FROM {kind} WHERE id >> 32 <> snapshot");
            let strayed: i64 = self.db.query_row(&sql, [], |r| r.get(0))?;
            if strayed > 0 {
                let how = format!("{strayed} records bear the number of another snapshot");
                found.damage.push(damage(format!("table {kind}"), how));
            }
        }
        let (listed, meant) = (
            "SELECT * FROM observation_run",
            "SELECT snapshot, indicator, place, min(id), max(id), max(year) FROM observation GROUP BY 1, 2, 3",
        );
        for (what, but) in [(listed, meant), (meant, listed)] {
            let sql = format!("SELECT EXISTS (SELECT * FROM ({what}) EXCEPT SELECT * FROM ({but}))");
            if self.db.query_row(&sql, [], |r| r.get(0))? {
                let how = "where observations of an indicator and a place stand is not where they are".into();
                found.damage.push(damage("table observation_run".into(), how));
                break;
            }
        }
        for (name, how) in schema::differences(&self.db)? {
            found.damage.push(damage(name, how.to_owned()));
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
            let (mut unreadable, mut misnumbered) = (None, false);
            for kind in RecordKind::ALL {
                match self.read(snapshot, kind, None) {
                    Ok(rows) => {
                        count += rows.len() as u64;
                        // Others name a record by its number.
                        if rows.iter().zip(0..).any(|((id, _), n)| id.n != n) {
                            misnumbered = true;
                        }
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
            } else if misnumbered {
                found.damage.push(damage(what, "its records have other numbers".into()));
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
        let mut kept = BTreeSet::new();
        let mut sealed: BTreeMap<(&str, String), String> = BTreeMap::new();
        let mut reached = head.is_none_or(|h| h.seq == 0);
        for entry in self.log()? {
            if let Some(head) = head.filter(|h| h.seq == entry.seq) {
                reached = entry.hash.starts_with(&head.hash);
            }
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
                "keep edition" => {
                    kept.insert(entry.subject);
                }
                action => {
                    if let Some((action, _)) = SEALED.into_iter().find(|(a, _)| *a == action)
                        && let Some((id, hash)) = entry.subject.split_once(' ')
                    {
                        sealed.insert((action, id.to_owned()), hash.to_owned());
                    }
                }
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
        if let Some(head) = head.filter(|_| !reached) {
            let how = format!(
                "the log does not hold {head}: what was recorded up to there was rolled back or rewritten"
            );
            found.damage.push(damage("log".into(), how));
        }
        self.verify_seals(&kept, &sealed, &mut found)?;
        progress(found.snapshots, found.snapshots);
        Ok(found)
    }

    /// Lays snapshots and kept editions beside what the log says of them.
    fn verify_seals(
        &self,
        kept: &BTreeSet<String>,
        sealed: &BTreeMap<(&str, String), String>,
        found: &mut Verification,
    ) -> Result<(), LedgerError> {
        let mut editions = BTreeSet::new();
        for (action, ids) in SEALED {
            let mut statement = self.db.prepare(ids)?;
            let ids: Vec<String> = statement.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
            for id in ids {
                let what = match action {
                    SEAL_SNAPSHOT => format!("snapshot {}", &id[..id.len().min(12)]),
                    _ => format!("edition {id}"),
                };
                match sealed.get(&(action, id.clone())) {
                    Some(hash) if *hash == seal(&self.db, action, &id)? => {}
                    Some(_) => {
                        let how = "its row or one that belongs to it is not as the log has it".into();
                        found.damage.push(Damage { what, how });
                    }
                    // A ledger of an earlier program has none at all.
                    None if sealed.is_empty() => found.unsealed += 1,
                    None => {
                        let how = "no entry of the log covers it whole".into();
                        found.damage.push(Damage { what, how });
                    }
                }
                if action == SEAL_EDITION {
                    editions.insert(id);
                }
            }
        }
        for id in kept.difference(&editions) {
            let how = "the log names it, but it is gone".into();
            found.damage.push(Damage { what: format!("edition {id}"), how });
        }
        Ok(())
    }
}
