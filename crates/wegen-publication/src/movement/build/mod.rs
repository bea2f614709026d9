//! An instance of displacement from an edition: areas and countries of asylum, links, conflict days, registrations.
//!
//! What is assumed where evidence is missing is stated in the instance's notes and in `SOURCES.md`. Rows enter only
//! from snapshots whose licence lets rows be passed on, since the folder is made to be taken along.

mod conflict;
mod geometry;
mod sources;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::evidence::InstanceEvidence;
use wegen_ledger::{Evidence, LedgerError, RecordFilter, Row, SnapshotId};
use wegen_model::{
    Code, IndicatorId, Join, Lang, Observation, Shape, Sharing, countries, crosswalk, indicator,
};
use wegen_movement::{
    Distance, Forced, Instance, Kind, Link, Location, MovementError, Registered, Series, Settings,
    write_folder,
};

use conflict::Days;
use geometry::{Point, boundary, great_circle_km, inner_point, touch};
use tables::Roads;

use crate::{
    conditions::{AreaTree, neighbours},
    reported::reports,
};

const LOCATIONS: &str = "input_csv/locations.csv";
const ROUTES: &str = "input_csv/routes.csv";
const CONFLICTS: &str = "input_csv/conflicts.csv";
const REGISTRATIONS: &str = "source_data/*.csv";
const COMPARISON: &str = "comparison/*.csv";

const STOCKS: &str = "unhcr-population";
const MOVEMENTS: &str = "ocha-syria-movements";
const DEATHS: (&str, [IndicatorId; 3]) = (
    "ucdp-country-year",
    [indicator::DEATHS_STATE_BASED, indicator::DEATHS_NON_STATE, indicator::DEATHS_ONE_SIDED],
);
const POPULATION: (&str, IndicatorId) = ("worldbank-wdi", indicator::POPULATION);

/// Of longer series of events the last so many years are taken where no years are asked for.
const LAST_YEARS: i32 = 5;
/// More areas than this are refused: links between them are looked for in pairs.
const MOST_AREAS: usize = 1000;

/// A table that an analyst gives along.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its file, for messages.
    pub file: String,
    /// What it holds.
    pub text: String,
}

impl Given {
    fn wrong(&self, line: usize, message: impl Into<String>) -> BuildError {
        BuildError::Line { file: self.file.clone(), line, message: message.into() }
    }
}

/// How an instance is built.
#[derive(Debug, Clone)]
pub struct BuildOptions {
    /// The level of the areas: 1 for the first below the country.
    pub level: u8,
    /// First and last year; otherwise the last five years at most for which events by area and stocks are held.
    pub years: Option<(i32, i32)>,
    /// How many countries of asylum are places: those with the largest stock at the end.
    pub hosts: usize,
    /// What the great circle is multiplied by where no road is known.
    pub detour: f64,
    /// An area is in conflict on the day of an event, and on so many days in all.
    pub window: u32,
    /// A road graph: a table of `from`, `to`, `km`, by name or code.
    pub roads: Option<Given>,
    /// People by area: a table of `area`, `population`, by name or code.
    pub populations: Option<Given>,
}

impl Default for BuildOptions {
    fn default() -> BuildOptions {
        BuildOptions {
            level: 1,
            years: None,
            hosts: 8,
            detour: 1.3,
            window: 1,
            roads: None,
            populations: None,
        }
    }
}

/// An instance that cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The ledger could not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The evidence does not hold what an instance needs, or an option cannot be used.
    #[error("{0}")]
    Evidence(String),
    /// A table that was given along.
    #[error("{file}: line {line}: {message}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What was found and what was expected.
        message: String,
    },
}

/// An instance with what it was built from.
#[derive(Debug, Clone)]
pub struct Built {
    /// The instance; its notes say what is assumed.
    pub instance: Instance,
    /// Counts to compare returns and displacement with, by their path in the folder: no input of a run.
    pub comparison: Vec<(String, String)>,
    /// What `SOURCES.md` says.
    pub sources: String,
    /// What `evidence.toml` says: the same for programs.
    pub evidence: InstanceEvidence,
}

impl Built {
    /// Writes the folder: all of it, or nothing.
    ///
    /// # Errors
    /// The folder holds something already, or cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), MovementError> {
        let mut further = self.comparison.clone();
        further.push(("SOURCES.md".to_owned(), self.sources.clone()));
        further.push((InstanceEvidence::FILE.to_owned(), self.evidence.text()));
        write_folder(&self.instance, folder, &further)
    }
}

/// Builds an instance of a country of origin from an edition.
///
/// # Errors
/// The ledger's; evidence that is not held, with what is missing; a line of a table that was given along.
pub fn build(evidence: Evidence<'_>, country: Code, options: &BuildOptions) -> Result<Built, BuildError> {
    if !(1.0..=10.0).contains(&options.detour) {
        let found = options.detour;
        return Err(BuildError::Evidence(format!("a detour factor of {found}; 1 to 10 was expected")));
    }
    if !(1..=366).contains(&options.window) {
        let found = options.window;
        return Err(BuildError::Evidence(format!("a window of {found} days; 1 to 366 was expected")));
    }
    Builder {
        evidence,
        country,
        home: countries().name(country, Lang::En),
        options,
        notes: Vec::new(),
        used: BTreeMap::new(),
        withheld: BTreeSet::new(),
    }
    .build()
}

/// An area or a country of asylum.
struct Site {
    code: Code,
    name: String,
    region: String,
    shape: Shape,
    point: Point,
}

struct Builder<'a> {
    evidence: Evidence<'a>,
    country: Code,
    home: String,
    options: &'a BuildOptions,
    notes: Vec<String>,
    /// The snapshots that rows of a file come from.
    used: BTreeMap<&'static str, BTreeSet<SnapshotId>>,
    /// Snapshots whose rows may not be passed on.
    withheld: BTreeSet<SnapshotId>,
}

/// Refugees by country of asylum and year.
type Stocks = BTreeMap<Code, BTreeMap<i32, u64>>;

impl Builder<'_> {
    fn build(mut self) -> Result<Built, BuildError> {
        let areas = self.areas()?;
        let stocks = self.stocks()?;
        let events = self.evidence.events(&RecordFilter::of(conflict::EVENTS).place(self.country))?;
        let events = self.kept(CONFLICTS, events);
        let deaths = self.deaths()?;
        let event_years: BTreeSet<i32> = events.iter().map(|e| e.value.period.year()).collect();
        let (from, to) = self.years(&event_years, &deaths, &stocks)?;
        let wrong = || BuildError::Evidence(format!("{from} to {to}; years in order were expected"));
        let days = Days::of_years(from, to).filter(|d| d.days <= Instance::MOST_DAYS).ok_or_else(wrong)?;
        let hosts = self.hosts(&stocks, from, to)?;

        let conflicts = self.conflicts(&areas, &events, &event_years, &deaths, (from, to), days)?;
        let sites: Vec<&Site> = areas.iter().chain(&hosts).collect();
        let links = self.links(&areas, &hosts)?;
        let populations = self.populations(&areas, from)?;
        let (registered, elsewhere) = self.registrations(&stocks, &areas, &hosts, days);
        let comparison = self.comparison(&areas, from, to)?;

        let home = self.home.clone();
        let locations = sites.iter().enumerate().map(|(i, site)| {
            let abroad = i >= areas.len();
            let code = if abroad { site.code } else { self.country };
            Location {
                name: site.name.clone(),
                region: site.region.clone(),
                country: if abroad { site.name.clone() } else { home.clone() },
                latitude: coarse(site.point[1]),
                longitude: coarse(site.point[0]),
                kind: if abroad { Kind::Camp } else { Kind::ConflictZone },
                conflict_from: 0,
                population: if abroad { 0 } else { populations[i] },
                capacity: 0,
                attributes: BTreeMap::from([
                    ("code".to_owned(), site.code.to_string()),
                    ("country_code".to_owned(), code.to_string()),
                ]),
            }
        });
        let locations: Vec<Location> = locations.collect();
        let mut all = conflicts.into_iter().map(Some).collect::<Vec<Option<Vec<f64>>>>();
        all.resize(locations.len(), None);
        self.say_rest();
        let instance = Instance {
            name: self.country.to_string(),
            start: days.start,
            days: days.days,
            locations,
            links,
            closures: Vec::new(),
            conflicts: all,
            capacities: Vec::new(),
            total: None,
            registered,
            elsewhere,
            settings: Settings { camp_movechance: 0.0, ..Settings::default() },
            notes: self.notes.clone(),
        };
        let sources = sources::text(&self, &instance, &comparison);
        let evidence = sources::evidence(&self, &instance);
        Ok(Built { instance, comparison, sources, evidence })
    }

    /// Rows that may be passed on; what they come from is kept for `SOURCES.md`.
    fn kept<T>(&mut self, file: &'static str, rows: Vec<Row<T>>) -> Vec<Row<T>> {
        let edition = self.evidence.edition();
        let snapshots = edition.snapshots.iter();
        let free: BTreeSet<SnapshotId> =
            snapshots.filter(|s| s.licence.sharing == Sharing::Rows).map(|s| s.id).collect();
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows {
            if free.contains(&row.record.snapshot) {
                self.used.entry(file).or_default().insert(row.record.snapshot);
                kept.push(row);
            } else {
                self.withheld.insert(row.record.snapshot);
            }
        }
        kept
    }

    fn observations(
        &mut self,
        file: &'static str,
        source: &str,
        indicator: IndicatorId,
    ) -> Result<Vec<Row<Observation>>, BuildError> {
        let filter = RecordFilter::of(source).indicator(indicator).place(self.country);
        let rows = self.evidence.observations(&filter)?;
        Ok(self.kept(file, rows))
    }

    /// The areas that have a shape, by code.
    fn areas(&mut self) -> Result<Vec<Site>, BuildError> {
        let (country, level) = (self.country, self.options.level);
        let tree = AreaTree::of(self.evidence, country)?;
        let mut names: BTreeMap<Code, String> = BTreeMap::new();
        let mut shapes: BTreeMap<Code, (String, Shape)> = BTreeMap::new();
        let all: BTreeSet<u8> = BTreeSet::from([1, level]);
        for level in all {
            let rows = self.evidence.areas(&RecordFilter::of("ocha-pcodes").place(country).level(level))?;
            for row in self.kept(LOCATIONS, rows) {
                names.entry(row.value.code).or_insert_with(|| row.value.name.to_string());
            }
        }
        let rows = self.evidence.areas(&RecordFilter::of("ocha-cod-ab").place(country).level(level))?;
        for row in self.kept(LOCATIONS, rows) {
            if let Some(shape) = row.value.shape {
                shapes.insert(row.value.code, (row.value.name.to_string(), shape));
            }
        }
        if shapes.is_empty() && level == 1 {
            let source = "naturalearth-admin1";
            let rows = self.evidence.areas(&RecordFilter::of(source).place(country).level(1))?;
            for row in self.kept(LOCATIONS, rows) {
                // A shape that is more than one area, or a part of one, stands for none.
                if let (Some(Join::Area(code)), Some(shape)) =
                    (crosswalk().join(source, country, &row.value.name), row.value.shape)
                {
                    shapes.insert(*code, (row.value.name.to_string(), shape));
                }
            }
        }
        if shapes.is_empty() {
            return Err(BuildError::Evidence(format!(
                "the evidence holds no boundaries of areas of {} at level {level} that may be passed on",
                self.home
            )));
        }
        if shapes.len() > MOST_AREAS {
            let found = shapes.len();
            return Err(BuildError::Evidence(format!("{found} areas; at most {MOST_AREAS} were expected")));
        }
        let missing: Vec<String> = names
            .iter()
            .filter(|(code, _)| level == 1 && !shapes.contains_key(code))
            .map(|(_, name)| name.clone())
            .collect();
        if !missing.is_empty() {
            self.notes.push(format!("Without a boundary, and therefore no place: {}.", missing.join(", ")));
        }
        let mut taken = BTreeSet::new();
        let mut areas = Vec::new();
        for (code, (own, shape)) in shapes {
            let Some(point) = inner_point(&shape) else { continue };
            let mut name = plain(names.get(&code).unwrap_or(&own));
            if name.is_empty() || name == "total" || name.starts_with('#') || !taken.insert(name.clone()) {
                name = format!("{name} {code}").trim_matches(['#', ' ']).to_owned();
                taken.insert(name.clone());
            }
            let wider = names.iter().find(|(wide, _)| **wide != code && tree.lies_in(code, **wide));
            let region = wider.map_or_else(|| name.clone(), |(_, n)| plain(n));
            areas.push(Site { code, name, region, shape, point });
        }
        Ok(areas)
    }

    fn stocks(&mut self) -> Result<Stocks, BuildError> {
        let mut stocks = Stocks::new();
        for row in self.observations(REGISTRATIONS, STOCKS, indicator::REFUGEES)? {
            let observation = row.value;
            let Some(host) = observation.counterpart.filter(|host| *host != self.country) else { continue };
            let people = observation.value.round().max(0.0) as u64;
            *stocks.entry(host).or_default().entry(observation.period.year()).or_default() += people;
        }
        match stocks.is_empty() {
            true => Err(BuildError::Evidence(format!("the evidence holds no refugees from {}", self.home))),
            false => Ok(stocks),
        }
    }

    /// Deaths by year in the country as a whole.
    fn deaths(&mut self) -> Result<BTreeMap<i32, f64>, BuildError> {
        let mut deaths = BTreeMap::new();
        for indicator in DEATHS.1 {
            for row in self.observations(CONFLICTS, DEATHS.0, indicator)? {
                *deaths.entry(row.value.period.year()).or_default() += row.value.value;
            }
        }
        Ok(deaths)
    }

    fn years(
        &self,
        events: &BTreeSet<i32>,
        deaths: &BTreeMap<i32, f64>,
        stocks: &Stocks,
    ) -> Result<(i32, i32), BuildError> {
        let known = |year: i32| within(events, year) || deaths.contains_key(&year);
        if let Some((from, to)) = self.options.years {
            if from > to {
                return Err(BuildError::Evidence(format!("{from} to {to}; years in order were expected")));
            }
            if let Some(year) = (from..=to).find(|year| !known(*year)) {
                return Err(BuildError::Evidence(format!(
                    "the evidence holds nothing on conflict in {} in {year}",
                    self.home
                )));
            }
            return Ok((from, to));
        }
        let last_stock = stocks.values().filter_map(|s| s.keys().next_back()).max().copied();
        let (first, last) = match (events.first(), events.last()) {
            (Some(first), Some(last)) => (Some(*first), Some(*last)),
            _ => (deaths.keys().next().copied(), deaths.keys().next_back().copied()),
        };
        let (Some(first), Some(last), Some(stock)) = (first, last, last_stock) else {
            return Err(BuildError::Evidence(format!(
                "the evidence holds nothing on conflict in {}",
                self.home
            )));
        };
        let to = last.min(stock);
        let from = first.max(to - LAST_YEARS + 1);
        match from <= to {
            true => Ok((from, to)),
            false => Err(BuildError::Evidence(format!(
                "conflict in {} is known from {first} and refugees until {stock}: no year has both",
                self.home
            ))),
        }
    }

    /// The countries of asylum with the largest stocks, which have a shape; by code.
    fn hosts(&mut self, stocks: &Stocks, from: i32, to: i32) -> Result<Vec<Site>, BuildError> {
        let latest =
            |s: &BTreeMap<i32, u64>| s.range(from - 1..=to).next_back().map_or(0, |(_, people)| *people);
        let mut sizes: Vec<(u64, Code)> = stocks.iter().map(|(host, s)| (latest(s), *host)).collect();
        sizes.retain(|(people, _)| *people > 0);
        sizes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let all: u64 = sizes.iter().map(|(people, _)| people).sum();
        let mut hosts = Vec::new();
        let mut named = 0;
        for (people, code) in sizes {
            if hosts.len() >= self.options.hosts {
                break;
            }
            let rows =
                self.evidence.areas(&RecordFilter::of("naturalearth-countries").place(code).level(0))?;
            let shape = self.kept(LOCATIONS, rows).into_iter().find_map(|row| row.value.shape);
            let Some((shape, point)) = shape.and_then(|s| inner_point(&s).map(|p| (s, p))) else { continue };
            let name = plain(&countries().name(code, Lang::En));
            hosts.push(Site { code, region: name.clone(), name, shape, point });
            named += people;
        }
        if hosts.is_empty() {
            return Err(BuildError::Evidence(format!(
                "no country of asylum of refugees from {} has people and a boundary from {from} to {to}",
                self.home
            )));
        }
        hosts.sort_by_key(|h| h.code);
        let share = named as f64 / all as f64 * 100.0;
        self.notes.push(format!(
            "Countries of asylum are one place each, of the kind camp, without a limit: the {} with the largest stock \
             at the end of the period, which hold {share:.1}% of all refugees. The rest is registered elsewhere, and \
             takes no part in a run.",
            hosts.len()
        ));
        Ok(hosts)
    }

    fn conflicts(
        &mut self,
        areas: &[Site],
        events: &[Row<wegen_model::Event>],
        event_years: &BTreeSet<i32>,
        deaths: &BTreeMap<i32, f64>,
        (from, to): (i32, i32),
        days: Days,
    ) -> Result<Vec<Vec<f64>>, BuildError> {
        let codes: Vec<Code> = areas.iter().map(|a| a.code).collect();
        let tree = AreaTree::of(self.evidence, self.country)?;
        let counted = conflict::of_events(events, &tree, &codes, days, self.options.window);
        let mut intensity = counted.intensity;
        let window = self.options.window;
        if counted.by_day + counted.by_month + counted.by_year > 0 {
            self.notes.push(format!(
                "Conflict days: the intensity of an area is 1 on a day with an event of UCDP's in it{}, and 0 on other \
                 days; the number of deaths does not count.",
                if window > 1 { format!(" and on the {} days after it", window - 1) } else { String::new() }
            ));
        }
        for (number, what) in [(counted.by_month, "month"), (counted.by_year, "year")] {
            if number > 0 {
                self.notes.push(format!(
                    "{number} events are dated to a {what} in this evidence. They are spread evenly over its days, at most \
                     one a day and area: the order of days within a {what} is not known."
                ));
            }
        }
        if counted.nowhere > 0 {
            self.notes.push(format!(
                "{} events in the period name no area, or one that leads to none; they are left out.",
                counted.nowhere
            ));
        }
        if counted.several > 0 {
            self.notes.push(format!(
                "{} events are known for a wider area or for one of several; they count in each.",
                counted.several
            ));
        }
        let mut whole = Vec::new();
        for year in (from..=to).filter(|year| !within(event_years, *year)) {
            let Some(deaths) = deaths.get(&year) else {
                return Err(BuildError::Evidence(format!(
                    "the evidence holds nothing on conflict in {} in {year}",
                    self.home
                )));
            };
            let Some(span) = Days::of_years(year, year) else { continue };
            let first = usize::try_from(days.day(span.start)).unwrap_or(0);
            let level = conflict::of_deaths(*deaths);
            for area in &mut intensity {
                area.iter_mut().skip(first).take(span.days as usize).for_each(|i| *i = level);
            }
            whole.push(format!("{year} ({level})"));
        }
        if whole.is_empty() {
            let edition = self.evidence.edition();
            let unused: BTreeSet<SnapshotId> = edition.of(DEATHS.0).iter().map(|s| s.id).collect();
            self.used.entry(CONFLICTS).or_default().retain(|id| !unused.contains(id));
        } else {
            self.notes.push(format!(
                "Of these years no events by area are held: {}. The intensity in brackets holds in every area on every \
                 day: the country's deaths in UCDP's country-year table over 1,000, at most 1, and 0 below 25. Where \
                 in the country, and when in the year, is not known.",
                whole.join(", ")
            ));
        }
        Ok(intensity)
    }

    fn links(&mut self, areas: &[Site], hosts: &[Site]) -> Result<Vec<Link>, BuildError> {
        let shapes: BTreeMap<Code, Shape> = areas.iter().map(|a| (a.code, a.shape.clone())).collect();
        let place: BTreeMap<Code, usize> = areas.iter().enumerate().map(|(i, a)| (a.code, i)).collect();
        let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (one, beside) in neighbours(&shapes) {
            pairs.extend(beside.iter().map(|two| (place[&one].min(place[two]), place[&one].max(place[two]))));
        }
        self.join_up(areas, &mut pairs);

        let edges: Vec<Vec<Point>> = areas.iter().map(|a| boundary(&a.shape)).collect();
        let box_of = |pick: fn(f64, f64) -> f64, axis: usize, start: f64| {
            edges.iter().flatten().fold(start, |b, p| pick(b, p[axis]))
        };
        let (west, east) = (box_of(f64::min, 0, f64::INFINITY), box_of(f64::max, 0, f64::NEG_INFINITY));
        let (south, north) = (box_of(f64::min, 1, f64::INFINITY), box_of(f64::max, 1, f64::NEG_INFINITY));
        let near = |p: &Point| {
            (west - 0.3..=east + 0.3).contains(&p[0]) && (south - 0.3..=north + 0.3).contains(&p[1])
        };
        let mut border: BTreeSet<usize> = BTreeSet::new();
        let mut far = Vec::new();
        for (h, host) in hosts.iter().enumerate() {
            let theirs: Vec<Point> = boundary(&host.shape).into_iter().filter(near).collect();
            let beside: Vec<usize> = (0..areas.len()).filter(|a| touch(&edges[*a], &theirs)).collect();
            if beside.is_empty() {
                far.push(h);
            }
            border.extend(&beside);
            pairs.extend(beside.into_iter().map(|a| (a, areas.len() + h)));
        }
        for h in &far {
            let way = |a: &usize| great_circle_km(areas[*a].point, hosts[*h].point);
            let from: Vec<usize> = match border.is_empty() {
                true => (0..areas.len()).min_by(|a, b| way(a).total_cmp(&way(b))).into_iter().collect(),
                false => border.iter().copied().collect(),
            };
            pairs.extend(from.into_iter().map(|a| (a, areas.len() + h)));
        }
        let names =
            |some: &[usize]| some.iter().map(|h| hosts[*h].name.as_str()).collect::<Vec<&str>>().join(", ");
        if !far.is_empty() {
            self.notes.push(format!(
                "No border with {}: linked directly to {}, since the countries on the way are not modelled one by one.",
                names(&far),
                if border.is_empty() { "the nearest area" } else { "every area at a border with a country of asylum" }
            ));
        }
        for file in [LOCATIONS, ROUTES] {
            let boundaries = self.used.get(LOCATIONS).cloned().unwrap_or_default();
            self.used.entry(file).or_default().extend(boundaries);
        }
        self.lengths(areas.iter().chain(hosts).collect(), &pairs)
    }

    /// Links the nearest areas of parts that share no border with one another.
    fn join_up(&mut self, areas: &[Site], pairs: &mut BTreeSet<(usize, usize)>) {
        loop {
            let mut part: Vec<usize> = (0..areas.len()).collect();
            for _ in 0..areas.len() {
                let before = part.clone();
                for (a, b) in pairs.iter() {
                    let low = part[*a].min(part[*b]);
                    (part[*a], part[*b]) = (low, low);
                }
                if part == before {
                    break;
                }
            }
            let apart = (0..areas.len())
                .filter(|a| part[*a] == 0)
                .flat_map(|a| (0..areas.len()).filter(|b| part[*b] != 0).map(move |b| (a.min(b), a.max(b))));
            let way = |(a, b): &(usize, usize)| great_circle_km(areas[*a].point, areas[*b].point);
            let Some((a, b)) = apart.min_by(|one, two| way(one).total_cmp(&way(two)).then(one.cmp(two)))
            else {
                return;
            };
            self.notes.push(format!(
                "{} and {} share no border and are linked as the nearest to one another.",
                areas[a].name, areas[b].name
            ));
            pairs.insert((a, b));
        }
    }

    fn lengths(
        &mut self,
        sites: Vec<&Site>,
        pairs: &BTreeSet<(usize, usize)>,
    ) -> Result<Vec<Link>, BuildError> {
        let roads = self.options.roads.as_ref().map(Roads::parse).transpose()?;
        let codes: Vec<String> = sites.iter().map(|s| s.code.to_string()).collect();
        let names = |site: usize| [sites[site].name.as_str(), codes[site].as_str()];
        let mut ways = BTreeMap::new();
        let (mut links, mut by_road) = (Vec::new(), 0);
        for (a, b) in pairs {
            let road = roads.as_ref().and_then(|roads| {
                let from = ways.entry(*a).or_insert_with(|| roads.ways(&names(*a)));
                roads.to(from, &names(*b)).filter(|metres| *metres > 0)
            });
            let (metres, distance) = match road {
                Some(metres) => (metres, Distance::Road),
                None => {
                    let km = great_circle_km(sites[*a].point, sites[*b].point) * self.options.detour;
                    // Points within areas stand for no door: a hundred metres are as fine as anybody should read.
                    (((km * 10.0).round() as u64 * 100).max(100), Distance::GreatCircle)
                }
            };
            by_road += usize::from(distance == Distance::Road);
            links.push(Link {
                from: *a,
                to: *b,
                metres: u32::try_from(metres).unwrap_or(u32::MAX).min((Instance::LONGEST_KM * 1000.0) as u32),
                forced: Forced::No,
                max_move_speed: None,
                walk_probability: 0.0,
                distance,
            });
        }
        let beeline = links.len() - by_road;
        let detour = self.options.detour;
        if by_road > 0 {
            self.notes.push(format!(
                "{by_road} links have the length of the shortest way along the roads that were given."
            ));
        }
        if beeline > 0 {
            self.notes.push(format!(
                "{beeline} links have the length of the great circle between points within the two, times {detour}, our choice for the detour of \
                 roads; the point of an area lies far from its boundary, not where people live, and is given to a tenth of a degree."
            ));
        }
        Ok(links)
    }

    fn populations(&mut self, areas: &[Site], year: i32) -> Result<Vec<u64>, BuildError> {
        if let Some(given) = &self.options.populations {
            let table = tables::populations(given)?;
            let known = |name: &str| areas.iter().any(|a| a.name == name || a.code.as_str() == name);
            if let Some((name, (line, _))) = table.iter().find(|(name, _)| !known(name)) {
                return Err(given.wrong(*line, format!("'{name}' is no area of this instance")));
            }
            let mut populations = Vec::new();
            for area in areas {
                let Some((_, people)) = table.get(&area.name).or_else(|| table.get(area.code.as_str()))
                else {
                    let message =
                        format!("no row for {} ({}); one for each area was expected", area.name, area.code);
                    return Err(given.wrong(1, message));
                };
                populations.push(*people);
            }
            self.notes.push(format!("Populations of areas come from {}.", given.file));
            return Ok(populations);
        }
        let rows = self.observations(LOCATIONS, POPULATION.0, POPULATION.1)?;
        let by_year: BTreeMap<i32, f64> =
            rows.iter().map(|r| (r.value.period.year(), r.value.value)).collect();
        let nearest = by_year.range(..=year).next_back().or_else(|| by_year.iter().next());
        let Some((of, people)) = nearest else {
            return Err(BuildError::Evidence(format!(
                "the evidence holds no population of {}; a table of populations by area is needed",
                self.home
            )));
        };
        let each = (people / areas.len() as f64).floor().max(0.0) as u64;
        self.notes.push(format!(
            "No population by area is held. Each of the {} areas has an equal share of the {people:.0} people of {of} (World \
             Bank): this is our choice and not evidence, and shifts where people are displaced from. A table of \
             populations takes its place.",
            areas.len()
        ));
        Ok(vec![each; areas.len()])
    }

    fn registrations(
        &mut self,
        stocks: &Stocks,
        areas: &[Site],
        hosts: &[Site],
        days: Days,
    ) -> (Vec<Registered>, Vec<Series>) {
        let (from, to) =
            (i32::from(days.start.year()) - 1, i32::from(days.start.year()) + days.days as i32 / 365);
        let year_end =
            |year: i32| Days::of_years(year, year).map(|d| days.day(d.start) + i64::from(d.days) - 1);
        let series = |counts: &BTreeMap<i32, u64>| {
            let points = counts.iter().filter(|(year, _)| (from..=to).contains(*year));
            let points = points.filter_map(|(year, people)| Some((year_end(*year)?, *people as f64)));
            Series::new(points.filter(|(day, _)| *day < i64::from(days.days)).collect())
        };
        let mut registered = Vec::new();
        for (h, host) in hosts.iter().enumerate() {
            if let Some(series) = series(&stocks[&host.code]).filter(|s| !s.points().is_empty()) {
                registered.push(Registered { place: areas.len() + h, series });
            }
        }
        let mut rest: BTreeMap<i32, u64> = BTreeMap::new();
        for (code, counts) in stocks {
            if !hosts.iter().any(|h| h.code == *code) {
                counts.iter().for_each(|(year, people)| *rest.entry(*year).or_default() += people);
            }
        }
        let elsewhere = series(&rest).filter(|s| !s.points().is_empty());
        self.notes.push(
            "Registrations are UNHCR's refugees at the end of each year, as the last day of December; days in between lie on a line, which is \
             our reading of what happened within a year. Asylum-seekers are not in them. A fall of a stock counts more than people who \
             go home: naturalisation, resettlement and corrections of registers as well."
                .to_owned(),
        );
        (registered, elsewhere.into_iter().collect())
    }

    /// Tables to compare with: movements of displaced people by month and area, returns and displaced people by year.
    fn comparison(
        &mut self,
        areas: &[Site],
        from: i32,
        to: i32,
    ) -> Result<Vec<(String, String)>, BuildError> {
        let mut files = Vec::new();
        for (indicator, file) in
            [(indicator::IDP_MOVEMENTS, "idp-movements"), (indicator::IDP_RETURN_MOVEMENTS, "idp-returns")]
        {
            let rows = self.observations(COMPARISON, MOVEMENTS, indicator)?;
            let mut counts: BTreeMap<(String, Code), f64> = BTreeMap::new();
            for row in rows.iter().filter(|r| (from..=to).contains(&r.value.period.year())) {
                let name = row
                    .value
                    .dims
                    .as_deref()
                    .and_then(|d| d.split(';').find_map(|d| d.strip_prefix("area=")));
                let join = name.and_then(|n| crosswalk().join(MOVEMENTS, self.country, n));
                if let Some(Join::Area(code)) = join {
                    *counts.entry((row.value.period.to_string(), *code)).or_default() += row.value.value;
                }
            }
            if counts.is_empty() {
                continue;
            }
            let name = |code: &Code| areas.iter().find(|a| a.code == *code).map_or("", |a| a.name.as_str());
            let lines = counts.iter().map(|((month, code), persons)| {
                vec![month.clone(), code.to_string(), name(code).to_owned(), persons.to_string()]
            });
            files.push((
                format!("comparison/{file}.csv"),
                csv_text(["month", "code", "area", "persons"], lines),
            ));
        }
        for (indicator, file) in [
            (indicator::RETURNED_REFUGEES, "returned-refugees"),
            (indicator::RETURNED_IDPS, "returned-idps"),
            (indicator::IDPS, "idps"),
        ] {
            let mut counts: BTreeMap<(i32, Code), f64> = BTreeMap::new();
            for row in self.observations(COMPARISON, STOCKS, indicator)? {
                let year = row.value.period.year();
                let host = row.value.counterpart.unwrap_or(Code::UNKNOWN);
                if (from - 1..=to).contains(&year) && reports(&row.value) && row.value.value > 0.0 {
                    *counts.entry((year, host)).or_default() += row.value.value;
                }
            }
            if counts.is_empty() {
                continue;
            }
            let lines = counts
                .iter()
                .map(|((year, host), persons)| vec![year.to_string(), host.to_string(), persons.to_string()]);
            files.push((format!("comparison/{file}.csv"), csv_text(["year", "country", "persons"], lines)));
        }
        Ok(files)
    }

    /// What holds of every instance that is built here.
    fn say_rest(&mut self) {
        self.notes.push(
            "People displaced within the country at the start are in no place: the evidence does not say in which area they \
             are, and in these rules everybody in an area may go on to a country of asylum. The yearly total is in \
             comparison/idps.csv where it is held."
                .to_owned(),
        );
        self.notes.push("Borders are open and nothing is closed: the evidence holds no closures.".to_owned());
        self.notes.push(
            "Nobody moves on from a country of asylum but to go home (camp_movechance is 0, our choice: the rules' default \
             is meant for camps, and would empty a country by a third in a year). All other parameters of the rules have \
             their default; none is fitted."
                .to_owned(),
        );
        let withheld: BTreeSet<String> = self
            .evidence
            .edition()
            .snapshots
            .iter()
            .filter(|s| self.withheld.contains(&s.id))
            .map(|s| s.source.clone())
            .collect();
        if !withheld.is_empty() {
            let names: Vec<String> = withheld.into_iter().collect();
            self.notes
                .push(format!("Left out, since their rows may not be passed on: {}.", names.join(", ")));
        }
    }
}

/// Whether a year lies between the first and the last of some.
fn within(years: &BTreeSet<i32>, year: i32) -> bool {
    years.first().is_some_and(|first| *first <= year) && years.last().is_some_and(|last| year <= *last)
}

/// A tenth of a degree: places are not given more finely (rule R4).
fn coarse(degrees: f64) -> f64 {
    (degrees * 10.0).round() / 10.0
}

/// A name on one line, without space around it.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

fn csv_text<const N: usize>(columns: [&str; N], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(columns);
    rows.for_each(|row| {
        let _ = writer.write_record(row);
    });
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
