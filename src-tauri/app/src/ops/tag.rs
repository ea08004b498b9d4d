//! Entities in texts, by a model on this machine.

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

/// The model that is taken unless another is named: persons, places, organisations, laws and court
/// decisions in Portuguese.
pub const DEFAULT_MODEL: &str = "pierreguillou/ner-bert-base-cased-pt-lenerbr";

/// How tokens that disagree are joined to entities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagJoin {
    /// A word has the type of its first part.
    #[default]
    First,
    /// Part by part.
    Simple,
}

/// Asks for the entities of a few texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// How parts of words are joined.
    #[serde(default)]
    #[ts(as = "Option<TagJoin>", optional)]
    pub join: TagJoin,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// The entities of some texts.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct TagResponse {
    /// For every text its entities in their order.
    pub entities: Vec<Vec<TaggedEntity>>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
}

/// An entity in a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TaggedEntity {
    /// As it stands in the text.
    pub text: String,
    /// Its type.
    pub r#type: String,
    /// Its first character.
    pub start: u64,
    /// The character after its last.
    pub end: u64,
    /// How sure the model is, between 0 and 1.
    pub score: f32,
}

/// Asks for the entities of every row of a table; appends them as JSON. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagTableRequest {
    /// The table.
    pub table: InferTable,
    /// How parts of words are joined.
    #[serde(default)]
    #[ts(as = "Option<TagJoin>", optional)]
    pub join: TagJoin,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<ModelSettings>", optional)]
    pub settings: ModelSettings,
}

/// Finds the entities of a few texts.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::Model`], [`Error::BadOption`].
pub fn tag(app: &App, job: &Job, request: TagRequest) -> Result<TagResponse> {
    let settings = app.with_usual(UsualTask::Tag, request.settings)?;
    let request = TagRequest { settings, ..request };
    inferring::tag(app, job, request)
}

/// Finds the entities of every row of a table.
///
/// # Errors
/// As [`tag`], and those of reading the source and of writing the result.
pub fn tag_table(app: &App, job: &Job, request: TagTableRequest) -> Result<InferredTable> {
    let settings = app.with_usual(UsualTask::Tag, request.settings)?;
    let request = TagTableRequest { settings, ..request };
    inferring::tag_table(app, job, &request)
}
