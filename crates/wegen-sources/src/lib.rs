//! One module per publisher: what to ask, how to read the answer, what may go wrong.
//!
//! `sync` and `import` share the parsers: a file that a person downloaded and a page that we fetched become
//! the same records. Every parser reads strictly: a missing column, a malformed number, a date that does not
//! exist or an unknown country is an error that names file, row, column, what was found and what was
//! expected, and nothing enters the ledger. Rows that are odd but real are kept, counted and noted.
//!
//! ```
//! use wegen_sources::{File, parser};
//!
//! let text = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
//!             returned_idps,stateless,ooc,oip,hst\n\
//!             2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,74805,17478,0,0,0,0,0,,0\n";
//! let parser = parser("unhcr-population").expect("a source of ours");
//! let parsed = parser.parse(&[File::new("population.csv", text)]).unwrap();
//! assert_eq!(parsed.records.len(), 8); // the blank `oip` is not reported, and no record
//! ```
//!
//! A file may be larger than memory. Tables are read row by row ([`File::open`] leaves a file where it lies, [`unpack`]
//! puts what is large into a temporary file), several times over where that is needed: for text that is not UTF-8, for
//! columns about individuals, for how a column of grouped digits is written, for the rows. What goes beyond these limits
//! is refused where it does, by row and column:
//!
//! | what | at most |
//! |---|---|
//! | a file, for the numbers of its lines | 4 GiB |
//! | columns, or different members of the items of a document | 16,384, as in a spreadsheet |
//! | a cell | 1 MiB |
//! | a row, an item | 4 MiB |
//! | a feature of a GeoJSON | 32 MiB, its properties 4 MiB |
//! | rows of sources that hold rows against each other (`inform`, `missing_migrants`, `simulation`) | 1,000,000 |
//! | a TopoJSON, a page of an answer: read as a whole | 32 MiB and three million values |
//! | a sheet of a workbook | 192 MiB in memory; its shared texts 32 MiB |
//! | what an archive unpacks to | [`MAX_RATIO`] times its size, [`MAX_UNPACKED`] bytes, 4,096 files |
//!
//! | module | source |
//! |---|---|
//! | `unhcr` | UNHCR population, asylum applications, decisions, solutions: API, site, HDX |
//! | `idmc` | IDMC: people displaced within their country, and displacements by cause |
//! | `unrwa` | UNRWA: Palestine refugees |
//! | `missing_migrants` | IOM Missing Migrants: API, public downloads, package |
//! | `ucdp` | UCDP country-year and GED events |
//! | `services` | World Bank WDI; Our World in Data and Gapminder, which pass it on |
//! | `inform` | INFORM Risk |
//! | `ophi` | OPHI subnational deprivations |
//! | `places` | OCHA P-codes and boundaries, Natural Earth |
//! | `hsos` | REACH, Humanitarian Situation Overview in Syria: communities |
//! | `insecurity` | Insecurity Insight: attacks on health care and education, explosive weapons |
//! | `movements` | OCHA Syria: movements of displaced people and returnees |
//! | `dtm` | IOM Displacement Tracking Matrix: API, HAPI, master list |
//! | `hno` | OCHA, Humanitarian Needs Overview |
//! | `population` | OCHA population statistics (COD-PS); US Census Bureau on Syria: people by area |
//! | `simulation` | simulations of our own |

mod coverage;
mod dtm;
mod error;
mod fetch;
mod file;
mod forms;
mod hno;
mod hsos;
mod idmc;
mod inform;
mod insecurity;
mod items;
mod land;
mod lines;
mod missing_migrants;
mod movements;
mod numbers;
mod ophi;
mod paging;
mod places;
mod population;
mod recognise;
mod screen;
mod services;
mod shapes;
mod sheet;
mod simulation;
mod starter;
#[cfg(test)]
mod streaming;
mod sync;
mod table;
mod ucdp;
mod unhcr;
mod unpack;
mod unrwa;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use wegen_ledger::{Draft, Layout, LedgerError, Quality, Records};
use wegen_model::{Coverage, IndicatorId, Record, sources};

pub use error::SourceError;
pub use fetch::{Answer, Client, Credential, Expected, Politeness, Received, Request, Token, Validators};
pub use file::{File, FileReader, MAX_FILE, MAX_WHOLE};
pub use land::{LandMask, land_mask};
pub use recognise::recognise;
pub use screen::{Personal, personal_columns};
pub use starter::adopt_starter;
pub use sync::{
    Ask, Chain, Fetched, INFORM_WORKFLOW, Paging, Plan, Question, UCDP_TOKEN, UCDP_VERSION, only_by_import,
    plan, sync,
};
pub use unpack::{MAX_RATIO, MAX_UNPACKED, unpack};

/// What files became.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// Which of the publisher's channels the files came through.
    pub capture: &'static str,
    /// How the records' locators read.
    pub layout: Layout,
    /// What was odd.
    pub quality: Quality,
    /// How many rows the files hold.
    pub rows_read: u64,
    /// The records.
    pub records: Records,
}

impl Parsed {
    /// The records in memory, in the order of the files: for few of them, and for tests.
    ///
    /// # Errors
    /// Records that went to a temporary file, and cannot be read back.
    pub fn in_file_order(&self) -> Result<Vec<&Record>, LedgerError> {
        let mut records: Vec<&Record> = self.records.as_slice()?.iter().collect();
        records.sort_by_key(|record| record.locator());
        Ok(records)
    }
}

/// Reads the files of one source.
pub trait Parser: Send + Sync {
    /// The source, as in the registry.
    fn source(&self) -> &'static str;

    /// Raised whenever the same bytes become other records.
    fn version(&self) -> u32 {
        1
    }

    /// Reads files of one kind: the pages of an answer, or one file.
    ///
    /// # Errors
    /// The first thing that is not as it should be.
    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError>;
}

/// All parsers, in the order of the registry.
pub fn parsers() -> Vec<Box<dyn Parser>> {
    let mut all = unhcr::parsers();
    all.push(Box::new(idmc::Idmc));
    all.push(Box::new(unrwa::Unrwa));
    all.push(Box::new(missing_migrants::MissingMigrants));
    all.extend(ucdp::parsers());
    all.extend(services::parsers());
    all.push(Box::new(inform::Inform));
    all.push(Box::new(ophi::Ophi));
    all.extend(places::parsers());
    all.push(Box::new(hsos::Hsos));
    all.push(Box::new(insecurity::Insecurity));
    all.push(Box::new(movements::Movements));
    all.push(Box::new(dtm::Dtm));
    all.push(Box::new(hno::Hno));
    all.extend(population::parsers());
    all.push(Box::new(simulation::Simulation));
    all
}

/// The parser of a source.
pub fn parser(source: &str) -> Option<Box<dyn Parser>> {
    parsers().into_iter().find(|p| p.source() == source)
}

/// What records add up to, by indicator and year: to be laid beside the publisher's own totals.
///
/// Observations are added as they are (a table that counts people more than once does so here too); incidents
/// are added as people dead or missing, events as deaths. Areas are counted.
///
/// # Errors
/// Records that went to a temporary file, and cannot be read back.
pub fn totals(records: &Records) -> Result<Totals, LedgerError> {
    // A million observations fall into a thousand groups: their ids are compared, and their names only once.
    let mut observed: HashMap<(IndicatorId, i32), (u64, f64)> = HashMap::new();
    let mut totals = Totals::new();
    for record in records {
        let (entry, value) = match record? {
            Record::Observation(o) => (observed.entry((o.indicator, o.period.year())).or_default(), o.value),
            Record::Incident(i) => {
                (totals.entry(("dead-and-missing", i.year)).or_default(), f64::from(i.total.unwrap_or(0)))
            }
            Record::Event(e) => (totals.entry(("deaths", e.period.year())).or_default(), e.best.into()),
            Record::Area(_) => (totals.entry(("areas", 0)).or_default(), 1.0),
        };
        *entry = (entry.0 + 1, entry.1 + value);
    }
    totals.extend(observed.into_iter().map(|((indicator, year), sum)| ((indicator.as_str(), year), sum)));
    Ok(totals)
}

/// By indicator and year, how many records there are, and what they add up to.
pub type Totals = BTreeMap<(&'static str, i32), (u64, f64)>;

/// Files as a draft of a snapshot: unpacked, screened, parsed, with licence and layout of the source, and with what the
/// publisher's names of the files say that they cover. Pages of an answer must be all there.
///
/// # Errors
/// [`SourceError`]; nothing has been stored.
pub fn draft(
    source: &str,
    files: Vec<File>,
    request: &str,
    retrieved: Timestamp,
) -> Result<Draft, SourceError> {
    let mut unpacked = Vec::new();
    for file in &files {
        unpacked.extend(unpack(file)?);
    }
    paging::whole(&unpacked)?;
    draft_of(source, files, unpacked, request, retrieved)
}

/// Pages that `sync` has followed to their end, as a draft.
fn draft_of_pages(
    source: &str,
    files: Vec<File>,
    request: &str,
    retrieved: Timestamp,
) -> Result<Draft, SourceError> {
    let mut unpacked = Vec::new();
    for file in &files {
        unpacked.extend(unpack(file)?);
    }
    draft_of(source, files, unpacked, request, retrieved)
}

fn draft_of(
    source: &str,
    files: Vec<File>,
    unpacked: Vec<File>,
    request: &str,
    retrieved: Timestamp,
) -> Result<Draft, SourceError> {
    let parser = parser(source).ok_or_else(|| SourceError::UnknownSource(source.to_owned()))?;
    let definition = sources().get(source).ok_or_else(|| SourceError::UnknownSource(source.to_owned()))?;
    if unpacked.is_empty() {
        return Err(SourceError::Empty(request.to_owned()));
    }
    forms::whole(&unpacked)?;
    let parsed = parser.parse(&unpacked).map_err(|error| named(source, &unpacked, error))?;
    files.iter().try_for_each(File::unchanged)?;
    let day = retrieved.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let names = |files: &[File]| files.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    let stated = [names(&unpacked), names(&files)]
        .iter()
        .find_map(|names| coverage::stated(source, names.iter().map(String::as_str), day));
    let (coverage, release, published) =
        stated.map_or((Coverage::rows(), None, None), |s| (s.coverage, s.release, s.published));
    Ok(Draft {
        capture: parsed.capture.to_owned(),
        coverage,
        release,
        published,
        request: request.to_owned(),
        parser: parser.source().to_owned(),
        parser_version: parser.version(),
        licence: definition.licence.clone(),
        layout: parsed.layout,
        quality: parsed.quality,
        rows_read: parsed.rows_read,
        // What is kept are the bytes that locators point into.
        parts: unpacked.into_iter().map(File::into_part).collect(),
        records: parsed.records,
        ..Draft::new(source, retrieved)
    })
}

/// An error of a parser, with what the file looks like where it is of another source, or of a form that is not read.
fn named(source: &str, files: &[File], error: SourceError) -> SourceError {
    let [only] = files else { return error };
    let other = || recognise::looks_like(only).filter(|other| *other != source);
    let of_another = |other: &str| {
        let found = format!("the columns of a file of `{other}`");
        SourceError::malformed(&only.name, "row 1", found, &format!("those of `{source}`"))
    };
    match error {
        SourceError::MissingColumn { hint: None, .. } => match other() {
            None if sheet::is_workbook(only) => error,
            None => forms::unread(only).unwrap_or(error),
            hint => error.with_hint(hint),
        },
        // A column of another publisher's own, such as `FullName` of an indicator, says nothing of people.
        SourceError::Personal { .. } => other().map_or(error, of_another),
        // Whoever names a source for a workbook of another, or for one that is not read, is told so.
        SourceError::Malformed { ref expected, .. } if sheet::is_workbook(only) => match other() {
            Some(other) => {
                let found = format!("a workbook of `{other}`");
                SourceError::malformed(&only.name, "the file", found, expected)
            }
            None => forms::known_workbook(only).unwrap_or(error),
        },
        _ => error,
    }
}
