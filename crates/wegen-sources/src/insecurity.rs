//! Insecurity Insight: attacks on health care, attacks on education, incidents with explosive weapons.
//!
//! Traps: the three files look alike and are told by a column that each has alone; a row is an incident with prose,
//! a point and the names of those said to have done it: none of these is read, only the day, the country and the
//! name of the area; areas have names and no P-codes, and `No Information` is none; a row at sea or of no country
//! has no code and is kept as of an unknown place; what was not reported is not there.

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Observation, Record, Status, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Column, Row, Spec, column, is_json, maybe, plain, rows},
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
        let json = files.first().is_some_and(is_json);
        let kind = files.first().and_then(|file| KINDS.iter().find(|k| k.mark.fits(file)));
        let kind = kind.unwrap_or(&KINDS[0]);
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let day =
                    row.maybe_day(DATE)?.ok_or_else(|| row.wrong(DATE, "a day YYYY-MM-DD that exists"))?;
                let place = country(row, quality)?;
                let area = match row.text(AREA) {
                    "" | "No Information" => {
                        quality.note("incidents whose area is not known", || row.place());
                        None
                    }
                    area => Some(format!("area={}", plain(area))).filter(|_| !plain(area).is_empty()),
                };
                // Numbers that have been through a spreadsheet end in `.0`.
                let event = row.text(EVENT).trim_end_matches(".0");
                let event = (!event.is_empty()).then(|| format!("event={}", plain(event)));
                let dims: Vec<String> = area.into_iter().chain(event).collect();
                records.push(Record::Observation(Observation {
                    indicator: kind.indicator,
                    place,
                    counterpart: None,
                    period: day,
                    value: 1.0,
                    bounds: None,
                    status: Status::Normal,
                    dims: (!dims.is_empty()).then(|| dims.join(";").into()),
                    locator: row.locator(DATE),
                }))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &kind.spec, &mut quality, &mut each)?;
        }
        let mut layout = kind.spec.layout(json);
        layout.columns.truncate(READ);
        Ok(Parsed { capture: kind.capture, layout, quality, rows_read, records })
    }
}

/// The country; an unknown place where the publisher names none.
fn country(row: &Row<'_>, quality: &mut Quality) -> Result<Code, SourceError> {
    match (row.text(ISO), row.text(COUNTRY)) {
        ("", "" | "Unspecified" | "International Waters" | "No Information") => {
            quality.note("incidents of no country, kept as of an unknown place", || row.place());
            Ok(Code::UNKNOWN)
        }
        _ => row.iso3(ISO, quality),
    }
}
