//! Insecurity Insight: attacks on health care, attacks on education, incidents with explosive weapons.
//!
//! Traps: the three files look alike and are told by a column that each has alone; a row is an incident with prose,
//! a point and the names of those said to have done it: none of these is read, only the day, the country and the
//! name of the area; areas have names and no P-codes, and `No Information` is none; a row at sea or of no country
//! has no code and is kept as of an unknown place; what was not reported is not there. On HDX the files are workbooks,
//! with a line of HXL tags below the header.

use wegen_ledger::{Layout, LayoutKind, Quality, Records};
use wegen_model::{Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    sheet::{Workbook, is_workbook, one_workbook, place as place_in},
    table::{Column, Row, Spec, column, is_json, maybe, plain, rows, table_among},
};

pub(crate) struct Insecurity;

const DATE: usize = 0;
const COUNTRY: usize = 1;
const ISO: usize = 2;
const AREA: usize = 3;
/// The publisher's id of the incident: two in one area on one day are two.
const EVENT: usize = 5;
/// How many columns are read; the one that follows them only tells the file.
const READ: usize = 4;

/// One of the three files.
struct Kind {
    capture: &'static str,
    indicator: IndicatorId,
    spec: Spec,
    /// The column that this file has alone.
    mark: Spec,
}

const fn kind(
    capture: &'static str,
    indicator: IndicatorId,
    columns: &'static [Column],
    mark: &'static [Column],
) -> Kind {
    Kind {
        capture,
        indicator,
        spec: Spec { columns, also: &ALSO, pointer: "" },
        mark: Spec { columns: mark, also: &[], pointer: "" },
    }
}

const HEALTH: Column = column(&["Forceful Entry into Health Facility"]);
const EDUCATION: Column = column(&["Attacks on Schools"]);
const EXPLOSIVE: Column = column(&["Explosive Weapon Type"]);

/// The columns of every file, and the mark of one.
macro_rules! columns {
    ($mark:expr) => {
        &[
            column(&["Date"]),
            column(&["Country"]),
            column(&["Country ISO"]),
            column(&["Admin 1"]),
            $mark,
            maybe(&["SiND Event ID"]),
        ]
    };
}

static KINDS: [Kind; 3] = [
    kind("csv health care", indicator::ATTACKS_HEALTH_CARE, columns!(HEALTH), &[HEALTH]),
    kind("csv education", indicator::ATTACKS_EDUCATION, columns!(EDUCATION), &[EDUCATION]),
    kind("csv explosive weapons", indicator::EXPLOSIVE_WEAPONS_INCIDENTS, columns!(EXPLOSIVE), &[EXPLOSIVE]),
];

/// The other columns of the three files; none is read.
const ALSO: [&str; 58] = [
    "Event Description",
    "Latitude",
    "Longitude",
    "Geo Precision",
    "Reported Perpetrator",
    "Reported Perpetrator Name",
    "Weapon Carried/Used",
    "Location",
    "Number of Attacks on Health Facilities Reporting Destruction",
    "Number of Attacks on Health Facilities Reporting Damaged",
    "Occupation of Health Facility",
    "Health Transportation Destroyed",
    "Health Transportation Damaged",
    "Health Transportation Stolen/Hijacked",
    "Looting/Theft/Robbery/Burglary of Health Supplies",
    "Access Denied or Obstructed",
    "Health Workers Killed",
    "Health Workers Injured",
    "Health Workers Kidnapped",
    "Health Workers Arrested",
    "Known Kidnapping or Arrest Outcome",
    "Health Workers Threatened",
    "Health Workers Assaulted",
    "Health Workers Sexually Assaulted",
    "Conflict-Related Violence",
    "Political-Related Violence",
    "COVID-19-Related Violence",
    "Ebola-Related Violence",
    "Vaccination-Related Violence",
    "Location of event",
    "Type of Education Facility",
    "Attacks on Universities",
    "Military Occupation of Education facility",
    "Arson Attack on Education Facility",
    "Forced Entry into Education Facility",
    "Damage/Destruction To Education Facility",
    "Attacks on Students and Teachers",
    "Educators Killed",
    "Educators Injured",
    "Educators Kidnapped",
    "Educators Arrested",
    "Known Educators Kidnap Or Arrest Outcome",
    "Students Attacked in School",
    "Students Killed",
    "Students Injured",
    "Students Kidnapped",
    "Known Student Kidnap Or Arrest Outcome",
    "Students Arrested",
    "Sexual Violence Affecting School Age Children",
    "Sector Affected",
    "Provider",
    "Launch Type",
    "Affected",
    "Aid Workers Killed",
    "Aid Health Workers Killed",
    "Forceful Entry into Health Facility",
    "Attacks on Schools",
    "Explosive Weapon Type",
];

impl Parser for Insecurity {
    fn source(&self) -> &'static str {
        "insecurity-insight"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        if files.first().is_some_and(is_workbook) {
            return one_workbook(files, workbook);
        }
        let json = files.first().is_some_and(is_json);
        let kind = files.first().and_then(|file| KINDS.iter().find(|k| k.mark.fits(file)));
        let kind = match (kind, files.first()) {
            (Some(kind), _) => kind,
            (None, Some(file)) => &KINDS[table_among(file, &KINDS.each_ref().map(|kind| &kind.mark))?],
            (None, None) => &KINDS[0],
        };
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let day =
                    row.maybe_day(DATE)?.ok_or_else(|| row.wrong(DATE, "a day YYYY-MM-DD that exists"))?;
                let place = country(row, quality)?;
                let dims = dims(row.text(AREA), row.text(EVENT), quality, &|| row.place());
                records.push(incident(kind, place, day, dims, row.locator(DATE)))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &kind.spec, &mut quality, &mut each)?;
        }
        let mut layout = kind.spec.layout(json);
        layout.columns.truncate(READ);
        Ok(Parsed { capture: kind.capture, layout, quality, rows_read, records })
    }
}

/// An incident.
fn incident(kind: &Kind, place: Code, day: Period, dims: Option<String>, locator: Locator) -> Record {
    Record::Observation(Observation {
        indicator: kind.indicator,
        place,
        counterpart: None,
        period: day,
        value: 1.0,
        bounds: None,
        status: Status::Normal,
        dims: dims.map(Into::into),
        locator,
    })
}

/// The name of the area and the publisher's id, as far as they are told.
fn dims(area: &str, event: &str, quality: &mut Quality, at: &dyn Fn() -> String) -> Option<String> {
    let area = match area {
        "" | "No Information" => {
            quality.note("incidents whose area is not known", at);
            None
        }
        area => Some(format!("area={}", plain(area))).filter(|_| !plain(area).is_empty()),
    };
    // Numbers that have been through a spreadsheet end in `.0`.
    let event = event.trim_end_matches(".0");
    let event = (!event.is_empty()).then(|| format!("event={}", plain(event)));
    let dims: Vec<String> = area.into_iter().chain(event).collect();
    (!dims.is_empty()).then(|| dims.join(";"))
}

/// What stands in place of a country where there is none.
const NO_COUNTRY: [&str; 4] = ["", "Unspecified", "International Waters", "No Information"];

/// The workbook: the first sheet with the header of one of the three files.
fn workbook(file: &File) -> Result<Parsed, SourceError> {
    const ISO3: &str = "a country's ISO 3166-1 alpha-3 code";
    let mut book = Workbook::open(file)?;
    let mut found = None;
    for name in book.names() {
        let sheet = book.sheet(&name)?;
        let kind = KINDS.iter().find_map(|kind| {
            let titles: Vec<&str> =
                kind.spec.columns.iter().filter(|c| c.required).map(|c| c.names[0]).collect();
            Some((kind, sheet.header(&titles).ok()?))
        });
        match kind.filter(|_| found.is_none()) {
            Some((kind, header)) => found = Some((name, sheet, kind, header)),
            None => sheet.screen_unread()?,
        }
    }
    let (name, sheet, kind, (header, at)) = found.ok_or_else(|| {
        let marks: Vec<&str> =
            KINDS.iter().flat_map(|kind| kind.mark.columns).map(|column| column.names[0]).collect();
        let expected = format!(
            "a sheet with `Date`, `Country`, `Country ISO`, `Admin 1` and one of `{}`",
            marks.join("`, `")
        );
        SourceError::malformed(&file.name, "the workbook", "no such header", &expected)
    })?;
    let title = |column: usize| sheet.text(header, column);
    let known =
        |title: &str| kind.spec.columns.iter().any(|c| c.names.contains(&title)) || ALSO.contains(&title);
    sheet.screen(header, &|column| known(&title(column)))?;
    let mut quality = Quality::default();
    for column in sheet.titled(header).filter(|column| !known(&title(*column))) {
        let what = format!("column `{}` is new, and not read", title(column));
        quality.note(&what, || place_in(&name, header));
    }
    let event = sheet.titled(header).find(|column| title(*column) == kind.spec.columns[EVENT].names[0]);
    let (mut records, mut rows_read) = (Vec::new(), 0);
    for (&row, cells) in sheet.cells.range(header.saturating_add(1)..) {
        let text = |column: usize| sheet.text(row, at[column]);
        let place = || place_in(&name, row);
        let tags = cells.keys().all(|column| sheet.text(row, *column).starts_with('#'));
        if tags && rows_read == 0 {
            quality.note("a line of HXL tags, left out", place);
            continue;
        }
        if cells.keys().all(|column| sheet.text(row, *column).is_empty()) {
            continue;
        }
        rows_read += 1;
        let wrong = |column: usize, expected: &str| {
            sheet.wrong(row, at[column], kind.spec.columns[column].names[0], expected)
        };
        let day = text(DATE);
        let day = day.get(..10).unwrap_or(&day).parse::<Period>().ok().filter(|day| day.day().is_some());
        let day = day.ok_or_else(|| wrong(DATE, "a day YYYY-MM-DD that exists"))?;
        let iso3 = text(ISO);
        let country = match countries().by_iso3(&iso3) {
            Some(country) => country.iso3,
            None if iso3.is_empty() && NO_COUNTRY.contains(&text(COUNTRY).as_str()) => {
                quality.note("incidents of no country, kept as of an unknown place", place);
                Code::UNKNOWN
            }
            None => {
                let capitals = iso3.len() == 3 && iso3.bytes().all(|b| b.is_ascii_uppercase());
                let code = Code::new(&iso3).ok().filter(|_| capitals).ok_or_else(|| wrong(ISO, ISO3))?;
                quality.note(&format!("`{iso3}` is no ISO 3166-1 code"), place);
                code
            }
        };
        let event = event.map(|column| sheet.text(row, column)).unwrap_or_default();
        let dims = dims(&text(AREA), &event, &mut quality, &place);
        let locator = Locator { part: 0, row: row.saturating_add(1), column: DATE as u16 };
        records.push(incident(kind, country, day, dims, locator));
    }
    let columns = kind.spec.columns.iter().take(READ).map(|column| column.names[0].to_owned()).collect();
    let layout = Layout { kind: LayoutKind::Sheet, columns, pointer: name };
    Ok(Parsed { capture: kind.capture, layout, quality, rows_read, records: records.into() })
}

/// The country; an unknown place where the publisher names none.
fn country(row: &Row<'_>, quality: &mut Quality) -> Result<Code, SourceError> {
    match (row.text(ISO), row.text(COUNTRY)) {
        ("", name) if NO_COUNTRY.contains(&name) => {
            quality.note("incidents of no country, kept as of an unknown place", || row.place());
            Ok(Code::UNKNOWN)
        }
        _ => row.iso3(ISO, quality),
    }
}
