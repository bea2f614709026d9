//! Copies of editions as SQLite files: made once, kept while the server runs.

use std::path::PathBuf;

use axum::body::Body;
use tokio_util::io::ReaderStream;

use crate::{error::Problem, site::App};

/// Copies that are kept; the oldest goes first.
const KEPT: usize = 3;

/// The copy of an edition, and its id.
pub(crate) async fn of(app: &App, edition: &str) -> Result<(PathBuf, String), Problem> {
    let asks = edition.to_owned();
    let id = app.read(move |site, ledger| site.edition(ledger, &asks).map(|e| e.id())).await?;
    let path = app.files.path().join(format!("{id}.sqlite"));
    // One at a time: a second asker waits for the first one's copy.
    let _one = app.copying.lock().await;
    if path.exists() {
        return Ok((path, id));
    }
    let (target, asks) = (path.clone(), id.clone());
    app.read(move |site, ledger| {
        let edition = site.edition(ledger, &asks)?;
        make_room(site.files.path())?;
        ledger.copy_edition(&edition, &target)?;
        Ok(())
    })
    .await?;
    Ok((path, id))
}

fn make_room(folder: &std::path::Path) -> Result<(), Problem> {
    let mut held: Vec<_> = std::fs::read_dir(folder)
        .map_err(Problem::internal)?
        .flatten()
        .filter_map(|f| Some((f.metadata().ok()?.modified().ok()?, f.path())))
        .collect();
    held.sort();
    while held.len() >= KEPT {
        // Whoever reads it now holds it open, and reads on.
        std::fs::remove_file(held.remove(0).1).map_err(Problem::internal)?;
    }
    Ok(())
}

/// A file as the body of an answer, piece by piece.
pub(crate) fn stream(file: tokio::fs::File) -> Body {
    Body::from_stream(ReaderStream::with_capacity(file, 64 << 10))
}
