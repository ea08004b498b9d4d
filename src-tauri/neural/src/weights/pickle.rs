//! Python's pickles as far as data goes (opcodes: `Lib/pickletools.py` of CPython).
//!
//! A pickle is a program: whatever function it names, Python calls. Here nothing is called. A name is
//! kept as a name when the reader of tensors knows it, and refused when not.

use std::collections::HashMap;

use crate::error::{Error, Result};

use super::source::Cursor;

/// Values in a pickle. Tensors take some thirty each; a hundred thousand of them fit.
const MOST_VALUES: usize = 1 << 22;

/// Where a value lies among [`Pickle::values`]. Values that hold others do so by place: however deep a
/// pickle nests, dropping it does not recurse.
pub(super) type Place = u32;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// None, bytes and fractions: what says nothing of tensors.
    Other,
    Bool(bool),
    Int(i64),
    Text(String),
    /// Lists and sets too.
    Tuple(Vec<Place>),
    Dict(Vec<(Place, Place)>),
    /// A class or function by its name, `torch.FloatStorage`.
    Global(String),
    /// What that function would give for these arguments.
    Call(Place, Place),
    /// What lies outside of the pickle, as its writer described it.
    Outside(Place),
}

/// What a pickle holds.
#[derive(Debug)]
pub(super) struct Pickle {
    values: Vec<Value>,
    top: Place,
}

impl Pickle {
    /// Reads one pickle, and leaves `cursor` behind it. `known` says which names it may hold.
    pub(super) fn read(cursor: &mut Cursor, known: fn(&str) -> bool) -> Result<Self> {
        let (values, stack, marks, memo) = (vec![Value::Other], vec![], vec![], HashMap::new());
        Machine { cursor, known, values, stack, marks, memo, copied: 0 }.run()
    }

    pub(super) fn top(&self) -> &Value {
        self.get(self.top)
    }

    pub(super) fn get(&self, place: Place) -> &Value {
        &self.values[place as usize]
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    /// The values of a tuple or list.
    pub(super) fn all<'a>(&'a self, value: &'a Value) -> Option<impl Iterator<Item = &'a Value>> {
        match value {
            Value::Tuple(places) => Some(places.iter().map(|&place| self.get(place))),
            _ => None,
        }
    }

    /// The value under a name in a dictionary.
    pub(super) fn under(&self, value: &Value, name: &str) -> Option<&Value> {
        let Value::Dict(pairs) = value else { return None };
        let is_name = |&place: &Place| matches!(self.get(place), Value::Text(text) if text == name);
        let (_, value) = pairs.iter().rev().find(|(key, _)| is_name(key))?;
        Some(self.get(*value))
    }
}

struct Machine<'a> {
    cursor: &'a mut Cursor,
    known: fn(&str) -> bool,
    values: Vec<Value>,
    stack: Vec<Place>,
    /// Heights of the stack where lists of arguments begin.
    marks: Vec<usize>,
    memo: HashMap<u32, Place>,
    /// Values that dictionaries took over from lists.
    copied: usize,
}

impl Machine<'_> {
    fn run(mut self) -> Result<Pickle> {
        loop {
            let opcode = self.cursor.u8()?;
            if opcode == b'.' {
                let top = self.pop()?;
                return Ok(Pickle { values: self.values, top });
            }
            self.step(opcode)?;
        }
    }

    fn step(&mut self, opcode: u8) -> Result<()> {
        match opcode {
            // PROTO and FRAME say nothing about values.
            0x80 => self.cursor.skip(1),
            0x95 => self.cursor.skip(8),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            b'0' => self.pop().map(drop),
            b'1' => self.since_mark().map(drop),
            b'2' => {
                let top = self.last()?;
                self.stack.push(top);
                Ok(())
            }
            b'N' => self.push(Value::Other),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'J' => {
                let number = i32::from_le_bytes(self.cursor.array()?);
                self.push(Value::Int(number.into()))
            }
            b'K' => {
                let number = self.cursor.u8()?;
                self.push(Value::Int(number.into()))
            }
            b'M' => {
                let number = self.cursor.u16()?;
                self.push(Value::Int(number.into()))
            }
            0x8a => {
                let count = self.cursor.u8()?;
                self.long(count.into())
            }
            0x8b => {
                let count = self.cursor.u32()?;
                self.long(count.into())
            }
            b'G' => {
                self.cursor.skip(8)?;
                self.push(Value::Other)
            }
            b'X' | b'T' => {
                let count = self.cursor.u32()?;
                self.text(count.into())
            }
            0x8c | b'U' => {
                let count = self.cursor.u8()?;
                self.text(count.into())
            }
            0x8d => {
                let count = self.cursor.u64()?;
                self.text(count)
            }
            b'B' => {
                let count = self.cursor.u32()?;
                self.blob(count.into())
            }
            b'C' => {
                let count = self.cursor.u8()?;
                self.blob(count.into())
            }
            0x8e | 0x96 => {
                let count = self.cursor.u64()?;
                self.blob(count)
            }
            b')' | b']' | 0x8f => self.push(Value::Tuple(Vec::new())),
            b'}' => self.push(Value::Dict(Vec::new())),
            b't' | b'l' | 0x91 => {
                let places = self.since_mark()?;
                self.push(Value::Tuple(places))
            }
            0x85..=0x87 => {
                let mut places = Vec::new();
                for _ in 0x85..=opcode {
                    places.push(self.pop()?);
                }
                places.reverse();
                self.push(Value::Tuple(places))
            }
            b'a' => {
                let place = self.pop()?;
                self.append(&[place])
            }
            b'e' | 0x90 => {
                let places = self.since_mark()?;
                self.append(&places)
            }
            b'd' => {
                let places = self.since_mark()?;
                self.push(Value::Dict(Vec::new()))?;
                self.set(&places)
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(&[key, value])
            }
            b'u' => {
                let places = self.since_mark()?;
                self.set(&places)
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(&module, &name)
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let text = |place: Place| match &self.values[place as usize] {
                    Value::Text(text) => Ok(text.clone()),
                    _ => Err(self.cursor.broken("a name in its pickle is no text")),
                };
                let (module, name) = (text(module)?, text(name)?);
                self.global(&module, &name)
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(&module, &name)?;
                let function = self.pop()?;
                let arguments = self.since_mark()?;
                self.push(Value::Tuple(arguments))?;
                let arguments = self.pop()?;
                self.call(function, arguments)
            }
            b'R' | 0x81 => {
                let (arguments, function) = (self.pop()?, self.pop()?);
                self.call(function, arguments)
            }
            // BUILD: what an object remembers besides what it was made of. Tensors and dictionaries
            // remember nothing that matters here.
            b'b' => self.pop().map(drop),
            // Protocol 0, which writes text. PyTorch never did; who hides code may.
            b'V' | b'S' => {
                let line = self.line()?;
                self.push(Value::Text(line))
            }
            b'I' | b'L' | b'F' => {
                let number = self.line()?.trim_end_matches('L').parse();
                self.push(number.map_or(Value::Other, Value::Int))
            }
            b'p' => {
                let key = self.key()?;
                self.remember(key)
            }
            b'g' => {
                let key = self.key()?;
                self.recall(key)
            }
            b'Q' => {
                let place = self.pop()?;
                self.push(Value::Outside(place))
            }
            b'q' => {
                let key = self.cursor.u8()?;
                self.remember(key.into())
            }
            b'r' => {
                let key = self.cursor.u32()?;
                self.remember(key)
            }
            0x94 => self.remember(self.memo.len() as u32),
            b'h' => {
                let key = self.cursor.u8()?;
                self.recall(key.into())
            }
            b'j' => {
                let key = self.cursor.u32()?;
                self.recall(key)
            }
            _ => Err(self.cursor.broken(format!("its pickle has the opcode {opcode:#04x}"))),
        }
    }

    fn push(&mut self, value: Value) -> Result<()> {
        if self.values.len() >= MOST_VALUES {
            return Err(self.too_many());
        }
        // Nothing but `Other` is the same wherever it stands.
        if value == Value::Other {
            self.stack.push(0);
            return Ok(());
        }
        self.stack.push(self.values.len() as Place);
        self.values.push(value);
        Ok(())
    }

    fn too_many(&self) -> Error {
        self.cursor.broken(format!("its pickle has over {MOST_VALUES} values"))
    }

    fn empty(&self) -> Error {
        self.cursor.broken("its pickle takes a value where there is none")
    }

    /// The height that arguments begin at, below which no opcode reaches.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn pop(&mut self) -> Result<Place> {
        if self.stack.len() <= self.floor() {
            return Err(self.empty());
        }
        self.stack.pop().ok_or_else(|| self.empty())
    }

    fn last(&self) -> Result<Place> {
        if self.stack.len() <= self.floor() {
            return Err(self.empty());
        }
        self.stack.last().copied().ok_or_else(|| self.empty())
    }

    fn since_mark(&mut self) -> Result<Vec<Place>> {
        let mark = self.marks.pop().ok_or_else(|| self.empty())?;
        Ok(self.stack.split_off(mark))
    }

    fn long(&mut self, count: u64) -> Result<()> {
        let bytes = self.cursor.bytes(count)?;
        // Sizes fit; numbers of any length, as seeds of generators are, say nothing of tensors.
        if bytes.len() > 8 {
            return self.push(Value::Other);
        }
        let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
        let mut number = [if negative { 0xff } else { 0 }; 8];
        number[..bytes.len()].copy_from_slice(&bytes);
        self.push(Value::Int(i64::from_le_bytes(number)))
    }

    fn text(&mut self, count: u64) -> Result<()> {
        let bytes = self.cursor.bytes(count)?;
        // Python's surrogates are no UTF-8; a text with one is no name of a tensor.
        self.push(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn blob(&mut self, count: u64) -> Result<()> {
        self.cursor.skip(count)?;
        self.push(Value::Other)
    }

    fn line(&mut self) -> Result<String> {
        const LONGEST: usize = 1 << 10;
        let mut line = Vec::new();
        loop {
            match self.cursor.u8()? {
                b'\n' => return Ok(String::from_utf8_lossy(&line).into_owned()),
                _ if line.len() == LONGEST => {
                    return Err(self.cursor.broken("a name in its pickle does not end"));
                }
                byte => line.push(byte),
            }
        }
    }

    fn key(&mut self) -> Result<u32> {
        let line = self.line()?;
        line.parse().map_err(|_| self.cursor.broken("its pickle remembers under no number"))
    }

    fn global(&mut self, module: &str, name: &str) -> Result<()> {
        let name = format!("{module}.{name}");
        if name != ORDERED && !(self.known)(&name) {
            return Err(self.cursor.broken(format!("code in a pickle is refused: {name}")));
        }
        self.push(Value::Global(name))
    }

    fn call(&mut self, function: Place, arguments: Place) -> Result<()> {
        match &self.values[function as usize] {
            Value::Global(name) if name == ORDERED => {
                let pairs = self.pairs(arguments);
                // One list can be copied by every call of a long pickle.
                self.copied += pairs.len();
                if self.copied > MOST_VALUES {
                    return Err(self.too_many());
                }
                self.push(Value::Dict(Vec::new()))?;
                self.set(&pairs)
            }
            Value::Global(_) => self.push(Value::Call(function, arguments)),
            _ => Err(self.cursor.broken("its pickle calls what is no function")),
        }
    }

    /// Keys and values of a dictionary that is made of a list of pairs, as Python 2 wrote it.
    fn pairs(&self, arguments: Place) -> Vec<Place> {
        let all = |place: Place| match &self.values[place as usize] {
            Value::Tuple(places) => &places[..],
            _ => &[],
        };
        let pairs = all(arguments).first().map_or(&[][..], |&list| all(list)).iter();
        pairs.map(|&pair| all(pair)).filter(|pair| pair.len() == 2).flatten().copied().collect()
    }

    fn append(&mut self, more: &[Place]) -> Result<()> {
        let at = self.last()?;
        match &mut self.values[at as usize] {
            Value::Tuple(places) => {
                places.extend_from_slice(more);
                Ok(())
            }
            _ => Err(self.cursor.broken("its pickle appends to what is no list")),
        }
    }

    fn set(&mut self, more: &[Place]) -> Result<()> {
        let at = self.last()?;
        match &mut self.values[at as usize] {
            Value::Dict(pairs) => {
                pairs.extend(more.as_chunks::<2>().0.iter().map(|&[key, value]| (key, value)));
                Ok(())
            }
            // A dictionary's subclass with items of its own.
            Value::Call(..) => Ok(()),
            _ => Err(self.cursor.broken("its pickle sets items of what is no dictionary")),
        }
    }

    fn remember(&mut self, key: u32) -> Result<()> {
        let place = self.last()?;
        self.memo.insert(key, place);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<()> {
        let place = self.memo.get(&key).copied();
        let place =
            place.ok_or_else(|| self.cursor.broken("its pickle recalls what it never saw"))?;
        self.stack.push(place);
        Ok(())
    }
}

/// The dictionary that state dicts are; of Python's own library, and nothing but data.
const ORDERED: &str = "collections.OrderedDict";
