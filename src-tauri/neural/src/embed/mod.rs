//! Texts into vectors, as the model's own files say it is done: the format of sentence-transformers
//! (Reimers and Gurevych 2019, <https://arxiv.org/abs/1908.10084>), or the mean of the last layer's
//! rows where a model says nothing.

mod dense;
mod pooling;
mod recipe;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::path::Path;

use rayon::prelude::*;

use crate::cpu::Isa;
use crate::encoder::{Encoder, Room, Sequences};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::tokens::Tokens;

use dense::Dense;
use pooling::Pooling;
pub use recipe::Prompts;
use recipe::Recipe;

/// Tokens of one pass on one thread: enough for the products, few enough for the cache.
const PASS_TOKENS: usize = 224;

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

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
    /// Texts that were too long for the model and were cut off.
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
    /// Reads the model in a folder.
    ///
    /// # Errors
    /// What is missing or not known in it, by name.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let root = Folder::open_any(path.as_ref())?;
        let recipe = Recipe::read(&root)?;
        let folder = Folder::open(root.path().join(&recipe.encoder))?;
        let encoder = Encoder::open(&folder)?;
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
        let (tokens, cut) = self.tokens.of_texts(texts)?;
        let mut order: Vec<usize> = (0..tokens.len()).collect();
        // The longest first: what is left for the end is short.
        order.sort_by_key(|&at| Reverse(tokens[at].len()));
        let passes = passes(&tokens, &order, how.batch.max(1));
        let parts = passes
            .par_iter()
            .map(|pass| {
                if !(how.go_on)() {
                    return Err(Error::Stopped);
                }
                let mut sequences = Sequences::default();
                pass.iter().for_each(|&at| sequences.push(&tokens[at]));
                ROOM.with_borrow_mut(|room| self.vectors(&sequences, room))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut numbers = vec![0.0; tokens.len() * width];
        for (pass, part) in passes.iter().zip(parts) {
            for (&at, vector) in pass.iter().zip(part.chunks_exact(width)) {
                numbers[at * width..][..width].copy_from_slice(vector);
            }
        }
        if how.normalize || self.normalize {
            numbers.chunks_exact_mut(width).for_each(unit);
        }
        Ok(Vectors { numbers, cut })
    }

    fn vectors(&self, sequences: &Sequences, room: &mut Room) -> Result<Vec<f32>> {
        let width = self.encoder.config().width;
        let rows = self.encoder.forward(sequences, room)?;
        let mut vectors = Vec::new();
        for range in sequences.ranges() {
            self.pooling.pool(&rows[range.start * width..range.end * width], width, &mut vectors);
        }
        for dense in &self.dense {
            vectors = dense.apply(room, &vectors);
        }
        Ok(vectors)
    }

    /// The instructions its arithmetic is done with on this machine.
    #[must_use]
    pub fn isa(&self) -> Isa {
        Isa::best()
    }
}

/// Texts that go through the model together.
fn passes<'a>(tokens: &[Vec<u32>], order: &'a [usize], batch: usize) -> Vec<&'a [usize]> {
    let mut passes = Vec::new();
    let mut rest = order;
    while !rest.is_empty() {
        let mut sum = 0;
        let fits = rest.iter().take(batch).take_while(|&&at| {
            sum += tokens[at].len();
            sum <= PASS_TOKENS
        });
        let (pass, more) = rest.split_at(fits.count().max(1));
        passes.push(pass);
        rest = more;
    }
    passes
}

/// Makes a vector 1 long; what has no length stays as it is.
fn unit(vector: &mut [f32]) {
    // PyTorch's `normalize` divides by this at least.
    const LEAST: f32 = 1e-12;
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(LEAST);
    vector.iter_mut().for_each(|x| *x /= length);
}
