//! Fits how predictions are joined and how wide they are, over conflicts: those that are not predicted.

use rayon::prelude::*;

use super::predict::{Start, member_of};
use super::{Method, Pool, Runs, Spread};
use crate::measure::{Table, in_persons, relative_difference, totals};
use crate::scores::{central, crps, in_order};

/// A conflict with everything that fitting and scoring look at.
pub(super) struct Ready {
    pub(super) runs: Runs,
    pub(super) start: Start,
    /// Registrations on the looked-at days, in persons.
    pub(super) truth: Table,
    /// Their totals.
    pub(super) totals: Vec<f64>,
    /// The error of the best baseline that does not leak.
    pub(super) best: f64,
}

impl Ready {
    /// Rescaled error of shares.
    pub(super) fn error(&self, shares: &Table) -> f64 {
        relative_difference(&self.persons(shares), &self.truth, 0)
    }

    pub(super) fn persons(&self, shares: &Table) -> Table {
        in_persons(shares, &self.totals)
    }

    pub(super) fn new(runs: Runs, start: Start, truth: Table) -> Ready {
        Ready { totals: totals(&truth), runs, start, truth, best: f64::NAN }
    }
}

/// Every way of joining that is tried.
pub(super) fn pools() -> Vec<Pool> {
    let mut pools = Vec::new();
    for agreement in [16.0, 32.0, 64.0, 128.0] {
        for slope in [4.0, 8.0, 16.0, 32.0] {
            for half in [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0] {
                for uncounted in [0.0, 0.5, 1.0] {
                    pools.push(Pool { agreement, slope, half, uncounted });
                }
            }
        }
    }
    pools
}

/// Every width that is tried.
pub(super) fn spreads() -> Vec<Spread> {
    let mut spreads = Vec::new();
    for at_start in [0.2, 0.4, 0.6, 0.8, 1.0] {
        for growth in [0.0, 0.3, 0.6, 1.0] {
            for floor in [0.01, 0.05, 0.15] {
                for uncounted in [1.0, 1.5] {
                    spreads.push(Spread { at_start, growth, floor, uncounted });
                }
            }
        }
    }
    spreads
}

/// Errors by way of joining and conflict.
pub(super) fn errors(ready: &[Ready], pools: &[Pool]) -> Vec<Vec<f64>> {
    let of = |one: &Ready| -> Vec<f64> {
        let mut last: Option<(f64, Table)> = None;
        let mut error = |pool: &Pool| {
            if last.as_ref().is_none_or(|(agreement, _)| *agreement != pool.agreement) {
                last = Some((pool.agreement, one.runs.mean(&one.runs.weights(pool.agreement))));
            }
            let model = last.as_ref().map_or(&one.start.frozen, |(_, model)| model);
            one.error(&one.start.join(model, one.runs.trust(pool), pool.uncounted))
        };
        pools.iter().map(&mut error).collect()
    };
    let by_conflict: Vec<Vec<f64>> = ready.par_iter().map(of).collect();
    (0..pools.len()).map(|pool| by_conflict.iter().map(|errors| errors[pool]).collect()).collect()
}

/// The way of joining with the most skill on average over all conflicts but one.
pub(super) fn pool_without(ready: &[Ready], errors: &[Vec<f64>], held: usize) -> usize {
    let skill = |errors: &Vec<f64>| -> f64 {
        let others = errors.iter().zip(ready).enumerate().filter(|(i, _)| *i != held);
        others.map(|(_, (error, one))| 1.0 - error / one.best).sum()
    };
    let first_best =
        |best: (usize, f64), (at, skill): (usize, f64)| if skill > best.1 { (at, skill) } else { best };
    errors.iter().map(skill).enumerate().fold((0, f64::NEG_INFINITY), first_best).0
}

/// What a width gives on one conflict.
#[derive(Debug, Clone, Copy)]
pub(super) struct Covered {
    /// Share of camp-days within the 90 % interval.
    within: f64,
    /// Camp-days.
    cells: f64,
    /// Sum over camps of the CRPS of shares, averaged over days.
    crps: f64,
}

/// At most so many days of a conflict, and so many members, are looked at for the width.
const MOST_DAYS: usize = 30;
const MOST_MEMBERS: u64 = 80;

/// What each width gives on a conflict whose members are joined in one way.
pub(super) fn covered(one: &Ready, method: &Method, pool: &Pool, spreads: &[Spread]) -> Vec<Covered> {
    let (weights, trust) = (one.runs.weights(pool.agreement), one.runs.trust(pool));
    let members: Vec<(Table, Vec<f64>)> = (0..method.members.clamp(2, MOST_MEMBERS))
        .map(|m| member_of(&one.start, &one.runs, method.seed, m, &weights, trust, pool))
        .collect();
    let all = one.totals.len();
    let days: Vec<usize> =
        (0..all).step_by(all.div_ceil(MOST_DAYS).max(1)).filter(|d| one.totals[*d] > 0.0).collect();
    let of = |spread: &Spread| {
        let (mut within, mut score) = (0.0, 0.0);
        for day in &days {
            let noisy = |(table, normals): &(Table, Vec<f64>)| {
                let now: Vec<f64> = table.iter().map(|row| row[*day]).collect();
                one.start.disperse(&now, *day, spread, normals)
            };
            let samples: Vec<Vec<f64>> = members.iter().map(noisy).collect();
            for (camp, row) in one.truth.iter().enumerate() {
                let share = row[*day] / one.totals[*day];
                let sorted = in_order(&samples.iter().map(|s| s[camp]).collect::<Vec<f64>>());
                let (low, high) = central(&sorted, 0.9);
                within += f64::from(u8::from(low <= share && share <= high));
                score += crps(&sorted, share);
            }
        }
        let looked = (days.len() * one.truth.len()).max(1) as f64;
        let cells = (all * one.truth.len()) as f64;
        Covered { within: within / looked, cells, crps: score / days.len().max(1) as f64 }
    };
    spreads.par_iter().map(of).collect()
}

/// The width with the best mean CRPS among those that cover 90 % of the camp-days of all conflicts but one, as a mean
/// over conflicts and over all camp-days alike; the one that covers most where none does.
pub(super) fn spread_without(covered: &[Vec<Covered>], held: usize) -> usize {
    let others = || covered.iter().enumerate().filter(|(i, _)| *i != held).map(|(_, c)| c);
    let number = others().count().max(1) as f64;
    let coverage = |at: usize| {
        let mean = others().map(|c| c[at].within).sum::<f64>() / number;
        let cells: f64 = others().map(|c| c[at].cells).sum();
        mean.min(others().map(|c| c[at].within * c[at].cells).sum::<f64>() / cells)
    };
    let score = |at: usize| others().map(|c| c[at].crps).sum::<f64>();
    let tried = covered.first().map_or(0, Vec::len);
    let enough = (0..tried).filter(|at| coverage(*at) >= 0.9).min_by(|a, b| score(*a).total_cmp(&score(*b)));
    enough.or_else(|| (0..tried).max_by(|a, b| coverage(*a).total_cmp(&coverage(*b)))).unwrap_or(0)
}
