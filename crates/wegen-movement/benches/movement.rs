//! Whole populations, and what agents one by one cost: `cargo bench -p wegen-movement`.
//!
//! Limits on one core: Tigray 2020 0.4 s a run; Syria 2013 and Ukraine 2022, in full, 1 s; memory 100 MB; time grows
//! by less than a factor 2 when all populations are multiplied by 100. On two cores: 1,000 members of Mali 2012 in
//! 60 s. The public instances are read from `../shared/data/movement`; nothing is measured without them.
//!
//! Flee's own time (CPU seconds, one core) is that of the specification's table; people are divided there by what
//! stands beside it, because Flee would not finish otherwise.
#![allow(missing_docs, reason = "a bench")]

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use wegen_movement::{Compat, Instance, Model, Settings, read};

#[path = "../tests/engine/agents.rs"]
mod agents;

/// Instance, Flee's CPU seconds, what its people are divided by there.
const INSTANCES: [(&str, f64, u64); 9] = [
    ("mali2012", 92.5, 1),
    ("tigray2020", 486.4, 1),
    ("car2013", 145.3, 10),
    ("syria2013", 37.6, 200),
    ("ukraine2022", 118.3, 1000),
    ("nigeria2016", 48.9, 50),
    ("ssudan2016", 51.2, 50),
    ("venezuela2022", 46.3, 100),
    ("mali2017_adm1", 69.5, 50),
];

/// The least of three runs, in seconds.
fn seconds(instance: &Instance) -> f64 {
    let Ok(model) = Model::new(instance, None) else { return f64::NAN };
    let run = |member| {
        let start = Instant::now();
        let _ = std::hint::black_box(model.run(1, member));
        start.elapsed().as_secs_f64()
    };
    (0..3).map(run).fold(f64::INFINITY, f64::min)
}

/// Megabytes at the peak so far, where the system tells.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.trim().trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or(f64::NAN, |kb| kb / 1000.0)
}

fn main() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/movement");
    if !shared.is_dir() {
        println!("skipped: ../shared/data/movement is not here");
        return;
    }
    let load = |name: &str, settings: Settings| match read(&shared.join(name), Some(settings)) {
        Ok(instance) => instance,
        Err(error) => panic!("{error}"),
    };
    println!(
        "instance          people  days   by the rules   as Flee   ×100 people   Flee itself (people ÷)"
    );
    for (name, flee, divided) in INSTANCES {
        let rules = load(name, Settings::validation());
        let as_flee = load(name, Settings { compat: Compat::Flee, ..Settings::validation() });
        let people: u64 =
            Model::new(&rules, None).map_or(0, |m| m.arrivals().iter().sum::<u64>() + m.registered_total(0));
        let (once, hundred) = (seconds(&rules), seconds(&rules.scaled(100.0)));
        println!(
            "{name:15} {people:9} {:5}       {once:7.3} s {:7.3} s       ×{:5.2}   {flee:7.1} s (÷{divided})",
            rules.days,
            seconds(&as_flee),
            hundred / once,
        );
    }
    println!("memory at its peak, all of the above in one process: {:.0} MB", peak());

    let mali = load("mali2012", Settings::validation());
    let start = Instant::now();
    let mut reference = agents::Agents::new(&mali, None, 1);
    for day in 0..mali.days {
        std::hint::black_box(reference.day(day));
    }
    println!(
        "mali2012, agents one by one (the reference of the tests): {:.1} s",
        start.elapsed().as_secs_f64()
    );

    let Ok(model) = Model::new(&mali, None) else { return };
    let start = Instant::now();
    let entered: u64 = (0..1_000u64)
        .into_par_iter()
        .map(|member| model.run(1, member).map_or(0, |run| run.day(mali.days - 1).whole.entered))
        .sum();
    let threads = rayon::current_num_threads();
    println!(
        "mali2012, 1,000 members on {threads} threads: {:.1} s ({entered} people)",
        start.elapsed().as_secs_f64()
    );
}
