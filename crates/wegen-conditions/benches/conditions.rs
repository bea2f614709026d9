//! A national assessment, and growth with the number of cells: `cargo bench -p wegen-conditions --bench conditions`.
//!
//! Limits: 300 areas × 48 months × 20 criteria × 1,000 draws in 10 s on two cores and 1 GB; time linear in cells ×
//! draws up to a million cells.

use std::time::Instant;

use wegen_conditions::{Assessment, Cell, Method, Plan, Stream, simulate_all};

/// Twenty leaves in five dimensions and one group of floors.
fn method() -> Method {
    let mut text = String::from(
        "method = { id = \"bench\", version = \"1\", threshold = 50, power = 0, title = { en = \"B\", nl = \"B\" } }\n",
    );
    let label = "label = { en = \"A\", nl = \"A\" }";
    for group in 0..6 {
        let role = if group == 5 { "floors" } else { "dimension" };
        let weight = if group == 5 { "" } else { "weight = { low = 0.1, high = 1 }\n" };
        let power = ["1", "0", "-1", "\"weakest\"", "1", "\"weakest\""][group];
        text += &format!(
            "[[node]]\nid = \"g{group}\"\nrole = \"{role}\"\nfloor = 30\npower = {power}\n{weight}{label}\n"
        );
        let leaves = if group < 2 { 4 } else { 3 };
        for leaf in 0..leaves {
            text += &format!(
                "[[node]]\nid = \"l{group}-{leaf}\"\nparent = \"g{group}\"\nindicator = \"x\"\ngoalposts = {{ floor = 0, target = 1 }}\n{label}\n"
            );
        }
    }
    match Method::parse("bench.toml", &text, &|_| true) {
        Ok(method) => method,
        Err(error) => panic!("{error}"),
    }
}

/// Cells of which a tenth is missing and a third a range.
fn cells(places: usize, leaves: usize) -> Vec<Vec<Cell>> {
    let mut stream = Stream::new(1, "bench", 0);
    (0..places)
        .map(|_| {
            (0..leaves)
                .map(|_| match (stream.uniform(), stream.uniform(), stream.uniform()) {
                    (kind, ..) if kind < 0.1 => Cell::missing(),
                    (kind, a, b) if kind < 0.4 => Cell::between(a.min(b), a.max(b)),
                    (_, a, _) => Cell::at(a),
                })
                .collect()
        })
        .collect()
}

fn main() {
    let method = method();
    let leaves = method.leaves.len();
    let time = |places: usize, draws: usize| {
        let cells = cells(places, leaves);
        let start = Instant::now();
        for c in &cells {
            std::hint::black_box(Assessment::of(&method, c));
        }
        let assessed = start.elapsed().as_secs_f64();
        let plan = Plan::new(&method, draws, 1);
        let all: Vec<(u64, Vec<&[Cell]>)> =
            cells.iter().enumerate().map(|(i, c)| (i as u64, vec![c.as_slice()])).collect();
        let start = Instant::now();
        std::hint::black_box(simulate_all(&plan, &all));
        (assessed, start.elapsed().as_secs_f64())
    };
    let (assessed, drawn) = time(300 * 48, 1000);
    println!(
        "300 areas × 48 months × {leaves} criteria: {assessed:.2} s for intervals and verdicts, one core"
    );
    println!("  × 1,000 draws: {drawn:.2} s on {} threads (limit 10 s on two)", rayon::current_num_threads());
    println!("growth, 100 draws a place:");
    for places in [500, 5_000, 50_000] {
        let cells = places * leaves;
        let (_, drawn) = time(places, 100);
        println!(
            "  {cells:>9} cells: {drawn:.3} s, {:.0} ns a cell and draw",
            drawn * 1e9 / (cells * 100) as f64
        );
    }
}
