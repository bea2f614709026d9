//! The simulation: cohorts of people in the same state, moved by the rules of the instance.
//!
//! A day: conflict zones change, people are displaced, closures take effect, people leave, people travel and go on,
//! people are counted. People in the same state are exchangeable, so a cohort is split by binomial and multinomial
//! draws where an agent model draws for each; the distribution is the same, and the cost does not grow with the
//! number of people.
//!
//! Two things are approximate, both settable ([`Grain`](crate::Grain)) and measured in the tests against agents one
//! by one: camps fill up in sub-steps of the day, within which a cohort sees one occupancy; and cohorts that differ
//! little in recent travel and in distance become one, which is where they were on average.

mod choice;
mod day;
mod leave;
mod people;
mod places;
mod result;
mod returns;
mod travel;

use std::collections::{BTreeMap, BTreeSet};

pub use result::{Counts, Day, Run};

use crate::network::{NO_ROUTE, Network, Place, RouteId};
use crate::random::Streams;
use crate::{Arrivals, Closes, Compat, Instance, MovementError, ReturnSettings};

/// Everything that is the same for all members of an ensemble.
#[derive(Debug, Clone)]
pub struct Model<'i> {
    pub(crate) instance: &'i Instance,
    pub(crate) network: Network,
    pub(crate) returns: Option<ReturnSettings>,
    /// New people by day, from registrations.
    pub(crate) arrivals: Vec<u64>,
    /// What registrations fell by and has not been made up for, by day.
    pub(crate) debts: Vec<u64>,
    /// Days on which a closure begins or ends.
    pub(crate) turning: BTreeSet<i64>,
    /// With returns: for each place and day, on how many earlier days there was conflict.
    pub(crate) fought: Vec<Vec<u32>>,
}

/// For each day, on how many days before it there was conflict in a place.
fn fought(instance: &Instance, place: usize) -> Vec<u32> {
    let days = (0..instance.days).scan(0, |before, day| {
        let now = *before;
        *before += u32::from(instance.intensity(place, day) > 0.0);
        Some(now)
    });
    days.collect()
}

impl<'i> Model<'i> {
    /// The model of an instance; with `returns`, people may go home.
    ///
    /// # Errors
    /// Settings out of range, or an instance that cannot be run.
    pub fn new(instance: &'i Instance, returns: Option<ReturnSettings>) -> Result<Model<'i>, MovementError> {
        if let Some(fault) = instance.settings.fault() {
            return Err(MovementError::Instance(fault));
        }
        if instance.conflicts.len() != instance.locations.len() {
            return Err(MovementError::Instance("conflict days for each place were expected".to_owned()));
        }
        if instance.locations.len() >= usize::from(u16::MAX) && returns.is_some() {
            return Err(MovementError::Instance(
                "with returns, at most 65,534 places were expected".to_owned(),
            ));
        }
        let turning =
            instance.closures.iter().flat_map(|c| [Some(c.start), c.end]).flatten().chain([0]).collect();
        let (arrivals, debts) = registered_arrivals(instance);
        let places = if returns.is_some() { instance.locations.len() } else { 0 };
        let fought = (0..places).map(|place| fought(instance, place)).collect();
        Ok(Model { network: Network::new(instance), instance, returns, arrivals, debts, turning, fought })
    }

    /// Runs one member over the whole period.
    ///
    /// # Errors
    /// More routes than can be weighed.
    pub fn run(&self, seed: u64, member: u64) -> Result<Run, MovementError> {
        self.run_days(seed, member, self.instance.days)
    }

    /// Runs one member for the first days of the period, at most all of them: the same as those of a longer run.
    ///
    /// # Errors
    /// As [`Model::run`].
    pub fn run_days(&self, seed: u64, member: u64, days: u32) -> Result<Run, MovementError> {
        let mut simulation = day::Simulation::new(self, Streams::new(seed, member));
        let mut run = Run::new(self.instance.locations.len(), days);
        for day in 0..days {
            simulation.day(day)?;
            simulation.count(&mut run);
        }
        Ok(run)
    }

    /// How many persons a day registrations add, before any rule: what is conditioned on.
    pub fn arrivals(&self) -> &[u64] {
        &self.arrivals
    }

    /// The instance.
    pub fn instance(&self) -> &'i Instance {
        self.instance
    }

    /// The total of the registrations on a day.
    pub fn registered_total(&self, day: u32) -> u64 {
        let sum_from_camps = match self.instance.settings.arrivals {
            Arrivals::Registered { sum_from_camps } => sum_from_camps,
            _ => true,
        };
        registered_total(self.instance, sum_from_camps, i64::from(day)).max(0) as u64
    }

    /// What registrations have fallen by and new arrivals have not made up for, by day.
    pub fn debts(&self) -> &[u64] {
        &self.debts
    }
}

/// The total of the registrations on a day: over the camps, or of its own.
fn registered_total(instance: &Instance, sum_from_camps: bool, day: i64) -> i64 {
    if sum_from_camps {
        let elsewhere = (instance.settings.compat == Compat::Flee).then_some(&instance.elsewhere);
        let camps = instance.registered.iter().map(|r| &r.series).chain(elsewhere.into_iter().flatten());
        camps.map(|s| s.at(day) as i64).sum()
    } else {
        instance.total.as_ref().map_or(0, |s| s.at(day) as i64)
    }
}

/// New people by day: the increase of the registrations, less what they fell by before.
fn registered_arrivals(instance: &Instance) -> (Vec<u64>, Vec<u64>) {
    let Arrivals::Registered { sum_from_camps } = instance.settings.arrivals else {
        return (vec![0; instance.days as usize], vec![0; instance.days as usize]);
    };
    let count = |day: i64| registered_total(instance, sum_from_camps, day);
    let (mut arrivals, mut debts) = (Vec::new(), Vec::new());
    let (mut before, mut debt) = (0, 0);
    for day in 0..i64::from(instance.days) {
        let now = count(day);
        let new = if day == 0 && instance.settings.insert_day0 { 0 } else { now - before - debt };
        debt = (-new).max(0);
        arrivals.push(new.max(0) as u64);
        debts.push(debt as u64);
        before = now;
    }
    (arrivals, debts)
}

/// Whether a closure closes a camp on a day.
fn camp_closed(instance: &Instance, row: usize, day: i64) -> bool {
    instance
        .closures
        .iter()
        .any(|c| c.holds(day) && matches!(c.what, Closes::Camp(p) | Closes::IdpCamp(p) if p == row))
}

/// What a person is doing, beyond where they are: their home and how the day stands with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trip {
    /// The place they come from, or `UNKNOWN`.
    pub(crate) home: u16,
    /// In which month of the run they left (30 days).
    pub(crate) month: u16,
    pub(crate) status: Status,
}

/// Home is not known, or does not matter.
pub(crate) const UNKNOWN: u16 = u16::MAX;

impl Trip {
    pub(crate) const NONE: Trip = Trip { home: UNKNOWN, month: 0, status: Status::Displaced };
}

/// How it stands with a person's return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    /// Displaced, and not on the way home.
    Displaced,
    /// On the way home, or to the place nearest to it, by their own decision.
    Returning {
        /// Where to.
        target: u16,
        /// Because staying was made impossible.
        pushed: bool,
    },
    /// Waiting in the place nearest to home.
    Staged,
    /// At home again.
    Home,
}

/// What of a person's state changes seldom: interned, so that a state is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Base {
    /// What is left of their route.
    pub(crate) route: RouteId,
    pub(crate) trip: Trip,
    /// They have not travelled a leg yet.
    pub(crate) first: bool,
}

impl Base {
    pub(crate) const NONE: Base = Base { route: NO_ROUTE, trip: Trip::NONE, first: false };
}

/// The state of a person at a place or on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// The number of their [`Base`].
    pub(crate) base: u32,
    /// The index of recent travel, in 1/1024.
    pub(crate) recent: u32,
}

/// Numbers of bases.
#[derive(Debug)]
pub(crate) struct Bases {
    all: Vec<Base>,
    known: BTreeMap<Base, u32>,
}

impl Bases {
    fn new() -> Bases {
        Bases { all: vec![Base::NONE], known: BTreeMap::from([(Base::NONE, 0)]) }
    }

    pub(crate) fn get(&self, state: State) -> Base {
        self.all[state.base as usize]
    }

    pub(crate) fn number(&mut self, base: Base) -> u32 {
        if base == Base::NONE {
            return 0;
        }
        *self.known.entry(base).or_insert_with(|| {
            self.all.push(base);
            (self.all.len() - 1) as u32
        })
    }
}

/// The number of a state at a place or on a link: 32 bits of where, 32 of metres covered, 1 of whether the link was
/// closed meanwhile, 31 of the base, 32 of recent travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whereabouts {
    /// A place or a link.
    pub(crate) id: usize,
    /// Metres covered on a link.
    pub(crate) covered: u32,
    /// The link was closed meanwhile: it ends where it began.
    pub(crate) turned: bool,
    pub(crate) state: State,
}

impl Whereabouts {
    pub(crate) fn at(place: Place, state: State) -> Whereabouts {
        Whereabouts { id: place, covered: 0, turned: false, state }
    }

    pub(crate) fn key(self) -> u128 {
        let seldom =
            u64::from(self.turned) << 63 | u64::from(self.state.base) << 32 | u64::from(self.state.recent);
        u128::from((self.id as u64) << 32 | u64::from(self.covered)) << 64 | u128::from(seldom)
    }

    pub(crate) fn of(key: u128) -> Whereabouts {
        let (place, seldom) = ((key >> 64) as u64, key as u64);
        Whereabouts {
            id: (place >> 32) as usize,
            covered: place as u32,
            turned: seldom >> 63 == 1,
            state: State { base: (seldom >> 32) as u32 & 0x7fff_ffff, recent: seldom as u32 },
        }
    }
}
