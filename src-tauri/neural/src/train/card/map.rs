//! A linear map that is learned, or stays and has a change that is learned.

use candle_core::{Result as Made, Tensor};

use super::four::Four;
use super::{Bench, Given, Slope, Vector};
use crate::cpu::product::Frozen;
use crate::error::Result;
use crate::train::lora::Slot;
use crate::train::map::{self, Change, Parts};

/// A map and its change, where it has one.
#[derive(Debug)]
pub(in crate::train) struct Map {
    held: Held,
    bias: Option<Vector>,
    outputs: usize,
    inputs: usize,
    change: Option<Change>,
}

/// A map's own weights, a row for every output.
#[derive(Debug)]
enum Held {
    /// They stay.
    Still(Tensor),
    /// They stay, in four bits.
    Four(Four),
    /// They are learned: their place among the parameters.
    Taught(usize),
}

impl Map {
    /// Brings a map onto the card.
    ///
    /// # Errors
    /// Those of the card.
    pub(in crate::train) fn new(bench: &mut Bench, map: &map::Map) -> Result<Self> {
        let shape @ (outputs, inputs) = (map.outputs, map.inputs);
        let card = bench.card.clone();
        let (held, bias) = match map.parts() {
            Parts::Still { weights: Frozen::Nf4(weights), bias } if Four::can(shape) => {
                (Held::Four(card.work(|| Four::new(&card, weights, shape))?), bias)
            }
            Parts::Still { weights, bias } => {
                (Held::Still(card.rounded(&weights.numbers(), &[outputs, inputs])?), bias)
            }
            Parts::Taught { weights, bias } => {
                bench.needs(weights, true);
                bench.needs(bias, false);
                let bias = Some(Vector::Taught(bias));
                return Ok(Self {
                    held: Held::Taught(weights),
                    bias,
                    outputs,
                    inputs,
                    change: None,
                });
            }
        };
        let still = || card.work(|| card.exact(bias, &[outputs])).map(Vector::Still);
        let bias = (!bias.is_empty()).then(still).transpose()?;
        Ok(Self { held, bias, outputs, inputs, change: None })
    }

    /// What may get a change.
    pub(in crate::train) fn slot(&mut self) -> Slot<'_> {
        Slot { outputs: self.outputs, inputs: self.inputs, change: &mut self.change }
    }

    /// That its change, where it has got one, is worked with on the card.
    pub(in crate::train) fn settle(&self, bench: &mut Bench) {
        for place in self.change.iter().flat_map(|change| [change.a, change.b]) {
            bench.needs(place, false);
        }
    }

    fn weights(&self, bench: &Bench) -> Made<Tensor> {
        match &self.held {
            Held::Still(weights) => Ok(weights.clone()),
            Held::Four(weights) => weights.weights(bench.card.dtype()),
            Held::Taught(place) => bench.value(*place).cloned(),
        }
    }

    /// What rows become, in single precision. `key` tells one step's dropout from another's; none leaves
    /// nothing out.
    pub(in crate::train) fn forward(
        &self,
        bench: &Bench,
        given: &Given,
        key: Option<u32>,
    ) -> Made<Tensor> {
        let sums = given.rounded.matmul(&self.weights(bench)?.t()?)?;
        let mut sums = sums.to_dtype(candle_core::DType::F32)?;
        if let Some(bias) = &self.bias {
            sums = sums.broadcast_add(bias.of(bench)?)?;
        }
        let Some(change) = &self.change else { return Ok(sums) };
        let low = low(bench, change, given, key)?;
        let through = low.matmul(&bench.value(change.b)?.t()?)?;
        sums + through.affine(f64::from(change.scale), 0.0)?
    }

    /// What rows get of what came out of them gets, where that is wanted; and what the weights that are
    /// learned get, or A and B.
    pub(in crate::train) fn backward(
        &self,
        bench: &mut Bench,
        given: &Given,
        key: Option<u32>,
        slope: &Slope,
        is_wanted: bool,
    ) -> Made<Option<Tensor>> {
        let mut input = None;
        if is_wanted {
            input = Some(slope.through(&self.weights(bench)?)?);
        }
        if let Held::Taught(place) = self.held {
            let product = slope.rounded.t()?.matmul(&given.rounded)?;
            bench.give(place, slope.restore(&product)?)?;
        }
        if let Some(bias) = &self.bias {
            bias.give(bench, || slope.exact.sum(0))?;
        }
        let Some(change) = &self.change else { return Ok(input) };
        // A change is small beside its map: all of it in single precision.
        let grad = slope.exact.affine(f64::from(change.scale), 0.0)?;
        let low = low(bench, change, given, key)?;
        bench.give(change.b, grad.t()?.matmul(&low)?)?;
        let low_grad = grad.matmul(bench.value(change.b)?)?;
        let rows = bench.drop_some(&given.exact()?, change.dropout, key_of(change, key))?;
        bench.give(change.a, low_grad.t()?.matmul(&rows)?)?;
        let Some(input) = input else { return Ok(None) };
        let through = low_grad.matmul(bench.value(change.a)?)?;
        let through = bench.drop_some(&through, change.dropout, key_of(change, key))?;
        Ok(Some((input + through)?))
    }
}

/// Rows by A, without those numbers that the step leaves out.
fn low(bench: &Bench, change: &Change, given: &Given, key: Option<u32>) -> Made<Tensor> {
    let rows = bench.drop_some(&given.exact()?, change.dropout, key_of(change, key))?;
    rows.matmul(&bench.value(change.a)?.t()?)
}

fn key_of(change: &Change, key: Option<u32>) -> Option<u32> {
    key.map(|key| key ^ change.number.wrapping_mul(0x9E37_79B9))
}
