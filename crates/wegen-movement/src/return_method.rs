//! The method file for returns: a stated value, a range and a reason for each number, and the conditions that count.
//!
//! Numbers are stated and never fitted to force returns up: a range says how far the number is from known, and a run
//! over the range says what follows from that.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::scenario::{Lines, Text};
use crate::{End, MovementError, Parameter, Prior, ReturnRates, ReturnSettings};

/// What stands before the name of a rate where it is a parameter of an ensemble.
const PREFIX: &str = "return.";

/// The built-in method file, to copy and change.
pub const DEFAULT_RETURN_METHOD: &str = include_str!("../../../methods/return.toml");

/// Why a number is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Which number or condition.
    pub name: String,
    /// The reason, or that it is our choice.
    pub text: Text,
}

/// A method for returns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReturnMethod {
    /// Its name.
    pub id: String,
    /// Its version; another version may give other returns.
    pub version: String,
    /// For readers.
    pub title: Text,
    /// The stated values.
    pub rates: ReturnRates,
    /// The range of each number as a parameter of an ensemble (`return.daily`), in the order of [`ReturnRates::NAMES`].
    pub priors: Vec<Parameter>,
    /// The conditions that count, in the order of the file.
    pub conditions: Vec<String>,
    /// The reasons: those of the numbers in the order of [`ReturnRates::NAMES`], then those of the conditions.
    pub reasons: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    method: Head,
    #[serde(default)]
    rate: Vec<Spanned<RawRate>>,
    #[serde(default)]
    condition: Vec<Spanned<RawCondition>>,
}

/// How a number is spread over its range: evenly, or its logarithm evenly where the order of magnitude is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    #[default]
    Uniform,
    LogUniform,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: Spanned<String>,
    version: Spanned<String>,
    title: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRate {
    name: Spanned<String>,
    value: Spanned<f64>,
    low: f64,
    high: f64,
    #[serde(default)]
    shape: Shape,
    reason: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCondition {
    name: Spanned<String>,
    reason: Spanned<Text>,
}

/// The built-in method.
pub fn default_return_method() -> &'static ReturnMethod {
    // Built in, and read by a test.
    static METHOD: LazyLock<ReturnMethod> = LazyLock::new(|| {
        ReturnMethod::parse("methods/return.toml", DEFAULT_RETURN_METHOD)
            .unwrap_or_else(|_| ReturnMethod::empty())
    });
    &METHOD
}

impl ReturnMethod {
    /// Reads a method file.
    ///
    /// # Errors
    /// Names file and line: what is no TOML, unknown keys, numbers that are missing, stand twice, have no reason, or
    /// lie outside their range.
    pub fn parse(file: &str, text: &str) -> Result<ReturnMethod, MovementError> {
        let lines = Lines::new(file, text);
        let raw: File = toml::from_str(text)
            .map_err(|e| lines.error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
        lines.plain(raw.method.id.get_ref(), raw.method.id.span().start)?;
        lines.text(&raw.method.title)?;
        let mut method = ReturnMethod {
            id: raw.method.id.get_ref().clone(),
            version: raw.method.version.get_ref().clone(),
            title: raw.method.title.get_ref().clone(),
            ..ReturnMethod::empty()
        };
        for spanned in &raw.rate {
            let (rate, name) = (spanned.get_ref(), spanned.get_ref().name.get_ref());
            let here = rate.name.span().start;
            if method.reasons.iter().any(|r| r.name == *name) {
                return Err(lines.error(here, format!("{name} stands twice; once was expected")));
            }
            if !method.rates.set(name, *rate.value.get_ref()) {
                let known = ReturnRates::NAMES.join(", ");
                return Err(
                    lines.error(here, format!("found the number '{name}'; one of {known} was expected"))
                );
            }
            lines.text(&rate.reason)?;
            let value = *rate.value.get_ref();
            let (low, high) = (rate.low, rate.high);
            if !(low <= value && value <= high) {
                return Err(lines.error(
                    rate.value.span().start,
                    format!(
                        "{name} is {value}; a number within its own range of {low} to {high} was expected"
                    ),
                ));
            }
            let prior = match rate.shape {
                Shape::Uniform => Prior::Uniform { low, high },
                Shape::LogUniform => Prior::LogUniform { low, high },
            };
            if let Some(fault) = prior.fault() {
                return Err(lines.error(here, format!("{name}: {fault}")));
            }
            // Both ends must be numbers that a run can use.
            for end in [low, high] {
                let mut alone = ReturnMethod::empty().rates;
                alone.set(name, end);
                if let Some(fault) = alone.fault() {
                    return Err(lines.error(here, fault));
                }
            }
            method.priors.push(Parameter { name: format!("{PREFIX}{name}"), prior });
            method.reasons.push(Reason { name: name.clone(), text: rate.reason.get_ref().clone() });
        }
        if let Some(missing) =
            ReturnRates::NAMES.iter().find(|n| !method.reasons.iter().any(|r| r.name == **n))
        {
            return Err(
                lines.error(0, format!("no [[rate]] for {missing}; a value and a range were expected"))
            );
        }
        let order = |name: &str| ReturnRates::NAMES.iter().position(|n| *n == name);
        method.priors.sort_by_key(|p| order(p.name.trim_start_matches(PREFIX)));
        method.reasons.sort_by_key(|r| order(&r.name));
        for spanned in &raw.condition {
            let condition = spanned.get_ref();
            let (name, here) = (condition.name.get_ref(), condition.name.span().start);
            lines.plain(name, here)?;
            lines.text(&condition.reason)?;
            if method.conditions.contains(name) {
                return Err(
                    lines.error(here, format!("the condition '{name}' stands twice; once was expected"))
                );
            }
            method.conditions.push(name.clone());
            method.reasons.push(Reason { name: name.clone(), text: condition.reason.get_ref().clone() });
        }
        Ok(method)
    }

    /// What a run takes from the method: the stated values, and nothing known of any condition.
    pub fn settings(&self) -> ReturnSettings {
        ReturnSettings {
            rates: self.rates,
            conditions: self.conditions.clone(),
            met: Vec::new(),
            stay: Vec::new(),
            pushes: Vec::new(),
            end: End::Low,
        }
    }

    fn empty() -> ReturnMethod {
        ReturnMethod {
            id: String::new(),
            version: String::new(),
            title: Text::default(),
            rates: ReturnRates {
                daily: 0.0,
                quiet_days: 1.0,
                least: 0.0,
                distance_km: 1.0,
                stay: 0.0,
                fades_months: 1.0,
                fades_to: 0.0,
                leaves_again: 0.0,
            },
            priors: Vec::new(),
            conditions: Vec::new(),
            reasons: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_method_is_whole_and_every_number_has_a_range_and_a_reason() {
        let method = ReturnMethod::parse("methods/return.toml", DEFAULT_RETURN_METHOD).unwrap();
        assert_eq!(&method, default_return_method());
        let names: Vec<&str> = method.priors.iter().map(|p| p.name.trim_start_matches("return.")).collect();
        assert_eq!(names, ReturnRates::NAMES);
        assert!(crate::Parameters::Priors(method.priors.clone()).check().is_ok());
        assert_eq!(method.reasons.len(), method.priors.len() + method.conditions.len());
        assert!(method.settings().fault().is_none());
        assert_eq!(
            method.conditions,
            ["safety", "water", "electricity", "education", "medical-care", "economic-activity"]
        );
        for (prior, value) in method.priors.iter().zip(method.rates.values()) {
            let (low, high) = prior.prior.range();
            assert!(low <= value && value <= high && low < high, "{prior:?}");
        }
    }

    #[test]
    fn what_nobody_states_is_nought_to_one() {
        let settings = default_return_method().settings();
        assert_eq!(settings.met(0, 0, 100), wegen_model::Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let changed = |from: &str, to: &str| {
            assert!(DEFAULT_RETURN_METHOD.contains(from), "{from}");
            let text = DEFAULT_RETURN_METHOD.replacen(from, to, 1);
            ReturnMethod::parse("m.toml", &text).unwrap_err()
        };
        for (from, to, said) in [
            ("name = \"daily\"", "name = \"dayly\"", "'dayly'"),
            ("name = \"least\"", "name = \"daily\"", "stands twice"),
            ("low = 0.0001", "low = 0.5", "its own range"),
            ("low = 0.0001", "low = 0", "in order"),
            ("shape = \"log-uniform\"", "shape = \"bell\"", "unknown variant"),
            ("version = ", "verzion = ", "unknown field"),
            ("Our choice: five years", "The area is safe: five years", "a verdict"),
        ] {
            let error = changed(from, to);
            let MovementError::Line { file, line, message } = &error else { panic!("{error}") };
            assert!(file == "m.toml" && *line > 1 && message.contains(said), "{error} does not say {said}");
        }
        let short = DEFAULT_RETURN_METHOD.rsplit_once("[[rate]]").unwrap().0;
        assert!(ReturnMethod::parse("m.toml", short).unwrap_err().to_string().contains("no [[rate]] for"));
    }
}
