//! The public instances, in Flee's reading, against Flee itself.

use std::path::{Path, PathBuf};

use rayon::prelude::*;
use wegen_movement::{Compat, Grain, Model, Settings, measure, read};

/// An instance, what its people are divided by, and Flee's errors: plain, rescaled.
///
/// The table of the method's specification (§4): Flee 3 with the validation settings.
const TABLE: [(&str, u64, f64, f64); 10] = [
    ("mali2012", 1, 0.3455, 0.3143),
    ("mali2012", 10, 0.3461, 0.3144),
    ("tigray2020", 1, 0.4435, 0.3668),
    ("car2013", 10, 0.3294, 0.3595),
    ("syria2013", 200, 0.3335, 0.3408),
    ("ukraine2022", 1000, 0.5948, 0.7182),
    ("nigeria2016", 50, 0.2605, 0.2080),
    ("ssudan2016", 50, 0.3999, 0.4696),
    ("venezuela2022", 100, 0.8350, 1.1522),
    ("mali2017_adm1", 50, 0.6754, 0.6929),
];

fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/movement");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/data/movement is not here");
    None
}

/// The mean of 20 runs lies within Monte Carlo error of Flee's single run: a run of ours spreads as one of Flee's
/// does, so the difference of a mean of 20 and a single run has a spread of √(1 + 1/20) runs. Three of those, since
/// 20 figures are compared; and 0.002 for what Flee's figures are rounded and its settings are read to.
#[test]
fn public_instances_have_flees_errors() {
    let Some(shared) = shared() else { return };
    let off: Vec<String> = TABLE
        .iter()
        .flat_map(|(name, divided, plain, rescaled)| {
            let grain = Grain { recent: 128, travel: 40, capacity: 0.125 };
            let settings =
                Settings { compat: Compat::Flee, grain, hasten: *divided, ..Settings::validation() };
            let instance = read(&shared.join(name), Some(settings)).unwrap();
            let model = Model::new(&instance, None).unwrap();
            let scored = instance.scored();
            let data = measure::registered(&instance);
            let errors: Vec<measure::Errors> = (0..20u64)
                .into_par_iter()
                .map(|member| {
                    let run = model.run(2012, member).unwrap();
                    measure::errors(&measure::simulated(&run, &scored), &data)
                })
                .collect();
            let figure = |which: &str, flee: f64, ours: &dyn Fn(&measure::Errors) -> f64| {
                let values: Vec<f64> = errors.iter().map(ours).collect();
                let mean = values.iter().sum::<f64>() / 20.0;
                let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 19.0).sqrt();
                println!("{name} ÷{divided} {which}: {mean:.4} ± {spread:.4}, Flee {flee}");
                let within = 3.0 * spread * (1.0f64 + 1.0 / 20.0).sqrt() + 0.002;
                ((mean - flee).abs() > within)
                    .then(|| format!("{name} ÷{divided} {which}: {mean} for {flee}"))
            };
            [figure("plain", *plain, &|e| e.error), figure("rescaled", *rescaled, &|e| e.rescaled)]
        })
        .flatten()
        .collect();
    assert!(off.is_empty(), "{off:#?}");
}
