//! What a folder holds and the rules here do not follow: columns and files, named with what is left out.
//!
//! Flee reads its columns by place and its further files by name, and its rules grow. What is not known here may
//! change its result, so that it is told, never passed over in silence.

use std::collections::BTreeSet;
use std::path::Path;

use super::table::Table;
use crate::MovementError;

/// The columns of a file: how many stand at a fixed place, and what is known of those after them.
pub(super) struct Columns {
    fixed: usize,
    /// Followed by the rules here.
    followed: &'static [&'static str],
    /// Known to change nothing in Flee either.
    without_effect: &'static [&'static str],
    /// Change Flee's result: each with what happens here instead.
    left_out: &'static [(&'static str, &'static str)],
}

const fn fixed(fixed: usize) -> Columns {
    Columns { fixed, followed: &[], without_effect: REMARKS, left_out: &[] }
}

/// Columns of remarks.
const REMARKS: &[&str] = &["comment", "comments", "note", "notes", "remark", "remarks", "source", "sources"];

/// `locations.csv`. Scenarios name places by their codes.
pub(super) const LOCATIONS: Columns = Columns {
    followed: &["conflict_intensity", "initial_idps", "code", "country_code"],
    left_out: &[
        ("capacity_per_day", "camps keep their capacity"),
        ("deactivation_probability", "nobody leaves the simulation in a camp"),
        ("flood_level", "floods change nothing"),
    ],
    ..fixed(8)
};

/// `routes.csv`.
pub(super) const ROUTES: Columns = Columns {
    followed: &["max_move_speed", "walk_probability", "distance_source"],
    left_out: &[("link_type", "the speed on a link is that of the settings, or its `max_move_speed`")],
    ..fixed(4)
};

/// `closures.csv`.
pub(super) const CLOSURES: Columns = fixed(5);
/// `capacities.csv`.
pub(super) const CAPACITIES: Columns = fixed(3);
/// `registration_corrections.csv`: place, date, what is done.
pub(super) const CORRECTIONS: Columns = fixed(3);
/// `sim_period.csv`.
pub(super) const PERIOD: Columns = fixed(2);
/// `conflicts.csv`: a day, and places by their names, which the reader of the file tells itself.
pub(super) const CONFLICTS: Columns = fixed(1);

impl Columns {
    /// A note for each column that is not followed, and for the first value without a column.
    pub(super) fn tell(&self, table: &Table, notes: &mut Vec<String>) {
        let line = table.header_line();
        for name in table.header().iter().skip(self.fixed).map(String::as_str) {
            let known = |names: &[&str]| names.contains(&name);
            if name.is_empty() || known(self.followed) || self.without_effect.contains(&&*name.to_lowercase())
            {
                continue;
            }
            let instead = self.left_out.iter().find(|(of, _)| *of == name).map_or(NOTHING, |(_, what)| what);
            notes.push(format!("{}: line {line}: column `{name}` is not followed: {instead}", table.file));
        }
        self.tell_nameless(table, notes);
    }

    /// A note for the first value that stands under no name, after the fixed columns.
    pub(super) fn tell_nameless(&self, table: &Table, notes: &mut Vec<String>) {
        let named = |column: usize| table.header().get(column).is_some_and(|name| !name.is_empty());
        let nameless = table.rows().find_map(|row| {
            let column = (self.fixed..row.len()).find(|c| !row.get(*c).is_empty() && !named(*c))?;
            Some((row.line, column, row.get(column)))
        });
        if let Some((line, column, value)) = nameless {
            notes.push(format!(
                "{}: line {line}: '{value}' stands in column {}, which has no name, and is not followed: {NOTHING}",
                table.file,
                column + 1
            ));
        }
    }
}

/// What is said of a column or a file that nobody here knows.
const NOTHING: &str = "nothing of it is in the result";

/// The files of `input_csv` that are read.
const READ: [&str; 8] = [
    "locations.csv",
    "routes.csv",
    "sim_period.csv",
    "closures.csv",
    "conflicts.csv",
    "capacities.csv",
    "registration_corrections.csv",
    "simsetting.yml",
];

/// What happens here instead of what Flee makes of a file; `None` for a file that Flee does not know.
fn instead(name: &str) -> Option<&'static str> {
    let of = |start: &str| name.starts_with(start) && name.ends_with(".csv");
    Some(match name {
        "location_changes.csv" => "places keep their type",
        "major_routes.csv" => "nobody knows of places further away than the level of awareness says",
        "flood_level.csv" => "floods change nothing",
        "agents.csv" => "nobody is placed one by one",
        "region_attributes_IPC.csv" => "food security changes nothing",
        _ if of("region_attributes_") => "attributes of regions change nothing",
        _ if of("location_attributes_") => "attributes of places do not change by day",
        _ if of("demographics_") => "people have no age, gender or other attributes",
        _ => return None,
    })
}

/// A note for each file that is not read, in the order of their names. `layout` names the files of registrations,
/// which stand among the others where an instance keeps all files together. Beside `input_csv`, the files that Flee
/// knows are told alone.
///
/// # Errors
/// A folder that cannot be listed.
pub(super) fn files(
    folder: &Path,
    input: &Path,
    layout: &BTreeSet<String>,
    notes: &mut Vec<String>,
) -> Result<(), MovementError> {
    let together = folder == input;
    for name in names(input)? {
        let of_another = together && (layout.contains(&name) || !name.ends_with(".csv"));
        if !READ.contains(&name.as_str()) && !of_another {
            notes.push(format!("{name}: not read: {}", instead(&name).unwrap_or(NOTHING)));
        }
    }
    if !together {
        for name in names(folder)? {
            if let Some(instead) = instead(&name) {
                notes.push(format!("{name}: not read: {instead}"));
            }
        }
    }
    Ok(())
}

/// The files of a folder, without hidden ones.
fn names(folder: &Path) -> Result<BTreeSet<String>, MovementError> {
    let broken = |e: std::io::Error| MovementError::file(&folder.display().to_string(), e.to_string());
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !entry.path().is_dir() {
            names.insert(name);
        }
    }
    Ok(names)
}
