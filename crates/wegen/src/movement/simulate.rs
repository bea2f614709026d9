//! `wegen simulate`: an ensemble over an instance, shown and written.

use std::process::ExitCode;

use serde_json::{Value as Json, json};
use wegen_model::not_for_individual_decisions;
use wegen_movement::{
    Counted, Ensemble, Model, Parameters, ReturnMethod, flee_table,
    validate::{Aside, Case, alone, published},
};
use wegen_publication::movement::{
    Gather, History, Shown, Told, camp_rows, cost_text, files, history_lines, parameter_rows, put,
    total_name, total_rows,
};

use super::{Asked, KNOWN, compare};
use crate::{
    cli::{self, Global, SimulationFormat},
    commands::{Outcome, print_json},
    error::CliError,
    show::{line, table},
};

/// Runs as published and alone, for the error beside a result.
const RUNS: u64 = 10;
/// The last day that is known where the model is validated.
const KNOWN_DAY: u32 = 30;

pub(crate) fn simulate(global: &Global, args: &cli::Simulate) -> Outcome {
    if args.print_returns {
        line(wegen_movement::DEFAULT_RETURN_METHOD.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    super::threads(&args.rules)?;
    let Some(instance) = &args.instance else {
        return Err(CliError::Usage("an instance was expected".to_owned()));
    };
    let mut asked = Asked::read(instance, &args.rules)?;
    if args.compare.len() == 2 {
        return compare::compare(global, args, &asked);
    }
    let scenario = args.scenario.as_deref().map(super::scenario).transpose()?;
    let method = super::return_method(args.returns.as_deref(), &asked.rates)?;
    let (instance, returns) = match &scenario {
        Some(told) => told.scenario.apply(&asked.instance, &method.settings())?,
        None => (asked.instance.clone(), asked.returns.clone()),
    };
    let scenario = scenario.or_else(|| asked.scenario.take());
    if args.format == SimulationFormat::Flee {
        let model = Model::new(&instance, returns)?;
        let run = model.run(args.rules.seed, 0)?;
        line(flee_table(&model, &run).trim_end());
        // Scripts read the table; what they should know of it stands beside it.
        for note in &instance.notes {
            eprintln!("{}: {note}", global.lang.text("movement-note"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(out) = &args.out {
        super::ours(out, "run.toml")?;
    }
    let method: Option<ReturnMethod> = returns.is_some().then_some(method);
    let parameters = super::drawn(args, method.as_ref())?;
    let ensemble =
        Ensemble::new(super::job(instance, returns, args.rules.seed), parameters.clone(), args.members)?;
    let file = super::members_file(args.out.as_deref(), args.resume.as_deref())?;
    let mut gather = Gather::new(ensemble.job(), args.members)?;
    let what = global.lang.text("movement-progress-members");
    let mut first_member = String::new();
    super::each(global, &ensemble, file.as_deref(), &args.place, &what, |member, outcome| {
        if member == 0 {
            first_member = blake3::hash(&outcome.to_bytes()).to_hex().to_string();
        }
        gather.add(outcome)
    })?;
    let told = Told {
        instance: ensemble.job().instance.clone(),
        scenario_text: scenario.as_ref().map(|s| s.text.clone()),
        scenario: scenario.map(|s| (s.scenario, s.hash)),
        returns: method,
        history: history(&asked, &parameters, args)?,
        parameters,
        seed: args.rules.seed,
        members: args.members,
        job_hash: super::hash(ensemble.job())?,
        simulated: gather.simulated(),
        attribution: asked.attribution(global.lang),
        sources: asked.sources(),
        evidence: asked.evidence()?,
        first_member,
    };
    if let Some(out) = &args.out {
        let countries = super::countries_of(global)?;
        put(out, &files(&told, ensemble.job(), &countries, global.lang)?)?;
    }
    match global.json {
        true => print_json(&as_json(&told, global))?,
        false => print(global, &told),
    }
    if let (Some(out), false) = (&args.out, global.json) {
        for file in
            ["working/report.html", "working/series.csv", "published/report.html", "published/months.csv"]
        {
            line(format!("  {}", out.join(file).display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// How far the model is off on this instance as it was, in both modes.
pub(super) fn history(
    asked: &Asked,
    parameters: &Parameters,
    args: &cli::Simulate,
) -> Result<History, CliError> {
    let mut history = History::default();
    if asked.instance.scored().is_empty() {
        history.missing.push("no camp of the instance has registrations".to_owned());
        return Ok(history);
    }
    history.published = Some(published(&asked.instance, RUNS.min(args.members), args.rules.seed)?);
    let Some(folder) = &asked.folder else {
        history.missing.push("the honest mode needs the instance’s folder, and a job was given".to_owned());
        return Ok(history);
    };
    let how = Aside { seed: args.rules.seed, members: RUNS.min(args.members.max(2)), ..Aside::default() };
    let own = super::of_displacement(parameters);
    history.drawn = !own.names().is_empty();
    let tested =
        Case::read(folder, &asked.settings(), KNOWN_DAY, KNOWN).and_then(|case| alone(&case, &own, &how));
    match tested {
        Ok(alone) => history.alone = Some(alone),
        Err(error) => history.missing.push(error.to_string()),
    }
    Ok(history)
}

fn print(global: &Global, told: &Told) {
    let lang = global.lang;
    let label = |id: &str| lang.text(id);
    let first = lang.date(told.instance.date(0));
    let last = lang.date(told.instance.date(told.last_day()));
    line(format!(
        "{} · {}",
        told.title(lang),
        lang.text_with(
            "movement-subtitle",
            &[("instance", &told.instance.name), ("first", &first), ("last", &last)]
        )
    ));
    line(lang.text_with(
        "movement-run",
        &[
            ("members", &lang.integer(told.members as i64)),
            ("seed", &told.seed.to_string()),
            ("job", &told.job_hash[..16]),
        ],
    ));
    if let Some((scenario, _)) = &told.scenario {
        line(label("movement-assumed"));
        scenario.assumptions.iter().for_each(|a| line(format!("  · {}", a.get(lang))));
        let costs: Vec<String> = scenario.costs().iter().map(|c| cost_text(c, lang)).collect();
        if !costs.is_empty() {
            line(format!("{} {}.", label("movement-costs"), lang.list(&costs)));
        }
    }
    line("");
    let head = [
        "movement-head-place",
        "movement-head-country",
        "movement-head-registered",
        "movement-head-median",
        "movement-head-wide",
    ]
    .map(label);
    table(&head.each_ref().map(String::as_str), &camp_rows(told, lang), &[2, 3, 4]);
    line("");
    let head = ["movement-head-total", "movement-head-median", "movement-head-wide"].map(label);
    table(&head.each_ref().map(String::as_str), &total_rows(told, lang), &[1, 2]);
    line("");
    told.said(lang).iter().for_each(line);
    let parameters = parameter_rows(&told.parameters, lang);
    if !parameters.is_empty() {
        let all: Vec<String> = parameters.iter().map(|p| format!("{} {} ({})", p[0], p[1], p[2])).collect();
        line(format!("{}: {}", label("movement-section-parameters"), all.join("; ")));
    }
    history_lines(&told.history, lang).iter().for_each(line);
    super::print_notes(&told.instance.notes, lang);
    line(told.attribution.as_str());
    line(not_for_individual_decisions(lang));
}

fn shown_json(shown: &Shown) -> Json {
    json!({"median": [shown.median.0, shown.median.1], "half": [shown.half.0, shown.half.1], "wide": [shown.wide.0, shown.wide.1]})
}

fn as_json(told: &Told, global: &Global) -> Json {
    let (instance, last) = (&told.instance, told.last_day());
    let places: Vec<Json> = told
        .simulated
        .last
        .series
        .iter()
        .filter_map(|band| {
            let Counted::At(place) = band.counted else { return None };
            let l = &instance.locations[place];
            Some(json!({
                "place": l.name, "region": l.region, "country": l.country, "kind": l.kind,
                "registered": told.registered(place, last), "displaced": shown_json(&Shown::of(&band.ends, 0)),
            }))
        })
        .collect();
    let totals: serde_json::Map<String, Json> = told
        .totals()
        .into_iter()
        .filter_map(|c| {
            let band = told.simulated.daily.of(c)?;
            Some((total_name(c).to_owned(), shown_json(&Shown::of(&band.ends, last as usize))))
        })
        .collect();
    let scenario = told.scenario.as_ref().map(|(s, hash)| {
        json!({
            "id": s.id, "blake3": hash, "title": s.title, "assumptions": s.assumptions, "sources": s.sources,
            "costs": s.costs(),
        })
    });
    json!({
        "instance": instance.name, "first": instance.date(0), "last": instance.date(last), "members": told.members,
        "seed": told.seed, "job_blake3": told.job_hash, "scenario": scenario, "settings": instance.settings,
        "return_method": told.returns, "parameters": told.parameters, "places": places, "totals": totals,
        "said": told.said(global.lang), "history": told.history, "notes": instance.notes,
        "attribution": told.attribution, "notice": not_for_individual_decisions(global.lang),
        "not_for_individual_decisions": true,
    })
}
