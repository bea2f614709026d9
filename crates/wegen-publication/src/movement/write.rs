//! The folder that a simulation is written to: everything, or nothing of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::json;
use wegen_model::{Lang, Shape, not_for_individual_decisions};
use wegen_movement::{Counted, Job};

use super::charts::Fan;
use super::csv::{area_months, area_name, plain_name};
use super::pages::{self, For};
use super::told::{Shown, Told, total_id};
use super::{Drawing, csv, map, simulation};

/// Files by their path within the folder, with `/`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What can go wrong while a simulation is written.
#[derive(Debug, thiserror::Error)]
pub enum MovementWriteError {
    /// A file cannot be written.
    #[error("`{path}`: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table or drawing cannot be made.
    #[error("{0}")]
    Made(String),
}

/// Everything that is written about a simulation. `countries` are drawn under the map.
///
/// # Errors
/// A table or drawing that cannot be made.
pub fn files(told: &Told, job: &Job, countries: &[Shape], lang: Lang) -> Result<Files, MovementWriteError> {
    let made = MovementWriteError::Made;
    let drawn = |e: super::charts::Fault| MovementWriteError::Made(e.to_string());
    let mut files = Files::new();
    let mut put = |name: &str, bytes: Vec<u8>| {
        files.insert(name.to_owned(), bytes);
    };
    let mut working = day_charts(told, lang).map_err(drawn)?;
    let title = lang.text("movement-map-title");
    let drawing = map::places(told, countries, lang).map_err(drawn)?;
    put("working/map.svg", drawing.clone().into_bytes());
    let published = month_charts(told, lang).map_err(drawn)?;
    for (folder, drawings) in [("working", &working), ("published", &published)] {
        drawings.iter().for_each(|d| put(&format!("{folder}/charts/{}", d.file), d.svg.clone().into_bytes()));
    }
    working.insert(0, Drawing { file: "map.svg".to_owned(), title, svg: drawing });
    put("working/report.html", pages::page(told, For::Analyst, &working, lang).into_bytes());
    put("published/report.html", pages::page(told, For::Publication, &published, lang).into_bytes());
    put("working/summary.csv", csv::summary(told).map_err(made)?);
    put("working/series.csv", csv::series(told).map_err(made)?);
    put("working/parameters.csv", csv::parameters(told).map_err(made)?);
    put("published/months.csv", csv::months(told).map_err(made)?);
    if let Some(bytes) = simulation::file(told).map_err(made)? {
        put("published/simulation.csv", bytes);
    }
    put("working/job.json", job.to_bytes().map_err(|e| MovementWriteError::Made(e.to_string()))?);
    let history =
        serde_json::to_vec_pretty(&json!({"history": told.history, "not_for_individual_decisions": true}));
    put("working/history.json", history.map_err(|e| MovementWriteError::Made(e.to_string()))?);
    put("working/README.txt", readme(told, "movement-readme-working", lang));
    put("published/README.txt", readme(told, "movement-readme-published", lang));
    for folder in ["working", "published"] {
        if let Some((name, text)) = &told.sources {
            put(&format!("{folder}/{name}"), text.clone().into_bytes());
        }
    }
    if let Some(text) = &told.scenario_text {
        put("working/scenario.toml", text.clone().into_bytes());
    }
    put("run.toml", run(told)?);
    Ok(files)
}

fn readme(told: &Told, id: &str, lang: Lang) -> Vec<u8> {
    format!("{}\n\n{}\n\n{}\n", lang.text(id), not_for_individual_decisions(lang), told.attribution)
        .into_bytes()
}

/// What the run was, to do it again.
fn run(told: &Told) -> Result<Vec<u8>, MovementWriteError> {
    let mut run = toml::Table::new();
    let mut set = |name: &str, value: toml::Value| {
        run.insert(name.to_owned(), value);
    };
    set("program", format!("wegen {}", env!("CARGO_PKG_VERSION")).into());
    set("job_format", i64::from(Job::FORMAT).into());
    set("job_blake3", told.job_hash.clone().into());
    set("instance", told.instance.name.clone().into());
    set("seed", i64::try_from(told.seed).map_or_else(|_| told.seed.to_string().into(), toml::Value::from));
    set("members", (told.members as i64).into());
    if let Some((scenario, hash)) = &told.scenario {
        set("scenario", scenario.id.clone().into());
        set("scenario_blake3", hash.clone().into());
    }
    if let Some(method) = &told.returns {
        set("return_method", format!("{} {}", method.id, method.version).into());
    }
    set("not_for_individual_decisions", true.into());
    toml::to_string(&run).map(String::into_bytes).map_err(|e| MovementWriteError::Made(e.to_string()))
}

/// A fan chart of each camp and total, day by day.
fn day_charts(told: &Told, lang: Lang) -> Result<Vec<Drawing>, super::charts::Fault> {
    let instance = &told.instance;
    let dates: Vec<Date> = (0..instance.days).map(|d| instance.date(d)).collect();
    let totals = told.totals();
    let mut names = BTreeSet::new();
    let mut drawings = Vec::new();
    for band in &told.simulated.daily.series {
        let (title, registered) = match band.counted {
            Counted::At(place) => (plain_name(&instance.locations[place].name), counted(told, place)),
            total if totals.contains(&total) => (lang.text(total_id(total)), Vec::new()),
            _ => continue,
        };
        // What never happens needs no drawing; the table says 0.
        if band.counted != Counted::Entered && band.ends.iter().all(|q| q.mean.iter().all(|n| *n == 0.0)) {
            continue;
        }
        let bands: Vec<Option<Shown>> = (0..dates.len()).map(|d| Some(Shown::of(&band.ends, d))).collect();
        let name = match band.counted {
            Counted::At(_) => title.clone(),
            total => format!("total {}", csv::total(total)),
        };
        let fan = Fan {
            title: &title,
            dates: &dates,
            bands: &bands,
            registered: &registered,
            ends: band.ends.len() > 1,
            source: &source(told, lang),
            lang,
        };
        drawings.push(Drawing { file: file(&name, &mut names), svg: fan.draw()?, title });
    }
    Ok(drawings)
}

/// A fan chart of each area at the ends of months.
fn month_charts(told: &Told, lang: Lang) -> Result<Vec<Drawing>, super::charts::Fault> {
    let s = &told.simulated;
    let dates: Vec<Date> = s.months.iter().map(|m| told.instance.date(m.day)).collect();
    let cells = area_months(told);
    let mut names = BTreeSet::new();
    let mut drawings = Vec::new();
    for (at, area) in s.areas.iter().enumerate() {
        let own = || cells.iter().filter(|c| c.area == at);
        let bands: Vec<Option<Shown>> = own().map(|c| c.shown).collect();
        // Where somebody was counted in the month; what lies on a line in between is in the table alone.
        let counted = |month: usize| {
            let first = month.checked_sub(1).map_or(0, |m| i64::from(s.months[m].day) + 1);
            let days = first..=i64::from(s.months[month].day);
            let of = told.instance.registered.iter().filter(|r| area.scored.contains(&r.place));
            of.flat_map(|r| r.series.points()).any(|(day, _)| days.contains(day))
        };
        let registered: Vec<(Date, f64)> = own()
            .filter(|c| counted(c.month))
            .filter_map(|c| Some((dates[c.month], c.registered? as f64)))
            .collect();
        if bands.iter().all(Option::is_none) {
            continue;
        }
        let title = area_name(area, lang);
        let fan = Fan {
            title: &title,
            dates: &dates,
            bands: &bands,
            registered: &registered,
            ends: told.returns.is_some(),
            source: &source(told, lang),
            lang,
        };
        let name = match (area.country.is_empty(), area.region.is_empty()) {
            (true, _) => "all".to_owned(),
            (_, true) => area.country.clone(),
            _ => format!("{} {}", area.country, area.region),
        };
        drawings.push(Drawing { file: file(&name, &mut names), svg: fan.draw()?, title });
    }
    Ok(drawings)
}

/// Under each drawing: how it came about, its past error, the notice in short, where numbers come from.
fn source(told: &Told, lang: Lang) -> String {
    let error = told.history.alone.as_ref().map(|a| lang.decimal(a.error, 2));
    let error = error.map_or(lang.text("movement-chart-no-error"), |e| {
        lang.text_with("movement-chart-error", &[("error", &e)])
    });
    let members = lang.integer(told.members as i64);
    let how =
        lang.text_with("movement-chart-source", &[("members", &members), ("seed", &told.seed.to_string())]);
    format!("{how} {error} {} {}", lang.text("movement-chart-notice"), told.attribution)
}

/// Registered numbers at their own dates within the period.
fn counted(told: &Told, place: usize) -> Vec<(Date, f64)> {
    let days = i64::from(told.instance.days);
    let of = told.instance.registered.iter().filter(|r| r.place == place);
    of.flat_map(|r| r.series.points().iter().filter(|(day, _)| (0..days).contains(day)))
        .map(|(day, count)| (told.instance.date(*day as u32), *count))
        .collect()
}

/// A file name of letters, digits and hyphens that no other has.
fn file(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let plain = plain.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-");
    let plain = if plain.is_empty() { "place".to_owned() } else { plain };
    let mut at = 1;
    loop {
        let file = if at == 1 { format!("{plain}.svg") } else { format!("{plain}-{at}.svg") };
        if taken.insert(file.clone()) {
            return file;
        }
        at += 1;
    }
}

/// Puts files into a folder: written beside it first, then moved, so that none is half there. What else the folder
/// holds stays; within `charts` folders old drawings go.
///
/// # Errors
/// Names the file that cannot be written; then nothing has been moved, unless moving itself failed.
pub fn put(folder: &Path, files: &Files) -> Result<(), MovementWriteError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| MovementWriteError::Io { path, source }
    };
    let name = folder.file_name().map_or_else(|| "out".into(), |n| n.to_string_lossy().into_owned());
    let draft = folder.with_file_name(format!(".{name}.{}", std::process::id()));
    let write = || -> Result<(), MovementWriteError> {
        for (path, bytes) in files {
            let path = draft.join(path);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(io(parent))?;
            }
            fs::write(&path, bytes).map_err(io(&path))?;
        }
        // Charts as whole folders, all else file by file.
        let units: BTreeSet<PathBuf> = files.keys().map(|f| unit(f)).collect();
        for unit in units {
            let (new, old) = (draft.join(&unit), folder.join(&unit));
            if let Some(parent) = old.parent() {
                fs::create_dir_all(parent).map_err(io(parent))?;
            }
            if old.is_dir() {
                fs::remove_dir_all(&old).map_err(io(&old))?;
            }
            fs::rename(&new, &old).map_err(io(&old))?;
        }
        Ok(())
    };
    let written = write();
    let _ = fs::remove_dir_all(&draft);
    written
}

fn unit(file: &str) -> PathBuf {
    match file.find("charts/") {
        Some(at) => PathBuf::from(&file[..at + "charts".len()]),
        None => PathBuf::from(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_charts_go_and_what_is_somebodys_own_stays() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let of = |names: &[&str]| {
            names.iter().map(|n| ((*n).to_owned(), n.as_bytes().to_vec())).collect::<Files>()
        };
        put(&out, &of(&["run.toml", "working/charts/a.svg", "working/summary.csv"])).unwrap();
        fs::write(out.join("working/members.bin"), "kept").unwrap();
        put(&out, &of(&["run.toml", "working/charts/b.svg"])).unwrap();
        let there = |name: &str| out.join(name).is_file();
        assert!(there("working/charts/b.svg") && !there("working/charts/a.svg"));
        assert!(there("working/members.bin") && there("working/summary.csv"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn names_of_files_are_plain_and_differ() {
        let mut taken = BTreeSet::new();
        let names: Vec<String> =
            ["Fassala-Mbera", "fassala mbera", "../é"].iter().map(|n| file(n, &mut taken)).collect();
        assert_eq!(names, ["fassala-mbera.svg", "fassala-mbera-2.svg", "place.svg"]);
    }
}
