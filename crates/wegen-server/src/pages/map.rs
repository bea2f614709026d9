//! Maps as SVG: areas that are links, so that they work without script and by keyboard. Zero and unknown differ, and no
//! area is coloured by a score.

use maud::{Markup, html};
use wegen_model::Shape;

/// An area on a map.
pub(crate) struct Spot {
    pub(crate) shape: Shape,
    pub(crate) name: String,
    /// What is said of it beside its name.
    pub(crate) says: String,
    pub(crate) class: &'static str,
    pub(crate) href: Option<String>,
    /// A mark that tells it apart without colour.
    pub(crate) mark: Option<&'static str>,
}

/// The middle of the box around a shape's largest ring.
fn middle(shape: &Shape) -> Option<[f64; 2]> {
    let ring = shape.iter().filter_map(|polygon| polygon.first()).max_by_key(|ring| ring.len())?;
    // The mean of the points of the boundary lies within most areas, and near the others.
    let n = ring.len().max(1) as f64;
    let sum = ring.iter().fold([0.0, 0.0], |s, p| [s[0] + p[0], s[1] + p[1]]);
    Some([sum[0] / n, sum[1] / n])
}

/// West, south, east, north.
pub(crate) type Box4 = [f64; 4];

/// The box around all shapes.
pub(crate) fn around<'s>(shapes: impl Iterator<Item = &'s Shape>) -> Box4 {
    let mut b = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];
    for p in shapes.flat_map(|s| s.iter()).flatten().flatten() {
        b = [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])];
    }
    if b[0] > b[2] { [-20.0, -5.0, 60.0, 45.0] } else { b }
}

/// Draws spots within a box, `width` units wide.
pub(crate) fn draw(spots: &[Spot], [west, south, east, north]: Box4, width: f64, label: &str) -> Markup {
    let narrow = libm::cos(((south + north) / 2.0).to_radians()).max(0.1);
    let scale = (width - 8.0) / ((east - west) * narrow).max(1e-6);
    let height = ((north - south) * scale + 8.0).max(40.0);
    let project = |p: &[f64; 2]| (4.0 + (p[0] - west) * narrow * scale, 4.0 + (north - p[1]) * scale);
    let path = |shape: &Shape| {
        let mut d = String::new();
        for ring in shape.iter().flatten() {
            // What lies wholly beyond the frame is not drawn.
            let seen = ring.iter().any(|p| p[0] >= west && p[0] <= east && p[1] >= south && p[1] <= north);
            if !seen {
                continue;
            }
            let mut last = (i32::MIN, i32::MIN);
            let mut points = 0;
            let mut part = String::new();
            for p in ring {
                let (x, y) = project(p);
                let at = (x.round() as i32, y.round() as i32);
                if at != last {
                    part.push_str(&if points == 0 {
                        format!("M{} {}", at.0, at.1)
                    } else {
                        format!("L{} {}", at.0, at.1)
                    });
                    (last, points) = (at, points + 1);
                }
            }
            if points > 2 {
                d.push_str(&part);
                d.push('Z');
            }
        }
        d
    };
    let drawn = |spot: &Spot| {
        let d = path(&spot.shape);
        html! { @if !d.is_empty() { path class={ "spot " (spot.class) } d=(d) { title { (spot.name) @if !spot.says.is_empty() { ": " (spot.says) } } } } }
    };
    html! {
        svg.map viewBox=(format!("0 0 {} {}", width.round(), height.round())) role="group" aria-label=(label) xmlns="http://www.w3.org/2000/svg" {
            defs {
                pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="6" height="6" class="open-ground" {}
                    line x1="0" y1="0" x2="0" y2="6" class="open-line" {}
                }
            }
            @for spot in spots.iter().filter(|s| s.href.is_none()) { (drawn(spot)) }
            @for spot in spots.iter() { @if let Some(href) = &spot.href {
                a href=(href) aria-label=(if spot.says.is_empty() { spot.name.clone() } else { format!("{}: {}", spot.name, spot.says) }) {
                    (drawn(spot))
                    @if let (Some(mark), Some(at)) = (spot.mark, middle(&spot.shape)) {
                        @let (x, y) = project(&at);
                        text class={ "glyph " (spot.class) } x=(x.round()) y=(y.round()) aria-hidden="true" { (mark) }
                    }
                }
            } }
        }
    }
}
