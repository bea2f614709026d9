//! `wegen movement build`: an instance from the evidence that is held.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use wegen_model::{countries, not_for_individual_decisions};
use wegen_publication::movement::{BuildOptions, Given, build as build_instance};

use crate::{
    cli::{self, Global},
    commands::{Outcome, open, print_json},
    error::CliError,
    show::line,
};

pub(crate) fn build(global: &Global, args: &cli::MovementBuild) -> Outcome {
    let given = |path: &PathBuf| -> Result<Given, CliError> {
        Ok(Given { file: super::name(path), text: super::text(path)? })
    };
    let options = BuildOptions {
        level: args.level.unwrap_or(BuildOptions::default().level),
        years: args.from.zip(args.to),
        roads: args.roads.as_ref().map(given).transpose()?,
        populations: args.populations.as_ref().map(given).transpose()?,
        ..BuildOptions::default()
    };
    let ledger = open(global)?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let built = build_instance(ledger.evidence(&edition), args.country, &options)?;
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}-movement", args.country)));
    built.write(&folder)?;
    let (instance, lang) = (&built.instance, global.lang);
    if global.json {
        print_json(&json!({
            "country": args.country, "edition": edition.id(), "folder": folder, "places": instance.locations.len(),
            "links": instance.links.len(), "first": instance.start, "days": instance.days, "notes": instance.notes,
            "not_for_individual_decisions": true,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    line(lang.text_with(
        "movement-built",
        &[
            ("country", &countries().name(args.country, lang)),
            ("places", &instance.locations.len().to_string()),
            ("links", &instance.links.len().to_string()),
            ("first", &lang.date(instance.start)),
            ("days", &lang.integer(i64::from(instance.days))),
            ("edition", &edition.id()),
            ("folder", &folder.display().to_string()),
        ],
    ));
    super::print_notes(&instance.notes, lang);
    line(lang.text_with("movement-built-next", &[("folder", &folder.display().to_string())]));
    line(not_for_individual_decisions(lang));
    Ok(ExitCode::SUCCESS)
}
