//! A linear map that is learned, or stays and has a change that is learned.

use crate::cpu::product::{Frozen, Matrix, Onto, product};
use crate::cpu::spread;
use crate::error::Result;
use crate::linear::Found;

use super::lora::Slot;
use super::parameters::{Parameters, Tensor};

/// A map and its change, where it has one.
#[derive(Debug)]
pub(super) struct Map {
    held: Held,
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) change: Option<Change>,
}

/// A map's own weights, a row for every output.
#[derive(Debug)]
enum Held {
    /// They stay, and no gradient of them is made.
    Still { weights: Frozen, bias: Vec<f32> },
    /// They are learned: their places among the parameters.
    Taught { weights: usize, bias: usize },
}

/// What a map is made of, to bring it onto a card.
#[cfg(feature = "candle")]
pub(super) enum Parts<'a> {
    /// It stays; its bias may be empty.
    Still { weights: &'a Frozen, bias: &'a [f32] },
    /// It is learned: places among the parameters.
    Taught { weights: usize, bias: usize },
}

/// `scale · B · A · dropout(x)`.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The places of A and B among the parameters.
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) rank: usize,
    pub(super) scale: f32,
    /// The share of inputs that are left out while learning, and what tells this map's from others'.
    pub(super) dropout: f32,
    pub(super) number: u32,
}

/// What goes through a map, and what comes out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    /// Numbers from one row that comes out to the next.
    pub(super) stride: usize,
    /// The first of the map's own.
    pub(super) from: usize,
}

impl Map {
    /// One that stays.
    pub(super) fn load(found: &Found, name: &str, outputs: usize, inputs: usize) -> Result<Self> {
        let tensor = format!("{name}.weight");
        let weights = found.frozen(&tensor, &[outputs, inputs])?;
        let bias = format!("{name}.bias");
        let bias = if found.has(&bias) { found.load(&bias, &[outputs])? } else { Vec::new() };
        Ok(Self { held: Held::Still { weights, bias }, outputs, inputs, change: None })
    }

    /// One that is learned, called `name` where it is saved, with a bias.
    pub(super) fn taught(
        parameters: &mut Parameters,
        name: &str,
        (weights, bias): (Vec<f32>, Vec<f32>),
    ) -> Self {
        let outputs = bias.len();
        let inputs = weights.len() / outputs;
        let tensor = |part: &str, shape: &[usize], decays| Tensor {
            name: format!("{name}.{part}"),
            shape: shape.to_vec(),
            decays,
        };
        // As transformers' trainer has it, biases do not decay.
        let weights = parameters.push(tensor("weight", &[outputs, inputs], true), weights);
        let bias = parameters.push(tensor("bias", &[outputs], false), bias);
        Self { held: Held::Taught { weights, bias }, outputs, inputs, change: None }
    }

    /// What it is made of.
    #[cfg(feature = "candle")]
    pub(super) fn parts(&self) -> Parts<'_> {
        match &self.held {
            Held::Still { weights, bias } => Parts::Still { weights, bias },
            Held::Taught { weights, bias } => Parts::Taught { weights: *weights, bias: *bias },
        }
    }

    /// What may get a change.
    pub(super) fn slot(&mut self) -> Slot<'_> {
        Slot { outputs: self.outputs, inputs: self.inputs, change: &mut self.change }
    }

    /// Keeps its weights in four bits.
    pub(super) fn quantise(&mut self) {
        if let Held::Still { weights, .. } = &mut self.held {
            *weights = weights.in_four_bits();
        }
    }

    fn matrix<'a>(&'a self, values: &'a [Vec<f32>]) -> Matrix<'a> {
        match &self.held {
            Held::Still { weights, .. } => Matrix::frozen(weights, self.outputs, self.inputs),
            Held::Taught { weights, .. } => Matrix::of(&values[*weights], self.inputs),
        }
    }

    /// Bytes of memory beside what is learned.
    pub(super) fn bytes(&self) -> usize {
        match &self.held {
            Held::Still { weights, bias } => weights.bytes() + size_of_val(bias.as_slice()),
            Held::Taught { .. } => 0,
        }
    }

    /// What rows become. `key` tells one step's dropout from another's; none leaves nothing out.
    pub(super) fn forward(
        &self,
        values: &[Vec<f32>],
        rows: &[f32],
        key: Option<u32>,
        out: &mut [f32],
        at: Columns,
    ) {
        let Columns { stride, from } = at;
        let all = Matrix::of(rows, self.inputs);
        let into = Onto::part(&mut *out, stride, from);
        let bias = match &self.held {
            Held::Still { bias, .. } => bias,
            Held::Taught { bias, .. } => &values[*bias],
        };
        if bias.is_empty() {
            product(all, self.matrix(values).turned(), into);
        } else {
            for row in out.chunks_exact_mut(stride) {
                row[from..from + self.outputs].copy_from_slice(bias);
            }
            let into = Onto::part(&mut *out, stride, from).adding(1.0);
            product(all, self.matrix(values).turned(), into);
        }
        let Some(change) = &self.change else { return };
        let kept = change.drop_some(rows, key);
        let rows = kept.as_deref().unwrap_or(rows);
        let low = change.low(values, rows, self.inputs);
        let b = Matrix::of(&values[change.b], change.rank).turned();
        let into = Onto::part(out, stride, from).adding(change.scale);
        product(Matrix::of(&low, change.rank), b, into);
    }

    /// What `rows` get of what came out of them gets, added to `input`, where that is wanted; and what the
    /// weights that are learned get, or A and B.
    pub(super) fn backward(
        &self,
        parameters: &mut Parameters,
        rows: &[f32],
        key: Option<u32>,
        (grad, at): (&[f32], Columns),
        mut input: Option<&mut [f32]>,
    ) {
        let numbers = grad;
        let grad = Matrix::part(numbers, at.stride, at.from, self.outputs);
        if let Some(input) = &mut input {
            let into = Onto::rows(input, self.inputs).adding(1.0);
            product(grad, self.matrix(&parameters.values), into);
        }
        if let Held::Taught { weights, bias } = self.held {
            let into = Onto::rows(&mut parameters.grads[weights], self.inputs).adding(1.0);
            product(grad.turned(), Matrix::of(rows, self.inputs), into);
            let bias = &mut parameters.grads[bias];
            spread::with(|cpu| {
                for row in numbers.chunks_exact(at.stride) {
                    cpu.add(&row[at.from..][..self.outputs], 1.0, bias);
                }
            });
        }
        let Some(change) = &self.change else { return };
        let (values, grads) = (&parameters.values, &mut parameters.grads);
        let kept = change.drop_some(rows, key);
        let count = rows.len() / self.inputs;
        let rows = kept.as_deref().unwrap_or(rows);
        let low = change.low(values, rows, self.inputs);
        let mut low_grad = vec![0.0; count * change.rank];
        let b = Matrix::of(&values[change.b], change.rank);
        product(grad, b, Onto::rows(&mut low_grad, change.rank));
        let into = Onto::rows(&mut grads[change.b], change.rank).adding(change.scale);
        product(grad.turned(), Matrix::of(&low, change.rank), into);
        let low_grad = Matrix::of(&low_grad, change.rank);
        let into = Onto::rows(&mut grads[change.a], self.inputs).adding(change.scale);
        product(low_grad.turned(), Matrix::of(rows, self.inputs), into);
        let Some(input) = input else { return };
        let a = Matrix::of(&values[change.a], self.inputs);
        if change.is_dropping(key) {
            let mut through = vec![0.0; input.len()];
            product(low_grad, a, Onto::rows(&mut through, self.inputs));
            let through = change.drop_some(&through, key).unwrap_or(through);
            spread::with(|cpu| cpu.add(&through, change.scale, input));
        } else {
            product(low_grad, a, Onto::rows(input, self.inputs).adding(change.scale));
        }
    }
}

impl Change {
    /// The rows by A.
    fn low(&self, values: &[Vec<f32>], rows: &[f32], inputs: usize) -> Vec<f32> {
        let mut low = vec![0.0; rows.len() / inputs * self.rank];
        let a = Matrix::of(&values[self.a], inputs).turned();
        product(Matrix::of(rows, inputs), a, Onto::rows(&mut low, self.rank));
        low
    }

    fn is_dropping(&self, key: Option<u32>) -> bool {
        self.dropout > 0.0 && key.is_some()
    }

    /// Rows without those numbers that this step leaves out, the others as much larger; the same forwards
    /// and backwards.
    fn drop_some(&self, rows: &[f32], key: Option<u32>) -> Option<Vec<f32>> {
        let key = key.filter(|_| self.dropout > 0.0)?;
        let key = key ^ self.number.wrapping_mul(0x9E37_79B9);
        let mut out = vec![0.0; rows.len()];
        spread::with(|cpu| cpu.drop_some(rows, key, 1.0 - self.dropout, &mut out));
        Some(out)
    }
}
