//! Records as rows that are given to others: their columns, which of them may be passed on, and where others stand.

use serde_json::{Value as Json, json};
use wegen_ledger::{Edition, Evidence, RecordFilter, Row};
use wegen_model::{Code, Record, RecordKind, Sharing, SourceDef, countries, sources};

use super::figures::withheld;
use crate::error::Problem;

/// Columns of a kind, each with its HXL hashtag. Places are countries and areas: no point and no cell is among them
/// (rule R4).
pub(super) fn columns(kind: RecordKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        RecordKind::Observation => &[
            ("INDICATOR", "#indicator+code"),
            ("REF_AREA", "#country+code+origin"),
            ("COUNTERPART_AREA", "#country+code+asylum"),
            ("TIME_PERIOD", "#date"),
            ("OBS_VALUE", "#indicator+value+num"),
            ("low", "#indicator+low+num"),
            ("high", "#indicator+high+num"),
            ("OBS_STATUS", "#status"),
            ("UNIT_MEASURE", "#meta+unit"),
            ("dimensions", "#meta+dimensions"),
            ("record", "#meta+record"),
        ],
        RecordKind::Incident => &[
            ("counted_year", "#date+year"),
            ("period", "#date+occurred"),
            ("place", "#country+code"),
            ("route", "#meta+route"),
            ("origin", "#country+code+origin"),
            ("cause", "#cause"),
            ("setting", "#loc+type"),
            ("dead", "#affected+killed"),
            ("missing", "#affected+missing"),
            ("total", "#affected+killed+missing"),
            ("incidents", "#event+num"),
            ("record", "#meta+record"),
        ],
        RecordKind::Event => &[
            ("period", "#date+occurred"),
            ("place", "#country+code"),
            ("area", "#adm1+name"),
            ("violence", "#event+type"),
            ("precision", "#geo+precision"),
            ("best", "#affected+killed"),
            ("low", "#affected+killed+low"),
            ("high", "#affected+killed+high"),
            ("civilians", "#affected+killed+civilians"),
            ("events", "#event+num"),
            ("record", "#meta+record"),
        ],
        RecordKind::Area => &[
            ("code", "#adm+code"),
            ("country", "#country+code"),
            ("level", "#adm+level"),
            ("name", "#adm+name"),
            ("parent", "#adm+code+parent"),
            ("valid_from", "#date+start"),
            ("record", "#meta+record"),
        ],
    }
}

/// What a record says, in the order of [`columns`]; null is not known.
pub(super) fn values(row: &Row<Record>) -> Vec<Json> {
    let mut all = match &row.value {
        Record::Observation(o) => vec![
            json!(o.indicator.as_str()),
            json!(o.place),
            json!(o.counterpart),
            json!(o.period),
            json!(o.value),
            json!(o.bounds.map(|b| b.0)),
            json!(o.bounds.map(|b| b.1)),
            json!(o.status.letter()),
            json!(o.indicator.def().unit),
            json!(o.dims.as_deref()),
        ],
        Record::Incident(i) => vec![
            json!(i.year),
            json!(i.period),
            json!(i.place),
            json!(i.route.as_deref()),
            json!(i.origin),
            json!(i.cause),
            json!(i.setting),
            json!(i.dead),
            json!(i.missing),
            json!(i.total),
            json!(i.incidents),
        ],
        Record::Event(e) => vec![
            json!(e.period),
            json!(e.place),
            json!(e.area.as_deref()),
            json!(e.violence),
            json!(e.precision),
            json!(e.best),
            json!(e.low),
            json!(e.high),
            json!(e.civilians),
            json!(e.events),
        ],
        Record::Area(a) => vec![
            json!(a.code),
            json!(a.country),
            json!(a.level),
            json!(&*a.name),
            json!(a.parent),
            json!(a.valid_from),
        ],
    };
    all.push(json!(row.record.to_string()));
    all
}

/// A value as a field of a CSV: numbers as short as they can be, nothing where nothing is known.
pub(super) fn text(value: Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text,
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (None, Some(x)) => x.to_string(),
            _ => n.to_string(),
        },
        other => other.to_string(),
    }
}

/// The name of a kind in addresses and answers.
pub(super) fn plural(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Observation => "observations",
        RecordKind::Incident => "incidents",
        RecordKind::Event => "events",
        RecordKind::Area => "areas",
    }
}

/// A source whose rows may be passed on.
///
/// # Errors
/// There is no such source; its licence keeps its rows here.
pub(super) fn shared(id: &str) -> Result<&'static SourceDef, Problem> {
    let source = sources().get(id).ok_or_else(|| {
        let shown: String = id.chars().take(60).collect();
        Problem::not_found(format!("there is no source `{shown}`"))
            .hint("`/api/v1/editions/latest/sources` lists them")
    })?;
    match source.licence.sharing {
        Sharing::Rows => Ok(source),
        _ => Err(withheld(&[id.to_owned()])),
    }
}

/// Whether the edition holds this kind of a source, so that an empty list means that nothing fits and nothing else.
///
/// # Errors
/// It holds none, or others: the problem says where those stand. A snapshot came under terms that keep its rows here.
pub(super) fn held(evidence: Evidence<'_>, source: &str, kind: RecordKind) -> Result<(), Problem> {
    let kinds = evidence.kinds(source)?;
    if evidence.edition().of(source).iter().any(|s| s.licence.sharing != Sharing::Rows) {
        return Err(withheld(&[source.to_owned()]));
    }
    if kinds.contains(&kind) {
        return Ok(());
    }
    let id = evidence.edition().id();
    if kinds.is_empty() {
        return Err(Problem::not_found(format!("edition {id} holds nothing of `{source}`"))
            .hint(format!("`/api/v1/editions/{id}/sources` says what is held of each source")));
    }
    let names: Vec<&str> = kinds.iter().map(|k| plural(*k)).collect();
    let addresses: Vec<String> =
        names.iter().map(|name| format!("`/api/v1/editions/{id}/{name}?source={source}`")).collect();
    Err(Problem::not_found(format!(
        "`{source}` has no {} in this edition: it has {}",
        plural(kind),
        names.join(" and ")
    ))
    .hint(format!("ask {}", addresses.join(" or "))))
}

/// The records of a kind that fit and may be given. Incidents of late stay here (rule R5).
pub(super) fn found(
    evidence: Evidence<'_>,
    kind: RecordKind,
    filter: &RecordFilter,
) -> Result<Vec<Row<Record>>, Problem> {
    fn all<T>(rows: Vec<Row<T>>, record: impl Fn(T) -> Record) -> Vec<Row<Record>> {
        rows.into_iter().map(|r| Row { record: r.record, value: record(r.value) }).collect()
    }
    let edition: &Edition = evidence.edition();
    Ok(match kind {
        RecordKind::Observation => all(evidence.observations(filter)?, Record::Observation),
        RecordKind::Incident => {
            let mut rows = evidence.incidents(filter)?;
            rows.retain(|row| edition.passes_on(&row.value));
            all(rows, Record::Incident)
        }
        RecordKind::Event => all(evidence.events(filter)?, Record::Event),
        RecordKind::Area => all(evidence.areas(filter)?, Record::Area),
    })
}

/// A country or an area as it was asked for.
pub(super) fn code(text: Option<&str>, name: &str) -> Result<Option<Code>, Problem> {
    let read = |text: &str| {
        Code::new(text).map_err(|_| {
            Problem::wrong(format!(
                "found {name} `{}`, expected ISO 3166-1 alpha-3 or a P-code",
                text.chars().take(20).collect::<String>()
            ))
        })
    };
    text.map(read).transpose()
}

/// A country as it was asked for.
pub(super) fn country(text: Option<&str>) -> Result<Option<Code>, Problem> {
    let read = |text: &str| {
        countries().by_iso3(&text.to_ascii_uppercase()).map(|c| c.iso3).ok_or_else(|| {
            Problem::wrong(format!(
                "found country `{}`, expected ISO 3166-1 alpha-3 as SYR",
                text.chars().take(20).collect::<String>()
            ))
        })
    };
    text.map(read).transpose()
}
