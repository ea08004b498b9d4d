//! What a training that was cut off goes on from: one file, which is there whole or as it was before.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::weights::Weights;
use crate::weights::write::{Content, write};

use super::means::{Bytes, Means};
use super::parameters::{Parameters, Tensor};

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
    let all = parameters.iter().zip(&parameters.means);
    let mut parts: Vec<(String, Vec<usize>, Content)> = Vec::new();
    for ((tensor, values), means) in all {
        let Tensor { name, shape, .. } = tensor;
        let mut push = |part: &str, shape: &[usize], content| {
            parts.push((format!("{part}{name}"), shape.to_vec(), content));
        };
        push("", shape, Content::Numbers(values));
        match means {
            Means::Whole { first, second } => {
                push("first.", shape, Content::Numbers(first));
                push("second.", shape, Content::Numbers(second));
            }
            Means::Eight { first, second } => {
                for (part, Bytes { bits, scales }) in [("first", first), ("second", second)] {
                    push(&format!("{part}.bits."), shape, Content::Bytes(bits));
                    push(&format!("{part}.scales."), &[scales.len()], Content::Numbers(scales));
                }
            }
        }
    }
    let mut tensors: Vec<_> =
        parts.iter().map(|(name, shape, content)| (name.as_str(), &shape[..], *content)).collect();
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
    parameters.take(&weights)?;
    for (Tensor { name, shape, .. }, means) in parameters.tensors.iter().zip(&mut parameters.means)
    {
        match means {
            Means::Whole { first, second } => {
                *first = weights.load(&format!("first.{name}"), shape)?;
                *second = weights.load(&format!("second.{name}"), shape)?;
            }
            Means::Eight { first, second } => {
                for (part, bytes) in [("first", first), ("second", second)] {
                    take(&weights, part, name, bytes)?;
                }
            }
        }
    }
    Ok(standing)
}

/// Reads means in eight bits.
fn take(weights: &Weights, part: &str, name: &str, into: &mut Bytes) -> Result<()> {
    let Bytes { bits, scales } = into;
    *scales = weights.load(&format!("{part}.scales.{name}"), &[scales.len()])?;
    let tensor = format!("{part}.bits.{name}");
    let (_, read) = weights.raw(&tensor)?;
    if read.len() != bits.len() {
        let (found, expected) = (read.len().to_string(), bits.len().to_string());
        return Err(Error::BadShape { tensor, found, expected });
    }
    *bits = read;
    Ok(())
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
    parameters.take(&Weights::open(&[path.to_owned()])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{Optimiser, Schedule};

    #[test]
    fn a_step_after_reading_is_the_one_that_would_have_come() {
        let optimiser =
            Optimiser { rate: 1e-2, schedule: Schedule::Constant, warm: 0, decay: 0.1, clip: 0.0 };
        for in_eight_bits in [false, true] {
            let made = || {
                let mut parameters = Parameters::new(in_eight_bits);
                for (name, count) in [("large", 5000), ("small", 7)] {
                    let tensor =
                        Tensor { name: name.to_owned(), shape: vec![count], decays: count > 7 };
                    parameters.push(tensor, vec![0.5; count]);
                }
                parameters
            };
            let go_on = |parameters: &mut Parameters, step: usize| {
                for grads in &mut parameters.grads {
                    let grad = |at: usize| ((at * 7 + step) % 13) as f32 * 1e-3 - 5e-3;
                    grads.iter_mut().enumerate().for_each(|(at, one)| *one = grad(at));
                }
                optimiser.step(parameters, step, 9);
            };
            let (mut parameters, mut again) = (made(), made());
            (0..3).for_each(|step| go_on(&mut parameters, step));
            let place = tempfile::tempdir().unwrap();
            let path = place.path().join("checkpoint.safetensors");
            let standing = Standing { step: 3, ..Standing::default() };
            save(&path, &parameters, &standing).unwrap();
            assert_eq!(load(&path, &mut again).unwrap(), standing);
            (3..6).for_each(|step| {
                go_on(&mut parameters, step);
                go_on(&mut again, step);
            });
            assert_eq!(parameters.values, again.values);
            // Another optimiser's is not taken for its own.
            let mut other = Parameters::new(!in_eight_bits);
            let tensor = Tensor { name: "large".to_owned(), shape: vec![5000], decays: true };
            other.push(tensor, vec![0.5; 5000]);
            assert!(load(&path, &mut other).is_err());
        }
    }
}
