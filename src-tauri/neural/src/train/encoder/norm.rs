//! Layer normalisation that is learned, or stays.

use rayon::prelude::*;

use crate::cpu::spread;
use crate::train::parameters::Parameters;
use crate::train::room::Room;

/// Rows that a thread takes at a time.
const SOME: usize = 32;

/// Numbers of a model outside its maps.
#[derive(Debug)]
pub(super) enum Vector {
    /// They stay.
    Still(Vec<f32>),
    /// They are learned: their place among the parameters.
    Taught(usize),
}

impl Vector {
    pub(super) fn of<'a>(&'a self, values: &'a [Vec<f32>]) -> &'a [f32] {
        match self {
            Self::Still(numbers) => numbers,
            Self::Taught(place) => &values[*place],
        }
    }

    /// Bytes of memory beside what is learned.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Still(numbers) => size_of_val(numbers.as_slice()),
            Self::Taught(_) => 0,
        }
    }
}

/// The two vectors of a norm.
#[derive(Debug)]
pub(super) struct Norm {
    pub(super) weight: Vector,
    pub(super) bias: Vector,
    pub(super) epsilon: f32,
}

impl Norm {
    /// What rows become.
    pub(super) fn forward(&self, values: &[Vec<f32>], room: &mut Room, rows: &[f32]) -> Vec<f32> {
        let (weight, bias) = (self.weight.of(values), self.bias.of(values));
        let mut out = room.copy(rows);
        out.par_chunks_mut(SOME * weight.len()).for_each(|rows| {
            spread::with(|cpu| cpu.layer_norm(rows, &[], weight, bias, self.epsilon));
        });
        out
    }

    /// What `rows`, from before the norm, get of what comes out, added to `out`; and what the vectors get.
    pub(super) fn backward(
        &self,
        parameters: &mut Parameters,
        rows: &[f32],
        grad: &[f32],
        out: &mut [f32],
    ) {
        let weight = self.weight.of(&parameters.values);
        let (width, some) = (weight.len(), SOME * weight.len());
        let learned: Vec<Vec<f32>> = rows
            .par_chunks(some)
            .zip(grad.par_chunks(some))
            .zip(out.par_chunks_mut(some))
            .map(|((rows, grad), out)| {
                let mut learned = vec![0.0; 2 * width];
                spread::with(|cpu| {
                    cpu.layer_norm_back(rows, weight, self.epsilon, grad, out, &mut learned);
                });
                learned
            })
            .collect();
        for (vector, from) in [(&self.weight, 0), (&self.bias, width)] {
            let Vector::Taught(place) = vector else { continue };
            // In the order of the rows, whatever the threads.
            for learned in &learned {
                let sums = parameters.grads[*place].iter_mut().zip(&learned[from..from + width]);
                sums.for_each(|(sum, part)| *sum += part);
            }
        }
    }
}
