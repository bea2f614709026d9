//! A report tells where its values come from by what the ledger knows; the publisher's bytes are for who asks to see them.

use wegen_ledger::Ledger;
use wegen_model::{Code, Lang};
use wegen_publication::{Options, Report, raw_row};
use wegen_sources::{File, draft};

const FILE: &str = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,\
                    idps,returned_idps,stateless,ooc,oip,hst\n\
                    2024,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,5,0,0,0,0,0,0,,0\n\
                    2025,Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,7,0,0,0,0,0,0,,0\n";

#[test]
fn a_report_makes_no_use_of_the_bytes_of_an_imported_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    let file = File::new("population.csv", FILE.as_bytes().to_vec());
    let at = "2026-11-24T12:00:00Z".parse().unwrap();
    let added = ledger.add(draft("unhcr-population", vec![file], "population.csv", at).unwrap()).unwrap();
    let made = |ledger: &Ledger| {
        let edition = ledger.edition(None).unwrap();
        let country = Code::new("SYR").unwrap();
        let options = Options { country, lang: Lang::En, manuscript: None, pdf: false };
        Report::build(ledger.evidence(&edition), &options).unwrap().html
    };
    let html = made(&ledger);
    let row = "indicator refugees · place SYR · counterpart NLD · period 2025 · value 7";
    assert!(html.contains(row) && !html.contains("2025,Syrian Arab Rep."));
    let held = ledger.edition(None).unwrap();
    let filter = wegen_ledger::RecordFilter::of("unhcr-population").years(2025, 2025);
    let rows = ledger.evidence(&held).observations(&filter).unwrap();
    let record = wegen_model::Record::Observation(rows[0].value.clone());
    let raw = raw_row(&ledger, &added.snapshot, &record).unwrap().unwrap();
    assert!(raw.starts_with("2025,Syrian Arab Rep."), "{raw}");

    std::fs::remove_dir_all(folder.path().join("objects")).unwrap();
    let ledger = Ledger::open(folder.path()).unwrap();
    assert!(raw_row(&ledger, &added.snapshot, &record).is_err());
    assert_eq!(made(&ledger), html);
}
