//! Parameters of return: stated, with ranges, and never fitted to force returns up.

use serde::{Deserialize, Serialize};
use wegen_model::Interval;

/// Which end of the intervals of conditions a run takes; both are run, and what lies between them is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The end with fewer returns.
    #[default]
    Low,
    /// The end with more.
    High,
}

/// Numbers of the hazard of setting out for home.
///
/// h = `daily` · g · t · Π f · q · exp(−km / `distance_km`) · a, a day. With d days since the last conflict day at
/// home, g = 1 − exp(−d / `quiet_days`), and 0 while there is conflict; t = 1 − the share of conflict days in the
/// last 180; f = `least` + (1 − `least`) · condition at home (0…1), for each condition; q = 1 − `stay` · condition
/// where they are (0…1); a = `fades_to` + (1 − `fades_to`) · exp(−months away / `fades_months`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnRates {
    /// Chance to set out, a day, where nothing stands in the way.
    pub daily: f64,
    /// Days without conflict after which security counts for 63 %.
    pub quiet_days: f64,
    /// What a condition that is not met at all leaves of the hazard.
    pub least: f64,
    /// Kilometres at which distance leaves 37 % of the hazard.
    pub distance_km: f64,
    /// By how much good conditions of stay lower the hazard.
    pub stay: f64,
    /// Months away after which the intention has faded for 63 %.
    pub fades_months: f64,
    /// What is left of it in the end.
    pub fades_to: f64,
    /// Chance that somebody at home leaves again, a day, where no condition is met at all.
    pub leaves_again: f64,
}

impl ReturnRates {
    /// The names of the numbers, in the order of [`ReturnRates::values`].
    pub const NAMES: [&str; 8] =
        ["daily", "quiet_days", "least", "distance_km", "stay", "fades_months", "fades_to", "leaves_again"];

    /// The numbers.
    pub fn values(&self) -> [f64; 8] {
        [
            self.daily,
            self.quiet_days,
            self.least,
            self.distance_km,
            self.stay,
            self.fades_months,
            self.fades_to,
            self.leaves_again,
        ]
    }

    /// Sets a number by its name; `false` for a name that is none.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let slot = match name {
            "daily" => &mut self.daily,
            "quiet_days" => &mut self.quiet_days,
            "least" => &mut self.least,
            "distance_km" => &mut self.distance_km,
            "stay" => &mut self.stay,
            "fades_months" => &mut self.fades_months,
            "fades_to" => &mut self.fades_to,
            "leaves_again" => &mut self.leaves_again,
            _ => return false,
        };
        *slot = value;
        true
    }

    /// What is out of its range, in words.
    pub fn fault(&self) -> Option<String> {
        for (name, value) in Self::NAMES.iter().zip(self.values()) {
            let (low, high) = match *name {
                "quiet_days" | "distance_km" | "fades_months" => (1e-6, 1e9),
                _ => (0.0, 1.0),
            };
            if !(low..=high).contains(&value) {
                return Some(format!("{name} is {value}; a number from {low} to {high} was expected"));
            }
        }
        None
    }
}

/// A condition at a place from a day on: how far it is met, 0…1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConditionFrom {
    /// The place: an index of [`Instance::locations`](crate::Instance::locations).
    pub place: usize,
    /// Which condition: an index of [`ReturnSettings::conditions`].
    pub condition: usize,
    /// From this day.
    pub day: u32,
    /// How far it is met; what is not known is 0…1.
    pub met: Interval,
}

/// How well people stay at a place from a day on, 0…1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StayFrom {
    /// The place.
    pub place: usize,
    /// From this day.
    pub day: u32,
    /// How well.
    pub met: Interval,
    /// The scenario says that people are pushed by it: only then may worse conditions raise returns, and those
    /// returns are counted apart.
    pub pushed: bool,
}

/// People made to go from a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Push {
    /// The place.
    pub place: usize,
    /// From this day.
    pub day: u32,
    /// Until this day.
    pub until: Option<u32>,
    /// The chance of each to be made to go, a day.
    pub daily: f64,
}

/// What returns depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReturnSettings {
    /// Numbers of the hazard.
    pub rates: ReturnRates,
    /// The conditions that count, by name.
    pub conditions: Vec<String>,
    /// How far they are met; what is not said is 0…1.
    pub met: Vec<ConditionFrom>,
    /// How well people stay; what is not said is 0…1.
    pub stay: Vec<StayFrom>,
    /// People made to go.
    pub pushes: Vec<Push>,
    /// Which end of all intervals is run.
    pub end: End,
}

impl ReturnSettings {
    /// How far a condition at a place is met on a day.
    pub fn met(&self, place: usize, condition: usize, day: u32) -> Interval {
        self.met
            .iter()
            .filter(|m| m.place == place && m.condition == condition && m.day <= day)
            .max_by_key(|m| m.day)
            .map_or(Interval { low: 0.0, high: 1.0 }, |m| m.met)
    }

    /// The product of the conditions at a home on a day, at the end that is run.
    pub(crate) fn conditions_at(&self, place: usize, day: u32) -> f64 {
        (0..self.conditions.len())
            .map(|condition| {
                let met = self.met(place, condition, day);
                let value = if self.end == End::Low { met.low } else { met.high };
                self.rates.least + (1.0 - self.rates.least) * value.clamp(0.0, 1.0)
            })
            .product()
    }

    /// How staying at a place lowers the hazard on a day: by itself, and where people are pushed by it (never less).
    pub(crate) fn staying_at(&self, place: usize, day: u32) -> (f64, f64) {
        let factor = |met: Interval| {
            let value = if self.end == End::Low { met.high } else { met.low };
            1.0 - self.rates.stay * value.clamp(0.0, 1.0)
        };
        let here = || self.stay.iter().filter(|s| s.place == place && s.day <= day);
        let first = here().filter(|s| !s.pushed).min_by_key(|s| s.day);
        let base = factor(first.map_or(Interval { low: 0.0, high: 1.0 }, |s| s.met));
        let own =
            here().filter(|s| !s.pushed).max_by_key(|s| s.day).map_or(base, |s| factor(s.met).min(base));
        let pushed =
            here().filter(|s| s.pushed).max_by_key(|s| s.day).map_or(own, |s| factor(s.met).max(own));
        (own, pushed)
    }

    /// What is out of its range, in words.
    pub fn fault(&self) -> Option<String> {
        let within = |met: &Interval| (0.0..=1.0).contains(&met.low) && (met.low..=1.0).contains(&met.high);
        if !self.met.iter().all(|m| within(&m.met)) || !self.stay.iter().all(|s| within(&s.met)) {
            return Some("a condition lies outside 0…1".to_owned());
        }
        if let Some(push) = self.pushes.iter().find(|p| !(0.0..=1.0).contains(&p.daily)) {
            return Some(format!("a push of {} a day; a chance from 0 to 1 was expected", push.daily));
        }
        self.rates.fault()
    }
}
