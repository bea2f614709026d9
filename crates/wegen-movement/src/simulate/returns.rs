//! Who sets out for home, and where they get to.

use std::mem::take;

use super::day::Simulation;
use super::people::{Cohort, People};
use super::{Base, State, Status, Trip, Whereabouts};
use crate::ReturnSettings;
use crate::network::{NO_ROUTE, Place};
use crate::random::{Draws, Purpose};

/// Days over which the trend of conflict is seen.
const TREND: u32 = 180;

/// A place on a day, as those who are there see it.
struct Here {
    place: Place,
    /// How staying lowers the hazard: by itself, and where people are pushed by it.
    staying: (f64, f64),
    /// The chance to be made to go.
    push: f64,
    draws: Draws,
}

impl Simulation<'_, '_> {
    /// People decide to set out for home; they leave with everybody else.
    pub(super) fn set_out_for_home(&mut self, day: u32) {
        let model = self.model;
        let Some(returns) = &model.returns else { return };
        let homes: Vec<(f64, f64)> =
            (0..self.places.len()).map(|home| self.at_home(returns, home, day)).collect();
        let mut cohorts = take(&mut self.at);
        cohorts.sort_unstable_by_key(|(here, _)| here.key());
        let mut kept: Vec<Cohort> = Vec::with_capacity(cohorts.len());
        let mut here: Option<Here> = None;
        for (at, people) in cohorts {
            let Whereabouts { id: place, state, .. } = at;
            let base = self.bases.get(state);
            let decides = matches!(base.trip.status, Status::Displaced | Status::Staged);
            if !Self::has_home(base.trip) || !decides || base.route != NO_ROUTE {
                kept.push((at, people));
                continue;
            }
            if here.as_ref().is_none_or(|h| h.place != place) {
                here = Some(self.here(returns, place, day));
            }
            if let Some(here) = &mut here {
                self.decide(returns, here, state, people, &homes, day, &mut kept);
            }
        }
        self.at = kept;
    }

    fn here(&self, returns: &ReturnSettings, place: Place, day: u32) -> Here {
        let row = self.network.row[place];
        let holds =
            |p: &&crate::Push| p.place == row && p.day <= day && p.until.is_none_or(|until| day < until);
        Here {
            place,
            staying: returns.staying_at(row, day),
            push: returns.pushes.iter().filter(holds).map(|p| p.daily).sum(),
            draws: self.streams.at(day, Purpose::Return, place),
        }
    }

    /// Security with its trend at a home, and the product of its conditions.
    fn at_home(&self, returns: &ReturnSettings, home: Place, day: u32) -> (f64, f64) {
        let state = &self.places[home];
        if state.conflict > 0.0 {
            return (0.0, 0.0);
        }
        let quiet = state.last_conflict.map_or(f64::from(day) + 1.0, |last| (i64::from(day) - last) as f64);
        let security = 1.0 - libm::exp(-quiet / returns.rates.quiet_days);
        let row = self.network.row[home];
        let (from, days) = (day.saturating_sub(TREND), f64::from(TREND.min(day + 1)));
        let until = &self.model.fought[row];
        let trend = 1.0 - (f64::from(until[day as usize] - until[from as usize]) / days).min(1.0);
        (security * trend, returns.conditions_at(row, day))
    }

    #[expect(clippy::too_many_arguments, reason = "a group, where it is and what it knows")]
    fn decide(
        &mut self,
        returns: &ReturnSettings,
        here: &mut Here,
        state: State,
        mut people: People,
        homes: &[(f64, f64)],
        day: u32,
        kept: &mut Vec<Cohort>,
    ) {
        let (rates, place) = (&returns.rates, here.place);
        let trip = self.bases.get(state).trip;
        let home = usize::from(trip.home);
        let (security, conditions) = homes[home];
        let staged = trip.status == Status::Staged;
        let far = if home == place { Some(0) } else { self.way_home(place, home).map(|(_, metres)| metres) };
        let near = far.map_or(0.0, |metres| libm::exp(-(metres as f64 / 1000.0) / rates.distance_km));
        let months = (f64::from(day) / 30.0 - f64::from(trip.month)).max(0.0);
        let wish = rates.fades_to + (1.0 - rates.fades_to) * libm::exp(-months / rates.fades_months);
        let base = rates.daily * security * conditions * near;
        let (own, all) =
            if staged { (base, base) } else { (base * here.staying.0 * wish, base * here.staying.1 * wish) };
        let own_way = people.take(here.draws.binomial(people.number(), own));
        let made_to = (all - own + if far.is_some() { here.push } else { 0.0 }).clamp(0.0, 1.0);
        let mut pushed = people.take(here.draws.binomial(people.number(), made_to));
        kept.push((Whereabouts::at(place, state), people));
        // Conditions at home stand between the nearest place and home itself; who is pushed goes all the way.
        let mut going = own_way;
        let arrives = if staged { 1.0 } else { conditions };
        let all_the_way = going.take(here.draws.binomial(going.number(), arrives));
        let nearest = if going.number() > 0 { self.stage(home) } else { None };
        self.head_for(place, state, all_the_way, Some(home), false, kept);
        self.head_for(place, state, going, nearest, false, kept);
        self.head_for(place, state, pushed.all(), Some(home), true, kept);
    }

    fn head_for(
        &mut self,
        place: Place,
        state: State,
        some: People,
        target: Option<Place>,
        pushed: bool,
        kept: &mut Vec<Cohort>,
    ) {
        if some.number() == 0 {
            return;
        }
        let base = self.bases.get(state);
        let home = usize::from(base.trip.home);
        let status = match target {
            None => base.trip.status,
            Some(target) if target == place && target == home => {
                self.occupancy[place] -= some.number();
                self.home[place] += some.number();
                Status::Home
            }
            Some(target) if target == place => Status::Staged,
            Some(target) => Status::Returning { target: target as u16, pushed },
        };
        if matches!(status, Status::Home | Status::Returning { .. }) {
            if pushed {
                self.whole.pushed += some.number();
            } else {
                self.whole.set_out += some.number();
            }
        }
        let base = self.bases.number(Base { trip: Trip { status, ..base.trip }, ..base });
        kept.push((Whereabouts::at(place, State { base, ..state }), some));
    }

    /// The place nearest to a home where people wait: no conflict, no marker, reachable.
    fn stage(&mut self, home: Place) -> Option<Place> {
        let network = &self.network;
        let ways = self.towards.entry(home).or_insert_with(|| network.towards(home));
        (0..self.places.len())
            .filter(|p| *p != home && self.places[*p].conflict <= 0.0 && !self.network.marker[*p])
            .filter_map(|p| ways[p].map(|(_, metres)| (metres, p)))
            .min()
            .map(|(_, place)| place)
    }

    /// The chance that somebody at home leaves again.
    pub(super) fn leaves_home_again(&self, home: Place, in_conflict: f64, day: u32) -> f64 {
        if self.places[home].conflict > 0.0 {
            return in_conflict;
        }
        self.model.returns.as_ref().map_or(0.0, |returns| {
            let unmet = 1.0 - returns.conditions_at(self.network.row[home], day);
            returns.rates.leaves_again * unmet.clamp(0.0, 1.0)
        })
    }
}
