//! Dividing what grows with size by a measure of size.

use super::{CompositeError, Structure, Table, Unit};

/// Divides each indicator that names a denominator: x · scale / d, where d is the unit's value in the column of that
/// name. Missing where either is.
///
/// # Errors
/// If a denominator has no column, or is zero where the indicator is there.
pub fn denominate(
    data: &Table,
    structure: &Structure,
    denominators: &Table,
    units: &[Unit],
) -> Result<Table, CompositeError> {
    let mut out = data.clone();
    for (at, node) in structure.indicators().iter().enumerate() {
        let Some(code) = &node.draft.denominator else { continue };
        let by = denominators.of(code).ok_or_else(|| {
            let known = denominators.codes().join("`, `");
            CompositeError::Options(format!(
                "`{}`: found denominator `{code}`, expected one of `{known}`",
                node.draft.code
            ))
        })?;
        for (row, (value, by)) in out.column_mut(at).iter_mut().zip(by).enumerate() {
            if *by == 0.0 && !value.is_nan() {
                return Err(CompositeError::Value {
                    stage: "denominate",
                    unit: units[row].code.clone(),
                    code: code.clone(),
                    value: 0.0,
                    expected: "a denominator other than 0".to_owned(),
                });
            }
            *value /= by / node.draft.scale;
        }
    }
    Ok(out)
}
