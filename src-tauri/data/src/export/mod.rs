//! Writing a table, or rows of it, with its segments, for other programs.
//!
//! Every format is streamed: what stays in memory is one batch of rows. Every file is written
//! beside its target and takes its name when it is whole.

mod beside;
mod folder;
mod json;
mod noted;
mod parquet;
mod value;
mod vectors;
mod xlsx;

use std::borrow::Cow;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

pub use beside::Beside;
pub use folder::FolderBeside;
use noted::Noted;
pub use vectors::{RowId, VectorFormat, VectorWriter};

use crate::progress::{Cancelled, Progress};
use crate::table::Table;

/// Cut cells named in [`Written`]; beyond these they are only counted.
pub const CUTS_KEPT: usize = 1_000;
/// Rows between two looks at whether to go on.
const CHECK_ROWS: usize = 1 << 12;

/// A format to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet with typed columns, compressed with Zstandard.
    Parquet,
    /// An Excel workbook with one sheet.
    Xlsx,
    /// One array of objects.
    Json,
    /// One object a line.
    Jsonl,
}

/// What a column's values are to be written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The cell's text.
    Text,
    /// Whole numbers, where the table has values.
    Integer,
    /// Numbers, where the table has values.
    Number,
    /// Days since 1970-01-01 with a fraction for the time, where the table has values.
    Date,
    /// 0 and 1, where the table has values.
    Boolean,
}

/// The segment of each row.
#[derive(Clone, Copy)]
pub enum Labels<'a> {
    /// Numbers; `None` for a row in no segment.
    Numbers(&'a dyn Fn(u32) -> Option<i64>),
    /// Names; `None` for a row in no segment.
    Names(&'a dyn Fn(u32) -> Option<Cow<'a, str>>),
}

/// What to write.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The table.
    pub table: &'a Table,
    /// One kind for each of its columns.
    pub kinds: &'a [Kind],
    /// Its rows in the order to write them; all of them unless given.
    pub rows: Option<&'a [u32]>,
    /// A last column's name, and what stands in it.
    pub segment: Option<(&'a str, Labels<'a>)>,
    /// Name of a workbook's sheet; characters that Excel forbids are left out.
    pub title: &'a str,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
    /// How many of the rows have cells after the last column, which no format has a place for:
    /// they were not carried, and stand in [`Table::surplus`].
    pub surplus: u64,
    /// Parquet: columns of another kind than text that had to be written as text, because some
    /// cell is not a value of that kind.
    pub as_text: Vec<String>,
    /// Workbook: the first [`CUTS_KEPT`] cells that were cut at 32,767 characters: row of the table
    /// and column.
    pub cut: Vec<(u32, String)>,
    /// Workbook: how many cells were cut.
    pub cut_count: u64,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The target.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The disk is full, or the person's share of it.
    #[error("{path}: disk full")]
    DiskFull {
        /// The target.
        path: PathBuf,
    },
    /// More rows than the format holds.
    #[error("{rows} rows; at most {limit}")]
    TooManyRows {
        /// Rows asked for.
        rows: u64,
        /// Rows the format holds, the header aside.
        limit: u64,
    },
    /// More columns than the format holds.
    #[error("{columns} columns; at most {limit}")]
    TooManyColumns {
        /// Columns asked for.
        columns: u64,
        /// Columns the format holds.
        limit: u64,
    },
    /// There is not one kind for each column.
    #[error("{kinds} kinds for {columns} columns")]
    Kinds {
        /// Kinds given.
        kinds: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// A row that the table does not have.
    #[error("no row {row}")]
    UnknownRow {
        /// The row, from 0.
        row: u32,
    },
    /// The format's writer refused for another reason.
    #[error("encoding: {reason}")]
    Encode {
        /// What it said.
        reason: String,
    },
    /// The caller wanted the work to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl ExportError {
    /// The error of an operation on `path`, with a full disk told apart.
    #[must_use]
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path: path.to_owned() }
            }
            _ => Self::Io { path: path.to_owned(), source },
        }
    }
}

/// Writes `source` to `path`. The step is named `export`, its unit is rows.
///
/// # Errors
/// [`ExportError`]; a file of that name is then as it was.
pub fn export(
    source: &Source,
    format: Format,
    path: &Path,
    progress: &dyn Progress,
) -> Result<Written, ExportError> {
    source.check(format)?;
    let beside = Beside::create(path).map_err(|error| ExportError::io(path, error))?;
    let folder = beside.folder().to_owned();
    let (mut beside, mut written) = write(source, format, beside, &folder, path, progress)?;
    let io = |error| ExportError::io(path, error);
    written.bytes = beside.stream_position().map_err(io)?;
    beside.commit().map_err(io)?;
    Ok(written)
}

/// Writes to any target; gives it back when all is written.
fn write<W: Write + Seek + Send>(
    source: &Source,
    format: Format,
    out: W,
    folder: &Path,
    path: &Path,
    progress: &dyn Progress,
) -> Result<(W, Written), ExportError> {
    progress.step("export", Some(source.len() as u64));
    let mut out = Noted::new(out, progress);
    let result = match format {
        Format::Parquet => parquet::write(source, &mut out, progress),
        Format::Xlsx => xlsx::write(source, &mut out, folder, progress),
        Format::Json => json::write(source, json::Shape::Array, &mut out, progress),
        Format::Jsonl => json::write(source, json::Shape::Lines, &mut out, progress),
    };
    let result = result.and_then(|written| {
        out.flush().map(|()| written).map_err(|error| ExportError::io(path, error))
    });
    // Writers wrap the disk's error in their own words; the first one that it gave is the cause.
    match (result, out.first_error()) {
        (Err(ExportError::Cancelled(cancelled)), _) => Err(cancelled.into()),
        (_, Some(noted::Stop::Cancelled(cancelled))) => Err(cancelled.into()),
        (_, Some(noted::Stop::Io(error))) => Err(ExportError::io(path, error)),
        (Err(ExportError::Io { source, .. }), None) => Err(ExportError::io(path, source)),
        (result, None) => {
            let mut written = result?;
            written.rows = source.len() as u64;
            written.surplus = source.table.rows_with_surplus(source.rows);
            Ok((out.into_inner(), written))
        }
    }
}

impl Source<'_> {
    fn len(&self) -> usize {
        self.rows.map_or(self.table.rows(), <[u32]>::len)
    }

    fn each_row(&self) -> impl Iterator<Item = u32> + '_ {
        let all = if self.rows.is_none() { self.table.rows() as u32 } else { 0 };
        self.rows.unwrap_or_default().iter().copied().chain(0..all)
    }

    /// Names of all columns, the segment's last.
    fn names(&self) -> Vec<&str> {
        let names = self.table.names().iter().map(String::as_str);
        names.chain(self.segment.map(|(name, _)| name)).collect()
    }

    fn check(&self, format: Format) -> Result<(), ExportError> {
        let columns = self.table.names().len();
        if self.kinds.len() != columns {
            return Err(ExportError::Kinds { kinds: self.kinds.len(), columns });
        }
        let rows = self.rows.unwrap_or_default();
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= self.table.rows()) {
            return Err(ExportError::UnknownRow { row });
        }
        if format == Format::Xlsx {
            let (rows, columns) = (self.len() as u64, self.names().len() as u64);
            if rows > xlsx::ROWS_LIMIT {
                return Err(ExportError::TooManyRows { rows, limit: xlsx::ROWS_LIMIT });
            }
            if columns > xlsx::COLUMNS_LIMIT {
                return Err(ExportError::TooManyColumns { columns, limit: xlsx::COLUMNS_LIMIT });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
