//! Rows into columns: the left side of a product as its kernel reads it.

use std::ops::Range;

use super::tile::WIDTH;

/// Numbers of a row turned at a time.
const NEAR: usize = 8;
/// Numbers beyond the end that may be written to.
pub(super) const SPARE: usize = 2 * NEAR;

/// Turns `count` rows of which `width` numbers matter, `stride` apart, into columns of `count`.
///
/// # Safety
/// `rows` holds `count` such rows, `count` lies in 1..=2 × `NEAR`, `out` has room for `width × count`
/// and [`SPARE`] numbers more, and the processor has the instructions.
pub(super) type Turn =
    unsafe fn(rows: &[f32], stride: usize, width: usize, count: usize, out: &mut [f32]);

/// Without any particular instructions.
///
/// # Safety
/// None needed; see [`Turn`].
pub(super) unsafe fn plain(
    rows: &[f32],
    stride: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    turn_from(0, rows, stride, width, count, out);
}

/// The columns from `from` on, number by number.
fn turn_from(
    from: usize,
    rows: &[f32],
    stride: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    for row in 0..count {
        let numbers = &rows[row * stride..][from..width];
        for (at, &number) in (from..width).zip(numbers) {
            out[at * count + row] = number;
        }
    }
}

/// With AVX: blocks of eight by eight. What a column of fewer rows has too many numbers is overwritten by
/// the next one's, or lies beyond the end.
///
/// # Safety
/// As [`Turn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
pub(super) unsafe fn avx(rows: &[f32], stride: usize, width: usize, count: usize, out: &mut [f32]) {
    use std::arch::x86_64::{_mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps};
    // For one row there is nothing to turn.
    let whole = if count > 1 { width / NEAR * NEAR } else { 0 };
    for from in (0..whole).step_by(NEAR) {
        let mut first = [_mm256_setzero_ps(); NEAR];
        let mut second = first;
        for row in 0..count {
            let numbers = &rows[row * stride + from..][..NEAR];
            // SAFETY: eight numbers.
            let numbers = unsafe { _mm256_loadu_ps(numbers.as_ptr()) };
            if row < NEAR { first[row] = numbers } else { second[row - NEAR] = numbers }
        }
        let (first, second) = (turned(first), turned(second));
        let columns = &mut out[from * count..][..NEAR * count + SPARE];
        for (at, (first, second)) in first.into_iter().zip(second).enumerate() {
            let column = &mut columns[at * count..][..2 * NEAR];
            // SAFETY: sixteen numbers.
            unsafe {
                _mm256_storeu_ps(column.as_mut_ptr(), first);
                _mm256_storeu_ps(column.as_mut_ptr().add(NEAR), second);
            }
        }
    }
    turn_from(whole, rows, stride, width, count, out);
}

/// Turns up to [`WIDTH`] rows of which `width` numbers matter, `stride` apart, into columns of [`WIDTH`]:
/// a panel of weights. Columns that get no number keep what they had.
///
/// # Safety
/// `rows` holds `count` such rows, `count` is at most [`WIDTH`], `out` has room for `width × WIDTH`, and the
/// processor has the instructions.
pub(super) type Panel =
    unsafe fn(rows: &[f32], stride: usize, width: usize, count: usize, out: &mut [f32]);

/// [`Panel`] without any particular instructions.
///
/// # Safety
/// None needed; see [`Panel`].
pub(super) unsafe fn plain_panel(
    rows: &[f32],
    stride: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    panel_from(0, rows, stride, width, 0..count, out);
}

/// The columns from `from` on, number by number.
fn panel_from(
    from: usize,
    rows: &[f32],
    stride: usize,
    width: usize,
    some: Range<usize>,
    out: &mut [f32],
) {
    for row in some {
        let numbers = &rows[row * stride..][from..width];
        for (column, &number) in out[from * WIDTH..].chunks_exact_mut(WIDTH).zip(numbers) {
            column[row] = number;
        }
    }
}

/// [`Panel`] with AVX: blocks of eight by eight.
///
/// # Safety
/// As [`Panel`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
pub(super) unsafe fn avx_panel(
    rows: &[f32],
    stride: usize,
    width: usize,
    count: usize,
    out: &mut [f32],
) {
    use std::arch::x86_64::{_mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps};
    let (whole, blocks) = (width / NEAR * NEAR, count / NEAR * NEAR);
    for first in (0..blocks).step_by(NEAR) {
        for from in (0..whole).step_by(NEAR) {
            let mut block = [_mm256_setzero_ps(); NEAR];
            for (at, row) in block.iter_mut().enumerate() {
                let numbers = &rows[(first + at) * stride + from..][..NEAR];
                // SAFETY: eight numbers.
                *row = unsafe { _mm256_loadu_ps(numbers.as_ptr()) };
            }
            for (at, column) in turned(block).into_iter().enumerate() {
                let place = &mut out[(from + at) * WIDTH + first..][..NEAR];
                // SAFETY: eight numbers.
                unsafe { _mm256_storeu_ps(place.as_mut_ptr(), column) };
            }
        }
    }
    panel_from(whole, rows, stride, width, 0..blocks, out);
    panel_from(0, rows, stride, width, blocks..count, out);
}

/// Eight rows of eight numbers as eight columns.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx")]
#[inline]
fn turned(r: [std::arch::x86_64::__m256; 8]) -> [std::arch::x86_64::__m256; 8] {
    use std::arch::x86_64::{
        _mm256_permute2f128_ps as halves, _mm256_shuffle_ps as pairs, _mm256_unpackhi_ps as high,
        _mm256_unpacklo_ps as low,
    };
    const FIRST: i32 = 0b01_00_01_00;
    const LAST: i32 = 0b11_10_11_10;
    let by_two = [
        low(r[0], r[1]),
        high(r[0], r[1]),
        low(r[2], r[3]),
        high(r[2], r[3]),
        low(r[4], r[5]),
        high(r[4], r[5]),
        low(r[6], r[7]),
        high(r[6], r[7]),
    ];
    let by_four = [
        pairs::<FIRST>(by_two[0], by_two[2]),
        pairs::<LAST>(by_two[0], by_two[2]),
        pairs::<FIRST>(by_two[1], by_two[3]),
        pairs::<LAST>(by_two[1], by_two[3]),
        pairs::<FIRST>(by_two[4], by_two[6]),
        pairs::<LAST>(by_two[4], by_two[6]),
        pairs::<FIRST>(by_two[5], by_two[7]),
        pairs::<LAST>(by_two[5], by_two[7]),
    ];
    std::array::from_fn(|at| {
        let (upper, lower) = (by_four[at % 4], by_four[at % 4 + 4]);
        if at < 4 { halves::<0x20>(upper, lower) } else { halves::<0x31>(upper, lower) }
    })
}

#[cfg(test)]
mod tests {
    use super::super::isa::Isa;
    use super::super::tile::HEIGHT;
    use super::*;

    #[test]
    fn every_form_of_a_panel_has_every_number_in_its_place() {
        let forms: [(Panel, Isa); 2] = [(plain_panel, Isa::Plain), (avx_panel, Isa::Avx2)];
        for (turn, isa) in forms.into_iter().filter(|(_, isa)| isa.is_here()) {
            for (count, width) in [(1, 3), (8, 8), (11, 33), (WIDTH, 16), (WIDTH, 21)] {
                let stride = width + 3;
                let rows: Vec<f32> = (0..count * stride).map(|x| x as f32).collect();
                let mut out = vec![-1.0; width * WIDTH];
                // SAFETY: the processor has the instructions, and there is room.
                unsafe { turn(&rows, stride, width, count, &mut out) };
                for (at, column) in out.chunks(WIDTH).enumerate() {
                    for (row, &number) in column.iter().enumerate() {
                        let right = if row < count { rows[row * stride + at] } else { -1.0 };
                        assert_eq!(number, right, "{isa:?} {count} {width}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_form_turns_every_number_to_its_place() {
        let forms: [(Turn, Isa); 2] = [(plain, Isa::Plain), (avx, Isa::Avx2)];
        for (turn, isa) in forms.into_iter().filter(|(_, isa)| isa.is_here()) {
            for (count, width) in
                [(1, 3), (2, 16), (5, 20), (8, 9), (11, 33), (HEIGHT, 8), (HEIGHT, 37)]
            {
                let stride = width + 3;
                let rows: Vec<f32> = (0..count * stride).map(|x| x as f32).collect();
                let mut out = vec![-1.0; width * count + SPARE];
                // SAFETY: the processor has the instructions, and there is room.
                unsafe { turn(&rows, stride, width, count, &mut out) };
                for (at, column) in out[..width * count].chunks(count).enumerate() {
                    for (row, &number) in column.iter().enumerate() {
                        assert_eq!(number, rows[row * stride + at], "{isa:?} {count} {width}");
                    }
                }
            }
        }
    }
}
