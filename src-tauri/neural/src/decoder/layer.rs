//! One layer: attention to what was before, and the feed-forward part, each added to what it was made of.

use super::cache::Kept;
use super::config::NormKind;
use super::{Config, Room, Step};
use crate::cpu::{Activation, Attention, Reach, Rows, spread};
use crate::error::Result;
use crate::linear::{Found, Linear};
use crate::norm::Norm;

/// A norm of the kind that the architecture has.
pub(super) fn load_norm(found: &Found, name: &str, config: &Config) -> Result<Norm> {
    match config.names.norm {
        NormKind::RootMeanSquare => {
            Norm::root_mean_square(found, name, config.width, config.epsilon)
        }
        NormKind::Layer => Norm::layer(found, name, config.width, config.epsilon),
    }
}

/// A layer's weights.
#[derive(Debug)]
pub(super) struct Layer {
    at: usize,
    first_norm: Norm,
    /// Queries, keys and values.
    asked: Linear,
    mixed: Linear,
    second_norm: Option<Norm>,
    inner: Linear,
    outer: Linear,
}

impl Layer {
    pub(super) fn load(found: &Found, config: &Config, at: usize) -> Result<Self> {
        let names = config.names;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let (width, heads) = (config.width, config.heads);
        let kept = config.kept * heads.width;
        let map = |parts: &[(&str, usize)], inputs: usize| {
            let parts: Vec<_> =
                parts.iter().map(|&(name, outputs)| (named(name), outputs)).collect();
            Linear::load_kept(found, &parts, inputs, names.layout)
        };
        let asked = match names.asked {
            [query, key, value] => vec![(*query, heads.total()), (*key, kept), (*value, kept)],
            all => all.iter().map(|name| (*name, heads.total() + 2 * kept)).collect(),
        };
        let inner: Vec<_> = names.inner.iter().map(|name| (*name, config.inner)).collect();
        let norm = |name: &str| load_norm(found, &named(name), config);
        Ok(Self {
            at,
            first_norm: norm(names.first_norm)?,
            asked: map(&asked, width)?,
            mixed: map(&[(names.mixed, width)], heads.total())?,
            second_norm: names.second_norm.map(norm).transpose()?,
            inner: map(&inner, width)?,
            outer: map(&[(names.outer, width)], config.inner)?,
        })
    }

    /// Makes the layer's rows out of those in `room.rows`, which hold the tokens of every step.
    pub(super) fn forward(&self, room: &mut Room, config: &Config, steps: &mut [Step]) {
        room.near.clone_from(&room.rows);
        self.first_norm.apply(&mut room.near);
        self.asked.apply_on_all(&room.near, Activation::None, &mut room.wide);
        self.attend(room, config, steps);
        self.mixed.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        add(&mut room.rows, &room.wide);
        if let Some(norm) = &self.second_norm {
            room.near.clone_from(&room.rows);
            norm.apply(&mut room.near);
        }
        if config.names.inner.len() == 2 {
            self.inner.apply_on_all(&room.near, Activation::None, &mut room.wide);
            room.heads.resize(room.wide.len() / 2, 0.0);
            spread::with(|cpu| {
                cpu.gate(&room.wide, config.inner, config.activation, &mut room.heads);
            });
        } else {
            self.inner.apply_on_all(&room.near, config.activation, &mut room.heads);
        }
        self.outer.apply_on_all(&room.heads, Activation::None, &mut room.wide);
        add(&mut room.rows, &room.wide);
    }

    /// From queries, keys and values in `room.wide` to all heads' values in `room.heads`.
    fn attend(&self, room: &mut Room, config: &Config, steps: &mut [Step]) {
        let (heads, kept) = (config.heads, config.kept * config.heads.width);
        let (total, stride) = (heads.total(), heads.total() + 2 * kept);
        if let Some(rotary) = &config.rotary {
            let pairs = rotary.pairs();
            for (row, turns) in room.wide.chunks_exact_mut(stride).zip(room.turns.chunks(pairs)) {
                super::rotary::turn(&mut row[..total + kept], heads.width, turns);
            }
        }
        let mut scale = 1.0 / (heads.width as f32).sqrt();
        if config.scaled_by_layer {
            scale /= (self.at + 1) as f32;
        }
        room.heads.resize(room.wide.len() / stride * total, 0.0);
        let mut from = 0;
        for step in steps {
            let count = step.ids.len();
            let rows = &room.wide[from * stride..(from + count) * stride];
            let Kept { keys, values } = &mut step.cache.layers[self.at];
            for row in rows.chunks_exact(stride) {
                keys.extend_from_slice(&row[total..total + kept]);
                values.extend_from_slice(&row[total + kept..]);
            }
            let attention = Attention {
                heads,
                sharing: heads.count / config.kept,
                scale,
                bias: &[],
                reach: Reach::Before(config.window),
            };
            let queries = Rows { numbers: rows, stride, count };
            let out = &mut room.heads[from * total..(from + count) * total];
            spread::attend(queries, Rows::of(keys, kept), Rows::of(values, kept), &attention, out);
            from += count;
        }
    }
}

fn add(rows: &mut [f32], more: &[f32]) {
    for (x, more) in rows.iter_mut().zip(more) {
        *x += more;
    }
}
