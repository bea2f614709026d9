//! A fixed set of snapshots.

use jiff::civil::Date;
use serde::Serialize;
use wegen_model::{Incident, Period};

use crate::Snapshot;

/// A set of snapshots, identified by the hash of their ids; what a report is a pure function of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edition {
    /// The date that `as of` named, if any.
    pub as_of: Option<Date>,
    /// The snapshots, by id.
    pub snapshots: Vec<Snapshot>,
}

impl Edition {
    /// An edition of these snapshots, in whatever order.
    pub fn new(as_of: Option<Date>, mut snapshots: Vec<Snapshot>) -> Edition {
        snapshots.sort_by_key(|s| s.id);
        snapshots.dedup_by_key(|s| s.id);
        Edition { as_of, snapshots }
    }

    /// Its identity: BLAKE3 over the sorted snapshot ids; the first sixteen hexadecimal digits.
    pub fn id(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for snapshot in &self.snapshots {
            hasher.update(snapshot.id.as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// Under which what is kept of it is found.
    pub(crate) fn key(&self) -> u128 {
        let mut hasher = blake3::Hasher::new();
        for snapshot in &self.snapshots {
            hasher.update(snapshot.id.as_bytes());
        }
        hasher.update(self.as_of.map(|day| day.to_string()).unwrap_or_default().as_bytes());
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        u128::from_le_bytes(key)
    }

    /// The last day on which one of its snapshots was recorded: the cut-off of the evidence.
    pub fn cut_off(&self) -> Option<Date> {
        self.snapshots.iter().map(|s| s.recorded_on()).max()
    }

    /// The last month whose incidents are passed on as rows: those of the cut-off's month and of the month before it
    /// stay here (rule R5). `None` where the edition holds no snapshot.
    pub fn incidents_through(&self) -> Option<Period> {
        let cut = self.cut_off()?;
        let month = i32::from(cut.year()) * 12 + i32::from(cut.month()) - 3;
        Period::of_month(month.div_euclid(12) as i16, month.rem_euclid(12) as i8 + 1)
    }

    /// Whether an incident is old enough to be passed on as a row (rule R5). One of which the month is not known
    /// counts as one of December.
    pub fn passes_on(&self, incident: &Incident) -> bool {
        let (year, month) = match incident.period {
            Some(period) => (period.year(), period.month()),
            None => (incident.year, None),
        };
        let last = self.incidents_through().map(|p| (p.year(), p.month().unwrap_or(12)));
        last.is_none_or(|last| (year, month.unwrap_or(12)) <= last)
    }

    /// Its snapshots of one source, the one that answers first at the beginning.
    pub fn of<'a>(&'a self, source: &'a str) -> Vec<&'a Snapshot> {
        let mut found: Vec<&Snapshot> = self.snapshots.iter().filter(|s| s.source == source).collect();
        found.sort_by_key(|s| std::cmp::Reverse(s.precedence()));
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::{Draft, Ledger, Part};

    #[test]
    fn incidents_are_passed_on_through_the_month_before_last() {
        for (recorded, last) in
            [("2026-06-10", "2026-04"), ("2026-01-31", "2025-11"), ("2026-02-01", "2025-12")]
        {
            let folder = tempfile::tempdir().unwrap();
            let mut ledger = Ledger::open(folder.path()).unwrap();
            assert_eq!(ledger.edition(None).unwrap().incidents_through(), None);
            let time = format!("{recorded}T12:00:00Z").parse().unwrap();
            let mut draft = Draft::new("iom-missing-migrants", time);
            draft.recorded = Some(time);
            draft.parts.push(Part::new("made-up.csv", b"x".to_vec()));
            ledger.add(draft).unwrap();
            let through = ledger.edition(None).unwrap().incidents_through().unwrap();
            assert_eq!(through.to_string(), last, "{recorded}");
        }
    }
}
