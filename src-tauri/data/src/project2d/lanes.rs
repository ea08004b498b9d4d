//! Single-precision arithmetic that gives the same bits on every processor: eight sums side by
//! side, no fused multiply-add, powers by polynomial, whatever width the processor works in.

/// How many sums run side by side.
pub(super) const LANES: usize = 8;

/// Whether the 256-bit form of the kernels can run. All forms give the same bits.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

/// Whether the 512-bit form of the kernels can run.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(super) fn has_avx512() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
}

/// Adds the lanes in a fixed order.
#[inline(always)]
pub(super) fn sum(l: [f32; LANES]) -> f32 {
    ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

/// The squared Euclidean distance of two rows whose length is a multiple of [`LANES`].
#[inline(always)]
fn squared_distance_any(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            let difference = a[lane] - b[lane];
            lanes[lane] += difference * difference;
        }
    }
    sum(lanes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn squared_distance_avx2(a: &[f32], b: &[f32]) -> f32 {
    squared_distance_any(a, b)
}

/// The squared Euclidean distance of two padded rows.
#[inline]
pub(super) fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2.
        return unsafe { squared_distance_avx2(a, b) };
    }
    squared_distance_any(a, b)
}

/// The squared Euclidean distances of a padded row from others that lie one after the other: the
/// same bits as [`squared_distance`], four others at a time.
#[inline(always)]
fn squared_distances_any(row: &[f32], others: &[f32], squared: &mut [f32]) {
    const SIDE: usize = 4;
    let width = row.len();
    let mut blocks = others.chunks_exact(SIDE * width);
    let (out, out_rest) = squared.as_chunks_mut::<SIDE>();
    for (others, out) in blocks.by_ref().zip(out) {
        let mut sums = [[0.0_f32; LANES]; SIDE];
        for (at, a) in row.as_chunks::<LANES>().0.iter().enumerate() {
            for (side, sums) in sums.iter_mut().enumerate() {
                let b = &others.as_chunks::<LANES>().0[side * (width / LANES) + at];
                for lane in 0..LANES {
                    let difference = a[lane] - b[lane];
                    sums[lane] += difference * difference;
                }
            }
        }
        *out = sums.map(sum);
    }
    for (other, out) in blocks.remainder().chunks_exact(width).zip(out_rest) {
        *out = squared_distance_any(row, other);
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn squared_distances_avx2(row: &[f32], others: &[f32], squared: &mut [f32]) {
    squared_distances_any(row, others, squared);
}

/// The squared Euclidean distances of a padded row, not empty, from the padded rows in `others`.
#[inline]
pub(super) fn squared_distances(row: &[f32], others: &[f32], squared: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2.
        return unsafe { squared_distances_avx2(row, others, squared) };
    }
    squared_distances_any(row, others, squared);
}

#[inline(always)]
fn dot_any(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    sum(lanes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(a: &[f32], b: &[f32]) -> f32 {
    dot_any(a, b)
}

/// The inner product of two padded rows.
#[inline]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2.
        return unsafe { dot_avx2(a, b) };
    }
    dot_any(a, b)
}

/// Adding 1.5 · 2^23 leaves the nearest whole number in the low bits.
const ROUND: f32 = 12_582_912.0;
/// The bits of √½: taken off before a number is split into exponent and mantissa, it leaves the
/// mantissa in [√½, √2).
const SQRT_HALF: i32 = 0x3f35_04f3;

/// 2 to the power `x`, relative error below 3e-7, for -126 ≤ x ≤ 126; clamped outside.
#[inline(always)]
pub(super) fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    let shifted = x + ROUND;
    let fraction = (x - (shifted - ROUND)) * std::f32::consts::LN_2;
    let mut power = 1.0 / 720.0;
    for term in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        power = power * fraction + term;
    }
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32) + 127;
    power * f32::from_bits((exponent << 23) as u32)
}

/// The base-2 logarithm of a positive normal number, absolute error below 3e-7 · max(1, |log|).
#[inline(always)]
pub(super) fn log2(x: f32) -> f32 {
    // The mantissa lies in [√½, √2), where the atanh series is short.
    let bits = x.to_bits() as i32;
    let exponent = bits.wrapping_sub(SQRT_HALF) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = (((s2 * (1.0 / 9.0) + 1.0 / 7.0) * s2 + 0.2) * s2 + 1.0 / 3.0) * s2 + 1.0;
    exponent as f32 + series * s * (2.0 * std::f32::consts::LOG2_E)
}

/// `x` to the power `exponent`, relative error below 2e-4, for a positive normal `x` and an exponent
/// in (0, 0.95): a third of the work of [`log2`] and [`exp2`], with no division.
#[inline(always)]
pub(super) fn rough_power(x: f32, exponent: f32) -> f32 {
    let bits = x.to_bits() as i32;
    let whole = bits.wrapping_sub(SQRT_HALF) >> 23;
    let t = f32::from_bits(bits.wrapping_sub(whole << 23) as u32) - 1.0;
    // log2(1 + t) / t on [√½ - 1, √2 - 1), fitted for the least largest error.
    let mut series = 0.261_156;
    for term in [-0.392_458_6, 0.484_649_65, -0.720_462_6, 1.442_655_8] {
        series = series * t + term;
    }
    let power = (whole as f32 + series * t) * exponent;
    let shifted = power + ROUND;
    let fraction = power - (shifted - ROUND);
    // 2^fraction on [-½, ½], fitted in the same way.
    let mut scale = 0.056_005_72;
    for term in [0.242_639_96, 0.693_105_34, 0.999_924_5] {
        scale = scale * fraction + term;
    }
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32) + 127;
    scale * f32::from_bits((exponent << 23) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_logarithms_are_close_to_exact() {
        for step in 0..20_000 {
            let x = -100.0 + step as f32 * 0.01;
            let relative = f64::from(exp2(x)) / f64::from(x).exp2() - 1.0;
            assert!(relative.abs() < 3e-7, "exp2({x}): {relative}");
            let y = f64::from(x).exp2() as f32;
            let off = f64::from(log2(y)) - f64::from(y).log2();
            assert!(off.abs() < 3e-7 * f64::from(x.abs().max(1.0)), "log2({y}): {off}");
            let relative = f64::from(rough_power(y, 0.79)) / f64::from(y).powf(0.79) - 1.0;
            assert!(relative.abs() < 2e-4, "{y}^0.79: {relative}");
        }
    }

    #[test]
    fn both_widths_give_the_same_bits() {
        let row = |seed: u64| -> Vec<f32> {
            (0..56).map(|at| super::super::random::signed_unit(seed, at) as f32).collect()
        };
        for seed in 0..200 {
            let (a, b) = (row(seed), row(seed + 1000));
            let single = squared_distance_any(&a, &b).to_bits();
            assert_eq!(squared_distance(&a, &b).to_bits(), single);
            assert_eq!(dot(&a, &b).to_bits(), dot_any(&a, &b).to_bits());
            let others: Vec<f32> = (0..7).flat_map(|_| b.iter().copied()).collect();
            let mut many = [0.0; 7];
            squared_distances(&a, &others, &mut many);
            assert!(many.iter().all(|squared| squared.to_bits() == single));
        }
    }
}
