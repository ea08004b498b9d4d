//! What a decoder keeps of the tokens it has read.

/// The keys and values of all tokens so far, for every layer. It grows as tokens are added, never by
/// copying the whole for each.
#[derive(Debug, Clone, Default)]
pub struct Cache {
    pub(super) layers: Vec<Kept>,
    /// The same on a graphics card.
    #[cfg(feature = "candle")]
    pub(super) gpu: Vec<crate::gpu::Kept>,
    pub(super) length: usize,
}

/// Of one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

impl Cache {
    /// Tokens read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether none were.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}
