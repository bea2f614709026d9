//! What is known of parameters before a run, or after a calibration, and draws from it.

use serde::{Deserialize, Serialize};

use crate::MovementError;
use crate::stream::{Stream, normal_below, normal_quantile};

/// What is known of one number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Prior {
    /// One value.
    Point {
        /// The value.
        value: f64,
    },
    /// Any value between two, all as likely.
    Uniform {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// Any value between two above 0, each factor as likely.
    LogUniform {
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// Any whole number from one to another, both included, all as likely.
    Whole {
        /// The least.
        low: u32,
        /// The most.
        high: u32,
    },
    /// Likeliest at a value, falling in a line to both ends.
    Triangular {
        /// The least.
        low: f64,
        /// The likeliest.
        mode: f64,
        /// The most.
        high: f64,
    },
    /// Normal, cut off at both ends.
    Normal {
        /// Mean before cutting.
        mean: f64,
        /// Standard deviation before cutting.
        sd: f64,
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
}

impl Prior {
    /// The ends.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Prior::Point { value } => (value, value),
            Prior::Whole { low, high } => (f64::from(low), f64::from(high)),
            Prior::Uniform { low, high }
            | Prior::LogUniform { low, high }
            | Prior::Triangular { low, high, .. }
            | Prior::Normal { low, high, .. } => (low, high),
        }
    }

    /// What cannot be, in words.
    pub fn fault(&self) -> Option<String> {
        let (low, high) = self.range();
        let wrong = !(low.is_finite() && high.is_finite())
            || match *self {
                Prior::Point { .. } => false,
                Prior::Uniform { .. } | Prior::Whole { .. } => low >= high,
                Prior::LogUniform { .. } => low <= 0.0 || low >= high,
                Prior::Triangular { mode, .. } => low >= high || !(low..=high).contains(&mode),
                Prior::Normal { mean, sd, .. } => {
                    let within = normal_below((high - mean) / sd) - normal_below((low - mean) / sd);
                    low >= high || sd.is_nan() || sd <= 0.0 || within.is_nan() || within < 1e-9
                }
            };
        wrong.then(|| format!("{self:?}: finite ends in order, and what lies between them, were expected"))
    }

    /// The value below which a chance `p` from 0 to 1 lies.
    pub fn quantile(&self, p: f64) -> f64 {
        let (low, high) = self.range();
        let value = match *self {
            Prior::Point { value } => value,
            Prior::Uniform { .. } => low + p * (high - low),
            Prior::Whole { .. } => low + (p * (high - low + 1.0)).floor(),
            Prior::LogUniform { .. } => low * libm::exp(p * libm::log(high / low)),
            Prior::Triangular { mode, .. } => {
                let (left, whole) = (mode - low, high - low);
                if p * whole <= left {
                    low + (p * whole * left).sqrt()
                } else {
                    high - ((1.0 - p) * whole * (high - mode)).sqrt()
                }
            }
            Prior::Normal { mean, sd, .. } => {
                let (from, to) = (normal_below((low - mean) / sd), normal_below((high - mean) / sd));
                mean + sd * normal_quantile(from + p * (to - from))
            }
        };
        value.clamp(low, high)
    }

    /// The chance that the number is at most `value`.
    pub fn below(&self, value: f64) -> f64 {
        let (low, high) = self.range();
        match *self {
            Prior::Point { .. } => f64::from(u8::from(value >= low)),
            Prior::Whole { .. } => ((value.floor() - low + 1.0) / (high - low + 1.0)).clamp(0.0, 1.0),
            _ if value <= low => 0.0,
            _ if value >= high => 1.0,
            Prior::Uniform { .. } => (value - low) / (high - low),
            Prior::LogUniform { .. } => libm::log(value / low) / libm::log(high / low),
            Prior::Triangular { mode, .. } => {
                let whole = high - low;
                if value <= mode {
                    (value - low) * (value - low) / (whole * (mode - low))
                } else {
                    1.0 - (high - value) * (high - value) / (whole * (high - mode))
                }
            }
            Prior::Normal { mean, sd, .. } => {
                let at = |v: f64| normal_below((v - mean) / sd);
                (at(value) - at(low)) / (at(high) - at(low))
            }
        }
    }
}

/// A named number and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// Flee's name of a setting, `return.` and the name of a return rate, or `arrivals.rate`.
    pub name: String,
    /// What is known.
    pub prior: Prior,
}

/// A weighted sample of parameters: what a calibration hands on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sample {
    /// Names of the parameters.
    pub names: Vec<String>,
    /// Values in the order of the names.
    pub points: Vec<Vec<f64>>,
    /// A weight from 0 for each point; they need not sum to 1.
    pub weights: Vec<f64>,
}

/// What parameters of an ensemble are drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Parameters {
    /// Independent numbers.
    Priors(Vec<Parameter>),
    /// A weighted sample.
    Sample(Sample),
}

impl Parameters {
    /// No parameters: members differ by chance alone.
    pub fn none() -> Parameters {
        Parameters::Priors(Vec::new())
    }

    /// Names in the order of the values.
    pub fn names(&self) -> Vec<String> {
        match self {
            Parameters::Priors(all) => all.iter().map(|p| p.name.clone()).collect(),
            Parameters::Sample(sample) => sample.names.clone(),
        }
    }

    /// The values of a member: the same for the same seed and member whatever the other members and, of priors,
    /// whatever the other parameters.
    pub fn draw(&self, seed: u64, member: u64) -> Vec<f64> {
        match self {
            Parameters::Priors(all) => {
                all.iter().map(|p| p.prior.quantile(Stream::new(seed, &p.name, member).uniform())).collect()
            }
            Parameters::Sample(sample) => {
                let total: f64 = sample.weights.iter().sum();
                let mut stream = Stream::new(seed, "a point of the sample", member);
                let at = stream.pick(sample.weights.iter().copied(), total);
                sample.points.get(at).cloned().unwrap_or_default()
            }
        }
    }

    /// Whether every number can be drawn.
    ///
    /// # Errors
    /// Names the parameter.
    pub fn check(&self) -> Result<(), MovementError> {
        let names = self.names();
        if let Some(twice) = names.iter().enumerate().find(|(i, n)| names[..*i].contains(n)) {
            return Err(MovementError::Instance(format!("{} stands among the parameters twice", twice.1)));
        }
        let fault = match self {
            Parameters::Priors(all) => {
                all.iter().find_map(|p| p.prior.fault().map(|fault| format!("{}: {fault}", p.name)))
            }
            Parameters::Sample(sample) => sample.fault(),
        };
        fault.map_or(Ok(()), |fault| Err(MovementError::Instance(fault)))
    }
}

impl Sample {
    fn fault(&self) -> Option<String> {
        if self.points.len() != self.weights.len() || self.points.iter().any(|p| p.len() != self.names.len())
        {
            return Some("a value for each name and a weight for each point were expected".to_owned());
        }
        let weights = self.weights.iter().all(|w| w.is_finite() && *w >= 0.0);
        let values = self.points.iter().flatten().all(|v| v.is_finite());
        let some = self.weights.iter().sum::<f64>() > 0.0;
        (!(weights && values && some))
            .then(|| "finite values and weights from 0, some above it, were expected".to_owned())
    }

    /// The number of equal points that would say as much: (Σw)² / Σw².
    pub fn effective(&self) -> f64 {
        let (sum, squares) = self.weights.iter().fold((0.0, 0.0), |(s, q), w| (s + w, q + w * w));
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// The mean of each parameter.
    pub fn mean(&self) -> Vec<f64> {
        let total: f64 = self.weights.iter().sum();
        let mean =
            |at: usize| self.points.iter().zip(&self.weights).map(|(p, w)| p[at] * w).sum::<f64>() / total;
        (0..self.names.len()).map(mean).collect()
    }

    /// The value of a parameter below which a share `p` of the weight lies.
    pub fn quantile(&self, parameter: usize, p: f64) -> f64 {
        let mut all: Vec<(f64, f64)> =
            self.points.iter().zip(&self.weights).map(|(point, w)| (point[parameter], *w)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut left = p * all.iter().map(|(_, w)| w).sum::<f64>();
        for (value, weight) in &all {
            left -= weight;
            if left <= 0.0 && *weight > 0.0 {
                return *value;
            }
        }
        all.last().map_or(f64::NAN, |(value, _)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Prior; 4] = [
        Prior::Uniform { low: 1.0, high: 3.0 },
        Prior::LogUniform { low: 0.1, high: 10.0 },
        Prior::Triangular { low: 0.0, mode: 0.2, high: 1.0 },
        Prior::Normal { mean: 0.0, sd: 1.0, low: -1.0, high: 2.0 },
    ];

    #[test]
    fn quantiles_and_chances_are_inverse_to_each_other() {
        for prior in ALL {
            assert_eq!(prior.fault(), None);
            for p in [0.0, 0.01, 0.2, 0.5, 0.9, 1.0] {
                assert!((prior.below(prior.quantile(p)) - p).abs() < 1e-12, "{prior:?} at {p}");
            }
        }
        assert!((Prior::LogUniform { low: 0.1, high: 10.0 }.quantile(0.5) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn whole_numbers_are_drawn_alike_and_both_ends_come_up() {
        let prior = Prior::Whole { low: 1, high: 3 };
        assert_eq!(prior.fault(), None);
        assert_eq!(
            [0.0, 0.3, 0.34, 0.66, 0.67, 1.0].map(|p| prior.quantile(p)),
            [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
        );
        let third = 1.0 / 3.0;
        assert_eq!([0.9, 1.0, 1.5, 2.0, 3.0].map(|v| prior.below(v)), [0.0, third, third, 2.0 * third, 1.0]);
        assert!(Prior::Whole { low: 3, high: 3 }.fault().is_some());
    }

    #[test]
    fn a_parameter_is_drawn_the_same_whatever_stands_beside_it() {
        let of = |names: &[&str]| {
            let parameter = |name: &&str| Parameter { name: (*name).to_owned(), prior: ALL[0] };
            Parameters::Priors(names.iter().map(parameter).collect()).draw(3, 9)
        };
        assert_eq!(of(&["softening"])[0], of(&["camp_weight", "softening"])[1]);
    }

    #[test]
    fn a_sample_is_drawn_by_weight() {
        let sample = Sample {
            names: vec!["softening".to_owned()],
            points: vec![vec![1.0], vec![2.0], vec![3.0]],
            weights: vec![1.0, 0.0, 3.0],
        };
        assert!((sample.effective() - 1.6).abs() < 1e-12);
        assert_eq!((sample.quantile(0, 0.2), sample.quantile(0, 0.5)), (1.0, 3.0));
        let parameters = Parameters::Sample(sample);
        let drawn: Vec<f64> = (0..4_000).map(|member| parameters.draw(1, member)[0]).collect();
        let ones = drawn.iter().filter(|v| **v == 1.0).count() as f64 / 4_000.0;
        assert!(drawn.iter().all(|v| *v != 2.0));
        assert!((ones - 0.25).abs() < 4.0 * (0.25f64 * 0.75 / 4_000.0).sqrt());
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let wrong = Parameters::Priors(vec![Parameter {
            name: "softening".to_owned(),
            prior: Prior::Uniform { low: 2.0, high: 1.0 },
        }]);
        assert!(wrong.check().unwrap_err().to_string().starts_with("softening: "));
    }
}
