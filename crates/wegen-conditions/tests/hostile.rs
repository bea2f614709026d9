//! Method files that must not be used end in an error that names the line.

#![allow(clippy::unwrap_used, reason = "a test stops where anything is not as it should be")]

use wegen_conditions::{Method, MethodError};

const HEAD: &str = "method = { id = \"x\", version = \"1\", threshold = 50, power = 0, title = { en = \"X\", nl = \"X\" } }\n";

fn known(indicator: &str) -> bool {
    indicator == "water-days"
}

fn leaf(id: &str, more: &str) -> String {
    format!(
        "[[node]]\nid = \"{id}\"\nlabel = {{ en = \"A\", nl = \"A\" }}\nindicator = \"water-days\"\n{more}\n"
    )
}

fn refused(text: &str) -> MethodError {
    let error = Method::parse("m.toml", text, &known).unwrap_err();
    assert!(error.to_string().starts_with(&format!("m.toml: line {}: ", error.line)), "{error}");
    error
}

#[test]
fn each_fault_is_named_with_its_line() {
    let good = leaf("a", "role = \"dimension\"\nfloor = 30\ngoalposts = { floor = 0, target = 7 }");
    assert!(Method::parse("m.toml", &format!("{HEAD}{good}"), &known).is_ok());
    let group = |id: &str, parent: &str| {
        format!("[[node]]\nid = \"{id}\"\nparent = \"{parent}\"\nlabel = {{ en = \"A\", nl = \"A\" }}\n")
    };
    let with = |from: &str, to: &str| {
        let changed = good.replace(from, to);
        assert_ne!(changed, good);
        format!("{HEAD}{changed}")
    };
    let cases = [
        (format!("{HEAD}{good}{}{}", group("b", "c"), group("c", "b")), 10, "belongs to itself"),
        (with("target = 7", "target = -1"), 7 + 1, "better side of the floor"),
        (with("target = 7", "target = 0"), 8, "better side of the floor"),
        (with("target = 7", "target = nan"), 8, "better side of the floor"),
        (with("water-days", "water-weeks"), 5, "there is no indicator `water-weeks`"),
        (with("floor = 30", "floor = 130"), 7, "from 0 to 100"),
        (with("floor = 30", "floor = 30\nweight = { low = 0.2, high = 0.9 }"), 3, "weights"),
        (with("floor = 30", "weight = -1\nfloor = 30"), 7, "0 or more"),
        (with("role", "roll"), 6, "unknown field"),
        (with("\"a\"", "\"A b\""), 3, "letters"),
        (format!("{HEAD}{good}{good}"), 10, "stands twice"),
        (format!("{HEAD}{good}{}", group("b", "nowhere")), 11, "no node `nowhere`"),
        (format!("{HEAD}{good}[[order]]\nabove = \"a\"\nbelow = \"b\"\n"), 9, "a dimension"),
        (
            format!("{HEAD}{good}[[narrow]]\nnode = \"a\"\nrule = \"last-value\"\nwiden = -1\nmonths = 3\n"),
            9,
            "0 or more",
        ),
        (
            format!("{HEAD}{good}[[narrow]]\nnode = \"b\"\nrule = \"neighbours\"\nwiden = 1\n"),
            9,
            "id of a leaf",
        ),
        (format!("{HEAD}{}", good.replace("floor = 30\n", "")), 1, "at least one criterion"),
        (HEAD.replace("threshold = 50", "threshold = 150") + &good, 1, "threshold 150"),
        (HEAD.replace("power = 0", "power = 2") + &good, 1, "at most 1"),
        (with("floor = 30", "floor = 30\nweight = { lo = 0.1, hi = 0.4 }"), 8, "RawWeight"),
        (with("floor = 30", "floor = 30\nreading = { months = 3000000000 }"), 3, "at most 1200"),
        (with("floor = 30", "floor = 30\nreading = { range = [nan, 100] }"), 3, "two finite ends"),
        (with("floor = 30", "floor = 30\nreading = { range = [100, 0] }"), 3, "two finite ends"),
        (
            format!("{HEAD}{good}[[narrow]]\nnode = \"a\"\nrule = \"neighbours\"\nwiden = 1\nwide = 2\n"),
            9,
            "unknown field",
        ),
        (
            format!(
                "{HEAD}{good}[[narrow]]\nnode = \"a\"\nrule = \"last-value\"\nwiden = 1\nmonths = 20000000\n"
            ),
            9,
            "at most 60",
        ),
        (HEAD.replace("power = 0", "power = 0, persistence = 1200") + &good, 1, "1 to 60"),
        (
            format!("{HEAD}{good}{}", leaf("b", "role = \"floors\"\ngoalposts = { floor = 0, target = 7 }")),
            10,
            "no floor",
        ),
        ("not = [toml".to_owned(), 1, ""),
        (String::new(), 1, "method"),
    ];
    for (text, line, message) in cases {
        let error = refused(&text);
        assert_eq!(error.line, line, "{error}\n{text}");
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn ten_thousand_nodes_are_refused_with_the_line_of_the_first_too_many() {
    let many: String = (0..10_000)
        .map(|i| leaf(&format!("n{i}"), "role = \"context\"\ngoalposts = { floor = 0, target = 7 }"))
        .collect();
    let error = refused(&format!("{HEAD}{many}"));
    assert!(error.message.contains("10000 nodes") && error.message.contains("1000"), "{error}");
    assert!(error.line > 6000 && error.line < 7100, "{error}");
}

#[test]
fn a_deep_chain_is_read() {
    let mut text = HEAD.to_owned();
    for i in 0..999 {
        let more = if i == 0 {
            "role = \"dimension\"\nfloor = 1\n".to_owned()
        } else {
            format!("parent = \"n{}\"\n", i - 1)
        };
        text += &format!("[[node]]\nid = \"n{i}\"\nlabel = {{ en = \"A\", nl = \"A\" }}\n{more}");
    }
    text += &leaf("end", "parent = \"n998\"\ngoalposts = { floor = 0, target = 7 }");
    let method = Method::parse("m.toml", &text, &known).unwrap();
    assert_eq!(method.leaves.len(), 1);
}
