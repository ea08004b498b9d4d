//! Weights in four bits on a card. There is no kernel for them: both numbers of a byte are looked up at once,
//! and the scales the same way. A product has its weights in its own numbers for as long as it takes.

use candle_core::{DType, Result as Made, Tensor};

use crate::cpu::nf4::{BLOCK, Nf4, SCALES, VALUES, dynamic};
use crate::gpu::Card;

/// A matrix, two weights to a byte.
#[derive(Debug)]
pub(super) struct Four {
    bits: Tensor,
    /// A scale for every block.
    scales: Tensor,
    /// What the scales' bits are multiplied with, one for [`SCALES`] of them.
    outer: Tensor,
    offset: f64,
    /// What every byte stands for, and every scale's bits.
    pairs: Tensor,
    dynamic: Tensor,
    shape: (usize, usize),
}

impl Four {
    /// Whether a matrix is one of whole blocks, as all are but those of the smallest models.
    pub(super) fn can((outputs, inputs): (usize, usize)) -> bool {
        (outputs * inputs).is_multiple_of(BLOCK)
    }

    /// Brings weights onto the card.
    pub(super) fn new(card: &Card, weights: &Nf4, shape: (usize, usize)) -> Made<Self> {
        let pairs: Vec<f32> =
            (0..=255_usize).flat_map(|byte| [VALUES[byte & 15], VALUES[byte >> 4]]).collect();
        let (bits, scales, outer, offset) = weights.parts();
        Ok(Self {
            bits: card.bytes(bits)?,
            scales: card.bytes(scales)?,
            outer: card.exact(outer, &[outer.len()])?,
            offset: f64::from(offset),
            pairs: card.exact(&pairs, &[256, 2])?,
            dynamic: card.exact(dynamic(), &[dynamic().len()])?,
            shape,
        })
    }

    /// The weights, a row for every output, as `dtype`.
    pub(super) fn weights(&self, dtype: DType) -> Made<Tensor> {
        let blocks = self.scales.dim(0)?;
        let scales = self.dynamic.index_select(&places(&self.scales)?, 0)?;
        let outer = self.outer.unsqueeze(1)?.broadcast_as((self.outer.dim(0)?, SCALES))?;
        let outer = outer.flatten_all()?.narrow(0, 0, blocks)?;
        let scales = (scales * outer)?.affine(1.0, self.offset)?.reshape((blocks, 1))?;
        let numbers = self.pairs.index_select(&places(&self.bits)?, 0)?.reshape((blocks, BLOCK))?;
        numbers.broadcast_mul(&scales)?.reshape(self.shape)?.to_dtype(dtype)
    }
}

/// Bytes as places in a table. As they are, the largest would stand for no place at all.
fn places(bytes: &Tensor) -> Made<Tensor> {
    bytes.to_dtype(DType::U32)
}
