//! What holds for every instance.

use proptest::prelude::*;
use wegen_movement::{
    Closes, Compat, End, Instance, Kind, Model, Push, ReturnRates, ReturnSettings, Run, Settings,
};

use crate::made::{closed, instance, link, place};

#[derive(Debug, Clone)]
struct Made {
    instance: Instance,
    returns: Option<ReturnSettings>,
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Town),
        3 => Just(Kind::ConflictZone),
        3 => Just(Kind::Camp),
        1 => Just(Kind::IdpCamp),
        1 => Just(Kind::ForwardingHub),
        1 => Just(Kind::Marker),
    ]
}

fn returns() -> impl Strategy<Value = Option<ReturnSettings>> {
    prop::option::of((0.0..0.5f64, 1.0..40.0f64, 0.0..1.0f64, 0usize..4, 0.0..0.3f64)).prop_map(|drawn| {
        drawn.map(|(daily, quiet_days, least, place, push)| ReturnSettings {
            rates: ReturnRates {
                daily,
                quiet_days,
                least,
                distance_km: 500.0,
                stay: 0.5,
                fades_months: 12.0,
                fades_to: 0.2,
                leaves_again: 0.02,
            },
            conditions: vec!["water".to_owned()],
            met: Vec::new(),
            stay: Vec::new(),
            pushes: vec![Push { place, day: 5, until: Some(20), daily: push }],
            end: End::High,
        })
    })
}

fn made() -> impl Strategy<Value = Made> {
    (
        prop::collection::vec((kinds(), 0u64..5000, 0usize..3), 3..9),
        prop::collection::vec((0usize..9, 0usize..9, 1.0..900.0f64), 3..14),
        prop::collection::vec((0usize..4, 0usize..9, 0usize..9, 0i64..30, 1i64..20), 0..4),
        prop::collection::vec(
            prop::option::of(prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.1..1.0f64], 40)),
            9,
        ),
        (any::<bool>(), 1u32..4, 0u64..400, any::<bool>(), any::<bool>()),
        returns(),
    )
        .prop_map(
            |(mut places, links, closures, conflicts, (flee, awareness, daily, foot, stints), returns)| {
                places.push((Kind::Camp, 60, 1));
                let n = places.len();
                let countries = ["home", "near", "away"];
                let locations = places
                    .iter()
                    .enumerate()
                    .map(|(i, (kind, people, country))| {
                        place(&format!("Place {i}"), countries[*country], *kind, *people)
                    })
                    .collect();
                let links = links
                    .into_iter()
                    .map(|(a, b, km)| (a % n, b % n, km))
                    .filter(|(a, b, _)| a != b)
                    .map(|(a, b, km)| link(a, b, km))
                    .collect();
                let settings = Settings {
                    compat: if flee { Compat::Flee } else { Compat::Rules },
                    awareness_level: awareness,
                    start_on_foot: foot,
                    avoid_short_stints: stints,
                    ..Settings::validation()
                };
                let mut instance = instance(locations, links, 40, daily, settings);
                instance.conflicts =
                    conflicts.into_iter().take(n).chain(std::iter::repeat(None)).take(n).collect();
                instance.closures = closures
                    .into_iter()
                    .map(|(what, a, b, start, length)| {
                        let (a, b) = (a % n, b % n);
                        let what = match what {
                            0 => Closes::Border("home".to_owned(), "near".to_owned()),
                            1 => Closes::Place(a),
                            2 => Closes::Link(a, b),
                            _ => Closes::Camp(a),
                        };
                        closed(what, start, start + length)
                    })
                    .collect();
                Made { returns: if flee { None } else { returns }, instance }
            },
        )
}

fn run(made: &Made, member: u64) -> Run {
    Model::new(&made.instance, made.returns.clone()).unwrap().run(5, member).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Everybody who entered is at a place, at home or on a link, on every day.
    #[test]
    fn nobody_is_lost(made in made()) {
        let run = run(&made, 0);
        let asked: u64 = Model::new(&made.instance, None).unwrap().arrivals().iter().sum();
        for day in 0..run.days() {
            let counts = run.day(day);
            let whole = counts.persons.iter().chain(counts.home).sum::<u64>() + counts.whole.travelling;
            prop_assert_eq!(whole, counts.whole.entered);
        }
        let last = run.day(run.days() - 1).whole;
        prop_assert_eq!(last.entered + last.unplaced, asked);
    }

    /// A day more changes nothing of the days before.
    #[test]
    fn the_future_does_not_change_the_past(made in made(), days in 1u32..40) {
        let model = Model::new(&made.instance, made.returns.clone()).unwrap();
        let (short, long) = (model.run_days(5, 1, days).unwrap(), model.run(5, 1).unwrap());
        for day in 0..days {
            prop_assert_eq!(short.day(day).persons, long.day(day).persons);
            prop_assert_eq!(short.day(day).whole, long.day(day).whole);
        }
    }

    /// Other names, and places and links in another order, give the same numbers.
    #[test]
    fn names_and_order_do_not_matter(made in made(), seed in any::<u64>()) {
        let instance = &made.instance;
        let n = instance.locations.len();
        // The first place stays where it is: its country is home.
        let mut order: Vec<usize> = (1..n).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, (seed as usize).wrapping_mul(i + 7) % (i + 1));
        }
        order.insert(0, 0);
        let new = |old: usize| order.iter().position(|o| *o == old).unwrap();
        let mut other = instance.clone();
        other.locations = order.iter().map(|old| instance.locations[*old].clone()).collect();
        for (i, location) in other.locations.iter_mut().enumerate() {
            location.name = format!("Another {i}");
        }
        other.conflicts = order.iter().map(|old| instance.conflicts[*old].clone()).collect();
        other.links.reverse();
        for link in &mut other.links {
            (link.from, link.to) = (new(link.to), new(link.from));
        }
        for registered in &mut other.registered {
            registered.place = new(registered.place);
        }
        for closure in &mut other.closures {
            closure.what = match closure.what.clone() {
                Closes::Place(p) => Closes::Place(new(p)),
                Closes::Link(a, b) => Closes::Link(new(b), new(a)),
                Closes::Camp(p) => Closes::Camp(new(p)),
                what => what,
            };
        }
        let mut returns = made.returns.clone();
        for push in returns.iter_mut().flat_map(|r| &mut r.pushes) {
            push.place = new(push.place);
        }
        let (one, two) = (run(&made, 2), run(&Made { instance: other, returns }, 2));
        for day in 0..one.days() {
            let (a, b) = (one.day(day), two.day(day));
            for old in 0..n {
                prop_assert_eq!(a.persons[old], b.persons[new(old)]);
            }
            prop_assert_eq!(a.whole, b.whole);
        }
    }

    /// A camp that is full is chosen by nobody but who is on the way already: on a day it grows by no more than
    /// were under way or could still choose it that day.
    #[test]
    fn a_full_camp_takes_in_nobody_who_had_not_set_out(made in made()) {
        let run = run(&made, 3);
        let rules = &made.instance.settings;
        for camp in made.instance.camps() {
            let full = made.instance.locations[camp].capacity as f64 * rules.capacity_scaling;
            if full < 1.0 || rules.compat == Compat::Flee || made.instance.closures.iter().any(|c| matches!(c.what, Closes::Camp(_))) {
                continue;
            }
            for day in 1..run.days() {
                let (before, now) = (run.day(day - 1), run.day(day));
                if before.persons[camp] as f64 >= full && made.returns.is_none() {
                    // Full all day unless somebody leaves it: whoever arrives was on a link the evening before, or
                    // came into the room that leavers made.
                    let left = (0.05 * full + 20.0) as u64;
                    let grown = now.persons[camp].saturating_sub(before.persons[camp]);
                    prop_assert!(grown <= before.whole.travelling + left, "{} grew by {}", camp, grown);
                }
            }
        }
    }

    /// While a place is closed nobody arrives there but who turned back to it.
    #[test]
    fn nobody_arrives_where_all_links_are_closed(made in made(), at in 0usize..3) {
        let mut made = made;
        made.returns = None;
        let n = made.instance.locations.len();
        let place = n - 1 - at % (n - 1);
        if made.instance.locations[place].kind == Kind::ConflictZone || made.instance.conflicts[place].is_some() {
            return Ok(());
        }
        made.instance.closures = vec![closed(Closes::Place(place), 0, -1)];
        let run = run(&made, 0);
        for day in 1..run.days() {
            prop_assert!(run.day(day).persons[place] <= run.day(0).persons[place]);
        }
    }
}

#[test]
fn the_same_bytes_on_one_two_and_seven_threads() {
    let made = crate::made::varied(Settings { insert_day0: false, ..Settings::validation() });
    let model = Model::new(&made, None).unwrap();
    let on = |threads: usize| -> Vec<Run> {
        use rayon::prelude::*;
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| (0..24u64).into_par_iter().map(|member| model.run(8, member).unwrap()).collect())
    };
    let bytes = |runs: &[Run]| serde_json::to_vec(runs).unwrap();
    let one = bytes(&on(1));
    assert_eq!(one, bytes(&on(2)));
    assert_eq!(one, bytes(&on(7)));
}
