//! What is kept of a run: counts by series and day, and their bytes.

use serde::{Deserialize, Serialize};

use super::Counted;
use crate::{MovementError, Run};

/// Counts of one run in persons: `rows[series][day]`, series in the order of [`Job::series`](super::Job::series).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trace {
    /// By series and day.
    pub rows: Vec<Vec<u64>>,
}

/// What one member gives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// One trace; with returns two, of the low and of the high end of the conditions.
    pub ends: Vec<Trace>,
}

impl Trace {
    pub(super) fn of(run: &Run, places: &[usize]) -> Trace {
        let mut rows: Vec<Vec<u64>> = places.iter().map(|place| run.at(*place).collect()).collect();
        for counted in Counted::TOTALS {
            let count = |day: u32| {
                let counts = run.day(day);
                match counted {
                    Counted::Travelling | Counted::At(_) => counts.whole.travelling,
                    Counted::Home => counts.home.iter().sum(),
                    Counted::Entered => counts.whole.entered,
                    Counted::Unplaced => counts.whole.unplaced,
                    Counted::SetOut => counts.whole.set_out,
                    Counted::Pushed => counts.whole.pushed,
                    Counted::Again => counts.whole.again,
                }
            };
            rows.push((0..run.days()).map(count).collect());
        }
        Trace { rows }
    }
}

/// The first byte of an outcome.
const VERSION: u8 = 1;
/// More series or days than this are no outcome.
const MOST: u64 = 1 << 24;

impl Outcome {
    /// As bytes: the same outcome gives the same bytes on any machine.
    ///
    /// Version; numbers of traces, rows and days; by row the differences from day to day. Numbers are LEB128,
    /// differences zigzag.
    pub fn to_bytes(&self) -> Vec<u8> {
        let rows = self.ends.first().map_or(0, |t| t.rows.len());
        let days = self.ends.first().and_then(|t| t.rows.first()).map_or(0, Vec::len);
        let mut bytes = vec![VERSION];
        [self.ends.len(), rows, days].iter().for_each(|n| put(&mut bytes, *n as u64));
        for row in self.ends.iter().flat_map(|t| &t.rows) {
            let mut before = 0u64;
            for count in row {
                let step = count.wrapping_sub(before) as i64;
                put(&mut bytes, ((step << 1) ^ (step >> 63)) as u64);
                before = *count;
            }
        }
        bytes
    }

    /// From the bytes of [`Outcome::to_bytes`].
    ///
    /// # Errors
    /// Bytes that are no outcome.
    pub fn from_bytes(bytes: &[u8]) -> Result<Outcome, MovementError> {
        let fault = || MovementError::Instance("an outcome that cannot be read".to_owned());
        let (version, mut rest) = bytes.split_first().ok_or_else(fault)?;
        let mut next = || take(&mut rest);
        let mut size = || next().filter(|n| *n <= MOST).ok_or_else(fault);
        let (ends, rows, days) = (size()?, size()?, size()?);
        let cells = ends.checked_mul(rows).and_then(|n| n.checked_mul(days)).ok_or_else(fault)?;
        if *version != VERSION || cells > bytes.len() as u64 || ends * rows > bytes.len() as u64 {
            return Err(fault());
        }
        let mut row = || -> Option<Vec<u64>> {
            let mut before = 0u64;
            (0..days)
                .map(|_| {
                    let zigzag = next()?;
                    let step = (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64);
                    before = before.wrapping_add(step as u64);
                    Some(before)
                })
                .collect()
        };
        let mut trace = || (0..rows).map(|_| row()).collect::<Option<Vec<_>>>().map(|rows| Trace { rows });
        let ends = (0..ends).map(|_| trace()).collect::<Option<Vec<_>>>().ok_or_else(fault)?;
        if rest.is_empty() { Ok(Outcome { ends }) } else { Err(fault()) }
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_give_the_same_outcome_back(
            counts in proptest::collection::vec(any::<u64>(), 12), ends in 1usize..3,
        ) {
            let rows = |_| Trace { rows: counts.chunks(4).map(<[u64]>::to_vec).collect() };
            let outcome = Outcome { ends: (0..ends).map(rows).collect() };
            let bytes = outcome.to_bytes();
            prop_assert_eq!(Outcome::from_bytes(&bytes).unwrap(), outcome);
            prop_assert!(Outcome::from_bytes(&bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Outcome::from_bytes(&bytes);
        }
    }
}
