//! The layers of a decoder that learns, on the processor.

use crate::cpu::product::Frozen;
use crate::cpu::spread;
use crate::decoder::config::Config;
use crate::error::Result;
use crate::linear::Found;
use crate::train::lora::{Lora, Slot};
use crate::train::parameters::Parameters;
use crate::train::room::Room;

use super::layer::{Layer, Pass, Trace};
use super::loss::cross_entropy;
use super::{Batch, Step};

/// Layers, the last norm and the map to the next token.
#[derive(Debug)]
pub(super) struct Host {
    layers: Vec<Layer>,
    norm: Vec<f32>,
    head: Frozen,
    vocabulary: usize,
    epsilon: f32,
    traces: Vec<Trace>,
    room: Room,
    /// Whether only what came into every layer is kept for the way back.
    thrifty: bool,
}

/// What a way forward leaves.
struct Read {
    /// Rows before the last norm, and after it.
    last: Vec<f32>,
    normed: Vec<f32>,
}

impl Host {
    /// `head` is where the map to the next token is found, and its name.
    pub(super) fn load(
        found: &Found,
        (place, name): (&Found, &str),
        config: &Config,
        (lora, thrifty): (&Lora, bool),
    ) -> Result<Self> {
        let mut layers = Vec::with_capacity(config.layers);
        for at in 0..config.layers {
            let mut layer = Layer::load(found, config, at)?;
            if lora.nf4 {
                layer.maps(config).into_iter().for_each(|(_, map)| map.quantise());
            }
            layers.push(layer);
        }
        let shape = [config.vocabulary, config.width];
        Ok(Self {
            norm: found.load(&format!("{}.weight", config.names.last_norm), &[config.width])?,
            head: place.frozen(&format!("{name}.weight"), &shape)?,
            vocabulary: config.vocabulary,
            epsilon: config.epsilon,
            traces: layers.iter().map(|_| Trace::default()).collect(),
            room: Room::default(),
            layers,
            thrifty,
        })
    }

    /// Room for the vectors of so many tokens, with which a step begins.
    pub(super) fn room(&mut self, tokens: usize) -> Vec<f32> {
        if self.room.begin(tokens) {
            self.traces.iter_mut().for_each(|trace| *trace = Trace::default());
        }
        self.room.any(tokens * self.norm.len())
    }

    /// The maps by their names.
    pub(super) fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        let of_layer = |(at, layer): (usize, &'a mut Layer)| {
            let path = move |name: &str| format!("model.{}.{at}.{name}", config.names.layer);
            layer.maps(config).into_iter().map(move |(name, map)| (path(name), map.slot()))
        };
        self.layers.iter_mut().enumerate().flat_map(of_layer).collect()
    }

    /// Bytes of memory.
    pub(super) fn bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum::<usize>()
            + self.head.bytes()
            + self.traces.iter().map(Trace::bytes).sum::<usize>()
            + self.room.bytes()
    }

    /// The sum of the losses; with a step, the parameters get their gradients.
    pub(super) fn learn(
        &mut self,
        parameters: &mut Parameters,
        batch: Batch,
        step: Option<Step>,
    ) -> f64 {
        let Batch { rows, sequences, turns, places, next } = batch;
        let pass = Pass { sequences: &sequences, turns: &turns, key: step.map(|step| step.key) };
        let Read { last, normed } = self.read(&parameters.values, rows, &pass);
        let width = self.norm.len();
        let asked: Vec<f32> =
            places.iter().flat_map(|place| &normed[place * width..][..width]).copied().collect();
        let head = (&self.head, self.vocabulary, width);
        let Some(step) = step else {
            self.room.back([last, normed]);
            return cross_entropy(&asked, &next, head, 0.0, None);
        };
        let mut grad = vec![0.0; asked.len()];
        let sum = cross_entropy(&asked, &next, head, step.share, Some(&mut grad));
        let mut normed_grad = self.room.noughts(normed.len());
        for (&place, grad) in places.iter().zip(grad.chunks_exact(width)) {
            normed_grad[place * width..][..width].copy_from_slice(grad);
        }
        let mut grad = self.room.noughts(normed_grad.len());
        spread::with(|cpu| {
            cpu.rms_norm_back(&last, &self.norm, self.epsilon, &normed_grad, &mut grad);
        });
        self.room.back([normed_grad, last, normed]);
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let trace = &mut self.traces[at];
            if self.thrifty {
                let again = layer.forward(&parameters.values, &mut self.room, trace, &pass);
                self.room.back([again]);
            }
            let room = &mut self.room;
            grad = layer.backward(parameters, room, trace, &pass, grad, at == 0);
            if self.thrifty {
                trace.forget(&mut self.room);
            }
        }
        self.room.back([grad]);
        sum
    }

    fn read(&mut self, values: &[Vec<f32>], mut rows: Vec<f32>, pass: &Pass) -> Read {
        for (layer, trace) in self.layers.iter().zip(&mut self.traces) {
            let before = std::mem::replace(&mut trace.rows, rows);
            self.room.back([before]);
            rows = layer.forward(values, &mut self.room, trace, pass);
            if self.thrifty || pass.key.is_none() {
                trace.forget(&mut self.room);
            }
        }
        let mut normed = self.room.copy(&rows);
        spread::with(|cpu| cpu.rms_norm(&mut normed, &self.norm, self.epsilon));
        Read { last: rows, normed }
    }
}
