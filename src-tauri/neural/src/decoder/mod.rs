//! Decoders: models that say of every token what may come next. Llama (Touvron et al. 2023,
//! <https://arxiv.org/abs/2302.13971>), Mistral, Qwen2, Phi and GPT-2 (Radford et al. 2019), which differ
//! in norms, in how places are told apart, and in how tensors are named.
//!
//! On the processor weights stay in as many bits as they were written in, unless others are asked for, and
//! in the blocks that they are quantised in; all arithmetic is in single precision.

mod cache;
pub(crate) mod config;
#[cfg(feature = "candle")]
mod gpu;
mod layer;
pub(crate) mod rotary;

use rayon::prelude::*;

use crate::adapter::{Adapter, Fit};
use crate::cpu::Activation;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::linear::{Found, Layout, Linear};
use crate::norm::Norm;
#[cfg(feature = "candle")]
use crate::target::Device;
use crate::target::{Precision, RunsOn, Target};
use crate::weights::{Rows, Weights};

pub use cache::Cache;
pub use config::Config;
pub(crate) use config::Ends;
use layer::{Layer, load_norm};
pub use rotary::Rotary;

/// Tokens to read, after those that a cache remembers.
#[derive(Debug)]
pub struct Step<'a> {
    /// What was read before; it remembers these too.
    pub cache: &'a mut Cache,
    /// The tokens, at least one.
    pub ids: &'a [u32],
}

/// What a pass needs room for, kept from one to the next.
#[derive(Debug, Default)]
pub struct Room {
    rows: Vec<f32>,
    near: Vec<f32>,
    wide: Vec<f32>,
    heads: Vec<f32>,
    turns: Vec<(f32, f32)>,
    sums: Vec<f32>,
}

/// A decoder with its weights.
#[derive(Debug)]
pub struct Decoder {
    config: Config,
    words: Rows,
    /// Rows of places, where the model has them.
    places: Vec<f32>,
    body: Body,
    runs_on: RunsOn,
}

/// What is between a token's row and what may come next, where it works.
#[derive(Debug)]
enum Body {
    Cpu {
        layers: Vec<Layer>,
        norm: Norm,
        head: Linear,
    },
    #[cfg(feature = "candle")]
    Gpu(gpu::Layers),
}

impl Decoder {
    /// Reads the decoder of a folder.
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
        let prefixes = config.prefixes();
        let fit = adapter.map(|adapter| Fit::new(adapter, prefixes));
        let decoder = Self::fitted(config, &weights, target, fit.as_ref())?;
        fit.map_or(Ok(()), Fit::finish)?;
        Ok(decoder)
    }

    /// Takes a decoder out of `weights`, whose names may stand under the name of the whole model.
    ///
    /// # Errors
    /// [`Error::MissingTensor`], [`Error::BadShape`], [`Error::BadNumbers`], [`Error::Unreadable`],
    /// [`Error::NoPrecision`], [`Error::NoDevice`] and what else a device can fail with.
    pub fn new(config: Config, weights: &Weights, target: Target) -> Result<Self> {
        Self::fitted(config, weights, target, None)
    }

    fn fitted(
        config: Config,
        weights: &Weights,
        target: Target,
        fit: Option<&Fit>,
    ) -> Result<Self> {
        let (names, width) = (config.names, config.width);
        let words = format!("{}.weight", names.words);
        let prefix = names.prefixes.iter().find(|prefix| weights.has(&format!("{prefix}{words}")));
        let prefix = prefix.ok_or(Error::MissingTensor { tensor: words.clone() })?;
        let found = Found::under(weights, *prefix);
        let first = format!("{}.0.{}.weight", names.layer, names.asked[0]);
        let (precision, number) = target.writing(found.precision(&first))?;
        let found = found.kept_as(number).fitted(fit);
        // The rows of the vocabulary stay in the model's file.
        if fit.is_some_and(|fit| fit.whole(&found.name(&words)).is_some()) {
            return Err(Error::BadField {
                file: "adapter_config.json",
                field: "modules_to_save".to_owned(),
                value: names.words.to_owned(),
            });
        }
        let places = match names.places {
            Some(name) => found.load(&format!("{name}.weight"), &[config.longest, width])?,
            None => Vec::new(),
        };
        let whole = Found::under(weights, "").kept_as(number).fitted(fit);
        let has_head = whole.has("lm_head.weight");
        // Files of tied models may still hold what their words are tied to.
        let (place, name) =
            if config.tied || !has_head { (&found, names.words) } else { (&whole, "lm_head") };
        let (body, runs_on) = Body::load(&found, (place, name), &config, (target, precision))?;
        Ok(Self {
            words: weights.rows(&found.name(&words), config.vocabulary, width)?,
            places,
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

    /// A cache that remembers nothing.
    #[must_use]
    pub fn cache(&self) -> Cache {
        let layers = self.config.layers;
        match &self.body {
            Body::Cpu { .. } => {
                Cache { layers: vec![cache::Kept::default(); layers], ..Cache::default() }
            }
            #[cfg(feature = "candle")]
            Body::Gpu(_) => gpu::cache(layers),
        }
    }

    /// What may come after the last token of every step: as many rows of [`Config::vocabulary`] numbers,
    /// on all threads of the pool it is called in or on the device.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a token that the model does not have or a sequence that is too long,
    /// [`Error::Unreadable`] when the weights' file cannot be read any more, [`Error::DeviceMemory`],
    /// [`Error::LostDevice`]. Caches are then of no use.
    pub fn next<'a>(&self, steps: &mut [Step], room: &'a mut Room) -> Result<&'a mut [f32]> {
        self.embed(steps, room)?;
        match &self.body {
            Body::Cpu { layers, norm, head } => {
                self.read(layers, norm, steps, room);
                let width = self.config.width;
                room.near.clear();
                let mut end = 0;
                for step in &*steps {
                    end += step.ids.len();
                    room.near.extend_from_slice(&room.rows[(end - 1) * width..end * width]);
                }
                head.apply_on_all(&room.near, Activation::None, &mut room.sums);
            }
            #[cfg(feature = "candle")]
            Body::Gpu(layers) => {
                let last = gpu::Asked::Last;
                room.sums = layers.forward(&room.rows, &room.turns, &self.config, steps, last)?;
            }
        }
        Ok(remembered(steps, room))
    }

    /// What may come after every token of every step.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub fn next_of_all<'a>(&self, steps: &mut [Step], room: &'a mut Room) -> Result<&'a mut [f32]> {
        self.embed(steps, room)?;
        match &self.body {
            Body::Cpu { layers, norm, head } => {
                self.read(layers, norm, steps, room);
                head.apply_on_all(&room.rows, Activation::None, &mut room.sums);
            }
            #[cfg(feature = "candle")]
            Body::Gpu(layers) => {
                let all = gpu::Asked::All;
                room.sums = layers.forward(&room.rows, &room.turns, &self.config, steps, all)?;
            }
        }
        Ok(remembered(steps, room))
    }

    /// The last layer's rows of all tokens, normed.
    fn read(&self, layers: &[Layer], norm: &Norm, steps: &mut [Step], room: &mut Room) {
        for layer in layers {
            layer.forward(room, &self.config, steps);
        }
        norm.apply(&mut room.rows);
    }

    fn embed(&self, steps: &[Step], room: &mut Room) -> Result<()> {
        let width = self.config.width;
        let tokens: usize = steps.iter().map(|step| step.ids.len()).sum();
        room.rows.resize(tokens * width, 0.0);
        room.turns.clear();
        let mut rows = room.rows.chunks_exact_mut(width);
        for step in steps {
            let length = step.cache.length + step.ids.len();
            if length > self.config.longest {
                let reason = format!("{length} tokens, the model takes {}", self.config.longest);
                return Err(Error::Tokens { reason });
            }
            for ((place, &id), row) in (step.cache.length..).zip(step.ids).zip(&mut rows) {
                if id as usize >= self.words.len() {
                    let reason = format!("the model has no token {id}");
                    return Err(Error::Tokens { reason });
                }
                self.words.read(id as usize, row)?;
                match &self.config.rotary {
                    Some(rotary) => room.turns.extend(rotary.turns(place)),
                    None => {
                        for (x, more) in row.iter_mut().zip(&self.places[place * width..]) {
                            *x += more;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Body {
    /// `head` is where the map to the next token is found, and its name; `precision` is the processor's, or
    /// on a card that of the file.
    fn load(
        found: &Found,
        head: (&Found, &str),
        config: &Config,
        (target, precision): (Target, Precision),
    ) -> Result<(Self, RunsOn)> {
        #[cfg(feature = "candle")]
        if target.device != Device::Cpu {
            let layers = gpu::Layers::load(found, head, config, (target, precision))?;
            let runs_on = layers.runs_on();
            return Ok((Self::Gpu(layers), runs_on));
        }
        target.on_cpu()?;
        let parts = [(head.1.to_owned(), config.vocabulary)];
        let layers = (0..config.layers).into_par_iter();
        let body = Self::Cpu {
            layers: layers.map(|at| Layer::load(found, config, at)).collect::<Result<_>>()?,
            norm: load_norm(found, config.names.last_norm, config)?,
            head: Linear::load_kept(head.0, &parts, config.width, Layout::Outputs)?,
        };
        Ok((body, RunsOn::cpu(precision)))
    }
}

/// The scores of a pass, whose tokens the caches now know.
fn remembered<'a>(steps: &mut [Step], room: &'a mut Room) -> &'a mut [f32] {
    for step in steps {
        step.cache.length += step.ids.len();
    }
    &mut room.sums
}
