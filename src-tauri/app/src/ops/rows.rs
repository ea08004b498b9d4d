//! Browsing: pages of rows under a search, filters, an order and a selection.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use mirante_data::table;

use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::view::column_of;

/// Which rows, in which order. An empty view is the whole table as it stands in the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct View {
    /// Rows where any column holds this text; case and accents do not count.
    #[ts(as = "Option<String>", optional)]
    pub search: String,
    /// All of them must hold.
    #[ts(as = "Option<Vec<Filter>>", optional)]
    pub filters: Vec<Filter>,
    /// One column's order; the file's order unless given.
    #[ts(optional)]
    pub sort: Option<Sort>,
    /// What is selected in the map, the list or the grid.
    #[ts(optional)]
    pub selection: Option<Selection>,
}

/// A condition on one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The column's name.
    pub column: String,
    /// The comparison.
    pub test: Test,
    /// What is compared with, as a person would write it in the table's own dialect.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub value: String,
}

/// A comparison. Numbers and dates compare as such in columns of those kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Holds the text; case and accents do not count.
    Contains,
    /// Is the value.
    Equals,
    /// Is another value.
    Differs,
    /// Is at least the value.
    AtLeast,
    /// Is at most the value.
    AtMost,
    /// Has no value.
    Missing,
    /// Has a value.
    Present,
}

/// An order by one column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The column's name.
    pub column: String,
    /// Greatest first. Missing values come last either way.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub descending: bool,
}

/// Rows chosen by pointing; conditions that are given must all hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    /// The run that `segments` and `lasso` speak of; the table's current run unless given.
    #[ts(optional)]
    pub run: Option<i64>,
    /// Rows of these segments.
    #[ts(as = "Option<Vec<u32>>", optional)]
    pub segments: Vec<u32>,
    /// Rows whose point lies in this polygon, in map coordinates.
    #[ts(as = "Option<Vec<[f32; 2]>>", optional)]
    pub lasso: Vec<[f32; 2]>,
    /// These rows.
    #[ts(as = "Option<Vec<u32>>", optional)]
    pub rows: Vec<u32>,
}

/// One page of rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsRequest {
    /// Which table.
    pub dataset: i64,
    /// Which of its rows.
    #[serde(default)]
    #[ts(as = "Option<View>", optional)]
    pub view: View,
    /// First row wanted, from 0, counted within the view.
    #[serde(default)]
    #[ts(as = "Option<u32>", optional)]
    pub offset: u32,
    /// Rows wanted, 100 unless said, at most 1,000.
    #[serde(default = "row_limit")]
    #[ts(as = "Option<u32>", optional)]
    pub limit: u32,
}

fn row_limit() -> u32 {
    100
}

/// A page of rows.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct RowsResponse {
    /// Rows in the view.
    pub total: u64,
    /// The rows asked for.
    pub rows: Vec<Row>,
}

/// One row of a page.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Row {
    /// Its place in the file, from 0: names it in requests.
    pub index: u32,
    /// Its segment in the current run.
    pub segment: Option<u32>,
    /// Its cells, each cut at 300 characters; a missing value is null.
    pub cells: Vec<Option<String>>,
    /// What it has after the table's last column, as it stands in the file; most rows have nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub surplus: Option<String>,
}

/// One whole row.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowRequest {
    /// Which table.
    pub dataset: i64,
    /// Which row, by its place in the file from 0.
    pub row: u32,
}

/// Which rows a view holds, as bits: row i is bit `i % 8` of byte `i / 8`. Answers bytes.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchesRequest {
    /// Which table.
    pub dataset: i64,
    /// Which of its rows.
    #[serde(default)]
    #[ts(as = "Option<View>", optional)]
    pub view: View,
}

/// What a column holds within a view.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnStatsRequest {
    /// Which table.
    pub dataset: i64,
    /// Which column.
    pub column: String,
    /// Which of its rows.
    #[serde(default)]
    #[ts(as = "Option<View>", optional)]
    pub view: View,
}

/// Statistics of a column within a view.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ColumnStatsResponse {
    /// Rows in the view.
    pub rows: u64,
    /// Rows without a value.
    pub missing: u64,
    /// Different values.
    pub distinct: u64,
    /// The most frequent values, at most 20.
    pub top: Vec<ValueCount>,
    /// For numbers and dates.
    pub range: Option<RangeStats>,
    /// For text: mean length of a value in characters.
    pub mean_length: Option<f64>,
    /// For numbers and dates: equal-width bins between least and greatest.
    pub histogram: Vec<u64>,
}

/// How often a value stands.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ValueCount {
    /// The value as it stands in the table.
    pub value: String,
    /// Rows that have it.
    pub count: u64,
}

/// Where numbers lie. Dates are days since 1970-01-01.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct RangeStats {
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Mean.
    pub mean: f64,
    /// Median.
    pub median: f64,
}

/// Most rows a page can hold.
const MOST_ROWS: u32 = 1000;
/// Characters of a cell that a page shows.
const SHOWN: usize = 300;

/// Answers a page of rows.
///
/// # Errors
/// [`Error::Unknown`], [`Error::UnknownColumn`], or [`Error::BadOption`] for a filter's value.
pub fn rows(app: &App, _job: &Job, request: RowsRequest) -> Result<RowsResponse> {
    let dataset = app.dataset(request.dataset)?;
    let open = app.table(request.dataset)?;
    let rows = app.view(&dataset, &request.view)?;
    let run = dataset.run.map(|run| app.open_run(run)).transpose()?;
    let from = (request.offset as usize).min(rows.shown.len());
    let to = (from + request.limit.min(MOST_ROWS) as usize).min(rows.shown.len());
    let page = rows.shown[from..to].iter().map(|&row| Row {
        index: row,
        segment: run.as_ref().and_then(|run| run.labels.get(row as usize)).map(|&s| s.into()),
        cells: (0..open.table.names().len())
            .map(|column| open.table.cell(row as usize, column).map(shorten))
            .collect(),
        surplus: open.table.surplus(row as usize).map(shorten),
    });
    Ok(RowsResponse { total: rows.shown.len() as u64, rows: page.collect() })
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Answers one whole row.
///
/// # Errors
/// [`Error::Unknown`].
pub fn row(app: &App, _job: &Job, request: RowRequest) -> Result<Row> {
    let dataset = app.dataset(request.dataset)?;
    let open = app.table(request.dataset)?;
    let row = request.row as usize;
    if row >= open.table.rows() {
        return Err(Error::Unknown { what: "row", id: row.to_string() });
    }
    let run = dataset.run.map(|run| app.open_run(run)).transpose()?;
    let cells = (0..open.table.names().len())
        .map(|column| open.table.cell(row, column).map(str::to_owned))
        .collect();
    let segment = run.and_then(|run| run.labels.get(row).map(|&segment| segment.into()));
    let surplus = open.table.surplus(row).map(str::to_owned);
    Ok(Row { index: request.row, segment, cells, surplus })
}

/// Answers which rows a view holds.
///
/// # Errors
/// As [`rows`].
pub fn matches(app: &App, _job: &Job, request: MatchesRequest) -> Result<Vec<u8>> {
    let dataset = app.dataset(request.dataset)?;
    Ok(app.view(&dataset, &request.view)?.set.to_bytes())
}

/// Answers what a column holds within a view.
///
/// # Errors
/// As [`rows`].
pub fn column_stats(
    app: &App,
    _job: &Job,
    request: ColumnStatsRequest,
) -> Result<ColumnStatsResponse> {
    let dataset = app.dataset(request.dataset)?;
    let open = app.table(request.dataset)?;
    let column = column_of(&open.table, &request.column)?;
    let rows = app.view(&dataset, &request.view)?;
    let stats = table::column_stats(&open.table, column, &rows.set);
    Ok(ColumnStatsResponse {
        rows: stats.rows,
        missing: stats.missing,
        distinct: stats.distinct,
        top: stats.top.into_iter().map(|(value, count)| ValueCount { value, count }).collect(),
        range: stats.range.map(|range| RangeStats {
            min: range.min,
            max: range.max,
            mean: range.mean,
            median: range.median,
        }),
        mean_length: stats.mean_length,
        histogram: stats.histogram,
    })
}
