//! People by area: OCHA's population statistics (COD-PS), and the US Census Bureau's figures on Syria.
//!
//! Traps: women and men are part of the total, so only the group `T_TL` is read; each level is a file of its own, told
//! by its finest column of P-codes, and a row whose finest code is blank or `Not reported` is of no area that is known; reference years
//! differ from country to country by decades; some codes stand twice. On Syria, 2011 stands twice, on two days.

use wegen_ledger::{Layout, Quality, Records};
use wegen_model::{Code, Observation, Period, Record, Status, indicator, pcodes};

use crate::{
    File, Parsed, Parser, SourceError,
    movements::area_of_syria,
    table::{Row, Spec, column, is_json, maybe, rows},
};

pub(crate) fn parsers() -> Vec<Box<dyn Parser>> {
    vec![Box::new(CommonOperational), Box::new(Syria)]
}

struct CommonOperational;

const COUNTRY: usize = 0;
const GROUP: usize = 1;
const PEOPLE: usize = 2;
const YEAR: usize = 3;
const CODE: usize = 4;

const NAMES: &[&str] = &[
    "Country",
    "Source",
    "Contributor",
    "ADM1_PCODE",
    "ADM1_NAME",
    "ADM2_PCODE",
    "ADM2_NAME",
    "ADM3_PCODE",
    "ADM3_NAME",
    "ADM4_NAME",
];

/// The table of one level; that of the country has no code but the country's.
macro_rules! level {
    ($code:expr) => {
        Spec {
            columns: &[
                column(&["ISO3"]),
                column(&["Population_group"]),
                column(&["Population"]),
                column(&["Reference_year"]),
                $code,
            ],
            also: NAMES,
            pointer: "",
        }
    };
}

/// By level, from the country down.
static LEVELS: [Spec; 5] = [
    level!(maybe(&["ADM0_PCODE"])),
    level!(column(&["ADM1_PCODE"])),
    level!(column(&["ADM2_PCODE"])),
    level!(column(&["ADM3_PCODE"])),
    level!(column(&["ADM4_PCODE"])),
];

fn people(place: Code, period: Period, value: f64, dims: Option<String>, row: &Row<'_>, at: usize) -> Record {
    Record::Observation(Observation {
        indicator: indicator::POPULATION,
        place,
        counterpart: None,
        period,
        value,
        bounds: None,
        status: Status::Estimated,
        dims: dims.map(Into::into),
        locator: row.locator(at),
    })
}

fn only_text(files: &[File]) -> Result<(), SourceError> {
    match files.iter().find(|file| is_json(file)) {
        Some(file) => Err(SourceError::malformed(&file.name, "the document", "JSON", "a table as CSV")),
        None => Ok(()),
    }
}

impl Parser for CommonOperational {
    fn source(&self) -> &'static str {
        "ocha-cod-ps"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        only_text(files)?;
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let (mut capture, mut layout) = ("csv adm0", Layout::default());
        for (part, file) in files.iter().enumerate() {
            let level = (0..LEVELS.len()).rev().find(|level| LEVELS[*level].fits(file)).unwrap_or_default();
            let own = ["csv adm0", "csv adm1", "csv adm2", "csv adm3", "csv adm4"][level];
            capture = if part == 0 || capture == own { own } else { "csv" };
            layout = LEVELS[level].layout(false);
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let country = row.iso3(COUNTRY, quality)?;
                let period = row.year(YEAR)?;
                match row.text(GROUP) {
                    "T_TL" => {}
                    "" => return Err(row.wrong(GROUP, "a group, as `T_TL`")),
                    _ => {
                        quality.note("people by sex or age, part of the total; no record", || row.place());
                        return Ok(());
                    }
                }
                let Some(value) = row.maybe_count(PEOPLE)? else {
                    quality.note("figures not reported", || row.place());
                    return Ok(());
                };
                let (mut place, mut dims) = (country, None);
                if level > 0 {
                    if matches!(row.text(CODE), "" | "Not reported") {
                        quality.note("rows without a P-code of their own; no record", || row.place());
                        return Ok(());
                    }
                    place = Code::new(row.text(CODE)).map_err(|_| row.wrong(CODE, "a P-code"))?;
                    if pcodes().of(place, country).is_none() {
                        quality.note("P-codes that the table does not hold", || row.place());
                        dims = Some(format!("level={level}"));
                    }
                }
                records.push(people(place, period, value.into(), dims, row, PEOPLE))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &LEVELS[level], &mut quality, &mut each)?;
        }
        Ok(Parsed { capture, layout, quality, rows_read, records })
    }
}

struct Syria;

const LEVEL: usize = 0;
const PCODE: usize = 1;
const OF: usize = 2;
const NOTE: usize = 3;
const COUNTED: usize = 4;

static SYRIA: Spec = Spec {
    columns: &[
        column(&["level"]),
        column(&["pcode"]),
        column(&["year"]),
        column(&["note"]),
        column(&["population"]),
    ],
    also: &["name_en", "name_ar"],
    pointer: "",
};

impl Parser for Syria {
    fn source(&self) -> &'static str {
        "uscb-syria-population"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        only_text(files)?;
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let place = area_of_syria(row.text(PCODE))
                    .ok_or_else(|| row.wrong(PCODE, "a P-code in Syria, as `SY070200`"))?;
                let level = row.count(LEVEL)?;
                if pcodes().get(place).is_some_and(|area| u32::from(area.level) != level) {
                    return Err(row.wrong(LEVEL, "the level of the area in the table of P-codes"));
                }
                // The day where one is said.
                let year = row.year(OF)?;
                let period = match row.text(NOTE) {
                    "" => year,
                    _ => row
                        .maybe_day(NOTE)?
                        .filter(|day| day.year() == year.year())
                        .ok_or_else(|| row.wrong(NOTE, "a day of the year of the row, or nothing"))?,
                };
                let Some(value) = row.maybe_count(COUNTED)? else {
                    quality.note("figures not reported", || row.place());
                    return Ok(());
                };
                records.push(people(place, period, value.into(), None, row, COUNTED))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &SYRIA, &mut quality, &mut each)?;
        }
        let layout = SYRIA.layout(false);
        Ok(Parsed { capture: "csv", layout, quality, rows_read, records })
    }
}
