//! Shapes of areas with their properties, from GeoJSON and TopoJSON.
//!
//! A GeoJSON is read feature by feature, however many there are, and its coordinates go straight into the shape. The arcs
//! of a TopoJSON are shared by its shapes, so that it is read as a whole.

use std::{fmt, sync::Arc};

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use wegen_model::Shape;

use crate::{
    File, SourceError,
    items::{Found, FromItem, Walk, items, outline},
    lines::{MAX_ROW, utf8},
    table::{json, kind},
};

/// Polygons, each of rings, each of points.
type Polygons = Vec<Vec<Vec<[f64; 2]>>>;

/// The properties of an area.
pub(crate) type Members = serde_json::Map<String, Value>;

/// Calls `each` for every area, in order, with its number, its properties and its shape.
///
/// # Errors
/// Those of `each`; what is no GeoJSON and no TopoJSON; an area that is no polygon, or lies off the map.
pub(crate) fn features(
    file: &File,
    each: &mut dyn FnMut(usize, Members, Shape) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    utf8(file)?;
    let about = outline(file)?.value;
    let wrong = |place: String, found: &str, expected: &str| {
        SourceError::malformed(&file.name, place, found, expected)
    };
    match about.get("type").and_then(Value::as_str) {
        Some("Topology") => topology(file, each),
        Some("FeatureCollection") => {
            let (found, _) = items(file, "/features", &mut |i, mut feature: Feature| {
                let shape = feature.shape().map_err(|(found, expected)| {
                    SourceError::malformed(&file.name, format_args!("/features/{i}"), found, expected)
                })?;
                check(file, i as usize, &shape)?;
                each(i as usize, feature.properties, Arc::new(shape))
            })?;
            match found {
                Found::Array => Ok(()),
                _ => Err(wrong("/features".into(), "no array", "the features of a GeoJSON")),
            }
        }
        _ => Err(wrong("the document".into(), kind(&about), "GeoJSON or TopoJSON")),
    }
}

/// Every coordinate lies on the map.
fn check(file: &File, index: usize, shape: &[Vec<Vec<[f64; 2]>>]) -> Result<(), SourceError> {
    let off = shape.iter().flatten().flatten().find(|p| !(p[0].abs() <= 180.1 && p[1].abs() <= 90.1));
    match off {
        None => Ok(()),
        Some(p) => Err(SourceError::malformed(
            &file.name,
            format_args!("/features/{index}"),
            format_args!("the coordinates {}, {}", p[0], p[1]),
            "longitude and latitude in degrees",
        )),
    }
}

/// A feature of a GeoJSON, as far as it is read.
struct Feature {
    properties: Members,
    geometry: Option<Geometry>,
}

struct Geometry {
    kind: String,
    coordinates: Coordinates,
}

impl Feature {
    /// Its shape, or what was found in its place and what was expected.
    fn shape(&mut self) -> Result<Polygons, (&'static str, &'static str)> {
        const POLYGON: &str = "a polygon or several";
        let Some(geometry) = self.geometry.take() else { return Err(("no geometry", POLYGON)) };
        let shape: Polygons = match (geometry.kind.as_str(), geometry.coordinates) {
            ("Polygon", Coordinates::Rings(rings)) => vec![rings],
            ("Polygon", Coordinates::None) => vec![Vec::new()],
            ("MultiPolygon", Coordinates::Polygons(polygons)) => polygons,
            ("MultiPolygon", Coordinates::None) => Vec::new(),
            ("Polygon" | "MultiPolygon", _) => return Err(("coordinates that are none of it", POLYGON)),
            _ => return Err(("another geometry", POLYGON)),
        };
        match shape.iter().flatten().flatten().any(|point| point[0].is_nan()) {
            false => Ok(shape),
            true => Err(("a position of fewer than two numbers", "longitude and latitude in degrees")),
        }
    }
}

impl FromItem for Feature {
    /// Far more than the coast of any country in full detail.
    const LONGEST: usize = 32 << 20;
    const EXPECTED: &str = "a GeoJSON feature collection";

    fn read<'de, D: Deserializer<'de>>(walk: &Walk<'_>, deserializer: D) -> Result<Feature, D::Error> {
        deserializer.deserialize_map(ReadFeature { walk })
    }
}

struct ReadFeature<'a> {
    walk: &'a Walk<'a>,
}

impl<'de> Visitor<'de> for ReadFeature<'_> {
    type Value = Feature;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a feature")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Feature, A::Error> {
        let (mut kind, mut properties, mut geometry) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            let met = match key.as_str() {
                "type" => kind.replace(map.next_value::<String>()?).is_some(),
                "properties" => {
                    // Values take far more room than their text.
                    self.walk.at_most(MAX_ROW);
                    let met = properties.replace(map.next_value::<Option<Members>>()?).is_some();
                    self.walk.begin();
                    met
                }
                "geometry" => geometry.replace(map.next_value::<Option<Geometry>>()?).is_some(),
                _ => map.next_value::<IgnoredAny>().map(|_| false)?,
            };
            if met {
                return Err(de::Error::custom(format_args!("the member `{key}` twice")));
            }
        }
        match kind.as_deref() {
            Some("Feature") => Ok(Feature {
                properties: properties.flatten().unwrap_or_default(),
                geometry: geometry.flatten(),
            }),
            _ => Err(de::Error::custom("an item whose `type` is not `Feature`")),
        }
    }
}

impl<'de> Deserialize<'de> for Geometry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Geometry, D::Error> {
        #[derive(serde::Deserialize)]
        struct Members {
            r#type: String,
            #[serde(default)]
            coordinates: Coordinates,
        }
        let Members { r#type: kind, coordinates } = Members::deserialize(deserializer)?;
        Ok(Geometry { kind, coordinates })
    }
}

/// A position; its height is left out, and one of fewer than two numbers is none.
struct Point([f64; 2]);

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Point, D::Error> {
        match Coordinates::deserialize(deserializer)? {
            Coordinates::Point(point) => Ok(Point(point)),
            Coordinates::None => Ok(Point([f64::NAN; 2])),
            _ => Err(de::Error::custom("an array where a position should be")),
        }
    }
}

/// Coordinates, whose depth tells what they are of.
#[derive(Default)]
enum Coordinates {
    #[default]
    None,
    Number(f64),
    Point([f64; 2]),
    Line(Vec<[f64; 2]>),
    Rings(Vec<Vec<[f64; 2]>>),
    Polygons(Vec<Vec<Vec<[f64; 2]>>>),
}

/// A line, a ring.
struct Line(Vec<[f64; 2]>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Line, D::Error> {
        match Coordinates::deserialize(deserializer)? {
            Coordinates::Line(line) => Ok(Line(line)),
            Coordinates::None => Ok(Line(Vec::new())),
            _ => Err(de::Error::custom("coordinates that are not all of one depth")),
        }
    }
}

/// The rings of a polygon.
struct Rings(Vec<Vec<[f64; 2]>>);

impl<'de> Deserialize<'de> for Rings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rings, D::Error> {
        match Coordinates::deserialize(deserializer)? {
            Coordinates::Rings(rings) => Ok(Rings(rings)),
            Coordinates::None => Ok(Rings(Vec::new())),
            _ => Err(de::Error::custom("coordinates that are not all of one depth")),
        }
    }
}

impl<'de> Deserialize<'de> for Coordinates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Coordinates, D::Error> {
        deserializer.deserialize_any(ReadCoordinates)
    }
}

struct ReadCoordinates;

impl<'de> Visitor<'de> for ReadCoordinates {
    type Value = Coordinates;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or an array of coordinates")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Coordinates, E> {
        Ok(Coordinates::None)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(value as f64))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Coordinates, E> {
        Ok(Coordinates::Number(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Coordinates, A::Error> {
        // The first element tells the depth of all.
        match seq.next_element::<Coordinates>()? {
            None => Ok(Coordinates::None),
            Some(Coordinates::Number(x)) => {
                let Some(y) = seq.next_element::<f64>()? else {
                    return Ok(Coordinates::Point([f64::NAN; 2]));
                };
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Coordinates::Point([x, y]))
            }
            Some(Coordinates::Point(first)) => {
                let mut line = vec![first];
                while let Some(Point(point)) = seq.next_element()? {
                    line.push(point);
                }
                Ok(Coordinates::Line(line))
            }
            Some(Coordinates::Line(first)) => {
                let mut rings = vec![first];
                while let Some(Line(line)) = seq.next_element()? {
                    rings.push(line);
                }
                Ok(Coordinates::Rings(rings))
            }
            Some(Coordinates::Rings(first)) => {
                let mut polygons = vec![first];
                while let Some(Rings(rings)) = seq.next_element()? {
                    polygons.push(rings);
                }
                Ok(Coordinates::Polygons(polygons))
            }
            Some(Coordinates::None) => Err(de::Error::custom("coordinates that begin with none")),
            Some(Coordinates::Polygons(_)) => Err(de::Error::custom("coordinates deeper than polygons")),
        }
    }
}

/// Far more than the most detailed boundaries of a country have.
const MAX_POINTS: usize = 10_000_000;

/// TopoJSON: arcs shared between shapes, delta-encoded and quantised.
fn topology(
    file: &File,
    each: &mut dyn FnMut(usize, Members, Shape) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let document = json(file)?;
    let wrong =
        |place: String, expected: &str| SourceError::malformed(&file.name, place, "something else", expected);
    let number = |v: Option<&Value>| v.and_then(Value::as_f64);
    let pair = |path: &str, otherwise: [f64; 2]| -> [f64; 2] {
        let at = document.pointer(path);
        [0, 1].map(|i| number(at.and_then(|v| v.get(i))).unwrap_or(otherwise[i]))
    };
    let quantised = document.get("transform").is_some();
    let (scale, translate) = (pair("/transform/scale", [1.0, 1.0]), pair("/transform/translate", [0.0, 0.0]));
    let mut arcs: Vec<Vec<[f64; 2]>> = Vec::new();
    let listed = document
        .get("arcs")
        .and_then(Value::as_array)
        .ok_or_else(|| wrong("/arcs".into(), "an array of arcs"))?;
    for (i, arc) in listed.iter().enumerate() {
        let (mut x, mut y, mut points) = (0.0, 0.0, Vec::new());
        for point in arc.as_array().into_iter().flatten() {
            let (Some(a), Some(b)) = (number(point.get(0)), number(point.get(1))) else {
                return Err(wrong(format!("/arcs/{i}"), "pairs of numbers"));
            };
            (x, y) = if quantised { (x + a, y + b) } else { (a, b) };
            points.push([x * scale[0] + translate[0], y * scale[1] + translate[1]]);
        }
        arcs.push(points);
    }
    // Arcs are shared, so a small file can ask for any number of points.
    let room = std::cell::Cell::new(MAX_POINTS);
    let ring = |indexes: &Value, at: usize| -> Result<Vec<[f64; 2]>, SourceError> {
        let mut points: Vec<[f64; 2]> = Vec::new();
        for index in indexes.as_array().into_iter().flatten() {
            let index = index.as_i64().ok_or_else(|| wrong(format!("geometry {at}"), "indexes of arcs"))?;
            // ~i stands for arc i reversed.
            let (i, reversed) = if index < 0 { (!index, true) } else { (index, false) };
            let arc = usize::try_from(i).ok().and_then(|i| arcs.get(i));
            let arc = arc.ok_or_else(|| wrong(format!("geometry {at}"), "indexes of arcs that exist"))?;
            let left = room.get().checked_sub(arc.len());
            room.set(
                left.ok_or_else(|| wrong(format!("geometry {at}"), "at most ten million points in all"))?,
            );
            let skip = usize::from(!points.is_empty());
            match reversed {
                true => points.extend(arc.iter().rev().skip(skip)),
                false => points.extend(arc.iter().skip(skip)),
            }
        }
        Ok(points)
    };
    let polygon = |rings: &Value, at: usize| -> Result<Vec<Vec<[f64; 2]>>, SourceError> {
        rings.as_array().into_iter().flatten().map(|r| ring(r, at)).collect()
    };
    let objects = document.get("objects").and_then(Value::as_object);
    let first = objects.and_then(|o| o.get("countries").or_else(|| o.values().next()));
    let geometries = first.and_then(|o| o.get("geometries")).and_then(Value::as_array);
    let geometries = geometries.ok_or_else(|| wrong("/objects".into(), "a collection of geometries"))?;
    for (i, geometry) in geometries.iter().enumerate() {
        let empty = Value::Null;
        let arcs = geometry.get("arcs").unwrap_or(&empty);
        let shape = match geometry.get("type").and_then(Value::as_str) {
            Some("Polygon") => vec![polygon(arcs, i)?],
            Some("MultiPolygon") => {
                arcs.as_array().into_iter().flatten().map(|p| polygon(p, i)).collect::<Result<_, _>>()?
            }
            _ => return Err(wrong(format!("geometry {i}"), "a polygon or several")),
        };
        check(file, i, &shape)?;
        let mut properties =
            geometry.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        if let Some(id) = geometry.get("id") {
            properties.insert("id".into(), id.clone());
        }
        each(i, properties, Arc::new(shape))?;
    }
    Ok(())
}
