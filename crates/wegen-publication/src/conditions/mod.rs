//! Conditions for return, area by area, from an edition: the method of `methods/return-conditions.toml`, or another.
//!
//! `wegen-conditions` computes; this module brings it evidence and takes what it says back to records.

mod areas;
mod compare;
mod export;
mod month;
mod populations;
mod readings;
mod stock;

use std::sync::{Arc, LazyLock};

use wegen_conditions::{Assessment, Cell, Leaf, Method, MethodError, Rule, Status, narrow, statuses};
use wegen_ledger::{Evidence, RecordId};
use wegen_model::{Code, indicators, verdicts};

pub use areas::{AreaTree, Place, neighbours, places, shapes};
pub use compare::{AreaChange, Cause, NodeChange, SCORE, Side, compare};
pub use export::{Given, bounds_json, multi_polygon};
pub use month::Month;
pub use readings::{Read, Unjoined, bounds_text};
pub(crate) use stock::level_said;

use crate::recipes::FigureError;
use readings::Reader;

/// The default method's file, to copy and change.
pub const DEFAULT_METHOD: &str = include_str!("../../../../methods/return-conditions.toml");

/// How readings are named in a method file.
pub const READINGS: [&str; 8] = [
    "share-of-communities",
    "mean-of-communities",
    "deaths",
    "death-rate",
    "survey",
    "reports",
    "stock",
    "flow",
];

/// The default method.
pub fn default_method() -> &'static Method {
    // Built in, and read by a test.
    static METHOD: LazyLock<Method> =
        LazyLock::new(|| method("methods/return-conditions.toml", DEFAULT_METHOD).unwrap_or_default());
    &METHOD
}

/// Reads a method file against the registry of indicators and the readings that there are.
///
/// # Errors
/// [`MethodError`] with the line.
pub fn method(file: &str, text: &str) -> Result<Method, MethodError> {
    let method = Method::parse(file, text, &|id| indicators().get(id).is_some())?;
    let texts = |t: &wegen_conditions::Text| [t.en.clone(), t.nl.clone()];
    for text in texts(&method.title) {
        plain(&text).map_err(|message| MethodError { file: file.to_owned(), line: 1, message })?;
    }
    for node in &method.nodes {
        let leaf_texts = node.leaf.iter().flat_map(|l| l.states.iter().chain([&l.cite]).cloned());
        for text in texts(&node.label).into_iter().chain(leaf_texts) {
            plain(&text).map_err(|message| MethodError {
                file: file.to_owned(),
                line: node.line,
                message,
            })?;
        }
        let Some(leaf) = &node.leaf else { continue };
        let how = leaf.reading.how.as_str();
        let wrong = |message: String| MethodError { file: file.to_owned(), line: node.line, message };
        if !leaf.reading.sources.is_empty() && !READINGS.contains(&how) {
            return Err(wrong(format!(
                "`{}`: found the reading `{how}`, expected one of {}",
                node.id,
                READINGS.join(", ")
            )));
        }
        let unknown = leaf.reading.sources.iter().find(|s| wegen_model::sources().get(s).is_none());
        if let Some(source) = unknown {
            return Err(wrong(format!("`{}`: there is no source `{source}`", node.id)));
        }
    }
    Ok(method)
}

/// A text of a method as the program may say it: no verdict on a place or a return, no control characters.
fn plain(text: &str) -> Result<(), String> {
    if text.chars().any(char::is_control) {
        return Err("a text holds a control character".into());
    }
    match verdicts(text).into_iter().next() {
        Some(verdict) => Err(format!("found `{}`, a verdict, in a text of the method", verdict.words)),
        None => Ok(()),
    }
}

/// An area under a method in a month.
#[derive(Debug, Clone)]
pub struct Assessed {
    /// The area.
    pub place: Place,
    /// What was read for each leaf, narrowed as the method says.
    pub reads: Vec<Read>,
    /// What follows.
    pub assessment: Assessment,
    /// The verdict that stands, given that it changes only after some months.
    pub status: Status,
    /// The month since when it stands; `None` where it stood before the first month that was looked at.
    pub since: Option<Month>,
}

impl Assessed {
    /// Whether anything at all is known of a leaf that counts.
    pub fn has_evidence(&self, method: &Method) -> bool {
        let counts = |leaf: usize| method.nodes[leaf].role != wegen_conditions::Role::Context;
        method.leaves.iter().zip(&self.reads).any(|(leaf, read)| counts(*leaf) && !read.cell.is_missing())
    }
}

/// A country under a method in a month.
#[derive(Debug, Clone)]
pub struct National {
    /// The country.
    pub country: Code,
    /// The level of its areas.
    pub level: u8,
    /// The month.
    pub month: Month,
    /// The last month for which a leaf that counts has evidence.
    pub last: Option<Month>,
    /// The areas, by code.
    pub areas: Vec<Assessed>,
    /// Names of publishers that lead to no area.
    pub unjoined: Vec<Unjoined>,
}

/// Assesses all areas of a country at a level. Without a month, the last one with evidence; without that, the month in
/// which the newest of what is held on the country was recorded, or that of `as of`.
///
/// # Errors
/// The ledger's; [`FigureError::NothingHeld`] where no month is given and nothing is held that gives one.
pub fn assess(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    month: Option<Month>,
    method: &Method,
) -> Result<National, FigureError> {
    // Far enough back that a status has had the time to change.
    Ok(Arc::unwrap_or_clone(national(
        evidence,
        country,
        level,
        month,
        method,
        2 * method.persistence as i32,
    )?))
}

/// Likewise, of the month alone: the status is that of the month.
///
/// # Errors
/// As [`assess`].
pub fn assess_month(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    month: Option<Month>,
    method: &Method,
) -> Result<National, FigureError> {
    Ok(Arc::unwrap_or_clone(national(evidence, country, level, month, method, 0)?))
}

/// Likewise by the default method, shared by all figures that ask the same.
///
/// # Errors
/// As [`assess`].
pub(crate) fn assessed_month(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    month: Option<Month>,
) -> Result<Arc<National>, FigureError> {
    national(evidence, country, level, month, default_method(), 0)
}

fn national(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    month: Option<Month>,
    method: &Method,
    back: i32,
) -> Result<Arc<National>, FigureError> {
    let reader = Reader::of(evidence, country, level, method)?;
    let last = reader.last_month(method);
    let month = match month.or(last) {
        Some(month) => month,
        None => month_of(evidence, country)?.ok_or(FigureError::NothingHeld(country))?,
    };
    let make = || {
        let areas = reader.places.iter().map(|place| area(&reader, place, month, method, back)).collect();
        Ok(National { country, level, month, last, areas, unjoined: reader.unjoined.clone() })
    };
    if !std::ptr::eq(method, default_method()) {
        return make().map(Arc::new);
    }
    evidence.kept(format!("assessed {country} {level} {month} {back}"), National::bytes, make)
}

impl National {
    /// How much memory it takes, nearly.
    fn bytes(&self) -> usize {
        let read = |r: &Read| size_of::<Read>() + r.records.len() * size_of::<RecordId>();
        let area = |a: &Assessed| 4 * size_of::<Assessed>() + a.reads.iter().map(read).sum::<usize>();
        self.areas.iter().map(area).sum::<usize>()
            + self.unjoined.iter().map(|u| u.records.len() * size_of::<RecordId>()).sum::<usize>()
    }
}

/// The month of which an assessment speaks that has no evidence: nothing on another country changes it.
pub(crate) fn month_of(evidence: Evidence<'_>, country: Code) -> Result<Option<Month>, FigureError> {
    let day = crate::known::day_of(evidence, country)?;
    Ok(day.and_then(|day| Month::of(wegen_model::Period::of_day(day))))
}

/// The unit of a leaf's cells: a share of communities is a percentage, whatever the answers were.
pub fn unit_of(leaf: &Leaf) -> &str {
    match (leaf.reading.how.as_str(), indicators().get(&leaf.indicator)) {
        ("share-of-communities", _) => "percent",
        (_, Some(indicator)) => &indicator.def().unit,
        (_, None) => "",
    }
}

/// The finest level at which a country has evidence on services, else the first.
///
/// # Errors
/// The ledger's.
pub fn finest_level(evidence: Evidence<'_>, country: Code) -> Result<u8, FigureError> {
    Ok(if readings::has_communities(evidence, country)? { 3 } else { 1 })
}

/// The finest level with evidence, and the last month for which there is any on a criterion; `None` where nothing is
/// held by area.
///
/// # Errors
/// The ledger's.
pub fn last_evidence(
    evidence: Evidence<'_>,
    country: Code,
    method: &Method,
) -> Result<Option<(u8, Month)>, FigureError> {
    let level = finest_level(evidence, country)?;
    Ok(last_evidence_at(evidence, country, level, method)?.map(|month| (level, month)))
}

/// Likewise at one level.
///
/// # Errors
/// The ledger's.
pub fn last_evidence_at(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    method: &Method,
) -> Result<Option<Month>, FigureError> {
    let reader = Reader::of(evidence, country, level, method)?;
    Ok(reader.last_month(method).filter(|_| !reader.places.is_empty()))
}

fn area(reader: &Reader, place: &Place, month: Month, method: &Method, back: i32) -> Assessed {
    let mut verdicts = Vec::new();
    let mut now = None;
    for step in (0..=back).rev() {
        let reads = reads(reader, place.code, month.plus(-step), method);
        let cells: Vec<Cell> = reads.iter().map(|r| r.cell).collect();
        let assessment = Assessment::of(method, &cells);
        verdicts.push(assessment.verdict);
        now = Some((reads, assessment));
    }
    let (reads, assessment) = now.unwrap_or_else(|| (Vec::new(), Assessment::of(method, &[])));
    let all = statuses(&verdicts, method.persistence);
    let status = all.last().copied().unwrap_or(Status { verdict: assessment.verdict, since: 0 });
    let since = (status.since > 0).then(|| month.plus(status.since as i32 - back));
    Assessed { place: place.clone(), reads, assessment, status, since }
}

/// The cells of an area and a month: read, and narrowed where the method has a rule.
fn reads(reader: &Reader, place: Code, month: Month, method: &Method) -> Vec<Read> {
    let mut reads: Vec<Read> = method.leaves().map(|leaf| reader.read(leaf, place, month)).collect();
    for narrowing in &method.narrowing {
        let Some(k) = method.leaves.iter().position(|l| *l == narrowing.node) else { continue };
        let Some(leaf) = method.nodes[narrowing.node].leaf.as_ref() else { continue };
        if !reads[k].cell.is_missing() {
            continue;
        }
        let mut series: Vec<Read> = Vec::new();
        if let Rule::LastValue { months, .. } = narrowing.rule {
            series.extend((1..=months as i32).rev().map(|age| reader.read(leaf, place, month.plus(-age))));
        }
        series.push(reads[k].clone());
        let cells: Vec<Cell> = series.iter().map(|r| r.cell).collect();
        let beside: Vec<Cell> = match (&narrowing.rule, reader.neighbours.get(&place)) {
            (Rule::Neighbours { .. }, Some(codes)) => {
                codes.iter().map(|code| reader.read(leaf, *code, month).cell).collect()
            }
            _ => Vec::new(),
        };
        let cell = narrow(&narrowing.rule, &cells, &beside);
        if cell.is_missing() {
            continue;
        }
        let from = series.iter().rev().find(|r| !r.cell.is_missing()).cloned();
        reads[k] = match from {
            Some(read) => Read { cell, ..read },
            None => Read { cell, ..reads[k].clone() },
        };
    }
    reads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_method_is_read() {
        let method = method("methods/return-conditions.toml", DEFAULT_METHOD).unwrap();
        assert_eq!(default_method().id, method.id);
        assert!(method.leaves.len() > 20);
    }

    #[test]
    fn readings_and_sources_are_checked_with_their_line() {
        let wrong = DEFAULT_METHOD.replacen("how = \"deaths\"", "how = \"guess\"", 1);
        let error = method("m.toml", &wrong).unwrap_err();
        assert!(error.message.contains("`guess`") && error.line > 10, "{error}");
        let wrong = DEFAULT_METHOD.replacen("en = \"Water\"", "en = \"Water is safe to drink\"", 1);
        assert!(method("m.toml", &wrong).unwrap_err().message.contains("a verdict"));
        let wrong = DEFAULT_METHOD.replacen("\"ucdp-ged\"", "\"rumours\"", 1);
        assert!(method("m.toml", &wrong).unwrap_err().message.contains("rumours"));
    }
}
