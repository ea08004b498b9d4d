//! What can be wrong with a whole file. A bad row is no error but a [`super::RowIssue`].

use std::io;
use std::path::PathBuf;

use crate::progress::Cancelled;

/// Why a file could not be read as a table.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing is at this path.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// The path asked for.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{} is a folder", path.display())]
    IsFolder {
        /// The path asked for.
        path: PathBuf,
    },
    /// The file holds no record: no byte, only a byte order mark, or only blank lines.
    #[error("the file holds no record")]
    Empty,
    /// The bytes are not delimited text.
    #[error("the file is not text: {what}")]
    NotText {
        /// What it looks like instead.
        what: &'static str,
    },
    /// The file became shorter while it was read.
    #[error(
        "{} shrank while it was read: {expected} bytes at first, now {found}",
        path.display()
    )]
    Shrunk {
        /// The file.
        path: PathBuf,
        /// Its length in bytes when it was opened.
        expected: u64,
        /// The offset in bytes at which it now ends.
        found: u64,
    },
    /// The operating system refused.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Delimiter and quote of a dialect contradict each other or are not single ASCII characters.
    #[error("{delimiter:?} and {quote:?} cannot serve as delimiter and quote")]
    Contradiction {
        /// The delimiter asked for.
        delimiter: char,
        /// The quote asked for.
        quote: Option<char>,
    },
    /// The caller stopped the work.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}
