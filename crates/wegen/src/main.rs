//! `wegen`: weigh the evidence about return and migration, and publish it so that anyone can check it.

mod assess;
mod cli;
#[cfg(feature = "cluster")]
mod cluster;
mod commands;
mod error;
mod movement;
mod publish;
mod serve;
mod show;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // What happens on the way (retries, for one) is told at the level of WEGEN_LOG.
    let level = tracing_subscriber::EnvFilter::try_from_env("WEGEN_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(level)
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time()
        .init();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::from(error.code())
        }
    }
}
