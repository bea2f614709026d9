//! Tables that an analyst gives along: a road graph, and populations by area.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use wegen_movement::Instance;

use super::{BuildError, Given};

/// A road graph: kilometres between named points.
pub(super) struct Roads {
    names: BTreeMap<String, usize>,
    roads: Vec<Vec<(usize, u64)>>,
}

impl Roads {
    /// Rows of `from`, `to`, `km`, each for both directions.
    pub(super) fn parse(given: &Given) -> Result<Roads, BuildError> {
        let mut roads = Roads { names: BTreeMap::new(), roads: Vec::new() };
        for (line, [from, to, km]) in rows(given, ["from", "to", "km"])? {
            let metres = km.parse().ok().filter(|km: &f64| (0.001..=Instance::LONGEST_KM).contains(km));
            let Some(metres) = metres.map(|km: f64| (km * 1000.0).round() as u64) else {
                return Err(given.wrong(line, format!("km is '{km}'; a distance above 0 was expected")));
            };
            let (a, b) = (roads.point(from), roads.point(to));
            roads.roads[a].push((b, metres));
            roads.roads[b].push((a, metres));
        }
        Ok(roads)
    }

    fn point(&mut self, name: String) -> usize {
        let next = self.names.len();
        let point = *self.names.entry(name).or_insert(next);
        if point == self.roads.len() {
            self.roads.push(Vec::new());
        }
        point
    }

    /// Metres of the shortest way from a point to all others that can be reached; a point goes by any of its names.
    pub(super) fn ways(&self, names: &[&str]) -> BTreeMap<usize, u64> {
        let mut best = BTreeMap::new();
        let from = names.iter().filter_map(|name| self.names.get(*name));
        let mut queue: BinaryHeap<Reverse<(u64, usize)>> = from.map(|point| Reverse((0, *point))).collect();
        while let Some(Reverse((metres, at))) = queue.pop() {
            if best.contains_key(&at) {
                continue;
            }
            best.insert(at, metres);
            queue.extend(self.roads[at].iter().map(|(to, more)| Reverse((metres + more, *to))));
        }
        best
    }

    /// The shortest of some ways to a point by any of its names.
    pub(super) fn to(&self, ways: &BTreeMap<usize, u64>, names: &[&str]) -> Option<u64> {
        names.iter().filter_map(|name| self.names.get(*name).and_then(|point| ways.get(point))).min().copied()
    }
}

/// People by the name or code of an area.
pub(super) fn populations(given: &Given) -> Result<BTreeMap<String, (usize, u64)>, BuildError> {
    let mut all = BTreeMap::new();
    for (line, [area, people]) in rows(given, ["area", "population"])? {
        let Some(number) = people.parse().ok().filter(|n: &u64| *n <= 10_000_000_000) else {
            return Err(
                given.wrong(line, format!("population is '{people}'; a whole number of people was expected"))
            );
        };
        if all.insert(area.clone(), (line, number)).is_some() {
            return Err(given.wrong(line, format!("'{area}' stands twice; once was expected")));
        }
    }
    Ok(all)
}

/// Rows with their lines, and of them the columns that are asked for.
fn rows<const N: usize>(given: &Given, wanted: [&str; N]) -> Result<Vec<(usize, [String; N])>, BuildError> {
    let text = given.text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |e: csv::Error| {
        let line = e.position().map_or(1, |p| p.line() as usize);
        given.wrong(line, e.to_string())
    };
    let header = reader.headers().map_err(broken)?.clone();
    let mut columns = [0; N];
    for (column, name) in columns.iter_mut().zip(wanted) {
        let found = header.iter().position(|h| h.eq_ignore_ascii_case(name));
        *column = found.ok_or_else(|| {
            let there: Vec<&str> = header.iter().collect();
            given.wrong(1, format!("no column {name}; found {}", there.join(", ")))
        })?;
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(1, |p| p.line() as usize);
        let values = columns.map(|column| record.get(column).unwrap_or_default().to_owned());
        if let Some(empty) = values.iter().position(String::is_empty) {
            return Err(given.wrong(line, format!("nothing under {}; a value was expected", wanted[empty])));
        }
        rows.push((line, values));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(text: &str) -> Given {
        Given { file: "roads.csv".into(), text: text.into() }
    }

    #[test]
    fn the_shortest_way_goes_by_points_that_are_no_places() {
        let roads =
            Roads::parse(&given("from,to,km\nA,crossing,10\ncrossing,B,15.5\nA,B,40\nC,D,1\n")).unwrap();
        let ways = roads.ways(&["A", "AA"]);
        assert_eq!(roads.to(&ways, &["BB", "B"]), Some(25_500));
        assert_eq!(roads.to(&ways, &["D"]), None);
        assert!(roads.ways(&["nowhere"]).is_empty());
    }

    #[test]
    fn what_is_wrong_in_a_table_is_named_with_its_line() {
        for (text, said) in [
            ("from,to\nA,B\n", "roads.csv: line 1: no column km; found from, to"),
            ("from,to,km\nA,B,3\nA,B,far\n", "roads.csv: line 3: km is 'far'"),
            ("from,to,km\nA,B,-1\n", "a distance above 0"),
            ("from,to,km\nA,,1\n", "nothing under to"),
        ] {
            let error = Roads::parse(&given(text)).err().unwrap().to_string();
            assert!(error.contains(said), "{error}");
        }
        let error = populations(&given("area,population\nA,1\nA,2\n")).unwrap_err().to_string();
        assert!(error.contains("line 3: 'A' stands twice"), "{error}");
    }
}
