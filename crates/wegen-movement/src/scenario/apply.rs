//! A scenario over an instance: the changed instance, and what returns depend on.

use toml::Spanned;
use wegen_model::Interval;

use super::{ArrivalMode, Beyond, CampKind, Gate, NewCamp, Period, Scenario, When, Where, names, spot};
use crate::{
    Arrivals, CapacityChange, Closes, Closure, ConditionFrom, Distance, Forced, Instance, Kind, Link,
    Location, Model, MovementError, Push, ReturnSettings, StayFrom,
};

impl Scenario {
    /// The instance as the scenario changes it, and what returns depend on; `None` where the scenario has none.
    ///
    /// `method` brings the numbers and the conditions of the return method, with what is known of them by evidence.
    /// Notes on what was done are added to the instance's own.
    ///
    /// # Errors
    /// Names file and line: names that the instance does not have (with near ones), days outside its period,
    /// conditions that the method does not have, an arrival rate for which there is no history.
    pub fn apply(
        &self,
        instance: &Instance,
        method: &ReturnSettings,
    ) -> Result<(Instance, Option<ReturnSettings>), MovementError> {
        let mut applying = Applying { scenario: self, instance: instance.clone(), returns: method.clone() };
        applying.period()?;
        applying.arrivals(instance)?;
        applying.ceasefires()?;
        applying.agreements()?;
        applying.services()?;
        applying.camps()?;
        applying.capacities()?;
        applying.gates()?;
        applying.stays()?;
        applying.pushes()?;
        let Applying { instance, returns, .. } = applying;
        Ok((instance, self.returns().then_some(returns)))
    }
}

struct Applying<'s> {
    scenario: &'s Scenario,
    instance: Instance,
    returns: ReturnSettings,
}

impl Applying<'_> {
    fn error(&self, at: usize, message: impl Into<String>) -> MovementError {
        self.scenario.lines.error(at, message)
    }

    fn note(&mut self, at: usize, said: &str) {
        let lines = &self.scenario.lines;
        self.instance.notes.push(format!("{}: line {}: {said}", lines.file, lines.line(at)));
    }

    /// A day within the period.
    fn day(&self, when: &Spanned<When>) -> Result<u32, MovementError> {
        let day = self.any_day(when);
        u32::try_from(day).ok().filter(|d| *d < self.instance.days).ok_or_else(|| {
            let (first, last) = (self.instance.start, self.instance.date(self.instance.days - 1));
            let said = match when.get_ref() {
                When::Day(day) => format!("day {day}"),
                When::Date(date) => date.to_string(),
            };
            let message = format!(
                "{said}; a day of the period, 0 to {} ({first} to {last}), was expected",
                self.instance.days - 1
            );
            self.error(when.span().start, message)
        })
    }

    fn any_day(&self, when: &Spanned<When>) -> i64 {
        match when.get_ref() {
            When::Day(day) => *day,
            When::Date(date) => i64::from((*date - self.instance.start).get_days()),
        }
    }

    /// The day on which something ends that begins on `from`; beyond the period it lasts to its end.
    fn end(&self, from: u32, until: Option<&Spanned<When>>) -> Result<Option<u32>, MovementError> {
        let Some(until) = until else { return Ok(None) };
        let day = self.any_day(until);
        if day <= i64::from(from) {
            let message = format!("day {day}, and it begins on day {from}; a later day was expected");
            return Err(self.error(until.span().start, message));
        }
        Ok(Some(u32::try_from(day).unwrap_or(u32::MAX)))
    }

    fn place(&self, name: &Spanned<String>) -> Result<usize, MovementError> {
        names::place(&self.instance, name.get_ref()).ok_or_else(|| {
            let known = self.instance.locations.iter().map(|l| l.name.as_str());
            let near = names::near(name.get_ref(), known);
            self.error(name.span().start, format!("'{}' is no place of this instance{near}", name.get_ref()))
        })
    }

    fn country(&self, name: &Spanned<String>) -> Result<String, MovementError> {
        names::country(&self.instance, name.get_ref()).ok_or_else(|| {
            let known = self.instance.locations.iter().map(|l| l.country.as_str());
            let near = names::near(name.get_ref(), known);
            self.error(
                name.span().start,
                format!("'{}' is no country of this instance{near}", name.get_ref()),
            )
        })
    }

    /// The places of a change, each once. `all` means every place of the home country.
    fn places(&self, spot: Where<'_>) -> Result<Vec<usize>, MovementError> {
        let mut found = Vec::new();
        for name in spot.places.into_iter().flatten() {
            found.push(self.place(name)?);
        }
        for name in spot.regions.into_iter().flatten() {
            let within = names::region(&self.instance, name.get_ref());
            if within.is_empty() {
                let near =
                    names::near(name.get_ref(), self.instance.locations.iter().map(|l| l.region.as_str()));
                let message = format!("'{}' is no region of this instance{near}", name.get_ref());
                return Err(self.error(name.span().start, message));
            }
            found.extend(within);
        }
        if spot.all.is_some() {
            found.extend((0..self.instance.locations.len()).filter(|p| !self.instance.is_foreign(*p)));
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    fn camp(&self, name: &Spanned<String>) -> Result<usize, MovementError> {
        let place = self.place(name)?;
        match self.instance.locations[place].kind.is_camp() {
            true => Ok(place),
            false => Err(self
                .error(name.span().start, format!("'{}' is no camp; a camp was expected", name.get_ref()))),
        }
    }

    fn condition(&self, name: &Spanned<String>) -> Result<usize, MovementError> {
        self.returns.conditions.iter().position(|c| c == name.get_ref()).ok_or_else(|| {
            let known = self.returns.conditions.join(", ");
            let message = format!("the method has no condition '{}'; it has {known}", name.get_ref());
            self.error(name.span().start, message)
        })
    }

    fn period(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        let Some(period) = &scenario.changes.period else { return Ok(()) };
        let (at, Period { extend_days, conflict, last_days }) = (period.span().start, period.get_ref());
        let (before, more) = (self.instance.days, *extend_days.get_ref());
        let Some(days) = before.checked_add(more).filter(|d| *d <= Instance::MOST_DAYS) else {
            let most = Instance::MOST_DAYS;
            let message = format!("{more} days more than {before}; at most {most} together were expected");
            return Err(self.error(extend_days.span().start, message));
        };
        let last = last_days.as_ref().map_or(0, |d| *d.get_ref());
        if last > before {
            let here = last_days.as_ref().map_or(at, |d| d.span().start);
            return Err(
                self.error(here, format!("the last {last} days of {before}; at most {before} were expected"))
            );
        }
        for place in 0..self.instance.locations.len() {
            let Some(series) = conflict_of(&mut self.instance, place) else { continue };
            series.resize(before as usize, 0.0);
            for day in 0..more {
                series.push(match conflict.get_ref() {
                    Beyond::None => 0.0,
                    Beyond::RepeatLast => series[(before - last + day % last) as usize],
                });
            }
        }
        self.instance.days = days;
        let said = match conflict.get_ref() {
            Beyond::None => format!("{more} days follow the evidence, without conflict"),
            Beyond::RepeatLast => {
                format!("{more} days follow the evidence; the conflict of its last {last} days is repeated")
            }
        };
        self.note(at, &said);
        if matches!(self.instance.settings.arrivals, Arrivals::Registered { .. })
            && self.scenario.changes.arrivals.is_none()
        {
            self.note(
                at,
                "arrivals are as registered, and no registrations follow: nobody is displaced in these days",
            );
        }
        Ok(())
    }

    fn arrivals(&mut self, before: &Instance) -> Result<(), MovementError> {
        let scenario = self.scenario;
        let Some(arrivals) = &scenario.changes.arrivals else { return Ok(()) };
        let at = arrivals.span().start;
        let registered = match before.settings.arrivals {
            Arrivals::Registered { .. } => before.settings.arrivals,
            _ => Arrivals::Registered { sum_from_camps: before.total.is_none() },
        };
        match (arrivals.get_ref().mode, &arrivals.get_ref().history_until) {
            (ArrivalMode::AsRegistered, _) | (ArrivalMode::Hazard, None) => {
                self.instance.settings.arrivals = registered;
                if self.instance.days > before.days {
                    self.note(
                        at,
                        "arrivals are as registered, and none are registered after the evidence ends",
                    );
                }
            }
            (ArrivalMode::Hazard, Some(until)) => {
                let last = self.day(until)?;
                if last >= before.days {
                    let message =
                        format!("day {last}; a day of the history, 0 to {}, was expected", before.days - 1);
                    return Err(self.error(until.span().start, message));
                }
                let rate = arrival_rate(before, registered, last)
                    .map_err(|message| self.error(until.span().start, message))?;
                self.instance.settings.arrivals = Arrivals::Hazard { rate };
                let said = format!(
                    "arrivals are {rate:.3e} a day of population times intensity, as registered up to day {last}; \
                     this holds for the whole period, its history included"
                );
                self.note(at, &said);
            }
        }
        Ok(())
    }

    fn ceasefires(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.ceasefire {
            let places = self.places(spot(change))?;
            let from = self.day(&change.get_ref().from)?;
            let until =
                self.end(from, change.get_ref().until.as_ref())?.unwrap_or(u32::MAX).min(self.instance.days);
            let factor = change.get_ref().factor.as_ref().map_or(0.0, |f| *f.get_ref());
            for place in places {
                self.scale_conflict(place, from, until, factor);
            }
        }
        Ok(())
    }

    fn scale_conflict(&mut self, place: usize, from: u32, until: u32, factor: f64) {
        let days = self.instance.days as usize;
        if let Some(series) = conflict_of(&mut self.instance, place) {
            series.resize(days, 0.0);
            series[from as usize..until as usize].iter_mut().for_each(|intensity| *intensity *= factor);
        }
    }

    fn agreements(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.agreement {
            let places = self.places(spot(change))?;
            let agreement = change.get_ref();
            let mut steps: Vec<(u32, f64)> = Vec::new();
            for step in &agreement.implementation {
                let step = step.get_ref();
                let from = self.day(&step.from)?;
                if steps.last().is_some_and(|(before, _)| from <= *before) {
                    let message = format!("day {from}; a day after the step before it was expected");
                    return Err(self.error(step.from.span().start, message));
                }
                steps.push((from, *step.share.get_ref()));
            }
            let mut promises = Vec::new();
            for promise in &agreement.condition {
                promises.push((self.condition(&promise.get_ref().condition)?, promise.get_ref().met.0));
            }
            let lowers = agreement.lowers.as_ref().map_or(0.0, |l| *l.get_ref());
            for (i, (from, share)) in steps.iter().enumerate() {
                let until = steps.get(i + 1).map_or(self.instance.days, |(next, _)| *next);
                for place in &places {
                    self.scale_conflict(*place, *from, until, 1.0 - lowers * share);
                    for (condition, full) in &promises {
                        // What is not implemented is as open as it would be without the agreement.
                        let met = Interval { low: share * full.low, high: 1.0 - share * (1.0 - full.high) };
                        let known = ConditionFrom { place: *place, condition: *condition, day: *from, met };
                        self.returns.met.push(known);
                    }
                }
            }
        }
        Ok(())
    }

    fn services(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.service {
            let places = self.places(spot(change))?;
            let service = change.get_ref();
            let condition = self.condition(&service.condition)?;
            let from = self.day(&service.from)?;
            let until = self.end(from, service.until.as_ref())?;
            for place in places {
                let ends = until.map(|day| ConditionFrom {
                    place,
                    condition,
                    day,
                    met: self.returns.met(place, condition, day),
                });
                self.returns.met.push(ConditionFrom { place, condition, day: from, met: service.met.0 });
                self.returns.met.extend(ends);
            }
        }
        Ok(())
    }

    fn camps(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.camp {
            let NewCamp { name, kind, region, country, latitude, longitude, capacity, from, until, links } =
                change.get_ref();
            if names::place(&self.instance, name.get_ref()).is_some() {
                let message = format!("a new camp '{}', and there is a place of this name", name.get_ref());
                return Err(self.error(name.span().start, message));
            }
            let place = self.instance.locations.len();
            let (from, kind) =
                (self.day(from)?, if *kind == CampKind::Camp { Kind::Camp } else { Kind::IdpCamp });
            let until = self.end(from, until.as_ref())?;
            let country = names::country(&self.instance, country.get_ref())
                .unwrap_or_else(|| country.get_ref().trim().to_owned());
            let mut new = Vec::new();
            for link in links.get_ref() {
                new.push(Link {
                    from: self.place(&link.get_ref().to)?,
                    to: place,
                    metres: crate::network::metres(*link.get_ref().km.get_ref()),
                    forced: Forced::No,
                    max_move_speed: None,
                    walk_probability: 0.0,
                    distance: Distance::Given,
                });
            }
            self.instance.locations.push(Location {
                name: name.get_ref().trim().to_owned(),
                region: region.trim().to_owned(),
                country,
                latitude: *latitude.get_ref(),
                longitude: *longitude.get_ref(),
                kind,
                conflict_from: 0,
                population: 0,
                capacity: *capacity,
                attributes: std::collections::BTreeMap::new(),
            });
            self.instance.conflicts.push(None);
            self.instance.links.extend(new);
            if from > 0 {
                let before = Closure { what: Closes::Place(place), start: 0, end: Some(i64::from(from)) };
                self.instance.closures.push(before);
            }
            if let Some(until) = until {
                let what = closes_camp(kind, place);
                self.instance.closures.push(Closure { what, start: i64::from(until), end: None });
            }
        }
        Ok(())
    }

    fn capacities(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.capacity {
            let change = change.get_ref();
            let (place, day) = (self.camp(&change.camp)?, self.day(&change.from)?);
            // Of two changes on one day the later entry stands.
            self.instance.capacities.retain(|c| (c.place, c.day) != (place, day));
            self.instance.capacities.push(CapacityChange { place, day, capacity: change.capacity });
        }
        Ok(())
    }

    fn gates(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.close {
            let what = self.gate(change.get_ref())?;
            let start = self.day(&change.get_ref().from)?;
            let end = self.end(start, change.get_ref().until.as_ref())?;
            self.instance.closures.push(Closure { what, start: i64::from(start), end: end.map(i64::from) });
        }
        for change in &scenario.changes.open {
            let what = self.gate(change.get_ref())?;
            let from = self.day(&change.get_ref().from)?;
            let until = self.end(from, change.get_ref().until.as_ref())?.map(i64::from);
            if !self.open(&what, i64::from(from), until) {
                self.note(
                    change.span().start,
                    "opened, and it is not closed on these days: this changes nothing",
                );
            }
        }
        Ok(())
    }

    fn gate(&self, gate: &Gate) -> Result<Closes, MovementError> {
        if let Some(pair) = &gate.border
            && let [one, two] = pair.get_ref().as_slice()
        {
            return Ok(Closes::Border(self.country(one)?, self.country(two)?));
        }
        if let Some(pair) = &gate.link
            && let [one, two] = pair.get_ref().as_slice()
        {
            let (a, b) = (self.place(one)?, self.place(two)?);
            let between = |l: &Link| (l.from, l.to) == (a, b) || (l.from, l.to) == (b, a);
            if !self.instance.links.iter().any(between) {
                let message = format!("no link between '{}' and '{}'", one.get_ref(), two.get_ref());
                return Err(self.error(pair.span().start, message));
            }
            return Ok(Closes::Link(a, b));
        }
        if let Some(name) = &gate.camp {
            let place = self.camp(name)?;
            return Ok(closes_camp(self.instance.locations[place].kind, place));
        }
        match &gate.place {
            Some(name) => Ok(Closes::Place(self.place(name)?)),
            None => Err(self.error(gate.from.span().start, "border, link, place or camp was expected")),
        }
    }

    /// Takes days out of all closures of the same thing; `false` where none held on them.
    fn open(&mut self, what: &Closes, from: i64, until: Option<i64>) -> bool {
        let mut changed = false;
        let mut closures = Vec::new();
        for closure in std::mem::take(&mut self.instance.closures) {
            let overlaps =
                closure.end.is_none_or(|end| from < end) && until.is_none_or(|until| closure.start < until);
            if !(overlaps && same(&closure.what, what)) {
                closures.push(closure);
                continue;
            }
            changed = true;
            if closure.start < from {
                closures.push(Closure { end: Some(from), ..closure.clone() });
            }
            if let Some(until) = until.filter(|until| closure.end.is_none_or(|end| *until < end)) {
                closures.push(Closure { start: until, ..closure });
            }
        }
        self.instance.closures = closures;
        changed
    }

    fn stays(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.stay {
            let places = self.places(spot(change))?;
            let (stay, day) = (change.get_ref(), self.day(&change.get_ref().from)?);
            let met = stay.met.0;
            self.returns.stay.extend(places.into_iter().map(|place| StayFrom {
                place,
                day,
                met,
                pushed: stay.pushed,
            }));
        }
        Ok(())
    }

    fn pushes(&mut self) -> Result<(), MovementError> {
        let scenario = self.scenario;
        for change in &scenario.changes.push {
            let places = self.places(spot(change))?;
            let push = change.get_ref();
            let day = self.day(&push.from)?;
            let until = self.end(day, push.until.as_ref())?;
            let daily = *push.daily.get_ref();
            self.returns.pushes.extend(places.into_iter().map(|place| Push { place, day, until, daily }));
        }
        Ok(())
    }
}

fn closes_camp(kind: Kind, place: usize) -> Closes {
    if kind == Kind::IdpCamp { Closes::IdpCamp(place) } else { Closes::Camp(place) }
}

/// Whether two closures close the same, whichever end is named first.
fn same(one: &Closes, two: &Closes) -> bool {
    match (one, two) {
        (Closes::Border(a, b), Closes::Border(c, d)) => (a, b) == (c, d) || (a, b) == (d, c),
        (Closes::Link(a, b), Closes::Link(c, d)) => (a, b) == (c, d) || (a, b) == (d, c),
        (Closes::Camp(a) | Closes::IdpCamp(a), Closes::Camp(b) | Closes::IdpCamp(b)) => a == b,
        _ => one == two,
    }
}

/// The conflict days of a place, made from the day its conflict begins where it has no series; `None` for a place
/// without conflict.
fn conflict_of(instance: &mut Instance, place: usize) -> Option<&mut Vec<f64>> {
    if instance.conflicts[place].is_none() && instance.locations[place].kind == Kind::ConflictZone {
        instance.conflicts[place] =
            Some((0..instance.days).map(|day| instance.intensity(place, day)).collect());
    }
    instance.conflicts[place].as_mut()
}

/// Persons displaced a day of population × intensity × decay, up to and with a day: by registrations, over what they
/// could come from.
pub(super) fn arrival_rate(instance: &Instance, registered: Arrivals, last: u32) -> Result<f64, String> {
    let mut history = instance.clone();
    history.settings.arrivals = registered;
    let model = Model::new(&history, None).map_err(|e| e.to_string())?;
    let displaced: u64 = model.arrivals().iter().take(last as usize + 1).sum();
    let mut exposed = 0.0;
    for (place, location) in history.locations.iter().enumerate() {
        let mut since = None;
        for day in 0..=last {
            let intensity = history.intensity(place, day);
            since = if intensity > 0.0 { since.or(Some(day)) } else { None };
            if let Some(since) = since {
                let decay = history.settings.decay(i64::from(day - since));
                exposed += location.population as f64 * intensity * decay;
            }
        }
    }
    if exposed <= 0.0 {
        return Err("no conflict in this history, so no rate of displacement follows from it".to_owned());
    }
    if displaced == 0 {
        return Err(
            "nobody is registered in this history, so no rate of displacement follows from it".to_owned()
        );
    }
    Ok(displaced as f64 / exposed)
}
