//! IOM Missing Migrants: the yearly JSON, the public downloads since 2019 as CSV and as workbooks, and IOM's package.
//!
//! | download | id | when | country of incident |
//! |---|---|---|---|
//! | 2019, 2020 | a number (`Web ID`) | `March 28, 2019` or `13-Jan-20` | none |
//! | 2022 | `2014.MMP00001` | `2014-01-06` | none |
//! | aggregated, 2023 | none | year and month | none |
//! | since 2024 | `2014.MMP00001` | `2014-01-06` | given |
//!
//! Where there is no country of incident the place is unknown: a point at sea lies in no country, and the publisher
//! counts such an incident with the nearest or the searching state. A number as id is of an older system that no later
//! release has, and is not kept as the incident's id.
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
use wegen_model::{CauseGroup, Code, ENGLISH_MONTHS, Incident, Period, Record, Setting, countries};

use crate::{
    File, Parsed, Parser, SourceError, land_mask,
    numbers::Holds,
    table::{Row, Shared, Spec, column, header, is_json, maybe, number_of, rows_or_sheet},
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
const MONTH: usize = 13;

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

/// The public download since it has a country of incident.
static DOWNLOAD: Spec = Spec {
    columns: &[
        // One main id may have several rows, and one row several incident ids.
        column(&["Main ID", "Web ID", "Incident ID"]),
        column(DATES),
        column(YEARS),
        column(DEATHS),
        column(MISSED),
        maybe(TOTALS),
        column(CAUSES),
        column(&["Country of Incident", "Country of incident"]),
        column(ROUTES),
        maybe(POINTS),
        maybe(ORIGINS),
        maybe(&["Latitude"]),
        maybe(&["Longitude"]),
        maybe(MONTHS),
    ],
    also: DOWNLOAD_ALSO,
    pointer: "",
};

/// The public downloads of 2019 to 2022: without a country of incident.
static WITHOUT_COUNTRY: Spec = Spec {
    columns: &[
        column(&["Main ID", "Web ID", "Incident ID"]),
        column(DATES),
        column(YEARS),
        column(DEATHS),
        column(MISSED),
        maybe(TOTALS),
        column(CAUSES),
        // A column that this form has not: its header would be another form.
        maybe(&["Country of Incident"]),
        column(ROUTES),
        column(POINTS),
        maybe(ORIGINS),
        maybe(&["Latitude"]),
        maybe(&["Longitude"]),
        maybe(MONTHS),
    ],
    also: DOWNLOAD_ALSO,
    pointer: "",
};

/// The aggregated download of 2023: without id, day and country of incident.
static BY_MONTH: Spec = Spec {
    columns: &[
        maybe(&["Main ID"]),
        maybe(DATES),
        column(YEARS),
        column(DEATHS),
        column(MISSED),
        maybe(TOTALS),
        column(CAUSES),
        maybe(&["Country of Incident"]),
        column(ROUTES),
        column(POINTS),
        maybe(ORIGINS),
        maybe(&["Latitude"]),
        maybe(&["Longitude"]),
        column(MONTHS),
    ],
    also: DOWNLOAD_ALSO,
    pointer: "",
};

const DATES: &[&str] = &["Incident Date", "Incident date", "Reported Date", "Website Date"];
const YEARS: &[&str] = &["Year", "Incident Year", "Incident year", "Reported Year"];
const MONTHS: &[&str] = &["Reported Month", "Incident month", "Month"];
const DEATHS: &[&str] = &["Number Dead", "Number of Dead", "No. dead"];
const MISSED: &[&str] = &["Minimum Estimated Number of Missing", "No. missing"];
const TOTALS: &[&str] = &["Total Number of Dead and Missing", "Total Dead and Missing", "No. dead/missing"];
const CAUSES: &[&str] = &["Cause of Death", "Cause of death (category)"];
const ROUTES: &[&str] = &["Migration Route", "Migration route", "Route"];
const POINTS: &[&str] = &["Coordinates", "Location Coordinates"];
const ORIGINS: &[&str] = &["Country of Origin", "Country of origin"];
const DOWNLOAD_ALSO: &[&str] = &[
    "Incident ID",
    "Incident Type",
    "Region",
    "Region of Incident",
    "Region of incident",
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
];

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
        let header = files.first().filter(|_| !json).map(header).unwrap_or_default();
        let (spec, capture) = match files.first() {
            Some(_) if !json && PACKAGE.lacks(&header) == 0 => (&PACKAGE, "package gdidata"),
            Some(_) if json || API.lacks(&header) == 0 => (&API, "api"),
            // A column that has been renamed is missed: without a country only what is known to be without one.
            Some(_) if WITHOUT_COUNTRY.is(&header) && DOWNLOAD.lacks(&header) > 0 => {
                (&WITHOUT_COUNTRY, "csv")
            }
            Some(_) if BY_MONTH.is(&header) && DOWNLOAD.lacks(&header) > 0 => (&BY_MONTH, "csv by month"),
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
                let id = incident.id.clone();
                // An id of the older system would be taken for an incident that later releases do not have.
                if incident.id.as_ref().is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit())) {
                    quality
                        .note("ids of the older system, which later releases do not have, left out", || {
                            row.place()
                        });
                    incident.id = None;
                }
                if id.is_some_and(|id| !ids.insert(number_of(&id))) {
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
            rows_read += rows_or_sheet(file, part as u32, spec, &mut quality, &mut each)?;
        }
        again.say(&mut quality);
        Ok(Parsed { capture, layout: spec.layout_in(files)?, quality, rows_read, records })
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
    let day = date(row)?;
    // With a country of incident, a row without a date has neither day nor month, but for a date that is a nought.
    let known_by_month = row.maybe_text(COUNTRY).is_empty() || row.text(DATE) == "0";
    let period = day.or_else(|| month(row).filter(|_| known_by_month));
    match (day, period) {
        (None, Some(_)) => quality.note("rows without a day, known by month", || row.place()),
        (None, None) => {
            quality.note("rows without a date; counted in the year of their file or id", || row.place());
        }
        _ => {}
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

/// A month by its English name, or the beginning of it.
fn month_of(name: &str) -> Option<i8> {
    let name = name.trim().to_lowercase();
    let at = ENGLISH_MONTHS.iter().position(|m| name.len() >= 3 && m.starts_with(name.as_str()))?;
    i8::try_from(at + 1).ok()
}

/// ISO, or as the downloads have had it: `March 28, 2019`, `13-Jan-20`, and `Mon, 01/06/2014` (month first).
fn date(row: &Row<'_>) -> Result<Option<Period>, SourceError> {
    let text = row.text(DATE);
    // A cell of a workbook that is formatted as a date and holds none.
    if text == "0" {
        return Ok(None);
    }
    let wrong = || row.wrong(DATE, "a day that exists");
    let exists = |period: Option<Period>| {
        period.filter(|p| p.day().is_some() && (1800..=2200).contains(&p.year())).map(Some).ok_or_else(wrong)
    };
    let of = |year: &str, month: Option<i8>, day: &str| {
        Period::from_parts(year.trim().parse().ok()?, month?, day.trim().parse().ok()?)
    };
    if let Some((first, year)) = text.split_once(", ")
        && let Some((name, day)) = first.split_once(' ')
    {
        return exists(of(year, month_of(name), day));
    }
    if let [day, name, year] = text.split('-').collect::<Vec<_>>()[..]
        && month_of(name).is_some()
    {
        // Two digits of the project's years, which began in 2014.
        let year = if year.len() == 2 { format!("20{year}") } else { year.to_owned() };
        return exists(of(&year, month_of(name), day));
    }
    let american = text.split_once(", ").map_or(text, |(_, rest)| rest);
    if let [month, day, year] = american.split('/').collect::<Vec<_>>()[..] {
        return exists(of(year, month.parse().ok(), day));
    }
    row.maybe_day(DATE)
}

/// The month of a row, by its name or number, in the year that stands beside it.
fn month(row: &Row<'_>) -> Option<Period> {
    let text = row.maybe_text(MONTH);
    let month = month_of(text).or_else(|| text.parse().ok())?;
    Period::of_month(row.year(YEAR).ok()?.year().try_into().ok()?, month)
}

/// A point in degrees, from two columns or from `lat, lon` in one; `None` where there is none that is usable.
fn point(row: &Row<'_>, quality: &mut Quality) -> Result<Option<(f64, f64)>, SourceError> {
    let (lat, lon) = match row.text(POINT) {
        "" => (row.maybe_number(LATITUDE)?, row.maybe_number(LONGITUDE)?),
        text => {
            let in_text =
                text.strip_prefix("POINT").and_then(|t| t.trim().strip_prefix('(')?.strip_suffix(')'));
            let parts = match in_text {
                Some(point) => point.trim().split_once(' ').map(|(lon, lat)| (lat, lon)),
                None => text.split_once(','),
            };
            let degrees = |t: &str| t.trim().parse::<f64>().ok();
            let point = parts.and_then(|(lat, lon)| Some((degrees(lat)?, degrees(lon)?)));
            if point.is_none() {
                quality.note("points that cannot be read; kept without a point", || row.place());
            }
            point.unzip()
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
    let of = |name: &str| countries().by_iso3(name).or_else(|| countries().by_name(name)).map(|c| c.iso3);
    if let Some(country) = of(&name) {
        return Ok(Some(country));
    }
    // `Libya - presumed departure on 12-14 April`, `Morocco (en route to Ceuta)`.
    let before =
        [" - ", " ("].iter().filter_map(|mark| name.split_once(mark)).find_map(|(first, _)| of(first.trim()));
    if let Some(country) = before {
        quality.note("countries of incident with a remark behind them, left out", || row.place());
        return Ok(Some(country));
    }
    // `012 52E`: what is no name of anything tells no country, and says nothing of the other cells.
    if name.contains(|c: char| c.is_ascii_digit()) {
        quality.note("rows with something else than a country as country of incident", || row.place());
        return Ok(None);
    }
    if name.contains([',', ';']) && name.split([',', ';']).all(|part| of(part.trim()).is_some()) {
        quality.note("rows with several countries of incident", || row.place());
        return Ok(None);
    }
    Err(row.wrong(column, "a country"))
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
