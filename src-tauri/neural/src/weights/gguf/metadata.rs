//! What a GGUF file says of its model: typed values under names such as `llama.context_length`.

use std::collections::HashMap;

use crate::error::Result;
use crate::weights::source::Cursor;

/// Values of a file. The largest vocabularies there are, with their merges, have a quarter of it.
const MOST_VALUES: u64 = 1 << 22;

/// Arrays of arrays; no model has any.
const DEEPEST: usize = 4;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Of 8 to 64 bits.
    Unsigned(u64),
    /// Of 8 to 64 bits.
    Signed(i64),
    /// Of 32 or 64 bits.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Text.
    Text(String),
    /// Values of one type.
    Array(Vec<Value>),
}

impl Value {
    /// A number that counts something.
    #[must_use]
    pub fn as_count(&self) -> Option<u64> {
        match *self {
            Self::Unsigned(number) => Some(number),
            Self::Signed(number) => number.try_into().ok(),
            _ => None,
        }
    }

    /// A number, whole or not.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Unsigned(number) => Some(number as f64),
            Self::Signed(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// A text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Values of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(values) => Some(values),
            _ => None,
        }
    }
}

/// What a GGUF file says of its model. Nothing where weights are of another format.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    values: HashMap<String, Value>,
}

impl Metadata {
    /// The value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All names with their values, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The text under a name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// The number under a name.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        self.get(name)?.as_count()
    }

    /// Adds what another part of the same model says; what was said first stays.
    pub(in crate::weights) fn extend(&mut self, more: Self) {
        for (name, value) in more.values {
            self.values.entry(name).or_insert(value);
        }
    }

    pub(super) fn read(cursor: &mut Cursor, entries: u64) -> Result<Self> {
        let mut left = MOST_VALUES;
        let mut values = HashMap::new();
        for _ in 0..entries {
            let name = cursor.text()?;
            let kind = cursor.u32()?;
            let value = value(cursor, kind, &mut left, DEEPEST)?;
            values.insert(name, value);
        }
        Ok(Self { values })
    }
}

fn value(cursor: &mut Cursor, kind: u32, left: &mut u64, deepest: usize) -> Result<Value> {
    *left = left.checked_sub(1).ok_or_else(|| cursor.broken("its metadata has no end"))?;
    Ok(match kind {
        0 => Value::Unsigned(cursor.u8()?.into()),
        1 => Value::Signed(i8::from_le_bytes(cursor.array()?).into()),
        2 => Value::Unsigned(cursor.u16()?.into()),
        3 => Value::Signed(i16::from_le_bytes(cursor.array()?).into()),
        4 => Value::Unsigned(cursor.u32()?.into()),
        5 => Value::Signed(i32::from_le_bytes(cursor.array()?).into()),
        6 => Value::Float(f32::from_le_bytes(cursor.array()?).into()),
        7 => Value::Bool(cursor.u8()? != 0),
        8 => Value::Text(cursor.text()?),
        9 if deepest > 0 => {
            let (kind, count) = (cursor.u32()?, cursor.u64()?);
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(value(cursor, kind, left, deepest - 1)?);
            }
            Value::Array(values)
        }
        10 => Value::Unsigned(cursor.u64()?),
        11 => Value::Signed(i64::from_le_bytes(cursor.array()?)),
        12 => Value::Float(f64::from_le_bytes(cursor.array()?)),
        _ => return Err(cursor.broken(format!("its metadata has a value of type {kind}"))),
    })
}
