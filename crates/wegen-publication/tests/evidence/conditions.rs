//! Conditions by area on real evidence: what is known, what stays open, and where it comes from.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use wegen_conditions::{Known, Method, Role, Verdict};
use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Lang, Record, verdicts};
use wegen_publication::{
    FigureId, Missing, Options, Report, Value, compute,
    conditions::{self, Assessed, Month, National, Side, assess, default_method},
};

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

/// The starter evidence alone.
static STARTER: LazyLock<(PathBuf, Edition)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    (folder, ledger.edition(None).unwrap())
});

/// With REACH's rounds and the surveys, as far as they are at hand.
static WITH_ROUNDS: LazyLock<Option<(PathBuf, Edition)>> = LazyLock::new(|| {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let files = [
        ("reach-hsos", "reach-hsos-syria/hsos_nws_communities_4rounds_2021-12_2022-12.csv.gz"),
        ("ophi-mpi", "ophi-mpi/ophi_subnational_deprivations_tidy_2024.csv"),
        ("insecurity-insight", "insecurity-insight/attacks_on_health_care_2016-2023.csv.gz"),
        ("iom-dtm", "iom-dtm/dtm_sudan_api_admin2_2023-08_2024-12.csv.gz"),
    ];
    if !data.exists() {
        eprintln!("skipped: the publishers' files are not at hand");
        return None;
    }
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    for (source, path) in files {
        let bytes = std::fs::read(data.join(path)).unwrap();
        let name = path.rsplit('/').next().unwrap();
        let file = wegen_sources::File::new(name, bytes);
        let at = "2026-11-24T12:00:00Z".parse().unwrap();
        ledger.add(wegen_sources::draft(source, vec![file], path, at).unwrap()).unwrap();
    }
    let edition = ledger.edition(None).unwrap();
    Some((folder, edition))
});

fn national(held: &(PathBuf, Edition), country: &str, level: u8, at: Option<&str>) -> National {
    let ledger = Ledger::open(&held.0).unwrap();
    assess(ledger.evidence(&held.1), code(country), level, at.map(month), default_method()).unwrap()
}

fn area<'n>(national: &'n National, place: &str) -> &'n Assessed {
    national.areas.iter().find(|a| a.place.code == code(place)).unwrap()
}

fn verdict(area: &Assessed, criterion: &str) -> Verdict {
    let method = default_method();
    let at = method.node(criterion).unwrap();
    area.assessment.criteria[method.criteria.iter().position(|c| *c == at).unwrap()]
}

fn leaf(id: &str) -> usize {
    let at = default_method().node(id).unwrap();
    default_method().leaves.iter().position(|l| *l == at).unwrap()
}

#[test]
fn a_year_of_war_is_not_met_and_a_quiet_year_stays_open() {
    let syria = national(&STARTER, "SYR", 1, None);
    assert_eq!(syria.month.to_string(), "2019-12");
    assert_eq!(syria.areas.len(), 14);
    // UCDP counts 2,689 deaths in Idleb and 829 in Aleppo for 2019, best estimates.
    for place in ["SY07", "SY02"] {
        assert_eq!(verdict(area(&syria, place), "violence"), Verdict::NotMet);
        assert_eq!(area(&syria, place).assessment.verdict, Verdict::NotMet);
    }
    // None in Tartous, but 2019 has deaths that UCDP places in the country only: they may have been there.
    let tartous = area(&syria, "SY10");
    assert_eq!(verdict(tartous, "violence"), Verdict::CannotBeDetermined);
    let bounds = tartous.reads[leaf("violence.deaths-12")].cell.bounds.unwrap();
    assert!(bounds.low == 0.0 && bounds.high > 0.0);
}

#[test]
fn without_evidence_on_a_month_nothing_can_be_determined_and_nothing_is_zero() {
    let syria = national(&STARTER, "SYR", 1, Some("2026-10"));
    for area in &syria.areas {
        assert_eq!(area.assessment.verdict, Verdict::CannotBeDetermined);
        assert!(area.assessment.criteria.iter().all(|c| *c == Verdict::CannotBeDetermined));
        let counting = default_method().leaves.iter().zip(&area.reads);
        let counting = counting.filter(|(l, _)| default_method().nodes[**l].role != Role::Context);
        assert!(counting.map(|(_, r)| r).all(|r| r.cell.is_missing() && r.records.is_empty()));
    }
    let mali = national(&STARTER, "MLI", 1, None);
    assert_eq!(mali.areas.len(), 10);
    assert!(mali.last.is_none() && mali.areas.iter().all(|a| !a.has_evidence(default_method())));
}

#[test]
fn a_month_that_no_file_reaches_is_not_quiet() {
    // The last events held of Syria are of 2019: of a window that reaches beyond, more may have happened than is known.
    let syria = national(&STARTER, "SYR", 1, None);
    for area in &syria.areas {
        assert_ne!(verdict(area, "violence"), Verdict::Met, "{}", area.place.code);
        let bounds = area.reads[leaf("violence.deaths-12")].cell.bounds.unwrap();
        assert!(bounds.high.is_infinite());
    }
    let before = national(&STARTER, "SYR", 1, Some("2018-12"));
    let idleb = area(&before, "SY07").reads[leaf("violence.deaths-12")].cell.bounds.unwrap();
    assert!(idleb.low > 1000.0 && idleb.high.is_finite());
    // Licences: what may only be shown stays out of exports and the starter evidence.
    for source in ["reach-hsos", "insecurity-insight", "iom-dtm", "ophi-mpi"] {
        assert_ne!(wegen_model::sources().get(source).unwrap().licence.sharing, wegen_model::Sharing::Rows);
        assert!(STARTER.1.of(source).is_empty());
    }
}

#[test]
fn a_window_that_cuts_a_year_is_known_from_above_alone() {
    // The starter evidence counts events by year: of twelve months that end in June nothing is certain but a maximum.
    let syria = national(&STARTER, "SYR", 1, Some("2018-06"));
    let idleb = area(&syria, "SY07");
    let bounds = idleb.reads[leaf("violence.deaths-12")].cell.bounds.unwrap();
    assert!(bounds.low == 0.0 && bounds.high > 1000.0);
    assert_eq!(verdict(idleb, "violence"), Verdict::CannotBeDetermined);
}

#[test]
fn names_that_lead_to_no_area_are_listed_with_the_reason() {
    let sudan = national(&STARTER, "SDN", 1, None);
    assert_eq!(sudan.areas.len(), 19);
    let lakes = sudan.unjoined.iter().find(|u| u.name == "Lakes state").unwrap();
    assert!(lakes.rows > 0 && !lakes.why.is_empty());
    // A name that is a part of several areas widens all of them and is certain of none.
    let before = national(&STARTER, "SDN", 1, Some("2004-12"));
    let deaths = |place: &str| area(&before, place).reads[leaf("violence.deaths-12")].cell.bounds.unwrap();
    assert!(deaths("SD05").high > deaths("SD05").low);
}

#[test]
fn ranges_of_key_informants_become_bounds_and_four_rounds_are_told_apart() {
    let Some(held) = WITH_ROUNDS.as_ref() else { return };
    let national_at = |at: &str| national(held, "SYR", 3, Some(at));
    for round in ["2021-12", "2022-03", "2022-04", "2022-12"] {
        let syria = national_at(round);
        let known: Vec<&Assessed> = syria
            .areas
            .iter()
            .filter(|a| a.reads[leaf("electricity.hours")].cell.known == Known::Observed)
            .collect();
        assert_eq!(known.len(), 21, "{round}");
        for area in known {
            let hours = area.reads[leaf("electricity.hours")].cell.bounds.unwrap();
            assert!(0.0 <= hours.low && hours.low <= hours.high && hours.high <= 24.0);
        }
    }
    assert_eq!(national(held, "SYR", 3, None).month.to_string(), "2022-12");
    // Two months after a round the last value is used, wider for its age; after half a year it is not.
    let later = national_at("2022-06");
    let was = area(&national_at("2022-04"), "SY070301").reads[leaf("electricity.hours")].cell.bounds.unwrap();
    let now = &area(&later, "SY070301").reads[leaf("electricity.hours")].cell;
    assert_eq!(now.known, Known::LastValue { months: 2 });
    assert_eq!((now.bounds.unwrap().low, now.bounds.unwrap().high), (was.low - 2.0, was.high + 2.0));
    assert!(area(&national_at("2022-10"), "SY070301").reads[leaf("electricity.hours")].cell.is_missing());
}

#[test]
fn a_share_of_communities_counts_the_silent_ones_both_ways() {
    let Some(held) = WITH_ROUNDS.as_ref() else { return };
    let syria = national(held, "SYR", 3, Some("2022-12"));
    let ledger = Ledger::open(&held.0).unwrap();
    let method = default_method();
    let place = code("SY070301");
    let count = |indicator: &str| {
        let filter = wegen_ledger::RecordFilter::of("reach-hsos")
            .indicator(wegen_model::indicators().get(indicator).unwrap())
            .place(place);
        let rows = ledger.evidence(&held.1).observations(&filter).unwrap();
        let rows: Vec<_> = rows.iter().filter(|r| r.value.period.to_string() == "2022-12").collect();
        (rows.len() as f64, rows.iter().map(|r| r.value.value).sum::<f64>())
    };
    let (all, _) = count("community-assessed");
    for id in ["education.open", "medical-care.present", "economy.markets", "economy.children"] {
        let k = leaf(id);
        let (answered, yes) = count(&method.leaves().nth(k).unwrap().indicator);
        let bounds = area(&syria, "SY070301").reads[k].cell.bounds.unwrap();
        assert!((bounds.low - 100.0 * yes / all).abs() < 1e-9, "{id}");
        assert!((bounds.high - 100.0 * (yes + all - answered) / all).abs() < 1e-9, "{id}");
    }
}

#[test]
fn a_change_in_another_area_changes_nothing_here() {
    let Some(held) = WITH_ROUNDS.as_ref() else { return };
    // The starter evidence has no rounds at all: governorates' violence must not notice that subdistricts have.
    let (without, with) =
        (national(&STARTER, "SYR", 1, Some("2019-12")), national(held, "SYR", 1, Some("2019-12")));
    for (a, b) in without.areas.iter().zip(&with.areas) {
        assert_eq!(a.assessment.criteria, b.assessment.criteria);
    }
}

#[test]
fn a_survey_that_is_too_old_is_called_so_and_not_used() {
    let Some(held) = WITH_ROUNDS.as_ref() else { return };
    let k = leaf("context.survey-water");
    let then = national(held, "SDN", 1, Some("2014-12"));
    let kassala = area(&then, "SD11");
    assert!(!kassala.reads[k].cell.is_missing());
    let now = national(held, "SDN", 1, Some("2024-12"));
    let read = &area(&now, "SD11").reads[k];
    assert!(read.cell.is_missing() && read.stale);
    assert_eq!(read.of.unwrap().year(), 2014);
    // Sudan's displaced people of the last round add up to the published total.
    let tracked: f64 =
        now.areas.iter().filter_map(|a| a.reads[leaf("context.displaced")].cell.bounds.map(|b| b.low)).sum();
    assert_eq!(tracked, 11_532_774.0);
}

#[test]
fn a_change_over_months_is_split_by_cause_and_adds_up() {
    let Some(held) = WITH_ROUNDS.as_ref() else { return };
    let ledger = Ledger::open(&held.0).unwrap();
    let evidence = || ledger.evidence(&held.1);
    let stricter: Method = conditions::method(
        "stricter.toml",
        &conditions::DEFAULT_METHOD.replace(
            "points = [[0, 0], [4, 30], [8, 60], [16, 85], [23, 100]]",
            "goalposts = { floor = 0, target = 24 }",
        ),
    )
    .unwrap();
    let a = Side { evidence: evidence(), month: month("2022-04"), method: default_method() };
    let b = Side { evidence: evidence(), month: month("2022-12"), method: &stricter };
    let changes = conditions::compare(&a, &b, code("SYR"), 3).unwrap();
    assert!(changes.len() >= 15);
    let mut goalposts = 0;
    for node in changes.iter().flat_map(|c| &c.nodes) {
        let [was, is] = node.values;
        assert!((node.low.iter().sum::<f64>() - (is.low - was.low)).abs() < 1e-9);
        assert!((node.high.iter().sum::<f64>() - (is.high - was.high)).abs() < 1e-9);
        // Nothing was revised, and the tree is the same.
        assert!(node.low[1] == 0.0 && node.low[2].abs() < 1e-9);
        match node.node.as_str() {
            "electricity" => goalposts += usize::from(node.low[3] != 0.0),
            // The score holds electricity.
            conditions::SCORE => {}
            _ => assert_eq!(node.low[3], 0.0),
        }
    }
    assert!(goalposts >= 15);
    // Another threshold changes no value, and shows all the same.
    let higher = conditions::DEFAULT_METHOD.replace("threshold = 50", "threshold = 99");
    let higher = conditions::method("higher.toml", &higher).unwrap();
    let c = Side { evidence: evidence(), month: month("2022-04"), method: &higher };
    let changes = conditions::compare(&a, &c, code("SYR"), 3).unwrap();
    assert!(!changes.is_empty());
    for node in changes.iter().flat_map(|c| &c.nodes) {
        assert_eq!((node.node.as_str(), node.floors), (conditions::SCORE, [50.0, 99.0]));
    }
    // A side compared with itself.
    assert!(conditions::compare(&a, &a, code("SYR"), 3).unwrap().is_empty());
}

#[test]
fn the_table_of_the_report_says_what_the_assessment_says() {
    let ledger = Ledger::open(&STARTER.0).unwrap();
    let id = FigureId::parse("conditions@country=SYR,level=1,month=2019-12").unwrap();
    let figure = compute(ledger.evidence(&STARTER.1), &id, Lang::En).unwrap();
    let Value::Table(table) = &figure.value else { panic!() };
    let syria = national(&STARTER, "SYR", 1, Some("2019-12"));
    assert_eq!(table.rows.len(), 14);
    for (row, area) in table.rows.iter().zip(&syria.areas) {
        assert_eq!(row.key, area.place.code.as_str());
        for (cell, verdict) in row.cells.iter().zip(&area.assessment.criteria) {
            match verdict {
                Verdict::Met => assert_eq!(cell.value, Some(1.0)),
                Verdict::NotMet => assert_eq!(cell.value, Some(0.0)),
                Verdict::CannotBeDetermined => assert_eq!(cell.missing, Some(Missing::Undetermined)),
            }
        }
    }
    for wrong in
        ["conditions@country=SYR,level=4", "conditions@country=SYR,month=2019", "conditions@country=XXX"]
    {
        assert!(compute(ledger.evidence(&STARTER.1), &FigureId::parse(wrong).unwrap(), Lang::En).is_err());
    }
}

#[test]
fn reports_show_criteria_and_no_score_of_an_area() {
    let held = WITH_ROUNDS.as_ref().unwrap_or(&STARTER);
    let ledger = Ledger::open(&held.0).unwrap();
    for lang in [Lang::En, Lang::Nl] {
        let options = Options { country: code("SYR"), lang, manuscript: None, pdf: false };
        let report = Report::build(ledger.evidence(&held.1), &options).unwrap();
        let found = verdicts(&report.html);
        assert!(found.is_empty(), "{found:?}");
        let words = if lang == Lang::En {
            ["cannot be determined", "not ranked"]
        } else {
            ["niet vast te stellen", "geen rangorde"]
        };
        for word in words {
            assert!(report.html.contains(word), "{word}");
        }
        // Areas stand in the order of their codes.
        let id = report.figures.keys().find(|id| id.recipe == "conditions").unwrap();
        let Value::Table(table) = &report.figures[id].value else { panic!() };
        assert!(table.rows.windows(2).all(|w| w[0].key < w[1].key));
        let by_recipe: BTreeMap<&str, usize> = report.figures.keys().fold(BTreeMap::new(), |mut all, id| {
            *all.entry(id.recipe.as_str()).or_default() += 1;
            all
        });
        assert!(by_recipe.contains_key("condition-sets") && by_recipe.contains_key("condition-facts"));
    }
}

#[test]
fn counts_of_areas_and_names_lead_to_the_records_they_rest_on() {
    let ledger = Ledger::open(&STARTER.0).unwrap();
    let evidence = ledger.evidence(&STARTER.1);
    let table = |claim: &str| {
        let figure = compute(evidence, &FigureId::parse(claim).unwrap(), Lang::En).unwrap();
        match figure.value {
            Value::Table(table) => table,
            Value::Number(_) => panic!("{claim} is a number"),
        }
    };
    let record = |id: wegen_ledger::RecordId| {
        let snapshot = STARTER.1.snapshots.iter().find(|s| s.id == id.snapshot).unwrap();
        ledger.record_of(snapshot, id.kind, id.n).unwrap().unwrap()
    };
    // Every row of a name that leads nowhere bears that name, and their events add up to the count.
    let names = table("condition-names@country=SDN,level=1");
    assert!(!names.rows.is_empty());
    for row in names.rows.iter().filter(|r| r.key.starts_with("ucdp-ged:")) {
        let name = row.key.strip_prefix("ucdp-ged:").unwrap();
        let mut events = 0.0;
        for id in &row.cells[0].records {
            let Record::Event(event) = record(*id) else { panic!("{id}: no event") };
            assert_eq!(event.area.as_deref().unwrap_or_default(), name);
            events += f64::from(event.events);
        }
        assert_eq!(row.cells[0].value, Some(events), "{name}");
    }
    // A count of areas rests on what was read for them, each record once.
    let known = national(&STARTER, "SYR", 1, Some("2019-12"));
    let read: std::collections::BTreeSet<_> =
        known.areas.iter().flat_map(|a| a.reads.iter().flat_map(|r| r.records.iter().copied())).collect();
    for recipe in ["condition-facts", "condition-sets"] {
        let counts = table(&format!("{recipe}@country=SYR,level=1,month=2019-12"));
        for (row, cell) in counts.rows.iter().flat_map(|r| r.cells.iter().map(move |c| (r, c))) {
            assert!(!cell.records.is_empty(), "{recipe}: {}", row.key);
            assert!(cell.records.iter().all(|id| read.contains(id)), "{recipe}: {}", row.key);
            assert!(cell.records.windows(2).all(|w| w[0] < w[1]), "{recipe}: {}", row.key);
        }
    }
}
