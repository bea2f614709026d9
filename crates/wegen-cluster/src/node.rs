//! The two parts that run until they are stopped: scheduler and executor.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use ballista_core::config::TaskSchedulingPolicy;
use ballista_core::error::BallistaError;
use ballista_core::extension::{BallistaConfigGrpcEndpoint, SessionConfigExt};
use ballista_core::flight_proxy_service::BallistaFlightProxyService;
use ballista_core::serde::protobuf::scheduler_grpc_server::SchedulerGrpcServer;
use ballista_core::utils::default_session_builder;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::health::ExecutorHealth;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::create_scheduler;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use tokio::runtime::Runtime;
use tonic::Code;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::function::Codec;
use crate::version::{Gate, Version, introduce};
use crate::{ClusterError, ExecutorOptions, SchedulerOptions, Work};

/// The largest message: a batch with the job in it, or the results of a part.
pub(crate) const LARGEST: u32 = 1 << 30;

/// Settings that client, scheduler and executors share.
pub(crate) fn settings() -> SessionConfig {
    SessionConfig::new_with_ballista()
        .set_usize("ballista.client.grpc_max_message_size", LARGEST as usize)
        .set_usize("ballista.client.grpc_connect_timeout_seconds", 5)
        .set_usize("ballista.client.grpc_tcp_keepalive_seconds", 10)
        .set_usize("ballista.client.grpc_http2_keepalive_interval_seconds", 10)
        .set_usize("ballista.client.io_retries_times", 2)
        .set_usize("ballista.client.io_retry_wait_time_ms", 500)
        .set_usize("ballista.scheduler.max_partitions_per_task", 1)
}

pub(crate) fn runtime(part: &'static str) -> Result<Runtime, ClusterError> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(stopped(part))
}

/// Splits `host:port`; a host in brackets keeps them, as an address of version 6 needs them.
pub(crate) fn host_and_port(address: &str) -> Result<(&str, u16), ClusterError> {
    let wrong = || ClusterError::Address(address.to_owned());
    let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_[]:".contains(c);
    if host.is_empty() || !host.chars().all(plain) || (host.contains(':') && !host.starts_with('[')) {
        return Err(wrong());
    }
    Ok((host, port))
}

/// Runs a scheduler until the process ends. `ready` is told the address when it listens.
pub fn scheduler(
    version: &str,
    options: &SchedulerOptions,
    ready: &mut dyn FnMut(SocketAddr),
) -> Result<(), ClusterError> {
    let version = Version::new(version)?;
    let host = reachable(options.host.as_deref(), options.listen.ip())?;
    let timeout = options.executor_timeout.as_secs();
    if timeout < 3 {
        return Err(ClusterError::Options("the time-out of executors must be three seconds or more"));
    }
    runtime("scheduler")?.block_on(async {
        let listener = tokio::net::TcpListener::bind(options.listen);
        let listener = listener
            .await
            .map_err(|source| ClusterError::Listen { address: options.listen.to_string(), source })?;
        let address = listener.local_addr().map_err(stopped("scheduler"))?;

        let introduction = introduce("scheduler", &version);
        let codec = Arc::new(Codec::new("scheduler", version.clone(), None));
        let config = Arc::new(SchedulerConfig {
            external_host: host,
            bind_host: address.ip().to_string(),
            bind_port: address.port(),
            scheduling_policy: TaskSchedulingPolicy::PushStaged,
            finished_job_data_clean_up_interval_seconds: 300,
            finished_job_state_clean_up_interval_seconds: 600,
            enable_embedded_flight_proxy: true,
            executor_timeout_seconds: timeout,
            expire_dead_executor_interval_seconds: (timeout / 4).max(1),
            no_executors_grace_period_seconds: timeout,
            grpc_server_max_decoding_message_size: LARGEST,
            grpc_server_max_encoding_message_size: LARGEST,
            grpc_client_max_message_size: LARGEST,
            override_config_producer: Some(Arc::new(settings)),
            override_physical_codec: Some(codec),
            override_create_grpc_client_endpoint: Some(introduction.clone()),
            ..SchedulerConfig::default()
        });
        let cluster = BallistaCluster::new_memory(
            config.scheduler_id.clone(),
            Arc::new(default_session_builder),
            Arc::new(settings),
        );
        let gate = Gate::new(version, cluster.cluster_state());
        let server = create_scheduler::<LogicalPlanNode, PhysicalPlanNode>(cluster, config)
            .await
            .map_err(stopped("scheduler"))?;

        let largest = LARGEST as usize;
        let work = SchedulerGrpcServer::new(server)
            .max_decoding_message_size(largest)
            .max_encoding_message_size(largest);
        let endpoint = Arc::new(BallistaConfigGrpcEndpoint::new(introduction));
        let results = BallistaFlightProxyService::new(largest, largest, false, Some(endpoint));
        let results = FlightServiceServer::new(results)
            .max_decoding_message_size(largest)
            .max_encoding_message_size(largest);
        let check = |gate: Gate| move |request| gate.check(request);
        ready(address);
        Server::builder()
            .tcp_nodelay(true)
            .http2_keepalive_interval(Some(Duration::from_secs(10)))
            .add_service(InterceptedService::new(work, check(gate.clone())))
            .add_service(InterceptedService::new(results, check(gate)))
            .serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)))
            .await
            .map_err(stopped("scheduler"))
    })
}

/// Runs an executor until it is interrupted (then it finishes what it has begun), until its
/// scheduler does not answer any more, or until the scheduler, which had given it up, ends it.
pub fn executor(version: &str, work: Work, options: &ExecutorOptions) -> Result<(), ClusterError> {
    let version = Version::new(version)?;
    let (scheduler_host, scheduler_port) = host_and_port(&options.scheduler)?;
    let host = reachable(options.host.as_deref(), options.listen)?;
    for port in [options.results_port, options.work_port] {
        let address = SocketAddr::new(options.listen, port);
        TcpListener::bind(address)
            .map_err(|source| ClusterError::Listen { address: address.to_string(), source })?;
    }
    let temporary;
    let folder = match &options.folder {
        Some(folder) => folder.clone(),
        None => {
            temporary = tempfile::tempdir().map_err(stopped("executor"))?;
            temporary.path().to_owned()
        }
    };
    let health = ExecutorHealth::new();
    let config = Arc::new(ExecutorProcessConfig {
        bind_host: in_address(options.listen),
        external_host: Some(host),
        port: options.results_port,
        grpc_port: options.work_port,
        scheduler_host: scheduler_host.to_owned(),
        scheduler_port,
        scheduler_connect_timeout_seconds: u16::try_from(options.patience.as_secs())
            .unwrap_or(u16::MAX)
            .max(1),
        vcores: options.slots,
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        work_dir: Some(folder.to_string_lossy().into_owned()),
        job_data_ttl_seconds: 3600,
        job_data_clean_up_interval_seconds: 600,
        grpc_max_decoding_message_size: LARGEST,
        grpc_max_encoding_message_size: LARGEST,
        executor_heartbeat_interval_seconds: options.heartbeat.as_secs().max(1),
        memory_pool_size: Some(0), // nothing of a plan of ours is held back or spilt
        override_config_producer: Some(Arc::new(settings)),
        override_physical_codec: Some(Arc::new(Codec::new("executor", version.clone(), Some(work)))),
        override_create_grpc_client_endpoint: Some(introduce("executor", &version)),
        health: health.clone(),
        ..ExecutorProcessConfig::default()
    });
    let runtime = runtime("executor")?;
    let end = runtime.block_on(start_executor_process(config));
    runtime.shutdown_background();
    match end {
        Ok(()) if health.is_ready() => Ok(()),
        Ok(()) => Err(ClusterError::Abandoned { address: options.scheduler.clone() }),
        Err(BallistaError::GrpcError(status)) if status.code() == Code::FailedPrecondition => {
            Err(ClusterError::Refused {
                address: options.scheduler.clone(),
                message: status.message().to_owned(),
            })
        }
        Err(BallistaError::General(detail)) if detail.starts_with("Timed out") => {
            Err(ClusterError::NoScheduler {
                address: options.scheduler.clone(),
                detail: format!("for {} s", options.patience.as_secs()),
            })
        }
        Err(error) => Err(stopped("executor")(error)),
    }
}

/// The name under which others reach who listens on `listen`.
fn reachable(host: Option<&str>, listen: IpAddr) -> Result<String, ClusterError> {
    match host {
        Some(host) => Ok(host.to_owned()),
        None if listen.is_unspecified() => Err(ClusterError::Options(
            "who listens on all addresses must be told the name or address under which others reach it",
        )),
        None => Ok(in_address(listen)),
    }
}

fn in_address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn stopped<E: std::fmt::Display>(part: &'static str) -> impl Fn(E) -> ClusterError {
    move |error| ClusterError::Stopped { part, detail: error.to_string() }
}
