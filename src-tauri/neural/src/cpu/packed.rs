//! Products of rows with weights that were packed once.

use super::tile::{HEIGHT, WIDTH};
use super::turn::SPARE;
use super::{Activation, Cpu};

/// Rows whose packed form stays in the cache while all panels pass by.
const GROUP: usize = 8 * HEIGHT;

/// The weights of a linear map in panels of [`WIDTH`] outputs: within a panel, input by input, the
/// weights of its outputs side by side. Outputs that are missing from the last panel are noughts.
#[derive(Debug, Clone)]
pub struct Packed {
    outputs: usize,
    inputs: usize,
    panels: Vec<f32>,
}

impl Packed {
    /// Packs `weights`, which hold `outputs` rows of `inputs` numbers, as PyTorch's `nn.Linear` does.
    ///
    /// # Panics
    /// When there are not `outputs × inputs` weights.
    #[must_use]
    pub fn new(outputs: usize, inputs: usize, weights: &[f32]) -> Self {
        assert_eq!(weights.len(), outputs * inputs, "weights of a linear map");
        let mut panels = vec![0.0; outputs.div_ceil(WIDTH) * WIDTH * inputs];
        for (panel, rows) in
            panels.chunks_exact_mut(WIDTH * inputs).zip(weights.chunks(WIDTH * inputs))
        {
            columns(rows, inputs, inputs, panel);
        }
        Self { outputs, inputs, panels }
    }

    /// Numbers in a row that comes out.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Numbers in a row that goes in.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }
}

/// Puts up to [`WIDTH`] rows, `stride` apart, into the columns of a panel; of each `width` numbers matter.
pub(super) fn columns(rows: &[f32], stride: usize, width: usize, panel: &mut [f32]) {
    for (column, row) in rows.chunks(stride).take(WIDTH).enumerate() {
        for (out, &number) in panel[column..].iter_mut().step_by(WIDTH).zip(&row[..width]) {
            *out = number;
        }
    }
}

impl Cpu {
    /// `out = activation(rows · weightsᵀ + bias)`. `rows` holds rows of as many numbers as the weights
    /// have inputs, `out` gets as many rows of their outputs; an empty bias is none.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn multiply(
        &mut self,
        rows: &[f32],
        weights: &Packed,
        bias: &[f32],
        activation: Activation,
        out: &mut [f32],
    ) {
        let (inputs, outputs) = (weights.inputs, weights.outputs);
        assert_eq!(rows.len() % inputs, 0, "rows of {inputs}");
        assert_eq!(out.len(), rows.len() / inputs * outputs, "rows of {outputs}");
        assert!(bias.is_empty() || bias.len() == outputs, "a bias of {outputs}");
        self.left.resize(GROUP.min(rows.len() / inputs) * inputs + SPARE, 0.0);
        let mut sums = [0.0; HEIGHT * WIDTH];
        for (rows, out) in rows.chunks(GROUP * inputs).zip(out.chunks_mut(GROUP * outputs)) {
            for (at, block) in rows.chunks(HEIGHT * inputs).enumerate() {
                let packed = &mut self.left[at * HEIGHT * inputs..];
                let count = block.len() / inputs;
                // SAFETY: whole rows, room to spare, and `Kernels::of` made sure of the instructions.
                unsafe { (self.kernels.turn)(block, inputs, inputs, count, packed) };
            }
            for (at, panel) in weights.panels.chunks_exact(WIDTH * inputs).enumerate() {
                let columns = at * WIDTH..outputs.min((at + 1) * WIDTH);
                let bias = bias.get(columns.clone()).unwrap_or_default();
                let blocks = out.chunks_mut(HEIGHT * outputs);
                for (packed, out) in self.left.chunks(HEIGHT * inputs).zip(blocks) {
                    let count = out.len() / outputs;
                    // SAFETY: `packed` begins with `inputs × count` numbers, the panel holds
                    // `inputs × WIDTH`, the sums have room, and `Kernels::of` made sure of the
                    // instructions.
                    unsafe {
                        (self.kernels.tile)(
                            inputs,
                            count,
                            packed.as_ptr(),
                            panel.as_ptr(),
                            sums.as_mut_ptr(),
                        );
                    }
                    for (out, sums) in out.chunks_exact_mut(outputs).zip(sums.chunks_exact(WIDTH)) {
                        let out = &mut out[columns.clone()];
                        // SAFETY: `Kernels::of` made sure of the instructions.
                        unsafe { (self.kernels.finish)(&sums[..out.len()], bias, activation, out) };
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Isa;
    use super::*;

    /// Numbers between -1 and 1 that look like nothing in particular.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn every_form_multiplies_as_the_definition_says() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 33), (14, 64, 32), (131, 40, 97)] {
            let (left, right) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2));
            let bias = numbers(outputs, 3);
            let weights = Packed::new(outputs, inputs, &right);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let mut out = vec![f32::NAN; rows * outputs];
                Cpu::with(isa).multiply(&left, &weights, &bias, Activation::Relu, &mut out);
                for row in 0..rows {
                    for column in 0..outputs {
                        let products = (0..inputs).map(|at| {
                            f64::from(left[row * inputs + at])
                                * f64::from(right[column * inputs + at])
                        });
                        let exact = (products.sum::<f64>() + f64::from(bias[column])).max(0.0);
                        let given = f64::from(out[row * outputs + column]);
                        assert!((given - exact).abs() < 1e-5, "{isa:?} {row} {column}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_gives_the_same_bits_in_any_company() {
        let rows = numbers(40 * 48, 4);
        let weights = Packed::new(50, 48, &numbers(50 * 48, 5));
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
            let mut cpu = Cpu::with(isa);
            let mut all = vec![0.0; 40 * 50];
            cpu.multiply(&rows, &weights, &[], Activation::Gelu, &mut all);
            for (row, together) in rows.chunks(48).zip(all.chunks(50)) {
                let mut alone = vec![0.0; 50];
                cpu.multiply(row, &weights, &[], Activation::Gelu, &mut alone);
                assert_eq!(alone, together);
            }
        }
    }
}
