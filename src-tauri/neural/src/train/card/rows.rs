//! Rows as products take them, and what rows get.

use candle_core::{D, DType, Result as Made, Tensor};

use super::Bench;
use crate::cpu::Activation;

/// What the largest gradient becomes in half precision: the sums of thousands of them times numbers of some
/// hundreds still have room below 65,504.
const LARGEST: f64 = 1.0 / 64.0;
/// The same of scores, of which there are many small ones that count: the sum of a row's is at most twice its
/// largest.
const LARGEST_SCORE: f64 = 1024.0;
/// What keeps noughts from being divided by nought.
const LEAST: f64 = 1e-30;

/// Rows that go into maps.
#[derive(Debug)]
pub(in crate::train) struct Given {
    pub(super) rounded: Tensor,
    exact: Option<Tensor>,
}

impl Given {
    /// Rows in single precision.
    pub(in crate::train) fn new(bench: &Bench, exact: Tensor) -> Made<Self> {
        Ok(Self { rounded: bench.rounded(&exact)?, exact: Some(exact) })
    }

    /// Rows in the numbers of products.
    pub(in crate::train) fn rounded(rounded: Tensor) -> Self {
        Self { rounded, exact: None }
    }

    /// Some of them, in the numbers of products.
    pub(in crate::train) fn part(&self, from: usize, count: usize) -> Made<Tensor> {
        self.rounded.narrow(0, from, count)
    }

    /// In single precision, as a change is learned.
    pub(super) fn exact(&self) -> Made<Tensor> {
        match &self.exact {
            Some(exact) => Ok(exact.clone()),
            None => self.rounded.to_dtype(DType::F32),
        }
    }
}

/// What rows get, as products take it. Half precision does not hold the small ones: each tensor is brought
/// into its range by a scale of its own, which takes the place of one for all that is tried out (Micikevicius
/// et al. 2018, <https://arxiv.org/abs/1710.03740>). No step is thrown away, nothing is to be remembered.
#[derive(Debug)]
pub(in crate::train) struct Slope {
    pub(super) exact: Tensor,
    pub(super) rounded: Tensor,
    scale: Option<Tensor>,
}

impl Slope {
    /// Of gradients in single precision, `[…, rows, width]`.
    pub(in crate::train) fn new(bench: &Bench, exact: Tensor) -> Made<Self> {
        Self::brought(bench, exact, LARGEST)
    }

    /// Of the gradients of scores that shares were made of.
    pub(in crate::train) fn of_scores(bench: &Bench, exact: Tensor) -> Made<Self> {
        Self::brought(bench, exact, LARGEST_SCORE)
    }

    fn brought(bench: &Bench, exact: Tensor, largest: f64) -> Made<Self> {
        if bench.card.dtype() != DType::F16 {
            return Ok(Self { rounded: bench.rounded(&exact)?, exact, scale: None });
        }
        let most = exact.abs()?.max_keepdim(D::Minus1)?.flatten_all()?.max_keepdim(0)?;
        let scale = most.affine(1.0 / largest, LEAST)?;
        let rounded = bench.rounded(&exact.broadcast_div(&scale)?)?;
        Ok(Self { exact, rounded, scale: Some(scale) })
    }

    /// What goes back through weights, a row for every output.
    pub(in crate::train) fn through(&self, weights: &Tensor) -> Made<Tensor> {
        self.restore(&self.rounded.matmul(weights)?)
    }

    /// What a product with it gave, in single precision and as large as it is.
    pub(super) fn restore(&self, product: &Tensor) -> Made<Tensor> {
        let product = product.to_dtype(DType::F32)?;
        match &self.scale {
            Some(scale) => product.broadcast_mul(scale),
            None => Ok(product),
        }
    }
}

/// What sums in single precision get of what their activations get.
pub(in crate::train) fn activate_back(
    sums: &Tensor,
    activation: Activation,
    grad: &Tensor,
) -> Made<Tensor> {
    let slope = match activation {
        Activation::None => return Ok(grad.clone()),
        Activation::Relu => sums.gt(0.0)?.to_dtype(DType::F32)?,
        Activation::Tanh => sums.tanh()?.sqr()?.affine(-1.0, 1.0)?,
        // σ(x) · (1 + x · (1 − σ(x)))
        Activation::Silu => {
            let share = sigmoid(sums)?;
            let rest = share.affine(-1.0, 1.0)?;
            (share * (sums * rest)?.affine(1.0, 1.0)?)?
        }
        // Φ(x) + x · φ(x)
        Activation::Gelu => {
            let below = (sums * std::f64::consts::FRAC_1_SQRT_2)?.erf()?.affine(0.5, 0.5)?;
            let density = sums.sqr()?.affine(-0.5, 0.0)?.exp()?;
            let density = (density * (0.5 * std::f64::consts::FRAC_2_SQRT_PI / 2_f64.sqrt()))?;
            (below + (sums * density)?)?
        }
        // x/2 · (1 + tanh u), u = √(2/π) · (x + 0.044715 · x³)
        Activation::GeluTanh => {
            let root = (2.0 / std::f64::consts::PI).sqrt();
            let square = sums.sqr()?;
            let inner = ((sums * square.affine(0.044_715, 1.0)?)? * root)?.tanh()?;
            let of_inner = square.affine(3.0 * 0.044_715 * root, root)?;
            let rest = inner.sqr()?.affine(-1.0, 1.0)?;
            (inner.affine(0.5, 0.5)? + ((sums * 0.5)? * (rest * of_inner)?)?)?
        }
    };
    slope * grad
}

fn sigmoid(sums: &Tensor) -> Made<Tensor> {
    sums.neg()?.exp()?.affine(1.0, 1.0)?.recip()
}
