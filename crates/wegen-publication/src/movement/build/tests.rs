//! Instances from the built-in evidence, and the scenarios that are shipped for them.

use std::path::PathBuf;
use std::sync::LazyLock;

use wegen_ledger::{Edition, Ledger};
use wegen_model::verdicts;
use wegen_movement::{Arrivals, End, Model, ReturnSettings, Scenario, default_return_method, read};

use super::*;

/// The starter evidence alone.
static STARTER: LazyLock<(PathBuf, Edition)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    (folder, ledger.edition(None).unwrap())
});

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn built(country: &str, options: &BuildOptions) -> Result<Built, BuildError> {
    let ledger = Ledger::open(&STARTER.0).unwrap();
    build(ledger.evidence(&STARTER.1), code(country), options)
}

fn syria() -> &'static Built {
    static SYRIA: LazyLock<Built> = LazyLock::new(|| built("SYR", &BuildOptions::default()).unwrap());
    &SYRIA
}

fn shipped(name: &str) -> Scenario {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    Scenario::parse(name, &std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn syria_is_fourteen_governorates_and_its_largest_countries_of_asylum() {
    let instance = &syria().instance;
    let names: Vec<&str> = instance.locations.iter().map(|l| l.name.as_str()).collect();
    let abroad: Vec<&str> = (0..names.len()).filter(|p| instance.is_foreign(*p)).map(|p| names[p]).collect();
    assert_eq!(names.len(), 22, "{names:?}");
    for host in ["Lebanon", "Jordan", "Iraq", "Germany"] {
        assert!(abroad.contains(&host), "{abroad:?}");
    }
    assert!(names.contains(&"Idleb") && names.contains(&"Aleppo"), "{names:?}");
    assert_eq!((instance.start.to_string(), instance.days), ("2016-01-01".to_owned(), 1461));

    // Everybody can get everywhere, and neighbours are neighbours.
    let linked = |a: &str, b: &str| {
        let (a, b) = (instance.place(a).unwrap(), instance.place(b).unwrap());
        instance.links.iter().find(|l| (l.from, l.to) == (a.min(b), a.max(b)))
    };
    for (a, b) in [
        ("Idleb", "Aleppo"),
        ("Idleb", "Hama"),
        ("Dar'a", "Jordan"),
        ("Homs", "Lebanon"),
        ("Deir-ez-Zor", "Iraq"),
    ] {
        assert!(linked(a, b).is_some(), "{a} {b}");
    }
    assert!(linked("Idleb", "Dar'a").is_none() && linked("Tartous", "Iraq").is_none());
    assert!(linked("Dar'a", "Germany").unwrap().metres > 2_500_000);
    assert!(instance.links.iter().all(|l| l.distance == Distance::GreatCircle && l.metres % 100 == 0));
    let mut reached = BTreeSet::from([0]);
    for _ in 0..names.len() {
        for link in &instance.links {
            if reached.contains(&link.from) || reached.contains(&link.to) {
                reached.extend([link.from, link.to]);
            }
        }
    }
    assert_eq!(reached.len(), names.len());
}

#[test]
fn what_goes_in_is_what_the_evidence_holds() {
    let instance = &syria().instance;
    let stock = |name: &str, day: u32| instance.registered_at(instance.place(name).unwrap(), day).unwrap();
    // UNHCR, end of 2017 and end of 2019.
    assert_eq!((stock("Lebanon", 730), stock("Lebanon", 1460)), (992_127, 910_586));
    let series =
        &instance.registered.iter().find(|r| r.place == instance.place("Germany").unwrap()).unwrap().series;
    let points: Vec<(i64, f64)> = series.points().to_vec();
    assert_eq!(
        points,
        [(-1, 115_604.0), (365, 375_122.0), (730, 496_674.0), (1095, 532_065.0), (1460, 572_818.0)]
    );
    // All of the 6,615,249 of 2019 are there, here or elsewhere.
    let all: u64 =
        instance.registered.iter().map(|r| &r.series).chain(&instance.elsewhere).map(|s| s.at(1460)).sum();
    assert!((6_610_000..=6_615_249).contains(&all), "{all}");

    // UCDP: four events in Tartous in 2016, one in 2017, one in 2018; thousands in Aleppo.
    let days = |name: &str, from: usize, to: usize| -> f64 {
        instance.conflicts[instance.place(name).unwrap()].as_ref().unwrap()[from..to].iter().sum()
    };
    assert_eq!(
        (days("Tartous", 0, 366), days("Tartous", 366, 731), days("Tartous", 1096, 1461)),
        (4.0, 1.0, 0.0)
    );
    assert_eq!((days("Aleppo", 0, 366), days("Idleb", 1096, 1461)), (366.0, 365.0));
    let people: u64 = instance.locations.iter().map(|l| l.population).sum();
    assert!(people.abs_diff(19_193_837) < 14, "{people}");
}

#[test]
fn the_folder_says_where_it_comes_from_and_is_read_back_equal() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("SYR");
    syria().write(&folder).unwrap();
    let mut back = read(&folder, None).unwrap();
    let notes = std::mem::take(&mut back.notes);
    assert_eq!(back, Instance { notes: Vec::new(), ..syria().instance.clone() });
    assert!(notes.iter().all(|n| n.contains("passed over")), "{notes:?}");
    let again = built("SYR", &BuildOptions::default()).unwrap();
    assert_eq!((&again.instance, &again.sources), (&syria().instance, &syria().sources));

    let text = std::fs::read_to_string(folder.join("SOURCES.md")).unwrap();
    for said in [
        "| `input_csv/conflicts.csv` | ucdp-ged |",
        "| `source_data/*.csv` | unhcr-population |",
        "| `comparison/*.csv` | ocha-syria-movements |",
        "CC-BY-3.0-IGO",
        "equal share",
        "spread evenly over its days",
        "times 1.3",
        "Not for individual decisions",
        "Niet voor individuele",
    ] {
        assert!(text.contains(said), "no `{said}` in\n{text}");
    }
    assert!(!text.contains("ucdp-country-year"), "what is read and not used is no source");
    assert!(verdicts(&text).is_empty(), "{:?}", verdicts(&text));
    // Rule R4: no pair of degrees is finer than a tenth.
    let locations = std::fs::read_to_string(folder.join("input_csv/locations.csv")).unwrap();
    for line in locations.lines().skip(1) {
        let fine = line
            .split(',')
            .filter(|f| f.parse::<f64>().is_ok())
            .any(|f| f.split('.').nth(1).is_some_and(|d| d.len() > 1));
        assert!(!fine, "{line}");
    }
    let movements = std::fs::read_to_string(folder.join("comparison/idp-returns.csv")).unwrap();
    assert!(movements.starts_with("month,code,area,persons\n2017-") && movements.contains(",SY07,Idleb,"));
}

#[test]
fn other_countries_and_years_are_built_or_say_what_is_missing() {
    let sudan = built("SDN", &BuildOptions { hosts: 3, ..BuildOptions::default() }).unwrap();
    assert_eq!(sudan.instance.start.to_string(), "2019-01-01");
    assert!(sudan.instance.locations.len() > 12, "{}", sudan.instance.locations.len());
    let fine = built("SYR", &BuildOptions { level: 3, ..BuildOptions::default() }).unwrap().instance;
    let atareb = &fine.locations[fine.place("SY020001").or(fine.place("Atareb")).unwrap()];
    assert!(fine.locations.len() > 250 && atareb.region == "Aleppo", "{atareb:?}");
    assert!(fine.notes.iter().any(|n| n.contains("a wider area")), "{:?}", fine.notes);
    // No events by area are held of Mali: its deaths of the year hold everywhere, and this is said.
    let mali = built("MLI", &BuildOptions { years: Some((2022, 2023)), ..BuildOptions::default() }).unwrap();
    let first = mali.instance.conflicts[0].as_ref().unwrap()[0];
    assert!(first > 0.0 && mali.instance.conflicts[1].as_ref().unwrap()[100] == first);
    assert!(
        mali.instance.notes.iter().any(|n| n.contains("no events by area are held")),
        "{:?}",
        mali.instance.notes
    );

    let refused = |country: &str, options: BuildOptions| built(country, &options).err().unwrap().to_string();
    let base = BuildOptions::default;
    let none = refused("SYR", BuildOptions { years: Some((2031, 2032)), ..base() });
    assert!(none.contains("nothing on conflict in Syria in 2031"), "{none}");
    assert!(
        refused("SYR", BuildOptions { level: 2, ..base() })
            .contains("no boundaries of areas of Syria at level 2")
    );
    assert!(refused("SYR", BuildOptions { years: Some((2019, 2016)), ..base() }).contains("years in order"));
    assert!(refused("SYR", BuildOptions { detour: 0.5, ..base() }).contains("1 to 10"));
    assert!(refused("SYR", BuildOptions { hosts: 0, ..base() }).contains("no country of asylum"));
    assert!(refused("NLD", base()).contains("boundaries"), "no areas of the Netherlands are held");
}

#[test]
fn roads_and_populations_that_are_given_take_the_place_of_assumptions() {
    let given = |text: &str| Some(Given { file: "given.csv".into(), text: text.into() });
    let options = BuildOptions {
        roads: given("from,to,km\nIdleb,Saraqib,15\nSaraqib,SY02,52.5\nSY12,JOR,93\n"),
        ..BuildOptions::default()
    };
    let instance = built("SYR", &options).unwrap().instance;
    let roads: Vec<(&str, &str, u32)> = instance
        .links
        .iter()
        .filter(|l| l.distance == Distance::Road)
        .map(|l| (instance.locations[l.from].name.as_str(), instance.locations[l.to].name.as_str(), l.metres))
        .collect();
    assert_eq!(roads, [("Aleppo", "Idleb", 67_500), ("Dar'a", "Jordan", 93_000)]);

    let mut table = "area,population\n".to_owned();
    (1..=14).for_each(|n| table += &format!("SY{n:02},{}\n", n * 1000));
    let options = BuildOptions { populations: given(&table), ..BuildOptions::default() };
    let built_so = built("SYR", &options).unwrap();
    assert_eq!(built_so.instance.locations[built_so.instance.place("Idleb").unwrap()].population, 7000);
    assert!(
        !built_so.sources.contains("equal share") && built_so.sources.contains("look before passing this on")
    );
    let wrong =
        BuildOptions { populations: given("area,population\nSY01,5\nSY99,5\n"), ..BuildOptions::default() };
    let error = built("SYR", &wrong).unwrap_err().to_string();
    assert!(error.contains("given.csv: line 3: 'SY99' is no area"), "{error}");
}

#[test]
fn rows_that_may_not_be_passed_on_do_not_enter() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    let mut edition = ledger.edition(None).unwrap();
    for snapshot in &mut edition.snapshots {
        if snapshot.source == "ocha-syria-movements" || snapshot.source == "ucdp-ged" {
            snapshot.licence.sharing = Sharing::IndexOnly;
        }
    }
    let options = BuildOptions { years: Some((2018, 2019)), ..BuildOptions::default() };
    let built = build(ledger.evidence(&edition), code("SYR"), &options).unwrap();
    assert!(built.comparison.iter().all(|(file, _)| !file.contains("movements")), "{:?}", built.comparison);
    assert!(!built.sources.contains("| ucdp-ged |") && built.sources.contains("may not be passed on: "));
    // Conflict days are those of the country-year table then.
    assert!(built.sources.contains("2018 (1), 2019 (1)"), "{}", built.sources);
}

/// Days of the longest journey home: some 5,000 km at 360 a day.
const LONGEST: usize = 16;

/// One run of a shipped scenario at a scale, and what it starts from.
fn run(name: &str, end: End, member: u64) -> (Scenario, Instance, ReturnSettings, wegen_movement::Run) {
    let scenario = shipped(name);
    let method = ReturnSettings { end, ..default_return_method().settings() };
    let (instance, returns) = scenario.apply(&syria().instance.scaled(0.01), &method).unwrap();
    let returns = returns.unwrap();
    let run = Model::new(&instance, Some(returns.clone())).unwrap().run(2020, member).unwrap();
    (scenario, instance, returns, run)
}

#[test]
fn the_shipped_scenarios_hold_what_must_hold_on_every_day() {
    for name in ["SYR-conflict-goes-on.toml", "SYR-ceasefire-north-west.toml"] {
        for (end, member) in [(End::Low, 0), (End::High, 1), (End::High, 2)] {
            let (scenario, instance, returns, run) = run(name, end, member);
            assert!(scenario.assumptions.len() >= 4);
            for text in scenario.assumptions.iter().chain([&scenario.title]) {
                assert!(verdicts(&text.en).is_empty() && verdicts(&text.nl).is_empty() && text.en != text.nl);
            }
            assert_eq!((instance.days, run.days()), (1827, 1827));
            assert!(returns.pushes.is_empty() && !scenario.pushes());
            let mut home: Vec<u64> = vec![0; instance.locations.len()];
            for day in 0..run.days() {
                let counts = run.day(day);
                let there: u64 = counts.persons.iter().sum();
                let at_home: u64 = counts.home.iter().sum();
                assert_eq!(
                    there + counts.whole.travelling + at_home,
                    counts.whole.entered,
                    "{name}: day {day}: people are conserved"
                );
                assert_eq!(counts.whole.pushed, 0, "nobody is pushed where no scenario says so");
                for (place, now) in counts.home.iter().enumerate() {
                    // Nobody sets out for a home in conflict: where more are at home than the day before, there was
                    // a day without conflict within the longest journey.
                    let journey = (day as usize).saturating_sub(LONGEST)..=day as usize;
                    let conflict = instance.conflicts[place]
                        .as_ref()
                        .is_some_and(|c| c[journey].iter().all(|i| *i > 0.0));
                    let name_of = &instance.locations[place].name;
                    assert!(
                        !conflict || *now <= home[place],
                        "{name}: day {day}: a return to {name_of} in conflict"
                    );
                    assert!(*now == 0 || !instance.is_foreign(place), "home is not abroad");
                    home[place] = *now;
                }
            }
        }
    }
}

#[test]
fn a_ceasefire_lowers_displacement_and_changes_nothing_before_it() {
    let goes_on = run("SYR-conflict-goes-on.toml", End::High, 0);
    let ceasefire = run("SYR-ceasefire-north-west.toml", End::High, 0);
    // 6 March 2020 is day 1526; up to then the two are the same run.
    let before = 1525;
    assert_eq!(goes_on.3.day(before).persons, ceasefire.3.day(before).persons);
    let new = |run: &wegen_movement::Run| {
        let whole = |day: u32| run.day(day).whole;
        (whole(1826).entered - whole(before).entered, whole(1826).set_out)
    };
    let (as_was, less) = (new(&goes_on.3), new(&ceasefire.3));
    assert!(less.0 < as_was.0, "{less:?} {as_was:?}");
    assert!(less.1 >= as_was.1, "{less:?} {as_was:?}");
    let Arrivals::Hazard { rate } = ceasefire.1.settings.arrivals else { panic!("a hazard was expected") };
    assert!((1e-6..1e-3).contains(&rate), "{rate}");
}
