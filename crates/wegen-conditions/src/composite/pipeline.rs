//! The stages in their order, from raw data to scores and ranks, all of them kept.

use std::collections::BTreeMap;

use super::{
    Aggregation, Availability, CompositeError, Imputation, Imputed, Index, Mean, Normalisation, Screening,
    Structure, Table, Treated, Treatment, Unit, aggregate, denominate, impute, normalise, ranks_by, screen,
    treat,
};

/// What is done at each stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Whether indicators with a denominator are divided by it.
    pub denominate: bool,
    /// How missing cells are filled in; they stay missing if none.
    pub impute: Option<Imputation>,
    /// Which units are left out.
    pub screen: Option<Screening>,
    /// What is done about outliers.
    pub treat: Option<Treatment>,
    /// Whether outliers are judged over all times at once rather than within each time.
    pub treat_together: bool,
    /// How indicators are brought to a common scale.
    pub normalise: Normalisation,
    /// Whether that scale is the same for all times, so that scores can be compared over time.
    pub normalise_together: bool,
    /// How children of a group are brought together.
    pub aggregate: Aggregation,
    /// Indicators that are treated or normalised otherwise, by their codes.
    pub exceptions: BTreeMap<String, Exception>,
}

/// What is different for an indicator.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exception {
    /// Its treatment, or that it has none.
    pub treat: Option<Option<Treatment>>,
    /// Its normalisation.
    pub normalise: Option<Normalisation>,
}

impl Default for Pipeline {
    /// Min-max from 0 to 100 over all times, and arithmetic means: no other stage.
    fn default() -> Self {
        Self {
            denominate: false,
            impute: None,
            screen: None,
            treat: None,
            treat_together: false,
            normalise: Normalisation::MinMax { lower: 0.0, upper: 100.0 },
            normalise_together: true,
            aggregate: Aggregation::of(Mean::Arithmetic),
            exceptions: BTreeMap::new(),
        }
    }
}

/// Every stage of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Indicators and groups: the columns of `aggregated` in order.
    pub structure: Structure,
    /// All units, as in the data.
    pub all_units: Vec<Unit>,
    /// The units that stayed after screening: the rows of all later stages.
    pub units: Vec<Unit>,
    /// Raw data of all units.
    pub raw: Table,
    /// After division; all units.
    pub denominated: Table,
    /// After filling in; all units.
    pub imputed: Table,
    /// The cells that were filled in, by row of `imputed`.
    pub imputed_cells: Vec<Imputed>,
    /// How much data each of all units has.
    pub availability: Vec<Availability>,
    /// After leaving out units.
    pub screened: Table,
    /// After treatment of outliers.
    pub treated: Table,
    /// What was done about outliers.
    pub treatments: Vec<Treated>,
    /// After normalisation.
    pub normalised: Table,
    /// The indicators with values that have no score. They count as missing.
    pub undefined: Vec<usize>,
    /// Values of all nodes.
    pub aggregated: Table,
    /// The index.
    pub scores: Vec<f64>,
    /// Ranks by the index, within each time; 0 where there is no score.
    pub ranks: Vec<u32>,
}

impl Pipeline {
    /// Runs all stages.
    ///
    /// # Errors
    /// As the stages.
    pub fn run(&self, index: &Index) -> Result<Outcome, CompositeError> {
        let structure = &index.structure;
        let denominated = self.denominated(index)?;
        let (imputed, imputed_cells) = self.imputed(index, &denominated)?;
        let (availability, kept) = self.kept(index, &imputed)?;
        let screened = imputed.select(&kept);
        let rest = index.select(&kept);
        let (treated, treatments) =
            treat(&screened, &self.treatments(structure), &rest.blocks(self.treat_together));
        let normalised = normalise(
            &treated,
            structure,
            &self.normalisations(structure),
            &rest.units,
            &rest.blocks(self.normalise_together),
        )?;
        let times = rest.blocks(false);
        let weights = structure.weights();
        let aggregated =
            aggregate(&normalised.table, structure, &weights, &self.aggregate, &rest.units, &times)?;
        let scores = aggregated.column(structure.top()).to_vec();
        Ok(Outcome {
            structure: structure.clone(),
            all_units: index.units.clone(),
            ranks: ranks_by(&scores, &times),
            units: rest.units,
            raw: index.data.clone(),
            denominated,
            imputed,
            imputed_cells,
            availability,
            screened,
            treated,
            treatments,
            undefined: normalised.undefined,
            normalised: normalised.table,
            aggregated,
            scores,
        })
    }

    pub(crate) fn denominated(&self, index: &Index) -> Result<Table, CompositeError> {
        if self.denominate {
            denominate(&index.data, &index.structure, &index.denominators, &index.units)
        } else {
            Ok(index.data.clone())
        }
    }

    pub(crate) fn imputed(
        &self,
        index: &Index,
        data: &Table,
    ) -> Result<(Table, Vec<Imputed>), CompositeError> {
        let Some(imputation) = &self.impute else { return Ok((data.clone(), Vec::new())) };
        let labels = imputation.grouping.as_deref().map(|g| index.labels(g)).transpose()?;
        Ok(impute(data, imputation.centre, labels.as_deref(), &index.blocks(imputation.together)))
    }

    pub(crate) fn kept(
        &self,
        index: &Index,
        data: &Table,
    ) -> Result<(Vec<Availability>, Vec<usize>), CompositeError> {
        let none = Screening { available: None, nonzero: None };
        let availability = screen(data, self.screen.as_ref().unwrap_or(&none));
        let kept: Vec<usize> = (0..availability.len()).filter(|&row| availability[row].kept).collect();
        if kept.is_empty() {
            let problem = format!("found none of {} units with enough data", index.units.len());
            return Err(CompositeError::Options(problem));
        }
        Ok((availability, kept))
    }

    pub(crate) fn treatments(&self, structure: &Structure) -> Vec<Option<Treatment>> {
        let of = |code: &str| self.exceptions.get(code).and_then(|e| e.treat).unwrap_or(self.treat);
        structure.indicators().iter().map(|n| of(&n.draft.code)).collect()
    }

    pub(crate) fn normalisations(&self, structure: &Structure) -> Vec<&Normalisation> {
        let of = |code: &str| {
            self.exceptions.get(code).and_then(|e| e.normalise.as_ref()).unwrap_or(&self.normalise)
        };
        structure.indicators().iter().map(|n| of(&n.draft.code)).collect()
    }
}

impl Outcome {
    /// The values of an indicator or group for the units that stayed.
    #[must_use]
    pub fn values(&self, code: &str) -> Option<&[f64]> {
        self.aggregated.of(code)
    }

    /// The ranks by an indicator or group, within each time; 0 where there is no value.
    #[must_use]
    pub fn ranks_by(&self, code: &str) -> Option<Vec<u32>> {
        let times: Vec<_> = self.units.iter().map(|u| u.time.as_deref()).collect();
        Some(ranks_by(self.values(code)?, &super::Blocks::by(&times)))
    }
}
