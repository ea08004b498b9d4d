//! Which rows satisfy conditions, and in which order they are shown.

use super::fold::{fold, letters};
use super::{Bits, Folded, Order, Table};

/// A comparison of one cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Holds the text; case and accents do not count.
    Contains(String),
    /// Is the value.
    Equals(String),
    /// Is another value, or none.
    Differs(String),
    /// Is at least the value.
    AtLeast(f64),
    /// Is at most the value.
    AtMost(f64),
    /// Comes at or after the text in reading order.
    FromText(String),
    /// Comes at or before the text in reading order.
    UpToText(String),
    /// Has a value from the first to the second, both included.
    Within(f64, f64),
    /// Has a value outside of these, or none.
    Outside(f64, f64),
    /// Has no value.
    Missing,
    /// Has a value.
    Present,
}

/// A test of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Place of the column.
    pub column: usize,
    /// What its cell must satisfy.
    pub test: Test,
}

/// The rows that hold `search` in any column (when it is not blank) and satisfy every condition.
#[must_use]
pub fn rows_matching(table: &Table, search: &str, conditions: &[Condition]) -> Bits {
    let mut rows = match Folded::new(search) {
        Some(text) => text.rows(table, &(0..table.names().len()).collect::<Vec<_>>()),
        None => Bits::all(table.rows()),
    };
    for condition in conditions {
        rows.intersect(&rows_satisfying(table, condition));
    }
    rows
}

fn rows_satisfying(table: &Table, Condition { column, test }: &Condition) -> Bits {
    let column = *column;
    let by_text = |holds: &(dyn Fn(Option<&str>) -> bool + Sync)| {
        Bits::from_fn(table.rows(), |row| holds(table.cell(row, column)))
    };
    let by_value = |holds: &(dyn Fn(f64) -> bool + Sync)| {
        Bits::from_fn(table.rows(), |row| table.value(row, column).is_some_and(holds))
    };
    match test {
        Test::Contains(text) => match Folded::new(text) {
            Some(text) => text.rows(table, &[column]),
            None => Bits::all(table.rows()),
        },
        Test::Equals(text) => by_text(&|cell| cell == Some(text)),
        Test::Differs(text) => by_text(&|cell| cell != Some(text)),
        Test::AtLeast(least) => by_value(&|value| value >= *least),
        Test::AtMost(most) => by_value(&|value| value <= *most),
        Test::Within(least, most) => by_value(&|value| (*least..=*most).contains(&value)),
        Test::Outside(least, most) => {
            by_value(&|value| (*least..=*most).contains(&value)).complement()
        }
        Test::FromText(text) => {
            let text = fold(text);
            by_text(&|cell| cell.is_some_and(|cell| letters(cell).ge(text.chars())))
        }
        Test::UpToText(text) => {
            let text = fold(text);
            by_text(&|cell| cell.is_some_and(|cell| letters(cell).le(text.chars())))
        }
        Test::Missing => Bits::from_fn(table.rows(), |row| table.is_missing(row, column)),
        Test::Present => Bits::from_fn(table.rows(), |row| !table.is_missing(row, column)),
    }
}

/// The rows of a set as they are shown: in the file's order, or in a column's.
#[must_use]
pub fn rows_in_order(rows: &Bits, order: Option<(&Order, bool)>) -> Vec<u32> {
    match order {
        Some((order, descending)) => {
            order.walk(descending).filter(|&row| rows.contains(row as usize)).collect()
        }
        None => rows.iter().collect(),
    }
}
