//! OCHA, Humanitarian Needs Overview: people in need, targeted and affected, by cluster.
//!
//! Traps: the year stands nowhere but in the file's name; clusters count the same people, so only `ALL` is a total;
//! one code can stand for several rows, told by their description (border consortium and cash, both `MS`); a row may
//! have no cluster; a blank is not given, which is not zero. Some figures have fractions, which are kept. The file of one
//! country has no column for it: the country is that of the P-codes of its rows, or else the one that begins the file's
//! name (`afg_hpc_needs_api_2024.csv`).

use std::collections::BTreeSet;

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Observation, Period, Record, Status, countries, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    dtm::{dims, finest, finest_code},
    numbers::Holds,
    table::{Row, Spec, column, is_json, maybe, rows},
};

pub(crate) struct Hno;

const COUNTRY: usize = 0;
const ADMIN1: usize = 1;
const ADMIN2: usize = 2;
const ADMIN3: usize = 3;
const DESCRIPTION: usize = 4;
const CLUSTER: usize = 5;
const CATEGORY: usize = 6;
const FIRST: usize = 7;

/// The figures, with our indicators; in the table they stand behind the columns of place and group.
const FIGURES: [(&str, IndicatorId); 4] = [
    ("Population", indicator::POPULATION_HNO),
    ("In Need", indicator::PEOPLE_IN_NEED),
    ("Targeted", indicator::PEOPLE_TARGETED),
    ("Affected", indicator::PEOPLE_AFFECTED),
];

static NEEDS: Spec = Spec {
    columns: &[
        maybe(&["Country ISO3"]),
        maybe(&["Admin 1 PCode"]),
        maybe(&["Admin 2 PCode"]),
        maybe(&["Admin 3 PCode"]),
        column(&["Description"]),
        column(&["Cluster"]),
        maybe(&["Category"]),
        column(&["Population"]),
        column(&["In Need"]),
        column(&["Targeted"]),
        column(&["Affected"]),
    ],
    also: &["Admin 1 Name", "Admin 2 Name", "Admin 3 Name", "Reached", "Info"],
    pointer: "",
};

impl Parser for Hno {
    fn source(&self) -> &'static str {
        "ocha-hno"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut read = Countries::default();
            let others = of_the_others(file)?;
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                // Asked for by the first row, so that a file about people, or of another source, is refused as such.
                let period = year_of(&file.name).ok_or_else(|| {
                    let expected = "the year of the overview in it, as `hpc_hno_2024_national_rows.csv`";
                    SourceError::malformed(&file.name, "the file's name", "no year", expected)
                })?;
                let country = read.of(row, quality)?;
                let levels = &[ADMIN1, ADMIN2, ADMIN3];
                let (place, level) = finest(row, country.unwrap_or(Code::UNKNOWN), levels, quality)?;
                // A row without a country has no P-code either.
                let place = if country.is_none() { others.unwrap_or(place) } else { place };
                if row.text(CLUSTER).is_empty() {
                    quality.note("rows without a cluster", || row.place());
                }
                let dims = dims(&[
                    ("cluster", row.text(CLUSTER)),
                    ("description", row.text(DESCRIPTION)),
                    ("category", row.text(CATEGORY)),
                    ("level", &level),
                ]);
                for (i, &(name, indicator)) in FIGURES.iter().enumerate() {
                    let Some(value) = row.number(FIRST + i, Holds::Amounts)? else {
                        quality.note(&format!("`{name}` not given"), || row.place());
                        continue;
                    };
                    if value < 0.0 {
                        return Err(row.wrong(FIRST + i, "a number from zero up"));
                    }
                    if value.fract() != 0.0 {
                        quality.note("people in fractions, kept as published", || row.place());
                    }
                    records.push(Record::Observation(Observation {
                        indicator,
                        place,
                        counterpart: None,
                        period,
                        value,
                        bounds: None,
                        status: Status::Estimated,
                        dims: (!dims.is_empty()).then(|| dims.as_str().into()),
                        locator: row.locator(FIRST + i),
                    }))?;
                }
                Ok(())
            };
            rows_read += rows(file, part as u32, &NEEDS, &mut quality, &mut each)?;
            read.of_the_others(&file.name)?;
        }
        let capture = if json { "json" } else { "csv" };
        Ok(Parsed { capture, layout: NEEDS.layout(json), quality, rows_read, records })
    }
}

/// The country of the rows of a file that name none: of the others, all of which are asked first.
fn of_the_others(file: &File) -> Result<Option<Code>, SourceError> {
    let mut read = Countries::default();
    let mut each = |row: &Row<'_>, quality: &mut Quality| read.of(row, quality).map(|_| ());
    // What is wrong with a row is told where it is read.
    let whole = rows(file, 0, &NEEDS, &mut Quality::default(), &mut each).is_ok();
    if whole { read.of_the_others(&file.name).or(Ok(None)) } else { Ok(None) }
}

/// The countries that the rows of a file name, and what to say where some name none.
#[derive(Default)]
struct Countries {
    named: BTreeSet<Code>,
    without: Option<SourceError>,
}

impl Countries {
    /// The country of a row: of its column, else of its P-code; `None` where it has neither.
    fn of(&mut self, row: &Row<'_>, quality: &mut Quality) -> Result<Option<Code>, SourceError> {
        let country = match (row.text(COUNTRY), finest_code(row, &[ADMIN1, ADMIN2, ADMIN3])?) {
            ("", None) => None,
            ("", Some((column, code))) => {
                let country = countries().of_place(code);
                Some(country.ok_or_else(|| row.wrong(column, "a P-code that tells its country"))?)
            }
            _ => Some(row.iso3(COUNTRY, quality)?),
        };
        self.named.extend(country);
        if country.is_none() {
            quality.note("rows without a country, read as of the one the file is about", || row.place());
        }
        if country.is_none() && self.without.is_none() {
            let expected = "a country's ISO 3166-1 alpha-3 code, P-codes of one country in the other rows, or the \
                            code at the beginning of the file's name, as `afg_hpc_needs_api_2024.csv`";
            self.without = Some(row.wrong(COUNTRY, expected));
        }
        Ok(country)
    }

    /// The country of the rows that name none: the only one of the others, else that of the file's name. `None` where
    /// there are no such rows.
    fn of_the_others(self, name: &str) -> Result<Option<Code>, SourceError> {
        let Some(error) = self.without else { return Ok(None) };
        let mut named = self.named.iter();
        match (named.next(), named.next()) {
            (Some(only), None) => Ok(Some(*only)),
            (None, _) => country_of(name).map(Some).ok_or(error),
            _ => Err(error),
        }
    }
}

/// The country whose code begins the name of a file.
fn country_of(name: &str) -> Option<Code> {
    let name = name.rsplit(['/', '\\']).next()?;
    let first = name.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    countries().by_iso3(&first.to_ascii_uppercase()).map(|c| c.iso3)
}

/// The year in the name of a file: behind `hno_`, or the only one there is (`hpc_hno_2024_national_rows.csv`).
fn year_of(name: &str) -> Option<Period> {
    let name = name.rsplit(['/', '\\']).next()?;
    let year = |text: &str| text.parse::<i16>().ok().filter(|y| text.len() == 4 && (2000..2100).contains(y));
    let words: Vec<&str> = name.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let behind = words.windows(2).find(|w| w[0].eq_ignore_ascii_case("hno")).and_then(|w| year(w[1]));
    let mut years: Vec<i16> = words.iter().filter_map(|w| year(w)).collect();
    years.dedup();
    let only = if let [only] = years[..] { Some(only) } else { None };
    behind.or(only).and_then(Period::of_year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_of_a_file() {
        for (name, year) in [
            ("hpc_hno_2024_national_rows.csv", Some(2024)),
            ("hno-needs/hpc_hno_2025.csv", Some(2025)),
            ("hno_2024_downloaded_2025-01-10.csv", Some(2024)),
            ("2024/needs.csv", None),
            ("needs-2024.csv", Some(2024)),
            ("needs_2024_2025.csv", None),
            ("needs 20241.csv", None),
            ("given.csv", None),
            ("", None),
        ] {
            assert_eq!(year_of(name).map(Period::year), year, "{name}");
        }
    }
}
