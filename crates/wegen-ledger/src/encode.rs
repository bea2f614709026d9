//! Records as bytes, for hashing: every field in a fixed order, texts preceded by their length.

use wegen_model::{Code, Locator, Period, Record};

/// A running hash over records.
#[derive(Default)]
pub(crate) struct RowsHash {
    hasher: blake3::Hasher,
    buffer: Vec<u8>,
}

impl RowsHash {
    pub(crate) fn add(&mut self, record: &Record) {
        encode(record, &mut self.buffer);
        if self.buffer.len() > 1 << 16 {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }

    pub(crate) fn finish(mut self) -> String {
        self.hasher.update(&self.buffer);
        self.hasher.finalize().to_hex().to_string()
    }
}

fn encode(record: &Record, out: &mut Vec<u8>) {
    out.push(record.kind() as u8);
    match record {
        Record::Observation(r) => {
            text(out, Some(r.indicator.as_str()));
            code(out, Some(r.place));
            code(out, r.counterpart);
            period(out, Some(r.period));
            out.extend(r.value.to_le_bytes());
            let (low, high) = r.bounds.unwrap_or((f64::NAN, f64::NAN));
            out.extend(low.to_le_bytes());
            out.extend(high.to_le_bytes());
            out.extend(r.status.letter().bytes());
            text(out, r.dims.as_deref());
        }
        Record::Incident(r) => {
            period(out, r.period);
            out.extend(r.year.to_le_bytes());
            code(out, r.place);
            text(out, r.route.as_deref());
            code(out, r.origin);
            text(out, Some(r.cause.as_str()));
            text(out, Some(r.setting.as_str()));
            code(out, r.cell);
            let signed = [r.missing, r.total].map(|n| n.map(i64::from));
            let [missing, total] = signed;
            for count in [r.dead.map(i64::from), missing, total, Some(r.incidents.into())] {
                out.push(count.is_some().into());
                // Four bytes, as before there were counts below zero: older records keep their hash.
                out.extend(&count.unwrap_or_default().to_le_bytes()[..4]);
            }
            id(out, r.id.as_deref());
        }
        Record::Event(r) => {
            period(out, Some(r.period));
            code(out, Some(r.place));
            text(out, r.area.as_deref());
            text(out, Some(r.violence.as_str()));
            out.push(r.precision);
            for count in [r.best, r.low, r.high, r.civilians, r.events] {
                out.extend(count.to_le_bytes());
            }
            id(out, r.id.as_deref());
        }
        Record::Area(r) => {
            code(out, Some(r.code));
            code(out, Some(r.country));
            out.push(r.level);
            text(out, Some(&r.name));
            code(out, r.parent);
            period(out, r.valid_from);
            for ring in r.shape.iter().flat_map(|s| s.iter()).flatten() {
                out.extend((ring.len() as u32).to_le_bytes());
                for number in ring.iter().flatten() {
                    out.extend(number.to_le_bytes());
                }
            }
        }
    }
    let Locator { part, row, column } = record.locator();
    // Only observations keep their column: the other kinds are the whole row, and come back without one.
    let column = if matches!(record, Record::Observation(_)) { column } else { 0 };
    out.extend(part.to_le_bytes());
    out.extend(row.to_le_bytes());
    out.extend(column.to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: Option<&str>) {
    out.extend(text.map_or(u32::MAX, |t| t.len() as u32).to_le_bytes());
    out.extend(text.unwrap_or_default().bytes());
}

/// A publisher's id; nothing at all where there is none, as in records from before ids were kept.
fn id(out: &mut Vec<u8>, id: Option<&str>) {
    if id.is_some() {
        text(out, id);
    }
}

fn code(out: &mut Vec<u8>, code: Option<Code>) {
    text(out, code.as_ref().map(Code::as_str));
}

fn period(out: &mut Vec<u8>, period: Option<Period>) {
    let parts = period.map_or((0, 0, 0), |p| (p.year(), p.month().unwrap_or(0), p.day().unwrap_or(0)));
    out.extend(parts.0.to_le_bytes());
    out.push(parts.1 as u8);
    out.push(parts.2 as u8);
}
