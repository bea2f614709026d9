//! What a snapshot answers for: places, counterparts and months, and how that is known.
//!
//! Coverage is declared: by the publisher's release, by the question that was asked, by what a form says of itself, by a
//! package, or by whoever imports a file. It is never read off the rows. Inside it, absence is an answer; outside it
//! nothing is held but the rows that are there.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Code, Lang, Period};

/// Months from a first to a last, both among them.
///
/// ```
/// use wegen_model::Span;
/// let span: Span = "2016..2019-06".parse().unwrap();
/// assert!(span.contains("2019-06".parse().unwrap()) && !span.contains("2019".parse().unwrap()));
/// assert_eq!(span.to_string(), "2016-01..2019-06");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span {
    /// Year × 12 + month − 1.
    first: i32,
    last: i32,
}

impl Span {
    /// The months of a period: twelve of a year, one of a month or a day.
    pub fn of(period: Period) -> Span {
        let month = |m: i8| period.year() * 12 + i32::from(m) - 1;
        match period.month() {
            Some(m) => Span { first: month(m), last: month(m) },
            None => Span { first: month(1), last: month(12) },
        }
    }

    /// Whole years.
    pub const fn years(from: i32, to: i32) -> Span {
        Span { first: from * 12, last: to * 12 + 11 }
    }

    /// From the beginning of one period to the end of another; `None` where the second ends before the first begins.
    pub fn between(from: Period, to: Period) -> Option<Span> {
        let (first, last) = (Span::of(from).first, Span::of(to).last);
        (first <= last).then_some(Span { first, last })
    }

    /// Whether all months of `other` are among these.
    pub fn contains(self, other: Span) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The months of both; `None` where there are none.
    pub fn both(self, other: Span) -> Option<Span> {
        let (first, last) = (self.first.max(other.first), self.last.min(other.last));
        (first <= last).then_some(Span { first, last })
    }

    /// The same months, from a later first one.
    fn after(self, covered: Span) -> Option<Span> {
        (covered.last < self.last).then(|| Span { first: self.first.max(covered.last + 1), ..self })
    }

    /// The year of the first month.
    pub fn first_year(self) -> i32 {
        self.first.div_euclid(12)
    }

    /// The year of the last month.
    pub fn last_year(self) -> i32 {
        self.last.div_euclid(12)
    }

    /// The first month.
    pub fn first(self) -> Option<Period> {
        month(self.first)
    }

    /// The last month.
    pub fn last(self) -> Option<Period> {
        month(self.last)
    }

    /// Whether several spans together hold every month of this one.
    pub fn is_held_by(self, spans: impl IntoIterator<Item = Span>) -> bool {
        let mut spans: Vec<Span> = spans.into_iter().collect();
        spans.sort();
        let mut left = Some(self);
        for span in spans {
            left = match left {
                Some(rest) if span.first <= rest.first => rest.after(span),
                other => other,
            };
        }
        left.is_none()
    }

    /// For readers: `2016–2019`, `January 2016 – June 2019`.
    pub fn text(self, lang: Lang) -> String {
        let whole = self.first.rem_euclid(12) == 0 && self.last.rem_euclid(12) == 11;
        let show = |m: i32| month(m).map(|p| lang.period(p)).unwrap_or_default();
        match (whole, self.first_year() == self.last_year(), self.first == self.last) {
            (true, true, _) => self.first_year().to_string(),
            (true, false, _) => format!("{}–{}", self.first_year(), self.last_year()),
            (false, _, true) => show(self.first),
            (false, _, false) => format!("{} – {}", show(self.first), show(self.last)),
        }
    }
}

fn month(n: i32) -> Option<Period> {
    Period::of_month(i16::try_from(n.div_euclid(12)).ok()?, (n.rem_euclid(12) + 1) as i8)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.first.rem_euclid(12) == 0 && self.last.rem_euclid(12) == 11;
        let show = |n: i32| format!("{:04}-{:02}", n.div_euclid(12), n.rem_euclid(12) + 1);
        match whole {
            true if self.first_year() == self.last_year() => write!(f, "{}", self.first_year()),
            true => write!(f, "{}..{}", self.first_year(), self.last_year()),
            false if self.first == self.last => f.write_str(&show(self.first)),
            false => write!(f, "{}..{}", show(self.first), show(self.last)),
        }
    }
}

impl FromStr for Span {
    type Err = CoverageError;
    fn from_str(text: &str) -> Result<Span, CoverageError> {
        let wrong = || CoverageError::new(text, "a period: `2019`, `2016..2019` or `2016-01..2019-06`");
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        let period =
            |t: &str| t.trim().parse::<Period>().ok().filter(|p| p.day().is_none()).ok_or_else(wrong);
        Span::between(period(from)?, period(to)?).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Span {
    type Error = CoverageError;
    fn try_from(text: String) -> Result<Span, CoverageError> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        span.to_string()
    }
}

/// How it is known what a snapshot covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Declared {
    /// It is not known: the snapshot answers for the keys that it has rows for, and for nothing else.
    #[default]
    Rows,
    /// By the publisher's release: its version says which years or months it holds.
    Release,
    /// By the question that was asked of the publisher.
    Question,
    /// By what the file's form says of itself.
    Form,
    /// By a package that says so.
    Package,
    /// By whoever imported it.
    User,
}

/// What a snapshot answers for.
///
/// A set that is `None` holds everything: all countries, all counterparts, all regions of those countries, all months.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Coverage {
    /// How it is known.
    pub declared: Declared,
    /// Countries: of origin, or where it is measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countries: Option<BTreeSet<Code>>,
    /// The other ends: countries of asylum.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparts: Option<BTreeSet<Code>>,
    /// The months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Span>,
    /// P-codes of areas within the countries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<BTreeSet<Code>>,
}

/// What is asked of a coverage.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The country; all of them where `None`.
    pub country: Option<Code>,
    /// The counterpart; all of them where `None`.
    pub counterpart: Option<Code>,
    /// The area within the country; all of it where `None`.
    pub region: Option<Code>,
    /// The months; whatever they are where `None`.
    pub period: Option<Span>,
}

impl Coverage {
    /// What rows show alone.
    pub fn rows() -> Coverage {
        Coverage::default()
    }

    /// Everything, known in this way.
    pub fn all(declared: Declared) -> Coverage {
        Coverage { declared, ..Coverage::default() }
    }

    /// The same, of these countries alone.
    #[must_use]
    pub fn of(self, countries: impl IntoIterator<Item = Code>) -> Coverage {
        Coverage { countries: Some(countries.into_iter().collect()), ..self }
    }

    /// The same, in these months alone.
    #[must_use]
    pub fn during(self, period: Span) -> Coverage {
        Coverage { period: Some(period), ..self }
    }

    /// Whether it is declared at all: absence is an answer then.
    pub fn is_declared(&self) -> bool {
        self.declared != Declared::Rows
    }

    /// Whether the places that are asked for lie in it, whatever the months.
    pub fn holds_place(&self, asked: Asked) -> bool {
        let holds = |set: &Option<BTreeSet<Code>>, code: Option<Code>| match (set, code) {
            (None, _) => true,
            (Some(set), Some(code)) => set.contains(&code),
            (Some(_), None) => false,
        };
        self.is_declared()
            && holds(&self.countries, asked.country)
            && holds(&self.counterparts, asked.counterpart)
            && match (&self.regions, asked.region) {
                (None, _) => true,
                (Some(regions), Some(code)) => {
                    regions.contains(&code) || regions.iter().any(|r| crate::pcodes().lies_in(code, *r))
                }
                (Some(_), None) => false,
            }
    }

    /// Whether all that is asked lies in it.
    pub fn holds(&self, asked: Asked) -> bool {
        self.holds_place(asked)
            && match (self.period, asked.period) {
                (Some(mine), Some(asked)) => mine.contains(asked),
                (Some(_), None) | (None, _) => true,
            }
    }

    /// Whether the places that are asked for lie in it, and any of the months.
    pub fn touches(&self, asked: Asked) -> bool {
        self.holds_place(asked)
            && match (self.period, asked.period) {
                (Some(mine), Some(asked)) => mine.both(asked).is_some(),
                (Some(_), None) | (None, _) => true,
            }
    }

    /// Whether all of `other` lies in it.
    pub fn includes(&self, other: &Coverage) -> bool {
        fn all(mine: &Option<BTreeSet<Code>>, other: &Option<BTreeSet<Code>>) -> bool {
            match (mine, other) {
                (None, _) => true,
                (Some(mine), Some(other)) => mine.is_superset(other),
                (Some(_), None) => false,
            }
        }
        self.is_declared()
            && other.is_declared()
            && all(&self.countries, &other.countries)
            && all(&self.counterparts, &other.counterparts)
            && all(&self.regions, &other.regions)
            && match (self.period, other.period) {
                (None, _) => true,
                (Some(mine), Some(other)) => mine.contains(other),
                (Some(_), None) => false,
            }
    }

    /// For readers, in one line.
    pub fn text(&self, lang: Lang) -> String {
        if !self.is_declared() {
            return lang.text("covers-rows");
        }
        let some = |set: &BTreeSet<Code>| {
            const FEW: usize = 6;
            match set.len() {
                n if n > FEW => lang.text_with("covers-many", &[("n", &n.to_string())]),
                _ => set.iter().map(Code::to_string).collect::<Vec<_>>().join(", "),
            }
        };
        let mut parts = vec![match &self.countries {
            None => lang.text("covers-everywhere"),
            Some(set) => some(set),
        }];
        if let Some(set) = &self.regions {
            parts.push(lang.text_with("covers-regions", &[("codes", &some(set))]));
        }
        if let Some(set) = &self.counterparts {
            parts.push(lang.text_with("covers-counterparts", &[("codes", &some(set))]));
        }
        parts.push(self.period.map_or_else(|| lang.text("covers-always"), |p| p.text(lang)));
        let how = match self.declared {
            Declared::Rows => "rows",
            Declared::Release => "release",
            Declared::Question => "question",
            Declared::Form => "form",
            Declared::Package => "package",
            Declared::User => "user",
        };
        format!("{} ({})", parts.join(", "), lang.text(&format!("covers-by-{how}")))
    }
}

/// The form that `--covers` reads: `all`, or `countries=SYR,SDN;counterparts=NLD;period=2016..2019;regions=SY01`.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_declared() {
            return f.write_str("rows");
        }
        let join = |set: &BTreeSet<Code>| set.iter().map(Code::to_string).collect::<Vec<_>>().join(",");
        let mut parts = Vec::new();
        for (name, set) in
            [("countries", &self.countries), ("counterparts", &self.counterparts), ("regions", &self.regions)]
        {
            parts.extend(set.as_ref().map(|set| format!("{name}={}", join(set))));
        }
        parts.extend(self.period.map(|p| format!("period={p}")));
        f.write_str(if parts.is_empty() { "all" } else { "" })?;
        f.write_str(&parts.join(";"))
    }
}

/// Reads what somebody declares.
impl FromStr for Coverage {
    type Err = CoverageError;
    fn from_str(text: &str) -> Result<Coverage, CoverageError> {
        let mut coverage = Coverage::all(Declared::User);
        let parts = text.split([';', ' ']).map(str::trim).filter(|p| !p.is_empty());
        let mut said = false;
        for part in parts {
            said = true;
            if part == "all" {
                continue;
            }
            let expected = "`all`, or `countries=`, `counterparts=`, `regions=` with codes, or `period=`";
            let (name, value) = part.split_once('=').ok_or_else(|| CoverageError::new(part, expected))?;
            let codes = |expected: &'static str| -> Result<Option<BTreeSet<Code>>, CoverageError> {
                let read = |t: &str| Code::new(t.trim()).map_err(|_| CoverageError::new(t, expected));
                let codes: BTreeSet<Code> = value.split(',').map(read).collect::<Result<_, _>>()?;
                let wrong = |c: &&Code| crate::countries().by_iso3(c.as_str()).is_none();
                match codes.iter().find(wrong) {
                    Some(code) if name != "regions" => Err(CoverageError::new(code.as_str(), expected)),
                    _ => Ok(Some(codes)),
                }
            };
            let iso3 = "countries by ISO 3166-1 alpha-3, as `SYR,SDN`";
            match name {
                "countries" | "country" => coverage.countries = codes(iso3)?,
                "counterparts" | "counterpart" => coverage.counterparts = codes(iso3)?,
                "regions" | "region" => coverage.regions = codes("P-codes, as `SY01,SY02`")?,
                "period" => coverage.period = Some(value.parse()?),
                _ => return Err(CoverageError::new(part, expected)),
            }
        }
        match said {
            true => Ok(coverage),
            false => Err(CoverageError::new(text, "`all`, or what the file covers")),
        }
    }
}

/// A coverage that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found `{found}`, expected {expected}")]
pub struct CoverageError {
    found: String,
    expected: &'static str,
}

impl CoverageError {
    fn new(found: &str, expected: &'static str) -> CoverageError {
        CoverageError { found: found.chars().take(60).collect(), expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    #[test]
    fn what_is_not_declared_holds_nothing() {
        assert!(!Coverage::rows().holds(Asked::default()));
        assert!(Coverage::all(Declared::User).holds(Asked::default()));
    }

    #[test]
    fn all_countries_are_more_than_any_list_of_them() {
        let two: Coverage = "countries=SYR,SDN;period=2016..2019".parse().unwrap();
        let asked = |country: Option<&str>, period: &str| Asked {
            country: country.map(code),
            period: Some(period.parse().unwrap()),
            ..Asked::default()
        };
        assert!(two.holds(asked(Some("SYR"), "2019")));
        assert!(!two.holds(asked(Some("SYR"), "2020-01")));
        assert!(!two.holds(asked(Some("MLI"), "2019")));
        assert!(!two.holds(asked(None, "2019")));
        assert!(
            Coverage::all(Declared::Form).includes(&two) && !two.includes(&Coverage::all(Declared::Form))
        );
    }

    #[test]
    fn months_of_several_releases_add_up() {
        let span = |t: &str| t.parse::<Span>().unwrap();
        let months = [span("2026-02"), span("2026-01"), span("2025")];
        assert!(span("2025-03..2026-02").is_held_by(months));
        assert!(!span("2025-03..2026-03").is_held_by(months));
        assert!(!span("2026-01..2026-03").is_held_by([span("2026-01"), span("2026-03")]));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, found) in [
            ("countries=Syria", "Syria"),
            ("period=2019-13", "2019-13"),
            ("period=2020..2019", "2020..2019"),
            ("world", "world"),
            ("", "expected"),
            ("hosts=NLD", "hosts=NLD"),
        ] {
            assert!(text.parse::<Coverage>().unwrap_err().to_string().contains(found), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_declared_round_trips(from in 1950i32..2030, years in 0i32..40, countries in prop::option::of(Just(vec!["SYR", "NLD"])), month in any::<bool>()) {
            let period = match month {
                true => format!("{from}-03..{}-11", from + years),
                false => format!("{from}..{}", from + years),
            };
            let coverage = Coverage {
                countries: countries.map(|c| c.into_iter().map(code).collect()),
                ..Coverage::all(Declared::User).during(period.parse().unwrap())
            };
            prop_assert_eq!(&coverage.to_string().parse::<Coverage>().unwrap(), &coverage);
            let kept = toml::to_string(&coverage).unwrap();
            prop_assert_eq!(toml::from_str::<Coverage>(&kept).unwrap(), coverage);
        }

        #[test]
        fn spans_hold_exactly_their_months(a in 0i32..40, b in 0i32..40, c in 0i32..40, d in 0i32..40) {
            let span = |x: i32, y: i32| Span { first: 24_000 + x.min(y), last: 24_000 + x.max(y) };
            let (s, t) = (span(a, b), span(c, d));
            let months = |s: Span| (s.first..=s.last).collect::<BTreeSet<i32>>();
            prop_assert_eq!(s.contains(t), months(s).is_superset(&months(t)));
            prop_assert_eq!(s.both(t).map(months).unwrap_or_default(), &months(s) & &months(t));
            let whole = span(0, 39);
            prop_assert_eq!(whole.is_held_by([s, t]), (&months(s) | &months(t)) == months(whole));
        }
    }
}
