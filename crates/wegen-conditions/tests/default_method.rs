//! The default method is readable, cites its authorities, and judges no place.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use wegen_conditions::{Assessment, Cell, Method, Role, Verdict};

const TEXT: &str = include_str!("../../../methods/return-conditions.toml");

fn method() -> Method {
    Method::parse("methods/return-conditions.toml", TEXT, &|i| wegen_model::indicators().get(i).is_some())
        .unwrap()
}

#[test]
fn every_criterion_says_on_whose_authority_it_stands() {
    let method = method();
    for leaf in method.leaves.iter().map(|l| &method.nodes[*l]) {
        let cite = &leaf.leaf.as_ref().unwrap().cite;
        assert!(leaf.role == Role::Context || !cite.is_empty(), "{}", leaf.id);
    }
    assert_eq!(method.dimensions.len(), 5);
    // Security counts through floors, and is no part of the score.
    let security = method.node("security").unwrap();
    assert!(method.dimensions.iter().all(|d| method.nodes[*d].parent != Some(security)));
}

#[test]
fn without_evidence_nothing_can_be_determined() {
    let method = method();
    let assessment = Assessment::of(&method, &vec![Cell::missing(); method.leaves.len()]);
    assert_eq!(assessment.verdict, Verdict::CannotBeDetermined);
    assert!(assessment.criteria.iter().all(|c| *c == Verdict::CannotBeDetermined));
}

#[test]
fn no_average_of_services_makes_up_for_war() {
    let method = method();
    let cells: Vec<Cell> = method
        .leaves()
        .map(|leaf| match leaf.indicator.as_str() {
            "area-deaths" => Cell::at(5000.0),
            "area-death-rate" => Cell::at(200.0),
            _ => {
                let points = leaf.scale.points();
                Cell::at(if leaf.scale.rises() { points[points.len() - 1].0 } else { points[0].0 })
            }
        })
        .collect();
    let assessment = Assessment::of(&method, &cells);
    assert_eq!(assessment.score, Some(Verdict::Met));
    assert_eq!(assessment.verdict, Verdict::NotMet);
}

#[test]
fn no_word_of_it_is_a_verdict() {
    assert!(wegen_model::verdicts(TEXT).is_empty(), "{:?}", wegen_model::verdicts(TEXT));
}
