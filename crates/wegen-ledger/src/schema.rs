//! The database: tables, views, triggers, and how an older file becomes a newer one.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension};

use crate::LedgerError;

/// "WEGE" in ASCII: marks the file as ours.
pub(crate) const APPLICATION_ID: i64 = 0x5745_4745;

/// Each entry takes the schema one version up. Entries are never changed once released.
const MIGRATIONS: [&str; 3] = [V1, V2, V3];

pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Tables that triggers keep append-only.
pub(crate) const TABLES: [&str; 11] = [
    "term",
    "snapshot",
    "part",
    "observation",
    "observation_run",
    "incident",
    "event",
    "area",
    "edition",
    "edition_snapshot",
    "log",
];

/// Tables and views of the newest schema, for copies.
pub(crate) const TABLES_AND_VIEWS: [&str; 3] = MIGRATIONS;

const V1: &str = "
CREATE TABLE term (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE snapshot (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
    source TEXT NOT NULL,
    capture TEXT NOT NULL,
    scope_country TEXT,
    scope_from INTEGER,
    scope_to INTEGER,
    request TEXT NOT NULL,
    retrieved TEXT NOT NULL,
    published TEXT,
    recorded TEXT NOT NULL,
    added TEXT NOT NULL,
    parser TEXT NOT NULL,
    parser_version INTEGER NOT NULL,
    licence TEXT NOT NULL CHECK (json_valid(licence)),
    layout TEXT NOT NULL CHECK (json_valid(layout)),
    origins TEXT NOT NULL CHECK (json_valid(origins)),
    quality TEXT NOT NULL CHECK (json_valid(quality)),
    rows_read INTEGER NOT NULL,
    records INTEGER NOT NULL,
    rows_hash TEXT NOT NULL
) STRICT;
CREATE INDEX snapshot_source ON snapshot (source, recorded);
CREATE TABLE part (
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    part INTEGER NOT NULL,
    name TEXT NOT NULL,
    object TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    url TEXT,
    etag TEXT,
    last_modified TEXT,
    PRIMARY KEY (snapshot, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_url ON part (url) WHERE url IS NOT NULL;
CREATE TABLE observation (
    id INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    indicator INTEGER NOT NULL REFERENCES term (id),
    place INTEGER NOT NULL REFERENCES term (id),
    counterpart INTEGER REFERENCES term (id),
    year INTEGER NOT NULL,
    month INTEGER,
    day INTEGER,
    value REAL NOT NULL,
    low REAL,
    high REAL,
    status TEXT,
    dims INTEGER REFERENCES term (id),
    part INTEGER NOT NULL,
    line INTEGER NOT NULL,
    col INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_key ON observation (snapshot, indicator, place, year);
CREATE TABLE incident (
    id INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    counted_year INTEGER NOT NULL,
    year INTEGER,
    month INTEGER,
    day INTEGER,
    place INTEGER REFERENCES term (id),
    route INTEGER REFERENCES term (id),
    origin INTEGER REFERENCES term (id),
    cause TEXT NOT NULL,
    setting TEXT NOT NULL,
    cell INTEGER REFERENCES term (id),
    dead INTEGER,
    missing INTEGER,
    total INTEGER,
    incidents INTEGER NOT NULL,
    part INTEGER NOT NULL,
    line INTEGER NOT NULL
) STRICT;
CREATE INDEX incident_key ON incident (snapshot, counted_year);
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    year INTEGER NOT NULL,
    month INTEGER,
    day INTEGER,
    place INTEGER NOT NULL REFERENCES term (id),
    area INTEGER REFERENCES term (id),
    violence TEXT NOT NULL,
    precision INTEGER NOT NULL,
    best INTEGER NOT NULL,
    low INTEGER NOT NULL,
    high INTEGER NOT NULL,
    civilians INTEGER NOT NULL,
    events INTEGER NOT NULL,
    part INTEGER NOT NULL,
    line INTEGER NOT NULL
) STRICT;
CREATE INDEX event_key ON event (snapshot, place, year);
CREATE TABLE area (
    id INTEGER PRIMARY KEY,
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    code INTEGER NOT NULL REFERENCES term (id),
    country INTEGER NOT NULL REFERENCES term (id),
    level INTEGER NOT NULL,
    name TEXT NOT NULL,
    parent INTEGER REFERENCES term (id),
    valid_from TEXT,
    shape TEXT CHECK (shape IS NULL OR json_valid(shape)),
    part INTEGER NOT NULL,
    line INTEGER NOT NULL
) STRICT;
CREATE INDEX area_key ON area (snapshot, country, level);
CREATE TABLE edition (
    id TEXT PRIMARY KEY,
    name TEXT,
    added TEXT NOT NULL
) STRICT;
CREATE TABLE edition_snapshot (
    edition TEXT NOT NULL REFERENCES edition (id),
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    PRIMARY KEY (edition, snapshot)
) STRICT, WITHOUT ROWID;
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE VIEW observations AS
    SELECT s.id AS snapshot, s.source, i.text AS indicator, p.text AS place, c.text AS counterpart,
           o.year, o.month, o.day, o.value, o.low, o.high, coalesce(o.status, 'A') AS status, d.text AS dims,
           o.part, o.line, o.col, o.id & 0xffffffff AS n
    FROM observation o JOIN snapshot s ON s.seq = o.snapshot JOIN term i ON i.id = o.indicator
    JOIN term p ON p.id = o.place LEFT JOIN term c ON c.id = o.counterpart LEFT JOIN term d ON d.id = o.dims;
CREATE VIEW incidents AS
    SELECT s.id AS snapshot, s.source, n.counted_year, n.year, n.month, n.day, p.text AS place, r.text AS route,
           g.text AS origin, n.cause, n.setting, h.text AS cell, n.dead, n.missing, n.total, n.incidents,
           n.part, n.line, n.id & 0xffffffff AS n
    FROM incident n JOIN snapshot s ON s.seq = n.snapshot LEFT JOIN term p ON p.id = n.place
    LEFT JOIN term r ON r.id = n.route LEFT JOIN term g ON g.id = n.origin LEFT JOIN term h ON h.id = n.cell;
CREATE VIEW events AS
    SELECT s.id AS snapshot, s.source, e.year, e.month, e.day, p.text AS place, a.text AS area, e.violence,
           e.precision, e.best, e.low, e.high, e.civilians, e.events, e.part, e.line, e.id & 0xffffffff AS n
    FROM event e JOIN snapshot s ON s.seq = e.snapshot JOIN term p ON p.id = e.place
    LEFT JOIN term a ON a.id = e.area;
CREATE VIEW areas AS
    SELECT s.id AS snapshot, s.source, c.text AS code, k.text AS country, a.level, a.name, p.text AS parent,
           a.valid_from, a.shape, a.part, a.line, a.id & 0xffffffff AS n
    FROM area a JOIN snapshot s ON s.seq = a.snapshot JOIN term c ON c.id = a.code
    JOIN term k ON k.id = a.country LEFT JOIN term p ON p.id = a.parent;
CREATE VIEW snapshots AS
    SELECT id, source, capture, scope_country, scope_from, scope_to, retrieved, published, recorded, parser,
           parser_version, rows_read, records, quality FROM snapshot;
";

/// What a snapshot covers, which release it is, and publishers' ids; views that give one answer to a question.
///
/// `silent` lists the records that do not answer in the newest edition, since another snapshot answers for them. It is
/// made anew with every snapshot, so it is no evidence, and not append-only.
const V2: &str = "
ALTER TABLE snapshot ADD COLUMN coverage TEXT CHECK (coverage IS NULL OR json_valid(coverage));
ALTER TABLE snapshot ADD COLUMN release TEXT;
ALTER TABLE incident ADD COLUMN publisher_id TEXT;
ALTER TABLE event ADD COLUMN publisher_id TEXT;
CREATE INDEX incident_publisher_id ON incident (snapshot, publisher_id) WHERE publisher_id IS NOT NULL;
CREATE INDEX event_publisher_id ON event (snapshot, publisher_id) WHERE publisher_id IS NOT NULL;
CREATE TABLE silent_observation (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE silent_incident (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE silent_event (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE silent_area (id INTEGER PRIMARY KEY) STRICT;
DROP VIEW observations;
DROP VIEW incidents;
DROP VIEW events;
DROP VIEW areas;
DROP VIEW snapshots;
CREATE VIEW all_observations AS
    SELECT o.id, s.id AS snapshot, s.source, i.text AS indicator, p.text AS place, c.text AS counterpart,
           o.year || coalesce('-' || substr('0' || o.month, -2), '') || coalesce('-' || substr('0' || o.day, -2), '')
           AS period,
           o.year, o.month, o.day, o.value, o.low, o.high, coalesce(o.status, 'A') AS status, d.text AS dims,
           o.part, o.line, o.col, o.id & 0xffffffff AS n
    FROM observation o JOIN snapshot s ON s.seq = o.snapshot JOIN term i ON i.id = o.indicator
    JOIN term p ON p.id = o.place LEFT JOIN term c ON c.id = o.counterpart LEFT JOIN term d ON d.id = o.dims;
CREATE VIEW all_incidents AS
    SELECT n.id, s.id AS snapshot, s.source, n.publisher_id, n.counted_year, n.year, n.month, n.day, p.text AS place,
           r.text AS route, g.text AS origin, n.cause, n.setting, h.text AS cell, n.dead, n.missing, n.total,
           n.incidents, n.part, n.line, n.id & 0xffffffff AS n
    FROM incident n JOIN snapshot s ON s.seq = n.snapshot LEFT JOIN term p ON p.id = n.place
    LEFT JOIN term r ON r.id = n.route LEFT JOIN term g ON g.id = n.origin LEFT JOIN term h ON h.id = n.cell;
CREATE VIEW all_events AS
    SELECT e.id, s.id AS snapshot, s.source, e.publisher_id, e.year, e.month, e.day, p.text AS place, a.text AS area,
           e.violence, e.precision, e.best, e.low, e.high, e.civilians, e.events, e.part, e.line,
           e.id & 0xffffffff AS n
    FROM event e JOIN snapshot s ON s.seq = e.snapshot JOIN term p ON p.id = e.place
    LEFT JOIN term a ON a.id = e.area;
CREATE VIEW all_areas AS
    SELECT a.id, s.id AS snapshot, s.source, c.text AS code, k.text AS country, a.level, a.name, p.text AS parent,
           a.valid_from, a.shape, a.part, a.line, a.id & 0xffffffff AS n
    FROM area a JOIN snapshot s ON s.seq = a.snapshot JOIN term c ON c.id = a.code
    JOIN term k ON k.id = a.country LEFT JOIN term p ON p.id = a.parent;
CREATE VIEW observations AS SELECT * FROM all_observations a
    WHERE NOT EXISTS (SELECT 1 FROM silent_observation s WHERE s.id = a.id);
CREATE VIEW incidents AS SELECT * FROM all_incidents a
    WHERE NOT EXISTS (SELECT 1 FROM silent_incident s WHERE s.id = a.id);
CREATE VIEW events AS SELECT * FROM all_events a
    WHERE NOT EXISTS (SELECT 1 FROM silent_event s WHERE s.id = a.id);
CREATE VIEW areas AS SELECT * FROM all_areas a
    WHERE NOT EXISTS (SELECT 1 FROM silent_area s WHERE s.id = a.id);
CREATE VIEW snapshots AS
    SELECT id, source, capture, release, coverage, retrieved, published, recorded, parser, parser_version, rows_read,
           records, quality FROM snapshot;
";

/// Where the observations of an indicator and a place stand in a snapshot.
///
/// Observations are numbered by indicator and place, so those of both stand side by side: the first and the last of them
/// say what an index had to say for each, and are a thousandth of it. Answers never rest on it alone.
const V3: &str = "
CREATE TABLE observation_run (
    snapshot INTEGER NOT NULL REFERENCES snapshot (seq),
    indicator INTEGER NOT NULL REFERENCES term (id),
    place INTEGER NOT NULL REFERENCES term (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    last_year INTEGER NOT NULL,
    PRIMARY KEY (snapshot, indicator, place)
) STRICT, WITHOUT ROWID;
INSERT INTO observation_run
    SELECT snapshot, indicator, place, min(id), max(id), max(year) FROM observation GROUP BY 1, 2, 3;
DROP INDEX observation_key;
";

/// Whether `db`, which can only be read, has the schema we know.
pub(crate) fn check_version(db: &Connection, path: &std::path::Path, found: i64) -> Result<(), LedgerError> {
    let id: i64 = db.query_row("PRAGMA application_id", [], |r| r.get(0))?;
    match found {
        _ if id != APPLICATION_ID => Err(LedgerError::Foreign(path.into())),
        found if found > KNOWN => Err(LedgerError::Newer { path: path.into(), found, known: KNOWN }),
        found if found < KNOWN => Err(LedgerError::Older { path: path.into(), found, known: KNOWN }),
        _ => Ok(()),
    }
}

/// What differs between the tables, views, indexes and triggers of `db` and those that we make: the name, and how.
pub(crate) fn differences(db: &Connection) -> Result<Vec<(String, &'static str)>, LedgerError> {
    let read = |db: &Connection| -> Result<BTreeMap<String, String>, LedgerError> {
        // What SQLite makes by itself (indexes of keys, statistics) has no text, or a name of its own.
        let mut statement = db.prepare(
            "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'sqlite_'",
        )?;
        let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let mut ours = Connection::open_in_memory()?;
    migrate(&mut ours, std::path::Path::new(":memory:"))?;
    let (meant, found) = (read(&ours)?, read(db)?);
    let mut differences = Vec::new();
    for (name, sql) in &meant {
        match found.get(name) {
            None => differences.push((name.clone(), "it is missing")),
            Some(other) if other != sql => {
                differences.push((name.clone(), "it is another one than the program makes"))
            }
            Some(_) => {}
        }
    }
    let more = found.keys().filter(|name| !meant.contains_key(*name));
    differences.extend(more.map(|name| (name.clone(), "the program makes none of this name")));
    Ok(differences)
}

/// Brings `db` to the schema we know, each step in its own transaction.
pub(crate) fn migrate(db: &mut Connection, path: &std::path::Path) -> Result<(), LedgerError> {
    let version = |db: &Connection| db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0));
    let found = version(db)?;
    if found > KNOWN {
        return Err(LedgerError::Newer { path: path.into(), found, known: KNOWN });
    }
    if found == 0 {
        let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        let id: i64 = db.query_row("PRAGMA application_id", [], |r| r.get(0))?;
        if tables > 0 && id != APPLICATION_ID {
            return Err(LedgerError::Foreign(path.into()));
        }
    }
    for target in found..KNOWN {
        let step = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have done it while we waited for the lock.
        if version(&step)? != target {
            continue;
        }
        step.execute_batch(MIGRATIONS[target as usize])?;
        for table in TABLES {
            if step
                .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [table], |_| {
                    Ok(())
                })
                .optional()?
                .is_some()
            {
                for verb in ["UPDATE", "DELETE"] {
                    step.execute_batch(&format!(
                        "CREATE TRIGGER IF NOT EXISTS {table}_no_{verb} BEFORE {verb} ON {table} \
                         BEGIN SELECT raise(ABORT, 'the ledger is append-only: no {verb} on {table}'); END;"
                    ))?;
                }
            }
        }
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", target + 1)?;
        step.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use wegen_model::{Code, Declared};

    use super::*;
    use crate::{Ledger, RecordFilter};

    /// A ledger as schema 1 had it: a fetched answer, a package and an imported file, each with one number.
    fn earlier(folder: &std::path::Path) {
        let db = Connection::open(folder.join("ledger.sqlite")).unwrap();
        db.execute_batch(V1).unwrap();
        db.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        db.pragma_update(None, "user_version", 1).unwrap();
        for text in ["refugees", "SYR", "MLI"] {
            db.execute("INSERT INTO term (text) VALUES (?1)", [text]).unwrap();
        }
        let package = r#"[{"name":"p","sha256":"00","obtained_from":"x","changes":""}]"#;
        let snapshots = [
            ("a", "'SYR', 1951, 2026", "[]", "'https://api.unhcr.org/?page=1'", 2),
            ("b", "NULL, 1951, 2025", package, "NULL", 2),
            ("c", "NULL, 2016, 2017", "[]", "NULL", 3),
        ];
        for (i, (id, scope, origins, url, place)) in snapshots.into_iter().enumerate() {
            let (seq, id) = (i as i64 + 1, id.repeat(64));
            let day = format!("'2026-01-0{seq}T00:00:00Z'");
            let licence = r#"{"id":"x","url":"","sharing":"rows"}"#;
            let layout = r#"{"kind":"csv","columns":[]}"#;
            db.execute_batch(&format!(
                "INSERT INTO snapshot VALUES ({seq}, '{id}', 'unhcr-population', 'csv{seq}', {scope}, 'file', {day}, \
                 NULL, {day}, {day}, 'p', 1, '{licence}', '{layout}', '{origins}', '{{\"notes\":[]}}', 1, 1, 'h'); \
                 INSERT INTO part VALUES ({seq}, 0, 'file', 'o', 1, {url}, NULL, NULL); \
                 INSERT INTO observation VALUES ({seq} << 32, {seq}, 1, {place}, NULL, 2016, NULL, NULL, {seq}, NULL, \
                 NULL, NULL, NULL, 0, 1, 0);"
            ))
            .unwrap();
        }
    }

    #[test]
    fn an_earlier_ledger_is_brought_up_to_date_and_says_what_covers_less() {
        let folder = tempfile::tempdir().unwrap();
        earlier(folder.path());
        let ledger = Ledger::open(folder.path()).unwrap();
        let covers: Vec<String> =
            ledger.snapshots().unwrap().iter().map(|s| s.coverage.to_string()).collect();
        assert_eq!(covers, ["countries=SYR;period=1951..2026", "period=1951..2025", "rows"]);
        let narrowed: Vec<&str> = ledger.narrowed().iter().map(|s| s.capture.as_str()).collect();
        assert_eq!(narrowed, ["csv3"]);
        assert_eq!(ledger.snapshots().unwrap()[0].coverage.declared, Declared::Question);
        // The imported file no longer silences Syria, of which it holds nothing.
        let edition = ledger.edition(None).unwrap();
        let evidence = ledger.evidence(&edition);
        let of = |code: &str| {
            let filter = RecordFilter::of("unhcr-population").place(Code::new(code).unwrap());
            let rows = evidence.observations(&filter).unwrap();
            rows.iter().map(|r| r.value.value).collect::<Vec<_>>()
        };
        assert_eq!((of("SYR"), of("MLI")), (vec![2.0], vec![3.0]));
        let view: f64 = ledger.db.query_row("SELECT sum(value) FROM observations", [], |r| r.get(0)).unwrap();
        assert_eq!(view, 5.0);
        let runs: (i64, i64) = ledger
            .db
            .query_row("SELECT count(*), sum(first = last) FROM observation_run", [], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .unwrap();
        assert_eq!(runs, (3, 3));
        let answer = ledger.db.execute("DELETE FROM observation_run", []).unwrap_err().to_string();
        assert!(answer.contains("append-only"), "{answer}");
        drop(ledger);
        assert!(Ledger::open(folder.path()).unwrap().narrowed().is_empty(), "once");
    }

    /// As schema 2 had it, with rows that do not stand side by side: nobody promised that they do.
    #[test]
    fn a_ledger_of_schema_2_answers_as_before_whatever_the_order_of_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        earlier(folder.path());
        let db = Connection::open(folder.path().join("ledger.sqlite")).unwrap();
        db.execute_batch(V2).unwrap();
        db.pragma_update(None, "user_version", 2).unwrap();
        db.execute("INSERT INTO term (text) VALUES ('idps')", []).unwrap();
        for (n, indicator, place, year) in
            [(1, 1, 2, 2016), (2, 4, 3, 2017), (3, 1, 3, 2018), (4, 4, 2, 2019)]
        {
            db.execute(
                "INSERT INTO observation VALUES ((3 << 32) + ?1, 3, ?2, ?3, NULL, ?4, NULL, NULL, 10 * ?1, NULL, NULL, \
                 NULL, NULL, 0, 1, 0)",
                [n, indicator, place, year],
            )
            .unwrap();
        }
        drop(db);
        let ledger = Ledger::open(folder.path()).unwrap();
        let snapshot = ledger.snapshots().unwrap().remove(2);
        let edition = ledger.edition(None).unwrap();
        let of = |filter: RecordFilter| {
            let rows = ledger
                .evidence(&edition)
                .within(&snapshot, wegen_model::RecordKind::Observation, &filter)
                .unwrap();
            rows.iter().map(|r| r.record.n).collect::<Vec<_>>()
        };
        let code = |text| Code::new(text).unwrap();
        let refugees = wegen_model::indicators().get("refugees").unwrap();
        let all = RecordFilter::of("unhcr-population");
        assert_eq!(of(all.clone()), [0, 1, 2, 3, 4]);
        assert_eq!(of(all.clone().place(code("MLI"))), [0, 2, 3]);
        assert_eq!(of(all.clone().indicator(refugees)), [0, 1, 3]);
        assert_eq!(of(all.clone().indicator(refugees).place(code("MLI"))), [0, 3]);
        assert_eq!(of(all.indicator(refugees).place(code("MLI")).years(2018, 2020)), [3]);
        let evidence = ledger.evidence(&edition);
        assert_eq!(evidence.last_year("unhcr-population", None).unwrap(), Some(2019));
    }
}
