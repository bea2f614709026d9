//! Reads an instance folder as Flee 3 does: `input_csv/`, `source_data/`, `simsetting.yml`.

mod settings;
mod table;
mod unfollowed;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

pub use settings::read_settings;
use table::{Row, Table};

use crate::{
    CapacityChange, Closes, Closure, Compat, Distance, Forced, Instance, Kind, Link, Location, MovementError,
    Registered, Series, Settings,
};

/// The file that says which registrations are those of which camp.
const LAYOUT: &str = "data_layout.csv";

/// Attributes of places that the rules reckon with.
const NUMBERS: [&str; 2] = ["conflict_intensity", "initial_idps"];

/// More people than this in one place or count are refused: a slip of the pen, and beyond exact arithmetic.
const MOST_PEOPLE: u64 = 1_000_000_000_000_000;

/// The instance in a folder. `settings` takes the place of the folder's `simsetting.yml` where given.
///
/// # Errors
/// Names the file, the line and what was expected there.
pub fn read(folder: &Path, settings: Option<Settings>) -> Result<Instance, MovementError> {
    read_known(folder, settings, None)
}

/// The instance as it was known on a day, for predictions that are scored on later days.
///
/// Counts and corrections of later dates are not there, and an earlier count is not on a line towards a later one.
/// Conflict goes on as on that day; closures that begin later do not begin, those that hold do not end. Camps have
/// no capacity: the files do not say when it was known. Places and links are those of the file: it does not say
/// since when there was a camp.
///
/// # Errors
/// As [`read`].
pub fn read_as_of(folder: &Path, settings: Option<Settings>, day: u32) -> Result<Instance, MovementError> {
    let mut instance = read_known(folder, settings, Some(i64::from(day)))?;
    instance.locations.iter_mut().for_each(|l| l.capacity = 0);
    instance.capacities.clear();
    for series in instance.conflicts.iter_mut().flatten() {
        let last = series.get(day as usize).copied().unwrap_or(0.0);
        series.iter_mut().skip(day as usize + 1).for_each(|intensity| *intensity = last);
    }
    for location in instance.locations.iter_mut().filter(|l| l.conflict_from > day) {
        location.conflict_from = u32::MAX;
    }
    instance.closures.retain(|closure| closure.start <= i64::from(day));
    instance
        .closures
        .iter_mut()
        .for_each(|closure| closure.end = closure.end.filter(|end| *end <= i64::from(day)));
    Ok(instance)
}

fn read_known(
    folder: &Path,
    settings: Option<Settings>,
    known: Option<i64>,
) -> Result<Instance, MovementError> {
    let input = existing(folder, "input_csv");
    let source = existing(folder, "source_data");
    if !input.join("locations.csv").exists() {
        return Err(MovementError::Instance(format!(
            "`{}` is no instance: a folder with `input_csv/locations.csv` was expected; `wegen movement build SYR --out \
             FOLDER` makes one",
            folder.display()
        )));
    }
    let mut notes = Vec::new();
    let settings = match settings {
        Some(settings) => settings,
        None => settings_of(folder, &input, &mut notes)?,
    };
    if let Some(fault) = settings.fault() {
        return Err(MovementError::Instance(fault));
    }
    let locations = locations(&Table::read(&input.join("locations.csv"))?, settings.hasten, &mut notes)?;
    let places: BTreeMap<&str, usize> =
        locations.iter().enumerate().map(|(i, l)| (l.name.as_str(), i)).collect();
    let links = links(&Table::read(&input.join("routes.csv"))?, &places, &mut notes)?;
    let (start, days) = period(&Table::read(&input.join("sim_period.csv"))?, &mut notes)?;
    let closures = match optional(&input.join("closures.csv"))? {
        Some(table) => closures(&table, &places, &locations, &mut notes)?,
        None => Vec::new(),
    };
    let conflicts = match optional(&input.join("conflicts.csv"))? {
        Some(table) => conflicts(&table, &places, days, &mut notes)?,
        None => vec![None; locations.len()],
    };
    let capacities = match optional(&input.join("capacities.csv"))? {
        Some(table) => capacities(&table, &places, &locations, settings.hasten, &mut notes)?,
        None => Vec::new(),
    };
    let layout = optional(&source.join(LAYOUT))?;
    let (total, mut registered, elsewhere) =
        registrations(&source, layout.as_ref(), start, &places, &settings, known, &mut notes)?;
    if let Some(table) = optional(&input.join("registration_corrections.csv"))? {
        corrections(&table, start, &places, known, &mut registered, &mut notes)?;
    }
    for (place, location) in locations.iter().enumerate().filter(|(_, l)| l.kind.is_camp()) {
        if !registered.iter().any(|r| r.place == place) {
            notes.push(format!(
                "{}: a camp without registrations; it is simulated and not scored",
                location.name
            ));
        }
    }
    unfollowed::files(folder, &input, &of_layout(layout.as_ref()), &mut notes)?;
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    Ok(Instance {
        name: whole.file_name().map_or_else(|| "instance".to_owned(), |n| n.to_string_lossy().into_owned()),
        start,
        days,
        locations,
        links,
        closures,
        conflicts,
        capacities,
        total,
        registered,
        elsewhere,
        settings,
        notes,
    })
}

/// The folder within, or the folder itself for an instance that keeps all files together.
fn existing(folder: &Path, within: &str) -> PathBuf {
    let path = folder.join(within);
    if path.is_dir() { path } else { folder.to_owned() }
}

fn optional(path: &Path) -> Result<Option<Table>, MovementError> {
    if path.exists() { Table::read(path).map(Some) } else { Ok(None) }
}

fn settings_of(folder: &Path, input: &Path, notes: &mut Vec<String>) -> Result<Settings, MovementError> {
    let parent = folder.canonicalize().ok().and_then(|f| f.parent().map(Path::to_owned));
    let folders = [Some(folder.to_owned()), Some(input.to_owned()), parent];
    for path in folders.into_iter().flatten().map(|f| f.join("simsetting.yml")) {
        if path.is_file() {
            let (settings, said) = read_settings(&path)?;
            notes.extend(said);
            return Ok(settings);
        }
    }
    notes.push("no simsetting.yml: all parameters have their default".to_owned());
    Ok(Settings::default())
}

/// The file of registrations and the files that it names.
fn of_layout(layout: Option<&Table>) -> BTreeSet<String> {
    let named = layout
        .into_iter()
        .flat_map(Table::rows)
        .flat_map(|row| (1..row.len()).map(|column| row.get(column).to_owned()).collect::<Vec<String>>());
    named.chain([LAYOUT.to_owned()]).collect()
}

fn locations(table: &Table, hasten: u64, notes: &mut Vec<String>) -> Result<Vec<Location>, MovementError> {
    unfollowed::LOCATIONS.tell(table, notes);
    let extra = table.columns_after(8);
    let mut seen = BTreeSet::new();
    let mut locations = Vec::new();
    for row in table.rows() {
        let name = row.text(0, "the name of a place")?;
        if !seen.insert(name.to_owned()) {
            return Err(
                row.fault(format!("{name} stands here a second time; a name of its own was expected"))
            );
        }
        let kind = kind(&row)?;
        let people = row.count_or_zero(7, MOST_PEOPLE)? / hasten;
        let degrees = |column, name: &str, most: f64| -> Result<f64, MovementError> {
            let value = row.number_or(column, 0.0, name)?;
            if value.abs() <= most {
                Ok(value)
            } else {
                Err(row.fault(format!("{name} is {value}; degrees from −{most} to {most} were expected")))
            }
        };
        for (i, name) in extra.iter().enumerate().filter(|(_, name)| NUMBERS.contains(&name.as_str())) {
            row.number_or(8 + i, 0.0, name)?;
        }
        let country = row.get(2);
        locations.push(Location {
            name: name.to_owned(),
            region: row.get(1).to_owned(),
            country: if country.is_empty() { "unknown" } else { country }.to_owned(),
            latitude: degrees(3, "latitude", 90.0)?,
            longitude: degrees(4, "longitude", 180.0)?,
            kind,
            conflict_from: u32::try_from(row.whole_or(6, 0, "the day of a conflict")?.max(0))
                .unwrap_or(u32::MAX),
            population: if kind.is_camp() { 0 } else { people },
            capacity: if kind.is_camp() { people } else { 0 },
            attributes: extra
                .iter()
                .enumerate()
                .map(|(i, column)| (column.clone(), row.get(8 + i).to_owned()))
                .filter(|(_, value)| !value.is_empty())
                .collect(),
        });
    }
    if locations.is_empty() {
        return Err(MovementError::file(&table.file, "holds no places; at least one was expected"));
    }
    Ok(locations)
}

fn kind(row: &Row<'_>) -> Result<Kind, MovementError> {
    let text = row.get(5).to_lowercase();
    Ok(if text.contains("camp") {
        if text.contains("idp") { Kind::IdpCamp } else { Kind::Camp }
    } else if text.contains("conflict") {
        Kind::ConflictZone
    } else if text.contains("forward") {
        Kind::ForwardingHub
    } else if text.contains("marker") {
        Kind::Marker
    } else if text.contains("default") || text.contains("town") {
        Kind::Town
    } else {
        return Err(row.fault(format!(
            "location_type is '{}'; one of conflict_zone, town, camp, idpcamp, forwarding_hub, marker was expected",
            row.get(5)
        )));
    })
}

fn links(
    table: &Table,
    places: &BTreeMap<&str, usize>,
    notes: &mut Vec<String>,
) -> Result<Vec<Link>, MovementError> {
    unfollowed::ROUTES.tell(table, notes);
    let extra = table.columns_after(4);
    let mut links = Vec::new();
    for row in table.rows() {
        let (from, to) = (row.place(0, places)?, row.place(1, places)?);
        if from == to {
            return Err(row.fault(format!("a link from {} to itself; two places were expected", row.get(0))));
        }
        let km = row.number(2, "distance")?;
        if !(0.001..=Instance::LONGEST_KM).contains(&km) {
            return Err(row.fault(format!(
                "distance is {km}; kilometres above 0 (at least 0.001) and up to {} were expected",
                Instance::LONGEST_KM
            )));
        }
        let forced = match row.get(3) {
            "" | "0" => Forced::No,
            "1" => Forced::Forward,
            "2" => Forced::Backward,
            other => {
                return Err(
                    row.fault(format!("forced_redirection is '{other}'; 0, 1, 2 or nothing was expected"))
                );
            }
        };
        let attribute = |name: &str| match extra.iter().position(|column| column == name) {
            Some(i) if !row.get(4 + i).is_empty() => row.number(4 + i, name).map(Some),
            _ => Ok(None),
        };
        let speed = attribute("max_move_speed")?;
        if let Some(bad) = speed.filter(|speed| !(0.001..=4_000_000.0).contains(speed)) {
            return Err(row.fault(format!("max_move_speed is {bad}; km a day above 0 were expected")));
        }
        let walk = attribute("walk_probability")?.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&walk) {
            return Err(row.fault(format!("walk_probability is {walk}; a number from 0 to 1 was expected")));
        }
        links.push(Link {
            from,
            to,
            metres: (km * 1000.0).round().max(1.0) as u32,
            forced,
            max_move_speed: speed,
            walk_probability: walk,
            distance: distance(
                &row,
                extra.iter().position(|column| column == "distance_source").map(|i| row.get(4 + i)),
            )?,
        });
    }
    Ok(links)
}

/// Where a length comes from: a column that this program writes and Flee passes over.
fn distance(row: &Row<'_>, source: Option<&str>) -> Result<Distance, MovementError> {
    match source {
        None | Some("") => Ok(Distance::Given),
        Some("road") => Ok(Distance::Road),
        Some("great-circle") => Ok(Distance::GreatCircle),
        Some(other) => {
            Err(row
                .fault(format!("distance_source is '{other}'; road, great-circle or nothing was expected")))
        }
    }
}

/// Changes of capacity on the way: a file that this program writes and Flee passes over.
fn capacities(
    table: &Table,
    places: &BTreeMap<&str, usize>,
    locations: &[Location],
    hasten: u64,
    notes: &mut Vec<String>,
) -> Result<Vec<CapacityChange>, MovementError> {
    unfollowed::CAPACITIES.tell(table, notes);
    let mut changes = Vec::new();
    for row in table.rows() {
        let (place, day) = (row.place(0, places)?, row.whole(1, "the day")?);
        if !locations[place].kind.is_camp() {
            return Err(row.fault(format!("{} is no camp; a camp was expected", row.get(0))));
        }
        let Ok(day) = u32::try_from(day) else {
            return Err(row.fault(format!("day {day}; a day from 0 was expected")));
        };
        changes.push(CapacityChange { place, day, capacity: row.count(2, MOST_PEOPLE)? / hasten });
    }
    Ok(changes)
}

fn period(table: &Table, notes: &mut Vec<String>) -> Result<(Date, u32), MovementError> {
    unfollowed::PERIOD.tell(table, notes);
    let (mut start, mut length) = (None, None);
    for row in table.rows() {
        match row.get(0).to_lowercase().as_str() {
            "startdate" => start = Some(row.date(1)?),
            "length" => {
                let days = row.whole(1, "the length in days")?;
                let most = i64::from(Instance::MOST_DAYS);
                if !(1..=most).contains(&days) {
                    return Err(row.fault(format!("Length is {days}; days from 1 to {most} were expected")));
                }
                length = Some(days as u32);
            }
            _ => notes.push(format!(
                "{}: line {}: `{}` is not followed: StartDate and Length are read",
                table.file,
                row.line,
                row.get(0)
            )),
        }
    }
    match (start, length) {
        (Some(start), Some(length)) => Ok((start, length)),
        (None, _) => {
            Err(MovementError::file(&table.file, "no StartDate; a line 'StartDate,2012-02-29' was expected"))
        }
        (_, None) => Err(MovementError::file(&table.file, "no Length; a line 'Length,300' was expected")),
    }
}

fn closures(
    table: &Table,
    places: &BTreeMap<&str, usize>,
    locations: &[Location],
    notes: &mut Vec<String>,
) -> Result<Vec<Closure>, MovementError> {
    unfollowed::CLOSURES.tell(table, notes);
    let countries: BTreeSet<&str> = locations.iter().map(|l| l.country.as_str()).collect();
    let mut closures = Vec::new();
    for row in table.rows() {
        let country = |column| {
            let name = row.get(column);
            if countries.contains(name) { Ok(name.to_owned()) } else { Err(name.to_owned()) }
        };
        let what = match row.get(0) {
            "country" => match (country(1), country(2)) {
                (Ok(one), Ok(two)) => Closes::Border(one, two),
                (Err(name), _) | (_, Err(name)) => {
                    notes.push(format!(
                        "{}: line {}: no place lies in '{name}', so this closure closes nothing",
                        table.file, row.line
                    ));
                    continue;
                }
            },
            "location" => Closes::Place(row.place(1, places)?),
            "link" => Closes::Link(row.place(1, places)?, row.place(2, places)?),
            "camp" => Closes::Camp(row.place(1, places)?),
            "idpcamp" => Closes::IdpCamp(row.place(1, places)?),
            "remove_forced_redirection" => match (row.place(1, places), row.place(2, places)) {
                (Ok(one), Ok(two)) => Closes::ForcedRedirection(one, two),
                _ => {
                    notes.push(format!(
                        "{}: line {}: no redirection from {} to {}, so nothing is removed",
                        table.file,
                        row.line,
                        row.get(1),
                        row.get(2)
                    ));
                    continue;
                }
            },
            other => {
                return Err(row.fault(format!(
                    "closure_type is '{other}'; one of country, location, link, camp, idpcamp, \
                     remove_forced_redirection was expected"
                )));
            }
        };
        let (start, end) = (row.whole(3, "the first day")?, row.whole(4, "the last day")?);
        if end >= 0 && end < start {
            return Err(row.fault(format!(
                "closed from day {start} until day {end}; an end after the start, or −1 for ever, was expected"
            )));
        }
        closures.push(Closure { what, start, end: (end >= 0).then_some(end) });
    }
    Ok(closures)
}

fn conflicts(
    table: &Table,
    places: &BTreeMap<&str, usize>,
    days: u32,
    notes: &mut Vec<String>,
) -> Result<Vec<Option<Vec<f64>>>, MovementError> {
    unfollowed::CONFLICTS.tell_nameless(table, notes);
    let mut conflicts = vec![None; places.len()];
    let header = table.header();
    let mut columns = Vec::new();
    for (column, name) in header.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
        match places.get(name.as_str()) {
            Some(place) => {
                conflicts[*place] = Some(Vec::with_capacity(days as usize));
                columns.push((column, *place));
            }
            None => notes.push(format!(
                "{}: line {}: column `{name}` is not followed: no place has this name, and it is passed over",
                table.file,
                table.header_line()
            )),
        }
    }
    let mut expected = 0;
    for row in table.rows() {
        let day = row.whole(0, "the day")?;
        if day != i64::from(expected) {
            return Err(
                row.fault(format!("day {day}; day {expected} was expected: a row for each day, from 0"))
            );
        }
        expected += 1;
        if expected > days {
            continue;
        }
        for (column, place) in &columns {
            let value = row.number(*column, "the intensity of a conflict")?;
            if !(0.0..=1.0).contains(&value) {
                return Err(row.fault(format!("intensity is {value}; a number from 0 to 1 was expected")));
            }
            if let Some(series) = &mut conflicts[*place] {
                series.push(value);
            }
        }
    }
    if expected < days {
        return Err(MovementError::file(
            &table.file,
            format!("ends at day {}; rows up to day {} were expected", i64::from(expected) - 1, days - 1),
        ));
    }
    Ok(conflicts)
}

type Registrations = (Option<Series>, Vec<Registered>, Vec<Series>);

fn registrations(
    source: &Path,
    layout: Option<&Table>,
    start: Date,
    places: &BTreeMap<&str, usize>,
    settings: &Settings,
    known: Option<i64>,
    notes: &mut Vec<String>,
) -> Result<Registrations, MovementError> {
    let Some(layout) = layout else {
        notes.push("no source_data/data_layout.csv: nothing to compare with".to_owned());
        return Ok((None, Vec::new(), Vec::new()));
    };
    let add = |one: Series, two: &Series| match settings.compat {
        Compat::Rules => one.plus(two),
        Compat::Flee => one.plus_as_flee(two),
    };
    let (mut total, mut registered, mut elsewhere): Registrations = (None, Vec::new(), Vec::new());
    for row in layout.rows() {
        let name = row.text(0, "the name of a camp, or total")?;
        let mut series: Option<Series> = None;
        for column in 1..row.len() {
            let file = row.get(column);
            if file.is_empty() {
                continue;
            }
            if Path::new(file).components().count() != 1 || file.starts_with('.') {
                return Err(
                    row.fault(format!("'{file}'; the name of a file in the same folder was expected"))
                );
            }
            let read = counts(&Table::read(&source.join(file))?, start, settings, known, notes)?;
            series = Some(match series {
                None => read,
                Some(before) => add(before, &read),
            });
        }
        let Some(series) = series else {
            return Err(row.fault(format!("no file for {name}; at least one was expected")));
        };
        if name == "total" || (total.is_none() && registered.is_empty() && !places.contains_key(name)) {
            total = Some(series);
            continue;
        }
        let Ok(place) = row.place(0, places) else {
            notes.push(format!(
                "data_layout.csv: line {}: {name} is no place of locations.csv; its registrations are {}",
                row.line,
                match settings.compat {
                    Compat::Rules => "passed over",
                    Compat::Flee => "part of the total alone",
                }
            ));
            elsewhere.push(series);
            continue;
        };
        match registered.iter_mut().find(|r| r.place == place) {
            Some(before) => before.series = add(before.series.clone(), &series),
            None => registered.push(Registered { place, series }),
        }
    }
    Ok((total, registered, elsewhere))
}

/// The counts of a file. Dates that do not rise are put in order and reported, or left as they are for Flee.
fn counts(
    table: &Table,
    start: Date,
    settings: &Settings,
    known: Option<i64>,
    notes: &mut Vec<String>,
) -> Result<Series, MovementError> {
    let mut points: Vec<(i64, f64)> = Vec::new();
    let mut latest = i64::MIN;
    let mut disorder: Option<(usize, String, usize)> = None;
    for (number, row) in table.rows().enumerate() {
        if row.len() < 2 || row.get(1).is_empty() {
            continue;
        }
        if number == 0 && matches!(row.get(0), "Date" | "DateTime" | "date") {
            continue;
        }
        let day = i64::from((row.date(0)? - start).get_days());
        let count = row.count(1, MOST_PEOPLE)? as f64 / settings.hasten as f64;
        if day <= latest && points.last() != Some(&(day, count)) {
            disorder.get_or_insert((row.line, row.get(0).to_owned(), 0)).2 += 1;
        }
        latest = latest.max(day);
        points.push((day, count));
    }
    if points.is_empty() {
        return Err(MovementError::file(
            &table.file,
            "holds no counts; lines of date and count were expected",
        ));
    }
    if let Some((line, date, rows)) = disorder {
        let done = match settings.compat {
            Compat::Rules => "counts are put in order, the last of a date is taken",
            Compat::Flee => "counts are looked up in the order given, as Flee does",
        };
        notes.push(format!(
            "{}: line {line}: {date} does not come after the dates before it ({rows} such lines); {done}",
            table.file
        ));
    }
    points.retain(|(day, _)| known.is_none_or(|known| *day <= known));
    if settings.compat == Compat::Rules {
        points.reverse();
        points.sort_by_key(|(day, _)| *day);
        points.dedup_by_key(|(day, _)| *day);
    }
    Series::as_given(points).ok_or_else(|| MovementError::file(&table.file, "counts that cannot be used"))
}

fn corrections(
    table: &Table,
    start: Date,
    places: &BTreeMap<&str, usize>,
    known: Option<i64>,
    registered: &mut [Registered],
    notes: &mut Vec<String>,
) -> Result<(), MovementError> {
    unfollowed::CORRECTIONS.tell(table, notes);
    for row in table.rows() {
        if row.len() < 2 {
            continue;
        }
        let place = row.place(0, places)?;
        let day = i64::from((row.date(1)? - start).get_days());
        if known.is_some_and(|known| day > known) {
            continue;
        }
        let Some(series) = registered.iter_mut().find(|r| r.place == place) else {
            return Err(row.fault(format!("{} has no registrations to correct", row.get(0))));
        };
        if !series.series.correct(day) {
            notes.push(format!(
                "{}: line {}: {} has no count at {} with a count before it; nothing is corrected",
                table.file,
                row.line,
                row.get(0),
                row.get(1)
            ));
        }
    }
    Ok(())
}
