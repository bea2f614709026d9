//! What a run counts, day by day.

use serde::{Deserialize, Serialize};

/// Counts of one run. Rows of [`Instance::locations`](crate::Instance::locations) are columns here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Run {
    places: usize,
    days: Vec<Day>,
    persons: Vec<u64>,
    home: Vec<u64>,
}

/// Counts of one day over all places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Day {
    /// On the way between places.
    pub travelling: u64,
    /// Displaced since the start, those in camps on day 0 included.
    pub entered: u64,
    /// Displaced according to registrations and from nowhere: no zone had conflict.
    pub unplaced: u64,
    /// Set out for home by their own decision, since the start.
    pub set_out: u64,
    /// Set out for home because staying was made impossible, since the start.
    pub pushed: u64,
    /// Displaced again after having returned, since the start.
    pub again: u64,
}

/// A day of a [`Run`].
#[derive(Debug, Clone, Copy)]
pub struct Counts<'r> {
    /// Displaced people at each place.
    pub persons: &'r [u64],
    /// People at home again, at each place.
    pub home: &'r [u64],
    /// Over all places.
    pub whole: Day,
}

impl Run {
    pub(super) fn new(places: usize, days: u32) -> Run {
        let cells = places * days as usize;
        Run {
            places,
            days: Vec::with_capacity(days as usize),
            persons: Vec::with_capacity(cells),
            home: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, day: Day, persons: &[u64], home: Option<&[u64]>) {
        self.days.push(day);
        self.persons.extend_from_slice(persons);
        if let Some(home) = home {
            self.home.extend_from_slice(home);
        }
    }

    /// How many days.
    pub fn days(&self) -> u32 {
        self.days.len() as u32
    }

    /// One day.
    pub fn day(&self, day: u32) -> Counts<'_> {
        let cells = day as usize * self.places..(day as usize + 1) * self.places;
        Counts {
            persons: &self.persons[cells.clone()],
            home: if self.home.is_empty() { &[] } else { &self.home[cells] },
            whole: self.days[day as usize],
        }
    }

    /// Displaced people at a place, day by day.
    pub fn at(&self, place: usize) -> impl Iterator<Item = u64> {
        self.persons.iter().skip(place).step_by(self.places.max(1)).copied()
    }

    /// People at home again at a place, day by day; nothing where returns were not simulated.
    pub fn home_at(&self, place: usize) -> impl Iterator<Item = u64> {
        self.home.iter().skip(place).step_by(self.places.max(1)).copied()
    }
}
