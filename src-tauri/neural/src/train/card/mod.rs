//! Learning on a graphics card: candle's tensors, forwards and backwards by hand, as on the processor. No
//! graph is kept, no gradient of what does not learn.
//!
//! What is learned, its gradients' sums and the optimiser's means stay in main memory, which is larger
//! (Rajbhandari et al. 2021, <https://arxiv.org/abs/2104.07857>): a card holds the weights, a copy of what is
//! learned and what a step leaves. Rows between maps are in single precision, products in the card's numbers.

mod attention;
mod bench;
mod four;
mod map;
mod norm;
mod rows;
mod speed;

pub(super) use attention::{Dropped, Heads, Sequences, apart, together};
pub(super) use bench::Bench;
pub(super) use map::Map;
pub(super) use norm::{LayerNorm, RmsNorm, Vector};
pub(super) use rows::{Given, Slope, activate_back};
pub(super) use speed::speed;
