//! A table of numbers, one column after another; `NaN` is a missing cell.

use super::CompositeError;

/// Named columns of equal length. Rows are units, in the order of the index they come from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    rows: usize,
    codes: Vec<String>,
    values: Vec<f64>,
}

impl Table {
    /// A table with all cells missing.
    #[must_use]
    pub fn missing(rows: usize, codes: Vec<String>) -> Self {
        let values = vec![f64::NAN; rows * codes.len()];
        Self { rows, codes, values }
    }

    /// A table from values that stand column after column.
    ///
    /// # Errors
    /// If there are not `rows` values for each code.
    pub fn new(rows: usize, codes: Vec<String>, values: Vec<f64>) -> Result<Self, CompositeError> {
        if values.len() == rows * codes.len() {
            Ok(Self { rows, codes, values })
        } else {
            Err(CompositeError::Options(format!(
                "found {} values, expected {} rows of {} columns",
                values.len(),
                rows,
                codes.len()
            )))
        }
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The codes of the columns, in order.
    #[must_use]
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// All values, column after column.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The position of a column.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c == code)
    }

    /// The column at a position below the number of codes.
    #[must_use]
    pub fn column(&self, at: usize) -> &[f64] {
        &self.values[at * self.rows..(at + 1) * self.rows]
    }

    /// The column at a position, to write.
    pub fn column_mut(&mut self, at: usize) -> &mut [f64] {
        &mut self.values[at * self.rows..(at + 1) * self.rows]
    }

    /// The column of a code.
    #[must_use]
    pub fn of(&self, code: &str) -> Option<&[f64]> {
        self.position(code).map(|at| self.column(at))
    }

    /// All columns in order.
    pub fn columns(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.codes.len()).map(|at| self.column(at))
    }

    /// The table with only these rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let values = self.columns().flat_map(|column| rows.iter().map(move |&row| column[row])).collect();
        Self { rows: rows.len(), codes: self.codes.clone(), values }
    }
}

/// Rows that a stage takes together: all of them, or the rows of one time after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocks(Vec<Vec<usize>>);

impl Blocks {
    /// One block of all rows.
    #[must_use]
    pub fn whole(rows: usize) -> Self {
        Self(vec![(0..rows).collect()])
    }

    /// A block for each distinct key, in order of first appearance.
    #[must_use]
    pub fn by<K: PartialEq>(keys: &[K]) -> Self {
        let mut blocks: Vec<(usize, Vec<usize>)> = Vec::new();
        for (row, key) in keys.iter().enumerate() {
            match blocks.iter_mut().find(|(first, _)| keys[*first] == *key) {
                Some((_, rows)) => rows.push(row),
                None => blocks.push((row, vec![row])),
            }
        }
        Self(blocks.into_iter().map(|(_, rows)| rows).collect())
    }

    /// The rows of each block.
    pub fn iter(&self) -> impl Iterator<Item = &[usize]> {
        self.0.iter().map(Vec::as_slice)
    }
}
