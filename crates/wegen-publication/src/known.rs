//! What an edition holds on a country: source by source, for which period, and since when.
//!
//! What another country's file brings does not change it: it goes by the records on the country alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use wegen_ledger::{Evidence, LedgerError, RecordFilter, RecordId, Snapshot, SnapshotId};
use wegen_model::{Asked, Code, Lang, Period, Span};

/// Sources whose rows bear the code of a country, in the order in which a country report tells of them.
pub(crate) const SOURCES: [&str; 12] = [
    "unhcr-population",
    "idmc",
    "unhcr-asylum-applications",
    "unhcr-asylum-decisions",
    "ucdp-country-year",
    "ucdp-ged",
    "iom-missing-migrants",
    "worldbank-wdi",
    "owid-jmp",
    "inform-risk",
    "ophi-mpi",
    "ocha-hno",
];

/// What a source says of a country: the period of its rows, from the first to the last, and where they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) first: Period,
    pub(crate) last: Period,
    /// The months that declared coverage holds of the country, from the first to the last.
    pub(crate) covered: Option<Span>,
    pub(crate) snapshots: BTreeSet<SnapshotId>,
}

/// What each source says of a country, by source.
pub(crate) type AllKnown = BTreeMap<&'static str, Known>;

/// What each source says of a country, by source; one that says nothing is left out.
///
/// # Errors
/// The ledger's.
pub(crate) fn known(evidence: Evidence<'_>, country: Code) -> Result<Arc<AllKnown>, LedgerError> {
    evidence.kept(format!("known {country}"), |_| 4096, || read(evidence, country))
}

fn read(evidence: Evidence<'_>, country: Code) -> Result<AllKnown, LedgerError> {
    let mut all = BTreeMap::new();
    for source in SOURCES {
        if evidence.edition().of(source).is_empty() {
            continue;
        }
        let filter = RecordFilter::of(source).place(country);
        let rows: Vec<(RecordId, Period)> = match source {
            "ucdp-ged" => evidence.events(&filter)?.iter().map(|r| (r.record, r.value.period)).collect(),
            "iom-missing-migrants" => {
                let year = |year: i32| Period::of_year(i16::try_from(year).ok()?);
                let rows = evidence.incidents(&filter)?.into_iter();
                rows.filter_map(|r| Some((r.record, year(r.value.year)?))).collect()
            }
            _ => {
                let rows = evidence.shared_observations(&filter)?;
                rows.iter().map(|r| (r.record, r.value.period)).collect()
            }
        };
        let periods = || rows.iter().map(|(_, period)| *period);
        let Some((first, last)) = periods().min().zip(periods().max()) else { continue };
        let snapshots = rows.iter().map(|(record, _)| record.snapshot).collect();
        let asked = Asked { country: Some(country), ..Asked::default() };
        // Incidents on routes are covered for the whole world.
        let asked = if source == "iom-missing-migrants" { Asked::default() } else { asked };
        let months = evidence.months_of(source, None, asked)?;
        let ends =
            months.iter().filter_map(|m| m.first()).min().zip(months.iter().filter_map(|m| m.last()).max());
        let covered = ends.and_then(|(first, last)| Span::between(first, last));
        all.insert(source, Known { first, last, covered, snapshots });
    }
    Ok(all)
}

impl Known {
    /// The period in words: what is covered; and that of the rows, where coverage is not known or rows lie outside it,
    /// as those of a file that does not say what it covers.
    pub(crate) fn period(&self, lang: Lang) -> String {
        let rows = || {
            let period = match self.first == self.last {
                true => lang.period(self.last),
                false => format!("{} – {}", lang.period(self.first), lang.period(self.last)),
            };
            lang.text_with("period-of-rows", &[("period", &period)])
        };
        let outside =
            |covered: Span| [self.first, self.last].map(Span::of).iter().any(|p| p.both(covered).is_none());
        match self.covered {
            None => rows(),
            Some(covered) if outside(covered) => format!("{}; {}", covered.text(lang), rows()),
            Some(covered) => covered.text(lang),
        }
    }
}

/// The day that an edition speaks of for a country: that of `as of`, else the one on which the newest of what it holds
/// on the country was recorded. `None` where it holds nothing.
pub(crate) fn day(evidence: Evidence<'_>, known: &AllKnown) -> Option<Date> {
    let edition = evidence.edition();
    let ids: BTreeSet<SnapshotId> = known.values().flat_map(|k| k.snapshots.iter().copied()).collect();
    let recorded = edition.snapshots.iter().filter(|s| ids.contains(&s.id)).map(Snapshot::recorded_on);
    edition.as_of.or_else(|| recorded.max())
}

/// Likewise, looked up; the country's list of areas counts where nothing else is held.
///
/// # Errors
/// The ledger's.
pub(crate) fn day_of(evidence: Evidence<'_>, country: Code) -> Result<Option<Date>, LedgerError> {
    if let Some(day) = evidence.edition().as_of {
        return Ok(Some(day));
    }
    let known = known(evidence, country)?;
    if let Some(day) = day(evidence, &known) {
        return Ok(Some(day));
    }
    let mut ids = BTreeSet::new();
    for source in ["ocha-pcodes", "ocha-cod-ab"] {
        let rows = evidence.areas(&RecordFilter::of(source).place(country))?;
        ids.extend(rows.into_iter().map(|r| r.record.snapshot));
    }
    let held = evidence.edition().snapshots.iter().filter(|s| ids.contains(&s.id));
    Ok(held.map(Snapshot::recorded_on).max())
}

/// Since when a snapshot is held, in words: `release of …` for a release with a date of its own, `retrieved …` for what
/// was received from the publisher that day, `recorded …` for everything else, by the day on which it is known to have
/// been held.
pub fn since(snapshot: &Snapshot, lang: Lang) -> String {
    let (message, date) = match snapshot.published {
        Some(date) => ("when-release", date),
        None if snapshot.request.contains("://") || snapshot.retrieved_on() != snapshot.recorded_on() => {
            ("when-retrieved", snapshot.retrieved_on())
        }
        None => ("when-recorded", snapshot.recorded_on()),
    };
    lang.text_with(message, &[("date", &lang.date(date))])
}

/// Likewise of several, each day once, in their order.
pub(crate) fn since_all<'s>(snapshots: impl Iterator<Item = &'s Snapshot>, lang: Lang) -> Vec<String> {
    let mut held: Vec<&Snapshot> = snapshots.collect();
    held.sort_by_key(|s| s.published.unwrap_or_else(|| s.recorded_on()));
    let mut words: Vec<String> = held.into_iter().map(|s| since(s, lang)).collect();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_outside_what_is_covered_are_told_beside_it() {
        let year = |year| Period::of_year(year).unwrap();
        let known = |first, last| Known {
            first: year(first),
            last: year(last),
            covered: Some(Span::years(2024, 2024)),
            snapshots: BTreeSet::new(),
        };
        assert_eq!(known(2024, 2024).period(Lang::En), "2024");
        assert_eq!(known(2024, 2026).period(Lang::En), "2024; 2024 – 2026 (of its rows alone)");
    }
}
