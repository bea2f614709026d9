//! Three-valued verdicts (Kleene's strong logic of indeterminacy).

use serde::{Deserialize, Serialize};
use wegen_model::Interval;

/// Whether a criterion holds for an area and a month.
///
/// The order is that of truth: `NotMet < CannotBeDetermined < Met`, so that *and* is the minimum and *or* the
/// maximum (Kleene 1952, §64).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Even the best of what is possible lies below the floor.
    NotMet,
    /// What is known does not decide.
    CannotBeDetermined,
    /// Even the worst of what is possible reaches the floor.
    Met,
}

impl Verdict {
    /// Of an interval against a floor: met if `low ≥ floor`, not met if `high < floor`.
    pub fn at_least(score: Interval, floor: f64) -> Verdict {
        if score.low >= floor {
            Verdict::Met
        } else if score.high < floor {
            Verdict::NotMet
        } else {
            Verdict::CannotBeDetermined
        }
    }

    /// Both hold.
    pub fn and(self, other: Verdict) -> Verdict {
        self.min(other)
    }

    /// At least one holds.
    pub fn or(self, other: Verdict) -> Verdict {
        self.max(other)
    }

    /// All of them hold; met where there are none.
    pub fn all(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
        verdicts.into_iter().fold(Verdict::Met, Verdict::and)
    }

    /// Its text form.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::NotMet => "not-met",
            Verdict::CannotBeDetermined => "cannot-be-determined",
            Verdict::Met => "met",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unmet_criterion_decides_and_an_unknown_one_does_not() {
        use Verdict::{CannotBeDetermined as U, Met as T, NotMet as F};
        assert_eq!(Verdict::all([T, U, F]), F);
        assert_eq!(Verdict::all([T, U, T]), U);
        assert_eq!(Verdict::all([]), T);
        assert_eq!((U.or(T), U.or(F), U.and(F)), (T, U, F));
    }

    #[test]
    fn the_floor_itself_is_met() {
        let at = |low, high| Verdict::at_least(Interval { low, high }, 30.0);
        assert_eq!(at(30.0, 30.0), Verdict::Met);
        assert_eq!(at(0.0, 30.0), Verdict::CannotBeDetermined);
        assert_eq!(at(0.0, 29.999), Verdict::NotMet);
    }
}
