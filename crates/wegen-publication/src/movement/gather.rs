//! What is kept of an ensemble to be shown: camps by day, places on the last day, areas at the ends of months.
//!
//! Quantiles of a sum are no sum of quantiles, so areas are summed in each member before they are folded.

use std::collections::BTreeSet;

use jiff::civil::Date;
use wegen_movement::{
    Bands, Counted, Instance, Job, Keep, MovementError, Outcome,
    ensemble::{Fold, Trace},
};

/// The most numbers that are kept for exact quantiles; beyond, quantiles are sketched.
const MOST_KEPT: usize = 32 << 20;

/// An area whose counts are published: a region of a country, a country, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The country; empty for all.
    pub country: String,
    /// The region; empty for a country or all.
    pub region: String,
    /// Camps with registrations in it: rows of the instance's places.
    pub scored: Vec<usize>,
}

/// A month of the period, and the day that stands for it: its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// The first day of the month.
    pub first: Date,
    /// The day of the simulation.
    pub day: u32,
}

impl Month {
    /// As `2012-03`.
    pub fn label(&self) -> String {
        format!("{:04}-{:02}", self.first.year(), self.first.month())
    }
}

/// An ensemble as it is shown.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// Camps and totals by day.
    pub daily: Bands,
    /// All places on the last day: one day for each series.
    pub last: Bands,
    /// Areas at the ends of months, in the order of [`Simulated::areas`]; a day for each month.
    pub monthly: Bands,
    /// The areas.
    pub areas: Vec<Area>,
    /// The months.
    pub months: Vec<Month>,
}

/// Folds outcomes of a job that keeps all places.
#[derive(Debug)]
pub struct Gather {
    camps: Vec<usize>,
    places: usize,
    daily: Fold,
    last: Fold,
    monthly: Fold,
    areas: Vec<Area>,
    months: Vec<Month>,
}

impl Gather {
    /// For so many members of a job.
    ///
    /// # Errors
    /// A job that does not keep all places.
    pub fn new(job: &Job, members: u64) -> Result<Gather, MovementError> {
        if job.keep != Keep::Places {
            return Err(MovementError::Instance("a job that keeps all places was expected".to_owned()));
        }
        let instance = &job.instance;
        let (camps, areas, months) = (shown(instance), areas(instance), months(instance));
        let (places, ends) = (instance.locations.len(), job.ends());
        let fold = |series: Vec<Counted>, days: usize| {
            let exact = MOST_KEPT / (series.len() * days * ends).max(1);
            Fold::over(series, days, ends, exact.min(members as usize).max(64))
        };
        let totals = camps.iter().map(|c| Counted::At(*c)).chain(Counted::TOTALS).collect();
        Ok(Gather {
            daily: fold(totals, instance.days as usize),
            last: fold((0..places).map(Counted::At).collect(), 1),
            monthly: fold((0..areas.len()).map(Counted::At).collect(), months.len()),
            camps,
            places,
            areas,
            months,
        })
    }

    /// Takes a member's outcome.
    ///
    /// # Errors
    /// An outcome of another job.
    pub fn add(&mut self, outcome: &Outcome) -> Result<(), MovementError> {
        let strange = outcome.ends.iter().any(|t| t.rows.len() != self.places + Counted::TOTALS.len());
        if strange {
            return Err(MovementError::Instance("an outcome of another job".to_owned()));
        }
        let made = |rows: &dyn Fn(&Trace) -> Vec<Vec<u64>>| Outcome {
            ends: outcome.ends.iter().map(|t| Trace { rows: rows(t) }).collect(),
        };
        self.daily.add(&made(&|t| {
            let camps = self.camps.iter().map(|c| t.rows[*c].clone());
            camps.chain(t.rows[self.places..].iter().cloned()).collect()
        }))?;
        self.last.add(&made(&|t| {
            t.rows[..self.places].iter().map(|row| row.last().copied().into_iter().collect()).collect()
        }))?;
        self.monthly.add(&made(&|t| {
            let sum =
                |area: &Area, month: &Month| area.scored.iter().map(|p| t.rows[*p][month.day as usize]).sum();
            self.areas.iter().map(|a| self.months.iter().map(|m| sum(a, m)).collect()).collect()
        }))
    }

    /// The areas of an instance: regions by country, countries, and all, of camps with registrations.
    pub fn areas_of(instance: &Instance) -> Vec<Area> {
        areas(instance)
    }

    /// Means and quantiles.
    pub fn simulated(self) -> Simulated {
        Simulated {
            daily: self.daily.bands(),
            last: self.last.bands(),
            monthly: self.monthly.bands(),
            areas: self.areas,
            months: self.months,
        }
    }
}

/// The places that are shown by day: camps, or all places that are more than a point on a road where there is none.
pub fn shown(instance: &Instance) -> Vec<usize> {
    let camps: Vec<usize> = instance.camps().collect();
    match camps.is_empty() {
        true => (0..instance.locations.len()).collect(),
        false => camps,
    }
}

/// Regions by country, countries, and all: of camps with registrations.
fn areas(instance: &Instance) -> Vec<Area> {
    let mut scored = instance.scored();
    if scored.is_empty() {
        scored = shown(instance);
    }
    let of = |p: &usize| (instance.locations[*p].country.clone(), instance.locations[*p].region.clone());
    let plain = |name: &str| name.replace('_', " ").trim().to_lowercase();
    let regions: BTreeSet<(String, String)> = scored
        .iter()
        .map(of)
        // A region that is called as its country, or not at all, is none.
        .filter(|(country, region)| {
            !["", "unknown", "-", "---"].contains(&plain(region).as_str()) && plain(region) != plain(country)
        })
        .collect();
    let countries: BTreeSet<String> = scored.iter().map(|p| of(p).0).collect();
    let within = |wanted: &dyn Fn(&usize) -> bool| {
        scored.iter().copied().filter(|p| wanted(p)).collect::<Vec<usize>>()
    };
    let mut areas = Vec::new();
    for country in countries {
        for (_, region) in regions.iter().filter(|(c, _)| *c == country) {
            let scored = within(&|p| of(p) == (country.clone(), region.clone()));
            areas.push(Area { country: country.clone(), region: region.clone(), scored });
        }
        let scored = within(&|p| of(p).0 == country);
        areas.push(Area { country, region: String::new(), scored });
    }
    areas.push(Area { country: String::new(), region: String::new(), scored });
    areas
}

/// The last simulated day of each month.
pub fn months(instance: &Instance) -> Vec<Month> {
    let mut months: Vec<Month> = Vec::new();
    for day in 0..instance.days {
        let first = instance.date(day).first_of_month();
        match months.last_mut().filter(|m| m.first == first) {
            Some(month) => month.day = day,
            None => months.push(Month { first, day }),
        }
    }
    months
}
