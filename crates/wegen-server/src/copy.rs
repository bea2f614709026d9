//! Copies of editions, and of the rows of a source, as files: made once, kept while the server runs.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use tokio::fs::File;
use tokio_util::io::ReaderStream;
use wegen_ledger::Ledger;

use crate::{
    error::Problem,
    site::{App, Site},
};

/// Files of one sort that are kept; the oldest goes first.
const KEPT: usize = 3;

/// The copy of an edition: where it is, open for reading, and the edition's id.
pub(crate) async fn of(app: &App, edition: &str) -> Result<(PathBuf, File, String), Problem> {
    let asks = edition.to_owned();
    let id = app.read(move |site, ledger| site.edition(ledger, &asks).map(|e| e.id())).await?;
    let asks = id.clone();
    let (path, open) = file(app, "editions", &format!("{id}.sqlite"), move |site, ledger, path| {
        let edition = site.edition(ledger, &asks)?;
        Ok(ledger.copy_edition(&edition, path)?)
    })
    .await?;
    Ok((path, open, id))
}

/// A file of a sort by its name, open for reading: it is made where it is not there yet.
pub(crate) async fn kept(
    app: &App,
    sort: &'static str,
    name: &str,
    make: impl FnOnce(&Site, &Ledger, &Path) -> Result<(), Problem> + Send + 'static,
) -> Result<File, Problem> {
    Ok(file(app, sort, name, make).await?.1)
}

async fn file(
    app: &App,
    sort: &'static str,
    name: &str,
    make: impl FnOnce(&Site, &Ledger, &Path) -> Result<(), Problem> + Send + 'static,
) -> Result<(PathBuf, File), Problem> {
    let folder = app.files.path().join(sort);
    let path = folder.join(name);
    // One at a time: a second asker waits for the first one's file.
    let _one = app.copying.lock().await;
    if !path.exists() {
        let target = path.clone();
        app.read(move |site, ledger| {
            std::fs::create_dir_all(&folder).map_err(Problem::internal)?;
            make_room(&folder)?;
            // Put in place whole: what broke off half-way is not given.
            let draft = target.with_extension("part");
            make(site, ledger, &draft)?;
            std::fs::rename(&draft, &target).map_err(Problem::internal)
        })
        .await?;
    }
    // Opened while nobody can remove it; whoever reads it then reads on.
    let open = File::open(&path).await.map_err(Problem::internal)?;
    Ok((path, open))
}

fn make_room(folder: &Path) -> Result<(), Problem> {
    let mut held: Vec<_> = std::fs::read_dir(folder)
        .map_err(Problem::internal)?
        .flatten()
        .filter_map(|f| Some((f.metadata().ok()?.modified().ok()?, f.path())))
        .collect();
    held.sort();
    while held.len() >= KEPT {
        std::fs::remove_file(held.remove(0).1).map_err(Problem::internal)?;
    }
    Ok(())
}

/// A file as an answer to save under a name, piece by piece.
pub(crate) async fn give(file: File, content_type: &'static str, name: &str) -> Result<Response, Problem> {
    let bytes = file.metadata().await.map_err(Problem::internal)?.len();
    let mut response = Response::new(Body::from_stream(ReaderStream::with_capacity(file, 64 << 10)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// How long an answer may be kept: for ever where the address names an edition.
pub(crate) fn lasts(headers: &mut HeaderMap, lasting: bool, tag: &str, edition: &str) {
    let cache = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    let named = [(header::ETAG, tag), (header::HeaderName::from_static("wegen-edition"), edition)];
    for (name, value) in named {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}
