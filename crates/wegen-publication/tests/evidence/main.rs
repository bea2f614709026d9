//! What is counted, on files as analysts hold them: coverage, series, zeros, people of an area, and what figures are called.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

mod conditions;
mod counted;
mod coverage;
mod death_rate;
mod labels;
mod lineage;
mod zeros;
