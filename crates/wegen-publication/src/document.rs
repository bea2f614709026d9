//! A report as a tree: what both writers (HTML and PDF) are given, already in the reader's language.

use serde::Serialize;

/// A run of text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Inline {
    /// Plain text.
    Text {
        /// The text.
        v: String,
    },
    /// Emphasis.
    Emph {
        /// What is emphasised.
        c: Vec<Inline>,
    },
    /// Strong emphasis.
    Strong {
        /// What is emphasised.
        c: Vec<Inline>,
    },
    /// Code.
    Code {
        /// The text.
        v: String,
    },
    /// A link.
    Link {
        /// Where to.
        href: String,
        /// What is shown.
        c: Vec<Inline>,
    },
    /// A value of a figure.
    Figure {
        /// The value as shown.
        v: String,
        /// Whether there is none.
        missing: bool,
        /// Where it comes from.
        lineage: Lineage,
        /// One line for a footnote.
        note: String,
    },
    /// The end of a statement, with what it rests on.
    Statement {
        /// Its id.
        id: String,
        /// What it is and rests on; none where its figures say all.
        support: Option<Support>,
        /// Labels that stand in the text: that it rests on one source, that its evidence is old.
        labels: Vec<String>,
    },
    /// A citation of a source.
    Cite {
        /// Its number in the list of sources.
        n: usize,
        /// Its id.
        source: String,
        /// Short text: publisher and year of retrieval.
        v: String,
    },
}

/// What a statement rests on, in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Support {
    /// Kind, time and confidence, in a line.
    pub about: String,
    /// The evidence.
    pub evidence: Vec<EvidenceView>,
    /// All of it as one line, for a footnote.
    pub note: String,
}

/// A piece of evidence, in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct EvidenceView {
    /// Whether it supports, contradicts or explains.
    pub role: String,
    /// The source.
    pub source: String,
    /// Number of the source in the list.
    pub n: usize,
    /// Page, paragraph, fragment.
    pub place: String,
    /// An address at that place.
    pub url: String,
    /// The source's words.
    pub quote: String,
    /// When it was read, and which copy was kept.
    pub kept: String,
}

/// Where a value comes from, in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lineage {
    /// The claim: figure id, with row and column where it is a cell.
    pub claim: String,
    /// What it is.
    pub label: String,
    /// The value with its unit.
    pub value: String,
    /// How it was computed, and how it was rounded.
    pub how: String,
    /// The first records it rests on.
    pub records: Vec<RecordLine>,
    /// How many more there are.
    pub more: usize,
}

/// A record, in words.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RecordLine {
    /// Its id.
    pub id: String,
    /// Publisher and table, with licence and date of retrieval.
    pub source: String,
    /// Number of the source in the list.
    pub n: usize,
    /// Where it stands: file and locator.
    pub place: String,
    /// The row: as received where that is at hand, otherwise as normalised.
    pub row: String,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CellView {
    /// What is shown.
    pub v: String,
    /// Whether it is a number, and stands right.
    pub number: bool,
    /// Whether there is no value.
    pub missing: bool,
    /// Whether it is old.
    pub old: bool,
    /// Whether the publisher carried it over from the year before.
    pub carried: bool,
    /// Where it comes from; none for labels.
    #[serde(skip)]
    pub lineage: Option<Lineage>,
}

impl CellView {
    /// What stands behind the value: a mark that the table explains.
    pub fn mark(&self) -> &'static str {
        match (self.old, self.carried) {
            (true, true) => "\u{a0}†\u{a0}*",
            (true, false) => "\u{a0}†",
            (false, true) => "\u{a0}*",
            (false, false) => "",
        }
    }
}

/// A table, ready to show.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TableView {
    /// Anchor.
    pub id: String,
    /// Title.
    pub title: String,
    /// Unit, under the title.
    pub subtitle: String,
    /// Column heads; the first is that of the row labels.
    pub head: Vec<String>,
    /// Rows; the first cell is the label.
    pub rows: Vec<Vec<CellView>>,
    /// The source line.
    pub source: String,
    /// Explanations of marks in the cells.
    pub marks: Vec<String>,
    /// The claim behind it.
    pub claim: String,
    /// Whether many columns need a smaller type.
    pub wide: bool,
}

/// A drawing with its table.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ChartView {
    /// Anchor.
    pub id: String,
    /// Title.
    pub title: String,
    /// Unit, under the title.
    pub subtitle: String,
    /// File name of the SVG in the PDF's world and in `data/`.
    pub file: String,
    /// The drawing.
    #[serde(skip)]
    pub svg: String,
    /// Text alternative.
    pub alt: String,
    /// The source line.
    pub source: String,
    /// The values, as a table; `None` where the table stands beside it anyway.
    pub table: Option<TableView>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "t", rename_all = "kebab-case")]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 3.
        level: u8,
        /// `3.1`; empty where it is not numbered.
        number: String,
        /// Anchor.
        id: String,
        /// Text.
        c: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        /// Its permanent number; empty where it holds no statement.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        number: String,
        /// Notices of corrections.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        notices: Vec<String>,
        /// Text.
        c: Vec<Inline>,
    },
    /// A list.
    List {
        /// Whether it is numbered.
        ordered: bool,
        /// Items.
        items: Vec<Vec<Block>>,
    },
    /// Text set apart.
    Notice {
        /// Blocks.
        c: Vec<Block>,
    },
    /// A table.
    Table {
        /// The table.
        table: TableView,
    },
    /// Key figures as a grid.
    Cards {
        /// Label, figure, and what it is of.
        cards: Vec<Card>,
    },
    /// A drawing.
    Chart {
        /// The drawing.
        chart: ChartView,
    },
    /// The list of sources.
    Sources {
        /// Entries.
        entries: Vec<SourceEntry>,
    },
}

/// A key figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// What it is.
    pub label: String,
    /// The figure.
    pub figure: Inline,
    /// Of when, or a caveat.
    pub sub: String,
}

impl Block {
    /// A paragraph without a number.
    pub fn paragraph(c: Vec<Inline>) -> Block {
        Block::Paragraph { number: String::new(), notices: Vec::new(), c }
    }

    /// A paragraph of plain words.
    pub fn words(text: impl Into<String>) -> Block {
        Block::paragraph(vec![Inline::Text { v: text.into() }])
    }
}

/// A source as the report lists it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SourceEntry {
    /// Its number.
    pub n: usize,
    /// Its id.
    pub source: String,
    /// How it is cited.
    pub citation: String,
    /// Its address.
    pub url: String,
    /// Licence.
    pub licence: String,
    /// Address of the licence.
    pub licence_url: String,
    /// Attribution.
    pub attribution: String,
    /// Caveat.
    pub caveat: String,
    /// The snapshots of the edition, a line each.
    pub snapshots: Vec<String>,
}

/// A report.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Document {
    /// BCP 47 tag.
    pub lang: String,
    /// Title.
    pub title: String,
    /// Subtitle.
    pub subtitle: String,
    /// What stands at the top: label and value.
    pub meta: Vec<(String, String)>,
    /// The evidence on the country below it: source, period of its rows, and since when they are held.
    pub evidence: Vec<[String; 3]>,
    /// The notice of rule R7.
    pub notice: String,
    /// Line at the foot of every page.
    pub footer: String,
    /// The day on which the newest of the edition's snapshots was recorded, ISO: the date of the file.
    pub date: String,
    /// Labels that the writers need.
    pub labels: std::collections::BTreeMap<String, String>,
    /// The body.
    pub blocks: Vec<Block>,
}

/// The text of inlines, for anchors and alternatives.
pub fn plain(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text { v } | Inline::Code { v } | Inline::Figure { v, .. } => v.clone(),
            Inline::Emph { c } | Inline::Strong { c } | Inline::Link { c, .. } => plain(c),
            Inline::Cite { n, .. } => format!("[{n}]"),
            Inline::Statement { labels, .. } => labels.iter().map(|l| format!(" ({l})")).collect(),
        })
        .collect()
}
