//! Displacement and return of whole populations, with the rules and the files of Flee, at a cost that hardly grows
//! with the number of people.
//!
//! An [`Instance`] is one situation: places, links, closures, days of conflict, registrations. A [`Model`] of it runs
//! members; a [`Run`] counts people by place and day. People in the same state are exchangeable, so they move as
//! cohorts, split by binomial draws from counter-based random numbers: the distribution of an agent model, and the
//! same bytes on any machine and any number of threads. With [`ReturnSettings`] people may go home.
//!
//! Statements are about places and totals, never about a person, and never that somebody can go anywhere.
//!
//! ```
//! use wegen_movement::{Model, read};
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # std::fs::write(folder.path().join("locations.csv"), "Zone,a,home,1,1,conflict_zone,0,900\nCamp,b,near,2,2,camp,,0\n").unwrap();
//! # std::fs::write(folder.path().join("routes.csv"), "Zone,Camp,300\n").unwrap();
//! # std::fs::write(folder.path().join("sim_period.csv"), "StartDate,2020-01-01\nLength,30\n").unwrap();
//! # std::fs::write(folder.path().join("data_layout.csv"), "total,camp.csv\nCamp,camp.csv\n").unwrap();
//! # std::fs::write(folder.path().join("camp.csv"), "2020-01-01,0\n2020-01-21,200\n").unwrap();
//! let instance = read(folder.path(), None).unwrap();
//! let run = Model::new(&instance, None).unwrap().run(1, 0).unwrap();
//! let last = run.day(instance.days - 1);
//! assert_eq!(last.whole.entered, 200);
//! assert_eq!(last.persons.iter().sum::<u64>() + last.whole.travelling, 200);
//! ```
//!
//! | module | of the method (`book/src/movement.md`) |
//! |---|---|
//! | `read`, `write`, `instance`, `series`, `settings` | the folder, and what is in it |
//! | `network`, `simulate` | routes, and a day |
//! | `returns`, `return_method` | who goes home, and the numbers of that |
//! | `scenario` | what-ifs over an instance |
//! | [`ensemble`], `priors` | many members, as ranges |
//! | [`measure`], [`scores`], [`baselines`], [`validate`] | how far off, beside what |
//! | [`calibrate`] | what registrations say of parameters |

pub mod baselines;
pub mod calibrate;
mod coins;
pub mod ensemble;
mod error;
mod flee;
mod instance;
pub mod measure;
mod network;
mod priors;
mod random;
mod read;
mod return_method;
mod returns;
mod scenario;
pub mod scores;
mod series;
mod settings;
mod simulate;
mod stream;
pub mod validate;
mod write;

pub use ensemble::{Bands, Counted, Ensemble, Job, Keep, Outcome};
pub use error::MovementError;
pub use flee::flee_table;
pub use instance::{
    CapacityChange, Closes, Closure, Distance, Forced, Instance, Kind, Link, Location, Registered,
};
pub use priors::{Parameter, Parameters, Prior, Sample};
pub use read::{read, read_as_of, read_settings};
pub use return_method::{DEFAULT_RETURN_METHOD, Reason, ReturnMethod, default_return_method};
pub use returns::{ConditionFrom, End, Push, ReturnRates, ReturnSettings, StayFrom};
pub use scenario::{CONDITIONS, Cost, Scenario, Text};
pub use series::Series;
pub use settings::{Arrivals, Compat, Grain, Settings};
pub use simulate::{Counts, Day, Model, Run};
pub use write::{write_flee_folder, write_folder};
