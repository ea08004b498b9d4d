//! Text into the numbers a model knows it by.

mod said;
pub(crate) mod slow;
mod windows;

use tokenizers::{
    DecodeStream, DecoderWrapper, ModelWrapper, NormalizerWrapper, PostProcessorWrapper,
    PreTokenizerWrapper, Tokenizer, TruncationParams,
};

use crate::error::{Error, Result};
use crate::folder::Folder;

pub(crate) use said::Said;
pub use windows::{Limit, Place, Window, Windows};

/// A model's tokenizer, which cuts off what is too long.
#[derive(Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
}

impl Tokens {
    /// The tokenizer of a folder, which cuts a text off after `longest` tokens, those that every text
    /// gets among them.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::BadFile`], [`Error::BadField`].
    pub fn open(folder: &Folder, longest: usize) -> Result<Self> {
        let mut tokenizer = tokenizer_of(folder)?;
        let cut = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(cut)).map_err(|error| broken(folder, &error))?;
        Ok(Self { tokenizer })
    }

    /// The tokenizer of a folder, which takes texts of any length.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::BadFile`], [`Error::BadField`].
    pub fn unlimited(folder: &Folder) -> Result<Self> {
        Ok(Self { tokenizer: tokenizer_of(folder)? })
    }

    /// The tokens of one text; `around` says whether with those that every text gets.
    ///
    /// # Errors
    /// [`Error::Tokens`].
    pub fn of_text(&self, text: &str, around: bool) -> Result<Vec<u32>> {
        let found = self.tokenizer.encode_fast(text, around).map_err(failed)?;
        Ok(found.get_ids().to_vec())
    }

    /// The text of tokens, but for those of no text.
    ///
    /// # Errors
    /// [`Error::Tokens`].
    pub fn text_of(&self, ids: &[u32]) -> Result<String> {
        self.tokenizer.decode(ids, true).map_err(failed)
    }

    /// What makes text of tokens as they come, but for those of no text.
    pub(crate) fn decode_stream(&self) -> Stream<'_> {
        self.tokenizer.decode_stream(true)
    }

    /// The tokens of every text, on several threads, and whether it was cut off.
    ///
    /// # Errors
    /// [`Error::Tokens`].
    pub fn of_texts(&self, texts: Vec<String>) -> Result<(Vec<Vec<u32>>, Vec<bool>)> {
        let found = self.tokenizer.encode_batch_fast(texts, true).map_err(failed)?;
        let is_cut = found.iter().map(|one| !one.get_overflowing().is_empty()).collect();
        Ok((found.into_iter().map(|one| one.get_ids().to_vec()).collect(), is_cut))
    }
}

/// Tokens into text as they come: some letters are several tokens.
pub(crate) type Stream<'a> = DecodeStream<
    'a,
    ModelWrapper,
    NormalizerWrapper,
    PreTokenizerWrapper,
    PostProcessorWrapper,
    DecoderWrapper,
>;

/// How many texts were cut off.
pub(crate) fn count(is_cut: &[bool]) -> usize {
    is_cut.iter().filter(|&&is_cut| is_cut).count()
}

const FILE: &str = "tokenizer.json";

/// The tokenizer of a folder, which takes texts as they are: files often say that they are padded and
/// cut off, which is for the model to say.
fn tokenizer_of(folder: &Folder) -> Result<Tokenizer> {
    if let Some(made) = folder.made(FILE) {
        return made.to_string().parse().map_err(|error| broken(folder, &error));
    }
    let Ok(path) = folder.file(FILE) else { return slow::tokenizer(folder) };
    let mut tokenizer = Tokenizer::from_file(path).map_err(|error| broken(folder, &error))?;
    tokenizer.with_truncation(None).map_err(|error| broken(folder, &error))?;
    tokenizer.with_padding(None);
    Ok(tokenizer)
}

fn broken(folder: &Folder, error: &tokenizers::Error) -> Error {
    Error::BadFile { path: folder.path().join(FILE), reason: error.to_string() }
}

fn failed(error: tokenizers::Error) -> Error {
    Error::Tokens { reason: error.to_string() }
}
