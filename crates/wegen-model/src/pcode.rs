//! Areas by their P-codes: country, level and parent; built in from `registry/pcodes.txt`.
//!
//! These are properties of OCHA's table. Letters and length of a code tell none of them: first-level codes have from
//! three to seven characters, some codes begin with ISO 3166-1 alpha-2, some with alpha-3, some with digits, and a
//! second-level code need not begin with that of the area it lies in.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::Code;

/// An area of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pcode {
    /// The code itself.
    pub code: Code,
    /// The country it is a code of, ISO 3166-1 alpha-3.
    pub country: Code,
    /// The level of its division, from 1; the country is level 0.
    pub level: u8,
    /// The area that it lies in: the country at level 1.
    pub parent: Code,
}

/// The areas of all countries that a table of P-codes is built in of.
#[derive(Debug, Default)]
pub struct Pcodes {
    /// By code, then country.
    all: Vec<Pcode>,
    /// Places in `all`, by country, level and code.
    by_country: Vec<u32>,
}

/// The registry, read once.
pub fn pcodes() -> &'static Pcodes {
    static ALL: LazyLock<Pcodes> =
        LazyLock::new(|| Pcodes::parse(include_str!("../../../registry/pcodes.txt")));
    &ALL
}

impl Pcodes {
    /// The registry of these areas; of two with one code in one country the first.
    pub fn of_areas(areas: impl IntoIterator<Item = Pcode>) -> Pcodes {
        let mut all: Vec<Pcode> = areas.into_iter().collect();
        all.sort_by_key(|area| (area.code, area.country));
        all.dedup_by_key(|area| (area.code, area.country));
        let mut by_country: Vec<u32> = (0..all.len() as u32).collect();
        by_country.sort_by_key(|i| {
            let area = &all[*i as usize];
            (area.country, area.level, area.code)
        });
        Pcodes { all, by_country }
    }

    /// Reads the text that [`Pcodes::to_text`] writes. What is no code is passed over: the file is built in, and a
    /// test writes it anew.
    fn parse(text: &str) -> Pcodes {
        let mut all: Vec<Pcode> = Vec::new();
        let mut country = None;
        let mut levels: BTreeMap<Code, u8> = BTreeMap::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let (begins, line) = match line.strip_prefix('>') {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let mut words = line.split(' ');
            let Some(parent) = words.next().and_then(|w| Code::new(w).ok()) else { continue };
            if begins {
                country = Some(parent);
                levels = BTreeMap::from([(parent, 0)]);
            }
            let (Some(country), Some(level)) = (country, levels.get(&parent).map(|l| l + 1)) else {
                continue;
            };
            for code in words.flat_map(|word| expand(word, parent)) {
                levels.insert(code, level);
                all.push(Pcode { code, country, level, parent });
            }
        }
        Pcodes::of_areas(all)
    }

    /// The text of the registry: a line for each area that others lie in, itself and then those.
    ///
    /// `>` begins a country; `+` stands for the code of the area itself; `01..15` is a run of numbers.
    pub fn to_text(&self) -> String {
        let mut children: BTreeMap<(Code, u8, Code), Vec<Code>> = BTreeMap::new();
        for area in &self.all {
            children.entry((area.country, area.level, area.parent)).or_default().push(area.code);
        }
        let mut out = String::new();
        for ((_, level, parent), codes) in children {
            out.push_str(if level == 1 { ">" } else { "" });
            out.push_str(parent.as_str());
            let mut rest = codes.as_slice();
            while let Some((first, _)) = rest.split_first() {
                let run = 1 + rest.windows(2).take_while(|w| follows(w[0], w[1])).count();
                out.push(' ');
                match first.as_str().strip_prefix(parent.as_str()) {
                    Some(own) if !own.is_empty() => {
                        out.push('+');
                        out.push_str(own);
                    }
                    _ => out.push_str(first.as_str()),
                }
                if run > 1 {
                    let (a, b) = (first.as_str(), rest[run - 1].as_str());
                    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
                    out.push_str("..");
                    out.push_str(&b[same..]);
                }
                rest = &rest[run..];
            }
            out.push('\n');
        }
        out
    }

    /// Every area, by code.
    pub fn all(&self) -> &[Pcode] {
        &self.all
    }

    /// The area of a code; `None` where no table holds it, or those of two countries do.
    ///
    /// ```
    /// use wegen_model::{Code, pcodes};
    /// let of = |code| pcodes().get(Code::new(code).unwrap()).map(|a| (a.country.to_string(), a.level));
    /// assert_eq!(of("NE002"), Some(("NER".into(), 1)));
    /// assert_eq!(of("BDI001"), Some(("BDI".into(), 1)));
    /// assert_eq!(of("SY070200"), Some(("SYR".into(), 3)));
    /// assert_eq!(of("XX01"), None);
    /// ```
    pub fn get(&self, code: Code) -> Option<&Pcode> {
        let from = self.all.partition_point(|area| area.code < code);
        let found = self.all.get(from).filter(|area| area.code == code)?;
        let another = self.all.get(from + 1).is_some_and(|next| next.code == code);
        (!another).then_some(found)
    }

    /// The area of a code in a country: a code may be held of two.
    pub fn of(&self, code: Code, country: Code) -> Option<&Pcode> {
        let at = self.all.binary_search_by_key(&(code, country), |area| (area.code, area.country)).ok()?;
        self.all.get(at)
    }

    /// The country that a code is of, ISO 3166-1 alpha-3.
    pub fn country_of(&self, code: Code) -> Option<Code> {
        self.get(code).map(|area| area.country)
    }

    /// The level of the area of a code, from 1.
    pub fn level_of(&self, code: Code) -> Option<u8> {
        self.get(code).map(|area| area.level)
    }

    /// The areas that one lies in, from the nearest to its country; none where the code is not held.
    pub fn ancestors(&self, code: Code) -> impl Iterator<Item = Code> {
        let mut next = self.get(code).copied();
        std::iter::from_fn(move || {
            let area = next?;
            // Levels fall, so that a table that runs in a circle ends as well.
            next = self.of(area.parent, area.country).filter(|above| above.level < area.level).copied();
            Some(area.parent)
        })
    }

    /// Whether an area lies in another, a country included, or is the same.
    pub fn lies_in(&self, inner: Code, outer: Code) -> bool {
        inner == outer || self.ancestors(inner).any(|code| code == outer)
    }

    /// The areas of a country at a level, by code.
    pub fn of_country(&self, country: Code, level: u8) -> impl Iterator<Item = &Pcode> {
        let key = |i: &u32| {
            let area = &self.all[*i as usize];
            (area.country, area.level)
        };
        let from = self.by_country.partition_point(|i| key(i) < (country, level));
        self.by_country[from..]
            .iter()
            .map(|i| &self.all[*i as usize])
            .take_while(move |area| (area.country, area.level) == (country, level))
    }
}

/// The digits at the end of a text, and what stands before them.
fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches(|c: char| c.is_ascii_digit()).len())
}

/// Whether a code is the next number after another, as wide and behind the same text.
fn follows(first: Code, second: Code) -> bool {
    let ((a, n), (b, m)) = (split_number(first.as_str()), split_number(second.as_str()));
    let next = n.parse::<u64>().ok().and_then(|n| n.checked_add(1));
    a == b && n.len() == m.len() && next.is_some() && next == m.parse().ok()
}

/// The codes that a word of the registry stands for.
fn expand(word: &str, parent: Code) -> Vec<Code> {
    let whole = |text: &str| match text.strip_prefix('+') {
        Some(own) => format!("{parent}{own}"),
        None => text.to_owned(),
    };
    let Some((first, end)) = word.split_once("..") else {
        return Code::new(&whole(word)).into_iter().collect();
    };
    let first = whole(first);
    // The end leaves out what it shares with the beginning.
    let last = first.get(..first.len().saturating_sub(end.len())).unwrap_or_default().to_owned() + end;
    let ((before, from), (_, to)) = (split_number(&first), split_number(&last));
    let (Ok(a), Ok(b)) = (from.parse::<u64>(), to.parse::<u64>()) else { return Vec::new() };
    let width = from.len();
    (a..=b).filter_map(|n| Code::new(&format!("{before}{n:0width$}")).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    #[test]
    fn the_registry_is_what_it_says_of_itself() {
        let text = include_str!("../../../registry/pcodes.txt");
        let body: String = text.lines().filter(|l| !l.starts_with('#')).map(|l| format!("{l}\n")).collect();
        assert_eq!(pcodes().to_text(), body);
    }

    /// OCHA's table of March 2026 has 33,404 codes, 2,526 of the first level; Syria has 14 governorates, 62 districts,
    /// 272 subdistricts and 7,580 communities, Niger 8, 67 and 266 areas, Sudan 18 states and Abyei.
    #[test]
    fn as_many_areas_are_held_as_the_publishers_say() {
        let of = |country: &str, level| pcodes().of_country(code(country), level).count();
        assert_eq!([1, 2, 3, 4].map(|l| of("SYR", l)), [14, 62, 272, 7580]);
        assert_eq!([1, 2, 3].map(|l| of("NER", l)), [8, 67, 266]);
        assert_eq!([1, 2].map(|l| of("SDN", l)), [19, 189]);
        let upper = pcodes().all().iter().filter(|a| a.level <= 2);
        assert_eq!(upper.clone().count(), 33_404);
        assert_eq!(upper.filter(|a| a.level == 1).count(), 2_526);
    }

    #[test]
    fn level_and_country_are_not_those_of_letters_and_length() {
        let of = |text: &str| pcodes().get(code(text)).map(|a| (a.country.to_string(), a.level));
        for (text, country, level) in [
            ("KM1", "COM", 1),
            ("CR1", "CRI", 1),
            ("SD02", "SDN", 1),
            ("NE002", "NER", 1),
            ("NG008", "NGA", 1),
            ("BDI001", "BDI", 1),
            ("SD11053", "SDN", 2),
            ("3501000", "TJK", 1),
            ("SY070200", "SYR", 3),
            ("C8380", "SYR", 4),
        ] {
            assert_eq!(of(text), Some((country.into(), level)), "{text}");
        }
    }

    #[test]
    fn areas_lie_in_those_that_the_table_says() {
        let p = pcodes();
        let above: Vec<String> = p.ancestors(code("SY070500")).map(|c| c.to_string()).collect();
        assert_eq!(above, ["SY0705", "SY07", "SYR"]);
        assert!(p.lies_in(code("SY070200"), code("SY07")) && p.lies_in(code("SY07"), code("SY07")));
        assert!(p.lies_in(code("SY07"), code("SYR")) && !p.lies_in(code("SY07"), code("SDN")));
        assert!(!p.lies_in(code("SY07"), code("SY070200")) && !p.lies_in(code("SY08"), code("SY07")));
        // Codes that do not begin with that of the area they lie in.
        let odd = p.all().iter().filter(|a| a.level == 2 && !a.code.as_str().starts_with(a.parent.as_str()));
        assert_eq!(odd.clone().count(), 132);
        assert!(odd.clone().all(|a| p.lies_in(a.code, a.parent) && p.lies_in(a.code, a.country)));
    }

    #[test]
    fn a_code_of_two_countries_is_told_by_the_country() {
        let area = |country: &str, level| Pcode {
            code: code("X1"),
            country: code(country),
            level,
            parent: code(country),
        };
        let two = Pcodes::of_areas([area("AAA", 1), area("BBB", 1)]);
        assert_eq!(two.get(code("X1")), None);
        assert_eq!(two.of(code("X1"), code("BBB")).unwrap().country, code("BBB"));
        assert_eq!(two.of(code("X1"), code("CCC")), None);
    }

    #[test]
    fn every_area_lies_in_one_that_is_held() {
        for area in pcodes().all() {
            let above = pcodes().of(area.parent, area.country);
            match area.level {
                1 => assert_eq!(area.parent, area.country),
                _ => assert_eq!(above.map(|a| a.level + 1), Some(area.level), "{}", area.code),
            }
        }
    }
}
