//! Files beyond reason are refused where they go beyond it, by row and column, and without holding them.

use std::io::Write;

use wegen_sources::{File, MAX_WHOLE, parser, unpack};

const HEADER: &str =
    "year,coo_iso,coa_iso,refugees,asylum_seekers,returned_refugees,idps,returned_idps,stateless,ooc";
const ROW: &str = "2024,SYR,TUR,1,2,3,4,5,6,7";

fn refused(source: &str, bytes: impl Into<Vec<u8>>, says: &[&str]) {
    let file = File::new("given", bytes);
    let error =
        parser(source).expect("a source of ours").parse(&[file]).expect_err("it is refused").to_string();
    for said in says {
        assert!(error.contains(said), "{error}\nsays nothing of {said}");
    }
    assert!(error.len() < 1_000, "{} characters", error.len());
}

#[test]
fn a_long_cell_is_named_by_row_and_column() {
    let long = "x".repeat(2 << 20);
    let says = ["row 3, column `coa_iso`", "more than 1 MiB of text", "at most 1 MiB in a cell"];
    // It ends within the longest row, or nowhere.
    refused("unhcr-population", format!("{HEADER}\n{ROW}\n2024,SYR,{long},1,2,3,4,5,6,7\n"), &says);
    let endless = "x".repeat(20 << 20);
    refused("unhcr-population", format!("{HEADER}\n{ROW}\n2024,SYR,{endless}"), &says);
    refused("unhcr-population", format!("{HEADER}\n{ROW}\n2024,SYR,\"{endless}"), &says);
    refused("unhcr-population", "x".repeat(20 << 20), &["row 1, column `1`", "more than 1 MiB of text"]);
    refused("worldbank-wdi", "x".repeat(20 << 20), &["row 1, column `1`", "more than 1 MiB of text"]);
    let document = format!("{{\"items\": [{{\"year\": \"2024\", \"coo_iso\": \"{long}\"}}]}}");
    refused("unhcr-population", document, &["item 0, column `coo_iso`", "more than 1 MiB of text"]);
    let document = format!("{{\"items\": [{{\"year\": \"2024\", \"coo_iso\": \"{endless}\"}}]}}");
    refused("unhcr-population", document, &["item 0, column `coo_iso`", "more than 4 MiB in one item"]);
}

#[test]
fn a_row_without_an_end_is_named() {
    let commas = ",".repeat(20 << 20);
    refused(
        "unhcr-population",
        format!("{HEADER}\n{ROW}\n{commas}\n"),
        &["row 3, column", "more than 4 MiB in one row", "a row that ends before that"],
    );
    let numbers = "1,".repeat(4 << 20);
    refused(
        "unhcr-population",
        format!("{{\"items\": [{{}}, {{\"year\": [{numbers}1]}}]}}"),
        &["item 1, column `year`", "more than 4 MiB in one item"],
    );
}

#[test]
fn a_table_is_no_wider_than_a_spreadsheet() {
    let wide = |count: usize| (0..count).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    refused("unhcr-population", wide(100_000), &["row 1", "100000 columns", "at most 16384"]);
    refused("worldbank-wdi", wide(100_000), &["row 1", "100000 columns", "at most 16384"]);
    refused("unhcr-population", "year,".repeat(1_000_000), &["row 1, column", "more than 4 MiB in one row"]);
    refused("unhcr-population", "year,".repeat(10_000), &["the column `year` twice"]);
    let members = |names: &dyn Fn(usize) -> String| {
        let items: Vec<String> = (0..20_000).map(names).collect();
        items.join(",")
    };
    let of_many = members(&|n| format!("{{\"year\": 2024, \"m{n}\": 1}}"));
    refused(
        "unhcr-population",
        format!("{{\"items\": [{of_many}]}}"),
        &["item 16383, column `m16383`", "more than the 16384 different ones"],
    );
    let of_one = members(&|n| format!("\"m{n}\": 1"));
    refused(
        "unhcr-population",
        format!("{{\"items\": [{{{of_one}}}]}}"),
        &["item 0, column `m16384`", "more than 16384 members"],
    );
}

#[test]
fn a_document_is_not_deeper_than_its_reader_follows() {
    let deep = format!("{{\"items\": [{{\"year\": {}1{}}}]}}", "[".repeat(100_000), "]".repeat(100_000));
    refused("unhcr-population", deep, &["line 1", "recursion limit", "a JSON document"]);
    let twice = r#"{"items": [], "items": []}"#;
    refused("unhcr-population", twice, &["the member `items` twice", "each member once"]);
}

#[test]
fn what_is_read_as_a_whole_is_not_larger_than_that() {
    let filled = " ".repeat(MAX_WHOLE as usize);
    let topology = format!("{{\"type\": \"Topology\",{filled}\"arcs\": []}}");
    refused("ocha-cod-ab", topology, &["`given`, the file", "at most 32 MiB", "read as a whole"]);
    let values = "1,".repeat(4_000_000);
    let topology = format!("{{\"type\": \"Topology\", \"arcs\": [{values}1]}}");
    refused("ocha-cod-ab", topology, &["the document", "at most three million"]);
}

#[test]
fn a_large_member_of_an_archive_is_read_like_a_small_one() {
    // More than is kept in memory, so that it lies on disk, beside others that lie there too.
    let rows = |n: usize| format!("{HEADER}\n{}", format!("{ROW}\n").repeat(n));
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, count) in [("a.csv", 250_000), ("b.csv", 3), ("c.csv", 200_000)] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(rows(count).as_bytes()).unwrap();
    }
    let files = unpack(&File::new("all.zip", writer.finish().unwrap().into_inner())).unwrap();
    assert_eq!(files.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["a.csv", "b.csv", "c.csv"]);
    let read = parser("unhcr-population").unwrap().parse(&files).unwrap();
    assert_eq!(read.rows_read, 450_003);
    assert_eq!(read.records.len(), 7 * 450_003);
    assert!(files[0] == File::new("a.csv", rows(250_000)) && files[1] == File::new("b.csv", rows(3)));
}
