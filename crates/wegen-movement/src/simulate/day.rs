//! A run under way, and what happens on a day before anybody moves.

use std::collections::BTreeMap;

use super::choice::Table;
use super::people::{Cohort, Gathering, Register, Steps};
use super::places::{self, PlaceDay};
use super::result::{Day, Run};
use super::travel::PARTS;
use super::{Base, Bases, Model, State, Status, Trip, UNKNOWN, Whereabouts};
use crate::network::{LinkId, NO_ROUTE, Network, Place, metres};
use crate::random::{Draws, Purpose, Streams};
use crate::{Arrivals, Compat, MovementError};

/// A run under way.
pub(super) struct Simulation<'m, 'i> {
    pub(super) model: &'m Model<'i>,
    pub(super) streams: Streams,
    pub(super) network: Network,
    pub(super) places: Vec<PlaceDay>,
    pub(super) bases: Bases,
    /// People at places, in the order of places and states.
    pub(super) at: Vec<Cohort>,
    /// People on links, in the order of links and states.
    pub(super) on: Vec<Cohort>,
    /// People who stay where they are until tomorrow, at places and on links.
    pub(super) settled: Gathering,
    pub(super) resting: Gathering,
    /// Displaced people at each place.
    pub(super) occupancy: Vec<u64>,
    /// People at home again at each place.
    pub(super) home: Vec<u64>,
    pub(super) register: Register,
    pub(super) tables: Vec<Option<Box<Table>>>,
    pub(super) epoch: u32,
    /// The next link towards a target from each place.
    pub(super) towards: BTreeMap<Place, Vec<Option<(LinkId, u64)>>>,
    pub(super) waiting: u64,
    pub(super) whole: Day,
    pub(super) today: u32,
    /// Parts of a day's travel in a metre.
    pub(super) parts_a_metre: f64,
    /// Metres a day, and on foot.
    pub(super) speed: u32,
    pub(super) walk: u32,
    pub(super) going_on: Vec<Option<Box<Draws>>>,
    pub(super) shares: Vec<(usize, u64)>,
}

impl<'m, 'i> Simulation<'m, 'i> {
    pub(super) fn new(model: &'m Model<'i>, streams: Streams) -> Simulation<'m, 'i> {
        let steps = Steps::of(&model.instance.settings);
        let network = model.network.clone();
        let n = network.row.len();
        Simulation {
            places: network.row.iter().map(|row| PlaceDay::new(model.instance, *row)).collect(),
            bases: Bases::new(),
            at: Vec::new(),
            on: Vec::new(),
            settled: Gathering::new(steps),
            resting: Gathering::new(steps),
            shares: Vec::new(),
            occupancy: vec![0; n],
            home: vec![0; n],
            register: Register::default(),
            tables: std::iter::repeat_with(|| None).take(n).collect(),
            epoch: 0,
            towards: BTreeMap::new(),
            waiting: 0,
            whole: Day::default(),
            today: 0,
            parts_a_metre: PARTS as f64 / f64::from(metres(model.instance.settings.max_move_speed)),
            speed: metres(model.instance.settings.max_move_speed),
            walk: metres(model.instance.settings.max_walk_speed),
            going_on: std::iter::repeat_with(|| None).take(n).collect(),
            model,
            streams,
            network,
        }
    }

    /// Everything that happens on a day.
    pub(super) fn day(&mut self, day: u32) -> Result<(), MovementError> {
        self.today = day;
        let model = self.model;
        let changed = places::update(&mut self.places, &self.network, model.instance, day);
        places::capacities(&mut self.places, &self.network, model.instance, day);
        if day == 0 {
            self.day_zero();
        }
        self.displace(day, changed);
        if model.turning.contains(&i64::from(day)) {
            self.close(i64::from(day));
        }
        places::score(&mut self.places, model.instance, day);
        self.set_out_for_home(day);
        self.leave(day)?;
        self.travel()?;
        self.settled.take(&mut self.at);
        self.resting.take(&mut self.on);
        Ok(())
    }

    /// Counts everybody. Nobody is lost: those counted are those who entered.
    pub(super) fn count(&mut self, run: &mut Run) {
        let travelling: u64 = self.on.iter().map(|(_, people)| people.number()).sum();
        let standing: u64 = self.at.iter().map(|(_, people)| people.number()).sum();
        let by_place: u64 = self.occupancy.iter().chain(&self.home).sum();
        assert_eq!(standing + travelling, self.register.entered(), "people were lost or made up");
        assert_eq!(standing, by_place, "people are not where they are counted");
        self.whole.travelling = travelling;
        self.whole.entered = self.register.entered();
        self.whole.unplaced = self.waiting;
        let rows =
            |counts: &[u64]| -> Vec<u64> { self.network.place.iter().map(|place| counts[*place]).collect() };
        let home = self.model.returns.is_some().then(|| rows(&self.home));
        run.push(self.whole, &rows(&self.occupancy), home.as_deref());
    }

    fn enter(&mut self, place: Place, number: u64, home: Option<Place>, day: u32) {
        if number == 0 {
            return;
        }
        let trip = match (home, &self.model.returns) {
            (Some(home), Some(_)) => {
                Trip { home: home as u16, month: (day / 30) as u16, status: Status::Displaced }
            }
            _ => Trip::NONE,
        };
        let people = self.register.enter(number);
        self.occupancy[place] += number;
        let first = self.model.instance.settings.start_on_foot;
        let base = self.bases.number(Base { route: NO_ROUTE, trip, first });
        self.at.push((Whereabouts::at(place, State { base, recent: 0 }), people));
    }

    /// Camps start with their registrations of day 0. Where from, where that matters, is drawn as for everybody
    /// else on that day.
    fn day_zero(&mut self) {
        let instance = self.model.instance;
        let weights: Vec<f64> = self.places.iter().map(|p| places::spawn_weight(p, instance, 0)).collect();
        let cumulative = sums(&weights);
        for row in instance.camps() {
            let place = self.network.place[row];
            let counted = match instance.settings.insert_day0 {
                true => instance.registered_at(row, 0).unwrap_or(0),
                false => 0,
            };
            let before = instance.locations[row].attribute("initial_idps").unwrap_or(0.0).max(0.0) as u64;
            let number = counted + before / instance.settings.hasten;
            if instance.settings.compat == Compat::Flee {
                // Flee 3 takes those who are there from the capacity, and counts them against it as well.
                let left = instance.locations[row].capacity as f64 - number as f64;
                self.places[place].capacity = left * instance.settings.capacity_scaling;
            }
            if self.model.returns.is_none() || cumulative.last().is_none_or(|total| *total <= 0.0) {
                self.enter(place, number, None, 0);
                continue;
            }
            let mut homes = Vec::new();
            let mut draws = self.streams.at(0, Purpose::Spawn, place + 1);
            draws.split(number, &cumulative, |home, some| homes.push((home, some)));
            for (home, some) in homes {
                self.enter(place, some, Some(home), 0);
            }
        }
    }

    /// New displaced people.
    fn displace(&mut self, day: u32, changed: bool) {
        let model = self.model;
        let rules = &model.instance.settings;
        // Flee 3 refreshes weights when a zone begins or ends, and otherwise uses those of the day before.
        let clock = match rules.compat {
            Compat::Flee if !changed && day > 0 => i64::from(day) - 1,
            _ => i64::from(day),
        };
        let zones: Vec<Place> = (0..self.places.len()).filter(|p| self.places[*p].conflict > 0.0).collect();
        if let Arrivals::Registered { .. } = rules.arrivals {
            let mut left = model.arrivals[day as usize] + self.waiting;
            let mut draws = self.streams.at(day, Purpose::Spawn, 0);
            loop {
                let weights: Vec<f64> = zones
                    .iter()
                    .map(|p| places::spawn_weight(&self.places[*p], model.instance, clock))
                    .collect();
                let cumulative = sums(&weights);
                if left == 0 || cumulative.last().is_none_or(|total| *total <= 0.0) {
                    break;
                }
                let mut drawn = Vec::new();
                draws.split(left, &cumulative, |zone, number| drawn.push((zones[zone], number)));
                left = drawn
                    .into_iter()
                    .map(|(zone, number)| number - self.displace_from(zone, number, day))
                    .sum();
            }
            self.waiting = left;
            return;
        }
        for zone in zones {
            let state = &self.places[zone];
            let mut draws = self.streams.at(day, Purpose::Spawn, zone + 1);
            let number = match rules.arrivals {
                Arrivals::Constant { persons } => (persons * state.conflict) as u64,
                Arrivals::Share { share } => (share * state.population as f64 * state.conflict) as u64,
                Arrivals::Poisson { persons } => draws.poisson(persons * state.conflict),
                Arrivals::Hazard { rate } => {
                    draws.poisson(rate * places::spawn_weight(state, model.instance, i64::from(day)))
                }
                Arrivals::Registered { .. } => 0,
            };
            self.displace_from(zone, number, day);
        }
    }

    /// Displaces people from a zone, and says how many: no more than live there, where they are taken from them.
    fn displace_from(&mut self, zone: Place, number: u64, day: u32) -> u64 {
        let state = &mut self.places[zone];
        let number = if self.model.instance.settings.take_from_population {
            let taken = number.min(state.population);
            state.population -= taken;
            taken
        } else {
            number
        };
        self.enter(zone, number, Some(zone), day);
        number
    }

    fn close(&mut self, day: i64) {
        let before = self.network.open.clone();
        if self.network.close(self.model.instance, day) {
            self.epoch += 1;
            self.towards.clear();
            for (here, _) in &mut self.on {
                here.turned |= before[here.id] && !self.network.open[here.id];
            }
        }
        if self.model.instance.settings.compat == Compat::Flee {
            places::camps_as_flee(&mut self.places, &self.network, self.model.instance, day);
        }
    }

    /// The next link on the shortest open way to a place, and the way's length in metres.
    pub(super) fn way_home(&mut self, from: Place, target: Place) -> Option<(LinkId, u64)> {
        let network = &self.network;
        self.towards.entry(target).or_insert_with(|| network.towards(target))[from]
    }

    /// Whether a home is known.
    pub(super) fn has_home(trip: Trip) -> bool {
        trip.home != UNKNOWN
    }
}

/// Sums up to each weight.
pub(super) fn sums(weights: &[f64]) -> Vec<f64> {
    weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}
