//! Time of the ASEM index: one run, 1,000 replications, 6,000 runs, all 2,000 cells. Medians of 15, on one core.
//!
//! For comparison, on the same index: COINr 1.1.14 takes 138.6 s for 1,000 replications and 1,007 s for the
//! variance-based 6,000; a NumPy replay of the 1,000 takes 0.4 to 0.5 s.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use wegen_conditions::composite::{
    Aggregation, Choice, CompositeError, Design, Factor, IndexMethod, Mean, Normalisation, Treatment, replay,
};

const METHOD: &str = include_str!("../../../methods/asem.toml");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/asem");
    if !folder.is_dir() {
        println!("skipped: no {}", folder.display());
        return Ok(());
    }
    let read = |file: &str| std::fs::read_to_string(folder.join(file));
    let (data, weights, design) =
        (read("input_iData.csv")?, read("mc_noisy_weights.csv")?, read("mc_UA_design.csv")?);
    let method = IndexMethod::parse(METHOD)?;
    let index = method.index(&data)?;
    let factors = factors(&weights, method.pipeline.treat.unwrap_or_default())?;

    print("read the method and the data", None, median(|| IndexMethod::parse(METHOD)?.index(&data))?);
    print("one run of all stages", None, median(|| method.pipeline.run(&index))?);

    let thousand = Design::from_csv(factors.clone(), &design)?;
    let limit = Some(Duration::from_millis(50));
    print(
        "1,000 replications (COINr 138.6 s, NumPy 0.45 s)",
        limit,
        median(|| replay(&index, &method.pipeline, &thousand))?,
    );
    // The layout of Saltelli's design, from a sequence that fills the cube evenly: 1,000 x (4 + 2) runs.
    let (a, b): (Vec<_>, Vec<_>) = (0..1_000).map(|n| (point(n, 0), point(n, 4))).unzip();
    let mut uniforms = Vec::new();
    for (a, b) in a.iter().zip(&b) {
        uniforms.extend(a);
        uniforms.extend(b);
        for factor in 0..4 {
            let mut mixed = *a;
            mixed[factor] = b[factor];
            uniforms.extend(mixed);
        }
    }
    let six = Design::from_uniforms(factors.clone(), &uniforms)?;
    let limit = Some(Duration::from_millis(400));
    print(
        "6,000 variance-based runs (COINr 1,007 s)",
        limit,
        median(|| replay(&index, &method.pipeline, &six))?,
    );
    let full = Design::full(factors)?;
    print("all 2,000 cells of the design", None, median(|| replay(&index, &method.pipeline, &full))?);
    Ok(())
}

fn print(what: &str, limit: Option<Duration>, median: Duration) {
    let limit = limit.map_or(String::new(), |l| format!(", limit {l:.0?}"));
    println!("{what}: {median:.2?}{limit}");
}

fn median<T>(run: impl Fn() -> Result<T, CompositeError>) -> Result<Duration, CompositeError> {
    let mut times = Vec::new();
    for _ in 0..15 {
        let start = Instant::now();
        black_box(run()?);
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[times.len() / 2])
}

/// Additive recurrence with square roots of primes.
fn point(n: u32, from: usize) -> [f64; 4] {
    const PRIMES: [f64; 8] = [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0];
    std::array::from_fn(|f| (0.5 + f64::from(n) * PRIMES[from + f].sqrt()).fract())
}

fn factors(weights: &str, treatment: Treatment) -> Result<Vec<Factor>, Box<dyn std::error::Error>> {
    let mut sets: BTreeMap<u32, Vec<(String, f64)>> = BTreeMap::new();
    for row in csv::Reader::from_reader(weights.as_bytes()).deserialize() {
        let (set, code, _level, weight): (u32, String, u32, f64) = row?;
        sets.entry(set).or_default().push((code, weight));
    }
    let winmax = |n| Choice::Treat(Some(Treatment { winmax: Some(n), ..treatment }));
    let minmax = Choice::Normalise(Normalisation::MinMax { lower: 1.0, upper: 100.0 });
    let zscore = Choice::Normalise(Normalisation::ZScore { mean: 10.0, deviation: 2.0 });
    let mean = |m| Choice::Aggregate(Aggregation::of(m));
    let factor = |name: &str, options: Vec<(String, Choice)>| Factor { name: name.to_owned(), options };
    Ok(vec![
        factor("winmax", (1..=5).map(|n| (n.to_string(), winmax(n))).collect()),
        factor("norm", vec![("minmax_1_100".to_owned(), minmax), ("zscore_10_2".to_owned(), zscore)]),
        factor("weight_set", sets.into_iter().map(|(n, w)| (n.to_string(), Choice::Weights(w))).collect()),
        factor(
            "agg",
            vec![
                ("a_amean".to_owned(), mean(Mean::Arithmetic)),
                ("a_gmean".to_owned(), mean(Mean::Geometric)),
            ],
        ),
    ])
}
