//! Texts into vectors, by a model on this machine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::segment::Source;
use crate::app::App;
use crate::embedding;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;

/// The model that is taken unless another is named.
pub const DEFAULT_MODEL: &str = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2";

/// How texts become vectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EmbedSettings {
    /// A folder, or a repository of the hub that is on this machine.
    pub model: String,
    /// What the texts are, for models that want to be told.
    pub role: TextRole,
    /// Make every vector 1 long, also where the model does not.
    pub normalize: bool,
    /// The most texts that go through the model together on one thread.
    pub batch: u32,
    /// `auto`, `cpu`, `cuda:N` or `metal`.
    pub device: String,
    /// `auto`, `f32`, `f16`, `bf16` or `int8`; what a model does not know there is refused.
    pub precision: String,
}

impl Default for EmbedSettings {
    fn default() -> Self {
        Self {
            model: DEFAULT_MODEL.to_owned(),
            role: TextRole::Document,
            normalize: false,
            batch: 32,
            device: "auto".to_owned(),
            precision: "auto".to_owned(),
        }
    }
}

/// What a text is to the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextRole {
    /// Something to be found.
    #[default]
    Document,
    /// Something that is looked for.
    Query,
    /// Neither: the text as it is.
    Plain,
}

/// A vector space: vectors of different spaces cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Space {
    /// The model's repository, or its folder's name.
    pub model: String,
    /// The repository's revision; null for a folder of the person's own.
    pub revision: Option<String>,
    /// How one vector is made of a text's tokens.
    pub pooling: String,
    /// Numbers of a vector.
    pub dimension: u32,
}

impl std::fmt::Display for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let revision = self.revision.as_deref().unwrap_or("-");
        write!(f, "{}@{revision} {} {}", self.model, self.pooling, self.dimension)
    }
}

/// What a model ran on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RanOn {
    /// `cpu`, `cuda:N` or `metal`.
    pub device: String,
    /// `f32`, `f16`, `bf16`, `int8`, or `quantised` for weights in blocks of few bits.
    pub precision: String,
    /// The processor's instructions that were used: `avx512_bf16`, `avx512`, `avx2` or `plain`.
    pub instructions: String,
}

impl std::fmt::Display for RanOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.device, self.precision, self.instructions)
    }
}

/// Makes vectors of a few texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbedRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<EmbedSettings>", optional)]
    pub settings: EmbedSettings,
}

/// The vectors of some texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct EmbedResponse {
    /// One for every text, in their order.
    pub embeddings: Vec<Vec<f32>>,
    /// Where they can be compared.
    pub space: Space,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Texts that were too long for the model and were cut off.
    pub cut: u64,
}

/// A file format for vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VectorFormat {
    /// `[{id, text, embedding}]`.
    Json,
    /// One `{id, text, embedding}` a line.
    Jsonl,
    /// The vectors alone, for numpy.
    Npy,
    /// Columns `id`, `text` and `embedding`.
    Parquet,
}

/// Makes a vector of every row of a table and writes them to a file. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbedTableRequest {
    /// The rows.
    pub source: Source,
    /// Columns whose text is joined by one space; see
    /// [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub text_cols: Vec<String>,
    /// The column that a row is known by; without one it is the row's place, from 0.
    #[serde(default)]
    #[ts(optional)]
    pub id_col: Option<String>,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<EmbedSettings>", optional)]
    pub settings: EmbedSettings,
    /// Where to write; into the exports folder unless said.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// In which format; by the name's ending where it is not said, else JSON.
    #[serde(default)]
    #[ts(optional)]
    pub format: Option<VectorFormat>,
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct EmbedTableResponse {
    /// Rows.
    pub rows: u64,
    /// The columns that were read.
    pub text_cols: Vec<String>,
    /// Where the vectors can be compared.
    pub space: Space,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Texts that were too long for the model and were cut off.
    pub cut: u64,
    /// Wall-clock seconds of reading the model, and of all the rest.
    pub seconds: EmbedSeconds,
    /// The file.
    pub out: String,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct EmbedSeconds {
    /// Reading the model.
    pub load: f64,
    /// Reading texts, making vectors and writing them.
    pub embed: f64,
}

/// Makes vectors of a few texts.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`], [`Error::BadOption`].
pub fn embed(app: &App, job: &Job, request: EmbedRequest) -> Result<EmbedResponse> {
    embedding::embed(app, job, request)
}

/// Makes a vector of every row of a source.
///
/// # Errors
/// As [`embed`], and those of reading the source and of writing the result.
pub fn embed_table(app: &App, job: &Job, request: EmbedTableRequest) -> Result<EmbedTableResponse> {
    embedding::embed_table(app, job, &request)
}
