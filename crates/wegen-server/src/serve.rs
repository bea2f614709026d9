//! Listening, and stopping without breaking an answer off.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
};
use wegen_ledger::Ledger;

use crate::{
    router,
    site::{OpenError, Site},
};

/// How long somebody may take to say what is asked for.
const HEADERS: Duration = Duration::from_secs(10);
/// Connections at a time.
const MOST: usize = 1_024;
/// How long answers under way may take once it stops.
const LAST: Duration = Duration::from_secs(10);
/// How often it is looked whether something was recorded.
const LOOK: Duration = Duration::from_secs(2);

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    done: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Stops it: answers under way are given, and no others are begun.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = self.done.await;
    }
}

/// Serves a site at an address; port 0 takes a free one.
///
/// # Errors
/// The address cannot be listened at.
pub async fn serve(site: Arc<Site>, address: SocketAddr) -> Result<Running, OpenError> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel();
    // A thread of its own, which ends with the site: nothing waits for it.
    let watched = Arc::downgrade(&site);
    std::thread::spawn(move || watch(&watched));
    let app = router(site);
    let done = tokio::spawn(accept(listener, app, stopped));
    Ok(Running { address, stop: Some(stop), done })
}

/// Looks for new snapshots as long as somebody serves.
fn watch(site: &Weak<Site>) {
    let mut ledger: Option<Ledger> = None;
    loop {
        std::thread::sleep(LOOK);
        let Some(site) = site.upgrade() else { return };
        if ledger.is_none() {
            ledger = Ledger::open(&site.config.ledger)
                .inspect_err(|error| tracing::warn!("the ledger could not be opened: {error}"))
                .ok();
        }
        if let Some(open) = &mut ledger
            && let Err(error) = site.refresh(open)
        {
            tracing::warn!("the ledger could not be looked at: {error}");
            ledger = None;
        }
    }
}

async fn accept(listener: TcpListener, app: Router, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(MOST));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let (stream, from) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(_) => {
                    // Too many files are open, say: that passes.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            _ = &mut stopped => break,
        };
        let _ = stream.set_nodelay(true);
        let app = app.clone();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(from));
            let app = app.clone();
            async move { tower::ServiceExt::oneshot(app, request.map(axum::body::Body::new)).await }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(64 << 10)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            // Somebody who goes away in the middle is no fault of ours.
            let _ = connection.await;
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST, graceful.shutdown()).await;
}
