//! Encoders: BERT (Devlin et al. 2018, <https://arxiv.org/abs/1810.04805>) and those built like it,
//! RoBERTa, XLM-RoBERTa, DistilBERT and MPNet. They differ in how tensors are named, where positions
//! begin, and what is added to the scores of attention.
//!
//! Sequences are worked on side by side without padding: a text costs what it is long, and its result
//! does not depend on its company.

mod config;
#[cfg(feature = "candle")]
mod gpu;
mod layer;
mod passes;

use crate::adapter::{Adapter, Fit};
use crate::cpu::{Cpu, Heads};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::Found;
use crate::relative::{Buckets, RelativeBias};
#[cfg(feature = "candle")]
use crate::target::Device;
use crate::target::{Precision, RunsOn, Target};
use crate::weights::{Rows, Weights};

pub use config::{Config, Kind};
use layer::{Layer, Norm};
pub use passes::Pace;
pub(crate) use passes::run;

/// What weights can be kept in on the processor, the default first.
const PRECISIONS: [Precision; 3] = [Precision::F32, Precision::Bf16, Precision::Int8];

/// Token sequences, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Sequences {
    ids: Vec<u32>,
    /// For models that tell a text's first part from its second.
    types: Vec<u32>,
    ends: Vec<usize>,
}

impl Sequences {
    /// Appends a sequence; `types` tells its parts apart and may be empty where it has one.
    pub fn push(&mut self, ids: &[u32], types: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.types.extend_from_slice(types);
        self.types.resize(self.ids.len(), 0);
        self.ends.push(self.ids.len());
    }

    /// Tokens of all of them.
    #[must_use]
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }

    /// Where each lies among the tokens.
    pub fn ranges(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }
}

/// What a pass needs room for, kept from one to the next.
#[derive(Debug, Default)]
pub struct Room {
    cpu: Cpu,
    rows: Vec<f32>,
    asked: Vec<f32>,
    near: Vec<f32>,
    wide: Vec<f32>,
    added: Vec<f32>,
}

impl Room {
    /// The kernels.
    pub(crate) fn cpu(&mut self) -> &mut Cpu {
        &mut self.cpu
    }

    /// The rows that the last pass made, and the kernels.
    pub(crate) fn rows(&mut self) -> (&[f32], &mut Cpu) {
        (&self.rows, &mut self.cpu)
    }
}

/// An encoder with its weights.
#[derive(Debug)]
pub struct Encoder {
    config: Config,
    words: Rows,
    positions: Vec<f32>,
    types: Vec<f32>,
    norm: Norm,
    relative: Option<RelativeBias>,
    body: Body,
    runs_on: RunsOn,
}

/// The layers, where they work.
#[derive(Debug)]
enum Body {
    Cpu(Vec<Layer>),
    #[cfg(feature = "candle")]
    Gpu(gpu::Layers),
}

impl Encoder {
    /// Reads the encoder of a folder.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that is none of these, and those of reading files.
    pub fn open(folder: &Folder, target: Target) -> Result<Self> {
        Self::open_with(folder, target, None)
    }

    /// The same, changed by an adapter.
    ///
    /// # Errors
    /// Also [`Error::BadFile`], [`Error::BadShape`] and [`Error::MissingTensor`] for an adapter of another
    /// model.
    pub fn open_with(folder: &Folder, target: Target, adapter: Option<&Adapter>) -> Result<Self> {
        let (config, weights) = (Config::read(folder)?, folder.weights()?);
        with_adapter(adapter, &config.clone(), |fit| Self::fitted(config, &weights, target, fit))
    }

    /// Takes an encoder out of `weights`, whose names may stand under the name of the whole model.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`], [`Error::BadNumbers`], [`Error::Unreadable`],
    /// [`Error::NoPrecision`], [`Error::NoDevice`] and what else a device can fail with.
    pub fn new(config: Config, weights: &Weights, target: Target) -> Result<Self> {
        Self::fitted(config, weights, target, None)
    }

    /// [`Self::new`] with an adapter, or without one.
    pub(crate) fn fitted(
        config: Config,
        weights: &Weights,
        target: Target,
        fit: Option<&Fit>,
    ) -> Result<Self> {
        let width = config.width;
        let found = Found::under(weights, prefix_of(weights, config.names.prefixes)?).fitted(fit);
        let (body, runs_on) = Body::load(&found, &config, target)?;
        let rows = |name: &str| -> Result<Vec<f32>> {
            let name = found.name(name);
            let count =
                weights.row_count(&name).ok_or(Error::MissingTensor { tensor: name.clone() })?;
            weights.load(&name, &[count, width])
        };
        let words = found.name("embeddings.word_embeddings.weight");
        let positions = rows("embeddings.position_embeddings.weight")?;
        let types = if config.types > 0 {
            rows("embeddings.token_type_embeddings.weight")?
        } else {
            vec![0.0; width]
        };
        Ok(Self {
            words: weights.rows(&words, config.vocabulary, width)?,
            positions,
            types,
            norm: Norm::load(&found, "embeddings.LayerNorm", width, config.epsilon)?,
            relative: config
                .buckets
                .map(|count| relative(&found, count, config.heads))
                .transpose()?,
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

    /// The most tokens of a sequence.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.positions.len() / self.config.width - self.config.first_position
    }

    /// The last layer's rows of all tokens, as wide as [`Config::width`], on this thread or on the device.
    ///
    /// # Errors
    /// [`Error::Unreadable`] when the weights' file cannot be read any more, [`Error::Tokens`] for a
    /// token that the model does not have or a sequence that is too long, [`Error::DeviceMemory`],
    /// [`Error::LostDevice`].
    pub fn forward<'a>(&self, sequences: &Sequences, room: &'a mut Room) -> Result<&'a mut [f32]> {
        self.embed(sequences, &mut room.rows)?;
        self.norm.apply(&room.cpu, &mut room.rows, &[]);
        let heads =
            Heads { count: self.config.heads, width: self.config.width / self.config.heads };
        let ranges: Vec<_> = sequences.ranges().collect();
        match &self.body {
            Body::Cpu(layers) => {
                for layer in layers {
                    layer.forward(room, &ranges, heads, self.relative.as_ref());
                }
            }
            #[cfg(feature = "candle")]
            Body::Gpu(layers) => {
                layers.forward(&mut room.rows, &ranges, heads, self.relative.as_ref())?;
            }
        }
        Ok(&mut room.rows)
    }

    /// Tokens that go through the model together.
    fn pass_tokens(&self) -> usize {
        match &self.body {
            Body::Cpu(_) => passes::TOKENS,
            #[cfg(feature = "candle")]
            Body::Gpu(_) => gpu::TOKENS,
        }
    }

    fn embed(&self, sequences: &Sequences, rows: &mut Vec<f32>) -> Result<()> {
        let width = self.config.width;
        rows.resize(sequences.tokens() * width, 0.0);
        for range in sequences.ranges() {
            if range.len() > self.longest() {
                let reason = format!("{} tokens, the model takes {}", range.len(), self.longest());
                return Err(Error::Tokens { reason });
            }
            for (place, token) in range.enumerate() {
                let id = sequences.ids[token] as usize;
                // Some models have one kind, whatever the tokenizer tells apart.
                let kind = if self.config.types > 1 { sequences.types[token] as usize } else { 0 };
                if id >= self.words.len() || (kind + 1) * width > self.types.len() {
                    let reason = format!("the model has no token {id} of kind {kind}");
                    return Err(Error::Tokens { reason });
                }
                let row = &mut rows[token * width..][..width];
                self.words.read(id, row)?;
                let position = &self.positions[(place + self.config.first_position) * width..];
                let kind = &self.types[kind * width..];
                for ((x, position), kind) in row.iter_mut().zip(position).zip(kind) {
                    *x += kind + position;
                }
            }
        }
        Ok(())
    }
}

/// Reads an encoder and what follows it, and makes sure that all of an adapter has its place in them.
pub(crate) fn with_adapter<T>(
    adapter: Option<&Adapter>,
    config: &Config,
    read: impl FnOnce(Option<&Fit>) -> Result<T>,
) -> Result<T> {
    let fit = adapter.map(|adapter| Fit::new(adapter, config.prefixes()));
    let made = read(fit.as_ref())?;
    fit.map_or(Ok(()), Fit::finish)?;
    Ok(made)
}

impl Body {
    fn load(found: &Found, config: &Config, target: Target) -> Result<(Self, RunsOn)> {
        #[cfg(feature = "candle")]
        if target.device != Device::Cpu {
            let layers = gpu::Layers::load(found, config, target)?;
            let runs_on = layers.runs_on();
            return Ok((Self::Gpu(layers), runs_on));
        }
        let precision = target.among(&PRECISIONS)?;
        let layers = (0..config.layers).map(|at| Layer::load(found, config, precision, at));
        Ok((Self::Cpu(layers.collect::<Result<_>>()?), RunsOn::cpu(precision)))
    }
}

/// What distance adds to the scores, as MPNet has it.
fn relative(found: &Found, count: usize, heads: usize) -> Result<RelativeBias> {
    let buckets = Buckets { count, farthest: 128, both_ways: true };
    RelativeBias::load(found, "encoder.relative_attention_bias.weight", buckets, heads)
}

/// What stands before the names of an encoder's tensors.
///
/// # Errors
/// [`Error::MissingTensor`].
pub(crate) fn prefix_of(weights: &Weights, prefixes: &[&str]) -> Result<String> {
    const FIRST: &str = "embeddings.word_embeddings.weight";
    let prefix = prefixes.iter().find(|prefix| weights.has(&format!("{prefix}{FIRST}")));
    let missing = || Error::MissingTensor { tensor: FIRST.to_owned() };
    prefix.map(|&prefix| prefix.to_owned()).ok_or_else(missing)
}
