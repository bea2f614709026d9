//! References for other people's tools: CSL-JSON and BibTeX, with DOI, ISBN and archived copies as locators.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use wegen_model::Period;

use crate::manuscript::{Confidentiality, Source, SourceKind};

/// A locator that is not well-formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found `{found}`, expected {expected}")]
pub struct LocatorError {
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: &'static str,
}

fn refused(found: &str, expected: &'static str) -> LocatorError {
    LocatorError { found: found.chars().take(60).collect(), expected }
}

/// A digital object identifier, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Doi(String);

impl Doi {
    /// Reads `10.…/…`, with or without `doi:` or `https://doi.org/` before it.
    ///
    /// # Errors
    /// [`LocatorError`] where it is none.
    pub fn parse(text: &str) -> Result<Doi, LocatorError> {
        let lower = text.trim().to_lowercase();
        let heads = [
            "https://doi.org/",
            "http://doi.org/",
            "https://dx.doi.org/",
            "http://dx.doi.org/",
            "doi.org/",
            "doi:",
        ];
        let bare = heads.iter().find_map(|h| lower.strip_prefix(h)).unwrap_or(&lower).trim_start();
        let well_formed =
            bare.strip_prefix("10.").and_then(|r| r.split_once('/')).is_some_and(|(registrant, suffix)| {
                registrant.len() >= 4
                    && registrant.chars().all(|c| c.is_ascii_digit() || c == '.')
                    && !suffix.is_empty()
                    && suffix.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"<>{}".contains(c))
            });
        well_formed.then(|| Doi(bare.to_owned())).ok_or_else(|| refused(text, "a DOI as `10.1000/182`"))
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("https://doi.org/{}", self.0)
    }
}

/// An international standard book number, as thirteen digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Isbn(String);

impl Isbn {
    /// Reads ten or thirteen digits with hyphens or blanks; the check digit must fit (ISO 2108).
    ///
    /// # Errors
    /// [`LocatorError`] where it does not.
    pub fn parse(text: &str) -> Result<Isbn, LocatorError> {
        let wrong = || refused(text, "an ISBN of ten or thirteen digits whose last is the check digit");
        let body = text.trim().trim_start_matches("ISBN").trim_start_matches(['-', '1', '3', '0', ':', ' ']);
        let body = if text.trim().starts_with("ISBN") { body } else { text.trim() };
        let mut digits = Vec::new();
        for c in body.chars().filter(|c| !matches!(c, '-' | ' ' | '–' | '\u{a0}')) {
            match c.to_digit(10) {
                Some(d) => digits.push(d),
                None if (c == 'X' || c == 'x') && digits.len() == 9 => digits.push(10),
                None => return Err(wrong()),
            }
        }
        let thirteen = |digits: &[u32]| {
            digits.iter().enumerate().map(|(i, d)| d * if i % 2 == 0 { 1 } else { 3 }).sum::<u32>()
        };
        match digits.len() {
            10 if digits.iter().enumerate().map(|(i, d)| d * (10 - i as u32)).sum::<u32>() % 11 == 0 => {
                let mut long = vec![9, 7, 8];
                long.extend(&digits[..9]);
                long.push((10 - thirteen(&long) % 10) % 10);
                Ok(Isbn(long.iter().map(u32::to_string).collect()))
            }
            13 if thirteen(&digits) % 10 == 0
                && digits.starts_with(&[9, 7])
                && digits.iter().all(|d| *d < 10) =>
            {
                Ok(Isbn(digits.iter().map(u32::to_string).collect()))
            }
            _ => Err(wrong()),
        }
    }

    /// Thirteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A copy in a public archive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Archive(String);

impl Archive {
    /// Reads an address of the Internet Archive (with its time), of archive.today, or of perma.cc.
    ///
    /// # Errors
    /// [`LocatorError`] where it is none of these.
    pub fn parse(text: &str) -> Result<Archive, LocatorError> {
        let text = text.trim();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let wayback = rest.strip_prefix("web.archive.org/web/").and_then(|r| r.split_once('/')).is_some_and(
            |(time, original)| {
                let digits = time.trim_end_matches("id_");
                (4..=14).contains(&digits.len())
                    && digits.bytes().all(|b| b.is_ascii_digit())
                    && original.contains('.')
            },
        );
        let short = ["archive.today/", "archive.ph/", "archive.is/", "perma.cc/"].iter().any(|host| {
            rest.strip_prefix(host).is_some_and(|code| {
                code.len() >= 4 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        });
        (wayback || short)
            .then(|| Archive(text.to_owned()))
            .ok_or_else(|| refused(text, "an archived copy at web.archive.org, archive.today or perma.cc"))
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.0
    }
}

/// The sources as CSL-JSON 1.0.2. Confidential ones are left out: nothing of them may travel.
pub fn csl_json(sources: &[Source]) -> Json {
    let item = |source: &Source| {
        let kind = match source.kind {
            SourceKind::Data => "dataset",
            SourceKind::Law => "legislation",
            SourceKind::News => "article-newspaper",
            SourceKind::WebPage => "webpage",
            SourceKind::Academic if source.isbn.is_some() => "book",
            SourceKind::Academic => "article-journal",
            SourceKind::Oral => "interview",
            SourceKind::Report | SourceKind::CountryReport | SourceKind::Parliamentary => "report",
        };
        let mut item = json!({"id": source.id, "type": kind, "title": source.title});
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                item[name] = json!(value);
            }
        };
        put("publisher", Some(source.who.clone()));
        put("URL", Some(source.url.clone()));
        put("language", source.language.clone());
        put("DOI", source.doi.as_deref().and_then(|d| Doi::parse(d).ok()).map(|d| d.as_str().to_owned()));
        put("ISBN", source.isbn.as_deref().and_then(|i| Isbn::parse(i).ok()).map(|i| i.as_str().to_owned()));
        put("archive_location", source.archive.clone());
        put("number", source.citation.clone());
        if !source.who.is_empty() {
            item["author"] = json!([{"literal": source.who}]);
        }
        if let Some(when) = source.when {
            item["issued"] = json!({"date-parts": [date_parts(when)]});
        }
        if let Some(day) = source.accessed {
            item["accessed"] = json!({"date-parts": [[day.year(), day.month(), day.day()]]});
        }
        item
    };
    Json::Array(public(sources).map(item).collect())
}

fn public(sources: &[Source]) -> impl Iterator<Item = &Source> {
    sources.iter().filter(|s| s.confidentiality == Confidentiality::Public)
}

fn date_parts(period: Period) -> Vec<i32> {
    let month = period.month().map(i32::from);
    [Some(period.year()), month, period.day().map(i32::from)].into_iter().flatten().collect()
}

/// The sources as BibTeX, in the fields that BibLaTeX knows. Confidential ones are left out.
pub fn bibtex(sources: &[Source]) -> String {
    let mut keys = BTreeSet::new();
    let mut out = String::new();
    for source in public(sources) {
        let kind = match source.kind {
            SourceKind::Data => "dataset",
            SourceKind::WebPage | SourceKind::News => "online",
            SourceKind::Academic if source.isbn.is_some() => "book",
            SourceKind::Academic => "article",
            SourceKind::Law => "legislation",
            SourceKind::Oral => "misc",
            _ => "report",
        };
        let base: String = source.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        let key = (1..)
            .map(|n| if n == 1 { base.clone() } else { format!("{base}-{n}") })
            .find(|k| keys.insert(k.clone()));
        let fields = [
            ("author", (!source.who.is_empty()).then(|| format!("{{{}}}", escaped(&source.who)))),
            ("title", Some(escaped(&source.title))),
            ("date", source.when.map(|w| w.to_string())),
            ("url", Some(source.url.clone())),
            ("urldate", source.accessed.map(|d| d.to_string())),
            ("doi", source.doi.as_deref().and_then(|d| Doi::parse(d).ok()).map(|d| d.as_str().to_owned())),
            ("isbn", source.isbn.as_deref().and_then(|i| Isbn::parse(i).ok()).map(|i| i.as_str().to_owned())),
            ("langid", source.language.clone()),
            ("number", source.citation.as_deref().map(escaped)),
            ("note", source.archive.as_ref().map(|a| format!("\\url{{{a}}}"))),
        ];
        out.push_str(&format!("@{kind}{{{},\n", key.unwrap_or(base)));
        for (name, value) in fields {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                out.push_str(&format!("  {name} = {{{value}}},\n"));
            }
        }
        out.push_str("}\n\n");
    }
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '\\' => out.push_str("\\textbackslash{}"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_checked() {
        // The DOI handbook's own example, and a book's number in both forms.
        for text in ["10.1000/182", "doi:10.1000/182", "https://doi.org/10.1000/182", "DOI: 10.1000/182"] {
            assert_eq!(Doi::parse(text).unwrap().url(), "https://doi.org/10.1000/182", "{text}");
        }
        for text in ["", "10.1000", "11.1000/1", "10.x/1", "10.1000/", "10.1000/a b"] {
            assert!(Doi::parse(text).is_err(), "{text}");
        }
        assert_eq!(Isbn::parse("0-306-40615-2").unwrap().as_str(), "9780306406157");
        assert_eq!(Isbn::parse("978-0-306-40615-7").unwrap(), Isbn::parse("0306406152").unwrap());
        assert_eq!(Isbn::parse("0-8044-2957-X").unwrap().as_str(), "9780804429573");
        for text in ["0-306-40615-3", "978-0-306-40615-8", "97803064", "X306406152", ""] {
            assert!(Isbn::parse(text).is_err(), "{text}");
        }
        assert!(Archive::parse("https://web.archive.org/web/20230530120000/https://example.org/a").is_ok());
        assert!(Archive::parse("https://perma.cc/AB12-CD34").is_ok());
        for text in ["https://example.org", "https://web.archive.org/web/x/y", "javascript:alert(1)"] {
            assert!(Archive::parse(text).is_err(), "{text}");
        }
    }

    fn source() -> Source {
        Source {
            id: "un_2022".into(),
            title: "Water & power: 50% {less}".into(),
            who: "UN\\body".into(),
            when: "2022-05".parse().ok(),
            url: "https://example.org/a_b".into(),
            doi: Some("doi:10.1000/182".into()),
            ..Source::default()
        }
    }

    #[test]
    fn references_come_out_whole_and_escaped() {
        let json = csl_json(&[source()]);
        assert_eq!(json[0]["issued"]["date-parts"], json!([[2022, 5]]));
        assert_eq!(
            (json[0]["type"].as_str(), json[0]["DOI"].as_str()),
            (Some("report"), Some("10.1000/182"))
        );
        let text = bibtex(&[source(), source()]);
        assert!(text.contains("title = {Water \\& power: 50\\% \\{less\\}}"));
        assert!(text.contains("@report{un2022,") && text.contains("@report{un2022-2,"));
        assert_eq!(text.matches("\n}\n").count(), 2);
    }

    #[test]
    fn confidential_sources_stay_at_home() {
        let secret = Source {
            confidentiality: Confidentiality::Confidential,
            role: Some("aid worker".into()),
            ..source()
        };
        assert_eq!(csl_json(std::slice::from_ref(&secret)), json!([]));
        assert_eq!(bibtex(&[secret]), "");
    }
}
