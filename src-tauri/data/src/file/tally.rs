//! What one column's cells add up to, over a block and over the file.

use super::value::{Date, Number, Written, is_boolean, is_missing, number_of, written};
use super::{Decimal, Encoding};

/// Different values that are shown of a column.
const SAMPLE: usize = 5;

/// Bytes of a value that are looked at for the sample.
const SAMPLE_BYTES: usize = 400;

/// The least and the greatest of what was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range<T> {
    pub(crate) ends: Option<(T, T)>,
    pub(crate) count: u64,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self { ends: None, count: 0 }
    }
}

impl<T: PartialOrd + Copy> Range<T> {
    fn add(&mut self, value: T) {
        self.merge(Self { ends: Some((value, value)), count: 1 });
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.ends = match (self.ends, other.ends) {
            (Some((low, high)), Some((other_low, other_high))) => Some((
                if other_low < low { other_low } else { low },
                if other_high > high { other_high } else { high },
            )),
            (own, other) => own.or(other),
        };
    }
}

/// Numbers under one decimal separator.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) range: Range<f64>,
    pub(crate) integers: u64,
    pub(crate) sum: f64,
    /// What they count, none included: a bit for each that was seen.
    units: u8,
}

impl Numbers {
    fn add(&mut self, number: Number) {
        self.range.add(number.value);
        self.integers += u64::from(number.integer);
        self.sum += number.value;
        self.units |= 1 << number.unit.map_or(0, |unit| 1 + unit as u8);
    }

    /// Whether some count other things than others: reais and dollars cannot be compared.
    pub(crate) fn mixed(&self) -> bool {
        self.units.count_ones() > 1
    }

    fn merge(&mut self, other: Self) {
        self.range.merge(other.range);
        self.integers += other.integers;
        self.sum += other.sum;
        self.units |= other.units;
    }
}

/// Counts of one column. Sums of fractions depend on the order of adding, so tallies are made by
/// block and merged in the file's order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) present: u64,
    pub(crate) missing: u64,
    pub(crate) characters: u64,
    pub(crate) words: u64,
    pub(crate) booleans: u64,
    pub(crate) numbers: Numbers,
    /// ISO dates; other dates read day first and month first.
    pub(crate) iso: Range<Date>,
    pub(crate) day_first: Range<Date>,
    pub(crate) month_first: Range<Date>,
    /// Dates that are not ISO, whether or not an order reads them.
    pub(crate) short: u64,
    pub(crate) sample: Vec<Vec<u8>>,
}

impl Tally {
    /// Adds a trimmed cell; `false` if it stands for nothing.
    pub(crate) fn add(&mut self, cell: &[u8], encoding: Encoding, decimal: Decimal) -> bool {
        if is_missing(cell) {
            self.missing += 1;
            return false;
        }
        self.present += 1;
        self.characters += characters(cell, encoding);
        self.words += words(cell);
        if self.sample.len() < SAMPLE {
            let cell = &cell[..cell.len().min(SAMPLE_BYTES)];
            if !self.sample.iter().any(|seen| seen == cell) {
                self.sample.push(cell.to_vec());
            }
        }
        if let Some(number) = number_of(cell, decimal) {
            self.numbers.add(number);
        } else if let Some(date) = written(cell) {
            self.date(date);
        } else if is_boolean(cell) {
            self.booleans += 1;
        }
        true
    }

    /// Counts a cell that a row is too short to have.
    pub(crate) fn add_missing(&mut self) {
        self.missing += 1;
    }

    fn date(&mut self, date: Written) {
        match date {
            Written::Iso(date) => self.iso.add(date),
            Written::Short(short) => {
                self.short += 1;
                if let Some(date) = short.day_first() {
                    self.day_first.add(date);
                }
                if let Some(date) = short.month_first() {
                    self.month_first.add(date);
                }
            }
        }
    }

    /// Adds the counts of rows further down.
    pub(crate) fn append(&mut self, later: Self) {
        self.present += later.present;
        self.missing += later.missing;
        self.characters += later.characters;
        self.words += later.words;
        self.booleans += later.booleans;
        self.numbers.merge(later.numbers);
        self.iso.merge(later.iso);
        self.day_first.merge(later.day_first);
        self.month_first.merge(later.month_first);
        self.short += later.short;
        for value in later.sample {
            if self.sample.len() < SAMPLE && !self.sample.contains(&value) {
                self.sample.push(value);
            }
        }
    }
}

fn characters(cell: &[u8], encoding: Encoding) -> u64 {
    if encoding == Encoding::Windows1252 {
        return cell.len() as u64;
    }
    count(cell, |&byte| byte & 0xC0 != 0x80)
}

/// Runs of bytes between spaces or control characters: those that begin a run are counted.
fn words(cell: &[u8]) -> u64 {
    let Some((first, rest)) = cell.split_first() else { return 0 };
    let mut begun = u64::from(*first > b' ');
    for (before, after) in cell[..rest.len()].chunks(PIECE).zip(rest.chunks(PIECE)) {
        let begins = |(before, byte): (&u8, &u8)| u8::from(*before <= b' ' && *byte > b' ');
        begun += u64::from(before.iter().zip(after).map(begins).sum::<u8>());
    }
    begun
}

/// Bytes counted in one go: few enough for a byte to hold the count, which lets compilers count
/// sixteen or more at a time.
const PIECE: usize = 192;

/// How many bytes `which` holds for.
pub(crate) fn count(bytes: &[u8], which: impl Fn(&u8) -> bool) -> u64 {
    let piece = |piece: &[u8]| piece.iter().map(|byte| u8::from(which(byte))).sum::<u8>();
    bytes.chunks(PIECE).map(|bytes| u64::from(piece(bytes))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_and_words() {
        for (text, expected) in [("", 0), ("a", 1), (" a ", 1), ("não chegou\n ainda", 3)] {
            assert_eq!(words(text.as_bytes()), expected, "{text:?}");
        }
        let long = "ação é ".repeat(1000);
        assert_eq!(words(long.as_bytes()), 2000);
        assert_eq!(characters(long.as_bytes(), Encoding::Utf8), 7000);
        assert_eq!(characters(b"\xE7\xE3", Encoding::Windows1252), 2);
    }
}
