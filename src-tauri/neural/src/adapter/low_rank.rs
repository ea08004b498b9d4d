//! The change of one linear map.

use crate::cpu::product::{Matrix, Onto, product};
use crate::cpu::{Cpu, spread};
use crate::error::{Error, Result};
use crate::weights::Weights;

use super::config::Config;

/// `scale · B · A`, added to a map's weights: two narrow maps of its inputs instead of one wide.
#[derive(Debug, Clone)]
pub(crate) struct LowRank {
    /// `rank` rows of as many numbers as the map has inputs.
    pub(crate) a: Vec<f32>,
    /// A row of `rank` numbers for every output.
    pub(crate) b: Vec<f32>,
    pub(crate) rank: usize,
    pub(crate) scale: f32,
}

/// The change of one of several maps whose outputs lie side by side.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Its first output.
    pub(crate) from: usize,
    pub(crate) change: LowRank,
}

impl LowRank {
    /// Reads two matrices, whose rank must be that of the configuration.
    pub(super) fn load(
        weights: &Weights,
        (a_name, b_name): (&str, &str),
        config: &Config,
    ) -> Result<Self> {
        let shape = |name: &str| {
            let missing = || Error::MissingTensor { tensor: name.to_owned() };
            weights.shape(name).ok_or_else(missing)
        };
        let (&[a_rows, inputs], &[outputs, b_columns]) = (shape(a_name)?, shape(b_name)?) else {
            return Err(bad_shape(a_name, shape(a_name)?, "of two dimensions, and B as well"));
        };
        let rank = config.r;
        if a_rows != rank {
            return Err(bad_shape(a_name, shape(a_name)?, format!("r {rank}")));
        }
        if b_columns != rank {
            return Err(bad_shape(b_name, shape(b_name)?, format!("r {rank}")));
        }
        Ok(Self {
            a: weights.load(a_name, &[rank, inputs])?,
            b: weights.load(b_name, &[outputs, rank])?,
            rank,
            scale: config.scale(),
        })
    }

    pub(crate) fn inputs(&self) -> usize {
        self.a.len() / self.rank
    }

    pub(crate) fn outputs(&self) -> usize {
        self.b.len() / self.rank
    }

    /// Adds it to a map's weights, a row for every output; `turned`, a row for every input.
    pub(crate) fn add_to(&self, weights: &mut [f32], turned: bool) {
        let (a, b) = (Matrix::of(&self.a, self.inputs()), Matrix::of(&self.b, self.rank));
        if turned {
            product(a.turned(), b.turned(), Onto::rows(weights, self.outputs()).adding(self.scale));
        } else {
            product(b, a, Onto::rows(weights, self.inputs()).adding(self.scale));
        }
    }
}

fn bad_shape(tensor: &str, shape: &[usize], expected: impl Into<String>) -> Error {
    Error::BadShape {
        tensor: tensor.to_owned(),
        found: format!("{shape:?}"),
        expected: expected.into(),
    }
}

impl Slice {
    /// Adds what the change makes of `rows` to its outputs in rows of `width`.
    pub(crate) fn apply(&self, cpu: &Cpu, rows: &[f32], width: usize, out: &mut [f32]) {
        let LowRank { a, b, rank, scale } = &self.change;
        let (inputs, outputs) = (self.change.inputs(), self.change.outputs());
        let (mut low, mut added) = (vec![0.0; *rank], vec![0.0; outputs]);
        for (row, out) in rows.chunks_exact(inputs).zip(out.chunks_exact_mut(width)) {
            cpu.dots(row, a, &mut low);
            cpu.dots(&low, b, &mut added);
            for (out, added) in out[self.from..].iter_mut().zip(&added) {
                *out += scale * added;
            }
        }
    }

    /// [`Self::apply`] on all threads of the pool it is called in.
    pub(crate) fn apply_on_all(&self, rows: &[f32], width: usize, out: &mut [f32]) {
        spread::by_rows(rows, self.change.inputs(), width, out, |cpu, rows, out| {
            self.apply(cpu, rows, width, out);
        });
    }
}
