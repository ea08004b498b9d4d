//! Linear maps, and the tensors that they and other parts are read from.

use crate::cpu::{Activation, Cpu, Packed};
use crate::error::{Error, Result};
use crate::weights::Weights;

/// A linear map with its bias.
#[derive(Debug)]
pub(crate) struct Linear {
    weights: Packed,
    bias: Vec<f32>,
}

impl Linear {
    /// Several maps of the same rows as one, their outputs side by side.
    pub(crate) fn load(
        found: &Found,
        names: &[String],
        outputs: usize,
        inputs: usize,
    ) -> Result<Self> {
        let mut weights = Vec::with_capacity(names.len() * outputs * inputs);
        let mut bias = Vec::with_capacity(names.len() * outputs);
        for name in names {
            weights.extend(found.load(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(found.load(&format!("{name}.bias"), &[outputs])?);
        }
        Ok(Self { weights: Packed::new(names.len() * outputs, inputs, &weights), bias })
    }

    /// Numbers in a row that comes out.
    pub(crate) fn outputs(&self) -> usize {
        self.weights.outputs()
    }

    /// `out` gets a row for every row that goes in.
    pub(crate) fn apply(
        &self,
        cpu: &mut Cpu,
        rows: &[f32],
        activation: Activation,
        out: &mut Vec<f32>,
    ) {
        out.resize(rows.len() / self.weights.inputs() * self.weights.outputs(), 0.0);
        cpu.multiply(rows, &self.weights, &self.bias, activation, out);
    }
}

/// Tensors under the name of the whole model.
pub(crate) struct Found<'a> {
    weights: &'a Weights,
    prefix: String,
}

impl<'a> Found<'a> {
    /// Those whose names begin with `prefix`, which may be empty.
    pub(crate) fn under(weights: &'a Weights, prefix: impl Into<String>) -> Self {
        Self { weights, prefix: prefix.into() }
    }

    /// Whether there is a tensor of that name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.weights.has(&self.name(name))
    }

    pub(crate) fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Rows of a linear map's weights.
    ///
    /// # Errors
    /// [`Error::MissingTensor`].
    pub(crate) fn outputs(&self, name: &str) -> Result<usize> {
        let tensor = self.name(&format!("{name}.weight"));
        self.weights.row_count(&tensor).ok_or(Error::MissingTensor { tensor })
    }

    /// A tensor of that shape.
    pub(crate) fn load(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        self.weights.load(&self.name(name), shape)
    }
}
