//! The first rows of a file, read as the whole of it would be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::report::Counts;
use super::{
    ColumnProfile, Dialect, FileError, Input, IssueKind, OpenReport, Overrides, Reader, RowIssue,
    detect,
};
use crate::progress::Progress;

/// The first rows of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// How the file is read.
    pub dialect: Dialect,
    /// The columns, profiled over the first block of about [`super::BLOCK_BYTES`] bytes.
    pub columns: Vec<ColumnProfile>,
    /// Cells of the first rows: as many as there are columns, missing ones empty. What a row has
    /// in surplus stands in its issue.
    pub rows: Vec<Vec<String>>,
    /// Odd rows among those of the first block.
    pub issues: Vec<RowIssue>,
    /// How many odd rows the first block has of each kind.
    pub issue_counts: BTreeMap<IssueKind, u64>,
    /// How many rows the whole file has, if it goes on like its first block; exact if `complete`.
    pub estimated_rows: u64,
    /// Whether the first block is the whole file, so that the profile is the whole file's.
    pub complete: bool,
}

/// Reads the first `rows` rows. Dialect, cutting and decoding are the same code that reads the
/// whole file, so these rows are what an import holds. Only the choice between UTF-8 and
/// Windows-1252 looks at all bytes (see [`detect`]); everything else is the first few MiB.
///
/// # Errors
/// As [`super::report()`].
pub fn preview(
    input: &Input,
    overrides: &Overrides,
    rows: usize,
    progress: &dyn Progress,
) -> Result<Preview, FileError> {
    let reader = Reader::open(input, &detect(input, overrides, progress)?)?;
    let mut blocks = reader.blocks();
    let mut first = Vec::new();
    let mut read = (0, 0);
    if let Some(block) = blocks.next_block()? {
        read = (block.rows, block.read.max(1));
        let mut records = block.records();
        while let (true, Some(record)) = (first.len() < rows, records.next()) {
            let mut cells = vec![String::new(); reader.columns().len()];
            for (cell, field) in cells.iter_mut().zip(record.fields()) {
                field.decode(cell);
            }
            first.push(cells);
        }
    }
    let complete = blocks.next_block()?.is_none();
    let counts = Counts::of(&reader, reader.blocks().at_most(1), 1, progress)?;
    let OpenReport { dialect, columns, issues, issue_counts, .. } = counts.say(&reader, overrides);
    let estimated_rows = if complete {
        read.0
    } else {
        (read.0 as f64 * (input.len() as f64 / read.1 as f64)).round() as u64
    };
    Ok(Preview { dialect, columns, rows: first, issues, issue_counts, estimated_rows, complete })
}
