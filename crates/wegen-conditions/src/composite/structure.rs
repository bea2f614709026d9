//! The tree of an index: indicators, and groups of indicators or of groups, up to one top.

use std::collections::BTreeMap;

use super::CompositeError;

/// The largest number of indicators and groups that a structure may have.
pub const MAX_NODES: usize = 100_000;

/// Whether more of an indicator is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Higher values are better.
    #[default]
    Higher,
    /// Lower values are better: the indicator is turned round before it is normalised.
    Lower,
}

impl Direction {
    /// 1, or −1 where lower is better.
    #[must_use]
    pub fn sign(self) -> f64 {
        match self {
            Self::Higher => 1.0,
            Self::Lower => -1.0,
        }
    }
}

/// An indicator or a group, as somebody writes it down.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The code: the name of its column.
    pub code: String,
    /// The name for readers.
    pub name: String,
    /// The unit of measurement.
    pub unit: String,
    /// Whether this is an indicator, with data of its own.
    pub indicator: bool,
    /// The level if it is stated: 1 for an indicator, higher for a group.
    pub level: Option<usize>,
    /// The group it belongs to; none for the top.
    pub parent: Option<String>,
    /// The weight among the children of its parent. Only proportions matter.
    pub weight: f64,
    /// Whether more is better; of indicators only.
    pub direction: Direction,
    /// The target, in the unit of the raw data before any turning round.
    pub target: Option<f64>,
    /// The column to divide by.
    pub denominator: Option<String>,
    /// What a denominated value is multiplied by.
    pub scale: f64,
}

impl Draft {
    /// An indicator with weight 1, of which more is better.
    #[must_use]
    pub fn indicator(code: &str, parent: &str) -> Self {
        Self { indicator: true, parent: Some(parent.to_owned()), ..Self::group(code, None) }
    }

    /// A group with weight 1.
    #[must_use]
    pub fn group(code: &str, parent: Option<&str>) -> Self {
        Self {
            code: code.to_owned(),
            name: code.to_owned(),
            unit: String::new(),
            indicator: false,
            level: None,
            parent: parent.map(str::to_owned),
            weight: 1.0,
            direction: Direction::Higher,
            target: None,
            denominator: None,
            scale: 1.0,
        }
    }
}

/// An indicator or a group in its place. See [`Draft`] for the fields they share.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// As it was written down.
    pub draft: Draft,
    /// 1 for indicators, at least one more than its children for a group.
    pub level: usize,
    /// The position of its parent.
    pub parent: Option<usize>,
    /// The positions of its children, in the order in which they were written.
    pub children: Vec<usize>,
}

/// A valid tree. Indicators stand first in the order given, then groups from the lowest level up, so that
/// children stand before their parents and the top is the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    nodes: Vec<Node>,
    indicators: usize,
}

impl Structure {
    /// Checks and orders a tree, in time linear in its nodes but for the look-up of codes.
    ///
    /// # Errors
    /// [`CompositeError::Structure`] with the position in `drafts`: a code twice, an unknown parent, a parent that
    /// is an indicator, a cycle, not exactly one top, a group without children, a weight that is negative or not
    /// finite, children whose weights are all zero, a stated level that is not above the children's, more than
    /// [`MAX_NODES`] nodes.
    pub fn new(drafts: Vec<Draft>) -> Result<Self, CompositeError> {
        let parents = parents(&drafts)?;
        let levels = levels(&drafts, &parents)?;
        let mut order: Vec<usize> = (0..drafts.len()).collect();
        order.sort_by_key(|&at| levels[at]);
        let mut place = vec![0; drafts.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        let indicators = drafts.iter().filter(|d| d.indicator).count();
        let mut drafts: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
        let mut nodes: Vec<Node> = order
            .iter()
            .filter_map(|&old| {
                let draft = drafts[old].take()?;
                Some(Node {
                    draft,
                    level: levels[old],
                    parent: parents[old].map(|p| place[p]),
                    children: Vec::new(),
                })
            })
            .collect();
        for (old, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                nodes[place[*parent]].children.push(place[old]);
            }
        }
        Ok(Self { nodes, indicators })
    }

    /// All nodes: indicators, then groups.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The indicators.
    #[must_use]
    pub fn indicators(&self) -> &[Node] {
        &self.nodes[..self.indicators]
    }

    /// The position of the top.
    #[must_use]
    pub fn top(&self) -> usize {
        self.nodes.len() - 1
    }

    /// The level of the top.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.nodes.last().map_or(0, |n| n.level)
    }

    /// The position of a code.
    #[must_use]
    pub fn position(&self, code: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.draft.code == code)
    }

    /// The codes of all nodes.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        self.nodes.iter().map(|n| n.draft.code.clone()).collect()
    }

    /// The weights of all nodes, among the children of their parents.
    #[must_use]
    pub fn weights(&self) -> Vec<f64> {
        self.nodes.iter().map(|n| n.draft.weight).collect()
    }

    /// The positions of the indicators under a node, in order; the node itself if it is one.
    #[must_use]
    pub fn indicators_under(&self, node: usize) -> Vec<usize> {
        let mut under = vec![false; self.nodes.len()];
        under[node] = true;
        for at in (0..node).rev() {
            under[at] |= self.nodes[at].parent.is_some_and(|p| under[p]);
        }
        (0..self.indicators).filter(|&at| under[at]).collect()
    }
}

fn fault(node: usize, drafts: &[Draft], problem: impl Into<String>) -> CompositeError {
    let code = drafts.get(node).map(|d| d.code.clone()).unwrap_or_default();
    CompositeError::Structure { node, code, problem: problem.into() }
}

fn parents(drafts: &[Draft]) -> Result<Vec<Option<usize>>, CompositeError> {
    if drafts.len() > MAX_NODES {
        let problem = format!("found {} indicators and groups, expected at most {MAX_NODES}", drafts.len());
        return Err(fault(MAX_NODES, drafts, problem));
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, draft) in drafts.iter().enumerate() {
        if draft.code.is_empty() {
            return Err(fault(at, drafts, "found an empty code, expected the name of a column"));
        }
        if places.insert(&draft.code, at).is_some() {
            return Err(fault(at, drafts, "the code stands twice"));
        }
        if !(draft.weight >= 0.0 && draft.weight.is_finite()) {
            let problem = format!("found weight {}, expected a finite number of at least 0", draft.weight);
            return Err(fault(at, drafts, problem));
        }
    }
    let mut parents = Vec::with_capacity(drafts.len());
    let mut sums = vec![None::<f64>; drafts.len()];
    for (at, draft) in drafts.iter().enumerate() {
        let Some(code) = &draft.parent else {
            parents.push(None);
            continue;
        };
        let Some(&parent) = places.get(code.as_str()) else {
            return Err(fault(at, drafts, format!("found parent `{code}`, expected the code of a group")));
        };
        if drafts[parent].indicator {
            return Err(fault(at, drafts, format!("its parent `{code}` is an indicator, expected a group")));
        }
        *sums[parent].get_or_insert(0.0) += draft.weight;
        parents.push(Some(parent));
    }
    for (at, draft) in drafts.iter().enumerate() {
        match sums[at] {
            None if !draft.indicator => {
                return Err(fault(at, drafts, "a group without indicators or groups"));
            }
            Some(sum) if !(sum > 0.0 && sum.is_finite()) => {
                let problem = format!(
                    "the weights of its children add up to {sum} and cannot be normalised, expected more than 0"
                );
                return Err(fault(at, drafts, problem));
            }
            _ => {}
        }
    }
    Ok(parents)
}

/// Levels from the leaves up: a node has its level once all its children have. What is left over is in a cycle.
fn levels(drafts: &[Draft], parents: &[Option<usize>]) -> Result<Vec<usize>, CompositeError> {
    let mut open = vec![0_usize; drafts.len()];
    for parent in parents.iter().flatten() {
        open[*parent] += 1;
    }
    let mut levels = vec![0_usize; drafts.len()];
    let mut ready: Vec<usize> = (0..drafts.len()).filter(|&at| open[at] == 0).collect();
    let mut done = 0;
    while let Some(at) = ready.pop() {
        done += 1;
        let least = levels[at].max(1);
        levels[at] = drafts[at].level.unwrap_or(least);
        if drafts[at].indicator && levels[at] != 1 {
            return Err(fault(
                at,
                drafts,
                format!("found level {}, expected 1 for an indicator", levels[at]),
            ));
        }
        if levels[at] < least || levels[at] > MAX_NODES {
            let problem = format!("found level {}, expected {least} or more, above its children", levels[at]);
            return Err(fault(at, drafts, problem));
        }
        if let Some(parent) = parents[at] {
            levels[parent] = levels[parent].max(levels[at] + 1);
            open[parent] -= 1;
            if open[parent] == 0 {
                ready.push(parent);
            }
        }
    }
    if done < drafts.len() {
        let start = (0..drafts.len()).find(|&at| open[at] > 0).unwrap_or(0);
        return Err(cycle(start, drafts, parents));
    }
    let tops: Vec<usize> = (0..drafts.len()).filter(|&at| parents[at].is_none()).collect();
    match tops[..] {
        [top] if !drafts[top].indicator => Ok(levels),
        [top] => Err(fault(top, drafts, "an indicator without a parent")),
        [] => Err(fault(0, drafts, "found no indicators and groups")),
        [first, second, ..] => {
            let problem = format!("found a second top beside `{}`, expected one", drafts[first].code);
            Err(fault(second, drafts, problem))
        }
    }
}

fn cycle(start: usize, drafts: &[Draft], parents: &[Option<usize>]) -> CompositeError {
    let mut seen = vec![false; drafts.len()];
    let mut at = start;
    while !seen[at] {
        seen[at] = true;
        at = parents[at].unwrap_or(at);
    }
    let mut path = vec![format!("`{}`", drafts[at].code)];
    let mut next = parents[at].unwrap_or(at);
    while next != at && path.len() < 8 {
        path.push(format!("`{}`", drafts[next].code));
        next = parents[next].unwrap_or(at);
    }
    path.push(if next == at { format!("`{}`", drafts[at].code) } else { "…".to_owned() });
    fault(at, drafts, format!("is its own ancestor: {}", path.join(" in ")))
}
