//! From evidence to cells: how rows of a source become bounds of an indicator, for an area and a month.
//!
//! | `how` | what it makes of rows |
//! |---|---|
//! | `share-of-communities` | percent of the assessed communities that answer yes; those that did not answer may say either |
//! | `mean-of-communities` | mean over the assessed communities of the lower and of the upper ends of their answers; those that did not answer may lie anywhere in `range` |
//! | `deaths`, `death-rate` | low to high estimates of deaths in events, over `months`; what is placed less precisely widens; the rate over the people of the area where they are held |
//! | `survey` | a survey's figure for a region, from its year until `months` after it |
//! | `reports` | known incidents over `months`: at least so many |
//! | `stock` | people counted at the last date within `months`: one series at one level, or bounds over several |
//! | `flow` | movements in the month |
//!
//! A source's figure is used for the areas that it is about. A region's share says nothing certain of a part of the
//! region, so a finer area has no cell from it; its deaths bound those of each part from above.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use wegen_conditions::{Cell, Leaf, Method, Rule};
use wegen_ledger::{Evidence, RecordFilter, RecordId, Row};
use wegen_model::{
    Asked, Code, Event, Interval, Join, Observation, Period, Span, countries, crosswalk, indicator,
    indicators,
};

use super::{AreaTree, Month, Place, populations::Populations, stock};
use crate::recipes::FigureError;

/// A cell with what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The bounds.
    pub cell: Cell,
    /// The records behind it.
    pub records: Vec<RecordId>,
    /// The source it was read from.
    pub source: Option<String>,
    /// When that was, where it was not the month asked for: a survey's year, or evidence that is too old to use.
    pub of: Option<Period>,
    /// Whether something is held and was not used because of its age.
    pub stale: bool,
}

impl Read {
    fn missing() -> Read {
        Read { cell: Cell::missing(), records: Vec::new(), source: None, of: None, stale: false }
    }

    fn of(cell: Cell, records: Vec<RecordId>, source: &str) -> Read {
        Read { cell, records, source: Some(source.to_owned()), of: None, stale: false }
    }
}

/// A name of a publisher that leads to no area.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unjoined {
    /// The source.
    pub source: String,
    /// The name as published; empty where rows name no area.
    pub name: String,
    /// How many rows bear it.
    pub rows: u64,
    /// The records that bear it.
    pub records: Vec<RecordId>,
    /// Why, where somebody has looked; empty where the name is in no crosswalk.
    pub why: String,
}

/// Where an event lies, seen from one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    /// In the area.
    In,
    /// Perhaps in the area.
    Perhaps,
}

/// The evidence on a country that a method reads, gathered once.
pub(crate) struct Reader {
    country: Code,
    level: u8,
    tree: AreaTree,
    observations: BTreeMap<(String, String), Arc<Vec<Row<Observation>>>>,
    /// Which of them are about an area, by its code or by a name that leads to exactly it.
    named: BTreeMap<(String, String), BTreeMap<Code, Vec<usize>>>,
    /// Communities by area and month, each by its row in the publisher's file.
    assessed: BTreeMap<(Code, Month), BTreeMap<u32, RecordId>>,
    /// The same rows by indicator, area and month.
    answers: BTreeMap<String, BTreeMap<(Code, Month), Vec<usize>>>,
    events: Vec<Row<Event>>,
    /// The months that declared coverage holds of the country, by source and indicator.
    covered: BTreeMap<(String, String), Vec<Span>>,
    /// Which events concern which area.
    events_of: BTreeMap<Code, Vec<(usize, Lies)>>,
    population: BTreeMap<i32, (f64, RecordId)>,
    populations: Populations,
    pub(crate) unjoined: Vec<Unjoined>,
    pub(crate) places: Vec<Place>,
    /// The areas beside each, where the method has a rule that asks for them.
    pub(crate) neighbours: BTreeMap<Code, Vec<Code>>,
}

/// Whether communities of a country answered at all.
pub(crate) fn has_communities(evidence: Evidence<'_>, country: Code) -> Result<bool, FigureError> {
    if evidence.edition().of(COMMUNITIES).is_empty() {
        return Ok(false);
    }
    let answered = || {
        let filter = RecordFilter::of(COMMUNITIES).indicator(indicator::COMMUNITY_ASSESSED);
        let holds = |place: Code| countries().of_place(place) == Some(country);
        Ok::<_, FigureError>(!evidence.observations_by_place(&filter, holds)?.is_empty())
    };
    Ok(*evidence.kept(format!("communities {country}"), |_| 0, answered)?)
}

/// The finest level at which a source has figures.
fn level_of(source: &str) -> u8 {
    match source {
        "reach-hsos" => 3,
        "iom-dtm" => 2,
        _ => 1,
    }
}

const COMMUNITIES: &str = "reach-hsos";
const EVENTS: &str = "ucdp-ged";
const POPULATION: (&str, &str) = ("worldbank-wdi", "population");
/// Sources of people by area.
const AREA_POPULATIONS: [&str; 2] = ["ocha-cod-ps", "uscb-syria-population"];

impl Reader {
    /// The reader of a method; under the default one it is kept for the next figure.
    pub(crate) fn of(
        evidence: Evidence<'_>,
        country: Code,
        level: u8,
        method: &Method,
    ) -> Result<Arc<Reader>, FigureError> {
        let make = || Reader::new(evidence, country, level, method);
        if !std::ptr::eq(method, super::default_method()) {
            return make().map(Arc::new);
        }
        evidence.kept(format!("conditions {country} {level}"), Reader::bytes, make)
    }

    /// How much memory it takes, nearly.
    fn bytes(&self) -> usize {
        let rows: usize = self.observations.values().map(|rows| rows.len()).sum();
        let events: usize = self.events_of.values().map(Vec::len).sum();
        let unjoined: usize = self.unjoined.iter().map(|u| u.records.len()).sum();
        rows * (size_of::<Row<Observation>>() + 3 * size_of::<usize>())
            + self.assessed.values().map(|of| of.len() * 2 * size_of::<RecordId>()).sum::<usize>()
            + self.events.len() * size_of::<Row<Event>>()
            + events * size_of::<(usize, Lies)>()
            + unjoined * size_of::<RecordId>()
    }

    fn new(evidence: Evidence<'_>, country: Code, level: u8, method: &Method) -> Result<Reader, FigureError> {
        let mut reader = Reader {
            country,
            level,
            tree: AreaTree::of(evidence, country)?,
            observations: BTreeMap::new(),
            named: BTreeMap::new(),
            assessed: BTreeMap::new(),
            answers: BTreeMap::new(),
            events: Vec::new(),
            covered: BTreeMap::new(),
            events_of: BTreeMap::new(),
            population: BTreeMap::new(),
            populations: Populations::default(),
            unjoined: Vec::new(),
            places: super::areas::places(evidence, country, level)?,
            neighbours: match method.narrowing.iter().any(|n| matches!(n.rule, Rule::Neighbours { .. })) {
                true => super::areas::neighbours(&super::areas::shapes(evidence, country, level)?),
                false => BTreeMap::new(),
            },
        };
        let wanted: BTreeSet<(&str, &str)> = method
            .leaves()
            .flat_map(|l| l.reading.sources.iter().map(|s| (s.as_str(), l.indicator.as_str())))
            .chain([(COMMUNITIES, "community-assessed"), POPULATION])
            .collect();
        for (source, indicator) in wanted {
            reader.gather(evidence, source, indicator)?;
        }
        for source in AREA_POPULATIONS {
            reader.gather_populations(evidence, source)?;
        }
        if method.leaves().any(|l| l.reading.sources.iter().any(|s| s == EVENTS)) {
            reader.events = evidence.events(&RecordFilter::of(EVENTS).place(country))?;
        }
        let asked = Asked { country: Some(country), ..Asked::default() };
        for leaf in method.leaves() {
            for source in &leaf.reading.sources {
                // Events have no indicator of their own.
                let indicator = indicators().get(&leaf.indicator).filter(|_| source != EVENTS);
                let months = evidence.months_of(source, indicator, asked)?;
                reader.covered.insert((source.clone(), leaf.indicator.clone()), months);
            }
        }
        reader.name_rows(method);
        reader.known_places();
        reader.place_events();
        reader.list_unjoined();
        Ok(reader)
    }

    fn gather(&mut self, evidence: Evidence<'_>, source: &str, indicator: &str) -> Result<(), FigureError> {
        let Some(id) = indicators().get(indicator) else { return Ok(()) };
        if evidence.edition().of(source).is_empty() {
            return Ok(());
        }
        let filter = RecordFilter::of(source).indicator(id);
        let rows: Arc<Vec<Row<Observation>>> = match source {
            COMMUNITIES | "iom-dtm" | "ocha-syria-movements" => {
                let rows = evidence.observations_of_areas(&filter, self.country, |c| self.tree.holds(c))?;
                self.tree.remember(rows.iter().map(|r| r.value.place).collect::<BTreeSet<Code>>());
                rows
            }
            _ => evidence.shared_observations(&filter.place(self.country))?,
        };
        if (source, indicator) == POPULATION {
            self.population =
                rows.iter().map(|r| (r.value.period.year(), (r.value.value, r.record))).collect();
            return Ok(());
        }
        if source == COMMUNITIES {
            let by_place = self.answers.entry(indicator.to_owned()).or_default();
            for (i, row) in rows.iter().enumerate() {
                let Some(month) = Month::of(row.value.period) else { continue };
                let key = (row.value.place, month);
                by_place.entry(key).or_default().push(i);
                if indicator == "community-assessed" {
                    // A row is a community: those without a code of their own can share a name.
                    self.assessed.entry(key).or_default().insert(row.value.locator.row, row.record);
                }
            }
        }
        self.observations.insert((source.to_owned(), indicator.to_owned()), rows);
        Ok(())
    }

    /// People by area, of the areas of the country.
    fn gather_populations(&mut self, evidence: Evidence<'_>, source: &str) -> Result<(), FigureError> {
        if evidence.edition().of(source).is_empty() {
            return Ok(());
        }
        let filter = RecordFilter::of(source).indicator(indicator::POPULATION);
        let rows = evidence.observations_of_areas(&filter, self.country, |c| self.tree.holds(c))?;
        for row in rows.iter().filter(|row| row.value.place != self.country) {
            self.populations.add(row);
        }
        Ok(())
    }

    /// Finds out once which rows are about which area.
    fn name_rows(&mut self, method: &Method) {
        // Others are found by area and month, or added up over areas.
        let by_name = |leaf: &&Leaf| ["survey", "reports", "flow"].contains(&leaf.reading.how.as_str());
        let asked: BTreeSet<(&str, &str)> = method
            .leaves()
            .filter(by_name)
            .flat_map(|l| l.reading.sources.iter().map(|s| (s.as_str(), l.indicator.as_str())))
            .collect();
        for (of, rows) in self.observations.iter().filter(|(of, _)| asked.contains(&(&*of.0, &*of.1))) {
            let mut named: BTreeMap<Code, Vec<usize>> = BTreeMap::new();
            let mut leads: BTreeMap<&str, Option<Code>> = BTreeMap::new();
            for (i, row) in rows.iter().enumerate() {
                let place = row.value.place;
                named.entry(place).or_default().push(i);
                let Some(name) = area_name(&row.value) else { continue };
                let code =
                    leads.entry(name).or_insert_with(|| match crosswalk().join(&of.0, self.country, name) {
                        Some(Join::Area(code)) => Some(*code),
                        _ => None,
                    });
                if let Some(code) = code.filter(|code| *code != place) {
                    named.entry(code).or_default().push(i);
                }
            }
            self.named.insert(of.clone(), named);
        }
    }

    /// Areas that rows have codes of, where no list of areas is held for the level.
    fn known_places(&mut self) {
        let known: BTreeSet<Code> = self.places.iter().map(|p| p.code).collect();
        // The first level is whole where it is held: a code beside it is one of another year.
        if self.level == 1 && !known.is_empty() {
            return;
        }
        let level = |source: &str, row: &Observation, code: Code| {
            let said = || (code == row.place).then(|| stock::level_said(row).unwrap_or(level_of(source)));
            self.tree.level_of(code).or_else(said)
        };
        let mut codes = BTreeSet::new();
        for ((source, _), rows) in &self.observations {
            for row in rows.iter().map(|r| &r.value).filter(|row| row.place != self.country) {
                let at = std::iter::once(row.place).chain(self.tree.ancestors(row.place));
                codes.extend(at.filter(|code| level(source, row, *code) == Some(self.level)));
            }
        }
        codes.retain(|code| !known.contains(code));
        self.places.extend(codes.into_iter().map(|code| Place { code, name: code.to_string() }));
        self.places.sort_by_key(|p| p.code);
    }

    fn place_events(&mut self) {
        // Once for each event, not for each area.
        let join =
            |row: &Row<Event>| row.value.area.as_deref().map(|n| crosswalk().join(EVENTS, self.country, n));
        let joins: Vec<Option<Option<&Join>>> = self.events.iter().map(join).collect();
        let named = joins.iter().flatten().flatten().flat_map(|join| match join {
            Join::Area(code) => std::slice::from_ref(code),
            Join::Part(codes) => codes.as_slice(),
            Join::None(_) => &[],
        });
        self.tree.remember(named.copied().chain(self.places.iter().map(|p| p.code)));
        for place in &self.places {
            let mut list = Vec::new();
            for (i, join) in joins.iter().enumerate() {
                let lies = match join {
                    // In no area of the country today.
                    Some(Some(Join::None(_))) => None,
                    Some(Some(Join::Area(code))) if self.tree.lies_in(*code, place.code) => Some(Lies::In),
                    Some(Some(Join::Area(code))) => {
                        self.tree.lies_in(place.code, *code).then_some(Lies::Perhaps)
                    }
                    Some(Some(Join::Part(codes)))
                        if codes.iter().all(|c| self.tree.lies_in(*c, place.code)) =>
                    {
                        Some(Lies::In)
                    }
                    Some(Some(Join::Part(codes))) => codes
                        .iter()
                        .any(|c| self.tree.lies_in(*c, place.code) || self.tree.lies_in(place.code, *c))
                        .then_some(Lies::Perhaps),
                    // Of the country, or of a name that nobody has reviewed.
                    Some(None) | None => Some(Lies::Perhaps),
                };
                list.extend(lies.map(|lies| (i, lies)));
            }
            self.events_of.insert(place.code, list);
        }
    }

    fn list_unjoined(&mut self) {
        let mut names: BTreeMap<(String, String), (u64, Vec<RecordId>)> = BTreeMap::new();
        let mut add = |source: &str, name: Option<&str>, rows: u64, record: RecordId| {
            let of = names.entry((source.to_owned(), name.unwrap_or_default().to_owned())).or_default();
            of.0 += rows;
            of.1.push(record);
        };
        for event in &self.events {
            add(EVENTS, event.value.area.as_deref(), u64::from(event.value.events), event.record);
        }
        for ((source, _), rows) in &self.observations {
            // Rows of a source that names its areas; one without a name is of the country.
            let named = rows.iter().any(|r| area_name(&r.value).is_some());
            for row in rows.iter().filter(|r| named && r.value.place == self.country) {
                add(source, area_name(&row.value), 1, row.record);
            }
        }
        for ((source, name), (rows, records)) in names {
            let why = match crosswalk().join(&source, self.country, &name) {
                _ if name.is_empty() => String::new(),
                Some(Join::Area(_) | Join::Part(_)) => continue,
                Some(Join::None(why)) => why.clone(),
                None => String::new(),
            };
            self.unjoined.push(Unjoined { source, name, rows, records, why });
        }
    }

    /// The last month for which a leaf that counts has evidence at this level.
    pub(crate) fn last_month(&self, method: &Method) -> Option<Month> {
        let mut last = None;
        for leaf in method.leaves.iter().map(|l| &method.nodes[*l]) {
            let Some(measured) = leaf.leaf.as_ref().filter(|_| leaf.role != wegen_conditions::Role::Context)
            else {
                continue;
            };
            for source in &measured.reading.sources {
                let found = match source.as_str() {
                    EVENTS => {
                        let events = self.events.iter().map(|e| Month::span(e.value.period).1).max();
                        let key = (source.clone(), measured.indicator.clone());
                        let months = self.covered.get(&key).into_iter().flatten();
                        events.max(months.filter_map(|m| Month::of(m.last()?)).max())
                    }
                    COMMUNITIES if self.level == 3 => {
                        self.answers.get(&measured.indicator).and_then(|a| a.keys().map(|(_, m)| *m).max())
                    }
                    _ => None,
                };
                last = last.max(found);
            }
        }
        last
    }

    /// Reads a leaf for an area and a month, from the first of its sources that has something.
    pub(crate) fn read(&self, leaf: &Leaf, place: Code, month: Month) -> Read {
        let mut stale = Read::missing();
        for source in &leaf.reading.sources {
            let read = match leaf.reading.how.as_str() {
                "share-of-communities" => self.communities(leaf, source, place, month, true),
                "mean-of-communities" => self.communities(leaf, source, place, month, false),
                "deaths" => self.deaths(leaf, place, month, false),
                "death-rate" => self.deaths(leaf, place, month, true),
                "survey" => self.survey(leaf, source, place, month),
                "reports" => self.reports(leaf, source, place, month),
                "stock" => self.stock(leaf, source, place, month),
                "flow" => self.flow(leaf, source, place, month),
                _ => Read::missing(),
            };
            if !read.cell.is_missing() {
                return read;
            }
            if read.stale {
                stale = read;
            }
        }
        stale
    }

    fn rows(&self, source: &str, indicator: &str) -> &[Row<Observation>] {
        self.observations.get(&(source.to_owned(), indicator.to_owned())).map_or(&[], |rows| rows.as_slice())
    }

    fn communities(&self, leaf: &Leaf, source: &str, place: Code, month: Month, share: bool) -> Read {
        let key = (place, month);
        let rows = self.rows(source, &leaf.indicator);
        let answered = self.answers.get(&leaf.indicator).and_then(|a| a.get(&key));
        let (Some(answered), Some(assessed)) = (answered, self.assessed.get(&key)) else {
            return Read::missing();
        };
        let all = assessed.len().max(answered.len()) as f64;
        let silent = all - answered.len() as f64;
        let (floor, top) =
            if share { (0.0, 1.0) } else { leaf.reading.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)) };
        let (mut low, mut high) = (0.0, 0.0);
        let mut records = Vec::new();
        let mut heard = BTreeSet::new();
        for row in answered.iter().map(|i| &rows[*i]) {
            let (a, b) = row.value.bounds.unwrap_or((row.value.value, row.value.value));
            low += a;
            high += b;
            records.push(row.record);
            heard.insert(row.value.locator.row);
        }
        // No community is silent: no open end times zero.
        if silent > 0.0 {
            low += silent * floor;
            high += silent * top;
        }
        // Those that did not answer are counted as well, and named by the row that says they were asked.
        records.extend(assessed.iter().filter(|(row, _)| !heard.contains(row)).map(|(_, record)| *record));
        let scale = if share { 100.0 } else { 1.0 } / all;
        Read::of(Cell::between(low * scale, high * scale), records, source)
    }

    /// Whether declared coverage holds all months of a window: absence is a zero then.
    fn covers(&self, source: &str, indicator: &str, first: Month, last: Month) -> bool {
        let months = self.covered.get(&(source.to_owned(), indicator.to_owned()));
        let window = first.period().zip(last.period()).and_then(|(first, last)| Span::between(first, last));
        window.zip(months).is_some_and(|(window, months)| window.is_held_by(months.iter().copied()))
    }

    fn deaths(&self, leaf: &Leaf, place: Code, month: Month, rate: bool) -> Read {
        let months = leaf.reading.months.max(1) as i32;
        let first = month.plus(1 - months);
        let (mut low, mut high) = (0.0, 0.0);
        let mut records = Vec::new();
        for &(i, lies) in self.events_of.get(&place).into_iter().flatten() {
            let row = &self.events[i];
            let (from, to) = Month::span(row.value.period);
            if to < first || from > month {
                continue;
            }
            // The best estimate of some events lies beyond the low or the high one.
            let event = &row.value;
            if lies == Lies::In && first <= from && to <= month {
                low += f64::from(event.low.min(event.best));
            }
            high += f64::from(event.high.max(event.best));
            records.push(row.record);
        }
        // Where coverage does not hold the window, more may have happened than is known.
        if !self.covers(EVENTS, &leaf.indicator, first, month) {
            if records.is_empty() {
                return Read::missing();
            }
            high = f64::INFINITY;
        }
        if !rate {
            return Read::of(Cell::between(low, high), records, EVENTS);
        }
        let yearly = 100_000.0 * 12.0 / f64::from(months);
        if let Some(people) = self.populations.of(place, month, &self.tree) {
            records.extend(people.records);
            // The more people, the lower the rate.
            let (low, high) = (low / people.bounds.high * yearly, high / people.bounds.low * yearly);
            return Read::of(Cell::between(low, high), records, EVENTS);
        }
        // Nobody says how many people live in the area. It has no more than its country, which bounds the rate from
        // below; it may have very few, so that nothing bounds it from above unless nobody died.
        let people = self.population.range(..=month.year()).next_back().map(|(_, p)| *p);
        let low = people.filter(|(people, _)| *people > 0.0).map_or(0.0, |(people, _)| low / people * yearly);
        records.extend(people.map(|(_, record)| record));
        Read::of(Cell::between(low, if high > 0.0 { f64::INFINITY } else { 0.0 }), records, EVENTS)
    }

    /// Rows whose name leads to exactly this area.
    fn named<'r>(
        &'r self,
        source: &str,
        indicator: &str,
        place: Code,
    ) -> impl Iterator<Item = &'r Row<Observation>> {
        let of = (source.to_owned(), indicator.to_owned());
        let rows = self.observations.get(&of).map_or(&[][..], |rows| rows.as_slice());
        let named = self.named.get(&of).and_then(|named| named.get(&place));
        named.into_iter().flatten().map(move |i| &rows[*i])
    }

    fn survey(&self, leaf: &Leaf, source: &str, place: Code, month: Month) -> Read {
        let last = self.named(source, &leaf.indicator, place).max_by_key(|r| (r.value.period, r.record));
        let Some(row) = last else { return Read::missing() };
        let (from, to) = Month::span(row.value.period);
        if month < from {
            return Read::missing();
        }
        if month.since(to) > leaf.reading.months as i32 {
            return Read { of: Some(row.value.period), stale: true, ..Read::missing() };
        }
        let read = Read::of(Cell::at(row.value.value), vec![row.record], source);
        Read { of: Some(row.value.period), ..read }
    }

    fn reports(&self, leaf: &Leaf, source: &str, place: Code, month: Month) -> Read {
        let first = month.plus(1 - leaf.reading.months.max(1) as i32);
        let covered = self.covers(source, &leaf.indicator, first, month);
        let inside = |r: &&Row<Observation>| {
            let (from, to) = Month::span(r.value.period);
            first <= from && to <= month
        };
        let rows: Vec<&Row<Observation>> =
            self.named(source, &leaf.indicator, place).filter(inside).collect();
        // Where nobody was asked, nobody reported nothing. A report that names a wider area says nothing of a part of it.
        if rows.is_empty() && !covered || rows.is_empty() && self.level > level_of(source) {
            return Read::missing();
        }
        let count = rows.iter().fold(0.0, |sum, r| sum + r.value.value);
        Read::of(Cell::between(count, f64::INFINITY), rows.iter().map(|r| r.record).collect(), source)
    }

    /// People counted in an area, at the last date of which the country has figures: nobody is counted at two.
    fn stock(&self, leaf: &Leaf, source: &str, place: Code, month: Month) -> Read {
        let recent = |r: &&Row<Observation>| {
            Month::of(r.value.period)
                .is_some_and(|m| m <= month && month.since(m) < leaf.reading.months.max(1) as i32)
        };
        let rows: Vec<&Row<Observation>> = self.rows(source, &leaf.indicator).iter().filter(recent).collect();
        let Some(date) = rows.iter().map(|r| r.value.period).max() else { return Read::missing() };
        let rows = rows.into_iter().filter(|r| r.value.period == date);
        let inside: Vec<&Row<Observation>> =
            rows.filter(|r| self.tree.lies_in(r.value.place, place)).collect();
        let Some(bounds) = stock::of(source, &inside, place, &self.tree) else { return Read::missing() };
        let cell = Cell::between(bounds.low, bounds.high);
        let read = Read::of(cell, inside.iter().map(|r| r.record).collect(), source);
        Read { of: Some(date), ..read }
    }

    fn flow(&self, leaf: &Leaf, source: &str, place: Code, month: Month) -> Read {
        let rows: Vec<&Row<Observation>> = self
            .named(source, &leaf.indicator, place)
            .filter(|r| Month::of(r.value.period) == Some(month))
            .collect();
        if rows.is_empty() {
            return Read::missing();
        }
        let sum = rows.iter().map(|r| r.value.value).sum();
        Read::of(Cell::at(sum), rows.iter().map(|r| r.record).collect(), source)
    }
}

/// The name of the area that a row is about, where it bears a name instead of a code.
fn area_name(observation: &Observation) -> Option<&str> {
    let dims = observation.dims.as_deref()?;
    dims.split(';').find_map(|d| d.strip_prefix("area=").or_else(|| d.strip_prefix("region=")))
}

/// Bounds in words that fit a table: `7.2–9.9`, `≥ 3`, `12`.
pub fn bounds_text(bounds: Interval, decimals: u8, lang: wegen_model::Lang) -> String {
    let show = |x: f64| lang.decimal(x, decimals);
    match (bounds.low.is_finite(), bounds.high.is_finite()) {
        (true, true) if show(bounds.low) == show(bounds.high) => show(bounds.low),
        (true, true) => format!("{}–{}", show(bounds.low), show(bounds.high)),
        (true, false) => format!("≥ {}", show(bounds.low)),
        (false, true) => format!("≤ {}", show(bounds.high)),
        (false, false) => "–".to_owned(),
    }
}
