//! Why a verdict is what it is: what would change it, at which cost, and which facts are missing.

use wegen_model::Interval;

use crate::{Assessment, Method, Power, Verdict, method::MOST_CRITERIA, power_mean};

/// All minimal sets of `0..n` for which a monotone predicate holds: an antichain, smallest first.
///
/// `holds` must be monotone (a larger set holds wherever a smaller does). At most `most` sets are given.
pub fn minimal_sets(n: usize, most: usize, holds: impl Fn(&[bool]) -> bool) -> Vec<Vec<usize>> {
    // More than a method may have: nothing is said rather than something false.
    if n > MOST_CRITERIA {
        return Vec::new();
    }
    let mut found: Vec<Vec<usize>> = Vec::new();
    let mut chosen = vec![false; n];
    if holds(&chosen) {
        return vec![Vec::new()];
    }
    chosen.fill(true);
    if !holds(&chosen) {
        return found;
    }
    // What every set must hold: without it, all the rest is not enough.
    let needed: Vec<bool> = (0..n)
        .map(|k| {
            let without: Vec<bool> = (0..n).map(|i| i != k).collect();
            !holds(&without)
        })
        .collect();
    let free: Vec<usize> = (0..n).filter(|k| !needed[*k]).collect();
    for size in 0..=free.len() {
        combinations(&free, size, &mut |some: &[usize]| {
            if found.len() >= most {
                return;
            }
            let covers = |set: &Vec<usize>| set.iter().all(|k| needed[*k] || some.contains(k));
            if found.iter().any(covers) {
                return;
            }
            let chosen: Vec<bool> = (0..n).map(|k| needed[k] || some.contains(&k)).collect();
            if holds(&chosen) {
                found.push((0..n).filter(|k| chosen[*k]).collect());
            }
        });
    }
    found
}

fn combinations(of: &[usize], size: usize, each: &mut dyn FnMut(&[usize])) {
    fn go(of: &[usize], size: usize, chosen: &mut Vec<usize>, each: &mut dyn FnMut(&[usize])) {
        if size == 0 {
            return each(chosen);
        }
        for (i, k) in of.iter().enumerate().take((of.len() + 1).saturating_sub(size)) {
            chosen.push(*k);
            go(&of[i + 1..], size - 1, chosen, each);
            chosen.pop();
        }
    }
    go(of, size, &mut Vec::new(), each);
}

/// All minimal sets of criteria (places in [`Method::criteria`]) whose passing would make the verdict *met*: every
/// leaf at or below a passing criterion stands at its target.
///
/// With `certain`, the rest stands at the low end of its interval, and the verdict follows whatever is missing; else
/// at the high end, and the verdict is possible.
pub fn passing_sets(method: &Method, leaves: &[Interval], certain: bool, most: usize) -> Vec<Vec<usize>> {
    let below: Vec<Vec<usize>> = method.criteria.iter().map(|c| method.leaves_below(*c)).collect();
    minimal_sets(method.criteria.len(), most, |chosen| {
        let mut scores: Vec<Interval> = leaves
            .iter()
            .map(|i| if certain { Interval::point(i.low) } else { Interval::point(i.high) })
            .collect();
        for (leaves, _) in below.iter().zip(chosen).filter(|(_, chosen)| **chosen) {
            leaves.iter().for_each(|k| scores[*k] = Interval::point(100.0));
        }
        Assessment::of_scores(method, &scores).verdict == Verdict::Met
    })
}

/// A change of scores, and what it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The scores after it.
    pub to: Vec<f64>,
    /// `Σ cost_k |to_k − from_k|`.
    pub cost: f64,
}

/// The cheapest raise of scores (costs for each point, above 0) that reaches all floors and the threshold.
///
/// First everything up to its floor; then, for `p < 1`, water-filling: `y_k = clamp((λ w_k/c_k)^(1/(1−p)))`, the
/// stationary point of the convex programme, with `λ` found by bisection; for `p = 1` the linear programme, solved by
/// raising the dimensions with most weight for the cost first; for `p = −∞` all up to the threshold. `None` where
/// even 100 everywhere is not enough.
pub fn cheapest_change(
    scores: &[f64],
    floors: &[f64],
    weights: &[f64],
    costs: &[f64],
    threshold: f64,
    power: Power,
) -> Option<Change> {
    let start: Vec<f64> = scores.iter().zip(floors).map(|(x, f)| x.max(*f)).collect();
    let mean = |y: &[f64]| power_mean(y, weights, power);
    if mean(&vec![100.0; scores.len()]) < threshold || start.iter().any(|x| *x > 100.0) {
        return None;
    }
    let to = if mean(&start) >= threshold {
        start
    } else if power == Power::WEAKEST {
        let weighted = |(x, w): (&f64, &f64)| if *w > 0.0 { x.max(threshold) } else { *x };
        start.iter().zip(weights).map(weighted).collect()
    } else if power == Power::ARITHMETIC {
        let mut order: Vec<usize> = (0..scores.len()).filter(|k| weights[*k] > 0.0).collect();
        order.sort_by(|a, b| (weights[*b] / costs[*b]).total_cmp(&(weights[*a] / costs[*a])));
        let mut y = start;
        for k in order {
            let short = threshold - weights.iter().zip(&y).map(|(w, x)| w * x).sum::<f64>();
            if short > 0.0 {
                y[k] += (short / weights[k]).min(100.0 - y[k]);
            }
        }
        y
    } else {
        let exponent = 1.0 / (1.0 - power.exponent());
        let at = |level: f64| -> Vec<f64> {
            let raised = |k: usize| match weights[k] > 0.0 {
                true => (level * libm::pow(weights[k] / costs[k], exponent)).clamp(start[k], 100.0),
                false => start[k],
            };
            (0..start.len()).map(raised).collect()
        };
        // `level` is λ^(1/(1−p)), in which the mean is monotone.
        let ratio = |k: usize| libm::pow(weights[k] / costs[k], exponent);
        let least = (0..start.len()).filter(|k| weights[*k] > 0.0).map(ratio).fold(f64::INFINITY, f64::min);
        at(least_that(0.0, 101.0 / least, |level| mean(&at(level)) >= threshold))
    };
    Some(Change { cost: cost(scores, &to, costs), to })
}

/// The least number between the ends from which on a monotone question is answered yes, by bisection; yes at `high`.
fn least_that(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn cost(from: &[f64], to: &[f64], costs: &[f64]) -> f64 {
    from.iter().zip(to).zip(costs).map(|((a, b), c)| c * (b - a).abs()).sum()
}

/// The smallest worsening that would undo *met*: one criterion down to its floor, or the score down to the threshold.
///
/// `mean` gives the score that the threshold is held against: of fixed weights, or the least over all admissible ones
/// ([`Method::least_score`]). The cost is an infimum: at `to` itself everything is still met. A power mean with `p ≤ 1`,
/// and a minimum of such means, is concave, so the least loss that lowers it lies at an extreme: some dimensions at 0
/// and one in between; all of them are tried, up to twelve dimensions. `None` where nothing would undo it.
pub fn least_worsening(
    scores: &[f64],
    floors: &[f64],
    costs: &[f64],
    threshold: f64,
    mean: impl Fn(&[f64]) -> f64,
) -> Option<Change> {
    let mut best: Option<Change> = None;
    let mut offer = |to: Vec<f64>| {
        let cost = cost(scores, &to, costs);
        if best.as_ref().is_none_or(|b| cost < b.cost) {
            best = Some(Change { to, cost });
        }
    };
    let lowered = |k: usize, y: f64| {
        let mut to = scores.to_vec();
        to[k] = y;
        to
    };
    for (k, floor) in floors.iter().enumerate().filter(|(_, f)| **f > 0.0) {
        offer(lowered(k, *floor));
    }
    let n = scores.len();
    if n > 12 || threshold <= 0.0 {
        return best;
    }
    for zeroed in 0..1u32 << n {
        let mut base = scores.to_vec();
        (0..n).filter(|k| zeroed & (1 << k) != 0).for_each(|k| base[k] = 0.0);
        if mean(&base) < threshold {
            continue;
        }
        for k in (0..n).filter(|k| zeroed & (1 << k) == 0) {
            let at = |y: f64| {
                let mut to = base.clone();
                to[k] = y;
                to
            };
            if mean(&at(0.0)) >= threshold {
                continue;
            }
            offer(at(least_that(0.0, base[k], |y| mean(&at(y)) >= threshold)));
        }
    }
    best
}

/// A leaf that is not known well enough, and what knowing it could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingFact {
    /// Place in the list of leaves.
    pub leaf: usize,
    /// If it turned out as bad as it may be, the verdict would be *not met*, whatever else is missing.
    pub could_settle_not_met: bool,
    /// Without it at its best, *met* is out of reach.
    pub needed_for_met: bool,
    /// If it turned out as good as it may be, the verdict would be *met*, whatever else is missing.
    pub could_settle_met: bool,
}

/// The facts that could turn a verdict which cannot be determined: the list for collecting evidence.
///
/// A fact is listed if knowing it alone could settle the verdict, or if *met* cannot be without it. Empty where the
/// verdict is determined.
pub fn missing_facts(method: &Method, leaves: &[Interval]) -> Vec<MissingFact> {
    let verdict = |leaves: &[Interval]| Assessment::of_scores(method, leaves).verdict;
    if verdict(leaves) != Verdict::CannotBeDetermined {
        return Vec::new();
    }
    let best: Vec<Interval> = leaves.iter().map(|i| Interval::point(i.high)).collect();
    // Where weights alone leave it open, even knowing everything does not make it met.
    let reachable = verdict(&best) == Verdict::Met;
    let mut facts = Vec::new();
    for (leaf, interval) in leaves.iter().enumerate().filter(|(_, i)| i.width() > 0.0) {
        let with = |base: &[Interval], value: f64| {
            let mut leaves = base.to_vec();
            leaves[leaf] = Interval::point(value);
            verdict(&leaves)
        };
        let fact = MissingFact {
            leaf,
            could_settle_not_met: with(leaves, interval.low) == Verdict::NotMet,
            needed_for_met: reachable && with(&best, interval.low) != Verdict::Met,
            could_settle_met: with(leaves, interval.high) == Verdict::Met,
        };
        if fact.could_settle_not_met || fact.needed_for_met || fact.could_settle_met {
            facts.push(fact);
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EQUAL: [f64; 5] = [0.2; 5];
    const FLOORS: [f64; 5] = [30.0, 30.0, 30.0, 30.0, 20.0];

    #[test]
    fn the_worked_case_of_the_method() {
        let low = [20.0, 55.0, 60.0, 70.0, 25.0];
        let high = [20.0, 55.0, 60.0, 70.0, 45.0];
        let mean = |x: &[f64]| power_mean(x, &EQUAL, Power::GEOMETRIC);
        assert!((mean(&low) - 40.975).abs() < 1e-3 && (mean(&high) - 46.086).abs() < 1e-3);
        let change =
            |x: &[f64]| cheapest_change(x, &FLOORS, &EQUAL, &[1.0; 5], 50.0, Power::GEOMETRIC).unwrap();
        let pessimistic = change(&low);
        assert!((pessimistic.to[0] - 36.7806).abs() < 1e-4 && (pessimistic.to[4] - 36.7806).abs() < 1e-4);
        assert!((pessimistic.cost - 28.5612).abs() < 1e-4);
        let optimistic = change(&high);
        assert!((optimistic.to[0] - 30.0625).abs() < 1e-4 && (optimistic.cost - 10.0625).abs() < 1e-4);
        assert_eq!(optimistic.to[1..], high[1..]);
    }

    #[test]
    fn an_antichain_and_nothing_that_is_not_needed() {
        // Holds with 0 and one of 1, 2; or with 3 and 0.
        let sets = minimal_sets(5, 10, |s| s[0] && (s[1] || s[2] || s[3]));
        assert_eq!(sets, [vec![0, 1], vec![0, 2], vec![0, 3]]);
        assert_eq!(minimal_sets(3, 10, |_| true), [Vec::<usize>::new()]);
        assert!(minimal_sets(3, 10, |_| false).is_empty());
    }

    proptest! {
        #[test]
        fn a_cheapest_change_reaches_and_none_found_at_random_is_cheaper(
            scores in proptest::collection::vec(0.0..90.0f64, 3), costs in proptest::collection::vec(0.5..3.0f64, 3),
            tries in proptest::collection::vec(proptest::collection::vec(0.0..100.0f64, 3), 40),
            p in 0..4usize, threshold in 20.0..80.0f64,
        ) {
            let power = [Power::ARITHMETIC, Power::GEOMETRIC, Power::HARMONIC, Power::WEAKEST][p];
            let (weights, floors) = ([0.5, 0.3, 0.2], [10.0, 20.0, 0.0]);
            let change = cheapest_change(&scores, &floors, &weights, &costs, threshold, power).unwrap();
            prop_assert!(power_mean(&change.to, &weights, power) >= threshold - 1e-6);
            prop_assert!(change.to.iter().zip(&floors).all(|(y, f)| y >= f));
            prop_assert!(change.to.iter().zip(&scores).all(|(y, x)| y >= x));
            for to in tries {
                let to: Vec<f64> = to.iter().zip(&scores).map(|(y, x)| y.max(*x)).collect();
                let reaches = power_mean(&to, &weights, power) >= threshold && to.iter().zip(&floors).all(|(y, f)| y >= f);
                if reaches {
                    prop_assert!(cost(&scores, &to, &costs) >= change.cost - 1e-6);
                }
            }
        }

        #[test]
        fn no_random_loss_smaller_than_the_margin_undoes_what_is_met(
            scores in proptest::collection::vec(40.0..100.0f64, 3),
            tries in proptest::collection::vec(proptest::collection::vec(0.0..60.0f64, 3), 40), p in 0..3usize,
        ) {
            let power = [Power::ARITHMETIC, Power::GEOMETRIC, Power::HARMONIC][p];
            let (weights, floors, costs) = ([0.5, 0.3, 0.2], [25.0, 10.0, 0.0], [1.0, 2.0, 1.0]);
            let met = |y: &[f64]| power_mean(y, &weights, power) >= 38.0 && y.iter().zip(&floors).all(|(y, f)| y >= f);
            prop_assume!(met(&scores));
            let margin =
                least_worsening(&scores, &floors, &costs, 38.0, |y| power_mean(y, &weights, power)).unwrap();
            for loss in tries {
                let to: Vec<f64> = scores.iter().zip(&loss).map(|(x, l)| (x - l).max(0.0)).collect();
                if cost(&scores, &to, &costs) < margin.cost - 1e-6 {
                    prop_assert!(met(&to));
                }
            }
        }
    }
}
