//! Ensembles: many runs of one pure function of instance, scenario, parameters, seed and member.
//!
//! [`Job::run`] is that function. A job can be sent elsewhere as bytes, and an outcome comes back as bytes, so that
//! the same function can run on other machines; [`Fold`] takes outcomes in any order and gives the same bands.

mod bands;
mod elsewhere;
mod kept;
mod outcome;
mod runner;

use serde::{Deserialize, Serialize};

pub use bands::{Band, Bands, Fold, Quantiles, SHARES, SKETCH_ERROR};
pub use elsewhere::Arrived;
pub use outcome::{Outcome, Trace};
pub use runner::Ensemble;

use crate::{Arrivals, End, Instance, Model, MovementError, ReturnRates, ReturnSettings, Settings};

/// Which places an outcome keeps, beside the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Camps that have registrations.
    #[default]
    Scored,
    /// All camps.
    Camps,
    /// All places.
    Places,
}

/// What a series counts, in persons by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// Displaced people at a place: an index of [`Instance::locations`].
    At(usize),
    /// On the way between places.
    Travelling,
    /// At home again.
    Home,
    /// Displaced since the start, those in camps on day 0 included.
    Entered,
    /// Displaced according to registrations while no zone had conflict.
    Unplaced,
    /// Set out for home by their own decision, since the start.
    SetOut,
    /// Set out for home because staying was made impossible, since the start.
    Pushed,
    /// Displaced again after having returned, since the start.
    Again,
}

impl Counted {
    /// The totals, in the order in which outcomes hold them, behind the places.
    pub const TOTALS: [Counted; 7] = [
        Counted::Travelling,
        Counted::Home,
        Counted::Entered,
        Counted::Unplaced,
        Counted::SetOut,
        Counted::Pushed,
        Counted::Again,
    ];
}

/// Everything that the members of an ensemble have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// The situation.
    pub instance: Instance,
    /// With it, people may go home, and both ends of the intervals of conditions are run.
    pub returns: Option<ReturnSettings>,
    /// Of all random numbers.
    pub seed: u64,
    /// Names of the parameters that members differ in: Flee's name of a setting, `return.` and the name of a return
    /// rate (`return.daily`), or `arrivals.rate`, the number in [`Arrivals`] where that has one.
    pub names: Vec<String>,
    /// What is kept of a run.
    pub keep: Keep,
}

#[derive(Serialize, Deserialize)]
struct Sent<J> {
    format: u32,
    job: J,
}

impl Job {
    /// The version of a job's bytes and of its rules of drawing; another version is refused.
    pub const FORMAT: u32 = 2;

    /// A job without returns whose members differ in nothing but chance.
    pub fn new(instance: Instance, seed: u64) -> Job {
        Job { instance, returns: None, seed, names: Vec::new(), keep: Keep::Scored }
    }

    /// Runs one member with the values of its parameters: nothing but job, member and values decides the outcome.
    ///
    /// # Errors
    /// Values that do not fit the names, or out of range; an instance that cannot be run.
    pub fn run(&self, member: u64, values: &[f64]) -> Result<Outcome, MovementError> {
        let (instance, returns) = self.with(values)?;
        let places = self.places();
        let ends: &[Option<End>] =
            if returns.is_some() { &[Some(End::Low), Some(End::High)] } else { &[None] };
        let trace = |end: &Option<End>| {
            let returns = returns.clone().map(|r| ReturnSettings { end: end.unwrap_or(r.end), ..r });
            Ok(Trace::of(&Model::new(&instance, returns)?.run(self.seed, member)?, &places))
        };
        Ok(Outcome { ends: ends.iter().map(trace).collect::<Result<_, MovementError>>()? })
    }

    /// What the rows of a [`Trace`] count.
    pub fn series(&self) -> Vec<Counted> {
        self.places().into_iter().map(Counted::At).chain(Counted::TOTALS).collect()
    }

    /// Places whose counts are kept.
    pub fn places(&self) -> Vec<usize> {
        match self.keep {
            Keep::Scored => self.instance.scored(),
            Keep::Camps => self.instance.camps().collect(),
            Keep::Places => (0..self.instance.locations.len()).collect(),
        }
    }

    /// How many traces an outcome has: 2 with returns, both ends of the conditions.
    pub fn ends(&self) -> usize {
        if self.returns.is_some() { 2 } else { 1 }
    }

    /// The instance with the values of a member.
    ///
    /// # Errors
    /// As [`Job::run`].
    pub fn instance_with(&self, values: &[f64]) -> Result<Instance, MovementError> {
        Ok(self.with(values)?.0)
    }

    /// The instance and the returns with the values of a member.
    fn with(&self, values: &[f64]) -> Result<(Instance, Option<ReturnSettings>), MovementError> {
        if values.len() != self.names.len() {
            return Err(MovementError::Instance(format!(
                "{} values for {} parameters",
                values.len(),
                self.names.len()
            )));
        }
        let (mut instance, mut returns) = (self.instance.clone(), self.returns.clone());
        for (name, value) in self.names.iter().zip(values) {
            set(&mut instance.settings, returns.as_mut().map(|r| &mut r.rates), name, *value)?;
        }
        let fault = instance.settings.fault().or_else(|| returns.as_ref().and_then(ReturnSettings::fault));
        match fault {
            Some(fault) => Err(MovementError::Instance(fault)),
            None => Ok((instance, returns)),
        }
    }

    /// As bytes, to run elsewhere: [`Job::from_bytes`] gives the same job back.
    ///
    /// # Errors
    /// A number that is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, MovementError> {
        serde_json::to_vec(&Sent { format: Job::FORMAT, job: self })
            .map_err(|e| MovementError::Instance(format!("a job that cannot be written: {e}")))
    }

    /// From the bytes of [`Job::to_bytes`].
    ///
    /// # Errors
    /// Bytes of another version, or that are no job.
    pub fn from_bytes(bytes: &[u8]) -> Result<Job, MovementError> {
        let fault =
            |message: String| MovementError::Instance(format!("a job that cannot be read: {message}"));
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let version: Version = serde_json::from_slice(bytes).map_err(|e| fault(e.to_string()))?;
        if version.format != Job::FORMAT {
            return Err(fault(format!("format {}; {} was expected", version.format, Job::FORMAT)));
        }
        let sent: Sent<Job> = serde_json::from_slice(bytes).map_err(|e| fault(e.to_string()))?;
        Ok(sent.job)
    }
}

/// Sets a parameter by its name; says which names there are where it is none.
fn set(
    settings: &mut Settings,
    rates: Option<&mut ReturnRates>,
    name: &str,
    value: f64,
) -> Result<(), MovementError> {
    let done = if let Some(rate) = name.strip_prefix("return.") {
        rates.is_some_and(|rates| rates.set(rate, value))
    } else if name == "arrivals.rate" {
        match &mut settings.arrivals {
            Arrivals::Registered { .. } => false,
            Arrivals::Constant { persons: rate }
            | Arrivals::Poisson { persons: rate }
            | Arrivals::Share { share: rate }
            | Arrivals::Hazard { rate } => {
                *rate = value;
                true
            }
        }
    } else {
        settings.set(name, value)
    };
    if done {
        return Ok(());
    }
    Err(MovementError::Instance(format!(
        "{name} is not a parameter of this job; one of {}, arrivals.rate (where arrivals have a rate) or, with \
         returns, return. and one of {} was expected",
        Settings::NAMES.join(", "),
        ReturnRates::NAMES.join(", ")
    )))
}
