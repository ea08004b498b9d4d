//! What a cell is, by its column's kind.

use std::borrow::Cow;

use super::{Kind, Labels, Source};

/// The whole numbers up to here are all different as `f64`.
const EXACT: f64 = 9_007_199_254_740_992.0;
/// Days that every calendar here knows, about the years −9,999 to 9,999.
const DAYS: f64 = 3_000_000.0;

/// A cell as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Missing,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    /// Days since 1970-01-01.
    Day(i32),
    /// Milliseconds since 1970-01-01.
    Moment(i64),
    Boolean(bool),
}

impl<'a> Source<'a> {
    /// A cell of a column of [`Source::names`]. What is not a value of the column's kind is text,
    /// so that nothing is lost.
    pub(super) fn value(&self, row: u32, column: usize) -> Value<'a> {
        let Some(&kind) = self.kinds.get(column) else {
            return match self.segment.map(|(_, labels)| labels) {
                Some(Labels::Numbers(of)) => of(row).map_or(Value::Missing, Value::Integer),
                Some(Labels::Names(of)) => of(row).map_or(Value::Missing, Value::Text),
                None => Value::Missing,
            };
        };
        let Some(text) = self.table.cell(row as usize, column) else { return Value::Missing };
        let typed = match kind {
            Kind::Text => None,
            _ => self.table.value(row as usize, column).and_then(|value| typed(kind, value, text)),
        };
        match typed {
            Some(value) => value,
            // A sign of nothing among values; in a column of text it is what it says.
            None if kind != Kind::Text && self.table.is_missing(row as usize, column) => {
                Value::Missing
            }
            None => Value::Text(Cow::Borrowed(text)),
        }
    }

    /// A cell's text as the table has it.
    pub(super) fn text(&self, row: u32, column: usize) -> Option<Cow<'a, str>> {
        if column < self.kinds.len() {
            return self.table.cell(row as usize, column).map(Cow::Borrowed);
        }
        match self.value(row, column) {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(Cow::Owned(number.to_string())),
            _ => None,
        }
    }
}

fn typed<'a>(kind: Kind, value: f64, text: &str) -> Option<Value<'a>> {
    let whole = value.fract() == 0.0;
    match kind {
        Kind::Integer if whole && value.abs() < EXACT => Some(Value::Integer(value as i64)),
        // Long identifiers: the text has digits that the value has lost.
        Kind::Integer if whole => text.trim().parse().ok().map(Value::Integer),
        Kind::Integer | Kind::Number => value.is_finite().then_some(Value::Number(value)),
        Kind::Date if value.abs() > DAYS || value.is_nan() => None,
        Kind::Date if whole => Some(Value::Day(value as i32)),
        Kind::Date => Some(Value::Moment((value * 86_400_000.0).round() as i64)),
        Kind::Boolean if value == 0.0 || value == 1.0 => Some(Value::Boolean(value == 1.0)),
        Kind::Boolean | Kind::Text => None,
    }
}
