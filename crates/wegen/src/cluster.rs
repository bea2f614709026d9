//! Members on several machines: the same function of a job and a member as here, behind a scheduler.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use wegen_cluster::{ExecutorOptions, Member, RunOptions, SchedulerOptions};
use wegen_movement::{Ensemble, Job, MovementError, Outcome as MemberOutcome};

use crate::{
    cli::{ClusterCommand, Global},
    commands::Outcome,
    error::CliError,
    show::line,
};

/// Who speaks with whom: the version of the program and of a job's bytes. Others are refused.
fn version() -> String {
    format!("{}+job{}", env!("CARGO_PKG_VERSION"), Job::FORMAT)
}

/// What executors run for each member: decode the job, run it, encode the outcome.
fn work(job: &[u8], member: u64, parameters: &[f64]) -> Result<Vec<u8>, String> {
    let run = || -> Result<Vec<u8>, MovementError> { Ok(decoded(job)?.run(member, parameters)?.to_bytes()) };
    run().map_err(|e| e.to_string())
}

/// A job by its bytes.
type Last = Option<(Vec<u8>, Arc<Job>)>;

/// The job of the bytes; the last one is kept, since members of one job follow each other.
fn decoded(bytes: &[u8]) -> Result<Arc<Job>, MovementError> {
    static LAST: Mutex<Last> = Mutex::new(None);
    let known = |last: &Last| last.as_ref().filter(|(known, _)| known == bytes).map(|(_, job)| job.clone());
    if let Some(job) = LAST.lock().ok().and_then(|last| known(&last)) {
        return Ok(job);
    }
    let job = Arc::new(Job::from_bytes(bytes)?);
    if let Ok(mut last) = LAST.lock() {
        *last = Some((bytes.to_vec(), job.clone()));
    }
    Ok(job)
}

pub(crate) fn run(global: &Global, command: &ClusterCommand) -> Outcome {
    let quiet = global.quiet;
    match command {
        ClusterCommand::Scheduler(args) => {
            let options = SchedulerOptions {
                listen: args.listen,
                host: args.host.clone(),
                executor_timeout: Duration::from_secs(args.patience),
            };
            wegen_cluster::scheduler(&version(), &options, &mut |address| {
                if !quiet {
                    line(format!("scheduler of version {} at {address}", version()));
                }
            })?;
        }
        ClusterCommand::Executor(args) => {
            let options = ExecutorOptions {
                scheduler: args.scheduler.clone(),
                listen: args.listen,
                host: args.host.clone(),
                results_port: args.results_port,
                work_port: args.work_port,
                slots: args.slots.unwrap_or(0),
                ..ExecutorOptions::default()
            };
            if !quiet {
                line(format!("executor of version {} for {}", version(), args.scheduler));
            }
            wegen_cluster::executor(&version(), work, &options)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the members of an ensemble that `file` does not hold on the cluster, and hands all over in their order: the
/// same bytes as here.
pub(crate) fn each(
    address: &str,
    ensemble: &Ensemble,
    file: Option<&Path>,
    progress: &(dyn Fn(u64, u64) + Sync),
    take: impl FnMut(u64, &MemberOutcome) -> Result<(), MovementError>,
) -> Result<(), CliError> {
    let job = ensemble.job().to_bytes()?;
    // Outcomes arrive in any order; without a file that was asked for they wait in one of our own.
    let folder = tempfile::tempdir().map_err(CliError::io("a temporary folder"))?;
    let file = file.map_or_else(|| folder.path().join("members.bin"), Path::to_owned);
    ensemble.each_elsewhere(
        &file,
        progress,
        |members, arrived| {
            let members: Vec<Member> = members
                .iter()
                .map(|(number, values)| Member { number: *number, parameters: values.clone() })
                .collect();
            let mut fault = None;
            wegen_cluster::run(
                address,
                &version(),
                &job,
                &members,
                &options(members.len()),
                &mut |number, bytes| match arrived(number, &bytes) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(error) => {
                        fault = Some(error);
                        ControlFlow::Break(())
                    }
                },
            )?;
            fault.map_or(Ok(()), |error| Err(CliError::from(error)))
        },
        take,
    )
}

/// The outcomes of points with members of their own, in their order.
pub(crate) fn outcomes(
    address: &str,
    job: &Job,
    points: &[(Vec<f64>, u64)],
) -> Result<Vec<MemberOutcome>, CliError> {
    let members: Vec<Member> = points
        .iter()
        .map(|(values, member)| Member { number: *member, parameters: values.clone() })
        .collect();
    let mut found: std::collections::BTreeMap<u64, Vec<u8>> = Default::default();
    wegen_cluster::run(
        address,
        &version(),
        &job.to_bytes()?,
        &members,
        &options(members.len()),
        &mut |number, bytes| {
            found.insert(number, bytes);
            ControlFlow::Continue(())
        },
    )?;
    let one = |(_, member): &(Vec<f64>, u64)| -> Result<MemberOutcome, CliError> {
        let missing = || MovementError::Instance(format!("member {member} did not come back"));
        Ok(MemberOutcome::from_bytes(found.get(member).ok_or_else(missing)?)?)
    };
    points.iter().map(one).collect()
}

/// Smaller batches for fewer members, so that all executors have work and little is lost with a scheduler.
fn options(members: usize) -> RunOptions {
    let batch = (members / 16).clamp(8, 64);
    RunOptions { batch, parts: 8, ..RunOptions::default() }
}
