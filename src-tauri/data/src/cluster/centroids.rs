//! Centroids and the distances to them, in scikit-learn's own order of operations.

use super::kernel::Table;
use crate::tfidf::Row;

/// The centers of the clusters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Centroids {
    pub(super) features: usize,
    /// Row-major: `values[cluster * features + feature]`.
    pub(super) values: Vec<f64>,
    /// Each centroid's squared length.
    pub(super) squares: Vec<f64>,
}

impl Centroids {
    pub(super) fn new(values: Vec<f64>, features: usize) -> Self {
        let squares = values.chunks_exact(features).map(squared_length).collect();
        Self { features, values, squares }
    }

    pub(super) fn len(&self) -> usize {
        self.squares.len()
    }

    pub(super) fn vector(&self, cluster: usize) -> &[f64] {
        &self.values[cluster * self.features..][..self.features]
    }

    pub(super) fn vectors(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.features)
    }

    pub(super) fn table(&self, idf: &[f64]) -> Table {
        Table::new(self.vectors(), idf)
    }

    /// The nearest centroid, summed entry by entry as scikit-learn's E-step does; of equals the
    /// first.
    pub(super) fn nearest(&self, row: &Row<'_>, idf: &[f64]) -> usize {
        let mut best = (f64::MAX, 0);
        for (cluster, center) in self.vectors().enumerate() {
            let mut product = 0.0;
            for (feature, weight) in row.weights(idf) {
                product += center[feature] * weight;
            }
            let score = self.squares[cluster] - 2.0 * product;
            if score < best.0 {
                best = (score, cluster);
            }
        }
        best.1
    }

    /// The squared distance, summed as scikit-learn's `_euclidean_sparse_dense` does.
    pub(super) fn squared_distance(&self, row: &Row<'_>, idf: &[f64], cluster: usize) -> f64 {
        let center = self.vector(cluster);
        let mut sum = 0.0;
        for (feature, weight) in row.weights(idf) {
            let at = center[feature];
            let apart = weight - at;
            sum += apart * apart - at * at;
        }
        (sum + self.squares[cluster]).max(0.0)
    }

    /// The sum of the squared distances between these centroids and `others`.
    pub(super) fn shift(&self, others: &Self) -> f64 {
        let shifts = self.vectors().zip(others.vectors()).map(|(a, b)| {
            let (fours_a, rest_a) = a.as_chunks::<4>();
            let (fours_b, rest_b) = b.as_chunks::<4>();
            let square = |i: usize, a: &[f64], b: &[f64]| (a[i] - b[i]) * (a[i] - b[i]);
            let mut sum = 0.0;
            for (a, b) in fours_a.iter().zip(fours_b) {
                sum += square(0, a, b) + square(1, a, b) + square(2, a, b) + square(3, a, b);
            }
            for i in 0..rest_a.len() {
                sum += square(i, rest_a, rest_b);
            }
            let distance = f64::sqrt(sum);
            distance * distance
        });
        shifts.sum()
    }
}

/// `numpy.einsum("ij,ij->i", x, x)` of one row, bit for bit: two running sums, four pairs at a
/// time from the last to the first.
fn squared_length(vector: &[f64]) -> f64 {
    let mut sums = [0.0; 2];
    let (eights, rest) = vector.as_chunks::<8>();
    for eight in eights {
        for pair in [3, 2, 1, 0] {
            for lane in 0..2 {
                let x = eight[pair * 2 + lane];
                sums[lane] += x * x;
            }
        }
    }
    for pair in rest.chunks(2) {
        for (sum, x) in sums.iter_mut().zip(pair) {
            *sum += x * x;
        }
    }
    sums[0] + sums[1]
}
