//! Methods and data that are refused, and where the refusal points.

use std::time::{Duration, Instant};

use super::traps::{METHOD, method};
use super::*;

fn refusal(from: &str, to: &str) -> String {
    assert!(METHOD.contains(from), "{from}");
    IndexMethod::parse(&METHOD.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn denominators_come_from_another_table_and_are_not_zero() {
    let method = IndexMethod::parse(
        "indicator = [{ code = \"a\", parent = \"I\", denominator = \"size\", scale = 1000 }]
         group = [{ code = \"I\" }]
         data = { denominators = [\"size\"] }",
    )
    .unwrap();
    let index = method.index("uCode,a,size\np,1,1\nq,4,1\nr,,0\n").unwrap();
    let size = ["size".to_owned()];
    let other = index.with_denominators("code,size\nr,5\nq,8\np,4\nz,9\n", "code", &size).unwrap();
    let run = method.pipeline.run(&other).unwrap();
    assert_eq!(run.denominated.column(0)[..2], [250.0, 500.0]);
    assert!(run.denominated.column(0)[2].is_nan());
    let absent = index.with_denominators("code,size\nq,8\np,4\n", "code", &size).unwrap_err().to_string();
    assert_eq!(absent, "denominators: no row for unit `r`");
    let zero = method.run("uCode,a,size\np,1,0\n").unwrap_err().to_string();
    assert_eq!(zero, "denominate, unit `p`, `size`: found 0, expected a denominator other than 0");
}

#[test]
fn a_spoilt_method_is_refused_with_its_line() {
    for (from, to, expected) in [
        ("winmax = 1", "winmaxx = 1", "line 4: unknown field `winmaxx`"),
        ("\"minmax\"", "\"minimax\"", "line 5: found `minimax`, expected `minmax`, `zscore`"),
        ("\"geometric\"", "\"median\"", "line 6: found `median`, expected `arithmetic`"),
        ("\"mean\"", "\"mode\"", "line 3: found `mode`, expected `mean` or `median`"),
        ("\"mean\"", "\"mean\", grouping = \"x\"", "line 3: found `x`, expected one of the groupings"),
        ("upper = 100", "mean = 100", "line 5: `mean` is not an option of the method `minmax`"),
        ("upper = 100", "upper = nan", "line 5: found NaN, expected a finite number"),
        ("upper = 100", "upper = 0", "line 5: found lower 1 and upper 0"),
        ("weight = 2", "weight = -2", "line 10: `B`: found weight -2"),
        ("weight = 3", "weight = nan", "line 17: `b3`: found weight NaN"),
        ("\"b1\", parent = \"B\"", "\"b1\", parent = \"X\"", "line 15: `b1`: found parent `X`"),
        (
            "\"b1\", parent = \"B\"",
            "\"b1\", parent = \"a1\"",
            "line 15: `b1`: its parent `a1` is an indicator",
        ),
        ("\"b2\", parent", "\"b1\", parent", "line 16: `b1`: the code stands twice"),
        (
            "{ code = \"Index\" }",
            "{ code = \"Index\", parent = \"A\" }",
            "is its own ancestor: `Index` in `A` in `Index`",
        ),
        ("\"A\", parent = \"Index\"", "\"A\"", "a second top"),
        ("direction = -1", "direction = 2", "line 14: found direction 2, expected 1 or -1"),
        ("direction = -1", "denominator = \"GDP\"", "line 14: `a2`: found denominator `GDP`"),
        ("direction = -1", "normalise = { method = \"distance-to-target\" }", "line 14: `a2` has no target"),
        ("weight = 2", "direction = -1", "line 10: `B`: `direction` is for indicators"),
        ("name = \"Small\"", "name = ", "line 1: "),
    ] {
        let found = refusal(from, to);
        assert!(found.contains(expected), "{found}\nexpected {expected}");
    }
    let zero = METHOD
        .replace("\"a1\", parent = \"A\"", "\"a1\", parent = \"A\", weight = 0")
        .replace("direction = -1", "weight = 0");
    let found = IndexMethod::parse(&zero).unwrap_err().to_string();
    assert!(found.contains("line 9: `A`: the weights of its children add up to 0"), "{found}");
}

#[test]
fn spoilt_data_are_refused_with_row_and_column() {
    let refused = |text: &str| method().run(text).unwrap_err().to_string();
    let head = "place,side,a1,a2,b1,b2,b3\n";
    assert_eq!(
        refused(&format!("{head}p,x,1,2,3,4,5\nq,x,1,2,three,4,5\n")),
        "data, row 3, column `b1`: found `three`, expected a finite number or nothing"
    );
    assert!(refused(&format!("{head}p,x,1,2,3,4,inf\n")).contains("found `inf`"));
    assert!(refused(&format!("{head}p,x,1,2,3,4,5\np,x,1,2,3,4,5\n")).contains("row 3, column `place`"));
    assert_eq!(refused("place,side,a1\n"), "data: column `a2` is absent, expected it");
    assert!(refused(&format!("{head}p,x,1\n")).contains("line: 2"));
    let meta = "Level,iCode,Direction,Weight,Parent,Type\n1,a,1,1,I,Indicatr\n2,I,1,1,,Aggregate\n";
    let found = Index::from_csv("", meta).unwrap_err().to_string();
    assert!(found.starts_with("iMeta, row 2, column `Type`: found `Indicatr`"), "{found}");
    let found =
        Index::from_csv("", &meta.replace("Indicatr", "Indicator").replace("I,Ind", "J,Ind")).unwrap_err();
    assert!(found.to_string().starts_with("iMeta: row 2, `a`: found parent `J`"), "{found}");
}

#[test]
fn ten_thousand_nodes_are_read_at_once_and_too_many_are_refused() {
    let start = Instant::now();
    let wide: String =
        (0..10_000).map(|n| format!("[[indicator]]\ncode = \"i{n}\"\nparent = \"I\"\n")).collect();
    let method = IndexMethod::parse(&format!("[[group]]\ncode = \"I\"\n{wide}")).unwrap();
    assert_eq!(method.structure.nodes().len(), 10_001);
    let deep: String =
        (1..10_000).map(|n| format!("[[group]]\ncode = \"g{n}\"\nparent = \"g{}\"\n", n - 1)).collect();
    let deep = format!("[[group]]\ncode = \"g0\"\n{deep}[[indicator]]\ncode = \"i\"\nparent = \"g9999\"\n");
    let method = IndexMethod::parse(&deep).unwrap();
    assert_eq!(method.structure.levels(), 10_001);
    let run = method.run("uCode,i\na,1\nb,2\n").unwrap();
    assert_eq!(run.ranks, [2, 1]);
    let cycle = deep.replacen("code = \"g0\"\n", "code = \"g0\"\nparent = \"g9999\"\n", 1);
    assert!(IndexMethod::parse(&cycle).unwrap_err().to_string().contains("own ancestor"));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let many = vec![Draft::group("g", None); MAX_NODES + 1];
    assert!(Structure::new(many).unwrap_err().to_string().contains("expected at most 100000"));
}
