//! Texts into windows that a model takes in at once, and where their tokens stand in the text.

use tokenizers::models::ModelWrapper;
use tokenizers::processors::PostProcessorWrapper;
use tokenizers::{
    Encoding, PostProcessor, Tokenizer, TruncationParams, TruncationStrategy, truncate_encodings,
};

use super::{Said, failed, tokenizer_of};
use crate::error::{Error, Result};
use crate::folder::Folder;

/// How long a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most tokens, those that every text gets among them.
    pub longest: usize,
    /// Tokens that a window shares with the one before it.
    pub shared: usize,
}

/// A model's tokenizer, which reads what is too long in windows.
#[derive(Debug)]
pub struct Windows {
    /// Without what puts a text's own tokens among those that every text gets: the library's way of
    /// cutting texts stops reading them at the limit, so they are cut here.
    tokenizer: Tokenizer,
    around: Option<PostProcessorWrapper>,
    limit: Limit,
    /// Whether its tokens tell where a word goes on.
    marks_words: bool,
    unknown: Option<u32>,
}

/// A text, or as much of it as the model takes in at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its tokens.
    pub ids: Vec<u32>,
    /// Which part each belongs to, for models that tell a text's first part from its second.
    pub types: Vec<u32>,
    /// Where each stands.
    pub places: Vec<Place>,
}

/// Where a token stands in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first character.
    pub start: usize,
    /// The character after its last.
    pub end: usize,
    /// The text it belongs to: 0, or 1 for the second of a pair. None for what every text gets.
    pub part: Option<usize>,
    /// Whether the token itself says that it goes on with a word; none where tokens do not tell.
    pub inside: Option<bool>,
}

impl Windows {
    /// The tokenizer of a folder.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::BadFile`], [`Error::BadField`].
    pub fn open(folder: &Folder, limit: Limit) -> Result<Self> {
        let mut tokenizer = tokenizer_of(folder)?;
        let around = tokenizer.get_post_processor().cloned();
        tokenizer.with_post_processor(None::<PostProcessorWrapper>);
        let unknown = Said::read(folder)?.unknown.or_else(|| unknown_of(&tokenizer));
        let unknown = unknown.and_then(|token| tokenizer.token_to_id(&token));
        Ok(Self { marks_words: marks_words(&tokenizer), tokenizer, around, limit, unknown })
    }

    /// The windows of every text, on several threads.
    ///
    /// # Errors
    /// [`Error::Tokens`].
    pub fn of_texts(&self, texts: Vec<String>) -> Result<Vec<Vec<Window>>> {
        let found = self.tokenizer.encode_batch_char_offsets(texts, false).map_err(failed)?;
        found.into_iter().map(|text| self.windows(text, None, self.limit)).collect()
    }

    /// The windows of every pair of texts, the first whole in each of them, on several threads; how long
    /// they are may differ from one asking to the next.
    ///
    /// # Errors
    /// [`Error::Tokens`], also where the first text leaves no room for the second.
    pub fn of_pairs(&self, pairs: Vec<(String, String)>, limit: Limit) -> Result<Vec<Vec<Window>>> {
        let texts: Vec<String> = pairs.into_iter().flat_map(|(one, two)| [one, two]).collect();
        let found = self.tokenizer.encode_batch_char_offsets(texts, false).map_err(failed)?;
        let mut found = found.into_iter();
        std::iter::from_fn(|| Some((found.next()?, found.next()?)))
            .map(|(first, second)| self.windows(first, Some(second), limit))
            .collect()
    }

    fn windows(
        &self,
        text: Encoding,
        mut second: Option<Encoding>,
        limit: Limit,
    ) -> Result<Vec<Window>> {
        // What is put around texts sets the kinds in the first window alone.
        if let Some(second) = &mut second {
            second.set_type_ids(vec![1; second.len()]);
        }
        let added = self.around.as_ref().map_or(0, |around| around.added_tokens(second.is_some()));
        let taken = if second.is_some() { text.len() } else { 0 };
        let room = limit.longest.saturating_sub(added);
        if room.saturating_sub(taken) <= limit.shared {
            let reason = format!("{taken} tokens leave no room among {room}");
            return Err(Error::Tokens { reason });
        }
        let strategy = if second.is_some() {
            TruncationStrategy::OnlySecond
        } else {
            TruncationStrategy::LongestFirst
        };
        let cut = TruncationParams {
            max_length: room,
            stride: limit.shared,
            strategy,
            ..TruncationParams::default()
        };
        let (text, second) = truncate_encodings(text, second, &cut).map_err(failed)?;
        let mut first = match &self.around {
            Some(around) => around.process(text, second, true).map_err(failed)?,
            None => Encoding::merge([Some(text), second].into_iter().flatten(), false),
        };
        let rest = first.take_overflowing();
        Ok(std::iter::once(first).chain(rest).map(|one| self.window(&one)).collect())
    }

    fn window(&self, encoding: &Encoding) -> Window {
        let parts = encoding.get_sequence_ids();
        let special = encoding.get_special_tokens_mask();
        let places = encoding
            .get_offsets()
            .iter()
            .enumerate()
            .map(|(at, &(start, end))| {
                let token = &encoding.get_tokens()[at];
                let inside = match self.marks_words {
                    _ if self.unknown == Some(encoding.get_ids()[at]) => Some(false),
                    // The mark makes it longer than what it stands for.
                    true => Some(token.chars().count() != end - start),
                    false => None,
                };
                let part = parts[at].filter(|_| special[at] == 0);
                Place { start, end, part, inside }
            })
            .collect();
        Window { ids: encoding.get_ids().to_vec(), types: encoding.get_type_ids().to_vec(), places }
    }
}

/// The token of what is not in the vocabulary, where the tokenizer itself says it.
fn unknown_of(tokenizer: &Tokenizer) -> Option<String> {
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => Some(model.unk_token.clone()),
        ModelWrapper::WordLevel(model) => Some(model.unk_token.clone()),
        ModelWrapper::BPE(model) => model.unk_token.clone(),
        ModelWrapper::Unigram(_) => None,
    }
}

/// Whether a tokenizer marks the tokens that go on with a word, as WordPiece does with `##`.
fn marks_words(tokenizer: &Tokenizer) -> bool {
    match tokenizer.get_model() {
        ModelWrapper::WordPiece(model) => !model.continuing_subword_prefix.is_empty(),
        ModelWrapper::BPE(model) => {
            model.continuing_subword_prefix.as_ref().is_some_and(|mark| !mark.is_empty())
        }
        ModelWrapper::WordLevel(_) | ModelWrapper::Unigram(_) => false,
    }
}
