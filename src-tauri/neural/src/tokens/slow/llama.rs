//! SentencePiece's merged pairs, with bytes for what no piece has: Llama's and Mistral's.

use tokenizers::models::bpe::BPE;
use tokenizers::models::unigram::Unigram;
use tokenizers::{ModelWrapper, Tokenizer};

use crate::error::Result;
use crate::folder::Folder;

use super::added::Named;
use super::around::between;
use super::kind::Kind;
use super::merges::{First, Vocabulary, of_pieces};
use super::sentencepiece::{Model, Type};
use super::{Settings, bad, metaspace};

const NAMED: [(&str, &str); 3] =
    [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")];

pub(super) fn tokenizer(folder: &Folder, settings: &Settings) -> Result<Tokenizer> {
    let named = Named::read(settings, &NAMED)?;
    let model = Model::read(folder, Kind::Llama.files()[0])?;
    let broken = |error: tokenizers::Error| bad(&model.path, error);
    let mut tokenizer = Tokenizer::new(made(&model).map_err(broken)?);
    let begins_with_space = settings.flag("add_prefix_space")?.unwrap_or(true);
    let legacy = settings.flag("legacy")?.unwrap_or(true);
    metaspace::whole(&mut tokenizer, begins_with_space, legacy).map_err(broken)?;
    named.add(&mut tokenizer, settings, model.added())?;
    let wanted = |flag, default, name| -> Result<Option<(String, u32)>> {
        let is_wanted = settings.flag(flag)?.unwrap_or(default);
        is_wanted.then(|| named.with_id(&tokenizer, name)).transpose()
    };
    let begin = wanted("add_bos_token", true, "bos_token")?;
    let end = wanted("add_eos_token", false, "eos_token")?;
    let around = between(begin.as_ref(), end.as_ref())?;
    tokenizer.with_post_processor(Some(around));
    Ok(tokenizer)
}

fn made(model: &Model) -> tokenizers::Result<ModelWrapper> {
    let pieces: Vec<&str> = model.pieces.iter().map(|piece| piece.text.as_str()).collect();
    Ok(match model.kind {
        Type::Unigram => {
            let scored = model.pieces.iter().map(|piece| (piece.text.clone(), piece.score.into()));
            Unigram::from(scored.collect(), Some(model.unknown), true)?.into()
        }
        Type::Bpe => bpe(&pieces, First::Earlier, model.unknown)?.into(),
    })
}

/// The model that merges letters to pieces; what no piece has becomes the pieces of its bytes, else the
/// `unknown` one.
pub(crate) fn bpe(pieces: &[&str], first: First, unknown: usize) -> tokenizers::Result<BPE> {
    let ids = pieces.iter().zip(0..).map(|(&piece, id)| (piece.to_owned(), id));
    BPE::builder()
        .vocab_and_merges(ids.collect::<Vocabulary>(), of_pieces(pieces, first))
        .unk_token(pieces.get(unknown).copied().unwrap_or_default().to_owned())
        .fuse_unk(true)
        .byte_fallback(true)
        .build()
}
