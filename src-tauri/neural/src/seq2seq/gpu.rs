//! The layers on a graphics card.

use std::sync::Arc;

use candle_core::{DType, Result as Made, Tensor};
use rayon::prelude::*;

use super::Config;
use crate::error::Result;
use crate::gpu::{self, Attention, Card, Kept, Linear, Norm, activate, attend, gate};
use crate::linear::{Found, Layout};
use crate::target::{Precision, RunsOn, Target};

/// Both stacks and the map to the next token, whose tensors lie on a card.
#[derive(Debug)]
pub(super) struct Stacks {
    card: Card,
    encoder: Vec<(SelfAttention, FeedForward)>,
    encoder_norm: Norm,
    decoder: Vec<(SelfAttention, CrossAttention, FeedForward)>,
    decoder_norm: Norm,
    head: Linear,
}

/// What is kept of a text that was read, and of what was written of it so far.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Keys and values of every layer, `[1, heads, tokens, width]` each.
    read: Arc<Vec<(Tensor, Tensor)>>,
    written: Vec<Kept>,
}

#[derive(Debug)]
struct SelfAttention {
    norm: Norm,
    asked: Linear,
    mixed: Linear,
}

#[derive(Debug)]
struct CrossAttention {
    norm: Norm,
    asked: Linear,
    kept: Linear,
    mixed: Linear,
}

#[derive(Debug)]
struct FeedForward {
    norm: Norm,
    inner: Linear,
    outer: Linear,
}

/// Reads the parts of a model onto a card.
struct Loader<'a> {
    card: &'a Card,
    found: &'a Found<'a>,
    config: &'a Config,
}

impl Loader<'_> {
    fn norm(&self, name: &str) -> Result<Norm> {
        let Config { width, epsilon, .. } = *self.config;
        Norm::root_mean_square(self.card, self.found, name, width, epsilon)
    }

    fn map(&self, layer: &str, names: &[&str], outputs: usize, inputs: usize) -> Result<Linear> {
        let parts: Vec<_> = names.iter().map(|name| (format!("{layer}.{name}"), outputs)).collect();
        Linear::load(self.card, self.found, &parts, inputs, Layout::Outputs)
    }

    fn own(&self, layer: &str) -> Result<SelfAttention> {
        let (width, total) = (self.config.width, self.config.heads.total());
        let names = ["SelfAttention.q", "SelfAttention.k", "SelfAttention.v"];
        Ok(SelfAttention {
            norm: self.norm(&format!("{layer}.layer_norm"))?,
            asked: self.map(layer, &names, total, width)?,
            mixed: self.map(layer, &["SelfAttention.o"], width, total)?,
        })
    }

    fn cross(&self, layer: &str) -> Result<CrossAttention> {
        let (width, total) = (self.config.width, self.config.heads.total());
        let kept = ["EncDecAttention.k", "EncDecAttention.v"];
        Ok(CrossAttention {
            norm: self.norm(&format!("{layer}.layer_norm"))?,
            asked: self.map(layer, &["EncDecAttention.q"], total, width)?,
            kept: self.map(layer, &kept, total, width)?,
            mixed: self.map(layer, &["EncDecAttention.o"], width, total)?,
        })
    }

    fn forward(&self, layer: &str) -> Result<FeedForward> {
        let (width, inner) = (self.config.width, self.config.inner);
        let gated = ["DenseReluDense.wi_0", "DenseReluDense.wi_1"];
        let names = if self.config.gated { &gated[..] } else { &["DenseReluDense.wi"] };
        Ok(FeedForward {
            norm: self.norm(&format!("{layer}.layer_norm"))?,
            inner: self.map(layer, names, inner, width)?,
            outer: self.map(layer, &["DenseReluDense.wo"], width, inner)?,
        })
    }
}

impl Stacks {
    /// `words` and `head` are the names of the vocabulary's rows and of the map to the next token.
    pub(super) fn load(
        found: &Found,
        config: &Config,
        head: &str,
        (target, stored): (Target, Precision),
    ) -> Result<Self> {
        let card = Card::open(target, stored, gpu::Range::Large)?;
        let loader = Loader { card: &card, found, config };
        let encoder = |at: usize| {
            let layer = |part: usize| format!("encoder.block.{at}.layer.{part}");
            Ok((loader.own(&layer(0))?, loader.forward(&layer(1))?))
        };
        let decoder = |at: usize| {
            let layer = |part: usize| format!("decoder.block.{at}.layer.{part}");
            Ok((loader.own(&layer(0))?, loader.cross(&layer(1))?, loader.forward(&layer(2))?))
        };
        let parts = [(head.to_owned(), config.vocabulary)];
        let decoder_layers = (0..config.decoder_layers).into_par_iter();
        Ok(Self {
            encoder: (0..config.layers).into_par_iter().map(encoder).collect::<Result<_>>()?,
            encoder_norm: loader.norm("encoder.final_layer_norm")?,
            decoder: decoder_layers.map(decoder).collect::<Result<_>>()?,
            decoder_norm: loader.norm("decoder.final_layer_norm")?,
            head: Linear::load(&card, found, &parts, config.width, Layout::Outputs)?,
            card,
        })
    }

    pub(super) fn runs_on(&self) -> RunsOn {
        self.card.runs_on()
    }

    /// Reads a text's rows; `bias` is what distance adds, for every head, query and key.
    pub(super) fn read(&self, rows: &[f32], config: &Config, bias: &[f32]) -> Result<Memory> {
        self.card.work(|| {
            let (heads, tokens) = (config.heads.count, rows.len() / config.width);
            let bias = self.card.exact(bias, &[1, heads, tokens, tokens])?;
            let attention = Attention { scale: 1.0, bias: Some(&bias) };
            let mut rows = self.card.exact(rows, &[tokens, config.width])?;
            for (own, forward) in &self.encoder {
                let parts = split(&own.asked.apply(&self.near(&own.norm, &rows)?)?, config)?;
                let mixed = attend(&parts[0], &parts[1], &parts[2], &attention)?.squeeze(0)?;
                rows = self.forward(forward, &own.mixed.add(&rows, &mixed)?, config)?;
            }
            let rows = self.near(&self.encoder_norm, &rows)?;
            let keep = |cross: &CrossAttention| {
                let mut parts = split(&cross.kept.apply(&rows)?, config)?;
                Ok((parts.remove(0), parts.remove(0)))
            };
            let read = self.decoder.iter().map(|(_, cross, _)| keep(cross));
            let written = vec![Kept::default(); self.decoder.len()];
            Ok(Memory { read: Arc::new(read.collect::<Made<_>>()?), written })
        })
    }

    /// What may come after the next token of every text; `rows` are those tokens', and `biases` what
    /// distance adds for each.
    pub(super) fn next(
        &self,
        rows: &[f32],
        config: &Config,
        memories: &mut [&mut Memory],
        biases: &[Vec<f32>],
    ) -> Result<Vec<f32>> {
        self.card.work(|| {
            let heads = config.heads.count;
            let biases =
                biases.iter().map(|bias| self.card.exact(bias, &[1, heads, 1, bias.len() / heads]));
            let biases: Vec<Tensor> = biases.collect::<Made<_>>()?;
            let mut rows = self.card.exact(rows, &[memories.len(), config.width])?;
            for (at, (own, cross, forward)) in self.decoder.iter().enumerate() {
                let asked = own.asked.apply(&self.near(&own.norm, &rows)?)?;
                let parts = split(&asked, config)?;
                let mut mixed = Vec::with_capacity(memories.len());
                for (text, (memory, bias)) in memories.iter_mut().zip(&biases).enumerate() {
                    let one = |part: usize| parts[part].narrow(2, text, 1);
                    let kept = &mut memory.written[at];
                    kept.add(&self.card, &one(1)?.squeeze(0)?, &one(2)?.squeeze(0)?, usize::MAX)?;
                    let (keys, values) = kept.all()?;
                    let attention = Attention { scale: 1.0, bias: Some(bias) };
                    mixed.push(attend(&one(0)?, &keys, &values, &attention)?.squeeze(0)?);
                }
                rows = own.mixed.add(&rows, &Tensor::cat(&mixed, 0)?)?;
                let asked = cross.asked.apply(&self.near(&cross.norm, &rows)?)?;
                let queries = split(&asked, config)?.remove(0);
                let mut mixed = Vec::with_capacity(memories.len());
                for (text, memory) in memories.iter().enumerate() {
                    let (keys, values) = &memory.read[at];
                    let attention = Attention { scale: 1.0, bias: None };
                    let query = queries.narrow(2, text, 1)?;
                    mixed.push(attend(&query, keys, values, &attention)?.squeeze(0)?);
                }
                rows = cross.mixed.add(&rows, &Tensor::cat(&mixed, 0)?)?;
                rows = self.forward(forward, &rows, config)?;
            }
            let rows = self.decoder_norm.apply(&rows)?.affine(f64::from(config.scale), 0.0)?;
            let scores = self.head.apply(&rows.to_dtype(self.card.dtype())?)?;
            scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
        })
    }

    /// Rows normed, in the numbers of products.
    fn near(&self, norm: &Norm, rows: &Tensor) -> Made<Tensor> {
        norm.apply(rows)?.to_dtype(self.card.dtype())
    }

    fn forward(&self, part: &FeedForward, rows: &Tensor, config: &Config) -> Made<Tensor> {
        let inner = part.inner.apply(&self.near(&part.norm, rows)?)?;
        let inner = if config.gated {
            gate(&inner, config.activation)?
        } else {
            activate(&inner, config.activation)?
        };
        part.outer.add(rows, &inner)
    }
}

/// Rows of several parts side by side, each as `[1, heads, tokens, width]`.
fn split(rows: &Tensor, config: &Config) -> Made<Vec<Tensor>> {
    let (tokens, all) = rows.dims2()?;
    let (heads, width) = (config.heads.count, config.heads.width);
    let parts = rows.chunk(all / config.heads.total(), 1)?.into_iter();
    let each =
        parts.map(|part| part.reshape((1, tokens, heads, width))?.transpose(1, 2)?.contiguous());
    each.collect()
}
