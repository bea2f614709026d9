//! Validation with everything fitted on earlier days and other conflicts, conflict by conflict.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use wegen_model::Interval;

use super::fit::{self, Covered, Ready};
use super::predict::{Start, predict};
use super::{Case, Conflict, Given, Honest, Knowledge, Method, Runs, Way};
use crate::calibrate::profiles;
use crate::measure::{Table, mean};
use crate::scores::{Scores, crps, in_order, quantile};
use crate::stream::Stream;
use crate::{MovementError, Sample, baselines};

/// Draws of members for the bootstrap.
const RESAMPLED: u64 = 20;

/// Validates on each conflict with what was known of it at its start and what the other conflicts say.
///
/// `progress` is told how many runs of the model are done, of how many, from any thread.
///
/// # Errors
/// Fewer than three conflicts; an instance that cannot be run.
pub fn honest(
    cases: &[Case],
    method: &Method,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Honest, MovementError> {
    if cases.len() < 3 {
        return Err(MovementError::Instance(format!("{} conflicts; at least 3 were expected", cases.len())));
    }
    let (done, all) = (AtomicU64::new(0), Runs::number(method) * cases.len() as u64);
    let tick = || progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
    let (mut ready, mut ways): (Vec<Ready>, Vec<Vec<(Way, Table)>>) = (Vec::new(), Vec::new());
    for case in cases {
        let runs = Runs::of(case, method, &tick)?;
        let mut one = Ready::new(runs, Start::of(case, method), case.scored(method.step));
        let ways_of = all_ways(case, method, &one);
        one.best = best(&ways_of).0.error;
        ready.push(one);
        ways.push(ways_of);
    }
    let (pools, spreads) = (fit::pools(), fit::spreads());
    let errors = fit::errors(&ready, &pools);
    let relative: Vec<Vec<f64>> = ready.par_iter().map(relative_errors).collect();
    let transferred = transferred(&ready, &relative, method);
    let joined: Vec<usize> = (0..ready.len()).map(|held| fit::pool_without(&ready, &errors, held)).collect();
    let mut covered: BTreeMap<usize, Vec<Vec<Covered>>> = BTreeMap::new();
    for pool in &joined {
        covered.entry(*pool).or_insert_with(|| {
            ready.iter().map(|one| fit::covered(one, method, &pools[*pool], &spreads)).collect()
        });
    }
    let mut conflicts = Vec::new();
    let mut draws: Vec<Vec<[f64; 2]>> = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let (one, pool) = (&ready[at], &pools[joined[at]]);
        let spread = &spreads[covered.get(&joined[at]).map_or(0, |c| fit::spread_without(c, at))];
        let prediction = predict(case, &one.runs, method, pool, spread);
        let (best, beside) = best(&ways[at]);
        let usual = best_usual(&ways[at]);
        let error = one.error(&prediction.shares);
        let calibrated = one.error(&one.runs.mean(&prediction.weights));
        let equal = 1.0 / one.runs.defaults.len() as f64;
        let (camp_crps, crps_skill, scores) = scored(one, &prediction.members, best.error);
        let central = resampled(one, method, pool, &prediction.weights, prediction.trust);
        let skills = bootstrap(one, method, &central, beside, &usual.1, at as u64);
        conflicts.push(Conflict {
            name: case.truth.name.clone(),
            day: case.day,
            days: case.truth.days - 1 - case.day,
            camps: one.truth.len(),
            counted: one.start.counted.iter().filter(|c| **c).count(),
            known: case.start().iter().sum(),
            default_error: one.error(&mean(one.runs.defaults.iter().map(|t| (t, equal)))),
            transferred_error: transferred[at],
            calibrated_error: calibrated,
            without_model_error: one.error(&one.start.join(&one.start.frozen, 0.0, 1.0)),
            error,
            pool: *pool,
            trust: prediction.trust,
            spread: *spread,
            baselines: ways[at].iter().map(|(way, _)| way.clone()).collect(),
            best: best.name.clone(),
            skill: 1.0 - error / best.error,
            skill_interval: interval(skills.iter().map(|s| s[0])),
            skill_usual: 1.0 - error / usual.0.error,
            model_skill: 1.0 - calibrated / best.error,
            crps_skill,
            scores,
            crps: camp_crps,
            baseline_crps: absolute(one, beside),
            posterior: Sample {
                names: method.parameters.iter().map(|p| p.name.clone()).collect(),
                points: one.runs.points.clone(),
                weights: prediction.weights,
            },
        });
        draws.push(skills);
    }
    Ok(summary(cases, method, conflicts, &draws, &relative, &ready))
}

fn all_ways(case: &Case, method: &Method, one: &Ready) -> Vec<(Way, Table)> {
    baselines::all(case, method.given, method.step)
        .into_iter()
        .map(|(name, leaks, shares)| {
            (Way { name: name.to_owned(), leaks, error: one.error(&shares) }, shares)
        })
        .collect()
}

/// The best of the baselines that do not leak.
fn best(ways: &[(Way, Table)]) -> &(Way, Table) {
    ways[1..]
        .iter()
        .filter(|(way, _)| !way.leaks)
        .fold(&ways[0], |best, w| if w.0.error < best.0.error { w } else { best })
}

/// The better of frozen shares and the nearest camp.
fn best_usual(ways: &[(Way, Table)]) -> &(Way, Table) {
    best(&ways[..2])
}

/// Rescaled errors with parameters weighed by the mean error of the other conflicts, each relative to its default.
fn transferred(ready: &[Ready], relative: &[Vec<f64>], method: &Method) -> Vec<f64> {
    let points = relative.first().map_or(0, Vec::len);
    let one = |held: usize| {
        let others = |point: usize| -> f64 {
            relative.iter().enumerate().filter(|(i, _)| *i != held).map(|(_, errors)| errors[point]).sum()
        };
        let sums: Vec<f64> = (0..points).map(others).collect();
        let sorted = in_order(&sums);
        let (least, most) =
            (sorted[0], sorted[((method.kept * points as f64) as usize).clamp(1, points - 1)]);
        // Epanechnikov, from the least to what is still kept.
        let weigh = |sum: &f64| {
            let far = (sum - least) / (most - least).max(f64::MIN_POSITIVE);
            (1.0 - far * far).max(0.0)
        };
        let weights: Vec<f64> = sums.iter().map(weigh).collect();
        let whole: f64 = weights.iter().sum();
        let shares = ready[held].runs.mean(&weights.iter().map(|w| w / whole).collect::<Vec<f64>>());
        ready[held].error(&shares)
    };
    (0..ready.len()).map(one).collect()
}

/// The error of each point relative to that of the default parameters.
fn relative_errors(one: &Ready) -> Vec<f64> {
    let equal = 1.0 / one.runs.defaults.len() as f64;
    let default = one.error(&mean(one.runs.defaults.iter().map(|t| (t, equal))));
    one.runs.shares.iter().map(|shares| one.error(shares) / default).collect()
}

/// CRPS by camp in persons, skill of the CRPS of shares, and scores of all camp-days in persons.
fn scored(one: &Ready, members: &[Table], best: f64) -> (Vec<f64>, f64, Scores) {
    let days: Vec<usize> = (0..one.totals.len()).collect();
    let sample = |camp: usize, day: usize| -> Vec<f64> {
        members.iter().map(|m| m[camp][day] * one.totals[day]).collect()
    };
    let by_camp: Vec<Vec<Vec<f64>>> = (0..one.truth.len())
        .into_par_iter()
        .map(|camp| days.iter().map(|day| sample(camp, *day)).collect())
        .collect();
    let cell = |camp: usize, day: usize| crps(&by_camp[camp][day], one.truth[camp][day]);
    let cells: Table = (0..by_camp.len())
        .into_par_iter()
        .map(|camp| days.iter().map(|day| cell(camp, *day)).collect())
        .collect();
    let of_shares: f64 = days
        .iter()
        .map(|day| cells.iter().map(|row| row[*day]).sum::<f64>() / one.totals[*day].max(1.0))
        .sum::<f64>()
        / days.len().max(1) as f64;
    let predictions = by_camp
        .iter()
        .zip(&one.truth)
        .flat_map(|(samples, truth)| samples.iter().map(Vec::as_slice).zip(truth.iter().copied()));
    let scores = Scores::of(predictions);
    (cells.iter().map(|row| average(row)).collect(), 1.0 - of_shares / best, scores)
}

fn absolute(one: &Ready, shares: &Table) -> Vec<f64> {
    let off = |(p, y): (&Vec<f64>, &Vec<f64>)| {
        average(&p.iter().zip(y).map(|(p, y)| (p - y).abs()).collect::<Vec<f64>>())
    };
    one.persons(shares).iter().zip(&one.truth).map(off).collect()
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Central predictions of members drawn again.
fn resampled(one: &Ready, method: &Method, pool: &super::Pool, weights: &[f64], trust: f64) -> Vec<Table> {
    let draw = |at: u64| {
        let mut stream = Stream::new(method.seed, "members again", at);
        let number = method.members.max(2);
        let mut counts = vec![0.0; weights.len()];
        for _ in 0..number {
            counts[stream.pick(weights.iter().copied(), 1.0)] += 1.0 / number as f64;
        }
        one.start.join(&one.runs.mean(&counts), trust, pool.uncounted)
    };
    (0..RESAMPLED).into_par_iter().map(draw).collect()
}

/// Skill against two baselines, in draws of blocks of days and of members.
fn bootstrap(
    one: &Ready,
    method: &Method,
    central: &[Table],
    beside: &Table,
    usual: &Table,
    conflict: u64,
) -> Vec<[f64; 2]> {
    let daily = |shares: &Table| -> Vec<f64> {
        let persons = one.persons(shares);
        let off = |day: usize| {
            let sum: f64 = persons.iter().zip(&one.truth).map(|(p, y)| (p[day] - y[day]).abs()).sum();
            sum / one.totals[day].max(1.0)
        };
        (0..one.totals.len()).map(off).collect()
    };
    let (own, beside, usual): (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) =
        (central.iter().map(daily).collect(), daily(beside), daily(usual));
    let days = beside.len();
    let long = (method.block.div_ceil(method.step.max(1)) as usize).clamp(1, days.max(1));
    let draw = |at: u64| {
        let mut stream = Stream::new(method.seed ^ conflict.rotate_left(32), "blocks of days", at);
        let own = &own[(at % RESAMPLED) as usize];
        let mut sums = [0.0; 3];
        for _ in 0..days.div_ceil(long) {
            let first = stream.below(days);
            for day in (first..first + long).map(|d| d % days) {
                sums[0] += own[day];
                sums[1] += beside[day];
                sums[2] += usual[day];
            }
        }
        [1.0 - sums[0] / sums[1], 1.0 - sums[0] / sums[2]]
    };
    (0..method.bootstrap.max(2)).map(draw).collect()
}

fn interval(values: impl Iterator<Item = f64>) -> Interval {
    let sorted = in_order(&values.collect::<Vec<f64>>());
    Interval { low: quantile(&sorted, 0.05), high: quantile(&sorted, 0.95) }
}

fn summary(
    cases: &[Case],
    method: &Method,
    conflicts: Vec<Conflict>,
    draws: &[Vec<[f64; 2]>],
    relative: &[Vec<f64>],
    ready: &[Ready],
) -> Honest {
    let n = conflicts.len();
    let over = |of: fn(&Conflict) -> f64| conflicts.iter().map(of).sum::<f64>() / n as f64;
    let drawn = |which: usize| {
        interval((0..draws[0].len()).map(|d| draws.iter().map(|c| c[d][which]).sum::<f64>() / n as f64))
    };
    let others = |d: usize| {
        let mut stream = Stream::new(method.seed, "conflicts again", d as u64);
        (0..n).map(|_| draws[stream.below(n)][d][0]).sum::<f64>() / n as f64
    };
    let cells: f64 = conflicts.iter().map(|c| f64::from(c.days) * c.camps as f64).sum();
    let within: f64 = conflicts.iter().map(|c| c.scores.within90 * f64::from(c.days) * c.camps as f64).sum();
    let errors: Vec<f64> = (0..ready[0].runs.points.len())
        .map(|point| relative.iter().map(|r| r[point]).sum::<f64>() / n as f64)
        .collect();
    Honest {
        skill: over(|c| c.skill),
        skill_interval: drawn(0),
        skill_interval_conflicts: interval((0..draws[0].len()).map(others)),
        skill_usual: over(|c| c.skill_usual),
        skill_usual_interval: drawn(1),
        default_error: over(|c| c.default_error),
        transferred_error: over(|c| c.transferred_error),
        calibrated_error: over(|c| c.calibrated_error),
        error: over(|c| c.error),
        within90: within / cells,
        within90_conflicts: over(|c| c.scores.within90),
        profiles: profiles(&method.parameters, &ready[0].runs.points, &errors, 6),
        notes: notes(cases, method),
        method: method.clone(),
        conflicts,
    }
}

fn notes(cases: &[Case], method: &Method) -> Vec<String> {
    let mut notes = vec![
        "The list of camps, places and links is that of the instance: which camps would be opened was known to its \
         authors, and is known to all predictions alike."
            .to_owned(),
        "Camps have no capacity: in the instances it is the maximum of the registrations that are scored.".to_owned(),
    ];
    notes.push(match method.given {
        Given::Totals => {
            "Each day's total, conflict days and closures are given, also of the scored days: shares are \
                          predicted."
                .to_owned()
        }
        Given::Nothing => {
            "Nothing of the scored days is given: conflict and closures stay as on the day of the \
                           start, the total grows as until then; shares are scored."
                .to_owned()
        }
    });
    if cases.iter().any(|c| c.knowledge == Knowledge::Interpolated) {
        notes.push("This leaks: counts at the start lie on a line towards later counts.".to_owned());
    }
    notes
}
