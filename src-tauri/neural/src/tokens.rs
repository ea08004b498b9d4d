//! Text into the numbers a model knows it by.

use tokenizers::{Tokenizer, TruncationParams};

use crate::error::{Error, Result};
use crate::folder::Folder;

/// A model's tokenizer.
#[derive(Debug)]
pub struct Tokens {
    tokenizer: Tokenizer,
}

impl Tokens {
    /// The tokenizer of a folder, which cuts a text off after `longest` tokens, those that every text
    /// gets among them.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::BadFile`].
    pub fn open(folder: &Folder, longest: usize) -> Result<Self> {
        let path = folder.file("tokenizer.json")?;
        let broken = |error: tokenizers::Error| Error::BadFile {
            path: path.clone(),
            reason: error.to_string(),
        };
        let mut tokenizer = Tokenizer::from_file(&path).map_err(broken)?;
        let cut = TruncationParams { max_length: longest, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(cut)).map_err(broken)?;
        // Texts are worked on side by side without padding.
        tokenizer.with_padding(None);
        Ok(Self { tokenizer })
    }

    /// The tokens of every text, on several threads, and how many texts were cut off.
    ///
    /// # Errors
    /// [`Error::Tokens`].
    pub fn of_texts(&self, texts: Vec<String>) -> Result<(Vec<Vec<u32>>, usize)> {
        let failed = |error: tokenizers::Error| Error::Tokens { reason: error.to_string() };
        let found = self.tokenizer.encode_batch_fast(texts, true).map_err(failed)?;
        let cut = found.iter().filter(|one| !one.get_overflowing().is_empty()).count();
        Ok((found.into_iter().map(|one| one.get_ids().to_vec()).collect(), cut))
    }
}
