//! Ranks under all admissible weights: what holds for every one, and how often each rank comes up.

use crate::{Power, Stream, Weights, power_mean, weights::TOLERANCE};

/// Whether `a` scores above `b` for every admissible weight vector.
///
/// With `f` the power mean's transform and `d = f(a) − f(b)`: `min_W Σ w_k d_k > 0`; for lower bounds alone
/// `Σ b_k d_k + (1 − Σ b) min_k d_k > 0` in closed form. At `p = −∞` only which weights can be nought matters: the
/// weakest of `a` must lie above the weakest of `b` on every admissible support.
/// Where a linear programme answers, more than its tolerance is asked for, so that a certificate always holds.
pub fn necessary_preference(a: &[f64], b: &[f64], weights: &Weights, power: Power) -> bool {
    if power == Power::WEAKEST {
        // It fails if some admissible support has its weakest of `a`, say `a_k`, at or below all its `b`.
        let fails = |k: usize| {
            let on: Vec<bool> = b.iter().map(|b| *b >= a[k]).collect();
            weights.can_lie_on_with(&on, k)
        };
        return !(0..a.len()).any(fails);
    }
    // In shares of the lowest positive value, which changes no sign and keeps powers in range.
    let unit = a.iter().chain(b).copied().filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
    let share = |x: f64| if unit.is_finite() { x / unit } else { x };
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| difference(share(*a), share(*b), power)).collect();
    if weights.only_lower_bounds() {
        let low = weights.lower();
        let free = 1.0 - low.iter().sum::<f64>();
        let least = d.iter().copied().fold(f64::INFINITY, f64::min);
        let fixed: f64 = low.iter().zip(&d).filter(|(b, _)| **b > 0.0).map(|(b, d)| b * d).sum();
        return fixed + if free > 1e-15 { free * least } else { 0.0 } > 0.0;
    }
    let worst = weights.least(&d);
    let sum: f64 = worst.iter().zip(&d).filter(|(w, _)| **w > 0.0).map(|(w, d)| w * d).sum();
    let scale = d.iter().filter(|d| d.is_finite()).fold(1.0, |s: f64, d| s.max(d.abs()));
    sum > TOLERANCE * scale
}

/// `f(a) − f(b)`; both at zero, where `f` has no value, are equal.
fn difference(a: f64, b: f64, power: Power) -> f64 {
    match (power.exponent() <= 0.0, a <= 0.0, b <= 0.0) {
        (true, true, true) => 0.0,
        (true, true, false) => f64::NEG_INFINITY,
        (true, false, true) => f64::INFINITY,
        _ => power.transform(a) - power.transform(b),
    }
}

/// The ranks that a unit can have, 1 the highest score; ties share the better rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankInterval {
    /// No weights give a better rank than this (certified).
    pub best: usize,
    /// No weights give a worse one (certified).
    pub worst: usize,
    /// The best that a draw gave.
    pub best_seen: usize,
    /// The worst that a draw gave.
    pub worst_seen: usize,
}

/// Rank intervals: outer bounds from certificates, inner ones from `draws` weights.
///
/// `scores` holds a row of dimension scores for each unit.
pub fn rank_intervals(
    scores: &[Vec<f64>],
    weights: &Weights,
    power: Power,
    draws: usize,
    stream: &mut Stream,
) -> Vec<RankInterval> {
    let n = scores.len();
    let preferred: Vec<Vec<bool>> = scores
        .iter()
        .map(|a| scores.iter().map(|b| necessary_preference(a, b, weights, power)).collect())
        .collect();
    let seen = acceptabilities(scores, weights, power, draws, stream);
    (0..n)
        .map(|i| RankInterval {
            best: 1 + (0..n).filter(|j| preferred[*j][i]).count(),
            worst: n - (0..n).filter(|j| preferred[i][*j]).count(),
            best_seen: seen.counts[i].iter().position(|c| *c > 0).map_or(n, |r| r + 1),
            worst_seen: seen.counts[i].iter().rposition(|c| *c > 0).map_or(1, |r| r + 1),
        })
        .collect()
}

/// How often each unit took each rank (SMAA: Lahdelma, Hokkanen and Salminen 1998).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptabilities {
    /// How many draws.
    pub draws: usize,
    /// For each unit, how many draws gave rank 1, 2, ….
    pub counts: Vec<Vec<u32>>,
}

impl Acceptabilities {
    /// The share of draws in which a unit took one of the first `ranks` ranks.
    pub fn within(&self, unit: usize, ranks: usize) -> f64 {
        self.counts[unit].iter().take(ranks).sum::<u32>() as f64 / self.draws.max(1) as f64
    }

    /// The mean rank of a unit.
    pub fn mean(&self, unit: usize) -> f64 {
        let sum: f64 =
            self.counts[unit].iter().enumerate().map(|(r, c)| (r + 1) as f64 * f64::from(*c)).sum();
        sum / self.draws.max(1) as f64
    }

    /// The lowest rank that at least a share `q` of the draws do not exceed.
    pub fn quantile(&self, unit: usize, q: f64) -> usize {
        let wanted = (q * self.draws as f64).ceil().max(1.0) as u32;
        let mut sum = 0;
        for (rank, count) in self.counts[unit].iter().enumerate() {
            sum += count;
            if sum >= wanted {
                return rank + 1;
            }
        }
        self.counts[unit].len()
    }
}

/// Rank acceptabilities over uniform draws of the admissible weights.
pub fn acceptabilities(
    scores: &[Vec<f64>],
    weights: &Weights,
    power: Power,
    draws: usize,
    stream: &mut Stream,
) -> Acceptabilities {
    let n = scores.len();
    let mut counts = vec![vec![0u32; n]; n];
    let samples = weights.samples(draws, stream);
    let mut means = vec![0.0; n];
    let mut order: Vec<usize> = (0..n).collect();
    for draw in samples.chunks_exact(weights.len().max(1)) {
        means.iter_mut().zip(scores).for_each(|(m, x)| *m = power_mean(x, draw, power));
        order.sort_by(|a, b| means[*b].total_cmp(&means[*a]));
        let mut rank = 0;
        for (place, &unit) in order.iter().enumerate() {
            if place == 0 || means[unit] != means[order[place - 1]] {
                rank = place;
            }
            counts[unit][rank] += 1;
        }
    }
    Acceptabilities { draws, counts }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dominance_is_preference_and_a_trade_is_not() {
        let free = Weights::at_least(&[0.0, 0.0]).unwrap();
        assert!(necessary_preference(&[3.0, 2.0], &[2.0, 1.0], &free, Power::ARITHMETIC));
        assert!(!necessary_preference(&[3.0, 1.0], &[2.0, 2.0], &free, Power::ARITHMETIC));
        let bound = Weights::at_least(&[0.6, 0.1]).unwrap();
        assert!(necessary_preference(&[3.0, 1.0], &[2.0, 2.0], &bound, Power::ARITHMETIC));
        assert!(!necessary_preference(&[2.0, 2.0], &[2.0, 2.0], &free, Power::GEOMETRIC));
        // All weight on the first: 10 against 90.
        assert!(!necessary_preference(&[10.0, 50.0], &[90.0, 5.0], &free, Power::WEAKEST));
        let both = Weights::at_least(&[0.1, 0.1]).unwrap();
        assert!(necessary_preference(&[10.0, 50.0], &[90.0, 5.0], &both, Power::WEAKEST));
        assert!(necessary_preference(
            &[3.0, 0.0],
            &[2.0, 0.0],
            &Weights::exactly(&[0.5, 0.5]).unwrap(),
            Power::ARITHMETIC
        ));
    }

    proptest! {
        #[test]
        fn no_drawn_weight_contradicts_a_certificate(
            scores in proptest::collection::vec(proptest::collection::vec(0.0..100.0f64, 3), 5),
            low in proptest::collection::vec(0.0..0.33f64, 3), high in 0.0..0.5f64, p in 0..4usize, order in any::<bool>(),
        ) {
            let power = [Power::WEAKEST, Power::HARMONIC, Power::GEOMETRIC, Power::ARITHMETIC][p];
            let bounds: Vec<(f64, f64)> = low.iter().map(|l| (*l, l + 0.34 + high)).collect();
            let mut weights = Weights::bounded(&bounds).unwrap();
            if order && let Ok(ordered) = weights.clone().ordered(0, 1) {
                weights = ordered;
            }
            let draws = weights.samples(60, &mut Stream::new(1, "test", 0));
            for a in &scores {
                for b in &scores {
                    if necessary_preference(a, b, &weights, power) {
                        for w in draws.chunks_exact(3) {
                            prop_assert!(power_mean(a, w, power) >= power_mean(b, w, power) - 1e-9);
                        }
                    }
                }
            }
            let ranks = rank_intervals(&scores, &weights, power, 60, &mut Stream::new(1, "test", 0));
            for r in ranks {
                prop_assert!(r.best <= r.best_seen && r.best_seen <= r.worst_seen && r.worst_seen <= r.worst);
            }
        }
    }
}
