//! Values as readers see them.

use wegen_model::{Lang, indicators};

use crate::figure::{Cell, Figure, Missing};

/// Decimals and unit of a cell: some tables mix units by column or by row.
pub(crate) fn unit<'f>(figure: &'f Figure, row: &str, column: &str) -> (u8, &'f str) {
    if figure.unit != "mixed" {
        return (figure.decimals, &figure.unit);
    }
    match indicators().get(row).or_else(|| indicators().get(column)) {
        Some(indicator) => (indicator.def().decimals, &indicator.def().unit),
        None if column == "rate" => (1, "percent"),
        None => (0, context_unit(column).unwrap_or("persons")),
    }
}

/// The unit of a leaf of the built-in method, where a column is one.
fn context_unit(column: &str) -> Option<&'static str> {
    let method = crate::conditions::default_method();
    let leaf = method.node(column).and_then(|at| method.nodes[at].leaf.as_ref())?;
    Some(crate::conditions::unit_of(leaf))
}

/// A cell as text: the value in the locale's form, or why there is none.
pub fn show(cell: &Cell, decimals: u8, unit: &str, lang: Lang) -> String {
    match (cell.value, cell.missing) {
        (Some(value), _) => number(value, decimals, unit, lang),
        (None, Some(Missing::NotHeld)) => lang.text("missing-not-held"),
        (None, Some(Missing::Undefined)) => lang.text("missing-undefined"),
        (None, Some(Missing::Undetermined)) => lang.text("verdict-cannot-be-determined"),
        (None, Some(Missing::Withheld)) => lang.text("missing-withheld"),
        (None, _) => lang.text("missing-not-reported"),
    }
}

pub(crate) fn number(value: f64, decimals: u8, unit: &str, lang: Lang) -> String {
    // A minus, not a hyphen.
    let digits = lang.decimal(value, decimals).replace('-', "−");
    match unit {
        "percent" => lang.text_with("percent", &[("value", &digits)]),
        "criterion" => lang.text(if value > 0.5 { "mark-met" } else { "mark-not-met" }),
        _ => digits,
    }
}

/// A low and a high number: joined by a dash, or by a word where a minus stands beside it.
pub(crate) fn range((low, high): (f64, f64), decimals: u8, unit: &str, lang: Lang) -> String {
    let (from, to) = (number(low, decimals, unit, lang), number(high, decimals, unit, lang));
    match low < 0.0 {
        true => lang.text_with("range-words", &[("from", &from), ("to", &to)]),
        false => format!("{from}–{to}"),
    }
}

/// The unit in words.
pub(crate) fn unit_name(unit: &str, lang: Lang) -> String {
    let id = format!("unit-{unit}");
    if lang.has(&id) { lang.text(&id) } else { String::new() }
}
