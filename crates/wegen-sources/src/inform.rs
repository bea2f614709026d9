//! INFORM Risk: indicators and trends as CSV, trends as the API's JSON.
//!
//! Traps: under one name stand both the raw value and its score from 0 to 10, in no fixed order and with the
//! unit of the raw one; names hold line breaks; some are empty. Where a name has two values in a country, the
//! score is the one that alone looks like one (0 to 10, at most one decimal); where that does not decide, both
//! are kept as undetermined and noted.

use std::collections::BTreeMap;

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Locator, Observation, Period, Record, Status, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Row, Spec, column, is_json, maybe, rows},
};

pub(crate) struct Inform;

static INDICATORS: Spec = Spec {
    columns: &[
        column(&["Iso3"]),
        column(&["ValidityYear"]),
        column(&["IndicatorName"]),
        column(&["IndicatorScore"]),
        column(&["Unit"]),
    ],
    // A table of trends with a changed header is read as this one, and told by the column it lacks.
    also: &["CountryName", "FullName"],
    pointer: "",
};

static TRENDS: Spec = Spec {
    columns: &[
        column(&["Iso3"]),
        column(&["GNAYear"]),
        column(&["IndicatorId"]),
        column(&["IndicatorScore"]),
        maybe(&["FullName"]),
    ],
    also: &[
        "CountryName",
        "WorkflowId",
        "MethodologyId",
        "ShortDescription",
        "ParentLevel",
        "StepNumber",
        "Ranking",
    ],
    pointer: "",
};

/// Names whose raw values the report uses.
const NAMED: [(&str, IndicatorId); 5] = [
    ("Physicians density", indicator::PHYSICIANS),
    ("Current health expenditure per capita", indicator::HEALTH_EXPENDITURE_PPP),
    ("GDP per capita (current US$)", indicator::GDP_PER_HEAD),
    ("Literacy rate, adult total (% of people ages 15 and above)", indicator::LITERACY),
    ("Access to electricity", indicator::ELECTRICITY_ACCESS),
];

impl Parser for Inform {
    fn source(&self) -> &'static str {
        "inform-risk"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        match files.first() {
            Some(file) if is_json(file) || TRENDS.fits(file) => trends(files),
            _ => values(files),
        }
    }
}

fn observation(
    indicator: IndicatorId,
    place: Code,
    period: Period,
    value: f64,
    dims: String,
    locator: Locator,
) -> Record {
    Record::Observation(Observation {
        indicator,
        place,
        counterpart: None,
        period,
        value,
        bounds: None,
        status: Status::Normal,
        dims: (!dims.is_empty()).then(|| dims.into()),
        locator,
    })
}

fn trends(files: &[File]) -> Result<Parsed, SourceError> {
    let json = files.first().is_some_and(is_json);
    let mut quality = Quality::default();
    let (mut records, mut rows_read) = (Records::default(), 0);
    for (part, file) in files.iter().enumerate() {
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let (place, period, code) = (row.iso3(0, quality)?, row.year(1)?, row.text(2));
            let Some(value) = row.maybe_number(3)? else {
                quality.note("figures not reported", || row.place());
                return Ok(());
            };
            if !(0.0..=10.0).contains(&value) {
                return Err(row.wrong(3, "a score from 0 to 10"));
            }
            let (id, dims) = match code {
                "INFORM" => (indicator::INFORM_RISK, String::new()),
                code => (indicator::INFORM_COMPONENT, format!("code={code}")),
            };
            records.push(observation(id, place, period, value, dims, row.locator(3)))?;
            Ok(())
        };
        rows_read += rows(file, part as u32, &TRENDS, &mut quality, &mut each)?;
    }
    let capture = if json { "api trends" } else { "csv trends" };
    Ok(Parsed { capture, layout: TRENDS.layout(json), quality, rows_read, records })
}

struct Found {
    period: Period,
    value: f64,
    locator: Locator,
}

fn values(files: &[File]) -> Result<Parsed, SourceError> {
    let mut quality = Quality::default();
    let mut rows_read = 0;
    let mut held = 0;
    let mut by_name: BTreeMap<(String, Code), Vec<Found>> = BTreeMap::new();
    for (part, file) in files.iter().enumerate() {
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let (place, period) = (row.iso3(0, quality)?, row.year(1)?);
            // As many rows as another source may hold, and fewer where names are long.
            held += 150 + row.text(2).len();
            row.held(held / 150)?;
            let name = row.text(2).split_whitespace().collect::<Vec<_>>().join(" ");
            if row.text(2).contains('\n') || row.text(2).is_empty() {
                quality.note("names with line breaks or without any text", || row.place());
            }
            let Some(value) = row.maybe_number(3)? else {
                quality.note("figures not reported", || row.place());
                return Ok(());
            };
            by_name.entry((name, place)).or_default().push(Found { period, value, locator: row.locator(3) });
            Ok(())
        };
        rows_read += rows(file, part as u32, &INDICATORS, &mut quality, &mut each)?;
    }
    // A name that has two values in most countries holds scores as well.
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ((name, _), found) in &by_name {
        let entry = counts.entry(name).or_default();
        *entry = (entry.0 + found.len(), entry.1 + 1);
    }
    let both: Vec<String> = counts
        .iter()
        .filter(|(_, (values, places))| values * 2 > places * 3)
        .map(|(n, _)| (*n).to_owned())
        .collect();
    let mut records = Records::default();
    for ((name, place), found) in by_name {
        let kinds = kinds(&found, both.contains(&name));
        for (found, kind) in found.iter().zip(kinds) {
            if kind == "undetermined" {
                quality.note("values that may be raw or a score", || format!("row {}", found.locator.row));
            }
            let named = NAMED.iter().find(|(n, _)| *n == name && kind == "raw").map(|(_, id)| *id);
            let dims = match named {
                Some(_) => String::new(),
                None => format!("name={};kind={kind}", name.replace([';', '='], " ")),
            };
            let id = named.unwrap_or(indicator::INFORM_INDICATOR);
            records.push(observation(id, place, found.period, found.value, dims, found.locator))?;
        }
    }
    Ok(Parsed { capture: "csv indicators", layout: INDICATORS.layout(false), quality, rows_read, records })
}

/// Which of the values under one name are raw, and which scores.
fn kinds(found: &[Found], both: bool) -> Vec<&'static str> {
    let like_score = |f: &Found| {
        (0.0..=10.0).contains(&f.value) && (f.value * 10.0 - (f.value * 10.0).round()).abs() < 1e-9
    };
    match (found, both) {
        ([_], false) => vec!["raw"],
        ([a, b], true) => match (like_score(a), like_score(b)) {
            (true, false) => vec!["score", "raw"],
            (false, true) => vec!["raw", "score"],
            _ => vec!["undetermined"; 2],
        },
        (several, _) => vec!["undetermined"; several.len()],
    }
}
