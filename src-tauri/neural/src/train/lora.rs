//! Changes of few numbers in place of whole maps (LoRA, Hu et al. 2021, <https://arxiv.org/abs/2106.09685>).

use crate::error::{Error, Result};

use super::map::Change;
use super::parameters::{Parameters, Tensor};
use super::random::Random;

/// What PEFT puts before every name.
pub(super) const AROUND: &str = "base_model.model.";

/// What of a model is changed, and how much.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Lora {
    /// Rows of A, columns of B.
    pub rank: usize,
    /// The change is multiplied with alpha / rank.
    pub alpha: f64,
    /// The share of a map's inputs that a step leaves out.
    pub dropout: f32,
    /// The last part of the names of the maps that are changed.
    pub targets: Vec<String>,
    /// Keep the model's own weights in four bits (QLoRA, Dettmers et al. 2023,
    /// <https://arxiv.org/abs/2305.14314>): those of the layers' maps.
    #[serde(default)]
    pub nf4: bool,
}

/// A map that may get a change.
pub(super) struct Slot<'a> {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) change: &'a mut Option<Change>,
}

/// Whether a map is one of those called `target`, as PEFT understands it.
pub(super) fn is_meant(map: &str, target: &str) -> bool {
    map.strip_suffix(target).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

impl Lora {
    /// What a change counts.
    pub(super) fn scale(&self) -> f32 {
        (self.alpha / self.rank as f64) as f32
    }

    /// Gives every map that is meant, of those with their full names, a change of nought: A drawn as PEFT
    /// draws it (Kaiming's uniform distribution), B nought.
    ///
    /// # Errors
    /// [`Error::BadField`] for a rank of nought, and for targets that no map is called.
    pub(super) fn put<'a>(
        &self,
        maps: impl Iterator<Item = (String, Slot<'a>)>,
        parameters: &mut Parameters,
        seed: u64,
    ) -> Result<()> {
        let &Self { rank, dropout, ref targets, .. } = self;
        let bad = |field: &str, value: String| Error::BadField {
            file: "adapter_config.json",
            field: field.to_owned(),
            value,
        };
        if rank == 0 {
            return Err(bad("r", "0".to_owned()));
        }
        let mut is_there = vec![false; targets.len()];
        let mut number = 0;
        for (path, map) in maps {
            let meant: Vec<_> = targets.iter().map(|target| is_meant(&path, target)).collect();
            if !meant.contains(&true) {
                continue;
            }
            is_there.iter_mut().zip(meant).for_each(|(is_there, is_meant)| *is_there |= is_meant);
            let mut random = Random::new(seed, 1 + u64::from(number));
            let edge = 1.0 / (map.inputs as f32).sqrt();
            let a = (0..rank * map.inputs).map(|_| edge * random.around_nought()).collect();
            let tensor = |part: &str, shape: [usize; 2]| Tensor {
                name: format!("{AROUND}{path}.lora_{part}.weight"),
                shape: shape.to_vec(),
                decays: true,
            };
            let b = vec![0.0; map.outputs * rank];
            *map.change = Some(Change {
                a: parameters.push(tensor("A", [rank, map.inputs]), a),
                b: parameters.push(tensor("B", [map.outputs, rank]), b),
                rank,
                scale: self.scale(),
                dropout,
                number,
            });
            number += 1;
        }
        match targets.iter().zip(is_there).find(|(_, is_there)| !is_there) {
            Some((target, _)) => Err(bad("target_modules", target.clone())),
            None if targets.is_empty() => Err(bad("target_modules", "empty".to_owned())),
            None => Ok(()),
        }
    }
}
