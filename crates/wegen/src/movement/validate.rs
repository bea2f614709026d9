//! `wegen validate`: errors as published and honest ones, beside baselines, always both.

use std::process::ExitCode;

use serde_json::json;
use wegen_model::{Lang, not_for_individual_decisions};
use wegen_movement::{
    Parameters,
    validate::{Alone, Aside, Case, Honest, Knowledge, Method, Published, alone, honest, published},
};
use wegen_publication::movement::{percent, plain_name, skill_text, way_name, way_text, whole};

use super::{Asked, KNOWN, Noted};
use crate::{
    cli::{self, Global},
    commands::{Outcome, print_json},
    show::{Progress, line, table},
};

/// Conflicts from which on each can be predicted by what the others say.
const ENOUGH: usize = 3;

pub(crate) fn validate(global: &Global, args: &cli::Validate) -> Outcome {
    super::threads(&args.rules)?;
    let (lang, seed) = (global.lang, args.rules.seed);
    let bar =
        Progress::new(global.quiet, args.instances.len() as u64, &lang.text("movement-progress-published"));
    let (mut as_published, mut by_themselves, mut cases): (Vec<Published>, Vec<Alone>, Vec<Case>) =
        Default::default();
    let mut noted: Vec<Noted> = Vec::new();
    let across = args.instances.len() >= ENOUGH && !args.alone;
    let how = Aside { seed, members: args.runs, ..Aside::default() };
    for (at, path) in args.instances.iter().enumerate() {
        let asked = Asked::read(path, &args.rules)?;
        as_published.push(published(&asked.instance, args.runs, seed)?);
        let case = Case::read(path, &asked.settings(), args.day, KNOWN)?;
        if !across {
            by_themselves.push(alone(&case, &Parameters::none(), &how)?);
        }
        cases.push(case);
        noted.push(Noted::of(&asked.instance));
        bar.at(at as u64 + 1, None);
    }
    bar.done();
    let others = match across {
        true => {
            let method = Method { seed, points: args.points, ..Method::default() };
            let bar = Progress::new(global.quiet, 1, &lang.text("movement-progress-honest"));
            let found = honest(&cases, &method, &|done, all| bar.at(done, Some(all)));
            bar.done();
            Some(found?)
        }
        false => None,
    };
    if global.json {
        print_json(&json!({
            "published": as_published, "honest_alone": by_themselves, "honest_by_others": others, "notes": noted,
            "notice": not_for_individual_decisions(lang), "not_for_individual_decisions": true,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    print_published(&as_published, lang);
    line("");
    match &others {
        Some(honest) => print_honest(honest, lang),
        None => by_themselves.iter().for_each(|a| print_alone(a, lang)),
    }
    super::print_all_notes(&noted, lang);
    line(lang.text("movement-validate-how"));
    if KNOWN == Knowledge::Registered {
        line(lang.text("movement-validate-known"));
    }
    line(not_for_individual_decisions(lang));
    Ok(ExitCode::SUCCESS)
}

fn print_published(all: &[Published], lang: Lang) {
    line(lang.text("movement-validate-published"));
    let number = |e: &wegen_movement::validate::Estimate, digits: u8| -> String {
        let give = if e.monte_carlo.is_finite() {
            format!(" ±{}", lang.decimal(e.monte_carlo, digits + 1))
        } else {
            String::new()
        };
        format!("{}{give}", lang.decimal(e.mean, digits))
    };
    let rows: Vec<Vec<String>> = all
        .iter()
        .map(|p| {
            vec![
                plain_name(&p.name),
                number(&p.error, 3),
                number(&p.rescaled, 3),
                number(&p.mase7, 2),
                number(&p.mase30, 2),
                whole(p.rmse.mean, lang),
                p.runs.to_string(),
            ]
        })
        .collect();
    let head = ["instance", "error", "rescaled", "mase7", "mase30", "rmse", "runs"]
        .map(|id| lang.text(&format!("movement-head-{id}")));
    table(&head.each_ref().map(String::as_str), &rows, &[1, 2, 3, 4, 5, 6]);
}

fn print_alone(a: &Alone, lang: Lang) {
    line(lang.text_with(
        "movement-validate-alone",
        &[
            ("instance", &plain_name(&a.name)),
            ("day", &a.day.to_string()),
            ("days", &lang.integer(i64::from(a.days))),
            ("camps", &a.camps.to_string()),
            ("known", &whole(a.known, lang)),
        ],
    ));
    let mut rows = vec![vec![lang.text("movement-way-model"), lang.decimal(a.error, 3)]];
    rows.extend(a.baselines.iter().map(|w| {
        let leak = if w.leaks { lang.text("movement-leaks") } else { String::new() };
        vec![format!("{}{leak}", way_name(&w.name, lang)), lang.decimal(w.error, 3)]
    }));
    let head = ["movement-head-way", "movement-head-rescaled"].map(|id| lang.text(id));
    table(&head.each_ref().map(String::as_str), &rows, &[1]);
    line(skill_text(a.skill, (a.skill_interval.low, a.skill_interval.high), &a.best, lang));
    line(lang.text_with(
        "movement-validate-scores",
        &[
            ("within90", &percent(a.scores.within90, 0, lang)),
            ("within50", &percent(a.scores.within50, 0, lang)),
            ("crps", &whole(a.scores.crps, lang)),
            ("baseline", &whole(a.baseline_crps, lang)),
            ("runs", &a.how.members.to_string()),
        ],
    ));
    line("");
}

fn print_honest(h: &Honest, lang: Lang) {
    line(lang.text("movement-validate-honest"));
    let rows: Vec<Vec<String>> = h
        .conflicts
        .iter()
        .map(|c| {
            let best = c.baselines.iter().find(|w| w.name == c.best);
            let interval = format!(
                "{} ({}…{})",
                percent(c.skill, 0, lang),
                percent(c.skill_interval.low, 0, lang),
                percent(c.skill_interval.high, 0, lang)
            );
            let nearer =
                if c.skill > 0.0 { "movement-nearer-prediction" } else { "movement-nearer-baseline" };
            vec![
                plain_name(&c.name),
                lang.decimal(c.error, 3),
                best.map_or_else(String::new, |w| way_text(w, lang)),
                interval,
                lang.text(nearer),
                lang.decimal(c.default_error, 3),
                lang.decimal(c.calibrated_error, 3),
                percent(c.scores.within90, 0, lang),
                percent(c.crps_skill, 0, lang),
            ]
        })
        .collect();
    let head = [
        "instance",
        "prediction",
        "best",
        "skill",
        "nearer",
        "default",
        "calibrated",
        "within90",
        "crps-skill",
    ]
    .map(|id| lang.text(&format!("movement-head-{id}")));
    table(&head.each_ref().map(String::as_str), &rows, &[1, 5, 6, 7, 8]);
    line("");
    for conflict in &h.conflicts {
        let ways: Vec<String> = conflict.baselines.iter().map(|w| way_text(w, lang)).collect();
        line(format!("{}: {}", plain_name(&conflict.name), lang.list(&ways)));
    }
    let wins = h.conflicts.iter().filter(|c| c.skill <= 0.0).count();
    line(lang.text_with(
        "movement-validate-mean",
        &[
            ("skill", &percent(h.skill, 0, lang)),
            ("low", &percent(h.skill_interval.low, 0, lang)),
            ("high", &percent(h.skill_interval.high, 0, lang)),
            ("otherlow", &percent(h.skill_interval_conflicts.low, 0, lang)),
            ("otherhigh", &percent(h.skill_interval_conflicts.high, 0, lang)),
            ("wins", &wins.to_string()),
            ("all", &h.conflicts.len().to_string()),
        ],
    ));
    line(lang.text_with(
        "movement-validate-covered",
        &[
            ("within90", &percent(h.within90, 0, lang)),
            ("conflicts", &percent(h.within90_conflicts, 0, lang)),
        ],
    ));
    super::print_notes(&h.notes, lang);
}
