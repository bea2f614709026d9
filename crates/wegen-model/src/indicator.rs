//! What is measured: the registry of indicators, `registry/indicators.toml`.
//!
//! Each has a constant here, made from the registry when the program is built: `returned-refugees` is
//! [`RETURNED_REFUGEES`]. Code that means one certain indicator names the constant, so that a name that is not in the
//! registry does not build; [`Indicators::get`] is for names that come from outside.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use serde::Deserialize;

use crate::Lang;

/// An indicator of the registry, by its place there. Copied freely; its text form is [`IndicatorDef::id`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndicatorId(u16);

impl IndicatorId {
    /// Its place in the registry of this build: for what does not outlast it.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The indicator at a place in the registry of this build.
    pub fn from_number(number: u16) -> Option<IndicatorId> {
        (usize::from(number) < indicators().all().len()).then_some(IndicatorId(number))
    }
}

include!(concat!(env!("OUT_DIR"), "/indicators.rs"));

/// The part of a country report that an indicator belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Topic {
    /// Stocks of displaced people.
    Displacement,
    /// Applications and decisions.
    Asylum,
    /// Movements home and other solutions.
    Return,
    /// Deaths in organised violence.
    Security,
    /// Drinking water and sanitation.
    Water,
    /// Electricity.
    Electricity,
    /// Schooling and literacy.
    Education,
    /// Medical care.
    MedicalCare,
    /// Work and income.
    EconomicActivity,
    /// Population figures that others are set against.
    Population,
    /// Composite indices.
    Risk,
}

/// One indicator: what is counted, in which unit, by which definition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndicatorDef {
    /// Stable identifier, kebab-case.
    pub id: String,
    /// Its topic.
    pub topic: Topic,
    /// Unit as the publisher gives it: `persons`, `deaths`, `percent`, `usd`, `ppp-usd`, `index`, `per-10000`.
    pub unit: String,
    /// Decimals to show.
    #[serde(default)]
    pub decimals: u8,
    /// English label.
    pub en: String,
    /// Dutch label.
    pub nl: String,
    /// The publisher's code for it, where it has one (`EG.ELC.ACCS.ZS`).
    #[serde(default)]
    pub code: Option<String>,
    /// English definition, one sentence.
    pub definition_en: String,
    /// Dutch definition, one sentence.
    pub definition_nl: String,
}

impl IndicatorDef {
    /// The label.
    pub fn label(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Nl => &self.nl,
        }
    }

    /// The definition.
    pub fn definition(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.definition_en,
            Lang::Nl => &self.definition_nl,
        }
    }
}

/// All indicators, in the order of the registry.
#[derive(Debug)]
pub struct Indicators {
    all: Vec<IndicatorDef>,
    ids: BTreeMap<String, u16>,
    codes: BTreeMap<String, u16>,
}

/// The registry, read once.
pub fn indicators() -> &'static Indicators {
    #[derive(Deserialize)]
    struct File {
        indicator: Vec<IndicatorDef>,
    }
    static ALL: LazyLock<Indicators> = LazyLock::new(|| {
        let text = include_str!("../../../registry/indicators.toml");
        // Built in, and read whole by a test.
        let all = toml::from_str::<File>(text).map(|f| f.indicator).unwrap_or_default();
        let ids = all.iter().enumerate().map(|(i, d)| (d.id.clone(), i as u16)).collect();
        let codes = all.iter().enumerate().filter_map(|(i, d)| Some((d.code.clone()?, i as u16))).collect();
        Indicators { all, ids, codes }
    });
    &ALL
}

impl Indicators {
    /// Every indicator.
    pub fn all(&self) -> &[IndicatorDef] {
        &self.all
    }

    /// By identifier.
    pub fn get(&self, id: &str) -> Option<IndicatorId> {
        self.ids.get(id).copied().map(IndicatorId)
    }

    /// By the publisher's code.
    pub fn by_code(&self, code: &str) -> Option<IndicatorId> {
        self.codes.get(code).copied().map(IndicatorId)
    }
}

impl IndicatorId {
    /// Its entry in the registry.
    pub fn def(self) -> &'static IndicatorDef {
        &indicators().all[usize::from(self.0)]
    }

    /// Its identifier.
    pub fn as_str(self) -> &'static str {
        &self.def().id
    }
}

impl fmt::Display for IndicatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_whole() {
        let entries = include_str!("../../../registry/indicators.toml").matches("[[indicator]]").count();
        assert!(entries > 20);
        assert_eq!(indicators().all().len(), entries);
        assert_eq!(indicators().ids.len(), entries, "an id stands twice");
    }

    #[test]
    fn every_constant_is_the_indicator_of_its_name() {
        assert_eq!(RETURNED_REFUGEES.as_str(), "returned-refugees");
        assert_eq!(indicators().get("population"), Some(POPULATION));
        // The last of the registry, so that none between is missed.
        assert_eq!(indicators().all().last().map(|d| d.id.as_str()), Some(SIMULATED_AGAIN.as_str()));
    }

    #[test]
    fn publishers_codes_lead_to_indicators() {
        let id = indicators().by_code("EG.ELC.ACCS.ZS").unwrap();
        assert_eq!(id.as_str(), "electricity-access");
        assert_eq!(id.def().unit, "percent");
    }
}
