//! Scores of probabilistic predictions: what was predicted as a sample, and what then happened.
//!
//! Proper scores after Gneiting and Raftery 2007 (J. Am. Stat. Assoc. 102, 359); the fair score after Ferro 2014
//! (Q. J. R. Meteorol. Soc. 140, 1917). Lower is better. Samples need not be in order; values that are no numbers
//! give a score that is none.

use serde::{Deserialize, Serialize};

/// Continuous ranked probability score of a sample, in the unit of the observation: E|X − y| − E|X − X′|/2 with X
/// and X′ drawn from the sample with replacement. For a single value the absolute error.
pub fn crps(sample: &[f64], observed: f64) -> f64 {
    let (off, spread) = parts(sample, observed);
    off - spread / 2.0
}

/// The same with X and X′ two different members: what a sample of any size would score on average if it were
/// infinite. For a single value the absolute error.
pub fn fair_crps(sample: &[f64], observed: f64) -> f64 {
    let n = sample.len() as f64;
    let (off, spread) = parts(sample, observed);
    if sample.len() < 2 { off } else { off - spread / 2.0 * n / (n - 1.0) }
}

/// Mean distance from the observation, and mean distance of two members drawn with replacement.
fn parts(sample: &[f64], observed: f64) -> (f64, f64) {
    let n = sample.len() as f64;
    let sorted = in_order(sample);
    let off = sorted.iter().map(|x| (x - observed).abs()).sum::<f64>() / n;
    // Σ over pairs |x − x′| = 2 Σ (2i + 1 − n) x_i over values in order.
    let pairs: f64 = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - n) * x).sum();
    (off, 2.0 * pairs / (n * n))
}

/// A sample in order.
pub fn in_order(sample: &[f64]) -> Vec<f64> {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// The quantile of a sample in order: on a line between the values on either side of (n − 1) · share, from 0.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = last as f64 * share.clamp(0.0, 1.0);
    let (low, high) = (sorted[place as usize], sorted[last.min(place as usize + 1)]);
    low + place.fract() * (high - low)
}

/// The central interval that holds a share of a sample in order: from the quantile of (1 − share)/2 to that of
/// (1 + share)/2.
pub fn central(sorted: &[f64], share: f64) -> (f64, f64) {
    (quantile(sorted, (1.0 - share) / 2.0), quantile(sorted, (1.0 + share) / 2.0))
}

/// Interval score of a central interval for a share: its width, and 2/(1 − share) for each unit that the observation
/// lies outside.
pub fn interval_score((low, high): (f64, f64), share: f64, observed: f64) -> f64 {
    let outside = (low - observed).max(observed - high).max(0.0);
    (high - low) + 2.0 / (1.0 - share) * outside
}

/// Probability integral transform: the share of the sample below the observation, ties counted half. Uniform where
/// predictions are calibrated.
pub fn pit(sample: &[f64], observed: f64) -> f64 {
    let below = sample.iter().filter(|x| **x < observed).count() as f64;
    let ties = sample.iter().filter(|x| **x == observed).count() as f64;
    (below + ties / 2.0) / sample.len() as f64
}

/// Scores over many predictions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// How many predictions.
    pub number: u64,
    /// Mean CRPS, in the unit of the observations.
    pub crps: f64,
    /// Share of observations within the central 50 % interval, ends included.
    pub within50: f64,
    /// Within the central 90 % interval.
    pub within90: f64,
    /// Mean interval score of the 90 % interval.
    pub interval90: f64,
    /// How often the transform fell into each tenth, as shares.
    pub pit: [f64; 10],
}

impl Scores {
    /// Scores of predictions and what was observed, in their order.
    pub fn of<'p>(predictions: impl IntoIterator<Item = (&'p [f64], f64)>) -> Scores {
        let mut scores = Scores::default();
        for (sample, observed) in predictions {
            let sorted = in_order(sample);
            let (middle, wide) = (central(&sorted, 0.5), central(&sorted, 0.9));
            let within = |(low, high): (f64, f64)| f64::from(u8::from(low <= observed && observed <= high));
            scores.number += 1;
            scores.crps += crps(&sorted, observed);
            scores.within50 += within(middle);
            scores.within90 += within(wide);
            scores.interval90 += interval_score(wide, 0.9, observed);
            scores.pit[((pit(&sorted, observed) * 10.0) as usize).min(9)] += 1.0;
        }
        let n = scores.number.max(1) as f64;
        let sums = [&mut scores.crps, &mut scores.within50, &mut scores.within90, &mut scores.interval90];
        sums.into_iter().chain(&mut scores.pit).for_each(|sum| *sum /= n);
        scores
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn crps_of_a_few_values_by_hand() {
        assert_eq!(crps(&[3.0], 5.0), 2.0);
        // Mean distance 1, mean distance of two draws ½ · 2 = 1.
        assert_eq!(crps(&[0.0, 2.0], 1.0), 0.5);
        assert_eq!(fair_crps(&[0.0, 2.0], 1.0), 0.0);
        // Distances 3, 2, 1 from 0; pairs 1, 1, 2, each twice in nine.
        assert!((crps(&[3.0, 1.0, 2.0], 0.0) - (2.0 - 4.0 / 9.0)).abs() < 1e-15);
    }

    #[test]
    fn crps_of_many_uniform_values_is_the_closed_form() {
        // Of a uniform distribution on 0…1 at y: y² − y + 1/3.
        let sample: Vec<f64> = (0..10_000).map(|i| (f64::from(i) + 0.5) / 10_000.0).collect();
        for y in [0.0f64, 0.3, 0.5, 1.0] {
            assert!((crps(&sample, y) - (y * y - y + 1.0 / 3.0)).abs() < 1e-4, "{y}");
        }
        // Beyond the end it grows by the distance.
        assert!((crps(&sample, 3.0) - (2.0 + 1.0 / 3.0)).abs() < 1e-4);
    }

    #[test]
    fn crps_of_normal_values_is_the_closed_form() {
        // Of a standard normal at y: y (2Φ(y) − 1) + 2φ(y) − 1/√π.
        let sample: Vec<f64> =
            (0..20_000).map(|i| crate::stream::normal_quantile((f64::from(i) + 0.5) / 20_000.0)).collect();
        for y in [0.0, 1.0, -2.0] {
            let density = (-y * y / 2.0f64).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let closed = y * (2.0 * crate::stream::normal_below(y) - 1.0) + 2.0 * density
                - 1.0 / std::f64::consts::PI.sqrt();
            assert!((crps(&sample, y) - closed).abs() < 1e-3, "{y}");
        }
    }

    #[test]
    fn the_fair_score_does_not_depend_on_how_many_are_drawn() {
        let mean = |n: u64| {
            let score = |at| {
                let mut stream = crate::stream::Stream::new(1, "fair", at);
                let sample: Vec<f64> = (0..n).map(|_| stream.uniform()).collect();
                fair_crps(&sample, 0.3)
            };
            (0..20_000).map(score).sum::<f64>() / 20_000.0
        };
        let closed = 0.09 - 0.3 + 1.0 / 3.0;
        assert!((mean(2) - closed).abs() < 0.005 && (mean(10) - closed).abs() < 0.003);
    }

    #[test]
    fn interval_and_its_score_by_hand() {
        let sorted: Vec<f64> = (0..=20).map(f64::from).collect();
        let (low, high) = central(&sorted, 0.9);
        assert!((low - 1.0).abs() < 1e-12 && (high - 19.0).abs() < 1e-12);
        assert_eq!(interval_score((1.0, 19.0), 0.9, 5.0), 18.0);
        // 2/(1 − 0.9) = 20 for each unit outside.
        assert!((interval_score((1.0, 19.0), 0.9, 21.0) - 58.0).abs() < 1e-9);
    }

    #[test]
    fn the_transform_counts_ties_half() {
        assert_eq!(pit(&[1.0, 2.0, 2.0, 4.0], 2.0), 0.5);
        assert_eq!(pit(&[1.0, 2.0], 0.0), 0.0);
    }

    #[test]
    fn what_is_drawn_from_the_prediction_is_covered_as_often_as_it_says() {
        let cases: Vec<(Vec<f64>, f64)> = (0..4_000)
            .map(|case| {
                let mut stream = crate::stream::Stream::new(2, "coverage", case);
                ((0..99).map(|_| stream.normal()).collect(), stream.normal())
            })
            .collect();
        let scores = Scores::of(cases.iter().map(|(sample, y)| (sample.as_slice(), *y)));
        assert!((scores.within90 - 0.9).abs() < 0.03 && (scores.within50 - 0.5).abs() < 0.04);
        assert!(scores.pit.iter().all(|share| (share - 0.1).abs() < 0.025), "{:?}", scores.pit);
    }

    proptest! {
        #[test]
        fn crps_is_the_mean_over_pairs(sample in proptest::collection::vec(-100.0f64..100.0, 1..30), y in -100.0f64..100.0) {
            let n = sample.len() as f64;
            let off: f64 = sample.iter().map(|x| (x - y).abs()).sum::<f64>() / n;
            let pairs: f64 = sample.iter().flat_map(|a| sample.iter().map(move |b| (a - b).abs())).sum();
            prop_assert!((crps(&sample, y) - (off - pairs / (2.0 * n * n))).abs() < 1e-9);
        }
    }
}
