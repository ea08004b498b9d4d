//! Looking at a file before it is imported: its dialect, its columns, what is wrong with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::reading;

/// How a file is to be read. Every field that is absent is found by looking at the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// `utf-8`, `utf-8-bom`, `utf-16le`, `utf-16be` or `windows-1252`.
    #[ts(optional)]
    pub encoding: Option<String>,
    /// One character: `,`, `;`, a tab, `|`, or another ASCII character.
    #[ts(optional)]
    pub delimiter: Option<String>,
    /// One character, or the empty string for "no quoting".
    #[ts(optional)]
    pub quote: Option<String>,
    /// Whether the first record names the columns.
    #[ts(optional)]
    pub has_header: Option<bool>,
    /// `.` or `,`.
    #[ts(optional)]
    pub decimal: Option<String>,
    /// `iso`, `day_first` or `month_first`.
    #[ts(optional)]
    pub date_order: Option<String>,
    /// The sheet of a workbook; the first one unless named.
    #[ts(optional)]
    pub sheet: Option<String>,
    /// Kinds set by the person, by column name.
    pub kinds: BTreeMap<String, Kind>,
    /// Roles set by the person, by column name.
    pub roles: BTreeMap<String, Role>,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words, or a mixture of things.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction.
    Number,
    /// Two values that mean yes and no.
    Boolean,
    /// Days, with or without a time.
    Date,
    /// Nothing at all.
    Empty,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Prose: what segmentation reads.
    Text,
    /// Few values that repeat.
    Category,
    /// A measure.
    Number,
    /// A day.
    Date,
    /// Tells one row from another.
    Identifier,
}

/// The file formats Mirante reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Delimited text, whatever the delimiter.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
}

/// A column and what was found in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Column {
    /// Trimmed, never empty, unique in its table.
    pub name: String,
    /// What the values are.
    pub kind: Kind,
    /// What the column is for.
    pub role: Role,
    /// For kind date: order of day and month in this column, named as in [`ReadOptions`]; the
    /// table's unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub date_order: Option<String>,
    /// Rows without a value.
    pub missing: u64,
    /// Different values; at least this many when `distinct_exact` is false.
    pub distinct: u64,
    /// Whether every different value was counted.
    pub distinct_exact: bool,
    /// A few of the values.
    pub sample: Vec<String>,
}

/// Something wrong in one row. The row itself is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct RowIssue {
    /// Line of the file, from 1.
    pub line: u64,
    /// Place of the row in the table, from 0, as in [`Row::index`](super::rows::Row::index); the
    /// header has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub row: Option<u64>,
    /// The column, where one can be named.
    pub column: Option<String>,
    /// What is wrong: `too_few_fields`, `too_many_fields`, `bad_bytes`, `unclosed_quote`, …
    pub kind: String,
    /// How many cells the row has in surplus (`too_many_fields`) or lacks (`too_few_fields`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cells: Option<u64>,
    /// The raw text, cut at 200 characters.
    pub text: String,
}

/// What a file is and holds. For formats other than delimited text the dialect fields say what
/// holds for the values Mirante makes of them (UTF-8, no delimiter).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct OpenResponse {
    /// The file's path, or `-`.
    pub path: String,
    /// Its format.
    pub format: Format,
    /// Its size.
    pub bytes: u64,
    /// Encoding of its text.
    pub encoding: String,
    /// Field separator; empty where the format has none.
    pub delimiter: String,
    /// Quote character; empty for none.
    pub quote: String,
    /// Whether the first record names the columns.
    pub has_header: bool,
    /// Decimal mark.
    pub decimal: String,
    /// Order of day and month.
    pub date_order: String,
    /// `\n`, `\r\n` or `\r`, written out as `lf`, `crlf`, `cr`.
    pub line_end: String,
    /// Records, without the header. In a preview of a long file: an estimate.
    pub rows: u64,
    /// False when only the file's beginning was read.
    pub complete: bool,
    /// In the file's order.
    pub columns: Vec<Column>,
    /// The first 10,000; `issue_counts` counts them all.
    pub issues: Vec<RowIssue>,
    /// How many rows have which issue.
    pub issue_counts: BTreeMap<String, u64>,
    /// The first rows, each as long as `columns`; a missing value is null.
    pub preview: Vec<Vec<Option<String>>>,
    /// Sheets of a workbook.
    pub sheets: Vec<String>,
}

/// Reads a whole file and reports; nothing is kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// The file.
    pub path: String,
    /// How to read it.
    #[serde(default)]
    #[ts(as = "Option<ReadOptions>", optional)]
    pub options: ReadOptions,
}

/// Reads a file's beginning, as the import will.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The file.
    pub path: String,
    /// How to read it.
    #[serde(default)]
    #[ts(as = "Option<ReadOptions>", optional)]
    pub options: ReadOptions,
    /// Rows wanted, 100 unless said.
    #[serde(default = "preview_rows")]
    #[ts(as = "Option<u32>", optional)]
    pub rows: u32,
}

fn preview_rows() -> u32 {
    100
}

/// Reads a file's beginning and says what was understood.
///
/// # Errors
/// Those of reading the file, or [`Error::BadOption`](crate::Error::BadOption).
pub fn preview(_app: &App, job: &Job, request: PreviewRequest) -> Result<OpenResponse> {
    reading::preview(&request.path, &request.options, request.rows as usize, job)
}

/// Reads a whole file and says what it is and holds.
///
/// # Errors
/// As [`preview`].
pub fn open(_app: &App, job: &Job, request: OpenRequest) -> Result<OpenResponse> {
    reading::report(&request.path, &request.options, job)
}
