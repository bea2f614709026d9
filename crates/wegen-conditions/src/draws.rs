//! Monte Carlo over what is not known: values within their bounds, weights, exponents, goalposts, sources.
//!
//! A design is a table of uniform numbers, one row a run and one column a factor. It can be written out, and run
//! elsewhere or again. Options are taken from fixed classes of `[0, 1)`, never from the range of the numbers drawn.

use rayon::prelude::*;
use serde::Serialize;
use wegen_model::Interval;

use crate::{Cell, Indices, Method, Power, Role, Stream, Verdict, power_mean, sensitivity::saltelli};

/// A column of a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Its options, each as likely as another; none where it is continuous.
    pub options: Vec<String>,
}

/// A table of uniform numbers in `[0, 1)`: runs by factors.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The columns.
    pub factors: Vec<Factor>,
    rows: Vec<f64>,
}

/// A design that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, column {column}: found {found}, expected {expected}")]
pub struct DesignError {
    /// The row, the header being 1.
    pub row: usize,
    /// The column.
    pub column: String,
    /// What was there.
    pub found: String,
    /// What should be.
    pub expected: String,
}

impl Design {
    /// `runs` rows of a stream.
    pub fn random(factors: Vec<Factor>, runs: usize, stream: &mut Stream) -> Design {
        let rows = (0..runs * factors.len()).map(|_| stream.uniform()).collect();
        Design { factors, rows }
    }

    /// The runs.
    pub fn runs(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.rows.chunks_exact(self.factors.len().max(1))
    }

    /// As CSV: a header of names, a row a run; numbers so that they read back the same.
    pub fn to_csv(&self) -> String {
        let names: Vec<&str> = self.factors.iter().map(|f| f.name.as_str()).collect();
        let mut out = names.join(",") + "\n";
        for run in self.runs() {
            let row: Vec<String> = run.iter().map(f64::to_string).collect();
            out.push_str(&row.join(","));
            out.push('\n');
        }
        out
    }

    /// Reads a design of these factors back.
    ///
    /// # Errors
    /// [`DesignError`] with row and column: another header, or what is no number in `[0, 1)`.
    pub fn from_csv(text: &str, factors: Vec<Factor>) -> Result<Design, DesignError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for (i, record) in reader.records().enumerate() {
            let wrong = |column: &str, found: String, expected: &str| DesignError {
                row: i + 1,
                column: column.to_owned(),
                found,
                expected: expected.to_owned(),
            };
            let record = record.map_err(|e| wrong("", e.to_string(), "a row as long as the header"))?;
            if record.len() != factors.len() {
                return Err(wrong("", format!("{} fields", record.len()), &format!("{}", factors.len())));
            }
            for (field, factor) in record.iter().zip(&factors) {
                if i == 0 {
                    if field != factor.name {
                        return Err(wrong(&factor.name, format!("`{field}`"), &format!("`{}`", factor.name)));
                    }
                    continue;
                }
                let value = field.trim().parse::<f64>().ok().filter(|v| (0.0..1.0).contains(v));
                rows.push(value.ok_or_else(|| {
                    wrong(&factor.name, format!("`{field}`"), "a number from 0 up, below 1")
                })?);
            }
        }
        Ok(Design { factors, rows })
    }
}

/// The option that a uniform number takes among `n`: `⌊u·n⌋`.
pub(crate) fn option(uniform: f64, n: usize) -> usize {
    ((uniform * n as f64) as usize).min(n.saturating_sub(1))
}

/// What is varied, beside the values within their bounds and the weights.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The method and its variants, with the same leaves and dimensions (other goalposts).
    pub methods: Vec<&'a Method>,
    /// The exponents of the score.
    pub powers: Vec<Power>,
    /// How many runs.
    pub draws: usize,
    /// The seed.
    pub seed: u64,
}

impl<'a> Plan<'a> {
    /// Values and weights alone.
    pub fn new(method: &'a Method, draws: usize, seed: u64) -> Plan<'a> {
        Plan { methods: vec![method], powers: vec![method.power], draws, seed }
    }

    /// The columns of its design: goalposts, exponent, source, a number for each weight, a number for each leaf.
    pub fn factors(&self, sources: usize) -> Vec<Factor> {
        let options = |name: &str, n: usize| Factor {
            name: name.to_owned(),
            options: (0..n).map(|i| i.to_string()).collect(),
        };
        let mut factors = vec![
            options("goalposts", self.methods.len()),
            Factor { name: "power".into(), options: self.powers.iter().map(Power::to_string).collect() },
            options("source", sources),
        ];
        if let Some(method) = self.methods.first() {
            let continuous = |name: String| Factor { name, options: Vec::new() };
            factors.extend(
                method.dimensions.iter().map(|d| continuous(format!("weight.{}", method.nodes[*d].id))),
            );
            factors
                .extend(method.leaves.iter().map(|l| continuous(format!("value.{}", method.nodes[*l].id))));
        }
        factors
    }
}

/// What the runs gave for an area and a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Simulated {
    /// How many runs.
    pub draws: usize,
    /// Share of runs with the verdict *met*.
    pub met: f64,
    /// Share of runs with *not met*. What is left cannot be determined: a missing cell is drawn by nobody.
    pub not_met: f64,
    /// 5, 25, 50, 75 and 95 % quantiles of the low end of the score; empty without dimensions.
    pub low: Vec<f64>,
    /// Likewise of the high end; the same where nothing is missing.
    pub high: Vec<f64>,
}

/// Runs a plan on cells; `sources` holds the cells as each choice of source gives them (one set where there is no
/// choice), `place` names area and month and with the seed decides the random numbers.
///
/// A known cell is drawn uniformly within its bounds. A missing cell stays the whole scale, so a run can end in
/// *cannot be determined*. A run needs no memory of others; a bench shows cost linear in cells × runs.
pub fn simulate(plan: &Plan<'_>, sources: &[&[Cell]], place: u64) -> Simulated {
    let mut stream = Stream::new(plan.seed, "conditions", place);
    let walk = walk(plan);
    run(plan, sources, &walk, plan.draws, |row| row.iter_mut().for_each(|u| *u = stream.uniform()))
}

/// Many areas and months, on all threads; the same on any number of them.
pub fn simulate_all(plan: &Plan<'_>, places: &[(u64, Vec<&[Cell]>)]) -> Vec<Simulated> {
    let walk = walk(plan);
    places
        .par_iter()
        .map(|(place, sources)| {
            let mut stream = Stream::new(plan.seed, "conditions", *place);
            run(plan, sources, &walk, plan.draws, |row| row.iter_mut().for_each(|u| *u = stream.uniform()))
        })
        .collect()
}

/// Runs a design instead: what [`simulate`] gives for the design that the same stream makes.
pub fn replay(plan: &Plan<'_>, sources: &[&[Cell]], design: &Design) -> Simulated {
    let walk = walk(plan);
    let mut rows = design.runs();
    let count = rows.len();
    run(plan, sources, &walk, count, |row| {
        if let Some(next) = rows.next() {
            row.iter_mut().zip(next).for_each(|(u, v)| *u = *v);
        }
    })
}

/// The design that [`simulate`] runs.
pub fn design(plan: &Plan<'_>, sources: usize, place: u64) -> Design {
    Design::random(plan.factors(sources), plan.draws, &mut Stream::new(plan.seed, "conditions", place))
}

/// Draws of general weights, from which a run takes one; empty where a run makes its own from its uniforms.
fn walk(plan: &Plan<'_>) -> Vec<f64> {
    const WALK: usize = 4096;
    match plan.methods.first() {
        Some(method) if !method.weights.only_lower_bounds() => {
            method.weights.samples(WALK, &mut Stream::new(plan.seed, "weights", 0))
        }
        _ => Vec::new(),
    }
}

fn run(
    plan: &Plan<'_>,
    sources: &[&[Cell]],
    walk: &[f64],
    draws: usize,
    mut next: impl FnMut(&mut [f64]),
) -> Simulated {
    let mut runner = Runner::new(plan, sources, walk);
    let mut row = vec![0.0; runner.width()];
    let (mut lows, mut highs) = (Vec::with_capacity(draws), Vec::with_capacity(draws));
    let (mut met, mut not_met) = (0usize, 0usize);
    for _ in 0..draws {
        next(&mut row);
        let once = runner.once(&row);
        met += usize::from(once.verdict == Verdict::Met);
        not_met += usize::from(once.verdict == Verdict::NotMet);
        if let Some(score) = once.score {
            lows.push(score.low);
            highs.push(score.high);
        }
    }
    let share = |count: usize| count as f64 / draws.max(1) as f64;
    Simulated {
        draws,
        met: share(met),
        not_met: share(not_met),
        low: quantiles(lows),
        high: quantiles(highs),
    }
}

/// What one run gives.
struct Once {
    verdict: Verdict,
    /// `None` without dimensions; an interval where a cell is missing.
    score: Option<Interval>,
}

/// Runs a plan on cells, one row of uniform numbers at a time, in buffers of its own.
struct Runner<'a> {
    plan: &'a Plan<'a>,
    sources: &'a [&'a [Cell]],
    walk: &'a [f64],
    leaves: [Vec<f64>; 2],
    nodes: [Vec<f64>; 2],
    dimensions: [Vec<f64>; 2],
    weights: Vec<f64>,
}

impl<'a> Runner<'a> {
    fn new(plan: &'a Plan<'a>, sources: &'a [&'a [Cell]], walk: &'a [f64]) -> Runner<'a> {
        let of = |count: fn(&Method) -> usize| plan.methods.first().map_or(0, |m| count(m));
        let two = |n: usize| [vec![0.0; n], vec![0.0; n]];
        Runner {
            plan,
            sources,
            walk,
            leaves: two(of(|m| m.leaves.len())),
            nodes: two(of(|m| m.nodes.len())),
            dimensions: two(of(|m| m.dimensions.len())),
            weights: vec![0.0; of(|m| m.dimensions.len())],
        }
    }

    /// How many uniform numbers a run takes.
    fn width(&self) -> usize {
        3 + self.weights.len() + self.leaves[0].len()
    }

    fn once(&mut self, row: &[f64]) -> Once {
        let (plan, dimensions) = (self.plan, self.weights.len());
        let Some(method) = plan.methods.get(option(row[0], plan.methods.len())) else {
            return Once { verdict: Verdict::CannotBeDetermined, score: None };
        };
        let power = plan.powers.get(option(row[1], plan.powers.len())).copied().unwrap_or(method.power);
        let cells = self.sources.get(option(row[2], self.sources.len())).copied().unwrap_or_default();
        let [low, high] = &mut self.leaves;
        let mut missing = false;
        for (k, leaf) in method.leaves().enumerate() {
            match cells.get(k).and_then(|c| c.bounds) {
                Some(bounds) => {
                    low[k] = leaf.scale.score(within(bounds, row[3 + dimensions + k]));
                    high[k] = low[k];
                }
                None => {
                    (low[k], high[k]) = (0.0, 100.0);
                    missing = true;
                }
            }
        }
        let [at_low, at_high] = &mut self.nodes;
        method.evaluate_into(low, at_low);
        match missing {
            true => method.evaluate_into(high, at_high),
            false => at_high.copy_from_slice(at_low),
        }
        let mut verdict = Verdict::Met;
        for &criterion in &method.criteria {
            let value = Interval { low: at_low[criterion], high: at_high[criterion] };
            verdict = verdict.and(Verdict::at_least(value, method.nodes[criterion].floor.unwrap_or(0.0)));
        }
        if dimensions == 0 {
            return Once { verdict, score: None };
        }
        if self.walk.is_empty() {
            method.weights.dirichlet(row[3..3 + dimensions].iter().copied(), &mut self.weights);
        } else {
            let pick = option(row[3], self.walk.len() / dimensions);
            self.weights.copy_from_slice(&self.walk[pick * dimensions..(pick + 1) * dimensions]);
        }
        let [x, y] = &mut self.dimensions;
        for (k, d) in method.dimensions.iter().enumerate() {
            (x[k], y[k]) = (at_low[*d], at_high[*d]);
        }
        let least = power_mean(x, &self.weights, power);
        let most = if missing { power_mean(y, &self.weights, power) } else { least };
        let score = Interval { low: least, high: most.max(least) };
        Once { verdict: verdict.and(Verdict::at_least(score, method.threshold)), score: Some(score) }
    }
}

/// Which uncertain input moves the result of an area and a month (§8).
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// The inputs: `goalposts`, `power`, `source`, `weights` together, and `value.LEAF` for each cell with a width; those
    /// that vary.
    pub inputs: Vec<String>,
    /// Of the low end of the score; `None` where it does not vary.
    pub score: Option<Indices>,
    /// Of the verdict, *met* counting 1 and *not met* 0 and what cannot be determined ½; `None` where it does not vary.
    pub verdict: Option<Indices>,
}

/// Sobol' indices of the score and of the verdict, from `blocks × points × (inputs + 2)` runs of the plan.
///
/// What is missing is not drawn and moves nothing: the facts that could are listed by [`crate::missing_facts`].
pub fn sensitivity(plan: &Plan<'_>, sources: &[&[Cell]], points: usize, blocks: usize) -> Sensitivity {
    let walk = walk(plan);
    let runner = std::cell::RefCell::new(Runner::new(plan, sources, &walk));
    let dimensions = plan.methods.first().map_or(0, |m| m.dimensions.len());
    let wide = |k: usize| {
        let width = |cells: &&[Cell]| cells.get(k).and_then(|c| c.bounds).is_some_and(|b| b.width() > 0.0);
        sources.iter().any(width)
    };
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    let options =
        [("goalposts", plan.methods.len()), ("power", plan.powers.len()), ("source", sources.len())];
    for (k, (name, count)) in options.into_iter().enumerate() {
        if count > 1 {
            groups.push((name.to_owned(), vec![k]));
        }
    }
    if let Some(method) = plan.methods.first() {
        let fixed = method.weights.lower().iter().sum::<f64>() >= 1.0 - 1e-12;
        if dimensions > 1 && !fixed {
            groups.push(("weights".to_owned(), (3..3 + dimensions).collect()));
        }
        let counts = |leaf: usize| method.nodes[method.pillar(leaf)].role != Role::Context;
        for (k, leaf) in method.leaves.iter().enumerate().filter(|(k, l)| wide(*k) && counts(**l)) {
            groups.push((format!("value.{}", method.nodes[*leaf].id), vec![3 + dimensions + k]));
        }
    }
    let (inputs, columns): (Vec<String>, Vec<Vec<usize>>) = groups.into_iter().unzip();
    let width = runner.borrow().width();
    let seed = (plan.seed ^ (plan.seed >> 32)) as u32;
    let of = |result: &dyn Fn(Once) -> f64| {
        let sampled =
            saltelli(width, &columns, points, blocks, seed, |row| result(runner.borrow_mut().once(row)));
        let indices = sampled.indices(200, 0.9, &mut Stream::new(plan.seed, "bootstrap", 0));
        (indices.variance > 1e-12).then_some(indices)
    };
    let score = of(&|once| once.score.map_or(0.0, |s| s.low));
    let verdict = of(&|once| match once.verdict {
        Verdict::Met => 1.0,
        Verdict::CannotBeDetermined => 0.5,
        Verdict::NotMet => 0.0,
    });
    Sensitivity { inputs, score, verdict }
}

/// A value within bounds; an open end is its finite one, so that a scale clamps it there.
fn within(bounds: Interval, uniform: f64) -> f64 {
    match bounds.width().is_finite() {
        true => bounds.low + uniform * bounds.width(),
        // Beyond every goalpost: an open end is drawn at its finite end or at the far one.
        false if uniform < 0.5 => bounds.low,
        false => bounds.high,
    }
}

/// 5, 25, 50, 75 and 95 %, interpolated between order statistics (type 7 of Hyndman and Fan 1996).
fn quantiles(mut values: Vec<f64>) -> Vec<f64> {
    if values.is_empty() {
        return values;
    }
    values.sort_unstable_by(f64::total_cmp);
    [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| quantile(&values, q)).to_vec()
}

/// A quantile of sorted values, type 7.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (at - at.floor()) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_classes_of_the_unit_interval_and_not_of_the_numbers_drawn() {
        // Numbers that happen to lie in the upper half take the upper options alone.
        let drawn = [0.5, 0.6, 0.74, 0.75, 0.999_999];
        assert_eq!(drawn.map(|u| option(u, 4)), [2, 2, 2, 3, 3]);
        assert_eq!((option(0.0, 3), option(0.5, 1), option(0.5, 0)), (0, 0, 0));
    }

    #[test]
    fn quantiles_interpolate_between_what_was_drawn() {
        assert_eq!(quantiles(vec![4.0, 1.0, 3.0, 2.0, 5.0]), [1.2, 2.0, 3.0, 4.0, 4.8]);
        assert!(quantiles(Vec::new()).is_empty());
    }
}
