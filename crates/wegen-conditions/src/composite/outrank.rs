//! Outranking: how much of the weight speaks for one unit above another.

use super::Blocks;

/// Supports that differ by less than this are the same: sums of weights carry rounding.
const SAME: f64 = 1e-12;

/// The outranking matrix, row by row: the share of weight of the columns in which unit i is above unit j, ties counting
/// half; 0 on the diagonal. Columns that either lacks are dropped and the weights rescaled; `NaN` where the two have
/// no column in common. Reference: Munda and Nardo 2009, doi:10.1080/00036840601019364.
#[must_use]
pub fn outranking(columns: &[&[f64]], weights: &[f64]) -> Vec<f64> {
    let n = columns.first().map_or(0, |c| c.len());
    let mut matrix = vec![0.0; n * n];
    for i in 0..n {
        for j in i + 1..n {
            let (mut support, mut total) = (0.0, 0.0);
            for (column, w) in columns.iter().zip(weights) {
                let (a, b) = (column[i], column[j]);
                if a.is_nan() || b.is_nan() {
                    continue;
                }
                total += w;
                if a > b {
                    support += w;
                } else if a == b {
                    support += w / 2.0;
                }
            }
            let share = support / total;
            matrix[i * n + j] = share;
            matrix[j * n + i] = 1.0 - share;
        }
    }
    matrix
}

/// Copeland's scores from an outranking matrix of n units: the number of units that a unit outranks with more than half
/// of the weight, minus the number that outrank it.
#[must_use]
pub fn copeland(matrix: &[f64], n: usize) -> Vec<f64> {
    let sign = |share: f64| match share - 0.5 {
        d if d > SAME => 1.0,
        d if d < -SAME => -1.0,
        _ => 0.0,
    };
    (0..n).map(|i| (0..n).filter(|&j| j != i).map(|j| sign(matrix[i * n + j])).sum()).collect()
}

/// Copeland's scores within each block; missing for a unit without any value.
pub(crate) fn copeland_scores(children: &[(&[f64], f64)], blocks: &Blocks, out: &mut [f64]) {
    let weights: Vec<f64> = children.iter().map(|(_, w)| *w).collect();
    out.fill(f64::NAN);
    for rows in blocks.iter() {
        let there: Vec<usize> =
            rows.iter().copied().filter(|&row| children.iter().any(|(c, _)| !c[row].is_nan())).collect();
        let columns: Vec<Vec<f64>> =
            children.iter().map(|(c, _)| there.iter().map(|&row| c[row]).collect()).collect();
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let scores = copeland(&outranking(&columns, &weights), there.len());
        for (row, score) in there.into_iter().zip(scores) {
            out[row] = score;
        }
    }
}
