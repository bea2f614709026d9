//! Weights as all that are admissible: a polytope within the simplex, from bounds and order statements.

use microlp::{ComparisonOp, OptimizationDirection, Problem};

use crate::{Stream, random::exponential};

/// How far a linear programme may be off; a certificate needs more than this.
pub(crate) const TOLERANCE: f64 = 1e-7;

/// How near to 0 or 1 a weight counts as that.
const NEAR: f64 = 1e-9;

/// Weights that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// A bound out of range.
    #[error("found the bounds {0} to {1}, expected 0 ≤ low ≤ high")]
    Bounds(f64, f64),
    /// The lower bounds leave nothing over, or the upper ones do not reach.
    #[error("the lower bounds add up to {low:.3} and the upper ones to {high:.3}; 1 must lie between them")]
    Sum {
        /// Sum of the lower bounds.
        low: f64,
        /// Sum of the upper bounds.
        high: f64,
    },
    /// No weights meet all statements.
    #[error("no weights meet all bounds and orders")]
    Empty,
}

/// All weight vectors with `low_k ≤ w_k ≤ high_k`, `Σ w = 1` and the stated orders `w_a ≥ w_b`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    low: Vec<f64>,
    high: Vec<f64>,
    orders: Vec<(usize, usize)>,
}

impl Weights {
    /// All that lie within these bounds.
    ///
    /// # Errors
    /// [`WeightsError`] where no weights do.
    pub fn bounded(bounds: &[(f64, f64)]) -> Result<Weights, WeightsError> {
        if let Some(&(low, high)) =
            bounds.iter().find(|(low, high)| !(*low >= 0.0 && low <= high && high.is_finite()))
        {
            return Err(WeightsError::Bounds(low, high));
        }
        let sums = bounds.iter().fold((0.0, 0.0), |(a, b), (low, high)| (a + low, b + high.min(1.0)));
        let reachable = sums.0 <= 1.0 + 1e-12 && sums.1 >= 1.0 - 1e-12;
        if !(bounds.is_empty() || reachable) {
            return Err(WeightsError::Sum { low: sums.0, high: sums.1 });
        }
        let (low, high) = bounds.iter().map(|(low, high)| (*low, high.min(1.0))).unzip();
        Ok(Weights { low, high, orders: Vec::new() })
    }

    /// At least these, and otherwise free: `{w ≥ b}`.
    ///
    /// # Errors
    /// [`WeightsError`] where they add up to more than one.
    pub fn at_least(low: &[f64]) -> Result<Weights, WeightsError> {
        Weights::bounded(&low.iter().map(|b| (*b, 1.0)).collect::<Vec<_>>())
    }

    /// One vector.
    ///
    /// # Errors
    /// [`WeightsError`] where it does not add up to one.
    pub fn exactly(weights: &[f64]) -> Result<Weights, WeightsError> {
        Weights::bounded(&weights.iter().map(|w| (*w, *w)).collect::<Vec<_>>())
    }

    /// Likewise, where `w_above ≥ w_below`.
    ///
    /// # Errors
    /// [`WeightsError::Empty`] where that leaves none.
    pub fn ordered(mut self, above: usize, below: usize) -> Result<Weights, WeightsError> {
        if above == below {
            return Ok(self);
        }
        self.orders.push((above, below));
        match self.programme(&vec![0.0; self.len()]) {
            Some(_) => Ok(self),
            None => Err(WeightsError::Empty),
        }
    }

    /// How many weights a vector has.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Whether there is nothing to weigh.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    /// The lower bounds.
    pub fn lower(&self) -> &[f64] {
        &self.low
    }

    /// The upper bounds.
    pub fn upper(&self) -> &[f64] {
        &self.high
    }

    /// Whether only lower bounds bind: no order, and no upper bound within reach.
    pub fn only_lower_bounds(&self) -> bool {
        let free = 1.0 - self.low.iter().sum::<f64>();
        self.orders.is_empty() && self.low.iter().zip(&self.high).all(|(l, h)| l + free <= h + 1e-12)
    }

    /// Whether a vector is one of them, to within rounding.
    pub fn contains(&self, weights: &[f64]) -> bool {
        let near = 1e-9;
        (weights.iter().sum::<f64>() - 1.0).abs() <= near
            && weights
                .iter()
                .zip(&self.low)
                .zip(&self.high)
                .all(|((w, l), h)| *w >= l - near && *w <= h + near)
            && self.orders.iter().all(|&(a, b)| weights[a] >= weights[b] - near)
    }

    /// The weights with the least `Σ w_k c_k`: in closed form for bounds, by linear programme with orders.
    ///
    /// From the lower bounds up, what is left over goes to the smallest `c` first, up to its upper bound.
    pub fn least(&self, c: &[f64]) -> Vec<f64> {
        if !self.orders.is_empty() {
            // Feasible by construction; where the programme fails all the same, the bounds alone are wider.
            if let Some(weights) = self.programme(c) {
                return weights;
            }
        }
        let mut by_cost: Vec<usize> = (0..self.len()).collect();
        by_cost.sort_by(|a, b| c[*a].total_cmp(&c[*b]));
        let mut weights = self.low.clone();
        let mut left = 1.0 - self.low.iter().sum::<f64>();
        for k in by_cost {
            let more = left.min(self.high[k] - self.low[k]).max(0.0);
            weights[k] += more;
            left -= more;
        }
        weights
    }

    /// The weights with the greatest `Σ w_k c_k`.
    pub fn greatest(&self, c: &[f64]) -> Vec<f64> {
        self.least(&c.iter().map(|c| -c).collect::<Vec<_>>())
    }

    fn programme(&self, c: &[f64]) -> Option<Vec<f64>> {
        // What is not finite has no place in a programme; the order of the costs is what counts.
        let scale = c.iter().filter(|c| c.is_finite()).fold(1.0, |a: f64, c| a.max(c.abs()));
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let w: Vec<_> = (0..self.len())
            .map(|k| problem.add_var((c[k] / scale).clamp(-1e3, 1e3), (self.low[k], self.high[k])))
            .collect();
        problem.add_constraint(w.iter().map(|v| (*v, 1.0)).collect::<Vec<_>>(), ComparisonOp::Eq, 1.0);
        for &(a, b) in &self.orders {
            problem.add_constraint([(w[a], 1.0), (w[b], -1.0)], ComparisonOp::Ge, 0.0);
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        Some(w.iter().map(|v| solution.var_value(*v)).collect())
    }

    /// Whether some admissible vector gives this weight anything.
    pub(crate) fn can_weigh(&self, k: usize) -> bool {
        let mut c = vec![0.0; self.len()];
        c[k] = 1.0;
        self.greatest(&c)[k] > NEAR
    }

    /// Whether some admissible vector lies wholly on these weights.
    pub(crate) fn can_lie_on(&self, on: &[bool]) -> bool {
        let c: Vec<f64> = on.iter().map(|on| f64::from(u8::from(*on))).collect();
        self.greatest(&c).iter().zip(&c).map(|(w, c)| w * c).sum::<f64>() >= 1.0 - NEAR
    }

    /// Whether some admissible vector lies wholly on these weights, and gives weight `k` anything.
    pub(crate) fn can_lie_on_with(&self, on: &[bool], k: usize) -> bool {
        let mut c: Vec<f64> = on.iter().map(|on| f64::from(u8::from(*on))).collect();
        c[k] *= 1.001;
        let weights = self.greatest(&c);
        let all: f64 = weights.iter().zip(on).filter(|(_, on)| **on).map(|(w, _)| w).sum();
        on[k] && all >= 1.0 - NEAR && weights[k] > NEAR
    }

    /// The centre of mass: exact where only lower bounds bind (`b + (1 − Σ b)/n`), else the mean of a fixed walk.
    pub fn centroid(&self) -> Vec<f64> {
        let n = self.len();
        if self.only_lower_bounds() {
            let share = (1.0 - self.low.iter().sum::<f64>()).max(0.0) / n.max(1) as f64;
            return self.low.iter().map(|b| b + share).collect();
        }
        const DRAWS: usize = 4096;
        let draws = self.samples(DRAWS, &mut Stream::new(0, "centroid", 0));
        let mut mean = vec![0.0; n];
        for draw in draws.chunks_exact(n) {
            mean.iter_mut().zip(draw).for_each(|(m, w)| *m += w / DRAWS as f64);
        }
        mean
    }

    /// One draw from uniform numbers, where only lower bounds bind: Dirichlet(1) on what is left over, as
    /// normalised exponentials.
    pub(crate) fn dirichlet(&self, uniforms: impl Iterator<Item = f64>, out: &mut [f64]) {
        let mut sum = 0.0;
        for (w, u) in out.iter_mut().zip(uniforms) {
            *w = exponential(u);
            sum += *w;
        }
        let free = (1.0 - self.low.iter().sum::<f64>()).max(0.0);
        let equal = 1.0 / self.len().max(1) as f64;
        for (w, low) in out.iter_mut().zip(&self.low) {
            *w = low + free * if sum > 0.0 { *w / sum } else { equal };
        }
    }

    /// `n` draws, uniform over all admissible weights, one after another.
    ///
    /// Dirichlet(1) where only lower bounds bind; otherwise a hit-and-run walk (Smith 1984) from a point inside,
    /// with every `2·k²`th point taken. Normalised uniforms would understate the spread.
    pub fn samples(&self, n: usize, stream: &mut Stream) -> Vec<f64> {
        let k = self.len();
        let mut out = vec![0.0; n * k];
        if k == 0 {
            return out;
        }
        if self.only_lower_bounds() {
            for draw in out.chunks_exact_mut(k) {
                let uniforms: Vec<f64> = (0..k).map(|_| stream.uniform()).collect();
                self.dirichlet(uniforms.into_iter(), draw);
            }
            return out;
        }
        let mut at = self.inside();
        let thin = (2 * k * k).max(8);
        (0..10 * thin).for_each(|_| self.step(&mut at, stream));
        for draw in out.chunks_exact_mut(k) {
            (0..thin).for_each(|_| self.step(&mut at, stream));
            draw.copy_from_slice(&at);
        }
        out
    }

    /// A point inside: the mean of the corners that push each weight up and down.
    fn inside(&self) -> Vec<f64> {
        let k = self.len();
        let mut mean = vec![0.0; k];
        for i in 0..k {
            let mut c = vec![0.0; k];
            c[i] = 1.0;
            for corner in [self.least(&c), self.greatest(&c)] {
                mean.iter_mut().zip(&corner).for_each(|(m, w)| *m += w / (2 * k) as f64);
            }
        }
        mean
    }

    /// One step of hit-and-run: a random direction along the simplex, and a uniform point on the chord.
    fn step(&self, at: &mut [f64], stream: &mut Stream) {
        let k = at.len();
        let mut direction: Vec<f64> = (0..k)
            .map(|i| if self.high[i] > self.low[i] { 2.0 * stream.uniform() - 1.0 } else { 0.0 })
            .collect();
        let free = (0..k).filter(|i| self.high[*i] > self.low[*i]).count().max(1);
        let mean = direction.iter().sum::<f64>() / free as f64;
        for (i, d) in direction.iter_mut().enumerate() {
            *d = if self.high[i] > self.low[i] { *d - mean } else { 0.0 };
        }
        let (mut from, mut to) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut limit = |room: f64, slope: f64| {
            // at + t·slope must stay ≥ 0 where `room` is what is left.
            if slope > 1e-14 {
                from = from.max(-room / slope);
            } else if slope < -1e-14 {
                to = to.min(-room / slope);
            }
        };
        for i in 0..k {
            limit(at[i] - self.low[i], direction[i]);
            limit(self.high[i] - at[i], -direction[i]);
        }
        for &(a, b) in &self.orders {
            limit(at[a] - at[b], direction[a] - direction[b]);
        }
        if from < to && from.is_finite() && to.is_finite() {
            let t = from + stream.uniform() * (to - from);
            at.iter_mut().zip(&direction).for_each(|(w, d)| *w += t * d);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn weights_that_cannot_sum_are_refused() {
        assert!(matches!(Weights::at_least(&[0.6, 0.6]), Err(WeightsError::Sum { .. })));
        assert!(matches!(Weights::bounded(&[(0.0, 0.3), (0.1, 0.4)]), Err(WeightsError::Sum { .. })));
        assert!(matches!(Weights::bounded(&[(0.5, 0.4)]), Err(WeightsError::Bounds(..))));
        assert!(matches!(Weights::bounded(&[(f64::NAN, 1.0)]), Err(WeightsError::Bounds(..))));
        let order = Weights::bounded(&[(0.0, 0.3), (0.5, 1.0)]).unwrap().ordered(0, 1);
        assert_eq!(order, Err(WeightsError::Empty));
    }

    #[test]
    fn the_centroid_is_known_where_lower_bounds_alone_bind() {
        let centroid = Weights::at_least(&[0.25, 0.0]).unwrap().centroid();
        assert_eq!(centroid, [0.625, 0.375]);
        assert_eq!(Weights::exactly(&[0.2, 0.8]).unwrap().centroid(), [0.2, 0.8]);
        // 0 ≤ w_b ≤ w_a: the centre of the half of the segment.
        let half = Weights::at_least(&[0.0, 0.0]).unwrap().ordered(0, 1).unwrap().centroid();
        assert!((half[0] - 0.75).abs() < 0.01, "{half:?}");
    }

    #[test]
    fn the_spread_of_dirichlet_draws_is_that_of_the_simplex() {
        // Each of n weights has variance (n − 1)/(n²(n + 1)).
        let weights = Weights::at_least(&[0.0; 8]).unwrap();
        let draws = weights.samples(20_000, &mut Stream::new(3, "test", 0));
        let first: Vec<f64> = draws.chunks_exact(8).map(|w| w[0]).collect();
        let mean = first.iter().sum::<f64>() / first.len() as f64;
        let variance = first.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / first.len() as f64;
        assert!((mean - 0.125).abs() < 0.003);
        assert!((variance / (7.0 / (64.0 * 9.0)) - 1.0).abs() < 0.05);
    }

    #[test]
    fn a_walk_covers_a_box_evenly() {
        // In two dimensions w_0 is uniform between its bounds.
        let weights = Weights::bounded(&[(0.2, 0.6), (0.1, 0.9)]).unwrap();
        let draws = weights.samples(8000, &mut Stream::new(5, "test", 0));
        let below = draws.chunks_exact(2).filter(|w| w[0] < 0.3).count() as f64 / 8000.0;
        assert!((below - 0.25).abs() < 0.02, "{below}");
    }

    proptest! {
        #[test]
        fn no_draw_lies_outside_or_beyond_the_extremes(
            low in proptest::collection::vec(0.0..0.2f64, 4), c in proptest::collection::vec(-5.0..5.0f64, 4),
            above in 0..4usize, below in 0..4usize, seed in 0..1000u64,
        ) {
            let mut weights = Weights::bounded(&low.iter().map(|l| (*l, l + 0.5)).collect::<Vec<_>>()).unwrap();
            if above != below && seed % 2 == 0 {
                weights = weights.ordered(above, below).unwrap();
            }
            let sum = |w: &[f64]| w.iter().zip(&c).map(|(w, c)| w * c).sum::<f64>();
            let (least, greatest) = (weights.least(&c), weights.greatest(&c));
            prop_assert!(weights.contains(&least) && weights.contains(&greatest));
            for draw in weights.samples(50, &mut Stream::new(seed, "test", 0)).chunks_exact(4) {
                prop_assert!(weights.contains(draw), "{draw:?}");
                prop_assert!(sum(draw) >= sum(&least) - 1e-6 && sum(draw) <= sum(&greatest) + 1e-6);
            }
        }
    }
}
