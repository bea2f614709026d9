//! An area and a month under a method: scores as intervals, criteria, the verdict.

use serde::Serialize;
use wegen_model::Interval;

use crate::{Cell, Method, Power, Role, Scale, Verdict, power_mean};

/// The exponents under which a score is always shown (§6).
pub const POWERS: [Power; 4] = [Power::ARITHMETIC, Power::GEOMETRIC, Power::HARMONIC, Power::WEAKEST];

/// A score as a band: over everything the cells may be, and over all admissible weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Band {
    /// The exponent.
    pub power: Power,
    /// The least and the greatest score.
    pub over_weights: Interval,
    /// The score at the centre of the weights, over what the cells may be.
    pub at_centroid: Interval,
}

/// What a method says of an area and a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    /// Scores of the leaves, in their order; the whole scale where nothing is known.
    pub leaves: Vec<Interval>,
    /// Which leaves lie beyond their goalposts at one end at least, so that their score is clamped.
    pub clamped: Vec<bool>,
    /// Values of all nodes, in the order of the method; `None` for headings.
    pub nodes: Vec<Option<Interval>>,
    /// The criteria in the order of [`Method::criteria`].
    pub criteria: Vec<Verdict>,
    /// The bands of the score: at the method's exponent first, then at each of [`POWERS`]. Empty where the method
    /// has no dimensions.
    pub bands: Vec<Band>,
    /// Whether the score reaches the threshold under all admissible weights; `None` without dimensions.
    pub score: Option<Verdict>,
    /// All criteria, and the score.
    pub verdict: Verdict,
}

impl Assessment {
    /// Assesses cells, one for each leaf in the order of [`Method::leaves`].
    ///
    /// All aggregators are monotone, so bounds come exactly from two evaluations (§4): one with every score at its
    /// low end, one with every score at its high end. A cell that is not given is missing.
    pub fn of(method: &Method, cells: &[Cell]) -> Assessment {
        let mut leaves = Vec::with_capacity(method.leaves.len());
        let mut clamped = Vec::with_capacity(method.leaves.len());
        for (i, leaf) in method.leaves().enumerate() {
            match cells.get(i).and_then(|c| c.bounds) {
                Some(bounds) => {
                    leaves.push(leaf.scale.scores(bounds));
                    clamped.push(leaf.scale.clamps(bounds.low) || leaf.scale.clamps(bounds.high));
                }
                None => {
                    leaves.push(Scale::WHOLE);
                    clamped.push(false);
                }
            }
        }
        let mut assessment = Assessment::of_scores(method, &leaves);
        assessment.clamped = clamped;
        assessment
    }

    /// Likewise from scores of the leaves.
    pub fn of_scores(method: &Method, leaves: &[Interval]) -> Assessment {
        let side = |pick: &dyn Fn(&Interval) -> f64| {
            let scores: Vec<f64> = leaves.iter().map(pick).collect();
            method.evaluate(&scores)
        };
        let (low, high) = (side(&|i| i.low), side(&|i| i.high));
        let nodes: Vec<Option<Interval>> = method
            .nodes
            .iter()
            .enumerate()
            .map(|(i, node)| {
                (node.role != Role::Heading).then(|| Interval { low: low[i], high: high[i].max(low[i]) })
            })
            .collect();
        let criteria: Vec<Verdict> = method
            .criteria
            .iter()
            .map(|&i| match (nodes[i], method.nodes[i].floor) {
                (Some(value), Some(floor)) => Verdict::at_least(value, floor),
                _ => Verdict::CannotBeDetermined,
            })
            .collect();
        let at = |values: &[f64]| -> Vec<f64> { method.dimensions.iter().map(|d| values[*d]).collect() };
        let (low, high) = (at(&low), at(&high));
        let bands: Vec<Band> = match method.dimensions.is_empty() {
            true => Vec::new(),
            false => {
                let centroid = method.centroid();
                std::iter::once(method.power)
                    .chain(POWERS)
                    .map(|power| Band {
                        power,
                        over_weights: method.band(&low, &high, power),
                        at_centroid: Interval {
                            low: power_mean(&low, centroid, power),
                            high: power_mean(&high, centroid, power),
                        },
                    })
                    .collect()
            }
        };
        let score = bands.first().map(|b| Verdict::at_least(b.over_weights, method.threshold));
        let verdict = Verdict::all(criteria.iter().copied().chain(score));
        Assessment {
            leaves: leaves.to_vec(),
            clamped: vec![false; leaves.len()],
            nodes,
            criteria,
            bands,
            score,
            verdict,
        }
    }
}

impl Method {
    /// The leaves with what they measure, in the order of cells.
    pub fn leaves(&self) -> impl Iterator<Item = &crate::Leaf> {
        self.leaves.iter().filter_map(|i| self.nodes[*i].leaf.as_ref())
    }

    /// Values of all nodes for one score of each leaf; headings stay 0.
    pub(crate) fn evaluate(&self, leaves: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.nodes.len()];
        self.evaluate_into(leaves, &mut values);
        values
    }

    /// Likewise into a buffer.
    pub(crate) fn evaluate_into(&self, leaves: &[f64], values: &mut [f64]) {
        for (place, &leaf) in self.leaves.iter().enumerate() {
            values[leaf] = leaves.get(place).copied().unwrap_or(0.0);
        }
        for group in &self.groups {
            values[group.node] = match group.parts.as_slice() {
                [(one, _)] => values[*one],
                parts => mean_of_parts(parts, values, self.nodes[group.node].power),
            };
        }
    }

    /// The range of the score over all admissible weights, and from the low to the high values.
    ///
    /// `Σ w f(x)` is linear in the weights, so its extremes are corners: in closed form, or by linear programme. At
    /// `p = −∞` only which dimensions have any weight matters.
    pub(crate) fn band(&self, low: &[f64], high: &[f64], power: Power) -> Interval {
        let weights = &self.weights;
        if power == Power::WEAKEST {
            let least = low.iter().enumerate().filter(|(k, _)| weights.can_weigh(*k)).map(|(_, x)| *x);
            let least = least.fold(f64::INFINITY, f64::min);
            // The highest of the values above which all weight can lie.
            let reachable = |t: &f64| weights.can_lie_on(&high.iter().map(|x| x >= t).collect::<Vec<_>>());
            let most = high.iter().copied().filter(|t| reachable(t)).fold(0.0, f64::max);
            return Interval { low: least.min(most), high: most };
        }
        let transformed = |x: &[f64]| -> Vec<f64> {
            let unit = x.iter().copied().filter(|x| *x > 0.0).fold(f64::INFINITY, f64::min);
            x.iter().map(|x| power.transform(if unit.is_finite() { x / unit } else { *x })).collect()
        };
        let least = power_mean(low, &weights.least(&transformed(low)), power);
        let most = power_mean(high, &weights.greatest(&transformed(high)), power);
        Interval { low: least.min(most), high: most.max(least) }
    }

    /// The least score over all admissible weights, for one value of each dimension: what the threshold is held against.
    pub fn least_score(&self, dimensions: &[f64]) -> f64 {
        self.band(dimensions, dimensions, self.power).low
    }
}

fn mean_of_parts(parts: &[(usize, f64)], values: &[f64], power: Power) -> f64 {
    const FEW: usize = 16;
    if parts.len() <= FEW {
        let (mut x, mut w) = ([0.0; FEW], [0.0; FEW]);
        for (k, (part, share)) in parts.iter().enumerate() {
            (x[k], w[k]) = (values[*part], *share);
        }
        power_mean(&x[..parts.len()], &w[..parts.len()], power)
    } else {
        let (x, w): (Vec<f64>, Vec<f64>) = parts.iter().map(|(part, share)| (values[*part], *share)).unzip();
        power_mean(&x, &w, power)
    }
}
