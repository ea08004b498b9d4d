//! Attention that learns on a card: shares are computed again on the way back rather than kept, some queries
//! of one sequence at a time.

use std::ops::Range;

use candle_core::{DType, Result as Made, Tensor};
use candle_nn::ops::softmax_last_dim;

use super::{Bench, Slope};
use crate::train::attention::Shape;

/// Shares that are there at once: 64 MiB of them in single precision.
const SHARES: usize = 1 << 24;

/// What leaves some shares out.
#[derive(Debug, Clone, Copy)]
pub(in crate::train) struct Dropped {
    /// How many of them.
    pub(in crate::train) share: f32,
    /// What tells the step and the layer from others.
    pub(in crate::train) key: Option<u32>,
}

/// The sequences of a pass, in blocks of queries that attend together.
#[derive(Debug)]
pub(in crate::train) struct Sequences {
    shape: Shape,
    blocks: Vec<Block>,
}

/// Some queries, and the keys that any of them sees, as places among all rows.
#[derive(Debug)]
struct Block {
    queries: Range<usize>,
    keys: Range<usize>,
    /// `[queries, keys]`, where one sees less than another.
    mask: Option<Tensor>,
}

/// Queries, keys and values, `[heads, rows, width]` each, in the numbers of products; or what they get, in
/// single precision. Keys and values may have fewer heads.
#[derive(Debug)]
pub(in crate::train) struct Heads {
    pub(in crate::train) queries: Tensor,
    pub(in crate::train) keys: Tensor,
    pub(in crate::train) values: Tensor,
}

/// Rows of all heads side by side, `[rows, heads · width]`, as `[heads, rows, width]`.
pub(in crate::train) fn apart(rows: &Tensor, heads: usize) -> Made<Tensor> {
    let (count, total) = rows.dims2()?;
    rows.reshape((count, heads, total / heads))?.transpose(0, 1)?.contiguous()
}

/// The other way.
pub(in crate::train) fn together(heads: &Tensor) -> Made<Tensor> {
    let (count, rows, width) = heads.dims3()?;
    heads.transpose(0, 1)?.contiguous()?.reshape((rows, count * width))
}

impl Sequences {
    /// Of the rows of each sequence.
    pub(in crate::train) fn new(
        bench: &Bench,
        shape: Shape,
        ranges: &[Range<usize>],
    ) -> Made<Self> {
        let mut blocks = Vec::with_capacity(ranges.len());
        for range in ranges {
            let (start, count) = (range.start, range.len());
            let some = (SHARES / (shape.heads.count * count).max(1)).max(1);
            let reach = |query: usize| shape.reach.keys(query, count, count);
            for first in (0..count).step_by(some) {
                let end = count.min(first + some);
                let keys = reach(first).start..reach(end - 1).end;
                let sees_all = (first..end).all(|query| reach(query) == keys);
                let mask = || {
                    let mut mask = vec![f32::NEG_INFINITY; (end - first) * keys.len()];
                    for (query, mask) in (first..end).zip(mask.chunks_exact_mut(keys.len())) {
                        let mine = reach(query);
                        mask[mine.start - keys.start..mine.end - keys.start].fill(0.0);
                    }
                    bench.rows(&mask, keys.len())
                };
                blocks.push(Block {
                    queries: start + first..start + end,
                    mask: (!sees_all).then(mask).transpose()?,
                    keys: start + keys.start..start + keys.end,
                });
            }
        }
        Ok(Self { shape, blocks })
    }

    /// Heads of keys, and queries that share one.
    fn sharing(&self) -> (usize, usize) {
        (self.shape.kept, self.shape.heads.count / self.shape.kept)
    }

    /// The heads of some rows as those of keys have them: queries that share keys lie one after the other.
    fn grouped(&self, heads: &Tensor, rows: &Range<usize>) -> Made<Tensor> {
        let (kept, sharing) = self.sharing();
        let some = heads.narrow(1, rows.start, rows.len())?.contiguous()?;
        some.reshape((kept, sharing * rows.len(), self.shape.heads.width))
    }

    /// For every query of a block its share of every key, in single precision.
    fn shares(&self, block: &Block, queries: &Tensor, keys: &Tensor) -> Made<Tensor> {
        // Scaled before the product, whose sums might leave half precision.
        let scaled = queries.affine(f64::from(self.shape.scale()), 0.0)?;
        let mut scores = scaled.matmul(&keys.t()?)?.to_dtype(DType::F32)?;
        if let Some(mask) = &block.mask {
            let (kept, sharing) = self.sharing();
            let (asked, known) = (block.queries.len(), block.keys.len());
            let split = scores.reshape((kept * sharing, asked, known))?;
            scores = split.broadcast_add(mask)?.reshape((kept, sharing * asked, known))?;
        }
        softmax_last_dim(&scores)
    }

    /// The values of all heads, `[rows, heads · width]`, in the numbers of products.
    pub(in crate::train) fn forward(
        &self,
        bench: &Bench,
        heads: &Heads,
        dropped: Dropped,
    ) -> Made<Tensor> {
        let width = self.shape.heads.width;
        let mut made = Vec::with_capacity(self.blocks.len());
        for (at, block) in self.blocks.iter().enumerate() {
            let queries = self.grouped(&heads.queries, &block.queries)?;
            let part =
                |all: &Tensor| all.narrow(1, block.keys.start, block.keys.len())?.contiguous();
            let shares = self.shares(block, &queries, &part(&heads.keys)?)?;
            let shares = bench.drop_some(&shares, dropped.share, dropped.of(at))?;
            let mixed = bench.rounded(&shares)?.matmul(&part(&heads.values)?)?;
            made.push(mixed.reshape((self.shape.heads.count, block.queries.len(), width))?);
        }
        together(&if made.len() == 1 { made.remove(0) } else { Tensor::cat(&made, 1)? })
    }

    /// What queries, keys and values get of what the heads' values get, `[rows, heads · width]` in single
    /// precision.
    pub(in crate::train) fn backward(
        &self,
        bench: &Bench,
        heads: &Heads,
        dropped: Dropped,
        grad: &Tensor,
    ) -> Made<Heads> {
        let (kept, _) = self.sharing();
        let (count, width) = (self.shape.heads.count, self.shape.heads.width);
        let rows = grad.dim(0)?;
        let grad = apart(grad, count)?;
        let mut queries_grad = Vec::with_capacity(self.blocks.len());
        let (mut keys_grad, mut values_grad) = (Sum::new(rows), Sum::new(rows));
        for (at, block) in self.blocks.iter().enumerate() {
            let queries = self.grouped(&heads.queries, &block.queries)?;
            let part =
                |all: &Tensor| all.narrow(1, block.keys.start, block.keys.len())?.contiguous();
            let (keys, values) = (part(&heads.keys)?, part(&heads.values)?);
            let shares = self.shares(block, &queries, &keys)?;
            let slope = Slope::new(bench, self.grouped(&grad, &block.queries)?)?;
            let given = bench.drop_some(&shares, dropped.share, dropped.of(at))?;
            let given = bench.rounded(&given)?;
            let of_values = slope.restore(&given.t()?.contiguous()?.matmul(&slope.rounded)?)?;
            values_grad.add(block.keys.start, of_values)?;
            let of_shares = slope.restore(&slope.rounded.matmul(&values.t()?)?)?;
            let of_shares = bench.drop_some(&of_shares, dropped.share, dropped.of(at))?;
            let along = (&shares * &of_shares)?.sum_keepdim(2)?;
            let scores = (shares * of_shares.broadcast_sub(&along)?)?;
            let scores = scores.affine(f64::from(self.shape.scale()), 0.0)?;
            let slope = Slope::new(bench, scores)?;
            let of_queries = slope.restore(&slope.rounded.matmul(&keys)?)?;
            queries_grad.push(of_queries.reshape((count, block.queries.len(), width))?);
            let of_keys = slope.restore(&slope.rounded.t()?.contiguous()?.matmul(&queries)?)?;
            keys_grad.add(block.keys.start, of_keys)?;
        }
        debug_assert_eq!(heads.keys.dim(0)?, kept);
        Ok(Heads {
            queries: if queries_grad.len() == 1 {
                queries_grad.remove(0)
            } else {
                Tensor::cat(&queries_grad, 1)?
            },
            keys: keys_grad.made()?,
            values: values_grad.made()?,
        })
    }
}

impl Dropped {
    /// The key of a block.
    fn of(self, block: usize) -> Option<u32> {
        self.key.map(|key| key ^ (block as u32 + 1).wrapping_mul(0xC2B2_AE35))
    }
}

/// What keys get of blocks, some of which see the same ones.
struct Sum {
    rows: usize,
    /// The first row of each part, and the part; they lie one after the other.
    parts: Vec<(usize, Tensor)>,
}

impl Sum {
    fn new(rows: usize) -> Self {
        Self { rows, parts: Vec::new() }
    }

    /// Adds `[heads, some rows, width]` from a row on, which is not before the last part's.
    fn add(&mut self, from: usize, part: Tensor) -> Made<()> {
        let Some((start, last)) = self.parts.last_mut() else {
            self.parts.push((from, part));
            return Ok(());
        };
        let (last_end, end) = (*start + last.dim(1)?, from + part.dim(1)?);
        if from >= last_end {
            self.parts.push((from, part));
            return Ok(());
        }
        let (first, most) = ((*start).min(from), last_end.max(end));
        let whole = |part: &Tensor, from: usize, end: usize| {
            part.pad_with_zeros(1, from - first, most - end)
        };
        *last = (whole(last, *start, last_end)? + whole(&part, from, end)?)?;
        *start = first;
        Ok(())
    }

    fn made(self) -> Made<Tensor> {
        let (mut all, mut end) = (Vec::with_capacity(self.parts.len()), 0);
        for (from, part) in self.parts {
            debug_assert_eq!(from, end);
            end = from + part.dim(1)?;
            all.push(part);
        }
        debug_assert_eq!(end, self.rows);
        if all.len() == 1 { Ok(all.remove(0)) } else { Tensor::cat(&all, 1) }
    }
}
