//! UNRWA, Palestine refugees: people registered at the end of a year, by country, as UNHCR passes it on.
//!
//! Traps: UNRWA's refugees are not under UNHCR's mandate and in none of its figures, so that they are never added to
//! these unseen; the origin is Palestine in every row, also of those registered in Palestine itself; some are
//! registered in no country that is told (`UNK`); the same header with other origins is IDMC's.

use wegen_ledger::{Quality, Records};
use wegen_model::{Observation, Record, Status, indicators};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Row, Spec, column, is_json, rows},
};

pub(crate) struct Unrwa;

const YEAR: usize = 0;
const ORIGIN: usize = 1;
const HOST: usize = 2;
const TOTAL: usize = 3;

static REGISTERED: Spec = Spec {
    columns: &[column(&["year"]), column(&["coo_iso"]), column(&["coa_iso"]), column(&["total"])],
    also: &["coo_name", "coo", "coa_name", "coa", "coo_id", "coa_id"],
    pointer: "/items",
};

impl Parser for Unrwa {
    fn source(&self) -> &'static str {
        "unrwa"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let (period, place) = (row.year(YEAR)?, row.iso3(ORIGIN, quality)?);
                if place.as_str() != "PSE" {
                    let expected =
                        "`PSE`: UNRWA registers Palestine refugees; a table of other origins may be `idmc`";
                    return Err(row.wrong(ORIGIN, expected));
                }
                let host = row.iso3(HOST, quality)?;
                let Some(value) = row.maybe_count(TOTAL)? else {
                    quality.note("figures not reported", || row.place());
                    return Ok(());
                };
                let indicator = indicators()
                    .get("palestine-refugees")
                    .ok_or_else(|| row.wrong(TOTAL, "an indicator of the registry"))?;
                records.push(Record::Observation(Observation {
                    indicator,
                    place,
                    counterpart: Some(host),
                    period,
                    value: value.into(),
                    bounds: None,
                    status: Status::Normal,
                    dims: None,
                    locator: row.locator(TOTAL),
                }))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &REGISTERED, &mut quality, &mut each)?;
        }
        Ok(Parsed {
            capture: if json { "api" } else { "csv" },
            layout: REGISTERED.layout(json),
            quality,
            rows_read,
            records,
        })
    }
}
