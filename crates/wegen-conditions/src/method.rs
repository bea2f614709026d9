//! Method files: a tree of criteria with goalposts, floors, weights and rules, in TOML.
//!
//! A file is checked as a whole before anything is computed by it; what is wrong is named with its line.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use toml::Spanned;
pub use wegen_model::Text;

use crate::{Narrowing, Power, Rule, Scale, Weights};

/// More nodes than anybody can read are refused.
pub const TOO_MANY_NODES: usize = 1000;

/// Of more criteria not all minimal sets can be found.
pub(crate) const MOST_CRITERIA: usize = 16;

/// A century, in months.
const MOST_MONTHS: u32 = 1200;

/// A method file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: line {line}: {message}")]
pub struct MethodError {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Groups other nodes, and has no value.
    Heading,
    /// Counts through its floors alone: safety.
    Floors,
    /// One of the dimensions that the score is made of.
    Dimension,
    /// Part of one of the above.
    Part,
    /// Shown, and counts for nothing.
    Context,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// More of it.
    Higher,
    /// Less of it.
    Lower,
}

/// How evidence becomes the cell of a leaf; the engine passes it on, and whoever reads evidence understands it.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The sources, in order of preference.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How rows become a value, by name.
    #[serde(default)]
    pub how: String,
    /// Over how many months, the last included.
    #[serde(default)]
    pub months: u32,
    /// Where a value can lie at all, in its own unit.
    #[serde(default)]
    pub range: Option<(f64, f64)>,
}

/// What a leaf measures, and how it is scored.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// The indicator.
    pub indicator: String,
    /// Which way is better.
    pub better: Better,
    /// From its unit to a score.
    pub scale: Scale,
    /// Names of ordered states, where the value is one of them: state `k` has the value `k`.
    pub states: Vec<String>,
    /// On whose authority the goalposts stand.
    pub cite: String,
    /// How evidence becomes a cell.
    pub reading: Reading,
}

/// The admissible weights of a dimension, or the fixed weight of a part within its group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WeightRange {
    /// At least.
    pub low: f64,
    /// At most.
    pub high: f64,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub id: String,
    /// For readers.
    pub label: Text,
    /// The node it belongs to.
    pub parent: Option<usize>,
    /// What belongs to it, in the order of the file.
    pub children: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// The score from which its criterion is met.
    pub floor: Option<f64>,
    /// Its weight.
    pub weight: WeightRange,
    /// How its parts are averaged.
    pub power: Power,
    /// What it measures, where it has no parts.
    pub leaf: Option<Leaf>,
    /// Where it stands in the file.
    pub line: usize,
}

/// A method: what an assessment goes by; the default one has no criteria.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Method {
    /// Its name.
    pub id: String,
    /// Its version; another version may give another verdict.
    pub version: String,
    /// For readers.
    pub title: Text,
    /// The score that is asked for, 0 to 100.
    pub threshold: f64,
    /// The power mean of the score.
    pub power: Power,
    /// After how many months a status changes.
    pub persistence: u32,
    /// The nodes, in the order of the file.
    pub nodes: Vec<Node>,
    /// Rules that narrow what is missing.
    pub narrowing: Vec<Narrowing>,
    /// Indices of the leaves, in the order of the file: the order of cells.
    pub leaves: Vec<usize>,
    /// Indices of the dimensions, in the order of the file: the order of weights.
    pub dimensions: Vec<usize>,
    /// Indices of the nodes with a floor that counts.
    pub criteria: Vec<usize>,
    /// The admissible weights of the dimensions.
    pub weights: Weights,
    /// Nodes with parts, children before parents, with the shares of their parts.
    pub(crate) groups: Vec<Group>,
    centroid: Vec<f64>,
}

/// A node with parts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) node: usize,
    /// Parts with their shares, which add up to one.
    pub(crate) parts: Vec<(usize, f64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    method: Head,
    #[serde(default)]
    node: Vec<Spanned<RawNode>>,
    #[serde(default)]
    order: Vec<Spanned<Order>>,
    #[serde(default)]
    narrow: Vec<Spanned<RawNarrow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: String,
    version: String,
    title: Text,
    threshold: Spanned<f64>,
    power: Spanned<RawPower>,
    #[serde(default)]
    persistence: Option<Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawPower {
    Number(f64),
    Word(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawWeight {
    Number(f64),
    Range(RawRange),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRange {
    #[serde(default)]
    low: f64,
    #[serde(default = "one")]
    high: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGoalposts {
    floor: f64,
    target: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNode {
    id: Spanned<String>,
    label: Text,
    parent: Option<Spanned<String>>,
    role: Option<Spanned<Role>>,
    floor: Option<Spanned<f64>>,
    weight: Option<Spanned<RawWeight>>,
    power: Option<Spanned<RawPower>>,
    indicator: Option<Spanned<String>>,
    better: Option<Better>,
    goalposts: Option<Spanned<RawGoalposts>>,
    points: Option<Spanned<Vec<(f64, f64)>>>,
    states: Option<Spanned<Vec<(String, f64)>>>,
    #[serde(default)]
    cite: String,
    #[serde(default)]
    reading: Reading,
}

/// `{ above = "water", below = "electricity" }`: the first weighs at least as much.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    above: String,
    below: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule", deny_unknown_fields)]
enum RawNarrow {
    LastValue { node: String, widen: f64, months: u32 },
    Neighbours { node: String, widen: f64 },
    Range { node: String, low: f64, high: f64, who: String },
}

impl RawNarrow {
    fn rule(&self) -> (&str, Rule) {
        match self {
            RawNarrow::LastValue { node, widen, months } => {
                (node, Rule::LastValue { widen: *widen, months: *months })
            }
            RawNarrow::Neighbours { node, widen } => (node, Rule::Neighbours { widen: *widen }),
            RawNarrow::Range { node, low, high, who } => {
                (node, Rule::Range { low: *low, high: *high, who: who.clone() })
            }
        }
    }
}

/// Turns offsets into lines, and messages into errors.
struct Lines<'a> {
    file: &'a str,
    text: &'a str,
}

impl Lines<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes()[..offset.min(self.text.len())].iter().filter(|b| **b == b'\n').count() + 1
    }

    fn error(&self, offset: usize, message: impl std::fmt::Display) -> MethodError {
        MethodError { file: self.file.to_owned(), line: self.line(offset), message: message.to_string() }
    }
}

impl Method {
    /// Reads a method file; `known` tells which indicators there are.
    ///
    /// # Errors
    /// [`MethodError`] with the line: what is no TOML or holds an unknown key, names that lead nowhere or stand
    /// twice, cycles, floors and goalposts out of order, weights that cannot add up, unknown indicators, too many
    /// nodes.
    pub fn parse(file: &str, text: &str, known: &dyn Fn(&str) -> bool) -> Result<Method, MethodError> {
        let lines = Lines { file, text };
        let raw: File = toml::from_str(text)
            .map_err(|e| lines.error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
        if let Some(node) = raw.node.get(TOO_MANY_NODES) {
            let found = raw.node.len();
            return Err(lines.error(
                node.span().start,
                format_args!("{found} nodes were found; at most {TOO_MANY_NODES} can be read and checked"),
            ));
        }
        let mut nodes = nodes(&raw.node, &lines, known)?;
        link(&mut nodes, &raw.node, &lines)?;
        roles(&mut nodes, &raw.node, &lines)?;
        let groups = groups(&nodes);
        let at = |test: &dyn Fn(&Node) -> bool| -> Vec<usize> {
            nodes.iter().enumerate().filter(|(_, n)| test(n)).map(|(i, _)| i).collect()
        };
        let dimensions = at(&|n| n.role == Role::Dimension);
        let context = context_of(&nodes);
        let criteria: Vec<usize> = at(&|n| n.floor.is_some()).into_iter().filter(|i| !context[*i]).collect();
        let leaves = at(&|n| n.leaf.is_some());
        if let Some(many) = criteria.get(MOST_CRITERIA) {
            return Err(lines.error(
                raw.node[*many].get_ref().id.span().start,
                format_args!(
                    "{} criteria were found; of more than {MOST_CRITERIA} not all that would change a verdict can be listed",
                    criteria.len()
                ),
            ));
        }
        if criteria.is_empty() {
            return Err(lines.error(0, "no node has a floor; at least one criterion was expected"));
        }
        let weights = weights(&nodes, &dimensions, &raw, &lines)?;
        let threshold = *raw.method.threshold.get_ref();
        if !(0.0..=100.0).contains(&threshold) {
            return Err(lines.error(
                raw.method.threshold.span().start,
                format_args!("found the threshold {threshold}, expected a score from 0 to 100"),
            ));
        }
        let persistence = match &raw.method.persistence {
            Some(p) if !(1..=60).contains(p.get_ref()) => {
                let found = p.get_ref();
                return Err(lines.error(
                    p.span().start,
                    format_args!("found {found} months of persistence, expected 1 to 60"),
                ));
            }
            Some(p) => *p.get_ref(),
            None => 1,
        };
        let mut narrowing = Vec::new();
        for rule in &raw.narrow {
            let (at, (id, rule)) = (rule.span().start, rule.get_ref().rule());
            let node = nodes.iter().position(|n| n.id == id && n.leaf.is_some()).ok_or_else(|| {
                lines.error(at, format_args!("found a rule for `{id}`, expected the id of a leaf"))
            })?;
            rule.check().map_err(|e| lines.error(at, e))?;
            narrowing.push(Narrowing { node, rule });
        }
        Ok(Method {
            id: raw.method.id,
            version: raw.method.version,
            title: raw.method.title,
            threshold,
            power: power(&raw.method.power, &lines)?,
            persistence,
            nodes,
            narrowing,
            leaves,
            dimensions,
            criteria,
            centroid: weights.centroid(),
            weights,
            groups,
        })
    }

    /// The centre of the admissible weights.
    pub fn centroid(&self) -> &[f64] {
        &self.centroid
    }

    /// The place of a node.
    pub fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.id == id)
    }

    /// The places in the list of leaves of all leaves at or below a node.
    pub fn leaves_below(&self, node: usize) -> Vec<usize> {
        let below = |leaf: usize| upwards(&self.nodes, leaf).any(|at| at == node);
        self.leaves.iter().enumerate().filter(|(_, leaf)| below(**leaf)).map(|(i, _)| i).collect()
    }

    /// The nearest node at or above this one that stands for an area of life: a dimension, a group of floors, a
    /// heading's child.
    pub fn pillar(&self, node: usize) -> usize {
        upwards(&self.nodes, node).find(|at| self.nodes[*at].role != Role::Part).unwrap_or(node)
    }
}

/// A node and all that it lies in, from the inside out; parents are known to end.
fn upwards(nodes: &[Node], from: usize) -> impl Iterator<Item = usize> + '_ {
    std::iter::successors(Some(from), |at| nodes[*at].parent)
}

fn power(raw: &Spanned<RawPower>, lines: &Lines<'_>) -> Result<Power, MethodError> {
    let power = match raw.get_ref() {
        RawPower::Number(p) => Power::new(*p),
        RawPower::Word(word) if matches!(word.as_str(), "-inf" | "weakest") => Some(Power::WEAKEST),
        RawPower::Word(_) => None,
    };
    power.ok_or_else(|| lines.error(raw.span().start, "a power of at most 1, or \"weakest\", was expected"))
}

fn nodes(
    raw: &[Spanned<RawNode>],
    lines: &Lines<'_>,
    known: &dyn Fn(&str) -> bool,
) -> Result<Vec<Node>, MethodError> {
    let mut seen = BTreeSet::new();
    let mut nodes = Vec::with_capacity(raw.len());
    for spanned in raw {
        let node = spanned.get_ref();
        let id = node.id.get_ref();
        let here = node.id.span().start;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        if id.is_empty() || !id.chars().all(plain) {
            return Err(lines
                .error(here, format_args!("found the id `{id}`, expected letters a–z, digits, `-`, `.`")));
        }
        if !seen.insert(id) {
            return Err(lines.error(here, format_args!("the id `{id}` stands twice")));
        }
        if let Some(floor) = &node.floor
            && !(0.0..=100.0).contains(floor.get_ref())
        {
            let found = floor.get_ref();
            return Err(lines.error(
                floor.span().start,
                format_args!("`{id}`: found the floor {found}, expected a score from 0 to 100"),
            ));
        }
        let weight = match &node.weight {
            None => None,
            Some(raw) => {
                let range = match *raw.get_ref() {
                    RawWeight::Number(w) => WeightRange { low: w, high: w },
                    RawWeight::Range(RawRange { low, high }) => WeightRange { low, high },
                };
                if !(range.low >= 0.0 && range.low <= range.high && range.high.is_finite()) {
                    return Err(lines.error(
                        raw.span().start,
                        format_args!(
                            "`{id}`: found weights from {} to {}, expected 0 or more, in order",
                            range.low, range.high
                        ),
                    ));
                }
                Some(range)
            }
        };
        nodes.push(Node {
            id: id.clone(),
            label: node.label.clone(),
            parent: None,
            children: Vec::new(),
            role: Role::Part,
            floor: node.floor.as_ref().map(|f| *f.get_ref()),
            weight: weight.unwrap_or(WeightRange { low: f64::NAN, high: f64::NAN }),
            power: node.power.as_ref().map_or(Ok(Power::ARITHMETIC), |p| power(p, lines))?,
            leaf: leaf(node, lines, known)?,
            line: lines.line(here),
        });
    }
    Ok(nodes)
}

fn leaf(
    node: &RawNode,
    lines: &Lines<'_>,
    known: &dyn Fn(&str) -> bool,
) -> Result<Option<Leaf>, MethodError> {
    let id = node.id.get_ref();
    let Some(indicator) = &node.indicator else {
        let scaled = node.goalposts.is_some() || node.points.is_some() || node.states.is_some();
        return match scaled {
            true => {
                Err(lines.error(node.id.span().start, format_args!("`{id}` has a scale and no indicator")))
            }
            false => Ok(None),
        };
    };
    let name = indicator.get_ref();
    if !known(name) {
        return Err(lines.error(indicator.span().start, format_args!("there is no indicator `{name}`")));
    }
    let reading = &node.reading;
    if reading.months > MOST_MONTHS {
        let found = reading.months;
        return Err(lines.error(
            node.id.span().start,
            format_args!("`{id}`: found a reading over {found} months, expected at most {MOST_MONTHS}"),
        ));
    }
    if reading.range.is_some_and(|(low, high)| !(low < high && low.is_finite() && high.is_finite())) {
        return Err(lines.error(
            node.id.span().start,
            format_args!("`{id}`: expected a range of two finite ends in order"),
        ));
    }
    let better = node.better.unwrap_or(Better::Higher);
    let (at, scale, states) = match (&node.goalposts, &node.points, &node.states) {
        (Some(goalposts), None, None) => {
            let (at, RawGoalposts { floor, target }) = (goalposts.span().start, goalposts.get_ref());
            let ordered = match better {
                Better::Higher => floor < target,
                Better::Lower => floor > target,
            };
            if !ordered {
                let way = if better == Better::Higher { "higher" } else { "lower" };
                return Err(lines.error(
                    at,
                    format_args!("`{id}`: found the floor {floor} and the target {target}, where {way} is better: the target must lie on the better side of the floor"),
                ));
            }
            (at, Scale::goalposts(*floor, *target), Vec::new())
        }
        (None, Some(points), None) => (points.span().start, Scale::new(points.get_ref().clone()), Vec::new()),
        (None, None, Some(states)) => {
            let points = states.get_ref().iter().enumerate().map(|(k, s)| (k as f64, s.1)).collect();
            (states.span().start, Scale::new(points), states.get_ref().iter().map(|s| s.0.clone()).collect())
        }
        // Context is shown as it is.
        (None, None, None) if node.role.as_ref().is_some_and(|r| *r.get_ref() == Role::Context) => {
            let points = match better {
                Better::Higher => vec![(0.0, 0.0), (1.0, 100.0)],
                Better::Lower => vec![(0.0, 100.0), (1.0, 0.0)],
            };
            (node.id.span().start, Scale::new(points), Vec::new())
        }
        _ => {
            return Err(lines.error(
                node.id.span().start,
                format_args!("`{id}`: one of `goalposts`, `points` and `states` was expected"),
            ));
        }
    };
    let scale = scale.map_err(|e| lines.error(at, format_args!("`{id}`: {e}")))?;
    if scale.rises() != (better == Better::Higher) {
        return Err(lines.error(at, format_args!("`{id}`: the scores run against `better`")));
    }
    Ok(Some(Leaf {
        indicator: name.clone(),
        better,
        scale,
        states,
        cite: node.cite.clone(),
        reading: node.reading.clone(),
    }))
}

/// Parents and children; no cycles, leaves without parts, groups with them.
fn link(nodes: &mut [Node], raw: &[Spanned<RawNode>], lines: &Lines<'_>) -> Result<(), MethodError> {
    let places: BTreeMap<String, usize> = nodes.iter().enumerate().map(|(i, n)| (n.id.clone(), i)).collect();
    for (i, raw) in raw.iter().enumerate() {
        let Some(parent) = &raw.get_ref().parent else { continue };
        let Some(&at) = places.get(parent.get_ref()) else {
            return Err(lines.error(
                parent.span().start,
                format_args!("`{}`: there is no node `{}` to belong to", nodes[i].id, parent.get_ref()),
            ));
        };
        nodes[i].parent = Some(at);
        nodes[at].children.push(i);
    }
    // 0: not seen, 1: on the way up from here, 2: leads to a root.
    let mut state = vec![0u8; nodes.len()];
    for start in 0..nodes.len() {
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(i) = at.filter(|i| state[*i] != 2) {
            if state[i] == 1 {
                return Err(lines.error(
                    raw[i].get_ref().id.span().start,
                    format_args!("`{}` belongs to itself, by way of its parents", nodes[i].id),
                ));
            }
            state[i] = 1;
            path.push(i);
            at = nodes[i].parent;
        }
        path.into_iter().for_each(|i| state[i] = 2);
    }
    for (i, node) in nodes.iter().enumerate() {
        let wrong = match (node.leaf.is_some(), node.children.is_empty()) {
            (true, false) => "has an indicator and parts; one of the two was expected",
            (false, true) => "has neither an indicator nor parts",
            _ => continue,
        };
        return Err(lines.error(raw[i].get_ref().id.span().start, format_args!("`{}` {wrong}", node.id)));
    }
    Ok(())
}

/// What each node is for: as it says itself, or a part of what its parent is.
fn roles(nodes: &mut [Node], raw: &[Spanned<RawNode>], lines: &Lines<'_>) -> Result<(), MethodError> {
    let own: Vec<Option<Role>> =
        raw.iter().map(|r| r.get_ref().role.as_ref().map(|role| *role.get_ref())).collect();
    for i in 0..nodes.len() {
        // The outermost that has a role of its own.
        let above = upwards(nodes, i)
            .skip(1)
            .filter_map(|at| Some((at, own[at].filter(|r| *r != Role::Heading)?)))
            .last();
        let error = |message: String| lines.error(raw[i].get_ref().id.span().start, message);
        nodes[i].role = match (own[i], above) {
            (Some(Role::Part), _) => {
                return Err(error(format!("`{}`: a part is what a node is of itself", nodes[i].id)));
            }
            (Some(_), Some((parent, _))) => {
                return Err(error(format!(
                    "`{}` has a role of its own within `{}`, which has one",
                    nodes[i].id, nodes[parent].id
                )));
            }
            (Some(role), None) => role,
            (None, Some(_)) => Role::Part,
            (None, None) if nodes[i].leaf.is_none() => Role::Heading,
            (None, None) => {
                return Err(error(format!(
                    "`{}`: a role (floors, dimension, context) was expected, here or above",
                    nodes[i].id
                )));
            }
        };
        if nodes[i].role == Role::Heading && nodes[i].floor.is_some() {
            return Err(error(format!("`{}` is a heading and has a floor", nodes[i].id)));
        }
        if nodes[i].role != Role::Dimension && nodes[i].weight.low.is_nan() {
            nodes[i].weight = WeightRange { low: 1.0, high: 1.0 };
        }
        if nodes[i].role == Role::Part && nodes[i].weight.low != nodes[i].weight.high {
            return Err(error(format!(
                "`{}`: a part has one weight; a range is for a dimension",
                nodes[i].id
            )));
        }
    }
    for (i, node) in nodes.iter().enumerate().filter(|(_, n)| n.role == Role::Floors) {
        let below = |at: usize| upwards(nodes, at).any(|at| at == i);
        if !nodes.iter().enumerate().any(|(at, n)| n.floor.is_some() && below(at)) {
            return Err(lines.error(
                raw[i].get_ref().id.span().start,
                format_args!("`{}` counts through floors alone, and no floor stands at or below it", node.id),
            ));
        }
    }
    for (i, node) in nodes.iter().enumerate() {
        let sum: f64 = node.children.iter().map(|c| nodes[*c].weight.low).sum();
        if node.role != Role::Heading && node.leaf.is_none() && sum <= 0.0 {
            return Err(lines.error(
                raw[i].get_ref().id.span().start,
                format_args!("`{}`: the weights of its parts add up to {sum}", node.id),
            ));
        }
    }
    Ok(())
}

/// Nodes with parts, the deepest first.
fn groups(nodes: &[Node]) -> Vec<Group> {
    let depth = |i: usize| upwards(nodes, i).count();
    let grouped = |i: &usize| nodes[*i].leaf.is_none() && nodes[*i].role != Role::Heading;
    let mut order: Vec<(usize, usize)> = (0..nodes.len()).filter(grouped).map(|i| (depth(i), i)).collect();
    order.sort_by_key(|&(depth, i)| (std::cmp::Reverse(depth), i));
    let group = |node: usize| {
        let children = &nodes[node].children;
        let sum: f64 = children.iter().map(|c| nodes[*c].weight.low).sum();
        Group { node, parts: children.iter().map(|c| (*c, nodes[*c].weight.low / sum)).collect() }
    };
    order.into_iter().map(|(_, i)| group(i)).collect()
}

fn context_of(nodes: &[Node]) -> Vec<bool> {
    let context = |i: usize| upwards(nodes, i).any(|at| nodes[at].role == Role::Context);
    (0..nodes.len()).map(context).collect()
}

fn weights(
    nodes: &[Node],
    dimensions: &[usize],
    raw: &File,
    lines: &Lines<'_>,
) -> Result<Weights, MethodError> {
    let n = dimensions.len();
    let equal = 1.0 / n.max(1) as f64;
    // Where no dimension says anything, all weigh the same; where some do, the others may weigh anything.
    let silent = dimensions.iter().all(|d| nodes[*d].weight.low.is_nan()) && raw.order.is_empty();
    let bounds: Vec<(f64, f64)> = dimensions
        .iter()
        .map(|d| nodes[*d].weight)
        .map(|w| match (w.low.is_nan(), silent) {
            (true, true) => (equal, equal),
            (true, false) => (0.0, 1.0),
            (false, _) => (w.low, w.high),
        })
        .collect();
    let at = dimensions.first().map_or(0, |d| raw.node[*d].get_ref().id.span().start);
    let mut weights = Weights::bounded(&bounds)
        .map_err(|e| lines.error(at, format_args!("the dimensions’ weights: {e}")))?;
    for order in &raw.order {
        let (at, Order { above, below }) = (order.span().start, order.get_ref());
        let place = |id: &str| {
            dimensions.iter().position(|d| nodes[*d].id == id).ok_or_else(|| {
                lines.error(
                    at,
                    format_args!("found `{id}` in an order of weights, expected the id of a dimension"),
                )
            })
        };
        weights = weights
            .ordered(place(above)?, place(below)?)
            .map_err(|e| lines.error(at, format_args!("`{above}` above `{below}`: {e}")))?;
    }
    Ok(weights)
}
