//! The engine against its description, against agents one by one, against Flee, and against bad input.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failing test is what a panic here means")]

mod agents;
mod agree;
mod hostile;
mod made;
mod peer;
mod properties;
mod rules;
