//! Means and quantiles over members, with bounded memory.
//!
//! Up to a number of members all counts are kept, and quantiles are exact. Above it each count falls into a class:
//! counts below 256 have one each, larger ones share their first eight binary digits with those of the same class.
//! A class stands for its middle, so that a quantile is off by at most 1/256 of itself ([`SKETCH_ERROR`]). Classes
//! only count, so the order of members does not matter and parts made apart can be joined.

use serde::{Deserialize, Serialize};

use super::{Counted, Job, Outcome};
use crate::MovementError;

/// The shares below which the quantiles of a band lie.
pub const SHARES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// How far a quantile may be off where not all counts were kept, as a share of itself.
pub const SKETCH_ERROR: f64 = 1.0 / 256.0;

/// Mean and quantiles of a series by day, over members, in persons.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles {
    /// The mean by day; exact.
    pub mean: Vec<f64>,
    /// By share of [`SHARES`], then by day.
    pub at: [Vec<f64>; 5],
}

/// A series of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// What it counts.
    pub counted: Counted,
    /// Of each end of the conditions: one, or with returns that of the low and that of the high end.
    pub ends: Vec<Quantiles>,
}

impl Band {
    /// The lower edge on a day: the least 5 % quantile over the ends.
    pub fn low(&self, day: usize) -> f64 {
        self.ends.iter().map(|q| q.at[0][day]).fold(f64::INFINITY, f64::min)
    }

    /// The upper edge on a day: the largest 95 % quantile over the ends.
    pub fn high(&self, day: usize) -> f64 {
        self.ends.iter().map(|q| q.at[4][day]).fold(f64::NEG_INFINITY, f64::max)
    }
}

/// The outcome of an ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bands {
    /// How many members.
    pub members: u64,
    /// How far quantiles may be off, as a share of themselves: 0, or [`SKETCH_ERROR`].
    pub error: f64,
    /// Series in the order of [`Job::series`].
    pub series: Vec<Band>,
}

impl Bands {
    /// The band of a series.
    pub fn of(&self, counted: Counted) -> Option<&Band> {
        self.series.iter().find(|band| band.counted == counted)
    }
}

/// Takes outcomes one by one, in any order, and keeps no more than it needs for [`Bands`].
#[derive(Debug, Clone)]
pub struct Fold {
    series: Vec<Counted>,
    days: usize,
    ends: usize,
    exact: usize,
    members: u64,
    /// By end, series and day.
    cells: Vec<Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    sum: u128,
    counts: Counts,
}

#[derive(Debug, Clone)]
enum Counts {
    Kept(Vec<u64>),
    /// Classes in order, and how many fell into each.
    Classes(Vec<(u16, u32)>),
}

impl Fold {
    /// For the outcomes of a job; quantiles are exact up to so many members.
    pub fn new(job: &Job, exact: usize) -> Fold {
        Fold::over(job.series(), job.instance.days as usize, job.ends(), exact)
    }

    /// For outcomes of another shape than a job's: what is made of them, as sums over areas at the ends of months.
    /// What a series counts is then for who made it to say.
    pub fn over(series: Vec<Counted>, days: usize, ends: usize, exact: usize) -> Fold {
        let cell = Cell { sum: 0, counts: Counts::Kept(Vec::new()) };
        Fold { cells: vec![cell; ends * series.len() * days], series, days, ends, exact, members: 0 }
    }

    /// Takes one member's outcome.
    ///
    /// # Errors
    /// An outcome of another shape.
    pub fn add(&mut self, outcome: &Outcome) -> Result<(), MovementError> {
        let fits = outcome.ends.len() == self.ends
            && outcome.ends.iter().all(|t| t.rows.len() == self.series.len())
            && outcome.ends.iter().flat_map(|t| &t.rows).all(|row| row.len() == self.days);
        if !fits {
            return Err(MovementError::Instance("an outcome of another job".to_owned()));
        }
        self.members += 1;
        let full = self.members > self.exact as u64;
        let counts = outcome.ends.iter().flat_map(|t| &t.rows).flatten();
        for (cell, count) in self.cells.iter_mut().zip(counts) {
            cell.sum += u128::from(*count);
            if full {
                cell.counts.classify();
            }
            match &mut cell.counts {
                Counts::Kept(kept) => kept.push(*count),
                Counts::Classes(classes) => add(classes, class(*count), 1),
            }
        }
        Ok(())
    }

    /// Joins what was folded apart, of the same job.
    ///
    /// # Errors
    /// A fold of another shape.
    pub fn merge(&mut self, other: Fold) -> Result<(), MovementError> {
        if (&other.series, other.days, other.ends, other.exact)
            != (&self.series, self.days, self.ends, self.exact)
        {
            return Err(MovementError::Instance("a fold of another job".to_owned()));
        }
        self.members += other.members;
        let full = self.members > self.exact as u64;
        for (cell, mut from) in self.cells.iter_mut().zip(other.cells) {
            cell.sum += from.sum;
            if full {
                cell.counts.classify();
                from.counts.classify();
            }
            match (&mut cell.counts, from.counts) {
                (Counts::Kept(kept), Counts::Kept(more)) => kept.extend(more),
                (Counts::Classes(classes), Counts::Classes(more)) => {
                    more.into_iter().for_each(|(class, number)| add(classes, class, number));
                }
                _ => return Err(MovementError::Instance("a fold of another job".to_owned())),
            }
        }
        Ok(())
    }

    /// Means and quantiles of what was taken so far.
    pub fn bands(&self) -> Bands {
        let mut series: Vec<Band> =
            self.series.iter().map(|counted| Band { counted: *counted, ends: Vec::new() }).collect();
        let members = self.members.max(1) as f64;
        for (row, cells) in self.cells.chunks(self.days.max(1)).enumerate() {
            let mut quantiles = Quantiles::default();
            for cell in cells {
                quantiles.mean.push(cell.sum as f64 / members);
                let sorted = cell.counts.sorted();
                for (at, share) in quantiles.at.iter_mut().zip(SHARES) {
                    at.push(quantile(&sorted, self.members, share));
                }
            }
            series[row % self.series.len()].ends.push(quantiles);
        }
        let error = if self.members > self.exact as u64 { SKETCH_ERROR } else { 0.0 };
        Bands { members: self.members, error, series }
    }
}

impl Counts {
    fn classify(&mut self) {
        if let Counts::Kept(kept) = self {
            let mut classes = Vec::new();
            kept.iter().for_each(|count| add(&mut classes, class(*count), 1));
            *self = Counts::Classes(classes);
        }
    }

    /// Values in order, and how many have each.
    fn sorted(&self) -> Vec<(f64, u32)> {
        match self {
            Counts::Kept(kept) => {
                let mut kept = kept.clone();
                kept.sort_unstable();
                kept.into_iter().map(|count| (count as f64, 1)).collect()
            }
            Counts::Classes(classes) => {
                classes.iter().map(|(class, number)| (middle(*class), *number)).collect()
            }
        }
    }
}

/// The class of a count: itself below 256, otherwise its first eight binary digits and how many follow.
fn class(count: u64) -> u16 {
    let follow = (64 - count.leading_zeros()).saturating_sub(8);
    (follow as u16) << 8 | (count >> follow) as u16
}

/// What a class stands for.
fn middle(class: u16) -> f64 {
    let (follow, first) = (u32::from(class >> 8), u64::from(class & 0xff));
    let width = 1u128 << follow;
    (u128::from(first) << follow) as f64 + (width - 1) as f64 / 2.0
}

fn add(classes: &mut Vec<(u16, u32)>, class: u16, number: u32) {
    match classes.binary_search_by_key(&class, |(c, _)| *c) {
        Ok(at) => classes[at].1 = classes[at].1.saturating_add(number),
        Err(at) => classes.insert(at, (class, number)),
    }
}

/// The quantile of a share: on a line between the values on either side of (n − 1) · share, from 0.
fn quantile(sorted: &[(f64, u32)], members: u64, share: f64) -> f64 {
    if members == 0 {
        return f64::NAN;
    }
    let place = (members - 1) as f64 * share;
    let value = |rank: u64| {
        let mut passed = 0;
        let at = sorted.iter().find(|(_, number)| {
            passed += u64::from(*number);
            rank < passed
        });
        at.map_or(f64::NAN, |(value, _)| *value)
    };
    let (low, part) = (value(place as u64), place.fract());
    if part == 0.0 { low } else { low + part * (value(place as u64 + 1) - low) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(mut counts: Vec<u64>, share: f64) -> f64 {
        counts.sort_unstable();
        let place = (counts.len() - 1) as f64 * share;
        let at = |i: usize| counts[i.min(counts.len() - 1)] as f64;
        at(place as usize) + place.fract() * (at(place as usize + 1) - at(place as usize))
    }

    proptest! {
        #[test]
        fn a_class_stands_for_its_counts(count in any::<u64>()) {
            let off = (middle(class(count)) - count as f64).abs();
            prop_assert!(off <= SKETCH_ERROR * count as f64, "{count} off by {off}");
        }

        #[test]
        fn classes_are_in_the_order_of_counts(a in any::<u64>(), b in any::<u64>()) {
            prop_assert!((a <= b) || class(a) >= class(b));
        }

        #[test]
        fn sketched_quantiles_are_near_the_exact_ones(
            counts in proptest::collection::vec(0u64..5_000_000, 1..300),
        ) {
            let mut sketch = Counts::Kept(counts.clone());
            sketch.classify();
            for share in SHARES {
                let (near, truth) =
                    (quantile(&sketch.sorted(), counts.len() as u64, share), exact(counts.clone(), share));
                prop_assert!((near - truth).abs() <= SKETCH_ERROR * truth + 1e-9, "{near} for {truth}");
                let kept = quantile(&Counts::Kept(counts.clone()).sorted(), counts.len() as u64, share);
                prop_assert_eq!(kept, truth);
            }
        }
    }
}
