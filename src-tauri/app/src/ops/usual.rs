//! The model that each task takes where none is named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::inference::ModelSettings;
use super::settings::{Settings, SettingsRequest, save_settings, settings};
use crate::app::App;
use crate::error::{Error, Result};
use crate::job::Job;
use crate::models::task_of;

/// What a model is asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UsualTask {
    /// Classes of texts.
    Classify,
    /// Entities in texts.
    Tag,
    /// Answers in contexts.
    Answer,
    /// Summaries.
    Summarize,
    /// Texts that are written.
    Generate,
}

impl UsualTask {
    /// As cards and listings call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Classify => "classify",
            Self::Tag => "tag",
            Self::Answer => "answer",
            Self::Summarize => "summarize",
            Self::Generate => "generate",
        }
    }
}

/// A model, or one that an adapter changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsualModel {
    /// A card's short name, a repository of the hub that is on this machine, or a folder; that which the
    /// adapter names unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub model: Option<String>,
    /// The folder of an adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub adapter: Option<String>,
}

/// Makes a model the usual one of a task.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUsualModelRequest {
    /// The task.
    pub task: UsualTask,
    /// The model; nothing for that which Mirante comes with.
    #[serde(default)]
    #[ts(optional)]
    pub usual: Option<UsualModel>,
}

/// What is usual now.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct SetUsualModelResponse {
    /// What was the task's before, to take it back.
    pub before: Option<UsualModel>,
    /// The models that were made usual, by task.
    pub usual: BTreeMap<UsualTask, UsualModel>,
}

/// Makes a model the usual one of a task, or takes that back.
///
/// # Errors
/// [`Error::Unknown`] for a model that is not here, [`Error::BadOption`] for one of another task.
pub fn set_usual_model(
    app: &App,
    job: &Job,
    request: SetUsualModelRequest,
) -> Result<SetUsualModelResponse> {
    let SetUsualModelRequest { task, usual } = request;
    if let Some(usual) = &usual {
        check(app, task, usual)?;
    }
    let mut kept = settings(app, job, SettingsRequest {})?;
    let before = match usual {
        Some(usual) => kept.usual_models.insert(task, usual),
        None => kept.usual_models.remove(&task),
    };
    let Settings { usual_models, .. } = save_settings(app, job, kept)?;
    Ok(SetUsualModelResponse { before, usual: usual_models })
}

impl App {
    /// Settings with the model that the person made usual for a task, where none is named.
    pub(crate) fn with_usual(
        &self,
        task: UsualTask,
        asked: ModelSettings,
    ) -> Result<ModelSettings> {
        // Who asks for a text's class leaves no home behind.
        if asked.model.is_some() || asked.adapter.is_some() || !self.has_home() {
            return Ok(asked);
        }
        let mut kept = settings(self, &Job::quiet(), SettingsRequest {})?;
        Ok(match kept.usual_models.remove(&task) {
            Some(UsualModel { model, adapter }) => ModelSettings { model, adapter, ..asked },
            None => asked,
        })
    }
}

fn check(app: &App, task: UsualTask, usual: &UsualModel) -> Result<()> {
    let bad = |value: &str, allowed: &str| {
        Err(Error::BadOption {
            option: "usual",
            value: value.to_owned(),
            allowed: allowed.to_owned(),
        })
    };
    let Some(model) = &usual.model else {
        return match &usual.adapter {
            Some(adapter) => crate::models::base_of(adapter.as_ref()).map(drop),
            None => bad("", "model, adapter"),
        };
    };
    let located = app.locate(model)?.with_adapter(usual.adapter.as_deref())?;
    match task_of(&located.folder) {
        Some(found) if found != task.name() => bad(&format!("{model} ({found})"), task.name()),
        _ => Ok(()),
    }
}
