//! What `tokenizer_config.json` says of a tokenizer.

use serde::Deserialize;

use crate::error::Result;
use crate::folder::Folder;

/// What is said of a tokenizer beside its own file.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// The most tokens of a text.
    pub(crate) longest: Option<usize>,
    /// The token of what is not in the vocabulary.
    pub(crate) unknown: Option<String>,
}

#[derive(Deserialize)]
struct Written {
    /// A huge number stands for no limit.
    model_max_length: Option<f64>,
    unk_token: Option<Token>,
}

/// A token as it is, or with how it is matched.
#[derive(Deserialize)]
#[serde(untagged)]
enum Token {
    Plain(String),
    Added { content: String },
}

impl Said {
    pub(crate) fn read(folder: &Folder) -> Result<Self> {
        let written: Option<Written> = folder.json_if_any("tokenizer_config.json")?;
        Ok(written.map_or_else(Self::default, |written| Self {
            longest: written
                .model_max_length
                .filter(|&longest| (1.0..1e9).contains(&longest))
                .map(|longest| longest as usize),
            unknown: written.unk_token.map(|token| match token {
                Token::Plain(token) | Token::Added { content: token } => token,
            }),
        }))
    }
}
