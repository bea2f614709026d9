//! Two scenarios side by side, member by member: the same random numbers on both sides, so that a difference is what
//! the scenarios differ in and not chance.

use wegen_movement::scores::{in_order, quantile};
use wegen_movement::{Counted, Job, Keep, MovementError, Outcome};

use super::csv::{CARRIED, SMALL, plain_name, total};
use super::gather::{Area, Gather, Month, months, shown};

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// A camp, by name.
    Camp(String),
    /// Camps with registrations in an area.
    Area(Area),
    /// A total. Returns by own decision and by being pushed are two, and are never added.
    Total(Counted),
}

/// One side: where its numbers stand in an outcome.
#[derive(Debug, Clone)]
pub struct Side {
    ends: usize,
    /// Rows that are summed, by what is compared.
    rows: Vec<Vec<usize>>,
    days: Vec<u32>,
}

/// Two jobs that are compared.
#[derive(Debug, Clone)]
pub struct Paired {
    /// What is compared.
    pub what: Vec<Compared>,
    /// At the ends of which months.
    pub months: Vec<Month>,
    /// The two sides.
    pub sides: [Side; 2],
}

/// The second less the first, over members.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// An index of [`Paired::what`].
    pub what: usize,
    /// An index of [`Paired::months`].
    pub month: usize,
    /// Medians of either side, over both ends of the conditions.
    pub medians: [(f64, f64); 2],
    /// The median difference, over both ends.
    pub median: (f64, f64),
    /// The central 90 % of differences, over both ends.
    pub wide: (f64, f64),
}

impl Paired {
    /// Pairs two jobs that keep all places: camps and months that both have.
    ///
    /// # Errors
    /// Jobs with another seed or another first day: their members do not belong together.
    pub fn new(a: &Job, b: &Job) -> Result<Paired, MovementError> {
        // Rates of returns are drawn by name, so a side without returns draws the rest alike.
        let drawn = |job: &Job| {
            job.names.iter().filter(|n| !n.starts_with("return.")).cloned().collect::<Vec<String>>()
        };
        let alike = a.seed == b.seed && a.instance.start == b.instance.start && drawn(a) == drawn(b);
        if !alike || a.keep != Keep::Places || b.keep != Keep::Places {
            return Err(MovementError::Instance(
                "two scenarios over one instance, with one seed and the same parameters, were expected"
                    .to_owned(),
            ));
        }
        let (jobs, first) = ([a, b], &a.instance);
        let mut what: Vec<Compared> = Vec::new();
        let mut rows: [Vec<Vec<usize>>; 2] = Default::default();
        for camp in shown(first) {
            let name = &first.locations[camp].name;
            if let Some(other) = b.instance.place(name) {
                what.push(Compared::Camp(name.clone()));
                rows[0].push(vec![camp]);
                rows[1].push(vec![other]);
            }
        }
        for area in Gather::areas_of(first) {
            let other: Option<Vec<usize>> =
                area.scored.iter().map(|p| b.instance.place(&first.locations[*p].name)).collect();
            if let Some(other) = other {
                rows[0].push(area.scored.clone());
                rows[1].push(other);
                what.push(Compared::Area(area));
            }
        }
        let returns = a.returns.is_some() || b.returns.is_some();
        for (at, counted) in Counted::TOTALS.into_iter().enumerate() {
            let of_returns = !matches!(counted, Counted::Travelling | Counted::Entered | Counted::Unplaced);
            if counted == Counted::Unplaced || of_returns && !returns {
                continue;
            }
            what.push(Compared::Total(counted));
            for (job, rows) in jobs.iter().zip(&mut rows) {
                rows.push(vec![job.instance.locations.len() + at]);
            }
        }
        let (mine, other) = (months(first), months(&b.instance));
        let both: Vec<Month> = mine.into_iter().filter(|m| other.contains(m)).collect();
        let [first_rows, second_rows] = rows;
        let side =
            |job: &Job, rows| Side { ends: job.ends(), rows, days: both.iter().map(|m| m.day).collect() };
        Ok(Paired { what, sides: [side(a, first_rows), side(b, second_rows)], months: both })
    }

    /// Differences from the reduced outcomes of both sides, in the order of members.
    pub fn differences(&self, a: &[Vec<i64>], b: &[Vec<i64>]) -> Vec<Difference> {
        let cells = self.what.len() * self.months.len();
        let ends = self.sides[0].ends.max(self.sides[1].ends);
        let value = |side: usize, member: &[i64], end: usize, cell: usize| -> f64 {
            member.get(end.min(self.sides[side].ends - 1) * cells + cell).copied().unwrap_or(0) as f64
        };
        let over = |of: &dyn Fn(usize) -> Vec<f64>, low: f64, high: f64| -> (f64, f64) {
            (0..ends)
                .map(|end| in_order(&of(end)))
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), sorted| {
                    (l.min(quantile(&sorted, low)), h.max(quantile(&sorted, high)))
                })
        };
        let one = |cell: usize| {
            let alone = |side: usize, members: &[Vec<i64>]| {
                over(&|end| members.iter().map(|m| value(side, m, end, cell)).collect(), 0.5, 0.5)
            };
            let apart = |end: usize| -> Vec<f64> {
                a.iter().zip(b).map(|(a, b)| value(1, b, end, cell) - value(0, a, end, cell)).collect()
            };
            Difference {
                what: cell / self.months.len(),
                month: cell % self.months.len(),
                medians: [alone(0, a), alone(1, b)],
                median: over(&apart, 0.5, 0.5),
                wide: over(&apart, 0.05, 0.95),
            }
        };
        (0..cells).map(one).collect()
    }
}

impl Side {
    /// What is kept of an outcome: by end, by what is compared, by month.
    pub fn reduce(&self, outcome: &Outcome) -> Vec<i64> {
        let cell = |rows: &[Vec<u64>], sum: &[usize], day: u32| -> i64 {
            let at =
                |row: &usize| rows.get(*row).and_then(|r| r.get(day as usize)).copied().unwrap_or(0) as i64;
            sum.iter().map(at).sum()
        };
        let mut kept = Vec::new();
        for trace in &outcome.ends {
            for sum in &self.rows {
                kept.extend(self.days.iter().map(|day| cell(&trace.rows, sum, *day)));
            }
        }
        kept
    }
}

/// Differences as CSV: with camps for the analyst, of areas and totals alone for publication. Areas in which either
/// side has from 1 to 10 people are left out there.
///
/// # Errors
/// What the writer says.
pub fn differences_csv(
    paired: &Paired,
    differences: &[Difference],
    names: [&str; 2],
    attribution: &str,
    camps: bool,
) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| e.to_string();
    let head = [
        "month",
        "counts",
        "country",
        "region",
        "place",
        "a",
        "b",
        "median_a_low_end",
        "median_a_high_end",
        "median_b_low_end",
        "median_b_high_end",
        "difference_median_low_end",
        "difference_median_high_end",
        "difference_p05",
        "difference_p95",
    ];
    writer.write_record(head.iter().chain(&CARRIED)).map_err(fail)?;
    let small = |(low, high): (f64, f64)| (0.0 < low && low <= SMALL) || (0.0 < high && high <= SMALL);
    for d in differences {
        let what = &paired.what[d.what];
        let (counts, country, region, place) = match what {
            Compared::Camp(_) if !camps => continue,
            Compared::Area(_) if !camps && d.medians.iter().any(|m| small(*m)) => continue,
            Compared::Camp(name) => ("displaced-here", "", "", plain_name(name)),
            Compared::Area(area) => {
                ("displaced-here", area.country.as_str(), area.region.as_str(), String::new())
            }
            Compared::Total(counted) => (total(*counted), "", "", String::new()),
        };
        let numbers =
            [d.medians[0], d.medians[1], d.median, d.wide].into_iter().flat_map(|(low, high)| [low, high]);
        let month = paired.months[d.month].label();
        let first = [month.as_str(), counts, country, region, &place, names[0], names[1]].map(str::to_owned);
        let carried = ["true".to_owned(), attribution.to_owned()];
        let row = first.into_iter().chain(numbers.map(|n| format!("{}", n.round()))).chain(carried);
        writer.write_record(row).map_err(fail)?;
    }
    writer.into_inner().map_err(|e| e.to_string())
}
