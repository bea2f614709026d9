//! Ensembles: the same on any number of threads, resumed or not, here or elsewhere.

use std::sync::atomic::{AtomicU64, Ordering};

use wegen_movement::ensemble::Fold;
use wegen_movement::{
    Counted, Ensemble, Job, Outcome, Parameter, Parameters, Prior, ReturnRates, ReturnSettings, Settings,
};

use crate::made::varied;

fn parameters() -> Parameters {
    let of = |name: &str, low, high| Parameter { name: name.to_owned(), prior: Prior::Uniform { low, high } };
    Parameters::Priors(vec![of("softening", 1.0, 100.0), of("default_movechance", 0.1, 0.9)])
}

fn job() -> Job {
    let mut instance = varied(Settings::validation());
    instance.days = 40;
    Job::new(instance, 5)
}

fn ensemble(members: u64) -> Ensemble {
    Ensemble::new(job(), parameters(), members).unwrap()
}

fn quiet(_: u64, _: u64) {}

fn on(threads: usize, ensemble: &Ensemble) -> Vec<u8> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    serde_json::to_vec(&pool.install(|| ensemble.run(None, &quiet)).unwrap()).unwrap()
}

#[test]
fn the_same_bytes_on_1_2_and_7_threads_with_and_without_classes() {
    for exact in [1_000, 10] {
        let ensemble = ensemble(70).exact_up_to(exact);
        let one = on(1, &ensemble);
        assert_eq!(one, on(2, &ensemble));
        assert_eq!(one, on(7, &ensemble));
    }
}

#[test]
fn classes_are_as_near_as_they_say() {
    let (kept, classes) = (ensemble(70), ensemble(70).exact_up_to(10));
    let (kept, classes) = (kept.run(None, &quiet).unwrap(), classes.run(None, &quiet).unwrap());
    assert_eq!(kept.error, 0.0);
    for (exact, near) in kept.series.iter().zip(&classes.series) {
        for (exact, near) in exact.ends.iter().zip(&near.ends) {
            assert_eq!(exact.mean, near.mean);
            for (exact, near) in exact.at.iter().flatten().zip(near.at.iter().flatten()) {
                assert!((exact - near).abs() <= classes.error * exact + 1e-9, "{near} for {exact}");
            }
        }
    }
}

#[test]
fn resumed_at_any_byte_it_is_the_uninterrupted_one() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, part) = (folder.path().join("whole"), folder.path().join("part"));
    let ensemble = ensemble(8);
    let bands = ensemble.run(Some(&whole), &quiet).unwrap();
    assert_eq!(bands, ensemble.run(None, &quiet).unwrap());
    let bytes = std::fs::read(&whole).unwrap();
    for cut in [0, 7, 30, 48, 60, bytes.len() / 2, bytes.len() - 1, bytes.len()] {
        std::fs::write(&part, &bytes[..cut]).unwrap();
        assert_eq!(bands, ensemble.run(Some(&part), &quiet).unwrap(), "cut at {cut}");
        assert_eq!(bands, ensemble.run(Some(&part), &quiet).unwrap(), "again, cut at {cut}");
    }
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    std::fs::write(&part, flipped).unwrap();
    assert_eq!(bands, ensemble.run(Some(&part), &quiet).unwrap());
}

#[test]
fn a_longer_ensemble_goes_on_from_a_shorter_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("members");
    ensemble(5).run(Some(&file), &quiet).unwrap();
    let length = std::fs::metadata(&file).unwrap().len();
    let told = AtomicU64::new(0);
    let bands = ensemble(9)
        .run(Some(&file), &|_, _| {
            told.fetch_add(1, Ordering::Relaxed);
        })
        .unwrap();
    assert_eq!(told.into_inner(), 9);
    assert!(std::fs::metadata(&file).unwrap().len() > length);
    assert_eq!(bands, ensemble(9).run(None, &quiet).unwrap());
}

#[test]
fn the_file_of_another_ensemble_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("members");
    ensemble(2).run(Some(&file), &quiet).unwrap();
    let other = Ensemble::new(Job { seed: 6, ..job() }, parameters(), 2).unwrap();
    let said = other.run(Some(&file), &quiet).unwrap_err().to_string();
    assert!(said.contains("another ensemble"), "{said}");
    std::fs::write(&file, "something else altogether, and long enough to be a file of members").unwrap();
    let said = ensemble(2).run(Some(&file), &quiet).unwrap_err().to_string();
    assert!(said.contains("no file of members"), "{said}");
}

#[test]
fn the_same_function_runs_elsewhere() {
    let here = Job { names: parameters().names(), ..job() };
    let there = Job::from_bytes(&here.to_bytes().unwrap()).unwrap();
    assert_eq!(here, there);
    let ensemble = ensemble(6);
    let (mut low, mut high) = (Fold::new(&here, 100), Fold::new(&there, 100));
    for member in 0..6 {
        let outcome = there.run(member, &ensemble.values(member)).unwrap();
        let outcome = Outcome::from_bytes(&outcome.to_bytes()).unwrap();
        if member % 2 == 0 { low.add(&outcome).unwrap() } else { high.add(&outcome).unwrap() }
    }
    high.merge(low).unwrap();
    assert_eq!(high.bands(), ensemble.run(None, &quiet).unwrap());
}

#[test]
fn with_returns_both_ends_are_run_and_the_band_holds_both() {
    let rates = ReturnRates {
        daily: 0.05,
        quiet_days: 5.0,
        least: 0.1,
        distance_km: 2_000.0,
        stay: 0.5,
        fades_months: 24.0,
        fades_to: 0.5,
        leaves_again: 0.0,
    };
    let mut job = job();
    job.instance.days = 80;
    for series in job.instance.conflicts.iter_mut() {
        *series = Some(vec![0.0; 80]);
    }
    for zone in [0, 1] {
        job.instance.conflicts[zone] = Some((0..80).map(|d| f64::from(u8::from(d < 10))).collect());
    }
    let returns = ReturnSettings {
        rates,
        conditions: vec!["water".to_owned()],
        met: Vec::new(),
        stay: Vec::new(),
        pushes: Vec::new(),
        end: wegen_movement::End::Low,
    };
    job.returns = Some(returns);
    let parameter = Parameter { name: "return.daily".to_owned(), prior: Prior::Point { value: 0.1 } };
    let bands =
        Ensemble::new(job, Parameters::Priors(vec![parameter]), 8).unwrap().run(None, &quiet).unwrap();
    let home = bands.of(Counted::Home).unwrap();
    let (low, high) = (&home.ends[0], &home.ends[1]);
    assert!(low.mean[79] < high.mean[79], "{} and {}", low.mean[79], high.mean[79]);
    assert!(home.low(79) <= low.at[0][79] && home.high(79) >= high.at[4][79]);
}

#[test]
fn what_is_no_parameter_of_a_job_is_named() {
    for name in ["sofftening", "return.daily", "arrivals.rate"] {
        let parameter = Parameter { name: name.to_owned(), prior: Prior::Point { value: 0.1 } };
        let said = Ensemble::new(job(), Parameters::Priors(vec![parameter]), 1).unwrap_err().to_string();
        assert!(said.starts_with(name), "{said}");
    }
    let out_of_range = Parameter { name: "camp_movechance".to_owned(), prior: Prior::Point { value: 2.0 } };
    assert!(Ensemble::new(job(), Parameters::Priors(vec![out_of_range]), 1).is_err());
}
