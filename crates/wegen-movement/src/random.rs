//! Counter-based random numbers: a stream for each seed, member, day, purpose and place.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use rand_distr::{Binomial, Distribution, Poisson};

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
    /// Which point of a grid somebody is put on.
    Grid = 4,
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
        Draws(rng)
    }
}

/// A stream.
#[derive(Debug, Clone)]
pub(crate) struct Draws(ChaCha8Rng);

/// Up to this many persons are drawn one by one.
const ONE_BY_ONE: u64 = 8;
/// Up to this many are drawn 64 at a time: cheaper than setting up a binomial.
const BY_LANES: u64 = 320;
/// Of up to this many choices, persons drawn one by one are counted before they go.
const MOST_COUNTED: usize = 32;

impl Draws {
    /// Uniform from 0 (included) to 1 (excluded), 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// How many of `n` do what each does with chance `p`.
    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        if n <= ONE_BY_ONE {
            return self.one_by_one(n, p);
        }
        if n <= BY_LANES {
            return self.by_lanes(n, p);
        }
        match Binomial::new(n, p) {
            Ok(binomial) => binomial.sample(&mut self.0).min(n),
            Err(_) => 0,
        }
    }

    /// Each with chance `p`: 32 bits decide, and 32 more where those leave it open.
    fn one_by_one(&mut self, n: u64, p: f64) -> u64 {
        let scaled = p * 4_294_967_296.0;
        let whole = scaled as u32;
        let rest = ((scaled - f64::from(whole)) * 4_294_967_296.0) as u32;
        let mut taken = 0;
        for _ in 0..n {
            let drawn = self.0.next_u32();
            taken += u64::from(drawn < whole || (drawn == whole && self.0.next_u32() < rest));
        }
        taken
    }

    /// Each with chance `p`, 64 persons at a time: a person’s uniform number and `p` are compared bit by bit from the
    /// first, and a word of random bits serves a bit of all who are still alike. Half are decided with each word.
    fn by_lanes(&mut self, n: u64, p: f64) -> u64 {
        // 2⁶⁴; `p` has 53 bits, so nothing is lost above 2⁻¹¹ and less than 2⁻⁶⁴ below.
        let bits = (p * 18_446_744_073_709_551_616.0) as u64;
        let (mut left, mut taken) = (n, 0);
        while left > 0 {
            let persons = left.min(64);
            left -= persons;
            let mut alike = u64::MAX >> (64 - persons);
            let (mut rest, mut below) = (bits, 0);
            // Once only zeros are left of `p`, nobody who is still alike is below it.
            while alike != 0 && rest != 0 {
                let word = self.0.next_u64();
                // All ones where the bit of `p` is one.
                let one = ((rest as i64) >> 63) as u64;
                below |= alike & !word & one;
                alike &= !(word ^ one);
                rest <<= 1;
            }
            taken += u64::from(below.count_ones());
        }
        taken
    }

    /// A Poisson number.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        match Poisson::new(mean) {
            Ok(poisson) => {
                let drawn: f64 = poisson.sample(&mut self.0);
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
        if n <= 16 && cumulative.len() <= MOST_COUNTED {
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

    /// Pearson's χ² of small and large splits against their shares; the bound is exceeded by chance once in a
    /// million seeds, and the seed is fixed.
    #[test]
    fn splits_have_the_shares_they_are_given() {
        let cumulative = [0.1, 0.4, 0.4, 1.0];
        for n in [1, 3, 8, 40, 100_000] {
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
