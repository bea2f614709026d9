//! Mean, spread, skewness and kurtosis of the values that are there.

/// The values of a column that are not missing.
#[must_use]
pub fn present(column: &[f64]) -> Vec<f64> {
    column.iter().copied().filter(|v| !v.is_nan()).collect()
}

/// Arithmetic mean, corrected for rounding by a second pass; `NaN` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let first = values.iter().sum::<f64>() / n;
    if first.is_finite() { first + values.iter().map(|v| v - first).sum::<f64>() / n } else { first }
}

/// Median, the mean of the two in the middle for an even number; `NaN` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => (sorted[n / 2 - 1] + sorted[n / 2]) / 2.0,
    }
}

/// Variance with n − 1; `NaN` of fewer than two.
#[must_use]
pub fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let centre = mean(values);
    values.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / (values.len() as f64 - 1.0)
}

/// Standard deviation with n − 1.
#[must_use]
pub fn deviation(values: &[f64]) -> f64 {
    variance(values).sqrt()
}

/// Skewness G₁ = √(n(n−1))/(n−2) · √n Σd³/(Σd²)^(3/2) with d the distance to the mean (type 2 of Joanes and Gill
/// 1998). `NaN` of fewer than three values or without spread.
#[must_use]
pub fn skewness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 3 {
        return f64::NAN;
    }
    let (second, third, _) = powers(values);
    n.sqrt() * third / (second * second.sqrt()) * (n * (n - 1.0)).sqrt() / (n - 2.0)
}

/// Excess kurtosis G₂ = ((n+1)(r−3)+6)(n−1)/((n−2)(n−3)) with r = n Σd⁴/(Σd²)² (type 2 of Joanes and Gill 1998).
/// `NaN` of fewer than four values or without spread.
#[must_use]
pub fn kurtosis(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 4 {
        return f64::NAN;
    }
    let (second, _, fourth) = powers(values);
    let r = n * fourth / (second * second);
    ((n + 1.0) * (r - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))
}

/// Pearson's correlation over pairs of which both are there; `NaN` of fewer than two or without spread.
#[must_use]
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let pairs: Vec<(f64, f64)> =
        a.iter().copied().zip(b.iter().copied()).filter(|(x, y)| !x.is_nan() && !y.is_nan()).collect();
    if pairs.len() < 2 {
        return f64::NAN;
    }
    let (left, right): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let (x, y) = (mean(&left), mean(&right));
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (a, b) in left.iter().zip(&right) {
        xy += (a - x) * (b - y);
        xx += (a - x) * (a - x);
        yy += (b - y) * (b - y);
    }
    // Rounding may go past the ends.
    (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)
}

/// Smallest and largest value; none of nothing.
#[must_use]
pub fn range(column: &[f64]) -> Option<(f64, f64)> {
    column.iter().filter(|v| !v.is_nan()).fold(None, |range, &v| match range {
        None => Some((v, v)),
        Some((low, high)) => Some((low.min(v), high.max(v))),
    })
}

fn powers(values: &[f64]) -> (f64, f64, f64) {
    let centre = mean(values);
    values.iter().fold((0.0, 0.0, 0.0), |(second, third, fourth), v| {
        let d = v - centre;
        (second + d * d, third + d * d * d, fourth + (d * d) * (d * d))
    })
}
