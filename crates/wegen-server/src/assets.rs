//! Styles and scripts, built in. Their names hold a hash of their bytes, so that they may be kept for ever.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use axum::{
    extract::Path,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use include_dir::{Dir, include_dir};
use maud::{Markup, html};

use crate::{
    answer::{Answer, Made},
    error::Problem,
};

const STYLE: &str = include_str!("../assets/web.css");
/// What the build made of `web/`: nothing where Node was not there.
static DIST: Dir<'_> = include_dir!("$OUT_DIR/dist");

struct Assets {
    files: BTreeMap<String, Arc<Answer>>,
    style: String,
    script: Option<String>,
}

static ALL: LazyLock<Assets> = LazyLock::new(|| {
    let mut files = BTreeMap::new();
    let mut add = |name: String, kind: &'static str, bytes: Vec<u8>| {
        files.insert(name, Arc::new(Answer::of(Made::new(kind, bytes))));
    };
    let hash = blake3::hash(STYLE.as_bytes()).to_hex();
    let style = format!("web-{}.css", &hash[..12]);
    add(style.clone(), "text/css; charset=utf-8", STYLE.as_bytes().to_vec());
    let mut script = None;
    for file in built(&DIST) {
        let name = file.path().file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let kind = match name.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => continue,
        };
        if name.starts_with("main-") && name.ends_with(".js") {
            script = Some(name.clone());
        }
        add(name, kind, file.contents().to_vec());
    }
    Assets { files, style, script }
});

/// The address of the style sheet.
pub(crate) fn style() -> String {
    format!("/assets/{}", ALL.style)
}

/// The scripts, where there are any.
pub(crate) fn scripts() -> Markup {
    html! { @if let Some(name) = &ALL.script { script type="module" src={ "/assets/" (name) } {} } }
}

/// Whether the build had Node.
pub fn has_scripts() -> bool {
    ALL.script.is_some()
}

pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ALL.files.get(&name) {
        Some(answer) => answer.give(&headers, true),
        None => Problem::not_found("there is no such file").into_response(),
    }
}

/// All files below a folder.
fn built<'d>(folder: &'d Dir<'d>) -> Vec<&'d include_dir::File<'d>> {
    let below = folder.dirs().flat_map(built);
    folder.files().chain(below).collect()
}
