//! Where figures come from: the registry of sources, `registry/sources.toml`, and what a snapshot covers.

use std::sync::LazyLock;

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
    /// Caveats a reader must know, English.
    pub caveat_en: String,
    /// Caveats a reader must know, Dutch.
    pub caveat_nl: String,
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
}
