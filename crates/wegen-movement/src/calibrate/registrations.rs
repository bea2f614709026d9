//! Calibrates an instance on some of its registrations, and compares it with its defaults on the others.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Posterior, Search, smc};
use crate::measure::{Table, mean, registered, relative_difference, rescale, simulated, totals};
use crate::{Instance, Job, Model, MovementError, Outcome};

/// Which registrations are held out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Split {
    /// Days from this one on.
    pub days_from: Option<u32>,
    /// Scored camps: indices of [`Instance::locations`].
    pub camps: Vec<usize>,
}

/// Rescaled errors on the same camps and days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// With the instance's own parameters.
    pub default: f64,
    /// Of the mean over the calibrated sample.
    pub calibrated: f64,
}

/// A calibration on the registrations of one instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibrated {
    /// The instance.
    pub name: String,
    /// Parameters, and what was learnt of each.
    pub posterior: Posterior,
    /// On what was used: of shares among the camps that were used.
    pub trained: Compared,
    /// On the days held out, at all camps.
    pub held_days: Option<Compared>,
    /// At the camps held out, on the days that were used: of their shares among all camps.
    pub held_camps: Option<Compared>,
}

/// Members of the comparison lie beyond those of the search.
const APART: u64 = 1 << 40;
/// Runs with the instance's own parameters.
const DEFAULTS: u64 = 8;

/// Searches for parameters with which an instance comes near its registrations. Everything else of the instance is
/// as given: its capacities too, which leak where they come from later registrations.
///
/// Counts are scaled down so that `persons` are counted at most: shares are compared, whose noise is then about
/// 1/√persons.
///
/// # Errors
/// Nothing left to compare; an instance that cannot be run.
pub fn calibrate(
    instance: &Instance,
    split: &Split,
    search: &Search,
    persons: f64,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Calibrated, MovementError> {
    let scored = instance.scored();
    let data = registered(instance);
    let most = totals(&data).into_iter().fold(0.0, f64::max);
    let scaled = instance.scaled((persons / most.max(1.0)).min(1.0));
    let names: Vec<String> = search.parameters.iter().map(|p| p.name.clone()).collect();
    let job = Job { names, ..Job::new(scaled, search.seed) };
    let run = |values: Option<&[f64]>, member: u64| -> Result<Table, MovementError> {
        let instance = match values {
            Some(values) => job.instance_with(values)?,
            None => job.instance.clone(),
        };
        let run = Model::new(&instance, None)?.run(search.seed, member)?;
        Ok(simulated(&run, &scored))
    };
    let days = split.days_from.unwrap_or(instance.days).min(instance.days) as usize;
    let (all, kept): (Vec<usize>, Vec<usize>) = (
        (0..scored.len()).collect(),
        (0..scored.len()).filter(|i| !split.camps.contains(&scored[*i])).collect(),
    );
    let out: Vec<usize> = all.iter().copied().filter(|i| !kept.contains(i)).collect();
    if kept.is_empty() || days == 0 {
        return Err(MovementError::Instance(format!(
            "{}: no camp or no day is left to calibrate on",
            instance.name
        )));
    }
    let error = |sim: &Table, camps: &[usize], from: usize, to: usize| -> f64 {
        let part = |of: &Table| -> Table { camps.iter().map(|c| of[*c][from..to].to_vec()).collect() };
        let (sim, data) = (part(sim), part(&data));
        relative_difference(&rescale(&sim, &data), &data, 0)
    };
    let distance =
        |values: &[f64], member: u64| run(Some(values), member).map(|sim| error(&sim, &kept, 0, days));
    let posterior = smc(search, &distance, progress)?;
    let total: f64 = posterior.sample.weights.iter().sum();
    let weighted: Vec<(Table, f64)> = posterior
        .sample
        .points
        .par_iter()
        .zip(&posterior.sample.weights)
        .enumerate()
        .map(|(i, (point, weight))| Ok((run(Some(point), APART + i as u64)?, weight / total)))
        .collect::<Result<_, MovementError>>()?;
    let defaults: Vec<(Table, f64)> = (0..DEFAULTS)
        .into_par_iter()
        .map(|i| Ok((run(None, APART + i)?, 1.0 / DEFAULTS as f64)))
        .collect::<Result<_, MovementError>>()?;
    let of = |tables: &[(Table, f64)]| mean(tables.iter().map(|(table, weight)| (table, *weight)));
    let (calibrated, default) = (of(&weighted), of(&defaults));
    let compare = |camps: &[usize], from: usize, to: usize| {
        let some = !camps.is_empty() && from < to;
        some.then(|| Compared {
            default: error(&default, camps, from, to),
            calibrated: error(&calibrated, camps, from, to),
        })
    };
    // Held-out camps have a share of all: by themselves, a single one would always be right.
    let (scaled_default, scaled_calibrated) = (rescale(&default, &data), rescale(&calibrated, &data));
    let beside = |sim: &Table| -> f64 {
        let part = |of: &Table| -> Table { out.iter().map(|c| of[*c][..days].to_vec()).collect() };
        relative_difference(&part(sim), &part(&data), 0)
    };
    let held_camps = (!out.is_empty())
        .then(|| Compared { default: beside(&scaled_default), calibrated: beside(&scaled_calibrated) });
    let nothing = Compared { default: f64::NAN, calibrated: f64::NAN };
    Ok(Calibrated {
        name: instance.name.clone(),
        trained: compare(&kept, 0, days).unwrap_or(nothing),
        held_days: compare(&all, days, instance.days as usize),
        held_camps,
        posterior,
    })
}

/// Searches for parameters of a job, return rates among them, by a distance of what it gives: for data of any kind
/// that bear on them. `distance` sees the outcome alone, 0 where it agrees.
///
/// # Errors
/// Parameters that the job does not know; a job that cannot be run.
pub fn calibrate_job(
    job: &Job,
    search: &Search,
    distance: &(dyn Fn(&Outcome) -> f64 + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Posterior, MovementError> {
    let job = Job { names: search.parameters.iter().map(|p| p.name.clone()).collect(), ..job.clone() };
    smc(search, &|values: &[f64], member| job.run(member, values).map(|outcome| distance(&outcome)), progress)
}
