//! What `adapter_config.json` says of an adapter.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value as Json};

use crate::error::{Error, Result};
use crate::folder::Folder;

pub(super) const FILE: &str = "adapter_config.json";

pub(super) fn bad(field: &str, value: impl ToString) -> Error {
    Error::BadField { file: FILE, field: field.to_owned(), value: value.to_string() }
}

/// The options that are understood.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    pub(super) r: usize,
    lora_alpha: f64,
    #[serde(default)]
    use_rslora: bool,
    #[serde(default)]
    target_modules: Targets,
    #[serde(default)]
    modules_to_save: Option<Vec<String>>,
    #[serde(default)]
    layers_to_transform: Option<Json>,
}

/// The maps that are changed: their names, or one expression for all of them.
#[derive(Debug, Deserialize, Default)]
#[serde(untagged)]
enum Targets {
    Names(Vec<String>),
    Expression(IgnoredAny),
    #[default]
    Unsaid,
}

/// Options that change nothing of what a trained adapter makes of a text: where it comes from, how it was
/// trained, and the settings of methods that are switched on by options of their own.
const OF_NO_MATTER: [&str; 19] = [
    "auto_mapping",
    "base_model_name_or_path",
    "exclude_modules",
    // PEFT turns its matrices the same way round, whichever way the model has its own.
    "fan_in_fan_out",
    "inference_mode",
    "layers_pattern",
    "layers_to_transform",
    "lora_alpha",
    "lora_dropout",
    "megatron_core",
    "modules_to_save",
    "peft_type",
    "peft_version",
    "qalora_group_size",
    "r",
    "revision",
    "target_modules",
    "task_type",
    "use_rslora",
];

/// Ways to begin a training that leave the model's own weights as they are. The others put a part of
/// them into the adapter, which then does not fit the model as it was.
const BEGINNINGS: [&str; 3] = ["gaussian", "orthogonal", "eva"];

/// Reads a folder's `adapter_config.json`.
///
/// # Errors
/// [`Error::BadField`] for another kind than LoRA, for every option that would change a result and is not
/// known here, and for a rank or alpha that cannot be; and those of reading the file.
pub(super) fn read(folder: &Folder) -> Result<Config> {
    let written: Map<String, Json> = folder.json(FILE)?;
    match written.get("peft_type").and_then(Json::as_str) {
        Some("LORA") => {}
        kind => return Err(bad("peft_type", kind.unwrap_or("missing"))),
    }
    for (name, value) in &written {
        let is_harmless = match name.as_str() {
            "bias" => value == "none",
            "init_lora_weights" => match value {
                Json::String(kind) => BEGINNINGS.contains(&kind.as_str()),
                _ => true,
            },
            known if OF_NO_MATTER.contains(&known) => true,
            _ => is_off(value),
        };
        if !is_harmless {
            return Err(bad(name, value));
        }
    }
    let config: Config = folder.json(FILE)?;
    if config.r == 0 {
        return Err(bad("r", config.r));
    }
    if !config.lora_alpha.is_finite() {
        return Err(bad("lora_alpha", config.lora_alpha));
    }
    Ok(config)
}

/// Whether an option is left at nothing.
fn is_off(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::Array(values) => values.is_empty(),
        Json::Object(values) => values.is_empty(),
        _ => false,
    }
}

impl Config {
    /// What the change is multiplied with: alpha by the rank, or by its root (Kalajdzievski 2023,
    /// <https://arxiv.org/abs/2312.03732>).
    pub(super) fn scale(&self) -> f32 {
        let rank = self.r as f64;
        (self.lora_alpha / if self.use_rslora { rank.sqrt() } else { rank }) as f32
    }

    /// The names of the maps that it says it changes; none where it has an expression for them.
    pub(super) fn targets(&self) -> &[String] {
        match &self.target_modules {
            Targets::Names(names) => names,
            Targets::Expression(_) | Targets::Unsaid => &[],
        }
    }

    /// Whether a tensor belongs to a part that was trained in whole.
    pub(super) fn is_whole(&self, tensor: &str) -> bool {
        let parts = self.modules_to_save.iter().flatten();
        let mut within = parts.map(|part| format!(".{part}."));
        within.any(|part| format!(".{tensor}").contains(&part))
    }

    /// Whether it changes the maps of all layers.
    pub(super) fn is_of_all_layers(&self) -> bool {
        self.layers_to_transform.as_ref().is_none_or(Json::is_null)
    }
}
