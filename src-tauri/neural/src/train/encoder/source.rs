//! Where a learner's maps and norms come from, and whether they are learned.

use crate::error::Result;
use crate::linear::Found;
use crate::train::map::Map;
use crate::train::parameters::{Parameters, Tensor};
use crate::train::random::Random;

use super::norm::{Norm, Vector};

/// How far the numbers of a new head lie from nought, as transformers has it where nothing else is said.
const NEAR: f32 = 0.02;

/// Tensors of a model.
pub(super) struct Source<'a> {
    pub(super) found: Found<'a>,
    pub(super) parameters: &'a mut Parameters,
    /// Whether what is read is learned.
    pub(super) is_taught: bool,
    /// What stands before every name where it is saved.
    pub(super) around: &'static str,
    pub(super) seed: u64,
}

impl Source<'_> {
    /// A map that has a bias.
    pub(super) fn map(&mut self, name: &str, outputs: usize, inputs: usize) -> Result<Map> {
        if !self.is_taught {
            return Map::load(&self.found, name, outputs, inputs);
        }
        let weights = self.found.load(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.found.load(&format!("{name}.bias"), &[outputs])?;
        Ok(Map::taught(self.parameters, &format!("{}{name}", self.around), (weights, bias)))
    }

    /// A map that is learned, from `found` where it has one of that shape; `saved` is its whole name.
    pub(super) fn head(
        &mut self,
        found: &Found,
        (name, saved): (&str, &str),
        (outputs, inputs): (usize, usize),
    ) -> Map {
        let weights = found.load(&format!("{name}.weight"), &[outputs, inputs]);
        let bias = found.load(&format!("{name}.bias"), &[outputs]);
        let numbers = match (weights, bias) {
            (Ok(weights), Ok(bias)) => (weights, bias),
            _ => {
                let purpose = 0x4EAD + self.parameters.count() as u64;
                let mut random = Random::new(self.seed, purpose);
                let weights = (0..outputs * inputs).map(|_| NEAR * random.normal()).collect();
                (weights, vec![0.0; outputs])
            }
        };
        Map::taught(self.parameters, saved, numbers)
    }

    /// A norm of rows as wide as `width`.
    pub(super) fn norm(&mut self, name: &str, width: usize, epsilon: f32) -> Result<Norm> {
        let mut part = |part: &str| self.vector(&format!("{name}.{part}"), &[width], false);
        Ok(Norm { weight: part("weight")?, bias: part("bias")?, epsilon })
    }

    /// Numbers outside the maps.
    pub(super) fn vector(&mut self, name: &str, shape: &[usize], decays: bool) -> Result<Vector> {
        let numbers = self.found.load(name, shape)?;
        if !self.is_taught {
            return Ok(Vector::Still(numbers));
        }
        let tensor =
            Tensor { name: format!("{}{name}", self.around), shape: shape.to_vec(), decays };
        Ok(Vector::Taught(self.parameters.push(tensor, numbers)))
    }
}
