//! Which instructions the processor has, and every kernel in a form for each of them.

use std::sync::OnceLock;

use super::{backward, bf16, int8, quantised, rowwise, tile, turn};

/// The instructions that kernels are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every processor of the architecture has.
    Plain,
    /// AVX2, FMA and F16C: x86 from 2013 on.
    Avx2,
    /// AVX-512: servers, and laptops with AMD's Zen 4 or later.
    Avx512,
    /// The same with products of bf16: AMD's Zen 4, Intel's Sapphire Rapids.
    Avx512Bf16,
}

/// The variable that makes the processor do with less than it has, for tests and comparisons.
const VARIABLE: &str = "MIRANTE_ISA";

impl Isa {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Plain, Self::Avx2, Self::Avx512, Self::Avx512Bf16];

    /// Its name in `MIRANTE_ISA` and in responses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Avx512Bf16 => "avx512_bf16",
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
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Bf16 => Self::Avx512.is_here() && is_x86_feature_detected!("avx512bf16"),
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
            let most = most.unwrap_or(Self::Avx512Bf16);
            Self::ALL
                .into_iter()
                .rev()
                .find(|&isa| isa <= most && isa.is_here())
                .unwrap_or(Self::Plain)
        })
    }
}

macro_rules! kernels {
    ($($(#[$doc:meta])* $module:ident::$name:ident($($argument:ident: $type:ty),*);)*) => {
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
            /// A tile of a product in bf16, where the processor has that.
            pub(super) bf16: Option<bf16::Tile>,
            /// A tile of a product in bytes; see [`int8`].
            pub(super) int8: int8::Tile,
            /// Rows into columns; see [`turn`].
            pub(super) turn: turn::Turn,
            /// Rows into a panel's columns.
            pub(super) panel: turn::Panel,
            $($(#[$doc])* pub(super) $name: unsafe fn($($type),*),)*
        }

        mod plain {
            use super::*;
            $(pub(super) unsafe fn $name($($argument: $type),*) { $module::$name::<false>($($argument),*) })*
        }
        #[cfg(target_arch = "x86_64")]
        mod avx2 {
            use super::*;
            $(
                #[target_feature(enable = "avx2,fma")]
                pub(super) unsafe fn $name($($argument: $type),*) { $module::$name::<true>($($argument),*) }
            )*
        }
        #[cfg(target_arch = "x86_64")]
        mod avx512 {
            use super::*;
            $(
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                pub(super) unsafe fn $name($($argument: $type),*) { $module::$name::<true>($($argument),*) }
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
                        bf16: None,
                        int8: int8::plain,
                        turn: turn::plain,
                        panel: turn::plain_panel,
                        $($name: plain::$name,)*
                    },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => Self {
                        isa,
                        tile: tile::avx2,
                        narrow_f16: Some(tile::narrow_avx2::<true>),
                        narrow_bf16: Some(tile::narrow_avx2::<false>),
                        quantised: quantised::avx2::FORMS,
                        bf16: None,
                        int8: int8::avx2,
                        turn: turn::avx,
                        panel: turn::avx_panel,
                        $($name: avx2::$name,)*
                    },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => Self {
                        isa,
                        tile: tile::avx512,
                        narrow_f16: Some(tile::narrow_avx512::<true>),
                        narrow_bf16: Some(tile::narrow_avx512::<false>),
                        quantised: quantised::avx512::FORMS,
                        bf16: None,
                        int8: int8::avx512(),
                        turn: turn::avx,
                        panel: turn::avx_panel,
                        $($name: avx512::$name,)*
                    },
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512Bf16 => Self {
                        isa,
                        bf16: Some(bf16::avx512),
                        ..Self::of(Isa::Avx512)
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
    rowwise::finish(sums: &[f32], bias: &[f32], activation: rowwise::Activation, out: &mut [f32]);
    /// Rows of `width` made to have mean 0 and variance 1, then scaled and moved.
    rowwise::layer_norm(rows: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32], epsilon: f32);
    /// One row of scores into shares that add up to 1.
    rowwise::softmax(row: &mut [f32], scale: f32, bias: &[f32]);
    /// Rows of `width` divided by the root of their mean square, then scaled.
    rowwise::rms_norm(rows: &mut [f32], weight: &[f32], epsilon: f32);
    /// The first half of every row through an activation, times the second.
    rowwise::gate(rows: &[f32], width: usize, activation: rowwise::Activation, out: &mut [f32]);
    /// What a softmax's scores get of what its shares get.
    backward::softmax_back(shares: &[f32], grad: &mut [f32], scale: f32);
    /// What rows get of what they get when they are divided by the root of their mean square.
    backward::rms_norm_back(rows: &[f32], weight: &[f32], epsilon: f32, grad: &[f32], out: &mut [f32]);
    /// What rows of gates and what they let through get of what comes out.
    backward::gate_back(rows: &mut [f32], width: usize, activation: rowwise::Activation, grad: &[f32]);
    /// What rows, their scale and what moves them get of what comes out of [`rowwise::layer_norm`].
    backward::layer_norm_back(rows: &[f32], weight: &[f32], epsilon: f32, grad: &[f32], out: &mut [f32], learned: &mut [f32]);
    /// What numbers get of what comes out of an activation.
    backward::activate_back(numbers: &mut [f32], activation: rowwise::Activation, grad: &[f32]);
    /// A step of AdamW.
    backward::adamw(value: &mut [f32], grad: &[f32], first: &mut [f32], second: &mut [f32], step: backward::AdamW);
    /// Numbers without some of them.
    backward::drop_some(numbers: &[f32], key: u32, kept: f32, out: &mut [f32]);
    /// Adds numbers, each times `share`.
    backward::add(numbers: &[f32], share: f32, out: &mut [f32]);
    /// The products of one vector with rows that are a stride apart.
    rowwise::dots(vector: &[f32], rows: &[f32], stride: usize, out: &mut [f32]);
    /// The sum of rows that are a stride apart, each by its share.
    rowwise::mix(shares: &[f32], rows: &[f32], stride: usize, out: &mut [f32]);
    /// Numbers of 16 bits, IEEE 754, as they are in 32.
    rowwise::widen_f16(numbers: &[u16], out: &mut [f32]);
    /// The upper halves of 32-bit numbers as they are in 32.
    rowwise::widen_bf16(numbers: &[u16], out: &mut [f32]);
    /// Scales of blocks times the small ones of a group.
    rowwise::scales(scales: &[f32], small: &[i8], out: &mut [f32]);
    /// A row rounded to bf16.
    bf16::round(row: &[f32], out: &mut [f32]);
    /// A row rounded to bf16, two numbers to a word.
    bf16::round_pairs(row: &[f32], out: &mut [f32]);
    /// A row in bytes, with the scale and the offset of every group.
    int8::quantise(row: &[f32], words: &mut [f32], scales: &mut [f32], offsets: &mut [i32]);
    /// Rows of pairs as twice as many rows of numbers.
    bf16::widen_pairs(panel: &[u32], out: &mut [f32]);
}
