//! A file of comma-separated values with `#` comments, as the field keeps them.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;

use crate::MovementError;

/// Larger files are refused: they would not fit in memory twice.
const LARGEST: u64 = 512 << 20;

/// A file, read.
pub(super) struct Table {
    pub(super) file: String,
    header: Vec<String>,
    header_line: usize,
    rows: Vec<(usize, csv::StringRecord)>,
}

impl Table {
    pub(super) fn read(path: &Path) -> Result<Table, MovementError> {
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let size = std::fs::metadata(path).map_err(|e| MovementError::file(&name, e.to_string()))?.len();
        if size > LARGEST {
            return Err(MovementError::file(&name, format!("{size} bytes; at most {LARGEST} were expected")));
        }
        let bytes = std::fs::read(path).map_err(|e| MovementError::file(&name, e.to_string()))?;
        Table::parse(name, bytes)
    }

    pub(super) fn parse(file: String, bytes: Vec<u8>) -> Result<Table, MovementError> {
        let text = String::from_utf8(bytes).map_err(|e| {
            let line =
                e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
            MovementError::line(&file, line, "not UTF-8")
        })?;
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let (mut header, mut header_line, mut rows) = (Vec::new(), 1, Vec::new());
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => {
                    let line = e.position().map_or(1, |p| p.line() as usize);
                    return Err(MovementError::line(&file, line, e.to_string()));
                }
            }
            // The reader's line is that of empty lines before the record, where there are some.
            let line = record.position().map_or(1, |p| {
                let from = usize::try_from(p.byte()).unwrap_or(text.len()).min(text.len());
                let empty =
                    text.as_bytes()[from..].iter().take_while(|b| matches!(**b, b'\n' | b'\r')).count();
                p.line() as usize + empty
            });
            if record.iter().all(str::is_empty) {
                continue;
            }
            if record.get(0).is_some_and(|first| first.starts_with('#')) {
                if header.is_empty() {
                    header = record.iter().map(str::to_owned).collect();
                    header_line = line;
                }
                continue;
            }
            rows.push((line, record.clone()));
        }
        Ok(Table { file, header, header_line, rows })
    }

    /// The first line of comment, as columns.
    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    /// The line on which it stands.
    pub(super) fn header_line(&self) -> usize {
        self.header_line
    }

    /// The names of the columns from one on.
    pub(super) fn columns_after(&self, first: usize) -> Vec<String> {
        self.header.iter().skip(first).cloned().collect()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, record)| Row { file: &self.file, line: *line, record })
    }
}

/// A line of it.
pub(super) struct Row<'t> {
    file: &'t str,
    pub(super) line: usize,
    record: &'t csv::StringRecord,
}

impl<'t> Row<'t> {
    pub(super) fn len(&self) -> usize {
        self.record.len()
    }

    pub(super) fn get(&self, column: usize) -> &'t str {
        self.record.get(column).unwrap_or("")
    }

    pub(super) fn fault(&self, message: impl Into<String>) -> MovementError {
        MovementError::line(self.file, self.line, message)
    }

    pub(super) fn text(&self, column: usize, what: &str) -> Result<&'t str, MovementError> {
        match self.get(column) {
            "" => Err(self.fault(format!("nothing in column {}; {what} was expected", column + 1))),
            text => Ok(text),
        }
    }

    pub(super) fn place(
        &self,
        column: usize,
        places: &BTreeMap<&str, usize>,
    ) -> Result<usize, MovementError> {
        let name = self.text(column, "the name of a place")?;
        places
            .get(name)
            .copied()
            .ok_or_else(|| self.fault(format!("'{name}'; a place of locations.csv was expected")))
    }

    pub(super) fn number(&self, column: usize, what: &str) -> Result<f64, MovementError> {
        let text = self.get(column);
        text.parse()
            .ok()
            .filter(|v: &f64| v.is_finite())
            .ok_or_else(|| self.fault(format!("{what} is '{text}'; a number was expected")))
    }

    pub(super) fn number_or(&self, column: usize, empty: f64, what: &str) -> Result<f64, MovementError> {
        if self.get(column).is_empty() { Ok(empty) } else { self.number(column, what) }
    }

    pub(super) fn whole(&self, column: usize, what: &str) -> Result<i64, MovementError> {
        let text = self.get(column);
        text.parse().map_err(|_| self.fault(format!("{what} is '{text}'; a whole number was expected")))
    }

    pub(super) fn whole_or(&self, column: usize, empty: i64, what: &str) -> Result<i64, MovementError> {
        if self.get(column).is_empty() { Ok(empty) } else { self.whole(column, what) }
    }

    pub(super) fn count(&self, column: usize, most: u64) -> Result<u64, MovementError> {
        let text = self.get(column);
        text.parse()
            .ok()
            .filter(|n| *n <= most)
            .ok_or_else(|| self.fault(format!("'{text}'; a number of people from 0 to {most} was expected")))
    }

    pub(super) fn count_or_zero(&self, column: usize, most: u64) -> Result<u64, MovementError> {
        if self.get(column).is_empty() { Ok(0) } else { self.count(column, most) }
    }

    pub(super) fn date(&self, column: usize) -> Result<Date, MovementError> {
        let text = self.get(column);
        text.parse().map_err(|_| self.fault(format!("'{text}'; a date as 2012-02-29 was expected")))
    }
}
