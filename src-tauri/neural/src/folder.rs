//! A model's folder, as the Hugging Face hub keeps it, or with a GGUF file that says what others say in
//! files of their own.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::import;
use crate::weights::{self, Weights};

/// Files of a model that have nothing to do with its weights.
const BESIDE: [&str; 14] = [
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "spiece.model",
    "vocab.txt",
    "LICENSE",
];

/// A model's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// Files that it lacks, as the metadata of its GGUF file make up for them.
    made: Vec<(&'static str, Json)>,
}

impl Folder {
    /// The folder at `path`, which must have a `config.json`, or a GGUF file that says what would stand
    /// there.
    ///
    /// # Errors
    /// [`Error::MissingFile`], and [`Error::BadField`] for a GGUF file of an architecture or a tokenizer
    /// that is not known here.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let mut folder = Self { path: path.into(), made: Vec::new() };
        let is_whole = ["config.json", "tokenizer.json"].iter().all(|name| folder.has(name));
        if !is_whole && folder.path.is_dir() && weights::is_gguf(&folder)? {
            folder.made = import::described(&folder, &folder.weights()?)?;
        }
        if !folder.has("config.json") {
            folder.file("config.json")?;
        }
        Ok(folder)
    }

    /// Whether it has that file, or makes up for it.
    fn has(&self, name: &str) -> bool {
        self.made(name).is_some() || self.path.join(name).is_file()
    }

    /// What makes up for a file that it lacks.
    pub(crate) fn made(&self, name: &str) -> Option<&Json> {
        self.made.iter().find(|made| made.0 == name).map(|made| &made.1)
    }

    /// The folder at `path`, whatever lies in it.
    ///
    /// # Errors
    /// [`Error::MissingFile`] when there is no such folder.
    pub fn open_any(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Ok(Self { path: path.to_owned(), made: Vec::new() });
        }
        let (folder, name) = (path.parent().unwrap_or(path), path.file_name().unwrap_or_default());
        Err(Error::MissingFile {
            folder: folder.to_owned(),
            file: name.to_string_lossy().into_owned(),
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    ///
    /// # Errors
    /// [`Error::MissingFile`].
    pub fn file(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        if path.is_file() {
            return Ok(path);
        }
        Err(Error::MissingFile { folder: self.path.clone(), file: name.to_owned() })
    }

    /// A JSON file in it.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::Unreadable`], [`Error::BadFile`].
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        if let Some(made) = self.made(name) {
            let path = self.path.join(name);
            return T::deserialize(made)
                .map_err(|error| Error::BadFile { path, reason: error.to_string() });
        }
        let path = self.file(name)?;
        let text = std::fs::read(&path)
            .map_err(|source| Error::Unreadable { path: path.clone(), source })?;
        serde_json::from_slice(&text)
            .map_err(|error| Error::BadFile { path, reason: error.to_string() })
    }

    /// A JSON file in it, or nothing where it has none.
    ///
    /// # Errors
    /// [`Error::Unreadable`], [`Error::BadFile`].
    pub fn json_if_any<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        if self.has(name) { self.json(name).map(Some) } else { Ok(None) }
    }

    /// Copies what stands beside its weights, configuration and tokenizer, into another folder.
    ///
    /// # Errors
    /// [`Error::Unwritable`].
    pub(crate) fn copy_beside(&self, out: &Path) -> Result<()> {
        for name in BESIDE {
            let (from, to) = (self.path.join(name), out.join(name));
            let written = match self.made(name) {
                Some(made) => std::fs::write(&to, made.to_string()),
                None if from.is_file() => std::fs::copy(&from, &to).map(drop),
                None => continue,
            };
            written.map_err(|source| Error::Unwritable { path: to, source })?;
        }
        Ok(())
    }

    /// A text file in it, or nothing where it has none.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn text_if_any(&self, name: &str) -> Result<Option<String>> {
        let path = self.path.join(name);
        if !path.is_file() {
            return Ok(None);
        }
        let read = std::fs::read_to_string(&path);
        read.map(Some).map_err(|source| Error::Unreadable { path, source })
    }

    /// What tells this model from any other, those of the same shape too: a hash of its tensors'
    /// names and shapes, and of two rows of every matrix.
    ///
    /// # Errors
    /// Those of [`Self::weights`] and of reading them.
    pub fn fingerprint(&self) -> Result<String> {
        let weights = self.weights()?;
        let mut hash = Fnv::default();
        for name in weights.names() {
            hash.take(name.as_bytes());
            let shape = weights.shape(name).unwrap_or_default().to_vec();
            hash.take(format!("{shape:?}").as_bytes());
            let &[rows, width] = &shape[..] else { continue };
            if rows == 0 || width == 0 || !weights.kind(name).is_some_and(weights::Kind::is_read) {
                continue;
            }
            let (all, mut row) = (weights.rows(name, rows, width)?, vec![0.0_f32; width]);
            for at in [0, rows / 2] {
                all.read(at, &mut row)?;
                row.iter().for_each(|number| hash.take(&number.to_le_bytes()));
            }
        }
        Ok(hash.digits())
    }

    /// Its weights: safetensors where it has them, else those of another framework.
    ///
    /// # Errors
    /// [`Error::MissingFile`] that names what is missing, and those of [`Weights::open`].
    pub fn weights(&self) -> Result<Weights> {
        Weights::open(&weights::find(self)?.ok_or_else(|| weights::missing(self))?)
    }
}

/// FNV-1a of 128 bits (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>): enough to tell models
/// apart that nobody made to be mistaken for each other.
struct Fnv(u128);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x6C62_272E_07BB_0142_62B8_2175_6295_C58D)
    }
}

impl Fnv {
    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 =
                (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013B);
        }
    }

    fn digits(&self) -> String {
        format!("{:032x}", self.0)
    }
}
