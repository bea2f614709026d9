//! Predictions of shares that anybody can compute: what a model must be better than.
//!
//! All are shares by scored camp and looked-at day ([`Case::days`]). The last value of each camp has, once it is
//! brought to the day's total, the shares of the day of the start: it is not listed apart.

use crate::measure::{Table, shares};
use crate::network::Network;
use crate::validate::{Case, Given};

/// All of them with their names, and whether they use what is only known from the scored days. Frozen shares and the
/// nearest camp, the usual two, come first.
pub fn all(case: &Case, given: Given, step: u32) -> [(&'static str, bool, Table); 5] {
    [
        ("frozen", false, frozen(case, step)),
        ("nearest", false, nearest(case, given, step)),
        ("equal", false, equal(case, step)),
        ("newcomers", false, newcomers(case, given, step)),
        ("capacities", true, capacities(case, step)),
    ]
}

/// The shares known on the day of the start, for ever.
pub fn frozen(case: &Case, step: u32) -> Table {
    constant(&case.start(), case.days(step).len())
}

/// The same share for each camp.
pub fn equal(case: &Case, step: u32) -> Table {
    constant(&vec![1.0; case.start().len()], case.days(step).len())
}

/// Those known on the day of the start stay; who comes later spreads evenly over the camps.
pub fn newcomers(case: &Case, given: Given, step: u32) -> Table {
    let start = constant(&case.start(), 1);
    let new = case.newcomers(given, step);
    let even = 1.0 / start.len().max(1) as f64;
    start.iter().map(|camp| new.iter().map(|new| (1.0 - new) * camp[0] + new * even).collect()).collect()
}

/// Shares of the camps' capacities. Where capacities come from the scored registrations, as in the field's public
/// instances, this leaks.
pub fn capacities(case: &Case, step: u32) -> Table {
    let capacity = |camp: &usize| case.truth.locations[*camp].capacity as f64;
    constant(&case.truth.scored().iter().map(capacity).collect::<Vec<f64>>(), case.days(step).len())
}

/// Those known on the day of the start stay; who comes later comes from the zones in conflict, by population and
/// intensity, and goes to the nearest camp that open links lead to.
pub fn nearest(case: &Case, given: Given, step: u32) -> Table {
    let instance = case.instance(given);
    let scored = case.truth.scored();
    let mut network = Network::new(&instance);
    let mut near = nearest_camps(&network, &scored);
    let mut persons = case.start();
    let (mut counts, days) = (vec![Vec::new(); scored.len()], case.days(step));
    let total = |day: u32| instance.total.as_ref().map_or(0.0, |s| s.value(i64::from(day)));
    let mut most = total(case.day);
    for day in 0..instance.days {
        if network.close(&instance, i64::from(day)) {
            near = nearest_camps(&network, &scored);
        }
        if day <= case.day {
            continue;
        }
        let new = (total(day) - most).max(0.0);
        most = most.max(total(day));
        let weight = |row: usize| -> f64 {
            let intensity =
                instance.conflicts[row].as_ref().and_then(|s| s.get(day as usize)).copied().unwrap_or(0.0);
            if near[row].is_some() { instance.locations[row].population as f64 * intensity } else { 0.0 }
        };
        let weights: Vec<f64> = (0..instance.locations.len()).map(weight).collect();
        let whole: f64 = weights.iter().sum();
        for (weight, camp) in weights.iter().zip(&near) {
            if let Some(camp) = camp.filter(|_| *weight > 0.0) {
                persons[camp] += new * weight / whole;
            }
        }
        if days.contains(&day) {
            counts.iter_mut().zip(&persons).for_each(|(row, n)| row.push(*n));
        }
    }
    shares(&counts)
}

/// The nearest scored camp of each place over open links: an index of the scored camps.
fn nearest_camps(network: &Network, scored: &[usize]) -> Vec<Option<usize>> {
    let mut best: Vec<Option<(u64, usize)>> = vec![None; network.row.len()];
    for (at, camp) in scored.iter().enumerate() {
        let ways = network.towards(network.place[*camp]);
        for (place, row) in network.row.iter().enumerate() {
            if let Some((_, metres)) = ways[place]
                && best[*row].is_none_or(|known| (metres, at) < known)
            {
                best[*row] = Some((metres, at));
            }
        }
    }
    best.into_iter().map(|b| b.map(|(_, at)| at)).collect()
}

fn constant(persons: &[f64], days: usize) -> Table {
    shares(&persons.iter().map(|n| vec![*n; days]).collect())
}
