//! The areas of a country at a level: their P-codes and names, and which lies in which.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{Evidence, LedgerError, RecordFilter};
use wegen_model::{Code, Shape, countries};

/// An area by its P-code.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The P-code.
    pub code: Code,
    /// The name, in Latin script; the code itself where none is held.
    pub name: String,
}

/// The areas of a country at a level, by code: from OCHA's P-codes and boundaries, as far as held.
///
/// # Errors
/// The ledger's.
pub fn places(evidence: Evidence<'_>, country: Code, level: u8) -> Result<Vec<Place>, LedgerError> {
    let mut all: BTreeMap<Code, String> = BTreeMap::new();
    for source in ["ocha-pcodes", "ocha-cod-ab"] {
        for row in evidence.areas(&RecordFilter::of(source).place(country).level(level))? {
            all.entry(row.value.code).or_insert_with(|| row.value.name.to_string());
        }
    }
    Ok(all.into_iter().map(|(code, name)| Place { code, name }).collect())
}

/// The shapes of a country's areas at a level, by code: of OCHA where held, else of Natural Earth by way of the
/// crosswalk, first level only.
///
/// # Errors
/// The ledger's.
pub fn shapes(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
) -> Result<BTreeMap<Code, Shape>, LedgerError> {
    let mut all = BTreeMap::new();
    for row in evidence.areas(&RecordFilter::of("ocha-cod-ab").place(country).level(level))? {
        if let Some(shape) = row.value.shape {
            all.insert(row.value.code, shape);
        }
    }
    if all.is_empty() && level == 1 {
        let source = "naturalearth-admin1";
        for row in evidence.areas(&RecordFilter::of(source).place(country).level(1))? {
            let join = wegen_model::crosswalk().join(source, country, &row.value.name);
            // A shape that is more than one area, or a part of one, is drawn for none.
            if let (Some(wegen_model::Join::Area(code)), Some(shape)) = (join, row.value.shape) {
                all.insert(*code, shape);
            }
        }
    }
    Ok(all)
}

/// The areas beside each: whose boundaries come within some two kilometres of one another at two points or more.
///
/// By proximity, since boundaries that were simplified one by one no longer share their points.
pub fn neighbours(shapes: &BTreeMap<Code, Shape>) -> BTreeMap<Code, Vec<Code>> {
    const CELL: f64 = 0.02;
    let mut at: BTreeMap<(i64, i64), BTreeSet<Code>> = BTreeMap::new();
    for (code, shape) in shapes {
        for ring in shape.iter().flatten() {
            for (a, b) in ring.iter().zip(ring.iter().skip(1)) {
                // Points along each edge, so that a long straight boundary is seen.
                let steps =
                    (((b[0] - a[0]).abs().max((b[1] - a[1]).abs()) / CELL).ceil() as i64).clamp(1, 10_000);
                for step in 0..=steps {
                    let t = step as f64 / steps as f64;
                    let cell = |k: usize| ((a[k] + t * (b[k] - a[k])) / CELL).floor() as i64;
                    at.entry((cell(0), cell(1))).or_default().insert(*code);
                }
            }
        }
    }
    let mut touches: BTreeMap<(Code, Code), usize> = BTreeMap::new();
    for codes in at.values() {
        for a in codes {
            for b in codes.iter().filter(|b| *b != a) {
                *touches.entry((*a, *b)).or_default() += 1;
            }
        }
    }
    let mut all: BTreeMap<Code, Vec<Code>> = BTreeMap::new();
    for ((a, b), count) in touches {
        if count >= 2 {
            all.entry(a).or_default().push(b);
        }
    }
    all
}

/// Whether `inner` lies in `outer`, or is the same: P-codes begin with those of the areas they lie in.
pub fn within(inner: Code, outer: Code) -> bool {
    inner.as_str().starts_with(outer.as_str())
        || (outer.as_str().len() == 3 && countries().of_place(inner) == Some(outer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_that_share_a_border_are_neighbours_and_a_corner_is_no_border() {
        let square = |x: f64, y: f64| -> Shape {
            let ring = vec![[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0], [x, y]];
            std::sync::Arc::new(vec![vec![ring]])
        };
        let code = |text: &str| Code::new(text).unwrap();
        let shapes = BTreeMap::from([
            (code("A"), square(0.0, 0.0)),
            (code("B"), square(1.0, 0.0)),
            (code("C"), square(5.0, 5.0)),
        ]);
        let beside = neighbours(&shapes);
        assert_eq!(beside[&code("A")], [code("B")]);
        assert!(!beside.contains_key(&code("C")));
    }

    #[test]
    fn a_subdistrict_lies_in_its_governorate_and_country() {
        let code = |text: &str| Code::new(text).unwrap();
        assert!(within(code("SY070200"), code("SY07")) && within(code("SY07"), code("SY07")));
        assert!(within(code("SY07"), code("SYR")) && !within(code("SY07"), code("SDN")));
        assert!(!within(code("SY07"), code("SY070200")) && !within(code("SY08"), code("SY07")));
    }
}
