//! The grid of sea and land.

use std::{fs, path::Path};

use serde_json::Value;
use wegen_sources::LandMask;

use crate::Outcome;

/// Reads the arcs of the topology's land and fills the grid.
pub(crate) fn make(from: &Path, to: &Path) -> Outcome {
    let topology: Value = serde_json::from_slice(&fs::read(from)?)?;
    let number =
        |path: &str| topology.pointer(path).and_then(Value::as_f64).ok_or(format!("no number at {path}"));
    let scale = [number("/transform/scale/0")?, number("/transform/scale/1")?];
    let translate = [number("/transform/translate/0")?, number("/transform/translate/1")?];
    let mut arcs: Vec<Vec<[f64; 2]>> = Vec::new();
    for arc in topology["arcs"].as_array().ok_or("no arcs")? {
        let mut at = [0.0; 2];
        let mut points = Vec::new();
        for point in arc.as_array().ok_or("an arc is no array")? {
            for axis in 0..2 {
                at[axis] += point[axis].as_f64().ok_or("a point is no pair of numbers")?;
            }
            points.push([at[0] * scale[0] + translate[0], at[1] * scale[1] + translate[1]]);
        }
        arcs.push(points);
    }
    let mut rings = Vec::new();
    collect(&topology["objects"]["land"], &arcs, &mut rings)?;
    fs::write(to, LandMask::from_rings(&rings).to_bytes())?;
    eprintln!("{} rings, {} bytes", rings.len(), fs::metadata(to)?.len());
    Ok(())
}

/// Rings are the arrays of whole numbers at the bottom of the nested `arcs`.
fn collect(value: &Value, arcs: &[Vec<[f64; 2]>], rings: &mut Vec<Vec<[f64; 2]>>) -> Outcome {
    match value {
        Value::Object(members) => {
            for name in ["geometries", "arcs"] {
                collect(members.get(name).unwrap_or(&Value::Null), arcs, rings)?;
            }
        }
        Value::Array(items) if items.first().is_some_and(Value::is_i64) => {
            let mut ring: Vec<[f64; 2]> = Vec::new();
            for index in items.iter().filter_map(Value::as_i64) {
                let arc = &arcs[usize::try_from(if index < 0 { !index } else { index })?];
                let skip = usize::from(!ring.is_empty());
                if index < 0 {
                    ring.extend(arc.iter().rev().skip(skip));
                } else {
                    ring.extend(arc.iter().skip(skip));
                }
            }
            rings.push(ring);
        }
        Value::Array(items) => {
            for item in items {
                collect(item, arcs, rings)?;
            }
        }
        _ => {}
    }
    Ok(())
}
