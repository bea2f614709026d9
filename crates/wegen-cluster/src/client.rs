//! The side that has the members: sends them in batches, hands results over, and sends again what
//! was lost on the way.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::execution_plans::execute_physical_plan;
use ballista_core::extension::SessionConfigExt;
use ballista_core::serde::protobuf::GetJobStatusParams;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use datafusion::common::exec_err;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tonic::{Code, Request};

use crate::function::{self, Codec, Outcome};
use crate::node::{host_and_port, runtime, settings};
use crate::version::{EXECUTORS, Version, introduce};
use crate::{ClusterError, Member, RunOptions};

/// Pause between two questions for executors.
const PAUSE: Duration = Duration::from_millis(500);
/// How long to wait for the results of a part that is computed.
const FETCH: Duration = Duration::from_secs(60);
/// How long to wait for batches that are under way when the run ends with an error.
const LEFT_OVER: Duration = Duration::from_secs(5);

/// Runs the members on the cluster of the scheduler at `address` and hands the bytes of each to
/// `each`, as batches finish and in no certain order, never twice.
///
/// Blocks, and must not be called from a task of an async runtime. If `each` breaks, nothing more
/// is handed over or sent and the run ends without an error; batches under way run to their end.
/// On an error as well, what was handed over is finished, and a later run needs the others only.
pub fn run(
    address: &str,
    version: &str,
    job: &[u8],
    members: &[Member],
    options: &RunOptions,
    each: &mut dyn FnMut(u64, Vec<u8>) -> ControlFlow<()>,
) -> Result<(), ClusterError> {
    let version = Version::new(version)?;
    host_and_port(address)?;
    if options.batch == 0 || options.parts == 0 || options.batches_at_once == 0 {
        return Err(ClusterError::Options("batch, parts and batches at once must be one or more"));
    }
    let mut numbers = HashSet::with_capacity(members.len());
    if let Some(twice) = members.iter().find(|m| !numbers.insert(m.number)) {
        return Err(ClusterError::Twice(twice.number));
    }
    drop(numbers);
    let client = Client {
        address,
        session: settings().with_ballista_override_create_grpc_client_endpoint(introduce("client", &version)),
        version,
        job: job.into(),
        options,
        members: members.len(),
    };
    runtime("client")?.block_on(client.run(members, each))
}

struct Client<'a> {
    address: &'a str,
    version: Version,
    session: SessionConfig,
    job: Arc<[u8]>,
    options: &'a RunOptions,
    members: usize,
}

/// Members that were sent together and are not finished.
struct Batch<'a> {
    left: Vec<&'a Member>,
    attempts: usize,
}

/// What came of sending a batch: results, and whether it was all.
struct Answer<'a> {
    batch: Batch<'a>,
    outcomes: Vec<(u64, Outcome)>,
    end: Result<(), String>,
}

impl Client<'_> {
    async fn run(
        &self,
        members: &[Member],
        each: &mut dyn FnMut(u64, Vec<u8>) -> ControlFlow<()>,
    ) -> Result<(), ClusterError> {
        if members.is_empty() {
            return Ok(());
        }
        self.executors(self.options.executors, None).await?;
        let mut waiting: VecDeque<Batch> = members
            .chunks(self.options.batch)
            .map(|members| Batch { left: members.iter().collect(), attempts: 0 })
            .collect();
        let mut under_way = FuturesUnordered::new();
        let mut finished = 0;
        let end = loop {
            while under_way.len() < self.options.batches_at_once
                && let Some(batch) = waiting.pop_front()
            {
                under_way.push(self.send(batch));
            }
            let Some(answer) = under_way.next().await else {
                return Ok(());
            };
            match self.hand_over(answer.outcomes, &mut finished, each) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(()),
                Err(error) => break error,
            }
            let Err(detail) = answer.end else { continue };
            let batch = answer.batch;
            if batch.attempts > self.options.retries {
                break ClusterError::Batch {
                    address: self.address.to_owned(),
                    attempts: batch.attempts,
                    detail,
                    finished,
                    members: self.members,
                };
            }
            tracing::info!(detail, "a batch is sent again");
            if let Err(error) = self.executors(1, Some(finished)).await {
                break error;
            }
            waiting.push_front(batch);
        };
        // What else has arrived is worth keeping.
        let rest = async {
            while let Some(answer) = under_way.next().await {
                if let Ok(ControlFlow::Break(())) = self.hand_over(answer.outcomes, &mut finished, each) {
                    break;
                }
            }
        };
        // Of no interest whether there was more to come: the run has ended.
        let _ = tokio::time::timeout(LEFT_OVER, rest).await;
        Err(counted(end, finished))
    }

    fn hand_over(
        &self,
        outcomes: Vec<(u64, Outcome)>,
        finished: &mut usize,
        each: &mut dyn FnMut(u64, Vec<u8>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ClusterError> {
        let mut failed = None;
        for (number, outcome) in outcomes {
            match outcome {
                Ok(bytes) => {
                    *finished += 1;
                    if each(number, bytes).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Err(message) if failed.is_none() => failed = Some((number, message)),
                Err(_) => {}
            }
        }
        match failed {
            None => Ok(ControlFlow::Continue(())),
            Some((member, message)) => {
                Err(ClusterError::Member { member, message, finished: *finished, members: self.members })
            }
        }
    }

    /// Sends a batch and waits for its end. Of the answer each member is taken once, and members
    /// that were not in the batch not at all.
    async fn send<'a>(&self, mut batch: Batch<'a>) -> Answer<'a> {
        let mut received = Vec::new();
        let end = self.query(&batch.left, &mut received).await;
        let mut left: HashMap<u64, &Member> = batch.left.iter().map(|m| (m.number, *m)).collect();
        let outcomes = received.into_iter().filter(|(number, _)| left.remove(number).is_some()).collect();
        batch.left.retain(|member| left.contains_key(&member.number));
        batch.attempts += 1;
        let end = match end {
            _ if batch.left.is_empty() => Ok(()),
            Ok(()) => Err(format!("{} members have no result", batch.left.len())),
            Err(error) => Err(error.to_string()),
        };
        Answer { batch, outcomes, end }
    }

    async fn query(
        &self,
        members: &[&Member],
        received: &mut Vec<(u64, Outcome)>,
    ) -> Result<(), DataFusionError> {
        let plan = function::plan(&self.version, &self.job, members, self.options.parts)?;
        let codec = Codec::new("client", self.version.clone(), None);
        let mut results = execute_physical_plan::<PhysicalPlanNode>(
            format!("http://{}", self.address),
            &self.session.ballista_config(),
            plan,
            &codec,
            "wegen-cluster".to_owned(),
            self.session.clone(),
        )
        .await?;
        // The batch is computed; what is left is to fetch, and who holds it may hang.
        loop {
            match tokio::time::timeout(FETCH, results.next()).await {
                Ok(Some(batch)) => received.extend(function::outcomes(&batch?)?),
                Ok(None) => return Ok(()),
                Err(_) => return exec_err!("results did not arrive in {} s", FETCH.as_secs()),
            }
        }
    }

    /// Waits until there are `wanted` executors. `finished` is the count of a run that has begun.
    async fn executors(&self, wanted: usize, finished: Option<usize>) -> Result<(), ClusterError> {
        let start = Instant::now();
        let address = || self.address.to_owned();
        loop {
            let message = match self.ask(wanted).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Version(message)) => {
                    return Err(ClusterError::Refused { address: address(), message });
                }
                Err(Refusal::Silence(detail)) => {
                    return Err(match finished {
                        None => ClusterError::NoScheduler { address: address(), detail },
                        Some(finished) => ClusterError::SchedulerLost {
                            address: address(),
                            detail,
                            finished,
                            members: self.members,
                        },
                    });
                }
                Err(Refusal::TooFew(message)) => message,
            };
            if start.elapsed() >= self.options.patience {
                return Err(ClusterError::NoExecutors {
                    address: address(),
                    message,
                    waited: start.elapsed(),
                    finished: finished.unwrap_or_default(),
                    members: self.members,
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// A question that costs nothing: the status of a job that does not exist.
    async fn ask(&self, executors: usize) -> Result<(), Refusal> {
        let silence = |error: &dyn std::error::Error| Refusal::Silence(whole(error));
        let config = GrpcClientConfig::from(&self.session.ballista_config());
        let endpoint = create_grpc_client_endpoint(format!("http://{}", self.address), Some(&config))
            .map_err(|error| silence(&error))?;
        let endpoint =
            introduce("client", &self.version)(endpoint).map_err(|error| silence(error.as_ref()))?;
        let channel = endpoint.connect().await.map_err(|error| silence(&error))?;
        let mut question = Request::new(GetJobStatusParams { job_id: "none".to_owned() });
        question.metadata_mut().insert(EXECUTORS, executors.into());
        match SchedulerGrpcClient::new(channel).get_job_status(question).await {
            Ok(_) => Ok(()),
            Err(status) => Err(match status.code() {
                Code::FailedPrecondition => Refusal::Version(status.message().to_owned()),
                Code::ResourceExhausted => Refusal::TooFew(status.message().to_owned()),
                _ => silence(&status),
            }),
        }
    }
}

enum Refusal {
    Version(String),
    TooFew(String),
    Silence(String),
}

/// The count as it is when everything was handed over.
fn counted(mut error: ClusterError, count: usize) -> ClusterError {
    match &mut error {
        ClusterError::SchedulerLost { finished, .. }
        | ClusterError::NoExecutors { finished, .. }
        | ClusterError::Member { finished, .. }
        | ClusterError::Batch { finished, .. } => *finished = count,
        _ => {}
    }
    error
}

/// An error with its causes: those of tonic say nothing without.
fn whole(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}
