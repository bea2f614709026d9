//! Simulations of our own: `published/simulation.csv`, as `wegen simulate` writes it over an instance that was built
//! from evidence. Several files, one a scenario, become one snapshot, so that scenarios stand side by side.
//!
//! Traps: a text that must stand with the numbers is a row as well, its value the place in the order; the ends of the
//! conditions are two rows of one figure and are never added; a scenario that comes twice is an error.

use std::collections::{BTreeMap, BTreeSet};

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, Observation, Period, Record, Status, dim_text, indicators};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Row, Spec, column, maybe, number_of, rows},
};

pub(crate) struct Simulation;

const SCENARIO: usize = 0;
const INDICATOR: usize = 1;
const PLACE: usize = 2;
const COUNTERPART: usize = 3;
const MONTH: usize = 4;
const END: usize = 5;
const VALUE: usize = 6;
const LOW: usize = 7;
const HIGH: usize = 8;
const WHAT: usize = 9;
const EN: usize = 10;
const NL: usize = 11;

static ROWS: Spec = Spec {
    columns: &[
        column(&["scenario"]),
        column(&["indicator"]),
        column(&["place"]),
        column(&["counterpart"]),
        column(&["month"]),
        column(&["end"]),
        column(&["value"]),
        column(&["low"]),
        column(&["high"]),
        column(&["what"]),
        column(&["en"]),
        column(&["nl"]),
        maybe(&["not_for_individual_decisions"]),
    ],
    also: &[],
    pointer: "",
};

impl Parser for Simulation {
    fn source(&self) -> &'static str {
        "wegen-simulation"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut keys = BTreeSet::new();
        let mut scenarios: BTreeMap<String, u32> = BTreeMap::new();
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let scenario = row.text(SCENARIO);
                if !is_id(scenario) {
                    return Err(row.wrong(SCENARIO, "letters, digits, `-`, `_` and `.` alone"));
                }
                let own = *scenarios.entry(scenario.to_owned()).or_insert(part as u32);
                if own != part as u32 {
                    return Err(row.wrong(SCENARIO, "a scenario that no earlier file holds"));
                }
                row.held(keys.len())?;
                let observation = observation(row, quality)?;
                let key = (
                    observation.indicator,
                    observation.place,
                    observation.counterpart,
                    observation.period,
                    observation.dims.as_deref().map(number_of),
                );
                if !keys.insert(key) {
                    return Err(row.wrong(INDICATOR, "a row that is not there already"));
                }
                records.push(Record::Observation(observation))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &ROWS, &mut quality, &mut each)?;
        }
        Ok(Parsed { capture: "csv", layout: ROWS.layout(false), quality, rows_read, records })
    }
}

fn observation(row: &Row<'_>, quality: &mut Quality) -> Result<Observation, SourceError> {
    let indicator = indicators()
        .get(row.text(INDICATOR))
        .filter(|i| i.as_str().starts_with("simulat"))
        .ok_or_else(|| row.wrong(INDICATOR, "an indicator of simulations, as `simulated-displaced`"))?;
    let counterpart: Option<Code> = match row.text(COUNTERPART) {
        "" => None,
        _ => Some(row.iso3(COUNTERPART, quality)?),
    };
    if !["", "low", "high", "both"].contains(&row.text(END)) {
        return Err(row.wrong(END, "`low`, `high`, `both` or nothing"));
    }
    let value = row.maybe_number(VALUE)?.ok_or_else(|| row.wrong(VALUE, "a number"))?;
    let bounds = match (row.maybe_number(LOW)?, row.maybe_number(HIGH)?) {
        (Some(low), Some(high)) if low <= high => Some((low, high)),
        (None, None) => None,
        _ => return Err(row.wrong(LOW, "two bounds in order, or none")),
    };
    let people = indicator.as_str().starts_with("simulated-");
    if people && (value < 0.0 || bounds.is_none_or(|(low, high)| low < 0.0 || value < low || high < value)) {
        return Err(row.wrong(VALUE, "people, not less than none and within the bounds"));
    }
    let dims = [("scenario", SCENARIO), ("end", END), ("what", WHAT), ("en", EN), ("nl", NL)];
    let dims =
        dims.iter().map(|(key, column)| (key, dim_text(row.text(*column)))).filter(|(_, v)| !v.is_empty());
    let dims: Vec<String> = dims.map(|(key, value)| format!("{key}={value}")).collect();
    Ok(Observation {
        indicator,
        place: row.iso3(PLACE, quality)?,
        counterpart,
        period: month(row.text(MONTH)).ok_or_else(|| row.wrong(MONTH, "a month YYYY-MM"))?,
        value,
        bounds,
        status: Status::Estimated,
        dims: Some(dims.join(";").into()),
        locator: row.locator(VALUE),
    })
}

/// Whether a scenario's name can stand in the name of a figure.
fn is_id(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=80).contains(&text.len()) && text.bytes().all(fits)
}

fn month(text: &str) -> Option<Period> {
    let period: Period = text.parse().ok()?;
    (period.month().is_some() && period.day().is_none()).then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "scenario,indicator,place,counterpart,month,end,value,low,high,what,en,nl,not_for_individual_decisions\n";

    fn read(rows: &[&str]) -> Result<Parsed, SourceError> {
        let text = format!("{HEAD}{}\n", rows.join("\n"));
        Simulation.parse(&[File::new("simulation.csv", text)])
    }

    #[test]
    fn texts_come_back_whole() {
        let text = "\"From May; 50% of it = half, said so\"";
        let parsed =
            read(&[&format!("a,simulation-note,SYR,,2020-12,,1,,,assumption,{text},nl,true")]).unwrap();
        let [Record::Observation(note)] = parsed.records.as_slice().unwrap() else { panic!("one row") };
        assert_eq!(note.dim("en").as_deref(), Some("From May; 50% of it = half, said so"));
        assert_eq!((note.dim("nl").as_deref(), note.dim("end")), (Some("nl"), None));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_row() {
        let good = "a,simulated-displaced,SYR,DEU,2020-12,low,5,4,6,,,,true";
        assert!(read(&[good]).is_ok());
        for (row, said) in [
            ("a b,simulated-displaced,SYR,DEU,2020-12,low,5,4,6,,,,true", "scenario"),
            ("a,refugees,SYR,DEU,2020-12,low,5,4,6,,,,true", "indicator"),
            ("a,simulated-displaced,SYR,Germany,2020-12,low,5,4,6,,,,true", "counterpart"),
            ("a,simulated-displaced,SYR,DEU,2020-13,low,5,4,6,,,,true", "month"),
            ("a,simulated-displaced,SYR,DEU,2020-12-01,low,5,4,6,,,,true", "month"),
            ("a,simulated-displaced,SYR,DEU,2020-12,middle,5,4,6,,,,true", "end"),
            ("a,simulated-displaced,SYR,DEU,2020-12,low,7,4,6,,,,true", "value"),
            ("a,simulated-displaced,SYR,DEU,2020-12,low,-5,-6,6,,,,true", "value"),
            ("a,simulated-displaced,SYR,DEU,2020-12,low,5,6,4,,,,true", "low"),
            ("a,simulated-displaced,SYR,DEU,2020-12,low,,4,6,,,,true", "value"),
            ("a,simulated-displaced,SYR,DEU,2020-12,low,5,4,,,,,true", "low"),
        ] {
            let message = read(&[row]).unwrap_err().to_string();
            assert!(message.contains("row 2") && message.contains(said), "{row}: {message}");
        }
        let twice = read(&[good, good]).unwrap_err().to_string();
        assert!(twice.contains("row 3"), "{twice}");
    }

    #[test]
    fn a_scenario_stands_in_one_file() {
        let file = |name: &str, id: &str| {
            File::new(name, format!("{HEAD}{id},simulation-members,SYR,,2020-12,,100,,,,,,true\n"))
        };
        assert_eq!(Simulation.parse(&[file("a.csv", "a"), file("b.csv", "b")]).unwrap().records.len(), 2);
        let twice = Simulation.parse(&[file("a.csv", "a"), file("b.csv", "a")]).unwrap_err().to_string();
        assert!(twice.contains("b.csv"), "{twice}");
    }
}
