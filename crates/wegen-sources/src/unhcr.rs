//! UNHCR refugee population statistics: the four tables, as CSV and as pages of the API.
//!
//! Traps: zero is the text `"0"` and missing is `"-"` in JSON; a blank in CSV is not reported; `dec_total`
//! holds cases otherwise closed; rows of different levels, procedures and units count the same people again
//! and keep these as dimensions; own country codes stand beside ISO's, which are the ones we read.

use std::sync::Arc;

use wegen_ledger::{Quality, Records};
use wegen_model::{IndicatorId, Observation, Record, Status, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Column, Row, Shared, Spec, column, is_json, maybe, rows},
};

struct Table {
    source: &'static str,
    spec: Spec,
    /// Columns of the spec that are dimensions, with their names there.
    dims: &'static [(usize, &'static str)],
    /// Columns of the spec that are measures, with their indicators.
    measures: &'static [(usize, IndicatorId)],
}

const ALSO: &[&str] = &["coo_name", "coo", "coa_name", "coa", "coo_id", "coa_id"];
const YEAR: Column = column(&["year"]);
const ORIGIN: Column = column(&["coo_iso"]);
const ASYLUM: Column = column(&["coa_iso"]);

static TABLES: [Table; 4] = [
    Table {
        source: "unhcr-population",
        spec: Spec {
            columns: &[
                YEAR,
                ORIGIN,
                ASYLUM,
                column(&["refugees"]),
                column(&["asylum_seekers"]),
                column(&["returned_refugees"]),
                column(&["idps"]),
                column(&["returned_idps"]),
                column(&["stateless"]),
                column(&["ooc"]),
                maybe(&["oip"]),
                maybe(&["hst"]),
            ],
            also: ALSO,
            pointer: "/items",
        },
        dims: &[],
        measures: &[
            (3, indicator::REFUGEES),
            (4, indicator::ASYLUM_SEEKERS),
            (5, indicator::RETURNED_REFUGEES),
            (6, indicator::IDPS),
            (7, indicator::RETURNED_IDPS),
            (8, indicator::STATELESS),
            (9, indicator::OTHERS_OF_CONCERN),
            (10, indicator::OTHER_IN_NEED),
            (11, indicator::HOST_COMMUNITY),
        ],
    },
    Table {
        source: "unhcr-asylum-applications",
        spec: Spec {
            columns: &[
                YEAR,
                ORIGIN,
                ASYLUM,
                column(&["procedure_type"]),
                column(&["app_type"]),
                column(&["dec_level"]),
                column(&["app_pc"]),
                column(&["applied"]),
            ],
            also: ALSO,
            pointer: "/items",
        },
        dims: &[(3, "procedure"), (4, "type"), (5, "level"), (6, "unit")],
        measures: &[(7, indicator::ASYLUM_APPLICATIONS)],
    },
    Table {
        source: "unhcr-asylum-decisions",
        spec: Spec {
            columns: &[
                YEAR,
                ORIGIN,
                ASYLUM,
                column(&["procedure_type"]),
                column(&["dec_level"]),
                column(&["dec_pc"]),
                column(&["dec_recognized"]),
                column(&["dec_other"]),
                column(&["dec_rejected"]),
                column(&["dec_closed"]),
                column(&["dec_total"]),
            ],
            also: ALSO,
            pointer: "/items",
        },
        dims: &[(3, "procedure"), (4, "level"), (5, "unit")],
        measures: &[
            (6, indicator::DECISIONS_RECOGNISED),
            (7, indicator::DECISIONS_OTHER),
            (8, indicator::DECISIONS_REJECTED),
            (9, indicator::DECISIONS_CLOSED),
            (10, indicator::DECISIONS_TOTAL),
        ],
    },
    Table {
        source: "unhcr-solutions",
        spec: Spec {
            columns: &[
                YEAR,
                ORIGIN,
                ASYLUM,
                column(&["returned_refugees"]),
                column(&["resettlement"]),
                column(&["naturalisation"]),
                column(&["returned_idps"]),
            ],
            also: ALSO,
            pointer: "/items",
        },
        dims: &[],
        measures: &[
            (3, indicator::SOLUTIONS_RETURNED_REFUGEES),
            (4, indicator::RESETTLEMENT),
            (5, indicator::NATURALISATION),
            (6, indicator::SOLUTIONS_RETURNED_IDPS),
        ],
    },
];

pub(crate) fn parsers() -> Vec<Box<dyn Parser>> {
    TABLES.iter().map(|table| Box::new(Unhcr { table }) as Box<dyn Parser>).collect()
}

struct Unhcr {
    table: &'static Table,
}

impl Parser for Unhcr {
    fn source(&self) -> &'static str {
        self.table.source
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let table = self.table;
        let json = files.first().is_some_and(is_json);
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut dims = Shared::default();
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let period = row.year(0)?;
                let (place, counterpart) = (row.iso3(1, quality)?, row.iso3(2, quality)?);
                let dims = dimensions(table, row, &mut dims);
                for &(column, indicator) in table.measures {
                    let Some(value) = row.maybe_count(column)? else {
                        if !row.text(column).is_empty() || table.spec.columns[column].required {
                            quality.note("figures not reported", || row.place());
                        }
                        continue;
                    };
                    records.push(Record::Observation(Observation {
                        indicator,
                        place,
                        counterpart: Some(counterpart),
                        period,
                        value: value.into(),
                        bounds: None,
                        status: Status::Normal,
                        dims: dims.clone(),
                        locator: row.locator(column),
                    }))?;
                }
                Ok(())
            };
            rows_read += rows(file, part as u32, &table.spec, &mut quality, &mut each)?;
        }
        Ok(Parsed {
            capture: if json { "api" } else { "csv" },
            layout: table.spec.layout(json),
            quality,
            rows_read,
            records,
        })
    }
}

/// The dimensions of a row as `key=value;…`, each combination made once.
fn dimensions(table: &Table, row: &Row<'_>, known: &mut Shared) -> Option<Arc<str>> {
    if table.dims.is_empty() {
        return None;
    }
    let mut words = String::new();
    for (column, name) in table.dims {
        let before = if words.is_empty() { "" } else { ";" };
        words.extend([before, name, "=", row.text(*column)]);
    }
    Some(known.get(&words))
}
