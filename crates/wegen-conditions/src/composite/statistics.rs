//! What indicators look like, and how they hang together.

use super::{Table, moments, rank};

/// Thresholds of flags, as COINr has them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Least fraction of units that have the indicator.
    pub available: f64,
    /// Least fraction of non-zero values.
    pub nonzero: f64,
    /// Least fraction of distinct values.
    pub unique: f64,
    /// Absolute skewness above which outliers are suspected …
    pub skewness: f64,
    /// … together with excess kurtosis above this.
    pub kurtosis: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { available: 0.65, nonzero: 0.5, unique: 0.5, skewness: 2.0, kurtosis: 3.5 }
    }
}

/// Statistics of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// The code of the column.
    pub code: String,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The arithmetic mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The standard deviation, with n − 1.
    pub deviation: f64,
    /// See [`moments::skewness`].
    pub skewness: f64,
    /// See [`moments::kurtosis`].
    pub kurtosis: f64,
    /// Number of values that are there.
    pub available: usize,
    /// Number of values that are not zero.
    pub nonzero: usize,
    /// Number of distinct values.
    pub unique: usize,
    /// How often the most frequent value occurs.
    pub same: usize,
    /// Whether too few units have it.
    pub low_available: bool,
    /// Whether too many values are zero.
    pub low_nonzero: bool,
    /// Whether too few values are distinct.
    pub low_unique: bool,
    /// Whether outliers are suspected.
    pub outliers: bool,
}

impl Statistics {
    /// The statistics of a column. Fractions for the flags are of all units for availability, else of the values that
    /// are there.
    #[must_use]
    pub fn of(code: &str, column: &[f64], thresholds: &Thresholds) -> Self {
        let mut values = moments::present(column);
        let (skewness, kurtosis) = (moments::skewness(&values), moments::kurtosis(&values));
        let (mean, median, deviation) =
            (moments::mean(&values), moments::median(&values), moments::deviation(&values));
        let nonzero = values.iter().filter(|v| **v != 0.0).count();
        values.sort_by(f64::total_cmp);
        let runs: Vec<usize> = values.chunk_by(|a, b| a == b).map(<[f64]>::len).collect();
        let (min, max) = moments::range(column).unwrap_or((f64::NAN, f64::NAN));
        let n = values.len() as f64;
        Self {
            code: code.to_owned(),
            min,
            max,
            mean,
            median,
            deviation,
            skewness,
            kurtosis,
            available: values.len(),
            nonzero,
            unique: runs.len(),
            same: runs.iter().copied().max().unwrap_or(0),
            low_available: n / (column.len() as f64) < thresholds.available,
            low_nonzero: nonzero as f64 / n < thresholds.nonzero,
            low_unique: runs.len() as f64 / n < thresholds.unique,
            outliers: skewness.abs() > thresholds.skewness && kurtosis > thresholds.kurtosis,
        }
    }
}

/// The statistics of all columns.
#[must_use]
pub fn statistics(table: &Table, thresholds: &Thresholds) -> Vec<Statistics> {
    table.codes().iter().zip(table.columns()).map(|(code, c)| Statistics::of(code, c, thresholds)).collect()
}

/// Spearman's correlation: Pearson's of the ranks, ties with the mean of their ranks, over pairs that are both there.
#[must_use]
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (left, right): (Vec<f64>, Vec<f64>) =
        a.iter().zip(b).filter(|(x, y)| !x.is_nan() && !y.is_nan()).unzip();
    moments::correlation(&mean_ranks(&left), &mean_ranks(&right))
}

/// Cronbach's α = k/(k − 1) · (1 − Σ s²ₖ / s²), with s² the variance of the sum of k columns, over units that have all
/// of them; `NaN` of fewer than two columns or units (Cronbach 1951).
#[must_use]
pub fn cronbach_alpha(columns: &[&[f64]]) -> f64 {
    let k = columns.len() as f64;
    let rows = columns.first().map_or(0, |c| c.len());
    let whole: Vec<usize> = (0..rows).filter(|&row| columns.iter().all(|c| !c[row].is_nan())).collect();
    let each: f64 =
        columns.iter().map(|c| moments::variance(&whole.iter().map(|&row| c[row]).collect::<Vec<_>>())).sum();
    let sums: Vec<f64> = whole.iter().map(|&row| columns.iter().map(|c| c[row]).sum()).collect();
    if columns.len() < 2 { f64::NAN } else { k / (k - 1.0) * (1.0 - each / moments::variance(&sums)) }
}

fn mean_ranks(values: &[f64]) -> Vec<f64> {
    let down = rank::ranks(values);
    let turned: Vec<f64> = values.iter().map(|v| -v).collect();
    let n = values.len() as f64;
    // A tie's lowest rank from either end gives the mean rank.
    down.iter()
        .zip(rank::ranks(&turned))
        .map(|(d, u)| (n + 1.0 - f64::from(*d) + f64::from(u)) / 2.0)
        .collect()
}
