//! What is different between two reports, or two editions: figures with the reason, statements, conditions.
//!
//! Statements are compared as readers see them and as they are kept: words in every language, kind, what they are
//! about, and each piece of evidence. A report carries all of that, whatever its own language.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value as Json, json};
use wegen_model::Code;

use crate::{figure::place_of, manuscript::Manuscript};

/// Why a figure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// More is covered, or less: a value that was not held before is now, or the other way round; or rows were added
    /// to a sum and none of its rows is another one.
    Coverage,
    /// What was covered and not reported is reported now.
    NewData,
    /// A later release of the same source gives another value.
    RevisedData,
    /// Another version of the recipe.
    Method,
    /// What was reported is covered and not reported any more.
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
    /// What the report says of itself: title, period, cut-off, status, questions, sources.
    pub about: Vec<Change>,
}

impl Comparison {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        let Comparison { figures, figures_came, figures_went, statements, conditions, about, .. } = self;
        figures.is_empty()
            && figures_came.is_empty()
            && figures_went.is_empty()
            && statements.is_empty()
            && conditions.is_empty()
            && about.is_empty()
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
                    (true, _) | (_, true) if x.is_not_held() != y.is_not_held() => Why::Coverage,
                    (true, false) => Why::NewData,
                    (false, true) => Why::Withdrawn,
                    _ if came.is_empty() && x.snapshots == y.snapshots => Why::Unexplained,
                    _ if x.rests_on_part_of(y) || y.rests_on_part_of(x) => Why::Coverage,
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
            statements: changes(statements(old), statements(new)),
            conditions: changes(conditions(old), conditions(new)),
            about: changes(about(old), about(new)),
        }
    }
}

/// What something is made of, by the names of its parts; the first is what it is known by.
type Parts = Vec<(String, String)>;

/// The manuscript that a report carries; the built-in one where it carries none.
fn manuscript(claims: &Json) -> Option<Manuscript> {
    match &claims["manuscript"] {
        Json::Null => {
            serde_json::from_value::<Code>(claims["country"].clone()).ok().map(Manuscript::built_in)
        }
        files => serde_json::from_value::<BTreeMap<String, String>>(files.clone())
            .ok()
            .and_then(|files| Manuscript::from_files(files).ok()),
    }
}

fn statements(claims: &Json) -> BTreeMap<String, Parts> {
    let manuscript = manuscript(claims);
    let text = |j: &Json, name: &str| j[name].as_str().unwrap_or_default().to_owned();
    let own: String = text(claims, "language");
    let mut found = BTreeMap::new();
    for statement in claims["statements"].as_array().into_iter().flatten() {
        let Some(id) = statement["id"].as_str() else { continue };
        let mut parts: Parts = vec![
            ("text".into(), format!("{} {}", text(statement, "paragraph"), text(statement, "text"))),
            ("kind".into(), text(statement, "kind")),
        ];
        // What the languages other than the report's own say, as their author wrote it.
        for text in manuscript.iter().flat_map(|m| m.texts.values()).filter(|t| t.lang.as_str() != own) {
            if let Some((_, sentence)) = text.statements().find(|(_, s)| s.id == id) {
                let words = text.raw.get(sentence.span.clone()).unwrap_or_default();
                let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                parts.push((format!("text in {}", text.lang), words));
            }
        }
        if let Some((_, d)) = manuscript.as_ref().and_then(|m| m.definition(id)) {
            let flags =
                [("single-source", d.single_source), ("stale", d.stale), ("additional", d.additional)];
            let labels: Vec<&str> = flags.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
            let fields = [
                ("topic", d.topic.clone()),
                ("place", d.place.clone()),
                ("time", d.time.map(|t| t.to_string())),
                ("group", d.group.clone()),
                ("confidence", d.confidence.clone()),
                ("answers", d.answers.clone()),
                ("labels", (!labels.is_empty()).then(|| labels.join(", "))),
            ];
            parts.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        let evidence: Vec<String> =
            statement["evidence"].as_array().into_iter().flatten().map(evidence).collect();
        if !evidence.is_empty() {
            parts.push(("evidence".into(), evidence.join(" | ")));
        }
        found.insert(id.to_owned(), parts);
    }
    found
}

/// A piece of evidence in one line: its role and source, and then all else that is filled in.
fn evidence(entry: &Json) -> String {
    let mut out = match entry["role"].as_str() {
        None | Some("supports") => String::new(),
        Some(role) => format!("{role}: "),
    };
    out.push_str(entry["source"].as_str().unwrap_or_default());
    for (name, value) in entry.as_object().into_iter().flatten() {
        match (name.as_str(), value) {
            ("role" | "source", _) | (_, Json::Null | Json::Bool(false)) => {}
            ("locators", Json::Array(all)) => {
                all.iter().filter_map(Json::as_str).for_each(|l| out.push_str(&format!(", {l}")));
            }
            (_, Json::Array(all)) => all.iter().for_each(|v| out.push_str(&format!(", {name} {v}"))),
            (_, Json::String(text)) => out.push_str(&format!(", {name} {text}")),
            (_, other) => out.push_str(&format!(", {name} {other}")),
        }
    }
    out
}

fn conditions(claims: &Json) -> BTreeMap<String, Parts> {
    let entries = claims["conditions"].as_array().into_iter().flatten();
    let parts = |c: &Json| -> Parts {
        let fields = c.as_object().into_iter().flatten().filter(|(name, _)| *name != "id");
        fields
            .map(|(name, value)| {
                (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect()
    };
    entries.filter_map(|c| Some((c["id"].as_str()?.to_owned(), parts(c)))).collect()
}

/// What a report says of itself, by the names of its settings.
fn about(claims: &Json) -> BTreeMap<String, Parts> {
    let mut found = BTreeMap::new();
    let mut add = |id: String, value: Option<String>| {
        found.extend(value.map(|value| (id, vec![(String::new(), value)])));
    };
    add("status".into(), claims["status"].as_str().map(str::to_owned));
    let Some(manuscript) = manuscript(claims) else { return found };
    let settings = &manuscript.settings;
    for (name, words) in [("title", &settings.title), ("subtitle", &settings.subtitle)] {
        let words = words.as_ref();
        add(format!("{name} in nl"), words.map(|w| w.nl.clone()));
        add(format!("{name} in en"), words.map(|w| w.en.clone()));
    }
    add("period".into(), settings.period.map(|p| format!("{} to {}", p.from, p.to)));
    add("cut-off".into(), settings.cut_off.map(|d| d.to_string()));
    add("supersedes".into(), settings.supersedes.clone());
    for question in &settings.questions {
        add(format!("question {}", question.id), Some(format!("{} / {}", question.nl, question.en)));
    }
    for correction in &settings.corrections {
        let of = format!("correction of {} on {}", correction.statement, correction.date);
        add(of, Some(format!("{} / {}", correction.nl, correction.en)));
    }
    for source in manuscript.sources.own() {
        let fields = json!(source);
        let said: Vec<String> = fields
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| *name != "id")
            .filter_map(|(name, value)| match value {
                Json::Null | Json::Bool(false) => None,
                Json::String(text) if text.is_empty() => None,
                Json::Array(list) if list.is_empty() => None,
                Json::String(text) => Some(format!("{name} {text}")),
                other => Some(format!("{name} {other}")),
            })
            .collect();
        add(format!("source {}", source.id), Some(said.join(" · ")));
    }
    found
}

struct Cell {
    value: Json,
    bounds: Json,
    missing: Json,
    shown: String,
    version: Json,
    snapshots: BTreeSet<String>,
    records: Vec<Run>,
}

/// Records in a run: snapshot and kind, from a first to a last number.
type Run = (String, u64, u64);

/// A run as `claims.json` writes it: `3f2a9c01b7de/observation/17-29`, or a single number.
fn run(text: &str) -> Option<Run> {
    let (of, numbers) = text.rsplit_once('/')?;
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    Some((of.to_owned(), first.parse().ok()?, last.parse().ok()?))
}

impl Cell {
    fn is_not_held(&self) -> bool {
        self.missing.as_str() == Some("not-held")
    }

    /// Whether all records of this value are among those of another, which has more.
    fn rests_on_part_of(&self, other: &Cell) -> bool {
        let held = |(of, first, last): &Run| {
            other.records.iter().any(|(o, f, l)| o == of && f <= first && last <= l)
        };
        !self.records.is_empty() && self.records != other.records && self.records.iter().all(held)
    }
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
            records: list(&cell["records"]).iter().filter_map(|r| run(r)).collect(),
        };
        match &claim["cells"] {
            Json::Array(all) => {
                for cell in all {
                    let key = |what: &str| cell[what].as_str().unwrap_or("");
                    found.insert(format!("{name}#{}", place_of(key("row"), key("column"))), of(cell));
                }
            }
            _ => {
                found.insert(name.to_owned(), of(&claim["claim"]));
            }
        }
    }
    found
}

/// What came, what went, and of what changed the parts that did.
fn changes(old: BTreeMap<String, Parts>, new: BTreeMap<String, Parts>) -> Vec<Change> {
    let said = |parts: &Parts, other: Option<&Parts>| {
        let differs = |part: &&(String, String)| other.is_none_or(|other| !other.contains(part));
        let words: Vec<String> = parts
            .iter()
            .filter(differs)
            .map(|(name, value)| match name.as_str() {
                "" | "text" => value.clone(),
                name => format!("{name}: {value}"),
            })
            .collect();
        match words.is_empty() {
            true => "–".to_owned(),
            false => words.join(" · "),
        }
    };
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter()
        .filter(|id| old.get(*id) != new.get(*id))
        .map(|id| {
            let (a, b) = (old.get(id), new.get(id));
            Change { id: id.clone(), old: a.map(|p| said(p, b)), new: b.map(|p| said(p, a)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn coverage_is_told_from_what_is_new_revised_or_withdrawn() {
        let of = |claim: Json| json!({"claims": [{"id": "f@year=2026", "recipe_version": 1, "claim": claim}], "statements": [], "conditions": []});
        let missing = |why: &str| of(json!({"value": null, "missing": why, "shown": "–", "records": []}));
        let sum =
            |value: u32, records: &[&str]| of(json!({"value": value, "shown": "v", "records": records}));
        let (january, february) = ("aaaaaaaaaaaa/event/0-1", "bbbbbbbbbbbb/event/4");
        for (old, new, why) in [
            (missing("not-held"), sum(40, &[january]), Why::Coverage),
            (sum(40, &[january]), missing("not-held"), Why::Coverage),
            (sum(40, &[january]), sum(47, &[january, february]), Why::Coverage),
            (sum(40, &["aaaaaaaaaaaa/event/0"]), sum(47, &[january, february]), Why::Coverage),
            (missing("not-reported"), sum(40, &[january]), Why::NewData),
            (sum(40, &[january]), missing("not-reported"), Why::Withdrawn),
            (sum(40, &[january]), sum(47, &[february]), Why::RevisedData),
        ] {
            assert_eq!(Comparison::of(&old, &new).figures[0].why, why, "{old} {new}");
        }
    }

    #[test]
    fn statements_and_thresholds_are_compared() {
        let one = "a".repeat(64);
        let old = claims(json!(1), 1, &one, "Text.", "15 l");
        let new = claims(json!(1), 1, &one, "Other text.", "20 l");
        let found = Comparison::of(&old, &new);
        assert_eq!((found.statements.len(), found.conditions.len()), (1, 1));
        assert!(found.conditions[0].new.as_ref().is_some_and(|c| c.contains("20 l")));
        // Dutch words of a condition, and the kind and evidence of a statement.
        let with = |nl: &str, kind: &str, place: &str| {
            json!({
                "claims": [],
                "statements": [{"id": "a", "paragraph": "1.0.1", "text": "Text.", "kind": kind, "evidence": [
                    {"role": "supports", "source": "x", "locators": [place], "values": [], "quote": null, "via": false},
                ]}],
                "conditions": [{"id": "water", "nl": nl, "en": "Water", "goalpost": "15 l", "authority": "Sphere"}],
            })
        };
        let (one, two) = (with("Water", "fact", "p. 1"), with("Drinkwater", "gap", "p. 99"));
        let found = Comparison::of(&one, &two);
        let change = |c: &Change| (c.old.clone().unwrap(), c.new.clone().unwrap());
        assert_eq!(
            change(&found.statements[0]),
            ("kind: fact · evidence: x, p. 1".into(), "kind: gap · evidence: x, p. 99".into())
        );
        assert_eq!(change(&found.conditions[0]), ("nl: Water".into(), "nl: Drinkwater".into()));
        assert!(Comparison::of(&one, &one).is_empty());
        let gone = json!({"claims": [], "statements": [], "conditions": []});
        assert_eq!(Comparison::of(&old, &gone).statements[0].new, None);
        assert_eq!(Comparison::of(&old, &gone).figures_went, ["f@year=2024"]);
    }
}
