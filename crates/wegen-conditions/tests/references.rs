//! Against references made by other means: exact partial orders, acceptabilities, enumerated Sobol' indices.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{collections::BTreeMap, path::PathBuf};

use wegen_conditions::{
    Power, Stream, Weights, acceptabilities, enumerate, necessary_preference, rank_intervals, saltelli,
};

/// The header without its first column, and rows by their first column.
type Sheet = (Vec<String>, Vec<(String, Vec<String>)>);

/// Rows of a file of the ASEM references by their first column; `None`, said in one line, where it is not at hand.
fn asem(name: &str) -> Option<Sheet> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/asem").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {name} is not at hand");
        return None;
    };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
    let rows = reader.records().map(|r| {
        let r = r.unwrap();
        (r[0].to_owned(), r.iter().skip(1).map(str::to_owned).collect())
    });
    Some((header, rows.collect()))
}

/// Scores of the eight pillars by unit: arithmetic means of indicators from 0 to 100.
fn pillars() -> Option<BTreeMap<String, Vec<f64>>> {
    let (header, rows) = asem("step_Aggregated.csv")?;
    let pillars = ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"];
    let at: Vec<usize> = pillars.iter().map(|p| header.iter().position(|h| h == p).unwrap()).collect();
    Some(
        rows.into_iter()
            .map(|(unit, row)| (unit, at.iter().map(|i| row[*i].parse().unwrap()).collect()))
            .collect(),
    )
}

#[test]
fn the_partial_orders_are_the_exact_ones_and_no_draw_contradicts_them() {
    let Some(scores) = pillars() else { return };
    for (file, beta) in [("00", 0.0), ("50", 0.5), ("75", 0.75), ("90", 0.9)] {
        let (units, rows) = asem(&format!("ref_partial_order_beta{file}.csv")).unwrap();
        let weights = Weights::at_least(&[beta / 8.0; 8]).unwrap();
        let draws = weights.samples(200, &mut Stream::new(1, "test", 0));
        for (a, row) in rows {
            for (b, wanted) in units.iter().zip(row) {
                let (x, y) = (&scores[&a], &scores[b]);
                let preferred = necessary_preference(x, y, &weights, Power::ARITHMETIC);
                assert_eq!(preferred, wanted == "1", "{a} above {b} at β = {beta}");
                let sum =
                    |w: &[f64]| w.iter().zip(x.iter().zip(y)).map(|(w, (x, y))| w * (x - y)).sum::<f64>();
                assert!(!preferred || draws.chunks_exact(8).all(|w| sum(w) > 0.0));
            }
        }
    }
}

#[test]
fn a_linear_programme_finds_the_orders_that_the_corners_of_a_ranking_give() {
    let Some(scores) = pillars() else { return };
    // w_1 ≥ w_2 ≥ … ≥ w_8 has the corners (1, 0, …), (½, ½, 0, …), …: all of Σ w d is positive if each mean of the
    // first k differences is.
    let ranked = (0..7).fold(Weights::at_least(&[0.0; 8]).unwrap(), |w, k| w.ordered(k, k + 1).unwrap());
    let mut found = 0;
    for a in scores.values() {
        for b in scores.values() {
            let (mut sum, mut least) = (0.0, f64::INFINITY);
            for (k, (x, y)) in a.iter().zip(b).enumerate() {
                sum += x - y;
                least = f64::min(least, sum / (k + 1) as f64);
            }
            let preferred = necessary_preference(a, b, &ranked, Power::ARITHMETIC);
            assert!(preferred == (least > 0.0) || least.abs() < 1e-4, "{least}");
            found += usize::from(preferred);
        }
    }
    assert!(found > 300, "{found}");
}

#[test]
fn acceptabilities_are_those_of_dirichlet_draws() {
    let (Some(scores), Some((header, rows))) = (pillars(), asem("ref_smaa_dirichlet8.csv")) else { return };
    let column = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (mean, q05, q95, first, ten) =
        (column("mean_rank"), column("q05"), column("q95"), column("P_rank1"), column("P_top10"));
    let units: Vec<&String> = scores.keys().collect();
    let matrix: Vec<Vec<f64>> = scores.values().cloned().collect();
    let weights = Weights::at_least(&[0.0; 8]).unwrap();
    let found =
        acceptabilities(&matrix, &weights, Power::ARITHMETIC, 20_000, &mut Stream::new(11, "smaa", 0));
    let mut spread = 0.0;
    for (unit, row) in &rows {
        let i = units.iter().position(|u| *u == unit).unwrap();
        let wanted = |k: usize| row[k].parse::<f64>().unwrap();
        assert!((found.mean(i) - wanted(mean)).abs() < 0.25, "{unit}: {} {}", found.mean(i), wanted(mean));
        assert!((found.within(i, 1) - wanted(first)).abs() < 0.015);
        assert!((found.within(i, 10) - wanted(ten)).abs() < 0.02);
        assert!((found.quantile(i, 0.05) as f64 - wanted(q05)).abs() <= 1.0);
        assert!((found.quantile(i, 0.95) as f64 - wanted(q95)).abs() <= 1.0);
        spread += (found.quantile(i, 0.95) - found.quantile(i, 0.05)) as f64 / rows.len() as f64;
    }
    // Normalised uniforms would understate it at 11.4 ranks (conditions.md, §7).
    assert!((spread - 16.5).abs() < 0.5, "{spread}");
    let ranks = rank_intervals(&matrix, &weights, Power::ARITHMETIC, 500, &mut Stream::new(11, "smaa", 0));
    assert!(ranks.iter().all(|r| r.best <= r.best_seen && r.worst_seen <= r.worst));
}

/// The enumerated design: 5 limits of winsorisation, 2 normalisations, 100 weight sets, 2 aggregations.
fn design() -> Option<Vec<f64>> {
    let (_, rows) = asem("ref_exact_y.csv")?;
    let mut y = vec![f64::NAN; 2000];
    for (winmax, row) in rows {
        let w = winmax.parse::<usize>().unwrap() - 1;
        let n = usize::from(row[0] != "minmax_1_100");
        let s = row[1].parse::<usize>().unwrap() - 1;
        let a = usize::from(row[2] != "a_amean");
        y[((w * 2 + n) * 100 + s) * 2 + a] = row[3].parse().unwrap();
    }
    assert!(y.iter().all(|v| v.is_finite()));
    Some(y)
}

fn exact() -> Option<Vec<(f64, f64)>> {
    let (_, rows) = asem("ref_exact_sobol.csv")?;
    let names = ["Winmax", "Normalisation", "Weights", "Aggregation"];
    Some(
        names
            .iter()
            .map(|n| {
                let row = &rows.iter().find(|(name, _)| name == n).unwrap().1;
                (row[0].parse().unwrap(), row[1].parse().unwrap())
            })
            .collect(),
    )
}

#[test]
fn enumerated_indices_are_exact() {
    let (Some(y), Some(wanted)) = (design(), exact()) else { return };
    let indices = enumerate(&[5, 2, 100, 2], |x| y[((x[0] * 2 + x[1]) * 100 + x[2]) * 2 + x[3]]).unwrap();
    for (k, (first, total)) in wanted.into_iter().enumerate() {
        assert!((indices.first[k].value - first).abs() < 1e-10, "{} {first}", indices.first[k].value);
        assert!((indices.total[k].value - total).abs() < 1e-10, "{} {total}", indices.total[k].value);
    }
}

#[test]
fn sampled_indices_lie_within_three_standard_errors_and_their_intervals_cover() {
    let (Some(y), Some(wanted)) = (design(), exact()) else { return };
    let model = |u: &[f64]| {
        let option = |u: f64, n: usize| ((u * n as f64) as usize).min(n - 1);
        y[((option(u[0], 5) * 2 + option(u[1], 2)) * 100 + option(u[2], 100)) * 2 + option(u[3], 2)]
    };
    let groups: Vec<Vec<usize>> = (0..4).map(|k| vec![k]).collect();
    const RUNS: u32 = 1000;
    let (mut first, mut total) = (vec![0; 4], vec![0; 4]);
    for run in 0..RUNS {
        let sampled = saltelli(4, &groups, 16, 32, run.wrapping_mul(7919), model);
        let indices = sampled.indices(100, 0.9, &mut Stream::new(run.into(), "bootstrap", 0));
        for k in 0..4 {
            let (s, t) = (indices.first[k], indices.total[k]);
            first[k] += usize::from(s.low <= wanted[k].0 && wanted[k].0 <= s.high);
            total[k] += usize::from(t.low <= wanted[k].1 && wanted[k].1 <= t.high);
            if run == 0 {
                assert!((s.value - wanted[k].0).abs() < 3.0 * s.error, "{s:?} {:?}", wanted[k]);
                assert!((t.value - wanted[k].1).abs() < 3.0 * t.error, "{t:?} {:?}", wanted[k]);
            }
        }
    }
    for covered in first.iter().chain(&total) {
        assert!((850..=950).contains(covered), "first {first:?} total {total:?} of {RUNS}");
    }
}
