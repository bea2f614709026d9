//! What is different between two reports, or two editions: figures with the reason, statements, conditions.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

/// Why a figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There was none before, and now a snapshot gives one.
    NewData,
    /// A later snapshot of the same source gives another value.
    RevisedData,
    /// Another version of the recipe.
    Method,
    /// What was there is not in the edition any more.
    Withdrawn,
    /// The same snapshots and the same recipe give another value: one of the files is not what was made.
    Unexplained,
}

/// A figure, or a cell of one, that changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FigureChange {
    /// The claim.
    pub claim: String,
    /// What was shown.
    pub old: String,
    /// What is shown.
    pub new: String,
    /// Why.
    pub why: Why,
    /// The snapshots that did it, with their sources.
    pub by: Vec<String>,
}

/// Something with an id that came, went or changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// Before; none where it came.
    pub old: Option<String>,
    /// After; none where it went.
    pub new: Option<String>,
}

/// All that is different.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// The editions.
    pub editions: (String, String),
    /// Snapshots that came, with their sources.
    pub snapshots_came: Vec<String>,
    /// Snapshots that went, with their sources.
    pub snapshots_went: Vec<String>,
    /// Figures that are in both and differ.
    pub figures: Vec<FigureChange>,
    /// Figures that came.
    pub figures_came: Vec<String>,
    /// Figures that went.
    pub figures_went: Vec<String>,
    /// Statements that came, went or changed.
    pub statements: Vec<Change>,
    /// Conditions and thresholds that came, went or changed.
    pub conditions: Vec<Change>,
}

impl Comparison {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        let Comparison { figures, figures_came, figures_went, statements, conditions, .. } = self;
        figures.is_empty()
            && figures_came.is_empty()
            && figures_went.is_empty()
            && statements.is_empty()
            && conditions.is_empty()
    }

    /// Compares the claims of two reports.
    pub fn of(old: &Json, new: &Json) -> Comparison {
        let text = |j: &Json, name: &str| j[name].as_str().unwrap_or_default().to_owned();
        let (a, b) = (cells(old), cells(new));
        let (first, second) = (snapshots(old), snapshots(new));
        let names = |m: &BTreeMap<String, String>| m.keys().cloned().collect::<BTreeSet<_>>();
        let (before, after) = (names(&first), names(&second));
        let sources: BTreeMap<String, String> = first.into_iter().chain(second).collect();
        let told =
            |short: &String| sources.get(short).map_or_else(|| short.clone(), |s| format!("{short} ({s})"));
        let figures = a
            .iter()
            .filter_map(|(claim, x)| Some((claim, x, b.get(claim)?)))
            .filter(|(_, x, y)| (&x.value, &x.bounds, &x.missing) != (&y.value, &y.bounds, &y.missing))
            .map(|(claim, x, y)| {
                let came: Vec<String> = y.snapshots.difference(&x.snapshots).map(told).collect();
                let why = match (x.value.is_null(), y.value.is_null()) {
                    _ if x.version != y.version => Why::Method,
                    (true, false) => Why::NewData,
                    (false, true) => Why::Withdrawn,
                    _ if came.is_empty() && x.snapshots == y.snapshots => Why::Unexplained,
                    _ => Why::RevisedData,
                };
                FigureChange {
                    claim: claim.clone(),
                    old: x.shown.clone(),
                    new: y.shown.clone(),
                    why,
                    by: came,
                }
            })
            .collect();
        let only = |a: &BTreeMap<String, Cell>, b: &BTreeMap<String, Cell>| {
            let figures = |m: &BTreeMap<String, Cell>| {
                m.keys().map(|k| k.split('#').next().unwrap_or(k).to_owned()).collect::<BTreeSet<_>>()
            };
            let (x, y) = (figures(a), figures(b));
            let mut whole: Vec<String> = x.difference(&y).cloned().collect();
            // Rows that came to a table that both have.
            whole.extend(
                a.keys()
                    .filter(|k| {
                        !b.contains_key(*k) && k.contains('#') && y.contains(k.split('#').next().unwrap_or(k))
                    })
                    .cloned(),
            );
            whole
        };
        Comparison {
            editions: (text(old, "edition"), text(new, "edition")),
            snapshots_came: after.difference(&before).map(told).collect(),
            snapshots_went: before.difference(&after).map(told).collect(),
            figures,
            figures_came: only(&b, &a),
            figures_went: only(&a, &b),
            statements: changes(&old["statements"], &new["statements"], |s| {
                format!(
                    "{} {}",
                    s["paragraph"].as_str().unwrap_or_default(),
                    s["text"].as_str().unwrap_or_default()
                )
            }),
            conditions: changes(&old["conditions"], &new["conditions"], |c| {
                format!(
                    "{} · {} · {}",
                    c["en"].as_str().unwrap_or_default(),
                    c["goalpost"].as_str().unwrap_or_default(),
                    c["authority"].as_str().unwrap_or_default()
                )
            }),
        }
    }
}

struct Cell {
    value: Json,
    bounds: Json,
    missing: Json,
    shown: String,
    version: Json,
    snapshots: BTreeSet<String>,
}

fn list(json: &Json) -> Vec<String> {
    json.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
}

fn snapshots(claims: &Json) -> BTreeMap<String, String> {
    let entries = claims["edition_snapshots"].as_array().into_iter().flatten();
    entries
        .filter_map(|s| {
            let id: String = s["id"].as_str()?.chars().take(12).collect();
            Some((id, format!("{}, recorded {}", s["source"].as_str()?, s["recorded"].as_str()?)))
        })
        .collect()
}

fn cells(claims: &Json) -> BTreeMap<String, Cell> {
    let mut found = BTreeMap::new();
    for claim in claims["claims"].as_array().into_iter().flatten() {
        let Some(name) = claim["id"].as_str() else { continue };
        let of = |cell: &Json| Cell {
            value: cell["value"].clone(),
            bounds: cell["bounds"].clone(),
            missing: cell["missing"].clone(),
            shown: cell["shown"].as_str().unwrap_or("–").to_owned(),
            version: claim["recipe_version"].clone(),
            snapshots: list(&cell["records"])
                .iter()
                .filter_map(|r| r.split('/').next().map(str::to_owned))
                .collect(),
        };
        match &claim["cells"] {
            Json::Array(all) => {
                for cell in all {
                    let place = format!(
                        "{name}#{}/{}",
                        cell["row"].as_str().unwrap_or(""),
                        cell["column"].as_str().unwrap_or("")
                    );
                    found.insert(place, of(cell));
                }
            }
            _ => {
                found.insert(name.to_owned(), of(&claim["claim"]));
            }
        }
    }
    found
}

fn changes(old: &Json, new: &Json, words: impl Fn(&Json) -> String) -> Vec<Change> {
    let by_id = |list: &Json| -> BTreeMap<String, String> {
        let entries = list.as_array().into_iter().flatten();
        entries.filter_map(|e| Some((e["id"].as_str()?.to_owned(), words(e)))).collect()
    };
    let (a, b) = (by_id(old), by_id(new));
    let ids: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    ids.into_iter()
        .filter(|id| a.get(*id) != b.get(*id))
        .map(|id| Change { id: id.clone(), old: a.get(id).cloned(), new: b.get(id).cloned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Json, version: u32, snapshot: &str, text: &str, goalpost: &str) -> Json {
        json!({
            "edition": "e", "edition_snapshots": [{"id": snapshot, "source": "s", "recorded": "2025-01-01"}],
            "claims": [{"id": "f@year=2024", "recipe_version": version, "claim": {"value": value, "shown": "v", "records": [format!("{}/observation/1", &snapshot[..12])]}}],
            "statements": [{"id": "a", "paragraph": "1.0.1", "text": text}],
            "conditions": [{"id": "water", "en": "Water", "goalpost": goalpost, "authority": "Sphere"}],
        })
    }

    #[test]
    fn each_change_has_its_reason() {
        let (one, two) = ("a".repeat(64), "b".repeat(64));
        let old = claims(json!(1), 1, &one, "Text.", "15 l");
        let why = |new: &Json| Comparison::of(&old, new).figures.first().map(|f| f.why);
        assert_eq!(why(&claims(json!(2), 1, &two, "Text.", "15 l")), Some(Why::RevisedData));
        assert_eq!(why(&claims(json!(2), 2, &one, "Text.", "15 l")), Some(Why::Method));
        assert_eq!(why(&claims(json!(2), 1, &one, "Text.", "15 l")), Some(Why::Unexplained));
        assert_eq!(why(&claims(Json::Null, 1, &one, "Text.", "15 l")), Some(Why::Withdrawn));
        let none = claims(Json::Null, 1, &one, "Text.", "15 l");
        assert_eq!(Comparison::of(&none, &old).figures[0].why, Why::NewData);
        assert!(Comparison::of(&old, &old).is_empty());
    }

    #[test]
    fn statements_and_thresholds_are_compared() {
        let one = "a".repeat(64);
        let old = claims(json!(1), 1, &one, "Text.", "15 l");
        let new = claims(json!(1), 1, &one, "Other text.", "20 l");
        let found = Comparison::of(&old, &new);
        assert_eq!((found.statements.len(), found.conditions.len()), (1, 1));
        assert!(found.conditions[0].new.as_ref().is_some_and(|c| c.contains("20 l")));
        let gone = json!({"claims": [], "statements": [], "conditions": []});
        assert_eq!(Comparison::of(&old, &gone).statements[0].new, None);
        assert_eq!(Comparison::of(&old, &gone).figures_went, ["f@year=2024"]);
    }
}
