//! The layers of an encoder that learns, on a graphics card.

use candle_core::{DType, Result as Made, Tensor};

use crate::cpu::Activation;
use crate::encoder::Config;
use crate::error::Result;
use crate::gpu::{self, Card, activate};
use crate::target::{Precision, RunsOn, Target};
use crate::train::attention::Shape;
use crate::train::card::{
    Bench, Dropped, Given, Heads, LayerNorm, Map, Sequences, Slope, Vector, activate_back, apart,
    together,
};
use crate::train::lora::Slot;
use crate::train::parameters::Parameters;

use super::layer::{self, Pass};
use super::norm;
use super::source::Source;
use super::{around, path_of};

/// Layers, and what they keep for the way back.
#[derive(Debug)]
pub(super) struct Encoder {
    bench: Bench,
    layers: Vec<Layer>,
    /// The rows that came into each layer, and more of it where that is kept.
    traces: Vec<(Tensor, Option<Trace>)>,
    /// Whether the maps have got their changes, and the card knows of them.
    is_settled: bool,
    /// Whether only what came into every layer is kept.
    thrifty: bool,
}

/// A layer's weights.
#[derive(Debug)]
struct Layer {
    /// Queries, keys and values.
    asked: [Map; 3],
    mixed: Map,
    mixed_norm: LayerNorm,
    inner: Map,
    outer: Map,
    outer_norm: LayerNorm,
    activation: Activation,
    shape: Shape,
    number: u32,
}

/// What a layer keeps for the way back, but for the rows that came in.
#[derive(Debug)]
struct Trace {
    heads: Heads,
    mixed: Tensor,
    /// Rows after attention, before their norm.
    middle: Tensor,
    /// Between the two maps, before the activation, in the numbers of products.
    wide: Tensor,
    /// Rows that come out, before their norm.
    last: Tensor,
}

impl Encoder {
    pub(super) fn load(
        source: &mut Source,
        config: &Config,
        thrifty: bool,
        target: Target,
    ) -> Result<Self> {
        let card = Card::open(target, Precision::F32, gpu::Range::Small)?;
        let mut bench = Bench::new(card);
        let mut layers = Vec::with_capacity(config.layers);
        for at in 0..config.layers {
            // One layer at a time is in main memory, beside what is learned.
            layers.push(Layer::new(&mut bench, &layer::Layer::load(source, config, at)?)?);
        }
        Ok(Self { bench, layers, traces: Vec::new(), is_settled: false, thrifty })
    }

    pub(super) fn runs_on(&self) -> RunsOn {
        self.bench.runs_on()
    }

    /// The maps by their names.
    pub(super) fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        self.is_settled = false;
        let of_layer = |(at, layer): (usize, &'a mut Layer)| {
            let path = move |name: &str| path_of(config, around(config.kind), at, name);
            layer.maps(config).into_iter().map(move |(name, map)| (path(name), map.slot()))
        };
        self.layers.iter_mut().enumerate().flat_map(of_layer).collect()
    }

    /// The rows of the last layer, in place of those that came in.
    ///
    /// # Errors
    /// Those of the card.
    pub(super) fn forward(
        &mut self,
        parameters: &Parameters,
        mut rows: Vec<f32>,
        pass: &Pass,
    ) -> Result<Vec<f32>> {
        let Self { bench, layers, traces, is_settled, thrifty } = self;
        if !*is_settled {
            layers.iter().flat_map(Layer::all).for_each(|map| map.settle(bench));
            *is_settled = true;
        }
        bench.renew(parameters)?;
        traces.clear();
        let tokens = pass.sequences.last().map_or(1, |range| range.end);
        let made: Result<Vec<f32>> = bench.work(|bench| {
            let mut rows = bench.rows(&rows, rows.len() / tokens)?;
            let Some(first) = layers.first() else { return rows.flatten_all()?.to_vec1() };
            let sequences = Sequences::new(bench, first.shape, pass.sequences)?;
            for layer in &*layers {
                let (out, trace) = layer.forward(bench, &rows, &sequences, pass)?;
                if pass.key.is_some() {
                    traces.push((rows, (!*thrifty).then_some(trace)));
                }
                rows = out;
            }
            rows.flatten_all()?.to_vec1()
        });
        // What a card that failed holds still would be in the way of others.
        rows.copy_from_slice(&made.inspect_err(|_| traces.clear())?);
        Ok(rows)
    }

    /// What the rows that came into the first layer get of what those of the last get; and what is learned
    /// gets. Where nothing before it learns, what is given is of no use.
    ///
    /// # Errors
    /// Those of the card.
    pub(super) fn backward(
        &mut self,
        parameters: &mut Parameters,
        mut grad: Vec<f32>,
        pass: &Pass,
        is_still_before: bool,
    ) -> Result<Vec<f32>> {
        let Self { bench, layers, traces, .. } = self;
        let tokens = pass.sequences.last().map_or(1, |range| range.end);
        let given: Result<Vec<f32>> = bench.work(|bench| {
            let mut grad = bench.rows(&grad, grad.len() / tokens)?;
            let Some(first) = layers.first() else { return grad.flatten_all()?.to_vec1() };
            let sequences = Sequences::new(bench, first.shape, pass.sequences)?;
            for (at, layer) in layers.iter().enumerate().rev() {
                let Some((rows, trace)) = traces.pop() else { break };
                let trace = match trace {
                    Some(trace) => trace,
                    None => layer.forward(bench, &rows, &sequences, pass)?.1,
                };
                let is_first = is_still_before && at == 0;
                grad =
                    layer.backward(bench, (&rows, &trace), (&sequences, pass), grad, is_first)?;
            }
            grad.flatten_all()?.to_vec1()
        });
        match given.and_then(|given| bench.hand_over(parameters).map(|()| given)) {
            Ok(given) => grad.copy_from_slice(&given),
            Err(error) => {
                bench.forget();
                traces.clear();
                return Err(error);
            }
        }
        Ok(grad)
    }
}

fn vector(bench: &mut Bench, numbers: &norm::Vector) -> Result<Vector> {
    let card = bench.card();
    match numbers {
        norm::Vector::Still(numbers) => {
            card.work(|| card.exact(numbers, &[numbers.len()])).map(Vector::Still)
        }
        norm::Vector::Taught(place) => {
            bench.needs(*place, false);
            Ok(Vector::Taught(*place))
        }
    }
}

fn layer_norm(bench: &mut Bench, norm: &norm::Norm) -> Result<LayerNorm> {
    Ok(LayerNorm {
        weight: vector(bench, &norm.weight)?,
        bias: vector(bench, &norm.bias)?,
        epsilon: norm.epsilon,
    })
}

impl Layer {
    /// Brings a layer onto the card.
    fn new(bench: &mut Bench, layer: &layer::Layer) -> Result<Self> {
        let [query, key, value] = &layer.asked;
        Ok(Self {
            asked: [Map::new(bench, query)?, Map::new(bench, key)?, Map::new(bench, value)?],
            mixed: Map::new(bench, &layer.mixed)?,
            mixed_norm: layer_norm(bench, &layer.mixed_norm)?,
            inner: Map::new(bench, &layer.inner)?,
            outer: Map::new(bench, &layer.outer)?,
            outer_norm: layer_norm(bench, &layer.outer_norm)?,
            activation: layer.activation,
            shape: layer.shape,
            number: layer.number,
        })
    }

    fn all(&self) -> impl Iterator<Item = &Map> {
        self.asked.iter().chain([&self.mixed, &self.inner, &self.outer])
    }

    /// Its maps by the names that the configuration has for them.
    fn maps(&mut self, config: &Config) -> Vec<(&'static str, &mut Map)> {
        let names = config.names;
        let asked = [names.query, names.key, names.value].into_iter().zip(&mut self.asked);
        let rest = [
            (names.mixed, &mut self.mixed),
            (names.inner, &mut self.inner),
            (names.outer, &mut self.outer),
        ];
        asked.chain(rest).collect()
    }

    /// Leaves out some of the rows that are to be added at one of two places of the layer.
    fn drop_some(&self, bench: &Bench, rows: &Tensor, pass: &Pass, place: u32) -> Made<Tensor> {
        bench.drop_some(rows, pass.dropout.rows, pass.key_of(self.number, place))
    }

    fn dropped(&self, pass: &Pass) -> Dropped {
        Dropped { share: pass.dropout.shares, key: pass.key_of(self.number, 2) }
    }

    /// The rows that come out, and what is kept of the way.
    fn forward(
        &self,
        bench: &Bench,
        rows: &Tensor,
        sequences: &Sequences,
        pass: &Pass,
    ) -> Made<(Tensor, Trace)> {
        let (key, count) = (pass.key, self.shape.heads.count);
        let given = Given::new(bench, rows.clone())?;
        let of = |map: &Map| bench.rounded(&apart(&map.forward(bench, &given, key)?, count)?);
        let [queries, keys, values] = &self.asked;
        let heads = Heads { queries: of(queries)?, keys: of(keys)?, values: of(values)? };
        let mixed = sequences.forward(bench, &heads, self.dropped(pass))?;
        let middle = self.mixed.forward(bench, &Given::rounded(mixed.clone()), key)?;
        let middle = (rows + self.drop_some(bench, &middle, pass, 0)?)?;
        let near = self.mixed_norm.forward(bench, &middle)?;
        let given = Given::new(bench, near.clone())?;
        let wide = bench.rounded(&self.inner.forward(bench, &given, key)?)?;
        let active = activate(&wide.to_dtype(DType::F32)?, self.activation)?;
        let last = self.outer.forward(bench, &Given::new(bench, active)?, key)?;
        let last = (near + self.drop_some(bench, &last, pass, 1)?)?;
        let out = self.outer_norm.forward(bench, &last)?;
        Ok((out, Trace { heads, mixed, middle, wide, last }))
    }

    /// What the rows that came in get of `grad`, what those that came out get; and what is learned of the
    /// layer gets. With `is_first` nothing before it learns, and what is given is of no use.
    fn backward(
        &self,
        bench: &mut Bench,
        (rows, trace): (&Tensor, &Trace),
        (sequences, pass): (&Sequences, &Pass),
        grad: Tensor,
        is_first: bool,
    ) -> Made<Tensor> {
        let key = pass.key;
        // What stays of it is what goes round the two maps.
        let round = self.outer_norm.backward(bench, &trace.last, &grad)?;
        let slope = Slope::new(bench, self.drop_some(bench, &round, pass, 1)?)?;
        let wide = trace.wide.to_dtype(DType::F32)?;
        let given = Given::new(bench, activate(&wide, self.activation)?)?;
        let mut near_grad = round;
        if let Some(grad) = self.outer.backward(bench, &given, key, &slope, true)? {
            let slope = Slope::new(bench, activate_back(&wide, self.activation, &grad)?)?;
            let given = Given::new(bench, self.mixed_norm.forward(bench, &trace.middle)?)?;
            if let Some(grad) = self.inner.backward(bench, &given, key, &slope, true)? {
                near_grad = (near_grad + grad)?;
            }
        }
        let mut out = self.mixed_norm.backward(bench, &trace.middle, &near_grad)?;
        let slope = Slope::new(bench, self.drop_some(bench, &out, pass, 0)?)?;
        let given = Given::rounded(trace.mixed.clone());
        let Some(grad) = self.mixed.backward(bench, &given, key, &slope, true)? else {
            return Ok(out);
        };
        let heads = sequences.backward(bench, &trace.heads, self.dropped(pass), &grad)?;
        let given = Given::new(bench, rows.clone())?;
        for (map, grad) in self.asked.iter().zip([heads.queries, heads.keys, heads.values]) {
            let slope = Slope::new(bench, together(&grad)?)?;
            if let Some(grad) = map.backward(bench, &given, key, &slope, !is_first)? {
                out = (out + grad)?;
            }
        }
        Ok(out)
    }
}
