//! A decoder whose changes are learned, on the processor: Llama, Mistral and Qwen2.
//!
//! The sequences of a batch lie side by side without padding, and each attends to itself alone.

mod examples;
mod layer;
mod loss;
mod merge;
mod needs;
mod writing;

use std::ops::Range;

use crate::cpu::product::Frozen;
use crate::cpu::spread;
use crate::decoder::config::{Config, NormKind};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::Found;
use crate::weights::{Rows, Weights};

use super::lora::Lora;
use super::parameters::Parameters;
use super::room::Room;
use layer::{Layer, Pass, Trace};
use loss::cross_entropy;

pub use examples::{Cut, Example, Reader};
pub use merge::merge;
pub use needs::{Needs, needs};
pub use writing::Writing;

/// A text's tokens, of which those from `from` on are learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// All of them.
    pub ids: Vec<u32>,
    /// The first that is learned, at least 1.
    pub from: usize,
}

impl Sequence {
    /// Tokens that are learned.
    #[must_use]
    pub fn learned(&self) -> usize {
        self.ids.len().saturating_sub(self.from.max(1))
    }
}

/// A decoder that learns.
#[derive(Debug)]
pub struct Learner {
    config: Config,
    words: Rows,
    layers: Vec<Layer>,
    norm: Vec<f32>,
    head: Frozen,
    traces: Vec<Trace>,
    room: Room,
    /// Whether only what came into every layer is kept for the way back.
    thrifty: bool,
    lora: Lora,
    /// What is learned.
    pub parameters: Parameters,
}

/// What a way forward leaves.
struct Read {
    sequences: Vec<Range<usize>>,
    turns: Vec<(f32, f32)>,
    /// Rows before the last norm, and after it.
    last: Vec<f32>,
    normed: Vec<f32>,
}

impl Learner {
    /// Reads the decoder in a folder, with changes that begin at nought; what they are drawn from, `seed`
    /// says. With `thrifty` it takes less memory and a third more time.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that cannot be taught here, for targets that it does not
    /// have and for a rank of nought; and what is missing or not known in the folder.
    pub fn open(folder: &Folder, lora: Lora, thrifty: bool, seed: u64) -> Result<Self> {
        let (config, weights) = (Config::read(folder)?, folder.weights()?);
        let names = config.names;
        can_be_taught(&config)?;
        let words = format!("{}.weight", names.words);
        let prefix = names.prefixes.iter().find(|prefix| weights.has(&format!("{prefix}{words}")));
        let prefix = prefix.ok_or(Error::MissingTensor { tensor: words.clone() })?;
        let found = Found::under(&weights, *prefix);
        let mut layers = Vec::with_capacity(config.layers);
        for at in 0..config.layers {
            let mut layer = Layer::load(&found, &config, at)?;
            if lora.nf4 {
                layer.maps(&config).into_iter().for_each(|(_, map)| map.quantise());
            }
            layers.push(layer);
        }
        let norm = found.load(&format!("{}.weight", names.last_norm), &[config.width])?;
        let head = head(&found, &weights, &config)?;
        let mut learner = Self {
            words: weights.rows(&found.name(&words), config.vocabulary, config.width)?,
            traces: (0..config.layers).map(|_| Trace::default()).collect(),
            room: Room::default(),
            layers,
            norm,
            head,
            thrifty,
            lora,
            config,
            parameters: Parameters::default(),
        };
        let Self { layers, config, parameters, lora, .. } = &mut learner;
        let config = &*config;
        let maps = layers.iter_mut().enumerate().flat_map(|(at, layer)| {
            let path = move |name: &str| format!("model.{}.{at}.{name}", config.names.layer);
            layer.maps(config).into_iter().map(move |(name, map)| (path(name), map))
        });
        lora.put(maps, parameters, seed)?;
        Ok(learner)
    }

    /// Goes on from an adapter's numbers.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`] for an adapter of other changes.
    pub fn take(&mut self, adapter: &Weights) -> Result<()> {
        for (tensor, values) in self.parameters.tensors.iter().zip(&mut self.parameters.values) {
            *values = adapter.load(&tensor.name, &tensor.shape)?;
        }
        Ok(())
    }

    /// What is changed, and how much.
    #[must_use]
    pub fn lora(&self) -> &Lora {
        &self.lora
    }

    /// What it is like.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Bytes of memory that its weights, what it learns and what it keeps take now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum::<usize>()
            + self.head.bytes()
            + self.parameters.bytes()
            + self.traces.iter().map(Trace::bytes).sum::<usize>()
            + self.room.bytes()
    }

    /// Learns from some sequences: adds the gradients of `share` times the sum of their learned tokens'
    /// cross-entropies, and gives that sum. `key` tells this step's dropout from another's.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a token that the model does not have or a sequence that is too long.
    pub fn learn(&mut self, sequences: &[Sequence], share: f32, key: u32) -> Result<f64> {
        let read = self.read(sequences, Some(key))?;
        let (places, next) = known(sequences);
        let width = self.config.width;
        let rows = picked(&read.normed, &places, width);
        let mut grad = vec![0.0; rows.len()];
        let head = (&self.head, self.config.vocabulary, width);
        let sum = cross_entropy(&rows, &next, head, share, Some(&mut grad));
        let mut normed_grad = self.room.noughts(read.normed.len());
        for (&place, grad) in places.iter().zip(grad.chunks_exact(width)) {
            normed_grad[place * width..][..width].copy_from_slice(grad);
        }
        let mut grad = self.room.noughts(normed_grad.len());
        spread::with(|cpu| {
            cpu.rms_norm_back(&read.last, &self.norm, self.config.epsilon, &normed_grad, &mut grad);
        });
        let Read { sequences, turns, last, normed } = read;
        self.room.back([normed_grad, last, normed]);
        let pass = Pass { sequences: &sequences, turns: &turns, key: Some(key) };
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let trace = &mut self.traces[at];
            if self.thrifty {
                let again = layer.forward(&self.parameters.values, &mut self.room, trace, &pass);
                self.room.back([again]);
            }
            let room = &mut self.room;
            grad = layer.backward(&mut self.parameters, room, trace, &pass, grad, at == 0);
            if self.thrifty {
                trace.forget(&mut self.room);
            }
        }
        self.room.back([grad]);
        Ok(sum)
    }

    /// The sum of the learned tokens' cross-entropies, without learning.
    ///
    /// # Errors
    /// As [`Self::learn`].
    pub fn loss(&mut self, sequences: &[Sequence]) -> Result<f64> {
        let read = self.read(sequences, None)?;
        let (places, next) = known(sequences);
        let rows = picked(&read.normed, &places, self.config.width);
        let head = (&self.head, self.config.vocabulary, self.config.width);
        let loss = cross_entropy(&rows, &next, head, 0.0, None);
        self.room.back([read.last, read.normed]);
        Ok(loss)
    }

    fn read(&mut self, sequences: &[Sequence], key: Option<u32>) -> Result<Read> {
        let width = self.config.width;
        let mut ranges = Vec::with_capacity(sequences.len());
        let tokens = sequences.iter().map(|one| one.ids.len()).sum();
        if self.room.begin(tokens) {
            self.traces.iter_mut().for_each(|trace| *trace = Trace::default());
        }
        let (mut rows, mut turns) = (self.room.any(tokens * width), Vec::new());
        let mut start = 0;
        for Sequence { ids, .. } in sequences {
            if ids.len() > self.config.longest {
                let reason =
                    format!("{} tokens, the model takes {}", ids.len(), self.config.longest);
                return Err(Error::Tokens { reason });
            }
            for (place, &id) in ids.iter().enumerate() {
                if id as usize >= self.words.len() {
                    return Err(Error::Tokens { reason: format!("the model has no token {id}") });
                }
                self.words.read(id as usize, &mut rows[(start + place) * width..][..width])?;
                turns.extend(self.config.rotary.iter().flat_map(|rotary| rotary.turns(place)));
            }
            ranges.push(start..start + ids.len());
            start += ids.len();
        }
        let pass = Pass { sequences: &ranges, turns: &turns, key };
        for (layer, trace) in self.layers.iter().zip(&mut self.traces) {
            let before = std::mem::replace(&mut trace.rows, rows);
            self.room.back([before]);
            rows = layer.forward(&self.parameters.values, &mut self.room, trace, &pass);
            if self.thrifty || key.is_none() {
                trace.forget(&mut self.room);
            }
        }
        let mut normed = self.room.copy(&rows);
        spread::with(|cpu| cpu.rms_norm(&mut normed, &self.norm, self.config.epsilon));
        Ok(Read { sequences: ranges, turns, last: rows, normed })
    }
}

/// That a decoder is of Llama's kind.
///
/// # Errors
/// [`Error::BadField`].
fn can_be_taught(config: &Config) -> Result<()> {
    let names = config.names;
    let taught = names.norm == NormKind::RootMeanSquare
        && names.second_norm.is_some()
        && (names.asked.len(), names.inner.len()) == (3, 2);
    if taught {
        return Ok(());
    }
    let value = "of an architecture that cannot be taught here".to_owned();
    Err(Error::BadField { file: "config.json", field: "model_type".to_owned(), value })
}

/// The map to the next token, which may be the rows of the vocabulary.
fn head(found: &Found, weights: &Weights, config: &Config) -> Result<Frozen> {
    let whole = Found::under(weights, "");
    let tied = config.tied || !whole.has("lm_head.weight");
    let (place, name) = if tied { (found, config.names.words) } else { (&whole, "lm_head") };
    place.frozen(&format!("{name}.weight"), &[config.vocabulary, config.width])
}

/// The rows after which a learned token comes, and the token.
fn known(sequences: &[Sequence]) -> (Vec<usize>, Vec<u32>) {
    let (mut places, mut next, mut start) = (Vec::new(), Vec::new(), 0);
    for Sequence { ids, from } in sequences {
        for (at, &id) in ids.iter().enumerate().skip((*from).max(1)) {
            places.push(start + at - 1);
            next.push(id);
        }
        start += ids.len();
    }
    (places, next)
}

fn picked(rows: &[f32], places: &[usize], width: usize) -> Vec<f32> {
    places.iter().flat_map(|place| &rows[place * width..][..width]).copied().collect()
}
