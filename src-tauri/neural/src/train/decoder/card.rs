//! The layers of a decoder that learns, on a graphics card.

use candle_core::{DType, Result as Made, Tensor};
use candle_nn::rotary_emb::rope;

use crate::cpu::{Activation, Reach};
use crate::decoder::config::Config;
use crate::error::Result;
use crate::gpu::{self, Card, activate};
use crate::linear::Found;
use crate::target::{Precision, RunsOn, Target};
use crate::train::attention::Shape;
use crate::train::card::{
    Bench, Dropped, Given, Heads, Map, RmsNorm, Sequences, Slope, activate_back, apart, together,
};
use crate::train::lora::{Lora, Slot};
use crate::train::parameters::Parameters;
use crate::weights::Number;

use super::layer;
use super::loss::some;
use super::{Batch, Step};

/// Attention of decoders leaves nothing out.
const ALL: Dropped = Dropped { share: 0.0, key: None };

/// Layers, the last norm and the map to the next token.
#[derive(Debug)]
pub(super) struct Decoder {
    bench: Bench,
    layers: Vec<Layer>,
    norm: RmsNorm,
    /// A row for every token, in the numbers of products.
    head: Tensor,
    shape: Shape,
    /// Whether the maps have got their changes, and the card knows of them.
    is_settled: bool,
    /// Whether only what came into every layer is kept for the way back.
    thrifty: bool,
}

/// A layer's weights.
#[derive(Debug)]
struct Layer {
    first_norm: RmsNorm,
    /// Queries, keys and values.
    asked: [Map; 3],
    mixed: Map,
    second_norm: RmsNorm,
    /// The gate and what it lets through.
    inner: [Map; 2],
    outer: Map,
    activation: Activation,
}

/// What a layer keeps for the way back, but for the rows that came in.
struct Trace {
    /// Turned to their places.
    heads: Heads,
    mixed: Tensor,
    /// Rows after attention.
    middle: Tensor,
    /// The gate and what it lets through, in the numbers of products.
    wide: [Tensor; 2],
}

/// What is the same for all layers of a pass.
struct Pass {
    sequences: Sequences,
    cosines: Tensor,
    sines: Tensor,
    shape: Shape,
    key: Option<u32>,
}

impl Pass {
    /// Turns heads to their places, or back.
    fn turned(&self, heads: &Tensor, is_back: bool) -> Made<Tensor> {
        let sines = if is_back { self.sines.neg()? } else { self.sines.clone() };
        let (width, turning) = (heads.dim(2)?, 2 * sines.dim(1)?);
        let part = heads.narrow(2, 0, turning)?.contiguous()?;
        let turned = rope(&part.unsqueeze(0)?, &self.cosines, &sines)?.squeeze(0)?;
        if turning == width {
            return Ok(turned);
        }
        Tensor::cat(&[&turned, &heads.narrow(2, turning, width - turning)?], 2)
    }
}

impl Decoder {
    /// `head` is where the map to the next token is found, and its name.
    pub(super) fn load(
        found: &Found,
        (place, name): (&Found, &str),
        config: &Config,
        (lora, thrifty): (&Lora, bool),
        target: Target,
    ) -> Result<Self> {
        let head = format!("{name}.weight");
        let stored = match place.number(&head) {
            Some(Number::Bf16) => Precision::Bf16,
            Some(Number::F16) => Precision::F16,
            _ => Precision::F32,
        };
        let card = Card::open(target, stored, gpu::Range::Small)?;
        let shape = [config.vocabulary, config.width];
        let norm = found.load(&format!("{}.weight", config.names.last_norm), &[config.width])?;
        let mut bench = Bench::new(card.clone());
        let mut layers = Vec::with_capacity(config.layers);
        for at in 0..config.layers {
            // One layer at a time is in main memory.
            let mut layer = layer::Layer::load(found, config, at)?;
            if lora.nf4 {
                layer.maps(config).into_iter().for_each(|(_, map)| map.quantise());
            }
            layers.push(Layer::new(&mut bench, &layer)?);
        }
        Ok(Self {
            norm: rms_norm(&card, &norm, config.epsilon)?,
            head: card.rounded(&place.load(&head, &shape)?, &shape)?,
            shape: Shape {
                heads: config.heads,
                kept: config.kept,
                reach: Reach::Before(config.window),
            },
            bench,
            layers,
            is_settled: false,
            thrifty,
        })
    }

    pub(super) fn runs_on(&self) -> RunsOn {
        self.bench.runs_on()
    }

    /// Room for the vectors of so many tokens.
    pub(super) fn room(&self, tokens: usize) -> Vec<f32> {
        vec![0.0; tokens * self.norm.weight.elem_count()]
    }

    /// The maps by their names.
    pub(super) fn maps<'a>(&'a mut self, config: &'a Config) -> Vec<(String, Slot<'a>)> {
        self.is_settled = false;
        let of_layer = |(at, layer): (usize, &'a mut Layer)| {
            let path = move |name: &str| format!("model.{}.{at}.{name}", config.names.layer);
            layer.maps(config).into_iter().map(move |(name, map)| (path(name), map.slot()))
        };
        self.layers.iter_mut().enumerate().flat_map(of_layer).collect()
    }

    /// The sum of the losses; with a step, the parameters get their gradients.
    ///
    /// # Errors
    /// Those of the card.
    pub(super) fn learn(
        &mut self,
        parameters: &mut Parameters,
        batch: &Batch,
        step: Option<Step>,
    ) -> Result<f64> {
        if batch.next.is_empty() {
            return Ok(0.0);
        }
        let Self { bench, layers, .. } = self;
        if !self.is_settled {
            layers.iter().flat_map(Layer::all).for_each(|map| map.settle(bench));
            self.is_settled = true;
        }
        bench.renew(parameters)?;
        let Self { bench, layers, norm, head, shape, thrifty, .. } = self;
        let sum = bench.work(|bench| {
            let pairs = batch.turns.len() / (batch.rows.len() / norm.weight.elem_count()).max(1);
            let (cosines, sines): (Vec<f32>, Vec<f32>) = batch.turns.iter().copied().unzip();
            let pass = Pass {
                sequences: Sequences::new(bench, *shape, &batch.sequences)?,
                cosines: bench.rows(&cosines, pairs)?,
                sines: bench.rows(&sines, pairs)?,
                shape: *shape,
                key: step.map(|step| step.key),
            };
            let mut rows = bench.rows(&batch.rows, norm.weight.elem_count())?;
            let mut traces = Vec::with_capacity(layers.len());
            for layer in &*layers {
                let (out, trace) = layer.forward(bench, &rows, &pass)?;
                if step.is_some() {
                    traces.push((rows, (!*thrifty).then_some(trace)));
                }
                rows = out;
            }
            let (sum, grad) = cross_entropy(bench, norm, head, &rows, batch, step)?;
            let Some(mut grad) = grad else { return Ok(sum) };
            for (at, layer) in layers.iter().enumerate().rev() {
                let Some((rows, trace)) = traces.pop() else { break };
                let trace = match trace {
                    Some(trace) => trace,
                    None => layer.forward(bench, &rows, &pass)?.1,
                };
                let Some(given) = layer.backward(bench, &rows, &trace, &pass, grad, at == 0)?
                else {
                    break;
                };
                grad = given;
            }
            Ok(sum)
        });
        let sum = sum.and_then(|sum| {
            if step.is_some() {
                bench.hand_over(parameters)?;
            }
            Ok(sum)
        });
        sum.inspect_err(|_| bench.forget())
    }
}

/// The sum of the cross-entropies of the rows whose next tokens are known; with a step, what rows get.
fn cross_entropy(
    bench: &Bench,
    norm: &RmsNorm,
    head: &Tensor,
    rows: &Tensor,
    batch: &Batch,
    step: Option<Step>,
) -> Made<(f64, Option<Tensor>)> {
    let tokens = head.dim(0)?;
    let places: Vec<u32> = batch.places.iter().map(|&place| place as u32).collect();
    let places = bench.places(&places)?;
    let asked = rows.index_select(&places, 0)?;
    let normed = Given::new(bench, norm.forward(&asked)?)?;
    let (mut sum, mut grads) = (0.0, Vec::new());
    let most = some(tokens);
    for (at, next) in batch.next.chunks(most).enumerate() {
        let some = normed.part(at * most, next.len())?;
        let next = bench.places(next)?.unsqueeze(1)?;
        // Nothing as large as all scores is held longer than it is needed.
        let (mine, powers) = {
            let scores = some.matmul(&head.t()?)?.to_dtype(DType::F32)?;
            let scores = scores.broadcast_sub(&scores.max_keepdim(1)?)?;
            (scores.gather(&next, 1)?, scores.exp()?)
        };
        let whole = powers.sum_keepdim(1)?;
        let losses: Vec<f32> = (whole.log()? - mine)?.flatten_all()?.to_vec1()?;
        sum += losses.iter().map(|&loss| f64::from(loss)).sum::<f64>();
        let Some(step) = step else { continue };
        let ones = next.to_dtype(DType::F32)?.affine(0.0, -1.0)?;
        let slopes = powers.broadcast_div(&whole)?.scatter_add(&next, &ones, 1)?;
        drop(powers);
        let slopes = slopes.affine(f64::from(step.share), 0.0)?;
        grads.push(Slope::of_scores(bench, slopes)?.through(head)?);
    }
    if step.is_none() || grads.is_empty() {
        return Ok((sum, None));
    }
    let grad = norm.backward(&asked, &Tensor::cat(&grads, 0)?)?;
    let all = rows.zeros_like()?.index_add(&places, &grad, 0)?;
    Ok((sum, Some(all)))
}

fn rms_norm(card: &Card, weight: &[f32], epsilon: f32) -> Result<RmsNorm> {
    let weight = card.work(|| card.exact(weight, &[weight.len()]))?;
    Ok(RmsNorm { weight, epsilon })
}

impl Layer {
    /// Brings a layer onto the card.
    fn new(bench: &mut Bench, layer: &layer::Layer) -> Result<Self> {
        let (first, second, epsilon) = layer.norms();
        let card = bench.card();
        let [query, key, value] = &layer.asked;
        let [gate, through] = &layer.inner;
        Ok(Self {
            first_norm: rms_norm(&card, first, epsilon)?,
            asked: [Map::new(bench, query)?, Map::new(bench, key)?, Map::new(bench, value)?],
            mixed: Map::new(bench, &layer.mixed)?,
            second_norm: rms_norm(&card, second, epsilon)?,
            inner: [Map::new(bench, gate)?, Map::new(bench, through)?],
            outer: Map::new(bench, &layer.outer)?,
            activation: layer.activation(),
        })
    }

    fn all(&self) -> impl Iterator<Item = &Map> {
        self.asked.iter().chain(&self.inner).chain([&self.mixed, &self.outer])
    }

    /// Its maps by the names that the configuration has for them.
    fn maps<'a>(&'a mut self, config: &Config) -> Vec<(&'static str, &'a mut Map)> {
        let names = config.names;
        let asked = names.asked.iter().copied().zip(&mut self.asked);
        let inner = names.inner.iter().copied().zip(&mut self.inner);
        let one = [(names.mixed, &mut self.mixed), (names.outer, &mut self.outer)];
        asked.chain(inner).chain(one).collect()
    }

    /// What the gate lets through, and the gate activated, in single precision.
    fn gated(&self, trace: &Trace) -> Made<(Tensor, Tensor)> {
        let [gate, through] = &trace.wide;
        let active = activate(&gate.to_dtype(DType::F32)?, self.activation)?;
        Ok(((&active * through.to_dtype(DType::F32)?)?, active))
    }

    /// The rows that come out, and what is kept of the way.
    fn forward(&self, bench: &Bench, rows: &Tensor, pass: &Pass) -> Made<(Tensor, Trace)> {
        let near = Given::new(bench, self.first_norm.forward(rows)?)?;
        let of = |map: &Map, heads: usize| apart(&map.forward(bench, &near, pass.key)?, heads);
        let [query, key, value] = &self.asked;
        let (count, kept) = (pass.shape.heads.count, pass.shape.kept);
        let heads = Heads {
            queries: bench.rounded(&pass.turned(&of(query, count)?, false)?)?,
            keys: bench.rounded(&pass.turned(&of(key, kept)?, false)?)?,
            values: bench.rounded(&of(value, kept)?)?,
        };
        let mixed = pass.sequences.forward(bench, &heads, ALL)?;
        let given = Given::rounded(mixed.clone());
        let middle = (rows + self.mixed.forward(bench, &given, pass.key)?)?;
        let near = Given::new(bench, self.second_norm.forward(&middle)?)?;
        let of = |map: &Map| bench.rounded(&map.forward(bench, &near, pass.key)?);
        let wide = [of(&self.inner[0])?, of(&self.inner[1])?];
        let trace = Trace { heads, mixed, middle, wide };
        let gated = Given::new(bench, self.gated(&trace)?.0)?;
        let out = (&trace.middle + self.outer.forward(bench, &gated, pass.key)?)?;
        Ok((out, trace))
    }

    /// What the gate and what it lets through get of what the rows that come out get.
    fn wide_back(
        &self,
        bench: &mut Bench,
        trace: &Trace,
        key: Option<u32>,
        grad: &Tensor,
    ) -> Made<[Tensor; 2]> {
        let (gated, active) = self.gated(trace)?;
        let slope = Slope::new(bench, grad.clone())?;
        let given = Given::new(bench, gated)?;
        let grad = wanted(self.outer.backward(bench, &given, key, &slope, true)?)?;
        let [gate, through] = &trace.wide;
        let of_gate = (&grad * through.to_dtype(DType::F32)?)?;
        let of_gate = activate_back(&gate.to_dtype(DType::F32)?, self.activation, &of_gate)?;
        Ok([of_gate, (grad * active)?])
    }

    /// What the rows that came in get of `grad`, what those that came out get; and what the changes of its
    /// maps get. Nothing for the first, before which no layer learns.
    fn backward(
        &self,
        bench: &mut Bench,
        rows: &Tensor,
        trace: &Trace,
        pass: &Pass,
        grad: Tensor,
        is_first: bool,
    ) -> Made<Option<Tensor>> {
        let key = pass.key;
        let wide_grads = self.wide_back(bench, trace, key, &grad)?;
        let near = Given::new(bench, self.second_norm.forward(&trace.middle)?)?;
        let mut near_grad = None;
        for (map, grad) in self.inner.iter().zip(wide_grads) {
            let slope = Slope::new(bench, grad)?;
            let given = wanted(map.backward(bench, &near, key, &slope, true)?)?;
            near_grad = Some(added(near_grad, given)?);
        }
        let near_grad = wanted(near_grad)?;
        let grad = (grad + self.second_norm.backward(&trace.middle, &near_grad)?)?;

        let slope = Slope::new(bench, grad.clone())?;
        let given = Given::rounded(trace.mixed.clone());
        let mixed_grad = wanted(self.mixed.backward(bench, &given, key, &slope, true)?)?;
        let heads = pass.sequences.backward(bench, &trace.heads, ALL, &mixed_grad)?;
        let grads =
            [pass.turned(&heads.queries, true)?, pass.turned(&heads.keys, true)?, heads.values];
        let near = Given::new(bench, self.first_norm.forward(rows)?)?;
        let mut near_grad = None;
        for (map, grad) in self.asked.iter().zip(grads) {
            let slope = Slope::new(bench, together(&grad)?)?;
            if let Some(given) = map.backward(bench, &near, key, &slope, !is_first)? {
                near_grad = Some(added(near_grad, given)?);
            }
        }
        let Some(near_grad) = near_grad else { return Ok(None) };
        (grad + self.first_norm.backward(rows, &near_grad)?).map(Some)
    }
}

fn added(sum: Option<Tensor>, part: Tensor) -> Made<Tensor> {
    match sum {
        Some(sum) => sum + part,
        None => Ok(part),
    }
}

fn wanted(given: Option<Tensor>) -> Made<Tensor> {
    given.ok_or_else(|| candle_core::Error::Msg("a map gave nothing back".to_owned()))
}
