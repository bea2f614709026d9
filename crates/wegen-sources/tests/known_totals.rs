//! Figures that the publishers, or the notes beside the held files, state: recomputed through the parsers.
//!
//! Expected figures come from `SOURCE.md` and `README.md` of the shared data folder; where they come from a
//! count over the raw file instead, the comment says so (`python`: `csv.DictReader` over the file itself).
//! Without the folder every test here passes with a line that says so.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, path::PathBuf};

use wegen_model::{Code, Event, Incident, Observation, Record, countries, indicator, pcodes};
use wegen_sources::{File, Parsed, parser, unpack};

/// The held files as the parser of `source` reads them; `None` where the shared folder is absent.
fn held(source: &str, path: &str) -> Option<Parsed> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return None;
    }
    let bytes = std::fs::read(folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let files = unpack(&File::new(path, bytes)).unwrap_or_else(|e| panic!("{e}"));
    Some(parser(source).expect("a source of ours").parse(&files).unwrap_or_else(|e| panic!("{e}")))
}

fn observations(parsed: &Parsed) -> impl Iterator<Item = &Observation> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Observation(o) = r { Some(o) } else { None })
}

fn incidents(parsed: &Parsed) -> impl Iterator<Item = &Incident> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Incident(i) = r { Some(i) } else { None })
}

fn events(parsed: &Parsed) -> impl Iterator<Item = &Event> {
    parsed
        .records
        .as_slice()
        .unwrap()
        .iter()
        .filter_map(|r| if let Record::Event(e) = r { Some(e) } else { None })
}

/// The sum of an indicator in a year, of one country of origin or of all.
fn sum(parsed: &Parsed, indicator: &str, place: Option<&str>, year: i32) -> f64 {
    observations(parsed)
        .filter(|o| o.indicator.as_str() == indicator && o.period.year() == year)
        .filter(|o| place.is_none_or(|p| o.place.as_str() == p))
        .map(|o| o.value)
        .sum()
}

/// The value of an indicator of a country in a year, which stands once.
fn value(parsed: &Parsed, indicator: &str, place: &str, year: i32) -> f64 {
    let found: Vec<f64> = observations(parsed)
        .filter(|o| o.indicator.as_str() == indicator && o.place.as_str() == place && o.period.year() == year)
        .map(|o| o.value)
        .collect();
    assert_eq!(found.len(), 1, "{indicator} {place} {year}: {found:?}");
    found[0]
}

fn dead_and_missing(parsed: &Parsed, years: std::ops::RangeInclusive<i32>) -> i64 {
    incidents(parsed).filter(|i| years.contains(&i.year)).filter_map(|i| i.total).map(i64::from).sum()
}

fn places(parsed: &Parsed) -> BTreeMap<Code, usize> {
    let mut found = BTreeMap::new();
    for o in observations(parsed) {
        *found.entry(o.place).or_default() += 1;
    }
    found
}

#[test]
fn unhcr_population() {
    let Some(p) = held("unhcr-population", "unhcr-population/population.csv.gz") else { return };
    assert_eq!(p.rows_read, 138_893);

    // Global Trends, in millions, as SOURCE.md rounds them.
    for (year, millions) in [(2022, 29.43), (2023, 31.64), (2024, 30.96), (2025, 28.46)] {
        let refugees = sum(&p, "refugees", None, year) / 1e6;
        assert!((refugees - millions).abs() <= 0.005, "{year}: {refugees}");
    }

    // Syria, the story of README section 3; refugees are stated in millions, with two decimals.
    assert!((sum(&p, "refugees", Some("SYR"), 2025) / 1e6 - 4.87).abs() <= 0.005);
    assert_eq!(sum(&p, "returned-refugees", Some("SYR"), 2024), 512_718.0);
    assert_eq!(sum(&p, "returned-refugees", Some("SYR"), 2025), 1_341_148.0);
    assert_eq!(sum(&p, "returned-idps", Some("SYR"), 2025), 1_964_201.0);

    // Mali, Niger and Sudan at the end of 2025.
    assert_eq!(sum(&p, "refugees", Some("MLI"), 2025), 519_738.0);
    assert_eq!(sum(&p, "idps", Some("MLI"), 2025), 414_524.0);
    assert_eq!(sum(&p, "returned-idps", Some("MLI"), 2025), 153_133.0);
    assert_eq!(sum(&p, "idps", Some("NER"), 2025), 459_585.0);
    assert_eq!(sum(&p, "returned-idps", Some("NER"), 2025), 0.0);
    assert!((sum(&p, "refugees", Some("SDN"), 2025) / 1e6 - 2.82).abs() <= 0.005);
    assert_eq!(sum(&p, "returned-refugees", Some("SDN"), 2025), 651_456.0);
    assert_eq!(sum(&p, "returned-idps", Some("SDN"), 2025), 2_913_113.0);
}

#[test]
fn unhcr_decisions_on_syrians_in_the_netherlands() {
    let Some(p) = held("unhcr-asylum-decisions", "unhcr-population/asylum_decisions.csv.gz") else { return };
    assert_eq!(p.rows_read, 113_929);
    let of = |what: &str, year: i32| -> f64 {
        observations(&p)
            .filter(|o| o.indicator.as_str() == what && o.period.year() == year)
            .filter(|o| o.place.as_str() == "SYR" && o.counterpart.is_some_and(|c| c.as_str() == "NLD"))
            .map(|o| o.value)
            .sum()
    };
    // README section 3: recognised of all decisions, of which closed; first instance and review together.
    for (year, recognised, total, closed, rate) in [
        (2023, 7_500.0, 8_135.0, 230.0, 96.0),
        (2024, 10_208.0, 12_201.0, 1_462.0, 95.1),
        (2025, 62.0, 1_156.0, 800.0, 23.3),
    ] {
        assert_eq!(of("decisions-recognised", year), recognised, "{year}");
        assert_eq!(of("decisions-total", year), total, "{year}");
        assert_eq!(of("decisions-closed", year), closed, "{year}");
        let positive = recognised + of("decisions-other", year);
        let found = 100.0 * positive / (positive + of("decisions-rejected", year));
        assert!((found - rate).abs() <= 0.05, "{year}: {found}");
    }
    // SOURCE.md, 2025.
    assert_eq!((of("decisions-other", 2025), of("decisions-rejected", 2025)), (21.0, 273.0));
}

#[test]
fn unhcr_rows() {
    for (source, file, rows) in [
        ("unhcr-asylum-applications", "unhcr-population/asylum_applications.csv.gz", 120_597),
        ("unhcr-solutions", "unhcr-population/solutions.csv.gz", 21_258),
    ] {
        let Some(p) = held(source, file) else { return };
        assert_eq!(p.rows_read, rows, "{file}");
    }
}

/// The stated sums lost one row, the shipwreck of 18 April 2015, whose total is written `1,022`.
#[test]
fn missing_migrants_api() {
    const SHIPWRECK: i64 = 1_022;
    let Some(p) = held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    assert_eq!(p.rows_read, 17_846);
    assert_eq!(p.records.len(), 17_846, "no row is dropped");

    // Stated, without that row; by IOM, with it.
    assert_eq!(dead_and_missing(&p, 2014..=2022) - SHIPWRECK, 53_722);
    assert_eq!(dead_and_missing(&p, 2014..=2023) - SHIPWRECK, 62_328);
    assert_eq!(dead_and_missing(&p, 2014..=2022), 54_744);
    assert_eq!(dead_and_missing(&p, 2014..=2023), 63_350);
    assert_eq!(p.quality.count("counts with a separator of thousands"), 1);

    assert_eq!(dead_and_missing(&p, 2023..=2023), 8_606);
    // By year: python, sum of total_dead_and_missing by api_year; 2015 with the shipwreck.
    for (year, total) in [
        (2014, 5_548),
        (2015, 5_728 + SHIPWRECK),
        (2016, 8_084),
        (2017, 6_290),
        (2018, 5_008),
        (2019, 5_420),
        (2020, 4_302),
        (2021, 6_201),
        (2022, 7_141),
        (2024, 4_107),
        (2025, 3_780),
    ] {
        assert_eq!(dead_and_missing(&p, year..=year), total, "{year}");
    }
    // SOURCE.md, traps; the stated total of all years, 70,215, also lacks the shipwreck, which is off Libya.
    let of = |place: &str| -> (usize, i64) {
        let rows: Vec<&Incident> =
            incidents(&p).filter(|i| i.place.is_some_and(|c| c.as_str() == place)).collect();
        (rows.len(), rows.iter().filter_map(|i| i.total).map(i64::from).sum())
    };
    assert_eq!(dead_and_missing(&p, 2014..=2025) - SHIPWRECK, 70_215);
    assert_eq!(of("LBY").1 - SHIPWRECK, 20_040);
    // README section 3, step 7.
    for (place, rows, total) in
        [("SYR", 126, 334), ("MLI", 246, 560), ("NER", 466, 1_402), ("SDN", 487, 1_197)]
    {
        assert_eq!(of(place), (rows, total), "{place}");
    }
}

#[test]
fn missing_migrants_dead_and_missing_apart() {
    let Some(p) = held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz")
    else {
        return;
    };
    // By year, the missing with their sign: what is taken back is taken off (read as blank, it is 56 too many).
    let years = [
        (2014, 1_981, 3_567),
        (2015, 4_110, 2_640),
        (2016, 4_301, 3_783),
        (2017, 3_777, 2_513),
        (2018, 3_251, 1_757),
        (2019, 3_637, 1_783),
        (2020, 2_401, 1_901),
        (2021, 3_763, 2_438),
        (2022, 4_493, 2_648),
        (2023, 5_400, 3_206),
        (2024, 2_079, 2_028),
        (2025, 2_502, 1_278),
    ];
    for (year, dead, missing) in years {
        let of_year = || incidents(&p).filter(|i| i.year == year);
        assert_eq!(of_year().filter_map(|i| i.dead).sum::<u32>(), dead, "{year}");
        assert_eq!(of_year().filter_map(|i| i.missing).sum::<i32>(), missing, "{year}");
        assert_eq!(dead_and_missing(&p, year..=year), i64::from(dead) + i64::from(missing), "{year}");
    }
    assert_eq!(incidents(&p).filter_map(|i| i.missing).sum::<i32>(), 29_542);
    assert_eq!(incidents(&p).map(|i| i.incidents).sum::<u32>(), 17_220, "main ids, in 17,846 rows");
}

#[test]
fn missing_migrants_package() {
    let Some(p) =
        held("iom-missing-migrants", "iom-missing-migrants/mmp_incidents_gdidata_2014-2025-04.csv.gz")
    else {
        return;
    };
    assert_eq!(p.rows_read, 19_669);
    // The package has no ids: a row is an incident.
    assert_eq!(incidents(&p).map(|i| i.incidents).sum::<u32>(), 19_669);
    assert!(incidents(&p).all(|i| i.id.is_none()));
    assert_eq!(dead_and_missing(&p, 2014..=2022), 55_310);
    assert_eq!(dead_and_missing(&p, 2014..=2023), 64_065);
    assert_eq!(dead_and_missing(&p, 2023..=2023), 8_755);
    assert_eq!(dead_and_missing(&p, 2024..=2024), 9_191);
}

/// A file in the form of the public download, edited by others: in seven rows something else stands as country.
#[test]
fn missing_migrants_download_form() {
    let path = "iom-missing-migrants/iom_europe_curated_2014-2026-04.csv.gz";
    let Some(p) = held("iom-missing-migrants", path) else { return };
    // python: the rows, and the sum of their `No. dead/missing`.
    assert_eq!(p.rows_read, 6_802);
    assert_eq!(dead_and_missing(&p, 2014..=2026), 49_989);
    assert_eq!(incidents(&p).filter(|i| i.place.is_none()).count(), 2, "`NA` and `012 52E`");
}

#[test]
fn ucdp_country_year() {
    let Some(p) = held("ucdp-country-year", "ucdp/organizedviolencecy_v25_1_1989-2024.csv.gz") else {
        return;
    };
    const ALL: &str = "deaths-organised-violence";
    assert_eq!(p.rows_read, 6_936);
    for (year, deaths) in [(2022, 309_636.0), (2023, 161_237.0), (2024, 160_900.0)] {
        assert_eq!(sum(&p, ALL, None, year), deaths, "{year}");
    }
    for (place, year, deaths) in [
        ("SYR", 2013, 76_500.0),
        ("SYR", 2024, 3_616.0),
        ("SDN", 2023, 7_837.0),
        ("SDN", 2024, 7_103.0),
        ("NER", 2024, 1_222.0),
        ("MLI", 2024, 1_901.0),
        ("ETH", 2022, 165_025.0),
        // README section 3 and the file. SOURCE.md has 1,948 for this year, which the file has for 2021.
        ("SYR", 2022, 1_671.0),
        ("SYR", 2021, 1_948.0),
        // README section 3 has 53,891 for 2015, which the file has for 2016; 2015 is 59,609 there (python).
        ("SYR", 2016, 53_891.0),
        ("SYR", 2015, 59_609.0),
    ] {
        assert_eq!(value(&p, ALL, place, year), deaths, "{place} {year}");
    }
}

#[test]
fn ucdp_events_of_sudan() {
    let Some(p) = held("ucdp-ged", "ucdp/ged_sudan_hdx_1989-2023.csv.gz") else { return };
    let deaths = |year: Option<i32>| -> (usize, u64) {
        let found: Vec<&Event> = events(&p).filter(|e| year.is_none_or(|y| e.period.year() == y)).collect();
        (found.len(), found.iter().map(|e| u64::from(e.best)).sum())
    };
    assert_eq!(p.rows_read, 3_822, "the line of HXL tags is no event");
    assert_eq!(deaths(None), (3_822, 106_270));
    assert_eq!(deaths(Some(2023)), (345, 7_751));
}

#[test]
fn ucdp_events_of_syria() {
    let Some(p) = held("ucdp-ged", "ucdp/ged191_syria_2016-2019.csv.gz") else { return };
    assert_eq!((p.rows_read, p.records.len()), (16_566, 16_566));
    // python: sum of `best`.
    assert_eq!(events(&p).map(|e| u64::from(e.best)).sum::<u64>(), 112_337);
}

#[test]
fn ophi_regions() {
    // The tidy table was derived from the workbook by others: both must say the same.
    for path in [
        "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv",
        "ophi-mpi/ophi_table5_subnational_results_mpi_2024.xlsx",
    ] {
        let Some(p) = held("ophi-mpi", path) else { return };
        assert_eq!(p.rows_read, 1_359, "{path}");
        assert_eq!(places(&p).len(), 102, "{path}");
        for (country, regions, year) in [
            ("SDN", 18, Some(2014)),
            ("ETH", 11, Some(2019)),
            ("NER", 8, Some(2012)),
            ("MLI", 9, Some(2018)),
            ("TCD", 22, Some(2019)),
            ("IRQ", 18, Some(2018)),
            ("LBY", 21, None),
            ("EGY", 25, None),
            ("SYR", 0, None),
            ("SOM", 0, None),
            ("SSD", 0, None),
        ] {
            let of: Vec<&Observation> = observations(&p)
                .filter(|o| o.indicator.as_str() == "deprived-drinking-water" && o.place.as_str() == country)
                .collect();
            assert_eq!(of.len(), regions, "{path}: {country}");
            assert!(year.is_none_or(|y| of.iter().all(|o| o.period.year() == y)), "{path}: {country}");
        }
    }
}

#[test]
fn ophi_workbook_and_tidy_table_agree() {
    let Some(tidy) = held("ophi-mpi", "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv") else { return };
    let Some(book) = held("ophi-mpi", "ophi-mpi/ophi_table5_subnational_results_mpi_2024.xlsx") else {
        return;
    };
    let key = |o: &Observation| (o.indicator, o.place, o.period, o.dims.clone());
    let of = |p: &Parsed| -> BTreeMap<_, f64> {
        let deprivations = observations(p).filter(|o| o.indicator.as_str().starts_with("deprived-"));
        deprivations.map(|o| (key(o), o.value)).collect()
    };
    let (tidy, book) = (of(&tidy), of(&book));
    assert_eq!(tidy.len(), book.len());
    for (key, value) in &tidy {
        assert!((book[key] - value).abs() < 1e-9, "{key:?}");
    }
}

#[test]
fn places_and_boundaries() {
    for (source, path, areas) in [
        ("ocha-pcodes", "pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz", 33_404),
        ("ocha-cod-ab", "boundaries/syr_cod_adm1_dissolved.geojson", 14),
        ("ocha-cod-ab", "boundaries/syr_cod_adm2_dissolved.geojson", 62),
        ("ocha-cod-ab", "boundaries/syr_cod_adm3_2020-12-17.geojson", 272),
        ("ocha-cod-ab", "boundaries/ner_cod_adm1_2023-07-20.geojson", 8),
        ("ocha-cod-ab", "boundaries/ner_cod_adm2_2023-07-20.geojson", 67),
        ("ocha-cod-ab", "boundaries/ner_cod_adm3_2023-07-20.geojson", 266),
        ("ocha-cod-ab", "boundaries/irq_cod_adm1_2014-07-17.geojson", 18),
        ("ocha-cod-ab", "boundaries/irq_cod_adm2_2014-07-17.geojson", 109),
        ("naturalearth-admin1", "boundaries/ne-admin1/sdn_ne_adm1.geojson", 17),
        ("naturalearth-countries", "boundaries/ne_110m_admin_0_countries.geojson", 177),
        // python: geometries of the object `countries`; `land` beside it is not read.
        ("naturalearth-countries", "boundaries/world-atlas_countries-50m.topo.json", 241),
    ] {
        let Some(p) = held(source, path) else { return };
        assert_eq!((p.rows_read, p.records.len()), (areas, areas as usize), "{path}");
    }
}

#[test]
fn natural_earth_admin1() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/boundaries/ne-admin1");
    let Ok(files) = std::fs::read_dir(folder) else {
        eprintln!("skipped: there is no {folder}");
        return;
    };
    let names: Vec<String> = files.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    let read = |name: &String| {
        held("naturalearth-admin1", &format!("boundaries/ne-admin1/{name}")).unwrap().rows_read
    };
    // 697 features as stated; "29 countries" counts Somaliland (sol) with Somalia: there are 30 files.
    assert_eq!(names.iter().map(read).sum::<u64>(), 697);
    assert_eq!(names.len(), 30);
}

#[test]
fn inform_risk() {
    let Some(p) = held("inform-risk", "inform-risk/inform_risk_index_indicators.csv.gz") else { return };
    assert_eq!(p.rows_read, 25_463);
    assert_eq!(places(&p).len(), 191);

    let Some(trends) = held("inform-risk", "inform-risk/inform_risk_index_trends_2015-2024.csv.gz") else {
        return;
    };
    assert_eq!(trends.rows_read, 7_640);
    assert_eq!(places(&trends).len(), 191);
}

#[test]
fn basic_services() {
    let water = "basic-services/owid_population-using-at-least-basic-drinking-water.csv.gz";
    let Some(p) = held("owid-jmp", water) else { return };
    assert_eq!(p.rows_read, 6_061);
    assert!((value(&p, "basic-water", "SYR", 2024) - 94.1).abs() <= 0.05);

    let Some(p) = held("owid-jmp", "basic-services/owid_access_to_electricity.csv.gz") else { return };
    assert_eq!(p.rows_read, 6_912);
    // INFORM has the same figure from the same source: SOURCE.md of inform-risk, traps.
    assert_eq!(value(&p, "electricity-access", "SYR", 2023), 88.4);

    let Some(p) = held("owid-jmp", "basic-services/owid_population_using_basic_sanitation.csv.gz") else {
        return;
    };
    assert_eq!(p.rows_read, 6_072);
}

#[test]
fn gapminder() {
    let Some(p) = held("gapminder", "basic-services/ddf_children_out_of_school_primary.csv.gz") else {
        return;
    };
    assert_eq!(p.rows_read, 4_494);
    assert_eq!(value(&p, "out-of-school", "SYR", 2024), 581_845.0);

    let Some(p) = held("gapminder", "basic-services/ddf_gdppercapita_us_inflation_adjusted.csv.gz") else {
        return;
    };
    assert_eq!(p.rows_read, 11_253);
    // Stated in whole dollars; they are constant dollars.
    assert!((value(&p, "gdp-per-head-constant", "SYR", 2022) - 712.0).abs() <= 0.5);

    let path = "basic-services/ddf_primary_completion_rate_total_percent_of_relevant_age_group.csv.gz";
    let Some(p) = held("gapminder", path) else { return };
    // SOURCE.md, traps: primary completion in Syria ends in 2006.
    assert_eq!(
        observations(&p).filter(|o| o.place.as_str() == "SYR").map(|o| o.period.year()).max(),
        Some(2006)
    );
}

#[test]
fn world_bank() {
    let Some(p) = held("worldbank-wdi", "basic-services/wdi_iom_subset_1950-2023.csv.gz") else { return };
    assert_eq!(p.rows_read, 92_435);
    let Some(p) = held("worldbank-wdi", "basic-services/worldbank_education_sudan_hdx.csv.gz") else {
        return;
    };
    // SOURCE.md counts the line of HXL tags as a row.
    assert_eq!((p.rows_read, p.quality.count("a line of HXL tags, left out")), (11_454 - 1, 1));
}

/// How often an indicator stands, and what it adds up to.
fn counted(parsed: &Parsed, indicator: &str) -> (usize, f64) {
    let values: Vec<f64> =
        observations(parsed).filter(|o| o.indicator.as_str() == indicator).map(|o| o.value).collect();
    (values.len(), values.iter().sum())
}

#[test]
fn reach_communities() {
    let path = "reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz";
    let Some(p) = held("reach-hsos", path) else { return };
    assert_eq!((p.rows_read, p.capture), (1_484, "csv communities"));
    // 371 communities a round; one row of April 2022 holds a month and nothing else.
    for (month, communities) in [("2021-12", 371), ("2022-03", 371), ("2022-04", 370), ("2022-12", 371)] {
        let of = |id: &str| {
            let found = observations(&p).filter(|o| o.indicator.as_str() == id);
            found.filter(|o| o.period.to_string() == month).map(|o| o.value).sum::<f64>()
        };
        assert_eq!(of("community-assessed"), f64::from(communities), "{month}");
        // SOURCE.md: returns reported in 161 communities in the first round, 147 in the last.
        match month {
            "2021-12" => assert_eq!(of("returnees-present"), 161.0),
            "2022-12" => assert_eq!(of("returnees-present"), 147.0),
            _ => {}
        }
    }
    // python: how many answered, and how many said yes.
    for (id, answered, yes) in [
        ("community-assessed", 1_483, 1_483.0),
        ("displaced-present", 1_483, 1_420.0),
        ("returnees-present", 1_464, 618.0),
        ("water-network", 1_483, 1_332.0),
        ("sewage-connected", 1_483, 904.0),
        ("food-market-access", 1_483, 1_321.0),
        ("nearby-market-access", 1_483, 1_455.0),
        ("farming-own-food", 1_483, 823.0),
        ("health-in-community", 1_483, 909.0),
        ("health-nearby", 1_098 + 14, 1_098.0),
        ("health-unaffordable", 1_483, 901.0),
        ("medicines-lacking", 1_483, 941.0),
        ("health-travel-risk", 1_483, 32.0),
        ("schools-in-person", 1_483, 1_291.0),
        ("school-travel-risk", 1_405, 61.0),
        ("children-working", 1_464, 1_180.0),
        ("aid-residents", 1_464, 1_241.0),
    ] {
        assert_eq!(counted(&p, id), (answered, yes), "{id}");
    }
    // python: value_counts of each range.
    for (id, low, high, communities) in [
        ("electricity-hours", 0.0, 2.0, 39),
        ("electricity-hours", 7.0, 8.0, 529),
        ("electricity-hours", 12.0, 24.0, 282),
        // No day of water is an answer (675); where the network does not work (151), it follows.
        ("water-network-days", 0.0, 0.0, 675 + 151),
        ("water-network-days", 7.0, 7.0, 135),
        ("school-attendance-residents", 51.0, 75.0, 537),
        ("school-attendance-displaced", 1.0, 25.0, 159),
        ("shelters-undamaged", 100.0, 100.0, 96),
    ] {
        let of = observations(&p).filter(|o| o.indicator.as_str() == id && o.bounds == Some((low, high)));
        assert_eq!(of.inspect(|o| assert_eq!(o.value, low)).count(), communities, "{id} {low} {high}");
    }
    assert_eq!(counted(&p, "wage-unskilled").0, 1_316);
    assert_eq!(places(&p).len(), 21);

    let path = "reach-hsos-syria/hsos_2023-04_nws_nes_communities_idp_presence.csv.gz";
    let Some(p) = held("reach-hsos", path) else { return };
    assert_eq!((p.rows_read, p.records.len(), p.capture), (2_106, 2 * 2_106, "csv presence"));
    assert_eq!(counted(&p, "displaced-present"), (2_106, 1_310.0));
}

#[test]
fn insecurity_incidents() {
    for (path, id, rows) in [
        ("attacks_on_health_care_2016-2023.csv.gz", "attacks-health-care", 8_854),
        ("education_in_danger_2020-2023.csv.gz", "attacks-education", 1_895),
        ("explosive_weapons_2020-2023.csv.gz", "explosive-weapons-incidents", 2_083),
    ] {
        let Some(p) = held("insecurity-insight", &format!("insecurity-insight/{path}")) else { return };
        assert_eq!((p.rows_read, p.records.len()), (rows, rows as usize), "{path}");
        assert_eq!(counted(&p, id), (rows as usize, rows as f64));
        if id == "attacks-health-care" {
            let places = places(&p);
            for (country, events) in [("SYR", 904), ("SDN", 427), ("MLI", 146), ("ETH", 108), ("NER", 42)] {
                assert_eq!(places[&Code::new(country).unwrap()], events, "{country}");
            }
        }
    }
}

#[test]
fn movements_in_syria() {
    let path = "syria-idp-movements/syria_idp_movements_ocha_2016-2021.xlsx";
    let Some(p) = held("ocha-syria-movements", path) else { return };
    let idleb: f64 = observations(&p)
        .filter(|o| o.indicator.as_str() == "idp-movements" && o.period.year() == 2019)
        .filter(|o| o.dims.as_deref() == Some("area=Idleb"))
        .map(|o| o.value)
        .sum();
    assert_eq!(idleb, 1_095_958.0);
    // The totals of each year beside the months, of both blocks.
    for (year, displaced, returned) in [
        (2016, 2_148_498.0, 0.0),
        (2017, 2_797_067.0, 764_310.0),
        (2018, 1_633_984.0, 1_414_572.0),
        (2019, 1_827_930.0, 494_135.0),
        (2020, 1_821_973.0, 448_019.0),
        (2021, 455_864.0, 169_064.0),
    ] {
        assert_eq!(sum(&p, "idp-movements", Some("SYR"), year), displaced, "{year}");
        assert_eq!(sum(&p, "idp-return-movements", Some("SYR"), year), returned, "{year}");
    }
    // No total in the workbook differs from its months: of months, of years, of the sheet `IDP`.
    assert_eq!(p.quality.count("totals that differ from the months they add up"), 0);
    // The last month by community is the last month by governorate.
    let last = |id: &str| -> f64 {
        let of = observations(&p).filter(|o| o.indicator.as_str() == id);
        of.filter(|o| o.period.to_string() == "2021-12").map(|o| o.value).sum()
    };
    assert_eq!((last("idp-movements"), last("idp-return-movements")), (19_561.0, 14_238.0));
    assert_eq!(counted(&p, "idp-movements-community"), (265, 19_561.0));
    assert_eq!(counted(&p, "idp-return-movements-community"), (128, 14_238.0));
}

#[test]
fn dtm_sudan() {
    let Some(api) = held("iom-dtm", "iom-dtm/dtm_sudan_api_admin2_2023-08_2024-12.csv.gz") else { return };
    assert_eq!((api.rows_read, api.records.len()), (3_291, 3_291));
    let rounds: BTreeMap<String, f64> = observations(&api).fold(BTreeMap::new(), |mut rounds, o| {
        *rounds.entry(o.period.to_string()).or_default() += o.value;
        rounds
    });
    assert_eq!(rounds.len(), 18);
    assert_eq!(rounds["2024-12-17"], 11_532_774.0);
    assert_eq!(places(&api).len(), 184);

    let list = "iom-dtm/dtm_sdn_smu-bi-weekly-13-_-17122024_v02_public_hdx.xlsx";
    let Some(list) = held("iom-dtm", list) else { return };
    assert_eq!(list.rows_read, 184);
    assert_eq!(counted(&list, "idps-tracked"), (184, 11_532_774.0));
    // python: sum of the column `HHs`.
    assert_eq!(counted(&list, "households-tracked"), (184, 2_322_824.0));
    // Both say the same of every locality on that day.
    let of = |p: &Parsed| -> BTreeMap<Code, f64> {
        let people = observations(p).filter(|o| o.indicator.as_str() == "idps-tracked");
        people.filter(|o| o.period.to_string() == "2024-12-17").map(|o| (o.place, o.value)).collect()
    };
    assert_eq!(of(&api), of(&list));
}

#[test]
fn dtm_levels_hold_the_same_people() {
    let path = "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz";
    let Some(p) = held("iom-dtm", path) else { return };
    // SOURCE.md counts the line of HXL tags as a row.
    assert_eq!((p.rows_read, p.quality.count("a line of HXL tags, left out")), (13_368 - 1, 1));
    let level = |country: &str, level: u8| -> f64 {
        let country = Code::new(country).unwrap();
        let of = |o: &&Observation| match level {
            0 => o.place == country,
            n => pcodes().of(o.place, country).is_some_and(|a| a.level == n),
        };
        observations(&p).filter(of).map(|o| o.value).sum()
    };
    assert_eq!(p.quality.count("P-codes that the table does not hold"), 0);
    // python: sums by adminLevel, the same for each.
    for (country, people) in [("AFG", 59_411_923.0), ("TCD", 6_117_890.0), ("HTI", 13_831_385.0)] {
        for n in [0, 1, 2] {
            assert_eq!(level(country, n), people, "{country} {n}");
        }
    }
}

/// SOURCE.md of `hno-subnational`, cluster ALL, category `total`: areas and people in need.
#[test]
fn needs_by_area() {
    for (year, country, level, areas, people) in [
        (2024, "SYR", 3, 270, 16_661_474.0),
        (2024, "SDN", 2, 189, 24_786_370.0),
        (2024, "YEM", 2, 333, 18_182_654.0),
        (2024, "AFG", 2, 401, 23_666_412.0),
        (2024, "MLI", 2, 53, 7_107_192.0),
        (2025, "SDN", 2, 188, 30_440_769.0),
        (2025, "YEM", 2, 333, 19_540_215.0),
        (2025, "SSD", 2, 79, 9_290_086.0),
        (2025, "TCD", 1, 23, 7_049_225.0),
        (2025, "TCD", 2, 70, 7_049_226.0),
    ] {
        let Some(p) = held("ocha-hno", &format!("hno-subnational/hpc_hno_{year}_totals_only.csv.gz")) else {
            return;
        };
        let country = Code::new(country).unwrap();
        let of = observations(&p).filter(|o| {
            let level_of = pcodes().of(o.place, country).map(|a| a.level.to_string());
            let own = || o.dim("level").filter(|_| countries().of_place(o.place) == Some(country));
            o.indicator == indicator::PEOPLE_IN_NEED
                && level_of.or_else(own) == Some(level.to_string())
                && o.dim("cluster").as_deref() == Some("ALL")
                && o.dim("category").as_deref() == Some("total")
        });
        let found: Vec<f64> = of.map(|o| o.value).collect();
        // The publisher's own sums are rounded to whole people.
        assert_eq!((found.len(), found.iter().sum::<f64>().round()), (areas, people), "{country} {year}");
    }
}

#[test]
fn needs_of_2024() {
    let Some(p) = held("ocha-hno", "hno-needs/hpc_hno_2024_national_rows.csv") else { return };
    assert_eq!(p.rows_read, 29);
    let of = |id: &str, cluster: &str| -> f64 {
        let dim = format!("cluster={cluster};");
        let found: Vec<f64> = observations(&p)
            .filter(|o| o.indicator.as_str() == id && o.place.as_str() == "SDN" && o.period.year() == 2024)
            .filter(|o| o.dims.as_deref().is_some_and(|d| d.starts_with(&dim)))
            .map(|o| o.value)
            .collect();
        assert_eq!(found.len(), 1, "{id} {cluster}");
        found[0]
    };
    for (cluster, people) in
        [("ALL", 24_786_370.0), ("WSH", 18_982_714.0), ("HEA", 14_735_162.0), ("EDU", 9_142_737.0)]
    {
        assert_eq!(of("people-in-need", cluster), people, "{cluster}");
    }
    // The row itself.
    assert_eq!(of("people-targeted", "ALL"), 14_657_114.0);
    assert_eq!(of("people-affected", "ALL"), 28_928_873.0);
    assert_eq!(of("population-hno", "ALL"), 50_990_034.0);
}

#[test]
fn idmc_people_displaced_at_the_end_of_a_year() {
    let Some(p) = held("idmc", "unhcr-population/idmc.csv.gz") else { return };
    assert_eq!(p.rows_read, 934);
    // IDMC, as the file has it; 73.5 and 68.7 million people at the end of 2024 and 2025.
    for (country, people) in [
        ("PSE", 2_035_000.0),
        ("ISR", 31_000.0),
        ("KEN", 10_000.0),
        ("UGA", 2_000.0),
        ("LBY", 85_000.0),
        ("SYR", 5_964_000.0),
        ("SDN", 9_117_000.0),
    ] {
        assert_eq!(value(&p, "idps-idmc", country, 2025), people, "{country}");
    }
    // Written `1e+05` and `3e+06` in the file.
    assert_eq!(value(&p, "idps-idmc", "KEN", 2024), 100_000.0);
    assert_eq!(value(&p, "idps-idmc", "SDN", 2012), 3_000_000.0);
    assert_eq!(value(&p, "idps-idmc", "AB9", 2014), 20_000.0);
    // python: the sum of `total` by year.
    assert_eq!(sum(&p, "idps-idmc", None, 2024), 73_573_201.0);
    assert_eq!(sum(&p, "idps-idmc", None, 2025), 68_653_080.0);
}

#[test]
fn idmc_displacements_during_a_year_are_no_people() {
    let Some(p) = held("idmc", "idmc/idmc_flows_2008-2023.csv.gz") else { return };
    // SOURCE.md: 4,071 rows of 2008-2023.
    assert_eq!((p.rows_read, p.records.len()), (4_071, 4_071));
    assert!(observations(&p).all(|o| o.indicator.as_str() == "internal-displacements"));
    // python: by cause; IDMC's report on 2023 says 20.5 million by conflict and 26.4 million by disasters.
    let of = |conflict: bool| -> f64 {
        observations(&p)
            .filter(|o| {
                o.period.year() == 2023 && (o.dim("cause").as_deref() == Some("conflict")) == conflict
            })
            .map(|o| o.value)
            .sum()
    };
    assert_eq!((of(true), of(false)), (20_470_781.0, 26_397_465.0));
}

#[test]
fn unrwa_registered_palestine_refugees() {
    let Some(p) = held("unrwa", "unhcr-population/unrwa.csv.gz") else { return };
    assert_eq!((p.rows_read, p.records.len()), (296, 296));
    let of = |host: &str| -> f64 {
        let rows = observations(&p).filter(|o| o.period.year() == 2025);
        rows.filter(|o| o.counterpart.is_some_and(|c| c.as_str() == host)).map(|o| o.value).sum()
    };
    // As the file has them: about 2.48 million in Palestine, 5.96 million in all.
    for (host, people) in [
        ("PSE", 2_484_580.0),
        ("JOR", 2_398_179.0),
        ("LBN", 228_274.0),
        ("SYR", 357_985.0),
        ("UNK", 495_764.0),
    ] {
        assert_eq!(of(host), people, "{host}");
    }
    assert_eq!(sum(&p, "palestine-refugees", Some("PSE"), 2025), 5_964_782.0);
    assert!(observations(&p).all(|o| o.place.as_str() == "PSE"));
}

/// SOURCE.md of `cod-population`: people of the group `T_TL`, by country and level.
#[test]
fn people_by_area_of_ocha() {
    for (level, areas, countries) in [(0, 139, 139), (1, 1_882, 123), (2, 19_017, 77), (3, 8_267, 19)] {
        let path = format!("cod-population/cod_population_admin{level}_totals.csv.gz");
        let Some(p) = held("ocha-cod-ps", &path) else { return };
        let blank = p.quality.count("rows without a P-code of their own; no record");
        assert_eq!(p.records.len() as u64 + blank, areas, "{level}");
        if level == 0 {
            assert_eq!(observations(&p).map(|o| o.value).sum::<f64>(), 3_271_632_396.0);
            assert_eq!(
                observations(&p).map(|o| o.place).collect::<std::collections::BTreeSet<_>>().len(),
                countries
            );
        }
        let of = |country: &str| -> (usize, f64, i32) {
            let country = Code::new(country).unwrap();
            let own =
                observations(&p).filter(|o| pcodes().of(o.place, country).is_some_and(|a| a.level == level));
            let all: Vec<&Observation> = own.collect();
            (all.len(), all.iter().map(|o| o.value).sum(), all[0].period.year())
        };
        match level {
            1 => {
                assert_eq!(of("SDN"), (18, 47_514_529.0, 2024));
                assert_eq!(of("ETH"), (13, 102_536_651.0, 2022));
                assert_eq!(of("IRQ"), (18, 41_190_658.0, 2021));
                assert_eq!(of("TCD"), (23, 18_033_749.0, 2023));
                assert_eq!(of("NGA"), (37, 216_798_930.0, 2022));
            }
            2 => {
                assert_eq!(of("SDN"), (188, 47_514_529.0, 2024));
                assert_eq!(of("NER"), (67, 26_367_847.0, 2024));
                assert_eq!(of("SSD"), (78, 12_394_970.0, 2022));
            }
            3 => {
                assert_eq!(of("NER"), (266, 26_367_847.0, 2024));
                assert_eq!(of("ETH"), (1_084, 102_536_645.0, 2022));
            }
            _ => {}
        }
    }
}

/// SOURCE.md of `uscb-syria-population`.
#[test]
fn people_by_area_of_syria() {
    let path = "uscb-syria-population/uscb_syria_population_2004_2016.csv.gz";
    let Some(p) = held("uscb-syria-population", path) else { return };
    let of = |level: u8, period: &str| -> (usize, f64) {
        let found: Vec<f64> = observations(&p)
            .filter(|o| pcodes().level_of(o.place) == Some(level) && o.period.to_string() == period)
            .map(|o| o.value)
            .collect();
        (found.len(), found.iter().sum())
    };
    for (period, people) in [
        ("2004", 17_920_844.0),
        ("2011-01-01", 20_866_000.0),
        ("2011-12-01", 21_377_000.0),
        ("2014", 20_982_000.0),
        ("2016", 21_296_000.0),
    ] {
        assert_eq!(of(1, period), (14, people), "{period}");
    }
    assert_eq!((of(2, "2004"), of(3, "2004")), ((62, 17_920_844.0), (270, 17_920_844.0)));
}
