//! The tables of a method file, and what each means.

use serde::Deserialize;
use toml::Spanned;

use super::method::Lines;
use super::{
    Aggregation, Centre, Columns, CompositeError, Imputation, Mean, Normalisation, Screening, Transform,
    Treatment,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) data: DataTable,
    pub(crate) impute: Option<ImputeTable>,
    pub(crate) screen: Option<ScreenTable>,
    pub(crate) treat: Option<TreatTable>,
    pub(crate) normalise: Option<NormaliseTable>,
    pub(crate) aggregate: Option<AggregateTable>,
    #[serde(default)]
    pub(crate) group: Vec<NodeTable>,
    #[serde(default)]
    pub(crate) indicator: Vec<NodeTable>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataTable {
    unit: Option<String>,
    name: Option<String>,
    time: Option<String>,
    #[serde(default)]
    groupings: Vec<String>,
    #[serde(default)]
    denominators: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImputeTable {
    method: Spanned<String>,
    grouping: Option<Spanned<String>>,
    #[serde(default)]
    together: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScreenTable {
    available: Option<Spanned<f64>>,
    nonzero: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TreatTable {
    skewness: Option<Spanned<f64>>,
    kurtosis: Option<Spanned<f64>>,
    winmax: Option<usize>,
    transform: Option<Spanned<String>>,
    lambda: Option<Spanned<f64>>,
    #[serde(default)]
    pub(crate) together: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NormaliseTable {
    method: Spanned<String>,
    lower: Option<Spanned<f64>>,
    upper: Option<Spanned<f64>>,
    mean: Option<Spanned<f64>>,
    deviation: Option<Spanned<f64>>,
    reference: Option<Spanned<String>>,
    capped: Option<Spanned<bool>>,
    pub(crate) together: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AggregateTable {
    method: Option<Spanned<String>>,
    levels: Option<Spanned<Vec<Spanned<String>>>>,
    power: Option<Spanned<f64>>,
    top: Option<Spanned<f64>>,
    threshold: Option<Spanned<f64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeTable {
    pub(crate) code: Spanned<String>,
    pub(crate) name: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) level: Option<usize>,
    pub(crate) weight: Option<f64>,
    pub(crate) direction: Option<Spanned<i64>>,
    pub(crate) target: Option<Spanned<f64>>,
    pub(crate) denominator: Option<String>,
    pub(crate) scale: Option<Spanned<f64>>,
    treat: Option<bool>,
    winmax: Option<Spanned<usize>>,
    pub(crate) normalise: Option<NormaliseTable>,
}

impl DataTable {
    pub(crate) fn columns(&self) -> Columns {
        let default = Columns::default();
        Columns {
            unit: self.unit.clone().unwrap_or(default.unit),
            name: self.name.clone().unwrap_or(default.name),
            time: self.time.clone().unwrap_or(default.time),
            groupings: self.groupings.clone(),
            denominators: self.denominators.clone(),
        }
    }
}

impl ImputeTable {
    pub(crate) fn imputation(
        &self,
        columns: &Columns,
        lines: &Lines<'_>,
    ) -> Result<Imputation, CompositeError> {
        let centre = match self.method.get_ref().as_str() {
            "mean" => Centre::Mean,
            "median" => Centre::Median,
            _ => return Err(unknown(&self.method, "`mean` or `median`", lines)),
        };
        if let Some(grouping) = self.grouping.as_ref().filter(|g| !columns.groupings.contains(g.get_ref())) {
            return Err(unknown(grouping, "one of the groupings of the data", lines));
        }
        let grouping = self.grouping.as_ref().map(|g| g.get_ref().clone());
        Ok(Imputation { centre, grouping, together: self.together })
    }
}

impl ScreenTable {
    pub(crate) fn screening(&self, lines: &Lines<'_>) -> Result<Screening, CompositeError> {
        let share = |value: &Option<Spanned<f64>>| within(value, 0.0, 1.0, lines);
        Ok(Screening { available: share(&self.available)?, nonzero: share(&self.nonzero)? })
    }
}

impl TreatTable {
    pub(crate) fn treatment(&self, lines: &Lines<'_>) -> Result<Treatment, CompositeError> {
        let default = Treatment::default();
        let lambda = within(&self.lambda, -10.0, 10.0, lines)?;
        let transform = match self.transform.as_ref().map(|t| t.get_ref().as_str()) {
            None | Some("log") => Transform::LogCoin,
            Some("log-shifted") => Transform::LogShifted,
            Some("box-cox") => Transform::BoxCox(lambda.unwrap_or(0.0)),
            Some("none") => Transform::Nothing,
            Some(_) => {
                let expected = "`log`, `log-shifted`, `box-cox` or `none`";
                return Err(self
                    .transform
                    .as_ref()
                    .map_or_else(|| lines.fault(0..0, expected), |t| unknown(t, expected, lines)));
            }
        };
        if let Some(lambda) = self.lambda.as_ref().filter(|_| !matches!(transform, Transform::BoxCox(_))) {
            return Err(lines.fault(lambda.span(), "`lambda` is for the transform `box-cox`"));
        }
        Ok(Treatment {
            skewness: within(&self.skewness, 0.0, f64::MAX, lines)?.unwrap_or(default.skewness),
            kurtosis: within(&self.kurtosis, f64::MIN, f64::MAX, lines)?.unwrap_or(default.kurtosis),
            winmax: self.winmax.or(default.winmax),
            transform,
        })
    }
}

impl NormaliseTable {
    pub(crate) fn normalisation(&self, lines: &Lines<'_>) -> Result<Normalisation, CompositeError> {
        let number = |value: &Option<Spanned<f64>>| within(value, f64::MIN, f64::MAX, lines);
        let (lower, upper) = (number(&self.lower)?, number(&self.upper)?);
        let (mean, deviation) = (number(&self.mean)?, number(&self.deviation)?);
        let capped = self.capped.as_ref().is_some_and(|c| *c.get_ref());
        let method = self.method.get_ref().as_str();
        let (how, takes): (Normalisation, &[&str]) = match method {
            "minmax" => {
                let (lower, upper) = (lower.unwrap_or(0.0), upper.unwrap_or(100.0));
                (Normalisation::MinMax { lower, upper }, &["lower", "upper"])
            }
            "zscore" => {
                let (mean, deviation) = (mean.unwrap_or(0.0), deviation.unwrap_or(1.0));
                (Normalisation::ZScore { mean, deviation }, &["mean", "deviation"])
            }
            "rank" => (Normalisation::Rank, &[]),
            "percentile-rank" => (Normalisation::PercentileRank, &[]),
            "borda" => (Normalisation::Borda, &[]),
            "scaled" => {
                let (lower, upper) = (lower.unwrap_or(0.0), upper.unwrap_or(100.0));
                (Normalisation::Scaled { lower, upper }, &["lower", "upper"])
            }
            "distance-to-maximum" => (Normalisation::DistanceToMaximum, &[]),
            "distance-to-reference" => {
                let Some(unit) = self.reference.as_ref().map(|r| r.get_ref().clone()) else {
                    return Err(
                        lines.fault(self.method.span(), "`reference` is absent, expected the code of a unit")
                    );
                };
                (Normalisation::DistanceToReference { unit, capped }, &["reference", "capped"])
            }
            "distance-to-target" => (Normalisation::DistanceToTarget { capped }, &["capped"]),
            "none" => (Normalisation::Nothing, &[]),
            _ => {
                let expected = "`minmax`, `zscore`, `rank`, `percentile-rank`, `borda`, `scaled`, \
                                `distance-to-maximum`, `distance-to-reference`, `distance-to-target` or `none`";
                return Err(unknown(&self.method, expected, lines));
            }
        };
        let given = [
            ("lower", self.lower.as_ref().map(Spanned::span)),
            ("upper", self.upper.as_ref().map(Spanned::span)),
            ("mean", self.mean.as_ref().map(Spanned::span)),
            ("deviation", self.deviation.as_ref().map(Spanned::span)),
            ("reference", self.reference.as_ref().map(Spanned::span)),
            ("capped", self.capped.as_ref().map(Spanned::span)),
        ];
        for (key, span) in given {
            if let Some(span) = span.filter(|_| !takes.contains(&key)) {
                return Err(lines.fault(span, format!("`{key}` is not an option of the method `{method}`")));
            }
        }
        match how {
            Normalisation::MinMax { lower, upper } | Normalisation::Scaled { lower, upper }
                if lower >= upper =>
            {
                let problem = format!("found lower {lower} and upper {upper}, expected lower below upper");
                Err(lines.fault(self.method.span(), problem))
            }
            Normalisation::ZScore { deviation, .. } if deviation <= 0.0 => {
                let problem = format!("found deviation {deviation}, expected more than 0");
                Err(lines.fault(self.method.span(), problem))
            }
            how => Ok(how),
        }
    }
}

impl AggregateTable {
    pub(crate) fn aggregation(
        &self,
        levels: usize,
        lines: &Lines<'_>,
    ) -> Result<Aggregation, CompositeError> {
        let names: Vec<&Spanned<String>> = match (&self.method, &self.levels) {
            (Some(method), None) => vec![method],
            (None, Some(each)) if each.get_ref().len() == levels - 1 => each.get_ref().iter().collect(),
            (None, Some(each)) => {
                let found = each.get_ref().len();
                let problem =
                    format!("found {found} means, expected {} for levels 2 to {levels}", levels - 1);
                return Err(lines.fault(each.span(), problem));
            }
            (Some(method), Some(_)) => {
                return Err(lines.fault(method.span(), "found `method` and `levels`, expected one of them"));
            }
            (None, None) => return Ok(Aggregation::of(Mean::Arithmetic)),
        };
        let power = within(&self.power, f64::MIN, f64::MAX, lines)?;
        let top = within(&self.top, f64::MIN, f64::MAX, lines)?;
        let means = names
            .iter()
            .map(|name| match name.get_ref().as_str() {
                "arithmetic" => Ok(Mean::Arithmetic),
                "geometric" => Ok(Mean::Geometric),
                "harmonic" => Ok(Mean::Harmonic),
                "power" => power
                    .map(Mean::Power)
                    .ok_or_else(|| lines.fault(name.span(), "`power` is absent, expected a number")),
                "geometric-of-losses" => top.map(|top| Mean::GeometricOfLosses { top }).ok_or_else(|| {
                    lines.fault(name.span(), "`top` is absent, expected the end of the scale")
                }),
                "copeland" => Ok(Mean::Copeland),
                _ => {
                    let expected = "`arithmetic`, `geometric`, `harmonic`, `power`, `geometric-of-losses` or \
                                    `copeland`";
                    Err(unknown(name, expected, lines))
                }
            })
            .collect::<Result<Vec<Mean>, CompositeError>>()?;
        let used = |key: &str| names.iter().any(|n| n.get_ref() == key);
        for (value, key, method) in
            [(&self.power, "power", "power"), (&self.top, "top", "geometric-of-losses")]
        {
            if let Some(value) = value.as_ref().filter(|_| !used(method)) {
                return Err(lines.fault(value.span(), format!("`{key}` is for the mean `{method}`")));
            }
        }
        Ok(Aggregation { means, threshold: within(&self.threshold, 0.0, 1.0, lines)? })
    }
}

impl NodeTable {
    /// A key that a group may not have.
    pub(crate) fn only_of_indicators(&self) -> Option<&'static str> {
        [
            ("direction", self.direction.is_some()),
            ("target", self.target.is_some()),
            ("denominator", self.denominator.is_some()),
            ("scale", self.scale.is_some()),
            ("treat", self.treat.is_some()),
            ("winmax", self.winmax.is_some()),
            ("normalise", self.normalise.is_some()),
        ]
        .into_iter()
        .find_map(|(key, there)| there.then_some(key))
    }

    /// How the indicator is treated otherwise than the others.
    pub(crate) fn treatment(
        &self,
        general: &Option<TreatTable>,
        lines: &Lines<'_>,
    ) -> Result<Option<Option<Treatment>>, CompositeError> {
        match (self.treat, &self.winmax) {
            (Some(false), Some(winmax)) => {
                Err(lines.fault(winmax.span(), "found `winmax` of an indicator that is not treated"))
            }
            (Some(false), None) => Ok(Some(None)),
            (Some(true) | None, None) => Ok(None),
            (_, Some(winmax)) => match general {
                None => Err(lines.fault(winmax.span(), "found `winmax` without a table `[treat]`")),
                Some(general) => {
                    let general = general.treatment(lines)?;
                    Ok(Some(Some(Treatment { winmax: Some(*winmax.get_ref()), ..general })))
                }
            },
        }
    }
}

fn unknown(name: &Spanned<String>, expected: &str, lines: &Lines<'_>) -> CompositeError {
    lines.fault(name.span(), format!("found `{}`, expected {expected}", name.get_ref()))
}

fn within(
    value: &Option<Spanned<f64>>,
    low: f64,
    high: f64,
    lines: &Lines<'_>,
) -> Result<Option<f64>, CompositeError> {
    let Some(value) = value else { return Ok(None) };
    let number = *value.get_ref();
    if (low..=high).contains(&number) {
        return Ok(Some(number));
    }
    let expected = match (low, high) {
        (f64::MIN, _) => "a finite number".to_owned(),
        (_, f64::MAX) => format!("a finite number of at least {low}"),
        _ => format!("{low} to {high}"),
    };
    Err(lines.fault(value.span(), format!("found {number}, expected {expected}")))
}
