//! Predictions of shares: runs that agree with what was known at the start, joined with frozen shares, with noise.
//!
//! Runs differ in their parameters. A run counts by how far the camps to which it sends people agree with where
//! people had been counted by the day of the start. The model as a whole counts against frozen shares by the same
//! agreement: where it does not tell where people already are, it is trusted less to tell where they will be. A camp
//! that had not been counted yet gets an even part of the newcomers. How much of each is fitted on other conflicts.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Case, Method, Simulated};
use crate::baselines::frozen;
use crate::measure::{Table, mean};
use crate::stream::Stream;
use crate::{Job, MovementError, Parameters};

/// How runs and frozen shares are joined: fitted on other conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// A run counts exp(−`agreement` · disagreement).
    pub agreement: f64,
    /// The model counts 1 / (1 + exp(`slope` · (disagreement − `half`))), frozen shares the rest.
    pub slope: f64,
    /// The disagreement at which both count half.
    pub half: f64,
    /// Which part of an even share of the newcomers camps get that had not been counted, 0…1.
    pub uncounted: f64,
}

/// How wide a prediction is: fitted on other conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Standard deviation of the logarithm of a share at the start.
    pub at_start: f64,
    /// By how much its square grows in a year, as a standard deviation.
    pub growth: f64,
    /// Added to the shares, of one camp's even share.
    pub floor: f64,
    /// By how much more camps vary that had not been counted.
    pub uncounted: f64,
}

/// Runs of one conflict, with parameters drawn from the priors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// Values by point.
    pub points: Vec<Vec<f64>>,
    /// Shares by point.
    pub shares: Vec<Table>,
    /// How far each disagrees with what was known at the start, 0…1 ([`disagreement`]).
    pub disagreement: Vec<f64>,
    /// Shares of runs with the instance's own parameters.
    pub defaults: Vec<Table>,
}

/// Runs with the instance's own parameters.
const DEFAULTS: u64 = 8;

impl Runs {
    /// How many runs [`Runs::of`] makes.
    pub fn number(method: &Method) -> u64 {
        method.points.max(2) as u64 + DEFAULTS
    }

    /// Runs the points of a method on a conflict.
    ///
    /// # Errors
    /// Parameters that are none; an instance that cannot be run.
    pub fn of(case: &Case, method: &Method, done: &(dyn Fn() + Sync)) -> Result<Runs, MovementError> {
        let parameters = Parameters::Priors(method.parameters.clone());
        parameters.check()?;
        let scaled = case.scaled(method.given, method.persons);
        let points = Runs::number(method) - DEFAULTS;
        let job = Job { names: parameters.names(), ..Job::new(scaled.clone(), method.seed) };
        let one = |member: u64| -> Result<Simulated, MovementError> {
            let simulated = if member < points {
                let instance = job.instance_with(&parameters.draw(method.seed, member))?;
                case.simulate(&instance, method.seed, member, method.step)
            } else {
                case.simulate(&scaled, method.seed, member, method.step)
            };
            done();
            simulated
        };
        let all: Vec<Simulated> =
            (0..points + DEFAULTS).into_par_iter().map(one).collect::<Result<_, _>>()?;
        let (runs, defaults) = all.split_at(points as usize);
        let (start, counted) = (case.start(), case.counted());
        Ok(Runs {
            points: (0..points).map(|p| parameters.draw(method.seed, p)).collect(),
            shares: runs.iter().map(|r| r.shares.clone()).collect(),
            disagreement: runs.iter().map(|r| disagreement(&r.newcomers, &start, &counted)).collect(),
            defaults: defaults.iter().map(|r| r.shares.clone()).collect(),
        })
    }

    /// Weights of the points, which sum to 1.
    pub fn weights(&self, agreement: f64) -> Vec<f64> {
        let least = self.disagreement.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> =
            self.disagreement.iter().map(|d| libm::exp(-agreement * (d - least))).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|w| w / sum).collect()
    }

    /// How much the model counts against frozen shares, 0…1.
    pub fn trust(&self, pool: &Pool) -> f64 {
        let mean: f64 = self.weights(pool.agreement).iter().zip(&self.disagreement).map(|(w, d)| w * d).sum();
        1.0 / (1.0 + libm::exp(pool.slope * (mean - pool.half)))
    }

    /// Mean shares of the points.
    pub fn mean(&self, weights: &[f64]) -> Table {
        mean(self.shares.iter().zip(weights.iter().copied()))
    }
}

/// How far the camps that newcomers went to are from those where people had been counted: half the sum of the
/// differences of their shares over camps counted by the day of the start, 0…1; 1 where no newcomer reached any.
pub fn disagreement(newcomers: &[f64], start: &[f64], counted: &[bool]) -> f64 {
    let sum = |of: &[f64]| of.iter().zip(counted).filter(|(_, c)| **c).map(|(n, _)| n).sum::<f64>();
    let (new, known) = (sum(newcomers), sum(start));
    if new <= 0.0 || known <= 0.0 {
        return 1.0;
    }
    let off = |((n, s), _): ((&f64, &f64), &bool)| (n / new - s / known).abs();
    newcomers.iter().zip(start).zip(counted).filter(|(_, c)| **c).map(off).sum::<f64>() / 2.0
}

/// What is known of a conflict at the start, as a prediction needs it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Start {
    pub(super) frozen: Table,
    pub(super) counted: Vec<bool>,
    pub(super) newcomers: Vec<f64>,
    /// Years after the day of the start.
    pub(super) years: Vec<f64>,
}

impl Start {
    pub(super) fn of(case: &Case, method: &Method) -> Start {
        Start {
            frozen: frozen(case, method.step),
            counted: case.counted(),
            newcomers: case.newcomers(method.given, method.step),
            years: case.days(method.step).iter().map(|day| f64::from(day - case.day) / 365.25).collect(),
        }
    }

    /// Shares of a run joined with frozen ones.
    pub(super) fn join(&self, model: &Table, trust: f64, uncounted: f64) -> Table {
        let without = self.counted.iter().filter(|c| !**c).count() as f64;
        let even = 1.0 / self.counted.len().max(1) as f64;
        let row = |((model, frozen), counted): ((&Vec<f64>, &Vec<f64>), &bool)| -> Vec<f64> {
            let cell = |((m, f), new): ((&f64, &f64), &f64)| {
                let part = uncounted * new * even;
                let joined = trust * m + (1.0 - trust) * f;
                joined * (1.0 - part * without) + if *counted { 0.0 } else { part }
            };
            model.iter().zip(frozen).zip(&self.newcomers).map(cell).collect()
        };
        model.iter().zip(&self.frozen).zip(&self.counted).map(row).collect()
    }

    /// One member with noise: `normals` has a number for each camp.
    pub(super) fn disperse(&self, shares: &[f64], day: usize, spread: &Spread, normals: &[f64]) -> Vec<f64> {
        let sd = (spread.at_start * spread.at_start + spread.growth * spread.growth * self.years[day]).sqrt();
        let floor = spread.floor / self.counted.len().max(1) as f64;
        let noisy = |((share, normal), counted): ((&f64, &f64), &bool)| {
            let sd = if *counted { sd } else { sd * spread.uncounted };
            (share + floor) * libm::exp(sd * normal)
        };
        let mut noisy: Vec<f64> = shares.iter().zip(normals).zip(&self.counted).map(noisy).collect();
        let sum: f64 = noisy.iter().sum();
        noisy.iter_mut().for_each(|share| *share /= sum);
        noisy
    }
}

/// A prediction of shares by scored camp and looked-at day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The central one.
    pub shares: Table,
    /// Its members, with noise.
    pub members: Vec<Table>,
    /// How much the model counts in it, 0…1.
    pub trust: f64,
    /// Weights of the points of [`Runs`].
    pub weights: Vec<f64>,
}

/// Predicts the shares of a conflict: registrations after the day of the start are not looked at.
pub fn predict(case: &Case, runs: &Runs, method: &Method, pool: &Pool, spread: &Spread) -> Prediction {
    let start = Start::of(case, method);
    let (weights, trust) = (runs.weights(pool.agreement), runs.trust(pool));
    let shares = start.join(&runs.mean(&weights), trust, pool.uncounted);
    let days = start.years.len();
    let disperse = |member: u64| -> Table {
        let (joined, normals) = member_of(&start, runs, method.seed, member, &weights, trust, pool);
        let mut table = vec![Vec::with_capacity(days); joined.len()];
        for day in 0..days {
            let now: Vec<f64> = joined.iter().map(|row| row[day]).collect();
            let noisy = start.disperse(&now, day, spread, &normals);
            table.iter_mut().zip(noisy).for_each(|(row, share)| row.push(share));
        }
        table
    };
    let members = (0..method.members.max(2)).into_par_iter().map(disperse).collect();
    Prediction { shares, members, trust, weights }
}

/// A member before its noise, and the numbers that its noise is made of.
pub(super) fn member_of(
    start: &Start,
    runs: &Runs,
    seed: u64,
    member: u64,
    weights: &[f64],
    trust: f64,
    pool: &Pool,
) -> (Table, Vec<f64>) {
    let at = Stream::new(seed, "a point by agreement", member).pick(weights.iter().copied(), 1.0);
    let mut stream = Stream::new(seed, "noise of shares", member);
    let normals = (0..start.counted.len()).map(|_| stream.normal()).collect();
    (start.join(&runs.shares[at], trust, pool.uncounted), normals)
}
