//! A conflict for honest validation: what happened, what was known at the start, and runs that know no more.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Given;
use crate::measure::{Table, registered, shares, simulated, totals};
use crate::{Arrivals, Instance, Model, MovementError, Registered, Series, Settings, read, read_as_of};

/// Which registrations count as known at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Knowledge {
    /// Counts dated up to that day, as they stood before later corrections.
    #[default]
    Registered,
    /// The line between counts before and after that day, corrected with what was known later. This leaks; it is
    /// how the field reads registrations, and is for comparison.
    Interpolated,
}

/// A conflict, split at a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// What happened: scored after the day.
    pub truth: Instance,
    /// What was known on the day ([`read_as_of`]).
    pub known: Instance,
    /// The last day that anything is known of.
    pub day: u32,
    /// What counts as known.
    pub knowledge: Knowledge,
}

/// Shares of a run: `shares[camp][day]` for the looked-at days after the start; 0 on days without anybody.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Simulated {
    /// Of each looked-at day's persons in the scored camps.
    pub shares: Table,
    /// Persons that the run added to each scored camp from the day of the start to the last day.
    pub newcomers: Vec<f64>,
}

impl Case {
    /// Reads an instance folder and splits it at the first day from `from` on by which anybody was counted.
    ///
    /// # Errors
    /// As [`read`]; a period that ends before.
    pub fn read(
        folder: &Path,
        settings: &Settings,
        from: u32,
        knowledge: Knowledge,
    ) -> Result<Case, MovementError> {
        let truth = read(folder, Some(settings.clone()))?;
        // Of dated counts, what is known changes on their dates alone.
        let counted = |day: u32| {
            let dates = truth.registered.iter().flat_map(|r| r.series.points());
            knowledge == Knowledge::Interpolated || dates.into_iter().any(|(at, _)| *at == i64::from(day))
        };
        for day in (from..truth.days.saturating_sub(1)).filter(|day| *day == from || counted(*day)) {
            let known = match knowledge {
                Knowledge::Registered => read_as_of(folder, Some(settings.clone()), day)?,
                Knowledge::Interpolated => {
                    interpolated(&read_as_of(folder, Some(settings.clone()), day)?, &truth, day)
                }
            };
            let case = Case { truth: truth.clone(), known, day, knowledge };
            if case.start().iter().sum::<f64>() > 0.0 {
                return Ok(case);
            }
        }
        Err(MovementError::Instance(format!("{}: nobody is counted before the last day", truth.name)))
    }

    /// Persons known at each scored camp on the day of the start.
    pub fn start(&self) -> Vec<f64> {
        self.truth
            .scored()
            .iter()
            .map(|c| self.known.registered_at(*c, self.day).unwrap_or(0) as f64)
            .collect()
    }

    /// Which scored camps had been counted by the day of the start. A nought on the first day is what the field writes
    /// where nothing is known yet, and counts as no count.
    pub fn counted(&self) -> Vec<bool> {
        let counted = |camp: &usize| {
            let of = self.known.registered.iter().find(|r| r.place == *camp);
            of.is_some_and(|r| match self.knowledge {
                Knowledge::Registered => r.series.points().iter().any(|(day, n)| *n > 0.0 || *day > 0),
                Knowledge::Interpolated => r.series.at(i64::from(self.day)) > 0,
            })
        };
        self.truth.scored().iter().map(counted).collect()
    }

    /// The share of each looked-at day's total that came after the day of the start.
    pub fn newcomers(&self, given: Given, step: u32) -> Vec<f64> {
        let known: f64 = self.start().iter().sum();
        let (totals, days) = (self.totals(given), self.days(step));
        let mut most = known.max(1.0);
        let mut shares = Vec::new();
        for (day, total) in totals.iter().filter(|(day, _)| *day > i64::from(self.day)) {
            most = most.max(*total);
            if days.iter().any(|d| i64::from(*d) == *day) {
                shares.push(1.0 - known / most);
            }
        }
        shares
    }

    /// The days that are looked at: every `step` after the day of the start.
    pub fn days(&self, step: u32) -> Vec<u32> {
        (self.day + 1..self.truth.days).step_by(step.max(1) as usize).collect()
    }

    /// Registrations on the looked-at days, in persons by scored camp: what predictions are compared with.
    pub fn scored(&self, step: u32) -> Table {
        let data = registered(&self.truth);
        data.iter().map(|camp| self.days(step).iter().map(|day| camp[*day as usize]).collect()).collect()
    }

    /// The instance that is run: whole period, so that clocks of conflicts and people on the way are right, with
    /// registrations as known, and after the day of the start the total alone, given or carried on.
    pub fn instance(&self, given: Given) -> Instance {
        let base = match given {
            Given::Totals => &self.truth,
            Given::Nothing => &self.known,
        };
        let mut instance = base.clone();
        instance.locations.iter_mut().for_each(|l| l.capacity = 0);
        instance.capacities.clear();
        instance.elsewhere.clear();
        let scored = self.truth.scored();
        instance.registered =
            self.known.registered.iter().filter(|r| scored.contains(&r.place)).cloned().collect();
        instance.settings.arrivals = Arrivals::Registered { sum_from_camps: false };
        instance.total = Series::new(self.totals(given));
        instance
    }

    fn totals(&self, given: Given) -> Vec<(i64, f64)> {
        let known = |day: u32| -> f64 {
            let at = |r: &Registered| r.series.at(i64::from(day)) as f64;
            let scored = self.truth.scored();
            self.known.registered.iter().filter(|r| scored.contains(&r.place)).map(at).sum()
        };
        let later = match given {
            Given::Totals => totals(&registered(&self.truth)),
            Given::Nothing => {
                let (now, growth) =
                    (known(self.day), (known(self.day) - known(0)) / f64::from(self.day.max(1)));
                let carried = |day: u32| now + growth.max(0.0) * (f64::from(day) - f64::from(self.day));
                (0..self.truth.days).map(carried).collect()
            }
        };
        let total = |day: u32| if day <= self.day { known(day) } else { later[day as usize] };
        (0..self.truth.days).map(|day| (i64::from(day), total(day))).collect()
    }

    /// Runs the model of [`Case::instance`], already scaled, with settings of its own.
    ///
    /// Each camp has its known count and what the run adds to it after the day of the start.
    ///
    /// # Errors
    /// An instance that cannot be run.
    pub fn simulate(
        &self,
        instance: &Instance,
        seed: u64,
        member: u64,
        step: u32,
    ) -> Result<Simulated, MovementError> {
        let run = Model::new(instance, None)?.run(seed, member)?;
        let persons = simulated(&run, &self.truth.scored());
        let then = |row: &Vec<f64>| row[self.day as usize];
        let newcomers = persons.iter().map(|row| row.last().map_or(0.0, |last| (last - then(row)).max(0.0)));
        let newcomers = newcomers.collect();
        Ok(Simulated { shares: self.shares(instance, &persons, step), newcomers })
    }

    /// Shares on the looked-at days where each camp has its known count and what a run adds to it after the day of
    /// the start. `persons` are those of the run, by scored camp and day.
    pub(crate) fn shares(&self, instance: &Instance, persons: &Table, step: u32) -> Table {
        let days = self.days(step);
        let count = |(camp, row): (usize, &Vec<f64>)| {
            let known = instance.registered_at(camp, self.day).unwrap_or(0) as f64;
            let at = |day: u32| row.get(day as usize).copied().unwrap_or(0.0);
            days.iter().map(|day| (known + at(*day) - at(self.day)).max(0.0)).collect()
        };
        shares(&self.truth.scored().into_iter().zip(persons).map(count).collect())
    }

    /// The instance that is run, with counts scaled down so that `persons` are counted at most.
    pub(crate) fn scaled(&self, given: Given, persons: f64) -> Instance {
        let base = self.instance(given);
        let counts = base.total.iter().flat_map(|s| s.points()).map(|(_, n)| *n);
        let most = counts.fold(0.0, f64::max);
        base.scaled((persons / most.max(1.0)).min(1.0))
    }
}

/// What the field takes as known: counts on the line through later ones.
fn interpolated(known: &Instance, truth: &Instance, day: u32) -> Instance {
    let cut = |r: &Registered| {
        let points = (0..=i64::from(day)).map(|d| (d, r.series.value(d))).collect();
        Registered { place: r.place, series: Series::new(points).unwrap_or_default() }
    };
    Instance { registered: truth.registered.iter().map(cut).collect(), ..known.clone() }
}
