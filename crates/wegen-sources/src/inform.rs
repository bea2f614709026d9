//! INFORM Risk: indicators and trends as CSV, trends as the API's JSON, the scores of a release as workbook and CSV.
//!
//! Traps: under one name stand both the raw value and its score from 0 to 10, in no fixed order and with the
//! unit of the raw one; names hold line breaks; some are empty. Where a name has two values in a country, the
//! score is the one that alone looks like one (0 to 10, at most one decimal); where that does not decide, both
//! are kept as undetermined and noted. A release names its year in its sheet or its file alone, writes `x` or `No data`
//! where it has no score, and the years of an indicator's values as one range for all countries.

use std::collections::BTreeMap;

use calamine::Data;
use wegen_ledger::{Layout, LayoutKind, Quality, Records};
use wegen_model::{Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    sheet::{Workbook, is_workbook, one_workbook, place as place_in},
    table::{Row, Spec, column, is_json, maybe, plain, rows, table_among},
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

/// The indicators of a release by their codes, raw values alone.
static VALUES: Spec = Spec {
    columns: &[
        column(&["iso3"]),
        column(&["indicator_id"]),
        column(&["indicator"]),
        column(&["value"]),
        column(&["survey_year"]),
        column(&["unit"]),
    ],
    also: &[],
    pointer: "",
};

/// The scores of a release: a row a country, a column a score.
static SCORES: Spec = Spec {
    columns: &[
        column(&["ISO3"]),
        column(&["INFORM RISK"]),
        column(&["HAZARD & EXPOSURE"]),
        column(&["VULNERABILITY"]),
        column(&["LACK OF COPING CAPACITY"]),
        maybe(&["Natural"]),
        maybe(&["Earthquake"]),
        maybe(&["River Flood"]),
        maybe(&["Tsunami"]),
        maybe(&["Tropical Cyclone"]),
        maybe(&["Coastal flood"]),
        maybe(&["Drought"]),
        maybe(&["Epidemic"]),
        maybe(&["Human"]),
        maybe(&["Projected Conflict Probability"]),
        maybe(&["Current Conflict Intensity"]),
        maybe(&["Socio-Economic Vulnerability"]),
        maybe(&["Development & Deprivation"]),
        maybe(&["Inequality"]),
        maybe(&["Economic Dependency"]),
        maybe(&["Vulnerable Groups"]),
        maybe(&["Uprooted people"]),
        maybe(&["Health Conditions"]),
        maybe(&["Children U5"]),
        maybe(&["Recent Shocks"]),
        maybe(&["Food Security"]),
        maybe(&["Other Vulnerable Groups"]),
        maybe(&["Institutional"]),
        maybe(&["DRR"]),
        maybe(&["Governance"]),
        maybe(&["Infrastructure"]),
        maybe(&["Communication"]),
        maybe(&["Physical infrastructure"]),
        maybe(&["Access to health care"]),
    ],
    also: &[
        "COUNTRY",
        "RISK CLASS",
        "Rank",
        "Lack of Reliability (*)",
        "Number of Missing Indicators",
        "% of Missing Indicators",
        "Countries in HVC",
        "Recentness data (average years)",
    ],
    pointer: "",
};

/// The first of the columns of scores.
const FIRST: usize = 1;

/// Codes of the indicators whose raw values the report uses.
const CODED: [(&str, IndicatorId); 5] = [
    ("PHIS", indicator::PHYSICIANS),
    ("HEALTH_EXP", indicator::HEALTH_EXPENDITURE_PPP),
    ("GDPpp", indicator::GDP_PER_HEAD),
    ("SE.ADT.LITR.ZS", indicator::LITERACY),
    ("EG.ELC.ACCS.ZS", indicator::ELECTRICITY_ACCESS),
];

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
            Some(file) if is_workbook(file) => one_workbook(files, workbook),
            Some(file) if is_json(file) => trends(files),
            Some(file) => match table_among(file, &[&INDICATORS, &TRENDS, &SCORES, &VALUES])? {
                1 => trends(files),
                2 => scores(files),
                3 => coded(files),
                _ => values(files),
            },
            None => values(files),
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

/// The score of a column: the index, one of its three dimensions by its code, or a component by its name.
fn score_of(title: &str) -> (IndicatorId, String) {
    let code = match title {
        "INFORM RISK" => return (indicator::INFORM_RISK, String::new()),
        "HAZARD & EXPOSURE" => "HA",
        "VULNERABILITY" => "VU",
        "LACK OF COPING CAPACITY" => "CC",
        name => return (indicator::INFORM_COMPONENT, format!("name={}", plain(name))),
    };
    (indicator::INFORM_COMPONENT, format!("code={code}"))
}

/// The year that a sheet's or a file's name holds, as `INFORM Risk 2026 (a-z)`.
fn release_year(name: &str) -> Option<Period> {
    name.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .find_map(|digits| digits.parse::<i16>().ok().filter(|year| (2012..2100).contains(year)))
        .and_then(Period::of_year)
}

/// What stands where there is no score.
fn no_score(text: &str) -> bool {
    text.eq_ignore_ascii_case("x") || text.eq_ignore_ascii_case("no data")
}

fn scores(files: &[File]) -> Result<Parsed, SourceError> {
    let mut quality = Quality::default();
    let (mut records, mut rows_read) = (Vec::new(), 0);
    for (part, file) in files.iter().enumerate() {
        let period = release_year(&file.name);
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let period = period.ok_or_else(|| {
                let expected = "the year of the release, as `INFORM_Risk_2026_v072.csv`";
                SourceError::malformed(&file.name, "the name of the file", "no year", expected)
            })?;
            // The line of units below the header.
            if row.text(0).starts_with('(') {
                return Ok(());
            }
            let place = row.iso3(0, quality)?;
            for (at, column) in SCORES.columns.iter().enumerate().skip(FIRST) {
                let value = if no_score(row.text(at)) { None } else { row.maybe_number(at)? };
                let Some(value) = value else {
                    if !row.text(at).is_empty() || column.required {
                        quality.note("figures not reported", || row.place());
                    }
                    continue;
                };
                if !(0.0..=10.0).contains(&value) {
                    return Err(row.wrong(at, "a score from 0 to 10"));
                }
                let (id, dims) = score_of(column.names[0]);
                records.push(observation(id, place, period, value, dims, row.locator(at)));
            }
            Ok(())
        };
        rows_read += rows(file, part as u32, &SCORES, &mut quality, &mut each)?;
    }
    Ok(Parsed {
        capture: "csv scores",
        layout: SCORES.layout(false),
        quality,
        rows_read,
        records: records.into(),
    })
}

/// `2025`, or `2019-2024`, of which the last.
fn last_year(text: &str) -> Option<(Period, bool)> {
    let (range, last) = text.rsplit_once('-').map_or((false, text), |(_, last)| (true, last));
    let year = last.trim().parse::<i16>().ok().filter(|year| (1950..2100).contains(year))?;
    Some((Period::of_year(year)?, range))
}

fn coded(files: &[File]) -> Result<Parsed, SourceError> {
    let mut quality = Quality::default();
    let (mut records, mut rows_read) = (Vec::new(), 0);
    for (part, file) in files.iter().enumerate() {
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let (place, code) = (row.iso3(0, quality)?, row.text(1));
            let years = last_year(row.text(4));
            let (period, range) = years.ok_or_else(|| row.wrong(4, "a year, or a range as `2019-2024`"))?;
            if range {
                quality.note("years that are a range for all countries, kept as of the last", || row.place());
            }
            let value = if no_score(row.text(3)) { None } else { row.maybe_number(3)? };
            let Some(value) = value else {
                quality.note("figures not reported", || row.place());
                return Ok(());
            };
            let named = CODED.iter().find(|(coded, _)| *coded == code).map(|(_, id)| *id);
            let dims = match named {
                Some(_) => String::new(),
                None => format!("code={};name={};kind=raw", plain(code), plain(row.text(2))),
            };
            let id = named.unwrap_or(indicator::INFORM_INDICATOR);
            records.push(observation(id, place, period, value, dims, row.locator(3)));
            Ok(())
        };
        rows_read += rows(file, part as u32, &VALUES, &mut quality, &mut each)?;
    }
    Ok(Parsed {
        capture: "csv values",
        layout: VALUES.layout(false),
        quality,
        rows_read,
        records: records.into(),
    })
}

/// The workbook of a release: its sheet `INFORM Risk 2026 (a-z)`.
fn workbook(file: &File) -> Result<Parsed, SourceError> {
    let mut book = Workbook::open(file)?;
    let names = book.names();
    let of_scores = |name: &str| name.starts_with("INFORM") && name.trim_end().ends_with("(a-z)");
    let name = names.iter().find(|name| of_scores(name)).ok_or_else(|| {
        let found = format!("the sheets {}", names.join(", "));
        SourceError::malformed(&file.name, "the workbook", found, "a sheet as `INFORM Risk 2026 (a-z)`")
    })?;
    let period = release_year(name).or_else(|| release_year(&file.name)).ok_or_else(|| {
        SourceError::malformed(&file.name, name, "no year", "the year of the release in the sheet's name")
    })?;
    for other in names.iter().filter(|other| *other != name) {
        book.sheet(other)?.screen_unread()?;
    }
    let sheet = book.sheet(name)?;
    let required: Vec<&str> =
        SCORES.columns.iter().filter(|column| column.required).map(|column| column.names[0]).collect();
    let (header, at) = sheet.header(&required)?;
    let title = |column: usize| sheet.text(header, column);
    let is_score = |title: &str| SCORES.columns.iter().skip(FIRST).any(|column| column.names[0] == title);
    let known = |title: &str| title == "ISO3" || is_score(title) || SCORES.also.contains(&title);
    sheet.screen(header, &|column| known(&title(column)))?;
    let mut quality = Quality::default();
    for column in sheet.titled(header).filter(|column| !known(&title(*column))) {
        let what = format!("column `{}` is new, and not read", title(column));
        quality.note(&what, || place_in(name, header));
    }
    let columns: Vec<(usize, String)> = sheet
        .titled(header)
        .map(|column| (column, title(column)))
        .filter(|(_, title)| is_score(title))
        .collect();
    let (mut records, mut rows_read) = (Vec::new(), 0);
    let iso3 = at[0];
    for (&row, cells) in sheet.cells.range(header.saturating_add(1)..) {
        let text = sheet.text(row, iso3);
        // The line of units, and remarks below the table.
        if text.is_empty() || text.starts_with('(') {
            continue;
        }
        rows_read += 1;
        let country = countries()
            .by_iso3(&text)
            .ok_or_else(|| sheet.wrong(row, iso3, "ISO3", "a country's ISO 3166-1 alpha-3 code"))?;
        for (index, (column, title)) in columns.iter().enumerate() {
            let value = match cells.get(column) {
                Some(Data::Float(value)) => *value,
                Some(Data::Int(value)) => *value as f64,
                None | Some(Data::Empty) => {
                    quality.note("figures not reported", || place_in(name, row));
                    continue;
                }
                Some(_) if no_score(&sheet.text(row, *column)) => {
                    quality.note("figures not reported", || place_in(name, row));
                    continue;
                }
                Some(_) => f64::NAN,
            };
            if !(0.0..=10.0).contains(&value) {
                return Err(sheet.wrong(row, *column, title, "a score from 0 to 10"));
            }
            let (id, dims) = score_of(title);
            let locator = Locator { part: 0, row: row.saturating_add(1), column: index as u16 };
            records.push(observation(id, country.iso3, period, value, dims, locator));
        }
    }
    let columns = columns.into_iter().map(|(_, title)| title).collect();
    let layout = Layout { kind: LayoutKind::Sheet, columns, pointer: name.clone() };
    Ok(Parsed { capture: "workbook", layout, quality, rows_read, records: records.into() })
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
