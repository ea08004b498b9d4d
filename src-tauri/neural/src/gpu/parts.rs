//! Linear maps and norms of tensors. Rows between them are in single precision, as on the processor;
//! products are in the card's numbers.

use candle_core::{DType, Result as Made, Tensor};
use candle_nn::ops::{layer_norm, rms_norm};

use super::Card;
use crate::cpu::Activation;
use crate::error::Result;
use crate::linear::{Found, Layout};

/// A linear map with its bias.
#[derive(Debug)]
pub(crate) struct Linear {
    /// A row for every output.
    weights: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// Several maps of the same rows as one, their outputs side by side; those without a bias have none.
    /// `parts` are their names and outputs.
    ///
    /// # Errors
    /// Those of [`Card::rounded`].
    pub(crate) fn load(
        card: &Card,
        found: &Found,
        parts: &[(String, usize)],
        inputs: usize,
        layout: Layout,
    ) -> Result<Self> {
        let (mut weights, mut bias, mut has_bias) = (Vec::new(), Vec::new(), false);
        for (name, outputs) in parts {
            let its_bias = format!("{name}.bias");
            let map = found.map(name, *outputs, inputs, layout)?;
            weights.push(card.rounded(&map, &[*outputs, inputs])?);
            if found.has(&its_bias) {
                has_bias = true;
                bias.extend(found.load(&its_bias, &[*outputs])?);
            } else {
                bias.resize(bias.len() + outputs, 0.0);
            }
        }
        card.work(|| {
            let bias = has_bias.then(|| card.exact(&bias, &[bias.len()])?.to_dtype(card.dtype()));
            let weights =
                if weights.len() == 1 { weights.remove(0) } else { Tensor::cat(&weights, 0)? };
            Ok(Self { weights, bias: bias.transpose()? })
        })
    }

    /// Rows `[rows, inputs]` of the card's numbers become `[rows, outputs]`.
    pub(crate) fn apply(&self, rows: &Tensor) -> Made<Tensor> {
        let sums = rows.matmul(&self.weights.t()?)?;
        match &self.bias {
            Some(bias) => sums.broadcast_add(bias),
            None => Ok(sums),
        }
    }

    /// The same, added to `rows` in single precision.
    pub(crate) fn add(&self, rows: &Tensor, inner: &Tensor) -> Made<Tensor> {
        rows + self.apply(inner)?.to_dtype(DType::F32)?
    }
}

/// The vectors of a norm; that of the root mean square has no bias.
#[derive(Debug)]
pub(crate) struct Norm {
    weight: Tensor,
    bias: Option<Tensor>,
    epsilon: f32,
}

impl Norm {
    /// Mean 0 and variance 1.
    ///
    /// # Errors
    /// Those of [`Card::rounded`].
    pub(crate) fn layer(
        card: &Card,
        found: &Found,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self> {
        // As TensorFlow named them; old files still do.
        let old = found.has(&format!("{name}.gamma"));
        let (weight, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
        let load = |part: &str| card.load_exact(found, &format!("{name}.{part}"), &[width]);
        Ok(Self { weight: load(weight)?, bias: Some(load(bias)?), epsilon })
    }

    /// Mean square 1.
    ///
    /// # Errors
    /// Those of [`Card::rounded`].
    pub(crate) fn root_mean_square(
        card: &Card,
        found: &Found,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self> {
        let weight = card.load_exact(found, &format!("{name}.weight"), &[width])?;
        Ok(Self { weight, bias: None, epsilon })
    }

    /// Rows in single precision, normed.
    pub(crate) fn apply(&self, rows: &Tensor) -> Made<Tensor> {
        match &self.bias {
            Some(bias) => layer_norm(rows, &self.weight, bias, self.epsilon),
            None => rms_norm(rows, &self.weight, self.epsilon),
        }
    }
}

/// What a layer does to its sums.
pub(crate) fn activate(sums: &Tensor, activation: Activation) -> Made<Tensor> {
    match activation {
        Activation::None => Ok(sums.clone()),
        Activation::Relu => sums.relu(),
        Activation::Gelu => sums.gelu_erf(),
        Activation::GeluTanh => sums.gelu(),
        Activation::Silu => sums.silu(),
        Activation::Tanh => sums.tanh(),
    }
}

/// The first half of every row, activated, times the second.
pub(crate) fn gate(sums: &Tensor, activation: Activation) -> Made<Tensor> {
    let halves = sums.chunk(2, 1)?;
    activate(&halves[0], activation)? * &halves[1]
}
