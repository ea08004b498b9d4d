//! Segmenting a table: TF-IDF and k-means, new rows into old segments, and how many to take.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::open::{ReadOptions, RowIssue};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::segmenting;

/// Where rows come from: an imported table, or a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "one a request; never kept in numbers")]
pub enum Source {
    /// An imported table.
    Dataset {
        /// Which.
        dataset: i64,
    },
    /// A file on this machine.
    File {
        /// Its path.
        path: String,
        /// How to read it.
        #[serde(default)]
        #[ts(as = "Option<ReadOptions>", optional)]
        options: ReadOptions,
    },
}

/// How text becomes features and features become segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SegmentSettings {
    /// Columns whose text is joined by one space. Empty: `dor_base` and `solucao_graventum` when
    /// both exist, else every column whose role is text.
    pub text_cols: Vec<String>,
    /// How many segments, at least 2.
    pub clusters: u32,
    /// Most terms kept, the most frequent first.
    pub max_features: u32,
    /// A term must stand in this many rows; below 1, in this share of them.
    pub min_df: f64,
    /// A term may stand in at most this share of the rows; above 1, in this many.
    pub max_df: f64,
    /// Starts to try; 0 is scikit-learn's `auto`, which is one.
    pub n_init: u32,
    /// Seed of every random choice.
    pub seed: u32,
    /// The same segments whatever the order of the rows.
    pub stable: bool,
    /// Words that take no part.
    pub stop_words: StopWords,
    /// What rows are put together by.
    #[ts(as = "Option<SegmentBy>", optional)]
    pub by: SegmentBy,
    /// The model whose vectors rows are put together by; the usual one unless said.
    #[ts(optional)]
    pub model: Option<String>,
}

/// What rows are put together by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SegmentBy {
    /// The words they have in common.
    #[default]
    Words,
    /// What a model makes of their texts.
    Meaning,
}

/// Words of a language that carry little meaning and can be left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopWords {
    /// Every word takes part, as scikit-learn does it unless told otherwise.
    #[default]
    None,
    /// Without the function words of Portuguese.
    Pt,
    /// Without those of English.
    En,
}

impl Default for SegmentSettings {
    fn default() -> Self {
        Self {
            text_cols: Vec::new(),
            clusters: 8,
            max_features: 500,
            min_df: 2.0,
            max_df: 0.95,
            n_init: 10,
            seed: 42,
            stable: false,
            stop_words: StopWords::None,
            by: SegmentBy::Words,
            model: None,
        }
    }
}

/// Segments a table. A job. From an imported table the result is kept as its current run.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentRequest {
    /// What to segment.
    pub source: Source,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<SegmentSettings>", optional)]
    pub settings: SegmentSettings,
    /// Where to write every record with its segment appended.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// Name of the appended column.
    #[serde(default = "label_col")]
    #[ts(as = "Option<String>", optional)]
    pub label_col: String,
    /// Where to write the model.
    #[serde(default)]
    #[ts(optional)]
    pub save_model: Option<String>,
}

fn label_col() -> String {
    "segmento".to_owned()
}

/// The result of a segmentation.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SegmentResponse {
    /// The run kept for an imported table.
    pub run: Option<i64>,
    /// Rows segmented.
    pub rows: u64,
    /// Segments asked for.
    pub clusters: u32,
    /// Sum of squared distances to the centroids.
    pub inertia: f64,
    /// Iterations of the best start.
    pub iterations: u32,
    /// How well rows sit in their segments.
    pub silhouette: Option<Silhouette>,
    /// By id.
    pub segments: Vec<Segment>,
    /// The columns that were read.
    pub text_cols: Vec<String>,
    /// Terms kept.
    pub features: u32,
    /// Where the time went.
    pub seconds: Seconds,
    /// The saved model's path.
    pub model: Option<String>,
    /// The written table's path.
    pub out: Option<String>,
    /// What the numbers warn of, by code: `fewer_distinct_rows`, `not_converged`, `rows_without_terms`.
    pub warnings: Vec<Warning>,
    /// Row issues of the source file.
    pub issues: Vec<RowIssue>,
}

/// A caution that does not stop the work; the locale files hold its sentence.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Warning {
    /// Names the sentence.
    pub code: String,
    /// A number the sentence speaks of.
    pub count: u64,
}

/// Mean silhouette coefficient (Rousseeuw 1987, <https://doi.org/10.1016/0377-0427(87)90125-7>).
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct Silhouette {
    /// From −1 to 1.
    pub value: f64,
    /// Rows it was computed on.
    pub sample: u64,
}

/// One segment.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Segment {
    /// From 0.
    pub id: u32,
    /// Given by the person; null until then.
    pub name: Option<String>,
    /// Its rows.
    pub count: u64,
    /// Its part of all rows, from 0 to 1.
    pub share: f64,
    /// What sets it apart, the weightiest first.
    pub terms: Vec<Term>,
    /// Rows nearest its centre, by their place in the file from 0.
    pub examples: Vec<u32>,
}

/// A term and its weight in a segment's centre.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Term {
    /// The term.
    pub term: String,
    /// Mean TF-IDF value over the segment's rows.
    pub weight: f64,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS, ToSchema)]
pub struct Seconds {
    /// Reading and tokenising the source.
    pub read: f64,
    /// Vocabulary and TF-IDF.
    pub features: f64,
    /// k-means and its metrics.
    pub cluster: f64,
    /// Writing the result.
    pub write: f64,
}

/// Puts the rows of a file into the segments of a saved model. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// A model file that a segmentation saved.
    pub model: String,
    /// The rows.
    pub source: Source,
    /// Where to write every record with its segment appended.
    pub out: String,
    /// Name of the appended column.
    #[serde(default = "label_col")]
    #[ts(as = "Option<String>", optional)]
    pub label_col: String,
}

/// Where the rows went.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct AssignResponse {
    /// Rows assigned.
    pub rows: u64,
    /// Rows a segment got, by id.
    pub segments: Vec<Segment>,
    /// The written table's path.
    pub out: String,
    /// Cautions.
    pub warnings: Vec<Warning>,
    /// Row issues of the source file.
    pub issues: Vec<RowIssue>,
}

/// Tries several numbers of segments. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestKRequest {
    /// What to segment.
    pub source: Source,
    /// How; `clusters` is not used.
    #[serde(default)]
    #[ts(as = "Option<SegmentSettings>", optional)]
    pub settings: SegmentSettings,
    /// Fewest segments tried.
    #[serde(default = "suggest_min")]
    #[ts(as = "Option<u32>", optional)]
    pub min: u32,
    /// Most segments tried.
    #[serde(default = "suggest_max")]
    #[ts(as = "Option<u32>", optional)]
    pub max: u32,
}

fn suggest_min() -> u32 {
    2
}

fn suggest_max() -> u32 {
    20
}

/// How each number of segments did.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SuggestKResponse {
    /// Rows segmented.
    pub rows: u64,
    /// By k.
    pub tried: Vec<TriedK>,
    /// The k to take.
    pub recommended: u32,
    /// Why: `silhouette_and_knee` (highest silhouette where the inertia bends), `silhouette`
    /// (highest), `knee` (the inertia bends), `smallest` (nothing was decisive).
    pub why: String,
    /// The columns that were read.
    pub text_cols: Vec<String>,
}

/// One number of segments and its figures.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct TriedK {
    /// Segments.
    pub k: u32,
    /// Sum of squared distances to the centroids; falls with k.
    pub inertia: f64,
    /// Of a sample; higher is better. Null where it is not defined.
    pub silhouette: Option<f64>,
    /// Lower is better (Davies and Bouldin 1979). Null where it is not defined.
    pub davies_bouldin: Option<f64>,
}

/// Segments a source.
///
/// # Errors
/// Those of reading the source and of writing the result, and what the rows cannot give:
/// [`Error::TooFewRows`], [`Error::TooFewClusters`], [`Error::NoText`], [`Error::NoTerms`],
/// [`Error::AllAlike`].
pub fn segment(app: &App, job: &Job, request: SegmentRequest) -> Result<SegmentResponse> {
    segmenting::segment(app, job, &request)
}

/// Puts the rows of a source into the segments of a saved model.
///
/// # Errors
/// [`Error::ModelUnreadable`], and those of reading the source and of writing the result.
pub fn assign(app: &App, job: &Job, request: AssignRequest) -> Result<AssignResponse> {
    segmenting::assign(app, job, &request)
}

/// Tries several numbers of segments.
///
/// # Errors
/// As [`segment`].
pub fn suggest_k(app: &App, job: &Job, request: SuggestKRequest) -> Result<SuggestKResponse> {
    segmenting::suggest_k(app, job, &request)
}
