//! Without any particular instructions.

use super::bits::{Bits, LOW};
use super::{Forms, PAIRS, Part};
use crate::cpu::tile::WIDTH;

pub(in crate::cpu) const FORMS: Forms =
    Forms { few: None, widen: [widen::<4>, widen::<5>, widen::<6>, widen::<8>] };

/// Weights of a part of a panel in single precision.
///
/// # Safety
/// As [`super::Widen`].
unsafe fn widen<const BITS: u32>(steps: usize, part: Part, out: *mut f32) {
    let bits = match BITS {
        4 => Bits::Four,
        5 => Bits::Five,
        6 => Bits::Six,
        _ => Bits::Eight,
    };
    // SAFETY: what the caller promises of the pointers.
    let (codes, scales, out) = unsafe {
        (
            std::slice::from_raw_parts(part.codes, steps / 32 * bits.chunk()),
            std::slice::from_raw_parts(part.scales, ((steps / 16) >> part.shift) * PAIRS),
            std::slice::from_raw_parts_mut(out, steps * WIDTH),
        )
    };
    for (input, out) in out.chunks_exact_mut(WIDTH).enumerate() {
        let codes = &codes[input / 32 * bits.chunk()..][..bits.chunk()];
        let (scales, leasts) =
            scales[((input / 16) >> part.shift) * PAIRS..][..PAIRS].split_at(WIDTH);
        for (column, out) in out.iter_mut().enumerate() {
            let code = code_of::<BITS>(codes, input % 32, column) - part.offset;
            *out = scales[column] * code as f32 - leasts[column];
        }
    }
}

/// A number as it is written in a chunk.
fn code_of<const BITS: u32>(chunk: &[u8], input: usize, column: usize) -> i32 {
    if BITS == 8 {
        return chunk[input * WIDTH + column].cast_signed().into();
    }
    let word = |from: usize| {
        let at = from + 4 * column;
        u32::from_le_bytes([chunk[at], chunk[at + 1], chunk[at + 2], chunk[at + 3]])
    };
    let low = word(input / 8 * 4 * WIDTH) >> (4 * (input % 8)) & 15;
    let high = match BITS {
        5 => word(LOW) >> input & 1,
        6 => word(LOW + input / 16 * 4 * WIDTH) >> (2 * (input % 16)) & 3,
        _ => 0,
    };
    (low | high << 4).cast_signed()
}
