//! Teaching models that read: classes of texts, labels of words, answers in contexts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::classifier::ClassWeights;
use super::segment::Source;
use super::train::{Optimizer, RateSchedule, TrainingEstimate, TrainingResult};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::training;

/// What a model learns to say of texts, and from what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EncoderTask {
    /// Their class.
    Classify {
        /// A table.
        source: Source,
        /// Columns whose text is joined by one space; see
        /// [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
        #[serde(default)]
        #[ts(as = "Option<Vec<String>>", optional)]
        text_cols: Vec<String>,
        /// The column with the classes.
        label_col: String,
        /// What a row weighs.
        #[serde(default)]
        #[ts(as = "Option<ClassWeights>", optional)]
        class_weights: ClassWeights,
        /// The share of every class that is measured on and not learned.
        #[serde(default = "tenth")]
        #[ts(as = "Option<f64>", optional)]
        validation_split: f64,
    },
    /// The label of every word.
    Tag {
        /// Sentences, a word and its label a line, an empty line between them (CoNLL, BIO).
        train_file: String,
        /// Sentences to measure on.
        #[serde(default)]
        #[ts(optional)]
        validation_file: Option<String>,
        /// Without such a file, the share of the sentences that is measured on and not learned.
        #[serde(default = "tenth")]
        #[ts(as = "Option<f64>", optional)]
        validation_split: f64,
    },
    /// Where in a context the answer to a question stands.
    Answer {
        /// Questions with their answers: SQuAD's JSON, or JSON Lines of
        /// `{id, question, context, answers}`.
        train_file: String,
        /// Questions to measure on.
        #[serde(default)]
        #[ts(optional)]
        validation_file: Option<String>,
        /// Without such a file, the share of the contexts that is measured on and not learned.
        #[serde(default = "tenth")]
        #[ts(as = "Option<f64>", optional)]
        validation_split: f64,
        /// How contexts are read, and what is taken for an answer when it is measured.
        #[serde(default)]
        #[ts(as = "Option<AnswerReading>", optional)]
        reading: AnswerReading,
        /// The most questions that are learned, the first ones.
        #[serde(default)]
        #[ts(optional)]
        max_train_samples: Option<u32>,
        /// The most questions that are measured on, the first ones.
        #[serde(default)]
        #[ts(optional)]
        max_eval_samples: Option<u32>,
    },
}

fn tenth() -> f64 {
    0.1
}

/// How contexts are read, and what is taken for an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerReading {
    /// Tokens that a window shares with the one before.
    pub doc_stride: u32,
    /// Most tokens of an answer.
    pub max_answer_length: u32,
    /// Candidates that are weighed.
    pub n_best_size: u32,
    /// By how much "no answer" must be the likelier to be given; only where some question has none.
    pub null_score_diff_threshold: f32,
}

impl Default for AnswerReading {
    fn default() -> Self {
        Self {
            doc_stride: 128,
            max_answer_length: 80,
            n_best_size: 20,
            null_score_diff_threshold: 0.0,
        }
    }
}

/// A small change in place of the whole model (LoRA).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderLora {
    /// Rank of the change.
    pub r: u32,
    /// The change counts alpha / r times.
    pub alpha: f64,
    /// Share of the inputs that a step leaves out.
    pub dropout: f64,
    /// Names of the maps that are changed; those of queries and values unless said.
    pub targets: Vec<String>,
}

impl Default for EncoderLora {
    fn default() -> Self {
        Self { r: 16, alpha: 32.0, dropout: 0.1, targets: Vec::new() }
    }
}

/// How a model that reads is taught.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EncoderSettings {
    /// Learn a small change in place of the whole model.
    #[ts(optional)]
    pub lora: Option<EncoderLora>,
    /// Leave the vectors of words and positions as they are: less memory, nearly as good.
    pub freeze_embeddings: bool,
    /// What does the arithmetic: `auto` (a graphics card if there is one, else the processor), `cpu`,
    /// `cuda:N` or `metal`.
    pub device: String,
    /// What products are worked in: `auto`, `f32`, and on a card `f16` or `bf16`.
    pub precision: String,
    /// Times that every example is seen.
    pub epochs: u32,
    /// The highest learning rate.
    pub learning_rate: f64,
    /// Its course.
    pub schedule: RateSchedule,
    /// Share of the steps in which it grows.
    pub warmup_ratio: f64,
    /// Decay of what is learned but biases and norms, times the learning rate.
    pub weight_decay: f64,
    /// The longest that the gradients may be; 0 lets them be.
    pub max_grad_norm: f64,
    /// Examples at once.
    pub batch_size: u32,
    /// Examples at once where nothing is learned.
    pub eval_batch_size: u32,
    /// Batches a step.
    pub gradient_accumulation: u32,
    /// Tokens of a text after which it is cut off, or read in several windows.
    pub max_length: u32,
    /// Keep less for the way back: less memory, a third more time.
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

impl Default for EncoderSettings {
    fn default() -> Self {
        Self {
            lora: None,
            freeze_embeddings: false,
            device: "auto".to_owned(),
            precision: "auto".to_owned(),
            epochs: 3,
            learning_rate: 5e-5,
            schedule: RateSchedule::Linear,
            warmup_ratio: 0.0,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
            batch_size: 16,
            eval_batch_size: 32,
            gradient_accumulation: 1,
            max_length: 256,
            gradient_checkpointing: false,
            optimizer: Optimizer::AdamW,
            early_stopping_patience: 0,
            eval_steps: 0,
            save_steps: 200,
            max_steps: 0,
            seed: 42,
        }
    }
}

/// Teaches a model that reads, whole or by a small change, and writes a model that stands wherever its task
/// takes one. A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainEncoderRequest {
    /// A card's short name, a repository of the hub that is on this machine, or a folder.
    pub base_model: String,
    /// What it learns.
    pub task: EncoderTask,
    /// Where everything goes, the model too; a folder of Mirante's own unless said.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
    /// How.
    #[serde(default)]
    #[ts(as = "Option<EncoderSettings>", optional)]
    pub settings: EncoderSettings,
    /// Go on where an earlier training in that folder was cut off.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub resume: bool,
}

/// Teaches a model that reads.
///
/// # Errors
/// [`Error::TrainingBusy`] while another is at work, [`Error::TrainingTooLarge`] with what would fit,
/// [`Error::TrainingThere`] for a folder with another training, [`Error::NoExamples`], [`Error::BadRecord`]
/// with its line, those of reading a table, [`Error::Model`].
pub fn train_encoder(app: &App, job: &Job, request: TrainEncoderRequest) -> Result<TrainingResult> {
    training::train_encoder(app, job, request)
}

/// What such a training would need.
///
/// # Errors
/// Those of [`train_encoder`] that can be known before it starts, but for too little memory.
pub fn estimate_encoder(
    app: &App,
    job: &Job,
    request: TrainEncoderRequest,
) -> Result<TrainingEstimate> {
    training::estimate_encoder(app, job, &request)
}
