//! Uppsala Conflict Data Program: organised violence by country and year, and georeferenced events.
//!
//! Traps: the `cumulative_*` columns are the sum of the three types and are read as the total, never added to
//! them; countries have Gleditsch–Ward ids; a second line can hold HXL tags; the most precise place of an event
//! may be a province (`where_prec` 4 and up) or the country alone (6), and its `adm_1` a district.

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, Event, Observation, Record, Status, Violence, countries, indicator};

use crate::{
    File, Parsed, Parser, SourceError,
    table::{Row, Shared, Spec, column, is_json, maybe, rows},
};

pub(crate) fn parsers() -> Vec<Box<dyn Parser>> {
    vec![Box::new(CountryYear), Box::new(Ged)]
}

struct CountryYear;

static COUNTRY_YEAR: Spec = Spec {
    columns: &[
        column(&["country_id_cy"]),
        column(&["year_cy"]),
        column(&["sb_total_deaths_best_cy"]),
        column(&["sb_total_deaths_low_cy"]),
        column(&["sb_total_deaths_high_cy"]),
        column(&["ns_total_deaths_best_cy"]),
        column(&["ns_total_deaths_low_cy"]),
        column(&["ns_total_deaths_high_cy"]),
        column(&["os_total_deaths_best_cy"]),
        column(&["os_total_deaths_low_cy"]),
        column(&["os_total_deaths_high_cy"]),
        column(&["cumulative_total_deaths_in_orgvio_best_cy"]),
        column(&["cumulative_total_deaths_in_orgvio_low_cy"]),
        column(&["cumulative_total_deaths_in_orgvio_high_cy"]),
        maybe(&["version"]),
        maybe(&["country_cy"]),
    ],
    also: &[
        "region_cy",
        "main_govt_name_cy",
        "sb_exist_cy",
        "sb_dyad_count_cy",
        "sb_dyad_ids_cy",
        "sb_dyad_names_cy",
        "sb_deaths_parties_cy",
        "sb_deaths_civilians_cy",
        "sb_deaths_unknown_cy",
        "sb_intrastate_exist_cy",
        "sb_intrastate_dyad_count_cy",
        "sb_intrastate_dyad_ids_cy",
        "sb_intrastate_dyad_names_cy",
        "sb_intrastate_main_govt_inv_incomp_cy",
        "sb_intrastate_deaths_parties_cy",
        "sb_intrastate_deaths_civilians_cy",
        "sb_intrastate_deaths_unknown_cy",
        "sb_intrastate_deaths_best_cy",
        "sb_intrastate_deaths_high_cy",
        "sb_intrastate_deaths_low_cy",
        "sb_interstate_exist_cy",
        "sb_interstate_dyad_count_cy",
        "sb_interstate_dyad_ids_cy",
        "sb_interstate_dyad_names_cy",
        "sb_interstate_main_govt_inv_incomp_cy",
        "sb_interstate_deaths_parties_cy",
        "sb_interstate_deaths_civilians_cy",
        "sb_interstate_deaths_unknown_cy",
        "sb_interstate_deaths_best_cy",
        "sb_interstate_deaths_high_cy",
        "sb_interstate_deaths_low_cy",
        "ns_exist_cy",
        "ns_dyad_count_cy",
        "ns_dyad_ids_cy",
        "ns_dyad_names_cy",
        "ns_deaths_parties_cy",
        "ns_deaths_civilians_cy",
        "ns_deaths_unknown_cy",
        "os_exist_cy",
        "os_dyad_count_cy",
        "os_dyad_ids_cy",
        "os_dyad_names_cy",
        "os_main_govt_inv_cy",
        "os_main_govt_killings_best_cy",
        "os_main_govt_killings_high_cy",
        "os_main_govt_killings_low_cy",
        "os_any_govt_inv_cy",
        "os_any_govt_killings_best_cy",
        "os_any_govt_killings_high_cy",
        "os_any_govt_killings_low_cy",
        "os_nsgroup_inv_cy",
        "os_nsgroup_killings_best_cy",
        "os_nsgroup_killings_high_cy",
        "os_nsgroup_killings_low_cy",
        "os_killings_unknown_cy",
        "cumulative_total_deaths_parties_in_orgvio_cy",
        "cumulative_total_deaths_civilians_in_orgvio_cy",
        "cumulative_total_deaths_unknown_in_orgvio_cy",
    ],
    pointer: "/Result",
};

/// A Gleditsch–Ward id as a country; states that are gone keep `GW` and their id, and are noted.
fn country(row: &Row<'_>, column: usize, quality: &mut Quality) -> Result<Code, SourceError> {
    let id = row.count(column)?;
    let id = u16::try_from(id).map_err(|_| row.wrong(column, "a Gleditsch–Ward id"))?;
    if let Some(country) = countries().by_gw(id) {
        return Ok(country.iso3);
    }
    if id == 0 || id > 999 {
        return Err(row.wrong(column, "a Gleditsch–Ward id"));
    }
    quality.note(&format!("Gleditsch–Ward id {id} has no ISO code"), || row.place());
    Code::new(&format!("GW{id}")).map_err(|_| row.wrong(column, "a Gleditsch–Ward id"))
}

impl Parser for CountryYear {
    fn source(&self) -> &'static str {
        "ucdp-country-year"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let ids = [
            indicator::DEATHS_STATE_BASED,
            indicator::DEATHS_NON_STATE,
            indicator::DEATHS_ONE_SIDED,
            indicator::DEATHS_ORGANISED_VIOLENCE,
        ];
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let (place, period) = (country(row, 0, quality)?, row.year(1)?);
                for (i, &indicator) in ids.iter().enumerate() {
                    let best = 2 + 3 * i;
                    let (value, low, high) = (row.count(best)?, row.count(best + 1)?, row.count(best + 2)?);
                    if !(low <= value && value <= high) {
                        quality.note("best estimate outside the low and high ones", || row.place());
                    }
                    records.push(Record::Observation(Observation {
                        indicator,
                        place,
                        counterpart: None,
                        period,
                        value: value.into(),
                        bounds: Some((low.into(), high.into())),
                        status: Status::Estimated,
                        dims: None,
                        locator: row.locator(best),
                    }))?;
                }
                Ok(())
            };
            rows_read += rows(file, part as u32, &COUNTRY_YEAR, &mut quality, &mut each)?;
        }
        let capture = if json { "api" } else { "csv" };
        Ok(Parsed { capture, layout: COUNTRY_YEAR.layout(json), quality, rows_read, records })
    }
}

struct Ged;

static GED: Spec = Spec {
    columns: &[
        column(&["id"]),
        column(&["year"]),
        column(&["type_of_violence"]),
        column(&["where_prec"]),
        column(&["adm_1"]),
        column(&["country_id"]),
        column(&["date_start"]),
        column(&["date_end"]),
        column(&["best", "best_est"]),
        column(&["low", "low_est"]),
        column(&["high", "high_est"]),
        column(&["deaths_civilians"]),
    ],
    also: &[
        "relid",
        "active_year",
        "code_status",
        "conflict_dset_id",
        "conflict_new_id",
        "conflict_name",
        "dyad_dset_id",
        "dyad_new_id",
        "dyad_name",
        "side_a_dset_id",
        "side_a_new_id",
        "side_a",
        "side_b_dset_id",
        "side_b_new_id",
        "side_b",
        "number_of_sources",
        "source_article",
        "source_office",
        "source_date",
        "source_headline",
        "source_original",
        "where_coordinates",
        "where_description",
        "adm_2",
        "latitude",
        "longitude",
        "geom_wkt",
        "priogrid_gid",
        "country",
        "iso3",
        "region",
        "event_clarity",
        "date_prec",
        "deaths_a",
        "deaths_b",
        "deaths_unknown",
        "gwnoa",
        "gwnob",
    ],
    pointer: "/Result",
};

impl Parser for Ged {
    fn source(&self) -> &'static str {
        "ucdp-ged"
    }

    fn version(&self) -> u32 {
        2
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        let mut areas = Shared::default();
        for (part, file) in files.iter().enumerate() {
            let mut each = |row: &Row<'_>, quality: &mut Quality| {
                let id = row.count(0)?;
                let (place, year) = (country(row, 5, quality)?, row.year(1)?);
                let violence = match row.text(2) {
                    "1" => Violence::StateBased,
                    "2" => Violence::NonState,
                    "3" => Violence::OneSided,
                    _ => return Err(row.wrong(2, "1, 2 or 3")),
                };
                let precision = row.count(3)?;
                let precision = u8::try_from(precision)
                    .ok()
                    .filter(|p| (1..=7).contains(p))
                    .ok_or_else(|| row.wrong(3, "1 to 7"))?;
                let start = row.maybe_day(6)?.ok_or_else(|| row.wrong(6, "a day"))?;
                let end = row.maybe_day(7)?.ok_or_else(|| row.wrong(7, "a day"))?;
                if end < start {
                    return Err(row.wrong(7, "a day on or after the start"));
                }
                if start.year() != year.year() {
                    quality
                        .note("events that start in another year than they are counted in", || row.place());
                }
                if start.to_month() != end.to_month() {
                    quality
                        .note("events that lasted over more than one month, known by year", || row.place());
                }
                if precision >= 4 {
                    quality.note("events whose place is a province, a country or open water", || row.place());
                }
                let name = row.text(4);
                let area = (precision <= 5 && !name.is_empty()).then(|| areas.get(name));
                let (best, low, high) = (row.count(8)?, row.count(9)?, row.count(10)?);
                if !(low <= best && best <= high) {
                    quality.note("best estimate outside the low and high ones", || row.place());
                }
                records.push(Record::Event(Event {
                    id: Some(id.to_string().into()),
                    // An event is counted in the publisher's year, and as finely as it is known: of one that lasted
                    // days the month, of one that lasted months the year.
                    period: match (start.year() == year.year(), end.year() == year.year()) {
                        (true, true) if start == end => start,
                        (true, true) if start.month() == end.month() => start.to_month(),
                        _ => year,
                    },
                    place,
                    area,
                    violence,
                    precision,
                    best,
                    low,
                    high,
                    civilians: row.count(11)?,
                    events: 1,
                    locator: row.locator(0),
                }))?;
                Ok(())
            };
            rows_read += rows(file, part as u32, &GED, &mut quality, &mut each)?;
        }
        let capture = if json { "api" } else { "csv" };
        Ok(Parsed { capture, layout: GED.layout(json), quality, rows_read, records })
    }
}
