use std::collections::BTreeMap;

use super::*;
use crate::{
    Arrivals, Closes, Closure, Distance, Forced, Instance, Kind, Link, Location, Model, Registered,
    ReturnSettings, Series, Settings, default_return_method,
};

fn location(name: &str, country: &str, region: &str, kind: Kind) -> Location {
    Location {
        name: name.to_owned(),
        region: region.to_owned(),
        country: country.to_owned(),
        latitude: 1.0,
        longitude: name.len() as f64,
        kind,
        conflict_from: 0,
        population: if kind.is_camp() { 0 } else { 10_000 },
        capacity: 0,
        attributes: BTreeMap::from([("code".to_owned(), format!("XX-{name}"))]),
    }
}

fn link(from: usize, to: usize, km: u32) -> Link {
    Link {
        from,
        to,
        metres: km * 1000,
        forced: Forced::No,
        max_move_speed: None,
        walk_probability: 0.0,
        distance: Distance::Given,
    }
}

/// Two zones of conflict, a town, a camp abroad; 100 days, the second zone quiet from day 50.
fn instance() -> Instance {
    let ends: Vec<f64> = (0..100).map(|day| if day < 50 { 1.0 } else { 0.0 }).collect();
    Instance {
        name: "test".to_owned(),
        start: jiff::civil::date(2019, 1, 1),
        days: 100,
        locations: vec![
            location("Northam", "Home", "North", Kind::ConflictZone),
            location("Southam", "Home", "South", Kind::ConflictZone),
            location("Midway", "Home", "South", Kind::Town),
            location("Campton", "Abroad", "Border", Kind::Camp),
        ],
        links: vec![link(0, 2, 50), link(1, 2, 60), link(2, 3, 100), link(0, 3, 200)],
        closures: vec![Closure {
            what: Closes::Border("Abroad".into(), "Home".into()),
            start: 10,
            end: Some(90),
        }],
        conflicts: vec![None, Some(ends), None, None],
        capacities: Vec::new(),
        total: None,
        registered: vec![Registered { place: 3, series: Series::new(vec![(0, 0.0), (99, 990.0)]).unwrap() }],
        elsewhere: Vec::new(),
        settings: Settings::default(),
        notes: Vec::new(),
    }
}

const HEAD: &str = r#"
[scenario]
id = "test"
title = { en = "A test", nl = "Een toets" }
assumptions = [{ en = "We assume a test.", nl = "Wij nemen een toets aan." }]
"#;

fn scenario(changes: &str) -> Scenario {
    Scenario::parse("s.toml", &format!("{HEAD}{changes}")).unwrap()
}

fn applied(changes: &str) -> (Instance, ReturnSettings) {
    let (instance, returns) =
        scenario(changes).apply(&instance(), &default_return_method().settings()).unwrap();
    (instance, returns.unwrap())
}

fn refused(changes: &str) -> String {
    let text = format!("{HEAD}{changes}");
    let parsed = Scenario::parse("s.toml", &text);
    let error = match parsed {
        Err(error) => error,
        Ok(scenario) => scenario.apply(&instance(), &default_return_method().settings()).unwrap_err(),
    };
    assert!(
        matches!(&error, MovementError::Line { file, line, .. } if file == "s.toml" && *line > 1),
        "{error}"
    );
    error.to_string()
}

fn conflict(instance: &Instance, place: usize) -> &[f64] {
    instance.conflicts[place].as_deref().unwrap()
}

#[test]
fn a_scenario_that_changes_nothing_leaves_the_instance_as_it_is() {
    let (changed, returns) = applied("");
    assert_eq!(changed, instance());
    assert_eq!(returns, default_return_method().settings());
}

#[test]
fn a_ceasefire_lowers_conflict_from_its_day_until_it_breaks_down() {
    let (all, _) = applied("[[ceasefire]]\nall = true\nfrom = 20\n");
    assert_eq!(conflict(&all, 0)[18..22], [1.0, 1.0, 0.0, 0.0]);
    assert!(conflict(&all, 1)[20..].iter().all(|i| *i == 0.0));
    assert!(all.conflicts[2].is_none());
    let partial =
        "[[ceasefire]]\nregions = [\"North\"]\nfrom = \"2019-01-11\"\nuntil = 2019-01-31\nfactor = 0.25\n";
    let (some, _) = applied(partial);
    assert_eq!(conflict(&some, 0)[9..11], [1.0, 0.25]);
    assert_eq!(conflict(&some, 0)[29..31], [0.25, 1.0]);
    assert_eq!(some.conflicts[1], instance().conflicts[1]);
    let (by_code, _) =
        applied("[[ceasefire]]\nplaces = [\"XX-Southam\", \"Southam\"]\nfrom = 0\nfactor = 0.5\n");
    assert_eq!(conflict(&by_code, 1)[0], 0.5, "a place named twice is changed once");
}

#[test]
fn an_agreement_counts_as_far_as_it_is_implemented() {
    let (changed, returns) = applied(
        "[[agreement]]\nname = { en = \"Accord\", nl = \"Akkoord\" }\nall = true\nlowers = 0.5\n\
         implementation = [{ from = 10, share = 0.4 }, { from = 20, share = 1.0 }]\n\
         condition = [{ condition = \"water\", met = [0.5, 0.9] }]\n",
    );
    assert_eq!(conflict(&changed, 0)[9..11], [1.0, 0.8]);
    assert_eq!(conflict(&changed, 0)[19..21], [0.8, 0.5]);
    let water = |day| returns.met(0, 1, day);
    assert_eq!((water(9).low, water(9).high), (0.0, 1.0));
    assert!((water(10).low - 0.2).abs() < 1e-12 && (water(10).high - 0.96).abs() < 1e-12);
    assert_eq!((water(20).low, water(20).high), (0.5, 0.9));
}

#[test]
fn services_restore_a_condition_and_then_it_is_as_before() {
    let one = scenario(
        "[[service]]\ncondition = \"water\"\nplaces = [\"Southam\"]\nfrom = 10\nmet = 0.8\n\
         cost = { amount = 1000000, currency = \"EUR\", year = 2019 }\n\
         [[service]]\ncondition = \"water\"\nplaces = [\"Southam\"]\nfrom = 20\nuntil = 30\nmet = [0.9, 1]\n\
         cost = { amount = 500000, currency = \"EUR\", year = 2019 }\n\
         [[service]]\ncondition = \"electricity\"\nplaces = [\"Midway\"]\nfrom = 20\nmet = 0.2\n\
         cost = { amount = 7, currency = \"USD\", year = 2020 }\n",
    );
    let (_, returns) = one.apply(&instance(), &default_return_method().settings()).unwrap();
    let returns = returns.unwrap();
    let water: Vec<f64> = [9, 10, 20, 30].map(|day| returns.met(1, 1, day).low).to_vec();
    assert_eq!(water, [0.0, 0.8, 0.9, 0.8]);
    assert_eq!(returns.met(2, 2, 50).high, 0.2);
    let costs = one.costs();
    assert_eq!(
        costs.iter().map(|c| (c.amount, c.currency.as_str(), c.year)).collect::<Vec<_>>(),
        [(1_500_000.0, "EUR", 2019), (7.0, "USD", 2020)]
    );
}

#[test]
fn borders_links_places_and_camps_close_and_open() {
    let (shut, _) = applied(
        "[[close]]\nborder = [\"Home\", \"Abroad\"]\nfrom = 95\n\
         [[close]]\nlink = [\"Midway\", \"Southam\"]\nfrom = 3\nuntil = 5\n\
         [[close]]\ncamp = \"Campton\"\nfrom = 4\n[[close]]\nplace = \"Midway\"\nfrom = 1\n",
    );
    let whats: Vec<&Closes> = shut.closures[1..].iter().map(|c| &c.what).collect();
    let border = Closes::Border("Home".into(), "Abroad".into());
    assert_eq!(whats, [&border, &Closes::Link(2, 1), &Closes::Camp(3), &Closes::Place(2)]);
    assert_eq!((shut.closures[2].start, shut.closures[2].end), (3, Some(5)));

    // The border of the instance is closed on days 10 to 89.
    let (open, _) = applied("[[open]]\nborder = [\"Home\", \"Abroad\"]\nfrom = 20\nuntil = 30\n");
    let days: Vec<(i64, Option<i64>)> = open.closures.iter().map(|c| (c.start, c.end)).collect();
    assert_eq!(days, [(10, Some(20)), (30, Some(90))]);
    let (for_good, _) = applied("[[open]]\nborder = [\"Home\", \"Abroad\"]\nfrom = 20\n");
    assert_eq!((for_good.closures.len(), for_good.closures[0].end), (1, Some(20)));
    let (same, _) = applied("[[open]]\nlink = [\"Midway\", \"Southam\"]\nfrom = 20\n");
    assert!(same.notes[0].contains("changes nothing"), "{:?}", same.notes);
}

#[test]
fn a_new_camp_is_reached_from_the_day_it_opens() {
    let (changed, _) = applied(
        "[arrivals]\nmode = \"hazard\"\nhistory_until = 99\n\
         [[open]]\nborder = [\"Home\", \"Abroad\"]\nfrom = 10\n\
         [[camp]]\nname = \"New\"\ncountry = \"Abroad\"\nlatitude = 1.5\nlongitude = 2.5\ncapacity = 0\nfrom = 40\n\
         links = [{ to = \"Northam\", km = 10 }, { to = \"Midway\", km = 10 }]\n\
         [[capacity]]\ncamp = \"Campton\"\nfrom = 30\ncapacity = 500\n",
    );
    assert_eq!(changed.capacities[0].capacity, 500);
    let run = Model::new(&changed, None).unwrap().run(1, 1).unwrap();
    let there: Vec<u64> = run.at(4).collect();
    assert!(there[..40].iter().all(|n| *n == 0), "{there:?}");
    assert!(there[99] > 0);
}

#[test]
fn a_ceasefire_lowers_displacement_where_arrivals_follow_conflict() {
    let hazard = "[arrivals]\nmode = \"hazard\"\nhistory_until = \"2019-04-10\"\n";
    let (as_was, _) = applied(hazard);
    let Arrivals::Hazard { rate } = as_was.settings.arrivals else { panic!("a hazard was expected") };
    // 990 persons in 100 days of one zone and 50 of another, 10,000 people in each.
    assert!((rate - 990.0 / 1_500_000.0).abs() < 1e-12, "{rate}");
    let (ceased, _) = applied(&format!("{hazard}[[ceasefire]]\nall = true\nfrom = 30\n"));
    let entered = |instance: &Instance| {
        let run = Model::new(instance, None).unwrap().run(7, 0).unwrap();
        (run.day(29).whole.entered, run.day(99).whole.entered)
    };
    let (was, now) = (entered(&as_was), entered(&ceased));
    assert_eq!(was.0, now.0, "nothing differs before the ceasefire");
    assert!(now.1 == now.0 && was.1 > was.0 * 2, "{was:?} {now:?}");
    assert!((800..1200).contains(&was.1), "about as many as were registered: {was:?}");
}

#[test]
fn days_beyond_the_evidence_repeat_its_end_or_have_no_conflict() {
    let (longer, _) = applied(
        "[period]\nextend_days = 30\nconflict = \"repeat-last\"\nlast_days = 60\n[[ceasefire]]\nplaces = [\"Northam\"]\nfrom = 120\n",
    );
    assert_eq!(longer.days, 130);
    assert_eq!(
        conflict(&longer, 1)[98..112].iter().sum::<f64>(),
        10.0,
        "days 40 to 49 come again as 100 to 109"
    );
    assert_eq!(conflict(&longer, 0)[119..121], [1.0, 0.0]);
    assert!(
        longer.notes.iter().any(|n| n.contains("last 60 days"))
            && longer.notes.iter().any(|n| n.contains("nobody is displaced"))
    );
    let (quiet, _) = applied("[period]\nextend_days = 30\nconflict = \"none\"\n");
    assert!(conflict(&quiet, 0)[100..].iter().all(|i| *i == 0.0) && conflict(&quiet, 0)[99] == 1.0);
}

#[test]
fn people_are_pushed_only_where_the_scenario_says_so() {
    let (_, stay) = applied("[[stay]]\nplaces = [\"Campton\"]\nfrom = 10\nmet = 0.1\n");
    assert!(!stay.stay[0].pushed && stay.pushes.is_empty());
    let (_, pushed) = applied(
        "[[stay]]\nplaces = [\"Campton\"]\nfrom = 10\nmet = 0.1\npushed = true\n\
         [[push]]\nplaces = [\"Campton\"]\nfrom = 20\nuntil = 40\ndaily = 0.05\n",
    );
    assert!(pushed.stay[0].pushed);
    assert_eq!((pushed.pushes[0].day, pushed.pushes[0].until, pushed.pushes[0].daily), (20, Some(40), 0.05));
    assert!(scenario("[[push]]\nall = true\nfrom = 1\ndaily = 0.1\n").pushes() && !scenario("").pushes());

    let text = HEAD.replace("assumptions", "returns = false\nassumptions");
    let none = Scenario::parse("s.toml", &text).unwrap();
    assert!(none.apply(&instance(), &default_return_method().settings()).unwrap().1.is_none());
    let both = Scenario::parse("s.toml", &format!("{text}[[push]]\nall = true\nfrom = 1\ndaily = 0.1\n"));
    assert!(both.unwrap_err().to_string().contains("returns = false"));
}

#[test]
fn what_is_wrong_is_named_with_its_line_and_what_was_expected() {
    for (changes, said) in [
        (
            "[[ceasefire]]\nplaces = [\"Northham\"]\nfrom = 1\n",
            "line 7: 'Northham' is no place of this instance; near to it: Northam",
        ),
        (
            "[[ceasefire]]\nregions = [\"Nord\"]\nfrom = 1\n",
            "'Nord' is no region of this instance; near to it: North",
        ),
        ("[[close]]\nborder = [\"Home\", \"Abroud\"]\nfrom = 1\n", "near to it: Abroad"),
        ("[[close]]\nlink = [\"Northam\", \"Southam\"]\nfrom = 1\n", "no link between"),
        ("[[close]]\ncamp = \"Midway\"\nfrom = 1\n", "'Midway' is no camp"),
        ("[[close]]\ncamp = \"Campton\"\nplace = \"Midway\"\nfrom = 1\n", "exactly one of border"),
        (
            "[[ceasefire]]\nall = true\nfrom = 100\n",
            "day 100; a day of the period, 0 to 99 (2019-01-01 to 2019-04-10)",
        ),
        ("[[ceasefire]]\nall = true\nfrom = \"2018-12-31\"\n", "2018-12-31; a day of the period"),
        ("[[ceasefire]]\nall = true\nfrom = \"soon\"\n", "found 'soon'; a day as 30 or a date"),
        ("[[ceasefire]]\nall = true\nfrom = 20\nuntil = 20\n", "a later day was expected"),
        ("[[ceasefire]]\nall = true\nfrom = 20\nuntil = \"2019-01-05\"\n", "it begins on day 20"),
        ("[[ceasefire]]\nall = true\nfrom = 20\nfactor = 1.5\n", "factor is 1.5; a number from 0 to 1"),
        ("[[ceasefire]]\nfrom = 20\n", "exactly one of places, regions and all"),
        ("[[ceasefire]]\nplaces = []\nfrom = 20\n", "an empty list"),
        ("[[ceasefire]]\nall = true\nfrom = 20\nfactr = 1\n", "unknown field"),
        (
            "[[service]]\ncondition = \"housing\"\nall = true\nfrom = 1\nmet = 1\n",
            "the condition 'housing'; one of safety, water",
        ),
        (
            "[[service]]\ncondition = \"water\"\nall = true\nfrom = 1\nmet = [0.9, 0.2]\n",
            "the lower end first",
        ),
        ("[[service]]\ncondition = \"water\"\nall = true\nfrom = 1\nmet = 2\n", "0…1"),
        (
            "[[service]]\ncondition = \"water\"\nall = true\nfrom = 1\nmet = 1\ncost = { amount = -1, currency = \"EUR\", year = 2019 }\n",
            "an amount from 0",
        ),
        (
            "[[service]]\ncondition = \"water\"\nall = true\nfrom = 1\nmet = 1\ncost = { amount = 1, currency = \"euro\", year = 2019 }\n",
            "the currency 'euro'",
        ),
        (
            "[[agreement]]\nname = { en = \"A\", nl = \"B\" }\nall = true\nimplementation = [{ from = 1, share = 1 }]\n",
            "changes nothing",
        ),
        (
            "[[agreement]]\nname = { en = \"A\", nl = \"B\" }\nall = true\nlowers = 1\nimplementation = []\n",
            "no implementation",
        ),
        (
            "[[agreement]]\nname = { en = \"A\", nl = \"B\" }\nall = true\nlowers = 1\nimplementation = [{ from = 5, share = 1 }, { from = 5, share = 0 }]\n",
            "a later day",
        ),
        ("[arrivals]\nmode = \"hazard\"\n", "no history_until"),
        ("[arrivals]\nmode = \"hazard\"\nhistory_until = 0\n", "nobody is registered"),
        ("[period]\nextend_days = 10\nconflict = \"repeat-last\"\n", "no last_days"),
        ("[period]\nextend_days = 10\nconflict = \"repeat-last\"\nlast_days = 500\n", "at most 100"),
        ("[period]\nextend_days = 4000000\nconflict = \"none\"\n", "days from 1 to"),
        (
            "[[camp]]\nname = \"New\"\ncountry = \"Abroad\"\nlatitude = 1.234\nlongitude = 2\ncapacity = 0\nfrom = 1\nlinks = [{ to = \"Midway\", km = 1 }]\n",
            "at most one decimal",
        ),
        (
            "[[camp]]\nname = \"Midway\"\ncountry = \"Abroad\"\nlatitude = 1\nlongitude = 2\ncapacity = 0\nfrom = 1\nlinks = [{ to = \"Midway\", km = 1 }]\n",
            "there is a place of this name",
        ),
        ("[[push]]\nall = true\nfrom = 1\ndaily = 7\n", "daily is 7"),
        ("[[push]]\nall = true\nfrom = 1\n", "missing field"),
    ] {
        let error = refused(changes);
        assert!(error.contains(said), "{changes}\ngave {error}\nwithout {said}");
    }
}

#[test]
fn a_scenario_says_what_it_assumes_in_both_languages_and_gives_no_verdict() {
    for (from, to, said) in [
        (
            "assumptions = [{ en = \"We assume a test.\", nl = \"Wij nemen een toets aan.\" }]",
            "",
            "no assumptions",
        ),
        ("nl = \"Wij nemen een toets aan.\"", "nl = \" \"", "an empty text"),
        (", nl = \"Wij nemen een toets aan.\"", "", "missing field"),
        ("We assume a test.", "We assume that Northam is safe.", "'safe', a verdict"),
        ("Wij nemen een toets aan.", "Northam is veilig.", "a verdict"),
        ("id = \"test\"", "id = \"\"", "an empty text"),
        ("title = ", "titel = ", "unknown field"),
    ] {
        let text = HEAD.replacen(from, to, 1);
        assert_ne!(text, HEAD);
        let error = Scenario::parse("s.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("s.toml: line ") && error.contains(said), "{error}");
    }
}

#[test]
fn a_condition_that_the_method_lacks_is_an_error() {
    let mut method = default_return_method().settings();
    method.conditions.retain(|c| c != "water");
    let one = scenario("[[service]]\ncondition = \"water\"\nall = true\nfrom = 1\nmet = 1\n");
    let error = one.apply(&instance(), &method).unwrap_err().to_string();
    assert!(error.contains("the method has no condition 'water'; it has safety, electricity"), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_fall_over(text in "(\\[\\[?(ceasefire|service|camp|scenario)\\]\\]?|[a-z_]{1,8} = ([0-9.]{1,4}|\"[a-z]{0,5}\"|\\[\\]|\\{\\})|\n|.){0,20}") {
        let _ = Scenario::parse("s.toml", &format!("{HEAD}{text}"));
        let _ = Scenario::parse("s.toml", &text);
    }
}
