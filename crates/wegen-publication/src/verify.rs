//! Whether a published file still says what its evidence gives.
//!
//! Every claim is computed again: from the edition that it names, and from what is known today. Where the same version
//! of the program made the file, the whole file is made again from the manuscript that it carries, and compared byte
//! for byte; so altered text is found, in the paragraph where it stands. Of a `data` folder every file is compared.
//!
//! A file made anew with other words and consistent claims is another report: that it was not published is told by
//! its seal ([`crate::seal`]) alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Serialize;
use serde_json::Value as Json;
use wegen_ledger::{Edition, Ledger, LedgerError, Snapshot};
use wegen_model::{Code, Lang};

use crate::{
    FigureId, Options, Report,
    claims::{Carried, Carrier},
    data,
    figure::{Figure, place_of},
    manuscript::Manuscript,
    recipes::{FigureError, compute},
    report::ReportError,
};

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// Its evidence gives the value, and so does what is known today.
    Confirmed,
    /// Its evidence gives the value; what is known today gives another.
    ChangedSince {
        /// The value of today, as it would be shown.
        new: String,
        /// Why: other snapshots, or another method.
        by: Vec<String>,
    },
    /// The ledger does not hold its evidence.
    EvidenceMissing {
        /// What is missing.
        what: String,
    },
    /// Its evidence gives another value.
    Altered {
        /// What the evidence gives.
        expected: String,
    },
}

/// A claim, or a cell of one, with its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimCheck {
    /// The claim: figure, with `#row/column` where it is a cell.
    pub claim: String,
    /// The value that the file shows.
    pub shown: String,
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What became of the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "text", rename_all = "kebab-case")]
pub enum TextCheck {
    /// The file is what its manuscript and its edition give, to the byte.
    Same,
    /// It is not.
    Altered {
        /// Where: paragraphs, or bytes where it is no paragraph.
        places: Vec<String>,
    },
    /// It could not be made again.
    NotChecked {
        /// Why.
        why: String,
    },
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// The file.
    pub path: String,
    /// The report.
    pub report: String,
    /// The edition.
    pub edition: String,
    /// Every claim.
    pub claims: Vec<ClaimCheck>,
    /// The text.
    pub text: TextCheck,
}

impl Verification {
    /// How many claims have each answer: confirmed, changed since, evidence missing, altered.
    pub fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for check in &self.claims {
            counts[match check.answer {
                Answer::Confirmed => 0,
                Answer::ChangedSince { .. } => 1,
                Answer::EvidenceMissing { .. } => 2,
                Answer::Altered { .. } => 3,
            }] += 1;
        }
        counts
    }

    /// Whether all of it was checked and found as it was made; claims may have changed since.
    pub fn is_confirmed(&self) -> bool {
        let [_, _, missing, altered] = self.counts();
        missing == 0 && altered == 0 && self.text == TextCheck::Same
    }

    /// Whether nothing in the file is other than its evidence and its manuscript give.
    pub fn is_unaltered(&self) -> bool {
        self.counts()[3] == 0 && !matches!(self.text, TextCheck::Altered { .. })
    }
}

/// Verifies a file against a ledger.
///
/// # Errors
/// The ledger's, where it cannot answer. What is wrong with the file is an answer, and no error.
pub fn verify(carried: &Carried, ledger: &Ledger) -> Result<Verification, LedgerError> {
    let claims = &carried.claims;
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    let lang: Lang = text("language").parse().unwrap_or_default();
    let all = ledger.snapshots()?;
    let ids: Vec<String> = claims["edition_snapshots"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|s| s["id"].as_str().map(str::to_owned))
        .collect();
    let held: Vec<Snapshot> = all.iter().filter(|s| ids.contains(&s.id.to_string())).cloned().collect();
    let missing: Vec<&String> =
        ids.iter().filter(|id| !held.iter().any(|s| s.id.to_string() == **id)).collect();
    let as_of = claims["as_of"].as_str().and_then(|d| d.parse().ok());
    let edition = Edition::new(as_of, held);
    let today = ledger.edition(None)?;
    let mut checks = Vec::new();
    let mut figures: BTreeMap<FigureId, (Option<Figure>, Option<Figure>)> = BTreeMap::new();
    for claim in claims["claims"].as_array().into_iter().flatten() {
        let name = claim["id"].as_str().unwrap_or_default();
        let Some(id) = FigureId::parse(name) else {
            checks.push(ClaimCheck {
                claim: name.to_owned(),
                shown: String::new(),
                answer: Answer::Altered { expected: "a claim's name".into() },
            });
            continue;
        };
        if !figures.contains_key(&id) {
            let then = of_edition(ledger, &edition, &id, lang)?;
            let now = of_edition(ledger, &today, &id, lang)?;
            figures.insert(id.clone(), (then, now));
        }
        let Some((then, now)) = figures.get(&id) else { continue };
        let cells = match &claim["cells"] {
            Json::Array(cells) => cells.clone(),
            _ => vec![claim["claim"].clone()],
        };
        if let Some(then) = then.as_ref().filter(|f| f.cells().len() != cells.len() && missing.is_empty()) {
            let expected = format!("{} cells", then.cells().len());
            checks.push(ClaimCheck {
                claim: name.to_owned(),
                shown: format!("{} cells", cells.len()),
                answer: Answer::Altered { expected },
            });
        }
        for cell in &cells {
            let shown = cell["shown"].as_str().unwrap_or_default().to_owned();
            let (row, column) = (cell["row"].as_str().unwrap_or(""), cell["column"].as_str().unwrap_or(""));
            let place = if row.is_empty() { String::new() } else { format!("#{}", place_of(row, column)) };
            let answer = answer(claim, cell, row, column, then.as_ref(), now.as_ref(), &missing, &all, lang);
            checks.push(ClaimCheck { claim: format!("{name}{place}"), shown, answer });
        }
    }
    let text_check = match missing.is_empty() {
        _ if edition_id(&ids) != text("edition") => TextCheck::Altered {
            places: vec!["the list of snapshots, which does not give the edition's id".into()],
        },
        true => text_of(carried, ledger, &edition, lang)?,
        false => TextCheck::NotChecked {
            why: format!("{} of {} snapshots of its edition are not in the ledger", missing.len(), ids.len()),
        },
    };
    Ok(Verification {
        path: carried.path.clone(),
        report: text("report"),
        edition: text("edition"),
        claims: checks,
        text: text_check,
    })
}

/// A figure of an edition; `None` where there is no such figure. A ledger that cannot answer is no answer.
fn of_edition(
    ledger: &Ledger,
    edition: &Edition,
    id: &FigureId,
    lang: Lang,
) -> Result<Option<Figure>, LedgerError> {
    match compute(ledger.evidence(edition), id, lang) {
        Ok(figure) => Ok(Some(figure)),
        Err(FigureError::Ledger(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The id of an edition of these snapshots, as the ledger gives it: over their sorted ids.
fn edition_id(ids: &[String]) -> String {
    let mut ids: Vec<&String> = ids.iter().collect();
    ids.sort();
    let mut hasher = blake3::Hasher::new();
    for id in ids {
        // An id that is no hash gives no edition.
        let Ok(hash) = blake3::Hash::from_hex(id) else { return String::new() };
        hasher.update(hash.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

fn strings(list: &Json) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

#[expect(clippy::too_many_arguments, reason = "a claim, its cell, and both computations of it")]
fn answer(
    claim: &Json,
    cell: &Json,
    row: &str,
    column: &str,
    then: Option<&Figure>,
    now: Option<&Figure>,
    missing: &[&String],
    all: &[Snapshot],
    lang: Lang,
) -> Answer {
    let of = |figure: Option<&Figure>| {
        let figure = figure?;
        let cells = figure.cells();
        let (_, _, found) = cells.into_iter().find(|(r, c, _)| *r == row && *c == column)?;
        Some((data::cell_json(figure, row, column, found, lang), figure.version))
    };
    let shown = |cell: &Json| cell["shown"].as_str().unwrap_or("–").to_owned();
    let records = strings(&cell["records"]);
    let gone: BTreeSet<&str> = records
        .iter()
        .filter_map(|r| r.split('/').next())
        .filter(|short| missing.iter().any(|m| m.starts_with(short)))
        .collect();
    let (then, now) = (of(then), of(now));
    let version = claim["recipe_version"].as_u64();
    match then {
        _ if !gone.is_empty() => {
            return Answer::EvidenceMissing {
                what: gone.into_iter().map(str::to_owned).collect::<Vec<_>>().join(", "),
            };
        }
        Some((expected, same)) if version == Some(same.into()) && expected != *cell => {
            return match missing.is_empty() {
                true => Answer::Altered { expected: shown(&expected) },
                false => Answer::EvidenceMissing { what: "part of the edition".into() },
            };
        }
        None if missing.is_empty() => return Answer::Altered { expected: "no such figure".into() },
        _ => {}
    }
    let Some((new, newest)) = now else {
        return Answer::ChangedSince { new: "–".into(), by: vec!["the figure is gone".into()] };
    };
    if new["value"] == cell["value"] && new["bounds"] == cell["bounds"] && new["missing"] == cell["missing"] {
        return Answer::Confirmed;
    }
    let before: BTreeSet<String> =
        records.iter().filter_map(|r| r.split('/').next().map(str::to_owned)).collect();
    let mut by: Vec<String> = strings(&new["records"])
        .iter()
        .filter_map(|r| r.split('/').next())
        .filter(|short| !before.contains(*short))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(|short| {
            let snapshot = all.iter().find(|s| s.id.short() == short);
            snapshot
                .map_or(short.to_owned(), |s| format!("{short} ({}, recorded {})", s.source, s.recorded_on()))
        })
        .collect();
    if version != Some(newest.into()) {
        by.push(format!("method: version {newest} of the recipe"));
    }
    Answer::ChangedSince { new: shown(&new), by }
}

/// Makes the file again and compares.
fn text_of(
    carried: &Carried,
    ledger: &Ledger,
    edition: &Edition,
    lang: Lang,
) -> Result<TextCheck, LedgerError> {
    let claims = &carried.claims;
    let version = claims["made_with"]["version"].as_str().unwrap_or_default();
    let own = env!("CARGO_PKG_VERSION");
    let not = |why: String| Ok(TextCheck::NotChecked { why });
    if version != own {
        return not(format!("it was made with version {version}, and this is {own}"));
    }
    let Ok(country) = serde_json::from_value::<Code>(claims["country"].clone()) else {
        return Ok(TextCheck::Altered { places: vec!["claims: country".into()] });
    };
    let manuscript = match &claims["manuscript"] {
        Json::Null => None,
        files => {
            let files = serde_json::from_value::<BTreeMap<String, String>>(files.clone());
            match files
                .map_err(|e| e.to_string())
                .and_then(|f| Manuscript::from_files(f).map_err(|e| e.to_string()))
            {
                Ok(manuscript) => Some(manuscript),
                Err(why) => {
                    return Ok(TextCheck::Altered {
                        places: vec![format!("the manuscript that it carries: {why}")],
                    });
                }
            }
        }
    };
    let options = Options { country, lang, manuscript, pdf: carried.carrier == Carrier::Pdf };
    let again = match Report::build(ledger.evidence(edition), &options) {
        Ok(again) => again,
        Err(ReportError::Ledger(error) | ReportError::Figure(FigureError::Ledger(error))) => {
            return Err(error);
        }
        Err(error) => {
            return Ok(TextCheck::Altered { places: vec![format!("it cannot be made again: {error}")] });
        }
    };
    let made: &[u8] = match carried.carrier {
        Carrier::Html => again.html.as_bytes(),
        Carrier::Pdf => again.pdf.as_deref().unwrap_or_default(),
        Carrier::Data => again.data.get("claims.json").map(Vec::as_slice).unwrap_or_default(),
    };
    let mut places = match &carried.folder {
        Some(folder) => beside(folder, &again.data),
        None => Vec::new(),
    };
    if made == carried.bytes {
        return Ok(match places.is_empty() {
            true => TextCheck::Same,
            false => TextCheck::Altered { places },
        });
    }
    let others = places.len();
    if carried.carrier == Carrier::Html {
        let (old, new) = (paragraphs(&carried.bytes), paragraphs(made));
        let numbers: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        places.extend(
            numbers.into_iter().filter(|n| old.get(*n) != new.get(*n)).map(|n| format!("paragraph {n}")),
        );
    }
    if carried.carrier == Carrier::Pdf && carried.bytes.len() > made.len() && carried.bytes.starts_with(made)
    {
        places.push("bytes were added behind the end".into());
    }
    if places.len() == others {
        let same = made.iter().zip(&carried.bytes).take_while(|(a, b)| a == b).count();
        places.push(match carried.carrier {
            Carrier::Pdf => format!("byte {}", same + 1),
            _ => format!(
                "byte {}: found “{}”, expected “{}”",
                same + 1,
                around(&carried.bytes, same),
                around(made, same)
            ),
        });
    }
    Ok(TextCheck::Altered { places })
}

/// What of the files beside `claims.json` is other than what was made again, missing, or none of it.
fn beside(folder: &Path, made: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut places = Vec::new();
    for (name, expected) in made.iter().filter(|(name, _)| *name != "claims.json") {
        match fs::read(folder.join(name)) {
            Ok(found) if found == *expected => {}
            Ok(found) => {
                let same = expected.iter().zip(&found).take_while(|(a, b)| a == b).count();
                places.push(format!(
                    "{name}, byte {}: found “{}”, expected “{}”",
                    same + 1,
                    around(&found, same),
                    around(expected, same)
                ));
            }
            Err(_) => places.push(format!("{name}, which is not there")),
        }
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut added: Vec<String> = entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| !made.contains_key(name))
        .collect();
    added.sort();
    places.extend(added.into_iter().map(|name| format!("{name}, which is no part of the report")));
    places
}

/// A few characters around a byte.
fn around(bytes: &[u8], at: usize) -> String {
    let cut = &bytes[at.saturating_sub(20).min(bytes.len())..(at + 20).min(bytes.len())];
    String::from_utf8_lossy(cut).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The numbered paragraphs of a page, by number.
fn paragraphs(html: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(html);
    let mut found = BTreeMap::new();
    for part in text.split("class=\"numbered\" id=\"p").skip(1) {
        let Some((number, rest)) = part.split_once('"') else { continue };
        let end = rest.find("</p>").or_else(|| rest.find("</li>")).unwrap_or(rest.len());
        found.insert(number.to_owned(), rest[..end].to_owned());
    }
    found
}
