//! The shapes of the main answers, for the description of the interface. Handlers write JSON; a test lays both beside
//! each other.

#![expect(dead_code, reason = "read by the description alone")]
#![expect(non_snake_case, reason = "dimensions are named as in SDMX")]

use serde_json::Value as Json;
use utoipa::ToSchema;

/// What stands in every answer.
#[derive(ToSchema)]
pub(crate) struct Carried {
    /// The edition that answers.
    edition: String,
    /// Who it is not for.
    notice: String,
    /// Always true.
    not_for_individual_decisions: bool,
}

/// Where in a list a page stands.
#[derive(ToSchema)]
pub(crate) struct PageOf {
    /// How many were passed over.
    offset: u64,
    /// How many at most.
    limit: u64,
    /// How many there are.
    total: u64,
    /// The offset of the next page; null on the last.
    next_offset: Option<u64>,
}

/// Indicator, place, counterpart and period, with a value.
#[derive(ToSchema)]
pub(crate) struct Observation {
    /// The indicator.
    INDICATOR: String,
    /// ISO 3166-1 alpha-3 or a P-code.
    REF_AREA: String,
    /// The other end: the country of asylum.
    COUNTERPART_AREA: Option<String>,
    /// A year, a month or a day.
    TIME_PERIOD: String,
    /// In the unit of the indicator.
    OBS_VALUE: f64,
    /// The publisher's lower bound.
    low: Option<f64>,
    /// The publisher's upper bound.
    high: Option<f64>,
    /// A, E, P or B of CL_OBS_STATUS.
    OBS_STATUS: String,
    /// The unit.
    UNIT_MEASURE: String,
    /// Further dimensions: `key=value`, joined by `;`.
    dimensions: Option<String>,
    /// The record's id.
    record: String,
}

/// Observations of a source.
#[derive(ToSchema)]
pub(crate) struct ObservationList {
    source: String,
    /// What must stand with whatever is made of it.
    attribution: String,
    observations: Vec<Observation>,
    page: PageOf,
    #[serde(flatten)]
    carried: Carried,
}

/// People who died or went missing: an incident, or a count of incidents that share all but that.
#[derive(ToSchema)]
pub(crate) struct Incident {
    /// The year that the publisher counts it in.
    counted_year: i32,
    /// A year, a month or a day.
    period: Option<String>,
    /// The country of incident.
    place: Option<String>,
    /// The route, as published.
    route: Option<String>,
    /// The country of origin, where one is published.
    origin: Option<String>,
    /// The group of causes.
    cause: String,
    /// `sea`, `land` or `unknown`.
    setting: String,
    /// Known dead, at least.
    dead: Option<i64>,
    /// Missing and presumed dead, at least.
    missing: Option<i64>,
    /// Both together, at least.
    total: Option<i64>,
    /// How many published rows it stands for.
    incidents: i64,
    /// The record's id.
    record: String,
}

/// Incidents of a source.
#[derive(ToSchema)]
pub(crate) struct IncidentList {
    source: String,
    /// What must stand with whatever is made of it.
    attribution: String,
    incidents: Vec<Incident>,
    /// The last month whose incidents are given.
    held_back_after: Option<String>,
    page: PageOf,
    #[serde(flatten)]
    carried: Carried,
}

/// Organised violence: an event, or a count of events that share all but the deaths.
#[derive(ToSchema)]
pub(crate) struct Event {
    /// The first day; only the year for counts.
    period: String,
    /// The country.
    place: String,
    /// The first-order division, as published.
    area: Option<String>,
    /// `state-based`, `non-state` or `one-sided`.
    violence: String,
    /// UCDP's 1 (exact) to 7.
    precision: u8,
    /// Best estimate of deaths.
    best: i64,
    /// Low estimate.
    low: i64,
    /// High estimate.
    high: i64,
    /// Civilian deaths within the best estimate.
    civilians: i64,
    /// How many published events it stands for.
    events: i64,
    /// The record's id.
    record: String,
}

/// Events of a source.
#[derive(ToSchema)]
pub(crate) struct EventList {
    source: String,
    /// What must stand with whatever is made of it.
    attribution: String,
    events: Vec<Event>,
    page: PageOf,
    #[serde(flatten)]
    carried: Carried,
}

/// An administrative area, without its boundary.
#[derive(ToSchema)]
pub(crate) struct Area {
    /// The P-code, or that of the set of boundaries.
    code: String,
    /// Its country.
    country: String,
    /// 0 for a country, 1 for its first-order divisions, and so on.
    level: u8,
    /// In Latin script.
    name: String,
    /// The area it lies in.
    parent: Option<String>,
    /// From when the code holds.
    valid_from: Option<String>,
    /// The record's id.
    record: String,
}

/// Areas of a source.
#[derive(ToSchema)]
pub(crate) struct AreaList {
    source: String,
    /// What must stand with whatever is made of it.
    attribution: String,
    areas: Vec<Area>,
    page: PageOf,
    #[serde(flatten)]
    carried: Carried,
}

/// A value of a figure, or why there is none.
#[derive(ToSchema)]
pub(crate) struct Cell {
    /// The row's key; empty where the figure is one number.
    row: String,
    /// The column's key.
    column: String,
    /// Null where there is none: `missing` says why.
    value: Option<f64>,
    /// Lower and upper bound.
    bounds: Option<Vec<f64>>,
    /// Why there is no value.
    missing: Option<String>,
    /// Of which period the value is, where that is not the figure's own.
    period: Option<String>,
    /// Whether it is older than two years at the cut-off.
    old: bool,
    /// Whether the publisher carried it over: the same number to the unit as the year before.
    carried: bool,
    /// As a reader is shown it.
    shown: String,
    /// The first records it rests on; runs of them are one text.
    records: Vec<String>,
    /// How many records it rests on.
    records_total: u64,
}

/// A figure: one number or a table.
#[derive(ToSchema)]
pub(crate) struct Figure {
    /// A recipe with its parameters.
    claim: String,
    /// `number` or `table`.
    kind: String,
    label: String,
    /// How it was computed.
    how: String,
    unit: String,
    recipe_version: u32,
    sources: Vec<String>,
    /// What must stand with whatever is made of it.
    attribution: String,
    cells: Vec<Cell>,
    #[serde(flatten)]
    carried: Carried,
}

/// A record: publisher and file, place in the file, the row.
#[derive(ToSchema)]
pub(crate) struct Record {
    id: String,
    source: String,
    publisher: Option<String>,
    title: Option<String>,
    attribution: Option<String>,
    /// Its identifier, address, and what may be passed on.
    licence: Json,
    /// The day on which the file was received.
    retrieved: String,
    /// The day on which its bytes are known to have been held.
    recorded: String,
    /// Since when it is held, in words: the day of the release, of receipt or of recording.
    since: String,
    snapshot: String,
    /// Where in the file it stands.
    place: String,
    /// Columns with their values; null where the row stays here.
    row: Option<Json>,
    /// Whether it is an incident of the last two months before the cut-off.
    held_back: bool,
    /// The row as the publisher wrote it, where it may be shown.
    as_received: Option<String>,
    /// The publisher's files behind it.
    origins: Vec<Json>,
}

/// One record.
#[derive(ToSchema)]
pub(crate) struct OneRecord {
    #[serde(flatten)]
    record: Record,
    #[serde(flatten)]
    carried: Carried,
}

/// The records that a figure rests on.
#[derive(ToSchema)]
pub(crate) struct RecordPage {
    claim: String,
    label: String,
    /// How it was computed.
    how: String,
    records: Vec<Record>,
    page: PageOf,
    #[serde(flatten)]
    carried: Carried,
}

/// A publisher's product.
#[derive(ToSchema)]
pub(crate) struct Source {
    id: String,
    publisher: String,
    title: String,
    url: String,
    /// Its identifier, address, and what may be passed on.
    licence: Json,
    /// What must stand with whatever is made of it.
    attribution: String,
    /// How often it appears: an ISO 8601 duration.
    cadence: String,
    /// What one row counts.
    counting_unit: String,
    /// What a reader must know before using it.
    caveat: String,
    /// The snapshots of it that the edition holds.
    snapshots: Vec<String>,
}

/// All sources that are known.
#[derive(ToSchema)]
pub(crate) struct SourceList {
    sources: Vec<Source>,
    #[serde(flatten)]
    carried: Carried,
}

/// A fixed set of snapshots.
#[derive(ToSchema)]
pub(crate) struct Edition {
    id: String,
    latest: bool,
    /// The day as of which it was asked for.
    as_of: Option<String>,
    /// The last day on which one of its snapshots was recorded.
    cut_off: Option<String>,
    /// How many snapshots it holds.
    snapshots: u64,
    /// Its address.
    #[serde(rename = "self")]
    at: String,
}

/// The newest edition, and that of each day on which something was recorded.
#[derive(ToSchema)]
pub(crate) struct EditionList {
    editions: Vec<Edition>,
    #[serde(flatten)]
    carried: Carried,
}
