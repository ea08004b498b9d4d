//! Eight numbers at a time, on whatever vector instructions the processor has.
//!
//! Every instruction set multiplies and adds in the same order without fusing, so that results are
//! the same bits on all of them.

/// Numbers in a group.
pub(super) const LANES: usize = 8;

/// One number for each vector of a group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[repr(C, align(64))]
pub(super) struct Lanes(pub(super) [f64; LANES]);

/// A set of vector instructions. A value of it proves that the processor has them, which is what
/// makes the methods safe.
pub(super) trait Instructions: Copy {
    /// Eight numbers in registers.
    type Vector: Copy;
    fn splat(self, value: f64) -> Self::Vector;
    fn load(self, from: &Lanes) -> Self::Vector;
    fn store(self, vector: Self::Vector) -> Lanes;
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// One bit for each lane, lane 0 lowest: whether `a < b` there.
    fn less(self, a: Self::Vector, b: Self::Vector) -> u32;
    /// The least of the eight.
    fn least(self, vector: Self::Vector) -> f64;
}

/// Work that is compiled once for each set of instructions.
pub(super) trait Kernel {
    type Output;
    /// Must be `#[inline(always)]`, to be compiled for the instructions of its caller.
    fn run<I: Instructions>(self, instructions: I) -> Self::Output;
}

/// Runs `kernel` on the best instructions that the processor has.
pub(super) fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::with_avx512(kernel) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the feature.
            return unsafe { x86::with_avx2(kernel) };
        }
    }
    kernel.run(Plain)
}

/// No vector instructions but those the compiler finds by itself.
#[derive(Clone, Copy)]
struct Plain;

fn each(f: impl Fn(usize) -> f64) -> Lanes {
    Lanes(std::array::from_fn(f))
}

impl Instructions for Plain {
    type Vector = Lanes;
    fn splat(self, value: f64) -> Lanes {
        Lanes([value; LANES])
    }
    fn load(self, from: &Lanes) -> Lanes {
        *from
    }
    fn store(self, vector: Lanes) -> Lanes {
        vector
    }
    fn add(self, a: Lanes, b: Lanes) -> Lanes {
        each(|i| a.0[i] + b.0[i])
    }
    fn sub(self, a: Lanes, b: Lanes) -> Lanes {
        each(|i| a.0[i] - b.0[i])
    }
    fn mul(self, a: Lanes, b: Lanes) -> Lanes {
        each(|i| a.0[i] * b.0[i])
    }
    fn div(self, a: Lanes, b: Lanes) -> Lanes {
        each(|i| a.0[i] / b.0[i])
    }
    fn min(self, a: Lanes, b: Lanes) -> Lanes {
        each(|i| if a.0[i] < b.0[i] { a.0[i] } else { b.0[i] })
    }
    fn less(self, a: Lanes, b: Lanes) -> u32 {
        (0..LANES).map(|i| u32::from(a.0[i] < b.0[i]) << i).sum()
    }
    fn least(self, vector: Lanes) -> f64 {
        vector.0.into_iter().fold(f64::INFINITY, f64::min)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Instructions, Kernel, Lanes};

    #[target_feature(enable = "avx512f")]
    pub(super) fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx512(()))
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run(Avx2(()))
    }

    /// Made only in [`with_avx512`].
    #[derive(Clone, Copy)]
    struct Avx512(());

    /// Made only in [`with_avx2`].
    #[derive(Clone, Copy)]
    struct Avx2(());

    /// Wraps intrinsics whose only demand is the feature.
    macro_rules! intrinsic {
        ($call:expr) => {
            // SAFETY: a value of this type exists only where the processor has the feature, and
            // references to `Lanes` are valid for eight numbers.
            unsafe { $call }
        };
    }

    impl Instructions for Avx512 {
        type Vector = __m512d;
        #[inline(always)]
        fn splat(self, value: f64) -> __m512d {
            intrinsic!(_mm512_set1_pd(value))
        }
        #[inline(always)]
        fn load(self, from: &Lanes) -> __m512d {
            intrinsic!(_mm512_load_pd(from.0.as_ptr()))
        }
        #[inline(always)]
        fn store(self, vector: __m512d) -> Lanes {
            let mut lanes = Lanes([0.0; 8]);
            intrinsic!(_mm512_store_pd(lanes.0.as_mut_ptr(), vector));
            lanes
        }
        #[inline(always)]
        fn add(self, a: __m512d, b: __m512d) -> __m512d {
            intrinsic!(_mm512_add_pd(a, b))
        }
        #[inline(always)]
        fn sub(self, a: __m512d, b: __m512d) -> __m512d {
            intrinsic!(_mm512_sub_pd(a, b))
        }
        #[inline(always)]
        fn mul(self, a: __m512d, b: __m512d) -> __m512d {
            intrinsic!(_mm512_mul_pd(a, b))
        }
        #[inline(always)]
        fn div(self, a: __m512d, b: __m512d) -> __m512d {
            intrinsic!(_mm512_div_pd(a, b))
        }
        #[inline(always)]
        fn min(self, a: __m512d, b: __m512d) -> __m512d {
            intrinsic!(_mm512_min_pd(a, b))
        }
        #[inline(always)]
        fn less(self, a: __m512d, b: __m512d) -> u32 {
            u32::from(intrinsic!(_mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b)))
        }
        #[inline(always)]
        fn least(self, vector: __m512d) -> f64 {
            intrinsic!(_mm512_reduce_min_pd(vector))
        }
    }

    impl Instructions for Avx2 {
        type Vector = (__m256d, __m256d);
        #[inline(always)]
        fn splat(self, value: f64) -> Self::Vector {
            let half = intrinsic!(_mm256_set1_pd(value));
            (half, half)
        }
        #[inline(always)]
        fn load(self, from: &Lanes) -> Self::Vector {
            let at = from.0.as_ptr();
            intrinsic!((_mm256_load_pd(at), _mm256_load_pd(at.add(4))))
        }
        #[inline(always)]
        fn store(self, vector: Self::Vector) -> Lanes {
            let mut lanes = Lanes([0.0; 8]);
            let at = lanes.0.as_mut_ptr();
            intrinsic!({
                _mm256_store_pd(at, vector.0);
                _mm256_store_pd(at.add(4), vector.1);
            });
            lanes
        }
        #[inline(always)]
        fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            intrinsic!((_mm256_add_pd(a.0, b.0), _mm256_add_pd(a.1, b.1)))
        }
        #[inline(always)]
        fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            intrinsic!((_mm256_sub_pd(a.0, b.0), _mm256_sub_pd(a.1, b.1)))
        }
        #[inline(always)]
        fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            intrinsic!((_mm256_mul_pd(a.0, b.0), _mm256_mul_pd(a.1, b.1)))
        }
        #[inline(always)]
        fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            intrinsic!((_mm256_div_pd(a.0, b.0), _mm256_div_pd(a.1, b.1)))
        }
        #[inline(always)]
        fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            intrinsic!((_mm256_min_pd(a.0, b.0), _mm256_min_pd(a.1, b.1)))
        }
        #[inline(always)]
        fn less(self, a: Self::Vector, b: Self::Vector) -> u32 {
            let (low, high) = intrinsic!((
                _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(a.0, b.0)),
                _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(a.1, b.1))
            ));
            (low | high << 4).cast_unsigned()
        }
        #[inline(always)]
        fn least(self, vector: Self::Vector) -> f64 {
            let half = self.store((intrinsic!(_mm256_min_pd(vector.0, vector.1)), vector.1));
            half.0[0].min(half.0[1]).min(half.0[2].min(half.0[3]))
        }
    }
}
