//! Other formats as delimited text, so that everything after takes one road.
//!
//! JSON Lines, Parquet and workbooks become a UTF-8 file with commas, `"` quotes, LF line ends and
//! a header. A missing value is an empty field; an empty text is `""`. Reading is streamed: what
//! stays in memory is said at each format.

mod cell;
mod detect;
pub(crate) mod iso;
mod json;
mod json_values;
mod parquet;
mod records;
mod xlsx;

use std::collections::BTreeMap;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

pub use detect::detect;

use crate::progress::{Cancelled, Progress};

/// Issues kept with their text; beyond these they are only counted.
pub const ISSUES_KEPT: usize = 10_000;
/// Characters of raw text kept with an issue.
const ISSUE_TEXT: usize = 200;

/// A format that is not delimited text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, or one JSON array of objects.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// An Office Open XML workbook.
    Xlsx,
}

/// Something wrong at one place of the source. Its row is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// JSON: line of the file from 1. Parquet: row from 1. Workbook: the sheet's row number.
    pub line: u64,
    /// The column, where one can be named.
    pub column: Option<String>,
    /// What: `bad_json_line` (the raw line stands in the row's first column), `duplicate_key`
    /// (the last value counts), `bad_json_string`, `unclosed_array`, `error_value` (a formula's
    /// error, kept as its text), `blank_rows` (left out; the text says how many).
    pub kind: &'static str,
    /// The raw text, cut at 200 characters.
    pub text: String,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Records, without the header.
    pub rows: u64,
    /// The header as written; names may be empty or repeat where the source's do.
    pub columns: Vec<String>,
    /// The workbook's worksheets in their order; empty for other formats.
    pub sheets: Vec<String>,
    /// The first [`ISSUES_KEPT`].
    pub issues: Vec<Issue>,
    /// How often each kind of issue occurred.
    pub issue_counts: BTreeMap<&'static str, u64>,
}

impl Transcript {
    fn note(&mut self, line: u64, column: Option<&str>, kind: &'static str, text: &str) {
        *self.issue_counts.entry(kind).or_default() += 1;
        if self.issues.len() < ISSUES_KEPT {
            let text = text.chars().take(ISSUE_TEXT).collect();
            self.issues.push(Issue { line, column: column.map(str::to_owned), kind, text });
        }
    }
}

/// Why a file could not be transcribed.
#[derive(Debug, thiserror::Error)]
pub enum TranscribeError {
    /// The source could not be read.
    #[error("{path}: {source}")]
    Read {
        /// The source.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text could not be written.
    #[error("writing the text: {0}")]
    Write(std::io::Error),
    /// There is nothing in it: no line, no column, or no cell in the sheet.
    #[error("nothing in {sheet:?}")]
    Empty {
        /// The sheet, for a workbook.
        sheet: Option<String>,
        /// The workbook's worksheets.
        sheets: Vec<String>,
    },
    /// Not one value of the JSON text is an object.
    #[error("no JSON object in {values} values; the first is {first}")]
    NoObjects {
        /// Values looked at.
        values: u64,
        /// The first of them, cut at 200 characters.
        first: String,
    },
    /// One JSON value, or a workbook's table of strings, is longer than is held in memory.
    #[error("line {line}: longer than {limit} bytes")]
    TooLong {
        /// Where it begins; 0 for a workbook's table of strings.
        line: u64,
        /// The most that is held.
        limit: u64,
    },
    /// More columns than any table of Mirante may have.
    #[error("more than {limit} columns")]
    TooManyColumns {
        /// The most there may be.
        limit: usize,
    },
    /// The workbook has no worksheet of that name.
    #[error("no sheet {name}")]
    UnknownSheet {
        /// The name asked for.
        name: String,
        /// The names there are.
        sheets: Vec<String>,
    },
    /// The workbook is locked with a password.
    #[error("encrypted")]
    Encrypted,
    /// The file is no Office Open XML workbook (a zip of something else, an old `.xls`).
    #[error("not a workbook: {reason}")]
    NotAWorkbook {
        /// What the reader said.
        reason: String,
    },
    /// The file has the format's mark but its contents do not hold.
    #[error("damaged: {reason}")]
    Damaged {
        /// What the reader said.
        reason: String,
    },
    /// A column's type has no text.
    #[error("column {column}: type {data_type}")]
    ColumnType {
        /// The column.
        column: String,
        /// Arrow's name of its type.
        data_type: String,
    },
    /// The caller wanted the work to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<std::io::Error> for TranscribeError {
    /// Reading says its path where it happens; what is left is writing.
    fn from(source: std::io::Error) -> Self {
        Self::Write(source)
    }
}

/// Writes the table in `path` to `out` as delimited text.
///
/// `sheet` chooses a workbook's worksheet, its first visible one unless given; other formats take
/// no notice of it. The step is named `transcribe`.
///
/// # Errors
/// [`TranscribeError`]; `out` then holds a beginning that is of no use.
pub fn transcribe(
    path: &Path,
    format: Format,
    sheet: Option<&str>,
    out: &mut dyn Write,
    progress: &dyn Progress,
) -> Result<Transcript, TranscribeError> {
    let mut out = std::io::BufWriter::with_capacity(1 << 18, out);
    let transcript = match format {
        Format::Jsonl => json::transcribe(path, &mut out, progress),
        Format::Parquet => parquet::transcribe(path, &mut out, progress),
        Format::Xlsx => xlsx::transcribe(path, sheet, &mut out, progress),
    }?;
    out.flush()?;
    Ok(transcript)
}

/// Runs a foreign reader over bytes that anyone may have made: its panic is a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, TranscribeError>) -> Result<T, TranscribeError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(TranscribeError::Damaged { reason: "the reader gave up".to_owned() })
    })
}

#[cfg(test)]
mod tests;
