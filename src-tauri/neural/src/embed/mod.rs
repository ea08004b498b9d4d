//! Texts into vectors, as the model's own files say it is done: the format of sentence-transformers
//! (Reimers and Gurevych 2019, <https://arxiv.org/abs/1908.10084>), or the mean of the last layer's
//! rows where a model says nothing.

mod dense;
mod pooling;
mod recipe;

use std::path::Path;

use crate::adapter::Adapter;
use crate::encoder::{Encoder, Pace, Room, Sequences, run};
use crate::error::Result;
use crate::folder::Folder;
use crate::target::{RunsOn, Target};
use crate::tokens::{Tokens, count};

use dense::Dense;
use pooling::Pooling;
pub use recipe::Prompts;
use recipe::Recipe;

/// How vectors are wanted.
#[derive(Clone, Copy)]
pub struct How<'a> {
    /// Make them 1 long, also where the model does not.
    pub normalize: bool,
    /// The most texts that go through the model together on one thread.
    pub batch: usize,
    /// Asked before every pass, from any thread: whether to go on.
    pub go_on: &'a (dyn Fn() -> bool + Sync),
}

/// What came of some texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    /// [`Embedder::width`] numbers for every text, one after the other.
    pub numbers: Vec<f32>,
    /// Of every text, whether it was too long for the model and was cut off.
    pub is_cut: Vec<bool>,
    /// How many were.
    pub cut: usize,
}

/// A model that makes vectors of texts.
#[derive(Debug)]
pub struct Embedder {
    tokens: Tokens,
    encoder: Encoder,
    pooling: Pooling,
    dense: Vec<Dense>,
    normalize: bool,
    prompts: Prompts,
    longest: usize,
}

impl Embedder {
    /// Reads the model in a folder, to work on the processor.
    ///
    /// # Errors
    /// Those of [`Self::open_on`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_on(path, Target::default())
    }

    /// The same, to work on `target`.
    ///
    /// # Errors
    /// What is missing or not known in it, by name; [`Error::NoPrecision`](crate::Error::NoPrecision).
    pub fn open_on(path: impl AsRef<Path>, target: Target) -> Result<Self> {
        Self::open_with(path, target, None)
    }

    /// The same, changed by an adapter.
    ///
    /// # Errors
    /// Also those of an adapter of another model: [`Error::BadFile`](crate::Error::BadFile),
    /// [`Error::BadShape`](crate::Error::BadShape), [`Error::MissingTensor`](crate::Error::MissingTensor).
    pub fn open_with(
        path: impl AsRef<Path>,
        target: Target,
        adapter: Option<&Adapter>,
    ) -> Result<Self> {
        let root = Folder::open_any(path.as_ref())?;
        let recipe = Recipe::read(&root)?;
        let folder = Folder::open(root.path().join(&recipe.encoder))?;
        let encoder = Encoder::open_with(&folder, target, adapter)?;
        let longest = recipe.longest.unwrap_or(usize::MAX).min(encoder.longest());
        let mut width = recipe.pooling.width(encoder.config().width);
        let mut dense = Vec::new();
        for path in &recipe.dense {
            let next = Dense::open(&root.path().join(path), width)?;
            width = next.width();
            dense.push(next);
        }
        Ok(Self {
            tokens: Tokens::open(&folder, longest)?,
            pooling: recipe.pooling,
            normalize: recipe.normalize,
            prompts: recipe.prompts,
            longest,
            dense,
            encoder,
        })
    }

    /// Numbers of a vector.
    #[must_use]
    pub fn width(&self) -> usize {
        match self.dense.last() {
            Some(dense) => dense.width(),
            None => self.pooling.width(self.encoder.config().width),
        }
    }

    /// Tokens after which a text is cut off.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// What the model wants before a text.
    #[must_use]
    pub fn prompts(&self) -> &Prompts {
        &self.prompts
    }

    /// How it pools: `mean`, `cls` and the like, several joined by `+`.
    #[must_use]
    pub fn pooling(&self) -> String {
        self.pooling.name()
    }

    /// A vector for every text, on all threads of the pool it is called in. A text's vector has the
    /// same bits in any company.
    ///
    /// # Errors
    /// [`Error::Stopped`], [`Error::Tokens`], [`Error::Unreadable`].
    pub fn embed(&self, texts: Vec<String>, how: &How) -> Result<Vectors> {
        let width = self.width();
        let (tokens, is_cut) = self.tokens.of_texts(texts)?;
        let ids_of = |at: usize| (tokens[at].as_slice(), [].as_slice());
        let pace = Pace { batch: how.batch, go_on: how.go_on };
        let each = |room: &mut Room, sequences: &Sequences| Ok(self.vectors(sequences, room));
        let vectors = run(&self.encoder, tokens.len(), ids_of, pace, each)?;
        let mut numbers = Vec::with_capacity(tokens.len() * width);
        vectors.iter().for_each(|vector| numbers.extend_from_slice(vector));
        if how.normalize || self.normalize {
            numbers.chunks_exact_mut(width).for_each(unit);
        }
        let cut = count(&is_cut);
        Ok(Vectors { numbers, is_cut, cut })
    }

    fn vectors(&self, sequences: &Sequences, room: &mut Room) -> Vec<Vec<f32>> {
        let width = self.encoder.config().width;
        let (rows, _) = room.rows();
        let mut vectors = Vec::new();
        for range in sequences.ranges() {
            self.pooling.pool(&rows[range.start * width..range.end * width], width, &mut vectors);
        }
        for dense in &self.dense {
            vectors = dense.apply(room, &vectors);
        }
        vectors.chunks_exact(self.width()).map(<[f32]>::to_vec).collect()
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.encoder.runs_on()
    }
}

/// Makes a vector 1 long; what has no length stays as it is.
fn unit(vector: &mut [f32]) {
    // PyTorch's `normalize` divides by this at least.
    const LEAST: f32 = 1e-12;
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(LEAST);
    vector.iter_mut().for_each(|x| *x /= length);
}
