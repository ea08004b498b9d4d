//! One layer of a decoder of Llama's kind, forwards and backwards.
//!
//! What is kept of the way forward is what products gave; norms, gates and attention's shares are computed
//! again. With nothing kept but what came in, the whole way forward is gone a second time (Chen et al. 2016,
//! <https://arxiv.org/abs/1604.06174>).

use std::ops::Range;

use rayon::prelude::*;

use crate::cpu::{Activation, Attention, Reach, Rows, spread};
use crate::decoder::config::{Config, Names};
use crate::decoder::rotary;
use crate::error::Result;
use crate::linear::Found;

use crate::train::attention::{self, Shape};
use crate::train::map::{Columns, Map};
use crate::train::parameters::Parameters;
use crate::train::room::Room;

/// Rows that a thread takes at a time.
const SOME: usize = 32;

/// A layer's weights.
#[derive(Debug)]
pub(super) struct Layer {
    first_norm: Vec<f32>,
    /// Queries, keys and values.
    pub(super) asked: [Map; 3],
    pub(super) mixed: Map,
    second_norm: Vec<f32>,
    /// The gate and what it lets through.
    pub(super) inner: [Map; 2],
    pub(super) outer: Map,
    epsilon: f32,
    activation: Activation,
    shape: Shape,
}

/// What a layer keeps for the way back.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Rows that came in.
    pub(super) rows: Vec<f32>,
    /// Queries, keys and values, turned to their places.
    all: Vec<f32>,
    /// The heads' values.
    heads: Vec<f32>,
    /// Rows after attention.
    middle: Vec<f32>,
    /// The gate and what it lets through.
    wide: Vec<f32>,
}

/// What is the same for all layers of a pass.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    /// The rows of every sequence.
    pub(super) sequences: &'a [Range<usize>],
    /// The cosines and sines of every row's place.
    pub(super) turns: &'a [(f32, f32)],
    /// What tells the step's dropout from another's; none leaves nothing out.
    pub(super) key: Option<u32>,
}

impl Trace {
    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        [&self.rows, &self.all, &self.heads, &self.middle, &self.wide]
            .iter()
            .map(|part| part.capacity() * size_of::<f32>())
            .sum()
    }

    /// Lets go of all but what came in.
    pub(super) fn forget(&mut self, room: &mut Room) {
        let Self { rows, all, heads, middle, wide } = std::mem::take(self);
        room.back([all, heads, middle, wide]);
        self.rows = rows;
    }
}

impl Layer {
    pub(super) fn load(found: &Found, config: &Config, at: usize) -> Result<Self> {
        let Names { layer, asked, mixed, inner, outer, first_norm, second_norm, .. } = config.names;
        let named = |name: &str| format!("{layer}.{at}.{name}");
        let (width, total) = (config.width, config.heads.total());
        let kept = config.kept * config.heads.width;
        let map = |name: &str, outputs, inputs| Map::load(found, &named(name), outputs, inputs);
        let norm = |name: &str| found.load(&format!("{}.weight", named(name)), &[width]);
        Ok(Self {
            first_norm: norm(first_norm)?,
            asked: [
                map(asked[0], total, width)?,
                map(asked[1], kept, width)?,
                map(asked[2], kept, width)?,
            ],
            mixed: map(mixed, width, total)?,
            second_norm: norm(second_norm.unwrap_or_default())?,
            inner: [map(inner[0], config.inner, width)?, map(inner[1], config.inner, width)?],
            outer: map(outer, width, config.inner)?,
            epsilon: config.epsilon,
            activation: config.activation,
            shape: Shape {
                heads: config.heads,
                kept: config.kept,
                reach: Reach::Before(config.window),
            },
        })
    }

    /// Its maps by the names that the configuration has for them.
    pub(super) fn maps<'a>(&'a mut self, config: &Config) -> Vec<(&'static str, &'a mut Map)> {
        let names = config.names;
        let asked = names.asked.iter().copied().zip(&mut self.asked);
        let inner = names.inner.iter().copied().zip(&mut self.inner);
        let one = [(names.mixed, &mut self.mixed), (names.outer, &mut self.outer)];
        asked.chain(inner).chain(one).collect()
    }

    /// The weights of its norms, and what keeps these from dividing by nought.
    #[cfg(feature = "candle")]
    pub(super) fn norms(&self) -> (&[f32], &[f32], f32) {
        (&self.first_norm, &self.second_norm, self.epsilon)
    }

    /// What its gate does to its sums.
    #[cfg(feature = "candle")]
    pub(super) fn activation(&self) -> Activation {
        self.activation
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        let maps = self.asked.iter().chain(&self.inner).chain([&self.mixed, &self.outer]);
        maps.map(Map::bytes).sum()
    }

    fn normed(&self, room: &mut Room, rows: &[f32], weight: &[f32]) -> Vec<f32> {
        let mut out = room.copy(rows);
        out.par_chunks_mut(SOME * weight.len())
            .for_each(|rows| spread::with(|cpu| cpu.rms_norm(rows, weight, self.epsilon)));
        out
    }

    /// What rows get of what they get after a norm, added to `out`.
    fn norm_back(&self, rows: &[f32], weight: &[f32], grad: &[f32], out: &mut [f32]) {
        let some = SOME * weight.len();
        let rows = rows.par_chunks(some).zip(grad.par_chunks(some));
        rows.zip(out.par_chunks_mut(some)).for_each(|((rows, grad), out)| {
            spread::with(|cpu| cpu.rms_norm_back(rows, weight, self.epsilon, grad, out));
        });
    }

    /// The gate's values times what it lets through.
    fn gated(&self, room: &mut Room, wide: &[f32]) -> Vec<f32> {
        let width = self.outer.inputs;
        let mut out = room.any(wide.len() / 2);
        out.par_chunks_mut(SOME * width).zip(wide.par_chunks(2 * SOME * width)).for_each(
            |(out, wide)| {
                spread::with(|cpu| cpu.gate(wide, width, self.activation, out));
            },
        );
        out
    }

    /// Fills `trace` from its rows, and gives the rows that come out.
    pub(super) fn forward(
        &self,
        values: &[Vec<f32>],
        room: &mut Room,
        trace: &mut Trace,
        pass: &Pass,
    ) -> Vec<f32> {
        let Trace { rows, all, heads, middle, wide } = trace;
        let (width, total, stride) =
            (self.first_norm.len(), self.shape.heads.total(), self.shape.stride());
        let count = rows.len() / width;
        let near = self.normed(room, rows, &self.first_norm);
        room.fill(all, count * stride);
        let mut from = 0;
        for map in &self.asked {
            map.forward(values, &near, pass.key, all, Columns { stride, from });
            from += map.outputs;
        }
        let kept = self.shape.kept * self.shape.heads.width;
        turn(all, (stride, total + kept, self.shape.heads.width), pass.turns);
        room.fill(heads, count * total);
        self.attend(all, pass.sequences, heads);
        room.fill(middle, count * width);
        self.mixed.forward(values, heads, pass.key, middle, Columns { stride: width, from: 0 });
        spread::with(|cpu| cpu.add(rows, 1.0, middle));
        room.back([near]);
        let near = self.normed(room, middle, &self.second_norm);
        let inner = self.outer.inputs;
        room.fill(wide, count * 2 * inner);
        for (at, map) in self.inner.iter().enumerate() {
            let columns = Columns { stride: 2 * inner, from: at * inner };
            map.forward(values, &near, pass.key, wide, columns);
        }
        let mut out = room.any(count * width);
        let gated = self.gated(room, wide);
        self.outer.forward(values, &gated, pass.key, &mut out, Columns { stride: width, from: 0 });
        spread::with(|cpu| cpu.add(middle, 1.0, &mut out));
        room.back([near, gated]);
        out
    }

    fn attend(&self, all: &[f32], sequences: &[Range<usize>], out: &mut [f32]) {
        let Shape { heads, kept, reach } = self.shape;
        let (total, stride) = (heads.total(), self.shape.stride());
        for range in sequences {
            let numbers = &all[range.start * stride..range.end * stride];
            let part = |from: usize| Rows { numbers: &numbers[from..], stride, count: range.len() };
            let attention = Attention {
                heads,
                sharing: heads.count / kept,
                scale: self.shape.scale(),
                bias: &[],
                reach,
            };
            let out = &mut out[range.start * total..range.end * total];
            let keys = part(total);
            spread::attend(part(0), keys, part(total + kept * heads.width), &attention, out);
        }
    }

    /// What the rows that came in get of `grad`, what those that came out get; and what the changes of its
    /// maps get. With `is_first` no layer before learns, and what is given is of no use.
    pub(super) fn backward(
        &self,
        parameters: &mut Parameters,
        room: &mut Room,
        trace: &Trace,
        pass: &Pass,
        mut grad: Vec<f32>,
        is_first: bool,
    ) -> Vec<f32> {
        let Trace { rows, all, heads, middle, wide } = trace;
        let (width, total, stride) =
            (self.first_norm.len(), self.shape.heads.total(), self.shape.stride());
        let (count, inner) = (rows.len() / width, self.outer.inputs);
        let narrow = Columns { stride: width, from: 0 };

        let gated = self.gated(room, wide);
        let mut gated_grad = room.noughts(count * inner);
        let into = Some(&mut gated_grad[..]);
        self.outer.backward(parameters, &gated, pass.key, (&grad, narrow), into);
        let mut wide_grad = room.copy(wide);
        wide_grad
            .par_chunks_mut(2 * SOME * inner)
            .zip(gated_grad.par_chunks(SOME * inner))
            .for_each(|(wide, grad)| {
                spread::with(|cpu| cpu.gate_back(wide, inner, self.activation, grad));
            });
        let near = self.normed(room, middle, &self.second_norm);
        let mut near_grad = room.noughts(count * width);
        for (at, map) in self.inner.iter().enumerate() {
            let columns = Columns { stride: 2 * inner, from: at * inner };
            let into = Some(&mut near_grad[..]);
            map.backward(parameters, &near, pass.key, (&wide_grad, columns), into);
        }
        self.norm_back(middle, &self.second_norm, &near_grad, &mut grad);

        room.back([gated, gated_grad, wide_grad, near]);
        let mut heads_grad = room.noughts(count * total);
        let into = Some(&mut heads_grad[..]);
        self.mixed.backward(parameters, heads, pass.key, (&grad, narrow), into);
        let mut all_grad = room.any(all.len());
        attention::backward(self.shape, pass.sequences, all, None, &heads_grad, &mut all_grad);
        let back: Vec<_> = pass.turns.iter().map(|&(cosine, sine)| (cosine, -sine)).collect();
        let kept = self.shape.kept * self.shape.heads.width;
        turn(&mut all_grad, (stride, total + kept, self.shape.heads.width), &back);
        let near = self.normed(room, rows, &self.first_norm);
        near_grad.fill(0.0);
        let mut from = 0;
        for map in &self.asked {
            let into = (!is_first).then_some(&mut near_grad[..]);
            let columns = Columns { stride, from };
            map.backward(parameters, &near, pass.key, (&all_grad, columns), into);
            from += map.outputs;
        }
        if !is_first {
            self.norm_back(rows, &self.first_norm, &near_grad, &mut grad);
        }
        room.back([near, near_grad, heads_grad, all_grad]);
        grad
    }
}

/// Turns the first `turned` numbers of rows to their places, head by head.
fn turn(rows: &mut [f32], (stride, turned, head): (usize, usize, usize), turns: &[(f32, f32)]) {
    let pairs = turns.len() / (rows.len() / stride).max(1);
    rows.par_chunks_mut(stride).zip(turns.par_chunks(pairs.max(1))).for_each(|(row, turns)| {
        rotary::turn(&mut row[..turned], head, turns);
    });
}
