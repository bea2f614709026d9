//! Basic services and economy by country and year: the World Bank, and two publishers who pass its figures on.
//!
//! Traps: the World Bank's API answers errors with HTTP 200 and a one-element array; its CSV has lines above
//! the header and a column a year; a second line of the HDX form holds HXL tags; Gapminder writes ISO codes in
//! lower case; aggregates of countries (`WB_MENAP`, `OWID_WRL`) stand among the countries. An archive holds tables that
//! describe countries and series beside the one with figures. An extract of DataBank names its columns of series and
//! years otherwise, writes `..` for what is not reported, and ends in two lines on where it came from.

use serde_json::Value;
use wegen_ledger::{Layout, LayoutKind, LedgerError, Quality, Records};
use wegen_model::{
    Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator, indicators,
};

use crate::{
    File, Parsed, Parser, SourceError,
    items::{Item, items, outline},
    lines::{How, Lines, utf8},
    numbers::{Cells, Columns, Holds},
    table::{
        Column, Row, Spec, column, has_columns, header as header_of, is_json, kind, refuse_personal, rows,
        screen_lines, shown, survey,
    },
};

pub(crate) fn parsers() -> Vec<Box<dyn Parser>> {
    vec![Box::new(WorldBank), Box::new(Owid), Box::new(Gapminder)]
}

/// What a figure of an indicator is: a number of people, which are whole, or a measure.
fn holds(indicator: IndicatorId) -> Holds {
    match indicator.def().unit.as_str() {
        "persons" | "households" | "deaths" | "number" => Holds::Amounts,
        _ => Holds::Measures,
    }
}

/// Observations of one country and year each, collected with what goes around them.
#[derive(Default)]
struct Collected {
    quality: Quality,
    rows_read: u64,
    records: Records,
    /// The indicator of the first record.
    first: Option<IndicatorId>,
}

impl Collected {
    fn push(
        &mut self,
        indicator: IndicatorId,
        place: Code,
        period: Period,
        value: f64,
        dims: Option<&str>,
        locator: Locator,
    ) -> Result<(), LedgerError> {
        self.first = self.first.or(Some(indicator));
        self.records.push(Record::Observation(Observation {
            indicator,
            place,
            counterpart: None,
            period,
            value,
            bounds: None,
            status: Status::Normal,
            dims: dims.map(Into::into),
            locator,
        }))
    }

    fn parsed(self, capture: &'static str, layout: Layout) -> Parsed {
        let Collected { quality, rows_read, records, .. } = self;
        Parsed { capture, layout, quality, rows_read, records }
    }
}

/// A country, or `None` for an aggregate of countries, which is noted.
fn place(
    row: &Row<'_>,
    column: usize,
    code: &str,
    quality: &mut Quality,
) -> Result<Option<Code>, SourceError> {
    // Our World in Data has a code of its own for Kosovo, which is no aggregate.
    let code = if code == "OWID_KOS" { "XKX" } else { code };
    match countries().by_iso3(code) {
        Some(country) => Ok(Some(country.iso3)),
        None if code.is_empty() || code.len() > 3 || is_aggregate(code) => {
            quality.note("aggregates of countries, left out", || row.place());
            Ok(None)
        }
        None if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            quality.note(&format!("`{code}` is no ISO 3166-1 code"), || row.place());
            Ok(Code::new(code).ok())
        }
        None => Err(row.wrong(column, "a country's ISO 3166-1 alpha-3 code")),
    }
}

/// The World Bank's own codes for groups of countries, and the Channel Islands.
fn is_aggregate(code: &str) -> bool {
    const GROUPS: [&str; 49] = [
        "AFE", "AFW", "ARB", "CEB", "CHI", "CSS", "EAP", "EAR", "EAS", "ECA", "ECS", "EMU", "EUU", "FCS",
        "HIC", "HPC", "IBD", "IBT", "IDA", "IDB", "IDX", "INX", "LAC", "LCN", "LDC", "LIC", "LMC", "LMY",
        "LTE", "MEA", "MIC", "MNA", "NAC", "OED", "OSS", "PRE", "PSS", "PST", "SAS", "SSA", "SSF", "SST",
        "TEA", "TEC", "TLA", "TMN", "TSA", "TSS", "UMC",
    ];
    GROUPS.contains(&code) || code == "WLD"
}

struct WorldBank;

static LONG: Spec = Spec {
    columns: &[
        column(&["Country ISO3", "Country Code"]),
        column(&["Year"]),
        column(&["Indicator Code"]),
        column(&["Value"]),
    ],
    also: &["Country Name", "Indicator Name"],
    pointer: "",
};

static PACKAGE: Spec = Spec {
    columns: &[column(&["geo"]), column(&["t"]), column(&["var"]), column(&["v"])],
    also: &[],
    pointer: "",
};

impl Parser for WorldBank {
    fn source(&self) -> &'static str {
        "worldbank-wdi"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let mut out = Collected::default();
        let Some(first) = files.first() else { return Ok(out.parsed("csv", Layout::default())) };
        if is_json(first) {
            for (part, file) in files.iter().enumerate() {
                api(file, part as u32, &mut out)?;
            }
            let columns = ["countryiso3code", "date", "value", "indicator"].map(String::from).to_vec();
            return Ok(out.parsed("api", Layout { kind: LayoutKind::Json, columns, pointer: "/1".into() }));
        }
        // A table that is none of the others has one row a figure, or a column a year.
        let long_or_wide = |file: &File| header(file).is_none() && near(&LONG, file);
        if PACKAGE.fits(first) || near(&PACKAGE, first) {
            let map =
                [("pop", indicator::POPULATION), ("unem", indicator::UNEMPLOYMENT), ("gdp", indicator::GDP)];
            return long(files, &PACKAGE, "package gdidata", out, &|code| {
                map.iter().find(|(var, _)| *var == code).map(|(_, id)| *id)
            });
        }
        if LONG.fits(first) || files.len() == 1 && long_or_wide(first) {
            return long(files, &LONG, "csv", out, &|code| indicators().by_code(code));
        }
        let mut layout = None;
        for (part, file) in files.iter().enumerate() {
            // A download holds the table and files that describe countries and series beside it.
            if files.len() > 1 && header(file).is_none() && beside(file)? {
                continue;
            }
            layout = Some(wide(file, part as u32, &mut out)?);
        }
        match layout {
            Some(layout) => Ok(out.parsed("csv", layout)),
            None => {
                let names: Vec<&str> = files.iter().map(|f| f.name.as_str()).collect();
                let expected = "a table of figures among them, as `WDICSV.csv`";
                Err(SourceError::malformed(&first.name, "the archive", names.join(", "), expected))
            }
        }
    }
}

/// Whether a file lacks one column alone of this table, so that its reader says which.
fn near(spec: &Spec, file: &File) -> bool {
    let header = header_of(file);
    let held = |column: &Column| header.iter().any(|name| column.names.contains(&name.as_str()));
    spec.columns.iter().filter(|column| !held(column)).count() == 1
}

/// Whether a file is one of those that describe countries and series; refused where it is about individuals.
fn beside(file: &File) -> Result<bool, SourceError> {
    let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    if !name.starts_with("wdi") && !name.contains("metadata") {
        return Ok(false);
    }
    refuse_personal(
        &file.name,
        &header_of(file),
        &["TableName", "Table Name", "Short Name", "Long Name"],
        &[],
    )?;
    Ok(true)
}

/// How a table with a column a year is read: lines stand above its header.
const WIDE: How = How { delimiter: b',', flexible: true, header: false };

/// The header of a table with a column a year, within its first lines: where it stands, and what is in which column.
fn header(file: &File) -> Option<Header> {
    let mut lines = Lines::new(file, WIDE).ok()?;
    let mut record = csv::StringRecord::new();
    while let Some(line) = lines.read(&mut record).ok()? {
        if line > 9 {
            return None;
        }
        let names: Vec<String> = record.iter().map(|h| h.trim().to_owned()).collect();
        let at = |titles: &[&str]| names.iter().position(|name| titles.contains(&name.as_str()));
        if let (Some(country), Some(code)) = (at(&["Country Code"]), at(&["Indicator Code", "Series Code"])) {
            let years: Vec<Option<Period>> = names.iter().map(|name| year_of(name)).collect();
            // A description of series by country has these codes as well, and no years.
            return years.iter().any(Option::is_some).then_some(Header { line, names, country, code, years });
        }
    }
    None
}

struct Header {
    line: u32,
    names: Vec<String>,
    country: usize,
    code: usize,
    years: Vec<Option<Period>>,
}

/// `2022`, or `2022 [YR2022]`.
fn year_of(title: &str) -> Option<Period> {
    let year = match title.split_once(" [YR") {
        Some((year, rest)) if rest.strip_suffix(']') == Some(year) => year,
        Some(_) => return None,
        None => title,
    };
    year.parse::<Period>().ok().filter(|period| period.month().is_none())
}

fn long(
    files: &[File],
    spec: &'static Spec,
    capture: &'static str,
    mut out: Collected,
    indicator: &dyn Fn(&str) -> Option<IndicatorId>,
) -> Result<Parsed, SourceError> {
    for (part, file) in files.iter().enumerate() {
        let mut quality = std::mem::take(&mut out.quality);
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let Some(country) = place(row, 0, row.text(0), quality)? else { return Ok(()) };
            let (period, code) = (row.year(1)?, row.text(2));
            if code.is_empty() {
                return Err(row.wrong(2, "an indicator's code"));
            }
            let found = indicator(code);
            let dims = found.is_none().then(|| format!("code={code}"));
            let id = found.unwrap_or(indicator::WORLD_BANK_OTHER);
            let Some(value) = row.number(3, holds(id))? else {
                quality.note("figures not reported", || row.place());
                return Ok(());
            };
            out.push(id, country, period, value, dims.as_deref(), row.locator(3))?;
            Ok(())
        };
        out.rows_read += rows(file, part as u32, spec, &mut quality, &mut each)?;
        out.quality = quality;
    }
    Ok(out.parsed(capture, spec.layout(false)))
}

/// A page of the API: `[{page…}, [rows…]]`, or `[{message…}]` where it is an error under HTTP 200.
fn api(file: &File, part: u32, out: &mut Collected) -> Result<(), SourceError> {
    let outline = outline(file)?.value;
    if let Some(message) = outline.pointer("/0/message/0") {
        let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let message = format!("{}: {} (id {})", text("key"), text("value"), text("id"));
        return Err(SourceError::Publisher { source_id: "worldbank-wdi".into(), message });
    }
    let wrong = |place: String, found: &str, expected: &str| {
        SourceError::malformed(&file.name, place, found, expected)
    };
    match outline.pointer("/1") {
        // An indicator without figures is answered with null.
        Some(Value::Null) => return Ok(()),
        Some(Value::Array(_)) => {}
        _ => {
            return Err(wrong("the document".into(), kind(&outline), "two elements: the page and its rows"));
        }
    }
    let known = [
        "indicator",
        "country",
        "countryiso3code",
        "date",
        "value",
        "unit",
        "obs_status",
        "decimal",
        "scale",
    ];
    survey(file, "/1", &known)?;
    items(file, "/1", &mut |i, item| {
        let Item::Object(item) = item else { return Ok(()) };
        let at = |name: &str| format!("/1/{i}/{name}");
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let iso3 =
            text("countryiso3code").ok_or_else(|| wrong(at("countryiso3code"), "nothing", "an ISO code"))?;
        let code = item.get("indicator").and_then(|of| of.get("id")).and_then(Value::as_str);
        let code = code.ok_or_else(|| wrong(at("indicator"), "nothing", "an indicator's code"))?;
        let date = text("date").unwrap_or_default();
        let period: Period = date
            .parse()
            .ok()
            .filter(|p: &Period| p.month().is_none())
            .ok_or_else(|| wrong(at("date"), date, "a year"))?;
        out.rows_read += 1;
        let country = match countries().by_iso3(iso3) {
            Some(country) => country.iso3,
            None if iso3.is_empty() || is_aggregate(iso3) => {
                out.quality.note("aggregates of countries, left out", || at("countryiso3code"));
                return Ok(());
            }
            None => return Err(wrong(at("countryiso3code"), iso3, "a country's ISO 3166-1 alpha-3 code")),
        };
        let value = match item.get("value") {
            None | Some(Value::Null) => {
                out.quality.note("figures not reported", || at("value"));
                return Ok(());
            }
            Some(value) => value.as_f64().ok_or_else(|| wrong(at("value"), kind(value), "a number"))?,
        };
        let found = indicators().by_code(code);
        let dims = found.is_none().then(|| format!("code={code}"));
        let id = found.unwrap_or(indicator::WORLD_BANK_OTHER);
        out.push(id, country, period, value, dims.as_deref(), Locator { part, row: i, column: 2 })?;
        Ok(())
    })?;
    Ok(())
}

/// The bulk CSV, with `Data Source` and `Last Updated Date` above a header with a column a year; an extract of DataBank.
fn wide(file: &File, part: u32, out: &mut Collected) -> Result<Layout, SourceError> {
    utf8(file)?;
    let Some(Header { line: top, names: columns, country: iso_at, code: code_at, years }) = header(file)
    else {
        return Err(no_table(file));
    };
    screen_wide(file, &columns)?;
    let layout = Layout { kind: LayoutKind::Csv, columns: columns.clone(), pointer: String::new() };
    let at = (0..columns.len()).map(Some).collect();
    let numbers = Columns::new(Cells::Csv { file, how: WIDE, at, header: top });
    let mut lines = Lines::new(file, WIDE)?;
    lines.names.clone_from(&columns);
    let mut record = csv::StringRecord::new();
    while let Some(line) = lines.read(&mut record)? {
        if line <= top || ends_extract(&record) {
            continue;
        }
        out.rows_read += 1;
        // Lines may end in a comma.
        let filled = |fields: usize, empty: &dyn Fn(usize) -> bool| {
            (0..fields).rev().find(|i| !empty(*i)).map_or(0, |i| i + 1)
        };
        let expected = filled(columns.len(), &|i| columns[i].is_empty());
        if record.len() < expected || filled(record.len(), &|i| record[i].is_empty()) > columns.len() {
            let found = format!("{} fields", record.len());
            return Err(SourceError::malformed(
                &file.name,
                format_args!("row {line}"),
                found,
                &format!("{expected}, as in the header"),
            ));
        }
        let cell_of = |line: u32, column: usize, text: &str, expected: &str| SourceError::Cell {
            file: file.name.clone(),
            place: numbers.place(line),
            column: columns.get(column).cloned().unwrap_or_default(),
            found: format!("`{}`", text.chars().take(60).collect::<String>()),
            expected: expected.to_owned(),
        };
        let cell = |column: usize, expected: &str| {
            cell_of(line, column, record.get(column).unwrap_or_default(), expected)
        };
        let at = |column: usize| record.get(column).unwrap_or_default().trim();
        let (iso3, code) = (at(iso_at), at(code_at));
        let country = match countries().by_iso3(iso3) {
            Some(country) => country.iso3,
            None if is_aggregate(iso3) => {
                out.quality.note("aggregates of countries, left out", || format!("row {line}"));
                continue;
            }
            None => return Err(cell(iso_at, "a country's ISO 3166-1 alpha-3 code")),
        };
        let found = indicators().by_code(code);
        let dims = found.is_none().then(|| format!("code={code}"));
        let id = found.unwrap_or(indicator::WORLD_BANK_OTHER);
        for (column, period) in years.iter().enumerate() {
            let Some(period) = *period else { continue };
            match at(column) {
                "" | ".." => out.quality.note("figures not reported", || format!("row {line}")),
                text => {
                    let value = numbers.number(column, text, holds(id)).map_err(|wrong| {
                        let (line, text) = wrong.cell.unwrap_or_else(|| (line, text.to_owned()));
                        cell_of(line, column, &text, &wrong.expected)
                    })?;
                    let mut note = |what| out.quality.note(what, || format!("row {line}"));
                    numbers.noted().into_iter().for_each(&mut note);
                    let locator = Locator { part, row: line, column: column as u16 };
                    out.push(id, country, period, value, dims.as_deref(), locator)?;
                }
            }
        }
    }
    Ok(layout)
}

/// A line without figures, at the end of an extract of DataBank.
fn ends_extract(record: &csv::StringRecord) -> bool {
    let mut filled = record.iter().filter(|field| !field.trim().is_empty());
    match (filled.next(), filled.next()) {
        (None, _) => true,
        (Some(only), None) => only.starts_with("Data from database:") || only.starts_with("Last Updated:"),
        _ => false,
    }
}

/// The error of a file in none of the World Bank's forms: the columns of each that it lacks.
fn no_table(file: &File) -> SourceError {
    let mut first = csv::StringRecord::new();
    let read = Lines::new(file, WIDE).and_then(|mut lines| lines.read(&mut first).map(|_| ()));
    let names: Vec<String> = first.iter().map(|name| name.trim().to_owned()).collect();
    if let Err(error) = read.and_then(|()| screen_wide(file, &names)) {
        return error;
    }
    let has = |column: &str| names.iter().any(|name| name == column);
    let missing = match (has("Country Code"), has("Indicator Code") || has("Series Code")) {
        (true, true) => "a column a year, as `2022` or `2022 [YR2022]`, or `Year` and `Value`",
        (true, false) => "Indicator Code",
        _ => "Country Code",
    };
    match missing.starts_with("a ") {
        true => {
            let found =
                format!("the columns {}", shown(&names.iter().map(String::as_str).collect::<Vec<_>>()));
            SourceError::malformed(&file.name, "row 1", found, &format!("{missing} among them"))
        }
        false => SourceError::MissingColumn {
            file: file.name.clone(),
            column: missing.into(),
            found: shown(&first.iter().collect::<Vec<_>>()),
            hint: None,
        },
    }
}

/// The columns beside the years.
const NAMES: [&str; 6] =
    ["Country Name", "Country Code", "Indicator Name", "Indicator Code", "Series Name", "Series Code"];

/// Refuses a bulk CSV with columns about individuals beside the years.
fn screen_wide(file: &File, names: &[String]) -> Result<(), SourceError> {
    let years = names.iter().map(String::as_str).filter(|n| n.is_empty() || year_of(n).is_some());
    let known: Vec<&str> = NAMES.into_iter().chain(years).collect();
    if names.iter().all(|n| known.contains(&n.as_str())) {
        return Ok(());
    }
    // The lines above the table have fewer columns and hold nothing in the others.
    screen_lines(file, WIDE, names, &known, &|record| record.get(1) != Some("Country Code"))
}

struct Owid;

const CODE: Column = column(&["code", "Code"]);
const YEAR: Column = column(&["year", "Year"]);

static OWID: [(Spec, IndicatorId); 3] = [
    (owid(&[CODE, YEAR, column(&["electrical_access"])]), indicator::ELECTRICITY_ACCESS),
    (owid(&[CODE, YEAR, column(&["basic_drinking_water_usage"])]), indicator::BASIC_WATER),
    (owid(&[CODE, YEAR, column(&["basic_sanitation_usage"])]), indicator::BASIC_SANITATION),
];

const fn owid(columns: &'static [Column]) -> Spec {
    Spec { columns, also: &["entity", "Entity"], pointer: "" }
}

/// One file, one measure: the table that fits, or an error that names what is missing of all of them.
fn one_measure(
    files: &[File],
    tables: &'static [(Spec, IndicatorId)],
    upper: bool,
) -> Result<Parsed, SourceError> {
    let mut out = Collected::default();
    let mut layout = Layout::default();
    for (part, file) in files.iter().enumerate() {
        let Some(&(ref spec, id)) = tables.iter().find(|(spec, _)| spec.fits(file)) else {
            return Err(no_measure(file, tables));
        };
        layout = spec.layout(false);
        let mut quality = std::mem::take(&mut out.quality);
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let code = if upper { row.text(0).to_uppercase() } else { row.text(0).to_owned() };
            let Some(country) = place(row, 0, &code, quality)? else { return Ok(()) };
            let period = row.year(1)?;
            match row.number(2, holds(id))? {
                Some(value) => out.push(id, country, period, value, None, row.locator(2))?,
                None => quality.note("figures not reported", || row.place()),
            }
            Ok(())
        };
        out.rows_read += rows(file, part as u32, spec, &mut quality, &mut each)?;
        out.quality = quality;
    }
    let capture = out.first.map_or("csv", |indicator| indicator.as_str());
    Ok(out.parsed(capture, layout))
}

/// The error of a file that is none of these tables: the place or the year where one of these is missing, otherwise
/// the measures that are read.
fn no_measure(file: &File, tables: &'static [(Spec, IndicatorId)]) -> SourceError {
    let measured = |spec: &Spec| spec.columns.last().is_some_and(|column| has_columns(file, column.names));
    let nearest = tables.iter().find(|(spec, _)| measured(spec)).or(tables.first());
    let Some((nearest, _)) = nearest else { return SourceError::Empty(file.name.clone()) };
    // Its own error tells of bytes, of individuals, and of a column that all tables have.
    let mut nothing = |_: &Row<'_>, _: &mut Quality| Ok(());
    let error = rows(file, 0, nearest, &mut Quality::default(), &mut nothing).err();
    let measures: Vec<&str> =
        tables.iter().filter_map(|(spec, _)| spec.columns.last()?.names.first().copied()).collect();
    match error {
        Some(SourceError::MissingColumn { file, column, found, hint })
            if measures.contains(&column.as_str()) =>
        {
            SourceError::MissingColumn { file, column: measures.join("` or `"), found, hint }
        }
        Some(error) => error,
        None => SourceError::Empty(file.name.clone()),
    }
}

impl Parser for Owid {
    fn source(&self) -> &'static str {
        "owid-jmp"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        one_measure(files, &OWID, false)
    }
}

struct Gapminder;

const GEO: Column = column(&["geo"]);
const TIME: Column = column(&["time"]);

static GAPMINDER: [(Spec, IndicatorId); 5] = [
    (
        gapminder(&[GEO, TIME, column(&["primary_completion_rate_total_percent_of_relevant_age_group"])]),
        indicator::PRIMARY_COMPLETION,
    ),
    (
        gapminder(&[GEO, TIME, column(&["gdppercapita_us_inflation_adjusted"])]),
        indicator::GDP_PER_HEAD_CONSTANT,
    ),
    (
        gapminder(&[GEO, TIME, column(&["government_health_spending_per_person_us"])]),
        indicator::GOVERNMENT_HEALTH_EXPENDITURE,
    ),
    (gapminder(&[GEO, TIME, column(&["aged_15plus_unemployment_rate_percent"])]), indicator::UNEMPLOYMENT),
    (gapminder(&[GEO, TIME, column(&["children_out_of_school_primary"])]), indicator::OUT_OF_SCHOOL),
];

const fn gapminder(columns: &'static [Column]) -> Spec {
    Spec { columns, also: &[], pointer: "" }
}

impl Parser for Gapminder {
    fn source(&self) -> &'static str {
        "gapminder"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        one_measure(files, &GAPMINDER, true)
    }
}
