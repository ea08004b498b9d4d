//! Answers out of texts, by a model on this machine.

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
pub const DEFAULT_MODEL: &str = "deepset/xlm-roberta-base-squad2";

/// What is taken for an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerChoice {
    /// Candidates that are told.
    pub most: u32,
    /// Most tokens of an answer.
    pub longest: u32,
    /// By how much "no answer" must be the likelier to be given.
    pub threshold: f32,
    /// Whether there always is an answer.
    pub must: bool,
}

impl Default for AnswerChoice {
    fn default() -> Self {
        Self { most: 3, longest: 30, threshold: 0.0, must: false }
    }
}

/// Asks a question of a few texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    /// The question.
    pub question: String,
    /// The texts.
    pub contexts: Vec<String>,
    /// What is taken for an answer.
    #[serde(default)]
    #[ts(as = "Option<AnswerChoice>", optional)]
    pub choice: AnswerChoice,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// The answers.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct AnswerResponse {
    /// One for every text, in their order.
    pub answers: Vec<Answered>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
}

/// What a text says of a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Answered {
    /// The answer; null where "no answer" is the likelier.
    pub answer: Option<String>,
    /// The answer's share among all candidates, or that of "no answer".
    pub probability: f32,
    /// Its first character in the text; null without an answer.
    pub start: Option<u64>,
    /// The character after its last.
    pub end: Option<u64>,
    /// By how much the best answer is the likelier than none; below 0 none is.
    pub margin: f32,
    /// The best first.
    pub candidates: Vec<AnswerCandidate>,
}

/// What could be an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct AnswerCandidate {
    /// Its text; null for "no answer".
    pub answer: Option<String>,
    /// Its first character in the text; null without an answer.
    pub start: Option<u64>,
    /// The character after its last.
    pub end: Option<u64>,
    /// The sum of what its first and last token have.
    pub score: f32,
    /// Its share among all candidates.
    pub probability: f32,
}

/// Asks a question of every row of a table; appends the answer and its share. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerTableRequest {
    /// The question.
    pub question: String,
    /// The table.
    pub table: InferTable,
    /// What is taken for an answer.
    #[serde(default)]
    #[ts(as = "Option<AnswerChoice>", optional)]
    pub choice: AnswerChoice,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// Asks a question of a few texts.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`] also for a question that leaves no
/// room for the text, [`Error::BadOption`].
pub fn answer(app: &App, job: &Job, request: AnswerRequest) -> Result<AnswerResponse> {
    let settings = app.with_usual(UsualTask::Answer, request.settings)?;
    let request = AnswerRequest { settings, ..request };
    inferring::answer(app, job, request)
}

/// Asks a question of every row of a table.
///
/// # Errors
/// As [`answer`], and those of reading the source and of writing the result.
pub fn answer_table(app: &App, job: &Job, request: AnswerTableRequest) -> Result<InferredTable> {
    let settings = app.with_usual(UsualTask::Answer, request.settings)?;
    let request = AnswerTableRequest { settings, ..request };
    inferring::answer_table(app, job, &request)
}
