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

/// A zone with a camp on either side, from which nobody moves on.
fn between_two_camps(near: f64, far: f64, rules: Settings) -> Instance {
    let places = vec![
        place("Zone", "home", Kind::ConflictZone, 1000),
        place("Near", "near", Kind::Camp, 0),
        place("Far", "near", Kind::Camp, 0),
    ];
    let rules = Settings { camp_movechance: 0.0, avoid_short_stints: false, ..rules };
    instance(places, vec![link(0, 1, near), link(0, 2, far)], 30, 100, rules)
}

#[test]
fn routes_much_lighter_than_the_heaviest_are_dropped_where_that_is_asked_for() {
    // Weights 1/(50 + 10) and 1/(50 + 300): a ratio of 5.8.
    let rules = Settings { distance_power: 1.0, ..settings() };
    let both = last(&between_two_camps(10.0, 300.0, rules.clone()));
    assert!(both[2] > 200, "{both:?}");
    for (threshold, reached) in [(5.0, false), (6.0, true)] {
        let counts =
            last(&between_two_camps(10.0, 300.0, Settings { pruning_threshold: threshold, ..rules.clone() }));
        assert_eq!(counts[2] > 0, reached, "{threshold}: {counts:?}");
    }
}

#[test]
fn shares_of_two_camps_are_those_of_their_weights() {
    let rules = Settings { distance_power: 2.0, softening: 0.0, ..settings() };
    let counts = last(&between_two_camps(100.0, 200.0, rules));
    // 4 to 1, of 2,900: 2,320 ± 22; five spreads.
    assert!((2210..=2430).contains(&counts[1]), "{counts:?}");
}

#[test]
fn chances_to_leave_grow_with_population_where_that_is_asked_for() {
    let rules = Settings { movechance_pop_base: 10_000.0, movechance_pop_scale_factor: 1.0, ..settings() };
    let run = Model::new(&between_two_camps(10.0, 10.0, rules), None).unwrap().run(1, 0).unwrap();
    // A zone of 1,000 is left with a chance of a tenth: of the 100 who come on day 1, some 90 are there at its end.
    assert!((70..=100).contains(&run.day(1).persons[0]), "{:?}", run.day(1));
}

#[test]
fn a_capacity_that_changes_holds_from_its_day() {
    let mut made = between_two_camps(10.0, 10.0, settings());
    made.capacities = vec![wegen_movement::CapacityChange { place: 1, day: 10, capacity: 1 }];
    let run = Model::new(&made, None).unwrap().run(1, 0).unwrap();
    let at_nine = run.day(9).persons[1];
    assert!(at_nine > 300);
    assert_eq!(run.day(29).persons[1], at_nine);
    assert_eq!(run.day(29).persons[2], 2900 - at_nine);
}

#[test]
fn everybody_takes_a_link_that_forces_them() {
    let mut made = between_two_camps(10.0, 300.0, settings());
    made.links[1].forced = wegen_movement::Forced::Forward;
    assert_eq!(last(&made)[1], 0);
    made.closures = vec![closed(Closes::ForcedRedirection(0, 2), 15, -1)];
    assert!(last(&made)[1] > 500);
}
