//! An ensemble on several machines: many runs of one pure function, on [Ballista].
//!
//! An ensemble is a table of members. A member is a number and some parameters; what is the same
//! for all of them (an instance, a scenario) is the *job*, bytes that mean nothing to this crate.
//! A function of job, number and parameters, a [`Work`], gives bytes. The same input gives the
//! same bytes on every machine, so that it does not matter where a member runs, or how often.
//!
//! Three parts, of one program in one version:
//!
//! * [`scheduler`] hands out the work and keeps count of executors. It never runs a [`Work`].
//! * [`executor`] runs it, a member at a time in each slot, and keeps results until they are fetched.
//! * [`run`] sends the members in batches and hands the results over as batches finish.
//!
//! A batch is one query: the members are a table in memory in some partitions, and a scalar
//! function over number and parameters gives the rows. The function travels in the plan by its
//! version and the job; the code itself is in the executor already.
//!
//! **Versions.** Results of two versions must not be mixed, so scheduler, executors and clients
//! name their version with every request, and the scheduler refuses who has another one. A plan
//! carries the version as well, and who decodes it checks it once more.
//!
//! **What dies.** An executor that is lost costs time: the scheduler gives its members to others,
//! and results that went down with it are asked for again. A scheduler that is lost ends [`run`]
//! with an error that counts; members that were handed over before stay with the caller. No member
//! is ever handed over twice.
//!
//! **Who may connect.** There is no encryption and no password. All listen on loopback unless told
//! otherwise; elsewhere the network must be one where only trusted machines are.
//!
//! [Ballista]: https://datafusion.apache.org/ballista/

mod client;
mod function;
mod node;
mod version;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

pub use client::run;
pub use node::{executor, scheduler};

/// The function that is run for each member: pure, so that the same arguments give the same bytes
/// on every machine.
///
/// It gets the job, the number of the member and its parameters. It is called from several
/// threads at once, often with the same job: what is costly to decode it may keep, by the bytes of
/// the job. An error is a property of the member and ends the run; it is not tried again.
pub type Work = fn(job: &[u8], member: u64, parameters: &[f64]) -> Result<Vec<u8>, String>;

/// One run of the ensemble.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its number, different from that of all others in a run.
    pub number: u64,
    /// What differs from member to member; they arrive bit for bit.
    pub parameters: Vec<f64>,
}

/// How [`run`] sends the members.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Members in a batch. What is not finished when the scheduler is lost is at most
    /// `batch` × `batches_at_once` members.
    pub batch: usize,
    /// Parts of a batch; each goes to one slot of an executor and carries the job with it.
    pub parts: usize,
    /// Batches that are under way at the same time, so that slots do not wait at the end of one.
    pub batches_at_once: usize,
    /// How often a batch is sent again after it failed for another reason than its members.
    pub retries: usize,
    /// Executors that must be there before the first batch is sent.
    pub executors: usize,
    /// How long to wait for executors when there are too few.
    pub patience: Duration,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            batch: 64,
            parts: 16,
            batches_at_once: 2,
            retries: 5,
            executors: 1,
            patience: Duration::from_secs(60),
        }
    }
}

/// Where a [`scheduler`] listens and when it gives an executor up.
#[derive(Debug, Clone)]
pub struct SchedulerOptions {
    /// Address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Name or address under which executors reach it; needed where `listen` is `0.0.0.0` or `::`.
    pub host: Option<String>,
    /// An executor that was silent for so long is given up, and its work goes to others. Whole
    /// seconds, at least three heartbeats of the executors.
    pub executor_timeout: Duration,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50050),
            host: None,
            executor_timeout: Duration::from_secs(20),
        }
    }
}

/// Where an [`executor`] finds its scheduler, where it listens, and how much it takes.
#[derive(Debug, Clone)]
pub struct ExecutorOptions {
    /// The scheduler, as `host:port`.
    pub scheduler: String,
    /// Address to listen on.
    pub listen: IpAddr,
    /// Name or address under which the scheduler reaches it; needed where `listen` is `0.0.0.0`
    /// or `::`.
    pub host: Option<String>,
    /// Port on which results are fetched.
    pub results_port: u16,
    /// Port on which the scheduler hands out work.
    pub work_port: u16,
    /// Members that run at the same time; 0 takes one for each core.
    pub slots: usize,
    /// Folder for results until they are fetched; a temporary one if there is none.
    pub folder: Option<PathBuf>,
    /// Pause between signs of life, in whole seconds. After five that were not answered the
    /// executor ends.
    pub heartbeat: Duration,
    /// How long to wait for the scheduler at the start.
    pub patience: Duration,
}

impl Default for ExecutorOptions {
    fn default() -> Self {
        Self {
            scheduler: "127.0.0.1:50050".to_owned(),
            listen: IpAddr::V4(Ipv4Addr::LOCALHOST),
            host: None,
            results_port: 50051,
            work_port: 50052,
            slots: 0,
            folder: None,
            heartbeat: Duration::from_secs(5),
            patience: Duration::from_secs(30),
        }
    }
}

/// What can go wrong, in sentences that say what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// A version that can not be written in a header.
    #[error("`{0}` can not be a version: letters, digits and `.`, `+`, `-`, `_` only")]
    Version(String),
    /// An address that can not be read.
    #[error("`{0}` is not an address: write host:port, as in 127.0.0.1:50050")]
    Address(String),
    /// An option that makes no sense.
    #[error("{0}")]
    Options(&'static str),
    /// Two members with one number.
    #[error("there are two members with the number {0}: number them differently")]
    Twice(u64),
    /// A port that can not be had.
    #[error("can not listen on {address}: {source}; choose another port or address")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Nobody at the address of the scheduler.
    #[error(
        "no scheduler answers at {address} ({detail}): start one there, or give the address of one that runs"
    )]
    NoScheduler {
        /// The address.
        address: String,
        /// What was tried.
        detail: String,
    },
    /// The scheduler refused, because of the version.
    #[error("the scheduler at {address} refuses: {message}")]
    Refused {
        /// The address.
        address: String,
        /// Its words: which version met which.
        message: String,
    },
    /// Too few executors, for too long.
    #[error(
        "too few executors at the scheduler at {address} for {} s ({message}), {finished} of {members} members finished: start executors, and run again with the members that are left",
        waited.as_secs()
    )]
    NoExecutors {
        /// The address.
        address: String,
        /// The words of the scheduler.
        message: String,
        /// How long was waited.
        waited: Duration,
        /// Members that were handed over.
        finished: usize,
        /// Members in all.
        members: usize,
    },
    /// The scheduler does not answer any more.
    #[error(
        "the scheduler at {address} was lost after {finished} of {members} members ({detail}): start it again, and run again with the members that are left"
    )]
    SchedulerLost {
        /// The address.
        address: String,
        /// What was tried.
        detail: String,
        /// Members that were handed over.
        finished: usize,
        /// Members in all.
        members: usize,
    },
    /// The function gave an error for a member.
    #[error("member {member} failed, {finished} of {members} members finished: {message}")]
    Member {
        /// Its number.
        member: u64,
        /// The words of the function.
        message: String,
        /// Members that were handed over.
        finished: usize,
        /// Members in all.
        members: usize,
    },
    /// A batch failed again and again.
    #[error(
        "a batch failed {attempts} times at the scheduler at {address}, {finished} of {members} members finished; the last time: {detail}"
    )]
    Batch {
        /// The address.
        address: String,
        /// How often it was sent.
        attempts: usize,
        /// The last error.
        detail: String,
        /// Members that were handed over.
        finished: usize,
        /// Members in all.
        members: usize,
    },
    /// An executor that ended because its scheduler is gone.
    #[error(
        "the scheduler at {address} took none of five signs of life, as it is gone or of another version: this executor ends; start it again when the scheduler runs"
    )]
    Abandoned {
        /// The address.
        address: String,
    },
    /// A part that could not be started, or stopped of itself.
    #[error("the {part} stopped: {detail}")]
    Stopped {
        /// `scheduler`, `executor` or `client`.
        part: &'static str,
        /// Why.
        detail: String,
    },
}
