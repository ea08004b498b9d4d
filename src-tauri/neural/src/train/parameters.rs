//! What is learned, with its gradients and their means.

use rayon::prelude::*;

use crate::cpu::backward::AdamW;
use crate::error::Result;
use crate::weights::Weights;

use super::means::Means;

/// All tensors that are learned.
#[derive(Debug, Default)]
pub struct Parameters {
    pub(super) tensors: Vec<Tensor>,
    pub(super) values: Vec<Vec<f32>>,
    pub(super) grads: Vec<Vec<f32>>,
    pub(super) means: Vec<Means>,
    /// Whether the means are kept in eight bits, those of all but the smallest tensors.
    in_eight_bits: bool,
    /// How often the values became others: a copy of them on a card is made anew.
    pub(super) version: u64,
}

/// What a tensor is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name, as it is saved.
    pub name: String,
    /// Its sizes, the slowest first.
    pub shape: Vec<usize>,
    /// Whether it decays.
    pub decays: bool,
}

impl Parameters {
    /// None yet; with their means in eight bits or whole.
    pub(super) fn new(in_eight_bits: bool) -> Self {
        Self { in_eight_bits, ..Self::default() }
    }

    /// Adds a tensor and gives its place.
    pub(super) fn push(&mut self, tensor: Tensor, values: Vec<f32>) -> usize {
        self.grads.push(vec![0.0; values.len()]);
        self.means.push(Means::new(values.len(), self.in_eight_bits));
        self.tensors.push(tensor);
        self.values.push(values);
        self.values.len() - 1
    }

    /// How many numbers are learned.
    #[must_use]
    pub fn count(&self) -> usize {
        self.values.iter().map(Vec::len).sum()
    }

    /// The tensors and their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (&Tensor, &[f32])> {
        self.tensors.iter().zip(self.values.iter().map(Vec::as_slice))
    }

    /// The gradients of all tensors, in their order.
    pub fn gradients(&self) -> impl Iterator<Item = &[f32]> {
        self.grads.iter().map(Vec::as_slice)
    }

    /// Goes on from other values, by their names.
    ///
    /// # Errors
    /// [`Error::MissingTensor`](crate::Error::MissingTensor), [`Error::BadShape`](crate::Error::BadShape).
    pub(super) fn take(&mut self, weights: &Weights) -> Result<()> {
        self.version += 1;
        for (tensor, values) in self.tensors.iter().zip(&mut self.values) {
            *values = weights.load(&tensor.name, &tensor.shape)?;
        }
        Ok(())
    }

    /// Adds to one number of a tensor.
    pub fn change(&mut self, tensor: usize, place: usize, by: f32) {
        self.version += 1;
        self.values[tensor][place] += by;
    }

    /// The Euclidean length of all gradients together.
    #[must_use]
    pub fn norm(&self) -> f64 {
        let square =
            |grad: &Vec<f32>| grad.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>();
        // In the order of the tensors, whatever the threads.
        let squares: Vec<f64> = self.grads.par_iter().map(square).collect();
        squares.iter().sum::<f64>().sqrt()
    }

    /// Takes a step of AdamW against the gradients, which are then nought. `step.decay` is of those that
    /// decay.
    pub(super) fn step(&mut self, step: AdamW) {
        self.version += 1;
        let all = self.tensors.iter().zip(&mut self.values).zip(&mut self.grads);
        for (((tensor, values), grads), means) in all.zip(&mut self.means) {
            let decay = if tensor.decays { step.decay } else { 0.0 };
            means.step(values, grads, AdamW { decay, ..step });
            grads.fill(0.0);
        }
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let means: usize = self.means.iter().map(Means::bytes).sum();
        2 * self.count() * size_of::<f32>() + means
    }
}
