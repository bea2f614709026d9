//! Recipes: how each figure is computed from an edition. Pure functions of edition and parameters.
//!
//! A recipe has a name, a version, the parameters it knows, and messages `recipe-NAME` (what it is) and
//! `how-NAME` (how it is computed) in every language.

mod asylum;
mod conditions;
mod displacement;
mod label;
mod needs;
mod routes;
mod security;
mod services;
mod simulation;

use std::{cell, collections::BTreeMap};

use wegen_ledger::{Evidence, LedgerError, RecordFilter, Row};
use wegen_model::{Asked, Code, IndicatorId, Lang, Observation, Period, Span, countries, indicators};

use crate::figure::{Cell, Figure, FigureId, Missing, TableRow, Value};

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
    /// No month is given, and nothing is held on the country that gives one.
    #[error("nothing is held on {name} ({0}), so no month follows from it; give one, as 2019-12",
        name = countries().name(*.0, Lang::En))]
    NothingHeld(Code),
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
const YEAR: (&str, &str) = ("year", "calendar year; the last one held where none is given");
const FROM: (&str, &str) = ("from", "first year; some years before the last one where none is given");
const TO: (&str, &str) = ("to", "last year; the last one held where none is given");
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

/// The figure that a map of `figure` draws: where its columns are countries, every one of them by name and the last
/// year alone; otherwise the figure itself.
pub(crate) fn mapped(figure: &Figure) -> FigureId {
    let mut id = figure.id.clone();
    let named = displacement::NAMES_COUNTRIES.contains(&&*id.recipe);
    if let (true, Value::Table(table)) = (named, &figure.value)
        && let Some(last) = table.rows.last().filter(|row| row.key.parse::<i32>().is_ok())
    {
        for (name, value) in [("from", &*last.key), ("to", &*last.key), ("top", displacement::ALL_NAMED)] {
            id.params.insert(name.to_owned(), value.to_owned());
        }
    }
    id
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
    let ask = Ask { evidence, id, lang, covers: cell::Cell::new(None), known: cell::Cell::new(None) };
    let computed = (recipe.compute)(&ask)?;
    let country = ["origin", "country"].iter().find_map(|p| Code::new(id.params.get(*p)?).ok());
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
        label: label::label(recipe, id, ask.covers.get(), ask.known.get(), lang),
        how: lang.text(&how),
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
    /// The period that the answer covers, once the recipe has found it; the label says it.
    covers: cell::Cell<Option<(Period, Period)>>,
    /// What of it is known, where that is not all: the label says it as well.
    known: cell::Cell<Option<Known>>,
}

/// What of a period is known.
#[derive(Clone, Copy)]
pub(crate) enum Known {
    /// These months are covered; what is held of others is rows alone.
    Months(Span),
    /// No month is covered: rows alone.
    Rows,
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

    /// Says which period the answer covers, from its first to its last year, month or day.
    pub(crate) fn covers(&self, first: Period, last: Period) {
        self.covers.set(Some((first, last)));
    }

    /// Says, where declared coverage does not hold all that is asked, which months it holds: what is counted in the others
    /// is what rows show, and may not be all.
    pub(crate) fn known_for(&self, source: &str, asked: Asked) -> Result<(), FigureError> {
        let Some(period) = asked.period else { return Ok(()) };
        let months = self.evidence.months_of(source, None, asked)?;
        if period.is_held_by(months.iter().copied()) {
            return Ok(());
        }
        let within = || months.iter().filter_map(|m| m.both(period));
        let ends = within().filter_map(Span::first).min().zip(within().filter_map(Span::last).max());
        let span = ends.and_then(|(first, last)| Span::between(first, last));
        self.known.set(Some(span.map_or(Known::Rows, Known::Months)));
        Ok(())
    }

    fn covers_years(&self, from: i32, to: i32) {
        let year = |year: i32| Period::of_year(i16::try_from(year).ok()?);
        self.covers.set(year(from).zip(year(to)));
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

    /// The year that is given, or the last one that the edition can answer for; `None` where there is neither.
    pub(crate) fn year(&self, source: &str, country: Option<Code>) -> Result<Option<i32>, FigureError> {
        let held = match self.text("year") {
            Some(_) => None,
            None => last_covered(self.evidence, source, country)?,
        };
        self.year_or(held)
    }

    /// A year that is given, or the last one that is held; `None` where there is neither.
    pub(crate) fn year_or(&self, held: Option<i32>) -> Result<Option<i32>, FigureError> {
        let year = match self.text("year") {
            None => held,
            Some(_) => Some(self.number("year", 0)?)
                .filter(|year| YEARS.contains(year))
                .map(Some)
                .ok_or_else(|| self.wrong("year", "a calendar year"))?,
        };
        if let Some(year) = year {
            self.covers_years(year, year);
        }
        Ok(year)
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

    /// The years from `from` to `to`: where they are not given, up to the `last` year that is held and from `first`
    /// of the last one on. `None` where they are neither given nor held: no year is invented.
    pub(crate) fn years(
        &self,
        last: Option<i32>,
        first: impl Fn(i32) -> i32,
    ) -> Result<Option<(i32, i32)>, FigureError> {
        let given = |name: &'static str| -> Result<Option<i32>, FigureError> {
            match self.text(name) {
                None => Ok(None),
                Some(_) => {
                    let year = self.number(name, 0)?;
                    YEARS
                        .contains(&year)
                        .then_some(Some(year))
                        .ok_or_else(|| self.wrong(name, "a calendar year"))
                }
            }
        };
        let (from, to) = (given("from")?, given("to")?);
        // Of a first year beyond the last one held, that year alone is asked for.
        let Some(to) = to.or(last.max(from)) else { return Ok(None) };
        let from = from.unwrap_or_else(|| first(to).min(to));
        if from > to {
            return Err(self.wrong("to", "a year from `from` on"));
        }
        self.covers_years(from, to);
        Ok(Some((from, to)))
    }

    /// A row for each year; where there is none, a row that says that nothing is held.
    pub(crate) fn rows_by_year(
        &self,
        years: Option<(i32, i32)>,
        columns: usize,
        mut cells: impl FnMut(i32) -> Vec<Cell>,
    ) -> Vec<TableRow> {
        let Some((from, to)) = years else {
            return vec![TableRow {
                key: "none".into(),
                label: self.lang.text("row-nothing-held"),
                cells: vec![Cell::missing(Missing::NotHeld); columns],
            }];
        };
        let row = |year: i32| TableRow { key: year.to_string(), label: year.to_string(), cells: cells(year) };
        (from..=to).map(row).collect()
    }
}

/// Years that a figure can be asked of.
const YEARS: std::ops::Range<i32> = 1900..2200;

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

/// Sums over all counterparts, of the years in which declared coverage holds all of them: the rows of some countries of
/// asylum are no sum over the world.
pub(crate) fn over_all(
    ask: &Ask<'_>,
    source: &str,
    country: Option<Code>,
    mut sums: BTreeMap<i32, Cell>,
) -> BTreeMap<i32, Cell> {
    sums.retain(|year, _| ask.evidence.answering(source, country, *year).is_some());
    sums
}

/// The value of a year, or why there is none; no year is one that is not held.
pub(crate) fn take(
    sums: &mut BTreeMap<i32, Cell>,
    ask: &Ask<'_>,
    source: &str,
    country: Option<Code>,
    year: impl Into<Option<i32>>,
) -> Cell {
    let Some(year) = year.into() else { return Cell::missing(Missing::NotHeld) };
    sums.remove(&year).unwrap_or_else(|| Cell::missing(ask.why_missing(source, country, year)))
}

/// The last year in which any of these rows reports more than nothing.
pub(crate) fn last_year(rows: &[Row<Observation>]) -> Option<i32> {
    rows.iter().filter(|r| r.value.value > 0.0).map(|r| r.value.period.year()).max()
}

/// The last year that the edition can answer for, of a source and country.
///
/// # Errors
/// The ledger's: a ledger that cannot answer is no ledger that holds nothing.
pub(crate) fn last_covered(
    evidence: Evidence<'_>,
    source: &str,
    country: Option<Code>,
) -> Result<Option<i32>, LedgerError> {
    evidence.last_year(source, country)
}
