//! IDMC, internal displacement: people displaced at the end of a year, and displacements during a year.
//!
//! Traps: a stock counts people and a flow counts movements (one person may move, and be counted, several times), so
//! that one is never added to or taken from the other and each has an indicator of its own; the table that UNHCR
//! passes on writes `4e+05` for 400,000; its rows of `UNK` are totals of the world; the same header with other
//! origins and countries of asylum is UNRWA's; the Abyei Area has IDMC's own code, `AB9`; a stock by sex and age has the
//! columns of a flow and two more: it is refused, since every row of it would be taken for movements.

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Observation, Record, Status, indicators};

use crate::{
    File, Parsed, Parser, SourceError,
    dtm::dims,
    table::{Row, Spec, column, is_json, rows, table_among},
};

pub(crate) struct Idmc;

/// IDMC's code of the Abyei Area, between Sudan and South Sudan.
const ABYEI: &str = "AB9";

/// A form in which the figures are passed on.
struct Form {
    capture: &'static str,
    indicator: &'static str,
    spec: Spec,
    year: usize,
    country: usize,
    /// The country of asylum, which is the country of origin in every row.
    asylum: Option<usize>,
    value: usize,
    /// Columns that are dimensions, with their names there.
    dims: &'static [(usize, &'static str)],
}

/// The stock by country, as UNHCR passes it on beside its own tables.
static STOCKS: Form = Form {
    capture: "unhcr stocks",
    indicator: "idps-idmc",
    spec: Spec {
        columns: &[column(&["year"]), column(&["coo_iso"]), column(&["coa_iso"]), column(&["total"])],
        also: &["coo_name", "coo", "coa_name", "coa", "coo_id", "coa_id"],
        pointer: "/items",
    },
    year: 0,
    country: 1,
    asylum: Some(2),
    value: 3,
    dims: &[],
};

/// Displacements by cause, as IOM's package has them.
static FLOWS: Form = Form {
    capture: "gdidata flows",
    indicator: "internal-displacements",
    spec: Spec {
        columns: &[column(&["geo"]), column(&["t"]), column(&["cause"]), column(&["n"])],
        also: &[],
        pointer: "",
    },
    year: 1,
    country: 0,
    asylum: None,
    value: 3,
    dims: &[(2, "cause")],
};

/// The columns of the stock by sex and age: it has those of the flows as well, and is not read.
static BY_AGE: Spec = Spec {
    columns: &[
        column(&["geo"]),
        column(&["t"]),
        column(&["cause"]),
        column(&["sex"]),
        column(&["age"]),
        column(&["n"]),
    ],
    also: &[],
    pointer: "",
};

impl Parser for Idmc {
    fn source(&self) -> &'static str {
        "idmc"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let form = match files.first() {
            Some(file) if !json && table_among(file, &[&STOCKS.spec, &FLOWS.spec])? == 1 => &FLOWS,
            _ => &STOCKS,
        };
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            // Said at the first row, so that a file about people is refused as such.
            let by_age = !json && BY_AGE.fits(file);
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                if by_age {
                    let found = "people by sex and age at the end of a year, not displacements during it";
                    let expected = "the stock by country, as UNHCR passes it on, or displacements by cause";
                    return Err(SourceError::malformed(&file.name, row.place(), found, expected));
                }
                let observation = form.read(row, quality)?;
                if let Some(o) = observation {
                    records.push(Record::Observation(o))?;
                }
                Ok(())
            };
            rows_read += rows(file, part as u32, &form.spec, &mut quality, &mut each)?;
        }
        Ok(Parsed {
            capture: if json { "api stocks" } else { form.capture },
            layout: form.spec.layout(json),
            quality,
            rows_read,
            records,
        })
    }
}

impl Form {
    fn read(&self, row: &Row<'_>, quality: &mut Quality) -> Result<Option<Observation>, SourceError> {
        let (period, place) = (row.year(self.year)?, country(row, self.country, quality)?);
        if self.asylum.is_some_and(|asylum| row.text(asylum) != row.text(self.country)) {
            let expected = "the country of origin: IDMC counts people within their own country; a table of several \
                            countries of asylum may be `unrwa` or `unhcr-population`";
            return Err(row.wrong(self.asylum.unwrap_or_default(), expected));
        }
        if place == Code::UNKNOWN {
            quality.note("rows of no country: IDMC's totals of the world", || row.place());
        }
        let Some(value) = row.maybe_count(self.value)? else {
            quality.note("figures not reported", || row.place());
            return Ok(None);
        };
        if let Some((blank, _)) = self.dims.iter().find(|(column, _)| row.text(*column).is_empty()) {
            return Err(row.wrong(*blank, "a word"));
        }
        let words: Vec<(&str, &str)> =
            self.dims.iter().map(|(column, name)| (*name, row.text(*column))).collect();
        let indicator: IndicatorId = indicators()
            .get(self.indicator)
            .ok_or_else(|| row.wrong(self.value, "an indicator of the registry"))?;
        Ok(Some(Observation {
            indicator,
            place,
            counterpart: None,
            period,
            value: value.into(),
            bounds: None,
            status: Status::Estimated,
            dims: (!words.is_empty()).then(|| dims(&words).as_str().into()),
            locator: row.locator(self.value),
        }))
    }
}

/// A country by its ISO code, or the Abyei Area by IDMC's.
fn country(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Code, SourceError> {
    match (row.text(column), Code::new(ABYEI)) {
        (ABYEI, Ok(code)) => {
            quality.note("`AB9`, the Abyei Area, is no ISO 3166-1 code", || row.place());
            Ok(code)
        }
        _ => row.iso3(column, quality),
    }
}
