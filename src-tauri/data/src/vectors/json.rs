//! JSON: one array, or a value a line.

use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};
use serde_json::Value;

use super::{Take, VectorsError, broken};

/// A vector, alone or in an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Alone(Vec<f32>),
    Named {
        id: Option<Value>,
        #[serde(alias = "vector")]
        embedding: Vec<f32>,
    },
}

impl Entry {
    fn parts(self) -> (Option<String>, Vec<f32>) {
        match self {
            Self::Alone(vector) => (None, vector),
            Self::Named { id, embedding } => {
                let id = id.filter(|id| !id.is_null()).map(|id| match id {
                    Value::String(id) => id,
                    other => other.to_string(),
                });
                (id, embedding)
            }
        }
    }
}

pub(super) fn read<E>(
    mut from: impl BufRead,
    take: &mut Take<VectorsError<E>>,
) -> Result<(), VectorsError<E>> {
    if is_array_of_arrays_or_objects(&mut from)? {
        let mut failed = None;
        let mut deserializer = serde_json::Deserializer::from_reader(from);
        let read = Entries { take, failed: &mut failed }
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end());
        return match (failed, read) {
            (Some(error), _) => Err(error),
            (None, read) => read.map_err(broken),
        };
    }
    let entries = serde_json::Deserializer::from_reader(from).into_iter::<Entry>();
    for (at, entry) in entries.enumerate() {
        let bad = |error| VectorsError::Bad { vector: at as u64 + 1, reason: format!("{error}") };
        let (id, vector) = entry.map_err(bad)?.parts();
        take(id, &vector)?;
    }
    Ok(())
}

/// Whether the first bracket has another bracket or a brace within: a line may be a vector itself.
fn is_array_of_arrays_or_objects(from: &mut impl BufRead) -> std::io::Result<bool> {
    let start = from.fill_buf()?;
    let mut marks = start.iter().filter(|byte| !byte.is_ascii_whitespace());
    Ok(matches!((marks.next(), marks.next()), (Some(b'['), Some(b'[' | b'{' | b']'))))
}

/// Hands over what an array holds as it is read.
struct Entries<'a, 'b, E> {
    take: &'a mut Take<'b, VectorsError<E>>,
    failed: &'a mut Option<VectorsError<E>>,
}

impl<'de, E> DeserializeSeed<'de> for Entries<'_, '_, E> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, E> Visitor<'de> for Entries<'_, '_, E> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of vectors")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some(entry) = entries.next_element::<Entry>()? {
            let (id, vector) = entry.parts();
            if let Err(error) = (self.take)(id, &vector) {
                *self.failed = Some(error);
                return Err(A::Error::custom("not taken"));
            }
        }
        Ok(())
    }
}
