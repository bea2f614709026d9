//! Commands of those who write, check and compare reports.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use serde_json::{Value as Json, json};
use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Lang, countries, not_for_individual_decisions};
use wegen_publication::{
    Answer, Carried, Comparison, Options, Report, TextCheck, Verification, bibliography,
    manuscript::{self, Finding, Lock, Manuscript, Rule, Severity, Status},
    seal::{self, Fault, Key, Manifest, PublicKey, Signed},
    verify,
};

use crate::{
    cli::{self, Global},
    commands::{Outcome, open, print_json},
    error::CliError,
    show::line,
};

/// Rules that no report passes without, be it a draft.
const ALWAYS: [Rule; 4] = [Rule::S8, Rule::S12, Rule::M1, Rule::F1];

fn told(findings: &[Finding], folder: &Path) {
    for f in findings {
        let word = match f.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        line(format!(
            "{}:{}:{}: {word} {}: {}",
            folder.join(&f.file).display(),
            f.line,
            f.column,
            f.rule.id(),
            f.message
        ));
    }
}

fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|f| f.severity == Severity::Error).count()
}

pub(crate) fn lint(global: &Global, args: &cli::Lint) -> Outcome {
    let mut manuscript = Manuscript::read(&args.report)?;
    let mut findings = manuscript::lint(&manuscript);
    if args.fix {
        let fixed = manuscript::fix(&manuscript, &findings);
        for (name, text) in &fixed.files {
            write_whole(&args.report.join(name), text.as_bytes())?;
        }
        if !global.quiet {
            eprintln!("{} put right in {} files", fixed.changes, fixed.files.len());
        }
        manuscript = Manuscript::read(&args.report)?;
        findings = manuscript::lint(&manuscript);
    }
    let count = errors(&findings);
    if args.sarif {
        print_json(&manuscript::sarif(&findings, &args.report.to_string_lossy()))?;
    } else if global.json {
        print_json(&json!({"findings": findings, "errors": count, "warnings": findings.len() - count}))?;
    } else {
        told(&findings, &args.report);
        let statements = manuscript.texts.values().map(|t| t.statements().count()).max().unwrap_or(0);
        line(format!("{statements} statements: {count} errors, {} warnings", findings.len() - count));
    }
    Ok(if count > 0 || args.strict && !findings.is_empty() { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Writes a file whole beside its place, and then puts it there.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    fs::write(&draft, bytes).map_err(CliError::io(&draft))?;
    fs::rename(&draft, path).map_err(CliError::io(path))
}

pub(crate) fn new(args: &cli::New) -> Outcome {
    let cli::New::Report { country, folder } = args;
    let folder = folder
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}-report", country.as_str().to_lowercase())));
    if folder.exists() && fs::read_dir(&folder).is_ok_and(|mut d| d.next().is_some()) {
        return Err(CliError::Usage(format!(
            "`{}` holds something already; an empty or new folder was expected",
            folder.display()
        )));
    }
    fs::create_dir_all(&folder).map_err(CliError::io(&folder))?;
    for (name, text) in Manuscript::built_in(*country).files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(CliError::io(&path))?;
        line(path.display().to_string());
    }
    line(format!("next: wegen lint {0} · wegen preview {0} · wegen build {0}", folder.display()));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn key(args: &cli::NewKey) -> Outcome {
    let key = Key::generate(&args.file)?;
    line(format!(
        "{} (keep it to yourself) and {}.pub.pem (for those who check): key {}",
        args.file.display(),
        args.file.display(),
        key.public().id()
    ));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn build(global: &Global, args: &cli::Build) -> Outcome {
    let manuscript = Manuscript::read(&args.report)?;
    let mut findings = manuscript::lint(&manuscript);
    let published = manuscript.settings.status != Status::Draft;
    findings.extend(unlocked(&manuscript, &args.out));
    let stops = |f: &&Finding| f.severity == Severity::Error && (published || ALWAYS.contains(&f.rule));
    let stopping: Vec<Finding> = findings.iter().filter(stops).cloned().collect();
    if !stopping.is_empty() {
        told(&stopping, &args.report);
        return Err(CliError::Lint(stopping.len()));
    }
    if !findings.is_empty() && !global.quiet {
        eprintln!("{} findings; `wegen lint {}` shows them", findings.len(), args.report.display());
    }
    let key = args.sign.as_deref().map(Key::read).transpose()?;
    let mut ledger = open(global)?;
    let edition = ledger.edition(manuscript.settings.cut_off)?;
    let mut made = Vec::new();
    for lang in manuscript.texts.keys() {
        let options = Options {
            country: manuscript.settings.country,
            lang: *lang,
            manuscript: Some(manuscript.clone()),
            pdf: !args.no_pdf,
        };
        let report = Report::build(ledger.evidence(&edition), &options)?;
        made.push((args.out.join(lang.as_str()), report));
    }
    let manifest = Manifest {
        report: manuscript.settings.id.clone(),
        edition: edition.id(),
        languages: manuscript.texts.keys().copied().collect(),
        snapshots: edition.snapshots.iter().map(|s| s.id.to_string()).collect(),
        made_with: format!("wegen {}", env!("CARGO_PKG_VERSION")),
        ..Manifest::default()
    };
    for (folder, report) in &made {
        report.write(folder)?;
        seal::seal(folder, manifest.clone(), key.as_ref())?;
    }
    let sources = manuscript.sources.published();
    let references = [
        ("references.json", serde_json::to_string_pretty(&bibliography::csl_json(sources.own()))? + "\n"),
        ("references.bib", bibliography::bibtex(sources.own())),
    ];
    for (name, text) in &references {
        write_whole(&args.out.join(name), text.as_bytes())?;
    }
    // The whole once more, with what lies beside the languages; anything else in the folder is somebody's own.
    let parts: Vec<&str> =
        manuscript.texts.keys().map(|l| l.as_str()).chain(references.iter().map(|r| r.0)).collect();
    seal::seal_only(&args.out, &parts, manifest, key.as_ref())?;
    if published {
        // From now on its paragraphs keep their numbers, and its edition its name.
        write_whole(&args.report.join(manuscript::LOCK), Lock::of(&manuscript).to_toml().as_bytes())?;
        ledger.keep_edition(&edition, Some(&manuscript.settings.id))?;
    }
    if global.json {
        let folders: Vec<String> = made.iter().map(|m| m.0.display().to_string()).collect();
        print_json(&json!({
            "report": manuscript.settings.id, "status": manuscript.settings.status, "edition": edition.id(), "written": folders,
            "signed_by": key.as_ref().map(|k| k.public().id()), "not_for_individual_decisions": true,
        }))?;
    } else {
        let sealed =
            key.as_ref().map_or("not signed".to_owned(), |k| format!("signed by {}", k.public().id()));
        line(format!("{} · edition {} · {sealed}", manuscript.settings.id, edition.id()));
        for (folder, _) in &made {
            line(format!("  {}", folder.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// S14 where a report was published into the folder before, and the numbers that it gave out are not there.
fn unlocked(manuscript: &Manuscript, out: &Path) -> Option<Finding> {
    let settings = &manuscript.settings;
    if settings.status == Status::Draft || manuscript.lock.is_some() {
        return None;
    }
    let before = manuscript.texts.keys().find_map(|lang| {
        let carried = Carried::read(&out.join(lang.as_str())).ok()?;
        let same = carried.claims["report"].as_str() == Some(&settings.id);
        (same && carried.claims["status"].as_str() != Some("draft")).then_some(carried.path)
    })?;
    Some(Finding {
        rule: Rule::S14,
        severity: Severity::Error,
        file: manuscript::LOCK.into(),
        line: 1,
        column: 1,
        message: format!(
            "`{}` was published before (`{before}`), and the numbers that it gave out are not there; expected the file that this publication wrote",
            settings.id
        ),
        statement: None,
        fix: Vec::new(),
    })
}

/// Files below a folder that carry claims; a `data` folder stands for all that is in it.
fn carriers(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let names = ["index.html", "report.pdf"];
    let mut found: Vec<PathBuf> = names.iter().map(|n| path.join(n)).filter(|p| p.exists()).collect();
    let data = [path.join("data"), path.to_owned()];
    found.extend(data.into_iter().find(|d| d.join("claims.json").is_file()));
    for lang in Lang::ALL {
        let inner = path.join(lang.as_str());
        if inner.is_dir() {
            found.extend(carriers(&inner));
        }
    }
    found
}

pub(crate) fn verify_files(global: &Global, args: &cli::Verify) -> Outcome {
    let trusted = args.key.as_deref().map(PublicKey::read).transpose()?;
    let files = carriers(&args.path);
    let mut sealed = seal::check_publication_of(&args.path, trusted.as_ref())?;
    if files.is_empty() && sealed.as_ref().is_none_or(|s| s.folders.is_empty()) {
        return Err(CliError::Usage(format!(
            "`{}` holds no report: `index.html`, `report.pdf` or `data/claims.json` was expected",
            args.path.display()
        )));
    }
    if trusted.is_some() && sealed.is_none() {
        return Err(CliError::Usage(format!(
            "`{}` is not sealed; with --key a signed folder was expected",
            args.path.display()
        )));
    }
    let whole = sealed.as_ref().is_none_or(|s| s.is_whole(trusted.is_some()));
    let mut seal_reports = Vec::new();
    for (folder, checked) in sealed.iter_mut().flat_map(|s| s.folders.drain(..)) {
        let mut lines: Vec<String> = checked
            .faults
            .iter()
            .map(|f| match f {
                Fault::Altered(name) => format!("altered since it was sealed: {name}"),
                Fault::Missing(name) => format!("sealed and not there: {name}"),
                Fault::Added(name) => format!("not part of what was sealed: {name}"),
            })
            .collect();
        lines.insert(
            0,
            match &checked.signed {
                Signed::None => "not signed".to_owned(),
                Signed::Valid { key, trusted: true } => format!("signed by the key that was given, {key}"),
                Signed::Valid { key, trusted: false } if trusted.is_some() => {
                    format!("signed by another key, {key}")
                }
                Signed::Valid { key, .. } => format!("signed by {key}; give --key to tell whose that is"),
                Signed::Invalid => "the signature does not fit".to_owned(),
            },
        );
        seal_reports.push((folder, lines));
    }
    if let Some(faults) = sealed.map(|s| s.faults).filter(|f| !f.is_empty()) {
        seal_reports.push((args.path.clone(), faults));
    }
    let ledger = open(global)?;
    let mut found: Vec<Verification> = Vec::new();
    for file in files {
        let carried = Carried::read(&file)?;
        found.push(verify(&carried, &ledger)?);
    }
    let altered = !whole || found.iter().any(|v| !v.is_unaltered());
    // What could not be checked is not confirmed.
    let missing = found.iter().any(|v| !v.is_confirmed());
    if global.json {
        let seals: Vec<Json> = seal_reports.iter().map(|(f, l)| json!({"folder": f, "said": l})).collect();
        print_json(
            &json!({"seals": seals, "files": found, "altered": altered, "not_confirmed": missing, "not_for_individual_decisions": true}),
        )?;
    } else {
        for (folder, lines) in &seal_reports {
            line(format!("{}: {}", folder.display(), lines.join("; ")));
        }
        for one in &found {
            show_verification(one, args.all);
        }
    }
    Ok(match (altered, missing) {
        (true, _) => ExitCode::from(3),
        (_, true) => ExitCode::from(4),
        _ => ExitCode::SUCCESS,
    })
}

fn show_verification(one: &Verification, all: bool) {
    let [confirmed, changed, missing, altered] = one.counts();
    line(format!("{}: report {} of edition {}", one.path, one.report, one.edition));
    line(format!(
        "  claims: {confirmed} confirmed, {changed} changed since, {missing} without evidence here, {altered} altered"
    ));
    match &one.text {
        TextCheck::Same => line("  text: made again from its manuscript and edition, the same to the byte"),
        TextCheck::Altered { places } => line(format!("  text: ALTERED at {}", places.join(", "))),
        TextCheck::NotChecked { why } => line(format!("  text: not checked, for {why}")),
    }
    for check in &one.claims {
        let said = match &check.answer {
            Answer::Confirmed if !all => continue,
            Answer::Confirmed => "confirmed".to_owned(),
            Answer::ChangedSince { new, by } => format!("changed since: now {new} ({})", by.join("; ")),
            Answer::EvidenceMissing { what } => format!("evidence missing: {what}"),
            Answer::Altered { expected } => format!("ALTERED: its evidence gives {expected}"),
        };
        line(format!("  {}  {}  {said}", check.claim, check.shown));
    }
}

/// The claims of a country's report under an edition.
fn claims_of(ledger: &Ledger, edition: &Edition, country: Code, lang: Lang) -> Result<Json, CliError> {
    let options = Options { country, lang, manuscript: None, pdf: false };
    let report = Report::build(ledger.evidence(edition), &options)?;
    Ok(serde_json::from_slice(report.data.get("claims.json").map(Vec::as_slice).unwrap_or_default())?)
}

/// An edition by its kept id, or by the day on which it was the latest.
fn edition(ledger: &Ledger, name: &str) -> Result<Edition, CliError> {
    if let Ok(day) = name.parse() {
        return Ok(ledger.edition(Some(day))?);
    }
    if name == "now" {
        return Ok(ledger.edition(None)?);
    }
    ledger.kept_edition(name)?.ok_or_else(|| {
        CliError::Usage(format!("`{name}` is no report, no kept edition and no day as 2025-12-31"))
    })
}

pub(crate) fn diff(global: &Global, args: &cli::Diff) -> Outcome {
    let reports = [&args.a, &args.b].map(|p| Path::new(p).exists());
    let comparison = match reports {
        [true, true] => Comparison::of(
            &Carried::read(Path::new(&args.a))?.claims,
            &Carried::read(Path::new(&args.b))?.claims,
        ),
        [false, false] => {
            let country = args.country.ok_or_else(|| {
                CliError::Usage(
                    "two editions are compared by the figures of a country's report: --country was expected"
                        .into(),
                )
            })?;
            let ledger = open(global)?;
            let (a, b) = (edition(&ledger, &args.a)?, edition(&ledger, &args.b)?);
            Comparison::of(
                &claims_of(&ledger, &a, country, global.lang)?,
                &claims_of(&ledger, &b, country, global.lang)?,
            )
        }
        [a, _] => {
            let (is, is_not) = if a { (&args.a, &args.b) } else { (&args.b, &args.a) };
            return Err(CliError::Usage(format!(
                "two reports, or two editions, were expected: `{is}` is a file, and there is no file `{is_not}`"
            )));
        }
    };
    if global.json {
        print_json(&json!({"comparison": comparison, "not_for_individual_decisions": true}))?;
        return Ok(ExitCode::SUCCESS);
    }
    line(format!("edition {} → {}", comparison.editions.0, comparison.editions.1));
    for (word, list) in [
        ("snapshot came", &comparison.snapshots_came),
        ("snapshot went", &comparison.snapshots_went),
        ("figure came", &comparison.figures_came),
        ("figure went", &comparison.figures_went),
    ] {
        for item in list {
            line(format!("{word}: {item}"));
        }
    }
    for f in &comparison.figures {
        let why = json!(f.why).as_str().unwrap_or_default().replace('-', " ");
        let by = if f.by.is_empty() { String::new() } else { format!(", by {}", f.by.join("; ")) };
        line(format!("figure {}: {} → {} ({why}{by})", f.claim, f.old, f.new));
    }
    for (what, changes) in [
        ("statement", &comparison.statements),
        ("condition", &comparison.conditions),
        ("report's", &comparison.about),
    ] {
        for c in changes {
            match (&c.old, &c.new) {
                (None, Some(new)) => line(format!("{what} {} came: {new}", c.id)),
                (Some(old), None) => line(format!("{what} {} went: {old}", c.id)),
                (Some(old), Some(new)) => line(format!("{what} {} changed:\n  − {old}\n  + {new}", c.id)),
                (None, None) => {}
            }
        }
    }
    if comparison.is_empty() {
        line("no figure, statement or condition is different");
    }
    line(not_for_individual_decisions(global.lang));
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn cite(global: &Global, args: &cli::Cite) -> Outcome {
    let text = match args.text.as_deref() {
        Some("-") | None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(CliError::io("-"))?;
            text
        }
        Some(text) => text.to_owned(),
    };
    let found = kamerstuk::find(&text);
    let mut entries = Vec::new();
    for f in &found {
        let c = &f.citation;
        let metadata = match args.fetch {
            true => metadata(c, args.at.as_deref())?,
            false => Json::Null,
        };
        entries.push(json!({
            "span": [f.span.start, f.span.end], "text": &text[f.span.clone()], "kind": c.kind(), "chamber": c.chamber(),
            "year": c.years().map(|y| y.from), "dossiers": c.dossiers(), "rijkswet": c.rijkswet(), "numbers": c.numbers(),
            "parts": c.parts(), "ranges": c.ranges(), "pages": c.pages(), "annex": c.is_annex(), "ids": c.ids(), "url": c.url(), "leidraad_nl": c.leidraad(),
            "parliamentary_nl": c.parliamentary(), "english": c.english(), "confidence": f.confidence, "notes": f.notes,
            "metadata": metadata,
        }));
    }
    if global.json {
        print_json(&json!(entries))?;
    } else if args.csl {
        print_json(&json!(found.iter().map(|f| f.citation.csl_json()).collect::<Vec<_>>()))?;
    } else {
        for (f, entry) in found.iter().zip(&entries) {
            line(f.citation.ids().join(", "));
            line(format!(
                "  found      {}",
                text[f.span.clone()].split_whitespace().collect::<Vec<_>>().join(" ")
            ));
            line(format!("  Leidraad   {}", f.citation.leidraad()));
            line(format!("  parliament {}", f.citation.parliamentary()));
            line(format!("  English    {}", f.citation.english()));
            if let Some(url) = f.citation.url() {
                line(format!("  address    {url}"));
            }
            line(format!(
                "  {}{}",
                json!(f.confidence).as_str().unwrap_or_default(),
                f.notes.iter().map(|n| format!("; {n}")).collect::<String>()
            ));
            for (name, value) in entry["metadata"].as_object().into_iter().flatten() {
                if let Some(value) = value.as_str() {
                    line(format!("  {name}: {value}"));
                }
            }
        }
    }
    match found.is_empty() {
        true => {
            eprintln!("no citation found");
            Ok(ExitCode::from(4))
        }
        false => Ok(ExitCode::SUCCESS),
    }
}

/// The services that know of papers.
const OFFICIAL: &str = "https://zoek.officielebekendmakingen.nl";
const PARLIAMENT: &str = "https://gegevensmagazijn.tweedekamer.nl";

/// What Officiële Bekendmakingen knows of a paper; where it does not know it, or the Tweede Kamer's own number is cited,
/// what the Tweede Kamer knows. `at` stands for both in tests.
fn metadata(citation: &kamerstuk::Citation, at: Option<&str>) -> Result<Json, CliError> {
    let client = wegen_sources::Client::new(wegen_sources::Politeness::default());
    let place = |url: String, service: &str| match at {
        Some(at) => url.replace(service, at),
        None => url,
    };
    let fetch = |url: &str, expected| -> Result<Option<String>, CliError> {
        let request = wegen_sources::Request::new(url, expected);
        match client.get(&request, &wegen_sources::Validators::default()) {
            Ok(wegen_sources::Answer::Fresh(received)) => {
                Ok(Some(String::from_utf8_lossy(&received.bytes).into_owned()))
            }
            Ok(_) => Ok(None),
            // Not there: nothing is known of it.
            Err(error) if error.to_string().contains("answered HTTP 404") => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    let told = |found: kamerstuk::Metadata, service: &str| {
        let mut found = json!(found);
        found["from"] = service.into();
        found
    };
    let mut unread = None;
    if let Some(url) = kamerstuk::metadata_url(citation).map(|u| place(u, OFFICIAL))
        && let Some(text) = fetch(&url, wegen_sources::Expected::Any)?
    {
        match kamerstuk::read_metadata_xml(&text) {
            Ok(found) => return Ok(told(found, "Officiële Bekendmakingen")),
            // A page that says so in words.
            Err(error) => unread = Some(CliError::Usage(format!("{url}: {error}"))),
        }
    }
    if let Some(url) = kamerstuk::odata_url(citation).map(|u| place(u, PARLIAMENT))
        && let Some(text) = fetch(&url, wegen_sources::Expected::Json)?
    {
        let found = kamerstuk::read_odata(&text).map_err(|e| CliError::Usage(format!("{url}: {e}")))?;
        if let Some(first) = found.into_iter().next() {
            return Ok(told(first, "Tweede Kamer"));
        }
    }
    unread.map_or(Ok(Json::Null), Err)
}

pub(crate) fn register(global: &Global, args: &cli::Register) -> Outcome {
    let all = wegen_model::official_reports();
    let chosen: Vec<_> = all.all().iter().filter(|r| args.country.is_none_or(|c| r.country == c)).collect();
    let status = |report: &wegen_model::OfficialReport| {
        args.on.map_or_else(|| report.status(), |day| report.status_on(day))
    };
    if global.json {
        let entries: Vec<Json> = chosen
            .iter()
            .map(|report| {
                let mut entry = json!(report);
                entry["status"] = json!(status(report));
                entry["on"] = json!(args.on);
                entry["editions"] = json!(report.editions());
                entry
            })
            .collect();
        print_json(&json!(entries))?;
        return Ok(match chosen.is_empty() {
            true => ExitCode::from(4),
            false => ExitCode::SUCCESS,
        });
    }
    for report in &chosen {
        line(format!(
            "{}  {}  {}: {} [{}]",
            report.id,
            countries().name(report.country, global.lang),
            report.publisher,
            report.title,
            status(report).map_or("not announced yet", |s| s.as_str())
        ));
        for entry in &report.history {
            let note = entry.note(global.lang);
            let said =
                entry.url.as_deref().map_or(String::new(), |url| format!("  {} {url}", entry.page.as_str()));
            line(format!(
                "  {}  {}{said}{}",
                entry.date,
                entry.status.as_str(),
                if note.is_empty() { String::new() } else { format!("  {note}") }
            ));
        }
        for edition in report.editions() {
            line(format!(
                "  edition of {}: address {}; hash {}",
                edition.date,
                edition.address.as_deref().unwrap_or("not held"),
                edition.hash.as_deref().unwrap_or("not held")
            ));
        }
    }
    if chosen.is_empty() {
        eprintln!(
            "the register holds no official report on this country; that says nothing on whether there is one"
        );
        return Ok(ExitCode::from(4));
    }
    Ok(ExitCode::SUCCESS)
}

/// Newest change among a manuscript's files.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?;
    entries.filter_map(|e| e.ok()?.metadata().ok()?.modified().ok()).max()
}

/// What a page of the preview begins with where there is no report.
const HEAD: &str = "<!doctype html><meta charset=utf-8><title>preview</title>";

/// Reloads a page when what it shows was made anew; only in the preview, never in a report.
const RELOAD: &str = "<script>const v=%V%;setInterval(async()=>{try{const r=await fetch('/version');if(+await r.text()!==v)location.reload()}catch(e){}},500)</script>";

pub(crate) fn preview(global: &Global, args: &cli::Preview) -> Outcome {
    let ledger = open(global)?;
    let page = Arc::new(Mutex::new(String::new()));
    let version = Arc::new(AtomicU64::new(0));
    let server = tiny_http::Server::http(("127.0.0.1", args.port))
        .map_err(|e| CliError::Usage(format!("port {}: {e}", args.port)))?;
    let address = server.server_addr().to_ip().map_or_else(|| args.port.to_string(), |a| a.to_string());
    line(format!("http://{address}/ shows {}; Ctrl+C ends", args.report.display()));
    {
        let (page, version) = (page.clone(), version.clone());
        std::thread::spawn(move || {
            for request in server.incoming_requests() {
                let html = match request.url() {
                    "/version" => version.load(Ordering::Acquire).to_string(),
                    _ => {
                        let body = page.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
                        body + &RELOAD.replace("%V%", &version.load(Ordering::Acquire).to_string())
                    }
                };
                let kind = tiny_http::Header::from_bytes("Content-Type", "text/html; charset=utf-8");
                let mut response = tiny_http::Response::from_string(html);
                if let Ok(kind) = kind {
                    response.add_header(kind);
                }
                let _ = request.respond(response);
            }
        });
    }
    let mut seen = None;
    loop {
        let now = newest(&args.report);
        if now != seen || version.load(Ordering::Acquire) == 0 {
            seen = now;
            let html = preview_page(&ledger, &args.report, global.lang);
            *page.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = html;
            let count = version.fetch_add(1, Ordering::AcqRel) + 1;
            if !global.quiet {
                eprintln!("made {count}");
            }
            if args.once {
                return Ok(ExitCode::SUCCESS);
            }
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// The report, with what the lint found above it; or why there is none.
fn preview_page(ledger: &Ledger, folder: &Path, lang: Lang) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let manuscript = match Manuscript::read(folder) {
        Ok(manuscript) => manuscript,
        Err(error) => return format!("{HEAD}<pre>{}</pre>", escape(&error.to_string())),
    };
    let findings = manuscript::lint(&manuscript);
    let items: String = findings
        .iter()
        .map(|f| format!("<li>{}:{} {}: {}</li>", escape(&f.file), f.line, f.rule.id(), escape(&f.message)))
        .collect();
    let list =
        format!("<details open><summary>{} findings</summary><ul>{items}</ul></details>", findings.len());
    let made = || -> Result<String, CliError> {
        let edition = ledger.edition(manuscript.settings.cut_off)?;
        let lang = match manuscript.texts.contains_key(&lang) {
            true => lang,
            false => manuscript.texts.keys().next().copied().unwrap_or(lang),
        };
        let country = manuscript.settings.country;
        let options = Options { country, lang, manuscript: Some(manuscript.clone()), pdf: false };
        Ok(Report::build(ledger.evidence(&edition), &options)?.html)
    };
    match made() {
        Ok(html) => html.replacen("<main", &format!("{list}<main"), 1),
        Err(error) => format!("{HEAD}<pre>{}</pre>{list}", escape(&error.to_string())),
    }
}
