//! Variance-based sensitivity: which uncertain input moves a result, alone and with others.
//!
//! `S_i = V[E(y|x_i)]/V(y)` and `ST_i = E[V(y|x_~i)]/V(y)`. Sampled by scrambled Sobol’ points (Owen 1995, Burley
//! 2020) in independent blocks; estimated by the centred first-order estimator, since the plain one is often negative
//! at small samples, and by Jansen's (1999) for the total; intervals by a bootstrap over blocks. Small designs are
//! enumerated and exact.

use crate::{Stream, draws::quantile};

/// An estimate with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The standard error.
    pub error: f64,
}

/// Sobol' indices of the inputs, or of groups of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Indices {
    /// The mean of the result.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
    /// First-order indices: alone.
    pub first: Vec<Estimate>,
    /// Total indices: with all interactions.
    pub total: Vec<Estimate>,
}

/// Results of a sampled design: for each block, `y(A)`, `y(B)` and `y(AB_i)` for each group `i`, in which the group's
/// columns are of `B` and all others of `A`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq)]
struct Block {
    a: Vec<f64>,
    b: Vec<f64>,
    ab: Vec<Vec<f64>>,
}

/// Runs `model` on `blocks` independent scramblings of `points` Sobol’ points in `[0, 1)^inputs`, for groups of inputs
/// that are moved together (each input alone: one group each). `blocks × points × (groups + 2)` runs.
///
/// At most 65,536 points a block and 128 inputs; more points are cut off. Powers of two keep the points balanced.
pub fn saltelli(
    inputs: usize,
    groups: &[Vec<usize>],
    points: usize,
    blocks: usize,
    seed: u32,
    model: impl Fn(&[f64]) -> f64,
) -> Sampled {
    let points = points.min(1 << 16);
    let at = |point: usize, dimension: usize, block: usize| {
        // Every four dimensions a seed of their own beyond the first sets: as the sequence's author advises.
        let scramble = seed.wrapping_add((block as u32).wrapping_mul(0x9e37_79b9));
        f64::from(sobol_burley::sample(point as u32, dimension as u32 % 256, scramble))
    };
    let mut x = vec![0.0; inputs];
    let blocks = (0..blocks)
        .map(|block| {
            let mut out = Block { a: Vec::new(), b: Vec::new(), ab: vec![Vec::new(); groups.len()] };
            for point in 0..points {
                let a: Vec<f64> = (0..inputs).map(|k| at(point, k, block)).collect();
                let b: Vec<f64> = (0..inputs).map(|k| at(point, inputs + k, block)).collect();
                out.a.push(model(&a));
                out.b.push(model(&b));
                for (group, y) in groups.iter().zip(&mut out.ab) {
                    x.copy_from_slice(&a);
                    group.iter().for_each(|k| x[*k] = b[*k]);
                    y.push(model(&x));
                }
            }
            out
        })
        .collect();
    Sampled { blocks }
}

impl Sampled {
    /// Results of a design that was run elsewhere: `y(A)`, `y(B)`, `y(AB_i)`; each run is a block of its own.
    pub fn of(a: &[f64], b: &[f64], ab: &[Vec<f64>]) -> Sampled {
        let block =
            |n: usize| Block { a: vec![a[n]], b: vec![b[n]], ab: ab.iter().map(|y| vec![y[n]]).collect() };
        let runs = a.len().min(b.len()).min(ab.iter().map(Vec::len).min().unwrap_or(0));
        Sampled { blocks: (0..runs).map(block).collect() }
    }

    /// The indices, with intervals of this level from `bootstraps` resamplings of the blocks.
    pub fn indices(&self, bootstraps: usize, level: f64, stream: &mut Stream) -> Indices {
        let sums: Vec<Sums> = self.blocks.iter().map(Sums::of).collect();
        let groups = self.blocks.first().map_or(0, |b| b.ab.len());
        let all = Sums::total(sums.iter(), groups);
        let (mean, variance) = all.moments();
        let (first, total) = all.indices();
        let r = sums.len();
        let mut resampled: Vec<FirstAndTotal> = Vec::with_capacity(bootstraps);
        for _ in 0..bootstraps {
            let picked: Vec<usize> = (0..r).map(|_| stream.below(r)).collect();
            resampled.push(Sums::total(picked.iter().map(|i| &sums[*i]), groups).indices());
        }
        // A bootstrap of r blocks shows (r − 1)/r of the variance; with few blocks the tails are Student's.
        let widen = if r > 1 { (r as f64 / (r - 1) as f64).sqrt() } else { 1.0 };
        let estimate = |value: f64, pick: &dyn Fn(&FirstAndTotal) -> f64| {
            let mut drawn: Vec<f64> = resampled.iter().map(pick).filter(|v| v.is_finite()).collect();
            drawn.sort_unstable_by(f64::total_cmp);
            if drawn.len() < 2 {
                return Estimate { value, low: f64::NAN, high: f64::NAN, error: f64::NAN };
            }
            let centre = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let spread =
                drawn.iter().map(|v| (v - centre) * (v - centre)).sum::<f64>() / (drawn.len() - 1) as f64;
            let tail = (1.0 - level) / 2.0;
            Estimate {
                value,
                low: value + widen * (quantile(&drawn, tail) - centre),
                high: value + widen * (quantile(&drawn, 1.0 - tail) - centre),
                error: widen * spread.sqrt(),
            }
        };
        Indices {
            mean,
            variance,
            first: (0..groups).map(|i| estimate(first[i], &|d| d.0[i])).collect(),
            total: (0..groups).map(|i| estimate(total[i], &|d| d.1[i])).collect(),
        }
    }
}

/// First-order and total indices, one of each for each group.
type FirstAndTotal = (Vec<f64>, Vec<f64>);

/// What the estimators need of some runs; sums of blocks add up.
#[derive(Debug, Clone)]
struct Sums {
    n: f64,
    /// Of `y(A)` and `y(B)` together, and of their squares.
    y: f64,
    yy: f64,
    /// For each group: Σ y(B)(y(AB) − y(A)), Σ (y(AB) − y(A)), Σ (y(AB) − y(A))².
    groups: Vec<[f64; 3]>,
}

impl Sums {
    fn of(block: &Block) -> Sums {
        let both = || block.a.iter().chain(&block.b);
        let groups = block
            .ab
            .iter()
            .map(|ab| {
                let mut sums = [0.0; 3];
                for ((a, b), ab) in block.a.iter().zip(&block.b).zip(ab) {
                    let d = ab - a;
                    sums[0] += b * d;
                    sums[1] += d;
                    sums[2] += d * d;
                }
                sums
            })
            .collect();
        Sums { n: block.a.len() as f64, y: both().sum(), yy: both().map(|y| y * y).sum(), groups }
    }

    fn total<'s>(all: impl Iterator<Item = &'s Sums>, groups: usize) -> Sums {
        let mut total = Sums { n: 0.0, y: 0.0, yy: 0.0, groups: vec![[0.0; 3]; groups] };
        for sums in all {
            total.n += sums.n;
            total.y += sums.y;
            total.yy += sums.yy;
            for (t, s) in total.groups.iter_mut().zip(&sums.groups) {
                t.iter_mut().zip(s).for_each(|(t, s)| *t += s);
            }
        }
        total
    }

    fn moments(&self) -> (f64, f64) {
        let mean = self.y / (2.0 * self.n);
        (mean, self.yy / (2.0 * self.n) - mean * mean)
    }

    /// First order `Σ (y(B) − m)(y(AB) − y(A)) / (N V)`; total `Σ (y(A) − y(AB))² / (2 N V)`.
    fn indices(&self) -> FirstAndTotal {
        let (mean, variance) = self.moments();
        let over = self.n * variance;
        self.groups.iter().map(|[bd, d, dd]| ((bd - mean * d) / over, dd / (2.0 * over))).unzip()
    }
}

/// Exact indices where each input has few options, all equally likely: `S_i` and `ST_i` for each.
///
/// `None` where there are more than 100,000 cells, or where the result does not vary.
pub fn enumerate(options: &[usize], model: impl Fn(&[usize]) -> f64) -> Option<Indices> {
    const MOST: usize = 100_000;
    let cells =
        options.iter().try_fold(1usize, |a, n| a.checked_mul(*n)).filter(|n| (1..=MOST).contains(n))?;
    let mut y = Vec::with_capacity(cells);
    let mut at = vec![0; options.len()];
    for _ in 0..cells {
        y.push(model(&at));
        for k in (0..at.len()).rev() {
            at[k] += 1;
            if at[k] < options[k] {
                break;
            }
            at[k] = 0;
        }
    }
    let mean = y.iter().sum::<f64>() / cells as f64;
    let variance = y.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / cells as f64;
    if variance <= 0.0 || !variance.is_finite() {
        return None;
    }
    let exact = |value: f64| Estimate { value, low: value, high: value, error: 0.0 };
    let (mut first, mut total) = (Vec::new(), Vec::new());
    for (k, &n) in options.iter().enumerate() {
        let stride: usize = options[k + 1..].iter().product();
        let option = |cell: usize| cell / stride % n;
        let mut by_option = vec![0.0; n];
        y.iter().enumerate().for_each(|(cell, v)| by_option[option(cell)] += v / (cells / n) as f64);
        let between = by_option.iter().map(|m| (m - mean) * (m - mean)).sum::<f64>() / n as f64;
        // The variance left when all but this input are fixed, over all ways to fix them.
        let mut within = 0.0;
        for start in (0..cells).filter(|c| option(*c) == 0) {
            let line = || (0..n).map(|o| y[start + o * stride]);
            let m = line().sum::<f64>() / n as f64;
            within += line().map(|v| (v - m) * (v - m)).sum::<f64>() / n as f64;
        }
        first.push(exact(between / variance));
        total.push(exact(within / (cells / n) as f64 / variance));
    }
    Some(Indices { mean, variance, first, total })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ishigami's function, whose indices are known: S = (0.3139, 0.4424, 0), ST = (0.5576, 0.4424, 0.2437).
    fn ishigami(u: &[f64]) -> f64 {
        let x: Vec<f64> = u.iter().map(|u| std::f64::consts::PI * (2.0 * u - 1.0)).collect();
        let (s0, s1) = (libm::sin(x[0]), libm::sin(x[1]));
        s0 + 7.0 * s1 * s1 + 0.1 * x[2] * x[2] * x[2] * x[2] * s0
    }

    #[test]
    fn the_known_indices_of_ishigami() {
        let groups = vec![vec![0], vec![1], vec![2]];
        let indices =
            saltelli(3, &groups, 256, 32, 7, ishigami).indices(200, 0.9, &mut Stream::new(1, "test", 0));
        for (found, wanted) in indices.first.iter().zip([0.3139, 0.4424, 0.0]) {
            assert!((found.value - wanted).abs() < 3.0 * found.error + 1e-3, "{found:?} {wanted}");
        }
        for (found, wanted) in indices.total.iter().zip([0.5576, 0.4424, 0.2437]) {
            assert!((found.value - wanted).abs() < 3.0 * found.error + 1e-3, "{found:?} {wanted}");
        }
        // Moved together, the two that interact have everything but the second's part.
        let grouped = saltelli(3, &[vec![0, 2], vec![1]], 256, 32, 7, ishigami);
        let grouped = grouped.indices(200, 0.9, &mut Stream::new(1, "test", 0));
        assert!((grouped.first[0].value - 0.5576).abs() < 3.0 * grouped.first[0].error + 1e-3);
    }

    #[test]
    fn an_input_that_does_nothing_is_not_negative_by_more_than_its_error() {
        let indices = saltelli(2, &[vec![0], vec![1]], 100, 1, 3, |x| x[0] + 1000.0);
        let indices = indices.indices(50, 0.9, &mut Stream::new(1, "test", 0));
        // Uncentred, the large mean would swamp it.
        assert!(indices.first[1].value.abs() < 1e-9 && indices.total[1].value == 0.0);
        assert!((indices.first[0].value - 1.0).abs() < 0.05);
    }

    #[test]
    fn enumeration_is_exact() {
        // y = x0 + 2·x1 over {0, 1}²: variances 1/4 and 1.
        let indices = enumerate(&[2, 2], |x| x[0] as f64 + 2.0 * x[1] as f64).unwrap();
        assert!((indices.first[0].value - 0.2).abs() < 1e-12 && (indices.first[1].value - 0.8).abs() < 1e-12);
        // A pure interaction: nothing alone, everything together.
        let indices = enumerate(&[2, 2], |x| (x[0] ^ x[1]) as f64).unwrap();
        assert!(indices.first.iter().all(|s| s.value.abs() < 1e-12));
        assert!(indices.total.iter().all(|s| (s.value - 1.0).abs() < 1e-12));
        assert!(enumerate(&[100_001], |_| 0.0).is_none() && enumerate(&[3], |_| 1.0).is_none());
    }
}
