//! Attention of one sequence to itself, a few rows of one head at a time, so that the scores of a
//! long text are never all there.

use super::Cpu;
use super::packed::columns;
use super::tile::{HEIGHT, WIDTH};
use super::turn::SPARE;

/// How the numbers of a row are dealt to heads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heads {
    /// How many.
    pub count: usize,
    /// Numbers of each.
    pub width: usize,
}

impl Heads {
    /// Numbers of all.
    #[must_use]
    pub fn total(self) -> usize {
        self.count * self.width
    }
}

/// What attention is computed with (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>).
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    /// The heads of queries, keys and values alike.
    pub heads: Heads,
    /// What scores are multiplied by.
    pub scale: f32,
    /// Added to the scaled scores: for every head, a row for every query of as many numbers as there
    /// are keys. Empty is none.
    pub bias: &'a [f32],
}

/// What attention needs room for, kept from one call to the next.
#[derive(Default)]
pub(super) struct Room {
    keys: Vec<f32>,
    values: Vec<f32>,
    queries: Vec<f32>,
    scores: Vec<f32>,
    shares: Vec<f32>,
}

impl Cpu {
    /// Attention of a sequence to itself. `rows` holds its queries, keys and values side by side, all
    /// heads of each together; `out` gets rows of all heads' values.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn attend(&mut self, rows: &[f32], attention: &Attention, out: &mut [f32]) {
        let heads = attention.heads;
        let (total, stride) = (heads.total(), 3 * heads.total());
        let length = rows.len() / stride;
        assert_eq!(out.len(), length * total, "rows of {total}");
        let pairs = length * length;
        assert!(
            attention.bias.is_empty() || attention.bias.len() == heads.count * pairs,
            "a bias for every pair"
        );
        let mut room = std::mem::take(&mut self.attention);
        for head in 0..heads.count {
            let from = head * heads.width;
            let bias = attention.bias.get(head * pairs..(head + 1) * pairs).unwrap_or_default();
            room.take_in(&rows[from..], stride, total, heads.width, length);
            for first in (0..length).step_by(HEIGHT) {
                let count = HEIGHT.min(length - first);
                let queries = &rows[first * stride + from..];
                self.scores(&mut room, queries, stride, count, heads.width, length);
                for (at, row) in
                    room.scores.chunks_exact_mut(padded(length)).take(count).enumerate()
                {
                    let bias = bias.get((first + at) * length..).unwrap_or_default();
                    let bias = &bias[..bias.len().min(length)];
                    // SAFETY: `Kernels::of` made sure of the instructions.
                    unsafe { (self.kernels.softmax)(&mut row[..length], attention.scale, bias) };
                }
                self.values(
                    &mut room,
                    count,
                    heads.width,
                    length,
                    &mut out[first * total + from..],
                    total,
                );
            }
        }
        self.attention = room;
    }

    /// Products of `count` queries with all keys, into rows as wide as the padded length.
    fn scores(
        &self,
        room: &mut Room,
        queries: &[f32],
        stride: usize,
        count: usize,
        width: usize,
        length: usize,
    ) {
        room.queries.resize(HEIGHT * width + SPARE, 0.0);
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.turn)(queries, stride, width, count, &mut room.queries) };
        room.scores.resize(HEIGHT * padded(length), 0.0);
        let mut sums = [0.0; HEIGHT * WIDTH];
        for (at, panel) in room.keys.chunks_exact(WIDTH * width).enumerate() {
            // SAFETY: `width × count` queries, a panel of `width × WIDTH`, room for the sums; and
            // `Kernels::of` made sure of the instructions.
            unsafe {
                (self.kernels.tile)(
                    width,
                    count,
                    room.queries.as_ptr(),
                    panel.as_ptr(),
                    sums.as_mut_ptr(),
                );
            }
            for (row, sums) in room
                .scores
                .chunks_exact_mut(padded(length))
                .zip(sums.chunks_exact(WIDTH))
                .take(count)
            {
                row[at * WIDTH..(at + 1) * WIDTH].copy_from_slice(sums);
            }
        }
    }

    /// The values of all keys, each by its share, into `count` rows that are `stride` apart.
    fn values(
        &self,
        room: &mut Room,
        count: usize,
        width: usize,
        length: usize,
        out: &mut [f32],
        stride: usize,
    ) {
        room.shares.resize(HEIGHT * length + SPARE, 0.0);
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe {
            (self.kernels.turn)(&room.scores, padded(length), length, count, &mut room.shares);
        }
        let mut sums = [0.0; HEIGHT * WIDTH];
        for (at, panel) in room.values.chunks_exact(WIDTH * length).enumerate() {
            // SAFETY: `length × count` shares, a panel of `length × WIDTH`, room for the sums; and
            // `Kernels::of` made sure of the instructions.
            unsafe {
                (self.kernels.tile)(
                    length,
                    count,
                    room.shares.as_ptr(),
                    panel.as_ptr(),
                    sums.as_mut_ptr(),
                );
            }
            let columns = at * WIDTH..width.min((at + 1) * WIDTH);
            for (out, sums) in out.chunks_mut(stride).zip(sums.chunks_exact(WIDTH)).take(count) {
                out[columns.clone()].copy_from_slice(&sums[..columns.len()]);
            }
        }
    }
}

/// Keys as they lie in panels.
fn padded(length: usize) -> usize {
    length.next_multiple_of(WIDTH)
}

impl Room {
    /// Packs the keys and values of one head; `rows` begins with its first query.
    fn take_in(&mut self, rows: &[f32], stride: usize, total: usize, width: usize, length: usize) {
        self.keys.clear();
        self.keys.resize(padded(length) * width, 0.0);
        for (at, panel) in self.keys.chunks_exact_mut(WIDTH * width).enumerate() {
            let first = at * WIDTH;
            let keys = &rows[first * stride + total..];
            columns(keys, stride, width, panel);
        }
        self.values.clear();
        self.values.resize(width.next_multiple_of(WIDTH) * length, 0.0);
        for (at, panel) in self.values.chunks_exact_mut(WIDTH * length).enumerate() {
            let columns = at * WIDTH..width.min((at + 1) * WIDTH);
            for (row, out) in panel.chunks_exact_mut(WIDTH).enumerate() {
                let values = &rows[row * stride + 2 * total..][columns.clone()];
                out[..values.len()].copy_from_slice(values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Isa;
    use super::*;

    #[test]
    fn every_form_attends_as_the_definition_says() {
        for (length, count, width) in [(1, 1, 8), (5, 2, 32), (33, 3, 40), (70, 2, 64)] {
            let heads = Heads { count, width };
            let total = heads.total();
            let rows: Vec<f32> =
                (0..length * 3 * total).map(|x| ((x * 37 % 101) as f32 / 50.0).sin()).collect();
            let bias: Vec<f32> =
                (0..count * length * length).map(|x| ((x * 13 % 29) as f32 / 9.0).cos()).collect();
            for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                let mut out = vec![f32::NAN; length * total];
                let attention = Attention { heads, scale: 0.3, bias: &bias };
                Cpu::with(isa).attend(&rows, &attention, &mut out);
                for head in 0..count {
                    for query in 0..length {
                        let exact = defined(&rows, &bias, heads, head, query, length);
                        let given = &out[query * total + head * width..][..width];
                        for (given, exact) in given.iter().zip(exact) {
                            assert!((f64::from(*given) - exact).abs() < 1e-5, "{isa:?} {length}");
                        }
                    }
                }
            }
        }
    }

    /// One head's answer to one query, in double precision.
    fn defined(
        rows: &[f32],
        bias: &[f32],
        heads: Heads,
        head: usize,
        query: usize,
        length: usize,
    ) -> Vec<f64> {
        let total = heads.total();
        let at = |row: usize, part: usize, column: usize| {
            f64::from(rows[(row * 3 + part) * total + head * heads.width + column])
        };
        let weights: Vec<f64> = (0..length)
            .map(|key| {
                let score: f64 = (0..heads.width).map(|c| at(query, 0, c) * at(key, 1, c)).sum();
                (0.3 * score + f64::from(bias[(head * length + query) * length + key])).exp()
            })
            .collect();
        let sum: f64 = weights.iter().sum();
        (0..heads.width)
            .map(|c| weights.iter().enumerate().map(|(key, w)| w / sum * at(key, 2, c)).sum())
            .collect()
    }
}
