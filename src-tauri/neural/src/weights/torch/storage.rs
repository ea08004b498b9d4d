//! Storages: the runs of numbers that tensors show parts of.

use std::collections::HashMap;
use std::sync::Arc;

use crate::error::Result;
use crate::weights::number::Kind;
use crate::weights::source::Source;
use crate::weights::tensor::{Tensor, View};

/// Where storages lie, by the names that the pickle has for them: offsets and bytes.
pub(super) type Storages = HashMap<String, (u64, u64)>;

/// What a pickle says of a tensor: which storage it shows, and how.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) storage: String,
    pub(super) kind: Kind,
    /// Counted in elements, as the strides are.
    pub(super) first: u64,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// More dimensions than any tensor of PyTorch has.
pub(super) const MOST_DIMENSIONS: usize = 64;

impl Shown {
    /// The tensor, where its storage has all of it.
    pub(super) fn tensor(self, source: &Arc<Source>, at: &Storages, name: &str) -> Result<Tensor> {
        let broken = |reason: &str| source.broken(format!("{name} {reason}"));
        let &(offset, bytes) =
            at.get(&self.storage).ok_or_else(|| broken("shows a storage that is not there"))?;
        if self.shape.len() != self.strides.len() || self.shape.len() > MOST_DIMENSIONS {
            return Err(broken("has no right dimensions"));
        }
        let beyond = || broken("ends beyond its storage");
        let (_, atom) = self.kind.block().ok_or_else(|| broken("has numbers of no known size"))?;
        let first = self.first.checked_mul(atom as u64).ok_or_else(beyond)?;
        let left = bytes.checked_sub(first).ok_or_else(beyond)?;
        if let Some(wanted) = self.in_order().then(|| self.kind.bytes_of(&self.shape)).flatten() {
            if wanted > left {
                return Err(beyond());
            }
            let (kind, shape) = (self.kind, self.shape);
            return Ok(Tensor::plain(source, kind, shape, offset + first, wanted));
        }
        let strides = self.strides.iter().map(|stride| stride.checked_mul(atom));
        let strides = strides.collect::<Option<Vec<_>>>().ok_or_else(beyond)?;
        let dimensions = self.shape.iter().copied().zip(strides).collect();
        let view = View { atom, dimensions };
        let end = view.end().filter(|&end| end <= left).ok_or_else(beyond)?;
        let mut tensor = Tensor::plain(source, self.kind, self.shape, offset + first, end);
        tensor.view = Some(view);
        if !tensor.is_whole() {
            return Err(broken("shows more numbers than its storage has"));
        }
        Ok(tensor)
    }

    /// Whether it goes from its first number to the last without a gap or turn.
    fn in_order(&self) -> bool {
        let mut next = 1_usize;
        for (&many, &stride) in self.shape.iter().zip(&self.strides).rev() {
            // Where there is only one the stride is never taken.
            if many != 1 && stride != next {
                return self.shape.contains(&0);
            }
            next = next.saturating_mul(many);
        }
        true
    }
}
