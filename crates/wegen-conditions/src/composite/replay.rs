//! Replaying a design: each stage is computed once for each combination of options up to it.
//!
//! Replications are put in order of their options, those of early stages first, so that the ones that share the
//! options up to a stage stand together and only one result of each stage has to be kept.

use super::aggregate::Tree;
use super::rank::Ranker;
use super::{
    Blocks, Choice, CompositeError, Design, Index, Outcome, Pipeline, Structure, Table, Unit, normalise,
    rank, treat,
};

/// Scores and ranks of all replications.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// The units, as in the nominal run.
    pub units: Vec<Unit>,
    /// The scores of the nominal run: the pipeline as it is.
    pub nominal_scores: Vec<f64>,
    /// The ranks of the nominal run.
    pub nominal_ranks: Vec<u32>,
    /// Scores, replication after replication.
    pub scores: Vec<f64>,
    /// Ranks, replication after replication.
    pub ranks: Vec<u32>,
    /// The mean absolute change of rank from the nominal run, for each replication.
    pub rank_change: Vec<f64>,
    /// The number of distinct combinations of options that were computed.
    pub distinct: usize,
}

/// How a unit's rank is distributed over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankDistribution {
    /// The rank in the nominal run.
    pub nominal: u32,
    /// The mean.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The quantile of 5 %, linear between ranks (type 7 of Hyndman and Fan 1996).
    pub q05: f64,
    /// The quantile of 95 %.
    pub q95: f64,
    /// The best.
    pub min: u32,
    /// The worst.
    pub max: u32,
}

impl Replay {
    /// The number of replications.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rank_change.len()
    }

    /// Whether there are no replications.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rank_change.is_empty()
    }

    /// The scores of a replication.
    #[must_use]
    pub fn scores_of(&self, replication: usize) -> &[f64] {
        &self.scores[replication * self.units.len()..(replication + 1) * self.units.len()]
    }

    /// The ranks of a replication.
    #[must_use]
    pub fn ranks_of(&self, replication: usize) -> &[u32] {
        &self.ranks[replication * self.units.len()..(replication + 1) * self.units.len()]
    }

    /// The distribution of each unit's rank; none for a unit without one in the nominal run, or without replications.
    #[must_use]
    pub fn distributions(&self) -> Vec<Option<RankDistribution>> {
        (0..self.units.len())
            .map(|unit| {
                let nominal = self.nominal_ranks[unit];
                let mut ranks: Vec<u32> =
                    self.ranks.iter().skip(unit).step_by(self.units.len()).copied().collect();
                ranks.sort_unstable();
                let (min, max) = (*ranks.first()?, *ranks.last()?);
                let sum: u64 = ranks.iter().map(|&r| u64::from(r)).sum();
                (nominal > 0).then(|| RankDistribution {
                    nominal,
                    mean: sum as f64 / ranks.len() as f64,
                    median: quantile(&ranks, 0.5),
                    q05: quantile(&ranks, 0.05),
                    q95: quantile(&ranks, 0.95),
                    min,
                    max,
                })
            })
            .collect()
    }
}

/// Runs every replication of a design around a nominal pipeline.
///
/// # Errors
/// [`CompositeError::Replication`] with the first replication that fails and the number that do: a mean that does not
/// take a value, an indicator without spread that the nominal run could normalise, another set of units, a unit that
/// has lost its score. Also as [`Pipeline::run`] for the nominal run, and for weights of unknown codes.
pub fn replay(index: &Index, pipeline: &Pipeline, design: &Design) -> Result<Replay, CompositeError> {
    let nominal = pipeline.run(index)?;
    let factors = design.factors();
    let weights = resolve(design, &index.structure)?;
    let starts: Vec<usize> =
        (0..factors.len()).map(|f| first_stage(design, f, &weights[f], &index.structure)).collect();
    let mut by_stage: Vec<usize> = (0..factors.len()).collect();
    by_stage.sort_by_key(|&f| starts[f]);
    let mut order: Vec<usize> = (0..design.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (design.options(a), design.options(b));
        by_stage.iter().map(|&f| a[f].cmp(&b[f])).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });

    let units = nominal.units.len();
    let mut out = Replay {
        scores: vec![f64::NAN; units * design.len()],
        ranks: vec![0; units * design.len()],
        rank_change: vec![f64::NAN; design.len()],
        distinct: 0,
        units: nominal.units.clone(),
        nominal_scores: nominal.scores.clone(),
        nominal_ranks: nominal.ranks.clone(),
    };
    let mut stages = Stages::new(index, pipeline, &nominal);
    let mut failures: Vec<(usize, CompositeError)> = Vec::new();
    let mut last: Option<usize> = None;
    for &replication in &order {
        let options = design.options(replication);
        let changed = match last {
            None => Some(0),
            Some(last) => {
                let before = design.options(last);
                by_stage.iter().find(|&&f| before[f] != options[f]).map(|&f| starts[f])
            }
        };
        last = Some(replication);
        if changed.is_some() {
            out.distinct += 1;
        }
        stages.set(pipeline, design, options, &weights);
        match stages.compute(changed, &nominal) {
            Ok(()) => {
                let place = replication * units..(replication + 1) * units;
                out.scores[place.clone()].copy_from_slice(stages.scores());
                out.ranks[place].copy_from_slice(&stages.ranks);
                out.rank_change[replication] = rank::mean_absolute_change(&stages.ranks, &nominal.ranks);
            }
            Err(e) => failures.push((replication, e)),
        }
    }
    let failed = failures.len();
    match failures.into_iter().min_by_key(|(replication, _)| *replication) {
        None => Ok(out),
        Some((replication, source)) => Err(CompositeError::Replication {
            replication: design.name(replication).to_owned(),
            options: design.describe(replication),
            failed,
            all: design.len(),
            source: Box::new(source),
        }),
    }
}

const IMPUTE: usize = 1;
const SCREEN: usize = 2;
const TREAT: usize = 3;
const NORMALISE: usize = 4;
/// The stage that makes level 2; that of a higher level follows.
const AGGREGATE: usize = 5;

/// Positions and weights for each option of each factor.
type Resolved = Vec<Vec<Vec<(usize, f64)>>>;

fn resolve(design: &Design, structure: &Structure) -> Result<Resolved, CompositeError> {
    let places: std::collections::BTreeMap<&str, usize> =
        structure.nodes().iter().enumerate().map(|(at, n)| (n.draft.code.as_str(), at)).collect();
    let one = |choice: &Choice| {
        let Choice::Weights(weights) = choice else { return Ok(Vec::new()) };
        let place = |(code, weight): &(String, f64)| {
            if !(*weight >= 0.0 && weight.is_finite()) {
                let problem =
                    format!("`{code}`: found weight {weight}, expected a finite number of at least 0");
                return Err(CompositeError::Options(problem));
            }
            let unknown = || {
                CompositeError::Options(format!("found weight for `{code}`, expected an indicator or group"))
            };
            Ok((*places.get(code.as_str()).ok_or_else(unknown)?, *weight))
        };
        weights.iter().map(place).collect()
    };
    design.factors().iter().map(|f| f.options.iter().map(|(_, choice)| one(choice)).collect()).collect()
}

/// The first stage at which the options of a factor differ.
fn first_stage(
    design: &Design,
    factor: usize,
    weights: &[Vec<(usize, f64)>],
    structure: &Structure,
) -> usize {
    let options = &design.factors()[factor].options;
    let used_at = |node: usize| {
        structure.nodes()[node].parent.map_or(structure.levels(), |p| structure.nodes()[p].level) - 2
    };
    let of = |(option, (_, choice)): (usize, &(String, Choice))| match choice {
        Choice::Denominate(_) => 0,
        Choice::Impute(_) => IMPUTE,
        Choice::Screen(_) => SCREEN,
        Choice::Treat(_) => TREAT,
        Choice::Normalise(_) => NORMALISE,
        Choice::Weights(_) => {
            // A weight that all options set to the same value makes no difference.
            let differs = |pair: &&(usize, f64)| !weights.iter().all(|w| w.contains(pair));
            let first = weights[option].iter().filter(differs).map(|&(node, _)| used_at(node)).min();
            AGGREGATE + first.unwrap_or(structure.levels() - 2)
        }
        Choice::Aggregate(aggregation) => {
            let differs = |level: usize| {
                options.iter().any(|(_, other)| match other {
                    Choice::Aggregate(o) => {
                        o.mean_at(level) != aggregation.mean_at(level) || o.threshold != aggregation.threshold
                    }
                    _ => true,
                })
            };
            AGGREGATE + (2..=structure.levels()).find(|&l| differs(l)).unwrap_or(structure.levels()) - 2
        }
    };
    options.iter().enumerate().map(of).min().unwrap_or(0)
}

/// The last result of each stage.
struct Stages<'a> {
    index: &'a Index,
    pipeline: Pipeline,
    base: Vec<f64>,
    weights: Vec<f64>,
    /// How many stages hold what the options of the last replication give.
    valid: usize,
    denominated: Table,
    imputed: Table,
    /// The index with the units that stayed, as in the nominal run.
    rest: Index,
    screened: Table,
    treated: Table,
    tree: Tree,
    times: Blocks,
    ranks: Vec<u32>,
    ranker: Ranker,
}

impl<'a> Stages<'a> {
    fn new(index: &'a Index, pipeline: &Pipeline, nominal: &Outcome) -> Self {
        let kept: Vec<usize> = (0..index.units.len()).filter(|&r| nominal.availability[r].kept).collect();
        let rest = index.select(&kept);
        let times = rest.blocks(false);
        Self {
            index,
            pipeline: pipeline.clone(),
            base: index.structure.weights(),
            weights: index.structure.weights(),
            valid: 0,
            denominated: Table::default(),
            imputed: Table::default(),
            screened: Table::default(),
            treated: Table::default(),
            tree: Tree::new(&index.structure, kept.len(), times.clone()),
            ranks: vec![0; kept.len()],
            ranker: Ranker::default(),
            rest,
            times,
        }
    }

    fn scores(&self) -> &[f64] {
        self.tree.column(self.index.structure.top())
    }

    /// Takes over the options of a replication.
    fn set(&mut self, nominal: &Pipeline, design: &Design, options: &[u32], weights: &Resolved) {
        self.weights.copy_from_slice(&self.base);
        self.pipeline.clone_from(nominal);
        for ((factor, &option), weights) in design.factors().iter().zip(options).zip(weights) {
            let p = &mut self.pipeline;
            match &factor.options[option as usize].1 {
                Choice::Denominate(yes) => p.denominate = *yes,
                Choice::Impute(imputation) => p.impute.clone_from(imputation),
                Choice::Screen(screening) => p.screen = *screening,
                Choice::Treat(treatment) => p.treat = *treatment,
                Choice::Normalise(normalisation) => p.normalise.clone_from(normalisation),
                Choice::Aggregate(aggregation) => p.aggregate.clone_from(aggregation),
                Choice::Weights(_) => {
                    for &(node, weight) in &weights[option as usize] {
                        self.weights[node] = weight;
                    }
                }
            }
        }
    }

    /// Computes what `changed` and failures before have made out of date. `None` is no change.
    fn compute(&mut self, changed: Option<usize>, nominal: &Outcome) -> Result<(), CompositeError> {
        let structure = &self.index.structure;
        let end = AGGREGATE + structure.levels() - 1;
        self.valid = self.valid.min(changed.unwrap_or(end));
        if self.valid < IMPUTE {
            self.denominated = self.pipeline.denominated(self.index)?;
            self.valid = IMPUTE;
        }
        if self.valid < SCREEN {
            (self.imputed, _) = self.pipeline.imputed(self.index, &self.denominated)?;
            self.valid = SCREEN;
        }
        if self.valid < TREAT {
            let (availability, kept) = self.pipeline.kept(self.index, &self.imputed)?;
            if availability.iter().zip(&nominal.availability).any(|(a, b)| a.kept != b.kept) {
                let problem = "screening keeps other units than the nominal run does";
                return Err(CompositeError::Options(problem.to_owned()));
            }
            self.screened = self.imputed.select(&kept);
            self.valid = TREAT;
        }
        if self.valid < NORMALISE {
            let blocks = self.rest.blocks(self.pipeline.treat_together);
            (self.treated, _) = treat(&self.screened, &self.pipeline.treatments(structure), &blocks);
            self.valid = NORMALISE;
        }
        if self.valid < AGGREGATE {
            let blocks = self.rest.blocks(self.pipeline.normalise_together);
            let how = self.pipeline.normalisations(structure);
            let normalised = normalise(&self.treated, structure, &how, &self.rest.units, &blocks)?;
            if let Some(&lost) = normalised.undefined.iter().find(|&c| !nominal.undefined.contains(c)) {
                let code = &structure.nodes()[lost].draft.code;
                let problem = format!("`{code}` has values that cannot be normalised, expected some spread");
                return Err(CompositeError::Options(problem));
            }
            self.tree.load(&normalised.table);
            self.valid = AGGREGATE;
        }
        if self.valid < end {
            self.pipeline.aggregate.check(structure)?;
            let level = self.valid - AGGREGATE + 2;
            self.tree
                .run(structure, &self.weights, &self.pipeline.aggregate, level)
                .map_err(|fault| fault.explain(structure, &self.rest.units))?;
            let scores = self.tree.column(structure.top());
            if let Some(row) = (0..scores.len()).find(|&r| scores[r].is_nan() != nominal.scores[r].is_nan()) {
                return Err(CompositeError::Value {
                    stage: "aggregate",
                    unit: self.rest.units[row].code.clone(),
                    code: structure.nodes()[structure.top()].draft.code.clone(),
                    value: scores[row],
                    expected: "a score where, and only where, the nominal run has one".to_owned(),
                });
            }
            for rows in self.times.iter() {
                if rows.len() == scores.len() {
                    self.ranker.rank(scores, &mut self.ranks);
                } else {
                    let part: Vec<f64> = rows.iter().map(|&r| scores[r]).collect();
                    for (&row, rank) in rows.iter().zip(rank::ranks(&part)) {
                        self.ranks[row] = rank;
                    }
                }
            }
            self.valid = end;
        }
        Ok(())
    }
}

/// The quantile of sorted ranks at a share p.
fn quantile(sorted: &[u32], p: f64) -> f64 {
    let place = p * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place.fract());
    let (a, b) = (f64::from(sorted[low]), f64::from(sorted[(low + 1).min(sorted.len() - 1)]));
    a + part * (b - a)
}
