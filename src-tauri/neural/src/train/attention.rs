//! Attention that learns: shares are computed again on the way back rather than kept, some queries at a time.

use std::ops::Range;

use rayon::prelude::*;

use crate::cpu::product::{Matrix, Onto, product_here};
use crate::cpu::{Heads, Reach, spread};

/// Queries whose shares are there at once.
const SOME: usize = 64;

/// What attention was computed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Heads of queries.
    pub(super) heads: Heads,
    /// Heads of keys and values.
    pub(super) kept: usize,
    /// Which keys a query is compared with.
    pub(super) reach: Reach,
}

/// Shares that a step leaves out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dropped {
    /// How many of them.
    pub(super) dropout: f32,
    /// What tells the step and the layer from others.
    pub(super) key: u32,
}

impl Dropped {
    /// Leaves some out of a block, the same forwards and backwards.
    fn apply(self, sequence: usize, head: usize, first: usize, shares: &mut [f32]) {
        let place =
            (sequence as u32).wrapping_mul(0x85EB_CA6B) ^ (head as u32) << 20 ^ first as u32;
        let key = self.key ^ place.wrapping_mul(0xC2B2_AE35);
        let before = shares.to_vec();
        spread::with(|cpu| cpu.drop_some(&before, key, 1.0 - self.dropout, shares));
    }
}

impl Shape {
    /// Numbers of a row of queries, keys and values.
    pub(super) fn stride(self) -> usize {
        (self.heads.count + 2 * self.kept) * self.heads.width
    }

    pub(super) fn scale(self) -> f32 {
        1.0 / (self.heads.width as f32).sqrt()
    }
}

/// What one head of keys, and the queries that share it, get.
struct Got {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
}

/// The heads' values of rows of [`Shape::stride`], with some shares left out. Without that, `spread::attend`
/// is faster.
pub(super) fn forward(
    shape: Shape,
    sequences: &[Range<usize>],
    all: &[f32],
    dropped: Dropped,
    out: &mut [f32],
) {
    let (stride, total, width) = (shape.stride(), shape.heads.total(), shape.heads.width);
    for (sequence, range) in sequences.iter().enumerate() {
        let all = &all[range.start * stride..range.end * stride];
        let made: Vec<Vec<f32>> = (0..shape.heads.count)
            .into_par_iter()
            .map(|head| {
                let mut made = vec![0.0; range.len() * width];
                let mut shares = Vec::new();
                for first in (0..range.len()).step_by(SOME) {
                    let block = Block::of(shape, all, head, first);
                    block.shares(&mut shares);
                    dropped.apply(sequence, head, first, &mut shares);
                    let into = Onto::rows(&mut made[first * width..], width);
                    product_here(Matrix::of(&shares, block.seen.len()), block.values, into);
                }
                made
            })
            .collect();
        let out = &mut out[range.start * total..range.end * total];
        for (head, made) in made.iter().enumerate() {
            for (out, made) in out.chunks_exact_mut(total).zip(made.chunks_exact(width)) {
                out[head * width..][..width].copy_from_slice(made);
            }
        }
    }
}

/// What queries, keys and values, rows of [`Shape::stride`], get of what the heads' values get. Each of
/// `sequences` attends to itself alone.
pub(super) fn backward(
    shape: Shape,
    sequences: &[Range<usize>],
    all: &[f32],
    dropped: Option<Dropped>,
    grad: &[f32],
    out: &mut [f32],
) {
    let (stride, total, width) = (shape.stride(), shape.heads.total(), shape.heads.width);
    let sharing = shape.heads.count / shape.kept;
    for (sequence, range) in sequences.iter().enumerate() {
        let all = &all[range.start * stride..range.end * stride];
        let grad = &grad[range.start * total..range.end * total];
        let got: Vec<Got> = (0..shape.kept)
            .into_par_iter()
            .map(|kept| of_one(shape, kept, all, dropped.map(|one| (one, sequence)), grad))
            .collect();
        let out = &mut out[range.start * stride..range.end * stride];
        for (kept, got) in got.iter().enumerate() {
            let parts = [
                (&got.queries, kept * sharing * width, sharing * width),
                (&got.keys, total + kept * width, width),
                (&got.values, total + (shape.kept + kept) * width, width),
            ];
            for (part, from, count) in parts {
                for (out, part) in out.chunks_exact_mut(stride).zip(part.chunks_exact(count)) {
                    out[from..from + count].copy_from_slice(part);
                }
            }
        }
    }
}

/// Some queries of a head in one sequence, with the keys and values that they see.
struct Block<'a> {
    shape: Shape,
    asked: Range<usize>,
    seen: Range<usize>,
    count: usize,
    queries: Matrix<'a>,
    keys: Matrix<'a>,
    values: Matrix<'a>,
}

impl<'a> Block<'a> {
    fn of(shape: Shape, all: &'a [f32], head: usize, first: usize) -> Self {
        let (stride, total, width) = (shape.stride(), shape.heads.total(), shape.heads.width);
        let kept = head / (shape.heads.count / shape.kept);
        let count = all.len() / stride;
        let asked = first..count.min(first + SOME);
        let reach = |query| shape.reach.keys(query, count, count);
        let seen = reach(first).start..reach(asked.end - 1).end;
        let part = |from, some: &Range<usize>| {
            Matrix::part(&all[some.start * stride..some.end * stride], stride, from, width)
        };
        Self {
            queries: part(head * width, &asked),
            keys: part(total + kept * width, &seen),
            values: part(total + (shape.kept + kept) * width, &seen),
            shape,
            asked,
            seen,
            count,
        }
    }

    /// Of the keys that are seen, those that a query is compared with.
    fn mine(&self, query: usize) -> Range<usize> {
        let mine = self.shape.reach.keys(query, self.count, self.count);
        mine.start - self.seen.start..mine.end - self.seen.start
    }

    /// For every query its share of every key that is seen.
    fn shares(&self, shares: &mut Vec<f32>) {
        let seen = self.seen.len();
        shares.resize(self.asked.len() * seen, 0.0);
        product_here(self.queries, self.keys.turned(), Onto::rows(shares, seen));
        for (query, shares) in self.asked.clone().zip(shares.chunks_exact_mut(seen)) {
            let mine = self.mine(query);
            shares[..mine.start].fill(0.0);
            shares[mine.end..].fill(0.0);
            spread::with(|cpu| cpu.softmax_of(&mut shares[mine], self.shape.scale()));
        }
    }
}

/// Of one head of keys in one sequence.
fn of_one(
    shape: Shape,
    kept: usize,
    all: &[f32],
    dropped: Option<(Dropped, usize)>,
    grad: &[f32],
) -> Got {
    let (total, width) = (shape.heads.total(), shape.heads.width);
    let (count, sharing) = (all.len() / shape.stride(), shape.heads.count / shape.kept);
    let mut got = Got {
        queries: vec![0.0; count * sharing * width],
        keys: vec![0.0; count * width],
        values: vec![0.0; count * width],
    };
    let (mut shares, mut slopes, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (nth, first) in
        (0..sharing).flat_map(|nth| (0..count).step_by(SOME).map(move |at| (nth, at)))
    {
        let head = kept * sharing + nth;
        let block = Block::of(shape, all, head, first);
        let seen = block.seen.clone();
        block.shares(&mut shares);
        let rows = &grad[first * total..block.asked.end * total];
        let grad = Matrix::part(rows, total, head * width, width);
        slopes.resize(shares.len(), 0.0);
        product_here(grad, block.values.turned(), Onto::rows(&mut slopes, seen.len()));
        let given = match dropped {
            None => &shares,
            Some((dropped, sequence)) => {
                dropped.apply(sequence, head, first, &mut slopes);
                left.clone_from(&shares);
                dropped.apply(sequence, head, first, &mut left);
                &left
            }
        };
        let into = Onto::rows(&mut got.values[seen.start * width..], width).adding(1.0);
        product_here(Matrix::of(given, seen.len()).turned(), grad, into);
        let both = shares.chunks_exact(seen.len()).zip(slopes.chunks_exact_mut(seen.len()));
        for (query, (shares, slopes)) in block.asked.clone().zip(both) {
            let mine = block.mine(query);
            slopes[..mine.start].fill(0.0);
            slopes[mine.end..].fill(0.0);
            spread::with(|cpu| {
                cpu.softmax_back(&shares[mine.clone()], &mut slopes[mine], shape.scale());
            });
        }
        let slopes = Matrix::of(&slopes, seen.len());
        let into = Onto::rows(&mut got.keys[seen.start * width..], width).adding(1.0);
        product_here(slopes.turned(), block.queries, into);
        let into = &mut got.queries[first * sharing * width..];
        product_here(slopes, block.keys, Onto::part(into, sharing * width, nth * width));
    }
    got
}
