//! Which source a file is of, told by its form: the one parser that reads its beginning.

use serde_json::Value;

use crate::{
    File, SourceError, forms, parsers,
    table::{is_json, json, shown_of},
    unpack,
};

/// The source that files are of, as published or packed, told by their form.
///
/// One parser alone must read their beginning; where none does, one that knows the form and stumbles over a cell is
/// taken, and says itself what is wrong with it.
///
/// # Errors
/// [`SourceError::Unrecognised`] where no source reads this form, [`SourceError::Ambiguous`] where several do,
/// [`SourceError::Unread`] where the form is known and not read, and those of an archive that does not unpack.
pub fn recognise(files: &[File]) -> Result<&'static str, SourceError> {
    let mut parts = Vec::new();
    for file in files {
        parts.extend(unpack(file)?.iter().map(File::beginning));
    }
    let name = files.first().map_or_else(String::new, |f| f.name.clone());
    if parts.is_empty() {
        return Err(SourceError::Empty(name));
    }
    forms::whole(&parts)?;
    let (mut reads, mut stumbles, mut personal, mut boundaries) = (Vec::new(), Vec::new(), None, None);
    for parser in parsers() {
        match parser.parse(&parts) {
            Ok(_) => reads.push(parser.source()),
            Err(SourceError::Cell { .. } | SourceError::Publisher { .. }) => stumbles.push(parser.source()),
            Err(error @ SourceError::Personal { .. }) => personal = personal.or(Some(error)),
            // Most boundaries are OCHA's, whose reader says what it misses in them.
            Err(error) if parser.source() == "ocha-cod-ab" => boundaries = Some(error),
            Err(_) => {}
        }
    }
    // Any area that has a name can be read as a country.
    if reads.len() > 1 {
        reads.retain(|source| *source != "naturalearth-countries");
    }
    let candidates = if reads.is_empty() { stumbles } else { reads };
    let first = &parts[0];
    let nothing = || SourceError::Unrecognised { file: first.name.clone(), found: shown_of(first) };
    match candidates.as_slice() {
        [one] => Ok(one),
        _ if let Some(error) = forms::unread(first) => Err(error),
        [] => Err(personal.or(boundaries.filter(|_| is_map(first))).unwrap_or_else(nothing)),
        _ => Err(SourceError::Ambiguous { file: name, candidates }),
    }
}

/// Whether a file holds areas, as GeoJSON or TopoJSON.
fn is_map(file: &File) -> bool {
    let kind = |document: Value| document.get("type").and_then(Value::as_str).map(str::to_owned);
    is_json(file)
        && json(file)
            .ok()
            .and_then(kind)
            .is_some_and(|kind| ["FeatureCollection", "Topology"].contains(&kind.as_str()))
}

/// The source whose parser can read an unpacked file, for a hint: the first that does not refuse its beginning.
pub(crate) fn looks_like(file: &File) -> Option<&'static str> {
    let head = file.beginning();
    parsers().iter().find(|p| p.parse(std::slice::from_ref(&head)).is_ok()).map(|p| p.source())
}
