//! Forms that people download: recognised without being named, read as the older forms are, or named with what to
//! download instead. The cases of the shared data folder are skipped without it, with a line that says so.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::path::Path;

use wegen_ledger::{Draft, LayoutKind};
use wegen_model::{Observation, Record};
use wegen_sources::{File, SourceError, draft, recognise};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// A file of the shared data folder; `None` where there is none.
fn held(path: &str) -> Option<File> {
    if !Path::new(DATA).is_dir() {
        eprintln!("skipped: there is no {DATA}");
        return None;
    }
    let name = path.rsplit('/').next().unwrap();
    Some(File::new(name, std::fs::read(Path::new(DATA).join(path)).unwrap()))
}

fn read(source: &str, file: &File) -> Result<Draft, SourceError> {
    draft(source, vec![file.clone()], &file.name, "2026-11-30T12:00:00Z".parse().unwrap())
}

/// What a file becomes that is recognised as `source`.
fn recognised(source: &str, file: &File) -> Draft {
    assert_eq!(recognise(std::slice::from_ref(file)).unwrap(), source, "{}", file.name);
    read(source, file).unwrap()
}

fn observations(draft: &Draft) -> Vec<&Observation> {
    draft
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Observation(o) = r { Some(o) } else { None })
        .collect()
}

/// The value of an indicator, a place, a year and dimensions, which stands once.
fn value(draft: &Draft, indicator: &str, place: &str, year: i32, dims: Option<&str>) -> f64 {
    let all = observations(draft);
    let found: Vec<f64> = all
        .iter()
        .filter(|o| o.indicator.as_str() == indicator && o.place.as_str() == place)
        .filter(|o| o.period.year() == year && o.dims.as_deref() == dims)
        .map(|o| o.value)
        .collect();
    assert_eq!(found.len(), 1, "{indicator} {place} {year} {dims:?}: {found:?}");
    found[0]
}

fn says(error: &SourceError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

/// What is said of a file that no source is named for.
fn unnamed(name: &str, bytes: impl Into<Vec<u8>>) -> SourceError {
    recognise(&[File::new(name, bytes)]).unwrap_err()
}

#[test]
fn the_world_banks_archive_is_read_from_among_its_descriptions() {
    let Some(zip) = held("cases/turn-2/11-world-bank/WDI_CSV_small.zip") else { return };
    let draft = recognised("worldbank-wdi", &zip);
    let table = draft.parts.iter().position(|part| part.name == "WDICSV.csv").unwrap();
    assert_eq!(draft.parts.len(), 6);
    assert!(!draft.records.is_empty());
    for observation in observations(&draft) {
        assert_eq!(observation.locator.part as usize, table, "a record points into the table of figures");
    }
}

#[test]
fn an_extract_of_databank_is_read_with_its_years_and_its_last_lines() {
    let Some(mut extract) = held("cases/turn-2/11-world-bank/databank_extract.csv") else { return };
    let figures = |draft: &Draft| {
        assert_eq!(value(draft, "population", "SDN", 2022, None), 49_383_346.0);
        assert_eq!(value(draft, "population", "SDN", 2023, None), 50_042_791.0);
        assert_eq!(value(draft, "population", "SYR", 2023, None), 23_227_014.0);
        // `..` is not reported, and no zero.
        assert_eq!(draft.records.len(), 4);
        assert!(draft.quality.notes.iter().any(|n| n.what == "figures not reported" && n.count == 2));
        assert_eq!(draft.rows_read, 2);
    };
    figures(&recognised("worldbank-wdi", &extract));
    let mut bytes = extract.bytes().unwrap().into_owned();
    bytes.extend_from_slice(
        b"\n,,,,,,\nData from database: World Development Indicators,,,,,,\nLast Updated: 10/24/2025,,,,,,\n",
    );
    extract = File::new(extract.name.clone(), bytes);
    figures(&recognised("worldbank-wdi", &extract));
}

#[test]
fn two_dots_are_not_reported_in_the_wide_and_the_long_form() {
    let wide = "Country Name,Country Code,Indicator Name,Indicator Code,2022,2023\nSudan,SDN,Population,SP.POP.TOTL,..,5\n";
    let long = "Country Name,Country ISO3,Year,Indicator Name,Indicator Code,Value\n\
                Sudan,SDN,2022,Population,SP.POP.TOTL,..\nSudan,SDN,2023,Population,SP.POP.TOTL,5\n";
    for text in [wide, long] {
        let draft = read("worldbank-wdi", &File::new("given.csv", text)).unwrap();
        assert_eq!((draft.records.len(), value(&draft, "population", "SDN", 2023, None)), (1, 5.0));
    }
}

#[test]
fn a_table_without_years_is_told_so_and_not_that_its_columns_are_missing() {
    let text = "Country Name,Country Code,Indicator Name,Indicator Code\nSudan,SDN,Population,SP.POP.TOTL\n";
    let error = read("worldbank-wdi", &File::new("given.csv", text)).unwrap_err();
    says(&error, &["`given.csv`, row 1: found the columns", "expected a column a year"]);
    let text = "TableName,Country Code,Region\nSudan,SDN,Africa\n";
    let error = read("worldbank-wdi", &File::new("given.csv", text)).unwrap_err();
    says(&error, &["expected `Indicator Code` among them"]);
}

#[test]
fn informs_workbook_of_a_release_is_read() {
    let Some(book) = held("cases/turn-2/10-xlsx/INFORM_Risk_2026_small.xlsx") else { return };
    let draft = recognised("inform-risk", &book);
    assert_eq!((draft.rows_read, draft.records.len()), (2, 8));
    assert_eq!(value(&draft, "inform-risk", "SDN", 2026, None), 7.5);
    assert_eq!(value(&draft, "inform-risk", "SYR", 2026, None), 7.2);
    assert_eq!(value(&draft, "inform-component", "SYR", 2026, Some("code=VU")), 7.7);
    assert_eq!(value(&draft, "inform-component", "SDN", 2026, Some("code=CC")), 7.6);
    assert_eq!(draft.layout.kind, LayoutKind::Sheet);
    let at = observations(&draft).iter().find(|o| o.value == 7.7).unwrap().locator;
    assert_eq!(draft.layout.describe(at), "INFORM Risk 2026 (a-z), row 5, VULNERABILITY");
}

/// The figures stand in `SOURCE.md` beside the files.
#[test]
fn informs_release_of_2026_has_its_known_totals() {
    let (Some(scores), Some(values)) = (
        held("inform-risk-2026/inform_risk_2026_v072_scores.csv.gz"),
        held("inform-risk-2026/inform_risk_2026_v072_indicators.csv.gz"),
    ) else {
        return;
    };
    let draft = recognised("inform-risk", &scores);
    assert_eq!(draft.rows_read, 191);
    for (country, risk) in [("SYR", 7.8), ("SDN", 7.8), ("SOM", 8.1), ("AFG", 7.8)] {
        assert_eq!(value(&draft, "inform-risk", country, 2026, None), risk, "{country}");
    }
    for (code, score) in [("HA", 8.6), ("VU", 7.8), ("CC", 7.0)] {
        assert_eq!(value(&draft, "inform-component", "SYR", 2026, Some(&format!("code={code}"))), score);
    }
    let draft = recognised("inform-risk", &values);
    assert_eq!((draft.rows_read, draft.records.len()), (13_799, 13_799));
    assert_eq!(value(&draft, "electricity-access", "SYR", 2023, None).round(), 88.0);
    assert_eq!((value(&draft, "physicians", "SYR", 2023, None) * 100.0).round(), 1_521.0);
    assert_eq!(value(&draft, "gdp-per-head", "SYR", 2024, None).round(), 847.0);
    let of = |code: &str| {
        let all = observations(&draft);
        let begins = format!("code={code};");
        let found: Vec<f64> = all
            .iter()
            .filter(|o| {
                o.place.as_str() == "SYR" && o.dims.as_deref().is_some_and(|d| d.starts_with(&begins))
            })
            .map(|o| o.value)
            .collect();
        assert_eq!(found.len(), 1, "{code}");
        found[0]
    };
    assert_eq!((of("RET_REF"), of("POP.SEC.IDP")), (526_202.0, 7_408_809.0));
}

#[test]
fn scores_without_a_year_or_beyond_ten_are_refused() {
    let text = "COUNTRY,ISO3,INFORM RISK,HAZARD & EXPOSURE,VULNERABILITY,LACK OF COPING CAPACITY\nSyria,SYR,7.2,7,7.7,x\n";
    let error = read("inform-risk", &File::new("scores.csv", text)).unwrap_err();
    says(&error, &["`scores.csv`, the name of the file: found no year, expected the year of the release"]);
    let draft = read("inform-risk", &File::new("INFORM_Risk_2026.csv", text)).unwrap();
    assert_eq!(draft.records.len(), 3, "`x` is no score");
    let error =
        read("inform-risk", &File::new("INFORM_Risk_2026.csv", text.replace("7.2", "72"))).unwrap_err();
    says(&error, &["row 2, column `INFORM RISK`: found `72`, expected a score from 0 to 10"]);
}

#[test]
fn insecurity_insights_workbook_says_what_its_table_says() {
    let Some(book) = held("cases/turn-2/10-xlsx/ewm_small.xlsx") else { return };
    let draft = recognised("insecurity-insight", &book);
    let Some(csv) = held("insecurity-insight/explosive_weapons_2020-2023.csv.gz") else { return };
    let table = read("insecurity-insight", &csv).unwrap();
    let told = |o: &&Observation| (o.indicator, o.place, o.period, o.dims.clone());
    let all = observations(&table);
    let of_table: Vec<_> = all.iter().map(told).collect();
    // The first rows of the published table, without their descriptions.
    assert_eq!(draft.records.len() as u64, draft.rows_read);
    assert!(draft.rows_read > 2);
    for observation in observations(&draft) {
        let mut key = told(&observation);
        let without = |dims: Option<Box<str>>| dims.map(|d| d.split(";event=").next().unwrap().to_owned());
        let area = without(key.3.take().map(|d| d.to_string().into()));
        let same = of_table.iter().any(|t| {
            (t.0, t.1, t.2) == (key.0, key.1, key.2)
                && without(t.3.clone().map(|d| d.to_string().into())) == area
        });
        assert!(same, "{observation:?}");
    }
    assert_eq!(draft.capture, table.capture, "one form answers for the other");
    assert!(draft.quality.notes.iter().any(|n| n.what == "a line of HXL tags, left out"));
}

#[test]
fn a_file_without_a_source_is_recognised_by_its_form() {
    let unhcr = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                 returned_idps,stateless,ooc,oip,hst\n\
                 2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,74805,17478,0,0,0,0,0,,0\n";
    assert_eq!(recognise(&[File::new("x.csv", unhcr)]).unwrap(), "unhcr-population");
    // A form that one source knows, with a cell that it cannot read: that source says what is wrong.
    let spoilt = unhcr.replace("74805", "many");
    assert_eq!(recognise(&[File::new("x.csv", spoilt.as_str())]).unwrap(), "unhcr-population");
    let packed = zstd::encode_all(unhcr.as_bytes(), 3).unwrap();
    assert_eq!(recognise(&[File::new("x.csv.zst", packed)]).unwrap(), "unhcr-population");
}

#[test]
fn a_large_table_is_recognised_by_its_first_rows() {
    let row = "2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,74805,17478,0,0,0,0,0,,0\n";
    let header = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                  returned_idps,stateless,ooc,oip,hst\n";
    // Longer than what is looked at, and wrong in its last line, which is not.
    let text = format!("{header}{}not a row\n", row.repeat(40_000));
    for bytes in [text.clone().into_bytes(), zstd::encode_all(text.as_bytes(), 3).unwrap()] {
        assert_eq!(recognise(&[File::new("x.csv", bytes)]).unwrap(), "unhcr-population");
    }
}

#[test]
fn a_form_of_no_source_shows_what_it_holds() {
    let error = unnamed("mine.csv", "apples,pears\n1,2\n");
    says(
        &error,
        &["`mine.csv`: found the columns `apples, pears`, which is the form of no source", "--source"],
    );
    says(&unnamed("mine.json", "{\"apples\": 1}"), &["an object with `apples`"]);
    says(&unnamed("mine.json", "[1, 2"), &["a JSON document that breaks off"]);
    says(&unnamed("mine.csv", ""), &["`mine.csv`, row 1: found an empty file"]);
    says(&unnamed("mine.csv", "\n \n"), &["an empty file"]);
}

#[test]
fn a_form_of_several_sources_names_them() {
    // Answers without rows, under the name that several interfaces give them.
    let error = unnamed("page.json", "{\"items\": []}");
    assert!(matches!(error, SourceError::Ambiguous { .. }), "{error}");
    says(&error, &["`unhcr-population`", " or `", "`--source` says which"]);
}

#[test]
fn personal_data_is_told_before_the_form() {
    let text = "passport number,date of birth\nAB123456,1990-01-01\n";
    says(&unnamed("people.csv", text), &["is refused", "No data about individuals enters"]);
}

#[test]
fn a_source_that_is_none_is_met_with_those_it_may_mean() {
    let meant = |name: &str| read(name, &File::new("x.csv", "a\n1\n")).unwrap_err();
    says(
        &meant("unhcr"),
        &[
            "no source `unhcr`",
            "`unhcr-population`",
            "`unhcr-asylum-applications`",
            "`unhcr-asylum-decisions`",
            "`unhcr-solutions`",
        ],
    );
    says(&meant("UCDP-GED"), &["did you mean `ucdp-ged`"]);
    says(&meant("infrom-risk"), &["did you mean `inform-risk`"]);
    let nothing = meant("zzzzzz").to_string();
    assert!(!nothing.contains("did you mean"), "{nothing}");
}

#[test]
fn other_formats_are_named_and_never_called_broken_text() {
    for (bytes, what) in [
        (&b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"[..], "a PDF"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "a page of a website"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a workbook in the format before xlsx"),
        (b"\xff\xfea\0,\0b\0", "text in UTF-16"),
        (b"PAR1\x15\x04", "a Parquet file"),
    ] {
        says(&unnamed("given.csv", bytes), &[&format!("`given.csv` is {what}; it is not read: ")]);
    }
    let Some(book) = held("cases/turn-2/10-xlsx/INFORM_Risk_2026_small.xlsx") else { return };
    for source in ["unhcr-population", "gapminder", "ocha-pcodes", "unrwa", "reach-hsos"] {
        let error = read(source, &book).unwrap_err();
        says(&error, &["a workbook of `inform-risk`"]);
    }
}

#[test]
fn letters_case_is_not_taken_for_absence() {
    let text = "GEO,Time,Children_Out_Of_School_Primary\nsyr,2020,5\n";
    assert_eq!(read("gapminder", &File::new("given.csv", text)).unwrap().records.len(), 1);
    // Where a column is not there at all, that one is named.
    let text = "Geo,children_out_of_school_primary\nsyr,5\n";
    let error = read("gapminder", &File::new("given.csv", text)).unwrap_err();
    says(&error, &["expected `time` among them"]);
}

#[test]
fn all_measures_of_a_source_are_named_and_not_the_first() {
    let text = "entity,code,year,cheese\nSyria,SYR,2020,5\n";
    let error = read("owid-jmp", &File::new("given.csv", text)).unwrap_err();
    says(&error, &["`electrical_access` or `basic_drinking_water_usage` or `basic_sanitation_usage`"]);
}

#[test]
fn of_several_tables_the_one_that_is_meant_is_named() {
    for (source, header, expected) in [
        // One column short of the trends, the values, the scores.
        ("inform-risk", "Iso3,GNAYear,IndicatorId", "`IndicatorScore`"),
        ("inform-risk", "iso3,indicator_id,indicator,value,unit", "`survey_year`"),
        (
            "inform-risk",
            "COUNTRY,ISO3,INFORM RISK,HAZARD & EXPOSURE,VULNERABILITY",
            "`LACK OF COPING CAPACITY`",
        ),
        ("idmc", "geo,t,n", "`cause`"),
        ("idmc", "year,coo_iso,total", "`coa_iso`"),
        (
            "reach-hsos",
            "Subdistrictpcode,Community,Communitypcode,year,month",
            "`IDPsreportedinthecommunity`",
        ),
        ("worldbank-wdi", "Country Name,Country ISO3,Year,Indicator Name,Indicator Code", "`Value`"),
        ("worldbank-wdi", "geo,t,var", "`v`"),
        // What has nothing of any of them is told the first column of each.
        ("inform-risk", "apples,pears", "`Iso3` or `ISO3` or `iso3`"),
        ("idmc", "apples,pears", "`year` or `geo`"),
        (
            "insecurity-insight",
            "Date,Country,Country ISO,Admin 1",
            "`Forceful Entry into Health Facility` or `Attacks on Schools` or `Explosive Weapon Type`",
        ),
    ] {
        let text = format!("{header}\n{}\n", header.split(',').map(|_| "1").collect::<Vec<_>>().join(","));
        let error = read(source, &File::new("given.csv", text)).unwrap_err();
        says(&error, &[&format!("expected {expected} among them")]);
    }
}

#[test]
fn text_of_windows_names_its_likely_encoding() {
    let text = b"geo,time,children_out_of_school_primary\nC\xf4te,2020,5\n".to_vec();
    let error = read("gapminder", &File::new("given.csv", text)).unwrap_err();
    says(&error, &["row 2: found bytes that are not UTF-8", "likely Windows-1252: save it as UTF-8"]);
}

#[test]
fn forms_that_are_not_read_say_what_to_download() {
    for (path, source, what, instead) in [
        (
            "basic-services/ddf_at_least_basic_water_source_overall_access_percent.csv.gz",
            "gapminder",
            "Gapminder's table of `at_least_basic_water_source_overall_access_percent`",
            "SH.H2O.BASW.ZS",
        ),
        ("basic-services/ddf_hdi_human_development_index.csv.gz", "gapminder", "hdi_human", "no source"),
        ("ophi-mpi/hdx_hapi_poverty_rate_global.csv.gz", "ophi-mpi", "HDX HAPI", "table 5"),
        ("ophi-mpi/ophi_table1_national_results_mpi_2024.xlsx", "ophi-mpi", "table 1", "table 5"),
        ("reach-hsos-syria/hsos_variable_labels.csv", "reach-hsos", "names of variables", "`reach-hsos`"),
    ] {
        let Some(file) = held(path) else { return };
        says(&read(source, &file).unwrap_err(), &[what, "it is not read", instead]);
        says(&recognise(&[file]).unwrap_err(), &[what, "it is not read", instead]);
    }
}
