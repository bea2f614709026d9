//! Conditions, area by area, as intervals: what is met, what is not, and what cannot be determined.
//!
//! A [`Method`] is a tree of criteria over indicators, read from a file. An area and a month bring a [`Cell`]
//! for each indicator: bounds where something is known, nothing where nothing is. What is missing stays the
//! whole range from 0 to 100 and is never filled in, so every result is an interval, and every verdict one of
//! three: met, not met, cannot be determined ([`Verdict`]). Safety enters through floors alone, never through an
//! average. Weights are not a vector but all that are admissible ([`Weights`]).
//!
//! All of it is a pure function of method, cells and seed: no files, no clock, the same result on any number of
//! threads. Statements are about an area and a month, never about a person.
//!
//! ```
//! use wegen_conditions::{Assessment, Cell, Method, Verdict};
//!
//! let method = Method::parse("example.toml", r#"
//!     method = { id = "example", version = "1", threshold = 50, power = 0, title = { en = "Example", nl = "Voorbeeld" } }
//!     [[node]]
//!     id = "water"
//!     role = "dimension"
//!     floor = 30
//!     label = { en = "Water", nl = "Water" }
//!     [[node]]
//!     id = "water-days"
//!     parent = "water"
//!     indicator = "water-days"
//!     better = "higher"
//!     goalposts = { floor = 0, target = 7 }
//!     label = { en = "Days a week with water", nl = "Dagen per week met water" }
//! "#, &|_| true).unwrap();
//! let known = Assessment::of(&method, &[Cell::between(5.0, 6.0)]);
//! assert_eq!(known.verdict, Verdict::Met);
//! let unknown = Assessment::of(&method, &[Cell::missing()]);
//! assert_eq!(unknown.verdict, Verdict::CannotBeDetermined);
//! ```
//!
//! | module | of the method |
//! |---|---|
//! | `method`, `scale` | trees, goalposts, ordered states (§§2, 3) |
//! | `cell`, `narrow` | intervals and the rules that narrow them (§§1, 4) |
//! | `verdict`, `assess` | three-valued verdicts, scores (§§5, 6) |
//! | `power` | power means |
//! | `weights`, `ranks` | weights as a polytope, rank intervals, acceptabilities (§7) |
//! | `draws`, `sensitivity` | Monte Carlo, designs, Sobol’ indices (§8) |
//! | `explain` | minimal sets, cheapest change, margins, missing facts (§9) |
//! | `time` | status over months, and change split by cause (§10) |
//! | `disclosure` | small counts (§11) |
//! | [`composite`] | composite indices at large, as COINr computes them |

mod assess;
mod cell;
pub mod composite;
mod disclosure;
mod draws;
mod explain;
mod method;
mod narrow;
mod power;
mod random;
mod ranks;
mod scale;
mod sensitivity;
mod time;
mod verdict;
mod weights;

pub use assess::{Assessment, Band, POWERS};
pub use cell::{Cell, Known};
pub use disclosure::{Audit, Suppressed, audit, suppress};
pub use draws::{
    Design, DesignError, Factor, Plan, Sensitivity, Simulated, design, replay, sensitivity, simulate,
    simulate_all,
};
pub use explain::{
    Change, MissingFact, cheapest_change, least_worsening, minimal_sets, missing_facts, passing_sets,
};
pub use method::{Better, Leaf, Method, MethodError, Node, Reading, Role, TOO_MANY_NODES, Text, WeightRange};
pub use narrow::{Narrowing, Rule, narrow};
pub use power::{Power, power_mean};
pub use random::{Stream, place_number};
pub use ranks::{Acceptabilities, RankInterval, acceptabilities, necessary_preference, rank_intervals};
pub use scale::Scale;
pub use sensitivity::{Estimate, Indices, Sampled, enumerate, saltelli};
pub use time::{Status, split, statuses};
pub use verdict::Verdict;
pub use weights::{Weights, WeightsError};
