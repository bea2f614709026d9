//! Deaths per 100,000 people of an area: over the people of the area where they are held, and from below alone where
//! they are not.
//!
//! People are those of the US Census Bureau, as in its file: Idlib 1,445,000 in 2016 and 1,258,427 in 2004.

use std::{io::Read, path::PathBuf};

use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Interval};
use wegen_publication::conditions::{Assessed, Month, National, assess_month, default_method};

const FILE: &str = "uscb-syria-population/uscb_syria_population_2004_2016.csv.gz";
const SOURCE: &str = "uscb-syria-population";

/// The starter evidence without its people of Syria by area, and with those of `file` where it is given.
struct Held {
    ledger: Ledger,
    edition: Edition,
    _folder: tempfile::TempDir,
}

fn starter(file: Option<String>) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    if let Some(text) = file {
        let file = wegen_sources::File::new("people.csv", text);
        let at = "2026-11-24T12:00:00Z".parse().unwrap();
        ledger.add(wegen_sources::draft(SOURCE, vec![file], "people.csv", at).unwrap()).unwrap();
    }
    let mut snapshots = ledger.edition(None).unwrap().snapshots;
    snapshots.retain(|s| s.source != SOURCE || s.parser != "data package");
    Held { ledger, edition: Edition::new(None, snapshots), _folder: folder }
}

/// The lines of the file that are kept, under its header; `None` where the shared folder is absent.
fn people(keep: impl Fn(&str) -> bool) -> Option<String> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(FILE);
    if !path.is_file() {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    }
    let unpacked =
        wegen_sources::unpack(&wegen_sources::File::new(FILE, std::fs::read(path).unwrap())).unwrap();
    let mut text = String::new();
    unpacked[0].reader().read_to_string(&mut text).unwrap();
    let kept = text.lines().enumerate().filter(|(i, line)| *i == 0 || keep(line)).map(|(_, line)| line);
    Some(kept.collect::<Vec<_>>().join("\n") + "\n")
}

impl Held {
    fn syria(&self, month: &str) -> National {
        let evidence = self.ledger.evidence(&self.edition);
        let month = Month::parse(month);
        assess_month(evidence, Code::new("SYR").unwrap(), 1, month, default_method()).unwrap()
    }
}

fn area<'n>(national: &'n National, code: &str) -> &'n Assessed {
    national.areas.iter().find(|a| a.place.code.as_str() == code).unwrap()
}

fn bounds(area: &Assessed, leaf: &str) -> Interval {
    let method = default_method();
    let at = method.leaves.iter().position(|l| method.nodes[*l].id == leaf).unwrap();
    area.reads[at].cell.bounds.unwrap()
}

fn records_of(area: &Assessed, held: &Held, leaf: &str, source: &str) -> usize {
    let method = default_method();
    let at = method.leaves.iter().position(|l| method.nodes[*l].id == leaf).unwrap();
    let of: Vec<_> = held.edition.of(source).iter().map(|s| s.id).collect();
    area.reads[at].records.iter().filter(|r| of.contains(&r.snapshot)).count()
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= expected.abs() * 1e-12
}

#[test]
fn the_people_of_the_area_are_what_deaths_are_set_against() {
    let Some(file) = people(|_| true) else { return };
    let held = starter(Some(file));
    // The year itself, the last one before, and 2016 for all that follow.
    for (month, people) in [("2016-12", 1_445_000.0), ("2018-12", 1_445_000.0)] {
        let syria = held.syria(month);
        let idlib = area(&syria, "SY07");
        let (deaths, rate) = (bounds(idlib, "violence.deaths-12"), bounds(idlib, "violence.rate-12"));
        assert!(deaths.low > 0.0 && rate.high.is_finite());
        assert!(near(rate.low, deaths.low / people * 100_000.0), "{month}: {rate:?}");
        assert!(near(rate.high, deaths.high / people * 100_000.0), "{month}: {rate:?}");
        assert_eq!(records_of(idlib, &held, "violence.rate-12", SOURCE), 1);
    }
}

#[test]
fn without_the_people_of_the_area_a_rate_is_known_from_below_alone() {
    let held = starter(None);
    let syria = held.syria("2018-12");
    for area in &syria.areas {
        let (deaths, rate) = (bounds(area, "violence.deaths-12"), bounds(area, "violence.rate-12"));
        assert_eq!(rate.high, if deaths.high > 0.0 { f64::INFINITY } else { 0.0 }, "{}", area.place.code);
        assert_eq!(rate.low > 0.0, deaths.low > 0.0, "{}", area.place.code);
    }
}

#[test]
fn an_area_has_the_people_of_its_parts_where_all_of_them_are_held() {
    let Some(file) = people(|line| line.starts_with("3,")) else { return };
    let held = starter(Some(file));
    let syria = held.syria("2018-12");
    let idlib = area(&syria, "SY07");
    let (deaths, rate) = (bounds(idlib, "violence.deaths-12"), bounds(idlib, "violence.rate-12"));
    assert!(near(rate.high, deaths.high / 1_258_427.0 * 100_000.0), "{rate:?}");
    // Two subdistricts of Quneitra have no figure, so that nobody knows its people.
    let quneitra = area(&syria, "SY14");
    assert!(bounds(quneitra, "violence.rate-12").high.is_infinite());
    assert_eq!(records_of(quneitra, &held, "violence.rate-12", SOURCE), 0);
}
