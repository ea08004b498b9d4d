//! JSON Lines, and one JSON array of objects.
//!
//! Read twice: first for the columns, the union of the objects' keys in order of first appearance;
//! then for the rows. In memory: one value (at most 256 MiB) and the column names.
//!
//! Numbers keep the digits they were written with. A nested value is its compact JSON text. A line
//! that is no JSON object becomes a row all the same, with its raw text in the first column, and
//! an issue `bad_json_line`: nothing is lost, and the table has a row for every line.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json_values::{Next, VALUE_LIMIT, Values};
use super::records::Records;
use super::{TranscribeError, Transcript};
use crate::progress::Progress;

/// As many as a workbook may have.
const COLUMNS_LIMIT: usize = 16_384;

pub(super) fn transcribe(
    path: &Path,
    out: &mut dyn Write,
    progress: &dyn Progress,
) -> Result<Transcript, TranscribeError> {
    let size = std::fs::metadata(path).map_err(|source| read_error(path, source))?.len();
    progress.step("transcribe", Some(2 * size));
    let mut transcript = Transcript::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut values, mut objects, mut first) = (0_u64, 0_u64, String::new());
    each_value(path, 0, progress, &mut |_, value| {
        if values == 0 {
            first = String::from_utf8_lossy(value).chars().take(200).collect();
        }
        values += 1;
        let Ok(object) = serde_json::from_slice::<Object>(value) else { return Ok(()) };
        objects += 1;
        for (Key(key), _) in object.0 {
            if !places.contains_key(key.as_ref()) {
                if places.len() == COLUMNS_LIMIT {
                    return Err(TranscribeError::TooManyColumns { limit: COLUMNS_LIMIT });
                }
                transcript.columns.push(key.as_ref().to_owned());
                places.insert(key.into_owned(), places.len());
            }
        }
        Ok(())
    })?;
    if values > 0 && objects == 0 {
        return Err(TranscribeError::NoObjects { values, first });
    }
    if transcript.columns.is_empty() {
        return Err(TranscribeError::Empty { sheet: None, sheets: Vec::new() });
    }
    let mut records = Records::new(out);
    for name in &transcript.columns {
        records.field(Some(name));
    }
    records.end()?;
    let unclosed = each_value(path, size, progress, &mut |line, value| {
        write_row(&mut transcript, &places, &mut records, line, value)
    })?;
    if let Some(line) = unclosed {
        transcript.note(line, None, "unclosed_array", "");
    }
    Ok(transcript)
}

/// Takes a line and the value that begins there.
type Take<'a> = dyn FnMut(u64, &[u8]) -> Result<(), TranscribeError> + 'a;

/// Calls `take` with every value and its line; answers the last line when an array had no end.
fn each_value(
    path: &Path,
    done: u64,
    progress: &dyn Progress,
    take: &mut Take,
) -> Result<Option<u64>, TranscribeError> {
    let read = |source| read_error(path, source);
    let file = File::open(path).map_err(read)?;
    let mut values = Values::new(BufReader::with_capacity(1 << 18, file)).map_err(read)?;
    let mut value = Vec::new();
    let (mut checked, mut last) = (0, 1);
    loop {
        match values.next(&mut value).map_err(read)? {
            Next::End => break,
            Next::TooLong(line) => {
                return Err(TranscribeError::TooLong { line, limit: VALUE_LIMIT });
            }
            Next::Value(line) => {
                last = line;
                take(line, &value)?;
            }
        }
        if values.taken - checked > 1 << 20 {
            checked = values.taken;
            progress.at(done + values.taken);
            progress.check()?;
        }
    }
    progress.check()?;
    Ok(values.unclosed.then_some(last))
}

fn write_row(
    transcript: &mut Transcript,
    places: &HashMap<String, usize>,
    records: &mut Records,
    line: u64,
    value: &[u8],
) -> Result<(), TranscribeError> {
    transcript.rows += 1;
    let mut cells: Vec<Option<Cow<str>>> = vec![None; places.len()];
    match serde_json::from_slice::<Object>(value) {
        Ok(object) => {
            let mut seen = vec![false; cells.len()];
            for (Key(key), raw) in object.0 {
                // A key that the first reading did not meet: the file changed in between.
                let Some(&at) = places.get(key.as_ref()) else {
                    return Err(TranscribeError::Damaged {
                        reason: "the file changed while it was read".to_owned(),
                    });
                };
                if std::mem::replace(&mut seen[at], true) {
                    let text = cells[at].as_deref().unwrap_or("null");
                    transcript.note(line, Some(&key), "duplicate_key", text);
                }
                cells[at] = match cell(raw.get()) {
                    Ok(cell) => cell,
                    Err(()) => {
                        transcript.note(line, Some(&key), "bad_json_string", raw.get());
                        Some(Cow::Borrowed(raw.get()))
                    }
                };
            }
        }
        Err(_) => {
            let text = String::from_utf8_lossy(value);
            transcript.note(line, None, "bad_json_line", &text);
            cells[0] = Some(text);
        }
    }
    for cell in &cells {
        records.field(cell.as_deref());
    }
    records.end()?;
    Ok(())
}

/// A value as a cell's text; an error for a string whose escapes name no character.
fn cell(raw: &str) -> Result<Option<Cow<'_, str>>, ()> {
    match raw.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<Key>(raw) {
            Ok(Key(text)) => Ok(Some(text)),
            Err(_) => Err(()),
        },
        Some(b'n') | None => Ok(None),
        Some(b'{' | b'[') => Ok(Some(compact(raw))),
        _ => Ok(Some(Cow::Borrowed(raw))),
    }
}

/// JSON text without blanks between its parts; numbers and escapes as they were written.
fn compact(raw: &str) -> Cow<'_, str> {
    let (mut in_string, mut escaped) = (false, false);
    let mut kept = String::new();
    let mut from = 0;
    for (at, byte) in raw.bytes().enumerate() {
        if in_string {
            in_string = byte != b'"' || escaped;
            escaped = byte == b'\\' && !escaped;
        } else if byte == b'"' {
            in_string = true;
        } else if byte.is_ascii_whitespace() {
            kept.push_str(&raw[from..at]);
            from = at + 1;
        }
    }
    if from == 0 {
        return Cow::Borrowed(raw);
    }
    kept.push_str(&raw[from..]);
    Cow::Owned(kept)
}

/// A string, borrowed from the text where it holds no escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object's members as written, repeated keys included.
struct Object<'a>(Vec<(Key<'a>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn read_error(path: &Path, source: std::io::Error) -> TranscribeError {
    TranscribeError::Read { path: path.to_owned(), source }
}
