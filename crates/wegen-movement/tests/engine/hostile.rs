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

/// What is said of an instance with one file more, or another one.
fn notes(name: &str, text: &str) -> Vec<String> {
    let folder = folder(&[(name, text)]);
    read(folder.path(), None).unwrap().notes
}

#[test]
fn a_column_that_is_not_followed_is_named_with_its_line() {
    let locations = |column: &str, value: &str| {
        format!(
            "#name,region,country,latitude,longitude,location_type,conflict_date,population,{column}\n\
             A,a,home,1,1,conflict_zone,0,1000,{value}\nB,b,near,2,2,camp,,500,{value}\n"
        )
    };
    for (file, text, said) in [
        (
            "input_csv/locations.csv",
            locations("capacity_per_day", "100"),
            "locations.csv: line 1: column `capacity_per_day` is not followed: camps keep their capacity",
        ),
        (
            "input_csv/locations.csv",
            locations("gdp", "3"),
            "locations.csv: line 1: column `gdp` is not followed",
        ),
        ("input_csv/locations.csv", locations("", "7"), "locations.csv: line 2: '7' stands in column 9"),
        (
            "input_csv/routes.csv",
            "# drawn by hand\nA,B,100,0,walk\n".to_owned(),
            "routes.csv: line 2: 'walk' stands in column 5",
        ),
        (
            "input_csv/routes.csv",
            "#name1,name2,distance,forced_redirection,link_type\nA,B,100,,walk\n".to_owned(),
            "routes.csv: line 1: column `link_type` is not followed: the speed on a link",
        ),
        (
            "input_csv/closures.csv",
            "\n#closure_type,name1,name2,closure_start,closure_end,share\nlink,A,B,3,4,0.5\n".to_owned(),
            "closures.csv: line 2: column `share` is not followed",
        ),
        (
            "input_csv/conflicts.csv",
            "#Day,A,Z\n".to_owned() + &(0..20).map(|day| format!("{day},1,1\n")).collect::<String>(),
            "conflicts.csv: line 1: column `Z` is not followed: no place has this name",
        ),
        (
            "input_csv/sim_period.csv",
            "StartDate,2020-01-01\nLength,20\nTimestep,2\n".to_owned(),
            "sim_period.csv: line 3: `Timestep` is not followed",
        ),
    ] {
        let found = notes(file, &text);
        assert!(found.iter().any(|note| note.starts_with(said)), "{said}: {found:?}");
    }
    // What is followed, and remarks, need no word.
    for column in ["conflict_intensity", "initial_idps", "code", "Comment"] {
        assert_eq!(
            notes("input_csv/locations.csv", &locations(column, "1")),
            notes("README.md", ""),
            "{column}"
        );
    }
    let refused = refused("input_csv/locations.csv", &locations("initial_idps", "many"));
    assert_eq!(refused, "locations.csv: line 2: initial_idps is 'many'; a number was expected");
}

#[test]
fn a_file_that_is_not_read_is_named() {
    for (file, said) in [
        ("input_csv/location_changes.csv", "location_changes.csv: not read: places keep their type"),
        ("input_csv/region_attributes_IPC.csv", "region_attributes_IPC.csv: not read: food security"),
        (
            "input_csv/region_attributes_rain.csv",
            "region_attributes_rain.csv: not read: attributes of regions",
        ),
        ("input_csv/major_routes.csv", "major_routes.csv: not read: nobody knows of places further away"),
        ("input_csv/demographics_age.csv", "demographics_age.csv: not read: people have no age"),
        ("input_csv/population.csv", "population.csv: not read: nothing of it is in the result"),
        // Flee looks for it in the folder it runs in.
        ("location_changes.csv", "location_changes.csv: not read: places keep their type"),
    ] {
        let found = notes(file, "B,town,3\n");
        assert_eq!(found.iter().filter(|note| note.starts_with(said)).count(), 1, "{said}: {found:?}");
    }
    assert_eq!(notes("source_data/tribes.csv", ""), notes("SOURCES.md", ""));
}

#[test]
fn registrations_are_not_taken_for_unread_files_where_all_files_stand_together() {
    let apart = folder(&[]);
    let together = tempfile::tempdir().unwrap();
    for folder in ["input_csv", "source_data"] {
        for entry in std::fs::read_dir(apart.path().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, together.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    std::fs::write(together.path().join("SOURCES.md"), "").unwrap();
    std::fs::write(together.path().join("major_routes.csv"), "A,B\n").unwrap();
    let found = read(together.path(), None).unwrap().notes;
    let unread: Vec<&String> = found.iter().filter(|note| note.contains("not read")).collect();
    assert_eq!(unread.len(), 1, "{found:?}");
    assert!(unread[0].starts_with("major_routes.csv"), "{found:?}");
}

/// Public instances of FabFlee: South Sudan has types of link, Syria a second file of closures, Venezuela a file of
/// populations and conflict days of a place that is not among its places; the other six hold nothing that is not
/// followed.
#[test]
fn of_public_instances_three_hold_what_is_not_followed() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/movement"));
    if !data.is_dir() {
        eprintln!("passed over: {} is not here", data.display());
        return;
    }
    let mut found = Vec::new();
    let mut folders: Vec<_> = std::fs::read_dir(data).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|f| f.join("input_csv").is_dir()) {
        let instance = read(folder, None).unwrap();
        let notes = instance.notes.iter().filter(|n| n.contains("not read") || n.contains("not followed"));
        found.extend(notes.map(|note| format!("{}: {note}", instance.name)));
    }
    assert_eq!(found.len(), 4, "{found:#?}");
    for (said, starts) in found.iter().zip([
        "ssudan2016: routes.csv: line 1: column `link_type`",
        "syria2013: closures - syria.csv: not read",
        "venezuela2022: conflicts.csv: line 1: column `Distrito Capital` is not followed: no place has this name",
        "venezuela2022: population.csv: not read",
    ]) {
        assert!(said.starts_with(starts), "{said}");
    }
}

/// Camps that grow, and rules of 2026 (djgroen/flee 611aa3d9, b4dcd562), in the place of the example's own files.
#[test]
fn flees_inputs_of_2026_are_noted_or_refused() {
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cases/turn-2/13-flee"));
    if !cases.is_dir() {
        eprintln!("passed over: {} is not here", cases.display());
        return;
    }
    let example = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/movement/example"));
    let with = |file: &str, at: &str| {
        let folder = tempfile::tempdir().unwrap();
        for within in ["input_csv", "source_data"] {
            std::fs::create_dir(folder.path().join(within)).unwrap();
            for entry in std::fs::read_dir(example.join(within)).unwrap() {
                let path = entry.unwrap().path();
                std::fs::copy(&path, folder.path().join(within).join(path.file_name().unwrap())).unwrap();
            }
        }
        let _none = std::fs::copy(example.join("simsetting.yml"), folder.path().join("simsetting.yml"));
        std::fs::copy(cases.join(file), folder.path().join(at)).unwrap();
        read(folder.path(), None)
    };
    let notes = with("locations.csv", "input_csv/locations.csv").unwrap().notes;
    let said = "locations.csv: line 1: column `capacity_per_day` is not followed: camps keep their capacity";
    assert_eq!(notes.iter().filter(|note| *note == said).count(), 1, "{notes:?}");
    let refused = with("simsetting.yml", "simsetting.yml").unwrap_err().to_string();
    assert!(refused.starts_with("simsetting.yml: line 13: use_economic_pull is not supported"), "{refused}");
}
