//! `wegen calibrate`: which parameters go with registrations, and which of them registrations tell apart.

use std::cell::RefCell;
use std::process::ExitCode;

use serde_json::json;
use wegen_model::{Lang, not_for_individual_decisions};
use wegen_movement::{
    Job, Outcome as MemberOutcome, Parameters, Sample,
    calibrate::{Fit, Posterior, Search, displacement_priors, profiles, shared_priors, smc_in_batches},
    validate::{Alone, Aside, Case, alone},
};
use wegen_publication::movement::{
    Files, parameter_rows, percent, plain_name, profile_chart, put, short, skill_text,
};

use super::{Asked, KNOWN, Noted};
use crate::{
    cli::{self, Global},
    commands::{Outcome, print_json},
    error::CliError,
    show::{Progress, line, table},
};

/// Counts are scaled down to so many persons for the runs of a calibration.
const PERSONS: f64 = 20_000.0;
/// Every so many days are looked at.
const STEP: u32 = 5;
/// The next tolerance lies at this share of the distances of a generation.
const QUANTILE: f64 = 0.5;
/// A generation ends after so many proposals a particle.
const MOST_TRIES: usize = 12;
/// Cells along a parameter in its profile.
const CELLS: usize = 12;
/// Below this share of the prior's width, registrations tell a parameter apart; above the other one, they do not.
const TOLD: f64 = 0.5;
const OPEN: f64 = 0.9;

pub(crate) fn calibrate(global: &Global, args: &cli::Calibrate) -> Outcome {
    super::threads(&args.rules)?;
    if let Some(out) = &args.out {
        super::ours(out, "posterior.json")?;
    }
    let (lang, seed) = (global.lang, args.rules.seed);
    let parameters = match &args.priors {
        Some(path) => super::priors(path)?,
        None if args.instances.len() > 1 => shared_priors(),
        None => displacement_priors(),
    };
    let mut noted: Vec<Noted> = Vec::new();
    let mut case = |path: &std::path::PathBuf| -> Result<Case, CliError> {
        let asked = Asked::read(path, &args.rules)?;
        noted.push(Noted::of(&asked.instance));
        Ok(Case::read(path, &asked.settings(), args.day, KNOWN)?)
    };
    let fitted: Vec<Case> = args.instances.iter().map(&mut case).collect::<Result<_, _>>()?;
    let held: Vec<Case> = args.hold_out.iter().map(&mut case).collect::<Result<_, _>>()?;
    let names: Vec<String> = parameters.iter().map(|p| p.name.clone()).collect();
    let fit = Fit::new(fitted.clone(), &names, PERSONS, STEP, seed)?;
    let search = Search {
        seed,
        parameters: parameters.clone(),
        particles: args.particles.max(2),
        generations: args.generations,
        quantile: QUANTILE,
        most_tries: MOST_TRIES,
    };
    let tried: RefCell<(Vec<Vec<f64>>, Vec<f64>)> = RefCell::default();
    let bar = Progress::new(global.quiet, args.generations as u64, &lang.text("movement-progress-calibrate"));
    let measure = |points: &[(Vec<f64>, u64)]| -> Result<Vec<f64>, CliError> {
        let mut outcomes: Vec<Vec<MemberOutcome>> = vec![Vec::new(); points.len()];
        for job in fit.jobs() {
            let of_job = outcomes_of(job, points, args)?;
            outcomes.iter_mut().zip(of_job).for_each(|(all, one)| all.push(one));
        }
        let distances: Vec<f64> = outcomes.iter().map(|all| fit.distance(all)).collect();
        let mut tried = tried.borrow_mut();
        tried.0.extend(points.iter().map(|(values, _)| values.clone()));
        tried.1.extend(&distances);
        Ok(distances)
    };
    let posterior = smc_in_batches(&search, &measure, &|done, all| bar.at(done as u64, Some(all as u64)))?;
    bar.done();
    let (points, distances) = tried.into_inner();
    let along = profiles(&parameters, &points, &distances, CELLS);
    let how = Aside { seed, ..Aside::default() };
    let tested = |cases: &[Case]| -> Result<Vec<[Alone; 2]>, CliError> {
        let one = |case: &Case| -> Result<[Alone; 2], CliError> {
            let sample = Parameters::Sample(posterior.sample.clone());
            Ok([alone(case, &Parameters::none(), &how)?, alone(case, &sample, &how)?])
        };
        cases.iter().map(one).collect()
    };
    let (inside, outside) = (tested(&fitted)?, tested(&held)?);
    let told = json!({
        "sample": posterior.sample, "distances": posterior.distances, "generations": posterior.generations,
        "identified": posterior.identified, "profiles": along, "priors": parameters, "search": search,
        "fitted_on": fitted.iter().map(|c| &c.truth.name).collect::<Vec<_>>(), "runs": points.len(),
        "fitted": inside, "held_out": outside, "notes": noted, "program": format!("wegen {}", env!("CARGO_PKG_VERSION")),
        "notice": not_for_individual_decisions(lang), "not_for_individual_decisions": true,
    });
    if let Some(out) = &args.out {
        let mut files = Files::new();
        files.insert("posterior.json".to_owned(), serde_json::to_vec_pretty(&told)?);
        files.insert(
            "posterior.csv".to_owned(),
            sample_csv(&posterior).map_err(wegen_movement::MovementError::Instance)?,
        );
        let source =
            lang.text_with("movement-profile-source", &[("runs", &lang.integer(points.len() as i64))]);
        for profile in &along {
            let svg = profile_chart(&profile.name, profile, &source, lang)
                .map_err(|e| wegen_movement::MovementError::Instance(e.to_string()))?;
            files.insert(
                format!("charts/profile-{}.svg", profile.name.replace(['.', '_'], "-")),
                svg.into_bytes(),
            );
        }
        put(out, &files)?;
    }
    match global.json {
        true => print_json(&told)?,
        false => print(&posterior, &search, points.len(), [&inside, &outside], &noted, lang),
    }
    if let (Some(out), false) = (&args.out, global.json) {
        line(format!("  {}", out.join("posterior.json").display()));
        line(lang.text("movement-calibrate-next"));
    }
    Ok(ExitCode::SUCCESS)
}

/// The outcomes of points on one job, in their order.
fn outcomes_of(
    job: &Job,
    points: &[(Vec<f64>, u64)],
    args: &cli::Calibrate,
) -> Result<Vec<MemberOutcome>, CliError> {
    use rayon::prelude::*;
    #[cfg(feature = "cluster")]
    if let Some(address) = &args.place.cluster {
        return crate::cluster::outcomes(address, job, points);
    }
    let _ = args;
    let run = |(values, member): &(Vec<f64>, u64)| job.run(*member, values);
    Ok(points.par_iter().map(run).collect::<Result<_, _>>()?)
}

fn sample_csv(posterior: &Posterior) -> Result<Vec<u8>, String> {
    let sample: &Sample = &posterior.sample;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| e.to_string();
    let head = sample.names.iter().map(String::as_str);
    writer
        .write_record(["weight", "distance"].into_iter().chain(head).chain(["not_for_individual_decisions"]))
        .map_err(fail)?;
    for ((point, weight), distance) in sample.points.iter().zip(&sample.weights).zip(&posterior.distances) {
        let numbers = [*weight, *distance].into_iter().chain(point.iter().copied()).map(|v| v.to_string());
        writer.write_record(numbers.chain(["true".to_owned()])).map_err(fail)?;
    }
    writer.into_inner().map_err(|e| e.to_string())
}

fn print(
    posterior: &Posterior,
    search: &Search,
    runs: usize,
    [inside, outside]: [&[[Alone; 2]]; 2],
    noted: &[Noted],
    lang: Lang,
) {
    let effective = posterior.sample.effective();
    line(lang.text_with(
        "movement-calibrate-title",
        &[
            ("points", &posterior.sample.points.len().to_string()),
            ("effective", &lang.decimal(effective, 0)),
            ("runs", &lang.integer(runs as i64)),
            ("seed", &search.seed.to_string()),
        ],
    ));
    let before = parameter_rows(&Parameters::Priors(search.parameters.clone()), lang);
    let rows: Vec<Vec<String>> = posterior
        .identified
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let after = [0.05, 0.5, 0.95].map(|share| short(posterior.sample.quantile(at, share), lang));
            let said = match one.ratio {
                r if r <= TOLD => "movement-identified",
                r if r >= OPEN => "movement-not-identified",
                _ => "movement-partly-identified",
            };
            vec![
                one.name.clone(),
                before[at][2].clone(),
                format!("{}–{}", after[0], after[2]),
                after[1].clone(),
                percent(one.ratio, 0, lang),
                lang.text(said),
            ]
        })
        .collect();
    let head = ["parameter", "before", "after", "median", "width", "told"]
        .map(|id| lang.text(&format!("movement-head-{id}")));
    table(&head.each_ref().map(String::as_str), &rows, &[1, 2, 3, 4]);
    line("");
    for (cases, id) in [(inside, "movement-calibrate-inside"), (outside, "movement-calibrate-outside")] {
        for [default, fitted] in cases {
            let best = fitted.baselines.iter().find(|w| w.name == fitted.best).map_or(f64::NAN, |w| w.error);
            line(lang.text_with(
                id,
                &[
                    ("instance", &plain_name(&fitted.name)),
                    ("before", &lang.decimal(default.error, 3)),
                    ("after", &lang.decimal(fitted.error, 3)),
                    ("best", &lang.decimal(best, 3)),
                ],
            ));
            line(format!(
                "  {}",
                skill_text(
                    fitted.skill,
                    (fitted.skill_interval.low, fitted.skill_interval.high),
                    &fitted.best,
                    lang
                )
            ));
        }
    }
    if outside.is_empty() {
        line(lang.text("movement-calibrate-no-test"));
    }
    super::print_all_notes(noted, lang);
    line(lang.text("movement-calibrate-how"));
    line(not_for_individual_decisions(lang));
}
