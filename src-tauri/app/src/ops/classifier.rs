//! Training a classifier of texts on one's own table.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::embed::EmbedSettings;
use super::segment::{Source, Warning};
use crate::app::App;
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::job::Job;
use crate::learning;
use crate::locale::Language;

/// Trains a classifier on the rows of a table that have a text and a class, and writes it into a folder
/// that [`classify`](super::classify::classify) takes as a model. A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainClassifierRequest {
    /// The rows.
    pub source: Source,
    /// Columns whose text is joined by one space; see
    /// [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub text_cols: Vec<String>,
    /// The column with the classes.
    pub label_col: String,
    /// The folder to write, in a folder that is there; one of Mirante's own unless said. One that holds
    /// another such model is replaced.
    #[serde(default)]
    #[ts(optional)]
    pub output_dir: Option<String>,
    /// What learns.
    #[serde(default)]
    #[ts(as = "Option<ClassifierKind>", optional)]
    pub kind: ClassifierKind,
    /// What it learns from.
    #[serde(default)]
    #[ts(as = "Option<ClassifierFeatures>", optional)]
    pub features: ClassifierFeatures,
    /// The share of every class that is held out of learning, to measure on; above 0 and below 1.
    #[serde(default = "validation_split")]
    #[ts(as = "Option<f64>", optional)]
    pub validation_split: f64,
    /// Decides which rows are held out.
    #[serde(default = "seed")]
    #[ts(as = "Option<u32>", optional)]
    pub seed: u32,
    /// What a row weighs.
    #[serde(default)]
    #[ts(as = "Option<ClassWeights>", optional)]
    pub class_weights: ClassWeights,
    /// How little the model is held back from following single rows: scikit-learn's `C`, above 0.
    #[serde(default = "one")]
    #[ts(as = "Option<f64>", optional)]
    pub c: f64,
    /// Language of the card and the picture; the person's unless said.
    #[serde(default)]
    #[ts(optional)]
    pub language: Option<Language>,
}

pub(super) fn seed() -> u32 {
    42
}

pub(super) fn one() -> f64 {
    1.0
}

fn validation_split() -> f64 {
    0.2
}

/// What learns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassifierKind {
    /// Multinomial logistic regression.
    #[default]
    Linear,
}

/// What a classifier learns from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassifierFeatures {
    /// Words and pairs of words, weighed by TF-IDF.
    #[default]
    Tfidf,
    /// The vectors of a sentence model.
    Embeddings(EmbedSettings),
}

/// What the rows of each class weigh.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// As much as those of any other class together: rare classes are found more often.
    #[default]
    Balanced,
    /// One each.
    None,
}

/// What was trained.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct TrainClassifierResponse {
    /// The folder.
    pub output_dir: String,
    /// How good it is; in `metrics-final.json` too.
    pub figures: ClassifierFigures,
    /// Cautions, by code: `rows_without_text`, `rows_without_label`, `texts_cut`, `solver_stopped`.
    pub warnings: Vec<Warning>,
    /// Wall-clock seconds of it all.
    pub seconds: f64,
}

/// How good a classifier is, on rows that it did not learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClassifierFigures {
    /// Rows of the table.
    pub rows: u64,
    /// Rows it learnt from.
    pub trained: u64,
    /// Rows it was measured on.
    pub validated: u64,
    /// Rows without a text, left out.
    pub without_text: u64,
    /// Rows without a class, left out.
    pub without_label: u64,
    /// Numbers that a text becomes: terms, or those of a vector.
    pub features: u32,
    /// Steps of the solver.
    pub iterations: u32,
    /// Whether it came to rest.
    pub converged: bool,
    /// The share of rows in their right class.
    pub accuracy: f64,
    /// The mean of the classes' F1.
    pub macro_f1: f64,
    /// The share that one would get right by always taking the most frequent class.
    pub baseline: f64,
    /// By class, in the order of the alphabet.
    pub classes: Vec<LabelFigures>,
    /// By right class, in it by the class that was found: rows.
    pub confusion: Vec<Vec<u64>>,
    /// How much better it got with more rows.
    pub learning_curve: Vec<LearningPoint>,
}

/// How well one class is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LabelFigures {
    /// The class.
    pub label: String,
    /// Of the rows put into the class, the share that belongs there.
    pub precision: f64,
    /// Of the rows that belong to the class, the share that was put there.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// Rows that belong to it, of those it was measured on.
    pub support: u64,
}

/// How good it is after so many rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct LearningPoint {
    /// Rows it learnt from.
    pub rows: u64,
    /// As [`ClassifierFigures::accuracy`].
    pub accuracy: f64,
    /// As [`ClassifierFigures::macro_f1`].
    pub macro_f1: f64,
}

/// Trains a classifier.
///
/// # Errors
/// [`Error::OneClass`], [`Error::TooFewOfClass`], [`Error::NothingLabelled`], [`Error::FolderTaken`],
/// [`Error::BadOption`], [`Error::NoTerms`], those of reading the source and of writing the folder.
pub fn train_classifier(
    app: &App,
    job: &Job,
    request: TrainClassifierRequest,
) -> Result<TrainClassifierResponse> {
    learning::train(app, job, &request)
}
