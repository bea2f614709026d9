//! Counts at dates, and what they are between them.

use serde::{Deserialize, Serialize};

/// Counts by day.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    points: Vec<(i64, f64)>,
}

impl Series {
    /// From days that rise, and counts; `None` where they do not rise, or a count is not a finite number from 0.
    pub fn new(points: Vec<(i64, f64)>) -> Option<Series> {
        let rising = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        rising.then(|| Series::as_given(points)).flatten()
    }

    /// From days in whatever order they were given, which is then the order they are searched in, as Flee 3 does:
    /// a day lies between the first count that is later and the one given just before that.
    pub(crate) fn as_given(points: Vec<(i64, f64)>) -> Option<Series> {
        points.iter().all(|(_, count)| (0.0..=9e15).contains(count)).then_some(Series { points })
    }

    /// The counts as given: day and count.
    pub fn points(&self) -> &[(i64, f64)] {
        &self.points
    }

    /// On a day: a line between the counts on either side, as they are before the first and after the last.
    pub fn value(&self, day: i64) -> f64 {
        let (Some((first, count)), Some((_, last))) = (self.points.first(), self.points.last()) else {
            return 0.0;
        };
        if day <= *first {
            return *count;
        }
        match self.points.windows(2).find(|pair| day < pair[1].0) {
            Some([(from, low), (to, high)]) => low + (day - from) as f64 / (to - from) as f64 * (high - low),
            _ => *last,
        }
    }

    /// On a day, truncated to whole persons.
    pub fn at(&self, day: i64) -> u64 {
        self.value(day) as u64
    }

    /// Multiplies every count.
    pub fn scale(&mut self, factor: f64) {
        self.points.iter_mut().for_each(|(_, count)| *count *= factor);
    }

    /// Multiplies all counts before the one at `day` by that count over the one just before it. `false` where there
    /// is no count at `day` or none before it, or where the one before is 0.
    pub fn correct(&mut self, day: i64) -> bool {
        let mut corrected = false;
        for at in 1..self.points.len() {
            let (before, now) = (self.points[at - 1].1, self.points[at].1);
            if self.points[at].0 == day && before > 0.0 {
                let factor = now / before;
                self.points[..at].iter_mut().for_each(|(_, count)| *count *= factor);
                corrected = true;
            }
        }
        corrected
    }

    /// Two sets of counts of one camp added: a count wherever either has one, each as it is between its own.
    pub fn plus(&self, other: &Series) -> Series {
        let mut days: Vec<i64> = self.points.iter().chain(&other.points).map(|(day, _)| *day).collect();
        days.sort_unstable();
        days.dedup();
        Series { points: days.into_iter().map(|day| (day, self.value(day) + other.value(day))).collect() }
    }

    /// The sum as Flee 3 is seen to make it: counts of the first up to the last day of the second, each with the
    /// latest count of the other by then; what the first has after that is left out.
    pub fn plus_as_flee(&self, other: &Series) -> Series {
        let (one, two) = (&self.points, &other.points);
        if one.is_empty() {
            return Series::default();
        }
        let mut points: Vec<(i64, f64)> = Vec::new();
        let (mut at, mut latest) = (0, 0.0);
        for (day, count) in two {
            while *day > one[at].0 {
                points.push((one[at].0, latest + one[at].1));
                if at + 1 == one.len() {
                    break;
                }
                at += 1;
            }
            if *day <= one[at].0 {
                points.push((*day, count + one[at].1));
                if *day == one[at].0 && at + 1 < one.len() {
                    at += 1;
                }
                latest = *count;
            }
        }
        points.dedup_by_key(|(day, _)| *day);
        Series { points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(i64, f64)]) -> Series {
        Series::new(points.to_vec()).unwrap()
    }

    #[test]
    fn a_line_between_counts_truncated_and_level_outside() {
        let s = series(&[(0, 10.0), (3, 20.0), (5, 0.0)]);
        let days: Vec<u64> = (-2..8).map(|day| s.at(day)).collect();
        assert_eq!(days, [10, 10, 10, 13, 16, 20, 10, 0, 0, 0]);
    }

    #[test]
    fn a_correction_multiplies_what_came_before() {
        let mut s = series(&[(0, 100.0), (10, 200.0), (20, 100.0), (30, 120.0)]);
        assert!(s.correct(20));
        assert_eq!(s.points(), [(0, 50.0), (10, 100.0), (20, 100.0), (30, 120.0)]);
        assert!(!s.correct(21));
        assert!(!s.correct(0));
    }

    #[test]
    fn days_rise_and_counts_are_counts() {
        assert!(Series::new(vec![(2, 1.0), (1, 1.0)]).is_none());
        assert!(Series::new(vec![(1, f64::NAN)]).is_none());
        assert!(Series::new(vec![(1, -1.0)]).is_none());
    }

    #[test]
    fn two_tables_of_one_camp_are_added() {
        let (a, b) = (series(&[(0, 0.0), (10, 100.0)]), series(&[(5, 10.0)]));
        assert_eq!(a.plus(&b).points(), [(0, 10.0), (5, 60.0), (10, 110.0)]);
    }
}
