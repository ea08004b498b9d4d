//! Models on a graphics card. [`gpus`] says which there are; all else is candle's: its tensors lie on the
//! card, and its kernels work on them.
//!
//! What a model reads first, the rows of its vocabulary, stays on the host, whose memory is larger: a card
//! gets the rows of the tokens, and gives back rows or scores in single precision.

#[cfg(feature = "candle")]
mod attend;
#[cfg(feature = "candle")]
mod card;
#[cfg(feature = "cuda")]
mod cuda;
#[cfg(feature = "candle")]
mod failure;
mod found;
#[cfg(feature = "candle")]
mod kept;
#[cfg(feature = "candle")]
mod parts;

#[cfg(feature = "candle")]
pub(crate) use attend::{Attention, attend};
#[cfg(feature = "candle")]
pub(crate) use card::{Card, Range};
pub(crate) use found::not_built;
pub use found::{Best, Gpu, gpus};
#[cfg(feature = "candle")]
pub(crate) use kept::Kept;
#[cfg(feature = "candle")]
pub(crate) use parts::{Linear, Norm, activate, gate};
