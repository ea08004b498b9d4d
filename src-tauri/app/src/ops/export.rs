//! Taking results out: tables and pictures.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Result;
use crate::job::Job;
use crate::locale::Language;
use crate::{exporting, plotting};

use super::rows::View;
use super::segment::{SuggestKRequest, Warning};

/// A table format that Mirante writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Delimited text in the source's own dialect.
    Csv,
    /// Apache Parquet with typed columns.
    Parquet,
    /// An Excel workbook.
    Xlsx,
    /// An array of objects.
    Json,
    /// One object a line.
    Jsonl,
}

/// Writes a table, or a view of it, with its segments. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// Which table.
    pub dataset: i64,
    /// Which of its rows.
    #[serde(default)]
    #[ts(as = "Option<View>", optional)]
    pub view: View,
    /// In which format.
    pub format: ExportFormat,
    /// Where to. Absent: the exports folder in Mirante's home, from which `download` gives it to a browser.
    #[serde(default)]
    #[ts(optional)]
    pub path: Option<String>,
    /// Write the segments' names where they have one, not their numbers.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub names: bool,
    /// Name of the segment column.
    #[serde(default = "label_col")]
    #[ts(as = "Option<String>", optional)]
    pub label_col: String,
}

fn label_col() -> String {
    "segmento".to_owned()
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ExportResponse {
    /// The file.
    pub path: String,
    /// Its rows; 0 for a picture.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// What the file could not hold as the table does.
    pub warnings: Vec<Warning>,
}

/// A picture that Mirante draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// Every row a point, coloured by segment.
    Map,
    /// A bar for each segment.
    Sizes,
    /// The measures that a number of segments is chosen by.
    SuggestK,
}

/// What a picture is drawn from. Segments: a kept run, or a saved model with its table. Numbers of
/// segments: what a job has tried, or what is still to be tried.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "one a request; never kept in numbers")]
pub enum PlotSource {
    /// A kept run.
    Run {
        /// Which.
        run: i64,
    },
    /// A saved model.
    Model {
        /// Its file.
        model: String,
        /// The rows to draw; the file the model was made from unless given.
        #[serde(default)]
        #[ts(optional)]
        csv: Option<String>,
    },
    /// A `suggest_k` job that is done.
    Job {
        /// Which.
        job: i64,
    },
    /// Numbers of segments to try now.
    SuggestK {
        /// What `suggest_k` would be asked.
        suggest_k: SuggestKRequest,
    },
}

/// Draws a picture to a file; its extension, svg or png, says how. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlotRequest {
    /// Which picture.
    pub picture: Picture,
    /// Of what.
    pub source: PlotSource,
    /// Where to; absent: as in an export, with `format`.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// `svg` or `png` where `out` is absent.
    #[serde(default)]
    #[ts(optional)]
    pub format: Option<String>,
    /// Pixels.
    #[serde(default = "plot_width")]
    #[ts(as = "Option<u32>", optional)]
    pub width: u32,
    /// Pixels.
    #[serde(default = "plot_height")]
    #[ts(as = "Option<u32>", optional)]
    pub height: u32,
    /// Draw on a dark ground.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub dark: bool,
    /// Language of its words and numbers; what is set unless given.
    #[serde(default)]
    #[ts(optional)]
    pub language: Option<Language>,
}

fn plot_width() -> u32 {
    1280
}

fn plot_height() -> u32 {
    800
}

/// Writes a table, or a view of it, with its segments.
///
/// # Errors
/// Those of writing the file, or [`Error::Unknown`](crate::Error::Unknown).
pub fn export(app: &App, job: &Job, request: ExportRequest) -> Result<ExportResponse> {
    exporting::export(app, job, &request)
}

/// Draws a picture to a file.
///
/// # Errors
/// Those of writing the file, [`Error::BadOption`](crate::Error::BadOption) for an extension that
/// is none of a picture or a source that the picture is not drawn from, or those of reading the
/// model and its rows and of trying numbers of segments.
pub fn plot(app: &App, job: &Job, request: PlotRequest) -> Result<ExportResponse> {
    plotting::plot(app, job, &request)
}
