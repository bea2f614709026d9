//! The PDF: the tree as data, laid out by a Typst template, tagged, with the claims attached.

use std::{collections::BTreeMap, sync::LazyLock};

use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::document::Document;

/// How the pages look; data comes from `/document.json`.
const LAYOUT: &str = include_str!("../assets/report.typ");

/// Fonts built in: the same pages on every machine.
static FONTS: LazyLock<(LazyHash<FontBook>, Vec<Font>)> = LazyLock::new(|| {
    let bundled: [&'static [u8]; 4] = [
        include_bytes!("../assets/fonts/NotoSans-Regular.ttf"),
        include_bytes!("../assets/fonts/NotoSans-Bold.ttf"),
        include_bytes!("../assets/fonts/NotoSans-Italic.ttf"),
        include_bytes!("../assets/fonts/DejaVuSansMono.ttf"),
    ];
    let fonts: Vec<Font> = bundled.into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect();
    (LazyHash::new(FontBook::from_fonts(&fonts)), fonts)
});

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

struct Pages {
    main: FileId,
    source: Source,
    files: BTreeMap<String, Bytes>,
    date: Option<Datetime>,
}

fn file_id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|e| format!("{path}: {e:?}"))?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

impl World for Pages {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.0
    }
    fn main(&self) -> FileId {
        self.main
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main { Ok(self.source.clone()) } else { Err(FileError::NotSource) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.vpath().get_without_slash();
        self.files.get(path).cloned().ok_or_else(|| FileError::NotFound(path.into()))
    }
    fn font(&self, index: usize) -> Option<Font> {
        FONTS.1.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.date
    }
}

/// Lays the document out; `files` are the drawings and attachments it names.
///
/// # Errors
/// What the layout engine says, one diagnostic a line.
pub(crate) fn render(document: &Document, files: BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, String> {
    let json = serde_json::to_vec(document).map_err(|e| e.to_string())?;
    let mut files: BTreeMap<String, Bytes> =
        files.into_iter().map(|(name, bytes)| (name, Bytes::new(bytes))).collect();
    files.insert("document.json".into(), Bytes::new(json));
    let main = file_id("/report.typ")?;
    let date = document.date.parse::<jiff::civil::Date>().ok();
    let date = date.and_then(|d| Datetime::from_ymd(d.year().into(), d.month() as u8, d.day() as u8));
    let world = Pages { main, source: Source::new(main, LAYOUT.into()), files, date };
    let said = |problems: &[typst::diag::SourceDiagnostic]| -> String {
        let lines = problems.iter().map(|d| {
            let hints: Vec<&str> = d.hints.iter().map(|h| h.v.as_str()).collect();
            format!("{} {}", d.message, hints.join(" "))
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let laid_out = typst::compile(&world).output.map_err(|e| said(&e))?;
    let options = PdfOptions {
        standards: PdfStandards::new(&[PdfStandard::Ua_1, PdfStandard::A_3a])
            .map_err(|e| format!("{e:?}"))?,
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&laid_out, &options).map_err(|e| said(&e));
    // The engine caches what it laid out; a long-lived process would keep all of it.
    typst::comemo::evict(0);
    pdf
}
