//! Blocks of quantised numbers (`block_*` in `ggml-common.h`, `dequantize_row_*` in `ggml-quants.c`).
//!
//! Whatever the kind, a number is `scale · scales[part] · number − least · leasts[part]`: two numbers of
//! 16 bits for the block, two small whole ones for each part of it, and a small whole one.

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

    /// Numbers that share a small scale.
    #[must_use]
    pub fn group(self) -> usize {
        match self {
            Self::Q2K | Self::Q3K | Self::Q6K => 16,
            _ => 32,
        }
    }

    /// What whole blocks stand for; `out` has room for their numbers.
    pub fn read(self, bytes: &[u8], out: &mut [f32]) {
        let ((numbers, size), group) = (self.size(), self.group());
        for (block, out) in bytes.chunks_exact(size).zip(out.chunks_exact_mut(numbers)) {
            let parts = self.parts(block);
            let [scale, least] =
                [parts.scale, parts.least].map(|bits| f16::from_bits(bits).to_f32());
            for (at, out) in out.chunks_exact_mut(group).enumerate() {
                let scale = scale * f32::from(parts.scales[at]);
                let least = least * f32::from(parts.leasts[at]);
                for (out, &number) in out.iter_mut().zip(&parts.numbers[at * group..]) {
                    *out = scale * f32::from(number) - least;
                }
            }
        }
    }

    /// A block taken apart, which `bytes` begin with.
    pub(crate) fn parts(self, bytes: &[u8]) -> Parts {
        let mut parts = Parts::default();
        match self {
            Self::Q4_0 => q4_0(bytes, &mut parts),
            Self::Q4_1 => q4_1(bytes, &mut parts),
            Self::Q5_0 => q5_0(bytes, &mut parts),
            Self::Q5_1 => q5_1(bytes, &mut parts),
            Self::Q8_0 => q8_0(bytes, &mut parts),
            Self::Q2K => k_blocks::q2_k(bytes, &mut parts),
            Self::Q3K => k_blocks::q3_k(bytes, &mut parts),
            Self::Q4K => k_blocks::q4_k(bytes, &mut parts),
            Self::Q5K => k_blocks::q5_k(bytes, &mut parts),
            Self::Q6K => k_blocks::q6_k(bytes, &mut parts),
        }
        parts
    }
}

/// Most numbers of a block.
const MOST: usize = 256;

/// What a block is made of.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    /// Of the whole block, IEEE 754's 16 bits.
    pub(crate) scale: u16,
    /// The same.
    pub(crate) least: u16,
    /// Of every group; 1 where a block is one.
    pub(crate) scales: [i8; MOST / 16],
    /// The same.
    pub(crate) leasts: [i8; MOST / 16],
    /// As many as the kind has; the others are 0.
    pub(crate) numbers: [i8; MOST],
}

impl Default for Parts {
    fn default() -> Self {
        Self { scale: 0, least: 0, scales: [1; 16], leasts: [1; 16], numbers: [0; MOST] }
    }
}

/// The bits of a number of 16 at the beginning of `bytes`.
pub(super) fn half(bytes: &[u8]) -> u16 {
    u16::from_le_bytes([bytes[0], bytes[1]])
}

/// The same number below nought: some kinds add their least, where others take it away.
fn added(bits: u16) -> u16 {
    bits ^ 0x8000
}

/// Numbers of 4 bits: 16 bytes hold 32 of them, the low nibbles of all first.
fn four_bits(bytes: &[u8], offset: i8, numbers: &mut [i8]) {
    for (at, &both) in bytes[..16].iter().enumerate() {
        numbers[at] = (both & 15).cast_signed() - offset;
        numbers[at + 16] = (both >> 4).cast_signed() - offset;
    }
}

/// Numbers of 5 bits: the low four in order of nibbles, the highest in a word of 32.
fn five_bits(high: &[u8], low: &[u8], offset: i8, numbers: &mut [i8]) {
    four_bits(low, offset, numbers);
    for (at, number) in numbers[..32].iter_mut().enumerate() {
        *number += ((high[at / 8] >> (at % 8) & 1) << 4).cast_signed();
    }
}

fn q4_0(block: &[u8], parts: &mut Parts) {
    parts.scale = half(block);
    four_bits(&block[2..], 8, &mut parts.numbers);
}

fn q4_1(block: &[u8], parts: &mut Parts) {
    (parts.scale, parts.least) = (half(block), added(half(&block[2..])));
    four_bits(&block[4..], 0, &mut parts.numbers);
}

fn q5_0(block: &[u8], parts: &mut Parts) {
    parts.scale = half(block);
    five_bits(&block[2..6], &block[6..], 16, &mut parts.numbers);
}

fn q5_1(block: &[u8], parts: &mut Parts) {
    (parts.scale, parts.least) = (half(block), added(half(&block[2..])));
    five_bits(&block[4..8], &block[8..], 0, &mut parts.numbers);
}

fn q8_0(block: &[u8], parts: &mut Parts) {
    parts.scale = half(block);
    for (number, &byte) in parts.numbers.iter_mut().zip(&block[2..34]) {
        *number = byte.cast_signed();
    }
}
