//! Maps of criteria as SVG: a panel for each, areas met, not met, or not determined.
//!
//! Three marks that also read in grey: a full ring on a middle tone, an open ring on a dark one, a question mark on a
//! light one. No area is coloured by a score.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use wegen_conditions::Verdict;
use wegen_model::Shape;

use crate::chart::{FONT, INK, WIDTH};
use crate::map::{area as area_of, centre, libm_cos};

/// A panel: a criterion with the areas' verdicts.
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) areas: Vec<(Shape, Verdict)>,
}

const MET: RGBColor = RGBColor(158, 202, 225);
const NOT_MET: RGBColor = RGBColor(33, 76, 122);
const OPEN: RGBColor = RGBColor(240, 240, 238);
const EDGE: RGBColor = RGBColor(120, 126, 136);
const COLUMNS: i32 = 3;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Draws panels over the same part of the map; `legend` names met, not met and not determined.
pub(crate) fn draw(panels: &[Panel], legend: [&str; 3]) -> Result<String, Fault> {
    let points =
        || panels.iter().flat_map(|p| p.areas.iter()).flat_map(|(s, _)| s.iter()).flatten().flatten();
    let end =
        |axis: usize, pick: fn(f64, f64) -> f64, start: f64| points().map(|p| p[axis]).fold(start, pick);
    let (west, east) = (end(0, f64::min, f64::INFINITY), end(0, f64::max, f64::NEG_INFINITY));
    let (south, north) = (end(1, f64::min, f64::INFINITY), end(1, f64::max, f64::NEG_INFINITY));
    let columns = COLUMNS.min(panels.len() as i32).max(1);
    let cell = WIDTH / columns;
    let inner = f64::from(cell - 16);
    // Equirectangular, true to scale along the middle latitude; a panel is never higher than wide.
    let narrow = libm_cos((south + north) / 2.0 * std::f64::consts::PI / 180.0);
    let (width, height) = (((east - west) * narrow).max(1e-6), (north - south).max(1e-6));
    let scale = (inner / width).min(inner.min(380.0) / height);
    let map_height = (height * scale) as i32;
    let panel_height = map_height + 30;
    let rows = (panels.len() as i32 + columns - 1) / columns;
    let total = rows * panel_height + 34;
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, total as u32)).into_drawing_area();
        let text = |size: f64, anchor: HPos| {
            (FONT, size).into_font().color(&INK).pos(Pos::new(anchor, VPos::Center))
        };
        for (i, panel) in panels.iter().enumerate() {
            let (x0, y0) = (i as i32 % columns * cell, i as i32 / columns * panel_height);
            area.draw(&Text::new(panel.title.clone(), (x0 + 8, y0 + 12), text(14.0, HPos::Left)))?;
            let offset = (inner - width * scale) / 2.0;
            let project = |p: &[f64; 2]| {
                (
                    x0 + 8 + (offset + (p[0] - west) * narrow * scale).round() as i32,
                    y0 + 24 + ((north - p[1]) * scale).round() as i32,
                )
            };
            for (shape, verdict) in &panel.areas {
                for ring in shape.iter().filter_map(|polygon| polygon.first()) {
                    let mut line: Vec<(i32, i32)> = ring.iter().map(project).collect();
                    line.dedup();
                    if line.len() < 3 {
                        continue;
                    }
                    area.draw(&Polygon::new(line.clone(), fill(*verdict).filled()))?;
                    line.push(line[0]);
                    area.draw(&PathElement::new(line, EDGE.stroke_width(1)))?;
                }
            }
            for (shape, verdict) in &panel.areas {
                if let Some(middle) = middle(shape) {
                    mark(&area, project(&middle), *verdict)?;
                }
            }
        }
        let y = rows * panel_height + 16;
        let mut x = 10;
        for (verdict, words) in
            [Verdict::Met, Verdict::NotMet, Verdict::CannotBeDetermined].iter().zip(legend)
        {
            area.draw(&Rectangle::new([(x, y - 9), (x + 24, y + 9)], fill(*verdict).filled()))?;
            area.draw(&Rectangle::new([(x, y - 9), (x + 24, y + 9)], EDGE.stroke_width(1)))?;
            mark(&area, (x + 12, y), *verdict)?;
            area.draw(&Text::new(words.to_owned(), (x + 32, y), text(13.0, HPos::Left)))?;
            x += 48 + words.chars().count() as i32 * 8;
        }
        area.present()?;
    }
    Ok(svg)
}

fn fill(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Met => MET,
        Verdict::NotMet => NOT_MET,
        Verdict::CannotBeDetermined => OPEN,
    }
}

fn mark(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    at: (i32, i32),
    verdict: Verdict,
) -> Result<(), Fault> {
    match verdict {
        Verdict::Met => area.draw(&Circle::new(at, 4, INK.filled()))?,
        Verdict::NotMet => area.draw(&Circle::new(at, 4, WHITE.stroke_width(2)))?,
        Verdict::CannotBeDetermined => {
            let style = (FONT, 11.0).into_font().color(&INK).pos(Pos::new(HPos::Center, VPos::Center));
            area.draw(&Text::new("?".to_owned(), at, style))?;
        }
    }
    Ok(())
}

/// The centre of the largest ring.
fn middle(shape: &Shape) -> Option<[f64; 2]> {
    let rings = shape.iter().filter_map(|polygon| polygon.first());
    let largest = rings.max_by(|a, b| area_of(a).abs().total_cmp(&area_of(b).abs()))?;
    (area_of(largest) != 0.0).then(|| centre(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_verdicts_look_different_also_without_colour() {
        let shape: Shape =
            std::sync::Arc::new(vec![vec![vec![[1.0, 1.0], [4.0, 1.0], [4.0, 4.0], [1.0, 4.0]]]]);
        let drawn = |verdict| {
            let panel = Panel { title: "Water".into(), areas: vec![(shape.clone(), verdict)] };
            draw(&[panel], ["met", "not met", "open"]).unwrap()
        };
        let (met, not_met, open) =
            (drawn(Verdict::Met), drawn(Verdict::NotMet), drawn(Verdict::CannotBeDetermined));
        assert!(met != not_met && not_met != open && met != open);
        let grey = |c: RGBColor| 0.3 * f64::from(c.0) + 0.6 * f64::from(c.1) + 0.1 * f64::from(c.2);
        let tones = [grey(MET), grey(NOT_MET), grey(OPEN)];
        assert!((tones[0] - tones[1]).abs() > 40.0 && (tones[0] - tones[2]).abs() > 30.0);
    }
}
