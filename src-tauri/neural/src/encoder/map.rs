//! A linear map of a layer, in the numbers that were asked for.

use crate::cpu::{Activation, Bf16, Cpu, Int8, Packed};
use crate::error::Result;
use crate::linear::Found;
use crate::target::Precision;

/// A linear map with its bias.
#[derive(Debug)]
pub(super) struct Map {
    weights: Kept,
    bias: Vec<f32>,
}

#[derive(Debug)]
enum Kept {
    F32(Packed),
    Bf16(Bf16),
    Int8(Int8),
}

impl Map {
    /// What a map can be kept in, the default first.
    pub(super) const PRECISIONS: [Precision; 3] =
        [Precision::F32, Precision::Bf16, Precision::Int8];

    /// Several maps of the same rows as one, their outputs side by side; `precision` is one of
    /// [`Self::PRECISIONS`].
    pub(super) fn load(
        found: &Found,
        names: &[String],
        outputs: usize,
        inputs: usize,
        precision: Precision,
    ) -> Result<Self> {
        let mut weights = Vec::with_capacity(names.len() * outputs * inputs);
        let mut bias = Vec::with_capacity(names.len() * outputs);
        for name in names {
            weights.extend(found.load(&format!("{name}.weight"), &[outputs, inputs])?);
            bias.extend(found.load(&format!("{name}.bias"), &[outputs])?);
        }
        let outputs = names.len() * outputs;
        let weights = match precision {
            Precision::Bf16 => Kept::Bf16(Bf16::new(outputs, inputs, &weights)),
            Precision::Int8 => Kept::Int8(Int8::new(outputs, inputs, &weights)),
            _ => Kept::F32(Packed::new(outputs, inputs, &weights)),
        };
        Ok(Self { weights, bias })
    }

    /// `out` gets a row for every row that goes in.
    pub(super) fn apply(
        &self,
        cpu: &mut Cpu,
        rows: &[f32],
        activation: Activation,
        out: &mut Vec<f32>,
    ) {
        let (inputs, outputs) = match &self.weights {
            Kept::F32(weights) => (weights.inputs(), weights.outputs()),
            Kept::Bf16(weights) => (weights.inputs(), weights.outputs()),
            Kept::Int8(weights) => (weights.inputs(), weights.outputs()),
        };
        out.resize(rows.len() / inputs * outputs, 0.0);
        match &self.weights {
            Kept::F32(weights) => cpu.multiply(rows, weights, &self.bias, activation, out),
            Kept::Bf16(weights) => cpu.multiply_bf16(rows, weights, &self.bias, activation, out),
            Kept::Int8(weights) => cpu.multiply_int8(rows, weights, &self.bias, activation, out),
        }
    }
}
