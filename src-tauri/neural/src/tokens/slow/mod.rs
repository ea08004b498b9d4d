//! Tokenizers of folders without `tokenizer.json`, made of the files that "slow" tokenizers have, as
//! transformers makes them: <https://github.com/huggingface/transformers/blob/main/src/transformers/convert_slow_tokenizer.py>.

mod added;
pub(crate) mod around;
pub(crate) mod byte_level;
mod kind;
pub(crate) mod llama;
pub(crate) mod merges;
pub(crate) mod metaspace;
mod sentencepiece;
mod settings;
mod unigram;
mod wordpiece;

use std::path::{Path, PathBuf};

use tokenizers::Tokenizer;

use crate::error::{Error, Result};
use crate::folder::Folder;

use kind::Kind;
use settings::Settings;

/// Far more than the largest vocabulary there is.
const MOST_BYTES: u64 = 1 << 26;

/// The tokenizer that the files of a folder describe.
///
/// # Errors
/// [`Error::MissingFile`] with every file that was looked for, [`Error::BadField`] for a kind that is
/// not known here, [`Error::BadFile`].
pub(crate) fn tokenizer(folder: &Folder) -> Result<Tokenizer> {
    let settings = Settings::read(folder)?;
    let kind = Kind::of(folder, &settings)?;
    for file in kind.files() {
        if folder.file(file).is_err() {
            return Err(missing(folder, kind.files()));
        }
    }
    match kind {
        Kind::Bert | Kind::Mpnet => wordpiece::tokenizer(folder, &settings, kind),
        Kind::Roberta | Kind::Gpt2 | Kind::Qwen2 => byte_level::tokenizer(folder, &settings, kind),
        Kind::XlmRoberta | Kind::Camembert | Kind::T5 => {
            unigram::tokenizer(folder, &settings, kind)
        }
        Kind::Llama => llama::tokenizer(folder, &settings),
    }
}

/// The tokenizer that the files of a folder describe, or nothing where they are of no kind that is
/// known here.
///
/// # Errors
/// [`Error::BadField`], [`Error::BadFile`] where they are, but do not fit together.
pub(crate) fn tokenizer_if_any(folder: &Folder) -> Result<Option<Tokenizer>> {
    let has = |kind: Kind| kind.files().iter().all(|file| folder.file(file).is_ok());
    match Kind::of(folder, &Settings::read(folder)?) {
        Ok(kind) if has(kind) => tokenizer(folder).map(Some),
        Ok(_) | Err(Error::MissingFile { .. } | Error::BadField { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// That a folder has no tokenizer, with what was looked for.
fn missing(folder: &Folder, files: &[&str]) -> Error {
    let file = format!("{}, nor {}", super::FILE, files.join(" with "));
    Error::MissingFile { folder: folder.path().to_owned(), file }
}

/// A file in a folder, with where it is.
fn bytes(folder: &Folder, name: &str) -> Result<(PathBuf, Vec<u8>)> {
    let path = folder.file(name)?;
    let unreadable = |source| Error::Unreadable { path: path.clone(), source };
    let size = std::fs::metadata(&path).map_err(unreadable)?.len();
    if size > MOST_BYTES {
        return Err(bad(&path, format!("it has {size} bytes, no tokenizer has {MOST_BYTES}")));
    }
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    Ok((path, bytes))
}

fn bad(path: &Path, reason: impl ToString) -> Error {
    Error::BadFile { path: path.to_owned(), reason: reason.to_string() }
}
