//! Writes an instance as a folder that [`read`](crate::read) reads back, and Flee 3 reads as well.
//!
//! | file | beyond what Flee knows |
//! |---|---|
//! | `input_csv/locations.csv` | attributes as further columns |
//! | `input_csv/routes.csv` | `distance_source`: `road` or `great-circle`, where the length is one of those |
//! | `input_csv/capacities.csv` | changes of capacity on the way: place, day, capacity |
//! | `simsetting.yml` | `spawn_mode: hazard` with a rate of population × intensity × decay |
//!
//! What is not in the files: the reading of the rules ([`Compat`](crate::Compat)), the grain of the simulation and
//! the notes of a reading. Whole persons alone can be written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::{Arrivals, Closes, Distance, Forced, Instance, Kind, MovementError, Series, Settings};

/// Writes an instance to a folder that is not there yet, or is empty: all of it, or nothing.
///
/// # Errors
/// The folder holds something already, cannot be written, or the instance holds what the files cannot hold: numbers
/// of people that are not whole, names with line breaks, two places of one name.
pub fn write_flee_folder(instance: &Instance, folder: &Path) -> Result<(), MovementError> {
    write_folder(instance, folder, &[])
}

/// Likewise, with further files by their path within the folder (`SOURCES.md`, `comparison/returns.csv`).
///
/// # Errors
/// As [`write_flee_folder`]; and a path that leads out of the folder or stands twice.
pub fn write_folder(
    instance: &Instance,
    folder: &Path,
    further: &[(String, String)],
) -> Result<(), MovementError> {
    let mut files = files(instance)?;
    for (path, text) in further {
        let plain = Path::new(path).components().all(|c| matches!(c, std::path::Component::Normal(_)));
        if path.is_empty() || !plain || files.contains_key(path) {
            return Err(MovementError::Instance(format!(
                "'{path}'; the path of a further file within the folder was expected"
            )));
        }
        files.insert(path.clone(), text.clone());
    }
    put(folder, &files)
}

/// The files of an instance, by their path.
fn files(instance: &Instance) -> Result<BTreeMap<String, String>, MovementError> {
    fit(instance)?;
    let mut files = BTreeMap::from([
        ("input_csv/locations.csv".to_owned(), locations(instance)?),
        ("input_csv/routes.csv".to_owned(), routes(instance)?),
        (
            "input_csv/sim_period.csv".to_owned(),
            format!("StartDate,{}\nLength,{}\n", instance.start, instance.days),
        ),
        ("simsetting.yml".to_owned(), settings(&instance.settings)),
    ]);
    if !instance.closures.is_empty() {
        files.insert("input_csv/closures.csv".to_owned(), closures(instance)?);
    }
    if instance.conflicts.iter().any(Option::is_some) {
        files.insert("input_csv/conflicts.csv".to_owned(), conflicts(instance)?);
    }
    if !instance.capacities.is_empty() {
        files.insert("input_csv/capacities.csv".to_owned(), capacities(instance)?);
    }
    registrations(instance, &mut files)?;
    Ok(files)
}

fn refuse(message: impl Into<String>) -> MovementError {
    MovementError::Instance(message.into())
}

/// What the files cannot hold is refused before anything is written.
fn fit(instance: &Instance) -> Result<(), MovementError> {
    let places = instance.locations.len();
    if places == 0 {
        return Err(refuse("no places; at least one was expected"));
    }
    if instance.conflicts.len() != places {
        return Err(refuse("conflict days for each place were expected"));
    }
    if let Some(fault) = instance.settings.fault() {
        return Err(refuse(fault));
    }
    let mut seen = BTreeSet::new();
    for location in &instance.locations {
        let name = &location.name;
        let texts = [("name", name), ("region", &location.region), ("country", &location.country)];
        let attributes = location.attributes.iter().flat_map(|(k, v)| [("attribute", k), ("attribute", v)]);
        for (what, text) in texts.into_iter().chain(attributes) {
            let must = what != "region";
            if text.trim() != text || text.chars().any(char::is_control) || (must && text.is_empty()) {
                return Err(refuse(format!(
                    "{name:?}: the {what} {text:?}; words on one line were expected"
                )));
            }
        }
        if name.starts_with('#') || name == "total" {
            return Err(refuse(format!(
                "a place called '{name}'; a name that is no comment and no total was expected"
            )));
        }
        if !seen.insert(name) {
            return Err(refuse(format!("two places are called {name}; a name of its own was expected")));
        }
        let other = if location.kind.is_camp() { location.population } else { location.capacity };
        if other != 0 {
            return Err(refuse(format!(
                "{name}: a camp has a capacity and no population, another place the reverse"
            )));
        }
    }
    let within = |place: usize| {
        if place < places { Ok(()) } else { Err(refuse(format!("place {place} of {places}"))) }
    };
    instance.links.iter().try_for_each(|l| within(l.from).and(within(l.to)))?;
    instance.capacities.iter().try_for_each(|c| within(c.place))?;
    instance.registered.iter().try_for_each(|r| within(r.place))?;
    Ok(())
}

/// Lines of values, quoted where needed, under a line of columns that is a comment.
fn table(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<String, MovementError> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let broken = |e: csv::Error| refuse(e.to_string());
    writer.write_record(columns).map_err(broken)?;
    for row in rows {
        writer.write_record(row).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|e| refuse(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| refuse(e.to_string()))
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// Numbers of people are divided by `hasten` on reading.
fn people(instance: &Instance, number: u64) -> Result<String, MovementError> {
    let all = number.checked_mul(instance.settings.hasten);
    all.map(|n| n.to_string()).ok_or_else(|| refuse(format!("{number} people times hasten are too many")))
}

fn locations(instance: &Instance) -> Result<String, MovementError> {
    let extra: BTreeSet<&String> = instance.locations.iter().flat_map(|l| l.attributes.keys()).collect();
    let mut head = columns(&[
        "#name",
        "region",
        "country",
        "latitude",
        "longitude",
        "location_type",
        "conflict_date",
        "population",
    ]);
    head.extend(extra.iter().map(|name| (*name).clone()));
    let mut rows = Vec::new();
    for l in &instance.locations {
        let kind = match l.kind {
            Kind::ConflictZone => "conflict_zone",
            Kind::Town => "town",
            Kind::Camp => "camp",
            Kind::IdpCamp => "idpcamp",
            Kind::ForwardingHub => "forwarding_hub",
            Kind::Marker => "marker",
        };
        let number = if l.kind.is_camp() { l.capacity } else { l.population };
        let mut row = vec![
            l.name.clone(),
            l.region.clone(),
            l.country.clone(),
            l.latitude.to_string(),
            l.longitude.to_string(),
            kind.to_owned(),
            l.conflict_from.to_string(),
            people(instance, number)?,
        ];
        row.extend(extra.iter().map(|name| l.attributes.get(*name).cloned().unwrap_or_default()));
        rows.push(row);
    }
    table(&head, rows.into_iter())
}

fn routes(instance: &Instance) -> Result<String, MovementError> {
    let speeds = instance.links.iter().any(|l| l.max_move_speed.is_some());
    let walks = instance.links.iter().any(|l| l.walk_probability != 0.0);
    let known = instance.links.iter().any(|l| l.distance != Distance::Given);
    let mut head = columns(&["#name1", "name2", "distance", "forced_redirection"]);
    let further = [(speeds, "max_move_speed"), (walks, "walk_probability"), (known, "distance_source")];
    head.extend(further.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned()));
    let name = |place: usize| instance.locations[place].name.clone();
    table(
        &head,
        instance.links.iter().map(|l| {
            let forced = match l.forced {
                Forced::No => "0",
                Forced::Forward => "1",
                Forced::Backward => "2",
            };
            let mut row = vec![name(l.from), name(l.to), km(l.metres), forced.to_owned()];
            if speeds {
                row.push(l.max_move_speed.map_or(String::new(), |s| s.to_string()));
            }
            if walks {
                row.push(l.walk_probability.to_string());
            }
            if known {
                let source = match l.distance {
                    Distance::Given => "",
                    Distance::Road => "road",
                    Distance::GreatCircle => "great-circle",
                };
                row.push(source.to_owned());
            }
            row
        }),
    )
}

/// Metres as km, exactly.
fn km(metres: u32) -> String {
    let text = format!("{}.{:03}", metres / 1000, metres % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn closures(instance: &Instance) -> Result<String, MovementError> {
    let name = |place: &usize| instance.locations.get(*place).map(|l| l.name.clone());
    let mut rows = Vec::new();
    for closure in &instance.closures {
        let (kind, one, two) = match &closure.what {
            Closes::Border(one, two) => {
                let known =
                    |c: &String| instance.locations.iter().any(|l| l.country == *c).then(|| c.clone());
                ("country", known(one), known(two))
            }
            Closes::Place(place) => ("location", name(place), Some(String::new())),
            Closes::Link(one, two) => ("link", name(one), name(two)),
            Closes::Camp(place) => ("camp", name(place), Some(String::new())),
            Closes::IdpCamp(place) => ("idpcamp", name(place), Some(String::new())),
            Closes::ForcedRedirection(one, two) => ("remove_forced_redirection", name(one), name(two)),
        };
        let (Some(one), Some(two)) = (one, two) else {
            return Err(refuse("a closure of what is no place or country of the instance"));
        };
        if closure.end.is_some_and(|end| end < 0 || end < closure.start) {
            return Err(refuse(format!("a closure from day {} that ends before it", closure.start)));
        }
        let end = closure.end.map_or("-1".to_owned(), |end| end.to_string());
        rows.push(vec![kind.to_owned(), one, two, closure.start.to_string(), end]);
    }
    table(&columns(&["#closure_type", "name1", "name2", "closure_start", "closure_end"]), rows.into_iter())
}

fn conflicts(instance: &Instance) -> Result<String, MovementError> {
    let mut head = columns(&["#Day"]);
    let mut all = Vec::new();
    for (location, series) in instance.locations.iter().zip(&instance.conflicts) {
        let Some(series) = series else { continue };
        if series.len() != instance.days as usize || !series.iter().all(|i| (0.0..=1.0).contains(i)) {
            let name = &location.name;
            return Err(refuse(format!(
                "{name}: conflict days; an intensity of 0 to 1 for each day was expected"
            )));
        }
        head.push(location.name.clone());
        all.push(series);
    }
    let row = |day: usize| {
        let mut row = vec![day.to_string()];
        row.extend(all.iter().map(|series| series[day].to_string()));
        row
    };
    table(&head, (0..instance.days as usize).map(row))
}

fn capacities(instance: &Instance) -> Result<String, MovementError> {
    let mut rows = Vec::new();
    for change in &instance.capacities {
        let name = instance.locations[change.place].name.clone();
        rows.push(vec![name, change.day.to_string(), people(instance, change.capacity)?]);
    }
    table(&columns(&["#name", "day", "capacity"]), rows.into_iter())
}

fn registrations(instance: &Instance, files: &mut BTreeMap<String, String>) -> Result<(), MovementError> {
    if instance.total.is_none() && instance.registered.is_empty() {
        return match instance.elsewhere.is_empty() {
            true => Ok(()),
            false => {
                Err(refuse("registrations elsewhere and none here; a total or those of a camp were expected"))
            }
        };
    }
    let mut layout = Vec::new();
    let mut add = |name: String, file: String, series: &Series| -> Result<(), MovementError> {
        files.insert(format!("source_data/{file}"), counts(instance, &name, series)?);
        layout.push(vec![name, file]);
        Ok(())
    };
    if let Some(total) = &instance.total {
        add("total".to_owned(), "refugees.csv".to_owned(), total)?;
    }
    let mut seen = BTreeSet::new();
    for (number, registered) in (1..).zip(&instance.registered) {
        let name = instance.locations[registered.place].name.clone();
        if !seen.insert(registered.place) {
            return Err(refuse(format!("{name} has registrations twice; once was expected")));
        }
        let file = format!("{number:03}-{}.csv", slug(&name));
        add(name, file, &registered.series)?;
    }
    let mut number = 0;
    for series in &instance.elsewhere {
        let name = loop {
            number += 1;
            let name = format!("elsewhere-{number}");
            if instance.place(&name).is_none() {
                break name;
            }
        };
        let file = format!("{name}.csv");
        add(name, file, series)?;
    }
    let layout = table(&columns(&["#name", "file"]), layout.into_iter())?;
    files.insert("source_data/data_layout.csv".to_owned(), layout);
    Ok(())
}

/// A name as part of a file's name.
fn slug(name: &str) -> String {
    let letters: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    letters
        .split('-')
        .filter(|part| !part.is_empty())
        .collect::<Vec<&str>>()
        .join("-")
        .chars()
        .take(40)
        .collect()
}

fn counts(instance: &Instance, name: &str, series: &Series) -> Result<String, MovementError> {
    let hasten = instance.settings.hasten as f64;
    let points = series.points();
    if points.is_empty() || points.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
        return Err(refuse(format!(
            "{name}: registrations; at least one count, by days that rise, was expected"
        )));
    }
    let mut rows = Vec::new();
    for (day, count) in points {
        let whole = (count * hasten).round();
        if whole / hasten != *count || !(0.0..=1e15).contains(&whole) {
            return Err(refuse(format!("{name}: {count} people on day {day}; whole persons were expected")));
        }
        let date =
            instance.start.checked_add(jiff::Span::new().try_days(*day).map_err(|e| refuse(e.to_string()))?);
        let date = date.map_err(|e| refuse(format!("{name}: day {day}: {e}")))?;
        rows.push(vec![date.to_string(), format!("{whole:.0}")]);
    }
    table(&columns(&["#date", "count"]), rows.into_iter())
}

fn settings(s: &Settings) -> String {
    let truth = |b: bool| if b { "True" } else { "False" };
    let mut lines = vec!["spawn_rules:".to_owned()];
    let mut say = |key: &str, value: String| lines.push(format!("  {key}: {value}"));
    say("insert_day0", truth(s.insert_day0).to_owned());
    say("empty_camps_on_day0", truth(s.empty_camps_on_day0).to_owned());
    say("take_from_population", truth(s.take_from_population).to_owned());
    match s.arrivals {
        Arrivals::Registered { sum_from_camps } => say("sum_from_camps", truth(sum_from_camps).to_owned()),
        Arrivals::Constant { persons } => driven(&mut say, "constant", persons),
        Arrivals::Poisson { persons } => driven(&mut say, "poisson", persons),
        Arrivals::Share { share } => driven(&mut say, "pop_ratio", share),
        Arrivals::Hazard { rate } => driven(&mut say, "hazard", rate),
    }
    if !s.conflict_decay.is_empty() {
        let decay: Vec<String> = s.conflict_decay.iter().map(f64::to_string).collect();
        say("conflict_spawn_decay", format!("[{}]", decay.join(", ")));
    }
    say("conflict_spawn_decay_interval", s.conflict_decay_interval.to_string());
    lines.push("move_rules:".to_owned());
    let mut say = |key: &str, value: String| lines.push(format!("  {key}: {value}"));
    for name in Settings::NAMES {
        say(name, s.get(name).unwrap_or_default().to_string());
    }
    say("start_on_foot", truth(s.start_on_foot).to_owned());
    say("avoid_short_stints", truth(s.avoid_short_stints).to_owned());
    say("use_pop_for_loc_weight", truth(s.use_pop_for_loc_weight).to_owned());
    lines.push("optimisations:".to_owned());
    lines.push(format!("  hasten: {}", s.hasten));
    lines.join("\n") + "\n"
}

fn driven(say: &mut impl FnMut(&str, String), mode: &str, rate: f64) {
    say("conflict_driven_spawning", String::new());
    say("  spawn_mode", mode.to_owned());
    say("  displaced_per_conflict_day", rate.to_string());
}

/// All files in a folder beside, which then takes its name.
fn put(folder: &Path, files: &BTreeMap<String, String>) -> Result<(), MovementError> {
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| {
        MovementError::file(&folder.display().to_string(), "the name of a new folder was expected")
    })?;
    let failed =
        |path: &Path, e: std::io::Error| MovementError::file(&path.display().to_string(), e.to_string());
    if folder.exists() {
        let empty = std::fs::read_dir(folder).map_err(|e| failed(folder, e))?.next().is_none();
        if !empty {
            let message = "this folder holds files already; a new or empty folder was expected";
            return Err(MovementError::file(&folder.display().to_string(), message));
        }
    }
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(|e| failed(&parent, e))?;
    let beside = parent.join(format!(".{name}.part-{}", std::process::id()));
    let written = fill(&beside, files).and_then(|()| {
        if folder.exists() {
            std::fs::remove_dir(folder).map_err(|e| failed(folder, e))?;
        }
        std::fs::rename(&beside, folder).map_err(|e| failed(folder, e))
    });
    if written.is_err() {
        // What is half-written is of no use to anybody; the first fault is the one to tell.
        let _ = std::fs::remove_dir_all(&beside);
    }
    written
}

fn fill(beside: &Path, files: &BTreeMap<String, String>) -> Result<(), MovementError> {
    let failed =
        |path: &Path, e: std::io::Error| MovementError::file(&path.display().to_string(), e.to_string());
    if beside.exists() {
        std::fs::remove_dir_all(beside).map_err(|e| failed(beside, e))?;
    }
    for (path, text) in files {
        let path = beside.join(path);
        if let Some(within) = path.parent() {
            std::fs::create_dir_all(within).map_err(|e| failed(within, e))?;
        }
        let mut file = std::fs::File::create(&path).map_err(|e| failed(&path, e))?;
        std::io::Write::write_all(&mut file, text.as_bytes()).map_err(|e| failed(&path, e))?;
        file.sync_all().map_err(|e| failed(&path, e))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
