//! A file that holds nothing on a country, and does not cover it, changes nothing that is said of it.

use std::{collections::BTreeMap, path::PathBuf};

use wegen_ledger::Ledger;
use wegen_model::{Code, Coverage, Declared, Lang, Span};
use wegen_publication::{FigureId, Missing, Options, Report, Value, compute};
use wegen_sources::{File, draft, unpack};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");

/// Files of sources, of which the rows on the countries that are looked at are left out.
const FILES: [(&str, &str); 21] = [
    ("unhcr-population", "unhcr-population/population.csv.gz"),
    ("unhcr-asylum-applications", "unhcr-population/asylum_applications.csv.gz"),
    ("unhcr-asylum-decisions", "unhcr-population/asylum_decisions.csv.gz"),
    ("unhcr-solutions", "unhcr-population/solutions.csv.gz"),
    ("idmc", "unhcr-population/idmc.csv.gz"),
    ("idmc", "idmc/idmc_flows_2008-2023.csv.gz"),
    ("ucdp-country-year", "ucdp/organizedviolencecy_v25_1_1989-2024.csv.gz"),
    ("ucdp-ged", "cases/turn-2/03-ged-subset/ged_myanmar_bangladesh_2016_2017.csv"),
    ("worldbank-wdi", "basic-services/wdi_iom_subset_1950-2023.csv.gz"),
    ("owid-jmp", "basic-services/owid_access_to_electricity.csv.gz"),
    ("gapminder", "basic-services/ddf_children_out_of_school_primary.csv.gz"),
    ("inform-risk", "inform-risk/inform_risk_index_trends_2015-2024.csv.gz"),
    ("ophi-mpi", "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv"),
    ("ocha-pcodes", "pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz"),
    ("ocha-cod-ab", "cases/turn-2/06-cod-ab/bdi_adm1.geojson"),
    ("naturalearth-admin1", "boundaries/ne-admin1/mli_ne_adm1.geojson"),
    ("insecurity-insight", "insecurity-insight/attacks_on_health_care_2016-2023.csv.gz"),
    ("insecurity-insight", "insecurity-insight/education_in_danger_2020-2023.csv.gz"),
    ("iom-dtm", "iom-dtm/iom_dtm_api_afg_hti_tcd_admin0-2_2010-2025.csv.gz"),
    ("ocha-hno", "hno-subnational/hpc_hno_2025_totals_only.csv.gz"),
    ("ocha-cod-ps", "cod-population/cod_population_admin1_totals.csv.gz"),
];

/// The countries that are looked at, as rows name them.
const NAMES: [&str; 10] = ["SYR", "SDN", "Syria", "Sudan", ",SY", ",SD", "syr", "sdn", "SYRIA", "SUDAN"];

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn starter() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    (folder, ledger)
}

/// All that is said of a country: its figures, and its report without the edition's id.
fn said(ledger: &Ledger, country: &str) -> (BTreeMap<FigureId, String>, String) {
    let edition = ledger.edition(None).unwrap();
    let options = Options { country: code(country), lang: Lang::En, manuscript: None, pdf: false };
    let report = Report::build(ledger.evidence(&edition), &options).unwrap();
    let figures = report
        .figures
        .into_iter()
        .map(|(id, f)| (id, format!("{} · {} · {:?}", f.label, f.how, f.value)))
        .collect();
    let (before, rest) =
        report.html.split_once("<script type=\"application/json\" id=\"wegen-claims\">").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    (figures, format!("{before}{after}").replace(&edition.id(), "EDITION"))
}

/// A file without the rows that name one of the countries.
fn without(path: &str) -> Option<File> {
    let path = PathBuf::from(DATA).join(path);
    let bytes = std::fs::read(&path).ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    let file = unpack(&File::new(name.clone(), bytes)).unwrap().remove(0);
    let bytes = file.bytes().unwrap();
    if bytes.starts_with(b"{") {
        return Some(file);
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for (i, record) in reader.records().map(Result::unwrap).enumerate() {
        let line = format!(",{}", record.iter().collect::<Vec<_>>().join(","));
        if i == 0 || !NAMES.iter().any(|name| line.contains(name)) {
            writer.write_record(&record).unwrap();
        }
    }
    // A name that says nothing of what it covers, but the year that needs of people have nowhere else.
    Some(File::new(format!("others_{}", name.replace("hpc_", "")), writer.into_inner().unwrap()))
}

#[test]
fn files_on_other_countries_change_nothing_of_a_country() {
    let (_folder, mut ledger) = starter();
    let before = ["SYR", "SDN"].map(|country| said(&ledger, country));
    let mut files = 0;
    for (source, path) in FILES {
        let Some(file) = without(path) else { continue };
        let at = "2026-11-29T12:00:00Z".parse().unwrap();
        let draft = draft(source, vec![file], path, at).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(!draft.coverage.is_declared(), "{path}");
        ledger.add(draft).unwrap();
        files += 1;
    }
    if files == 0 {
        eprintln!("skipped: there is no {DATA}");
        return;
    }
    for ((figures, report), country) in before.into_iter().zip(["SYR", "SDN"]) {
        let (after, page) = said(&ledger, country);
        for (id, figure) in &figures {
            assert_eq!(after.get(id), Some(figure), "{id}");
        }
        let differs = report.lines().zip(page.lines()).find(|(a, b)| a != b);
        assert!(report == page, "{country}: {differs:?}");
    }
}

const HEADER: &str = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                      returned_idps,stateless,ooc,oip,hst";

#[test]
fn one_country_of_asylum_is_no_sum_over_the_world() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let rows = format!("{HEADER}\n2024,Syria,SYR,SYR,Netherlands,NET,NLD,70656,20000,0,0,0,0,0,,0\n");
    let at = "2026-11-29T12:00:00Z".parse().unwrap();
    let part = draft("unhcr-population", vec![File::new("part.csv", rows)], "part.csv", at).unwrap();
    let answer = |ledger: &Ledger, claim: &str| {
        let edition = ledger.edition(None).unwrap();
        let figure = compute(ledger.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En).unwrap();
        match figure.value {
            Value::Number(cell) => (cell.value, cell.missing),
            Value::Table(_) => panic!("{claim} is a table"),
        }
    };
    ledger.add(part.clone()).unwrap();
    assert_eq!(answer(&ledger, "refugees@host=NLD,origin=SYR,year=2024"), (Some(70_656.0), None));
    assert_eq!(answer(&ledger, "refugees@origin=SYR,year=2024"), (None, Some(Missing::NotHeld)));
    assert_eq!(answer(&ledger, "refugees@host=DEU,origin=SYR,year=2024"), (None, Some(Missing::NotHeld)));
    // Declared to be all there is of the year, it is the sum.
    let coverage = Coverage::all(Declared::User).during(Span::years(2024, 2024));
    ledger.add(wegen_ledger::Draft { coverage, ..part }).unwrap();
    assert_eq!(answer(&ledger, "refugees@origin=SYR,year=2024"), (Some(70_656.0), None));
    assert_eq!(answer(&ledger, "refugees@host=DEU,origin=SYR,year=2024"), (None, Some(Missing::NotReported)));
}
