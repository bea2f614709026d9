//! What is told to a person when a command does not end well.

use std::path::PathBuf;

use wegen_ledger::LedgerError;
use wegen_movement::MovementError;
use wegen_publication::{
    ClaimsError, FigureError, ReportError, manuscript::ManuscriptError, movement::BuildError, seal::SealError,
};
use wegen_server::OpenError;
use wegen_sources::SourceError;

/// Any command's error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Figure(#[from] FigureError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Manuscript(#[from] ManuscriptError),
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    #[error(transparent)]
    Seal(#[from] SealError),
    #[error("the report is not made: {0} findings stand in its way")]
    Lint(usize),
    #[error("`{path}`: {source}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("no folder for the ledger: {0}")]
    NoHome(String),
    #[error(transparent)]
    Method(#[from] wegen_conditions::MethodError),
    #[error("{0}: {1}")]
    Index(String, String),
    #[error(transparent)]
    Movement(#[from] MovementError),
    #[error(transparent)]
    MovementWritten(#[from] wegen_publication::movement::MovementWriteError),
    #[error(transparent)]
    Built(#[from] BuildError),
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Cluster(#[from] wegen_cluster::ClusterError),
    #[error("the server cannot begin: {0}")]
    Serve(#[from] OpenError),
    #[error("no areas of {0} at level {1} are held")]
    NoAreas(String, u8),
    #[error("`{0}` is neither a claim nor a record")]
    NoClaim(String),
    #[error("{0}")]
    Usage(String),
    #[error("the file takes away {withdrawn} answers and brings {brought}; nothing is stored")]
    TakesAway { withdrawn: String, brought: String },
    #[error("{failed} of {all} could not be done{}", if failed < all { "; the rest was" } else { "" })]
    Some { failed: usize, all: usize },
    #[error("output: {0}")]
    Json(#[from] serde_json::Error),
}

impl CliError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> CliError {
        let path = path.into();
        move |source| CliError::Io { path, source }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> u8 {
        if let Some(LedgerError::Damaged(_)) = of_the_ledger(self) {
            return 3;
        }
        match self {
            CliError::Usage(_) | CliError::NoClaim(_) => 2,
            CliError::Figure(FigureError::NothingHeld(_)) => 4,
            CliError::Figure(e) if !matches!(e, FigureError::Ledger(_)) => 2,
            CliError::Built(BuildError::Evidence(_)) => 4,
            CliError::Report(ReportError::NoEvidence(..)) | CliError::NoAreas(..) => 4,
            CliError::Ledger(LedgerError::NoRecord(_) | LedgerError::NoSnapshot(_)) => 4,
            _ => 1,
        }
    }

    /// What to do about it, where that is known.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        if let Some(LedgerError::Damaged(_)) = of_the_ledger(self) {
            return Some("`wegen ledger verify` names what is damaged");
        }
        match self {
            CliError::NoClaim(_) => Some(
                "a claim is named under each table and in each footnote of a report, as `refugees@origin=SYR,year=2024`",
            ),
            CliError::NoAreas(..) => {
                Some("import OCHA’s P-codes (`--source ocha-pcodes`) or boundaries (`--source ocha-cod-ab`)")
            }
            CliError::TakesAway { .. } => Some(
                "look at what would change above; say what the file covers with --covers, or store it all the same with --replace",
            ),
            CliError::Figure(FigureError::NothingHeld(_)) => {
                Some("`wegen sync --country …` or `wegen import FILE --source …` brings some")
            }
            CliError::NoHome(_) => Some("name one with --ledger or WEGEN_LEDGER"),
            CliError::Figure(FigureError::UnknownRecipe(..)) => {
                Some("`wegen figure --list` shows recipes and parameters")
            }
            CliError::Movement(MovementError::File { message, .. })
                if message.starts_with("members of another") =>
            {
                Some("name another folder with --out, another file with --resume, or remove this one")
            }
            #[cfg(feature = "cluster")]
            CliError::Cluster(_) => Some(
                "members that were finished are kept: the same command without --cluster, or with it once the cluster runs again, goes on from them where --out or --resume is given",
            ),
            CliError::Ledger(LedgerError::Foreign(_)) => Some("name another folder with --ledger"),
            _ => None,
        }
    }
}

/// The error of the ledger behind an error, however deep.
fn of_the_ledger<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e LedgerError> {
    let inner: Option<&'e (dyn std::error::Error + 'static)> = if let Some(found) = error.downcast_ref() {
        return Some(found);
    } else if let Some(error) = error.downcast_ref::<CliError>() {
        // What is shown as the error itself passes over it as a source.
        match error {
            CliError::Ledger(e) => Some(e),
            CliError::Source(e) => Some(e),
            CliError::Figure(e) => Some(e),
            CliError::Report(e) => Some(e),
            CliError::Built(e) => Some(e),
            CliError::Serve(e) => Some(e),
            _ => None,
        }
    } else if let Some(SourceError::Ledger(e)) = error.downcast_ref() {
        Some(e)
    } else if let Some(FigureError::Ledger(e)) = error.downcast_ref() {
        Some(e)
    } else if let Some(BuildError::Ledger(e)) = error.downcast_ref() {
        Some(e)
    } else if let Some(OpenError::Ledger(e)) = error.downcast_ref() {
        Some(e)
    } else {
        match error.downcast_ref() {
            Some(ReportError::Ledger(e)) => Some(e),
            Some(ReportError::Figure(e)) => Some(e),
            Some(ReportError::Template(e)) => Some(e),
            _ => None,
        }
    };
    inner.or(error.source()).and_then(of_the_ledger)
}
