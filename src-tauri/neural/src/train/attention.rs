//! Attention backwards: shares are computed again rather than kept, some queries at a time.

use std::ops::Range;

use rayon::prelude::*;

use crate::cpu::product::{Matrix, Onto, product_here};
use crate::cpu::{Heads, spread};

/// Queries whose shares are there at once.
const SOME: usize = 64;

/// What attention was computed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Heads of queries.
    pub(super) heads: Heads,
    /// Heads of keys and values.
    pub(super) kept: usize,
    /// Keys that a query reaches back to.
    pub(super) window: usize,
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

/// What queries, keys and values, rows of [`Shape::stride`], get of what the heads' values get. Each of
/// `sequences` attends to itself alone, and to what was before.
pub(super) fn backward(
    shape: Shape,
    sequences: &[Range<usize>],
    all: &[f32],
    grad: &[f32],
    out: &mut [f32],
) {
    let (stride, total, width) = (shape.stride(), shape.heads.total(), shape.heads.width);
    let sharing = shape.heads.count / shape.kept;
    for range in sequences {
        let all = &all[range.start * stride..range.end * stride];
        let grad = &grad[range.start * total..range.end * total];
        let got: Vec<Got> = (0..shape.kept)
            .into_par_iter()
            .map(|kept| of_one(shape, sharing, kept, all, grad))
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

/// Of one head of keys in one sequence.
fn of_one(shape: Shape, sharing: usize, kept: usize, all: &[f32], grad: &[f32]) -> Got {
    let (stride, total, width) = (shape.stride(), shape.heads.total(), shape.heads.width);
    let count = all.len() / stride;
    let mut got = Got {
        queries: vec![0.0; count * sharing * width],
        keys: vec![0.0; count * width],
        values: vec![0.0; count * width],
    };
    let (key, value) = (total + kept * width, total + (shape.kept + kept) * width);
    let (mut shares, mut slopes) = (Vec::new(), Vec::new());
    for (head, first) in
        (0..sharing).flat_map(|head| (0..count).step_by(SOME).map(move |at| (head, at)))
    {
        let query = (kept * sharing + head) * width;
        let asked = first..count.min(first + SOME);
        let reach = |query: usize| (query + 1).saturating_sub(shape.window)..query + 1;
        let seen = reach(first).start..asked.end;
        let part = |from, some: &Range<usize>| {
            Matrix::part(&all[some.start * stride..some.end * stride], stride, from, width)
        };
        let (queries, keys, values) = (part(query, &asked), part(key, &seen), part(value, &seen));
        let grad = Matrix::part(&grad[first * total..asked.end * total], total, query, width);
        shares.resize(asked.len() * seen.len(), 0.0);
        slopes.resize(asked.len() * seen.len(), 0.0);
        product_here(queries, keys.turned(), Onto::rows(&mut shares, seen.len()));
        product_here(grad, values.turned(), Onto::rows(&mut slopes, seen.len()));
        let both = shares.chunks_exact_mut(seen.len()).zip(slopes.chunks_exact_mut(seen.len()));
        for (query, (shares, slopes)) in asked.clone().zip(both) {
            let mine = reach(query);
            let mine = mine.start - seen.start..mine.end - seen.start;
            for row in [&mut *shares, &mut *slopes] {
                row[..mine.start].fill(0.0);
                row[mine.end..].fill(0.0);
            }
            spread::with(|cpu| {
                let shares = &mut shares[mine.clone()];
                cpu.softmax_of(shares, shape.scale());
                cpu.softmax_back(shares, &mut slopes[mine], shape.scale());
            });
        }
        let (shares, slopes) = (Matrix::of(&shares, seen.len()), Matrix::of(&slopes, seen.len()));
        let into = Onto::rows(&mut got.values[seen.start * width..], width).adding(1.0);
        product_here(shares.turned(), grad, into);
        let into = Onto::rows(&mut got.keys[seen.start * width..], width).adding(1.0);
        product_here(slopes.turned(), queries, into);
        let into = &mut got.queries[first * sharing * width..];
        product_here(slopes, keys, Onto::part(into, sharing * width, head * width));
    }
    got
}
