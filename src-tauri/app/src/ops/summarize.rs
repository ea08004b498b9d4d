//! Summaries, by a model on this machine.

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

/// The model that is taken unless another is named: 45 languages, Portuguese among them.
pub const DEFAULT_MODEL: &str = "csebuetnlp/mT5_multilingual_XLSum";

/// How long a summary is, and how it is searched for; as the model's makers say unless said here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SummaryChoice {
    /// Most tokens.
    #[ts(optional)]
    pub max_tokens: Option<u32>,
    /// Beginnings that are followed at once; 1 is fastest.
    #[ts(optional)]
    pub beams: Option<u32>,
    /// What the model wants before a text, such as `summarize: `.
    #[ts(optional)]
    pub prefix: Option<String>,
}

/// Asks for summaries of a few texts. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummarizeRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// How long, and how.
    #[serde(default)]
    #[ts(as = "Option<SummaryChoice>", optional)]
    pub choice: SummaryChoice,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// The summaries.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SummarizeResponse {
    /// One for every text, in their order.
    pub summaries: Vec<String>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Texts that were too long for the model and were cut off.
    pub cut: u64,
}

/// Asks for a summary of every row of a table, and appends it. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SummarizeTableRequest {
    /// The table.
    pub table: InferTable,
    /// How long, and how.
    #[serde(default)]
    #[ts(as = "Option<SummaryChoice>", optional)]
    pub choice: SummaryChoice,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// Summarises a few texts.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`], [`Error::BadOption`].
pub fn summarize(app: &App, job: &Job, request: SummarizeRequest) -> Result<SummarizeResponse> {
    let settings = app.with_usual(UsualTask::Summarize, request.settings)?;
    let request = SummarizeRequest { settings, ..request };
    inferring::summarize(app, job, request)
}

/// Summarises every row of a table.
///
/// # Errors
/// As [`summarize`], and those of reading the source and of writing the result.
pub fn summarize_table(
    app: &App,
    job: &Job,
    request: SummarizeTableRequest,
) -> Result<InferredTable> {
    let settings = app.with_usual(UsualTask::Summarize, request.settings)?;
    let request = SummarizeTableRequest { settings, ..request };
    inferring::summarize_table(app, job, &request)
}
