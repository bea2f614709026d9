//! Validation as the field publishes it: the whole period, with the instance's own capacities and totals.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::measure::{self, Errors, registered, simulated};
use crate::{Compat, Instance, Model, MovementError};

/// A mean over runs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Over runs.
    pub mean: f64,
    /// Standard deviation of a run; no number for a single run.
    pub sd: f64,
    /// Standard error of the mean: what chance in the runs leaves open.
    pub monte_carlo: f64,
}

impl Estimate {
    /// Of values in their order.
    pub fn of(values: &[f64]) -> Estimate {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let sd = (squares / (n - 1.0)).sqrt();
        Estimate { mean, sd, monte_carlo: sd / n.sqrt() }
    }
}

/// Errors of an instance as given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The instance.
    pub name: String,
    /// Which reading of the rules.
    pub compat: Compat,
    /// How many runs.
    pub runs: u64,
    /// Averaged relative difference.
    pub error: Estimate,
    /// The same, rescaled to each day's total.
    pub rescaled: Estimate,
    /// Root of the mean squared difference, in persons.
    pub rmse: Estimate,
    /// Mean absolute scaled error against a flat forecast from day 7.
    pub mase7: Estimate,
    /// From day 30.
    pub mase30: Estimate,
}

/// Runs an instance as given and compares it with its registrations over the whole period.
///
/// # Errors
/// An instance that cannot be run or compared.
pub fn published(instance: &Instance, runs: u64, seed: u64) -> Result<Published, MovementError> {
    let scored = instance.scored();
    if scored.is_empty() || runs == 0 {
        return Err(MovementError::Instance(format!(
            "{}: nothing to compare; camps with registrations and at least one run were expected",
            instance.name
        )));
    }
    let model = Model::new(instance, None)?;
    let data = registered(instance);
    let one = |member: u64| -> Result<Errors, MovementError> {
        let run = model.run(seed, member)?;
        Ok(measure::errors(&simulated(&run, &scored), &data))
    };
    let errors: Vec<Errors> = (0..runs).into_par_iter().map(one).collect::<Result<_, _>>()?;
    let estimate = |of: fn(&Errors) -> f64| Estimate::of(&errors.iter().map(of).collect::<Vec<f64>>());
    Ok(Published {
        name: instance.name.clone(),
        compat: instance.settings.compat,
        runs,
        error: estimate(|e| e.error),
        rescaled: estimate(|e| e.rescaled),
        rmse: estimate(|e| e.rmse),
        mase7: estimate(|e| e.mase.flat7),
        mase30: estimate(|e| e.mase.flat30),
    })
}
