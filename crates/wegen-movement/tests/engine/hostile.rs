//! Bad input: an error that names file and line, or a run; never a panic.

use std::path::Path;

use wegen_movement::{Model, read};

const LOCATIONS: &str = "#name,region,country,latitude,longitude,location_type,conflict_date,population\n\
                         A,a,home,1,1,conflict_zone,0,1000\nB,b,near,2,2,camp,,500\n";
const ROUTES: &str = "#name1,name2,distance,forced_redirection\nA,B,100,\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let all = [
        ("input_csv/locations.csv", LOCATIONS),
        ("input_csv/routes.csv", ROUTES),
        ("input_csv/sim_period.csv", "StartDate,2020-01-01\nLength,20\n"),
        ("source_data/data_layout.csv", "total,refugees.csv\nB,b.csv\n"),
        ("source_data/refugees.csv", "2020-01-01,0\n2020-01-10,90\n"),
        ("source_data/b.csv", "2020-01-01,0\n2020-01-10,90\n"),
    ];
    for (name, text) in all.iter().chain(files) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn refused(name: &str, text: &str) -> String {
    let folder = folder(&[(name, text)]);
    read(folder.path(), None).expect_err(text).to_string()
}

fn runs(folder: &Path) {
    let instance = read(folder, None).unwrap();
    let run = Model::new(&instance, None).unwrap().run(1, 0).unwrap();
    assert_eq!(run.days(), instance.days);
}

#[test]
fn the_folder_itself_runs() {
    let folder = folder(&[]);
    runs(folder.path());
    let instance = read(folder.path(), None).unwrap();
    let run = Model::new(&instance, None).unwrap().run(1, 0).unwrap();
    assert_eq!(run.day(19).whole.entered, 90);
}

#[test]
fn what_is_broken_is_named_with_its_line() {
    for (file, text, said) in [
        (
            "input_csv/routes.csv",
            "A,Nowhere,10\n",
            "routes.csv: line 1: 'Nowhere'; a place of locations.csv was expected",
        ),
        ("input_csv/routes.csv", "#a\nA,B,-5\n", "routes.csv: line 2: distance is -5"),
        ("input_csv/routes.csv", "A,B,0\n", "routes.csv: line 1: distance is 0; kilometres above 0"),
        ("input_csv/routes.csv", "A,B,NaN\n", "routes.csv: line 1: distance is 'NaN'; a number was expected"),
        ("input_csv/routes.csv", "A,B,inf\n", "line 1"),
        ("input_csv/routes.csv", "A,A,3\n", "a link from A to itself"),
        ("input_csv/routes.csv", "A,B,3,7\n", "forced_redirection is '7'"),
        ("input_csv/locations.csv", "A,a,h,1,1,castle,,5\n", "location_type is 'castle'"),
        ("input_csv/locations.csv", "A,a,h,1,1,town,,-5\n", "line 1: '-5'; a number of people"),
        ("input_csv/locations.csv", "A,a,h,1,1,town,,9999999999999999999\n", "line 1"),
        ("input_csv/locations.csv", "A,a,h,1,999,town,,5\n", "longitude is 999"),
        (
            "input_csv/locations.csv",
            "A,a,h,1,1,town,,5\nA,a,h,1,1,town,,5\n",
            "line 2: A stands here a second time",
        ),
        ("input_csv/locations.csv", "#only a heading\n", "holds no places"),
        ("input_csv/sim_period.csv", "StartDate,2020-13-01\nLength,20\n", "line 1: '2020-13-01'; a date"),
        ("input_csv/sim_period.csv", "StartDate,2020-01-01\nLength,0\n", "Length is 0"),
        ("input_csv/sim_period.csv", "Length,10\n", "no StartDate"),
        ("input_csv/closures.csv", "river,A,B,1,2\n", "closure_type is 'river'"),
        ("input_csv/closures.csv", "location,C,,1,2\n", "'C'; a place"),
        ("input_csv/closures.csv", "location,A,,9,2\n", "closed from day 9 until day 2"),
        ("input_csv/conflicts.csv", "#Day,A\n0,1\n", "ends at day 0; rows up to day 19"),
        ("input_csv/conflicts.csv", "#Day,A\n0,1\n2,1\n", "line 3: day 2; day 1 was expected"),
        ("input_csv/conflicts.csv", "#Day,A\n0,1.5\n", "intensity is 1.5"),
        ("input_csv/conflicts.csv", "#Day,A\n0,x\n", "'x'; a number was expected"),
        ("input_csv/registration_corrections.csv", "Q,2020-01-05\n", "'Q'; a place"),
        ("source_data/b.csv", "2020-01-01,many\n", "b.csv: line 1: 'many'; a number of people"),
        ("source_data/b.csv", "yesterday,5\n", "b.csv: line 1: 'yesterday'; a date"),
        ("source_data/b.csv", "\n", "b.csv: holds no counts"),
        (
            "source_data/data_layout.csv",
            "total,refugees.csv\nB,../../../etc/passwd\n",
            "line 2: '../../../etc/passwd'",
        ),
        ("source_data/data_layout.csv", "total,refugees.csv\nB,missing.csv\n", "missing.csv"),
        (
            "simsetting.yml",
            "move_rules:\n  softening: many\n",
            "simsetting.yml: line 2: softening: a number was expected",
        ),
    ] {
        let error = refused(file, text);
        assert!(error.contains(said), "{file} {text:?}: {error}");
    }
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_line() {
    let folder = folder(&[]);
    std::fs::write(folder.path().join("input_csv/routes.csv"), b"A,B,1\nA,B\xff,2\n").unwrap();
    assert_eq!(read(folder.path(), None).unwrap_err().to_string(), "routes.csv: line 2: not UTF-8");
}

#[test]
fn very_many_people_run() {
    let folder = folder(&[
        ("input_csv/locations.csv", &LOCATIONS.replace("1000", "1000000000000")),
        ("source_data/b.csv", "2020-01-01,0\n2020-01-10,1000000000000\n"),
    ]);
    runs(folder.path());
    let instance = read(folder.path(), None).unwrap();
    let run = Model::new(&instance, None).unwrap().run(1, 0).unwrap();
    assert_eq!(run.day(19).whole.entered, 1_000_000_000_000);
}

#[test]
fn dates_that_run_backwards_are_put_in_order_and_reported() {
    let folder = folder(&[("source_data/b.csv", "2020-01-01,0\n2020-01-10,90\n2020-01-05,20\n")]);
    let instance = read(folder.path(), None).unwrap();
    assert!(instance.notes.iter().any(|n| n.starts_with("b.csv: line 3: 2020-01-05 does not come after")));
    assert_eq!(instance.registered_at(1, 4), Some(20));
}

#[test]
fn very_short_links_between_towns_end_the_day() {
    let folder = folder(&[
        (
            "input_csv/locations.csv",
            "A,a,home,1,1,conflict_zone,0,1000\nT,t,home,1,2,town,,5\nU,u,home,1,3,town,,5\nB,b,near,2,2,camp,,500\n",
        ),
        ("input_csv/routes.csv", "A,T,0.001\nT,U,0.001\nU,B,900\n"),
        ("simsetting.yml", "move_rules:\n  avoid_short_stints: True\n"),
    ]);
    runs(folder.path());
}

#[test]
fn a_hundred_thousand_places_run() {
    let mut locations = String::from(LOCATIONS);
    let mut routes = String::from(ROUTES);
    for i in 0..100_000 {
        locations.push_str(&format!("T{i},t,home,{},{},town,,5\n", i % 80, i % 170));
        routes.push_str(&format!("A,T{i},{}\n", 50 + i));
        if i > 30_000 {
            routes.truncate(routes.trim_end().rfind('\n').unwrap() + 1);
        }
    }
    let folder = folder(&[("input_csv/locations.csv", &locations), ("input_csv/routes.csv", &routes)]);
    runs(folder.path());
}

#[test]
fn more_routes_than_can_be_weighed_is_an_error() {
    let names: Vec<String> = (0..40).map(|i| format!("T{i}")).collect();
    let mut locations = String::from(LOCATIONS);
    let mut routes = String::from(ROUTES);
    for (i, name) in names.iter().enumerate() {
        locations.push_str(&format!("{name},t,home,3,{i},town,,5\n"));
        for other in &names[i + 1..] {
            routes.push_str(&format!("{name},{other},50\n"));
        }
        routes.push_str(&format!("A,{name},50\n"));
    }
    let folder = folder(&[
        ("input_csv/locations.csv", &locations),
        ("input_csv/routes.csv", &routes),
        ("simsetting.yml", "move_rules:\n  awareness_level: 6\n"),
    ]);
    let instance = read(folder.path(), None).unwrap();
    let error = Model::new(&instance, None).unwrap().run(1, 0).unwrap_err().to_string();
    assert!(error.contains("routes from one place; a lower awareness_level was expected"), "{error}");
}
