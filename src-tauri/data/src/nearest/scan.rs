//! The inner loop: how many bits of a row's sketch meet the set bits of a query's planes.

/// Rows whose words lie side by side, so that one instruction meets all of them.
pub(super) const LANES: usize = 8;
/// Bits of a number of a query.
pub(super) const PLANES: usize = 4;

/// One word of each of [`LANES`] rows.
pub(super) type Word = [u64; LANES];

/// For every row the sum of the query's numbers (0 to 15) where the row's bit is set. `codes` holds
/// [`LANES`] rows after [`LANES`] rows, each of as many words as `planes`; `planes[word][bit]` holds that
/// bit of the query's numbers of that word.
pub(super) fn sums(codes: &[Word], planes: &[[u64; PLANES]], out: &mut [[u32; LANES]]) {
    debug_assert_eq!(codes.len(), planes.len() * out.len());
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512vpopcntdq") && is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the instructions.
            return unsafe { with_avx512(codes, planes, out) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
            // SAFETY: as above.
            return unsafe { with_avx2(codes, planes, out) };
        }
    }
    plain(codes, planes, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn with_avx512(codes: &[Word], planes: &[[u64; PLANES]], out: &mut [[u32; LANES]]) {
    plain(codes, planes, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn with_avx2(codes: &[Word], planes: &[[u64; PLANES]], out: &mut [[u32; LANES]]) {
    plain(codes, planes, out);
}

#[inline(always)]
fn plain(codes: &[Word], planes: &[[u64; PLANES]], out: &mut [[u32; LANES]]) {
    for (rows, out) in codes.chunks_exact(planes.len().max(1)).zip(out) {
        let mut sums: Word = [0; LANES];
        for (word, planes) in rows.iter().zip(planes) {
            for (bit, plane) in planes.iter().enumerate() {
                for lane in 0..LANES {
                    sums[lane] += u64::from((word[lane] & plane).count_ones()) << bit;
                }
            }
        }
        *out = sums.map(|sum| sum as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hash;

    #[test]
    fn every_way_counts_the_same() {
        for words in [1, 2, 6] {
            let word = |at: usize| hash(&(at as u64).to_le_bytes());
            let planes: Vec<[u64; PLANES]> = (0..words)
                .map(|at| std::array::from_fn(|bit| word(1 << 20 | at << 8 | bit)))
                .collect();
            let codes: Vec<Word> = (0..words * 5)
                .map(|at| std::array::from_fn(|lane| word(at * LANES + lane)))
                .collect();
            let slow: Vec<[u32; LANES]> = codes
                .chunks(words)
                .map(|rows| {
                    std::array::from_fn(|lane| {
                        let number = |at: usize, place: usize| -> u32 {
                            (0..PLANES)
                                .map(|bit| ((planes[at][bit] >> place & 1) as u32) << bit)
                                .sum()
                        };
                        let set = |at: usize, place: usize| rows[at][lane] >> place & 1 == 1;
                        let places =
                            (0..words).flat_map(|at| (0..64).map(move |place| (at, place)));
                        places
                            .filter(|&(at, place)| set(at, place))
                            .map(|(at, place)| number(at, place))
                            .sum()
                    })
                })
                .collect();
            let mut out = vec![[0; LANES]; 5];
            sums(&codes, &planes, &mut out);
            assert_eq!(out, slow);
            plain(&codes, &planes, &mut out);
            assert_eq!(out, slow);
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("popcnt") {
                // SAFETY: the processor has the instructions.
                unsafe { with_avx2(&codes, &planes, &mut out) };
                assert_eq!(out, slow);
            }
        }
    }
}
