//! How many of many fair coins show heads, by table.

use std::sync::LazyLock;

/// Powers of two for which there is a table: 2⁷ and 2⁸ coins.
const FIRST: u32 = 7;
const LAST: u32 = 8;

/// Tables of the binomial distribution with chance ½ for powers of two, drawn from by alias (Walker 1977; built as Vose
/// 1991 does): one random word a draw, whatever the number of coins.
#[derive(Debug)]
pub(crate) struct Coins([Table; (LAST - FIRST + 1) as usize]);

#[derive(Debug)]
struct Table {
    /// Of 64 bits, how many are left beside the number of a cell.
    shift: u32,
    /// The heads of the first cell.
    first: u64,
    /// Up to which of 2⁶⁴ a cell stands for itself, and the cell that it stands for otherwise.
    cells: Vec<(u64, u32)>,
}

static COINS: LazyLock<Coins> =
    LazyLock::new(|| Coins(std::array::from_fn(|i| Table::new(FIRST + i as u32))));

impl Coins {
    pub(crate) fn get() -> &'static Coins {
        &COINS
    }

    /// Fewer coins than this can be thrown at once.
    pub(crate) const LIMIT: u64 = 1 << (LAST + 1);

    /// Heads of as many of `n` coins as there are tables for, which are taken off `n`; fewer than 2⁷ are left.
    pub(crate) fn throw(&self, n: &mut u64, mut word: impl FnMut() -> u64) -> u64 {
        let mut heads = 0;
        while *n >= 1 << FIRST {
            let power = n.ilog2().min(LAST);
            heads += self.0[(power - FIRST) as usize].draw(word());
            *n -= 1 << power;
        }
        heads
    }
}

impl Table {
    fn new(power: u32) -> Table {
        let coins = 1u64 << power;
        let middle = coins / 2;
        // The chance of the middle is Π (2i − 1) / 2i; its neighbours follow by ratios, and those with less than 2⁻⁷⁰
        // are left out.
        let most: f64 = (1..=middle).map(|i| (2 * i - 1) as f64 / (2 * i) as f64).product();
        let mut above = vec![most];
        while let Some(last) = above.last()
            && *last > 2f64.powi(-70)
        {
            let k = middle + above.len() as u64 - 1;
            above.push(last * (coins - k) as f64 / (k + 1) as f64);
        }
        above.pop();
        let chances: Vec<f64> = above.iter().skip(1).rev().chain(&above).copied().collect();
        let size = chances.len().next_power_of_two();
        let sum: f64 = chances.iter().sum();
        let mut left: Vec<f64> = chances.iter().map(|c| c / sum * size as f64).collect();
        left.resize(size, 0.0);
        let mut cells: Vec<(u64, u32)> = (0..size as u32).map(|i| (u64::MAX, i)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..size).partition(|i| left[*i] < 1.0);
        while let (Some(under), Some(over)) = (small.pop(), large.last().copied()) {
            cells[under] = ((left[under] * 2f64.powi(64)) as u64, over as u32);
            left[over] -= 1.0 - left[under];
            if left[over] < 1.0 {
                large.pop();
                small.push(over);
            }
        }
        Table { shift: 64 - size.ilog2(), first: middle + 1 - above.len() as u64, cells }
    }

    fn draw(&self, word: u64) -> u64 {
        let cell = (word >> self.shift) as usize;
        let (upto, other) = self.cells[cell];
        let at = if word << (64 - self.shift) < upto { cell as u64 } else { u64::from(other) };
        self.first + at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each table gives, over all its cells, against chances by logarithms of factorials (`libm::lgamma`).
    #[test]
    fn tables_hold_the_chances_of_heads() {
        for (table, power) in Coins::get().0.iter().zip(FIRST..) {
            let coins = f64::from(1u32 << power);
            let mut given = std::collections::BTreeMap::<u64, f64>::new();
            let each = 1.0 / table.cells.len() as f64;
            for (cell, (upto, other)) in table.cells.iter().enumerate() {
                let own = if *other == cell as u32 { 1.0 } else { *upto as f64 / 2f64.powi(64) };
                *given.entry(table.first + cell as u64).or_default() += own * each;
                *given.entry(table.first + u64::from(*other)).or_default() += (1.0 - own) * each;
            }
            let of = |k: f64| {
                let choose =
                    libm::lgamma(coins + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(coins - k + 1.0);
                libm::exp(choose - coins * std::f64::consts::LN_2)
            };
            for k in 0..=1u64 << power {
                let (found, expected) = (given.get(&k).copied().unwrap_or(0.0), of(k as f64));
                assert!(
                    (found - expected).abs() < 1e-11 * expected + 1e-15,
                    "{k} of {coins}: {found}, {expected}"
                );
            }
            assert!(given.range((1u64 << power) + 1..).all(|(_, chance)| *chance == 0.0));
        }
    }

    #[test]
    fn all_coins_are_thrown_but_a_few() {
        for n in [0, 5, 127, 128, 129, 511, 700, 10_000] {
            let (mut left, mut words) = (n, 0);
            let heads = Coins::get().throw(&mut left, || {
                words += 1;
                1 << 63
            });
            assert!(left < 128 && heads <= n - left && (words == 0) == (n < 128), "{n}: {left}, {heads}");
        }
    }
}
