//! IOM Missing Migrants: the yearly JSON, the public CSV download, and IOM's package.
//!
//! Traps: an incident is a main id, and one that was split comes as several rows of one id, some of them alike in
//! everything: all rows are added, and the first of an id counts as the incident; a `missing` below zero takes back
//! people who have been found dead since; some rows have no date; the member `location_coodinates` (sic) holds `lat,
//! lon`; dead and missing may be blank while the total is filled; the same year grows between captures. A figure is a
//! minimum.
//!
//! **Cause groups.** Where the publisher gives one of its groups, that one; where it gives several, mixed.
//! Free text of older rows is grouped by the words in it ([`cause`]).
//!
//! **Sea and land.** At sea: the point lies in the sea on Natural Earth 1:50m (a grid of 0.05°), or the cause
//! is drowning and the point lies on land within 25 km of the sea (bodies washed ashore, harbours). On land:
//! every other point, rivers and lakes included. Unknown: no usable point.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use h3o::{LatLng, Resolution};
use wegen_ledger::{Quality, Records};
use wegen_model::{CauseGroup, Code, Incident, Period, Record, Setting, countries};

use crate::{
    File, Parsed, Parser, SourceError, land_mask,
    numbers::Holds,
    table::{Row, Shared, Spec, column, is_json, maybe, number_of, rows},
};

pub(crate) struct MissingMigrants;

const ID: usize = 0;
const DATE: usize = 1;
const YEAR: usize = 2;
const DEAD: usize = 3;
const MISSING: usize = 4;
const TOTAL: usize = 5;
const CAUSE: usize = 6;
const COUNTRY: usize = 7;
const ROUTE: usize = 8;
const POINT: usize = 9;
const ORIGIN: usize = 10;
const LATITUDE: usize = 11;
const LONGITUDE: usize = 12;

static API: Spec = Spec {
    columns: &[
        column(&["web_id"]),
        column(&["reported_date"]),
        maybe(&["api_year"]),
        column(&["number_dead"]),
        column(&["number_missing"]),
        column(&["total_dead_and_missing"]),
        column(&["cause_death"]),
        column(&["country_of_incident"]),
        column(&["migration_route"]),
        column(&["location_coodinates", "location_coordinates"]),
        maybe(&["country_origin"]),
        maybe(&["latitude"]),
        maybe(&["longitude"]),
    ],
    also: &[
        "region",
        "number_of_survivors",
        "number_of_female",
        "number_of_male",
        "number_of_children",
        "region_origin",
        "location_description",
        "unsd_geographic_grouping",
        "information_source",
        "url",
        "source_quality",
    ],
    pointer: "",
};

static DOWNLOAD: Spec = Spec {
    columns: &[
        // One main id may have several rows, and one row several incident ids.
        column(&["Main ID", "Web ID", "Incident ID"]),
        column(&["Incident Date", "Incident date", "Reported Date", "Website Date"]),
        column(&["Year", "Incident Year", "Incident year", "Reported Year"]),
        column(&["Number Dead", "Number of Dead", "No. dead"]),
        column(&["Minimum Estimated Number of Missing", "No. missing"]),
        maybe(&["Total Number of Dead and Missing", "Total Dead and Missing", "No. dead/missing"]),
        column(&["Cause of Death", "Cause of death (category)"]),
        column(&["Country of Incident", "Country of incident"]),
        column(&["Migration Route", "Migration route", "Route"]),
        maybe(&["Coordinates", "Location Coordinates"]),
        maybe(&["Country of Origin", "Country of origin"]),
        maybe(&["Latitude"]),
        maybe(&["Longitude"]),
    ],
    also: &[
        "Incident ID",
        "Incident Type",
        "Region",
        "Region of Incident",
        "Region of incident",
        "Reported Month",
        "Incident month",
        "Number of Survivors",
        "No. survivors",
        "Number of Females",
        "No. Female",
        "Number of Males",
        "No. Male",
        "Number of Children",
        "No. minors",
        "Region of Origin",
        "Cause of death (reported)",
        "Location of Incident",
        "Location of Death",
        "Location of death",
        "Location Description",
        "UNSD Geographical Grouping",
        "UNSD region",
        "Information Source",
        "Source",
        "URL",
        "Link",
        "Source Quality",
        "Article title",
        "incident_date_clean",
        "incident_date_raw",
        "incident_date_precision",
        "source_dataset",
    ],
    pointer: "",
};

static PACKAGE: Spec = Spec {
    columns: &[
        maybe(&["id"]),
        column(&["t"]),
        maybe(&["year"]),
        maybe(&["missing"]),
        maybe(&["no_missing"]),
        column(&["dead"]),
        column(&["cause"]),
        column(&["geo"]),
        column(&["route"]),
        maybe(&["coordinates"]),
        column(&["nat"]),
        column(&["lat"]),
        column(&["lon"]),
    ],
    also: &["m", "type", "surv", "location"],
    pointer: "",
};

impl Parser for MissingMigrants {
    fn source(&self) -> &'static str {
        "iom-missing-migrants"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let (spec, capture) = match files.first() {
            Some(file) if PACKAGE.fits(file) => (&PACKAGE, "package gdidata"),
            Some(file) if json || API.fits(file) => (&API, "api"),
            _ => (&DOWNLOAD, "csv"),
        };
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut routes = Shared::default();
        // By their numbers, which take a bounded part of memory however many rows there are.
        let mut ids: HashSet<u64> = HashSet::new();
        let (mut alike, mut again) = (HashSet::new(), Again::default());
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                row.held(alike.len())?;
                let mut incident = incident(row, file_year(&file.name), quality, &mut routes)?;
                if incident.id.as_ref().is_some_and(|id| !ids.insert(number_of(id))) {
                    incident.incidents = 0;
                    quality.note("ids that repeat (split incidents); every row is kept", || row.place());
                    if !alike.insert(row.likeness()) {
                        again.add(&incident, row);
                    }
                } else {
                    alike.insert(row.likeness());
                }
                records.push(Record::Incident(incident))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, spec, &mut quality, &mut each)?;
        }
        again.say(&mut quality);
        Ok(Parsed { capture, layout: spec.layout(json), quality, rows_read, records })
    }
}

/// Rows that are alike in everything with an earlier one: pieces of incidents that were split, which stay.
#[derive(Default)]
struct Again {
    rows: u32,
    people: i64,
    first: String,
}

impl Again {
    fn add(&mut self, incident: &Incident, row: &Row<'_>) {
        if self.rows == 0 {
            self.first = row.place();
        }
        self.rows += 1;
        self.people += i64::from(incident.total.unwrap_or(0));
    }

    fn say(self, quality: &mut Quality) {
        if self.rows > 0 {
            let what = format!(
                "rows alike in everything with an earlier one, pieces of split incidents, are kept: {} rows with {} people",
                self.rows, self.people
            );
            quality.note(&what, || self.first);
        }
    }
}

fn incident(
    row: &Row<'_>,
    file_year: Option<i32>,
    quality: &mut Quality,
    routes: &mut Shared,
) -> Result<Incident, SourceError> {
    let period = date(row)?;
    if period.is_none() {
        quality.note("rows without a date; counted in the year of their file or id", || row.place());
    }
    // The publisher counts a row in the year of its file, also where the date says another.
    let stated = (!row.text(YEAR).is_empty()).then(|| row.year(YEAR)).transpose()?.map(Period::year);
    let year = stated
        .or(file_year)
        .or(period.map(Period::year))
        .or_else(|| id_year(main_id(row).as_deref().unwrap_or_default()))
        .ok_or_else(|| row.wrong(DATE, "a day or a year"))?;
    let (dead, missing) = (people(row, DEAD, quality)?, signed(row, MISSING, quality)?);
    let total = match signed(row, TOTAL, quality)? {
        Some(total) => Some(total),
        None if dead.is_some() || missing.is_some() => {
            let sum = i64::from(dead.unwrap_or(0)) + i64::from(missing.unwrap_or(0));
            Some(i32::try_from(sum).map_err(|_| row.wrong(DEAD, "a count of people"))?)
        }
        None => {
            quality.note("rows without any number", || row.place());
            None
        }
    };
    if dead.is_none() && missing.is_none() && total.is_some() {
        quality.note("rows with a total and neither of its parts", || row.place());
    }
    let point = point(row, quality)?;
    let cause = cause(row.text(CAUSE));
    let setting = match point {
        None => Setting::Unknown,
        Some((lat, lon)) if land_mask().is_sea(lat, lon) => Setting::Sea,
        Some((lat, lon)) if cause == CauseGroup::Drowning && land_mask().is_by_the_sea(lat, lon) => {
            Setting::Sea
        }
        Some(_) => Setting::Land,
    };
    let route = decode(row.text(ROUTE));
    let route = (!route.is_empty() && route != "Undefined").then(|| routes.get(&route));
    Ok(Incident {
        id: main_id(row),
        period,
        year,
        place: country(row, COUNTRY, quality)?,
        route,
        origin: origin(row, quality),
        cause,
        setting,
        cell: point.and_then(|(lat, lon)| cell(lat, lon)),
        dead,
        missing,
        total,
        incidents: 1,
        locator: row.locator(TOTAL),
    })
}

/// The publisher's main id, without the mark of byte order that some files have in front of it.
fn main_id(row: &Row<'_>) -> Option<Arc<str>> {
    let id = row.text(ID).trim_start_matches('\u{feff}').trim();
    (!id.is_empty()).then(|| id.into())
}

/// The year with which an id begins (`2020.MMP01097`), where it does.
fn id_year(id: &str) -> Option<i32> {
    let (year, _) = id.split_once('.')?;
    year.parse().ok().filter(|y| year.len() == 4 && (2000..2100).contains(y))
}

/// A count of people, below zero where it takes back people who have been found dead since.
fn signed(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Option<i32>, SourceError> {
    let wrong = || row.wrong(column, "a whole count of people");
    match row.number(column, Holds::Tallies)? {
        Some(taken) if taken < 0.0 => {
            let whole = taken.fract() == 0.0 && taken >= f64::from(i32::MIN);
            quality.note("counts below zero, which take back people found dead since", || row.place());
            whole.then_some(Some(taken as i32)).ok_or_else(wrong)
        }
        Some(value) => i32::try_from(row.whole_number(column, value)?).map(Some).map_err(|_| wrong()),
        None => Ok(None),
    }
}

/// A count of people.
///
/// The publisher has one of the largest with a separator of thousands (`1,022`, the shipwreck of 18 April 2015); a
/// reader that takes the comma for no number loses those people from every total. Nobody is found alive by a number of
/// dead below zero, which would be noted and read as blank.
fn people(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Option<u32>, SourceError> {
    match row.number(column, Holds::Tallies)? {
        Some(value) if value < 0.0 => {
            quality.note("counts below zero, read as not reported", || row.place());
            Ok(None)
        }
        value => value.map(|value| row.whole_number(column, value)).transpose(),
    }
}

/// `2024.json`, `2024-json.json`: the year that the API's file is of.
fn file_year(name: &str) -> Option<i32> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let year = name.get(..4)?.parse().ok().filter(|y| (2000..2100).contains(y))?;
    name.contains("json").then_some(year)
}

/// ISO, or the download's older `Mon, 01/06/2014` (month first).
fn date(row: &Row<'_>) -> Result<Option<Period>, SourceError> {
    let text = row.text(DATE);
    let american = text.split_once(", ").map_or(text, |(_, rest)| rest);
    if let [month, day, year] = american.split('/').collect::<Vec<_>>()[..] {
        let parts = month.parse().ok().zip(day.parse().ok()).zip(year.parse().ok());
        let period = parts.and_then(|((m, d), y): ((i8, i8), i16)| Period::from_parts(y, m, d));
        return match period.filter(|p| p.day().is_some() && (1800..=2200).contains(&p.year())) {
            Some(period) => Ok(Some(period)),
            None => Err(row.wrong(DATE, "a day that exists")),
        };
    }
    row.maybe_day(DATE)
}

/// A point in degrees, from two columns or from `lat, lon` in one; `None` where there is none that is usable.
fn point(row: &Row<'_>, quality: &mut Quality) -> Result<Option<(f64, f64)>, SourceError> {
    let (lat, lon) = match row.text(POINT) {
        "" => (row.maybe_number(LATITUDE)?, row.maybe_number(LONGITUDE)?),
        text => {
            let (lat, lon) = text.split_once(',').ok_or_else(|| row.wrong(POINT, "`latitude, longitude`"))?;
            let degrees =
                |t: &str| t.trim().parse::<f64>().map_err(|_| row.wrong(POINT, "`latitude, longitude`"));
            (Some(degrees(lat)?), Some(degrees(lon)?))
        }
    };
    match (lat, lon) {
        (Some(lat), Some(lon)) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => Ok(Some((lat, lon))),
        (None, _) | (_, None) => Ok(None),
        _ => {
            quality.note("points beyond the map; kept without a point", || row.place());
            Ok(None)
        }
    }
}

/// The H3 cell of a point, resolution 4.
fn cell(lat: f64, lon: f64) -> Option<Code> {
    Code::new(&LatLng::new(lat, lon).ok()?.to_cell(Resolution::Four).to_string()).ok()
}

fn country(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Option<Code>, SourceError> {
    let name = decode(row.text(column));
    if name.is_empty() || name == "NA" || name == "Unknown" || name == "Mixed/Unknown" || name == "UNK" {
        quality.note("rows without a country of incident", || row.place());
        return Ok(None);
    }
    let found = countries().by_iso3(&name).or_else(|| countries().by_name(&name));
    found.map(|c| Some(c.iso3)).ok_or_else(|| row.wrong(column, "a country"))
}

/// The country of origin where one single country is published; several or none are left open.
fn origin(row: &Row<'_>, quality: &mut Quality) -> Option<Code> {
    let name = decode(row.text(ORIGIN));
    let found = countries().by_iso3(&name).or_else(|| countries().by_name(&name));
    if found.is_none() {
        let unknown = matches!(&*name, "" | "UNK" | "NA" | "Unknown");
        let what = if unknown {
            "rows without a country of origin"
        } else {
            "rows with several countries of origin"
        };
        quality.note(what, || row.place());
    }
    found.map(|c| c.iso3)
}

/// The group of a cause: the publisher's own where it gives one, otherwise by the words of its text.
fn cause(text: &str) -> CauseGroup {
    const GROUPS: [(&str, CauseGroup); 7] = [
        ("drowning", CauseGroup::Drowning),
        ("vehicle accident / death linked to hazardous transport", CauseGroup::Vehicle),
        ("harsh environmental conditions / lack of adequate shelter, food, water", CauseGroup::Environment),
        ("sickness / lack of access to adequate healthcare", CauseGroup::Sickness),
        ("violence", CauseGroup::Violence),
        ("accidental death", CauseGroup::Accident),
        ("mixed or unknown", CauseGroup::Unknown),
    ];
    const WORDS: [(CauseGroup, &[&str]); 6] = [
        (CauseGroup::Drowning, &["drown"]),
        (
            CauseGroup::Violence,
            &[
                "shot",
                "shoot",
                "shell",
                "violen",
                "stab",
                "beat",
                "murder",
                "sexual",
                "explosi",
                "kill",
                "tortur",
                "attack",
                "airstrike",
            ],
        ),
        (
            CauseGroup::Vehicle,
            &["vehicle", "car ", "bus ", "truck", "train", "road", "lorry", "crash", "transport"],
        ),
        (
            CauseGroup::Environment,
            &[
                "dehydrat",
                "starv",
                "hypotherm",
                "hyperthermia",
                "exposure",
                "environment",
                "heat",
                "cold",
                "thirst",
                "hunger",
                "avalanche",
            ],
        ),
        (
            CauseGroup::Sickness,
            &["sick", "disease", "medic", "heart", "illness", "infection", "health", "cardiac", "covid"],
        ),
        (
            CauseGroup::Accident,
            &[
                "fall",
                "fell",
                "accident",
                "electrocut",
                "burn",
                "fire",
                "crush",
                "suffoc",
                "asphyx",
                "poison",
            ],
        ),
    ];
    let lower = text.to_lowercase();
    if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == lower) {
        return *group;
    }
    // Several of the publisher's groups in one cell.
    if GROUPS.iter().filter(|(name, _)| lower.contains(name)).count() > 1 {
        return CauseGroup::Unknown;
    }
    let padded = format!("{lower} ");
    WORDS
        .iter()
        .find(|(_, words)| words.iter().any(|w| padded.contains(w)))
        .map_or(CauseGroup::Unknown, |(g, _)| *g)
}

/// The five entities of XML, numeric ones, and blanks.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find(';').filter(|e| *e <= 8) else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let entity = &rest[1..end];
        let number = entity
            .strip_prefix("#x")
            .and_then(|h| u32::from_str_radix(h, 16).ok())
            .or_else(|| entity.strip_prefix('#').and_then(|d| d.parse().ok()));
        match (entity, number.and_then(char::from_u32)) {
            ("amp", _) => out.push('&'),
            ("lt", _) => out.push('<'),
            ("gt", _) => out.push('>'),
            ("quot", _) => out.push('"'),
            ("apos", _) => out.push('\''),
            ("nbsp", _) => out.push(' '),
            (_, Some(c)) => out.push(c),
            _ => out.push_str(&rest[..=end]),
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_grouped() {
        for (text, group) in [
            ("Drowning", CauseGroup::Drowning),
            ("Presumed drowning", CauseGroup::Drowning),
            ("Drowning,Violence", CauseGroup::Unknown),
            ("Artillery shelling by SBG", CauseGroup::Violence),
            ("Shot by Turkish border guards", CauseGroup::Violence),
            ("Sickness_and_lack_of_access_to_medicines", CauseGroup::Sickness),
            ("Car Accident", CauseGroup::Vehicle),
            ("Vehicle accident / death linked to hazardous transport", CauseGroup::Vehicle),
            ("Probable hyperthermia", CauseGroup::Environment),
            ("Unknown (skeletal remains)", CauseGroup::Unknown),
            ("", CauseGroup::Unknown),
        ] {
            assert_eq!(cause(text), group, "{text}");
        }
    }

    #[test]
    fn entities_are_decoded() {
        assert_eq!(decode("C&ocirc;te d&#39;Ivoire"), "C&ocirc;te d'Ivoire");
        assert_eq!(decode("Bosnia &amp; Herzegovina"), "Bosnia & Herzegovina");
        assert_eq!(decode("a & b &; &#xZZ;"), "a & b &; &#xZZ;");
    }

    #[test]
    fn the_year_of_a_file() {
        assert_eq!(file_year("captures/2019-json.json"), Some(2019));
        assert_eq!(file_year("MissingMigrants-Global-2026-05-06.csv"), None);
    }
}
