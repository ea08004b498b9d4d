//! The "k" blocks of 256 numbers, whose scales are quantised themselves.

use super::blocks::half;

/// The four numbers of 2 bits of every byte: 32 bytes hold 128 numbers, the lowest bits of all of them
/// first.
fn two_bits(bytes: &[u8], at: usize) -> u8 {
    let (half, shift, place) = (at / 128, at / 32 % 4 * 2, at % 32);
    bytes[half * 32 + place] >> shift & 3
}

pub(super) fn q2_k(block: &[u8], out: &mut [f32]) {
    let (scales, bits) = (&block[..16], &block[16..80]);
    let (scale, least) = (half(&block[80..]), half(&block[82..]));
    for (at, out) in out.iter_mut().enumerate() {
        let both = scales[at / 16];
        let (scale, least) = (scale * f32::from(both & 15), least * f32::from(both >> 4));
        *out = scale * f32::from(two_bits(bits, at)) - least;
    }
}

pub(super) fn q3_k(block: &[u8], out: &mut [f32]) {
    let (high, bits, scales) = (&block[..32], &block[32..96], &block[96..108]);
    let scale = half(&block[108..]);
    // Sixteen of 6 bits: the low four in the nibbles of 8 bytes, the high two in 4 more.
    let scales: [f32; 16] = std::array::from_fn(|at| {
        let low = scales[at % 8] >> (at / 8 * 4) & 15;
        let high = scales[8 + at % 4] >> (at / 4 * 2) & 3;
        scale * (f32::from(low | high << 4) - 32.0)
    });
    for (at, out) in out.iter_mut().enumerate() {
        let is_high = high[at % 32] >> (at / 32) & 1 == 1;
        let number = f32::from(two_bits(bits, at)) - if is_high { 0.0 } else { 4.0 };
        *out = scales[at / 16] * number;
    }
}

/// Eight scales and leasts of 6 bits in 12 bytes: of the first four as they are, of the last four the
/// low bits in nibbles and the high ones above the first four's.
fn scales_and_leasts(bytes: &[u8]) -> [(f32, f32); 8] {
    std::array::from_fn(|at| {
        let (scale, least) = if at < 4 {
            (bytes[at] & 63, bytes[at + 4] & 63)
        } else {
            let low = bytes[at + 4];
            (low & 15 | bytes[at - 4] >> 6 << 4, low >> 4 | bytes[at] >> 6 << 4)
        };
        (f32::from(scale), f32::from(least))
    })
}

pub(super) fn q4_k(block: &[u8], out: &mut [f32]) {
    four_bits(block, &block[16..], &[0; 32], out);
}

pub(super) fn q5_k(block: &[u8], out: &mut [f32]) {
    four_bits(block, &block[48..], &block[16..48], out);
}

/// Numbers whose low four bits are nibbles: 32 bytes hold 64 of them, the low nibbles of all first. The
/// fifth bits of each 32 are one bit of all bytes of `high`.
fn four_bits(block: &[u8], low: &[u8], high: &[u8], out: &mut [f32]) {
    let (scale, least) = (half(block), half(&block[2..]));
    let both = scales_and_leasts(&block[4..16]);
    for (part, (out, (a, b))) in out.chunks_exact_mut(32).zip(both).enumerate() {
        let (scale, least) = (scale * a, least * b);
        for (place, out) in out.iter_mut().enumerate() {
            let nibble = low[part / 2 * 32 + place] >> (part % 2 * 4) & 15;
            let number = nibble | (high[place] >> part & 1) << 4;
            *out = scale * f32::from(number) - least;
        }
    }
}

pub(super) fn q6_k(block: &[u8], out: &mut [f32]) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let scale = half(&block[208..]);
    for (part, out) in out.chunks_exact_mut(32).enumerate() {
        let (half, quarter) = (part / 4, part % 4);
        for (place, out) in out.iter_mut().enumerate() {
            let nibble = low[half * 64 + quarter % 2 * 32 + place] >> (quarter / 2 * 4) & 15;
            let above = high[half * 32 + place] >> (quarter * 2) & 3;
            let scale = scale * f32::from(scales[part * 2 + place / 16].cast_signed());
            *out = scale * (f32::from(nibble | above << 4) - 32.0);
        }
    }
}
