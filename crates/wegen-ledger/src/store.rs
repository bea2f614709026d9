//! The ledger itself: opening, adding, listing.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{Timestamp, civil::Date};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Serialize, de::DeserializeOwned};
use wegen_model::{Code, Coverage, Declared, Record, RecordKind, Span};

use crate::{
    Added, Change, Draft, Edition, Evidence, LedgerError, Origin, PartInfo, RecordId, Snapshot, SnapshotId,
    insert::{Bulk, insert_records},
    memo::Memo,
    objects::{self, Objects},
    schema,
    terms::TermCache,
};

/// An open ledger. Reading never blocks writing; two writers wait for each other.
pub struct Ledger {
    pub(crate) db: Connection,
    pub(crate) objects: Objects,
    root: PathBuf,
    narrowed: Vec<Snapshot>,
    pub(crate) memo: Arc<Memo>,
    pub(crate) terms: RefCell<TermCache>,
}

/// An entry of the hash-chained log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Its number, from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: String,
    /// To what.
    pub subject: String,
    /// BLAKE3 over the entry before it and this one.
    pub hash: String,
}

impl LedgerError {
    pub(crate) fn text(what: &str) -> impl FnOnce(serde_json::Error) -> LedgerError {
        move |e| LedgerError::Damaged(format!("{what}: {e}"))
    }
}

impl Ledger {
    /// Opens the ledger in `root`, making it where there is none.
    ///
    /// # Errors
    /// [`LedgerError::Newer`] and [`LedgerError::Foreign`] where the file is not ours to open.
    pub fn open(root: &Path) -> Result<Ledger, LedgerError> {
        fs::create_dir_all(root).map_err(LedgerError::io(root))?;
        let path = root.join("ledger.sqlite");
        let mut db = Connection::open(&path)?;
        db.busy_timeout(Duration::from_secs(60))?;
        db.execute_batch(
            // Pages are read into a cache with a limit: pages mapped would count as memory for as long as they are.
            "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 0;",
        )?;
        // WAL needs a lock that does not wait by itself; a second opener may hold it for a moment.
        let mut tries = 0;
        while let Err(e) = db.execute_batch("PRAGMA journal_mode = WAL;") {
            tries += 1;
            if tries > 200 {
                return Err(e.into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        db.set_prepared_statement_cache_capacity(256);
        schema::migrate(&mut db, &path)?;
        let objects = Objects::open(root.join("objects"))?;
        let mut ledger = Ledger {
            db,
            objects,
            root: root.to_owned(),
            narrowed: Vec::new(),
            memo: Arc::default(),
            terms: RefCell::default(),
        };
        let earlier: bool = ledger.db.query_row(
            "SELECT EXISTS (SELECT 1 FROM snapshot)
             AND NOT EXISTS (SELECT 1 FROM log WHERE action = 'declare coverage')",
            [],
            |r| r.get(0),
        )?;
        if earlier {
            ledger.narrowed = ledger.declare_earlier()?;
        }
        Ok(ledger)
    }

    /// Opens the ledger once more, for another thread: what is kept of editions is kept for both.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn beside(&self) -> Result<Ledger, LedgerError> {
        let ledger = Ledger { memo: self.memo.clone(), ..Ledger::open(&self.root)? };
        // It reads, beside others that do.
        ledger.db.execute_batch("PRAGMA cache_size = -16384;")?;
        Ok(ledger)
    }

    /// Snapshots that answered, before coverage was declared, for the extent of their rows, and answer for these rows
    /// alone from now on: files that were imported. Only of the opening that brought the ledger up to date.
    pub fn narrowed(&self) -> &[Snapshot] {
        &self.narrowed
    }

    /// After the step to schema 2: what each snapshot covers now, in the log, and the views' list of silent records.
    /// Answers with those that cover less than before.
    fn declare_earlier(&self) -> Result<Vec<Snapshot>, LedgerError> {
        let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        let mut seen = BTreeSet::new();
        let snapshots = self.snapshots()?;
        for snapshot in &snapshots {
            log(
                &tx,
                Timestamp::now(),
                "declare coverage",
                &format!("{} {}", snapshot.id, snapshot.coverage),
            )?;
            if seen.insert(snapshot.source.clone()) {
                self.silence(&snapshot.source)?;
            }
        }
        tx.commit()?;
        Ok(snapshots.into_iter().filter(|s| !s.coverage.is_declared()).collect())
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Stores the bytes, then makes snapshot and records visible in one transaction.
    ///
    /// The same bytes with the same parser are stored once: the snapshot that is there is answered.
    ///
    /// # Errors
    /// Nothing has changed where an error is answered.
    pub fn add(&mut self, draft: Draft) -> Result<Added, LedgerError> {
        Ok(self.add_all(vec![draft])?.remove(0))
    }

    /// As [`Ledger::add`], for several drafts in one transaction.
    ///
    /// # Errors
    /// Nothing has changed where an error is answered.
    pub fn add_all(&mut self, drafts: Vec<Draft>) -> Result<Vec<Added>, LedgerError> {
        let now = Timestamp::now();
        let mut prepared = Vec::new();
        for draft in drafts {
            let objects = draft.parts.iter().map(objects::identify).collect::<Result<Vec<_>, _>>()?;
            prepared.push((draft, objects));
        }
        let added = self.writing(|tx, put| {
            let mut added = Vec::new();
            let mut touched = BTreeSet::new();
            for (draft, objects) in prepared {
                let (seq, new) = insert_once(tx, &draft, &objects, now)?;
                self.put(&draft, &objects, put)?;
                if new {
                    touched.insert(draft.source);
                }
                added.push((seq, new));
            }
            for source in touched {
                self.silence(&source)?;
            }
            Ok((added, true))
        })?;
        added.into_iter().map(|(seq, new)| Ok(Added { snapshot: self.numbered(seq)?, new })).collect()
    }

    /// As [`Ledger::add`], after `agree` has seen what it would change. Where it does not agree, nothing is stored.
    ///
    /// What is held already changes nothing, and `agree` is not asked.
    ///
    /// # Errors
    /// Nothing has changed where an error is answered.
    pub fn add_if(
        &mut self,
        draft: Draft,
        agree: impl FnOnce(&Change) -> bool,
    ) -> Result<(Change, Option<Added>), LedgerError> {
        let objects = draft.parts.iter().map(objects::identify).collect::<Result<Vec<_>, _>>()?;
        self.writing(|tx, put| {
            let (seq, new) = insert_once(tx, &draft, &objects, Timestamp::now())?;
            let snapshot = self.numbered(seq)?;
            let change = if new { self.change(&snapshot, &draft.records)? } else { Change::default() };
            let agreed = !new || agree(&change);
            if agreed {
                self.put(&draft, &objects, put)?;
            }
            Ok(((change, agreed.then_some(Added { snapshot, new })), agreed))
        })
    }

    /// Runs `write` in a transaction, which is kept where `write` says so. Objects are put inside it: whoever holds the
    /// lock knows that nobody else is about to refer to them, and what was put for a write that failed is removed.
    fn writing<T>(
        &self,
        write: impl FnOnce(&Transaction<'_>, &mut Vec<String>) -> Result<(T, bool), LedgerError>,
    ) -> Result<T, LedgerError> {
        let _bulk = Bulk::new(&self.db)?;
        let mut put = Vec::new();
        let tx = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate)?;
        self.objects.sweep();
        let written = write(&tx, &mut put).and_then(|(made, keep)| {
            if keep { tx.commit() } else { tx.rollback() }?;
            Ok(made)
        });
        if written.is_err() {
            self.take_back(&put);
        }
        written
    }

    /// Stores the parts of a draft, and notes which of them are new.
    fn put(
        &self,
        draft: &Draft,
        objects: &[(String, u64)],
        put: &mut Vec<String>,
    ) -> Result<(), LedgerError> {
        for (part, (hash, _)) in draft.parts.iter().zip(objects) {
            if self.objects.put(part, hash)? {
                put.push(hash.clone());
            }
        }
        Ok(())
    }

    /// Removes objects that were put for a write that failed, unless somebody has come to need them: what is left
    /// behind is harmless, so no error here hides the one that led here.
    fn take_back(&self, put: &[String]) {
        // After some errors SQLite has taken the transaction back by itself.
        let Ok(tx) = Transaction::new_unchecked(&self.db, TransactionBehavior::Immediate) else { return };
        for hash in put {
            let held =
                tx.query_row("SELECT EXISTS (SELECT 1 FROM part WHERE object = ?1)", [hash], |r| r.get(0));
            if matches!(held, Ok(false)) {
                self.objects.remove(hash);
            }
        }
    }

    fn numbered(&self, seq: i64) -> Result<Snapshot, LedgerError> {
        let snapshot = self.snapshot_where("seq = ?1", params![seq])?.pop();
        snapshot.ok_or(LedgerError::Damaged(format!("snapshot {seq} is gone")))
    }

    /// Every snapshot, the oldest first.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, LedgerError> {
        self.snapshot_where("1 = 1", params![])
    }

    /// The snapshot whose id begins with `prefix`.
    pub fn snapshot(&self, prefix: &str) -> Result<Snapshot, LedgerError> {
        let hexadecimal = prefix.bytes().all(|b| b.is_ascii_hexdigit()) && !prefix.is_empty();
        let mut found = match hexadecimal {
            true => self.snapshot_where("id LIKE ?1 || '%'", params![prefix])?,
            false => Vec::new(),
        };
        match (found.pop(), found.len()) {
            (Some(one), 0) => Ok(one),
            (Some(_), _) => Err(LedgerError::Ambiguous(prefix.to_owned())),
            (None, _) => Err(LedgerError::NoSnapshot(prefix.chars().take(70).collect())),
        }
    }

    /// The snapshots recorded by the end of `as_of` (UTC), all where `None`, but those that a later one makes
    /// superfluous: the answer to the same question or a wider one, the same publisher's file in a later package, or the
    /// same bytes read by a later parser.
    ///
    /// Monotone: a snapshot of an earlier edition is in a later one, or one that makes it superfluous is.
    pub fn edition(&self, as_of: Option<Date>) -> Result<Edition, LedgerError> {
        let known = self.snapshots()?;
        let last = known.last().map_or(0, |s| s.seq);
        let all: Vec<Snapshot> =
            known.into_iter().filter(|s| as_of.is_none_or(|date| s.recorded_on() <= date)).collect();
        let objects = |s: &Snapshot| s.parts.iter().map(|p| p.object.clone()).collect::<Vec<_>>();
        let how = |s: &Snapshot| s.coverage.declared;
        let superfluous = |old: &Snapshot| {
            all.iter().any(|new| {
                if new.source != old.source || new.id == old.id || new.capture != old.capture {
                    return false;
                }
                let asked_again = how(new) == Declared::Question
                    && how(old) == Declared::Question
                    && new.precedence() > old.precedence()
                    && new.coverage.includes(&old.coverage);
                let packed_again = !new.origins.is_empty()
                    && new.seq > old.seq
                    && new.coverage.is_declared() == old.coverage.is_declared()
                    && same_files(&new.origins, &old.origins)
                    && new.coverage.period == old.coverage.period;
                let read_again = new.parser == old.parser
                    && new.parser_version > old.parser_version
                    && objects(new) == objects(old);
                asked_again || packed_again || read_again
            })
        };
        let kept = all.iter().filter(|s| !superfluous(s)).cloned().collect();
        let edition = Edition::new(as_of, kept);
        if as_of.is_none() && self.db.is_autocommit() {
            self.memo.note_newest(last, &edition);
        }
        Ok(edition)
    }

    /// Keeps an edition under a name, so that it can be asked for again.
    pub fn keep_edition(&mut self, edition: &Edition, name: Option<&str>) -> Result<(), LedgerError> {
        let id = edition.id();
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = tx.execute(
            "INSERT INTO edition (id, name, added) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![id, name, Timestamp::now().to_string()],
        )?;
        if added > 0 {
            for snapshot in &edition.snapshots {
                tx.execute("INSERT INTO edition_snapshot VALUES (?1, ?2)", params![id, snapshot.seq])?;
            }
            log(&tx, Timestamp::now(), "keep edition", &id)?;
        }
        tx.commit()?;
        Ok(())
    }

    /// An edition that was kept, by its id.
    pub fn kept_edition(&self, id: &str) -> Result<Option<Edition>, LedgerError> {
        let found = self.snapshot_where(
            "seq IN (SELECT snapshot FROM edition_snapshot WHERE edition = ?1)",
            params![id],
        )?;
        Ok((!found.is_empty()).then(|| Edition::new(None, found)))
    }

    /// The questions that can be asked of an edition.
    pub fn evidence<'a>(&'a self, edition: &'a Edition) -> Evidence<'a> {
        Evidence::new(self, edition)
    }

    /// The log, the oldest entry first.
    pub fn log(&self) -> Result<Vec<LogEntry>, LedgerError> {
        let mut statement = self.db.prepare("SELECT seq, at, action, subject, hash FROM log ORDER BY seq")?;
        let rows = statement
            .query_map([], |r| Ok((r.get(0)?, r.get::<_, String>(1)?, r.get(2)?, r.get(3)?, r.get(4)?)))?;
        rows.map(|row| {
            let (seq, at, action, subject, hash) = row?;
            Ok(LogEntry { seq, at: timestamp(&at)?, action, subject, hash })
        })
        .collect()
    }

    /// The bytes of a part as received, their hash checked.
    pub fn bytes(&self, part: &PartInfo) -> Result<Vec<u8>, LedgerError> {
        let bytes = self.objects.get(&part.object, part.bytes)?;
        match blake3::hash(&bytes).to_hex().as_str() == part.object {
            true => Ok(bytes),
            false => Err(LedgerError::Damaged(format!("the bytes of `{}` have another hash", part.name))),
        }
    }

    /// The newest part fetched from `url`, for a conditional request, with the snapshot it belongs to.
    pub fn last_fetch(&self, url: &str) -> Result<Option<(Snapshot, PartInfo)>, LedgerError> {
        let found =
            self.snapshot_where("seq = (SELECT max(snapshot) FROM part WHERE url = ?1)", params![url])?;
        Ok(found.into_iter().next().and_then(|s| {
            let part = s.parts.iter().find(|p| p.url.as_deref() == Some(url))?.clone();
            Some((s, part))
        }))
    }

    /// The record called `text`, such as `3f2a9c01b7de/observation/17`.
    pub fn record(&self, text: &str) -> Result<(RecordId, Snapshot, Record), LedgerError> {
        let missing = || LedgerError::NoRecord(text.chars().take(90).collect());
        let mut words = text.split('/');
        let (Some(prefix), Some(kind), Some(n), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(missing());
        };
        let (kind, n): (RecordKind, u32) =
            (kind.parse().map_err(|_| missing())?, n.parse().map_err(|_| missing())?);
        let snapshot = self.snapshot(prefix)?;
        let id = RecordId { snapshot: snapshot.id, kind, n };
        let record = self.read(&snapshot, kind, Some(n))?.pop().ok_or_else(missing)?;
        Ok((id, snapshot, record.1))
    }

    fn snapshot_where(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Snapshot>, LedgerError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT seq, id, source, capture, scope_country, scope_from, scope_to, request, retrieved, published, \
             recorded, added, parser, parser_version, licence, layout, origins, quality, rows_read, records, \
             rows_hash, release, coverage FROM snapshot WHERE {condition} ORDER BY seq"
        ))?;
        let mut rows = statement.query(values)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let published: Option<String> = row.get(9)?;
            let seq: i64 = row.get(0)?;
            found.push(Snapshot {
                seq,
                id: row.get::<_, String>(1)?.parse()?,
                source: row.get(2)?,
                capture: row.get(3)?,
                coverage: Coverage::rows(),
                release: row.get(21)?,
                request: row.get(7)?,
                retrieved: timestamp(&row.get::<_, String>(8)?)?,
                published: published.map(|p| p.parse::<Date>()).transpose().map_err(damaged)?,
                recorded: timestamp(&row.get::<_, String>(10)?)?,
                added: timestamp(&row.get::<_, String>(11)?)?,
                parser: row.get(12)?,
                parser_version: row.get(13)?,
                licence: json(&row.get::<_, String>(14)?)?,
                layout: json(&row.get::<_, String>(15)?)?,
                origins: json(&row.get::<_, String>(16)?)?,
                quality: json(&row.get::<_, String>(17)?)?,
                rows_read: row.get::<_, i64>(18)? as u64,
                records: row.get::<_, i64>(19)? as u64,
                rows_hash: row.get(20)?,
                parts: self.parts(seq)?,
            });
            if let Some(snapshot) = found.last_mut() {
                let declared: Option<String> = row.get(22)?;
                snapshot.coverage = match declared {
                    Some(text) => json(&text)?,
                    None => earlier(snapshot, row.get(4)?, row.get::<_, Option<i32>>(5)?.zip(row.get(6)?))?,
                };
            }
        }
        Ok(found)
    }

    fn parts(&self, seq: i64) -> Result<Vec<PartInfo>, LedgerError> {
        let mut statement = self.db.prepare_cached(
            "SELECT name, object, bytes, url, etag, last_modified FROM part WHERE snapshot = ?1 ORDER BY part",
        )?;
        let rows = statement.query_map([seq], |r| {
            Ok(PartInfo {
                name: r.get(0)?,
                object: r.get(1)?,
                bytes: r.get::<_, i64>(2)? as u64,
                url: r.get(3)?,
                etag: r.get(4)?,
                last_modified: r.get(5)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Whether two packages hold the same of a publisher's files.
fn same_files(a: &[Origin], b: &[Origin]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.sha256 == b.sha256)
}

/// The coverage of a snapshot from before coverage was declared: what was asked of a publisher, or said by a package,
/// holds; the extent of an imported file's rows does not, and such a file answers for its rows.
fn earlier(
    snapshot: &Snapshot,
    country: Option<String>,
    years: Option<(i32, i32)>,
) -> Result<Coverage, LedgerError> {
    let declared = match (snapshot.parts.iter().any(|p| p.url.is_some()), snapshot.origins.is_empty()) {
        (true, _) => Declared::Question,
        (_, false) => Declared::Package,
        _ => return Ok(Coverage::rows()),
    };
    let country = country.map(|c| Code::new(&c)).transpose().map_err(damaged)?;
    Ok(Coverage {
        countries: country.map(|c| [c].into()),
        period: years.map(|(from, to)| Span::years(from, to)),
        ..Coverage::all(declared)
    })
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, LedgerError> {
    serde_json::from_str(text).map_err(LedgerError::text("a column of JSON"))
}

fn timestamp(text: &str) -> Result<Timestamp, LedgerError> {
    text.parse().map_err(damaged)
}

pub(crate) fn damaged(error: impl std::fmt::Display) -> LedgerError {
    LedgerError::Damaged(error.to_string())
}

fn identity(draft: &Draft, objects: &[(String, u64)]) -> SnapshotId {
    let mut hasher = blake3::Hasher::new();
    let coverage = draft.coverage.to_string();
    let version = draft.parser_version.to_string();
    let fields = [&draft.source, &draft.capture, &coverage, &draft.parser, &version];
    for field in fields.into_iter().chain(objects.iter().map(|(hash, _)| hash)) {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field.as_bytes());
    }
    SnapshotId::new(*hasher.finalize().as_bytes())
}

/// Appends to the log; each entry's hash covers the one before it.
fn log(tx: &Transaction<'_>, at: Timestamp, action: &str, subject: &str) -> Result<(), LedgerError> {
    let before: String = tx
        .query_row("SELECT hash FROM log ORDER BY seq DESC LIMIT 1", [], |r| r.get(0))
        .optional()?
        .unwrap_or_default();
    let hash = chain(&before, &at.to_string(), action, subject);
    tx.execute(
        "INSERT INTO log (at, action, subject, hash) VALUES (?1, ?2, ?3, ?4)",
        params![at.to_string(), action, subject, hash],
    )?;
    Ok(())
}

pub(crate) fn chain(before: &str, at: &str, action: &str, subject: &str) -> String {
    blake3::hash([before, at, action, subject].join("\n").as_bytes()).to_hex().to_string()
}

/// Inserts a draft, unless the same bytes with the same parser and coverage are held; whether it is new stands second.
fn insert_once(
    tx: &Transaction<'_>,
    draft: &Draft,
    objects: &[(String, u64)],
    now: Timestamp,
) -> Result<(i64, bool), LedgerError> {
    if objects.is_empty() {
        return Err(LedgerError::Incomplete("the bytes it was made from"));
    }
    let id = identity(draft, objects);
    let held: Option<i64> =
        tx.query_row("SELECT seq FROM snapshot WHERE id = ?1", [id.to_string()], |r| r.get(0)).optional()?;
    match held {
        Some(seq) => Ok((seq, false)),
        None => Ok((insert(tx, draft, objects, id, now)?, true)),
    }
}

fn insert(
    tx: &Transaction<'_>,
    draft: &Draft,
    objects: &[(String, u64)],
    id: SnapshotId,
    now: Timestamp,
) -> Result<i64, LedgerError> {
    // The snapshot's own row stands last, as it holds the hash of the records; all become visible at once.
    let seq: i64 = tx.query_row("SELECT coalesce(max(seq), 0) + 1 FROM snapshot", [], |r| r.get(0))?;
    let rows_hash = insert_records(tx, seq, &draft.records)?;
    let text =
        |value: serde_json::Result<String>| value.map_err(LedgerError::text("a field of the snapshot"));
    tx.execute(
        "INSERT INTO snapshot (id, source, capture, coverage, release, request, retrieved, published, \
         recorded, added, parser, parser_version, licence, layout, origins, quality, rows_read, records, rows_hash, seq) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
        params![
            id.to_string(),
            draft.source,
            draft.capture,
            text(serde_json::to_string(&draft.coverage))?,
            draft.release,
            draft.request,
            draft.retrieved.to_string(),
            draft.published.map(|d| d.to_string()),
            draft.recorded.unwrap_or(now).to_string(),
            now.to_string(),
            draft.parser,
            draft.parser_version,
            text(serde_json::to_string(&draft.licence))?,
            text(serde_json::to_string(&draft.layout))?,
            text(serde_json::to_string(&draft.origins))?,
            text(serde_json::to_string(&draft.quality))?,
            draft.rows_read as i64,
            draft.records.len() as i64,
            rows_hash,
            seq,
        ],
    )?;
    for (i, (part, (object, bytes))) in draft.parts.iter().zip(objects).enumerate() {
        tx.execute(
            "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![seq, i as i64, part.name, object, *bytes as i64, part.url, part.etag, part.last_modified],
        )?;
    }
    log(tx, now, "add snapshot", &id.to_string())?;
    log(tx, now, "declare coverage", &format!("{id} {}", draft.coverage))?;
    Ok(seq)
}
