//! Writing what an encoder has become as transformers' `save_pretrained` does.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map as JsonMap, Value as Json, json};

use crate::adapter::LowRank;
use crate::encoder::{Kind, prefix_of};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::train::lora::AROUND;
use crate::weights::write::write_each;
use crate::weights::{Kind as Written, Number, write_numbers};

use super::{Kinds, Learner, around};

/// A tensor that is written.
enum From<'a> {
    /// It was learned.
    Learned(&'a [f32]),
    /// It is the model's own, with a change or without.
    Own(String, Option<LowRank>),
}

impl Learner {
    /// Writes the model that it has become into `out`, a folder: weights, configuration and tokenizer, as
    /// transformers' class of the task reads them. Changes are added to the weights of their maps. `folder`
    /// is that of the model it was.
    ///
    /// # Errors
    /// [`Error::Unwritable`], and those of reading the model it was.
    pub fn save(&self, folder: &Folder, out: &Path) -> Result<()> {
        std::fs::create_dir_all(out).map_err(|source| unwritable(out, source))?;
        self.save_weights(folder, &out.join("model.safetensors"))?;
        folder.copy_beside(out)?;
        // Last, for it makes the folder a model.
        let path = out.join("config.json");
        let text = format!("{:#}\n", self.described(folder)?);
        let beside = out.join(".config.json");
        std::fs::write(&beside, text).map_err(|source| unwritable(&beside, source))?;
        std::fs::rename(&beside, &path).map_err(|source| unwritable(&path, source))
    }

    fn save_weights(&self, folder: &Folder, path: &Path) -> Result<()> {
        let weights = folder.weights()?;
        let prefix = prefix_of(&weights, self.config.prefixes())?;
        let learned: HashMap<&str, (&[usize], &[f32])> = self
            .parameters
            .iter()
            .map(|(tensor, values)| (tensor.name.as_str(), (&tensor.shape[..], values)))
            .collect();
        let mut tensors: Vec<(String, Vec<usize>, From)> = Vec::new();
        for name in weights.names() {
            let Some(bare) = name.strip_prefix(&prefix) else { continue };
            let is_encoder =
                bare.starts_with("embeddings.") || bare.starts_with(self.config.names.layer);
            if !is_encoder || weights.number(name).is_none() {
                continue;
            }
            let saved = format!("{}{bare}", around(self.config.kind));
            if learned.contains_key(saved.as_str()) {
                continue;
            }
            let change = saved.strip_suffix(".weight").and_then(|map| self.change(map, &learned));
            let shape = weights.shape(name).unwrap_or_default().to_vec();
            tensors.push((saved, shape, From::Own(name.to_owned(), change)));
        }
        let own = self.parameters.iter().filter(|(tensor, _)| !tensor.name.starts_with(AROUND));
        for (tensor, values) in own {
            tensors.push((tensor.name.clone(), tensor.shape.clone(), From::Learned(values)));
        }
        tensors.sort_by(|one, other| one.0.cmp(&other.0));
        let described: Vec<_> = tensors
            .iter()
            .map(|(name, shape, _)| (name.as_str(), Written::Number(Number::F32), &shape[..]))
            .collect();
        write_each(path, &described, |at, out| {
            let (_, shape, from) = &tensors[at];
            let written = match from {
                From::Learned(values) => write_numbers(out, values),
                // Row by row: those of a vocabulary would take more memory than the training did.
                From::Own(name, None) if shape.len() == 2 => {
                    let rows = weights.rows(name, shape[0], shape[1])?;
                    let mut row = vec![0.0; shape[1]];
                    (0..rows.len()).try_for_each(|at| {
                        rows.read(at, &mut row)?;
                        write_numbers(out, &row).map_err(|source| unwritable(path, source))
                    })?;
                    Ok(())
                }
                From::Own(name, change) => {
                    let mut numbers = weights.load(name, shape)?;
                    if let Some(change) = change {
                        change.add_to(&mut numbers, false);
                    }
                    write_numbers(out, &numbers)
                }
            };
            written.map_err(|source| unwritable(path, source))
        })
    }

    /// The change of a map.
    fn change(&self, map: &str, learned: &HashMap<&str, (&[usize], &[f32])>) -> Option<LowRank> {
        let lora = self.how.lora.as_ref()?;
        let part = |part: &str| learned.get(format!("{AROUND}{map}.lora_{part}.weight").as_str());
        let (a, b) = (part("A")?.1.to_vec(), part("B")?.1.to_vec());
        Some(LowRank { a, b, rank: lora.rank, scale: lora.scale() })
    }

    /// `config.json`: that of the model it was, with the class of the task and its labels.
    fn described(&self, folder: &Folder) -> Result<Json> {
        let mut config: JsonMap<String, Json> = folder.json("config.json")?;
        let of = match self.how.kinds {
            Kinds::Classes => "SequenceClassification",
            Kinds::Tags => "TokenClassification",
            Kinds::Spans => "QuestionAnswering",
        };
        let model = match (self.config.kind, config.get("model_type").and_then(Json::as_str)) {
            (Kind::Bert, _) => "Bert",
            (Kind::DistilBert, _) => "DistilBert",
            (Kind::Roberta, Some("xlm-roberta")) => "XLMRoberta",
            (Kind::Roberta, Some("camembert")) => "Camembert",
            (Kind::Roberta, _) => "Roberta",
            (Kind::Mpnet, _) => "MPNet",
        };
        config.insert("architectures".to_owned(), json!([format!("{model}For{of}")]));
        for name in ["torch_dtype", "dtype"] {
            config.remove(name);
        }
        config.insert("dtype".to_owned(), json!("float32"));
        for name in ["id2label", "label2id", "problem_type", "num_labels"] {
            config.remove(name);
        }
        if self.how.kinds != Kinds::Spans {
            let labels = || self.how.labels.iter().enumerate();
            let by_id: JsonMap<_, _> =
                labels().map(|(at, label)| (at.to_string(), json!(label))).collect();
            let by_label: JsonMap<_, _> =
                labels().map(|(at, label)| (label.clone(), json!(at))).collect();
            config.insert("id2label".to_owned(), Json::Object(by_id));
            config.insert("label2id".to_owned(), Json::Object(by_label));
        }
        if self.how.kinds == Kinds::Classes {
            config.insert("problem_type".to_owned(), json!("single_label_classification"));
        }
        Ok(Json::Object(config))
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> Error {
    Error::Unwritable { path: path.to_owned(), source }
}
