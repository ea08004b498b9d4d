//! The heart of a product: a few rows against [`WIDTH`] columns, all sums kept in registers.

/// Columns of a tile, and of a panel of packed weights.
pub(super) const WIDTH: usize = 32;
/// Most rows of a tile.
pub(super) const HEIGHT: usize = 14;

/// Sums of products: `out[row][column] += Σ a[step][row] · b[step][column]`, in the order of the steps
/// whatever the number of rows, so that a row's result does not depend on its neighbours.
///
/// # Safety
/// `a` holds `steps × rows` numbers, `b` `steps × WIDTH`, `out` `rows × WIDTH`;
/// `rows` lies in 1..=[`HEIGHT`], and the processor has the instructions.
pub(super) type Tile =
    unsafe fn(steps: usize, rows: usize, a: *const f32, b: *const f32, out: *mut f32);

/// The same for weights of 16 bits, which are widened as they are read: what few rows are multiplied with
/// is read once, and need not be written anywhere.
///
/// # Safety
/// As [`Tile`].
pub(super) type Narrow =
    unsafe fn(steps: usize, rows: usize, a: *const f32, b: *const u16, out: *mut f32);

/// Calls `$tile::<rows>` for a number of rows that is known only now.
macro_rules! by_rows {
    ($tile:ident, $rows:expr, $arguments:tt, [$($n:literal)*]) => {
        match $rows {
            $($n => by_rows!(@ $tile::<$n>, $arguments),)*
            _ => unreachable!("a tile of {} rows", $rows),
        }
    };
    (@ $tile:expr, ($($argument:expr),*)) => { $tile($($argument),*) };
}
pub(super) use by_rows;

/// Without any particular instructions.
///
/// # Safety
/// As [`Tile`].
pub(super) unsafe fn plain(steps: usize, rows: usize, a: *const f32, b: *const f32, out: *mut f32) {
    // SAFETY: what the caller promises of the pointers.
    let (a, b, out) = unsafe {
        (
            std::slice::from_raw_parts(a, steps * rows),
            std::slice::from_raw_parts(b, steps * WIDTH),
            std::slice::from_raw_parts_mut(out, rows * WIDTH),
        )
    };
    for (row, out) in out.chunks_exact_mut(WIDTH).enumerate() {
        let mut sums = [0.0_f32; WIDTH];
        sums.copy_from_slice(out);
        for (a, b) in a.chunks_exact(rows).zip(b.as_chunks::<WIDTH>().0) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum += a[row] * b;
            }
        }
        out.copy_from_slice(&sums);
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::WIDTH;

    /// Two registers of sums a row, all rows at once.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn rows_avx512<const ROWS: usize>(
        steps: usize,
        a: *const f32,
        b: *const f32,
        out: *mut f32,
    ) {
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: within the bounds that the caller promises.
            *sums = unsafe {
                [_mm512_loadu_ps(out.add(row * WIDTH)), _mm512_loadu_ps(out.add(row * WIDTH + 16))]
            };
        }
        for step in 0..steps {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let left = _mm512_loadu_ps(b.add(step * WIDTH));
                let right = _mm512_loadu_ps(b.add(step * WIDTH + 16));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let a = _mm512_set1_ps(*a.add(step * ROWS + row));
                    sums[0] = _mm512_fmadd_ps(a, left, sums[0]);
                    sums[1] = _mm512_fmadd_ps(a, right, sums[1]);
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                _mm512_storeu_ps(out.add(row * WIDTH), sums[0]);
                _mm512_storeu_ps(out.add(row * WIDTH + 16), sums[1]);
            }
        }
    }

    /// Sixteen numbers of 16 bits as they are in 32: the upper halves, or IEEE 754's.
    ///
    /// # Safety
    /// `from` holds sixteen numbers.
    #[target_feature(enable = "avx512f")]
    #[inline]
    unsafe fn wide_avx512<const IEEE: bool>(from: *const u16) -> __m512 {
        // SAFETY: what the caller promises.
        let numbers = unsafe { _mm256_loadu_si256(from.cast()) };
        if IEEE {
            _mm512_cvtph_ps(numbers)
        } else {
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(_mm512_cvtepu16_epi32(numbers)))
        }
    }

    /// [`rows_avx512`] for weights of 16 bits.
    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn narrow_avx512<const ROWS: usize, const IEEE: bool>(
        steps: usize,
        a: *const f32,
        b: *const u16,
        out: *mut f32,
    ) {
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        for step in 0..steps {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let left = wide_avx512::<IEEE>(b.add(step * WIDTH));
                let right = wide_avx512::<IEEE>(b.add(step * WIDTH + 16));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let a = _mm512_set1_ps(*a.add(step * ROWS + row));
                    sums[0] = _mm512_fmadd_ps(a, left, sums[0]);
                    sums[1] = _mm512_fmadd_ps(a, right, sums[1]);
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                _mm512_storeu_ps(out.add(row * WIDTH), sums[0]);
                _mm512_storeu_ps(out.add(row * WIDTH + 16), sums[1]);
            }
        }
    }

    /// Eight numbers of 16 bits as they are in 32.
    ///
    /// # Safety
    /// `from` holds eight numbers.
    #[target_feature(enable = "avx2,f16c")]
    #[inline]
    unsafe fn wide_avx2<const IEEE: bool>(from: *const u16) -> __m256 {
        // SAFETY: what the caller promises.
        let numbers = unsafe { _mm_loadu_si128(from.cast()) };
        if IEEE {
            _mm256_cvtph_ps(numbers)
        } else {
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(numbers)))
        }
    }

    /// All columns of a panel against one row; four registers of sums, and as many of weights.
    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) unsafe fn narrow_avx2<const IEEE: bool>(
        steps: usize,
        height: usize,
        a: *const f32,
        b: *const u16,
        out: *mut f32,
    ) {
        let mut sums = [_mm256_setzero_ps(); 4];
        for step in 0..steps {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let a = _mm256_set1_ps(*a.add(step * height));
                for (at, sum) in sums.iter_mut().enumerate() {
                    let weights = wide_avx2::<IEEE>(b.add(step * WIDTH + at * 8));
                    *sum = _mm256_fmadd_ps(a, weights, *sum);
                }
            }
        }
        for (at, sum) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe { _mm256_storeu_ps(out.add(at * 8), sum) };
        }
    }

    /// Half a panel of columns, six rows or fewer: as much as sixteen registers hold.
    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn rows_avx2<const ROWS: usize>(
        steps: usize,
        height: usize,
        a: *const f32,
        b: *const f32,
        out: *mut f32,
    ) {
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: within the bounds that the caller promises.
            *sums = unsafe {
                [_mm256_loadu_ps(out.add(row * WIDTH)), _mm256_loadu_ps(out.add(row * WIDTH + 8))]
            };
        }
        for step in 0..steps {
            // SAFETY: within the bounds that the caller promises.
            unsafe {
                let left = _mm256_loadu_ps(b.add(step * WIDTH));
                let right = _mm256_loadu_ps(b.add(step * WIDTH + 8));
                for (row, sums) in sums.iter_mut().enumerate() {
                    let a = _mm256_set1_ps(*a.add(step * height + row));
                    sums[0] = _mm256_fmadd_ps(a, left, sums[0]);
                    sums[1] = _mm256_fmadd_ps(a, right, sums[1]);
                }
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            // SAFETY: as above.
            unsafe {
                _mm256_storeu_ps(out.add(row * WIDTH), sums[0]);
                _mm256_storeu_ps(out.add(row * WIDTH + 8), sums[1]);
            }
        }
    }
}

/// With AVX-512.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn avx512(
    steps: usize,
    rows: usize,
    a: *const f32,
    b: *const f32,
    out: *mut f32,
) {
    use x86::rows_avx512;
    // SAFETY: what the caller promises.
    unsafe { by_rows!(rows_avx512, rows, (steps, a, b, out), [1 2 3 4 5 6 7 8 9 10 11 12 13 14]) }
}

/// With AVX2 and FMA.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn avx2(steps: usize, rows: usize, a: *const f32, b: *const f32, out: *mut f32) {
    use x86::rows_avx2;
    const ROWS: usize = 6;
    for from in (0..rows).step_by(ROWS) {
        for half in [0, WIDTH / 2] {
            // SAFETY: what the caller promises; `from` and `half` lie inside the tile.
            unsafe {
                let (a, b, out) = (a.add(from), b.add(half), out.add(from * WIDTH + half));
                by_rows!(rows_avx2, (rows - from).min(ROWS), (steps, rows, a, b, out), [1 2 3 4 5 6]);
            }
        }
    }
}

/// With AVX-512, for weights of 16 bits; `IEEE` as [`x86::wide_avx512`] has it. Sums begin at nought.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn narrow_avx512<const IEEE: bool>(
    steps: usize,
    rows: usize,
    a: *const f32,
    b: *const u16,
    out: *mut f32,
) {
    use x86::narrow_avx512 as narrow;
    macro_rules! with {
        ($($rows:literal)*) => {
            match rows {
                // SAFETY: what the caller promises.
                $($rows => unsafe { narrow::<$rows, IEEE>(steps, a, b, out) },)*
                _ => unreachable!("a tile of {rows} rows"),
            }
        };
    }
    with!(1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// With AVX2, for weights of 16 bits, row by row.
///
/// # Safety
/// As [`Tile`].
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn narrow_avx2<const IEEE: bool>(
    steps: usize,
    rows: usize,
    a: *const f32,
    b: *const u16,
    out: *mut f32,
) {
    for row in 0..rows {
        // SAFETY: what the caller promises; `row` lies inside the tile.
        unsafe { x86::narrow_avx2::<IEEE>(steps, rows, a.add(row), b, out.add(row * WIDTH)) };
    }
}
