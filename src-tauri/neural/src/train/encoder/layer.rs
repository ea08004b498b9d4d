//! One layer of an encoder, forwards and backwards: attention, then two maps with an activation between,
//! each added to what it was made of and normed.

use std::ops::Range;

use rayon::prelude::*;

use crate::cpu::{Activation, Attention, Heads, Reach, Rows, spread};
use crate::encoder::Config;
use crate::error::Result;
use crate::train::attention::{self, Dropped, Shape};
use crate::train::map::{Columns, Map};
use crate::train::parameters::Parameters;
use crate::train::room::Room;

use super::norm::Norm;
use super::source::Source;

/// Numbers that a thread takes at a time.
const SOME: usize = 1 << 14;

/// A layer's weights.
#[derive(Debug)]
pub(super) struct Layer {
    /// Queries, keys and values.
    pub(super) asked: [Map; 3],
    pub(super) mixed: Map,
    pub(super) mixed_norm: Norm,
    pub(super) inner: Map,
    pub(super) outer: Map,
    pub(super) outer_norm: Norm,
    pub(super) activation: Activation,
    pub(super) shape: Shape,
    pub(super) number: u32,
}

/// What a layer keeps for the way back.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// Rows that came in.
    pub(super) rows: Vec<f32>,
    /// Queries, keys and values.
    all: Vec<f32>,
    /// The heads' values.
    heads: Vec<f32>,
    /// Rows after attention, before their norm.
    middle: Vec<f32>,
    /// Between the two maps, before the activation.
    wide: Vec<f32>,
    /// Rows that come out, before their norm.
    last: Vec<f32>,
}

/// What a step leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// Of rows.
    pub rows: f32,
    /// Of attention's shares.
    pub shares: f32,
    /// Of what the head gets.
    pub head: f32,
}

/// What is the same for all layers of a pass.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    /// The rows of every sequence.
    pub(super) sequences: &'a [Range<usize>],
    pub(super) dropout: Dropout,
    /// What tells the step's dropout from another's; none leaves nothing out.
    pub(super) key: Option<u32>,
}

impl Pass<'_> {
    /// The key of one place among those of the step.
    pub(super) fn key_of(&self, layer: u32, place: u32) -> Option<u32> {
        self.key.map(|key| key ^ (4 * layer + place).wrapping_mul(0x9E37_79B9))
    }

    /// Leaves out some numbers of rows, the same forwards and backwards; `place` tells this one from others
    /// of the layer.
    pub(super) fn drop_some(&self, room: &mut Room, rows: &mut Vec<f32>, layer: u32, place: u32) {
        let Some(key) = self.key_of(layer, place).filter(|_| self.dropout.rows > 0.0) else {
            return;
        };
        let mut out = room.any(rows.len());
        spread::with(|cpu| cpu.drop_some(rows, key, 1.0 - self.dropout.rows, &mut out));
        std::mem::swap(rows, &mut out);
        room.back([out]);
    }

    fn dropped(&self, layer: u32) -> Option<Dropped> {
        let dropout = self.dropout.shares;
        self.key_of(layer, 2).filter(|_| dropout > 0.0).map(|key| Dropped { dropout, key })
    }
}

impl Trace {
    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        [&self.rows, &self.all, &self.heads, &self.middle, &self.wide, &self.last]
            .iter()
            .map(|part| part.capacity() * size_of::<f32>())
            .sum()
    }

    /// Lets go of all but what came in.
    pub(super) fn forget(&mut self, room: &mut Room) {
        let Self { rows, all, heads, middle, wide, last } = std::mem::take(self);
        room.back([all, heads, middle, wide, last]);
        self.rows = rows;
    }
}

impl Layer {
    pub(super) fn load(source: &mut Source, config: &Config, at: usize) -> Result<Self> {
        let names = config.names;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let (width, inner, epsilon) = (config.width, config.inner, config.epsilon);
        let heads = Heads { count: config.heads, width: width / config.heads };
        Ok(Self {
            asked: [
                source.map(&named(names.query), width, width)?,
                source.map(&named(names.key), width, width)?,
                source.map(&named(names.value), width, width)?,
            ],
            mixed: source.map(&named(names.mixed), width, width)?,
            mixed_norm: source.norm(&named(names.mixed_norm), width, epsilon)?,
            inner: source.map(&named(names.inner), inner, width)?,
            outer: source.map(&named(names.outer), width, inner)?,
            outer_norm: source.norm(&named(names.outer_norm), width, epsilon)?,
            activation: config.activation,
            shape: Shape { heads, kept: heads.count, reach: Reach::All },
            number: at as u32,
        })
    }

    /// Its maps by the names that the configuration has for them.
    pub(super) fn maps(&mut self, config: &Config) -> Vec<(&'static str, &mut Map)> {
        let names = config.names;
        let asked = [names.query, names.key, names.value].into_iter().zip(&mut self.asked);
        let rest = [
            (names.mixed, &mut self.mixed),
            (names.inner, &mut self.inner),
            (names.outer, &mut self.outer),
        ];
        asked.chain(rest).collect()
    }

    /// Bytes of memory beside what is learned.
    pub(super) fn bytes(&self) -> usize {
        let maps = self.asked.iter().chain([&self.mixed, &self.inner, &self.outer]);
        maps.map(Map::bytes).sum()
    }

    fn activated(&self, room: &mut Room, wide: &[f32]) -> Vec<f32> {
        let mut out = room.copy(wide);
        out.par_chunks_mut(SOME)
            .for_each(|some| spread::with(|cpu| cpu.activate(some, self.activation)));
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
        let Trace { rows, all, heads, middle, wide, last } = trace;
        let (width, inner) = (self.mixed.outputs, self.inner.outputs);
        let count = rows.len() / width;
        let narrow = Columns { stride: width, from: 0 };
        room.fill(all, count * 3 * width);
        for (at, map) in self.asked.iter().enumerate() {
            let columns = Columns { stride: 3 * width, from: at * width };
            map.forward(values, rows, pass.key, all, columns);
        }
        room.fill(heads, count * width);
        self.attend(all, pass, heads);
        room.fill(middle, count * width);
        self.mixed.forward(values, heads, pass.key, middle, narrow);
        pass.drop_some(room, middle, self.number, 0);
        spread::with(|cpu| cpu.add(rows, 1.0, middle));
        let near = self.mixed_norm.forward(values, room, middle);
        room.fill(wide, count * inner);
        let columns = Columns { stride: inner, from: 0 };
        self.inner.forward(values, &near, pass.key, wide, columns);
        let active = self.activated(room, wide);
        room.fill(last, count * width);
        self.outer.forward(values, &active, pass.key, last, narrow);
        pass.drop_some(room, last, self.number, 1);
        spread::with(|cpu| cpu.add(&near, 1.0, last));
        room.back([near, active]);
        self.outer_norm.forward(values, room, last)
    }

    fn attend(&self, all: &[f32], pass: &Pass, out: &mut [f32]) {
        if let Some(dropped) = pass.dropped(self.number) {
            return attention::forward(self.shape, pass.sequences, all, dropped, out);
        }
        let (width, stride) = (self.mixed.outputs, self.shape.stride());
        let attention = Attention {
            heads: self.shape.heads,
            sharing: 1,
            scale: self.shape.scale(),
            bias: &[],
            reach: Reach::All,
        };
        for range in pass.sequences {
            let numbers = &all[range.start * stride..range.end * stride];
            let part =
                |at: usize| Rows { numbers: &numbers[at * width..], stride, count: range.len() };
            let out = &mut out[range.start * width..range.end * width];
            spread::attend(part(0), part(1), part(2), &attention, out);
        }
    }

    /// What the rows that came in get of `grad`, what those that came out get; and what is learned of the
    /// layer gets. With `is_first` nothing before it learns, and what is given is of no use.
    pub(super) fn backward(
        &self,
        parameters: &mut Parameters,
        room: &mut Room,
        trace: &Trace,
        pass: &Pass,
        grad: Vec<f32>,
        is_first: bool,
    ) -> Vec<f32> {
        let Trace { rows, all, heads, middle, wide, last } = trace;
        let (width, inner) = (self.mixed.outputs, self.inner.outputs);
        let count = rows.len() / width;
        let narrow = Columns { stride: width, from: 0 };

        // What stays of it is what goes round the two maps.
        let mut near_grad = room.noughts(count * width);
        self.outer_norm.backward(parameters, last, &grad, &mut near_grad);
        let mut given = grad;
        given.copy_from_slice(&near_grad);
        pass.drop_some(room, &mut given, self.number, 1);
        let active = self.activated(room, wide);
        let mut active_grad = room.noughts(count * inner);
        let into = Some(&mut active_grad[..]);
        self.outer.backward(parameters, &active, pass.key, (&given, narrow), into);
        let mut wide_grad = active;
        wide_grad
            .par_chunks_mut(SOME)
            .zip(wide.par_chunks(SOME))
            .zip(active_grad.par_chunks(SOME))
            .for_each(|((out, wide), grad)| {
                out.copy_from_slice(wide);
                spread::with(|cpu| cpu.activate_back(out, self.activation, grad));
            });
        let near = self.mixed_norm.forward(&parameters.values, room, middle);
        let columns = Columns { stride: inner, from: 0 };
        let into = Some(&mut near_grad[..]);
        self.inner.backward(parameters, &near, pass.key, (&wide_grad, columns), into);
        room.back([near, active_grad, wide_grad]);

        let mut out = room.noughts(count * width);
        self.mixed_norm.backward(parameters, middle, &near_grad, &mut out);
        given.copy_from_slice(&out);
        pass.drop_some(room, &mut given, self.number, 0);
        let mut heads_grad = near_grad;
        heads_grad.fill(0.0);
        let into = Some(&mut heads_grad[..]);
        self.mixed.backward(parameters, heads, pass.key, (&given, narrow), into);
        let mut all_grad = room.any(all.len());
        let dropped = pass.dropped(self.number);
        attention::backward(self.shape, pass.sequences, all, dropped, &heads_grad, &mut all_grad);
        for (at, map) in self.asked.iter().enumerate() {
            let columns = Columns { stride: 3 * width, from: at * width };
            let into = (!is_first).then_some(&mut out[..]);
            map.backward(parameters, rows, pass.key, (&all_grad, columns), into);
        }
        room.back([heads_grad, all_grad, given]);
        out
    }
}
