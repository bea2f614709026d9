//! Records on their way into the ledger: however many there are, a bounded part of them is in memory.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashMap},
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use wegen_model::{Code, IndicatorId, Locator, Observation, Period, Record, Status};

use crate::{LedgerError, spill};

/// How many bytes of records are held before they go to a temporary file.
const HELD: usize = 64 << 20;

/// How many bytes of a run are read at once.
const BLOCK: usize = 1 << 16;

/// Records in the order in which a ledger keeps and numbers them.
///
/// What does not fit in 64 MB goes, in sorted runs, to a temporary file that disappears with the collection, also when
/// the program ends early; [`Records::iter`] merges the runs. Records that are alike in all that the order regards stay
/// in the order in which they were pushed.
///
/// ```
/// use wegen_ledger::Records;
///
/// # fn main() -> Result<(), wegen_ledger::LedgerError> {
/// let mut records = Records::default();
/// # let found: Vec<wegen_model::Record> = Vec::new();
/// for record in found {
///     records.push(record)?;
/// }
/// for record in &records {
///     println!("{:?}", record?.locator());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Records {
    held: Held,
    spilled: Option<Arc<Mutex<File>>>,
    runs: Vec<Run>,
    count: u64,
    limit: Option<usize>,
    ordered: OnceLock<Vec<u32>>,
    slice: OnceLock<Vec<Record>>,
}

/// A sorted run in the temporary file.
#[derive(Debug, Clone, Copy)]
struct Run {
    from: u64,
    to: u64,
}

/// What is in memory.
#[derive(Debug, Clone, Default)]
struct Held {
    observations: Vec<Packed>,
    codes: Codes,
    dims: Vec<Arc<str>>,
    known_dims: HashMap<Arc<str>, u32>,
    bounds: Vec<(f64, f64)>,
    others: Vec<Record>,
    /// Bytes outside the observations.
    bytes: usize,
    /// Whether an observation stands before one that was pushed before it.
    unordered: bool,
}

/// An observation in 48 bytes, a third of [`Record`]; the numbers of texts and bounds count from 1, 0 is none.
#[derive(Debug, Clone, Copy)]
struct Packed {
    value: f64,
    place: u32,
    counterpart: u32,
    dims: u32,
    bounds: u32,
    part: u32,
    row: u32,
    column: u16,
    indicator: IndicatorId,
    period: Period,
    status: Status,
}

/// Codes, each numbered once, from 1.
#[derive(Debug, Clone, Default)]
struct Codes {
    all: Vec<Code>,
    known: HashMap<Code, u32>,
    /// The last codes that were asked for, by a hash of theirs: saves most look-ups.
    recent: Vec<(Option<Code>, u32)>,
}

impl Codes {
    fn number(&mut self, code: Code) -> u32 {
        if self.recent.is_empty() {
            self.recent = vec![(None, 0); 1024];
        }
        let place = slot(code);
        if self.recent[place].0 == Some(code) {
            return self.recent[place].1;
        }
        let next = self.all.len() as u32 + 1;
        let number = *self.known.entry(code).or_insert(next);
        if number == next {
            self.all.push(code);
        }
        self.recent[place] = (Some(code), number);
        number
    }

    fn get(&self, number: u32) -> Option<Code> {
        self.all.get((number as usize).wrapping_sub(1)).copied()
    }
}

/// A place among 1024: codes that share one are looked up the slow way, and found as well.
pub(crate) fn slot(code: Code) -> usize {
    let mix = |h: u32, b: &u8| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193);
    let hash = code.as_bytes().iter().fold(0x811c_9dc5_u32, mix);
    ((hash >> 10) ^ hash) as usize & 1023
}

impl Records {
    /// One more.
    ///
    /// # Errors
    /// A temporary file that cannot be written.
    pub fn push(&mut self, record: Record) -> Result<(), LedgerError> {
        self.keep(record);
        if self.held.size() >= self.limit.unwrap_or(HELD) {
            self.spill()?;
        }
        Ok(())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All records, in the order of the ledger; as often as it is asked.
    pub fn iter(&self) -> Iter<'_> {
        let mut iter =
            Iter { held: self.in_memory(), runs: Vec::new(), heap: BinaryHeap::new(), failed: None };
        if let Some(file) = &self.spilled {
            iter.runs = self.runs.iter().map(|run| Reader::new(file, *run)).collect();
            for run in 0..=iter.runs.len() {
                if let Err(error) = iter.refill(run) {
                    iter.failed = Some(error);
                    break;
                }
            }
        }
        iter
    }

    /// All records in memory, in the order of the ledger: for few of them, and for tests.
    ///
    /// # Errors
    /// A temporary file that cannot be read.
    pub fn to_vec(&self) -> Result<Vec<Record>, LedgerError> {
        self.iter().collect()
    }

    /// As [`Records::to_vec`]; they stay in memory as long as the collection.
    ///
    /// # Errors
    /// A temporary file that cannot be read.
    pub fn as_slice(&self) -> Result<&[Record], LedgerError> {
        if let Some(held) = self.slice.get() {
            return Ok(held);
        }
        let all = self.to_vec()?;
        Ok(self.slice.get_or_init(|| all))
    }

    /// As [`Records::default`], with another limit on what is held in memory.
    #[cfg(test)]
    fn with_limit(limit: usize) -> Records {
        Records { limit: Some(limit), ..Records::default() }
    }

    fn keep(&mut self, record: Record) {
        self.ordered.take();
        self.slice.take();
        self.count += 1;
        self.held.push(record);
    }

    fn in_memory(&self) -> InMemory<'_> {
        let order = self.ordered.get_or_init(|| self.held.order());
        InMemory { held: &self.held, order, next: 0, gathered: Vec::with_capacity(GATHERED) }
    }

    fn spill(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::io(std::env::temp_dir());
        let file = match &self.spilled {
            Some(file) => file.clone(),
            None => {
                let file = Arc::new(Mutex::new(tempfile::tempfile().map_err(failed())?));
                self.spilled = Some(file.clone());
                file
            }
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let from = file.seek(SeekFrom::End(0)).map_err(failed())?;
        let mut to = from;
        let mut buffer = Vec::with_capacity(2 * BLOCK);
        for record in self.in_memory() {
            spill::write(&record, &mut buffer);
            if buffer.len() >= BLOCK {
                file.write_all(&buffer).map_err(failed())?;
                to += buffer.len() as u64;
                buffer.clear();
            }
        }
        file.write_all(&buffer).map_err(failed())?;
        to += buffer.len() as u64;
        self.runs.push(Run { from, to });
        self.held = Held::default();
        self.ordered.take();
        Ok(())
    }
}

impl From<Vec<Record>> for Records {
    /// They are in memory already, and stay there.
    fn from(all: Vec<Record>) -> Records {
        let mut records = Records::default();
        all.into_iter().for_each(|record| records.keep(record));
        records
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = Result<Record, LedgerError>;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl Held {
    fn size(&self) -> usize {
        self.observations.len() * size_of::<Packed>() + self.codes.all.len() * 100 + self.bytes
    }

    fn push(&mut self, record: Record) {
        let Record::Observation(o) = record else {
            self.bytes += spill::size(&record);
            self.others.push(record);
            return;
        };
        let dims = match o.dims {
            None => 0,
            Some(dims) => self.dims(dims),
        };
        let bounds = o.bounds.map_or(0, |bounds| {
            self.bytes += size_of::<(f64, f64)>();
            self.bounds.push(bounds);
            self.bounds.len() as u32
        });
        let at = o.locator;
        self.unordered |= self
            .observations
            .last()
            .is_some_and(|l| (l.part, l.row, l.column) > (at.part, at.row, at.column));
        self.observations.push(Packed {
            value: o.value,
            place: self.codes.number(o.place),
            counterpart: o.counterpart.map_or(0, |code| self.codes.number(code)),
            dims,
            bounds,
            part: o.locator.part,
            row: o.locator.row,
            column: o.locator.column,
            indicator: o.indicator,
            period: o.period,
            status: o.status,
        });
    }

    fn dims(&mut self, dims: Arc<str>) -> u32 {
        if let Some(&number) = self.known_dims.get(&dims) {
            return number;
        }
        let number = self.dims.len() as u32 + 1;
        self.bytes += dims.len() + 100;
        self.dims.push(dims.clone());
        self.known_dims.insert(dims, number);
        number
    }

    fn observation(&self, of: &Packed) -> Observation {
        let bounds = (of.bounds as usize).checked_sub(1).and_then(|i| self.bounds.get(i)).copied();
        Observation {
            indicator: of.indicator,
            place: self.codes.get(of.place).unwrap_or(Code::UNKNOWN),
            counterpart: self.codes.get(of.counterpart),
            period: of.period,
            value: of.value,
            bounds,
            status: of.status,
            dims: (of.dims as usize).checked_sub(1).and_then(|i| self.dims.get(i)).cloned(),
            locator: Locator { part: of.part, row: of.row, column: of.column },
        }
    }

    /// The numbers of the observations, and then of the others, in the order of the ledger.
    fn order(&self) -> Vec<u32> {
        let mut ranks = vec![0u32; self.codes.all.len() + 1];
        let mut by_text: Vec<u32> = (0..self.codes.all.len() as u32).collect();
        by_text.sort_unstable_by_key(|&i| self.codes.all[i as usize]);
        for (rank, code) in by_text.into_iter().enumerate() {
            ranks[code as usize + 1] = rank as u32 + 1;
        }
        let rank = |code: u32| u128::from(ranks[code as usize]);
        // All that is compared first stands in one number, followed by the place of the observation. No 2²⁴ codes fit
        // in what is held.
        let mut keys: Vec<u128> = Vec::with_capacity(self.observations.len());
        for (i, o) in self.observations.iter().enumerate() {
            let (month, day) = (o.period.month().unwrap_or(0), o.period.day().unwrap_or(0));
            let period = (o.period.year() as u128) << 9 | (month as u128) << 5 | day as u128;
            let key = u128::from(o.indicator.number()) << 72
                | rank(o.place) << 48
                | period << 24
                | rank(o.counterpart);
            keys.push(key << 32 | i as u128);
        }
        if self.unordered {
            let at = |key: u128| {
                let o = &self.observations[key as u32 as usize];
                (o.part, o.row, o.column)
            };
            keys.sort_unstable_by(|a, b| {
                (a >> 32).cmp(&(b >> 32)).then_with(|| at(*a).cmp(&at(*b))).then(a.cmp(b))
            });
        } else {
            keys.sort_unstable();
        }
        let mut order: Vec<u32> = keys.into_iter().map(|key| key as u32).collect();
        let mut others: Vec<u32> = (0..self.others.len() as u32).collect();
        others.sort_by(|&a, &b| compare(&self.others[a as usize], &self.others[b as usize]));
        order.extend(others);
        order
    }
}

/// The order in which records are kept and numbered: that of the indexes, so that these only ever grow at
/// their end, and independent of the order a parser found them in.
fn compare(a: &Record, b: &Record) -> Ordering {
    match (a, b) {
        (Record::Observation(a), Record::Observation(b)) => (
            a.indicator,
            a.place,
            a.period,
            a.counterpart,
            a.locator,
        )
            .cmp(&(b.indicator, b.place, b.period, b.counterpart, b.locator)),
        (Record::Incident(a), Record::Incident(b)) => {
            (a.year, a.period, a.locator).cmp(&(b.year, b.period, b.locator))
        }
        (Record::Event(a), Record::Event(b)) => {
            (a.place, a.period, a.locator).cmp(&(b.place, b.period, b.locator))
        }
        (Record::Area(a), Record::Area(b)) => {
            (a.country, a.level, a.code, a.locator).cmp(&(b.country, b.level, b.code, b.locator))
        }
        (a, b) => a.kind().cmp(&b.kind()),
    }
}

/// How many observations are gathered from where they lie: one after the other, each would be waited for.
const GATHERED: usize = 64;

/// What is in memory, in order.
#[derive(Debug)]
struct InMemory<'a> {
    held: &'a Held,
    order: &'a [u32],
    next: usize,
    /// The next observations, the last first.
    gathered: Vec<Packed>,
}

impl Iterator for InMemory<'_> {
    type Item = Record;
    fn next(&mut self) -> Option<Record> {
        let observed = &self.held.observations;
        if self.next < observed.len() {
            if self.gathered.is_empty() {
                let to = observed.len().min(self.next + GATHERED);
                self.gathered.extend(self.order[self.next..to].iter().rev().map(|&at| observed[at as usize]));
            }
            self.next += 1;
            return self.gathered.pop().map(|packed| Record::Observation(self.held.observation(&packed)));
        }
        let at = *self.order.get(self.next)?;
        self.next += 1;
        self.held.others.get(at as usize).cloned()
    }
}

/// A run, read block by block.
#[derive(Debug)]
struct Reader<'a> {
    file: &'a Mutex<File>,
    next: u64,
    to: u64,
    buffer: Vec<u8>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(file: &'a Mutex<File>, run: Run) -> Reader<'a> {
        Reader { file, next: run.from, to: run.to, buffer: Vec::new(), at: 0 }
    }

    fn next(&mut self) -> Result<Option<Record>, LedgerError> {
        loop {
            let mut rest = &self.buffer[self.at..];
            if let Some(record) = spill::read(&mut rest)? {
                self.at = self.buffer.len() - rest.len();
                return Ok(Some(record));
            }
            if self.next == self.to {
                return match self.at == self.buffer.len() {
                    true => Ok(None),
                    false => Err(LedgerError::Damaged("a temporary file ends within a record".into())),
                };
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            let failed = || LedgerError::io(std::env::temp_dir());
            // A record longer than a block doubles what is read, so that it is not read again and again.
            let more = (self.to - self.next).min(BLOCK.max(self.buffer.len()) as u64);
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.next)).map_err(failed())?;
            let held = self.buffer.len();
            self.buffer.resize(held + more as usize, 0);
            file.read_exact(&mut self.buffer[held..]).map_err(failed())?;
            self.next += more;
        }
    }
}

/// Records in order: see [`Records::iter`].
#[derive(Debug)]
pub struct Iter<'a> {
    held: InMemory<'a>,
    runs: Vec<Reader<'a>>,
    heap: BinaryHeap<First>,
    failed: Option<LedgerError>,
}

/// The first record of a run; the least is the greatest, as a heap gives that first.
#[derive(Debug)]
struct First {
    record: Record,
    run: usize,
}

impl Ord for First {
    fn cmp(&self, other: &First) -> Ordering {
        compare(&other.record, &self.record).then(other.run.cmp(&self.run))
    }
}

impl PartialOrd for First {
    fn partial_cmp(&self, other: &First) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for First {
    fn eq(&self, other: &First) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for First {}

impl Iter<'_> {
    /// Takes the next record of a run; what is in memory is the last run.
    fn refill(&mut self, run: usize) -> Result<(), LedgerError> {
        let next = match self.runs.get_mut(run) {
            Some(reader) => reader.next()?,
            None => self.held.next(),
        };
        self.heap.extend(next.map(|record| First { record, run }));
        Ok(())
    }
}

impl Iterator for Iter<'_> {
    type Item = Result<Record, LedgerError>;
    fn next(&mut self) -> Option<Result<Record, LedgerError>> {
        if let Some(error) = self.failed.take() {
            self.heap.clear();
            return Some(Err(error));
        }
        if self.runs.is_empty() {
            return self.held.next().map(Ok);
        }
        let First { record, run } = self.heap.pop()?;
        if let Err(error) = self.refill(run) {
            self.failed = Some(error);
        }
        Some(Ok(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wegen_model::{Area, Event, Violence, indicators};

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    /// Records of three kinds, in an order that is none, with what repeats and what does not.
    fn made_up(count: u32) -> Vec<Record> {
        let ids = ["refugees", "asylum-seekers", "idps"].map(|id| indicators().get(id));
        let mut state = 7u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        let mut all = Vec::new();
        for n in 0..count {
            let place = code(["SYR", "MLI", "AFG", "SDN", "UKR"][next(5) as usize]);
            let period = Period::from_parts(1990 + next(30) as i16, next(13) as i8, 0).unwrap();
            let locator = Locator { part: 0, row: next(50), column: next(3) as u16 };
            all.push(match next(4) {
                0 => Record::Event(Event {
                    id: (n % 3 == 0).then(|| n.to_string().into()),
                    period,
                    place,
                    area: Some("a".repeat(next(40) as usize).into()),
                    violence: Violence::OneSided,
                    precision: 1,
                    best: n,
                    low: 0,
                    high: u32::MAX,
                    civilians: 2,
                    events: 1,
                    locator,
                }),
                1 if n % 5 == 0 => Record::Area(Area {
                    code: code(&format!("SY{n}")),
                    country: place,
                    level: 2,
                    name: "Имя".into(),
                    parent: None,
                    valid_from: Some(period),
                    shape: Some(Arc::new(vec![vec![vec![[1.5, -2.0]; next(9) as usize]; 2], vec![]])),
                    locator,
                }),
                _ => Record::Observation(Observation {
                    indicator: ids[next(3) as usize].unwrap(),
                    place,
                    counterpart: (next(4) > 0).then(|| code(["NLD", "DEU", "TUR"][n as usize % 3])),
                    period,
                    value: f64::from(n),
                    bounds: (next(5) == 0).then_some((f64::from(n) - 1.0, f64::from(n) + 1.0)),
                    status: [Status::Normal, Status::Estimated, Status::Break][n as usize % 3],
                    dims: (next(3) == 0).then(|| format!("level={}", next(400)).into()),
                    locator,
                }),
            });
        }
        all
    }

    #[test]
    fn what_is_spilled_comes_back_in_the_order_of_a_stable_sort() {
        for limit in [1, 300, 9_000, 60_000, usize::MAX] {
            let all = made_up(3_000);
            let mut records = Records::with_limit(limit);
            for record in &all {
                records.push(record.clone()).unwrap();
            }
            let mut sorted = all;
            sorted.sort_by(compare);
            assert_eq!(records.len(), 3_000);
            assert_eq!(records.runs.is_empty(), limit == usize::MAX, "{limit}");
            // Twice, and of a copy that goes on for itself.
            assert!(records.to_vec().unwrap() == sorted, "{limit}");
            let mut copy = records.clone();
            copy.push(sorted[0].clone()).unwrap();
            assert!(records.as_slice().unwrap() == sorted, "{limit}");
            assert_eq!(copy.to_vec().unwrap().len(), 3_001);
        }
    }

    #[test]
    fn records_at_hand_are_in_the_same_order() {
        let all = made_up(500);
        let mut sorted = all.clone();
        sorted.sort_by(compare);
        assert!(Records::from(all).to_vec().unwrap() == sorted);
    }
}
