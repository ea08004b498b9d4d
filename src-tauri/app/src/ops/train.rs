//! Teaching models on this machine.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::classifier::LabelFigures;
use super::embed::RanOn;
use super::segment::Source;
use super::train_encoder::{EncoderSettings, TrainEncoderRequest};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::training;

/// Makes examples to learn from out of a table or of stored answers. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildExamplesRequest {
    /// A table with what was asked and what was answered.
    #[serde(default)]
    #[ts(optional)]
    pub source: Option<Source>,
    /// Its column with what was asked.
    #[serde(default)]
    #[ts(optional)]
    pub prompt_col: Option<String>,
    /// Its column with the answers.
    #[serde(default)]
    #[ts(optional)]
    pub reply_col: Option<String>,
    /// In place of a table: JSON Lines of stored answers (`query`, `answer`), Alpaca's form (`instruction`,
    /// `input`, `output`) or conversations (`messages`).
    #[serde(default)]
    #[ts(optional)]
    pub events: Option<String>,
    /// Where to write them, one a line.
    pub out: String,
    /// The most that are written; among more, they are drawn by `seed`.
    #[serde(default = "most_examples")]
    #[ts(as = "Option<u32>", optional)]
    pub max_samples: u32,
    /// Leave CPF, CNPJ, e-mail addresses and telephone numbers as they are.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub keep_personal: bool,
    /// What chances are drawn from.
    #[serde(default = "usual_seed")]
    #[ts(as = "Option<u32>", optional)]
    pub seed: u64,
}

fn most_examples() -> u32 {
    20_000
}

fn usual_seed() -> u64 {
    42
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct BuildExamplesResponse {
    /// Rows or lines read.
    pub read: u64,
    /// Examples written.
    pub written: u64,
    /// Left out: the same as one before.
    pub duplicates: u64,
    /// Left out: without a question or without an answer.
    pub empty: u64,
    /// Left out: there were more than wanted.
    pub beyond: u64,
    /// How often personal data of each kind were masked.
    #[ts(type = "Record<string, number>")]
    pub masked: std::collections::BTreeMap<String, u64>,
    /// The file.
    pub out: String,
}

/// How a learning rate goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RateSchedule {
    /// Down to nought, evenly.
    Linear,
    /// Down to nought, as half a wave of the cosine.
    #[default]
    Cosine,
    /// Not at all.
    Constant,
}

/// What takes the steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub enum Optimizer {
    /// AdamW.
    #[default]
    #[serde(rename = "adamw")]
    AdamW,
    /// AdamW that remembers its means in eight bits: a third less memory for what is learned.
    #[serde(rename = "adamw_8bit")]
    AdamW8Bit,
}

/// How weights that do not learn are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quant {
    /// As in their file.
    #[default]
    None,
    /// In four bits (QLoRA).
    Nf4,
}

/// How a model is taught.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoraSettings {
    /// What does the arithmetic: `auto` (a graphics card if there is one, else the processor), `cpu`,
    /// `cuda:N` or `metal`.
    pub device: String,
    /// What products are worked in: `auto`, `f32`, and on a card `f16` or `bf16`.
    pub precision: String,
    /// How the model's own weights are kept meanwhile.
    pub quant: Quant,
    /// Rank of the change.
    pub r: u32,
    /// The change counts alpha / r times.
    pub alpha: f64,
    /// Share of the inputs that a step leaves out.
    pub dropout: f64,
    /// Names of the maps that are changed.
    pub targets: Vec<String>,
    /// Times that every example is seen.
    pub epochs: u32,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: RateSchedule,
    /// Share of the steps in which it grows.
    pub warmup_ratio: f64,
    /// Decay of what is learned, times the learning rate.
    pub weight_decay: f64,
    /// The longest that the gradients may be; 0 lets them be.
    pub max_grad_norm: f64,
    /// Examples at once.
    pub batch_size: u32,
    /// Batches a step.
    pub gradient_accumulation: u32,
    /// Tokens of an example after which it is cut off.
    pub max_length: u32,
    /// Learn what was asked as well, not the answers alone.
    pub on_all: bool,
    /// Keep less for the way back: half the memory, a third more time.
    pub gradient_checkpointing: bool,
    /// What takes the steps.
    pub optimizer: Optimizer,
    /// Evaluations without a better one after which it ends; 0 for never.
    pub early_stopping_patience: u32,
    /// Steps between evaluations, beside that after every epoch; 0 for none.
    pub eval_steps: u32,
    /// Steps between checkpoints, beside that after every epoch; 0 for none.
    pub save_steps: u32,
    /// Steps at most; 0 sets no limit.
    pub max_steps: u32,
    /// What chances are drawn from.
    #[ts(type = "number")]
    pub seed: u64,
}

impl Default for LoraSettings {
    fn default() -> Self {
        Self {
            device: "auto".to_owned(),
            precision: "auto".to_owned(),
            quant: Quant::None,
            r: 16,
            alpha: 16.0,
            dropout: 0.05,
            targets: ["q_proj", "k_proj", "v_proj", "o_proj"].map(str::to_owned).to_vec(),
            epochs: 2,
            learning_rate: 2e-4,
            schedule: RateSchedule::Cosine,
            warmup_ratio: 0.03,
            weight_decay: 0.0,
            max_grad_norm: 1.0,
            batch_size: 2,
            gradient_accumulation: 8,
            max_length: 1024,
            on_all: false,
            gradient_checkpointing: false,
            optimizer: Optimizer::AdamW,
            early_stopping_patience: 0,
            eval_steps: 0,
            save_steps: 50,
            max_steps: 0,
            seed: 42,
        }
    }
}

/// Teaches a model that writes, by a small change of its maps (LoRA). A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainLoraRequest {
    /// A card's short name, a repository of the hub that is on this machine, or a folder.
    pub base_model: String,
    /// Examples: JSON Lines of `prompt` and `reply`, Alpaca's form, or conversations (`messages`).
    pub train_file: String,
    /// The share of them that is not learned but measured on.
    #[serde(default = "usual_split")]
    #[ts(as = "Option<f64>", optional)]
    pub validation_split: f64,
    /// Where everything goes; a folder of Mirante's own unless said.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<LoraSettings>", optional)]
    pub settings: LoraSettings,
    /// Go on where an earlier training in that folder was cut off.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub resume: bool,
}

fn processor() -> String {
    "cpu".to_owned()
}

fn usual_split() -> f64 {
    0.05
}

/// What a training needs, before it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainingEstimate {
    /// What would do the arithmetic.
    #[serde(default = "processor")]
    pub device: String,
    /// Bytes of main memory.
    #[ts(type = "number")]
    pub memory: u64,
    /// Bytes that it may take.
    #[ts(type = "number | null")]
    pub memory_limit: Option<u64>,
    /// Bytes of the card's memory; null on the processor.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub card_memory: Option<u64>,
    /// Bytes of it that it may take; null where that is not known.
    #[serde(default)]
    #[ts(type = "number | null")]
    pub card_limit: Option<u64>,
    /// Bytes of disk, checkpoints included.
    #[ts(type = "number")]
    pub disk: u64,
    /// Bytes of disk that there are.
    #[ts(type = "number | null")]
    pub disk_free: Option<u64>,
    /// Seconds, by what the device does in a moment.
    pub seconds: f64,
    /// Steps.
    pub steps: u64,
    /// Examples that are learned.
    pub taught: u64,
    /// Examples that are measured on.
    pub held: u64,
    /// Examples whose end is cut off.
    pub cut: u64,
    /// Examples left out, whose question alone is too long.
    pub dropped: u64,
    /// Tokens of all that is learned, once.
    pub tokens: u64,
    /// Numbers that are learned.
    pub parameters: u64,
    /// Whether memory and disk are enough.
    pub fits: bool,
    /// The nearest settings with which it would fit, where it does not and there are some.
    #[ts(optional)]
    pub would_fit: Option<TrainingSettings>,
    /// Bytes of the memory that is too small now, the card's or the machine's, with them.
    #[ts(optional, type = "number")]
    pub would_take: Option<u64>,
}

/// How a model is taught, whichever kind it is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(untagged)]
pub enum TrainingSettings {
    /// One that writes.
    Lora(LoraSettings),
    /// One that reads.
    Encoder(EncoderSettings),
}

impl TrainingSettings {
    /// Examples at once, and the tokens of each.
    #[must_use]
    pub fn sizes(&self) -> (u32, u32) {
        match self {
            Self::Lora(settings) => (settings.batch_size, settings.max_length),
            Self::Encoder(settings) => (settings.batch_size, settings.max_length),
        }
    }
}

/// What was asked for, whichever kind of model is taught.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(untagged)]
pub enum TrainingAsked {
    /// One that reads.
    Encoder(Box<TrainEncoderRequest>),
    /// One that writes.
    Lora(Box<TrainLoraRequest>),
}

/// What a training came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainingResult {
    /// The folder of the training.
    pub output_dir: String,
    /// The folder of the adapter, in PEFT's form, of a model that writes.
    #[serde(default)]
    #[ts(optional)]
    pub adapter: Option<String>,
    /// The folder of the model that it has become, of one that reads.
    #[serde(default)]
    #[ts(optional)]
    pub model: Option<String>,
    /// The model that it changes.
    pub base_model: String,
    /// Where it was taught; nothing of trainings from before that was written down.
    #[serde(default)]
    #[ts(optional)]
    pub ran_on: Option<RanOn>,
    /// Steps taken.
    pub steps: u64,
    /// `whole`, `early` where it became no better, `kept` where it was ended by hand.
    pub end: String,
    /// Figures of the examples that were not learned, at their best.
    #[ts(type = "Record<string, number>")]
    pub figures: std::collections::BTreeMap<String, f64>,
    /// How well each class or type of entity is found among them.
    #[serde(default)]
    #[ts(as = "Option<Vec<LabelFigures>>", optional)]
    pub labels: Vec<LabelFigures>,
    /// By right class, in it by the class that was found: examples.
    #[serde(default)]
    #[ts(as = "Option<Vec<Vec<u64>>>", optional)]
    pub confusion: Vec<Vec<u64>>,
    /// Seconds at work.
    pub seconds: f64,
    /// Tokens a second.
    pub tokens_per_second: f64,
    /// Most bytes of main memory that the process took; null where the system does not say.
    #[ts(type = "number | null")]
    pub peak_memory: Option<u64>,
    /// What was expected.
    pub estimate: TrainingEstimate,
}

/// A training by its folder.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingRequest {
    /// Its folder; the last one unless said.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
}

/// Where a training stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrainingState {
    /// At work.
    Running,
    /// Ended, with what it learned.
    Done,
    /// Cut off; it can be resumed.
    Interrupted,
}

/// A step that was taken, as `metrics.jsonl` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainingStep {
    /// Its number, from 1.
    pub step: u64,
    /// Epochs, in parts.
    pub epoch: f64,
    /// The mean loss of what was learned in it.
    pub loss: f64,
    /// The learning rate.
    pub learning_rate: f64,
    /// The length of the gradients.
    pub gradient_norm: f64,
    /// Tokens a second.
    pub tokens_per_second: f64,
    /// Seconds that it took.
    pub seconds: f64,
    /// Bytes of main memory that the process takes.
    #[ts(type = "number | null")]
    pub memory: Option<u64>,
}

/// A look at what was not learned, as `metrics.jsonl` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainingEvaluation {
    /// After so many steps.
    pub step: u64,
    /// Figures by name.
    #[ts(type = "Record<string, number>")]
    pub figures: std::collections::BTreeMap<String, f64>,
    /// Whether it was never better.
    pub is_best: bool,
}

/// A training, as its folder tells it.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct Training {
    /// Its folder.
    pub output_dir: String,
    /// Where it stands.
    pub state: TrainingState,
    /// What was asked for.
    pub request: TrainingAsked,
    /// When it was first begun, in milliseconds since 1970.
    #[ts(type = "number")]
    pub begun_at: i64,
    /// Steps taken.
    pub step: u64,
    /// Steps in all.
    pub steps: u64,
    /// Seconds until it ends, at the pace so far.
    pub seconds_left: Option<f64>,
    /// All steps taken.
    pub curve: Vec<TrainingStep>,
    /// All looks at what was not learned.
    pub evaluations: Vec<TrainingEvaluation>,
    /// What it came to, once it is done.
    pub result: Option<TrainingResult>,
}

/// All trainings that this machine knows of.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingsRequest {}

/// All trainings, the last first.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainingsResponse {
    /// They, without their curves.
    pub trainings: Vec<Training>,
}

/// Ends a training.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopTrainingRequest {
    /// Its folder; the one at work unless said.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
    /// Keep what it has learned as an adapter.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub keep: bool,
}

/// Puts an adapter's changes into the weights of its model. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeAdapterRequest {
    /// The adapter's folder.
    pub adapter: String,
    /// Its model; the one that the adapter names unless said.
    #[serde(default)]
    #[ts(optional)]
    pub base_model: Option<String>,
    /// The folder to write.
    pub out: String,
}

/// A merged model.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct MergeAdapterResponse {
    /// The folder.
    pub out: String,
    /// Maps that were changed.
    pub changed: u64,
}

/// Makes examples to learn from.
///
/// # Errors
/// [`Error::BadOption`] where neither a table nor a file is named, [`Error::UnknownColumn`],
/// [`Error::BadRecord`] with its line, [`Error::NoExamples`], and those of reading and writing files.
pub fn build_examples(
    app: &App,
    job: &Job,
    request: BuildExamplesRequest,
) -> Result<BuildExamplesResponse> {
    training::build_examples(app, job, &request)
}

/// What a training would need.
///
/// # Errors
/// Those of [`train_lora`] that can be known before it starts, but for too little memory.
pub fn estimate_training(
    app: &App,
    job: &Job,
    request: TrainLoraRequest,
) -> Result<TrainingEstimate> {
    training::estimate(app, job, &request)
}

/// Teaches a model.
///
/// # Errors
/// [`Error::TrainingBusy`] while another is at work, [`Error::TrainingTooLarge`] with what would fit,
/// [`Error::TrainingThere`] for a folder with another training, [`Error::NoExamples`], [`Error::BadRecord`]
/// with its line, [`Error::Model`].
pub fn train_lora(app: &App, job: &Job, request: TrainLoraRequest) -> Result<TrainingResult> {
    training::train_lora(app, job, request)
}

/// One training.
///
/// # Errors
/// [`Error::Unknown`] for a folder without one.
pub fn training(app: &App, _job: &Job, request: TrainingRequest) -> Result<Training> {
    training::training(app, request.output_dir.as_deref())
}

/// All trainings.
///
/// # Errors
/// Those of reading the home.
pub fn trainings(app: &App, _job: &Job, _request: TrainingsRequest) -> Result<TrainingsResponse> {
    Ok(TrainingsResponse { trainings: training::trainings(app)? })
}

/// Ends a training, here or in another process.
///
/// # Errors
/// [`Error::Unknown`] where none is at work.
pub fn stop_training(app: &App, _job: &Job, request: StopTrainingRequest) -> Result<Training> {
    training::stop(app, request.output_dir.as_deref(), request.keep)
}

/// Merges an adapter into its model.
///
/// # Errors
/// [`Error::Model`] for an adapter of another model, and those of writing files.
pub fn merge_adapter(
    app: &App,
    job: &Job,
    request: MergeAdapterRequest,
) -> Result<MergeAdapterResponse> {
    training::merge(app, job, &request)
}
