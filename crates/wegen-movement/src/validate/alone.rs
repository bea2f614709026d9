//! One conflict by itself: the model with the parameters it is given, beside baselines, after the day of the start.
//!
//! Nothing is fitted, so nothing of other conflicts is needed; [`honest`](super::honest) calibrates on others and is
//! the stronger test. Capacities and later registrations stay out; what is given of later days is said by
//! [`Given`].

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wegen_model::Interval;

use super::{Case, Given, Simulated, Way};
use crate::baselines;
use crate::measure::{Table, in_persons, mean, relative_difference, totals};
use crate::scores::{Scores, in_order, quantile};
use crate::stream::Stream;
use crate::{Job, MovementError, Parameters};

/// How one conflict is validated by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    /// Of all random numbers.
    pub seed: u64,
    /// What is given of the scored days.
    pub given: Given,
    /// How many runs of the model.
    pub members: u64,
    /// Counts are scaled down so that this many persons are counted at most, for the runs of the model.
    pub persons: f64,
    /// Every so many days are scored.
    pub step: u32,
    /// Days of a block of the bootstrap.
    pub block: u32,
    /// Draws of the bootstrap.
    pub bootstrap: u64,
}

impl Default for Aside {
    fn default() -> Aside {
        Aside {
            seed: 1,
            given: Given::Totals,
            members: 20,
            persons: 100_000.0,
            step: 5,
            block: 30,
            bootstrap: 500,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alone {
    /// The instance.
    pub name: String,
    /// How it was done.
    pub how: Aside,
    /// The last day that anything is known of.
    pub day: u32,
    /// Days that are scored.
    pub days: u32,
    /// Camps that are scored.
    pub camps: usize,
    /// Persons counted by the day of the start.
    pub known: f64,
    /// Rescaled error of the mean over runs.
    pub error: f64,
    /// Baselines on the same days.
    pub baselines: Vec<Way>,
    /// The best of those that do not leak.
    pub best: String,
    /// 1 − error of the model / error of the best baseline.
    pub skill: f64,
    /// Its 90 % interval, over blocks of days.
    pub skill_interval: Interval,
    /// Scores of camp-days, in persons.
    pub scores: Scores,
    /// Mean absolute error of the best baseline, in persons: what its CRPS is.
    pub baseline_crps: f64,
}

/// Validates a conflict with runs whose values are drawn from `parameters`.
///
/// # Errors
/// An instance that cannot be run, parameters that it does not know.
pub fn alone(case: &Case, parameters: &Parameters, how: &Aside) -> Result<Alone, MovementError> {
    let truth: Table = case.scored(how.step);
    let whole = totals(&truth);
    let scaled = case.scaled(how.given, how.persons);
    let names = parameters.names();
    let one = |member: u64| -> Result<Simulated, MovementError> {
        let job = Job { names: names.clone(), ..Job::new(scaled.clone(), how.seed) };
        let instance = job.instance_with(&parameters.draw(how.seed, member))?;
        case.simulate(&instance, how.seed, member, how.step)
    };
    let runs: Vec<Table> = (0..how.members.max(1))
        .into_par_iter()
        .map(|m| one(m).map(|s| s.shares))
        .collect::<Result<_, _>>()?;
    let persons = |shares: &Table| in_persons(shares, &whole);
    let equal = 1.0 / runs.len() as f64;
    let model = persons(&mean(runs.iter().map(|run| (run, equal))));
    let ways = baselines::all(case, how.given, how.step);
    let baselines: Vec<Way> = ways
        .iter()
        .map(|(name, leaks, shares)| Way {
            name: (*name).to_owned(),
            leaks: *leaks,
            error: relative_difference(&persons(shares), &truth, 0),
        })
        .collect();
    let open = || baselines.iter().zip(&ways).filter(|(way, _)| !way.leaks && way.error.is_finite());
    let Some((best, (_, _, shares))) = open().min_by(|a, b| a.0.error.total_cmp(&b.0.error)) else {
        return Err(MovementError::Instance(format!(
            "{}: no day after the start can be scored",
            case.truth.name
        )));
    };
    let beside = persons(shares);
    let error = relative_difference(&model, &truth, 0);
    let sample =
        |camp: usize, day: usize| -> Vec<f64> { runs.iter().map(|r| r[camp][day] * whole[day]).collect() };
    let predictions: Vec<(Vec<f64>, f64)> = truth
        .iter()
        .enumerate()
        .flat_map(|(camp, row)| row.iter().enumerate().map(move |(day, y)| (camp, day, *y)))
        .map(|(camp, day, y)| (sample(camp, day), y))
        .collect();
    let cells = predictions.len().max(1) as f64;
    let off =
        beside.iter().zip(&truth).flat_map(|(b, t)| b.iter().zip(t)).map(|(b, t)| (b - t).abs()).sum::<f64>();
    Ok(Alone {
        name: case.truth.name.clone(),
        how: how.clone(),
        day: case.day,
        days: case.truth.days - 1 - case.day,
        camps: truth.len(),
        known: case.start().iter().sum(),
        error,
        best: best.name.clone(),
        skill: 1.0 - error / best.error,
        skill_interval: blocks(&model, &beside, &truth, how),
        scores: Scores::of(predictions.iter().map(|(sample, y)| (sample.as_slice(), *y))),
        baseline_crps: off / cells,
        baselines,
    })
}

/// The 90 % interval of skill over blocks of days, drawn with replacement: days near each other err alike.
fn blocks(model: &Table, beside: &Table, truth: &Table, how: &Aside) -> Interval {
    let whole = totals(truth);
    let off = |table: &Table, day: usize| -> f64 {
        let sum: f64 = table.iter().zip(truth).map(|(s, t)| (s[day] - t[day]).abs()).sum();
        sum / whole[day].max(1.0)
    };
    let days = whole.len();
    let long = ((how.block / how.step.max(1)).max(1) as usize).min(days.max(1));
    let mut skills: Vec<f64> = Vec::new();
    for draw in 0..how.bootstrap.max(1) {
        let mut stream = Stream::new(how.seed, "blocks of days", draw);
        let (mut own, mut other) = (0.0, 0.0);
        for _ in 0..days.div_ceil(long) {
            let first = stream.below(days - long + 1);
            for day in first..first + long {
                own += off(model, day);
                other += off(beside, day);
            }
        }
        if other > 0.0 {
            skills.push(1.0 - own / other);
        }
    }
    let sorted = in_order(&skills);
    Interval { low: quantile(&sorted, 0.05), high: quantile(&sorted, 0.95) }
}
