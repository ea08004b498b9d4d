//! Sparse rows: term counts in four bytes an entry, weights computed when they are used.

use std::sync::Arc;

use rayon::prelude::*;

use crate::progress::{Cancelled, Progress};

/// One term of one row: feature in the upper 24 bits, count in the lower 8. A count above 255 is
/// held as several entries of the same feature, which sums and products need not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry(u32);

impl Entry {
    /// Features that can be named.
    pub(super) const FEATURES: usize = 1 << 24;

    #[allow(clippy::cast_possible_truncation, reason = "fit bounds features by FEATURES")]
    pub(super) fn new(feature: usize, count: u8) -> Self {
        Self((feature as u32) << 8 | u32::from(count))
    }

    /// Feature and count in one number.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }

    /// The column.
    #[inline]
    #[must_use]
    pub fn feature(self) -> usize {
        (self.0 >> 8) as usize
    }

    /// Occurrences, or a part of them, from 1 to 255.
    #[inline]
    #[must_use]
    pub fn count(self) -> u8 {
        self.0 as u8
    }
}

/// Consecutive rows.
#[derive(Debug, Clone, Default)]
pub struct RowBlock {
    pub(super) entries: Vec<Entry>,
    /// Where each row ends in `entries`.
    pub(super) ends: Vec<u32>,
    /// Each row's Euclidean length before it was scaled to 1; 1 for a row without terms.
    pub(super) lengths: Vec<f64>,
}

/// A row: entries in the order in which their terms were first seen in the fitted documents (by
/// ascending feature in rows that a fitted vocabulary transformed), and the length that divides
/// their weights.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The terms; a feature repeats, in succession, only where its count passes 255.
    pub entries: &'a [Entry],
    /// The Euclidean length of `count * idf`; 1 for a row without terms.
    pub length: f64,
}

impl Row<'_> {
    /// Features and weights `count * idf / length`, each feature once; bit for bit and in the order
    /// in which scikit-learn's matrix holds them, for equal idf.
    pub fn weights<'b>(&'b self, idf: &'b [f64]) -> impl Iterator<Item = (usize, f64)> + 'b {
        let mut rest = self.entries.iter().copied().peekable();
        std::iter::from_fn(move || {
            let first = rest.next()?;
            let feature = first.feature();
            let mut count = u64::from(first.count());
            while let Some(more) = rest.next_if(|e| e.feature() == feature) {
                count += u64::from(more.count());
            }
            #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
            Some((feature, count as f64 * idf[feature] / self.length))
        })
    }
}

impl RowBlock {
    /// Rows in the block.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The row at `index` within the block.
    ///
    /// # Panics
    /// When `index` is out of range.
    #[inline]
    #[must_use]
    pub fn row(&self, index: usize) -> Row<'_> {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        Row {
            entries: &self.entries[start..self.ends[index] as usize],
            length: self.lengths[index],
        }
    }

    /// Whether the row at `index` within the block has no terms.
    #[inline]
    pub(crate) fn is_row_empty(&self, index: usize) -> bool {
        self.ends[index] == if index == 0 { 0 } else { self.ends[index - 1] }
    }

    /// The block's rows in order.
    #[inline]
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.len()).map(|index| self.row(index))
    }

    /// Appends a row of `(feature, count)`, features distinct.
    #[allow(clippy::cast_possible_truncation, reason = "the split below keeps parts under 256")]
    #[allow(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub(super) fn push(&mut self, terms: impl Iterator<Item = (usize, u64)>, idf: &[f64]) {
        let mut squares = 0.0;
        for (feature, count) in terms {
            let weight = count as f64 * idf[feature];
            squares += weight * weight;
            let mut rest = count;
            while rest > 255 {
                self.entries.push(Entry::new(feature, 255));
                rest -= 255;
            }
            self.entries.push(Entry::new(feature, rest as u8));
        }
        self.ends.push(self.entries.len() as u32);
        self.lengths.push(if squares == 0.0 { 1.0 } else { f64::sqrt(squares) });
    }

    /// Appends a row as another block holds it.
    #[allow(clippy::cast_possible_truncation, reason = "a block is a part of one that fitted")]
    fn push_entries(&mut self, entries: &[Entry], length: f64) {
        self.entries.extend_from_slice(entries);
        self.ends.push(self.entries.len() as u32);
        self.lengths.push(length);
    }

    /// Whether another row of up to `terms` entries fits the block.
    pub(super) fn has_room(&self, terms: usize) -> bool {
        self.len() < Self::MOST_ROWS && self.entries.len() + terms < u32::MAX as usize
    }

    /// Rows a block holds at most: the grain of parallel work and of progress.
    const MOST_ROWS: usize = 8_192;

    pub(super) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.lengths.shrink_to_fit();
    }
}

/// The document-term matrix, rows in document order.
#[derive(Debug, Clone)]
pub struct SparseRows {
    blocks: Vec<RowBlock>,
    /// The number of the first row of each block, then the number of rows.
    starts: Vec<usize>,
    idf: Arc<[f64]>,
}

impl SparseRows {
    pub(super) fn new(blocks: Vec<RowBlock>, idf: Arc<[f64]>) -> Self {
        let mut starts = Vec::with_capacity(blocks.len() + 1);
        let mut row = 0;
        for block in &blocks {
            starts.push(row);
            row += block.len();
        }
        starts.push(row);
        Self { blocks, starts, idf }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Columns.
    #[must_use]
    pub fn features(&self) -> usize {
        self.idf.len()
    }

    /// Entries of all rows together.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.blocks.iter().map(|block| block.entries.len()).sum()
    }

    /// The weight of one occurrence of each feature before the row is scaled.
    #[must_use]
    pub fn idf(&self) -> &[f64] {
        &self.idf
    }

    /// The rows in blocks, the unit of parallel work.
    #[must_use]
    pub fn blocks(&self) -> &[RowBlock] {
        &self.blocks
    }

    /// The number of the first row of block `index`.
    pub(crate) fn block_start(&self, index: usize) -> usize {
        self.starts[index]
    }

    /// The row at `index`.
    ///
    /// # Panics
    /// When `index` is out of range.
    #[must_use]
    pub fn row(&self, index: usize) -> Row<'_> {
        let block = self.starts.partition_point(|&start| start <= index) - 1;
        self.blocks[block].row(index - self.starts[block])
    }

    /// The rows of these numbers, in this order.
    pub(crate) fn select(&self, numbers: &[u32]) -> Self {
        let blocks = numbers.chunks(RowBlock::MOST_ROWS).map(|numbers| {
            let mut block = RowBlock::default();
            for &number in numbers {
                let row = self.row(number as usize);
                block.push_entries(row.entries, row.length);
            }
            block
        });
        Self::new(blocks.collect(), Arc::clone(&self.idf))
    }

    /// Puts each row's entries in the order of features, whatever documents came first, and sums
    /// the lengths in that order.
    ///
    /// # Errors
    /// [`Cancelled`] once the caller wants to stop; the entries of some rows are then in order.
    pub(crate) fn sort_entries(&mut self, progress: &dyn Progress) -> Result<(), Cancelled> {
        let idf = &self.idf;
        self.blocks.par_iter_mut().try_for_each(|block| {
            progress.check()?;
            let mut start = 0;
            for index in 0..block.len() {
                let end = block.ends[index] as usize;
                // Of the parts of a large count the remainder would sort first; any fixed order
                // serves.
                block.entries[start..end].sort_unstable();
                let row = Row { length: 1.0, ..block.row(index) };
                let squares: f64 = row.weights(idf).map(|(_, weight)| weight * weight).sum();
                block.lengths[index] = if squares == 0.0 { 1.0 } else { squares.sqrt() };
                start = end;
            }
            Ok(())
        })
    }
}
