//! OPHI's global MPI: uncensored deprivations by region, from the workbook (table 5.5) or the tidy table.
//!
//! Traps: the figures are shares of people deprived, not served; surveys can be older than a war and their
//! year stands with each figure; regions have names, no codes, so the name is a dimension.

use std::collections::{BTreeMap, BTreeSet};

use calamine::{Data, Reader, Xlsx};
use wegen_ledger::{Layout, LayoutKind, LedgerError, Quality, Records};
use wegen_model::{Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    sheet::{cells, is_workbook},
    table::{Row, Spec, column, maybe, refuse_personal, rows},
};

pub(crate) struct Ophi;

/// The workbook's ten columns, in its order, with our indicators.
const DEPRIVATIONS: [(&str, &str, IndicatorId); 10] = [
    ("Nutrition", "deprived_nutrition_pct", indicator::DEPRIVED_NUTRITION),
    ("Child mortality", "deprived_child_mortality_pct", indicator::DEPRIVED_CHILD_MORTALITY),
    ("Years of schooling", "deprived_years_of_schooling_pct", indicator::DEPRIVED_YEARS_OF_SCHOOLING),
    ("School attendance", "deprived_school_attendance_pct", indicator::DEPRIVED_SCHOOL_ATTENDANCE),
    ("Cooking fuel", "deprived_cooking_fuel_pct", indicator::DEPRIVED_COOKING_FUEL),
    ("Sanitation", "deprived_sanitation_pct", indicator::DEPRIVED_SANITATION),
    ("Drinking water", "deprived_drinking_water_pct", indicator::DEPRIVED_DRINKING_WATER),
    ("Electricity", "deprived_electricity_pct", indicator::DEPRIVED_ELECTRICITY),
    ("Housing", "deprived_housing_pct", indicator::DEPRIVED_HOUSING),
    ("Assets", "deprived_assets_pct", indicator::DEPRIVED_ASSETS),
];

static TIDY: Spec = Spec {
    columns: &[
        column(&["iso3"]),
        column(&["survey_year"]),
        column(&["region"]),
        column(&["survey"]),
        column(&["mpi_region"]),
        column(&["deprived_nutrition_pct"]),
        column(&["deprived_child_mortality_pct"]),
        column(&["deprived_years_of_schooling_pct"]),
        column(&["deprived_school_attendance_pct"]),
        column(&["deprived_cooking_fuel_pct"]),
        column(&["deprived_sanitation_pct"]),
        column(&["deprived_drinking_water_pct"]),
        column(&["deprived_electricity_pct"]),
        column(&["deprived_housing_pct"]),
        column(&["deprived_assets_pct"]),
        maybe(&["missing"]),
    ],
    also: &[
        "country",
        "mpi_country",
        "pop_share_pct",
        "population_2022_thousands",
        "n_indicators",
        "mpi_se",
        "mpi_lb95",
        "mpi_ub95",
        "headcount_pct",
        "headcount_se",
        "headcount_lb95",
        "headcount_ub95",
    ],
    pointer: "",
};

impl Parser for Ophi {
    fn source(&self) -> &'static str {
        "ophi-mpi"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        match files.first() {
            Some(file) if is_workbook(file) => match files {
                // The reader of workbooks is not ours, and panics at some that are made to break it.
                [only] => std::panic::catch_unwind(|| workbook(only)).unwrap_or_else(|_| {
                    let found = "what its reader cannot follow";
                    Err(SourceError::malformed(&only.name, "the workbook", found, "an xlsx workbook"))
                }),
                _ => {
                    Err(SourceError::malformed(&file.name, "the files", "several", "one workbook at a time"))
                }
            },
            _ => tidy(files),
        }
    }
}

#[derive(Default)]
struct Out {
    quality: Quality,
    records: Records,
}

impl Out {
    fn push(
        &mut self,
        indicator: IndicatorId,
        place: Code,
        period: Period,
        value: f64,
        dims: &str,
        locator: Locator,
    ) -> Result<(), LedgerError> {
        self.records.push(Record::Observation(Observation {
            indicator,
            place,
            counterpart: None,
            period,
            value,
            bounds: None,
            status: Status::Estimated,
            dims: Some(dims.into()),
            locator,
        }))
    }
}

fn dims(region: &str, survey: &str, years: &str) -> String {
    let clean = |t: &str| t.replace([';', '='], " ");
    format!("region={};survey={} {}", clean(region), clean(survey), clean(years))
}

/// `2018` or `2022-2023`: the last year, which is when the survey ended.
fn survey_year(text: &str) -> Option<Period> {
    text.rsplit(['-', '/'])
        .next()?
        .trim()
        .parse::<i16>()
        .ok()
        .filter(|y| (1990..2100).contains(y))
        .and_then(Period::of_year)
}

fn tidy(files: &[File]) -> Result<Parsed, SourceError> {
    let mut out = Out::default();
    let mut rows_read = 0;
    for (part, file) in files.iter().enumerate() {
        let mut quality = std::mem::take(&mut out.quality);
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let place = row.iso3(0, quality)?;
            let period = survey_year(row.text(1)).ok_or_else(|| row.wrong(1, "the year of a survey"))?;
            let dims = dims(row.text(2), row.text(3), row.text(1));
            if let Some(mpi) = row.maybe_number(4)? {
                out.push(indicator::MULTIDIMENSIONAL_POVERTY, place, period, mpi, &dims, row.locator(4))?;
            }
            for (i, &(_, _, id)) in DEPRIVATIONS.iter().enumerate() {
                match row.maybe_number(5 + i)? {
                    Some(value) if (0.0..=100.0).contains(&value) => {
                        out.push(id, place, period, value, &dims, row.locator(5 + i))?;
                    }
                    Some(_) => return Err(row.wrong(5 + i, "a share from 0 to 100 percent")),
                    None => quality.note("indicators not in the survey", || row.place()),
                }
            }
            Ok(())
        };
        rows_read += rows(file, part as u32, &TIDY, &mut quality, &mut each)?;
        out.quality = quality;
    }
    Ok(Parsed {
        capture: "csv",
        layout: TIDY.layout(false),
        quality: out.quality,
        rows_read,
        records: out.records,
    })
}

/// How many columns the publisher's sheet has.
const WIDTH: usize = 26;

const SHEET: &str = "5.5 Uncensored H Region";

fn workbook(file: &File) -> Result<Parsed, SourceError> {
    let malformed = |place: String, found: String, expected: &str| {
        SourceError::malformed(&file.name, place, found, expected)
    };
    let mut book: Xlsx<_> = Xlsx::new(file.reader())
        .map_err(|e| malformed("the workbook".into(), e.to_string(), "an xlsx workbook"))?;
    if !book.sheet_names().iter().any(|s| s == SHEET) {
        let found = format!("the sheets {}", book.sheet_names().join(", "));
        return Err(malformed("the workbook".into(), found, &format!("a sheet `{SHEET}`")));
    }
    let sheet = cells(&file.name, &mut book, SHEET, None)?;
    let text = |row: &BTreeMap<usize, Data>, column: usize| -> String {
        row.get(&column)
            .map(|d| d.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
            .unwrap_or_default()
    };
    let end = |row: &BTreeMap<usize, Data>| row.keys().next_back().map_or(0, |last| last + 1);
    // The header spans three rows; the names of the indicators stand in one of them, from some column on.
    let has = |row: &BTreeMap<usize, Data>, name: &str| row.keys().any(|c| text(row, *c) == name);
    let (header, named) =
        sheet.iter().find(|(_, row)| has(row, "Nutrition") && has(row, "Assets")).ok_or_else(|| {
            malformed(SHEET.into(), "no row of indicators".into(), "a header with `Nutrition` to `Assets`")
        })?;
    let names: Vec<String> = (0..end(named).min(1 << 14)).map(|c| text(named, c)).collect();
    let rest: Vec<_> = sheet.range(header + 1..).collect();
    // Columns beyond the publisher's are screened, under all that stands above them.
    let beyond: BTreeSet<usize> = sheet.values().flat_map(|r| r.range(WIDTH..).map(|(c, _)| *c)).collect();
    for column in beyond {
        let above: Vec<String> =
            sheet.range(..=header).map(|(_, row)| text(row, column)).filter(|t| !t.is_empty()).collect();
        let title = if above.is_empty() { format!("{}", column + 1) } else { above.join(" ") };
        let values: Vec<String> = rest.iter().map(|(_, row)| text(row, column)).collect();
        let sample: Vec<Vec<&str>> = values.iter().map(|v| vec![v.as_str()]).collect();
        refuse_personal(&file.name, &[title], &[], &sample)?;
    }
    let mut at = Vec::new();
    for (name, _, id) in DEPRIVATIONS {
        let column = names.iter().position(|n| n == name).ok_or_else(|| SourceError::MissingColumn {
            file: file.name.clone(),
            column: name.to_owned(),
            found: format!("`{}`", names.join(", ")),
            hint: None,
        })?;
        at.push((column, id));
    }
    let mut out = Out::default();
    let mut rows_read = 0;
    for (index, row) in rest {
        let line = index.saturating_add(1);
        let iso3 = text(row, 1);
        if iso3.len() != 3 || !matches!(row.get(&0), Some(Data::Int(_) | Data::Float(_))) {
            continue;
        }
        rows_read += 1;
        let cell = |column: usize, expected: &str| SourceError::Cell {
            file: file.name.clone(),
            place: format!("row {line}"),
            column: names
                .get(column)
                .filter(|n| !n.is_empty())
                .cloned()
                .unwrap_or_else(|| format!("{}", column + 1)),
            found: format!("`{}`", text(row, column)),
            expected: expected.to_owned(),
        };
        let place =
            countries().by_iso3(&iso3).ok_or_else(|| cell(1, "a country's ISO 3166-1 alpha-3 code"))?.iso3;
        let period = survey_year(&text(row, 5)).ok_or_else(|| cell(5, "the year of a survey"))?;
        let dims = dims(&text(row, 6), &text(row, 4), &text(row, 5));
        for &(column, id) in &at {
            match row.get(&column) {
                None | Some(Data::Empty) => {
                    out.quality.note("indicators not in the survey", || format!("row {line}"))
                }
                Some(Data::Float(value)) if (0.0..=100.0).contains(value) => {
                    out.push(
                        id,
                        place,
                        period,
                        *value,
                        &dims,
                        Locator { part: 0, row: line, column: column as u16 },
                    )?;
                }
                Some(Data::Int(value)) if (0..=100).contains(value) => {
                    out.push(
                        id,
                        place,
                        period,
                        *value as f64,
                        &dims,
                        Locator { part: 0, row: line, column: column as u16 },
                    )?;
                }
                Some(Data::String(s)) if s.trim().is_empty() => {
                    out.quality.note("indicators not in the survey", || format!("row {line}"));
                }
                _ => return Err(cell(column, "a share from 0 to 100 percent")),
            }
        }
    }
    let layout = Layout { kind: LayoutKind::Sheet, columns: names, pointer: SHEET.into() };
    Ok(Parsed { capture: "workbook", layout, quality: out.quality, rows_read, records: out.records })
}
