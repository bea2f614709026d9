//! Months: when a status changes, and what a change came from.

use crate::Verdict;

/// The status after a month, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// The verdict that stands.
    pub verdict: Verdict,
    /// The place of the month in which it began to stand.
    pub since: usize,
}

/// Statuses of successive months: a new verdict stands once it has held for `persistence` months running (§10).
///
/// The first month's verdict stands from the start. A verdict that comes and goes within that time changes nothing.
pub fn statuses(verdicts: &[Verdict], persistence: u32) -> Vec<Status> {
    let mut out: Vec<Status> = Vec::with_capacity(verdicts.len());
    let mut run = 0u32;
    for (month, &verdict) in verdicts.iter().enumerate() {
        run = if month > 0 && verdicts[month - 1] == verdict { run + 1 } else { 1 };
        let status = match out.last() {
            None => Status { verdict, since: 0 },
            Some(before) if before.verdict != verdict && run >= persistence.max(1) => {
                Status { verdict, since: month }
            }
            Some(before) => *before,
        };
        out.push(status);
    }
    out
}

/// Splits a change exactly over `N` causes (Shapley 1953): each cause's part is its mean effect over all orders in
/// which the causes can be brought in. The parts add up to `value(all) − value(none)`.
///
/// `value` is asked for each subset of the causes that have happened.
pub fn split<const N: usize>(value: impl Fn([bool; N]) -> f64) -> [f64; N] {
    let with = |mask: usize| value(std::array::from_fn(|k| mask & (1 << k) != 0));
    let values: Vec<f64> = (0..1usize << N).map(with).collect();
    let factorial = |n: usize| (1..=n).map(|k| k as f64).product::<f64>();
    std::array::from_fn(|k| {
        (0..1usize << N)
            .filter(|mask| mask & (1 << k) == 0)
            .map(|mask| {
                let before = mask.count_ones() as usize;
                let orders = factorial(before) * factorial(N - before - 1) / factorial(N);
                orders * (values[mask | 1 << k] - values[mask])
            })
            .sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_month_that_comes_and_goes_changes_nothing() {
        use Verdict::{Met as T, NotMet as F};
        let verdicts = [F, F, T, F, T, T, T, F];
        let stands: Vec<Verdict> = statuses(&verdicts, 3).iter().map(|s| s.verdict).collect();
        assert_eq!(stands, [F, F, F, F, F, F, T, T]);
        assert_eq!(statuses(&verdicts, 3)[7].since, 6);
        let each: Vec<Verdict> = statuses(&verdicts, 1).iter().map(|s| s.verdict).collect();
        assert_eq!(each, verdicts);
        assert!(statuses(&[], 3).is_empty());
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_change(values in proptest::collection::vec(-100.0..100.0f64, 16)) {
            let at = |causes: [bool; 4]| {
                values[causes.iter().enumerate().map(|(k, c)| usize::from(*c) << k).sum::<usize>()]
            };
            let parts = split(at);
            prop_assert!((parts.iter().sum::<f64>() - (values[15] - values[0])).abs() < 1e-9);
        }

        #[test]
        fn a_cause_without_effect_has_no_part(values in proptest::collection::vec(-100.0..100.0f64, 4)) {
            let at = |c: [bool; 3]| values[usize::from(c[0]) + 2 * usize::from(c[2])];
            prop_assert_eq!(split(at)[1], 0.0);
        }
    }
}
