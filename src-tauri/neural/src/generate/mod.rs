//! Text after text: a decoder, its chat template, and how tokens are chosen.

mod batch;
pub(crate) mod chat;
pub(crate) mod defaults;
mod sample;

use std::collections::VecDeque;
use std::path::Path;

use crate::adapter::Adapter;
use crate::decoder::Decoder;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::target::{RunsOn, Target};
use crate::tokens::Tokens;

pub use batch::{Batch, Gave};
pub use chat::Message;
use chat::Template;
pub use defaults::Defaults;
use sample::Sampler;
pub use sample::Sampling;

/// A model that writes.
#[derive(Debug)]
pub struct Generator {
    tokens: Tokens,
    decoder: Decoder,
    template: Option<Template>,
    defaults: Defaults,
    ends: Vec<u32>,
}

/// How much, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Writing {
    /// The most tokens.
    pub most: usize,
    /// How they are chosen.
    pub sampling: Sampling,
}

/// Why a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The model ended it.
    Model,
    /// It is as long as was asked for.
    Length,
}

/// A text that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The text, without the prompt.
    pub text: String,
    /// Tokens of the prompt.
    pub read: usize,
    /// Tokens written.
    pub written: usize,
    /// Why it ended.
    pub end: End,
}

/// What is told of a text on the way: its place among the prompts, and what was added to it. Whether to
/// go on is the answer.
pub type Listener<'a> = dyn FnMut(usize, &str) -> bool + 'a;

impl Generator {
    /// Reads the model in a folder, to work on the processor: the classes that transformers calls
    /// `…ForCausalLM`.
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
        let folder = Folder::open(path.as_ref())?;
        let decoder = Decoder::open_with(&folder, target, adapter)?;
        let defaults = Defaults::read(&folder)?;
        let ends = [&decoder.config().ends[..], &defaults.ends].concat();
        Ok(Self {
            tokens: Tokens::unlimited(&folder)?,
            template: Template::read(&folder)?,
            defaults,
            decoder,
            ends,
        })
    }

    /// What its makers recommend.
    #[must_use]
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// Where it works.
    #[must_use]
    pub fn runs_on(&self) -> RunsOn {
        self.decoder.runs_on()
    }

    /// The most tokens of prompt and text together.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.decoder.config().longest
    }

    /// Whether it was made to talk.
    #[must_use]
    pub fn has_template(&self) -> bool {
        self.template.is_some()
    }

    /// The tokens of messages that it is to answer, by its chat template; of a model without one, those
    /// of their contents, a line each.
    ///
    /// # Errors
    /// [`Error::BadField`] with what the template says of them, [`Error::Tokens`].
    pub fn prompt(&self, messages: &[Message]) -> Result<Vec<u32>> {
        match &self.template {
            // The template puts in what every text begins with.
            Some(template) => self.tokens.of_text(&template.prompt(messages)?, false),
            None => {
                let contents: Vec<_> = messages.iter().map(|one| one.content.as_str()).collect();
                self.tokens.of_text(&contents.join("\n"), true)
            }
        }
    }

    /// A text after every prompt, several at a time, on all threads of the pool it is called in. A text
    /// is the same in any company.
    ///
    /// # Errors
    /// [`Error::Stopped`] once `listener` says no, [`Error::Tokens`] for a prompt that is empty or
    /// leaves no room for a text, [`Error::Unreadable`].
    pub fn write(
        &self,
        prompts: &[Vec<u32>],
        writing: Writing,
        batch: usize,
        listener: &mut Listener,
    ) -> Result<Vec<Text>> {
        prompts.iter().try_for_each(|prompt| self.check(prompt))?;
        let mut waiting: VecDeque<usize> = (0..prompts.len()).collect();
        let mut texts: Vec<Option<Text>> = vec![None; prompts.len()];
        let mut together = self.batch();
        loop {
            while together.len() < batch.max(1)
                && let Some(at) = waiting.pop_front()
            {
                together.join(at, &prompts[at], writing)?;
            }
            if together.is_empty() {
                return Ok(texts.into_iter().flatten().collect());
            }
            let mut went = Ok(());
            together.step(
                |_| true,
                |at, gave| {
                    // Also without anything to tell, to hear whether to go on.
                    let added = match gave {
                        Gave::Read => String::new(),
                        Gave::Added(added) => added,
                        Gave::Ended(added, text) => {
                            texts[at] = Some(text);
                            added
                        }
                        Gave::Failed(error) => {
                            went = Err(error);
                            return;
                        }
                    };
                    if went.is_ok() && !listener(at, &added) {
                        went = Err(Error::Stopped);
                    }
                },
            )?;
            went?;
        }
    }

    /// Texts that are written together, none yet.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Bytes that are kept of so many tokens of a text while it is written.
    #[must_use]
    pub fn bytes_of(&self, tokens: usize) -> u64 {
        let config = self.decoder.config();
        let number = size_of::<f32>();
        // A key and a value a layer, and what stands for the next token.
        let kept = 2 * config.layers * config.kept * config.heads.width * number;
        (tokens * kept + config.vocabulary * number) as u64
    }

    /// Whether a text can follow on a prompt.
    fn check(&self, prompt: &[u32]) -> Result<()> {
        let (longest, vocabulary) = (self.longest(), self.decoder.config().vocabulary);
        let reason = if prompt.is_empty() || prompt.len() >= longest {
            format!("{} tokens, the model takes {longest}", prompt.len())
        } else if let Some(id) = prompt.iter().find(|&&id| id as usize >= vocabulary) {
            format!("the model has no token {id}")
        } else {
            return Ok(());
        };
        Err(Error::Tokens { reason })
    }
}
