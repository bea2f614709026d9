//! Calibration: which parameters go with what was registered, and how far registrations tell them apart.
//!
//! Registrations have no likelihood that can be written down, so a sample of parameters is weighed by how near the
//! runs come (approximate Bayesian computation). Weights of conditions are never calibrated on returns.

mod fit;
mod registrations;
mod smc;

use serde::{Deserialize, Serialize};

pub use fit::Fit;
pub use registrations::{Calibrated, Compared, Split, calibrate, calibrate_job};
pub use smc::{Distances, Generation, Posterior, Search, smc, smc_in_batches};

use crate::validate::log_uniform;
use crate::{Parameter, Prior, Sample};

/// The parameters of displacement that one conflict's own days are fitted with, as wide as is plausible around Flee's
/// defaults.
///
/// Those of [`shared_priors`] that are not among them make later days worse where one conflict is fitted by itself.
pub fn displacement_priors() -> Vec<Parameter> {
    let uniform =
        |name: &str, low, high| Parameter { name: name.to_owned(), prior: Prior::Uniform { low, high } };
    vec![
        log_uniform("conflict_weight", 0.01, 1.0),
        log_uniform("camp_weight", 0.5, 20.0),
        log_uniform("foreign_weight", 0.5, 20.0),
        uniform("default_movechance", 0.05, 1.0),
        log_uniform("softening", 1.0, 300.0),
        uniform("distance_power", 0.25, 3.0),
        log_uniform("max_move_speed", 50.0, 800.0),
    ]
}

/// The parameters of displacement that several conflicts are fitted with: all of the rules for leaving, choosing and
/// travelling.
///
/// Left out are those that only bear on what others do as well (`weight_power`, `weight_softening`) or on what not every
/// instance has (capacities, camps of internally displaced people, people on foot, populations).
pub fn shared_priors() -> Vec<Parameter> {
    let mut all = displacement_priors();
    all.extend([
        log_uniform("conflict_movechance", 0.02, 1.0),
        log_uniform("camp_movechance", 0.0001, 0.01),
        Parameter { name: "awareness_level".to_owned(), prior: Prior::Whole { low: 1, high: 3 } },
    ]);
    all
}

/// How far a calibration has told a parameter from what was known before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identified {
    /// The parameter.
    pub name: String,
    /// Width of the central 90 % before, in chances of the prior: 0.9, or less for few whole numbers.
    pub before: f64,
    /// Width of the central 90 % after, in chances of the prior.
    pub after: f64,
    /// After over before: 1 where nothing was learnt.
    pub ratio: f64,
}

/// Compares a sample with the priors it came from.
pub fn identified(parameters: &[Parameter], sample: &Sample) -> Vec<Identified> {
    let one = |(at, parameter): (usize, &Parameter)| {
        let width = |quantile: &dyn Fn(f64) -> f64| {
            parameter.prior.below(quantile(0.95)) - parameter.prior.below(quantile(0.05))
        };
        let before = width(&|p| parameter.prior.quantile(p)).max(f64::MIN_POSITIVE);
        let after = width(&|p| sample.quantile(at, p));
        Identified { name: parameter.name.clone(), before, after, ratio: after / before }
    };
    parameters.iter().enumerate().map(one).collect()
}

/// The least distance along one parameter, whatever the others: flat where registrations do not tell it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The parameter.
    pub name: String,
    /// Edges of the cells along the parameter, one more than [`Profile::least`]: equal chances of the prior.
    pub edges: Vec<f64>,
    /// The least distance in each cell; no number where no point fell into it.
    pub least: Vec<f64>,
}

/// Profiles of distances over points that were run.
pub fn profiles(
    parameters: &[Parameter],
    points: &[Vec<f64>],
    distances: &[f64],
    cells: usize,
) -> Vec<Profile> {
    let one = |(at, parameter): (usize, &Parameter)| {
        let edges = (0..=cells).map(|cell| parameter.prior.quantile(cell as f64 / cells as f64)).collect();
        let mut least = vec![f64::NAN; cells];
        for (point, distance) in points.iter().zip(distances) {
            let cell =
                ((parameter.prior.below(point[at]) * cells as f64) as usize).min(cells.saturating_sub(1));
            if let Some(cell) = least.get_mut(cell) {
                *cell = cell.min(*distance);
            }
        }
        Profile { name: parameter.name.clone(), edges, least }
    };
    parameters.iter().enumerate().map(one).collect()
}
