//! What missing cells can do: the index at their worst and at their best.

use super::{Aggregation, Blocks, CompositeError, Structure, Table, Unit, aggregate};

/// The bounds of a unit's index and of its rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Number of cells that are not known.
    pub missing: usize,
    /// The index if all of them are at their lowest.
    pub lower: f64,
    /// The index if all of them are at their highest.
    pub upper: f64,
    /// One more than the number of units whose lower bound is above this one's upper bound.
    pub best: u32,
    /// One more than the number of units whose upper bound is above this one's lower bound.
    pub worst: u32,
}

/// Bounds of the index where `unknown` cells (by column, then row, as the table's values) can have any score from `low`
/// to `high`. Other cells keep their normalised values, imputed ones included, and the observed ranges do not move.
/// All means but Copeland's are monotone, so two evaluations give exact bounds.
///
/// # Errors
/// As [`aggregate`]; if a mean is not monotone, or `unknown` does not have the table's size.
#[allow(clippy::too_many_arguments)]
pub fn bounds(
    normalised: &Table,
    unknown: &[bool],
    (low, high): (f64, f64),
    structure: &Structure,
    weights: &[f64],
    aggregation: &Aggregation,
    units: &[Unit],
    blocks: &Blocks,
) -> Result<Vec<Bounds>, CompositeError> {
    if !aggregation.means.iter().all(|m| m.is_monotone()) {
        return Err(CompositeError::Options(
            "Copeland's scores are not monotone in each unit's values".to_owned(),
        ));
    }
    if unknown.len() != normalised.values().len() {
        let problem = format!("found {} marks, expected one for each cell", unknown.len());
        return Err(CompositeError::Options(problem));
    }
    let rows = normalised.rows();
    let index = |score: f64| -> Result<Vec<f64>, CompositeError> {
        let values =
            normalised.values().iter().zip(unknown).map(|(v, u)| if *u { score } else { *v }).collect();
        let table = Table::new(rows, normalised.codes().to_vec(), values)?;
        let table = aggregate(&table, structure, weights, aggregation, units, blocks)?;
        Ok(table.column(structure.top()).to_vec())
    };
    let (lower, upper) = (index(low)?, index(high)?);
    let mut out = vec![Bounds { missing: 0, lower: f64::NAN, upper: f64::NAN, best: 0, worst: 0 }; rows];
    for block in blocks.iter() {
        for &row in block {
            let above = |others: &[f64], own: f64| {
                1 + block.iter().filter(|&&other| other != row && others[other] > own).count() as u32
            };
            out[row] = Bounds {
                missing: (0..normalised.codes().len()).filter(|c| unknown[c * rows + row]).count(),
                lower: lower[row],
                upper: upper[row],
                best: above(&lower, upper[row]),
                worst: above(&upper, lower[row]),
            };
        }
    }
    Ok(out)
}
