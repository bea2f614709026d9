//! Records into the tables of the ledger, in one pass that also hashes them.

use std::collections::HashMap;

use rusqlite::{Connection, Statement, Transaction, params};
use wegen_model::{Code, IndicatorId, Observation, Period, Record};

use crate::{LedgerError, Records, encode::RowsHash, records::slot};

/// How many observations go into the table with one statement: its cursor then stands where the next one belongs.
const TOGETHER: usize = 64;

/// A connection while much is written: what is written refers to what has been written just before it, so that SQLite
/// need not look that up for each row; pages that are full are not seen again; and what is read is read once, so that the
/// file is not brought into memory.
pub(crate) struct Bulk<'a> {
    db: &'a Connection,
    cache: i64,
    mapped: i64,
}

impl<'a> Bulk<'a> {
    pub(crate) fn new(db: &'a Connection) -> Result<Bulk<'a>, LedgerError> {
        let cache = db.query_row("PRAGMA cache_size", [], |r| r.get(0))?;
        let mapped = db.query_row("PRAGMA mmap_size", [], |r| r.get(0))?;
        let bulk = Bulk { db, cache, mapped };
        db.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384; PRAGMA mmap_size = 0;")?;
        Ok(bulk)
    }
}

impl Drop for Bulk<'_> {
    fn drop(&mut self) {
        let Bulk { db, cache, mapped } = self;
        // None of them can fail outside a transaction.
        let _ = db.execute_batch(&format!(
            "PRAGMA foreign_keys = ON; PRAGMA cache_size = {cache}; PRAGMA mmap_size = {mapped};"
        ));
    }
}

/// Texts that recur, each stored once.
struct Terms<'a> {
    tx: &'a Transaction<'a>,
    known: HashMap<String, i64>,
    codes: HashMap<Code, i64>,
    recent: Vec<(Option<Code>, i64)>,
    indicators: HashMap<IndicatorId, i64>,
    last: (Option<IndicatorId>, i64),
}

/// How many texts are remembered: more are looked up again.
const REMEMBERED: usize = 1 << 17;

impl<'a> Terms<'a> {
    fn new(tx: &'a Transaction<'a>) -> Terms<'a> {
        Terms {
            tx,
            known: HashMap::new(),
            codes: HashMap::new(),
            recent: vec![(None, 0); 1024],
            indicators: HashMap::new(),
            last: (None, 0),
        }
    }

    fn text(&mut self, text: &str) -> Result<i64, LedgerError> {
        if let Some(&id) = self.known.get(text) {
            return Ok(id);
        }
        let id = self.stored(text)?;
        if self.known.len() == REMEMBERED {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), id);
        Ok(id)
    }

    fn stored(&self, text: &str) -> Result<i64, LedgerError> {
        self.tx
            .prepare_cached("INSERT INTO term (text) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([text])?;
        let mut find = self.tx.prepare_cached("SELECT id FROM term WHERE text = ?1")?;
        Ok(find.query_row([text], |r| r.get(0))?)
    }

    fn code(&mut self, code: Code) -> Result<i64, LedgerError> {
        let place = slot(code);
        if self.recent[place].0 == Some(code) {
            return Ok(self.recent[place].1);
        }
        let id = match self.codes.get(&code) {
            Some(&id) => id,
            None => {
                if self.codes.len() == REMEMBERED {
                    self.codes.clear();
                }
                let id = self.stored(code.as_str())?;
                self.codes.insert(code, id);
                id
            }
        };
        self.recent[place] = (Some(code), id);
        Ok(id)
    }

    fn indicator(&mut self, indicator: IndicatorId) -> Result<i64, LedgerError> {
        if self.last.0 == Some(indicator) {
            return Ok(self.last.1);
        }
        let id = match self.indicators.get(&indicator) {
            Some(&id) => id,
            None => self.stored(indicator.as_str())?,
        };
        self.indicators.insert(indicator, id);
        self.last = (Some(indicator), id);
        Ok(id)
    }

    fn maybe_text(&mut self, text: Option<&str>) -> Result<Option<i64>, LedgerError> {
        text.map(|t| self.text(t)).transpose()
    }

    fn maybe_code(&mut self, code: Option<Code>) -> Result<Option<i64>, LedgerError> {
        code.map(|c| self.code(c)).transpose()
    }
}

/// An observation as its table has it.
struct Row {
    id: i64,
    indicator: i64,
    place: i64,
    counterpart: Option<i64>,
    dims: Option<i64>,
    observed: Observation,
}

/// Observations of one snapshot, some of them at a time.
struct Observations<'a> {
    tx: &'a Transaction<'a>,
    seq: i64,
    waiting: Vec<Row>,
    /// Statements for many rows, without and with what most observations do not have; made where there are many.
    many: [Option<Statement<'a>>; 2],
    /// The observations of one indicator and place, which stand side by side.
    run: Option<Run>,
}

struct Run {
    indicator: i64,
    place: i64,
    first: i64,
    last: i64,
    last_year: i32,
}

/// What an observation's row is, with and without what most do not have.
fn shape(seq: i64, full: bool) -> String {
    match full {
        true => format!("(?, {seq}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        false => format!("(?, {seq}, ?, ?, ?, ?, NULL, NULL, ?, NULL, NULL, NULL, NULL, ?, ?, ?)"),
    }
}

impl<'a> Observations<'a> {
    fn new(tx: &'a Transaction<'a>, seq: i64) -> Observations<'a> {
        Observations { tx, seq, waiting: Vec::with_capacity(TOGETHER), many: [None, None], run: None }
    }

    fn push(&mut self, id: i64, of: Observation, terms: &mut Terms<'_>) -> Result<(), LedgerError> {
        let (indicator, place) = (terms.indicator(of.indicator)?, terms.code(of.place)?);
        let year = of.period.year();
        match &mut self.run {
            Some(run) if (run.indicator, run.place) == (indicator, place) => {
                run.last = id;
                run.last_year = run.last_year.max(year);
            }
            _ => {
                self.end_run()?;
                self.run = Some(Run { indicator, place, first: id, last: id, last_year: year });
            }
        }
        let counterpart = terms.maybe_code(of.counterpart)?;
        let dims = terms.maybe_text(of.dims.as_deref())?;
        self.waiting.push(Row { id, indicator, place, counterpart, dims, observed: of });
        if self.waiting.len() == TOGETHER {
            let plain = |row: &Row| {
                let o = &row.observed;
                o.period.month().is_none()
                    && o.bounds.is_none()
                    && o.status == Default::default()
                    && row.dims.is_none()
            };
            let full = !self.waiting.iter().all(plain);
            let statement = match &mut self.many[usize::from(full)] {
                Some(statement) => statement,
                none => {
                    // Whatever fails takes back the whole transaction, so a statement needs no way back of its own.
                    let rows = vec![shape(self.seq, full); TOGETHER].join(", ");
                    none.insert(self.tx.prepare(&format!("INSERT OR FAIL INTO observation VALUES {rows}"))?)
                }
            };
            let mut at = 0;
            for row in &self.waiting {
                at = bind(statement, at, row, full)?;
            }
            statement.raw_execute()?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn end_run(&mut self) -> Result<(), LedgerError> {
        if let Some(run) = self.run.take() {
            self.tx
                .prepare_cached("INSERT INTO observation_run VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![self.seq, run.indicator, run.place, run.first, run.last, run.last_year])?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), LedgerError> {
        self.end_run()?;
        let mut one =
            self.tx.prepare(&format!("INSERT OR FAIL INTO observation VALUES {}", shape(self.seq, true)))?;
        for row in &self.waiting {
            bind(&mut one, 0, row, true)?;
            one.raw_execute()?;
        }
        Ok(())
    }
}

/// Binds a row behind the first `at` parameters, and answers with how many are bound then.
fn bind(statement: &mut Statement<'_>, at: usize, row: &Row, full: bool) -> Result<usize, LedgerError> {
    let mut at = at;
    macro_rules! next {
        ($($value:expr),*) => {
            $(at += 1; statement.raw_bind_parameter(at, $value)?;)*
        };
    }
    let o = &row.observed;
    next!(row.id, row.indicator, row.place, row.counterpart, o.period.year());
    if full {
        next!(o.period.month(), o.period.day());
    }
    next!(o.value);
    if full {
        let (low, high) = o.bounds.unzip();
        let status = (o.status != Default::default()).then(|| o.status.letter());
        next!(low, high, status, row.dims);
    }
    next!(o.locator.part, o.locator.row, o.locator.column);
    Ok(at)
}

/// Inserts records and answers with their hash. They are numbered in their order, each kind from 0.
pub(crate) fn insert_records(
    tx: &Transaction<'_>,
    seq: i64,
    records: &Records,
) -> Result<String, LedgerError> {
    let mut hash = RowsHash::default();
    let mut terms = Terms::new(tx);
    let mut observations = Observations::new(tx, seq);
    let mut incident = tx.prepare(
        "INSERT INTO incident VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    let mut event = tx.prepare(
        "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )?;
    let mut area = tx.prepare("INSERT INTO area VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?;
    let (mut first, mut kind) = (0, None);
    for (i, record) in records.iter().enumerate() {
        let record = record?;
        if kind != Some(record.kind()) {
            (first, kind) = (i, Some(record.kind()));
        }
        let n = u32::try_from(i - first)
            .map_err(|_| LedgerError::Incomplete("no more than 4,294,967,296 records of one kind"))?;
        let id = seq << 32 | i64::from(n);
        hash.add(&record);
        let at = record.locator();
        match record {
            Record::Observation(r) => observations.push(id, r, &mut terms)?,
            Record::Incident(r) => {
                let (place, route) = (terms.maybe_code(r.place)?, terms.maybe_text(r.route.as_deref())?);
                let (origin, cell) = (terms.maybe_code(r.origin)?, terms.maybe_code(r.cell)?);
                incident.execute(params![
                    id,
                    seq,
                    r.year,
                    r.period.map(Period::year),
                    r.period.and_then(Period::month),
                    r.period.and_then(Period::day),
                    place,
                    route,
                    origin,
                    r.cause.as_str(),
                    r.setting.as_str(),
                    cell,
                    r.dead,
                    r.missing,
                    r.total,
                    r.incidents,
                    at.part,
                    at.row,
                    r.id.as_deref()
                ])?;
            }
            Record::Event(r) => {
                let (place, area) = (terms.code(r.place)?, terms.maybe_text(r.area.as_deref())?);
                event.execute(params![
                    id,
                    seq,
                    r.period.year(),
                    r.period.month(),
                    r.period.day(),
                    place,
                    area,
                    r.violence.as_str(),
                    r.precision,
                    r.best,
                    r.low,
                    r.high,
                    r.civilians,
                    r.events,
                    at.part,
                    at.row,
                    r.id.as_deref()
                ])?;
            }
            Record::Area(r) => {
                let (code, country) = (terms.code(r.code)?, terms.code(r.country)?);
                let parent = terms.maybe_code(r.parent)?;
                let shape = r.shape.as_deref().map(serde_json::to_string).transpose();
                let shape = shape.map_err(LedgerError::text("a shape"))?;
                area.execute(params![
                    id,
                    seq,
                    code,
                    country,
                    r.level,
                    &*r.name,
                    parent,
                    r.valid_from.map(|p| p.to_string()),
                    shape,
                    at.part,
                    at.row
                ])?;
            }
        }
    }
    observations.finish()?;
    Ok(hash.finish())
}
