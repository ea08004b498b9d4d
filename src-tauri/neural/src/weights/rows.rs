//! A matrix that is read row by row.

use std::sync::Arc;

use crate::error::Result;

use super::number::Kind;
use super::source::Source;

/// Rows of numbers in a file.
#[derive(Debug)]
pub struct Rows {
    pub(super) place: Place,
    pub(super) kind: Kind,
    pub(super) rows: usize,
    pub(super) width: usize,
    /// Bytes of a row.
    pub(super) size: usize,
}

/// Where rows lie, one after the other.
#[derive(Debug)]
pub(super) enum Place {
    File(Arc<Source>, u64),
    /// Where the file has them in another order.
    Memory(Vec<u8>),
}

impl Rows {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Reads row `row` into `out`.
    ///
    /// # Errors
    /// [`Error::Unreadable`](crate::Error::Unreadable).
    ///
    /// # Panics
    /// When there is no such row, or `out` is not as long as a row.
    pub fn read(&self, row: usize, out: &mut [f32]) -> Result<()> {
        assert!(row < self.rows && out.len() == self.width, "row {row} of {}", self.rows);
        let size = self.size;
        match &self.place {
            Place::Memory(bytes) => self.kind.read(&bytes[row * size..][..size], out),
            Place::File(source, offset) => {
                // Rows of any model there is fit; larger ones are read all the same.
                let mut near = [0; 1 << 14];
                let mut far = Vec::new();
                let bytes = if size <= near.len() {
                    &mut near[..size]
                } else {
                    far.resize(size, 0);
                    &mut far
                };
                source.read_at(offset + (row * size) as u64, bytes)?;
                self.kind.read(bytes, out);
            }
        }
        Ok(())
    }
}
