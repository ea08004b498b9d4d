//! What operations that ask a model have in common.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::embed::RanOn;
use super::segment::{Source, Warning};

/// Which model, and how it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// A card's short name, a repository of the hub that is on this machine, or a folder; the task's usual
    /// model unless said.
    #[ts(optional)]
    pub model: Option<String>,
    /// The folder of an adapter that changes the model.
    #[ts(optional)]
    pub adapter: Option<String>,
    /// The most texts that go through the model together on one thread.
    pub batch: u32,
    /// `auto`, `cpu`, `cuda:N` or `metal`.
    pub device: String,
    /// `auto`, `f32`, `f16`, `bf16` or `int8`; what a model does not know there is refused.
    pub precision: String,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            model: None,
            adapter: None,
            batch: 32,
            device: "auto".to_owned(),
            precision: "auto".to_owned(),
        }
    }
}

/// A table whose rows a model is asked about; what it says is written beside them.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InferTable {
    /// The rows.
    pub source: Source,
    /// Columns whose text is joined by one space; see
    /// [`SegmentSettings::text_cols`](super::segment::SegmentSettings::text_cols).
    #[serde(default)]
    #[ts(as = "Option<Vec<String>>", optional)]
    pub text_cols: Vec<String>,
    /// Where to write every record with what was found appended; into the exports folder unless said.
    #[serde(default)]
    #[ts(optional)]
    pub out: Option<String>,
    /// What the first appended column is called; the task's usual name unless said.
    #[serde(default)]
    #[ts(optional)]
    pub column: Option<String>,
}

/// What was written of a table.
#[derive(Debug, Clone, Serialize, Deserialize, TS, ToSchema)]
pub struct InferredTable {
    /// Rows.
    pub rows: u64,
    /// The columns that were read.
    pub text_cols: Vec<String>,
    /// The columns that were appended, as they were asked for.
    pub columns: Vec<String>,
    /// How often each class or type was found; empty where there are none.
    #[ts(type = "Record<string, number>")]
    pub counts: std::collections::BTreeMap<String, u64>,
    /// The model.
    pub model: String,
    /// What it ran on.
    pub ran_on: RanOn,
    /// Texts that were too long for the model and were cut off.
    pub cut: u64,
    /// Wall-clock seconds of reading the model, and of all the rest.
    pub seconds: InferSeconds,
    /// The file.
    pub out: String,
    /// What was left out of it.
    pub warnings: Vec<Warning>,
}

/// Wall-clock seconds by stage.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, TS, ToSchema)]
pub struct InferSeconds {
    /// Reading the model.
    pub load: f64,
    /// Asking it, and writing.
    pub infer: f64,
}
