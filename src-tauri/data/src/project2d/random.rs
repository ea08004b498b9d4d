//! Random numbers that are a function of where they are used, never of which thread came first.

/// SplitMix64's finaliser (Steele, Lea & Flood 2014): spreads a counter over all 64 bits.
#[inline(always)]
pub(super) fn mix(key: u64) -> u64 {
    let mut z = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A whole number below `bound`, from 32 random bits.
#[inline(always)]
pub(super) fn below(bits: u32, bound: u32) -> u32 {
    ((u64::from(bits) * u64::from(bound)) >> 32) as u32
}

/// A number in [-1, 1) for a place in a seeded sequence.
pub(super) fn signed_unit(seed: u64, at: u64) -> f64 {
    let bits = mix(seed ^ mix(at)) >> 11;
    bits as f64 / (1_u64 << 52) as f64 - 1.0
}

/// `0..count` in seeded order (Fisher and Yates).
pub(crate) fn shuffled(count: u32, seed: u64) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count).collect();
    for last in (1..count).rev() {
        let other = below((mix(seed ^ mix(u64::from(last))) >> 32) as u32, last + 1);
        order.swap(last as usize, other as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffled_is_a_permutation_that_depends_on_the_seed() {
        let order = shuffled(1000, 7);
        assert_ne!(order, shuffled(1000, 8));
        let mut sorted = order;
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
    }

    #[test]
    fn signed_unit_covers_its_range_evenly() {
        let draws: Vec<f64> = (0..10_000).map(|at| signed_unit(3, at)).collect();
        assert!(draws.iter().all(|d| (-1.0..1.0).contains(d)));
        let mean = draws.iter().sum::<f64>() / 10_000.0;
        assert!(mean.abs() < 0.03, "{mean}");
    }
}
