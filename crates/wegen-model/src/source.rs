//! Where figures come from: the registry of sources, `registry/sources.toml`, and what a snapshot covers.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::Lang;

/// What may be passed on. Unknown is the narrowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// That the source exists, and nothing of it.
    #[default]
    IndexOnly,
    /// Figures in a report, with attribution; no rows.
    Display,
    /// Rows, with attribution.
    Rows,
}

/// A licence, with what it lets us do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// SPDX identifier where there is one, otherwise the publisher's name for its terms.
    pub id: String,
    /// The address of the text.
    pub url: String,
    /// What may be passed on.
    #[serde(default)]
    pub sharing: Sharing,
}

/// A publisher's product.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceDef {
    /// Stable identifier, kebab-case.
    pub id: String,
    /// Who publishes it.
    pub publisher: String,
    /// The product's title, as the publisher has it.
    pub title: String,
    /// Its home page.
    pub url: String,
    /// The licence.
    pub licence: Licence,
    /// The line that must stand with whatever is made of it.
    pub attribution: String,
    /// How to cite it; `{retrieved}` is replaced by the date.
    pub citation: String,
    /// How often the publisher updates it, ISO 8601 duration (`P1Y`).
    pub cadence: String,
    /// What one row counts: the unit that makes it an aggregate.
    pub counting_unit: String,
    /// Which of its rows add up, where it says something of the same people more than once.
    #[serde(default)]
    pub series: Series,
    /// Caveats a reader must know, English.
    pub caveat_en: String,
    /// Caveats a reader must know, Dutch.
    pub caveat_nl: String,
}

/// What the further dimensions of a source's rows mean for a sum.
///
/// A **series** is all rows of one place and time that are parts of one count: rows that differ in nothing but the
/// dimensions of `adds`. Two series count the same people in two ways and are never added; nor are two levels of area.
/// A dimension that is named in neither list keeps rows apart, so that a new column of a publisher doubles nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// Dimensions whose values are parts of one count: reasons, origins.
    #[serde(default)]
    pub adds: Vec<String>,
    /// Dimensions whose values count the same people again: kinds of assessment, operations, clusters. For readers of
    /// the registry; what is not in `adds` is apart.
    #[serde(default)]
    pub apart: Vec<String>,
    /// Of a dimension whose values are groups that overlap, those that stand for everybody, the best first; no value
    /// at all is the empty text.
    #[serde(default)]
    pub whole: BTreeMap<String, Vec<String>>,
}

impl Series {
    /// The series that a row with these dimensions (`key=value` joined by `;`) belongs to: its dimensions without
    /// those that add up.
    ///
    /// ```
    /// let dtm = &wegen_model::sources().get("iom-dtm").unwrap().series;
    /// let of = |dims| dtm.key(Some(dims));
    /// assert_eq!(of("round=1;assessment=BA;reason=Conflict"), of("round=1;assessment=BA;reason=Disaster"));
    /// assert_ne!(of("round=1;assessment=BA"), of("round=1;assessment=SA"));
    /// ```
    pub fn key(&self, dims: Option<&str>) -> String {
        let apart = |d: &&str| !self.adds.iter().any(|a| d.split_once('=').is_some_and(|(key, _)| key == a));
        dims.unwrap_or_default().split(';').filter(apart).collect::<Vec<_>>().join(";")
    }

    /// How far a row is from standing for everybody: 0 for the best, `None` for a row of a group.
    pub fn rank_of_whole(&self, dims: Option<&str>) -> Option<usize> {
        let dims = dims.unwrap_or_default();
        self.whole.iter().try_fold(0, |rank, (key, values)| {
            let own = dims.split(';').find_map(|d| d.strip_prefix(key.as_str())?.strip_prefix('='));
            Some(rank + values.iter().position(|v| v == own.unwrap_or_default())?)
        })
    }
}

impl SourceDef {
    /// What a reader must know before using it.
    pub fn caveat(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.caveat_en,
            Lang::Nl => &self.caveat_nl,
        }
    }
}

/// All sources.
#[derive(Debug)]
pub struct Sources {
    all: Vec<SourceDef>,
}

/// The registry, read once.
pub fn sources() -> &'static Sources {
    #[derive(Deserialize)]
    struct File {
        source: Vec<SourceDef>,
    }
    static ALL: LazyLock<Sources> = LazyLock::new(|| {
        let text = include_str!("../../../registry/sources.toml");
        // Built in, and read whole by a test.
        Sources { all: toml::from_str::<File>(text).map(|f| f.source).unwrap_or_default() }
    });
    &ALL
}

impl Sources {
    /// Every source, in the order of the registry.
    pub fn all(&self) -> &[SourceDef] {
        &self.all
    }

    /// By identifier.
    pub fn get(&self, id: &str) -> Option<&SourceDef> {
        self.all.iter().find(|s| s.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_whole() {
        let entries = include_str!("../../../registry/sources.toml").matches("[[source]]").count();
        assert!(entries >= 12);
        assert_eq!(sources().all().len(), entries);
        for source in sources().all() {
            assert!(source.citation.contains("{retrieved}"), "{}", source.id);
            assert!(!source.attribution.is_empty() && source.url.starts_with("https://"), "{}", source.id);
        }
    }

    #[test]
    fn what_is_not_said_may_not_be_passed_on() {
        assert_eq!(Sharing::default(), Sharing::IndexOnly);
        assert_eq!(sources().get("ophi-mpi").unwrap().licence.sharing, Sharing::Display);
        assert_eq!(sources().get("unhcr-population").unwrap().licence.sharing, Sharing::Rows);
    }

    #[test]
    fn what_is_not_said_to_add_up_is_kept_apart() {
        let series = Series { adds: vec!["reason".into()], ..Series::default() };
        assert_eq!(series.key(Some("round=2;reason=Conflict;new=1")), "round=2;new=1");
        assert_eq!(series.key(None), "");
        assert_eq!(Series::default().key(Some("reason=Conflict")), "reason=Conflict");
    }

    #[test]
    fn a_row_without_a_group_stands_for_everybody_before_a_total() {
        let hno = &sources().get("ocha-hno").unwrap().series;
        assert_eq!(hno.rank_of_whole(Some("cluster=ALL")), Some(0));
        assert_eq!(hno.rank_of_whole(Some("cluster=ALL;category=total")), Some(1));
        assert_eq!(hno.rank_of_whole(Some("cluster=ALL;category=IDPs")), None);
    }
}
