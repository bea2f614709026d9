//! Chores of the project: `cargo xtask test`, `cargo xtask starter`, and the like.

mod bench;
mod import;
mod land;
mod pcodes;
mod simulations;
mod starter;
mod test;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Chores of the project.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Runs every test; installs what the tests need, or says what to install.
    Test,
    /// Measures imports against pandas, and reports against the clock, side by side.
    Bench {
        /// The folder with the publishers' files, laid out as in `starter/origins.toml`.
        #[arg(long)]
        from: PathBuf,
        /// How often each is run.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Imports the publishers' files of `benches/imported.txt` into a ledger: the standard case of tests and benches.
    ImportAll {
        /// The folder that holds them, each publisher in a folder of its own.
        #[arg(long)]
        from: PathBuf,
        /// The ledger.
        #[arg(long)]
        into: PathBuf,
        /// The program.
        #[arg(long, default_value = "target/release/wegen")]
        wegen: PathBuf,
    },
    /// Makes the starter evidence from the publishers' files.
    Starter {
        /// The folder that holds them, laid out as in `starter/origins.toml`.
        #[arg(long)]
        from: PathBuf,
        /// Where the package goes.
        #[arg(long, default_value = "starter/package")]
        to: PathBuf,
    },
    /// Runs the scenarios of `scenarios/` anew for the starter evidence; takes minutes.
    Simulations {
        /// Where the files go.
        #[arg(long, default_value = "starter/simulations")]
        to: PathBuf,
    },
    /// Makes the grid of sea and land from Natural Earth 1:50m (a topology with an object `land`).
    LandMask {
        /// The topology.
        #[arg(long)]
        from: PathBuf,
        /// Where the grid goes.
        #[arg(long, default_value = "registry/land-mask.bin")]
        to: PathBuf,
    },
    /// Makes the registry of P-codes from OCHA's tables.
    Pcodes {
        /// The folder that holds `pcodes`, `boundaries` and `cod-population`.
        #[arg(long)]
        from: PathBuf,
        /// Where the registry goes.
        #[arg(long, default_value = "registry/pcodes.txt")]
        to: PathBuf,
    },
}

fn main() -> std::process::ExitCode {
    let done = match Cli::parse().chore {
        Chore::Test => test::run(),
        Chore::Bench { from, runs } => bench::run(&from, runs),
        Chore::ImportAll { from, into, wegen } => import::all(&wegen, &from, &into),
        Chore::Starter { from, to } => starter::make(&from, &to),
        Chore::Simulations { to } => simulations::make(&to),
        Chore::LandMask { from, to } => land::make(&from, &to),
        Chore::Pcodes { from, to } => pcodes::make(&from, &to),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
