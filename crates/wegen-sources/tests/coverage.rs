//! What files cover, on the publishers' own: parts answer like the whole, in whatever order they come.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{collections::BTreeMap, path::PathBuf};

use jiff::Timestamp;
use wegen_ledger::{Draft, Ledger, RecordFilter};
use wegen_model::{Record, RecordKind, sources};
use wegen_sources::{File, draft, unpack};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// A file of each source that a person can import, with a name that says nothing of what it covers.
const FILES: [(&str, &str); 27] = [
    ("unhcr-population", "unhcr-population/population.csv.gz"),
    ("unhcr-asylum-applications", "unhcr-population/asylum_applications.csv.gz"),
    ("unhcr-asylum-decisions", "unhcr-population/asylum_decisions.csv.gz"),
    ("unhcr-solutions", "unhcr-population/solutions.csv.gz"),
    ("idmc", "unhcr-population/idmc.csv.gz"),
    ("idmc", "idmc/idmc_flows_2008-2023.csv.gz"),
    ("unrwa", "unhcr-population/unrwa.csv.gz"),
    ("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz"),
    ("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_gdidata_2014-2025-04.csv.gz"),
    ("ucdp-country-year", "ucdp/organizedviolencecy_v25_1_1989-2024.csv.gz"),
    ("ucdp-ged", "ucdp/ged191_syria_2016-2019.csv.gz"),
    ("ucdp-ged", "ucdp/ged_sudan_hdx_1989-2023.csv.gz"),
    ("worldbank-wdi", "basic-services/wdi_iom_subset_1950-2023.csv.gz"),
    ("owid-jmp", "basic-services/owid_access_to_electricity.csv.gz"),
    ("gapminder", "basic-services/ddf_children_out_of_school_primary.csv.gz"),
    ("inform-risk", "inform-risk/inform_risk_index_trends_2015-2024.csv.gz"),
    ("ophi-mpi", "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv"),
    ("ocha-pcodes", "pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz"),
    ("ocha-cod-ab", "boundaries/syr_cod_adm1_dissolved.geojson"),
    ("naturalearth-admin1", "boundaries/ne-admin1/syr_ne_adm1.geojson"),
    ("reach-hsos", "reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz"),
    ("insecurity-insight", "insecurity-insight/attacks_on_health_care_2016-2023.csv.gz"),
    ("iom-dtm", "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz"),
    ("ocha-hno", "hno-subnational/hpc_hno_2025_totals_only.csv.gz"),
    ("ocha-cod-ps", "cod-population/cod_population_admin1_totals.csv.gz"),
    ("uscb-syria-population", "uscb-syria-population/uscb_syria_population_2004_2016.csv.gz"),
    ("naturalearth-countries", "boundaries/ne_110m_admin_0_countries.geojson"),
];

/// Sources whose files are no rows that can be cut: one workbook, or simulations of our own.
const NOT_CUT: [&str; 2] = ["ocha-syria-movements", "wegen-simulation"];

/// How many rows of a file are taken.
const ROWS: usize = 600;

/// The head of a file (header, line of HXL tags), and its rows.
enum Table {
    Csv { head: Vec<csv::StringRecord>, rows: Vec<csv::StringRecord>, delimiter: u8 },
    Features(Vec<serde_json::Value>),
}

impl Table {
    fn read(path: &str) -> Option<Table> {
        let path = PathBuf::from(DATA).join(path);
        if !path.exists() {
            eprintln!("skipped: there is no {}", path.display());
            return None;
        }
        let name = path.file_name()?.to_string_lossy().into_owned();
        let file = unpack(&File::new(name, std::fs::read(&path).unwrap())).unwrap().remove(0);
        let bytes = file.bytes().unwrap();
        if bytes.starts_with(b"{") {
            let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let features = json["features"].as_array().unwrap();
            return Some(Table::Features(features.iter().take(ROWS).cloned().collect()));
        }
        let first = bytes.split(|b| *b == b'\n').next()?;
        let delimiter = if first.contains(&b';') && !first.contains(&b',') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(&bytes[..]);
        let mut all: Vec<csv::StringRecord> = reader.records().take(ROWS + 2).map(Result::unwrap).collect();
        let tags = all.get(1).is_some_and(|r| r.iter().all(|f| f.is_empty() || f.starts_with('#')));
        let rows = all.split_off(if tags { 2 } else { 1 });
        Some(Table::Csv { head: all, rows, delimiter })
    }

    fn len(&self) -> usize {
        match self {
            Table::Csv { rows, .. } => rows.len(),
            Table::Features(features) => features.len(),
        }
    }

    /// Some of its rows, as a file of their own.
    fn part(&self, name: &str, range: std::ops::Range<usize>) -> File {
        let bytes = match self {
            Table::Csv { head, rows, delimiter } => {
                let mut writer =
                    csv::WriterBuilder::new().flexible(true).delimiter(*delimiter).from_writer(Vec::new());
                for record in head.iter().chain(&rows[range]) {
                    writer.write_record(record).unwrap();
                }
                writer.into_inner().unwrap()
            }
            Table::Features(features) => {
                let collection =
                    serde_json::json!({"type": "FeatureCollection", "features": features[range].to_vec()});
                collection.to_string().into_bytes()
            }
        };
        // Needs of people have their year in the name of the file alone.
        File::new(format!("{name}_hno_2025.csv"), bytes)
    }
}

fn read(source: &str, file: File, at: &str) -> Draft {
    let at: Timestamp = format!("{at}T12:00:00Z").parse().unwrap();
    draft(source, vec![file], "test", at).unwrap_or_else(|e| panic!("{source}: {e}"))
}

/// What a ledger answers, each record as its row in an export without where it stood.
fn answers(ledger: &Ledger, source: &str) -> BTreeMap<Vec<String>, usize> {
    let edition = ledger.edition(None).unwrap();
    let evidence = ledger.evidence(&edition);
    let all = RecordFilter::of(source);
    let mut records: Vec<Record> = Vec::new();
    records.extend(evidence.observations(&all).unwrap().into_iter().map(|r| Record::Observation(r.value)));
    records.extend(evidence.incidents(&all).unwrap().into_iter().map(|r| Record::Incident(r.value)));
    records.extend(evidence.events(&all).unwrap().into_iter().map(|r| Record::Event(r.value)));
    records.extend(evidence.areas(&all).unwrap().into_iter().map(|r| Record::Area(r.value)));
    let mut counted = BTreeMap::new();
    for record in records {
        let (kind, mut row) = (record.kind(), wegen_ledger::csv_row(&record));
        let places = wegen_ledger::fields(kind).iter().map(|f| f.0);
        let gone: Vec<usize> = places
            .enumerate()
            .filter(|(_, name)| ["part", "line", "column"].contains(name))
            // The first row of an incident counts it, and each part has a first row of those that it holds.
            .chain((kind == RecordKind::Incident).then_some((11, "incidents")))
            .map(|(i, _)| i)
            .collect();
        gone.into_iter().for_each(|i| row[i] = String::new());
        *counted.entry(row).or_default() += 1;
    }
    counted
}

/// IOM's package has no ids: of rows that are alike in all that is read nobody can tell whether two parts hold one or two,
/// and one is counted, so that nobody is counted twice.
fn told_apart(path: &str, mut answers: BTreeMap<Vec<String>, usize>) -> BTreeMap<Vec<String>, usize> {
    if path.contains("gdidata") {
        answers.values_mut().for_each(|n| *n = 1);
    }
    answers
}

fn ledger() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    (folder, ledger)
}

/// Rows of one incident that was split stay together, as in every file of the publisher.
fn cuts(source: &str, table: &Table) -> [usize; 4] {
    let n = table.len();
    let mut cuts = [0, n / 3, 2 * n / 3, n];
    if let (Table::Csv { rows, .. }, "iom-missing-migrants") = (table, source) {
        for cut in &mut cuts[1..3] {
            while *cut < n && rows[*cut].get(0) == rows[*cut - 1].get(0) {
                *cut += 1;
            }
        }
    }
    cuts
}

#[test]
fn a_file_that_is_cut_in_parts_answers_like_the_whole_for_every_source() {
    if !PathBuf::from(DATA).is_dir() {
        eprintln!("skipped: there is no {DATA}");
        return;
    }
    for source in sources().all() {
        let named = FILES.iter().any(|(s, _)| *s == source.id) || NOT_CUT.contains(&source.id.as_str());
        assert!(named, "{} is not tried", source.id);
    }
    for (source, path) in FILES {
        let Some(table) = Table::read(path) else { continue };
        let [a, b, c, d] = cuts(source, &table);
        let (_folder, mut whole) = ledger();
        whole.add(read(source, table.part("whole", a..d), "2026-11-01")).unwrap();
        let expected = told_apart(path, answers(&whole, source));
        assert!(!expected.is_empty(), "{path}");
        for order in [[0, 1, 2], [2, 0, 1]] {
            let (_folder, mut parts) = ledger();
            for i in order {
                let range = [a..b, b..c, c..d][i].clone();
                let part = read(source, table.part(&format!("part-{i}"), range), "2026-11-01");
                assert!(!part.coverage.is_declared(), "{path}");
                let (change, _) = parts.add_if(part, |_| true).unwrap();
                assert_eq!((change.withdrawn, change.revised), (0, 0), "{path}");
            }
            let found = told_apart(path, answers(&parts, source));
            let differs: Vec<_> = expected.iter().filter(|(k, n)| found.get(*k) != Some(n)).take(3).collect();
            assert!(found == expected, "{path}, in the order {order:?}: {differs:?}");
            // A part that comes again, and the whole after its parts, change nothing.
            parts.add(read(source, table.part("again", b..c), "2026-11-01")).unwrap();
            parts.add(read(source, table.part("whole", a..d), "2026-11-01")).unwrap();
            let found = told_apart(path, answers(&parts, source));
            assert!(found == expected, "{path}, the whole after its parts");
        }
    }
}

#[test]
fn releases_answer_in_their_own_order_whatever_the_order_of_import() {
    if !PathBuf::from(DATA).is_dir() {
        eprintln!("skipped: there is no {DATA}");
        return;
    }
    for (source, path) in FILES {
        let Some(table) = Table::read(path) else { continue };
        let n = table.len();
        // Three captures that share rows: of the first, of all, and of the last two thirds.
        let make = |i: usize| {
            let (range, day) =
                [(0..n / 2, "2026-01-10"), (0..n, "2026-03-10"), (n / 3..n, "2026-02-10")][i].clone();
            read(source, table.part(&format!("capture-{i}"), range), day)
        };
        let mut first = None;
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (_folder, mut ledger) = ledger();
            for i in order {
                ledger.add(make(i)).unwrap();
            }
            let found = answers(&ledger, source);
            let expected = first.get_or_insert_with(|| found.clone());
            assert!(found == *expected, "{path}, in the order {order:?}");
        }
    }
}
