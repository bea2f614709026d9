//! Small cases of the rules.

use wegen_movement::{Arrivals, Closes, Instance, Kind, Model, Settings};

use crate::made::{closed, instance, link, place, varied};

fn settings() -> Settings {
    Settings { insert_day0: false, ..Settings::validation() }
}

fn last(instance: &Instance) -> Vec<u64> {
    let run = Model::new(instance, None).unwrap().run(3, 0).unwrap();
    run.day(instance.days - 1).persons.to_vec()
}

#[test]
fn with_no_weight_abroad_nobody_arrives_there() {
    let made = varied(Settings { foreign_weight: 0.0, camp_weight: 1.0, ..settings() });
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    for day in 0..made.days {
        // A hub abroad whose neighbours at home are the only other choice lets nobody further either.
        assert_eq!(run.day(day).persons[5..=7], [0, 0, 0]);
    }
    assert!(run.day(made.days - 1).whole.entered > 100);
}

#[test]
fn one_person_is_there_through_500_days() {
    let mut made = varied(settings());
    made.days = 500;
    made.conflicts = vec![None; made.locations.len()];
    made.settings.arrivals = Arrivals::Registered { sum_from_camps: true };
    made.registered[0].series = wegen_movement::Series::new(vec![(0, 0.0), (1, 1.0)]).unwrap();
    let run = Model::new(&made, None).unwrap().run(9, 4).unwrap();
    for day in 1..500 {
        let counts = run.day(day);
        assert_eq!(counts.persons.iter().sum::<u64>() + counts.whole.travelling, 1);
    }
}

#[test]
fn a_marker_is_no_step_of_awareness() {
    // zone — marker — marker — camp, and a town beside the zone: the camp is one step away.
    let places = vec![
        place("Zone", "home", Kind::ConflictZone, 1000),
        place("Bend", "home", Kind::Marker, 0),
        place("Turn", "home", Kind::Marker, 0),
        place("Camp", "near", Kind::Camp, 0),
        place("Town", "home", Kind::Town, 10),
        place("Beyond", "near", Kind::Camp, 0),
    ];
    let links =
        vec![link(0, 1, 30.0), link(1, 2, 30.0), link(2, 3, 30.0), link(0, 4, 90.0), link(4, 5, 30.0)];
    let still =
        Settings { default_movechance: 0.0, camp_movechance: 0.0, avoid_short_stints: false, ..settings() };
    let near =
        instance(places.clone(), links.clone(), 30, 10, Settings { awareness_level: 1, ..still.clone() });
    let counts = last(&near);
    assert!(counts[3] > 50 && counts[5] == 0, "{counts:?}");
    let far = instance(places, links, 30, 10, Settings { awareness_level: 2, ..still });
    assert!(last(&far)[5] > 20);
}

#[test]
fn a_closed_link_lets_nobody_through_and_returns_those_on_it() {
    let places = vec![place("Zone", "home", Kind::ConflictZone, 1000), place("Camp", "near", Kind::Camp, 0)];
    // Four days on the way at 400 km a day; closed from day 6 for ever.
    let mut made =
        instance(places, vec![link(0, 1, 1500.0)], 30, 10, Settings { camp_movechance: 0.0, ..settings() });
    made.closures = vec![closed(Closes::Link(0, 1), 6, -1)];
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    let arrived = run.day(29).persons[1];
    // Those of days 1 and 2 arrive at the ends of days 4 and 5; whoever was under way on day 6 is back at the zone.
    assert_eq!(arrived, 20);
    assert_eq!(run.day(29).whole.travelling, 0);
    assert_eq!(run.day(29).persons[0], run.day(29).whole.entered - arrived);
}

#[test]
fn constant_spawning_adds_its_number_for_each_conflict_day() {
    let mut made = varied(Settings { arrivals: Arrivals::Constant { persons: 7.0 }, ..settings() });
    made.conflicts[1] = Some(vec![0.0; 40]);
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    let mut expected = 0;
    for day in 0..40 {
        expected += if day % 20 < 14 { 7 } else { 0 };
        assert_eq!(run.day(day).whole.entered, expected);
    }
}

#[test]
fn registrations_that_fall_are_made_up_for_before_anybody_new_comes() {
    let mut made = varied(settings());
    made.conflicts[0] = Some(vec![1.0; 40]);
    made.registered[0].series =
        wegen_movement::Series::new(vec![(0, 0.0), (10, 100.0), (20, 50.0), (30, 150.0)]).unwrap();
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    let entered: Vec<u64> = [10, 20, 25, 30, 39].iter().map(|d| run.day(*d).whole.entered).collect();
    assert_eq!(entered, [100, 100, 100, 150, 150]);
}

#[test]
fn without_conflict_nobody_is_displaced_from_anywhere_and_they_are_counted_as_such() {
    let mut made = varied(settings());
    made.conflicts = made.conflicts.iter().map(|_| Some(vec![0.0; 40])).collect();
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    assert_eq!(run.day(39).whole.entered, 0);
    assert_eq!(run.day(39).whole.unplaced, 39 * 12);
}

#[test]
fn those_who_leave_are_taken_from_the_population_and_no_more_than_there_are() {
    let mut made = varied(Settings { take_from_population: true, ..settings() });
    made.conflicts[0] = Some(vec![1.0; 40]);
    made.locations[0].population = 30;
    made.locations[1].population = 40;
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    assert_eq!(run.day(39).whole.entered, 70);
    assert_eq!(run.day(39).whole.unplaced, 39 * 12 - 70);
}

#[test]
fn a_closed_camp_is_a_town_meanwhile() {
    let places = vec![place("Zone", "home", Kind::ConflictZone, 1000), place("Camp", "near", Kind::Camp, 0)];
    let rules =
        Settings { camp_movechance: 0.0, default_movechance: 1.0, conflict_movechance: 1.0, ..settings() };
    let mut made = instance(places, vec![link(0, 1, 300.0)], 30, 10, rules);
    made.closures = vec![closed(Closes::Camp(1), 10, 12)];
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    // All leave the camp that was closed, and are on the way; once it is one again it is left no more, and fills.
    assert_eq!(run.day(9).persons[1], 90);
    assert_eq!((run.day(10).persons[1], run.day(10).whole.travelling), (0, 100));
    assert_eq!(run.day(29).persons[1], run.day(29).whole.entered);
}
