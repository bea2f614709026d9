//! OCHA, Humanitarian Needs Overview: people in need, targeted and affected, by cluster.
//!
//! Traps: the year stands nowhere but in the file's name; clusters count the same people, so only `ALL` is a total;
//! one code can stand for several rows, told by their description (border consortium and cash, both `MS`); a row may
//! have no cluster; a blank is not given, which is not zero.

use wegen_ledger::Quality;
use wegen_model::{Observation, Period, Record, Status, indicators};

use crate::{
    File, Parsed, Parser, SourceError,
    dtm::{dims, finest},
    table::{Row, Seen, Spec, column, is_json, maybe, rows},
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
const FIGURES: [(&str, &str); 4] = [
    ("Population", "population-hno"),
    ("In Need", "people-in-need"),
    ("Targeted", "people-targeted"),
    ("Affected", "people-affected"),
];

static NEEDS: Spec = Spec {
    columns: &[
        column(&["Country ISO3"]),
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

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let mut quality = Quality::default();
        let (mut seen, mut records, mut rows_read) = (Seen::default(), Vec::new(), 0);
        for (part, file) in files.iter().enumerate() {
            // Asked for by the first row, so that a file about people, or of another source, is refused as such.
            let year = || {
                year_of(&file.name).ok_or_else(|| {
                    let expected = "the year of the overview in it, as `hpc_hno_2024_national_rows.csv`";
                    SourceError::malformed(&file.name, "the file's name", "no year", expected)
                })
            };
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let period = year()?;
                let country = row.iso3(COUNTRY, quality)?;
                let place = finest(row, country, &[ADMIN1, ADMIN2, ADMIN3], quality)?;
                if row.text(CLUSTER).is_empty() {
                    quality.note("rows without a cluster", || row.place());
                }
                let dims = dims(&[
                    ("cluster", row.text(CLUSTER)),
                    ("description", row.text(DESCRIPTION)),
                    ("category", row.text(CATEGORY)),
                ]);
                for (i, (name, id)) in FIGURES.iter().enumerate() {
                    let Some(value) = row.maybe_count(FIRST + i)? else {
                        quality.note(&format!("`{name}` not given"), || row.place());
                        continue;
                    };
                    seen.add(Some(country), period.year());
                    records.extend(indicators().get(id).map(|indicator| {
                        Record::Observation(Observation {
                            indicator,
                            place,
                            counterpart: None,
                            period,
                            value: value.into(),
                            bounds: None,
                            status: Status::Estimated,
                            dims: (!dims.is_empty()).then(|| dims.as_str().into()),
                            locator: row.locator(FIRST + i),
                        })
                    }));
                }
                Ok(())
            };
            rows_read += rows(file, part as u32, &NEEDS, &mut quality, &mut each)?;
        }
        let capture = if json { "json" } else { "csv" };
        Ok(Parsed { capture, scope: seen.scope(), layout: NEEDS.layout(json), quality, rows_read, records })
    }
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
