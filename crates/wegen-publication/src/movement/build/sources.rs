//! `SOURCES.md`: which snapshots and licences the rows of each file come from, and what is assumed.

use std::collections::BTreeSet;
use std::fmt::Write;

use wegen_ledger::SnapshotId;
use wegen_model::{Lang, not_for_individual_decisions, sources};
use wegen_movement::Instance;

use super::{Builder, COMPARISON, CONFLICTS, LOCATIONS, REGISTRATIONS, ROUTES};
use crate::movement::evidence::{InstanceEvidence, Rested};

/// What a run of the instance rests on; what is only compared with is no part of it.
pub(super) fn evidence(builder: &Builder<'_>, instance: &Instance) -> InstanceEvidence {
    let files = [LOCATIONS, ROUTES, CONFLICTS, REGISTRATIONS];
    let used: BTreeSet<SnapshotId> =
        files.iter().filter_map(|f| builder.used.get(f)).flatten().copied().collect();
    let snapshots = builder.evidence.edition().snapshots.iter().filter(|s| used.contains(&s.id));
    InstanceEvidence {
        country: builder.country,
        snapshot: snapshots.map(|s| Rested { source: s.source.clone(), id: s.id.short() }).collect(),
        given: [&builder.options.roads, &builder.options.populations]
            .into_iter()
            .flatten()
            .map(|g| g.file.clone())
            .collect(),
        assumptions: instance.notes.clone(),
    }
}

/// The text.
pub(super) fn text(builder: &Builder<'_>, instance: &Instance, comparison: &[(String, String)]) -> String {
    let edition = builder.evidence.edition();
    let last = instance.date(instance.days.saturating_sub(1));
    let mut text = format!(
        "# {}: displacement, {} to {last}\n\nMade from edition {} of the evidence. {} places, {} links, {} days.\n\n{}\n\n{}\n",
        builder.home,
        instance.start,
        edition.id(),
        instance.locations.len(),
        instance.links.len(),
        instance.days,
        not_for_individual_decisions(Lang::En),
        not_for_individual_decisions(Lang::Nl),
    );
    text.push_str("\n## What is assumed\n\n");
    instance.notes.iter().for_each(|note| {
        let _ = writeln!(text, "* {note}");
    });
    text.push_str("\n## Where rows come from\n\n| file | source | snapshot | licence |\n|---|---|---|---|\n");
    let mut used: BTreeSet<SnapshotId> = BTreeSet::new();
    for file in [LOCATIONS, ROUTES, CONFLICTS, REGISTRATIONS, COMPARISON] {
        if file == COMPARISON && comparison.is_empty() {
            continue;
        }
        let ids = builder.used.get(file).cloned().unwrap_or_default();
        for snapshot in edition.snapshots.iter().filter(|s| ids.contains(&s.id)) {
            let (id, licence) = (snapshot.id.short(), &snapshot.licence);
            let _ = writeln!(
                text,
                "| `{file}` | {} | {id} | [{}]({}) |",
                snapshot.source, licence.id, licence.url
            );
        }
        used.extend(ids);
    }
    for (table, file) in [(&builder.options.roads, ROUTES), (&builder.options.populations, LOCATIONS)] {
        if let Some(given) = table {
            let _ = writeln!(
                text,
                "| `{file}` | {}, given along | | not known here: look before passing this on |",
                given.file
            );
        }
    }
    text.push_str("\n`simsetting.yml` and `input_csv/sim_period.csv` hold no rows of anybody.\n");
    text.push_str("\n## Attribution\n\n");
    let mut said = BTreeSet::new();
    for snapshot in edition.snapshots.iter().filter(|s| used.contains(&s.id)) {
        let Some(source) = sources().get(&snapshot.source) else { continue };
        let day = snapshot.retrieved_on().to_string();
        let line = format!(
            "{}. {}",
            source.attribution.trim_end_matches('.'),
            source.citation.replace("{retrieved}", &day)
        );
        if said.insert(line.clone()) {
            let _ = writeln!(text, "* {line}");
        }
    }
    text.push_str("\nRows were selected, joined to areas and added up; points within areas were computed from boundaries.\n");
    text
}
