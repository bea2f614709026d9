//! Where people go: routes weighed by score, distance and room.

use super::day::{Simulation, sums};
use crate::network::{Choice, LinkId, Place};
use crate::{Compat, MovementError};

/// Of the range in which a camp fills up, the part that those who decide at once may take by default.
const AT_ONCE: f64 = 0.125;

/// Where people at a place may go, and how likely.
pub(super) struct Table {
    pub(super) epoch: u32,
    pub(super) day: u32,
    pub(super) choices: Vec<Choice>,
    /// The first link of each choice.
    pub(super) links: Vec<LinkId>,
    /// What is left of each choice after its first link.
    pub(super) rests: Vec<u32>,
    /// 1 / (softening + km)^power.
    pub(super) near: Vec<f64>,
    /// Choices whose end has a capacity, and how much room it had when the rest was computed.
    pub(super) limited: Vec<(usize, f64)>,
    /// Sums of weights up to each choice.
    pub(super) cumulative: Vec<f64>,
}

impl Simulation<'_, '_> {
    /// Brings the table of a place up to the moment.
    pub(super) fn weigh(&mut self, place: Place) -> Result<(), MovementError> {
        let rules = &self.model.instance.settings;
        let (today, epoch, buffer) = (self.today, self.epoch, rules.capacity_buffer);
        let mut table = match self.tables[place].take() {
            Some(table) if table.epoch == epoch => table,
            _ => Box::new(self.table(place)?),
        };
        let room = |place: Place| self.places[place].room(self.occupancy[place], buffer);
        let current =
            table.day == today && table.limited.iter().all(|(i, then)| room(table.choices[*i].end) == *then);
        if !current {
            table.day = today;
            for (choice, then) in &mut table.limited {
                *then = room(table.choices[*choice].end);
            }
            let forced = table.links.iter().position(|link| self.network.forcing[*link]);
            let forced = forced.filter(|i| room(table.choices[*i].end) > 0.000_001);
            let mut weights: Vec<f64> = if let Some(forced) = forced {
                (0..table.choices.len()).map(|i| f64::from(u8::from(i == forced))).collect()
            } else if rules.awareness_level == 0 {
                vec![1.0; table.choices.len()]
            } else {
                let weight = |(choice, near): (&Choice, &f64)| {
                    let score = rules.weight_softening + self.places[choice.end].score;
                    let weight = score * near * room(choice.end);
                    if rules.weight_power == 1.0 { weight } else { libm::pow(weight, rules.weight_power) }
                };
                table.choices.iter().zip(&table.near).map(weight).collect()
            };
            if rules.pruning_threshold > 1.0 && forced.is_none() {
                let least = weights.iter().copied().fold(0.0, f64::max) / rules.pruning_threshold;
                weights.iter_mut().filter(|w| **w < least).for_each(|w| *w = 0.0);
            }
            table.cumulative = sums(&weights);
            if table.cumulative.last().is_some_and(|total| !(*total > 0.0 && total.is_finite())) {
                table.cumulative = (1..=weights.len()).map(|i| i as f64).collect();
            }
        }
        self.tables[place] = Some(table);
        Ok(())
    }

    fn table(&mut self, place: Place) -> Result<Table, MovementError> {
        let rules = &self.model.instance.settings;
        let awareness = match (rules.awareness_level, rules.compat) {
            (0, Compat::Rules) => 1,
            (level, _) => level,
        };
        let found = self.network.choices(place, awareness)?;
        let mut table = Table {
            epoch: self.epoch,
            day: u32::MAX,
            choices: Vec::with_capacity(found.len()),
            links: Vec::with_capacity(found.len()),
            rests: Vec::with_capacity(found.len()),
            near: Vec::with_capacity(found.len()),
            limited: Vec::new(),
            cumulative: Vec::new(),
        };
        for choice in found {
            let (next, rest, end) = self.network.routes.step(choice.route);
            let Some(link) = self.network.link(place, next) else { continue };
            if self.places[end].capacity >= 1.0
                || self.model.instance.capacities.iter().any(|c| self.network.place[c.place] == end)
            {
                table.limited.push((table.choices.len(), f64::NAN));
            }
            table.near.push(1.0 / libm::pow(rules.softening + choice.km, rules.distance_power));
            table.links.push(link);
            table.rests.push(rest);
            table.choices.push(choice);
        }
        Ok(table)
    }

    pub(super) fn is_nearly_full(&self, end: Place) -> bool {
        let buffer = self.model.instance.settings.capacity_buffer;
        self.places[end].camp && self.places[end].room(self.occupancy[end], buffer) < 0.5
    }

    /// How many of those who go on from a place decide at once: few where they may fill a camp, so that nobody sees
    /// room that somebody before them took.
    pub(super) fn at_once(&mut self, place: Place, number: u64) -> Result<u64, MovementError> {
        let rules = &self.model.instance.settings;
        let (buffer, grain) = (rules.capacity_buffer, rules.grain.capacity.min(AT_ONCE));
        let unlimited = |table: &Table| table.epoch == self.epoch && table.limited.is_empty();
        if number == 1 || self.tables[place].as_deref().is_some_and(unlimited) {
            return Ok(number);
        }
        self.weigh(place)?;
        let Some(table) = &self.tables[place] else { return Ok(number) };
        let mut most = number;
        for (choice, room) in &table.limited {
            let end = table.choices[*choice].end;
            let (people, capacity) = (self.occupancy[end] as f64, self.places[end].capacity);
            if *room > 0.0 && capacity >= 1.0 && people + number as f64 > buffer * capacity {
                let before = (buffer * capacity - people).max(0.0);
                let step = before + (grain * (1.0 - buffer) * capacity);
                most = most.min((step as u64).max(1));
            }
        }
        Ok(most)
    }
}
