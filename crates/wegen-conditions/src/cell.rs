//! What is known of one indicator in one area and month.

use serde::Serialize;
use wegen_model::Interval;

/// How a cell came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "how")]
pub enum Known {
    /// Evidence of the month itself.
    Observed,
    /// The last evidence, widened for its age.
    LastValue {
        /// How many months ago that was.
        months: u32,
    },
    /// The range of neighbouring areas.
    Neighbours,
    /// A range that the method states, with who states it.
    Stated,
    /// Nothing.
    Missing,
}

/// Bounds of an indicator, in its own unit, or nothing at all.
///
/// What is missing is never a number: it is the whole scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cell {
    /// The bounds; `None` where nothing is known.
    pub bounds: Option<Interval>,
    /// How it is known.
    pub known: Known,
}

impl Cell {
    /// Nothing is known.
    pub fn missing() -> Cell {
        Cell { bounds: None, known: Known::Missing }
    }

    /// One value.
    pub fn at(value: f64) -> Cell {
        Cell::of(Interval::new(value, value))
    }

    /// Bounds; missing where they are out of order or not a number.
    pub fn between(low: f64, high: f64) -> Cell {
        Cell::of(Interval::new(low, high))
    }

    fn of(bounds: Option<Interval>) -> Cell {
        Cell { bounds, known: if bounds.is_some() { Known::Observed } else { Known::Missing } }
    }

    /// Whether nothing is known.
    pub fn is_missing(&self) -> bool {
        self.bounds.is_none()
    }
}
