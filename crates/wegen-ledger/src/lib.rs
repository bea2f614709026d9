//! Append-only evidence: what was received, what it became, and what was known on any date.
//!
//! A ledger is a folder with one SQLite file (`ledger.sqlite`) and the bytes as received (`objects/`,
//! zstd, addressed by BLAKE3). Any SQLite tool opens it: the views `observations`, `incidents`, `events`,
//! `areas` and `snapshots` read without us.
//!
//! * [`Draft`] → [`Ledger::add`]: bytes and records become a [`Snapshot`], visible in one transaction.
//! * [`Ledger::edition`]: the snapshots recorded by a date.
//! * [`Evidence`]: queries over an edition; each row comes with its [`RecordId`].
//! * [`Ledger::verify`]: rehashes bytes, rows and log, and names what is damaged.
//!
//! Nothing is ever changed or deleted; triggers in the file see to it. The crate knows no publisher.
//!
//! ```
//! use wegen_ledger::{Draft, Ledger, Part, RecordFilter};
//! use wegen_model::{Code, Locator, Observation, Record, Status, indicators};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let mut ledger = Ledger::open(folder.path())?;
//! let syria = Code::new("SYR")?;
//! let mut draft = Draft::new("unhcr-population", "2026-06-25T00:00:00Z".parse()?);
//! draft.parts.push(Part::new("population.csv", b"year,coo_iso,refugees\n2025,SYR,4865764\n".to_vec()));
//! draft.records.push(Record::Observation(Observation {
//!     indicator: indicators().get("refugees").ok_or("no such indicator")?,
//!     place: syria, counterpart: None, period: "2025".parse()?, value: 4_865_764.0, bounds: None,
//!     status: Status::Normal, dims: None, locator: Locator { part: 0, row: 2, column: 2 },
//! }))?;
//! let added = ledger.add(draft)?;
//! let edition = ledger.edition(None)?;
//! let rows = ledger.evidence(&edition).observations(&RecordFilter::of("unhcr-population").place(syria))?;
//! assert_eq!(rows[0].value.value, 4_865_764.0);
//! assert_eq!(rows[0].record.snapshot, added.snapshot.id);
//! # Ok(())
//! # }
//! ```

mod change;
mod compose;
mod copy;
mod edition;
mod encode;
mod error;
mod evidence;
mod export;
mod insert;
mod kinds;
mod memo;
mod objects;
mod package;
#[cfg(feature = "parquet")]
mod parquet;
mod records;
mod rows;
mod schema;
mod snapshot;
mod spill;
mod store;
mod terms;
mod verify;

pub use change::{Change, SumChange};
pub use edition::Edition;
pub use error::LedgerError;
pub use evidence::{Evidence, RecordFilter, Row};
pub use export::{ExportReport, Format, csv_row, fields};
pub use package::read_package;
pub use records::Records;
pub use snapshot::{
    Added, Draft, Layout, LayoutKind, Note, Origin, Part, PartInfo, Quality, RecordId, Snapshot, SnapshotId,
};
pub use store::{Ledger, LogEntry};
pub use verify::{Damage, Head, Verification};
