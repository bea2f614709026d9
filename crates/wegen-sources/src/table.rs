//! Rows of text with a known header, from CSV or from an array of JSON objects, read strictly and one at a time.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use serde_json::Value;
use wegen_ledger::{Layout, LayoutKind, Quality};
use wegen_model::{Code, Locator, Period, countries};

use crate::{
    File, Personal, SourceError,
    forms::format,
    items::{Found, Item, items},
    lines::{self, How, Lines, MAX_COLUMNS, delimiter, utf8},
    numbers::{Cells, Columns, Holds},
    personal_columns,
    screen::{Screen, is_personal_value},
    sheet::{self, first_rows, is_workbook, place, table_of},
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

    /// What locators of this table in these files point into, of a workbook too.
    ///
    /// # Errors
    /// A workbook that cannot be read.
    pub(crate) fn layout_in(&self, files: &[File]) -> Result<Layout, SourceError> {
        match files.first() {
            Some(file) if is_workbook(file) => {
                let sheets = first_rows(file)?;
                let sheet = sheets.into_iter().find(|(_, header)| self.lacks(header) == 0);
                let pointer = sheet.map(|(name, _)| name).unwrap_or_default();
                Ok(Layout { kind: LayoutKind::Sheet, pointer, ..self.layout(false) })
            }
            first => Ok(self.layout(first.is_some_and(is_json))),
        }
    }

    fn known(&self) -> Vec<&'static str> {
        self.columns.iter().flat_map(|c| c.names).chain(self.also).copied().collect()
    }

    /// Whether the first row of `file` has every column this table needs.
    pub(crate) fn fits(&self, file: &File) -> bool {
        self.lacks(&header(file)) == 0
    }

    /// Whether a header has every column this table needs, and none that the source is not known to publish.
    pub(crate) fn is(&self, header: &[String]) -> bool {
        let known = self.known();
        self.lacks(header) == 0 && header.iter().all(|h| h.is_empty() || is_known(h, &known))
    }

    /// How many of the columns that this table needs are not in a header.
    pub(crate) fn lacks(&self, header: &[String]) -> usize {
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        self.columns.iter().filter(|c| c.required && position(&header, c).is_none()).count()
    }
}

/// The form of a publisher's table that a file is in, by its first row: the first of `forms` that fits, or else the
/// one that it lacks the fewest columns of, so that what is missed is missed from the form that was meant.
pub(crate) fn form_of<F>(file: &File, forms: &[F], spec: impl Fn(&F) -> &Spec) -> usize {
    let header = header(file);
    (0..forms.len()).min_by_key(|&i| spec(&forms[i]).lacks(&header)).unwrap_or(0)
}

/// The first row of a table of text; of a workbook that of the sheet with the most columns.
pub(crate) fn header(file: &File) -> Vec<String> {
    if is_workbook(file) {
        // What cannot be read is refused where it is read.
        let headers = first_rows(file).unwrap_or_default().into_iter().map(|(_, header)| header);
        return headers.rev().max_by_key(Vec::len).unwrap_or_default();
    }
    let how = How { delimiter: delimiter(file), flexible: true, header: true };
    Lines::new(file, how).and_then(|mut lines| lines.header()).unwrap_or_default()
}

/// A publisher's table that is recognised and not read: by which columns, what it is, what to fetch instead.
pub(crate) struct OtherTable {
    pub(crate) columns: &'static [&'static str],
    pub(crate) found: &'static str,
    pub(crate) expected: &'static str,
}

/// Refuses tables that are recognised and not read.
///
/// # Errors
/// The first of `others` whose columns are all in the header.
pub(crate) fn refuse_other(file: &File, header: &[String], others: &[OtherTable]) -> Result<(), SourceError> {
    let has = |name: &&str| header.iter().any(|h| h.eq_ignore_ascii_case(name));
    match others.iter().find(|other| other.columns.iter().all(has)) {
        None => Ok(()),
        Some(other) => Err(SourceError::malformed(&file.name, "row 1", other.found, other.expected)),
    }
}

/// Whether a file holds JSON rather than a table of text.
pub(crate) fn is_json(file: &File) -> bool {
    matches!(lines::head(file).iter().find(|b| !b.is_ascii_whitespace()), Some(b'[' | b'{'))
}

/// Texts that rows share, each made once; forgotten where a table has too many of them for that to help.
#[derive(Default)]
pub(crate) struct Shared {
    known: HashSet<Arc<str>>,
    bytes: usize,
}

impl Shared {
    /// The text, made anew where it is not known.
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        self.bytes += text.len() + 64;
        if self.bytes > 4 << 20 {
            self.known.clear();
            self.bytes = text.len() + 64;
        }
        let made: Arc<str> = text.into();
        self.known.insert(made.clone());
        made
    }
}

/// Whether the first row of `file` has all of these.
pub(crate) fn has_columns(file: &File, columns: &[&str]) -> bool {
    let header = header(file);
    columns.iter().all(|column| header.iter().any(|h| h == column))
}

/// Which of a source's tables a file is: the one that fits, otherwise the one that it has most columns of, whose reader
/// says which it lacks.
///
/// # Errors
/// A file that has a column of none of them; the first column of each is named.
pub(crate) fn table_among(file: &File, tables: &[&Spec]) -> Result<usize, SourceError> {
    let header = header(file);
    let required = |spec: &Spec| spec.columns.iter().filter(|c| c.required).count();
    let lacks: Vec<usize> = tables.iter().map(|spec| spec.lacks(&header)).collect();
    let nearest = (0..tables.len())
        .filter(|&i| lacks[i] == 0 || lacks[i] < required(tables[i]))
        .min_by_key(|&i| lacks[i]);
    let (None, Some(first), false) = (nearest, tables.first(), is_json(file)) else {
        return Ok(nearest.unwrap_or_default());
    };
    // The first table's own error tells of bytes, and of individuals.
    let mut nothing = |_: &Row<'_>, _: &mut Quality| Ok(());
    match rows(file, 0, first, &mut Quality::default(), &mut nothing) {
        Err(SourceError::MissingColumn { file, found, hint, .. }) => {
            let mut firsts: Vec<&str> = tables
                .iter()
                .filter_map(|spec| spec.columns.iter().find(|c| c.required)?.names.first().copied())
                .collect();
            firsts.dedup();
            Err(SourceError::MissingColumn { file, column: firsts.join("` or `"), found, hint })
        }
        Err(error) => Err(error),
        Ok(_) => Ok(0),
    }
}

/// What a file that no source reads holds, for a message: its columns, or its members.
pub(crate) fn shown_of(file: &File) -> String {
    if let Some(format) = format(file.head()) {
        return format.told().0.to_owned();
    }
    if !is_json(file) {
        let header = header(file);
        return match header.is_empty() {
            true => "no header".to_owned(),
            false => {
                format!("the columns {}", shown(&header.iter().map(String::as_str).collect::<Vec<_>>()))
            }
        };
    }
    match json(file) {
        Ok(Value::Object(object)) => {
            format!("an object with {}", shown(&object.keys().map(String::as_str).collect::<Vec<_>>()))
        }
        Ok(Value::Array(items)) => {
            let first = items.iter().find_map(Value::as_object);
            match first {
                None => "an array without objects".to_owned(),
                Some(item) => {
                    format!("objects with {}", shown(&item.keys().map(String::as_str).collect::<Vec<_>>()))
                }
            }
        }
        Ok(other) => kind(&other).to_owned(),
        Err(error) => format!("a JSON document that breaks off ({error})"),
    }
}

/// How many rows a table has at most of which something must be held for each row.
pub(crate) const MAX_HELD: u64 = 1_000_000;

/// A text as the value of a dimension: without `;` and `=`, blanks single.
pub(crate) fn plain(text: &str) -> String {
    text.replace([';', '='], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many values a document has at most that is read as a whole.
const MAX_VALUES: usize = 3_000_000;

/// A JSON file as a value.
pub(crate) fn json(file: &File) -> Result<Value, SourceError> {
    let bytes = file.bytes()?;
    utf8(file)?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    // A value takes some fifty bytes, however short its text.
    let values = text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    if values > MAX_VALUES {
        let found = format!("{values} values");
        return Err(SourceError::malformed(&file.name, "the document", found, "at most three million"));
    }
    serde_json::from_slice(text).map_err(|e| {
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
    at: &'r [Option<usize>],
    header: &'r [String],
}

/// A row with all its columns, also those that nobody reads.
#[derive(Clone, Copy)]
enum Whole<'r> {
    Csv(&'r csv::StringRecord),
    Json(&'r serde_json::Map<String, Value>),
    Sheet(&'r [String]),
}

impl<'r> Row<'r> {
    /// A number that is the same for rows which are alike in every column, also in those that nobody reads.
    pub(crate) fn likeness(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self.whole {
            Whole::Csv(record) => record.iter().for_each(|field| field.hash(&mut hasher)),
            Whole::Json(item) => serde_json::to_string(item).unwrap_or_default().hash(&mut hasher),
            Whole::Sheet(texts) => texts.hash(&mut hasher),
        }
        hasher.finish()
    }

    /// The text of a column, without blanks around it.
    pub(crate) fn text(&self, column: usize) -> &'r str {
        self.fields[column].trim()
    }

    /// The text of a column that not every form of the table has.
    pub(crate) fn maybe_text(&self, column: usize) -> &'r str {
        self.fields.get(column).map(|text| text.trim()).unwrap_or_default()
    }

    /// An error where so many rows came before this one that what is held of each would not fit.
    pub(crate) fn held(&self, before: usize) -> Result<(), SourceError> {
        match (before as u64) < MAX_HELD {
            true => Ok(()),
            false => {
                let found = format!("more than {MAX_HELD} rows");
                let expected = "at most so many: rows of this source are held against each other";
                Err(SourceError::malformed(self.file, self.place(), found, expected))
            }
        }
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
        // A number in a cell of a workbook has one way of writing.
        if let Some(value) = self.numbers.value(self.line, column) {
            return if value.is_finite() { Ok(Some(value)) } else { Err(self.wrong(column, "a number")) };
        }
        match self.text(column) {
            "" | "-" | "NA" | "N/A" | ".." => Ok(None),
            text if self.is_number(column) => {
                text.parse().map(Some).map_err(|_| self.wrong(column, "a number"))
            }
            text => match self.numbers.number(column, text, holds) {
                Ok(value) => Ok(Some(value)),
                Err(wrong) => {
                    let (line, text) =
                        wrong.cell.as_ref().map_or((self.line, text), |(l, t)| (*l, t.as_str()));
                    Err(self.wrong_at(line, column, text, &wrong.expected))
                }
            },
        }
    }

    /// Whether a column holds a number of JSON, which has one way of writing.
    fn is_number(&self, column: usize) -> bool {
        let Whole::Json(item) = self.whole else { return false };
        let name = self.at[column].map(|at| self.header[at].as_str());
        name.and_then(|name| item.get(name)).is_some_and(Value::is_number)
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
            if quality.notes.len() >= MAX_KINDS {
                let expected = "a country's ISO 3166-1 alpha-3 code, after hundreds of codes that are none";
                return Err(self.wrong(column, expected));
            }
            quality.note(&format!("`{text}` is no ISO 3166-1 code"), || self.place());
        }
        Ok(code)
    }
}

/// A number of a text, for sets that would be large with the texts themselves.
pub(crate) fn number_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
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

/// How many kinds of oddity are told of a table; one with more is another table.
const MAX_KINDS: usize = 1_000;

/// Notes columns that are not known, by name where there are not too many.
fn note_new<'n>(what: &str, names: impl Iterator<Item = &'n String>, place: &str, quality: &mut Quality) {
    for (i, name) in names.enumerate() {
        match i < MAX_KINDS / 2 {
            true => quality.note(&format!("{what} `{name}` is new, and not read"), || place.into()),
            false => quality.note(&format!("more {what}s that are new, and not read"), || place.into()),
        }
    }
}

/// Refuses a table with columns about individuals, apart from those that are known: all its rows are looked at, since
/// the bytes are kept as they are, also of columns that nobody reads. `counts` tells which rows are of the table.
pub(crate) fn screen_lines(
    file: &File,
    how: How,
    header: &[String],
    known: &[&str],
    counts: &dyn Fn(&csv::StringRecord) -> bool,
) -> Result<(), SourceError> {
    let mut screen = Screen::new(known);
    header.iter().for_each(|name| screen.column(name));
    let mut lines = Lines::new(file, How { flexible: true, ..how })?;
    let mut record = csv::StringRecord::new();
    while !screen.is_decided() && lines.read(&mut record)?.is_some() {
        if counts(&record) {
            record.iter().enumerate().for_each(|(column, value)| screen.value(column, value));
            screen.end_row();
        }
    }
    refuse(&file.name, header, screen.first())
}

/// The same, of a workbook too: its first sheet whose first row has every column that is needed. The other sheets are
/// not read, and screened all the same.
pub(crate) fn rows_or_sheet(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    match is_workbook(file) {
        true => sheet_rows(file, part, spec, quality, each),
        false => rows(file, part, spec, quality, each),
    }
}

fn csv_rows(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    utf8(file)?;
    let how = How { delimiter: delimiter(file), flexible: false, header: true };
    let mut lines = Lines::new(file, how)?;
    let header = lines.header()?;

    let known = spec.known();
    if header.iter().any(|h| !known.contains(&h.as_str())) {
        screen_lines(file, how, &header, &known, &|_| true)?;
    }
    if let Some(twice) = header
        .iter()
        .enumerate()
        .find_map(|(i, h)| (is_known(h, &known) && header[..i].contains(h)).then_some(h))
    {
        return Err(SourceError::malformed(
            &file.name,
            "row 1",
            format_args!("the column `{twice}` twice"),
            "each column once",
        ));
    }
    let at = columns(&file.name, &header.iter().map(String::as_str).collect::<Vec<_>>(), spec)?;
    note_new("column", header.iter().filter(|h| !is_known(h, &known)), "row 1", quality);

    let numbers = Columns::new(Cells::Csv { file, how, at: at.clone(), header: 0 });
    let mut record = csv::StringRecord::new();
    let mut count = 0;
    while let Some(line) = lines.read(&mut record)? {
        if count == 0 && record.iter().all(|f| f.is_empty() || f.starts_with('#')) {
            quality.note("a line of HXL tags, left out", || format!("row {line}"));
            continue;
        }
        count += 1;
        let fields: Vec<&str> =
            at.iter().map(|i| i.and_then(|i| record.get(i)).unwrap_or_default()).collect();
        let whole = Whole::Csv(&record);
        let (file, fields, numbers, at, header) = (&file.name, &fields, &numbers, &at, &header);
        let row = Row { file, spec, part, line, fields, numbers, whole, at, header };
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
    utf8(file)?;
    let known = spec.known();
    let (header, count) = survey(file, spec.pointer, &known)?;
    if count == 0 {
        return Ok(0);
    }
    let at = columns(&file.name, &header.iter().map(String::as_str).collect::<Vec<_>>(), spec)?;
    note_new("member", header.iter().filter(|h| !is_known(h, &known)), "item 0", quality);
    let names = at.iter().map(|c| c.map(|c| header[c].clone())).collect();
    let numbers = Columns::new(Cells::Json { file, pointer: spec.pointer, names });
    let mut count = 0;
    items(file, spec.pointer, &mut |line, item| {
        let Item::Object(item) = item else { return Ok(()) };
        count += 1;
        let texts: Vec<Cow<'_, str>> =
            at.iter().map(|c| c.map_or(Cow::Borrowed(""), |c| text_of(item.get(&header[c])))).collect();
        let fields: Vec<&str> = texts.iter().map(|t| &**t).collect();
        let whole = Whole::Json(&item);
        let (file, fields, numbers, at, header) = (&file.name, &fields, &numbers, &at, &header);
        let row = Row { file, spec, part, line, fields, numbers, whole, at, header };
        each(&row, quality)?;
        numbers.noted().into_iter().for_each(|what| quality.note(what, || row.place()));
        Ok(())
    })?;
    Ok(count)
}

/// The names of the members of all items at `pointer`, in the order in which they are met, and how many items there
/// are. Items about individuals are refused.
pub(crate) fn survey(file: &File, pointer: &str, known: &[&str]) -> Result<(Vec<String>, u64), SourceError> {
    let mut screen = Screen::new(known);
    let mut header: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut count, mut other) = (0, None);
    let (found, document) = items(file, pointer, &mut |index, item| {
        let item = match item {
            Item::Object(item) => item,
            Item::Other(kind) => {
                other = other.or(Some(kind));
                return Ok(());
            }
        };
        count += 1;
        for (name, value) in &item {
            let column = match places.get(name) {
                Some(column) => *column,
                None if header.len() == MAX_COLUMNS => {
                    return Err(SourceError::Cell {
                        file: file.name.clone(),
                        place: format!("item {index}"),
                        column: name.chars().take(100).collect(),
                        found: format!("a member more than the {MAX_COLUMNS} different ones before it"),
                        expected: "items that have their members in common".into(),
                    });
                }
                None => {
                    screen.column(name);
                    header.push(name.clone());
                    places.insert(name.clone(), header.len() - 1);
                    header.len() - 1
                }
            };
            screen.value(column, &text_of(Some(value)));
        }
        screen.end_row();
        Ok(())
    })?;
    if found != Found::Array {
        let place = if pointer.is_empty() { "the document" } else { pointer };
        return Err(SourceError::malformed(&file.name, place, document, "an array of objects"));
    }
    if let Some(kind) = other {
        return Err(SourceError::malformed(&file.name, pointer, kind, "an array of objects"));
    }
    if count > 0 {
        refuse(&file.name, &header, screen.first())?;
    }
    Ok((header, count))
}

fn sheet_rows(
    file: &File,
    part: u32,
    spec: &Spec,
    quality: &mut Quality,
    each: &mut dyn FnMut(&Row<'_>, &mut Quality) -> Result<(), SourceError>,
) -> Result<u64, SourceError> {
    let sheet = table_of(file, &|header| spec.lacks(header) == 0)?;
    let header = sheet.titles(0);
    let names: Vec<&str> = header.iter().map(String::as_str).collect();
    let known = spec.known();
    sheet.screen(0, &|column| header.get(column).is_some_and(|h| is_known(h, &known)))?;
    let at = columns(&file.name, &names, spec)?;
    for name in header.iter().filter(|h| !h.is_empty() && !is_known(h, &known)) {
        quality.note(&format!("column `{name}` is new, and not read"), || place(sheet.name(), 0));
    }
    let numbers = Columns::new(Cells::Sheet { sheet: &sheet, at: at.clone() });
    let mut count = 0;
    for &index in sheet.cells.keys().filter(|row| **row > 0) {
        let texts: Vec<String> = (0..header.len()).map(|column| sheet.text(index, column)).collect();
        if texts.iter().all(String::is_empty) {
            continue;
        }
        if count == 0 && texts.iter().all(|f| f.is_empty() || f.starts_with('#')) {
            quality.note("a line of HXL tags, left out", || place(sheet.name(), index));
            continue;
        }
        count += 1;
        let fields: Vec<&str> =
            at.iter().map(|i| i.and_then(|i| texts.get(i)).map(String::as_str).unwrap_or_default()).collect();
        let (line, whole) = (sheet::line_of(index), Whole::Sheet(&texts));
        let (file, fields, numbers, at, header) = (&file.name, &fields, &numbers, &at, &header);
        let row = Row { file, spec, part, line, fields, numbers, whole, at, header };
        each(&row, quality)?;
        numbers.noted().into_iter().for_each(|what| quality.note(what, || row.place()));
    }
    Ok(count)
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
    refuse(file, header, personal_columns(header, known, sample).into_iter().next())
}

/// Refuses a file where a column about individuals was found.
pub(crate) fn refuse(file: &str, header: &[String], found: Option<Personal>) -> Result<(), SourceError> {
    match found {
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

/// Where a column stands: under one of its names, or else under one in other letters' case (`YEAR`).
fn position(header: &[&str], column: &Column) -> Option<usize> {
    let at = |same: fn(&str, &str) -> bool| {
        column.names.iter().find_map(|name| header.iter().position(|h| same(h, name)))
    };
    at(|h, name| h == name).or_else(|| at(|h, name| h.eq_ignore_ascii_case(name)))
}

/// Whether a name is one that the source is known to publish, in whatever letters' case.
fn is_known(name: &str, known: &[&str]) -> bool {
    known.iter().any(|k| k.eq_ignore_ascii_case(name))
}

/// Where each column of the spec stands in the header.
///
/// A column that is there in other capitals or signs is not missing: where nothing else is, the error names both.
fn columns(file: &str, header: &[&str], spec: &Spec) -> Result<Vec<Option<usize>>, SourceError> {
    let at: Vec<Option<usize>> = spec.columns.iter().map(|column| position(header, column)).collect();
    let alike = |column: &Column| {
        let letters = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let names: Vec<String> = column.names.iter().map(|name| letters(name)).collect();
        header.iter().copied().find(|h| names.contains(&letters(h)))
    };
    let missing: Vec<(&Column, Option<&str>)> = spec
        .columns
        .iter()
        .zip(&at)
        .filter(|(column, at)| column.required && at.is_none())
        .map(|(column, _)| (column, alike(column)))
        .collect();
    match missing.iter().find(|(_, alike)| alike.is_none()) {
        Some((column, _)) => Err(SourceError::MissingColumn {
            file: file.to_owned(),
            column: column.names[0].to_owned(),
            found: shown(header),
            hint: None,
        }),
        None if missing.is_empty() => Ok(at),
        None => {
            let found: Vec<&str> = missing.iter().filter_map(|(_, alike)| *alike).take(8).collect();
            let expected: Vec<&str> = missing.iter().map(|(column, _)| column.names[0]).take(8).collect();
            let expected = format!("`{}`, in these capitals and signs", expected.join("`, `"));
            Err(SourceError::malformed(file, "row 1", format_args!("`{}`", found.join("`, `")), &expected))
        }
    }
}
