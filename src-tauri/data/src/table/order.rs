//! The order of a column, computed once and kept beside the table.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::Table;
use super::fold::letters;

/// From here on, and below its negative, a value may stand for several whole numbers.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A column's rows, the least first; rows without a value stand at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Every row once.
    pub rows: Vec<u32>,
    /// How many of them, at the end, have no value.
    pub missing: usize,
}

impl Order {
    /// The rows ascending or descending; missing values last either way. Equal
    /// values stand in the file's order, and descending in its reverse.
    pub fn walk(&self, descending: bool) -> Box<dyn Iterator<Item = u32> + '_> {
        let (present, missing) = self.rows.split_at(self.rows.len() - self.missing);
        if descending {
            Box::new(present.iter().rev().chain(missing).copied())
        } else {
            Box::new(self.rows.iter().copied())
        }
    }
}

/// Orders a column: by value where it has values, else by text as a person reads it, without
/// minding case or accents until nothing else tells two cells apart.
#[must_use]
pub fn order_by(table: &Table, column: usize) -> Order {
    let mut present: Vec<(u64, u32)> = Vec::with_capacity(table.rows());
    let mut missing = Vec::new();
    let by_value = table.has_values(column);
    for row in 0..table.rows() {
        let key = if by_value {
            table.value(row, column).map(value_key)
        } else {
            table.cell(row, column).filter(|_| !table.is_missing(row, column)).map(text_key)
        };
        match key {
            Some(key) => present.push((key, row as u32)),
            None => missing.push(row as u32),
        }
    }
    if by_value {
        let long = value_key(-EXACT)..=value_key(EXACT);
        present.par_sort_unstable_by(|left, right| {
            let by_digits = || {
                if left.0 != right.0 || (left.0 > *long.start() && left.0 < *long.end()) {
                    return Ordering::Equal;
                }
                let text = |row: u32| table.cell(row as usize, column).unwrap_or_default();
                compare_digits(text(left.1), text(right.1))
            };
            left.0.cmp(&right.0).then_with(by_digits).then(left.1.cmp(&right.1))
        });
    } else {
        // The first eight letters decide most pairs without touching the text again.
        present.par_sort_unstable_by(|left, right| {
            left.0.cmp(&right.0).then_with(|| {
                let text = |row: u32| table.cell(row as usize, column).unwrap_or_default();
                compare_text(text(left.1), text(right.1)).then(left.1.cmp(&right.1))
            })
        });
    }
    let missing_count = missing.len();
    let rows = present.into_iter().map(|(_, row)| row).chain(missing).collect();
    Order { rows, missing: missing_count }
}

/// A number whose order as an integer is the value's order.
fn value_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The first folded letters, as many as fit into eight bytes.
fn text_key(text: &str) -> u64 {
    let mut key = [0; 8];
    let mut filled = 0;
    let mut buffer = [0; 4];
    for letter in letters(text) {
        // A letter that does not fit whole still tells by its first bytes.
        let bytes = letter.encode_utf8(&mut buffer).as_bytes();
        let room = &mut key[filled..];
        let fits = bytes.len().min(room.len());
        room[..fits].copy_from_slice(&bytes[..fits]);
        filled += fits;
        if filled == key.len() {
            break;
        }
    }
    u64::from_be_bytes(key)
}

fn compare_text(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    letters(left).cmp(letters(right)).then_with(|| left.cmp(right))
}

/// Whole numbers by their digits, where a value does not tell them apart.
fn compare_digits(left: &str, right: &str) -> Ordering {
    let parts = |text: &'_ str| {
        let text = text.trim();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text).to_owned();
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| (text.starts_with('-'), digits))
    };
    match (parts(left), parts(right)) {
        (Some((negative, left)), Some((_, right))) => {
            let size = left.len().cmp(&right.len()).then_with(|| left.cmp(&right));
            if negative { size.reverse() } else { size }
        }
        _ => Ordering::Equal,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::one_column;
    use super::*;

    #[test]
    fn text_is_ordered_as_a_person_reads_it() {
        let (_folder, table) = one_column(
            [
                Some("zebra"),
                Some("Água"),
                None,
                Some("abacate"),
                Some("agua parada longe"),
                Some(""),
            ],
            None,
        );
        let order = order_by(&table, 0);
        assert_eq!(order.walk(false).collect::<Vec<_>>(), [3, 1, 4, 0, 2, 5]);
        assert_eq!(order.walk(true).collect::<Vec<_>>(), [0, 4, 1, 3, 2, 5]);
    }

    #[test]
    fn a_letter_that_the_key_has_no_room_for_counts() {
        let cells = ["produtoλ", "produtos", "日本語", "日本a"].map(Some);
        let (_folder, table) = one_column(cells, None);
        assert_eq!(order_by(&table, 0).rows, [1, 0, 3, 2]);
    }

    #[test]
    fn numbers_too_long_for_a_value_are_ordered_by_their_digits() {
        let cells = [
            "9007199254740993",
            "9007199254740992",
            "-9007199254740992",
            "-9007199254740993",
            "12345678901234567891",
            "12345678901234567890",
        ];
        let (_folder, table) =
            one_column(cells.map(Some), Some(Arc::new(|text: &str| text.parse().ok())));
        assert_eq!(order_by(&table, 0).rows, [3, 2, 1, 0, 5, 4]);
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let (_folder, table) = one_column(
            [Some("10"), Some("-3"), Some("9.5"), Some("?"), Some("-20")],
            Some(Arc::new(|text: &str| text.parse().ok())),
        );
        assert_eq!(order_by(&table, 0).rows, [4, 1, 2, 0, 3]);
    }
}
