//! A whole report: template and edition in, HTML, PDF and data out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::civil::Date;
use minijinja::{Value as Jinja, context};
use serde_json::json;
use wegen_conditions::Verdict;
use wegen_ledger::{Edition, Evidence, LedgerError, RecordFilter, Snapshot, SnapshotId};
use wegen_model::{
    Area, Asked, Code, Country, Lang, Sharing, countries, not_for_individual_decisions, sources,
};

use crate::{
    chart::{Chart, Series},
    conditions::{Month, default_method, last_evidence, last_evidence_at, month_of, places, shapes},
    data,
    document::{
        Block, Card, CellView, ChartView, Document, EvidenceView, Inline, SourceEntry, Support, TableView,
        plain,
    },
    figure::{Cell, Figure, FigureId, Missing, Table, Value, compact},
    format, html,
    known::{self, AllKnown},
    lineage::Describer,
    manuscript::{Confidentiality, Manuscript, ManuscriptError, Source, Status},
    map::{self, Frame, Place},
    markdown::{self, Marks},
    pdf,
    recipes::{FigureError, compute, last_covered},
    simulations::{self, Simulation},
    template::{self, Call},
    verdict_map::{self, Panel},
};

/// What kept a report from being made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The template cannot be rendered; says where.
    #[error("template: {0:#}")]
    Template(#[from] minijinja::Error),
    /// A manuscript whose public form cannot be read.
    #[error(transparent)]
    Manuscript(#[from] ManuscriptError),
    /// A figure of the template cannot be computed.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The ledger could not answer.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The edition holds nothing on the country.
    #[error(
        "the ledger holds no evidence on {name} ({0}){1}; `wegen sync --country {0}` or \
         `wegen import FILE --source …` brings some",
        name = countries().name(*.0, Lang::En)
    )]
    NoEvidence(Code, String),
    /// A template's own words give a verdict on a place or on return.
    #[error(
        "the template says `{0}`: a report lists conditions, evidence and gaps, and gives no verdict on a place \
         or on return (rule R6)"
    )]
    Verdict(String),
    /// The manuscript has no text in the language.
    #[error("the report has no text in this language: `{0}.md` was expected")]
    NoText(Lang),
    /// The layout engine refused.
    #[error("layout: {0}")]
    Layout(String),
    /// A drawing failed.
    #[error("drawing: {0}")]
    Drawing(String),
    /// A file could not be written.
    #[error("`{path}`: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What a report is made with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The country.
    pub country: Code,
    /// The language.
    pub lang: Lang,
    /// The manuscript; the built-in country report where `None`.
    pub manuscript: Option<Manuscript>,
    /// Whether the PDF is made.
    pub pdf: bool,
}

/// A report, made and not yet written.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file `index.html`.
    pub html: String,
    /// The file `report.pdf`.
    pub pdf: Option<Vec<u8>>,
    /// The files under `data/`.
    pub data: BTreeMap<String, Vec<u8>>,
    /// The figures.
    pub figures: BTreeMap<FigureId, Figure>,
    /// The tree.
    pub document: Document,
}

/// The built-in template of a language.
pub fn default_template(lang: Lang) -> &'static str {
    match lang {
        Lang::En => include_str!("../../../reports/en/country.md"),
        Lang::Nl => include_str!("../../../reports/nl/country.md"),
    }
}

/// Shown where it is held; few countries have one, so that none is no gap.
const NEEDS: &str = "ocha-hno";

/// Shown beside UNHCR where they hold people within the country; that they hold none is no gap.
const BESIDE: [&str; 2] = ["idmc", "unrwa"];

/// Sources whose absence is a gap of a country report, in the order in which gaps are told.
fn expected() -> impl Iterator<Item = &'static str> {
    known::SOURCES.into_iter().filter(|source| *source != NEEDS && !BESIDE.contains(source))
}

impl Report {
    /// Makes a report from an edition. The same edition, template and language give the same bytes.
    ///
    /// # Errors
    /// [`ReportError`]; nothing has been written.
    pub fn build(evidence: Evidence<'_>, options: &Options) -> Result<Report, ReportError> {
        let lang = options.lang;
        let country =
            countries().by_iso3(options.country.as_str()).ok_or_else(|| no_evidence(options, evidence))?;
        let facts = Facts::of(evidence, country)?;
        if !expected().any(|source| facts.held.contains(source)) {
            return Err(no_evidence(options, evidence));
        }
        // What a report is made from is what it carries: without a word of who a confidential source is.
        let manuscript = &match &options.manuscript {
            Some(own) => own.published()?,
            None => Manuscript::built_in(options.country),
        };
        let text = manuscript.texts.get(&lang).ok_or(ReportError::NoText(lang))?;
        let context = facts.context(country, lang, evidence.edition());
        let rendered = template::render(&text.template(), context, &manuscript.sources, |id| {
            compute(evidence, id, lang).map_err(ReportError::from)
        })?;

        let mut describer = Describer::new(evidence, lang);
        describer.numbers = numbers(&rendered.calls, &rendered.figures, manuscript);
        let mut builder = Builder {
            evidence,
            lang,
            country,
            calls: &rendered.calls,
            figures: &rendered.figures,
            describer,
            facts: &facts,
            manuscript,
            paragraphs: manuscript.numbers(),
            drawings: BTreeMap::new(),
            error: None,
        };
        let blocks = markdown::read(&rendered.markdown, &mut builder);
        if let Some(error) = builder.error {
            return Err(error);
        }
        let drawings = builder.drawings;
        if options.manuscript.is_some() {
            // What a source is called is not the report's own wording.
            let named = |text: String| {
                let own = manuscript.sources.own().iter().flat_map(|s| [&s.title, &s.who]);
                own.filter(|n| !n.trim().is_empty()).fold(text, |text, name| text.replace(name.as_str(), "…"))
            };
            let text = named(blocks.iter().map(block_text).collect::<Vec<_>>().join("\n"));
            if let Some(verdict) = wegen_model::verdicts(&text).into_iter().next() {
                return Err(ReportError::Verdict(verdict.words));
            }
        }
        let document = document(blocks, manuscript, country, &facts, evidence.edition(), lang);
        let claims = data::claims(&rendered.figures, evidence.edition(), &document, manuscript, lang);
        let html = html::render(&document, &claims);

        let json = |value: &serde_json::Value| -> Result<Vec<u8>, ReportError> {
            let text = serde_json::to_string_pretty(value).map_err(|e| ReportError::Layout(e.to_string()))?;
            Ok((text + "\n").into_bytes())
        };
        let claims = json(&claims)?;
        let pdf = match options.pdf {
            true => {
                let mut files: BTreeMap<String, Vec<u8>> =
                    drawings.iter().map(|(name, svg)| (name.clone(), svg.clone().into_bytes())).collect();
                files.insert("claims.json".into(), claims.clone());
                Some(pdf::render(&document, files).map_err(ReportError::Layout)?)
            }
            false => None,
        };
        let mut files = BTreeMap::new();
        let mut described = Vec::new();
        for figure in rendered.figures.values() {
            // What may only be shown is not written as rows; its claims stay in `claims.json`.
            if figure
                .sources
                .iter()
                .any(|s| sources().get(s).is_none_or(|d| d.licence.sharing != Sharing::Rows))
            {
                continue;
            }
            let file = format!("{}.csv", figure.id.slug());
            files.insert(file.clone(), data::csv(figure).map_err(ReportError::Layout)?);
            described.push((file, figure));
        }
        let name = format!("wegen-{}-{}", options.country.as_str().to_lowercase(), lang);
        files.insert(
            "datapackage.json".into(),
            json(&data::package(&name, &rendered.figures, &described, lang))?,
        );
        files.insert("claims.json".into(), claims);
        files.extend(drawings.into_iter().map(|(name, svg)| (name, svg.into_bytes())));
        Ok(Report { html, pdf, data: files, figures: rendered.figures, document })
    }

    /// How much memory it takes, nearly: the tree holds about what the page holds, each text for itself.
    pub fn bytes(&self) -> usize {
        let files: usize = self.data.values().map(Vec::len).sum();
        let records: usize =
            self.figures.values().flat_map(Figure::cells).map(|(_, _, cell)| cell.records.len()).sum();
        3 * self.html.len()
            + self.pdf.as_ref().map_or(0, Vec::len)
            + files
            + records * size_of::<wegen_ledger::RecordId>()
    }

    /// Writes `index.html`, `report.pdf` and `data/` into `folder`.
    ///
    /// All three are made whole beside the folder first and then put in place one after the other; nothing is
    /// ever half-written, and other files of the folder stay.
    ///
    /// # Errors
    /// The file that could not be written.
    pub fn write(&self, folder: &Path) -> Result<(), ReportError> {
        let draft = folder.with_file_name(format!(
            ".{}.{}",
            folder.file_name().map_or_else(|| "report".into(), |n| n.to_string_lossy()),
            std::process::id()
        ));
        let written = self.write_into(&draft).and_then(|()| {
            let io = |path: &Path| {
                let path = path.to_owned();
                move |source| ReportError::Io { path, source }
            };
            fs::create_dir_all(folder).map_err(io(folder))?;
            // Only what we make is replaced; anything else in the folder is somebody's own.
            for name in ["index.html", "report.pdf", "data"] {
                let (old, new) = (folder.join(name), draft.join(name));
                match old.is_dir() {
                    true => fs::remove_dir_all(&old).map_err(io(&old))?,
                    false if old.exists() => fs::remove_file(&old).map_err(io(&old))?,
                    false => {}
                }
                if new.exists() {
                    fs::rename(&new, &old).map_err(io(&old))?;
                }
            }
            Ok(())
        });
        let _ = fs::remove_dir_all(&draft);
        written
    }

    fn write_into(&self, folder: &Path) -> Result<(), ReportError> {
        let write = |path: PathBuf, bytes: &[u8]| {
            fs::write(&path, bytes).map_err(|source| ReportError::Io { path, source })
        };
        let data = folder.join("data");
        fs::create_dir_all(&data).map_err(|source| ReportError::Io { path: data.clone(), source })?;
        write(folder.join("index.html"), self.html.as_bytes())?;
        if let Some(pdf) = &self.pdf {
            write(folder.join("report.pdf"), pdf)?;
        }
        for (name, bytes) in &self.data {
            write(data.join(name), bytes)?;
        }
        Ok(())
    }
}

/// Reads what the reports of all countries share, so that the first of them takes no longer than the next.
///
/// # Errors
/// The ledger's.
pub fn prepare(evidence: Evidence<'_>) -> Result<(), LedgerError> {
    default_method();
    wegen_model::pcodes();
    wegen_model::crosswalk();
    evidence.incidents(&RecordFilter::of("iom-missing-migrants"))?;
    evidence.areas(&RecordFilter::of("naturalearth-countries").level(0))?;
    Ok(())
}

fn no_evidence(options: &Options, evidence: Evidence<'_>) -> ReportError {
    let when = evidence.edition().as_of.map_or(String::new(), |d| format!(" recorded by {d}"));
    ReportError::NoEvidence(options.country, when)
}

/// What the edition holds on the country: what templates may ask, and what is a gap.
struct Facts {
    /// Sources with anything on the country.
    held: BTreeSet<&'static str>,
    /// Last year of each source for the country.
    latest: BTreeMap<&'static str, i32>,
    /// What each source says of the country, and for which period.
    sources: Arc<AllKnown>,
    /// The day that the edition speaks of for this country.
    day: Option<Date>,
    /// First and last year of the events that are held.
    events: Option<(i32, i32)>,
    /// The level of areas and the last month for which criteria by area have evidence; of a country whose areas are
    /// known and of which nothing else is, the month in which the newest of what is held on it was recorded.
    conditions: Option<(u8, Month)>,
    /// Whether there is evidence on any criterion by area.
    known: bool,
    /// Likewise of the first level, where the finest is another.
    first: Option<Month>,
    /// Whether shapes of these areas are held.
    shapes: bool,
    /// Simulated scenarios.
    simulations: Vec<Simulation>,
    /// Which was nearer on history in all of them, the model or a simple rule, where that is clear.
    nearer: Option<&'static str>,
}

impl Facts {
    /// # Errors
    /// The ledger's: what it cannot answer is not taken for what it does not hold.
    fn of(evidence: Evidence<'_>, country: &Country) -> Result<Facts, FigureError> {
        let code = country.iso3;
        let mut facts = Facts {
            held: BTreeSet::new(),
            latest: BTreeMap::new(),
            sources: known::known(evidence, code)?,
            day: None,
            events: None,
            conditions: last_evidence(evidence, code, default_method())?,
            known: false,
            first: None,
            shapes: false,
            simulations: simulations::simulations(evidence, code)?,
            nearer: simulations::nearer(evidence, code)?,
        };
        facts.day = known::day(evidence, &facts.sources);
        facts.known = facts.conditions.is_some();
        match facts.conditions {
            Some((level, _)) if level > 1 => {
                facts.first = last_evidence_at(evidence, code, 1, default_method())?;
            }
            Some(_) => {}
            None if !places(evidence, code, 1)?.is_empty() => {
                facts.conditions = month_of(evidence, code)?.map(|month| (1, month));
            }
            None => {}
        }
        if let Some((level, _)) = facts.conditions {
            facts.shapes = !shapes(evidence, code, level)?.is_empty();
        }
        if !evidence.edition().of("naturalearth-countries").is_empty() {
            facts.held.insert("naturalearth-countries");
        }
        for source in expected() {
            let place = if source == "iom-missing-migrants" { None } else { Some(code) };
            let Some(last) = last_covered(evidence, source, place)? else { continue };
            facts.latest.insert(source, last);
            let Some(own) = facts.sources.get(source) else { continue };
            let any = match source {
                // Routes are of the world: they say nothing on whether this country is known.
                "iom-missing-migrants" => false,
                "ucdp-ged" => {
                    let (from, to) = (own.first.year(), own.last.year());
                    facts.events = Some((from.max(to - 9), to));
                    true
                }
                // Surveys are years apart.
                "ophi-mpi" => true,
                _ => own.last.year() >= last - 5,
            };
            if any {
                facts.held.insert(source);
            }
        }
        if facts.sources.contains_key(NEEDS) {
            facts.held.insert(NEEDS);
        }
        for source in BESIDE {
            if let Some(year) = last_within(evidence, source, country.iso3)? {
                facts.latest.insert(source, year);
                facts.held.insert(source);
            }
        }
        Ok(facts)
    }

    /// What each source says of the country: its name, the period of its rows, and since when they are held.
    fn cover(&self, edition: &Edition, lang: Lang) -> Vec<[String; 3]> {
        let row = |source: &&'static str| {
            let own = self.sources.get(source)?;
            let name = sources()
                .get(source)
                .map_or((*source).to_owned(), |s| format!("{}, {}", s.publisher, s.title));
            let held = edition.snapshots.iter().filter(|s| own.snapshots.contains(&s.id));
            Some([name, own.period(lang), known::since_all(held, lang).join("; ")])
        };
        known::SOURCES.iter().filter_map(row).collect()
    }

    fn context(&self, country: &Country, lang: Lang, edition: &Edition) -> Jinja {
        // Of what is not held no year is known: calls then ask for none, and the figure says that nothing is held.
        let latest = |source: &str| self.latest.get(source).copied();
        let scenario = |at: usize| self.simulations.get(at);
        context! {
            country => country.name_in_text(lang),
            iso => country.iso3.as_str(),
            lang => lang.as_str(),
            edition => edition.id(),
            as_of => edition.as_of.map(|d| lang.date(d)),
            cut_off => self.day.map(|d| lang.date(d)),
            population_year => latest("unhcr-population"),
            idmc_year => self.latest.get("idmc").copied(),
            unrwa_year => self.latest.get("unrwa").copied(),
            decisions_year => latest("unhcr-asylum-decisions"),
            deaths_year => latest("ucdp-country-year"),
            routes_year => latest("iom-missing-migrants"),
            events_from => self.events.map(|e| e.0),
            events_to => self.events.map(|e| e.1),
            conditions_level => self.conditions.map(|(level, _)| level),
            conditions_month => self.conditions.map(|(_, month)| month.to_string()),
            conditions_name => self.conditions.and_then(|(_, m)| m.period()).map(|p| lang.period(p)),
            conditions_map => self.shapes && self.known,
            conditions_known => self.known,
            first_month => self.first.map(|month| month.to_string()),
            first_name => self.first.and_then(Month::period).map(|p| lang.period(p)),
            this_year => self.day.map(|d| i32::from(d.year())),
            scenario_a => scenario(0).map(|s| s.id.as_str()),
            scenario_a_title => scenario(0).map(|s| s.text("title", lang)),
            scenario_a_last => scenario(0).map(|s| lang.period(s.last)),
            scenario_b => scenario(1).map(|s| s.id.as_str()),
            scenario_b_title => scenario(1).map(|s| s.text("title", lang)),
            scenario_b_last => scenario(1).map(|s| lang.period(s.last)),
            simulation_nearer => self.nearer,
            held => self.held.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(),
        }
    }
}

/// The last year for which IDMC or UNRWA has people within a country.
fn last_within(evidence: Evidence<'_>, source: &str, country: Code) -> Result<Option<i32>, LedgerError> {
    let filter = RecordFilter::of(source);
    let filter = match source {
        "unrwa" => filter.counterpart(country),
        _ => filter.place(country).indicator(wegen_model::indicator::IDPS_IDMC),
    };
    Ok(evidence.observations(&filter)?.iter().map(|r| r.value.period.year()).max())
}

/// Numbers of sources, in the order in which the report first draws on them.
fn numbers(
    calls: &[Call],
    figures: &BTreeMap<FigureId, Figure>,
    manuscript: &Manuscript,
) -> BTreeMap<String, usize> {
    let mut numbers = BTreeMap::new();
    let mut add = |source: &str| {
        let next = numbers.len() + 1;
        numbers.entry(source.to_owned()).or_insert(next);
    };
    for call in calls {
        match call {
            Call::Cite(source) => add(source),
            Call::Figure(id)
            | Call::Bounds(id)
            | Call::Table { id, .. }
            | Call::Chart { id, .. }
            | Call::Card { id, .. } => {
                figures.get(id).into_iter().flat_map(|f| &f.sources).for_each(|s| add(s));
            }
            Call::Map { id, .. } => {
                figures.get(id).into_iter().flat_map(|f| &f.sources).for_each(|s| add(s));
                if id.recipe != "conditions" {
                    add("naturalearth-countries");
                }
            }
            Call::Statement(id) => {
                let evidence = manuscript.definition(id).into_iter().flat_map(|(_, d)| &d.evidence);
                evidence.for_each(|e| add(&e.source));
            }
            Call::Assumptions { .. } => add(simulations::SOURCE),
            Call::Section(_)
            | Call::Sources
            | Call::Gaps
            | Call::Questions
            | Call::Conditions
            | Call::Assessment
            | Call::Changes => {}
        }
    }
    numbers
}

fn document(
    blocks: Vec<Block>,
    manuscript: &Manuscript,
    country: &Country,
    facts: &Facts,
    edition: &Edition,
    lang: Lang,
) -> Document {
    let last =
        facts.sources.values().map(|k| k.last.year()).max().map_or("–".to_owned(), |y| y.to_string());
    let settings = &manuscript.settings;
    let mut meta = vec![
        ("meta-country", format!("{} ({})", country.name(lang), country.iso3)),
        ("meta-period", lang.text_with("meta-period-value", &[("last", &last)])),
        ("meta-edition", edition.id()),
    ];
    meta.extend(settings.cut_off.map(|day| ("meta-cut-off", lang.date(day))));
    meta.extend(edition.as_of.map(|day| ("meta-as-of", lang.date(day))));
    if let Some(period) = settings.period {
        meta[1].1 = format!("{} – {}", lang.period(period.from), lang.period(period.to));
    }
    if !manuscript.is_built_in() {
        let status = match settings.status {
            Status::Draft => "status-draft",
            Status::Published => "status-published",
            Status::Superseded => "status-superseded",
            Status::Withdrawn => "status-withdrawn",
        };
        meta.insert(0, ("meta-report", settings.id.clone()));
        meta.insert(1, ("meta-status", lang.text(status)));
    }
    let labels = [
        "skip",
        "kicker",
        "contents",
        "lineage",
        "no-records",
        "more",
        "claim",
        "close",
        "licence",
        "as-table",
        "claims-attached",
        "evidence",
        "no-evidence",
        "statement",
        "evidence-source",
        "evidence-period",
        "evidence-since",
    ];
    let title = settings.title.as_ref().map_or_else(
        || lang.text_with("report-title", &[("country", country.name(lang))]),
        |t| t.get(lang).to_owned(),
    );
    let footer = match edition.as_of {
        Some(day) => lang.text_with(
            "report-footer-as-of",
            &[("title", &title), ("edition", &edition.id()), ("date", &lang.date(day))],
        ),
        None => lang.text_with("report-footer", &[("title", &title), ("edition", &edition.id())]),
    };
    Document {
        lang: lang.to_string(),
        subtitle: settings
            .subtitle
            .as_ref()
            .map_or_else(|| lang.text("report-subtitle"), |s| s.get(lang).to_owned()),
        meta: meta.into_iter().map(|(id, value)| (lang.text(id), value)).collect(),
        evidence: facts.cover(edition, lang),
        notice: not_for_individual_decisions(lang),
        footer,
        date: facts.day.map(|d| d.to_string()).unwrap_or_default(),
        labels: labels.iter().map(|id| ((*id).to_owned(), lang.text(&format!("label-{id}")))).collect(),
        title,
        blocks,
    }
}

/// Turns calls into text and blocks; the first error is kept, for marks cannot answer with one.
struct Builder<'a> {
    evidence: Evidence<'a>,
    lang: Lang,
    country: &'a Country,
    calls: &'a [Call],
    figures: &'a BTreeMap<FigureId, Figure>,
    describer: Describer<'a>,
    facts: &'a Facts,
    manuscript: &'a Manuscript,
    /// The number of the paragraph that each statement stands in.
    paragraphs: BTreeMap<String, String>,
    drawings: BTreeMap<String, String>,
    error: Option<ReportError>,
}

impl Marks for Builder<'_> {
    fn inline(&mut self, index: usize) -> Option<Inline> {
        let made = match self.calls.get(index)? {
            Call::Figure(id) => self.value(id, false),
            Call::Bounds(id) => self.value(id, true),
            Call::Cite(source) => {
                let n = self.describer.numbers.get(source).copied().unwrap_or(0);
                Ok(Inline::Cite { n, source: source.clone(), v: format!("[{n}]") })
            }
            Call::Statement(id) => Ok(self.statement(id)),
            _ => return None,
        };
        made.map_err(|e| self.error.get_or_insert(e).to_string()).ok()
    }

    fn block(&mut self, index: usize) -> Option<Block> {
        let made = match self.calls.get(index)? {
            Call::Table { id, title, subtitle } => {
                self.table(id, title, subtitle).map(|table| Block::Table { table })
            }
            Call::Chart { id, title, subtitle, draw, table } => {
                self.chart(id, title, subtitle, draw, *table).map(|chart| Block::Chart { chart })
            }
            Call::Map { id, title, subtitle } if id.recipe == "conditions" => {
                self.verdict_map(id, title, subtitle).map(|chart| Block::Chart { chart })
            }
            Call::Map { id, title, subtitle } => {
                self.map(id, title, subtitle).map(|chart| Block::Chart { chart })
            }
            Call::Card { label, sub, id } => self.value(id, false).map(|figure| Block::Cards {
                cards: vec![Card { label: label.clone(), figure, sub: sub.clone() }],
            }),
            Call::Sources => Ok(Block::Sources { entries: self.sources() }),
            Call::Gaps => self.gaps(),
            Call::Questions => Ok(self.questions()),
            Call::Conditions => Ok(self.conditions()),
            Call::Assessment => Ok(self.assessment()),
            Call::Changes => Ok(self.changes()),
            Call::Assumptions { scenario, instance: true } => self.instance_of(scenario),
            Call::Assumptions { scenario, .. } => self.assumptions(scenario),
            _ => return None,
        };
        made.map_err(|e| self.error.get_or_insert(e).to_string()).ok()
    }

    fn section(&self, index: usize) -> Option<&str> {
        match self.calls.get(index)? {
            Call::Section(number) => Some(number),
            _ => None,
        }
    }

    fn paragraph(&mut self, c: Vec<Inline>) -> Block {
        let ids = c.iter().filter_map(|i| match i {
            Inline::Statement { id, .. } => Some(id.clone()),
            _ => None,
        });
        let ids: Vec<String> = ids.collect();
        let number = ids.iter().find_map(|id| self.paragraphs.get(id)).cloned().unwrap_or_default();
        let notices = ids.iter().flat_map(|id| self.notices(id)).collect();
        Block::Paragraph { number, notices, c }
    }
}

impl Builder<'_> {
    fn figure(&self, id: &FigureId) -> Result<&Figure, ReportError> {
        self.figures.get(id).ok_or_else(|| ReportError::Drawing(format!("no figure `{id}`")))
    }

    fn value(&self, id: &FigureId, bounds: bool) -> Result<Inline, ReportError> {
        let figure = self.figure(id)?;
        let Value::Number(cell) = &figure.value else {
            return Err(ReportError::Drawing(format!(
                "`{id}` is a table; a single number was expected here"
            )));
        };
        let (decimals, unit) = format::unit(figure, "", "");
        let mut v = match (bounds, cell.bounds) {
            (true, Some(bounds)) => format::range(bounds, decimals, unit, self.lang),
            _ => format::show(cell, decimals, unit, self.lang),
        };
        let lineage = self.describer.cell(figure, "", "", cell)?;
        let mut note = self.note(figure, cell, &lineage.records);
        if cell.carried {
            v.push_str("\u{a0}*");
            note = format!("{note} {}", self.lang.text("carried-over"));
        }
        Ok(Inline::Figure { v, missing: cell.value.is_none(), lineage, note })
    }

    /// One line on where a value comes from, for the foot of a page.
    fn note(&self, figure: &Figure, cell: &Cell, records: &[crate::document::RecordLine]) -> String {
        let claim = format!("{}: {}", self.lang.text("label-claim"), figure.id);
        let Some(first) = records.first() else {
            return format!("{} {claim}.", figure.how);
        };
        let count = self.lang.integer(cell.records.len() as i64);
        let mut ids = compact(&cell.records);
        if ids.len() > 2 {
            ids.truncate(1);
            ids.push("…".into());
        }
        let args = [("source", &*first.source), ("place", &*first.place), ("count", &*count)];
        let key = if cell.records.len() == 1 { "note-one" } else { "note-many" };
        format!("{} {} {claim}.", self.lang.text_with(key, &args), ids.join(", "))
    }

    /// The mark behind a statement, with its labels.
    fn statement(&self, id: &str) -> Inline {
        let lang = self.lang;
        let mut labels = Vec::new();
        if self.manuscript.is_single_source(id) {
            labels.push(lang.text("label-single-source"));
        }
        if self.manuscript.is_stale(id) {
            labels.push(lang.text("label-stale"));
        }
        let Some((_, definition)) = self.manuscript.definition(id) else {
            return Inline::Statement { id: id.to_owned(), support: None, labels };
        };
        if definition.additional {
            labels.push(lang.text("label-additional"));
        }
        for evidence in definition.evidence.iter().filter(|e| e.via) {
            labels.push(
                lang.text_with("label-via", &[("source", &self.manuscript.sources.name(&evidence.source))]),
            );
        }
        let about: Vec<String> = [
            Some(lang.text(&format!("kind-{}", definition.kind.as_str()))),
            definition.place.clone(),
            definition.time.map(|t| lang.period(t)),
            definition.confidence.as_deref().map(|c| lang.text(&format!("confidence-{c}"))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let evidence: Vec<EvidenceView> = definition.evidence.iter().map(|e| self.evidence_view(e)).collect();
        let note: Vec<String> = evidence
            .iter()
            .map(|e| {
                let role = if e.role == lang.text("role-supports") {
                    String::new()
                } else {
                    format!("{}: ", e.role)
                };
                let place = if e.place.is_empty() { String::new() } else { format!(", {}", e.place) };
                let quote = if e.quote.is_empty() { String::new() } else { format!(": “{}”", e.quote) };
                format!("{role}{} [{}]{place}{quote}.", e.source, e.n)
            })
            .collect();
        let support = (!evidence.is_empty()).then(|| Support {
            about: about.join(" · "),
            evidence,
            note: note.join(" "),
        });
        Inline::Statement { id: id.to_owned(), support, labels }
    }

    fn evidence_view(&self, evidence: &crate::manuscript::Evidence) -> EvidenceView {
        let lang = self.lang;
        let own = self.manuscript.sources.get(&evidence.source);
        let (address, words): (Vec<&String>, Vec<&String>) =
            evidence.locators.iter().partition(|l| l.starts_with("http") || l.starts_with('#'));
        let home = own
            .map(source_url)
            .unwrap_or_else(|| sources().get(&evidence.source).map(|s| s.url.clone()).unwrap_or_default());
        let url = match address.first() {
            Some(fragment) if fragment.starts_with('#') => format!("{home}{fragment}"),
            Some(whole) => (*whole).clone(),
            None => home,
        };
        let mut place: Vec<String> = words.into_iter().cloned().collect();
        place.extend(address.iter().map(|a| (*a).clone()));
        let mut kept = Vec::new();
        if let Some(day) = evidence.accessed {
            kept.push(lang.text_with("evidence-accessed", &[("date", &lang.date(day))]));
        }
        if let Some(archive) = &evidence.archive {
            kept.push(archive.clone());
        }
        if let Some(hash) = &evidence.hash {
            kept.push(format!("{}…", &hash[..12.min(hash.len())]));
        }
        let quote = match (&evidence.translation, &evidence.quote) {
            (Some(own), Some(quote)) if evidence.language.as_deref() != Some(lang.as_str()) => {
                format!("{quote} ({}: {own})", lang.text("evidence-translated"))
            }
            (_, Some(quote)) => quote.clone(),
            (Some(own), None) => own.clone(),
            (None, None) => String::new(),
        };
        EvidenceView {
            role: lang.text(&format!("role-{}", evidence.role.as_str())),
            source: self.source_name(&evidence.source),
            n: self.describer.numbers.get(&evidence.source).copied().unwrap_or(0),
            place: place.join(", "),
            url,
            quote,
            kept: kept.join(" · "),
        }
    }

    /// A source's name: a paper of parliament in the form that readers of the language know.
    fn source_name(&self, id: &str) -> String {
        let citation = self.manuscript.sources.get(id).and_then(|s| s.citation.as_deref());
        match citation.and_then(|c| kamerstuk::Citation::parse(c).ok()) {
            Some(citation) if self.lang == Lang::Nl => citation.leidraad(),
            Some(citation) => citation.english(),
            None => self.manuscript.sources.name(id),
        }
    }

    /// Notices of a statement's corrections.
    fn notices(&self, id: &str) -> Vec<String> {
        let corrections = self.manuscript.corrections(id).into_iter();
        let words = |c: &crate::manuscript::Correction| {
            if self.lang == Lang::Nl { c.nl.clone() } else { c.en.clone() }
        };
        corrections
            .map(|c| {
                let args = [("date", &*self.lang.date(c.date)), ("what", &*words(c))];
                self.lang.text_with("correction", &args)
            })
            .collect()
    }

    fn simulation(&self, scenario: &str) -> Result<&Simulation, ReportError> {
        self.facts.simulations.iter().find(|s| s.id == scenario).ok_or_else(|| {
            let what = format!("`{scenario}`: no simulation of this name is held for the country");
            ReportError::Drawing(what)
        })
    }

    /// What the instance behind a simulation assumes where evidence is missing.
    fn instance_of(&self, scenario: &str) -> Result<Block, ReportError> {
        let texts = self.simulation(scenario)?.texts("instance", self.lang);
        let items = texts.into_iter().map(|text| vec![Block::words(text)]).collect();
        Ok(Block::List { ordered: false, items })
    }

    /// What a simulated scenario assumes, what stands with its numbers, and what the run was.
    fn assumptions(&self, scenario: &str) -> Result<Block, ReportError> {
        let (lang, simulation) = (self.lang, self.simulation(scenario)?);
        let mut items = Vec::new();
        let mut item = |text: String| items.push(vec![Block::words(text)]);
        let words = |what: &str| simulation.texts(what, lang);
        words("assumption").into_iter().chain(words("said")).for_each(&mut item);
        let named = |key: &str, texts: Vec<String>| {
            (!texts.is_empty()).then(|| lang.text_with(key, &[("list", &texts.join("; "))]))
        };
        named("simulation-costs", words("cost")).into_iter().for_each(&mut item);
        named("simulation-sources", words("source")).into_iter().for_each(&mut item);
        let (job, seed) = (simulation.text("job-blake3", lang), simulation.text("seed", lang));
        let short: String = job.chars().take(16).collect();
        let args = [("program", &*simulation.text("program", lang)), ("seed", &*seed), ("job", &*short)];
        item(lang.text_with("simulation-run", &args));
        item(match simulation.outdated(self.evidence)? {
            gone if gone.is_empty() => lang.text("simulation-current"),
            gone => lang.text_with("simulation-outdated", &[("sources", &lang.list(&gone))]),
        });
        Ok(Block::List { ordered: false, items })
    }

    fn questions(&self) -> Block {
        let words =
            |q: &crate::manuscript::Question| if self.lang == Lang::Nl { q.nl.clone() } else { q.en.clone() };
        let items = self.manuscript.settings.questions.iter().map(|q| vec![Block::words(words(q))]).collect();
        Block::List { ordered: true, items }
    }

    fn conditions(&self) -> Block {
        let head =
            ["condition", "goalpost", "authority"].map(|h| self.lang.text(&format!("head-{h}"))).to_vec();
        let rows = self.manuscript.settings.conditions.iter().map(|c| {
            let name = if self.lang == Lang::Nl { &c.nl } else { &c.en };
            [name, &c.goalpost, &c.authority]
                .map(|v| CellView { v: v.clone(), ..CellView::default() })
                .to_vec()
        });
        let table = TableView {
            id: "t-conditions".into(),
            title: self.lang.text("conditions-title"),
            head,
            rows: rows.collect(),
            ..TableView::default()
        };
        Block::Table { table }
    }

    /// How the sources were weighed: on how few the report rests, and what each answers (rules S2 and S10).
    fn assessment(&self) -> Block {
        let lang = self.lang;
        let concentration = crate::manuscript::Concentration::of(self.manuscript);
        let percent = |v: f64| lang.decimal(v * 100.0, 0);
        let largest = concentration.roots.iter().max_by_key(|(_, n)| **n).map(|(id, _)| self.source_name(id));
        let mut items = vec![vec![Block::words(lang.text_with(
            "assessment-concentration",
            &[
                ("roots", &lang.integer(concentration.roots.len() as i64)),
                ("largest", &largest.unwrap_or_else(|| "–".into())),
                ("share", &percent(concentration.largest)),
                ("index", &lang.decimal(concentration.herfindahl, 2)),
                ("parties", &percent(concentration.parties)),
                ("local", &percent(concentration.local)),
            ],
        ))]];
        for accept in &self.manuscript.settings.accepted {
            let words = if lang == Lang::Nl { &accept.nl } else { &accept.en };
            items.push(vec![Block::words(
                lang.text_with("assessment-accepted", &[("rule", &accept.rule), ("why", words)]),
            )]);
        }
        for source in self.manuscript.sources.own() {
            if !self.describer.numbers.contains_key(&source.id) {
                continue;
            }
            let name = self.source_name(&source.id);
            let answers = [("what", &source.what), ("why", &source.why), ("how", &source.how)];
            let answers = answers.iter().filter(|(_, a)| !a.is_empty());
            let said: Vec<String> =
                answers.map(|(q, a)| format!("{}: {a}", lang.text(&format!("answer-{q}")))).collect();
            items.push(vec![Block::words(format!("{name}. {}", said.join("; ")))]);
        }
        Block::List { ordered: false, items }
    }

    /// Reviews, corrections, and the report that this one replaces.
    fn changes(&self) -> Block {
        let (lang, settings) = (self.lang, &self.manuscript.settings);
        let mut lines = Vec::new();
        if let Some(old) = &settings.supersedes {
            lines.push(lang.text_with("changes-supersedes", &[("report", old)]));
        }
        for review in &settings.reviews {
            let args = [
                ("role", &*review.role),
                ("date", &*lang.date(review.date)),
                ("comments", &*lang.integer(review.comments.into())),
                ("resolved", &*lang.integer(review.resolved.into())),
            ];
            lines.push(lang.text_with("changes-review", &args));
        }
        for correction in &settings.corrections {
            let number = self.paragraphs.get(&correction.statement).map_or("–", String::as_str);
            for notice in self.notices(&correction.statement) {
                lines.push(format!("{number}: {notice}"));
            }
        }
        lines.dedup();
        let mut items: Vec<Vec<Block>> = lines.into_iter().map(|l| vec![Block::words(l)]).collect();
        // A paragraph that was published and is gone keeps its address here.
        for gone in self.manuscript.lock.iter().flat_map(|l| &l.paragraphs) {
            if gone.statements.keys().any(|id| self.paragraphs.contains_key(id)) {
                continue;
            }
            let notices = gone.statements.keys().flat_map(|id| self.notices(id)).collect();
            let c = vec![Inline::Text { v: lang.text("changes-gone") }];
            items.push(vec![Block::Paragraph { number: gone.number.clone(), notices, c }]);
        }
        if items.is_empty() {
            items.push(vec![Block::words(lang.text("changes-none"))]);
        }
        Block::List { ordered: false, items }
    }

    fn own_entry(&self, n: usize, source: &Source) -> SourceEntry {
        let lang = self.lang;
        let when = source.when.map(|w| format!(", {}", lang.period(w))).unwrap_or_default();
        let mut lines = Vec::new();
        if let Some(day) = source.accessed {
            lines.push(lang.text_with("evidence-accessed", &[("date", &lang.date(day))]));
        }
        lines.extend(source.archive.iter().cloned());
        lines.extend(source.isbn.iter().map(|i| format!("ISBN {i}")));
        if !source.derives_from.is_empty() {
            let from: Vec<String> = source.derives_from.iter().map(|d| self.source_name(d)).collect();
            lines.push(lang.text_with("source-derives", &[("sources", &lang.list(&from))]));
        }
        let name = self.source_name(&source.id);
        let title = match source.citation.is_some() && !source.title.is_empty() {
            true => format!("{name} ({})", source.title),
            false => name,
        };
        SourceEntry {
            n,
            source: source.id.clone(),
            citation: match source.confidentiality {
                Confidentiality::Confidential => lang.text_with("source-confidential", &[("who", &title)]),
                Confidentiality::Public => format!("{title}{when}."),
            },
            url: source_url(source),
            licence: source.licence.clone(),
            licence_url: String::new(),
            attribution: String::new(),
            caveat: String::new(),
            snapshots: lines,
        }
    }

    fn source_line(&self, figure: &Figure) -> String {
        let mut attributions: Vec<String> = Vec::new();
        let used = figure.snapshots();
        for source in &figure.sources {
            let Some(definition) = sources().get(source) else { continue };
            let mut of_source = self.evidence.edition().of(source);
            of_source.retain(|s| used.contains(&s.id));
            let since = known::since_all(of_source.into_iter(), self.lang);
            let n = self.describer.numbers.get(source).copied().unwrap_or(0);
            let when = match since.is_empty() {
                true => String::new(),
                false => format!(", {}", self.lang.list(&since)),
            };
            attributions.push(format!("{} [{n}]{when}", definition.attribution));
        }
        format!("{}: {}.", self.lang.text("label-source"), attributions.join("; "))
    }

    fn table(&self, id: &FigureId, title: &str, subtitle: &str) -> Result<TableView, ReportError> {
        let figure = self.figure(id)?;
        let Value::Table(table) = &figure.value else {
            return Err(ReportError::Drawing(format!(
                "`{id}` is a single number; a table was expected here"
            )));
        };
        let with_year = table.rows.iter().flat_map(|r| &r.cells).any(|c| c.period.is_some());
        let mut head = vec![self.lang.text(&format!("head-{}", table.key))];
        head.extend(table.columns.iter().map(|(_, label)| label.clone()));
        if with_year {
            head.extend([
                self.lang.text("head-unit"),
                self.lang.text("head-year"),
                self.lang.text("head-source"),
            ]);
        }
        let (mut any_old, mut any_carried, mut why) = (false, false, BTreeSet::new());
        let mut rows = Vec::new();
        for row in &table.rows {
            let mut cells = vec![CellView { v: row.label.clone(), ..CellView::default() }];
            for (cell, (column, _)) in row.cells.iter().zip(&table.columns) {
                let (decimals, unit) = format::unit(figure, &row.key, column);
                any_old |= cell.old;
                any_carried |= cell.carried;
                why.extend(cell.missing);
                let short = match cell.missing {
                    Some(Missing::NotHeld) => self.lang.text("mark-not-held"),
                    Some(Missing::Undefined) => self.lang.text("mark-undefined"),
                    Some(Missing::Undetermined) => self.lang.text("mark-undetermined"),
                    Some(Missing::NotReported) => self.lang.text("mark-not-reported"),
                    Some(Missing::Withheld) => self.lang.text("mark-withheld"),
                    None => format::show(cell, decimals, unit, self.lang),
                };
                cells.push(CellView {
                    v: short,
                    number: true,
                    missing: cell.value.is_none(),
                    old: cell.old,
                    carried: cell.carried,
                    lineage: Some(self.describer.cell(figure, &row.key, column, cell)?),
                });
            }
            if with_year {
                let cell = &row.cells[0];
                let (_, unit) = format::unit(figure, &row.key, "");
                let source = self.source_of(cell);
                cells.push(CellView { v: format::unit_name(unit, self.lang), ..CellView::default() });
                let year = cell.period.map_or_else(|| "–".to_owned(), |p| p.year().to_string());
                cells.push(CellView { v: year, number: true, ..CellView::default() });
                cells.push(CellView { v: source, ..CellView::default() });
            }
            rows.push(cells);
        }
        let mut marks: Vec<String> = why
            .into_iter()
            .map(|missing| {
                self.lang.text(match missing {
                    Missing::NotHeld => "explain-not-held",
                    Missing::NotReported => "explain-not-reported",
                    Missing::Undefined => "explain-undefined",
                    Missing::Undetermined => "explain-undetermined",
                    Missing::Withheld => "explain-withheld",
                })
            })
            .collect();
        if any_old {
            marks.push(self.lang.text("explain-old"));
        }
        if any_carried {
            marks.push(format!("* {}", self.lang.text("carried-over")));
        }
        Ok(TableView {
            id: format!("t-{}", id.slug()),
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            wide: head.len() > 6,
            head,
            rows,
            source: self.source_line(figure),
            marks,
            claim: id.to_string(),
        })
    }

    /// The short name of the source that a cell rests on.
    fn source_of(&self, cell: &Cell) -> String {
        let edition = self.evidence.edition();
        let snapshot =
            cell.records.first().and_then(|r| edition.snapshots.iter().find(|s| s.id == r.snapshot));
        let definition = snapshot.and_then(|s| sources().get(&s.source));
        definition.map_or_else(
            || "–".to_owned(),
            |d| {
                let n = self.describer.numbers.get(&d.id).copied().unwrap_or(0);
                format!("{} [{n}]", d.publisher)
            },
        )
    }

    fn chart(
        &mut self,
        id: &FigureId,
        title: &str,
        subtitle: &str,
        draw: &str,
        with_table: bool,
    ) -> Result<ChartView, ReportError> {
        let view = self.table(id, title, subtitle)?;
        let figure = self.figure(id)?;
        let Value::Table(table) = &figure.value else {
            return Err(ReportError::Drawing(format!(
                "`{id}` is a single number; a table was expected here"
            )));
        };
        // A total beside its parts would be drawn twice.
        let stacked = draw == "stacked";
        let drawn = |key: &str| !["total", "organised-violence", "rate", "substance"].contains(&key);
        let columns: Vec<usize> = (0..table.columns.len()).filter(|&i| drawn(&table.columns[i].0)).collect();
        let series: Vec<Series> = columns
            .iter()
            .map(|&i| Series {
                name: table.columns[i].1.clone(),
                values: table.rows.iter().map(|r| r.cells[i].value).collect(),
            })
            .collect();
        let names: Vec<String> = series.iter().map(|s| s.name.clone()).collect();
        let chart = Chart {
            labels: table.rows.iter().map(|r| r.label.clone()).collect(),
            series,
            stacked,
            lang: self.lang,
            missing: &self.lang.text("chart-missing"),
        };
        let svg = chart.draw().map_err(|e| ReportError::Drawing(e.to_string()))?;
        let first = table.rows.first().map_or("", |r| &r.label);
        let last = table.rows.last().map_or("", |r| &r.label);
        let args = [("title", title), ("first", first), ("last", last), ("series", &*self.lang.list(&names))];
        let alt = self.lang.text_with("chart-alt", &args);
        let source = view.source.clone();
        self.finish(id, "chart", title, subtitle, svg, alt, source, with_table.then_some(view))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one drawing, each made by its caller")]
    fn finish(
        &mut self,
        id: &FigureId,
        kind: &str,
        title: &str,
        subtitle: &str,
        svg: String,
        alt: String,
        source: String,
        table: Option<TableView>,
    ) -> Result<ChartView, ReportError> {
        let file = format!("{kind}-{}.svg", id.slug());
        self.drawings.insert(file.clone(), svg.clone());
        Ok(ChartView {
            id: format!("{kind}-{}", id.slug()),
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            file,
            svg,
            alt,
            source,
            table,
        })
    }

    /// The criteria of a table of conditions, a panel for each that is determined anywhere.
    fn verdict_map(&mut self, id: &FigureId, title: &str, subtitle: &str) -> Result<ChartView, ReportError> {
        const MOST: usize = 6;
        let figure = self.figure(id)?;
        let Value::Table(table) = &figure.value else {
            return Err(ReportError::Drawing(format!(
                "`{id}` is a single number; a table was expected here"
            )));
        };
        let level = id.params.get("level").and_then(|l| l.parse().ok()).unwrap_or(1);
        let shapes = shapes(self.evidence, self.country.iso3, level)?;
        let verdict = |cell: &Cell| match cell.value {
            Some(value) if value > 0.5 => Verdict::Met,
            Some(_) => Verdict::NotMet,
            None => Verdict::CannotBeDetermined,
        };
        let (mut panels, mut told) = (Vec::new(), Vec::new());
        let determined = |k: usize| table.rows.iter().any(|r| r.cells[k].value.is_some());
        let any = (0..table.columns.len()).any(determined);
        for (k, (_, label)) in table.columns.iter().enumerate() {
            // Where nothing is determined, the first criteria show that.
            if panels.len() == MOST || (any && !determined(k)) {
                continue;
            }
            let areas = table.rows.iter().filter_map(|row| {
                let shape = Code::new(&row.key).ok().and_then(|code| shapes.get(&code))?;
                Some((shape.clone(), verdict(&row.cells[k])))
            });
            let count = |wanted: Verdict| {
                let n = table.rows.iter().filter(|r| verdict(&r.cells[k]) == wanted).count();
                self.lang.integer(n as i64)
            };
            told.push(self.lang.text_with(
                "map-criterion",
                &[
                    ("criterion", label),
                    ("met", &count(Verdict::Met)),
                    ("not", &count(Verdict::NotMet)),
                    ("open", &count(Verdict::CannotBeDetermined)),
                ],
            ));
            panels.push(Panel { title: label.clone(), areas: areas.collect() });
        }
        if panels.iter().all(|p| p.areas.is_empty()) {
            let what = format!("`{id}`: no shapes of these areas are held");
            return Err(ReportError::Drawing(what));
        }
        let words =
            ["verdict-met", "verdict-not-met", "verdict-cannot-be-determined"].map(|w| self.lang.text(w));
        let svg = verdict_map::draw(&panels, words.each_ref().map(String::as_str))
            .map_err(|e| ReportError::Drawing(e.to_string()))?;
        let alt = format!("{title}. {}", told.join(" "));
        let source = format!("{} {}", self.source_line(figure), self.lang.text("map-areas-disclaimer"));
        self.finish(id, "map", title, subtitle, svg, alt, source, None)
    }

    /// Countries coloured by the last row of a figure whose columns are countries, or by the one column of a figure
    /// whose rows are.
    fn map(&mut self, id: &FigureId, title: &str, subtitle: &str) -> Result<ChartView, ReportError> {
        let figure = self.figure(id)?;
        let Value::Table(table) = &figure.value else {
            return Err(ReportError::Drawing(format!(
                "`{id}` is a single number; a table was expected here"
            )));
        };
        let (row, reported) = by_country(table).ok_or_else(|| {
            ReportError::Drawing(format!("`{id}`: neither its columns nor its rows are countries"))
        })?;
        let (decimals, unit) = format::unit(figure, row, "");
        let origin = self.country.iso3;
        let mut values: BTreeMap<Code, Cell> =
            countries().all().iter().map(|c| (c.iso3, Cell::missing(Missing::NotReported))).collect();
        values.extend(reported);
        let areas = self.evidence.areas(&RecordFilter::of("naturalearth-countries").level(0))?;
        let areas: Vec<Area> = areas.into_iter().map(|r| r.value).collect();
        let frame = frame(&areas, origin, &values);
        // Names where they can be read: of what is not small beside the largest.
        let most = values.values().filter_map(|c| c.value).fold(0.0, f64::max);
        let least = if most >= 1000.0 { 1000.0 } else { most / 10.0 };
        let mut places: Vec<Place> = areas
            .iter()
            .filter_map(|area| {
                let value = values.get(&area.country).and_then(|c| c.value);
                Some(Place {
                    name: countries().name(area.country, self.lang),
                    shape: area.shape.clone()?,
                    value,
                    subject: area.country == origin,
                    label: area.country == origin || value.is_some_and(|v| v > 0.0 && v >= least),
                })
            })
            .collect();
        places.sort_by_key(|p| p.subject);
        let subject = self.country.name(self.lang);
        let none = self.lang.text("map-none");
        let svg = map::draw(&places, frame, self.lang, (subject, &none))
            .map_err(|e| ReportError::Drawing(e.to_string()))?;
        let mut largest: Vec<(&Code, &Cell)> =
            values.iter().filter(|(_, c)| c.value.is_some_and(|v| v > 0.0)).collect();
        largest.sort_by(|a, b| b.1.value.unwrap_or(0.0).total_cmp(&a.1.value.unwrap_or(0.0)));
        let named: Vec<String> = largest
            .iter()
            .take(6)
            .map(|(code, cell)| {
                let value = format::show(cell, decimals, unit, self.lang);
                format!("{} {value}", countries().name(**code, self.lang))
            })
            .collect();
        let unit = format::unit_name(unit, self.lang);
        let claim = figure.id.to_string();
        let shows = [("label", &*figure.label), ("unit", &*unit), ("claim", &*claim)];
        let shows = self.lang.text_with("map-shows", &shows);
        let alt = self.lang.text_with("map-alt", &[("title", title), ("largest", &*self.lang.list(&named))]);
        let n = self.describer.numbers.get("naturalearth-countries").copied().unwrap_or(0).to_string();
        let disclaimer = self.lang.text_with("map-disclaimer", &[("n", &n)]);
        let source = format!("{shows} {} {disclaimer}", self.source_line(figure));
        self.finish(id, "map", title, subtitle, svg, alt, source, None)
    }

    fn sources(&self) -> Vec<SourceEntry> {
        // What another country's file brings is no source of this report.
        let used: BTreeSet<SnapshotId> = self.figures.values().flat_map(Figure::snapshots).collect();
        let asked: BTreeSet<Option<Code>> = self.figures.values().map(|f| f.country).collect();
        let covers = |s: &Snapshot| {
            asked
                .iter()
                .any(|country| s.coverage.holds_place(Asked { country: *country, ..Asked::default() }))
        };
        let mut entries: Vec<SourceEntry> = self
            .describer
            .numbers
            .iter()
            .filter_map(|(id, &n)| {
                if let Some(own) = self.manuscript.sources.get(id) {
                    return Some(self.own_entry(n, own));
                }
                let source = sources().get(id)?;
                let mut held = self.evidence.edition().of(id);
                held.retain(|s| used.contains(&s.id) || covers(s));
                let newest = held.iter().max_by_key(|s| (s.recorded, s.id));
                let when = match newest {
                    Some(snapshot) => known::since(snapshot, self.lang),
                    None => self.lang.text("not-held"),
                };
                let snapshots = held.iter().map(|s| {
                    let oddities: u64 = s.quality.notes.iter().map(|n| n.count).sum();
                    self.lang.text_with(
                        "snapshot-line",
                        &[
                            ("id", &s.id.short()),
                            ("capture", &s.capture),
                            ("covers", &s.coverage.text(self.lang)),
                            ("date", &self.lang.date(s.recorded_on())),
                            ("rows", &self.lang.integer(s.rows_read as i64)),
                            ("records", &self.lang.integer(s.records as i64)),
                            ("notes", &self.lang.integer(oddities as i64)),
                        ],
                    )
                });
                Some(SourceEntry {
                    n,
                    source: id.clone(),
                    citation: source.citation.replace("retrieved {retrieved}", &when),
                    url: source.url.clone(),
                    licence: source.licence.id.clone(),
                    licence_url: source.licence.url.clone(),
                    attribution: source.attribution.clone(),
                    caveat: source.caveat(self.lang).to_owned(),
                    snapshots: snapshots.collect(),
                })
            })
            .collect();
        entries.sort_by_key(|e| e.n);
        entries
    }

    /// What is not known: sources that are not held or say nothing, and questions that no source here answers.
    fn gaps(&self) -> Result<Block, ReportError> {
        let mut items = Vec::new();
        let mut item = |text: String| items.push(vec![Block::words(text)]);
        for question in self.manuscript.unanswered() {
            let words = if self.lang == Lang::Nl { &question.nl } else { &question.en };
            item(self.lang.text_with("gap-question", &[("question", words)]));
        }
        for source in expected() {
            if source == "iom-missing-migrants" && self.facts.latest.contains_key(source)
                || self.facts.held.contains(source)
            {
                continue;
            }
            let title =
                sources().get(source).map_or(source.to_owned(), |s| format!("{}, {}", s.publisher, s.title));
            let key = if self.facts.latest.contains_key(source) { "gap-silent" } else { "gap-not-held" };
            item(self.lang.text_with(key, &[("title", &title)]));
        }
        for topic in ["areas", "voluntary", "treatment", "documents", "current"] {
            item(self.lang.text_with(&format!("gap-{topic}"), &[("country", self.country.name(self.lang))]));
        }
        Ok(Block::List { ordered: false, items })
    }
}

/// The values of a table by country, with the key of their row: those of its last row where columns are countries,
/// else those of its only column where rows are.
fn by_country(table: &Table) -> Option<(&str, BTreeMap<Code, Cell>)> {
    let country = |key: &str| countries().by_iso3(key).map(|c| c.iso3);
    if table.columns.iter().any(|(key, _)| country(key).is_some()) {
        let last = table.rows.last()?;
        let cells = table.columns.iter().zip(&last.cells);
        let values = cells.filter_map(|((key, _), cell)| Some((country(key)?, cell.clone()))).collect();
        return Some((&last.key, values));
    }
    let rows = table.rows.iter().filter_map(|row| Some((country(&row.key)?, row.cells.first()?.clone())));
    let values: BTreeMap<Code, Cell> = rows.collect();
    (table.columns.len() == 1 && !values.is_empty()).then_some(("", values))
}

/// The part of the world around a country that holds it and its largest neighbours in displacement.
fn frame(areas: &[Area], origin: Code, values: &BTreeMap<Code, Cell>) -> Frame {
    let bounds = |code: Code| -> Option<[f64; 4]> {
        let area = areas.iter().find(|a| a.country == code)?;
        // The largest polygon stands for the country: overseas parts would pull the frame away.
        let ring = area.shape.as_ref()?.iter().filter_map(|p| p.first()).max_by_key(|r| r.len())?;
        let mut b = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
        for p in ring {
            b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
        }
        Some(b)
    };
    let Some(own) = bounds(origin) else {
        return Frame { west: -20.0, south: -5.0, east: 60.0, north: 45.0 };
    };
    let middle = [(own[0] + own[2]) / 2.0, (own[1] + own[3]) / 2.0];
    let mut hosts: Vec<(Code, f64)> =
        values.iter().filter_map(|(c, v)| Some((*c, v.value.filter(|v| *v > 0.0)?))).collect();
    hosts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut all = own;
    for (code, _) in hosts.into_iter().take(10) {
        let Some(b) = bounds(code) else { continue };
        let centre = [(b[0] + b[2]) / 2.0, (b[1] + b[3]) / 2.0];
        if (centre[0] - middle[0]).abs() < 17.0 && (centre[1] - middle[1]).abs() < 13.0 {
            all = [all[0].min(b[0]), all[1].min(b[1]), all[2].max(b[2]), all[3].max(b[3])];
        }
    }
    let (mut width, mut height) = (all[2] - all[0] + 3.0, all[3] - all[1] + 2.0);
    // A page-wide map is between 1.4 and 1.9 times as wide as it is high.
    let narrow = 0.85;
    width = width.max(height * 1.45 / narrow);
    height = height.max(width * narrow / 1.9);
    let centre = [(all[0] + all[2]) / 2.0, (all[1] + all[3]) / 2.0];
    Frame {
        west: centre[0] - width / 2.0,
        east: centre[0] + width / 2.0,
        south: centre[1] - height / 2.0,
        north: centre[1] + height / 2.0,
    }
}

/// The address of a source of the author's own.
fn source_url(source: &Source) -> String {
    if !source.url.is_empty() {
        return source.url.clone();
    }
    let paper =
        source.citation.as_deref().and_then(|c| kamerstuk::Citation::parse(c).ok()).and_then(|c| c.url());
    let doi = source.doi.as_deref().and_then(|d| crate::bibliography::Doi::parse(d).ok()).map(|d| d.url());
    paper.or(doi).unwrap_or_default()
}

/// Inlines as their author wrote them: what is quoted keeps the mark behind it.
fn written(inlines: &[Inline]) -> String {
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Emph { c } | Inline::Strong { c } | Inline::Link { c, .. } => written(c),
            Inline::Statement { id, .. } => format!("[^{id}]"),
            other => plain(std::slice::from_ref(other)),
        })
        .collect()
}

/// The words of a block that its author wrote.
fn block_text(block: &Block) -> String {
    let lines: Vec<String> = match block {
        Block::Heading { c, .. } | Block::Paragraph { c, .. } => vec![written(c)],
        Block::List { items, .. } => items.iter().flatten().map(block_text).collect(),
        Block::Notice { c } => c.iter().map(block_text).collect(),
        Block::Table { table } => vec![table.title.clone(), table.subtitle.clone()],
        Block::Chart { chart } => vec![chart.title.clone(), chart.subtitle.clone()],
        Block::Cards { cards } => cards.iter().flat_map(|c| [c.label.clone(), c.sub.clone()]).collect(),
        Block::Sources { .. } => Vec::new(),
    };
    lines.join("\n")
}

/// The plain text of a document: what tests read for words that must not stand there.
impl Document {
    /// Every sentence, title, label and note, one a line.
    pub fn text(&self) -> String {
        let mut lines =
            vec![self.title.clone(), self.subtitle.clone(), self.notice.clone(), self.footer.clone()];
        lines.extend(self.meta.iter().map(|(a, b)| format!("{a}: {b}")));
        lines.extend(self.evidence.iter().map(|row| row.join(": ")));
        fn walk(blocks: &[Block], lines: &mut Vec<String>) {
            for block in blocks {
                match block {
                    Block::Heading { c, .. } | Block::Paragraph { c, .. } => lines.push(plain(c)),
                    Block::List { items, .. } => items.iter().for_each(|i| walk(i, lines)),
                    Block::Notice { c } => walk(c, lines),
                    Block::Table { table } => lines.push(json!(table).to_string()),
                    Block::Chart { chart } => lines.push(json!(chart).to_string()),
                    Block::Cards { cards } => lines.push(json!(cards).to_string()),
                    Block::Sources { entries } => lines.push(json!(entries).to_string()),
                }
            }
        }
        walk(&self.blocks, &mut lines);
        lines.join("\n")
    }
}
