//! The "k" blocks of 256 numbers, whose scales are quantised themselves.

use super::blocks::{Parts, half};

/// The four numbers of 2 bits of every byte: 32 bytes hold 128 numbers, the lowest bits of all of them
/// first.
fn two_bits(bytes: &[u8], at: usize) -> i8 {
    let (half, shift, place) = (at / 128, at / 32 % 4 * 2, at % 32);
    (bytes[half * 32 + place] >> shift & 3).cast_signed()
}

pub(super) fn q2_k(block: &[u8], parts: &mut Parts) {
    let (scales, bits) = (&block[..16], &block[16..80]);
    (parts.scale, parts.least) = (half(&block[80..]), half(&block[82..]));
    parts.scales = std::array::from_fn(|at| (scales[at] & 15).cast_signed());
    parts.leasts = std::array::from_fn(|at| (scales[at] >> 4).cast_signed());
    parts.numbers = std::array::from_fn(|at| two_bits(bits, at));
}

pub(super) fn q3_k(block: &[u8], parts: &mut Parts) {
    let (high, bits, scales) = (&block[..32], &block[32..96], &block[96..108]);
    parts.scale = half(&block[108..]);
    // Sixteen of 6 bits: the low four in the nibbles of 8 bytes, the high two in 4 more.
    parts.scales = std::array::from_fn(|at| {
        let low = scales[at % 8] >> (at / 8 * 4) & 15;
        let high = scales[8 + at % 4] >> (at / 4 * 2) & 3;
        (low | high << 4).cast_signed() - 32
    });
    parts.numbers = std::array::from_fn(|at| {
        let is_high = high[at % 32] >> (at / 32) & 1 == 1;
        two_bits(bits, at) - if is_high { 0 } else { 4 }
    });
}

/// Eight scales and leasts of 6 bits in 12 bytes: of the first four as they are, of the last four the
/// low bits in nibbles and the high ones above the first four's.
fn scales_and_leasts(bytes: &[u8], parts: &mut Parts) {
    for at in 0..8 {
        let (scale, least) = if at < 4 {
            (bytes[at] & 63, bytes[at + 4] & 63)
        } else {
            let low = bytes[at + 4];
            (low & 15 | bytes[at - 4] >> 6 << 4, low >> 4 | bytes[at] >> 6 << 4)
        };
        (parts.scales[at], parts.leasts[at]) = (scale.cast_signed(), least.cast_signed());
    }
}

pub(super) fn q4_k(block: &[u8], parts: &mut Parts) {
    four_bits(block, &block[16..], &[0; 32], parts);
}

pub(super) fn q5_k(block: &[u8], parts: &mut Parts) {
    four_bits(block, &block[48..], &block[16..48], parts);
}

/// Numbers whose low four bits are nibbles: 32 bytes hold 64 of them, the low nibbles of all first. The
/// fifth bits of each 32 are one bit of all bytes of `high`.
fn four_bits(block: &[u8], low: &[u8], high: &[u8], parts: &mut Parts) {
    (parts.scale, parts.least) = (half(block), half(&block[2..]));
    scales_and_leasts(&block[4..16], parts);
    for (part, numbers) in parts.numbers.chunks_exact_mut(32).enumerate() {
        for (place, number) in numbers.iter_mut().enumerate() {
            let nibble = low[part / 2 * 32 + place] >> (part % 2 * 4) & 15;
            *number = (nibble | (high[place] >> part & 1) << 4).cast_signed();
        }
    }
}

pub(super) fn q6_k(block: &[u8], parts: &mut Parts) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    parts.scale = half(&block[208..]);
    parts.scales = std::array::from_fn(|at| scales[at].cast_signed());
    for (part, numbers) in parts.numbers.chunks_exact_mut(32).enumerate() {
        let (half, quarter) = (part / 4, part % 4);
        for (place, number) in numbers.iter_mut().enumerate() {
            let nibble = low[half * 64 + quarter % 2 * 32 + place] >> (quarter / 2 * 4) & 15;
            let above = high[half * 32 + place] >> (quarter * 2) & 3;
            *number = (nibble | above << 4).cast_signed() - 32;
        }
    }
}
