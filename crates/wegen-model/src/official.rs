//! The register of official country reports: whether each is announced, withheld, published, superseded or withdrawn.
//!
//! `registry/official-reports.toml` holds them with the whole history of each; an entry is never taken out, and a
//! change of status is a new line. An official report is no evidence by being in the register: it is known to exist.

use std::sync::LazyLock;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Code, Lang, Period, countries};

/// How far the publication of an official report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publication {
    /// Its publisher has said that it will come.
    Announced,
    /// Somebody has asked for it: terms of reference are known.
    Commissioned,
    /// It is written and not public.
    Withheld,
    /// It became public because somebody asked for it by law.
    ReleasedOnRequest,
    /// It is public.
    Published,
    /// A later one took its place.
    Superseded,
    /// Its publisher took it back.
    Withdrawn,
}

impl Publication {
    /// Its name in the register.
    pub fn as_str(self) -> &'static str {
        match self {
            Publication::Announced => "announced",
            Publication::Commissioned => "commissioned",
            Publication::Withheld => "withheld",
            Publication::ReleasedOnRequest => "released-on-request",
            Publication::Published => "published",
            Publication::Superseded => "superseded",
            Publication::Withdrawn => "withdrawn",
        }
    }

    /// Whether an edition is public by it.
    fn is_public(self) -> bool {
        matches!(self, Publication::Published | Publication::ReleasedOnRequest)
    }

    /// Whether `next` can follow.
    fn leads_to(self, next: Publication) -> bool {
        use Publication::{
            Announced, Commissioned, Published, ReleasedOnRequest, Superseded, Withdrawn, Withheld,
        };
        match self {
            Announced => !matches!(next, Announced | Superseded),
            Commissioned => !matches!(next, Announced | Commissioned | Superseded),
            Withheld => matches!(next, ReleasedOnRequest | Published | Withdrawn),
            ReleasedOnRequest | Published => matches!(next, Published | Superseded | Withdrawn),
            Superseded => matches!(next, Withdrawn),
            Withdrawn => matches!(next, Published | ReleasedOnRequest),
        }
    }
}

/// What stands at the address of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Page {
    /// The edition itself: its file, or the page that holds it.
    Edition,
    /// A page of its publisher, or of a collection of such reports, that says so.
    #[default]
    Page,
    /// A paper of parliament that says so.
    Parliament,
    /// An article in the news.
    News,
}

impl Page {
    /// Its name for readers.
    pub fn as_str(self) -> &'static str {
        match self {
            Page::Edition => "edition",
            Page::Page => "page",
            Page::Parliament => "parliament",
            Page::News => "news article",
        }
    }
}

/// An edition of an official report: where it is, and the hash of its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfficialEdition {
    /// When it became public.
    pub date: Period,
    /// Its own address; none where only others' pages on it are known.
    pub address: Option<String>,
    /// The hash of its file; none where the file is not held.
    pub hash: Option<String>,
}

/// A change of status, or a new edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicationEvent {
    /// When; as exactly as it is known.
    pub date: Period,
    /// The status from then on.
    pub status: Publication,
    /// The address of the edition, or of the page that says so.
    pub url: Option<String>,
    /// Which of these it is.
    #[serde(default)]
    pub page: Page,
    /// The hash of the edition's file: BLAKE3 or SHA-256, 64 hexadecimal digits; or `not held`, which every edition
    /// without a hash says.
    #[serde(default, deserialize_with = "hash_or_not_held")]
    pub hash: Option<String>,
    /// The report that took its place.
    pub by: Option<String>,
    /// A remark, in Dutch.
    #[serde(default)]
    pub nl: String,
    /// A remark, in English.
    #[serde(default)]
    pub en: String,
}

impl PublicationEvent {
    /// The remark.
    pub fn note(&self, lang: Lang) -> &str {
        match lang {
            Lang::Nl => &self.nl,
            Lang::En => &self.en,
        }
    }
}

/// An official country report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficialReport {
    /// Its id.
    pub id: String,
    /// The country it is about.
    pub country: Code,
    /// Who publishes it.
    pub publisher: String,
    /// Its title.
    pub title: String,
    /// BCP 47 tag of its language.
    pub language: String,
    /// What it says of itself: `general`, `thematic`.
    pub kind: String,
    /// First month or year of its reference period, where known.
    pub from: Option<Period>,
    /// Last month or year of its reference period, where known.
    pub to: Option<Period>,
    /// What happened to it, the oldest first.
    #[serde(rename = "event")]
    pub history: Vec<PublicationEvent>,
}

impl OfficialReport {
    /// The status of today.
    pub fn status(&self) -> Option<Publication> {
        self.history.last().map(|e| e.status)
    }

    /// Every edition that became public, the oldest first.
    pub fn editions(&self) -> Vec<OfficialEdition> {
        self.history
            .iter()
            .filter(|e| e.status.is_public())
            .map(|e| OfficialEdition {
                date: e.date,
                address: e.url.clone().filter(|_| e.page == Page::Edition),
                hash: e.hash.clone(),
            })
            .collect()
    }

    /// The status on a day: the last change that had surely happened by its end.
    pub fn status_on(&self, day: Date) -> Option<Publication> {
        self.history
            .iter()
            .rfind(|e| last_day(e.date) <= (i32::from(day.year()), day.month(), day.day()))
            .map(|e| e.status)
    }
}

/// `not held` is said in the register, and is no hash.
fn hash_or_not_held<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.filter(|hash| hash != NOT_HELD))
}

/// Stands for the hash of a file that is not held.
const NOT_HELD: &str = "not held";

fn last_day(period: Period) -> (i32, i8, i8) {
    (period.year(), period.month().unwrap_or(12), period.day().unwrap_or(31))
}

/// The register.
#[derive(Debug, Default)]
pub struct OfficialReports {
    all: Vec<OfficialReport>,
}

/// A register that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("official reports: {0}")]
pub struct RegisterError(pub String);

/// The register, read once.
pub fn official_reports() -> &'static OfficialReports {
    static ALL: LazyLock<OfficialReports> = LazyLock::new(|| {
        // Built in, and read whole by a test.
        OfficialReports::parse(include_str!("../../../registry/official-reports.toml")).unwrap_or_default()
    });
    &ALL
}

impl OfficialReports {
    /// Reads a register.
    ///
    /// # Errors
    /// [`RegisterError`], which names the entry, what was found and what was expected.
    pub fn parse(text: &str) -> Result<OfficialReports, RegisterError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            #[serde(default)]
            report: Vec<OfficialReport>,
        }
        let all = toml::from_str::<File>(text).map_err(|e| RegisterError(e.to_string()))?.report;
        for (i, report) in all.iter().enumerate() {
            let wrong = |what: String| Err(RegisterError(format!("`{}`: {what}", report.id)));
            if all[..i].iter().any(|r| r.id == report.id) {
                return wrong("the id stands twice".into());
            }
            if countries().by_iso3(report.country.as_str()).is_none() {
                return wrong(format!(
                    "found country `{}`, expected an ISO 3166-1 alpha-3 code",
                    report.country
                ));
            }
            if report.history.is_empty() {
                return wrong("no event; one was expected".into());
            }
            for pair in report.history.windows(2) {
                if last_day(pair[0].date) > last_day(pair[1].date) {
                    return wrong(format!(
                        "{} stands before {}; events were expected in order",
                        pair[0].date, pair[1].date
                    ));
                }
                if !pair[0].status.leads_to(pair[1].status) {
                    return wrong(format!(
                        "`{}` does not follow `{}`",
                        pair[1].status.as_str(),
                        pair[0].status.as_str()
                    ));
                }
            }
            for event in &report.history {
                let public = event.status.is_public();
                if public && event.url.is_none() {
                    return wrong(format!("{} on {} has no address", event.status.as_str(), event.date));
                }
                if event.status == Publication::Superseded
                    && !event.by.as_ref().is_some_and(|by| all.iter().any(|r| r.id == *by))
                {
                    return wrong(
                        "superseded by no report of the register; `by = \"ID\"` was expected".into(),
                    );
                }
                if event.page == Page::Edition && (!public || event.url.is_none()) {
                    return wrong(format!(
                        "`page = \"edition\"` on {}; the address of an edition that is public was expected",
                        event.date
                    ));
                }
                if let Some(hash) =
                    event.hash.as_ref().filter(|h| h.len() != 64 || !h.bytes().all(|b| b.is_ascii_hexdigit()))
                {
                    return wrong(format!(
                        "found hash `{}`, expected 64 hexadecimal digits",
                        hash.chars().take(20).collect::<String>()
                    ));
                }
            }
        }
        Ok(OfficialReports { all })
    }

    /// Every report, in the order of the register.
    pub fn all(&self) -> &[OfficialReport] {
        &self.all
    }

    /// The reports on a country.
    pub fn of(&self, country: Code) -> impl Iterator<Item = &OfficialReport> {
        self.all.iter().filter(move |r| r.country == country)
    }

    /// By id.
    pub fn get(&self, id: &str) -> Option<&OfficialReport> {
        self.all.iter().find(|r| r.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(events: &str) -> Result<OfficialReports, RegisterError> {
        OfficialReports::parse(&format!(
            "[[report]]\nid = \"a\"\ncountry = \"SYR\"\npublisher = \"P\"\ntitle = \"T\"\nlanguage = \"nl\"\nkind = \"general\"\n{events}"
        ))
    }

    #[test]
    fn the_register_is_read_whole() {
        let text = include_str!("../../../registry/official-reports.toml");
        let read = OfficialReports::parse(text).unwrap();
        assert_eq!(read.all().len(), text.matches("[[report]]").count());
        assert!(!read.all().is_empty());
    }

    #[test]
    fn a_status_is_that_of_its_day() {
        let read = register(
            "[[report.event]]\ndate = \"2023-01\"\nstatus = \"withheld\"\n[[report.event]]\ndate = \"2023-05-30\"\nstatus = \"released-on-request\"\nurl = \"https://example.org\"\n",
        )
        .unwrap();
        let on = |y, m, d| read.all()[0].status_on(Date::constant(y, m, d));
        assert_eq!(on(2023, 1, 15), None);
        assert_eq!(on(2023, 2, 1), Some(Publication::Withheld));
        assert_eq!(on(2023, 5, 30), Some(Publication::ReleasedOnRequest));
        assert_eq!(read.all()[0].status(), Some(Publication::ReleasedOnRequest));
    }

    #[test]
    fn each_edition_has_its_address_and_its_hash_or_says_that_it_has_none() {
        let hash = "a".repeat(64);
        let read = register(&format!(
            "[[report.event]]\ndate = \"2023-01\"\nstatus = \"withheld\"\n[[report.event]]\ndate = \"2023-05\"\nstatus = \"released-on-request\"\nurl = \"https://example.org/news\"\npage = \"news\"\nhash = \"not held\"\n[[report.event]]\ndate = \"2023-06\"\nstatus = \"published\"\nurl = \"https://example.org/a.pdf\"\npage = \"edition\"\nhash = \"{hash}\"\n"
        ))
        .unwrap();
        let editions = read.all()[0].editions();
        assert_eq!(editions.len(), 2);
        assert_eq!((editions[0].address.as_deref(), editions[0].hash.as_deref()), (None, None));
        assert_eq!(editions[1].address.as_deref(), Some("https://example.org/a.pdf"));
        assert_eq!(editions[1].hash.as_deref(), Some(&*hash));
        // In the built-in register every edition says whether its file is held, and news is called news.
        let text = include_str!("../../../registry/official-reports.toml");
        for event in text.split("[[report.event]]").skip(1) {
            let public =
                ["published", "released-on-request"].iter().any(|s| event.contains(&format!("\"{s}\"")));
            assert_eq!(public, event.contains("\nhash = "), "{event}");
            assert!(!event.contains("\nurl = ") || event.contains("\npage = "), "{event}");
        }
        assert!(text.contains("page = \"news\""));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (events, says) in [
            ("event = []\n", "no event"),
            ("[[report.event]]\ndate = \"2023\"\nstatus = \"published\"\n", "no address"),
            (
                "[[report.event]]\ndate = \"2023\"\nstatus = \"superseded\"\nby = \"b\"\n",
                "superseded by no report",
            ),
            ("[[report.event]]\ndate = \"2023\"\nstatus = \"withheld\"\nhash = \"12\"\n", "hash"),
            (
                "[[report.event]]\ndate = \"2023\"\nstatus = \"withheld\"\n[[report.event]]\ndate = \"2022\"\nstatus = \"withdrawn\"\n",
                "order",
            ),
            (
                "[[report.event]]\ndate = \"2022\"\nstatus = \"withdrawn\"\n[[report.event]]\ndate = \"2023\"\nstatus = \"withheld\"\n",
                "does not follow",
            ),
            ("[[report.event]]\ndate = \"2022\"\nstatus = \"safe\"\n", "unknown variant"),
            (
                "[[report.event]]\ndate = \"2022\"\nstatus = \"withheld\"\nurl = \"https://example.org\"\npage = \"edition\"\n",
                "edition that is public",
            ),
        ] {
            let error = register(events).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
