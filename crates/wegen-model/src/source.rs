//! Where figures come from: the registry of sources, `registry/sources.toml`, and what a snapshot covers.

use std::{fmt, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::{Code, Lang};

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

/// Which questions a snapshot answers: one country or all, some years or all.
///
/// A newer snapshot replaces an older one where its scope covers the question, and only there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The country it is about (of origin, or where it is measured); all where `None`.
    pub country: Option<Code>,
    /// First and last year; all where `None`.
    pub years: Option<(i32, i32)>,
}

impl Scope {
    /// Everything.
    pub const ALL: Scope = Scope { country: None, years: None };

    /// One country, all years.
    pub fn country(code: Code) -> Scope {
        Scope { country: Some(code), years: None }
    }

    /// One year, all countries.
    pub fn year(year: i32) -> Scope {
        Scope { country: None, years: Some((year, year)) }
    }

    /// Whether a snapshot of this scope answers for `country` (all countries where `None`) in `year`.
    pub fn covers(self, country: Option<Code>, year: i32) -> bool {
        let place = match (self.country, country) {
            (None, _) => true,
            (Some(mine), Some(asked)) => mine == asked,
            (Some(_), None) => false,
        };
        place && self.years.is_none_or(|(from, to)| (from..=to).contains(&year))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.country {
            Some(code) => write!(f, "{code}")?,
            None => f.write_str("*")?,
        }
        match self.years {
            Some((from, to)) if from == to => write!(f, "/{from}"),
            Some((from, to)) => write!(f, "/{from}-{to}"),
            None => Ok(()),
        }
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
    fn scopes_cover_what_they_say() {
        let syria = Code::new("SYR").unwrap();
        assert!(Scope::ALL.covers(None, 2024) && Scope::ALL.covers(Some(syria), 1951));
        assert!(Scope::country(syria).covers(Some(syria), 2024));
        assert!(!Scope::country(syria).covers(None, 2024));
        assert!(Scope::year(2014).covers(None, 2014) && !Scope::year(2014).covers(None, 2015));
    }
}
