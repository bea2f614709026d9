//! The vocabulary of Wegen, and nothing else: what the other crates speak to each other in.
//!
//! * [`Code`]: a short identifier of a place (ISO 3166-1 alpha-3, OCHA P-code, H3 cell);
//! * [`Period`]: a year, a month or a day, as publishers report;
//! * [`Observation`], [`Incident`], [`Event`], [`Area`]: the kinds of [`Record`] a snapshot becomes;
//! * [`pcodes`]: which area a P-code is of, in which country and at which level;
//! * [`Interval`]: a lower and an upper bound, because what is missing is wide and never filled in;
//! * [`SourceDef`], [`IndicatorDef`], [`Country`]: registries an analyst can read;
//! * [`Lang`]: Dutch and English, with the numbers and dates of each.
//!
//! ```
//! use wegen_model::{Code, Lang, Period, countries};
//!
//! let syria = countries().by_iso3("SYR").expect("in the registry");
//! assert_eq!(syria.name(Lang::Nl), "Syrië");
//! assert_eq!(Lang::Nl.integer(4_865_764), "4.865.764");
//! assert_eq!("2024-03".parse::<Period>().unwrap().year(), 2024);
//! assert_eq!(Code::new("SY0702").unwrap().as_str(), "SY0702");
//! ```
//!
//! No I/O, no async, no SQL.

mod code;
mod country;
mod coverage;
mod crosswalk;
pub mod indicator;
mod interval;
mod lang;
mod months;
mod notice;
mod official;
mod pcode;
mod period;
mod prose_numbers;
mod record;
mod source;
mod wording;

pub use code::{Code, CodeError};
pub use country::{Countries, Country, FocusRegion, countries};
pub use coverage::{Asked, Coverage, CoverageError, Declared, Span};
pub use crosswalk::{Crosswalk, Join, crosswalk};
pub use indicator::{IndicatorDef, IndicatorId, Indicators, Topic, indicators};
pub use interval::Interval;
pub use lang::{Args, Lang, Text, UnknownLang};
pub use months::{ENGLISH_MONTHS, is_month_of, month_named};
pub use notice::{Verdict, not_for_individual_decisions, verdicts};
pub use official::{
    OfficialEdition, OfficialReport, OfficialReports, Page, Publication, PublicationEvent, RegisterError,
    official_reports,
};
pub use pcode::{Pcode, Pcodes, pcodes};
pub use period::{Period, PeriodError};
pub use prose_numbers::{NumberKind, NumberWord, ProseNumber, number_words, prose_numbers};
pub use record::{
    Area, CauseGroup, Event, Incident, Locator, Observation, Record, RecordKind, Setting, Shape, Status,
    Violence, dim_text,
};
pub use source::{Licence, Series, Sharing, SourceDef, Sources, sources};
pub use wording::{Hit, Quotation, WordingRule, quotations, wording, wording_outside};
