//! Who speaks, in which version: said with every request in its user agent, and checked by the
//! scheduler before anything else is done with it.

use std::fmt::{Display, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

use ballista_core::extension::EndpointOverrideFn;
use ballista_scheduler::cluster::ClusterState;
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use crate::ClusterError;

const NAME: &str = "wegen-cluster";
/// Header of a client that asks whether there are so many executors.
pub(crate) const EXECUTORS: &str = "wegen-executors";

/// A version that can be written in a header and in an error.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Version(Arc<str>);

impl Version {
    pub(crate) fn new(text: &str) -> Result<Self, ClusterError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
        if text.is_empty() || text.len() > 200 || !text.chars().all(plain) {
            return Err(ClusterError::Version(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Version {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// Writes part and version on every connection that is opened.
pub(crate) fn introduce(part: &'static str, version: &Version) -> EndpointOverrideFn {
    let agent = format!("{NAME} {part} {}", version.as_str());
    Arc::new(move |endpoint| Ok(endpoint.user_agent(agent.clone())?))
}

/// What stands before every service of the scheduler.
#[derive(Clone)]
pub(crate) struct Gate {
    version: Version,
    cluster: Arc<dyn ClusterState>,
    /// The last executor that was turned away, for who waits for executors.
    refused: Arc<Mutex<Option<String>>>,
}

impl Gate {
    pub(crate) fn new(version: Version, cluster: Arc<dyn ClusterState>) -> Self {
        Self { version, cluster, refused: Arc::default() }
    }

    /// Lets a request through if its version is that of the scheduler, and if there are as many
    /// executors as it asks for.
    pub(crate) fn check(&self, request: Request<()>) -> Result<Request<()>, Status> {
        let (part, version) = speaker(request.metadata());
        if version != self.version.as_str() {
            let message = format!(
                "this {part} has version `{version}`, the scheduler has version {}: start both from the same program",
                self.version
            );
            tracing::warn!(part, version, "refused: another version");
            if part == "executor" {
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(version.to_owned());
            }
            return Err(Status::failed_precondition(message));
        }
        let asked = request.metadata().get(EXECUTORS);
        if let Some(asked) = asked.and_then(|value| value.to_str().ok()?.parse::<usize>().ok()) {
            let found = self.cluster.executor_heartbeats().len();
            if found < asked {
                return Err(Status::resource_exhausted(self.too_few(found, asked)));
            }
        }
        Ok(request)
    }

    fn too_few(&self, found: usize, asked: usize) -> String {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = refused.as_ref().map(|version| {
            format!("; one of version `{version}` was refused, the scheduler has {}", self.version)
        });
        format!("{found} of {asked}{}", refused.unwrap_or_default())
    }
}

fn speaker(metadata: &MetadataMap) -> (&str, &str) {
    let agent = metadata.get("user-agent").and_then(|value| value.to_str().ok());
    let mut words = agent.unwrap_or_default().split(' ');
    match (words.next(), words.next(), words.next()) {
        (Some(NAME), Some(part), Some(version)) => (part, version),
        _ => ("program", "unknown"),
    }
}
