//! T5 (Raffel et al. 2019, <https://arxiv.org/abs/1910.10683>), Flan-T5 and mT5: an encoder reads a text, a
//! decoder writes another.

use std::sync::Arc;

use rayon::prelude::*;

use super::Config;
use super::parts::{CrossAttention, FeedForward, Room, SelfAttention};
use crate::cpu::Activation;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::{Found, Layout, Linear};
use crate::norm::Norm;
use crate::relative::{Buckets, RelativeBias};
#[cfg(feature = "candle")]
use crate::target::Device;
use crate::target::{Precision, RunsOn, Target};
use crate::weights::Rows;

/// Keys and values of one layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
}

/// What is kept of a text that was read, and of what was written of it so far.
#[derive(Debug, Clone)]
pub struct Memory {
    read: Arc<Vec<Kept>>,
    written: Vec<Kept>,
    /// The same on a graphics card.
    #[cfg(feature = "candle")]
    gpu: Option<super::gpu::Memory>,
    length: usize,
}

/// A T5 with its weights.
#[derive(Debug)]
pub struct Model {
    config: Config,
    words: Rows,
    encoder_bias: RelativeBias,
    decoder_bias: RelativeBias,
    body: Body,
    runs_on: RunsOn,
}

/// What is between a token's row and what may come next, where it works.
#[derive(Debug)]
enum Body {
    Cpu(Stacks),
    #[cfg(feature = "candle")]
    Gpu(super::gpu::Stacks),
}

/// Both stacks and the map to the next token.
#[derive(Debug)]
struct Stacks {
    encoder: Vec<(SelfAttention, FeedForward)>,
    encoder_norm: Norm,
    decoder: Vec<(SelfAttention, CrossAttention, FeedForward)>,
    decoder_norm: Norm,
    head: Linear,
}

const WORDS: &str = "shared.weight";

impl Model {
    /// Reads the model of a folder.
    ///
    /// # Errors
    /// [`Error::BadField`] for another architecture, and those of reading files.
    pub fn open(folder: &Folder, target: Target) -> Result<Self> {
        let (config, weights) = (Config::read(folder)?, folder.weights()?);
        let found = Found::under(&weights, "");
        // Some files name the rows of the vocabulary by where they are used.
        let words = [WORDS, "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];
        let words = words.into_iter().find(|name| found.has(name)).unwrap_or(WORDS);
        let (precision, number) = target.writing(found.precision(words))?;
        let found = found.kept_as(number);
        let bias = |stack: &str, both_ways: bool| {
            let name =
                format!("{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
            let buckets = Buckets { both_ways, ..config.buckets };
            RelativeBias::load(&found, &name, buckets, config.heads.count)
        };
        let head = if found.has("lm_head.weight") { "lm_head.weight" } else { words };
        let head = head.trim_end_matches(".weight");
        let (body, runs_on) = Body::load(&found, &config, head, (target, precision))?;
        Ok(Self {
            words: weights.rows(words, config.vocabulary, config.width)?,
            encoder_bias: bias("encoder", true)?,
            decoder_bias: bias("decoder", false)?,
            body,
            runs_on,
            config,
        })
    }

    /// What it is like.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.runs_on
    }

    /// Reads a text's tokens, on all threads of the pool it is called in or on the device.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a token that the model does not have, [`Error::Unreadable`],
    /// [`Error::DeviceMemory`], [`Error::LostDevice`].
    pub fn read(&self, ids: &[u32]) -> Result<Memory> {
        let mut room = Room::default();
        self.embed(ids, &mut room.rows)?;
        let bias = self.encoder_bias.of(0..ids.len(), ids.len());
        match &self.body {
            Body::Cpu(stacks) => Ok(stacks.read(room, &self.config, &bias)),
            #[cfg(feature = "candle")]
            Body::Gpu(stacks) => Ok(Memory {
                read: Arc::default(),
                written: Vec::new(),
                gpu: Some(stacks.read(&room.rows, &self.config, &bias)?),
                length: 0,
            }),
        }
    }

    /// What may come after the next token of every text: as many rows of [`Config::vocabulary`] numbers.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn next(&self, memories: &mut [&mut Memory], ids: &[u32]) -> Result<Vec<f32>> {
        let mut room = Room::default();
        self.embed(ids, &mut room.rows)?;
        let bias_of = |memory: &&mut Memory| {
            self.decoder_bias.of(memory.length..memory.length + 1, memory.length + 1)
        };
        let biases: Vec<_> = memories.iter().map(bias_of).collect();
        let scores = match &self.body {
            Body::Cpu(stacks) => stacks.next(&mut room, &self.config, memories, &biases),
            #[cfg(feature = "candle")]
            Body::Gpu(stacks) => {
                let mut kept: Vec<_> =
                    memories.iter_mut().filter_map(|memory| memory.gpu.as_mut()).collect();
                stacks.next(&room.rows, &self.config, &mut kept, &biases)?
            }
        };
        memories.iter_mut().for_each(|memory| memory.length += 1);
        Ok(scores)
    }

    fn embed(&self, ids: &[u32], rows: &mut Vec<f32>) -> Result<()> {
        let width = self.config.width;
        rows.resize(ids.len() * width, 0.0);
        for (&id, row) in ids.iter().zip(rows.chunks_exact_mut(width)) {
            if id as usize >= self.words.len() {
                return Err(Error::Tokens { reason: format!("the model has no token {id}") });
            }
            self.words.read(id as usize, row)?;
        }
        Ok(())
    }
}

impl Body {
    /// `head` is the name of the map to the next token; `precision` is the processor's, or on a card that
    /// of the file.
    fn load(
        found: &Found,
        config: &Config,
        head: &str,
        (target, precision): (Target, Precision),
    ) -> Result<(Self, RunsOn)> {
        #[cfg(feature = "candle")]
        if target.device != Device::Cpu {
            let stacks = super::gpu::Stacks::load(found, config, head, (target, precision))?;
            let runs_on = stacks.runs_on();
            return Ok((Self::Gpu(stacks), runs_on));
        }
        target.on_cpu()?;
        Ok((Self::Cpu(Stacks::load(found, config, head)?), RunsOn::cpu(precision)))
    }
}

impl Stacks {
    fn load(found: &Found, config: &Config, head: &str) -> Result<Self> {
        let norm = |stack: &str| {
            let name = format!("{stack}.final_layer_norm");
            Norm::root_mean_square(found, &name, config.width, config.epsilon)
        };
        let encoder = |at: usize| {
            let layer = |part: usize| format!("encoder.block.{at}.layer.{part}");
            Ok((
                SelfAttention::load(found, &layer(0), config)?,
                FeedForward::load(found, &layer(1), config)?,
            ))
        };
        let decoder = |at: usize| {
            let layer = |part: usize| format!("decoder.block.{at}.layer.{part}");
            Ok((
                SelfAttention::load(found, &layer(0), config)?,
                CrossAttention::load(found, &layer(1), config)?,
                FeedForward::load(found, &layer(2), config)?,
            ))
        };
        let parts = [(head.to_owned(), config.vocabulary)];
        let decoder_layers = (0..config.decoder_layers).into_par_iter();
        Ok(Self {
            encoder: (0..config.layers).into_par_iter().map(encoder).collect::<Result<_>>()?,
            encoder_norm: norm("encoder")?,
            decoder: decoder_layers.map(decoder).collect::<Result<_>>()?,
            decoder_norm: norm("decoder")?,
            head: Linear::load_kept(found, &parts, config.width, Layout::Outputs)?,
        })
    }

    /// Reads a text whose rows are in `room`.
    fn read(&self, mut room: Room, config: &Config, bias: &[f32]) -> Memory {
        for (attention, forward) in &self.encoder {
            attention.forward(&mut room, config, bias);
            forward.forward(&mut room, config);
        }
        self.encoder_norm.apply(&mut room.rows);
        let read = self.decoder.iter().map(|(_, cross, _)| cross.keep(&room.rows)).collect();
        Memory {
            read: Arc::new(read),
            written: vec![Kept::default(); self.decoder.len()],
            #[cfg(feature = "candle")]
            gpu: None,
            length: 0,
        }
    }

    /// What may come after the next token of every text, whose rows are in `room`.
    fn next(
        &self,
        room: &mut Room,
        config: &Config,
        memories: &mut [&mut Memory],
        biases: &[Vec<f32>],
    ) -> Vec<f32> {
        for (at, (attention, cross, forward)) in self.decoder.iter().enumerate() {
            let written = memories.iter_mut().map(|memory| &mut memory.written[at]);
            attention.step(room, config, written, biases);
            cross.step(room, config, memories.iter().map(|memory| &memory.read[at]));
            forward.forward(room, config);
        }
        self.decoder_norm.apply(&mut room.rows);
        room.rows.iter_mut().for_each(|x| *x *= config.scale);
        let mut scores = Vec::new();
        self.head.apply_on_all(&room.rows, Activation::None, &mut scores);
        scores
    }
}
