//! What a new snapshot changes: which records answer no longer, which answer now, and by how much.
//!
//! The table of silent records holds, for the newest edition, the records that do not answer; the views leave them out.
//! It is brought up to date for the sources that a transaction touches, and the difference is what changes.
//!
//! Observations are heard by indicator, some places at a time, in all snapshots: what decides whether one answers is of
//! the same indicator and place, so no more of them need be in memory.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use rusqlite::{params, params_from_iter};
use serde::Serialize;
use wegen_model::{Code, IndicatorId, Period, Record, RecordKind};

use crate::{
    Edition, Ledger, LedgerError, Records, Snapshot,
    compose::{Composer, Facet, country_of},
    records,
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

/// How many observations are heard at a time, or more where one place has more.
const TOGETHER: i64 = 20_000;

/// What is summed: a country's, in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Group {
    what: &'static str,
    country: Option<Code>,
    year: i32,
}

fn group(record: &Record, country: Option<Code>) -> (Group, f64) {
    let (what, country, year, value) = match record {
        Record::Observation(o) => (o.indicator.as_str(), country, o.period.year(), o.value),
        Record::Incident(i) => ("dead-and-missing", i.place, i.year, i.total.unwrap_or(0).into()),
        Record::Event(e) => ("deaths", Some(e.place), e.period.year(), e.best.into()),
        Record::Area(a) => ("areas", Some(a.country), 0, 1.0),
    };
    (Group { what, country, year }, value)
}

/// A sum before and after, nothing where no row answers.
type BeforeAfter = (Option<f64>, Option<f64>);

/// Sums by group. Records of a group mostly come one after the other.
#[derive(Default)]
struct Sums {
    all: HashMap<Group, BeforeAfter>,
    now: Option<(Group, BeforeAfter)>,
}

impl Sums {
    fn add(&mut self, group: Group, value: f64, before: bool, after: bool) {
        if self.now.as_ref().is_none_or(|(now, _)| *now != group) {
            self.settle();
            self.now = Some((group, (None, None)));
        }
        let Some((_, (was, is))) = &mut self.now else { return };
        if before {
            *was.get_or_insert(0.0) += value;
        }
        if after {
            *is.get_or_insert(0.0) += value;
        }
    }

    fn settle(&mut self) {
        let Some((group, (was, is))) = self.now.take() else { return };
        let sum = self.all.entry(group).or_default();
        if let Some(was) = was {
            *sum.0.get_or_insert(0.0) += was;
        }
        if let Some(is) = is {
            *sum.1.get_or_insert(0.0) += is;
        }
    }

    fn told(mut self) -> Vec<SumChange> {
        self.settle();
        let mut told: Vec<SumChange> = self
            .all
            .into_iter()
            .filter(|(_, (before, after))| before != after)
            .map(|(g, (before, after))| {
                let what = g.what.to_owned();
                SumChange { what, country: g.country, year: g.year, before, after }
            })
            .collect();
        let difference = |s: &SumChange| (s.after.unwrap_or(0.0) - s.before.unwrap_or(0.0)).abs();
        told.sort_by(|a, b| {
            let place = |s: &SumChange| (s.what.clone(), s.country, s.year);
            // What was answered before matters first.
            let new = a.before.is_none().cmp(&b.before.is_none());
            new.then(difference(b).total_cmp(&difference(a))).then_with(|| place(a).cmp(&place(b)))
        });
        told.truncate(TOLD);
        told
    }
}

/// Records of all snapshots of a source that are heard together: of each snapshot, from which to which id.
struct Together {
    kind: RecordKind,
    indicator: Option<IndicatorId>,
    /// Of observations, the first and the last place: where ids are from before their order was relied on, those of others
    /// may stand between them.
    places: Option<(Code, Code)>,
    /// The snapshots that hold it, by their place among those of the source, and the ids of theirs, if any.
    of: Vec<(usize, Option<(i64, i64)>)>,
}

/// A record that is heard.
struct Heard<'a> {
    snapshot: &'a Snapshot,
    id: i64,
    record: &'a Record,
    facet: &'a Facet,
    answers: bool,
}

/// What hears records, part by part.
trait Listener {
    /// A part begins, of a snapshot, with records from one id to another.
    fn begin(&mut self, kind: RecordKind, from: i64, to: i64) -> Result<(), LedgerError>;
    fn hear(&mut self, heard: &Heard<'_>) -> Result<(), LedgerError>;
    /// All of a part has been heard in all snapshots.
    fn end(&mut self, kind: RecordKind) -> Result<(), LedgerError>;
    /// Whether a part is to be heard though one snapshot alone has it, so that all its records answer.
    fn hears_alone(&self, snapshot: &Snapshot) -> bool;
    /// Hears a record of the snapshot that is added, which nobody else can answer for; whether its key is new.
    fn hear_own(&mut self, _record: &Record, _country: Option<Code>, _new: bool) {}
}

/// The records of a snapshot that is being added, in their order: they need not be read back.
struct Added<'a> {
    snapshot: &'a Snapshot,
    records: records::Iter<'a>,
    /// The next one, with its id.
    next: Option<(i64, Record)>,
}

impl<'a> Added<'a> {
    fn new(snapshot: &'a Snapshot, records: &'a Records) -> Result<Added<'a>, LedgerError> {
        let mut added = Added { snapshot, records: records.iter(), next: None };
        added.advance()?;
        Ok(added)
    }

    fn advance(&mut self) -> Result<Option<(i64, Record)>, LedgerError> {
        let next = self.records.next().transpose()?;
        let was = self.next.take();
        let id = match (&was, &next) {
            (Some((id, before)), Some(now)) if before.kind() == now.kind() => id + 1,
            _ => self.snapshot.seq << 32,
        };
        self.next = next.map(|record| (id, record));
        Ok(was)
    }
}

impl Ledger {
    /// Brings the list of silent records of a source up to date, inside the transaction that is open.
    pub(crate) fn silence(&self, source: &str) -> Result<(), LedgerError> {
        let edition = self.edition(None)?;
        let of_source: Vec<Snapshot> = self.snapshots()?.into_iter().filter(|s| s.source == source).collect();
        self.hear_all(&edition, source, &of_source, None, &mut List::new(self))
    }

    /// The records of a source, in these snapshots, that do not answer in an edition.
    pub(crate) fn silent_in(
        &self,
        edition: &Edition,
        source: &str,
        snapshots: &[Snapshot],
    ) -> Result<Silent, LedgerError> {
        let mut collected = Collected(Silent::new());
        self.hear_all(edition, source, snapshots, None, &mut collected)?;
        Ok(collected.0)
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

    /// Has all records of a source heard, part by part, in the order in which snapshots answer.
    fn hear_all(
        &self,
        edition: &Edition,
        source: &str,
        snapshots: &[Snapshot],
        mut added: Option<Added<'_>>,
        listener: &mut dyn Listener,
    ) -> Result<(), LedgerError> {
        // In the order in which they are heard, and then those that are not.
        let heard = edition.of(source);
        let answering = heard.len();
        let left_out = snapshots.iter().filter(|s| !heard.iter().any(|h| h.id == s.id));
        let all: Vec<&Snapshot> = heard.iter().copied().chain(left_out).collect();
        for kind in RecordKind::ALL {
            if kind == RecordKind::Observation {
                self.observations_together(&all, &mut |together| {
                    self.hear(&all, answering, together, &mut added, listener)
                })?;
                continue;
            }
            let mut of = Vec::new();
            for (i, snapshot) in all.iter().enumerate() {
                let held = self.kinds_of(snapshot)?.contains(&kind);
                of.push((i, held.then_some((snapshot.seq << 32, (snapshot.seq + 1) << 32))));
            }
            if of.iter().any(|(_, held)| held.is_some()) {
                self.hear(
                    &all,
                    answering,
                    &Together { kind, indicator: None, places: None, of },
                    &mut added,
                    listener,
                )?;
            }
        }
        Ok(())
    }

    /// Calls `each` for observations of an indicator and some places, indicator by indicator and place by place.
    fn observations_together(
        &self,
        all: &[&Snapshot],
        each: &mut dyn FnMut(&Together) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let mut holders: BTreeMap<IndicatorId, Vec<usize>> = BTreeMap::new();
        for (i, snapshot) in all.iter().enumerate() {
            for indicator in self.indicators_of(snapshot)? {
                holders.entry(indicator).or_default().push(i);
            }
        }
        for (indicator, own) in holders {
            let listed = vec!["?"; own.len()].join(", ");
            let mut statement = self.db.prepare(&format!(
                "SELECT u.snapshot, p.text, u.first, u.last FROM observation_run u JOIN term p ON p.id = u.place
                 WHERE u.indicator = (SELECT id FROM term WHERE text = ?) AND u.snapshot IN ({listed})
                 ORDER BY p.text"
            ))?;
            let numbers = own.iter().map(|i| rusqlite::types::Value::Integer(all[*i].seq));
            let term = rusqlite::types::Value::Text(indicator.as_str().to_owned());
            let mut rows = statement.query(params_from_iter([term].into_iter().chain(numbers)))?;
            let nothing = || own.iter().map(|i| (*i, None)).collect::<Vec<(usize, Option<(i64, i64)>)>>();
            let mut together = Together {
                kind: RecordKind::Observation,
                indicator: Some(indicator),
                places: None,
                of: nothing(),
            };
            let (mut count, mut place) = (0, String::new());
            while let Some(row) = rows.next()? {
                let (seq, first, last): (i64, i64, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
                let here = row.get_ref(1)?.as_str().map_err(crate::store::damaged)?;
                if place != here {
                    if count >= TOGETHER {
                        each(&together)?;
                        (together.of, together.places, count) = (nothing(), None, 0);
                    }
                    here.clone_into(&mut place);
                    let code = Code::new(here).map_err(crate::store::damaged)?;
                    together.places = Some((together.places.map_or(code, |(first, _)| first), code));
                }
                if let Some((_, range)) = together.of.iter_mut().find(|(i, _)| all[*i].seq == seq) {
                    let (from, to) = range.unwrap_or((first, first));
                    *range = Some((from.min(first), to.max(last + 1)));
                    count += last + 1 - first;
                }
            }
            each(&together)?;
        }
        Ok(())
    }

    /// Has one part heard.
    fn hear(
        &self,
        all: &[&Snapshot],
        answering: usize,
        together: &Together,
        added: &mut Option<Added<'_>>,
        listener: &mut dyn Listener,
    ) -> Result<(), LedgerError> {
        let kind = together.kind;
        if let [(only, Some(_))] = together.of[..]
            && only < answering
            && !listener.hears_alone(all[only])
        {
            return Ok(());
        }
        if let ([(only, Some(_))], Some(added), RecordKind::Observation) =
            (&together.of[..], added.as_mut(), kind)
            && *only < answering
            && all[*only].seq == added.snapshot.seq
            && together.indicator.is_some()
        {
            return self.hear_own(added, together, listener);
        }
        let speaking: Vec<&Snapshot> =
            together.of.iter().filter(|(i, _)| *i < answering).map(|(i, _)| all[*i]).collect();
        let mut composer = Composer::new(self, kind, &speaking)?;
        for (place, (index, range)) in together.of.iter().enumerate() {
            let snapshot = all[*index];
            let speaks = *index < answering;
            if speaks {
                composer.begin_with(place, together.indicator)?;
            }
            let Some((from, to)) = *range else { continue };
            listener.begin(kind, from, to)?;
            let mut hear = |id: i64, record: &Record| {
                if let (Record::Observation(o), Some((first, last))) = (record, together.places)
                    && (Some(o.indicator) != together.indicator || o.place < first || o.place > last)
                {
                    return Ok(());
                }
                let facet = Facet::of(record);
                let answers = speaks && composer.answers(&facet)?;
                listener.hear(&Heard { snapshot, id, record, facet: &facet, answers })
            };
            match added.as_mut().filter(|added| added.snapshot.seq == snapshot.seq) {
                Some(added) => {
                    while added
                        .next
                        .as_ref()
                        .is_some_and(|(id, r)| r.kind() < kind || r.kind() == kind && *id < to)
                    {
                        if let Some((id, record)) = added.advance()?.filter(|(_, r)| r.kind() == kind) {
                            hear(id, &record)?;
                        }
                    }
                }
                None => self.each_between(kind, from, to, &mut hear)?,
            }
        }
        listener.end(kind)
    }

    /// Has observations heard of which no other snapshot holds the indicator: all of them answer, and what is alike stands
    /// side by side, so that no key is needed.
    fn hear_own(
        &self,
        added: &mut Added<'_>,
        together: &Together,
        listener: &mut dyn Listener,
    ) -> Result<(), LedgerError> {
        let mut place: Option<(Code, Option<Code>)> = None;
        let mut last: Option<(Code, Period, Option<Code>)> = None;
        // Of the records that are alike but for their dimensions: whether one has none, and those of the others.
        let (mut plain, mut dims): (bool, HashSet<Arc<str>>) = Default::default();
        while let Some((_, Record::Observation(next))) = &added.next {
            let inside = together.places.is_some_and(|(_, last)| next.place <= last);
            if Some(next.indicator) != together.indicator || !inside {
                break;
            }
            let Some((_, record)) = added.advance()? else { break };
            let Record::Observation(o) = &record else { break };
            let country = match place {
                Some((same, country)) if same == o.place => country,
                _ => place.insert((o.place, country_of(o.place))).1,
            };
            let key = (o.place, o.period, o.counterpart);
            if last != Some(key) {
                last = Some(key);
                plain = false;
                dims.clear();
            }
            let new = match &o.dims {
                None => !std::mem::replace(&mut plain, true),
                Some(of) => dims.insert(of.clone()),
            };
            listener.hear_own(&record, country, new);
        }
        Ok(())
    }

    /// What one more snapshot, which is in the transaction that is open with these records, changes; the list of silent
    /// records is brought up to date on the way.
    pub(crate) fn change(&self, added: &Snapshot, records: &Records) -> Result<Change, LedgerError> {
        let of_source: Vec<Snapshot> =
            self.snapshots()?.into_iter().filter(|s| s.source == added.source).collect();
        let mut changes = Changes {
            list: List::new(self),
            added: added.seq,
            change: Change::default(),
            sums: Sums::default(),
            displaced: BTreeSet::new(),
            last_displaced: 0,
            brought: HashMap::new(),
            taken: Vec::new(),
        };
        let edition = self.edition(None)?;
        let records = Added::new(added, records)?;
        self.hear_all(&edition, &added.source, &of_source, Some(records), &mut changes)?;
        let Changes { mut change, sums, displaced, .. } = changes;
        change.sums = sums.told();
        change.displaced = displaced.into_iter().collect();
        Ok(change)
    }
}

/// Collects what does not answer.
struct Collected(Silent);

impl Listener for Collected {
    fn begin(&mut self, _: RecordKind, _: i64, _: i64) -> Result<(), LedgerError> {
        Ok(())
    }

    fn hear(&mut self, heard: &Heard<'_>) -> Result<(), LedgerError> {
        if !heard.answers {
            self.0.entry(heard.record.kind()).or_default().insert(heard.id);
        }
        Ok(())
    }

    fn end(&mut self, _: RecordKind) -> Result<(), LedgerError> {
        Ok(())
    }

    fn hears_alone(&self, _: &Snapshot) -> bool {
        false
    }
}

/// The list of silent records, as far as it is of the records that are heard now.
struct List<'a> {
    ledger: &'a Ledger,
    /// Those of the part that are listed, the last first.
    listed: Vec<i64>,
    /// What must be listed no longer, and what must be listed.
    off: Vec<i64>,
    on: Vec<i64>,
}

impl<'a> List<'a> {
    fn new(ledger: &'a Ledger) -> List<'a> {
        List { ledger, listed: Vec::new(), off: Vec::new(), on: Vec::new() }
    }

    /// Notes whether a record is silent now, and answers whether it was.
    fn note(&mut self, id: i64, silent: bool) -> bool {
        while self.listed.last().is_some_and(|last| *last < id) {
            self.listed.pop();
        }
        let was = self.listed.last() == Some(&id);
        match (was, silent) {
            (true, false) => self.off.push(id),
            (false, true) => self.on.push(id),
            _ => {}
        }
        was
    }
}

impl Listener for List<'_> {
    fn begin(&mut self, kind: RecordKind, from: i64, to: i64) -> Result<(), LedgerError> {
        let mut statement = self.ledger.db.prepare_cached(&format!(
            "SELECT id FROM silent_{kind} WHERE id >= ?1 AND id < ?2 ORDER BY id DESC"
        ))?;
        let rows = statement.query_map(params![from, to], |r| r.get(0))?;
        self.listed = rows.collect::<Result<Vec<i64>, _>>()?;
        Ok(())
    }

    fn hear(&mut self, heard: &Heard<'_>) -> Result<(), LedgerError> {
        self.note(heard.id, !heard.answers);
        Ok(())
    }

    fn end(&mut self, kind: RecordKind) -> Result<(), LedgerError> {
        let db = &self.ledger.db;
        let mut delete = db.prepare_cached(&format!("DELETE FROM silent_{kind} WHERE id = ?1"))?;
        for id in self.off.drain(..) {
            delete.execute([id])?;
        }
        let mut insert = db.prepare_cached(&format!("INSERT INTO silent_{kind} VALUES (?1)"))?;
        for id in self.on.drain(..) {
            insert.execute([id])?;
        }
        Ok(())
    }

    fn hears_alone(&self, _: &Snapshot) -> bool {
        false
    }
}

/// What a new snapshot changes, as far as it has been heard.
struct Changes<'a> {
    list: List<'a>,
    added: i64,
    change: Change,
    sums: Sums,
    displaced: BTreeSet<String>,
    last_displaced: i64,
    /// What the new snapshot answers in this part, by key, beside what answered before: values are added, as several
    /// rows can have one key.
    brought: HashMap<u64, (f64, Option<f64>)>,
    /// What answers no longer in this part.
    taken: Vec<(u64, f64)>,
}

impl Listener for Changes<'_> {
    fn begin(&mut self, kind: RecordKind, from: i64, to: i64) -> Result<(), LedgerError> {
        self.list.begin(kind, from, to)
    }

    fn hear(&mut self, heard: &Heard<'_>) -> Result<(), LedgerError> {
        let listed = self.list.note(heard.id, !heard.answers);
        let new = heard.snapshot.seq == self.added;
        let (was, is) = (!listed && !new, heard.answers);
        if new && !is {
            self.change.silent += 1;
        }
        if !was && !is {
            return Ok(());
        }
        let (group, value) = group(heard.record, heard.facet.country);
        self.sums.add(group, value, was, is);
        if new {
            self.brought.entry(heard.facet.key()).or_default().0 += value;
        } else if was && !is {
            if self.last_displaced != heard.snapshot.seq {
                self.last_displaced = heard.snapshot.seq;
                self.displaced.insert(heard.snapshot.id.short());
            }
            self.taken.push((heard.facet.key(), value));
        }
        Ok(())
    }

    #[expect(clippy::iter_over_hash_type, reason = "what is counted has no order")]
    fn end(&mut self, kind: RecordKind) -> Result<(), LedgerError> {
        for (key, value) in self.taken.drain(..) {
            match self.brought.get_mut(&key) {
                Some((_, held)) => *held.get_or_insert(0.0) += value,
                None => self.change.withdrawn += 1,
            }
        }
        for (_, (value, held)) in self.brought.drain() {
            match held {
                None => self.change.new += 1,
                Some(held) if held == value => self.change.same += 1,
                Some(_) => self.change.revised += 1,
            }
        }
        self.list.end(kind)
    }

    fn hears_alone(&self, snapshot: &Snapshot) -> bool {
        snapshot.seq == self.added
    }

    fn hear_own(&mut self, record: &Record, country: Option<Code>, new: bool) {
        let (group, value) = group(record, country);
        self.sums.add(group, value, false, true);
        self.change.new += u64::from(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Draft, Part};
    use proptest::prelude::*;
    use wegen_model::{Coverage, Declared, Locator, Observation, indicators};

    const SOURCE: &str = "unhcr-population";

    fn observations() -> impl Strategy<Value = Vec<Record>> {
        let one = (0usize..3, 0usize..4, 2014i16..2019, 0usize..3, 0u32..3, 0u32..40);
        prop::collection::vec(one, 0..40).prop_map(|all| {
            let of =
                |(indicator, place, year, counterpart, value, row): (usize, usize, i16, usize, u32, u32)| {
                    let code = |text: &str| Code::new(text).unwrap();
                    Record::Observation(Observation {
                        indicator: indicators().get(["refugees", "idps", "stateless"][indicator]).unwrap(),
                        place: code(["SYR", "MLI", "SY0702", "AFG"][place]),
                        counterpart: ["NLD", "DEU"].get(counterpart).map(|c| code(c)),
                        period: Period::of_year(year).unwrap(),
                        value: value.into(),
                        bounds: None,
                        status: Default::default(),
                        dims: (row % 3 == 0).then(|| format!("level={}", row % 2).into()),
                        locator: Locator { part: 0, row, column: 0 },
                    })
                };
            all.into_iter().map(of).collect()
        })
    }

    fn coverage() -> impl Strategy<Value = Coverage> {
        (0usize..4, 0usize..3).prop_map(|(of, during)| {
            let all = Coverage::all(Declared::Question);
            let covers = match of {
                0 => return Coverage::rows(),
                1 => all,
                2 => all.of([Code::new("SYR").unwrap()]),
                _ => all.of([Code::new("SYR").unwrap(), Code::new("AFG").unwrap()]),
            };
            match during {
                0 => covers,
                1 => covers.during("2015..2016".parse().unwrap()),
                _ => covers.during("2017".parse().unwrap()),
            }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        /// Heard part by part, the same records answer as where all are heard at once, whatever is added in which order;
        /// and what is told of a change is the difference between before and after.
        #[test]
        fn parts_answer_as_the_whole(drafts in prop::collection::vec((observations(), coverage(), 1u32..28), 1..5)) {
            let folder = tempfile::tempdir().unwrap();
            let mut ledger = Ledger::open(folder.path()).unwrap();
            let mut before: BTreeMap<u64, f64> = BTreeMap::new();
            for (n, (records, coverage, day)) in drafts.into_iter().enumerate() {
                let time = format!("2026-01-{day:02}T00:00:00Z").parse().unwrap();
                let mut draft = Draft { coverage, recorded: Some(time), records: records.into(), ..Draft::new(SOURCE, time) };
                draft.parts.push(Part::new("file", n.to_string().into_bytes()));
                let (change, added) = ledger.add_if(draft, |_| true).unwrap();
                let added = added.unwrap().snapshot;

                let edition = ledger.edition(None).unwrap();
                let heard = edition.of(SOURCE);
                let mut composer = Composer::new(&ledger, RecordKind::Observation, &heard).unwrap();
                let (mut expected, mut after) = (BTreeSet::new(), BTreeMap::new());
                let mut own = BTreeSet::new();
                for (i, snapshot) in heard.iter().enumerate() {
                    composer.begin(i).unwrap();
                    let (from, to) = (snapshot.seq << 32, (snapshot.seq + 1) << 32);
                    ledger.each_between(RecordKind::Observation, from, to, &mut |id, record| {
                        let facet = Facet::of(record);
                        let Record::Observation(o) = record else { unreachable!("observations alone") };
                        if composer.answers(&facet)? {
                            expected.insert(id);
                            *after.entry(facet.key()).or_default() += o.value;
                            if snapshot.id == added.id {
                                own.insert(facet.key());
                            }
                        }
                        Ok(())
                    }).unwrap();
                }
                let mut view = ledger.db.prepare("SELECT id FROM observations").unwrap();
                let listed: BTreeSet<i64> =
                    view.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
                drop(view);
                prop_assert_eq!(&listed, &expected);
                let new = own.iter().filter(|key| !before.contains_key(key)).count() as u64;
                let kept = own.len() as u64 - new;
                prop_assert_eq!((change.new, change.same + change.revised), (new, kept));
                before = after;
            }
            prop_assert_eq!(ledger.verify(None, |_, _| {}).unwrap().damage, vec![]);
        }
    }
}
