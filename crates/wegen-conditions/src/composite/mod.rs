//! Composite indices at large: the methods of the field, as COINr 1.1.14 has them, on anybody's indicators.
//!
//! Conditions for return are not made this way: goalposts, intervals and vetoes are. This is the compatibility mode,
//! for comparing with indices that others publish. A stage takes plain tables and gives plain tables; nothing is read
//! or written. `NaN` is a missing cell. Logarithms, exponentials and powers are those of `libm`, the same on every
//! platform.
//!
//! From CSV and a method file to scores and ranks: [`IndexMethod`]. From COINr's own tables: [`Index::from_csv`] and
//! [`Pipeline::run`]. Many runs with other options: [`Design`] and [`replay`]. A single stage: its function, such as
//! [`normalise`] or [`aggregate`].
//!
//! References: OECD/JRC, *Handbook on Constructing Composite Indicators* (2008); Becker et al. 2022, JOSS 7(78) 4567,
//! doi:10.21105/joss.04567.

mod aggregate;
mod bounds;
mod denominate;
mod design;
mod error;
mod impute;
mod index;
mod method;
mod method_file;
pub mod moments;
mod normalise;
mod outrank;
mod pipeline;
mod rank;
#[cfg(test)]
mod refusals;
mod replay;
mod screen;
mod statistics;
mod structure;
mod table;
#[cfg(test)]
mod traps;
mod treat;
mod unscored;
mod weights;

pub use aggregate::{Aggregation, Mean, aggregate};
pub use bounds::{Bounds, bounds};
pub use denominate::denominate;
pub use design::{Choice, Design, Factor, MAX_CELLS};
pub use error::CompositeError;
pub use impute::{Centre, Imputation, Imputed, impute};
pub use index::{Columns, Index, Unit, read_meta};
pub use method::IndexMethod;
pub use normalise::{Normalisation, Normalised, normalise, normalise_column};
pub use outrank::{copeland, outranking};
pub use pipeline::{Exception, Outcome, Pipeline};
pub use rank::{mean_absolute_change, ranks};
pub use replay::{RankDistribution, Replay, replay};
pub use screen::{Availability, Screening, screen};
pub use statistics::{Statistics, Thresholds, cronbach_alpha, rank_correlation, statistics};
pub use structure::{Direction, Draft, MAX_NODES, Node, Structure};
pub use table::{Blocks, Table};
pub use treat::{Point, Shape, Transform, Treated, Treatment, shape, treat, treat_column};
pub use unscored::Unscored;
pub use weights::{effective_weights, noisy_weights, ranks_by, remove_elements};
