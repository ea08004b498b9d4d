//! What can go wrong with the columnar copy.

use std::path::{Path, PathBuf};

use arrow_schema::ArrowError;

/// What can go wrong with the columnar copy.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file could not be written or read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not one that [`TableWriter`] wrote.
    #[error("{path}: {source}")]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: ArrowError,
    },
    /// There is no such column.
    #[error("no column {0}")]
    UnknownColumn(String),
}

/// Arrow hides the operating system's error in its own; the person needs to see "disk full".
pub(super) fn failed(path: &Path, error: ArrowError) -> TableError {
    match error {
        ArrowError::IoError(_, source) => TableError::Io { path: path.to_owned(), source },
        source => TableError::Format { path: path.to_owned(), source },
    }
}
