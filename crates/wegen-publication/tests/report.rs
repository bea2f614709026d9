//! Reports from the starter evidence: what they say, what they never say, and where each figure leads.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::LazyLock,
};

use serde_json::Value as Json;
use wegen_ledger::{Edition, Ledger};
use wegen_model::{Code, Lang, Record, verdicts};
use wegen_publication::{
    Carried, FigureError, FigureId, Missing, Options, Report, ReportError, Value, compute, default_template,
    manuscript::Manuscript, place_of, recipes,
};

/// A ledger with the starter evidence, made once for all tests.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    folder
});

fn ledger() -> Ledger {
    Ledger::open(&FOLDER).unwrap()
}

fn options(country: &str, lang: Lang, pdf: bool) -> Options {
    Options { country: Code::new(country).unwrap(), lang, manuscript: None, pdf }
}

/// The page without the one element that holds the claims as data, which no browser runs.
fn without_data(html: &str) -> String {
    let (before, rest) = html.split_once("<script type=\"application/json\" id=\"wegen-claims\">").unwrap();
    let (data, after) = rest.split_once("</script>").unwrap();
    assert!(!data.contains('<'));
    format!("{before}{after}")
}

fn with(lang: Lang, template: &str) -> Manuscript {
    Manuscript::with_template(Code::new("SYR").unwrap(), lang, template)
}

fn build(edition: &Edition, ledger: &Ledger, country: &str, lang: Lang) -> Report {
    Report::build(ledger.evidence(edition), &options(country, lang, false)).unwrap()
}

fn number(claim: &str) -> f64 {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let figure = compute(ledger.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En).unwrap();
    figure.number().unwrap_or_else(|| panic!("{claim} is missing"))
}

#[test]
fn published_figures_come_out_of_the_starter_evidence() {
    // UNHCR, UCDP and IOM as their own publications have them; see the SOURCE notes of the evidence.
    let published = [
        ("returned-refugees@origin=SYR,year=2024", 512_718.0),
        ("returned-refugees@origin=SYR,year=2025", 1_341_148.0),
        ("returned-idps@origin=SYR,year=2025", 1_964_201.0),
        ("refugees@host=NLD,origin=SYR,year=2025", 74_805.0),
        ("refugees@host=TUR,origin=SYR,year=2025", 2_347_756.0),
        ("idps@origin=SYR,year=2025", 5_542_227.0),
        ("refugees@origin=MLI,year=2025", 519_738.0),
        ("idps@origin=MLI,year=2025", 414_524.0),
        ("returned-idps@origin=MLI,year=2025", 153_133.0),
        ("idps@origin=NER,year=2025", 459_585.0),
        ("returned-idps@origin=SDN,year=2025", 2_913_113.0),
        ("returned-refugees@origin=SDN,year=2025", 651_456.0),
        ("decisions@host=NLD,kind=recognised,origin=SYR,year=2023", 7_500.0),
        ("decisions@host=NLD,kind=total,origin=SYR,year=2023", 8_135.0),
        ("decisions@host=NLD,kind=closed,origin=SYR,year=2023", 230.0),
        ("decisions@host=NLD,kind=recognised,origin=SYR,year=2025", 62.0),
        ("decisions@host=NLD,kind=closed,origin=SYR,year=2025", 800.0),
        ("deaths@country=SYR,year=2013", 76_500.0),
        // The evidence's overview has 1,671; its note on UCDP says 1,948, which is none of the file’s estimates for that year.
        ("deaths@country=SYR,year=2022", 1_671.0),
        ("deaths@country=SYR,year=2024", 3_616.0),
        ("deaths@country=SDN,year=2024", 7_103.0),
        ("deaths@country=MLI,year=2024", 1_901.0),
        ("deaths@country=NER,year=2024", 1_222.0),
        ("deaths@country=ETH,year=2022", 165_025.0),
        ("missing-migrants@from=2023,to=2023", 8_755.0),
        ("missing-migrants@from=2024,to=2024", 9_191.0),
        ("missing-migrants@capture=api,from=2023,to=2023", 8_606.0),
    ];
    for (claim, expected) in published {
        assert_eq!(number(claim), expected, "{claim}");
    }
    for (year, expected) in [(2023, 96.0), (2024, 95.1), (2025, 23.3)] {
        let rate = number(&format!("protection-rate@host=NLD,origin=SYR,year={year}"));
        assert!((rate - expected).abs() < 0.05, "{year}: {rate}");
    }
}

#[test]
fn the_sentence_of_the_page_comes_out_with_its_captures_and_its_sea_and_land() {
    // "Since 2014 an estimated more than 50,000 migrants have died along migration routes (IOM)."
    let total = number("missing-migrants@from=2014,to=2022");
    assert_eq!(total, 55_310.0);
    assert_eq!(number("missing-migrants@capture=package,from=2014,to=2022"), 55_310.0);
    // The interface's files: 53,722 for a reader that loses the one row written `1,022`, that many more with it.
    assert_eq!(number("missing-migrants@below=1000,capture=api,from=2014,to=2022"), 53_722.0);
    assert_eq!(number("missing-migrants@capture=api,from=2014,to=2022"), 53_722.0 + 1_022.0);
    assert!(total > 50_000.0);
    let parts: Vec<f64> = ["sea", "land", "unknown"]
        .map(|s| number(&format!("missing-migrants@from=2014,setting={s},to=2022")))
        .to_vec();
    assert_eq!(parts.iter().sum::<f64>(), total);
    assert!(parts[0] > 20_000.0 && parts[1] > 10_000.0, "not only at sea, and not only on land: {parts:?}");
}

#[test]
fn the_dead_and_the_missing_come_from_a_capture_that_tells_them_apart() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/iom-missing-migrants/mmp_incidents_api_2014-2025-09.csv.gz"
    );
    let Ok(bytes) = std::fs::read(path) else {
        eprintln!("skipped: there is no {path}");
        return;
    };
    let folder = tempfile::tempdir().unwrap().keep();
    let mut own = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut own).unwrap();
    let file = wegen_sources::File::new("mmp_incidents_api_2014-2025-09.csv.gz", bytes);
    let now = "2026-12-01T00:00:00Z".parse().unwrap();
    let draft = wegen_sources::draft("iom-missing-migrants", vec![file], "api", now).unwrap();
    let coverage = wegen_model::Coverage::all(wegen_model::Declared::User);
    let coverage = coverage.during(wegen_model::Span::years(2014, 2025));
    own.add(wegen_ledger::Draft { coverage, ..draft }).unwrap();
    let edition = own.edition(None).unwrap();
    let figure = |claim: &str| {
        compute(own.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En).unwrap().number().unwrap()
    };
    // The interface's file, as IOM adds it: the missing with their sign, and 17,220 main ids in 17,846 rows.
    assert_eq!(figure("missing-migrants@capture=api,kind=missing"), 29_542.0);
    assert_eq!(figure("missing-migrants@from=2023,kind=dead,to=2023"), 5_400.0);
    assert_eq!(figure("missing-migrants@from=2023,kind=missing,to=2023"), 3_206.0);
    assert_eq!(figure("missing-migrants@from=2014,kind=dead,to=2014"), 1_981.0);
    assert_eq!(figure("missing-migrants-rows@capture=api"), 17_220.0);
    // Sea and land are of rows: a split incident counts in each once, and never more often than it has pieces there.
    let of = |setting: &str| figure(&format!("missing-migrants-rows@capture=api,setting={setting}"));
    assert!((17_220.0..17_846.0).contains(&(of("sea") + of("land") + of("unknown"))));
}

#[test]
fn recipes_draw_on_no_source_that_they_do_not_name() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let report = build(&edition, &ledger, "SYR", Lang::En);
    for figure in report.figures.values() {
        let recipe = recipes().into_iter().find(|r| r.name == figure.id.recipe).unwrap();
        for source in &figure.sources {
            assert!(recipe.draws_on.contains(&source.as_str()), "{}: {source}", recipe.name);
        }
    }
}

#[test]
fn a_report_made_twice_is_the_same_to_the_byte() {
    let make = || {
        let ledger = ledger();
        let edition = ledger.edition(None).unwrap();
        Report::build(ledger.evidence(&edition), &options("SYR", Lang::Nl, true)).unwrap()
    };
    let (a, b) = (make(), make());
    assert_eq!(a.html, b.html);
    assert_eq!(a.data, b.data);
    assert_eq!(a.pdf, b.pdf);
    let pdf = a.pdf.unwrap();
    let has = |what: &str| pdf.windows(what.len()).any(|w| w == what.as_bytes());
    assert!(pdf.starts_with(b"%PDF-"));
    // Tagged, in the reader's language, with the claims attached.
    assert!(has("/StructTreeRoot") && has("/Lang") && has("claims.json"));
}

#[test]
fn both_languages_make_the_same_claims() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    for country in ["SYR", "MLI", "SDN", "AFG"] {
        let (nl, en) =
            (build(&edition, &ledger, country, Lang::Nl), build(&edition, &ledger, country, Lang::En));
        let keys = |r: &Report| r.figures.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&nl), keys(&en));
        for (id, figure) in &nl.figures {
            let other = &en.figures[id];
            let values = |f: &wegen_publication::Figure| {
                f.cells()
                    .iter()
                    .map(|(_, _, c)| (c.value, c.bounds, c.missing, c.records.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(values(figure), values(other), "{country} {id}");
        }
    }
}

#[test]
fn every_value_is_recomputed_from_the_records_it_names() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let mut checked = 0;
    for country in ["SYR", "SDN"] {
        let report = build(&edition, &ledger, country, Lang::En);
        for (id, figure) in &report.figures {
            for (row, column, cell) in figure.cells() {
                let Some(value) = cell.value else {
                    assert!(cell.missing.is_some(), "{id} {row} {column}: no value and no reason");
                    continue;
                };
                // Rates are shares of other claims; criteria follow from bounds, and counts of areas from criteria
                // (`tests/conditions.rs`). Everything else is a sum over the records named.
                if id.recipe.starts_with("simulat") && column != "registered" {
                    let values = cell.records.iter().map(|r| {
                        let snapshot = edition.snapshots.iter().find(|s| s.id == r.snapshot).unwrap();
                        match ledger.record_of(snapshot, r.kind, r.n).unwrap().unwrap() {
                            Record::Observation(o) => (o.value, o.bounds.unwrap_or((o.value, o.value))),
                            other => panic!("{other:?}"),
                        }
                    });
                    // Both ends of the conditions: the least or most of two medians, or of the ends of two ranges.
                    let all: Vec<f64> = match column.rsplit(':').next().unwrap() {
                        "from" | "low" => values.map(|v| v.1.0).collect(),
                        "to" | "high" => values.map(|v| v.1.1).collect(),
                        _ => values.map(|v| v.0).collect(),
                    };
                    let low = ["from", "low", "median-low"].iter().any(|c| column.ends_with(c));
                    let of = if low { f64::min } else { f64::max };
                    assert_eq!(all.into_iter().reduce(of), Some(value), "{id} {row} {column}");
                    checked += 1;
                    continue;
                }
                if id.recipe == "protection-rate" || column == "rate" || id.recipe.starts_with("condition") {
                    continue;
                }
                let sum: f64 = cell
                    .records
                    .iter()
                    .map(|r| {
                        let snapshot = edition.snapshots.iter().find(|s| s.id == r.snapshot).unwrap();
                        match ledger.record_of(snapshot, r.kind, r.n).unwrap().unwrap() {
                            Record::Observation(o) => o.value,
                            Record::Incident(i) if id.recipe == "missing-migrants-rows" => i.incidents.into(),
                            Record::Incident(i) => i.total.unwrap_or(0).into(),
                            Record::Event(e) if column == "events" => e.events.into(),
                            Record::Event(e) => e.best.into(),
                            Record::Area(_) => panic!("an area is no figure"),
                        }
                    })
                    .sum();
                assert_eq!(sum, value, "{id} {row} {column}");
                checked += 1;
            }
        }
    }
    assert!(checked > 700, "{checked}");
}

#[test]
fn no_verdict_stands_anywhere() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    // With events and without, with returns and without, and a territory on which little is held.
    for country in ["SYR", "MLI", "SDN", "AFG", "ESH"] {
        for lang in Lang::ALL {
            let report = build(&edition, &ledger, country, lang);
            for text in [&report.document.text(), &report.html] {
                assert_eq!(verdicts(text), [], "{country} {lang}");
            }
            for (name, bytes) in &report.data {
                assert_eq!(verdicts(&String::from_utf8_lossy(bytes)), [], "{country} {lang} {name}");
            }
        }
    }
}

#[test]
fn a_verdict_in_a_template_is_refused() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    for (lang, words) in [(Lang::En, "The country is safe."), (Lang::Nl, "- Het land is *veilig*.")] {
        let template = format!("{}\n\n{words}\n", default_template(lang));
        let options = Options { manuscript: Some(with(lang, &template)), ..options("SYR", lang, false) };
        let error = Report::build(ledger.evidence(&edition), &options).unwrap_err();
        assert!(matches!(error, ReportError::Verdict(_)), "{error}");
    }
}

#[test]
fn the_notice_stands_in_every_output() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    for lang in Lang::ALL {
        let report = build(&edition, &ledger, "SYR", lang);
        let notice = wegen_model::not_for_individual_decisions(lang);
        assert!(report.html.contains(&notice));
        for file in ["claims.json", "datapackage.json"] {
            let json: Json = serde_json::from_slice(&report.data[file]).unwrap();
            assert_eq!(json["not_for_individual_decisions"], true, "{file}");
        }
    }
}

#[test]
fn every_figure_in_the_page_opens_where_it_comes_from() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let report = build(&edition, &ledger, "SYR", Lang::En);
    let html = &report.html;
    let ids = |attribute: &str| -> BTreeSet<String> {
        html.match_indices(attribute)
            .map(|(at, _)| html[at + attribute.len()..].split('"').next().unwrap().to_owned())
            .collect()
    };
    let buttons = ids("class=\"fig\" popovertarget=\"");
    let popovers = ids("popover id=\"");
    assert!(buttons.len() > 300, "{}", buttons.len());
    assert!(buttons.is_subset(&popovers));
    // Self-contained: nothing is fetched and no script runs.
    let html = without_data(html);
    for forbidden in ["<script", "src=\"http", "@import", "url(http", "<link"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    // Both captures of Missing Migrants are named in the list of sources.
    assert!(html.contains("package gdidata") && html.contains(": api,"));
}

#[test]
fn claims_and_package_describe_every_file() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let report = build(&edition, &ledger, "MLI", Lang::En);
    let json: Json = serde_json::from_slice(&report.data["datapackage.json"]).unwrap();
    let resources = json["resources"].as_array().unwrap();
    let described: BTreeSet<&str> = resources.iter().map(|r| r["path"].as_str().unwrap()).collect();
    let held: BTreeSet<&str> =
        report.data.keys().map(String::as_str).filter(|n| n.ends_with(".csv")).collect();
    assert_eq!(described, held);
    for resource in resources {
        let path = resource["path"].as_str().unwrap();
        let text = std::str::from_utf8(&report.data[path]).unwrap();
        let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
        let fields: Vec<&str> = resource["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["name"].as_str().unwrap())
            .collect();
        assert_eq!(header, fields, "{path}");
        // Attribution travels with each file, unless nothing was found to attribute.
        assert!(!resource["sources"].as_array().unwrap().is_empty() || text.contains("not-held"), "{path}");
    }
    let claims: Json = serde_json::from_slice(&report.data["claims.json"]).unwrap();
    assert_eq!(claims["claims"].as_array().unwrap().len(), report.figures.len());
    assert_eq!(claims["edition"], edition.id());
}

#[test]
fn an_earlier_date_shows_what_was_held_then_and_marks_the_rest() {
    let ledger = ledger();
    let edition = ledger.edition(Some("2025-12-31".parse().unwrap())).unwrap();
    let report = build(&edition, &ledger, "SDN", Lang::En);
    let missing = |recipe: &str| {
        report.figures.iter().find(|(id, _)| id.recipe == recipe).and_then(|(_, f)| match &f.value {
            Value::Number(cell) => cell.missing,
            Value::Table(_) => None,
        })
    };
    // UNHCR's table was captured in June 2026; UCDP's release is of June 2025.
    assert_eq!(missing("idps"), Some(Missing::NotHeld));
    assert_eq!(missing("deaths"), None);
    assert!(
        report.html.contains("not in this edition") && report.html.contains("No figures of UNHCR on Sudan")
    );
    let error = Report::build(
        ledger.evidence(&ledger.edition(Some("2019-01-01".parse().unwrap())).unwrap()),
        &options("SDN", Lang::En, false),
    );
    assert!(matches!(error, Err(ReportError::NoEvidence(..))));
}

#[test]
fn templates_hold_no_bare_numbers() {
    // Years and the distance of a definition stand in prose; the government's own sentence is quoted with its number.
    let allowed = ["2014", "2015", "2022", "2023", "25", "50,000", "50.000"];
    for lang in Lang::ALL {
        let mut prose = String::new();
        // Definitions hold pages and values of sources; the lint reads them.
        let mut rest = default_template(lang).split("\n[^").next().unwrap();
        while let Some(start) = rest.find(['{']) {
            prose.push_str(&rest[..start]);
            let close = if rest[start..].starts_with("{{") {
                "}}"
            } else if rest[start..].starts_with("{#") {
                "#}"
            } else {
                "%}"
            };
            rest = rest[start..].split_once(close).map_or("", |(_, behind)| behind);
        }
        prose.push_str(rest);
        let numbers: Vec<&str> = prose
            .split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .map(|n| n.trim_matches(['.', ',']))
            .filter(|n| !n.is_empty() && !allowed.contains(n))
            .collect();
        assert_eq!(numbers, Vec::<&str>::new(), "{lang}");
    }
}

#[test]
fn wrong_questions_are_answered_with_what_was_expected() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let ask = |claim: &str| {
        compute(ledger.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En)
            .unwrap_err()
            .to_string()
    };
    assert!(ask("refuges@origin=SYR").contains("no recipe `refuges`; there are"));
    assert!(ask("refugees@orign=SYR").contains("no parameter `orign`; it has origin, host, year"));
    assert!(ask("refugees@origin=XYZ,year=2024").contains("found `XYZ`, expected a country's"));
    assert!(ask("refugees@origin=SYR,year=24").contains("expected a calendar year"));
    assert!(ask("displacement@origin=SYR,from=2025,to=2011").contains("from `from` on"));
    let wrong = |template: &str| {
        let options =
            Options { manuscript: Some(with(Lang::En, template)), ..options("SYR", Lang::En, false) };
        Report::build(ledger.evidence(&edition), &options).unwrap_err().to_string()
    };
    assert!(wrong("# A\n\n{{ figure(\"refugees\", origin=iso }}").contains("report:3"));
    assert!(wrong("{{ cite(\"nobody\") }}").contains("no source `nobody`"));
    assert!(wrong("{{ table(\"refugees\", origin=iso, year=2024) }}").contains("a table was expected"));
}

#[test]
fn every_recipe_has_its_words_in_every_language() {
    let ids: BTreeMap<&str, u32> = recipes().iter().map(|r| (r.name, r.version)).collect();
    assert_eq!(ids.len(), recipes().len(), "a name stands twice");
    for recipe in recipes() {
        for lang in Lang::ALL {
            for message in [format!("recipe-{}", recipe.name), format!("how-{}", recipe.name)] {
                assert!(lang.has(&message), "{lang}: {message}");
            }
        }
    }
    // No message id shows through in a report.
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    for lang in Lang::ALL {
        let text = build(&edition, &ledger, "SDN", lang).document.text();
        for prefix in ["{label-", "{how-", "{recipe-", "{column-", "{head-", "{unit-", "{meta-", "{gap-"] {
            assert!(!text.contains(prefix), "{lang}: {prefix}");
        }
    }
}

#[test]
fn text_from_a_template_is_never_markup() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let template = "# <script>alert(1)</script> & #strong[x]\n\n#pagebreak() \\ $x$ @label <b>bold</b>\n";
    let options =
        Options { manuscript: Some(with(Lang::En, template)), pdf: true, ..options("SYR", Lang::En, false) };
    let report = Report::build(ledger.evidence(&edition), &options).unwrap();
    assert!(!without_data(&report.html).contains("<script"));
    assert!(report.pdf.is_some_and(|p| p.starts_with(b"%PDF-")));
}

#[test]
fn a_map_draws_the_figure_that_it_is_called_with() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let maps = "# Maps\n\n{{ map(\"returns-by-country\", title=\"Returns\", origin=iso, to=2024) }}\n\n\
                {{ map(\"refugees-by-host\", title=\"Refugees\", origin=iso, to=2024) }}\n";
    for lang in Lang::ALL {
        let options = Options { manuscript: Some(with(lang, maps)), ..options("SYR", lang, false) };
        let report = Report::build(ledger.evidence(&edition), &options).unwrap();
        let drawn = |recipe: &str| {
            let chart = report.document.blocks.iter().find_map(|b| match b {
                wegen_publication::Block::Chart { chart } if chart.id.contains(recipe) => Some(chart),
                _ => None,
            });
            let id = format!("{recipe}@from=2024,origin=SYR,to=2024,top=all");
            let figure = &report.figures[&FigureId::parse(&id).unwrap()];
            (chart.unwrap(), figure, id)
        };
        let ((returns, figure, id), (refugees, ..)) =
            (drawn("returns-by-country"), drawn("refugees-by-host"));
        // UNHCR: 512,718 refugees returned to Syria in 2024.
        let all: f64 = figure.cells().iter().filter_map(|(_, _, cell)| cell.value).sum();
        assert_eq!(all, 512_718.0);
        let value = |claim: &str| lang.integer(number(claim) as i64);
        let from_turkiye = value("returned-refugees@host=TUR,origin=SYR,year=2024");
        let in_turkiye = value("refugees@host=TUR,origin=SYR,year=2024");
        assert!(returns.alt.contains(&from_turkiye) && !returns.alt.contains(&in_turkiye), "{}", returns.alt);
        assert!(
            refugees.alt.contains(&in_turkiye) && !refugees.alt.contains(&from_turkiye),
            "{}",
            refugees.alt
        );
        assert_ne!(returns.svg, refugees.svg);
        // What it shows, in which unit, under which claim.
        for said in [&*figure.label, &*lang.text("unit-persons"), &*id] {
            assert!(returns.source.contains(said), "{said}: {}", returns.source);
        }
        let claims: Json = serde_json::from_slice(&report.data["claims.json"]).unwrap();
        assert!(claims["claims"].as_array().unwrap().iter().any(|c| c["id"] == *id));
    }
    let wrong = |call: &str| {
        let manuscript = Some(with(Lang::En, &format!("# Map\n\n{{{{ {call} }}}}\n")));
        let options = Options { manuscript, ..options("SYR", Lang::En, false) };
        Report::build(ledger.evidence(&edition), &options).unwrap_err().to_string()
    };
    assert!(wrong("map(\"returns\", title=\"x\", origin=iso)").contains("are countries"));
}

#[test]
fn what_may_only_be_shown_is_shown_and_not_written_as_rows() {
    let shared = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ophi-mpi");
    let name = "ophi_subnational_deprivations_tidy_2024.csv";
    let Ok(bytes) = std::fs::read(shared.join(name)) else {
        eprintln!("skipped: OPHI's file is not at hand");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    let file = wegen_sources::File::new(name, bytes);
    let retrieved = "2026-11-24T00:00:00Z".parse().unwrap();
    ledger.add(wegen_sources::draft("ophi-mpi", vec![file], name, retrieved).unwrap()).unwrap();
    let edition = ledger.edition(None).unwrap();
    let report = build(&edition, &ledger, "MLI", Lang::En);
    let (id, figure) = report.figures.iter().find(|(id, _)| id.recipe == "deprivations").unwrap();
    // Mali: nine regions, surveyed in 2018.
    let Value::Table(table) = &figure.value else { panic!("a table was expected") };
    assert_eq!(table.rows.len(), 9);
    assert!(table.rows.iter().all(|r| r.label.ends_with("2018)")));
    assert!(report.html.contains("By region, where surveyed"));
    assert!(!report.data.contains_key(&format!("{}.csv", id.slug())));
    assert_eq!(verdicts(&report.document.text()), []);

    // Three regions of Libya hold a slash in their name; their cells are found by the place that their claim names.
    let id = FigureId::parse("deprivations@country=LBY").unwrap();
    let figure = compute(ledger.evidence(&edition), &id, Lang::En).unwrap();
    for (region, water) in [
        ("El-Wahat/El-Kufra (PAPFAM 2014)", 6.361_692_068_030_980_5),
        ("Sebha/El-Shate (PAPFAM 2014)", 28.947_894_545_923_79),
        ("Sert/Jafra (PAPFAM 2014)", 51.440_713_879_689_76),
    ] {
        let place = place_of(region, "deprived-drinking-water");
        let [(row, _, cell)] = figure.cells_at(&place)[..] else { panic!("{place}") };
        assert_eq!((row, cell.value), (region, Some(water)));
        assert_eq!(cell.records.len(), 1);
        assert_eq!(figure.cells_at(region).len(), 5);
    }
}

#[test]
fn a_ledger_that_cannot_answer_is_not_taken_for_one_that_holds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    let edition = ledger.edition(None).unwrap();
    let made = |ledger: &Ledger| Report::build(ledger.evidence(&edition), &options("SYR", Lang::En, false));
    let report = made(&ledger).unwrap();
    // Of events alone nothing can be read any more.
    let file = rusqlite::Connection::open(folder.path().join("ledger.sqlite")).unwrap();
    file.execute("ALTER TABLE event RENAME TO gone", []).unwrap();
    let error = made(&ledger).unwrap_err();
    assert!(matches!(error, ReportError::Ledger(_) | ReportError::Figure(FigureError::Ledger(_))), "{error}");
    // Nor does a report become an altered one because its ledger cannot be read.
    let page = folder.path().join("index.html");
    std::fs::write(&page, &report.html).unwrap();
    assert!(wegen_publication::verify(&Carried::read(&page).unwrap(), &ledger).is_err());
}

#[test]
fn what_is_held_on_another_country_changes_nothing_here() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path()).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    // Of Tunisia no events are held, so that its conditions have no month of their own.
    let claims =
        ["services@country=TUN", "service@country=TUN,indicator=basic-water", "conditions@country=TUN"];
    let values = |ledger: &Ledger| {
        let edition = ledger.edition(None).unwrap();
        claims.map(|claim| {
            let figure =
                compute(ledger.evidence(&edition), &FigureId::parse(claim).unwrap(), Lang::En).unwrap();
            (figure.label, figure.value)
        })
    };
    let before = values(&ledger);
    let report = |ledger: &Ledger| build(&ledger.edition(None).unwrap(), ledger, "TUN", Lang::En);
    let first_page = report(&ledger).document.evidence;
    assert!(first_page.iter().any(|[source, ..]| source.starts_with("UNHCR")), "{first_page:?}");

    // Years later a count of people in need in Mali comes.
    let name = "hpc_hno_2024_national_rows.csv";
    let shared =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hno-needs").join(name);
    let Ok(text) = std::fs::read_to_string(shared) else {
        eprintln!("skipped: OCHA's file is not at hand");
        return;
    };
    let of_mali: Vec<&str> =
        text.lines().enumerate().filter(|(i, l)| *i < 2 || l.contains("MLI")).map(|(_, l)| l).collect();
    let file = wegen_sources::File::new(name, of_mali.join("\n") + "\n");
    let later = "2031-03-01T00:00:00Z".parse().unwrap();
    let mut draft = wegen_sources::draft("ocha-hno", vec![file], name, later).unwrap();
    draft.recorded = Some(later);
    ledger.add(draft).unwrap();
    assert_eq!(values(&ledger), before);
    let after = report(&ledger).document;
    assert_eq!(after.evidence, first_page);
    assert!(!after.text().contains("2031"), "{}", after.text());
}

#[test]
fn the_first_page_says_of_each_source_which_period_it_covers_and_since_when_it_is_held() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    for (lang, held) in [
        (Lang::En, ["recorded 25 June 2026", "release of 30 June 2025"]),
        (Lang::Nl, ["vastgelegd op 25 juni 2026", "uitgave van 30 juni 2025"]),
    ] {
        let report = build(&edition, &ledger, "SDN", lang);
        let of = |source: &str| report.document.evidence.iter().find(|[s, ..]| s.contains(source)).unwrap();
        // UNHCR's table covers 1951 to 2025; UCDP's country-year release 25.1 1989 to 2024.
        let [_, period, since] = of("population");
        assert!(period == "1951–2025" && since == held[0], "{period} {since}");
        let [_, period, since] = of("Country-Year");
        assert!(period == "1989–2024" && since == held[1], "{period} {since}");
        // No day of import stands for the evidence as a whole.
        let footer = &report.document.footer;
        assert!(footer.contains(&edition.id()) && !footer.contains("2026"), "{footer}");
        assert!(report.html.contains(&of("population")[1]));
    }
    let then = ledger.edition(Some("2026-07-01".parse().unwrap())).unwrap();
    assert!(build(&then, &ledger, "SDN", Lang::En).document.footer.contains("as known on 1 July 2026"));
}

#[test]
fn simulated_scenarios_stand_beside_what_was_registered_and_their_error() {
    let ledger = ledger();
    let edition = ledger.edition(None).unwrap();
    let table = |claim: &str| {
        let id = FigureId::parse(claim).unwrap();
        match compute(ledger.evidence(&edition), &id, Lang::En).unwrap().value {
            Value::Table(table) => table,
            Value::Number(_) => panic!("{claim} is a number"),
        }
    };
    for scenario in ["SYR-ceasefire-north-west", "SYR-conflict-goes-on"] {
        let table = table(&format!("simulated@country=SYR,scenario={scenario}"));
        let row = |key: &str| &table.rows.iter().find(|r| r.key == key).unwrap().cells;
        // UNHCR’s own count of Syrian refugees in Germany at the end of 2020, by its own figure.
        assert_eq!(row("DEU")[0].value, Some(number("refugees@host=DEU,origin=SYR,year=2020")));
        for cells in table.rows.iter().map(|r| &r.cells) {
            let values: Vec<Option<f64>> = cells[1..].iter().map(|c| c.value).collect();
            let [low, high, from, to] = values[..] else { panic!("four columns") };
            assert!(cells[1..].iter().all(|c| !c.records.is_empty()));
            match (low, from) {
                (Some(low), Some(from)) => assert!(from <= low && Some(low) <= high && high <= to),
                // Where an end has few people, the table does not say how few.
                other => {
                    assert_eq!(other, (None, None));
                    assert_eq!(cells[1].missing, Some(Missing::Withheld));
                }
            }
        }
        // Nobody is made to go in these scenarios, and that is another row than going by one’s own decision.
        assert_eq!(row("simulated-pushed")[4].value, Some(0.0));
        assert!(row("simulated-set-out")[4].value > Some(0.0));
    }
    let errors = table("simulation-error@country=SYR");
    let least = errors.rows.first().unwrap();
    let model = errors.rows.iter().find(|r| r.key == "model").unwrap();
    assert!(least.cells[0].value <= model.cells[0].value);

    for lang in [Lang::En, Lang::Nl] {
        let text = build(&edition, &ledger, "SYR", lang).document.text();
        let said = match lang {
            Lang::En => {
                ["The ceasefire holds until", "A simple rule was nearer than the model", "in this edition"]
            }
            Lang::Nl => {
                ["De wapenstilstand houdt stand", "Een vuistregel zat er dichter bij", "in deze editie"]
            }
        };
        for words in said {
            assert!(text.contains(words), "{lang}: {words}");
        }
    }
}

#[test]
fn a_simulation_that_is_not_held_or_rests_on_other_evidence_says_so() {
    let mut own = Ledger::open(&tempfile::tempdir().unwrap().keep()).unwrap();
    wegen_sources::adopt_starter(&mut own).unwrap();
    let before = own.edition(Some("2026-11-24".parse().unwrap())).unwrap();
    let text = build(&before, &own, "SYR", Lang::En).document.text();
    assert!(text.contains("No simulation of movement from or to Syria is in this edition"));

    // A newer table of UNHCR takes the place of the one that the simulations rest on.
    let head = "year,coo_name,coo,coo_iso,coa_name,coa,coa_iso,refugees,asylum_seekers,returned_refugees,idps,\
                returned_idps,stateless,ooc,oip,hst\n";
    let rows: String = [1951, 2025]
        .map(|year| format!("{year},Syrian Arab Rep.,SYR,SYR,Netherlands,NET,NLD,74805,17478,0,0,0,0,0,,0\n"))
        .concat();
    let file = wegen_sources::File::new("population.csv", format!("{head}{rows}"));
    let now = "2026-12-01T00:00:00Z".parse().unwrap();
    let mut draft = wegen_sources::draft("unhcr-population", vec![file], "population.csv", now).unwrap();
    draft.coverage =
        wegen_model::Coverage::all(wegen_model::Declared::User).during(wegen_model::Span::years(1951, 2025));
    draft.recorded = Some(now);
    own.add(draft).unwrap();
    let after = own.edition(None).unwrap();
    let text = build(&after, &own, "SYR", Lang::En).document.text();
    assert!(
        text.contains("Other snapshots than it rests on answer in this edition, of: unhcr-population"),
        "{text}"
    );
}
