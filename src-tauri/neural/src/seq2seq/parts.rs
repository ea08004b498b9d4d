//! What the layers of T5 are made of. No map has a bias, and scores of attention are not scaled.

use super::{Config, Kept};
use crate::cpu::{Activation, Attention, Reach, Rows, spread};
use crate::error::Result;
use crate::linear::{Found, Layout, Linear};
use crate::norm::Norm;

/// What a pass needs room for.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) rows: Vec<f32>,
    pub(super) near: Vec<f32>,
    pub(super) wide: Vec<f32>,
    pub(super) heads: Vec<f32>,
}

impl Room {
    /// Rows before a part, normed.
    pub(super) fn norm(&mut self, norm: &Norm) {
        self.near.clone_from(&self.rows);
        norm.apply(&mut self.near);
    }

    /// Adds what a part has made.
    fn add(&mut self) {
        for (x, more) in self.rows.iter_mut().zip(&self.wide) {
            *x += more;
        }
    }
}

pub(super) fn norm(found: &Found, name: &str, config: &Config) -> Result<Norm> {
    Norm::root_mean_square(found, &format!("{name}.layer_norm"), config.width, config.epsilon)
}

fn map(found: &Found, names: &[String], outputs: usize, inputs: usize) -> Result<Linear> {
    let parts: Vec<_> = names.iter().map(|name| (name.clone(), outputs)).collect();
    Linear::load_kept(found, &parts, inputs, Layout::Outputs)
}

/// Attention of a sequence to itself.
#[derive(Debug)]
pub(super) struct SelfAttention {
    norm: Norm,
    asked: Linear,
    mixed: Linear,
}

impl SelfAttention {
    pub(super) fn load(found: &Found, layer: &str, config: &Config) -> Result<Self> {
        let total = config.heads.total();
        let named = |name: &str| format!("{layer}.SelfAttention.{name}");
        Ok(Self {
            norm: norm(found, layer, config)?,
            asked: map(found, &["q", "k", "v"].map(named), total, config.width)?,
            mixed: map(found, &[named("o")], config.width, total)?,
        })
    }

    /// Of a whole sequence.
    pub(super) fn forward(&self, room: &mut Room, config: &Config, bias: &[f32]) {
        room.norm(&self.norm);
        self.asked.apply_on_all(&room.near, Activation::None, &mut room.wide);
        let total = config.heads.total();
        let rows = |at: usize| Rows {
            numbers: &room.wide[at * total..],
            stride: 3 * total,
            count: room.wide.len() / (3 * total),
        };
        room.heads.resize(room.wide.len() / 3, 0.0);
        let attention = attention(config, bias);
        spread::attend(rows(0), rows(1), rows(2), &attention, &mut room.heads);
        self.mixed.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        room.add();
    }

    /// Of the next token of every sequence to those before it, which are kept; `biases` are theirs.
    pub(super) fn step<'a>(
        &self,
        room: &mut Room,
        config: &Config,
        kept: impl Iterator<Item = &'a mut Kept>,
        biases: &[Vec<f32>],
    ) {
        room.norm(&self.norm);
        self.asked.apply_on_all(&room.near, Activation::None, &mut room.wide);
        let total = config.heads.total();
        room.heads.resize(room.wide.len() / 3, 0.0);
        let rows = room.wide.chunks_exact(3 * total).zip(room.heads.chunks_exact_mut(total));
        for ((row, out), (kept, bias)) in rows.zip(kept.zip(biases)) {
            kept.keys.extend_from_slice(&row[total..2 * total]);
            kept.values.extend_from_slice(&row[2 * total..]);
            let (keys, values) = (Rows::of(&kept.keys, total), Rows::of(&kept.values, total));
            let query = Rows::of(&row[..total], total);
            spread::attend(query, keys, values, &attention(config, bias), out);
        }
        self.mixed.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        room.add();
    }
}

/// Attention of what is written to what was read.
#[derive(Debug)]
pub(super) struct CrossAttention {
    norm: Norm,
    asked: Linear,
    kept: Linear,
    mixed: Linear,
}

impl CrossAttention {
    pub(super) fn load(found: &Found, layer: &str, config: &Config) -> Result<Self> {
        let total = config.heads.total();
        let named = |name: &str| format!("{layer}.EncDecAttention.{name}");
        Ok(Self {
            norm: norm(found, layer, config)?,
            asked: map(found, &[named("q")], total, config.width)?,
            kept: map(found, &["k", "v"].map(named), total, config.width)?,
            mixed: map(found, &[named("o")], config.width, total)?,
        })
    }

    /// The keys and values of what was read.
    pub(super) fn keep(&self, rows: &[f32]) -> Kept {
        let (mut wide, half) = (Vec::new(), self.kept.outputs() / 2);
        self.kept.apply_on_all(rows, Activation::None, &mut wide);
        let mut kept = Kept::default();
        for row in wide.chunks_exact(2 * half) {
            kept.keys.extend_from_slice(&row[..half]);
            kept.values.extend_from_slice(&row[half..]);
        }
        kept
    }

    pub(super) fn step<'a>(
        &self,
        room: &mut Room,
        config: &Config,
        kept: impl Iterator<Item = &'a Kept>,
    ) {
        room.norm(&self.norm);
        self.asked.apply_on_all(&room.near, Activation::None, &mut room.wide);
        let total = config.heads.total();
        room.heads.resize(room.wide.len(), 0.0);
        let rows = room.wide.chunks_exact(total).zip(room.heads.chunks_exact_mut(total));
        for ((row, out), kept) in rows.zip(kept) {
            let (keys, values) = (Rows::of(&kept.keys, total), Rows::of(&kept.values, total));
            let query = Rows::of(row, total);
            spread::attend(query, keys, values, &attention(config, &[]), out);
        }
        self.mixed.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        room.add();
    }
}

fn attention<'a>(config: &Config, bias: &'a [f32]) -> Attention<'a> {
    Attention { heads: config.heads, sharing: 1, scale: 1.0, bias, reach: Reach::All }
}

/// A layer's feed-forward part.
#[derive(Debug)]
pub(super) struct FeedForward {
    norm: Norm,
    inner: Linear,
    outer: Linear,
}

impl FeedForward {
    pub(super) fn load(found: &Found, layer: &str, config: &Config) -> Result<Self> {
        let named = |name: &str| format!("{layer}.DenseReluDense.{name}");
        let inner =
            if config.gated { vec![named("wi_0"), named("wi_1")] } else { vec![named("wi")] };
        Ok(Self {
            norm: norm(found, layer, config)?,
            inner: map(found, &inner, config.inner, config.width)?,
            outer: map(found, &[named("wo")], config.width, config.inner)?,
        })
    }

    pub(super) fn forward(&self, room: &mut Room, config: &Config) {
        room.norm(&self.norm);
        if config.gated {
            self.inner.apply_on_all(&room.near, Activation::None, &mut room.wide);
            room.heads.resize(room.wide.len() / 2, 0.0);
            spread::with(|cpu| {
                cpu.gate(&room.wide, config.inner, config.activation, &mut room.heads);
            });
        } else {
            self.inner.apply_on_all(&room.near, config.activation, &mut room.heads);
        }
        self.outer.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        room.add();
    }
}
