//! Sums of rows that do not depend on the order of adding: weights as whole numbers of a fixed
//! fraction.

use crate::tfidf::Row;

/// A power of two by which values of at most 1 are multiplied so that a sum of `rows` of them
/// fits 62 bits. A million rows leave 42 bits behind the point: the mean is then as near to the
/// true one as a sum of doubles gets.
pub(super) fn scale(rows: usize) -> f64 {
    let bits = usize::BITS - rows.leading_zeros();
    f64::from(2).powi(62 - i32::try_from(bits).unwrap_or(62))
}

/// For each cluster the number of its rows and the sum of their weights.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    features: usize,
    scale: f64,
    pub(super) rows: Vec<i64>,
    /// Row-major like the centroids, in units of `1 / scale`.
    weights: Vec<i64>,
}

impl Sums {
    pub(super) fn new(clusters: usize, features: usize, scale: f64) -> Self {
        Self { features, scale, rows: vec![0; clusters], weights: vec![0; clusters * features] }
    }

    /// Moves a row from one cluster (or from none) to another.
    #[allow(clippy::cast_possible_truncation, reason = "weights are at most 1, times the scale")]
    pub(super) fn transfer(&mut self, row: &Row<'_>, idf: &[f64], from: Option<usize>, to: usize) {
        let scale = self.scale / row.length;
        let fixed = |entry: &crate::tfidf::Entry| {
            let feature = entry.feature();
            (feature, (f64::from(entry.count()) * idf[feature] * scale) as i64)
        };
        self.rows[to] += 1;
        let sum = &mut self.weights[to * self.features..][..self.features];
        for (feature, weight) in row.entries.iter().map(fixed) {
            sum[feature] += weight;
        }
        let Some(from) = from else { return };
        self.rows[from] -= 1;
        let sum = &mut self.weights[from * self.features..][..self.features];
        for (feature, weight) in row.entries.iter().map(fixed) {
            sum[feature] -= weight;
        }
    }

    /// Takes over what `other` gathered and leaves it empty.
    pub(super) fn absorb(&mut self, other: &mut Self) {
        for (sum, part) in self.rows.iter_mut().zip(&mut other.rows) {
            *sum += std::mem::take(part);
        }
        for (sum, part) in self.weights.iter_mut().zip(&mut other.weights) {
            *sum += std::mem::take(part);
        }
    }

    /// The sums as numbers, row-major.
    #[allow(clippy::cast_precision_loss, reason = "the rounding is that of the last bit")]
    pub(super) fn weights(&self) -> Vec<f64> {
        self.weights.iter().map(|&sum| sum as f64 / self.scale).collect()
    }
}
