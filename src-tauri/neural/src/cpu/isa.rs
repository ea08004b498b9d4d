//! Which instructions the processor has, and every kernel in a form for each of them.

use std::sync::OnceLock;

use super::{quantised, rowwise, tile, turn};

/// The instructions that kernels are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every processor of the architecture has.
    Plain,
    /// AVX2, FMA and F16C: x86 from 2013 on.
    Avx2,
    /// AVX-512: servers, and laptops with AMD's Zen 4 or later.
    Avx512,
}

/// The variable that makes the processor do with less than it has, for tests and comparisons.
const VARIABLE: &str = "MIRANTE_ISA";

impl Isa {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Avx2, Self::Avx512];

    /// Its name in `MIRANTE_ISA` and in responses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor has it.
    #[must_use]
    pub fn is_here(self) -> bool {
        match self {
            Self::Plain => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("f16c")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.is_here()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The most that this processor has, or what `MIRANTE_ISA` names if it has that.
    #[must_use]
    pub fn best() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        *BEST.get_or_init(|| {
            let said = std::env::var(VARIABLE).ok();
            let most = Self::ALL.into_iter().find(|isa| said.as_deref() == Some(isa.name()));
            let most = most.unwrap_or(Self::Avx512);
            Self::ALL
                .into_iter()
                .rev()
                .find(|&isa| isa <= most && isa.is_here())
                .unwrap_or(Self::Plain)
        })
    }
}

macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $type:ty),*);)*) => {
        /// The kernels in one form. Calling one is sound where the processor has their [`Isa`].
        #[derive(Clone, Copy)]
        pub(super) struct Kernels {
            /// The form.
            pub(super) isa: Isa,
            /// A tile of a product; see [`tile`].
            pub(super) tile: tile::Tile,
            /// The same for weights of IEEE 754's 16 bits, where reading them as such is faster.
            pub(super) narrow_f16: Option<tile::Narrow>,
            /// The same for the upper halves of 32-bit numbers.
            pub(super) narrow_bf16: Option<tile::Narrow>,
            /// Weights in quantised blocks.
            pub(super) quantised: quantised::Forms,
            /// Rows into columns; see [`turn`].
            pub(super) turn: turn::Turn,
            $($(#[$doc])* pub(super) $name: unsafe fn($($type),*),)*
        }

        mod plain {
            use super::*;
            $(pub(super) unsafe fn $name($($argument: $type),*) { rowwise::$name::<false>($($argument),*) })*
        }
        #[cfg(target_arch = "x86_64")]
        mod avx2 {
            use super::*;
            $(
                #[target_feature(enable = "avx2,fma")]
                pub(super) unsafe fn $name($($argument: $type),*) { rowwise::$name::<true>($($argument),*) }
            )*
        }
        #[cfg(target_arch = "x86_64")]
        mod avx512 {
            use super::*;
            $(
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                pub(super) unsafe fn $name($($argument: $type),*) { rowwise::$name::<true>($($argument),*) }
            )*
        }

        impl Kernels {
            /// Those of `isa`, which this processor must have.
            pub(super) fn of(isa: Isa) -> Self {
                assert!(isa.is_here(), "this processor has no {}", isa.name());
                match isa {
                    Isa::Plain => Self {
                        isa,
                        tile: tile::plain,
                        narrow_f16: None,
                        narrow_bf16: None,
                        quantised: quantised::plain::FORMS,
                        turn: turn::plain,
                        $($name: plain::$name,)*
                    },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => Self {
                        isa,
                        tile: tile::avx2,
                        narrow_f16: Some(tile::narrow_avx2::<true>),
                        narrow_bf16: Some(tile::narrow_avx2::<false>),
                        quantised: quantised::avx2::FORMS,
                        turn: turn::avx,
                        $($name: avx2::$name,)*
                    },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => Self {
                        isa,
                        tile: tile::avx512,
                        narrow_f16: Some(tile::narrow_avx512::<true>),
                        narrow_bf16: Some(tile::narrow_avx512::<false>),
                        quantised: quantised::avx512::FORMS,
                        turn: turn::avx,
                        $($name: avx512::$name,)*
                    },
                    #[cfg(not(target_arch = "x86_64"))]
                    _ => Self::of(Isa::Plain),
                }
            }
        }
    };
}

kernels! {
    /// One row of a tile into its place, with bias and activation.
    fn finish(sums: &[f32], bias: &[f32], activation: rowwise::Activation, out: &mut [f32]);
    /// Rows of `width` made to have mean 0 and variance 1, then scaled and moved.
    fn layer_norm(rows: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32], epsilon: f32);
    /// One row of scores into shares that add up to 1.
    fn softmax(row: &mut [f32], scale: f32, bias: &[f32]);
    /// Rows of `width` divided by the root of their mean square, then scaled.
    fn rms_norm(rows: &mut [f32], weight: &[f32], epsilon: f32);
    /// The first half of every row through an activation, times the second.
    fn gate(rows: &[f32], width: usize, activation: rowwise::Activation, out: &mut [f32]);
    /// The products of one vector with rows that are a stride apart.
    fn dots(vector: &[f32], rows: &[f32], stride: usize, out: &mut [f32]);
    /// The sum of rows that are a stride apart, each by its share.
    fn mix(shares: &[f32], rows: &[f32], stride: usize, out: &mut [f32]);
    /// Numbers of 16 bits, IEEE 754, as they are in 32.
    fn widen_f16(numbers: &[u16], out: &mut [f32]);
    /// The upper halves of 32-bit numbers as they are in 32.
    fn widen_bf16(numbers: &[u16], out: &mut [f32]);
    /// Scales of blocks times the small ones of a group.
    fn scales(scales: &[f32], small: &[i8], out: &mut [f32]);
}
