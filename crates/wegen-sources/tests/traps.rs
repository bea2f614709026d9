//! The traps that `SOURCE.md` of each data folder and the notes on the APIs name, a test each.
//!
//! Most stand on a few lines of our own; those marked by [`held`] also on the real file, where it is there.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use wegen_ledger::LayoutKind;
use wegen_model::{Area, CauseGroup, Code, Event, Incident, Locator, Observation, Record, Setting};
use wegen_sources::{File, Parsed, SourceError, parser, unpack};

const UNHCR: &str = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                     returned_idps,stateless,ooc,oip,hst\n";
const DECISIONS: &str = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,procedure_type,dec_level,dec_pc,dec_recognized,\
                         dec_other,dec_rejected,dec_closed,dec_total\n";
const MISSING: &str = "web_id,api_year,reported_date,region,country_of_incident,migration_route,number_dead,\
                       number_missing,total_dead_and_missing,country_origin,cause_death,location_coodinates\n";
const GED: &str = "id,year,type_of_violence,where_prec,adm_1,country_id,date_start,date_end,best,low,high,deaths_civilians\n";
const INFORM: &str = "CountryName,Iso3,ValidityYear,IndicatorName,IndicatorScore,Unit\n";
const PCODES: &str = "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n";
const TIDY: &str = "iso3,country,survey,survey_year,region,mpi_region,deprived_nutrition_pct,deprived_child_mortality_pct,\
                    deprived_years_of_schooling_pct,deprived_school_attendance_pct,deprived_cooking_fuel_pct,\
                    deprived_sanitation_pct,deprived_drinking_water_pct,deprived_electricity_pct,deprived_housing_pct,\
                    deprived_assets_pct\n";

fn try_read(source: &str, name: &str, text: impl Into<Vec<u8>>) -> Result<Parsed, SourceError> {
    parser(source).expect("a source of ours").parse(&[File::new(name, text)])
}

fn read(source: &str, text: impl Into<Vec<u8>>) -> Parsed {
    try_read(source, "table", text).unwrap_or_else(|e| panic!("{e}"))
}

fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}")))
}

/// A held file, read; `None` where the shared folder is absent.
fn held(source: &str, path: &str) -> Option<Parsed> {
    let files = unpack(&File::new(path, shared(path)?)).unwrap_or_else(|e| panic!("{e}"));
    Some(parser(source).expect("a source of ours").parse(&files).unwrap_or_else(|e| panic!("{e}")))
}

fn observations(parsed: &Parsed) -> Vec<&Observation> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Observation(o) = r { Some(o) } else { None })
        .collect()
}

fn incidents(parsed: &Parsed) -> Vec<&Incident> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Incident(i) = r { Some(i) } else { None })
        .collect()
}

fn events(parsed: &Parsed) -> Vec<&Event> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Event(e) = r { Some(e) } else { None })
        .collect()
}

fn areas(parsed: &Parsed) -> Vec<&Area> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Area(a) = r { Some(a) } else { None })
        .collect()
}

/// `(indicator, value)` of each observation.
fn values(parsed: &Parsed) -> Vec<(&'static str, f64)> {
    observations(parsed).iter().map(|o| (o.indicator.as_str(), o.value)).collect()
}

fn noted(parsed: &Parsed, what: &str) -> bool {
    parsed.quality.notes.iter().any(|n| n.what.contains(what))
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

/// The records with their place in the file left out.
fn unplaced(parsed: &Parsed) -> Vec<Record> {
    let mut records: Vec<Record> = parsed.in_file_order().unwrap().into_iter().cloned().collect();
    for record in &mut records {
        match record {
            Record::Observation(r) => r.locator = Locator::default(),
            Record::Incident(r) => r.locator = Locator::default(),
            Record::Event(r) => r.locator = Locator::default(),
            Record::Area(r) => r.locator = Locator::default(),
        }
    }
    records
}

// UNHCR

#[test]
fn unhcr_zero_is_a_figure_and_blank_or_dash_is_not_reported() {
    let csv =
        read("unhcr-population", format!("{UNHCR}2025,Syria,SYR,SYR,Netherlands,NET,NLD,7,0,,-,1,0,0,,0\n"));
    let expected = [
        ("refugees", 7.0),
        ("asylum-seekers", 0.0),
        ("returned-idps", 1.0),
        ("stateless", 0.0),
        ("others-of-concern", 0.0),
        ("host-community", 0.0),
    ];
    assert_eq!(values(&csv), expected);
    // `oip` is blank in nearly every row and is not noted; the other two are.
    assert_eq!(csv.quality.count("figures not reported"), 2);
}

#[test]
fn unhcr_json_has_zero_as_text_and_missing_as_dash_or_null() {
    let json = r#"{"page":1,"maxPages":1,"total":[],"items":[{"year":2025,"coo":"SYR","coo_iso":"SYR","coa":"NET",
        "coa_iso":"NLD","refugees":7,"asylum_seekers":"0","returned_refugees":null,"idps":"-","returned_idps":1,
        "stateless":"0","ooc":"0","oip":"-","hst":"0"}]}"#;
    let csv =
        read("unhcr-population", format!("{UNHCR}2025,Syria,SYR,SYR,Netherlands,NET,NLD,7,0,,,1,0,0,,0\n"));
    let json = read("unhcr-population", json);
    assert_eq!(json.layout.kind, LayoutKind::Json);
    assert_eq!(unplaced(&json), unplaced(&csv));
}

#[test]
fn unhcr_total_may_be_an_empty_array_or_an_object() {
    for total in ["[]", r#"{"refugees":7}"#] {
        let json = format!(r#"{{"page":1,"maxPages":0,"total":{total},"items":[]}}"#);
        assert_eq!(read("unhcr-population", json).rows_read, 0);
    }
}

#[test]
fn unhcr_own_country_codes_are_not_read() {
    let parsed = read(
        "unhcr-population",
        format!("{UNHCR}2025,Germany,GFR,DEU,Netherlands,NET,NLD,7,0,0,0,0,0,0,0,0\n"),
    );
    assert!(
        observations(&parsed).iter().all(|o| o.place == code("DEU") && o.counterpart == Some(code("NLD")))
    );
    // A page asked for without `cf_type=ISO` has no ISO columns to confuse them with.
    let own = "year,coo,coa,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless,ooc\n";
    let error =
        try_read("unhcr-population", "own.csv", format!("{own}2025,GFR,NET,1,0,0,0,0,0,0\n")).unwrap_err();
    assert!(error.to_string().contains("expected `coo_iso`"), "{error}");
}

#[test]
fn unhcr_codes_without_a_country_are_kept_and_noted() {
    let row = |origin: &str| format!("2025,,{origin},{origin},Netherlands,NET,NLD,5,0,0,0,0,0,0,0,0\n");
    let parsed = read("unhcr-population", format!("{UNHCR}{}{}{}", row("UNK"), row("XXA"), row("TIB")));
    assert_eq!(observations(&parsed).iter().filter(|o| o.value == 5.0).count(), 3);
    for origin in ["UNK", "XXA", "TIB"] {
        assert_eq!(parsed.quality.count(&format!("`{origin}` is no ISO 3166-1 code")), 1, "{origin}");
    }
    // python: rows with the code as origin or asylum.
    let Some(real) = held("unhcr-population", "unhcr-population/population.csv.gz") else { return };
    for (origin, rows) in [("UNK", 3_552 + 170), ("XXA", 2_065), ("TIB", 146)] {
        assert_eq!(real.quality.count(&format!("`{origin}` is no ISO 3166-1 code")), rows, "{origin}");
    }
}

#[test]
fn unhcr_returns_keep_the_country_they_came_back_from() {
    let rows = "2025,Syria,SYR,SYR,Lebanon,LEB,LBN,1,0,300,0,0,0,0,0,0\n\
                2025,Syria,SYR,SYR,Syria,SYR,SYR,0,0,0,0,900,0,0,0,0\n";
    let parsed = read("unhcr-population", format!("{UNHCR}{rows}"));
    let of = |id: &str| {
        *observations(&parsed).iter().find(|o| o.indicator.as_str() == id && o.value > 0.0).unwrap()
    };
    assert_eq!(of("returned-refugees").counterpart, Some(code("LBN")));
    assert_eq!(of("returned-idps").counterpart, Some(code("SYR")));
}

#[test]
fn unhcr_totals_hold_closed_cases() {
    let rows = "2025,Syria,SYR,SYR,Netherlands,NET,NLD,G,FI,P,57,21,233,759,1070\n";
    let found = values(&read("unhcr-asylum-decisions", format!("{DECISIONS}{rows}")));
    let of = |id: &str| found.iter().find(|(i, _)| *i == id).unwrap().1;
    let decided = of("decisions-recognised") + of("decisions-other") + of("decisions-rejected");
    assert_eq!(of("decisions-total"), decided + of("decisions-closed"));
}

#[test]
fn unhcr_levels_procedures_and_units_stay_apart() {
    let rows = "2025,Syria,SYR,SYR,Netherlands,NET,NLD,G,FI,P,57,21,233,759,1070\n\
                2025,Syria,SYR,SYR,Netherlands,NET,NLD,G,RA,P,5,0,40,41,86\n\
                2025,Syria,SYR,SYR,Netherlands,NET,NLD,U,FI,C,1,0,0,0,1\n";
    let parsed = read("unhcr-asylum-decisions", format!("{DECISIONS}{rows}"));
    let dims: Vec<_> = observations(&parsed)
        .iter()
        .filter(|o| o.indicator.as_str() == "decisions-total")
        .map(|o| o.dims.as_deref().unwrap().to_owned())
        .collect();
    assert_eq!(
        dims,
        ["procedure=G;level=FI;unit=P", "procedure=G;level=RA;unit=P", "procedure=U;level=FI;unit=C"]
    );

    let header = "year,coo_iso,coa_iso,procedure_type,app_type,dec_level,app_pc,applied\n";
    let parsed = read("unhcr-asylum-applications", format!("{header}2025,SYR,NLD,G,N,FI,P,9\n"));
    assert_eq!(observations(&parsed)[0].dims.as_deref(), Some("procedure=G;type=N;level=FI;unit=P"));
}

#[test]
fn unhcr_pages_are_one_answer() {
    let page = |n: u32| {
        let item = format!(
            r#"{{"year":2025,"coo_iso":"SYR","coa_iso":"NLD","returned_refugees":{n},"resettlement":"0","naturalisation":"-","returned_idps":"0"}}"#
        );
        File::new(format!("page-{n}"), format!(r#"{{"page":{n},"maxPages":2,"total":[],"items":[{item}]}}"#))
    };
    let parsed = parser("unhcr-solutions").unwrap().parse(&[page(1), page(2)]).unwrap();
    assert_eq!(parsed.rows_read, 2);
    assert_eq!(
        parsed.in_file_order().unwrap().into_iter().map(|r| r.locator().part).collect::<Vec<_>>(),
        [0, 0, 0, 1, 1, 1]
    );
}

// Missing Migrants

#[test]
fn missing_migrants_ids_repeat_and_whole_rows_repeat() {
    let row =
        "2024.MMP1,2024,2024-01-01,Mediterranean,Libya,Central Mediterranean,1,,1,,Drowning,\"33.1, 13.2\"\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{row}{row}"));
    assert_eq!(
        incidents(&parsed).iter().map(|i| i.incidents).collect::<Vec<_>>(),
        [1, 0],
        "one incident, two rows"
    );
    assert_eq!(parsed.quality.count("ids that repeat (split incidents); every row is kept"), 1);
    assert!(noted(&parsed, "are kept: 1 rows with 1 people"));
    // A mark of byte order in front makes no other id.
    let marked = format!("{MISSING}{row}\u{feff}{row}");
    let parsed = read("iom-missing-migrants", marked);
    assert_eq!(incidents(&parsed).iter().map(|i| i.incidents).sum::<u32>(), 1);

    let Some(real) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    // 374 ids repeat, in 626 further rows (python); 73 of these are identical as a whole.
    assert_eq!(real.quality.count("ids that repeat (split incidents); every row is kept"), 626);
    assert_eq!(incidents(&real).len(), 17_846);
    // By the publisher, 17,220 incidents; whoever drops the 73 rows that are alike loses 84 people.
    assert_eq!(incidents(&real).iter().map(|i| i.incidents).sum::<u32>(), 17_220);
    assert!(noted(&real, "are kept: 73 rows with 84 people"), "{:?}", real.quality);
    let bytes = unpack(&File::new(
        "mm.gz",
        shared("iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz").unwrap(),
    ));
    let mut rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(bytes.unwrap()[0].reader()).records().map(Result::unwrap).collect();
    rows.sort_by(|a, b| a.iter().cmp(b.iter()));
    assert_eq!(rows.windows(2).filter(|w| w[0] == w[1]).count(), 73, "all of them kept above");
}

#[test]
fn missing_migrants_rows_without_a_date_are_kept_in_the_year_of_their_file() {
    let row = "2024.MMP1,2024,,Mediterranean,Libya,,1,,1,,Drowning,\"33.1, 13.2\"\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{row}"));
    assert_eq!((incidents(&parsed)[0].period, incidents(&parsed)[0].year), (None, 2024));
    assert_eq!(parsed.quality.count("rows without a date; counted in the year of their file or id"), 1);

    // The API's JSON has no member for the year, but is one file a year.
    let json = r#"[{"web_id":"1","reported_date":"","number_dead":"1","number_missing":"","total_dead_and_missing":"1",
        "cause_death":"","country_of_incident":"Libya","migration_route":"","location_coodinates":""}]"#;
    let parsed = try_read("iom-missing-migrants", "2019-json.json", json).unwrap();
    assert_eq!(incidents(&parsed)[0].year, 2019);
    assert!(try_read("iom-missing-migrants", "page.json", json).is_err(), "no date and no year");
    let named = json.replace("\"web_id\":\"1\"", "\"web_id\":\"2020.MMP01097\"");
    let parsed = try_read("iom-missing-migrants", "page.json", named).unwrap();
    assert_eq!(
        (incidents(&parsed)[0].period, incidents(&parsed)[0].year),
        (None, 2020),
        "the id begins with it"
    );

    let Some(real) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    assert_eq!(real.quality.count("rows without a date; counted in the year of their file or id"), 15);
}

#[test]
fn missing_migrants_point_is_in_a_misspelt_column_as_latitude_and_longitude() {
    let row = |point: &str| format!("2024.MMP1,2024,2024-01-01,,Libya,,1,,1,,Drowning,{point}\n");
    let parsed = read("iom-missing-migrants", format!("{MISSING}{}", row("\"34.5, 14.0\"")));
    assert_eq!(incidents(&parsed)[0].setting, Setting::Sea, "latitude first: the central Mediterranean");
    assert!(incidents(&parsed)[0].cell.is_some());
    // Off the map: kept, without a point.
    let parsed = read("iom-missing-migrants", format!("{MISSING}{}", row("\"14.0, 234.5\"")));
    assert_eq!((incidents(&parsed)[0].cell, incidents(&parsed)[0].setting), (None, Setting::Unknown));
    assert_eq!(parsed.quality.count("points beyond the map; kept without a point"), 1);
    // Should the publisher correct the spelling, nothing changes.
    let spelt = format!("{MISSING}{}", row("\"34.5, 14.0\"")).replace("coodinates", "coordinates");
    assert_eq!(incidents(&read("iom-missing-migrants", spelt))[0].setting, Setting::Sea);
}

#[test]
fn missing_migrants_never_keeps_the_point_itself() {
    let row = "2024.MMP1,2024,2024-01-01,,Libya,,1,,1,,Drowning,\"34.51234, 14.01234\"\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{row}"));
    let written = wegen_ledger::csv_row(parsed.in_file_order().unwrap()[0]).join(",");
    assert!(!written.contains("34.5") && !written.contains("14.0"), "{written}");
}

#[test]
fn missing_migrants_text_has_entities() {
    let row = "2024.MMP1,2024,2024-01-01,,Cote d&#039;Ivoire,Sahara &amp; beyond,1,,1,,Drowning,\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{row}"));
    assert_eq!(incidents(&parsed)[0].place, Some(code("CIV")));
    assert_eq!(incidents(&parsed)[0].route.as_deref(), Some("Sahara & beyond"));
}

#[test]
fn missing_migrants_total_may_stand_without_its_parts() {
    let rows = "1,2024,2024-01-01,,Libya,,,,750,,Drowning,\n2,2024,2024-01-01,,Libya,,2,3,,,Drowning,\n3,2024,2024-01-01,,Libya,,,,,,,\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{rows}"));
    let found: Vec<_> = incidents(&parsed).iter().map(|i| (i.dead, i.missing, i.total)).collect();
    assert_eq!(found, [(None, None, Some(750)), (Some(2), Some(3), Some(5)), (None, None, None)]);
    assert_eq!(parsed.quality.count("rows with a total and neither of its parts"), 1);
    assert_eq!(parsed.quality.count("rows without any number"), 1);

    let Some(real) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    // python: rows with a total, neither dead nor missing.
    assert_eq!(real.quality.count("rows with a total and neither of its parts"), 38);
}

#[test]
fn missing_migrants_counts_below_zero_take_back_people_found_dead_since() {
    let rows = "1,2024,2024-01-01,,Libya,,5,-2,3,,Drowning,\n2,2024,2024-01-01,,Libya,,4,-4,,,Drowning,\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{rows}"));
    let found: Vec<_> = incidents(&parsed).iter().map(|i| (i.dead, i.missing, i.total)).collect();
    assert_eq!(found, [(Some(5), Some(-2), Some(3)), (Some(4), Some(-4), Some(0))]);
    assert_eq!(parsed.quality.count("counts below zero, which take back people found dead since"), 2);
    for bad in ["-1.5", "-x", "--2", "-2147483649"] {
        let text = format!("{MISSING}1,2024,2024-01-01,,Libya,,5,{bad},3,,Drowning,\n");
        assert!(try_read("iom-missing-migrants", "t", text).is_err(), "{bad}");
    }

    let Some(real) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    // python: number_missing that begins with `-`.
    assert_eq!(real.quality.count("counts below zero, which take back people found dead since"), 20);
}

#[test]
fn missing_migrants_counts_may_have_a_separator_of_thousands() {
    let parsed = read(
        "iom-missing-migrants",
        format!("{MISSING}1,2015,2015-04-18,,Libya,,28,994,\"1,022\",,Drowning,\n"),
    );
    assert_eq!(incidents(&parsed)[0].total, Some(1_022));
    for bad in ["1,02", "1,0222", ",022", "1.022,5", "1,-22"] {
        let text = format!("{MISSING}1,2015,2015-04-18,,Libya,,28,994,\"{bad}\",,Drowning,\n");
        assert!(try_read("iom-missing-migrants", "t", text).is_err(), "{bad}");
    }
}

#[test]
fn missing_migrants_parts_too_large_to_add_are_refused() {
    let text = format!("{MISSING}1,2024,2024-01-01,,Libya,,4294967295,1,,,Drowning,\n");
    let error = try_read("iom-missing-migrants", "t", text).unwrap_err().to_string();
    assert!(error.contains("number_dead") && error.contains("4294967295"), "{error}");
}

#[test]
fn missing_migrants_is_counted_in_the_year_of_its_file() {
    let parsed =
        read("iom-missing-migrants", format!("{MISSING}1,2024,2023-12-31,,Libya,,1,,1,,Drowning,\n"));
    assert_eq!(incidents(&parsed)[0].year, 2024);
    assert_eq!(incidents(&parsed)[0].period.unwrap().to_string(), "2023-12-31");
}

#[test]
fn missing_migrants_captures_are_told_apart() {
    let api = read("iom-missing-migrants", format!("{MISSING}1,2024,2024-01-01,,Libya,,1,,1,,Drowning,\n"));
    let package = "t,m,type,route,geo,dead,cause,surv,nat,location,lon,lat\n2024-01-01,2024-01,Incident,,LBY,1,Drowning,,UNK,,14,34.5\n";
    let package = read("iom-missing-migrants", package);
    let download = "Incident ID,Incident Date,Year,Number Dead,Minimum Estimated Number of Missing,Cause of Death,\
                    Country of Incident,Migration Route,Coordinates\n\
                    1,\"Mon, 01/06/2014\",2014,1,,Drowning,Libya,,\"34.5, 14\"\n";
    let download = read("iom-missing-migrants", download);
    assert_eq!([api.capture, package.capture, download.capture], ["api", "package gdidata", "csv"]);
    // Month first, as the download once wrote it.
    assert_eq!(incidents(&download)[0].period.unwrap().to_string(), "2014-01-06");
    assert_eq!(incidents(&package)[0].setting, Setting::Sea, "two columns for the point");
}

#[test]
fn missing_migrants_several_causes_and_origins_are_left_open() {
    let row = "1,2024,2024-01-01,,Libya,,1,,1,\"Sudan, Mali\",\"Drowning,Violence\",\n";
    let parsed = read("iom-missing-migrants", format!("{MISSING}{row}"));
    assert_eq!((incidents(&parsed)[0].cause, incidents(&parsed)[0].origin), (CauseGroup::Unknown, None));
    assert_eq!(parsed.quality.count("rows with several countries of origin"), 1);
}

// UCDP

#[test]
fn ucdp_cumulative_columns_are_not_added_to_their_parts() {
    let header = "country_id_cy,country_cy,year_cy,sb_total_deaths_best_cy,sb_total_deaths_low_cy,sb_total_deaths_high_cy,\
                  ns_total_deaths_best_cy,ns_total_deaths_low_cy,ns_total_deaths_high_cy,os_total_deaths_best_cy,\
                  os_total_deaths_low_cy,os_total_deaths_high_cy,cumulative_total_deaths_in_orgvio_best_cy,\
                  cumulative_total_deaths_in_orgvio_low_cy,cumulative_total_deaths_in_orgvio_high_cy\n";
    let parsed = read(
        "ucdp-country-year",
        format!("{header}652,Syria,2022,973,970,1175,612,612,809,86,86,86,1671,1668,2070\n"),
    );
    let expected = [
        ("deaths-state-based", 973.0),
        ("deaths-non-state", 612.0),
        ("deaths-one-sided", 86.0),
        ("deaths-organised-violence", 1671.0),
    ];
    assert_eq!(values(&parsed), expected);
    assert_eq!(observations(&parsed)[3].bounds, Some((1668.0, 2070.0)));

    let Some(real) = held("ucdp-country-year", "ucdp/organizedviolencecy_v25_1_1989-2024.csv.gz") else {
        return;
    };
    let sum = |ids: &[&str]| -> f64 {
        observations(&real).iter().filter(|o| ids.contains(&o.indicator.as_str())).map(|o| o.value).sum()
    };
    assert_eq!(
        sum(&["deaths-organised-violence"]),
        sum(&["deaths-state-based", "deaths-non-state", "deaths-one-sided"]),
        "the total is the sum of the three and must never be added to them"
    );
}

#[test]
fn ucdp_countries_are_gleditsch_ward_ids() {
    let row = |id: u32| format!("1,2023,1,1,Area,{id},2023-01-01,2023-01-01,1,1,1,0\n");
    for (id, iso3) in [(625, "SDN"), (652, "SYR"), (436, "NER"), (432, "MLI"), (530, "ETH"), (645, "IRQ")] {
        assert_eq!(events(&read("ucdp-ged", format!("{GED}{}", row(id))))[0].place, code(iso3), "{id}");
    }
    // A state that is gone, South Yemen, keeps its id.
    let parsed = read("ucdp-ged", format!("{GED}{}", row(680)));
    assert_eq!(events(&parsed)[0].place, code("GW680"));
    assert_eq!(parsed.quality.count("Gleditsch–Ward id 680 has no ISO code"), 1);
    assert!(try_read("ucdp-ged", "t", format!("{GED}{}", row(70_000))).is_err());
}

#[test]
fn ucdp_second_line_may_hold_hxl_tags() {
    let tags = ",#date+year,,,#adm1+name,#country+code,#date+start,#date+end,#affected+killed,,,\n";
    let row = "1,2023,1,1,Area,625,2023-01-01,2023-01-01,1,1,1,0\n";
    let parsed = read("ucdp-ged", format!("{GED}{tags}{row}"));
    assert_eq!((parsed.rows_read, parsed.records.len()), (1, 1));
    assert_eq!(parsed.quality.count("a line of HXL tags, left out"), 1);
    assert_eq!(parsed.in_file_order().unwrap()[0].locator().row, 3, "the line of the file");
    // Only there: further down it is no event.
    assert!(try_read("ucdp-ged", "t", format!("{GED}{row}{tags}")).is_err());
}

#[test]
fn ucdp_places_known_no_better_than_a_country_have_no_area() {
    let row =
        |precision: u8| format!("1,2023,1,{precision},Khartoum state,625,2023-01-01,2023-01-02,1,1,1,0\n");
    for (precision, area) in [(1, true), (3, true), (4, true), (5, true), (6, false), (7, false)] {
        let parsed = read("ucdp-ged", format!("{GED}{}", row(precision)));
        assert_eq!(events(&parsed)[0].precision, precision);
        assert_eq!(events(&parsed)[0].area.is_some(), area, "{precision}");
        let noted = parsed.quality.count("events whose place is a province, a country or open water");
        assert_eq!(noted, u64::from(precision >= 4), "{precision}");
    }
    assert!(try_read("ucdp-ged", "t", format!("{GED}{}", row(8))).is_err());

    let Some(real) = held("ucdp-ged", "ucdp/ged191_syria_2016-2019.csv.gz") else { return };
    // python: where_prec 4, 5 and 6.
    assert_eq!(
        real.quality.count("events whose place is a province, a country or open water"),
        620 + 562 + 254
    );
}

#[test]
fn ucdp_events_are_counted_in_the_publishers_year() {
    let parsed = read("ucdp-ged", format!("{GED}1,2023,1,1,A,625,2022-12-31,2023-01-02,1,1,1,0\n"));
    assert_eq!(events(&parsed)[0].period.to_string(), "2023");
    let error = try_read("ucdp-ged", "t", format!("{GED}1,2023,1,1,A,625,2023-02-01,2023-01-02,1,1,1,0\n"))
        .unwrap_err();
    assert!(error.to_string().contains("a day on or after the start"), "{error}");
}

#[test]
fn ucdp_estimates_have_had_two_names() {
    let old = GED.replace("best,low,high", "best_est,low_est,high_est");
    assert_eq!(
        events(&read("ucdp-ged", format!("{old}1,2023,1,1,A,625,2023-01-01,2023-01-01,4,3,5,0\n")))[0].best,
        4
    );
}

// World Bank, Our World in Data, Gapminder

#[test]
fn world_bank_answers_errors_with_http_200() {
    let json = r#"[{"message":[{"id":"120","key":"Invalid value","value":"The provided parameter value is not valid"}]}]"#;
    let error = try_read("worldbank-wdi", "page", json).unwrap_err();
    assert!(matches!(error, SourceError::Publisher { .. }));
    assert!(
        error.to_string().contains("Invalid value: The provided parameter value is not valid (id 120)"),
        "{error}"
    );
    let Some(recorded) = shared("api-payloads/worldbank_v2_error_http200.json") else { return };
    assert!(matches!(try_read("worldbank-wdi", "page", recorded), Err(SourceError::Publisher { .. })));
}

#[test]
fn world_bank_indicator_without_figures_is_null() {
    let json = r#"[{"page":0,"pages":0,"per_page":0,"total":0},null]"#;
    assert_eq!(read("worldbank-wdi", json).rows_read, 0);
}

#[test]
fn world_bank_json_long_and_wide_tables_say_the_same() {
    let json = r#"[{"page":1},[{"indicator":{"id":"EG.ELC.ACCS.ZS","value":"Access"},"country":{"id":"SD","value":"Sudan"},
        "countryiso3code":"SDN","date":"2022","value":63.2,"unit":"","obs_status":"","decimal":1},
        {"indicator":{"id":"EG.ELC.ACCS.ZS","value":"Access"},"country":{"id":"SD","value":"Sudan"},
        "countryiso3code":"SDN","date":"2023","value":null,"unit":"","obs_status":"","decimal":1}]]"#;
    let long = "Country Name,Country ISO3,Year,Indicator Name,Indicator Code,Value\n\
                #country+name,#country+code,#date+year,#indicator+name,#indicator+code,#indicator+value+num\n\
                Sudan,SDN,2022,Access,EG.ELC.ACCS.ZS,63.2\nSudan,SDN,2023,Access,EG.ELC.ACCS.ZS,\n";
    let wide = "\"Data Source\",\"World Development Indicators\",\n\n\"Last Updated Date\",\"2025-07-01\",\n\n\
                \"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"2022\",\"2023\",\n\
                \"Sudan\",\"SDN\",\"Access\",\"EG.ELC.ACCS.ZS\",\"63.2\",\"\",\n";
    let (json, long, wide) =
        (read("worldbank-wdi", json), read("worldbank-wdi", long), read("worldbank-wdi", wide));
    assert_eq!(values(&json), [("electricity-access", 63.2)]);
    assert_eq!(unplaced(&json), unplaced(&long));
    assert_eq!(unplaced(&json), unplaced(&wide));
    assert!([&json, &long, &wide].iter().all(|p| p.quality.count("figures not reported") == 1));
}

#[test]
fn aggregates_stand_among_the_countries() {
    let text = "entity,code,year,electrical_access\nSudan,SDN,2022,63.2\nWorld,OWID_WRL,2022,91\n\
                Middle East,WB_MENAP,2022,97\nKosovo,OWID_KOS,2022,100\nAfrica,,2022,50\n";
    let parsed = read("owid-jmp", text);
    let places: Vec<Code> = observations(&parsed).iter().map(|o| o.place).collect();
    assert_eq!(places, [code("SDN"), code("XKX")], "Kosovo is no aggregate");
    assert_eq!(parsed.quality.count("aggregates of countries, left out"), 3);
    assert_eq!(parsed.rows_read, 5);

    let json = r#"[{"page":1},[{"indicator":{"id":"SP.POP.TOTL"},"countryiso3code":"AFE","date":"2022","value":7e8},
                   {"indicator":{"id":"SP.POP.TOTL"},"countryiso3code":"","date":"2022","value":7e8}]]"#;
    let parsed = read("worldbank-wdi", json);
    assert_eq!((parsed.records.len(), parsed.quality.count("aggregates of countries, left out")), (0, 2));
}

#[test]
fn gapminder_writes_iso_codes_in_lower_case() {
    let parsed = read("gapminder", "geo,time,children_out_of_school_primary\nsyr,2024,581845\n");
    assert_eq!(observations(&parsed)[0].place, code("SYR"));
    // Elsewhere lower case is no code.
    assert!(try_read("owid-jmp", "t", "entity,code,year,electrical_access\nSyria,syr,2023,88.4\n").is_err());
}

// INFORM

#[test]
fn inform_raw_value_and_score_stand_under_one_name() {
    let name = "Access to electricity";
    let row = |iso3: &str, value: &str| format!("x,{iso3},2025,{name},{value},[%]\n");
    let rows = [
        row("SYR", "1.2"),
        row("SYR", "88.4000015258789"),
        row("SDN", "63.2"),
        row("SDN", "3.7"),
        row("NLD", "0"),
        row("NLD", "100"),
    ];
    let parsed = read("inform-risk", format!("{INFORM}{}", rows.concat()));
    let of = |iso3: &str, id: &str| -> Vec<f64> {
        let found = observations(&parsed);
        found
            .iter()
            .filter(|o| o.place == code(iso3) && o.indicator.as_str() == id)
            .map(|o| o.value)
            .collect()
    };
    assert_eq!(of("SYR", "electricity-access"), [88.4000015258789], "raw");
    assert_eq!(of("SYR", "inform-indicator"), [1.2], "the score, with its kind");
    assert_eq!(of("SDN", "electricity-access"), [63.2], "in either order");
    let score = observations(&parsed).iter().find(|o| o.value == 1.2).unwrap().dims.clone();
    assert_eq!(score.as_deref(), Some("name=Access to electricity;kind=score"));
    // Nothing tells them apart: both are kept as such.
    let both = format!("{INFORM}x,SYR,2025,Index of x,4.5,x\nx,SYR,2025,Index of x,3.1,x\n");
    let parsed = read("inform-risk", both);
    assert_eq!(parsed.quality.count("values that may be raw or a score"), 2);
    assert!(observations(&parsed).iter().all(|o| o.dims.as_deref().unwrap().ends_with("kind=undetermined")));

    let Some(real) = held("inform-risk", "inform-risk/inform_risk_index_indicators.csv.gz") else { return };
    let syria: Vec<f64> = observations(&real)
        .iter()
        .filter(|o| o.place == code("SYR") && o.indicator.as_str() == "electricity-access")
        .map(|o| o.value)
        .collect();
    assert_eq!(syria, [88.400_001_525_878_9], "not 1.2, which stands beside it");
}

#[test]
fn inform_names_hold_line_breaks() {
    let text = format!("{INFORM}x,SYR,2025,\"Physicians\ndensity\",12.9,per 10\n");
    let parsed = read("inform-risk", text);
    assert_eq!(values(&parsed), [("physicians", 12.9)]);
    assert_eq!(parsed.quality.count("names with line breaks or without any text"), 1);
    let Some(real) = held("inform-risk", "inform-risk/inform_risk_index_indicators.csv.gz") else { return };
    // python: 4,344 names without any text; the 381 line breaks all end a name, and are left out with the blanks.
    assert_eq!(real.quality.count("names with line breaks or without any text"), 4_344);
    assert!(observations(&real).iter().all(|o| !o.dims.as_deref().unwrap_or_default().contains('\n')));
}

#[test]
fn inform_scores_outside_the_scale_are_refused() {
    let header = "CountryName,Iso3,GNAYear,IndicatorId,FullName,IndicatorScore\n";
    let error =
        try_read("inform-risk", "t", format!("{header}x,SYR,2024,INFORM,x,10.5\n")).unwrap_err().to_string();
    assert!(error.contains("`10.5`") && error.contains("a score from 0 to 10"), "{error}");
}

// OPHI

#[test]
fn ophi_surveys_carry_their_own_year_and_are_no_shares_of_access() {
    let row = "SDN,Sudan,MICS,2013-2014,Region A,0.3,1,2,3,4,5,6,61.5,8,9,\n";
    let parsed = read("ophi-mpi", format!("{TIDY}{row}"));
    let water =
        *observations(&parsed).iter().find(|o| o.indicator.as_str() == "deprived-drinking-water").unwrap();
    assert_eq!(
        (water.value, water.period.year()),
        (61.5, 2014),
        "deprived, and the year in which the survey ended"
    );
    assert_eq!(water.dims.as_deref(), Some("region=Region A;survey=MICS 2013-2014"));
    assert_eq!(parsed.quality.count("indicators not in the survey"), 1);

    let Some(real) = held("ophi-mpi", "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv") else { return };
    let sudan: Vec<i32> =
        observations(&real).iter().filter(|o| o.place == code("SDN")).map(|o| o.period.year()).collect();
    assert!(!sudan.is_empty() && sudan.iter().all(|y| *y == 2014), "before the present war");
}

#[test]
fn ophi_shares_beyond_a_hundred_are_refused() {
    let error = try_read("ophi-mpi", "t", format!("{TIDY}SDN,Sudan,MICS,2014,A,0.3,1,2,3,4,5,6,101,8,9,1\n"))
        .unwrap_err();
    assert!(error.to_string().contains("deprived_drinking_water_pct`: found `101`"), "{error}");
}

// Places

#[test]
fn pcodes_second_line_may_hold_hxl_tags_and_codes_hold_from_a_date() {
    let tags = "#country+code,#geo+admin_level,#adm+code,#adm+name,#adm+code+parent,#date+start\n";
    let parsed = read(
        "ocha-pcodes",
        format!("{PCODES}{tags}SDN,1,SD01,Khartoum,SDN,2021-11-17\nSDN,2,SD01001,Karrari,SD01,\n"),
    );
    let found: Vec<_> =
        areas(&parsed).iter().map(|a| (a.level, a.parent, a.valid_from.map(|d| d.to_string()))).collect();
    assert_eq!(found, [(1, Some(code("SDN")), Some("2021-11-17".to_owned())), (2, Some(code("SD01")), None)]);
    assert_eq!(parsed.quality.count("a line of HXL tags, left out"), 1);
}

fn feature(properties: &str) -> String {
    let ring = "[[32,15],[33,15],[33,16],[32,15]]";
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    )
}

#[test]
fn natural_earth_has_codes_of_its_own() {
    for (own, iso3) in [("PSX", "PSE"), ("SDS", "SSD"), ("SOL", "SOM")] {
        let json = feature(&format!(r#"{{"adm1_code":"{own}-1","adm0_a3":"{own}","name":"Area"}}"#));
        let parsed = read("naturalearth-admin1", json);
        assert_eq!(areas(&parsed)[0].country, code(iso3));
        assert_eq!(parsed.quality.count(&format!("Natural Earth's `{own}`, read as {iso3}")), 1);
    }
    // `DJI+99?` marks a code that is still to be given.
    let parsed =
        read("naturalearth-admin1", feature(r#"{"adm1_code":"DJI+99?","adm0_a3":"DJI","name":null}"#));
    assert_eq!(areas(&parsed)[0].code, code("DJI-x0"));
}

#[test]
fn natural_earth_territories_without_an_iso_code_are_kept() {
    for (name, own) in [("N. Cyprus", "CYN"), ("Somaliland", "SOL"), ("Kosovo", "KOS")] {
        let json =
            feature(&format!(r#"{{"NAME":"{name}","ISO_A3":"-99","ISO_A3_EH":"-99","ADM0_A3":"{own}"}}"#));
        let parsed = read("naturalearth-countries", json);
        let expected = match own {
            "CYN" => "NE000",
            "SOL" => "SOM",
            _ => "XKX",
        };
        assert_eq!(areas(&parsed)[0].country, code(expected), "{name}");
    }
    assert!(try_read("naturalearth-countries", "t", feature(r#"{"NAME":"A","ISO_A3":"ZZZ"}"#)).is_err());
}

#[test]
fn properties_of_boundaries_differ_from_country_to_country() {
    for (properties, expected, name) in [
        (
            r#"{"ADM1_EN":"Aleppo","ADM1_PCODE":"SY02","ADM0_PCODE":"SY","validOn":"2020-12-17"}"#,
            "SY02",
            "Aleppo",
        ),
        (r#"{"ADM1_FR":"Agadez","ADM1_PCODE":"NE001","ADM0_PCODE":"NE"}"#, "NE001", "Agadez"),
        (r#"{"admin1Name":"Bamako","admin1Pcod":"ML09","admin0Pcod":"ML"}"#, "ML09", "Bamako"),
        (r#"{"A1NameEn":"Anbar","A1Code":"IQ-G01"}"#, "IQG01", "Anbar"),
    ] {
        let parsed = read("ocha-cod-ab", feature(properties));
        assert_eq!(
            (areas(&parsed)[0].code, &*areas(&parsed)[0].name, areas(&parsed)[0].level),
            (code(expected), name, 1)
        );
        assert_eq!(parsed.capture, "adm1");
    }
}

#[test]
fn topology_and_geojson_give_the_same_shape() {
    let json = feature(r#"{"admin1Name":"Area","admin1Pcod":"SD01"}"#);
    let topology = r#"{"type":"Topology","transform":{"scale":[0.5,0.5],"translate":[32,15]},
        "arcs":[[[0,0],[2,0]],[[0,0],[2,2],[0,-2]]],
        "objects":{"adm1":{"type":"GeometryCollection","geometries":[
        {"type":"Polygon","arcs":[[0,-2]],"properties":{"admin1Name":"Area","admin1Pcod":"SD01"}}]}}}"#;
    assert_eq!(unplaced(&read("ocha-cod-ab", topology)), unplaced(&read("ocha-cod-ab", json)));
}

#[test]
fn topology_cannot_grow_without_end() {
    // One arc of a thousand points, asked for a hundred thousand times: 100 million points from 200 kB.
    let arc = vec!["[0,0]"; 1_000].join(",");
    let uses = vec!["0"; 100_000].join(",");
    let topology = format!(
        r#"{{"type":"Topology","arcs":[[{arc}]],"objects":{{"a":{{"geometries":[{{"type":"Polygon","arcs":[[{uses}]]}}]}}}}}}"#
    );
    let error = try_read("ocha-cod-ab", "bomb.json", topology).unwrap_err().to_string();
    assert!(error.contains("at most ten million points"), "{error}");
}

#[test]
fn positions_are_pairs_on_the_map() {
    for (position, expected) in
        [("[32]", "fewer than two numbers"), ("[]", "fewer than two numbers"), ("[640000,15]", "in degrees")]
    {
        let json = feature(r#"{"ADM1_EN":"A","ADM1_PCODE":"SD01"}"#).replacen("[33,16]", position, 1);
        let error = try_read("ocha-cod-ab", "t", json).unwrap_err().to_string();
        assert!(error.contains(expected), "{position}: {error}");
    }
}

// The payloads beside the data: recorded, or constructed in the documented shape.

#[test]
fn payload_of_unhcr_population_is_the_csv() {
    let Some(json) = shared("api-payloads/constructed/unhcr_population_v1.json") else { return };
    let json = read("unhcr-population", json);
    // The same three rows of the file held, found by python.
    let csv = format!(
        "{UNHCR}2025,Syrian Arab Rep.,SYR,SYR,Netherlands (Kingdom of the),NET,NLD,74805,17478,0,0,0,0,0,,0\n\
         2025,Syrian Arab Rep.,SYR,SYR,Syrian Arab Rep.,SYR,SYR,0,0,0,5542227,1964201,0,0,,16504958\n\
         2025,Syrian Arab Rep.,SYR,SYR,Türkiye,TUR,TUR,2347756,0,556009,0,0,0,0,,0\n"
    );
    let csv = read("unhcr-population", csv);
    assert_eq!(unplaced(&json), unplaced(&csv));
    assert_eq!((json.capture, csv.capture), ("api", "csv"));
    let Some(real) = held("unhcr-population", "unhcr-population/population.csv.gz") else { return };
    let real = unplaced(&real);
    assert!(unplaced(&json).iter().all(|r| real.contains(r)), "rows of the held file");
}

#[test]
fn payload_of_unhcr_decisions_is_the_csv() {
    let Some(json) = shared("api-payloads/constructed/unhcr_asylum-decisions_v1.json") else { return };
    let rows = "2025,Syrian Arab Rep.,SYR,SYR,Netherlands (Kingdom of the),NET,NLD,G,FI,P,57,21,233,759,1070\n\
                2025,Syrian Arab Rep.,SYR,SYR,Netherlands (Kingdom of the),NET,NLD,G,RA,P,5,0,40,41,86\n";
    let csv = read("unhcr-asylum-decisions", format!("{DECISIONS}{rows}"));
    assert_eq!(unplaced(&read("unhcr-asylum-decisions", json)), unplaced(&csv));
}

#[test]
fn payload_of_ucdp_is_a_row_of_the_csv() {
    let Some(json) = shared("api-payloads/constructed/ucdp_gedevents.json") else { return };
    let json = read("ucdp-ged", json);
    assert_eq!((json.capture, json.rows_read), ("api", 1));
    let Some(real) = held("ucdp-ged", "ucdp/ged_sudan_hdx_1989-2023.csv.gz") else { return };
    assert!(unplaced(&real).contains(&unplaced(&json)[0]));
}

#[test]
fn payload_of_missing_migrants_is_the_first_rows_of_the_csv() {
    let Some(json) = shared("api-payloads/iom_mmp_global-figures_2025_first3.json") else { return };
    let json = try_read("iom-missing-migrants", "2025-json.json", json).unwrap();
    assert_eq!(incidents(&json).iter().map(|i| i.total).collect::<Vec<_>>(), [Some(4), Some(1), Some(6)]);
    let Some(real) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    let of_2025: Vec<Record> = unplaced(&real)
        .into_iter()
        .filter(|r| matches!(r, Record::Incident(i) if i.year == 2025))
        .take(3)
        .collect();
    assert_eq!(unplaced(&json), of_2025);
}

#[test]
fn payload_of_inform_trends_is_in_the_csv() {
    let Some(json) = shared("api-payloads/inform_trends_sample.json") else { return };
    let json = read("inform-risk", json);
    assert_eq!(json.capture, "api trends");
    assert_eq!(values(&json)[0], ("inform-risk", 0.6));
    let header = "CountryName,Iso3,GNAYear,IndicatorId,FullName,IndicatorScore\n";
    let csv = read("inform-risk", format!("{header}Singapore,SGP,2024,INFORM,INFORM Risk Index,0.6\n"));
    assert_eq!(unplaced(&json)[0], unplaced(&csv)[0]);
}

#[test]
fn payload_of_the_world_bank_is_the_csv() {
    let Some(json) = shared("api-payloads/worldbank_v2_FP.CPI.TOTL.ZG_JP_trimmed.json") else { return };
    let header = "Country Name,Country Code,Year,Indicator Name,Indicator Code,Value\n";
    let rows = "Japan,JPN,2025,Inflation,FP.CPI.TOTL.ZG,3.17253034260248\nJapan,JPN,2024,Inflation,FP.CPI.TOTL.ZG,2.73853681635241\n\
                Japan,JPN,2023,Inflation,FP.CPI.TOTL.ZG,3.26813365933163\n";
    assert_eq!(
        unplaced(&read("worldbank-wdi", json)),
        unplaced(&read("worldbank-wdi", format!("{header}{rows}")))
    );
}

#[test]
fn payloads_of_other_publishers_are_refused_by_every_parser() {
    for path in [
        "api-payloads/constructed/hdx_hapi_error_403.json",
        "api-payloads/constructed/reliefweb_v2_error_403.json",
        "api-payloads/constructed/hdx_hapi_v2_affected-people_idps.json",
        "api-payloads/constructed/eurostat_migr_asyappctza_NL_SY.json",
        "api-payloads/constructed/cbs_odata_v3_83102NED.json",
        "api-payloads/idmc_idu_api_sample.json",
        "api-payloads/dtm_v3_displacement_admin1_TCD.json",
        "api-payloads/dtm_v3_operation-list.json",
        "api-payloads/unhcr_odp_population_get_origin_geo259.json",
        "api-payloads/hpc_v2_plan_1188_responseMonitoring.json",
        "api-payloads/hdx_ckan_package_show_cod-ab-afg.json",
    ] {
        let Some(bytes) = shared(path) else { return };
        for parser in wegen_sources::parsers() {
            let parsed = parser.parse(&[File::new(path, bytes.clone())]);
            // Rows of the tracking matrix, as its own interface and HAPI's give them.
            let own = path.contains("dtm_v3_displacement") || path.contains("hapi_v2_affected-people_idps");
            assert_eq!(
                parsed.is_ok(),
                own && parser.source() == "iom-dtm",
                "{path} passes as {}: {} records",
                parser.source(),
                parsed.unwrap().records.len()
            );
        }
    }
}

// REACH

const HSOS: &str = "subdistrict_code,community,community_code,year,month,IDP_reported,RET_reported,electricity_hours,water_functioning,water_funct_days,sewage_connect,foodmark_access,market_access,food_source_own,health_access_inloc,health_access_near,health_barr_afford,health_barr_lackmed,health_barr_safety,education_funct_inperson,RES_education_accessing,IDP_education_accessing,RES_edu_barr_unsafe,SHE_no_damage,RES_coping_childwork,RES_humani_access,currency_wages_RES,RES_wage_unskilled\n";
const HSOS_ROW: &str = "SY070200,Place A,C1366,2022.0,12.0,Yes,No,From 7 to 8 hours,Yes,1 to 2,Yes,Yes,Yes,No,No,Yes,Yes,Yes,No,Yes,51 to 75 percent,26 to 50 percent,No,81 to 99 percent,Yes,Yes,Turkish lira,30\n";

/// A row of the table by community, with some columns as given.
fn hsos(with: &[(&str, &str)]) -> String {
    let header: Vec<&str> = HSOS.trim().split(',').collect();
    let mut row: Vec<&str> = HSOS_ROW.trim().split(',').collect();
    for (column, value) in with {
        row[header.iter().position(|h| h == column).unwrap()] = value;
    }
    row.join(",") + "\n"
}

fn of<'p>(parsed: &'p Parsed, id: &str) -> Vec<&'p Observation> {
    observations(parsed).into_iter().filter(|o| o.indicator.as_str() == id).collect()
}

#[test]
fn hsos_ranges_stay_ranges_with_their_lower_end_as_the_value() {
    for (column, id, answer, bounds) in [
        ("electricity_hours", "electricity-hours", "Less than 2 hours", (0.0, 2.0)),
        ("electricity_hours", "electricity-hours", "From 7 to 8 hours", (7.0, 8.0)),
        ("electricity_hours", "electricity-hours", "More than 12 hours", (12.0, 24.0)),
        ("water_funct_days", "water-network-days", "None", (0.0, 0.0)),
        ("water_funct_days", "water-network-days", "1 to 2", (1.0, 2.0)),
        ("water_funct_days", "water-network-days", "7", (7.0, 7.0)),
        ("SHE_no_damage", "shelters-undamaged", "21 to 30 percent", (21.0, 30.0)),
        ("SHE_no_damage", "shelters-undamaged", "0 percent", (0.0, 0.0)),
        ("SHE_no_damage", "shelters-undamaged", "None", (0.0, 0.0)),
        ("SHE_no_damage", "shelters-undamaged", "100 percent", (100.0, 100.0)),
        // Published ranges are closed; what lies between two of them (25.5 percent) is in neither.
        ("RES_education_accessing", "school-attendance-residents", "1 to 25 percent", (1.0, 25.0)),
        ("RES_education_accessing", "school-attendance-residents", "26 to 50 percent", (26.0, 50.0)),
    ] {
        let parsed = read("reach-hsos", format!("{HSOS}{}", hsos(&[(column, answer)])));
        let found = of(&parsed, id)[0];
        assert_eq!((found.value, found.bounds), (bounds.0, Some(bounds)), "{answer}");
    }
    let parsed = read("reach-hsos", format!("{HSOS}{HSOS_ROW}"));
    let yes = of(&parsed, "sewage-connected")[0];
    assert_eq!((yes.value, yes.bounds, yes.place), (1.0, None, code("SY070200")));
    assert_eq!((yes.period.to_string(), yes.dims.as_deref()), ("2022-12".into(), Some("community=C1366")));
    assert_eq!(of(&parsed, "returnees-present")[0].value, 0.0);
    assert_eq!(parsed.records.len(), 23);
}

#[test]
fn hsos_unknown_is_not_zero() {
    for answer in ["NA", "NA - No residents in the assessed location", "NA_-_No_IDPs", "No Data", ""] {
        let parsed = read("reach-hsos", format!("{HSOS}{}", hsos(&[("SHE_no_damage", answer)])));
        assert!(of(&parsed, "shelters-undamaged").is_empty(), "{answer}");
        assert_eq!(parsed.records.len(), 22);
        assert_eq!(parsed.quality.count("no answer in `SHE_no_damage` (`NA`, `No Data` or blank)"), 1);
    }
    // A row of which nothing is known but the community: it was assessed all the same.
    let blank: Vec<(&str, &str)> = HSOS.trim().split(',').skip(5).map(|column| (column, "NA")).collect();
    let parsed = read("reach-hsos", format!("{HSOS}{}", hsos(&blank)));
    assert_eq!(values(&parsed), [("community-assessed", 1.0)]);
}

#[test]
fn hsos_days_of_water_are_none_where_no_network_works() {
    let row = hsos(&[("water_functioning", "No"), ("water_funct_days", "NA")]);
    let parsed = read("reach-hsos", format!("{HSOS}{row}"));
    let days = of(&parsed, "water-network-days")[0];
    assert_eq!((days.value, days.bounds), (0.0, Some((0.0, 0.0))));
    let row = hsos(&[("water_functioning", "NA"), ("water_funct_days", "NA")]);
    assert!(of(&read("reach-hsos", format!("{HSOS}{row}")), "water-network-days").is_empty(), "unknown");
}

#[test]
fn hsos_codes_that_repeat_give_way_to_names() {
    let row = |code: &str, name: &str| hsos(&[("community_code", code), ("community", name)]);
    let rows =
        [("other", "Kafr A"), ("other", "Kafr B"), ("", "Kafr; C=D"), ("A city", "A quarter"), ("other", "")];
    let table: String = rows.iter().map(|(code, name)| row(code, name)).collect();
    let parsed = read("reach-hsos", format!("{HSOS}{table}"));
    let dims: Vec<_> = of(&parsed, "community-assessed").iter().map(|o| o.dims.as_deref()).collect();
    assert_eq!(
        dims,
        [
            Some("community=Kafr A"),
            Some("community=Kafr B"),
            Some("community=Kafr C D"),
            Some("community=A quarter"),
            None
        ]
    );
    assert_eq!(parsed.quality.count("communities without a code and a name of their own"), 1);
    for (path, unnamed) in [
        ("reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz", 0),
        ("reach-hsos-syria/hsos_2023-04_nws_nes_communities_idp_presence.csv.gz", 1),
    ] {
        let Some(real) = held("reach-hsos", path) else { return };
        let mut keys: Vec<_> =
            observations(&real).iter().map(|o| (o.indicator, o.place, o.period, o.dims.clone())).collect();
        keys.sort();
        assert!(keys.windows(2).all(|w| w[0] != w[1]), "{path}: a community stands twice in a month");
        assert_eq!(real.quality.count("communities without a code and a name of their own"), unnamed);
    }
}

#[test]
fn hsos_governorates_as_answers_and_foreign_wages_give_no_record() {
    let parsed = read(
        "reach-hsos",
        format!(
            "{HSOS}{}{}",
            hsos(&[("health_access_near", "Idleb"), ("currency_wages_RES", "United States dollars")]),
            hsos(&[
                ("health_access_near", "Aleppo"),
                ("RES_wage_unskilled", "NA"),
                ("currency_wages_RES", "NA")
            ])
        ),
    );
    assert!(of(&parsed, "health-nearby").is_empty() && of(&parsed, "wage-unskilled").is_empty());
    let governorates = "a governorate as the answer in `health_access_near`; no record";
    assert_eq!(parsed.quality.count(governorates), 2);
    assert_eq!(parsed.quality.count("wages in another currency than the Turkish lira; no record"), 1);
    let path = "reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz";
    let Some(real) = held("reach-hsos", path) else { return };
    // python: 345 times Idleb, 19 times Aleppo; and one row of a month and nothing else.
    assert_eq!(real.quality.count(governorates), 345 + 19);
    assert_eq!(real.quality.count("rows that name no community; no record"), 1);
    assert!(real.quality.notes.iter().all(|n| !n.what.contains("is new")), "every column is known");
}

#[test]
fn hsos_presence_says_only_that() {
    let header = "Governorate,Subdistrictpcode,Community,Communitypcode,IDPsreportedinthecommunity,\
                  IDPsdisplacedincommunitybeca,year,month,region\n";
    let row = "Aleppo,SY020203,Place A,C1258,Yes,NA_-_No_IDPs_in_the_assessed_location,2023.0,4.0,NWS\n";
    let parsed = read("reach-hsos", format!("{header}{row}"));
    assert_eq!(values(&parsed), [("community-assessed", 1.0), ("displaced-present", 1.0)]);
    assert_eq!(parsed.capture, "csv presence");
}

// Insecurity Insight

#[test]
fn insecurity_files_are_told_by_a_column_of_their_own() {
    let table =
        |column: &str| format!("Date,Country,Country ISO,Admin 1,{column}\n2021-05-18,Mali,MLI,Mopti,1\n");
    for (column, capture, id) in [
        ("Forceful Entry into Health Facility", "csv health care", "attacks-health-care"),
        ("Attacks on Schools", "csv education", "attacks-education"),
        ("Explosive Weapon Type", "csv explosive weapons", "explosive-weapons-incidents"),
    ] {
        let parsed = read("insecurity-insight", table(column));
        assert_eq!(parsed.capture, capture);
        assert_eq!(values(&parsed), [(id, 1.0)]);
        assert_eq!(parsed.layout.columns, ["Date", "Country", "Country ISO", "Admin 1"]);
    }
    assert!(try_read("insecurity-insight", "t", table("Something Else")).is_err());
}

#[test]
fn insecurity_rows_without_a_country_or_an_area_are_kept() {
    let rows = "2019-08-12,International Waters,,,1\n2021-04-15,Unspecified,,No Information,1\n\
                2021-04-15,Mali,MLI,\"Mopti; the east \",1\n";
    let header = "Date,Country,Country ISO,Admin 1,Forceful Entry into Health Facility\n";
    let parsed = read("insecurity-insight", format!("{header}{rows}"));
    let found: Vec<_> =
        observations(&parsed).iter().map(|o| (o.place.as_str().to_owned(), o.dims.clone())).collect();
    assert_eq!(
        found,
        [("UNK".into(), None), ("UNK".into(), None), ("MLI".into(), Some("area=Mopti the east".into()))]
    );
    assert_eq!(parsed.quality.count("incidents of no country, kept as of an unknown place"), 2);
    assert_eq!(parsed.quality.count("incidents whose area is not known"), 2);
    let path = "insecurity-insight/attacks_on_health_care_2016-2023.csv.gz";
    let Some(real) = held("insecurity-insight", path) else { return };
    assert_eq!(real.quality.count("incidents of no country, kept as of an unknown place"), 2);
    // python: 1,211 times `No Information`, 4 times nothing.
    assert_eq!(real.quality.count("incidents whose area is not known"), 1_211 + 4);
}

// OCHA Syria

#[test]
fn movements_are_counted_under_one_indicator_each() {
    let header =
        "Reporting_Month,IDP_Returnees,Nahya_PCODE,Community,Community_PCODE,Sum of IDP_Flow_Estimation\n";
    let rows = "2021-12-01,IDP,SY020300,Afrin,C1366,1492\n2021-12,Returnees,SY020300,A farm,other,0\n\
                2021-12-01 00:00:00,IDP,SY020300,Afrin,C1366,\n";
    let parsed = read("ocha-syria-movements", format!("{header}{rows}"));
    assert_eq!(
        values(&parsed),
        [("idp-movements-community", 1492.0), ("idp-return-movements-community", 0.0)]
    );
    assert_eq!(parsed.quality.count("figures not reported"), 1, "a blank is no zero");
    assert_eq!(observations(&parsed)[1].dims.as_deref(), Some("community=A farm"));

    let Some(real) =
        held("ocha-syria-movements", "syria-idp-movements/syria_idp_movements_ocha_2016-2021.xlsx")
    else {
        return;
    };
    for o in observations(&real) {
        let detail = o.indicator.as_str().ends_with("-community");
        assert_eq!(o.place == code("SYR"), !detail, "{o:?}");
        let dim = if detail { "community=" } else { "area=" };
        assert!(o.dims.as_deref().is_some_and(|d| d.starts_with(dim)), "{o:?}");
    }
    // python: cells of the months that hold a figure; the other months are not reported.
    assert_eq!(of(&real, "idp-movements").len(), 808);
    assert_eq!(of(&real, "idp-return-movements").len(), 633);
    assert_eq!(of(&real, "idp-movements").iter().filter(|o| o.value == 0.0).count(), 4);
    // The zeros of 2016 stand for returns that were not collected.
    assert_eq!(real.quality.count("rows that name no governorate; no record"), 1);
    assert_eq!(of(&real, "idp-return-movements").iter().map(|o| o.period.year()).min(), Some(2017));
    assert_eq!(real.quality.count("figures beside the table, under no header; not read"), 4);
}

#[test]
fn movements_of_returnees_early_in_2018_are_one_total_spread_over_four_months() {
    let Some(real) =
        held("ocha-syria-movements", "syria-idp-movements/syria_idp_movements_ocha_2016-2021.xlsx")
    else {
        return;
    };
    let returns = of(&real, "idp-return-movements");
    let month = |month: i8| -> Vec<(Option<String>, f64)> {
        let of = returns.iter().filter(|o| o.period.year() == 2018 && o.period.month() == Some(month));
        of.map(|o| (o.dims.as_deref().map(str::to_owned), o.value)).collect()
    };
    assert!(month(1).len() >= 12);
    assert!(
        (2..=4).all(|m| month(m) == month(1)) && month(5) != month(1),
        "the caveat of the source says so"
    );
}

// DTM

#[test]
fn dtm_semicolons_and_levels_and_what_was_not_given() {
    let header = "id;operation;admin0Pcode;admin1Pcode;admin2Pcode;numPresentIdpInd;reportingDate;roundNumber;assessmentType\n";
    let rows = "1;Armed Clashes in Sudan (Overview);SDN;SD11;SD11053;39365;2024-12-17T00:00:00;18;BA\n\
                2;Overview, all;SDN;SD11;;7;2024-12-17;18;BA\n3;Overview;SDN;;;;2024-12-17;;\n4;Overview;SDN;;;9;2024-12-17;;\n";
    let parsed = read("iom-dtm", format!("{header}{rows}"));
    let found: Vec<_> = observations(&parsed)
        .iter()
        .map(|o| (o.place.as_str().to_owned(), o.value, o.dims.clone()))
        .collect();
    assert_eq!(
        found,
        [
            (
                "SD11053".into(),
                39_365.0,
                Some("round=18;assessment=BA;operation=Armed Clashes in Sudan (Overview)".into())
            ),
            ("SD11".into(), 7.0, Some("round=18;assessment=BA;operation=Overview, all".into())),
            ("SDN".into(), 9.0, Some("operation=Overview".into())),
        ]
    );
    assert_eq!(parsed.quality.count("figures not reported"), 1);
}

#[test]
fn dtm_reasons_are_several_and_origins_may_be_missing() {
    let header = "operation,admin0Pcode,admin1Pcode,admin2Pcode,numPresentIdpInd,reportingDate,roundNumber,assessmentType,\
                  displacementReason,idpOriginAdmin1Pcode\n#operation+name,#country+code,,,#affected+idps,,,,,\n";
    let row =
        |reason: &str, origin: &str| format!("Op,HTI,HT05,HT0533,9,2025-06-30,10,BA,{reason},{origin}\n");
    let rows = [
        row("Conflict; Natural disaster", "HT06"),
        row("No reason for displacement reported", "Not available"),
        row("conflict", ""),
    ];
    let parsed = read("iom-dtm", format!("{header}{}", rows.concat()));
    let dims: Vec<_> = observations(&parsed).iter().map(|o| o.dims.as_deref().unwrap().to_owned()).collect();
    assert_eq!(
        dims,
        [
            "round=10;assessment=BA;operation=Op;reason=Conflict, Natural disaster;origin=HT06",
            "round=10;assessment=BA;operation=Op",
            "round=10;assessment=BA;operation=Op;reason=conflict"
        ]
    );
    assert_eq!(parsed.quality.count("a line of HXL tags, left out"), 1);
    // An area of another country is kept, and noted.
    let strange = rows[0].replace("HT0533", "TD0704");
    let parsed = read("iom-dtm", format!("{header}{strange}"));
    assert_eq!(observations(&parsed)[0].place, code("TD0704"));
    assert_eq!(parsed.quality.count("P-codes that the table holds under another country"), 1);
    // One that no table holds has its level from its column.
    let new = rows[0].replace("HT0533", "HT05ZZ");
    let parsed = read("iom-dtm", format!("{header}{new}"));
    assert_eq!(observations(&parsed)[0].dim("level").as_deref(), Some("2"));
    assert_eq!(parsed.quality.count("P-codes that the table does not hold"), 1);
}

#[test]
fn semicolons_separate_only_where_the_header_has_no_comma() {
    // Such a header is a table with commas, whose second field holds a semicolon.
    let header = "operation,admin0Pcode;x,numPresentIdpInd,reportingDate,roundNumber,assessmentType\n";
    assert!(try_read("iom-dtm", "t", header).is_err());
    let parsed = read(
        "unhcr-solutions",
        "year;coo_iso;coa_iso;returned_refugees;resettlement;naturalisation;returned_idps\n2025;SYR;NLD;0;1;2;3\n",
    );
    assert_eq!(parsed.records.len(), 4);
}

// HNO

#[test]
fn needs_have_their_year_in_the_name_of_the_file_and_their_groups_in_words() {
    let table = "Country ISO3,Admin 1 PCode,Admin 2 PCode,Description,Cluster,Category,Population,In Need,Targeted,Affected\n\
                 AFG,,,Border Consortium Appeal,MS,,,415000.0,415000.0,\nAFG,,,Multi-Purpose Cash,MS,,,,,\n\
                 SDN,,,Refugee Response,,,,963410.0,963410.0,\nSDN,SD11,SD11053,Education,EDU,Children; girls,,7,0,\n";
    let parsed = try_read("ocha-hno", "hpc_hno_2024_national_rows.csv", table).unwrap();
    let found: Vec<_> = observations(&parsed)
        .iter()
        .map(|o| {
            (
                o.place.as_str().to_owned(),
                o.indicator.as_str(),
                o.value,
                o.dims.as_deref().unwrap().to_owned(),
            )
        })
        .collect();
    let expect =
        |place: &str, id: &'static str, value: f64, dims: &str| (place.into(), id, value, dims.into());
    let girls = "cluster=EDU;description=Education;category=Children, girls";
    assert_eq!(
        found,
        [
            expect("AFG", "people-in-need", 415_000.0, "cluster=MS;description=Border Consortium Appeal"),
            expect("AFG", "people-targeted", 415_000.0, "cluster=MS;description=Border Consortium Appeal"),
            expect("SDN", "people-in-need", 963_410.0, "description=Refugee Response"),
            expect("SDN", "people-targeted", 963_410.0, "description=Refugee Response"),
            expect("SD11053", "people-in-need", 7.0, girls),
            expect("SD11053", "people-targeted", 0.0, girls),
        ]
    );
    assert!(observations(&parsed).iter().all(|o| o.period.to_string() == "2024"));
    // A blank is not given; a zero is.
    assert_eq!(parsed.quality.count("`In Need` not given"), 1);
    assert_eq!(parsed.quality.count("rows without a cluster"), 1);
    let _ = try_read("ocha-hno", "hpc_hno_2025.csv", table).unwrap();
    assert!(try_read("ocha-hno", "table", table).is_err(), "no year in the name");
}

#[test]
fn the_line_of_a_row_is_the_physical_one_whatever_ends_a_line() {
    let plain = format!(
        "{INFORM}Syria,SYR,2024,Physicians density,11.9,per 10,000\nSudan,SDN,2024,Physicians density,2.6,x\n"
    );
    let plain = plain.replace(",per 10,000", ",x");
    let lines = |text: &str| -> Vec<u32> {
        let parsed = try_read("inform-risk", "inform.csv", text).unwrap();
        let mut lines: Vec<u32> =
            parsed.in_file_order().unwrap().into_iter().map(|r| r.locator().row).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(lines(&plain), [2, 3]);
    assert_eq!(lines(&plain.replace('\n', "\r\n")), [2, 3]);
    assert_eq!(lines(&plain.trim_end().replace('\n', "\r\n")), [2, 3]);
}

#[test]
fn an_event_is_known_no_finer_than_it_lasted() {
    let event = |start: &str, end: &str| {
        let text = format!("{GED}1,2017,1,1,Raqqa,652,{start},{end},2,1,3,0\n");
        let parsed = try_read("ucdp-ged", "ged.csv", text).unwrap();
        match parsed.in_file_order().unwrap()[0] {
            Record::Event(e) => e.period.to_string(),
            _ => panic!(),
        }
    };
    assert_eq!(event("2017-06-06", "2017-06-06"), "2017-06-06");
    assert_eq!(event("2017-06-06", "2017-06-20"), "2017-06");
    assert_eq!(event("2017-06-06", "2017-10-17"), "2017");
    assert_eq!(event("2016-12-30", "2017-01-02"), "2017");
}

#[test]
fn a_stock_and_a_flow_of_idmc_are_never_one_indicator() {
    let stocks = read(
        "idmc",
        "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,total\n2023,Libya,LBY,LBY,Libya,LBY,LBY,4e+05\n\
         1992,Unknown,UKN,UNK,Unknown,UKN,UNK,2.5e+07\n2023,Chad,CHD,TCD,Chad,CHD,TCD,\n",
    );
    let of = |parsed: &Parsed| -> Vec<(String, String, f64, Option<String>)> {
        let rows = observations(parsed).into_iter();
        rows.map(|o| {
            (o.indicator.to_string(), o.place.to_string(), o.value, o.dims.as_deref().map(str::to_owned))
        })
        .collect()
    };
    assert_eq!(
        of(&stocks),
        [
            ("idps-idmc".to_owned(), "LBY".to_owned(), 400_000.0, None),
            ("idps-idmc".to_owned(), "UNK".to_owned(), 25_000_000.0, None),
        ]
    );
    assert!(noted(&stocks, "totals of the world") && noted(&stocks, "figures not reported"));

    let flows = read("idmc", "geo,t,cause,n\nAB9,2023,conflict,150\nLBY,2023,flood,0\n");
    assert_eq!(
        of(&flows),
        [
            ("internal-displacements".to_owned(), "AB9".to_owned(), 150.0, Some("cause=conflict".to_owned())),
            ("internal-displacements".to_owned(), "LBY".to_owned(), 0.0, Some("cause=flood".to_owned())),
        ]
    );
    assert!(noted(&flows, "Abyei"));

    let ages = try_read("idmc", "ages", "geo,t,cause,sex,age,n\nLBY,2024,conflict,female,0-4,7\n");
    assert!(ages.unwrap_err().to_string().contains("found people by sex and age"), "a stock is no flow");

    let api = r#"{"items":[{"year":2025,"coo_id":1,"coo_name":"Libya","coo":"LBY","coo_iso":"LBY","coa_id":1,
        "coa_name":"Libya","coa":"LBY","coa_iso":"LBY","total":"85000"}]}"#;
    assert_eq!(of(&read("idmc", api))[0].2, 85_000.0);
}

#[test]
fn palestine_refugees_are_of_palestine_wherever_they_are_registered() {
    let head = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,total\n";
    let rows = "2025,Palestinian,GAZ,PSE,State of Palestine,GAZ,PSE,2484580\n2025,Palestinian,GAZ,PSE,Unknown,UKN,UNK,495764\n";
    let parsed = read("unrwa", format!("{head}{rows}"));
    let found = observations(&parsed);
    assert!(found.iter().all(|o| o.place == code("PSE") && o.indicator.as_str() == "palestine-refugees"));
    assert_eq!(
        found.iter().map(|o| o.counterpart).collect::<Vec<_>>(),
        [Some(code("PSE")), Some(code("UNK"))]
    );
    assert!(noted(&parsed, "`UNK`"));
}
