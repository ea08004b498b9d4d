//! The layers on a graphics card. The rows of all sequences go through a layer's maps side by side; each
//! sequence attends to itself alone.

use std::ops::Range;

use candle_core::{DType, Result as Made, Tensor};
use candle_nn::rotary_emb::rope;
use rayon::prelude::*;

use super::config::{Config, NormKind};
use super::{Cache, Step};
use crate::error::Result;
use crate::gpu::{self, Attention, Card, Kept, Linear, Norm, activate, attend, gate};
use crate::linear::{Found, Layout};
use crate::target::{Precision, RunsOn, Target};

/// Scores of attention that are there at once: 128 MiB of them in single precision.
const SCORES: usize = 1 << 25;

/// Which rows are asked what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The last of every step.
    Last,
    /// All.
    All,
}

/// All layers and the map to the next token, whose tensors lie on a card.
#[derive(Debug)]
pub(super) struct Layers {
    card: Card,
    layers: Vec<Layer>,
    norm: Norm,
    head: Linear,
    /// [`SCORES`], but for tests.
    scores: usize,
}

#[derive(Debug)]
struct Layer {
    at: usize,
    first_norm: Norm,
    /// Queries, keys and values.
    asked: Linear,
    mixed: Linear,
    second_norm: Option<Norm>,
    inner: Linear,
    outer: Linear,
}

/// Queries of one step that attend together, and the keys that any of them sees.
struct Block {
    step: usize,
    /// Among the rows of all steps.
    rows: Range<usize>,
    keys: Range<usize>,
    /// `[queries, keys]`, where one sees less than another.
    mask: Option<Tensor>,
}

/// What is the same for all layers of a pass.
struct Pass {
    blocks: Vec<Block>,
    /// The cosines and sines of every row's place.
    turns: Option<(Tensor, Tensor)>,
}

impl Layers {
    /// `head` is where the map to the next token is found, and its name.
    pub(super) fn load(
        found: &Found,
        head: (&Found, &str),
        config: &Config,
        (target, stored): (Target, Precision),
    ) -> Result<Self> {
        let card = Card::open(target, stored, gpu::Range::Small)?;
        let parts = [(head.1.to_owned(), config.vocabulary)];
        let layers = (0..config.layers).into_par_iter();
        Ok(Self {
            layers: layers
                .map(|at| Layer::load(&card, found, config, at))
                .collect::<Result<_>>()?,
            norm: norm(&card, found, config.names.last_norm, config)?,
            head: Linear::load(&card, head.0, &parts, config.width, Layout::Outputs)?,
            scores: SCORES,
            card,
        })
    }

    pub(super) fn runs_on(&self) -> RunsOn {
        self.card.runs_on()
    }

    /// What may come next after `rows`, which hold the tokens of every step; `turns` are those of their
    /// places.
    pub(super) fn forward(
        &self,
        rows: &[f32],
        turns: &[(f32, f32)],
        config: &Config,
        steps: &mut [Step],
        asked: Asked,
    ) -> Result<Vec<f32>> {
        self.card.work(|| {
            let pass = self.pass(turns, config, steps)?;
            let count = rows.len() / config.width;
            let mut rows = self.card.exact(rows, &[count, config.width])?;
            for layer in &self.layers {
                rows = layer.forward(&self.card, &rows, config, steps, &pass)?;
            }
            if asked == Asked::Last && steps.len() < count {
                let mut end = 0;
                let lasts = steps.iter().map(|step| {
                    end += step.ids.len();
                    rows.narrow(0, end - 1, 1)
                });
                rows = Tensor::cat(&lasts.collect::<Made<Vec<_>>>()?, 0)?;
            }
            let rows = self.norm.apply(&rows)?.to_dtype(self.card.dtype())?;
            self.head.apply(&rows)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1()
        })
    }

    fn pass(&self, turns: &[(f32, f32)], config: &Config, steps: &[Step]) -> Made<Pass> {
        let mut blocks = Vec::new();
        let mut from = 0;
        for (at, step) in steps.iter().enumerate() {
            let (before, count) = (step.cache.len(), step.ids.len());
            let together = (self.scores / (config.heads.count * (before + count))).max(1);
            for first in (0..count).step_by(together) {
                let end = count.min(first + together);
                let keys = (before + first + 1).saturating_sub(config.window)..before + end;
                let queries = before + first..before + end;
                blocks.push(Block {
                    step: at,
                    rows: from + first..from + end,
                    mask: self.mask(queries, &keys, config.window)?,
                    keys,
                });
            }
            from += count;
        }
        let turns = match &config.rotary {
            Some(rotary) => {
                let shape = [turns.len() / rotary.pairs(), rotary.pairs()];
                let (cosines, sines): (Vec<f32>, Vec<f32>) = turns.iter().copied().unzip();
                Some((self.card.exact(&cosines, &shape)?, self.card.exact(&sines, &shape)?))
            }
            None => None,
        };
        Ok(Pass { blocks, turns })
    }

    /// What keeps queries from keys after them or too far before; both are places.
    fn mask(
        &self,
        queries: Range<usize>,
        keys: &Range<usize>,
        window: usize,
    ) -> Made<Option<Tensor>> {
        if queries.len() == 1 {
            return Ok(None);
        }
        let mut mask = vec![f32::NEG_INFINITY; queries.len() * keys.len()];
        for (query, mask) in queries.clone().zip(mask.chunks_exact_mut(keys.len())) {
            let first = (query + 1).saturating_sub(window);
            mask[first - keys.start..=query - keys.start].fill(0.0);
        }
        self.card.exact(&mask, &[queries.len(), keys.len()]).map(Some)
    }
}

/// A norm of the kind that the architecture has.
fn norm(card: &Card, found: &Found, name: &str, config: &Config) -> Result<Norm> {
    match config.names.norm {
        NormKind::RootMeanSquare => {
            Norm::root_mean_square(card, found, name, config.width, config.epsilon)
        }
        NormKind::Layer => Norm::layer(card, found, name, config.width, config.epsilon),
    }
}

impl Layer {
    fn load(card: &Card, found: &Found, config: &Config, at: usize) -> Result<Self> {
        let names = config.names;
        let named = |name: &str| format!("{}.{at}.{name}", names.layer);
        let (width, total) = (config.width, config.heads.total());
        let kept = config.kept * config.heads.width;
        let map = |parts: &[(&str, usize)], inputs: usize| {
            let parts: Vec<_> =
                parts.iter().map(|&(name, outputs)| (named(name), outputs)).collect();
            Linear::load(card, found, &parts, inputs, names.layout)
        };
        let asked = match names.asked {
            [query, key, value] => vec![(*query, total), (*key, kept), (*value, kept)],
            all => all.iter().map(|name| (*name, total + 2 * kept)).collect(),
        };
        let inner: Vec<_> = names.inner.iter().map(|name| (*name, config.inner)).collect();
        let norm = |name: &str| norm(card, found, &named(name), config);
        Ok(Self {
            at,
            first_norm: norm(names.first_norm)?,
            asked: map(&asked, width)?,
            mixed: map(&[(names.mixed, width)], total)?,
            second_norm: names.second_norm.map(norm).transpose()?,
            inner: map(&inner, width)?,
            outer: map(&[(names.outer, width)], config.inner)?,
        })
    }

    /// Rows `[tokens of all steps, width]` in single precision into those of the layer.
    fn forward(
        &self,
        card: &Card,
        rows: &Tensor,
        config: &Config,
        steps: &mut [Step],
        pass: &Pass,
    ) -> Made<Tensor> {
        let near = self.first_norm.apply(rows)?.to_dtype(card.dtype())?;
        let asked = self.asked.apply(&near)?;
        let rows = self.mixed.add(rows, &self.attend(card, &asked, config, steps, pass)?)?;
        let near = match &self.second_norm {
            Some(norm) => norm.apply(&rows)?.to_dtype(card.dtype())?,
            None => near,
        };
        let inner = self.inner.apply(&near)?;
        let inner = if config.names.inner.len() == 2 {
            gate(&inner, config.activation)?
        } else {
            activate(&inner, config.activation)?
        };
        self.outer.add(&rows, &inner)
    }

    /// From rows of queries, keys and values to rows of all heads' values.
    fn attend(
        &self,
        card: &Card,
        asked: &Tensor,
        config: &Config,
        steps: &mut [Step],
        pass: &Pass,
    ) -> Made<Tensor> {
        let (heads, kept, width) = (config.heads.count, config.kept, config.heads.width);
        let tokens = asked.dim(0)?;
        let part = |from: usize, heads: usize| {
            let part = asked.narrow(1, from * width, heads * width)?;
            part.reshape((tokens, heads, width))?.transpose(0, 1)?.contiguous()
        };
        let turned = turn(&part(0, heads + kept)?, pass.turns.as_ref())?;
        let values = part(heads + kept, kept)?;
        let mut from = 0;
        for step in &mut *steps {
            let count = step.ids.len();
            let keys = turned.narrow(0, heads, kept)?.narrow(1, from, count)?;
            let values = values.narrow(1, from, count)?;
            step.cache.gpu[self.at].add(card, &keys, &values, config.longest)?;
            from += count;
        }
        let mut scale = 1.0 / (width as f64).sqrt();
        if config.scaled_by_layer {
            scale /= (self.at + 1) as f64;
        }
        let mut mixed = Vec::with_capacity(pass.blocks.len());
        for block in &pass.blocks {
            let queries =
                turned.narrow(0, 0, heads)?.narrow(1, block.rows.start, block.rows.len())?;
            let cache = &steps[block.step].cache.gpu[self.at];
            let (keys, values) = cache.some(block.keys.start, block.keys.len())?;
            let attention = Attention { scale, bias: block.mask.as_ref() };
            mixed.push(attend(&queries.unsqueeze(0)?, &keys, &values, &attention)?.squeeze(0)?);
        }
        if mixed.len() == 1 { Ok(mixed.remove(0)) } else { Tensor::cat(&mixed, 0) }
    }
}

/// Turns the first numbers of every head, `[heads, tokens, width]`, in single precision.
fn turn(rows: &Tensor, turns: Option<&(Tensor, Tensor)>) -> Made<Tensor> {
    let Some((cosines, sines)) = turns else {
        return Ok(rows.clone());
    };
    let (width, turning) = (rows.dim(2)?, 2 * cosines.dim(1)?);
    let exact = rows.narrow(2, 0, turning)?.to_dtype(DType::F32)?.contiguous()?;
    let turned = rope(&exact.unsqueeze(0)?, cosines, sines)?.squeeze(0)?;
    let turned = turned.to_dtype(rows.dtype())?;
    if turning == width {
        return Ok(turned);
    }
    Tensor::cat(&[&turned, &rows.narrow(2, turning, width - turning)?], 2)
}

/// A cache of nothing, for as many layers.
pub(super) fn cache(layers: usize) -> Cache {
    Cache { gpu: vec![Kept::default(); layers], ..Cache::default() }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{Body, Decoder, Room};
    use super::*;
    use crate::folder::Folder;
    use crate::target::{Device, Precision};

    #[test]
    fn a_long_text_gives_in_parts_what_it_gives_at_once() {
        let goldens = "../../tests/goldens/transformers/decoders";
        // The one has a window, which is shorter than the text; the other has not.
        for model in ["mistral", "llama"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(goldens).join(model);
            let target = Target { device: Device::Candle, precision: Some(Precision::F32) };
            let mut decoder = Decoder::open(&Folder::open(&folder).unwrap(), target).unwrap();
            let ids: Vec<u32> = (0..60).map(|at| at * 7 % 50).collect();
            let mut made = |scores: usize| {
                let Body::Gpu(layers) = &mut decoder.body else { panic!("on the processor") };
                layers.scores = scores;
                let (mut cache, mut room) = (decoder.cache(), Room::default());
                decoder
                    .next(&mut [Step { cache: &mut cache, ids: &ids[..13] }], &mut room)
                    .unwrap();
                let mut step = [Step { cache: &mut cache, ids: &ids[13..] }];
                decoder.next_of_all(&mut step, &mut room).unwrap().to_vec()
            };
            let whole = made(SCORES);
            for scores in [1, 1000] {
                for (part, whole) in made(scores).iter().zip(&whole) {
                    assert!((part - whole).abs() < 1e-5, "{model}: {part} {whole}");
                }
            }
        }
    }
}
