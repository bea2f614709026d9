//! What the server holds: readers of the ledger, the editions, and answers that were made.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use jiff::civil::Date;
use moka::sync::Cache;
use tokio::sync::Semaphore;
use wegen_ledger::{Edition, Ledger, LedgerError};
use wegen_model::{Code, Lang, countries};
use wegen_publication::{Options, Report};

use crate::{answer::Answer, base::BaseUrl, error::Problem, guard::Metrics};

/// Bytes of answers that are kept.
const ANSWERS: u64 = 64 << 20;
/// Bytes of reports that are kept, each a country in a language: their pages and files are answers already, so that
/// few are asked for again.
const REPORTS: u64 = 48 << 20;
/// Readers of the ledger; as many answers are made at a time.
const READERS: usize = 4;
/// How long somebody waits for a reader.
const PATIENCE: Duration = Duration::from_secs(8);

/// How the server is run.
#[derive(Debug, Clone)]
pub struct Config {
    /// The ledger's folder.
    pub ledger: PathBuf,
    /// Whether analysts may ask in SQL.
    pub sql: bool,
    /// Requests a second from one address; no limit where `None`.
    pub rate: Option<u32>,
    /// What absolute addresses begin with; the host that the asker names where `None`.
    pub base: Option<BaseUrl>,
}

/// The editions that are known.
pub(crate) struct Editions {
    pub(crate) latest: Arc<Edition>,
    pub(crate) latest_id: String,
    /// Of each day on which something was recorded, the edition as of that day: the newest first.
    pub(crate) days: Vec<(Date, String)>,
    by_id: BTreeMap<String, Arc<Edition>>,
}

impl Editions {
    fn of(ledger: &Ledger) -> Result<Editions, LedgerError> {
        let latest = Arc::new(ledger.edition(None)?);
        let latest_id = latest.id();
        let mut days: Vec<Date> = ledger.snapshots()?.iter().map(|s| s.recorded_on()).collect();
        days.sort();
        days.dedup();
        let mut by_id = BTreeMap::from([(latest_id.clone(), latest.clone())]);
        let mut dated = Vec::new();
        for day in days.into_iter().rev() {
            let edition = Arc::new(ledger.edition(Some(day))?);
            let id = edition.id();
            dated.push((day, id.clone()));
            by_id.entry(id).or_insert(edition);
        }
        Ok(Editions { latest, latest_id, days: dated, by_id })
    }
}

/// Everything that handlers share.
pub struct Site {
    pub(crate) config: Config,
    pub(crate) metrics: Metrics,
    pub(crate) answers: Cache<String, Arc<Answer>>,
    pub(crate) files: tempfile::TempDir,
    /// One copy of an edition is made at a time.
    pub(crate) copying: tokio::sync::Mutex<()>,
    reports: Cache<(String, Code, Lang), Arc<Report>>,
    editions: RwLock<Arc<Editions>>,
    readers: Mutex<Vec<Ledger>>,
    free: Semaphore,
}

/// As handlers are given it.
pub(crate) type App = Arc<Site>;

impl Site {
    /// Opens the ledger, and keeps its newest edition, so that links to it last.
    ///
    /// # Errors
    /// The ledger's; a folder for copies that cannot be made.
    pub fn open(config: Config) -> Result<Site, OpenError> {
        let mut ledger = Ledger::open(&config.ledger)?;
        let editions = Editions::of(&ledger)?;
        ledger.keep_edition(&editions.latest, None)?;
        wegen_publication::prepare(ledger.evidence(&editions.latest))?;
        let readers = (0..READERS).map(|_| ledger.beside()).collect::<Result<Vec<_>, _>>()?;
        let weigh = |key: &String, answer: &Arc<Answer>| (key.len() + answer.bytes() + 256) as u32;
        Ok(Site {
            config,
            metrics: Metrics::default(),
            answers: Cache::builder().max_capacity(ANSWERS).weigher(weigh).build(),
            files: tempfile::tempdir()?,
            copying: tokio::sync::Mutex::new(()),
            reports: Cache::builder()
                .max_capacity(REPORTS)
                .weigher(|_, report: &Arc<Report>| u32::try_from(report.bytes()).unwrap_or(u32::MAX))
                .build(),
            editions: RwLock::new(Arc::new(editions)),
            readers: Mutex::new(readers),
            free: Semaphore::new(READERS),
        })
    }

    pub(crate) fn editions(&self) -> Arc<Editions> {
        // Whoever held the lock only put a pointer in place: it is whole whatever happened.
        self.editions.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// The edition of an id, or the newest of `latest`; one that was kept is found in the ledger.
    pub(crate) fn edition(&self, ledger: &Ledger, id: &str) -> Result<Arc<Edition>, Problem> {
        let known = self.editions();
        if id == "latest" {
            return Ok(known.latest.clone());
        }
        if let Some(edition) = known.by_id.get(id) {
            return Ok(edition.clone());
        }
        let missing = || {
            let shown: String = id.chars().take(40).collect();
            Problem::not_found(format!("this ledger holds no edition `{shown}`"))
                .hint("`/api/v1/editions` lists them; `latest` is the newest")
        };
        let hexadecimal = id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
        let kept = if hexadecimal { ledger.kept_edition(id)? } else { None };
        kept.map(Arc::new).ok_or_else(missing)
    }

    /// Looks whether something was recorded; a new edition is kept and shown from then on.
    ///
    /// # Errors
    /// The ledger's.
    pub fn refresh(&self, ledger: &mut Ledger) -> Result<bool, LedgerError> {
        // Asked every two seconds, and mostly nothing is new: the editions of all days are made only then.
        if ledger.edition(None)?.id() == self.editions().latest_id {
            return Ok(false);
        }
        let found = Editions::of(ledger)?;
        ledger.keep_edition(&found.latest, None)?;
        wegen_publication::prepare(ledger.evidence(&found.latest))?;
        tracing::info!("edition {}", found.latest_id);
        *self.editions.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(found);
        Ok(true)
    }

    /// Does something with a reader of the ledger, off the threads that serve.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Site>,
        work: impl FnOnce(&Site, &Ledger) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = || {
            Problem::of(axum::http::StatusCode::SERVICE_UNAVAILABLE, "too much is asked at the moment")
                .hint("ask again in a moment")
        };
        let permit = tokio::time::timeout(PATIENCE, self.free.acquire()).await.map_err(|_| busy())?;
        let _permit = permit.map_err(|_| busy())?;
        let site = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let held = site.readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).pop();
            let ledger = match held {
                Some(ledger) => ledger,
                None => Ledger::open(&site.config.ledger)?,
            };
            let answer = work(&site, &ledger);
            site.readers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(ledger);
            answer
        });
        done.await.map_err(Problem::internal)?
    }

    /// The report of a country, without its PDF: made once, kept for a while.
    pub(crate) fn report(
        &self,
        ledger: &Ledger,
        edition: &Edition,
        country: Code,
        lang: Lang,
    ) -> Result<Arc<Report>, Problem> {
        let key = (edition.id(), country, lang);
        if let Some(held) = self.reports.get(&key) {
            return Ok(held);
        }
        let options = Options { country, lang, manuscript: None, pdf: false };
        let report = Arc::new(Report::build(ledger.evidence(edition), &options).map_err(of_report)?);
        self.reports.insert(key, report.clone());
        Ok(report)
    }
}

/// What a report that cannot be made is to the asker.
pub(crate) fn of_report(error: wegen_publication::ReportError) -> Problem {
    match error {
        wegen_publication::ReportError::NoEvidence(..) => Problem::not_found(error.to_string()),
        other => Problem::internal(other),
    }
}

/// A country of the focus regions by its code.
pub(crate) fn country(code: &str) -> Result<Code, Problem> {
    countries().by_iso3(&code.to_ascii_uppercase()).map(|c| c.iso3).ok_or_else(|| {
        let shown: String = code.chars().take(20).collect();
        Problem::not_found(format!("`{shown}` is no country's ISO 3166-1 alpha-3 code"))
            .hint("`/api/v1/editions/latest/countries` lists those of the focus regions")
    })
}

/// A server that cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The ledger cannot be opened.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A folder for copies, or the address.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}
