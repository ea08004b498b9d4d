//! Texts that are written together. Each has a cache of its own, so that one may join or leave between
//! any two steps (Yu et al. 2022, <https://www.usenix.org/conference/osdi22/presentation/yu>), and the
//! weights are read once a step for all.

use crate::decoder::{Cache, Room, Step};
use crate::error::{Error, Result};
use crate::tokens::{Stream, Tokens};

use super::{End, Generator, Sampler, Text, Writing};

/// Tokens of a prompt that are read in one step: so long do the other texts wait for their next token. A
/// prompt is cut in the same places in any company, so that what is made of it has the same bits.
const PIECE: usize = 128;

/// Texts being written.
pub struct Batch<'a> {
    generator: &'a Generator,
    at_work: Vec<Session<'a>>,
    room: Room,
}

/// What one step gave one text.
#[derive(Debug)]
pub enum Gave {
    /// Some of its prompt was read.
    Read,
    /// A token; the text that it adds may be empty.
    Added(String),
    /// The last of it, and the whole.
    Ended(String, Text),
    /// It can go no further; the others can.
    Failed(Error),
}

impl<'a> Batch<'a> {
    pub(super) fn new(generator: &'a Generator) -> Self {
        Self { generator, at_work: Vec::new(), room: Room::default() }
    }

    /// Texts in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.at_work.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.at_work.is_empty()
    }

    /// Adds a text that follows on `prompt`, known by `key`.
    ///
    /// # Errors
    /// [`Error::Tokens`] for a prompt that is empty, leaves no room for a text, or has tokens that are not
    /// the model's.
    pub fn join(&mut self, key: usize, prompt: &[u32], writing: Writing) -> Result<()> {
        self.generator.check(prompt)?;
        let generator = self.generator;
        self.at_work.push(Session {
            key,
            cache: generator.decoder.cache(),
            next: prompt.to_vec(),
            at: 0,
            read: prompt.len(),
            most: writing.most.min(generator.longest() - prompt.len()),
            sampler: Sampler::new(writing.sampling, prompt),
            tokens: &generator.tokens,
            decode: generator.tokens.decode_stream(),
            ids: Vec::new(),
            text: String::new(),
            end: None,
        });
        Ok(())
    }

    /// Takes a text out that nobody wants any more.
    pub fn leave(&mut self, key: usize) {
        self.at_work.retain(|one| one.key != key);
    }

    /// One step of every text that `takes_part`; what each is given is told to `told`. A text that ends or
    /// fails is out.
    ///
    /// # Errors
    /// [`Error::Unreadable`]: all of them are then lost.
    pub fn step(
        &mut self,
        takes_part: impl Fn(usize) -> bool,
        mut told: impl FnMut(usize, Gave),
    ) -> Result<()> {
        let mut taking: Vec<_> =
            self.at_work.iter_mut().filter(|one| takes_part(one.key)).collect();
        if taking.is_empty() {
            return Ok(());
        }
        let mut steps: Vec<Step> = taking.iter_mut().map(|one| one.step()).collect();
        let decoder = &self.generator.decoder;
        let scores = decoder.next(&mut steps, &mut self.room)?;
        let rows = scores.chunks_exact_mut(decoder.config().vocabulary);
        for (one, scores) in taking.into_iter().zip(rows) {
            let gave = one.take(scores, &self.generator.ends);
            told(one.key, gave);
        }
        self.at_work.retain(|one| one.end.is_none());
        Ok(())
    }
}

/// A text being written.
struct Session<'a> {
    key: usize,
    cache: Cache,
    /// What the decoder reads next: the prompt, then a token at a time.
    next: Vec<u32>,
    /// How much of it was read.
    at: usize,
    read: usize,
    most: usize,
    sampler: Sampler,
    tokens: &'a Tokens,
    decode: Stream<'a>,
    ids: Vec<u32>,
    text: String,
    /// Why nothing more is written.
    end: Option<Ending>,
}

/// How a text came to its end.
#[derive(Clone, Copy)]
enum Ending {
    Whole(End),
    Broken,
}

impl Session<'_> {
    fn step(&mut self) -> Step<'_> {
        let from = self.at;
        self.at = self.next.len().min(from + PIECE);
        Step { cache: &mut self.cache, ids: &self.next[from..self.at] }
    }

    fn take(&mut self, scores: &mut [f32], ends: &[u32]) -> Gave {
        if self.at < self.next.len() {
            return Gave::Read;
        }
        self.next.clear();
        self.at = 0;
        match self.draw(scores, ends) {
            Ok(added) => match self.end {
                Some(Ending::Whole(end)) => {
                    let text = std::mem::take(&mut self.text);
                    let written = self.ids.len();
                    Gave::Ended(added, Text { text, read: self.read, written, end })
                }
                _ => Gave::Added(added),
            },
            Err(error) => {
                self.end = Some(Ending::Broken);
                Gave::Failed(error)
            }
        }
    }

    /// Draws the next token and answers what it adds to the text.
    fn draw(&mut self, scores: &mut [f32], ends: &[u32]) -> Result<String> {
        let token = self.sampler.draw(scores);
        let mut added = String::new();
        if ends.contains(&token) {
            self.end = Some(Ending::Whole(End::Model));
        } else {
            self.ids.push(token);
            let failed = |error: tokenizers::Error| Error::Tokens { reason: error.to_string() };
            added = self.decode.step(token).map_err(failed)?.unwrap_or_default();
            self.next.push(token);
            if self.ids.len() >= self.most {
                self.end = Some(Ending::Whole(End::Length));
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
