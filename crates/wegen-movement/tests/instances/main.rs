//! Ensembles on a made instance, and validation on the field's public instances where those are there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failing test is what a panic here means")]

mod ensembles;
mod honest;
#[allow(dead_code, reason = "shared with the engine's tests")]
#[path = "../engine/made.rs"]
mod made;
