//! A design of replications: which option each of them takes at each stage.

use super::index::Sheet;
use super::{Aggregation, CompositeError, Imputation, Normalisation, Screening, Treatment};

/// The largest number of cells of a design that is enumerated.
pub const MAX_CELLS: usize = 100_000;

/// An alternative to what the pipeline does at a stage.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Choice {
    /// Whether to divide by denominators.
    Denominate(bool),
    /// How to fill in.
    Impute(Option<Imputation>),
    /// Which units to leave out. Options that keep other units than the nominal run fail.
    Screen(Option<Screening>),
    /// What to do about outliers.
    Treat(Option<Treatment>),
    /// How to normalise.
    Normalise(Normalisation),
    /// Other weights for these codes.
    Weights(Vec<(String, f64)>),
    /// How to aggregate.
    Aggregate(Aggregation),
}

/// Something that varies.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The name: the column of a design file.
    pub name: String,
    /// The options with the labels that a design file uses.
    pub options: Vec<(String, Choice)>,
}

/// Replications, each with an option of every factor.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    factors: Vec<Factor>,
    rows: Vec<u32>,
    names: Vec<String>,
}

impl Design {
    /// A design without replications.
    ///
    /// # Errors
    /// If there is no factor, or a factor has no options or more than [`MAX_CELLS`].
    pub fn new(factors: Vec<Factor>) -> Result<Self, CompositeError> {
        if factors.is_empty() {
            return Err(CompositeError::Options("found no factors, expected at least one".to_owned()));
        }
        match factors.iter().find(|f| f.options.is_empty() || f.options.len() > MAX_CELLS) {
            None => Ok(Self { factors, rows: Vec::new(), names: Vec::new() }),
            Some(f) => Err(CompositeError::Options(format!(
                "factor `{}`: found {} options, expected 1 to {MAX_CELLS}",
                f.name,
                f.options.len()
            ))),
        }
    }

    /// Every combination of options once, the last factor changing fastest.
    ///
    /// # Errors
    /// If there are more than [`MAX_CELLS`].
    pub fn full(factors: Vec<Factor>) -> Result<Self, CompositeError> {
        let mut design = Self::new(factors)?;
        let cells = design.factors.iter().try_fold(1_usize, |n, f| n.checked_mul(f.options.len()));
        let Some(cells) = cells.filter(|n| *n <= MAX_CELLS) else {
            return Err(CompositeError::Options(format!("the design has more than {MAX_CELLS} cells")));
        };
        for cell in 0..cells {
            let mut rest = cell;
            let mut options = vec![0; design.factors.len()];
            for (option, factor) in options.iter_mut().zip(&design.factors).rev() {
                *option = (rest % factor.options.len()) as u32;
                rest /= factor.options.len();
            }
            design.rows.extend(options);
            design.names.push((cell + 1).to_string());
        }
        Ok(design)
    }

    /// A design from CSV with a column of labels for each factor. Names of replications come from the column `rep` or
    /// are counted from 1; other columns are passed over.
    ///
    /// # Errors
    /// If a column is absent or a label is none of the factor's.
    pub fn from_csv(factors: Vec<Factor>, text: &str) -> Result<Self, CompositeError> {
        const FILE: &str = "design";
        let mut design = Self::new(factors)?;
        let sheet = Sheet::read(FILE, text)?;
        let columns = design
            .factors
            .iter()
            .map(|f| sheet.required(&f.name))
            .collect::<Result<Vec<usize>, CompositeError>>()?;
        let name = sheet.at("rep");
        for (count, (line, row)) in sheet.rows.iter().enumerate() {
            for (factor, &column) in design.factors.iter().zip(&columns) {
                let label = &row[column];
                let option = factor.options.iter().position(|(l, _)| l == label).ok_or_else(|| {
                    let labels: Vec<&str> = factor.options.iter().take(8).map(|(l, _)| l.as_str()).collect();
                    let more = if factor.options.len() > 8 { ", …" } else { "" };
                    let expected = format!("one of `{}`{more}", labels.join("`, `"));
                    CompositeError::cell(FILE, *line, &factor.name, label, expected)
                })?;
                design.rows.push(option as u32);
            }
            design.names.push(name.map_or((count + 1).to_string(), |at| row[at].clone()));
        }
        Ok(design)
    }

    /// A design from uniforms in [0, 1), a row of one for each factor after another. A uniform u takes option ⌊u n⌋ of
    /// n, whatever the other uniforms are.
    ///
    /// # Errors
    /// If a uniform is outside [0, 1), or the last row is not complete.
    pub fn from_uniforms(factors: Vec<Factor>, uniforms: &[f64]) -> Result<Self, CompositeError> {
        let mut design = Self::new(factors)?;
        let width = design.factors.len();
        if !uniforms.len().is_multiple_of(width) {
            let problem = format!("found {} uniforms, expected {width} for each replication", uniforms.len());
            return Err(CompositeError::Options(problem));
        }
        for (at, &u) in uniforms.iter().enumerate() {
            if !(0.0..1.0).contains(&u) {
                return Err(CompositeError::Options(format!(
                    "found uniform {u}, expected at least 0 and below 1"
                )));
            }
            let options = design.factors[at % width].options.len();
            design.rows.push(((u * options as f64) as usize).min(options - 1) as u32);
        }
        design.names = (1..=uniforms.len() / width).map(|n| n.to_string()).collect();
        Ok(design)
    }

    /// The factors.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The number of replications.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are no replications.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a replication.
    #[must_use]
    pub fn name(&self, replication: usize) -> &str {
        &self.names[replication]
    }

    /// The options of a replication, by position in each factor.
    #[must_use]
    pub fn options(&self, replication: usize) -> &[u32] {
        &self.rows[replication * self.factors.len()..(replication + 1) * self.factors.len()]
    }

    /// The options of a replication in words.
    #[must_use]
    pub fn describe(&self, replication: usize) -> String {
        let each = self.factors.iter().zip(self.options(replication));
        each.map(|(f, &o)| format!("{} {}", f.name, f.options[o as usize].0)).collect::<Vec<_>>().join(", ")
    }
}
