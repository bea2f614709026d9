//! Queries over an edition.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rusqlite::types::Value;
use rusqlite::{params, params_from_iter};
use wegen_model::{
    Area, Asked, Code, Event, Incident, IndicatorId, Locator, Observation, Period, Record, RecordKind, Span,
    Status, indicators,
};

use crate::{
    Edition, Ledger, LedgerError, RecordId, Snapshot,
    compose::{Composer, Facet},
    store::damaged,
};

/// A coverage without a period.
const ALWAYS: Span = Span::years(0, 9_999);

/// A record with its identity.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<T> {
    /// Which record it is.
    pub record: RecordId,
    /// What it says.
    pub value: T,
}

/// Which records are asked for.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    source: String,
    indicator: Option<IndicatorId>,
    place: Option<Code>,
    counterpart: Option<Code>,
    years: Option<(i32, i32)>,
    level: Option<u8>,
}

impl RecordFilter {
    /// All records of a source.
    pub fn of(source: impl Into<String>) -> RecordFilter {
        RecordFilter { source: source.into(), ..RecordFilter::default() }
    }

    /// Of one indicator.
    pub fn indicator(self, indicator: IndicatorId) -> RecordFilter {
        RecordFilter { indicator: Some(indicator), ..self }
    }

    /// Of one place: the country of origin, the country or the area's country.
    pub fn place(self, place: Code) -> RecordFilter {
        RecordFilter { place: Some(place), ..self }
    }

    /// With one counterpart.
    pub fn counterpart(self, counterpart: Code) -> RecordFilter {
        RecordFilter { counterpart: Some(counterpart), ..self }
    }

    /// From the first to the last of these years.
    pub fn years(self, from: i32, to: i32) -> RecordFilter {
        RecordFilter { years: Some((from, to)), ..self }
    }

    /// Areas of one level.
    pub fn level(self, level: u8) -> RecordFilter {
        RecordFilter { level: Some(level), ..self }
    }
}

/// The questions that can be asked of an edition.
///
/// Answers are composed key by key: of the snapshots of a source, the latest release that covers a key answers for it.
/// A snapshot whose coverage is declared answers for all that lies in it, also by absence; one whose coverage is not
/// known answers for the keys that it has rows for.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    ledger: &'a Ledger,
    edition: &'a Edition,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(ledger: &'a Ledger, edition: &'a Edition) -> Evidence<'a> {
        Evidence { ledger, edition }
    }

    /// The ledger behind it.
    pub fn ledger(&self) -> &'a Ledger {
        self.ledger
    }

    /// The edition.
    pub fn edition(&self) -> &'a Edition {
        self.edition
    }

    /// The snapshot whose declared coverage answers for this source, country (all where `None`) and year.
    pub fn answering(&self, source: &str, country: Option<Code>, year: i32) -> Option<&'a Snapshot> {
        let asked = Asked { country, period: Some(Span::years(year, year)), ..Asked::default() };
        let held = |s: &&Snapshot| match s.coverage.period.zip(asked.period) {
            // A year that has begun is answered for as far as it has come.
            Some((mine, year)) => s.coverage.holds_place(asked) && mine.both(year).is_some(),
            None => s.coverage.holds_place(asked),
        };
        let edition: &'a Edition = self.edition;
        let held = edition.snapshots.iter().filter(|s| s.source == source && held(s));
        held.max_by_key(|s| s.precedence())
    }

    /// Whether declared coverage holds all that is asked: absence is an answer then. The months may be held by several
    /// snapshots together; of one indicator, only snapshots that hold it count.
    ///
    /// # Errors
    /// SQLite's.
    pub fn covers(
        &self,
        source: &str,
        indicator: Option<IndicatorId>,
        asked: Asked,
    ) -> Result<bool, LedgerError> {
        let spans = self.months_of(source, indicator, asked)?;
        match asked.period {
            Some(period) => Ok(period.is_held_by(spans)),
            None => Ok(spans.contains(&ALWAYS)),
        }
    }

    /// The months in which declared coverage holds a place, snapshot by snapshot; of one indicator, of the snapshots that
    /// hold it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn months_of(
        &self,
        source: &str,
        indicator: Option<IndicatorId>,
        asked: Asked,
    ) -> Result<Vec<Span>, LedgerError> {
        let mut spans = Vec::new();
        for snapshot in self.edition.of(source) {
            if !snapshot.coverage.holds_place(asked) {
                continue;
            }
            let holds = match indicator {
                Some(indicator) => self.ledger.indicators_of(snapshot)?.contains(&indicator),
                None => true,
            };
            if holds {
                spans.push(snapshot.coverage.period.unwrap_or(ALWAYS));
            }
        }
        Ok(spans)
    }

    /// The last year that a source has records of: of one country, where it is given and coverage does not hold it.
    ///
    /// # Errors
    /// SQLite's.
    pub fn last_year(&self, source: &str, country: Option<Code>) -> Result<Option<i32>, LedgerError> {
        let mut last = None;
        for snapshot in self.edition.of(source) {
            let asked = Asked { country, ..Asked::default() };
            let place = country.filter(|_| !snapshot.coverage.holds_place(asked));
            last = last.max(self.ledger.last_year_of(snapshot, place)?);
        }
        Ok(last)
    }

    /// Whether a snapshot of a source holds an indicator, for whatever country.
    pub fn holds(&self, source: &str, indicator: IndicatorId) -> Result<bool, LedgerError> {
        for snapshot in self.edition.of(source) {
            if self.ledger.indicators_of(snapshot)?.contains(&indicator) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Observations, by indicator, place, period and counterpart.
    pub fn observations(&self, filter: &RecordFilter) -> Result<Vec<Row<Observation>>, LedgerError> {
        self.rows(filter, RecordKind::Observation, |r| match r {
            Record::Observation(o) => Some(o),
            _ => None,
        })
    }

    /// Incidents, by year and period. The filter's place is the country of incident.
    pub fn incidents(&self, filter: &RecordFilter) -> Result<Vec<Row<Incident>>, LedgerError> {
        self.rows(filter, RecordKind::Incident, |r| match r {
            Record::Incident(i) => Some(i),
            _ => None,
        })
    }

    /// Events, by place and period.
    pub fn events(&self, filter: &RecordFilter) -> Result<Vec<Row<Event>>, LedgerError> {
        self.rows(filter, RecordKind::Event, |r| match r {
            Record::Event(e) => Some(e),
            _ => None,
        })
    }

    /// Areas, by country, level and code.
    pub fn areas(&self, filter: &RecordFilter) -> Result<Vec<Row<Area>>, LedgerError> {
        self.rows(filter, RecordKind::Area, |r| match r {
            Record::Area(a) => Some(a),
            _ => None,
        })
    }

    /// All records of one snapshot of one kind that match, whatever other snapshots say: to compare captures.
    pub fn within(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        filter: &RecordFilter,
    ) -> Result<Vec<Row<Record>>, LedgerError> {
        let rows = self.ledger.read_where(snapshot, kind, filter, None)?;
        Ok(rows.into_iter().map(|(record, value)| Row { record, value }).collect())
    }

    /// What answers, composed key by key: see `compose`.
    fn rows<T>(
        &self,
        filter: &RecordFilter,
        kind: RecordKind,
        of: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<Row<T>>, LedgerError> {
        let snapshots = self.edition.of(&filter.source);
        let mut composer = Composer::new(self.ledger, kind, &snapshots)?;
        let mut found = Vec::new();
        for (index, snapshot) in snapshots.iter().enumerate() {
            composer.begin(index)?;
            self.ledger.each(snapshot, kind, filter, None, &mut |record, value| {
                if composer.answers(&Facet::of(&value))? {
                    found.extend(of(value).map(|value| Row { record, value }));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }
}

impl Ledger {
    /// The last year of any record of a snapshot, or of those about one place.
    fn last_year_of(&self, snapshot: &Snapshot, place: Option<Code>) -> Result<Option<i32>, LedgerError> {
        let place = place.map(|p| self.term(p.as_str())).transpose()?;
        let among = if place.is_some() { "AND place = ?2" } else { "AND ?2 IS NULL" };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT max(y) FROM (SELECT max(year) AS y FROM observation WHERE snapshot = ?1 {among}
             UNION ALL SELECT max(counted_year) FROM incident WHERE snapshot = ?1 {among}
             UNION ALL SELECT max(year) FROM event WHERE snapshot = ?1 {among})"
        ))?;
        Ok(statement.query_row(params![snapshot.seq, place], |r| r.get(0))?)
    }

    /// The indicators that a snapshot holds, found by leaps through the index.
    pub(crate) fn indicators_of(&self, snapshot: &Snapshot) -> Result<BTreeSet<IndicatorId>, LedgerError> {
        let mut statement = self.db.prepare_cached(
            "WITH RECURSIVE leap (i) AS (
                 SELECT min(indicator) FROM observation WHERE snapshot = ?1
                 UNION ALL
                 SELECT (SELECT min(indicator) FROM observation WHERE snapshot = ?1 AND indicator > i)
                 FROM leap WHERE i IS NOT NULL
             ) SELECT text FROM leap JOIN term ON term.id = i",
        )?;
        let rows = statement.query_map([snapshot.seq], |r| r.get::<_, String>(0))?;
        let mut held = BTreeSet::new();
        for text in rows {
            held.extend(indicators().get(&text?));
        }
        Ok(held)
    }

    /// Record `n` of a kind of a snapshot; `None` where there is none.
    pub fn record_of(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        n: u32,
    ) -> Result<Option<Record>, LedgerError> {
        Ok(self.read(snapshot, kind, Some(n))?.pop().map(|(_, record)| record))
    }

    /// The records of one kind of a snapshot, all or one, in their order.
    pub(crate) fn read(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        n: Option<u32>,
    ) -> Result<Vec<(RecordId, Record)>, LedgerError> {
        self.read_where(snapshot, kind, &RecordFilter::default(), n)
    }

    fn read_where(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        filter: &RecordFilter,
        n: Option<u32>,
    ) -> Result<Vec<(RecordId, Record)>, LedgerError> {
        let mut found = Vec::new();
        self.each(snapshot, kind, filter, n, &mut |id, record| {
            found.push((id, record));
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `each` for the records of one kind of a snapshot that match, all or one, in their order.
    pub(crate) fn each(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        filter: &RecordFilter,
        n: Option<u32>,
        each: &mut dyn FnMut(RecordId, Record) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut sql = String::from(match kind {
            RecordKind::Observation => {
                "SELECT id, indicator, place, counterpart, year, month, day, value, low, high, status, dims, part, \
                 line, col FROM observation WHERE snapshot = ?"
            }
            RecordKind::Incident => {
                "SELECT id, counted_year, year, month, day, place, route, origin, cause, setting, cell, dead, missing, \
                 total, incidents, part, line, publisher_id FROM incident WHERE snapshot = ?"
            }
            RecordKind::Event => {
                "SELECT id, year, month, day, place, area, violence, precision, best, low, high, civilians, events, \
                 part, line, publisher_id FROM event WHERE snapshot = ?"
            }
            RecordKind::Area => {
                "SELECT id, code, country, level, name, parent, valid_from, shape, part, line FROM area \
                 WHERE snapshot = ?"
            }
        });
        let mut values = vec![Value::Integer(snapshot.seq)];
        let mut and = |sql: &mut String, condition: &str, value: Value| {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        };
        let (place, year) = match kind {
            RecordKind::Observation | RecordKind::Event => ("place", "year"),
            RecordKind::Incident => ("place", "counted_year"),
            RecordKind::Area => ("country", "level"),
        };
        if let Some(n) = n {
            and(&mut sql, "id = ?", Value::Integer(snapshot.seq << 32 | i64::from(n)));
        }
        // An unknown term matches nothing: no row has it.
        if let (Some(indicator), RecordKind::Observation) = (filter.indicator, kind) {
            and(&mut sql, "indicator = ?", self.term(indicator.as_str())?);
        }
        if let Some(code) = filter.place {
            and(&mut sql, &format!("{place} = ?"), self.term(code.as_str())?);
        }
        if let (Some(code), RecordKind::Observation) = (filter.counterpart, kind) {
            and(&mut sql, "counterpart = ?", self.term(code.as_str())?);
        }
        if let (Some((from, to)), false) = (filter.years, kind == RecordKind::Area) {
            and(&mut sql, &format!("{year} >= ?"), Value::Integer(from.into()));
            and(&mut sql, &format!("{year} <= ?"), Value::Integer(to.into()));
        }
        if let (Some(level), RecordKind::Area) = (filter.level, kind) {
            and(&mut sql, "level = ?", Value::Integer(level.into()));
        }
        sql.push_str(" ORDER BY id");

        let terms = Terms::new(self);
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let n = (row.get::<_, i64>(0)? & 0xffff_ffff) as u32;
            let record = match kind {
                RecordKind::Observation => Record::Observation(observation(row, &terms)?),
                RecordKind::Incident => Record::Incident(incident(row, &terms)?),
                RecordKind::Event => Record::Event(event(row, &terms)?),
                RecordKind::Area => Record::Area(area(row, &terms)?),
            };
            each(RecordId { snapshot: snapshot.id, kind, n }, record)?;
        }
        Ok(())
    }

    fn term(&self, text: &str) -> Result<Value, LedgerError> {
        let mut statement = self.db.prepare_cached("SELECT id FROM term WHERE text = ?1")?;
        let mut rows = statement.query([text])?;
        Ok(match rows.next()? {
            Some(row) => Value::Integer(row.get(0)?),
            None => Value::Integer(-1),
        })
    }
}

/// Terms read back, each once.
struct Terms<'a> {
    ledger: &'a Ledger,
    known: std::cell::RefCell<HashMap<i64, Arc<str>>>,
}

impl<'a> Terms<'a> {
    fn new(ledger: &'a Ledger) -> Terms<'a> {
        Terms { ledger, known: Default::default() }
    }

    fn text(&self, id: Option<i64>) -> Result<Option<Arc<str>>, LedgerError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(text) = self.known.borrow().get(&id) {
            return Ok(Some(text.clone()));
        }
        let mut statement = self.ledger.db.prepare_cached("SELECT text FROM term WHERE id = ?1")?;
        let text: Arc<str> = statement.query_row([id], |r| r.get::<_, String>(0))?.into();
        self.known.borrow_mut().insert(id, text.clone());
        Ok(Some(text))
    }

    fn code(&self, id: Option<i64>) -> Result<Option<Code>, LedgerError> {
        self.text(id)?.map(|t| Code::new(&t).map_err(damaged)).transpose()
    }

    fn known_code(&self, id: Option<i64>) -> Result<Code, LedgerError> {
        self.code(id)?.ok_or_else(|| damaged("a place is missing"))
    }
}

type SqlRow<'a> = rusqlite::Row<'a>;

fn period(row: &SqlRow<'_>, first: usize) -> Result<Option<Period>, LedgerError> {
    let year: Option<i16> = row.get(first)?;
    let (month, day): (Option<i8>, Option<i8>) = (row.get(first + 1)?, row.get(first + 2)?);
    match year {
        None if month.is_some() || day.is_some() => Err(damaged("a month or day without its year")),
        None => Ok(None),
        Some(year) => Period::from_parts(year, month.unwrap_or(0), day.unwrap_or(0))
            .map(Some)
            .ok_or_else(|| damaged("a date that does not exist")),
    }
}

fn known_period(row: &SqlRow<'_>, first: usize) -> Result<Period, LedgerError> {
    period(row, first)?.ok_or_else(|| damaged("a period is missing"))
}

fn parsed<T: std::str::FromStr<Err = String>>(row: &SqlRow<'_>, column: usize) -> Result<T, LedgerError> {
    row.get_ref(column)?.as_str().map_err(damaged)?.parse().map_err(damaged)
}

fn observation(row: &SqlRow<'_>, terms: &Terms<'_>) -> Result<Observation, LedgerError> {
    let id = terms.text(row.get(1)?)?.unwrap_or_default();
    let status: Option<String> = row.get(10)?;
    Ok(Observation {
        indicator: indicators().get(&id).ok_or_else(|| damaged(format!("no indicator `{id}`")))?,
        place: terms.known_code(row.get(2)?)?,
        counterpart: terms.code(row.get(3)?)?,
        period: known_period(row, 4)?,
        value: row.get(7)?,
        bounds: match (row.get(8)?, row.get(9)?) {
            (None, None) => None,
            (Some(low), Some(high)) => Some((low, high)),
            _ => return Err(damaged("one bound without the other")),
        },
        status: match status {
            None => Status::Normal,
            Some(letter) => {
                Status::from_letter(&letter).ok_or_else(|| damaged(format!("status `{letter}`")))?
            }
        },
        dims: terms.text(row.get(11)?)?,
        locator: Locator { part: row.get(12)?, row: row.get(13)?, column: row.get(14)? },
    })
}

fn incident(row: &SqlRow<'_>, terms: &Terms<'_>) -> Result<Incident, LedgerError> {
    Ok(Incident {
        id: row.get::<_, Option<String>>(17)?.map(Into::into),
        year: row.get(1)?,
        period: period(row, 2)?,
        place: terms.code(row.get(5)?)?,
        route: terms.text(row.get(6)?)?,
        origin: terms.code(row.get(7)?)?,
        cause: parsed(row, 8)?,
        setting: parsed(row, 9)?,
        cell: terms.code(row.get(10)?)?,
        dead: row.get(11)?,
        missing: row.get(12)?,
        total: row.get(13)?,
        incidents: row.get(14)?,
        locator: Locator { part: row.get(15)?, row: row.get(16)?, column: 0 },
    })
}

fn event(row: &SqlRow<'_>, terms: &Terms<'_>) -> Result<Event, LedgerError> {
    Ok(Event {
        id: row.get::<_, Option<String>>(15)?.map(Into::into),
        period: known_period(row, 1)?,
        place: terms.known_code(row.get(4)?)?,
        area: terms.text(row.get(5)?)?,
        violence: parsed(row, 6)?,
        precision: row.get(7)?,
        best: row.get(8)?,
        low: row.get(9)?,
        high: row.get(10)?,
        civilians: row.get(11)?,
        events: row.get(12)?,
        locator: Locator { part: row.get(13)?, row: row.get(14)?, column: 0 },
    })
}

fn area(row: &SqlRow<'_>, terms: &Terms<'_>) -> Result<Area, LedgerError> {
    let shape: Option<String> = row.get(7)?;
    let valid_from: Option<String> = row.get(6)?;
    Ok(Area {
        code: terms.known_code(row.get(1)?)?,
        country: terms.known_code(row.get(2)?)?,
        level: row.get(3)?,
        name: row.get::<_, String>(4)?.into(),
        parent: terms.code(row.get(5)?)?,
        valid_from: valid_from.map(|p| p.parse()).transpose().map_err(damaged)?,
        shape: shape.map(|s| serde_json::from_str(&s)).transpose().map_err(damaged)?.map(Arc::new),
        locator: Locator { part: row.get(8)?, row: row.get(9)?, column: 0 },
    })
}
