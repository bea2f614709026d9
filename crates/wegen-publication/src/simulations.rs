//! Simulations that an edition holds of a country: what each assumes, and whether the evidence it rests on is still the
//! newest. Their numbers are figures of the recipes `simulated-…` and `simulation-…`.

use std::collections::BTreeMap;

use wegen_ledger::{Evidence, LedgerError, RecordFilter, RecordId, Row};
use wegen_model::{Code, Lang, Observation, Period, RecordKind, indicator};

/// The source.
pub(crate) const SOURCE: &str = "wegen-simulation";

/// A scenario that was simulated.
#[derive(Debug)]
pub struct Simulation {
    /// Its name.
    pub id: String,
    /// By which tables and charts name it: A, B, ….
    pub letter: String,
    /// The last month.
    pub last: Period,
    country: Code,
    notes: Vec<(String, Row<Observation>)>,
}

impl Simulation {
    /// Texts of a kind, in their order; in English where there is no other form.
    pub fn texts(&self, what: &str, lang: Lang) -> Vec<String> {
        let of = |row: &Row<Observation>| {
            row.value.dim(lang.as_str()).or_else(|| row.value.dim(Lang::En.as_str())).unwrap_or_default()
        };
        self.notes.iter().filter(|(kind, _)| kind == what).map(|(_, row)| of(row)).collect()
    }

    /// The first text of a kind.
    pub fn text(&self, what: &str, lang: Lang) -> String {
        self.texts(what, lang).into_iter().next().unwrap_or_default()
    }

    /// Sources of which another snapshot answers now, on the country, for what the simulation rests on. What a file
    /// brings on other countries is no reason.
    ///
    /// # Errors
    /// The ledger's.
    pub fn outdated(&self, evidence: Evidence<'_>) -> Result<Vec<String>, LedgerError> {
        let held = &evidence.edition().snapshots;
        let mut gone = Vec::new();
        for text in self.texts("snapshot", Lang::En) {
            let Some((source, id)) = text.split_once(' ') else { continue };
            let answers = match held.iter().find(|s| s.id.to_string().starts_with(id)) {
                None => false,
                Some(snapshot) => {
                    let filter = RecordFilter::of(source).place(self.country);
                    let own = |records: Vec<RecordId>| {
                        records.iter().filter(|r| r.snapshot == snapshot.id).count() as u64
                    };
                    let ids = |rows: Vec<Row<Observation>>| rows.into_iter().map(|r| r.record).collect();
                    let mut found = own(ids(evidence.observations(&filter)?));
                    found += own(evidence.events(&filter)?.into_iter().map(|r| r.record).collect());
                    found += own(evidence.areas(&filter)?.into_iter().map(|r| r.record).collect());
                    let mut all = 0;
                    for kind in [RecordKind::Observation, RecordKind::Event, RecordKind::Area] {
                        all += evidence.count_within(snapshot, kind, &filter)?;
                    }
                    found == all
                }
            };
            if !answers {
                gone.push(source.to_owned());
            }
        }
        Ok(gone)
    }
}

/// The simulations of a country, by the name of their scenario.
///
/// # Errors
/// The ledger's.
pub fn simulations(evidence: Evidence<'_>, country: Code) -> Result<Vec<Simulation>, LedgerError> {
    let rows = evidence
        .observations(&RecordFilter::of(SOURCE).indicator(indicator::SIMULATION_NOTE).place(country))?;
    let mut by_id: BTreeMap<String, Simulation> = BTreeMap::new();
    for row in rows {
        let Some(id) = row.value.dim("scenario") else { continue };
        let what = row.value.dim("what").unwrap_or_default();
        let last = row.value.period;
        let held = by_id.entry(id.clone()).or_insert_with(|| Simulation {
            id,
            letter: String::new(),
            last,
            country,
            notes: Vec::new(),
        });
        held.notes.push((what, row));
    }
    let mut all: Vec<Simulation> = by_id.into_values().collect();
    for (i, simulation) in all.iter_mut().enumerate() {
        simulation.notes.sort_by(|(_, a), (_, b)| a.value.value.total_cmp(&b.value.value));
        simulation.letter = letter(i);
    }
    Ok(all)
}

/// A, B, …, Z, and numbers beyond.
fn letter(index: usize) -> String {
    u8::try_from(index)
        .ok()
        .filter(|i| *i < 26)
        .map_or_else(|| (index + 1).to_string(), |i| char::from(b'A' + i).to_string())
}

/// Which was nearer on history, `model` or `rule`, where the interval of skill says so for every scenario alike.
pub(crate) fn nearer(evidence: Evidence<'_>, country: Code) -> Result<Option<&'static str>, LedgerError> {
    let rows = evidence
        .observations(&RecordFilter::of(SOURCE).indicator(indicator::SIMULATION_SKILL).place(country))?;
    let all = |side: fn((f64, f64)) -> bool| {
        !rows.is_empty() && rows.iter().all(|r| r.value.bounds.is_some_and(side))
    };
    Ok(match (all(|(low, _)| low > 0.0), all(|(_, high)| high < 0.0)) {
        (true, _) => Some("model"),
        (_, true) => Some("rule"),
        _ => None,
    })
}
