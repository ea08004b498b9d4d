//! JSON: an array of objects, or one object a line.
//!
//! Numbers and booleans are JSON's own, dates are ISO 8601 strings, a missing value is `null`.

use std::io::{BufWriter, Write};

use super::value::Value;
use super::{CHECK_ROWS, ExportError, Source, Written};
use crate::progress::Progress;
use crate::transcribe::iso::{push_date, push_stamp};

/// How the objects stand together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Array,
    Lines,
}

pub(super) fn write(
    source: &Source,
    shape: Shape,
    out: &mut impl Write,
    progress: &dyn Progress,
) -> Result<Written, ExportError> {
    let mut out = BufWriter::with_capacity(1 << 18, out);
    let mut keys = Vec::new();
    for (at, name) in source.names().iter().enumerate() {
        let name = serde_json::to_string(name).map_err(encode)?;
        keys.push(format!("{}{name}:", if at == 0 { "{" } else { "," }));
    }
    let (open, between, close) = match shape {
        Shape::Array => ("[\n", ",\n", "\n]\n"),
        Shape::Lines => ("", "\n", "\n"),
    };
    put(&mut out, open)?;
    let mut text = String::new();
    for (nth, row) in source.each_row().enumerate() {
        if nth % CHECK_ROWS == 0 {
            progress.at(nth as u64);
            progress.check()?;
        }
        if nth > 0 {
            put(&mut out, between)?;
        }
        for (column, key) in keys.iter().enumerate() {
            put(&mut out, key)?;
            text.clear();
            match source.value(row, column) {
                Value::Missing => put(&mut out, "null")?,
                Value::Text(text) => serde_json::to_writer(&mut out, &text).map_err(encode)?,
                Value::Integer(number) => {
                    serde_json::to_writer(&mut out, &number).map_err(encode)?;
                }
                Value::Number(number) => {
                    serde_json::to_writer(&mut out, &number).map_err(encode)?;
                }
                Value::Boolean(value) => put(&mut out, if value { "true" } else { "false" })?,
                Value::Day(day) => {
                    push_date(&mut text, day.into()).map_err(encode)?;
                    serde_json::to_writer(&mut out, &text).map_err(encode)?;
                }
                Value::Moment(millis) => {
                    push_stamp(&mut text, millis, 1000).map_err(encode)?;
                    serde_json::to_writer(&mut out, &text).map_err(encode)?;
                }
            }
        }
        put(&mut out, if keys.is_empty() { "{}" } else { "}" })?;
    }
    if shape == Shape::Array || source.len() > 0 {
        put(&mut out, close)?;
    }
    out.flush().map_err(encode)?;
    progress.at(source.len() as u64);
    Ok(Written::default())
}

fn put(out: &mut impl Write, text: &str) -> Result<(), ExportError> {
    out.write_all(text.as_bytes()).map_err(encode)
}

fn encode(error: impl std::fmt::Display) -> ExportError {
    ExportError::Encode { reason: error.to_string() }
}
