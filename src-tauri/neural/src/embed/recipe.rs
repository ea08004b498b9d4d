//! How a sentence model is put together: `modules.json` and the files beside it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::tokens::Said;

use super::pooling::{self, Pooling};

/// What a model wants before a text, by the text's role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompts {
    by_name: BTreeMap<String, String>,
    default: Option<String>,
}

impl Prompts {
    /// Before a text that is looked for.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.named("query")
    }

    /// Before a text that is found.
    #[must_use]
    pub fn document(&self) -> Option<&str> {
        ["document", "passage", "corpus"].into_iter().find_map(|name| self.named(name))
    }

    /// Before a text of no particular role.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        self.default.as_deref().and_then(|name| self.named(name))
    }

    fn named(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(String::as_str)
    }
}

/// The parts of a sentence model.
#[derive(Debug)]
pub(super) struct Recipe {
    /// The encoder's folder within the model's.
    pub(super) encoder: String,
    pub(super) longest: Option<usize>,
    pub(super) pooling: Pooling,
    /// Folders of linear maps after pooling.
    pub(super) dense: Vec<String>,
    pub(super) normalize: bool,
    pub(super) prompts: Prompts,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    prompts: Option<BTreeMap<String, Option<String>>>,
    #[serde(default)]
    default_prompt_name: Option<String>,
}

#[derive(Deserialize)]
struct Sizes {
    max_seq_length: Option<usize>,
}

impl Recipe {
    pub(super) fn read(root: &Folder) -> Result<Self> {
        let mut recipe = Self {
            encoder: String::new(),
            longest: None,
            pooling: Pooling::mean(),
            dense: Vec::new(),
            normalize: false,
            prompts: Prompts::default(),
        };
        for module in root.json_if_any::<Vec<Module>>("modules.json")?.unwrap_or_default() {
            // `sentence_transformers.models.Pooling`; newer versions put more names between.
            match module.kind.rsplit('.').next().unwrap_or_default() {
                "Transformer" => recipe.encoder = module.path,
                "Pooling" => {
                    let written: pooling::Written =
                        root.json(&format!("{}/config.json", module.path))?;
                    recipe.pooling = Pooling::new(&written)?;
                }
                "Dense" => recipe.dense.push(module.path),
                "Normalize" => recipe.normalize = true,
                "Dropout" => {}
                other => {
                    return Err(Error::BadField {
                        file: "modules.json",
                        field: "type".to_owned(),
                        value: other.to_owned(),
                    });
                }
            }
        }
        let encoder = Folder::open_any(&root.path().join(&recipe.encoder))?;
        let sizes: Option<Sizes> = encoder.json_if_any("sentence_bert_config.json")?;
        let said = Said::read(&encoder)?.longest;
        recipe.longest = sizes.and_then(|sizes| sizes.max_seq_length).or(said);
        if let Some(written) = root.json_if_any::<Written>("config_sentence_transformers.json")? {
            let prompts = written.prompts.unwrap_or_default();
            recipe.prompts = Prompts {
                by_name: prompts.into_iter().filter_map(|(k, v)| Some((k, v?))).collect(),
                default: written.default_prompt_name,
            };
        }
        Ok(recipe)
    }
}
