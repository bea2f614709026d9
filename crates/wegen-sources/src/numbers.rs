//! Numbers as publishers write them: digits, grouped digits, and decimals with a point or a comma.
//!
//! **The rule, for every source.** Digits, with or without a decimal point, are read as they stand (`1022`, `12.0`,
//! `1e+05`). Whatever else a number holds is judged by its whole column:
//!
//! 1. One column has one way of writing. A cell that contradicts those before it (`1,234.5` and `1.234,5`, or `1,234`
//!    and `15000`) is an error.
//! 2. Digits are grouped by threes: by point, comma, space or apostrophe. Two marks in one number, or other cells of
//!    the column, show it. A single `85 000` shows nothing: it may be two numbers.
//! 3. A comma stands for decimals only where semicolons separate the fields.
//! 4. A mark before exactly three digits (`1.000`) may group or stand for decimals, and is read where the column shows
//!    which. Otherwise: in a column of counts a comma groups, for it stands for no decimals (3), and a point is an error;
//!    in a column of measures a point stands for decimals, and a comma is an error.
//!
//! The column is looked through once for a file, and only where a number is met that needs it.

use std::cell::{OnceCell, RefCell};

use calamine::Data;
use serde_json::Value;

use crate::{
    File, SourceError,
    items::{Item, items},
    lines::{How, Lines},
    sheet::{self, Sheet},
};

/// What a column holds, which decides what a number in it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Whole numbers.
    Counts,
    /// Whole numbers entered by hand: one may be grouped among others that are not.
    Tallies,
    /// People or money, with fractions where the publisher computes them.
    Amounts,
    /// Shares, rates, degrees.
    Measures,
}

/// What can stand between digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Point,
    Comma,
    Space,
    Apostrophe,
}

impl Mark {
    fn of(c: char) -> Option<Mark> {
        match c {
            '.' => Some(Mark::Point),
            ',' => Some(Mark::Comma),
            ' ' | '\u{a0}' | '\u{202f}' => Some(Mark::Space),
            '\'' | '\u{2019}' => Some(Mark::Apostrophe),
            _ => None,
        }
    }
}

/// What a number shows of the way in which it is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shows {
    decimal: Option<Mark>,
    group: Option<Mark>,
    /// A mark that may group as well as stand for decimals, or that may part two numbers.
    either: Option<Mark>,
    /// Four digits or more that are not grouped.
    long: bool,
}

/// What a text shows; `None` where it is no number in any way of writing. Exponents are left to the machine's reader.
fn shows(text: &str) -> Option<Shows> {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    if body.bytes().all(|b| b.is_ascii_digit()) {
        return (!body.is_empty()).then_some(Shows { long: body.len() > 3, ..Shows::default() });
    }
    let (mut marks, mut groups) = (Vec::new(), vec![0usize]);
    for c in body.chars() {
        match Mark::of(c) {
            Some(mark) => {
                marks.push(mark);
                groups.push(0);
            }
            None if c.is_ascii_digit() => *groups.last_mut()? += 1,
            None => return None,
        }
    }
    if groups.contains(&0) {
        return None;
    }
    let long = groups[0] > 3;
    // Groups of three behind a first one that is shorter or as long, and does not begin with a nought.
    let grouped = |until: usize| {
        let one = marks[..until].iter().all(|m| *m == marks[0]);
        one && !long && !body.starts_with('0') && groups[1..=until].iter().all(|g| *g == 3)
    };
    let last = marks.len() - 1;
    let decimal = Some(marks[last]).filter(|m| matches!(m, Mark::Point | Mark::Comma));
    if grouped(marks.len()) {
        let mark = Some(marks[0]);
        return Some(match last {
            0 => Shows { either: mark, ..Shows::default() },
            _ => Shows { group: mark, ..Shows::default() },
        });
    }
    let decimal = Some(decimal?);
    match last {
        0 => Some(Shows { decimal, long, ..Shows::default() }),
        _ if grouped(last) && Some(marks[0]) != decimal => {
            Some(Shows { decimal, group: Some(marks[0]), ..Shows::default() })
        }
        _ => None,
    }
}

/// A sign of how a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Decimal(Mark),
    Group(Mark),
    Either(Mark),
    Long,
}

/// The first cell of a column that shows a sign, and how many do.
#[derive(Debug, Clone)]
struct Seen {
    sign: Sign,
    line: u32,
    text: String,
    cells: usize,
}

/// What the cells of one column show, in the order in which it is first met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence(Vec<Seen>);

impl Evidence {
    /// Takes in a cell; texts that are no numbers show nothing.
    pub(crate) fn add(&mut self, line: u32, text: &str) {
        // No number is that long, and what is kept of a column stays small.
        if text.len() > 200 {
            return;
        }
        let Some(shows) = shows(text) else { return };
        let signs = [
            shows.decimal.map(Sign::Decimal),
            shows.group.map(Sign::Group),
            shows.either.map(Sign::Either),
            shows.long.then_some(Sign::Long),
        ];
        for sign in signs.into_iter().flatten() {
            match self.0.iter_mut().find(|s| s.sign == sign) {
                Some(seen) => seen.cells += 1,
                None => self.0.push(Seen { sign, line, text: text.to_owned(), cells: 1 }),
            }
        }
    }

    fn first(&self, sign: Sign) -> Option<&Seen> {
        self.0.iter().find(|s| s.sign == sign)
    }
}

/// Why a number is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The cell that is wrong, by line and text, where it is another than the one that was read.
    pub(crate) cell: Option<(u32, String)>,
    /// What was expected.
    pub(crate) expected: String,
}

impl Wrong {
    fn here(expected: &str) -> Wrong {
        Wrong { cell: None, expected: expected.to_owned() }
    }

    fn at(seen: &Seen, expected: impl Into<String>) -> Wrong {
        Wrong { cell: Some((seen.line, seen.text.clone())), expected: expected.into() }
    }
}

const COMMA: &str = "a number; a comma stands for decimals only where semicolons separate the fields";
const AMBIGUOUS_COUNT: &str =
    "a count: `1.000` may be one or a thousand, and the column does not show that it groups digits";
const AMBIGUOUS: &str =
    "a number: `1.000` or `1,000` may be one or a thousand, and the column does not show which";
const LONE: &str = "a number; nothing else in the column is grouped like this, so it may be two numbers";

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Convention {
    group: Option<Mark>,
    decimal: Option<Mark>,
}

/// The one way in which a column is written.
fn convention(
    evidence: &Evidence,
    holds: Holds,
    semicolons: bool,
    place: &dyn Fn(u32) -> String,
) -> Result<Convention, Wrong> {
    let counts = matches!(holds, Holds::Counts | Holds::Tallies);
    let against = |cell: &Seen, other: &Seen| {
        Wrong::at(cell, format!("a number written like `{}` in {}", other.text, place(other.line)))
    };
    let mut group: Option<(Mark, &Seen)> = None;
    let mut decimal: Option<(Mark, &Seen)> = None;
    let mut long: Option<&Seen> = None;
    for seen in &evidence.0 {
        let contradicted = match seen.sign {
            Sign::Decimal(Mark::Comma) if !semicolons => return Err(Wrong::at(seen, COMMA)),
            Sign::Decimal(m) => decimal.filter(|d| d.0 != m).or(group.filter(|g| g.0 == m)),
            Sign::Group(m) => {
                let long = long.map(|seen| (m, seen));
                group.filter(|g| g.0 != m).or(decimal.filter(|d| d.0 == m)).or(long)
            }
            Sign::Long => group,
            Sign::Either(_) => continue,
        };
        if let Some((_, other)) = contradicted {
            return Err(against(seen, other));
        }
        match seen.sign {
            Sign::Decimal(m) => decimal = decimal.or(Some((m, seen))),
            Sign::Group(m) => group = group.or(Some((m, seen))),
            Sign::Long if holds != Holds::Tallies => long = Some(seen),
            Sign::Long | Sign::Either(_) => {}
        }
    }
    // What only the rest of the column can tell.
    let sure = (group.map(|g| g.0), decimal.map(|d| d.0));
    let both = evidence.first(Sign::Either(Mark::Point)).is_some()
        && evidence.first(Sign::Either(Mark::Comma)).is_some();
    for seen in &evidence.0 {
        let Sign::Either(mark) = seen.sign else { continue };
        let groups = match (mark, sure) {
            (_, (Some(g), _)) if g == mark => true,
            (_, (_, Some(d))) if d == mark => false,
            (Mark::Space | Mark::Apostrophe, (g, _)) if seen.cells > 1 || g.is_some() => true,
            (Mark::Space | Mark::Apostrophe, _) => return Err(Wrong::at(seen, LONE)),
            // The other mark stands for decimals, or the other one groups.
            (_, (_, Some(_))) => true,
            (_, (Some(_), None)) => false,
            (Mark::Comma, _) if holds == Holds::Tallies && !both => true,
            (Mark::Comma, _) if !semicolons && !both && holds != Holds::Measures => true,
            (Mark::Point, _) if !both && holds == Holds::Measures => false,
            _ if holds == Holds::Measures => return Err(Wrong::at(seen, AMBIGUOUS)),
            _ => return Err(Wrong::at(seen, AMBIGUOUS_COUNT)),
        };
        let comma_groups = mark == Mark::Comma && !semicolons;
        let contradicted = match groups {
            true => group.filter(|g| g.0 != mark).or(decimal.filter(|d| d.0 == mark)).map(|o| o.1).or(long),
            // Neither a decimal nor, beside another mark that groups, a group.
            false if counts || comma_groups => match group {
                Some((_, other)) => Some(other),
                None if counts => return Err(Wrong::at(seen, AMBIGUOUS_COUNT)),
                None => return Err(Wrong::at(seen, COMMA)),
            },
            false => decimal.filter(|d| d.0 != mark).map(|d| d.1),
        };
        if let Some(other) = contradicted {
            // The later of the two contradicts the earlier.
            let (cell, other) = if seen.line < other.line { (other, seen) } else { (seen, other) };
            return Err(against(cell, other));
        }
        match groups {
            true => group = Some((mark, seen)),
            false => decimal = Some((mark, seen)),
        }
    }
    Ok(Convention { group: group.map(|g| g.0), decimal: decimal.map(|d| d.0) })
}

/// What is said of numbers that are not plain digits.
const GROUPED_COUNTS: &str = "counts with a separator of thousands";
const GROUPED: &str = "numbers with a separator of thousands";
const DECIMAL_COMMA: &str = "numbers with a decimal comma";

/// The value of a text, and what to note of it; `judge` gives the evidence of its column where that is needed.
pub(crate) fn number<'e>(
    text: &str,
    holds: Holds,
    semicolons: bool,
    judge: impl FnOnce() -> &'e Evidence,
    place: &dyn Fn(u32) -> String,
    note: &mut dyn FnMut(&'static str),
) -> Result<f64, Wrong> {
    let machine =
        || text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| Wrong::here("a number"));
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return machine();
    }
    match shows(text) {
        None | Some(Shows { decimal: None | Some(Mark::Point), group: None, either: None, .. }) => machine(),
        Some(shows) => {
            let convention = convention(judge(), holds, semicolons, place)?;
            let is = |mark: Option<Mark>, c: char| mark.is_some() && Mark::of(c) == mark;
            let plain: String = text
                .chars()
                .filter(|c| !is(convention.group, *c))
                .map(|c| if is(convention.decimal, c) { '.' } else { c })
                .collect();
            let value = plain.parse::<f64>().ok().filter(|v| v.is_finite());
            let value = value.ok_or_else(|| Wrong::here("a number"))?;
            let has = |mark: Option<Mark>| {
                mark.is_some() && [shows.group, shows.either, shows.decimal].contains(&mark)
            };
            if has(convention.group) {
                note(if holds == Holds::Measures { GROUPED } else { GROUPED_COUNTS });
            }
            if convention.decimal == Some(Mark::Comma) && has(convention.decimal) {
                note(DECIMAL_COMMA);
            }
            Ok(value)
        }
    }
}

/// The cells of a table, to be looked through where a number needs it.
pub(crate) enum Cells<'t> {
    /// Text with separated fields; the columns stand at `at`, below line `header`.
    Csv { file: &'t File, how: How, at: Vec<Option<usize>>, header: u32 },
    /// Objects of the array at `pointer`; the columns are the members of these names.
    Json { file: &'t File, pointer: &'t str, names: Vec<Option<String>> },
    /// Cells of a workbook; the columns stand at `at`, below the first row.
    Sheet { sheet: &'t Sheet<'t>, at: Vec<Option<usize>> },
}

/// The columns of a table with the way in which each is written, found out when it is first asked for.
pub(crate) struct Columns<'t> {
    cells: Cells<'t>,
    evidence: OnceCell<Vec<Evidence>>,
    noted: RefCell<Vec<&'static str>>,
}

impl<'t> Columns<'t> {
    pub(crate) fn new(cells: Cells<'t>) -> Columns<'t> {
        Columns { cells, evidence: OnceCell::new(), noted: RefCell::default() }
    }

    /// The number that a text in a column stands for.
    ///
    /// # Errors
    /// [`Wrong`]: no number, or one that the column leaves open or contradicts.
    /// The number that stands in a cell of a workbook as one, not as a text.
    pub(crate) fn value(&self, line: u32, column: usize) -> Option<f64> {
        match &self.cells {
            Cells::Sheet { sheet, at } => {
                sheet.value(line.checked_sub(1)?, at.get(column).copied().flatten()?)
            }
            _ => None,
        }
    }

    pub(crate) fn number(&self, column: usize, text: &str, holds: Holds) -> Result<f64, Wrong> {
        let semicolons = matches!(self.cells, Cells::Csv { how: How { delimiter: b';', .. }, .. });
        let none = const { &Evidence(Vec::new()) };
        let unread = RefCell::new(None);
        let judge = || {
            // The whole column is gone through once, also where the file is larger than memory.
            let looked = match self.evidence.get() {
                Some(evidence) => Ok(evidence),
                None => self.look().map(|evidence| self.evidence.get_or_init(|| evidence)),
            };
            match looked {
                Ok(evidence) => evidence.get(column).unwrap_or(none),
                Err(error) => {
                    *unread.borrow_mut() = Some(error);
                    none
                }
            }
        };
        let value = number(text, holds, semicolons, judge, &|line| self.place(line), &mut |what| {
            self.noted.borrow_mut().push(what);
        });
        match unread.take() {
            Some(error) => Err(Wrong::here(&format!("a column that can be read to its end: {error}"))),
            None => value,
        }
    }

    /// Where a line stands, for messages.
    pub(crate) fn place(&self, line: u32) -> String {
        match self.cells {
            Cells::Csv { .. } => format!("row {line}"),
            Cells::Json { .. } => format!("item {line}"),
            Cells::Sheet { sheet, .. } => format!("{}, row {line}", sheet.name()),
        }
    }

    /// What is to be noted of the numbers that were read since this was last asked.
    pub(crate) fn noted(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.noted.borrow_mut())
    }

    /// Goes through all cells.
    fn look(&self) -> Result<Vec<Evidence>, SourceError> {
        let (outcome, evidence) = match &self.cells {
            Cells::Csv { file, how, at, header } => {
                let mut evidence = vec![Evidence::default(); at.len()];
                let mut look = || -> Result<(), SourceError> {
                    let mut lines = Lines::new(file, How { flexible: true, ..*how })?;
                    let mut record = csv::StringRecord::new();
                    while let Some(line) = lines.read(&mut record)? {
                        if line <= *header {
                            continue;
                        }
                        for (evidence, at) in evidence.iter_mut().zip(at) {
                            if let Some(cell) = at.and_then(|at| record.get(at)) {
                                evidence.add(line, cell.trim());
                            }
                        }
                    }
                    Ok(())
                };
                (look(), evidence)
            }
            Cells::Json { file, pointer, names } => {
                let mut evidence = vec![Evidence::default(); names.len()];
                let outcome = items(file, pointer, &mut |line, item| {
                    let Item::Object(item) = item else { return Ok(()) };
                    for (evidence, name) in evidence.iter_mut().zip(names) {
                        let cell = name.as_ref().and_then(|name| item.get(name)).and_then(Value::as_str);
                        if let Some(cell) = cell {
                            evidence.add(line, cell.trim());
                        }
                    }
                    Ok(())
                });
                (outcome.map(|_| ()), evidence)
            }
            Cells::Sheet { sheet, at } => {
                let mut evidence = vec![Evidence::default(); at.len()];
                for (row, cells) in sheet.cells.range(1..) {
                    for (evidence, at) in evidence.iter_mut().zip(at) {
                        if let Some(Data::String(text)) = at.and_then(|at| cells.get(&at)) {
                            evidence.add(sheet::line_of(*row), text.trim());
                        }
                    }
                }
                (Ok(()), evidence)
            }
        };
        match outcome {
            Err(error @ SourceError::Io { .. }) => Err(error),
            // A table that breaks off, or goes beyond a limit, is refused where it is read.
            _ => Ok(evidence),
        }
    }
}
