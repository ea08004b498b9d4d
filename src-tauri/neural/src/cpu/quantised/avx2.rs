//! With AVX2: half of a panel's outputs in two registers, then the other half.

use std::arch::x86_64::*;

use super::bits::LOW;
use super::{Forms, PAIRS, Part};
use crate::cpu::tile::WIDTH;

pub(in crate::cpu) const FORMS: Forms = Forms {
    few: Some([few::<4>, few::<5>, few::<6>, few::<8>]),
    widen: [widen::<4>, widen::<5>, widen::<6>, widen::<8>],
};

/// # Safety
/// As [`super::Few`].
unsafe fn few<const BITS: u32>(
    steps: usize,
    rows: usize,
    a: *const f32,
    part: Part,
    out: *mut f32,
) {
    for from in [0, WIDTH / 2] {
        // SAFETY: what the caller promises.
        unsafe {
            match rows {
                1 => rows_of::<BITS, 1>(steps, a, part, out, from),
                2 => rows_of::<BITS, 2>(steps, a, part, out, from),
                3 => rows_of::<BITS, 3>(steps, a, part, out, from),
                4 => rows_of::<BITS, 4>(steps, a, part, out, from),
                _ => unreachable!("{rows} rows are not few"),
            }
        }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn rows_of<const BITS: u32, const ROWS: usize>(
    steps: usize,
    a: *const f32,
    part: Part,
    out: *mut f32,
    from: usize,
) {
    let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
    for (row, sums) in sums.iter_mut().enumerate() {
        // SAFETY: within the bounds that the caller promises.
        *sums = unsafe { pair(out.add(row * WIDTH + from)) };
    }
    // SAFETY: what the caller promises of the part; its steps are those of `a`.
    unsafe {
        each::<BITS>(steps, part, from, |step, weights| {
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm256_set1_ps(*a.add(step * ROWS + row));
                sums[0] = _mm256_fmadd_ps(a, weights[0], sums[0]);
                sums[1] = _mm256_fmadd_ps(a, weights[1], sums[1]);
            }
        });
    }
    for (row, [left, right]) in sums.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe {
            _mm256_storeu_ps(out.add(row * WIDTH + from), left);
            _mm256_storeu_ps(out.add(row * WIDTH + from + 8), right);
        }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn widen<const BITS: u32>(steps: usize, part: Part, out: *mut f32) {
    for from in [0, WIDTH / 2] {
        // SAFETY: what the caller promises of the part and the room.
        unsafe {
            each::<BITS>(steps, part, from, |step, [left, right]| {
                _mm256_storeu_ps(out.add(step * WIDTH + from), left);
                _mm256_storeu_ps(out.add(step * WIDTH + from + 8), right);
            });
        }
    }
}

/// Two registers of numbers.
///
/// # Safety
/// `from` holds sixteen of them.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn pair(from: *const f32) -> [__m256; 2] {
    // SAFETY: what the caller promises.
    unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
}

/// Two registers of words.
///
/// # Safety
/// `from` holds sixteen of them.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn words(from: *const u8) -> [__m256i; 2] {
    // SAFETY: what the caller promises.
    unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())] }
}

/// Hands the weights of every input for half of the outputs, those from `from` on, to `take`, in order.
///
/// # Safety
/// As [`super::Widen`] says of the part; `from` is 0 or 16.
#[target_feature(enable = "avx2,fma")]
#[inline]
unsafe fn each<const BITS: u32>(
    steps: usize,
    part: Part,
    from: usize,
    mut take: impl FnMut(usize, [__m256; 2]),
) {
    let chunk = LOW + (BITS as usize - 4) * 4 * WIDTH;
    let offset = _mm256_set1_epi32(part.offset);
    for half in 0..steps / 16 {
        // SAFETY: within the part.
        let (codes, [scale, least]) = unsafe {
            let scales = part.scales.add((half >> part.shift) * PAIRS + from);
            (part.codes.add(half / 2 * chunk), [pair(scales), pair(scales.add(WIDTH))])
        };
        let mut put = |step: usize, numbers: [__m256i; 2]| {
            let weight = |side: usize| {
                let scaled = _mm256_mul_ps(scale[side], _mm256_cvtepi32_ps(numbers[side]));
                if BITS < 6 { _mm256_sub_ps(scaled, least[side]) } else { scaled }
            };
            take(half * 16 + step, [weight(0), weight(1)]);
        };
        if BITS == 8 {
            for at in 0..16 {
                // SAFETY: within the part.
                let bytes = unsafe {
                    let from = codes.add((half % 2 * 16 + at) * WIDTH + from);
                    [_mm_loadl_epi64(from.cast()), _mm_loadl_epi64(from.add(8).cast())]
                };
                put(at, bytes.map(|bytes| _mm256_cvtepi8_epi32(bytes)));
            }
            continue;
        }
        let mut high = [_mm256_setzero_si256(); 2];
        if BITS > 4 {
            // SAFETY: within the part.
            high = unsafe {
                words(codes.add(LOW + if BITS == 6 { half % 2 * 4 * WIDTH } else { 0 } + 4 * from))
            };
            if BITS == 5 && half % 2 == 1 {
                high = high.map(|high| _mm256_srli_epi32::<16>(high));
            }
        }
        for octet in 0..2 {
            // SAFETY: within the part.
            let mut low =
                unsafe { words(codes.add((half % 2 * 2 + octet) * 4 * WIDTH + 4 * from)) };
            for at in 0..8 {
                let number = |side: usize| {
                    let mut code = _mm256_and_si256(low[side], _mm256_set1_epi32(15));
                    if BITS > 4 {
                        let above = if BITS == 5 { 1 } else { 3 };
                        let above = _mm256_and_si256(high[side], _mm256_set1_epi32(above));
                        code = _mm256_or_si256(code, _mm256_slli_epi32::<4>(above));
                    }
                    _mm256_sub_epi32(code, offset)
                };
                put(octet * 8 + at, [number(0), number(1)]);
                low = low.map(|low| _mm256_srli_epi32::<4>(low));
                high = high.map(|high| {
                    if BITS == 5 {
                        _mm256_srli_epi32::<1>(high)
                    } else {
                        _mm256_srli_epi32::<2>(high)
                    }
                });
            }
        }
    }
}
