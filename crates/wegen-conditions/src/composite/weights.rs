//! Weights: what they amount to in the index, with noise, and without an element.

use super::{Aggregation, Blocks, CompositeError, Structure, Table, Unit, aggregate, rank};

/// The weight of each node in the index if all means are arithmetic and nothing is missing: the product of the shares
/// from the node up to the top.
#[must_use]
pub fn effective_weights(structure: &Structure, weights: &[f64]) -> Vec<f64> {
    let nodes = structure.nodes();
    let mut effective = vec![1.0; nodes.len()];
    for at in (0..nodes.len()).rev() {
        let sum: f64 = nodes[at].children.iter().map(|&c| weights[c]).sum();
        for &child in &nodes[at].children {
            effective[child] = effective[at] * (weights[child] / sum);
        }
    }
    effective
}

/// Weights with noise: w (1 + f (2u − 1)) at each of these levels, with f the level's factor and a uniform u in [0, 1)
/// for each node of it, level by level and in the order of the nodes. Other weights stay.
///
/// # Errors
/// If a factor is not within [0, 1], or the uniforms do not suffice.
pub fn noisy_weights(
    structure: &Structure,
    weights: &[f64],
    factors: &[(usize, f64)],
    uniforms: &mut dyn Iterator<Item = f64>,
) -> Result<Vec<f64>, CompositeError> {
    let mut out = weights.to_vec();
    for &(level, factor) in factors {
        if !(0.0..=1.0).contains(&factor) {
            return Err(CompositeError::Options(format!("found noise factor {factor}, expected 0 to 1")));
        }
        for (at, node) in structure.nodes().iter().enumerate().filter(|(_, n)| n.level == level) {
            let u = uniforms.next().ok_or_else(|| {
                CompositeError::Options(format!("no uniform is left for the weight of `{}`", node.draft.code))
            })?;
            out[at] = weights[at] * (1.0 + factor * (2.0 * u - 1.0));
        }
    }
    Ok(out)
}

/// What removing each element of a level does: its code and the mean absolute change of rank over the units. The
/// weights of the others are rescaled; a group that loses its only child goes too.
///
/// # Errors
/// As [`aggregate`], and if the level has no elements below the top.
pub fn remove_elements(
    normalised: &Table,
    structure: &Structure,
    weights: &[f64],
    aggregation: &Aggregation,
    units: &[Unit],
    blocks: &Blocks,
    level: usize,
) -> Result<Vec<(String, f64)>, CompositeError> {
    let index = |weights: &[f64]| -> Result<Vec<u32>, CompositeError> {
        let table = aggregate(normalised, structure, weights, aggregation, units, blocks)?;
        Ok(ranks_by(table.column(structure.top()), blocks))
    };
    let nominal = index(weights)?;
    let nodes = structure.nodes();
    let elements: Vec<usize> =
        (0..nodes.len()).filter(|&at| nodes[at].level == level && at != structure.top()).collect();
    if elements.is_empty() {
        return Err(CompositeError::Options(format!("found level {level}, expected one below the top")));
    }
    elements
        .into_iter()
        .map(|at| {
            let mut without = weights.to_vec();
            without[at] = 0.0;
            let ranks = index(&without)?;
            Ok((nodes[at].draft.code.clone(), rank::mean_absolute_change(&ranks, &nominal)))
        })
        .collect()
}

/// Ranks within each block.
#[must_use]
pub fn ranks_by(scores: &[f64], blocks: &Blocks) -> Vec<u32> {
    let mut out = vec![0; scores.len()];
    for rows in blocks.iter() {
        let part: Vec<f64> = rows.iter().map(|&row| scores[row]).collect();
        for (&row, rank) in rows.iter().zip(rank::ranks(&part)) {
            out[row] = rank;
        }
    }
    out
}
