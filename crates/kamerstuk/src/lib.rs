#![doc = include_str!("../README.md")]

mod citation;
mod find;
mod grammar;
#[cfg(feature = "metadata")]
mod metadata;
mod normal;

pub use citation::{Chamber, Citation, Dossier, Kind, ParseError, Part, Years};
pub use find::{Confidence, Found, find};
#[cfg(all(feature = "metadata", feature = "serde"))]
pub use metadata::read_odata;
#[cfg(feature = "metadata")]
pub use metadata::{Metadata, MetadataError, metadata_url, odata_url, read_metadata_xml, sru_url};
