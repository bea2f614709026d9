//! Honest validation: nothing of the scored registrations goes in, and what comes out on the public instances.

use std::path::{Path, PathBuf};

use wegen_movement::validate::{Case, Given, Knowledge, Method, Pool, Runs, Spread, honest, predict};
use wegen_movement::{Registered, Series, Settings, read_as_of};

const NAMES: [&str; 9] = [
    "car2013",
    "mali2012",
    "mali2017_adm1",
    "nigeria2016",
    "ssudan2016",
    "syria2013",
    "tigray2020",
    "ukraine2022",
    "venezuela2022",
];

fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/movement");
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

const POOL: Pool = Pool { agreement: 64.0, slope: 16.0, half: 0.5, uncounted: 1.0 };
const SPREAD: Spread = Spread { at_start: 0.6, growth: 0.6, floor: 0.05, uncounted: 1.5 };

fn small(given: Given) -> Method {
    Method { given, points: 6, persons: 2_000.0, members: 10, ..Method::default() }
}

/// Registrations of the scored days with camps in another order: each day's total is the same.
fn turned(case: &Case) -> Case {
    let mut other = case.clone();
    let days = i64::from(case.truth.days);
    let all: Vec<Vec<u64>> =
        case.truth.registered.iter().map(|r| (0..days).map(|d| r.series.at(d)).collect()).collect();
    for (i, registered) in other.truth.registered.iter_mut().enumerate() {
        let next = &all[(i + 1) % all.len()];
        let at = |d: i64| if d <= i64::from(case.day) { all[i][d as usize] } else { next[d as usize] };
        registered.series = Series::new((0..days).map(|d| (d, at(d) as f64)).collect()).unwrap();
    }
    other
}

fn predicted(case: &Case, given: Given) -> wegen_movement::validate::Prediction {
    let method = small(given);
    predict(case, &Runs::of(case, &method, &|| {}).unwrap(), &method, &POOL, &SPREAD)
}

#[test]
fn registrations_after_the_start_change_no_predicted_share() {
    let Some(folder) = folder() else { return };
    let settings = Settings::validation();
    for name in ["mali2012", "syria2013"] {
        let case = Case::read(&folder.join(name), &settings, 30, Knowledge::Registered).unwrap();
        let mut other = turned(&case);
        for location in &mut other.truth.locations {
            location.capacity = location.capacity * 7 + 1;
        }
        assert_ne!(case.scored(1), other.scored(1));
        assert_eq!(predicted(&case, Given::Totals), predicted(&other, Given::Totals));
        // Where nothing is given, totals, conflict days and closures may be any as well.
        let factor = |r: &Registered| {
            let points = r.series.points().iter().map(|(d, n)| (*d, n * 3.0 + 1_000.0)).collect();
            Registered { place: r.place, series: Series::new(points).unwrap() }
        };
        other.truth.registered = other.truth.registered.iter().map(factor).collect();
        other.truth.closures.clear();
        for series in other.truth.conflicts.iter_mut().flatten() {
            series.iter_mut().for_each(|intensity| *intensity = 1.0 - *intensity);
        }
        assert_eq!(predicted(&case, Given::Nothing), predicted(&other, Given::Nothing));
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { std::fs::copy(from, to).map(drop).unwrap() }
    }
}

#[test]
fn what_is_dated_later_is_not_known() {
    let Some(folder) = folder() else { return };
    let (settings, day) = (Some(Settings::validation()), 60);
    for name in ["mali2012", "car2013", "tigray2020"] {
        let known = read_as_of(&folder.join(name), settings.clone(), day).unwrap();
        let made = tempfile::tempdir().unwrap();
        let altered = made.path().join(name);
        copy(&folder.join(name), &altered);
        let last = known.date(day).to_string();
        for entry in std::fs::read_dir(altered.join("source_data")).unwrap().map(Result::unwrap) {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let line = |line: &str| match line.split_once(',') {
                Some((date, _)) if date.starts_with("20") && *date > *last => format!("{date},12345\n"),
                _ => format!("{line}\n"),
            };
            std::fs::write(entry.path(), text.lines().map(line).collect::<String>()).unwrap();
        }
        let input = altered.join("input_csv");
        let path = input.join("registration_corrections.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        let early = |line: &&str| line.split(',').nth(1).is_none_or(|date| *date <= *last);
        std::fs::write(path, text.lines().filter(early).map(|l| format!("{l}\n")).collect::<String>())
            .unwrap();
        let path = input.join("conflicts.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        let line = |(at, line): (usize, &str)| {
            let later = line.split(',').next().and_then(|d| d.parse::<u32>().ok()).is_some_and(|d| d > day);
            let zero = || {
                line.split(',')
                    .enumerate()
                    .map(|(i, v)| if i == 0 { v } else { "0" })
                    .collect::<Vec<_>>()
                    .join(",")
            };
            if at > 0 && later { format!("{}\n", zero()) } else { format!("{line}\n") }
        };
        std::fs::write(path, text.lines().enumerate().map(line).collect::<String>()).unwrap();
        let again = read_as_of(&altered, settings.clone(), day).unwrap();
        assert_eq!(known.registered, again.registered, "{name}");
        assert_eq!((known.total, known.conflicts), (again.total, again.conflicts), "{name}");
        assert!(again.locations.iter().all(|l| l.capacity == 0));
    }
}

/// Limits, and not what came out once: a longer run is `cargo run --release -p wegen-movement --example honest`.
#[test]
fn better_than_baselines_on_conflicts_not_used_in_fitting_with_intervals_that_cover() {
    let Some(folder) = folder() else { return };
    let settings = Settings::validation();
    let case = |name: &&str| Case::read(&folder.join(name), &settings, 30, Knowledge::Registered).unwrap();
    let cases: Vec<Case> = NAMES.iter().map(case).collect();
    let method =
        Method { points: 24, persons: 3_000.0, step: 20, members: 60, bootstrap: 100, ..Method::default() };
    let result = honest(&cases, &method, &|_, _| {}).unwrap();
    for c in &result.conflicts {
        println!(
            "{:14} skill {:+.3} usual {:+.3} within {:.2}",
            c.name, c.skill, c.skill_usual, c.scores.within90
        );
    }
    println!(
        "skill {:+.3}, usual {:+.3}; default {:.3}, transferred {:.3}, calibrated {:.3}, prediction {:.3}; within {:.3}, {:.3}",
        result.skill,
        result.skill_usual,
        result.default_error,
        result.transferred_error,
        result.calibrated_error,
        result.error,
        result.within90,
        result.within90_conflicts
    );
    assert!(result.skill_usual > 0.0 && result.skill_usual_interval.low > 0.0, "{}", result.skill_usual);
    assert!(result.transferred_error < result.default_error);
    assert!(result.calibrated_error < result.default_error);
    assert!(result.error < result.default_error);
    for within in [result.within90, result.within90_conflicts] {
        assert!((0.80..=0.97).contains(&within), "{within} of camp-days within the 90 % interval");
    }
    assert!(result.conflicts.iter().all(|c| c.baselines.iter().any(|w| w.leaks && w.name != c.best)));
}
