//! Displacement and return of whole populations.

#![allow(missing_docs)]
pub mod baselines;
pub mod calibrate;
pub mod ensemble;
mod error;
mod instance;
pub mod measure;
mod network;
mod priors;
mod random;
mod read;
mod returns;
pub mod scores;
mod series;
mod settings;
mod simulate;
mod stream;
pub mod validate;

pub use ensemble::{Bands, Counted, Ensemble, Job, Keep, Outcome};
pub use error::MovementError;
pub use instance::{
    CapacityChange, Closes, Closure, Distance, Forced, Instance, Kind, Link, Location, Registered,
};
pub use priors::{Parameter, Parameters, Prior, Sample};
pub use read::{read, read_as_of, read_settings};
pub use returns::{ConditionFrom, End, Push, ReturnRates, ReturnSettings, StayFrom};
pub use series::Series;
pub use simulate::{Counts, Day, Model, Run};
pub use settings::{Arrivals, Compat, Grain, Settings};
