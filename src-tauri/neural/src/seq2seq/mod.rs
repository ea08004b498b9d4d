//! A text out of a text: summaries, and whatever a model was taught to make of what it reads.

mod beams;
mod config;
#[cfg(feature = "candle")]
mod gpu;
mod model;
mod parts;

use std::path::Path;

use rayon::prelude::*;
use serde::Deserialize;

use crate::encoder::Pace;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::target::{RunsOn, Target};
use crate::tokens::{Said, Tokens, count};

pub use beams::Search;
pub use config::Config;
use model::Kept;
pub use model::{Memory, Model};

/// Tokens of a text that are read where its makers do not say.
const LONGEST: usize = 512;

/// A model that makes texts of texts.
#[derive(Debug)]
pub struct Rewriter {
    tokens: Tokens,
    model: Model,
    search: Search,
    longest: usize,
}

/// What came of some texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// One for every text.
    pub texts: Vec<String>,
    /// Texts that were too long for the model and were cut off.
    pub cut: usize,
}

/// How its makers want texts to be searched for: in `generation_config.json`, or in older models'
/// `config.json`.
#[derive(Deserialize, Default)]
struct Written {
    num_beams: Option<usize>,
    max_length: Option<usize>,
    max_new_tokens: Option<usize>,
    length_penalty: Option<f32>,
    no_repeat_ngram_size: Option<usize>,
    early_stopping: Option<serde_json::Value>,
}

impl Rewriter {
    /// Reads the model in a folder, to work on the processor: the classes that transformers calls
    /// `…ForConditionalGeneration`.
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
        let folder = Folder::open(path.as_ref())?;
        let model = Model::open(&folder, target)?;
        let longest = Said::read(&folder)?.longest.unwrap_or(LONGEST);
        let old: Written = folder.json("config.json")?;
        let new: Written = folder.json_if_any("generation_config.json")?.unwrap_or_default();
        // A length counts the token that a text begins after.
        let length = new.max_length.or(old.max_length);
        let most = new.max_new_tokens.or(length.map(|length| length.saturating_sub(1)));
        let search = Search {
            beams: new.num_beams.or(old.num_beams).unwrap_or(1).max(1),
            most: most.unwrap_or(128).max(1),
            length_penalty: new.length_penalty.or(old.length_penalty).unwrap_or(1.0),
            no_repeat: new.no_repeat_ngram_size.or(old.no_repeat_ngram_size).unwrap_or(0),
            early: new.early_stopping.or(old.early_stopping).is_some_and(|early| early == true),
        };
        Ok(Self { tokens: Tokens::open(&folder, longest)?, model, search, longest })
    }

    /// How its makers want texts to be searched for.
    #[must_use]
    pub fn search(&self) -> &Search {
        &self.search
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.model.runs_on()
    }

    /// Tokens after which a text is cut off.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// A text out of every text, on all threads of the pool it is called in. A text is the same in any
    /// company.
    ///
    /// # Errors
    /// [`Error::Stopped`], [`Error::Tokens`], [`Error::Unreadable`].
    pub fn rewrite(&self, texts: Vec<String>, search: &Search, pace: Pace) -> Result<Rewritten> {
        let (ids, is_cut) = self.tokens.of_texts(texts)?;
        let texts = ids.par_iter().map(|ids| self.text(ids, search, pace));
        Ok(Rewritten { texts: texts.collect::<Result<_>>()?, cut: count(&is_cut) })
    }

    fn text(&self, ids: &[u32], search: &Search, pace: Pace) -> Result<String> {
        let Config { start, ends, .. } = self.model.config();
        let memory = self.model.read(ids)?;
        let next = |memories: &mut [&mut Memory], ids: &[u32]| {
            if !(pace.go_on)() {
                return Err(Error::Stopped);
            }
            self.model.next(memories, ids)
        };
        self.tokens.text_of(&beams::search(search, memory, *start, ends, next)?)
    }
}
