//! A day on the road: legs, arrivals, and who goes on.

use std::collections::BTreeMap;
use std::mem::take;

use super::day::Simulation;
use super::people::{Cohort, Gathering, People, Steps};
use super::{State, Status, Whereabouts};
use crate::network::{NO_ROUTE, Place};
use crate::random::{Draws, Purpose};
use crate::{Compat, MovementError};

/// Nobody arrives more often than this within a day.
const MOST_HOPS: usize = 1_000;
/// The index of recent travel counts in this many parts.
pub(super) const PARTS: u64 = 1_024;

/// People who arrived with some of the day left, by the metres travelled today.
pub(super) struct Agenda {
    steps: Steps,
    /// By steps. The metres that their whereabouts have covered are those travelled today.
    by_metres: BTreeMap<u32, Gathering>,
    spare: Vec<Gathering>,
}

impl Agenda {
    fn new(steps: Steps) -> Agenda {
        Agenda { steps, by_metres: BTreeMap::new(), spare: Vec::new() }
    }

    fn add(&mut self, moved: u32, place: Place, state: State, people: People) {
        let (steps, spare) = (self.steps, &mut self.spare);
        let gathering = self
            .by_metres
            .entry(moved / steps.metres)
            .or_insert_with(|| spare.pop().unwrap_or_else(|| Gathering::new(steps)));
        gathering.add(Whereabouts { covered: moved, ..Whereabouts::at(place, state) }, people);
    }

    /// Those who have come least far; nobody where all have gone on.
    fn next(&mut self, into: &mut Vec<Cohort>) -> bool {
        let Some((_, mut gathering)) = self.by_metres.pop_first() else { return false };
        gathering.take(into);
        self.spare.push(gathering);
        true
    }
}

impl Simulation<'_, '_> {
    /// Everybody on a link travels; who arrives with time left goes on, in the order of how far they have come.
    pub(super) fn travel(&mut self) -> Result<(), MovementError> {
        let slices = self.slices();
        let mut on = take(&mut self.on);
        let (mut agenda, mut arrived) = (Agenda::new(Steps::of(&self.model.instance.settings)), Vec::new());
        let sizes: Vec<u64> = on.iter().map(|(_, people)| people.number()).collect();
        for slice in 0..slices {
            for (number, (here, people)) in on.iter_mut().enumerate() {
                // Evenly over the day, each cohort from an offset of its own. Which of a cohort come first does not
                // matter: they are exchangeable.
                let offset = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
                let upto = |slice: u64| {
                    let spread = u128::from(sizes[number]) * u128::from(slice) + u128::from(offset % slices);
                    (spread / u128::from(slices)) as u64
                };
                let some = people.take(upto(slice + 1) - upto(slice));
                self.leg(*here, 0, some, &mut agenda);
            }
            let mut hops = 0;
            while agenda.next(&mut arrived) {
                hops += 1;
                for (Whereabouts { id: place, covered: moved, state, .. }, people) in arrived.drain(..) {
                    if hops > MOST_HOPS {
                        self.settle(place, state, moved, people);
                    } else {
                        self.go_on(place, state, moved, people, &mut agenda)?;
                    }
                }
            }
        }
        self.going_on.iter_mut().for_each(|draws| *draws = None);
        Ok(())
    }

    /// In how many parts the day is travelled: one where no camp fills up today, more the faster one may.
    fn slices(&self) -> u64 {
        let rules = &self.model.instance.settings;
        let travelling: u64 = self.on.iter().map(|(_, people)| people.number()).sum();
        let most = (1.0 / rules.grain.capacity.max(0.001)).ceil();
        let mut slices: f64 = 1.0;
        for (place, state) in self.places.iter().enumerate().filter(|(_, p)| p.capacity >= 1.0) {
            let people = self.occupancy[place] as f64;
            let full = people + travelling as f64;
            if people < state.capacity && full > rules.capacity_buffer * state.capacity {
                let step = (rules.grain.capacity * (1.0 - rules.capacity_buffer) * state.capacity).max(1.0);
                slices = slices.max((travelling as f64 / step).ceil().min(most));
            }
        }
        slices as u64
    }

    /// A leg of a day's travel.
    pub(super) fn leg(&mut self, start: Whereabouts, moved: u32, mut people: People, agenda: &mut Agenda) {
        if people.number() == 0 {
            return;
        }
        let rules = &self.model.instance.settings;
        let directed = &self.network.links[start.id];
        let drives = directed.speed.unwrap_or(self.speed);
        let walks = rules.start_on_foot && self.bases.get(start.state).first;
        let speed = if walks { self.walk } else { drives };
        let chance = directed.walk_probability;
        if chance > 0.0 && speed != self.walk {
            let from = directed.from;
            let walkers = self.going_on(from).binomial(people.number(), chance);
            let walkers = people.take(walkers);
            self.covers(start, moved, self.walk, walkers, agenda);
        }
        self.covers(start, moved, speed, people, agenda);
    }

    fn covers(&mut self, start: Whereabouts, moved: u32, speed: u32, people: People, agenda: &mut Agenda) {
        if people.number() == 0 {
            return;
        }
        let (from, to, length) = {
            let directed = &self.network.links[start.id];
            (directed.from, directed.to, directed.metres)
        };
        // Flee 3 gives a leg that begins within the day the whole day's distance once more.
        let step = match self.model.instance.settings.compat {
            Compat::Flee => speed,
            Compat::Rules => speed.saturating_sub(moved),
        };
        let covered = start.covered.saturating_add(step);
        if covered <= length {
            self.rest(Whereabouts { covered, ..start }, moved.saturating_add(step), people);
            return;
        }
        let moved = moved.saturating_add(step).saturating_sub(covered - length);
        let (mut base, mut state) = (self.bases.get(start.state), start.state);
        if base.first {
            base.first = false;
            state.base = self.bases.number(base);
        }
        if start.turned {
            self.occupancy[from] += people.number();
            self.settle(from, state, moved, people);
            return;
        }
        if let Status::Returning { target, .. } = base.trip.status
            && usize::from(target) == to
        {
            if base.trip.home == target {
                base.trip.status = Status::Home;
                self.home[to] += people.number();
            } else {
                base.trip.status = Status::Staged;
                self.occupancy[to] += people.number();
            }
            state.base = self.bases.number(base);
            self.settle(to, state, moved, people);
            return;
        }
        self.occupancy[to] += people.number();
        if moved >= speed {
            self.settle(to, state, moved, people);
            return;
        }
        agenda.add(moved, to, state, people);
    }

    /// People who arrived at a place with some of the day left go on, or stay.
    fn go_on(
        &mut self,
        place: Place,
        state: State,
        moved: u32,
        mut people: People,
        agenda: &mut Agenda,
    ) -> Result<(), MovementError> {
        let whole = u64::from(self.speed);
        let tired = u64::from(state.recent) * whole + u64::from(moved) * PARTS >= PARTS * whole;
        let stints = self.model.instance.settings.avoid_short_stints;
        let base = self.bases.get(state);
        let goes_on = match base.trip.status {
            Status::Returning { .. } => true,
            _ => base.route != NO_ROUTE || (stints && self.places[place].town && !tired),
        };
        let row = self.network.row[place];
        let chance = if goes_on { 1.0 } else { self.places[place].leaving(self.model.instance, row) };
        self.going_on(place);
        let Some(mut draws) = self.going_on[place].take() else { return Ok(()) };
        let mut leaving = people.take(draws.binomial(people.number(), chance));
        self.settle(place, state, moved, people);
        while leaving.number() > 0 {
            let some = leaving.take(self.at_once(place, leaving.number())?);
            self.depart(place, state, moved, some, &mut draws, Some(agenda))?;
        }
        self.going_on[place] = Some(draws);
        Ok(())
    }

    /// Leaves people where they are for the day.
    pub(super) fn settle(&mut self, place: Place, state: State, moved: u32, people: People) {
        let recent = self.recent(state.recent, moved);
        self.settled.add(Whereabouts::at(place, State { recent, ..state }), people);
    }

    /// Leaves people on a link for the day.
    fn rest(&mut self, here: Whereabouts, moved: u32, people: People) {
        let recent = self.recent(here.state.recent, moved);
        self.resting.add(Whereabouts { state: State { recent, ..here.state }, ..here }, people);
    }

    /// The index of recent travel after a day on which somebody moved so far.
    fn recent(&self, before: u32, moved: u32) -> u32 {
        if !self.model.instance.settings.avoid_short_stints {
            return 0;
        }
        let today = (f64::from(moved) * self.parts_a_metre + 0.5) as u32;
        before.saturating_add(today) / 2
    }

    /// The stream of what happens at a place within the day.
    fn going_on(&mut self, place: Place) -> &mut Draws {
        let (streams, today) = (&self.streams, self.today);
        self.going_on[place].get_or_insert_with(|| Box::new(streams.at(today, Purpose::GoOn, place)))
    }
}
