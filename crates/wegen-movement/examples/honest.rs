//! Validates the model on a folder of instances: as published, and honestly.
//!
//! `cargo run --release -p wegen-movement --example honest -- FOLDER [totals|nothing] [registered|interpolated] [POINTS] [OUT.json]`

use std::path::Path;

use wegen_movement::validate::{Case, Given, Knowledge, Method, honest, published};
use wegen_movement::{Compat, Settings, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |at: usize| arguments.get(at).map(String::as_str);
    let folder = Path::new(argument(0).ok_or("a folder of instances was expected")?);
    let given = if argument(1) == Some("nothing") { Given::Nothing } else { Given::Totals };
    let knowledge =
        if argument(2) == Some("interpolated") { Knowledge::Interpolated } else { Knowledge::Registered };
    let points = argument(3).map_or(Ok(Method::default().points), str::parse)?;
    let mut folders: Vec<_> =
        std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    folders.retain(|f| f.join("input_csv").is_dir());
    folders.sort();
    let settings = Settings::validation();
    if given == Given::Totals && knowledge == Knowledge::Registered {
        println!("as published: error, rescaled, MASE 7, MASE 30, RMSE (Monte Carlo error of the mean)");
        for (folder, compat) in folders.iter().flat_map(|f| [(f, Compat::Flee), (f, Compat::Rules)]) {
            let instance = read(folder, Some(Settings { compat, ..settings.clone() }))?;
            let most: f64 =
                instance.registered.iter().map(|r| r.series.value(i64::from(instance.days))).sum();
            let runs = published(&instance.scaled((200_000.0 / most).min(1.0)), 10, 1)?;
            println!(
                "{:14} {:5?} {:.4} ({:.4})  {:.4} ({:.4})  {:.3}  {:.3}  {:.0}",
                runs.name,
                compat,
                runs.error.mean,
                runs.error.monte_carlo,
                runs.rescaled.mean,
                runs.rescaled.monte_carlo,
                runs.mase7.mean,
                runs.mase30.mean,
                runs.rmse.mean
            );
        }
    }
    let cases: Vec<Case> =
        folders.iter().map(|f| Case::read(f, &settings, 30, knowledge)).collect::<Result<_, _>>()?;
    for (case, note) in cases.iter().flat_map(|case| case.truth.notes.iter().map(move |note| (case, note))) {
        eprintln!("{}: {note}", case.truth.name);
    }
    let method = Method { given, points, ..Method::default() };
    let result = honest(&cases, &method, &|_, _| {})?;
    println!("honest: given {given:?}, known {knowledge:?}, {points} points");
    for c in &result.conflicts {
        let ways: Vec<String> = c.baselines.iter().map(|w| format!("{} {:.3}", w.name, w.error)).collect();
        println!(
            "{:14} day {:3} counted {}/{} default {:.3} transferred {:.3} calibrated {:.3} error {:.3} trust {:.2} | {} \
             | without model {:.3} | skill {:+.3} [{:+.2}, {:+.2}] against {}, usual {:+.3}, model {:+.3} | within 90 % \
             {:.2}, 50 % {:.2}, crps skill {:+.3} | {:?} {:?}",
            c.name,
            c.day,
            c.counted,
            c.camps,
            c.default_error,
            c.transferred_error,
            c.calibrated_error,
            c.error,
            c.trust,
            ways.join(", "),
            c.without_model_error,
            c.skill,
            c.skill_interval.low,
            c.skill_interval.high,
            c.best,
            c.skill_usual,
            c.model_skill,
            c.scores.within90,
            c.scores.within50,
            c.crps_skill,
            c.pool,
            c.spread
        );
    }
    println!(
        "mean: skill {:+.3} [{:+.3}, {:+.3}] (over conflicts too [{:+.3}, {:+.3}]), usual {:+.3} [{:+.3}, {:+.3}]; \
         default {:.4}, transferred {:.4}, calibrated {:.4}, prediction {:.4}; within 90 %: {:.3} of camp-days, {:.3} as \
         a mean over conflicts",
        result.skill,
        result.skill_interval.low,
        result.skill_interval.high,
        result.skill_interval_conflicts.low,
        result.skill_interval_conflicts.high,
        result.skill_usual,
        result.skill_usual_interval.low,
        result.skill_usual_interval.high,
        result.default_error,
        result.transferred_error,
        result.calibrated_error,
        result.error,
        result.within90,
        result.within90_conflicts
    );
    for profile in &result.profiles {
        let least: Vec<String> = profile.least.iter().map(|l| format!("{l:.3}")).collect();
        println!("profile {:18} {}", profile.name, least.join(" "));
    }
    if let Some(out) = argument(4) {
        std::fs::write(out, serde_json::to_vec(&result)?)?;
    }
    Ok(())
}
