//! What a model's errors are worth: always two modes beside each other.
//!
//! [`published`] runs an instance as the field does: capacities and daily totals are read from the very
//! registrations that are scored. [`honest`] lets no registration of the scored period in, fits everything on earlier
//! days and on other conflicts, and stands beside baselines that anybody can compute.

mod alone;
mod case;
mod fit;
mod honest;
mod predict;
mod published;

use serde::{Deserialize, Serialize};
use wegen_model::Interval;

pub use alone::{Alone, Aside, alone};
pub use case::{Case, Knowledge, Simulated};
pub use honest::honest;
pub use predict::{Pool, Prediction, Runs, Spread, disagreement, predict};
pub use published::{Estimate, Published, published};

use crate::calibrate::Profile;
use crate::scores::Scores;
use crate::{Parameter, Prior, Sample};

/// What is given of the days that are scored, beside places and links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given {
    /// Each day's total over all scored camps, conflict days and closures: shares are predicted.
    #[default]
    Totals,
    /// Nothing: conflict goes on as on the day of the start, closures stay, totals grow as they did until then.
    Nothing,
}

/// How an honest validation is done. Everything but the defaults of the parameters is said here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Of all random numbers.
    pub seed: u64,
    /// What is given of the scored days.
    pub given: Given,
    /// Parameters that are calibrated, with what is known of them before.
    pub parameters: Vec<Parameter>,
    /// Points of the priors that are run on every conflict.
    pub points: usize,
    /// The share of these points that is kept where parameters are taken from other conflicts alone.
    pub kept: f64,
    /// Counts are scaled down so that this many persons are counted at most, for the runs of the model.
    pub persons: f64,
    /// Every so many days are used for fitting and scoring.
    pub step: u32,
    /// Members of the dispersed prediction.
    pub members: u64,
    /// Draws of the bootstrap for intervals of skill.
    pub bootstrap: u64,
    /// Days of a block of the bootstrap.
    pub block: u32,
}

impl Default for Method {
    fn default() -> Method {
        Method {
            seed: 1,
            given: Given::Totals,
            parameters: crate::calibrate::shared_priors(),
            points: 256,
            kept: 0.1,
            persons: 20_000.0,
            step: 5,
            members: 200,
            bootstrap: 500,
            block: 30,
        }
    }
}

/// An error of one way to predict a conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Way {
    /// Which.
    pub name: String,
    /// It uses what is only known from the scored days: shown for comparison, and not what skill is measured against.
    pub leaks: bool,
    /// Rescaled error over the scored days ([`measure::relative_difference`](crate::measure::relative_difference)
    /// of shares times totals).
    pub error: f64,
}

/// One conflict in an honest validation: no registration of its scored days was used in fitting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The instance.
    pub name: String,
    /// The last day that anything is known of.
    pub day: u32,
    /// Days that are scored, as many as there are after it, of which every [`Method::step`] is looked at.
    pub days: u32,
    /// Camps that are scored.
    pub camps: usize,
    /// Of these, camps that had been counted by the day of the start.
    pub counted: usize,
    /// Persons counted by then.
    pub known: f64,
    /// Rescaled error of the model with the instance's own parameters.
    pub default_error: f64,
    /// With parameters weighed by the errors of other conflicts alone, and no earlier days of this one.
    pub transferred_error: f64,
    /// With parameters weighed by what was known of this conflict at the start, as sharply as other conflicts say.
    pub calibrated_error: f64,
    /// Of frozen shares with an even part of newcomers for camps not yet counted: the prediction without the model.
    pub without_model_error: f64,
    /// Of the prediction: the calibrated model joined with frozen shares, joined as fitted on the other conflicts.
    pub error: f64,
    /// How they are joined.
    pub pool: Pool,
    /// How much the model counts against frozen shares, 0…1.
    pub trust: f64,
    /// How wide the prediction is, fitted on the other conflicts.
    pub spread: Spread,
    /// Baselines on the same days.
    pub baselines: Vec<Way>,
    /// The best of those that do not leak.
    pub best: String,
    /// 1 − error of the prediction / error of the best baseline.
    pub skill: f64,
    /// 90 % interval of skill, over blocks of days and members.
    pub skill_interval: Interval,
    /// The same against the better of the two usual baselines: frozen shares and the nearest camp.
    pub skill_usual: f64,
    /// 1 − error of the calibrated model alone / error of the best baseline.
    pub model_skill: f64,
    /// 1 − CRPS of shares / error of the best baseline, which is its CRPS.
    pub crps_skill: f64,
    /// Scores of camp-days, in persons.
    pub scores: Scores,
    /// Mean CRPS by camp, in persons, in the order of [`Instance::scored`](crate::Instance::scored).
    pub crps: Vec<f64>,
    /// Mean absolute error by camp of the best baseline: what its CRPS is.
    pub baseline_crps: Vec<f64>,
    /// Points of the priors with their weights by what was known at the start.
    pub posterior: Sample,
}

/// An honest validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Honest {
    /// How it was done.
    pub method: Method,
    /// By conflict, in the order given.
    pub conflicts: Vec<Conflict>,
    /// Mean skill over conflicts.
    pub skill: f64,
    /// Its 90 % interval with these conflicts: over days and members.
    pub skill_interval: Interval,
    /// Its 90 % interval over conflicts as well: as if others of the same kind had been drawn.
    pub skill_interval_conflicts: Interval,
    /// Mean skill against the better of the two usual baselines.
    pub skill_usual: f64,
    /// Its 90 % interval over days and members.
    pub skill_usual_interval: Interval,
    /// Mean rescaled error of the model with the instances' own parameters.
    pub default_error: f64,
    /// With parameters from other conflicts alone.
    pub transferred_error: f64,
    /// With parameters weighed by what was known at the start.
    pub calibrated_error: f64,
    /// Of the prediction.
    pub error: f64,
    /// Share of camp-days within the 90 % interval, all camp-days alike.
    pub within90: f64,
    /// The same, as a mean over conflicts.
    pub within90_conflicts: f64,
    /// Along each parameter the least error over all conflicts, each relative to its default parameters.
    pub profiles: Vec<Profile>,
    /// What went in that a reader should know of.
    pub notes: Vec<String>,
}

/// A prior that is as wide as its range allows, for parameters without other knowledge.
pub(crate) fn log_uniform(name: &str, low: f64, high: f64) -> Parameter {
    Parameter { name: name.to_owned(), prior: Prior::LogUniform { low, high } }
}
