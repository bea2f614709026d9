//! REACH, Humanitarian Situation Overview in Syria: what key informants said of each community.
//!
//! Traps: answers are ranges as text (`From 7 to 8 hours`, `21 to 30 percent`) and become bounds as published, never
//! a midpoint, so the value is the lower end; the code `other` and the name of a city stand for several communities,
//! which then go by their own names; where the network brings no water at all, the days are not asked and are none;
//! `NA`, `No Data` and blank are unknown, which is not zero; two governorates stand as answers to yes or no; a row
//! may hold a month and nothing else. The later file says only whether displaced people were present.

use std::sync::Arc;

use wegen_ledger::{Quality, Records};
use wegen_model::{Code, IndicatorId, Observation, Period, Record, Status, indicator, pcodes};

use crate::{
    File, Parsed, Parser, SourceError,
    numbers::Holds,
    table::{Row, Spec, column, is_json, plain, rows, table_among},
};

pub(crate) struct Hsos;

/// How an answer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    YesNo,
    /// Hours of a day.
    Hours,
    /// Days of a week.
    Days,
    Percent,
}

/// The answers we read, with our indicators; in the tables, they stand behind the five columns of place and time.
const ANSWERS: [(&str, IndicatorId, Answer); 21] = [
    ("IDP_reported", indicator::DISPLACED_PRESENT, Answer::YesNo),
    ("RET_reported", indicator::RETURNEES_PRESENT, Answer::YesNo),
    ("electricity_hours", indicator::ELECTRICITY_HOURS, Answer::Hours),
    ("water_functioning", indicator::WATER_NETWORK, Answer::YesNo),
    ("water_funct_days", indicator::WATER_NETWORK_DAYS, Answer::Days),
    ("sewage_connect", indicator::SEWAGE_CONNECTED, Answer::YesNo),
    ("foodmark_access", indicator::FOOD_MARKET_ACCESS, Answer::YesNo),
    ("market_access", indicator::NEARBY_MARKET_ACCESS, Answer::YesNo),
    ("food_source_own", indicator::FARMING_OWN_FOOD, Answer::YesNo),
    ("health_access_inloc", indicator::HEALTH_IN_COMMUNITY, Answer::YesNo),
    ("health_access_near", indicator::HEALTH_NEARBY, Answer::YesNo),
    ("health_barr_afford", indicator::HEALTH_UNAFFORDABLE, Answer::YesNo),
    ("health_barr_lackmed", indicator::MEDICINES_LACKING, Answer::YesNo),
    ("health_barr_safety", indicator::HEALTH_TRAVEL_RISK, Answer::YesNo),
    ("education_funct_inperson", indicator::SCHOOLS_IN_PERSON, Answer::YesNo),
    ("RES_education_accessing", indicator::SCHOOL_ATTENDANCE_RESIDENTS, Answer::Percent),
    ("IDP_education_accessing", indicator::SCHOOL_ATTENDANCE_DISPLACED, Answer::Percent),
    ("RES_edu_barr_unsafe", indicator::SCHOOL_TRAVEL_RISK, Answer::YesNo),
    ("SHE_no_damage", indicator::SHELTERS_UNDAMAGED, Answer::Percent),
    ("RES_coping_childwork", indicator::CHILDREN_WORKING, Answer::YesNo),
    ("RES_humani_access", indicator::AID_RESIDENTS, Answer::YesNo),
];

const SUBDISTRICT: usize = 0;
const NAME: usize = 1;
const CODE: usize = 2;
const YEAR: usize = 3;
const MONTH: usize = 4;
const FIRST: usize = 5;
const CURRENCY: usize = FIRST + ANSWERS.len();
const WAGE: usize = CURRENCY + 1;

static COMMUNITIES: Spec = Spec {
    columns: &[
        column(&["subdistrict_code"]),
        column(&["community"]),
        column(&["community_code"]),
        column(&["year"]),
        column(&["month"]),
        column(&["IDP_reported"]),
        column(&["RET_reported"]),
        column(&["electricity_hours"]),
        column(&["water_functioning"]),
        column(&["water_funct_days"]),
        column(&["sewage_connect"]),
        column(&["foodmark_access"]),
        column(&["market_access"]),
        column(&["food_source_own"]),
        column(&["health_access_inloc"]),
        column(&["health_access_near"]),
        column(&["health_barr_afford"]),
        column(&["health_barr_lackmed"]),
        column(&["health_barr_safety"]),
        column(&["education_funct_inperson"]),
        column(&["RES_education_accessing"]),
        column(&["IDP_education_accessing"]),
        column(&["RES_edu_barr_unsafe"]),
        column(&["SHE_no_damage"]),
        column(&["RES_coping_childwork"]),
        column(&["RES_humani_access"]),
        column(&["currency_wages_RES"]),
        column(&["RES_wage_unskilled"]),
    ],
    also: &ALSO,
    pointer: "",
};

/// The file that says only whether displaced people were present.
static PRESENCE: Spec = Spec {
    columns: &[
        column(&["Subdistrictpcode"]),
        column(&["Community"]),
        column(&["Communitypcode"]),
        column(&["year"]),
        column(&["month"]),
        column(&["IDPsreportedinthecommunity"]),
    ],
    also: &ALSO,
    pointer: "",
};

/// What tells that file.
static PRESENT: Spec = Spec { columns: &[column(&["IDPsreportedinthecommunity"])], also: &[], pointer: "" };

/// The other columns of both files, as published.
#[rustfmt::skip]
const ALSO: [&str; 223] = [
    "round", "governorate", "governorate_code", "district", "district_code", "subdistrict",
    "RES_reported", "IDP_liv_unfinished", "IDP_liv_damaged", "IDP_liv_tents", "IDP_liv_makeshift",
    "IDP_liv_overcrowded", "RES_liv_unfinished", "RES_liv_damaged", "RES_liv_overcrowded",
    "SHE_minor_damage", "SHE_major_damage", "SHE_complete_damage", "currency_rents", "price_rent",
    "electricity_source", "water_source", "food_source", "food_source_purchase_incomm",
    "food_source_purchase_outcomm", "food_source_stored", "food_source_assistance", "food_source_gifts",
    "food_source_begging", "food_source_bartering", "food_source_hunting", "food_source_other",
    "food_coping", "food_coping_reduce", "food_coping_skip", "food_coping_restrict",
    "food_coping_relying", "food_coping_buy", "food_coping_purchase", "food_coping_exchange",
    "food_coping_spend", "food_coping_other", "food_coping_no", "RES_coping", "RES_coping_sellittem",
    "RES_coping_sellprodu", "RES_coping_sellha", "RES_coping_beg", "RES_coping_earlym",
    "RES_coping_forcedm", "RES_coping_borrow", "RES_coping_credit", "RES_coping_riskwork",
    "RES_coping_illegalwork", "RES_coping_skiprent", "RES_coping_saving", "RES_coping_school",
    "RES_coping_other", "RES_coping_nouse", "IDP_coping", "IDP_coping_sellittem",
    "IDP_coping_sellprodu", "IDP_coping_sellha", "IDP_coping_childwork", "IDP_coping_beg",
    "IDP_coping_earlym", "IDP_coping_forcedm", "IDP_coping_borrow", "IDP_coping_credit",
    "IDP_coping_riskwork", "IDP_coping_illegalwork", "IDP_coping_skiprent", "IDP_coping_saving",
    "IDP_coping_school", "IDP_coping_other", "IDP_coping_nouse", "currency_wages_IDP",
    "IDP_wage_unskilled", "health_barr", "health_barr_nofacilities", "health_barr_rehab",
    "health_barr_absence", "health_barr_lackppe", "health_barr_lacktransport",
    "health_barr_costtransport", "health_barr_trust", "health_barr_accessible",
    "health_barr_overcrowded", "health_barr_femalestaff", "health_barr_privacy",
    "health_barr_specialized", "health_barr_ambulance", "health_barr_document", "health_barr_safety2",
    "health_barr_wsafety", "health_barr_wsafety2", "health_barr_wallowed", "health_barr_stigma",
    "health_barr_other", "health_barr_no", "education_funct", "education_funct_online",
    "education_funct_not", "education_days", "education_days_online", "RES_edu_barr",
    "RES_edu_barr_cert", "RES_edu_barr_doc", "RES_edu_barr_transp", "RES_edu_barr_costt",
    "RES_edu_barr_internet", "RES_edu_barr_elect", "RES_edu_barr_equip", "RES_edu_barr_costp",
    "RES_edu_barr_availa", "RES_edu_barr_language", "RES_edu_barr_work", "RES_edu_barr_marry",
    "RES_edu_barr_age", "RES_edu_barr_disabi", "RES_edu_barr_unable", "RES_edu_barr_uncom",
    "RES_edu_barr_health", "RES_edu_barr_social", "RES_edu_barr_girls", "RES_edu_barr_other",
    "IDP_edu_barr", "IDP_edu_barr_cert", "IDP_edu_barr_doc", "IDP_edu_barr_transp",
    "IDP_edu_barr_costt", "IDP_edu_barr_unsafe", "IDP_edu_barr_internet", "IDP_edu_barr_elect",
    "IDP_edu_barr_equip", "IDP_edu_barr_costp", "IDP_edu_barr_availa", "IDP_edu_barr_language",
    "IDP_edu_barr_work", "IDP_edu_barr_marry", "IDP_edu_barr_age", "IDP_edu_barr_disabi",
    "IDP_edu_barr_unable", "IDP_edu_barr_uncom", "IDP_edu_barr_health", "IDP_edu_barr_social",
    "IDP_edu_barr_girls", "IDP_edu_barr_other", "RES_humani_prov", "RES_humani_prov_shelter",
    "RES_humani_prov_health", "RES_humani_prov_nfi", "RES_humani_prov_electricity",
    "RES_humani_prov_food", "RES_humani_prov_agri", "RES_humani_prov_liveli",
    "RES_humani_prov_education", "RES_humani_prov_wash", "RES_humani_prov_winte",
    "RES_humani_prov_legal", "RES_humani_prov_gbv", "RES_humani_prov_cp", "RES_humani_prov_explo",
    "RES_humani_prov_mental", "RES_humani_prov_cash", "RES_humani_prov_other", "RES_humani_barr",
    "RES_humani_barr_noavai", "RES_humani_barr_noaware", "RES_humani_barr_far",
    "RES_humani_barr_safety", "RES_humani_barr_noawarepr", "RES_humani_barr_nocomply",
    "RES_humani_barr_discrimi", "RES_humani_barr_nodoc", "RES_humani_barr_other", "IDP_humani_access",
    "IDP_humani_prov", "IDP_humani_prov_shelter", "IDP_humani_prov_health", "IDP_humani_prov_nfi",
    "IDP_humani_prov_electricity", "IDP_humani_prov_food", "IDP_humani_prov_agri",
    "IDP_humani_prov_liveli", "IDP_humani_prov_education", "IDP_humani_prov_wash",
    "IDP_humani_prov_winte", "IDP_humani_prov_legal", "IDP_humani_prov_gbv", "IDP_humani_prov_cp",
    "IDP_humani_prov_explo", "IDP_humani_prov_mental", "IDP_humani_prov_cash", "IDP_humani_prov_other",
    "IDP_humani_barr", "IDP_humani_barr_noavai", "IDP_humani_barr_noaware", "IDP_humani_barr_far",
    "IDP_humani_barr_safety", "IDP_humani_barr_noawarepr", "IDP_humani_barr_nocomply",
    "IDP_humani_barr_discrimi", "IDP_humani_barr_nodoc", "IDP_humani_barr_other", "IDP_priority",
    "IDP_priority_2", "IDP_priority_3", "RES_priority", "RES_priority_2", "RES_priority_3", "region",
    "RES_coping_mig", "IDP_coping_mig", "RES_humani_prov_voucher", "IDP_humani_prov_voucher",
    // The file of 2023.
    "Governorate", "Governoratepcode", "District", "Districtpcode", "Subdistrict",
    "IDPsdisplacedincommunitybeca", "region",
];

impl Parser for Hsos {
    fn source(&self) -> &'static str {
        "reach-hsos"
    }

    fn parse(&self, files: &[File]) -> Result<Parsed, SourceError> {
        let json = files.first().is_some_and(is_json);
        let presence = match files.first() {
            Some(file) => PRESENT.fits(file) || table_among(file, &[&COMMUNITIES, &PRESENCE])? == 1,
            None => false,
        };
        let (spec, capture) = match presence {
            true => (&PRESENCE, "csv presence"),
            false => (&COMMUNITIES, "csv communities"),
        };
        let mut quality = Quality::default();
        let (mut records, mut rows_read) = (Records::default(), 0);
        for (part, file) in files.iter().enumerate() {
            let mut each =
                |row: &Row<'_>, quality: &mut Quality| community(row, presence, quality, &mut records);
            rows_read += rows(file, part as u32, spec, &mut quality, &mut each)?;
        }
        Ok(Parsed { capture, layout: spec.layout(json), quality, rows_read, records })
    }
}

/// What one row says of its community.
fn community(
    row: &Row<'_>,
    presence: bool,
    quality: &mut Quality,
    records: &mut Records,
) -> Result<(), SourceError> {
    if [SUBDISTRICT, NAME, CODE].iter().all(|column| row.text(*column).is_empty()) {
        quality.note("rows that name no community; no record", || row.place());
        return Ok(());
    }
    let place = subdistrict(row.text(SUBDISTRICT))
        .ok_or_else(|| row.wrong(SUBDISTRICT, "the P-code of a subdistrict in Syria, as `SY070200`"))?;
    let month = row.maybe_count(MONTH)?.and_then(|m| i8::try_from(m).ok()).unwrap_or_default();
    let period = Period::of_month(row.year(YEAR)?.year() as i16, month)
        .ok_or_else(|| row.wrong(MONTH, "a month from 1 to 12"))?;
    let dims = match community_dim(row.text(CODE), row.text(NAME)) {
        Some(name) => Some(Arc::from(format!("community={name}"))),
        None => {
            quality.note("communities without a code and a name of their own", || row.place());
            None
        }
    };
    let mut push = |indicator: IndicatorId, column: usize, value: f64, bounds: Option<(f64, f64)>| {
        records.push(Record::Observation(Observation {
            indicator,
            place,
            counterpart: None,
            period,
            value,
            bounds,
            status: Status::Estimated,
            dims: dims.clone(),
            locator: row.locator(column),
        }))
    };
    push(indicator::COMMUNITY_ASSESSED, CODE, 1.0, None)?;
    let answers = if presence { &ANSWERS[..1] } else { &ANSWERS[..] };
    for (i, &(name, id, kind)) in answers.iter().enumerate() {
        let (column, text) = (FIRST + i, row.text(FIRST + i));
        // Where the network does not work, its days are not asked: there are none.
        if id == indicator::WATER_NETWORK_DAYS && row.text(column - 1) == "No" && is_unknown(text) {
            push(id, column, 0.0, Some((0.0, 0.0)))?;
            continue;
        }
        if is_unknown(text) {
            let column = if presence { PRESENCE.columns[column].names[0] } else { name };
            quality.note(&format!("no answer in `{column}` (`NA`, `No Data` or blank)"), || row.place());
            continue;
        }
        match (kind, text) {
            (Answer::YesNo, "Yes") => push(id, column, 1.0, None)?,
            (Answer::YesNo, "No") => push(id, column, 0.0, None)?,
            (Answer::YesNo, "Idleb" | "Aleppo") if id == indicator::HEALTH_NEARBY => {
                quality.note(&format!("a governorate as the answer in `{name}`; no record"), || row.place());
            }
            (Answer::YesNo, _) => return Err(row.wrong(column, "`Yes` or `No`")),
            _ => match range(text, kind) {
                Some((low, high)) => push(id, column, low, Some((low, high)))?,
                None => return Err(row.wrong(column, expected(kind))),
            },
        }
    }
    if presence {
        return Ok(());
    }
    let wage = if is_unknown(row.text(WAGE)) { None } else { row.number(WAGE, Holds::Amounts)? };
    match (wage, row.text(CURRENCY)) {
        (None, _) => {
            quality.note("no answer in `RES_wage_unskilled` (`NA`, `No Data` or blank)", || row.place());
        }
        (Some(wage), _) if wage < 0.0 => return Err(row.wrong(WAGE, "a wage from zero up")),
        (Some(wage), "Turkish lira") => push(indicator::WAGE_UNSKILLED, WAGE, wage, None)?,
        _ => quality.note("wages in another currency than the Turkish lira; no record", || row.place()),
    }
    Ok(())
}

/// A P-code of the third level in Syria: by the table, and by its form only where no table holds it.
pub(crate) fn subdistrict(text: &str) -> Option<Code> {
    let code = Code::new(text).ok()?;
    match pcodes().get(code) {
        Some(area) => (area.country.as_str() == "SYR" && area.level == 3).then_some(code),
        None => {
            let digits = text.strip_prefix("SY")?;
            (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(code)
        }
    }
}

/// What tells a community from the others of its subdistrict: its code (`C1366`, `N0359`), or its name where the
/// code is `other`, empty or the name of the city around it.
pub(crate) fn community_dim(code: &str, name: &str) -> Option<String> {
    let digits = code.strip_prefix(['C', 'N']).unwrap_or_default();
    let is_code = !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|b| b.is_ascii_digit());
    let text = plain(if is_code { code } else { name });
    (!text.is_empty()).then_some(text)
}

/// Whether an answer says nothing: unknown is not zero.
fn is_unknown(text: &str) -> bool {
    text.is_empty() || text == "No Data" || text == "NA" || text.starts_with("NA ") || text.starts_with("NA_")
}

/// A published range, as it stands: `From 7 to 8 hours`, `1 to 2`, `21 to 30 percent`, `None`, `7`.
///
/// `Less than` and `More than` reach to the ends of a day; what is one number is a range of that number.
fn range(text: &str, kind: Answer) -> Option<(f64, f64)> {
    let (most, unit) = match kind {
        Answer::Hours => (24, " hours"),
        Answer::Days => (7, ""),
        Answer::Percent => (100, " percent"),
        Answer::YesNo => return None,
    };
    if text == "None" {
        return Some((0.0, 0.0));
    }
    let number = |text: &str| text.parse::<u8>().ok().filter(|n| *n <= most);
    let text = text.strip_suffix(unit)?;
    let (low, high) = if let Some(high) = text.strip_prefix("Less than ") {
        (0, number(high)?)
    } else if let Some(low) = text.strip_prefix("More than ") {
        (number(low)?, most)
    } else {
        let text = text.strip_prefix("From ").unwrap_or(text);
        let (low, high) = text.split_once(" to ").unwrap_or((text, text));
        (number(low)?, number(high)?)
    };
    (low <= high).then_some((low.into(), high.into()))
}

fn expected(kind: Answer) -> &'static str {
    match kind {
        Answer::YesNo => "`Yes` or `No`",
        Answer::Hours => "hours of a day, as `From 7 to 8 hours`",
        Answer::Days => "days of a week, as `1 to 2`",
        Answer::Percent => "a share, as `21 to 30 percent`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_where_the_table_has_them() {
        for (i, (name, _, _)) in ANSWERS.iter().enumerate() {
            assert_eq!(COMMUNITIES.columns[FIRST + i].names, [*name]);
        }
        assert_eq!(COMMUNITIES.columns[WAGE].names, ["RES_wage_unskilled"]);
        assert_eq!(COMMUNITIES.columns.len(), WAGE + 1);
        let functioning = ANSWERS.iter().position(|a| a.0 == "water_functioning").unwrap();
        assert_eq!(ANSWERS[functioning + 1].0, "water_funct_days");
    }

    #[test]
    fn ranges_stay_as_published() {
        for (text, kind, bounds) in [
            ("Less than 2 hours", Answer::Hours, Some((0.0, 2.0))),
            ("From 7 to 8 hours", Answer::Hours, Some((7.0, 8.0))),
            ("More than 12 hours", Answer::Hours, Some((12.0, 24.0))),
            ("None", Answer::Days, Some((0.0, 0.0))),
            ("1 to 2", Answer::Days, Some((1.0, 2.0))),
            ("7", Answer::Days, Some((7.0, 7.0))),
            ("21 to 30 percent", Answer::Percent, Some((21.0, 30.0))),
            ("0 percent", Answer::Percent, Some((0.0, 0.0))),
            ("100 percent", Answer::Percent, Some((100.0, 100.0))),
            ("101 percent", Answer::Percent, None),
            ("30 to 21 percent", Answer::Percent, None),
            ("8", Answer::Days, None),
            ("7 hours a day", Answer::Hours, None),
            ("From 7 to 8", Answer::Hours, None),
            ("Yes", Answer::YesNo, None),
            ("", Answer::Days, None),
        ] {
            assert_eq!(range(text, kind), bounds, "{text}");
        }
    }

    #[test]
    fn a_community_goes_by_its_code_or_else_its_name() {
        for (code, name, dim) in [
            ("C1366", "Afrin", Some("C1366")),
            ("N0359", "A quarter", Some("N0359")),
            ("other", "Kafr Losin", Some("Kafr Losin")),
            ("", "Kafr=Losin; farm", Some("Kafr Losin farm")),
            ("Quamishli Neighborhood", "A quarter", Some("A quarter")),
            ("C", "x", Some("x")),
            ("other", "", None),
        ] {
            assert_eq!(community_dim(code, name).as_deref(), dim, "{code} {name}");
        }
    }
}
