//! What follows an encoder: the sums of a task.

use crate::cpu::{Activation, spread};
use crate::encoder::{Config, Kind};
use crate::linear::Found;
use crate::train::map::{Columns, Map};
use crate::train::parameters::Parameters;

use super::source::Source;
use super::{Dropout, Kinds};

/// The maps of a head.
#[derive(Debug)]
pub(super) struct Head {
    /// What comes before the sums, where something does.
    first: Option<(Map, Activation)>,
    last: Map,
    /// Whether the first row of a text stands for it.
    of_first_row: bool,
    /// Whether numbers are left out before the first map, and before the last.
    drops: (bool, bool),
}

/// What a head keeps for the way back.
#[derive(Debug, Default)]
pub(super) struct Trace {
    rows: Vec<f32>,
    /// What the first map made, before the activation.
    middle: Vec<f32>,
    /// What the last map got.
    near: Vec<f32>,
}

/// The key of what is left out at one of two places.
fn key_of(key: Option<u32>, place: u32, dropout: Dropout) -> Option<u32> {
    key.filter(|_| dropout.head > 0.0).map(|key| key ^ (0xAEAD + place).wrapping_mul(0x9E37_79B9))
}

fn dropped(rows: Vec<f32>, key: Option<u32>, dropout: Dropout) -> Vec<f32> {
    let Some(key) = key else { return rows };
    let mut out = vec![0.0; rows.len()];
    spread::with(|cpu| cpu.drop_some(&rows, key, 1.0 - dropout.head, &mut out));
    out
}

fn whole(map: &Map) -> Columns {
    Columns { stride: map.outputs, from: 0 }
}

impl Head {
    /// The head that transformers' classes of the architecture have, from the model where it has one of the
    /// same labels.
    pub(super) fn load(
        source: &mut Source,
        found: &Found,
        config: &Config,
        (kinds, labels, is_known): (Kinds, usize, bool),
    ) -> Self {
        let width = config.width;
        let first = match (kinds, config.kind) {
            (Kinds::Tags | Kinds::Spans, _) => None,
            (Kinds::Classes, Kind::Bert) => Some(("pooler.dense", Activation::Tanh)),
            (Kinds::Classes, Kind::DistilBert) => Some(("pre_classifier", Activation::Relu)),
            (Kinds::Classes, Kind::Roberta | Kind::Mpnet) => {
                Some(("classifier.dense", Activation::Tanh))
            }
        };
        let last = match (kinds, config.kind) {
            (Kinds::Spans, _) => "qa_outputs",
            (Kinds::Classes, Kind::Roberta | Kind::Mpnet) => "classifier.out_proj",
            _ => "classifier",
        };
        let first = first.map(|(name, activation)| {
            let shape = (width, width);
            let map = if name == "pooler.dense" {
                // It belongs to the encoder, whose names may have something before them.
                let name = source.found.name(name);
                let saved = format!("{}pooler.dense", source.around);
                source.head(found, (&name, &saved), shape)
            } else {
                source.head(found, (name, name), shape)
            };
            (map, activation)
        });
        let name = if is_known { last } else { "" };
        Self {
            first,
            last: source.head(found, (name, last), (labels, width)),
            of_first_row: kinds == Kinds::Classes,
            drops: match (kinds, config.kind) {
                (Kinds::Classes, Kind::Roberta | Kind::Mpnet) => (true, true),
                (Kinds::Spans, kind) => (false, kind == Kind::DistilBert),
                _ => (false, true),
            },
        }
    }

    /// Sums of a row.
    pub(super) fn labels(&self) -> usize {
        self.last.outputs
    }

    /// Whether the first row of a text stands for it.
    pub(super) fn of_first_row(&self) -> bool {
        self.of_first_row
    }

    /// The sums of rows.
    pub(super) fn forward(
        &self,
        values: &[Vec<f32>],
        rows: Vec<f32>,
        (key, dropout): (Option<u32>, Dropout),
        trace: &mut Trace,
    ) -> Vec<f32> {
        let (before, after) = self.keys(key, dropout);
        let count = rows.len() / self.last.inputs;
        trace.rows = dropped(rows, before, dropout);
        let near = match &self.first {
            None => trace.rows.clone(),
            Some((map, activation)) => {
                trace.middle.resize(count * map.outputs, 0.0);
                map.forward(values, &trace.rows, None, &mut trace.middle, whole(map));
                let mut near = trace.middle.clone();
                spread::with(|cpu| cpu.activate(&mut near, *activation));
                near
            }
        };
        trace.near = dropped(near, after, dropout);
        let mut sums = vec![0.0; count * self.last.outputs];
        self.last.forward(values, &trace.near, None, &mut sums, whole(&self.last));
        sums
    }

    fn keys(&self, key: Option<u32>, dropout: Dropout) -> (Option<u32>, Option<u32>) {
        let of = |place, drops: bool| key_of(key.filter(|_| drops), place, dropout);
        (of(0, self.drops.0), of(1, self.drops.1))
    }

    /// What the rows get of what the sums get.
    pub(super) fn backward(
        &self,
        parameters: &mut Parameters,
        (key, dropout): (Option<u32>, Dropout),
        trace: &Trace,
        grad: &[f32],
    ) -> Vec<f32> {
        let (before, after) = self.keys(key, dropout);
        let mut near_grad = vec![0.0; trace.near.len()];
        let into = Some(&mut near_grad[..]);
        self.last.backward(parameters, &trace.near, None, (grad, whole(&self.last)), into);
        let near_grad = dropped(near_grad, after, dropout);
        let Some((map, activation)) = &self.first else {
            return dropped(near_grad, before, dropout);
        };
        let mut middle = trace.middle.clone();
        spread::with(|cpu| cpu.activate_back(&mut middle, *activation, &near_grad));
        let mut out = vec![0.0; trace.rows.len()];
        map.backward(parameters, &trace.rows, None, (&middle, whole(map)), Some(&mut out));
        dropped(out, before, dropout)
    }
}
