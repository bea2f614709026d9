//! What is wrong with a file is said with file, row, column, what was found and what was expected.

#![allow(clippy::unwrap_used)]

use std::{io::Write, time::Instant};

use wegen_sources::{File, SourceError, draft};

/// A source, a valid file of it, and where things can go wrong in it.
struct Case {
    source: &'static str,
    header: &'static str,
    row: &'static str,
    /// A column of numbers.
    number: &'static str,
    /// A column of days or years, one that does not exist, and what is expected.
    date: (&'static str, &'static str, &'static str),
    /// The column of the country, and what is expected there.
    country: (&'static str, &'static str),
}

const ISO: &str = "a country's ISO 3166-1 alpha-3 code";

const TABLES: [Case; 24] = [
    Case {
        source: "unhcr-population",
        header: "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless,ooc",
        row: "2025,Syria,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0",
        number: "refugees",
        date: ("year", "20O5", "a year"),
        country: ("coo_iso", ISO),
    },
    Case {
        source: "unhcr-asylum-applications",
        header: "year,coo_iso,coa_iso,procedure_type,app_type,dec_level,app_pc,applied",
        row: "2025,SYR,NLD,G,N,FI,P,9",
        number: "applied",
        date: ("year", "5202", "a year"),
        country: ("coa_iso", ISO),
    },
    Case {
        source: "unhcr-asylum-decisions",
        header: "year,coo_iso,coa_iso,procedure_type,dec_level,dec_pc,dec_recognized,dec_other,dec_rejected,dec_closed,dec_total",
        row: "2025,SYR,NLD,G,FI,P,57,21,233,759,1070",
        number: "dec_closed",
        date: ("year", "", "a year"),
        country: ("coo_iso", ISO),
    },
    Case {
        source: "unhcr-solutions",
        header: "year,coo_iso,coa_iso,returned_refugees,resettlement,naturalisation,returned_idps",
        row: "2025,SYR,NLD,0,1,2,3",
        number: "resettlement",
        date: ("year", "2025-01", "a year"),
        country: ("coo_iso", ISO),
    },
    Case {
        source: "idmc",
        header: "geo,t,cause,n",
        row: "SYR,2023,conflict,174000",
        number: "n",
        date: ("t", "2O23", "a year"),
        country: ("geo", ISO),
    },
    Case {
        source: "unrwa",
        header: "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,total",
        row: "2025,Palestinian,GAZ,PSE,Lebanon,LEB,LBN,228274",
        number: "total",
        date: ("year", "2025-01", "a year"),
        country: ("coa_iso", ISO),
    },
    Case {
        source: "iom-missing-migrants",
        header: "web_id,reported_date,number_dead,number_missing,total_dead_and_missing,cause_death,country_of_incident,migration_route,location_coodinates",
        row: "2024.MMP1,2024-02-29,1,,1,Drowning,Libya,Central Mediterranean,\"34.5, 14.0\"",
        number: "number_dead",
        date: ("reported_date", "2023-02-29", "a day YYYY-MM-DD that exists"),
        country: ("country_of_incident", "a country"),
    },
    Case {
        source: "iom-missing-migrants",
        header: "Incident ID,Incident Date,Year,Number Dead,Minimum Estimated Number of Missing,Cause of Death,Country of Incident,Migration Route,Coordinates",
        row: "2014.MMP1,\"Mon, 01/06/2014\",2014,1,,Drowning,Libya,Central Mediterranean,\"34.5, 14.0\"",
        number: "Number Dead",
        date: ("Incident Date", "Mon, 13/13/2014", "a day that exists"),
        country: ("Country of Incident", "a country"),
    },
    Case {
        source: "ucdp-country-year",
        header: "country_id_cy,year_cy,sb_total_deaths_best_cy,sb_total_deaths_low_cy,sb_total_deaths_high_cy,ns_total_deaths_best_cy,ns_total_deaths_low_cy,ns_total_deaths_high_cy,os_total_deaths_best_cy,os_total_deaths_low_cy,os_total_deaths_high_cy,cumulative_total_deaths_in_orgvio_best_cy,cumulative_total_deaths_in_orgvio_low_cy,cumulative_total_deaths_in_orgvio_high_cy",
        row: "652,2022,973,970,1175,612,612,809,86,86,86,1671,1668,2070",
        number: "ns_total_deaths_low_cy",
        date: ("year_cy", "1066", "a year"),
        country: ("country_id_cy", "a number"),
    },
    Case {
        source: "ucdp-ged",
        header: "id,year,type_of_violence,where_prec,adm_1,country_id,date_start,date_end,best,low,high,deaths_civilians",
        row: "1,2023,1,1,Khartoum state,625,2023-04-15,2023-04-16,4,3,5,2",
        number: "best",
        date: ("date_start", "2023-04-31", "a day YYYY-MM-DD that exists"),
        country: ("country_id", "a number"),
    },
    Case {
        source: "worldbank-wdi",
        header: "Country Name,Country ISO3,Year,Indicator Name,Indicator Code,Value",
        row: "Sudan,SDN,2022,Access,EG.ELC.ACCS.ZS,63.2",
        number: "Value",
        date: ("Year", "22", "a year"),
        country: ("Country ISO3", ISO),
    },
    Case {
        source: "owid-jmp",
        header: "entity,code,year,electrical_access",
        row: "Sudan,SDN,2022,63.2",
        number: "electrical_access",
        date: ("year", "two", "a year"),
        country: ("code", ISO),
    },
    Case {
        source: "gapminder",
        header: "geo,time,primary_completion_rate_total_percent_of_relevant_age_group",
        row: "syr,2006,95.58475",
        number: "primary_completion_rate_total_percent_of_relevant_age_group",
        date: ("time", "2006-13", "a year"),
        country: ("geo", ISO),
    },
    Case {
        source: "inform-risk",
        header: "CountryName,Iso3,ValidityYear,IndicatorName,IndicatorScore,Unit",
        row: "Syria,SYR,2025,Physicians density,12.9,per 10",
        number: "IndicatorScore",
        date: ("ValidityYear", "next", "a year"),
        country: ("Iso3", ISO),
    },
    Case {
        source: "inform-risk",
        header: "CountryName,Iso3,GNAYear,IndicatorId,FullName,IndicatorScore",
        row: "Syria,SYR,2024,INFORM,INFORM Risk Index,7.1",
        number: "IndicatorScore",
        date: ("GNAYear", "0", "a year"),
        country: ("Iso3", ISO),
    },
    Case {
        source: "ophi-mpi",
        header: "iso3,survey,survey_year,region,mpi_region,deprived_nutrition_pct,deprived_child_mortality_pct,deprived_years_of_schooling_pct,deprived_school_attendance_pct,deprived_cooking_fuel_pct,deprived_sanitation_pct,deprived_drinking_water_pct,deprived_electricity_pct,deprived_housing_pct,deprived_assets_pct",
        row: "SDN,MICS,2014,Region A,0.3,1,2,3,4,5,6,7,8,9,10",
        number: "deprived_sanitation_pct",
        date: ("survey_year", "1899", "the year of a survey"),
        country: ("iso3", ISO),
    },
    Case {
        source: "ocha-pcodes",
        header: "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date",
        row: "SDN,1,SD01,Khartoum,SDN,2021-11-17",
        number: "Admin Level",
        date: ("Valid from date", "2021-11-31", "a day YYYY-MM-DD that exists"),
        country: ("Location", ISO),
    },
    Case {
        source: "reach-hsos",
        header: "subdistrict_code,community,community_code,year,month,IDP_reported,RET_reported,electricity_hours,water_functioning,water_funct_days,sewage_connect,foodmark_access,market_access,food_source_own,health_access_inloc,health_access_near,health_barr_afford,health_barr_lackmed,health_barr_safety,education_funct_inperson,RES_education_accessing,IDP_education_accessing,RES_edu_barr_unsafe,SHE_no_damage,RES_coping_childwork,RES_humani_access,currency_wages_RES,RES_wage_unskilled",
        row: "SY070200,Place A,C1366,2022.0,12.0,Yes,No,From 7 to 8 hours,Yes,1 to 2,Yes,Yes,Yes,No,No,Yes,Yes,Yes,No,Yes,51 to 75 percent,26 to 50 percent,No,81 to 99 percent,Yes,Yes,Turkish lira,30",
        number: "RES_wage_unskilled",
        date: ("year", "20O2", "a year"),
        country: ("subdistrict_code", "the P-code of a subdistrict in Syria, as `SY070200`"),
    },
    Case {
        source: "reach-hsos",
        header: "Subdistrictpcode,Community,Communitypcode,IDPsreportedinthecommunity,year,month",
        row: "SY020203,Place A,C1258,Yes,2023.0,4.0",
        number: "year",
        date: ("month", "13", "a month from 1 to 12"),
        country: ("Subdistrictpcode", "the P-code of a subdistrict in Syria, as `SY070200`"),
    },
    Case {
        source: "insecurity-insight",
        header: "Date,Country,Country ISO,Admin 1,Forceful Entry into Health Facility",
        row: "2021-05-18,Sudan,SDN,Khartoum State,0",
        number: "Date",
        date: ("Date", "2021-02-30", "a day YYYY-MM-DD that exists"),
        country: ("Country ISO", ISO),
    },
    Case {
        source: "ocha-syria-movements",
        header: "Reporting_Month,IDP_Returnees,Nahya_PCODE,Community,Community_PCODE,Sum of IDP_Flow_Estimation",
        row: "2021-12-01,IDP,SY020300,Afrin,C1366,1492",
        number: "Sum of IDP_Flow_Estimation",
        date: ("Reporting_Month", "2021-13-01", "a month or a day that exists"),
        country: ("Nahya_PCODE", "a P-code in Syria, as `SY070200`"),
    },
    Case {
        source: "iom-dtm",
        header: "id,operation,admin0Pcode,admin1Pcode,admin2Pcode,numPresentIdpInd,reportingDate,roundNumber,assessmentType",
        row: "1,Overview,SDN,SD11,SD11053,39365,2024-12-17T00:00:00,18,BA",
        number: "numPresentIdpInd",
        date: ("reportingDate", "2024-02-30", "a day YYYY-MM-DD that exists"),
        country: ("admin0Pcode", ISO),
    },
    Case {
        source: "ocha-cod-ps",
        header: "ISO3,Country,ADM1_PCODE,ADM1_NAME,Population_group,Population,Reference_year,Source,Contributor",
        row: "SDN,Sudan,SD01,Khartoum,T_TL,9000000,2024,UNFPA,UNFPA",
        number: "Population",
        date: ("Reference_year", "24", "a year"),
        country: ("ISO3", ISO),
    },
    Case {
        source: "uscb-syria-population",
        header: "level,pcode,name_en,name_ar,year,note,population",
        row: "1,SY07,Idleb,إدلب,2011,2011-12-01,1500000",
        number: "population",
        date: ("note", "2011-12-32", "a day YYYY-MM-DD that exists"),
        country: ("pcode", "a P-code in Syria, as `SY070200`"),
    },
];

const BULK: &str = "\"Data Source\",\"World Development Indicators\",\n\n\"Last Updated Date\",\"2025-07-01\",\n\n\
                    \"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"2022\",\"2023\",\n\
                    \"Sudan\",\"SDN\",\"Access\",\"EG.ELC.ACCS.ZS\",\"63.2\",\"\",\n";

const BOUNDARIES: [(&str, &str); 3] = [
    ("ocha-cod-ab", r#"{"ADM1_EN":"Khartoum","ADM1_PCODE":"SD01"}"#),
    ("naturalearth-admin1", r#"{"adm1_code":"SDN-882","adm0_a3":"SDN","name":"Northern"}"#),
    ("naturalearth-countries", r#"{"ISO_A3_EH":"SDN","NAME":"Sudan"}"#),
];

fn boundaries(properties: &str) -> String {
    let ring = "[[32,15],[33,15],[33,16],[32,15]]";
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    )
}

/// A table as rows of fields, to spoil in one place.
#[derive(Clone)]
struct Table(Vec<Vec<String>>);

impl Case {
    fn table(&self) -> Table {
        let text = format!("{}\n{}\n", self.header, self.row);
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        Table(reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect())
    }

    fn text(&self) -> String {
        self.table().text()
    }
}

impl Table {
    fn column(&self, name: &str) -> usize {
        self.0[0].iter().position(|h| h == name).unwrap_or_else(|| panic!("no column {name}"))
    }

    fn with(mut self, column: &str, value: &str) -> Table {
        let at = self.column(column);
        self.0[1][at] = value.to_owned();
        self
    }

    fn text(&self) -> String {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        self.0.iter().for_each(|row| writer.write_record(row).unwrap());
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }
}

/// What `import` says of a file; it must not be accepted.
fn refused(source: &str, bytes: impl Into<Vec<u8>>) -> String {
    let error = import(source, bytes).err().unwrap_or_else(|| panic!("{source} accepts it"));
    error.to_string()
}

fn import(source: &str, bytes: impl Into<Vec<u8>>) -> Result<wegen_ledger::Draft, SourceError> {
    draft(source, vec![File::new("given.csv", bytes)], "given.csv", "2026-11-24T12:00:00Z".parse().unwrap())
}

/// `text` says all of these.
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn the_files_that_are_spoilt_below_are_valid() {
    for case in &TABLES {
        let draft = import(case.source, case.text()).unwrap_or_else(|e| panic!("{}: {e}", case.source));
        assert_eq!(draft.rows_read, 1, "{}", case.source);
        assert!(!draft.records.is_empty(), "{}", case.source);
    }
    for (source, properties) in BOUNDARIES {
        assert_eq!(import(source, boundaries(properties)).unwrap().records.len(), 1, "{source}");
    }
    assert_eq!(import("worldbank-wdi", BULK).unwrap().records.len(), 1);
}

#[test]
fn a_file_of_another_source_is_recognised() {
    let mut pairs = 0;
    for case in &TABLES {
        for other in TABLES.iter().filter(|o| o.source != case.source) {
            let text = refused(other.source, case.text());
            pairs += 1;
            if (other.source, case.source) == ("idmc", "unrwa") {
                // The same columns: the countries of asylum tell.
                says(&text, &["row 2, column `coa_iso`: found `LBN`", "may be `unrwa`"]);
                continue;
            }
            if case.header.contains("FullName") {
                // INFORM's trends: their own column, which is no name of a person.
                says(
                    &text,
                    &[
                        "`given.csv`, row 1: found the columns of a file of `inform-risk`",
                        "expected those of `",
                    ],
                );
                continue;
            }
            says(&text, &["`given.csv`, row 1: found the columns `", "expected `", "among them"]);
            says(&text, &[&format!("; it looks like a file of `{}`", case.source)]);
        }
        for (source, _) in BOUNDARIES {
            says(&refused(source, case.text()), &["`given.csv`, line 1", "expected a JSON document"]);
        }
    }
    assert!(pairs > 180);
}

#[test]
fn a_bulk_file_of_the_world_bank_is_recognised() {
    for case in TABLES.iter().filter(|c| c.source != "worldbank-wdi") {
        says(&refused(case.source, BULK), &["`given.csv`, row 1", "it looks like a file of `worldbank-wdi`"]);
    }
}

#[test]
fn a_table_whose_first_lines_hold_line_breaks_is_recognised() {
    let header = "CountryName,Iso3,ValidityYear,IndicatorName,IndicatorScore,Unit\n";
    let text = format!("{header}{}", "Syria,SYR,2025,\"Physicians\n\ndensity\",12.9,per 10\n".repeat(20));
    says(&refused("unhcr-population", text), &["it looks like a file of `inform-risk`"]);
}

#[test]
fn boundaries_of_another_source_are_refused() {
    for (source, _) in BOUNDARIES {
        for (_, properties) in BOUNDARIES.iter().filter(|b| b.0 != source) {
            // Countries may be known by a name alone; the property `name` of an area is none of a country.
            if let Err(error) = import(source, boundaries(properties)) {
                says(&error.to_string(), &["`given.csv`, /features/0/properties: found", "expected"]);
            } else {
                assert_eq!(source, "naturalearth-countries");
            }
        }
        for case in &TABLES {
            says(&refused(case.source, boundaries(BOUNDARIES[0].1)), &["`given.csv`", "found", "expected"]);
        }
    }
}

#[test]
fn every_required_column_is_missed_by_its_name() {
    let mut missed = 0;
    for case in &TABLES {
        let table = case.table();
        for at in 0..table.0[0].len() {
            let mut without = table.clone();
            let name = without.0[0].remove(at);
            without.0[1].remove(at);
            match import(case.source, without.text()) {
                Err(error) => {
                    let text = error.to_string();
                    says(&text, &["`given.csv`, row 1: found the columns", "expected `"]);
                    // A table that lacks its measure is told by the first measure of the source.
                    let measure = ["owid-jmp", "gapminder"].contains(&case.source)
                        || text.contains(&format!("`{name}`"));
                    // What is left may fit another form of the same source, which then misses another column.
                    let other_form =
                        ["worldbank-wdi", "iom-missing-migrants", "inform-risk", "reach-hsos", "idmc"]
                            .contains(&case.source);
                    assert!(measure || other_form, "{}: {name}: {text}", case.source);
                    missed += 1;
                }
                // Columns that are not read, or that not every file has.
                Ok(draft) => assert!(!draft.layout.columns.is_empty()),
            }
        }
    }
    assert!(missed > 90, "{missed}");
}

#[test]
fn a_renamed_column_is_missed_and_the_new_one_shown() {
    for case in &TABLES {
        let mut table = case.table();
        let at = table.column(case.country.0);
        table.0[0][at] = "land_code".into();
        says(&refused(case.source, table.text()), &["`given.csv`, row 1: found the columns", "expected `"]);
        if at < 8 {
            says(&refused(case.source, table.text()), &["land_code"]);
        }
    }
}

#[test]
fn a_column_that_stands_twice_is_refused() {
    for case in &TABLES {
        let mut table = case.table();
        let at = table.column(case.number);
        let (name, value) = (table.0[0][at].clone(), "999".to_owned());
        table.0[0].push(name.clone());
        table.0[1].push(value);
        says(
            &refused(case.source, table.text()),
            &["`given.csv`, row 1", &format!("the column `{name}` twice"), "each column once"],
        );
    }
}

#[test]
fn malformed_numbers_are_shown_with_their_place() {
    for case in &TABLES {
        for bad in ["12O", "1 000", "1.2.3", "NaN", "inf", "0x1F", "12%", "१२"] {
            let text = refused(case.source, case.table().with(case.number, bad).text());
            says(&text, &["`given.csv`, row 2, ", &format!("column `{}`", name_of(case, case.number))]);
            says(&text, &[&format!("found `{bad}`"), "expected a"]);
        }
    }
}

/// The name under which a source speaks of a column: the first of those it has had.
fn name_of(case: &Case, column: &str) -> String {
    let draft = import(case.source, case.text()).unwrap();
    let own = draft.layout.columns.iter().find(|c| *c == column);
    own.cloned().unwrap_or_else(|| panic!("{}: {column} is not in {:?}", case.source, draft.layout.columns))
}

#[test]
fn counts_are_whole_and_not_below_zero() {
    for source in [
        "unhcr-population",
        "unhcr-solutions",
        "unhcr-asylum-applications",
        "unhcr-asylum-decisions",
        "ucdp-ged",
        "ucdp-country-year",
        "ocha-pcodes",
        "ocha-syria-movements",
        "iom-dtm",
        "idmc",
        "unrwa",
        "ocha-cod-ps",
        "uscb-syria-population",
    ] {
        let case = TABLES.iter().find(|c| c.source == source).unwrap();
        for bad in ["-1", "1.5", "4294967296"] {
            let text = refused(source, case.table().with(case.number, bad).text());
            says(
                &text,
                &["`given.csv`, row 2", &format!("found `{bad}`"), "expected a whole number from zero up"],
            );
        }
    }
    let case = TABLES.iter().find(|c| c.source == "iom-missing-migrants").unwrap();
    let text = refused(case.source, case.table().with("number_dead", "1.5").text());
    says(&text, &["row 2", "found `1.5`", "a whole number from zero up"]);
}

#[test]
fn dates_that_do_not_exist_are_shown_with_their_place() {
    for case in &TABLES {
        let (column, bad, expected) = case.date;
        let text = refused(case.source, case.table().with(column, bad).text());
        let found = if bad.is_empty() { "found nothing".to_owned() } else { format!("found `{bad}`") };
        says(
            &text,
            &[
                "`given.csv`, row 2, ",
                &format!("column `{}`", name_of_date(case)),
                &found,
                &format!("expected {expected}"),
            ],
        );
    }
    // Days far from any that a publisher could mean.
    let case = TABLES.iter().find(|c| c.source == "iom-missing-migrants").unwrap();
    for bad in ["0000-01-01", "0024-01-01", "9999-01-01", "2024-1-1", "01-02-2024", "2024-01-01x"] {
        says(
            &refused(case.source, case.table().with("reported_date", bad).text()),
            &[&format!("found `{bad}`")],
        );
    }
    for bad in ["1/1/-5", "1/1/24", "0/1/2024", "2/30/2024"] {
        says(
            &refused(case.source, case.table().with("reported_date", bad).text()),
            &[&format!("found `{bad}`"), "a day that exists"],
        );
    }
}

fn name_of_date(case: &Case) -> String {
    // The columns' first names: the download of Missing Migrants has had several.
    name_of(case, case.date.0)
}

#[test]
fn unknown_countries_are_shown_with_their_place() {
    for case in &TABLES {
        let (column, expected) = case.country;
        // Longer codes are aggregates for those who publish them among countries.
        let bad =
            if ["worldbank-wdi", "owid-jmp", "gapminder"].contains(&case.source) { "x1" } else { "Atlantis" };
        let text = refused(case.source, case.table().with(column, bad).text());
        let shown = if case.source == "gapminder" { "found `x1`" } else { &format!("found `{bad}`") };
        says(
            &text,
            &[
                "`given.csv`, row 2, ",
                &format!("column `{}`", name_of(case, column)),
                shown,
                &format!("expected {expected}"),
            ],
        );
    }
    for (properties, found) in [
        (r#"{"ADM1_EN":"A","ADM1_PCODE":"QQ01"}"#, "QQ01"),
        (r#"{"adm1_code":"QQQ-1","adm0_a3":"QQQ","name":"A"}"#, "QQQ"),
        (r#"{"ISO_A3_EH":"QQQ","NAME":"A"}"#, "QQQ"),
    ] {
        let at = usize::from(found == "QQQ") + usize::from(properties.contains("ISO_A3_EH"));
        let text = refused(BOUNDARIES[at].0, boundaries(properties));
        says(&text, &["`given.csv`, /features/0/properties", &format!("found {found}"), "expected"]);
    }
}

#[test]
fn a_known_state_without_an_id_of_its_own_is_no_country() {
    let case = TABLES.iter().find(|c| c.source == "ucdp-ged").unwrap();
    for bad in ["0", "1000", "70000"] {
        let text = refused("ucdp-ged", case.table().with("country_id", bad).text());
        says(&text, &["row 2, column `country_id`", &format!("found `{bad}`"), "a Gleditsch–Ward id"]);
    }
}

#[test]
fn bytes_that_are_no_utf8_are_shown_by_row() {
    for case in &TABLES {
        let mut bytes = case.text().into_bytes();
        let end = bytes.len() - 1;
        bytes.splice(end..end, [0xff, 0xfe]);
        says(
            &refused(case.source, bytes),
            &["`given.csv`, row 2: found bytes that are not UTF-8, expected UTF-8 text"],
        );
        // Latin-1, as a spreadsheet may save it.
        let latin: Vec<u8> = [b"T\xfcrkiye\n", case.text().as_bytes()].concat();
        says(&refused(case.source, latin), &["`given.csv`, row 1: found bytes that are not UTF-8"]);
    }
    for (source, properties) in BOUNDARIES {
        let json = boundaries(properties).replace('S', "\n\u{1}S").into_bytes();
        let json: Vec<u8> = json.into_iter().map(|b| if b == 1 { 0xff } else { b }).collect();
        says(&refused(source, json), &["`given.csv`, row 2: found bytes that are not UTF-8"]);
    }
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    for case in &TABLES {
        let bytes: Vec<u8> = [b"\xef\xbb\xbf", case.text().as_bytes()].concat();
        assert_eq!(import(case.source, bytes).unwrap().rows_read, 1, "{}", case.source);
    }
}

#[test]
fn ragged_rows_are_shown_with_their_row() {
    for case in &TABLES {
        let width = case.table().0[0].len();
        let mut short = case.table();
        short.0[1].pop();
        let mut long = case.table();
        long.0[1].push("1".into());
        for (table, fields) in [(short, width - 1), (long, width + 1)] {
            let text = refused(case.source, table.text());
            says(
                &text,
                &[
                    "`given.csv`, row 2: ",
                    &format!("found {fields} fields"),
                    &format!("expected {width}, as in the header"),
                ],
            );
        }
    }
    let short = BULK.replace(",\"63.2\",\"\",", ",\"63.2\"");
    says(
        &refused("worldbank-wdi", short),
        &["`given.csv`, row 6: found 5 fields, expected 6, as in the header"],
    );
    let long = BULK.replace("\"63.2\",\"\",", "\"63.2\",\"\",\"\",\"7\",");
    says(
        &refused("worldbank-wdi", long),
        &["`given.csv`, row 6: found 9 fields, expected 6, as in the header"],
    );
}

#[test]
fn the_bulk_file_of_the_world_bank_is_read_as_strictly() {
    says(
        &refused("worldbank-wdi", BULK.replace("63.2", "63,2")),
        &["`given.csv`, row 6, column `2022`: found `63,2`, expected a number"],
    );
    says(
        &refused("worldbank-wdi", BULK.replace("SDN", "Q1")),
        &["`given.csv`, row 6, column `Country Code`: found `Q1`", ISO],
    );
    says(
        &refused("worldbank-wdi", BULK.replace("Country Code", "Land")),
        &["`given.csv`, row 1", "expected `Country Code`"],
    );
}

#[test]
fn json_is_read_as_strictly() {
    let item = r#"{"year":2025,"coo_iso":"SYR","coa_iso":"NLD","returned_refugees":1,"resettlement":"0","naturalisation":"-","returned_idps":"0"}"#;
    let page = |item: &str| format!(r#"{{"items":[{item}]}}"#);
    assert_eq!(import("unhcr-solutions", page(item)).unwrap().records.len(), 3);
    for (bad, expected) in [
        (
            page(&item.replace(":1,", r#":"12O","#)),
            "item 0, column `returned_refugees`: found `12O`, expected a number",
        ),
        (
            page(&item.replace(":1,", r#":{"a":1},"#)),
            "item 0, column `returned_refugees`: found `{\"a\":1}`, expected a number",
        ),
        (page(&item.replace("SYR", "Syria")), "item 0, column `coo_iso`: found `Syria`"),
        (page(&item.replace("2025", "true")), "item 0, column `year`: found `true`, expected a year"),
        (page(&item.replace("resettlement", "settled")), "expected `resettlement`"),
        (page("7"), "found a number, expected an array of objects"),
        (r#"{"data":[]}"#.into(), "/items: found an object, expected an array of objects"),
        ("[]".into(), "/items: found an array, expected an array of objects"),
        (page(item)[..40].to_owned(), "expected a JSON document"),
    ] {
        says(&refused("unhcr-solutions", bad), &["`given.csv`, ", expected]);
    }
    // An object with a column that not every item has: the others report nothing there.
    let two = page(&format!("{item},{}", item.replace(r#","returned_idps":"0""#, "")));
    assert_eq!(import("unhcr-solutions", two).unwrap().records.len(), 5);
}

#[test]
fn empty_files_are_refused() {
    let sources = TABLES.iter().map(|c| c.source).chain(BOUNDARIES.map(|b| b.0));
    for source in sources {
        says(&refused(source, ""), &["`given.csv`", "found", "expected"]);
        says(&refused(source, "\n\n"), &["`given.csv`", "found", "expected"]);
    }
    let none = draft("ucdp-ged", vec![], "nothing", "2026-11-24T12:00:00Z".parse().unwrap()).unwrap_err();
    assert_eq!(none.to_string(), "`nothing` holds no file");
    says(&refused("ucdp-ged", zipped(&[])), &["holds no file"]);
    says(&refused("no-such-source", "a,b\n"), &["no source `no-such-source`"]);
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    // An archive without members ends where it begins; a local header makes it one all the same.
    if members.is_empty() {
        writer.add_directory("empty/", zip::write::SimpleFileOptions::default()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

#[test]
fn bombs_are_refused_by_every_source() {
    let zeros = vec![b'0'; 32 << 20];
    let bombs = [gzipped(&zeros), zipped(&[("a.csv", &zeros)]), zstd::encode_all(&zeros[..], 3).unwrap()];
    for source in TABLES.iter().map(|c| c.source).chain(BOUNDARIES.map(|b| b.0)) {
        for bomb in &bombs {
            says(
                &refused(source, bomb.clone()),
                &["`given.csv`", "unpacks to more than", "no file of a publisher does"],
            );
        }
    }
}

#[test]
fn many_small_bombs_in_one_archive_are_refused() {
    let zeros = vec![b'0'; 7 << 20];
    let names: Vec<String> = (0..20).map(|i| format!("{i}.csv")).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), zeros.as_slice())).collect();
    says(&refused("ucdp-ged", zipped(&members)), &["its members unpack to more than"]);
}

const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="5.5 Uncensored H Region" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

/// OPHI's workbook with these cells.
fn workbook(cells: &[(&str, &str)]) -> Vec<u8> {
    let mut rows: std::collections::BTreeMap<u32, String> = Default::default();
    for (at, value) in cells {
        let row: u32 = at.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap();
        let kind = if value.parse::<f64>().is_ok() { "n" } else { "str" };
        rows.entry(row).or_default().push_str(&format!(r#"<c r="{at}" t="{kind}"><v>{value}</v></c>"#));
    }
    let rows: String = rows.iter().map(|(r, cells)| format!(r#"<row r="{r}">{cells}</row>"#)).collect();
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let types = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    zipped(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

const SHEET: [(&str, &str); 27] = [
    ("J7", "Nutrition"),
    ("K7", "Child mortality"),
    ("L7", "Years of schooling"),
    ("M7", "School attendance"),
    ("N7", "Cooking fuel"),
    ("O7", "Sanitation"),
    ("P7", "Drinking water"),
    ("Q7", "Electricity"),
    ("R7", "Housing"),
    ("S7", "Assets"),
    ("A10", "729"),
    ("B10", "SDN"),
    ("C10", "Sudan"),
    ("D10", "Arab States"),
    ("E10", "MICS"),
    ("F10", "2014"),
    ("G10", "Region A"),
    ("J10", "1"),
    ("K10", "2"),
    ("L10", "3"),
    ("M10", "4"),
    ("N10", "5"),
    ("O10", "6"),
    ("P10", "7"),
    ("Q10", "8"),
    ("R10", "9"),
    ("S10", "10"),
];

fn with(at: &str, value: &'static str) -> Vec<u8> {
    let cells: Vec<(&str, &str)> =
        SHEET.iter().map(|(a, v)| (*a, if *a == at { value } else { *v })).collect();
    workbook(&cells)
}

#[test]
fn workbooks_are_read_as_strictly() {
    assert_eq!(import("ophi-mpi", workbook(&SHEET)).unwrap().records.len(), 10);
    for (at, value, expected) in [
        (
            "P10",
            "101",
            "row 10, column `Drinking water`: found `101`, expected a share from 0 to 100 percent",
        ),
        ("P10", "many", "row 10, column `Drinking water`: found `many`"),
        ("B10", "QQQ", "row 10, column `2`: found `QQQ`, expected a country's ISO 3166-1 alpha-3 code"),
        ("F10", "soon", "row 10, column `6`: found `soon`, expected the year of a survey"),
        ("P7", "Water", "expected `Drinking water` among them"),
        ("J7", "Food", "found no row of indicators"),
    ] {
        says(&refused("ophi-mpi", with(at, value)), &["`given.csv`", expected]);
    }
    says(
        &refused("ophi-mpi", zipped(&[("xl/workbook.xml", b"<workbook/>")])),
        &["`given.csv`, the workbook"],
    );
    // Found by fuzzing: a row whose number does not fit.
    let sheet = r#"<worksheet><sheetData><row r="99999999999999999999"><c r="A1"><v>1</v></c></row></sheetData></worksheet>"#;
    let sheets = [
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    says(
        &refused("ophi-mpi", zipped(&sheets.map(|(name, text)| (name, text.as_bytes())))),
        &["`given.csv`, ", "found", "expected"],
    );
    let two = vec![File::new("a.xlsx", workbook(&SHEET)), File::new("b.xlsx", workbook(&SHEET))];
    let error = draft("ophi-mpi", two, "two", "2026-11-24T12:00:00Z".parse().unwrap()).unwrap_err();
    says(&error.to_string(), &["found several, expected one workbook at a time"]);
}

#[test]
fn a_workbook_with_a_column_about_people_is_refused() {
    let extra = |title: &'static str, value: &'static str| -> Vec<u8> {
        let cells = SHEET.into_iter().chain([("AA7", title), ("AA10", value)]);
        workbook(&cells.collect::<Vec<_>>())
    };
    assert!(import("ophi-mpi", extra("notes_code", "n1")).is_ok());
    for (title, value) in [("Voornaam", "Voornaam A"), ("contact", "voornaam.a@voorbeeld.example")] {
        let text = refused("ophi-mpi", extra(title, value));
        says(&text, &["`given.csv` is refused", &format!("column `{title}`")]);
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn two_cells_in_far_corners_cost_nothing() {
    let started = Instant::now();
    let cells: Vec<(&str, &str)> = SHEET.into_iter().chain([("XFD1048576", "1")]).collect();
    // A range over them would hold 17 billion cells.
    assert_eq!(import("ophi-mpi", workbook(&cells)).unwrap().records.len(), 10);
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_workbook_is_held_to_the_limits_of_archives() {
    let zeros = vec![b' '; 32 << 20];
    let bomb = zipped(&[("xl/workbook.xml", WORKBOOK.as_bytes()), ("xl/worksheets/sheet1.xml", &zeros)]);
    says(&refused("ophi-mpi", bomb), &["`given.csv`", "unpacks to more than"]);
}

#[test]
fn a_good_row_does_not_save_a_bad_one() {
    for case in &TABLES {
        let mut table = case.table();
        let mut bad = table.0[1].clone();
        bad[table.column(case.number)] = "many".into();
        table.0.extend([table.0[1].clone(), bad, table.0[1].clone()]);
        says(&refused(case.source, table.text()), &["row 4", "found `many`"]);
    }
}

#[test]
fn answers_of_key_informants_are_read_as_strictly() {
    let case = TABLES.iter().find(|c| c.source == "reach-hsos").unwrap();
    for (column, bad, expected) in [
        ("electricity_hours", "7 hours or so", "hours of a day, as `From 7 to 8 hours`"),
        ("electricity_hours", "From 8 to 7 hours", "hours of a day, as `From 7 to 8 hours`"),
        ("electricity_hours", "From 20 to 25 hours", "hours of a day, as `From 7 to 8 hours`"),
        ("water_funct_days", "8", "days of a week, as `1 to 2`"),
        ("SHE_no_damage", "101 percent", "a share, as `21 to 30 percent`"),
        ("RES_education_accessing", "most", "a share, as `21 to 30 percent`"),
        ("IDP_reported", "Maybe", "`Yes` or `No`"),
        // A governorate is an answer met in one column, and there only two of them.
        ("health_access_near", "Hama", "`Yes` or `No`"),
        ("health_access_inloc", "Idleb", "`Yes` or `No`"),
        ("month", "0", "a month from 1 to 12"),
        ("subdistrict_code", "SY0702", "the P-code of a subdistrict in Syria, as `SY070200`"),
        ("subdistrict_code", "IQ070200", "the P-code of a subdistrict in Syria, as `SY070200`"),
        ("RES_wage_unskilled", "-30", "a wage from zero up"),
    ] {
        let text = refused(case.source, case.table().with(column, bad).text());
        says(
            &text,
            &[
                &format!("`given.csv`, row 2, column `{column}`: found `{bad}`"),
                &format!("expected {expected}"),
            ],
        );
    }
}

#[test]
fn incidents_and_movements_are_read_as_strictly() {
    let case = |source: &str| TABLES.iter().find(|c| c.source == source).unwrap();
    // Without a code, only what is no country passes.
    let incidents = case("insecurity-insight");
    let text = refused(incidents.source, incidents.table().with("Country ISO", "").text());
    says(&text, &["row 2, column `Country ISO`: found nothing", ISO]);
    says(
        &refused(incidents.source, incidents.table().with("Date", "").text()),
        &["row 2, column `Date`: found nothing"],
    );
    let movements = case("ocha-syria-movements");
    for (column, bad, expected) in [
        ("IDP_Returnees", "Refugees", "`IDP` or `Returnees`"),
        ("Reporting_Month", "2021", "a month or a day that exists"),
        ("Nahya_PCODE", "TR0203", "a P-code in Syria, as `SY070200`"),
    ] {
        let text = refused(movements.source, movements.table().with(column, bad).text());
        says(&text, &["row 2", &format!("column `{column}`: found `{bad}`, expected {expected}")]);
    }
    let dtm = case("iom-dtm");
    for (column, bad, expected) in [
        ("admin2Pcode", "SD 11053", "a P-code"),
        ("roundNumber", "1.5", "a whole number from zero up"),
        ("reportingDate", "", "a day YYYY-MM-DD that exists"),
    ] {
        let text = refused(dtm.source, dtm.table().with(column, bad).text());
        says(&text, &["row 2", &format!("column `{column}`"), &format!("expected {expected}")]);
    }
    // A table with semicolons is read as strictly: nothing falls between two fields.
    let text = dtm.text().replace(',', ";");
    assert_eq!(import("iom-dtm", text.clone()).unwrap().records.len(), 1);
    says(&refused("iom-dtm", text.replace("39365", "39;365")), &["row 2: found 10 fields, expected 9"]);
}

/// Table of needs: its year is in the name of the file.
const NEEDS: &str = "Country ISO3,Admin 1 PCode,Admin 2 PCode,Description,Cluster,Category,Population,In Need,Targeted,Affected\n\
     SDN,,,Education,EDU,,,9142737.0,4204068.0,\n";

#[test]
fn needs_are_read_as_strictly() {
    let import = |name: &str, text: String| {
        draft("ocha-hno", vec![File::new(name, text)], name, "2026-11-24T12:00:00Z".parse().unwrap())
    };
    assert_eq!(import("hpc_hno_2024.csv", NEEDS.into()).unwrap().records.len(), 2);
    for name in ["given.csv", "2024/given.csv", "needs_2023_2024.csv"] {
        let text = import(name, NEEDS.into()).unwrap_err().to_string();
        says(
            &text,
            &[&format!("`{name}`, the file's name: found no year, expected the year of the overview")],
        );
    }
    for (bad, expected) in [
        (
            NEEDS.replace("9142737.0", "-1"),
            "row 2, column `In Need`: found `-1`, expected a number from zero up",
        ),
        (
            NEEDS.replace("SDN", ""),
            "row 2, column `Country ISO3`: found nothing, expected a country's ISO 3166-1",
        ),
        (NEEDS.replace("9142737.0", "many"), "row 2, column `In Need`: found `many`, expected a number"),
        (NEEDS.replace("SDN", "Sudan"), "row 2, column `Country ISO3`: found `Sudan`"),
        (
            NEEDS.replace("SDN,,", "SDN,SD 01,"),
            "row 2, column `Admin 1 PCode`: found `SD 01`, expected a P-code",
        ),
        (NEEDS.replace("In Need", "Needy"), "row 1: found the columns"),
        (String::new(), "row 1: found an empty file"),
    ] {
        let text = import("hpc_hno_2024.csv", bad).unwrap_err().to_string();
        says(&text, &["`hpc_hno_2024.csv`, ", expected]);
    }
    // A file of another source, and of this, are recognised by their columns.
    let case = TABLES.iter().find(|c| c.source == "iom-dtm").unwrap();
    says(&refused("ocha-hno", case.text()), &["it looks like a file of `iom-dtm`"]);
    let given = vec![File::new("hno_2024.csv", NEEDS)];
    let error = draft("iom-dtm", given, "hno", "2026-11-24T12:00:00Z".parse().unwrap()).unwrap_err();
    says(&error.to_string(), &["it looks like a file of `ocha-hno`"]);
}

/// A workbook of these sheets, each of these cells.
fn sheets(sheets: &[(&str, Vec<(&str, &str)>)]) -> Vec<u8> {
    let mut names = String::new();
    let mut relations = String::new();
    let mut members: Vec<(String, Vec<u8>)> = vec![
        (
            "[Content_Types].xml".into(),
            br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#.to_vec(),
        ),
        ("_rels/.rels".into(), ROOT.into()),
    ];
    for (i, (name, cells)) in sheets.iter().enumerate() {
        let n = i + 1;
        names.push_str(&format!(r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#));
        relations.push_str(&format!(r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#));
        let mut rows: std::collections::BTreeMap<u32, String> = Default::default();
        for (at, value) in cells {
            let row: u32 = at.trim_start_matches(|c: char| c.is_ascii_alphabetic()).parse().unwrap();
            let kind = if value.parse::<f64>().is_ok() { "n" } else { "str" };
            rows.entry(row).or_default().push_str(&format!(r#"<c r="{at}" t="{kind}"><v>{value}</v></c>"#));
        }
        let rows: String = rows.iter().map(|(r, cells)| format!(r#"<row r="{r}">{cells}</row>"#)).collect();
        let sheet = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        );
        members.push((format!("xl/worksheets/sheet{n}.xml"), sheet.into_bytes()));
    }
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
    );
    members.push(("xl/workbook.xml".into(), book.into_bytes()));
    members.push(("xl/_rels/workbook.xml.rels".into(), relations.into_bytes()));
    let members: Vec<(&str, &[u8])> = members.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
    zipped(&members)
}

const FLOWS: [(&str, &str); 12] = [
    ("A1", "Reporting_Month"),
    ("B1", "IDP_Returnees"),
    ("C1", "Nahya_PCODE"),
    ("D1", "Community"),
    ("E1", "Community_PCODE"),
    ("F1", "Sum of IDP_Flow_Estimation"),
    ("A2", "2016-02-01"),
    ("B2", "IDP"),
    ("C2", "SY020300"),
    ("D2", "Afrin"),
    ("E2", "C1366"),
    ("F2", "30"),
];

/// One block of two months; a month of the second governorate is blank, another is a zero.
const SUMMARY: [(&str, &str); 18] = [
    ("A3", "Mohafaza"),
    ("B3", "IDP"),
    ("B4", "2016"),
    ("D4", "2016 Total"),
    ("B5", "Jan"),
    ("C5", "Feb"),
    ("A6", "Aleppo"),
    ("B6", "10"),
    ("C6", "30"),
    ("D6", "40"),
    ("A7", "Idleb"),
    ("B7", "0"),
    ("D7", "0"),
    ("A8", "Grand Total"),
    ("B8", "10"),
    ("C8", "30"),
    ("D8", "40"),
    ("A9", "Days"),
];

/// The workbook of movements, with one cell of its summary or its flows as `value`, or more.
fn movements(at: (&str, &str), value: &'static str) -> Vec<u8> {
    let with = |name: &str, cells: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        let mut cells = cells.to_vec();
        if name == at.0 {
            match cells.iter_mut().find(|(a, _)| *a == at.1) {
                Some(cell) => cell.1 = value,
                None => cells.push((Box::leak(at.1.to_owned().into_boxed_str()), value)),
            }
        }
        cells
    };
    sheets(&[
        ("Flow_Estimation", with("Flow_Estimation", &FLOWS)),
        ("Summarysince2016", with("Summarysince2016", &SUMMARY)),
        ("Other", with("Other", &[("A1", "Governorate"), ("B1", "Notes"), ("A2", "Aleppo")])),
    ])
}

#[test]
fn the_workbook_of_movements_is_read_as_strictly() {
    let good = import("ocha-syria-movements", movements(("Other", "B2"), "n1")).unwrap();
    assert_eq!((good.rows_read, good.records.len()), (3, 4));
    assert!(good.quality.notes.is_empty(), "{:?}", good.quality);
    for (sheet, at, value, expected) in [
        (
            "Summarysince2016",
            "B6",
            "-1",
            "Summarysince2016, row 6, column `IDP, 2016-01`: found `-1`, expected a whole number",
        ),
        ("Summarysince2016", "C7", "many", "Summarysince2016, row 7, column `IDP, 2016-02`: found `many`"),
        (
            "Summarysince2016",
            "B4",
            "soon",
            "Summarysince2016, row 4, column `Mohafaza`: found `soon`, expected a year",
        ),
        ("Summarysince2016", "C5", "Febr", "found `Febr`, expected a month below a year"),
        ("Summarysince2016", "B3", "Refugees", "found `Refugees`, expected `IDP` or `Returnees`"),
        (
            "Summarysince2016",
            "A3",
            "Area",
            "found no block of months, expected a block that begins with `Mohafaza`",
        ),
        (
            "Summarysince2016",
            "A8",
            "All",
            "found a block `IDP` without an end, expected a row `Grand Total` below it",
        ),
        (
            "Flow_Estimation",
            "F2",
            "3.5",
            "Flow_Estimation, row 2, column `Sum of IDP_Flow_Estimation`: found `3.5`",
        ),
        ("Flow_Estimation", "A2", "soon", "Flow_Estimation, row 2, column `Reporting_Month`: found `soon`"),
        ("Flow_Estimation", "C2", "SYR", "column `Nahya_PCODE`: found `SYR`, expected a P-code in Syria"),
        ("Flow_Estimation", "F1", "Flow", "found no such header, expected a header with `Reporting_Month`"),
    ] {
        says(&refused("ocha-syria-movements", movements((sheet, at), value)), &["`given.csv`, ", expected]);
    }
    // Totals are compared, not read.
    for (at, value) in [("D6", "41"), ("B8", "11"), ("D7", "1")] {
        let read = import("ocha-syria-movements", movements(("Summarysince2016", at), value)).unwrap();
        assert_eq!(read.quality.count("totals that differ from the months they add up"), 1, "{at}");
        assert_eq!(read.records.len(), 4);
    }
    let read = import("ocha-syria-movements", movements(("Flow_Estimation", "H2"), "40")).unwrap();
    assert_eq!(read.quality.count("figures beside the table, under no header; not read"), 1);
    // A total of the months alone says nothing of a sheet; without one there is no workbook of this source.
    says(
        &refused("ocha-syria-movements", sheets(&[("Flow_Estimation", FLOWS.to_vec())])),
        &["found the sheets Flow_Estimation, expected a sheet `Summarysince2016`"],
    );
    says(&refused("ocha-syria-movements", workbook(&SHEET)), &["expected a sheet `Flow_Estimation`"]);
    says(&refused("ocha-syria-movements", zipped(&[("xl/workbook.xml", b"<workbook/>")])), &["the workbook"]);
    let two = movements(("Other", "B2"), "n1");
    let two = vec![File::new("a.xlsx", two.clone()), File::new("b.xlsx", two)];
    let error =
        draft("ocha-syria-movements", two, "two", "2026-11-24T12:00:00Z".parse().unwrap()).unwrap_err();
    says(&error.to_string(), &["found several, expected one workbook at a time"]);
}

const MASTER: [(&str, &str); 19] = [
    ("A1", "DTM SUDAN: IDP Master List 17-Dec-2024"),
    ("A2", "Location Information"),
    ("E2", "TOTAL"),
    ("A3", "STATE OF DISPLACEMET"),
    ("B3", "STATE CODE"),
    ("C3", "LOCALITY OF DISPLACEMENT"),
    ("D3", "LOCALITY_ CODE"),
    ("E3", "IDPs"),
    ("F3", "HHs"),
    ("A4", "#adm1+name"),
    ("D4", "#adm2+pcode"),
    ("E4", "#affected+idps+ind"),
    ("F4", "#affected+idps+hh"),
    ("A5", "Kassala"),
    ("B5", "SD11"),
    ("C5", "Madeinat Kassala"),
    ("D5", "SD11053"),
    ("E5", "177855"),
    ("F5", "35000"),
];

fn master(at: &'static str, value: &'static str) -> Vec<u8> {
    let mut cells = MASTER.to_vec();
    match cells.iter_mut().find(|(a, _)| *a == at) {
        Some(cell) => cell.1 = value,
        None => cells.push((at, value)),
    }
    sheets(&[("MASTER LIST (ADMIN2)", cells), ("Read Me", vec![("A1", "ask us@voorbeeld.example")])])
}

#[test]
fn the_master_list_is_read_as_strictly() {
    let good = import("iom-dtm", master("G5", "")).unwrap();
    assert_eq!((good.rows_read, good.records.len()), (1, 2));
    assert_eq!(good.quality.count("a line of HXL tags, left out"), 1);
    for (at, value, expected) in [
        ("E5", "many", "MASTER LIST (ADMIN2), row 5, column `IDPs`: found `many`, expected a whole number"),
        ("F5", "1.5", "row 5, column `HHs`: found `1.5`"),
        ("D5", "Kassala 1", "row 5, column `LOCALITY_ CODE`: found `Kassala 1`, expected a P-code"),
        ("D5", "99053", "row 5, column `LOCALITY_ CODE`: found `99053`, expected a P-code"),
        ("A1", "DTM SUDAN: IDP Master List", "found no day above the table"),
        ("A1", "DTM SUDAN: IDP Master List 31-Feb-2024", "found no day above the table"),
        ("E3", "People", "found no such header, expected a header with `STATE CODE`"),
    ] {
        says(&refused("iom-dtm", master(at, value)), &["`given.csv`, ", expected]);
    }
    says(&refused("iom-dtm", workbook(&SHEET)), &["expected a sheet `MASTER LIST (ADMIN2)`"]);
}

#[test]
fn numbers_that_stand_as_text_in_a_workbook_are_judged_by_their_column() {
    let with = |more: &[(&'static str, &'static str)]| {
        let mut cells: Vec<_> =
            MASTER.iter().filter(|(at, _)| !more.iter().any(|m| m.0 == *at)).copied().collect();
        cells.extend_from_slice(more);
        sheets(&[("MASTER LIST (ADMIN2)", cells)])
    };
    let values = |bytes: Vec<u8>| -> (Vec<f64>, u64, u64) {
        let read = import("iom-dtm", bytes).unwrap();
        let value = |r: &wegen_model::Record| match r {
            wegen_model::Record::Observation(o) if o.indicator.as_str() == "idps-tracked" => Some(o.value),
            _ => None,
        };
        let texts = read.quality.count("numbers that stand as text");
        let values = read.records.as_slice().unwrap().iter().filter_map(value).collect();
        (values, texts, read.quality.count("counts with a separator of thousands"))
    };
    assert_eq!(values(with(&[("E5", "177,855")])), (vec![177_855.0], 1, 1));
    let below =
        [("E5", "177 855"), ("D6", "SD11053"), ("E6", "1 234 567"), ("D7", "SD11053"), ("E7", "15000")];
    assert_eq!(values(with(&below)), (vec![177_855.0, 1_234_567.0, 15_000.0], 2, 2), "a number is no text");
    for (cells, expected) in [
        (&[("E5", "12,5")][..], "row 5, column `IDPs`: found `12,5`, expected a number; a comma"),
        (&[("E5", "85 000")], "row 5, column `IDPs`: found `85 000`, expected a number; nothing else"),
        (
            &[("E5", "1,022"), ("D6", "SD11053"), ("E6", "1.234.567")],
            "row 6, column `IDPs`: found `1.234.567`, expected a number written like `1,022` in \
             MASTER LIST (ADMIN2), row 5",
        ),
        (&[("E5", "1,,000")], "row 5, column `IDPs`: found `1,,000`, expected a number"),
        (&[("E5", "１２")], "row 5, column `IDPs`: found `１２`, expected a whole number"),
    ] {
        says(&refused("iom-dtm", with(cells)), &["`given.csv`, ", expected]);
    }
}

#[test]
fn workbooks_with_a_column_about_people_are_refused_on_any_sheet() {
    for (at, title, value) in [
        (("Flow_Estimation", "H1"), "Voornaam", ""),
        (("Flow_Estimation", "H2"), "8", "voornaam.a@voorbeeld.example"),
        (("Summarysince2016", "F5"), "Voornaam", ""),
        (("Summarysince2016", "F7"), "6", "voornaam.a@voorbeeld.example"),
        (("Other", "C1"), "Voornaam", ""),
        (("Other", "B2"), "Notes", "voornaam.a@voorbeeld.example"),
    ] {
        let given = if value.is_empty() { title } else { value };
        // A month without a name is refused before its column is looked at.
        let text = refused("ocha-syria-movements", movements(at, given));
        let month = at == ("Summarysince2016", "F5");
        assert!(month || text.contains(&format!("`given.csv` is refused: column `{title}`")), "{text}");
        assert!(value.is_empty() || !text.contains(value), "{text}");
    }
    for (at, title, value) in
        [("G3", "Voornaam", ""), ("G5", "7", "voornaam.a@voorbeeld.example"), ("G3", "Telefoonnummer", "")]
    {
        let text = refused("iom-dtm", master(at, if value.is_empty() { title } else { value }));
        says(&text, &[&format!("`given.csv` is refused: column `{title}`")]);
        assert!(value.is_empty() || !text.contains(value), "{text}");
    }
}

#[test]
fn far_corners_of_the_other_workbooks_cost_nothing() {
    let started = Instant::now();
    assert_eq!(import("iom-dtm", master("XFD1048576", "1")).unwrap().records.len(), 2);
    let far = import("ocha-syria-movements", movements(("Flow_Estimation", "XFD1048576"), "1")).unwrap();
    assert_eq!(far.records.len(), 4);
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn stocks_of_idmc_are_read_as_strictly() {
    let head = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,total\n";
    let own = |total: &str| format!("{head}2025,Libya,LBY,LBY,Libya,LBY,LBY,{total}\n");
    assert_eq!(import("idmc", own("85000")).unwrap().records.len(), 1);
    for bad in ["-1", "1.5", "85 000", "4e+99"] {
        says(&refused("idmc", own(bad)), &["row 2, column `total`", &format!("found `{bad}`")]);
    }
    // Refugees of UNRWA under the same columns, and the other way round.
    let text = refused("unrwa", own("85000"));
    says(&text, &["row 2, column `coo_iso`: found `LBY`", "expected `PSE`", "may be `idmc`"]);
    says(
        &refused("idmc", "geo,t,cause,n\nLBY,2023,,7\n"),
        &["column `cause`: found nothing, expected a word"],
    );
    says(&refused("idmc", "geo,t,cause,n\nAB8,2023,flood,7\n"), &["column `geo`: found `AB8`"]);
}

/// A workbook with a sheet of notes and one with a table of the tracking matrix, one cell of it as given.
fn tracking(at: &'static str, value: &'static str) -> Vec<u8> {
    const TITLES: [&str; 7] = [
        "admin0Pcode",
        "admin1Pcode",
        "numPresentIdpInd",
        "reportingDate",
        "roundNumber",
        "assessmentType",
        "operation",
    ];
    const TAGS: [&str; 7] =
        ["#country+code", "#adm1+code", "#affected", "#date", "#round", "#type", "#operation"];
    const ROW: [&str; 7] = ["TCD", "TD07", "147032", "2017-09-30", "1", "BA", "Lake Chad"];
    let mut cells: Vec<(String, &str)> = Vec::new();
    for (row, texts) in [(1, TITLES), (2, TAGS), (3, ROW)] {
        cells.extend(texts.into_iter().zip('A'..).map(|(text, column)| (format!("{column}{row}"), text)));
    }
    cells.retain(|(cell, _)| cell != at);
    cells.push((at.to_owned(), value));
    let cells = cells.iter().map(|(cell, text)| (cell.as_str(), *text)).collect();
    sheets(&[("Notes", vec![("A1", "Terms"), ("A2", "of use")]), ("Data", cells)])
}

#[test]
fn tables_in_workbooks_are_read_as_strictly_as_text() {
    let whole = import("iom-dtm", tracking("Z9", " ")).unwrap();
    assert_eq!((whole.records.len(), whole.rows_read), (1, 1));
    assert_eq!(
        whole.layout.describe(whole.records.as_slice().unwrap()[0].locator()),
        "Data, row 3, numPresentIdpInd"
    );
    let notes: Vec<&str> = whole.quality.notes.iter().map(|n| n.what.as_str()).collect();
    assert_eq!(notes, ["a line of HXL tags, left out"]);
    for (at, value, found) in [
        ("C3", "1.5", "found `1.5`, expected a whole number from zero up"),
        ("C3", "-1", "found `-1`, expected a whole number from zero up"),
        ("C3", "many", "found `many`, expected a number"),
        ("A3", "CHAD", "found `CHAD`, expected a country's ISO 3166-1 alpha-3 code"),
        ("D3", "2017-02-30", "found `2017-02-30`, expected a day"),
    ] {
        says(&refused("iom-dtm", tracking(at, value)), &["`given.csv`, Data, row 3, column `", found]);
    }
    // A title that is gone is missed: the sheets that are there are named.
    let text = refused("iom-dtm", tracking("C1", "People"));
    says(&text, &["a workbook with the sheets Notes, Data", "`Data from IOM DTM API`, CSV"]);
    let text = refused("iom-missing-migrants", tracking("Z9", " "));
    says(&text, &["found a workbook of `iom-dtm`", "its columns in row 1"]);
    // Cells in far corners, and digits that stand as text and may be two numbers.
    for (at, value) in [("XFD1048576", "1"), ("XFD1", "1")] {
        let started = tracking(at, value);
        assert_eq!(import("iom-dtm", started).map(|d| d.records.len()).unwrap_or(1), 1, "{at}");
    }
    says(
        &refused("iom-dtm", tracking("C3", "147 032")),
        &["Data, row 3, column `numPresentIdpInd`", "two numbers"],
    );
    // Truncated anywhere, it is refused.
    let bytes = tracking("Z9", " ");
    for length in (4..bytes.len()).step_by(97) {
        refused("iom-dtm", &bytes[..length]);
    }
}

#[test]
fn tables_in_workbooks_hold_nothing_about_people() {
    let mut cells: Vec<(String, String)> = Vec::new();
    for (column, title) in ('A'..).zip(["Main ID", "Incident Date", "Year", "Number Dead"]) {
        cells.push((format!("{column}1"), title.to_owned()));
    }
    let private = || vec![("A1", "First name"), ("B1", "Phone"), ("A2", "A"), ("B2", "1")];
    let table: Vec<(&str, &str)> = cells.iter().map(|(a, t)| (a.as_str(), t.as_str())).collect();
    let text = refused("iom-missing-migrants", sheets(&[("Data", table), ("People", private())]));
    says(&text, &["is refused: column `First name`"]);
    says(&refused("iom-dtm", tracking("H1", "Passport number")), &["is refused: column `Passport number`"]);
}
