//! How good probabilities of one class are: as an order of rows, and as probabilities. Equal to
//! scikit-learn's `roc_auc_score`, `average_precision_score` and `brier_score_loss`.

use serde::{Deserialize, Serialize};

use crate::project2d::random::shuffled;

/// Rows of about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The mean of their probabilities.
    pub said: f64,
    /// The share of them that is positive.
    pub was: f64,
    /// How many.
    pub rows: u64,
}

/// A tenth of the rows, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decile {
    /// How many rows.
    pub rows: u64,
    /// How many of them are positive.
    pub positive: u64,
    /// The share of positives over that of all rows.
    pub lift: f64,
    /// The share of all positives that this tenth and those before it hold.
    pub captured: f64,
}

/// Rows by falling score; rows of one score in an order that says nothing about them.
fn ranked(scores: &[f64]) -> Vec<u32> {
    let mut rows = shuffled(scores.len() as u32, 0);
    rows.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]));
    rows
}

/// `(true, false)` positives once every score down to each different one counts as positive.
fn counts(scores: &[f64], is_positive: &[bool]) -> Vec<(u64, u64)> {
    let rows = ranked(scores);
    let (mut hits, mut misses, mut all) = (0, 0, Vec::new());
    for same in rows.chunk_by(|&a, &b| scores[a as usize] == scores[b as usize]) {
        let positive = same.iter().filter(|&&row| is_positive[row as usize]).count() as u64;
        hits += positive;
        misses += same.len() as u64 - positive;
        all.push((hits, misses));
    }
    all
}

/// The receiver operating characteristic: `(false positive rate, true positive rate)` from (0, 0) to
/// (1, 1). Nothing where all rows are alike.
#[must_use]
pub fn roc(scores: &[f64], is_positive: &[bool]) -> Vec<(f64, f64)> {
    let counts = counts(scores, is_positive);
    let Some(&(positive, negative)) = counts.last() else { return Vec::new() };
    if positive == 0 || negative == 0 {
        return Vec::new();
    }
    let rate = |&(hits, misses): &(u64, u64)| {
        (misses as f64 / negative as f64, hits as f64 / positive as f64)
    };
    std::iter::once((0.0, 0.0)).chain(counts.iter().map(rate)).collect()
}

/// The area under [`roc`]: how often a positive row has a higher score than a negative one, equal ones
/// counting half. A half where all rows are alike.
#[must_use]
pub fn roc_area(scores: &[f64], is_positive: &[bool]) -> f64 {
    let curve = roc(scores, is_positive);
    if curve.is_empty() {
        return 0.5;
    }
    curve.windows(2).map(|two| (two[1].0 - two[0].0) * f64::midpoint(two[0].1, two[1].1)).sum()
}

/// The mean of the precision at every score, weighed by the recall that it adds.
#[must_use]
pub fn average_precision(scores: &[f64], is_positive: &[bool]) -> f64 {
    let counts = counts(scores, is_positive);
    let positive = counts.last().map_or(0, |last| last.0).max(1) as f64;
    let mut before = 0;
    let mut sum = 0.0;
    for (hits, misses) in counts {
        sum += (hits - before) as f64 / positive * hits as f64 / (hits + misses) as f64;
        before = hits;
    }
    sum
}

/// The mean squared distance of probabilities from what came (Brier 1950).
#[must_use]
pub fn brier(probabilities: &[f64], is_positive: &[bool]) -> f64 {
    let each = probabilities.iter().zip(is_positive);
    let sum: f64 = each.map(|(p, &one)| (p - f64::from(u8::from(one))).powi(2)).sum();
    sum / probabilities.len().max(1) as f64
}

/// Tenths of the rows by falling probability.
#[must_use]
pub fn lift(probabilities: &[f64], is_positive: &[bool]) -> Vec<Decile> {
    let rows = ranked(probabilities);
    let positives = is_positive.iter().filter(|&&one| one).count().max(1) as u64;
    let base = positives as f64 / rows.len().max(1) as f64;
    let mut before = 0;
    tenths(&rows)
        .map(|rows| {
            let positive = rows.iter().filter(|&&row| is_positive[row as usize]).count() as u64;
            before += positive;
            Decile {
                rows: rows.len() as u64,
                positive,
                lift: positive as f64 / rows.len() as f64 / base,
                captured: before as f64 / positives as f64,
            }
        })
        .collect()
}

/// What was said and what came, of tenths of the rows by rising probability.
#[must_use]
pub fn calibration(probabilities: &[f64], is_positive: &[bool]) -> Vec<Bin> {
    let mut rows = ranked(probabilities);
    rows.reverse();
    tenths(&rows)
        .map(|rows| {
            let count = rows.len() as f64;
            let said: f64 = rows.iter().map(|&row| probabilities[row as usize]).sum();
            let was = rows.iter().filter(|&&row| is_positive[row as usize]).count() as f64;
            Bin { said: said / count, was: was / count, rows: rows.len() as u64 }
        })
        .collect()
}

/// Ten parts of about one length; fewer where there are fewer rows.
fn tenths(rows: &[u32]) -> impl Iterator<Item = &[u32]> {
    let end = |part: usize| rows.len() * part / 10;
    (0..10).map(move |part| &rows[end(part)..end(part + 1)]).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_equal_scikit_learns() {
        // y, s = [0, 0, 1, 1, 0, 1], [.1, .4, .35, .8, .4, .4]
        let is_positive = [false, false, true, true, false, true];
        let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4];
        assert!((roc_area(&scores, &is_positive) - 6.0 / 9.0).abs() < 1e-12);
        assert!(
            (average_precision(&scores, &is_positive) - (1.0 / 3.0 + 0.5 / 3.0 + 0.6 / 3.0)).abs()
                < 1e-12
        );
        assert!(
            (brier(&scores, &is_positive) - (0.01 + 0.16 + 0.4225 + 0.04 + 0.16 + 0.36) / 6.0)
                .abs()
                < 1e-12
        );
        assert_eq!(roc_area(&[0.5, 0.5], &[true, true]), 0.5);
    }

    #[test]
    fn tenths_hold_every_row_and_ties_are_not_told_apart_by_their_place() {
        let is_positive: Vec<bool> = (0..1000).map(|row| row < 200).collect();
        let flat = lift(&[0.2; 1000], &is_positive);
        assert_eq!(flat.iter().map(|tenth| tenth.rows).sum::<u64>(), 1000);
        assert!(flat.iter().all(|tenth| (0.5..1.7).contains(&tenth.lift)), "{flat:?}");
        assert!((flat[9].captured - 1.0).abs() < 1e-12);
        let scores: Vec<f64> = (0..1000).map(|row| 1.0 - f64::from(row) / 1000.0).collect();
        assert!((lift(&scores, &is_positive)[0].lift - 5.0).abs() < 1e-12);
        let bins = calibration(&scores, &is_positive);
        assert!(bins.len() == 10 && bins[9].was == 1.0 && bins[0].was == 0.0);
    }
}
