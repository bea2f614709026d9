//! Files whose P-codes cannot be read by their letters, and needs as they come: cases of the shared data folder.
//!
//! Without the folder every test here on a file passes with a line that says so.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use wegen_model::{Area, Code, Observation, Record, countries, indicator};
use wegen_sources::{File, Parsed, SourceError, parser};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cases/turn-2");

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn try_read(source: &str, name: &str, text: impl Into<Vec<u8>>) -> Result<Parsed, SourceError> {
    parser(source).unwrap().parse(&[File::new(name, text)])
}

/// A case, as the parser of `source` reads it; `None` where the shared folder is absent.
fn case(source: &str, path: &str) -> Option<Parsed> {
    let file = PathBuf::from(CASES).join(path);
    if !file.is_file() {
        eprintln!("skipped: there is no {}", file.display());
        return None;
    }
    Some(try_read(source, path, std::fs::read(file).unwrap()).unwrap_or_else(|e| panic!("{e}")))
}

fn observations(parsed: &Parsed) -> impl Iterator<Item = &Observation> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Observation(o) = r { Some(o) } else { None })
}

fn areas(parsed: &Parsed) -> Vec<&Area> {
    parsed
        .in_file_order()
        .unwrap()
        .into_iter()
        .filter_map(|r| if let Record::Area(a) = r { Some(a) } else { None })
        .collect()
}

fn layer(properties: &str) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{properties},
        "geometry":{{"type":"Polygon","coordinates":[[[33,16],[34,16],[34,17],[33,16]]]}}}}]}}"#
    )
}

#[test]
fn provinces_of_burundi_are_none_of_bangladesh() {
    let Some(parsed) = case("ocha-cod-ab", "06-cod-ab/bdi_adm1.geojson") else { return };
    let found = areas(&parsed);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|a| a.country == code("BDI") && a.level == 1));
    assert_eq!((found[0].code, &*found[0].name), (code("BDI001"), "Bubanza"));
}

#[test]
fn boundaries_as_published_since_2025_are_read() {
    let Some(parsed) = case("ocha-cod-ab", "06-cod-ab/caf_admin1_2026_small.geojson") else { return };
    let found = areas(&parsed);
    assert!(!found.is_empty() && found.iter().all(|a| a.country == code("CAF") && a.level == 1));
    let mbomou = found.iter().find(|a| a.code == code("CF62")).unwrap();
    assert_eq!(&*mbomou.name, "Mbomou");
    assert_eq!(mbomou.valid_from.map(|p| p.to_string()).as_deref(), Some("2015-06-15"));
}

#[test]
fn names_are_read_in_whatever_language_a_layer_has() {
    for (properties, name) in [
        (r#"{"ADM1_PT":"Cabo Delgado","ADM1_PCODE":"MZ01"}"#, "Cabo Delgado"),
        (r#"{"ADM1_AR":"حلب","ADM1_EN":"Aleppo","ADM1_PCODE":"SY02"}"#, "Aleppo"),
        (r#"{"ADM1_AR":"حلب","ADM1_PCODE":"SY02"}"#, "حلب"),
        (
            r#"{"adm1_name":"حلب","lang":"ar","adm1_name1":"Aleppo","lang1":"en","adm1_pcode":"SY02","iso3":"SYR"}"#,
            "Aleppo",
        ),
        (r#"{"adm1_name":"Mbomou","adm1_ref":"Mb.","adm1_pcode":"CF62","iso2":"CF"}"#, "Mbomou"),
    ] {
        let parsed = try_read("ocha-cod-ab", "layer", layer(properties)).unwrap();
        assert_eq!(&*areas(&parsed)[0].name, name);
    }
}

#[test]
fn the_country_of_a_layer_is_the_one_it_says_and_else_that_of_its_codes() {
    for (properties, country) in [
        // Codes of no table, and of one that a layer of another country holds.
        (r#"{"ADM1_EN":"A","ADM1_PCODE":"QQ01","ADM0_PCODE":"BDI"}"#, "BDI"),
        (r#"{"adm1_name":"A","adm1_pcode":"01","iso3":"KGZ","iso2":"KG"}"#, "KGZ"),
        (r#"{"adm1_name":"A","adm1_pcode":"01","iso2":"KG"}"#, "KGZ"),
        (r#"{"ADM1_EN":"A","ADM1_PCODE":"BDI001"}"#, "BDI"),
        (r#"{"ADM1_EN":"A","ADM1_PCODE":"3501000"}"#, "TJK"),
    ] {
        let parsed = try_read("ocha-cod-ab", "layer", layer(properties)).unwrap();
        assert_eq!(areas(&parsed)[0].country, code(country), "{properties}");
    }
    let error =
        try_read("ocha-cod-ab", "layer", layer(r#"{"ADM1_EN":"A","ADM1_PCODE":"9901"}"#)).unwrap_err();
    assert!(error.to_string().contains("`iso3`, `iso2` or `ADM0_PCODE`"), "{error}");
}

#[test]
fn parents_have_the_same_form_of_code_as_the_areas_they_are() {
    let districts = layer(r#"{"A2Code":"IQ-D088","A2NameEn":"Shikhan","A1Code":"IQ-G15"}"#);
    let parsed = try_read("ocha-cod-ab", "layer", districts).unwrap();
    assert_eq!((areas(&parsed)[0].code, areas(&parsed)[0].parent), (code("IQD088"), Some(code("IQG15"))));
}

#[test]
fn needs_in_fractions_are_kept_and_noted() {
    let Some(parsed) = case("ocha-hno", "07-hno/hpc_hno_2024_small.csv") else { return };
    let of = observations(&parsed).filter(|o| o.indicator == indicator::PEOPLE_TARGETED);
    assert!(of.map(|o| o.value).any(|v| v == 77_873.16));
    assert_eq!(parsed.quality.count("people in fractions, kept as published"), 1);
}

#[test]
fn a_file_of_one_country_needs_no_column_for_it() {
    let Some(parsed) = case("ocha-hno", "07-hno/afg_hpc_needs_api_2024_small.csv") else { return };
    assert!(observations(&parsed).all(|o| o.place == code("AFG")));
    let all = observations(&parsed)
        .find(|o| o.indicator == indicator::PEOPLE_IN_NEED && o.dim("cluster").as_deref() == Some("ALL"));
    assert_eq!(all.map(|o| o.value), Some(23_666_389.0));
    assert_eq!(parsed.quality.count("rows without a country, read as of the one the file is about"), 11);
}

#[test]
fn rows_without_a_code_are_of_the_one_country_of_the_others() {
    let header = "Admin 1 PCode,Description,Cluster,Category,Population,In Need,Targeted,Affected\n";
    let read = |name: &str, rows: &str| try_read("ocha-hno", name, format!("{header}{rows}"));
    let one = read("needs_2024.csv", ",All,ALL,,,9,,\nNE002,All,ALL,total,,9,,\n").unwrap();
    let places: Vec<Code> = observations(&one).map(|o| o.place).collect();
    assert_eq!(places, [code("NER"), code("NE002")]);
    // Of two countries, or of none, it is not known which is meant.
    for rows in [",All,ALL,,,9,,\nNE002,All,ALL,,,9,,\nBDI001,All,ALL,,,9,,\n", ",All,ALL,,,9,,\n"] {
        let error = read("needs_2024.csv", rows).unwrap_err().to_string();
        assert!(error.contains("row 2, column `Country ISO3`: found nothing"), "{error}");
    }
    assert!(read("bdi_needs_2024.csv", ",All,ALL,,,9,,\n").is_ok());
}

#[test]
fn places_of_every_country_are_of_their_country() {
    assert!(countries().all().iter().all(|c| countries().of_place(c.iso3) == Some(c.iso3)));
}

#[test]
fn of_a_population_the_total_alone_is_read() {
    let header = "ISO3,ADM1_PCODE,ADM2_PCODE,Population_group,Population,Reference_year\n";
    let rows = "NER,NE002,NE002001,F_TL,40,2024\nNER,NE002,NE002001,M_TL,60,2024\nNER,NE002,NE002001,T_TL,100,2024\n\
                NER,NE002,,T_TL,900,2024\nNER,NE002,NE002999,T_TL,7,2024\n";
    let parsed = try_read("ocha-cod-ps", "cod.csv", format!("{header}{rows}")).unwrap();
    let found: Vec<(Code, f64)> = observations(&parsed).map(|o| (o.place, o.value)).collect();
    // A row of the second level whose code is blank is not one of the first.
    assert_eq!(found, [(code("NE002001"), 100.0), (code("NE002999"), 7.0)]);
    assert_eq!(parsed.quality.count("people by sex or age, part of the total; no record"), 2);
    assert_eq!(parsed.quality.count("rows without a P-code of their own; no record"), 1);
    assert_eq!(observations(&parsed).nth(1).unwrap().dim("level").as_deref(), Some("2"));
    assert!(try_read("ocha-cod-ps", "cod.json", "[]").is_err());
}

#[test]
fn a_level_that_is_not_that_of_the_code_is_refused() {
    let read = |row: &str| {
        let text = format!("level,pcode,name_en,name_ar,year,note,population\n{row}\n");
        try_read("uscb-syria-population", "uscb.csv", text)
    };
    assert_eq!(read("3,SY070200,a,b,2004,,5").unwrap().records.len(), 1);
    assert_eq!(read("3,SY070200,a,b,2004,,").unwrap().quality.count("figures not reported"), 1);
    for (row, said) in [
        ("1,SY070200,a,b,2004,,5", "column `level`: found `1`"),
        ("1,SD01,a,b,2004,,5", "column `pcode`: found `SD01`"),
        ("1,SY07,a,b,2004,2011-01-01,5", "column `note`: found `2011-01-01`"),
    ] {
        let error = read(row).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
