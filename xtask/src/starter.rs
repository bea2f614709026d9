//! The starter evidence: publishers' files through the project's own parsers, narrowed and regrouped.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use geo::{LineString, Simplify};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wegen_ledger::{Draft, Format, Layout, Ledger, Origin, Part};
use wegen_model::{Area, Code, Coverage, Declared, Event, Incident, Locator, Record, countries};
use wegen_sources::File;

use crate::Outcome;

/// At most this much, all files together.
const LIMIT: u64 = 8 << 20;

/// Degrees within which a boundary may move when it is simplified: a pixel or so on a page-wide map of countries, or of
/// a country’s areas.
const TOLERANCE: f64 = 0.02;
const TOLERANCE_OF_AREAS: f64 = 0.004;

/// How the description of what is narrowed to these countries begins.
const FOCUS: &str = "countries of the focus regions";

#[derive(Deserialize)]
struct Origins {
    file: Vec<Entry>,
    folder: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    path: String,
    source: String,
    recorded: Date,
    published: Option<Date>,
    years: Option<(i32, i32)>,
    /// What the file covers, as `--covers` reads it; of what is narrowed to the focus regions, within those.
    covers: Option<String>,
    obtained_from: String,
    /// Made by the program itself: the path is one of the project.
    #[serde(default)]
    own: bool,
}

/// Makes the package in `to` from the files in `from`.
pub(crate) fn make(from: &Path, to: &Path) -> Outcome {
    let origins: Origins = toml::from_str(&fs::read_to_string(root().join("starter/origins.toml"))?)?;
    let work = tempfile::tempdir()?;
    let mut ledger = Ledger::open(work.path())?;
    for entry in &origins.file {
        let draft = draft(entry, &[from.join(&entry.path)])?;
        ledger.add(draft)?;
    }
    for entry in &origins.folder {
        let mut files: Vec<_> = fs::read_dir(if entry.own { root() } else { from }.join(&entry.path))?
            .map(|f| f.map(|f| f.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
        ledger.add(draft(entry, &files)?)?;
    }
    let report = ledger.export(&ledger.edition(None)?, to, Format::CsvGz)?;
    if let Some((id, why)) = report.withheld.first() {
        return Err(format!("{id}: {why}").into());
    }
    let mut total = 0;
    for (file, rows) in &report.written {
        let bytes = fs::metadata(to.join(file))?.len();
        total += bytes;
        eprintln!("{bytes:>9} bytes {rows:>8} rows  {file}");
    }
    eprintln!("{total:>9} bytes in all");
    if total > LIMIT {
        return Err(format!("{total} bytes are more than {LIMIT}").into());
    }
    Ok(())
}

/// The workspace's folder, wherever the chore is started.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn draft(entry: &Entry, paths: &[std::path::PathBuf]) -> Result<Draft, Box<dyn std::error::Error>> {
    let mut files = Vec::new();
    let mut origins = Vec::new();
    for path in paths {
        let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let sha256: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        origins.push(Origin {
            name: name.clone(),
            sha256,
            obtained_from: entry.obtained_from.clone(),
            changes: String::new(),
        });
        files.push(File::new(name, bytes));
    }
    let recorded: Timestamp = format!("{}T00:00:00Z", entry.recorded).parse()?;
    let mut draft = wegen_sources::draft(&entry.source, files, &entry.path, recorded)?;
    let (records, changes) = narrow(draft.records.to_vec()?, entry);
    let regrouped = records.iter().any(|r| matches!(r, Record::Incident(_) | Record::Event(_)));
    for origin in &mut origins {
        origin.changes = changes.to_owned();
    }
    if regrouped {
        draft.layout = Layout::default();
    }
    draft.coverage = match &entry.covers {
        None => Coverage::rows(),
        Some(covers) => {
            let stated: Coverage = covers.parse().map_err(|e| format!("{}: covers: {e}", entry.path))?;
            let countries = stated.countries.or_else(|| {
                changes.starts_with(FOCUS).then(|| countries().focus().map(|c| c.iso3).collect())
            });
            Coverage { declared: Declared::Package, countries, ..stated }
        }
    };
    let json = serde_json::to_vec(&origins)?;
    Ok(Draft {
        recorded: Some(recorded),
        published: entry.published,
        parser: "starter".into(),
        parts: vec![
            Part::new("origins.json", json),
            Part::new("years", format!("{:?}", entry.years).into_bytes()),
        ],
        origins,
        records: records.into(),
        ..draft
    })
}

/// What of a source the starter evidence holds, and what that is called.
fn narrow(records: Vec<Record>, entry: &Entry) -> (Vec<Record>, &'static str) {
    let focus: Vec<Code> = countries().focus().map(|c| c.iso3).collect();
    let in_focus = |place: Code| focus.contains(&place);
    match entry.source.as_str() {
        "iom-missing-migrants" => {
            let incidents = records.into_iter().filter_map(|r| match r {
                Record::Incident(i) if entry.years.is_none_or(|(a, b)| (a..=b).contains(&i.year)) => Some(i),
                _ => None,
            });
            (
                incidents_by_group(incidents),
                "counted by month, route, country of incident and of origin, cause group, sea or land, and H3 cell",
            )
        }
        "ucdp-ged" => {
            let events = records.into_iter().filter_map(|r| match r {
                Record::Event(e) if in_focus(e.place) => Some(e),
                _ => None,
            });
            (
                events_by_group(events),
                "countries of the focus regions; counted by first-order division, type of violence and year",
            )
        }
        "naturalearth-countries" | "naturalearth-admin1" => {
            let simple = |r| simplified(r, TOLERANCE, 100.0);
            (records.into_iter().map(simple).collect(), "simplified, two decimals kept")
        }
        "ocha-cod-ab" => {
            let simple = |r| simplified(r, TOLERANCE_OF_AREAS, 1000.0);
            (records.into_iter().map(simple).collect(), "simplified, three decimals kept")
        }
        "ocha-pcodes" => {
            let kept = |r: &Record| matches!(r, Record::Area(a) if in_focus(a.country));
            (records.into_iter().filter(kept).collect(), "countries of the focus regions")
        }
        "wegen-simulation" => (records, "as written"),
        "inform-risk" => {
            let kept = |r: &Record| match r {
                Record::Observation(o) => in_focus(o.place) && o.indicator.as_str() != "inform-indicator",
                _ => false,
            };
            (
                records.into_iter().filter(kept).collect(),
                "countries of the focus regions; the index, its components and five named indicators",
            )
        }
        _ => {
            let kept = |r: &Record| match r {
                Record::Observation(o) => {
                    countries().of_place(o.place).is_some_and(in_focus)
                        && o.indicator.as_str() != "world-bank-other"
                }
                _ => false,
            };
            (records.into_iter().filter(kept).collect(), "countries of the focus regions")
        }
    }
}

/// Counts that add up to the rows they stand for; what no row of a group reports stays unreported.
fn incidents_by_group(incidents: impl Iterator<Item = Incident>) -> Vec<Record> {
    let mut groups: BTreeMap<_, Incident> = BTreeMap::new();
    for incident in incidents {
        let incident = Incident {
            period: incident.period.map(|p| p.to_month()),
            locator: Locator::default(),
            // A group is no incident of the publisher's.
            id: None,
            ..incident
        };
        let i = &incident;
        // Whether a count is reported is part of the group, so that unknown and zero stay apart.
        let reported = (i.dead.is_some(), i.missing.is_some(), i.total.is_some());
        let key =
            (i.year, i.period, i.place, i.route.clone(), i.origin, i.cause, i.setting, i.cell, reported);
        groups
            .entry(key)
            .and_modify(|held| {
                // Counts are minima: a row that leaves a number open adds nothing, and takes nothing away.
                held.dead = [held.dead, incident.dead].into_iter().flatten().reduce(|a, b| a + b);
                held.missing = [held.missing, incident.missing].into_iter().flatten().reduce(|a, b| a + b);
                held.total = [held.total, incident.total].into_iter().flatten().reduce(|a, b| a + b);
                held.incidents += incident.incidents;
            })
            .or_insert(incident);
    }
    groups.into_values().map(Record::Incident).collect()
}

fn events_by_group(events: impl Iterator<Item = Event>) -> Vec<Record> {
    let mut groups: BTreeMap<_, Event> = BTreeMap::new();
    for event in events {
        let year = wegen_model::Period::of_year(event.period.year() as i16).unwrap_or(event.period);
        // Precision is kept as: a place or division is known (1), or only the country (6).
        let precision = if event.area.is_some() { 1 } else { 6 };
        let event = Event { id: None, period: year, precision, locator: Locator::default(), ..event };
        groups
            .entry((event.place, event.period, event.area.clone(), event.violence))
            .and_modify(|held| {
                held.best += event.best;
                held.low += event.low;
                held.high += event.high;
                held.civilians += event.civilians;
                held.events += event.events;
            })
            .or_insert(event);
    }
    groups.into_values().map(Record::Event).collect()
}

fn simplified(record: Record, tolerance: f64, per_degree: f64) -> Record {
    let Record::Area(area) = record else { return record };
    let ring = |ring: &Vec<[f64; 2]>| -> Option<Vec<[f64; 2]>> {
        let line: LineString = ring.iter().map(|p| (p[0], p[1])).collect();
        let round = |x: f64| (x * per_degree).round() / per_degree;
        let mut points: Vec<[f64; 2]> =
            line.simplify(tolerance).0.iter().map(|c| [round(c.x), round(c.y)]).collect();
        points.dedup();
        (points.len() >= 4).then_some(points)
    };
    let polygons =
        area.shape.iter().flat_map(|s| s.iter()).map(|p| p.iter().filter_map(ring).collect::<Vec<_>>());
    let shape: Vec<Vec<Vec<[f64; 2]>>> = polygons.filter(|p| !p.is_empty()).collect();
    Record::Area(Area { shape: (!shape.is_empty()).then(|| Arc::new(shape)), ..area })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_rebuild_gives_what_is_committed() {
        let from = root().join("../shared/data");
        if !from.exists() {
            eprintln!("skipped: the publishers' files are not at hand");
            return;
        }
        let out = tempfile::tempdir().unwrap();
        let package = out.path().join("package");
        make(&from, &package).unwrap();
        let files = |folder: &Path| -> BTreeMap<String, Vec<u8>> {
            let read = fs::read_dir(folder).unwrap().flatten();
            read.map(|f| (f.file_name().to_string_lossy().into_owned(), fs::read(f.path()).unwrap()))
                .collect()
        };
        let (made, committed) = (files(&package), files(&root().join("starter/package")));
        assert_eq!(made.keys().collect::<Vec<_>>(), committed.keys().collect::<Vec<_>>());
        for (name, bytes) in made {
            assert!(
                bytes == committed[&name],
                "`{name}` differs: run `cargo xtask starter --from ../shared/data`"
            );
        }
    }

    #[test]
    fn the_package_is_small_and_says_where_each_row_came_from() {
        let package = root().join("starter/package");
        let total: u64 = fs::read_dir(&package).unwrap().flatten().map(|f| f.metadata().unwrap().len()).sum();
        assert!(total <= LIMIT, "{total} bytes");
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(package.join("datapackage.json")).unwrap()).unwrap();
        for resource in json["resources"].as_array().unwrap() {
            let snapshot = &resource["wegen"]["snapshot"];
            let origin = &snapshot["origins"][0];
            assert_eq!(origin["sha256"].as_str().unwrap().len(), 64);
            // Nothing whose rows may not be passed on is in it.
            assert_eq!(snapshot["licence"]["sharing"], "rows");
        }
    }
}
