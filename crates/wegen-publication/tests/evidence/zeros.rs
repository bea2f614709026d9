//! Zeros that nobody reported, numbers that were carried over, and the publishers that stand beside UNHCR.
//!
//! Expected numbers are read from the publisher's own file, row by row; without the shared folder these tests pass
//! with a line that says so.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::LazyLock,
};

use wegen_ledger::Ledger;
use wegen_model::{Code, Lang, countries};
use wegen_publication::{Cell, Figure, FigureId, Missing, Options, Report, Value, by_origin, compute, show};
use wegen_sources::{File, draft, unpack};

/// The starter evidence, and what IDMC and UNRWA publish where the shared folder is there.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    for (source, path) in [
        ("idmc", "unhcr-population/idmc.csv.gz"),
        ("idmc", "idmc/idmc_flows_2008-2023.csv.gz"),
        ("unrwa", "unhcr-population/unrwa.csv.gz"),
    ] {
        if let Some(bytes) = shared(path) {
            let file = File::new(path, bytes);
            ledger
                .add(draft(source, vec![file], path, "2026-11-29T12:00:00Z".parse().unwrap()).unwrap())
                .unwrap();
        }
    }
    folder
});

fn shared(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !folder.is_dir() {
        eprintln!("skipped: there is no {}", folder.display());
        return None;
    }
    Some(std::fs::read(folder.join(path)).unwrap())
}

/// UNHCR's own rows of 2024 and 2025 for people within their own country: year and country to a column's number.
fn own_rows(column: &str) -> Option<BTreeMap<(i32, String), Option<f64>>> {
    let files =
        unpack(&File::new("population.csv.gz", shared("unhcr-population/population.csv.gz")?)).unwrap();
    let mut reader = csv::Reader::from_reader(files[0].reader());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let (year, origin, asylum, value) = (at("year"), at("coo_iso"), at("coa_iso"), at(column));
    let mut rows = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        if row[origin] == row[asylum] && ["2024", "2025"].contains(&&row[year]) {
            rows.insert((row[year].parse().unwrap(), row[origin].to_owned()), row[value].parse().ok());
        }
    }
    Some(rows)
}

fn figure(claim: &str) -> Figure {
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    compute(ledger.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En).unwrap()
}

fn cell(claim: &str) -> Cell {
    match figure(claim).value {
        Value::Number(cell) => cell,
        Value::Table(_) => panic!("{claim} is a table"),
    }
}

fn report(country: &str, lang: Lang) -> Report {
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    let country = Code::new(country).unwrap();
    let options = Options { country, lang, manuscript: None, pdf: false };
    Report::build(ledger.evidence(&edition), &options).unwrap()
}

#[test]
fn every_focus_country_has_the_number_of_its_own_row_or_none() {
    for (recipe, column) in [("idps", "idps"), ("returned-idps", "returned_idps")] {
        let Some(rows) = own_rows(column) else { return };
        let mut reported = BTreeSet::new();
        for country in countries().focus().map(|c| c.iso3) {
            let of =
                |year: i32| rows.get(&(year, country.to_string())).copied().flatten().filter(|n| *n > 0.0);
            let cell = cell(&format!("{recipe}@origin={country},year=2025"));
            assert_eq!(cell.value, of(2025), "{recipe} of {country}");
            match cell.value {
                Some(n) => {
                    assert_eq!(cell.records.len(), 1, "{recipe} of {country}");
                    let carried = recipe == "idps" && n >= 1_000.0 && of(2024) == Some(n);
                    assert_eq!(cell.carried, carried, "{recipe} of {country}");
                    reported.insert(country.to_string());
                }
                None => {
                    assert_eq!(
                        (cell.missing, cell.carried),
                        (Some(Missing::NotReported), false),
                        "{country}"
                    );
                    assert!(cell.records.is_empty(), "{recipe} of {country} rests on rows of others");
                }
            }
        }
        // 42 countries: 25 had a 0 before, 19 of them without a row that could hold the number.
        if recipe == "idps" {
            assert_eq!((countries().focus().count(), reported.len()), (42, 17));
        }
    }
}

#[test]
fn what_unhcr_carried_over_is_marked_wherever_it_is_shown() {
    if shared("unhcr-population/SOURCE.md").is_none() {
        return;
    }
    // Libya, Burkina Faso and Yemen have the number of 2024 to the unit.
    for (country, people, carried) in [
        ("LBY", 32_791.0, true),
        ("BFA", 2_062_534.0, true),
        ("YEM", 4_795_983.0, true),
        ("SYR", 5_542_227.0, false),
        ("SDN", 9_139_309.0, false),
    ] {
        let cell = cell(&format!("idps@origin={country},year=2025"));
        assert_eq!((cell.value, cell.carried), (Some(people), carried), "{country}");
    }
    for (lang, sentence) in
        [(Lang::En, "it was carried over, not counted again"), (Lang::Nl, "het is overgenomen")]
    {
        let report = report("LBY", lang);
        let shown = lang.integer(32_791);
        assert!(report.html.contains(&format!("{shown}\u{a0}*")) && report.html.contains(sentence), "{lang}");
        let csv = String::from_utf8(report.data["displacement-origin-LBY.csv"].clone()).unwrap();
        assert!(csv.starts_with("year,column,value,") && csv.lines().next().unwrap().contains(",carried,"));
        let row = csv.lines().find(|l| l.starts_with("2025,idps,32791,")).unwrap();
        assert!(row.contains(",true,"), "{row}");
    }
}

#[test]
fn returns_that_nobody_counted_are_not_reported() {
    // The row from the Netherlands has 0 in a column that is filled; a ministry helped 945 people to return.
    for claim in [
        "returned-refugees@host=NLD,origin=SYR,year=2025",
        "idps@origin=PSE,year=2025",
        "idps@origin=KEN,year=2025",
        "returned-idps@origin=NER,year=2025",
    ] {
        let cell = cell(claim);
        assert_eq!((cell.value, cell.missing), (None, Some(Missing::NotReported)), "{claim}");
    }
    // A sum over countries takes those above 0; refugees and asylum-seekers keep their zeros.
    assert_eq!(cell("returned-refugees@origin=SYR,year=2025").value, Some(1_341_148.0));
    assert_eq!(cell("returned-refugees@host=TUR,origin=SYR,year=2025").value, Some(556_009.0));
    let Value::Table(table) = figure("displacement@from=2025,origin=KEN,to=2025").value else { panic!() };
    let at = |column: &str| table.columns.iter().position(|(key, _)| key == column).unwrap();
    assert_eq!(table.rows[0].cells[at("idps")].missing, Some(Missing::NotReported));
    assert!(table.rows[0].cells[at("refugees")].value.is_some());
}

#[test]
fn idmc_and_unrwa_stand_beside_unhcr_and_are_never_added() {
    if shared("unhcr-population/SOURCE.md").is_none() {
        return;
    }
    for (country, idmc) in [
        ("PSE", 2_035_000.0),
        ("ISR", 31_000.0),
        ("KEN", 10_000.0),
        ("UGA", 2_000.0),
        ("LBY", 85_000.0),
        ("SYR", 5_964_000.0),
    ] {
        assert_eq!(cell(&format!("idps-idmc@origin={country},year=2025")).value, Some(idmc), "{country}");
    }
    assert_eq!(cell("palestine-refugees@host=PSE,year=2025").value, Some(2_484_580.0));
    assert_eq!(cell("palestine-refugees@year=2025").value, Some(5_964_782.0));
    assert_eq!(cell("idps-idmc@origin=ARE,year=2025").missing, Some(Missing::NotReported));

    let columns = |country: &str| -> Vec<String> {
        let Value::Table(table) = figure(&format!("displacement@origin={country}")).value else { panic!() };
        table.columns.into_iter().map(|(key, _)| key).skip(3).collect()
    };
    assert_eq!(columns("PSE"), ["idps", "idps-idmc", "palestine-refugees"]);
    assert_eq!(columns("SYR"), ["idps", "idps-idmc", "palestine-refugees"]);
    assert_eq!(columns("KEN"), ["idps", "idps-idmc"]);
    assert_eq!(columns("ARE"), ["idps"]);
    // Displacements during a year are no people at its end: 2023 has the stock alone, not the 17,000 movements.
    assert_eq!(cell("idps-idmc@origin=LBY,year=2023").value, Some(119_000.0));
}

#[test]
fn a_report_names_whose_number_it_is() {
    if shared("unhcr-population/SOURCE.md").is_none() {
        return;
    }
    for lang in Lang::ALL {
        for (country, numbers) in [
            ("PSE", &[2_035_000_i64, 2_484_580, 5_964_782][..]),
            ("KEN", &[10_000]),
            ("LBY", &[32_791, 85_000]),
            ("SYR", &[5_542_227, 5_964_000, 357_985]),
        ] {
            let text = report(country, lang).document.text();
            for n in numbers {
                assert!(text.contains(&lang.integer(*n)), "{country} {lang}: {n}");
            }
            for publisher in ["UNHCR", "IDMC"] {
                assert!(text.contains(publisher), "{country} {lang}: {publisher}");
            }
            assert_eq!(text.contains("UNRWA"), ["PSE", "SYR"].contains(&country), "{country} {lang}");
            let zero = if lang == Lang::En { "counted 0 people" } else { "telde UNHCR 0 mensen" };
            assert!(!text.contains(zero), "{country} {lang}");
        }
    }
}

#[test]
fn a_list_of_countries_has_the_numbers_of_the_figures() {
    let ledger = Ledger::open(&FOLDER).unwrap();
    let edition = ledger.edition(None).unwrap();
    let evidence = ledger.evidence(&edition);
    for (source, recipe) in
        [("unhcr-population", "refugees"), ("unhcr-population", "idps"), ("idmc", "idps-idmc")]
    {
        let list = by_origin(evidence, source, recipe, 2025).unwrap();
        for country in countries().focus().map(|c| c.iso3) {
            let alone = cell(&format!("{recipe}@origin={country},year=2025"));
            let listed = list.get(&country).cloned().unwrap_or_default();
            assert_eq!((listed.value, listed.carried), (alone.value, alone.carried), "{recipe} {country}");
            assert!(
                show(&alone, 0, "persons", Lang::En) != "0" || recipe == "refugees",
                "{recipe} {country}"
            );
        }
    }
}
