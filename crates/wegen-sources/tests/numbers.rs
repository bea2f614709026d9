//! Numbers of another locale: what is read, what is noted, and what is refused with its place.

#![allow(clippy::unwrap_used)]

use wegen_model::Record;
use wegen_sources::{File, Parsed, SourceError, parser};

const GROUPED: &str = "counts with a separator of thousands";
const GROUPED_MEASURES: &str = "numbers with a separator of thousands";
const DECIMAL_COMMA: &str = "numbers with a decimal comma";
const ONE_OR_A_THOUSAND: &str = "expected a count: `1.000` may be one or a thousand";

fn parse(source: &str, text: &str) -> Result<Parsed, SourceError> {
    parser(source).unwrap().parse(&[File::new("hpc_hno_2024.csv", text)])
}

fn read(source: &str, text: &str) -> Parsed {
    parse(source, text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn values(parsed: &Parsed) -> Vec<f64> {
    let value = |r: &Record| match r {
        Record::Observation(o) => o.value,
        Record::Incident(i) => f64::from(i.total.unwrap()),
        Record::Event(e) => e.best.into(),
        Record::Area(_) => panic!("an area has no number"),
    };
    parsed.in_file_order().unwrap().into_iter().map(value).collect()
}

fn refused(source: &str, text: &str, says: &[&str]) {
    let error = parse(source, text).err().unwrap_or_else(|| panic!("{source} reads\n{text}")).to_string();
    for said in says {
        assert!(error.contains(said), "{error}\nsays nothing of {said}, of\n{text}");
    }
}

/// A table with a row for each cell, with `between` its fields: every cell in quotes, the row as `%` says.
fn table(between: char, header: &str, row: &str, cells: &[&str]) -> String {
    let lines = cells.iter().map(|cell| row.replace('%', &format!("\"{cell}\"")));
    let lines: Vec<String> = std::iter::once(header.to_owned()).chain(lines).collect();
    lines.join("\n").replace('|', &between.to_string()) + "\n"
}

fn displaced(between: char, cells: &[&str]) -> String {
    table(between, "geo|t|cause|n", "SYR|2023|conflict|%", cells)
}

fn registered(between: char, cells: &[&str]) -> String {
    let header = "year|coo_name|coo|coo_iso|coa_name|coa|coa_iso|total";
    table(between, header, "2025|Palestinian|GAZ|PSE|Lebanon|LEB|LBN|%", cells)
}

fn tracked(between: char, cells: &[&str]) -> String {
    let header = "operation|admin0Pcode|admin1Pcode|admin2Pcode|numPresentIdpInd|reportingDate|roundNumber|assessmentType";
    table(between, header, "Op|SDN|SD11|SD11053|%|2024-12-17|18|BA", cells)
}

fn events(between: char, cells: &[&str]) -> String {
    let header = "id|year|type_of_violence|where_prec|adm_1|country_id|date_start|date_end|best|low|high|deaths_civilians";
    table(between, header, "1|2023|1|1|Khartoum|625|2023-04-15|2023-04-15|%|0|9999999|0", cells)
}

fn needs(between: char, cells: &[&str]) -> String {
    let header = "Country ISO3|Description|Cluster|Population|In Need|Targeted|Affected";
    table(between, header, "SDN|Health|HEA|||%|", cells)
}

fn access(between: char, cells: &[&str]) -> String {
    table(between, "code|year|electrical_access", "SYR|2023|%", cells)
}

fn incidents(between: char, cells: &[&str]) -> String {
    let header = "web_id|reported_date|number_dead|number_missing|total_dead_and_missing|cause_death|\
                  country_of_incident|migration_route|location_coodinates";
    table(between, header, "2024.MMP1|2024-02-29|||%|Drowning|Libya||", cells)
}

/// The sources whose figures are whole, each with its table and the name of the column.
type Table = fn(char, &[&str]) -> String;
const COUNTS: [(&str, Table, &str); 4] = [
    ("idmc", displaced, "n"),
    ("unrwa", registered, "total"),
    ("iom-dtm", tracked, "numPresentIdpInd"),
    ("ucdp-ged", events, "best"),
];

#[test]
fn a_column_that_is_grouped_by_one_rule_is_read_and_noted() {
    for (source, table, _) in COUNTS {
        for between in [',', ';'] {
            for cells in [
                ["1,234,567", "1,022", "7"],
                ["1.234.567", "1.022", "7"],
                ["1 234 567", "1 022", "7"],
                ["1\u{a0}234\u{a0}567", "1\u{a0}022", "7"],
                ["1\u{202f}234\u{202f}567", "1\u{202f}022", "7"],
                ["1'234'567", "1'022", "7"],
                // The cell that shows the rule may stand below the one that needs it.
                ["7", "1.022", "1.234.567"],
            ] {
                let parsed = read(source, &table(between, &cells));
                let mut found = values(&parsed);
                found.sort_by(f64::total_cmp);
                assert_eq!(found, [7.0, 1_022.0, 1_234_567.0], "{source} {cells:?}");
                assert_eq!(parsed.quality.count(GROUPED), 2, "{source} {cells:?}");
            }
        }
        let plain = read(source, &table(',', &["1022", "12.0", "1e+05"]));
        assert_eq!(values(&plain), [1_022.0, 12.0, 100_000.0], "{source}");
        assert_eq!(plain.quality.count(GROUPED), 0, "{source}: digits need no note");
    }
}

#[test]
fn one_thousand_is_never_one_in_silence() {
    for (source, table, column) in COUNTS {
        for cells in [["7", "1.000"], ["12.500", "7"], ["1.022", "12.0"], ["1.234", "1.235"]] {
            let row = if cells[0] == "7" { 3 } else { 2 };
            let found = if cells[0] == "7" { cells[1] } else { cells[0] };
            let place = format!("`hpc_hno_2024.csv`, row {row}, column `{column}`: found `{found}`");
            refused(source, &table(',', &cells), &[&place, ONE_OR_A_THOUSAND]);
        }
        // With semicolons between the fields the comma is as open as the point.
        refused(source, &table(';', &["1,000", "7"]), &["row 2", "found `1,000`", ONE_OR_A_THOUSAND]);
    }
    // Four digits before the point are no group, and a fraction of people is no count.
    refused(
        "idmc",
        &displaced(',', &["1234.567"]),
        &["found `1234.567`, expected a whole number from zero up"],
    );
}

#[test]
fn a_grouped_count_beside_one_that_is_not_is_refused() {
    for (source, table, column) in COUNTS {
        let text = table(',', &["1,022", "7", "15000"]);
        refused(
            source,
            &text,
            &[
                &format!("row 4, column `{column}`: found `15000`"),
                "expected a number written like `1,022` in row 2",
            ],
        );
        let text = table(',', &["15000", "1,022"]);
        refused(source, &text, &["row 3", "found `1,022`", "written like `15000` in row 2"]);
        // A single space may part two numbers.
        refused(source, &table(',', &["85 000", "7"]), &["row 2", "found `85 000`", "it may be two numbers"]);
    }
}

#[test]
fn two_rules_in_one_column_are_refused_at_the_first_cell_that_contradicts() {
    for between in [',', ';'] {
        let text = access(between, &["10", "1,234.5", "1.234,5"]);
        let says: &[&str] = match between {
            ';' => &["row 4, column `electrical_access`: found `1.234,5`", "written like `1,234.5` in row 3"],
            _ => &["row 4, column `electrical_access`: found `1.234,5`", "only where semicolons separate"],
        };
        refused("owid-jmp", &text, says);
        let text = displaced(between, &["1,234,567", "7", "1.234.567", "1 234 567"]);
        refused(
            "idmc",
            &text,
            &["row 4, column `n`: found `1.234.567`", "written like `1,234,567` in row 2"],
        );
    }
    for cells in
        [["1 022", "1,234,567"], ["1,234,567", "1 022"], ["1.022", "1,234,567"], ["1'022", "1 234 567"]]
    {
        let says =
            [&format!("row 3, column `n`: found `{}`", cells[1])[..], &format!("`{}` in row 2", cells[0])];
        refused("idmc", &displaced(',', &cells), &says);
    }
    refused("owid-jmp", &access(';', &["12.5", "12,5"]), &["row 3", "found `12,5`", "`12.5` in row 2"]);
    refused(
        "owid-jmp",
        &access(';', &["12,5", "12.5", "9,1"]),
        &["row 3", "found `12.5`", "`12,5` in row 2"],
    );
    refused("owid-jmp", &access(',', &["12.345", "12,345"]), &["row 2", "one or a thousand"]);
}

#[test]
fn a_decimal_comma_is_read_only_where_semicolons_separate() {
    let parsed = read("owid-jmp", &access(';', &["12,5", "7", "100", "0,125"]));
    assert_eq!(values(&parsed), [12.5, 7.0, 100.0, 0.125]);
    assert_eq!(parsed.quality.count(DECIMAL_COMMA), 2);
    let parsed = read("owid-jmp", &access(';', &["1.234,5", "12,345", "2.000"]));
    assert_eq!(values(&parsed), [1_234.5, 12.345, 2_000.0], "the first shows what the others are");
    assert_eq!((parsed.quality.count(DECIMAL_COMMA), parsed.quality.count(GROUPED_MEASURES)), (2, 2));
    let parsed = read("idmc", &displaced(';', &["1 000 000,00", "7,0"]));
    assert_eq!(values(&parsed), [1_000_000.0, 7.0]);

    for cell in ["12,5", "0,125", "1 000 000,00"] {
        let says =
            ["row 3, column `electrical_access`", &format!("found `{cell}`"), "expected a number; a comma"];
        refused("owid-jmp", &access(',', &["7", cell]), &says);
        refused("idmc", &displaced(',', &["7", cell]), &[&format!("row 3, column `n`: found `{cell}`")]);
    }
    refused("owid-jmp", &access(',', &["7", "12,345"]), &["found `12,345`", "one or a thousand"]);
    refused("owid-jmp", &access(';', &["7", "12,345"]), &["found `12,345`", "one or a thousand"]);
    refused("idmc", &displaced(';', &["12,5"]), &["found `12,5`, expected a whole number from zero up"]);
}

#[test]
fn a_measure_with_a_point_is_a_decimal_whatever_follows_it() {
    let parsed = read("owid-jmp", &access(',', &["1.000", "12.5", "99.125", "0.001", "-1.5e-3"]));
    assert_eq!(values(&parsed), [1.0, 12.5, 99.125, 0.001, -0.0015]);
    assert!(parsed.quality.notes.is_empty(), "{:?}", parsed.quality);
    let grouped = read("owid-jmp", &access(',', &["1,234", "12.5", "1,234.75"]));
    assert_eq!(values(&grouped), [1_234.0, 12.5, 1_234.75]);
    assert_eq!(grouped.quality.count(GROUPED_MEASURES), 2);
    // A point that stands for decimals in one cell groups in none.
    refused(
        "owid-jmp",
        &access(',', &["12.5", "1.234.567"]),
        &["row 3", "found `1.234.567`", "`12.5` in row 2"],
    );
}

#[test]
fn people_in_fractions_stay_read_and_show_what_the_point_is() {
    let parsed = read("ocha-hno", &needs(',', &["77873.16", "1.000", "12.500"]));
    assert_eq!(values(&parsed), [77_873.16, 1.0, 12.5]);
    assert_eq!(parsed.quality.count("people in fractions, kept as published"), 2);
    refused(
        "ocha-hno",
        &needs(',', &["7", "1.000"]),
        &["row 3, column `Targeted`: found `1.000`", ONE_OR_A_THOUSAND],
    );
    let parsed = read("ocha-hno", &needs(',', &["1.234.567", "1.000"]));
    assert_eq!(values(&parsed), [1_234_567.0, 1_000.0]);
    assert_eq!(parsed.quality.count(GROUPED), 2);
    let parsed = read("ocha-hno", &needs(';', &["77.873,16", "1.000"]));
    assert_eq!(values(&parsed), [77_873.16, 1_000.0]);
}

#[test]
fn people_among_the_figures_of_the_world_bank_are_judged_as_people() {
    let long = |code: &str, cells: &[&str]| {
        table(',', "Country Code|Year|Indicator Code|Value", &format!("SYR|2023|{code}|%"), cells)
    };
    refused(
        "worldbank-wdi",
        &long("SP.POP.TOTL", &["1.000"]),
        &["row 2", "found `1.000`", ONE_OR_A_THOUSAND],
    );
    assert_eq!(values(&read("worldbank-wdi", &long("EG.ELC.ACCS.ZS", &["1.000"]))), [1.0]);

    let wide = |cells: [&str; 3]| {
        let row = |c: &str| format!("\"Syria\",\"SYR\",\"Access\",\"EG.ELC.ACCS.ZS\",\"{c}\",\"7\",\n");
        let header = "\"Data Source\",\"WDI\",\n\n\"Country Name\",\"Country Code\",\"Indicator Name\",\"Indicator Code\",\
                      \"2022\",\"2023\",\n";
        header.to_owned() + &cells.map(row).concat()
    };
    let parsed = read("worldbank-wdi", &wide(["1,234,567.5", "12.5", "1,022"]));
    assert_eq!(values(&parsed), [1_234_567.5, 7.0, 12.5, 7.0, 1_022.0, 7.0]);
    assert_eq!(parsed.quality.count(GROUPED_MEASURES), 2);
    let says = ["row 6, column `2022`: found `12,5`", "expected a number; a comma"];
    refused("worldbank-wdi", &wide(["1", "1,234", "12,5"]), &says);
    refused("worldbank-wdi", &wide(["12.5", "1,234", "1.234,5"]), &["row 6, column `2022`: found `1.234,5`"]);
}

#[test]
fn a_shipwreck_written_with_a_comma_counts_all_its_people() {
    for cells in [["7", "1,022", "12"], ["1500", "1,022", "12"], ["1,022", "1500", "12"]] {
        let parsed = read("iom-missing-migrants", &incidents(',', &cells));
        assert!(values(&parsed).contains(&1_022.0), "{cells:?}");
        assert_eq!(parsed.quality.count(GROUPED), 1);
    }
    assert_eq!(values(&read("iom-missing-migrants", &incidents(',', &["-1,022", "-5.0"]))), [-1_022.0, -5.0]);
    let text = incidents(',', &["7", "1.022"]);
    refused("iom-missing-migrants", &text, &["row 3", "found `1.022`", ONE_OR_A_THOUSAND]);
    for cell in ["12,5", "-1.5", "-1.022", "1,02", "1,0222", "-3000000000"] {
        refused("iom-missing-migrants", &incidents(',', &[cell]), &["row 2", &format!("found `{cell}`")]);
    }
}

#[test]
fn texts_of_json_are_judged_and_its_numbers_are_not() {
    let json = |cells: &[&str]| {
        let item = |cell: &&str| {
            format!(
                r#"{{"year":2025,"coo_iso":"SYR","coa_iso":"SYR","coo":"SYR","coa":"SYR","total":{cell}}}"#
            )
        };
        format!(r#"{{"items":[{}]}}"#, cells.iter().map(item).collect::<Vec<_>>().join(","))
    };
    let parsed = read("idmc", &json(&[r#""1.022""#, r#""1.234.567""#, "15000", "12.0"]));
    assert_eq!(values(&parsed), [1_022.0, 1_234_567.0, 15_000.0, 12.0]);
    assert_eq!(parsed.quality.count(GROUPED), 2);
    refused(
        "idmc",
        &json(&["7", r#""1.000""#]),
        &["item 1, column `total`: found `1.000`", ONE_OR_A_THOUSAND],
    );
    let says = ["item 1, column `total`: found `1.234.567`", "written like `1,022` in item 0"];
    refused("idmc", &json(&[r#""1,022""#, r#""1.234.567""#]), &says);
    refused("idmc", &json(&[r#""12,5""#]), &["item 0", "found `12,5`", "only where semicolons"]);
    refused("idmc", &json(&["1.022"]), &["found `1.022`, expected a whole number from zero up"]);
}

#[test]
fn hostile_texts_are_no_numbers() {
    for cell in [
        "1.0.0",
        ",5",
        "1,,000",
        "１２",
        "1,22,000",
        "12,34,567",
        "1.234,567.8",
        "1,234 567",
        "85 000",
        " ,",
        "1,",
        "1,000,",
        "0,001,000",
        "01.234.567",
        "1..000",
        "1'0",
        "--1,000",
        "1-000",
        "1,000e3",
        "1_000",
        "∞",
        "1\u{2009}000",
        "١٬٠٠٠",
        "1,234.567,8",
        ".",
        "+,",
        "1.000.00",
    ] {
        for between in [',', ';'] {
            for table in [displaced(between, &[cell, "7"]), displaced(between, &["7", "1,234,567", cell])] {
                refused("idmc", &table, &["column `n`", &format!("found `{}`", cell.trim())]);
            }
        }
    }
}

#[test]
fn a_column_is_looked_through_once_however_many_cells_need_it() {
    let cells: Vec<String> = (0..60_000).map(|n| format!("1,{:03},{:03}", n / 1_000, n % 1_000)).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let started = std::time::Instant::now();
    let parsed = read("idmc", &displaced(',', &cells));
    assert_eq!(parsed.quality.count(GROUPED), 60_000);
    assert_eq!(values(&parsed)[59_999], 1_059_999.0);
    assert!(started.elapsed().as_secs() < 20);
}
