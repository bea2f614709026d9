//! A map of places as SVG: dots sized by people, over countries as they are de facto drawn.
//!
//! Places have coordinates, so the map stays with the analyst; no route is drawn.

use plotters::{
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};
use wegen_model::{Lang, Shape};
use wegen_movement::{Counted, Kind};

use super::charts::{Fault, wrapped};
use super::csv::plain_name;
use super::told::{Shown, Told, whole};
use crate::chart::{FONT, INK, WIDTH};
use crate::map::{Frame, SEA, clip, libm_cos};

const LAND: RGBColor = RGBColor(240, 239, 234);
const EDGE: RGBColor = RGBColor(150, 154, 162);
const CAMP: RGBColor = RGBColor(20, 84, 140);
const TOWN: RGBColor = RGBColor(120, 124, 132);
const CONFLICT: RGBColor = RGBColor(176, 84, 0);
/// Area of the largest dot.
const LARGEST: f64 = 26.0;

/// Draws the places of a simulation on its last day over country shapes, where there are any.
///
/// # Errors
/// What the drawing library says.
pub fn places(told: &Told, countries: &[Shape], lang: Lang) -> Result<String, Fault> {
    let frame = frame(told);
    let narrow = libm_cos(((frame.south + frame.north) / 2.0) * std::f64::consts::PI / 180.0);
    let scale = f64::from(WIDTH) / ((frame.east - frame.west) * narrow);
    let map_height = (scale * (frame.north - frame.south)) as i32;
    let height = map_height + 84;
    let project = |p: &[f64; 2]| -> (i32, i32) {
        (((p[0] - frame.west) * narrow * scale).round() as i32, ((frame.north - p[1]) * scale).round() as i32)
    };
    let mut dots: Vec<(usize, f64)> = told
        .simulated
        .last
        .series
        .iter()
        .filter_map(|band| match band.counted {
            Counted::At(place) => {
                let (low, high) = Shown::of(&band.ends, 0).median;
                Some((place, (low + high) / 2.0))
            }
            _ => None,
        })
        .filter(|(place, _)| told.instance.locations[*place].kind != Kind::Marker)
        .collect();
    // Large dots first, so that small ones stay visible.
    dots.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let most = dots.first().map_or(1.0, |d| d.1).max(1.0);
    let radius = |n: f64| ((n / most).sqrt() * LARGEST).max(2.0).round() as i32;
    let style = |size: f64, h: HPos| (FONT, size).into_font().color(&INK).pos(Pos::new(h, VPos::Center));
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH as u32, height as u32)).into_drawing_area();
        area.draw(&Rectangle::new([(0, 0), (WIDTH, map_height)], SEA.filled()))?;
        for ring in countries.iter().flat_map(|s| s.iter()).filter_map(|polygon| polygon.first()) {
            let ring = &whole_around(ring);
            let mut points: Vec<(i32, i32)> = clip(ring, frame).iter().map(project).collect();
            points.dedup();
            if points.len() < 3 {
                continue;
            }
            area.draw(&Polygon::new(points.clone(), LAND.filled()))?;
            points.push(points[0]);
            area.draw(&PathElement::new(points, EDGE.stroke_width(1)))?;
        }
        for (place, people) in &dots {
            let l = &told.instance.locations[*place];
            let at = project(&[l.longitude, l.latitude]);
            area.draw(&Circle::new(at, radius(*people), colour(l.kind).mix(0.55).filled()))?;
            area.draw(&Circle::new(at, radius(*people), colour(l.kind).stroke_width(1)))?;
        }
        // Names of the largest, where they run over neither one another nor a dot.
        let mut taken: Vec<[i32; 4]> = Vec::new();
        for (place, people) in &dots {
            let l = &told.instance.locations[*place];
            let ((x, y), r) = (project(&[l.longitude, l.latitude]), radius(*people));
            taken.push([x - r, y - r, x + r, y + r]);
        }
        for (place, people) in dots.iter().filter(|d| d.1 >= 0.5) {
            let l = &told.instance.locations[*place];
            let (x, y) = project(&[l.longitude, l.latitude]);
            let name = plain_name(&l.name);
            let (long, gap) = (name.chars().count() as i32 * 7, radius(*people) + 4);
            let tried =
                [(x + gap, y), (x - gap - long, y), (x - long / 2, y - gap - 5), (x - long / 2, y + gap + 6)];
            let cell = |(left, middle): (i32, i32)| [left, middle - 6, left + long, middle + 6];
            let free = |at: &(i32, i32)| {
                let cell = cell(*at);
                let inside = cell[0] > 0 && cell[2] < WIDTH && cell[1] > 0 && cell[3] < map_height;
                inside
                    && taken
                        .iter()
                        .all(|t| cell[2] < t[0] || cell[0] > t[2] || cell[3] < t[1] || cell[1] > t[3])
            };
            let Some((left, y)) = tried.into_iter().find(free) else { continue };
            let cell = cell((left, y));
            taken.push(cell);
            let text = |offset: (i32, i32), ink: &RGBColor| {
                let style = (FONT, 12.0).into_font().color(ink).pos(Pos::new(HPos::Left, VPos::Center));
                Text::new(name.clone(), (left + offset.0, y + offset.1), style)
            };
            for offset in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
                area.draw(&text(offset, &WHITE))?;
            }
            area.draw(&text((0, 0), &INK))?;
        }
        area.draw(&Rectangle::new([(0, map_height), (WIDTH, height)], WHITE.filled()))?;
        area.draw(&Rectangle::new([(0, 0), (WIDTH - 1, map_height)], EDGE.stroke_width(1)))?;
        let mut x = 10;
        for (kind, id) in [
            (Kind::Camp, "movement-map-camp"),
            (Kind::Town, "movement-map-town"),
            (Kind::ConflictZone, "movement-map-conflict"),
        ] {
            let words = lang.text(id);
            area.draw(&Circle::new((x, map_height + 18), 6, colour(kind).mix(0.55).filled()))?;
            area.draw(&Circle::new((x, map_height + 18), 6, colour(kind).stroke_width(1)))?;
            area.draw(&Text::new(words.clone(), (x + 12, map_height + 18), style(12.5, HPos::Left)))?;
            x += 40 + words.chars().count() as i32 * 7;
        }
        let sized = lang.text_with(
            "movement-map-size",
            &[("most", &whole(most, lang)), ("date", &lang.date(told.instance.date(told.last_day())))],
        );
        area.draw(&Text::new(sized, (4, map_height + 40), style(12.0, HPos::Left)))?;
        let source = format!("{} {}", told.attribution, lang.text("movement-map-disclaimer"));
        for (row, line) in wrapped(&source, 118).into_iter().take(2).enumerate() {
            area.draw(&Text::new(line, (4, map_height + 58 + 14 * row as i32), style(10.5, HPos::Left)))?;
        }
        area.present()?;
    }
    Ok(svg)
}

/// A ring across the 180th meridian as one piece east of it: it would be drawn as a band around the world otherwise.
fn whole_around(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let ends = ring.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(w, e), p| (w.min(p[0]), e.max(p[0])));
    let east = |p: &[f64; 2]| if ends.1 - ends.0 > 180.0 && p[0] < 0.0 { [p[0] + 360.0, p[1]] } else { *p };
    ring.iter().map(east).collect()
}

fn colour(kind: Kind) -> RGBColor {
    match kind {
        Kind::Camp | Kind::IdpCamp => CAMP,
        Kind::ConflictZone => CONFLICT,
        Kind::Town | Kind::ForwardingHub | Kind::Marker => TOWN,
    }
}

/// The part of the world that holds all places, with a margin, not much higher than wide.
fn frame(told: &Told) -> Frame {
    let places = || told.instance.locations.iter();
    let end = |pick: fn(f64, f64) -> f64, start: f64, of: &dyn Fn(&wegen_movement::Location) -> f64| {
        places().map(of).fold(start, pick)
    };
    let (west, east) =
        (end(f64::min, f64::INFINITY, &|l| l.longitude), end(f64::max, f64::NEG_INFINITY, &|l| l.longitude));
    let (south, north) =
        (end(f64::min, f64::INFINITY, &|l| l.latitude), end(f64::max, f64::NEG_INFINITY, &|l| l.latitude));
    let (mut width, mut height) =
        ((east - west).max(0.5) * 1.16 + 0.5, (north - south).max(0.5) * 1.12 + 0.5);
    width = width.max(height * 1.35);
    height = height.max(width / 2.2);
    let (x, y) = ((west + east) / 2.0, (south + north) / 2.0);
    Frame { west: x - width / 2.0, east: x + width / 2.0, south: y - height / 2.0, north: y + height / 2.0 }
}
