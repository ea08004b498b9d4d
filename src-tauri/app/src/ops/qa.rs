//! Questions and answers out of the documents of processes: examples made by rules, and how well a model
//! answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::embed::RanOn;
use super::inference::ModelSettings;
use super::usual::UsualTask;
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::inferring;
use crate::job::Job;
use crate::qa;

/// Makes examples of a folder of zip archives, as SQuAD has them: JSON Lines of `{id, question, context,
/// answers, metadata}`. A job; the same archives give the same bytes.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildQaRequest {
    /// The folder; archives in folders within it are not read.
    pub zip_dir: String,
    /// Where to write the examples.
    pub out: String,
    /// The fields that are asked for; all that the rules know unless said.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub fields: Vec<String>,
    /// A file of rules; those for Brazilian processes unless said.
    #[serde(default)]
    #[ts(optional)]
    pub questions: Option<String>,
    /// Characters of context on either side of an answer.
    #[serde(default = "default_window")]
    #[ts(as = "Option<u32>", optional)]
    pub window: u32,
    /// Archives that are read at once.
    #[serde(default = "default_workers")]
    #[ts(as = "Option<u32>", optional)]
    pub workers: u32,
    /// Most archives; all of them unless said.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// Whether questions that a document does not answer are written too, without answers.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub allow_empty: bool,
}

fn default_window() -> u32 {
    250
}

fn default_workers() -> u32 {
    8
}

/// What was made of the archives.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct BuildQaResponse {
    /// Archives.
    pub zips: u64,
    /// Documents that were read.
    pub documents: u64,
    /// Examples that were written.
    pub examples: u64,
    /// Those of them without an answer.
    pub unanswered: u64,
    /// Examples with an answer, by field.
    #[ts(type = "Record<string, number>")]
    pub fields: BTreeMap<String, u64>,
    /// What was not read, and why.
    pub refused: Vec<RefusedDocument>,
    /// Wall-clock seconds.
    pub seconds: f64,
    /// The file.
    pub out: String,
}

/// A document, or a whole archive, that was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct RefusedDocument {
    /// The archive.
    pub zip: String,
    /// The document; null for the whole archive.
    pub entry: Option<String>,
    /// Why: `unreadable`, `not_zip`, `password`, `path`, `too_large`, `kind`, `damaged` or `no_text`.
    pub code: String,
    /// What the reader said.
    pub reason: String,
}

/// Asks which fields rules know.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QaFieldsRequest {
    /// A file of rules; those for Brazilian processes unless said.
    #[serde(default)]
    #[ts(optional)]
    pub questions: Option<String>,
}

/// The fields, in the rules' order.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct QaFieldsResponse {
    /// Each with its question.
    pub fields: Vec<QaField>,
}

/// A field that rules find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaField {
    /// What requests call it.
    pub name: String,
    /// What is asked of it.
    pub question: String,
}

/// Looks for fields in a document, or in those of an archive, by rules and by a model. A job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskQaRequest {
    /// An archive of documents; either this or `text`.
    #[serde(default)]
    #[ts(optional)]
    pub zip: Option<String>,
    /// A text.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
    /// The fields that are looked for; all that the rules know unless said.
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub fields: Vec<String>,
    /// A file of rules; those for Brazilian processes unless said.
    #[serde(default)]
    #[ts(optional)]
    pub questions: Option<String>,
    /// A question of one's own, for a model, in place of the rules.
    #[serde(default)]
    #[ts(optional)]
    pub question: Option<String>,
    /// The model that is asked the rules' questions too; none unless said, but for `question`.
    #[serde(default)]
    #[ts(optional)]
    pub settings: Option<ModelSettings>,
    /// What is told has this score at least.
    #[serde(default)]
    #[ts(as = "Option<f32>", optional)]
    pub min_score: f32,
}

/// What was found.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct AskQaResponse {
    /// Documents that were read, in the archive's order.
    pub documents: Vec<QaDocument>,
    /// By document; what rules found first, by field and place.
    pub found: Vec<QaFound>,
    /// Documents that were not read, and why.
    pub refused: Vec<RefusedDocument>,
    /// The model; null where none was asked.
    pub model: Option<String>,
    /// What it ran on.
    pub ran_on: Option<RanOn>,
}

/// A document that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaDocument {
    /// Its name within the archive; null for a text.
    pub source: Option<String>,
    /// The SHA-256 of its text.
    pub document: String,
    /// Its length.
    pub characters: u64,
}

/// What could be the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaFound {
    /// The document within the archive; null for a text.
    pub source: Option<String>,
    /// The SHA-256 of the document's text.
    pub document: String,
    /// The field; null for a question of one's own.
    pub field: Option<String>,
    /// What was asked.
    pub question: String,
    /// The answer.
    pub text: String,
    /// Its first character in the document.
    pub start: u64,
    /// The character after its last.
    pub end: u64,
    /// The words around it.
    pub context: String,
    /// Of rules, how near it stands to its anchor, from a half to 1; of a model, its share among all
    /// candidates. Not to be compared with each other.
    pub score: f32,
    /// Who found it.
    pub by: QaFoundBy,
}

/// Who found an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QaFoundBy {
    /// A rule.
    Rules,
    /// The model.
    Model,
}

/// How a model's answers are chosen, as the reference scripts for SQuAD call it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QaChoice {
    /// Candidates that are weighed.
    pub n_best_size: u32,
    /// Most tokens of a window, question and context together; the model's own limit holds too.
    pub max_length: u32,
    /// Tokens that a window shares with the one before.
    pub doc_stride: u32,
    /// Most tokens of an answer.
    pub max_answer_length: u32,
    /// By how much "no answer" must be the likelier to be given; only where some question has none.
    pub null_score_diff_threshold: f32,
}

impl Default for QaChoice {
    fn default() -> Self {
        Self {
            n_best_size: 20,
            max_length: 384,
            doc_stride: 128,
            max_answer_length: 80,
            null_score_diff_threshold: 0.0,
        }
    }
}

/// Measures how well a model answers. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvalQaRequest {
    /// Questions with their answers: SQuAD's JSON, or JSON Lines of `{id, question, context, answers}`.
    pub dataset: String,
    /// The model, and how it runs.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
    /// How answers are chosen.
    #[serde(default)]
    #[ts(as = "Option<QaChoice>", optional)]
    pub choice: QaChoice,
    /// Most questions, the first ones; all of them unless said.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// Where to write every prediction with its context, answers and scores, as JSON.
    #[serde(default)]
    #[ts(optional)]
    pub predictions_out: Option<String>,
}

/// How well it answered.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct EvalQaResponse {
    /// Whose rules counted: `1.1` where every question has an answer, else `2.0`.
    pub squad: String,
    /// Over all questions.
    pub all: QaScores,
    /// Over those that their text answers; null where that is all of them.
    pub has_answer: Option<QaScores>,
    /// Over those that it does not.
    pub no_answer: Option<QaScores>,
    /// With which threshold the exact matches would be most; null where every question has an answer.
    pub best_exact: Option<QaThreshold>,
    /// With which threshold F1 would be highest.
    pub best_f1: Option<QaThreshold>,
    /// Answers that did not stand at their place.
    pub issues: Vec<QaIssue>,
    /// Questions left out because none of their answers stands in their text.
    pub left_out: u64,
    /// Ids of questions left out because they leave no room for their text among the model's tokens.
    pub too_long: Vec<String>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Wall-clock seconds of reading the model, and of answering.
    pub seconds: QaSeconds,
    /// The predictions' file, if one was written.
    pub predictions_out: Option<String>,
}

/// Exact match and F1 in percent, as the official scripts give them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaScores {
    /// Share of exact matches.
    pub exact: f64,
    /// Mean F1 over words.
    pub f1: f64,
    /// Questions.
    pub questions: u64,
}

/// A threshold for "no answer".
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaThreshold {
    /// For `null_score_diff_threshold`.
    pub threshold: f64,
    /// The figure it gives, in percent.
    pub score: f64,
}

/// An answer that does not stand where the file says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaIssue {
    /// The question's id.
    pub id: String,
    /// The answer.
    pub text: String,
    /// Where the file says it begins.
    pub start: i64,
    /// Where it stands nearest to that; null where the context does not hold it.
    pub found: Option<u64>,
    /// Whether its question has no other answer and was left out.
    pub left_out: bool,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct QaSeconds {
    /// Reading the model.
    pub load: f64,
    /// Answering.
    pub answer: f64,
}

/// The fields that rules know.
///
/// # Errors
/// Those of the rules as [`build_qa`] has them.
pub fn qa_fields(_app: &App, _job: &Job, request: QaFieldsRequest) -> Result<QaFieldsResponse> {
    let rules = qa::rules(request.questions.as_deref(), &[])?;
    let fields = rules.into_iter().map(|rule| QaField { name: rule.name, question: rule.question });
    Ok(QaFieldsResponse { fields: fields.collect() })
}

/// Makes examples of documents.
///
/// # Errors
/// [`Error::BadRules`], [`Error::BadOption`] for a field that the rules do not know, [`Error::NoZips`], and
/// those of reading the folder and writing the file. An archive or document that cannot be read is none.
pub fn build_qa(_app: &App, job: &Job, request: BuildQaRequest) -> Result<BuildQaResponse> {
    qa::build(job, &request)
}

/// Looks for fields in documents.
///
/// # Errors
/// [`Error::BadRequest`] where not one of `zip` and `text` is given, those of the rules as [`build_qa`] has
/// them, and those of [`answer`](super::answer::answer).
pub fn ask_qa(app: &App, job: &Job, request: AskQaRequest) -> Result<AskQaResponse> {
    inferring::ask_qa(app, job, &request)
}

/// Measures how well a model answers.
///
/// # Errors
/// [`Error::BadRecord`], [`Error::NoQuestions`], [`Error::BadOption`], and those of
/// [`answer`](super::answer::answer).
pub fn eval_qa(app: &App, job: &Job, request: EvalQaRequest) -> Result<EvalQaResponse> {
    let settings = app.with_usual(UsualTask::Answer, request.settings)?;
    inferring::eval_qa(app, job, &EvalQaRequest { settings, ..request })
}
