//! Conditions for return by area, under the built-in method: criteria, what would have to change, missing facts.
//!
//! No score of an area, and no ranking: areas stand in the order of their codes (rule R6).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use wegen_conditions::{Role, Verdict, missing_facts, passing_sets};
use wegen_ledger::RecordId;

use super::{Ask, COUNTRY, Computed, FigureError, Recipe};
use crate::{
    conditions::{Assessed, Month, National, assessed_month, default_method, unit_of},
    figure::{Cell, Missing, Table, TableRow, Value},
};

const LEVEL: (&str, &str) = ("level", "level of the areas: 1, 2 or 3");
const MONTH: (&str, &str) = ("month", "a month, YYYY-MM; the last one with evidence where none is given");

/// What the criteria of the built-in method rest on.
const CRITERIA: &[&str] =
    &["ucdp-ged", "reach-hsos", "worldbank-wdi", "ocha-cod-ps", "uscb-syria-population"];
/// What bears names of areas.
const NAMED: &[&str] = &["ucdp-ged", "insecurity-insight", "ocha-syria-movements", "ophi-mpi"];
/// What is shown beside them.
const CONTEXT: &[&str] = &["insecurity-insight", "iom-dtm", "ocha-syria-movements", "ophi-mpi", "reach-hsos"];

pub(super) static RECIPES: [Recipe; 5] = [
    Recipe {
        name: "condition-context",
        version: 2,
        draws_on: CONTEXT,
        params: &[COUNTRY, LEVEL, MONTH],
        compute: |ask| by_area(ask, CONTEXT, context),
    },
    Recipe {
        name: "condition-facts",
        version: 2,
        draws_on: CRITERIA,
        params: &[COUNTRY, LEVEL, MONTH],
        compute: |ask| by_area(ask, CRITERIA, facts),
    },
    Recipe {
        name: "condition-names",
        version: 1,
        draws_on: NAMED,
        params: &[COUNTRY, LEVEL, MONTH],
        compute: |ask| by_area(ask, NAMED, names),
    },
    Recipe {
        name: "condition-sets",
        version: 2,
        draws_on: CRITERIA,
        params: &[COUNTRY, LEVEL, MONTH],
        compute: |ask| by_area(ask, CRITERIA, sets),
    },
    Recipe {
        name: "conditions",
        version: 2,
        draws_on: CRITERIA,
        params: &[COUNTRY, LEVEL, MONTH],
        compute: |ask| by_area(ask, CRITERIA, criteria),
    },
];

fn national(ask: &Ask<'_>) -> Result<Arc<National>, FigureError> {
    let country = ask.country("country")?;
    let level = ask.number("level", 1)?;
    let level = u8::try_from(level)
        .ok()
        .filter(|l| (1..=3).contains(l))
        .ok_or_else(|| ask.wrong("level", "1, 2 or 3"))?;
    let month = match ask.text("month") {
        None => None,
        Some(text) => Some(Month::parse(text).ok_or_else(|| ask.wrong("month", "a month YYYY-MM"))?),
    };
    let national = assessed_month(ask.evidence, country, level, month)?;
    if let Some(period) = national.month.period() {
        ask.covers(period, period);
    }
    Ok(national)
}

/// A table by area; where nothing is held on the country, one that says so.
fn by_area(
    ask: &Ask<'_>,
    sources: &[&str],
    table: fn(&Ask<'_>, &National) -> Result<Computed, FigureError>,
) -> Result<Computed, FigureError> {
    match national(ask) {
        Ok(national) => table(ask, &national),
        Err(FigureError::NothingHeld(_)) => Ok(Computed {
            value: Value::Table(Table {
                key: "area",
                columns: vec![("value".to_owned(), ask.lang.text("column-value"))],
                rows: ask.rows_by_year(None, 1, |_| Vec::new()),
            }),
            unit: "mixed",
            decimals: 0,
            sources: sources.iter().take(1).map(|s| (*s).to_owned()).collect(),
        }),
        Err(error) => Err(error),
    }
}

/// The records that were read for areas, each once: what is known of them.
fn read_for<'a>(areas: impl Iterator<Item = &'a Assessed>) -> Vec<RecordId> {
    let all: BTreeSet<RecordId> =
        areas.flat_map(|a| a.reads.iter().flat_map(|r| r.records.iter().copied())).collect();
    all.into_iter().collect()
}

/// The areas of which anything is known; all of them where nothing is known of any, as far as a page can hold them.
fn shown(national: &National) -> Vec<&Assessed> {
    const FEW: usize = 40;
    let known: Vec<&Assessed> = national.areas.iter().filter(|a| a.has_evidence(default_method())).collect();
    match known.is_empty() && national.areas.len() <= FEW {
        true => national.areas.iter().collect(),
        false => known,
    }
}

fn cell(verdict: Verdict, records: Vec<RecordId>) -> Cell {
    match verdict {
        Verdict::Met => Cell::of(1.0, records),
        Verdict::NotMet => Cell::of(0.0, records),
        Verdict::CannotBeDetermined => Cell { records, ..Cell::missing(Missing::Undetermined) },
    }
}

fn name(area: &Assessed) -> String {
    match area.place.name == area.place.code.as_str() {
        true => area.place.name.clone(),
        false => format!("{} ({})", area.place.name, area.place.code),
    }
}

fn used(areas: &[&Assessed], otherwise: &[&str]) -> Vec<String> {
    let mut sources: Vec<String> =
        areas.iter().flat_map(|a| a.reads.iter().filter_map(|r| r.source.clone())).collect();
    sources.sort();
    sources.dedup();
    sources.retain(|s| otherwise.contains(&s.as_str()));
    if sources.is_empty() { otherwise.iter().take(1).map(|s| (*s).to_owned()).collect() } else { sources }
}

fn table(key: &'static str, columns: Vec<(String, String)>, rows: Vec<TableRow>) -> Value {
    Value::Table(Table { key, columns, rows })
}

fn criteria(ask: &Ask<'_>, national: &National) -> Result<Computed, FigureError> {
    let method = default_method();
    let areas = shown(national);
    let columns: Vec<(String, String)> = method
        .criteria
        .iter()
        .map(|c| (method.nodes[*c].id.clone(), method.nodes[*c].label.get(ask.lang).to_owned()))
        .collect();
    let row = |area: &&Assessed| TableRow {
        key: area.place.code.to_string(),
        label: name(area),
        cells: method
            .criteria
            .iter()
            .zip(&area.assessment.criteria)
            .map(|(criterion, verdict)| {
                let leaves = method.leaves_below(*criterion);
                let records = leaves.iter().flat_map(|l| area.reads[*l].records.iter().copied()).collect();
                cell(*verdict, records)
            })
            .collect(),
    };
    let rows = areas.iter().map(row).collect();
    Ok(Computed {
        value: table("area", columns, rows),
        unit: "criterion",
        decimals: 0,
        sources: used(&areas, CRITERIA),
    })
}

/// Names of publishers, and rows without any, that lead to no area.
fn names(ask: &Ask<'_>, national: &National) -> Result<Computed, FigureError> {
    let row = |u: &crate::conditions::Unjoined| TableRow {
        key: format!("{}:{}", u.source, u.name),
        label: match u.name.is_empty() {
            true => format!("– ({})", u.source),
            false => format!("{} ({})", u.name.trim(), u.source),
        },
        cells: vec![Cell::of(u.rows as f64, u.records.clone())],
    };
    let columns = vec![("rows".to_owned(), ask.lang.text("column-rows"))];
    let mut sources: Vec<String> = national.unjoined.iter().map(|u| u.source.clone()).collect();
    sources.dedup();
    Ok(Computed {
        value: table("name", columns, national.unjoined.iter().map(row).collect()),
        unit: "rows",
        decimals: 0,
        sources: if sources.is_empty() { vec![CRITERIA[0].into()] } else { sources },
    })
}

/// In how many areas a set of criteria is a smallest one whose passing would make all of them met, for certain.
fn sets(ask: &Ask<'_>, national: &National) -> Result<Computed, FigureError> {
    const MOST: usize = 200;
    let method = default_method();
    let areas = shown(national);
    let mut counts: BTreeMap<Vec<usize>, Vec<&Assessed>> = BTreeMap::new();
    for area in &areas {
        for set in passing_sets(method, &area.assessment.leaves, true, MOST) {
            counts.entry(set).or_default().push(area);
        }
    }
    let count = |of: Vec<&Assessed>| Cell::of(of.len() as f64, read_for(of.into_iter()));
    let mut counts: Vec<(Vec<usize>, Cell)> = counts.into_iter().map(|(set, of)| (set, count(of))).collect();
    counts.sort_by(|(a, x), (b, y)| y.value.unwrap_or(0.0).total_cmp(&x.value.unwrap_or(0.0)).then(a.cmp(b)));
    // What every set holds is said once.
    let common: Vec<usize> = match counts.as_slice() {
        [_, _, ..] => {
            (0..method.criteria.len()).filter(|c| counts.iter().all(|(s, _)| s.contains(c))).collect()
        }
        _ => Vec::new(),
    };
    counts.truncate(10);
    let node = |c: &usize| &method.nodes[method.criteria[*c]];
    let key = |set: &[usize]| set.iter().map(|c| node(c).id.as_str()).collect::<Vec<_>>().join("+");
    let names = |set: &[usize]| {
        ask.lang.list(&set.iter().map(|c| node(c).label.get(ask.lang).to_owned()).collect::<Vec<_>>())
    };
    let mut rows = Vec::new();
    if !common.is_empty() {
        rows.push(TableRow {
            key: format!("every:{}", key(&common)),
            label: ask.lang.text_with("set-in-every", &[("criteria", &names(&common))]),
            cells: vec![count(areas.clone())],
        });
    }
    for (set, cell) in counts {
        let rest: Vec<usize> = set.iter().copied().filter(|c| !common.contains(c)).collect();
        let label = match (common.is_empty(), rest.is_empty()) {
            (true, true) => ask.lang.text("set-none"),
            (true, false) => names(&rest),
            (false, true) => ask.lang.text("set-nothing-else"),
            (false, false) => ask.lang.text_with("set-besides", &[("criteria", &names(&rest))]),
        };
        rows.push(TableRow { key: key(&set), label, cells: vec![cell] });
    }
    let columns = vec![("areas".to_owned(), ask.lang.text("column-areas"))];
    Ok(Computed {
        value: table("criteria", columns, rows),
        unit: "areas",
        decimals: 0,
        sources: used(&areas, CRITERIA),
    })
}

/// In how many areas a fact is missing, and what it could do there.
///
/// That a fact is missing rests on no record of its own: cells name what is known of the areas that they count, and
/// where they count none, of all areas that were looked at.
fn facts(ask: &Ask<'_>, national: &National) -> Result<Computed, FigureError> {
    let method = default_method();
    let areas = shown(national);
    let columns: Vec<(String, String)> = ["missing", "not-met", "needed"]
        .map(|c| (c.to_owned(), ask.lang.text(&format!("column-fact-{c}"))))
        .to_vec();
    let mut counts: BTreeMap<usize, [Vec<&Assessed>; 3]> = BTreeMap::new();
    for area in &areas {
        let facts = missing_facts(method, &area.assessment.leaves);
        for (leaf, read) in area.reads.iter().enumerate() {
            let counts_for = method.nodes[method.leaves[leaf]].role != Role::Context;
            if read.cell.is_missing() && counts_for {
                counts.entry(leaf).or_default()[0].push(area);
            }
        }
        for fact in facts {
            let count = counts.entry(fact.leaf).or_default();
            if fact.could_settle_not_met {
                count[1].push(area);
            }
            if fact.needed_for_met {
                count[2].push(area);
            }
        }
    }
    let cell = |counted: &Vec<&Assessed>| {
        let rests_on = if counted.is_empty() { &areas } else { counted };
        Cell::of(counted.len() as f64, read_for(rests_on.iter().copied()))
    };
    let row = |(leaf, counts): (usize, [Vec<&Assessed>; 3])| {
        let node = &method.nodes[method.leaves[leaf]];
        let pillar = &method.nodes[method.pillar(method.leaves[leaf])];
        let label = match pillar.id == node.id {
            true => node.label.get(ask.lang).to_owned(),
            false => format!("{}: {}", pillar.label.get(ask.lang), node.label.get(ask.lang)),
        };
        TableRow { key: node.id.clone(), label, cells: counts.iter().map(cell).collect() }
    };
    Ok(Computed {
        value: table("fact", columns, counts.into_iter().map(row).collect()),
        unit: "areas",
        decimals: 0,
        sources: used(&areas, CRITERIA),
    })
}

/// What is shown beside the criteria, where anything of it is held.
fn context(ask: &Ask<'_>, national: &National) -> Result<Computed, FigureError> {
    let method = default_method();
    let context: Vec<usize> = method
        .leaves
        .iter()
        .enumerate()
        .filter(|(_, l)| method.nodes[**l].role == Role::Context)
        .map(|(k, _)| k)
        .filter(|k| national.areas.iter().any(|a| !a.reads[*k].cell.is_missing()))
        .collect();
    let areas: Vec<&Assessed> =
        national.areas.iter().filter(|a| context.iter().any(|k| !a.reads[*k].cell.is_missing())).collect();
    let columns = context
        .iter()
        .map(|k| {
            let node = &method.nodes[method.leaves[*k]];
            let unit = node.leaf.as_ref().map_or("", unit_of);
            // Percentages bear their sign in every cell.
            let label = match unit {
                "percent" => node.label.get(ask.lang).to_owned(),
                unit => format!("{} ({})", node.label.get(ask.lang), ask.lang.text(&format!("unit-{unit}"))),
            };
            (node.id.clone(), label)
        })
        .collect();
    let row = |area: &&Assessed| TableRow {
        key: area.place.code.to_string(),
        label: name(area),
        cells: context
            .iter()
            .map(|k| {
                let read = &area.reads[*k];
                match read.cell.bounds {
                    // A count of reports is a minimum; a range has both ends in the data.
                    Some(bounds) => Cell {
                        bounds: bounds.high.is_finite().then_some((bounds.low, bounds.high)),
                        ..Cell::of(bounds.low, read.records.clone())
                    },
                    None => {
                        let leaf = method.nodes[method.leaves[*k]].leaf.as_ref();
                        let source = leaf.and_then(|l| l.reading.sources.first()).map_or("", String::as_str);
                        let year = national.month.year();
                        Cell::missing(ask.why_missing(source, Some(national.country), year))
                    }
                }
            })
            .collect(),
    };
    let rows = areas.iter().map(row).collect();
    Ok(Computed {
        value: table("area", columns, rows),
        unit: "mixed",
        decimals: 0,
        sources: used(&areas, CONTEXT),
    })
}
