//! An instance: places, links, closures, conflict days and registrations of one situation.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Series, Settings};

/// What a place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A place where there can be conflict.
    ConflictZone,
    /// A place that people leave with the default chance.
    Town,
    /// A camp, with a capacity.
    Camp,
    /// A camp of internally displaced people, with a capacity.
    IdpCamp,
    /// A place that people go on from at once.
    ForwardingHub,
    /// A point on a road: no destination, and no step of awareness.
    Marker,
}

impl Kind {
    /// Whether it is a camp of either kind.
    pub fn is_camp(self) -> bool {
        matches!(self, Kind::Camp | Kind::IdpCamp)
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Its name: unique within the instance.
    pub name: String,
    /// The area it lies in.
    pub region: String,
    /// The country it lies in.
    pub country: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// What it is.
    pub kind: Kind,
    /// For a conflict zone: the day the conflict begins where no conflict days are given.
    pub conflict_from: u32,
    /// Residents.
    pub population: u64,
    /// For a camp: how many it is for, 0 for no limit.
    pub capacity: u64,
    /// Further columns.
    pub attributes: BTreeMap<String, String>,
}

impl Location {
    /// A number among the further columns.
    pub fn attribute(&self, name: &str) -> Option<f64> {
        self.attributes.get(name)?.trim().parse().ok().filter(|v: &f64| v.is_finite())
    }
}

/// A two-way link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// One end: an index of [`Instance::locations`].
    pub from: usize,
    /// The other end.
    pub to: usize,
    /// Length in metres, at least 1.
    pub metres: u32,
    /// Who must take it.
    pub forced: Forced,
    /// Km a day on this link.
    pub max_move_speed: Option<f64>,
    /// Chance that somebody walks it, a day.
    pub walk_probability: f64,
    /// Where the distance comes from, where that is known.
    pub distance: Distance,
}

/// Where the length of a link comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// As given with the instance.
    #[default]
    Given,
    /// Along a road graph.
    Road,
    /// The great circle times a detour factor.
    GreatCircle,
}

/// `forced_redirection`: everybody at one end takes this link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forced {
    /// Nobody is forced.
    #[default]
    No,
    /// From the first to the second (1).
    Forward,
    /// From the second to the first (2).
    Backward,
}

/// What a closure closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closes {
    /// The links between two countries.
    Border(String, String),
    /// All links of a place.
    Place(usize),
    /// The links between two places.
    Link(usize, usize),
    /// A camp, which is a town meanwhile.
    Camp(usize),
    /// A camp of internally displaced people, which is a town meanwhile.
    IdpCamp(usize),
    /// Forced redirection between two places ends.
    ForcedRedirection(usize, usize),
}

/// Something closed for some days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// What.
    pub what: Closes,
    /// From this day.
    pub start: i64,
    /// Up to this day, which is open again; `None` for ever.
    pub end: Option<i64>,
}

impl Closure {
    /// Whether it holds on a day.
    pub fn holds(&self, day: i64) -> bool {
        self.start <= day && self.end.is_none_or(|end| day < end)
    }
}

/// A change of a camp's capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityChange {
    /// The camp.
    pub place: usize,
    /// From this day.
    pub day: u32,
    /// 0 for no limit.
    pub capacity: u64,
}

/// Registrations of one camp.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registered {
    /// The camp: an index of [`Instance::locations`].
    pub place: usize,
    /// The counts, corrected.
    pub series: Series,
}

/// One situation: everything a run needs, and what it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// What it is called: its folder's name.
    pub name: String,
    /// Day 0.
    pub start: Date,
    /// How many days.
    pub days: u32,
    /// Places; the country of the first is home.
    pub locations: Vec<Location>,
    /// Links.
    pub links: Vec<Link>,
    /// Closures.
    pub closures: Vec<Closure>,
    /// Intensity 0…1 by day for each place that has conflict days.
    pub conflicts: Vec<Option<Vec<f64>>>,
    /// Changes of capacity on the way, in any order.
    pub capacities: Vec<CapacityChange>,
    /// The total of its own.
    pub total: Option<Series>,
    /// Registrations by camp.
    pub registered: Vec<Registered>,
    /// Registrations of camps that are no places of this instance.
    pub elsewhere: Vec<Series>,
    /// The rules' parameters.
    pub settings: Settings,
    /// What was noticed while reading: settings without effect, camps without registrations, and columns, files and
    /// settings that are not followed.
    pub notes: Vec<String>,
}

impl Instance {
    /// Longer periods than a century are refused.
    pub const MOST_DAYS: u32 = 36_525;
    /// Longer links than the Earth's circumference are refused.
    pub const LONGEST_KM: f64 = 40_075.0;

    /// The intensity of conflict in a place on a day, 0 to 1.
    pub fn intensity(&self, place: usize, day: u32) -> f64 {
        let location = &self.locations[place];
        match &self.conflicts[place] {
            Some(series) => series.get(day as usize).copied().unwrap_or(0.0),
            None if location.kind == Kind::ConflictZone && location.conflict_from <= day => {
                location.attribute("conflict_intensity").unwrap_or(1.0).clamp(0.0, 1.0)
            }
            None => 0.0,
        }
    }

    /// Whether a place lies outside the country of the first.
    pub fn is_foreign(&self, place: usize) -> bool {
        self.locations[place].country != self.locations[0].country
    }

    /// The place of a name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.locations.iter().position(|l| l.name == name)
    }

    /// The date of a day.
    pub fn date(&self, day: u32) -> Date {
        self.start.saturating_add(jiff::Span::new().days(i64::from(day)))
    }

    /// Camps by what they are at the start, in the order of the file.
    pub fn camps(&self) -> impl Iterator<Item = usize> {
        (0..self.locations.len()).filter(|i| self.locations[*i].kind.is_camp())
    }

    /// Camps that have registrations: those that a run is compared at, in the order of the places.
    pub fn scored(&self) -> Vec<usize> {
        self.camps().filter(|c| self.registered.iter().any(|r| r.place == *c)).collect()
    }

    /// Registered at a camp on a day, truncated to persons.
    pub fn registered_at(&self, place: usize, day: u32) -> Option<u64> {
        self.registered.iter().find(|r| r.place == place).map(|r| r.series.at(i64::from(day)))
    }

    /// The same with every count and population multiplied.
    pub fn scaled(&self, factor: f64) -> Instance {
        let times = |n: u64| (n as f64 * factor).floor() as u64;
        let mut scaled = self.clone();
        for location in &mut scaled.locations {
            location.population = times(location.population);
            location.capacity = times(location.capacity);
        }
        for change in &mut scaled.capacities {
            change.capacity = times(change.capacity);
        }
        let series = scaled.registered.iter_mut().map(|r| &mut r.series);
        for series in series.chain(scaled.total.as_mut()).chain(&mut scaled.elsewhere) {
            series.scale(factor);
        }
        scaled
    }
}
