//! What places are on a day: in conflict or not, camps or not, how full.

use super::camp_closed;
use crate::network::{Network, Place};
use crate::{Compat, Instance, Kind};

/// A place on a day.
#[derive(Debug, Clone)]
pub(super) struct PlaceDay {
    pub(super) camp: bool,
    pub(super) town: bool,
    /// Chance to leave, a day, before the effect of population.
    pub(super) movechance: f64,
    /// Intensity, 0 where there is none.
    pub(super) conflict: f64,
    /// The day on which conflict began.
    pub(super) since: i64,
    /// The last day with conflict so far.
    pub(super) last_conflict: Option<i64>,
    pub(super) score: f64,
    pub(super) population: u64,
    /// Persons that fit in, 0 for no limit.
    pub(super) capacity: f64,
    pub(super) foreign: bool,
}

impl PlaceDay {
    pub(super) fn new(instance: &Instance, row: usize) -> PlaceDay {
        let location = &instance.locations[row];
        let rules = &instance.settings;
        // Flee 3 begins with the zones whose day is 0, and lets them be where no column of conflicts.csv speaks of them.
        let begins = rules.compat == Compat::Flee
            && location.kind == Kind::ConflictZone
            && location.conflict_from == 0;
        let kind = match location.kind {
            Kind::ConflictZone if !begins => Kind::Town,
            kind => kind,
        };
        PlaceDay {
            camp: kind.is_camp(),
            town: kind == Kind::Town,
            movechance: match kind {
                Kind::ConflictZone => rules.conflict_movechance,
                Kind::Town => rules.default_movechance,
                Kind::Camp => rules.camp_movechance,
                Kind::IdpCamp => rules.idpcamp_movechance,
                Kind::ForwardingHub | Kind::Marker => 1.0,
            },
            conflict: if begins { location.attribute("conflict_intensity").unwrap_or(1.0) } else { 0.0 },
            since: -1,
            last_conflict: None,
            score: 1.0,
            population: location.population,
            capacity: location.capacity as f64 * rules.capacity_scaling,
            foreign: instance.is_foreign(row),
        }
    }

    /// The factor by which a camp that fills up is chosen less.
    pub(super) fn room(&self, people: u64, buffer: f64) -> f64 {
        let (people, capacity) = (people as f64, self.capacity);
        if capacity < 1.0 || people <= buffer * capacity {
            1.0
        } else if people >= capacity {
            0.0
        } else {
            (1.0 - (people - buffer * capacity) / (capacity * (1.0 - buffer))).clamp(0.0, 1.0)
        }
    }

    /// The chance to leave, with the effect of population.
    pub(super) fn leaving(&self, instance: &Instance, row: usize) -> f64 {
        let rules = &instance.settings;
        if rules.movechance_pop_scale_factor == 0.0 {
            return self.movechance;
        }
        let size = self.population.max(instance.locations[row].capacity) as f64;
        let factor = libm::pow(size / rules.movechance_pop_base, rules.movechance_pop_scale_factor);
        (self.movechance * factor).clamp(0.0, 1.0)
    }
}

/// Brings all places to a day; `true` where a zone began or ended.
pub(super) fn update(places: &mut [PlaceDay], network: &Network, instance: &Instance, day: u32) -> bool {
    let mut changed = false;
    for (place, state) in places.iter_mut().enumerate() {
        let row = network.row[place];
        changed |= match instance.settings.compat {
            Compat::Rules => by_rules(state, instance, row, day),
            Compat::Flee => as_flee(state, instance, row, day),
        };
        if state.conflict > 0.0 {
            state.last_conflict = Some(i64::from(day));
        }
    }
    changed
}

fn by_rules(state: &mut PlaceDay, instance: &Instance, row: usize, day: u32) -> bool {
    let rules = &instance.settings;
    let now = instance.intensity(row, day);
    let changed = (now > 0.0) != (state.conflict > 0.0);
    if now > 0.0 && changed {
        state.since = i64::from(day);
    }
    state.conflict = now;
    let kind = instance.locations[row].kind;
    let closed = kind.is_camp() && camp_closed(instance, row, i64::from(day));
    state.camp = kind.is_camp() && !closed;
    state.town = now == 0.0 && (closed || matches!(kind, Kind::Town | Kind::ConflictZone));
    state.movechance = if now > 0.0 {
        rules.conflict_movechance
    } else if state.town {
        rules.default_movechance
    } else {
        match kind {
            Kind::Camp => rules.camp_movechance,
            Kind::IdpCamp => rules.idpcamp_movechance,
            _ => 1.0,
        }
    };
    changed
}

/// Flee 3 looks at the days on which an intensity passes 0, and at whether it was 1 before it ended.
fn as_flee(state: &mut PlaceDay, instance: &Instance, row: usize, day: u32) -> bool {
    const NOTHING: f64 = 0.000_001;
    let rules = &instance.settings;
    let Some(series) = &instance.conflicts[row] else { return false };
    let now = series.get(day as usize).copied().unwrap_or(0.0);
    let before = day.checked_sub(1).and_then(|d| series.get(d as usize).copied());
    if now > NOTHING && before.is_none_or(|b| b < NOTHING) {
        state.movechance = rules.conflict_movechance;
        state.conflict = now;
        state.town = false;
        state.since = i64::from(day);
        true
    } else if now < NOTHING && before == Some(1.0) {
        state.movechance = rules.default_movechance;
        state.conflict = 0.0;
        state.town = true;
        true
    } else {
        false
    }
}

/// Flee 3 makes a camp a town on the day a closure begins, and a camp again on the day it ends.
pub(super) fn camps_as_flee(places: &mut [PlaceDay], network: &Network, instance: &Instance, day: i64) {
    use crate::Closes::{Camp, IdpCamp};
    for closure in &instance.closures {
        let (row, idp) = match closure.what {
            Camp(row) => (row, false),
            IdpCamp(row) => (row, true),
            _ => continue,
        };
        let rules = &instance.settings;
        let state: &mut PlaceDay = &mut places[network.place[row]];
        if closure.start == day {
            (state.camp, state.town, state.conflict) = (false, true, 0.0);
            state.movechance = rules.default_movechance;
        }
        if closure.end == Some(day) {
            (state.camp, state.town, state.conflict) = (true, false, 0.0);
            state.movechance = if idp { rules.idpcamp_movechance } else { rules.camp_movechance };
        }
    }
}

/// Scores of all places on a day.
pub(super) fn score(places: &mut [PlaceDay], instance: &Instance, day: u32) {
    let rules = &instance.settings;
    for state in places {
        let mut score = 1.0;
        if state.foreign {
            score *= rules.foreign_weight;
        }
        if state.camp {
            score *= rules.camp_weight;
        }
        if state.conflict > 0.0 {
            let decay = rules.decay(i64::from(day) - state.since);
            score *= libm::pow(rules.conflict_weight, decay * state.conflict);
        }
        if rules.use_pop_for_loc_weight && !state.camp {
            let people = state.population as f64;
            let size = if rules.compat == Compat::Flee { people.min(1.0) } else { people.max(1.0) };
            score *= libm::pow(size, rules.pop_power_for_loc_weight);
        }
        state.score = score;
    }
}

/// The weight with which a zone is where somebody is displaced from.
pub(super) fn spawn_weight(state: &PlaceDay, instance: &Instance, day: i64) -> f64 {
    if state.conflict > 0.0 {
        state.population as f64 * state.conflict * instance.settings.decay(day - state.since)
    } else {
        0.0
    }
}

/// Capacities that change on a day.
pub(super) fn capacities(places: &mut [PlaceDay], network: &Network, instance: &Instance, day: u32) {
    for change in instance.capacities.iter().filter(|c| c.day == day) {
        let place: Place = network.place[change.place];
        places[place].capacity = change.capacity as f64 * instance.settings.capacity_scaling;
    }
}
