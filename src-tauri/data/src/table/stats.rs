//! What a column holds.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use arrow_array::{Array, Float64Array, LargeStringArray};
use rayon::prelude::*;

use super::{Bits, Table};
use crate::file::is_missing;
use crate::hash::{Same, hash};

/// Values shown as the most frequent.
const TOP: usize = 20;
/// Parts that the values are dealt into, each counted by one thread.
const PARTS: usize = 256;
/// Bars of a histogram.
const BINS: usize = 24;

/// Statistics of a column over some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnStats {
    /// Rows looked at.
    pub rows: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Different values.
    pub distinct: u64,
    /// The most frequent values and their rows, at most 20.
    pub top: Vec<(String, u64)>,
    /// For columns with values.
    pub range: Option<RangeStats>,
    /// Mean length of a value in characters.
    pub mean_length: Option<f64>,
    /// Rows in equal-width bins between the least and the greatest value.
    pub histogram: Vec<u64>,
}

/// Where the values of a column lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RangeStats {
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
}

/// Looks at `rows` of a column, on several threads.
#[must_use]
pub fn column_stats(table: &Table, column: usize, rows: &Bits) -> ColumnStats {
    let batches: Vec<_> = table.batches_with_values(column).collect();
    let tallies: Vec<Tally> = batches
        .into_par_iter()
        .map(|(start, text, values)| {
            let rows = (0..text.len()).filter(|row| rows.contains(start + row));
            Tally::of(text, values, rows)
        })
        .collect();
    let (distinct, top) = (0..PARTS)
        .into_par_iter()
        .map(|part| counted(&tallies.iter().map(|tally| &*tally.parts[part]).collect::<Vec<_>>()))
        .reduce(Default::default, |one, other| {
            (one.0 + other.0, most_frequent(one.1.into_iter().chain(other.1)))
        });
    let values = tallies.iter().flat_map(|tally| &tally.values).copied().collect::<Vec<_>>();
    let sum = |part: fn(&Tally) -> u64| tallies.iter().map(part).sum::<u64>();
    let (rows, missing) = (sum(|tally| tally.rows), sum(|tally| tally.missing));
    let present = rows - missing;
    let (range, histogram) = spread(&values).unzip();
    ColumnStats {
        rows,
        missing,
        distinct,
        top: top.into_iter().map(|(value, count)| (value.text.to_owned(), count)).collect(),
        range,
        mean_length: (present > 0).then(|| sum(|tally| tally.characters) as f64 / present as f64),
        histogram: histogram.unwrap_or_default(),
    }
}

/// A value with what tells it from most others without reading it again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Value<'a> {
    hash: u64,
    /// Its first bytes, ordered as the text is.
    start: u64,
    text: &'a str,
}

impl<'a> Value<'a> {
    fn new(text: &'a str) -> Self {
        let mut start = [0; 8];
        let bytes = &text.as_bytes()[..text.len().min(8)];
        start[..bytes.len()].copy_from_slice(bytes);
        Self { hash: hash(text.as_bytes()), start: u64::from_be_bytes(start), text }
    }

    /// What orders values as their texts.
    fn order(&self) -> (u64, &'a str) {
        (self.start, self.text)
    }
}

impl Hash for Value<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// What some rows hold.
struct Tally<'a> {
    rows: u64,
    missing: u64,
    characters: u64,
    values: Vec<f64>,
    /// The cells with a value, dealt out by hash: equal ones lie in one part.
    parts: Vec<Vec<Value<'a>>>,
}

impl<'a> Tally<'a> {
    fn of(
        text: &'a LargeStringArray,
        values: Option<&Float64Array>,
        rows: impl Iterator<Item = usize>,
    ) -> Self {
        let mut tally = Self {
            rows: 0,
            missing: 0,
            characters: 0,
            values: Vec::new(),
            parts: (0..PARTS).map(|_| Vec::with_capacity(text.len() / PARTS)).collect(),
        };
        for row in rows {
            tally.rows += 1;
            let value = values.filter(|values| values.is_valid(row));
            tally.values.extend(value.map(|values| values.value(row)));
            match text.is_valid(row).then(|| text.value(row)) {
                Some(text) if !is_missing(text.as_bytes().trim_ascii()) => {
                    tally.characters += text.chars().count() as u64;
                    let value = Value::new(text);
                    // Neither the bits that place a key in a hash table nor those that mark it.
                    tally.parts[(value.hash >> 32) as usize % PARTS].push(value);
                }
                _ => tally.missing += 1,
            }
        }
        tally
    }
}

/// A value and its rows.
type Count<'a> = (Value<'a>, u64);

/// How many of the values differ, and the most frequent.
fn counted<'a>(values: &[&[Value<'a>]]) -> (u64, Vec<Count<'a>>) {
    let most = values.iter().map(|values| values.len()).sum();
    let mut counts: HashMap<Value, u64, BuildHasherDefault<Same>> =
        HashMap::with_capacity_and_hasher(most, BuildHasherDefault::default());
    for value in values.iter().copied().flatten() {
        *counts.entry(*value).or_default() += 1;
    }
    (counts.len() as u64, most_frequent(counts))
}

/// The first by count, then by text, at most [`TOP`].
fn most_frequent<'a>(counts: impl IntoIterator<Item = Count<'a>>) -> Vec<Count<'a>> {
    let place = |(value, count): &Count<'a>| (Reverse(*count), value.order());
    let mut top: Vec<Count> = Vec::with_capacity(TOP + 1);
    for count in counts {
        if top.len() < TOP || place(&count) < place(&top[TOP - 1]) {
            top.insert(top.partition_point(|kept| place(kept) < place(&count)), count);
            top.truncate(TOP);
        }
    }
    top
}

/// Where some values lie, and how many of them in each bin; `None` without values.
fn spread(values: &[f64]) -> Option<(RangeStats, Vec<u64>)> {
    let min = values.iter().copied().reduce(f64::min)?;
    let max = values.iter().copied().reduce(f64::max)?;
    let (median, (mean, histogram)) =
        rayon::join(|| median(values), || (mean_of(values), histogram(values, min, max)));
    Some((RangeStats { min, max, mean, median }, histogram))
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if even { f64::midpoint(lower, upper) } else { upper }
}

/// The arithmetic mean, whatever the order and size of the values: what adding rounds off is added
/// at the end (Neumaier's sum).
fn mean_of(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let (mut sum, mut rest) = (0.0_f64, 0.0);
    for &value in values {
        let next = sum + value;
        rest += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    let mean = (sum + rest) / count;
    // A sum beyond the largest number has a mean all the same.
    if mean.is_finite() { mean } else { values.iter().map(|value| value / count).sum() }
}

fn histogram(values: &[f64], min: f64, max: f64) -> Vec<u64> {
    let mut bins = vec![0; BINS];
    // Halves, because the distance of two numbers can be larger than any number.
    let from_least = |value: f64| value / 2.0 - min / 2.0;
    let width = from_least(max) / BINS as f64;
    for &value in values {
        let bin = if width > 0.0 { (from_least(value) / width) as usize } else { 0 };
        bins[bin.min(BINS - 1)] += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::super::tests::one_column;
    use super::*;

    #[test]
    fn values_are_counted_across_the_whole_table() {
        let cell = |row: usize| match row % 4 {
            0 => format!("só um {row}"),
            1 => format!("às vezes {}", row % 1000),
            2 => "sempre".to_owned(),
            _ => "n/a".to_owned(),
        };
        let cells: Vec<_> = (0..150_000).map(cell).collect();
        let (_folder, table) = one_column(cells.iter().map(|cell| Some(cell.as_str())), None);
        let odd_thousands = Bits::from_fn(150_000, |row| row / 1000 % 2 == 1);
        let stats = column_stats(&table, 0, &odd_thousands);
        assert_eq!((stats.rows, stats.missing), (75_000, 18_750));
        assert_eq!(stats.distinct, 18_750 + 250 + 1);
        assert_eq!(stats.top.len(), TOP);
        assert_eq!(stats.top[0], ("sempre".to_owned(), 18_750));
        // Equal counts stand in the order of the text.
        assert_eq!(stats.top[1], ("às vezes 1".to_owned(), 75));
        assert_eq!(stats.top[2], ("às vezes 101".to_owned(), 75));
        let letters: usize = odd_thousands
            .iter()
            .filter(|row| row % 4 != 3)
            .map(|row| cell(row as usize).chars().count())
            .sum();
        assert_eq!(stats.mean_length, Some(letters as f64 / 56_250.0));
    }

    #[test]
    fn the_median_of_an_even_number_of_values_lies_between_the_middle_two() {
        let range = |values: &[f64]| spread(values).unwrap().0;
        let all = range(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!((all.min, all.median, all.mean, all.max), (1.0, 2.5, 2.5, 4.0));
        let mean = range(&[f64::MAX, f64::MAX, -1.0]).mean;
        assert!(mean.is_finite() && mean > 1e308);
        assert_eq!(range(&[1e16, 1.0, -1e16]).mean, 1.0 / 3.0);
        let bins = |values: &[f64]| spread(values).unwrap().1;
        let wide = bins(&[f64::MAX, f64::MIN, 0.0]);
        assert_eq!((wide[0], wide[BINS / 2], wide[BINS - 1]), (1, 1, 1));
        assert_eq!(bins(&[1.0, 4.0, 4.0])[BINS - 1], 2);
        assert!(spread(&[]).is_none());
    }
}
