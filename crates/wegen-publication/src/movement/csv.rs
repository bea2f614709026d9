//! Tables of a simulation: each row carries the notice and where its numbers come from.

use wegen_model::Lang;
use wegen_movement::{Counted, Instance, Kind, ensemble::Quantiles};

use super::told::{Shown, Told};

/// Cells below this number of people are withheld where areas are published (rule R3).
pub(super) const SMALL: f64 = 10.0;

/// The columns that stand behind those of every table.
pub(super) const CARRIED: [&str; 2] = ["not_for_individual_decisions", "attribution"];

type Made = Result<Vec<u8>, String>;

/// A kind as tables name it.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::ConflictZone => "conflict-zone",
        Kind::Town => "town",
        Kind::Camp => "camp",
        Kind::IdpCamp => "idp-camp",
        Kind::ForwardingHub => "forwarding-hub",
        Kind::Marker => "marker",
    }
}

/// What a total is called in tables.
pub fn total(counted: Counted) -> &'static str {
    match counted {
        Counted::At(_) => "displaced-here",
        Counted::Travelling => "travelling",
        Counted::Home => "home-again-any-kind-of-return",
        Counted::Entered => "displaced-since-start",
        Counted::Unplaced => "registered-without-conflict",
        Counted::SetOut => "set-out-own-decision",
        Counted::Pushed => "set-out-pushed",
        Counted::Again => "displaced-again",
    }
}

fn table(head: &[&str], told: &Told, rows: impl Iterator<Item = Vec<String>>) -> Made {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| e.to_string();
    writer.write_record(head.iter().chain(&CARRIED)).map_err(fail)?;
    for row in rows {
        let carried = ["true".to_owned(), told.attribution.clone()];
        writer.write_record(row.iter().chain(&carried)).map_err(fail)?;
    }
    writer.into_inner().map_err(|e| e.to_string())
}

const NUMBERS: [&str; 6] = ["mean", "p05", "p25", "p50", "p75", "p95"];

fn numbers(quantiles: &Quantiles, day: usize) -> impl Iterator<Item = String> {
    let shown = |value: f64| format!("{}", (value * 10.0).round() / 10.0);
    [quantiles.mean[day]].into_iter().chain(quantiles.at.iter().map(move |q| q[day])).map(shown)
}

/// The name of an end of the conditions: empty where there is one.
fn end(ends: usize, at: usize) -> &'static str {
    match (ends, at) {
        (1, _) => "",
        (_, 0) => "low",
        _ => "high",
    }
}

/// `working/summary.csv`: every place on the last day.
pub fn summary(told: &Told) -> Made {
    let head: Vec<&str> = ["place", "region", "country", "kind", "capacity", "date", "registered", "end"]
        .into_iter()
        .chain(NUMBERS)
        .collect();
    let last = told.last_day();
    let date = told.instance.date(last).to_string();
    let rows = told.simulated.last.series.iter().flat_map(|band| {
        let Counted::At(place) = band.counted else { return Vec::new() };
        let l = &told.instance.locations[place];
        let registered = told.registered(place, last).map(|n| n.to_string()).unwrap_or_default();
        let row = |(at, q): (usize, &Quantiles)| {
            let named = [&l.name, &l.region, &l.country, kind(l.kind)].map(str::to_owned);
            let rest = [
                l.capacity.to_string(),
                date.clone(),
                registered.clone(),
                end(band.ends.len(), at).to_owned(),
            ];
            named.into_iter().chain(rest).chain(numbers(q, 0)).collect()
        };
        band.ends.iter().enumerate().map(row).collect::<Vec<Vec<String>>>()
    });
    table(&head, told, rows)
}

/// `working/series.csv`: camps and totals day by day.
pub fn series(told: &Told) -> Made {
    let head: Vec<&str> =
        ["day", "date", "counts", "place", "registered", "end"].into_iter().chain(NUMBERS).collect();
    let dates: Vec<String> = (0..told.instance.days).map(|d| told.instance.date(d).to_string()).collect();
    let rows = told.simulated.daily.series.iter().flat_map(|band| {
        let place = match band.counted {
            Counted::At(place) => Some(place),
            _ => None,
        };
        let name = place.map_or("", |p| told.instance.locations[p].name.as_str());
        let dates = &dates;
        band.ends.iter().enumerate().flat_map(move |(at, q)| {
            (0..told.instance.days).map(move |day| {
                let registered = place.and_then(|p| told.registered(p, day)).map(|n| n.to_string());
                let head = [day.to_string(), dates[day as usize].clone(), total(band.counted).to_owned()];
                let rest =
                    [name.to_owned(), registered.unwrap_or_default(), end(band.ends.len(), at).to_owned()];
                head.into_iter().chain(rest).chain(numbers(q, day as usize)).collect::<Vec<String>>()
            })
        })
    });
    table(&head, told, rows)
}

/// A month of an area as it may be published.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaMonth {
    /// Index of the area.
    pub area: usize,
    /// Index of the month.
    pub month: usize,
    /// The simulated number, or nothing where it is withheld.
    pub shown: Option<Shown>,
    /// The registered number, where there is one and nothing is withheld.
    pub registered: Option<u64>,
    /// Withheld: it, or an area within the same country, is smaller than may be published.
    pub withheld: bool,
}

/// Areas by month. Where an area has from 1 to 10 people, it is withheld with the totals that it could be worked out
/// of: of its country and of all. In months that begin after the last registration, which are forecasts, regions are
/// withheld and countries are shown (rule R5).
pub fn area_months(told: &Told) -> Vec<AreaMonth> {
    let s = &told.simulated;
    let counts = told.instance.registered.iter().filter_map(|r| r.series.points().last());
    let counted_until = counts.map(|(day, _)| *day).max();
    let mut all = Vec::new();
    for (month, at) in s.months.iter().enumerate() {
        let first = all.len();
        let begins = month.checked_sub(1).map_or(0, |m| i64::from(s.months[m].day) + 1);
        let forecast = counted_until.is_none_or(|last| begins > last);
        for (area, band) in s.monthly.series.iter().enumerate() {
            let shown = Shown::of(&band.ends, month);
            let counts: Option<Vec<u64>> =
                s.areas[area].scored.iter().map(|p| told.registered(*p, at.day)).collect();
            let registered = counts.filter(|c| !c.is_empty()).map(|c| c.iter().sum::<u64>());
            let small = |n: f64| n > 0.0 && n <= SMALL;
            let withheld =
                small(shown.median.0) || small(shown.median.1) || registered.is_some_and(|n| small(n as f64));
            all.push(AreaMonth { area, month, shown: Some(shown), registered, withheld });
        }
        // What a withheld area is part of is withheld as well; a country is no part of what its regions withhold as
        // forecasts.
        let small: Vec<usize> = all[first..].iter().filter(|m| m.withheld).map(|m| m.area).collect();
        for cell in &mut all[first..] {
            let own = &s.areas[cell.area];
            cell.withheld |= forecast && !own.region.is_empty();
            let holds = |part: &usize| {
                let part = &s.areas[*part];
                own.region.is_empty() && (own.country.is_empty() || own.country == part.country)
            };
            cell.withheld |= small.iter().any(holds);
            if cell.withheld {
                (cell.shown, cell.registered) = (None, None);
            }
        }
    }
    all
}

/// `published/months.csv`: areas at the ends of months, with interval and past error.
pub fn months(told: &Told) -> Made {
    let head = [
        "month",
        "country",
        "region",
        "registered",
        "median_low_end",
        "median_high_end",
        "p05",
        "p95",
        "withheld",
        "past_error_honest",
        "past_error_as_published",
    ];
    let error =
        |value: Option<f64>| value.filter(|v| v.is_finite()).map(|v| format!("{v:.3}")).unwrap_or_default();
    let honest = error(told.history.alone.as_ref().map(|a| a.error));
    let published = error(told.history.published.as_ref().map(|p| p.rescaled.mean));
    let rows = area_months(told).into_iter().map(|m| {
        let area = &told.simulated.areas[m.area];
        let number = |value: Option<f64>| value.map(|v| format!("{}", v.round())).unwrap_or_default();
        vec![
            told.simulated.months[m.month].label(),
            area.country.clone(),
            area.region.clone(),
            m.registered.map(|n| n.to_string()).unwrap_or_default(),
            number(m.shown.map(|s| s.median.0)),
            number(m.shown.map(|s| s.median.1)),
            number(m.shown.map(|s| s.wide.0)),
            number(m.shown.map(|s| s.wide.1)),
            if m.withheld { "true" } else { "" }.to_owned(),
            honest.clone(),
            published.clone(),
        ]
    });
    table(&head, told, rows)
}

/// `working/parameters.csv`: the values of each member.
pub fn parameters(told: &Told) -> Made {
    let names = told.parameters.names();
    let head: Vec<&str> = std::iter::once("member").chain(names.iter().map(String::as_str)).collect();
    let rows = (0..told.members).map(|member| {
        let values = told.parameters.draw(told.seed, member).into_iter().map(|v| v.to_string());
        std::iter::once(member.to_string()).chain(values).collect()
    });
    table(&head, told, rows)
}

/// The name of an area for readers.
pub fn area_name(area: &super::gather::Area, lang: Lang) -> String {
    match (area.country.is_empty(), area.region.is_empty()) {
        (true, _) => lang.text("movement-all-areas"),
        (false, true) => plain_name(&area.country),
        (false, false) => format!("{}, {}", plain_name(&area.region), plain_name(&area.country)),
    }
}

/// A name as files write it, for readers: instances write blanks as underscores.
pub fn plain_name(name: &str) -> String {
    name.replace('_', " ")
}

/// Whether an instance has registrations at any camp.
pub fn compared(instance: &Instance) -> bool {
    !instance.scored().is_empty()
}
