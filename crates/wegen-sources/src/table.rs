//! Rows of text with a known header, from CSV or from an array of JSON objects, read strictly.

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;
use wegen_ledger::{Layout, LayoutKind, Quality};
use wegen_model::{Code, Locator, Period, countries};

use crate::{
    File, SourceError,
    numbers::{Cells, Columns, Holds},
    personal_columns,
    screen::is_personal_value,
};

/// A column as the publisher names it, with the other names it has had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) names: &'static [&'static str],
    pub(crate) required: bool,
}

/// A column that every file of the source has.
pub(crate) const fn column(names: &'static [&'static str]) -> Column {
    Column { names, required: true }
}

/// A column that some files have.
pub(crate) const fn maybe(names: &'static [&'static str]) -> Column {
    Column { names, required: false }
}

/// The shape of a source's table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// The columns we read, in our order.
    pub(crate) columns: &'static [Column],
    /// Other columns that the source is known to publish.
    pub(crate) also: &'static [&'static str],
    /// Where the array of rows stands in JSON, as a pointer.
    pub(crate) pointer: &'static str,
}

impl Spec {
    /// What locators of this table point into.
    pub(crate) fn layout(&self, json: bool) -> Layout {
        Layout {
            kind: if json { LayoutKind::Json } else { LayoutKind::Csv },
            columns: self.columns.iter().map(|c| c.names[0].to_owned()).collect(),
            pointer: if json { self.pointer.to_owned() } else { String::new() },
        }
    }

    fn known(&self) -> Vec<&'static str> {
        self.columns.iter().flat_map(|c| c.names).chain(self.also).copied().collect()
    }

    /// Whether the first row of `file` has every column this table needs.
    pub(crate) fn fits(&self, file: &File) -> bool {
        let bytes = without_mark(&file.bytes);
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
        let Ok(header) = reader.headers() else { return false };
        let header: Vec<&str> = header.iter().map(str::trim).collect();
        self.columns.iter().all(|c| !c.required || position(&header, c).is_some())
    }
}

/// Whether a file holds JSON rather than a table of text.
pub(crate) fn is_json(file: &File) -> bool {
    matches!(without_mark(&file.bytes).iter().find(|b| !b.is_ascii_whitespace()), Some(b'[' | b'{'))
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// What stands between the fields: a semicolon where the header has those and no comma, otherwise a comma.
fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    if header.contains(&b';') && !header.contains(&b',') { b';' } else { b',' }
}

/// A text as the value of a dimension: without `;` and `=`, blanks single.
pub(crate) fn plain(text: &str) -> String {
    text.replace([';', '='], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a file; an error names the first line that is not UTF-8.
pub(crate) fn utf8(file: &File) -> Result<&str, SourceError> {
    std::str::from_utf8(without_mark(&file.bytes)).map_err(|e| SourceError::NotUtf8 {
        file: file.name.clone(),
        row: file.bytes[..e.valid_up_to().min(file.bytes.len())].iter().filter(|b| **b == b'\n').count() + 1,
    })
}

/// A JSON file as a value.
pub(crate) fn json(file: &File) -> Result<Value, SourceError> {
    serde_json::from_str(utf8(file)?).map_err(|e| {
        SourceError::malformed(&file.name, format_args!("line {}", e.line()), e, "a JSON document")
    })
}

/// One row, its fields in the order of the spec; a column that the file lacks reads as empty.
pub(crate) struct Row<'r> {
    file: &'r str,
    spec: &'r Spec,
    part: u32,
    /// The line of a CSV, the index in a JSON array.
    pub(crate) line: u32,
    fields: &'r [&'r str],
    numbers: &'r Columns<'r>,
    whole: Whole<'r>,
}

/// A row with all its columns, also those that nobody reads.
#[derive(Clone, Copy)]
enum Whole<'r> {
    Csv(&'r csv::StringRecord),
    Json(&'r Value),
}

impl<'r> Row<'r> {
    /// A number that is the same for rows which are alike in every column, also in those that nobody reads.
    pub(crate) fn likeness(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self.whole {
            Whole::Csv(record) => record.iter().for_each(|field| field.hash(&mut hasher)),
            Whole::Json(item) => item.to_string().hash(&mut hasher),
        }
        hasher.finish()
    }

    /// The text of a column, without blanks around it.
    pub(crate) fn text(&self, column: usize) -> &'r str {
        self.fields[column].trim()
    }

    /// Where this row stands, for notes and errors.
    pub(crate) fn place(&self) -> String {
        self.numbers.place(self.line)
    }

    /// Where a column of this row stands.
    pub(crate) fn locator(&self, column: usize) -> Locator {
        Locator { part: self.part, row: self.line, column: column as u16 }
    }

    /// An error at a column.
    pub(crate) fn wrong(&self, column: usize, expected: &str) -> SourceError {
        self.wrong_at(self.line, column, self.text(column), expected)
    }

    /// An error at a column of another row.
    fn wrong_at(&self, line: u32, column: usize, text: &str, expected: &str) -> SourceError {
        let shown: String = text.chars().take(60).collect();
        SourceError::Cell {
            file: self.file.to_owned(),
            place: self.numbers.place(line),
            column: self.spec.columns[column].names[0].to_owned(),
            found: if text.is_empty() { "nothing".into() } else { format!("`{shown}`") },
            expected: expected.to_owned(),
        }
    }

    /// A share, a rate or another measure, or `None` where the publisher reports none (blank, `-`, `NA`, `..`).
    pub(crate) fn maybe_number(&self, column: usize) -> Result<Option<f64>, SourceError> {
        self.number(column, Holds::Measures)
    }

    /// A number in a column that holds these, or `None` where the publisher reports none.
    pub(crate) fn number(&self, column: usize, holds: Holds) -> Result<Option<f64>, SourceError> {
        match self.text(column) {
            "" | "-" | "NA" | "N/A" | ".." => Ok(None),
            text => match self.numbers.number(self.line, column, text, holds) {
                Ok(value) => Ok(Some(value)),
                Err(wrong) => {
                    let (line, text) =
                        wrong.cell.as_ref().map_or((self.line, text), |(l, t)| (*l, t.as_str()));
                    Err(self.wrong_at(line, column, text, &wrong.expected))
                }
            },
        }
    }

    /// A whole number from zero up, or `None` where the publisher reports none.
    pub(crate) fn maybe_count(&self, column: usize) -> Result<Option<u32>, SourceError> {
        let value = self.number(column, Holds::Counts)?;
        value.map(|value| self.whole_number(column, value)).transpose()
    }

    /// What stands in a column, where it is a whole number from zero up.
    pub(crate) fn whole_number(&self, column: usize, value: f64) -> Result<u32, SourceError> {
        match value >= 0.0 && value.fract() == 0.0 && value <= f64::from(u32::MAX) {
            true => Ok(value as u32),
            false => Err(self.wrong(column, "a whole number from zero up")),
        }
    }

    /// A whole number from zero up.
    pub(crate) fn count(&self, column: usize) -> Result<u32, SourceError> {
        self.maybe_count(column)?.ok_or_else(|| self.wrong(column, "a whole number from zero up"))
    }

    /// A year of the calendar.
    pub(crate) fn year(&self, column: usize) -> Result<Period, SourceError> {
        let text = self.text(column).strip_suffix(".0").unwrap_or(self.text(column));
        let year = text.parse::<i16>().ok().filter(|y| (1800..=2200).contains(y));
        year.and_then(Period::of_year).ok_or_else(|| self.wrong(column, "a year"))
    }

    /// A day in ISO form, a time of day behind it left out; `None` where there is none.
    pub(crate) fn maybe_day(&self, column: usize) -> Result<Option<Period>, SourceError> {
        let text = self.text(column);
        if text.is_empty() || text == "NA" {
            return Ok(None);
        }
        let day = text.get(..10).unwrap_or(text);
        let rest = text.get(10..).unwrap_or("");
        let clock = rest.is_empty() || rest.starts_with([' ', 'T']);
        match day.parse::<Period>() {
            Ok(day) if day.day().is_some() && (1800..=2200).contains(&day.year()) && clock => Ok(Some(day)),
            _ => Err(self.wrong(column, "a day YYYY-MM-DD that exists")),
        }
    }

    /// A country by its ISO 3166-1 alpha-3 code.
    ///
    /// Three capitals that ISO does not know are kept and noted; anything else is an error.
    pub(crate) fn iso3(&self, column: usize, quality: &mut Quality) -> Result<Code, SourceError> {
        let text = self.text(column);
        let code =
            Code::new(text).ok().filter(|_| text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()));
        let code = code.ok_or_else(|| self.wrong(column, "a country's ISO 3166-1 alpha-3 code"))?;
        if countries().by_iso3(text).is_none() {
            quality.note(&format!("`{text}` is no ISO 3166-1 code"), || self.place());
        }
        Ok(code)
    }
}

/// Calls `each` for every row of `file`, in order; answers with how many there were.
///
/// Columns are matched by name; those that the source is not known to publish are screened for personal data
/// and noted. A line of HXL tags below the header is left out and noted.
pub(crate) fn rows(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    match is_json(file) {
        true => json_rows(file, part, spec, quality, each),
        false => csv_rows(file, part, spec, quality, each),
    }
}

/// The physical line on which a record begins, from 1.
///
/// Where lines end in CR LF, the reader ends a record at the CR and has not yet counted the LF.
pub(crate) fn line_of(record: &csv::StringRecord, text: &str) -> u32 {
    record.position().map_or(0, |p| {
        let begins_at_line_feed = text.as_bytes().get(p.byte() as usize) == Some(&b'\n');
        p.line() as u32 + u32::from(begins_at_line_feed)
    })
}

/// How many rows are looked at together when a column is not known.
const SAMPLE: usize = 400;

fn csv_rows(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    let text = utf8(file)?;
    let malformed = |e: csv::Error| {
        let line = e.position().map_or(0, csv::Position::line);
        let found = match e.kind() {
            csv::ErrorKind::UnequalLengths { len, .. } => format!("{len} fields"),
            _ => e.to_string(),
        };
        let expected = match e.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, .. } => {
                format!("{expected_len}, as in the header")
            }
            _ => "comma-separated text".into(),
        };
        SourceError::malformed(&file.name, format_args!("row {line}"), found, &expected)
    };
    let delimiter = delimiter(text.as_bytes());
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(malformed)?.iter().map(|h| h.trim().to_owned()).collect();

    let known = spec.known();
    if header.iter().any(|h| !known.contains(&h.as_str())) {
        // All rows: the bytes are kept as they are, also of columns that nobody reads.
        let mut sampler =
            csv::ReaderBuilder::new().flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
        let mut records = sampler.records().flatten();
        loop {
            let sample: Vec<csv::StringRecord> = records.by_ref().take(SAMPLE).collect();
            let rows: Vec<Vec<&str>> = sample.iter().map(|r| r.iter().collect()).collect();
            refuse_personal(&file.name, &header, &known, &rows)?;
            if sample.len() < SAMPLE {
                break;
            }
        }
    }
    if let Some(twice) = header
        .iter()
        .enumerate()
        .find_map(|(i, h)| (known.contains(&h.as_str()) && header[..i].contains(h)).then_some(h))
    {
        return Err(SourceError::malformed(
            &file.name,
            "row 1",
            format_args!("the column `{twice}` twice"),
            "each column once",
        ));
    }
    let at = columns(&file.name, &header.iter().map(String::as_str).collect::<Vec<_>>(), spec)?;
    for name in header.iter().filter(|h| !known.contains(&h.as_str())) {
        quality.note(&format!("column `{name}` is new, and not read"), || "row 1".into());
    }

    let cells = Cells::Csv { text, delimiter, at: at.clone(), header: 0 };
    let numbers = Columns::new(cells);
    let mut record = csv::StringRecord::new();
    let mut count = 0;
    while reader.read_record(&mut record).map_err(malformed)? {
        let line = line_of(&record, text);
        if count == 0 && record.iter().all(|f| f.is_empty() || f.starts_with('#')) {
            quality.note("a line of HXL tags, left out", || format!("row {line}"));
            continue;
        }
        count += 1;
        let fields: Vec<&str> =
            at.iter().map(|i| i.and_then(|i| record.get(i)).unwrap_or_default()).collect();
        let whole = Whole::Csv(&record);
        let row = Row { file: &file.name, spec, part, line, fields: &fields, numbers: &numbers, whole };
        each(&row, quality)?;
        numbers.noted().into_iter().for_each(|what| quality.note(what, || row.place()));
    }
    Ok(count)
}

fn json_rows(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    let document = json(file)?;
    let items = document.pointer(spec.pointer).and_then(Value::as_array).ok_or_else(|| {
        let place = if spec.pointer.is_empty() { "the document" } else { spec.pointer };
        SourceError::malformed(&file.name, place, kind(&document), "an array of objects")
    })?;
    if let Some(item) = items.iter().find(|item| !item.is_object()) {
        return Err(SourceError::malformed(&file.name, spec.pointer, kind(item), "an array of objects"));
    }
    let header = members(items.iter().filter_map(Value::as_object));
    if items.is_empty() {
        return Ok(0);
    }
    let known = spec.known();
    screen_items(&file.name, items, &header, &known)?;
    let at = columns(&file.name, &header, spec)?;
    for name in header.iter().filter(|h| !known.contains(*h)) {
        quality.note(&format!("member `{name}` is new, and not read"), || "item 0".into());
    }
    let names = at.iter().map(|c| c.map(|c| header[c])).collect();
    let numbers = Columns::new(Cells::Json { items, names });
    for (i, item) in items.iter().enumerate() {
        let texts: Vec<Cow<'_, str>> =
            at.iter().map(|c| c.map_or(Cow::Borrowed(""), |c| text_of(item.get(header[c])))).collect();
        let fields: Vec<&str> = texts.iter().map(|t| &**t).collect();
        let (line, whole) = (i as u32, Whole::Json(item));
        let row = Row { file: &file.name, spec, part, line, fields: &fields, numbers: &numbers, whole };
        each(&row, quality)?;
        numbers.noted().into_iter().for_each(|what| quality.note(what, || row.place()));
    }
    Ok(items.len() as u64)
}

/// Refuses JSON objects with members about individuals.
pub(crate) fn screen_items(
    file: &str,
    items: &[Value],
    header: &[&str],
    known: &[&str],
) -> Result<(), SourceError> {
    if header.iter().all(|h| known.contains(h)) {
        return Ok(());
    }
    let names: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
    for items in items.chunks(SAMPLE) {
        let texts: Vec<Vec<Cow<'_, str>>> =
            items.iter().map(|item| header.iter().map(|h| text_of(item.get(*h))).collect()).collect();
        let rows: Vec<Vec<&str>> = texts.iter().map(|row| row.iter().map(|t| &**t).collect()).collect();
        refuse_personal(file, &names, known, &rows)?;
    }
    Ok(())
}

/// The names of the members of JSON objects, in the order in which they are met.
pub(crate) fn members<'v>(items: impl Iterator<Item = &'v serde_json::Map<String, Value>>) -> Vec<&'v str> {
    let (mut header, mut seen) = (Vec::new(), std::collections::HashSet::new());
    for object in items {
        header.extend(object.keys().map(String::as_str).filter(|k| seen.insert(*k)));
    }
    header
}

/// The text of a JSON value, as a table would have it.
pub(crate) fn text_of(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(other.to_string()),
    }
}

/// What a JSON value is, for messages.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Refuses a file with columns about individuals.
pub(crate) fn refuse_personal(
    file: &str,
    header: &[String],
    known: &[&str],
    sample: &[Vec<&str>],
) -> Result<(), SourceError> {
    match personal_columns(header, known, sample).into_iter().next() {
        None => Ok(()),
        Some(personal) => {
            // Without a header, the first values stand in its place.
            let at = header.iter().position(|h| *h == personal.column).unwrap_or_default() + 1;
            let column =
                if is_personal_value(personal.column.trim()) { at.to_string() } else { personal.column };
            Err(SourceError::Personal { file: file.to_owned(), column, why: personal.why })
        }
    }
}

/// The first columns of a header, for messages; values of people, where there is no header, left out.
pub(crate) fn shown(header: &[&str]) -> String {
    let shown = header.iter().take(8).map(|h| match is_personal_value(h.trim()) {
        true => "…".to_owned(),
        false => h.chars().take(40).collect(),
    });
    let shown: Vec<String> = shown.chain((header.len() > 8).then(|| "…".to_owned())).collect();
    format!("`{}`", shown.join(", "))
}

fn position(header: &[&str], column: &Column) -> Option<usize> {
    column.names.iter().find_map(|name| header.iter().position(|h| h == name))
}

/// Where each column of the spec stands in the header.
fn columns(file: &str, header: &[&str], spec: &Spec) -> Result<Vec<Option<usize>>, SourceError> {
    spec.columns
        .iter()
        .map(|column| match position(header, column) {
            None if column.required => Err(SourceError::MissingColumn {
                file: file.to_owned(),
                column: column.names[0].to_owned(),
                found: shown(header),
                hint: None,
            }),
            at => Ok(at),
        })
        .collect()
}
