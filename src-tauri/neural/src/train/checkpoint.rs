//! What a training that was cut off goes on from: one file, which is there whole or as it was before.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::weights::Weights;
use crate::weights::write::{Content, write};

use super::parameters::Parameters;

/// The tensor that holds the standing.
const STANDING: &str = "standing";

/// Where a training stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Steps taken. What data come next and what is left out of them follows from it and the seed.
    pub(super) step: usize,
    /// How good the best evaluation was; more is better.
    pub(super) best: Option<f64>,
    /// Evaluations since then.
    pub(super) waited: u32,
    /// Seconds at work.
    pub(super) seconds: f64,
    /// What it was begun with.
    pub(super) plan: String,
}

/// Writes the parameters, with what the optimiser remembers of them, and the standing.
pub(super) fn save(path: &Path, parameters: &Parameters, standing: &Standing) -> Result<()> {
    let reason = |error: serde_json::Error| Error::BadFile {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let standing = serde_json::to_vec(standing).map_err(reason)?;
    let named = |part: &str| -> Vec<String> {
        parameters.tensors.iter().map(|tensor| format!("{part}{}", tensor.name)).collect()
    };
    let parts = [
        (named(""), &parameters.values),
        (named("first."), &parameters.first),
        (named("second."), &parameters.second),
    ];
    let mut tensors = Vec::new();
    for (names, numbers) in &parts {
        for ((name, tensor), numbers) in names.iter().zip(&parameters.tensors).zip(*numbers) {
            tensors.push((name.as_str(), &tensor.shape[..], Content::Numbers(numbers)));
        }
    }
    let length = [standing.len()];
    tensors.push((STANDING, &length, Content::Bytes(&standing)));
    write(path, &tensors)
}

/// Reads them again.
pub(super) fn load(path: &Path, parameters: &mut Parameters) -> Result<Standing> {
    let weights = Weights::open(&[path.to_owned()])?;
    let (_, standing) = weights.raw(STANDING)?;
    let standing = serde_json::from_slice(&standing)
        .map_err(|error| Error::BadFile { path: path.to_owned(), reason: error.to_string() })?;
    for (at, tensor) in parameters.tensors.iter().enumerate() {
        let parts = [
            ("", &mut parameters.values[at]),
            ("first.", &mut parameters.first[at]),
            ("second.", &mut parameters.second[at]),
        ];
        for (part, numbers) in parts {
            *numbers = weights.load(&format!("{part}{}", tensor.name), &tensor.shape)?;
        }
    }
    Ok(standing)
}

/// Writes the parameters alone.
pub(super) fn save_values(path: &Path, parameters: &Parameters) -> Result<()> {
    let all = parameters.iter();
    let tensors: Vec<_> = all
        .map(|(tensor, values)| (tensor.name.as_str(), &tensor.shape[..], Content::Numbers(values)))
        .collect();
    write(path, &tensors)
}

/// Reads them again.
pub(super) fn load_values(path: &Path, parameters: &mut Parameters) -> Result<()> {
    let weights = Weights::open(&[path.to_owned()])?;
    for (tensor, values) in parameters.tensors.iter().zip(&mut parameters.values) {
        *values = weights.load(&tensor.name, &tensor.shape)?;
    }
    Ok(())
}
