//! MessagePack (<https://github.com/msgpack/msgpack/blob/master/spec.md>) as far as
//! `flax/serialization.py` writes it: maps of maps, with arrays as extensions.

use std::sync::Arc;

use crate::error::Result;

use super::number::Kind;
use super::source::{Cursor, Source};
use super::tensor::Tensor;

/// Values of a file.
const MOST_VALUES: u32 = 1 << 20;

/// Maps in maps; layers in models take ten.
const DEEPEST: u32 = 64;

/// Bytes of the name of a kind.
const LONGEST: u64 = 64;

/// Extensions that hold an array.
const ARRAYS: [i8; 2] = [1, 3];

/// A value.
#[derive(Debug)]
pub(super) enum Value {
    Map(Vec<(String, Value)>),
    Array(Vec<Value>),
    Tensor(Box<Tensor>),
    Int(u64),
    Text(String),
    /// Bytes: offset and count.
    Bytes(u64, u64),
    Other,
}

/// The value in a file.
pub(super) fn read(source: &Arc<Source>) -> Result<Value> {
    let cursor = Cursor::new(source.clone(), 0, source.length());
    let mut reader = Reader { source, cursor, left: MOST_VALUES };
    let value = reader.value(DEEPEST)?;
    match reader.cursor.left() {
        0 => Ok(value),
        more => Err(source.broken(format!("{more} bytes follow its end"))),
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    cursor: Cursor,
    left: u32,
}

impl Reader<'_> {
    fn value(&mut self, deepest: u32) -> Result<Value> {
        let endless = || self.source.broken("it has no end");
        self.left = self.left.checked_sub(1).ok_or_else(endless)?;
        let deeper = deepest.checked_sub(1).ok_or_else(endless)?;
        let marker = self.cursor.u8()?;
        Ok(match marker {
            0..=0x7f => Value::Int(marker.into()),
            0x80..=0x8f => self.map(u64::from(marker & 15), deeper)?,
            0xde | 0xdf => {
                let count = self.count(2 << (marker - 0xde))?;
                self.map(count, deeper)?
            }
            0x90..=0x9f => self.array(u64::from(marker & 15), deeper)?,
            0xdc | 0xdd => {
                let count = self.count(2 << (marker - 0xdc))?;
                self.array(count, deeper)?
            }
            0xa0..=0xbf => self.text(u64::from(marker & 31))?,
            0xd9..=0xdb => {
                let count = self.count(1 << (marker - 0xd9))?;
                self.text(count)?
            }
            0xc4..=0xc6 => {
                let count = self.count(1 << (marker - 0xc4))?;
                let offset = self.cursor.position();
                self.cursor.skip(count)?;
                Value::Bytes(offset, count)
            }
            0xcc..=0xcf => Value::Int(self.count(1 << (marker - 0xcc))?),
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4), deeper)?,
            0xc7..=0xc9 => {
                let count = self.count(1 << (marker - 0xc7))?;
                self.extension(count, deeper)?
            }
            // Fractions, and whole numbers below nought.
            0xca | 0xd2 => self.skip(4)?,
            0xcb | 0xd3 => self.skip(8)?,
            0xd0 => self.skip(1)?,
            0xd1 => self.skip(2)?,
            0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Value::Other,
            0xc1 => return Err(self.source.broken("it is no MessagePack")),
        })
    }

    /// A big-endian number of so many bytes.
    fn count(&mut self, bytes: u8) -> Result<u64> {
        Ok(match bytes {
            1 => self.cursor.u8()?.into(),
            2 => u16::from_be_bytes(self.cursor.array()?).into(),
            4 => u32::from_be_bytes(self.cursor.array()?).into(),
            _ => u64::from_be_bytes(self.cursor.array()?),
        })
    }

    fn skip(&mut self, bytes: u64) -> Result<Value> {
        self.cursor.skip(bytes)?;
        Ok(Value::Other)
    }

    fn text(&mut self, count: u64) -> Result<Value> {
        let bytes = self.cursor.bytes(count)?;
        Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn array(&mut self, count: u64, deepest: u32) -> Result<Value> {
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(self.value(deepest)?);
        }
        Ok(Value::Array(values))
    }

    fn map(&mut self, count: u64, deepest: u32) -> Result<Value> {
        let mut pairs = Vec::new();
        for _ in 0..count {
            let key = match self.value(deepest)? {
                Value::Text(key) => key,
                Value::Int(key) => key.to_string(),
                _ => return Err(self.source.broken("a name in it is no text")),
            };
            pairs.push((key, self.value(deepest)?));
        }
        Ok(Value::Map(pairs))
    }

    /// An extension of so many bytes: `[shape, name of the kind, bytes]` where it is an array.
    fn extension(&mut self, count: u64, deepest: u32) -> Result<Value> {
        let kind = i8::from_be_bytes(self.cursor.array()?);
        let end = self.cursor.position().checked_add(count);
        if !ARRAYS.contains(&kind) {
            return self.skip(count);
        }
        let value = self.value(deepest)?;
        if end != Some(self.cursor.position()) {
            return Err(self.source.broken("an array in it has another length than it says"));
        }
        let tensor = self.tensor(value);
        let tensor = tensor.ok_or_else(|| self.source.broken("an array in it is none"))?;
        Ok(Value::Tensor(Box::new(tensor)))
    }

    fn tensor(&self, value: Value) -> Option<Tensor> {
        let Value::Array(parts) = value else { return None };
        let [Value::Array(shape), kind, Value::Bytes(offset, count)] = &parts[..] else {
            return None;
        };
        let size = |size: &Value| match size {
            &Value::Int(size) => usize::try_from(size).ok(),
            _ => None,
        };
        let shape = shape.iter().map(size).collect::<Option<Vec<_>>>()?;
        let name = match kind {
            Value::Text(name) => name.clone(),
            &Value::Bytes(offset, count) if count <= LONGEST => {
                String::from_utf8(self.source.bytes(offset, count).ok()?).ok()?
            }
            _ => return None,
        };
        let tensor = Tensor::plain(self.source, kind_of(&name), shape, *offset, *count);
        tensor.is_whole().then_some(tensor)
    }
}

/// The kind of NumPy's name for it.
fn kind_of(name: &str) -> Kind {
    Kind::named(match name {
        "float32" => "F32",
        "float16" => "F16",
        "bfloat16" => "BF16",
        "float64" => "F64",
        "int64" => "I64",
        "int32" => "I32",
        "int16" => "I16",
        "int8" => "I8",
        "uint64" => "U64",
        "uint32" => "U32",
        "uint16" => "U16",
        "uint8" => "U8",
        "bool" => "BOOL",
        "float8_e4m3fn" => "F8_E4M3",
        "float8_e5m2" => "F8_E5M2",
        other => other,
    })
}
