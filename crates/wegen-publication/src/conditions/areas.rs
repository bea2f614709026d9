//! The areas of a country at a level: their P-codes and names, and which lies in which.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{Evidence, LedgerError, RecordFilter};
use wegen_model::{Code, Shape, countries, pcodes};

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

/// Which area of a country lies in which, and at which level: as the tables say that are held in the ledger, and for
/// codes that none of those holds as the one says that is built in ([`pcodes`]). Never by the letters of a code.
#[derive(Debug, Clone)]
pub struct AreaTree {
    country: Code,
    held: BTreeMap<Code, (u8, Option<Code>)>,
    /// What areas lie in, of those that are asked about again and again.
    above: BTreeMap<Code, Vec<Code>>,
}

impl AreaTree {
    /// Levels are few; what runs in a circle in a table of somebody ends here.
    const DEEPEST: usize = 6;

    /// The areas of a country.
    ///
    /// # Errors
    /// The ledger's.
    pub fn of(evidence: Evidence<'_>, country: Code) -> Result<AreaTree, LedgerError> {
        let mut held = BTreeMap::new();
        for source in ["ocha-pcodes", "ocha-cod-ab"] {
            for row in evidence.areas(&RecordFilter::of(source).place(country))? {
                let area = row.value;
                held.entry(area.code).or_insert((area.level, area.parent.filter(|p| *p != area.code)));
            }
        }
        held.remove(&country);
        Ok(AreaTree { country, held, above: BTreeMap::new() })
    }

    /// The areas of a country as the table says that is built in.
    #[cfg(test)]
    pub(crate) fn built_in(country: Code) -> AreaTree {
        AreaTree { country, held: BTreeMap::new(), above: BTreeMap::new() }
    }

    /// The country.
    pub fn country(&self) -> Code {
        self.country
    }

    /// The level of an area, the country being 0; `None` where no table holds its code in this country.
    pub fn level_of(&self, code: Code) -> Option<u8> {
        match self.held.get(&code) {
            _ if code == self.country => Some(0),
            Some((level, _)) => Some(*level),
            None => pcodes().of(code, self.country).map(|area| area.level),
        }
    }

    /// Whether a code is of this country: by a table, and by the letters only where no table holds it anywhere
    /// ([`countries().of_place`](wegen_model::Countries::of_place)).
    pub fn holds(&self, code: Code) -> bool {
        self.level_of(code).is_some() || countries().of_place(code) == Some(self.country)
    }

    /// The area that one lies in, the country at the first level; `None` where no table holds it.
    ///
    /// The first level has the country as parent also in tables that call it otherwise, or name none.
    fn parent(&self, code: Code) -> Option<Code> {
        match (self.level_of(code)?, self.held.get(&code)) {
            (0, _) => None,
            (1, _) => Some(self.country),
            (_, Some((_, parent))) => *parent,
            (_, None) => pcodes().of(code, self.country).map(|area| area.parent),
        }
    }

    /// The areas that one lies in, from the nearest to the country; of a code that no table holds the country alone.
    pub fn ancestors(&self, code: Code) -> Vec<Code> {
        if let Some(above) = self.above.get(&code) {
            return above.clone();
        }
        let mut above = Vec::new();
        let mut next = self.parent(code);
        while let Some(at) = next.filter(|at| !above.contains(at) && above.len() < AreaTree::DEEPEST) {
            above.push(at);
            next = self.parent(at);
        }
        if code != self.country && above.last() != Some(&self.country) && self.holds(code) {
            above.push(self.country);
        }
        above
    }

    /// Looks up once what these areas lie in.
    pub(super) fn remember(&mut self, codes: impl IntoIterator<Item = Code>) {
        for code in codes {
            if !self.above.contains_key(&code) {
                self.above.insert(code, self.ancestors(code));
            }
        }
    }

    /// Whether an area lies in another, the country included, or is the same.
    pub fn lies_in(&self, inner: Code, outer: Code) -> bool {
        inner == outer
            || match self.above.get(&inner) {
                Some(above) => above.contains(&outer),
                None => self.ancestors(inner).contains(&outer),
            }
    }

    /// The areas of the next level in one, by code: of the tables held where they have any, else of the one built in.
    pub fn parts(&self, code: Code) -> Vec<Code> {
        let Some(level) = self.level_of(code) else { return Vec::new() };
        let inside = |c: &Code| self.parent(*c) == Some(code);
        let held = self.held.iter().filter(|(_, (l, _))| *l == level + 1).map(|(c, _)| *c);
        let parts: Vec<Code> = held.filter(inside).collect();
        if !parts.is_empty() {
            return parts;
        }
        pcodes().of_country(self.country, level + 1).map(|a| a.code).filter(inside).collect()
    }
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

    fn tree(country: &str, held: &[(&str, u8, Option<&str>)]) -> AreaTree {
        let code = |text: &str| Code::new(text).unwrap();
        let held = held.iter().map(|(c, level, parent)| (code(c), (*level, parent.map(code))));
        AreaTree { country: code(country), held: held.collect(), above: BTreeMap::new() }
    }

    #[test]
    fn a_subdistrict_lies_in_its_governorate_and_country() {
        let code = |text: &str| Code::new(text).unwrap();
        let syria = tree("SYR", &[]);
        let within = |a: &str, b: &str| syria.lies_in(code(a), code(b));
        assert!(within("SY070200", "SY07") && within("SY07", "SY07") && within("SY07", "SYR"));
        assert!(!within("SY07", "SDN") && !within("SY07", "SY070200") && !within("SY08", "SY07"));
        assert!(!tree("SDN", &[]).lies_in(code("SY07"), code("SDN")));
        assert_eq!(tree("NER", &[]).level_of(code("NE002")), Some(1));
        assert_eq!(tree("NER", &[]).parts(code("NE002")).len(), 6);
    }

    #[test]
    fn a_table_of_the_ledger_comes_first_and_a_circle_ends() {
        let code = |text: &str| Code::new(text).unwrap();
        // A new district, and one that has moved, whose codes do not begin with those of their regions.
        let niger = tree(
            "NER",
            &[("NE002", 1, Some("NE")), ("Q1", 2, Some("NE002")), ("NE001001", 2, Some("NE002"))],
        );
        assert!(niger.lies_in(code("Q1"), code("NE002")) && niger.lies_in(code("Q1"), code("NER")));
        assert!(
            niger.lies_in(code("NE001001"), code("NE002")) && !niger.lies_in(code("NE001001"), code("NE001"))
        );
        assert!(niger.lies_in(code("NE002002"), code("NE002")));
        // Nobody's: no part of any area.
        assert!(!niger.holds(code("Q2")) && niger.ancestors(code("Q2")).is_empty());
        let circle = tree("NER", &[("A1", 2, Some("A2")), ("A2", 2, Some("A1"))]);
        assert!(circle.lies_in(code("A1"), code("A2")) && circle.lies_in(code("A1"), code("NER")));
    }
}
