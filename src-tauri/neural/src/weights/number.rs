//! Kinds of numbers, as they lie in a file.

use half::{bf16, f16};

use super::gguf::Blocks;

/// How a number that models work with is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// 32 bits.
    F32,
    /// 16 bits, IEEE 754.
    F16,
    /// The first 16 bits of an [`Self::F32`].
    Bf16,
    /// 64 bits.
    F64,
}

impl Number {
    /// Bytes of one.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Reads little-endian numbers; `out` has room for as many as `bytes` hold.
    fn read(self, bytes: &[u8], out: &mut [f32]) {
        match self {
            Self::F32 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    *out = f32::from_le_bytes(*bytes);
                }
            }
            Self::F16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = f16::from_le_bytes(*bytes).to_f32();
                }
            }
            Self::Bf16 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<2>().0) {
                    *out = bf16::from_le_bytes(*bytes).to_f32();
                }
            }
            Self::F64 => {
                for (out, bytes) in out.iter_mut().zip(bytes.as_chunks::<8>().0) {
                    *out = f64::from_le_bytes(*bytes) as f32;
                }
            }
        }
    }
}

impl Number {
    /// Numbers as they are written, little-endian, rounded to the nearest.
    pub(crate) fn written(self, numbers: &[f32]) -> Vec<u8> {
        match self {
            Self::F32 => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Self::F16 => numbers.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(),
            Self::Bf16 => numbers.iter().flat_map(|&x| bf16::from_f32(x).to_le_bytes()).collect(),
            Self::F64 => numbers.iter().flat_map(|&x| f64::from(x).to_le_bytes()).collect(),
        }
    }
}

/// How a tensor's elements are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Numbers that models work with.
    Number(Number),
    /// Quantised numbers.
    Blocks(Blocks),
    /// Anything else, under the name that safetensors has for it: `I64`, `BOOL`.
    Other(String),
}

impl Kind {
    /// The kind of this name in safetensors.
    pub(super) fn named(name: &str) -> Self {
        Self::Number(match name {
            "F32" => Number::F32,
            "F16" => Number::F16,
            "BF16" => Number::Bf16,
            "F64" => Number::F64,
            _ => return Self::Other(name.to_owned()),
        })
    }

    /// Its name in safetensors or GGML.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Number(Number::F32) => "F32",
            Self::Number(Number::F16) => "F16",
            Self::Number(Number::Bf16) => "BF16",
            Self::Number(Number::F64) => "F64",
            Self::Blocks(blocks) => blocks.name(),
            Self::Other(name) => name,
        }
    }

    /// Elements that are written together, and the bytes they take; nothing for kinds not known here.
    #[must_use]
    pub fn block(&self) -> Option<(usize, usize)> {
        let bytes = match self {
            Self::Number(number) => number.bytes(),
            Self::Blocks(blocks) => return Some(blocks.size()),
            Self::Other(name) => match name.as_str() {
                "BOOL" | "U8" | "I8" | "F8_E4M3" | "F8_E5M2" | "F8_E8M0" => 1,
                "U16" | "I16" => 2,
                "U32" | "I32" => 4,
                "U64" | "I64" | "C64" => 8,
                _ => return None,
            },
        };
        Some((1, bytes))
    }

    /// Bytes of a tensor of this shape, whose last dimension must be made of whole blocks.
    pub(super) fn bytes_of(&self, shape: &[usize]) -> Option<u64> {
        let (elements, bytes) = self.block()?;
        let (&width, outer) = shape.split_last().unwrap_or((&1, &[]));
        let row = (width.is_multiple_of(elements)).then(|| (width / elements) as u64)?;
        outer
            .iter()
            .try_fold(row.checked_mul(bytes as u64)?, |sum, &many| sum.checked_mul(many as u64))
    }

    /// Whether [`Self::read`] can.
    pub(crate) fn is_read(&self) -> bool {
        !matches!(self, Self::Other(_))
    }

    /// Reads whole blocks; `out` has room for as many elements as `bytes` hold. What is no number is
    /// not read.
    pub(super) fn read(&self, bytes: &[u8], out: &mut [f32]) {
        match self {
            Self::Number(number) => number.read(bytes, out),
            Self::Blocks(blocks) => blocks.read(bytes, out),
            Self::Other(_) => {}
        }
    }
}
