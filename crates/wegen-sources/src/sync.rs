//! What to ask publishers, how their pages follow, and how whole answers enter the ledger.
//!
//! A [`Plan`] holds the questions of a source; each becomes one snapshot, whose coverage is the one that was
//! *asked*: an empty answer counts too. Pages are kept under `incoming/` in the ledger's folder as they
//! arrive, so that a run that broke off goes on where it stopped. Nothing enters before every page of every
//! question is there, is consistent with the others, and has been read by the source's parser.
//!
//! Traps: the World Bank answers errors with HTTP 200; a server that ignores the number of a page answers
//! with the first one again; the number of pages can change while they are fetched.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wegen_ledger::{Added, Draft, Ledger, LedgerError, Snapshot, SnapshotId};
use wegen_model::{Asked, Code, Coverage, Declared, Period, Record, Span, countries, indicators, sources};

use crate::{
    Answer, Client, Credential, Expected, File, Request, SourceError, Token, Validators, parser,
    table::{json, kind, text_of},
};

/// The environment variable with UCDP's token.
pub const UCDP_TOKEN: &str = "WEGEN_UCDP_TOKEN";

/// The release of UCDP's events that is asked for; it covers 1989 to 2025.
pub const UCDP_VERSION: &str = "26.1";

/// The years of that release.
const UCDP_YEARS: (i32, i32) = (1989, 2025);

/// INFORM's number of the release whose trends are asked for.
pub const INFORM_WORKFLOW: u32 = 493;

/// The first year of Missing Migrants.
const FIRST_MISSING_MIGRANTS: i32 = 2014;

/// The first year of UNHCR's tables.
const FIRST_UNHCR: i32 = 1951;

/// The first year of the World Development Indicators.
const FIRST_WORLD_BANK: i32 = 1960;

/// The World Bank takes so many indicators in one call.
const MAX_INDICATORS: usize = 60;

/// No answer of a publisher has more pages; one that says so is wrong.
const MAX_PAGES: u64 = 20_000;

/// A page of an interrupted run is used again if it is not older.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The country of origin, or where it is measured; all where `None`.
    pub country: Option<Code>,
    /// The first year; the source's first where `None`.
    pub from_year: Option<i32>,
    /// The last year; the current one where `None`.
    pub to_year: Option<i32>,
    /// The current year.
    pub current_year: i32,
    /// INFORM's release: [`INFORM_WORKFLOW`] unless said otherwise.
    pub inform_workflow: u32,
    /// UCDP's token.
    pub ucdp_token: Option<Token>,
    /// Other servers by source, instead of the publisher's: `http://127.0.0.1:8000`.
    pub base_urls: BTreeMap<String, String>,
}

impl Ask {
    /// Everything up to this year, without tokens.
    pub fn new(current_year: i32) -> Ask {
        Ask {
            country: None,
            from_year: None,
            to_year: None,
            current_year,
            inform_workflow: INFORM_WORKFLOW,
            ucdp_token: None,
            base_urls: BTreeMap::new(),
        }
    }

    /// As [`Ask::new`], with the tokens that the environment holds.
    pub fn from_env(current_year: i32) -> Ask {
        Ask { ucdp_token: Token::from_env(UCDP_TOKEN), ..Ask::new(current_year) }
    }

    /// The years asked, where any were; `first` is the source's first.
    fn years(&self, first: i32) -> Option<(i32, i32)> {
        match (self.from_year, self.to_year) {
            (None, None) => None,
            (from, to) => Some((from.unwrap_or(first), to.unwrap_or(self.current_year))),
        }
    }

    fn base(&self, source: &str, publishers: &str) -> String {
        let base = self.base_urls.get(source).map_or(publishers, String::as_str);
        base.trim_end_matches('/').to_owned()
    }
}

/// What must be asked of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The source, as in the registry.
    pub source: String,
    /// The questions; each becomes a snapshot.
    pub questions: Vec<Question>,
}

impl Plan {
    /// The first request of every chain of pages, in order.
    pub fn first_requests(&self) -> Vec<Request> {
        self.questions.iter().flat_map(|q| &q.chains).map(|chain| chain.request(0)).collect()
    }

    /// A name for the folder of its pages. Tokens have no part in it.
    fn folder(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.source.as_bytes());
        for request in self.first_requests() {
            hasher.update(b"\n").update(request.url.as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

/// One question of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked, and so what the answer's snapshot covers, as far as time has come when it is given; all years
    /// where it has no period.
    pub coverage: Coverage,
    /// The publisher's release that is asked for, where it has any.
    pub release: Option<String>,
    /// The pages that make up the answer, one chain after the other.
    pub chains: Vec<Chain>,
}

impl Question {
    fn of(country: Option<Code>, years: Option<(i32, i32)>, chains: Vec<Chain>) -> Question {
        let coverage = Coverage {
            countries: country.map(|c| [c].into()),
            period: years.map(|(from, to)| Span::years(from, to)),
            ..Coverage::all(Declared::Question)
        };
        Question { coverage, release: None, chains }
    }

    /// What an answer of that moment covers: nothing of what was still to come.
    fn answered(&self, at: Timestamp) -> Coverage {
        let day = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        let begin = self.coverage.period.and_then(Span::first).or(Period::of_year(1900));
        let until = begin.and_then(|begin| Span::between(begin, Period::of_day(day).to_month()));
        let period = match (self.coverage.period, until) {
            (Some(asked), Some(until)) => asked.both(until).or(Some(asked)),
            (None, until) => until,
            (asked, None) => asked,
        };
        Coverage { period, ..self.coverage.clone() }
    }
}

/// Pages that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The address without the number of a page.
    pub url: String,
    /// How its pages follow.
    pub paging: Paging,
    /// The token it needs.
    pub credential: Option<Credential>,
    /// The name of its files, without an ending.
    name: String,
}

/// How pages follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// One array, and no further page.
    Single,
    /// UNHCR: pages from 1 to `maxPages`, rows in `items`.
    Unhcr,
    /// UCDP: pages from 0, `TotalPages` of them, rows in `Result`.
    Ucdp,
    /// World Bank: pages from 1 to `/0/pages`, rows in `/1`.
    WorldBank,
}

impl Paging {
    /// The number of the page at `index`, as the publisher counts.
    fn number(self, index: u64) -> u64 {
        match self {
            Paging::Ucdp => index,
            _ => index + 1,
        }
    }
}

impl Chain {
    fn single(name: impl Into<String>, url: String) -> Chain {
        Chain { url, paging: Paging::Single, credential: None, name: name.into() }
    }

    /// The request for the page at `index`, from 0.
    pub fn request(&self, index: u64) -> Request {
        let url = match self.paging {
            Paging::Single => self.url.clone(),
            paging => format!("{}&page={}", self.url, paging.number(index)),
        };
        Request { url, expected: Expected::Json, credential: self.credential.clone() }
    }

    fn file_name(&self, index: u64) -> String {
        match self.paging {
            Paging::Single => format!("{}.json", self.name),
            paging => format!("{}-page-{}.json", self.name, paging.number(index)),
        }
    }
}

/// Why a source cannot be fetched, where it cannot.
pub fn only_by_import(source: &str) -> Option<&'static str> {
    match source {
        "idmc" | "unrwa" => {
            Some("its figures come as a download, or in the package in which UNHCR passes them on")
        }
        "ucdp-country-year" => {
            Some("the figures by country and year come as one bulk file, which needs no token")
        }
        "owid-jmp" | "gapminder" => {
            Some("its figures come as files that are downloaded one by one; `worldbank-wdi` can be fetched")
        }
        "ophi-mpi" => {
            Some("the tables come as spreadsheets, under terms that are accepted on the publisher's page")
        }
        "ocha-pcodes" | "ocha-cod-ab" => {
            Some("the tables and boundaries come as downloads, one for each country")
        }
        "naturalearth-admin1" | "naturalearth-countries" => Some("the maps come as downloads"),
        "reach-hsos" => Some("the rounds come as workbooks or tables from the publisher's page, one by one"),
        "insecurity-insight" => Some("the incidents come as downloads, one for each kind of attack"),
        "ocha-syria-movements" => Some("the movements come as a workbook"),
        "iom-dtm" => {
            Some("the rounds come as downloads, and the interface asks for a key that is given on request")
        }
        "ocha-hno" => Some("the overviews come as downloads, one for each year"),
        "ocha-cod-ps" => Some("the tables come as downloads, one for each level"),
        "uscb-syria-population" => Some("the figures come as one download"),
        "wegen-simulation" => {
            Some("`wegen simulate` makes it, as `published/simulation.csv` of the folder it writes")
        }
        _ => None,
    }
}

/// What must be asked of a source. Nothing is sent.
///
/// Some publishers cannot be asked for one country or one year; there the question, and its coverage, is wider
/// than what is wanted: Missing Migrants comes for all countries, UCDP's events for all years, INFORM for both.
///
/// # Errors
/// [`SourceError::Http`] where the source only comes as a download, or does not know the country or years.
pub fn plan(source: &str, ask: &Ask) -> Result<Plan, SourceError> {
    let definition = sources().get(source).ok_or_else(|| SourceError::UnknownSource(source.to_owned()))?;
    let refuse = |what: String| SourceError::Http { url: definition.url.clone(), what };
    if let Some(why) = only_by_import(source) {
        return Err(refuse(format!(
            "`{source}` cannot be fetched: {why}; download it, then `wegen import {source} FILE`"
        )));
    }
    if let (Some(from), Some(to)) = (ask.from_year, ask.to_year.or(Some(ask.current_year)))
        && from > to
    {
        return Err(refuse(format!(
            "found the years {from} to {to}, expected the first not to be after the last"
        )));
    }
    let questions = match source {
        "unhcr-population" => vec![unhcr(source, "population", ask)],
        "unhcr-asylum-applications" => vec![unhcr(source, "asylum-applications", ask)],
        "unhcr-asylum-decisions" => vec![unhcr(source, "asylum-decisions", ask)],
        "unhcr-solutions" => vec![unhcr(source, "solutions", ask)],
        "iom-missing-migrants" => missing_migrants(source, ask),
        "ucdp-ged" => vec![events(source, ask).map_err(refuse)?],
        "worldbank-wdi" => vec![world_bank(source, ask)],
        "inform-risk" => vec![inform(source, ask)],
        _ => {
            return Err(refuse(format!(
                "`{source}` cannot be fetched; download it, then `wegen import {source} FILE`"
            )));
        }
    };
    match questions.is_empty() {
        true => Err(refuse("the source has none of the years asked".into())),
        false => Ok(Plan { source: source.to_owned(), questions }),
    }
}

fn unhcr(source: &str, table: &str, ask: &Ask) -> Question {
    let base = ask.base(source, "https://api.unhcr.org");
    let origin = ask.country.map_or("coo_all=true".to_owned(), |code| format!("coo={code}"));
    let years = ask.years(FIRST_UNHCR);
    // All years are asked for by name: what the server does without any is documented nowhere.
    let (from, to) = years.unwrap_or((FIRST_UNHCR, ask.current_year));
    let url = format!(
        "{base}/population/v1/{table}/?limit=1000&cf_type=ISO&{origin}&coa_all=true&yearFrom={from}&yearTo={to}"
    );
    let chain = Chain { url, paging: Paging::Unhcr, credential: None, name: table.to_owned() };
    Question::of(ask.country, years, vec![chain])
}

fn missing_migrants(source: &str, ask: &Ask) -> Vec<Question> {
    let base = ask.base(source, "https://missingmigrants.iom.int");
    let (from, to) = ask.years(FIRST_MISSING_MIGRANTS).unwrap_or((FIRST_MISSING_MIGRANTS, ask.current_year));
    (from.max(FIRST_MISSING_MIGRANTS)..=to.min(ask.current_year))
        .map(|year| {
            // The parser takes the year of a row from the name of its file.
            let chain = Chain::single(year.to_string(), format!("{base}/global-figures/{year}/json"));
            Question::of(None, Some((year, year)), vec![chain])
        })
        .collect()
}

/// All years of a country: an event may be counted in another year than it began, so a filter of dates at the
/// server would lose some at either end.
fn events(source: &str, ask: &Ask) -> Result<Question, String> {
    let base = ask.base(source, "https://ucdpapi.pcr.uu.se");
    let country = match ask.country {
        None => String::new(),
        Some(code) => {
            let ids = countries().by_iso3(code.as_str()).map_or(&[][..], |c| &c.gw);
            if ids.is_empty() {
                return Err(format!(
                    "`{code}` has no Gleditsch–Ward id, by which the source knows countries"
                ));
            }
            let ids: Vec<String> = ids.iter().map(u16::to_string).collect();
            format!("&Country={}", ids.join(","))
        }
    };
    let url = format!("{base}/api/gedevents/{UCDP_VERSION}?pagesize=1000{country}");
    let credential =
        Credential { header: "x-ucdp-access-token", variable: UCDP_TOKEN, token: ask.ucdp_token.clone() };
    let chain = Chain { url, paging: Paging::Ucdp, credential: Some(credential), name: "gedevents".into() };
    Ok(Question {
        release: Some(UCDP_VERSION.to_owned()),
        ..Question::of(ask.country, Some(UCDP_YEARS), vec![chain])
    })
}

fn world_bank(source: &str, ask: &Ask) -> Question {
    let base = ask.base(source, "https://api.worldbank.org");
    let country = ask.country.map_or("all".to_owned(), |code| code.to_string());
    let years = ask.years(FIRST_WORLD_BANK);
    let dates = years.map(|(from, to)| format!("&date={from}:{to}")).unwrap_or_default();
    // The World Bank's codes have points in them; other publishers' do not.
    let codes: Vec<&str> = indicators()
        .all()
        .iter()
        .filter_map(|i| i.code.as_deref())
        .filter(|code| code.contains('.'))
        .collect();
    let chain = |(i, codes): (usize, &[&str])| Chain {
        url: format!(
            "{base}/v2/country/{country}/indicator/{}?format=json&per_page=20000&source=2{dates}",
            codes.join(";")
        ),
        paging: Paging::WorldBank,
        credential: None,
        name: format!("indicators-{}", i + 1),
    };
    let chains = codes.chunks(MAX_INDICATORS).enumerate().map(chain).collect();
    Question::of(ask.country, years, chains)
}

fn inform(source: &str, ask: &Ask) -> Question {
    let base = ask.base(source, "https://drmkc.jrc.ec.europa.eu");
    let workflow = ask.inform_workflow;
    let url = format!("{base}/inform-index/api/informapi/countries/trends?workflowid={workflow}");
    Question::of(None, None, vec![Chain::single(format!("trends-{workflow}"), url)])
}

/// What became of a question.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// The answer is a new snapshot.
    Added(Snapshot),
    /// The answer is this snapshot again: every page was unchanged, or had the same bytes.
    Unchanged(Snapshot),
}

impl Fetched {
    /// The snapshot that holds the answer.
    pub fn snapshot(&self) -> &Snapshot {
        match self {
            Fetched::Added(snapshot) | Fetched::Unchanged(snapshot) => snapshot,
        }
    }
}

/// Asks a source, and adds the answers to the ledger: all of them in one transaction, or none.
///
/// `progress` is told how many pages are in, and how many there will be once that is known. Answers come in
/// the order of the plan's questions.
///
/// # Errors
/// [`SourceError`]; then nothing has entered. After an error of the connection the pages that did arrive are
/// used by the next run, for a day.
pub fn sync(
    client: &Client,
    ledger: &mut Ledger,
    source: &str,
    ask: &Ask,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<Fetched>, SourceError> {
    let plan = plan(source, ask)?;
    let incoming = Incoming::open(ledger.root(), &plan);
    let chains = plan.questions.iter().flat_map(|q| &q.chains);
    let known = chains.map(|c| (c.paging == Paging::Single).then_some(1)).collect();
    let progress = Progress { done: 0, known, report: progress };
    let outcome = Run { client, source, incoming: &incoming, progress }.all(ledger, &plan);
    match &outcome {
        // Pages that contradict each other, or cannot be read, would do so again.
        Err(error) if !matches!(error, SourceError::Http { .. } | SourceError::Ledger(_)) => {
            incoming.remove()
        }
        Err(_) => {}
        Ok(_) => incoming.remove(),
    }
    outcome
}

struct Progress<'a> {
    done: u64,
    /// How many pages each chain has, where known.
    known: Vec<Option<u64>>,
    report: &'a mut dyn FnMut(u64, Option<u64>),
}

impl Progress<'_> {
    fn page(&mut self, chain: usize, pages: u64) {
        self.done += 1;
        self.known[chain] = Some(pages);
        (self.report)(self.done, self.known.iter().copied().sum());
    }
}

/// A page that is in.
struct Page {
    name: String,
    url: String,
    bytes: Vec<u8>,
    validators: Validators,
    /// When it was received, or found to be unchanged.
    at: Timestamp,
    /// The snapshot whose bytes it is, where the server answered that nothing changed.
    held: Option<Snapshot>,
}

/// The pages of a question.
enum Gathered {
    /// Nothing changed since this snapshot.
    Unchanged(Box<Snapshot>),
    /// To be read.
    Pages(Vec<Page>),
}

/// One run of a plan.
struct Run<'a> {
    client: &'a Client,
    source: &'a str,
    incoming: &'a Incoming,
    progress: Progress<'a>,
}

impl Run<'_> {
    fn all(mut self, ledger: &mut Ledger, plan: &Plan) -> Result<Vec<Fetched>, SourceError> {
        let mut drafts = Vec::new();
        let mut answers: Vec<Option<Snapshot>> = Vec::new();
        let mut chain = 0;
        for question in &plan.questions {
            match self.question(ledger, question, chain)? {
                Gathered::Unchanged(snapshot) => answers.push(Some(*snapshot)),
                Gathered::Pages(pages) => {
                    drafts.push(draft_of(self.source, question, pages)?);
                    answers.push(None);
                }
            }
            chain += question.chains.len();
        }
        let mut added = if drafts.is_empty() { vec![] } else { ledger.add_all(drafts)? }.into_iter();
        let answer = |held: Option<Snapshot>| match held {
            Some(snapshot) => Some(Fetched::Unchanged(snapshot)),
            None => added.next().map(|added| match added {
                Added { snapshot, new: true } => Fetched::Added(snapshot),
                Added { snapshot, .. } => Fetched::Unchanged(snapshot),
            }),
        };
        Ok(answers.into_iter().filter_map(answer).collect())
    }

    /// All pages of a question.
    ///
    /// Where pages that the server called unchanged contradict new ones, its validators are not to be relied
    /// upon, and everything is asked for once more without them.
    fn question(
        &mut self,
        ledger: &Ledger,
        question: &Question,
        first: usize,
    ) -> Result<Gathered, SourceError> {
        let mut unchanged = 0;
        let done = self.progress.done;
        let pages = match self.chains(ledger, question, first, Some(&mut unchanged)) {
            Err(error)
                if unchanged > 0 && !matches!(error, SourceError::Http { .. } | SourceError::Ledger(_)) =>
            {
                tracing::warn!(source = self.source, "asking again without conditions after: {error}");
                self.incoming.remove();
                self.progress.done = done;
                self.chains(ledger, question, first, None)?
            }
            pages => pages?,
        };
        Ok(match held(self.source, question, &pages) {
            Some(snapshot) => Gathered::Unchanged(Box::new(snapshot)),
            None => Gathered::Pages(pages),
        })
    }

    fn chains(
        &mut self,
        ledger: &Ledger,
        question: &Question,
        first: usize,
        mut unchanged: Option<&mut u64>,
    ) -> Result<Vec<Page>, SourceError> {
        let mut pages = Vec::new();
        for (i, chain) in question.chains.iter().enumerate() {
            let mut follow = Follow::new(self.source, chain);
            while let Some(index) = follow.next() {
                let request = chain.request(index);
                let kept = self.incoming.load(&request.url);
                let fresh = kept.is_none();
                let page = match kept {
                    Some(kept) => kept.page(chain.file_name(index), request.url),
                    None => self.page(ledger, &request, chain.file_name(index), unchanged.is_some())?,
                };
                if let (Some(count), true) = (&mut unchanged, page.held.is_some()) {
                    **count += 1;
                }
                follow.check(index, &page)?;
                if fresh && page.held.is_none() {
                    self.incoming.store(&page)?;
                }
                self.progress.page(first + i, follow.pages);
                pages.push(page);
            }
            follow.finish()?;
        }
        Ok(pages)
    }

    /// A page from the publisher, or from the ledger where the publisher says that it has not changed.
    fn page(
        &self,
        ledger: &Ledger,
        request: &Request,
        name: String,
        conditional: bool,
    ) -> Result<Page, SourceError> {
        let last = if conditional { ledger.last_fetch(&request.url)? } else { None };
        let validators = last.as_ref().map_or_else(Validators::default, |(_, part)| Validators {
            etag: part.etag.clone(),
            last_modified: part.last_modified.clone(),
        });
        let answer = self.client.get(request, &validators)?;
        let (url, at) = (request.url.clone(), Timestamp::now());
        match (answer, last) {
            (Answer::Fresh(received), _) => {
                let validators = Validators { etag: received.etag, last_modified: received.last_modified };
                Ok(Page { name, url, bytes: received.bytes, validators, at, held: None })
            }
            (Answer::NotModified, Some((snapshot, part))) => {
                Ok(Page { name, url, bytes: ledger.bytes(&part)?, validators, at, held: Some(snapshot) })
            }
            (Answer::NotModified, None) => Err(SourceError::Http {
                url,
                what: "answered that nothing changed, though nothing is held".into(),
            }),
        }
    }
}

/// The one snapshot that all pages are unchanged since, if it answers this question, as we read it now.
fn held(source: &str, question: &Question, pages: &[Page]) -> Option<Snapshot> {
    let snapshot = pages.first()?.held.as_ref()?;
    let id: SnapshotId = snapshot.id;
    let version = parser(source)?.version();
    let same = snapshot.source == source
        && snapshot.coverage == question.answered(snapshot.retrieved)
        && snapshot.parser_version == version
        && snapshot.parts.len() == pages.len()
        && pages.iter().all(|p| p.held.as_ref().is_some_and(|held| held.id == id));
    same.then(|| snapshot.clone())
}

/// Pages as a draft, with the coverage of the question.
fn draft_of(source: &str, question: &Question, pages: Vec<Page>) -> Result<Draft, SourceError> {
    let request: Vec<String> = question.chains.iter().map(|c| c.request(0).url).collect();
    let request = request.join(" ");
    // The oldest page says until when the answer is known to hold.
    let retrieved = pages.iter().map(|p| p.at).min().unwrap_or_else(Timestamp::now);
    let (files, origins): (Vec<File>, Vec<(String, Validators)>) =
        pages.into_iter().map(|p| (File::new(p.name, p.bytes), (p.url, p.validators))).unzip();
    let mut draft = crate::draft_of_pages(source, files, &request, retrieved)?;
    if draft.parts.len() != origins.len() {
        let found = format!("{} files", draft.parts.len());
        return Err(SourceError::malformed(&request, "the pages", found, &format!("{}", origins.len())));
    }
    for (part, (url, validators)) in draft.parts.iter_mut().zip(origins) {
        part.url = Some(url);
        part.etag = validators.etag;
        part.last_modified = validators.last_modified;
    }
    draft.coverage = question.answered(retrieved);
    draft.release = question.release.clone();
    for record in &draft.records {
        let record = record?;
        // Rows beyond what was asked would be counted again with those of the snapshot that covers them.
        if !within(&question.coverage, &record) {
            return Err(SourceError::malformed(
                &request,
                "the rows",
                format_args!("a row of {}", about(&record)),
                &format!("rows of {} only, as asked", question.coverage),
            ));
        }
    }
    Ok(draft)
}

fn within(coverage: &Coverage, record: &Record) -> bool {
    let holds = |country: Option<Code>, year: i32| {
        coverage.holds(Asked { country, period: Some(Span::years(year, year)), ..Asked::default() })
    };
    match record {
        Record::Observation(r) => holds(Some(r.place), r.period.year()),
        Record::Event(r) => holds(Some(r.place), r.period.year()),
        Record::Incident(r) => holds(None, r.year),
        Record::Area(r) => coverage.holds_place(Asked { country: Some(r.country), ..Asked::default() }),
    }
}

fn about(record: &Record) -> String {
    match record {
        Record::Observation(r) => format!("{}/{}", r.place, r.period.year()),
        Record::Event(r) => format!("{}/{}", r.place, r.period.year()),
        Record::Incident(r) => r.year.to_string(),
        Record::Area(r) => r.country.to_string(),
    }
}

/// Checks that the pages of a chain belong together.
struct Follow<'a> {
    source: &'a str,
    chain: &'a Chain,
    /// How many pages there are, from the first one; at least one.
    pages: u64,
    done: u64,
    rows: u64,
    total: Option<u64>,
    /// The number of each page by the hash of its rows.
    seen: BTreeMap<[u8; 32], u64>,
}

/// What a page says about itself.
struct Envelope<'v> {
    /// Its number, as the publisher counts.
    number: Option<u64>,
    /// How many pages there are.
    pages: u64,
    /// How many rows there are on all of them.
    total: Option<u64>,
    rows: &'v [Value],
}

impl<'a> Follow<'a> {
    fn new(source: &'a str, chain: &'a Chain) -> Follow<'a> {
        Follow { source, chain, pages: 1, done: 0, rows: 0, total: None, seen: BTreeMap::new() }
    }

    /// The page to ask for next.
    fn next(&self) -> Option<u64> {
        (self.done < self.pages).then_some(self.done)
    }

    /// Whether `page` is the one at `index`, and no other again.
    fn check(&mut self, index: u64, page: &Page) -> Result<(), SourceError> {
        let number = self.chain.paging.number(index);
        let wrong = |found: String, expected: &str| {
            Err(SourceError::malformed(&page.url, format_args!("page {number}"), found, expected))
        };
        let document = json(&File::new(page.url.as_str(), page.bytes.as_slice()))?;
        let envelope = self.envelope(&document, page, index)?;
        if let Some(found) = envelope.number.filter(|found| *found != number) {
            return wrong(format!("page {found} again"), &format!("page {number}"));
        }
        if index == 0 {
            if envelope.pages > MAX_PAGES {
                return wrong(format!("{} pages", envelope.pages), &format!("at most {MAX_PAGES}"));
            }
            self.pages = envelope.pages.max(1);
            self.total = envelope.total;
        } else if envelope.pages != self.pages || envelope.total != self.total {
            let found = format!("{} pages, where the first said {}", envelope.pages, self.pages);
            return wrong(
                found,
                "the same on every page; the figures changed meanwhile, or pages are mixed up",
            );
        }
        if envelope.rows.is_empty() && self.pages > 1 {
            return wrong("no rows".into(), &format!("rows on each of {} pages", self.pages));
        }
        if !envelope.rows.is_empty() {
            let text = serde_json::to_vec(envelope.rows).unwrap_or_default();
            if let Some(earlier) = self.seen.insert(*blake3::hash(&text).as_bytes(), number) {
                return wrong(format!("the rows of page {earlier} again"), "other rows");
            }
        }
        self.rows += envelope.rows.len() as u64;
        self.done += 1;
        Ok(())
    }

    /// Whether all rows came that there should be.
    fn finish(&self) -> Result<(), SourceError> {
        match self.total.filter(|total| *total != self.rows) {
            None => Ok(()),
            Some(total) => Err(SourceError::malformed(
                &self.chain.request(0).url,
                format_args!("{} pages", self.pages),
                format_args!("{} rows", self.rows),
                &format!("{total}, as the first page says"),
            )),
        }
    }

    fn envelope<'v>(
        &self,
        document: &'v Value,
        page: &Page,
        index: u64,
    ) -> Result<Envelope<'v>, SourceError> {
        let pointer = match self.chain.paging {
            Paging::Single => "",
            Paging::Unhcr => "/items",
            Paging::Ucdp => "/Result",
            Paging::WorldBank => "/1",
        };
        let rows = match (document.pointer(pointer), self.chain.paging) {
            // An error under HTTP 200 is an array as well.
            (Some(Value::Array(rows)), paging) if paging != Paging::Single || message(document).is_none() => {
                rows
            }
            // A World Bank answer without rows has null in their place.
            (Some(Value::Null), Paging::WorldBank) => &[][..],
            _ => return Err(self.no_rows(document, page, pointer)),
        };
        let place = |name: &str| document.pointer(name);
        let count = |name: &str| {
            whole(place(name)).ok_or_else(|| {
                SourceError::malformed(&page.url, name, text_of(place(name)), "a whole number from zero up")
            })
        };
        Ok(match self.chain.paging {
            Paging::Single => Envelope { number: None, pages: 1, total: None, rows },
            Paging::Unhcr => {
                Envelope { number: Some(count("/page")?), pages: count("/maxPages")?, total: None, rows }
            }
            Paging::WorldBank => {
                let pages = count("/0/pages")?;
                // An empty answer calls itself page 0 of 0.
                let number = if pages == 0 { None } else { Some(count("/0/page")?) };
                Envelope { number, pages, total: Some(count("/0/total")?), rows }
            }
            Paging::Ucdp => {
                let pages = count("/TotalPages")?;
                self.next_of(place("/NextPageUrl"), page, index, pages)?;
                Envelope { number: None, pages, total: Some(count("/TotalCount")?), rows }
            }
        })
    }

    /// UCDP's pages have no number of their own, but name the next one; the last names none.
    fn next_of(&self, next: Option<&Value>, page: &Page, index: u64, pages: u64) -> Result<(), SourceError> {
        let next = text_of(next);
        let query = next.split_once('?').map_or("", |(_, query)| query);
        let found = query.split('&').find_map(|pair| pair.strip_prefix("page=")).unwrap_or_default();
        let expected = if index + 1 < pages { (index + 1).to_string() } else { String::new() };
        let none = |text: &str| {
            if text.is_empty() { "no next page".to_owned() } else { format!("page {text} next") }
        };
        match found == expected && expected.is_empty() == next.is_empty() {
            true => Ok(()),
            false => Err(SourceError::malformed(&page.url, "/NextPageUrl", none(found), &none(&expected))),
        }
    }

    fn no_rows(&self, document: &Value, page: &Page, pointer: &str) -> SourceError {
        match message(document) {
            Some(message) => SourceError::Publisher {
                source_id: self.source.to_owned(),
                message: self.chain.request(0).hide(&message),
            },
            None => {
                let place = if pointer.is_empty() { "the document" } else { pointer };
                let found = document.pointer(pointer).map_or("nothing", kind);
                SourceError::malformed(&page.url, place, found, "an array of rows")
            }
        }
    }
}

/// A whole number, also where it is written as text.
fn whole(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// What a publisher says instead of data: `[{"message": [{id, key, value}]}]`, or an object with a message.
fn message(document: &Value) -> Option<String> {
    let text = match document.pointer("/0/message/0") {
        Some(message) => {
            let text = |name: &str| text_of(message.get(name)).into_owned();
            format!("{}: {} (id {})", text("key"), text("value"), text("id"))
        }
        None => {
            let object = document.as_object()?;
            let found =
                ["message", "Message", "error", "errors", "detail"].iter().find_map(|n| object.get(*n));
            text_of(Some(found?)).into_owned()
        }
    };
    Some(text.chars().filter(|c| !c.is_control()).take(300).collect())
}

/// The pages of a plan that have arrived, each in a file of its own.
struct Incoming {
    folder: PathBuf,
}

/// The first line of such a file; the bytes follow.
#[derive(Serialize, Deserialize)]
struct Head {
    url: String,
    etag: Option<String>,
    last_modified: Option<String>,
    at: Timestamp,
    /// BLAKE3 of the bytes.
    hash: String,
}

/// A page from an earlier run.
struct Kept {
    head: Head,
    bytes: Vec<u8>,
}

impl Kept {
    fn page(self, name: String, url: String) -> Page {
        let Kept { head, bytes } = self;
        let validators = Validators { etag: head.etag, last_modified: head.last_modified };
        Page { name, url, bytes, validators, at: head.at, held: None }
    }
}

impl Incoming {
    /// The folder of a plan. What other plans left behind more than a day ago is removed.
    fn open(root: &Path, plan: &Plan) -> Incoming {
        let all = root.join("incoming");
        for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
            let age = entry.metadata().and_then(|m| m.modified()).ok().and_then(|m| m.elapsed().ok());
            if age.is_some_and(|age| SignedDuration::try_from(age).is_ok_and(|age| age > FRESH)) {
                // Another run may be removing it too; what stays is found by the next.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Incoming { folder: all.join(plan.folder()) }
    }

    fn path(&self, url: &str) -> PathBuf {
        self.folder.join(format!("{}.page", &blake3::hash(url.as_bytes()).to_hex()[..32]))
    }

    /// The page that was fetched from `url` by an earlier run, if it is whole and fresh.
    fn load(&self, url: &str) -> Option<Kept> {
        let text = fs::read(self.path(url)).ok()?;
        let end = text.iter().position(|b| *b == b'\n')?;
        let head: Head = serde_json::from_slice(&text[..end]).ok()?;
        let bytes = text[end + 1..].to_vec();
        let age = Timestamp::now().duration_since(head.at);
        let good = head.url == url
            && (SignedDuration::ZERO..=FRESH).contains(&age)
            && blake3::hash(&bytes).to_hex().as_str() == head.hash;
        good.then_some(Kept { head, bytes })
    }

    /// Keeps a page; one that is only half written is never seen under its name.
    fn store(&self, page: &Page) -> Result<(), SourceError> {
        let head = Head {
            url: page.url.clone(),
            etag: page.validators.etag.clone(),
            last_modified: page.validators.last_modified.clone(),
            at: page.at,
            hash: blake3::hash(&page.bytes).to_hex().to_string(),
        };
        let path = self.path(&page.url);
        let write = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            let mut text = serde_json::to_vec(&head)?;
            text.push(b'\n');
            text.extend_from_slice(&page.bytes);
            let half = path.with_extension(format!("{}.part", std::process::id()));
            fs::write(&half, text)?;
            fs::rename(&half, &path)
        };
        write().map_err(|source| LedgerError::Io { path: path.clone(), source }.into())
    }

    /// Forgets all pages.
    fn remove(&self) {
        // Pages that stay are not used after a day, and removed by a later run.
        let _ = fs::remove_dir_all(&self.folder);
        // Gone as well if no other plan has pages in it.
        let _ = self.folder.parent().map(fs::remove_dir);
    }
}
