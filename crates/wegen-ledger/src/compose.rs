//! Which record answers: answers are composed key by key from all snapshots of a source.
//!
//! Snapshots are heard in the order of [`Snapshot::precedence`], the latest release first. A record answers unless a
//! snapshot that was heard before it answers for the same:
//!
//! * a snapshot with a **declared coverage** answers for all that lies in it, of the series (indicators, levels of areas)
//!   that it holds, also where it has no row: absence is an answer there;
//! * every snapshot answers for the **keys it has rows for**: the indicator, place, counterpart, period and dimensions
//!   of an observation; the code of an area; the publisher's id of an incident or event, wherever that is placed now.
//!
//! Incidents and events are counted, so one that nobody can tell from those already counted must not be counted again:
//! where a declared coverage holds its place and month, a record of a snapshot without one answers only if both have the
//! publisher's ids. Records without ids that are alike in everything, in several snapshots without coverage, are
//! the same records: as many answer as the snapshot with most of them has.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use wegen_model::{Asked, Code, IndicatorId, Record, RecordKind, Span, countries};

use crate::{Ledger, LedgerError, RecordFilter, Snapshot};

/// What of a record decides whether it answers.
pub(crate) struct Facet {
    /// The country it is about.
    pub(crate) country: Option<Code>,
    counterpart: Option<Code>,
    region: Option<Code>,
    span: Option<Span>,
    /// The indicator, or the level of areas in a country; nothing where a source holds one series.
    series: Option<u64>,
    /// All that makes two records say the same thing.
    key: u64,
    id: Option<Arc<str>>,
}

fn hash(of: impl Hash) -> u64 {
    // Keys stay within one run, and two that collide are one in 10⁸ at a million records.
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// The country that a place lies in: coverage is of countries, also where rows are of areas.
pub(crate) fn country_of(place: Code) -> Option<Code> {
    countries().of_place(place).or(Some(place))
}

impl Facet {
    pub(crate) fn of(record: &Record) -> Facet {
        match record {
            Record::Observation(o) => {
                let country = country_of(o.place);
                Facet {
                    country,
                    counterpart: o.counterpart,
                    region: (country != Some(o.place)).then_some(o.place),
                    span: Some(Span::of(o.period)),
                    series: Some(hash(o.indicator)),
                    key: hash((o.indicator, o.place, o.counterpart, o.period, o.dims.as_deref())),
                    id: None,
                }
            }
            Record::Incident(i) => Facet {
                country: i.place,
                counterpart: i.origin,
                region: None,
                // Counted in the publisher's year, also where the date says another.
                span: Some(match i.period {
                    Some(period) if period.year() == i.year => Span::of(period),
                    _ => Span::years(i.year, i.year),
                }),
                series: None,
                key: match &i.id {
                    Some(id) => hash(id),
                    None => hash((
                        (i.period, i.year, i.place, i.route.as_deref(), i.origin, i.cause, i.setting, i.cell),
                        (i.dead, i.missing, i.total, i.incidents),
                    )),
                },
                id: i.id.clone(),
            },
            Record::Event(e) => Facet {
                country: Some(e.place),
                counterpart: None,
                region: None,
                span: Some(Span::of(e.period)),
                series: None,
                key: match &e.id {
                    Some(id) => hash(id),
                    None => hash((
                        (e.period, e.place, e.area.as_deref(), e.violence, e.precision),
                        (e.best, e.low, e.high, e.civilians, e.events),
                    )),
                },
                id: e.id.clone(),
            },
            Record::Area(a) => Facet {
                country: Some(a.country),
                counterpart: None,
                region: Some(a.code),
                span: None,
                series: Some(hash((a.country, a.level))),
                key: hash((a.country, a.level, a.code)),
                id: None,
            },
        }
    }

    /// All that makes two records say the same thing.
    pub(crate) fn key(&self) -> u64 {
        self.key
    }

    fn asked(&self, within: Option<Span>) -> Asked {
        // A record known by year alone lies in those months of the year that its snapshot covers.
        let span = self.span.map(|span| within.and_then(|w| span.both(w)).unwrap_or(span));
        Asked { country: self.country, counterpart: self.counterpart, region: self.region, period: span }
    }
}

/// A snapshot that was heard, with what it holds.
struct Heard<'s> {
    snapshot: &'s Snapshot,
    series: HashSet<u64>,
    has_ids: bool,
}

/// Hears the snapshots of one source, kind by kind; see the module.
pub(crate) struct Composer<'s> {
    ledger: &'s Ledger,
    kind: RecordKind,
    all: Vec<(&'s Snapshot, bool)>,
    heard: Vec<Heard<'s>>,
    now: Option<Heard<'s>>,
    /// The keys of the snapshot that has begun, with how many of its records have each.
    keys: HashMap<u64, u32>,
    /// The keys that snapshots heard before have rows for, with the most records that one of them has.
    answered: HashMap<u64, u32>,
}

impl<'s> Composer<'s> {
    /// For snapshots of one source, in the order in which they will be heard.
    pub(crate) fn new(
        ledger: &'s Ledger,
        kind: RecordKind,
        snapshots: &[&'s Snapshot],
    ) -> Result<Composer<'s>, LedgerError> {
        let counted = matches!(kind, RecordKind::Incident | RecordKind::Event) && snapshots.len() > 1;
        let ids = |s: &'s Snapshot| Ok((s, counted && ledger.has_publisher_ids(s, kind)?));
        let all = snapshots.iter().map(|s| ids(s)).collect::<Result<_, LedgerError>>()?;
        Ok(Composer {
            ledger,
            kind,
            all,
            heard: Vec::new(),
            now: None,
            keys: HashMap::new(),
            answered: HashMap::new(),
        })
    }

    /// As [`Composer::begin`], where all that is heard is of one indicator, and the snapshots are those that hold it.
    pub(crate) fn begin_with(
        &mut self,
        index: usize,
        indicator: Option<IndicatorId>,
    ) -> Result<(), LedgerError> {
        let Some(indicator) = indicator else { return self.begin(index) };
        self.next(index, HashSet::from([hash(indicator)]));
        Ok(())
    }

    /// The next snapshot begins.
    pub(crate) fn begin(&mut self, index: usize) -> Result<(), LedgerError> {
        let mut series = HashSet::new();
        if self.kind == RecordKind::Observation && self.all.len() > 1 {
            series.extend(self.ledger.indicators_of(self.all[index].0)?.into_iter().map(hash));
        }
        self.next(index, series);
        Ok(())
    }

    #[expect(clippy::iter_over_hash_type, reason = "the greatest of some numbers has no order")]
    fn next(&mut self, index: usize, series: HashSet<u64>) {
        if let Some(heard) = self.now.take() {
            let by_key = matches!(self.kind, RecordKind::Observation | RecordKind::Area);
            for (key, times) in self.keys.drain() {
                if by_key || !heard.snapshot.coverage.is_declared() {
                    let most = self.answered.entry(key).or_default();
                    *most = times.max(*most);
                }
            }
            self.heard.push(heard);
        }
        let (snapshot, has_ids) = self.all[index];
        self.now = Some(Heard { snapshot, series, has_ids });
    }

    /// Whether any record of the snapshot that has begun can answer, of those that a filter takes.
    ///
    /// Incidents and events of a snapshot whose coverage is not known are counted already where a declared coverage has
    /// the world in all years that are asked, unless both have the publisher's ids.
    pub(crate) fn may_answer(&self, filter: &RecordFilter) -> bool {
        let (Some(now), Some((from, to))) = (&self.now, filter.years) else { return true };
        let counted = matches!(self.kind, RecordKind::Incident | RecordKind::Event);
        if !counted || now.snapshot.coverage.is_declared() || now.has_ids || self.all.len() == 1 {
            return true;
        }
        let asked = Asked { period: Some(Span::years(from, to)), ..Asked::default() };
        !self.all.iter().any(|(other, _)| other.coverage.is_declared() && other.coverage.holds(asked))
    }

    /// Whether a record of the snapshot that has begun answers.
    pub(crate) fn answers(&mut self, facet: &Facet) -> Result<bool, LedgerError> {
        let Some(now) = &mut self.now else { return Ok(true) };
        if self.all.len() == 1 {
            return Ok(true);
        }
        if self.kind == RecordKind::Area {
            now.series.extend(facet.series);
        }
        let times = self.keys.entry(facet.key).or_default();
        *times += 1;
        let snapshot = now.snapshot;
        let declared = snapshot.coverage.is_declared();
        let asked = facet.asked(snapshot.coverage.period.filter(|_| declared));
        // In the order of what they cost.
        let answered = self.answered.get(&facet.key).copied().unwrap_or(0);
        let same_key = match (self.kind, &facet.id) {
            (RecordKind::Observation | RecordKind::Area, _) => answered > 0,
            (_, Some(_)) => false,
            (_, None) => !declared && *times <= answered,
        };
        if same_key {
            return Ok(false);
        }
        for newer in self.heard.iter().filter(|h| h.snapshot.coverage.is_declared()) {
            let has_series = facet.series.is_none_or(|s| newer.series.contains(&s));
            if has_series && newer.snapshot.coverage.holds(asked) {
                return Ok(false);
            }
        }
        if let Some(id) = &facet.id {
            for newer in self.heard.iter().filter(|h| h.has_ids) {
                if self.ledger.has_publisher_id(newer.snapshot, self.kind, id)? {
                    return Ok(false);
                }
            }
        }
        if !declared && matches!(self.kind, RecordKind::Incident | RecordKind::Event) {
            // One that is known by year alone may lie in any month of it that is covered.
            let counted = self
                .all
                .iter()
                .any(|(other, has_ids)| other.coverage.touches(asked) && !(*has_ids && facet.id.is_some()));
            return Ok(!counted);
        }
        Ok(true)
    }
}

impl Ledger {
    /// Whether records of a snapshot bear the publisher's ids.
    fn has_publisher_ids(&self, snapshot: &Snapshot, kind: RecordKind) -> Result<bool, LedgerError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM {kind} WHERE snapshot = ?1 AND publisher_id IS NOT NULL)"
        ))?;
        Ok(statement.query_row([snapshot.seq], |r| r.get(0))?)
    }

    /// Whether a snapshot has a record with this id of the publisher's, wherever it is placed.
    fn has_publisher_id(&self, snapshot: &Snapshot, kind: RecordKind, id: &str) -> Result<bool, LedgerError> {
        let mut statement = self.db.prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM {kind} WHERE snapshot = ?1 AND publisher_id = ?2)"
        ))?;
        Ok(statement.query_row(rusqlite::params![snapshot.seq, id], |r| r.get(0))?)
    }
}
