//! From an indicator's own unit to a score from 0 to 100, by published goalposts alone.
//!
//! A score never depends on other areas: there is no observed range in it.

use wegen_model::Interval;

/// A monotone, piecewise linear scale, clamped at its ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// `(value, score)`, by value; scores from 0 to 100, either never falling or never rising.
    points: Vec<(f64, f64)>,
}

impl Scale {
    /// The whole range of scores: what is missing.
    pub const WHOLE: Interval = Interval { low: 0.0, high: 100.0 };

    /// Through these points, at least two, by value.
    ///
    /// # Errors
    /// What is wrong: too few points, values out of order, scores out of range or not monotone.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Scale, String> {
        if points.len() < 2 {
            return Err("two points or more were expected".into());
        }
        if points.iter().any(|(x, y)| !x.is_finite() || !(0.0..=100.0).contains(y)) {
            return Err("finite values with scores from 0 to 100 were expected".into());
        }
        if points.windows(2).any(|w| w[0].0 >= w[1].0) {
            return Err("values that rise from point to point were expected".into());
        }
        let rises = points.windows(2).all(|w| w[0].1 <= w[1].1);
        let falls = points.windows(2).all(|w| w[0].1 >= w[1].1);
        if !(rises || falls) || points[0].1 == points[points.len() - 1].1 {
            return Err("scores that only rise, or only fall, were expected".into());
        }
        Ok(Scale { points })
    }

    /// 0 at `floor` (unacceptable) and 100 at `target` (adequate).
    ///
    /// # Errors
    /// Where both are the same or not finite.
    pub fn goalposts(floor: f64, target: f64) -> Result<Scale, String> {
        match floor < target {
            true => Scale::new(vec![(floor, 0.0), (target, 100.0)]),
            false => Scale::new(vec![(target, 100.0), (floor, 0.0)]),
        }
    }

    /// Whether higher values give higher scores.
    pub fn rises(&self) -> bool {
        self.points[0].1 < self.points[self.points.len() - 1].1
    }

    /// The points.
    pub fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// The score of a value.
    pub fn score(&self, value: f64) -> f64 {
        let points = &self.points;
        let after = points.partition_point(|(x, _)| *x <= value);
        match (after.checked_sub(1).map(|i| points[i]), points.get(after)) {
            (None, _) => points[0].1,
            (Some((_, y)), None) => y,
            (Some((x0, y0)), Some(&(x1, y1))) => {
                let score = y0 + (value - x0) / (x1 - x0) * (y1 - y0);
                score.clamp(y0.min(y1), y0.max(y1))
            }
        }
    }

    /// The scores of an interval: exact, since the scale is monotone.
    pub fn scores(&self, values: Interval) -> Interval {
        let (a, b) = (self.score(values.low), self.score(values.high));
        Interval { low: a.min(b), high: a.max(b) }
    }

    /// Whether a value lies beyond the goalposts, so that its score is clamped.
    pub fn clamps(&self, value: f64) -> bool {
        value < self.points[0].0 || value > self.points[self.points.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goalposts_in_both_directions() {
        let water = Scale::goalposts(0.0, 7.0).unwrap();
        assert_eq!((water.score(3.5), water.score(-1.0), water.score(9.0)), (50.0, 0.0, 100.0));
        let deaths = Scale::goalposts(10.0, 0.0).unwrap();
        assert!(!deaths.rises() && deaths.clamps(11.0));
        assert_eq!(
            deaths.scores(Interval { low: 2.0, high: f64::INFINITY }),
            Interval { low: 0.0, high: 80.0 }
        );
        assert!(Scale::goalposts(3.0, 3.0).is_err());
    }

    #[test]
    fn pieces_meet_at_their_points_and_must_be_monotone() {
        let scale = Scale::new(vec![(0.0, 0.0), (4.0, 30.0), (24.0, 100.0)]).unwrap();
        assert_eq!((scale.score(4.0), scale.score(14.0)), (30.0, 65.0));
        for points in
            [vec![(0.0, 0.0)], vec![(1.0, 0.0), (1.0, 9.0)], vec![(0.0, 0.0), (1.0, 50.0), (2.0, 10.0)]]
        {
            assert!(Scale::new(points).is_err());
        }
        assert!(Scale::new(vec![(0.0, 0.0), (f64::NAN, 100.0)]).is_err());
    }
}
