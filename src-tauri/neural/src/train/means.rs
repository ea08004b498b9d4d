//! What AdamW remembers of every number: means of its gradients and of their squares.

use rayon::prelude::*;

use crate::cpu::backward::AdamW;
use crate::cpu::dynamic::{BLOCK, Dynamic};
use crate::cpu::spread;

/// Numbers that a thread takes at a time: whole blocks.
const SOME: usize = 1 << 16;
/// Tensors of fewer numbers are kept whole, as bitsandbytes does it: they take no memory to speak of.
const LEAST: usize = 4096;

/// The means of a tensor.
#[derive(Debug)]
pub(super) enum Means {
    /// In single precision.
    Whole {
        /// Of gradients.
        first: Vec<f32>,
        /// Of their squares.
        second: Vec<f32>,
    },
    /// In eight bits.
    Eight {
        /// Of gradients.
        first: Bytes,
        /// Of their squares.
        second: Bytes,
    },
}

/// Numbers in eight bits, and the scales of their blocks.
#[derive(Debug)]
pub(super) struct Bytes {
    pub(super) bits: Vec<u8>,
    pub(super) scales: Vec<f32>,
}

impl Bytes {
    fn noughts(count: usize, map: &Dynamic) -> Self {
        Self { bits: vec![map.place(0.0); count], scales: vec![0.0; count.div_ceil(BLOCK)] }
    }

    fn bytes(&self) -> usize {
        self.bits.len() + size_of_val(self.scales.as_slice())
    }
}

impl Means {
    /// Of so many numbers, before the first step.
    pub(super) fn new(count: usize, in_eight_bits: bool) -> Self {
        if in_eight_bits && count >= LEAST {
            Self::Eight {
                first: Bytes::noughts(count, Dynamic::signed()),
                second: Bytes::noughts(count, Dynamic::unsigned()),
            }
        } else {
            Self::Whole { first: vec![0.0; count], second: vec![0.0; count] }
        }
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Whole { first, second } => {
                size_of_val(first.as_slice()) + size_of_val(second.as_slice())
            }
            Self::Eight { first, second } => first.bytes() + second.bytes(),
        }
    }

    /// Takes a step with a tensor's numbers against their gradients.
    pub(super) fn step(&mut self, values: &mut [f32], grads: &[f32], step: AdamW) {
        let both = values.par_chunks_mut(SOME).zip(grads.par_chunks(SOME));
        match self {
            Self::Whole { first, second } => {
                let means = first.par_chunks_mut(SOME).zip(second.par_chunks_mut(SOME));
                both.zip(means).for_each(|((values, grads), means)| {
                    spread::with(|cpu| cpu.adamw(values, grads, means, step));
                });
            }
            Self::Eight { first, second } => {
                let firsts =
                    first.bits.par_chunks_mut(SOME).zip(first.scales.par_chunks_mut(SOME / BLOCK));
                let seconds = second
                    .bits
                    .par_chunks_mut(SOME)
                    .zip(second.scales.par_chunks_mut(SOME / BLOCK));
                both.zip(firsts.zip(seconds)).for_each(|((values, grads), (first, second))| {
                    step_of_blocks(values, grads, first, second, step);
                });
            }
        }
    }
}

/// Block by block: the means as they are read, the step with those that it makes, and these written.
fn step_of_blocks(
    values: &mut [f32],
    grads: &[f32],
    first: (&mut [u8], &mut [f32]),
    second: (&mut [u8], &mut [f32]),
    step: AdamW,
) {
    let (signed, unsigned) = (Dynamic::signed(), Dynamic::unsigned());
    let (mut means, mut squares) = ([0.0; BLOCK], [0.0; BLOCK]);
    let blocks = values.chunks_mut(BLOCK).zip(grads.chunks(BLOCK));
    let first = first.0.chunks_mut(BLOCK).zip(first.1);
    let second = second.0.chunks_mut(BLOCK).zip(second.1);
    for (((values, grads), (first, first_scale)), (second, second_scale)) in
        blocks.zip(first).zip(second)
    {
        let (means, squares) = (&mut means[..values.len()], &mut squares[..values.len()]);
        signed.read(first, *first_scale, means);
        unsigned.read(second, *second_scale, squares);
        spread::with(|cpu| cpu.adamw(values, grads, (&mut *means, &mut *squares), step));
        *first_scale = signed.write(means, first);
        *second_scale = unsigned.write(squares, second);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::weights::Weights;

    #[test]
    fn steps_with_means_in_eight_bits_are_those_of_bitsandbytes() {
        let goldens = "../../tests/goldens/transformers/eight_bits.safetensors";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(goldens);
        let golden = Weights::open(&[path]).unwrap();
        let load = |name: &str, shape: &[usize]| golden.load(name, shape).unwrap();
        for (name, map) in [("signed", Dynamic::signed()), ("unsigned", Dynamic::unsigned())] {
            for (value, known) in map.values().iter().zip(load(name, &[256])) {
                assert!((value - known).abs() <= 1e-6 * known.abs(), "{name}: {value} {known}");
            }
        }
        let (count, steps) = (4200, 12);
        let mut values = load("weights", &[count]);
        let grads = load("grads", &[steps, count]);
        let (mut eight, mut whole) = (Means::new(count, true), Means::new(count, false));
        let mut exact = values.clone();
        for (at, grads) in (1..).zip(grads.chunks(count)) {
            let step = AdamW {
                rate: 1e-2,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                decay: 0.01,
                scale: 1.0,
                at,
            };
            eight.step(&mut values, grads, step);
            whole.step(&mut exact, grads, step);
        }
        let after = load("after", &[count]);
        // A share half way between two values may go to either.
        let apart = |value: f32, known: f32| (value - known).abs() > 1e-5;
        let count =
            values.iter().zip(&after).filter(|&(&value, &known)| apart(value, known)).count();
        assert!(count < 8, "{count} are others");
        assert!(values.iter().zip(&exact).any(|(&value, &known)| apart(value, known)));
        assert!(4 * eight.bytes() < whole.bytes() + 600);
    }
}
