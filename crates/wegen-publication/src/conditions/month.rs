//! Months as numbers: what lies in a window, and how old something is.

use wegen_model::Period;

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month of a period; `None` where it is only a year.
    pub fn of(period: Period) -> Option<Month> {
        Some(Month(period.year() * 12 + i32::from(period.month()?) - 1))
    }

    /// `2022-12`.
    pub fn parse(text: &str) -> Option<Month> {
        let period: Period = text.parse().ok()?;
        Month::of(period).filter(|_| period.day().is_none())
    }

    /// The last month of a year.
    pub const fn december(year: i32) -> Month {
        Month(year * 12 + 11)
    }

    /// As a period.
    pub fn period(self) -> Option<Period> {
        Period::of_month(i16::try_from(self.year()).ok()?, self.month())
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// From 1 to 12.
    pub fn month(self) -> i8 {
        (self.0.rem_euclid(12) + 1) as i8
    }

    /// So many months later, or earlier.
    pub fn plus(self, months: i32) -> Month {
        Month(self.0 + months)
    }

    /// How many months after `other` this is.
    pub fn since(self, other: Month) -> i32 {
        self.0 - other.0
    }

    /// The first and the last month of a period.
    pub fn span(period: Period) -> (Month, Month) {
        match Month::of(period) {
            Some(month) => (month, month),
            None => (Month(period.year() * 12), Month(period.year() * 12 + 11)),
        }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_on_over_the_year() {
        let december = Month::parse("2022-12").unwrap();
        assert_eq!(december.plus(1).to_string(), "2023-01");
        assert_eq!(december.plus(-12).to_string(), "2021-12");
        assert_eq!(december.since(Month::parse("2021-11").unwrap()), 13);
        assert!(
            Month::parse("2022").is_none()
                && Month::parse("2022-12-01").is_none()
                && Month::parse("x").is_none()
        );
        let (first, last) = Month::span(Period::of_year(2019).unwrap());
        assert_eq!((first.to_string(), last.to_string()), ("2019-01".into(), "2019-12".into()));
    }
}
