//! Single-precision arithmetic that gives the same bits on every processor: eight sums side by
//! side, no fused multiply-add, powers by polynomial, whatever width the processor works in.

/// How many sums run side by side.
pub(super) const LANES: usize = 8;

/// Whether the 256-bit form of the kernels can run. Both forms give the same bits.
#[inline]
pub(super) fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("avx2")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
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

/// 2 to the power `x`, relative error below 3e-7, for -126 ≤ x ≤ 126; clamped outside.
#[inline(always)]
pub(super) fn exp2(x: f32) -> f32 {
    // Adding 1.5 · 2^23 leaves the nearest whole number in the low bits.
    const ROUND: f32 = 12_582_912.0;
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
    // Splits x so that the mantissa lies in [√½, √2), where the atanh series is short.
    const SQRT_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = bits.wrapping_sub(SQRT_HALF) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub(exponent << 23) as u32);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = (((s2 * (1.0 / 9.0) + 1.0 / 7.0) * s2 + 0.2) * s2 + 1.0 / 3.0) * s2 + 1.0;
    exponent as f32 + series * s * (2.0 * std::f32::consts::LOG2_E)
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
        }
    }

    #[test]
    fn both_widths_give_the_same_bits() {
        let row = |seed: u64| -> Vec<f32> {
            (0..56).map(|at| super::super::random::signed_unit(seed, at) as f32).collect()
        };
        for seed in 0..200 {
            let (a, b) = (row(seed), row(seed + 1000));
            assert_eq!(squared_distance(&a, &b).to_bits(), squared_distance_any(&a, &b).to_bits());
        }
    }
}
