//! IOM, Displacement Tracking Matrix: internally displaced people by round, from the API's answers and tables, from
//! what the Humanitarian API of the Humanitarian Data Exchange (HAPI) makes of them, or from a master list.
//!
//! HAPI adds the reasons and origins of a round together: its rows are a series of their own (`table=hapi`), which is laid
//! beside the API's and never added to it.
//!
//! Traps: one file of the API separates with semicolons, another has a line of HXL tags; the API holds the same
//! people at three levels (country, first and second division), told by the place and never to be added; what was
//! not given stands as `Not available` or as a sentence; a reason may be several, in two spellings; one round may be
//! given under two kinds of assessment, of the same people. The master list
//! has its day in its title, and the states again on a sheet of its own, which is not read.

use serde_json::Value;
use wegen_ledger::{Layout, LayoutKind, Quality, Records};
use wegen_model::{
    Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator, pcodes,
};

use crate::{
    File, Parsed, Parser, SourceError,
    sheet::{Sheet, Workbook, first_rows, is_workbook, one_workbook, place},
    table::{Column, Row, Spec, column, header, is_json, json, maybe, plain, rows_or_sheet, text_of},
};

pub(crate) struct Dtm;

const ADMIN0: usize = 0;
const ADMIN1: usize = 1;
const ADMIN2: usize = 2;
const PEOPLE: usize = 3;
const DAY: usize = 4;
const ROUND: usize = 5;
const ASSESSMENT: usize = 6;
const OPERATION: usize = 7;
const REASON: usize = 8;
const ORIGIN: usize = 9;

static API: Spec = Spec { columns: API_COLUMNS, also: API_ALSO, pointer: "" };

/// The same rows in an answer of the API's third version as it comes.
static ANSWER: Spec = Spec { columns: API_COLUMNS, also: API_ALSO, pointer: "/result" };

const API_COLUMNS: &[Column] = &[
    column(&["admin0Pcode"]),
    maybe(&["admin1Pcode"]),
    maybe(&["admin2Pcode"]),
    column(&["numPresentIdpInd"]),
    column(&["reportingDate"]),
    column(&["roundNumber"]),
    column(&["assessmentType"]),
    column(&["operation"]),
    maybe(&["displacementReason"]),
    maybe(&["idpOriginAdmin1Pcode"]),
];

const API_ALSO: &[&str] = &[
    "id",
    "admin0Name",
    "admin1Name",
    "admin2Name",
    "adminLevel",
    "yearReportingDate",
    "monthReportingDate",
    "numberMales",
    "numberFemales",
    "idpOriginAdmin1Name",
    "operationStatus",
];

/// HAPI's table, which is also the answer of its interface.
static HAPI: Spec = Spec {
    columns: &[
        column(&["location_code"]),
        column(&["admin1_code"]),
        column(&["admin2_code"]),
        column(&["population"]),
        column(&["reference_period_start"]),
        column(&["reporting_round"]),
        column(&["assessment_type"]),
        column(&["operation"]),
        column(&["admin_level"]),
        maybe(&["error"]),
    ],
    also: &[
        "has_hrp",
        "in_gho",
        "location_ref",
        "location_name",
        "admin1_ref",
        "admin1_name",
        "admin2_ref",
        "admin2_name",
        "provider_admin1_name",
        "provider_admin2_name",
        "reference_period_end",
        "dataset_hdx_id",
        "resource_hdx_id",
        "warning",
    ],
    pointer: "/data",
};

/// In HAPI's table: how fine the row is, and why HAPI leaves it out.
const LEVEL: usize = 8;
const ERROR: usize = 9;

const LIST: &str = "MASTER LIST (ADMIN2)";
/// Terms of use, with the publisher's own address.
const READ_ME: &str = "Read Me";
/// The columns we read; the others are names, and the same people by state of origin and nationality.
const LISTED: [&str; 4] = ["STATE CODE", "LOCALITY_ CODE", "IDPs", "HHs"];
const LISTED_ALSO: [&str; 22] = [
    "STATE OF DISPLACEMET",
    "LOCALITY OF DISPLACEMENT",
    "Aj Jazirah",
    "Blue Nile",
    "Central Darfur",
    "East Darfur",
    "Gedaref",
    "Kassala",
    "Khartoum",
    "North Darfur",
    "North Kordofan",
    "Northern",
    "Red Sea",
    "River Nile",
    "Sennar",
    "South Darfur",
    "South Kordofan",
    "West Darfur",
    "West Kordofan",
    "White Nile",
    "SUDANESE",
    "NON SUDANESE",
];

impl Parser for Dtm {
    fn source(&self) -> &'static str {
        "iom-dtm"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let Some(file) = files.first() else { return api(files, &API) };
        if is_workbook(file) {
            let sheets = first_rows(file)?;
            return match [&API, &HAPI].into_iter().find(|s| sheets.iter().any(|(_, row)| s.lacks(row) == 0)) {
                Some(spec) => api(files, spec),
                None if sheets.iter().any(|(name, _)| name == LIST) => one_workbook(files, master_list),
                None => Err(other_list(file, &sheets)),
            };
        }
        if is_json(file) {
            return api(files, of_answer(file)?);
        }
        let header = header(file);
        other_table(file, &header)?;
        api(files, if HAPI.lacks(&header) < API.lacks(&header) { &HAPI } else { &API })
    }
}

/// What an answer is: of the API or of HAPI, as it comes, or its rows alone.
fn of_answer(file: &File) -> Result<&'static Spec, SourceError> {
    let document = json(file)?;
    let first = |pointer: &str| document.pointer(pointer);
    if document.get("isSuccess") == Some(&Value::Bool(false)) {
        let said = document.get("errorMessages").map(|m| text_of(Some(m)).into_owned());
        let message = said.filter(|m| !m.is_empty() && m != "null").unwrap_or_else(|| "no success".into());
        return Err(SourceError::Publisher { source_id: "iom-dtm".into(), message });
    }
    let rows = document.get("result").and_then(Value::as_array).map(Vec::len);
    let told = document.get("totalRecordsCount").and_then(Value::as_u64);
    if let (Some(rows), Some(told)) = (rows, told)
        && rows as u64 != told
    {
        let expected = format!("the {told} that `totalRecordsCount` says there are");
        return Err(SourceError::malformed(&file.name, "/result", format_args!("{rows} rows"), &expected));
    }
    // The API's lists of countries and operations come in the same wrapper.
    if first("/result/0")
        .is_some_and(|row| row.get("numPresentIdpInd").is_none() && row.get("admin0Pcode").is_some())
    {
        let expected = "an answer with people in it: `displacement/admin0`, `admin1` or `admin2`";
        return Err(SourceError::malformed(
            &file.name,
            "/result/0",
            "a list of operations or countries",
            expected,
        ));
    }
    Ok(match (rows, first("/data/0/location_code")) {
        (_, Some(_)) => &HAPI,
        (Some(_), _) => &ANSWER,
        _ => &API,
    })
}

/// What to fetch instead of a list that is not read.
const INSTEAD: &str = "the table of the API, as the Humanitarian Data Exchange has it (`Data from IOM DTM API`, CSV), \
                       an answer of the API, or HAPI's table of displaced people";

/// Refuses tables that are recognised and not read, with what to fetch instead.
fn other_table(file: &File, header: &[String]) -> Result<(), SourceError> {
    let found = match header {
        [a, b, c] if [a, b, c] == ["label_en", "label_ar", "shortlabel"] => {
            "the names of the columns of Iraq's list of locations, without people"
        }
        // Its first line is a row already: a number, and 40 other cells.
        [first, rest @ ..]
            if rest.len() >= 39 && !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()) =>
        {
            "a list of locations in Iraq: families by place, without a header and without P-codes"
        }
        _ => return Ok(()),
    };
    Err(SourceError::malformed(&file.name, "row 1", found, INSTEAD))
}

/// Refuses a workbook of one country's operation.
fn other_list(file: &File, sheets: &[(String, Vec<String>)]) -> SourceError {
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).take(12).collect();
    let found = format!("a workbook with the sheets {}", names.join(", "));
    let expected = format!("a sheet `{LIST}`, as in the master list of Sudan; of other countries {INSTEAD}");
    SourceError::malformed(&file.name, "the workbook", found, &expected)
}

fn observation(
    indicator: IndicatorId,
    place: Code,
    period: Period,
    value: f64,
    dims: &str,
    at: Locator,
) -> Record {
    Record::Observation(Observation {
        indicator,
        place,
        counterpart: None,
        period,
        value,
        bounds: None,
        status: Status::Estimated,
        dims: (!dims.is_empty()).then(|| dims.into()),
        locator: at,
    })
}

fn api(files: &[File], spec: &'static Spec) -> Result<Parsed, SourceError> {
    let json = files.first().is_some_and(is_json);
    let hapi = std::ptr::eq(spec, &HAPI);
    let mut quality = Quality::default();
    let (mut records, mut rows_read) = (Records::default(), 0);
    for (part, file) in files.iter().enumerate() {
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let country = row.iso3(ADMIN0, quality)?;
            if without_code(row, hapi) {
                // The area above it has more people than these.
                quality.note("rows of an area without a P-code; no record", || row.place());
                return Ok(());
            }
            let (place, level) = match hapi.then(|| lengthened(row, country)).flatten() {
                Some(place) => (place, String::new()),
                None => finest(row, country, &[ADMIN1, ADMIN2], quality)?,
            };
            let day = row.maybe_day(DAY)?.ok_or_else(|| row.wrong(DAY, "a day YYYY-MM-DD that exists"))?;
            let round = row.maybe_count(ROUND)?.map(|n| n.to_string()).unwrap_or_default();
            // HAPI's table has other columns behind these.
            let of_api = |column: usize| if hapi { "" } else { given(row.text(column)) };
            let dims = dims(&[
                ("round", &round),
                ("assessment", row.text(ASSESSMENT)),
                ("operation", row.text(OPERATION)),
                ("reason", of_api(REASON)),
                ("origin", of_api(ORIGIN)),
                ("level", &level),
                ("table", if hapi { "hapi" } else { "" }),
            ]);
            if hapi && !row.text(ERROR).is_empty() {
                quality.note("rows with an error that HAPI found; kept", || row.place());
            }
            let Some(people) = row.maybe_count(PEOPLE)? else {
                quality.note("figures not reported", || row.place());
                return Ok(());
            };
            records.push(observation(
                indicator::IDPS_TRACKED,
                place,
                day,
                people.into(),
                &dims,
                row.locator(PEOPLE),
            ))?;
            Ok(())
        };
        rows_read += rows_or_sheet(file, part as u32, spec, &mut quality, &mut each)?;
    }
    let capture = match (hapi, json) {
        (true, _) => "hapi",
        (false, true) => "json",
        (false, false) => "api csv",
    };
    Ok(Parsed { capture, layout: spec.layout_in(files)?, quality, rows_read, records })
}

/// The area that HAPI gives with ISO's code of three letters in front, where the table has it with that of two (`TCD07`
/// for `TD07`, which its column of warnings says).
fn lengthened(row: &Row<'_>, country: Code) -> Option<Code> {
    let (_, code) = finest_code(row, &[ADMIN1, ADMIN2]).ok()??;
    let rest = code.as_str().strip_prefix(country.as_str())?;
    let short = Code::new(&format!("{}{rest}", countries().by_iso3(country.as_str())?.iso2)).ok()?;
    let held = |code: Code| pcodes().of(code, country).is_some();
    (!held(code) && held(short)).then_some(short)
}

/// Whether a row is of an area whose P-code it does not give.
fn without_code(row: &Row<'_>, hapi: bool) -> bool {
    let missing = |column: usize| row.text(column) == "Not available";
    let levels = match row.text(LEVEL) {
        "1" if hapi => &[ADMIN1][..],
        "2" if hapi => &[ADMIN2][..],
        _ => &[],
    };
    missing(ADMIN1) || missing(ADMIN2) || levels.iter().any(|column| row.text(*column).is_empty())
}

/// What the publisher gives; nothing where it says that it gives none.
fn given(text: &str) -> &str {
    match text {
        "Not available" | "No reason for displacement reported" => "",
        text => text,
    }
}

/// Dimensions in their order, those without a value left out; several values in one are joined by commas.
pub(crate) fn dims(of: &[(&str, &str)]) -> String {
    let value = |text: &str| -> String {
        let parts = text.split(';').map(plain).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    };
    let dims = of.iter().map(|(key, text)| (key, value(text))).filter(|(_, value)| !value.is_empty());
    dims.map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(";")
}

/// The finest P-code a row gives, the country itself where it gives none; `levels` from coarse to fine.
///
/// With it the level, as the value of the dimension `level`, where no table of P-codes holds the code in this country:
/// the column then is all that tells it.
pub(crate) fn finest(
    row: &Row<'_>,
    country: Code,
    levels: &[usize],
    quality: &mut Quality,
) -> Result<(Code, String), SourceError> {
    let Some((column, code)) = finest_code(row, levels)? else { return Ok((country, String::new())) };
    if pcodes().of(code, country).is_some() {
        return Ok((code, String::new()));
    }
    match pcodes().country_of(code) {
        Some(_) => quality.note("P-codes that the table holds under another country", || row.place()),
        None => quality.note("P-codes that the table does not hold", || row.place()),
    }
    let level = levels.iter().position(|c| *c == column).map_or(0, |i| i + 1);
    Ok((code, level.to_string()))
}

/// The finest P-code that a row gives, with its column.
pub(crate) fn finest_code(row: &Row<'_>, levels: &[usize]) -> Result<Option<(usize, Code)>, SourceError> {
    let Some(column) = levels.iter().copied().rev().find(|c| !row.text(*c).is_empty()) else {
        return Ok(None);
    };
    let code = Code::new(row.text(column)).map_err(|_| row.wrong(column, "a P-code"))?;
    Ok(Some((column, code)))
}

fn master_list(file: &File) -> Result<Parsed, SourceError> {
    let mut book = Workbook::open(file)?;
    book.must_have(LIST)?;
    for name in book.names() {
        if name != LIST && name != READ_ME {
            book.sheet(&name)?.screen_unread()?;
        }
    }
    let sheet = book.sheet(LIST)?;
    let (header, at) = sheet.header(&LISTED)?;
    let known = |title: &str| LISTED.contains(&title) || LISTED_ALSO.contains(&title);
    sheet.screen(header, &|column| known(&sheet.text(header, column)))?;
    let mut quality = Quality::default();
    for title in sheet.titled(header).map(|c| sheet.text(header, c)).filter(|t| !known(t)) {
        quality.note(&format!("column `{title}` is new, and not read"), || place(LIST, header));
    }
    let day = day_above(&sheet, header).ok_or_else(|| {
        let expected = "a title with the day of the list, as `17-Dec-2024`";
        SourceError::malformed(&file.name, LIST, "no day above the table", expected)
    })?;
    let (mut records, mut rows_read) = (Records::default(), 0);
    for (&row, cells) in sheet.cells.range(header + 1..) {
        if cells.keys().all(|c| sheet.text(row, *c).is_empty() || sheet.text(row, *c).starts_with('#')) {
            quality.note("a line of HXL tags, left out", || place(LIST, row));
            continue;
        }
        rows_read += 1;
        // The locality, or the state where there is none.
        let Some(&column) = [at[1], at[0]].iter().find(|c| !sheet.text(row, **c).is_empty()) else {
            quality.note("rows without a P-code; no record", || place(LIST, row));
            continue;
        };
        let code = Code::new(&sheet.text(row, column)).ok();
        let found = code.filter(|code| countries().of_place(*code).is_some());
        let title = sheet.text(header, column);
        let code = found.ok_or_else(|| sheet.wrong(row, column, &title, "a P-code"))?;
        for (i, id) in [(2, indicator::IDPS_TRACKED), (3, indicator::HOUSEHOLDS_TRACKED)] {
            let Some(value) = sheet.count((row, at[i]), LISTED[i], header, &mut quality)? else {
                quality.note("figures not reported", || place(LIST, row));
                continue;
            };
            let locator = Locator { part: 0, row: row.saturating_add(1), column: i as u16 };
            records.push(observation(id, code, day, value, "table=master-list", locator))?;
        }
    }
    let layout = Layout {
        kind: LayoutKind::Sheet,
        columns: LISTED.iter().map(|t| (*t).to_owned()).collect(),
        pointer: LIST.into(),
    };
    Ok(Parsed { capture: "workbook", layout, quality, rows_read, records })
}

/// The day in a title above the table, as `17-Dec-2024`.
fn day_above(sheet: &Sheet<'_>, header: u32) -> Option<Period> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let day = |word: &str| -> Option<Period> {
        let parts: Vec<&str> = word.split('-').collect();
        let [day, month, year] = parts[..] else { return None };
        let month = MONTHS.iter().position(|m| month.to_lowercase().starts_with(m))? as i8 + 1;
        let year = year.parse::<i16>().ok().filter(|y| (1990..2100).contains(y))?;
        Period::from_parts(year, month, day.parse().ok()?).filter(|p| p.day().is_some())
    };
    let cells = sheet.cells.range(..header).flat_map(|(row, cells)| cells.keys().map(|c| (*row, *c)));
    let texts: Vec<String> = cells.map(|(row, column)| sheet.text(row, column)).collect();
    texts.iter().flat_map(|text| text.split_whitespace()).find_map(day)
}
