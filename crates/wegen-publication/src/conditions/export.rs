//! An assessment as it is passed on: JSON, CSV, GeoJSON. Command, web page and interface give the same.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value as Json, json};
use wegen_conditions::{Known, Method, Role, missing_facts, passing_sets};
use wegen_model::{Code, Interval, Lang, Shape, not_for_individual_decisions};

use super::{Assessed, National};
use crate::compact;

/// How many minimal sets are named.
const SETS: usize = 12;

/// An assessment with what it was made of.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The method.
    pub method: &'a Method,
    /// What came of it.
    pub national: &'a National,
    /// The edition’s identity.
    pub edition: &'a str,
    /// The date that `as of` named, if any.
    pub as_of: Option<Date>,
    /// The language of texts.
    pub lang: Lang,
}

impl Given<'_> {
    /// Everything, as JSON.
    pub fn json(&self) -> Json {
        let areas: Vec<Json> = self.national.areas.iter().map(|a| self.area_json(a)).collect();
        let unjoined: Vec<Json> = self
            .national
            .unjoined
            .iter()
            .map(|u| json!({"source": u.source, "name": u.name, "rows": u.rows, "why": u.why}))
            .collect();
        json!({
            "country": self.national.country, "level": self.national.level, "month": self.national.month.to_string(),
            "last_month_with_evidence": self.national.last.map(|m| m.to_string()),
            "method": {"id": self.method.id, "version": self.method.version},
            "edition": self.edition, "as_of": self.as_of,
            "areas": areas, "names_without_area": unjoined,
            "notice": not_for_individual_decisions(self.lang), "not_for_individual_decisions": true,
        })
    }

    /// An area, as JSON.
    pub fn area_json(&self, a: &Assessed) -> Json {
        let method = self.method;
        let criteria: serde_json::Map<String, Json> = method
            .criteria
            .iter()
            .zip(&a.assessment.criteria)
            .map(|(c, verdict)| {
                let node = &method.nodes[*c];
                let value = a.assessment.nodes[*c].map(bounds_json);
                (node.id.clone(), json!({"verdict": verdict, "floor": node.floor, "value": value}))
            })
            .collect();
        let leaves: serde_json::Map<String, Json> = method
            .leaves
            .iter()
            .zip(&a.reads)
            .zip(&a.assessment.leaves)
            .map(|((leaf, read), score)| {
                let node = &method.nodes[*leaf];
                let score = (node.role != Role::Context).then(|| bounds_json(*score));
                let value = json!({
                    "indicator": node.leaf.as_ref().map(|l| &l.indicator), "bounds": read.cell.bounds.map(bounds_json),
                    "known": read.cell.known, "score": score, "source": read.source, "of": read.of,
                    "too_old_to_use": read.stale, "records": compact(&read.records),
                });
                (node.id.clone(), value)
            })
            .collect();
        let ids = |sets: Vec<Vec<usize>>| -> Vec<Vec<&str>> {
            let id = |c: usize| method.nodes[method.criteria[c]].id.as_str();
            sets.into_iter().map(|set| set.into_iter().map(id).collect()).collect()
        };
        let scores = &a.assessment.leaves;
        let facts: Vec<Json> = missing_facts(method, scores)
            .into_iter()
            .map(|f| {
                json!({
                    "leaf": method.nodes[method.leaves[f.leaf]].id, "could_settle_not_met": f.could_settle_not_met,
                    "needed_for_met": f.needed_for_met, "could_settle_met": f.could_settle_met,
                })
            })
            .collect();
        let value = json!({
            "code": a.place.code, "name": a.place.name, "verdict": a.assessment.verdict,
            "status": {"verdict": a.status.verdict, "since": a.since.map(|m| m.to_string())},
            "criteria": criteria, "leaves": leaves,
            "would_be_met_if_these_were": ids(passing_sets(method, scores, true, SETS)),
            "could_be_met_if_these_were": ids(passing_sets(method, scores, false, SETS)),
            "missing_facts": facts,
        });
        value
    }
    /// A row for each area and criterion.
    ///
    /// # Errors
    /// A table that cannot be written.
    pub fn csv(&self) -> Result<String, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let head = [
            "code",
            "name",
            "month",
            "criterion",
            "verdict",
            "floor",
            "low",
            "high",
            "sources",
            "records",
            "notice",
            "known",
            "overall",
            "status",
            "method",
            "edition",
        ];
        writer.write_record(head)?;
        let notice = not_for_individual_decisions(self.lang);
        let (method, edition) = (format!("{} {}", self.method.id, self.method.version), self.edition);
        for a in &self.national.areas {
            for (c, verdict) in self.method.criteria.iter().zip(&a.assessment.criteria) {
                let node = &self.method.nodes[*c];
                let below = self.method.leaves_below(*c);
                let mut sources: Vec<&str> =
                    below.iter().filter_map(|l| a.reads[*l].source.as_deref()).collect();
                sources.sort_unstable();
                sources.dedup();
                // How cells are known, where not by evidence of the month itself.
                let known: Vec<String> = below
                    .iter()
                    .filter(|l| !matches!(a.reads[**l].cell.known, Known::Observed | Known::Missing))
                    .map(|l| {
                        let how = match a.reads[*l].cell.known {
                            Known::LastValue { months } => format!("last-value-{months}"),
                            Known::Neighbours => "neighbours".to_owned(),
                            _ => "stated".to_owned(),
                        };
                        format!("{}:{how}", self.method.nodes[self.method.leaves[*l]].id)
                    })
                    .collect();
                let records: Vec<_> =
                    below.iter().flat_map(|l| a.reads[*l].records.iter().copied()).collect();
                let end = |pick: &dyn Fn(Interval) -> f64| {
                    a.assessment.nodes[*c].map_or(String::new(), |v| format!("{:.2}", pick(v)))
                };
                writer.write_record([
                    a.place.code.as_str(),
                    &a.place.name,
                    &self.national.month.to_string(),
                    &node.id,
                    verdict.as_str(),
                    &node.floor.unwrap_or(0.0).to_string(),
                    &end(&|v| v.low),
                    &end(&|v| v.high),
                    &sources.join(" "),
                    &compact(&records).join(" "),
                    &notice,
                    &known.join(" "),
                    a.assessment.verdict.as_str(),
                    a.status.verdict.as_str(),
                    &method,
                    edition,
                ])?;
            }
        }
        let bytes =
            writer.into_inner().map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Areas with their verdicts; boundaries at two decimals, no finer point of anything.
    pub fn geojson(&self, shapes: &BTreeMap<Code, Shape>) -> Json {
        let features: Vec<Json> = self
            .national
            .areas
            .iter()
            .map(|a| {
                let geometry = shapes.get(&a.place.code).map(multi_polygon);
                let criteria: serde_json::Map<String, Json> = self
                    .method
                    .criteria
                    .iter()
                    .zip(&a.assessment.criteria)
                    .map(|(c, v)| (self.method.nodes[*c].id.clone(), json!(v)))
                    .collect();
                json!({
                    "type": "Feature", "id": a.place.code, "geometry": geometry,
                    "properties": {
                        "name": a.place.name, "month": self.national.month.to_string(),
                        "verdict": a.assessment.verdict, "status": a.status.verdict, "criteria": criteria,
                        "not_for_individual_decisions": true,
                    },
                })
            })
            .collect();
        json!({
            "type": "FeatureCollection", "features": features, "edition": self.edition,
            "method": {"id": self.method.id, "version": self.method.version},
            "boundaries": self.lang.text("map-disclaimer"),
            "notice": not_for_individual_decisions(self.lang), "not_for_individual_decisions": true,
        })
    }
}

/// A boundary as GeoJSON, at two decimals; rings that are nothing at that scale are left out.
pub fn multi_polygon(shape: &Shape) -> Json {
    let round = |x: f64| (x * 100.0).round() / 100.0;
    let ring = |ring: &Vec<[f64; 2]>| {
        let mut ring: Vec<[f64; 2]> = ring.iter().map(|[x, y]| [round(*x), round(*y)]).collect();
        ring.dedup();
        (ring.len() >= 4).then_some(ring)
    };
    let polygons = shape.iter().map(|polygon| polygon.iter().filter_map(ring).collect::<Vec<_>>());
    let polygons: Vec<_> = polygons.filter(|polygon| !polygon.is_empty()).collect();
    json!({"type": "MultiPolygon", "coordinates": polygons})
}

/// Bounds as JSON: an open end has no number there.
pub fn bounds_json(bounds: Interval) -> Json {
    let end = |x: f64| if x.is_finite() { json!(x) } else { Json::Null };
    json!({"low": end(bounds.low), "high": end(bounds.high)})
}
