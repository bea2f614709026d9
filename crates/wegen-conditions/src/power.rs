//! Power means, from the weakest (`p = −∞`) over harmonic, geometric and arithmetic.

use serde::{Deserialize, Serialize};

/// The exponent of a power mean; `−∞` takes the lowest value.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Power(f64);

impl Power {
    /// The weakest value decides.
    pub const WEAKEST: Power = Power(f64::NEG_INFINITY);
    /// Harmonic.
    pub const HARMONIC: Power = Power(-1.0);
    /// Geometric: the limit at `p = 0`.
    pub const GEOMETRIC: Power = Power(0.0);
    /// Arithmetic.
    pub const ARITHMETIC: Power = Power(1.0);

    /// An exponent of at most 1, for which the mean never rewards imbalance; `None` otherwise.
    ///
    /// Within a billionth of 0 it is the geometric mean.
    pub fn new(p: f64) -> Option<Power> {
        (p <= 1.0).then_some(Power(if p.abs() < 1e-9 { 0.0 } else { p }))
    }

    /// The exponent.
    pub fn exponent(self) -> f64 {
        self.0
    }

    /// `f`, increasing, with `M_p(x) = f⁻¹(Σ w f(x))`: `ln x` for `p = 0`, else `x^p / p`. Not for `−∞`.
    pub fn transform(self, x: f64) -> f64 {
        match self.0 {
            1.0 => x,
            0.0 => libm::log(x),
            -1.0 => -1.0 / x,
            p => libm::pow(x, p) / p,
        }
    }

    /// `f⁻¹`.
    pub fn back(self, y: f64) -> f64 {
        match self.0 {
            1.0 => y,
            0.0 => libm::exp(y),
            -1.0 => -1.0 / y,
            p => libm::pow(y * p, 1.0 / p),
        }
    }
}

impl std::fmt::Display for Power {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 == f64::NEG_INFINITY {
            true => f.pad("−∞"),
            false => f.pad(&self.0.to_string().replace('-', "−")),
        }
    }
}

/// The weighted power mean of values from 0 up; weights are shares that add up to one.
///
/// `M_p(x; w) = (Σ w_k x_k^p)^(1/p)`, the geometric mean at `p = 0`, the minimum over positive weights at `−∞`.
/// For `p ≤ 0` a zero with any weight gives zero. A value without weight takes no part. 0 where there is nothing.
pub fn power_mean(values: &[f64], weights: &[f64], power: Power) -> f64 {
    let pairs = || values.iter().copied().zip(weights.iter().copied()).filter(|(_, w)| *w > 0.0);
    let lowest = pairs().map(|(x, _)| x).fold(f64::INFINITY, f64::min);
    if lowest == f64::INFINITY || power == Power::WEAKEST || (power.0 <= 0.0 && lowest <= 0.0) {
        return if lowest == f64::INFINITY { 0.0 } else { lowest };
    }
    let highest = pairs().map(|(x, _)| x).fold(0.0, f64::max);
    // Of shares of the lowest positive value, which the mean scales with: so that no power runs out of range.
    let unit = pairs().map(|(x, _)| x).filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    if unit == f64::INFINITY {
        return 0.0;
    }
    let mean = unit * power.back(pairs().map(|(x, w)| w * power.transform(x / unit)).sum());
    // A mean lies between its values; rounding may not carry it beyond.
    mean.clamp(lowest, highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_known_means() {
        let (x, w) = ([4.0, 9.0], [0.5, 0.5]);
        assert_eq!(power_mean(&x, &w, Power::ARITHMETIC), 6.5);
        assert!((power_mean(&x, &w, Power::GEOMETRIC) - 6.0).abs() < 1e-12);
        assert!((power_mean(&x, &w, Power::HARMONIC) - 72.0 / 13.0).abs() < 1e-12);
        assert_eq!(power_mean(&x, &w, Power::WEAKEST), 4.0);
        assert_eq!(power_mean(&[0.0, 9.0], &w, Power::GEOMETRIC), 0.0);
        assert_eq!(power_mean(&[0.0, 9.0], &[0.0, 1.0], Power::GEOMETRIC), 9.0);
        assert!(Power::new(2.0).is_none() && Power::new(f64::NAN).is_none());
    }

    #[test]
    fn extreme_exponents_come_near_their_limits() {
        let (x, w) = ([20.0, 55.0, 60.0], [0.2, 0.3, 0.5]);
        let at = |p| power_mean(&x, &w, Power::new(p).unwrap());
        // (Σ w x^p)^(1/p) = 20 · (0.2 + …)^(−1/400).
        assert!((at(-400.0) - 20.0 * libm::pow(0.2, -1.0 / 400.0)).abs() < 1e-9);
        assert!((at(1e-7) - at(0.0)).abs() < 1e-4 && at(1e-16) == at(0.0));
        assert!(at(-1e6) >= 20.0 && at(-1e6) < 20.001);
    }

    proptest! {
        #[test]
        fn lower_exponents_give_lower_means_and_all_are_monotone(
            x in proptest::collection::vec(0.0..100.0f64, 3), up in 0.0..10.0f64, k in 0..3usize,
        ) {
            let w = [0.2, 0.3, 0.5];
            let powers = [Power::WEAKEST, Power(-3.0), Power::HARMONIC, Power::GEOMETRIC, Power(0.5), Power::ARITHMETIC];
            let means: Vec<f64> = powers.iter().map(|p| power_mean(&x, &w, *p)).collect();
            prop_assert!(means.windows(2).all(|m| m[0] <= m[1] + 1e-9));
            let mut raised = x.clone();
            raised[k] += up;
            for (power, mean) in powers.iter().zip(means) {
                prop_assert!(power_mean(&raised, &w, *power) >= mean - 1e-9);
            }
        }
    }
}
