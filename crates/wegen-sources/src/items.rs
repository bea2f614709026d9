//! The rows of a JSON document, an item at a time from a file of any size, within limits.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt,
    io::{self, Read},
    marker::PhantomData,
};

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Map, Value};

use crate::{
    File, MAX_WHOLE, SourceError,
    file::FileReader,
    lines::{MAX_CELL, MAX_COLUMNS, MAX_ROW, text_of},
};

/// How many bytes are read at a time.
const PIECE: usize = 1 << 16;

/// How many items are looked at to tell what a file is.
const HEAD: u64 = 8;

/// An item of an array.
pub(crate) enum Item {
    /// An object.
    Object(Map<String, Value>),
    /// Something else, by its kind.
    Other(&'static str),
}

/// What stands at a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// An array, whose items have been seen.
    Array,
    /// Null.
    Null,
    /// Nothing, or something else.
    Neither,
}

/// What an item can be read as.
pub(crate) trait FromItem: Sized {
    /// How many bytes an item has at most.
    const LONGEST: usize;
    /// What the array is of, for messages.
    const EXPECTED: &'static str;

    fn read<'de, D: Deserializer<'de>>(walk: &Walk<'_>, deserializer: D) -> Result<Self, D::Error>;
}

impl FromItem for Item {
    const LONGEST: usize = MAX_ROW;
    const EXPECTED: &'static str = "an array of objects";

    fn read<'de, D: Deserializer<'de>>(walk: &Walk<'_>, deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(ReadItem { walk })
    }
}

/// Calls `each` for every item of the array at `pointer`, in order; answers with what was found there, and of what
/// kind the document is.
///
/// # Errors
/// Those of `each`; text that is no JSON; an item beyond the limits.
pub(crate) fn items<T: FromItem>(
    file: &File,
    pointer: &str,
    each: &mut dyn FnMut(u32, T) -> Result<(), SourceError>,
) -> Result<(Found, &'static str), SourceError> {
    let path: Vec<&str> = pointer.split('/').skip(1).collect();
    let walk = Walk::new(file, pointer, T::LONGEST, T::EXPECTED);
    let document = Cell::new("nothing");
    let each = RefCell::new(each);
    walk.through(file, |deserializer| {
        At { walk: &walk, path: &path, each: &each, kind: Some(&document) }.deserialize(&mut *deserializer)
    })?;
    Ok((walk.found.get(), document.get()))
}

/// The beginning of a document: its members and the first items of its arrays, some levels deep.
pub(crate) struct Outline {
    /// What is there, arrays cut short.
    pub(crate) value: Value,
    /// How many items each of the outermost arrays has, by its pointer.
    pub(crate) lengths: BTreeMap<String, u64>,
}

/// How deep an outline goes, and how many values it holds at most.
const DEPTH: usize = 5;
const OUTLINED: usize = 10_000;

/// What a document says beside its rows, which is read through to its end.
///
/// # Errors
/// Text that is no JSON; an item or member beyond the limits.
pub(crate) fn outline(file: &File) -> Result<Outline, SourceError> {
    let walk = Walk::new(file, "", MAX_WHOLE as usize, "a JSON document");
    let kept = Cell::new(0);
    let lengths = RefCell::default();
    let mut value = Value::Null;
    walk.through(file, |deserializer| {
        let top = Sketch { walk: &walk, depth: 0, path: String::new(), kept: &kept, lengths: &lengths };
        value = top.deserialize(&mut *deserializer)?;
        Ok(())
    })?;
    Ok(Outline { value, lengths: lengths.into_inner() })
}

/// Reads a value as far as an outline needs it.
struct Sketch<'a> {
    walk: &'a Walk<'a>,
    depth: usize,
    path: String,
    kept: &'a Cell<usize>,
    lengths: &'a RefCell<BTreeMap<String, u64>>,
}

impl Sketch<'_> {
    fn below(&self, name: &str) -> Sketch<'_> {
        let path = if self.depth == 0 { format!("/{name}") } else { String::new() };
        Sketch { depth: self.depth + 1, path, ..*self }
    }

    /// Whether one more value is kept.
    fn keeps(&self) -> bool {
        self.kept.set(self.kept.get() + 1);
        self.kept.get() <= OUTLINED && self.depth < DEPTH
    }
}

impl<'de> DeserializeSeed<'de> for Sketch<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.keeps() {
            true => deserializer.deserialize_any(self),
            false => IgnoredAny::deserialize(deserializer).map(|_| Value::Null),
        }
    }
}

impl<'de> Visitor<'de> for Sketch<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut first = Vec::new();
        let mut count = 0;
        loop {
            self.walk.begin();
            if count < 2 {
                let Some(item) = seq.next_element_seed(self.below(&count.to_string()))? else { break };
                first.push(item);
            } else if seq.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
            count += 1;
        }
        if self.depth < 2 {
            self.lengths.borrow_mut().insert(self.path, count);
        }
        Ok(Value::Array(first))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        self.walk.begin();
        while let Some(key) = map.next_key::<String>()? {
            self.walk.begin();
            let value = map.next_value_seed(self.below(&key))?;
            if self.kept.get() <= OUTLINED {
                members.insert(key, value);
            }
            self.walk.begin();
        }
        Ok(Value::Object(members))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        // A long text is none of what a document says about itself.
        Ok(text.get(..2000).unwrap_or(text).into())
    }
}

/// Why reading ended before the end of the document.
enum Stop {
    Wrong(Box<SourceError>),
    Enough,
}

/// Where in a document we are.
pub(crate) struct Walk<'a> {
    /// How many bytes were read, and how many may be for what is read now.
    read: Cell<u64>,
    until: Cell<u64>,
    longest: u64,
    /// How long what is read now may be.
    allowed: Cell<u64>,
    expected: &'static str,
    beyond: Cell<bool>,
    /// The item and the member that are being read.
    index: Cell<Option<u32>>,
    member: RefCell<String>,
    stopped: RefCell<Option<Stop>>,
    found: Cell<Found>,
    head_only: bool,
    pointer: &'a str,
    file: &'a str,
}

type Deserialiser<'w, 'a> = serde_json::Deserializer<serde_json::de::IoRead<Metered<'w, 'a>>>;

impl<'a> Walk<'a> {
    fn new(file: &'a File, pointer: &'a str, longest: usize, expected: &'static str) -> Walk<'a> {
        Walk {
            read: Cell::new(0),
            longest: longest as u64,
            allowed: Cell::new(longest as u64),
            expected,
            until: Cell::new(longest as u64),
            beyond: Cell::new(false),
            index: Cell::new(None),
            member: RefCell::default(),
            stopped: RefCell::default(),
            found: Cell::new(Found::Neither),
            head_only: file.head_only,
            pointer,
            file: &file.name,
        }
    }

    /// Goes through a document from its beginning to its end.
    fn through<'w>(
        &'w self,
        file: &File,
        read: impl FnOnce(&mut Deserialiser<'w, 'a>) -> serde_json::Result<()>,
    ) -> Result<(), SourceError> {
        let text = text_of(file).map_err(SourceError::io(&file.name))?;
        let mut deserializer = serde_json::Deserializer::from_reader(Metered::new(text, self));
        let outcome = read(&mut deserializer).and_then(|()| deserializer.end());
        match (self.stopped.take(), outcome) {
            (Some(Stop::Wrong(error)), _) => Err(*error),
            (Some(Stop::Enough), _) | (None, Ok(())) => Ok(()),
            (None, Err(_)) if self.beyond.get() => Err(self.too_long()),
            (None, Err(e)) if e.is_io() => Err(SourceError::io(&file.name)(e.into())),
            (None, Err(e)) if e.is_data() => {
                Err(SourceError::malformed(&file.name, self.place(), e, self.expected))
            }
            (None, Err(e)) => {
                let place = format!("line {}", e.line());
                Err(SourceError::malformed(&file.name, place, e, "a JSON document"))
            }
        }
    }

    /// Something new begins, which may be as long as a row.
    pub(crate) fn begin(&self) {
        self.at_most(self.longest as usize);
    }

    /// What begins has at most so many bytes.
    pub(crate) fn at_most(&self, bytes: usize) {
        self.allowed.set(bytes as u64);
        self.until.set(self.read.get() + bytes as u64);
    }

    fn stop<E: de::Error>(&self, why: Stop) -> E {
        *self.stopped.borrow_mut() = Some(why);
        E::custom("stopped")
    }

    fn place(&self) -> String {
        match self.index.get() {
            Some(index) => format!("item {index}"),
            None if self.pointer.is_empty() => "the document".into(),
            None => format!("beside {}", self.pointer),
        }
    }

    fn too_long(&self) -> SourceError {
        let (found, expected) = match self.index.get() {
            Some(_) => ("in one item", "an item that ends before that"),
            None => ("in one member", "a member that ends before that"),
        };
        let found = format!("more than {} MiB {found}", self.allowed.get() >> 20);
        match self.member.borrow().as_str() {
            "" => SourceError::malformed(self.file, self.place(), found, expected),
            member => self.cell(member, found, expected),
        }
    }

    fn cell(&self, member: &str, found: String, expected: &str) -> SourceError {
        SourceError::Cell {
            file: self.file.to_owned(),
            place: self.place(),
            column: member.chars().take(100).collect(),
            found,
            expected: expected.to_owned(),
        }
    }
}

type Each<'e, T> = RefCell<&'e mut dyn FnMut(u32, T) -> Result<(), SourceError>>;

/// Goes down a pointer.
struct At<'a, 'e, T> {
    walk: &'a Walk<'a>,
    path: &'a [&'a str],
    each: &'a Each<'e, T>,
    /// Where to write what kind of value this is.
    kind: Option<&'a Cell<&'static str>>,
}

impl<T> At<'_, '_, T> {
    fn is<E>(&self, kind: &'static str) -> Result<(), E> {
        if let Some(document) = self.kind {
            document.set(kind);
        }
        Ok(())
    }
}

impl<'de, T: FromItem> DeserializeSeed<'de> for At<'_, '_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: FromItem> Visitor<'de> for At<'_, '_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.is::<A::Error>("an array")?;
        let walk = self.walk;
        let Some((first, rest)) = self.path.split_first() else {
            walk.found.set(Found::Array);
            for index in 0.. {
                walk.begin();
                walk.member.borrow_mut().clear();
                walk.index.set(Some(index));
                if walk.head_only && u64::from(index) == HEAD {
                    return Err(walk.stop(Stop::Enough));
                }
                let Some(item) = seq.next_element_seed(Next { walk, of: PhantomData::<T> })? else { break };
                if let Err(error) = (self.each.borrow_mut())(index, item) {
                    return Err(walk.stop(Stop::Wrong(Box::new(error))));
                }
            }
            walk.index.set(None);
            return Ok(());
        };
        let wanted: Option<usize> = first.parse().ok();
        for index in 0.. {
            walk.begin();
            let more = if wanted == Some(index) {
                seq.next_element_seed(At { walk, path: rest, each: self.each, kind: None })?.is_some()
            } else {
                seq.next_element::<IgnoredAny>()?.is_some()
            };
            if !more {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.is::<A::Error>("an object")?;
        let walk = self.walk;
        let mut met = false;
        walk.begin();
        while let Some(key) = map.next_key::<String>()? {
            walk.begin();
            match self.path.split_first() {
                Some((first, rest)) if *first == key => {
                    if std::mem::replace(&mut met, true) {
                        let found = format!("the member `{key}` twice");
                        let error =
                            SourceError::malformed(walk.file, "the document", found, "each member once");
                        return Err(walk.stop(Stop::Wrong(Box::new(error))));
                    }
                    map.next_value_seed(At { walk, path: rest, each: self.each, kind: None })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            walk.begin();
        }
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        if self.path.is_empty() {
            self.walk.found.set(Found::Null);
        }
        self.is("null")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        self.is("a truth value")
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        self.is("a number")
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        self.is("a number")
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        self.is("a number")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        self.is("a text")
    }
}

/// Reads the next item.
struct Next<'a, T> {
    walk: &'a Walk<'a>,
    of: PhantomData<T>,
}

impl<'de, T: FromItem> DeserializeSeed<'de> for Next<'_, T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(self.walk, deserializer)
    }
}

/// Reads an item, member by member.
struct ReadItem<'a> {
    walk: &'a Walk<'a>,
}

impl<'de> Visitor<'de> for ReadItem<'_> {
    type Value = Item;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Item, A::Error> {
        let walk = self.walk;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            walk.member.borrow_mut().clone_from(&key);
            let value: Value = map.next_value()?;
            if value.as_str().is_some_and(|text| text.len() > MAX_CELL) {
                let found = format!("more than {} MiB of text", MAX_CELL >> 20);
                let error = walk.cell(&key, found, &format!("at most {} MiB in a member", MAX_CELL >> 20));
                return Err(walk.stop(Stop::Wrong(Box::new(error))));
            }
            if object.len() == MAX_COLUMNS && !object.contains_key(&key) {
                let found = format!("more than {MAX_COLUMNS} members");
                let error = walk.cell(&key, found, &format!("at most {MAX_COLUMNS} in an item"));
                return Err(walk.stop(Stop::Wrong(Box::new(error))));
            }
            object.insert(key, value);
        }
        Ok(Item::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Item, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Item::Other("an array"))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Item, E> {
        Ok(Item::Other("null"))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Item, E> {
        Ok(Item::Other("a truth value"))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Item, E> {
        Ok(Item::Other("a number"))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Item, E> {
        Ok(Item::Other("a number"))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Item, E> {
        Ok(Item::Other("a number"))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Item, E> {
        Ok(Item::Other("a text"))
    }
}

/// A reader that stops where what is being read is too long; the bytes of a piece are given out one by one.
struct Metered<'w, 'a> {
    source: FileReader,
    walk: &'w Walk<'a>,
    block: Vec<u8>,
    at: usize,
    filled: usize,
}

impl<'w, 'a> Metered<'w, 'a> {
    fn new(source: FileReader, walk: &'w Walk<'a>) -> Metered<'w, 'a> {
        Metered { source, walk, block: vec![0; PIECE], at: 0, filled: 0 }
    }
}

impl Read for Metered<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.filled {
            if self.walk.read.get() > self.walk.until.get() {
                self.walk.beyond.set(true);
                return Err(io::Error::other("an item that is too long"));
            }
            self.filled = self.source.read(&mut self.block)?;
            self.at = 0;
            self.walk.read.set(self.walk.read.get() + self.filled as u64);
        }
        let count = buffer.len().min(self.filled - self.at);
        buffer[..count].copy_from_slice(&self.block[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
