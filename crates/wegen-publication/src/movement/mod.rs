//! What a person is shown of movement simulations: tables, CSV, charts, a map, pages.
//!
//! Two folders. `working/` holds camps by day, coordinates and what a run is reproduced from: it is for the analyst and
//! is not to be published. `published/` holds regions and countries by month with interval and past error, and
//! nothing finer.

mod build;
mod charts;
mod compare;
mod csv;
mod evidence;
mod gather;
mod map;
mod pages;
mod simulation;
mod told;
mod write;

pub use build::{BuildError, BuildOptions, Built, Given, build};
pub use charts::profile as profile_chart;
pub use compare::{Compared, Difference, Paired, Side, differences_csv};
pub use csv::{plain_name, total as total_name};
pub use evidence::InstanceEvidence;
pub use gather::{Area, Gather, Month, Simulated};
pub use pages::{camp_rows, cost_text, month_text, parameter_rows, short, total_rows};
pub use told::{
    History, Shown, Told, history_lines, percent, skill_text, total_id, way_name, way_text, whole,
};
pub use write::{Files, MovementWriteError, files, put};

/// A drawing with its name.
#[derive(Debug, Clone)]
pub struct Drawing {
    /// Its file, without folder.
    pub file: String,
    /// What it shows.
    pub title: String,
    /// The drawing.
    pub svg: String,
}
