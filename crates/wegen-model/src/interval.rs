//! Lower and upper bounds.

use serde::{Deserialize, Serialize};

/// A value known to lie between two bounds; equal bounds are a point.
///
/// A missing bound is an infinity, never a guess.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower bound.
    pub low: f64,
    /// The upper bound, at least `low`.
    pub high: f64,
}

impl Interval {
    /// Both bounds, or `None` where they are out of order or not a number.
    pub fn new(low: f64, high: f64) -> Option<Interval> {
        (low <= high).then_some(Interval { low, high })
    }

    /// A single value.
    pub fn point(value: f64) -> Interval {
        Interval { low: value, high: value }
    }

    /// How far the bounds lie apart.
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// Whether `value` lies within the bounds, ends included.
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

impl std::ops::Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval { low: self.low + other.low, high: self.high + other.high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_out_of_order() {
        assert!(Interval::new(2.0, 1.0).is_none());
        assert!(Interval::new(f64::NAN, 1.0).is_none());
    }

    proptest! {
        #[test]
        fn sums_hold_sums(a in -1e6..1e6f64, b in 0.0..1e6f64, c in -1e6..1e6f64, d in 0.0..1e6f64, s in 0.0..1.0f64, t in 0.0..1.0f64) {
            let (x, y) = (Interval::new(a, a + b).unwrap(), Interval::new(c, c + d).unwrap());
            let inside = (a + s * x.width()) + (c + t * y.width());
            let sum = x + y;
            prop_assert!(sum.contains(inside) || (inside - sum.high).abs() < 1e-6 || (inside - sum.low).abs() < 1e-6);
        }
    }
}
