//! Records as bytes in a temporary file of this run: all of a record, for this build alone.

use std::{str::from_utf8, sync::Arc};

use wegen_model::{
    Area, CauseGroup, Code, Event, Incident, IndicatorId, Locator, Observation, Period, Record, Setting,
    Status, Violence,
};

use crate::LedgerError;

const SETTINGS: [Setting; 3] = [Setting::Sea, Setting::Land, Setting::Unknown];
const STATUSES: [Status; 4] = [Status::Normal, Status::Estimated, Status::Provisional, Status::Break];

/// About how many bytes a record takes in memory.
pub(crate) fn size(record: &Record) -> usize {
    let text = |t: &Option<Arc<str>>| t.as_ref().map_or(0, |t| t.len() + 32);
    size_of::<Record>()
        + match record {
            Record::Observation(r) => text(&r.dims),
            Record::Incident(r) => text(&r.id) + text(&r.route),
            Record::Event(r) => text(&r.id) + text(&r.area),
            Record::Area(r) => {
                let rings = r.shape.iter().flat_map(|s| s.iter()).flatten();
                r.name.len() + 32 + rings.map(|ring| 24 + 16 * ring.len()).sum::<usize>()
            }
        }
}

/// Appends a record, its length before it.
pub(crate) fn write(record: &Record, out: &mut Vec<u8>) {
    let from = out.len();
    out.extend([0; 4]);
    out.push(record.kind() as u8);
    let at = record.locator();
    number(out, at.part);
    number(out, at.row);
    out.extend(at.column.to_le_bytes());
    match record {
        Record::Observation(r) => {
            out.extend(r.indicator.number().to_le_bytes());
            code(out, Some(r.place));
            code(out, r.counterpart);
            period(out, Some(r.period));
            out.extend(r.value.to_le_bytes());
            out.push(r.bounds.is_some().into());
            if let Some((low, high)) = r.bounds {
                out.extend(low.to_le_bytes());
                out.extend(high.to_le_bytes());
            }
            out.push(r.status as u8);
            text(out, r.dims.as_deref());
        }
        Record::Incident(r) => {
            text(out, r.id.as_deref());
            period(out, r.period);
            out.extend(r.year.to_le_bytes());
            code(out, r.place);
            text(out, r.route.as_deref());
            code(out, r.origin);
            out.push(r.cause as u8);
            out.push(r.setting as u8);
            code(out, r.cell);
            for count in [r.dead.map(i64::from), r.missing.map(i64::from), r.total.map(i64::from)] {
                out.push(count.is_some().into());
                out.extend(count.unwrap_or_default().to_le_bytes());
            }
            number(out, r.incidents);
        }
        Record::Event(r) => {
            text(out, r.id.as_deref());
            period(out, Some(r.period));
            code(out, Some(r.place));
            text(out, r.area.as_deref());
            out.push(r.violence as u8);
            out.push(r.precision);
            for count in [r.best, r.low, r.high, r.civilians, r.events] {
                number(out, count);
            }
        }
        Record::Area(r) => {
            code(out, Some(r.code));
            code(out, Some(r.country));
            out.push(r.level);
            text(out, Some(&r.name));
            code(out, r.parent);
            period(out, r.valid_from);
            number(out, r.shape.as_ref().map_or(u32::MAX, |s| s.len() as u32));
            for polygon in r.shape.iter().flat_map(|s| s.iter()) {
                number(out, polygon.len() as u32);
                for ring in polygon {
                    number(out, ring.len() as u32);
                    for coordinate in ring.iter().flatten() {
                        out.extend(coordinate.to_le_bytes());
                    }
                }
            }
        }
    }
    let length = (out.len() - from - 4) as u32;
    out[from..from + 4].copy_from_slice(&length.to_le_bytes());
}

/// The first record of `bytes`, which then begin behind it; `None` where there is no whole one.
pub(crate) fn read(bytes: &mut &[u8]) -> Result<Option<Record>, LedgerError> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return Ok(None) };
    let Some((body, rest)) = rest.split_at_checked(u32::from_le_bytes(*length) as usize) else {
        return Ok(None);
    };
    let damaged = || LedgerError::Damaged("a temporary file does not hold what was written".into());
    let record = record(&mut Fields(body)).ok_or_else(damaged)?;
    *bytes = rest;
    Ok(Some(record))
}

fn number(out: &mut Vec<u8>, number: u32) {
    out.extend(number.to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: Option<&str>) {
    number(out, text.map_or(u32::MAX, |t| t.len() as u32));
    out.extend(text.unwrap_or_default().as_bytes());
}

fn code(out: &mut Vec<u8>, code: Option<Code>) {
    let bytes = code.as_ref().map_or(&[][..], Code::as_bytes);
    out.push(bytes.len() as u8);
    out.extend(bytes);
}

fn period(out: &mut Vec<u8>, period: Option<Period>) {
    let parts = period.map_or((0, 0, 0), |p| (p.year(), p.month().unwrap_or(0), p.day().unwrap_or(0)));
    out.extend((parts.0 as i16).to_le_bytes());
    out.push(parts.1 as u8);
    out.push(parts.2 as u8);
}

/// What is left of a record.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    fn number(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn float(&mut self) -> Option<f64> {
        self.array().map(f64::from_le_bytes)
    }

    fn count(&mut self) -> Option<Option<i64>> {
        let there = self.byte()? == 1;
        let count = i64::from_le_bytes(self.array()?);
        Some(there.then_some(count))
    }

    /// `N` bytes of a length that is not known beforehand.
    fn bytes(&mut self, length: usize) -> Option<&[u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<Option<Arc<str>>> {
        match self.number()? {
            u32::MAX => Some(None),
            length => from_utf8(self.bytes(length as usize)?).ok().map(|t| Some(t.into())),
        }
    }

    fn maybe_code(&mut self) -> Option<Option<Code>> {
        match self.byte()? {
            0 => Some(None),
            length => from_utf8(self.bytes(length.into())?).ok().and_then(|t| Code::new(t).ok()).map(Some),
        }
    }

    fn code(&mut self) -> Option<Code> {
        self.maybe_code()?
    }

    fn maybe_period(&mut self) -> Option<Option<Period>> {
        let (year, [month, day]) = (i16::from_le_bytes(self.array()?), self.array()?);
        match year {
            0 => Some(None),
            _ => Period::from_parts(year, month as i8, day as i8).map(Some),
        }
    }

    fn period(&mut self) -> Option<Period> {
        self.maybe_period()?
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        all.get(usize::from(self.byte()?)).copied()
    }
}

/// A length before what it counts: nobody reserves room for more than there are bytes.
fn list<T>(fields: &mut Fields<'_>, each: impl Fn(&mut Fields<'_>) -> Option<T>) -> Option<Vec<T>> {
    let length = fields.number()?;
    (0..length).map(|_| each(fields)).collect()
}

fn record(fields: &mut Fields<'_>) -> Option<Record> {
    let kind = fields.byte()?;
    let locator = Locator {
        part: fields.number()?,
        row: fields.number()?,
        column: u16::from_le_bytes(fields.array()?),
    };
    Some(match kind {
        0 => Record::Observation(Observation {
            indicator: IndicatorId::from_number(u16::from_le_bytes(fields.array()?))?,
            place: fields.code()?,
            counterpart: fields.maybe_code()?,
            period: fields.period()?,
            value: fields.float()?,
            bounds: match fields.byte()? {
                0 => None,
                _ => Some((fields.float()?, fields.float()?)),
            },
            status: fields.of(&STATUSES)?,
            dims: fields.text()?,
            locator,
        }),
        1 => Record::Incident(Incident {
            id: fields.text()?,
            period: fields.maybe_period()?,
            year: i32::from_le_bytes(fields.array()?),
            place: fields.maybe_code()?,
            route: fields.text()?,
            origin: fields.maybe_code()?,
            cause: fields.of(&CauseGroup::ALL)?,
            setting: fields.of(&SETTINGS)?,
            cell: fields.maybe_code()?,
            dead: fields.count()?.and_then(|n| n.try_into().ok()),
            missing: fields.count()?.and_then(|n| n.try_into().ok()),
            total: fields.count()?.and_then(|n| n.try_into().ok()),
            incidents: fields.number()?,
            locator,
        }),
        2 => Record::Event(Event {
            id: fields.text()?,
            period: fields.period()?,
            place: fields.code()?,
            area: fields.text()?,
            violence: fields.of(&Violence::ALL)?,
            precision: fields.byte()?,
            best: fields.number()?,
            low: fields.number()?,
            high: fields.number()?,
            civilians: fields.number()?,
            events: fields.number()?,
            locator,
        }),
        3 => Record::Area(Area {
            code: fields.code()?,
            country: fields.code()?,
            level: fields.byte()?,
            name: fields.text()??,
            parent: fields.maybe_code()?,
            valid_from: fields.maybe_period()?,
            shape: match fields.0.starts_with(&u32::MAX.to_le_bytes()) {
                true => None,
                false => Some(Arc::new(list(fields, |f| {
                    list(f, |f| list(f, |f| Some([f.float()?, f.float()?])))
                })?)),
            },
            locator,
        }),
        _ => return None,
    })
}
