//! Scenarios: what is assumed to happen, in a file that anybody can read, over an instance.
//!
//! A scenario states assumptions and changes an instance by them. It says what follows if they hold; it says nothing
//! on whether they will, and nothing on any place or person. Every output made from a scenario repeats its
//! assumptions.
//!
//! In what order changes take effect, whatever their order in the file: the period; the rate of arrivals, from the
//! history before any change; ceasefires and then agreements, on the intensity of conflict; conditions by agreements
//! and then by services, of which the later entry in the file stands where two begin on one day; new camps,
//! capacities, closures and openings; conditions of stay and pushes.

mod apply;
mod names;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;
pub use wegen_model::Text;
use wegen_model::{Interval, verdicts};

use crate::{Instance, MovementError};

/// The conditions that services can restore.
pub const CONDITIONS: [&str; 6] =
    ["safety", "water", "electricity", "education", "medical-care", "economic-activity"];

/// What restoring services is said to cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// How much, in whole units of the currency; for the whole change, not for each place.
    pub amount: f64,
    /// The currency, ISO 4217.
    pub currency: String,
    /// The year of its prices.
    pub year: i32,
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its name.
    pub id: String,
    /// For readers.
    pub title: Text,
    /// What is assumed; each output repeats it.
    pub assumptions: Vec<Text>,
    /// Where the assumptions come from, where they come from anywhere.
    pub sources: Vec<String>,
    lines: Lines,
    changes: Changes,
}

/// Everything in the file below its head.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    scenario: Head,
    period: Option<Spanned<Period>>,
    arrivals: Option<Spanned<ArrivalsFrom>>,
    #[serde(default)]
    ceasefire: Vec<Spanned<Ceasefire>>,
    #[serde(default)]
    agreement: Vec<Spanned<Agreement>>,
    #[serde(default)]
    service: Vec<Spanned<Service>>,
    #[serde(default)]
    camp: Vec<Spanned<NewCamp>>,
    #[serde(default)]
    capacity: Vec<Spanned<Capacity>>,
    #[serde(default)]
    close: Vec<Spanned<Gate>>,
    #[serde(default)]
    open: Vec<Spanned<Gate>>,
    #[serde(default)]
    stay: Vec<Spanned<Stay>>,
    #[serde(default)]
    push: Vec<Spanned<PushFrom>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    id: Spanned<String>,
    title: Spanned<Text>,
    #[serde(default)]
    assumptions: Vec<Spanned<Text>>,
    #[serde(default)]
    sources: Vec<Spanned<String>>,
    /// Whether people may return at all.
    #[serde(default = "yes")]
    returns: bool,
}

fn yes() -> bool {
    true
}

/// A day of the simulation, or a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Day(i64),
    Date(Date),
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<When, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let text = match &value {
            toml::Value::Integer(day) => return Ok(When::Day(*day)),
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        text.trim().parse().map(When::Date).map_err(|_| {
            serde::de::Error::custom(format!(
                "found '{text}'; a day as 30 or a date as \"2019-12-31\" was expected"
            ))
        })
    }
}

/// How far a condition is met: `0.7`, or `[0.6, 0.8]` where it is not known better.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Met(Interval);

impl<'de> Deserialize<'de> for Met {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Met, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        let number = |v: &toml::Value| match v {
            toml::Value::Integer(n) => Some(*n as f64),
            toml::Value::Float(f) => Some(*f),
            _ => None,
        };
        let ends = match &value {
            toml::Value::Array(ends) if ends.len() == 2 => number(&ends[0]).zip(number(&ends[1])),
            single => number(single).map(|n| (n, n)),
        };
        ends.filter(|(low, high)| 0.0 <= *low && *high <= 1.0)
            .and_then(|(low, high)| Interval::new(low, high))
            .map(Met)
            .ok_or_else(|| {
                serde::de::Error::custom(format!(
                    "found {value}; 0…1 as 0.7 or [0.6, 0.8], the lower end first, was expected"
                ))
            })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Beyond {
    /// The days of conflict at the end are repeated.
    RepeatLast,
    /// There is no conflict.
    None,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Period {
    extend_days: Spanned<u32>,
    conflict: Spanned<Beyond>,
    last_days: Option<Spanned<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ArrivalMode {
    AsRegistered,
    Hazard,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrivalsFrom {
    mode: ArrivalMode,
    history_until: Option<Spanned<When>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ceasefire {
    places: Option<Vec<Spanned<String>>>,
    regions: Option<Vec<Spanned<String>>>,
    all: Option<Spanned<bool>>,
    from: Spanned<When>,
    /// From this day it has broken down.
    until: Option<Spanned<When>>,
    /// What is left of the intensity.
    #[serde(default)]
    factor: Option<Spanned<f64>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    name: Spanned<Text>,
    places: Option<Vec<Spanned<String>>>,
    regions: Option<Vec<Spanned<String>>>,
    all: Option<Spanned<bool>>,
    /// By what share full implementation lowers the intensity of conflict.
    #[serde(default)]
    lowers: Option<Spanned<f64>>,
    implementation: Vec<Spanned<Step>>,
    #[serde(default)]
    condition: Vec<Spanned<Promise>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    from: Spanned<When>,
    share: Spanned<f64>,
}

/// A condition as it is under full implementation.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    condition: Spanned<String>,
    met: Met,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    condition: Spanned<String>,
    places: Option<Vec<Spanned<String>>>,
    regions: Option<Vec<Spanned<String>>>,
    all: Option<Spanned<bool>>,
    from: Spanned<When>,
    /// From this day it is again as it was before.
    until: Option<Spanned<When>>,
    met: Met,
    cost: Option<Spanned<Cost>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCamp {
    name: Spanned<String>,
    #[serde(default)]
    kind: CampKind,
    #[serde(default)]
    region: String,
    country: Spanned<String>,
    latitude: Spanned<f64>,
    longitude: Spanned<f64>,
    /// 0 for no limit.
    capacity: u64,
    from: Spanned<When>,
    until: Option<Spanned<When>>,
    links: Spanned<Vec<Spanned<NewLink>>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CampKind {
    #[default]
    Camp,
    IdpCamp,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLink {
    to: Spanned<String>,
    km: Spanned<f64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Capacity {
    camp: Spanned<String>,
    from: Spanned<When>,
    /// 0 for no limit.
    capacity: u64,
}

/// What is closed or opened: exactly one of `border`, `link`, `place`, `camp`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    border: Option<Spanned<Vec<Spanned<String>>>>,
    link: Option<Spanned<Vec<Spanned<String>>>>,
    place: Option<Spanned<String>>,
    camp: Option<Spanned<String>>,
    from: Spanned<When>,
    until: Option<Spanned<When>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stay {
    places: Option<Vec<Spanned<String>>>,
    regions: Option<Vec<Spanned<String>>>,
    all: Option<Spanned<bool>>,
    from: Spanned<When>,
    met: Met,
    /// People are pushed by it: only then may worse conditions raise returns.
    #[serde(default)]
    pushed: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PushFrom {
    places: Option<Vec<Spanned<String>>>,
    regions: Option<Vec<Spanned<String>>>,
    all: Option<Spanned<bool>>,
    from: Spanned<When>,
    until: Option<Spanned<When>>,
    daily: Spanned<f64>,
}

/// Which places a change is about, as the file says it.
#[derive(Clone, Copy)]
struct Where<'s> {
    places: Option<&'s Vec<Spanned<String>>>,
    regions: Option<&'s Vec<Spanned<String>>>,
    all: Option<&'s Spanned<bool>>,
    /// Where the change stands in the file.
    at: usize,
}

macro_rules! located {
    ($($change:ty),*) => {
        $(impl Spot for $change {
            fn spot(&self, at: usize) -> Where<'_> {
                Where { places: self.places.as_ref(), regions: self.regions.as_ref(), all: self.all.as_ref(), at }
            }
        })*
    };
}

trait Spot {
    fn spot(&self, at: usize) -> Where<'_>;
}

located!(Ceasefire, Agreement, Service, Stay, PushFrom);

fn spot<T: Spot>(change: &Spanned<T>) -> Where<'_> {
    change.get_ref().spot(change.span().start)
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// Names file and line: what is no TOML, unknown keys, a scenario without an assumption, a text that stands in
    /// one language alone or holds a verdict, shares outside 0…1, days that do not come one after another.
    pub fn parse(file: &str, text: &str) -> Result<Scenario, MovementError> {
        let lines = Lines::new(file, text);
        let changes: Changes = toml::from_str(text)
            .map_err(|e| lines.error(e.span().map_or(0, |s| s.start), e.message().to_owned()))?;
        check(&changes, &lines)?;
        let head = &changes.scenario;
        Ok(Scenario {
            id: head.id.get_ref().clone(),
            title: head.title.get_ref().clone(),
            assumptions: head.assumptions.iter().map(|a| a.get_ref().clone()).collect(),
            sources: head.sources.iter().map(|s| s.get_ref().clone()).collect(),
            lines,
            changes,
        })
    }

    /// What the changes are said to cost together, by currency and year of prices; repeated in outputs, and weighed
    /// against nothing.
    pub fn costs(&self) -> Vec<Cost> {
        let mut sums: BTreeMap<(String, i32), f64> = BTreeMap::new();
        for cost in self.changes.service.iter().filter_map(|s| s.get_ref().cost.as_ref()) {
            let cost = cost.get_ref();
            *sums.entry((cost.currency.clone(), cost.year)).or_default() += cost.amount;
        }
        sums.into_iter().map(|((currency, year), amount)| Cost { amount, currency, year }).collect()
    }

    /// Whether the scenario says that people are made to go.
    pub fn pushes(&self) -> bool {
        !self.changes.push.is_empty() || self.changes.stay.iter().any(|s| s.get_ref().pushed)
    }

    /// Whether returns are simulated.
    pub fn returns(&self) -> bool {
        self.changes.scenario.returns
    }
}

/// Checks what can be checked without an instance.
fn check(changes: &Changes, lines: &Lines) -> Result<(), MovementError> {
    let head = &changes.scenario;
    lines.plain(head.id.get_ref(), head.id.span().start)?;
    lines.text(&head.title)?;
    if head.assumptions.is_empty() {
        let message = "no assumptions; at least one, as { en = \"…\", nl = \"…\" }, was expected";
        return Err(lines.error(head.id.span().start, message));
    }
    head.assumptions.iter().try_for_each(|a| lines.text(a))?;
    head.sources.iter().try_for_each(|s| lines.plain(s.get_ref(), s.span().start))?;

    if let Some(period) = &changes.period {
        let period = period.get_ref();
        lines.within(&period.extend_days, 1, Instance::MOST_DAYS, "extend_days")?;
        match (&period.last_days, period.conflict.get_ref()) {
            (Some(days), Beyond::RepeatLast) => lines.within(days, 1, Instance::MOST_DAYS, "last_days")?,
            (None, Beyond::None) => {}
            (Some(days), Beyond::None) => {
                let message = "last_days with conflict = \"none\"; it belongs to conflict = \"repeat-last\"";
                return Err(lines.error(days.span().start, message));
            }
            (None, Beyond::RepeatLast) => {
                let message = "no last_days; how many days are repeated, as last_days = 365, was expected";
                return Err(lines.error(period.conflict.span().start, message));
            }
        }
    }
    if let Some(arrivals) = &changes.arrivals {
        let (at, arrivals) = (arrivals.span().start, arrivals.get_ref());
        match (arrivals.mode, &arrivals.history_until) {
            (ArrivalMode::Hazard, None) => {
                let message = "no history_until; the last day of the history that the rate is estimated from was expected";
                return Err(lines.error(at, message));
            }
            (ArrivalMode::AsRegistered, Some(until)) => {
                let message = "history_until with mode = \"as-registered\"; it belongs to mode = \"hazard\"";
                return Err(lines.error(until.span().start, message));
            }
            _ => {}
        }
    }
    let share = |value: &Spanned<f64>, what: &str| match (0.0..=1.0).contains(value.get_ref()) {
        true => Ok(()),
        false => {
            let found = value.get_ref();
            Err(lines
                .error(value.span().start, format!("{what} is {found}; a number from 0 to 1 was expected")))
        }
    };
    for ceasefire in &changes.ceasefire {
        lines.somewhere(spot(ceasefire))?;
        let ceasefire = ceasefire.get_ref();
        ceasefire.factor.iter().try_for_each(|f| share(f, "factor"))?;
        lines.in_order(&ceasefire.from, ceasefire.until.as_ref())?;
    }
    for agreement in &changes.agreement {
        lines.somewhere(spot(agreement))?;
        let agreement = agreement.get_ref();
        lines.text(&agreement.name)?;
        agreement.lowers.iter().try_for_each(|f| share(f, "lowers"))?;
        let here = agreement.name.span().start;
        if agreement.implementation.is_empty() {
            return Err(
                lines.error(here, "no implementation; steps as { from = …, share = 0.5 } were expected")
            );
        }
        if agreement.lowers.is_none() && agreement.condition.is_empty() {
            return Err(
                lines.error(here, "an agreement that changes nothing; lowers or a condition was expected")
            );
        }
        for step in &agreement.implementation {
            share(&step.get_ref().share, "share")?;
        }
        for pair in agreement.implementation.windows(2) {
            lines.in_order(&pair[0].get_ref().from, Some(&pair[1].get_ref().from))?;
        }
        agreement.condition.iter().try_for_each(|c| lines.condition(&c.get_ref().condition))?;
    }
    for service in &changes.service {
        lines.somewhere(spot(service))?;
        let service = service.get_ref();
        lines.condition(&service.condition)?;
        lines.in_order(&service.from, service.until.as_ref())?;
        if let Some(cost) = &service.cost {
            let (here, cost) = (cost.span().start, cost.get_ref());
            if !(0.0..=1e15).contains(&cost.amount) {
                return Err(
                    lines.error(here, format!("a cost of {}; an amount from 0 was expected", cost.amount))
                );
            }
            if cost.currency.len() != 3 || !cost.currency.bytes().all(|b| b.is_ascii_uppercase()) {
                let found = &cost.currency;
                return Err(
                    lines.error(here, format!("the currency '{found}'; a code as EUR or USD was expected"))
                );
            }
            if !(1950..=2150).contains(&cost.year) {
                return Err(lines.error(here, format!("prices of {}; a year was expected", cost.year)));
            }
        }
    }
    for camp in &changes.camp {
        let camp = camp.get_ref();
        lines.plain(camp.name.get_ref(), camp.name.span().start)?;
        lines.plain(camp.country.get_ref(), camp.country.span().start)?;
        lines.in_order(&camp.from, camp.until.as_ref())?;
        for (degrees, most) in [(&camp.latitude, 90.0), (&camp.longitude, 180.0)] {
            let found = *degrees.get_ref();
            let coarse = ((found * 10.0).round() / 10.0 - found).abs() < 1e-9;
            if !(found.abs() <= most && coarse) {
                let message = format!(
                    "found {found} degrees; from −{most} to {most} with at most one decimal (some 11 km) was expected: \
                     camps are not placed more finely"
                );
                return Err(lines.error(degrees.span().start, message));
            }
        }
        if camp.links.get_ref().is_empty() {
            return Err(lines.error(
                camp.links.span().start,
                "no links; at least one place to reach it from was expected",
            ));
        }
        for link in camp.links.get_ref() {
            let km = &link.get_ref().km;
            if !(0.001..=Instance::LONGEST_KM).contains(km.get_ref()) {
                let found = km.get_ref();
                return Err(
                    lines.error(km.span().start, format!("{found} km; a distance above 0 was expected"))
                );
            }
        }
    }
    for gate in changes.close.iter().chain(&changes.open) {
        let (at, gate) = (gate.span().start, gate.get_ref());
        lines.in_order(&gate.from, gate.until.as_ref())?;
        let given = [gate.border.is_some(), gate.link.is_some(), gate.place.is_some(), gate.camp.is_some()];
        if given.iter().filter(|g| **g).count() != 1 {
            return Err(lines.error(at, "exactly one of border, link, place and camp was expected"));
        }
        for (pair, what) in [(&gate.border, "countries"), (&gate.link, "places")] {
            if let Some(pair) = pair.as_ref().filter(|p| p.get_ref().len() != 2) {
                let found = pair.get_ref().len();
                return Err(lines.error(pair.span().start, format!("{found} {what}; two were expected")));
            }
        }
    }
    for stay in &changes.stay {
        lines.somewhere(spot(stay))?;
    }
    for push in &changes.push {
        lines.somewhere(spot(push))?;
        share(&push.get_ref().daily, "daily")?;
        lines.in_order(&push.get_ref().from, push.get_ref().until.as_ref())?;
    }
    let pushed = changes.stay.iter().find(|s| s.get_ref().pushed).map(|s| s.span().start);
    if let Some(at) = changes.push.first().map(|p| p.span().start).or(pushed).filter(|_| !head.returns) {
        return Err(lines.error(at, "people are pushed and returns = false; returns = true was expected"));
    }
    Ok(())
}

/// Turns offsets into lines, and messages into errors.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    file: String,
    breaks: Vec<usize>,
}

impl Lines {
    pub(crate) fn new(file: &str, text: &str) -> Lines {
        Lines { file: file.to_owned(), breaks: text.match_indices('\n').map(|(at, _)| at).collect() }
    }

    pub(crate) fn line(&self, offset: usize) -> usize {
        self.breaks.partition_point(|at| *at < offset) + 1
    }

    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> MovementError {
        MovementError::line(&self.file, self.line(offset), message)
    }

    /// A text in both languages, as the program may say it.
    pub(crate) fn text(&self, text: &Spanned<Text>) -> Result<(), MovementError> {
        let at = text.span().start;
        self.plain(&text.get_ref().en, at)?;
        self.plain(&text.get_ref().nl, at)
    }

    /// A text as the program may say it: not empty, no control characters, no verdict on a place or a return.
    pub(crate) fn plain(&self, text: &str, at: usize) -> Result<(), MovementError> {
        if text.trim().is_empty() {
            return Err(self.error(at, "an empty text; words were expected, in English and in Dutch"));
        }
        if text.chars().any(char::is_control) {
            return Err(self.error(at, "a text with a control character; one line of words was expected"));
        }
        match verdicts(text).into_iter().next() {
            Some(verdict) => {
                let message =
                    format!("found '{}', a verdict; what is assumed or reported was expected", verdict.words);
                Err(self.error(at, message))
            }
            None => Ok(()),
        }
    }

    fn within(&self, days: &Spanned<u32>, low: u32, high: u32, what: &str) -> Result<(), MovementError> {
        let found = *days.get_ref();
        if (low..=high).contains(&found) {
            return Ok(());
        }
        Err(self
            .error(days.span().start, format!("{what} is {found}; days from {low} to {high} were expected")))
    }

    fn condition(&self, name: &Spanned<String>) -> Result<(), MovementError> {
        if CONDITIONS.contains(&name.get_ref().as_str()) {
            return Ok(());
        }
        let (found, known) = (name.get_ref(), CONDITIONS.join(", "));
        Err(self.error(name.span().start, format!("the condition '{found}'; one of {known} was expected")))
    }

    /// A change says where it is: exactly one of `places`, `regions` and `all`.
    fn somewhere(&self, spot: Where<'_>) -> Result<(), MovementError> {
        let given = [spot.places.is_some(), spot.regions.is_some(), spot.all.is_some()];
        if given.iter().filter(|g| **g).count() != 1 {
            return Err(self.error(spot.at, "exactly one of places, regions and all = true was expected"));
        }
        if spot.all.is_some_and(|all| !all.get_ref()) {
            return Err(self.error(spot.at, "all = false; all = true, places or regions was expected"));
        }
        if [spot.places, spot.regions].into_iter().flatten().any(Vec::is_empty) {
            return Err(self.error(spot.at, "an empty list; at least one name was expected"));
        }
        Ok(())
    }

    /// What ends comes after what begins, where both are days or both are dates; the rest is known with an instance.
    fn in_order(&self, from: &Spanned<When>, until: Option<&Spanned<When>>) -> Result<(), MovementError> {
        let Some(until) = until else { return Ok(()) };
        let ordered = match (from.get_ref(), until.get_ref()) {
            (When::Day(one), When::Day(two)) => one < two,
            (When::Date(one), When::Date(two)) => one < two,
            _ => true,
        };
        match ordered {
            true => Ok(()),
            false => {
                Err(self.error(until.span().start, "not after the day before it; a later day was expected"))
            }
        }
    }
}

#[cfg(test)]
mod tests;
