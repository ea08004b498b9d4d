//! A SentencePiece model, as far as a tokenizer is made of it:
//! <https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto>.

mod charsmap;
mod protobuf;

use std::path::PathBuf;

use tokenizers::AddedToken;
use tokenizers::normalizers::Precompiled;

use crate::error::{Error, Result};
use crate::folder::Folder;

use super::{bad, bytes};
use protobuf::{Fields, Value};

/// What reading bytes gives, or why it does not.
type Parsed<T> = std::result::Result<T, String>;

/// Many times the largest vocabulary there is.
const MOST_PIECES: usize = 1 << 22;

/// `SentencePiece.Type`.
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;

/// A model.
#[derive(Debug)]
pub(super) struct Model {
    /// Where it is.
    pub(super) path: PathBuf,
    pub(super) pieces: Vec<Piece>,
    pub(super) kind: Type,
    /// The piece for what is in no other.
    pub(super) unknown: usize,
    charsmap: Vec<u8>,
}

/// A piece of text.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) score: f32,
    kind: u64,
}

/// How pieces are found: `TrainerSpec.ModelType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Unigram,
    Bpe,
}

impl Model {
    /// The model of a file.
    ///
    /// # Errors
    /// [`Error::MissingFile`], [`Error::Unreadable`], [`Error::BadFile`].
    pub(super) fn read(folder: &Folder, name: &str) -> Result<Self> {
        let (path, bytes) = bytes(folder, name)?;
        Self::parse(&bytes).map_or_else(
            |reason| Err(bad(&path, reason)),
            |model| Ok(Self { path: path.clone(), ..model }),
        )
    }

    fn parse(bytes: &[u8]) -> Parsed<Self> {
        let (mut pieces, mut kind, mut unknown) = (Vec::new(), 1, 0);
        let (mut charsmap, mut is_trained, mut is_normalized) = (Vec::new(), false, false);
        for field in Fields::new(bytes) {
            match field? {
                (1, Value::Bytes(piece)) if pieces.len() < MOST_PIECES => {
                    pieces.push(Piece::parse(piece)?);
                }
                (1, Value::Bytes(_)) => {
                    return Err(format!("it has more than {MOST_PIECES} pieces"));
                }
                (2, Value::Bytes(trainer)) => {
                    is_trained = true;
                    for field in Fields::new(trainer) {
                        match field? {
                            (3, Value::Varint(found)) => kind = found,
                            (40, Value::Varint(found)) => unknown = found,
                            _ => {}
                        }
                    }
                }
                (3, Value::Bytes(normalizer)) => {
                    is_normalized = true;
                    for field in Fields::new(normalizer) {
                        if let (2, Value::Bytes(found)) = field? {
                            charsmap = found.to_vec();
                        }
                    }
                }
                _ => {}
            }
        }
        // SentencePiece writes both, in this order after the pieces: without them it is cut off.
        if !is_trained {
            return Err("it has no trainer_spec".to_owned());
        }
        if !is_normalized {
            return Err("it has no normalizer_spec".to_owned());
        }
        let kind = match kind {
            1 => Type::Unigram,
            2 => Type::Bpe,
            _ => return Err(format!("its model_type is {kind}, not UNIGRAM or BPE")),
        };
        let found = usize::try_from(unknown).ok().filter(|&unknown| unknown < pieces.len());
        let count = pieces.len();
        let unknown = found.ok_or_else(|| format!("its unk_id is {unknown} of {count} pieces"))?;
        Ok(Self { path: PathBuf::new(), pieces, kind, unknown, charsmap })
    }

    /// Pieces that are matched before all others.
    pub(super) fn added(&self) -> Vec<AddedToken> {
        let kinds = [CONTROL, USER_DEFINED];
        let added = self.pieces.iter().filter(|piece| kinds.contains(&piece.kind));
        added
            .map(|piece| {
                AddedToken::from(piece.text.as_str(), piece.kind == CONTROL).normalized(false)
            })
            .collect()
    }

    /// What letters are brought to before pieces are found.
    pub(super) fn charsmap(&self) -> Result<Option<Precompiled>> {
        if self.charsmap.is_empty() {
            return Ok(None);
        }
        let broken = |reason: String| {
            let reason = format!("its precompiled_charsmap is broken: {reason}");
            Error::BadFile { path: self.path.clone(), reason }
        };
        charsmap::check(&self.charsmap).map_err(broken)?;
        Precompiled::from(&self.charsmap).map(Some).map_err(|error| broken(error.to_string()))
    }
}

impl Piece {
    fn parse(bytes: &[u8]) -> Parsed<Self> {
        let mut piece = Self { text: String::new(), score: 0.0, kind: 1 };
        for field in Fields::new(bytes) {
            match field? {
                (1, Value::Bytes(text)) => {
                    let text = std::str::from_utf8(text).map_err(|error| error.to_string())?;
                    text.clone_into(&mut piece.text);
                }
                (2, Value::Fixed32(score)) => piece.score = f32::from_bits(score),
                (3, Value::Varint(kind)) => piece.kind = kind,
                _ => {}
            }
        }
        if piece.text.is_empty() {
            return Err("it has an empty piece".to_owned());
        }
        if !piece.score.is_finite() {
            return Err(format!("the score of {} is {}", piece.text, piece.score));
        }
        Ok(piece)
    }
}
