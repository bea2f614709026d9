//! Places: OCHA's P-codes and boundaries (COD-AB), and Natural Earth where there is none.
//!
//! Traps: a second line of the P-code table can hold HXL tags; codes change between releases and hold from a
//! date; names of properties differ from country to country, and since 2025 are others altogether; P-codes begin with
//! ISO's code of two letters, of three, or with none; Natural Earth has codes of its own (PSX, SDS, SOL).

use std::collections::HashMap;

use wegen_ledger::{Layout, LayoutKind, Quality, Records};
use wegen_model::{Area, Code, Country, Locator, Period, Record, countries, pcodes};

use crate::{
    File, Parsed, Parser, SourceError,
    lines::MAX_COLUMNS,
    screen::Screen,
    shapes::{Members, features},
    sheet::is_workbook,
    table::{
        OtherTable, Row, Spec, column, header, is_json, json, maybe, refuse, refuse_other, refuse_personal,
        rows, shown, text_of,
    },
};

pub(crate) fn parsers() -> Vec<Box<dyn Parser>> {
    vec![
        Box::new(Pcodes),
        Box::new(Boundaries { source: "ocha-cod-ab" }),
        Box::new(Boundaries { source: "naturalearth-admin1" }),
        Box::new(Boundaries { source: "naturalearth-countries" }),
    ]
}

struct Pcodes;

static PCODES: Spec = Spec {
    columns: &[
        column(&["Location"]),
        column(&["Admin Level"]),
        column(&["P-Code"]),
        column(&["Name"]),
        column(&["Parent P-Code"]),
        maybe(&["Valid from date"]),
    ],
    also: &[],
    pointer: "",
};

/// OCHA's lists of places that are not read.
const OTHERS: [OtherTable; 1] = [OtherTable {
    columns: &["PP_PCODE"],
    found: "a list of populated places of one country",
    expected: "the table of P-codes of all countries, `global_pcodes.csv`",
}];

impl Parser for Pcodes {
    fn source(&self) -> &'static str {
        "ocha-pcodes"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        if let Some(file) = files.first().filter(|file| !is_json(file)) {
            refuse_other(file, &header(file), &OTHERS)?;
        }
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let country = row.iso3(0, quality)?;
                let level = row.count(1)?;
                let level = u8::try_from(level)
                    .ok()
                    .filter(|l| *l <= 5)
                    .ok_or_else(|| row.wrong(1, "a level from 0 to 5"))?;
                let code = Code::new(row.text(2)).map_err(|_| row.wrong(2, "a P-code"))?;
                let parent = match row.text(4) {
                    "" => None,
                    text => Some(Code::new(text).map_err(|_| row.wrong(4, "a P-code"))?),
                };
                records.push(Record::Area(Area {
                    code,
                    country,
                    level,
                    name: row.text(3).into(),
                    parent,
                    valid_from: row.maybe_day(5)?,
                    shape: None,
                    locator: row.locator(2),
                }))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &PCODES, &mut quality, &mut each)?;
        }
        Ok(Parsed { capture: "csv", layout: PCODES.layout(false), quality, rows_read, records })
    }
}

struct Boundaries {
    source: &'static str,
}

impl Parser for Boundaries {
    fn source(&self) -> &'static str {
        self.source
    }

    fn version(&self) -> u32 {
        if self.source == "ocha-cod-ab" { 2 } else { 1 }
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut level = 0;
        other_form(files)?;
        for (part, file) in files.iter().enumerate() {
            // Beside the areas, a country's archive holds their borders as lines, and their middles as points.
            if files.len() > 1 && is_without_areas(file) {
                quality.note("layers of lines or points, left out", || file.name.clone());
                continue;
            }
            screen(file)?;
            let mut deepest = None;
            if self.source == "ocha-cod-ab" {
                features(file, &mut |index, map, _| {
                    deepest = deepest.max(Properties { file: &file.name, index, map: &map }.level());
                    Ok(())
                })?;
            }
            features(file, &mut |i, properties, shape| {
                rows_read += 1;
                let read = Properties { file: &file.name, index: i, map: &properties };
                if deepest.is_some_and(|level| read.has_blank_code(level)) {
                    quality.note("features without a P-code, such as lakes, left out", || {
                        format!("/features/{i}")
                    });
                    return Ok(());
                }
                let mut area = match self.source {
                    "ocha-cod-ab" => read.common_operational(&mut quality)?,
                    "naturalearth-admin1" => read.natural_earth(&mut quality)?,
                    _ => read.natural_earth_country(&mut quality)?,
                };
                area.shape = Some(shape);
                area.locator = Locator { part: part as u32, row: i as u32, column: 0 };
                level = area.level;
                Ok(records.push(Record::Area(area))?)
            })?;
        }
        let capture = match level {
            0 => "adm0",
            1 => "adm1",
            2 => "adm2",
            3 => "adm3",
            _ => "adm4",
        };
        let layout = Layout { kind: LayoutKind::Json, columns: vec![], pointer: "/features".into() };
        Ok(Parsed { capture, layout, quality, rows_read, records })
    }
}

/// Refuses the forms that boundaries are offered in and that are not read, with the one that is.
fn other_form(files: &[File]) -> Result<(), SourceError> {
    let form = |file: &File| match file.name.rsplit('.').next()?.to_lowercase().as_str() {
        _ if is_workbook(file) => Some("a workbook of names and codes, without shapes"),
        "shp" | "shx" | "dbf" => Some("a shapefile"),
        "gdbtable" | "gdbtablx" | "gdbindexes" => Some("a file geodatabase"),
        "gpkg" => Some("a GeoPackage"),
        "kml" | "kmz" => Some("KML"),
        "parquet" => Some("a Parquet file"),
        "svg" => Some("an image"),
        _ => None,
    };
    match files.iter().find_map(|file| Some((file, form(file)?))) {
        None => Ok(()),
        Some((file, found)) => {
            let expected = "boundaries as GeoJSON or TopoJSON; the publisher offers GeoJSON beside this file";
            Err(SourceError::malformed(&file.name, "the file", found, expected))
        }
    }
}

/// Whether a layer holds features, and none of them is an area.
fn is_without_areas(file: &File) -> bool {
    let Ok(document) = json(file) else { return false };
    let kinds = || {
        let features = document.get("features").and_then(serde_json::Value::as_array).into_iter().flatten();
        features.filter_map(|f| f.pointer("/geometry/type").and_then(serde_json::Value::as_str))
    };
    kinds().next().is_some() && kinds().all(|kind| kind.contains("Point") || kind.contains("LineString"))
}

/// Refuses properties about individuals. What names or codes an area differs in every row, as it must, and is
/// judged by its own name alone.
fn screen(file: &File) -> Result<(), SourceError> {
    let mut names: Vec<String> = Vec::new();
    let mut mail: HashMap<String, bool> = HashMap::new();
    features(file, &mut |i, properties, _| {
        for (name, value) in &properties {
            let has = text_of(Some(value)).contains('@');
            match mail.get_mut(name) {
                Some(any) => *any |= has,
                None if names.len() == MAX_COLUMNS => {
                    let found = format!("a property more than the {MAX_COLUMNS} different ones before it");
                    let place = format!("/features/{i}/properties/{}", shown(&[name]));
                    return Err(SourceError::malformed(&file.name, place, found, "properties in common"));
                }
                None => {
                    names.push(name.clone());
                    mail.insert(name.clone(), has);
                }
            }
        }
        Ok(())
    })?;
    refuse_personal(&file.name, &names, &[], &[])?;
    let of_area = |name: &str| {
        let name = name.to_lowercase();
        ["name", "formal", "pcod", "code", "ref", "alt", "adm", "iso", "id"]
            .iter()
            .any(|part| name.contains(part))
    };
    let known: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| of_area(name) && mail.get(*name) != Some(&true))
        .collect();
    let mut screen = Screen::new(&known);
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(i, name)| (name.as_str(), i)).collect();
    names.iter().for_each(|name| screen.column(name));
    features(file, &mut |_, properties, _| {
        for (name, value) in &properties {
            if let Some(column) = places.get(name.as_str()) {
                screen.value(*column, &text_of(Some(value)));
            }
        }
        screen.end_row();
        Ok(())
    })?;
    refuse(&file.name, &names, screen.first())
}

struct Properties<'a> {
    file: &'a str,
    index: usize,
    map: &'a Members,
}

impl Properties<'_> {
    fn get(&self, names: &[String]) -> Option<String> {
        let found = names.iter().find_map(|n| self.map.iter().find(|(k, _)| k.eq_ignore_ascii_case(n)));
        found.map(|(_, v)| text_of(Some(v)).trim().to_owned()).filter(|t| !t.is_empty())
    }

    fn wrong(&self, found: &str, expected: &str) -> SourceError {
        SourceError::malformed(
            self.file,
            format_args!("/features/{}/properties", self.index),
            found,
            expected,
        )
    }

    fn area(&self, code: &str, country: &Country, level: u8, name: String) -> Result<Area, SourceError> {
        Ok(Area {
            code: Code::new(code).map_err(|_| self.wrong(code, "a code"))?,
            country: country.iso3,
            level,
            name: name.into(),
            parent: None,
            valid_from: None,
            shape: None,
            locator: Locator::default(),
        })
    }

    /// `ADMn_PCODE` and `ADMn_EN` (or another language), `adminnPcod` and `adminnName`, Iraq's `AnCode`, since 2025
    /// `admn_pcode` and `admn_name`, or `HRpcode` and `HRname`, whose level the table of P-codes tells.
    fn common_operational(&self, quality: &mut Quality) -> Result<Area, SourceError> {
        let responded = |name: &str| Code::new(&self.get(&[name.to_owned()])?).ok();
        let response = responded("HRpcode").and_then(|code| pcodes().get(code));
        let code_of = |level: u8| {
            if let Some(held) = response {
                // The publisher's own parent: of a first level the country, as in the other forms.
                return match level {
                    _ if level == held.level => Some(held.code.to_string()),
                    _ if level + 1 == held.level => responded("HRparent").map(|code| code.to_string()),
                    _ => None,
                };
            }
            let code = self.get(&code_names(level))?;
            // Some old layers write `IQ-G15` for `IQG15`.
            let held = Code::new(&code).is_ok_and(|c| pcodes().get(c).is_some());
            Some(if held { code } else { code.replace('-', "") })
        };
        let level = match response {
            Some(held) => Some(held.level),
            None => self.level(),
        };
        let (level, code) = level.and_then(|l| Some((l, code_of(l)?))).ok_or_else(|| {
            let names: Vec<&str> = self.map.keys().map(String::as_str).take(8).collect();
            self.wrong(&names.join(", "), "a property like `ADM1_PCODE`")
        })?;
        let name = self.name(level).or_else(|| {
            // The layer has names, and this area none.
            let named = self.map.keys().any(|key| self.language(key, level).is_some());
            named.then(|| {
                quality.note("areas without a name, named by their code", || {
                    format!("/features/{}", self.index)
                });
                code.clone()
            })
        });
        let name = name.ok_or_else(|| self.wrong("no name", "a property like `ADM1_EN` or `adm1_name`"))?;
        let country = self.country_of(&code)?;
        let mut area = self.area(&code, country, level, name)?;
        if level > 0 {
            area.parent = code_of(level - 1).and_then(|c| Code::new(&c).ok());
        }
        area.valid_from = self
            .get(&["validOn".into(), "valid_on".into(), "date".into()])
            .and_then(|d| d.get(..10)?.parse::<Period>().ok());
        if area.valid_from.is_none() {
            quality.note("areas without a date from which they hold", || format!("/features/{}", self.index));
        }
        Ok(area)
    }

    /// The deepest level of which there is a code.
    fn level(&self) -> Option<u8> {
        (0..=4).rev().find(|level| self.get(&code_names(*level)).is_some())
    }

    /// Whether this feature has the property that holds the code of a level, and nothing in it: a lake in a layer of
    /// districts would be taken for the province that its other codes are of.
    fn has_blank_code(&self, level: u8) -> bool {
        let names = code_names(level);
        let named = |key: &&String| names.iter().any(|name| key.eq_ignore_ascii_case(name));
        self.map.keys().any(|key| named(&key)) && self.get(&names).is_none()
    }

    /// The country that a layer says it is of; where it says none that of the P-code ([`Countries::of_place`]).
    ///
    /// [`Countries::of_place`]: wegen_model::Countries::of_place
    fn country_of(&self, code: &str) -> Result<&'static Country, SourceError> {
        let said = ["iso3", "iso2", "ADM0_PCODE", "admin0Pcod", "admin0Pcode", "A0Code", "CNTRY_CODE"]
            .iter()
            .filter_map(|name| self.get(&[(*name).to_owned()]))
            .find_map(|said| countries().by_iso3(&said).or_else(|| countries().by_iso2(&said)));
        let of_code = || countries().by_iso3(countries().of_place(Code::new(code).ok()?)?.as_str());
        said.or_else(of_code).ok_or_else(|| {
            self.wrong(code, "a country in `iso3`, `iso2` or `ADM0_PCODE`, or a P-code that the table holds")
        })
    }

    /// The name of the area: in English, French, Spanish or Portuguese where the layer has it, else in the first
    /// language that it has.
    fn name(&self, level: u8) -> Option<String> {
        const FIRST: [&str; 4] = ["en", "fr", "es", "pt"];
        let mut names: Vec<(String, String)> = Vec::new();
        for (key, value) in self.map {
            let Some(language) = self.language(key, level) else { continue };
            let text = text_of(Some(value)).trim().to_owned();
            if !text.is_empty() {
                names.push((language, text));
            }
        }
        let named = |language: &str| names.iter().find(|(l, _)| l == language).map(|(_, name)| name.clone());
        FIRST
            .iter()
            .find_map(|language| named(language))
            .or_else(|| self.get(&[format!("admin{level}Name"), format!("A{level}NameEn"), "HRname".into()]))
            .or_else(|| names.first().map(|(_, name)| name.clone()))
    }

    /// The language of the name of a level that a property holds: of `ADM1_PT` and `admin1Name_pt` `pt`; since 2025 of
    /// `adm1_name` what stands in `lang`, of `adm1_name1` what stands in `lang1`. `None` where it is no name of the level.
    fn language(&self, key: &str, level: u8) -> Option<String> {
        let key = key.to_ascii_lowercase();
        if let Some(of) = key.strip_prefix(&format!("admin{level}name_")) {
            return Some(of.to_owned());
        }
        let of = key.strip_prefix(&format!("adm{level}_"))?;
        match of.strip_prefix("name") {
            Some(n) => Some(self.get(&[format!("lang{n}")]).unwrap_or_else(|| format!("~{n}"))),
            None => (of.len() == 2).then(|| of.to_owned()),
        }
    }

    fn natural_earth(&self, quality: &mut Quality) -> Result<Area, SourceError> {
        let code =
            self.get(&["adm1_code".into()]).ok_or_else(|| self.wrong("no code", "a property `adm1_code`"))?;
        let owner =
            self.get(&["adm0_a3".into()]).ok_or_else(|| self.wrong("no country", "a property `adm0_a3`"))?;
        let country = self.country(&owner, quality)?;
        let name = self.get(&["name".into(), "gn_name".into()]).unwrap_or_else(|| code.clone());
        if Code::new(&code).is_ok() {
            return self.area(&code, country, 1, name);
        }
        // `DJI+99?` is how the set marks a code that is still to be given.
        quality
            .note("areas without a code of their own; numbered here", || format!("/features/{}", self.index));
        self.area(&format!("{owner}-x{}", self.index), country, 1, name)
    }

    fn natural_earth_country(&self, quality: &mut Quality) -> Result<Area, SourceError> {
        let given = |name: &str| self.get(&[name.into()]).filter(|c| c != "-99");
        // Northern Cyprus and the like have a code of Natural Earth's alone.
        let own = || given("ADM0_A3").filter(|c| countries().by_iso3(iso_of(c)).is_some());
        let code = given("ISO_A3_EH").or_else(|| given("ISO_A3")).or_else(own);
        let named = self.get(&["name".into(), "ADMIN".into()]);
        match (code, named) {
            (Some(code), name) => {
                let country = self.country(&code, quality)?;
                self.area(country.iso3.as_str(), country, 0, name.unwrap_or(code))
            }
            (None, Some(name)) => match countries().by_name(&expand(&name)) {
                Some(country) => self.area(country.iso3.as_str(), country, 0, name),
                None => {
                    // A territory without an ISO code: kept under a code of its own.
                    quality.note("territories without an ISO code", || name.clone());
                    let code = format!("NE{:03}", self.index);
                    let mut area = self.area(&code, &countries().all()[0], 0, name)?;
                    area.country = area.code;
                    Ok(area)
                }
            },
            (None, None) => Err(self.wrong("no code and no name", "a country")),
        }
    }

    /// ISO's code, or the country that Natural Earth's own code stands for here.
    fn country(&self, code: &str, quality: &mut Quality) -> Result<&'static Country, SourceError> {
        let own = iso_of(code);
        if own != code {
            quality.note(&format!("Natural Earth's `{code}`, read as {own}"), || {
                format!("/features/{}", self.index)
            });
        }
        countries().by_iso3(own).ok_or_else(|| self.wrong(code, "a country's code"))
    }
}

/// What the property with the code of a level has been named.
fn code_names(level: u8) -> [String; 4] {
    [
        format!("ADM{level}_PCODE"),
        format!("admin{level}Pcod"),
        format!("admin{level}Pcode"),
        format!("A{level}Code"),
    ]
}

/// ISO's code for one of Natural Earth's own.
fn iso_of(code: &str) -> &str {
    match code {
        "PSX" => "PSE",
        "SDS" => "SSD",
        "SOL" => "SOM",
        "SAH" => "ESH",
        "KOS" => "XKX",
        other => other,
    }
}

/// Natural Earth's short names at 1:50m.
fn expand(name: &str) -> String {
    name.replace("Dem. Rep.", "Democratic Republic of the")
        .replace("Rep.", "Republic")
        .replace("S. Sudan", "South Sudan")
        .replace("W. Sahara", "Western Sahara")
        .replace("Eq. Guinea", "Equatorial Guinea")
        .replace(" Is.", " Islands")
        .replace("St. ", "Saint ")
}
