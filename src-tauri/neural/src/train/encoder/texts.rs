//! Texts and what is right of them into tokens that an encoder learns from.

use crate::encoder::Config;
use crate::error::Result;
use crate::folder::Folder;
use crate::tokens::{Limit, Said, Tokens, Window, Windows};

use super::{Known, Right};

/// An answer in a text: its first character, and the one after its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first character.
    pub start: usize,
    /// The character after the last.
    pub end: usize,
}

/// What makes tokens of texts, as the model will see them at work.
#[derive(Debug)]
pub struct Texts {
    tokens: Tokens,
    windows: Windows,
    longest: usize,
}

impl Texts {
    /// By a model's own tokenizer; `most` tokens of a text are read, or what the model takes.
    ///
    /// # Errors
    /// What is missing or not known in the folder.
    pub fn open(folder: &Folder, most: usize) -> Result<Self> {
        let said = Said::read(folder)?.longest.unwrap_or(usize::MAX);
        let longest = most.min(said).min(longest(folder)?);
        Ok(Self {
            tokens: Tokens::open(folder, longest)?,
            windows: Windows::open(folder, Limit { longest, shared: 0 })?,
            longest,
        })
    }

    /// The most tokens of a text.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Texts with their classes, and how many were cut off.
    ///
    /// # Errors
    /// [`Error::Tokens`](crate::Error::Tokens).
    pub fn classes(&self, texts: Vec<String>, classes: &[u32]) -> Result<(Vec<Known>, usize)> {
        let (tokens, is_cut) = self.tokens.of_texts(texts)?;
        let known = tokens.into_iter().zip(classes).map(|(ids, &class)| Known {
            ids,
            types: Vec::new(),
            right: Right::Class(class),
        });
        Ok((known.collect(), is_cut.iter().filter(|&&is_cut| is_cut).count()))
    }

    /// Sentences of words with their labels: the first token of each word has its label, the others are not
    /// asked for. A sentence that is too long becomes several. With each comes the number of its sentence
    /// and those of the words whose tokens are asked for, in their order.
    ///
    /// # Errors
    /// [`Error::Tokens`](crate::Error::Tokens).
    pub fn tags(
        &self,
        sentences: &[(Vec<String>, Vec<u32>)],
    ) -> Result<Vec<(Known, usize, Vec<usize>)>> {
        let texts = sentences.iter().map(|(words, _)| words.join(" ")).collect();
        let mut all = Vec::new();
        let read = self.windows.of_texts(texts)?;
        for (at, ((words, labels), windows)) in sentences.iter().zip(read).enumerate() {
            let mut starts = Vec::with_capacity(words.len());
            let mut start = 0;
            for word in words {
                starts.push(start);
                start += word.chars().count() + 1;
            }
            // The word that is next: every one has one token that is asked for.
            let mut next = 0;
            for window in windows {
                let (mut tags, mut asked) = (Vec::with_capacity(window.ids.len()), Vec::new());
                for place in &window.places {
                    while next + 1 < words.len() && place.end > starts[next + 1] {
                        next += 1;
                    }
                    let is_new = place.part.is_some()
                        && place.end > starts.get(next).copied().unwrap_or(usize::MAX)
                        && asked.last() != Some(&next)
                        && all.last().is_none_or(
                            |(_, before, words): &(Known, usize, Vec<usize>)| {
                                *before != at || words.last() != Some(&next)
                            },
                        );
                    if is_new {
                        asked.push(next);
                    }
                    tags.push(is_new.then(|| labels[next]));
                }
                let Window { ids, types, .. } = window;
                all.push((Known { ids, types, right: Right::Tags(tags) }, at, asked));
            }
        }
        Ok(all)
    }

    /// The windows that each question and its context are read in, which share some tokens.
    ///
    /// # Errors
    /// [`Error::Tokens`](crate::Error::Tokens), also where a question leaves no room for its context.
    pub fn windows(&self, pairs: Vec<(String, String)>, shared: usize) -> Result<Vec<Vec<Window>>> {
        let pairs = pairs
            .into_iter()
            .map(|(question, context)| (question.trim_start().to_owned(), context))
            .collect();
        let limit = Limit { longest: self.longest, shared: shared.min(self.longest / 3) };
        self.windows.of_pairs(pairs, limit)
    }
}

impl Known {
    /// A window of a context with where the answer stands, none where there is none. One that does not hold
    /// all of it learns that it is not there.
    #[must_use]
    pub fn answered(window: &Window, answer: Option<Span>) -> Self {
        let (first, last) = answer.and_then(|span| place(window, span)).unwrap_or((0, 0));
        let Window { ids, types, .. } = window.clone();
        Self { ids, types, right: Right::Span(first, last) }
    }
}

/// The first and the last token of an answer, where all of it lies in the window.
fn place(window: &Window, span: Span) -> Option<(usize, usize)> {
    let mut context = window.places.iter().enumerate().filter(|(_, one)| one.part == Some(1));
    let all: Vec<_> = context.by_ref().collect();
    let (begin, end) = (all.first()?.1.start, all.last()?.1.end);
    if span.start < begin || span.end > end {
        return None;
    }
    let first = all.iter().rev().find(|(_, one)| one.start <= span.start)?.0;
    let last = all.iter().find(|(_, one)| one.end >= span.end)?.0;
    (first <= last).then_some((first, last))
}

/// The most tokens that a model takes.
pub(super) fn longest(folder: &Folder) -> Result<usize> {
    let (config, weights) = (Config::read(folder)?, folder.weights()?);
    let prefix = crate::encoder::prefix_of(&weights, config.prefixes())?;
    let positions = weights.row_count(&format!("{prefix}embeddings.position_embeddings.weight"));
    Ok(positions.unwrap_or(512).saturating_sub(config.first_position))
}
