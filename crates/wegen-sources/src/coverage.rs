//! What a file covers, as far as its publisher's name for it says so; never by the rows in it.
//!
//! | source | what says it | covers |
//! |---|---|---|
//! | `ucdp-ged` | `ged261`, `ged261-csv`, `GEDEvent_v26_1` | all countries, 1989 to the year before the release |
//! | | `GEDEvent_v26_0_2` | all countries, that month |
//! | | `GEDEvent_v26_01_26_03` | all countries, from the first to the last of these months |
//! | `ucdp-country-year` | `organizedviolencecy_v25_1`, `-251` | all countries, 1989 to the year before |
//! | `iom-missing-migrants` | `MissingMigrants-Global-2026-05-06` | everywhere, from 2014 to that day |
//! | | `2024.json`, `2024-json.json` | everywhere, that year, as far as it had come |
//! | `worldbank-wdi` | `API_SP.POP.TOTL_DS2_en_csv_v2_…`, `WDICSV`, `WDI_CSV` | all countries, of the indicators in it, to the day it was retrieved |
//! | `ocha-hno` | `hpc_hno_2025` | all countries, that year |
//! | `ocha-pcodes` | `global_pcodes…` | all countries, of the levels in it |
//!
//! Anything else answers for the keys it has rows for, unless whoever imports it says what it covers.

use jiff::civil::Date;
use wegen_model::{Coverage, Declared, Period, Span};

/// What a file's name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    /// What it covers.
    pub(crate) coverage: Coverage,
    /// The publisher's name of the release.
    pub(crate) release: Option<String>,
    /// When that came out: the day itself, or the last of the period in which the publisher brings it out.
    pub(crate) published: Option<Date>,
}

/// What the names of all files of an import say together; nothing where one of them says nothing.
pub(crate) fn stated<'n>(
    source: &str,
    names: impl IntoIterator<Item = &'n str>,
    retrieved: Date,
) -> Option<Stated> {
    let all: Vec<Stated> =
        names.into_iter().map(|name| of_name(source, name, retrieved)).collect::<Option<_>>()?;
    let (last, rest) = all.split_last()?;
    // Several files of one release, or of releases that follow each other without a gap, are one coverage.
    let mut spans: Vec<Span> = all.iter().filter_map(|s| s.coverage.period).collect();
    spans.sort();
    let period = match (spans.first(), spans.iter().max_by_key(|s| s.last())) {
        (Some(first), Some(end)) => {
            let whole = Span::between(first.first()?, end.last()?)?;
            if !whole.is_held_by(spans.iter().copied()) {
                return None;
            }
            Some(whole)
        }
        _ => None,
    };
    let newest = rest.iter().chain([last]).max_by_key(|s| s.published)?.clone();
    Some(Stated { coverage: Coverage { period, ..newest.coverage.clone() }, ..newest })
}

fn of_name(source: &str, name: &str, retrieved: Date) -> Option<Stated> {
    let name = name.rsplit(['/', '\\']).next()?.to_lowercase();
    match source {
        "ucdp-ged" => yearly(&name, "ged").or_else(|| candidate(&name)),
        "ucdp-country-year" => yearly(&name, "organizedviolencecy"),
        "iom-missing-migrants" => global_download(&name).or_else(|| api_year(&name, retrieved)),
        "worldbank-wdi" => world_bank(&name, retrieved),
        "ocha-hno" => {
            let year = stem(&name).strip_prefix("hpc_hno_")?;
            let period = (year.len() == 4).then(|| year.parse::<Span>().ok())??;
            Some(form(Coverage::all(Declared::Form).during(period), None))
        }
        "ocha-pcodes" => name.starts_with("global_pcodes").then(|| form(Coverage::all(Declared::Form), None)),
        _ => None,
    }
}

fn form(coverage: Coverage, published: Option<Date>) -> Stated {
    Stated { coverage, release: None, published }
}

/// The name without what it ends in.
fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

fn digits(text: &str) -> Option<i16> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A yearly release of UCDP's, `25.1`: from 1989 to the year before; it comes out in June of its year.
fn yearly(name: &str, prefix: &str) -> Option<Stated> {
    let rest = stem(name).strip_prefix(prefix)?.trim_start_matches(['-', '_', 'v']);
    let version = rest.split(['-', ' ', '(']).next()?;
    let (year, minor) = match version.split('_').collect::<Vec<_>>()[..] {
        [year, minor] => (digits(year)?, digits(minor)?),
        [both] if both.len() == 3 => (digits(&both[..2])?, digits(&both[2..])?),
        _ => return None,
    };
    // Releases have been named by their year since 17.1.
    if !(17..90).contains(&year) || minor == 0 {
        return None;
    }
    let full = 2000 + year;
    Some(Stated {
        coverage: Coverage::all(Declared::Release).during(Span::years(1989, i32::from(full) - 1)),
        release: Some(format!("{year}.{minor}")),
        published: Date::new(full, 6, 30).ok(),
    })
}

/// UCDP's candidate events: `v26_0_2` is February 2026, `v26_01_26_03` January to March; each comes out about the
/// twentieth of the month after, and a file of several months after the one of its last month.
fn candidate(name: &str) -> Option<Stated> {
    let version = stem(name).strip_prefix("gedevent_v")?;
    let version = version.split(['-', ' ', '(']).next()?;
    let numbers: Vec<i16> = version.split('_').map(digits).collect::<Option<_>>()?;
    let (from, to, day) = match numbers[..] {
        // The file within a yearly release.
        [_, _] => return yearly(name, "gedevent"),
        [year, 0, month] => {
            let month = Period::of_month(2000 + year, i8::try_from(month).ok()?)?;
            (month, month, 20)
        }
        [first_year, first, last_year, last] => (
            Period::of_month(2000 + first_year, i8::try_from(first).ok()?)?,
            Period::of_month(2000 + last_year, i8::try_from(last).ok()?)?,
            25,
        ),
        _ => return None,
    };
    let period = Span::between(from, to)?;
    let (year, month) = (to.year() as i16, to.month()?);
    let (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    Some(Stated {
        coverage: Coverage::all(Declared::Release).during(period),
        release: Some(version.replace('_', ".")),
        published: Date::new(year, month, day).ok(),
    })
}

/// The public download of Missing Migrants, which names its day.
fn global_download(name: &str) -> Option<Stated> {
    let day: Date = stem(name).strip_prefix("missingmigrants-global-")?.get(..10)?.parse().ok()?;
    let period = Span::between(Period::of_year(2014)?, Period::of_day(day).to_month())?;
    Some(form(Coverage::all(Declared::Form).during(period), Some(day)))
}

/// The interface's file of a year, as far as the year had come when it was retrieved.
fn api_year(name: &str, retrieved: Date) -> Option<Stated> {
    let year = name.strip_suffix(".json")?.trim_end_matches("-json");
    let year = (year.len() == 4).then(|| digits(year))?.and_then(Period::of_year)?;
    let until = Span::between(year, Period::of_day(retrieved).to_month());
    let period = Span::of(year).both(until?)?;
    Some(form(Coverage::all(Declared::Form).during(period), None))
}

/// A download of one indicator, or of all: every country and year up to the day it was retrieved.
fn world_bank(name: &str, retrieved: Date) -> Option<Stated> {
    let one = name.starts_with("api_") && name.contains("_ds2_");
    // The table of all indicators, and the archive that it comes in, with or without the day it was made.
    let all = match stem(name).strip_prefix("wdi_csv") {
        Some(day) => day.bytes().all(|b| b == b'_' || b.is_ascii_digit()),
        None => stem(name) == "wdicsv",
    };
    let until = Period::of_year(retrieved.year())?;
    let period = Span::between(Period::of_year(1960)?, until)?;
    (one || all).then(|| form(Coverage::all(Declared::Form).during(period), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(source: &str, names: &[&str]) -> Option<(String, Option<String>, Option<String>)> {
        let stated = stated(source, names.iter().copied(), "2026-11-29".parse().unwrap())?;
        Some((stated.coverage.to_string(), stated.release, stated.published.map(|d| d.to_string())))
    }

    #[test]
    fn releases_of_ucdp_say_their_months() {
        let some = |period: &str, release: &str, day: &str| {
            Some((format!("period={period}"), Some(release.to_owned()), Some(day.to_owned())))
        };
        for (name, expected) in [
            ("GEDEvent_v26_0_2.csv", some("2026-02", "26.0.2", "2026-03-20")),
            ("GEDEvent_v25_0_12.csv", some("2025-12", "25.0.12", "2026-01-20")),
            ("GEDEvent_v25_01_25_12.csv", some("2025", "25.01.25.12", "2026-01-25")),
            ("GEDEvent_v26_01_26_03.csv", some("2026-01..2026-03", "26.01.26.03", "2026-04-25")),
            ("ged261.csv", some("1989..2025", "26.1", "2026-06-30")),
            ("ged251-csv.zip", some("1989..2024", "25.1", "2025-06-30")),
            ("GEDEvent_v25_1.csv", some("1989..2024", "25.1", "2025-06-30")),
            ("ged191_syria_2016-2019.csv.gz", None),
            ("ged_myanmar_bangladesh_2016_2017.csv", None),
            ("ged_sudan_hdx_1989-2023.csv.gz", None),
            ("GEDEvent_v26_0_13.csv", None),
            ("part-1.csv", None),
        ] {
            assert_eq!(covers("ucdp-ged", &[name]), expected, "{name}");
        }
        let two = ["GEDEvent_v26_0_1.csv", "GEDEvent_v26_0_2.csv"];
        assert_eq!(covers("ucdp-ged", &two), some("2026-01..2026-02", "26.0.2", "2026-03-20"));
        assert_eq!(covers("ucdp-ged", &["GEDEvent_v26_0_1.csv", "GEDEvent_v26_0_3.csv"]), None);
        assert_eq!(covers("ucdp-ged", &["GEDEvent_v26_0_1.csv", "mine.csv"]), None);
        let cy = covers("ucdp-country-year", &["organizedviolencecy_v25_1_1989-2024.csv.gz"]);
        assert_eq!(cy, None, "the name of a copy is not the publisher's");
        let cy = covers("ucdp-country-year", &["organizedviolencecy_v25_1.csv"]);
        assert_eq!(cy, some("1989..2024", "25.1", "2025-06-30"));
    }

    #[test]
    fn forms_say_what_they_cover() {
        let of = |source: &str, name: &str| covers(source, &[name]).map(|c| c.0);
        for (source, name, expected) in [
            (
                "iom-missing-migrants",
                "MissingMigrants-Global-2026-05-06.csv",
                Some("period=2014-01..2026-05"),
            ),
            ("iom-missing-migrants", "2026-json.json", Some("period=2026-01..2026-11")),
            ("iom-missing-migrants", "2024.json", Some("period=2024")),
            ("iom-missing-migrants", "iom_europe_curated_2014-2026-04.csv.gz", None),
            ("worldbank-wdi", "API_SP.POP.TOTL_DS2_en_csv_v2_5871594.csv", Some("period=1960..2026")),
            ("worldbank-wdi", "WDICSV.csv", Some("period=1960..2026")),
            ("worldbank-wdi", "WDI_CSV_2026_08_28.zip", Some("period=1960..2026")),
            ("worldbank-wdi", "WDI_CSV_small.zip", None),
            ("worldbank-wdi", "databank_extract.csv", None),
            ("ocha-hno", "hpc_hno_2025.csv", Some("period=2025")),
            ("ocha-hno", "hpc_hno_2024_national_rows.csv", None),
            ("ocha-pcodes", "global_pcodes_adm_1_2.csv", Some("all")),
            ("unhcr-population", "population.csv.gz", None),
        ] {
            assert_eq!(of(source, name).as_deref(), expected, "{name}");
        }
    }
}
