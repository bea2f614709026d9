//! Leaving out units that have too little data.

use super::Table;

/// Which units are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screening {
    /// The least fraction of indicators that must be there.
    pub available: Option<f64>,
    /// The least fraction of indicators, of those that are there, that must not be zero.
    pub nonzero: Option<f64>,
}

/// How much data a unit has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Availability {
    /// Number of indicators that are missing.
    pub missing: usize,
    /// Number of indicators that are there and zero.
    pub zero: usize,
    /// Fraction of indicators that are there.
    pub available: f64,
    /// Fraction of those that are not zero; `NaN` if none is there.
    pub nonzero: f64,
    /// Whether the unit stays.
    pub kept: bool,
}

/// The availability of each unit. A unit stays if neither fraction is below its least; a fraction of nothing is.
#[must_use]
pub fn screen(data: &Table, screening: &Screening) -> Vec<Availability> {
    let columns = data.codes().len();
    (0..data.rows())
        .map(|row| {
            let missing = data.columns().filter(|c| c[row].is_nan()).count();
            let zero = data.columns().filter(|c| c[row] == 0.0).count();
            let there = columns - missing;
            let available = there as f64 / columns as f64;
            let nonzero = (there - zero) as f64 / there as f64;
            let enough = |found: f64, least: Option<f64>| least.is_none_or(|least| found >= least);
            let kept = enough(available, screening.available) && enough(nonzero, screening.nonzero);
            Availability { missing, zero, available, nonzero, kept }
        })
        .collect()
}
