//! Products in bytes: weights rounded once, rows as they are packed, both in groups of [`GROUP`] inputs
//! with a scale of their own; products within a group are exact sums of integers.
//!
//! One scale for a whole row is not enough: a row has few numbers far larger than the others, in weights
//! (the queries' and keys' above all) as in activations, and the others lose their digits to them.
//! Activations also have a nought of their own, because what comes out of a GELU lies on one side.

use super::packed::{GROUP as ROWS, finish};
use super::tile::{HEIGHT, WIDTH, by_rows};
use super::{Activation, Cpu};

/// Inputs that share a scale.
const GROUP: usize = 32;
/// Bytes of one step of a product.
const BYTES: usize = 4;
/// Steps of a group.
const STEPS: usize = GROUP / BYTES;

/// One side of a product, in words of [`BYTES`] inputs, and with a scale and an offset for every group.
///
/// Of the rows that go in, words lie step by step, those of all rows side by side; scales and offsets lie row
/// by row, an offset is minus the byte that stands for nought. Of the weights all lie group by group (words:
/// step by step), those of a panel's [`WIDTH`] outputs side by side; an offset is the sum of its group's bytes.
#[derive(Clone, Copy)]
pub(super) struct Side {
    words: *const u32,
    scales: *const f32,
    offsets: *const i32,
}

/// Sums of products: `out[row][column] = Σ scales · (Σ a · b + a's offset · Σ b)` over all groups, in their
/// order whatever the number of rows.
///
/// # Safety
/// Both sides hold `groups` groups, of `rows` rows and [`WIDTH`] columns, `out` `rows × WIDTH` numbers;
/// `rows` lies in 1..=[`HEIGHT`], and the processor has the instructions.
pub(super) type Tile = unsafe fn(groups: usize, rows: usize, a: Side, b: Side, out: *mut f32);

/// A row in bytes, four to a word, with the scale and the offset of every group.
#[inline(always)]
pub(super) fn quantise<const FUSED: bool>(
    row: &[f32],
    words: &mut [f32],
    scales: &mut [f32],
    offsets: &mut [i32],
) {
    // Added to a number not above 2^22 it leaves a whole number in the lowest bits, rounded.
    const ROUND: f32 = 12_582_912.0;
    let groups = row.chunks(GROUP).zip(words.as_chunks_mut::<STEPS>().0);
    for ((some, words), (scale, offset)) in groups.zip(scales.iter_mut().zip(offsets)) {
        let mut group = [0.0; GROUP];
        group[..some.len()].copy_from_slice(some);
        let least = group.iter().fold(0.0_f32, |least, &x| if x < least { x } else { least });
        let most = group.iter().fold(0.0_f32, |most, &x| if x > most { x } else { most });
        *scale = (most - least) / 255.0;
        let by = if *scale > 0.0 { 1.0 / *scale } else { 0.0 };
        let shift = ROUND + (-least * by).round_ties_even();
        *offset = ROUND.to_bits() as i32 - shift.to_bits() as i32;
        let mut bytes = [0; GROUP];
        for (byte, x) in bytes.iter_mut().zip(group) {
            *byte = (x * by + shift).clamp(ROUND, ROUND + 255.0).to_bits() as u8;
        }
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<BYTES>().0) {
            *word = f32::from_bits(u32::from_le_bytes(*bytes));
        }
    }
}

/// The weights of a linear map in bytes, in panels of [`WIDTH`] outputs.
#[derive(Debug, Clone)]
pub struct Int8 {
    outputs: usize,
    inputs: usize,
    words: Vec<u32>,
    scales: Vec<f32>,
    sums: Vec<i32>,
}

impl Int8 {
    /// Packs `weights`, which hold `outputs` rows of `inputs` numbers, as PyTorch's `nn.Linear` does.
    ///
    /// # Panics
    /// When there are not `outputs × inputs` weights.
    #[must_use]
    pub fn new(outputs: usize, inputs: usize, weights: &[f32]) -> Self {
        assert_eq!(weights.len(), outputs * inputs, "weights of a linear map");
        let groups = inputs.div_ceil(GROUP);
        let all = outputs.div_ceil(WIDTH) * WIDTH * groups;
        let (mut words, mut scales, mut sums) =
            (vec![0; all * STEPS], vec![0.0; all], vec![0; all]);
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            for (at, group) in row.chunks(GROUP).enumerate() {
                let scale = group.iter().fold(0.0_f32, |most, x| most.max(x.abs())) / 127.0;
                let by = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                let whole = |x: &f32| (x * by).round_ties_even() as i8;
                // Where this group of this output begins, in steps.
                let place = (output / WIDTH * groups + at) * WIDTH + output % WIDTH;
                scales[place] = scale;
                sums[place] = group.iter().map(|x| i32::from(whole(x))).sum();
                let first = (output / WIDTH * groups + at) * STEPS * WIDTH + output % WIDTH;
                for (step, some) in group.chunks(BYTES).enumerate() {
                    let mut bytes = [0; BYTES];
                    bytes.iter_mut().zip(some).for_each(|(byte, x)| *byte = whole(x) as u8);
                    words[first + step * WIDTH] = u32::from_le_bytes(bytes);
                }
            }
        }
        Self { outputs, inputs, words, scales, sums }
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

    /// The groups of a row.
    fn groups(&self) -> usize {
        self.inputs.div_ceil(GROUP)
    }

    fn panel(&self, at: usize) -> Side {
        let from = at * WIDTH * self.groups();
        Side {
            words: self.words[from * STEPS..].as_ptr(),
            scales: self.scales[from..].as_ptr(),
            offsets: self.sums[from..].as_ptr(),
        }
    }
}

impl Cpu {
    /// `out = activation(rows · weightsᵀ + bias)` in bytes; the rest is as [`Cpu::multiply`] has it.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn multiply_int8(
        &mut self,
        rows: &[f32],
        weights: &Int8,
        bias: &[f32],
        activation: Activation,
        out: &mut [f32],
    ) {
        let (inputs, outputs, groups) = (weights.inputs, weights.outputs, weights.groups());
        assert_eq!(rows.len() % inputs, 0, "rows of {inputs}");
        assert_eq!(out.len(), rows.len() / inputs * outputs, "rows of {outputs}");
        assert!(bias.is_empty() || bias.len() == outputs, "a bias of {outputs}");
        let quantise = self.kernels.quantise;
        let (mut scales, mut offsets) =
            (std::mem::take(&mut self.wide), std::mem::take(&mut self.offsets));
        for (rows, out) in rows.chunks(ROWS * inputs).zip(out.chunks_mut(ROWS * outputs)) {
            let count = rows.len() / inputs;
            scales.resize(count * groups, 0.0);
            offsets.resize(count * groups, 0);
            self.take_in(rows, inputs, groups * STEPS, |at, row, words| {
                let some = at * groups..(at + 1) * groups;
                // SAFETY: `Kernels::of` made sure of the instructions.
                unsafe { quantise(row, words, &mut scales[some.clone()], &mut offsets[some]) };
            });
            for at in 0..outputs.div_ceil(WIDTH) {
                let columns = at * WIDTH..outputs.min((at + 1) * WIDTH);
                let bias = bias.get(columns.clone()).unwrap_or_default();
                for (block, out) in out.chunks_mut(HEIGHT * outputs).enumerate() {
                    let (first, count) = (block * HEIGHT, out.len() / outputs);
                    let left = Side {
                        words: self.left[first * groups * STEPS..].as_ptr().cast(),
                        scales: scales[first * groups..].as_ptr(),
                        offsets: offsets[first * groups..].as_ptr(),
                    };
                    let mut sums = [0.0; HEIGHT * WIDTH];
                    // SAFETY: `count` rows and a panel of as many groups, room for the sums; and
                    // `Kernels::of` made sure of the instructions.
                    unsafe {
                        (self.kernels.int8)(
                            groups,
                            count,
                            left,
                            weights.panel(at),
                            sums.as_mut_ptr(),
                        );
                    }
                    finish(&self.kernels, &sums, (bias, activation), out, outputs, &columns);
                }
            }
        }
        (self.wide, self.offsets) = (scales, offsets);
    }
}

/// Without any particular instructions.
///
/// # Safety
/// As [`Tile`].
pub(super) unsafe fn plain(groups: usize, rows: usize, a: Side, b: Side, out: *mut f32) {
    for (row, column) in (0..rows).flat_map(|row| (0..WIDTH).map(move |column| (row, column))) {
        let mut total = 0.0;
        for group in 0..groups {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let (at, beside) = (row * groups + group, group * WIDTH + column);
                let mut sum = *a.offsets.add(at) * *b.offsets.add(beside);
                for step in group * STEPS..(group + 1) * STEPS {
                    let a = (*a.words.add(step * rows + row)).to_le_bytes();
                    let b = (*b.words.add(step * WIDTH + column)).to_le_bytes();
                    for (a, b) in a.into_iter().zip(b) {
                        sum += i32::from(a) * i32::from(b as i8);
                    }
                }
                total += *a.scales.add(at) * *b.scales.add(beside) * sum as f32;
            }
        }
        // SAFETY: as above.
        unsafe { *out.add(row * WIDTH + column) = total };
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{STEPS, Side, WIDTH};

    /// Two registers of integers a row and two of sums, seven rows or fewer.
    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) unsafe fn rows_vnni<const ROWS: usize>(
        groups: usize,
        rows: usize,
        first: usize,
        (a, b): (Side, Side),
        out: *mut f32,
    ) {
        let mut totals = [[_mm512_setzero_ps(); 2]; ROWS];
        for group in 0..groups {
            let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let offsets = b.offsets.add(group * WIDTH);
                let offsets = [
                    _mm512_loadu_si512(offsets.cast()),
                    _mm512_loadu_si512(offsets.add(16).cast()),
                ];
                for (row, sums) in sums.iter_mut().enumerate() {
                    let below = _mm512_set1_epi32(*a.offsets.add((first + row) * groups + group));
                    *sums = offsets.map(|offset| _mm512_mullo_epi32(below, offset));
                }
                for step in group * STEPS..(group + 1) * STEPS {
                    let left = _mm512_loadu_si512(b.words.add(step * WIDTH).cast());
                    let right = _mm512_loadu_si512(b.words.add(step * WIDTH + 16).cast());
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let a = _mm512_set1_epi32(*a.words.add(step * rows + first + row) as i32);
                        sums[0] = _mm512_dpbusd_epi32(sums[0], a, left);
                        sums[1] = _mm512_dpbusd_epi32(sums[1], a, right);
                    }
                }
                let scales = b.scales.add(group * WIDTH);
                let scales = [_mm512_loadu_ps(scales), _mm512_loadu_ps(scales.add(16))];
                for (row, (totals, sums)) in totals.iter_mut().zip(sums).enumerate() {
                    let scale = _mm512_set1_ps(*a.scales.add((first + row) * groups + group));
                    for ((total, sum), scales) in totals.iter_mut().zip(sums).zip(scales) {
                        let scales = _mm512_mul_ps(scale, scales);
                        *total = _mm512_fmadd_ps(scales, _mm512_cvtepi32_ps(sum), *total);
                    }
                }
            }
        }
        for (row, totals) in totals.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                let out = out.add((first + row) * WIDTH);
                _mm512_storeu_ps(out, totals[0]);
                _mm512_storeu_ps(out.add(16), totals[1]);
            }
        }
    }

    /// One row against all columns. Bytes become numbers of 16 bits, the even ones and the odd ones
    /// apart, whose products in pairs cannot overflow.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn row_avx2(
        groups: usize,
        rows: usize,
        row: usize,
        (a, b): (Side, Side),
        out: *mut f32,
    ) {
        let mut totals = [_mm256_setzero_ps(); 4];
        for group in 0..groups {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let at = row * groups + group;
                let below = _mm256_set1_epi32(*a.offsets.add(at));
                let mut sums: [_; 4] = std::array::from_fn(|part| {
                    let offsets = b.offsets.add(group * WIDTH + part * 8);
                    _mm256_mullo_epi32(below, _mm256_loadu_si256(offsets.cast()))
                });
                for step in group * STEPS..(group + 1) * STEPS {
                    let a = _mm256_set1_epi32(*a.words.add(step * rows + row) as i32);
                    let odd = _mm256_srli_epi16::<8>(a);
                    let even = _mm256_and_si256(a, _mm256_set1_epi16(0xFF));
                    for (part, sum) in sums.iter_mut().enumerate() {
                        let b = _mm256_loadu_si256(b.words.add(step * WIDTH + part * 8).cast());
                        let odds = _mm256_srai_epi16::<8>(b);
                        let evens = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(b));
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(odd, odds));
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(even, evens));
                    }
                }
                let scale = _mm256_set1_ps(*a.scales.add(at));
                for (part, (total, sum)) in totals.iter_mut().zip(sums).enumerate() {
                    let scales = _mm256_loadu_ps(b.scales.add(group * WIDTH + part * 8));
                    let scales = _mm256_mul_ps(scale, scales);
                    *total = _mm256_fmadd_ps(scales, _mm256_cvtepi32_ps(sum), *total);
                }
            }
        }
        for (part, total) in totals.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { _mm256_storeu_ps(out.add(row * WIDTH + part * 8), total) };
        }
    }
}

/// The best of AVX-512 that this processor has: with VNNI, or what AVX2 has, whose sums are the same.
#[cfg(target_arch = "x86_64")]
pub(super) fn avx512() -> Tile {
    if is_x86_feature_detected!("avx512vnni") { vnni } else { avx2 }
}

/// With AVX-512 and VNNI.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
unsafe fn vnni(groups: usize, rows: usize, a: Side, b: Side, out: *mut f32) {
    use x86::rows_vnni;
    const ROWS: usize = 7;
    for first in (0..rows).step_by(ROWS) {
        let some = (rows - first).min(ROWS);
        // SAFETY: what the caller promises; `first` and those after it are among the rows.
        unsafe { by_rows!(rows_vnni, some, (groups, rows, first, (a, b), out), [1 2 3 4 5 6 7]) }
    }
}

/// With AVX2 and FMA, row by row.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn avx2(groups: usize, rows: usize, a: Side, b: Side, out: *mut f32) {
    for row in 0..rows {
        // SAFETY: what the caller promises; `row` is one of them.
        unsafe { x86::row_avx2(groups, rows, row, (a, b), out) };
    }
}

#[cfg(test)]
mod tests {
    use super::super::Isa;
    use super::*;

    /// Numbers between -1 and 1 that look like nothing in particular, a few of them far larger.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = |at: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let large = if at % 61 == 7 { 20.0 } else { 1.0 };
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * large
        };
        (0..count).map(&mut next).collect()
    }

    /// What a group's bytes are worth.
    fn worth(group: &[f32]) -> Vec<f64> {
        let (mut words, mut scales, mut offsets) = ([0.0; STEPS], [0.0], [0]);
        quantise::<false>(group, &mut words, &mut scales, &mut offsets);
        let bytes = words.iter().flat_map(|word| word.to_bits().to_le_bytes());
        bytes.map(|byte| f64::from(i32::from(byte) + offsets[0]) * f64::from(scales[0])).collect()
    }

    #[test]
    fn bytes_are_worth_the_numbers_within_half_a_step() {
        let mut groups: Vec<Vec<f32>> = (0..200).map(|seed| numbers(GROUP, seed)).collect();
        groups.extend([vec![0.0; GROUP], vec![3.0; 5], vec![-1e-30, 1e-30], vec![-2.0; GROUP]]);
        for group in groups {
            let range = group.iter().fold(0.0_f32, |most, x| most.max(*x))
                - group.iter().fold(0.0_f32, |least, x| least.min(*x));
            for (worth, x) in worth(&group).into_iter().zip(&group) {
                // Where the nought is rounded too, both ends lose half a step.
                assert!((worth - f64::from(*x)).abs() <= f64::from(range) / 254.0, "{x} {worth}");
            }
        }
    }

    #[test]
    fn every_form_multiplies_what_the_bytes_are_worth() {
        for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 33), (14, 64, 32), (131, 100, 97)] {
            let (left, right) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2));
            let bias = numbers(outputs, 3);
            let weights = Int8::new(outputs, inputs, &right);
            let mut results = Vec::new();
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let mut out = vec![f32::NAN; rows * outputs];
                Cpu::with(isa).multiply_int8(&left, &weights, &bias, Activation::None, &mut out);
                for (row, column) in (0..rows).flat_map(|r| (0..outputs).map(move |c| (r, c))) {
                    let a = left[row * inputs..][..inputs].chunks(GROUP).flat_map(worth_of_some);
                    let b = right[column * inputs..][..inputs].chunks(GROUP).flat_map(|group| {
                        let scale = group.iter().fold(0.0_f32, |most, x| most.max(x.abs())) / 127.0;
                        let whole = move |x: &f32| (x * (1.0 / scale)).round_ties_even();
                        group.iter().map(move |x| f64::from(whole(x)) * f64::from(scale))
                    });
                    let exact = a.zip(b).map(|(a, b)| a * b).sum::<f64>() + f64::from(bias[column]);
                    let given = f64::from(out[row * outputs + column]);
                    assert!(
                        (given - exact).abs() < 1e-3,
                        "{isa:?} {row} {column}: {given} {exact}"
                    );
                }
                if isa > Isa::Plain {
                    results.push(out);
                }
            }
            // The integers are the same, and so is what is fused: not a bit differs.
            assert!(results.windows(2).all(|two| two[0] == two[1]), "{rows} {inputs} {outputs}");
        }
    }

    fn worth_of_some(group: &[f32]) -> Vec<f64> {
        worth(group)[..group.len()].to_vec()
    }

    #[test]
    fn the_largest_sums_are_exact_in_every_form() {
        let left = vec![5.0; 3 * GROUP];
        for sign in [1.0, -1.0] {
            let weights = Int8::new(WIDTH, 3 * GROUP, &vec![sign * 127.0; 3 * GROUP * WIDTH]);
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let mut out = vec![0.0; WIDTH];
                Cpu::with(isa).multiply_int8(&left, &weights, &[], Activation::None, &mut out);
                let exact = sign * 5.0 * 127.0 * 3.0 * GROUP as f32;
                assert!(out.iter().all(|x| (x / exact - 1.0).abs() < 1e-6), "{isa:?} {out:?}");
            }
        }
    }

    #[test]
    fn a_row_gives_the_same_bits_in_any_company() {
        let (inputs, outputs) = (51, 50);
        let rows = numbers(40 * inputs, 4);
        let weights = Int8::new(outputs, inputs, &numbers(outputs * inputs, 5));
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
            let mut cpu = Cpu::with(isa);
            let mut all = vec![0.0; 40 * outputs];
            cpu.multiply_int8(&rows, &weights, &[], Activation::Gelu, &mut all);
            for (row, together) in rows.chunks(inputs).zip(all.chunks(outputs)) {
                let mut alone = vec![0.0; outputs];
                cpu.multiply_int8(row, &weights, &[], Activation::Gelu, &mut alone);
                assert_eq!(alone, together, "{isa:?}");
            }
        }
    }
}
