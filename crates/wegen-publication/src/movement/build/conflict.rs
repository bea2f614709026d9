//! Conflict days of areas from events: of areas where they are held, else of the country as a whole.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use wegen_ledger::Row;
use wegen_model::{Code, Event, Join, Period, crosswalk};

use crate::conditions::AreaTree;

/// The source of events by area.
pub(super) const EVENTS: &str = "ucdp-ged";

/// From this many deaths in a year UCDP speaks of an active conflict.
const ACTIVE: f64 = 25.0;
/// From this many of a war.
const WAR: f64 = 1000.0;

/// The period of an instance.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub(super) start: Date,
    pub(super) days: u32,
}

impl Days {
    /// The years from the first of January of one to the last of December of another.
    pub(super) fn of_years(from: i32, to: i32) -> Option<Days> {
        let (from, to) = (i16::try_from(from).ok()?, i16::try_from(to).ok()?);
        let (start, end) = (Date::new(from, 1, 1).ok()?, Date::new(to, 12, 31).ok()?);
        let days = u32::try_from((end - start).get_days()).ok()?.checked_add(1)?;
        Some(Days { start, days })
    }

    pub(super) fn day(self, at: Date) -> i64 {
        i64::from((at - self.start).get_days())
    }

    /// The first and the last day of a period, within the instance or not.
    fn span(self, period: Period) -> (i64, i64) {
        let year = i16::try_from(period.year()).unwrap_or(i16::MAX).clamp(1, 9998);
        let (first, last) = match (period.month(), period.day()) {
            (Some(month), Some(day)) => {
                let at = Date::new(year, month, day).unwrap_or(date(year, 1, 1));
                (at, at)
            }
            (Some(month), None) => {
                let at = Date::new(year, month, 1).unwrap_or(date(year, 1, 1));
                (at, at.last_of_month())
            }
            (None, _) => (date(year, 1, 1), date(year, 12, 31)),
        };
        (self.day(first), self.day(last))
    }
}

/// What was made of events.
#[derive(Default)]
pub(super) struct Counted {
    /// Intensity by area and day.
    pub(super) intensity: Vec<Vec<f64>>,
    /// Events dated to a day, a month and a year.
    pub(super) by_day: u64,
    pub(super) by_month: u64,
    pub(super) by_year: u64,
    /// Events that name no area, or one that leads to none.
    pub(super) nowhere: u64,
    /// Events that could lie in more than one area, and count in each.
    pub(super) several: u64,
}

/// Intensity 1 on the days of events and for `window` days from each. Events that are dated to a month or a year are
/// spread evenly over its days.
pub(super) fn of_events(
    events: &[Row<Event>],
    tree: &AreaTree,
    areas: &[Code],
    days: Days,
    window: u32,
) -> Counted {
    let mut counted =
        Counted { intensity: vec![vec![0.0; days.days as usize]; areas.len()], ..Counted::default() };
    let mut groups: BTreeMap<(Vec<usize>, Period), u64> = BTreeMap::new();
    for event in events.iter().map(|row| &row.value) {
        let (first, last) = days.span(event.period);
        if last < 0 || first >= i64::from(days.days) {
            continue;
        }
        let number = u64::from(event.events);
        let places = areas_of(event, tree, areas);
        if places.is_empty() {
            counted.nowhere += number;
            continue;
        }
        match (event.period.month(), event.period.day()) {
            (Some(_), Some(_)) => counted.by_day += number,
            (Some(_), None) => counted.by_month += number,
            (None, _) => counted.by_year += number,
        }
        if places.len() > 1 {
            counted.several += number;
        }
        *groups.entry((places, event.period)).or_default() += number;
    }
    for ((places, period), number) in groups {
        let (first, last) = days.span(period);
        let length = last - first + 1;
        let number = i64::try_from(number).unwrap_or(i64::MAX).min(length);
        for k in 0..number {
            // The middle of the k-th of equal parts of the period.
            let at = first + (2 * k + 1) * length / (2 * number);
            for day in at..at + i64::from(window) {
                let Some(day) = usize::try_from(day).ok().filter(|d| *d < days.days as usize) else {
                    continue;
                };
                places.iter().for_each(|place| counted.intensity[*place][day] = 1.0);
            }
        }
    }
    counted
}

/// The areas that an event lies in, or in one of which it lies.
fn areas_of(event: &Event, tree: &AreaTree, areas: &[Code]) -> Vec<usize> {
    let named: Vec<Code> =
        match event.area.as_deref().and_then(|n| crosswalk().join(EVENTS, tree.country(), n)) {
            Some(Join::Area(code)) => vec![*code],
            Some(Join::Part(codes)) => codes.clone(),
            Some(Join::None(_)) | None => Vec::new(),
        };
    let lies =
        |area: &Code| named.iter().any(|code| tree.lies_in(*code, *area) || tree.lies_in(*area, *code));
    areas.iter().enumerate().filter(|(_, area)| lies(area)).map(|(i, _)| i).collect()
}

/// The intensity of a year of which only the country's deaths are known.
pub(super) fn of_deaths(deaths: f64) -> f64 {
    match deaths >= ACTIVE {
        true => ((deaths / WAR).min(1.0) * 1000.0).round() / 1000.0,
        false => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wegen_ledger::{RecordId, SnapshotId};
    use wegen_model::{Locator, RecordKind, Violence};

    fn event(period: &str, area: Option<&str>, events: u32) -> Row<Event> {
        let snapshot: SnapshotId = "00".repeat(32).parse().unwrap();
        Row {
            record: RecordId { snapshot, kind: RecordKind::Event, n: 0 },
            value: Event {
                id: None,
                period: period.parse().unwrap(),
                place: Code::new("SYR").unwrap(),
                area: area.map(Into::into),
                violence: Violence::StateBased,
                precision: 1,
                best: 1,
                low: 1,
                high: 1,
                civilians: 0,
                events,
                locator: Locator { part: 0, row: 0, column: 0 },
            },
        }
    }

    fn counted(events: &[Row<Event>], window: u32) -> Counted {
        let areas = ["SY02", "SY07"].map(|c| Code::new(c).unwrap());
        of_events(
            events,
            &AreaTree::built_in(Code::new("SYR").unwrap()),
            &areas,
            Days::of_years(2016, 2017).unwrap(),
            window,
        )
    }

    #[test]
    fn a_day_is_a_day_and_a_year_is_spread_evenly() {
        let events = [
            event("2016-03-01", Some("Aleppo Governorate"), 9),
            event("2017", Some("Idlib Governorate"), 5),
            event("2016-02", Some("Idlib Governorate"), 2),
            event("2016", None, 40),
            event("2016", Some("Aleppo Governorate"), 0),
            event("2019", Some("Aleppo Governorate"), 300),
        ];
        let all = counted(&events, 1);
        let days =
            |area: usize| -> Vec<usize> { (0..731).filter(|d| all.intensity[area][*d] > 0.0).collect() };
        assert_eq!(days(0), [60]);
        // Two of February 2016, which has 29 days from day 31; five of the 365 days from day 366.
        assert_eq!(days(1), [38, 52, 402, 475, 548, 621, 694]);
        assert_eq!((all.by_day, all.by_month, all.by_year, all.nowhere), (9, 2, 5, 40));
        let weeks = counted(&events, 7);
        assert_eq!(weeks.intensity[0].iter().sum::<f64>(), 7.0);
    }

    #[test]
    fn more_events_than_days_are_every_day() {
        let all = counted(&[event("2016", Some("Aleppo Governorate"), 5000)], 1);
        assert!(all.intensity[0][..366].iter().all(|i| *i == 1.0));
        assert!(all.intensity[0][366..].iter().all(|i| *i == 0.0));
    }

    #[test]
    fn deaths_of_a_year_are_an_intensity_between_a_conflict_and_a_war() {
        let all = [0.0, 24.0, 25.0, 500.0, 72_013.0].map(of_deaths);
        assert_eq!(all, [0.0, 0.0, 0.025, 0.5, 1.0]);
    }
}
