//! Rules that narrow what is missing, as far as a method states them.
//!
//! Without a rule a missing cell stays the whole scale. A narrowed cell says how it was narrowed, and every
//! output repeats it.

use wegen_model::Interval;

use crate::{Cell, Known};

/// A rule for one leaf.
#[derive(Debug, Clone, PartialEq)]
pub struct Narrowing {
    /// The leaf's node.
    pub node: usize,
    /// The rule.
    pub rule: Rule,
}

/// A way to narrow a missing cell, in the indicator's own unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// The last evidence, `widen` wider on both sides for each month of age, up to `months` months old.
    LastValue {
        /// How much wider a month, on each side.
        widen: f64,
        /// How old it may be.
        months: u32,
    },
    /// From the lowest to the highest bound of the neighbours of the same month, `widen` wider on both sides; only
    /// where all neighbours are known.
    Neighbours {
        /// How much wider, on each side.
        widen: f64,
    },
    /// A range that somebody states.
    Range {
        /// From.
        low: f64,
        /// To.
        high: f64,
        /// Who states it, and where.
        who: String,
    },
}

impl Rule {
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Rule::LastValue { months, .. } if *months > 60 => {
                Err(format!("found a last value of up to {months} months ago, expected at most 60"))
            }
            Rule::LastValue { widen, .. } | Rule::Neighbours { widen }
                if !(*widen >= 0.0 && widen.is_finite()) =>
            {
                Err(format!("found {widen} to widen by, expected 0 or more"))
            }
            Rule::Range { low, high, .. } if !(low <= high && low.is_finite() && high.is_finite()) => {
                Err(format!("found a range from {low} to {high}, expected its ends in order"))
            }
            Rule::Range { who, .. } if who.trim().is_empty() => Err("a range needs `who` states it".into()),
            _ => Ok(()),
        }
    }
}

/// A cell under a rule: `series` holds the leaf's cells of this area, the wanted month last; `neighbours` those of
/// the areas beside it in that month. What is observed stays as it is.
pub fn narrow(rule: &Rule, series: &[Cell], neighbours: &[Cell]) -> Cell {
    let Some(cell) = series.last() else { return Cell::missing() };
    if !cell.is_missing() {
        return *cell;
    }
    match rule {
        Rule::LastValue { widen, months } => {
            let past = series.iter().rev().enumerate().take(*months as usize + 1);
            let last =
                past.filter(|(_, c)| c.known == Known::Observed).find_map(|(age, c)| Some((age, c.bounds?)));
            last.map_or(Cell::missing(), |(age, bounds)| {
                let by = widen * age as f64;
                Cell { bounds: widened(bounds, by), known: Known::LastValue { months: age as u32 } }
            })
        }
        Rule::Neighbours { widen } => {
            let mut hull: Option<Interval> = None;
            for bounds in neighbours.iter().map(|c| c.bounds) {
                let Some(bounds) = bounds else { return Cell::missing() };
                hull = Some(hull.map_or(bounds, |h| Interval {
                    low: h.low.min(bounds.low),
                    high: h.high.max(bounds.high),
                }));
            }
            hull.map_or(Cell::missing(), |h| Cell { bounds: widened(h, *widen), known: Known::Neighbours })
        }
        Rule::Range { low, high, .. } => Cell { bounds: Interval::new(*low, *high), known: Known::Stated },
    }
}

fn widened(bounds: Interval, by: f64) -> Option<Interval> {
    Interval::new(bounds.low - by, bounds.high + by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_widens_and_too_old_is_missing() {
        let rule = Rule::LastValue { widen: 0.5, months: 3 };
        let series = [Cell::between(4.0, 5.0), Cell::missing(), Cell::missing()];
        let cell = narrow(&rule, &series, &[]);
        assert_eq!(cell.bounds, Interval::new(3.0, 6.0));
        assert_eq!(cell.known, Known::LastValue { months: 2 });
        let long = [vec![Cell::at(4.0)], vec![Cell::missing(); 4]].concat();
        assert!(narrow(&rule, &long, &[]).is_missing());
        // What was narrowed before is no evidence to narrow from.
        let narrowed = Cell { known: Known::Stated, ..Cell::at(1.0) };
        assert!(narrow(&rule, &[narrowed, Cell::missing()], &[]).is_missing());
    }

    #[test]
    fn neighbours_narrow_only_where_all_are_known() {
        let rule = Rule::Neighbours { widen: 1.0 };
        let none = [Cell::missing()];
        assert_eq!(
            narrow(&rule, &none, &[Cell::at(3.0), Cell::between(5.0, 6.0)]).bounds,
            Interval::new(2.0, 7.0)
        );
        assert!(narrow(&rule, &none, &[Cell::at(3.0), Cell::missing()]).is_missing());
        assert!(narrow(&rule, &none, &[]).is_missing());
        assert_eq!(narrow(&rule, &[Cell::at(9.0)], &[Cell::at(3.0)]), Cell::at(9.0));
    }
}
