//! Tokens into rows, and what their vectors learn.

use crate::encoder::Config;
use crate::error::{Error, Result};
use crate::train::parameters::Parameters;
use crate::weights::{Rows, Weights};

use super::Known;
use super::norm::{Norm, Vector};
use super::source::Source;

const WORDS: &str = "embeddings.word_embeddings.weight";
const POSITIONS: &str = "embeddings.position_embeddings.weight";
const TYPES: &str = "embeddings.token_type_embeddings.weight";

/// The vectors of words, positions and kinds, and the norm of their sum.
#[derive(Debug)]
pub(super) struct Embeddings {
    words: Words,
    vocabulary: usize,
    positions: Vector,
    types: Vector,
    /// Kinds that tokens are told apart by.
    kinds: usize,
    first_position: usize,
    longest: usize,
    pub(super) norm: Norm,
}

/// The vectors of a vocabulary.
#[derive(Debug)]
enum Words {
    /// They stay, where they lie.
    Still(Rows),
    /// They are learned.
    Taught(usize),
}

impl Embeddings {
    /// With `is_still` the vectors stay, whatever else is learned.
    pub(super) fn load(
        source: &mut Source,
        weights: &Weights,
        config: &Config,
        is_still: bool,
    ) -> Result<Self> {
        let (width, is_taught) = (config.width, source.is_taught);
        source.is_taught &= !is_still;
        let count = |name: &str| {
            let tensor = source.found.name(name);
            weights.row_count(&tensor).ok_or(Error::MissingTensor { tensor })
        };
        let positions = count(POSITIONS)?;
        let kinds = if config.types > 0 { count(TYPES)? } else { 0 };
        let shape = [config.vocabulary, width];
        let words = if source.is_taught {
            match source.vector(WORDS, &shape, true)? {
                Vector::Taught(place) => Words::Taught(place),
                Vector::Still(_) => unreachable!("what is learned has a place"),
            }
        } else {
            Words::Still(weights.rows(&source.found.name(WORDS), shape[0], shape[1])?)
        };
        let made = Self {
            words,
            vocabulary: config.vocabulary,
            positions: source.vector(POSITIONS, &[positions, width], true)?,
            types: match kinds {
                0 => Vector::Still(vec![0.0; width]),
                kinds => source.vector(TYPES, &[kinds, width], true)?,
            },
            kinds,
            first_position: config.first_position,
            longest: positions - config.first_position,
            norm: {
                source.is_taught = is_taught;
                source.norm("embeddings.LayerNorm", width, config.epsilon)?
            },
        };
        Ok(made)
    }

    /// The most tokens of a sequence.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Bytes of memory beside what is learned.
    pub(super) fn bytes(&self) -> usize {
        self.positions.bytes() + self.types.bytes()
    }

    /// The kind of a token. Some models have one, whatever the tokenizer tells apart.
    fn kind(&self, known: &Known, place: usize) -> usize {
        let kind = known.types.get(place).map_or(0, |&kind| kind as usize);
        if self.kinds > 1 { kind } else { 0 }
    }

    /// The sums of vectors, before their norm.
    pub(super) fn forward(
        &self,
        values: &[Vec<f32>],
        sequences: &[&Known],
        rows: &mut Vec<f32>,
    ) -> Result<()> {
        let (positions, types) = (self.positions.of(values), self.types.of(values));
        let width = positions.len() / (self.longest + self.first_position);
        rows.clear();
        for known in sequences {
            if known.ids.len() > self.longest {
                let reason =
                    format!("{} tokens, the model takes {}", known.ids.len(), self.longest);
                return Err(Error::Tokens { reason });
            }
            for (place, &id) in known.ids.iter().enumerate() {
                let kind = self.kind(known, place);
                if id as usize >= self.vocabulary || (kind + 1) * width > types.len() {
                    let reason = format!("the model has no token {id} of kind {kind}");
                    return Err(Error::Tokens { reason });
                }
                let from = rows.len();
                rows.resize(from + width, 0.0);
                let row = &mut rows[from..];
                match &self.words {
                    Words::Still(words) => words.read(id as usize, row)?,
                    Words::Taught(place) => {
                        row.copy_from_slice(&values[*place][id as usize * width..][..width]);
                    }
                }
                let position = &positions[(place + self.first_position) * width..];
                for ((x, position), kind) in
                    row.iter_mut().zip(position).zip(&types[kind * width..])
                {
                    *x += kind + position;
                }
            }
        }
        Ok(())
    }

    /// What the vectors get of what their sums get.
    pub(super) fn backward(&self, parameters: &mut Parameters, sequences: &[&Known], grad: &[f32]) {
        let tokens = sequences.iter().map(|known| known.ids.len()).sum::<usize>().max(1);
        let width = grad.len() / tokens;
        let mut rows = grad.chunks_exact(width);
        let mut add = |place: usize, row: usize, grad: &[f32]| {
            let into = &mut parameters.grads[place][row * width..][..width];
            into.iter_mut().zip(grad).for_each(|(sum, grad)| *sum += grad);
        };
        for known in sequences {
            for (at, (&id, grad)) in known.ids.iter().zip(rows.by_ref()).enumerate() {
                if let Words::Taught(place) = self.words {
                    add(place, id as usize, grad);
                }
                if let Vector::Taught(place) = self.positions {
                    add(place, at + self.first_position, grad);
                }
                if let Vector::Taught(place) = self.types {
                    add(place, self.kind(known, at), grad);
                }
            }
        }
    }
}
