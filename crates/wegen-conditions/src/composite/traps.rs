//! Where indices go wrong in silence, and do not here.

use super::*;

pub(super) const METHOD: &str = r#"name = "Small"
data = { unit = "place", groupings = ["side"] }
impute = { method = "mean" }
treat = { winmax = 1 }
normalise = { method = "minmax", lower = 1, upper = 100 }
aggregate = { method = "geometric" }
group = [
    { code = "Index" },
    { code = "A", parent = "Index" },
    { code = "B", parent = "Index", weight = 2 },
]
indicator = [
    { code = "a1", parent = "A" },
    { code = "a2", parent = "A", direction = -1 },
    { code = "b1", parent = "B" },
    { code = "b2", parent = "B" },
    { code = "b3", parent = "B", weight = 3 },
]
"#;

/// Twelve places with plainly made-up numbers, some missing.
fn data() -> String {
    let mut state = 7_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) % 90
    };
    let mut text = "place,side,a1,a2,b1,b2,b3\n".to_owned();
    for row in 0..12 {
        let b1 = if row == 3 { 5_000 } else { next() };
        let a2 = if row == 5 { String::new() } else { next().to_string() };
        let side = if row % 2 == 0 { "east" } else { "west" };
        text += &format!("p{row},{side},{},{a2},{b1},{},{}\n", next(), next(), next());
    }
    text
}

pub(super) fn method() -> IndexMethod {
    IndexMethod::parse(METHOD).unwrap()
}

fn tree(leaves: usize) -> Structure {
    let mut drafts = vec![Draft::group("Index", None)];
    drafts.extend((0..leaves).map(|n| Draft::indicator(&format!("i{n}"), "Index")));
    Structure::new(drafts).unwrap()
}

fn units(n: usize) -> Vec<Unit> {
    let unit = |n| Unit { code: format!("u{n}"), name: String::new(), time: None, labels: Vec::new() };
    (0..n).map(unit).collect()
}

fn combined(columns: &[&[f64]], mean: Mean) -> Result<Vec<f64>, CompositeError> {
    let structure = tree(columns.len());
    let rows = columns[0].len();
    let codes = structure.indicators().iter().map(|n| n.draft.code.clone()).collect();
    let table = Table::new(rows, codes, columns.concat()).unwrap();
    let how = Aggregation::of(mean);
    aggregate(&table, &structure, &structure.weights(), &how, &units(rows), &Blocks::whole(rows))
        .map(|t| t.column(structure.top()).to_vec())
}

#[test]
fn a_severity_scale_is_turned_round_before_a_geometric_mean() {
    // Severity from 1 to 10: one catastrophic dimension beside two good ones, and three middling ones.
    let dimensions: [&[f64]; 3] = [&[9.9, 4.0], &[1.0, 4.0], &[1.0, 4.0]];
    let hidden = combined(&dimensions, Mean::Geometric).unwrap();
    assert!(hidden[0] < hidden[1], "left as it is, the catastrophe is hidden");
    let seen = combined(&dimensions, Mean::GeometricOfLosses { top: 10.0 }).unwrap();
    assert!(seen[0] > seen[1]);
    let turned: Vec<Vec<f64>> = dimensions.iter().map(|d| d.iter().map(|v| 10.0 - v).collect()).collect();
    let turned: Vec<&[f64]> = turned.iter().map(Vec::as_slice).collect();
    for (loss, good) in seen.iter().zip(combined(&turned, Mean::Geometric).unwrap()) {
        assert!((loss + good - 10.0).abs() < 1e-12);
    }
    // In a pipeline the direction does it.
    let text =
        METHOD.replace("code = \"a1\", parent = \"A\"", "code = \"a1\", parent = \"A\", direction = -1");
    let run = IndexMethod::parse(&text).unwrap().run(&data()).unwrap();
    let worst = (0..12).max_by_key(|&r| run.raw.column(0)[r] as i64).unwrap();
    assert_eq!(run.normalised.column(0)[worst], 1.0);
}

#[test]
fn a_failed_replication_is_an_error_with_its_name() {
    let zero = Normalisation::MinMax { lower: 0.0, upper: 100.0 };
    let one = Normalisation::MinMax { lower: 1.0, upper: 100.0 };
    let options = [("one", one), ("zero", zero)].map(|(n, how)| (n.to_owned(), Choice::Normalise(how)));
    let factor = Factor { name: "norm".to_owned(), options: options.to_vec() };
    let design =
        Design::from_csv(vec![factor], "rep,norm\nfirst,one\nsecond,zero\nthird,one\nfourth,zero\n").unwrap();
    let method = method();
    let index = method.index(&data()).unwrap();
    let error = replay(&index, &method.pipeline, &design).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("replication `second` (norm zero) failed, 2 of 4 in all: aggregate, unit `p"),
        "{text}"
    );
    assert!(text.contains("found 0, expected a positive number"), "{text}");
}

#[test]
fn a_replication_may_not_lose_an_indicator_or_a_unit() {
    let method = method();
    // Without its outlier the indicator is constant.
    let text = "place,side,a1,a2,b1,b2,b3\n".to_owned()
        + &(0..12).map(|n| format!("p{n},,{n},{n},{},{n},{n}\n", u32::from(n == 11))).collect::<String>();
    let index = method.index(&text).unwrap();
    let pipeline = Pipeline { treat: None, ..method.pipeline.clone() };
    let treated = Choice::Treat(Some(Treatment { winmax: Some(1), ..Treatment::default() }));
    let factor =
        |name: &str, choice| Factor { name: name.to_owned(), options: vec![("x".to_owned(), choice)] };
    let design = Design::full(vec![factor("treat", treated)]).unwrap();
    // COINr's check is undetermined then, and the data are left as they were: no loss.
    assert!(replay(&index, &pipeline, &design).is_ok());
    let screening = Choice::Screen(Some(Screening { available: None, nonzero: Some(0.9) }));
    let design = Design::full(vec![factor("screen", screening)]).unwrap();
    let error = replay(&index, &pipeline, &design).unwrap_err().to_string();
    assert!(error.contains("keeps other units"), "{error}");
    let reference = Normalisation::DistanceToReference { unit: "p0".to_owned(), capped: false };
    let design = Design::full(vec![factor("norm", Choice::Normalise(reference))]).unwrap();
    let error = replay(&index, &pipeline, &design).unwrap_err().to_string();
    assert!(error.contains("`a1` has values that cannot be normalised"), "{error}");
    let weights = Choice::Weights([("A", 0.0), ("B", 0.0)].map(|(c, w)| (c.to_owned(), w)).to_vec());
    let design = Design::full(vec![factor("weights", weights)]).unwrap();
    let error = replay(&index, &pipeline, &design).unwrap_err().to_string();
    assert!(error.contains("`Index`: found NaN, expected a score"), "{error}");
}

#[test]
fn a_replay_is_what_single_runs_are() {
    let method = method();
    let index = method.index(&data()).unwrap();
    let imputed = |centre, grouping: Option<&str>| {
        Choice::Impute(Some(Imputation { centre, grouping: grouping.map(str::to_owned), together: false }))
    };
    let winmax = |n| Choice::Treat(Some(Treatment { winmax: Some(n), ..Treatment::default() }));
    let weights = |w: &[(&str, f64)]| Choice::Weights(w.iter().map(|(c, w)| ((*c).to_owned(), *w)).collect());
    let means = |means: &[Mean]| Choice::Aggregate(Aggregation { means: means.to_vec(), threshold: None });
    let choices: Vec<Vec<Choice>> = vec![
        vec![weights(&[("A", 1.0), ("B", 3.0)]), weights(&[("B", 1.0)])],
        vec![
            means(&[Mean::Geometric]),
            means(&[Mean::Geometric, Mean::Arithmetic]),
            means(&[Mean::Copeland]),
        ],
        vec![imputed(Centre::Mean, None), imputed(Centre::Median, Some("side")), Choice::Impute(None)],
        vec![winmax(0), winmax(1), winmax(3), Choice::Treat(None)],
        vec![Choice::Normalise(Normalisation::Rank), Choice::Normalise(method.pipeline.normalise.clone())],
        vec![weights(&[("a1", 2.0)]), weights(&[("b3", 0.0), ("a1", 1.0)])],
    ];
    let factors: Vec<Factor> = (0..)
        .zip(&choices)
        .map(|(n, c)| Factor {
            name: format!("f{n}"),
            options: (0..).zip(c).map(|(o, c): (u32, _)| (o.to_string(), c.clone())).collect(),
        })
        .collect();
    let design = Design::full(factors).unwrap();
    let replayed = replay(&index, &method.pipeline, &design).unwrap();
    assert_eq!((replayed.len(), replayed.distinct), (288, 288));
    for replication in 0..design.len() {
        let mut pipeline = method.pipeline.clone();
        let mut own = index.clone();
        let mut drafts: Vec<Draft> = index.structure.nodes().iter().map(|n| n.draft.clone()).collect();
        for (choices, &option) in choices.iter().zip(design.options(replication)) {
            match choices[option as usize].clone() {
                Choice::Impute(i) => pipeline.impute = i,
                Choice::Treat(t) => pipeline.treat = t,
                Choice::Normalise(n) => pipeline.normalise = n,
                Choice::Aggregate(a) => pipeline.aggregate = a,
                Choice::Weights(weights) => {
                    for (code, weight) in weights {
                        drafts.iter_mut().find(|d| d.code == code).unwrap().weight = weight;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        own.structure = Structure::new(drafts).unwrap();
        let run = pipeline.run(&own).unwrap();
        assert_eq!(run.scores, replayed.scores_of(replication), "{}", design.describe(replication));
        assert_eq!(run.ranks, replayed.ranks_of(replication));
    }
    // In another order, and twice over, it is the same.
    let uniforms = [0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9];
    let some = Design::from_uniforms(design.factors().to_vec(), &uniforms).unwrap();
    let again = replay(&index, &method.pipeline, &some).unwrap();
    assert_eq!(again.distinct, 2);
    assert_eq!(again.scores_of(0), replayed.scores_of(287));
    assert_eq!(again.scores_of(1), replayed.scores_of(0));
    assert_eq!(again.scores_of(2), again.scores_of(0));
}

#[test]
fn options_do_not_depend_on_the_range_of_the_random_numbers() {
    let options = (0..10).map(|n| (n.to_string(), Choice::Denominate(n % 2 == 0))).collect();
    let factor = Factor { name: "f".to_owned(), options };
    let design = Design::from_uniforms(vec![factor.clone()], &[0.31, 0.39, 0.3]).unwrap();
    assert_eq!((0..3).map(|r| design.options(r)[0]).collect::<Vec<_>>(), [3, 3, 3]);
    assert!(Design::from_uniforms(vec![factor.clone()], &[1.0]).is_err());
    assert!(Design::from_uniforms(vec![factor.clone(), factor], &[0.5]).is_err());
}

#[test]
fn constant_and_empty_columns_are_named_and_count_as_missing() {
    let text = data();
    let mut lines: Vec<Vec<String>> =
        text.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
    for line in lines.iter_mut().skip(1) {
        line[4] = "7".to_owned();
        line[5] = String::new();
    }
    let text: String = lines.iter().map(|l| l.join(",") + "\n").collect();
    let run = method().run(&text).unwrap();
    assert_eq!(run.undefined, [2]);
    assert!(run.normalised.column(2).iter().chain(run.normalised.column(3)).all(|v| v.is_nan()));
    let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12 * a;
    assert!(run.values("B").unwrap().iter().zip(run.normalised.column(4)).all(close), "what is left of `B`");
    assert_eq!(run.ranks.iter().filter(|r| **r == 0).count(), 0);
    assert_eq!(run.treatments[2].before.pass, None);
    let nothing = statistics(&run.raw, &Thresholds::default()).remove(3);
    assert_eq!((nothing.available, nothing.unique, nothing.same), (0, 0, 0));
    assert!(nothing.mean.is_nan() && nothing.low_available);
}

#[test]
fn ties_share_the_best_rank() {
    assert_eq!(ranks(&[3.0, 5.0, 5.0, 1.0, f64::NAN, -0.0, 0.0]), [3, 1, 1, 4, 0, 5, 5]);
    let scores = |how| normalise_column(&[2.0, 1.0, 2.0, f64::NAN], Direction::Higher, &how, f64::NAN);
    assert_eq!(scores(Normalisation::Rank)[..3], [2.0, 1.0, 2.0]);
    assert_eq!(scores(Normalisation::Borda)[..3], [1.0, 0.0, 1.0]);
    assert_eq!(scores(Normalisation::PercentileRank)[..3], [0.5, 0.0, 0.5]);
    assert!(scores(Normalisation::Rank)[3].is_nan());
    assert_eq!(rank_correlation(&[1.0, 2.0, 2.0, 4.0], &[1.0, 2.0, 2.0, 9.0]), 1.0);
    assert_eq!(mean_absolute_change(&[1, 2, 0], &[2, 2, 3]), 0.5);
    // Two columns of equal weight, one for each: neither outranks the other.
    assert_eq!(copeland(&outranking(&[&[1.0, 2.0], &[2.0, 1.0]], &[0.3, 0.3]), 2), [0.0, 0.0]);
}

#[test]
fn winsorising_that_is_not_enough_gives_way_to_a_logarithm_of_the_untreated() {
    let mut column: Vec<f64> = (1..=20).map(f64::from).collect();
    column.extend([1e3, 1e4, 1e5, f64::NAN]);
    let untreated = column.clone();
    let treated = treat_column(&mut column, &Treatment { winmax: Some(1), ..Treatment::default() });
    assert_eq!(treated.winsorised.unwrap().0, 1);
    assert_eq!(treated.winsorised.unwrap().1.pass, Some(false));
    assert!(treated.transformed.is_some());
    for (value, raw) in column.iter().zip(&untreated).filter(|(_, raw)| !raw.is_nan()) {
        assert_eq!(*value, libm::log(raw - 1.0 + 0.01 * (1e5 - 1.0)));
    }
    // Tied extremes move together, and the values below them at the next step.
    let mut column = vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 900.0, 900.0];
    let treatment = Treatment { skewness: 0.5, kurtosis: 0.0, winmax: None, transform: Transform::Nothing };
    let treated = treat_column(&mut column, &treatment);
    assert_eq!(treated.winsorised.unwrap().0, 2);
    assert_eq!(column[12..], [11.0, 11.0]);
}

#[test]
fn missing_children_and_refused_values() {
    let nan = f64::NAN;
    let columns: [&[f64]; 2] = [&[2.0, nan, nan], &[8.0, 8.0, nan]];
    for (mean, first) in [
        (Mean::Arithmetic, 5.0),
        (Mean::Geometric, 4.0),
        (Mean::Harmonic, 3.2),
        (Mean::Power(f64::NEG_INFINITY), 2.0),
        (Mean::Power(f64::INFINITY), 8.0),
        (Mean::Power(0.0), 4.0),
        (Mean::Power(1.0), 5.0),
    ] {
        let values = combined(&columns, mean).unwrap();
        assert!((values[0] - first).abs() < 1e-12 && (values[1] - 8.0).abs() < 1e-12, "{mean:?}: {values:?}");
        assert!(values[2].is_nan());
    }
    for mean in [Mean::Geometric, Mean::Harmonic, Mean::Power(-2.0), Mean::GeometricOfLosses { top: 2.0 }] {
        assert!(combined(&[&[0.0, 3.0], &[0.0, 0.0]], mean).is_err(), "{mean:?}");
    }
    assert!(combined(&[&[f64::INFINITY]], Mean::Arithmetic).is_err());
    let copeland = combined(&columns, Mean::Copeland).unwrap();
    assert_eq!(copeland[..2], [0.0, 0.0]);
    assert!(copeland[2].is_nan());
    // A unit with half of the children, and a threshold of more.
    let structure = tree(2);
    let table = Table::new(3, vec!["i0".to_owned(), "i1".to_owned()], columns.concat()).unwrap();
    let how = Aggregation { means: vec![Mean::Arithmetic], threshold: Some(0.6) };
    let blocks = Blocks::whole(3);
    let out = aggregate(&table, &structure, &structure.weights(), &how, &units(3), &blocks).unwrap();
    assert_eq!(out.column(2)[0], 5.0);
    assert!(out.column(2)[1].is_nan());
    let how = Aggregation::of(Mean::Copeland);
    let marks = [false; 6];
    assert!(
        bounds(&table, &marks, (0.0, 1.0), &structure, &structure.weights(), &how, &units(3), &blocks)
            .is_err()
    );
}

#[test]
fn noise_comes_from_the_uniforms_that_are_given() {
    let structure = method().structure;
    let weights = structure.weights();
    let noisy = noisy_weights(&structure, &weights, &[(2, 0.25)], &mut [0.0, 0.5].into_iter()).unwrap();
    assert_eq!(noisy, [1.0, 1.0, 1.0, 1.0, 3.0, 0.75, 2.0, 1.0]);
    assert!(noisy_weights(&structure, &weights, &[(2, 0.25)], &mut [0.0].into_iter()).is_err());
    let effective = effective_weights(&structure, &weights);
    assert!((effective[..5].iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((effective[4] - 0.4).abs() < 1e-12);
}
