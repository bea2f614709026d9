//! How far a run is from registrations, as the field computes it.
//!
//! Suleimenova, Bell and Groen 2017 (Sci. Rep. 7, 13377): the averaged relative difference, plain and rescaled;
//! mean absolute scaled errors against naive forecasts from day 7 and day 30.

use serde::{Deserialize, Serialize};

use crate::{Instance, Run};

/// Persons by camp and day: `values[camp][day]`, camps in the order they are scored in.
pub type Table = Vec<Vec<f64>>;

/// Errors of a simulation against registrations.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Errors {
    /// Averaged relative difference: Σ |sim − data| / max(1, Σ data), averaged over days.
    pub error: f64,
    /// The same after each day's simulation is brought to the day's total of the data.
    pub rescaled: f64,
    /// Root of the mean squared difference over camps and days, in persons.
    pub rmse: f64,
    /// Mean absolute scaled errors, weighted by person-days.
    pub mase: Mase,
}

/// Mean absolute scaled errors: of the rescaled simulation over those of a naive forecast, from day 7 and day 30.
///
/// A camp whose naive forecast is perfect has no such error, and is left out with its weight.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Mase {
    /// Flat from day 7.
    pub flat7: f64,
    /// Sloped from day 7, as the field computes it: the count of day 7 times the day.
    pub sloped7: f64,
    /// The share of day 7 of each day's total.
    pub ratio7: f64,
    /// Flat from day 30.
    pub flat30: f64,
    /// Sloped from day 30.
    pub sloped30: f64,
    /// The share of day 30 of each day's total.
    pub ratio30: f64,
}

/// Totals over camps by day.
pub fn totals(table: &Table) -> Vec<f64> {
    let days = table.first().map_or(0, Vec::len);
    (0..days).map(|day| table.iter().map(|camp| camp[day]).sum()).collect()
}

/// Registrations of the scored camps by day.
pub fn registered(instance: &Instance) -> Table {
    let at = |camp: usize| {
        (0..instance.days).map(move |day| instance.registered_at(camp, day).unwrap_or(0) as f64)
    };
    instance.scored().into_iter().map(|camp| at(camp).collect()).collect()
}

/// Simulated persons at some camps by day.
pub fn simulated(run: &Run, camps: &[usize]) -> Table {
    camps.iter().map(|camp| run.at(*camp).map(|n| n as f64).collect()).collect()
}

/// Each day's counts as shares of the day's total; 0 where that is 0.
pub fn shares(counts: &Table) -> Table {
    let sums = totals(counts);
    let share = |(day, n): (usize, &f64)| if sums[day] > 0.0 { n / sums[day] } else { 0.0 };
    counts.iter().map(|camp| camp.iter().enumerate().map(share).collect()).collect()
}

/// Shares as persons of each day's total.
pub fn in_persons(shares: &Table, totals: &[f64]) -> Table {
    shares.iter().map(|camp| camp.iter().zip(totals).map(|(s, n)| s * n).collect()).collect()
}

/// The weighted sum of tables of one shape.
pub fn mean<'t>(tables: impl Iterator<Item = (&'t Table, f64)>) -> Table {
    let mut sum: Table = Vec::new();
    for (table, weight) in tables {
        if sum.is_empty() {
            sum = table.iter().map(|row| vec![0.0; row.len()]).collect();
        }
        for (to, from) in sum.iter_mut().zip(table) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to += weight * from);
        }
    }
    sum
}

/// A simulation with each day brought to the day's total of the data; 0 where nobody was simulated.
pub fn rescale(sim: &Table, data: &Table) -> Table {
    let (simulated, registered) = (totals(sim), totals(data));
    sim.iter()
        .map(|camp| {
            let scaled = |(day, n): (usize, &f64)| {
                if simulated[day] > 0.0 { n * registered[day] / simulated[day] } else { 0.0 }
            };
            camp.iter().enumerate().map(scaled).collect()
        })
        .collect()
}

/// Σ |sim − data| / max(1, Σ data), averaged over days from `first`.
pub fn relative_difference(sim: &Table, data: &Table, first: usize) -> f64 {
    let registered = totals(data);
    let days = registered.len();
    if days <= first {
        return f64::NAN;
    }
    let sum: f64 = (first..days)
        .map(|day| {
            let off: f64 = sim.iter().zip(data).map(|(s, d)| (s[day] - d[day]).abs()).sum();
            off / registered[day].max(1.0)
        })
        .sum();
    sum / (days - first) as f64
}

/// All errors over the whole period.
pub fn errors(sim: &Table, data: &Table) -> Errors {
    let scaled = rescale(sim, data);
    let cells = data.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    let squares: f64 =
        sim.iter().zip(data).flat_map(|(s, d)| s.iter().zip(d)).map(|(s, d)| (s - d) * (s - d)).sum();
    Errors {
        error: relative_difference(sim, data, 0),
        rescaled: relative_difference(&scaled, data, 0),
        rmse: (squares / cells).sqrt(),
        mase: mase(&scaled, data),
    }
}

fn mase(scaled: &Table, data: &Table) -> Mase {
    let registered = totals(data);
    let measure = |day: usize, naive: &dyn Fn(&[f64], usize) -> f64| -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for (sim, real) in scaled.iter().zip(data) {
            let days = real.len();
            if days <= day + 1 {
                continue;
            }
            let of_naive: f64 = (day + 1..days).map(|t| (real[t] - naive(real, t)).abs()).sum::<f64>()
                / (days - day - 1) as f64;
            let of_sim: f64 = sim.iter().zip(real).map(|(s, d)| (s - d).abs()).sum::<f64>() / days as f64;
            let persons: f64 = real.iter().sum();
            if of_naive > 0.0 {
                sum += of_sim / of_naive * persons;
                weight += persons;
            }
        }
        sum / weight
    };
    let flat = |day: usize| measure(day, &|real, _| real[day]);
    let sloped = |day: usize| measure(day, &|real, t| if real[7] > 0.0 { t as f64 * real[day] } else { 0.0 });
    let ratio = |day: usize| {
        measure(day, &|real, t| {
            if registered[day] > 0.0 { registered[t] * real[day] / registered[day] } else { 0.0 }
        })
    };
    Mase {
        flat7: flat(7),
        sloped7: sloped(7),
        ratio7: ratio(7),
        flat30: flat(30),
        sloped30: sloped(30),
        ratio30: ratio(30),
    }
}
