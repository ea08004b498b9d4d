//! A decoder whose changes are learned: Llama, Mistral and Qwen2.
//!
//! The sequences of a batch lie side by side without padding, and each attends to itself alone.

#[cfg(feature = "candle")]
mod card;
mod examples;
mod host;
mod layer;
mod loss;
mod merge;
mod needs;
mod writing;

use std::ops::Range;

use crate::decoder::config::{Config, NormKind};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::Found;
use crate::target::{Device, Precision, RunsOn, Target};
use crate::weights::{Rows, Weights};

use super::lora::{Lora, Slot};
use super::needs::Keeping;
use super::parameters::Parameters;
use host::Host;

pub use examples::{Cut, Example, Reader};
pub use merge::merge;
pub use needs::{Size, needs};
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
    body: Body,
    lora: Lora,
    /// What is learned.
    pub parameters: Parameters,
}

/// The layers and what follows them, where they work.
#[derive(Debug)]
enum Body {
    /// The processor.
    Host(Box<Host>),
    /// A graphics card.
    #[cfg(feature = "candle")]
    Card(Box<card::Decoder>),
}

/// Sequences as the layers get them.
struct Batch {
    /// The vectors of all tokens.
    rows: Vec<f32>,
    /// Where each sequence lies among them.
    sequences: Vec<Range<usize>>,
    /// The cosines and sines of every token's place.
    turns: Vec<(f32, f32)>,
    /// The rows after which a learned token comes, and the token.
    places: Vec<usize>,
    next: Vec<u32>,
}

/// A step that learns.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// What the losses' sum counts.
    share: f32,
    /// What tells its dropout from another's.
    key: u32,
}

impl Body {
    /// Room for the vectors of so many tokens.
    fn room(&mut self, tokens: usize) -> Vec<f32> {
        match self {
            Self::Host(host) => host.room(tokens),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.room(tokens),
        }
    }

    /// The maps by their names, for what is to be changed of them.
    fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        match self {
            Self::Host(host) => host.maps(config),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.maps(config),
        }
    }

    /// The sum of the losses; with a step, the parameters get their gradients.
    fn learn(
        &mut self,
        parameters: &mut Parameters,
        batch: Batch,
        step: Option<Step>,
    ) -> Result<f64> {
        match self {
            Self::Host(host) => Ok(host.learn(parameters, batch, step)),
            #[cfg(feature = "candle")]
            Self::Card(card) => card.learn(parameters, &batch, step),
        }
    }
}

impl Learner {
    /// Reads the decoder in a folder, with changes that begin at nought; what they are drawn from, `seed`
    /// says.
    ///
    /// # Errors
    /// [`Error::BadField`] for an architecture that cannot be taught here, for targets that it does not
    /// have and for a rank of nought; [`Error::NoDevice`] and the like for where it is to be taught; and what
    /// is missing or not known in the folder.
    pub fn open(
        folder: &Folder,
        lora: Lora,
        keeping: Keeping,
        seed: u64,
        target: Target,
    ) -> Result<Self> {
        let (config, weights) = (Config::read(folder)?, folder.weights()?);
        let names = config.names;
        can_be_taught(&config)?;
        target.teaching()?;
        let thrifty = keeping.thrifty;
        let words = format!("{}.weight", names.words);
        let prefix = names.prefixes.iter().find(|prefix| weights.has(&format!("{prefix}{words}")));
        let prefix = prefix.ok_or(Error::MissingTensor { tensor: words.clone() })?;
        let found = Found::under(&weights, *prefix);
        let whole = Found::under(&weights, "");
        let tied = config.tied || !whole.has("lm_head.weight");
        // The map to the next token may be the rows of the vocabulary.
        let head = if tied { (&found, names.words) } else { (&whole, "lm_head") };
        let body = match target.device {
            Device::Cpu => {
                Body::Host(Box::new(Host::load(&found, head, &config, (&lora, thrifty))?))
            }
            #[cfg(feature = "candle")]
            _ => Body::Card(Box::new(card::Decoder::load(
                &found,
                head,
                &config,
                (&lora, thrifty),
                target,
            )?)),
            #[cfg(not(feature = "candle"))]
            other => return Err(crate::gpu::not_built(other)),
        };
        let mut learner = Self {
            words: weights.rows(&found.name(&words), config.vocabulary, config.width)?,
            body,
            lora,
            config,
            parameters: Parameters::new(keeping.in_eight_bits),
        };
        let Self { body, config, parameters, lora, .. } = &mut learner;
        lora.put(body.maps(config).into_iter(), parameters, seed)?;
        Ok(learner)
    }

    /// Goes on from an adapter's numbers.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`] for an adapter of other changes.
    pub fn take(&mut self, adapter: &Weights) -> Result<()> {
        self.parameters.take(adapter)
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

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        match &self.body {
            Body::Host(_) => RunsOn::cpu(Precision::F32),
            #[cfg(feature = "candle")]
            Body::Card(card) => card.runs_on(),
        }
    }

    /// Bytes of main memory that its weights, what it learns and what it keeps take now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Host(host) => host.bytes(),
            #[cfg(feature = "candle")]
            Body::Card(_) => 0,
        };
        body + self.parameters.bytes()
    }

    /// Learns from some sequences: adds the gradients of `share` times the sum of their learned tokens'
    /// cross-entropies, and gives that sum. `key` tells this step's dropout from another's.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a token that the model does not have or a sequence that is too long; and those
    /// of a card.
    pub fn learn(&mut self, sequences: &[Sequence], share: f32, key: u32) -> Result<f64> {
        let batch = self.batch(sequences)?;
        self.body.learn(&mut self.parameters, batch, Some(Step { share, key }))
    }

    /// The sum of the learned tokens' cross-entropies, without learning.
    ///
    /// # Errors
    /// As [`Self::learn`].
    pub fn loss(&mut self, sequences: &[Sequence]) -> Result<f64> {
        let batch = self.batch(sequences)?;
        self.body.learn(&mut self.parameters, batch, None)
    }

    fn batch(&mut self, sequences: &[Sequence]) -> Result<Batch> {
        let width = self.config.width;
        let mut ranges = Vec::with_capacity(sequences.len());
        let tokens = sequences.iter().map(|one| one.ids.len()).sum();
        let (mut rows, mut turns) = (self.body.room(tokens), Vec::new());
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
        let (places, next) = known(sequences);
        Ok(Batch { rows, sequences: ranges, turns, places, next })
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
