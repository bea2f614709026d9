//! Runs the members of an ensemble on this machine.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::kept::Kept;
use super::{Bands, Fold, Job, Outcome};
use crate::{MovementError, Parameters};

/// So many members are under way at once, and held until they are folded.
const AT_ONCE: u64 = 64;

/// A job, what its parameters are drawn from, and how many members.
#[derive(Debug, Clone)]
pub struct Ensemble {
    job: Job,
    parameters: Parameters,
    members: u64,
    exact: usize,
}

impl Ensemble {
    /// So many members of a job, with parameters drawn by the job's seed. The job's names become those of the
    /// parameters.
    ///
    /// # Errors
    /// Parameters that cannot be drawn, or that the job does not know; an instance that cannot be run.
    pub fn new(job: Job, parameters: Parameters, members: u64) -> Result<Ensemble, MovementError> {
        parameters.check()?;
        let job = Job { names: parameters.names(), ..job };
        let ensemble = Ensemble { job, parameters, members, exact: Ensemble::EXACT };
        ensemble.job.with(&ensemble.values(0))?;
        Ok(ensemble)
    }

    /// Up to so many members, quantiles are exact.
    pub const EXACT: usize = 256;

    /// The same with another number of members up to which quantiles are exact: 8 bytes for each member, series and
    /// day.
    pub fn exact_up_to(self, members: usize) -> Ensemble {
        Ensemble { exact: members, ..self }
    }

    /// What all members have in common.
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// How many members.
    pub fn members(&self) -> u64 {
        self.members
    }

    /// The values of a member's parameters.
    pub fn values(&self, member: u64) -> Vec<f64> {
        self.parameters.draw(self.job.seed, member)
    }

    /// Identifies job and parameters, not the number of members: a longer ensemble goes on from a shorter one.
    ///
    /// # Errors
    /// A job that has no bytes.
    pub fn hash(&self) -> Result<[u8; 32], MovementError> {
        let parameters = serde_json::to_vec(&self.parameters)
            .map_err(|e| MovementError::Instance(format!("parameters that cannot be written: {e}")))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.job.to_bytes()?).update(&[0]).update(&parameters);
        Ok(*hasher.finalize().as_bytes())
    }

    /// Runs all members and folds them into bands: the same bytes on any number of threads.
    ///
    /// With `file`, each finished member is kept there; members that it holds are not run again, and the bands are
    /// those of an uninterrupted run. `progress` is told how many members are done, of how many, from any thread.
    ///
    /// # Errors
    /// A member that cannot be run, or a file that cannot be used.
    pub fn run(
        &self,
        file: Option<&Path>,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Bands, MovementError> {
        let mut fold = Fold::new(&self.job, self.exact);
        self.each(file, progress, |_, outcome| fold.add(outcome))?;
        Ok(fold.bands())
    }

    /// Runs all members and hands them over in their order.
    ///
    /// # Errors
    /// As [`Ensemble::run`], or what `take` says.
    pub fn each(
        &self,
        file: Option<&Path>,
        progress: &(dyn Fn(u64, u64) + Sync),
        mut take: impl FnMut(u64, &Outcome) -> Result<(), MovementError>,
    ) -> Result<(), MovementError> {
        let hash = self.hash()?;
        let mut kept = file.map(|path| Kept::open(path, &hash)).transpose()?;
        let done = AtomicU64::new(0);
        let mut first = 0;
        while first < self.members {
            let some: Vec<u64> = (first..self.members.min(first + AT_ONCE)).collect();
            first += AT_ONCE;
            let known: Vec<bool> = some.iter().map(|m| kept.as_ref().is_some_and(|k| k.holds(*m))).collect();
            let writing = Mutex::new(&mut kept);
            let one = |(member, known): (&u64, &bool)| -> Result<Option<Outcome>, MovementError> {
                let outcome = if *known { None } else { Some(self.job.run(*member, &self.values(*member))?) };
                if let (Some(outcome), Ok(mut kept)) = (&outcome, writing.lock())
                    && let Some(kept) = kept.as_mut()
                {
                    kept.append(*member, outcome)?;
                }
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, self.members);
                Ok(outcome)
            };
            let outcomes: Vec<Option<Outcome>> =
                some.par_iter().zip(&known).map(one).collect::<Result<_, MovementError>>()?;
            for (member, outcome) in some.iter().zip(outcomes) {
                let outcome = match (outcome, &mut kept) {
                    (Some(outcome), _) => Some(outcome),
                    (None, Some(kept)) => kept.get(*member)?,
                    (None, None) => None,
                };
                let missing = || MovementError::Instance(format!("member {member} is not there"));
                take(*member, &outcome.ok_or_else(missing)?)?;
            }
        }
        Ok(())
    }
}
