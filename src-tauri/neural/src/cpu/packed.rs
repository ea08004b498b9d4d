//! Products of rows with weights that were packed once.

use std::ops::Range;

use half::{bf16, f16};

use super::isa::Kernels;
use super::quantised::Quantised;
use super::tile::{HEIGHT, Narrow, WIDTH};
use super::turn::SPARE;
use super::{Activation, Cpu};
use crate::weights::Number;
use crate::weights::gguf::Blocks;

/// Row blocks whose packed form stays in the cache while all panels pass by.
pub(super) const BLOCKS: usize = 8;
/// Their rows.
pub(super) const GROUP: usize = BLOCKS * HEIGHT;
/// Inputs of a panel that are widened at a time: 32 KB, which stay in the nearest cache.
const WIDENED: usize = 256;

/// The weights of a linear map in panels of [`WIDTH`] outputs: within a panel, input by input, the
/// weights of its outputs side by side. Outputs that are missing from the last panel are noughts.
#[derive(Debug, Clone)]
pub struct Packed {
    outputs: usize,
    inputs: usize,
    panels: Panels,
}

/// Weights as they were in the file, but for those of 64 bits: half of the memory is half of the time
/// where few rows are multiplied.
#[derive(Debug, Clone)]
enum Panels {
    F32(Vec<f32>),
    F16(Vec<u16>),
    Bf16(Vec<u16>),
    Quantised(Quantised),
}

impl Packed {
    /// Packs `weights`, which hold `outputs` rows of `inputs` numbers, as PyTorch's `nn.Linear` does.
    ///
    /// # Panics
    /// When there are not `outputs × inputs` weights.
    #[must_use]
    pub fn new(outputs: usize, inputs: usize, weights: &[f32]) -> Self {
        Self { outputs, inputs, panels: Panels::F32(panels_of(outputs, inputs, weights)) }
    }

    /// The same, kept as `number`: weights that were read as such lose nothing.
    ///
    /// # Panics
    /// As [`Self::new`].
    #[must_use]
    pub fn kept(outputs: usize, inputs: usize, weights: &[f32], number: Number) -> Self {
        let panels = panels_of(outputs, inputs, weights);
        let panels = match number {
            Number::F32 | Number::F64 => Panels::F32(panels),
            Number::F16 => {
                Panels::F16(panels.iter().map(|&x| f16::from_f32(x).to_bits()).collect())
            }
            Number::Bf16 => {
                Panels::Bf16(panels.iter().map(|&x| bf16::from_f32(x).to_bits()).collect())
            }
        };
        Self { outputs, inputs, panels }
    }

    /// Maps of the same `inputs` as one, kept in the blocks that they are quantised in: the outputs of
    /// each, its kind, and its blocks row by row. Nothing where maps of different kinds do not fit side by
    /// side.
    ///
    /// # Panics
    /// When the blocks are not as many.
    #[must_use]
    pub fn quantised(inputs: usize, maps: &[(usize, Blocks, Vec<u8>)]) -> Option<Self> {
        let outputs = maps.iter().map(|one| one.0).sum();
        let panels = Panels::Quantised(Quantised::new(inputs, maps)?);
        Some(Self { outputs, inputs, panels })
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

    /// How many panels there are.
    pub(super) fn panels(&self) -> usize {
        self.outputs.div_ceil(WIDTH)
    }

    /// The outputs of some panels.
    pub(super) fn columns(&self, panels: &Range<usize>) -> Range<usize> {
        panels.start * WIDTH..self.outputs.min(panels.end * WIDTH)
    }

    /// Inputs of a panel that are worked on at a time.
    fn steps(&self) -> usize {
        match self.panels {
            Panels::F32(_) => self.inputs,
            Panels::F16(_) | Panels::Bf16(_) | Panels::Quantised(_) => WIDENED.min(self.inputs),
        }
    }

    /// The kernel for few rows and the weights of a panel, where they are kept in 16 bits.
    fn narrow(&self, cpu: &Kernels, panel: usize) -> Option<(Narrow, &[u16])> {
        let (kernel, panels) = match &self.panels {
            Panels::F32(_) | Panels::Quantised(_) => return None,
            Panels::F16(panels) => (cpu.narrow_f16?, panels),
            Panels::Bf16(panels) => (cpu.narrow_bf16?, panels),
        };
        Some((kernel, &panels[panel * self.inputs * WIDTH..][..self.inputs * WIDTH]))
    }

    /// The weights of some inputs of a panel; `wide` gets them where they have to be widened.
    fn part<'a>(
        &'a self,
        cpu: &Kernels,
        panel: usize,
        inputs: &Range<usize>,
        wide: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        let from = (panel * self.inputs + inputs.start) * WIDTH;
        let place = from..from + inputs.len() * WIDTH;
        wide.resize(WIDENED * WIDTH, 0.0);
        let wide = &mut wide[..place.len().min(WIDENED * WIDTH)];
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe {
            match &self.panels {
                Panels::F32(panels) => return &panels[place],
                Panels::F16(panels) => (cpu.widen_f16)(&panels[place], wide),
                Panels::Bf16(panels) => (cpu.widen_bf16)(&panels[place], wide),
                Panels::Quantised(blocks) => blocks.widen(cpu, panel, inputs, wide),
            }
        }
        wide
    }
}

fn panels_of(outputs: usize, inputs: usize, weights: &[f32]) -> Vec<f32> {
    assert_eq!(weights.len(), outputs * inputs, "weights of a linear map");
    let mut panels = vec![0.0; outputs.div_ceil(WIDTH) * WIDTH * inputs];
    for (panel, rows) in panels.chunks_exact_mut(WIDTH * inputs).zip(weights.chunks(WIDTH * inputs))
    {
        columns(rows, inputs, inputs, panel);
    }
    panels
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
        self.multiply_panels(rows, weights, 0..weights.panels(), bias, activation, out);
    }

    /// The same for some panels, whose outputs alone `out` gets.
    pub(super) fn multiply_panels(
        &mut self,
        rows: &[f32],
        weights: &Packed,
        panels: Range<usize>,
        bias: &[f32],
        activation: Activation,
        out: &mut [f32],
    ) {
        let all = weights.columns(&panels);
        let (inputs, outputs) = (weights.inputs, all.len());
        assert_eq!(rows.len() % inputs, 0, "rows of {inputs}");
        assert_eq!(out.len(), rows.len() / inputs * outputs, "rows of {outputs}");
        assert!(bias.is_empty() || bias.len() == weights.outputs, "a bias of {outputs}");
        self.left.resize(GROUP.min(rows.len() / inputs) * inputs + SPARE, 0.0);
        let (steps, mut sums) = (weights.steps(), [[0.0; HEIGHT * WIDTH]; BLOCKS]);
        for (rows, out) in rows.chunks(GROUP * inputs).zip(out.chunks_mut(GROUP * outputs)) {
            for (at, block) in rows.chunks(HEIGHT * inputs).enumerate() {
                let packed = &mut self.left[at * HEIGHT * inputs..];
                let count = block.len() / inputs;
                // SAFETY: whole rows, room to spare, and `Kernels::of` made sure of the instructions.
                unsafe { (self.kernels.turn)(block, inputs, inputs, count, packed) };
            }
            for panel in panels.clone() {
                let columns = weights.columns(&(panel..panel + 1));
                let bias = bias.get(columns.clone()).unwrap_or_default();
                let columns = columns.start - all.start..columns.end - all.start;
                let count = out.len() / outputs;
                if count <= HEIGHT
                    && let Some((tile, part)) = weights.narrow(&self.kernels, panel)
                {
                    let sums = &mut sums[0];
                    // SAFETY: `count` packed rows, a whole panel, room for the sums; and
                    // `Kernels::of` made sure of the instructions.
                    unsafe {
                        tile(inputs, count, self.left.as_ptr(), part.as_ptr(), sums.as_mut_ptr());
                    }
                    finish(&self.kernels, sums, (bias, activation), out, outputs, &columns);
                    continue;
                }
                if let Panels::Quantised(blocks) = &weights.panels
                    && blocks.few(&self.kernels, panel, (&self.left, count), &mut sums[0])
                {
                    finish(&self.kernels, &sums[0], (bias, activation), out, outputs, &columns);
                    continue;
                }
                for from in (0..inputs).step_by(steps) {
                    let some = from..inputs.min(from + steps);
                    let part = weights.part(&self.kernels, panel, &some, &mut self.wide);
                    let blocks = out.chunks_mut(HEIGHT * outputs);
                    for (at, (packed, out)) in
                        self.left.chunks(HEIGHT * inputs).zip(blocks).enumerate()
                    {
                        let count = out.len() / outputs;
                        // One place does where nothing is added to it later.
                        let sums = &mut sums[if steps == inputs { 0 } else { at }];
                        if from == 0 {
                            sums[..count * WIDTH].fill(0.0);
                        }
                        // SAFETY: `packed` begins with `inputs × count` numbers, the part holds as
                        // many inputs as are said, the sums have room, and `Kernels::of` made sure
                        // of the instructions.
                        unsafe {
                            (self.kernels.tile)(
                                some.len(),
                                count,
                                packed.as_ptr().add(from * count),
                                part.as_ptr(),
                                sums.as_mut_ptr(),
                            );
                        }
                        if some.end < inputs {
                            continue;
                        }
                        finish(&self.kernels, sums, (bias, activation), out, outputs, &columns);
                    }
                }
            }
        }
    }
}

/// The sums of a tile into some columns of its rows, with bias and activation.
pub(super) fn finish(
    kernels: &Kernels,
    sums: &[f32],
    (bias, activation): (&[f32], Activation),
    out: &mut [f32],
    outputs: usize,
    columns: &Range<usize>,
) {
    for (out, sums) in out.chunks_exact_mut(outputs).zip(sums.chunks_exact(WIDTH)) {
        let out = &mut out[columns.clone()];
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (kernels.finish)(&sums[..out.len()], bias, activation, out) };
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
    fn weights_of_sixteen_bits_give_what_they_are_worth() {
        let (inputs, outputs) = (600, 70);
        for rows in [1, 5, 14, 30] {
            let left = numbers(rows * inputs, 6);
            let mut right = numbers(outputs * inputs, 7);
            right[3] = 3e-7;
            for number in [Number::F16, Number::Bf16] {
                let worth: Vec<f32> = right
                    .iter()
                    .map(|&x| match number {
                        Number::F16 => f16::from_f32(x).to_f32(),
                        _ => bf16::from_f32(x).to_f32(),
                    })
                    .collect();
                let (kept, wide) = (
                    Packed::kept(outputs, inputs, &worth, number),
                    Packed::new(outputs, inputs, &worth),
                );
                for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                    let mut cpu = Cpu::with(isa);
                    let mut both = [vec![0.0; rows * outputs], vec![0.0; rows * outputs]];
                    cpu.multiply(&left, &kept, &[], Activation::None, &mut both[0]);
                    cpu.multiply(&left, &wide, &[], Activation::None, &mut both[1]);
                    assert_eq!(both[0], both[1], "{isa:?} {number:?}");
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
