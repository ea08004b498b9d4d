//! Products in bf16, the upper half of single precision: weights packed as such, rows rounded as they
//! are packed, sums in single precision. Where the processor multiplies bf16 itself a step takes two
//! inputs at once; elsewhere both sides are widened again, and the sums differ in their last bits.

use super::packed::{BLOCKS, GROUP, finish};
use super::tile::{HEIGHT, WIDTH, by_rows};
use super::turn::SPARE;
use super::{Activation, Cpu};

/// Two numbers of 16 bits in one word, the first in its lower half.
fn pair(first: f32, second: f32) -> u32 {
    rounded(first) >> 16 | rounded(second)
}

/// The bits of the nearest number whose lower half is nought, of two the one whose last bit is.
#[inline(always)]
fn rounded(x: f32) -> u32 {
    let bits = x.to_bits();
    // What is no number stays none, whichever of its bits say so.
    let near = if x.is_nan() { bits | 0x40_0000 } else { bits + 0x7FFF + (bits >> 16 & 1) };
    near & 0xFFFF_0000
}

/// Every number rounded to bf16; what is missing at the end is nought.
#[inline(always)]
pub(super) fn round<const FUSED: bool>(row: &[f32], out: &mut [f32]) {
    let (numbers, rest) = out.split_at_mut(row.len());
    for (out, &x) in numbers.iter_mut().zip(row) {
        *out = f32::from_bits(rounded(x));
    }
    rest.fill(0.0);
}

/// Every two numbers rounded to bf16, as one word; what is missing at the end is nought.
#[inline(always)]
pub(super) fn round_pairs<const FUSED: bool>(row: &[f32], out: &mut [f32]) {
    let (pairs, rest) = row.as_chunks::<2>();
    for (out, [first, second]) in out.iter_mut().zip(pairs) {
        *out = f32::from_bits(pair(*first, *second));
    }
    if let (Some(out), [last]) = (out.last_mut(), rest) {
        *out = f32::from_bits(pair(*last, 0.0));
    }
}

/// Rows of pairs as twice as many rows of numbers.
#[inline(always)]
pub(super) fn widen_pairs<const FUSED: bool>(panel: &[u32], out: &mut [f32]) {
    let (pairs, (out, _)) = (panel.as_chunks::<WIDTH>().0, out.as_chunks_mut::<WIDTH>());
    for (pairs, out) in pairs.iter().zip(out.as_chunks_mut::<2>().0) {
        let [first, second] = out;
        for ((first, second), &pair) in first.iter_mut().zip(second).zip(pairs) {
            *first = f32::from_bits(pair << 16);
            *second = f32::from_bits(pair & 0xFFFF_0000);
        }
    }
}

/// The weights of a linear map in bf16, in panels of [`WIDTH`] outputs: within a panel, for every two
/// inputs, the pairs of its outputs side by side. What is missing from the last panel or pair is nought.
#[derive(Debug, Clone)]
pub struct Bf16 {
    outputs: usize,
    inputs: usize,
    panels: Vec<u32>,
}

impl Bf16 {
    /// Packs `weights`, which hold `outputs` rows of `inputs` numbers, as PyTorch's `nn.Linear` does.
    ///
    /// # Panics
    /// When there are not `outputs × inputs` weights.
    #[must_use]
    pub fn new(outputs: usize, inputs: usize, weights: &[f32]) -> Self {
        assert_eq!(weights.len(), outputs * inputs, "weights of a linear map");
        let length = WIDTH * inputs.div_ceil(2);
        let mut panels = vec![0; outputs.div_ceil(WIDTH) * length];
        for (at, row) in weights.chunks_exact(inputs).enumerate() {
            let column = &mut panels[at / WIDTH * length + at % WIDTH..];
            for (out, two) in column.iter_mut().step_by(WIDTH).zip(row.chunks(2)) {
                *out = pair(two[0], two.get(1).copied().unwrap_or_default());
            }
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

/// Sums of products of pairs: `out[row][column] = Σ a[step][row] · b[step][column]` over both numbers of
/// every pair, in the order of the steps whatever the number of rows.
///
/// # Safety
/// `a` holds `steps × rows` pairs, `b` `steps × WIDTH`, `out` has room for `rows × WIDTH` numbers; `rows`
/// lies in 1..=[`HEIGHT`], and the processor has the instructions.
pub(super) type Tile =
    unsafe fn(steps: usize, rows: usize, a: *const f32, b: *const u32, out: *mut f32);

impl Cpu {
    /// `out = activation(rows · weightsᵀ + bias)` in bf16; the rest is as [`Cpu::multiply`] has it.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn multiply_bf16(
        &mut self,
        rows: &[f32],
        weights: &Bf16,
        bias: &[f32],
        activation: Activation,
        out: &mut [f32],
    ) {
        let Bf16 { outputs, inputs, ref panels } = *weights;
        assert_eq!(rows.len() % inputs, 0, "rows of {inputs}");
        assert_eq!(out.len(), rows.len() / inputs * outputs, "rows of {outputs}");
        assert!(bias.is_empty() || bias.len() == outputs, "a bias of {outputs}");
        let pairs = inputs.div_ceil(2);
        let tile = self.kernels.bf16;
        let (steps, round) = match tile {
            Some(_) => (pairs, self.kernels.round_pairs),
            None => (2 * pairs, self.kernels.round),
        };
        let mut sums = [0.0; HEIGHT * WIDTH];
        for (rows, out) in rows.chunks(GROUP * inputs).zip(out.chunks_mut(GROUP * outputs)) {
            self.take_in(rows, inputs, steps, |_, row, out| {
                // SAFETY: `Kernels::of` made sure of the instructions.
                unsafe { round(row, out) }
            });
            for (at, panel) in panels.chunks_exact(WIDTH * pairs).enumerate() {
                if tile.is_none() {
                    self.wide.resize(2 * panel.len(), 0.0);
                    // SAFETY: as above.
                    unsafe { (self.kernels.widen_pairs)(panel, &mut self.wide) };
                }
                let columns = at * WIDTH..outputs.min((at + 1) * WIDTH);
                let bias = bias.get(columns.clone()).unwrap_or_default();
                let blocks = out.chunks_mut(HEIGHT * outputs);
                for (left, out) in self.left.chunks(HEIGHT * steps).zip(blocks) {
                    let count = out.len() / outputs;
                    let (left, sums_at) = (left.as_ptr(), sums.as_mut_ptr());
                    // SAFETY: `left` begins with `steps × count` words, the panel holds as many
                    // steps, there is room for the sums, and `Kernels::of` made sure of the
                    // instructions.
                    unsafe {
                        match tile {
                            Some(tile) => tile(steps, count, left, panel.as_ptr(), sums_at),
                            None => {
                                sums[..count * WIDTH].fill(0.0);
                                (self.kernels.tile)(
                                    steps,
                                    count,
                                    left,
                                    self.wide.as_ptr(),
                                    sums_at,
                                );
                            }
                        }
                    }
                    finish(&self.kernels, &sums, (bias, activation), out, outputs, &columns);
                }
            }
        }
    }

    /// Packs rows of `inputs` numbers, each of which `convert` makes `steps` words of, into
    /// [`Self::left`], block by block; it is told the row's place too.
    pub(super) fn take_in(
        &mut self,
        rows: &[f32],
        inputs: usize,
        steps: usize,
        mut convert: impl FnMut(usize, &[f32], &mut [f32]),
    ) {
        debug_assert!(rows.len() <= BLOCKS * HEIGHT * inputs);
        self.left.resize(rows.len() / inputs * steps + SPARE, 0.0);
        self.words.resize(HEIGHT * steps, 0.0);
        for (at, block) in rows.chunks(HEIGHT * inputs).enumerate() {
            let count = block.len() / inputs;
            let words = self.words.chunks_exact_mut(steps);
            for (row, (numbers, words)) in block.chunks_exact(inputs).zip(words).enumerate() {
                convert(at * HEIGHT + row, numbers, words);
            }
            let left = &mut self.left[at * HEIGHT * steps..];
            // SAFETY: whole rows, room to spare, and `Kernels::of` made sure of the instructions.
            unsafe { (self.kernels.turn)(&self.words, steps, steps, count, left) };
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::WIDTH;

    /// Two registers of sums a row, all rows at once.
    #[target_feature(enable = "avx512f,avx512bf16")]
    pub(super) unsafe fn rows<const ROWS: usize>(
        steps: usize,
        a: *const f32,
        b: *const u32,
        out: *mut f32,
    ) {
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        for step in 0..steps {
            // SAFETY: within the bounds that the caller promises; any bits are pairs of bf16.
            unsafe {
                let left = pairs(_mm512_loadu_si512(b.add(step * WIDTH).cast()));
                let right = pairs(_mm512_loadu_si512(b.add(step * WIDTH + 16).cast()));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let a = pairs(_mm512_set1_epi32(*a.cast::<i32>().add(step * ROWS + row)));
                    sums[0] = _mm512_dpbf16_ps(sums[0], a, left);
                    sums[1] = _mm512_dpbf16_ps(sums[1], a, right);
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                _mm512_storeu_ps(out.add(row * WIDTH), sums[0]);
                _mm512_storeu_ps(out.add(row * WIDTH + 16), sums[1]);
            }
        }
    }

    /// The same bits under another name.
    #[target_feature(enable = "avx512f")]
    #[inline]
    fn pairs(bits: __m512i) -> __m512bh {
        // SAFETY: both are 64 bytes, and any bits are a value of either.
        unsafe { std::mem::transmute(bits) }
    }
}

/// With AVX-512 and its products of bf16.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn avx512(
    steps: usize,
    height: usize,
    a: *const f32,
    b: *const u32,
    out: *mut f32,
) {
    use x86::rows;
    // SAFETY: what the caller promises.
    unsafe { by_rows!(rows, height, (steps, a, b, out), [1 2 3 4 5 6 7 8 9 10 11 12 13 14]) }
}

#[cfg(test)]
mod tests {
    use half::bf16;

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
    fn numbers_are_rounded_to_the_nearest() {
        let odd = [0.0, -0.0, f32::MAX, f32::MIN, f32::INFINITY, f32::NAN, 1e-40, 1.003_906_3];
        for x in numbers(5000, 9).into_iter().chain(odd) {
            let wanted = u32::from(bf16::from_f32(x).to_bits()) << 16;
            assert_eq!(rounded(x), wanted, "{x}");
        }
    }

    #[test]
    fn every_form_multiplies_what_the_rounded_numbers_are_worth() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 33), (14, 64, 32), (131, 40, 97)] {
            let (left, right) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2));
            let bias = numbers(outputs, 3);
            let weights = Bf16::new(outputs, inputs, &right);
            let worth = |x: f32| bf16::from_f32(x).to_f64();
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let mut out = vec![f32::NAN; rows * outputs];
                Cpu::with(isa).multiply_bf16(&left, &weights, &bias, Activation::Relu, &mut out);
                for (row, column) in (0..rows).flat_map(|r| (0..outputs).map(move |c| (r, c))) {
                    let products = (0..inputs).map(|at| {
                        worth(left[row * inputs + at]) * worth(right[column * inputs + at])
                    });
                    let exact = (products.sum::<f64>() + f64::from(bias[column])).max(0.0);
                    let given = f64::from(out[row * outputs + column]);
                    assert!((given - exact).abs() < 1e-5, "{isa:?} {row} {column}");
                }
            }
        }
    }

    #[test]
    fn a_row_gives_the_same_bits_in_any_company() {
        let (inputs, outputs) = (51, 50);
        let rows = numbers(40 * inputs, 4);
        let weights = Bf16::new(outputs, inputs, &numbers(outputs * inputs, 5));
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
            let mut cpu = Cpu::with(isa);
            let mut all = vec![0.0; 40 * outputs];
            cpu.multiply_bf16(&rows, &weights, &[], Activation::Gelu, &mut all);
            for (row, together) in rows.chunks(inputs).zip(all.chunks(outputs)) {
                let mut alone = vec![0.0; outputs];
                cpu.multiply_bf16(row, &weights, &[], Activation::Gelu, &mut alone);
                assert_eq!(alone, together, "{isa:?}");
            }
        }
    }
}
