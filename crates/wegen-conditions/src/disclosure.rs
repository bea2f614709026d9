//! Small counts of people: which cells of a table are withheld, so that none can be worked out from the rest.
//!
//! A table of counts with its row and column totals, as it would be published. Cells from 1 to the threshold are
//! withheld; then further cells, until the range in which each withheld cell must lie, given everything published, is
//! at least twice the threshold wide. The ranges are found by linear programme, not assumed.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use wegen_model::Interval;

/// What can be worked out of a withheld cell from what is published.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audit {
    /// Row.
    pub row: usize,
    /// Column.
    pub column: usize,
    /// The range in which it must lie.
    pub range: Interval,
}

/// A table with cells withheld.
#[derive(Debug, Clone, PartialEq)]
pub struct Suppressed {
    /// Which cells are withheld, in rows.
    pub withheld: Vec<Vec<bool>>,
    /// What can still be worked out of each.
    pub audit: Vec<Audit>,
}

/// Withholds cells of a table whose row and column totals are published.
///
/// Zeros may be published; cells from 1 to `threshold` may not. Where no choice of cells protects (a total that is
/// itself small), every cell of its row or column is withheld, and the audit shows what is left to be worked out: the
/// total must then be withheld as well, by whoever publishes it.
pub fn suppress(table: &[Vec<u64>], threshold: u64) -> Suppressed {
    let small = |v: u64| (1..=threshold).contains(&v);
    let mut withheld: Vec<Vec<bool>> =
        table.iter().map(|row| row.iter().map(|v| small(*v)).collect()).collect();
    let wanted = 2.0 * threshold as f64;
    loop {
        let audit = audit(table, &withheld);
        // The tightest cell that is not yet protected gets company in its row, then in its column.
        let tight = audit.iter().filter(|a| a.range.width() < wanted - 1e-6);
        let Some(worst) = tight.min_by(|a, b| a.range.width().total_cmp(&b.range.width())) else {
            return Suppressed { withheld, audit };
        };
        let columns = table[worst.row].len();
        let in_row = (0..columns).map(|c| (worst.row, c));
        let in_column = (0..table.len()).map(|r| (r, worst.column));
        let published = |at: &(usize, usize)| !withheld[at.0][at.1];
        let count =
            |cells: &mut dyn Iterator<Item = (usize, usize)>| cells.filter(|at| !published(at)).count();
        let (row, column) = (count(&mut in_row.clone()), count(&mut in_column.clone()));
        // Small numbers first, but large enough to hide behind; a zero hides nothing.
        let choose = |cells: &mut dyn Iterator<Item = (usize, usize)>| {
            let open = cells.filter(published).filter(|(r, c)| table[*r][*c] > 0);
            open.min_by_key(|(r, c)| (table[*r][*c] < 2 * threshold, table[*r][*c]))
        };
        let (mut in_row, mut in_column) = (in_row, in_column);
        let next = match row <= column {
            true => choose(&mut in_row).or_else(|| choose(&mut in_column)),
            false => choose(&mut in_column).or_else(|| choose(&mut in_row)),
        };
        // Another row's cells can still widen what both know.
        let everywhere = || (0..table.len()).flat_map(|r| (0..table[r].len()).map(move |c| (r, c)));
        let Some((r, c)) = next.or_else(|| choose(&mut everywhere())) else {
            return Suppressed { withheld, audit };
        };
        withheld[r][c] = true;
    }
}

/// The range of each withheld cell, given all that is published: counts of 0 or more that keep every total.
pub fn audit(table: &[Vec<u64>], withheld: &[Vec<bool>]) -> Vec<Audit> {
    let cells: Vec<(usize, usize)> = withheld
        .iter()
        .enumerate()
        .flat_map(|(r, row)| row.iter().enumerate().filter(|(_, w)| **w).map(move |(c, _)| (r, c)))
        .collect();
    let extreme = |wanted: usize, direction: OptimizationDirection| -> Option<f64> {
        let mut problem = Problem::new(direction);
        let vars: Vec<_> = (0..cells.len())
            .map(|i| problem.add_var(if i == wanted { 1.0 } else { 0.0 }, (0.0, f64::INFINITY)))
            .collect();
        let rows = (0..table.len()).map(|r| (true, r));
        let columns = (0..table.iter().map(Vec::len).max().unwrap_or(0)).map(|c| (false, c));
        for (by_row, line) in rows.chain(columns) {
            let mine: Vec<usize> =
                (0..cells.len()).filter(|i| line == if by_row { cells[*i].0 } else { cells[*i].1 }).collect();
            if !mine.is_empty() {
                // What the total leaves for the withheld cells of this line.
                let left: u64 = mine.iter().map(|i| table[cells[*i].0][cells[*i].1]).sum();
                let terms: Vec<_> = mine.iter().map(|i| (vars[*i], 1.0)).collect();
                problem.add_constraint(terms, ComparisonOp::Eq, left as f64);
            }
        }
        Some(problem.solve().ok()?.into_solution().ok()?.var_value(vars[wanted]))
    };
    cells
        .iter()
        .enumerate()
        .map(|(i, &(row, column))| {
            // A programme that fails leaves nothing known to be protected: the true count.
            let exact = table[row][column] as f64;
            let low = extreme(i, OptimizationDirection::Minimize).unwrap_or(exact);
            let high = extreme(i, OptimizationDirection::Maximize).unwrap_or(exact);
            Audit { row, column, range: Interval { low: low.min(exact), high: high.max(exact) } }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn with_small_cells_alone_withheld_both_are_recovered_exactly() {
        let table = vec![vec![3, 40, 57], vec![60, 2, 70], vec![81, 50, 64]];
        let small: Vec<Vec<bool>> = table.iter().map(|r| r.iter().map(|v| *v <= 10).collect()).collect();
        for found in audit(&table, &small) {
            assert!(found.range.width() < 1e-6);
            assert!((found.range.low - table[found.row][found.column] as f64).abs() < 1e-6);
        }
        let protected = suppress(&table, 10);
        assert!(protected.withheld[0][0] && protected.withheld[1][1]);
        assert!(protected.audit.iter().all(|a| a.range.width() >= 20.0 - 1e-6), "{protected:?}");
    }

    #[test]
    fn a_table_without_small_counts_is_published_whole() {
        let protected = suppress(&[vec![0, 40], vec![60, 200]], 10);
        assert!(protected.audit.is_empty() && protected.withheld.iter().flatten().all(|w| !w));
        assert!(suppress(&[], 10).withheld.is_empty());
    }

    proptest! {
        #[test]
        fn what_is_withheld_lies_in_its_range_and_is_wide_or_alone(
            table in proptest::collection::vec(proptest::collection::vec(0..120u64, 3), 3),
        ) {
            let protected = suppress(&table, 10);
            for found in &protected.audit {
                prop_assert!(found.range.contains(table[found.row][found.column] as f64));
            }
            let narrow = protected.audit.iter().any(|a| a.range.width() < 20.0 - 1e-6);
            // Only where nothing was left to withhold.
            let open = |r: usize, c: usize| !protected.withheld[r][c] && table[r][c] > 0;
            prop_assert!(!narrow || (0..3).all(|r| (0..3).all(|c| !open(r, c))));
        }
    }
}
