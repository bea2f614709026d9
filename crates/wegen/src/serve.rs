//! `wegen serve`: pages and interface, until it is told to stop.

use std::{process::ExitCode, sync::Arc};

use wegen_server::{Config, Site};

use crate::{
    cli::{self, Global},
    commands::{Outcome, folder, open},
    error::CliError,
    show::line,
};

pub(crate) fn serve(global: &Global, args: &cli::Serve) -> Outcome {
    // Takes in the starter evidence where the ledger is new.
    drop(open(global)?);
    let config = Config {
        ledger: folder(global)?,
        sql: args.sql,
        rate: (args.rate > 0).then_some(args.rate),
        base: args.base_url.clone(),
    };
    let site = Arc::new(Site::open(config)?);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CliError::io("."))?;
    runtime.block_on(async {
        let running = wegen_server::serve(site, args.listen).await?;
        line(global.lang.text_with("serve-at", &[("address", &format!("http://{}/", running.address))]));
        if !wegen_server::has_scripts() {
            line(global.lang.text("serve-without-scripts"));
        }
        if !running.address.ip().is_loopback() {
            line(global.lang.text("serve-beyond"));
        }
        line(global.lang.text("serve-stop"));
        told_to_stop().await;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Waits for Ctrl-C, or for what a service manager sends.
async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
