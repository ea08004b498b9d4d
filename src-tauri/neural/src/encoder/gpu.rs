//! The layers on a graphics card. Texts of about the same length go through them together, padded to the
//! longest; what is padding is never looked at.

use std::ops::Range;

use candle_core::{Result as Made, Tensor};
use rayon::prelude::*;

use super::Config;
use crate::cpu::{Activation, Heads};
use crate::error::Result;
use crate::gpu::{self, Attention, Card, Linear, Norm, activate, attend};
use crate::linear::{Found, Layout};
use crate::relative::RelativeBias;
use crate::target::{RunsOn, Target};

/// Tokens of one pass: enough to keep a card busy, few enough for the scores of long texts, which are the
/// square of their length, to fit a small one.
pub(super) const TOKENS: usize = 8192;

/// All layers, whose tensors lie on a card.
#[derive(Debug)]
pub(super) struct Layers {
    card: Card,
    layers: Vec<Layer>,
}

#[derive(Debug)]
struct Layer {
    /// Queries, keys and values.
    asked: Linear,
    mixed: Linear,
    mixed_norm: Norm,
    inner: Linear,
    outer: Linear,
    outer_norm: Norm,
    activation: Activation,
}

impl Layers {
    pub(super) fn load(found: &Found, config: &Config, target: Target) -> Result<Self> {
        let stored = found.precision("embeddings.word_embeddings.weight");
        let card = Card::open(target, stored, gpu::Range::Small)?;
        let layers = (0..config.layers).into_par_iter();
        let layers = layers.map(|at| Layer::load(&card, found, config, at));
        Ok(Self { layers: layers.collect::<Result<_>>()?, card })
    }

    pub(super) fn runs_on(&self) -> RunsOn {
        self.card.runs_on()
    }

    /// Makes the last layer's rows out of `rows`; `ranges` are the sequences among them.
    pub(super) fn forward(
        &self,
        rows: &mut [f32],
        ranges: &[Range<usize>],
        heads: Heads,
        relative: Option<&RelativeBias>,
    ) -> Result<()> {
        let longest = ranges.iter().map(Range::len).max().unwrap_or(0);
        if longest == 0 {
            return Ok(());
        }
        let (texts, width) = (ranges.len(), heads.total());
        let mut padded = vec![0.0; texts * longest * width];
        for (range, padded) in ranges.iter().zip(padded.chunks_exact_mut(longest * width)) {
            let row = &rows[range.start * width..range.end * width];
            padded[..row.len()].copy_from_slice(row);
        }
        let made = self.card.work(|| {
            let bias = self.bias(ranges, longest, heads, relative)?;
            let mut rows = self.card.exact(&padded, &[texts * longest, width])?;
            for layer in &self.layers {
                rows = layer.forward(&self.card, &rows, (texts, longest), heads, bias.as_ref())?;
            }
            rows.flatten_all()?.to_vec1::<f32>()
        })?;
        for (range, made) in ranges.iter().zip(made.chunks_exact(longest * width)) {
            let row = &mut rows[range.start * width..range.end * width];
            row.copy_from_slice(&made[..row.len()]);
        }
        Ok(())
    }

    /// What keeps queries from padding, and what distance adds: `[texts or 1, heads or 1, queries or 1,
    /// keys]`.
    fn bias(
        &self,
        ranges: &[Range<usize>],
        longest: usize,
        heads: Heads,
        relative: Option<&RelativeBias>,
    ) -> Made<Option<Tensor>> {
        let mask = if ranges.iter().any(|range| range.len() < longest) {
            let mut mask = vec![0.0; ranges.len() * longest];
            for (range, mask) in ranges.iter().zip(mask.chunks_exact_mut(longest)) {
                mask[range.len()..].fill(f32::NEG_INFINITY);
            }
            Some(self.card.exact(&mask, &[ranges.len(), 1, 1, longest])?)
        } else {
            None
        };
        let Some(relative) = relative else {
            return Ok(mask);
        };
        let numbers = relative.of(0..longest, longest);
        let bias = self.card.exact(&numbers, &[1, heads.count, longest, longest])?;
        Ok(Some(match mask {
            Some(mask) => bias.broadcast_add(&mask)?,
            None => bias,
        }))
    }
}

impl Layer {
    fn load(card: &Card, found: &Found, config: &Config, at: usize) -> Result<Self> {
        let names = config.names;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let map = |names: &[&str], outputs: usize, inputs: usize| {
            let parts: Vec<_> = names.iter().map(|name| (named(name), outputs)).collect();
            Linear::load(card, found, &parts, inputs, Layout::Outputs)
        };
        let norm =
            |name: &str| Norm::layer(card, found, &named(name), config.width, config.epsilon);
        Ok(Self {
            asked: map(&[names.query, names.key, names.value], config.width, config.width)?,
            mixed: map(&[names.mixed], config.width, config.width)?,
            mixed_norm: norm(names.mixed_norm)?,
            inner: map(&[names.inner], config.inner, config.width)?,
            outer: map(&[names.outer], config.width, config.inner)?,
            outer_norm: norm(names.outer_norm)?,
            activation: config.activation,
        })
    }

    /// Rows `[texts · longest, width]` in single precision into those of the layer.
    fn forward(
        &self,
        card: &Card,
        rows: &Tensor,
        (texts, longest): (usize, usize),
        heads: Heads,
        bias: Option<&Tensor>,
    ) -> Made<Tensor> {
        let asked = self.asked.apply(&rows.to_dtype(card.dtype())?)?;
        let asked = asked.reshape((texts, longest, 3, heads.count, heads.width))?;
        let part = |at: usize| asked.narrow(2, at, 1)?.squeeze(2)?.transpose(1, 2)?.contiguous();
        let attention = Attention { scale: 1.0 / (heads.width as f64).sqrt(), bias };
        let mixed = attend(&part(0)?, &part(1)?, &part(2)?, &attention)?;
        let mixed = mixed.reshape((texts * longest, heads.total()))?;
        let rows = self.mixed_norm.apply(&self.mixed.add(rows, &mixed)?)?;
        let inner = self.inner.apply(&rows.to_dtype(card.dtype())?)?;
        let inner = activate(&inner, self.activation)?;
        self.outer_norm.apply(&self.outer.add(&rows, &inner)?)
    }
}
