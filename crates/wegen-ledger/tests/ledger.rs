//! The ledger's promises: whole or not at all, append-only, every row back, nothing damaged in silence.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{fs, path::Path, process::Command, time::Duration};

use proptest::prelude::*;
use tempfile::TempDir;
use wegen_ledger::{Draft, Format, Ledger, Part, RecordFilter, read_package};
use wegen_model::{
    Area, Asked, CauseGroup, Code, Coverage, Declared, Event, Incident, Licence, Locator, Observation,
    Period, Record, RecordKind, Setting, Sharing, Span, Status, Violence, indicators,
};

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn observation(place: &str, year: i16, value: f64, row: u32) -> Record {
    Record::Observation(Observation {
        indicator: indicators().get("refugees").unwrap(),
        place: code(place),
        counterpart: Some(code("NLD")),
        period: Period::of_year(year).unwrap(),
        value,
        bounds: None,
        status: Status::Normal,
        dims: None,
        locator: Locator { part: 0, row, column: 7 },
    })
}

fn draft(source: &str, recorded: &str, bytes: &str, records: Vec<Record>) -> Draft {
    let recorded = recorded.parse().unwrap();
    Draft {
        recorded: Some(recorded),
        licence: Licence {
            id: "CC-BY-4.0".into(),
            url: "https://example.org".into(),
            sharing: Sharing::Rows,
        },
        parts: vec![Part::new("file.csv", bytes.as_bytes().to_vec())],
        records: records.into(),
        ..Draft::new(source, recorded)
    }
}

fn ledger() -> (TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    (folder, ledger)
}

const SOURCE: &str = "unhcr-population";

#[test]
fn the_same_bytes_with_the_same_parser_are_stored_once() {
    let (_folder, mut ledger) = ledger();
    let make = || draft(SOURCE, "2026-01-01T00:00:00Z", "a", vec![observation("SYR", 2024, 1.0, 2)]);
    assert!(ledger.add(make()).unwrap().new);
    assert!(!ledger.add(make()).unwrap().new);
    let newer = Draft { parser_version: 2, ..make() };
    assert!(ledger.add(newer).unwrap().new);
    assert_eq!(ledger.snapshots().unwrap().len(), 2);
    let entries = ledger.log().unwrap();
    assert_eq!(entries.iter().filter(|e| e.action == "add snapshot").count(), 2);
    assert_eq!(entries.len(), 4, "each with what it covers");
}

#[test]
fn nothing_is_updated_or_deleted() {
    let (folder, mut ledger) = ledger();
    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "a", vec![observation("SYR", 2024, 1.0, 2)])).unwrap();
    let edition = ledger.edition(None).unwrap();
    ledger.keep_edition(&edition, Some("first")).unwrap();
    let db = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    let changes = [
        "UPDATE observation SET value = 2",
        "DELETE FROM observation",
        "DELETE FROM snapshot",
        "DELETE FROM part",
        "UPDATE log SET at = ''",
        "DELETE FROM term",
        "UPDATE edition SET name = ''",
        "DELETE FROM edition_snapshot",
    ];
    for change in changes {
        let answer = db.execute(change, []).unwrap_err().to_string();
        assert!(answer.contains("append-only"), "{change}: {answer}");
    }
}

#[test]
fn as_of_takes_the_latest_of_each_source_by_then() {
    let (_folder, mut ledger) = ledger();
    for (day, value) in [("2025-01-10", 1.0), ("2025-06-10", 2.0), ("2026-01-10", 3.0)] {
        let bytes = format!("{value}");
        let recorded = format!("{day}T12:00:00Z");
        ledger.add(draft(SOURCE, &recorded, &bytes, vec![observation("SYR", 2024, value, 2)])).unwrap();
    }
    let known = |day: &str| -> Option<f64> {
        let edition = ledger.edition(Some(day.parse().unwrap())).unwrap();
        let rows = ledger.evidence(&edition).observations(&RecordFilter::of(SOURCE)).unwrap();
        rows.first().map(|r| r.value.value)
    };
    assert_eq!(known("2025-01-09"), None);
    assert_eq!(known("2025-01-10"), Some(1.0));
    assert_eq!(known("2025-12-31"), Some(2.0));
    assert_eq!(known("2026-11-01"), Some(3.0));
}

#[test]
fn a_narrower_newer_snapshot_answers_only_for_what_it_covers() {
    let (_folder, mut ledger) = ledger();
    let all = vec![observation("SYR", 2024, 1.0, 2), observation("MLI", 2024, 10.0, 3)];
    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "all", all)).unwrap();
    let syria = draft(SOURCE, "2026-02-01T00:00:00Z", "syr", vec![observation("SYR", 2024, 2.0, 0)]);
    let coverage = Coverage::all(Declared::Question).of([code("SYR")]);
    ledger.add(Draft { coverage, capture: "api".into(), ..syria }).unwrap();
    let edition = ledger.edition(None).unwrap();
    let rows = ledger.evidence(&edition).observations(&RecordFilter::of(SOURCE)).unwrap();
    let values: Vec<(String, f64)> =
        rows.iter().map(|r| (r.value.place.to_string(), r.value.value)).collect();
    assert_eq!(values, [("SYR".to_owned(), 2.0), ("MLI".to_owned(), 10.0)]);
}

#[test]
fn a_snapshot_answers_for_the_indicators_it_holds() {
    let (_folder, mut ledger) = ledger();
    let of = |id: &str, value: f64| match observation("SYR", 2024, value, 2) {
        Record::Observation(o) => {
            Record::Observation(Observation { indicator: indicators().get(id).unwrap(), ..o })
        }
        other => other,
    };
    let old = vec![of("basic-water", 1.0), of("basic-sanitation", 2.0)];
    ledger.add(draft("owid-jmp", "2026-01-01T00:00:00Z", "old", old)).unwrap();
    let newer = draft("owid-jmp", "2026-02-01T00:00:00Z", "new", vec![of("basic-water", 3.0)]);
    ledger.add(Draft { capture: "basic-water".into(), ..newer }).unwrap();
    let edition = ledger.edition(None).unwrap();
    let rows = ledger.evidence(&edition).observations(&RecordFilter::of("owid-jmp")).unwrap();
    let mut values: Vec<f64> = rows.iter().map(|r| r.value.value).collect();
    values.sort_by(f64::total_cmp);
    assert_eq!(values, [2.0, 3.0]);
}

/// Events of UCDP’s: id, country, month, deaths.
fn event(id: Option<&str>, place: &str, period: &str, best: u32) -> Record {
    Record::Event(Event {
        id: id.map(Into::into),
        period: period.parse().unwrap(),
        place: code(place),
        area: None,
        violence: Violence::StateBased,
        precision: 1,
        best,
        low: best,
        high: best,
        civilians: 0,
        events: 1,
        // The column of a count: an event keeps its row alone.
        locator: Locator { part: 0, row: best, column: 7 },
    })
}

const EVENTS: &str = "ucdp-ged";

fn release(bytes: &str, published: &str, period: &str, events: Vec<Record>) -> Draft {
    let coverage = Coverage::all(Declared::Release).during(period.parse().unwrap());
    let draft = draft(EVENTS, "2026-11-01T00:00:00Z", bytes, events);
    Draft { coverage, published: Some(published.parse().unwrap()), ..draft }
}

fn deaths(ledger: &Ledger, place: &str) -> Vec<u32> {
    let edition = ledger.edition(None).unwrap();
    let rows = ledger.evidence(&edition).events(&RecordFilter::of(EVENTS).place(code(place))).unwrap();
    let mut deaths: Vec<u32> = rows.iter().map(|r| r.value.best).collect();
    deaths.sort_unstable();
    deaths
}

#[test]
fn months_of_a_year_stand_beside_each_other_whatever_the_order() {
    let january =
        || release("v26_0_1", "2026-02-20", "2026-01", vec![event(Some("1"), "SDN", "2026-01-05", 40)]);
    let february =
        || release("v26_0_2", "2026-03-20", "2026-02", vec![event(Some("2"), "SDN", "2026-02-03", 7)]);
    let first = || {
        release(
            "v26_01_26_03",
            "2026-04-25",
            "2026-01..2026-03",
            vec![event(Some("1"), "SDN", "2026-01-05", 41)],
        )
    };
    let orders: [Vec<Draft>; 3] = [
        vec![january(), february(), first()],
        vec![first(), february(), january()],
        vec![february(), first(), january()],
    ];
    for order in orders {
        let (_folder, mut ledger) = ledger();
        for draft in order {
            ledger.add(draft).unwrap();
        }
        // The quarter covers both months, and holds one event of them.
        assert_eq!(deaths(&ledger, "SDN"), [41]);
    }
    let (_folder, mut ledger) = ledger();
    ledger.add(february()).unwrap();
    ledger.add(january()).unwrap();
    assert_eq!(deaths(&ledger, "SDN"), [7, 40]);
    let edition = ledger.edition(None).unwrap();
    let evidence = ledger.evidence(&edition);
    let asked = |period: &str| Asked {
        country: Some(code("SDN")),
        period: Some(period.parse::<Span>().unwrap()),
        ..Asked::default()
    };
    assert!(evidence.covers(EVENTS, None, asked("2026-01..2026-02")).unwrap());
    assert!(!evidence.covers(EVENTS, None, asked("2026")).unwrap());
}

#[test]
fn a_later_release_replaces_an_event_wherever_it_places_it() {
    let (_folder, mut ledger) = ledger();
    ledger
        .add(release("old", "2026-02-20", "2026-01", vec![event(Some("9"), "SDN", "2026-01-31", 5)]))
        .unwrap();
    ledger
        .add(release("new", "2026-03-20", "2026-02", vec![event(Some("9"), "SSD", "2026-02-01", 6)]))
        .unwrap();
    assert_eq!((deaths(&ledger, "SDN"), deaths(&ledger, "SSD")), (vec![], vec![6]));
}

#[test]
fn rows_without_coverage_change_nothing_of_other_countries_and_add_nothing_twice() {
    let (_folder, mut ledger) = ledger();
    let groups = vec![event(None, "SYR", "2017", 900), event(None, "SDN", "2017", 300)];
    ledger.add(release("groups", "2024-06-30", "2016-01..2023-11", groups)).unwrap();
    let part = |events| draft(EVENTS, "2026-11-02T00:00:00Z", "part", events);
    let events = vec![
        event(Some("1"), "MMR", "2016-05-01", 3),
        event(Some("2"), "SYR", "2017-06-01", 4),
        event(Some("3"), "SYR", "2024-06-01", 5),
        // Known by year alone, of which the groups cover eleven months.
        event(Some("4"), "SYR", "2023", 6),
    ];
    let (change, added) = ledger.add_if(part(events), |_| true).unwrap();
    assert!(added.unwrap().new);
    // Syria in 2017 is counted already, in groups that bear no ids; 2024 was held by nobody.
    assert_eq!(deaths(&ledger, "SYR"), [5, 900]);
    assert_eq!(deaths(&ledger, "SDN"), [300]);
    assert_eq!((change.new, change.silent, change.withdrawn), (1, 3, 0));
    assert_eq!(ledger.verify(|_, _| {}).unwrap().damage, []);
}

#[test]
fn what_takes_more_than_it_brings_is_shown_before_it_is_stored() {
    let (folder, mut ledger) = ledger();
    let all: Vec<Record> = (2000..2020).map(|y| observation("SYR", y, 5_000.0, 2)).collect();
    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "all", all)).unwrap();
    let before = ledger.verify(|_, _| {}).unwrap();
    let small = || Draft {
        coverage: Coverage::all(Declared::User),
        ..draft(SOURCE, "2026-02-01T00:00:00Z", "small", vec![observation("SYR", 2019, 7.0, 2)])
    };
    let (change, added) = ledger.add_if(small(), |change| !change.takes_more_than_it_brings()).unwrap();
    assert!(added.is_none());
    assert_eq!((change.revised, change.withdrawn, change.new), (1, 19, 0));
    let largest = &change.sums[0];
    assert_eq!((largest.before, largest.after), (Some(5_000.0), None));
    assert_eq!(ledger.verify(|_, _| {}).unwrap(), before, "nothing is stored");
    assert!(!fs::read_dir(folder.path()).unwrap().flatten().any(|f| f.path().ends_with("small")));
    let (again, added) = ledger.add_if(small(), |_| true).unwrap();
    assert!(added.unwrap().new);
    assert_eq!(again, change);
    let edition = ledger.edition(None).unwrap();
    assert_eq!(ledger.evidence(&edition).observations(&RecordFilter::of(SOURCE)).unwrap().len(), 1);
}

#[test]
fn views_answer_like_the_evidence_and_raw_ones_hold_everything() {
    let (folder, mut ledger) = ledger();
    let rows = vec![observation("SYR", 2024, 1.0, 2), observation("SYR", 2023, 2.0, 3)];
    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "old", rows)).unwrap();
    ledger.add(draft(SOURCE, "2026-02-01T00:00:00Z", "new", vec![observation("SYR", 2024, 5.0, 2)])).unwrap();
    let copy = folder.path().join("copy.sqlite");
    ledger.copy_edition(&ledger.edition(None).unwrap(), &copy).unwrap();
    for file in [folder.path().join("ledger.sqlite"), copy] {
        let db = rusqlite::Connection::open(file).unwrap();
        let sum = |view: &str| -> f64 {
            db.query_row(&format!("SELECT sum(value) FROM {view}"), [], |r| r.get(0)).unwrap()
        };
        assert_eq!((sum("observations"), sum("all_observations")), (7.0, 8.0));
    }
}

/// All files of a ledger's objects.
fn files(folder: &Path) -> Vec<String> {
    let of = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().collect::<Vec<_>>();
    let folders = of(&folder.join("objects"));
    folders.iter().flat_map(|f| of(&f.path())).map(|f| f.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn nothing_is_left_of_what_fails_nor_of_runs_that_were_interrupted() {
    let (folder, mut ledger) = ledger();
    let make =
        |bytes: &str| draft(SOURCE, "2026-01-01T00:00:00Z", bytes, vec![observation("SYR", 2024, 1.0, 2)]);
    ledger.add(make("kept")).unwrap();
    let held = files(folder.path());
    assert_eq!(held.len(), 1);
    // A draft that fails takes those before it along, but not what was held already.
    let empty = || Draft { parts: vec![], ..make("") };
    assert!(ledger.add_all(vec![make("new"), make("kept"), empty()]).is_err());
    let same = Draft { parser_version: 9, ..make("kept") };
    assert!(ledger.add_all(vec![same, empty()]).is_err());
    assert_eq!(files(folder.path()), held);
    assert!(ledger.add_if(make("refused"), |_| false).unwrap().1.is_none());
    assert_eq!(files(folder.path()), held);

    let object = fs::read_dir(folder.path().join("objects")).unwrap().flatten().next().unwrap().path();
    fs::write(object.join(".draft-aB3x"), "half").unwrap();
    fs::write(object.join(format!(".{}.4711", "0".repeat(64))), "half, by an earlier version").unwrap();
    ledger.add(make("another")).unwrap();
    assert!(files(folder.path()).iter().all(|name| name.ends_with(".zst")));
    assert_eq!(ledger.verify(|_, _| {}).unwrap().unreferenced, [""; 0]);
}

#[test]
fn a_list_of_silent_records_that_was_changed_is_named() {
    let (folder, mut ledger) = ledger();
    for (day, value) in [("2026-01-01", 1.0), ("2026-02-01", 5.0)] {
        let rows = vec![observation("SYR", 2024, value, 2)];
        ledger.add(draft(SOURCE, &format!("{day}T00:00:00Z"), day, rows)).unwrap();
    }
    assert!(ledger.verify(|_, _| {}).unwrap().damage.is_empty());
    let db = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    db.execute("UPDATE silent_observation SET id = id + (1 << 32)", []).unwrap();
    let damage = ledger.verify(|_, _| {}).unwrap().damage;
    assert!(matches!(damage.as_slice(), [one] if one.what.contains(SOURCE)), "{damage:?}");
}

#[test]
fn two_writers_at_once_are_both_heard() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = folder.path();
            scope.spawn(move || {
                let mut ledger = Ledger::open(path).unwrap();
                for i in 0..10 {
                    let rows = (0..50).map(|n| observation("SYR", 2000 + n, f64::from(n), 2)).collect();
                    let bytes = format!("{writer}/{i}");
                    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", &bytes, rows)).unwrap();
                }
            });
        }
    });
    let ledger = Ledger::open(folder.path()).unwrap();
    assert_eq!(ledger.snapshots().unwrap().len(), 40);
    let verified = ledger.verify(|_, _| {}).unwrap();
    assert_eq!((verified.damage, verified.records), (vec![], 2000));
}

/// Not a test by itself: the child that [`killed_at_any_moment_the_ledger_is_whole`] kills.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(folder) = std::env::var("WEGEN_TEST_KILLED_LEDGER") else { return };
    let mut ledger = Ledger::open(Path::new(&folder)).unwrap();
    for i in 0.. {
        let rows =
            (0..2000u32).map(|n| observation("SYR", 1951 + (n % 70) as i16, f64::from(n), n + 2)).collect();
        let bytes = format!("{} {i} {}", std::process::id(), "x".repeat(10_000));
        ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", &bytes, rows)).unwrap();
    }
}

#[test]
fn killed_at_any_moment_the_ledger_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut held = 0;
    // The moments come from a fixed sequence, so that a failure can be seen again.
    let mut state = 0x9e37_79b9_u32;
    for round in 0..50 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["child_that_writes_until_it_is_killed", "--exact", "--quiet"])
            .env("WEGEN_TEST_KILLED_LEDGER", folder.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        std::thread::sleep(Duration::from_millis(20 + u64::from(state >> 24)));
        child.kill().unwrap();
        child.wait().unwrap();
        let ledger = Ledger::open(folder.path()).unwrap();
        let snapshots = ledger.snapshots().unwrap();
        assert!(snapshots.len() >= held, "round {round}: {} of {held} snapshots left", snapshots.len());
        assert!(snapshots.iter().all(|s| s.records == 2000), "round {round}: half a snapshot is visible");
        if round % 10 == 9 {
            assert_eq!(ledger.verify(|_, _| {}).unwrap().damage, [], "round {round}");
        }
        held = snapshots.len();
    }
    assert!(held > 0, "no child came far enough to write anything");
}

#[test]
fn damage_is_named() {
    let (folder, mut ledger) = ledger();
    let added = ledger
        .add(draft(SOURCE, "2026-01-01T00:00:00Z", "bytes", vec![observation("SYR", 2024, 1.0, 2)]))
        .unwrap();
    assert_eq!(ledger.verify(|_, _| {}).unwrap().damage, []);

    let object = &added.snapshot.parts[0].object;
    let path = folder.path().join("objects").join(&object[..2]).join(format!("{}.zst", &object[2..]));
    let whole = fs::read(&path).unwrap();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x40;
        fs::write(&path, broken).unwrap();
        let readable = ledger.bytes(&added.snapshot.parts[0]).is_ok_and(|b| b == b"bytes");
        let damage = ledger.verify(|_, _| {}).unwrap().damage;
        // A few bits of a zstd header carry nothing: then the bytes are still what they were.
        assert!(
            readable || damage.iter().any(|d| d.what.contains(object.as_str())),
            "byte {at} of the object"
        );
    }
    fs::remove_file(&path).unwrap();
    assert!(ledger.verify(|_, _| {}).unwrap().damage[0].what.contains("file.csv"));
    fs::write(&path, whole).unwrap();

    let db = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    db.execute_batch("DROP TRIGGER observation_no_UPDATE; UPDATE observation SET value = 2;").unwrap();
    assert!(ledger.verify(|_, _| {}).unwrap().damage[0].how.contains("another hash"));
    db.execute_batch("UPDATE observation SET value = 1; DROP TRIGGER log_no_UPDATE; UPDATE log SET at = '2026-01-01T00:00:00Z'")
        .unwrap();
    assert!(ledger.verify(|_, _| {}).unwrap().damage[0].what.contains("log entry 1"));
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.sqlite");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE mine (x)").unwrap();
    assert!(Ledger::open(folder.path()).err().unwrap().to_string().contains("not a ledger of Wegen"));
    let other = tempfile::tempdir().unwrap();
    drop(Ledger::open(other.path()).unwrap());
    let db = rusqlite::Connection::open(other.path().join("ledger.sqlite")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert!(Ledger::open(other.path()).err().unwrap().to_string().contains("schema 99"));
}

#[test]
fn an_export_reads_back_and_keeps_what_may_not_be_passed_on() {
    let (folder, mut ledger) = ledger();
    let records = vec![observation("SYR", 2024, 1.5, 2), observation("MLI", 2023, 0.0, 3)];
    ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "open", records.clone())).unwrap();
    let closed = draft("ophi-mpi", "2026-01-01T00:00:00Z", "closed", vec![observation("TCD", 2019, 7.0, 2)]);
    let licence = Licence { sharing: Sharing::Display, ..closed.licence.clone() };
    ledger.add(Draft { licence, ..closed }).unwrap();
    let edition = ledger.edition(None).unwrap();
    for format in [Format::Csv, Format::CsvGz] {
        let out = folder.path().join("export");
        let report = ledger.export(&edition, &out, format).unwrap();
        assert_eq!((report.written.len(), report.withheld.len()), (1, 1));
        let description = fs::read(out.join("datapackage.json")).unwrap();
        assert!(String::from_utf8_lossy(&description).contains("\"not_for_individual_decisions\": true"));
        let drafts = read_package(&description, |name| fs::read(out.join(name)).ok()).unwrap();
        let mut read = drafts[0].records.to_vec().unwrap();
        read.sort_by_key(|r| r.locator());
        assert_eq!(read, records);
        assert!(
            fs::read_dir(&out).unwrap().flatten().all(|f| !f.file_name().to_string_lossy().contains("ophi"))
        );
    }
}

/// Few places, years and names, so that snapshots speak of the same.
fn any_alike() -> impl Strategy<Value = Record> {
    let place = prop::sample::select(vec!["SYR", "SDN"]);
    let id = prop::option::of(prop::sample::select(vec!["a", "b"]));
    (0..4, place, 2022i16..2025, 0u32..3, id).prop_map(|(kind, place, year, n, id)| match kind {
        0 => observation(place, year, n.into(), n),
        1 => event(id, place, &year.to_string(), n),
        2 => Record::Incident(Incident {
            id: id.map(Into::into),
            year: year.into(),
            period: Period::of_year(year),
            place: Some(code(place)),
            route: None,
            origin: None,
            cause: CauseGroup::Drowning,
            setting: Setting::Sea,
            cell: None,
            dead: Some(n),
            missing: None,
            total: Some(n as i32),
            incidents: 1,
            locator: Locator { part: 0, row: n, column: 0 },
        }),
        _ => Record::Area(Area {
            code: code(&format!("{}{n}", &place[..2])),
            country: code(place),
            level: 1,
            name: n.to_string().into(),
            parent: None,
            valid_from: None,
            shape: None,
            locator: Locator { part: 0, row: n, column: 0 },
        }),
    })
}

fn any_draft() -> impl Strategy<Value = (Coverage, Vec<Record>)> {
    let all = Coverage::all(Declared::Package);
    let some = Coverage { period: Some(Span::years(2022, 2023)), ..all.clone() };
    let coverage = vec![Coverage::rows(), Coverage::rows(), all.clone().of([code("SYR")]), some, all];
    (prop::sample::select(coverage), prop::collection::vec(any_alike(), 0..9))
}

fn any_code() -> impl Strategy<Value = Code> {
    "[A-Z]{3}|SY[0-9]{4}".prop_map(|t| code(&t))
}

fn any_period() -> impl Strategy<Value = Period> {
    (1951i16..2027, 0i8..=12, 0i8..=28)
        .prop_map(|(y, m, d)| Period::from_parts(y, m, if m == 0 { 0 } else { d }).unwrap())
}

fn any_locator() -> impl Strategy<Value = Locator> {
    (0u32..3, any::<u32>()).prop_map(|(part, row)| Locator { part, row, column: 0 })
}

fn any_record() -> impl Strategy<Value = Record> {
    let indicator = 0..indicators().all().len();
    let number = prop::num::f64::NORMAL | prop::num::f64::ZERO;
    let observation = (
        indicator,
        any_code(),
        prop::option::of(any_code()),
        any_period(),
        number,
        any_locator(),
        "[a-z=;]{0,9}",
        prop::option::of((-1e9..1e9, -1e9..1e9)),
    )
        .prop_map(|(i, place, counterpart, period, value, locator, dims, bounds)| {
            Record::Observation(Observation {
                indicator: indicators().get(&indicators().all()[i].id).unwrap(),
                place,
                counterpart,
                period,
                value,
                bounds,
                status: Status::Estimated,
                dims: (!dims.is_empty()).then(|| dims.into()),
                locator,
            })
        });
    let count = || prop::option::of(any::<u32>());
    let signed = || prop::option::of(any::<i32>());
    let id = || prop::option::of("[0-9A-Z.]{1,12}");
    let incident = (
        (id(), prop::option::of(any_period()), signed()),
        2014i32..2027,
        prop::option::of(any_code()),
        ".{1,12}",
        prop::option::of(any_code()),
        0usize..7,
        count(),
        signed(),
        any_locator(),
    )
        .prop_map(|((id, period, missing), year, place, route, origin, cause, dead, total, locator)| {
            Record::Incident(Incident {
                id: id.map(Into::into),
                period,
                year,
                place,
                origin,
                route: Some(route.into()),
                cause: CauseGroup::ALL[cause],
                setting: Setting::Sea,
                cell: None,
                dead,
                missing,
                total,
                incidents: 1,
                locator,
            })
        });
    let event =
        (any_period(), any_code(), prop::option::of(".{1,12}"), 0usize..3, any::<u32>(), id(), any_locator())
            .prop_map(|(period, place, area, violence, best, id, locator)| {
                Record::Event(Event {
                    id: id.map(Into::into),
                    period,
                    place,
                    area: area.map(|a| a.into()),
                    violence: Violence::ALL[violence],
                    precision: 1,
                    best,
                    low: 0,
                    high: best,
                    civilians: 0,
                    events: 1,
                    locator,
                })
            });
    let ring = prop::collection::vec(prop::array::uniform2(-180.0..180.0f64), 1..5);
    let shape = prop::option::of(prop::collection::vec(prop::collection::vec(ring, 1..3), 1..3));
    let area =
        (any_code(), any_code(), 0u8..5, ".{1,12}", shape, prop::option::of(any_period()), any_locator())
            .prop_map(|(code, country, level, name, shape, valid_from, locator)| {
                Record::Area(Area {
                    code,
                    country,
                    level,
                    name: name.into(),
                    parent: None,
                    valid_from,
                    shape: shape.map(std::sync::Arc::new),
                    locator,
                })
            });
    prop_oneof![observation, incident, event, area]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_row_comes_back(records in prop::collection::vec(any_record(), 1..60)) {
        let (_folder, mut ledger) = ledger();
        let added = ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "x", records.clone())).unwrap();
        let edition = ledger.edition(None).unwrap();
        let evidence = ledger.evidence(&edition);
        let mut back = Vec::new();
        for kind in RecordKind::ALL {
            for row in evidence.within(&added.snapshot, kind, &RecordFilter::default()).unwrap() {
                let (id, _, again) = ledger.record(&row.record.to_string()).unwrap();
                prop_assert_eq!((id, &again), (row.record, &row.value));
                back.push(row.value);
            }
        }
        let mut expected: Vec<String> = records.iter().map(|r| format!("{r:?}")).collect();
        let mut found: Vec<String> = back.iter().map(|r| format!("{r:?}")).collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(expected, found);
        prop_assert_eq!(ledger.verify(|_, _| {}).unwrap().damage, vec![]);
    }

    #[test]
    fn a_package_gives_every_row_back(records in prop::collection::vec(any_record(), 1..40)) {
        let (folder, mut ledger) = ledger();
        ledger.add(draft(SOURCE, "2026-01-01T00:00:00Z", "x", records.clone())).unwrap();
        let out = folder.path().join("out");
        ledger.export(&ledger.edition(None).unwrap(), &out, Format::CsvGz).unwrap();
        let description = fs::read(out.join("datapackage.json")).unwrap();
        let drafts = read_package(&description, |name| fs::read(out.join(name)).ok()).unwrap();
        let mut found: Vec<String> = drafts.iter().flat_map(|d| &d.records).map(|r| format!("{:?}", r.unwrap())).collect();
        let mut expected: Vec<String> = records.iter().map(|r| format!("{r:?}")).collect();
        expected.sort();
        found.sort();
        prop_assert_eq!(expected, found);
    }

    #[test]
    fn as_of_is_monotone(days in prop::collection::vec((0i64..400, 0usize..3), 1..12)) {
        let (_folder, mut ledger) = ledger();
        for (i, (day, source)) in days.iter().enumerate() {
            let recorded = jiff::Timestamp::from_second(1_735_689_600 + day * 86_400).unwrap().to_string();
            let name = ["a", "b", "c"][*source];
            ledger.add(draft(name, &recorded, &i.to_string(), vec![observation("SYR", 2024, 1.0, 2)])).unwrap();
        }
        let first = jiff::civil::date(2025, 1, 1);
        let mut before: Vec<(String, jiff::Timestamp)> = Vec::new();
        for day in (0..400).step_by(20) {
            let date = first.checked_add(jiff::Span::new().days(day)).unwrap();
            let edition = ledger.edition(Some(date)).unwrap();
            let now: Vec<_> = edition.snapshots.iter().map(|s| (s.source.clone(), s.recorded)).collect();
            for (source, recorded) in &before {
                prop_assert!(now.iter().any(|(s, r)| s == source && r >= recorded));
            }
            prop_assert!(edition.cut_off().is_none_or(|cut| cut <= date));
            before = now;
        }
    }

    /// What the newest edition answers by its list of silent records is what an edition as of the same day composes in a
    /// ledger that has gone on since; and what is picked from rows that are kept is what is read.
    #[test]
    fn a_list_answers_as_composing_does(drafts in prop::collection::vec(any_draft(), 2..6)) {
        let (_folder, mut long) = ledger();
        let mut dated = Vec::new();
        for (i, (coverage, records)) in drafts.iter().enumerate() {
            let recorded = format!("2026-01-{:02}T12:00:00Z", i + 1);
            let make = || Draft {
                coverage: coverage.clone(),
                ..draft(SOURCE, &recorded, &i.to_string(), records.clone())
            };
            long.add(make()).unwrap();
            dated.push(make());
        }
        let (_folder, mut short) = ledger();
        for (i, draft) in dated.into_iter().enumerate() {
            short.add(draft).unwrap();
            let newest = short.edition(None).unwrap();
            let then = long.edition(Some(jiff::civil::date(2026, 1, i as i8 + 1))).unwrap();
            prop_assert_eq!(newest.id(), then.id());
            let (by_list, composed) = (short.evidence(&newest), long.evidence(&then));
            let all = RecordFilter::of(SOURCE);
            let syria = all.clone().place(code("SYR"));
            let refugees = all.clone().indicator(indicators().get("refugees").unwrap());
            let filters = [
                refugees.clone().place(code("SYR")).years(2023, 2024),
                syria.clone().years(2022, 2022),
                refugees.years(2022, 2023),
                syria,
                all.clone().years(2023, 2023),
                all,
            ];
            for filter in &filters {
                prop_assert_eq!(by_list.observations(filter).unwrap(), composed.observations(filter).unwrap());
                prop_assert_eq!(by_list.events(filter).unwrap(), composed.events(filter).unwrap());
                prop_assert_eq!(by_list.incidents(filter).unwrap(), composed.incidents(filter).unwrap());
                prop_assert_eq!(by_list.areas(filter).unwrap(), composed.areas(filter).unwrap());
            }
            let own = |place: Code| place == code("SYR");
            let rows = by_list.observations_by_place(&filters[5], own).unwrap();
            prop_assert_eq!(rows, composed.observations(&filters[3]).unwrap());
            for place in [None, Some(code("SYR"))] {
                let years = newest.snapshots.iter().map(|s| {
                    let of = |kind| by_list.within(s, kind, &filters[5]).unwrap();
                    let rows = RecordKind::ALL.into_iter().flat_map(of);
                    let year = |r: wegen_ledger::Row<Record>| match r.value {
                        Record::Observation(o) => Some((o.place, o.period.year())),
                        Record::Incident(i) => Some((i.place?, i.year)),
                        Record::Event(e) => Some((e.place, e.period.year())),
                        Record::Area(_) => None,
                    };
                    let held = s.coverage.holds_place(Asked { country: place, ..Asked::default() });
                    let of = |(at, _): &(Code, i32)| held || place.is_none_or(|p| *at == p);
                    rows.filter_map(year).filter(of).map(|(_, year)| year).max()
                });
                prop_assert_eq!(by_list.last_year(SOURCE, place).unwrap(), years.max().flatten());
            }
        }
        let verified = short.verify(|_, _| {}).unwrap();
        prop_assert!(verified.damage.is_empty(), "{:?}", verified.damage);
    }

    #[test]
    fn an_edition_does_not_depend_on_order(count in 1usize..8, seed in any::<u64>()) {
        let (_folder, mut ledger) = ledger();
        for i in 0..count {
            ledger.add(draft(&format!("s{i}"), "2026-01-01T00:00:00Z", &i.to_string(), vec![])).unwrap();
        }
        let edition = ledger.edition(None).unwrap();
        let mut shuffled = edition.snapshots.clone();
        let by = seed as usize % count;
        shuffled.rotate_left(by);
        shuffled.reverse();
        prop_assert_eq!(wegen_ledger::Edition::new(None, shuffled).id(), edition.id());
    }

    #[test]
    fn any_name_of_a_record_is_answered(text in ".{0,40}") {
        let (_folder, ledger) = ledger();
        prop_assert!(ledger.record(&text).is_err());
    }
}
