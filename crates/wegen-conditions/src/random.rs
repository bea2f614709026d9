//! Random numbers by name: a stream for each seed, purpose and place, whatever the threads.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of random numbers (ChaCha8 in counter mode).
///
/// The same seed, name and index give the same numbers on any machine; another name or index is independent of it,
/// so that adding a stream shifts no other.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of a seed, a purpose and a number within it.
    pub fn new(seed: u64, name: &str, index: u64) -> Stream {
        // FNV-1a over the name, then SplitMix64 to fill the key.
        let hash = place_number(name);
        let mut key = [0; 32];
        let mut state = seed ^ hash.rotate_left(32);
        for chunk in key.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(z ^ (z >> 31) ^ hash).to_le_bytes());
        }
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(index);
        Stream(rng)
    }

    /// Uniform from 0 (included) to 1 (excluded), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform among `0..n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n.saturating_sub(1))
    }
}

/// A number for a place by its name, so that its draws are the same whatever stands beside it (FNV-1a).
pub fn place_number(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// A uniform number as an exponential one with mean 1.
pub(crate) fn exponential(uniform: f64) -> f64 {
    -libm::log1p(-uniform)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_seed_name_and_index() {
        let draw = |seed, name, index| Stream::new(seed, name, index).uniform();
        assert_eq!(draw(1, "cells", 7), draw(1, "cells", 7));
        for other in [draw(2, "cells", 7), draw(1, "weights", 7), draw(1, "cells", 8)] {
            assert_ne!(draw(1, "cells", 7), other);
        }
        let mut stream = Stream::new(1, "mean", 0);
        let mean = (0..10_000).map(|_| stream.uniform()).sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 4.0 * (1.0f64 / 12.0 / 10_000.0).sqrt());
    }
}
