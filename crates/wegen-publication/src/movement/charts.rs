//! Fan charts as SVG: the median, the central half and the central 90 % of an ensemble, beside registrations.
//!
//! Bands differ in lightness, registrations are open circles: readable in grey and with any colour vision. Each
//! drawing carries its source, since files are passed on alone.

use jiff::civil::Date;
use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use wegen_model::Lang;

use super::pages::month_text;
use super::told::Shown;
use crate::chart::{FONT, GRID, INK, WIDTH, ceiling, tick};

const HEIGHT: i32 = 340;
const LEFT: i32 = 84;
const RIGHT: i32 = 16;
const TOP: i32 = 44;
const BOTTOM: i32 = 84;
const WIDE: RGBColor = RGBColor(206, 222, 238);
const HALF: RGBColor = RGBColor(140, 178, 212);
const MEDIAN: RGBColor = RGBColor(20, 44, 84);
const REGISTERED: RGBColor = RGBColor(176, 84, 0);

pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What a fan chart shows.
pub struct Fan<'a> {
    /// Above the drawing.
    pub title: &'a str,
    /// The date of each value.
    pub dates: &'a [Date],
    /// The ensemble at each date; nothing where it is withheld.
    pub bands: &'a [Option<Shown>],
    /// Registered numbers at dates.
    pub registered: &'a [(Date, f64)],
    /// Whether the two ends of the conditions have medians of their own.
    pub ends: bool,
    /// Under the drawing: where it comes from, and the notice.
    pub source: &'a str,
    /// The language of labels.
    pub lang: Lang,
}

impl Fan<'_> {
    /// Draws it; answers with the SVG.
    ///
    /// # Errors
    /// What the drawing library says.
    pub fn draw(&self) -> Result<String, Fault> {
        let lang = self.lang;
        let (Some(first), Some(last)) = (self.dates.first(), self.dates.last()) else {
            return Err("a chart without a date".into());
        };
        let highest = self.bands.iter().flatten().map(|s| s.wide.1);
        let highest = highest.chain(self.registered.iter().map(|(_, n)| *n)).fold(0.0, f64::max);
        let (limit, step) = ceiling(highest);
        let bottom = HEIGHT - BOTTOM;
        let length = f64::from(days(*first, *last)).max(1.0);
        let x = |date: Date| {
            LEFT + (f64::from(days(*first, date)) / length * f64::from(WIDTH - LEFT - RIGHT)) as i32
        };
        let y = |value: f64| bottom - ((value / limit) * f64::from(bottom - TOP)) as i32;
        let style = |size: f64, h: HPos, v: VPos| (FONT, size).into_font().color(&INK).pos(Pos::new(h, v));
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, HEIGHT as u32)).into_drawing_area();
            area.draw(&Text::new(
                self.title.to_owned(),
                (LEFT - 72, 12),
                style(15.0, HPos::Left, VPos::Center),
            ))?;
            let unit = lang.text("movement-axis-people");
            area.draw(&Text::new(unit, (LEFT - 72, 31), style(12.0, HPos::Left, VPos::Center)))?;
            let mut value = 0.0;
            while value <= limit * 1.0001 {
                let line = if value == 0.0 { INK.stroke_width(1) } else { GRID.stroke_width(1) };
                area.draw(&PathElement::new(vec![(LEFT, y(value)), (WIDTH - RIGHT, y(value))], line))?;
                let label = tick(value, limit, lang);
                area.draw(&Text::new(label, (LEFT - 8, y(value)), style(13.0, HPos::Right, VPos::Center)))?;
                value += step;
            }
            for run in runs(self.bands) {
                let points = |edge: &dyn Fn(&Shown) -> f64| -> Vec<(i32, i32)> {
                    let at = |i: usize| self.bands[i].as_ref().map(|s| (x(self.dates[i]), y(edge(s))));
                    run.clone().filter_map(at).collect()
                };
                let band = |low: &dyn Fn(&Shown) -> f64, high: &dyn Fn(&Shown) -> f64| -> Vec<(i32, i32)> {
                    points(high).into_iter().chain(points(low).into_iter().rev()).collect()
                };
                area.draw(&Polygon::new(band(&|s| s.wide.0, &|s| s.wide.1), WIDE.filled()))?;
                area.draw(&Polygon::new(band(&|s| s.half.0, &|s| s.half.1), HALF.filled()))?;
                area.draw(&PathElement::new(points(&|s| s.median.1), MEDIAN.stroke_width(2)))?;
                if self.ends {
                    area.draw(&PathElement::new(points(&|s| s.median.0), MEDIAN.stroke_width(2)))?;
                }
            }
            for (date, number) in self.registered {
                if *date >= *first && *date <= *last {
                    area.draw(&Circle::new((x(*date), y(*number)), 3, WHITE.filled()))?;
                    area.draw(&Circle::new((x(*date), y(*number)), 3, REGISTERED.stroke_width(2)))?;
                }
            }
            for date in ticks(*first, *last) {
                let at = x(date);
                area.draw(&PathElement::new(vec![(at, bottom), (at, bottom + 5)], INK.stroke_width(1)))?;
                let label = month_text(date, lang);
                let half = label.chars().count() as i32 * 7 / 2;
                let at = at.clamp(LEFT - 8 + half.min(40), WIDTH - half - 2);
                area.draw(&Text::new(label, (at, bottom + 9), style(12.0, HPos::Center, VPos::Top)))?;
            }
            let y = HEIGHT - 42;
            let mut at = LEFT - 72;
            let label = |id: &str| lang.text(id);
            let mut entry = |mark: Mark, text: String| -> Result<(), Fault> {
                match mark {
                    Mark::Band(colour) => {
                        area.draw(&Rectangle::new([(at, y - 6), (at + 18, y + 6)], colour.filled()))?
                    }
                    Mark::Line => {
                        area.draw(&PathElement::new(vec![(at, y), (at + 18, y)], MEDIAN.stroke_width(2)))?;
                    }
                    Mark::Point => area.draw(&Circle::new((at + 9, y), 3, REGISTERED.stroke_width(2)))?,
                }
                area.draw(&Text::new(text.clone(), (at + 24, y), style(12.5, HPos::Left, VPos::Center)))?;
                at += 40 + text.chars().count() as i32 * 7;
                Ok(())
            };
            entry(
                Mark::Line,
                label(if self.ends { "movement-legend-medians" } else { "movement-legend-median" }),
            )?;
            entry(Mark::Band(HALF), label("movement-legend-half"))?;
            entry(Mark::Band(WIDE), label("movement-legend-wide"))?;
            if !self.registered.is_empty() {
                entry(Mark::Point, label("movement-legend-registered"))?;
            }
            for (row, line) in wrapped(self.source, 118).into_iter().take(2).enumerate() {
                let at = (LEFT - 72, HEIGHT - 22 + 14 * row as i32);
                area.draw(&Text::new(line, at, style(10.5, HPos::Left, VPos::Center)))?;
            }
            area.present()?;
        }
        Ok(svg)
    }
}

enum Mark {
    Band(RGBColor),
    Line,
    Point,
}

/// Whole days from one date to another.
fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// Stretches without a gap.
fn runs(bands: &[Option<Shown>]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (i, _) in bands.iter().enumerate().filter(|(_, b)| b.is_some()) {
        match runs.last_mut().filter(|r| r.end == i) {
            Some(run) => run.end = i + 1,
            None => runs.push(i..i + 1),
        }
    }
    runs
}

/// At most six firsts of months, evenly apart and where years divide evenly.
fn ticks(first: Date, last: Date) -> Vec<Date> {
    let mut date = first.first_of_month();
    if date < first {
        date = date.saturating_add(jiff::Span::new().months(1));
    }
    let mut all = Vec::new();
    while date <= last {
        all.push(date);
        date = date.saturating_add(jiff::Span::new().months(1));
    }
    let number = |date: &Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let every = [1, 2, 3, 4, 6, 12, 24, 60, 120, 240];
    let even = |every: i32| all.iter().filter(|d| number(d) % every == 0).copied().collect::<Vec<Date>>();
    every.into_iter().map(even).find(|ticks| ticks.len() <= 6).unwrap_or_default()
}

/// Lines of at most so many letters.
pub(super) fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full =
            lines.last().is_some_and(|l| !l.is_empty() && l.chars().count() + word.chars().count() >= most);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A profile of distances along a parameter as SVG: bars from the least distance of all, hollow where nothing was run.
///
/// # Errors
/// What the drawing library says.
pub fn profile(
    title: &str,
    profile: &wegen_movement::calibrate::Profile,
    source: &str,
    lang: Lang,
) -> Result<String, Fault> {
    let (width, height, left, bottom) = (360, 236, 56, 170);
    let known = || profile.least.iter().copied().filter(|d| d.is_finite());
    let highest = known().fold(0.0, f64::max).max(1e-9);
    let style = |size: f64, h: HPos, v: VPos| (FONT, size).into_font().color(&INK).pos(Pos::new(h, v));
    let slot = f64::from(width - left - 10) / profile.least.len().max(1) as f64;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width as u32, height as u32)).into_drawing_area();
        area.draw(&Text::new(title.to_owned(), (8, 12), style(13.5, HPos::Left, VPos::Center)))?;
        let unit = lang.text("movement-axis-distance");
        area.draw(&Text::new(unit, (8, 30), style(11.0, HPos::Left, VPos::Center)))?;
        let y = |value: f64| bottom - (value / (highest * 1.05) * f64::from(bottom - 42)) as i32;
        for value in [0.0, highest / 2.0, highest] {
            let line = if value == 0.0 { INK.stroke_width(1) } else { GRID.stroke_width(1) };
            area.draw(&PathElement::new(vec![(left, y(value)), (width - 10, y(value))], line))?;
            area.draw(&Text::new(
                lang.decimal(value, 2),
                (left - 6, y(value)),
                style(11.0, HPos::Right, VPos::Center),
            ))?;
        }
        for (i, least) in profile.least.iter().enumerate() {
            let (from, to) = (left + (slot * i as f64) as i32 + 1, left + (slot * (i + 1) as f64) as i32 - 1);
            if least.is_finite() {
                area.draw(&Rectangle::new([(from, y(*least)), (to.max(from + 1), bottom)], HALF.filled()))?;
            } else {
                area.draw(&Circle::new(((from + to) / 2, bottom - 6), 3, INK.stroke_width(1)))?;
            }
        }
        let edge = |value: Option<&f64>| {
            value.map_or(String::new(), |v| lang.decimal(*v, if v.abs() < 10.0 { 2 } else { 0 }))
        };
        area.draw(&Text::new(
            edge(profile.edges.first()),
            (left, bottom + 6),
            style(11.0, HPos::Left, VPos::Top),
        ))?;
        area.draw(&Text::new(
            edge(profile.edges.last()),
            (width - 10, bottom + 6),
            style(11.0, HPos::Right, VPos::Top),
        ))?;
        for (row, line) in wrapped(source, 62).into_iter().take(3).enumerate() {
            area.draw(&Text::new(line, (8, 198 + 12 * row as i32), style(9.5, HPos::Left, VPos::Center)))?;
        }
        area.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fan(bands: &[Option<Shown>], registered: &[(Date, f64)]) -> String {
        let dates: Vec<Date> = (0..bands.len()).map(|d| jiff::civil::date(2020, 1, 1 + d as i8)).collect();
        let fan = Fan {
            title: "A",
            dates: &dates,
            bands,
            registered,
            ends: false,
            source: "made up",
            lang: Lang::En,
        };
        fan.draw().unwrap()
    }

    fn shown(low: f64, high: f64) -> Option<Shown> {
        let middle = (low + high) / 2.0;
        Some(Shown { median: (middle, middle), half: (middle - 1.0, middle + 1.0), wide: (low, high) })
    }

    #[test]
    fn bands_registrations_and_source_are_drawn_and_gaps_stay_gaps() {
        let svg = fan(
            &[shown(10.0, 20.0), None, shown(30.0, 50.0), shown(20.0, 60.0)],
            &[(jiff::civil::date(2020, 1, 2), 40.0)],
        );
        assert_eq!(svg.matches("<polygon").count(), 4);
        assert!(svg.contains("<circle") && svg.contains("made up"));
        assert!(!fan(&[shown(1.0, 2.0), shown(1.0, 2.0)], &[]).contains("<circle"));
    }

    #[test]
    fn ticks_are_few() {
        let ticks = ticks(jiff::civil::date(2012, 2, 29), jiff::civil::date(2016, 5, 1));
        assert_eq!(ticks.first(), Some(&jiff::civil::date(2013, 1, 1)));
        assert_eq!(ticks.len(), 4);
    }
}
