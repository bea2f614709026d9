//! Commands on movement: simulate, compare, validate, calibrate, build an instance.

mod build;
mod calibrate;
mod compare;
mod simulate;
mod validate;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wegen_ledger::RecordFilter;
use wegen_model::{Lang, Shape};
use wegen_movement::{
    Compat, Ensemble, Instance, Job, Keep, MovementError, Outcome as MemberOutcome, Parameter, Parameters,
    Prior, ReturnMethod, ReturnSettings, Sample, Scenario, Settings, calibrate::displacement_priors,
    default_return_method, read, read_settings, validate::Knowledge,
};
use wegen_publication::movement::{InstanceEvidence, plain_name};

pub(crate) use build::build;
pub(crate) use calibrate::calibrate;
pub(crate) use simulate::simulate;
pub(crate) use validate::validate;

use crate::{
    cli::{self, Global, Reading, Rules, Where},
    commands::open,
    error::CliError,
    show::{Progress, line},
};

/// Where finished members are kept within a folder that is written to.
const MEMBERS: &str = "working/members.bin";
/// The scenario beside the job that it was applied for.
const SCENARIO: &str = "scenario.toml";

fn text(path: &Path) -> Result<String, CliError> {
    fs::read_to_string(path).map_err(CliError::io(path))
}

/// A file's name without its folders: what messages and outputs call it.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

/// An instance as it is run, and its folder, where it has one.
struct Asked {
    instance: Instance,
    folder: Option<PathBuf>,
    /// Rates that `--set return.…` states.
    rates: Vec<(String, f64)>,
    /// Of an earlier run: what its returns depended on, and the scenario that its job was made with.
    returns: Option<ReturnSettings>,
    scenario: Option<Told>,
}

/// A scenario with the hash of its file, and its text.
struct Told {
    scenario: Scenario,
    hash: String,
    text: String,
}

impl Asked {
    /// Reads a folder, or the job of an earlier run, with the rules that were asked for.
    fn read(path: &Path, rules: &Rules) -> Result<Asked, CliError> {
        let mut notes = Vec::new();
        let settings: Option<Settings> = match &rules.settings {
            Some(file) => {
                let (settings, said) = read_settings(file)?;
                notes = said;
                Some(settings)
            }
            None => None,
        };
        let (mut instance, folder, returns, told) = match path.is_file() {
            true => {
                let mut job = Job::from_bytes(&fs::read(path).map_err(CliError::io(path))?)?;
                if let Some(settings) = settings {
                    job.instance.settings = settings;
                }
                // What was assumed stands beside the job, and is repeated with it.
                let beside = path.with_file_name(SCENARIO);
                let told = beside.is_file().then(|| scenario(&beside)).transpose()?;
                (job.instance, None, job.returns, told)
            }
            false => (read(path, settings)?, Some(path.to_owned()), None, None),
        };
        instance.notes.extend(notes);
        if rules.compat == Reading::Flee {
            instance.settings.compat = Compat::Flee;
        }
        let mut rates = Vec::new();
        for pair in &rules.set {
            let (key, value) = pair
                .split_once('=')
                .and_then(|(key, value)| Some((key.trim(), value.trim().parse::<f64>().ok()?)))
                .ok_or_else(|| CliError::Usage(format!("--set: found `{pair}`, expected NAME=NUMBER")))?;
            match key.strip_prefix("return.") {
                Some(rate) => rates.push((rate.to_owned(), value)),
                None if instance.settings.set(key, value) => {}
                None => {
                    let known = Settings::NAMES.join(", ");
                    let said = format!(
                        "--set: `{key}` is no number of the settings; one of {known}, or return.NAME"
                    );
                    return Err(CliError::Usage(said));
                }
            }
        }
        match instance.settings.fault() {
            Some(fault) => Err(CliError::Usage(fault)),
            None => Ok(Asked { instance, folder, rates, returns, scenario: told }),
        }
    }

    /// The settings with which folders of the same rules are read.
    fn settings(&self) -> Settings {
        self.instance.settings.clone()
    }

    /// Where places and registrations come from, as far as the folder says it.
    fn attribution(&self, lang: Lang) -> String {
        let instance = ("instance", self.instance.name.as_str());
        match self.sources() {
            Some((file, _)) => lang.text_with("movement-attribution", &[instance, ("file", &file)]),
            None => lang.text_with("movement-attribution-none", &[instance]),
        }
    }

    /// What it was built from, where the folder says it for programs.
    fn evidence(&self) -> Result<Option<InstanceEvidence>, CliError> {
        let Some(path) = self.folder.as_ref().map(|f| f.join(InstanceEvidence::FILE)) else {
            return Ok(None);
        };
        if !path.is_file() {
            return Ok(None);
        }
        InstanceEvidence::parse(&text(&path)?).map(Some).map_err(CliError::Usage)
    }

    /// The file of the folder that names its sources, with its text.
    fn sources(&self) -> Option<(String, String)> {
        let folder = self.folder.as_ref()?;
        let read = |file: &str| Some((file.to_owned(), fs::read_to_string(folder.join(file)).ok()?));
        ["SOURCES.md", "SOURCE.md", "NOTICE.md"].into_iter().find_map(read)
    }
}

/// What was noted while an instance was read, for commands that read several.
#[derive(Clone, Serialize)]
struct Noted {
    instance: String,
    notes: Vec<String>,
}

impl Noted {
    fn of(instance: &Instance) -> Noted {
        Noted { instance: instance.name.clone(), notes: instance.notes.clone() }
    }
}

/// Prints notes on an instance.
fn print_notes(notes: &[String], lang: Lang) {
    notes.iter().for_each(|note| line(format!("{}: {note}", lang.text("movement-note"))));
}

/// Prints notes on several instances, each with its name.
fn print_all_notes(all: &[Noted], lang: Lang) {
    for noted in all {
        let of = plain_name(&noted.instance);
        let named: Vec<String> = noted.notes.iter().map(|note| format!("{of}: {note}")).collect();
        print_notes(&named, lang);
    }
}

/// Reads a scenario.
fn scenario(path: &Path) -> Result<Told, CliError> {
    let text = text(path)?;
    let hash = blake3::hash(text.as_bytes()).to_hex().to_string();
    Ok(Told { scenario: Scenario::parse(&name(path), &text)?, hash, text })
}

/// The method of returns, with the rates that were stated on the command line.
fn return_method(file: Option<&Path>, rates: &[(String, f64)]) -> Result<ReturnMethod, CliError> {
    let mut method = match file {
        Some(path) => ReturnMethod::parse(&name(path), &text(path)?)?,
        None => default_return_method().clone(),
    };
    for (rate, value) in rates {
        if !method.rates.set(rate, *value) {
            return Err(CliError::Usage(format!("--set: `return.{rate}` is no rate of returns")));
        }
        // What is stated is not drawn.
        method.priors.iter_mut().filter(|p| p.name == format!("return.{rate}")).for_each(|p| {
            p.prior = Prior::Point { value: *value };
        });
    }
    match method.rates.fault() {
        Some(fault) => Err(CliError::Usage(fault)),
        None => Ok(method),
    }
}

/// Ranges in a file: `[[parameter]]` with `name` and `prior = { uniform = { low = …, high = … } }`.
fn priors(path: &Path) -> Result<Vec<Parameter>, CliError> {
    if path == Path::new("built-in") {
        return Ok(displacement_priors());
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        parameter: Vec<Parameter>,
    }
    let text = text(path)?;
    let wrong = |e: toml::de::Error| {
        let line = text[..e.span().map_or(0, |s| s.start).min(text.len())].matches('\n').count() + 1;
        MovementError::Line { file: name(path), line, message: e.message().to_owned() }
    };
    let file: File = toml::from_str(&text).map_err(wrong)?;
    Parameters::Priors(file.parameter.clone()).check()?;
    Ok(file.parameter)
}

/// A calibrated sample: the `sample` of a posterior.json.
fn posterior(path: &Path) -> Result<Sample, CliError> {
    #[derive(Deserialize)]
    struct File {
        sample: Sample,
    }
    let file: File = serde_json::from_str(&text(path)?).map_err(|e| MovementError::Line {
        file: name(path),
        line: e.line(),
        message: format!("{e}; a posterior.json was expected"),
    })?;
    Parameters::Sample(file.sample.clone()).check()?;
    Ok(file.sample)
}

/// What members draw their parameters from.
fn drawn(args: &cli::Simulate, method: Option<&ReturnMethod>) -> Result<Parameters, CliError> {
    if let Some(path) = &args.posterior {
        return Ok(Parameters::Sample(posterior(path)?));
    }
    let mut all = args.priors.as_deref().map(priors).transpose()?.unwrap_or_default();
    if let Some(method) = method.filter(|_| !args.stated_rates) {
        let further = method.priors.iter().filter(|p| !all.iter().any(|own| own.name == p.name));
        let further: Vec<Parameter> = further.cloned().collect();
        all.extend(further);
    }
    Ok(Parameters::Priors(all))
}

/// The parameters of displacement alone: returns are not part of what registrations are compared with.
fn of_displacement(parameters: &Parameters) -> Parameters {
    let own = |name: &str| !name.starts_with("return.") && name != "arrivals.rate";
    match parameters {
        Parameters::Priors(all) => Parameters::Priors(all.iter().filter(|p| own(&p.name)).cloned().collect()),
        Parameters::Sample(sample) => {
            let kept: Vec<usize> = (0..sample.names.len()).filter(|i| own(&sample.names[*i])).collect();
            let points = sample.points.iter().map(|p| kept.iter().map(|i| p[*i]).collect()).collect();
            let names = kept.iter().map(|i| sample.names[*i].clone()).collect();
            Parameters::Sample(Sample { names, points, weights: sample.weights.clone() })
        }
    }
}

/// The hash of what was run, in full.
fn hash(job: &Job) -> Result<String, CliError> {
    Ok(blake3::hash(&job.to_bytes()?).to_hex().to_string())
}

/// A job that keeps every place.
fn job(instance: Instance, returns: Option<ReturnSettings>, seed: u64) -> Job {
    Job { returns, keep: Keep::Places, ..Job::new(instance, seed) }
}

/// The file of finished members that was asked for.
fn members_file(out: Option<&Path>, resume: Option<&Path>) -> Result<Option<PathBuf>, CliError> {
    let file = match (resume, out) {
        (Some(path), _) if path.is_dir() => path.join(MEMBERS),
        (Some(path), _) => path.to_owned(),
        (None, Some(out)) => out.join(MEMBERS),
        (None, None) => return Ok(None),
    };
    if let Some(parent) = file.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(CliError::io(parent))?;
    }
    Ok(Some(file))
}

/// Runs all members here or on a cluster, and hands their outcomes over in their order.
fn each(
    global: &Global,
    ensemble: &Ensemble,
    file: Option<&Path>,
    place: &Where,
    what: &str,
    take: impl FnMut(u64, &MemberOutcome) -> Result<(), MovementError>,
) -> Result<(), CliError> {
    let bar = Progress::new(global.quiet, ensemble.members(), what);
    let progress = |done: u64, all: u64| bar.at(done, Some(all));
    let _ = place;
    #[cfg(feature = "cluster")]
    if let Some(address) = &place.cluster {
        let outcome = crate::cluster::each(address, ensemble, file, &progress, take);
        bar.done();
        return outcome;
    }
    let outcome = ensemble.each(file, &progress, take);
    bar.done();
    Ok(outcome?)
}

/// As many threads as were asked for.
fn threads(rules: &Rules) -> Result<(), CliError> {
    if let Some(threads) = rules.threads {
        let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        built.map_err(|e| CliError::Usage(format!("--threads {threads}: {e}")))?;
    }
    Ok(())
}

/// Shapes of countries from the evidence that is held, to be drawn under a map. A simulation needs no ledger, so that
/// none is no fault; one that is there and cannot be read is.
fn countries_of(global: &Global) -> Result<Vec<Shape>, CliError> {
    let Ok(ledger) = open(global) else { return Ok(Vec::new()) };
    let edition = ledger.edition(None)?;
    let filter = RecordFilter::of("naturalearth-countries").level(0);
    let areas = ledger.evidence(&edition).areas(&filter)?;
    Ok(areas.into_iter().filter_map(|row| row.value.shape).collect())
}

/// A folder of ours, or one that is not there or empty: what somebody else keeps there is not mixed with ours.
fn ours(folder: &Path, mark: &str) -> Result<(), CliError> {
    let empty = || fs::read_dir(folder).is_ok_and(|mut f| f.next().is_none());
    if !folder.exists() || folder.join(mark).exists() || folder.join(MEMBERS).exists() || empty() {
        return Ok(());
    }
    let shown = folder.display();
    Err(CliError::Usage(format!("`{shown}` holds files that are no earlier output; name another folder")))
}

/// Which registrations count as known where the model is validated.
const KNOWN: Knowledge = Knowledge::Registered;
