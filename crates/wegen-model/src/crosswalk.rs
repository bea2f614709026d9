//! The crosswalk: names that publishers give to areas, joined to OCHA P-codes and reviewed by hand.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::Code;

/// Where a publisher's name leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Join {
    /// It is this area.
    Area(Code),
    /// It is a part of, or more than, these areas: nothing is certain of any of them alone.
    Part(Vec<Code>),
    /// It is no area of the country today, with the reason.
    None(String),
}

/// A name as a publisher writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    source: String,
    country: Code,
    name: String,
}

/// The crosswalk of `registry/crosswalk.csv`.
#[derive(Debug, Default)]
pub struct Crosswalk {
    joins: BTreeMap<Name, Join>,
}

/// The crosswalk, read once.
pub fn crosswalk() -> &'static Crosswalk {
    static ALL: LazyLock<Crosswalk> = LazyLock::new(|| {
        // Built in, and read whole by a test.
        Crosswalk::parse(include_str!("../../../registry/crosswalk.csv")).unwrap_or_default()
    });
    &ALL
}

impl Crosswalk {
    fn parse(text: &str) -> Result<Crosswalk, String> {
        let mut joins: BTreeMap<Name, Join> = BTreeMap::new();
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::None).from_reader(text.as_bytes());
        for (i, record) in reader.records().enumerate() {
            let row = record.map_err(|e| e.to_string())?;
            let wrong = |what: &str| format!("registry/crosswalk.csv: row {}: {what}", i + 2);
            let field = |k: usize| row.get(k).unwrap_or_default();
            let code = |k: usize| Code::new(field(k)).map_err(|e| wrong(&e.to_string()));
            let name = Name { source: field(0).into(), country: code(1)?, name: field(3).into() };
            let join = match field(5) {
                "exact" | "reviewed" => Join::Area(code(4)?),
                "part" => Join::Part(vec![code(4)?]),
                "none" => Join::None(field(6).into()),
                other => return Err(wrong(&format!("found the status `{other}`"))),
            };
            match (joins.get_mut(&name), join) {
                (None, join) => {
                    joins.insert(name, join);
                }
                (Some(Join::Part(held)), Join::Part(more)) => held.extend(more),
                (Some(_), _) => return Err(wrong(&format!("`{}` stands twice", name.name))),
            }
        }
        Ok(Crosswalk { joins })
    }

    /// Where a name leads, exactly as the publisher writes it; `None` where nobody has reviewed it.
    pub fn join(&self, source: &str, country: Code, name: &str) -> Option<&Join> {
        self.joins.get(&Name { source: source.to_owned(), country, name: name.to_owned() })
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.joins.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.joins.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_whole() {
        let all = Crosswalk::parse(include_str!("../../../registry/crosswalk.csv")).unwrap();
        assert!(all.len() > 500);
        let syria = Code::new("SYR").unwrap();
        let at = |name: &str| all.join("ocha-syria-movements", syria, name).cloned();
        assert_eq!(at("Idleb"), Some(Join::Area(Code::new("SY07").unwrap())));
        assert_eq!(at("Nowhere"), None);
        let mali = Code::new("MLI").unwrap();
        assert!(matches!(all.join("ophi-mpi", mali, "Gao"), Some(Join::Part(codes)) if codes.len() == 2));
    }

    #[test]
    fn a_name_cannot_lead_two_ways() {
        let head = "source,country,level,name,pcode,status,note\n";
        let twice = format!("{head}s,SYR,1,A,SY01,exact,\ns,SYR,1,A,SY02,exact,\n");
        assert!(Crosswalk::parse(&twice).unwrap_err().contains("row 3"));
        assert!(Crosswalk::parse(&format!("{head}s,SYR,1,A,SY01,maybe,\n")).unwrap_err().contains("maybe"));
    }
}
