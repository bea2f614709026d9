//! OCHA Syria: movements of displaced people and of spontaneous returnees, 2016 to 2021.
//!
//! Traps: these are movements, not people: who moves twice is counted twice. The workbook holds the same movements
//! in two layouts: every month by governorate since 2016 (sheet `Summarysince2016`: two blocks, years above months,
//! totals between them), and the last month by community (sheet `Flow_Estimation`). Each has indicators of its own,
//! so that none is counted twice. A blank month is not reported; a zero is. Figures stand beside the second table
//! under no header. Returns of 2016 were not collected, and stand as zeros without a governorate. The totals beside
//! the months, and the sheet `IDP`, are not read as figures but compared with the months.

use std::collections::BTreeMap;

use wegen_ledger::{Layout, LayoutKind, LedgerError, Quality, Records};
use wegen_model::{
    Code, IndicatorId, Locator, Observation, Period, Record, Status, countries, indicator, pcodes,
};

use crate::{
    File, Parsed, Parser, SourceError,
    hsos::{community_dim, subdistrict},
    sheet::{Sheet, Workbook, is_workbook, one_workbook, place},
    table::{Row, Spec, column, is_json, plain, rows},
};

pub(crate) struct Movements;

const MONTH: usize = 0;
const KIND: usize = 1;
const SUBDISTRICT: usize = 2;
const NAME: usize = 3;
const CODE: usize = 4;
const FLOW: usize = 5;

/// The sheet by community, also where it comes as comma-separated text.
static FLOWS: Spec = Spec {
    columns: &[
        column(&["Reporting_Month"]),
        column(&["IDP_Returnees"]),
        column(&["Nahya_PCODE"]),
        column(&["Community"]),
        column(&["Community_PCODE"]),
        column(&["Sum of IDP_Flow_Estimation"]),
    ],
    also: &["Mohafaza", "Mohafaza_PCODE", "Mantika", "Mantika_PCODE", "Nahya"],
    pointer: "",
};

const FLOW_SHEET: &str = "Flow_Estimation";
const SUMMARY: &str = "Summarysince2016";
/// Yearly totals of displacement.
const TOTALS: &str = "IDP";

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Parser for Movements {
    fn source(&self) -> &'static str {
        "ocha-syria-movements"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        if files.first().is_some_and(is_workbook) { one_workbook(files, workbook) } else { flows(files) }
    }
}

#[derive(Default)]
struct Out {
    records: Records,
}

impl Out {
    fn push(
        &mut self,
        indicator: IndicatorId,
        place: Code,
        period: Period,
        value: f64,
        dims: String,
        locator: Locator,
    ) -> Result<(), LedgerError> {
        self.records.push(Record::Observation(Observation {
            indicator,
            place,
            counterpart: None,
            period,
            value,
            bounds: None,
            status: Status::Estimated,
            dims: (!dims.is_empty()).then(|| dims.into()),
            locator,
        }))
    }

    /// A row of the table by community.
    fn flow(
        &mut self,
        quality: &mut Quality,
        text: &dyn Fn(usize) -> String,
        value: Option<f64>,
        wrong: &dyn Fn(usize, &str) -> SourceError,
        place: &dyn Fn() -> String,
        locator: Locator,
    ) -> Result<(), SourceError> {
        let period = month(&text(MONTH)).ok_or_else(|| wrong(MONTH, "a month or a day that exists"))?;
        let id = match text(KIND).as_str() {
            "IDP" => indicator::IDP_MOVEMENTS_COMMUNITY,
            "Returnees" => indicator::IDP_RETURN_MOVEMENTS_COMMUNITY,
            _ => return Err(wrong(KIND, "`IDP` or `Returnees`")),
        };
        let code = area_of_syria(&text(SUBDISTRICT));
        let code = code.ok_or_else(|| wrong(SUBDISTRICT, "a P-code in Syria, as `SY070200`"))?;
        let Some(value) = value else {
            quality.note("figures not reported", place);
            return Ok(());
        };
        let dims = match community_dim(&text(CODE), &text(NAME)) {
            Some(name) => format!("community={name}"),
            None => {
                quality.note("communities without a code and a name of their own", place);
                String::new()
            }
        };
        self.push(id, code, period, value, dims, locator)?;
        Ok(())
    }
}

/// The P-code of an area in Syria.
pub(crate) fn area_of_syria(text: &str) -> Option<Code> {
    let code = Code::new(text).ok()?;
    let held = pcodes().of(code, syria()?).map(|area| area.code);
    held.or_else(|| subdistrict(text))
}

fn syria() -> Option<Code> {
    countries().by_iso3("SYR").map(|c| c.iso3)
}

/// `2021-12`, or a day of the month, with or without a time.
fn month(text: &str) -> Option<Period> {
    let day = text.split([' ', 'T']).next()?;
    let period = day.parse::<Period>().ok().filter(|p| (1990..2100).contains(&p.year()))?;
    period.month().is_some().then(|| period.to_month())
}

fn flows(files: &[File]) -> Result<Parsed, SourceError> {
    let json = files.first().is_some_and(is_json);
    let (mut out, mut quality) = (Out::default(), Quality::default());
    let mut rows_read = 0;
    for (part, file) in files.iter().enumerate() {
        let mut each = |row: &Row<'_>, quality: &mut Quality| {
            let value = row.maybe_count(FLOW)?.map(f64::from);
            out.flow(
                quality,
                &|column| row.text(column).to_owned(),
                value,
                &|column, expected| row.wrong(column, expected),
                &|| row.place(),
                row.locator(FLOW),
            )
        };
        rows_read += rows(file, part as u32, &FLOWS, &mut quality, &mut each)?;
    }
    Ok(Parsed {
        capture: "csv communities",
        layout: FLOWS.layout(json),
        quality,
        rows_read,
        records: out.records,
    })
}

fn workbook(file: &File) -> Result<Parsed, SourceError> {
    let mut book = Workbook::open(file)?;
    for sheet in [FLOW_SHEET, SUMMARY] {
        book.must_have(sheet)?;
    }
    for name in book.names() {
        if ![FLOW_SHEET, SUMMARY].contains(&name.as_str()) {
            book.sheet(&name)?.screen_unread()?;
        }
    }
    let (mut out, mut quality) = (Out::default(), Quality::default());
    let mut layout = Layout {
        kind: LayoutKind::Sheet,
        columns: Vec::new(),
        pointer: format!("{FLOW_SHEET} or {SUMMARY}"),
    };
    let mut rows_read = flow_sheet(&book.sheet(FLOW_SHEET)?, &mut out, &mut quality, &mut layout)?;
    let totals = book.names().iter().any(|n| n == TOTALS).then(|| book.sheet(TOTALS)).transpose()?;
    rows_read += summary(&book.sheet(SUMMARY)?, totals.as_ref(), &mut out, &mut quality, &mut layout)?;
    Ok(Parsed { capture: "workbook", layout, quality, rows_read, records: out.records })
}

fn flow_sheet(
    sheet: &Sheet<'_>,
    out: &mut Out,
    quality: &mut Quality,
    layout: &mut Layout,
) -> Result<u64, SourceError> {
    let names: Vec<&str> = FLOWS.columns.iter().map(|c| c.names[0]).collect();
    let (header, at) = sheet.header(&names)?;
    let known = |title: &str| names.contains(&title) || FLOWS.also.contains(&title);
    sheet.screen(header, &|column| known(&sheet.text(header, column)))?;
    let beside = |column: &usize| sheet.text(header, *column).is_empty();
    for column in sheet.titled(header).filter(|c| !beside(c) && !known(&sheet.text(header, *c))) {
        let what = format!("column `{}` is new, and not read", sheet.text(header, column));
        quality.note(&what, || place(FLOW_SHEET, header));
    }
    layout.columns.push(format!("{FLOW_SHEET}: {}", names[FLOW]));
    let mut count = 0;
    for (&row, cells) in sheet.cells.range(header + 1..) {
        cells.keys().filter(|c| beside(c)).for_each(|_| {
            quality.note("figures beside the table, under no header; not read", || place(FLOW_SHEET, row));
        });
        if at.iter().all(|column| sheet.text(row, *column).is_empty()) {
            continue;
        }
        count += 1;
        let value = sheet.count((row, at[FLOW]), names[FLOW], header, quality)?;
        out.flow(
            quality,
            &|column| sheet.text(row, at[column]),
            value,
            &|column, expected| sheet.wrong(row, at[column], names[column], expected),
            &|| place(FLOW_SHEET, row),
            Locator { part: 0, row: row.saturating_add(1), column: 0 },
        )?;
    }
    Ok(count)
}

/// The two blocks by governorate.
fn summary(
    sheet: &Sheet<'_>,
    totals: Option<&Sheet<'_>>,
    out: &mut Out,
    quality: &mut Quality,
    layout: &mut Layout,
) -> Result<u64, SourceError> {
    const AREA: &str = "Mohafaza";
    let starts: Vec<u32> = sheet.cells.keys().copied().filter(|row| sheet.text(*row, 0) == AREA).collect();
    let country = syria().filter(|_| !starts.is_empty()).ok_or_else(|| {
        SourceError::malformed(
            sheet.file,
            SUMMARY,
            "no block of months",
            "a block that begins with `Mohafaza`",
        )
    })?;
    let mut count = 0;
    let mut read: Vec<usize> = vec![0];
    let mut blocks = Vec::new();
    for &start in &starts {
        let (years, months) = (start.saturating_add(1), start.saturating_add(2));
        let (kind, id) = match sheet.text(start, 1).as_str() {
            "IDP" => ("IDP", indicator::IDP_MOVEMENTS),
            "Returnees" => ("Returnees", indicator::IDP_RETURN_MOVEMENTS),
            _ => return Err(sheet.wrong(start, 1, AREA, "`IDP` or `Returnees`")),
        };
        // A year stands above its first month, its total behind its last; the grand total stands above both.
        let (mut year, mut columns, mut sums) = (None, BTreeMap::new(), BTreeMap::new());
        for column in sheet.columns().into_iter().filter(|c| *c > 0) {
            let title = sheet.text(years, column);
            if let Some(total) = title.strip_suffix(" Total") {
                sums.insert(column, total.parse::<i16>().ok());
                continue;
            }
            if !title.is_empty() {
                year = title.parse::<i16>().ok().filter(|y| (1990..2100).contains(y));
                year.ok_or_else(|| sheet.wrong(years, column, AREA, "a year"))?;
            }
            let name = sheet.text(months, column);
            if name.is_empty() {
                continue;
            }
            let month = MONTHS.iter().position(|m| *m == name).map(|m| m as i8 + 1);
            let period = year.zip(month).and_then(|(y, m)| Period::of_month(y, m));
            let period = period.ok_or_else(|| sheet.wrong(months, column, AREA, "a month below a year"))?;
            columns.insert(column, (period, layout.columns.len()));
            layout.columns.push(format!("{SUMMARY}: {kind}, {period}"));
        }
        if columns.is_empty() {
            return Err(sheet.wrong(months, 1, AREA, "months"));
        }
        read.extend(columns.keys().chain(sums.keys()));
        read.extend(sheet.columns().into_iter().filter(|c| sheet.text(start, *c).ends_with(" Total")));
        let mut by_month: BTreeMap<usize, f64> = BTreeMap::new();
        let mut by_area: BTreeMap<(String, i16), f64> = BTreeMap::new();
        let next = starts.iter().copied().find(|s| *s > start).unwrap_or(u32::MAX);
        let mut ended = false;
        for (&row, cells) in sheet.cells.range(months.saturating_add(1)..next.max(months.saturating_add(1))) {
            let area = sheet.text(row, 0);
            let title = |column: usize| format!("{kind}, {}", columns[&column].0);
            if area == "Grand Total" {
                for &column in columns.keys() {
                    let total = sheet.count((row, column), &title(column), months, quality)?.unwrap_or(0.0);
                    if total != by_month.get(&column).copied().unwrap_or(0.0) {
                        quality.note(DIFFER, || place(SUMMARY, row));
                    }
                }
                ended = true;
                break;
            }
            if area.is_empty() {
                if cells.keys().any(|c| columns.contains_key(c)) {
                    quality.note("rows that name no governorate; no record", || place(SUMMARY, row));
                }
                continue;
            }
            count += 1;
            for (&column, &(period, at)) in &columns {
                let Some(value) = sheet.count((row, column), &title(column), months, quality)? else {
                    continue;
                };
                *by_month.entry(column).or_default() += value;
                *by_area.entry((area.clone(), period.year() as i16)).or_default() += value;
                let locator = Locator { part: 0, row: row.saturating_add(1), column: at as u16 };
                out.push(id, country, period, value, format!("area={}", plain(&area)), locator)?;
            }
            for (&column, year) in sums.iter().filter_map(|(c, y)| Some((c, (*y)?))) {
                let total =
                    sheet.count((row, column), &format!("{year} Total"), months, quality)?.unwrap_or(0.0);
                if total != by_area.get(&(area.clone(), year)).copied().unwrap_or(0.0) {
                    quality.note(DIFFER, || place(SUMMARY, row));
                }
            }
        }
        if !ended {
            let found = format!("a block `{kind}` without an end");
            return Err(SourceError::malformed(sheet.file, SUMMARY, found, "a row `Grand Total` below it"));
        }
        blocks.push((id, by_area));
    }
    let above = starts[0].saturating_add(2);
    sheet.screen(above, &|column| read.contains(&column))?;
    if let (Some(totals), Some((_, by_area))) =
        (totals, blocks.iter().find(|b| b.0 == indicator::IDP_MOVEMENTS))
    {
        compare(totals, by_area, quality)?;
    }
    Ok(count)
}

const DIFFER: &str = "totals that differ from the months they add up";

/// The sheet of yearly totals, laid beside the months.
fn compare(
    totals: &Sheet<'_>,
    by_area: &BTreeMap<(String, i16), f64>,
    quality: &mut Quality,
) -> Result<(), SourceError> {
    let Ok((header, _)) = totals.header(&["Governorate"]) else { return Ok(()) };
    let years: Vec<(usize, i16)> =
        totals.titled(header).filter_map(|c| Some((c, totals.text(header, c).parse().ok()?))).collect();
    for &row in totals.cells.range(header + 1..).map(|(row, _)| row) {
        let area = totals.text(row, 0);
        for &(column, year) in years.iter().filter(|_| !area.is_empty()) {
            let total = totals.count((row, column), &year.to_string(), header, quality)?.unwrap_or(0.0);
            if total != by_area.get(&(area.clone(), year)).copied().unwrap_or(0.0) {
                quality.note(DIFFER, || place(TOTALS, row));
            }
        }
    }
    Ok(())
}
