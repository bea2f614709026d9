//! What must hold of every method and every cell.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use proptest::prelude::*;
use wegen_conditions::{
    Assessment, Cell, Method, Plan, Verdict, design, missing_facts, passing_sets, replay, sensitivity,
    simulate, simulate_all,
};

const METHOD: &str = r#"
[method]
id = "test"
version = "1"
title = { en = "Test", nl = "Toets" }
threshold = 50
power = 0

[[node]]
id = "security"
role = "floors"
floor = 40
power = "weakest"
label = { en = "Security", nl = "Veiligheidssituatie" }
[[node]]
id = "deaths"
parent = "security"
indicator = "deaths"
better = "lower"
goalposts = { floor = 10, target = 0 }
label = { en = "Deaths", nl = "Doden" }
[[node]]
id = "mines"
parent = "security"
indicator = "mines"
better = "lower"
points = [[0, 100], [2, 40], [8, 0]]
label = { en = "Mines", nl = "Mijnen" }

[[node]]
id = "water"
role = "dimension"
floor = 30
weight = { low = 0.2, high = 0.6 }
label = { en = "Water", nl = "Water" }
[[node]]
id = "days"
parent = "water"
indicator = "days"
goalposts = { floor = 0, target = 7 }
weight = 2
label = { en = "Days", nl = "Dagen" }
[[node]]
id = "network"
parent = "water"
indicator = "network"
states = [["none", 0], ["partly", 40], ["whole", 100]]
label = { en = "Network", nl = "Net" }

[[node]]
id = "care"
role = "dimension"
floor = 20
weight = { low = 0.2, high = 0.7 }
indicator = "care"
goalposts = { floor = 0, target = 100 }
label = { en = "Care", nl = "Zorg" }

[[node]]
id = "work"
role = "dimension"
weight = { low = 0.1, high = 0.5 }
indicator = "work"
goalposts = { floor = 0, target = 100 }
label = { en = "Work", nl = "Werk" }

[[order]]
above = "water"
below = "work"

[[node]]
id = "returnees"
role = "context"
floor = 50
indicator = "returnees"
goalposts = { floor = 0, target = 100 }
label = { en = "Returnees", nl = "Teruggekeerden" }
"#;

fn method() -> Method {
    Method::parse("test.toml", METHOD, &|_| true).unwrap()
}

/// Ranges of the seven leaves, in their order.
const RANGES: [(f64, f64); 7] =
    [(0.0, 12.0), (0.0, 9.0), (0.0, 7.0), (0.0, 2.0), (0.0, 100.0), (0.0, 100.0), (0.0, 100.0)];

/// Cells with a point within each: `None` where nothing is known.
fn cells() -> impl Strategy<Value = Vec<(Cell, f64)>> {
    RANGES
        .iter()
        .map(|&(low, high)| {
            (low..=high, low..=high, 0.0..=1.0f64, prop::bool::weighted(0.3)).prop_map(
                move |(a, b, at, missing)| match missing {
                    true => (Cell::missing(), low + at * (high - low)),
                    false => (Cell::between(a.min(b), a.max(b)), a.min(b) + at * (a - b).abs()),
                },
            )
        })
        .collect::<Vec<_>>()
}

fn split(cells: Vec<(Cell, f64)>) -> (Vec<Cell>, Vec<Cell>) {
    cells.into_iter().map(|(cell, at)| (cell, Cell::at(at))).unzip()
}

/// What is known of `b` is at least as good as of `a`: which way is better, leaf by leaf.
const LOWER_IS_BETTER: [bool; 7] = [true, true, false, false, false, false, false];

proptest! {
    #[test]
    fn bounds_hold_every_completion_of_what_is_missing(cells in cells()) {
        let method = method();
        let (known, complete) = split(cells);
        let (open, closed) = (Assessment::of(&method, &known), Assessment::of(&method, &complete));
        for (node, (wide, point)) in open.nodes.iter().zip(&closed.nodes).enumerate() {
            let (Some(wide), Some(point)) = (wide, point) else { continue };
            prop_assert!(wide.low <= point.low + 1e-9 && point.high <= wide.high + 1e-9, "{}", method.nodes[node].id);
        }
        for (wide, point) in open.bands.iter().zip(&closed.bands) {
            prop_assert!(wide.over_weights.low <= point.over_weights.low + 1e-6);
            prop_assert!(point.over_weights.high <= wide.over_weights.high + 1e-6);
            prop_assert!(wide.over_weights.low <= wide.at_centroid.low + 1e-6);
            prop_assert!(wide.at_centroid.high <= wide.over_weights.high + 1e-6);
        }
        for (before, after) in open.criteria.iter().zip(&closed.criteria) {
            prop_assert!(*before == Verdict::CannotBeDetermined || before == after);
        }
        if open.verdict != Verdict::CannotBeDetermined {
            prop_assert_eq!(open.verdict, closed.verdict);
        }
    }

    #[test]
    fn verdicts_are_monotone_in_every_cell(cells in cells(), leaf in 0..7usize, by in 0.0..3.0f64) {
        let method = method();
        let (before, _) = split(cells);
        let mut after = before.clone();
        if let Some(bounds) = after[leaf].bounds {
            let by = if LOWER_IS_BETTER[leaf] { -by } else { by };
            after[leaf] = Cell::between(bounds.low + by, bounds.high + by);
        }
        let (a, b) = (Assessment::of(&method, &before), Assessment::of(&method, &after));
        prop_assert!(a.verdict <= b.verdict);
        prop_assert!(a.criteria.iter().zip(&b.criteria).all(|(a, b)| a <= b));
    }

    #[test]
    fn the_order_of_the_criteria_in_the_file_changes_nothing(cells in cells()) {
        let (known, _) = split(cells);
        let forward = method();
        // The same nodes, last first.
        let (head, nodes) = METHOD.split_at(METHOD.find("[[node]]").unwrap());
        let parts: Vec<String> = nodes.split("\n[[").map(|p| format!("[[{}\n", p.trim_start_matches("[["))).collect();
        let backward = format!("{head}{}", parts.iter().rev().cloned().collect::<String>());
        let backward = Method::parse("test.toml", &backward, &|_| true).unwrap();
        let moved: Vec<Cell> = backward
            .leaves
            .iter()
            .map(|l| {
                let id = &backward.nodes[*l].id;
                known[forward.leaves.iter().position(|f| forward.nodes[*f].id == *id).unwrap()]
            })
            .collect();
        let (a, b) = (Assessment::of(&forward, &known), Assessment::of(&backward, &moved));
        prop_assert_eq!(a.verdict, b.verdict);
        for (a, b) in a.bands.iter().zip(&b.bands) {
            prop_assert!((a.over_weights.low - b.over_weights.low).abs() < 1e-6);
            prop_assert!((a.over_weights.high - b.over_weights.high).abs() < 1e-6);
        }
    }

    #[test]
    fn what_passes_makes_it_met_and_less_does_not(cells in cells()) {
        let method = method();
        let (known, _) = split(cells);
        let assessed = Assessment::of(&method, &known);
        let sets = passing_sets(&method, &assessed.leaves, true, 100);
        prop_assert_eq!(sets == vec![Vec::<usize>::new()], assessed.verdict == Verdict::Met);
        for (i, a) in sets.iter().enumerate() {
            for (j, b) in sets.iter().enumerate() {
                prop_assert!(i == j || !a.iter().all(|k| b.contains(k)), "{a:?} lies in {b:?}");
            }
        }
    }

    #[test]
    fn facts_are_asked_for_only_where_they_could_turn_the_verdict(cells in cells()) {
        let method = method();
        let (known, _) = split(cells);
        let assessed = Assessment::of(&method, &known);
        let facts = missing_facts(&method, &assessed.leaves);
        prop_assert_eq!(facts.is_empty(), assessed.verdict != Verdict::CannotBeDetermined || facts.is_empty());
        for fact in &facts {
            prop_assert!(assessed.leaves[fact.leaf].width() > 0.0);
        }
        // Context counts for nothing, so nothing follows from knowing it.
        prop_assert!(facts.iter().all(|f| f.leaf != 6));
    }

    #[test]
    fn draws_lie_within_the_bounds_and_agree_with_a_verdict_that_is_certain(cells in cells(), seed in 0..100u64) {
        let method = method();
        let (known, _) = split(cells);
        let assessed = Assessment::of(&method, &known);
        let drawn = simulate(&Plan::new(&method, 64, seed), &[&known], 7);
        prop_assert!(drawn.met + drawn.not_met <= 1.0 + 1e-12);
        match assessed.verdict {
            Verdict::Met => prop_assert_eq!(drawn.met, 1.0),
            Verdict::NotMet => prop_assert_eq!(drawn.not_met, 1.0),
            Verdict::CannotBeDetermined => {}
        }
        let band = assessed.bands[0].over_weights;
        prop_assert!(drawn.low.iter().all(|s| *s >= band.low - 1e-6));
        prop_assert!(drawn.high.iter().all(|s| *s <= band.high + 1e-6));
    }
}

#[test]
fn a_design_written_out_and_read_back_gives_the_same() {
    let method = method();
    let cells: Vec<Cell> = RANGES.iter().map(|(low, high)| Cell::between(*low, *high)).collect();
    let plan = Plan::new(&method, 200, 5);
    let text = design(&plan, 1, 3).to_csv();
    let read = wegen_conditions::Design::from_csv(&text, plan.factors(1)).unwrap();
    assert_eq!(replay(&plan, &[&cells], &read), simulate(&plan, &[&cells], 3));
    let error =
        wegen_conditions::Design::from_csv(&text.replacen("0.", "7.", 1), plan.factors(1)).unwrap_err();
    assert!(error.row == 2 && error.expected.contains("below 1"), "{error}");
}

#[test]
fn threads_and_other_areas_change_nothing() {
    let method = method();
    let plan = Plan::new(&method, 100, 9);
    let cells: Vec<Vec<Cell>> = (0..40)
        .map(|k| {
            RANGES
                .iter()
                .map(|(low, high)| Cell::between(*low, low + (high - low) * f64::from(k) / 40.0))
                .collect()
        })
        .collect();
    let places: Vec<(u64, Vec<&[Cell]>)> =
        cells.iter().enumerate().map(|(i, c)| (i as u64, vec![c.as_slice()])).collect();
    let run = |threads: usize, places: &[(u64, Vec<&[Cell]>)]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| simulate_all(&plan, places))
    };
    let one = run(1, &places);
    assert_eq!(one, run(2, &places));
    assert_eq!(one, run(7, &places));
    let mut turned: Vec<_> = places.clone();
    turned.reverse();
    let mut turned = run(2, &turned);
    turned.reverse();
    assert_eq!(one, turned);
    // One area alone is what it is among others.
    assert_eq!(run(1, &places[5..6])[0], one[5]);
}

#[test]
fn what_moves_a_score_is_what_is_not_known() {
    let method = method();
    // Everything at its best but care, which may be anything: with the weights it is all that moves the score.
    let mut cells: Vec<Cell> = [0.0, 0.0, 7.0, 2.0, 50.0, 100.0, 0.0].iter().map(|v| Cell::at(*v)).collect();
    cells[4] = Cell::between(55.0, 95.0);
    let found = sensitivity(&Plan::new(&method, 0, 3), &[&cells], 32, 16);
    assert_eq!(found.inputs, ["weights", "value.care"]);
    let score = found.score.unwrap();
    let (weights, care) = (score.total[0].value, score.total[1].value);
    assert!(care > 0.5 && weights > 0.01 && weights < care, "{weights} {care}");
    assert!(score.first[0].value + score.first[1].value < 1.05);
    // The verdict is met whatever care turns out to be, so nothing moves it.
    assert!(found.verdict.is_none());
    let points: Vec<Cell> = cells.iter().map(|c| Cell::at(c.bounds.unwrap().low)).collect();
    assert_eq!(sensitivity(&Plan::new(&method, 0, 3), &[&points], 32, 16).inputs, ["weights"]);
}
