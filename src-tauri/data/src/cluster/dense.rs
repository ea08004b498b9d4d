//! Distances between rows: some of them made dense, all others streamed past.

use super::kernel::{Table, Visitor};
use super::lanes::{Instructions, LANES, Lanes};
use crate::tfidf::{Row, RowBlock, SparseRows};

/// A row as a dense vector.
pub(super) struct DenseRow {
    pub(super) values: Vec<f64>,
    /// Its squared length.
    square: f64,
}

impl DenseRow {
    pub(super) fn new(rows: &SparseRows, row: usize) -> Self {
        let mut values = vec![0.0; rows.features()];
        let mut square = 0.0;
        for (feature, weight) in rows.row(row).weights(rows.idf()) {
            values[feature] = weight;
            square += weight * weight;
        }
        Self { values, square }
    }

    /// Whether the row has no terms.
    pub(super) fn is_empty(&self) -> bool {
        self.square == 0.0
    }

    /// The squared distance in scikit-learn's own order, which makes it exactly 0 for equal rows.
    fn squared_distance(&self, row: &Row<'_>, idf: &[f64]) -> f64 {
        let (mut product, mut square) = (0.0, 0.0);
        for (feature, weight) in row.weights(idf) {
            product += self.values[feature] * weight;
            square += weight * weight;
        }
        (-2.0 * product + self.square + square).max(0.0)
    }
}

/// Below this squared distance the fast sum has lost too many digits, and the exact one is taken.
const NEAR: f64 = 1e-6;

/// What is done with the squared distances of a row to a group of dense rows.
pub(super) trait Sink {
    /// `row` is the row's place in the block. Must be `#[inline(always)]`.
    fn take<I: Instructions>(
        &mut self,
        instructions: I,
        row: usize,
        group: usize,
        squared: I::Vector,
    );
}

/// Computes the squared distances of a block's rows to each dense row of a table.
pub(super) struct Distances<'a, S> {
    pub(super) block: &'a RowBlock,
    pub(super) idf: &'a [f64],
    pub(super) to: &'a [DenseRow],
    pub(super) squares: &'a [Lanes],
    pub(super) sink: S,
}

impl<S: Sink> Visitor for Distances<'_, S> {
    #[inline(always)]
    fn visit<I: Instructions>(&mut self, i: I, row: usize, length: f64, products: &[I::Vector]) {
        let own = if self.block.is_row_empty(row) { 0.0 } else { 1.0 };
        for (group, &products) in products.iter().enumerate() {
            let twice = i.div(i.add(products, products), i.splat(length));
            let both = i.add(i.splat(own), i.load(&self.squares[group]));
            let mut squared = i.sub(both, twice);
            if i.less(squared, i.splat(NEAR)) != 0 {
                squared = i.load(&self.exact(row, group, i.store(squared)));
            }
            self.sink.take(i, row, group, squared);
        }
    }
}

impl<S> Distances<'_, S> {
    /// The same distances, with those that have lost their digits computed anew.
    #[cold]
    #[inline(never)]
    fn exact(&self, row: usize, group: usize, mut squared: Lanes) -> Lanes {
        for (squared, to) in squared.0.iter_mut().zip(&self.to[group * LANES..]) {
            if *squared < NEAR {
                *squared = to.squared_distance(&self.block.row(row), self.idf);
            }
        }
        squared
    }
}

/// The dense rows side by side, and their squared lengths in the same arrangement.
pub(super) fn table(dense: &[DenseRow], idf: &[f64]) -> (Table, Vec<Lanes>) {
    let table = Table::new(dense.iter().map(|row| row.values.as_slice()), idf);
    // Lanes that stand for no row are far from all.
    let mut squares = vec![Lanes([4.0; LANES]); table.groups()];
    for (number, row) in dense.iter().enumerate() {
        squares[number / LANES].0[number % LANES] = row.square;
    }
    (table, squares)
}
