//! Blocks of quantised numbers (`block_*` in `ggml-common.h`, `dequantize_row_*` in `ggml-quants.c`).

use half::f16;

use super::k_blocks;

/// How numbers are quantised: so many of them share their scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(non_camel_case_types)]
pub enum Blocks {
    /// 32 numbers of 4 bits with a scale.
    Q4_0,
    /// 32 numbers of 4 bits with a scale and a least.
    Q4_1,
    /// 32 numbers of 5 bits with a scale.
    Q5_0,
    /// 32 numbers of 5 bits with a scale and a least.
    Q5_1,
    /// 32 numbers of 8 bits with a scale.
    Q8_0,
    /// 256 numbers of 2 bits; every 16 have a scale and a least of 4 bits.
    Q2K,
    /// 256 numbers of 3 bits; every 16 have a scale of 6 bits.
    Q3K,
    /// 256 numbers of 4 bits; every 32 have a scale and a least of 6 bits.
    Q4K,
    /// 256 numbers of 5 bits; every 32 have a scale and a least of 6 bits.
    Q5K,
    /// 256 numbers of 6 bits; every 16 have a scale of 8 bits.
    Q6K,
}

impl Blocks {
    /// As GGML calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q2K => "Q2_K",
            Self::Q3K => "Q3_K",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// Numbers of a block, and its bytes.
    #[must_use]
    pub fn size(self) -> (usize, usize) {
        match self {
            Self::Q4_0 => (32, 18),
            Self::Q4_1 => (32, 20),
            Self::Q5_0 => (32, 22),
            Self::Q5_1 => (32, 24),
            Self::Q8_0 => (32, 34),
            Self::Q2K => (256, 84),
            Self::Q3K => (256, 110),
            Self::Q4K => (256, 144),
            Self::Q5K => (256, 176),
            Self::Q6K => (256, 210),
        }
    }

    /// What whole blocks stand for; `out` has room for their numbers.
    pub fn read(self, bytes: &[u8], out: &mut [f32]) {
        let (numbers, size) = self.size();
        let read = match self {
            Self::Q4_0 => q4_0,
            Self::Q4_1 => q4_1,
            Self::Q5_0 => q5_0,
            Self::Q5_1 => q5_1,
            Self::Q8_0 => q8_0,
            Self::Q2K => k_blocks::q2_k,
            Self::Q3K => k_blocks::q3_k,
            Self::Q4K => k_blocks::q4_k,
            Self::Q5K => k_blocks::q5_k,
            Self::Q6K => k_blocks::q6_k,
        };
        for (block, out) in bytes.chunks_exact(size).zip(out.chunks_exact_mut(numbers)) {
            read(block, out);
        }
    }
}

/// A number of 16 bits at the beginning of `bytes`.
pub(super) fn half(bytes: &[u8]) -> f32 {
    f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
}

fn q4_0(block: &[u8], out: &mut [f32]) {
    let (scale, bits) = (half(block), &block[2..]);
    let (low, high) = out.split_at_mut(16);
    for (&bits, (low, high)) in bits.iter().zip(low.iter_mut().zip(high)) {
        *low = scale * (f32::from(bits & 15) - 8.0);
        *high = scale * (f32::from(bits >> 4) - 8.0);
    }
}

fn q4_1(block: &[u8], out: &mut [f32]) {
    let (scale, least, bits) = (half(block), half(&block[2..]), &block[4..]);
    let (low, high) = out.split_at_mut(16);
    for (&bits, (low, high)) in bits.iter().zip(low.iter_mut().zip(high)) {
        *low = scale * f32::from(bits & 15) + least;
        *high = scale * f32::from(bits >> 4) + least;
    }
}

/// Numbers of 5 bits: the low four in order of nibbles, the highest in a word of 32.
fn five_bits(high: &[u8], low: &[u8]) -> [u8; 32] {
    std::array::from_fn(|at| {
        let nibble = if at < 16 { low[at] & 15 } else { low[at - 16] >> 4 };
        nibble | (high[at / 8] >> (at % 8) & 1) << 4
    })
}

fn q5_0(block: &[u8], out: &mut [f32]) {
    let (scale, numbers) = (half(block), five_bits(&block[2..6], &block[6..]));
    for (out, number) in out.iter_mut().zip(numbers) {
        *out = scale * (f32::from(number) - 16.0);
    }
}

fn q5_1(block: &[u8], out: &mut [f32]) {
    let (scale, least) = (half(block), half(&block[2..]));
    for (out, number) in out.iter_mut().zip(five_bits(&block[4..8], &block[8..])) {
        *out = scale * f32::from(number) + least;
    }
}

fn q8_0(block: &[u8], out: &mut [f32]) {
    let scale = half(block);
    for (out, &number) in out.iter_mut().zip(&block[2..]) {
        *out = scale * f32::from(number.cast_signed());
    }
}
