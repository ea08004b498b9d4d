//! What people say of answers found in documents, and examples made of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::qa::{QaFound, QaFoundBy};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::qa;

/// Reads a document that [`ask_qa`](super::qa::ask_qa) searched.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QaDocumentRequest {
    /// The archive that was searched; either this with `source`, or `text`.
    #[serde(default)]
    #[ts(optional)]
    pub zip: Option<String>,
    /// The document within it.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<String>,
    /// The text that was searched.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
    /// The SHA-256 of its text, as it was told.
    pub document: String,
}

/// A document.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct QaDocumentResponse {
    /// Its text; places in it are counted in characters.
    pub text: String,
}

/// What is said of a candidate.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum QaVerdict {
    /// It is an answer.
    Accepted,
    /// The answer is another one.
    Corrected,
    /// It is none, and the document has none.
    Absent,
    /// It is none; of the rest of the document nothing is said.
    Rejected,
    /// What was said of it is taken back.
    Withdrawn,
}

/// A text at its place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QaSpan {
    /// Its first character.
    pub start: u64,
    /// The character after its last.
    pub end: u64,
    /// What stands there.
    pub text: String,
}

/// Says one thing of candidates: of all of them, or of none. What was said of them before is kept too, and no
/// longer counts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JudgeQaRequest {
    /// The archive that was searched; either this or `text`.
    #[serde(default)]
    #[ts(optional)]
    pub zip: Option<String>,
    /// The text that was searched.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
    /// The candidates, as `ask_qa` told them.
    pub candidates: Vec<QaFound>,
    /// What is said.
    pub verdict: QaVerdict,
    /// The right answer; with the verdict `corrected` of one candidate alone.
    #[serde(default)]
    #[ts(optional)]
    pub answer: Option<QaSpan>,
}

/// What was said of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct QaJudgement {
    /// Its number.
    pub id: i64,
    /// When, in Unix milliseconds.
    pub at: i64,
    /// The SHA-256 of the document's text.
    pub document: String,
    /// The archive's name; null for a text.
    pub name: Option<String>,
    /// The document within the archive.
    pub source: Option<String>,
    /// The field; null for a question of one's own.
    pub field: Option<String>,
    /// What was asked.
    pub question: String,
    /// The candidate's first character in the document.
    pub start: u64,
    /// The character after its last.
    pub end: u64,
    /// The candidate.
    pub text: String,
    /// Who found it.
    pub by: QaFoundBy,
    /// Its score.
    pub score: f32,
    /// What was said of it.
    pub verdict: QaVerdict,
    /// The right answer, where the candidate was corrected.
    pub answer: Option<QaSpan>,
}

/// What was kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct JudgeQaResponse {
    /// A judgement for each candidate, in their order.
    pub judgements: Vec<QaJudgement>,
}

/// Asks what was said of documents.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QaJudgementsRequest {
    /// The SHA-256 of their texts.
    pub documents: Vec<String>,
}

/// What counts: the latest judgement of each candidate.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct QaJudgementsResponse {
    /// By document, question and place.
    pub judgements: Vec<QaJudgement>,
}

/// Writes what was judged as examples, as SQuAD has them: JSON Lines of `{id, question, context, answers,
/// metadata}`. A job. Accepted and corrected answers are answers; a question of which "there is none" was
/// said, and nothing else was accepted, has an example without any; what was only rejected has none.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportQaLabelsRequest {
    /// Where to. Absent: the exports folder in Mirante's home, from which `download` gives it to a browser.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// Characters of context on either side of an answer.
    #[serde(default = "default_window")]
    #[ts(as = "Option<u32>", optional)]
    pub window: u32,
}

fn default_window() -> u32 {
    250
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ExportQaLabelsResponse {
    /// Documents that have an example.
    pub documents: u64,
    /// Examples.
    pub examples: u64,
    /// Those of them without an answer.
    pub unanswered: u64,
    /// Examples with an answer, by field, or by question where there is none.
    #[ts(type = "Record<string, number>")]
    pub fields: BTreeMap<String, u64>,
    /// Candidates by what was said of them.
    #[ts(type = "Partial<Record<QaVerdict, number>>")]
    pub verdicts: BTreeMap<QaVerdict, u64>,
    /// Answers that no longer stand at their place in the document that was kept.
    pub left_out: u64,
    /// The file.
    pub out: String,
}

/// Reads a document.
///
/// # Errors
/// [`Error::BadRequest`], [`Error::DocumentChanged`] where it is no longer what was searched, and those of
/// reading the archive.
pub fn qa_document(app: &App, job: &Job, request: QaDocumentRequest) -> Result<QaDocumentResponse> {
    Ok(QaDocumentResponse { text: qa::document(app, job, &request)? })
}

/// Keeps what is said of candidates.
///
/// # Errors
/// [`Error::BadRequest`] where a candidate or the answer does not stand at its place, and those of
/// [`qa_document`].
pub fn judge_qa(app: &App, job: &Job, request: JudgeQaRequest) -> Result<JudgeQaResponse> {
    Ok(JudgeQaResponse { judgements: qa::judge(app, job, request)? })
}

/// Tells what was said of documents.
///
/// # Errors
/// [`Error::Storage`].
pub fn qa_judgements(
    app: &App,
    _job: &Job,
    request: QaJudgementsRequest,
) -> Result<QaJudgementsResponse> {
    Ok(QaJudgementsResponse { judgements: app.judgements(&request.documents)? })
}

/// Writes what was judged as examples.
///
/// # Errors
/// [`Error::NoLabels`], and those of writing the file.
pub fn export_qa_labels(
    app: &App,
    job: &Job,
    request: ExportQaLabelsRequest,
) -> Result<ExportQaLabelsResponse> {
    qa::export(app, job, &request)
}
