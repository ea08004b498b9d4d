//! The layers of an encoder that learns, on the processor.

use crate::encoder::Config;
use crate::error::Result;
use crate::train::lora::Slot;
use crate::train::parameters::Parameters;
use crate::train::room::Room;

use super::layer::{Layer, Pass, Trace};
use super::source::Source;
use super::{around, path_of};

/// Layers, and what they keep for the way back.
#[derive(Debug)]
pub(super) struct Host {
    layers: Vec<Layer>,
    traces: Vec<Trace>,
    /// Whether only what came into every layer is kept.
    thrifty: bool,
}

impl Host {
    pub(super) fn load(source: &mut Source, config: &Config, thrifty: bool) -> Result<Self> {
        let mut layers = Vec::with_capacity(config.layers);
        for at in 0..config.layers {
            layers.push(Layer::load(source, config, at)?);
        }
        let traces = layers.iter().map(|_| Trace::default()).collect();
        Ok(Self { layers, traces, thrifty })
    }

    /// The maps by their names.
    pub(super) fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        let of_layer = |(at, layer): (usize, &'a mut Layer)| {
            let path = move |name: &str| path_of(config, around(config.kind), at, name);
            layer.maps(config).into_iter().map(move |(name, map)| (path(name), map.slot()))
        };
        self.layers.iter_mut().enumerate().flat_map(of_layer).collect()
    }

    /// Bytes of memory beside what is learned.
    pub(super) fn bytes(&self) -> usize {
        self.layers.iter().map(Layer::bytes).sum::<usize>()
            + self.traces.iter().map(Trace::bytes).sum::<usize>()
    }

    /// Lets go of what was kept of steps that had fewer rows.
    pub(super) fn forget(&mut self) {
        self.traces.iter_mut().for_each(|trace| *trace = Trace::default());
    }

    /// The rows of the last layer.
    pub(super) fn forward(
        &mut self,
        values: &[Vec<f32>],
        room: &mut Room,
        mut rows: Vec<f32>,
        pass: &Pass,
    ) -> Vec<f32> {
        for (layer, trace) in self.layers.iter().zip(&mut self.traces) {
            let before = std::mem::replace(&mut trace.rows, rows);
            room.back([before]);
            rows = layer.forward(values, room, trace, pass);
            if self.thrifty || pass.key.is_none() {
                trace.forget(room);
            }
        }
        rows
    }

    /// What the rows that came into the first layer get of what those of the last get; and what is learned
    /// gets. Where nothing before it learns, what is given is of no use.
    pub(super) fn backward(
        &mut self,
        parameters: &mut Parameters,
        room: &mut Room,
        mut grad: Vec<f32>,
        pass: &Pass,
        is_still_before: bool,
    ) -> Vec<f32> {
        for (at, layer) in self.layers.iter().enumerate().rev() {
            let trace = &mut self.traces[at];
            if self.thrifty {
                let again = layer.forward(&parameters.values, room, trace, pass);
                room.back([again]);
            }
            let is_first = is_still_before && at == 0;
            grad = layer.backward(parameters, room, trace, pass, grad, is_first);
            if self.thrifty {
                trace.forget(room);
            }
        }
        grad
    }
}
