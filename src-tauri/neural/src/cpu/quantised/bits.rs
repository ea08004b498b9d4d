//! How the numbers of 32 inputs and [`WIDTH`] outputs lie side by side.
//!
//! Of numbers of 4 to 6 bits, the low four of eight inputs are a word of 32 bits for every output, the
//! first input's lowest; four times that. What is above them follows: one bit of all 32 inputs in a word
//! for every output, or two bits of 16 inputs, twice. Numbers of 8 bits are bytes with a sign, input by
//! input.

use crate::cpu::tile::WIDTH;
use crate::weights::gguf::Blocks;

/// Bits of a number as it is kept. Kinds of fewer are kept in four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bits {
    Four,
    Five,
    Six,
    Eight,
}

/// How weights of a kind are kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    pub(super) bits: Bits,
    /// What is added to a number so that none is below nought; bytes have a sign instead.
    pub(super) offset: i32,
    pub(super) has_leasts: bool,
}

/// Bytes of the low four bits of a chunk.
pub(super) const LOW: usize = 32 * WIDTH / 2;

impl Bits {
    /// Bytes of the numbers of 32 inputs of a panel.
    pub(super) const fn chunk(self) -> usize {
        match self {
            Self::Four => LOW,
            Self::Five => LOW + 4 * WIDTH,
            Self::Six => LOW + 8 * WIDTH,
            Self::Eight => 32 * WIDTH,
        }
    }
}

impl Form {
    pub(super) fn of(kind: Blocks) -> Self {
        let (bits, offset, has_leasts) = match kind {
            Blocks::Q4_0 => (Bits::Four, 8, false),
            Blocks::Q3K => (Bits::Four, 4, false),
            Blocks::Q4_1 | Blocks::Q2K | Blocks::Q4K => (Bits::Four, 0, true),
            Blocks::Q5_0 => (Bits::Five, 16, false),
            Blocks::Q5_1 | Blocks::Q5K => (Bits::Five, 0, true),
            Blocks::Q6K => (Bits::Six, 32, false),
            Blocks::Q8_0 => (Bits::Eight, 0, false),
        };
        Self { bits, offset, has_leasts }
    }

    /// Puts the numbers of 32 inputs of one output into their places in a chunk.
    pub(super) fn put(self, numbers: &[i8], column: usize, chunk: &mut [u8]) {
        if self.bits == Bits::Eight {
            for (place, &number) in chunk[column..].iter_mut().step_by(WIDTH).zip(numbers) {
                *place = number.cast_unsigned();
            }
            return;
        }
        let mut high = [0_u32; 2];
        for (octet, numbers) in numbers.chunks_exact(8).enumerate() {
            let mut low = 0;
            for (at, &number) in numbers.iter().enumerate() {
                let code = (i32::from(number) + self.offset).cast_unsigned();
                low |= (code & 15) << (4 * at);
                let input = 8 * octet + at;
                match self.bits {
                    Bits::Five => high[0] |= (code >> 4) << input,
                    _ => high[input / 16] |= (code >> 4) << (2 * (input % 16)),
                }
            }
            word(chunk, 4 * octet * WIDTH + 4 * column).copy_from_slice(&low.to_le_bytes());
        }
        for (at, high) in high.iter().take((self.bits.chunk() - LOW) / (4 * WIDTH)).enumerate() {
            word(chunk, LOW + 4 * at * WIDTH + 4 * column).copy_from_slice(&high.to_le_bytes());
        }
    }
}

fn word(chunk: &mut [u8], at: usize) -> &mut [u8] {
    &mut chunk[at..at + 4]
}
