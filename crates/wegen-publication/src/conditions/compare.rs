//! Two assessments side by side: what changed, and how much of it each cause brought about.
//!
//! Causes are new data (another month, or a cell that was missing), revised data (the same cell, another value), the
//! method (tree, weights, floors, exponents) and its goalposts. The parts are exact: they add up to the change.

use wegen_conditions::{Assessment, Cell, Method, Verdict, split};
use wegen_ledger::Evidence;
use wegen_model::{Code, Interval};

use super::{Month, Place, reads};
use crate::conditions::readings::Reader;
use crate::recipes::FigureError;

/// What brings a change about, in the order of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Evidence on another month, or where there was none.
    NewData,
    /// Other evidence on the same.
    RevisedData,
    /// Another tree, other weights, floors or exponents.
    Method,
    /// Other goalposts.
    Goalposts,
}

impl Cause {
    /// All, in their order.
    pub const ALL: [Cause; 4] = [Cause::NewData, Cause::RevisedData, Cause::Method, Cause::Goalposts];

    /// Its text form, also the name of its message.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::NewData => "new-data",
            Cause::RevisedData => "revised-data",
            Cause::Method => "method",
            Cause::Goalposts => "goalposts",
        }
    }
}

/// A criterion that changed in an area.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeChange {
    /// The node's id.
    pub node: String,
    /// Its value before and after.
    pub values: [Interval; 2],
    /// Its verdict before and after.
    pub verdicts: [Verdict; 2],
    /// Its floor before and after.
    pub floors: [f64; 2],
    /// What each cause did to the low end.
    pub low: [f64; 4],
    /// What each cause did to the high end.
    pub high: [f64; 4],
}

/// What changed in an area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaChange {
    /// The area.
    pub place: Place,
    /// The verdict before and after.
    pub verdicts: [Verdict; 2],
    /// The criteria whose values changed.
    pub nodes: Vec<NodeChange>,
}

/// The name under which the score of services and economy stands among the criteria of a change.
pub const SCORE: &str = "score";

/// The score over all admissible weights.
fn band(assessment: &Assessment) -> Option<Interval> {
    assessment.bands.first().map(|b| b.over_weights)
}

/// One side of a comparison.
pub struct Side<'a> {
    /// The edition.
    pub evidence: Evidence<'a>,
    /// The month.
    pub month: Month,
    /// The method.
    pub method: &'a Method,
}

/// Compares the areas of a country at a level; areas where nothing changed are left out.
///
/// # Errors
/// The ledger's.
pub fn compare(a: &Side<'_>, b: &Side<'_>, country: Code, level: u8) -> Result<Vec<AreaChange>, FigureError> {
    let before = Reader::of(a.evidence, country, level, a.method)?;
    let after = Reader::of(b.evidence, country, level, b.method)?;
    // The earlier edition under the later method, so that every leaf of it has a cell to start from.
    let earlier = Reader::of(a.evidence, country, level, b.method)?;
    let methods: Vec<Method> = (0..4).map(|m| mixed(a.method, b.method, m & 1 != 0, m & 2 != 0)).collect();
    let mut changes = Vec::new();
    for place in &after.places {
        let cells = |reader: &Reader, month: Month, method: &Method| -> Vec<Cell> {
            reads(reader, place.code, month, method).into_iter().map(|r| r.cell).collect()
        };
        let first = cells(&before, a.month, a.method);
        let steps = [
            cells(&earlier, a.month, b.method),
            cells(&earlier, b.month, b.method),
            cells(&after, b.month, b.method),
        ];
        let mix = Mix { methods: &methods, later: b.method, first: &first, steps: &steps };
        // One assessment for each set of causes that may have happened.
        let all: Vec<Assessment> = (0..16).map(|mask| mix.assessment(causes_of(mask))).collect();
        let (old, new) = (&all[0], &all[15]);
        let mut nodes = Vec::new();
        for &criterion in &b.method.criteria {
            let id = &b.method.nodes[criterion].id;
            let value = |method: &Method, assessment: &Assessment| -> Option<(Interval, Verdict)> {
                let at = method.node(id)?;
                let place = method.criteria.iter().position(|c| *c == at)?;
                Some((assessment.nodes[at]?, assessment.criteria[place]))
            };
            let (Some(was), Some(is)) = (value(a.method, old), value(b.method, new)) else { continue };
            if was == is {
                continue;
            }
            let floor =
                |method: &Method| method.node(id).and_then(|at| method.nodes[at].floor).unwrap_or(0.0);
            let end = |pick: &dyn Fn(Interval) -> f64| {
                split(|causes: [bool; 4]| {
                    let at = mix.method(causes).node(id);
                    at.and_then(|at| all[mask_of(causes)].nodes[at]).map_or(0.0, pick)
                })
            };
            nodes.push(NodeChange {
                node: id.clone(),
                values: [was.0, is.0],
                verdicts: [was.1, is.1],
                floors: [floor(a.method), floor(b.method)],
                low: end(&|i| i.low),
                high: end(&|i| i.high),
            });
        }
        // The score counts like a criterion, with the threshold for a floor.
        if let (Some(was), Some(is)) = (band(old), band(new)) {
            let verdicts = [old.score, new.score].map(|v| v.unwrap_or(Verdict::CannotBeDetermined));
            if was != is || verdicts[0] != verdicts[1] {
                let end = |pick: &dyn Fn(Interval) -> f64| {
                    split(|causes: [bool; 4]| band(&all[mask_of(causes)]).map_or(0.0, pick))
                };
                nodes.push(NodeChange {
                    node: SCORE.to_owned(),
                    values: [was, is],
                    verdicts,
                    floors: [a.method.threshold, b.method.threshold],
                    low: end(&|i| i.low),
                    high: end(&|i| i.high),
                });
            }
        }
        if !nodes.is_empty() || old.verdict != new.verdict {
            changes.push(AreaChange { place: place.clone(), verdicts: [old.verdict, new.verdict], nodes });
        }
    }
    Ok(changes)
}

/// A set of causes as a number, and back.
fn mask_of(causes: [bool; 4]) -> usize {
    causes.iter().enumerate().map(|(k, cause)| usize::from(*cause) << k).sum()
}

fn causes_of(mask: usize) -> [bool; 4] {
    std::array::from_fn(|k| mask & (1 << k) != 0)
}

/// The tree of the earlier or the later method with the goalposts of one of them.
fn mixed(a: &Method, b: &Method, tree: bool, goalposts: bool) -> Method {
    let (tree, scales) = (if tree { b } else { a }, if goalposts { b } else { a });
    let mut method = tree.clone();
    for node in &mut method.nodes {
        let other = scales.node(&node.id).and_then(|i| scales.nodes[i].leaf.as_ref());
        if let (Some(leaf), Some(other)) = (&mut node.leaf, other)
            && leaf.indicator == other.indicator
        {
            leaf.scale = other.scale.clone();
        }
    }
    method
}

/// Assessments in between: some causes have happened, others have not.
struct Mix<'a> {
    /// By whether the tree (1) and the goalposts (2) are the later method's.
    methods: &'a [Method],
    later: &'a Method,
    /// Cells of the first method.
    first: &'a [Cell],
    /// Cells of the second method: at the start, after the month has moved on, and after the edition has.
    steps: &'a [Vec<Cell>; 3],
}

impl Mix<'_> {
    fn method(&self, [_, _, tree, goalposts]: [bool; 4]) -> &Method {
        &self.methods[usize::from(tree) + 2 * usize::from(goalposts)]
    }

    fn assessment(&self, causes: [bool; 4]) -> Assessment {
        let method = self.method(causes);
        let cells: Vec<Cell> = method
            .leaves
            .iter()
            .enumerate()
            .map(|(k, leaf)| {
                // A leaf that only the first method has keeps its cell.
                let id = &method.nodes[*leaf].id;
                let later = self.later.leaves.iter().position(|l| self.later.nodes[*l].id == *id);
                later.map_or_else(
                    || self.first.get(k).copied().unwrap_or(Cell::missing()),
                    |k| self.cell(k, causes[0], causes[1]),
                )
            })
            .collect();
        Assessment::of(method, &cells)
    }

    fn cell(&self, k: usize, new: bool, revised: bool) -> Cell {
        let [start, moved, end] = [&self.steps[0][k], &self.steps[1][k], &self.steps[2][k]];
        let came = moved.is_missing() != end.is_missing();
        match (new, revised) {
            (true, true) => *end,
            (true, false) => {
                if came {
                    *end
                } else {
                    *moved
                }
            }
            // A revision shows by itself where the month is the same.
            (false, true) if !came && moved == start => *end,
            (false, _) => *start,
        }
    }
}
