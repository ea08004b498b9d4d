//! Norms before a layer's parts.

use crate::cpu::spread;
use crate::error::Result;
use crate::linear::Found;

/// The vectors of a norm; that of the root mean square has no bias.
#[derive(Debug)]
pub(crate) struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    /// Mean 0 and variance 1.
    pub(crate) fn layer(found: &Found, name: &str, width: usize, epsilon: f32) -> Result<Self> {
        let bias = found.load(&format!("{name}.bias"), &[width])?;
        Ok(Self { bias, ..Self::root_mean_square(found, name, width, epsilon)? })
    }

    /// Mean square 1.
    pub(crate) fn root_mean_square(
        found: &Found,
        name: &str,
        width: usize,
        epsilon: f32,
    ) -> Result<Self> {
        let weight = found.load(&format!("{name}.weight"), &[width])?;
        Ok(Self { weight, bias: Vec::new(), epsilon })
    }

    /// Norms rows in place.
    pub(crate) fn apply(&self, rows: &mut [f32]) {
        spread::with(|cpu| {
            if self.bias.is_empty() {
                cpu.rms_norm(rows, &self.weight, self.epsilon);
            } else {
                cpu.layer_norm(rows, &[], &self.weight, &self.bias, self.epsilon);
            }
        });
    }
}
