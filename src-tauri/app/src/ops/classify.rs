//! Texts into classes, such as sentiments, by a model on this machine.

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

/// The model that is taken unless another is named: sentiment in Portuguese and many more languages.
pub const DEFAULT_MODEL: &str = "cardiffnlp/twitter-xlm-roberta-base-sentiment";

/// Asks for the classes of a few texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// The classes of some texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ClassifyResponse {
    /// One for every text, in their order.
    pub results: Vec<Classified>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Texts that were too long for the model and were cut off.
    pub cut: u64,
}

/// The class of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Classified {
    /// The likeliest.
    pub label: String,
    /// Its score, between 0 and 1.
    pub score: f32,
    /// All of them, the likeliest first.
    pub scores: Vec<ClassScore>,
}

/// A class with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClassScore {
    /// The class.
    pub label: String,
    /// Its score.
    pub score: f32,
}

/// Asks for the class of every row of a table; appends the class and its score. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyTableRequest {
    /// The table.
    pub table: InferTable,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// Puts a few texts into classes.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`], [`Error::BadOption`].
pub fn classify(app: &App, job: &Job, request: ClassifyRequest) -> Result<ClassifyResponse> {
    let settings = app.with_usual(UsualTask::Classify, request.settings)?;
    let request = ClassifyRequest { settings, ..request };
    inferring::classify(app, job, request)
}

/// Puts every row of a table into a class.
///
/// # Errors
/// As [`classify`], and those of reading the source and of writing the result.
pub fn classify_table(
    app: &App,
    job: &Job,
    request: ClassifyTableRequest,
) -> Result<InferredTable> {
    let settings = app.with_usual(UsualTask::Classify, request.settings)?;
    let request = ClassifyTableRequest { settings, ..request };
    inferring::classify_table(app, job, &request)
}
