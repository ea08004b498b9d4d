//! Rows of numbers most of which are nought.

use crate::tfidf::SparseRows;

/// Rows of `(column, value)`; what is not named is nought.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Where each row ends in `entries`.
    ends: Vec<usize>,
    entries: Vec<(u32, f64)>,
    width: usize,
}

impl Matrix {
    /// No rows yet, of so many columns.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self { ends: Vec::new(), entries: Vec::new(), width }
    }

    /// Appends a row; no column twice.
    pub fn push(&mut self, row: impl IntoIterator<Item = (usize, f64)>) {
        let entry = |(column, value): (usize, f64)| (column as u32, value);
        self.entries.extend(row.into_iter().filter(|one| one.1 != 0.0).map(entry));
        self.ends.push(self.entries.len());
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// How many columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The numbers of a row that are not nought.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[(u32, f64)] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.entries[start..self.ends[row]]
    }

    /// The rows of these numbers, in this order.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        let mut chosen = Self::new(self.width);
        for &row in rows {
            chosen.entries.extend_from_slice(self.row(row as usize));
            chosen.ends.push(chosen.entries.len());
        }
        chosen
    }

    /// Columns as rows, each in the order of the rows.
    pub(super) fn turned(&self) -> Self {
        let mut next = vec![0; self.width + 1];
        for &(column, _) in &self.entries {
            next[column as usize + 1] += 1;
        }
        for column in 0..self.width {
            next[column + 1] += next[column];
        }
        let ends = next[1..].to_vec();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for row in 0..self.rows() {
            for &(column, value) in self.row(row) {
                let place = &mut next[column as usize];
                entries[*place] = (row as u32, value);
                *place += 1;
            }
        }
        Self { ends, entries, width: self.rows() }
    }
}

impl From<&SparseRows> for Matrix {
    fn from(rows: &SparseRows) -> Self {
        let mut matrix = Self::new(rows.features());
        for row in rows.blocks().iter().flat_map(|block| block.rows()) {
            matrix.push(row.weights(rows.idf()));
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turned_twice_is_the_same() {
        let mut matrix = Matrix::new(4);
        matrix.push([(0, 1.0), (3, -2.0)]);
        matrix.push([]);
        matrix.push([(3, 5.0), (2, 0.0)]);
        let turned = matrix.turned();
        assert_eq!((turned.rows(), turned.width()), (4, 3));
        assert_eq!(turned.row(3), [(0, -2.0), (2, 5.0)]);
        assert_eq!(turned.turned(), matrix);
        assert_eq!(matrix.select(&[2, 0]).row(0), [(3, 5.0)]);
    }
}
