//! Searching a table: by words, by meaning, by both; and how well that finds what it should.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;
use utoipa::ToSchema;

use super::embed::{EmbedSettings, RanOn, Space};
use super::segment::Source;
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::searching;

/// Makes a table searchable. A job; an index of the same name is replaced when the new one is whole.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexTableRequest {
    /// The rows.
    pub source: Source,
    /// Columns whose text is joined by one space; see
    /// [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub text_cols: Vec<String>,
    /// What the index is called; the table's own name unless said.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The column that rows are known by, to change and delete them and to find their vectors in a file;
    /// their place in the table, from 0, unless said.
    #[serde(default)]
    #[ts(optional)]
    pub id_col: Option<String>,
    /// The model whose vectors are searched too; without one, they are made of the table's own words.
    #[serde(default)]
    #[ts(optional)]
    pub settings: Option<EmbedSettings>,
    /// A file of vectors of the rows, made elsewhere: `.npy`, Parquet or JSON, in the order of the rows, or
    /// with their ids. `settings` then name the model that made them, if it is to make those of queries.
    #[serde(default)]
    #[ts(optional)]
    pub vectors: Option<String>,
}

/// A searchable table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The imported table that it was made of; null for a file.
    #[serde(default)]
    pub dataset: Option<i64>,
    /// Rows.
    pub rows: u64,
    /// Places of vectors, those of rows that are gone included.
    pub slots: u64,
    /// Rows that came, went or changed since all was built.
    pub changed: u64,
    /// The column that rows are known by; null where it is their place in the table.
    pub id_col: Option<String>,
    /// The columns that are searched.
    pub text_cols: Vec<String>,
    /// All columns, which results carry and filters name.
    pub columns: Vec<String>,
    /// Where its vectors can be compared: `lsa` where they are made of its own words, `own` where a file
    /// brought them and no model is named; null where it has none.
    pub space: Option<Space>,
    /// How its vectors were made, where a model made them.
    pub settings: Option<EmbedSettings>,
    /// When it was built, in Unix milliseconds.
    pub created_at: i64,
    /// When its rows changed last.
    pub updated_at: i64,
}

/// How to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchMode {
    /// Words and vectors, their scores joined.
    Hybrid,
    /// Vectors alone.
    Vector,
    /// Words alone.
    Words,
}

/// Looks something up.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// The index.
    pub index: String,
    /// What is looked for; may be empty where `like` says a row.
    #[serde(default)]
    #[ts(as = "Option<String>", optional)]
    pub query: String,
    /// A row whose like are looked for, by their vectors alone, itself left out.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub like: Option<u64>,
    /// The vector of what is looked for, made elsewhere; the index's own model makes it unless said.
    #[serde(default)]
    #[ts(optional)]
    pub vector: Option<Vec<f32>>,
    /// Most results.
    #[serde(default = "five")]
    #[ts(as = "Option<u32>", optional)]
    pub top: u32,
    /// How to look; both ways where there are vectors unless said.
    #[serde(default)]
    #[ts(optional)]
    pub mode: Option<SearchMode>,
    /// Which rows count: `nicho = 'Contabilidade' and valor >= 100`. Operators: `=`, `!=`, `<`, `<=`,
    /// `>`, `>=` and `~` (contains).
    #[serde(default)]
    #[ts(optional)]
    pub filter: Option<String>,
}

fn five() -> u32 {
    5
}

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SearchResponse {
    /// The best first.
    pub results: Vec<SearchHit>,
    /// How it was looked for.
    pub mode: SearchMode,
    /// What the model ran on; null where none was asked.
    pub ran_on: Option<RanOn>,
}

/// A row that was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SearchHit {
    /// Its place in the table, from 0.
    pub row: u64,
    /// What it is known by: the cell of the index's id column, else its place.
    pub id: String,
    /// Higher is better; of one search only, and of one mode.
    pub score: f64,
    /// The text that was searched.
    pub text: String,
    /// The cells of its row, by column.
    #[ts(type = "Record<string, string | null>")]
    pub fields: BTreeMap<String, Value>,
    /// Why it was found.
    pub why: SearchReason,
}

/// What each way of looking made of a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct SearchReason {
    /// Its place by words, from 1.
    pub words_rank: Option<u32>,
    /// Its BM25 score.
    pub words_score: Option<f64>,
    /// Its place by meaning, from 1.
    pub vector_rank: Option<u32>,
    /// The cosine of query and row.
    pub similarity: Option<f64>,
}

/// Changes rows of an index; only texts that are new get vectors. A job: meanwhile the index answers as it
/// was. When a tenth of the rows has changed since it was built, it is built anew in the end.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateIndexRequest {
    /// The index.
    pub index: String,
    /// The table as it is now: rows that are not in it go, texts that are not in the index come.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<Source>,
    /// Rows that come, or take the place of those that have their ids.
    #[serde(default)]
    #[ts(as = "Option<Vec<IndexRow>>", optional)]
    pub put: Vec<IndexRow>,
    /// Ids of rows that go.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub delete: Vec<String>,
}

/// A row that comes into an index.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexRow {
    /// What it is known by.
    pub id: String,
    /// Its cells by column; text is taken from the columns that the index searches.
    #[ts(type = "Record<string, string | null>")]
    pub fields: BTreeMap<String, Option<String>>,
    /// Its vector, for an index whose vectors were made elsewhere.
    #[serde(default)]
    #[ts(optional)]
    pub vector: Option<Vec<f32>>,
}

/// How an index changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct UpdateIndexResponse {
    /// As it is now.
    pub index: Index,
    /// Rows that came.
    pub added: u64,
    /// Rows that have another text than before under their id.
    pub changed: u64,
    /// Rows that went.
    pub removed: u64,
    /// Whether it was built anew.
    pub rebuilt: bool,
}

/// Asks for all indexes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexesRequest {}

/// The indexes.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct IndexesResponse {
    /// By name.
    pub indexes: Vec<Index>,
}

/// Names an index.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexRequest {
    /// Its name.
    pub index: String,
}

/// Measures how well searching finds what people judged to be right, in a folder as BEIR has them
/// (<https://github.com/beir-cellar/beir>). A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvalRetrievalRequest {
    /// JSON Lines of `{_id, title, text}`.
    pub corpus: String,
    /// JSON Lines of `{_id, text}`.
    pub queries: String,
    /// Tab-separated, with a header: query, document, relevance.
    pub qrels: String,
    /// How to look; both ways unless said.
    #[serde(default)]
    #[ts(optional)]
    pub mode: Option<SearchMode>,
    /// The model whose vectors are searched too; without one, they are made of the documents' own words.
    #[serde(default)]
    #[ts(optional)]
    pub settings: Option<EmbedSettings>,
    /// Where to write every result in TREC's format.
    #[serde(default)]
    #[ts(optional)]
    pub run_out: Option<String>,
}

/// How well it found. All figures are means over the queries that have a judgement.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct EvalRetrievalResponse {
    /// Queries judged.
    pub queries: u64,
    /// Documents.
    pub documents: u64,
    /// How it was looked for.
    pub mode: SearchMode,
    /// Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002,
    /// <https://doi.org/10.1145/582415.582418>), gains as they stand, as trec_eval has it.
    pub ndcg_10: f64,
    /// Mean reciprocal rank of the first right one among ten.
    pub mrr_10: f64,
    /// Share of the right ones among the first, by how many are looked at: 1, 5, 10, 100.
    pub recall: BTreeMap<u32, f64>,
    /// Wall-clock seconds of making the index, and of all queries.
    pub seconds: EvalSeconds,
    /// What the model ran on; null where none was asked.
    pub ran_on: Option<RanOn>,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct EvalSeconds {
    /// Making the index.
    pub index: f64,
    /// All queries.
    pub search: f64,
}

/// Makes a table searchable.
///
/// # Errors
/// Those of reading the source, of the model, and of writing the index.
pub fn index_table(app: &App, job: &Job, request: IndexTableRequest) -> Result<Index> {
    searching::index_table(app, job, &request)
}

/// Changes rows of an index.
///
/// # Errors
/// [`Error::Unknown`], [`Error::BadOption`] for vectors that are missing or do not fit, those of reading the
/// source and of the model.
pub fn update_index(
    app: &App,
    job: &Job,
    request: UpdateIndexRequest,
) -> Result<UpdateIndexResponse> {
    searching::update_index(app, job, request)
}

/// Looks something up.
///
/// # Errors
/// [`Error::Unknown`] for an index or a row that is not there, [`Error::BadFilter`],
/// [`Error::BadOption`] for vectors where there are none, [`Error::SpaceChanged`].
pub fn search(app: &App, job: &Job, request: SearchRequest) -> Result<SearchResponse> {
    searching::search(app, job, &request)
}

/// All indexes.
///
/// # Errors
/// None today.
pub fn indexes(app: &App, _job: &Job, _request: IndexesRequest) -> Result<IndexesResponse> {
    Ok(IndexesResponse { indexes: searching::indexes(app) })
}

/// Removes an index.
///
/// # Errors
/// [`Error::Unknown`].
pub fn remove_index(app: &App, _job: &Job, request: IndexRequest) -> Result<IndexesResponse> {
    searching::remove(app, &request.index)?;
    Ok(IndexesResponse { indexes: searching::indexes(app) })
}

/// Measures retrieval.
///
/// # Errors
/// Those of reading the files, [`Error::BadRecord`] with its line, and those of [`index_table`].
pub fn eval_retrieval(
    app: &App,
    job: &Job,
    request: EvalRetrievalRequest,
) -> Result<EvalRetrievalResponse> {
    searching::eval_retrieval(app, job, &request)
}
