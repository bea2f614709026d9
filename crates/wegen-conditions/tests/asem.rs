//! The ASEM index against what COINr 1.1.14 made of it, and against exact references: values to a relative 1e-12,
//! ranks equal.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Once;

use wegen_conditions::composite::*;

const TOLERANCE: f64 = 1e-12;
const METHOD: &str = include_str!("../../../methods/asem.toml");

#[test]
fn every_stage_is_that_of_the_example() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let stages = &METHOD[..METHOD.find("group = [").unwrap()];
    let other = IndexMethod::parse_with_meta(stages, &asem.text("input_iMeta.csv")).unwrap();
    assert_eq!(other.run(&asem.text("input_iData.csv")).unwrap().scores, run.scores, "structure from iMeta");
    for (stage, table, units) in [
        ("Raw", &run.raw, &run.all_units),
        ("Denominated", &run.denominated, &run.all_units),
        ("Imputed", &run.imputed, &run.all_units),
        ("Screened", &run.screened, &run.units),
        ("Treated", &run.treated, &run.units),
        ("Normalised", &run.normalised, &run.units),
        ("Aggregated", &run.aggregated, &run.units),
    ] {
        asem.same(&format!("step_{stage}.csv"), table, units);
    }
    assert_eq!(run.imputed_cells.len(), 65);
    asem.same("results_scores.csv", &run.aggregated, &run.units);
    let ranks = asem.sheet("results_ranks.csv");
    assert_eq!(ranks.columns.len(), 11);
    for code in &ranks.columns {
        let own = run.ranks_by(code).unwrap();
        for (unit, rank) in run.units.iter().zip(own) {
            assert_eq!(f64::from(rank), ranks.number(&unit.code, code), "{code} of {}", unit.code);
        }
    }
}

#[test]
fn treatment_is_told_as_it_was() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let details = asem.sheet("step_Treated_details.csv");
    let points = asem.sheet("step_Treated_points.csv");
    assert_eq!(run.treatments.len(), 49);
    for treated in &run.treatments {
        let code = run.treated.codes()[treated.column].as_str();
        let shape = |shape: &Shape, at: usize| {
            assert_eq!(
                shape.pass,
                Some(details.cell(code, &format!("check_SkewKurt{at}.Pass")) == "TRUE"),
                "{code}"
            );
            near(shape.skewness, details.number(code, &format!("check_SkewKurt{at}.Skew")));
            near(shape.kurtosis, details.number(code, &format!("check_SkewKurt{at}.Kurt")));
        };
        shape(&treated.before, 0);
        match &treated.winsorised {
            None => assert_eq!(details.cell(code, "winsorise.nwin"), "", "{code}"),
            Some((count, after)) => {
                assert_eq!(*count as f64, details.number(code, "winsorise.nwin"), "{code}");
                shape(after, 1);
            }
        }
        assert_eq!(treated.transformed, None, "{code}");
        for (unit, point) in run.units.iter().zip(&treated.points) {
            let expected = match point {
                Point::Kept => "",
                Point::High => "winhi",
                Point::Low => "winlo",
            };
            assert_eq!(points.cell(&unit.code, code), expected, "{code} of {}", unit.code);
        }
    }
}

#[test]
fn without_imputation_weights_are_rescaled() {
    let Some(asem) = Asem::open() else { return };
    let index = asem.index();
    let pipeline = Pipeline { impute: None, screen: None, ..asem.method.pipeline.clone() };
    let run = pipeline.run(&index).unwrap();
    asem.same("step_Aggregated_noimpute.csv", &run.aggregated, &run.units);
}

#[test]
fn nine_normalisations() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let reference = Normalisation::DistanceToReference { unit: "AUS".to_owned(), capped: false };
    for (file, how) in [
        ("minmax_0_100", Normalisation::MinMax { lower: 0.0, upper: 100.0 }),
        ("minmax_1_100", Normalisation::MinMax { lower: 1.0, upper: 100.0 }),
        ("zscore_0_1", Normalisation::ZScore { mean: 0.0, deviation: 1.0 }),
        ("zscore_10_2", Normalisation::ZScore { mean: 10.0, deviation: 2.0 }),
        ("rank", Normalisation::Rank),
        ("prank", Normalisation::PercentileRank),
        ("borda", Normalisation::Borda),
        ("scaled", Normalisation::Scaled { lower: 0.0, upper: 100.0 }),
        ("dist2max", Normalisation::DistanceToMaximum),
        ("dist2ref_row1", reference),
        ("dist2targ_raw", Normalisation::DistanceToTarget { capped: false }),
    ] {
        let data = if file.ends_with("raw") { &run.raw } else { &run.treated };
        let scores = normalised(&run, data, &how);
        asem.same(&format!("norm_{file}.csv"), &scores.table, &run.units);
        assert_eq!(scores.undefined.is_empty(), !file.starts_with("dist2ref"), "{file}");
    }
}

#[test]
fn aggregations_and_outranking() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let scores = normalised(&run, &run.treated, &Normalisation::MinMax { lower: 1.0, upper: 100.0 }).table;
    let (structure, weights) = (&run.structure, run.structure.weights());
    let effective = effective_weights(structure, &weights);
    let listed = asem.sheet("effective_weights.csv");
    for (node, weight) in structure.nodes().iter().zip(&effective) {
        near(*weight, listed.number(&node.draft.code, "EffWeight"));
    }
    let (by_method, by_rank) = (asem.sheet("agg_index_by_method.csv"), asem.sheet("agg_rank_by_method.csv"));
    let check = |name: &str, index: &[f64]| {
        for ((unit, score), rank) in run.units.iter().zip(index).zip(ranks(index)) {
            near(*score, by_method.number(&unit.code, name));
            assert_eq!(f64::from(rank), by_rank.number(&unit.code, name), "{name} of {}", unit.code);
        }
    };
    let top = [Mean::Arithmetic, Mean::Arithmetic, Mean::Copeland];
    for (name, file, means) in [
        ("a_amean", Some("agg_a_amean.csv"), &[Mean::Arithmetic][..]),
        ("a_gmean", Some("agg_a_gmean.csv"), &[Mean::Geometric]),
        ("a_hmean", Some("agg_a_hmean.csv"), &[Mean::Harmonic]),
        ("a_genmean_p2", None, &[Mean::Power(2.0)]),
        ("a_genmean_pm1", Some("agg_a_genmean_pm1.csv"), &[Mean::Power(-1.0)]),
        ("copeland_all", Some("agg_copeland_all.csv"), &[Mean::Copeland]),
        ("copeland_top", Some("agg_copeland_top.csv"), &top),
    ] {
        let how = Aggregation { means: means.to_vec(), threshold: None };
        let blocks = Blocks::whole(run.units.len());
        let table = aggregate(&scores, structure, &weights, &how, &run.units, &blocks).unwrap();
        if let Some(file) = file {
            asem.same(file, &table, &run.units);
        }
        check(name, table.column(structure.top()));
    }
    let columns: Vec<&[f64]> = scores.columns().collect();
    let matrix = outranking(&columns, &effective[..49]);
    let codes: Vec<String> = run.units.iter().map(|u| u.code.clone()).collect();
    let columns =
        (0..51).flat_map(|j| (0..51).map(move |i| (i, j))).map(|(i, j)| matrix[i * 51 + j]).collect();
    let table = Table::new(51, codes, columns).unwrap();
    asem.same("outranking_matrix_49ind_effweights.csv", &table, &run.units);
    check("copeland_flat", &copeland(&matrix, 51));
}

#[test]
fn statistics_and_diagnostics() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let listed = asem.sheet("stats_raw.csv");
    for s in statistics(&run.raw, &Thresholds::default()) {
        let (available, same) = (s.available as f64, s.same as f64);
        for (column, value) in [
            ("Min", s.min),
            ("Max", s.max),
            ("Mean", s.mean),
            ("Median", s.median),
            ("Std", s.deviation),
            ("Skew", s.skewness),
            ("Kurt", s.kurtosis),
            ("N.Avail", available),
            ("N.NonZero", s.nonzero as f64),
            ("N.Unique", s.unique as f64),
            ("N.Same", same),
            ("Frc.Avail", available / 51.0),
            ("Frc.NonZero", s.nonzero as f64 / available),
            ("Frc.Unique", s.unique as f64 / available),
            ("Frc.Same", same / available),
        ] {
            near(value, listed.number(&s.code, column));
        }
        let flag = |bad: bool, word: &'static str| if bad { word } else { "ok" };
        assert_eq!(listed.cell(&s.code, "Flag.Avail"), flag(s.low_available, "LOW"), "{}", s.code);
        assert_eq!(listed.cell(&s.code, "Flag.NonZero"), flag(s.low_nonzero, "LOW"), "{}", s.code);
        assert_eq!(listed.cell(&s.code, "Flag.Unique"), flag(s.low_unique, "LOW"), "{}", s.code);
        assert_eq!(listed.cell(&s.code, "Flag.SkewKurt"), flag(s.outliers, "OUT"), "{}", s.code);
    }
    for file in ["corr_ind_index.csv", "corr_pillar_index.csv"] {
        for row in asem.rows(file) {
            let value =
                moments::correlation(run.values(&row["Var1"]).unwrap(), run.values(&row["Var2"]).unwrap());
            near(value, row["Correlation"].parse().unwrap());
        }
    }
    for row in asem.rows("cronbach.csv") {
        let under = run.structure.indicators_under(run.structure.position(&row["set"]).unwrap());
        let columns: Vec<&[f64]> = under.iter().map(|&c| run.normalised.column(c)).collect();
        near(cronbach_alpha(&columns), row["cronbach_alpha"].parse().unwrap());
    }
    let how = &asem.method.pipeline.aggregate;
    let (weights, blocks) = (run.structure.weights(), Blocks::whole(run.units.len()));
    let removed = |level| {
        remove_elements(&run.normalised, &run.structure, &weights, how, &run.units, &blocks, level).unwrap()
    };
    let listed = asem.sheet("remove_elements_L1.csv");
    let first = removed(1);
    assert_eq!(first.len(), 49);
    for (code, change) in first {
        near(change, listed.number(&code, "mean_abs_rank_diff"));
    }
    assert_eq!(removed(2).len(), 8);
}

#[test]
fn replayed_ranks_are_all_equal() {
    let Some(asem) = Asem::open() else { return };
    let design = Design::from_csv(asem.factors(), &asem.text("mc_UA_design.csv")).unwrap();
    let replayed = replay(&asem.index(), &asem.method.pipeline, &design).unwrap();
    let (ranks, scores) = (asem.sheet("mc_UA_ranks.csv"), asem.sheet("mc_UA_scores.csv"));
    let mut equal = 0;
    for replication in 0..design.len() {
        let column = format!("r_{}", design.name(replication));
        let own = replayed.scores_of(replication).iter().zip(replayed.ranks_of(replication));
        for (unit, (score, rank)) in replayed.units.iter().zip(own) {
            near(*score, scores.number(&unit.code, &column));
            equal += u32::from(f64::from(*rank) == ranks.number(&unit.code, &column));
        }
    }
    assert_eq!(equal, 51_000);
    let listed = asem.sheet("mc_UA_rankstats.csv");
    for (unit, d) in replayed.units.iter().zip(replayed.distributions()) {
        let d = d.unwrap();
        for (column, value) in [
            ("Nominal", f64::from(d.nominal)),
            ("Mean", d.mean),
            ("Median", d.median),
            ("Q5", d.q05),
            ("Q95", d.q95),
        ] {
            near(value, listed.number(&unit.code, column));
        }
    }
}

#[test]
fn enumeration_is_exact() {
    let Some(asem) = Asem::open() else { return };
    let design = Design::full(asem.factors()).unwrap();
    let replayed = replay(&asem.index(), &asem.method.pipeline, &design).unwrap();
    assert_eq!((replayed.len(), replayed.distinct), (2_000, 2_000));
    let listed = asem.rows("ref_exact_y.csv");
    assert_eq!(listed.len(), 2_000);
    for (cell, row) in listed.iter().enumerate() {
        let options = design.factors().iter().zip(design.options(cell));
        for (factor, option) in options {
            assert_eq!(factor.options[*option as usize].0, row[&factor.name], "cell {cell}");
        }
        near(replayed.rank_change[cell], row["mean_abs_rank_change"].parse().unwrap());
    }
    let listed = asem.sheet("ref_exact_rank_distribution.csv");
    for (unit, d) in replayed.units.iter().zip(replayed.distributions()) {
        let d = d.unwrap();
        assert!((d.mean - listed.number(&unit.code, "Mean")).abs() < 1e-6);
        for (column, value) in [("Q5", d.q05), ("Q95", d.q95), ("Min", d.min.into()), ("Max", d.max.into())] {
            assert_eq!(value, listed.number(&unit.code, column), "{column} of {}", unit.code);
        }
    }
}

#[test]
fn the_truth_lies_within_the_bounds_whatever_tenth_of_the_cells_is_masked() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    let how = &asem.method.pipeline;
    let (range, weights) = (how.normalise.bounds().unwrap(), run.structure.weights());
    for round in 0..100 {
        let mut stream = wegen_conditions::Stream::new(7, "mask", round);
        let masked: Vec<bool> = run.normalised.values().iter().map(|_| stream.uniform() < 0.1).collect();
        let found = bounds(
            &run.normalised,
            &masked,
            range,
            &run.structure,
            &weights,
            &how.aggregate,
            &run.units,
            &Blocks::whole(51),
        )
        .unwrap();
        for ((b, score), rank) in found.iter().zip(&run.scores).zip(&run.ranks) {
            assert!(b.lower <= score + 1e-12 && *score <= b.upper + 1e-12);
            assert!(b.best <= *rank && *rank <= b.worst);
        }
        assert!(found.iter().any(|b| b.missing > 0 && b.lower < b.upper));
    }
}

#[test]
fn missing_cells_bound_the_index() {
    let Some(asem) = Asem::open() else { return };
    let run = asem.run();
    // What was missing in the raw data; what only lacks a denominator keeps its imputed value.
    let unknown: Vec<bool> = run.raw.values().iter().map(|v| v.is_nan()).collect();
    let how = &asem.method.pipeline;
    let range = how.normalise.bounds().unwrap();
    let (weights, blocks) = (run.structure.weights(), Blocks::whole(51));
    let bounds = bounds(
        &run.normalised,
        &unknown,
        range,
        &run.structure,
        &weights,
        &how.aggregate,
        &run.units,
        &blocks,
    )
    .unwrap();
    let listed = asem.sheet("ref_missing_intervals.csv");
    for ((unit, b), score) in run.units.iter().zip(bounds).zip(&run.scores) {
        near(*score, listed.number(&unit.code, "index_imputed"));
        near(b.lower, listed.number(&unit.code, "index_lower"));
        near(b.upper, listed.number(&unit.code, "index_upper"));
        assert_eq!(b.missing as f64, listed.number(&unit.code, "n_missing"), "{}", unit.code);
        assert_eq!(f64::from(b.best), listed.number(&unit.code, "rank_best"), "{}", unit.code);
        assert_eq!(f64::from(b.worst), listed.number(&unit.code, "rank_worst"), "{}", unit.code);
    }
}

#[test]
fn a_panel_is_normalised_together_and_ranked_by_year() {
    let Some(asem) = Asem::open() else { return };
    let panel = asem.method.index(&asem.text("input_iData_panel.csv")).unwrap();
    let run = asem.method.pipeline.run(&panel).unwrap();
    assert_eq!(run.units.len(), 5 * 51);
    for column in run.normalised.columns() {
        assert_eq!(moments::range(column), Some((0.0, 100.0)));
    }
    assert_eq!(run.ranks.iter().filter(|r| **r == 1).count(), 5);
    let apart = Pipeline { normalise_together: false, ..asem.method.pipeline.clone() };
    let apart = apart.run(&panel).unwrap();
    let alone = asem.method.pipeline.run(&panel.at("2020")).unwrap();
    let rows: Vec<usize> = (0..255).filter(|&r| apart.units[r].time.as_deref() == Some("2020")).collect();
    assert_eq!(rows.iter().map(|&r| apart.scores[r]).collect::<Vec<_>>(), alone.scores);
    assert_eq!(rows.iter().map(|&r| apart.ranks[r]).collect::<Vec<_>>(), alone.ranks);
}

#[test]
fn the_world_bank_table_can_divide() {
    let Some(asem) = Asem::open() else { return };
    let codes = ["GDP", "Population", "Area"].map(str::to_owned);
    let other = asem.index().with_denominators(&asem.text("input_WorldDenoms.csv"), "uCode", &codes).unwrap();
    assert_eq!(other.denominators.codes(), codes);
    let error = asem.method.pipeline.run(&other).unwrap_err().to_string();
    assert!(
        error.contains("found denominator `Energy`, expected one of `GDP`, `Population`, `Area`"),
        "{error}"
    );
}

#[test]
fn the_comparison_can_fail() {
    let Some(asem) = Asem::open() else { return };
    let mut run = asem.run();
    run.aggregated.column_mut(55)[7] *= 1.0 + 1e-11;
    assert!(asem.compare("step_Aggregated.csv", &run.aggregated, &run.units).is_err());
    run.aggregated.column_mut(55)[7] = f64::NAN;
    assert!(asem.compare("step_Aggregated.csv", &run.aggregated, &run.units).is_err());
}

/// The folder of references.
struct Asem {
    folder: PathBuf,
    method: IndexMethod,
}

impl Asem {
    fn open() -> Option<Self> {
        static SKIPPED: Once = Once::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/asem");
        if !folder.is_dir() {
            SKIPPED.call_once(|| println!("skipped: no {}", folder.display()));
            return None;
        }
        Some(Self { folder, method: IndexMethod::parse(METHOD).unwrap() })
    }

    fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    }

    fn index(&self) -> Index {
        self.method.index(&self.text("input_iData.csv")).unwrap()
    }

    fn run(&self) -> Outcome {
        self.method.run(&self.text("input_iData.csv")).unwrap()
    }

    fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let text = self.text(file);
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
    }

    fn sheet(&self, file: &str) -> Sheet {
        let text = self.text(file);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let columns: Vec<String> = reader.headers().unwrap().iter().skip(1).map(str::to_owned).collect();
        let rows = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        Sheet {
            places: (0..).zip(&columns).map(|(at, c)| (c.clone(), at)).collect(),
            columns,
            rows: rows.map(|r| (r[0].clone(), r[1..].to_vec())).collect(),
        }
    }

    /// The largest difference between a table and a file, or where they differ too much.
    fn compare(&self, file: &str, table: &Table, units: &[Unit]) -> Result<f64, String> {
        let sheet = self.sheet(file);
        if sheet.rows.len() != units.len() {
            return Err(format!("{file}: {} rows, found {}", sheet.rows.len(), units.len()));
        }
        let mut worst: f64 = 0.0;
        for column in sheet.columns.iter().filter(|c| *c != "Rank") {
            let values = table.of(column).ok_or_else(|| format!("{file}: no `{column}`"))?;
            for (unit, value) in units.iter().zip(values) {
                let expected = sheet.number(&unit.code, column);
                let difference = difference(*value, expected);
                if difference.is_nan() || difference > TOLERANCE {
                    return Err(format!("{file}: {column} of {}: {value}, expected {expected}", unit.code));
                }
                worst = worst.max(difference);
            }
        }
        Ok(worst)
    }

    fn same(&self, file: &str, table: &Table, units: &[Unit]) {
        match self.compare(file, table, units) {
            Ok(worst) => println!("{file}: {worst:.1e}"),
            Err(problem) => panic!("{problem}"),
        }
    }

    /// What varies in the Monte Carlo design.
    fn factors(&self) -> Vec<Factor> {
        let treatment = self.method.pipeline.treat.unwrap();
        let winmax =
            (1..=5).map(|n| (n.to_string(), Choice::Treat(Some(Treatment { winmax: Some(n), ..treatment }))));
        let norm = [
            ("minmax_1_100", Normalisation::MinMax { lower: 1.0, upper: 100.0 }),
            ("zscore_10_2", Normalisation::ZScore { mean: 10.0, deviation: 2.0 }),
        ];
        let mut sets: BTreeMap<u32, Vec<(String, f64)>> = BTreeMap::new();
        for row in self.rows("mc_noisy_weights.csv") {
            let weight = (row["iCode"].clone(), row["Weight"].parse().unwrap());
            sets.entry(row["set"].parse().unwrap()).or_default().push(weight);
        }
        let agg = [("a_amean", Mean::Arithmetic), ("a_gmean", Mean::Geometric)];
        let factor = |name: &str, options| Factor { name: name.to_owned(), options };
        vec![
            factor("winmax", winmax.collect()),
            factor("norm", norm.map(|(n, how)| (n.to_owned(), Choice::Normalise(how))).to_vec()),
            factor(
                "weight_set",
                sets.into_iter().map(|(n, w)| (n.to_string(), Choice::Weights(w))).collect(),
            ),
            factor("agg", agg.map(|(n, m)| (n.to_owned(), Choice::Aggregate(Aggregation::of(m)))).to_vec()),
        ]
    }
}

/// A CSV file by the code in its first column.
struct Sheet {
    columns: Vec<String>,
    places: BTreeMap<String, usize>,
    rows: BTreeMap<String, Vec<String>>,
}

impl Sheet {
    fn cell(&self, row: &str, column: &str) -> &str {
        &self.rows[row][self.places[column]]
    }

    fn number(&self, row: &str, column: &str) -> f64 {
        match self.cell(row, column) {
            "" | "NaN" => f64::NAN,
            text => text.parse().unwrap(),
        }
    }
}

fn normalised(run: &Outcome, data: &Table, how: &Normalisation) -> Normalised {
    normalise(data, &run.structure, &[how; 49], &run.units, &Blocks::whole(run.units.len())).unwrap()
}

fn difference(value: f64, expected: f64) -> f64 {
    if value == expected || (value.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    (value - expected).abs() / expected.abs()
}

#[track_caller]
fn near(value: f64, expected: f64) {
    let difference = difference(value, expected);
    assert!(difference <= TOLERANCE, "{value}, expected {expected}");
}
