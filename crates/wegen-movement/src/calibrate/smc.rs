//! Sequential Monte Carlo: a sample of parameters that comes nearer from generation to generation.
//!
//! Toni et al. 2009 (J. R. Soc. Interface 6, 187) with the kernel of Beaumont et al. 2009 (Biometrika 96, 983): each
//! generation draws from the one before by weight, moves each number by twice the weighted variance, keeps what comes
//! nearer than the tolerance, and weighs it by prior over proposal. Numbers are moved in chances of their priors
//! (0…1), in which every prior is flat.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Identified, identified};
use crate::stream::Stream;
use crate::{MovementError, Parameter, Parameters, Sample};

/// How a posterior is searched for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// Of all random numbers.
    pub seed: u64,
    /// What is calibrated, and what is known of it before.
    pub parameters: Vec<Parameter>,
    /// Points in a generation.
    pub particles: usize,
    /// Generations after the first, which is drawn from the priors.
    pub generations: usize,
    /// The next tolerance lies at this share of the distances of a generation.
    pub quantile: f64,
    /// A generation ends when so many proposals a particle were run; the search ends with the generation before
    /// where fewer than half of its points were found by then.
    pub most_tries: usize,
}

impl Search {
    /// A search that takes some hundreds to a few thousand runs.
    pub fn of(parameters: Vec<Parameter>, seed: u64) -> Search {
        Search { seed, parameters, particles: 64, generations: 4, quantile: 0.5, most_tries: 8 }
    }
}

/// What a generation did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// The largest distance it takes; infinite for the first.
    pub tolerance: f64,
    /// Proposals that were run.
    pub tried: u64,
    /// Equal points that would say as much as its weighted ones.
    pub effective: f64,
}

/// A calibrated sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    /// Points and weights.
    pub sample: Sample,
    /// The distance of each point.
    pub distances: Vec<f64>,
    /// How it came about.
    pub generations: Vec<Generation>,
    /// What was learnt of each parameter.
    pub identified: Vec<Identified>,
}

/// How far runs with these values are from what was observed; the number is the member whose random numbers they use.
pub type Far<'d> = dyn Fn(&[f64], u64) -> Result<f64, MovementError> + Sync + 'd;

#[derive(Debug, Clone)]
struct Particle {
    /// In chances of the priors.
    at: Vec<f64>,
    distance: f64,
    weight: f64,
}

/// Searches for parameters whose runs come near. `distance` takes values in the order of the parameters and a member
/// of its own for the random numbers of its runs; it must depend on nothing else. The same on any number of threads.
///
/// # Errors
/// Priors that cannot be drawn, and what `distance` says.
pub fn smc(
    search: &Search,
    distance: &Far<'_>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Posterior, MovementError> {
    let all = |points: &[(Vec<f64>, u64)]| -> Result<Vec<f64>, MovementError> {
        points.par_iter().map(|(values, member)| distance(values, *member)).collect()
    };
    smc_in_batches(search, &all, progress)
}

/// The distances of points, each with its values and its member.
pub type Distances<'a, E> = &'a dyn Fn(&[(Vec<f64>, u64)]) -> Result<Vec<f64>, E>;

/// The same where many points are run at once, here or elsewhere: `measure` takes them in batches and answers in
/// their order.
///
/// # Errors
/// As [`smc`].
pub fn smc_in_batches<E: From<MovementError>>(
    search: &Search,
    measure: Distances<'_, E>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Posterior, E> {
    Parameters::Priors(search.parameters.clone()).check()?;
    let n = search.particles.max(2);
    let mut member = 0;
    let first: Vec<(Vec<f64>, u64)> = (0..n)
        .map(|i| {
            let chance = |p: &Parameter| Stream::new(search.seed, &p.name, i as u64).uniform();
            (search.parameters.iter().map(chance).collect(), i as u64)
        })
        .collect();
    member += n as u64;
    let mut particles = run(search, first, measure)?;
    let mut generations = vec![Generation { tolerance: f64::INFINITY, tried: n as u64, effective: n as f64 }];
    for generation in 1..=search.generations {
        progress(generation, search.generations);
        let mut distances: Vec<f64> = particles.iter().map(|p| p.distance).collect();
        distances.sort_by(f64::total_cmp);
        let tolerance = distances[((search.quantile * n as f64) as usize).min(n - 1)];
        let sd = spread(&particles, search.parameters.len());
        let (mut next, mut tried) = (Vec::with_capacity(n), 0);
        while next.len() < n && tried < search.most_tries.max(1) * n {
            let proposals =
                (0..n).map(|i| (propose(search, &particles, &sd, member + i as u64), member + i as u64));
            let near =
                run(search, proposals.collect(), measure)?.into_iter().filter(|p| p.distance <= tolerance);
            next.extend(near);
            member += n as u64;
            tried += n;
        }
        next.truncate(n);
        if next.len() < n / 2 {
            // Too few come nearer to stand for all: the generation before is the result.
            generations.push(Generation { tolerance, tried: tried as u64, effective: 0.0 });
            break;
        }
        for particle in &mut next {
            particle.weight = 1.0 / density(&particles, &sd, &particle.at);
        }
        // Weights that sum to 1: only their ratios matter.
        let total: f64 = next.iter().map(|p| p.weight).sum();
        next.iter_mut().for_each(|p| p.weight /= total);
        generations.push(Generation { tolerance, tried: tried as u64, effective: effective(&next) });
        particles = next;
    }
    let value =
        |at: &Vec<f64>| at.iter().zip(&search.parameters).map(|(p, of)| of.prior.quantile(*p)).collect();
    let sample = Sample {
        names: search.parameters.iter().map(|p| p.name.clone()).collect(),
        points: particles.iter().map(|p| value(&p.at)).collect(),
        weights: particles.iter().map(|p| p.weight).collect(),
    };
    let identified = identified(&search.parameters, &sample);
    Ok(Posterior {
        sample,
        distances: particles.iter().map(|p| p.distance).collect(),
        generations,
        identified,
    })
}

fn run<E: From<MovementError>>(
    search: &Search,
    points: Vec<(Vec<f64>, u64)>,
    distances: Distances<'_, E>,
) -> Result<Vec<Particle>, E> {
    let values =
        |at: &[f64]| at.iter().zip(&search.parameters).map(|(p, of)| of.prior.quantile(*p)).collect();
    let valued: Vec<(Vec<f64>, u64)> = points.iter().map(|(at, member)| (values(at), *member)).collect();
    let found = distances(&valued)?;
    if found.len() != points.len() {
        return Err(MovementError::Instance("a distance for each point was expected".to_owned()).into());
    }
    Ok(points
        .into_iter()
        .zip(found)
        .map(|((at, _), distance)| Particle { at, distance, weight: 1.0 })
        .collect())
}

/// A point of the generation before, moved; drawn again where it falls outside the priors.
fn propose(search: &Search, particles: &[Particle], sd: &[f64], member: u64) -> Vec<f64> {
    let mut stream = Stream::new(search.seed, "proposal", member);
    let total: f64 = particles.iter().map(|p| p.weight).sum();
    loop {
        let from = stream.pick(particles.iter().map(|p| p.weight), total);
        let Some(from) = particles.get(from) else { return Vec::new() };
        let moved: Vec<f64> = from.at.iter().zip(sd).map(|(at, sd)| at + sd * stream.normal()).collect();
        if moved.iter().all(|at| (0.0..=1.0).contains(at)) {
            return moved;
        }
    }
}

/// How likely a point is as a proposal, up to a factor: the kernel is cut off at the ends, which proposals drawn
/// again there make the same factor for all.
fn density(particles: &[Particle], sd: &[f64], at: &[f64]) -> f64 {
    let kernel = |from: &Particle| {
        let squares: f64 =
            from.at.iter().zip(at).zip(sd).map(|((f, a), sd)| ((f - a) / sd) * ((f - a) / sd)).sum();
        from.weight * libm::exp(-squares / 2.0)
    };
    particles.iter().map(kernel).sum()
}

/// Root of twice the weighted variance of each number.
fn spread(particles: &[Particle], numbers: usize) -> Vec<f64> {
    let total: f64 = particles.iter().map(|p| p.weight).sum();
    let one = |i: usize| {
        let mean = particles.iter().map(|p| p.weight * p.at[i]).sum::<f64>() / total;
        let variance =
            particles.iter().map(|p| p.weight * (p.at[i] - mean) * (p.at[i] - mean)).sum::<f64>() / total;
        (2.0 * variance).sqrt().max(1e-6)
    };
    (0..numbers).map(one).collect()
}

fn effective(particles: &[Particle]) -> f64 {
    let (sum, squares) =
        particles.iter().fold((0.0, 0.0), |(s, q), p| (s + p.weight, q + p.weight * p.weight));
    sum * sum / squares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Prior;

    fn search(names: &[&str]) -> Search {
        let parameter = |name: &&str| Parameter {
            name: (*name).to_owned(),
            prior: Prior::Uniform { low: 0.0, high: 1.0 },
        };
        Search { particles: 200, ..Search::of(names.iter().map(parameter).collect(), 1) }
    }

    /// One number is observed to be 0.3 with an error of at most the tolerance; the other does not bear on it.
    #[test]
    fn what_is_told_narrows_and_what_is_not_told_stays_as_wide_as_its_prior() {
        let distance = |values: &[f64], _| Ok((values[0] - 0.3).abs());
        let found = smc(&search(&["told", "untold"]), &distance, &|_, _| {}).unwrap();
        assert!((found.sample.mean()[0] - 0.3).abs() < 0.01, "{:?}", found.sample.mean());
        assert!(found.identified[0].ratio < 0.1, "{:?}", found.identified);
        assert!(found.identified[1].ratio > 0.85, "{:?}", found.identified);
        assert!(found.generations.iter().all(|g| g.effective > 50.0), "{:?}", found.generations);
    }

    /// Known in closed form: accepted uniformly within the tolerance, so the posterior is uniform and its standard
    /// deviation is tolerance/√3.
    #[test]
    fn the_weights_undo_the_proposals() {
        let distance = |values: &[f64], _| Ok((values[0] - 0.5).abs());
        let found = smc(&search(&["told"]), &distance, &|_, _| {}).unwrap();
        let tolerance = found.generations.last().unwrap().tolerance;
        let (mean, total) = (found.sample.mean()[0], found.sample.weights.iter().sum::<f64>());
        let squares: f64 = found
            .sample
            .points
            .iter()
            .zip(&found.sample.weights)
            .map(|(p, w)| w * (p[0] - mean).powi(2))
            .sum();
        let sd = (squares / total).sqrt();
        assert!((sd / (tolerance / 3f64.sqrt()) - 1.0).abs() < 0.15, "{sd} for a tolerance of {tolerance}");
    }

    #[test]
    fn the_same_on_one_and_on_seven_threads() {
        let distance = |values: &[f64], member: u64| {
            Ok((values[0] - 0.3).abs() + Stream::new(9, "noise", member).uniform() / 10.0)
        };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| smc(&search(&["told"]), &distance, &|_, _| {}).unwrap())
        };
        assert_eq!(run(1), run(7));
    }
}
