//! Adapters: what a model was taught later, as a small change to some of its linear maps (LoRA, Hu et
//! al. 2021, <https://arxiv.org/abs/2106.09685>), in the files that PEFT writes
//! (<https://huggingface.co/docs/peft/developer_guides/checkpoint>).
//!
//! An adapter fits a model in whole or is refused: what of it would do nothing is an error that names it.

mod config;
mod fit;
mod low_rank;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::weights::Weights;

use config::Config;
pub(crate) use fit::Fit;
pub(crate) use low_rank::{LowRank, Slice};

/// What the names of all tensors begin with: the classes that PEFT puts around a model.
const AROUND: &str = "base_model.model.";
/// The files that hold tensors, the preferred first.
const FILES: [&str; 2] = ["adapter_model.safetensors", "adapter_model.bin"];

/// An adapter in a folder, as PEFT's `save_pretrained` writes it.
#[derive(Debug)]
pub struct Adapter {
    path: PathBuf,
    config: Config,
    /// The changes, by the path of their map in the model.
    maps: BTreeMap<String, LowRank>,
    /// Tensors that stand in the place of the model's own, by name: a head that was trained in whole.
    whole: BTreeMap<String, Whole>,
}

#[derive(Debug)]
struct Whole {
    shape: Vec<usize>,
    numbers: Vec<f32>,
}

impl Adapter {
    /// Reads the adapter in a folder.
    ///
    /// # Errors
    /// [`Error::BadField`] for an adapter of another kind or with an option that is not known here,
    /// [`Error::BadFile`] for a tensor that is none of LoRA's, [`Error::BadShape`] for one of another rank,
    /// [`Error::MissingTensor`], and those of reading files.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let folder = Folder::open_any(path.as_ref())?;
        let config: Config = config::read(&folder)?;
        let file = FILES.iter().find_map(|name| folder.file(name).ok());
        let missing =
            || Error::MissingFile { folder: folder.path().to_owned(), file: FILES.join(" or ") };
        let path = file.ok_or_else(missing)?;
        let weights = Weights::open(std::slice::from_ref(&path))?;
        let mut adapter = Self { path, config, maps: BTreeMap::new(), whole: BTreeMap::new() };
        for name in weights.names() {
            adapter.take(&weights, name)?;
        }
        if adapter.maps.is_empty() {
            let reason = "it changes no map".to_owned();
            return Err(Error::BadFile { path: adapter.path, reason });
        }
        if let Some(target) = adapter.config.targets().iter().find(|target| !adapter.has(target)) {
            return Err(config::bad("target_modules", format!("{target}, which it does not hold")));
        }
        Ok(adapter)
    }

    /// Whether one of its maps is called that.
    fn has(&self, target: &str) -> bool {
        let is_meant = |name: &String| {
            name.strip_suffix(target).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.maps.keys().any(is_meant)
    }

    fn take(&mut self, weights: &Weights, name: &str) -> Result<()> {
        let bare = name.strip_prefix(AROUND).ok_or_else(|| self.refused(name))?;
        if let Some(map) = bare.strip_suffix(".lora_A.weight") {
            let b = format!("{AROUND}{map}.lora_B.weight");
            let low_rank = LowRank::load(weights, (name, &b), &self.config)?;
            self.maps.insert(map.to_owned(), low_rank);
        } else if let Some(map) = bare.strip_suffix(".lora_B.weight") {
            let a = format!("{AROUND}{map}.lora_A.weight");
            if !weights.has(&a) {
                return Err(Error::MissingTensor { tensor: a });
            }
        } else if self.config.is_whole(bare) {
            let shape = weights.shape(name).unwrap_or_default().to_vec();
            let numbers = weights.load(name, &shape)?;
            self.whole.insert(bare.to_owned(), Whole { shape, numbers });
        } else {
            return Err(self.refused(name));
        }
        Ok(())
    }

    /// That something in it has no place.
    fn refused(&self, name: &str) -> Error {
        let reason = format!("{name} is none of the tensors of LoRA");
        Error::BadFile { path: self.path.clone(), reason }
    }
}
