//! Models: which there are, fetching, checking and removing them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::models;

/// Asks for all models.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelsRequest {}

/// The models.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct ModelsResponse {
    /// Well-known ones first, then the others on this machine by name.
    pub models: Vec<ModelEntry>,
    /// What forbids fetching more; null where nothing does.
    pub offline: Option<OfflineBy>,
}

/// What forbids network calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfflineBy {
    /// The settings.
    Settings,
    /// `--offline`, when Mirante was started.
    CommandLine,
    /// `HF_HUB_OFFLINE`.
    Environment,
}

/// Names a model.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelRequest {
    /// Its short name, its repository or its folder.
    pub model: String,
}

/// A model: what is known of it, and what of it is here. Fields that only a card tells are null for
/// a model without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ModelEntry {
    /// Its short name, or its repository.
    pub id: String,
    /// Its repository on the hub.
    pub repository: String,
    /// What it does: `embed`.
    pub task: Option<String>,
    /// `model_type` in its configuration.
    pub architecture: Option<String>,
    /// Languages by code; `multilingual` for many more.
    pub languages: Vec<String>,
    /// The licence of its weights.
    pub licence: Option<String>,
    /// Numbers of a vector.
    pub dimension: Option<u32>,
    /// Tokens after which a text is cut off.
    pub tokens: Option<u32>,
    /// Bytes to fetch.
    pub bytes: Option<u64>,
    /// Bytes of main memory that it needs.
    pub memory: Option<u64>,
    /// Whether this machine has that much to spare.
    pub fits: Option<bool>,
    /// Whether it is on this machine.
    pub here: bool,
    /// Whether it lies in Mirante's own folder, and can be removed.
    pub own: bool,
    /// The revision that is here.
    pub revision: Option<String>,
    /// Where it lies.
    pub folder: Option<String>,
    /// Bytes that it takes here.
    pub bytes_here: Option<u64>,
}

/// Fetches a model into Mirante's own folder. A job that can be paused, and goes on where it was cut.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullModelRequest {
    /// Its short name or its repository.
    pub model: String,
    /// A branch, a tag or a revision.
    #[serde(default = "main_branch")]
    #[ts(as = "Option<String>", optional)]
    pub revision: String,
}

fn main_branch() -> String {
    "main".to_owned()
}

/// Takes a model of any framework into Mirante's own folder, its weights written as safetensors. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportModelRequest {
    /// A folder as the hub has them, with weights of PyTorch, TensorFlow, JAX, safetensors or GGUF; or
    /// a single file of them.
    pub path: String,
    /// What it is called; as its folder or file unless said. It then is `local/NAME`.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
}

/// Whether a model is what was fetched.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct VerifyModelResponse {
    /// Files looked at.
    pub files: u64,
    /// Those whose bytes are not what their hash says.
    pub broken: Vec<String>,
}

/// What its makers tell of a model, as the hub shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ModelCard {
    /// Its `README.md`.
    pub text: String,
}

/// All models.
///
/// # Errors
/// [`Error::Storage`] when the settings cannot be read.
pub fn models(app: &App, _job: &Job, _request: ModelsRequest) -> Result<ModelsResponse> {
    Ok(ModelsResponse { models: models::entries(app), offline: app.offline()? })
}

/// One model.
///
/// # Errors
/// [`Error::Unknown`] when it is neither well known nor here.
pub fn model(app: &App, _job: &Job, request: ModelRequest) -> Result<ModelEntry> {
    models::entry_of(app, &request.model)
}

/// What its makers tell of a model that is here: of one that was taught here, data, figures and settings.
///
/// # Errors
/// [`Error::Unknown`] when the model is not here, or has no such file.
pub fn model_card(app: &App, _job: &Job, request: ModelRequest) -> Result<ModelCard> {
    Ok(ModelCard { text: models::told_of(app, &request.model)? })
}

/// Fetches a model.
///
/// # Errors
/// [`Error::Offline`], [`Error::HubUnreachable`] and the others of the hub, [`Error::NoRoom`],
/// [`Error::ModelBusy`].
pub fn pull_model(app: &App, job: &Job, request: PullModelRequest) -> Result<ModelEntry> {
    let located = models::pull(app, job, &request.model, &request.revision)?;
    models::entry_of(app, &located.name)
}

/// Imports a model.
///
/// # Errors
/// [`Error::Model`] with what is missing or not known in it, [`Error::BadOption`] for a name that cannot
/// be, and those of reading and writing files.
pub fn import_model(app: &App, job: &Job, request: ImportModelRequest) -> Result<ModelEntry> {
    let path = std::path::Path::new(&request.path);
    let located = models::import(app, job, path, request.name.as_deref())?;
    models::entry_of(app, &located.name)
}

/// Reads every byte of a model and compares it with its hash.
///
/// # Errors
/// [`Error::Unknown`], and those of reading files.
pub fn verify_model(app: &App, job: &Job, request: ModelRequest) -> Result<VerifyModelResponse> {
    models::verify(app, job, &request.model)
}

/// Removes a model from Mirante's own folder.
///
/// # Errors
/// [`Error::Unknown`], [`Error::ModelShared`] for one that lies elsewhere.
pub fn remove_model(app: &App, _job: &Job, request: ModelRequest) -> Result<ModelEntry> {
    models::remove(app, &request.model)
}
