//! Small instances, made for a purpose.

use std::collections::BTreeMap;

use wegen_movement::{
    Closes, Closure, Distance, Forced, Instance, Kind, Link, Location, Registered, Series, Settings,
};

/// A place of a kind: population of a town or zone, capacity of a camp.
pub fn place(name: &str, country: &str, kind: Kind, people: u64) -> Location {
    let number = name.bytes().fold(7u64, |h, b| h.wrapping_mul(31).wrapping_add(u64::from(b)));
    Location {
        name: name.to_owned(),
        region: name.to_owned(),
        country: country.to_owned(),
        latitude: (number % 50) as f64,
        longitude: (number / 50 % 50) as f64,
        kind,
        conflict_from: 0,
        population: if kind.is_camp() { 0 } else { people },
        capacity: if kind.is_camp() { people } else { 0 },
        attributes: BTreeMap::new(),
    }
}

/// A link of some kilometres between two places by their numbers.
pub fn link(from: usize, to: usize, km: f64) -> Link {
    Link {
        from,
        to,
        metres: (km * 1000.0) as u32,
        forced: Forced::No,
        max_move_speed: None,
        walk_probability: 0.0,
        distance: Distance::Given,
    }
}

/// An instance of places and links; registrations only in total, rising from 0 by `daily` a day.
pub fn instance(
    locations: Vec<Location>,
    links: Vec<Link>,
    days: u32,
    daily: u64,
    settings: Settings,
) -> Instance {
    let n = locations.len();
    let rising = Series::new(vec![(0, 0.0), (i64::from(days), (daily * u64::from(days)) as f64)]).unwrap();
    let camp = locations.iter().position(|l| l.kind.is_camp()).unwrap();
    Instance {
        name: "made".to_owned(),
        start: jiff::civil::date(2020, 1, 1),
        days,
        locations,
        links,
        closures: Vec::new(),
        conflicts: vec![None; n],
        capacities: Vec::new(),
        total: None,
        registered: vec![Registered { place: camp, series: rising }],
        elsewhere: Vec::new(),
        settings,
        notes: Vec::new(),
    }
}

/// A closure of something from one day to another.
pub fn closed(what: Closes, start: i64, end: i64) -> Closure {
    Closure { what, start, end: (end >= 0).then_some(end) }
}

/// Two zones, a town, a marker, a hub and three camps abroad: every rule has something to do.
///
/// ```text
/// 0 zone ─ 2 town ─ 3 marker ─ 5 camp
/// 1 zone ─┘   └──── 4 hub ──── 6 camp
///                     └─────── 7 camp
/// ```
pub fn varied(settings: Settings) -> Instance {
    let locations = vec![
        place("North", "home", Kind::ConflictZone, 4000),
        place("South", "home", Kind::ConflictZone, 9000),
        place("Middle", "home", Kind::Town, 500),
        place("Bend", "home", Kind::Marker, 0),
        place("Post", "near", Kind::ForwardingHub, 0),
        place("Eastern", "near", Kind::Camp, 0),
        place("Western", "near", Kind::Camp, 0),
        place("Far", "away", Kind::Camp, 0),
    ];
    let links = vec![
        link(0, 2, 90.0),
        link(1, 2, 150.0),
        link(0, 1, 210.0),
        link(2, 3, 120.0),
        link(3, 5, 330.0),
        link(2, 4, 260.0),
        link(4, 6, 45.0),
        link(4, 7, 510.0),
    ];
    let mut made = instance(locations, links, 40, 12, settings);
    let intensity = |f: &dyn Fn(u32) -> f64| Some((0..40).map(f).collect());
    made.conflicts[0] = intensity(&|d| f64::from(u8::from(d % 20 < 14)));
    made.conflicts[1] = intensity(&|d| if d >= 5 { 0.5 } else { 0.0 });
    made.closures = vec![
        closed(Closes::Border("home".to_owned(), "near".to_owned()), 9, 14),
        closed(Closes::Place(7), 20, 25),
    ];
    made
}
