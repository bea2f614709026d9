//! Random numbers by name, for what stands around the simulation: parameters, resampling, noise of shares.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random numbers (ChaCha8 in counter mode): the same for the same seed, name and index on any machine,
/// and independent of every other stream.
#[derive(Debug, Clone)]
pub(crate) struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a seed, a purpose and a number within it.
    pub(crate) fn new(seed: u64, name: &str, index: u64) -> Stream {
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&u64::to_le_bytes(hash));
        key[16..].copy_from_slice(b"wegen ensemble 1");
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(index);
        Stream(rng)
    }

    /// Uniform from 0 (included) to 1 (excluded), 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Standard normal, by inversion: one uniform number each.
    pub(crate) fn normal(&mut self) -> f64 {
        // The middle of the uniform number's cell, so that neither 0 nor 1 comes up.
        normal_quantile(self.uniform() + 0.5 / (1u64 << 53) as f64)
    }

    /// One of some weights, by weight; the last where they sum to less than `total`.
    pub(crate) fn pick(&mut self, weights: impl Iterator<Item = f64>, total: f64) -> usize {
        let mut left = self.uniform() * total;
        let mut last = 0;
        for (at, weight) in weights.enumerate() {
            left -= weight;
            if left < 0.0 {
                return at;
            }
            last = at;
        }
        last
    }

    /// Uniform among `0..n`; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }
}

/// The chance that a standard normal number is at most `x`.
pub(crate) fn normal_below(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal number below which a chance `p` lies, infinite at 0 and 1.
///
/// Acklam's rational approximation (relative error 1.2e-9) and one step of Halley.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let poly = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * libm::log(p)).sqrt();
        poly(&C, q) / (poly(&D, q) * q + 1.0)
    };
    let x = if p < 0.024_25 {
        tail(p)
    } else if p > 1.0 - 0.024_25 {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        poly(&A, r) * q / (poly(&B, r) * r + 1.0)
    };
    let off = normal_below(x) - p;
    let step = off * (2.0 * std::f64::consts::PI).sqrt() * libm::exp(x * x / 2.0);
    x - step / (1.0 + x * step / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_are_those_of_tables() {
        for (p, x) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.05, -1.644_853_626_951_472),
            (1e-6, -4.753_424_308_822_899),
        ] {
            assert!((normal_quantile(p) - x).abs() < 1e-12, "{p}");
            assert!((normal_below(x) - p).abs() < 1e-14, "{p}");
        }
    }

    #[test]
    fn streams_repeat_and_differ_by_seed_name_and_index() {
        let draw = |seed, name, index| Stream::new(seed, name, index).uniform();
        assert_eq!(draw(1, "softening", 7), draw(1, "softening", 7));
        for other in [draw(2, "softening", 7), draw(1, "camp_weight", 7), draw(1, "softening", 8)] {
            assert_ne!(draw(1, "softening", 7), other);
        }
    }
}
