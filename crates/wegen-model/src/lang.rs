//! Dutch and English: messages, numbers and dates of each.

use std::{fmt, str::FromStr, sync::LazyLock};

use fixed_decimal::{Decimal, FloatPrecision, SignedRoundingMode, UnsignedRoundingMode};
use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use icu_decimal::DecimalFormatter;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Period;

/// A language of the reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Dutch.
    Nl,
}

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Dutch.
    pub nl: String,
}

impl Text {
    /// In a language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Nl => &self.nl,
        }
    }
}

/// A language that is not offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language of the reports: `nl` or `en` was expected")]
pub struct UnknownLang(pub String);

/// Arguments of a message, by name.
pub type Args<'a> = &'a [(&'a str, &'a str)];

struct Locale {
    bundle: FluentBundle<FluentResource>,
    decimal: Option<DecimalFormatter>,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Lang; 2] = [Lang::Nl, Lang::En];

    /// The BCP 47 tag.
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Nl => "nl",
        }
    }

    fn locale(self) -> &'static Locale {
        static EN: LazyLock<Locale> =
            LazyLock::new(|| Locale::new("en", include_str!("../../../locales/en.ftl")));
        static NL: LazyLock<Locale> =
            LazyLock::new(|| Locale::new("nl", include_str!("../../../locales/nl.ftl")));
        match self {
            Lang::En => &EN,
            Lang::Nl => &NL,
        }
    }

    /// The message `id`; `{id}` in braces where there is none, which a test looks for.
    pub fn text(self, id: &str) -> String {
        self.text_with(id, &[])
    }

    /// The message `id` with arguments, already in the form a reader sees.
    pub fn text_with(self, id: &str, args: Args<'_>) -> String {
        let bundle = &self.locale().bundle;
        let Some(pattern) = bundle.get_message(id).and_then(|m| m.value()) else {
            return format!("{{{id}}}");
        };
        let mut fluent = FluentArgs::new();
        for (name, value) in args {
            fluent.set(*name, *value);
        }
        bundle.format_pattern(pattern, Some(&fluent), &mut Vec::new()).into_owned()
    }

    /// Whether the message exists.
    pub fn has(self, id: &str) -> bool {
        self.locale().bundle.has_message(id)
    }

    /// A whole number, with the locale's grouping.
    pub fn integer(self, value: i64) -> String {
        self.format(Decimal::from(value)).unwrap_or_else(|| value.to_string())
    }

    /// A number rounded half away from zero to `digits` decimals, with the locale's grouping and decimal mark.
    pub fn decimal(self, value: f64, digits: u8) -> String {
        let Ok(mut decimal) = Decimal::try_from_f64(value, FloatPrecision::RoundTrip) else {
            return self.text("no-number");
        };
        let half_away = SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand);
        let position = -i16::from(digits);
        decimal.round_with_mode(position, half_away);
        decimal.pad_end(position);
        self.format(decimal).unwrap_or_else(|| format!("{value:.*}", usize::from(digits)))
    }

    fn format(self, decimal: Decimal) -> Option<String> {
        Some(self.locale().decimal.as_ref()?.format(&decimal).to_string())
    }

    /// A date in words: `25 June 2026`, `25 juni 2026`.
    pub fn date(self, date: Date) -> String {
        self.period(Period::of_day(date))
    }

    /// A period in words, as coarse as it is.
    pub fn period(self, period: Period) -> String {
        let mut words = String::new();
        if let Some(day) = period.day() {
            words.push_str(&format!("{day} "));
        }
        if let Some(month) = period.month() {
            words.push_str(&format!("{} ", self.text(&format!("month-{month}"))));
        }
        words + &period.year().to_string()
    }

    /// `a, b and c`.
    pub fn list(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [init @ .., last] => format!("{} {} {last}", init.join(", "), self.text("and")),
        }
    }
}

impl Locale {
    fn new(tag: &str, ftl: &str) -> Locale {
        let locale = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Arguments come formatted; direction marks around them would end up in files and tests.
        bundle.set_use_isolating(false);
        // Syntax errors leave messages out; a test compares the two catalogues message by message.
        let resource = FluentResource::try_new(ftl.to_owned()).unwrap_or_else(|(partial, _)| partial);
        let _ = bundle.add_resource(resource);
        let decimal = tag
            .parse::<icu_locale_core::Locale>()
            .ok()
            .and_then(|l| DecimalFormatter::try_new(l.into(), Default::default()).ok());
        Locale { bundle, decimal }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;
    fn from_str(text: &str) -> Result<Lang, UnknownLang> {
        Lang::ALL.into_iter().find(|l| l.as_str() == text).ok_or_else(|| UnknownLang(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(ftl: &str) -> Vec<&str> {
        ftl.lines()
            .filter(|l| !l.starts_with(['#', ' ']) && l.contains(" ="))
            .filter_map(|l| l.split(" =").next())
            .collect()
    }

    #[test]
    fn the_catalogues_hold_the_same_messages() {
        let (en, nl) = (include_str!("../../../locales/en.ftl"), include_str!("../../../locales/nl.ftl"));
        assert_eq!(messages(en), messages(nl));
        for id in messages(en) {
            assert!(Lang::En.has(id) && Lang::Nl.has(id), "{id} does not parse");
        }
    }

    #[test]
    fn numbers_follow_the_locale() {
        assert_eq!(Lang::Nl.integer(1_341_148), "1.341.148");
        assert_eq!(Lang::En.integer(-1_341_148), "-1,341,148");
        assert_eq!(Lang::Nl.decimal(94.12599, 1), "94,1");
        assert_eq!(Lang::En.decimal(2.5, 0), "3");
        assert_eq!(Lang::En.decimal(1.0, 1), "1.0");
        assert_eq!(Lang::En.decimal(0.15, 1), "0.2");
        assert_eq!(Lang::En.decimal(f64::NAN, 1), Lang::En.text("no-number"));
    }

    #[test]
    fn dates_follow_the_locale() {
        let date = Date::constant(2026, 6, 25);
        assert_eq!(Lang::Nl.date(date), "25 juni 2026");
        assert_eq!(Lang::En.date(date), "25 June 2026");
        assert_eq!(Lang::Nl.period("2025-03".parse().unwrap()), "maart 2025");
    }

    #[test]
    fn lists_end_in_and() {
        let items = ["a", "b", "c"].map(String::from);
        assert_eq!(Lang::Nl.list(&items), "a, b en c");
        assert_eq!(Lang::En.list(&items[..1]), "a");
    }
}
