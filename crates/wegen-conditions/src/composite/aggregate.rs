//! From indicators to the index, level by level.

use super::{Blocks, CompositeError, Structure, Table, Unit, outrank};

/// How the children of a group are brought together. With weights w that are rescaled to a sum of 1 over the children
/// that the unit has.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Mean {
    /// Σ w x.
    Arithmetic,
    /// exp Σ w ln x, of positive values.
    Geometric,
    /// 1 / Σ w/x, of positive values.
    Harmonic,
    /// (Σ w xᵖ)^(1/p); geometric at p = 0, the smallest at −∞, the largest at ∞. Of positive values, or of those
    /// that are not negative where p > 0.
    Power(f64),
    /// t − exp Σ w ln(t − x), of values below t: the geometric mean of what is lacking. For a scale on which more is
    /// worse it keeps a good dimension from hiding a catastrophic one (INFORM, JRC 2017).
    GeometricOfLosses {
        /// The end t of the scale.
        top: f64,
    },
    /// Number of units outranked minus number of units that outrank: see [`outrank::copeland`].
    Copeland,
}

impl Mean {
    /// Whether a higher value of a child never lowers the result, whatever the other units.
    #[must_use]
    pub fn is_monotone(self) -> bool {
        self != Self::Copeland
    }
}

/// The aggregation of a whole structure.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// One mean for all levels, or one for each level from 2 up.
    pub means: Vec<Mean>,
    /// The least fraction of a group's children that a unit must have for the group to have a value. Not used by
    /// [`Mean::Copeland`].
    pub threshold: Option<f64>,
}

impl Aggregation {
    /// The same mean at all levels, without a threshold.
    #[must_use]
    pub fn of(mean: Mean) -> Self {
        Self { means: vec![mean], threshold: None }
    }

    /// The mean that makes groups of a level, from 2 up.
    #[must_use]
    pub fn mean_at(&self, level: usize) -> Mean {
        let last = self.means.len().saturating_sub(1);
        self.means.get(level.saturating_sub(2).min(last)).copied().unwrap_or(Mean::Arithmetic)
    }

    /// Checks the number of means.
    ///
    /// # Errors
    /// If there is neither one, nor one for each level of the structure above the first.
    pub fn check(&self, structure: &Structure) -> Result<(), CompositeError> {
        let above = structure.levels().saturating_sub(1);
        if self.means.len() == 1 || self.means.len() == above {
            return Ok(());
        }
        Err(CompositeError::Options(format!("found {} means, expected 1 or {above}", self.means.len())))
    }
}

/// Values of all nodes of a structure, children before parents: the normalised data, then each group.
///
/// Weights are those of all nodes, as [`Structure::weights`] gives; a weight of 0 leaves a node out. A group is missing
/// for a unit that has none of its children.
///
/// # Errors
/// With group, unit and value where a mean does not take the value, so that no result is missing for want of a
/// definition.
pub fn aggregate(
    normalised: &Table,
    structure: &Structure,
    weights: &[f64],
    aggregation: &Aggregation,
    units: &[Unit],
    blocks: &Blocks,
) -> Result<Table, CompositeError> {
    aggregation.check(structure)?;
    let mut tree = Tree::new(structure, normalised.rows(), blocks.clone());
    tree.load(normalised);
    tree.run(structure, weights, aggregation, 2).map_err(|fault| fault.explain(structure, units))?;
    Table::new(normalised.rows(), structure.codes(), tree.values)
}

/// The values of all nodes, aggregated over and over in the same memory.
#[derive(Debug)]
pub(crate) struct Tree {
    rows: usize,
    pub(crate) values: Vec<f64>,
    blocks: Blocks,
    sums: Vec<f64>,
}

/// A value that a mean does not take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    node: usize,
    row: usize,
    value: f64,
    expected: &'static str,
}

impl Fault {
    pub(crate) fn explain(&self, structure: &Structure, units: &[Unit]) -> CompositeError {
        CompositeError::Value {
            stage: "aggregate",
            unit: units.get(self.row).map(|u| u.code.clone()).unwrap_or_default(),
            code: structure.nodes()[self.node].draft.code.clone(),
            value: self.value,
            expected: self.expected.to_owned(),
        }
    }
}

impl Tree {
    pub(crate) fn new(structure: &Structure, rows: usize, blocks: Blocks) -> Self {
        let nodes = structure.nodes().len();
        Self { rows, values: vec![f64::NAN; nodes * rows], blocks, sums: vec![0.0; 2 * rows] }
    }

    pub(crate) fn load(&mut self, normalised: &Table) {
        self.values[..normalised.values().len()].copy_from_slice(normalised.values());
    }

    pub(crate) fn column(&self, node: usize) -> &[f64] {
        &self.values[node * self.rows..(node + 1) * self.rows]
    }

    /// Makes all groups of `level` and above.
    pub(crate) fn run(
        &mut self,
        structure: &Structure,
        weights: &[f64],
        aggregation: &Aggregation,
        level: usize,
    ) -> Result<(), Fault> {
        let first = structure.nodes().partition_point(|n| n.level < level);
        for node in first..structure.nodes().len() {
            let mean = aggregation.mean_at(structure.nodes()[node].level);
            self.group(structure, node, weights, mean, aggregation.threshold)?;
        }
        Ok(())
    }

    fn group(
        &mut self,
        structure: &Structure,
        node: usize,
        weights: &[f64],
        mean: Mean,
        threshold: Option<f64>,
    ) -> Result<(), Fault> {
        let rows = self.rows;
        let (below, here) = self.values.split_at_mut(node * rows);
        let out = &mut here[..rows];
        let children: Vec<(&[f64], f64)> = structure.nodes()[node]
            .children
            .iter()
            .filter(|&&c| weights[c] > 0.0)
            .map(|&c| (&below[c * rows..(c + 1) * rows], weights[c]))
            .collect();
        if mean == Mean::Copeland {
            outrank::copeland_scores(&children, &self.blocks, out);
            return Ok(());
        }
        let power = Power::of(mean);
        let (totals, sums) = self.sums.split_at_mut(rows);
        totals.fill(0.0);
        sums.fill(power.start());
        for (column, weight) in &children {
            power.add(column, *weight, totals, sums).map_err(|(row, value)| Fault {
                node,
                row,
                value,
                expected: power.takes(),
            })?;
        }
        for (out, (total, sum)) in out.iter_mut().zip(totals.iter().zip(sums.iter())) {
            *out = if *total > 0.0 { power.finish(*sum, *total) } else { f64::NAN };
        }
        if let Some(least) = threshold {
            for (row, out) in out.iter_mut().enumerate() {
                let there = children.iter().filter(|(c, _)| !c[row].is_nan()).count();
                if there as f64 / (children.len() as f64) < least {
                    *out = f64::NAN;
                }
            }
        }
        match out.iter().position(|v| v.is_infinite()) {
            Some(row) => Err(Fault { node, row, value: out[row], expected: "a finite value" }),
            None => Ok(()),
        }
    }
}

/// A mean as Σ w f(x), brought back by the inverse of f.
#[derive(Debug, Clone, Copy)]
enum Power {
    Arithmetic,
    Geometric,
    Harmonic,
    Losses(f64),
    General(f64),
    Least,
    Most,
}

impl Power {
    fn of(mean: Mean) -> Self {
        match mean {
            Mean::Arithmetic | Mean::Copeland => Self::Arithmetic,
            Mean::Geometric => Self::Geometric,
            Mean::Harmonic => Self::Harmonic,
            Mean::GeometricOfLosses { top } => Self::Losses(top),
            Mean::Power(0.0) => Self::Geometric,
            Mean::Power(f64::NEG_INFINITY) => Self::Least,
            Mean::Power(f64::INFINITY) => Self::Most,
            Mean::Power(p) => Self::General(p),
        }
    }

    fn start(self) -> f64 {
        match self {
            Self::Least => f64::INFINITY,
            Self::Most => f64::NEG_INFINITY,
            _ => 0.0,
        }
    }

    fn takes(self) -> &'static str {
        match self {
            Self::Geometric | Self::Harmonic => "a positive number for a geometric or harmonic mean",
            Self::Losses(_) => "a number below the end of the scale",
            Self::General(p) if p > 0.0 => "a number of at least 0 for a power mean",
            Self::General(_) => "a positive number for a power mean",
            _ => "a finite number",
        }
    }

    /// Adds a child to weights and sums; gives row and value of what it does not take.
    fn add(self, column: &[f64], w: f64, totals: &mut [f64], sums: &mut [f64]) -> Result<(), (usize, f64)> {
        let refused = |ok: &dyn Fn(f64) -> bool| match column.iter().position(|&x| !x.is_nan() && !ok(x)) {
            Some(row) => Err((row, column[row])),
            None => Ok(()),
        };
        let mut each = |f: &dyn Fn(f64, f64) -> f64| {
            for ((x, total), sum) in column.iter().zip(totals.iter_mut()).zip(sums.iter_mut()) {
                if !x.is_nan() {
                    *total += w;
                    *sum = f(*sum, *x);
                }
            }
        };
        match self {
            Self::Arithmetic => each(&|sum, x| sum + w * x),
            Self::Geometric => {
                refused(&|x| x > 0.0)?;
                each(&|sum, x| sum + w * libm::log(x));
            }
            Self::Harmonic => {
                refused(&|x| x > 0.0)?;
                each(&|sum, x| sum + w / x);
            }
            Self::Losses(top) => {
                refused(&|x| x < top)?;
                each(&|sum, x| sum + w * libm::log(top - x));
            }
            Self::General(p) => {
                refused(&|x| x > 0.0 || (x == 0.0 && p > 0.0))?;
                each(&|sum, x| sum + w * libm::pow(x, p));
            }
            Self::Least => each(&|sum, x| sum.min(x)),
            Self::Most => each(&|sum, x| sum.max(x)),
        }
        Ok(())
    }

    fn finish(self, sum: f64, total: f64) -> f64 {
        match self {
            Self::Arithmetic => sum / total,
            Self::Geometric => libm::exp(sum / total),
            Self::Harmonic => total / sum,
            Self::Losses(top) => top - libm::exp(sum / total),
            Self::General(p) => libm::pow(sum / total, 1.0 / p),
            Self::Least | Self::Most => sum,
        }
    }
}
