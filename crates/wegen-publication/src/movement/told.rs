//! A simulation with everything that is said about it: what was assumed, how far it was off in the past, its limits.

use serde::{Deserialize, Serialize};
use wegen_model::Lang;
use wegen_movement::{
    Arrivals, Compat, Counted, Instance, Parameters, ReturnMethod, Scenario,
    ensemble::Quantiles,
    validate::{Alone, Published},
};

use super::evidence::InstanceEvidence;
use super::gather::Simulated;

/// How far the model was off where it can be compared: both modes, always beside each other.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct History {
    /// As the field publishes errors.
    pub published: Option<Published>,
    /// With nothing from the scored days but their totals, beside baselines.
    pub alone: Option<Alone>,
    /// Whether the honest mode draws parameters.
    pub drawn: bool,
    /// Why there is no comparison, or only one.
    pub missing: Vec<String>,
}

/// Everything about a simulation that is shown or written.
#[derive(Debug, Clone)]
pub struct Told {
    /// The instance that was run, with the scenario's changes.
    pub instance: Instance,
    /// The scenario, and the hash of its file.
    pub scenario: Option<(Scenario, String)>,
    /// The scenario as it was written.
    pub scenario_text: Option<String>,
    /// The numbers of returns, where they were simulated.
    pub returns: Option<ReturnMethod>,
    /// What parameters were drawn from.
    pub parameters: Parameters,
    /// Of all random numbers.
    pub seed: u64,
    /// How many members.
    pub members: u64,
    /// The hash of the job: instance, scenario, settings, names of parameters.
    pub job_hash: String,
    /// The outcome.
    pub simulated: Simulated,
    /// How far the model was off in the past.
    pub history: History,
    /// Where places and registrations come from.
    pub attribution: String,
    /// A file of the instance that says so at length: its name and text. It goes along with what is written.
    pub sources: Option<(String, String)>,
    /// What the instance was built from, where it was built from evidence.
    pub evidence: Option<InstanceEvidence>,
    /// The hash of the first member's outcome: whoever runs it again can tell whether it is the same.
    pub first_member: String,
}

/// What is shown of one series on one day: of both ends of the conditions together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// Medians of the low and of the high end; the same where there is one.
    pub median: (f64, f64),
    /// The central half.
    pub half: (f64, f64),
    /// The central 90 %.
    pub wide: (f64, f64),
}

impl Shown {
    /// Of a series by its ends.
    pub fn of(ends: &[Quantiles], day: usize) -> Shown {
        let low = |share: usize| ends.iter().map(|q| q.at[share][day]).fold(f64::INFINITY, f64::min);
        let high = |share: usize| ends.iter().map(|q| q.at[share][day]).fold(f64::NEG_INFINITY, f64::max);
        Shown { median: (low(2), high(2)), half: (low(1), high(3)), wide: (low(0), high(4)) }
    }

    /// The median in words: one number, or a range where the ends of the conditions differ.
    pub fn median_text(&self, lang: Lang) -> String {
        range(self.median, lang)
    }

    /// The central 90 % in words.
    pub fn wide_text(&self, lang: Lang) -> String {
        let (low, high) = self.wide;
        format!("{}–{}", whole(low, lang), whole(high, lang))
    }
}

/// A number of people.
pub fn whole(value: f64, lang: Lang) -> String {
    if value < 0.0 { format!("−{}", lang.decimal(-value, 0)) } else { lang.decimal(value, 0) }
}

/// One number, or two where they differ when shown.
pub fn range((low, high): (f64, f64), lang: Lang) -> String {
    let (low, high) = (whole(low, lang), whole(high, lang));
    if low == high { low } else { format!("{low}–{high}") }
}

impl Told {
    /// The registered number at a place on a day.
    pub fn registered(&self, place: usize, day: u32) -> Option<u64> {
        let last = self.instance.registered.iter().find(|r| r.place == place)?.series.points().last()?.0;
        // Beyond the last count nothing is registered: a count that only stands still there is none.
        (i64::from(day) <= last).then(|| self.instance.registered_at(place, day)).flatten()
    }

    /// The last day of the period.
    pub fn last_day(&self) -> u32 {
        self.instance.days.saturating_sub(1)
    }

    /// The title: of the scenario, or of the instance as it was.
    pub fn title(&self, lang: Lang) -> String {
        match &self.scenario {
            Some((scenario, _)) => scenario.title.get(lang).to_owned(),
            None => lang.text("movement-no-scenario"),
        }
    }

    /// What was given and what bands hold: sentences that stand with every result.
    pub fn said(&self, lang: Lang) -> Vec<String> {
        let mut said = Vec::new();
        match self.instance.settings.arrivals {
            Arrivals::Registered { .. } => said.push(lang.text("movement-totals-given")),
            Arrivals::Hazard { .. } => said.push(lang.text("movement-totals-hazard")),
            _ => said.push(lang.text("movement-totals-assumed")),
        }
        said.push(lang.text(match self.parameters.names().is_empty() {
            true => "movement-bands-chance",
            false => "movement-bands-drawn",
        }));
        if self.returns.is_some() {
            said.push(lang.text("movement-bands-ends"));
        }
        if self.instance.settings.compat == Compat::Flee {
            said.push(lang.text("movement-compat-flee"));
        }
        if self.simulated.daily.error > 0.0 {
            said.push(lang.text("movement-bands-sketched"));
        }
        said
    }

    /// The totals that are shown, in an order in which returns by different causes stand apart.
    pub fn totals(&self) -> Vec<Counted> {
        let mut totals = vec![Counted::Travelling, Counted::Entered];
        if self.daily_any(Counted::Unplaced) {
            totals.push(Counted::Unplaced);
        }
        if self.returns.is_some() {
            totals.extend([Counted::SetOut, Counted::Pushed, Counted::Home, Counted::Again]);
        }
        totals
    }

    fn daily_any(&self, counted: Counted) -> bool {
        let band = self.simulated.daily.of(counted);
        band.is_some_and(|b| b.ends.iter().any(|q| q.mean.iter().any(|n| *n > 0.0)))
    }
}

/// The message that names a total.
pub fn total_id(counted: Counted) -> &'static str {
    match counted {
        Counted::At(_) => "movement-at",
        Counted::Travelling => "movement-travelling",
        Counted::Home => "movement-home",
        Counted::Entered => "movement-entered",
        Counted::Unplaced => "movement-unplaced",
        Counted::SetOut => "movement-set-out",
        Counted::Pushed => "movement-pushed",
        Counted::Again => "movement-again",
    }
}

/// A share as a percentage with a sign that a reader knows.
pub fn percent(share: f64, digits: u8, lang: Lang) -> String {
    let number = lang.decimal((share * 100.0).abs(), digits);
    let zero = lang.decimal(0.0, digits);
    let sign = if share < 0.0 && number != zero { "−" } else { "" };
    lang.text_with("percent", &[("value", &format!("{sign}{number}"))])
}

/// Sentences on how far the model was off, both modes beside each other, with the baselines.
pub fn history_lines(history: &History, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(p) = &history.published {
        let runs = p.runs.to_string();
        lines.push(lang.text_with(
            "movement-history-published",
            &[
                ("error", &lang.decimal(p.error.mean, 3)),
                ("rescaled", &lang.decimal(p.rescaled.mean, 3)),
                ("runs", &runs),
            ],
        ));
    }
    if let Some(a) = &history.alone {
        lines.push(lang.text_with(
            "movement-history-honest",
            &[
                ("day", &a.day.to_string()),
                ("days", &lang.integer(i64::from(a.days))),
                ("error", &lang.decimal(a.error, 3)),
                ("covered", &percent(a.scores.within90, 0, lang)),
            ],
        ));
        let ways: Vec<String> = a.baselines.iter().map(|w| way_text(w, lang)).collect();
        lines.push(lang.text_with("movement-history-baselines", &[("list", &lang.list(&ways))]));
        lines.push(skill_text(a.skill, (a.skill_interval.low, a.skill_interval.high), &a.best, lang));
    }
    if history.drawn && history.alone.is_some() {
        lines.push(lang.text("movement-history-drawn"));
    }
    lines.extend(
        history.missing.iter().map(|why| lang.text_with("movement-history-missing", &[("why", why)])),
    );
    lines
}

/// A baseline with its error, and whether it leaks.
pub fn way_text(way: &wegen_movement::validate::Way, lang: Lang) -> String {
    let name = way_name(&way.name, lang);
    let leak = if way.leaks { lang.text("movement-leaks") } else { String::new() };
    format!("{name} {}{leak}", lang.decimal(way.error, 3))
}

/// The name of a baseline; as it is where it has none in this language.
pub fn way_name(name: &str, lang: Lang) -> String {
    let id = format!("movement-way-{name}");
    if lang.has(&id) { lang.text(&id) } else { name.to_owned() }
}

/// Skill against the best baseline, and plainly which of the two was nearer.
pub fn skill_text(skill: f64, (low, high): (f64, f64), best: &str, lang: Lang) -> String {
    let id = match (low > 0.0, high < 0.0) {
        (true, _) => "movement-skill-model",
        (_, true) => "movement-skill-baseline",
        _ => "movement-skill-open",
    };
    let (skill, low, high) = (percent(skill, 0, lang), percent(low, 0, lang), percent(high, 0, lang));
    lang.text_with(id, &[("best", &way_name(best, lang)), ("skill", &skill), ("low", &low), ("high", &high)])
}
