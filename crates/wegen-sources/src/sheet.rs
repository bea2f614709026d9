//! Workbooks: sheets of cells, read as they are, screened, and with places for messages.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    io::BufReader,
    rc::Rc,
};

use calamine::{Data, DataRef, Reader, Xlsx};

use wegen_ledger::Quality;

use crate::{
    File, Parsed, SourceError,
    file::FileReader,
    numbers::{Evidence, Holds, number},
    table::refuse_personal,
};

/// Where a row of a sheet stands, for notes.
pub(crate) fn place(sheet: &str, row: u32) -> String {
    format!("{sheet}, row {}", row.saturating_add(1))
}

/// Whether a file is a workbook.
pub(crate) fn is_workbook(file: &File) -> bool {
    file.head().starts_with(b"PK")
}

/// The line that locators give for a row of a sheet: rows there are counted from 1.
pub(crate) fn line_of(row: u32) -> u32 {
    row.saturating_add(1)
}

/// The first sheet of a workbook whose first row is wanted; all sheets are screened, also those that nobody reads.
///
/// # Errors
/// A file that is no workbook, one about individuals, or one without such a sheet: then with the first rows that it has.
pub(crate) fn table_of<'f>(
    file: &'f File,
    wanted: &dyn Fn(&[String]) -> bool,
) -> Result<Sheet<'f>, SourceError> {
    let sheets = guarded(file, || {
        let mut book = Workbook::open(file)?;
        book.names().iter().map(|name| book.sheet(name)).collect::<Result<Vec<Sheet<'f>>, _>>()
    })?;
    let seen: Vec<String> = sheets.iter().map(|s| format!("{}: {}", s.name, shown(&s.titles(0)))).collect();
    let mut found = None;
    for sheet in sheets {
        match found {
            None if wanted(&sheet.titles(0)) => found = Some(sheet),
            _ => sheet.screen_unread()?,
        }
    }
    found.ok_or_else(|| {
        let found = format!("the sheets {}", seen.join("; "));
        SourceError::malformed(
            &file.name,
            "the workbook",
            found,
            "a sheet with the publisher's table, its columns in row 1",
        )
    })
}

/// The names of the sheets of a workbook, each with its first row.
///
/// # Errors
/// A file that is no workbook.
pub(crate) fn first_rows(file: &File) -> Result<Vec<(String, Vec<String>)>, SourceError> {
    guarded(file, || {
        let mut book = Workbook::open(file)?;
        let first = |book: &mut Workbook<'_>, name: String| {
            let titles = book.rows(&name, Some(0))?.titles(0);
            Ok((name, titles))
        };
        book.names().into_iter().map(|name| first(&mut book, name)).collect()
    })
}

/// Reads a workbook; its reader is not ours, and panics at some that are made to break it.
fn guarded<T>(file: &File, read: impl FnOnce() -> Result<T, SourceError>) -> Result<T, SourceError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let found = "what its reader cannot follow";
        Err(SourceError::malformed(&file.name, "the workbook", found, "an xlsx workbook"))
    })
}

/// The first titles of a row, for messages.
fn shown(titles: &[String]) -> String {
    crate::table::shown(&titles.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Reads the only file as a workbook.
pub(crate) fn one_workbook(
    files: &[File],
    read: fn(&File) -> Result<Parsed, SourceError>,
) -> Result<Parsed, SourceError> {
    match files {
        [only] => guarded(only, || read(only)),
        _ => {
            let name = files.first().map_or("", |f| &f.name);
            Err(SourceError::malformed(name, "the files", "several", "one workbook at a time"))
        }
    }
}

/// A workbook, read sheet by sheet.
pub(crate) struct Workbook<'f> {
    file: &'f str,
    book: Xlsx<BufReader<FileReader>>,
}

impl<'f> Workbook<'f> {
    pub(crate) fn open(file: &'f File) -> Result<Workbook<'f>, SourceError> {
        let book = Xlsx::new(file.reader()).map_err(|e: calamine::XlsxError| {
            SourceError::malformed(&file.name, "the workbook", e, "an xlsx workbook")
        })?;
        Ok(Workbook { file: &file.name, book })
    }

    /// The names of its sheets, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.book.sheet_names()
    }

    /// An error where there is no sheet of this name.
    pub(crate) fn must_have(&self, sheet: &str) -> Result<(), SourceError> {
        if self.names().iter().any(|n| n == sheet) {
            return Ok(());
        }
        let found = format!("the sheets {}", self.names().join(", "));
        Err(SourceError::malformed(self.file, "the workbook", found, &format!("a sheet `{sheet}`")))
    }

    /// The cells of a sheet.
    pub(crate) fn sheet(&mut self, name: &str) -> Result<Sheet<'f>, SourceError> {
        self.rows(name, None)
    }

    /// The cells of a sheet down to a row, or all of them.
    fn rows(&mut self, name: &str, until: Option<u32>) -> Result<Sheet<'f>, SourceError> {
        let file = self.file;
        let cells = cells(file, &mut self.book, name, until)?;
        Ok(Sheet { file, name: name.to_owned(), cells, evidence: RefCell::default() })
    }
}

/// How much memory the cells of a sheet may take: ten times what the largest of a publisher's takes.
const MOST: usize = 192 << 20;

/// The cells of a sheet that are there: two in far corners would make a range of billions.
///
/// # Errors
/// [`SourceError::Malformed`] where the sheet cannot be read, or holds more than fits.
pub(crate) fn cells(
    file: &str,
    book: &mut Xlsx<BufReader<FileReader>>,
    name: &str,
    until: Option<u32>,
) -> Result<BTreeMap<u32, BTreeMap<usize, Data>>, SourceError> {
    let unreadable = |e: calamine::XlsxError| SourceError::malformed(file, name, e, "a readable sheet");
    let mut cells: BTreeMap<u32, BTreeMap<usize, Data>> = BTreeMap::new();
    let mut room = MOST;
    let mut reader = book.worksheet_cells_reader(name).map_err(unreadable)?;
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        if until.is_some_and(|until| row > until) {
            break;
        }
        if *cell.get_value() == DataRef::Empty {
            continue;
        }
        let data: Data = cell.get_value().clone().into();
        let text = if let Data::String(text) = &data { text.len() + 16 } else { 0 };
        let cells = cells.entry(row).or_insert_with(|| {
            room = room.saturating_sub(500);
            BTreeMap::new()
        });
        room = room.saturating_sub(64 + text);
        if room == 0 {
            let place = format!("{}, column {}", place(name, row), column.saturating_add(1));
            let found = "more cells than fit in memory";
            let expected = "a smaller sheet; tables of that size are read as comma-separated text";
            return Err(SourceError::malformed(file, place, found, expected));
        }
        cells.insert(column as usize, data);
    }
    Ok(cells)
}

/// A sheet: the cells that are there, rows and columns from 0.
pub(crate) struct Sheet<'f> {
    pub(crate) file: &'f str,
    name: String,
    pub(crate) cells: BTreeMap<u32, BTreeMap<usize, Data>>,
    /// What the texts of a column below a header show of how numbers are written in it.
    evidence: RefCell<HashMap<(usize, u32), Rc<Evidence>>>,
}

impl Sheet<'_> {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The texts of a row, up to the last column that has one.
    pub(crate) fn titles(&self, row: u32) -> Vec<String> {
        // No table has more columns than this; a cell in a far corner would make a row of thousands.
        const MOST: usize = 1000;
        let last = self.titled(row).take_while(|c| *c < MOST).last();
        last.map_or_else(Vec::new, |last| (0..=last).map(|column| self.text(row, column)).collect())
    }

    /// The number that stands in a cell as one, not as a text.
    pub(crate) fn value(&self, row: u32, column: usize) -> Option<f64> {
        match self.cells.get(&row)?.get(&column)? {
            Data::Int(value) => Some(*value as f64),
            Data::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a cell, blanks single; a date in ISO form; nothing where there is none.
    pub(crate) fn text(&self, row: u32, column: usize) -> String {
        match self.cells.get(&row).and_then(|cells| cells.get(&column)) {
            None => String::new(),
            Some(Data::DateTime(time)) if time.is_datetime() => {
                let (year, month, day, ..) = time.to_ymd_hms_milli();
                format!("{year:04}-{month:02}-{day:02}")
            }
            Some(data) => data.to_string().split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// A whole number from zero up; `None` where the cell is not there or blank. Numbers that stand as text are judged
    /// by the other texts of the column below `header`, and noted.
    pub(crate) fn count(
        &self,
        (row, column): (u32, usize),
        title: &str,
        header: u32,
        quality: &mut Quality,
    ) -> Result<Option<f64>, SourceError> {
        const WHOLE: &str = "a whole number from zero up";
        let value = match self.cells.get(&row).and_then(|cells| cells.get(&column)) {
            None | Some(Data::Empty) => return Ok(None),
            Some(Data::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Data::Int(value)) => *value as f64,
            Some(Data::Float(value)) => *value,
            Some(Data::String(text)) if text.trim().starts_with(|c: char| c.is_ascii_digit()) => {
                let at = |row: u32| place(&self.name, row);
                quality.note("numbers that stand as text", || at(row));
                let evidence = self.evidence(column, header);
                let mut note = |what: &'static str| quality.note(what, || at(row));
                number(text.trim(), Holds::Counts, false, || &evidence, &at, &mut note).map_err(|wrong| {
                    let row = wrong.cell.map_or(row, |(row, _)| row);
                    self.wrong(row, column, title, &wrong.expected)
                })?
            }
            Some(_) => f64::NAN,
        };
        match value >= 0.0 && value.fract() == 0.0 && value <= f64::from(u32::MAX) {
            true => Ok(Some(value)),
            false => Err(self.wrong(row, column, title, WHOLE)),
        }
    }

    /// What the texts of a column show, looked through once.
    fn evidence(&self, column: usize, header: u32) -> Rc<Evidence> {
        let mut known = self.evidence.borrow_mut();
        let look = || {
            let mut evidence = Evidence::default();
            for (row, cells) in self.cells.range(header.saturating_add(1)..) {
                if let Some(Data::String(text)) = cells.get(&column) {
                    evidence.add(*row, text.trim());
                }
            }
            Rc::new(evidence)
        };
        known.entry((column, header)).or_insert_with(look).clone()
    }

    /// An error at a cell.
    pub(crate) fn wrong(&self, row: u32, column: usize, title: &str, expected: &str) -> SourceError {
        let text: String = self.text(row, column).chars().take(60).collect();
        SourceError::Cell {
            file: self.file.to_owned(),
            place: place(&self.name, row),
            column: title.to_owned(),
            found: if text.is_empty() { "nothing".into() } else { format!("`{text}`") },
            expected: expected.to_owned(),
        }
    }

    /// The first row that holds all of these titles, and where each stands in it.
    pub(crate) fn header(&self, titles: &[&str]) -> Result<(u32, Vec<usize>), SourceError> {
        let at = |row: u32, title: &str| self.titled(row).find(|c| self.text(row, *c) == title);
        let found = self.cells.keys().find_map(|&row| {
            let columns: Option<Vec<usize>> = titles.iter().map(|title| at(row, title)).collect();
            Some((row, columns?))
        });
        found.ok_or_else(|| {
            let expected = format!("a header with `{}`", titles.join("`, `"));
            SourceError::malformed(self.file, &self.name, "no such header", &expected)
        })
    }

    /// The columns that a row has.
    pub(crate) fn titled(&self, row: u32) -> impl Iterator<Item = usize> {
        self.cells.get(&row).into_iter().flat_map(|cells| cells.keys().copied())
    }

    /// The columns that any row has.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let mut all: Vec<usize> = self.cells.values().flat_map(|cells| cells.keys().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Refuses a sheet with columns about individuals, apart from those that are known; the titles of a column
    /// stand in its rows up to `header`.
    pub(crate) fn screen(&self, header: u32, known: &dyn Fn(usize) -> bool) -> Result<(), SourceError> {
        for column in self.columns().into_iter().filter(|c| !known(*c)) {
            let texts = |rows: std::ops::RangeInclusive<u32>| -> Vec<String> {
                let texts = self.cells.range(rows).map(|(row, _)| self.text(*row, column));
                texts.filter(|t| !t.is_empty()).collect()
            };
            let above = texts(0..=header);
            let title = if above.is_empty() { format!("{}", column + 1) } else { above.join(" ") };
            let values = texts(header.saturating_add(1)..=u32::MAX);
            let sample: Vec<Vec<&str>> = values.iter().map(|v| vec![v.as_str()]).collect();
            refuse_personal(self.file, &[title], &[], &sample)?;
        }
        Ok(())
    }

    /// Refuses a sheet that nobody reads and that is about individuals: its bytes are kept all the same.
    pub(crate) fn screen_unread(&self) -> Result<(), SourceError> {
        let header = self.cells.iter().find(|(_, cells)| cells.len() > 1).map_or(0, |(row, _)| *row);
        self.screen(header, &|_| false)
    }
}
