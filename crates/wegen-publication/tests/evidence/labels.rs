//! What figures are called: every parameter that was asked for, and the period that is covered.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use wegen_ledger::{Edition, Ledger};
use wegen_model::{Lang, verdicts};
use wegen_publication::{Figure, FigureId, Missing, Recipe, compute, recipes};

/// A ledger with the starter evidence, made once for all tests.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut ledger = Ledger::open(&folder).unwrap();
    wegen_sources::adopt_starter(&mut ledger).unwrap();
    folder
});

struct Held {
    ledger: Ledger,
    edition: Edition,
}

impl Held {
    fn starter() -> Held {
        let ledger = Ledger::open(&FOLDER).unwrap();
        Held { edition: ledger.edition(None).unwrap(), ledger }
    }

    fn nothing() -> Held {
        let ledger = Ledger::open(&tempfile::tempdir().unwrap().keep()).unwrap();
        Held { edition: ledger.edition(None).unwrap(), ledger }
    }

    fn figure(&self, claim: &str, lang: Lang) -> Figure {
        let id = FigureId::parse(claim).unwrap();
        compute(self.ledger.evidence(&self.edition), &id, lang).unwrap_or_else(|e| panic!("{claim}: {e}"))
    }

    fn label(&self, claim: &str, lang: Lang) -> String {
        self.figure(claim, lang).label
    }
}

/// Two values of a parameter; a new parameter is to be named here, and its label to be written.
fn values(recipe: &Recipe, parameter: &str) -> [&'static str; 2] {
    match parameter {
        "origin" => ["SYR", "MRT"],
        "host" => ["NLD", "TUR"],
        // Little is held on these, so that all areas and months are soon looked through.
        "country" if recipe.name.starts_with("condition") => ["MRT", "TUN"],
        "country" => ["SYR", "MRT"],
        "year" => ["2019", "2020"],
        "from" => ["2015", "2016"],
        "to" => ["2019", "2020"],
        "top" => ["3", "4"],
        "kind" if recipe.name.starts_with("missing") => ["dead", "missing"],
        "kind" => ["recognised", "rejected"],
        "type" => ["state-based", "one-sided"],
        "setting" => ["sea", "land"],
        "capture" => ["api", "package"],
        "below" => ["10", "100"],
        "level" => ["1", "2"],
        "month" => ["2019-11", "2019-12"],
        "indicator" => ["basic-water", "unemployment"],
        "by" => ["2024", "2025"],
        "scenario" => ["SYR-ceasefire-north-west", "SYR-conflict-goes-on"],
        other => panic!("`{}` has a parameter `{other}` whose label nobody has tested", recipe.name),
    }
}

fn claim(recipe: &Recipe, params: &BTreeMap<&str, &str>) -> String {
    let params: Vec<String> = params.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}@{}", recipe.name, params.join(","))
}

#[test]
fn every_parameter_of_every_recipe_stands_in_its_label() {
    let held = Held::starter();
    for recipe in recipes() {
        let needed = ["origin", "country", "scenario", "indicator"];
        let own = recipe.params.iter().map(|(name, _)| *name);
        let base: BTreeMap<&str, &str> =
            own.clone().filter(|n| needed.contains(n)).map(|n| (n, values(recipe, n)[0])).collect();
        for parameter in own {
            for lang in Lang::ALL {
                let [a, b] = values(recipe, parameter).map(|value| {
                    let mut params = base.clone();
                    params.insert(parameter, value);
                    held.label(&claim(recipe, &params), lang)
                });
                assert_ne!(a, b, "{lang}: `{}` does not say `{parameter}`", recipe.name);
                for label in [&a, &b] {
                    assert!(!label.contains(['{', '}']) && !label.contains("  "), "{lang}: {label}");
                    assert!(!label.contains(" ,") && !label.contains("()"), "{lang}: {label}");
                    assert_eq!(verdicts(label), [], "{lang}: {label}");
                }
            }
        }
    }
}

#[test]
fn labels_read_as_the_field_would_say_it() {
    let held = Held::starter();
    for (claim, en, nl) in [
        (
            "refugees@host=NLD,origin=SYR,year=2024",
            "refugees from Syria in the Netherlands, 2024",
            "vluchtelingen uit Syrië in Nederland, 2024",
        ),
        ("refugees@origin=SYR,year=2024", "refugees from Syria, 2024", "vluchtelingen uit Syrië, 2024"),
        (
            "returned-refugees@host=TUR,origin=SYR,year=2024",
            "refugees who returned to Syria from Türkiye, 2024",
            "vluchtelingen die vanuit Turkije naar Syrië zijn teruggekeerd, 2024",
        ),
        (
            "refugees-by-host@from=2020,origin=COD,to=2024,top=3",
            "refugees from the Democratic Republic of the Congo, by country of asylum and year, 2020–2024 \
             (the 3 largest by name)",
            "vluchtelingen uit de Democratische Republiek Congo, naar land van opvang en jaar, 2020–2024 \
             (de 3 grootste bij naam)",
        ),
        (
            "asylum-applications@host=GBR,origin=SDN,year=2024",
            "new asylum applications of people from Sudan in the United Kingdom, 2024",
            "nieuwe asielaanvragen van mensen uit Soedan in het Verenigd Koninkrijk, 2024",
        ),
        (
            "deaths@country=SYR,type=one-sided,year=2024",
            "deaths in one-sided violence in Syria, 2024",
            "doden door eenzijdig geweld tegen burgers in Syrië, 2024",
        ),
        (
            "missing-migrants@below=1000,capture=api,country=LBY,from=2014,origin=SYR,setting=sea,to=2022",
            "people from Syria who died or went missing at sea, 2014–2022 (country of the incident: Libya; \
             capture “api” alone; only rows of fewer than 1000 people)",
            "op zee overleden of vermiste mensen uit Syrië, 2014–2022 (land van het incident: Libië; \
             alleen de opname “api”; alleen rijen van minder dan 1000 mensen)",
        ),
        (
            "conditions@country=TUN,level=1,month=2019-12",
            "conditions for return in Tunisia, by area, December 2019 (areas of level 1)",
            "voorwaarden voor terugkeer in Tunesië, per gebied, december 2019 (gebieden van niveau 1)",
        ),
    ] {
        assert_eq!(held.label(claim, Lang::En), en, "{claim}");
        assert_eq!(held.label(claim, Lang::Nl), nl, "{claim}");
    }
}

#[test]
fn a_period_that_nobody_asked_for_is_said_all_the_same() {
    let held = Held::starter();
    let evidence = held.ledger.evidence(&held.edition);
    let syria = wegen_model::Code::new("SYR").unwrap();
    let people = evidence.last_year("unhcr-population", Some(syria)).unwrap().unwrap();
    let table = held.figure("displacement@origin=SYR", Lang::En);
    assert!(table.label.ends_with(&format!("by year, {}–{people}", people - 14)), "{}", table.label);
    let number = held.figure("refugees@origin=SYR", Lang::En);
    assert_eq!(number.label, format!("refugees from Syria, {people}"));
    assert_eq!(
        number.number(),
        held.figure(&format!("refugees@origin=SYR,year={people}"), Lang::En).number()
    );
    let routes = evidence.last_year("iom-missing-migrants", None).unwrap().unwrap();
    assert!(held.label("missing-migrants", Lang::En).ends_with(&format!("routes, 2014–{routes}")));
}

#[test]
fn where_nothing_is_held_no_year_is_invented() {
    let held = Held::nothing();
    for recipe in recipes() {
        // Conditions and simulations have no figure without a month or a scenario that is held.
        let of_years =
            ["year", "from"].iter().any(|name| recipe.params.iter().any(|(known, _)| known == name));
        if !of_years {
            continue;
        }
        let needed = ["origin", "country"];
        let own = recipe.params.iter().map(|(name, _)| *name);
        let base = own.filter(|n| needed.contains(n)).map(|n| (n, values(recipe, n)[0])).collect();
        for lang in Lang::ALL {
            let figure = held.figure(&claim(recipe, &base), lang);
            assert!(!figure.label.contains("20"), "{lang}: {}", figure.label);
            for (row, column, cell) in figure.cells() {
                assert_eq!(cell.missing, Some(Missing::NotHeld), "{}: {row} {column}", recipe.name);
                assert!(!row.contains("20"), "{}: {row}", recipe.name);
            }
        }
    }
}
