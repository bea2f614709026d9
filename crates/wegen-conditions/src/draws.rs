//! Monte Carlo over what is not known: values within their bounds, weights, exponents, goalposts, sources.
//!
//! A design is a table of uniform numbers, one row a run and one column a factor. It can be written out, and run
//! elsewhere or again. Options are taken from fixed classes of `[0, 1)`, never from the range of the numbers drawn.

use rayon::prelude::*;
use serde::Serialize;
use wegen_model::Interval;

use crate::{Cell, Method, Power, Stream, Verdict, power_mean};

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
    let Some(first) = plan.methods.first() else {
        return Simulated { draws: 0, met: 0.0, not_met: 0.0, low: Vec::new(), high: Vec::new() };
    };
    let (leaves, dimensions) = (first.leaves.len(), first.dimensions.len());
    let mut row = vec![0.0; 3 + dimensions + leaves];
    let (mut low, mut high) = (vec![0.0; leaves], vec![0.0; leaves]);
    let (mut at_low, mut at_high) = (vec![0.0; first.nodes.len()], vec![0.0; first.nodes.len()]);
    let mut weights = vec![0.0; dimensions];
    let (mut x, mut y) = (vec![0.0; dimensions], vec![0.0; dimensions]);
    let (mut lows, mut highs) = (Vec::with_capacity(draws), Vec::with_capacity(draws));
    let (mut met, mut not_met) = (0usize, 0usize);
    for _ in 0..draws {
        next(&mut row);
        let method = plan.methods[option(row[0], plan.methods.len())];
        let power = plan.powers.get(option(row[1], plan.powers.len())).copied().unwrap_or(method.power);
        let cells = sources.get(option(row[2], sources.len())).copied().unwrap_or_default();
        let mut missing = false;
        for (k, leaf) in method.leaves().enumerate() {
            match cells.get(k).and_then(|c| c.bounds) {
                Some(bounds) => {
                    let value = within(bounds, row[3 + dimensions + k]);
                    low[k] = leaf.scale.score(value);
                    high[k] = low[k];
                }
                None => {
                    (low[k], high[k]) = (0.0, 100.0);
                    missing = true;
                }
            }
        }
        method.evaluate_into(&low, &mut at_low);
        if missing {
            method.evaluate_into(&high, &mut at_high);
        } else {
            at_high.copy_from_slice(&at_low);
        }
        let mut verdict = Verdict::Met;
        for &criterion in &method.criteria {
            let value = Interval { low: at_low[criterion], high: at_high[criterion] };
            verdict = verdict.and(Verdict::at_least(value, method.nodes[criterion].floor.unwrap_or(0.0)));
        }
        if dimensions > 0 {
            if walk.is_empty() {
                method.weights.dirichlet(row[3..3 + dimensions].iter().copied(), &mut weights);
            } else {
                let pick = option(row[3], walk.len() / dimensions);
                weights.copy_from_slice(&walk[pick * dimensions..(pick + 1) * dimensions]);
            }
            for (k, d) in method.dimensions.iter().enumerate() {
                (x[k], y[k]) = (at_low[*d], at_high[*d]);
            }
            let least = power_mean(&x, &weights, power);
            let most = if missing { power_mean(&y, &weights, power) } else { least };
            verdict = verdict.and(Verdict::at_least(Interval { low: least, high: most }, method.threshold));
            lows.push(least);
            highs.push(most);
        }
        met += usize::from(verdict == Verdict::Met);
        not_met += usize::from(verdict == Verdict::NotMet);
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
