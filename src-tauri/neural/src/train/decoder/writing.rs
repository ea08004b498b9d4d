//! Teaching a model that writes.

use std::path::Path;

use serde_json::json;

use crate::error::{Error, Result};

use super::{Learner, Sequence};
use crate::train::checkpoint::save_values;
use crate::train::parameters::Parameters;
use crate::train::run::{Score, Task};

/// A decoder, texts that it learns, and texts that it is measured on.
#[derive(Debug)]
pub struct Writing {
    learner: Learner,
    taught: Vec<Sequence>,
    held: Vec<Sequence>,
}

impl Writing {
    /// Of a decoder and the texts.
    #[must_use]
    pub fn new(learner: Learner, taught: Vec<Sequence>, held: Vec<Sequence>) -> Self {
        Self { learner, taught, held }
    }

    /// The decoder.
    #[must_use]
    pub fn learner(&self) -> &Learner {
        &self.learner
    }

    /// Writes what was learned as PEFT's `save_pretrained` does, for a model called `base`.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub fn save(&self, folder: &Path, base: &str) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
        let lora = self.learner.lora();
        let config = json!({
            "base_model_name_or_path": base,
            "bias": "none",
            "fan_in_fan_out": false,
            "inference_mode": true,
            "init_lora_weights": true,
            "lora_alpha": lora.alpha,
            "lora_dropout": lora.dropout,
            "modules_to_save": null,
            "peft_type": "LORA",
            "r": lora.rank,
            "target_modules": lora.targets,
            "task_type": "CAUSAL_LM",
            "use_dora": false,
            "use_rslora": false,
        });
        save_values(&folder.join("adapter_model.safetensors"), &self.learner.parameters)?;
        // Last, for it makes the folder an adapter.
        let path = folder.join("adapter_config.json");
        let beside = folder.join(".adapter_config.json");
        std::fs::write(&beside, format!("{config:#}\n"))
            .map_err(|source| unwritable(&beside, source))?;
        std::fs::rename(&beside, &path).map_err(|source| unwritable(&path, source))
    }
}

fn unwritable(path: &Path, source: std::io::Error) -> Error {
    Error::Unwritable { path: path.to_owned(), source }
}

impl Task for Writing {
    fn examples(&self) -> usize {
        self.taught.len()
    }

    fn weight(&self, example: usize) -> usize {
        self.taught[example].learned()
    }

    fn tokens(&self, example: usize) -> usize {
        self.taught[example].ids.len()
    }

    fn learn(&mut self, examples: &[usize], share: f32, key: u32) -> Result<f64> {
        let some: Vec<_> = examples.iter().map(|&one| self.taught[one].clone()).collect();
        self.learner.learn(&some, share, key)
    }

    fn parameters(&mut self) -> &mut Parameters {
        &mut self.learner.parameters
    }

    fn evaluate(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<Option<Score>> {
        let (mut sum, mut tokens) = (0.0, 0);
        // No more at once than the least that a step may have, so that it takes no more memory.
        let most = self.taught.iter().map(|one| one.ids.len()).max().unwrap_or_default();
        let mut rest = &self.held[..];
        while !rest.is_empty() {
            if !go_on() {
                return Err(Error::Stopped);
            }
            let mut together = 0;
            let fits = rest.iter().take_while(|one| {
                together += one.ids.len();
                together <= most
            });
            let (some, more) = rest.split_at(fits.count().max(1));
            sum += self.learner.loss(some)?;
            tokens += some.iter().map(Sequence::learned).sum::<usize>();
            rest = more;
        }
        let loss = sum / tokens as f64;
        let figures = vec![("loss".to_owned(), loss), ("perplexity".to_owned(), loss.exp())];
        Ok((tokens > 0).then_some(Score { goodness: -loss, figures }))
    }
}
