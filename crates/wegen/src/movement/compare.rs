//! `wegen simulate --compare A B`: two scenarios over one instance, member by member.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use wegen_model::{Lang, not_for_individual_decisions};
use wegen_movement::{Ensemble, Job, ReturnMethod, Scenario};
use wegen_publication::movement::{
    Compared, Difference, Files, History, Paired, differences_csv, history_lines, month_text, plain_name,
    put, total_id, total_name, whole,
};

use super::{Asked, simulate};
use crate::{
    cli::{self, Global},
    commands::{Outcome, print_json},
    error::CliError,
    show::{line, table},
};

/// A side of the comparison.
struct Side {
    name: String,
    scenario: Option<Scenario>,
    job: Job,
}

pub(super) fn compare(global: &Global, args: &cli::Simulate, asked: &Asked) -> Outcome {
    if let Some(out) = &args.out {
        super::ours(out, "comparison.toml")?;
    }
    let lang = global.lang;
    let method = super::return_method(args.returns.as_deref(), &asked.rates)?;
    let sides =
        [side(&args.compare[0], asked, &method, args)?, side(&args.compare[1], asked, &method, args)?];
    // One set of parameters for both: what differs is what the scenarios say.
    let returns = sides.iter().any(|s| s.job.returns.is_some());
    let parameters = super::drawn(args, returns.then_some(&method))?;
    let displacement = super::of_displacement(&parameters);
    let mut ensembles = Vec::new();
    for side in &sides {
        let own = if side.job.returns.is_some() { parameters.clone() } else { displacement.clone() };
        ensembles.push(Ensemble::new(side.job.clone(), own, args.members)?);
    }
    let paired = Paired::new(ensembles[0].job(), ensembles[1].job())?;
    let mut reduced: Vec<Vec<Vec<i64>>> = Vec::new();
    for (at, ensemble) in ensembles.iter().enumerate() {
        let file = args.out.as_ref().map(|out| out.join(format!("working/members-{}.bin", ["a", "b"][at])));
        if let Some(parent) = file.as_deref().and_then(Path::parent) {
            std::fs::create_dir_all(parent).map_err(CliError::io(parent))?;
        }
        let mut kept = Vec::new();
        super::each(global, ensemble, file.as_deref(), &args.place, &sides[at].name, |_, outcome| {
            kept.push(paired.sides[at].reduce(outcome));
            Ok(())
        })?;
        reduced.push(kept);
    }
    let notes = notes(asked, &sides);
    let differences = paired.differences(&reduced[0], &reduced[1]);
    let names = [sides[0].name.as_str(), sides[1].name.as_str()];
    let attribution = asked.attribution(lang);
    let history = simulate::history(asked, &parameters, args)?;
    if let Some(out) = &args.out {
        let csv = |camps| {
            differences_csv(&paired, &differences, names, &attribution, camps)
                .map_err(|e| CliError::Movement(wegen_movement::MovementError::Instance(e)))
        };
        let run = format!(
            "program = \"wegen {}\"\ninstance = {:?}\nseed = \"{}\"\nmembers = {}\na = {:?}\nb = {:?}\n\
             a_job_blake3 = \"{}\"\nb_job_blake3 = \"{}\"\nnotes = {}\nnot_for_individual_decisions = true\n",
            env!("CARGO_PKG_VERSION"),
            asked.instance.name,
            args.rules.seed,
            args.members,
            names[0],
            names[1],
            super::hash(ensembles[0].job())?,
            super::hash(ensembles[1].job())?,
            toml::Value::from(notes.clone()),
        );
        let readme = |id: &str| {
            format!("{}\n\n{}\n\n{attribution}\n", lang.text(id), not_for_individual_decisions(lang))
        };
        // Notes name files, lines and places: they are for who made the run.
        let mut working = readme("movement-readme-working");
        if !notes.is_empty() {
            working.push_str(&format!("\n{}\n\n", lang.text("movement-notes-text")));
            notes.iter().for_each(|note| working.push_str(&format!("* {note}\n")));
        }
        let mut files = Files::from([
            ("comparison.toml".to_owned(), run.into_bytes()),
            ("working/differences.csv".to_owned(), csv(true)?),
            ("working/README.txt".to_owned(), working.into_bytes()),
            ("published/differences.csv".to_owned(), csv(false)?),
            ("published/README.txt".to_owned(), readme("movement-readme-published").into_bytes()),
        ]);
        if let Some((name, text)) = asked.sources() {
            files.insert(format!("working/{name}"), text.clone().into_bytes());
            files.insert(format!("published/{name}"), text.into_bytes());
        }
        put(out, &files)?;
    }
    match global.json {
        true => print_json(&as_json(&paired, &differences, &sides, args, (&history, &notes), lang))?,
        false => print(global, &paired, &differences, &sides, args, (&history, &notes, &attribution)),
    }
    Ok(ExitCode::SUCCESS)
}

fn side(text: &str, asked: &Asked, method: &ReturnMethod, args: &cli::Simulate) -> Result<Side, CliError> {
    if text == "none" {
        let job = super::job(asked.instance.clone(), None, args.rules.seed);
        return Ok(Side { name: "none".to_owned(), scenario: None, job });
    }
    let scenario = super::scenario(Path::new(text))?.scenario;
    let (instance, returns) = scenario.apply(&asked.instance, &method.settings())?;
    let job = super::job(instance, returns, args.rules.seed);
    Ok(Side { name: scenario.id.clone(), scenario: Some(scenario), job })
}

/// What was noted of the instance, and while either scenario was applied, each once.
fn notes(asked: &Asked, sides: &[Side; 2]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let of_sides = sides.iter().flat_map(|side| &side.job.instance.notes);
    for note in asked.instance.notes.iter().chain(of_sides) {
        if !all.contains(note) {
            all.push(note.clone());
        }
    }
    all
}

fn named(what: &Compared, lang: Lang) -> String {
    match what {
        Compared::Camp(name) => plain_name(name),
        Compared::Area(area) if area.country.is_empty() => lang.text("movement-all-areas"),
        Compared::Area(area) if area.region.is_empty() => plain_name(&area.country),
        Compared::Area(area) => format!("{}, {}", plain_name(&area.region), plain_name(&area.country)),
        Compared::Total(counted) => lang.text(total_id(*counted)),
    }
}

fn signed(value: f64, lang: Lang) -> String {
    let shown = whole(value, lang);
    if value > 0.0 && shown != whole(0.0, lang) { format!("+{shown}") } else { shown }
}

fn signed_range((low, high): (f64, f64), lang: Lang) -> String {
    let (low, high) = (signed(low, lang), signed(high, lang));
    if low == high { low } else { format!("{low} … {high}") }
}

fn print(
    global: &Global,
    paired: &Paired,
    differences: &[Difference],
    sides: &[Side; 2],
    args: &cli::Simulate,
    (history, notes, attribution): (&History, &[String], &str),
) {
    let lang = global.lang;
    let title = |side: &Side| {
        side.scenario.as_ref().map_or(lang.text("movement-no-scenario"), |s| s.title.get(lang).to_owned())
    };
    let (a, b) = (title(&sides[0]), title(&sides[1]));
    line(lang.text_with("movement-compare-title", &[("a", &a), ("b", &b)]));
    for side in sides {
        if let Some(scenario) = &side.scenario {
            line(format!("{}: {}", scenario.title.get(lang), lang.text("movement-assumed")));
            scenario.assumptions.iter().for_each(|a| line(format!("  · {}", a.get(lang))));
        }
    }
    let last = paired.months.len().saturating_sub(1);
    let month = paired.months.last().map_or(String::new(), |m| month_text(m.first, lang));
    line(lang.text_with(
        "movement-compare-when",
        &[
            ("month", &month),
            ("members", &lang.integer(args.members as i64)),
            ("seed", &args.rules.seed.to_string()),
        ],
    ));
    line("");
    let rows: Vec<Vec<String>> = differences
        .iter()
        .filter(|d| {
            d.month == last && !matches!(paired.what[d.what], Compared::Area(ref a) if !a.country.is_empty())
        })
        .map(|d| {
            let median = |at: usize| {
                let (low, high) = d.medians[at];
                let (low, high) = (whole(low, lang), whole(high, lang));
                if low == high { low } else { format!("{low}–{high}") }
            };
            let name = named(&paired.what[d.what], lang);
            vec![name, median(0), median(1), signed_range(d.median, lang), signed_range(d.wide, lang)]
        })
        .collect();
    let head = [
        "movement-head-what",
        "movement-head-a",
        "movement-head-b",
        "movement-head-difference",
        "movement-head-difference-wide",
    ]
    .map(|id| lang.text(id));
    table(&head.each_ref().map(String::as_str), &rows, &[1, 2, 3, 4]);
    line("");
    line(lang.text("movement-compare-same"));
    line(lang.text("movement-compare-apart"));
    history_lines(history, lang).iter().for_each(line);
    super::print_notes(notes, lang);
    line(attribution);
    line(not_for_individual_decisions(lang));
}

fn as_json(
    paired: &Paired,
    differences: &[Difference],
    sides: &[Side; 2],
    args: &cli::Simulate,
    (history, notes): (&History, &[String]),
    lang: Lang,
) -> Json {
    let rows: Vec<Json> = differences
        .iter()
        .map(|d| {
            let what = match &paired.what[d.what] {
                Compared::Camp(name) => json!({"place": name}),
                Compared::Area(area) => json!({"country": area.country, "region": area.region}),
                Compared::Total(counted) => json!({"total": total_name(*counted)}),
            };
            json!({
                "of": what, "month": paired.months[d.month].label(), "median_a": d.medians[0], "median_b": d.medians[1],
                "difference": d.median, "difference_wide": d.wide,
            })
        })
        .collect();
    let side = |s: &Side| {
        let scenario = s.scenario.as_ref();
        json!({
            "name": s.name, "title": scenario.map(|s| &s.title), "assumptions": scenario.map(|s| &s.assumptions),
            "costs": scenario.map(|s| s.costs()),
        })
    };
    json!({
        "a": side(&sides[0]), "b": side(&sides[1]), "members": args.members, "seed": args.rules.seed,
        "differences": rows, "history": history, "notes": notes, "note": lang.text("movement-compare-apart"),
        "notice": not_for_individual_decisions(lang), "not_for_individual_decisions": true,
    })
}
