//! Files that are not read, named for what they are: other formats than text, and tables of publishers without the
//! figures that are asked of them, each with what to download instead.

use crate::{
    File, SourceError,
    sheet::{Workbook, is_workbook},
    table::{has_columns, header},
};

/// A table that publishers offer and that is not read.
struct Unread {
    /// Columns that give it away; all of them are in its header.
    columns: &'static [&'static str],
    what: &'static str,
    instead: &'static str,
}

const UNREAD: [Unread; 13] = [
    Unread {
        columns: &["location_code", "headcount_ratio", "intensity_of_deprivation", "in_severe_poverty"],
        what: "HDX HAPI's table of poverty rates, which has no deprivations",
        instead: "download OPHI's table 5 (subnational results, a workbook); it is read as `ophi-mpi`",
    },
    Unread {
        columns: &["variable", "label"],
        what: "a list of the names of variables, without figures",
        instead: "download the data that it is a list for, as `reach-hsos` the communities by month",
    },
    Unread {
        columns: &["label_en", "label_ar", "shortlabel"],
        what: "a list of the titles of DTM's columns, without figures",
        instead: "download the data that it is a list for; DTM's interface at levels 0 to 2 is read as `iom-dtm`",
    },
    Unread {
        columns: &[
            "location_code",
            "admin2_code",
            "operation",
            "assessment_type",
            "reporting_round",
            "population",
        ],
        what: "HDX HAPI's table of displaced people, which come from DTM",
        instead: "download them from DTM's interface at levels 0 to 2; it is read as `iom-dtm`",
    },
    Unread {
        columns: &["coo_iso", "coa_iso", "pop_type", "location", "f_0_4", "m_0_4"],
        what: "UNHCR's table by sex and age",
        instead: "download the table of population; it is read as `unhcr-population`",
    },
    Unread {
        columns: &["coo_iso", "coa_iso", "refugees", "refugee_like"],
        what: "UNHCR's table of people newly displaced in a year",
        instead: "download the table of population; it is read as `unhcr-population`",
    },
    Unread {
        columns: &["geo", "t", "cause", "sex", "age", "n"],
        what: "IDMC's table of people displaced at the end of a year, by sex and age",
        instead: "download the displacements by cause, or UNHCR's table of IDMC's figures; they are read as `idmc`",
    },
    Unread {
        columns: &["PP_PCODE", "ADM4_PCODE", "ADM3_PCODE"],
        what: "OCHA's list of communities in Syria, by point",
        instead: "download the P-codes of levels 1 and 2; they are read as `ocha-pcodes`",
    },
    Unread {
        columns: &["osm_id", "osm_type", "amenity"],
        what: "a list of places of OpenStreetMap, without figures",
        instead: "no source that is read holds such places",
    },
    Unread {
        columns: &["Country Code", "IncomeGroup", "SpecialNotes"],
        what: "the World Bank's description of countries, without figures",
        instead: "import the archive it came in whole, or the table beside it, as `worldbank-wdi`",
    },
    Unread {
        columns: &["Country Code", "Short Name", "Table Name"],
        what: "the World Bank's description of countries, without figures",
        instead: "import the archive it came in whole, or `WDICSV.csv` beside it, as `worldbank-wdi`",
    },
    Unread {
        columns: &["Series Code", "Topic", "Indicator Name"],
        what: "the World Bank's description of indicators, without figures",
        instead: "import the archive it came in whole, or `WDICSV.csv` beside it, as `worldbank-wdi`",
    },
    Unread {
        columns: &["INDICATOR_CODE", "INDICATOR_NAME", "SOURCE_NOTE"],
        what: "the World Bank's description of an indicator, without figures",
        instead: "import the archive it came in whole, or the table beside it, as `worldbank-wdi`",
    },
];

/// Gapminder's tables that are not read, and the World Bank's series of the same; it is what Gapminder passes on.
const GAPMINDER: [(&str, &str); 6] = [
    ("aged_15_24_unemployment_rate_percent", "SL.UEM.1524.ZS"),
    ("at_least_basic_sanitation_overall_access_percent", "SH.STA.BASS.ZS"),
    ("at_least_basic_water_source_overall_access_percent", "SH.H2O.BASW.ZS"),
    ("births_attended_by_skilled_health_staff_percent_of_total", "SH.STA.BRTC.ZS"),
    ("electricity_use_per_person", "EG.USE.ELEC.KH.PC"),
    ("hdi_human_development_index", ""),
];

/// The error that names a file whose form is known and not read; nothing where it is not one of these.
pub(crate) fn unread(file: &File) -> Option<SourceError> {
    let error = |form: &str, instead: &str| SourceError::Unread {
        file: file.name.clone(),
        form: form.to_owned(),
        instead: instead.to_owned(),
    };
    if let Some(format) = format(file.head()).filter(|f| !matches!(f, Format::Workbook)) {
        let (what, instead) = format.told();
        return Some(error(what, instead));
    }
    if is_workbook(file) {
        return workbook(file, &error);
    }
    if let Some(found) = UNREAD.iter().find(|u| has_columns(file, u.columns)) {
        return Some(error(found.what, found.instead));
    }
    let header = header(file);
    match header.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["geo", "time", measure] => Some(gapminder(measure, &error)),
        _ => None,
    }
}

fn gapminder(measure: &str, error: &dyn Fn(&str, &str) -> SourceError) -> SourceError {
    let what = format!("Gapminder's table of `{measure}`");
    let instead = match GAPMINDER.iter().find(|(name, _)| *name == measure) {
        Some((_, "")) => "no source that is read holds it".to_owned(),
        Some((_, series)) => {
            format!("download series {series} of the World Bank; it is read as `worldbank-wdi`")
        }
        None => {
            "download it from whoever made it; the World Bank's series are read as `worldbank-wdi`".to_owned()
        }
    };
    error(&what, &instead)
}

/// The names of a workbook's sheets; nothing where it cannot be opened.
fn sheets(file: &File) -> Option<Vec<String>> {
    std::panic::catch_unwind(|| Workbook::open(file).map(|book| book.names())).ok()?.ok()
}

/// The error that names a publisher's workbook that is known and not read.
pub(crate) fn known_workbook(file: &File) -> Option<SourceError> {
    let national = sheets(file)?.iter().any(|name| name.starts_with("1.1 National MPI"));
    national.then(|| SourceError::Unread {
        file: file.name.clone(),
        form: "OPHI's table 1 (national results), which has no regions".into(),
        instead: "download table 5 (subnational results); it is read as `ophi-mpi`".into(),
    })
}

/// A workbook that no source reads, by its sheets.
fn workbook(file: &File, error: &dyn Fn(&str, &str) -> SourceError) -> Option<SourceError> {
    if let Some(known) = known_workbook(file) {
        return Some(known);
    }
    let names = sheets(file)?;
    let what = format!("a workbook with the sheets {}", names.join(", "));
    Some(error(&what, "where a source reads its table as CSV, save that sheet as CSV (UTF-8)"))
}

/// A format that is no table of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Empty,
    Workbook,
    OldWorkbook,
    Pdf,
    Page,
    Xml,
    Tar,
    Parquet,
    Arrow,
    Utf16,
    Sqlite,
    Image,
}

impl Format {
    /// What it is, and what to do instead.
    pub(crate) fn told(self) -> (&'static str, &'static str) {
        const SAVE: &str = "save it as CSV (UTF-8), or download the CSV";
        match self {
            Format::Empty => ("an empty file", "download it again"),
            Format::Workbook => {
                ("a workbook (xlsx)", "save the sheet with the figures as CSV (UTF-8), or download the CSV")
            }
            Format::OldWorkbook => {
                ("a workbook in the format before xlsx", "save it as xlsx or as CSV (UTF-8)")
            }
            Format::Pdf => ("a PDF", "download the figures that it shows"),
            Format::Page => (
                "a page of a website",
                "download the file that the page offers; the address may ask for a login",
            ),
            Format::Xml => ("an XML document", "download the CSV or the JSON"),
            Format::Tar => ("a tar archive", "unpack it, and import the files in it"),
            Format::Parquet => ("a Parquet file", SAVE),
            Format::Arrow => ("an Arrow file", SAVE),
            Format::Utf16 => ("text in UTF-16", "save it as UTF-8"),
            Format::Sqlite => ("an SQLite database", SAVE),
            Format::Image => ("an image", "download the figures that it shows"),
        }
    }
}

/// Which other format than text bytes are in, by how they begin.
pub(crate) fn format(bytes: &[u8]) -> Option<Format> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let begins = |with: &[u8]| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    Some(match bytes {
        _ if text.is_empty() => Format::Empty,
        [b'P', b'K', 3, 4, ..] => Format::Workbook,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Format::OldWorkbook,
        [b'%', b'P', b'D', b'F', ..] => Format::Pdf,
        [b'P', b'A', b'R', b'1', ..] => Format::Parquet,
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] | [b'F', b'E', b'A', b'1', ..] => Format::Arrow,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Format::Utf16,
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => Format::Image,
        _ if bytes.starts_with(b"SQLite format 3\0") => Format::Sqlite,
        _ if bytes.get(257..262) == Some(b"ustar") => Format::Tar,
        _ if begins(b"<!doctype html") || begins(b"<html") => Format::Page,
        _ if begins(b"<?xml") || begins(b"<") => Format::Xml,
        _ => return None,
    })
}

/// Refuses files that hold nothing at all; one that is empty beside others is their reader's matter.
pub(crate) fn whole(files: &[File]) -> Result<(), SourceError> {
    match files {
        [only] if format(only.head()) == Some(Format::Empty) => {
            Err(SourceError::malformed(&only.name, "row 1", "an empty file", "a header and its rows"))
        }
        _ => Ok(()),
    }
}

/// The encoding that bytes are likely in, where they are not UTF-8: what to say of it.
pub(crate) fn likely_encoding(bytes: &[u8]) -> &'static str {
    // Windows-1252 leaves these without a letter; Latin letters stand alone among others, those of other scripts in rows.
    let undefined = |b: &u8| matches!(b, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if bytes.iter().any(control) {
        return "";
    }
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let beside = bytes.windows(2).filter(|pair| pair[0] >= 0x80 && pair[1] >= 0x80).count();
    match bytes.iter().any(undefined) || beside * 2 > high {
        true => "; it may be of a code page of Windows: save it as UTF-8",
        false => "; it is likely Windows-1252: save it as UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_beginning() {
        let tar = [vec![b'x'; 257], b"ustar\0".to_vec()].concat();
        for (bytes, format_of) in [
            (&b""[..], Some(Format::Empty)),
            (b"\xef\xbb\xbf \r\n", Some(Format::Empty)),
            (b"%PDF-1.7", Some(Format::Pdf)),
            (b"\n<!DOCTYPE HTML><html>", Some(Format::Page)),
            (b"<?xml version=\"1.0\"?>", Some(Format::Xml)),
            (b"\xd0\xcf\x11\xe0\xa1", Some(Format::OldWorkbook)),
            (b"\xff\xfey\0e\0a\0r\0", Some(Format::Utf16)),
            (&tar, Some(Format::Tar)),
            (b"year,coo\n", None),
            (b"[{}]", None),
        ] {
            assert_eq!(format(bytes), format_of);
        }
    }

    #[test]
    fn letters_of_western_europe_are_told_from_other_scripts() {
        assert!(likely_encoding(b"C\xf4te d'Ivoire, Cura\xe7ao").contains("Windows-1252"));
        // Arabic in Windows-1256.
        assert!(!likely_encoding(b"\xc7\xe1\xc7\xd3\xe3,\xd3\xe6\xd1\xed\xc7").contains("1252"));
        assert_eq!(likely_encoding(b"a\0\xff\x01"), "");
    }
}
