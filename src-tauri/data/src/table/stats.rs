//! What a column holds.

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
const PARTS: usize = 64;
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
            (one.0 + other.0, most_frequent([one.1, other.1].concat()))
        });
    let mut values: Vec<f64> = tallies.iter().flat_map(|tally| &tally.values).copied().collect();
    let sum = |part: fn(&Tally) -> u64| tallies.iter().map(part).sum::<u64>();
    let (rows, missing) = (sum(|tally| tally.rows), sum(|tally| tally.missing));
    let present = rows - missing;
    let range = range_of(&mut values);
    ColumnStats {
        rows,
        missing,
        distinct,
        top: top.into_iter().map(|(text, count)| (text.to_owned(), count)).collect(),
        range,
        mean_length: (present > 0).then(|| sum(|tally| tally.characters) as f64 / present as f64),
        histogram: range.map(|range| histogram(&values, range)).unwrap_or_default(),
    }
}

/// A value with its hash.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Value<'a> {
    hash: u64,
    text: &'a str,
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
            parts: vec![Vec::new(); PARTS],
        };
        for row in rows {
            tally.rows += 1;
            let value = values.filter(|values| values.is_valid(row));
            tally.values.extend(value.map(|values| values.value(row)));
            match text.is_valid(row).then(|| text.value(row)) {
                Some(text) if !is_missing(text.as_bytes().trim_ascii()) => {
                    tally.characters += text.chars().count() as u64;
                    let hash = hash(text.as_bytes());
                    // Neither the bits that place a key in a hash table nor those that mark it.
                    tally.parts[(hash >> 32) as usize % PARTS].push(Value { hash, text });
                }
                _ => tally.missing += 1,
            }
        }
        tally
    }
}

/// How many of the values differ, and the most frequent.
fn counted<'a>(values: &[&[Value<'a>]]) -> (u64, Vec<(&'a str, u64)>) {
    let most = values.iter().map(|values| values.len()).sum();
    let mut counts: HashMap<Value, u64, BuildHasherDefault<Same>> =
        HashMap::with_capacity_and_hasher(most, BuildHasherDefault::default());
    for value in values.iter().copied().flatten() {
        *counts.entry(*value).or_default() += 1;
    }
    let distinct = counts.len() as u64;
    let counts = counts.into_iter().map(|(value, count)| (value.text, count));
    (distinct, most_frequent(counts.collect()))
}

/// The first by count, then by text, at most [`TOP`].
fn most_frequent(mut counts: Vec<(&str, u64)>) -> Vec<(&str, u64)> {
    let by_count = |left: &(&str, u64), right: &(&str, u64)| {
        right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0))
    };
    if counts.len() > TOP {
        counts.select_nth_unstable_by(TOP, by_count);
        counts.truncate(TOP);
    }
    counts.sort_unstable_by(by_count);
    counts
}

fn range_of(values: &mut [f64]) -> Option<RangeStats> {
    if values.is_empty() {
        return None;
    }
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let median = if even { f64::midpoint(lower, upper) } else { upper };
    Some(RangeStats {
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        mean: mean_of(values),
        median,
    })
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

fn histogram(values: &[f64], range: RangeStats) -> Vec<u64> {
    let mut bins = vec![0; BINS];
    // Halves, because the distance of two numbers can be larger than any number.
    let from_least = |value: f64| value / 2.0 - range.min / 2.0;
    let width = from_least(range.max) / BINS as f64;
    for &value in values {
        let bin = if width > 0.0 { (from_least(value) / width) as usize } else { 0 };
        bins[bin.min(BINS - 1)] += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnSpec, TableWriter};
    use super::*;

    #[test]
    fn values_are_counted_across_the_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.arrow");
        let columns = vec![ColumnSpec { name: "a".into(), parse: None }];
        let mut writer = TableWriter::create(&path, columns).unwrap();
        let cell = |row: usize| match row % 4 {
            0 => format!("só um {row}"),
            1 => format!("às vezes {}", row % 1000),
            2 => "sempre".to_owned(),
            _ => "n/a".to_owned(),
        };
        for row in 0..150_000 {
            writer.push([Some(cell(row).as_str())]).unwrap();
        }
        writer.finish().unwrap();
        let table = Table::open(&path).unwrap();
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
        let range = range_of(&mut [4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!((range.min, range.median, range.mean, range.max), (1.0, 2.5, 2.5, 4.0));
        let range = range_of(&mut [f64::MAX, f64::MAX, -1.0]).unwrap();
        assert!(range.mean.is_finite() && range.mean > 1e308);
        let range = range_of(&mut [f64::MAX, f64::MIN, 0.0]).unwrap();
        let bins = histogram(&[f64::MAX, f64::MIN, 0.0], range);
        assert_eq!((bins[0], bins[BINS / 2], bins[BINS - 1]), (1, 1, 1));
        let range = range_of(&mut [1e16, 1.0, -1e16]).unwrap();
        assert_eq!(range.mean, 1.0 / 3.0);
        let range = range_of(&mut [4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!(histogram(&[1.0, 4.0, 4.0], range)[BINS - 1], 2);
    }
}
