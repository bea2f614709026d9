//! Requests for what is known of a paper, and the answers. No HTTP: who calls brings the bytes.

use quick_xml::{Reader, events::Event};

use crate::{Citation, Dossier, Kind};

/// What is known of a paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Metadata {
    /// The title of the document (`OVERHEIDop.documenttitel`).
    pub title: Option<String>,
    /// The title of the dossier (`OVERHEIDop.dossiertitel`).
    pub dossier_title: Option<String>,
    /// The session (`OVERHEIDop.vergaderjaar`).
    pub year: Option<String>,
    /// Who sent it in (`OVERHEIDop.indiener`); offices and members as the record has them.
    pub submitter: Option<String>,
    /// The date of issue (`DCTERMS.issued`), as `2023-05-30`.
    pub issued: Option<String>,
    /// The number within the dossier (`OVERHEIDop.ondernummer`).
    pub number: Option<String>,
    /// The dossier (`OVERHEIDop.dossiernummer`).
    pub dossier: Option<String>,
    /// The Tweede Kamer's own number of the document or the case, as `2023D02547`.
    pub document: Option<String>,
}

/// An answer that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// No well-formed XML.
    #[error("byte {at}: {message}; expected metadata.xml of Officiële Bekendmakingen")]
    Xml {
        /// Where.
        at: u64,
        /// What was found.
        message: String,
    },
    /// Nothing of what was expected.
    #[error(
        "found no `metadata` element with a name and content; expected metadata.xml of Officiële Bekendmakingen"
    )]
    Empty,
    /// No JSON of the service.
    #[cfg(feature = "serde")]
    #[error("{0}; expected an answer of the Tweede Kamer's OData service with `value`")]
    Json(String),
}

/// The address of the metadata of the first paper that is cited; `None` for what others publish.
pub fn metadata_url(citation: &Citation) -> Option<String> {
    if matches!(citation.kind(), Kind::Celex | Kind::Ecli | Kind::Document) {
        return None;
    }
    let id = citation.ids().into_iter().next()?;
    Some(format!("https://zoek.officielebekendmakingen.nl/{id}/metadata.xml"))
}

/// The address of a search for the papers of a dossier, from the first (counted from 1) on, at most 1,000 at a time.
pub fn sru_url(dossier: &Dossier, first: u32, most: u32) -> String {
    let number = dossier.number;
    let addition = dossier.addition.as_ref().map_or(String::new(), |a| format!("%3B{a}"));
    format!(
        "https://repository.overheid.nl/sru?query=(c.product-area==officielepublicaties%20AND%20w.dossiernummer=={number}{addition}%20AND%20w.publicatienaam=Kamerstuk)&startRecord={first}&maximumRecords={}",
        most.min(1000)
    )
}

/// The address of a question to the Tweede Kamer's OData service: for a paper by its dossier and number, for a document
/// or a case by its own number. Papers with a letter are the Eerste Kamer's, which the service does not hold.
pub fn odata_url(citation: &Citation) -> Option<String> {
    const SERVICE: &str = "https://gegevensmagazijn.tweedekamer.nl/OData/v4/2.0";
    let number = citation.numbers().first()?;
    match citation.kind() {
        Kind::Document if number.contains('Z') => {
            Some(format!("{SERVICE}/Zaak?$filter=Nummer%20eq%20%27{number}%27"))
        }
        Kind::Document => Some(format!("{SERVICE}/Document?$filter=DocumentNummer%20eq%20%27{number}%27")),
        Kind::Kamerstuk if number.bytes().all(|b| b.is_ascii_digit()) => {
            let dossier = citation.dossiers().first()?;
            let addition = match &dossier.addition {
                Some(addition) => format!("%27{addition}%27"),
                None => "null".to_owned(),
            };
            Some(format!(
                "{SERVICE}/Document?$filter=Volgnummer%20eq%20{number}%20and%20Kamerstukdossier/any(d:d/Nummer%20eq%20{}%20and%20d/Toevoeging%20eq%20{addition})",
                dossier.number
            ))
        }
        _ => None,
    }
}

/// Reads `metadata.xml`: elements `metadata` with attributes `name` and `content`.
///
/// # Errors
/// [`MetadataError`] where it is no XML, or holds no such element.
pub fn read_metadata_xml(xml: &str) -> Result<Metadata, MetadataError> {
    let mut reader = Reader::from_str(xml);
    let mut metadata = Metadata::default();
    let mut any = false;
    loop {
        let fail = |at: u64, message: String| MetadataError::Xml { at, message };
        match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(Event::Start(element) | Event::Empty(element))
                if element.local_name().as_ref().ends_with("metadata") =>
            {
                let (mut name, mut content) = (None, None);
                for attribute in element.attributes() {
                    let attribute = attribute.map_err(|e| fail(reader.buffer_position(), e.to_string()))?;
                    let raw = attribute.value.to_string();
                    let value = quick_xml::escape::unescape(&raw)
                        .map_err(|e| fail(reader.buffer_position(), e.to_string()))?
                        .into_owned();
                    match attribute.key.as_ref() {
                        "name" => name = Some(value),
                        "content" => content = Some(value),
                        _ => {}
                    }
                }
                if let (Some(name), Some(content)) = (name, content) {
                    any = true;
                    keep(&mut metadata, &name, content);
                }
            }
            Ok(_) => {}
            Err(error) => return Err(fail(reader.error_position(), error.to_string())),
        }
    }
    any.then_some(metadata).ok_or(MetadataError::Empty)
}

fn keep(metadata: &mut Metadata, name: &str, content: String) {
    let place = match name {
        "OVERHEIDop.documenttitel" | "DC.title" => &mut metadata.title,
        "OVERHEIDop.dossiertitel" => &mut metadata.dossier_title,
        "OVERHEIDop.vergaderjaar" => &mut metadata.year,
        "OVERHEIDop.indiener" => &mut metadata.submitter,
        "DCTERMS.issued" | "DCTERMS.available" => &mut metadata.issued,
        "OVERHEIDop.ondernummer" => &mut metadata.number,
        "OVERHEIDop.dossiernummer" => &mut metadata.dossier,
        _ => return,
    };
    // The first that is given stands.
    place.get_or_insert(content);
}

/// Reads an answer of the OData service: one entry a document.
///
/// # Errors
/// [`MetadataError::Json`] where it is none.
#[cfg(feature = "serde")]
pub fn read_odata(json: &str) -> Result<Vec<Metadata>, MetadataError> {
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|e| MetadataError::Json(e.to_string()))?;
    let entries =
        value["value"].as_array().ok_or_else(|| MetadataError::Json("found no list `value`".into()))?;
    let text = |entry: &serde_json::Value, name: &str| match &entry[name] {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let read = |entry: &serde_json::Value| Metadata {
        title: text(entry, "Onderwerp").or_else(|| text(entry, "Titel")),
        dossier_title: text(entry, "Titel"),
        year: text(entry, "Vergaderjaar"),
        submitter: None,
        issued: text(entry, "Datum")
            .or_else(|| text(entry, "GestartOp"))
            .map(|d| d.chars().take(10).collect()),
        number: text(entry, "Volgnummer"),
        dossier: None,
        document: text(entry, "DocumentNummer").or_else(|| text(entry, "Nummer")),
    };
    Ok(entries.iter().map(read).collect())
}
