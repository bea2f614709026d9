//! Normalised rows: what a snapshot becomes.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Code, IndicatorId, Period};

/// Where in the raw bytes a record stands; how it reads depends on the snapshot's layout.
///
/// CSV: part, physical line, column. JSON: page, item, member. Spreadsheet: sheet, row, column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Locator {
    /// Which part (file, page, sheet), from 0.
    pub part: u32,
    /// Which row: the line of a CSV from 1, the item of a JSON array from 0, the row of a sheet from 1.
    pub row: u32,
    /// Which column, from 0; the first where the record is the whole row.
    pub column: u16,
}

/// How sure the publisher is; codes of the SDMX code list CL_OBS_STATUS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// A: normal.
    #[default]
    Normal,
    /// E: estimated or modelled.
    Estimated,
    /// P: provisional.
    Provisional,
    /// B: time series break.
    Break,
}

impl Status {
    /// The SDMX letter.
    pub fn letter(self) -> &'static str {
        match self {
            Status::Normal => "A",
            Status::Estimated => "E",
            Status::Provisional => "P",
            Status::Break => "B",
        }
    }

    /// From the SDMX letter.
    pub fn from_letter(letter: &str) -> Option<Status> {
        Some(match letter {
            "A" => Status::Normal,
            "E" => Status::Estimated,
            "P" => Status::Provisional,
            "B" => Status::Break,
            _ => return None,
        })
    }
}

/// Indicator × place (× counterpart) × period → value.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What is measured.
    pub indicator: IndicatorId,
    /// Where, or of whom: the country of origin for UNHCR, the country or area otherwise.
    pub place: Code,
    /// The other end: the country of asylum, or the country returned from.
    pub counterpart: Option<Code>,
    /// When.
    pub period: Period,
    /// The value, in the indicator's unit.
    pub value: f64,
    /// The publisher's own bounds, where it gives them.
    pub bounds: Option<(f64, f64)>,
    /// The publisher's status.
    pub status: Status,
    /// Further dimensions, `key=value` joined by `;` in a fixed order (`level=FI;unit=P`).
    pub dims: Option<Arc<str>>,
    /// Where it stands in the raw bytes.
    pub locator: Locator,
}

impl Observation {
    /// The value of a further dimension, where it has one: a text as [`dim_text`] wrote it.
    pub fn dim(&self, key: &str) -> Option<String> {
        let dims = self.dims.as_deref()?.split(';');
        let value = dims.filter_map(|d| d.split_once('=')).find(|(k, _)| *k == key)?.1;
        Some(value.replace("%3B", ";").replace("%25", "%"))
    }
}

/// A text as the value of a further dimension: it may hold what separates dimensions.
pub fn dim_text(text: &str) -> String {
    text.replace('%', "%25").replace(';', "%3B")
}

/// Why people died, in IOM's groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CauseGroup {
    /// Drowning.
    Drowning,
    /// Vehicle accident, or death linked to hazardous transport.
    Vehicle,
    /// Harsh environmental conditions, or lack of shelter, food or water.
    Environment,
    /// Sickness, or lack of access to health care.
    Sickness,
    /// Violence.
    Violence,
    /// Accidental death.
    Accident,
    /// Mixed or unknown.
    Unknown,
}

impl CauseGroup {
    /// All groups.
    pub const ALL: [CauseGroup; 7] = [
        CauseGroup::Drowning,
        CauseGroup::Vehicle,
        CauseGroup::Environment,
        CauseGroup::Sickness,
        CauseGroup::Violence,
        CauseGroup::Accident,
        CauseGroup::Unknown,
    ];

    /// Its text form.
    pub fn as_str(self) -> &'static str {
        match self {
            CauseGroup::Drowning => "drowning",
            CauseGroup::Vehicle => "vehicle",
            CauseGroup::Environment => "environment",
            CauseGroup::Sickness => "sickness",
            CauseGroup::Violence => "violence",
            CauseGroup::Accident => "accident",
            CauseGroup::Unknown => "unknown",
        }
    }
}

/// Whether people died at sea or on land; how it is told stands with the parser of Missing Migrants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// At sea, or drowned and found within 25 km of it.
    Sea,
    /// On land, rivers and lakes included.
    Land,
    /// The row has no usable point.
    Unknown,
}

impl Setting {
    /// Its text form.
    pub fn as_str(self) -> &'static str {
        match self {
            Setting::Sea => "sea",
            Setting::Land => "land",
            Setting::Unknown => "unknown",
        }
    }
}

/// People who died or went missing: one incident as published, or a count of incidents that share all of this.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// The publisher's main id, where the file has one. Rows of one incident that was split share it; a later release
    /// replaces an incident by it.
    pub id: Option<Arc<str>>,
    /// When; `None` where the publisher gives no date and the year is that of the file.
    pub period: Option<Period>,
    /// The year it is counted in by the publisher.
    pub year: i32,
    /// The country of incident; at sea the nearest or the search-and-rescue state.
    pub place: Option<Code>,
    /// The migration route, as published.
    pub route: Option<Arc<str>>,
    /// The country of origin, where one single country is published.
    pub origin: Option<Code>,
    /// Why.
    pub cause: CauseGroup,
    /// At sea or on land.
    pub setting: Setting,
    /// The H3 cell of the point, resolution 4 (about 22 km an edge): never the point itself.
    pub cell: Option<Code>,
    /// Known dead, at least.
    pub dead: Option<u32>,
    /// Missing and presumed dead, at least. Below zero where people who were counted as missing have been found dead
    /// since, and the publisher takes them back.
    pub missing: Option<i32>,
    /// Dead and missing together, at least, the missing with their sign; may stand where the two parts do not.
    pub total: Option<i32>,
    /// How many incidents this record stands for; 0 on further rows of an incident that was split.
    pub incidents: u32,
    /// Where it stands in the raw bytes.
    pub locator: Locator,
}

/// UCDP's three types of organised violence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Violence {
    /// Between a state and an organised group, or between states.
    StateBased,
    /// Between organised groups, none of them a state.
    NonState,
    /// By an organised actor against civilians.
    OneSided,
}

impl Violence {
    /// All three, in UCDP's order (1, 2, 3).
    pub const ALL: [Violence; 3] = [Violence::StateBased, Violence::NonState, Violence::OneSided];

    /// Its text form.
    pub fn as_str(self) -> &'static str {
        match self {
            Violence::StateBased => "state-based",
            Violence::NonState => "non-state",
            Violence::OneSided => "one-sided",
        }
    }
}

/// Organised violence in an area: one UCDP event, or a count of events that share all but the deaths.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The publisher's id, where the record is one event: a later release replaces the event by it.
    pub id: Option<Arc<str>>,
    /// The first day; only the year for counts.
    pub period: Period,
    /// The country.
    pub place: Code,
    /// The first-order division as the publisher names it; `None` where only the country is known.
    pub area: Option<Arc<str>>,
    /// Which type of violence.
    pub violence: Violence,
    /// How precisely the place is known, UCDP's 1 (exact) to 7 (international waters or airspace).
    pub precision: u8,
    /// Best estimate of deaths.
    pub best: u32,
    /// Low estimate.
    pub low: u32,
    /// High estimate.
    pub high: u32,
    /// Civilian deaths within the best estimate.
    pub civilians: u32,
    /// How many published events this record stands for.
    pub events: u32,
    /// Where it stands in the raw bytes.
    pub locator: Locator,
}

/// A multipolygon: polygons of rings of (longitude, latitude), the outer ring first in each polygon.
pub type Shape = Arc<Vec<Vec<Vec<[f64; 2]>>>>;

/// An administrative area, with or without its shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// The P-code, or the code of the boundary set where there is none.
    pub code: Code,
    /// Its country.
    pub country: Code,
    /// 0 for a country, 1 for its first-order divisions, and so on.
    pub level: u8,
    /// The name, in Latin script.
    pub name: Arc<str>,
    /// The area it lies in.
    pub parent: Option<Code>,
    /// From which day the code holds.
    pub valid_from: Option<Period>,
    /// The shape.
    pub shape: Option<Shape>,
    /// Where it stands in the raw bytes.
    pub locator: Locator,
}

/// One normalised row.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A measurement.
    Observation(Observation),
    /// Deaths and disappearances on a route.
    Incident(Incident),
    /// Organised violence.
    Event(Event),
    /// An area.
    Area(Area),
}

/// The kinds of record, each a table of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// [`Observation`]
    Observation,
    /// [`Incident`]
    Incident,
    /// [`Event`]
    Event,
    /// [`Area`]
    Area,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [RecordKind; 4] =
        [RecordKind::Observation, RecordKind::Incident, RecordKind::Event, RecordKind::Area];

    /// The name, also of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            RecordKind::Observation => "observation",
            RecordKind::Incident => "incident",
            RecordKind::Event => "event",
            RecordKind::Area => "area",
        }
    }
}

impl Record {
    /// Which kind it is.
    pub fn kind(&self) -> RecordKind {
        match self {
            Record::Observation(_) => RecordKind::Observation,
            Record::Incident(_) => RecordKind::Incident,
            Record::Event(_) => RecordKind::Event,
            Record::Area(_) => RecordKind::Area,
        }
    }

    /// Where it stands in the raw bytes.
    pub fn locator(&self) -> Locator {
        match self {
            Record::Observation(r) => r.locator,
            Record::Incident(r) => r.locator,
            Record::Event(r) => r.locator,
            Record::Area(r) => r.locator,
        }
    }
}

macro_rules! text_form {
    ($type:ty, $all:expr) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                $all.into_iter()
                    .find(|x| x.as_str() == text)
                    .ok_or_else(|| format!("`{text}` is none of {}", $all.map(|x| x.as_str()).join(", ")))
            }
        }
    };
}

text_form!(CauseGroup, CauseGroup::ALL);
text_form!(Setting, [Setting::Sea, Setting::Land, Setting::Unknown]);
text_form!(Violence, Violence::ALL);
text_form!(RecordKind, RecordKind::ALL);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_forms_round_trip() {
        for cause in CauseGroup::ALL {
            assert_eq!(cause.as_str().parse::<CauseGroup>().unwrap(), cause);
        }
        for violence in Violence::ALL {
            assert_eq!(violence.as_str().parse::<Violence>().unwrap(), violence);
        }
        for status in [Status::Normal, Status::Estimated, Status::Provisional, Status::Break] {
            assert_eq!(Status::from_letter(status.letter()), Some(status));
        }
        assert!("water".parse::<Setting>().unwrap_err().contains("sea, land, unknown"));
    }
}
