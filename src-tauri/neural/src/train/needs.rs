//! What a training takes, before it starts.

use serde::{Deserialize, Serialize};

use crate::cpu::dynamic::BLOCK;
use crate::target::{Device, Precision, Target};

/// What the program itself and its threads take.
pub(super) const PROGRAM: u64 = 40 << 20;
/// What a card's driver and its libraries take of the card, and of main memory.
const DRIVER: u64 = 400 << 20;
/// Shares of attention on a card that are there at once, and how many of each are on the way back.
const SHARES: usize = 1 << 24;
const SHARES_EACH: usize = 5;

/// What a training keeps in memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    /// For the way back only what came into every layer: less memory, a third more time.
    pub thrifty: bool,
    /// What AdamW remembers of every number in eight bits in place of 32 (Dettmers et al. 2022,
    /// <https://arxiv.org/abs/2110.02861>).
    pub in_eight_bits: bool,
}

impl Keeping {
    /// Bytes of a number that is learned, with its gradient and what is remembered of it.
    pub(super) fn learned(self) -> f64 {
        // A scale of four bytes for every block, twice.
        let means = if self.in_eight_bits { 2.0 + 8.0 / BLOCK as f64 } else { 8.0 };
        8.0 + means
    }
}

/// What a training takes of memory and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Bytes of main memory, at most.
    pub memory: u64,
    /// Bytes of the card's own memory, at most; nought where it has none.
    pub card: u64,
    /// Numbers that are learned.
    pub parameters: u64,
    /// Products and sums that one token costs.
    pub operations: u64,
    /// Bytes of what it leaves.
    pub written: u64,
}

/// What a card holds of a training, counted in numbers. It follows what [`card`](super::card) keeps, and is to
/// be changed with it.
pub(super) struct OnCard {
    /// Numbers of weights that stay, in the numbers of products.
    pub(super) still: usize,
    /// Bytes of weights that stay in four bits, and the numbers of the largest of those.
    pub(super) four: (usize, usize),
    /// Numbers that are learned there, and whether products have a rounded copy of them.
    pub(super) taught: (usize, bool),
    /// A token's numbers in single precision and in those of products, of all layers.
    pub(super) kept: (usize, usize),
    /// A token's numbers on the way back through one layer, in single precision and in those of products.
    pub(super) passing: (usize, usize),
    /// Numbers beside those of tokens.
    pub(super) beside: usize,
    /// Heads, and the tokens of the longest text.
    pub(super) attending: (usize, usize),
}

impl OnCard {
    /// Bytes, where `tokens` are learned at once.
    pub(super) fn bytes(&self, target: Target, tokens: usize) -> u64 {
        let half = number(target);
        let (heads, longest) = self.attending;
        let shares = (heads * longest * longest).min(SHARES.max(heads * longest));
        let (four, largest) = self.four;
        // The copy of what is learned, and its gradient.
        let taught = self.taught.0 * (if self.taught.1 { half } else { 4 } + 4);
        // Looked up in single precision by places of four bytes, and then rounded.
        let looked_up = largest * (4 + 4 + 2 + half);
        let of = |(single, rounded): (usize, usize)| tokens * (4 * single + half * rounded);
        let all = half * self.still
            + four
            + looked_up
            + taught
            + of(self.kept)
            + of(self.passing).max(4 * self.beside)
            + 4 * SHARES_EACH * shares;
        all as u64 + DRIVER
    }
}

/// Bytes of a number of products on a card.
fn number(target: Target) -> usize {
    match target.precision {
        Some(Precision::F32) => 4,
        #[cfg(feature = "candle")]
        None if target.device == Device::Candle => 4,
        _ => 2,
    }
}

/// Whether it is a card that teaches.
pub(super) fn is_card(target: Target) -> bool {
    target.device != Device::Cpu
}

/// Bytes of main memory and of a card's, as they are there: a Mac's are one memory.
pub(super) fn as_there(target: Target, (main, card): (u64, u64)) -> (u64, u64) {
    if target.device == Device::Metal { (main + card, 0) } else { (main, card) }
}

/// Main memory of a training whose layers lie on a card: what is learned with its gradients and means; and one
/// layer on its way there, in single and in half precision, which is more than a tensor's gradient on its way
/// back.
pub(super) fn beside_card(keeping: Keeping, parameters: usize, layer: usize, rows: usize) -> u64 {
    let learned = (keeping.learned() * parameters as f64) as u64;
    learned + (6 * layer + 12 * rows) as u64 + PROGRAM + DRIVER
}
