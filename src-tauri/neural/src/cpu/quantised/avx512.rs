//! With AVX-512: all outputs of a panel in two registers.

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
    // SAFETY: what the caller promises.
    unsafe {
        match rows {
            1 => rows_of::<BITS, 1>(steps, a, part, out),
            2 => rows_of::<BITS, 2>(steps, a, part, out),
            3 => rows_of::<BITS, 3>(steps, a, part, out),
            4 => rows_of::<BITS, 4>(steps, a, part, out),
            _ => unreachable!("{rows} rows are not few"),
        }
    }
}

#[target_feature(enable = "avx512f")]
unsafe fn rows_of<const BITS: u32, const ROWS: usize>(
    steps: usize,
    a: *const f32,
    part: Part,
    out: *mut f32,
) {
    let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
    for (row, sums) in sums.iter_mut().enumerate() {
        // SAFETY: within the bounds that the caller promises.
        *sums = unsafe { pair(out.add(row * WIDTH)) };
    }
    // SAFETY: what the caller promises of the part; its steps are those of `a`.
    unsafe {
        each::<BITS>(steps, part, |step, weights| {
            for (row, sums) in sums.iter_mut().enumerate() {
                let a = _mm512_set1_ps(*a.add(step * ROWS + row));
                sums[0] = _mm512_fmadd_ps(a, weights[0], sums[0]);
                sums[1] = _mm512_fmadd_ps(a, weights[1], sums[1]);
            }
        });
    }
    for (row, [left, right]) in sums.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe {
            _mm512_storeu_ps(out.add(row * WIDTH), left);
            _mm512_storeu_ps(out.add(row * WIDTH + 16), right);
        }
    }
}

#[target_feature(enable = "avx512f")]
unsafe fn widen<const BITS: u32>(steps: usize, part: Part, out: *mut f32) {
    // SAFETY: what the caller promises of the part and the room.
    unsafe {
        each::<BITS>(steps, part, |step, [left, right]| {
            _mm512_storeu_ps(out.add(step * WIDTH), left);
            _mm512_storeu_ps(out.add(step * WIDTH + 16), right);
        });
    }
}

/// Two registers of numbers.
///
/// # Safety
/// `from` holds [`WIDTH`] of them.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn pair(from: *const f32) -> [__m512; 2] {
    // SAFETY: what the caller promises.
    unsafe { [_mm512_loadu_ps(from), _mm512_loadu_ps(from.add(16))] }
}

/// Two registers of words.
///
/// # Safety
/// `from` holds [`WIDTH`] words.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn words(from: *const u8) -> [__m512i; 2] {
    // SAFETY: what the caller promises.
    unsafe { [_mm512_loadu_si512(from.cast()), _mm512_loadu_si512(from.add(2 * WIDTH).cast())] }
}

/// Hands the weights of every input to `take`, in order.
///
/// # Safety
/// As [`super::Widen`] says of the part.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn each<const BITS: u32>(
    steps: usize,
    part: Part,
    mut take: impl FnMut(usize, [__m512; 2]),
) {
    let chunk = LOW + (BITS as usize - 4) * 4 * WIDTH;
    let offset = _mm512_set1_epi32(part.offset);
    // What the numbers of 4 and 5 bits are worth.
    let first = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let worth = [first, _mm512_add_epi32(first, _mm512_set1_epi32(16))]
        .map(|codes| _mm512_cvtepi32_ps(_mm512_sub_epi32(codes, offset)));
    for half in 0..steps / 16 {
        // SAFETY: within the part.
        let (codes, [scale, least]) = unsafe {
            let scales = part.scales.add((half >> part.shift) * PAIRS);
            (part.codes.add(half / 2 * chunk), [pair(scales), pair(scales.add(WIDTH))])
        };
        let mut put = |step: usize, numbers: [__m512; 2]| {
            let weight = |side: usize| {
                let scaled = _mm512_mul_ps(scale[side], numbers[side]);
                if BITS < 6 { _mm512_sub_ps(scaled, least[side]) } else { scaled }
            };
            take(half * 16 + step, [weight(0), weight(1)]);
        };
        if BITS == 8 {
            for at in 0..16 {
                // SAFETY: within the part.
                let bytes = unsafe {
                    let from = codes.add((half % 2 * 16 + at) * WIDTH);
                    [_mm_loadu_si128(from.cast()), _mm_loadu_si128(from.add(16).cast())]
                };
                put(at, bytes.map(|bytes| _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes))));
            }
            continue;
        }
        // What is above the low four bits, turned to where it belongs.
        let mut high = [_mm512_setzero_si512(); 2];
        if BITS > 4 {
            // SAFETY: within the part.
            let found =
                unsafe { words(codes.add(LOW + if BITS == 6 { half % 2 * 4 * WIDTH } else { 0 })) };
            let second = BITS == 5 && half % 2 == 1;
            high = found.map(|high| {
                if second { _mm512_ror_epi32::<12>(high) } else { _mm512_rol_epi32::<4>(high) }
            });
        }
        for octet in 0..2 {
            // SAFETY: within the part.
            let mut low = unsafe { words(codes.add((half % 2 * 2 + octet) * 4 * WIDTH)) };
            for at in 0..8 {
                let number = |side: usize| {
                    // The low four bits of one, the others of the other.
                    let both = _mm512_ternarylogic_epi32::<0xE4>(
                        low[side],
                        high[side],
                        _mm512_set1_epi32(15),
                    );
                    match BITS {
                        4 => _mm512_permutexvar_ps(low[side], worth[0]),
                        5 => _mm512_permutex2var_ps(worth[0], both, worth[1]),
                        _ => {
                            let code = _mm512_and_si512(both, _mm512_set1_epi32(63));
                            _mm512_cvtepi32_ps(_mm512_sub_epi32(code, offset))
                        }
                    }
                };
                put(octet * 8 + at, [number(0), number(1)]);
                low = low.map(|low| _mm512_srli_epi32::<4>(low));
                high = high.map(|high| {
                    if BITS == 5 {
                        _mm512_ror_epi32::<1>(high)
                    } else {
                        _mm512_ror_epi32::<2>(high)
                    }
                });
            }
        }
    }
}
