//! Outliers: Winsorising, and a transformation where that is not enough.

use super::{Blocks, Table, moments};

/// When an indicator has outliers, and what is done about them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Treatment {
    /// Outliers are suspected where the absolute skewness is above this …
    pub skewness: f64,
    /// … and the excess kurtosis above this.
    pub kurtosis: f64,
    /// At most about so many points are Winsorised; no limit if none. Ties are moved together, so the last step
    /// may go past it.
    pub winmax: Option<usize>,
    /// What is done to the untreated data where Winsorising is not enough.
    pub transform: Transform,
}

impl Default for Treatment {
    fn default() -> Self {
        Self { skewness: 2.0, kurtosis: 3.5, winmax: Some(5), transform: Transform::LogCoin }
    }
}

/// A transformation of an indicator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transform {
    /// None: the Winsorised data stay as they are.
    Nothing,
    /// ln(x − min + (max − min)/100), `log_CT` of COINr.
    LogCoin,
    /// ln(x − min + 1), `log_CT_orig` of COINr.
    LogShifted,
    /// (y^λ − 1)/λ with y = x − min + 1; ln y for λ = 0 (Box and Cox 1964).
    BoxCox(f64),
}

/// Skewness and kurtosis, and whether they pass. Undetermined of too few values or without spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Whether no outliers are suspected.
    pub pass: Option<bool>,
    /// See [`moments::skewness`].
    pub skewness: f64,
    /// See [`moments::kurtosis`].
    pub kurtosis: f64,
}

/// What was done to a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Nothing by Winsorising.
    Kept,
    /// Brought down to the next highest value.
    High,
    /// Brought up to the next lowest value.
    Low,
}

/// What was done to an indicator within a block of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Treated {
    /// The position of the indicator.
    pub column: usize,
    /// The position of the block.
    pub block: usize,
    /// The shape before.
    pub before: Shape,
    /// The number of points that were Winsorised, and the shape after.
    pub winsorised: Option<(usize, Shape)>,
    /// The shape after the transformation.
    pub transformed: Option<Shape>,
    /// What Winsorising did to each row of the block, also where the transformation then began anew.
    pub points: Vec<Point>,
}

/// Treats each indicator in each block of rows, by its own treatment; none leaves it alone. An indicator of which the
/// shape is undetermined is left alone too, which [`Treated::before`] says.
///
/// Two steps, as in COINr: Winsorise one value after another (the highest if the skewness is not negative, else the
/// lowest) until the shape passes; if it still does not, transform the data as they were.
#[must_use]
pub fn treat(data: &Table, treatments: &[Option<Treatment>], blocks: &Blocks) -> (Table, Vec<Treated>) {
    let mut out = data.clone();
    let mut details = Vec::new();
    for (column, treatment) in treatments.iter().enumerate() {
        let Some(treatment) = treatment else { continue };
        for (block, rows) in blocks.iter().enumerate() {
            let mut values: Vec<f64> = rows.iter().map(|&row| data.column(column)[row]).collect();
            let mut detail = treat_column(&mut values, treatment);
            (detail.column, detail.block) = (column, block);
            details.push(detail);
            let cells = out.column_mut(column);
            for (&row, value) in rows.iter().zip(values) {
                cells[row] = value;
            }
        }
    }
    (out, details)
}

/// Treats one column in place. See [`treat`].
pub fn treat_column(column: &mut [f64], treatment: &Treatment) -> Treated {
    let mut points = vec![Point::Kept; column.len()];
    let before = shape(column, treatment);
    let mut detail =
        Treated { column: 0, block: 0, before, winsorised: None, transformed: None, points: Vec::new() };
    if before.pass == Some(false) {
        let untreated = column.to_vec();
        let count = winsorise(column, treatment, &mut points);
        let after = shape(column, treatment);
        detail.winsorised = Some((count, after));
        if after.pass.is_none() {
            column.copy_from_slice(&untreated);
        } else if after.pass == Some(false) && treatment.transform != Transform::Nothing {
            column.copy_from_slice(&untreated);
            transform(column, treatment.transform);
            detail.transformed = Some(shape(column, treatment));
        }
    }
    detail.points = points;
    detail
}

/// The shape of the values that are there.
#[must_use]
pub fn shape(column: &[f64], treatment: &Treatment) -> Shape {
    let values = moments::present(column);
    let (skewness, kurtosis) = (moments::skewness(&values), moments::kurtosis(&values));
    let pass = (!skewness.is_nan() && !kurtosis.is_nan())
        .then_some(!(skewness.abs() > treatment.skewness && kurtosis > treatment.kurtosis));
    Shape { pass, skewness, kurtosis }
}

/// Winsorises until the shape passes or the limit is reached; gives the number of points moved at the last step of
/// each side, ties included.
fn winsorise(column: &mut [f64], treatment: &Treatment, points: &mut [Point]) -> usize {
    let (mut high, mut low) = (0, 0);
    while treatment.winmax.is_none_or(|most| high + low < most) {
        let now = shape(column, treatment);
        let Some((least, most)) = moments::range(column).filter(|_| now.pass == Some(false)) else { break };
        let upper = now.skewness >= 0.0;
        let edge = if upper { most } else { least };
        let Some((below, above)) = moments::range(&without(column, edge)) else { break };
        let (next, mark) = if upper { (above, Point::High) } else { (below, Point::Low) };
        let mut moved = 0;
        for (value, point) in column.iter_mut().zip(points.iter_mut()) {
            if *value == edge {
                *value = next;
                *point = mark;
                moved += 1;
            }
        }
        *(if upper { &mut high } else { &mut low }) = moved;
    }
    high + low
}

fn without(column: &[f64], edge: f64) -> Vec<f64> {
    column.iter().copied().filter(|&v| v != edge).collect()
}

fn transform(column: &mut [f64], transform: Transform) {
    let Some((least, most)) = moments::range(column) else { return };
    for value in column.iter_mut().filter(|v| !v.is_nan()) {
        let shifted = *value - least + 1.0;
        *value = match transform {
            Transform::Nothing => *value,
            Transform::LogCoin => libm::log(*value - least + 0.01 * (most - least)),
            Transform::LogShifted => libm::log(shifted),
            Transform::BoxCox(0.0) => libm::log(shifted),
            Transform::BoxCox(power) => (libm::pow(shifted, power) - 1.0) / power,
        };
    }
}
