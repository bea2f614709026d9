//! Rules R1 and R2: no file with data about individuals enters, the column is named, and no value is repeated.
//!
//! Every name, number and address here is made up. Numbers pass the checks that real ones pass.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use proptest::prelude::*;
use wegen_sources::{File, SourceError, draft, parsers, personal_columns, unpack};

/// How many rows the tables below have: enough for every test by value.
const ROWS: usize = 30;

/// A valid table of each form of each source that comes as comma-separated text.
const TABLES: [(&str, &str, &str); 28] = [
    (
        "unhcr-population",
        "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless,ooc",
        "2025,Syria,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0",
    ),
    (
        "unhcr-asylum-applications",
        "year,coo_iso,coa_iso,procedure_type,app_type,dec_level,app_pc,applied",
        "2025,SYR,NLD,G,N,FI,P,9",
    ),
    (
        "unhcr-asylum-decisions",
        "year,coo_iso,coa_iso,procedure_type,dec_level,dec_pc,dec_recognized,dec_other,dec_rejected,dec_closed,dec_total",
        "2025,SYR,NLD,G,FI,P,57,21,233,759,1070",
    ),
    (
        "unhcr-solutions",
        "year,coo_iso,coa_iso,returned_refugees,resettlement,naturalisation,returned_idps",
        "2025,SYR,NLD,0,1,2,3",
    ),
    (
        "idmc",
        "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,total",
        "2025,Libya,LBY,LBY,Libya,LBY,LBY,85000",
    ),
    ("idmc", "geo,t,cause,n", "LBY,2023,flood,7"),
    ("unrwa", "year,coo_iso,coa_iso,total", "2025,PSE,LBN,228274"),
    (
        "iom-missing-migrants",
        "web_id,reported_date,number_dead,number_missing,total_dead_and_missing,cause_death,country_of_incident,migration_route,location_coodinates",
        "2024.MMP1,2024-02-29,1,,1,Drowning,Libya,Central Mediterranean,\"34.5, 14.0\"",
    ),
    (
        "iom-missing-migrants",
        "t,m,type,route,geo,dead,cause,surv,nat,location,lon,lat",
        "2024-01-01,2024-01,Incident,,LBY,1,Drowning,,UNK,,14,34.5",
    ),
    (
        "ucdp-country-year",
        "country_id_cy,year_cy,sb_total_deaths_best_cy,sb_total_deaths_low_cy,sb_total_deaths_high_cy,ns_total_deaths_best_cy,ns_total_deaths_low_cy,ns_total_deaths_high_cy,os_total_deaths_best_cy,os_total_deaths_low_cy,os_total_deaths_high_cy,cumulative_total_deaths_in_orgvio_best_cy,cumulative_total_deaths_in_orgvio_low_cy,cumulative_total_deaths_in_orgvio_high_cy",
        "652,2022,973,970,1175,612,612,809,86,86,86,1671,1668,2070",
    ),
    (
        "ucdp-ged",
        "id,year,type_of_violence,where_prec,adm_1,country_id,date_start,date_end,best,low,high,deaths_civilians",
        "1,2023,1,1,Khartoum state,625,2023-04-15,2023-04-16,4,3,5,2",
    ),
    (
        "worldbank-wdi",
        "Country Name,Country ISO3,Year,Indicator Name,Indicator Code,Value",
        "Sudan,SDN,2022,Access,EG.ELC.ACCS.ZS,63.2",
    ),
    ("owid-jmp", "entity,code,year,electrical_access", "Sudan,SDN,2022,63.2"),
    ("gapminder", "geo,time,children_out_of_school_primary", "syr,2024,581845"),
    (
        "inform-risk",
        "CountryName,Iso3,ValidityYear,IndicatorName,IndicatorScore,Unit",
        "Syria,SYR,2025,Physicians density,12.9,per 10",
    ),
    (
        "inform-risk",
        "CountryName,Iso3,GNAYear,IndicatorId,FullName,IndicatorScore",
        "Syria,SYR,2024,INFORM,INFORM Risk Index,7.1",
    ),
    (
        "ophi-mpi",
        "iso3,survey,survey_year,region,mpi_region,deprived_nutrition_pct,deprived_child_mortality_pct,deprived_years_of_schooling_pct,deprived_school_attendance_pct,deprived_cooking_fuel_pct,deprived_sanitation_pct,deprived_drinking_water_pct,deprived_electricity_pct,deprived_housing_pct,deprived_assets_pct",
        "SDN,MICS,2014,Region A,0.3,1,2,3,4,5,6,7,8,9,10",
    ),
    (
        "ocha-pcodes",
        "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date",
        "SDN,1,SD01,Khartoum,SDN,2021-11-17",
    ),
    (
        "reach-hsos",
        "subdistrict_code,community,community_code,year,month,IDP_reported,RET_reported,electricity_hours,water_functioning,water_funct_days,sewage_connect,foodmark_access,market_access,food_source_own,health_access_inloc,health_access_near,health_barr_afford,health_barr_lackmed,health_barr_safety,education_funct_inperson,RES_education_accessing,IDP_education_accessing,RES_edu_barr_unsafe,SHE_no_damage,RES_coping_childwork,RES_humani_access,currency_wages_RES,RES_wage_unskilled",
        "SY070200,Place A,C1366,2022.0,12.0,Yes,No,From 7 to 8 hours,Yes,1 to 2,Yes,Yes,Yes,No,No,Yes,Yes,Yes,No,Yes,51 to 75 percent,26 to 50 percent,No,81 to 99 percent,Yes,Yes,Turkish lira,30",
    ),
    (
        "reach-hsos",
        "Subdistrictpcode,Community,Communitypcode,IDPsreportedinthecommunity,year,month",
        "SY020203,Place A,C1258,Yes,2023.0,4.0",
    ),
    (
        "insecurity-insight",
        "Date,Country,Country ISO,Admin 1,Forceful Entry into Health Facility",
        "2021-05-18,Sudan,SDN,Khartoum State,0",
    ),
    (
        "insecurity-insight",
        "Date,Country,Country ISO,Admin 1,Attacks on Schools",
        "2021-05-18,Mali,MLI,Mopti,1",
    ),
    (
        "insecurity-insight",
        "Date,Country,Country ISO,Admin 1,Explosive Weapon Type",
        "2021-05-18,Sudan,SDN,Khartoum State,Shelling",
    ),
    (
        "ocha-syria-movements",
        "Reporting_Month,IDP_Returnees,Nahya_PCODE,Community,Community_PCODE,Sum of IDP_Flow_Estimation",
        "2021-12-01,IDP,SY020300,Afrin,C1366,1492",
    ),
    (
        "iom-dtm",
        "id,operation,admin0Pcode,admin1Pcode,admin2Pcode,numPresentIdpInd,reportingDate,roundNumber,assessmentType",
        "1,Overview,SDN,SD11,SD11053,39365,2024-12-17T00:00:00,18,BA",
    ),
    (
        "ocha-hno",
        "Country ISO3,Admin 1 PCode,Admin 2 PCode,Description,Cluster,Category,Population,In Need,Targeted,Affected",
        "SDN,,,Education,EDU,,,9142737.0,4204068.0,",
    ),
    (
        "ocha-cod-ps",
        "ISO3,Country,ADM1_PCODE,ADM1_NAME,Population_group,Population,Reference_year,Source,Contributor",
        "SDN,Sudan,SD01,Khartoum,T_TL,9000000,2024,UNFPA,UNFPA",
    ),
    (
        "uscb-syria-population",
        "level,pcode,name_en,name_ar,year,note,population",
        "1,SY07,Idleb,إدلب,2011,2011-12-01,1500000",
    ),
];

/// Columns given away by their name, in English, Dutch, French, Spanish and Arabic.
const NAMED: [&str; 96] = [
    "first_name",
    "Last Name",
    "surname",
    "FullName",
    "full name",
    "given_names",
    "Family name",
    "Name of applicant",
    "beneficiary_name",
    "head of household",
    "mother_name",
    "date_of_birth",
    "DOB",
    "BirthDate",
    "place_of_birth",
    "passport_no",
    "PassportNumber",
    "National ID",
    "id_number",
    "SSN",
    "case_id",
    "UNHCR ID",
    "ProGres ID",
    "individual_id",
    "household_id",
    "registration number",
    "alien number",
    "phone",
    "Phone Number",
    "mobile_no",
    "WhatsApp number",
    "email",
    "E-mail address",
    "home_address",
    "IP address",
    "device_id",
    "gps",
    "GPS location",
    "fingerprint_id",
    "iris_scan",
    "biometrics",
    "photo",
    "facebook",
    "telegram_username",
    "case_notes",
    "testimony",
    "licence plate",
    "IBAN",
    // Dutch
    "Voornaam",
    "achternaam",
    "volledige_naam",
    "Naam moeder",
    "Geboortedatum",
    "geboorteplaats",
    "BSN",
    "burgerservicenummer",
    "V-nummer",
    "vreemdelingennummer",
    "Paspoortnummer",
    "Telefoonnummer",
    "mobiel nummer",
    "E-mailadres",
    "woonadres",
    "Vingerafdruk",
    "gespreksverslag",
    "Handtekening",
    // French
    "Prénom",
    "Nom de famille",
    "nom complet",
    "Date de naissance",
    "lieu_de_naissance",
    "Numéro de passeport",
    "Carte d'identité",
    "Numéro de téléphone",
    "courriel",
    "Empreinte",
    "Témoignage",
    "Nom de la mère",
    // Spanish
    "Nombre completo",
    "apellidos",
    "Fecha de nacimiento",
    "Lugar de nacimiento",
    "Pasaporte",
    "cédula",
    "Teléfono",
    "Correo electrónico",
    "domicilio",
    "Huella",
    // Arabic
    "الاسم الكامل",
    "اسم العائلة",
    "تاريخ الميلاد",
    "رقم جواز السفر",
    "رقم الهوية",
    "رقم الهاتف",
    "البريد الإلكتروني",
    "بصمة",
];

type Value = fn(usize) -> String;

/// Columns with a harmless name, given away by their values.
const VALUED: [(&str, Value); 26] = [
    ("remark", |i| format!("voornaam{i}@voorbeeld.example")),
    ("opmerking", |i| if i == 17 { "voornaam.a@voorbeeld.example".into() } else { String::new() }),
    ("source", |i| format!("Voornaam{i}+x@mail.voorbeeld.example")),
    ("label", |i| format!("+31 6 000000{i:02}")),
    ("kolom_9", |i| format!("00316000000{i:02}")),
    ("etiquette", |i| format!("06-000000{i:02}")),
    ("code2", |i| format!("(+963) 900 000 0{i:02}")),
    ("ref", |i| format!("09000000{i:02}")),
    ("columna", |i| format!("+34 600 00 00 {i:02}")),
    ("وسم", |i| format!("+249 900 000 0{i:02}")),
    ("key", bsn),
    ("sleutel", |i| format!("{}.{}.{}", &bsn(i)[..4], &bsn(i)[4..6], &bsn(i)[6..])),
    ("clef", |i| if i % 5 == 0 { "onbekend".into() } else { bsn(i) }),
    ("x", |i| format!("XX00000{i:02}")),
    ("y", |i| format!("X 0000 00{i:02}")),
    ("z", |i| format!("SYR-000000{i:02}")),
    ("stuk", |i| format!("V-0000000{i:02}")),
    ("w", |i| format!("A 000 000 0{i:02}")),
    ("value2", |i| format!("Voornaam {} Achternaam {}", letters(i), letters(i + 7))),
    ("toelichting", |i| format!("Achternaam-{}, Voornaam {}", letters(i), letters(i + 3))),
    ("valeur", |i| format!("Prénom {} Nom {}", letters(i), letters(i))),
    ("valor", |i| format!("Nombre {} Apellido d'{}", letters(i), letters(i))),
    ("قيمة", |i| format!("شخص {} عائلة {}", arabic(i), arabic(i + 5))),
    ("origin_point", |i| format!("192.0.2.{i}")),
    ("origin_point_6", |i| format!("2001:db8::{i:x}")),
    ("tag", |i| format!("@voornaam_{}", letters(i))),
];

/// The i-th number of nine digits that passes the 11-test, above a range that was never issued.
fn bsn(i: usize) -> String {
    let passes = |n: &u32| {
        let digits: Vec<i32> = n.to_string().bytes().map(|b| i32::from(b - b'0')).collect();
        let sum: i32 = digits.iter().zip([9, 8, 7, 6, 5, 4, 3, 2, -1]).map(|(d, w)| d * w).sum();
        sum % 11 == 0
    };
    (900_000_000..).filter(passes).nth(i).unwrap().to_string()
}

/// `A`, `B`, … `Z`, `AA`, `AB`, …
fn letters(i: usize) -> String {
    let letter = |i: usize| char::from(b'A' + (i % 26) as u8);
    if i < 26 { letter(i).to_string() } else { format!("{}{}", letter(i / 26 - 1), letter(i)) }
}

fn arabic(i: usize) -> String {
    let all: Vec<char> = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي".chars().collect();
    format!("{}{}", all[i % all.len()], all[(i / all.len() + 3) % all.len()])
}

/// A table of `ROWS` rows with one more column at `at` (the last where it is beyond).
fn with_column(header: &str, row: &str, at: usize, name: &str, value: impl Fn(usize) -> String) -> String {
    let fields = |line: &str| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        reader.records().next().unwrap().unwrap().iter().map(str::to_owned).collect()
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for i in 0..=ROWS {
        let mut line = fields(if i == 0 { header } else { row });
        let at = at.min(line.len());
        line.insert(at, if i == 0 { name.to_owned() } else { value(i - 1) });
        writer.write_record(&line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The name of the file: the needs overview has its year there.
fn given(source: &str) -> &'static str {
    if source == "ocha-hno" { "given_2024.csv" } else { "given.csv" }
}

fn import(source: &str, bytes: impl Into<Vec<u8>>) -> Result<wegen_ledger::Draft, SourceError> {
    let name = given(source);
    draft(source, vec![File::new(name, bytes)], name, "2026-11-24T12:00:00Z".parse().unwrap())
}

/// The file is refused as personal, for this column, without any of the values.
fn is_refused(source: &str, bytes: impl Into<Vec<u8>>, name: &str, value: impl Fn(usize) -> String) {
    let error = import(source, bytes).err().unwrap_or_else(|| panic!("{source} accepts `{name}`"));
    let text = error.to_string();
    match &error {
        SourceError::Personal { column, .. } => assert!(column.contains(name), "{source}, `{name}`: {text}"),
        _ => panic!("{source}, `{name}`: refused, but for another reason: {text}"),
    }
    let refused = format!("`{}` is refused", given(source));
    assert!(text.contains(name) && text.contains(&refused), "{text}");
    for value in (0..ROWS).map(value).filter(|v| v.chars().count() > 3) {
        assert!(!text.contains(&value), "{source}, `{name}`: repeats a value");
    }
}

/// Values that give nothing away.
fn harmless(i: usize) -> String {
    format!("n{}", i % 4)
}

#[test]
fn the_tables_that_are_poisoned_below_are_clean() {
    for (source, header, row) in TABLES {
        let draft = import(source, with_column(header, row, usize::MAX, "notes_code", harmless));
        assert_eq!(draft.unwrap_or_else(|e| panic!("{source}: {e}")).rows_read, ROWS as u64, "{source}");
    }
}

#[test]
fn columns_named_as_personal_are_refused() {
    for (n, name) in NAMED.into_iter().enumerate() {
        // Each beside five of the tables. `FullName` is a column of INFORM's own, of its indicators.
        let tables = TABLES.iter().skip(n % 3).step_by(3);
        for (source, header, row) in tables.filter(|t| name != "FullName" || t.0 != "inform-risk") {
            is_refused(source, with_column(header, row, usize::MAX, name, harmless), name, |_| {
                "n1, n2".into()
            });
        }
    }
}

#[test]
fn columns_with_personal_values_are_refused_beside_every_table() {
    for (name, value) in VALUED {
        for (source, header, row) in TABLES {
            // A column of the source's own: not judged by its values.
            if header.split(',').any(|h| h.eq_ignore_ascii_case(name)) {
                continue;
            }
            is_refused(source, with_column(header, row, usize::MAX, name, value), name, value);
        }
    }
}

#[test]
fn an_empty_column_is_refused_by_its_name_alone() {
    for name in NAMED {
        let (source, header, row) = TABLES[0];
        is_refused(source, with_column(header, row, 0, name, |_| String::new()), name, |_| String::new());
    }
}

#[test]
fn personal_values_far_down_a_file_are_refused() {
    let (source, header, row) = TABLES[3];
    let mut text = format!("{header},remark\n");
    (0..5_000).for_each(|_| text.push_str(&format!("{row},\n")));
    assert!(import(source, text.clone()).is_ok());
    text.push_str(&format!("{row},voornaam.a@voorbeeld.example\n"));
    is_refused(source, text.clone(), "remark", |_| "voornaam.a@voorbeeld.example".into());
    let items: Vec<String> = (0..2_000)
        .map(|i| {
            let remark = if i == 1_999 { "voornaam.a@voorbeeld.example" } else { "" };
            format!(r#"{{"year":2025,"coo_iso":"SYR","coa_iso":"NLD","returned_refugees":1,"resettlement":"0","naturalisation":"-","returned_idps":"0","remark":"{remark}"}}"#)
        })
        .collect();
    is_refused(source, format!(r#"{{"items":[{}]}}"#, items.join(",")), "remark", |_| {
        "voornaam.a@voorbeeld.example".into()
    });
}

#[test]
fn members_of_json_are_screened_as_columns_are() {
    let unhcr = |name: &str, value: Value| {
        let item = |i: usize| {
            format!(
                r#"{{"year":2025,"coo_iso":"SYR","coa_iso":"NLD","returned_refugees":1,"resettlement":"0","naturalisation":"-","returned_idps":"0","{name}":"{}"}}"#,
                value(i)
            )
        };
        format!(r#"{{"items":[{}]}}"#, (0..ROWS).map(item).collect::<Vec<_>>().join(","))
    };
    let world_bank = |name: &str, value: Value| {
        let item = |i: usize| {
            format!(
                r#"{{"indicator":{{"id":"SP.POP.TOTL"}},"countryiso3code":"SDN","date":"2022","value":1,"{name}":"{}"}}"#,
                value(i)
            )
        };
        format!(r#"[{{"page":1}},[{}]]"#, (0..ROWS).map(item).collect::<Vec<_>>().join(","))
    };
    // Each name in one of the two.
    for pair in NAMED.chunks(2) {
        is_refused("unhcr-solutions", unhcr(pair[0], harmless), pair[0], |_| "n1, n2".into());
        is_refused("worldbank-wdi", world_bank(pair[1], harmless), pair[1], |_| "n1, n2".into());
    }
    for (name, value) in VALUED {
        is_refused("unhcr-solutions", unhcr(name, value), name, value);
        is_refused("worldbank-wdi", world_bank(name, value), name, value);
    }
    assert!(import("unhcr-solutions", unhcr("notes_code", harmless)).is_ok());
    assert!(import("worldbank-wdi", world_bank("notes_code", harmless)).is_ok());
}

#[test]
fn properties_of_boundaries_are_screened_as_columns_are() {
    const OWN: [(&str, &str); 3] = [
        ("ocha-cod-ab", r#""ADM1_EN":"Khartoum","ADM1_PCODE":"SD01""#),
        ("naturalearth-admin1", r#""adm1_code":"SDN-882","adm0_a3":"SDN","name":"Northern""#),
        ("naturalearth-countries", r#""ISO_A3_EH":"SDN","NAME":"Sudan""#),
    ];
    let file = |own: &str, name: &str, value: Value| {
        let ring = "[[32,15],[33,15],[33,16],[32,15]]";
        let feature = |i: usize| {
            format!(
                r#"{{"type":"Feature","properties":{{{own},"{name}":"{}"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}"#,
                value(i)
            )
        };
        let features: Vec<String> = (0..ROWS).map(feature).collect();
        format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
    };
    for (n, (source, own)) in OWN.into_iter().enumerate() {
        // Each name in one of the three.
        for name in NAMED.into_iter().skip(n).step_by(3) {
            is_refused(source, file(own, name, harmless), name, |_| "n1, n2".into());
        }
        // A property that by its name belongs to the area may differ in every row, as its names do.
        let of_area = |name: &str| ["ref", "valeur"].contains(&name) || name.contains("code");
        for (name, value) in VALUED.iter().filter(|(name, _)| !of_area(name)) {
            is_refused(source, file(own, name, *value), name, value);
        }
        is_refused(source, file(own, "name_contact", VALUED[0].1), "name_contact", VALUED[0].1);
        assert!(import(source, file(own, "notes_code", harmless)).is_ok());
    }
}

#[test]
fn the_bulk_file_of_the_world_bank_is_screened() {
    let file = |name: &str, value: Value| {
        let rows: String = (0..ROWS)
            .map(|i| format!("\"Sudan\",\"SDN\",\"Access\",\"EG.ELC.ACCS.ZS\",\"63.2\",\"{}\"\n", value(i)))
            .collect();
        format!(
            "\"Data Source\",\"World Development Indicators\",\n\n\"Last Updated Date\",\"2025-07-01\",\n\n\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\"2022\",\"{name}\"\n{rows}"
        )
    };
    for name in NAMED {
        is_refused("worldbank-wdi", file(name, harmless), name, |_| "n1, n2".into());
    }
    for (name, value) in VALUED {
        is_refused("worldbank-wdi", file(name, value), name, value);
    }
    assert!(import("worldbank-wdi", file("notes_code", harmless)).is_ok());
}

#[test]
fn the_corpus_is_as_large_as_the_rule_asks() {
    let mut names: Vec<&str> = NAMED.iter().copied().chain(VALUED.iter().map(|v| v.0)).collect();
    names.sort_unstable();
    names.dedup();
    assert!(names.len() >= 70 && names.len() == NAMED.len() + VALUED.len());
    assert!(HARMLESS.len() >= 60);
}

/// Tables of people, on their own: header, then a row for each `i`, and the column that gives them away.
const PEOPLE: [(&str, Value, &str); 12] = [
    (
        "first_name,last_name,date_of_birth,nationality",
        |i| format!("Voornaam {0},Achternaam {0},1990-01-01,SYR", letters(i)),
        "first_name",
    ),
    (
        "id,Naam aanvrager,land,aankomst",
        |i| format!("{i},Voornaam {0} Achternaam {0},SDN,2024-01-01", letters(i)),
        "Naam aanvrager",
    ),
    ("V-nummer,nationaliteit,besluit", |i| format!("V-0000000{i:02},SYR,inwilliging"), "V-nummer"),
    (
        "nr,nom complet,date de naissance",
        |i| format!("{i},Prénom {0} Nom {0},1990-01-01", letters(i)),
        "nom complet",
    ),
    (
        "n,apellidos,pais,telefono",
        |i| format!("{i},Apellido {},MLI,+34 600 00 00 {i:02}", letters(i)),
        "apellidos",
    ),
    (
        "الرقم,الاسم الكامل,تاريخ الميلاد",
        |i| format!("{i},شخص {0} عائلة {0},1990-01-01", arabic(i)),
        "الاسم الكامل",
    ),
    ("year,country,contact", |i| format!("2024,SDN,voornaam{i}@voorbeeld.example"), "contact"),
    ("year,country,nr", |i| format!("2024,NLD,{}", bsn(i)), "nr"),
    (
        "year,country,who",
        |i| format!("2024,NLD,Voornaam {} Achternaam {}", letters(i), letters(i + 1)),
        "who",
    ),
    ("household_id,members,camp", |i| format!("h{i},4,Camp A"), "household_id"),
    ("UNHCR ID,sex,age,camp", |i| format!("SYR-000000{i:02},F,30,Camp A"), "UNHCR ID"),
    ("time,phone,message", |i| format!("2024-01-01T10:00:00,+249 900 000 0{i:02},hello"), "phone"),
];

#[test]
fn tables_of_people_are_refused_by_every_source() {
    for (header, row, column) in PEOPLE {
        let rows: String = (0..ROWS).map(|i| format!("{}\n", row(i))).collect();
        let text = format!("{header}\n{rows}");
        for parser in parsers() {
            let error = import(parser.source(), text.clone())
                .err()
                .unwrap_or_else(|| panic!("{} accepts {header}", parser.source()));
            match &error {
                SourceError::Personal { column: found, .. } => assert_eq!(found, column),
                // Boundaries are JSON; a table never gets as far as its columns.
                other => assert!(
                    other.to_string().contains("expected a JSON document"),
                    "{}: {other}",
                    parser.source()
                ),
            }
            for value in (0..ROWS).flat_map(|i| row(i).split(',').map(str::to_owned).collect::<Vec<_>>()) {
                let common = value.chars().count() <= 4
                    || ["Camp A", "hello", "inwilliging"].contains(&value.as_str());
                assert!(common || !error.to_string().contains(&value), "{} repeats a value", parser.source());
            }
        }
    }
}

#[test]
fn a_table_without_a_header_shows_no_numbers_of_people() {
    let rows: String = (0..ROWS)
        .map(|i| {
            format!("voornaam{i}@voorbeeld.example,+31 6 000000{i:02},{},XX00000{i:02},192.0.2.{i}\n", bsn(i))
        })
        .collect();
    for parser in parsers() {
        let text = import(parser.source(), rows.clone()).unwrap_err().to_string();
        for value in ["voornaam", "+31 6", &bsn(0), "XX00000", "192.0.2"] {
            assert!(!text.contains(value), "{}: {text}", parser.source());
        }
    }
}

#[test]
fn one_row_per_person_is_refused() {
    // Nothing here names a person; every row is one.
    let persons = "age,sex,nationality,place,day\n";
    let rows: String = (0..ROWS)
        .map(|i| format!("{},{},SYR,Place {},2024-01-{:02}\n", 18 + i, ["f", "m"][i % 2], i % 3, i % 28 + 1))
        .collect();
    for parser in parsers() {
        assert!(import(parser.source(), format!("{persons}{rows}")).is_err(), "{}", parser.source());
    }
    // Nor in the columns of a source, where each row would be read as a count of one.
    for (age, trait_) in [
        ("age", "sex"),
        ("Leeftijd", "geslacht"),
        ("edad", "nacionalidad"),
        ("Age (years)", "Gender"),
        ("العمر", "الجنس"),
    ] {
        for (source, header, row) in TABLES {
            let header = format!("{header},{age},{trait_}");
            let rows: String =
                (0..ROWS).map(|i| format!("{row},{},{}\n", 18 + i, ["f", "m"][i % 2])).collect();
            let error = import(source, format!("{header}\n{rows}"))
                .err()
                .unwrap_or_else(|| panic!("{source} accepts {age}, {trait_}"));
            assert!(
                matches!(&error, SourceError::Personal { column, .. } if column == age),
                "{source}: {error}"
            );
        }
    }
    // Groups of ages are counts.
    let (source, header, row) = TABLES[3];
    let rows: String = (0..ROWS)
        .map(|i| format!("{row},{},{}\n", ["0-4", "5-11", "12-17", "18-59", "60+"][i % 5], ["f", "m"][i % 2]))
        .collect();
    assert!(import(source, format!("{header},age_group,sex\n{rows}")).is_ok());
}

/// Columns as public tables have them.
const HARMLESS: [(&str, Value); 72] = [
    ("notes_code", harmless),
    ("admin2_name", |i| format!("District {}", letters(i % 12))),
    ("admin1_name", |i| ["Khartoum", "Al Jazirah", "Kassala", "Red Sea"][i % 4].into()),
    ("admin3_pcode", |i| format!("SY0702{i:02}")),
    ("ADM2_PCODE", |i| format!("SY07{i:02}")),
    ("source_year", |i| format!("{}", 1990 + i)),
    ("source_name", |_| "World Bank".into()),
    ("country_name", |i| ["Sudan", "Mali", "Niger"][i % 3].into()),
    ("Country of Asylum", |i| ["Chad", "South Sudan", "Saudi Arabia"][i % 3].into()),
    ("iso2", |i| ["SD", "ML", "NE"][i % 3].into()),
    ("iso3_origin", |i| ["SDN", "MLI", "NER"][i % 3].into()),
    ("region", |i| ["Northern Africa", "Western Africa"][i % 2].into()),
    ("unsd_subregion", |_| "Sub-Saharan Africa".into()),
    ("income_group", |_| "Lower middle income".into()),
    ("population_total", |i| format!("{}", 1_000_000 + 7_919 * i)),
    ("population", |i| format!("{}", 39_000_000 + i)),
    ("households", |i| format!("{}", 12_000 + i)),
    ("Number of Females", |i| format!("{i}")),
    ("number_of_children", |i| format!("{i}")),
    ("sex", |i| ["f", "m"][i % 2].into()),
    ("age_group", |i| ["0-4", "5-11"][i % 2].into()),
    ("f_0_4", |i| format!("{}", i * 3)),
    ("m_60", |i| format!("{}", i * 2)),
    ("pop_type", |_| "REF".into()),
    ("procedure_name", |_| "Government".into()),
    ("date", |i| format!("2024-01-{:02}", i % 28 + 1)),
    ("last_updated", |_| "2025-07-01".into()),
    ("timestamp", |_| "2025-07-01T00:00:00Z".into()),
    ("reference_period_start", |_| "2024-01-01 00:00:00+00:00".into()),
    ("month", |i| format!("{}", i % 12 + 1)),
    ("quarter", |i| format!("2024Q{}", i % 4 + 1)),
    ("latitude", |i| format!("15.{i:02}")),
    ("longitude", |i| format!("32.{i:02}")),
    ("geom_wkt", |i| format!("POINT (32.{i:02} 15.{i:02})")),
    ("priogrid_gid", |i| format!("{}", 152_345 + i)),
    ("h3_cell", |i| format!("84{i:02}a1bffffffff")),
    ("event_id", |i| format!("{}", 467_878 + i)),
    ("web_id", |i| format!("2024.MMP{i:05}")),
    ("dataset_hdx_id", |i| format!("0f{i:02}c1f5-3f0c-4a6b-9c59-0123456789ab")),
    ("gwnoa", |_| "625.0".into()),
    ("url", |i| format!("https://perma.cc/XXXX-{i:04}")),
    ("doi", |_| "10.0000/example".into()),
    ("licence", |_| "CC BY 4.0".into()),
    ("methodology", |_| "Modelled estimate".into()),
    ("footnote", |i| ["", "a", "b"][i % 3].into()),
    ("obs_status", |_| "A".into()),
    ("unit", |_| "percent of population".into()),
    ("decimal", |_| "1".into()),
    ("scale", |_| "0".into()),
    ("lower_bound", |i| format!("{}.5", i)),
    ("upper_bound", |i| format!("{}.5", i + 10)),
    ("confidence", |_| "medium".into()),
    ("rank", |i| format!("{}", i + 1)),
    ("hdi", |i| format!("0.{}", 400 + i)),
    ("gdp_current_usd", |i| format!("{}", 21_326_000_000u64 + i as u64)),
    ("Mobile cellular subscriptions (per 100 people)", |i| format!("{}.1", 60 + i)),
    ("Fixed telephone subscriptions", |i| format!("{}", 150_000 + i)),
    ("birth_rate", |i| format!("33.{i}")),
    ("Births attended by skilled staff (%)", |i| format!("{}", 40 + i)),
    ("survey", |_| "MICS".into()),
    ("survey_year", |i| format!("{}", 2010 + i % 10)),
    ("round", |i| format!("{}", i % 18 + 1)),
    ("operation", |_| "Armed Clashes in Sudan (Overview)".into()),
    ("displacement_reason", |_| "Conflict".into()),
    ("idpPresentInd", |i| format!("{}", 10 * i)),
    ("cluster", |_| "Food Security".into()),
    ("sector_code", |_| "72010".into()),
    ("org_acronym", |i| ["UNHCR", "IOM", "WFP"][i % 3].into()),
    ("donor_country", |i| ["Netherlands", "United Kingdom", "Germany"][i % 3].into()),
    ("route", |_| "Central Mediterranean".into()),
    ("cause_category", |_| "Drowning".into()),
    ("land", |i| ["Soedan", "Mali", "Niger"][i % 3].into()),
];

#[test]
fn clean_tables_are_not_refused() {
    for (n, (name, value)) in HARMLESS.iter().enumerate() {
        for (source, header, row) in TABLES.iter().filter(|t| !t.1.split(',').any(|h| h == *name)) {
            // At another place each time.
            let text = with_column(header, row, n % 9, name, value);
            let draft = import(source, text).unwrap_or_else(|e| panic!("{source}: {e}"));
            assert_eq!(draft.rows_read, ROWS as u64, "{source}, {name}");
            let noted = draft.quality.count(&format!("column `{name}` is new, and not read"));
            let known = !draft.quality.notes.iter().any(|n| n.what.contains("is new"));
            assert!(noted == 1 || known, "{source}, {name}: {:?}", draft.quality);
        }
    }
}

#[test]
fn the_publishers_own_files_are_clean() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    }
    let mut read = 0;
    for (source, paths) in [
        ("unhcr-population", &["unhcr-population/population.csv.gz"][..]),
        ("unhcr-asylum-applications", &["unhcr-population/asylum_applications.csv.gz"]),
        ("unhcr-asylum-decisions", &["unhcr-population/asylum_decisions.csv.gz"]),
        ("unhcr-solutions", &["unhcr-population/solutions.csv.gz"]),
        ("ucdp-country-year", &["ucdp/organizedviolencecy_v25_1_1989-2024.csv.gz"]),
        ("ucdp-ged", &["ucdp/ged191_syria_2016-2019.csv.gz", "ucdp/ged_sudan_hdx_1989-2023.csv.gz"]),
        (
            "iom-missing-migrants",
            &[
                "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz",
                "iom-missing-migrants/mmp_incidents_gdidata_2014-2025-04.csv.gz",
            ],
        ),
        (
            "inform-risk",
            &[
                "inform-risk/inform_risk_index_indicators.csv.gz",
                "inform-risk/inform_risk_index_trends_2015-2024.csv.gz",
            ],
        ),
        (
            "ophi-mpi",
            &[
                "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv",
                "ophi-mpi/ophi_table5_subnational_results_mpi_2024.xlsx",
            ],
        ),
        ("ocha-pcodes", &["pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz"]),
        (
            "reach-hsos",
            &[
                "reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz",
                "reach-hsos-syria/hsos_2023-04_nws_nes_communities_idp_presence.csv.gz",
            ],
        ),
        (
            "insecurity-insight",
            &[
                "insecurity-insight/attacks_on_health_care_2016-2023.csv.gz",
                "insecurity-insight/education_in_danger_2020-2023.csv.gz",
                "insecurity-insight/explosive_weapons_2020-2023.csv.gz",
            ],
        ),
        ("ocha-syria-movements", &["syria-idp-movements/syria_idp_movements_ocha_2016-2021.xlsx"]),
        (
            "iom-dtm",
            &[
                "iom-dtm/dtm_sudan_api_admin2_2023-08_2024-12.csv.gz",
                "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz",
                "iom-dtm/dtm_sdn_smu-bi-weekly-13-_-17122024_v02_public_hdx.xlsx",
            ],
        ),
        ("ocha-hno", &["hno-needs/hpc_hno_2024_national_rows.csv"]),
        ("idmc", &["unhcr-population/idmc.csv.gz", "idmc/idmc_flows_2008-2023.csv.gz"]),
        ("unrwa", &["unhcr-population/unrwa.csv.gz"]),
        (
            "ocha-cod-ps",
            &[
                "cod-population/cod_population_admin0_totals.csv.gz",
                "cod-population/cod_population_admin1_totals.csv.gz",
                "cod-population/cod_population_admin2_totals.csv.gz",
                "cod-population/cod_population_admin3_totals.csv.gz",
            ],
        ),
        ("uscb-syria-population", &["uscb-syria-population/uscb_syria_population_2004_2016.csv.gz"]),
        (
            "ocha-cod-ab",
            &[
                "boundaries/syr_cod_adm3_2020-12-17.geojson",
                "boundaries/ner_cod_adm3_2023-07-20.geojson",
                "boundaries/irq_cod_adm2_2014-07-17.geojson",
            ],
        ),
        (
            "naturalearth-admin1",
            &[
                "boundaries/ne-admin1/sdn_ne_adm1.geojson",
                "boundaries/ne-admin1/tur_ne_adm1.geojson",
                "boundaries/ne-admin1/uga_ne_adm1.geojson",
            ],
        ),
        (
            "naturalearth-countries",
            &[
                "boundaries/ne_110m_admin_0_countries.geojson",
                "boundaries/world-atlas_countries-50m.topo.json",
            ],
        ),
    ] {
        for path in paths {
            let file = File::new(*path, std::fs::read(folder.join(path)).unwrap());
            let draft = draft(source, vec![file], path, "2026-11-24T12:00:00Z".parse().unwrap());
            assert!(draft.is_ok_and(|d| d.rows_read > 0), "{path}");
            read += 1;
        }
    }
    for entry in ["boundaries/cod-topojson"] {
        for file in std::fs::read_dir(folder.join(entry)).unwrap().map(Result::unwrap) {
            let bytes = std::fs::read(file.path()).unwrap();
            let draft = draft(
                "ocha-cod-ab",
                vec![File::new("adm1.json", bytes)],
                entry,
                "2026-11-24T12:00:00Z".parse().unwrap(),
            );
            if let Err(error) = draft {
                assert!(!matches!(error, SourceError::Personal { .. }), "{:?}: {error}", file.path());
            }
            read += 1;
        }
    }
    assert!(read > 30);
}

/// The names of columns in other public tables, which no parser of ours reads, give nothing away either.
#[test]
fn headers_of_other_public_tables_are_clean() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return;
    }
    let mut tables = 0;
    let folders = std::fs::read_dir(&folder).unwrap().map(|f| f.unwrap().path()).filter(|p| p.is_dir());
    for path in folders.flat_map(|f| std::fs::read_dir(f).unwrap().map(|f| f.unwrap().path())) {
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with(".csv.gz") && !name.ends_with(".csv") {
            continue;
        }
        let files = unpack(&File::new(name.clone(), std::fs::read(&path).unwrap())).unwrap();
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(files[0].reader());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let found = personal_columns(&header, &["FullName"], &[]);
        assert!(found.is_empty(), "{name}: {found:?}");
        tables += 1;
    }
    assert!(tables >= 60, "{tables}");
}

/// What an incident is told by, where it was and who is said to have done it stay in the file.
#[test]
fn prose_points_and_perpetrators_are_not_read() {
    let header = "Date,Event Description,Country,Country ISO,Admin 1,Latitude,Longitude,Reported Perpetrator,\
                  Reported Perpetrator Name,Forceful Entry into Health Facility,SiND Event ID\n";
    let row = "2021-05-18,Verhaal A,Sudan,SDN,Khartoum State,15.12345,32.54321,Groep B,Groep C,1,42.0\n";
    let draft = import("insecurity-insight", format!("{header}{row}")).unwrap();
    assert_eq!(draft.layout.columns, ["Date", "Country", "Country ISO", "Admin 1"]);
    let written = wegen_ledger::csv_row(&draft.records.as_slice().unwrap()[0]).join(",");
    for hidden in ["Verhaal", "15.1", "32.5", "Groep"] {
        assert!(!written.contains(hidden), "{written}");
    }
}

/// Fields that a semicolon separates are screened one by one.
#[test]
fn a_table_with_semicolons_is_screened_as_one_with_commas() {
    let (source, header, row) = TABLES.into_iter().find(|t| t.0 == "iom-dtm").unwrap();
    for (name, value) in VALUED {
        let table = with_column(header, row, usize::MAX, name, value).replace(';', " ");
        if table.matches(',').count() == 9 * (ROWS + 1) {
            is_refused(source, table.replace(',', ";"), name, value);
        }
    }
    for name in NAMED {
        let table = with_column(header, row, 0, name, harmless).replace(',', ";");
        is_refused(source, table, name, |_| "n1; n2".into());
    }
    let clean = with_column(header, row, 0, "notes_code", harmless).replace(',', ";");
    assert_eq!(import(source, clean).unwrap().rows_read, ROWS as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// One personal column anywhere in any table is enough.
    #[test]
    fn one_personal_column_anywhere_is_refused(table in 0..TABLES.len(), at in 0usize..16, named in 0..NAMED.len(), valued in 0..VALUED.len(), by_name: bool, shift in 0usize..400) {
        let (source, header, row) = TABLES[table];
        let (name, value): (&str, Box<dyn Fn(usize) -> String>) = match by_name {
            true => (NAMED[named], Box::new(harmless)),
            false => (VALUED[valued].0, Box::new(move |i| VALUED[valued].1(if valued == 1 { i } else { (i + shift) % 90 }))),
        };
        prop_assume!(!header.split(',').any(|h| h.eq_ignore_ascii_case(name)));
        prop_assume!(name != "FullName" || source != "inform-risk");
        let text = with_column(header, row, at, name, &value);
        let Err(error) = import(source, text) else {
            return Err(TestCaseError::fail(format!("{source} accepts `{name}`")));
        };
        let shown = error.to_string();
        prop_assert!(matches!(&error, SourceError::Personal { column, .. } if column == name), "{}: {}", source, shown);
        if !by_name {
            prop_assert!((0..ROWS).map(&value).filter(|v| v.chars().count() > 3).all(|v| !shown.contains(&v)));
        }
    }

    /// Whatever the column is called: an e-mail address gives it away.
    #[test]
    fn an_address_is_found_under_any_name(name in "[a-z_]{1,12}", table in 0..TABLES.len(), at in 0usize..16, row_at in 0..ROWS) {
        let (source, header, row) = TABLES[table];
        prop_assume!(!header.split(',').any(|h| h.eq_ignore_ascii_case(&name)));
        let value = |i: usize| if i == row_at { "voornaam.a@voorbeeld.example".to_owned() } else { "1".to_owned() };
        let Err(error) = import(source, with_column(header, row, at, &name, value)) else {
            return Err(TestCaseError::fail(format!("{source} accepts `{name}`")));
        };
        prop_assert!(matches!(&error, SourceError::Personal { .. }), "{}", error);
        prop_assert!(!error.to_string().contains("voornaam.a@"));
    }
}
