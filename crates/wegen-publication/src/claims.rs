//! The claims that a published file carries, read back from HTML, PDF or data.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hayro_syntax::{
    Pdf,
    object::{Name, Object},
};
use serde_json::Value as Json;

/// What sort of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A web page.
    Html,
    /// A PDF.
    Pdf,
    /// `claims.json` itself.
    Data,
}

/// A file that carries no claims.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimsError {
    /// The file cannot be read.
    #[error("`{path}`: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// No claims in it.
    #[error(
        "`{path}` carries no claims: {found}; a report's `index.html`, `report.pdf`, `data` folder or `claims.json` was expected"
    )]
    None {
        /// Which.
        path: String,
        /// What was found.
        found: String,
    },
    /// Claims of a version that is not known.
    #[error(
        "`{path}` carries claims of format {found}; format {expected} was expected: it was made with another version of this program"
    )]
    Format {
        /// Which.
        path: String,
        /// What was found.
        found: String,
        /// What is read here.
        expected: u32,
    },
}

/// Claims with the file that they were read from.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Where from.
    pub path: String,
    /// What sort of file.
    pub carrier: Carrier,
    /// The file.
    pub bytes: Vec<u8>,
    /// The claims.
    pub claims: Json,
    /// The folder that was read as a whole: `data/` with everything in it.
    pub folder: Option<PathBuf>,
}

/// The largest file that is read, in bytes.
const LARGEST: u64 = 512 << 20;

impl Carried {
    /// Reads the claims of a file, or of a folder's `data/claims.json` or `claims.json`; of a folder, everything beside
    /// them is verified with them.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn read(path: &Path) -> Result<Carried, ClaimsError> {
        let whole = path.is_dir();
        let path = match path.is_dir() {
            true => {
                let inner = path.join("data").join("claims.json");
                if inner.exists() { inner } else { path.join("claims.json") }
            }
            false => path.to_owned(),
        };
        let name = path.display().to_string();
        let io = |source| ClaimsError::Io { path: name.clone(), source };
        if fs::metadata(&path).map_err(io)?.len() > LARGEST {
            return Err(ClaimsError::None { path: name, found: "a file of more than 512 MiB".into() });
        }
        let io = |source| ClaimsError::Io { path: name.clone(), source };
        let mut carried = Carried::of(&name, fs::read(&path).map_err(io)?)?;
        carried.folder = path.parent().filter(|_| whole).map(Path::to_owned);
        Ok(carried)
    }

    /// The claims in bytes.
    ///
    /// # Errors
    /// [`ClaimsError`].
    pub fn of(path: &str, bytes: Vec<u8>) -> Result<Carried, ClaimsError> {
        let none = |found: &str| ClaimsError::None { path: path.to_owned(), found: found.to_owned() };
        let (carrier, text) = if bytes.windows(5).take(1024).any(|w| w == b"%PDF-") {
            (Carrier::Pdf, attached(&bytes).ok_or_else(|| none("a PDF without `claims.json`"))?)
        } else {
            let text = String::from_utf8(bytes.clone()).map_err(|_| none("neither a PDF nor text"))?;
            match text.trim_start().starts_with('{') {
                true => (Carrier::Data, text),
                false => {
                    let start =
                        text.find(ELEMENT).ok_or_else(|| none("a text without claims"))? + ELEMENT.len();
                    let end =
                        text[start..].find("</script>").ok_or_else(|| none("claims that are cut off"))?;
                    (Carrier::Html, text[start..start + end].to_owned())
                }
            }
        };
        let claims: Json =
            serde_json::from_str(&text).map_err(|e| none(&format!("claims that are no JSON ({e})")))?;
        if !claims["claims"].is_array() {
            return Err(none("JSON without a list `claims`"));
        }
        if claims["format"] != crate::data::FORMAT {
            let found = claims["format"].to_string();
            return Err(ClaimsError::Format { path: path.to_owned(), found, expected: crate::data::FORMAT });
        }
        Ok(Carried { path: path.to_owned(), carrier, bytes, claims, folder: None })
    }
}

/// The element of a page that holds the claims.
const ELEMENT: &str = "<script type=\"application/json\" id=\"wegen-claims\">";

/// The attachment of a PDF that holds claims.
fn attached(bytes: &[u8]) -> Option<String> {
    // A damaged file is outside input like any other; the reader's own faults end here.
    let read = || {
        let pdf = Pdf::new(bytes.to_vec()).ok()?;
        pdf.objects().into_iter().find_map(|object| {
            let Object::Stream(stream) = object else { return None };
            let embedded = stream
                .dict()
                .get::<Name>(b"Type")
                .is_some_and(|n| AsRef::<[u8]>::as_ref(&n) == b"EmbeddedFile");
            let text = embedded.then(|| stream.decoded().ok()).flatten()?;
            let text = String::from_utf8(text.into_owned()).ok()?;
            text.contains("\"claims\"").then_some(text)
        })
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).ok().flatten()
}
