//! Literate country reports in which every figure leads to its source.
//!
//! A report is a pure function of an edition (a fixed set of snapshots), a template and a language:
//!
//! ```text
//! template ──▶ calls ──▶ figures ──▶ tree ──┬─▶ HTML   (popovers with the lineage of each value)
//!  (Markdown)            (recipe ×          ├─▶ PDF    (tagged, footnotes, claims attached)
//!                         edition)          └─▶ data/  (CSV, datapackage.json, claims.json)
//! ```
//!
//! * [`compute`] answers one [`Figure`]: value, unit, how, and the records it rests on;
//! * [`Report::build`] renders a whole report; [`Report::write`] puts it in a folder.
//!
//! No number gets in without lineage: writers take [`Figure`]s.
//!
//! ```
//! use wegen_ledger::Ledger;
//! use wegen_model::Lang;
//! use wegen_publication::{FigureId, Missing, Value, compute};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let ledger = Ledger::open(folder.path())?;
//! let edition = ledger.edition(None)?;
//! let id = FigureId::parse("refugees@origin=SYR,year=2024").ok_or("no figure")?;
//! let figure = compute(ledger.evidence(&edition), &id, Lang::En)?;
//! // An empty ledger knows nothing, and says so.
//! let Value::Number(cell) = figure.value else { panic!("a number was expected") };
//! assert_eq!((cell.value, cell.missing), (None, Some(Missing::NotHeld)));
//! # Ok(())
//! # }
//! ```

pub mod bibliography;
mod chart;
mod claims;
mod compare;
pub mod conditions;
mod data;
mod document;
mod figure;
mod format;
mod html;
mod known;
mod lineage;
pub mod manuscript;
mod map;
mod markdown;
pub mod movement;
mod pdf;
mod recipes;
mod report;
mod reported;
pub mod seal;
mod simulations;
mod template;
mod verdict_map;
mod verify;

pub use claims::{Carried, Carrier, ClaimsError};
pub use compare::{Change, Comparison, FigureChange, Why};
pub use document::{
    Block, Card, CellView, ChartView, Document, EvidenceView, Inline, Lineage, RecordLine, SourceEntry,
    Support, TableView, plain,
};
pub use figure::{Cell, Figure, FigureId, Missing, Table, TableRow, Value, claim_parts, compact, place_of};
pub use format::show;
pub use known::since;
pub use lineage::{place, raw_row};
pub use recipes::{FigureError, Recipe, compute, recipes};
pub use report::{Options, Report, ReportError, default_template, prepare};
pub use reported::{by_origin, reports};
pub use simulations::{Simulation, simulations};
pub use verify::{Answer, ClaimCheck, TextCheck, Verification, verify};
