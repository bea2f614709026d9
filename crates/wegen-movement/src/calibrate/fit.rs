//! How far runs are from what was registered after the day of the start: the distance that a calibration lessens.

use crate::baselines;
use crate::measure::{Table, in_persons, relative_difference, totals};
use crate::validate::{Case, Given};
use crate::{Job, MovementError, Outcome};

/// Conflicts that parameters are fitted to. What is run for a point is a job for each of them, so that points can be
/// run elsewhere.
#[derive(Debug, Clone)]
pub struct Fit {
    cases: Vec<Ready>,
    step: u32,
}

#[derive(Debug, Clone)]
struct Ready {
    case: Case,
    job: Job,
    truth: Table,
    /// The error of frozen shares, by which the conflict's errors are divided.
    frozen: f64,
}

impl Fit {
    /// For conflicts, with each day's total given, parameters by name, and counts scaled down to so many persons.
    ///
    /// # Errors
    /// A conflict without a day that can be scored.
    pub fn new(
        cases: Vec<Case>,
        names: &[String],
        persons: f64,
        step: u32,
        seed: u64,
    ) -> Result<Fit, MovementError> {
        let ready = |case: Case| -> Result<Ready, MovementError> {
            let truth = case.scored(step);
            let frozen =
                relative_difference(&in_persons(&baselines::frozen(&case, step), &totals(&truth)), &truth, 0);
            if !frozen.is_finite() {
                return Err(MovementError::Instance(format!(
                    "{}: no day after the start can be scored",
                    case.truth.name
                )));
            }
            let job = Job { names: names.to_vec(), ..Job::new(case.scaled(Given::Totals, persons), seed) };
            Ok(Ready { case, job, truth, frozen: frozen.max(1e-6) })
        };
        Ok(Fit { cases: cases.into_iter().map(ready).collect::<Result<_, _>>()?, step })
    }

    /// What is run for a point: a member of each job.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.cases.iter().map(|c| &c.job)
    }

    /// The distance of the outcomes of a point, one for each job in their order: the mean rescaled error over
    /// conflicts, each relative to that of shares frozen at the start. 1 is as far off as these.
    pub fn distance(&self, outcomes: &[Outcome]) -> f64 {
        let one = |(ready, outcome): (&Ready, &Outcome)| {
            let Some(trace) = outcome.ends.first() else { return f64::INFINITY };
            let persons = trace.rows.iter().map(|row| row.iter().map(|n| *n as f64).collect()).collect();
            let shares = ready.case.shares(&ready.job.instance, &persons, self.step);
            let model = in_persons(&shares, &totals(&ready.truth));
            relative_difference(&model, &ready.truth, 0) / ready.frozen
        };
        self.cases.iter().zip(outcomes).map(one).sum::<f64>() / self.cases.len().max(1) as f64
    }
}
