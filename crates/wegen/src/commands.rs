//! What each command does: open the ledger, ask a library, show the answer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::CommandFactory;
use etcetera::{AppStrategy, AppStrategyArgs, choose_app_strategy};
use jiff::{Timestamp, civil::Date};
use serde_json::{Value as Json, json};
use wegen_ledger::{Change, Edition, Format, Head, Ledger};
use wegen_model::{Code, Sharing, countries, not_for_individual_decisions, sources};
use wegen_publication::{
    Cell, Figure, FigureId, Options, Report, Value, claim_parts, compact, compute, default_template,
    manuscript::Manuscript, raw_row, recipes, show, since,
};
use wegen_sources::{Ask, Client, Fetched, File, Politeness, adopt_starter};

use crate::{
    assess,
    cli::{self, Cli, Command, Form, Global, LedgerCommand},
    error::CliError,
    movement, publish,
    show::{Progress, line, print, table},
};

pub(crate) type Outcome = Result<ExitCode, CliError>;

pub(crate) fn run(cli: Cli) -> Outcome {
    let Cli { global, command } = cli;
    match command {
        Command::Report(args) => report(&global, &args),
        Command::Figure(args) => figure(&global, &args),
        Command::Why(args) => why(&global, &args),
        Command::Sources(as_of) => list_sources(&global, as_of.as_of),
        Command::Import(args) => import(&global, &args),
        Command::Sync(args) => synchronise(&global, &args),
        Command::Ledger(LedgerCommand::Log) => ledger_log(&global),
        Command::Ledger(LedgerCommand::Head) => {
            line(open(&global)?.head()?.to_string());
            Ok(ExitCode::SUCCESS)
        }
        Command::Ledger(LedgerCommand::Verify { head }) => verify(&global, head.as_ref()),
        Command::Ledger(LedgerCommand::Path) => {
            line(folder(&global)?.display().to_string());
            Ok(ExitCode::SUCCESS)
        }
        Command::Export(args) => export(&global, &args),
        Command::Serve(args) => crate::serve::serve(&global, &args),
        Command::New(args) => publish::new(&args),
        Command::Lint(args) => publish::lint(&global, &args),
        Command::Build(args) => publish::build(&global, &args),
        Command::Preview(args) => publish::preview(&global, &args),
        Command::Verify(args) => publish::verify_files(&global, &args),
        Command::Diff(args) => publish::diff(&global, &args),
        Command::Cite(args) => publish::cite(&global, &args),
        Command::Key(args) => publish::key(&args),
        Command::Assess(args) => assess::assess(&global, &args),
        Command::WhyArea(args) => assess::why_area(&global, &args),
        Command::Index(args) => assess::index(&global, &args),
        Command::Register(args) => publish::register(&global, &args),
        Command::Simulate(args) => movement::simulate(&global, &args),
        Command::Validate(args) => movement::validate(&global, &args),
        Command::Calibrate(args) => movement::calibrate(&global, &args),
        Command::Movement(cli::MovementCommand::Build(args)) => movement::build(&global, &args),
        #[cfg(feature = "cluster")]
        Command::Cluster(command) => crate::cluster::run(&global, &command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wegen", &mut script);
            print(&script);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { folder } => manual(&folder),
    }
}

pub(crate) fn folder(global: &Global) -> Result<PathBuf, CliError> {
    if let Some(folder) = &global.ledger {
        return Ok(folder.clone());
    }
    let names =
        AppStrategyArgs { top_level_domain: "org".into(), author: "wegen".into(), app_name: "wegen".into() };
    let strategy = choose_app_strategy(names).map_err(|e| CliError::NoHome(e.to_string()))?;
    Ok(strategy.data_dir().join("ledger"))
}

/// Opens the ledger, with the starter evidence in it unless that is unwanted.
pub(crate) fn open(global: &Global) -> Result<Ledger, CliError> {
    let folder = folder(global)?;
    let mut ledger = Ledger::open(&folder)?;
    let narrowed = ledger.narrowed();
    if !narrowed.is_empty() && !global.quiet {
        eprintln!(
            "the ledger was brought up to date: what a file covers is declared now. {} that you imported answer from \
             now on for the rows they hold, and absence in them is no zero any more:",
            if narrowed.len() == 1 {
                "One snapshot".to_owned()
            } else {
                format!("{} snapshots", narrowed.len())
            }
        );
        for snapshot in narrowed {
            eprintln!("  {} {} ({})", snapshot.id.short(), snapshot.source, snapshot.request);
        }
        eprintln!(
            "Import a file that is whole again, with --covers. `wegen ledger log` says what each one covers."
        );
    }
    if !global.no_starter && !ledger.is_read_only() {
        let added = adopt_starter(&mut ledger)?;
        if added > 0 && !global.quiet {
            eprintln!("starter evidence: {added} snapshots added to {}", folder.display());
        }
    }
    Ok(ledger)
}

pub(crate) fn print_json(value: &Json) -> Result<(), CliError> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

fn report(global: &Global, args: &cli::Report) -> Outcome {
    if args.print_template {
        line(default_template(global.lang).trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let template = match &args.template {
        Some(path) => Some(fs::read_to_string(path).map_err(CliError::io(path))?),
        None => None,
    };
    let ledger = open(global)?;
    let mut wanted: Vec<Code> = match args.all {
        true => countries().focus().map(|c| c.iso3).collect(),
        false => args.countries.clone(),
    };
    let mut seen = std::collections::BTreeSet::new();
    wanted.retain(|country| seen.insert(*country));
    let what = format!("{} report{}", wanted.len(), if wanted.len() == 1 { "" } else { "s" });
    let progress = Progress::new(global.quiet || wanted.len() == 1, wanted.len() as u64, &what);
    let root = ledger.root().to_owned();
    let edition = ledger.edition(args.as_of.as_of)?;
    drop(ledger);
    let done = std::sync::atomic::AtomicU64::new(0);
    let make = |country: Code| -> Result<(Code, PathBuf, usize), (Code, Box<CliError>)> {
        let one = || -> Result<(Code, PathBuf, usize), CliError> {
            // A connection each: readers do not wait for one another.
            let ledger = Ledger::open(&root)?;
            let options = Options {
                country,
                lang: global.lang,
                manuscript: template.as_deref().map(|t| Manuscript::with_template(country, global.lang, t)),
                pdf: !args.no_pdf,
            };
            let report = Report::build(ledger.evidence(&edition), &options)?;
            let folder = args.out.join(country.as_str());
            report.write(&folder)?;
            Ok((country, folder, report.figures.len()))
        };
        let outcome = one();
        progress.at(1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed), Some(wanted.len() as u64));
        outcome.map_err(|e| (country, Box::new(e)))
    };
    // Threads of our own: the layout engine works in a shared pool, and a report that waits there would begin the
    // next one within itself, until all are in memory at once.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(wanted.len());
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let take = || wanted.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).copied();
        std::iter::from_fn(take).map(&make).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        // A panic in one would be a fault of ours; the others' reports are still told.
        workers.into_iter().flat_map(|w| w.join().unwrap_or_default()).collect()
    });
    let country = |outcome: &Result<(Code, PathBuf, usize), (Code, Box<CliError>)>| match outcome {
        Ok((country, ..)) | Err((country, _)) => *country,
    };
    outcomes.sort_by_key(|o| wanted.iter().position(|w| *w == country(o)));
    progress.done();
    let mut failed = Vec::new();
    let mut written = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(made) => written.push(made),
            Err(error) => failed.push(error),
        }
    }
    if global.json {
        let made: Vec<Json> = written
            .iter()
            .map(|(country, folder, figures)| json!({"country": country, "folder": folder, "figures": figures}))
            .collect();
        let wrong: Vec<Json> =
            failed.iter().map(|(c, e)| json!({"country": c, "error": e.to_string()})).collect();
        print_json(&json!({
            "edition": edition.id(), "as_of": edition.as_of, "language": global.lang, "written": made, "failed": wrong,
            "not_for_individual_decisions": true,
        }))?;
    } else {
        for (country, folder, figures) in &written {
            let name = countries().name(*country, global.lang);
            line(format!(
                "{name} ({country}): {figures} figures · edition {} · {}",
                edition.id(),
                folder.display()
            ));
            for file in ["index.html", "report.pdf", "data/claims.json"] {
                let path = folder.join(file);
                if path.exists() {
                    line(format!("  {}", path.display()));
                }
            }
        }
    }
    match (failed.len(), wanted.len()) {
        (0, _) => Ok(ExitCode::SUCCESS),
        (1, 1) => Err(*failed.remove(0).1),
        (count, all) => {
            for (country, error) in &failed {
                eprintln!("{country}: {error}");
            }
            Err(CliError::Some { failed: count, all })
        }
    }
}

fn figure(global: &Global, args: &cli::Figure) -> Outcome {
    let Some(recipe) = args.recipe.as_deref().filter(|_| !args.list) else {
        let rows: Vec<Vec<String>> = recipes()
            .iter()
            .map(|r| vec![r.name.to_owned(), r.params.iter().map(|p| p.0).collect::<Vec<_>>().join(", ")])
            .collect();
        match global.json {
            true => {
                let all: Vec<Json> = recipes()
                    .iter()
                    .map(|r| json!({"recipe": r.name, "version": r.version, "params": r.params.iter().map(|(n, w)| json!({"name": n, "what": w})).collect::<Vec<_>>()}))
                    .collect();
                print_json(&json!(all))?;
            }
            false => table(&["recipe", "parameters"], &rows, &[]),
        }
        return Ok(ExitCode::SUCCESS);
    };
    let mut id = FigureId::parse(recipe).ok_or_else(|| CliError::NoClaim(recipe.to_owned()))?;
    let mut set = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            id.params.insert(name.to_owned(), value);
        }
    };
    set("origin", args.origin.map(String::from));
    set("host", args.host.map(String::from));
    set("country", args.country.map(String::from));
    set("year", args.year.map(|y| y.to_string()));
    set("from", args.from.map(|y| y.to_string()));
    set("to", args.to.map(|y| y.to_string()));
    for pair in &args.set {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| CliError::Usage(format!("--set: found `{pair}`, expected NAME=VALUE")))?;
        set(name, Some(value.to_owned()));
    }
    let ledger = open(global)?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let figure = compute(ledger.evidence(&edition), &id, global.lang)?;
    let shown = print_figure(global, &edition, &figure)?;
    // Nothing is held that the figure could say anything of: told, and told to whoever looks at the exit code.
    let says_nothing =
        figure.cells().iter().all(|(_, _, cell)| cell.value.is_none() && cell.records.is_empty());
    Ok(if says_nothing { ExitCode::from(4) } else { shown })
}

fn cell_json(row: &str, column: &str, cell: &Cell) -> Json {
    json!({
        "row": row, "column": column, "value": cell.value, "bounds": cell.bounds.map(|b| [b.0, b.1]),
        "missing": cell.missing, "period": cell.period, "old": cell.old, "carried": cell.carried,
        "records": compact(&cell.records),
    })
}

fn print_figure(global: &Global, edition: &Edition, figure: &Figure) -> Outcome {
    if global.json {
        let cells: Vec<Json> = figure.cells().into_iter().map(|(r, c, cell)| cell_json(r, c, cell)).collect();
        print_json(&json!({
            "id": figure.id, "label": figure.label, "how": figure.how, "unit": figure.unit, "edition": edition.id(),
            "sources": figure.sources, "cells": cells, "not_for_individual_decisions": true,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    line(&figure.label);
    match &figure.value {
        Value::Number(cell) => {
            let bounds = cell.bounds.map_or(String::new(), |(low, high)| {
                let number = |v: f64| global.lang.decimal(v, figure.decimals);
                format!("  ({}–{})", number(low), number(high))
            });
            let period = cell.period.map_or(String::new(), |p| format!("  {p}"));
            let mark = if cell.carried { " *" } else { "" };
            line(format!("{}{mark}{bounds}{period}", show(cell, figure.decimals, &figure.unit, global.lang)));
        }
        Value::Table(held) => {
            let mut head = vec![held.key];
            head.extend(held.columns.iter().map(|(_, label)| label.as_str()));
            let rows: Vec<Vec<String>> = held
                .rows
                .iter()
                .map(|row| {
                    let cells = row.cells.iter().map(|c| {
                        let decimals =
                            figure.decimals.max(u8::from(c.value.is_some_and(|v| v.fract() != 0.0)));
                        let mark = if c.carried { " *" } else { "" };
                        format!("{}{mark}", show(c, decimals, "", global.lang))
                    });
                    [row.label.clone()].into_iter().chain(cells).collect()
                })
                .collect();
            table(&head, &rows, &(1..head.len()).collect::<Vec<_>>());
        }
    }
    if figure.cells().iter().any(|(_, _, cell)| cell.carried) {
        line(format!("* {}", global.lang.text("carried-over")));
    }
    line(format!("{}  ·  claim {}  ·  edition {}", figure.how, figure.id, edition.id()));
    let records = figure.records();
    let (count, word) =
        (global.lang.integer(records.len() as i64), if records.len() == 1 { "record" } else { "records" });
    line(format!("rests on {count} {word} of {}", figure.sources.join(", ")));
    line(not_for_individual_decisions(global.lang));
    Ok(ExitCode::SUCCESS)
}

fn why(global: &Global, args: &cli::Why) -> Outcome {
    let ledger = open(global)?;
    if args.claim.split('/').count() == 3 && !args.claim.contains(['@', '#']) {
        let (id, snapshot, record) = ledger.record(&args.claim)?;
        return print_records(
            global,
            &ledger,
            &json!({"record": id.to_string()}),
            vec![(id, snapshot, record)],
            1,
        );
    }
    let (claim, place) = claim_parts(&args.claim);
    let id = FigureId::parse(claim).ok_or_else(|| CliError::NoClaim(args.claim.clone()))?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let figure = compute(ledger.evidence(&edition), &id, global.lang)?;
    let chosen = figure.cells_at(place);
    if chosen.is_empty() {
        return Err(CliError::NoClaim(args.claim.clone()));
    }
    if !global.json {
        print_figure(global, &edition, &figure)?;
        line("");
    }
    let mut ids: Vec<_> = chosen.iter().flat_map(|(_, _, c)| c.records.iter().copied()).collect();
    ids.sort();
    ids.dedup();
    let mut records = Vec::new();
    for id in ids.iter().take(args.most) {
        let Some(snapshot) = edition.snapshots.iter().find(|s| s.id == id.snapshot) else { continue };
        records
            .extend(ledger.record_of(snapshot, id.kind, id.n)?.map(|record| (*id, snapshot.clone(), record)));
    }
    let about = json!({
        "claim": args.claim, "label": figure.label, "how": figure.how, "edition": edition.id(),
        "cells": chosen.iter().map(|(r, c, cell)| cell_json(r, c, cell)).collect::<Vec<_>>(),
    });
    print_records(global, &ledger, &about, records, ids.len())
}

type Described = (wegen_ledger::RecordId, wegen_ledger::Snapshot, wegen_model::Record);

fn print_records(
    global: &Global,
    ledger: &Ledger,
    about: &Json,
    records: Vec<Described>,
    all: usize,
) -> Outcome {
    let mut described = Vec::new();
    for (id, snapshot, record) in &records {
        let columns = wegen_ledger::fields(record.kind()).iter().map(|f| f.0);
        let row: serde_json::Map<String, Json> = columns
            .zip(wegen_ledger::csv_row(record))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let place = snapshot.layout.describe(record.locator());
        let raw = raw_row(ledger, snapshot, record)?;
        if !global.json {
            line(id.to_string());
            let title = sources()
                .get(&snapshot.source)
                .map_or(snapshot.source.clone(), |s| format!("{}, {}", s.publisher, s.title));
            line(format!(
                "  {title} · {} · {} · in the ledger as of {}",
                snapshot.licence.id,
                since(snapshot, global.lang),
                snapshot.recorded_on()
            ));
            let file = snapshot.origins.first().map(|o| format!("{} (SHA-256 {})", o.name, o.sha256));
            let file = file.unwrap_or_else(|| {
                snapshot.parts.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ")
            });
            line(format!("  {file}, {place}"));
            let shown: Vec<String> = row
                .iter()
                .filter(|(n, _)| !["part", "line", "column", "shape"].contains(&n.as_str()))
                .map(|(n, v)| format!("{n} {}", v.as_str().unwrap_or_default()))
                .collect();
            line(format!("  {}", shown.join(" · ")));
            if let Some(raw) = &raw {
                line(format!("  as received: {raw}"));
            }
        }
        described.push(json!({
            "id": id.to_string(), "source": snapshot.source, "snapshot": snapshot.id, "licence": snapshot.licence,
            "retrieved": snapshot.retrieved, "recorded": snapshot.recorded, "origins": snapshot.origins, "place": place,
            "row": row, "as_received": raw,
        }));
    }
    if global.json {
        let mut out = about.clone();
        out["records"] = json!(described);
        out["records_in_all"] = json!(all);
        out["not_for_individual_decisions"] = json!(true);
        print_json(&out)?;
    } else if all > records.len() {
        line(format!("… and {} more records (--most {all} shows all)", all - records.len()));
    }
    Ok(ExitCode::SUCCESS)
}

fn list_sources(global: &Global, as_of: Option<Date>) -> Outcome {
    let ledger = open(global)?;
    let edition = ledger.edition(as_of)?;
    let sharing = |s: Sharing| match s {
        Sharing::Rows => "rows",
        Sharing::Display => "figures only",
        Sharing::IndexOnly => "index only",
    };
    if global.json {
        let all: Vec<Json> = sources()
            .all()
            .iter()
            .map(|s| {
                json!({
                    "id": s.id, "publisher": s.publisher, "title": s.title, "url": s.url, "licence": s.licence,
                    "attribution": s.attribution, "cadence": s.cadence, "counting_unit": s.counting_unit,
                    "caveat": s.caveat(global.lang), "snapshots": edition.of(&s.id),
                })
            })
            .collect();
        print_json(&json!({
            "edition": edition.id(), "as_of": as_of, "sources": all, "not_for_individual_decisions": true,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = sources()
        .all()
        .iter()
        .map(|s| {
            let held = edition.of(&s.id);
            let newest = held.iter().map(|s| s.recorded_on().to_string()).max().unwrap_or_else(|| "–".into());
            let records: u64 = held.iter().map(|s| s.records).sum();
            vec![
                s.id.clone(),
                s.publisher.clone(),
                held.len().to_string(),
                global.lang.integer(records as i64),
                newest,
                s.licence.id.clone(),
                sharing(s.licence.sharing).to_owned(),
            ]
        })
        .collect();
    table(
        &["source", "publisher", "snapshots", "records", "newest", "licence", "may be passed on"],
        &rows,
        &[2, 3],
    );
    line(format!("edition {} · {} snapshots", edition.id(), edition.snapshots.len()));
    Ok(ExitCode::SUCCESS)
}

fn midnight(date: Date) -> Result<Timestamp, CliError> {
    let text = format!("{date}T00:00:00Z");
    text.parse().map_err(|_| CliError::Usage(format!("`{date}` is out of range")))
}

fn import(global: &Global, args: &cli::Import) -> Outcome {
    let mut files = Vec::new();
    for path in &args.files {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        files.push(File::open(name, path)?);
    }
    let names: Vec<String> = files.iter().map(|f| f.name.clone()).collect();
    let retrieved = args.retrieved.map(midnight).transpose()?.unwrap_or_else(Timestamp::now);
    let source = match &args.source {
        Some(source) => source.clone(),
        None => wegen_sources::recognise(&files)?.to_owned(),
    };
    let mut draft = wegen_sources::draft(&source, files, &names.join(", "), retrieved)?;
    draft.published = args.published.or(draft.published);
    if let Some(covers) = &args.covers {
        draft.coverage = covers.clone();
    }
    let notes: Vec<String> = draft
        .quality
        .notes
        .iter()
        .map(|n| {
            format!("  {} × {} (first at {})", n.count, n.what, n.first.first().cloned().unwrap_or_default())
        })
        .collect();
    let (rows, records) = (draft.rows_read, draft.records.len());
    let (coverage, release) = (draft.coverage.clone(), draft.release.clone());
    let undated = draft.published.is_none() && args.retrieved.is_none() && !draft.coverage.is_declared();
    let totals = wegen_sources::totals(&draft.records)?;
    // What would change can be told of a ledger that is there; a trial run makes none.
    let there = folder(global)?.join("ledger.sqlite").exists();
    let (change, added) = match args.dry_run {
        true if !there => (None, None),
        true => (Some(open(global)?.add_if(draft, |_| false)?.0), None),
        false => {
            let agree = |change: &Change| args.replace || !change.takes_more_than_it_brings();
            let (change, added) = open(global)?.add_if(draft, agree)?;
            (Some(change), added)
        }
    };
    let refused = added.is_none() && !args.dry_run;
    if global.json {
        print_json(&json!({
            "not_for_individual_decisions": true, "source": source, "recognised": args.source.is_none(), "rows": rows, "records": records,
            "covers": coverage, "release": release, "dry_run": args.dry_run, "stored": added.is_some(),
            "new": added.as_ref().map(|a| a.new), "snapshot": added.as_ref().map(|a| &a.snapshot),
            "change": change,
            "totals": totals.iter().map(|((what, year), (count, sum))| {
                json!({"what": what, "year": year, "records": count, "sum": sum})
            }).collect::<Vec<_>>(),
        }))?;
        return match change.filter(|_| refused) {
            Some(change) => Err(takes_away(&change, global)),
            None => Ok(ExitCode::SUCCESS),
        };
    }
    if args.source.is_none() {
        line(format!("recognised as `{source}` by its form"));
    }
    line(format!(
        "{source}: {} rows, {} records",
        global.lang.integer(rows as i64),
        global.lang.integer(records as i64)
    ));
    let release = release.map(|r| format!("release {r}: ")).unwrap_or_default();
    line(format!("covers {release}{}", coverage.text(global.lang)));
    if !coverage.is_declared() {
        line(
            "  What this file covers cannot be told from its name or form. If it holds all of something, say so:",
        );
        line("  `--covers all`, or `--covers \"countries=SYR;period=2016..2019\"`.");
    }
    if undated {
        line(
            "  When it was released cannot be told either, so it counts as received today. If it is older, say so:",
        );
        line("  `--published DATE`, or `--retrieved DATE`.");
    }
    if let Some(change) = &change {
        tell_change(&source, change, global);
    }
    match added {
        None if refused => {}
        None => line("nothing is stored"),
        Some(added) if added.new => line(format!("stored as snapshot {}", added.snapshot.id.short())),
        Some(added) => line(format!("held already as snapshot {}", added.snapshot.id.short())),
    }
    // The last year of each, to be laid beside the publisher's own totals.
    let mut last: std::collections::BTreeMap<&str, (i32, u64, f64)> = Default::default();
    for ((what, year), (count, sum)) in totals {
        last.insert(what, (year, count, sum));
    }
    for (what, (year, count, sum)) in last {
        let sum = global.lang.decimal(sum, u8::from(sum.fract() != 0.0));
        line(format!("  {what} {year}: {sum} in {} records", global.lang.integer(count as i64)));
    }
    for note in notes {
        line(note);
    }
    match change.filter(|_| refused) {
        Some(change) => Err(takes_away(&change, global)),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What a file changes in the answers, before it is stored.
fn tell_change(source: &str, change: &Change, global: &Global) {
    let count = |n: u64| global.lang.integer(n as i64);
    line(format!(
        "changes: {} new, {} revised, {} withdrawn; {} the same as before",
        count(change.new),
        count(change.revised),
        count(change.withdrawn),
        count(change.same)
    ));
    if change.silent > 0 {
        line(format!(
            "  {} rows do not count: a later release answers for them, or a snapshot that covers their place and month",
            count(change.silent)
        ));
    }
    if !change.displaced.is_empty() {
        line(format!("  it answers in place of: {}", change.displaced.join(", ")));
    }
    // Sums over series that count the same people say nothing.
    let adds_up = sources().get(source).is_none_or(|s| s.series.apart.is_empty());
    for sum in change.sums.iter().filter(|_| adds_up) {
        let show = |value: Option<f64>| {
            value.map_or("nothing".to_owned(), |v| global.lang.decimal(v, u8::from(v.fract() != 0.0)))
        };
        let place =
            sum.country.map(|c| format!(", {}", countries().name(c, global.lang))).unwrap_or_default();
        let year = if sum.year == 0 { String::new() } else { format!(", {}", sum.year) };
        line(format!("  {}{place}{year}: {} → {}", sum.what, show(sum.before), show(sum.after)));
    }
}

fn takes_away(change: &Change, global: &Global) -> CliError {
    let count = |n: u64| global.lang.integer(n as i64);
    CliError::TakesAway {
        withdrawn: count(change.withdrawn),
        brought: count(change.new + change.revised + change.same),
    }
}

fn synchronise(global: &Global, args: &cli::Sync) -> Outcome {
    let mut ledger = open(global)?;
    let year = i32::from(Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).year());
    let ask =
        Ask { country: Some(args.country), from_year: args.from, to_year: args.to, ..Ask::from_env(year) };
    let chosen: Vec<String> = match args.source.is_empty() {
        true => sources()
            .all()
            .iter()
            .map(|s| s.id.clone())
            .filter(|s| wegen_sources::plan(s, &ask).is_ok())
            .collect(),
        false => args.source.clone(),
    };
    let client = Client::new(Politeness::default());
    let (mut failed, mut told) = (0, Vec::new());
    for source in &chosen {
        let progress = Progress::new(global.quiet, 1, source);
        let outcome =
            wegen_sources::sync(&client, &mut ledger, source, &ask, &mut |done, all| progress.at(done, all));
        progress.done();
        match outcome {
            Ok(fetched) => {
                for one in fetched {
                    let (word, snapshot) = match &one {
                        Fetched::Added(s) => ("new", s),
                        Fetched::Unchanged(s) => ("unchanged", s),
                    };
                    told.push(json!({"source": source, "state": word, "snapshot": snapshot.id, "records": snapshot.records}));
                    if !global.json {
                        line(format!(
                            "{source}: {word}, {} records, snapshot {}",
                            snapshot.records,
                            snapshot.id.short()
                        ));
                    }
                }
            }
            Err(error) => {
                failed += 1;
                told.push(json!({"source": source, "state": "failed", "error": error.to_string()}));
                progress.line(&format!("{source}: {error}"));
            }
        }
    }
    if global.json {
        print_json(&json!(told))?;
    }
    match failed {
        0 => Ok(ExitCode::SUCCESS),
        failed => Err(CliError::Some { failed, all: chosen.len() }),
    }
}

fn ledger_log(global: &Global) -> Outcome {
    let ledger = open(global)?;
    let snapshots = ledger.snapshots()?;
    let entries = ledger.log()?;
    // What a snapshot covers stands behind its id.
    let id = |subject: &str| subject.split(' ').next().unwrap_or_default().to_owned();
    let of = |subject: &str| snapshots.iter().find(|s| s.id.to_string() == id(subject));
    if global.json {
        let all: Vec<Json> =
            entries.iter().map(|e| json!({"entry": e, "snapshot": of(&e.subject)})).collect();
        print_json(&json!(all))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = entries
        .iter()
        .map(|e| {
            let (what, recorded) = of(&e.subject).map_or((String::new(), String::new()), |s| {
                (format!("{} · {} · {}", s.source, s.capture, s.coverage), s.recorded_on().to_string())
            });
            let at: String = e.at.to_string().chars().take(19).collect();
            vec![
                e.seq.to_string(),
                at,
                e.action.clone(),
                e.subject.chars().take(12).collect(),
                recorded,
                what,
            ]
        })
        .collect();
    table(&["", "at", "action", "subject", "recorded", "what"], &rows, &[0]);
    Ok(ExitCode::SUCCESS)
}

fn verify(global: &Global, head: Option<&Head>) -> Outcome {
    let ledger = open(global)?;
    let progress = Progress::new(global.quiet, 1, "verifying the ledger");
    let found = ledger.verify(head, |done, all| progress.at(done, Some(all)))?;
    progress.done();
    if global.json {
        let mut out = serde_json::to_value(&found)?;
        out["not_for_individual_decisions"] = json!(true);
        print_json(&out)?;
    } else {
        line(format!(
            "{} snapshots, {} records, {} objects rehashed; {} objects belong to no snapshot",
            found.snapshots,
            global.lang.integer(found.records as i64),
            found.objects,
            found.unreferenced.len()
        ));
        for damage in &found.damage {
            line(format!("damaged: {}: {}", damage.what, damage.how));
        }
        if found.unsealed > 0 {
            line(format!(
                "{} snapshots and editions are from an earlier program: the log covers them whole once the ledger was \
                 opened where it can be written",
                found.unsealed
            ));
        }
        if found.damage.is_empty() {
            line("nothing is damaged");
        }
    }
    Ok(if found.damage.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

fn export(global: &Global, args: &cli::Export) -> Outcome {
    if args.folder.exists() && !args.folder.join("datapackage.json").exists() {
        let empty = fs::read_dir(&args.folder).is_ok_and(|mut f| f.next().is_none());
        if !empty {
            let found = format!(
                "`{}` holds files that are no data package; name another folder",
                args.folder.display()
            );
            return Err(CliError::Usage(found));
        }
    }
    let ledger = open(global)?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let format = match args.format {
        Form::Csv => Format::Csv,
        Form::CsvGz => Format::CsvGz,
        #[cfg(feature = "parquet")]
        Form::Parquet => Format::Parquet,
    };
    let report = ledger.export(&edition, &args.folder, format)?;
    if global.json {
        print_json(&serde_json::to_value(&report)?)?;
    } else {
        let rows: Vec<Vec<String>> =
            report.written.iter().map(|(f, n)| vec![f.clone(), global.lang.integer(*n as i64)]).collect();
        table(&["file", "rows"], &rows, &[1]);
        for (_, why) in &report.withheld {
            line(format!("left out: {why}"));
        }
        line(not_for_individual_decisions(global.lang));
    }
    Ok(ExitCode::SUCCESS)
}

fn manual(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).map_err(CliError::io(folder))?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(CliError::io(folder))?;
    line(folder.display().to_string());
    Ok(ExitCode::SUCCESS)
}
