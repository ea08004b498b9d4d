//! Attention, a few rows of one head at a time, so that the scores of a long text are never all there.

use std::ops::Range;

use super::Cpu;
use super::isa::Kernels;
use super::rowwise::LANES;
use super::tile::{HEIGHT, WIDTH};
use super::turn::SPARE;

/// Fewer queries are answered one by one: packing the keys would take longer.
const FEW: usize = 4;

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

/// Rows of all heads side by side.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The first row, and all that follow.
    pub numbers: &'a [f32],
    /// Numbers from one row to the next.
    pub stride: usize,
    /// How many rows.
    pub count: usize,
}

impl<'a> Rows<'a> {
    /// Whole rows of `width` numbers, one after the other.
    #[must_use]
    pub fn of(numbers: &'a [f32], width: usize) -> Self {
        Self { numbers, stride: width, count: numbers.len() / width }
    }

    fn from(self, column: usize) -> &'a [f32] {
        self.numbers.get(column..).unwrap_or_default()
    }
}

/// Which keys a query is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of them.
    All,
    /// Its own and those before it, so many of them at most. The last query stands at the last key.
    Before(usize),
}

impl Reach {
    /// The keys of a query, of `queries` and `keys`.
    pub(crate) fn keys(self, query: usize, queries: usize, keys: usize) -> Range<usize> {
        match self {
            Self::All => 0..keys,
            Self::Before(most) => {
                let end = keys - queries + query + 1;
                end.saturating_sub(most)..end
            }
        }
    }
}

/// What attention is computed with (Vaswani et al. 2017, <https://arxiv.org/abs/1706.03762>).
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    /// The heads of queries.
    pub heads: Heads,
    /// Heads of queries that share one of keys and values (Ainslie et al. 2023,
    /// <https://arxiv.org/abs/2305.13245>): 1 where each has its own.
    pub sharing: usize,
    /// What scores are multiplied by.
    pub scale: f32,
    /// Added to the scaled scores: for every head, a row for every query of as many numbers as there
    /// are keys. Empty is none.
    pub bias: &'a [f32],
    /// Which keys count.
    pub reach: Reach,
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
    /// Attention of queries to keys; `out` gets a row of all heads' values for every query.
    ///
    /// # Panics
    /// When the lengths do not fit together.
    pub fn attend(
        &mut self,
        queries: Rows,
        keys: Rows,
        values: Rows,
        attention: &Attention,
        out: &mut [f32],
    ) {
        let total = attention.heads.total();
        assert_eq!(out.len(), queries.count * total, "rows of {total}");
        self.attend_heads(queries, keys, values, attention, 0..attention.heads.count, out);
    }

    /// The same for some heads, which alone stand in the rows of `out`.
    pub(super) fn attend_heads(
        &mut self,
        queries: Rows,
        keys: Rows,
        values: Rows,
        attention: &Attention,
        heads: Range<usize>,
        out: &mut [f32],
    ) {
        let Attention { heads: Heads { width, count: all }, sharing, bias, .. } = *attention;
        let pairs = queries.count * keys.count;
        assert_eq!(keys.count, values.count, "a value for every key");
        assert!(bias.is_empty() || bias.len() == all * pairs, "a bias for every pair");
        let stride = heads.len() * width;
        let mut room = std::mem::take(&mut self.attention);
        let mut packed = usize::MAX;
        for head in heads.clone() {
            let bias = bias.get(head * pairs..(head + 1) * pairs).unwrap_or_default();
            let (query, key) = (head * width, head / sharing * width);
            let out = &mut out[(head - heads.start) * width..];
            let one = Head {
                queries: Rows { numbers: queries.from(query), ..queries },
                keys: Rows { numbers: keys.from(key), ..keys },
                values: Rows { numbers: values.from(key), ..values },
                width,
                scale: attention.scale,
                reach: attention.reach,
                bias,
            };
            if queries.count < FEW {
                self.attend_one_by_one(&one, &mut room, out, stride);
                continue;
            }
            if packed != key {
                room.take_in(&self.kernels, &one);
                packed = key;
            }
            for first in (0..queries.count).step_by(HEIGHT) {
                self.attend_block(&one, first, &mut room, &mut out[first * stride..], stride);
            }
        }
        self.attention = room;
    }

    /// Query after query, on keys and values as they lie.
    fn attend_one_by_one(&self, one: &Head, room: &mut Room, out: &mut [f32], stride: usize) {
        for query in 0..one.queries.count {
            let some = one.reach.keys(query, one.queries.count, one.keys.count);
            let asked = &one.queries.numbers[query * one.queries.stride..][..one.width];
            let keys = &one.keys.numbers[some.start * one.keys.stride..];
            let values = &one.values.numbers[some.start * one.values.stride..];
            room.scores.resize(some.len(), 0.0);
            let bias = one.bias_of(query, &some);
            // SAFETY: `Kernels::of` made sure of the instructions.
            unsafe {
                (self.kernels.dots)(asked, keys, one.keys.stride, &mut room.scores);
                (self.kernels.softmax)(&mut room.scores, one.scale, bias);
                let out = &mut out[query * stride..][..one.width];
                (self.kernels.mix)(&room.scores, values, one.values.stride, out);
            }
        }
    }

    /// Up to [`HEIGHT`] queries from `first` on, on packed keys and values.
    fn attend_block(
        &self,
        one: &Head,
        first: usize,
        room: &mut Room,
        out: &mut [f32],
        stride: usize,
    ) {
        let count = HEIGHT.min(one.queries.count - first);
        let keys_of = |query: usize| one.reach.keys(query, one.queries.count, one.keys.count);
        // The keys of any of them: whole panels of keys.
        let some = keys_of(first).start..keys_of(first + count - 1).end;
        let panels = some.start / WIDTH..some.end.div_ceil(WIDTH);
        let (from, wide) = (panels.start * WIDTH, panels.len() * WIDTH);
        self.scores(one, first, count, &panels, room);
        for (at, row) in room.scores.chunks_exact_mut(wide).take(count).enumerate() {
            let mine = keys_of(first + at);
            let bias = one.bias_of(first + at, &mine);
            let (start, end) = (mine.start - from, mine.end - from);
            row[..start].fill(0.0);
            row[end..].fill(0.0);
            // Without a bias keys that do not count make whole vectors of the last ones; they get nothing.
            let whole =
                if bias.is_empty() { start + mine.len().next_multiple_of(LANES) } else { end };
            let whole = whole.min(wide);
            row[end..whole].fill(f32::NEG_INFINITY);
            // SAFETY: `Kernels::of` made sure of the instructions.
            unsafe { (self.kernels.softmax)(&mut row[start..whole], one.scale, bias) };
        }
        let width = one.width;
        room.shares.resize(HEIGHT * some.len() + SPARE, 0.0);
        let shares = &room.scores[some.start - from..];
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.turn)(shares, wide, some.len(), count, &mut room.shares) };
        for (at, panel) in room.values.chunks_exact(WIDTH * one.keys.count).enumerate() {
            let mut sums = [0.0; HEIGHT * WIDTH];
            // SAFETY: as many shares and rows of the panel as there are keys, room for the sums; and
            // `Kernels::of` made sure of the instructions.
            unsafe {
                (self.kernels.tile)(
                    some.len(),
                    count,
                    room.shares.as_ptr(),
                    panel[some.start * WIDTH..].as_ptr(),
                    sums.as_mut_ptr(),
                );
            }
            let columns = at * WIDTH..width.min((at + 1) * WIDTH);
            for (out, sums) in out.chunks_mut(stride).zip(sums.chunks_exact(WIDTH)).take(count) {
                out[columns.clone()].copy_from_slice(&sums[..columns.len()]);
            }
        }
    }

    /// Products of `count` queries with the keys of some panels, in rows as wide as those.
    fn scores(
        &self,
        one: &Head,
        first: usize,
        count: usize,
        panels: &Range<usize>,
        room: &mut Room,
    ) {
        let (width, stride) = (one.width, one.queries.stride);
        room.queries.resize(HEIGHT * width + SPARE, 0.0);
        let queries = &one.queries.numbers[first * stride..];
        // SAFETY: `Kernels::of` made sure of the instructions.
        unsafe { (self.kernels.turn)(queries, stride, width, count, &mut room.queries) };
        let wide = panels.len() * WIDTH;
        room.scores.resize(HEIGHT * wide, 0.0);
        let keys = room.keys.chunks_exact(WIDTH * width).skip(panels.start);
        for (at, panel) in keys.take(panels.len()).enumerate() {
            let mut sums = [0.0; HEIGHT * WIDTH];
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
            let rows = room.scores.chunks_exact_mut(wide);
            for (row, sums) in rows.zip(sums.chunks_exact(WIDTH)).take(count) {
                row[at * WIDTH..(at + 1) * WIDTH].copy_from_slice(sums);
            }
        }
    }
}

/// One head's part of all rows.
struct Head<'a> {
    queries: Rows<'a>,
    keys: Rows<'a>,
    values: Rows<'a>,
    width: usize,
    scale: f32,
    reach: Reach,
    bias: &'a [f32],
}

impl Head<'_> {
    /// What is added to the scores of a query with some keys.
    fn bias_of(&self, query: usize, keys: &Range<usize>) -> &[f32] {
        let row = query * self.keys.count;
        self.bias.get(row + keys.start..row + keys.end).unwrap_or_default()
    }
}

impl Room {
    /// Packs the keys and values of one head.
    fn take_in(&mut self, kernels: &Kernels, one: &Head) {
        let (width, length) = (one.width, one.keys.count);
        // What stands where there is no key or value is never looked at.
        self.keys.resize(length.next_multiple_of(WIDTH) * width, 0.0);
        for (at, panel) in self.keys.chunks_exact_mut(WIDTH * width).enumerate() {
            let keys = &one.keys.numbers[at * WIDTH * one.keys.stride..];
            let here = WIDTH.min(length - at * WIDTH);
            // SAFETY: `here` rows, whole but for what is behind the last one's numbers, and a panel's room;
            // and `Kernels::of` made sure of the instructions.
            unsafe { (kernels.panel)(keys, one.keys.stride, width, here, panel) };
        }
        self.values.resize(width.next_multiple_of(WIDTH) * length, 0.0);
        for (at, panel) in self.values.chunks_exact_mut(WIDTH * length).enumerate() {
            let columns = at * WIDTH..width.min((at + 1) * WIDTH);
            for (row, out) in panel.chunks_exact_mut(WIDTH).enumerate() {
                let values = &one.values.numbers[row * one.values.stride..][columns.clone()];
                out[..values.len()].copy_from_slice(values);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Isa;
    use super::*;

    /// Numbers that look like nothing in particular.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        (0..count).map(|x| (((x + seed) * 37 % 101) as f32 / 50.0).sin()).collect()
    }

    #[test]
    fn every_form_attends_as_the_definition_says() {
        let reaches = [Reach::All, Reach::Before(usize::MAX), Reach::Before(6)];
        for (queries, keys, count, width) in
            [(1, 1, 1, 8), (1, 40, 2, 16), (3, 5, 2, 32), (33, 33, 4, 40), (20, 70, 2, 64)]
        {
            for (reach, sharing) in reaches.into_iter().flat_map(|reach| [(reach, 1), (reach, 2)]) {
                if count % sharing > 0 {
                    continue;
                }
                let heads = Heads { count, width };
                let (asked, kept) = (heads.total(), heads.total() / sharing);
                let q = numbers(queries * (asked + 3), 1);
                let k = numbers(keys * kept, 2);
                let v = numbers(keys * (kept + 1), 3);
                let bias = numbers(count * queries * keys, 4);
                let attention = Attention { heads, sharing, scale: 0.3, bias: &bias, reach };
                let q = Rows { numbers: &q, stride: asked + 3, count: queries };
                let (k, v) = (Rows::of(&k, kept), Rows::of(&v, kept + 1));
                for isa in Isa::ALL.into_iter().filter(|isa| isa.is_here()) {
                    let mut out = vec![f32::NAN; queries * asked];
                    Cpu::with(isa).attend(q, k, v, &attention, &mut out);
                    for (head, query) in (0..count).flat_map(|h| (0..queries).map(move |q| (h, q)))
                    {
                        let exact = defined(q, k, v, &attention, head, query);
                        let given = &out[query * asked + head * width..][..width];
                        for (given, exact) in given.iter().zip(exact) {
                            assert!(
                                (f64::from(*given) - exact).abs() < 1e-5,
                                "{isa:?} {queries} {keys} {reach:?} {sharing}"
                            );
                        }
                    }
                }
            }
        }
    }

    /// One head's answer to one query, in double precision.
    fn defined(q: Rows, k: Rows, v: Rows, what: &Attention, head: usize, query: usize) -> Vec<f64> {
        let width = what.heads.width;
        let at = |rows: Rows, row: usize, head: usize, column: usize| {
            f64::from(rows.numbers[row * rows.stride + head * width + column])
        };
        let kept = head / what.sharing;
        let place = k.count - q.count.min(k.count) + query;
        let weights: Vec<f64> = (0..k.count)
            .map(|key| {
                let seen = match what.reach {
                    Reach::All => true,
                    Reach::Before(most) => key <= place && place - key < most,
                };
                let score: f64 =
                    (0..width).map(|c| at(q, query, head, c) * at(k, key, kept, c)).sum();
                let bias = f64::from(what.bias[(head * q.count + query) * k.count + key]);
                if seen { (f64::from(what.scale) * score + bias).exp() } else { 0.0 }
            })
            .collect();
        let sum: f64 = weights.iter().sum();
        (0..width)
            .map(|c| weights.iter().enumerate().map(|(key, w)| w / sum * at(v, key, kept, c)).sum())
            .collect()
    }
}
