//! Where a tensor lies in a file, and in which order.

use std::sync::Arc;

use crate::error::Result;

use super::number::Kind;
use super::source::Source;

/// A tensor in a file.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    pub(super) source: Arc<Source>,
    pub(super) kind: Kind,
    pub(super) shape: Vec<usize>,
    /// Offsets and bytes of its parts, one after the other.
    pub(super) parts: Vec<(u64, u64)>,
    /// How they are gone through, where that is not from first to last.
    pub(super) view: Option<View>,
}

/// An order in which bytes are gone through: a dimension for every pair, the slowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// Bytes that stay together.
    pub(super) atom: usize,
    /// How many, and the bytes from one to the next.
    pub(super) dimensions: Vec<(usize, usize)>,
}

impl Tensor {
    /// One that lies in one part, from first to last.
    pub(super) fn plain(
        source: &Arc<Source>,
        kind: Kind,
        shape: Vec<usize>,
        offset: u64,
        bytes: u64,
    ) -> Self {
        Self { source: source.clone(), kind, shape, parts: vec![(offset, bytes)], view: None }
    }

    /// With dimension `order[n]` as its dimension `n`. Nothing where the kind's size is not known or the
    /// tensor is a view already.
    pub(super) fn permuted(mut self, order: &[usize]) -> Option<Self> {
        let (1, atom) = self.kind.block()? else { return None };
        if self.view.is_some() || order.len() != self.shape.len() {
            return None;
        }
        let mut stride = atom;
        let mut dimensions = vec![(0, 0); self.shape.len()];
        for (dimension, &count) in dimensions.iter_mut().zip(&self.shape).rev() {
            *dimension = (count, stride);
            stride = stride.checked_mul(count)?;
        }
        let dimensions = order.iter().map(|&at| dimensions.get(at).copied());
        let dimensions = dimensions.collect::<Option<Vec<_>>>()?;
        self.shape = dimensions.iter().map(|&(count, _)| count).collect();
        self.view = Some(View { atom, dimensions });
        Some(self)
    }

    /// Bytes it has in its file.
    pub(super) fn stored(&self) -> u64 {
        self.parts.iter().fold(0, |sum, &(_, bytes)| sum.saturating_add(bytes))
    }

    /// Whether its bytes are as many as its shape asks for, where that can be told.
    pub(super) fn is_whole(&self) -> bool {
        let wanted = self.kind.bytes_of(&self.shape);
        match &self.view {
            None => wanted == Some(self.stored()) || self.kind.block().is_none(),
            Some(view) => {
                let shown = view
                    .dimensions
                    .iter()
                    .try_fold(view.atom as u64, |bytes, &(many, _)| bytes.checked_mul(many as u64));
                wanted.is_some() && shown == wanted && view.fits(self.stored())
            }
        }
    }

    /// Its bytes in row-major order. It must be whole.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = vec![0; self.stored() as usize];
        let mut rest = &mut bytes[..];
        for &(offset, count) in &self.parts {
            let (part, more) = rest.split_at_mut(count as usize);
            self.source.read_at(offset, part)?;
            rest = more;
        }
        Ok(match &self.view {
            None => bytes,
            Some(view) => view.gather(&bytes),
        })
    }
}

impl View {
    fn is_empty(&self) -> bool {
        self.dimensions.iter().any(|&(many, _)| many == 0)
    }

    /// Whether it stays within so many bytes, and shows none of them so often that the result is
    /// larger: a stride of nought would let a small file ask for any amount of memory.
    fn fits(&self, bytes: u64) -> bool {
        if self.is_empty() {
            return true;
        }
        let shown = self
            .dimensions
            .iter()
            .try_fold(self.atom as u64, |sum, &(many, _)| sum.checked_mul(many as u64));
        shown.is_some_and(|shown| shown <= bytes) && self.end().is_some_and(|end| end <= bytes)
    }

    /// The end of the last byte it shows.
    pub(super) fn end(&self) -> Option<u64> {
        if self.is_empty() {
            return Some(0);
        }
        self.dimensions.iter().try_fold(self.atom as u64, |end, &(many, stride)| {
            (many as u64 - 1).checked_mul(stride as u64).and_then(|far| end.checked_add(far))
        })
    }

    fn gather(&self, bytes: &[u8]) -> Vec<u8> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut dimensions = self.dimensions.clone();
        let mut run = self.atom;
        while let Some(&(many, stride)) = dimensions.last()
            && stride == run
        {
            run *= many;
            dimensions.pop();
        }
        let count: usize = dimensions.iter().map(|&(many, _)| many).product();
        let mut out = Vec::with_capacity(count * run);
        let mut place = vec![0; dimensions.len()];
        let mut at = 0;
        for _ in 0..count {
            out.extend_from_slice(&bytes[at..at + run]);
            for (place, &(many, stride)) in place.iter_mut().zip(&dimensions).rev() {
                *place += 1;
                at += stride;
                if *place < many {
                    break;
                }
                at -= many * stride;
                *place = 0;
            }
        }
        out
    }
}
