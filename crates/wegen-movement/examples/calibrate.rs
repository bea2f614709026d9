//! Calibrates an instance on its earlier days and most of its camps, and compares with its defaults on the others.
//!
//! `cargo run --release -p wegen-movement --example calibrate -- FOLDER [SHARE OF DAYS] [PARTICLES] [GENERATIONS]`

use std::path::Path;

use wegen_movement::calibrate::{Search, Split, calibrate, displacement_priors, profiles};
use wegen_movement::{Settings, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("the folder of an instance was expected")?;
    let number = |at: usize, default: f64| arguments.get(at).map_or(Ok(default), |a| a.parse());
    let instance = read(Path::new(folder), Some(Settings::validation()))?;
    let scored = instance.scored();
    let split = Split {
        days_from: Some((f64::from(instance.days) * number(1, 0.6)?) as u32),
        camps: scored.iter().copied().skip(3).step_by(4).collect(),
    };
    let search = Search {
        particles: number(2, 64.0)? as usize,
        generations: number(3, 4.0)? as usize,
        ..Search::of(displacement_priors(), 1)
    };
    let found = calibrate(&instance, &split, &search, 20_000.0, &|_, _| {})?;
    println!(
        "{}: held out: days from {:?}, {} of {} camps",
        found.name,
        split.days_from,
        split.camps.len(),
        scored.len()
    );
    println!("trained {:?}", found.trained);
    println!("held-out days {:?}", found.held_days);
    println!("held-out camps {:?}", found.held_camps);
    for generation in &found.posterior.generations {
        println!("{generation:?}");
    }
    for (i, of) in found.posterior.identified.iter().enumerate() {
        let at = |share| found.posterior.sample.quantile(i, share);
        println!(
            "{:18} {:8.3} [{:8.3}, {:8.3}]  width after/before {:.2}",
            of.name,
            at(0.5),
            at(0.05),
            at(0.95),
            of.ratio
        );
    }
    for profile in profiles(&search.parameters, &found.posterior.sample.points, &found.posterior.distances, 6)
    {
        let least: Vec<String> = profile.least.iter().map(|l| format!("{l:.3}")).collect();
        println!("profile {:18} {}", profile.name, least.join(" "));
    }
    Ok(())
}
