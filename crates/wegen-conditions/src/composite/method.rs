//! A method file: the indicators and groups of somebody's index, and what is done at each stage.

use std::collections::{BTreeMap, BTreeSet};

use super::method_file::{File, NodeTable};
use super::{
    Columns, CompositeError, Direction, Draft, Exception, Index, Normalisation, Outcome, Pipeline, Structure,
    read_meta,
};

/// An index as a method: structure and pipeline, without data.
///
/// ```
/// use wegen_conditions::composite::IndexMethod;
///
/// let method = IndexMethod::parse(
///     r#"
///     name = "Example"
///     [data]
///     unit = "place"
///     [normalise]
///     method = "minmax"
///     lower = 1
///     upper = 100
///     [aggregate]
///     method = "geometric"
///     [[group]]
///     code = "Index"
///     [[indicator]]
///     code = "water"
///     parent = "Index"
///     [[indicator]]
///     code = "severity"
///     parent = "Index"
///     direction = -1
///     "#,
/// )?;
/// let outcome = method.run("place,water,severity\na,10,4\nb,20,5\nc,15,1\n")?;
/// assert_eq!(outcome.ranks, [3, 2, 1]);
/// # Ok::<(), wegen_conditions::composite::CompositeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IndexMethod {
    /// The name of the index.
    pub name: String,
    /// Which columns of the data are what.
    pub columns: Columns,
    /// Indicators and groups.
    pub structure: Structure,
    /// What is done at each stage.
    pub pipeline: Pipeline,
}

impl IndexMethod {
    /// Reads a method file with its indicators and groups.
    ///
    /// # Errors
    /// [`CompositeError::Method`] with the line: unknown keys and names of methods, options out of range, and what
    /// [`Structure::new`] refuses.
    pub fn parse(text: &str) -> Result<Self, CompositeError> {
        Self::read(text, None)
    }

    /// Reads a method file without indicators and groups; these, groupings and denominators come from `iMeta`.
    ///
    /// # Errors
    /// As [`IndexMethod::parse`] and [`read_meta`].
    pub fn parse_with_meta(text: &str, meta: &str) -> Result<Self, CompositeError> {
        Self::read(text, Some(meta))
    }

    /// The index of a table of data as CSV.
    ///
    /// # Errors
    /// As [`Index::with_structure`].
    pub fn index(&self, data: &str) -> Result<Index, CompositeError> {
        Index::with_structure(self.structure.clone(), &self.columns, data)
    }

    /// Runs all stages on a table of data as CSV.
    ///
    /// # Errors
    /// As [`Index::with_structure`] and [`Pipeline::run`].
    pub fn run(&self, data: &str) -> Result<Outcome, CompositeError> {
        self.pipeline.run(&self.index(data)?)
    }

    fn read(text: &str, meta: Option<&str>) -> Result<Self, CompositeError> {
        let lines = Lines(text);
        let file: File = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(1, |span| lines.of(span.start));
            CompositeError::method(line, e.message())
        })?;
        let mut columns = file.data.columns();
        let structure = match meta {
            None => structure(&file, &lines)?,
            Some(meta) => {
                if let Some(node) = file.group.first().or(file.indicator.first()) {
                    let problem = "indicators and groups come from iMeta, expected none here";
                    return Err(lines.fault(node.code.span(), problem));
                }
                let (structure, described) = read_meta(meta)?;
                for (own, others) in [
                    (&mut columns.groupings, described.groupings),
                    (&mut columns.denominators, described.denominators),
                ] {
                    for other in others {
                        if !own.contains(&other) {
                            own.push(other);
                        }
                    }
                }
                structure
            }
        };
        let mut exceptions = BTreeMap::new();
        for node in &file.indicator {
            let exception = Exception {
                treat: node.treatment(&file.treat, &lines)?,
                normalise: node.normalise.as_ref().map(|n| n.normalisation(&lines)).transpose()?,
            };
            if exception != Exception::default() {
                exceptions.insert(node.code.get_ref().clone(), exception);
            }
        }
        let default = Pipeline::default();
        let pipeline = Pipeline {
            denominate: structure.indicators().iter().any(|n| n.draft.denominator.is_some()),
            impute: file.impute.as_ref().map(|i| i.imputation(&columns, &lines)).transpose()?,
            screen: file.screen.as_ref().map(|s| s.screening(&lines)).transpose()?,
            treat: file.treat.as_ref().map(|t| t.treatment(&lines)).transpose()?,
            treat_together: file.treat.as_ref().is_some_and(|t| t.together),
            normalise: match &file.normalise {
                Some(table) => table.normalisation(&lines)?,
                None => default.normalise,
            },
            normalise_together: file.normalise.as_ref().and_then(|n| n.together).unwrap_or(true),
            aggregate: match &file.aggregate {
                Some(table) => table.aggregation(structure.levels(), &lines)?,
                None => default.aggregate,
            },
            exceptions,
        };
        let method = Self { name: file.name.unwrap_or_default(), columns, structure, pipeline };
        method.check(&file.indicator, &lines)?;
        Ok(method)
    }

    /// What indicators name must exist.
    fn check(&self, tables: &[NodeTable], lines: &Lines<'_>) -> Result<(), CompositeError> {
        let spans: BTreeMap<&str, std::ops::Range<usize>> =
            tables.iter().map(|t| (t.code.get_ref().as_str(), t.code.span())).collect();
        let known: BTreeSet<&str> = self.columns.denominators.iter().map(String::as_str).collect();
        for (node, how) in
            self.structure.indicators().iter().zip(self.pipeline.normalisations(&self.structure))
        {
            let code = node.draft.code.as_str();
            let span = spans.get(code).cloned().unwrap_or(0..0);
            if let Some(d) = node.draft.denominator.as_deref().filter(|d| !known.contains(d)) {
                let problem =
                    format!("`{code}`: found denominator `{d}`, expected one of `denominators` in `[data]`");
                return Err(lines.fault(span, problem));
            }
            if matches!(how, Normalisation::DistanceToTarget { .. }) && node.draft.target.is_none() {
                return Err(
                    lines.fault(span, format!("`{code}` has no target, expected one for its normalisation"))
                );
            }
        }
        Ok(())
    }
}

/// Lines of byte offsets.
pub(crate) struct Lines<'a>(&'a str);

impl Lines<'_> {
    fn of(&self, offset: usize) -> usize {
        1 + self.0.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count()
    }

    pub(crate) fn fault(&self, span: std::ops::Range<usize>, problem: impl Into<String>) -> CompositeError {
        CompositeError::method(self.of(span.start), problem)
    }
}

fn structure(file: &File, lines: &Lines<'_>) -> Result<Structure, CompositeError> {
    let mut drafts = Vec::with_capacity(file.indicator.len() + file.group.len());
    let mut spans = Vec::with_capacity(drafts.capacity());
    for (tables, indicator) in [(&file.indicator, true), (&file.group, false)] {
        for table in tables {
            drafts.push(draft(table, indicator, lines)?);
            spans.push(table.code.span());
        }
    }
    Structure::new(drafts).map_err(|e| match e {
        CompositeError::Structure { node, code, problem } => {
            let problem = if code.is_empty() { problem } else { format!("`{code}`: {problem}") };
            lines.fault(spans.get(node).cloned().unwrap_or(0..0), problem)
        }
        other => other,
    })
}

fn draft(table: &NodeTable, indicator: bool, lines: &Lines<'_>) -> Result<Draft, CompositeError> {
    let code = table.code.get_ref().clone();
    if !indicator && let Some(key) = table.only_of_indicators() {
        return Err(
            lines.fault(table.code.span(), format!("`{code}`: `{key}` is for indicators, found in a group"))
        );
    }
    let direction = match &table.direction {
        None => Direction::Higher,
        Some(sign) => match sign.get_ref() {
            1 => Direction::Higher,
            -1 => Direction::Lower,
            found => {
                return Err(lines.fault(sign.span(), format!("found direction {found}, expected 1 or -1")));
            }
        },
    };
    if let Some(scale) = table.scale.as_ref().filter(|s| !(s.get_ref().is_finite() && *s.get_ref() != 0.0)) {
        let problem = format!("found scale {}, expected a finite number other than 0", scale.get_ref());
        return Err(lines.fault(scale.span(), problem));
    }
    if let Some(target) = table.target.as_ref().filter(|t| !t.get_ref().is_finite()) {
        let problem = format!("found target {}, expected a finite number", target.get_ref());
        return Err(lines.fault(target.span(), problem));
    }
    Ok(Draft {
        name: table.name.clone().unwrap_or_else(|| code.clone()),
        unit: table.unit.clone().unwrap_or_default(),
        indicator,
        level: table.level,
        parent: table.parent.clone(),
        weight: table.weight.unwrap_or(1.0),
        direction,
        target: table.target.as_ref().map(|t| *t.get_ref()),
        denominator: table.denominator.clone(),
        scale: table.scale.as_ref().map_or(1.0, |s| *s.get_ref()),
        code,
    })
}
