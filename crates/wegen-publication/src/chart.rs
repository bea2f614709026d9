//! Drawings as SVG: time series and stacked bars, drawn once for HTML and PDF.
//!
//! Readable in grey (each series has a lightness of its own, lines a dash and a marker too), safe for colour
//! blindness, and what is missing never looks like zero: a bar that is not there leaves a hollow mark under
//! the axis, and a line is broken.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use wegen_model::Lang;

/// Colours from dark to light, told apart by people with any colour vision and by a grey printer.
pub(crate) const PALETTE: [RGBColor; 8] = [
    RGBColor(20, 44, 84),
    RGBColor(230, 159, 0),
    RGBColor(0, 114, 130),
    RGBColor(240, 200, 120),
    RGBColor(148, 52, 56),
    RGBColor(120, 180, 210),
    RGBColor(90, 90, 90),
    RGBColor(205, 205, 205),
];
pub(crate) const INK: RGBColor = RGBColor(40, 44, 52);
pub(crate) const GRID: RGBColor = RGBColor(222, 224, 228);
pub(crate) const FONT: &str = "Noto Sans";

/// A series: its name, and a value for each label.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: Vec<Option<f64>>,
}

/// What is drawn.
pub(crate) struct Chart<'a> {
    pub(crate) labels: Vec<String>,
    pub(crate) series: Vec<Series>,
    pub(crate) stacked: bool,
    pub(crate) lang: Lang,
    /// What a mark for a missing value means.
    pub(crate) missing: &'a str,
}

/// Of drawings, in their own units.
pub(crate) const WIDTH: i32 = 720;

type Drawn<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A number on an axis that ends where people would end it, and the step between its ticks.
pub(crate) fn ceiling(highest: f64) -> (f64, f64) {
    if highest <= 0.0 {
        return (1.0, 1.0);
    }
    let mut step = 1.0;
    // Powers of ten by multiplication: the same on every machine.
    while step * 10.0 <= highest {
        step *= 10.0;
    }
    let step =
        [0.1, 0.2, 0.5, 1.0].into_iter().map(|s| s * step).find(|s| highest / s <= 6.0).unwrap_or(step * 2.0);
    let step = step.max(1.0);
    ((highest / step).ceil() * step, step)
}

/// A tick in the reader's language: thousands and millions in words that everybody knows.
pub(crate) fn tick(value: f64, top: f64, lang: Lang) -> String {
    if top >= 1_000_000.0 {
        let digits = u8::from(value % 1_000_000.0 != 0.0);
        format!("{} {}", lang.decimal(value / 1_000_000.0, digits), lang.text("million-short"))
    } else {
        lang.integer(value as i64)
    }
}

impl Chart<'_> {
    /// Draws it; answers with the SVG.
    pub(crate) fn draw(&self) -> Drawn<String> {
        let (rows, legend) = self.legend_rows();
        let has_missing = self.series.iter().any(|s| s.values.iter().any(Option::is_none));
        let legend_height = 22 * rows as i32 + if has_missing { 20 } else { 0 };
        let (left, right, top, bottom) = (78, 12, 12, 30);
        let height = 262 + legend_height;
        let plot_bottom = height - bottom - legend_height;
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
            let highest = self.highest();
            let (limit, step) = ceiling(highest);
            let y = |value: f64| plot_bottom - ((value / limit) * f64::from(plot_bottom - top)) as i32;
            let slot = f64::from(WIDTH - left - right) / self.labels.len().max(1) as f64;
            let x = |index: usize| left + (slot * (index as f64 + 0.5)) as i32;
            let style =
                |size: f64, h: HPos, v: VPos| (FONT, size).into_font().color(&INK).pos(Pos::new(h, v));
            let mut value = 0.0;
            while value <= limit * 1.0001 {
                let line = if value == 0.0 { INK.stroke_width(1) } else { GRID.stroke_width(1) };
                area.draw(&PathElement::new(vec![(left, y(value)), (WIDTH - right, y(value))], line))?;
                area.draw(&Text::new(
                    tick(value, limit, self.lang),
                    (left - 8, y(value)),
                    style(13.0, HPos::Right, VPos::Center),
                ))?;
                value += step;
            }
            let every =
                (self.labels.len() as f64 * 44.0 / f64::from(WIDTH - left - right)).ceil().max(1.0) as usize;
            for (i, label) in self.labels.iter().enumerate() {
                // The last label always stands; others give way to it.
                if (self.labels.len() - 1 - i).is_multiple_of(every) {
                    area.draw(&Text::new(
                        label.clone(),
                        (x(i), plot_bottom + 12),
                        style(13.0, HPos::Center, VPos::Top),
                    ))?;
                }
            }
            for i in 0..self.labels.len() {
                let column: Vec<Option<f64>> = self.series.iter().map(|s| s.values[i]).collect();
                if column.iter().all(Option::is_none) {
                    area.draw(&Circle::new((x(i), plot_bottom - 7), 4, INK.stroke_width(1)))?;
                }
            }
            if self.stacked {
                self.bars(&area, &x, &y, slot)?
            } else {
                self.lines(&area, &x, &y)?
            }
            self.legend(&area, &legend, plot_bottom + 40, left, has_missing)?;
            area.present()?;
        }
        Ok(svg)
    }

    fn highest(&self) -> f64 {
        let columns = 0..self.labels.len();
        match self.stacked {
            true => columns.map(|i| self.series.iter().filter_map(|s| s.values[i]).sum()).fold(0.0, f64::max),
            false => self.series.iter().flat_map(|s| s.values.iter().flatten()).copied().fold(0.0, f64::max),
        }
    }

    fn bars<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, plotters::coord::Shift>,
        x: &dyn Fn(usize) -> i32,
        y: &dyn Fn(f64) -> i32,
        slot: f64,
    ) -> Drawn
    where
        DB::ErrorType: 'static,
    {
        let half = ((slot * 0.36) as i32).clamp(3, 26);
        for i in 0..self.labels.len() {
            let mut base = 0.0;
            for (s, series) in self.series.iter().enumerate() {
                let Some(value) = series.values[i].filter(|v| *v > 0.0) else { continue };
                let corners = [(x(i) - half, y(base + value)), (x(i) + half, y(base))];
                area.draw(&Rectangle::new(corners, PALETTE[s % PALETTE.len()].filled()))?;
                // A white line between neighbours keeps them apart in grey.
                area.draw(&PathElement::new(
                    vec![(x(i) - half, y(base + value)), (x(i) + half, y(base + value))],
                    WHITE.stroke_width(1),
                ))?;
                base += value;
            }
        }
        Ok(())
    }

    fn lines<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, plotters::coord::Shift>,
        x: &dyn Fn(usize) -> i32,
        y: &dyn Fn(f64) -> i32,
    ) -> Drawn
    where
        DB::ErrorType: 'static,
    {
        for (s, series) in self.series.iter().enumerate() {
            let colour = PALETTE[s % PALETTE.len()];
            let mut run: Vec<(i32, i32)> = Vec::new();
            for (i, value) in series.values.iter().chain([&None]).enumerate() {
                match value {
                    Some(value) => run.push((x(i), y(*value))),
                    None if run.len() > 1 => {
                        area.draw(&PathElement::new(std::mem::take(&mut run), colour.stroke_width(2)))?;
                    }
                    None => run.clear(),
                }
            }
            for (i, value) in series.values.iter().enumerate() {
                let Some(value) = value else { continue };
                marker(area, s, (x(i), y(*value)), colour)?;
            }
        }
        Ok(())
    }

    /// Legend entries in rows, by an estimate of their width.
    fn legend_rows(&self) -> (usize, Vec<(usize, i32)>) {
        let (mut row, mut at) = (0, 0);
        let mut places = Vec::new();
        for series in &self.series {
            let width = 34 + (series.name.chars().count() as i32 * 74) / 10;
            if at > 0 && at + width > WIDTH - 90 {
                (row, at) = (row + 1, 0);
            }
            places.push((row, at));
            at += width;
        }
        (row + 1, places)
    }

    fn legend<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, plotters::coord::Shift>,
        places: &[(usize, i32)],
        top: i32,
        left: i32,
        has_missing: bool,
    ) -> Drawn
    where
        DB::ErrorType: 'static,
    {
        let style = (FONT, 13.0).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
        for (s, (series, (row, at))) in self.series.iter().zip(places).enumerate() {
            let (x, y) = (left + at, top + 22 * *row as i32);
            let colour = PALETTE[s % PALETTE.len()];
            if self.stacked {
                area.draw(&Rectangle::new([(x, y - 6), (x + 13, y + 7)], colour.filled()))?;
            } else {
                area.draw(&PathElement::new(vec![(x, y), (x + 16, y)], colour.stroke_width(2)))?;
                marker(area, s, (x + 8, y), colour)?;
            }
            area.draw(&Text::new(series.name.clone(), (x + 21, y), style.clone()))?;
        }
        if has_missing {
            let y = top + 22 * (places.last().map_or(0, |p| p.0) as i32 + 1);
            area.draw(&Circle::new((left + 7, y), 4, INK.stroke_width(1)))?;
            area.draw(&Text::new(self.missing.to_owned(), (left + 21, y), style))?;
        }
        Ok(())
    }
}

/// A marker of its own for each series: circle, square, triangle, cross.
fn marker<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    series: usize,
    at: (i32, i32),
    colour: RGBColor,
) -> Drawn
where
    DB::ErrorType: 'static,
{
    match series % 4 {
        0 => area.draw(&Circle::new(at, 4, colour.filled()))?,
        1 => area.draw(&Rectangle::new([(at.0 - 4, at.1 - 4), (at.0 + 4, at.1 + 4)], colour.filled()))?,
        2 => area.draw(&TriangleMarker::new(at, 5, colour.filled()))?,
        _ => area.draw(&Cross::new(at, 4, colour.stroke_width(2)))?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_where_people_would_end_them() {
        for (highest, limit) in
            [(4_865_764.0, 5_000_000.0), (76_500.0, 80_000.0), (3.0, 3.0), (0.0, 1.0), (999.0, 1000.0)]
        {
            assert_eq!(ceiling(highest).0, limit, "{highest}");
        }
        assert_eq!(
            tick(2_500_000.0, 5_000_000.0, Lang::Nl),
            format!("2,5 {}", Lang::Nl.text("million-short"))
        );
    }

    #[test]
    fn what_is_missing_does_not_look_like_zero() {
        let chart = |values: Vec<Option<f64>>| {
            let labels = values.iter().enumerate().map(|(i, _)| i.to_string()).collect();
            let series = vec![Series { name: "x".into(), values }];
            Chart { labels, series, stacked: true, lang: Lang::En, missing: "not reported" }.draw().unwrap()
        };
        let (zero, missing) = (chart(vec![Some(0.0), Some(5.0)]), chart(vec![None, Some(5.0)]));
        assert!(!zero.contains("<circle") && missing.contains("<circle"));
        assert!(missing.contains("not reported"));
    }
}
