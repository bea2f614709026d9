//! What is counted: one series at one level, on files that say the same people more than once.
//!
//! Expected figures are the publishers', as in the files and in the notes beside them.

use std::path::PathBuf;

use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Interval, Lang};
use wegen_publication::{
    Cell, FigureId, Table, Value, compute,
    conditions::{Month, Read, assess_month, default_method},
};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

/// A ledger of its own.
struct Held {
    ledger: Ledger,
    edition: Edition,
    _folder: tempfile::TempDir,
}

/// A ledger with these files of a source alone, each its bytes under its name.
fn with(source: &str, files: &[(&str, Vec<u8>)]) -> Held {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    for (name, bytes) in files {
        let file = wegen_sources::File::new(*name, bytes.clone());
        let at = "2026-11-24T12:00:00Z".parse().unwrap();
        ledger.add(wegen_sources::draft(source, vec![file], name, at).unwrap()).unwrap();
    }
    let edition = ledger.edition(None).unwrap();
    Held { ledger, edition, _folder: folder }
}

/// Likewise with files of the shared data folder; `None` where that is absent.
fn held(source: &str, paths: &[&str]) -> Option<Held> {
    if !PathBuf::from(DATA).is_dir() {
        eprintln!("skipped: there is no {DATA}");
        return None;
    }
    let read = |path: &str| std::fs::read(PathBuf::from(DATA).join(path)).unwrap();
    let files: Vec<(&str, Vec<u8>)> =
        paths.iter().map(|path| (path.rsplit('/').next().unwrap(), read(path))).collect();
    Some(with(source, &files))
}

impl Held {
    /// The displaced people in an area of the first level, as the built-in method reads them.
    fn displaced(&self, country: &str, place: &str, month: &str) -> Read {
        let method = default_method();
        let leaf = method.leaves().position(|l| l.indicator == "idps-tracked").unwrap();
        let month = Month::parse(month).unwrap();
        let evidence = self.ledger.evidence(&self.edition);
        let national = assess_month(evidence, code(country), 1, Some(month), method).unwrap();
        let area = national.areas.iter().find(|a| a.place.code == code(place));
        area.unwrap_or_else(|| panic!("no area {place}")).reads[leaf].clone()
    }

    fn people(&self, country: &str, place: &str, month: &str) -> Option<(f64, f64)> {
        self.displaced(country, place, month).cell.bounds.map(|Interval { low, high }| (low, high))
    }

    fn table(&self, figure: &str) -> Table {
        let id = FigureId::parse(figure).unwrap();
        match compute(self.ledger.evidence(&self.edition), &id, Lang::En).unwrap().value {
            Value::Table(table) => table,
            Value::Number(_) => panic!("{figure} is no table"),
        }
    }
}

fn cell<'t>(table: &'t Table, row: &str, column: &str) -> &'t Cell {
    let at = table.columns.iter().position(|(key, _)| key == column).unwrap();
    &table.rows.iter().find(|r| r.key == row).unwrap_or_else(|| panic!("no row {row}")).cells[at]
}

const DTM: &str = "operation,admin0Pcode,admin1Pcode,admin2Pcode,numPresentIdpInd,reportingDate,roundNumber,assessmentType,\
                   displacementReason\n";

fn dtm(rows: &[&str]) -> Held {
    with("iom-dtm", &[("dtm.csv", format!("{DTM}{}\n", rows.join("\n")).into_bytes())])
}

fn one(people: f64) -> Option<(f64, f64)> {
    Some((people, people))
}

#[test]
fn a_round_under_two_kinds_of_assessment_is_counted_once() {
    let Some(lac) = held("iom-dtm", &["cases/turn-2/04-dtm-two-assessments/dtm_tcd_2017-09-30.csv"]) else {
        return;
    };
    let read = lac.displaced("TCD", "TD07", "2017-10");
    assert_eq!(read.cell.bounds.map(|b| (b.low, b.high)), one(147_032.0));
    // Three departments and the region itself, of both assessments.
    assert_eq!(read.records.len(), 8);
}

#[test]
fn rounds_of_real_operations_are_as_published() {
    let path = "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz";
    let Some(all) = held("iom-dtm", &[path]) else { return };
    for (country, area, month, low, high) in [
        ("TCD", "TD07", "2017-10", 147_032.0, 147_032.0),
        // The two assessments differ: 124,371 by site and 124,788 by baseline.
        ("TCD", "TD07", "2018-08", 124_371.0, 124_788.0),
        ("TCD", "TD07", "2018-12", 126_313.0, 126_313.0),
        ("TCD", "TD07", "2019-10", 169_003.0, 169_003.0),
        ("HTI", "HT01", "2025-06", 413_216.0, 413_216.0),
        ("AFG", "AF01", "2022-12", 1_059_573.0, 1_059_573.0),
    ] {
        assert_eq!(all.people(country, area, month), Some((low, high)), "{area} {month}");
    }
}

#[test]
fn first_level_codes_of_five_characters_are_of_the_first_level() {
    let Some(niger) = held("iom-dtm", &["cases/turn-2/05-dtm-pcode-length/dtm_ner.csv"]) else { return };
    assert_eq!(niger.people("NER", "NE002", "2024-07"), one(1_000.0));
    let nigeria = dtm(&[
        "Op,NGA,NG008,,1000,2024-06-30,3,BA,",
        "Op,NGA,NG008,NG008001,600,2024-06-30,3,BA,",
        "Op,NGA,NG008,NG008002,400,2024-06-30,3,BA,",
    ]);
    assert_eq!(nigeria.people("NGA", "NG008", "2024-07"), one(1_000.0));
}

#[test]
fn an_area_has_its_own_number_where_none_is_deeper() {
    let Some(sudan) = held("iom-dtm", &["cases/turn-2/05-dtm-pcode-length/dtm_adm1_only.csv"]) else {
        return;
    };
    assert_eq!(sudan.people("SDN", "SD02", "2024-07"), one(1_000.0));
}

#[test]
fn reasons_add_up_and_operations_rounds_and_assessments_do_not() {
    let row = |operation: &str, people: u32, round: u32, kind: &str, reason: &str| {
        format!("{operation},NER,NE002,NE002001,{people},2024-06-30,{round},{kind},{reason}")
    };
    let of = |rows: &[String]| {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        dtm(&rows).people("NER", "NE002", "2024-07")
    };
    let reasons = [row("A", 70, 1, "BA", "Conflict"), row("A", 30, 1, "BA", "Disaster")];
    assert_eq!(of(&reasons), one(100.0));
    for another in [
        row("B", 80, 1, "BA", "Conflict"),
        row("A", 80, 2, "BA", "Conflict"),
        row("A", 80, 1, "SA", "Conflict"),
    ] {
        let [a, b] = reasons.clone();
        assert_eq!(of(&[a, b, another.clone()]), Some((80.0, 100.0)), "{another}");
    }
}

#[test]
fn deeper_rows_of_a_part_leave_the_whole_as_a_bound() {
    let part = dtm(&["Op,NER,NE002,,1000,2024-06-30,3,BA,", "Op,NER,NE002,NE002001,600,2024-06-30,3,BA,"]);
    assert_eq!(part.people("NER", "NE002", "2024-07"), Some((600.0, 1_000.0)));
    // A deeper row of an area beside does not touch it.
    let beside = dtm(&["Op,NER,NE002,,1000,2024-06-30,3,BA,", "Op,NER,NE001,NE001001,600,2024-06-30,3,BA,"]);
    assert_eq!(beside.people("NER", "NE002", "2024-07"), one(1_000.0));
    assert_eq!(beside.people("NER", "NE001", "2024-07"), one(600.0));
}

/// SOURCE.md of `hno-subnational`: the national row of Sudan 2025 says 30,440,770.
#[test]
fn people_in_need_of_a_country_are_the_row_for_everybody() {
    let Some(held) = held("ocha-hno", &["hno-subnational/hpc_hno_2025_focus.csv.gz"]) else { return };
    let table = held.table("people-in-need@country=SDN,year=2025");
    let all = cell(&table, "Final caseload", "people-in-need");
    assert_eq!((all.value, all.bounds, all.records.len()), (Some(30_440_770.0), None, 1));
    // The row without a category says 20,270,923, the one with `total` 20,270,955.
    assert_eq!(cell(&table, "Health", "people-in-need").value, Some(20_270_923.0));
    for (country, level, areas, people) in
        [("SDN", 2, 188, 30_440_769.0), ("YEM", 2, 333, 19_540_215.0), ("TCD", 1, 23, 7_049_225.0)]
    {
        by_area(&held, country, 2025, Some(level), areas, people);
    }
    // The finest level where none is given.
    by_area(&held, "TCD", 2025, None, 70, 7_049_226.0);
    // Of the 351 communes 35 have no figure: `csv.DictReader` over the file.
    by_area(&held, "BFA", 2025, None, 316, 5_915_136.0);
}

#[test]
fn people_in_need_by_area_are_those_of_2024_as_well() {
    let Some(held) = held("ocha-hno", &["hno-subnational/hpc_hno_2024_focus.csv.gz"]) else { return };
    by_area(&held, "SYR", 2024, Some(3), 270, 16_661_474.0);
    by_area(&held, "SDN", 2024, Some(2), 189, 24_786_370.0);
    by_area(&held, "BFA", 2024, Some(3), 351, 6_293_946.0);
}

fn by_area(held: &Held, country: &str, year: i32, level: Option<u8>, areas: usize, people: f64) {
    let level = level.map_or(String::new(), |l| format!(",level={l}"));
    let table = held.table(&format!("people-in-need-by-area@country={country},year={year}{level}"));
    let values: Vec<f64> = table.rows.iter().filter_map(|r| r.cells[0].value).collect();
    assert_eq!((values.len(), values.iter().sum::<f64>().round()), (areas, people), "{country} {year}");
    assert!(table.rows.iter().all(|r| r.cells[0].bounds.is_none()
        && r.cells[0].records.len() == usize::from(r.cells[0].value.is_some())));
}

#[test]
fn two_rows_for_everybody_that_differ_are_bounds_and_no_sum() {
    let table =
        "Country ISO3,Admin 1 PCode,Description,Cluster,Category,Population,In Need,Targeted,Affected\n";
    let rows = "SDN,,Caseload,ALL,,,90,50,\nSDN,,Caseload,ALL,,,80,50,\nSDN,,Caseload,ALL,total,,70,50,\n\
                SDN,,Caseload,ALL,Children,,40,20,\nSDN,SD01,Caseload,ALL,total,,30,20,\n";
    let held = with("ocha-hno", &[("hno_2025.csv", format!("{table}{rows}").into_bytes())]);
    let table = held.table("people-in-need@country=SDN");
    let need = cell(&table, "Caseload", "people-in-need");
    assert_eq!((need.value, need.bounds, need.records.len()), (Some(80.0), Some((80.0, 90.0)), 2));
    assert_eq!(cell(&table, "Caseload", "people-targeted").value, Some(50.0));
    assert_eq!(
        cell(&held.table("people-in-need-by-area@country=SDN"), "SD01", "people-in-need").value,
        Some(30.0)
    );
}
