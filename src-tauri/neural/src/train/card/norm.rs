//! Norms, forwards and backwards, in single precision.

use candle_core::{D, Result as Made, Tensor};
use candle_nn::ops::{layer_norm, rms_norm};

use super::Bench;

/// Numbers of a model outside its maps.
#[derive(Debug)]
pub(in crate::train) enum Vector {
    /// They stay.
    Still(Tensor),
    /// They are learned: their place among the parameters.
    Taught(usize),
}

impl Vector {
    pub(super) fn of<'a>(&'a self, bench: &'a Bench) -> Made<&'a Tensor> {
        match self {
            Self::Still(numbers) => Ok(numbers),
            Self::Taught(place) => bench.value(*place),
        }
    }

    /// Adds to what it gets, where it is learned.
    pub(super) fn give(&self, bench: &mut Bench, grad: impl FnOnce() -> Made<Tensor>) -> Made<()> {
        match self {
            Self::Still(_) => Ok(()),
            Self::Taught(place) => bench.give(*place, grad()?),
        }
    }
}

/// Mean square 1.
#[derive(Debug)]
pub(in crate::train) struct RmsNorm {
    pub(in crate::train) weight: Tensor,
    pub(in crate::train) epsilon: f32,
}

impl RmsNorm {
    /// What rows become.
    pub(in crate::train) fn forward(&self, rows: &Tensor) -> Made<Tensor> {
        rms_norm(rows, &self.weight, self.epsilon)
    }

    /// What rows, from before the norm, get of what comes out.
    pub(in crate::train) fn backward(&self, rows: &Tensor, grad: &Tensor) -> Made<Tensor> {
        let (normed, scale) = normed(rows, self.epsilon)?;
        let grad = grad.broadcast_mul(&self.weight)?;
        back(&normed, &scale, &grad)
    }
}

/// Mean 0 and variance 1.
#[derive(Debug)]
pub(in crate::train) struct LayerNorm {
    pub(in crate::train) weight: Vector,
    pub(in crate::train) bias: Vector,
    pub(in crate::train) epsilon: f32,
}

impl LayerNorm {
    /// What rows become.
    pub(in crate::train) fn forward(&self, bench: &Bench, rows: &Tensor) -> Made<Tensor> {
        layer_norm(rows, self.weight.of(bench)?, self.bias.of(bench)?, self.epsilon)
    }

    /// What rows, from before the norm, get of what comes out; and what the vectors get.
    pub(in crate::train) fn backward(
        &self,
        bench: &mut Bench,
        rows: &Tensor,
        grad: &Tensor,
    ) -> Made<Tensor> {
        let centred = rows.broadcast_sub(&rows.mean_keepdim(D::Minus1)?)?;
        let (normed, scale) = normed(&centred, self.epsilon)?;
        self.weight.give(bench, || (&normed * grad)?.sum(0))?;
        self.bias.give(bench, || grad.sum(0))?;
        let grad = grad.broadcast_mul(self.weight.of(bench)?)?;
        let grad = grad.broadcast_sub(&grad.mean_keepdim(D::Minus1)?)?;
        back(&normed, &scale, &grad)
    }
}

/// Rows of mean square 1, and what they were multiplied with for that.
fn normed(rows: &Tensor, epsilon: f32) -> Made<(Tensor, Tensor)> {
    let square = rows.sqr()?.mean_keepdim(D::Minus1)?;
    let scale = square.affine(1.0, f64::from(epsilon))?.sqrt()?.recip()?;
    Ok((rows.broadcast_mul(&scale)?, scale))
}

/// What rows get of what they get as rows of mean square 1.
fn back(normed: &Tensor, scale: &Tensor, grad: &Tensor) -> Made<Tensor> {
    let along = (normed * grad)?.mean_keepdim(D::Minus1)?;
    (grad - normed.broadcast_mul(&along)?)?.broadcast_mul(scale)
}
