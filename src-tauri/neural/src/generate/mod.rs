//! Text after text: a decoder, its chat template, and how tokens are chosen.

mod chat;
mod defaults;
mod sample;

use std::collections::VecDeque;
use std::path::Path;

use crate::adapter::Adapter;
use crate::decoder::{Cache, Decoder, Room, Step};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::target::{RunsOn, Target};
use crate::tokens::{Stream, Tokens};

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
        let longest = self.longest();
        if let Some(prompt) =
            prompts.iter().find(|prompt| prompt.is_empty() || prompt.len() >= longest)
        {
            let reason = format!("{} tokens, the model takes {longest}", prompt.len());
            return Err(Error::Tokens { reason });
        }
        let mut waiting: VecDeque<usize> = (0..prompts.len()).collect();
        let mut texts: Vec<Option<Text>> = vec![None; prompts.len()];
        let (mut at_work, mut room) = (Vec::new(), Room::default());
        loop {
            while at_work.len() < batch.max(1)
                && let Some(at) = waiting.pop_front()
            {
                at_work.push(self.begin(at, &prompts[at], writing));
            }
            if at_work.is_empty() {
                return Ok(texts.into_iter().flatten().collect());
            }
            let mut steps: Vec<Step> = at_work
                .iter_mut()
                .map(|one| Step { cache: &mut one.cache, ids: &one.next })
                .collect();
            let scores = self.decoder.next(&mut steps, &mut room)?;
            let rows = scores.chunks_exact_mut(self.decoder.config().vocabulary);
            for (one, scores) in at_work.iter_mut().zip(rows) {
                let added = one.take(scores, &self.ends)?;
                // Also without anything to tell, to hear whether to go on.
                if !listener(one.at, &added) {
                    return Err(Error::Stopped);
                }
            }
            at_work.retain_mut(|one| match one.end {
                Some(end) => {
                    texts[one.at] = Some(Text {
                        text: std::mem::take(&mut one.text),
                        read: one.read,
                        written: one.ids.len(),
                        end,
                    });
                    false
                }
                None => true,
            });
        }
    }

    fn begin(&self, at: usize, prompt: &[u32], writing: Writing) -> Session<'_> {
        Session {
            at,
            cache: self.decoder.cache(),
            next: prompt.to_vec(),
            read: prompt.len(),
            most: writing.most.min(self.longest() - prompt.len()),
            sampler: Sampler::new(writing.sampling, prompt),
            tokens: &self.tokens,
            decode: self.tokens.decode_stream(),
            ids: Vec::new(),
            text: String::new(),
            end: None,
        }
    }
}

/// A text being written.
struct Session<'a> {
    at: usize,
    cache: Cache,
    /// What the decoder reads next.
    next: Vec<u32>,
    read: usize,
    most: usize,
    sampler: Sampler,
    tokens: &'a Tokens,
    decode: Stream<'a>,
    ids: Vec<u32>,
    text: String,
    end: Option<End>,
}

impl Session<'_> {
    /// Takes the next token and answers what it adds to the text.
    fn take(&mut self, scores: &mut [f32], ends: &[u32]) -> Result<String> {
        let token = self.sampler.draw(scores);
        let mut added = String::new();
        if ends.contains(&token) {
            self.end = Some(End::Model);
        } else {
            self.ids.push(token);
            let failed = |error: tokenizers::Error| Error::Tokens { reason: error.to_string() };
            added = self.decode.step(token).map_err(failed)?.unwrap_or_default();
            self.next.clear();
            self.next.push(token);
            if self.ids.len() >= self.most {
                self.end = Some(End::Length);
            }
        }
        self.text.push_str(&added);
        if self.end.is_some() {
            // Of a letter that was not ended, something is left.
            let whole = self.tokens.text_of(&self.ids)?;
            if let Some(rest) = whole.strip_prefix(&self.text) {
                added.push_str(rest);
                self.text = whole;
            }
        }
        Ok(added)
    }
}
