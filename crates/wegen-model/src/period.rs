//! The time an observation is about: as coarse or as fine as the publisher says, never finer.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A year, a month or a day. Orders by start, then coarse before fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i16,
    /// 0 where only the year is known.
    month: i8,
    /// 0 where only the month is known.
    day: i8,
}

/// Text that is no `YYYY`, `YYYY-MM` or `YYYY-MM-DD` of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a period: a year, a month `YYYY-MM` or a day `YYYY-MM-DD` that exists was expected")]
pub struct PeriodError(pub String);

impl Period {
    /// A calendar year, 1 to 9999.
    pub fn of_year(year: i16) -> Option<Period> {
        (1..=9999).contains(&year).then_some(Period { year, month: 0, day: 0 })
    }

    /// A month of a year.
    pub fn of_month(year: i16, month: i8) -> Option<Period> {
        Period::of_year(year)?;
        (1..=12).contains(&month).then_some(Period { year, month, day: 0 })
    }

    /// A day.
    pub fn of_day(date: Date) -> Period {
        Period { year: date.year(), month: date.month(), day: date.day() }
    }

    /// The parts `(year, month, day)`, zero where the publisher is no finer; `None` where they make no date.
    pub fn from_parts(year: i16, month: i8, day: i8) -> Option<Period> {
        match (month, day) {
            (0, 0) => Period::of_year(year),
            (_, 0) => Period::of_month(year, month),
            _ => Date::new(year, month, day).ok().map(Period::of_day),
        }
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year.into()
    }

    /// The month, 1 to 12, where it is known.
    pub fn month(self) -> Option<i8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month, where it is known.
    pub fn day(self) -> Option<i8> {
        (self.day > 0).then_some(self.day)
    }

    /// The same time, no finer than a month.
    pub fn to_month(self) -> Period {
        Period { day: 0, ..self }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

impl FromStr for Period {
    type Err = PeriodError;
    fn from_str(text: &str) -> Result<Period, PeriodError> {
        let wrong = || PeriodError(text.chars().take(40).collect());
        let part = |range: std::ops::Range<usize>| -> Option<i16> {
            let digits = text.get(range)?;
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let dashes = |at: &[usize]| at.iter().all(|&i| text.as_bytes().get(i) == Some(&b'-'));
        let found = match text.len() {
            4 => part(0..4).and_then(Period::of_year),
            7 if dashes(&[4]) => part(0..4).zip(part(5..7)).and_then(|(y, m)| Period::of_month(y, m as i8)),
            10 if dashes(&[4, 7]) => text.parse::<Date>().ok().map(Period::of_day),
            _ => None,
        };
        found.ok_or_else(wrong)
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;
    fn try_from(text: String) -> Result<Period, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> String {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for bad in
            ["2023-02-29", "2024-13", "2024-00", "24", "2024-1-1", "2024/01/01", "0000", "２０２４", ""]
        {
            assert!(bad.parse::<Period>().is_err(), "{bad:?}");
        }
        assert!("2024-02-29".parse::<Period>().is_ok());
    }

    proptest! {
        #[test]
        fn text_round_trips(year in 1i16..=9999, month in 0i8..=12, day in 0i8..=28) {
            let day = if month == 0 { 0 } else { day };
            let period = Period::from_parts(year, month, day).unwrap();
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        }

        #[test]
        fn any_text_is_answered(text in ".{0,12}") {
            let _ = text.parse::<Period>();
        }
    }
}
