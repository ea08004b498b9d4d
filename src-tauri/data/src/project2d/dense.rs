//! Dense rows, and what can be wrong with them.

use crate::progress::Cancelled;

/// Rows of equal length, one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dense {
    /// How many rows.
    pub rows: usize,
    /// How many numbers a row has.
    pub dims: usize,
    /// `rows * dims` numbers, row by row.
    pub values: Vec<f32>,
}

impl Dense {
    /// The numbers of one row; empty beyond the last row.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        self.values.get(row * self.dims..(row + 1) * self.dims).unwrap_or(&[])
    }

    /// Checks that the values fill the shape and are all finite.
    ///
    /// # Errors
    /// [`ProjectError::Shape`] or [`ProjectError::NotFinite`] with the first offending position.
    pub fn validate(&self) -> Result<(), ProjectError> {
        if self.rows.checked_mul(self.dims) != Some(self.values.len()) {
            return Err(ProjectError::Shape {
                rows: self.rows,
                dims: self.dims,
                values: self.values.len(),
            });
        }
        match self.values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => Err(ProjectError::NotFinite {
                row: at / self.dims,
                column: at % self.dims,
                value: self.values[at],
            }),
        }
    }
}

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The number of values is not rows times dims.
    #[error("{values} values do not make {rows} rows of {dims}")]
    Shape {
        /// Rows claimed.
        rows: usize,
        /// Numbers a row claimed.
        dims: usize,
        /// Values there are.
        values: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row}, column {column} holds {value}, which is not a finite number")]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value found.
        value: f32,
    },
    /// More rows than a point's number can count.
    #[error("a map holds at most {limit} rows; this one has {rows}")]
    TooManyRows {
        /// Rows given.
        rows: usize,
        /// Rows allowed.
        limit: usize,
    },
    /// The work would need more memory than the caller allows.
    #[error("a map of {rows} rows needs about {needed} bytes; {limit} are allowed")]
    Memory {
        /// Rows given.
        rows: usize,
        /// Estimated peak, in bytes.
        needed: u64,
        /// The caller's limit, in bytes.
        limit: u64,
    },
    /// Points and rows are not the same number.
    #[error("{points} points for {rows} rows")]
    PointCount {
        /// Points given.
        points: usize,
        /// Rows given.
        rows: usize,
    },
    /// Trustworthiness is not defined for so many neighbours.
    #[error(
        "{neighbours} neighbours: trustworthiness needs at least 1 and fewer than half of {rows} rows"
    )]
    NeighbourCount {
        /// Neighbours asked for.
        neighbours: usize,
        /// Rows given.
        rows: usize,
    },
    /// The neighbour index failed.
    #[error("the neighbour index failed")]
    Index(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The caller stopped the work.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
