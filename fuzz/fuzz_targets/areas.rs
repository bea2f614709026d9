//! Tables by area: communities, incidents, movements, rounds, needs, population; and the two workbooks among them, whose sheets
//! the fuzzer writes into otherwise valid files.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use zip::write::SimpleFileOptions;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const ROOT: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

fuzz_target!(init: let_the_reader_of_workbooks_panic(), |bytes: &[u8]| {
    if bytes.trim_ascii_start().starts_with(b"<") {
        // Two sheets, one behind the other.
        const END: &[u8] = b"</worksheet>";
        let end = bytes.windows(END.len()).position(|w| w == END).map_or(bytes.len(), |at| at + END.len());
        let (first, second) = bytes.split_at(end);
        let movements = workbook(&[("Flow_Estimation", first), ("Summarysince2016", second), ("IDP", second)]);
        wegen_fuzz::parse_as(&["ocha-syria-movements"], &movements);
        wegen_fuzz::parse_as(&["iom-dtm"], &workbook(&[("MASTER LIST (ADMIN2)", first), ("Other", second)]));
    } else {
        wegen_fuzz::parse_as(
            &["reach-hsos", "insecurity-insight", "ocha-syria-movements", "iom-dtm", "ocha-hno", "ocha-cod-ps", "uscb-syria-population", "wegen-simulation"],
            bytes,
        );
    }
});

/// A panic of calamine is caught and answered as an error; every other ends the run.
fn let_the_reader_of_workbooks_panic() {
    let abort = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !info.location().is_some_and(|at| at.file().contains("/calamine-")) {
            abort(info);
        }
    }));
}

fn workbook(sheets: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut names, mut relations) = (String::new(), String::new());
    for (i, (name, _)) in sheets.iter().enumerate() {
        let n = i + 1;
        names += &format!(r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#);
        relations += &format!(
            r#"<Relationship Id="rId{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
    }
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
    );
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut add = |name: &str, bytes: &[u8]| {
        archive.start_file(name, stored).expect("memory");
        archive.write_all(bytes).expect("memory");
    };
    add("[Content_Types].xml", TYPES.as_bytes());
    add("_rels/.rels", ROOT.as_bytes());
    add("xl/workbook.xml", book.as_bytes());
    add("xl/_rels/workbook.xml.rels", relations.as_bytes());
    for (i, (_, bytes)) in sheets.iter().enumerate() {
        add(&format!("xl/worksheets/sheet{}.xml", i + 1), bytes);
    }
    archive.finish().expect("memory").into_inner()
}
