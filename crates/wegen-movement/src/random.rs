//! Counter-based random numbers: a stream for each seed, member, day, purpose and place.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rand_distr::{Binomial, Distribution, Poisson};

use crate::coins::Coins;

/// What a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Purpose {
    /// Who is newly displaced, and where.
    Spawn = 1,
    /// Who leaves a place at the start of a day.
    Leave = 2,
    /// Who goes on within the day.
    GoOn = 3,
    /// Who sets out for home.
    Return = 5,
}

/// The key of a member: streams are cut from it by day, purpose and place.
#[derive(Debug, Clone)]
pub(crate) struct Streams(ChaCha8Rng);

impl Streams {
    pub(crate) fn new(seed: u64, member: u64) -> Streams {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&member.to_le_bytes());
        key[16..].copy_from_slice(b"wegen movement 1");
        Streams(ChaCha8Rng::from_seed(key))
    }

    /// The stream of a day, a purpose and a place: the same whatever was drawn elsewhere.
    pub(crate) fn at(&self, day: u32, purpose: Purpose, place: usize) -> Draws {
        let mut rng = self.0.clone();
        rng.set_stream((u64::from(day) << 36) | ((purpose as u64) << 32) | place as u64);
        Draws { rng, bits: 0, unused: 0, coins: Coins::get() }
    }
}

/// A stream.
#[derive(Debug, Clone)]
pub(crate) struct Draws {
    rng: ChaCha8Rng,
    /// Random bits that were drawn and not used yet, from the lowest, and how many.
    bits: u64,
    unused: u32,
    coins: &'static Coins,
}

/// So few who are still alike are drawn one by one.
const FEW_ALIKE: u64 = 6;
/// Of up to this many choices, persons drawn one by one are counted before they go.
const MOST_COUNTED: usize = 32;
/// Up to this many persons choose one by one.
const FEW: u64 = 4;

impl Draws {
    /// Uniform from 0 (included) to 1 (excluded), 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// How many of `n` do what each does with chance `p`.
    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        // Cheaper than setting up a binomial.
        if n < Coins::LIMIT {
            return self.by_bits(n, p);
        }
        match Binomial::new(n, p) {
            Ok(binomial) => binomial.sample(&mut self.rng).min(n),
            Err(_) => 0,
        }
    }

    /// Each with chance `p`: everybody's uniform number and `p` are compared bit by bit from the first. Who differs is
    /// decided, and half of those who are still alike differ with each bit: some 2`n` random bits in all.
    fn by_bits(&mut self, n: u64, p: f64) -> u64 {
        // 2⁶⁴; `p` has 53 bits, so nothing is lost above 2⁻¹¹ and less than 2⁻⁶⁴ below.
        let mut rest = (p * 18_446_744_073_709_551_616.0) as u64;
        let (mut alike, mut taken) = (n, 0);
        while alike > FEW_ALIKE {
            if rest == 0 {
                // Nobody whose bits are those of `p` so far is below it.
                return taken;
            }
            let ones = self.coins(alike);
            if rest >> 63 == 1 {
                taken += alike - ones;
                alike = ones;
            } else {
                alike -= ones;
            }
            rest <<= 1;
        }
        taken + (0..alike).map(|_| u64::from(self.is_below(rest))).sum::<u64>()
    }

    /// Whether a uniform number is below some of 2⁶⁴: eight bits decide, and 64 more where those leave it open.
    fn is_below(&mut self, bound: u64) -> bool {
        if self.unused < 8 {
            (self.bits, self.unused) = (self.rng.next_u64(), 64);
        }
        let (drawn, first) = (self.bits(8), bound >> 56);
        if drawn == first { self.rng.next_u64() < bound << 8 } else { drawn < first }
    }

    /// How many of `n` random bits are ones.
    fn coins(&mut self, mut n: u64) -> u64 {
        let mut ones = self.coins.throw(&mut n, || self.rng.next_u64());
        if n >= 64 {
            ones += u64::from(self.rng.next_u64().count_ones());
            n -= 64;
        }
        let mut n = n as u32;
        if n > self.unused {
            ones += u64::from(self.bits.count_ones());
            n -= self.unused;
            (self.bits, self.unused) = (self.rng.next_u64(), 64);
        }
        ones + u64::from(self.bits(n).count_ones())
    }

    /// The next `n` random bits: at most as many as are unused, and fewer than 64.
    fn bits(&mut self, n: u32) -> u64 {
        let taken = self.bits & ((1 << n) - 1);
        self.bits >>= n;
        self.unused -= n;
        taken
    }

    /// A Poisson number.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        match Poisson::new(mean) {
            Ok(poisson) => {
                let drawn: f64 = poisson.sample(&mut self.rng);
                drawn as u64
            }
            Err(_) => mean as u64,
        }
    }

    fn choose(&mut self, cumulative: &[f64], total: f64) -> usize {
        let at = self.uniform() * total;
        let last = cumulative.len() - 1;
        if last < 8 {
            cumulative[..last].iter().filter(|c| **c <= at).count()
        } else {
            cumulative.partition_point(|c| *c <= at).min(last)
        }
    }

    /// Splits `n` persons over weights, giving each share to `each`; weights that sum to 0 split evenly.
    ///
    /// Conditional binomials in the order given; few persons are drawn one by one instead.
    pub(crate) fn split(&mut self, n: u64, cumulative: &[f64], mut each: impl FnMut(usize, u64)) {
        let Some(total) = cumulative.last().copied() else { return };
        if n == 0 {
            return;
        }
        if cumulative.len() == 1 {
            return each(0, n);
        }
        if n <= FEW && cumulative.len() <= MOST_COUNTED {
            let mut counts = [0u8; MOST_COUNTED];
            for _ in 0..n {
                counts[self.choose(cumulative, total)] += 1;
            }
            let chosen = counts[..cumulative.len()].iter().enumerate().filter(|(_, count)| **count > 0);
            chosen.for_each(|(i, count)| each(i, u64::from(*count)));
            return;
        }
        if n * 2 <= cumulative.len() as u64 {
            (0..n).for_each(|_| each(self.choose(cumulative, total), 1));
            return;
        }
        let (mut left, mut before) = (n, 0.0);
        for (i, upto) in cumulative.iter().enumerate() {
            let share = (upto - before) / (total - before);
            let taken = if i + 1 == cumulative.len() { left } else { self.binomial(left, share) };
            if taken > 0 {
                each(i, taken);
                left -= taken;
                if left == 0 {
                    return;
                }
            }
            before = *upto;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_each_part_of_their_key() {
        let draw =
            |seed, member, day, purpose, place| Streams::new(seed, member).at(day, purpose, place).uniform();
        let first = draw(1, 2, 3, Purpose::Leave, 4);
        assert_eq!(first, draw(1, 2, 3, Purpose::Leave, 4));
        for other in [
            draw(2, 2, 3, Purpose::Leave, 4),
            draw(1, 3, 3, Purpose::Leave, 4),
            draw(1, 2, 4, Purpose::Leave, 4),
            draw(1, 2, 3, Purpose::GoOn, 4),
            draw(1, 2, 3, Purpose::Leave, 5),
        ] {
            assert_ne!(first, other);
        }
    }

    /// Mean and variance are those of the binomial distribution, for every way of drawing it; each bound is exceeded by
    /// chance once in a million seeds, and the seed is fixed.
    #[test]
    fn numbers_drawn_have_the_mean_and_the_spread_of_a_binomial() {
        for (n, p) in [
            (1, 0.3),
            (5, 0.7),
            (40, 0.001),
            (63, 0.5),
            (100, 0.25),
            (129, 0.9),
            (300, 0.123),
            (511, 0.6),
            (5_000, 0.4),
        ] {
            let mut draws = Streams::new(3, 1).at(0, Purpose::Leave, n as usize);
            let rounds = 100_000;
            let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
            let off: Vec<f64> = (0..rounds).map(|_| draws.binomial(n, p) as f64 - mean).collect();
            let all = f64::from(rounds);
            let first = off.iter().sum::<f64>() / all;
            let second = off.iter().map(|x| x * x).sum::<f64>() / all;
            // The fourth central moment of a binomial is variance · (1 + 3 (n − 2) p (1 − p)).
            let fourth = variance * (1.0 + 3.0 * (n as f64 - 2.0) * p * (1.0 - p));
            assert!(first.abs() < 4.9 * (variance / all).sqrt(), "{n}, {p}: mean off by {first}");
            let spread = ((fourth - variance * variance) / all).sqrt();
            assert!((second - variance).abs() < 4.9 * spread + 1e-12, "{n}, {p}: {second}, not {variance}");
        }
    }

    /// Pearson's χ² of small and large splits against their shares; the bound is exceeded by chance once in a
    /// million seeds, and the seed is fixed.
    #[test]
    fn splits_have_the_shares_they_are_given() {
        let cumulative = [0.1, 0.4, 0.4, 1.0];
        for n in [1, 3, 8, 40, 300, 100_000] {
            let rounds = 400_000 / n.min(4_000);
            let mut sums = [0u64; 4];
            let mut draws = Streams::new(7, 0).at(0, Purpose::Leave, n as usize);
            for _ in 0..rounds {
                let mut whole = 0;
                draws.split(n, &cumulative, |i, taken| {
                    sums[i] += taken;
                    whole += taken;
                });
                assert_eq!(whole, n);
            }
            let all = (rounds * n) as f64;
            assert_eq!(sums[2], 0);
            let chi: f64 = [(0, 0.1), (1, 0.3), (3, 0.6)]
                .iter()
                .map(|(i, p)| (sums[*i] as f64 - all * p).powi(2) / (all * p))
                .sum();
            assert!(chi < 27.6, "χ² {chi} for n = {n}");
        }
    }
}
