//! The registry of P-codes.

use std::{collections::BTreeSet, fs, path::Path};

use wegen_model::{Code, Pcode, Pcodes, Record};
use wegen_sources::{File, parser, unpack};

use crate::Outcome;

const HEADER: &str = "\
# Areas by P-code: a line for each area that others lie in, itself and then those. `>` begins a country, `+` stands
# for the code of the area itself, `01..15` is a run of numbers. Made by `cargo xtask pcodes`; see NOTICE.md.
# Levels 1 and 2: OCHA, global P-codes, March 2026 (CC BY-IGO). Syria, level 3: OCHA COD-AB, 2020-12-17, level 4: OCHA,
# communities, 2021-01-13 (CC BY-IGO). Level 3 elsewhere: OCHA COD-PS (CC BY).
";

/// Reads the tables, coarsest first; what is held once stands.
pub(crate) fn make(from: &Path, to: &Path) -> Outcome {
    let mut areas: Vec<Pcode> = Vec::new();
    for (source, path) in [
        ("ocha-pcodes", "pcodes/global_pcodes_adm_1_2_hdx_2026-03.csv.gz"),
        ("ocha-cod-ab", "boundaries/syr_cod_adm3_2020-12-17.geojson"),
    ] {
        let parsed = parser(source).ok_or("no such source")?.parse(&files(from, path)?)?;
        // In the order of the file, in which a code that stands twice is met.
        for record in parsed.in_file_order()? {
            let Record::Area(area) = record else { continue };
            let parent = area.parent.ok_or("an area without a parent")?;
            areas.push(Pcode { code: area.code, country: area.country, level: area.level, parent });
        }
    }
    let mut held: BTreeSet<(Code, Code)> = areas.iter().map(|a| (a.country, a.code)).collect();
    let mut left_out = 0;
    for (path, level) in [
        ("pcodes/syria_adm4_communities_ocha_2021-01-13.csv.gz", 4),
        ("cod-population/cod_population_admin3_totals.csv.gz", 3),
    ] {
        for file in files(from, path)? {
            let mut table = csv::Reader::from_reader(file.reader());
            let header = table.headers()?.clone();
            let at = |name: &str| header.iter().position(|h| h == name);
            let column = |level: u8| at(&format!("ADM{level}_PCODE")).ok_or("no column of P-codes");
            let (code, parent, country) = (column(level)?, column(level - 1)?, at("ISO3"));
            for row in table.records() {
                let row = row?;
                let code_in = |column: usize| Code::new(row.get(column).unwrap_or_default());
                let country = country.map_or(Code::new("SYR"), code_in)?;
                let area = Pcode { code: code_in(code)?, country, level, parent: code_in(parent)? };
                if !held.contains(&(country, area.parent)) {
                    left_out += 1;
                } else if held.insert((country, area.code)) {
                    areas.push(area);
                }
            }
        }
    }
    let registry = Pcodes::of_areas(areas);
    fs::write(to, format!("{HEADER}{}", registry.to_text()))?;
    let bytes = fs::metadata(to)?.len();
    eprintln!(
        "{} areas, {left_out} rows of areas in one that no table holds; {bytes} bytes",
        registry.all().len()
    );
    Ok(())
}

fn files(from: &Path, path: &str) -> Result<Vec<File>, Box<dyn std::error::Error>> {
    Ok(unpack(&File::new(path, fs::read(from.join(path))?))?)
}
