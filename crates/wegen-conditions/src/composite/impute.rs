//! Filling in missing cells. Every cell that was filled in is listed.

use super::{Blocks, Table, moments};

/// What stands in for a missing cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centre {
    /// The arithmetic mean.
    Mean,
    /// The median.
    Median,
}

/// How missing cells are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imputation {
    /// The centre of the indicator over the units that have it.
    pub centre: Centre,
    /// Only over units with the same label in this grouping; over all units if none.
    pub grouping: Option<String>,
    /// Over all times at once rather than within each time.
    pub together: bool,
}

/// A cell that was filled in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imputed {
    /// The row.
    pub row: usize,
    /// The column.
    pub column: usize,
    /// What it was given.
    pub value: f64,
}

/// Fills each missing cell with the centre of its indicator within its block and label. What has no label, or no
/// value beside it, stays missing.
#[must_use]
pub fn impute(
    data: &Table,
    centre: Centre,
    labels: Option<&[Option<&str>]>,
    blocks: &Blocks,
) -> (Table, Vec<Imputed>) {
    let mut out = data.clone();
    let mut imputed = Vec::new();
    for block in blocks.iter() {
        let parts: Vec<Vec<usize>> = match labels {
            None => vec![block.to_vec()],
            Some(labels) => {
                let named: Vec<usize> = block.iter().copied().filter(|&r| labels[r].is_some()).collect();
                let keys: Vec<Option<&str>> = named.iter().map(|&r| labels[r]).collect();
                Blocks::by(&keys).iter().map(|part| part.iter().map(|&at| named[at]).collect()).collect()
            }
        };
        for part in &parts {
            for column in 0..data.codes().len() {
                let cells = data.column(column);
                let missing: Vec<usize> = part.iter().copied().filter(|&r| cells[r].is_nan()).collect();
                if missing.is_empty() || missing.len() == part.len() {
                    continue;
                }
                let known: Vec<f64> = part.iter().map(|&r| cells[r]).filter(|v| !v.is_nan()).collect();
                let value = match centre {
                    Centre::Mean => moments::mean(&known),
                    Centre::Median => moments::median(&known),
                };
                for row in missing {
                    out.column_mut(column)[row] = value;
                    imputed.push(Imputed { row, column, value });
                }
            }
        }
    }
    imputed.sort_by_key(|cell| (cell.column, cell.row));
    (out, imputed)
}
