//! The normalisations of composite indicators, from which the observed range is never far.

use super::{Blocks, CompositeError, Direction, Structure, Table, Unit, moments, rank};

/// How indicators are brought to a common scale. An indicator of which lower is better is multiplied by −1 first, so
/// that more is always better afterwards. Reference: OECD/JRC Handbook (2008), step 5.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Normalisation {
    /// l + (x − min)/(max − min) · (u − l).
    MinMax {
        /// The score of the worst unit.
        lower: f64,
        /// The score of the best unit.
        upper: f64,
    },
    /// m + s (x − mean)/sd, sd with n − 1.
    ZScore {
        /// The mean m of the scores.
        mean: f64,
        /// The standard deviation s of the scores.
        deviation: f64,
    },
    /// 1 for the worst unit, ties get the lowest of their ranks.
    Rank,
    /// (rank − 1)/(n − 1).
    PercentileRank,
    /// rank − 1.
    Borda,
    /// 100 (x − l)/(u − l), whatever the data.
    Scaled {
        /// What becomes 0, after turning round.
        lower: f64,
        /// What becomes 100, after turning round.
        upper: f64,
    },
    /// 1 − (max − x)/(max − min).
    DistanceToMaximum,
    /// 1 − (r − x)/(r − min) with r the value of a unit.
    DistanceToReference {
        /// The code of the unit; its first row in a block.
        unit: String,
        /// Whether scores end at 1.
        capped: bool,
    },
    /// (x − min)/(t − min) with t the indicator's target.
    DistanceToTarget {
        /// Whether scores end at 1.
        capped: bool,
    },
    /// Only turned round.
    Nothing,
}

impl Normalisation {
    /// The scores of the worst and the best that an indicator can have, where these do not depend on the data.
    #[must_use]
    pub fn bounds(&self) -> Option<(f64, f64)> {
        match self {
            Self::MinMax { lower, upper } => Some((*lower, *upper)),
            Self::PercentileRank | Self::DistanceToMaximum => Some((0.0, 1.0)),
            _ => None,
        }
    }
}

/// A normalised table, and what could not be normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalised {
    /// The scores.
    pub table: Table,
    /// Indicators of which a value that was there has no finite score: constant ones under most normalisations,
    /// and those whose reference is the minimum.
    pub undefined: Vec<usize>,
}

/// Normalises each indicator in each block of rows, by its own normalisation.
///
/// # Errors
/// If a reference unit is not in a block, or an indicator that needs a target has none.
pub fn normalise(
    data: &Table,
    structure: &Structure,
    normalisations: &[&Normalisation],
    units: &[Unit],
    blocks: &Blocks,
) -> Result<Normalised, CompositeError> {
    let mut table = Table::missing(data.rows(), data.codes().to_vec());
    let mut undefined = Vec::new();
    for (column, (node, how)) in structure.indicators().iter().zip(normalisations).enumerate() {
        for rows in blocks.iter() {
            let values: Vec<f64> = rows.iter().map(|&row| data.column(column)[row]).collect();
            let anchor = match how {
                Normalisation::DistanceToReference { unit, .. } => {
                    let at = rows.iter().position(|&row| units[row].code == *unit).ok_or_else(|| {
                        CompositeError::Options(format!(
                            "found reference `{unit}`, expected the code of a unit with data"
                        ))
                    })?;
                    values[at] * node.draft.direction.sign()
                }
                Normalisation::DistanceToTarget { .. } => {
                    node.draft.target.map(|t| t * node.draft.direction.sign()).ok_or_else(|| {
                        CompositeError::Options(format!("`{}` has no target, expected one", node.draft.code))
                    })?
                }
                _ => f64::NAN,
            };
            let scores = normalise_column(&values, node.draft.direction, how, anchor);
            let lost = values.iter().zip(&scores).any(|(v, s)| !v.is_nan() && !s.is_finite());
            if lost && undefined.last() != Some(&column) {
                undefined.push(column);
            }
            let cells = table.column_mut(column);
            for (&row, score) in rows.iter().zip(scores) {
                cells[row] = score;
            }
        }
    }
    Ok(Normalised { table, undefined })
}

/// Normalises one column. `anchor` is the reference or target, turned round already; others do not use it.
#[must_use]
pub fn normalise_column(column: &[f64], direction: Direction, how: &Normalisation, anchor: f64) -> Vec<f64> {
    let x: Vec<f64> = column.iter().map(|v| v * direction.sign()).collect();
    let (least, most) = moments::range(&x).unwrap_or((f64::NAN, f64::NAN));
    let each = |score: &dyn Fn(f64) -> f64| x.iter().map(|&v| score(v)).collect();
    match *how {
        Normalisation::MinMax { lower, upper } => {
            each(&|v| (v - least) / (most - least) * (upper - lower) + lower)
        }
        Normalisation::ZScore { mean, deviation } => {
            let there = moments::present(&x);
            let (centre, spread) = (moments::mean(&there), moments::deviation(&there));
            each(&|v| (v - centre) / spread * deviation + mean)
        }
        Normalisation::Rank => ranks(&x),
        Normalisation::PercentileRank => {
            let n = moments::present(&x).len() as f64;
            ranks(&x).into_iter().map(|r| (r - 1.0) / (n - 1.0)).collect()
        }
        Normalisation::Borda => ranks(&x).into_iter().map(|r| r - 1.0).collect(),
        Normalisation::Scaled { lower, upper } => each(&|v| (v - lower) / (upper - lower) * 100.0),
        Normalisation::DistanceToMaximum => each(&|v| 1.0 - (most - v) / (most - least)),
        Normalisation::DistanceToReference { capped, .. } => {
            each(&|v| cap(1.0 - (anchor - v) / (anchor - least), capped))
        }
        Normalisation::DistanceToTarget { capped } => each(&|v| cap((v - least) / (anchor - least), capped)),
        Normalisation::Nothing => x,
    }
}

fn cap(score: f64, capped: bool) -> f64 {
    if capped && score > 1.0 { 1.0 } else { score }
}

/// Ranks from the lowest, as numbers; missing where the value is.
fn ranks(x: &[f64]) -> Vec<f64> {
    let turned: Vec<f64> = x.iter().map(|v| -v).collect();
    rank::ranks(&turned).into_iter().map(|r| if r == 0 { f64::NAN } else { f64::from(r) }).collect()
}
