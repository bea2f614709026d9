//! Who leaves a place, and by which link.

use std::mem::take;

use super::day::Simulation;
use super::people::People;
use super::travel::Agenda;
use super::{Base, State, Status, Trip, Whereabouts};
use crate::MovementError;
use crate::network::{LinkId, NO_ROUTE, Place};
use crate::random::{Draws, Purpose};

impl Simulation<'_, '_> {
    /// Who leaves a place at the start of the day.
    pub(super) fn leave(&mut self, day: u32) -> Result<(), MovementError> {
        let mut cohorts = take(&mut self.at);
        cohorts.sort_unstable_by_key(|(here, _)| here.key());
        let mut draws: Option<(Place, f64, Draws)> = None;
        for (Whereabouts { id: place, state, .. }, mut people) in cohorts {
            let (_, chance, here) = match &mut draws {
                Some(same) if same.0 == place => same,
                other => {
                    let row = self.network.row[place];
                    let chance = self.places[place].leaving(self.model.instance, row);
                    other.insert((place, chance, self.streams.at(day, Purpose::Leave, place)))
                }
            };
            let base = self.bases.get(state);
            let leaves = match base.trip.status {
                Status::Displaced if base.route != NO_ROUTE => 1.0,
                Status::Displaced => *chance,
                Status::Returning { .. } => 1.0,
                Status::Staged if self.places[place].conflict > 0.0 => *chance,
                Status::Staged => 0.0,
                Status::Home => self.leaves_home_again(place, *chance, day),
            };
            let leaving = people.take(here.binomial(people.number(), leaves));
            self.settle(place, state, 0, people);
            if leaving.number() > 0 {
                let state = self.departing(place, state, &leaving, day);
                self.depart(place, state, 0, leaving, here, None)?;
            }
        }
        Ok(())
    }

    /// The state in which somebody leaves a place: whoever was at home, or waited near it, is displaced again.
    fn departing(&mut self, place: Place, state: State, people: &People, day: u32) -> State {
        let mut base = self.bases.get(state);
        match base.trip.status {
            Status::Home => {
                self.home[place] -= people.number();
                self.occupancy[place] += people.number();
                self.whole.again += people.number();
                base.trip.month = (day / 30) as u16;
            }
            Status::Staged => {}
            _ => return state,
        }
        base.trip.status = Status::Displaced;
        State { base: self.bases.number(base), ..state }
    }

    /// Sends people from a place on a link of their route, or of one that they choose now; who cannot go stays.
    ///
    /// With an agenda they travel at once, having travelled `moved` metres today.
    pub(super) fn depart(
        &mut self,
        place: Place,
        state: State,
        moved: u32,
        mut people: People,
        draws: &mut Draws,
        mut agenda: Option<&mut Agenda>,
    ) -> Result<(), MovementError> {
        let base = self.bases.get(state);
        if let Status::Returning { target, .. } = base.trip.status {
            match self.way_home(place, usize::from(target)) {
                Some((link, _)) => self.go(place, link, state, moved, people, agenda),
                None => {
                    let trip = Trip { status: Status::Displaced, ..base.trip };
                    let state = State { base: self.bases.number(Base { trip, ..base }), ..state };
                    self.settle(place, state, moved, people);
                }
            }
            return Ok(());
        }
        if base.route != NO_ROUTE {
            let (next, rest, end) = self.network.routes.step(base.route);
            let link = self.network.link(place, next).filter(|_| !self.is_nearly_full(end));
            let route = if link.is_some() { rest } else { NO_ROUTE };
            let state = State { base: self.bases.number(Base { route, ..base }), ..state };
            match link {
                Some(link) => self.go(place, link, state, moved, people, agenda),
                None => self.settle(place, state, moved, people),
            }
            return Ok(());
        }
        self.weigh(place)?;
        let mut shares = take(&mut self.shares);
        shares.clear();
        let Some(table) = self.tables[place].take() else { return Ok(()) };
        draws.split(people.number(), &table.cumulative, |choice, number| shares.push((choice, number)));
        for (choice, number) in &shares {
            let some = people.take(*number);
            if self.is_nearly_full(table.choices[*choice].end) {
                self.settle(place, state, moved, some);
                continue;
            }
            let rest = table.rests[*choice];
            let state = match rest {
                NO_ROUTE => state,
                route => State { base: self.bases.number(Base { route, ..base }), ..state },
            };
            self.go(place, table.links[*choice], state, moved, some, agenda.as_deref_mut());
        }
        self.tables[place] = Some(table);
        self.shares = shares;
        self.settle(place, state, moved, people);
        Ok(())
    }

    fn go(
        &mut self,
        place: Place,
        link: LinkId,
        state: State,
        moved: u32,
        people: People,
        agenda: Option<&mut Agenda>,
    ) {
        self.occupancy[place] -= people.number();
        let start = Whereabouts::at(link, state);
        match agenda {
            Some(agenda) => self.leg(start, moved, people, agenda),
            None => self.on.push((start, people)),
        }
    }
}
