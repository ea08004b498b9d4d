//! Texts written by a model on this machine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::embed::RanOn;
use super::inference::{InferTable, InferredTable, ModelSettings};
use super::usual::UsualTask;
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::inferring;
use crate::job::Job;

/// The model that is taken unless another is named.
pub const DEFAULT_MODEL: &str = "Qwen/Qwen2.5-0.5B-Instruct";

/// How a text is written; as the model's makers say unless said here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Writing {
    /// Most tokens.
    pub max_tokens: u32,
    /// How freely tokens are drawn; 0 takes the likeliest.
    #[ts(optional)]
    pub temperature: Option<f32>,
    /// Tokens are drawn among the likeliest that together have this share.
    #[ts(optional)]
    pub top_p: Option<f32>,
    /// The same seed writes the same text.
    #[ts(type = "number")]
    pub seed: u64,
}

impl Default for Writing {
    fn default() -> Self {
        Self { max_tokens: 256, temperature: None, top_p: None, seed: 42 }
    }
}

/// Something said in a talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What.
    pub content: String,
}

/// Asks for a text. A job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GenerateRequest {
    /// What the person says.
    pub prompt: String,
    /// What the model is told beforehand.
    #[ts(optional)]
    pub system: Option<String>,
    /// What was said before the prompt.
    #[ts(as = "Option<Vec<Message>>", optional)]
    pub messages: Vec<Message>,
    /// How it is written.
    #[ts(as = "Option<Writing>", optional)]
    pub writing: Writing,
    /// Which model.
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// A text that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct GenerateResponse {
    /// The text.
    pub text: String,
    /// Tokens that were read.
    pub prompt_tokens: u64,
    /// Tokens that were written.
    pub tokens: u64,
    /// Why it ended.
    pub end: GenerateEnd,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Wall-clock seconds from the first look at the prompt to the last token.
    pub seconds: f64,
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GenerateEnd {
    /// The model ended it.
    Stop,
    /// It is as long as was asked for.
    Length,
}

/// Asks for a text for every row of a table, and appends it. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GenerateTableRequest {
    /// What is said of every row; `{texto}` stands for its text, which else follows after a blank line.
    pub prompt: String,
    /// What the model is told beforehand.
    #[serde(default)]
    #[ts(optional)]
    pub system: Option<String>,
    /// The table.
    pub table: InferTable,
    /// How it is written.
    #[serde(default)]
    #[ts(as = "Option<Writing>", optional)]
    pub writing: Writing,
    /// Which model.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// Writes a text. Steps: `load`, `write` (tokens).
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`] also for a prompt that is too long,
/// [`Error::BadOption`].
pub fn generate(app: &App, job: &Job, request: GenerateRequest) -> Result<GenerateResponse> {
    let settings = app.with_usual(UsualTask::Generate, request.settings)?;
    let request = GenerateRequest { settings, ..request };
    inferring::generate(app, job, request, &mut |_| true)
}

/// The same, telling what is added to the text as it comes. `listener` answers whether to go on.
///
/// # Errors
/// As [`generate`]; [`Error::Cancelled`] once `listener` says no.
pub fn generate_streamed(
    app: &App,
    job: &Job,
    request: GenerateRequest,
    listener: &mut dyn FnMut(&str) -> bool,
) -> Result<GenerateResponse> {
    let settings = app.with_usual(UsualTask::Generate, request.settings)?;
    let request = GenerateRequest { settings, ..request };
    inferring::generate(app, job, request, listener)
}

/// Writes a text for every row of a table.
///
/// # Errors
/// As [`generate`], and those of reading the source and of writing the result.
pub fn generate_table(
    app: &App,
    job: &Job,
    request: GenerateTableRequest,
) -> Result<InferredTable> {
    let settings = app.with_usual(UsualTask::Generate, request.settings)?;
    let request = GenerateTableRequest { settings, ..request };
    inferring::generate_table(app, job, &request)
}
