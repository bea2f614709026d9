//! Queries over an edition.

use std::{
    any::Any,
    collections::{BTreeSet, HashSet},
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
    memo::What,
    store::damaged,
    terms::Terms,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct RecordFilter {
    source: String,
    pub(crate) indicator: Option<IndicatorId>,
    pub(crate) place: Option<Code>,
    counterpart: Option<Code>,
    pub(crate) years: Option<(i32, i32)>,
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

    /// What is read where this is asked: a little more, where that is asked for next.
    fn read_as(&self, kind: RecordKind) -> RecordFilter {
        match kind {
            // Incidents are few, and asked for in windows of years.
            RecordKind::Incident => RecordFilter { years: None, ..self.clone() },
            _ if self.place.is_some() => RecordFilter { years: None, ..self.clone() },
            _ => self.clone(),
        }
    }

    /// Filters that take all that this one takes, itself first.
    fn wider(&self) -> impl Iterator<Item = RecordFilter> {
        (0..32_u8).filter_map(|without| {
            let drops = |bit: u8| without & (1 << bit) != 0;
            let given = [
                self.years.is_some(),
                self.indicator.is_some(),
                self.level.is_some(),
                self.counterpart.is_some(),
                self.place.is_some(),
            ];
            // Each once: what is not given cannot be dropped.
            if (0..5).any(|bit| drops(bit) && !given[usize::from(bit)]) {
                return None;
            }
            let mut filter = self.clone();
            if drops(0) {
                filter.years = None;
            }
            if drops(1) {
                filter.indicator = None;
            }
            if drops(2) {
                filter.level = None;
            }
            if drops(3) {
                filter.counterpart = None;
            }
            if drops(4) {
                filter.place = None;
            }
            Some(filter)
        })
    }
}

/// What can be kept, and picked from what is kept.
trait Picked: Clone + Any + Send + Sync {
    const KIND: RecordKind;

    fn of(record: Record) -> Option<Self>;

    /// Whether a filter takes it; of a record of the filter's source.
    fn is_in(&self, filter: &RecordFilter) -> bool;

    /// Bytes beside its own.
    fn more_bytes(&self) -> usize {
        0
    }
}

fn within(years: Option<(i32, i32)>, year: i32) -> bool {
    years.is_none_or(|(from, to)| (from..=to).contains(&year))
}

impl Picked for Observation {
    const KIND: RecordKind = RecordKind::Observation;

    fn of(record: Record) -> Option<Observation> {
        match record {
            Record::Observation(o) => Some(o),
            _ => None,
        }
    }

    fn is_in(&self, filter: &RecordFilter) -> bool {
        filter.indicator.is_none_or(|i| self.indicator == i)
            && filter.place.is_none_or(|p| self.place == p)
            && filter.counterpart.is_none_or(|c| self.counterpart == Some(c))
            && within(filter.years, self.period.year())
    }
}

impl Picked for Incident {
    const KIND: RecordKind = RecordKind::Incident;

    fn of(record: Record) -> Option<Incident> {
        match record {
            Record::Incident(i) => Some(i),
            _ => None,
        }
    }

    fn is_in(&self, filter: &RecordFilter) -> bool {
        filter.place.is_none_or(|p| self.place == Some(p)) && within(filter.years, self.year)
    }

    fn more_bytes(&self) -> usize {
        self.id.as_ref().map_or(0, |id| id.len() + 16)
    }
}

impl Picked for Event {
    const KIND: RecordKind = RecordKind::Event;

    fn of(record: Record) -> Option<Event> {
        match record {
            Record::Event(e) => Some(e),
            _ => None,
        }
    }

    fn is_in(&self, filter: &RecordFilter) -> bool {
        filter.place.is_none_or(|p| self.place == p) && within(filter.years, self.period.year())
    }

    fn more_bytes(&self) -> usize {
        self.id.as_ref().map_or(0, |id| id.len() + 16)
    }
}

impl Picked for Area {
    const KIND: RecordKind = RecordKind::Area;

    fn of(record: Record) -> Option<Area> {
        match record {
            Record::Area(a) => Some(a),
            _ => None,
        }
    }

    fn is_in(&self, filter: &RecordFilter) -> bool {
        filter.place.is_none_or(|p| self.country == p) && filter.level.is_none_or(|l| self.level == l)
    }

    fn more_bytes(&self) -> usize {
        let rings = self.shape.iter().flat_map(|s| s.iter().flatten());
        self.name.len() + rings.map(|ring| 24 + size_of_val(ring.as_slice())).sum::<usize>()
    }
}

/// The questions that can be asked of an edition.
///
/// Answers are composed key by key: of the snapshots of a source, the latest release that covers a key answers for it.
/// A snapshot whose coverage is declared answers for all that lies in it, also by absence; one whose coverage is not
/// known answers for the keys that it has rows for.
///
/// What was read is kept for a while ([`Evidence::kept`]), so that it is read once for all figures of a report.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    ledger: &'a Ledger,
    edition: &'a Edition,
    /// What is kept of the edition is found under it.
    key: u128,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(ledger: &'a Ledger, edition: &'a Edition) -> Evidence<'a> {
        Evidence { ledger, edition, key: edition.key() }
    }

    /// What is kept under a name, or is made now and kept: something that follows from the edition and the name alone.
    /// `bytes` says how much memory it takes.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    pub fn kept<T: Any + Send + Sync, E>(
        &self,
        name: String,
        bytes: impl FnOnce(&T) -> usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        self.remembered(What::Made(name), bytes, make)
    }

    fn remembered<T: Any + Send + Sync, E>(
        &self,
        what: What,
        bytes: impl FnOnce(&T) -> usize,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let memo = &self.ledger.memo;
        if let Some(held) = memo.get(self.key, &what) {
            return Ok(held);
        }
        let made = Arc::new(make()?);
        // Within a transaction something is read that may never have been.
        if self.ledger.db.is_autocommit() {
            memo.keep(self.key, what, made.clone(), bytes(&made));
        }
        Ok(made)
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
            let of = || self.ledger.last_year_of(snapshot, place);
            let found = self.remembered(What::LastYear(snapshot.seq, place), |_| 0, of)?;
            last = last.max(*found);
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
        self.rows(filter)
    }

    /// Likewise, shared with others who ask the same.
    ///
    /// # Errors
    /// The ledger's.
    pub fn shared_observations(
        &self,
        filter: &RecordFilter,
    ) -> Result<Arc<Vec<Row<Observation>>>, LedgerError> {
        self.shared(filter)
    }

    /// Incidents, by year and period. The filter's place is the country of incident.
    pub fn incidents(&self, filter: &RecordFilter) -> Result<Vec<Row<Incident>>, LedgerError> {
        self.rows(filter)
    }

    /// Events, by place and period.
    pub fn events(&self, filter: &RecordFilter) -> Result<Vec<Row<Event>>, LedgerError> {
        self.rows(filter)
    }

    /// Areas, by country, level and code.
    pub fn areas(&self, filter: &RecordFilter) -> Result<Vec<Row<Area>>, LedgerError> {
        self.rows(filter)
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

    /// How many records of one snapshot of one kind match, whatever other snapshots say.
    ///
    /// # Errors
    /// SQLite's.
    pub fn count_within(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        filter: &RecordFilter,
    ) -> Result<u64, LedgerError> {
        let (table, conditions, values) = self.ledger.conditions(snapshot, kind, filter, None)?;
        let mut statement =
            self.ledger.db.prepare_cached(&format!("SELECT count(*) FROM {table} WHERE {conditions}"))?;
        Ok(statement.query_row(params_from_iter(values), |r| r.get::<_, i64>(0))? as u64)
    }

    /// Whether one snapshot has a record of a kind of which `is` holds, whatever other snapshots say.
    ///
    /// # Errors
    /// The ledger's.
    pub fn any_within(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        is: impl Fn(&Record) -> bool,
    ) -> Result<bool, LedgerError> {
        let mut found = false;
        self.ledger.walk(snapshot, kind, &Walk::all(), &mut |_, record| {
            found = is(&record);
            Ok(!found)
        })?;
        Ok(found)
    }

    /// Observations of the areas of a country, whose rows bear the areas' codes: `holds` says which codes are the
    /// country's, and always the same of one edition and country. The filter names no place.
    ///
    /// # Errors
    /// The ledger's.
    pub fn observations_of_areas(
        &self,
        filter: &RecordFilter,
        country: Code,
        holds: impl Fn(Code) -> bool,
    ) -> Result<Arc<Vec<Row<Observation>>>, LedgerError> {
        let what = What::Places(filter.clone(), country);
        self.remembered(what, |rows: &Vec<Row<_>>| weight(rows), || self.observations_by_place(filter, holds))
    }

    /// Observations of the places that `holds` takes. The filter names none.
    ///
    /// # Errors
    /// The ledger's.
    pub fn observations_by_place(
        &self,
        filter: &RecordFilter,
        holds: impl Fn(Code) -> bool,
    ) -> Result<Vec<Row<Observation>>, LedgerError> {
        let last = self.listed(&filter.source)?;
        if last.is_some() || self.edition.of(&filter.source).len() == 1 {
            let found = self.of_places(filter, &holds)?;
            if last.is_none() || last == Some(self.ledger.last_snapshot()?) {
                return Ok(found);
            }
        }
        let mut rows = self.rows::<Observation>(filter)?;
        rows.retain(|row| holds(row.value.place));
        Ok(rows)
    }

    /// Of the places that `holds` takes: those of a snapshot are found by its index, and their rows alone are read.
    fn of_places(
        &self,
        filter: &RecordFilter,
        holds: &dyn Fn(Code) -> bool,
    ) -> Result<Vec<Row<Observation>>, LedgerError> {
        let mut found: Vec<Row<Observation>> = Vec::new();
        for (snapshot, silent) in self.heard(&filter.source, RecordKind::Observation, filter)? {
            let start = found.len();
            let all = self.ledger.places_of(snapshot, filter.indicator)?;
            let own: Vec<Code> = all.iter().copied().filter(|place| holds(*place)).collect();
            // Most of the places: all rows are read at once.
            let filters: Vec<RecordFilter> = match own.len() * 4 > all.len() {
                true => vec![filter.clone()],
                false => own.iter().map(|place| filter.clone().place(*place)).collect(),
            };
            let own: HashSet<Code> = own.into_iter().collect();
            for filter in &filters {
                let walk = Walk { filter, n: None, silent, ordered: false };
                self.ledger.walk(snapshot, RecordKind::Observation, &walk, &mut |record, value| {
                    let value = Observation::of(value).filter(|value| own.contains(&value.place));
                    found.extend(value.map(|value| Row { record, value }));
                    Ok(true)
                })?;
            }
            found[start..].sort_by_key(|row| row.record.n);
        }
        Ok(found)
    }

    fn rows<T: Picked>(&self, filter: &RecordFilter) -> Result<Vec<Row<T>>, LedgerError> {
        Ok(Arc::unwrap_or_clone(self.shared(filter)?))
    }

    /// What answers: picked from what is kept, where that holds it.
    fn shared<T: Picked>(&self, filter: &RecordFilter) -> Result<Arc<Vec<Row<T>>>, LedgerError> {
        let picked = |found: &Vec<Row<T>>| {
            Arc::new(found.iter().filter(|row| row.value.is_in(filter)).cloned().collect::<Vec<_>>())
        };
        for wider in filter.wider() {
            let same = wider == *filter;
            if let Some(held) = self.ledger.memo.get(self.key, &What::Rows(T::KIND, wider)) {
                return Ok(if same { held } else { picked(&held) });
            }
        }
        // What is composed is composed of as little as can be.
        let read = match self.listed(&filter.source)? {
            Some(_) => filter.read_as(T::KIND),
            None => filter.clone(),
        };
        let found = self.remembered(
            What::Rows(T::KIND, read.clone()),
            |rows: &Vec<Row<_>>| weight(rows),
            || self.read::<T>(&read),
        )?;
        Ok(if read == *filter { found } else { picked(&found) })
    }

    /// What answers, read: of the newest edition by the list of what does not, else composed key by key; see `compose`.
    fn read<T: Picked>(&self, filter: &RecordFilter) -> Result<Vec<Row<T>>, LedgerError> {
        let last = self.listed(&filter.source)?;
        if last.is_some() || self.edition.of(&filter.source).len() == 1 {
            let mut found = Vec::new();
            for (snapshot, silent) in self.heard(&filter.source, T::KIND, filter)? {
                let start = found.len();
                let walk = Walk { filter, n: None, silent, ordered: false };
                self.ledger.walk(snapshot, T::KIND, &walk, &mut |record, value| {
                    found.extend(T::of(value).map(|value| Row { record, value }));
                    Ok(true)
                })?;
                found[start..].sort_by_key(|row: &Row<T>| row.record.n);
            }
            // The list is of one edition; where another writer has come between, it may be that of the next.
            if last.is_none() || last == Some(self.ledger.last_snapshot()?) {
                return Ok(found);
            }
        }
        self.composed(filter)
    }

    /// What answers, composed key by key: see `compose`.
    fn composed<T: Picked>(&self, filter: &RecordFilter) -> Result<Vec<Row<T>>, LedgerError> {
        let snapshots = self.edition.of(&filter.source);
        let mut composer = Composer::new(self.ledger, T::KIND, &snapshots)?;
        let mut found = Vec::new();
        for (index, snapshot) in snapshots.iter().enumerate() {
            composer.begin(index)?;
            if !composer.may_answer(filter) {
                continue;
            }
            self.ledger.each(snapshot, T::KIND, filter, None, &mut |record, value| {
                if composer.answers(&Facet::of(&value))? {
                    found.extend(T::of(value).map(|value| Row { record, value }));
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    /// The last snapshot of the ledger, where the list of silent records is that of this edition for a source.
    fn listed(&self, source: &str) -> Result<Option<i64>, LedgerError> {
        // Within a transaction the list may not be made yet.
        if !self.ledger.db.is_autocommit() {
            return Ok(None);
        }
        let newest = self.ledger.newest()?;
        let mut own: Vec<i64> =
            self.edition.snapshots.iter().filter(|s| s.source == source).map(|s| s.seq).collect();
        own.sort_unstable();
        let same = newest.of.get(source).is_some_and(|seqs| *seqs == own);
        Ok(same.then_some(newest.last))
    }

    /// The snapshots of a source, the one that answers first at the beginning, with whether some of their records are
    /// silent; those of which all are silent are left out.
    fn heard(
        &self,
        source: &str,
        kind: RecordKind,
        filter: &RecordFilter,
    ) -> Result<Vec<(&'a Snapshot, bool)>, LedgerError> {
        let edition: &'a Edition = self.edition;
        let snapshots: Vec<&'a Snapshot> = sorted(edition, source);
        if snapshots.len() < 2 {
            return Ok(snapshots.into_iter().map(|s| (s, false)).collect());
        }
        let mut heard = Vec::new();
        for snapshot in snapshots {
            let range = params![snapshot.seq << 32, (snapshot.seq + 1) << 32];
            // Few rows of one place are looked up one by one in no time; all rows of a snapshot are not.
            let silent = if filter.place.is_some() {
                let any = format!("SELECT EXISTS (SELECT 1 FROM silent_{kind} WHERE id >= ?1 AND id < ?2)");
                u64::from(self.ledger.db.prepare_cached(&any)?.query_row(range, |r| r.get::<_, bool>(0))?)
            } else {
                let count = || {
                    let count = format!("SELECT count(*) FROM silent_{kind} WHERE id >= ?1 AND id < ?2");
                    let mut statement = self.ledger.db.prepare_cached(&count)?;
                    Ok::<_, LedgerError>(statement.query_row(range, |r| r.get::<_, i64>(0))? as u64)
                };
                *self.remembered(What::Silent(kind, snapshot.seq), |_| 0, count)?
            };
            if filter.place.is_some() || silent < snapshot.records {
                heard.push((snapshot, silent > 0));
            }
        }
        Ok(heard)
    }
}

fn weight<T: Picked>(rows: &[Row<T>]) -> usize {
    rows.iter().map(|row| size_of::<Row<T>>() + row.value.more_bytes()).sum()
}

fn sorted<'a>(edition: &'a Edition, source: &str) -> Vec<&'a Snapshot> {
    let mut found: Vec<&Snapshot> = edition.snapshots.iter().filter(|s| s.source == source).collect();
    found.sort_by_key(|s| std::cmp::Reverse(s.precedence()));
    found
}

/// Which records of a snapshot are walked through, and how.
struct Walk<'f> {
    filter: &'f RecordFilter,
    n: Option<u32>,
    /// Whether those are left out that are listed as silent.
    silent: bool,
    /// Whether in their order; else in whichever is nearest.
    ordered: bool,
}

impl Walk<'static> {
    fn all() -> Walk<'static> {
        static ALL: RecordFilter = RecordFilter {
            source: String::new(),
            indicator: None,
            place: None,
            counterpart: None,
            years: None,
            level: None,
        };
        Walk { filter: &ALL, n: None, silent: false, ordered: true }
    }
}

impl Ledger {
    /// The last snapshot of all.
    fn last_snapshot(&self) -> Result<i64, LedgerError> {
        let mut statement = self.db.prepare_cached("SELECT coalesce(max(seq), 0) FROM snapshot")?;
        Ok(statement.query_row([], |r| r.get(0))?)
    }

    /// The snapshots of the newest edition.
    fn newest(&self) -> Result<crate::memo::Newest, LedgerError> {
        let last = self.last_snapshot()?;
        match self.memo.newest(last) {
            Some(newest) => Ok(newest),
            // That of `last` or of a later one: whoever asks looks again after reading.
            None => Ok(self.memo.note_newest(last, &self.edition(None)?)),
        }
    }

    /// The places that a snapshot has observations of.
    fn places_of(
        &self,
        snapshot: &Snapshot,
        indicator: Option<IndicatorId>,
    ) -> Result<Vec<Code>, LedgerError> {
        let indicator = indicator.map(|i| self.term(i.as_str())).transpose()?;
        let among = if indicator.is_some() { "AND indicator = ?2" } else { "AND ?2 IS NULL" };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT text FROM (SELECT DISTINCT place FROM observation_run WHERE snapshot = ?1 {among}) \
             JOIN term ON term.id = place"
        ))?;
        let rows = statement.query_map(params![snapshot.seq, indicator], |r| r.get::<_, String>(0))?;
        rows.map(|text| Code::new(&text?).map_err(damaged)).collect()
    }

    /// The last year of any record of a snapshot, or of those about one place.
    fn last_year_of(&self, snapshot: &Snapshot, place: Option<Code>) -> Result<Option<i32>, LedgerError> {
        let place = place.map(|p| self.term(p.as_str())).transpose()?;
        let among = if place.is_some() { "AND place = ?2" } else { "AND ?2 IS NULL" };
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT max(y) FROM (SELECT max(last_year) AS y FROM observation_run WHERE snapshot = ?1 {among}
             UNION ALL SELECT max(counted_year) FROM incident WHERE snapshot = ?1 {among}
             UNION ALL SELECT max(year) FROM event WHERE snapshot = ?1 {among})"
        ))?;
        Ok(statement.query_row(params![snapshot.seq, place], |r| r.get(0))?)
    }

    /// The indicators that a snapshot holds.
    pub(crate) fn indicators_of(&self, snapshot: &Snapshot) -> Result<BTreeSet<IndicatorId>, LedgerError> {
        let mut statement = self.db.prepare_cached(
            "SELECT text FROM (SELECT DISTINCT indicator FROM observation_run WHERE snapshot = ?1) \
             JOIN term ON term.id = indicator",
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
        let walk = Walk { filter, n, silent: false, ordered: true };
        self.walk(snapshot, kind, &walk, &mut |id, record| each(id, record).map(|()| true))
    }

    /// Where records of a snapshot stand, the table being called `r`, what they must fulfil, and the values of the
    /// parameters.
    fn conditions(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        filter: &RecordFilter,
        n: Option<u32>,
    ) -> Result<(String, String, Vec<Value>), LedgerError> {
        let mut sql = String::new();
        let mut values = Vec::new();
        let mut and = |condition: &str, given: &[Value]| {
            sql.push_str(if sql.is_empty() { "" } else { " AND " });
            sql.push_str(condition);
            values.extend_from_slice(given);
        };
        let first = snapshot.seq << 32;
        let by_index = match kind {
            RecordKind::Observation => false,
            RecordKind::Area => filter.level.is_some() || filter.place.is_some(),
            RecordKind::Event => filter.place.is_some(),
            RecordKind::Incident => false,
        };
        let mut table = format!("{kind} AS r");
        // Those of an indicator, or of a place, stand side by side in a snapshot.
        let by_run =
            kind == RecordKind::Observation && (filter.indicator.is_some() || filter.place.is_some());
        match (n, by_index) {
            (None, _) if by_run => {
                let seq = Value::Integer(snapshot.seq);
                match (filter.indicator, filter.place) {
                    (Some(indicator), None) => {
                        let ends = "(SELECT min(first) FROM observation_run WHERE snapshot = ? AND indicator = ?) AND \
                                    r.id <= (SELECT max(last) FROM observation_run WHERE snapshot = ? AND indicator = ?)";
                        let term = self.term(indicator.as_str())?;
                        and(&format!("r.id >= {ends}"), &[seq.clone(), term.clone(), seq, term]);
                    }
                    (indicator, place) => {
                        table = "observation_run AS u CROSS JOIN observation AS r".to_owned();
                        and("u.snapshot = ?", &[seq]);
                        if let Some(indicator) = indicator {
                            and("u.indicator = ?", &[self.term(indicator.as_str())?]);
                        }
                        if let Some(place) = place {
                            and("u.place = ?", &[self.term(place.as_str())?]);
                        }
                        and("r.id >= u.first AND r.id <= u.last AND r.indicator = u.indicator", &[]);
                    }
                }
            }
            (Some(n), _) => and("r.id = ?", &[Value::Integer(first | i64::from(n))]),
            (None, true) => and("r.snapshot = ?", &[Value::Integer(snapshot.seq)]),
            // A snapshot's records lie side by side.
            (None, false) => {
                let range = [Value::Integer(first), Value::Integer((snapshot.seq + 1) << 32)];
                and("r.id >= ? AND r.id < ?", &range);
            }
        }
        let (place, year) = match kind {
            RecordKind::Observation | RecordKind::Event => ("r.place = ?", "r.year >= ? AND r.year <= ?"),
            RecordKind::Incident => ("r.place = ?", "r.counted_year >= ? AND r.counted_year <= ?"),
            RecordKind::Area => ("r.country = ?", ""),
        };
        // An unknown term matches nothing: no row has it.
        if let (Some(indicator), RecordKind::Observation) = (filter.indicator, kind) {
            and("r.indicator = ?", &[self.term(indicator.as_str())?]);
        }
        if let Some(code) = filter.place {
            and(place, &[self.term(code.as_str())?]);
        }
        if let (Some(code), RecordKind::Observation) = (filter.counterpart, kind) {
            and("r.counterpart = ?", &[self.term(code.as_str())?]);
        }
        if let (Some((from, to)), false) = (filter.years, kind == RecordKind::Area) {
            and(year, &[Value::Integer(from.into()), Value::Integer(to.into())]);
        }
        if let (Some(level), RecordKind::Area) = (filter.level, kind) {
            and("r.level = ?", &[Value::Integer(level.into())]);
        }
        Ok((table, sql, values))
    }

    /// Calls `each` for records of one kind of a snapshot, until it answers that it has enough.
    fn walk(
        &self,
        snapshot: &Snapshot,
        kind: RecordKind,
        walk: &Walk<'_>,
        each: &mut dyn FnMut(RecordId, Record) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let columns = columns(kind);
        let (table, conditions, values) = self.conditions(snapshot, kind, walk.filter, walk.n)?;
        let silent = match walk.silent {
            true => format!(" AND NOT EXISTS (SELECT 1 FROM silent_{kind} AS q WHERE q.id = r.id)"),
            false => String::new(),
        };
        let order = if walk.ordered { " ORDER BY r.id" } else { "" };
        let sql = format!("SELECT {columns} FROM {table} WHERE {conditions}{silent}{order}");
        let terms = Terms::new(self);
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            let n = (row.get::<_, i64>(0)? & 0xffff_ffff) as u32;
            let record = record(kind, row, &terms)?;
            if !each(RecordId { snapshot: snapshot.id, kind, n }, record)? {
                break;
            }
        }
        Ok(())
    }

    /// Calls `each` for the records of a kind from one id to another, in their order.
    pub(crate) fn each_between(
        &self,
        kind: RecordKind,
        from: i64,
        to: i64,
        each: &mut dyn FnMut(i64, &Record) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let terms = Terms::new(self);
        let sql =
            format!("SELECT {} FROM {kind} AS r WHERE r.id >= ?1 AND r.id < ?2 ORDER BY r.id", columns(kind));
        let mut statement = self.db.prepare_cached(&sql)?;
        let mut rows = statement.query([from, to])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, &record(kind, row, &terms)?)?;
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

type SqlRow<'a> = rusqlite::Row<'a>;

/// The columns that make a record.
fn columns(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Observation => {
            "r.id, r.indicator, r.place, r.counterpart, r.year, r.month, r.day, r.value, r.low, r.high, r.status, \
                 r.dims, r.part, r.line, r.col"
        }
        RecordKind::Incident => {
            "id, counted_year, year, month, day, place, route, origin, cause, setting, cell, dead, missing, total, \
                 incidents, part, line, publisher_id"
        }
        RecordKind::Event => {
            "id, year, month, day, place, area, violence, precision, best, low, high, civilians, events, part, \
                 line, publisher_id"
        }
        RecordKind::Area => "id, code, country, level, name, parent, valid_from, shape, part, line",
    }
}

fn record(kind: RecordKind, row: &SqlRow<'_>, terms: &Terms<'_>) -> Result<Record, LedgerError> {
    Ok(match kind {
        RecordKind::Observation => Record::Observation(observation(row, terms)?),
        RecordKind::Incident => Record::Incident(incident(row, terms)?),
        RecordKind::Event => Record::Event(event(row, terms)?),
        RecordKind::Area => Record::Area(area(row, terms)?),
    })
}

fn period(row: &SqlRow<'_>, first: usize) -> Result<Option<Period>, LedgerError> {
    let year: Option<i16> = row.get(first)?;
    let (month, day): (Option<i8>, Option<i8>) = (row.get(first + 1)?, row.get(first + 2)?);
    match year {
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
    Ok(Observation {
        indicator: terms.indicator(row.get(1)?)?,
        place: terms.known_code(row.get(2)?)?,
        counterpart: terms.code(row.get(3)?)?,
        period: known_period(row, 4)?,
        value: row.get(7)?,
        bounds: row.get::<_, Option<f64>>(8)?.zip(row.get(9)?),
        status: match row.get_ref(10)?.as_str_or_null().map_err(damaged)? {
            None => Status::Normal,
            Some(letter) => {
                Status::from_letter(letter).ok_or_else(|| damaged(format!("status `{letter}`")))?
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
