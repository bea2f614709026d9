//! UNHCR refugee population statistics: the four tables, as CSV and as pages of the API, as the site gives them for
//! download, and as they stand on the Humanitarian Data Exchange.
//!
//! Traps: zero is the text `"0"` and missing is `"-"` in JSON; a blank in CSV is not reported; `dec_total`
//! holds cases otherwise closed; rows of different levels, procedures and units count the same people again
//! and keep these as dimensions; own country codes stand beside ISO's, which are the ones we read; a `-` for a country
//! is a total over countries, which is counted and left out; the exchange's applications do not say the stage of the
//! procedure.

use std::sync::Arc;

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Observation, Record, Status, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{
        Column, OtherTable, Row, Shared, Spec, column, form_of, header, is_json, maybe, refuse_other, rows,
    },
};

struct Table {
    source: &'static str,
    /// The publisher's forms: of the interface, of the site's download, of the Humanitarian Data Exchange.
    forms: &'static [Form],
}

/// One form of a table.
struct Form {
    capture: &'static str,
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

/// The columns of the site's download; in those of the years before 2025 the codes stand in brackets.
const SITE_YEAR: Column = column(&["Year"]);
const SITE_ORIGIN: Column = column(&["Country of Origin ISO", "Country of origin (ISO)"]);
const SITE_ASYLUM: Column = column(&["Country of Asylum ISO", "Country of asylum (ISO)"]);
const SITE_ALSO: &[&str] = &["Country of Origin", "Country of Asylum"];

/// The columns on the Humanitarian Data Exchange.
const HDX_ORIGIN: Column = column(&["ISO3CoO"]);
const HDX_ASYLUM: Column = column(&["ISO3CoA"]);
const HDX_ALSO: &[&str] = &["CoO_name", "CoA_name", "CoO", "CoA"];

const HDX: &str = "hdx csv";
const SITE: &str = "site csv";

static TABLES: [Table; 4] = [
    Table {
        source: "unhcr-population",
        forms: &[
            Form {
                capture: "csv",
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
            Form {
                capture: SITE,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        SITE_ORIGIN,
                        SITE_ASYLUM,
                        column(&["Refugees", "Refugees under UNHCR's mandate"]),
                        column(&["Asylum-seekers", "Asylum seekers"]),
                        maybe(&["IDPs", "IDPs of concern to UNHCR", "Internally displaced persons"]),
                        maybe(&["Other people in need of international protection"]),
                        maybe(&["Stateless persons"]),
                        maybe(&["Host community"]),
                        maybe(&["Others of concern", "Others of concern to UNHCR"]),
                        maybe(&["Returned refugees"]),
                        maybe(&["Returned IDPs", "Returned IDPss"]),
                    ],
                    also: SITE_ALSO,
                    pointer: "",
                },
                dims: &[],
                measures: &[
                    (3, indicator::REFUGEES),
                    (4, indicator::ASYLUM_SEEKERS),
                    (5, indicator::IDPS),
                    (6, indicator::OTHER_IN_NEED),
                    (7, indicator::STATELESS),
                    (8, indicator::HOST_COMMUNITY),
                    (9, indicator::OTHERS_OF_CONCERN),
                    (10, indicator::RETURNED_REFUGEES),
                    (11, indicator::RETURNED_IDPS),
                ],
            },
            Form {
                capture: HDX,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        HDX_ORIGIN,
                        HDX_ASYLUM,
                        column(&["REF"]),
                        column(&["IDP"]),
                        column(&["ASY"]),
                        column(&["OOC"]),
                        column(&["STA"]),
                        maybe(&["OIP"]),
                        maybe(&["HST"]),
                    ],
                    also: HDX_ALSO,
                    pointer: "",
                },
                dims: &[],
                measures: &[
                    (3, indicator::REFUGEES),
                    (4, indicator::IDPS),
                    (5, indicator::ASYLUM_SEEKERS),
                    (6, indicator::OTHERS_OF_CONCERN),
                    (7, indicator::STATELESS),
                    (8, indicator::OTHER_IN_NEED),
                    (9, indicator::HOST_COMMUNITY),
                ],
            },
        ],
    },
    Table {
        source: "unhcr-asylum-applications",
        forms: &[
            Form {
                capture: "csv",
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
            Form {
                capture: SITE,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        SITE_ORIGIN,
                        SITE_ASYLUM,
                        column(&["Authority"]),
                        column(&["Application type"]),
                        column(&["Stage of procedure"]),
                        column(&["Cases / Persons"]),
                        column(&["applied"]),
                    ],
                    also: SITE_ALSO,
                    pointer: "",
                },
                dims: &[(3, "procedure"), (4, "type"), (5, "level"), (6, "unit")],
                measures: &[(7, indicator::ASYLUM_APPLICATIONS)],
            },
            Form {
                capture: HDX,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        HDX_ORIGIN,
                        HDX_ASYLUM,
                        column(&["ProcedureType"]),
                        column(&["ApplicationType"]),
                        column(&["ApplicationDataType"]),
                        column(&["Applications"]),
                    ],
                    also: HDX_PER_CASE,
                    pointer: "",
                },
                // The stage of the procedure is not in this form.
                dims: &[(3, "procedure"), (4, "type"), (5, "unit")],
                measures: &[(6, indicator::ASYLUM_APPLICATIONS)],
            },
        ],
    },
    Table {
        source: "unhcr-asylum-decisions",
        forms: &[
            Form {
                capture: "csv",
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
                dims: DECISION,
                measures: DECISIONS,
            },
            Form {
                capture: SITE,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        SITE_ORIGIN,
                        SITE_ASYLUM,
                        column(&["Authority"]),
                        column(&["Stage of procedure"]),
                        column(&["Cases / Persons"]),
                        column(&["Recognized decisions"]),
                        column(&["Complementary protection"]),
                        column(&["Rejected decisions"]),
                        column(&["Otherwise closed"]),
                        column(&["Total decisions"]),
                    ],
                    also: SITE_ALSO,
                    pointer: "",
                },
                dims: DECISION,
                measures: DECISIONS,
            },
            Form {
                capture: HDX,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        HDX_ORIGIN,
                        HDX_ASYLUM,
                        column(&["ProcedureType"]),
                        column(&["DecisionType"]),
                        column(&["DecisionDataType"]),
                        column(&["Recognized"]),
                        column(&["RecognizedOther"]),
                        column(&["Rejected"]),
                        column(&["OtherwiseClosed"]),
                        column(&["TotalDecided"]),
                    ],
                    also: HDX_PER_CASE,
                    pointer: "",
                },
                dims: DECISION,
                measures: DECISIONS,
            },
        ],
    },
    Table {
        source: "unhcr-solutions",
        forms: &[
            Form {
                capture: "csv",
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
                measures: SOLUTIONS,
            },
            Form {
                capture: SITE,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        SITE_ORIGIN,
                        SITE_ASYLUM,
                        column(&["Returned refugees"]),
                        column(&["Resettlement arrivals", "Resettlement"]),
                        column(&["Naturalisation"]),
                        column(&["Returned IDPs", "Returned IDPss"]),
                    ],
                    also: SITE_ALSO,
                    pointer: "",
                },
                dims: &[],
                measures: SOLUTIONS,
            },
            Form {
                capture: HDX,
                spec: Spec {
                    columns: &[
                        SITE_YEAR,
                        HDX_ORIGIN,
                        HDX_ASYLUM,
                        column(&["RET"]),
                        column(&["RST"]),
                        column(&["NAT"]),
                        column(&["RDP"]),
                    ],
                    also: HDX_ALSO,
                    pointer: "",
                },
                dims: &[],
                measures: SOLUTIONS,
            },
        ],
    },
];

const DECISION: &[(usize, &str)] = &[(3, "procedure"), (4, "level"), (5, "unit")];
const DECISIONS: &[(usize, IndicatorId)] = &[
    (6, indicator::DECISIONS_RECOGNISED),
    (7, indicator::DECISIONS_OTHER),
    (8, indicator::DECISIONS_REJECTED),
    (9, indicator::DECISIONS_CLOSED),
    (10, indicator::DECISIONS_TOTAL),
];
const SOLUTIONS: &[(usize, IndicatorId)] = &[
    (3, indicator::SOLUTIONS_RETURNED_REFUGEES),
    (4, indicator::RESETTLEMENT),
    (5, indicator::NATURALISATION),
    (6, indicator::SOLUTIONS_RETURNED_IDPS),
];
const HDX_PER_CASE: &[&str] = &[
    "CoO_name",
    "CoA_name",
    "CoO",
    "CoA",
    "ApplicationAveragePersonsPerCase",
    "DecisionsAveragePersonsPerCase",
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
        let json = files.first().is_some_and(is_json);
        let forms = self.table.forms;
        // The site packs tables about the figures beside them.
        let of_figures =
            |file: &&File| json || forms.iter().any(|form| form.spec.lacks(&header(file)) < OTHER);
        let form = match files.iter().find(of_figures).or(files.first()) {
            Some(file) if !json => {
                old_site(file)?;
                refuse_other(file, &header(file), &OTHERS)?;
                form_of(file, forms, |form| &form.spec)
            }
            _ => 0,
        };
        let form = &forms[form];
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut dims = Shared::default();
        for (part, file) in files.iter().enumerate() {
            if files.len() > 1 && !of_figures(&file) && files.iter().any(|file| of_figures(&file)) {
                quality.note("tables of something else in the archive, left out", || file.name.clone());
                continue;
            }
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let period = row.year(0)?;
                let (Some(place), Some(counterpart)) = (country(row, 1, quality)?, country(row, 2, quality)?)
                else {
                    quality.note(TOTALS, || row.place());
                    return Ok(());
                };
                let dims = dimensions(form, row, &mut dims);
                for &(column, indicator) in form.measures {
                    let Some(value) = row.maybe_count(column)? else {
                        if !row.text(column).is_empty() || form.spec.columns[column].required {
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
            rows_read += rows(file, part as u32, &form.spec, &mut quality, &mut each)?;
        }
        Ok(Parsed {
            capture: if json { "api" } else { form.capture },
            layout: form.spec.layout(json),
            quality,
            rows_read,
            records,
        })
    }
}

/// A table without as many of the columns is another table; one without fewer has columns missing.
const OTHER: usize = 3;

const FIGURES: &str =
    "people at the end of the year (`population`), or asylum applications, decisions or solutions";

/// Tables of UNHCR's that are not read.
const OTHERS: [OtherTable; 6] = [
    OtherTable { columns: &["pop_type", "f_0_4"], found: "the table of demographics", expected: FIGURES },
    OtherTable { columns: &["Female 0 - 4"], found: "the table of demographics", expected: FIGURES },
    OtherTable { columns: &["ISO3CoO", "F0_4"], found: "the table of demographics", expected: FIGURES },
    OtherTable {
        columns: &["coo_iso", "refugee_like"],
        found: "the table of flows, people who fled during a year",
        expected: FIGURES,
    },
    OtherTable { columns: &["iso_code", "unhcr_code"], found: "the list of countries", expected: FIGURES },
    OtherTable {
        columns: &["ISO3 of Origin", "Population type", "Individuals"],
        found: "the table of situations, of the operational data portal",
        expected: FIGURES,
    },
];

/// Refuses the download of the site that was closed in 2020, which names countries and has no codes.
fn old_site(file: &File) -> Result<(), SourceError> {
    let first = String::from_utf8_lossy(&file.head()[..file.head().len().min(600)]);
    let marks = ["Country / territory of asylum/residence", "UNHCR Population Statistics Reference Database"];
    match marks.iter().any(|mark| first.contains(mark)) {
        false => Ok(()),
        true => {
            let found = "a download of the site before the Refugee Data Finder, which names countries and has no codes";
            let expected = "a download of the Refugee Data Finder, an answer of the API, or the table on the Humanitarian \
                            Data Exchange, all of which hold these years too";
            Err(SourceError::malformed(&file.name, "row 1", found, expected))
        }
    }
}

/// What is said of rows that are a total; such a row beside rows by country would count the people in it again.
const TOTALS: &str = "rows that are a total over countries of origin or of asylum (`-`), left out; for these people, \
                      choose all countries of origin and of asylum in the download";

/// A country; `None` where the row is a total over countries.
fn country(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Option<Code>, SourceError> {
    match row.text(column) {
        "-" => Ok(None),
        // UNHCR's own code for what ISO's column calls `UNK`.
        "UKN" => {
            quality.note("`UKN`, UNHCR's code of an unknown country, read as `UNK`", || row.place());
            Ok(Some(Code::UNKNOWN))
        }
        _ => row.iso3(column, quality).map(Some),
    }
}

/// The dimensions of a row as `key=value;…`, each combination made once.
fn dimensions(form: &Form, row: &Row<'_>, known: &mut Shared) -> Option<Arc<str>> {
    if form.dims.is_empty() {
        return None;
    }
    let mut words = String::new();
    for (column, name) in form.dims {
        let before = if words.is_empty() { "" } else { ";" };
        words.extend([before, name, "=", row.text(*column)]);
    }
    Some(known.get(&words))
}
