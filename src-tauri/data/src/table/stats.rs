//! What a column holds.

use std::collections::HashMap;

use super::{Bits, Table};

/// Values shown as the most frequent.
const TOP: usize = 20;
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

/// Looks at `rows` of a column.
#[must_use]
pub fn column_stats(table: &Table, column: usize, rows: &Bits) -> ColumnStats {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    let mut values = Vec::new();
    let (mut missing, mut characters) = (0, 0);
    for row in rows.iter() {
        let row = row as usize;
        match table.cell(row, column) {
            _ if table.is_missing(row, column) => missing += 1,
            Some(text) => {
                *counts.entry(text).or_default() += 1;
                characters += text.chars().count();
            }
            None => missing += 1,
        }
        values.extend(table.value(row, column));
    }
    let total = rows.count() as u64;
    let distinct = counts.len() as u64;
    let mut top: Vec<_> = counts.into_iter().collect();
    let by_count = |left: &(&str, u64), right: &(&str, u64)| {
        right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0))
    };
    if top.len() > TOP {
        top.select_nth_unstable_by(TOP, by_count);
        top.truncate(TOP);
    }
    top.sort_unstable_by(by_count);
    let present = total - missing;
    let range = range_of(&mut values);
    ColumnStats {
        rows: total,
        missing,
        distinct,
        top: top.into_iter().map(|(text, count)| (text.to_owned(), count)).collect(),
        range,
        mean_length: (present > 0).then(|| characters as f64 / present as f64),
        histogram: range.map(|range| histogram(&values, range)).unwrap_or_default(),
    }
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
    use super::*;

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
