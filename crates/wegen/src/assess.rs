//! Conditions by area: assess a country, explain an area, compare, and run anybody's composite index.

use std::{fs, path::Path, process::ExitCode};

use serde_json::{Value as Json, json};
use wegen_conditions::{
    Cell, Estimate, Known, Method, MethodError, Plan, Role, Simulated, Verdict, cheapest_change,
    composite::IndexMethod, least_worsening, missing_facts, passing_sets, sensitivity, simulate,
};
use wegen_ledger::{Edition, Evidence, Ledger};
use wegen_model::{Code, Interval, Lang, countries, not_for_individual_decisions};
use wegen_publication::{
    FigureError,
    conditions::{self, Assessed, Cause, Given, Month, National, Read, Side, bounds_json, bounds_text},
    place, raw_row,
};

use crate::{
    cli::{self, Global, Layout},
    commands::{Outcome, open, print_json},
    error::CliError,
    show::{line, table},
};

/// How many minimal sets are named.
const SETS: usize = 12;

fn method(path: Option<&Path>) -> Result<Method, CliError> {
    match path {
        None => Ok(conditions::default_method().clone()),
        Some(path) => {
            let bytes = fs::read(path).map_err(CliError::io(path))?;
            let file = path.display().to_string();
            let text = String::from_utf8(bytes).map_err(|e| {
                let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
                let line = before.iter().filter(|b| **b == b'\n').count() + 1;
                MethodError { file: file.clone(), line, message: "bytes that are no UTF-8 text".into() }
            })?;
            Ok(conditions::method(&file, &text)?)
        }
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "●",
        Verdict::NotMet => "○",
        Verdict::CannotBeDetermined => "?",
    }
}

pub(crate) fn verdict_text(verdict: Verdict, lang: Lang) -> String {
    lang.text(&format!("verdict-{verdict}"))
}

fn month_text(month: Month, lang: Lang) -> String {
    let period = wegen_model::Period::of_month(month.year() as i16, month.month());
    period.map_or_else(|| month.to_string(), |p| lang.period(p))
}

pub(crate) fn assess(global: &Global, args: &cli::Assess) -> Outcome {
    if args.print_method {
        line(conditions::DEFAULT_METHOD.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    if let [a, b] = args.compare.as_slice() {
        return compare(global, args, a, b);
    }
    let method = method(args.method.as_deref())?;
    let country = wanted(args)?;
    let ledger = open(global)?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let evidence = ledger.evidence(&edition);
    let level = match args.level {
        Some(level) => level,
        None => conditions::finest_level(evidence, country)?,
    };
    let national = assessed(evidence, country, level, args.month, &method, global.lang)?;
    if national.areas.is_empty() {
        return Err(CliError::NoAreas(countries().name(country, global.lang), level));
    }
    let view = View { method: &method, national: &national, edition: &edition, lang: global.lang, args };
    match (global.json, args.format) {
        (true, _) => print_json(&view.json())?,
        (false, Layout::Table) => view.print(),
        (false, Layout::Csv) => {
            let csv = view.given(&edition.id()).csv().map_err(|e| CliError::Usage(e.to_string()))?;
            line(csv.trim_end());
        }
        (false, Layout::Geojson) => {
            let shapes = conditions::shapes(evidence, country, level).map_err(CliError::Ledger)?;
            print_json(&view.given(&edition.id()).geojson(&shapes))?;
        }
    }
    Ok(match national.areas.iter().any(|a| a.has_evidence(&method)) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(4),
    })
}

/// An assessment; a country of which nothing is held, not even its areas, has none.
fn assessed(
    evidence: Evidence<'_>,
    country: Code,
    level: u8,
    month: Option<Month>,
    method: &Method,
    lang: Lang,
) -> Result<National, CliError> {
    conditions::assess(evidence, country, level, month, method).map_err(|error| match error {
        FigureError::NothingHeld(country) => CliError::NoAreas(countries().name(country, lang), level),
        error => error.into(),
    })
}

fn wanted(args: &cli::Assess) -> Result<Code, CliError> {
    args.country.ok_or_else(|| CliError::Usage("a country was expected, by ISO code or name".into()))
}

/// An assessment as it is shown.
struct View<'a> {
    method: &'a Method,
    national: &'a National,
    edition: &'a Edition,
    lang: Lang,
    args: &'a cli::Assess,
}

impl View<'_> {
    fn title(&self) -> String {
        self.lang.text_with(
            "assess-title",
            &[
                ("country", &countries().name(self.national.country, self.lang)),
                ("month", &month_text(self.national.month, self.lang)),
                ("level", &self.national.level.to_string()),
                ("method", self.method.title.get(self.lang)),
                ("version", &self.method.version),
                ("edition", &self.edition.id()),
            ],
        )
    }

    /// The columns: criteria that are not parts of another criterion.
    fn columns(&self) -> Vec<usize> {
        let method = self.method;
        let part = |c: usize| method.nodes[c].parent.is_some_and(|p| method.criteria.contains(&p));
        method.criteria.iter().copied().filter(|c| !part(*c)).collect()
    }

    fn verdict(&self, area: &Assessed, criterion: usize) -> Verdict {
        let at = self.method.criteria.iter().position(|c| *c == criterion);
        at.map_or(Verdict::CannotBeDetermined, |at| area.assessment.criteria[at])
    }

    fn print(&self) {
        line(self.title());
        let columns = self.columns();
        let code = self.lang.text("assess-code");
        let area = self.lang.text("assess-area");
        let all = self.lang.text("assess-all");
        let heads: Vec<String> = (0..columns.len()).map(|i| (i + 1).to_string()).collect();
        let mut head: Vec<&str> = vec![&code, &area];
        head.extend(heads.iter().map(String::as_str));
        head.push(&all);
        let bands = [self.lang.text("assess-band"), self.lang.text("assess-centre")];
        let drawn = [self.lang.text("assess-draws-met"), self.lang.text("assess-draws-not-met")];
        if self.args.bands {
            head.extend(bands.iter().map(String::as_str));
        }
        if self.args.draws.is_some() {
            head.extend(drawn.iter().map(String::as_str));
        }
        let shown: Vec<&Assessed> =
            self.national.areas.iter().filter(|a| self.args.all || a.has_evidence(self.method)).collect();
        let rows: Vec<Vec<String>> = shown
            .iter()
            .map(|a| {
                let mut row = vec![a.place.code.to_string(), a.place.name.clone()];
                row.extend(columns.iter().map(|c| mark(self.verdict(a, *c)).to_owned()));
                row.push(mark(a.assessment.verdict).to_owned());
                if self.args.bands
                    && let Some(band) = a.assessment.bands.first()
                {
                    row.push(bounds_text(band.over_weights, 0, self.lang));
                    row.push(bounds_text(band.at_centroid, 0, self.lang));
                }
                if let Some(draws) = self.args.draws {
                    let drawn = self.drawn(a, draws);
                    row.extend([drawn.met, drawn.not_met].map(|p| self.lang.decimal(p, 2)));
                }
                row
            })
            .collect();
        table(&head, &rows, &[]);
        let left = self.national.areas.len() - shown.len();
        if left > 0 {
            line(self.lang.text_with("assess-left", &[("count", &left.to_string())]));
        }
        line("");
        for (i, criterion) in columns.iter().enumerate() {
            line(format!("{:>3}  {}", i + 1, self.method.nodes[*criterion].label.get(self.lang)));
        }
        line(self.lang.text("assess-legend"));
        for note in self.notes() {
            line(note);
        }
        line(not_for_individual_decisions(self.lang));
    }

    /// Draws for an area; the numbers are those of its code and the month, whatever is shown beside it.
    fn drawn(&self, area: &Assessed, draws: u32) -> Simulated {
        let cells: Vec<Cell> = area.reads.iter().map(|r| r.cell).collect();
        let plan = Plan::new(self.method, draws as usize, self.args.seed);
        let name = format!("{} {}", area.place.code, self.national.month);
        simulate(&plan, &[&cells], wegen_conditions::place_number(&name))
    }

    /// How many cells of a leaf that counts were narrowed by a rule, by leaf.
    fn narrowed(&self) -> Vec<String> {
        let method = self.method;
        let narrowed = |k: usize| {
            let cells = self.national.areas.iter().map(|a| a.reads[k].cell.known);
            cells.filter(|known| !matches!(known, Known::Observed | Known::Missing)).count()
        };
        let leaves = method.leaves.iter().enumerate().map(|(k, leaf)| (*leaf, narrowed(k)));
        leaves
            .filter(|(_, count)| *count > 0)
            .map(|(leaf, count)| format!("{} ({count})", method.nodes[leaf].label.get(self.lang)))
            .collect()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.national.last {
            None => notes.push(self.lang.text("assess-nothing")),
            Some(last) if last != self.national.month => {
                let month = month_text(last, self.lang);
                notes.push(self.lang.text_with("assess-last", &[("month", &month)]));
            }
            Some(_) => notes.push(self.lang.text("assess-month")),
        }
        if self.args.bands {
            notes.push(self.lang.text("assess-no-ranking"));
        }
        if self.args.draws.is_some() {
            notes.push(self.lang.text("assess-draws-note"));
        }
        let narrowed = self.narrowed();
        if !narrowed.is_empty() {
            notes.push(self.lang.text_with("assess-narrowed", &[("leaves", &self.lang.list(&narrowed))]));
        }
        let waiting = self.national.areas.iter().filter(|a| a.status.verdict != a.assessment.verdict).count();
        if waiting > 0 {
            let months = self.method.persistence.to_string();
            let args = [("count", &*waiting.to_string()), ("months", &*months)];
            notes.push(self.lang.text_with("assess-status", &args));
        }
        for u in &self.national.unjoined {
            let why = match (u.name.is_empty(), u.why.is_empty()) {
                (true, _) => self.lang.text("assess-nameless"),
                (false, true) => self.lang.text("assess-unreviewed"),
                (false, false) => u.why.clone(),
            };
            let rows = u.rows.to_string();
            let args = [("name", &*u.name), ("rows", &*rows), ("source", &*u.source), ("why", &*why)];
            notes.push(self.lang.text_with("assess-unjoined", &args));
        }
        notes
    }

    fn given<'g>(&'g self, edition: &'g str) -> Given<'g> {
        Given {
            method: self.method,
            national: self.national,
            edition,
            as_of: self.edition.as_of,
            lang: self.lang,
        }
    }

    fn json(&self) -> Json {
        let edition = self.edition.id();
        let given = self.given(&edition);
        let mut value = given.json();
        let areas = value["areas"].as_array_mut().into_iter().flatten();
        for (json, area) in areas.zip(&self.national.areas) {
            self.further(json, area);
        }
        value
    }

    /// What an analyst asked for beside.
    fn further(&self, value: &mut Json, a: &Assessed) {
        if let Some(draws) = self.args.draws {
            value["draws"] = json!(self.drawn(a, draws));
        }
        if self.args.bands {
            let bands: Vec<Json> = a
                .assessment
                .bands
                .iter()
                .map(|b| {
                    json!({
                        "power": b.power.to_string(), "over_weights": bounds_json(b.over_weights),
                        "at_centroid": bounds_json(b.at_centroid),
                    })
                })
                .collect();
            value["bands"] = json!(bands);
        }
    }
}

pub(crate) fn why_area(global: &Global, args: &cli::WhyArea) -> Outcome {
    let method = method(args.method.as_deref())?;
    let country = countries()
        .of_place(args.area)
        .ok_or_else(|| CliError::Usage(format!("`{}` is a P-code of no country that is known", args.area)))?;
    let ledger = open(global)?;
    let edition = ledger.edition(args.as_of.as_of)?;
    let evidence = ledger.evidence(&edition);
    let mut found = None;
    for level in 1..=3 {
        let national = assessed(evidence, country, level, args.month, &method, global.lang)?;
        if let Some(i) = national.areas.iter().position(|a| a.place.code == args.area) {
            found = Some((national, i));
            break;
        }
    }
    let Some((mut national, i)) = found else {
        return Err(CliError::Usage(format!("no area `{}` is held", args.area)));
    };
    let area = national.areas.swap_remove(i);
    if global.json {
        national.areas = vec![area];
        let args = cli::Assess { bands: args.bands, ..cli::Assess::default() };
        let view =
            View { method: &method, national: &national, edition: &edition, lang: global.lang, args: &args };
        print_json(&view.json())?;
        return Ok(ExitCode::SUCCESS);
    }
    let explained = Explained { method: &method, area: &area, month: national.month, lang: global.lang };
    explained.print(&ledger, &edition, args)?;
    line("");
    line(not_for_individual_decisions(global.lang));
    Ok(match area.has_evidence(&method) {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(4),
    })
}

/// An area explained: the tree down to rows, what would have to change, what is missing.
struct Explained<'a> {
    method: &'a Method,
    area: &'a Assessed,
    month: Month,
    lang: Lang,
}

impl Explained<'_> {
    fn print(&self, ledger: &Ledger, edition: &Edition, args: &cli::WhyArea) -> Result<(), CliError> {
        let (lang, area) = (self.lang, self.area);
        line(format!("{} · {} · {}", area.place.name, area.place.code, month_text(self.month, lang)));
        line(lang.text_with(
            "why-area-method",
            &[
                ("method", self.method.title.get(lang)),
                ("version", &self.method.version),
                ("edition", &edition.id()),
            ],
        ));
        let verdict = verdict_text(area.assessment.verdict, lang);
        line(lang.text_with("why-area-verdict", &[("verdict", &verdict)]));
        if area.status.verdict != area.assessment.verdict {
            let stands = verdict_text(area.status.verdict, lang);
            let months = self.method.persistence.to_string();
            line(lang.text_with("why-area-status", &[("verdict", &stands), ("months", &months)]));
        }
        line("");
        for (root, _) in self.method.nodes.iter().enumerate().filter(|(_, n)| n.parent.is_none()) {
            self.node(root, 0, ledger, edition, args)?;
        }
        self.score(args.bands);
        self.changes();
        self.facts();
        if args.sensitivity {
            self.sensitivity();
        }
        Ok(())
    }

    fn node(
        &self,
        at: usize,
        depth: usize,
        ledger: &Ledger,
        edition: &Edition,
        args: &cli::WhyArea,
    ) -> Result<(), CliError> {
        let (method, lang) = (self.method, self.lang);
        let node = &method.nodes[at];
        let indent = "  ".repeat(depth);
        let criterion = method.criteria.iter().position(|c| *c == at);
        let mut text = format!("{indent}{}", node.label.get(lang));
        if let Some(c) = criterion {
            let verdict = self.area.assessment.criteria[c];
            text += &format!(": {} {}", mark(verdict), verdict_text(verdict, lang));
        }
        if let (Some(floor), Some(value), Some(_)) = (node.floor, self.area.assessment.nodes[at], criterion) {
            let value = bounds_text(value, 0, lang);
            text +=
                &lang.text_with("why-area-floor", &[("value", &value), ("floor", &lang.decimal(floor, 0))]);
        }
        line(text);
        if let Some(k) = method.leaves.iter().position(|l| *l == at) {
            self.leaf(k, &indent, ledger, edition, args)?;
        }
        for child in &node.children {
            self.node(*child, depth + 1, ledger, edition, args)?;
        }
        Ok(())
    }

    fn leaf(
        &self,
        k: usize,
        indent: &str,
        ledger: &Ledger,
        edition: &Edition,
        args: &cli::WhyArea,
    ) -> Result<(), CliError> {
        let lang = self.lang;
        let read: &Read = &self.area.reads[k];
        let node = &self.method.nodes[self.method.leaves[k]];
        let Some(leaf) = &node.leaf else { return Ok(()) };
        let unit = lang.text(&format!("unit-{}", conditions::unit_of(leaf)));
        let said = match (read.cell.bounds, read.cell.known) {
            (None, _) if read.stale => {
                let of = read.of.map_or(String::new(), |p| lang.period(p));
                lang.text_with("why-area-stale", &[("of", &of)])
            }
            (None, _) if leaf.reading.sources.is_empty() => lang.text("why-area-no-source"),
            (None, _) => lang.text_with("why-area-missing", &[("sources", &leaf.reading.sources.join(", "))]),
            (Some(bounds), known) => {
                let decimals = if bounds.high < 100.0 { 1 } else { 0 };
                let mut said = format!("{} {unit}", bounds_text(bounds, decimals, lang));
                if node.role != Role::Context {
                    let score = bounds_text(self.area.assessment.leaves[k], 0, lang);
                    said += &lang.text_with("why-area-score", &[("score", &score)]);
                }
                if self.area.assessment.clamped[k] && node.role != Role::Context {
                    said += &lang.text("why-area-clamped");
                }
                match known {
                    Known::LastValue { months } => {
                        said += &lang.text_with("why-area-widened", &[("months", &months.to_string())]);
                    }
                    Known::Neighbours => said += &lang.text("why-area-neighbours"),
                    Known::Stated => said += &lang.text("why-area-stated"),
                    Known::Observed | Known::Missing => {}
                }
                if let Some(of) = read.of {
                    said += &format!(" · {}", lang.period(of));
                }
                if let Some(source) = &read.source {
                    let count = read.records.len().to_string();
                    said += &lang.text_with("why-area-rests", &[("source", source), ("count", &count)]);
                }
                said
            }
        };
        line(format!("{indent}  {said}"));
        if !leaf.cite.is_empty() && !args.short {
            line(format!("{indent}  [{}]", leaf.cite));
        }
        for id in read.records.iter().take(args.rows) {
            let Some(snapshot) = edition.snapshots.iter().find(|s| s.id == id.snapshot) else { continue };
            let Some(record) = ledger.record_of(snapshot, id.kind, id.n)? else { continue };
            let place = place(snapshot, record.locator(), lang);
            line(format!("{indent}    {id} · {} · {place}", snapshot.source));
            if let Some(raw) = raw_row(ledger, snapshot, &record)? {
                line(format!("{indent}      {raw}"));
            }
        }
        Ok(())
    }

    fn score(&self, bands: bool) {
        let (lang, assessment) = (self.lang, &self.area.assessment);
        let Some(score) = assessment.score else { return };
        line("");
        let threshold = lang.decimal(self.method.threshold, 0);
        let verdict = verdict_text(score, lang);
        line(lang.text_with("why-area-threshold", &[("threshold", &threshold), ("verdict", &verdict)]));
        if bands {
            for band in assessment.bands.iter().skip(1) {
                let (weights, centre) =
                    (bounds_text(band.over_weights, 1, lang), bounds_text(band.at_centroid, 1, lang));
                line(format!("  p = {:>2}  {weights}  ({centre})", band.power.to_string()));
            }
            line(lang.text("assess-no-ranking"));
        }
    }

    fn sensitivity(&self) {
        let lang = self.lang;
        let cells: Vec<Cell> = self.area.reads.iter().map(|r| r.cell).collect();
        let found = sensitivity(&Plan::new(self.method, 0, 1), &[&cells], 64, 32);
        line("");
        line(lang.text("sensitivity-title"));
        for (title, indices) in [("sensitivity-score", &found.score), ("sensitivity-verdict", &found.verdict)]
        {
            let Some(indices) = indices else {
                line(format!("  {}: {}", lang.text(title), lang.text("sensitivity-none")));
                continue;
            };
            line(format!("  {}", lang.text(title)));
            for (k, input) in found.inputs.iter().enumerate() {
                let id = input.strip_prefix("value.").unwrap_or(input);
                let node = self.method.node(id).map(|i| self.method.nodes[i].label.get(lang).to_owned());
                let name = node.unwrap_or_else(|| lang.text(&format!("sensitivity-{id}")));
                // No minus before a zero.
                let two = |x: f64| lang.decimal((x * 100.0).round() / 100.0 + 0.0, 2);
                let show = |e: &Estimate| format!("{} [{}–{}]", two(e.value), two(e.low), two(e.high));
                line(format!("    {}  {}  {name}", show(&indices.first[k]), show(&indices.total[k])));
            }
        }
        line(lang.text("sensitivity-note"));
    }

    /// The names of criteria.
    fn names(&self, set: &[usize]) -> String {
        let name = |c: &usize| self.method.nodes[self.method.criteria[*c]].label.get(self.lang).to_owned();
        self.lang.list(&set.iter().map(name).collect::<Vec<_>>())
    }

    fn changes(&self) {
        let (lang, method, scores) = (self.lang, self.method, &self.area.assessment.leaves);
        line("");
        if self.area.assessment.verdict != Verdict::Met {
            for (certain, title) in [(true, "why-area-would"), (false, "why-area-could")] {
                let sets = passing_sets(method, scores, certain, SETS);
                line(lang.text(title));
                match sets.as_slice() {
                    [] => line(format!("  {}", lang.text("why-area-none"))),
                    [one] if one.is_empty() => line(format!("  {}", lang.text("why-area-nothing"))),
                    sets => sets.iter().for_each(|set| line(format!("  – {}", self.names(set)))),
                }
            }
        }
        // Where nothing is known of services, there is nothing to raise them from.
        let known = method
            .dimensions
            .iter()
            .any(|d| method.leaves_below(*d).iter().any(|l| !self.area.reads[*l].cell.is_missing()));
        if !known {
            return;
        }
        let values = |high: bool| -> Vec<f64> {
            let value = |d: &usize| self.area.assessment.nodes[*d];
            let end = |i: Interval| if high { i.high } else { i.low };
            method.dimensions.iter().map(|d| value(d).map_or(0.0, end)).collect()
        };
        let floors: Vec<f64> =
            method.dimensions.iter().map(|d| method.nodes[*d].floor.unwrap_or(0.0)).collect();
        let costs = vec![1.0; floors.len()];
        let weights = method.centroid();
        let text = |from: &[f64], to: &[f64]| {
            let moved: Vec<String> = method
                .dimensions
                .iter()
                .zip(from.iter().zip(to))
                .filter(|(_, (a, b))| (*a - *b).abs() > 0.05)
                .map(|(d, (a, b))| {
                    format!(
                        "{} {} → {}",
                        method.nodes[*d].label.get(lang),
                        lang.decimal(*a, 1),
                        lang.decimal(*b, 1)
                    )
                })
                .collect();
            lang.list(&moved)
        };
        if self.area.assessment.verdict == Verdict::Met {
            let from = values(false);
            let score = |y: &[f64]| method.least_score(y);
            if let Some(change) = least_worsening(&from, &floors, &costs, method.threshold, score) {
                let cost = lang.decimal(change.cost, 1);
                line(
                    lang.text_with(
                        "why-area-margin",
                        &[("change", &text(&from, &change.to)), ("cost", &cost)],
                    ),
                );
            }
            return;
        }
        for (high, title) in [(false, "why-area-cheapest-low"), (true, "why-area-cheapest-high")] {
            let from = values(high);
            match cheapest_change(&from, &floors, weights, &costs, method.threshold, method.power) {
                Some(change) if change.cost > 0.0 => {
                    let cost = lang.decimal(change.cost, 1);
                    line(lang.text_with(title, &[("change", &text(&from, &change.to)), ("cost", &cost)]));
                }
                _ => {}
            }
        }
    }

    fn facts(&self) {
        let (lang, method) = (self.lang, self.method);
        let facts = missing_facts(method, &self.area.assessment.leaves);
        if facts.is_empty() {
            return;
        }
        line("");
        line(lang.text("why-area-facts"));
        for fact in facts {
            let node = &method.nodes[method.leaves[fact.leaf]];
            let pillar = &method.nodes[method.pillar(method.leaves[fact.leaf])];
            let name = match pillar.id == node.id {
                true => node.label.get(lang).to_owned(),
                false => format!("{}: {}", pillar.label.get(lang), node.label.get(lang)),
            };
            let could: Vec<String> = [
                (fact.could_settle_not_met, "fact-not-met"),
                (fact.needed_for_met, "fact-needed"),
                (fact.could_settle_met, "fact-met"),
            ]
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, id)| lang.text(id))
            .collect();
            line(format!("  – {name} ({})", could.join("; ")));
        }
    }
}

/// `wegen assess --compare A B`: editions (a day, `now`, a kept edition), months, or method files.
fn compare(global: &Global, args: &cli::Assess, a: &str, b: &str) -> Outcome {
    let lang = global.lang;
    let country = wanted(args)?;
    let ledger = open(global)?;
    let sides = [Asked::parse(&ledger, args, a)?, Asked::parse(&ledger, args, b)?];
    let level = match args.level {
        Some(level) => level,
        None => conditions::finest_level(ledger.evidence(&sides[1].edition), country)?,
    };
    let month = |asked: &Asked| -> Result<Month, CliError> {
        if let Some(month) = asked.month.or(args.month) {
            return Ok(month);
        }
        // One month for both, unless months are what is compared: the last one of the later side.
        let evidence = ledger.evidence(&sides[1].edition);
        Ok(assessed(evidence, country, level, None, &sides[1].method, lang)?.month)
    };
    let side =
        |asked: &'_ Asked| -> Result<(Month, String), CliError> { Ok((month(asked)?, asked.name.clone())) };
    let (first, second) = (side(&sides[0])?, side(&sides[1])?);
    let mut held = [false; 2];
    let mut areas = 0;
    for ((asked, (month, _)), held) in sides.iter().zip([&first, &second]).zip(&mut held) {
        let evidence = ledger.evidence(&asked.edition);
        let national = conditions::assess_month(evidence, country, level, Some(*month), &asked.method)?;
        *held = national.areas.iter().any(|a| a.has_evidence(&asked.method));
        areas += national.areas.len();
    }
    if areas == 0 {
        return Err(CliError::NoAreas(countries().name(country, lang), level));
    }
    // As of an assessment without evidence.
    let code = if held == [true; 2] { ExitCode::SUCCESS } else { ExitCode::from(4) };
    let changes = conditions::compare(
        &Side { evidence: ledger.evidence(&sides[0].edition), month: first.0, method: &sides[0].method },
        &Side { evidence: ledger.evidence(&sides[1].edition), month: second.0, method: &sides[1].method },
        country,
        level,
    )?;
    if global.json {
        let areas: Vec<Json> = changes
            .iter()
            .map(|c| {
                let nodes: Vec<Json> = c
                    .nodes
                    .iter()
                    .filter(|n| args.bands || n.node != conditions::SCORE)
                    .map(|n| {
                        let parts = |parts: &[f64; 4]| -> serde_json::Map<String, Json> {
                            Cause::ALL.iter().zip(parts).map(|(c, p)| (c.as_str().to_owned(), json!(p))).collect()
                        };
                        json!({
                            "floors": n.floors, "criterion": n.node, "before": bounds_json(n.values[0]), "after": bounds_json(n.values[1]),
                            "verdicts": n.verdicts, "low_by_cause": parts(&n.low), "high_by_cause": parts(&n.high),
                        })
                    })
                    .collect();
                json!({"code": c.place.code, "name": c.place.name, "verdicts": c.verdicts, "criteria": nodes})
            })
            .collect();
        print_json(&json!({
            "a": {"of": first.1, "month": first.0.to_string(), "evidence_held": held[0]},
            "b": {"of": second.1, "month": second.0.to_string(), "evidence_held": held[1]},
            "areas": areas, "not_for_individual_decisions": true,
        }))?;
        return Ok(code);
    }
    let named =
        |(month, name): &(Month, String)| format!("{} {name}", month_text(*month, lang)).trim().to_owned();
    let name = countries().name(country, lang);
    line(lang.text_with(
        "compare-areas-title",
        &[("country", &name), ("level", &level.to_string()), ("a", &named(&first)), ("b", &named(&second))],
    ));
    for (side, _) in [&first, &second].into_iter().zip(held).filter(|(_, held)| !held) {
        line(lang.text_with("compare-areas-nothing-held", &[("side", &named(side))]));
    }
    if changes.is_empty() && held == [true; 2] {
        line(lang.text("compare-areas-none"));
    }
    for change in &changes {
        let [was, is] = change.verdicts.map(|v| verdict_text(v, lang));
        line(format!("{} {}: {was} → {is}", change.place.code, change.place.name));
        for node in &change.nodes {
            let named = sides[1].method.node(&node.node);
            let label = match named.map(|i| sides[1].method.nodes[i].label.get(lang).to_owned()) {
                Some(label) => label,
                None if node.node == conditions::SCORE => lang.text("sensitivity-score"),
                None => node.node.clone(),
            };
            // The score of an area is for those who ask for it: whether it reaches the threshold is told to all.
            let score = node.node == conditions::SCORE && !args.bands;
            if score && node.verdicts[0] == node.verdicts[1] {
                continue;
            }
            let [v0, v1] = match score {
                true => [String::new(), String::new()],
                false => node.values.map(|v| format!(" {}", bounds_text(v, 1, lang))),
            };
            line(format!("  {label}: {}{v0} → {}{v1}", mark(node.verdicts[0]), mark(node.verdicts[1])));
            let parts: Vec<String> = Cause::ALL
                .iter()
                .enumerate()
                .filter(|(k, _)| node.low[*k].abs() > 0.05 || node.high[*k].abs() > 0.05)
                .map(|(k, cause)| {
                    let signed = |x: f64| {
                        let sign = match (x * 10.0).round() {
                            0.0 => "",
                            x if x > 0.0 => "+",
                            _ => "−",
                        };
                        format!("{sign}{}", lang.decimal(x.abs(), 1))
                    };
                    let (low, high) = (signed(node.low[k]), signed(node.high[k]));
                    let by = if low == high { low } else { format!("{low} … {high}") };
                    let cause = lang.text(&format!("cause-{}", cause.as_str()));
                    if score { cause } else { format!("{cause} {by}") }
                })
                .collect();
            if !parts.is_empty() {
                line(format!("    {}", parts.join(" · ")));
            }
            if node.floors[0] != node.floors[1] {
                let [was, is] = node.floors.map(|f| lang.decimal(f, 0));
                line(format!("    {}", lang.text_with("compare-areas-floor", &[("a", &was), ("b", &is)])));
            }
        }
    }
    line(not_for_individual_decisions(lang));
    Ok(code)
}

/// One side of a comparison as it was asked for.
struct Asked {
    edition: Edition,
    method: Method,
    month: Option<Month>,
    name: String,
}

impl Asked {
    fn parse(ledger: &Ledger, args: &cli::Assess, text: &str) -> Result<Asked, CliError> {
        let asked = |edition: Edition, method: Method, month: Option<Month>| Asked {
            name: match month {
                Some(_) => String::new(),
                None => text.to_owned(),
            },
            edition,
            method,
            month,
        };
        let path = Path::new(text);
        if path.is_file() {
            return Ok(asked(ledger.edition(args.as_of.as_of)?, method(Some(path))?, None));
        }
        let method = method(args.method.as_deref())?;
        if let Some(month) = Month::parse(text) {
            return Ok(asked(ledger.edition(args.as_of.as_of)?, method, Some(month)));
        }
        if text == "now" {
            return Ok(asked(ledger.edition(None)?, method, None));
        }
        if let Ok(day) = text.parse() {
            return Ok(asked(ledger.edition(Some(day))?, method, None));
        }
        match ledger.kept_edition(text)? {
            Some(edition) => Ok(asked(edition, method, None)),
            None => Err(CliError::Usage(format!(
                "`{text}` is no method file, no month, no day, not `now`, and no kept edition"
            ))),
        }
    }
}

pub(crate) fn index(global: &Global, args: &cli::Index) -> Outcome {
    let text = fs::read_to_string(&args.method).map_err(CliError::io(&args.method))?;
    let data = fs::read_to_string(&args.data).map_err(CliError::io(&args.data))?;
    let named = |path: &Path, error: wegen_conditions::composite::CompositeError| {
        CliError::Index(path.display().to_string(), error.to_string())
    };
    let parsed = match &args.meta {
        Some(meta) => {
            let meta_text = fs::read_to_string(meta).map_err(CliError::io(meta))?;
            IndexMethod::parse_with_meta(&text, &meta_text)
        }
        None => IndexMethod::parse(&text),
    };
    let method = parsed.map_err(|e| named(&args.method, e))?;
    let outcome = method.run(&data).map_err(|e| named(&args.data, e))?;
    let lang = global.lang;
    if let Some(stage) = args.stage {
        let (stage, units) = match stage {
            cli::Stage::Raw => (&outcome.raw, &outcome.all_units),
            cli::Stage::Denominated => (&outcome.denominated, &outcome.all_units),
            cli::Stage::Imputed => (&outcome.imputed, &outcome.all_units),
            cli::Stage::Screened => (&outcome.screened, &outcome.units),
            cli::Stage::Treated => (&outcome.treated, &outcome.units),
            cli::Stage::Normalised => (&outcome.normalised, &outcome.units),
            cli::Stage::Aggregated => (&outcome.aggregated, &outcome.units),
        };
        // A panel has a unit once for each time, so that a row is told apart by both.
        let times = || outcome.all_units.iter().map(|unit| &unit.time);
        let panel = times().zip(times().skip(1)).any(|(a, b)| a != b);
        let mut head = vec!["unit"];
        head.extend(panel.then_some("time"));
        head.extend(stage.codes().iter().map(String::as_str));
        line(head.join(","));
        for (row, unit) in units.iter().enumerate() {
            let values =
                stage.columns().map(|c| if c[row].is_nan() { String::new() } else { c[row].to_string() });
            let time = panel.then(|| unit.time.clone().unwrap_or_default());
            let row: Vec<String> = std::iter::once(unit.code.clone()).chain(time).chain(values).collect();
            line(row.join(","));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut order: Vec<usize> = (0..outcome.units.len()).collect();
    order.sort_by_key(|i| (outcome.units[*i].time.clone(), outcome.ranks[*i] == 0, outcome.ranks[*i], *i));
    if global.json {
        let units: Vec<Json> = order
            .iter()
            .map(|i| {
                let unit = &outcome.units[*i];
                let score = Some(outcome.scores[*i]).filter(|s| s.is_finite());
                let rank = Some(outcome.ranks[*i]).filter(|r| *r > 0);
                json!({"unit": unit.code, "name": unit.name, "time": unit.time, "score": score, "rank": rank})
            })
            .collect();
        let without: Vec<Json> = outcome
            .unscored()
            .into_iter()
            .map(|u| json!({"indicator": u.code, "times": u.times, "constant": u.constant}))
            .collect();
        print_json(&json!({
            "units": units, "indicators_without_score": without, "imputed_cells": outcome.imputed_cells.len(),
            "left_out": outcome.all_units.len() - outcome.units.len(), "not_for_individual_decisions": true,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = order
        .iter()
        .map(|i| {
            let unit = &outcome.units[*i];
            let rank = if outcome.ranks[*i] == 0 { "–".to_owned() } else { outcome.ranks[*i].to_string() };
            let time = unit.time.clone().unwrap_or_default();
            vec![rank, unit.code.clone(), unit.name.clone(), time, lang.decimal(outcome.scores[*i], 2)]
        })
        .collect();
    let heads =
        ["index-rank", "index-unit", "index-name", "index-time", "index-score"].map(|id| lang.text(id));
    table(&heads.each_ref().map(String::as_str), &rows, &[0, 4]);
    for unscored in outcome.unscored() {
        let args = [("indicator", &*unscored.code), ("times", &*lang.list(&unscored.times))];
        let message = match (unscored.constant, unscored.times.is_empty()) {
            (true, true) => "index-constant",
            (true, false) => "index-constant-at",
            (false, _) => "index-unscored",
        };
        line(lang.text_with(message, &args));
    }
    let (filled, out) = (outcome.imputed_cells.len(), outcome.all_units.len() - outcome.units.len());
    if filled + out > 0 {
        line(lang.text_with("index-filled", &[("cells", &filled.to_string()), ("units", &out.to_string())]));
    }
    line(not_for_individual_decisions(lang));
    Ok(ExitCode::SUCCESS)
}
