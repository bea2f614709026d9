//! Recipes: how each figure is computed from an edition. Pure functions of edition and parameters.
//!
//! A recipe has a name, a version, the parameters it knows, and messages `recipe-NAME` (what it is) and
//! `how-NAME` (how it is computed) in every language.

mod asylum;
mod conditions;
mod displacement;
mod needs;
mod routes;
mod security;
mod services;
mod simulation;

use std::collections::BTreeMap;

use wegen_ledger::{Evidence, LedgerError, RecordFilter, Row};
use wegen_model::{Code, IndicatorId, Lang, Observation, countries, indicators};

use crate::figure::{Cell, Figure, FigureId, Missing, Value};

/// A figure that cannot be computed because of how it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// No such recipe.
    #[error("no recipe `{0}`; there are {1}")]
    UnknownRecipe(String, String),
    /// A parameter that the recipe does not know.
    #[error("`{recipe}` has no parameter `{name}`; it has {known}")]
    UnknownParameter {
        /// The recipe.
        recipe: String,
        /// The parameter.
        name: String,
        /// Those it has.
        known: String,
    },
    /// A parameter that is missing or cannot be read.
    #[error("`{recipe}`: parameter `{name}`: found {found}, expected {expected}")]
    Parameter {
        /// The recipe.
        recipe: String,
        /// The parameter.
        name: String,
        /// What was given.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// The ledger could not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What a recipe answers with.
pub(crate) struct Computed {
    pub(crate) value: Value,
    pub(crate) unit: &'static str,
    pub(crate) decimals: u8,
    pub(crate) sources: Vec<String>,
}

impl Computed {
    fn persons(cell: Cell, source: &str) -> Computed {
        Computed {
            value: Value::Number(cell),
            unit: "persons",
            decimals: 0,
            sources: vec![source.to_owned()],
        }
    }
}

/// A way to compute a figure.
pub struct Recipe {
    /// Its name.
    pub name: &'static str,
    /// Raised whenever the same edition gives another value.
    pub version: u32,
    /// The sources that it may draw on.
    pub draws_on: &'static [&'static str],
    /// The parameters it knows, with what each is.
    pub params: &'static [(&'static str, &'static str)],
    compute: fn(&Ask<'_>) -> Result<Computed, FigureError>,
}

const ORIGIN: (&str, &str) = ("origin", "country of origin, ISO 3166-1 alpha-3");
const HOST: (&str, &str) = ("host", "country of asylum, ISO 3166-1 alpha-3");
const COUNTRY: (&str, &str) = ("country", "country, ISO 3166-1 alpha-3");
const YEAR: (&str, &str) = ("year", "calendar year");
const FROM: (&str, &str) = ("from", "first year");
const TO: (&str, &str) = ("to", "last year");
const TOP: (&str, &str) = ("top", "how many are named; the rest is added up");

/// All recipes, by name.
pub fn recipes() -> Vec<&'static Recipe> {
    let mut all: Vec<&Recipe> = [
        &displacement::RECIPES[..],
        &asylum::RECIPES[..],
        &conditions::RECIPES[..],
        &needs::RECIPES[..],
        &security::RECIPES[..],
        &services::RECIPES[..],
        &routes::RECIPES[..],
        &simulation::RECIPES[..],
    ]
    .into_iter()
    .flatten()
    .collect();
    all.sort_by_key(|r| r.name);
    all
}

/// The sources that a recipe may draw on; none where there is no such recipe.
pub(crate) fn draws_on(recipe: &str) -> &'static [&'static str] {
    recipes().iter().find(|r| r.name == recipe).map_or(&[], |r| r.draws_on)
}

/// Computes a figure from an edition; labels in `lang`, values the same in every language.
///
/// # Errors
/// [`FigureError`] where recipe or parameters are not known or cannot be read. What the evidence does not hold
/// is no error: the value is then missing, and says why.
pub fn compute(evidence: Evidence<'_>, id: &FigureId, lang: Lang) -> Result<Figure, FigureError> {
    let all = recipes();
    let Some(recipe) = all.iter().find(|r| r.name == id.recipe) else {
        let names: Vec<&str> = all.iter().map(|r| r.name).collect();
        return Err(FigureError::UnknownRecipe(id.recipe.clone(), names.join(", ")));
    };
    if let Some(name) = id.params.keys().find(|name| !recipe.params.iter().any(|(known, _)| known == *name)) {
        let known: Vec<&str> = recipe.params.iter().map(|p| p.0).collect();
        return Err(FigureError::UnknownParameter {
            recipe: id.recipe.clone(),
            name: name.clone(),
            known: known.join(", "),
        });
    }
    let ask = Ask { evidence, id, lang };
    let computed = (recipe.compute)(&ask)?;
    let country = ["origin", "country"].iter().find_map(|p| Code::new(id.params.get(*p)?).ok());
    let place = |name: &str| {
        id.params
            .get(name)
            .map_or(String::new(), |v| Code::new(v).map_or(v.clone(), |c| countries().name(c, lang)))
    };
    let (origin, host, land) = (place("origin"), place("host"), place("country"));
    let text = |name: &str| id.params.get(name).cloned().unwrap_or_default();
    let (year, from, to) = (text("year"), text("from"), text("to"));
    let args = [
        ("origin", &*origin),
        ("host", &*host),
        ("country", &*land),
        ("year", &*year),
        ("from", &*from),
        ("to", &*to),
    ];
    let specific = ["kind", "setting", "indicator", "type"].iter().find_map(|p| id.params.get(*p));
    let label = specific
        .map(|s| format!("recipe-{}-{s}", recipe.name))
        .or_else(|| id.params.contains_key("host").then(|| format!("recipe-{}-host", recipe.name)))
        .filter(|m| lang.has(m))
        .unwrap_or_else(|| format!("recipe-{}", recipe.name));
    let label = match id.params.get("indicator").and_then(|i| indicators().get(i)) {
        Some(indicator) => indicator.def().label(lang).to_owned(),
        None => lang.text_with(&label, &args),
    };
    // One capture alone is computed another way than the newest of several.
    let alone = format!("how-{}-capture", recipe.name);
    let how = match id.params.contains_key("capture") && lang.has(&alone) {
        true => alone,
        false => format!("how-{}", recipe.name),
    };
    Ok(Figure {
        id: id.clone(),
        version: recipe.version,
        edition: evidence.edition().id(),
        label,
        how: lang.text_with(&how, &args),
        unit: computed.unit.to_owned(),
        decimals: computed.decimals,
        sources: computed.sources,
        country,
        value: computed.value,
    })
}

/// A question to a recipe: the edition, the parameters, the language of labels.
pub(crate) struct Ask<'a> {
    pub(crate) evidence: Evidence<'a>,
    id: &'a FigureId,
    pub(crate) lang: Lang,
}

impl Ask<'_> {
    fn wrong(&self, name: &str, expected: &'static str) -> FigureError {
        FigureError::Parameter {
            recipe: self.id.recipe.clone(),
            name: name.to_owned(),
            found: self.id.params.get(name).map_or("nothing".to_owned(), |v| format!("`{v}`")),
            expected,
        }
    }

    /// A parameter's text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.id.params.get(name).map(String::as_str)
    }

    /// A country that is given.
    pub(crate) fn maybe_country(&self, name: &str) -> Result<Option<Code>, FigureError> {
        match self.text(name) {
            None => Ok(None),
            Some(text) => {
                let country = countries().by_iso3(text);
                country
                    .map(|c| Some(c.iso3))
                    .ok_or_else(|| self.wrong(name, "a country's ISO 3166-1 alpha-3 code"))
            }
        }
    }

    /// A country that must be given.
    pub(crate) fn country(&self, name: &str) -> Result<Code, FigureError> {
        self.maybe_country(name)?.ok_or_else(|| self.wrong(name, "a country's ISO 3166-1 alpha-3 code"))
    }

    /// A whole number, or `otherwise` where none is given.
    pub(crate) fn number(&self, name: &str, otherwise: i32) -> Result<i32, FigureError> {
        match self.text(name) {
            None => Ok(otherwise),
            Some(text) => text.parse().map_err(|_| self.wrong(name, "a whole number")),
        }
    }

    /// A year that must be given.
    pub(crate) fn year(&self) -> Result<i32, FigureError> {
        let year = self.number("year", 0)?;
        (1900..2200).contains(&year).then_some(year).ok_or_else(|| self.wrong("year", "a calendar year"))
    }

    /// One of a few words, or `otherwise` where none is given.
    pub(crate) fn word<'w>(
        &self,
        name: &str,
        words: &[&'w str],
        otherwise: &'w str,
    ) -> Result<&'w str, FigureError> {
        match self.text(name) {
            None => Ok(otherwise),
            Some(text) => {
                words.iter().find(|w| **w == text).copied().ok_or_else(|| self.wrong(name, "a word it knows"))
            }
        }
    }

    /// An indicator of the registry.
    pub(crate) fn indicator(&self, id: &str) -> Result<IndicatorId, FigureError> {
        indicators().get(id).ok_or_else(|| self.wrong("indicator", "an indicator of the registry"))
    }

    /// Observations of one indicator.
    pub(crate) fn observations(
        &self,
        source: &str,
        indicator: &str,
        place: Option<Code>,
    ) -> Result<Vec<Row<Observation>>, FigureError> {
        let mut filter = RecordFilter::of(source).indicator(self.indicator(indicator)?);
        if let Some(place) = place {
            filter = filter.place(place);
        }
        Ok(self.evidence.observations(&filter)?)
    }

    /// Why a year of a country has no value.
    pub(crate) fn why_missing(&self, source: &str, country: Option<Code>, year: i32) -> Missing {
        match self.evidence.answering(source, country, year) {
            Some(_) => Missing::NotReported,
            None => Missing::NotHeld,
        }
    }

    /// The years from `from` to `to`, where `otherwise` gives the last one by default.
    pub(crate) fn years(&self, first: i32, last: i32) -> Result<(i32, i32), FigureError> {
        let (from, to) = (self.number("from", first)?, self.number("to", last)?);
        if from <= to && to - from < 200 {
            Ok((from, to))
        } else {
            Err(self.wrong("to", "a year from `from` on"))
        }
    }
}

/// Sums of observations by year.
pub(crate) fn by_year(
    rows: &[Row<Observation>],
    accept: impl Fn(&Observation) -> bool,
) -> BTreeMap<i32, Cell> {
    let mut sums: BTreeMap<i32, Cell> = BTreeMap::new();
    for row in rows.iter().filter(|r| accept(&r.value)) {
        sums.entry(row.value.period.year()).or_default().add(row.value.value, row.value.bounds, row.record);
    }
    sums
}

/// The value of a year, or why there is none.
pub(crate) fn take(
    sums: &mut BTreeMap<i32, Cell>,
    ask: &Ask<'_>,
    source: &str,
    country: Option<Code>,
    year: i32,
) -> Cell {
    sums.remove(&year).unwrap_or_else(|| Cell::missing(ask.why_missing(source, country, year)))
}

/// The last year in which any of these rows reports more than nothing.
pub(crate) fn last_year(rows: &[Row<Observation>]) -> Option<i32> {
    rows.iter().filter(|r| r.value.value > 0.0).map(|r| r.value.period.year()).max()
}

/// The last year that the edition can answer for, of a source and country.
pub(crate) fn last_covered(evidence: Evidence<'_>, source: &str, country: Option<Code>) -> Option<i32> {
    // A ledger that cannot answer here will say so when the figure itself is asked for.
    evidence.last_year(source, country).ok().flatten()
}
