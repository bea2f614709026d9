//! Maps as SVG: countries or areas in classes of one hue, drawn once for HTML and PDF.
//!
//! Five classes from light to dark; zero is white, and an area without a figure grey, so that neither looks like
//! the other or like a small number. Boundaries are de facto, at a small scale, and carry a disclaimer.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use wegen_model::{Lang, Shape};

use crate::chart::{FONT, INK, WIDTH};

/// An area with its value.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) value: Option<f64>,
    /// The country that the map is about.
    pub(crate) subject: bool,
    /// Whether its name is written.
    pub(crate) label: bool,
}

/// The part of the world that is shown, degrees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) west: f64,
    pub(crate) south: f64,
    pub(crate) east: f64,
    pub(crate) north: f64,
}

const CLASSES: [RGBColor; 5] = [
    RGBColor(222, 235, 247),
    RGBColor(158, 202, 225),
    RGBColor(92, 154, 200),
    RGBColor(33, 104, 165),
    RGBColor(8, 48, 107),
];
pub(crate) const SEA: RGBColor = RGBColor(246, 248, 250);
const EDGE: RGBColor = RGBColor(130, 136, 146);
const SUBJECT: RGBColor = RGBColor(240, 200, 120);
/// No figure: grey, as no class is.
const UNKNOWN: RGBColor = RGBColor(226, 226, 226);

/// Class limits: round numbers between which the values fall.
fn limits(values: &[f64]) -> Vec<f64> {
    let highest = values.iter().copied().fold(0.0, f64::max);
    let mut limits: Vec<f64> = [1e3, 1e4, 1e5, 1e6, 1e7].into_iter().filter(|l| *l <= highest).collect();
    if limits.len() < 2 {
        limits = [10.0, 100.0, 1e3, 1e4].into_iter().filter(|l| *l <= highest).collect();
    }
    limits.split_off(limits.len().saturating_sub(4))
}

/// Draws the map; `legend` names the subject and the mark for no figure.
pub(crate) fn draw(
    places: &[Place],
    frame: Frame,
    lang: Lang,
    (subject, none): (&str, &str),
) -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    // Equirectangular, true to scale along the middle latitude.
    let middle = ((frame.south + frame.north) / 2.0).to_radians();
    let narrow = libm_cos(middle);
    let scale = f64::from(WIDTH) / ((frame.east - frame.west) * narrow);
    let map_height = (scale * (frame.north - frame.south)) as i32;
    let height = map_height + 54;
    let project = |p: &[f64; 2]| -> (i32, i32) {
        (((p[0] - frame.west) * narrow * scale).round() as i32, ((frame.north - p[1]) * scale).round() as i32)
    };
    let values: Vec<f64> =
        places.iter().filter(|p| !p.subject).filter_map(|p| p.value).filter(|v| *v > 0.0).collect();
    let limits = limits(&values);
    let class = |value: f64| limits.iter().filter(|l| value >= **l).count();
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        area.draw(&Rectangle::new([(0, 0), (WIDTH, map_height)], SEA.filled()))?;
        for place in places {
            for polygon in place.shape.iter() {
                let Some(outer) = polygon.first() else { continue };
                let mut points: Vec<(i32, i32)> = clip(outer, frame).iter().map(project).collect();
                points.dedup();
                if points.len() < 3 {
                    continue;
                }
                let fill = match (place.subject, place.value) {
                    (true, _) => SUBJECT,
                    (false, Some(value)) if value > 0.0 => CLASSES[class(value)],
                    (false, Some(_)) => WHITE,
                    (false, None) => UNKNOWN,
                };
                area.draw(&Polygon::new(points.clone(), fill.filled()))?;
                points.push(points[0]);
                area.draw(&PathElement::new(points, EDGE.stroke_width(1)))?;
            }
        }
        let style = |size: f64, colour: &RGBColor| {
            (FONT, size).into_font().color(colour).pos(Pos::new(HPos::Center, VPos::Center))
        };
        for place in places.iter().filter(|p| p.label) {
            let Some(at) = middle_of(place, frame).map(|m| project(&m)) else { continue };
            // Beyond the frame a name would be cut in half.
            let half = place.name.chars().count() as i32 * 4;
            if at.0 < half || at.0 > WIDTH - half || at.1 < 10 || at.1 > map_height - 10 {
                continue;
            }
            let dark = !place.subject && place.value.is_some_and(|v| v > 0.0 && class(v) >= 3);
            let size = if place.subject { 15.0 } else { 12.0 };
            let (ink, halo) = if dark { (WHITE, CLASSES[4]) } else { (INK, WHITE) };
            if !place.subject {
                for offset in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                    area.draw(&Text::new(
                        place.name.clone(),
                        (at.0 + offset.0, at.1 + offset.1),
                        style(size, &halo),
                    ))?;
                }
            }
            area.draw(&Text::new(place.name.clone(), at, style(size, &ink)))?;
        }
        area.draw(&Rectangle::new([(0, map_height), (WIDTH, height)], WHITE.filled()))?;
        area.draw(&Rectangle::new([(0, 0), (WIDTH - 1, map_height)], EDGE.stroke_width(1)))?;
        let left = (FONT, 12.5).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
        let mut x = 2;
        let mut y = map_height + 18;
        let mut entry =
            |fill: RGBColor, text: String| -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
                let width = 30 + text.chars().count() as i32 * 7;
                if x > 2 && x + width > WIDTH {
                    (x, y) = (2, y + 22);
                }
                area.draw(&Rectangle::new([(x, y - 7), (x + 16, y + 7)], fill.filled()))?;
                area.draw(&Rectangle::new([(x, y - 7), (x + 16, y + 7)], EDGE.stroke_width(1)))?;
                area.draw(&Text::new(text, (x + 22, y), left.clone()))?;
                x += width;
                Ok(())
            };
        entry(SUBJECT, subject.to_owned())?;
        entry(UNKNOWN, none.to_owned())?;
        entry(WHITE, "0".to_owned())?;
        let show = |value: f64| lang.integer(value as i64);
        for (i, colour) in CLASSES.into_iter().enumerate().take(limits.len() + 1) {
            let text = match (i.checked_sub(1).map(|b| limits[b]), limits.get(i)) {
                (None, Some(high)) => format!("< {}", show(*high)),
                (Some(low), Some(high)) => format!("{}–{}", show(low), show(*high - 1.0)),
                (Some(low), None) => format!("≥ {}", show(low)),
                (None, None) => "> 0".to_owned(),
            };
            entry(colour, text)?;
        }
        area.present()?;
    }
    Ok(svg)
}

/// Cosine by a short series: the same on every machine, and far closer than a pixel for latitudes.
pub(crate) fn libm_cos(x: f64) -> f64 {
    let x2 = x * x;
    1.0 - x2 / 2.0 * (1.0 - x2 / 12.0 * (1.0 - x2 / 30.0 * (1.0 - x2 / 56.0)))
}

/// A ring cut to the frame (Sutherland–Hodgman), so that the drawing holds nothing beyond its edge.
pub(crate) fn clip(ring: &[[f64; 2]], frame: Frame) -> Vec<[f64; 2]> {
    let edges: [(usize, f64, bool); 4] =
        [(0, frame.west, true), (0, frame.east, false), (1, frame.south, true), (1, frame.north, false)];
    let mut points = ring.to_vec();
    for (axis, limit, above) in edges {
        let inside = |p: &[f64; 2]| if above { p[axis] >= limit } else { p[axis] <= limit };
        let mut cut = Vec::with_capacity(points.len());
        for (i, point) in points.iter().enumerate() {
            let before = &points[(i + points.len() - 1) % points.len()];
            if inside(point) != inside(before) {
                let share = (limit - before[axis]) / (point[axis] - before[axis]);
                let mut crossing = [0, 1].map(|a| before[a] + share * (point[a] - before[a]));
                crossing[axis] = limit;
                cut.push(crossing);
            }
            if inside(point) {
                cut.push(*point);
            }
        }
        points = cut;
    }
    points
}

/// The middle of the largest polygon that lies in the frame.
fn middle_of(place: &Place, frame: Frame) -> Option<[f64; 2]> {
    let cut = place.shape.iter().filter_map(|p| p.first()).map(|ring| clip(ring, frame));
    let largest = cut.max_by(|a, b| area(a).abs().total_cmp(&area(b).abs()))?;
    (area(&largest).abs() >= 0.5).then(|| centre(&largest))
}

/// The signed area within a ring, square degrees.
pub(crate) fn area(ring: &[[f64; 2]]) -> f64 {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// The centre of mass within a ring that has an area.
pub(crate) fn centre(ring: &[[f64; 2]]) -> [f64; 2] {
    let total = area(ring);
    let mut centre = [0.0; 2];
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let cross = a[0] * b[1] - b[0] * a[1];
        for axis in 0..2 {
            centre[axis] += (a[axis] + b[axis]) * cross / (6.0 * total);
        }
    }
    centre
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { west: 0.0, south: 0.0, east: 10.0, north: 10.0 };

    #[test]
    fn shapes_are_cut_to_the_frame() {
        let square = [[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]];
        let cut = clip(&square, FRAME);
        assert!(cut.iter().all(|p| (0.0..=5.0).contains(&p[0]) && (0.0..=5.0).contains(&p[1])));
        assert!(clip(&[[20.0, 20.0], [30.0, 20.0], [30.0, 30.0]], FRAME).is_empty());
    }

    #[test]
    fn no_figure_zero_and_a_number_all_differ() {
        let shape: Shape =
            std::sync::Arc::new(vec![vec![vec![[1.0, 1.0], [4.0, 1.0], [4.0, 4.0], [1.0, 4.0]]]]);
        let place =
            |value| Place { name: "x".into(), shape: shape.clone(), value, subject: false, label: false };
        let drawn = |value| draw(&[place(value)], FRAME, Lang::En, ("subject", "none")).unwrap();
        assert_ne!(drawn(None), drawn(Some(0.0)));
        assert_ne!(drawn(None), drawn(Some(5.0)));
        assert_ne!(drawn(Some(0.0)), drawn(Some(5.0)));
        assert!((libm_cos(1.0) - 1.0f64.cos()).abs() < 1e-4);
    }
}
