//! One layer: attention, then two maps with an activation between, each added to what it was made of.

use std::ops::Range;

use crate::cpu::{Activation, Attention, Cpu, Heads, Reach, Rows};
use crate::error::Result;
use crate::linear::{Found, Linear};
use crate::relative::RelativeBias;
use crate::target::Precision;

use super::{Config, Room};

/// Rows that go through what follows attention together: four tiles, whose widest form stays in the
/// cache, where all rows of a pass would not.
const SOME: usize = 56;

/// The two vectors of a layer normalisation.
#[derive(Debug)]
pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    pub(super) fn load(found: &Found, name: &str, width: usize, epsilon: f32) -> Result<Self> {
        // As TensorFlow named them; old files still do.
        let old = found.has(&format!("{name}.gamma"));
        let (weight, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
        Ok(Self {
            weight: found.load(&format!("{name}.{weight}"), &[width])?,
            bias: found.load(&format!("{name}.{bias}"), &[width])?,
            epsilon,
        })
    }

    /// Norms `rows + residual` in place.
    pub(super) fn apply(&self, cpu: &Cpu, rows: &mut [f32], residual: &[f32]) {
        cpu.layer_norm(rows, residual, &self.weight, &self.bias, self.epsilon);
    }
}

/// A layer's weights.
#[derive(Debug)]
pub(super) struct Layer {
    /// Queries, keys and values.
    asked: Linear,
    mixed: Linear,
    mixed_norm: Norm,
    inner: Linear,
    outer: Linear,
    outer_norm: Norm,
    activation: Activation,
}

impl Layer {
    pub(super) fn load(
        found: &Found,
        config: &Config,
        precision: Precision,
        at: usize,
    ) -> Result<Self> {
        let names = config.names;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let one = |name: &str, outputs: usize, inputs: usize| {
            Linear::load_as(found, &[named(name)], outputs, inputs, precision)
        };
        let norm = |name: &str| Norm::load(found, &named(name), config.width, config.epsilon);
        let asked = [names.query, names.key, names.value].map(named);
        Ok(Self {
            asked: Linear::load_as(found, &asked, config.width, config.width, precision)?,
            mixed: one(names.mixed, config.width, config.width)?,
            mixed_norm: norm(names.mixed_norm)?,
            inner: one(names.inner, config.inner, config.width)?,
            outer: one(names.outer, config.width, config.inner)?,
            outer_norm: norm(names.outer_norm)?,
            activation: config.activation,
        })
    }

    /// Makes the layer's rows out of those in `room.rows`; `ranges` are the sequences among them.
    pub(super) fn forward(
        &self,
        room: &mut Room,
        ranges: &[Range<usize>],
        heads: Heads,
        relative: Option<&RelativeBias>,
    ) {
        let Room { cpu, rows, asked: all, near, wide, added } = room;
        let width = heads.total();
        self.asked.apply(cpu, rows, Activation::None, all);
        near.resize(rows.len(), 0.0);
        let scale = 1.0 / (heads.width as f32).sqrt();
        for range in ranges {
            let bias = relative
                .map(|relative| relative.of(0..range.len(), range.len()))
                .unwrap_or_default();
            let attention = Attention { heads, sharing: 1, scale, bias: &bias, reach: Reach::All };
            let asked = &all[range.start * 3 * width..range.end * 3 * width];
            let part = |at: usize| Rows {
                numbers: &asked[at * width..],
                stride: 3 * width,
                count: range.len(),
            };
            let near = &mut near[range.start * width..range.end * width];
            cpu.attend(part(0), part(1), part(2), &attention, near);
        }
        for (rows, near) in rows.chunks_mut(SOME * width).zip(near.chunks(SOME * width)) {
            self.mixed.apply(cpu, near, Activation::None, added);
            self.mixed_norm.apply(cpu, rows, added);
            self.inner.apply(cpu, rows, self.activation, wide);
            self.outer.apply(cpu, wide, Activation::None, added);
            self.outer_norm.apply(cpu, rows, added);
        }
    }
}
