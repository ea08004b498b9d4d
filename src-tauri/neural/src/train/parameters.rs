//! What is learned, with its gradients and their means.

use rayon::prelude::*;

use crate::cpu::backward::AdamW;
use crate::cpu::spread;

/// Numbers that a thread takes at a time.
const SOME: usize = 1 << 16;

/// All tensors that are learned.
#[derive(Debug, Default)]
pub struct Parameters {
    pub(super) tensors: Vec<Tensor>,
    pub(super) values: Vec<Vec<f32>>,
    pub(super) grads: Vec<Vec<f32>>,
    pub(super) first: Vec<Vec<f32>>,
    pub(super) second: Vec<Vec<f32>>,
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
    /// Adds a tensor and gives its place.
    pub(super) fn push(&mut self, tensor: Tensor, values: Vec<f32>) -> usize {
        for part in [&mut self.grads, &mut self.first, &mut self.second] {
            part.push(vec![0.0; values.len()]);
        }
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

    /// Adds to one number of a tensor.
    pub fn change(&mut self, tensor: usize, place: usize, by: f32) {
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
        let means = self.first.iter_mut().zip(&mut self.second);
        let all = self.tensors.iter().zip(&mut self.values).zip(&mut self.grads).zip(means);
        for (((tensor, value), grad), (first, second)) in all {
            let decay = if tensor.decays { step.decay } else { 0.0 };
            let step = AdamW { decay, ..step };
            value
                .par_chunks_mut(SOME)
                .zip(grad.par_chunks(SOME))
                .zip(first.par_chunks_mut(SOME).zip(second.par_chunks_mut(SOME)))
                .for_each(|((value, grad), means)| {
                    spread::with(|cpu| cpu.adamw(value, grad, means, step));
                });
            grad.fill(0.0);
        }
    }

    /// Bytes of memory.
    #[must_use]
    pub fn bytes(&self) -> usize {
        4 * self.count() * size_of::<f32>()
    }
}
