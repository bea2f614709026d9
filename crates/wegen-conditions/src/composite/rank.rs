//! Ranks, and how far they move.

/// The rank of each score, 1 for the highest; ties get the lowest of their ranks; 0 where there is no score.
#[must_use]
pub fn ranks(scores: &[f64]) -> Vec<u32> {
    let mut out = vec![0; scores.len()];
    Ranker::default().rank(scores, &mut out);
    out
}

/// The mean absolute difference between two rankings, over what has a rank in both; `NaN` of nothing.
#[must_use]
pub fn mean_absolute_change(a: &[u32], b: &[u32]) -> f64 {
    let (mut sum, mut n) = (0_u64, 0_u64);
    for (&a, &b) in a.iter().zip(b) {
        if a != 0 && b != 0 {
            sum += u64::from(a.abs_diff(b));
            n += 1;
        }
    }
    sum as f64 / n as f64
}

/// Ranking over and over with the same memory.
#[derive(Debug, Default)]
pub(crate) struct Ranker {
    order: Vec<(f64, u32)>,
}

impl Ranker {
    pub(crate) fn rank(&mut self, scores: &[f64], out: &mut [u32]) {
        self.order.clear();
        // Adding zero makes −0 and 0 the same to `total_cmp`.
        self.order
            .extend(scores.iter().zip(0_u32..).filter(|(s, _)| !s.is_nan()).map(|(s, at)| (s + 0.0, at)));
        self.order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        out.fill(0);
        let (mut rank, mut last) = (0, f64::NAN);
        for (place, &(score, at)) in (1_u32..).zip(&self.order) {
            if score != last {
                (rank, last) = (place, score);
            }
            out[at as usize] = rank;
        }
    }
}
