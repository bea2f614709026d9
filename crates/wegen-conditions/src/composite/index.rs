//! An index: its structure, its units and its data, read from COINr's two tables.

use std::collections::{BTreeMap, BTreeSet};

use super::{Blocks, CompositeError, Direction, Draft, Structure, Table};

/// A unit that is assessed, at one time if there are several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The code.
    pub code: String,
    /// The name for readers; the code if none was given.
    pub name: String,
    /// The time, in panel data.
    pub time: Option<String>,
    /// The unit's label in each of the index's groupings.
    pub labels: Vec<Option<String>>,
}

/// Structure, units and raw data.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Indicators and groups.
    pub structure: Structure,
    /// The units, one for each row.
    pub units: Vec<Unit>,
    /// The names of the groupings of units.
    pub groupings: Vec<String>,
    /// What may be divided by.
    pub denominators: Table,
    /// Raw data: a column for each indicator.
    pub data: Table,
}

/// Which columns of a data table are what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The column of the unit's code.
    pub unit: String,
    /// The column of the unit's name, if the file has it.
    pub name: String,
    /// The column of the time, if the file has it.
    pub time: String,
    /// The columns that group units.
    pub groupings: Vec<String>,
    /// The columns that may be divided by.
    pub denominators: Vec<String>,
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            unit: "uCode".to_owned(),
            name: "uName".to_owned(),
            time: "Time".to_owned(),
            groupings: Vec::new(),
            denominators: Vec::new(),
        }
    }
}

impl Index {
    /// An index from COINr's `iData` and `iMeta` as CSV. Empty cells and `NA` are missing. Rows keep their order.
    ///
    /// # Errors
    /// With file, row, column, what was found and what was expected.
    pub fn from_csv(data: &str, meta: &str) -> Result<Self, CompositeError> {
        let (structure, columns) = read_meta(meta)?;
        Self::with_structure(structure, &columns, data)
    }

    /// An index from a structure and a table of data as CSV. Columns that are not named are passed over.
    ///
    /// # Errors
    /// With file, row, column, what was found and what was expected.
    pub fn with_structure(
        structure: Structure,
        columns: &Columns,
        data: &str,
    ) -> Result<Self, CompositeError> {
        const FILE: &str = "data";
        let sheet = Sheet::read(FILE, data)?;
        let unit = sheet.required(&columns.unit)?;
        let name = sheet.at(&columns.name);
        let time = sheet.at(&columns.time);
        let groups = columns
            .groupings
            .iter()
            .map(|g| sheet.required(g))
            .collect::<Result<Vec<usize>, CompositeError>>()?;
        let mut units: Vec<Unit> = Vec::with_capacity(sheet.rows.len());
        let mut seen = BTreeSet::new();
        for (line, row) in &sheet.rows {
            let code = row[unit].clone();
            if code.is_empty() {
                return Err(CompositeError::cell(FILE, *line, &columns.unit, "", "the code of a unit"));
            }
            let time = time.map(|t| row[t].clone());
            if !seen.insert((code.clone(), time.clone())) {
                return Err(CompositeError::cell(
                    FILE,
                    *line,
                    &columns.unit,
                    &code,
                    "each unit once for each time",
                ));
            }
            let label = |&g: &usize| given(&row[g]).map(str::to_owned);
            units.push(Unit {
                name: name.map_or(code.clone(), |n| row[n].clone()),
                code,
                time,
                labels: groups.iter().map(label).collect(),
            });
        }
        let codes = structure.indicators().iter().map(|n| n.draft.code.clone()).collect();
        let data = sheet.numbers(codes)?;
        let denominators = sheet.numbers(columns.denominators.clone())?;
        Ok(Self { structure, units, groupings: columns.groupings.clone(), denominators, data })
    }

    /// The same index with denominators from another table, matched by the unit's code, whatever the time.
    ///
    /// # Errors
    /// Where a column is absent, a cell is not a number, or a unit has no row or two.
    pub fn with_denominators(
        &self,
        table: &str,
        unit_column: &str,
        codes: &[String],
    ) -> Result<Self, CompositeError> {
        const FILE: &str = "denominators";
        let sheet = Sheet::read(FILE, table)?;
        let unit = sheet.required(unit_column)?;
        let mut rows = BTreeMap::new();
        for (at, (line, row)) in sheet.rows.iter().enumerate() {
            if rows.insert(row[unit].as_str(), at).is_some() {
                return Err(CompositeError::cell(FILE, *line, unit_column, &row[unit], "each unit once"));
            }
        }
        let find = |u: &Unit| {
            let problem = || CompositeError::file(FILE, format!("no row for unit `{}`", u.code));
            rows.get(u.code.as_str()).copied().ok_or_else(problem)
        };
        let rows = self.units.iter().map(find).collect::<Result<Vec<usize>, CompositeError>>()?;
        let denominators = sheet.numbers(codes.to_vec())?.select(&rows);
        Ok(Self { denominators, ..self.clone() })
    }

    /// The index of one time.
    #[must_use]
    pub fn at(&self, time: &str) -> Self {
        let rows: Vec<usize> =
            (0..self.units.len()).filter(|&r| self.units[r].time.as_deref() == Some(time)).collect();
        self.select(&rows)
    }

    /// The index with only these rows, in this order.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            structure: self.structure.clone(),
            units: rows.iter().map(|&r| self.units[r].clone()).collect(),
            groupings: self.groupings.clone(),
            denominators: self.denominators.select(rows),
            data: self.data.select(rows),
        }
    }

    /// All rows as one block, or a block for each time.
    #[must_use]
    pub fn blocks(&self, together: bool) -> Blocks {
        if together {
            Blocks::whole(self.units.len())
        } else {
            Blocks::by(&self.units.iter().map(|u| u.time.as_deref()).collect::<Vec<_>>())
        }
    }

    /// The label of each unit in a grouping.
    ///
    /// # Errors
    /// If the index has no such grouping.
    pub fn labels(&self, grouping: &str) -> Result<Vec<Option<&str>>, CompositeError> {
        let at = self.groupings.iter().position(|g| g == grouping).ok_or_else(|| {
            let known = self.groupings.join("`, `");
            CompositeError::Options(format!("found grouping `{grouping}`, expected one of `{known}`"))
        })?;
        Ok(self.units.iter().map(|u| u.labels[at].as_deref()).collect())
    }
}

/// The structure and the columns of data that COINr's `iMeta` describes. Types are `Indicator`, `Aggregate`,
/// `Group`, `Denominator` and `Other`.
///
/// # Errors
/// With file, row, column, what was found and what was expected.
pub fn read_meta(meta: &str) -> Result<(Structure, Columns), CompositeError> {
    const FILE: &str = "iMeta";
    let sheet = Sheet::read(FILE, meta)?;
    let [level, code, direction, weight, parent, kind] =
        ["Level", "iCode", "Direction", "Weight", "Parent", "Type"].map(|c| sheet.required(c));
    let (level, code, direction, weight, parent, kind) = (level?, code?, direction?, weight?, parent?, kind?);
    let [name, unit, target, denominator, scale] =
        ["iName", "Unit", "Target", "Denominator", "ScaleFactor"].map(|c| sheet.at(c));
    let mut columns = Columns::default();
    let mut drafts = Vec::new();
    let mut lines = Vec::new();
    for (line, row) in &sheet.rows {
        let own = row[code].clone();
        let indicator = match row[kind].as_str() {
            "Indicator" => true,
            "Aggregate" => false,
            "Group" => {
                columns.groupings.push(own);
                continue;
            }
            "Denominator" => {
                columns.denominators.push(own);
                continue;
            }
            "Other" => continue,
            found => {
                let expected = "`Indicator`, `Aggregate`, `Group`, `Denominator` or `Other`";
                return Err(CompositeError::cell(FILE, *line, "Type", found, expected));
            }
        };
        let number = |at: usize, otherwise: f64| match given(&row[at]) {
            None => Ok(otherwise),
            Some(_) => sheet.number(*line, row, at),
        };
        let stated = number(level, f64::NAN)?;
        if !(stated >= 1.0 && stated.fract() == 0.0) {
            return Err(CompositeError::cell(
                FILE,
                *line,
                "Level",
                &row[level],
                "a whole number of at least 1",
            ));
        }
        drafts.push(Draft {
            code: own.clone(),
            name: name.map_or(own, |n| row[n].clone()),
            unit: unit.map(|u| row[u].clone()).unwrap_or_default(),
            indicator,
            level: Some(stated as usize),
            parent: given(&row[parent]).map(str::to_owned),
            weight: number(weight, 1.0)?,
            direction: match row[direction].as_str() {
                "1" | "" => Direction::Higher,
                "-1" => Direction::Lower,
                found => return Err(CompositeError::cell(FILE, *line, "Direction", found, "`1` or `-1`")),
            },
            target: target.map(|t| number(t, f64::NAN)).transpose()?.filter(|t| !t.is_nan()),
            denominator: denominator.and_then(|d| given(&row[d])).map(str::to_owned),
            scale: scale.map_or(Ok(1.0), |s| number(s, 1.0))?,
        });
        lines.push(*line);
    }
    let structure = Structure::new(drafts).map_err(|e| match e {
        CompositeError::Structure { node, code, problem } => {
            let line = lines.get(node).copied().unwrap_or(1);
            CompositeError::file(FILE, format!("row {line}, `{code}`: {problem}"))
        }
        other => other,
    })?;
    Ok((structure, columns))
}

/// A CSV file in memory, with the line of each row.
pub(crate) struct Sheet<'a> {
    file: &'a str,
    header: Vec<String>,
    pub(crate) rows: Vec<(u64, Vec<String>)>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn read(file: &'a str, text: &str) -> Result<Self, CompositeError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let fault = |e: csv::Error| CompositeError::file(file, e.to_string());
        let header: Vec<String> = reader.headers().map_err(fault)?.iter().map(str::to_owned).collect();
        let mut seen = BTreeSet::new();
        if let Some(twice) = header.iter().find(|h| !seen.insert(h.as_str())) {
            return Err(CompositeError::file(file, format!("column `{twice}` stands twice")));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let line = record.position().map_or(0, csv::Position::line);
            rows.push((line, record.iter().map(str::to_owned).collect()));
        }
        Ok(Self { file, header, rows })
    }

    pub(crate) fn at(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|h| h == column)
    }

    pub(crate) fn required(&self, column: &str) -> Result<usize, CompositeError> {
        self.at(column).ok_or_else(|| {
            CompositeError::file(self.file, format!("column `{column}` is absent, expected it"))
        })
    }

    fn number(&self, line: u64, row: &[String], at: usize) -> Result<f64, CompositeError> {
        let Some(text) = given(&row[at]) else { return Ok(f64::NAN) };
        let fault =
            || CompositeError::cell(self.file, line, &self.header[at], text, "a finite number or nothing");
        text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(fault)
    }

    fn numbers(&self, codes: Vec<String>) -> Result<Table, CompositeError> {
        let places: BTreeMap<&str, usize> =
            self.header.iter().enumerate().map(|(at, h)| (h.as_str(), at)).collect();
        let mut values = Vec::with_capacity(codes.len() * self.rows.len());
        for code in &codes {
            let at = match places.get(code.as_str()) {
                Some(&at) => at,
                None => self.required(code)?,
            };
            for (line, row) in &self.rows {
                values.push(self.number(*line, row, at)?);
            }
        }
        Table::new(self.rows.len(), codes, values)
    }
}

fn given(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "NA").then_some(text)
}
