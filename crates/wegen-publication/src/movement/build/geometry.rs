//! Points within areas, distances, and which areas touch which countries.

use wegen_model::Shape;

/// Mean radius of the Earth, km.
const EARTH_KM: f64 = 6371.0088;
/// Boundaries of two sources that come this near to one another are taken for one.
const NEAR_KM: f64 = 10.0;
/// Degrees between points along a boundary.
const STEP: f64 = 0.05;

/// Degrees east and north.
pub(super) type Point = [f64; 2];

/// Km along the great circle.
pub(super) fn great_circle_km(a: Point, b: Point) -> f64 {
    let (lat1, lat2) = (a[1].to_radians(), b[1].to_radians());
    let (dlat, dlon) = (lat2 - lat1, (b[0] - a[0]).to_radians());
    let half = |x: f64| libm::sin(x / 2.0) * libm::sin(x / 2.0);
    let h = half(dlat) + libm::cos(lat1) * libm::cos(lat2) * half(dlon);
    2.0 * EARTH_KM * libm::asin(h.clamp(0.0, 1.0).sqrt())
}

/// A point within the largest part of a shape, far from its boundary: of the middles of chords, the one farthest
/// from any edge. `None` for a shape without area.
pub(super) fn inner_point(shape: &Shape) -> Option<Point> {
    let largest = shape.iter().max_by(|a, b| area(a).total_cmp(&area(b)))?;
    let lats = || largest.iter().flatten().map(|p| p[1]);
    let (low, high) = (lats().fold(f64::INFINITY, f64::min), lats().fold(f64::NEG_INFINITY, f64::max));
    let narrow = libm::cos(((low + high) / 2.0).to_radians()).max(0.01);
    let mut best: Option<(f64, Point)> = None;
    const LINES: u32 = 48;
    for line in 0..LINES {
        let y = low + (f64::from(line) + 0.5) / f64::from(LINES) * (high - low);
        let mut crossings: Vec<f64> = Vec::new();
        for (a, b) in edges(largest) {
            if (a[1] > y) != (b[1] > y) {
                crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for chord in crossings.chunks_exact(2) {
            let middle = [(chord[0] + chord[1]) / 2.0, y];
            let far = edges(largest).map(|(a, b)| off(middle, a, b, narrow)).fold(f64::INFINITY, f64::min);
            if best.is_none_or(|(known, _)| far > known) {
                best = Some((far, middle));
            }
        }
    }
    best.map(|(_, point)| point)
}

/// Twice the area of a polygon without its holes, in square degrees.
fn area(polygon: &[Vec<Point>]) -> f64 {
    let outer = polygon.first().map_or(&[][..], Vec::as_slice);
    outer.windows(2).map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1]).sum::<f64>().abs()
}

fn edges(polygon: &[Vec<Point>]) -> impl Iterator<Item = (Point, Point)> + '_ {
    polygon.iter().flat_map(|ring| ring.windows(2).map(|w| (w[0], w[1])))
}

/// How far a point is from an edge, in degrees of latitude.
fn off(p: Point, a: Point, b: Point, narrow: f64) -> f64 {
    let at = |q: Point| [(q[0] - p[0]) * narrow, q[1] - p[1]];
    let (a, b) = (at(a), at(b));
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (-(a[0] * dx + a[1] * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    let (x, y) = (a[0] + t * dx, a[1] + t * dy);
    (x * x + y * y).sqrt()
}

/// Points along the boundary of a shape.
pub(super) fn boundary(shape: &Shape) -> Vec<Point> {
    let mut points = Vec::new();
    for (a, b) in shape.iter().flat_map(|polygon| edges(polygon)) {
        let longest = (b[0] - a[0]).abs().max((b[1] - a[1]).abs());
        let steps = ((longest / STEP).ceil() as u32).clamp(1, 10_000);
        points.extend((0..steps).map(|step| {
            let t = f64::from(step) / f64::from(steps);
            [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
        }));
    }
    points
}

/// Whether two boundaries run along one another: at least three points of the one, apart, come near to the other.
pub(super) fn touch(one: &[Point], two: &[Point]) -> bool {
    let mut met: Vec<Point> = Vec::new();
    for p in one {
        let near = |q: &&Point| (q[1] - p[1]).abs() < 0.2 && great_circle_km(*p, **q) <= NEAR_KM;
        // A corner is no border: points in the same spot count once.
        if met.iter().all(|m| great_circle_km(*m, *p) > 3.0) && two.iter().any(|q| near(&q)) {
            met.push(*p);
            if met.len() == 3 {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn shape(rings: &[&[Point]]) -> Shape {
        Arc::new(vec![rings.iter().map(|r| r.to_vec()).collect()])
    }

    #[test]
    fn distances_are_those_of_the_globe() {
        // A quarter of a meridian, and from London to Paris.
        assert!((great_circle_km([20.0, 0.0], [20.0, 90.0]) - 10_007.557).abs() < 0.01);
        let (london, paris) = ([-0.1278, 51.5074], [2.3522, 48.8566]);
        assert!((great_circle_km(london, paris) - 343.6).abs() < 0.1);
        assert_eq!(great_circle_km(paris, paris), 0.0);
    }

    #[test]
    fn the_point_of_a_bent_or_hollow_area_lies_within_it() {
        let bent =
            shape(&[&[[0.0, 0.0], [3.0, 0.0], [3.0, 3.0], [2.0, 3.0], [2.0, 1.0], [0.0, 1.0], [0.0, 0.0]]]);
        let [x, y] = inner_point(&bent).unwrap();
        assert!((0.0..3.0).contains(&x) && (0.0..3.0).contains(&y) && (x > 2.0 || y < 1.0), "{x} {y}");
        let hole: &[Point] = &[[1.0, 1.0], [1.0, 9.0], [9.0, 9.0], [9.0, 1.0], [1.0, 1.0]];
        let hollow = shape(&[&[[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0], [0.0, 0.0]], hole]);
        let [x, y] = inner_point(&hollow).unwrap();
        assert!(!(1.0..9.0).contains(&x) || !(1.0..9.0).contains(&y), "{x} {y}");
        assert!(inner_point(&Arc::new(Vec::new())).is_none());
    }

    #[test]
    fn a_shared_border_touches_and_a_corner_or_a_distance_does_not() {
        let square = |x: f64, y: f64| {
            boundary(&shape(&[&[[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0], [x, y]]]))
        };
        assert!(touch(&square(0.0, 0.0), &square(1.03, 0.0)));
        assert!(!touch(&square(0.0, 0.0), &square(1.5, 0.0)));
        assert!(!touch(&square(0.0, 0.0), &square(1.08, 1.08)));
    }

    proptest! {
        #[test]
        fn the_point_of_a_star_lies_within_its_reach(spokes in prop::collection::vec(0.2..3.0f64, 5..30)) {
            let n = spokes.len() as f64;
            let mut ring: Vec<Point> = spokes.iter().enumerate().map(|(i, r)| {
                let turn = i as f64 / n * std::f64::consts::TAU;
                [20.0 + r * libm::cos(turn), 10.0 + r * libm::sin(turn)]
            }).collect();
            ring.push(ring[0]);
            let point = inner_point(&shape(&[&ring])).unwrap();
            // A ray to the east crosses the boundary an odd number of times.
            let crossed = ring.windows(2).filter(|w| (w[0][1] > point[1]) != (w[1][1] > point[1])).filter(|w| {
                point[0] < w[0][0] + (point[1] - w[0][1]) / (w[1][1] - w[0][1]) * (w[1][0] - w[0][0])
            }).count();
            prop_assert_eq!(crossed % 2, 1);
        }
    }
}
