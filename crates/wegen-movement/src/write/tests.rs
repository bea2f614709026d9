use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{CapacityChange, Closure, Link, Location, Registered, read};

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zÀ-ÿ'\",;|é 0-9/#-]{1,12}".prop_map(|s| s.trim().to_owned())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop::sample::select(vec![
        Kind::ConflictZone,
        Kind::Town,
        Kind::Camp,
        Kind::IdpCamp,
        Kind::ForwardingHub,
        Kind::Marker,
    ])
}

fn location() -> impl Strategy<Value = Location> {
    let attributes = prop::collection::btree_map("[a-z_]{1,6}", "[A-Za-z0-9, .-]{1,6}", 0..3);
    (
        name(),
        "[A-Z a-z]{0,8}",
        "[A-C]",
        (-90.0..=90.0f64, -180.0..=180.0f64),
        kind(),
        0u32..50,
        0u64..2_000_000,
        attributes,
    )
        .prop_map(
            |(name, region, country, (latitude, longitude), kind, conflict_from, people, attributes)| {
                Location {
                    name,
                    region: region.trim().to_owned(),
                    country,
                    latitude,
                    longitude,
                    kind,
                    conflict_from,
                    population: if kind.is_camp() { 0 } else { people },
                    capacity: if kind.is_camp() { people } else { 0 },
                    attributes: attributes
                        .into_iter()
                        .map(|(k, v)| (k, v.trim().to_owned()))
                        .filter(|(_, v)| !v.is_empty())
                        .collect(),
                }
            },
        )
}

fn series() -> impl Strategy<Value = Series> {
    prop::collection::btree_map(-400i64..4000, 0u32..5_000_000, 1..6).prop_map(|points| {
        Series::new(points.into_iter().map(|(day, count)| (day, f64::from(count))).collect()).unwrap()
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let arrivals = prop_oneof![
        any::<bool>().prop_map(|sum_from_camps| Arrivals::Registered { sum_from_camps }),
        (0.0..1e6f64).prop_map(|persons| Arrivals::Constant { persons }),
        (0.0..1e6f64).prop_map(|persons| Arrivals::Poisson { persons }),
        (0.0..1.0f64).prop_map(|share| Arrivals::Share { share }),
        (0.0..1e-3f64).prop_map(|rate| Arrivals::Hazard { rate }),
    ];
    let truths = prop::array::uniform6(any::<bool>());
    (
        arrivals,
        truths,
        prop::collection::vec(0.0..2.0f64, 0..4),
        prop::array::uniform6(0.0..1.0f64),
        1u32..90,
        1u32..4,
    )
        .prop_map(|(arrivals, t, conflict_decay, x, conflict_decay_interval, awareness_level)| {
            Settings {
                arrivals,
                insert_day0: t[0],
                empty_camps_on_day0: t[1],
                take_from_population: t[2],
                start_on_foot: t[3],
                avoid_short_stints: t[4],
                use_pop_for_loc_weight: t[5],
                conflict_decay,
                conflict_decay_interval,
                awareness_level,
                camp_movechance: x[0],
                softening: x[1] * 100.0,
                distance_power: x[2] * 3.0 - 1.0,
                pruning_threshold: x[3] * 10.0,
                capacity_buffer: x[4],
                max_move_speed: 1.0 + x[5] * 1000.0,
                ..Settings::default()
            }
        })
}

/// Instances of all that the files can hold; indices are drawn as shares and made to fit.
fn instance() -> impl Strategy<Value = Instance> {
    let share = || 0.0..1.0f64;
    let link =
        (share(), share(), 1u32..4_000_000, 0u8..3, prop::option::of(1.0..900.0f64), 0.0..=1.0f64, 0u8..3);
    let closure = (0u8..6, share(), share(), 0i64..60, prop::option::of(0i64..60));
    let parts = (
        prop::collection::vec(location(), 2..7),
        prop::collection::vec(link, 0..8),
        prop::collection::vec(closure, 0..5),
        prop::collection::vec(prop::option::of(prop::collection::vec(0.0..=1.0f64, 30)), 7),
        prop::collection::vec((share(), 0u32..40, 0u64..90_000), 0..3),
        (
            prop::option::of(series()),
            prop::collection::btree_map(0usize..7, series(), 0..4),
            prop::collection::vec(series(), 0..3),
        ),
        settings(),
        1u32..=30,
    );
    parts.prop_map(|(mut locations, links, closures, mut conflicts, capacities, counts, settings, days)| {
        let mut seen = BTreeSet::new();
        locations.retain(|l| {
            !l.name.is_empty() && !l.name.starts_with('#') && l.name != "total" && seen.insert(l.name.clone())
        });
        if locations.is_empty() {
            locations.push(Location {
                name: "Only".into(),
                region: String::new(),
                country: "A".into(),
                latitude: 0.0,
                longitude: 0.0,
                kind: Kind::Town,
                conflict_from: 0,
                population: 1,
                capacity: 0,
                attributes: BTreeMap::new(),
            });
        }
        let places = locations.len();
        let at = |share: f64| (share * places as f64) as usize;
        let camps: Vec<usize> = (0..places).filter(|p| locations[*p].kind.is_camp()).collect();
        let links = links.into_iter().map(|(a, b, metres, forced, speed, walk, source)| Link {
            from: at(a),
            to: at(b),
            metres,
            forced: [Forced::No, Forced::Forward, Forced::Backward][usize::from(forced)],
            max_move_speed: speed,
            walk_probability: walk,
            distance: [Distance::Given, Distance::Road, Distance::GreatCircle][usize::from(source)],
        });
        let links: Vec<Link> = links.filter(|l| l.from != l.to).collect();
        let country = |p: usize| locations[p].country.clone();
        let closures = closures.into_iter().map(|(what, a, b, start, length)| Closure {
            what: match what {
                0 => Closes::Border(country(at(a)), country(at(b))),
                1 => Closes::Place(at(a)),
                2 => Closes::Link(at(a), at(b)),
                3 => Closes::Camp(at(a)),
                4 => Closes::IdpCamp(at(a)),
                _ => Closes::ForcedRedirection(at(a), at(b)),
            },
            start,
            end: length.map(|days| start + days),
        });
        let closures = closures.collect();
        conflicts.truncate(places);
        conflicts.resize(places, None);
        conflicts.iter_mut().flatten().for_each(|s| s.truncate(days as usize));
        let capacities = capacities.into_iter().filter_map(|(share, day, capacity)| {
            let place = *camps.get((share * camps.len() as f64) as usize)?;
            Some(CapacityChange { place, day, capacity })
        });
        let capacities = capacities.collect();
        let (total, registered, mut elsewhere) = counts;
        let registered: Vec<Registered> = registered
            .into_iter()
            .filter(|(place, _)| *place < places)
            .map(|(place, series)| Registered { place, series })
            .collect();
        if total.is_none() && registered.is_empty() {
            elsewhere.clear();
        }
        Instance {
            name: "written".to_owned(),
            start: jiff::civil::date(2013, 3, 1),
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
            notes: Vec::new(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back_equal(instance in instance()) {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("written");
        write_flee_folder(&instance, &folder).unwrap();
        let mut back = read(&folder, None).unwrap();
        back.notes.clear();
        prop_assert_eq!(&back, &instance);
        let beside: Vec<_> = std::fs::read_dir(parent.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        prop_assert_eq!(beside, ["written"]);
    }
}

fn small() -> Instance {
    let place = |name: &str, kind: Kind| Location {
        name: name.into(),
        region: "R".into(),
        country: "A".into(),
        latitude: 1.5,
        longitude: 2.5,
        kind,
        conflict_from: 0,
        population: 0,
        capacity: 0,
        attributes: BTreeMap::new(),
    };
    Instance {
        name: "small".into(),
        start: jiff::civil::date(2013, 3, 1),
        days: 3,
        locations: vec![place("Town", Kind::ConflictZone), place("Camp", Kind::Camp)],
        links: Vec::new(),
        closures: Vec::new(),
        conflicts: vec![None, None],
        capacities: Vec::new(),
        total: None,
        registered: vec![Registered { place: 1, series: Series::new(vec![(0, 10.0), (2, 20.0)]).unwrap() }],
        elsewhere: Vec::new(),
        settings: Settings { hasten: 4, ..Settings::default() },
        notes: Vec::new(),
    }
}

#[test]
fn counts_divided_by_hasten_come_back_as_they_were() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("small");
    let mut instance = small();
    instance.registered[0].series = Series::new(vec![(0, 10.25), (2, 20.5)]).unwrap();
    instance.locations[0].population = 7;
    write_flee_folder(&instance, &folder).unwrap();
    let mut back = read(&folder, None).unwrap();
    back.notes.clear();
    assert_eq!(back, instance);
    let text = std::fs::read_to_string(folder.join("source_data/001-camp.csv")).unwrap();
    assert_eq!(text, "#date,count\n2013-03-01,41\n2013-03-03,82\n");
}

#[test]
fn what_the_files_cannot_hold_is_refused_and_nothing_is_left_behind() {
    type Spoil = fn(&mut Instance);
    let cases: [(Spoil, &str); 8] = [
        (|i| i.registered[0].series = Series::new(vec![(0, 0.1)]).unwrap(), "whole persons"),
        (|i| i.locations[0].name = "two\nlines".into(), "words on one line"),
        (|i| i.locations[0].name = "#Town".into(), "no comment"),
        (|i| i.locations[0].name = "Camp".into(), "two places are called Camp"),
        (|i| i.locations[1].population = 5, "a capacity and no population"),
        (|i| i.conflicts[0] = Some(vec![0.5]), "for each day"),
        (|i| i.conflicts[0] = Some(vec![0.5, 2.0, 0.0]), "0 to 1"),
        (
            |i| {
                i.closures.push(Closure { what: Closes::Border("A".into(), "B".into()), start: 0, end: None })
            },
            "closure",
        ),
    ];
    for (spoil, said) in cases {
        let parent = tempfile::tempdir().unwrap();
        let mut instance = small();
        spoil(&mut instance);
        let error = write_flee_folder(&instance, &parent.path().join("x")).unwrap_err().to_string();
        assert!(error.contains(said), "{error} does not say {said}");
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone_and_further_files_stay_within() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("x");
    std::fs::create_dir(&folder).unwrap();
    write_folder(&small(), &folder, &[("SOURCES.md".into(), "text\n".into())]).unwrap();
    assert_eq!(std::fs::read_to_string(folder.join("SOURCES.md")).unwrap(), "text\n");
    let error = write_flee_folder(&small(), &folder).unwrap_err().to_string();
    assert!(error.contains("a new or empty folder"), "{error}");
    for path in ["../out.csv", "/elsewhere/out.csv", "input_csv/routes.csv", ""] {
        let further = [(path.to_owned(), String::new())];
        let error = write_folder(&small(), &parent.path().join("y"), &further).unwrap_err().to_string();
        assert!(error.contains("within the folder"), "{error}");
    }
    assert!(!parent.path().join("y").exists());
}
