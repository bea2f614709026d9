//! The forms in which people download a publisher's data today, on the publishers' own files and on lines of ours.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use wegen_ledger::{LayoutKind, Ledger, RecordFilter};
use wegen_model::{Area, Code, Incident, Observation, Record};
use wegen_sources::{File, Parsed, SourceError, draft, parser, unpack};

fn try_read(source: &str, name: &str, text: impl Into<Vec<u8>>) -> Result<Parsed, SourceError> {
    parser(source).expect("a source of ours").parse(&[File::new(name, text)])
}

fn read(source: &str, name: &str, text: impl Into<Vec<u8>>) -> Parsed {
    try_read(source, name, text).unwrap_or_else(|e| panic!("{e}"))
}

/// A file of the shared folder, unpacked and read; `None` where the folder is absent.
fn try_held(source: &str, path: &str) -> Option<Result<Parsed, SourceError>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return None;
    }
    let bytes = std::fs::read(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let files = unpack(&File::new(path, bytes)).unwrap_or_else(|e| panic!("{e}"));
    Some(parser(source).expect("a source of ours").parse(&files))
}

fn held(source: &str, path: &str) -> Option<Parsed> {
    Some(try_held(source, path)?.unwrap_or_else(|e| panic!("{e}")))
}

fn observations(parsed: &Parsed) -> impl Iterator<Item = &Observation> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Observation(o) = r { Some(o) } else { None })
}

/// How often a note was made; nothing where it was not.
fn noted(parsed: &Parsed, what: &str) -> Option<u64> {
    parsed.quality.notes.iter().find(|n| n.what.contains(what)).map(|n| n.count)
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

/// What a row says, apart from where it stands.
fn said(parsed: &Parsed) -> Vec<(String, String, String, String, f64, String)> {
    let mut said: Vec<_> = observations(parsed)
        .map(|o| {
            (
                o.period.to_string(),
                o.place.to_string(),
                o.counterpart.map(|c| c.to_string()).unwrap_or_default(),
                o.indicator.to_string(),
                o.value,
                o.dims.as_deref().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    said.sort_by(|a, b| a.partial_cmp(b).unwrap());
    said
}

// UNHCR

const API: [(&str, &str); 4] = [
    ("unhcr-population", "unhcr-population/population.csv.gz"),
    ("unhcr-asylum-applications", "unhcr-population/asylum_applications.csv.gz"),
    ("unhcr-asylum-decisions", "unhcr-population/asylum_decisions.csv.gz"),
    ("unhcr-solutions", "unhcr-population/solutions.csv.gz"),
];

const HDX: [&str; 4] = ["EndYearPopulationTotals", "AsylumApplications", "AsylumDecisions", "Solutions"];

#[test]
fn tables_of_unhcr_on_the_exchange_say_what_the_interface_says() {
    for ((source, api), hdx) in API.into_iter().zip(HDX) {
        let Some(hdx) = held(source, &format!("cases/turn-2/08-unhcr-forms/HDX_{hdx}.csv")) else { return };
        let api = said(&held(source, api).unwrap());
        let stage = |said: &str| {
            let words =
                said.split(';').filter(|w| source != "unhcr-asylum-applications" || !w.starts_with("level"));
            words.collect::<Vec<_>>().join(";")
        };
        assert!(hdx.rows_read > 3 && hdx.capture == "hdx csv", "{source}");
        for row in said(&hdx) {
            let same = api.iter().any(|a| {
                (&a.0, &a.1, &a.2, &a.3, a.4) == (&row.0, &row.1, &row.2, &row.3, row.4)
                    && stage(&a.5) == row.5
            });
            // What the exchange has as nought the interface leaves blank.
            assert!(same || row.4 == 0.0, "{source}: {row:?}");
        }
    }
}

#[test]
fn a_total_over_countries_is_no_row_of_a_country() {
    let Some(site) = held("unhcr-population", "cases/turn-2/08-unhcr-forms/persons_of_concern_2026.csv")
    else {
        return;
    };
    assert_eq!((site.rows_read, site.records.len(), site.capture), (3, 0, "site csv"));
    assert_eq!(noted(&site, "total over countries"), Some(3));

    // The same in an answer by origin only, and in a file that has both.
    let answer = r#"{"items": [{"year": 2024, "coo_iso": "SDN", "coa_iso": "-", "refugees": 2098867,
        "asylum_seekers": 226262, "returned_refugees": "0", "idps": 8856333, "returned_idps": "0", "stateless": 0,
        "ooc": 12, "oip": "-", "hst": "-"}]}"#;
    let answer = read("unhcr-population", "answer.json", answer);
    assert_eq!((answer.records.len(), noted(&answer, "total over countries")), (0, Some(1)));
    let header = "Year,Country of Asylum,Country of Origin,Country of Asylum ISO,Country of Origin ISO,Refugees,\
                  Asylum-seekers,IDPs,Other people in need of international protection,Stateless persons,\
                  Host community,Others of concern\n";
    let rows = "2024,-,Sudan,-,SDN,1000,10,0,0,0,0,0\n2024,Chad,Sudan,TCD,SDN,900,4,0,-,0,0,0\n2024,Egypt,-,EGY,-,70,0,0,0,0,0,0\n";
    let both = read("unhcr-population", "persons.csv", format!("{header}{rows}"));
    let refugees: Vec<_> = observations(&both).filter(|o| o.indicator.as_str() == "refugees").collect();
    assert_eq!(refugees.iter().map(|o| o.value).collect::<Vec<_>>(), [900.0]);
    assert_eq!((refugees[0].place, refugees[0].counterpart), (code("SDN"), Some(code("TCD"))));
    assert_eq!(noted(&both, "total over countries"), Some(2));
}

#[test]
fn the_site_of_unhcr_names_its_columns_in_two_ways() {
    let old = "Year,Country of origin,Country of origin (ISO),Country of asylum,Country of asylum (ISO),\
               Refugees under UNHCR's mandate,Asylum-seekers,IDPs of concern to UNHCR,Stateless persons,Others of concern,\
               Host Community\n2021,Sudan,SDN,Chad,TCD,368000,400,0,0,0,5\n";
    let old = read("unhcr-population", "population.csv", old);
    let values: Vec<_> = observations(&old).map(|o| (o.indicator.as_str(), o.value)).collect();
    assert!(
        values.contains(&("refugees", 368_000.0)) && values.contains(&("host-community", 5.0)),
        "{values:?}"
    );
    let decisions = "Year,Country of origin,Country of origin (ISO),Country of asylum,Country of asylum (ISO),Authority,\
                     Stage of procedure,Cases / Persons,Recognized decisions,Complementary protection,Rejected decisions,\
                     Otherwise closed,Total decisions\n2024,Syrian Arab Rep.,SYR,Netherlands (Kingdom of the),NLD,G,FI,P,10187,0,480,1409,12076\n";
    let decisions = said(&read("unhcr-asylum-decisions", "asylum-decisions.csv", decisions));
    let Some(api) = held("unhcr-asylum-decisions", "unhcr-population/asylum_decisions.csv.gz") else {
        return;
    };
    let api = said(&api);
    // Syrians in the Netherlands in 2024, as the interface has them.
    assert_eq!(decisions.len(), 5);
    for row in &decisions {
        assert!(api.contains(row), "{row:?}");
    }
}

#[test]
fn tables_about_the_figures_lie_beside_them_in_an_archive() {
    let figures =
        "Year,Country of Origin ISO,Country of Asylum ISO,Refugees,Asylum-seekers\n2021,SDN,TCD,368000,400\n";
    let files = [
        File::new("footnotes.csv", "Country,Year,Note\nSudan,2021,An estimate.\n"),
        File::new("p.csv", figures),
    ];
    let read = parser("unhcr-population").unwrap().parse(&files).unwrap();
    assert_eq!((read.rows_read, read.records.len()), (1, 2));
    assert_eq!((noted(&read, "left out"), read.records.as_slice().unwrap()[0].locator().part), (Some(1), 1));
    // A table of figures that lacks a column is not taken for another table.
    let files = [File::new("p.csv", figures), File::new("q.csv", figures.replace("Refugees", "Refugee"))];
    let error = parser("unhcr-population").unwrap().parse(&files).unwrap_err().to_string();
    assert!(error.contains("`q.csv`, row 1") && error.contains("expected `Refugees` among them"), "{error}");
    let old = "Year,Country / territory of asylum/residence,Origin,Population type,Value\n1951,Australia,Various,Refugees,1\n";
    let error = try_read("unhcr-population", "old.csv", old).unwrap_err().to_string();
    assert!(
        error.contains("names countries and has no codes") && error.contains("Refugee Data Finder"),
        "{error}"
    );
}

#[test]
fn what_is_missed_is_missed_from_the_form_that_was_meant() {
    let says = |header: &str, expected: &str| {
        let error = try_read("unhcr-population", "given.csv", format!("{header}\n")).unwrap_err().to_string();
        assert!(error.contains(&format!("expected `{expected}` among them")), "{error}");
    };
    says("Year,ISO3CoO,ISO3CoA,REF,IDP,ASY,OOC", "STA");
    says("Year,Country of Origin ISO,Country of Asylum ISO,Refugees", "Asylum-seekers");
    says(
        "year,coo_iso,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless",
        "ooc",
    );
    // Letters' case is no absence.
    let upper =
        "YEAR,COO_ISO,COA_ISO,REFUGEES,ASYLUM_SEEKERS,RETURNED_REFUGEES,IDPS,RETURNED_IDPS,STATELESS,OOC\n";
    let upper = read("unhcr-population", "given.csv", format!("{upper}2024,SYR,NLD,1,2,0,0,0,0,0\n"));
    assert_eq!((upper.records.len(), upper.quality.notes.len()), (7, 0));
}

// Missing Migrants

fn incidents(parsed: &Parsed) -> impl Iterator<Item = &Incident> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Incident(i) = r { Some(i) } else { None })
}

fn people(parsed: &Parsed) -> i64 {
    incidents(parsed).map(|i| i64::from(i.total.unwrap_or(0))).sum()
}

/// The newest period of a month or a day.
fn newest(parsed: &Parsed) -> String {
    incidents(parsed).filter_map(|i| i.period).filter(|p| p.month().is_some()).max().unwrap().to_string()
}

#[test]
fn captures_of_missing_migrants_are_read_as_their_table_of_contents_has_them() {
    // Rows, people and the newest incident, as `SOURCE.md` has them.
    for (file, rows, dead_and_missing, last, capture, kind) in [
        ("mmp_download_2019-03-29.csv.gz", 5_333, 31_552, "2019-03-28", "csv", LayoutKind::Csv),
        ("mmp_download_2020-01-08.csv.gz", 6_249, 34_534, "2020-01-05", "csv", LayoutKind::Csv),
        ("mmp_download_2022-05.xlsx", 10_606, 48_423, "2022-05-08", "csv", LayoutKind::Sheet),
        ("mmp_kaggle_2014-2023-07.csv.gz", 13_020, 57_513, "2023-07", "csv by month", LayoutKind::Csv),
        ("mmp_download_2025-05.xlsx", 19_255, 74_376, "2025-04-29", "csv", LayoutKind::Sheet),
    ] {
        let Some(parsed) = held("iom-missing-migrants", &format!("iom-missing-migrants/captures/{file}"))
        else {
            return;
        };
        assert_eq!((parsed.rows_read, people(&parsed)), (rows, dead_and_missing), "{file}");
        assert_eq!(newest(&parsed), last, "{file}");
        assert_eq!((parsed.capture, parsed.layout.kind), (capture, kind), "{file}");
        let placed = incidents(&parsed).filter(|i| i.place.is_some()).count();
        // The newest download alone has a country of incident.
        assert_eq!(placed > 19_000, file == "mmp_download_2025-05.xlsx", "{file}");
        assert_eq!(placed == 0, file != "mmp_download_2025-05.xlsx", "{file}");
        // Ids are those that later releases have, or none.
        assert!(incidents(&parsed).filter_map(|i| i.id.as_deref()).all(|id| id.contains(".MMP")), "{file}");
        let with_id = incidents(&parsed).filter(|i| i.id.is_some()).count();
        assert_eq!(with_id > 10_000, file.ends_with("xlsx"), "{file}");
    }
}

#[test]
fn odd_cells_of_missing_migrants_are_kept_and_counted() {
    let folder = "iom-missing-migrants";
    let Some(europe) = held(folder, "iom-missing-migrants/iom_europe_curated_2014-2026-04.csv.gz") else {
        return;
    };
    assert_eq!(europe.rows_read, 6_802);
    // `Libya - presumed departure on 12-14 April` on four rows of one incident, the like on two others, `012 52E`.
    assert_eq!(noted(&europe, "with a remark behind them"), Some(6));
    assert_eq!(noted(&europe, "something else than a country"), Some(1));
    let place = |id: &str| incidents(&europe).find(|i| i.id.as_deref() == Some(id)).unwrap().place;
    assert_eq!(place("2026.MMP0190"), Some(code("LBY")));
    assert_eq!(place("2026.MMP0212"), Some(code("MAR")));
    assert_eq!(place("2026.MMP0199"), None);
    let download = held(folder, "iom-missing-migrants/captures/mmp_download_2025-05.xlsx").unwrap();
    // A date that is a nought, in September 2020.
    assert_eq!(noted(&download, "known by month"), Some(1));
    let odd: Vec<_> = incidents(&download).filter(|i| i.id.as_deref() == Some("2020.MMP01343")).collect();
    assert_eq!(odd.iter().map(|i| i.period.unwrap().to_string()).collect::<Vec<_>>(), ["2020-09"]);
    let old = held(folder, "iom-missing-migrants/captures/mmp_download_2022-05.xlsx").unwrap();
    assert_eq!(noted(&old, "older system"), Some(1), "one incident of 2016 still has the number 7420");
    // Its points stand as `POINT (longitude latitude)`: Arizona is on land, and the cells are those of the other form.
    let cells = |parsed: &Parsed, id: &str| {
        incidents(parsed)
            .filter(|i| i.id.as_deref() == Some(id))
            .map(|i| (i.cell, i.setting))
            .collect::<Vec<_>>()
    };
    for id in ["2014.MMP00001", "2014.MMP00007", "2020.MMP00010"] {
        assert_eq!(cells(&old, id), cells(&download, id), "{id}");
        assert!(!cells(&old, id).is_empty(), "{id}");
    }
}

#[test]
fn old_and_aggregated_downloads_have_no_place_and_the_date_they_have() {
    let Some(old) = held("iom-missing-migrants", "cases/turn-2/09-mmp-forms/mmp_2020-01.csv") else { return };
    let seen: Vec<_> = incidents(&old)
        .map(|i| (i.period.unwrap().to_string(), i.total.unwrap(), i.place, i.id.clone(), i.incidents))
        .collect();
    let expected = [("2019-12-02", 3), ("2020-01-11", 29), ("2020-01-13", 1)];
    assert_eq!(seen, expected.map(|(day, people)| (day.to_owned(), people, None, None, 1)));
    assert_eq!(noted(&old, "without a country of incident"), Some(3));
    assert_eq!(noted(&old, "not read"), None);
    let by_month = held("iom-missing-migrants", "cases/turn-2/09-mmp-forms/mmp_aggregated_2023.csv").unwrap();
    let seen: Vec<_> =
        incidents(&by_month).map(|i| (i.period.unwrap().to_string(), i.total.unwrap())).collect();
    assert_eq!(seen, [("2014-01".to_owned(), 1), ("2014-01".to_owned(), 12)]);
    assert_eq!(noted(&by_month, "known by month"), Some(2));
}

#[test]
fn dates_of_the_downloads_exist_in_whatever_way_they_are_written() {
    let header = "Web ID,Region of Incident,Reported Date,Reported Year,Reported Month,Number Dead,\
                  Minimum Estimated Number of Missing,Total Dead and Missing,Cause of Death,Location Coordinates,\
                  Migration Route\n";
    let day = |date: &str| {
        let text = format!("{header}1,Mediterranean,\"{date}\",2020,Feb,1,,1,Drowning,\"35, 12\",\n");
        try_read("iom-missing-migrants", "given.csv", text)
            .map(|parsed| incidents(&parsed).next().unwrap().period.unwrap().to_string())
            .map_err(|e| e.to_string())
    };
    for date in
        ["February 29, 2020", "Feb 29, 2020", "29-Feb-20", "29-Feb-2020", "2020-02-29", "Sat, 02/29/2020"]
    {
        assert_eq!(day(date).unwrap(), "2020-02-29", "{date}");
    }
    assert_eq!(day("").unwrap(), "2020-02");
    for date in
        ["February 30, 2020", "30-Feb-20", "Febtober 3, 2020", "29-Feb", "2020-02-30", "Mon, 02/30/2020"]
    {
        let error = day(date).unwrap_err();
        assert!(error.contains("row 2, column `Incident Date`") && error.contains("that exists"), "{error}");
    }
    // A point that cannot be read takes nobody away.
    for (point, known) in
        [("35, 12", true), ("POINT (12 35)", true), ("35.1 12.2", false), ("off Libya, north", false)]
    {
        let row = format!("{header}1,Mediterranean,29-Feb-20,2020,Feb,1,,1,Drowning,\"{point}\",\n");
        let parsed = read("iom-missing-migrants", "given.csv", row);
        assert_eq!(
            (people(&parsed), noted(&parsed, "points that cannot be read").is_none()),
            (1, known),
            "{point}"
        );
        assert_eq!(incidents(&parsed).next().unwrap().cell.is_some(), known, "{point}");
    }
    // A column that is renamed is missed: a country is never lost in silence.
    let renamed = header.replace("Region of Incident", "land");
    let error = try_read("iom-missing-migrants", "given.csv", renamed).unwrap_err().to_string();
    assert!(error.contains("expected `Country of Incident` among them"), "{error}");
}

#[test]
fn an_old_download_adds_nobody_to_a_release_that_covers_its_years() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let at = |day: &str| -> jiff::Timestamp { format!("{day}T12:00:00Z").parse().unwrap() };
    let header = "Main ID,Incident Date,Year,Number Dead,Minimum Estimated Number of Missing,Cause of Death,\
                  Country of Incident,Migration Route\n";
    let new = format!("{header}2019.MMP00001,2019-03-28,2019,2,0,Drowning,Libya,Central Mediterranean\n");
    let new = File::new("MissingMigrants-Global-2026-05-06.csv", new);
    ledger.add(draft("iom-missing-migrants", vec![new], "test", at("2026-05-06")).unwrap()).unwrap();
    // The same incident as it stood in 2019, under a number of the older system, imported later.
    let old = "Web ID,Region of Incident,Reported Date,Reported Year,Reported Month,Number Dead,\
               Minimum Estimated Number of Missing,Total Dead and Missing,Cause of Death,Location Coordinates,\
               Migration Route\n51591,Mediterranean,\"March 28, 2019\",2019,Mar,1,,1,Drowning,\"35, 12\",\n";
    let old = File::new("mmp_download_2019-03-29.csv", old);
    ledger.add(draft("iom-missing-migrants", vec![old], "test", at("2026-06-01")).unwrap()).unwrap();
    let edition = ledger.edition(None).unwrap();
    let held = ledger.evidence(&edition).incidents(&RecordFilter::of("iom-missing-migrants")).unwrap();
    assert_eq!(held.iter().map(|i| i.value.total).collect::<Vec<_>>(), [Some(2)]);
}

// Boundaries

fn areas(parsed: &Parsed) -> impl Iterator<Item = &Area> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Area(a) = r { Some(a) } else { None })
}

#[test]
fn regions_of_cameroon_have_the_codes_of_the_table() {
    let Some(layer) = held("ocha-cod-ab", "boundaries/cod-topojson/cmr_adm1_cod.topo.json") else { return };
    // The layer has codes of its own beside (`CMR006`).
    let regions: BTreeMap<String, String> = areas(&layer)
        .map(|a| {
            assert_eq!((a.country, a.level, a.parent), (code("CMR"), 1, Some(code("CM"))));
            (a.code.to_string(), a.name.to_string())
        })
        .collect();
    let table = held("ocha-pcodes", "pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz").unwrap();
    let of_table: BTreeMap<String, String> = areas(&table)
        .filter(|a| a.country == code("CMR") && a.level == 1)
        .map(|a| (a.code.to_string(), a.name.to_string()))
        .collect();
    assert_eq!(regions, of_table);
    assert_eq!(regions.len(), 10);
}

const SQUARE: &str = r#""geometry":{"type":"Polygon","coordinates":[[[33,16],[34,16],[34,17],[33,16]]]}"#;

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{properties},{geometry}}}"#)
}

fn layer(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

#[test]
fn an_archive_of_boundaries_holds_layers_that_are_no_areas() {
    let area = |level: u8, code: &str| {
        let properties = format!(
            r#"{{"adm{level}_name":"Mbomou","adm{level}_pcode":"{code}","lang":"fr","iso2":"CF","iso3":"CAF","valid_on":"2015-06-15"}}"#
        );
        layer(&[feature(&properties, SQUARE)])
    };
    let line = r#""geometry":{"type":"LineString","coordinates":[[33,16],[34,16]]}"#;
    let lines = layer(&[feature(r#"{"adm_level":1,"name":"x"}"#, line)]);
    let files = [
        File::new("caf_admin1.geojson", area(1, "CF62")),
        File::new("caf_admin2.geojson", area(2, "CF621")),
        File::new("caf_adminlines.geojson", lines.clone()),
    ];
    let read = parser("ocha-cod-ab").unwrap().parse(&files).unwrap();
    assert_eq!(areas(&read).map(|a| a.level).collect::<Vec<_>>(), [1, 2]);
    assert!(areas(&read).all(|a| a.valid_from.is_some_and(|day| day.to_string() == "2015-06-15")));
    assert_eq!(noted(&read, "lines or points"), Some(1));
    let error = try_read("ocha-cod-ab", "caf_adminlines.geojson", lines).unwrap_err().to_string();
    assert!(error.contains("another geometry"), "{error}");
    for (name, bytes, found) in [
        ("caf_admin1.shp", &b"\0\0\x27\x0a"[..], "a shapefile"),
        ("caf.gdb/a00000001.gdbtable", b"\x03\0\0\0", "a file geodatabase"),
        ("caf_cod_ab.xlsx", b"PK\x03\x04", "a workbook of names and codes"),
    ] {
        let error = try_read("ocha-cod-ab", name, bytes).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(found) && error.contains("GeoJSON"), "{error}");
    }
}

#[test]
fn a_lake_in_a_layer_of_districts_is_no_province() {
    let district =
        feature(r#"{"ADM2_EN":"Bol","ADM2_PCODE":"TD0701","ADM1_EN":"Lac","ADM1_PCODE":"TD07"}"#, SQUARE);
    let lake =
        feature(r#"{"ADM2_EN":"Lake Chad","ADM2_PCODE":null,"ADM1_EN":"Lac","ADM1_PCODE":"TD07"}"#, SQUARE);
    let read = read("ocha-cod-ab", "tcd_adm2.geojson", layer(&[district, lake.clone()]));
    assert_eq!(areas(&read).map(|a| (a.code, a.level)).collect::<Vec<_>>(), [(code("TD0701"), 2)]);
    assert_eq!((noted(&read, "such as lakes"), read.rows_read), (Some(1), 2));
    // Without any code, a feature says nothing of the others.
    let region = feature(r#"{"ADM1_EN":"Lac","ADM1_PCODE":"TD07"}"#, SQUARE);
    let bare = feature(r#"{"ADM1_EN":"Lake Chad","ADM1_PCODE":" "}"#, SQUARE);
    let regions =
        parser("ocha-cod-ab").unwrap().parse(&[File::new("l", layer(&[bare.clone(), region]))]).unwrap();
    assert_eq!(areas(&regions).map(|a| a.code).collect::<Vec<_>>(), [code("TD07")]);
    let error = try_read("ocha-cod-ab", "l", layer(&[bare])).unwrap_err().to_string();
    assert!(error.contains("a property like `ADM1_PCODE`"), "{error}");
}

#[test]
fn one_area_without_a_name_refuses_no_layer() {
    let named = feature(r#"{"ADM1_PT":"Cabo Delgado","ADM1_PCODE":"MZ01"}"#, SQUARE);
    let bare = feature(r#"{"ADM1_PT":null,"ADM1_PCODE":"MZ02"}"#, SQUARE);
    let read = read("ocha-cod-ab", "moz.geojson", layer(&[named, bare]));
    assert_eq!(areas(&read).map(|a| &*a.name).collect::<Vec<_>>(), ["Cabo Delgado", "MZ02"]);
    assert_eq!(noted(&read, "without a name"), Some(1));
    let none = layer(&[feature(r#"{"ADM1_PCODE":"MZ02"}"#, SQUARE)]);
    assert!(try_read("ocha-cod-ab", "moz.geojson", none).unwrap_err().to_string().contains("no name"));
    let older = feature(r#"{"admin1Name_pt":"Gaza","admin1Pcode":"MZ03","date":"2019-06-07"}"#, SQUARE);
    let older = parser("ocha-cod-ab").unwrap().parse(&[File::new("moz.geojson", layer(&[older]))]).unwrap();
    assert_eq!(areas(&older).map(|a| &*a.name).collect::<Vec<_>>(), ["Gaza"]);
}

// IOM DTM

#[test]
fn an_answer_of_the_tracking_matrix_is_read_as_it_comes() {
    for path in [
        "cases/turn-2/12-dtm-json/dtm_v3_admin1_tcd.json",
        "api-payloads/dtm_v3_displacement_admin1_TCD.json",
    ] {
        let Some(answer) = held("iom-dtm", path) else { return };
        assert_eq!((answer.capture, answer.layout.pointer.as_str()), ("json", "/result"), "{path}");
        assert!(answer.rows_read >= 4 && answer.records.len() as u64 == answer.rows_read, "{path}");
        // Lac, 30 September 2017, as `cases/turn-2/README.md` has it: the same people under two kinds of assessment.
        let lac: Vec<_> =
            observations(&answer).filter(|o| o.period.to_string() == "2017-09-30").map(|o| o.value).collect();
        assert_eq!(lac, [147_032.0, 147_032.0], "{path}");
        // A cell is found where the locator says.
        assert_eq!(
            answer.layout.describe(answer.records.as_slice().unwrap()[0].locator()),
            "/result/0/numPresentIdpInd"
        );
    }
}

#[test]
fn answers_of_the_tracking_matrix_that_are_none_say_what_they_are() {
    let Some(list) = try_held("iom-dtm", "api-payloads/dtm_v3_operation-list.json") else { return };
    let error = list.unwrap_err().to_string();
    assert!(error.contains("a list of operations") && error.contains("`displacement/admin0`"), "{error}");
    let row = r#"{"operation":"A","admin0Pcode":"TCD","numPresentIdpInd":5,"reportingDate":"2017-09-30T00:00:00",
        "roundNumber":1,"assessmentType":"BA"}"#;
    for (text, expected) in [
        (r#"{"isSuccess":false,"result":null,"errorMessages":["Invalid date"]}"#.to_owned(), "Invalid date"),
        (
            format!(r#"{{"isSuccess":true,"totalRecordsCount":3,"result":[{row}]}}"#),
            "found 1 rows, expected the 3",
        ),
        (r#"{"isSuccess":true}"#.to_owned(), "expected an array of objects"),
    ] {
        let error = try_read("iom-dtm", "answer.json", text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let array = read("iom-dtm", "rows.json", format!("[{row}]"));
    let wrapped = read(
        "iom-dtm",
        "answer.json",
        format!(r#"{{"isSuccess":true,"totalRecordsCount":1,"result":[{row}]}}"#),
    );
    assert_eq!(said(&array), said(&wrapped));
}

#[test]
fn hapi_holds_the_people_of_the_tracking_matrix_with_their_reasons_added() {
    let Some(hapi) = held("iom-dtm", "iom-dtm/hdx_hapi_idps_afg_hti_tcd.csv.gz") else { return };
    assert_eq!((hapi.rows_read, hapi.capture), (6_854, "hapi"));
    let api = held("iom-dtm", "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz").unwrap();
    let key = |o: &Observation| {
        let place = o.place.to_string();
        let dim = |name: &str| o.dim(name).unwrap_or_default().to_owned();
        (place, o.period.to_string(), dim("round"), dim("assessment"), dim("operation"))
    };
    let mut sums: BTreeMap<_, f64> = BTreeMap::new();
    observations(&api).for_each(|o| *sums.entry(key(o)).or_default() += o.value);
    for row in observations(&hapi) {
        assert_eq!(row.dim("table"), Some("hapi".into()));
        assert_eq!(sums.get(&key(row)), Some(&row.value), "{row:?}");
    }
    // `TCD07` there is `TD07` in the table, and here.
    assert!(observations(&hapi).any(|o| o.place == code("TD07")));
    assert_eq!(noted(&hapi, "the table does not hold"), None);
    // Never the sum of both: they are two series of one count.
    let series = &wegen_model::sources().get("iom-dtm").unwrap().series;
    let of = |parsed: &Parsed| series.key(observations(parsed).next().unwrap().dims.as_deref());
    assert_ne!(of(&hapi), of(&api));
}

#[test]
fn rows_of_an_area_without_its_code_are_no_rows_of_the_area_above() {
    let header = "location_code,admin1_code,admin2_code,admin_level,operation,assessment_type,population,reporting_round,\
                  reference_period_start,reference_period_end\n";
    let rows = "TCD,,,0,A,BA,50,1,2024-01-31,2024-01-31\nTCD,TD07,,2,A,BA,30,1,2024-01-31,2024-01-31\n\
                TCD,,,1,A,BA,40,1,2024-01-31,2024-01-31\n";
    let hapi = read("iom-dtm", "hapi.csv", format!("{header}{rows}"));
    assert_eq!(observations(&hapi).map(|o| (o.place, o.value)).collect::<Vec<_>>(), [(code("TCD"), 50.0)]);
    assert_eq!(noted(&hapi, "without a P-code"), Some(2));
}

#[test]
fn lists_of_the_tracking_matrix_that_are_not_read_name_what_is() {
    for (path, found) in [
        (
            "iom-dtm/dtm_iraq_idp_locations_2014-10-26.csv.gz",
            "a list of locations in Iraq: families by place",
        ),
        ("iom-dtm/dtm_iraq_labels.csv", "the names of the columns of Iraq's list"),
        ("cases/turn-2/10-xlsx/ewm_small.xlsx", "a workbook with the sheets"),
    ] {
        let Some(read) = try_held("iom-dtm", path) else { return };
        let error = read.unwrap_err().to_string();
        assert!(error.contains(found) && error.contains("`Data from IOM DTM API`, CSV"), "{error}");
    }
}

// Tables that are recognised and not read

#[test]
fn other_tables_of_a_publisher_are_named_with_what_to_fetch() {
    for (source, path, found, expected) in [
        ("unhcr-population", "unhcr-population/demographics.csv.gz", "demographics", "`population`"),
        ("unhcr-population", "unhcr-population/flows.csv.gz", "flows", "`population`"),
        ("unhcr-population", "unhcr-population/countries.csv.gz", "list of countries", "`population`"),
        ("unhcr-population", "unhcr-population/unhcr-situations_sample.csv", "situations", "`population`"),
        (
            "ocha-pcodes",
            "pcodes/syria_adm4_communities_ocha_2021-01-13.csv.gz",
            "populated places",
            "global_pcodes",
        ),
    ] {
        let Some(read) = try_held(source, path) else { return };
        let error = read.unwrap_err().to_string();
        assert!(error.contains(found) && error.contains(expected), "{error}");
    }
}

// Archives and texts that are none

#[test]
fn a_tar_archive_is_called_one() {
    let path = "iom-missing-migrants/mmp_api_raw_2014-2025.tar.zst";
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let Ok(bytes) = std::fs::read(folder.join(path)) else {
        eprintln!("skipped: there is no {path}");
        return;
    };
    let error = unpack(&File::new(path, bytes)).unwrap_err().to_string();
    assert!(
        error.contains("tar archive, which is not read: unpack it") && error.contains(".tar`"),
        "{error}"
    );
}

#[test]
fn what_is_no_text_is_named_and_not_called_broken() {
    for (bytes, found) in [
        (&b"PK\x03\x04\x14\0"[..], "a workbook (xlsx)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook in the format before xlsx"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
    ] {
        for source in ["unhcr-population", "ucdp-ged", "ocha-hno", "ocha-pcodes"] {
            let error = try_read(source, "given_2024", bytes).unwrap_err().to_string();
            assert!(error.contains(found) && error.contains("text, as CSV or JSON"), "{source}: {error}");
            assert!(!error.contains("not UTF-8"), "{source}: {error}");
        }
    }
}

// UCDP

/// All columns of the georeferenced events since release 17.
const EVENTS: &str = "id,relid,year,active_year,code_status,type_of_violence,conflict_dset_id,conflict_new_id,\
    conflict_name,dyad_dset_id,dyad_new_id,dyad_name,side_a_dset_id,side_a_new_id,side_a,side_b_dset_id,side_b_new_id,\
    side_b,number_of_sources,source_article,source_office,source_date,source_headline,source_original,where_prec,\
    where_coordinates,where_description,adm_1,adm_2,latitude,longitude,geom_wkt,priogrid_gid,country,country_id,region,\
    event_clarity,date_prec,date_start,date_end,deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low,gwnoa,gwnob";

const EVENT: &str = "500001,X-500001,2024,True,Clear,1,309,309,Sudan: Government,1,1,Government - RSF,,,Government,,,RSF,2,\
    \"\"\"A\"\", 2024-01-10; B\",,,,,1,town,\"town, in the south\",Khartoum state,,15.5,32.5,POINT (32.5 15.5),1,Sudan,625,\
    Africa,1,1,2024-01-10 00:00:00.000,2024-01-11 00:00:00.000,1,2,3,1,7,9,6,625,";

fn events(parsed: &Parsed) -> Vec<(String, Code, u32, u32, u32)> {
    let event = |r: &Record| match r {
        Record::Event(e) => Some((e.period.to_string(), e.place, e.low, e.best, e.high)),
        _ => None,
    };
    parsed.records.as_slice().unwrap().iter().filter_map(event).collect()
}

#[test]
fn releases_of_events_are_read_whole_as_they_are_packed() {
    let tags = EVENTS.split(',').map(|name| format!("#{}", name.trim())).collect::<Vec<_>>().join(",");
    let plain = format!("{EVENTS}\n{EVENT}\n");
    let zip = |name: &str| {
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, plain.as_bytes()).unwrap();
        writer.finish().unwrap().into_inner()
    };
    for (name, bytes, covers) in [
        ("ged251-csv.zip", zip("GEDEvent_v25_1.csv"), Some("1989..2024")),
        ("ged261-csv.zip", zip("GEDEvent_v26_1.csv"), Some("1989..2025")),
        ("GEDEvent_v24_0_1.csv", plain.clone().into_bytes(), Some("2024-01")),
        ("GEDEvent_v24_01_24_03.csv", plain.clone().into_bytes(), Some("2024-01..2024-03")),
        ("conflict_data_sdn.csv", format!("{EVENTS}\n{tags}\n{EVENT}\n").into_bytes(), None),
        // As Windows writes it.
        ("events.csv", format!("\u{feff}{}", plain.replace('\n', "\r\n")).into_bytes(), None),
    ] {
        let at = "2026-11-29T12:00:00Z".parse().unwrap();
        let read = draft("ucdp-ged", vec![File::new(name, bytes)], "test", at).unwrap();
        assert_eq!(read.coverage.period.map(|p| p.to_string()).as_deref(), covers, "{name}");
        assert_eq!(read.rows_read, 1, "{name}");
        let unread: Vec<&str> = read
            .quality
            .notes
            .iter()
            .map(|n| n.what.as_str())
            .filter(|what| what.contains("not read"))
            .collect();
        assert_eq!(unread, [""; 0], "{name}");
        let Record::Event(event) = &read.records.as_slice().unwrap()[0] else { panic!("{name}: no event") };
        assert_eq!((event.period.to_string().as_str(), event.place), ("2024-01", code("SDN")), "{name}");
        assert_eq!((event.low, event.best, event.high, event.civilians), (6, 7, 9, 3), "{name}");
    }
}

#[test]
fn candidate_events_of_the_cases_are_read_whole() {
    for (path, deaths) in [
        ("01-ucdp-candidate/GEDEvent_v26_0_1.csv", &[10, 40][..]),
        ("01-ucdp-candidate/GEDEvent_v26_0_2.csv", &[3, 7]),
    ] {
        let Some(read) = held("ucdp-ged", &format!("cases/turn-2/{path}")) else { return };
        assert_eq!(events(&read).iter().map(|e| e.3).collect::<Vec<_>>(), deaths, "{path}");
        assert_eq!(noted(&read, "not read"), None, "{path}");
    }
}
