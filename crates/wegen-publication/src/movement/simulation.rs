//! `published/simulation.csv`: a simulation as rows that a ledger can take in, so that reports show it like any other
//! evidence, with its lineage.
//!
//! A row is an indicator of the registry (`simulated-…`, `simulation-…`) of a scenario: by country of stay, at the end of
//! a month, at an end of the conditions. Texts that must stand with the numbers are rows as well. Nothing finer than
//! countries by month is in it (rule R5).

use wegen_model::{Lang, countries, not_for_individual_decisions};
use wegen_movement::{Counted, ensemble::Quantiles};

use super::csv::{CARRIED, SMALL, area_months};
use super::pages::cost_text;
use super::told::Told;

/// The columns; `wegen-sources` reads them by these names.
const COLUMNS: [&str; 12] = [
    "scenario",
    "indicator",
    "place",
    "counterpart",
    "month",
    "end",
    "value",
    "low",
    "high",
    "what",
    "en",
    "nl",
];

/// A row, empty where nothing is said.
#[derive(Default)]
struct Row {
    indicator: &'static str,
    counterpart: String,
    month: String,
    end: &'static str,
    value: String,
    bounds: Option<(String, String)>,
    what: String,
    en: String,
    nl: String,
}

/// The file; `None` for a simulation without a scenario, or over an instance that was not built from evidence.
///
/// # Errors
/// A table that cannot be written.
pub(super) fn file(told: &Told) -> Result<Option<Vec<u8>>, String> {
    let (Some(evidence), Some((scenario, _))) = (&told.evidence, &told.scenario) else { return Ok(None) };
    let Some(last) = told.simulated.months.last() else { return Ok(None) };
    let mut rows = notes(told);
    rows.extend(errors(told));
    rows.extend(numbers(told));
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fail = |e: csv::Error| e.to_string();
    writer.write_record(COLUMNS.iter().chain(&CARRIED[..1])).map_err(fail)?;
    for row in rows {
        let month = if row.month.is_empty() { last.label() } else { row.month };
        let (low, high) = row.bounds.unwrap_or_default();
        let place = evidence.country.as_str();
        writer
            .write_record([
                scenario.id.as_str(),
                row.indicator,
                place,
                &row.counterpart,
                &month,
                row.end,
                &row.value,
                &low,
                &high,
                &row.what,
                &row.en,
                &row.nl,
                "true",
            ])
            .map_err(fail)?;
    }
    writer.into_inner().map(Some).map_err(|e| e.to_string())
}

/// Texts, in the order in which they are shown.
fn notes(told: &Told) -> Vec<Row> {
    let mut rows =
        vec![Row { indicator: "simulation-members", value: told.members.to_string(), ..Row::default() }];
    let mut n = 0;
    let mut note = |what: &str, en: String, nl: String| {
        n += 1;
        let (what, value) = (what.to_owned(), n.to_string());
        rows.push(Row { indicator: "simulation-note", value, what, en, nl, ..Row::default() });
    };
    let both = |text: &dyn Fn(Lang) -> String| (text(Lang::En), text(Lang::Nl));
    let (en, nl) = both(&not_for_individual_decisions);
    note("notice", en, nl);
    if let Some((scenario, hash)) = &told.scenario {
        let (en, nl) = both(&|lang| scenario.title.get(lang).to_owned());
        note("title", en, nl);
        for assumption in &scenario.assumptions {
            let (en, nl) = both(&|lang| assumption.get(lang).to_owned());
            note("assumption", en, nl);
        }
        for cost in scenario.costs() {
            let (en, nl) = both(&|lang| cost_text(&cost, lang));
            note("cost", en, nl);
        }
        scenario.sources.iter().for_each(|s| note("source", s.clone(), String::new()));
        note("scenario-blake3", hash.clone(), String::new());
    }
    for (en, nl) in told.said(Lang::En).into_iter().zip(told.said(Lang::Nl)) {
        note("said", en, nl);
    }
    if let Some(evidence) = &told.evidence {
        evidence.assumptions.iter().for_each(|a| note("instance", a.clone(), String::new()));
        evidence.given.iter().for_each(|g| note("given", g.clone(), String::new()));
        evidence
            .snapshot
            .iter()
            .for_each(|s| note("snapshot", format!("{} {}", s.source, s.id), String::new()));
    }
    let method = told.returns.as_ref().map(|m| format!("{} {}", m.id, m.version));
    let run = [
        ("program", format!("wegen {}", env!("CARGO_PKG_VERSION"))),
        ("method", method.unwrap_or_default()),
        ("seed", told.seed.to_string()),
        ("job-blake3", told.job_hash.clone()),
        ("first-member-blake3", told.first_member.clone()),
    ];
    run.into_iter()
        .filter(|(_, text)| !text.is_empty())
        .for_each(|(what, text)| note(what, text, String::new()));
    rows
}

/// How far the model was off in the past, and what simple rules were.
fn errors(told: &Told) -> Vec<Row> {
    let share = |value: f64| format!("{:.1}", value * 100.0);
    let row = |indicator: &'static str, what: &str, value: f64| {
        // What is not a number is not known, and no row.
        let what = what.to_owned();
        value.is_finite().then(|| Row { indicator, what, value: share(value), ..Row::default() })
    };
    let mut rows = Vec::new();
    if let Some(published) = &told.history.published {
        rows.extend(row("simulation-error", "as-published", published.rescaled.mean));
    }
    if let Some(alone) = &told.history.alone {
        rows.extend(row("simulation-error", "model", alone.error));
        for way in &alone.baselines {
            let what = if way.leaks { format!("{}-known-afterwards", way.name) } else { way.name.clone() };
            rows.extend(row("simulation-error", &what, way.error));
        }
        rows.extend(row("simulation-within", "model", alone.scores.within90));
        let skill = row("simulation-skill", &alone.best, alone.skill);
        let (low, high) = (share(alone.skill_interval.low), share(alone.skill_interval.high));
        rows.extend(skill.map(|row| Row { bounds: Some((low, high)), ..row }));
    }
    rows
}

/// People by country of stay and in all, at the ends of months. What is too small to be published is no row.
fn numbers(told: &Told) -> Vec<Row> {
    let s = &told.simulated;
    let mut rows = Vec::new();
    let mut ends = |indicator: &'static str, counterpart: &str, month: usize, of: &[Quantiles], at: usize| {
        for (end, q) in of.iter().enumerate() {
            // The other end stands alone, and tells that this one is withheld.
            if q.at[2][at] > 0.0 && q.at[2][at] <= SMALL {
                continue;
            }
            let number = |share: usize| format!("{}", q.at[share][at].round());
            rows.push(Row {
                indicator,
                counterpart: counterpart.to_owned(),
                month: s.months[month].label(),
                end: match (of.len(), end) {
                    (1, _) => "both",
                    (_, 0) => "low",
                    _ => "high",
                },
                value: number(2),
                bounds: Some((number(0), number(4))),
                ..Row::default()
            });
        }
    };
    for cell in area_months(told).iter().filter(|c| c.shown.is_some()) {
        let (area, band) = (&s.areas[cell.area], &s.monthly.series[cell.area]);
        if !area.region.is_empty() {
            continue;
        }
        let country = countries().by_name(&super::plain_name(&area.country)).map(|c| c.iso3.to_string());
        match (area.country.is_empty(), country) {
            (true, _) => ends("simulated-displaced", "", cell.month, &band.ends, cell.month),
            (false, Some(code)) => ends("simulated-displaced", &code, cell.month, &band.ends, cell.month),
            // A country without a code is in the total alone.
            (false, None) => {}
        }
    }
    if told.returns.is_some() {
        for (counted, indicator) in [
            (Counted::SetOut, "simulated-set-out"),
            (Counted::Pushed, "simulated-pushed"),
            (Counted::Home, "simulated-home"),
            (Counted::Again, "simulated-again"),
        ] {
            let Some(band) = s.daily.of(counted) else { continue };
            for (m, month) in s.months.iter().enumerate() {
                let day = month.day as usize;
                ends(indicator, "", m, &band.ends, day);
            }
        }
    }
    rows
}
