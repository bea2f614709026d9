//! An edition as one SQLite file: for whoever wants to take all of it along, and for questions in SQL.

use std::{collections::BTreeSet, fs, path::Path};

use rusqlite::{Connection, params};
use wegen_model::{Lang, Sharing, not_for_individual_decisions, sources};

use crate::{Edition, Ledger, LedgerError, Snapshot, export::io_error, schema};

impl Ledger {
    /// Copies an edition to `path`: snapshots, and the records of those whose rows may be passed on, under the views of
    /// the ledger; a table `notice` says who it is not for, and whose rows are in it.
    ///
    /// Incidents on routes of the last month before the cut-off, and of the cut-off's own, stay here (rule R5).
    /// The views `observations`, `incidents`, `events` and `areas` give one answer to a question; `all_observations` and
    /// the like hold every row of every snapshot. The file
    /// is made beside `path` and put in place whole.
    ///
    /// # Errors
    /// SQLite's; a file that cannot be written.
    pub fn copy_edition(&self, edition: &Edition, path: &Path) -> Result<(), LedgerError> {
        let draft = path.with_extension(format!("part-{}", std::process::id()));
        let _ = fs::remove_file(&draft);
        let made = self.copy_into(edition, &draft);
        if let Err(error) = made {
            let _ = fs::remove_file(&draft);
            return Err(error);
        }
        fs::rename(&draft, path).map_err(io_error(path))
    }

    fn copy_into(&self, edition: &Edition, path: &Path) -> Result<(), LedgerError> {
        let mut db = Connection::open(path)?;
        // Nobody reads it before it is whole, and a broken one is made anew.
        db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;")?;
        for step in schema::TABLES_AND_VIEWS {
            db.execute_batch(step)?;
        }
        db.execute("ATTACH DATABASE ?1 AS ledger", [&self.address])?;
        let tx = db.transaction()?;
        tx.execute_batch("CREATE TABLE notice (text TEXT NOT NULL) STRICT; CREATE TEMP TABLE wanted (seq INTEGER PRIMARY KEY, rows INTEGER)")?;
        for snapshot in &edition.snapshots {
            let rows = snapshot.licence.sharing == Sharing::Rows;
            tx.execute("INSERT INTO wanted VALUES (?1, ?2)", params![snapshot.seq, rows])?;
            let attribution =
                sources().get(&snapshot.source).map_or(snapshot.source.as_str(), |s| &s.attribution);
            let held = if rows { "" } else { ": its rows may not be passed on, and are not here" };
            tx.execute(
                "INSERT INTO notice VALUES (?1)",
                [format!("{}: {attribution}{held}", snapshot.source)],
            )?;
        }
        for lang in Lang::ALL {
            tx.execute("INSERT INTO notice VALUES (?1)", [not_for_individual_decisions(lang)])?;
        }
        // Of each kind, what another snapshot answers for: the views leave it out.
        let sources: BTreeSet<&str> = edition.snapshots.iter().map(|s| s.source.as_str()).collect();
        for source in sources {
            let snapshots: Vec<Snapshot> =
                edition.snapshots.iter().filter(|s| s.source == source).cloned().collect();
            for (kind, ids) in self.silent_in(edition, source, &snapshots)? {
                let mut insert = tx.prepare_cached(&format!("INSERT INTO silent_{kind} VALUES (?1)"))?;
                for id in ids.into_iter().collect::<BTreeSet<_>>() {
                    insert.execute([id])?;
                }
            }
        }
        let last = edition
            .incidents_through()
            .map_or(i64::MAX, |p| i64::from(p.year()) * 12 + i64::from(p.month().unwrap_or(12)) - 1);
        tx.execute_batch(
            "INSERT INTO snapshot SELECT s.* FROM ledger.snapshot s JOIN wanted w ON w.seq = s.seq;
             INSERT INTO observation SELECT o.* FROM ledger.observation o JOIN wanted w ON w.seq = o.snapshot AND w.rows;
             INSERT INTO observation_run SELECT u.* FROM ledger.observation_run u
                 JOIN wanted w ON w.seq = u.snapshot AND w.rows;
             INSERT INTO event SELECT e.* FROM ledger.event e JOIN wanted w ON w.seq = e.snapshot AND w.rows;
             INSERT INTO area SELECT a.* FROM ledger.area a JOIN wanted w ON w.seq = a.snapshot AND w.rows;",
        )?;
        tx.execute(
            "INSERT INTO incident SELECT i.* FROM ledger.incident i JOIN wanted w ON w.seq = i.snapshot AND w.rows
             WHERE coalesce(i.year, i.counted_year) * 12 + coalesce(i.month, 12) - 1 <= ?1",
            [last],
        )?;
        tx.execute_batch(
            "INSERT INTO term SELECT t.* FROM ledger.term t WHERE t.id IN (
                 SELECT indicator FROM observation UNION SELECT place FROM observation UNION SELECT counterpart FROM observation
                 UNION SELECT dims FROM observation UNION SELECT place FROM incident UNION SELECT route FROM incident
                 UNION SELECT origin FROM incident UNION SELECT cell FROM incident UNION SELECT place FROM event
                 UNION SELECT area FROM event UNION SELECT code FROM area UNION SELECT country FROM area
                 UNION SELECT parent FROM area);",
        )?;
        tx.commit()?;
        db.execute_batch("DETACH DATABASE ledger; ANALYZE;")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_edition_is_a_file_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let edition = ledger.edition(None).unwrap();
        let path = folder.path().join("copy.sqlite");
        ledger.copy_edition(&edition, &path).unwrap();
        let db = Connection::open(&path).unwrap();
        let count = |table: &str| {
            db.query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0)).unwrap()
        };
        assert_eq!((count("observations"), count("snapshots"), count("notice")), (0, 0, 2));
    }
}
