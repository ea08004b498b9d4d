//! SentencePiece's merged pairs, with bytes for what no piece has: Llama's and Mistral's.

use tokenizers::models::bpe::BPE;
use tokenizers::models::unigram::Unigram;
use tokenizers::{ModelWrapper, Tokenizer};

use crate::error::Result;
use crate::folder::Folder;

use super::added::Named;
use super::around::{Part, template};
use super::kind::Kind;
use super::merges::of_pieces;
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
    let (mut single, mut pair) = (Vec::new(), Vec::new());
    let (begin, end);
    if settings.flag("add_bos_token")?.unwrap_or(true) {
        begin = named.with_id(&tokenizer, "bos_token")?;
        single.push((Part::Token(&begin), 0));
        pair.push((Part::Token(&begin), 1));
    }
    single.push((Part::A, 0));
    pair.push((Part::B, 1));
    if settings.flag("add_eos_token")?.unwrap_or(false) {
        end = named.with_id(&tokenizer, "eos_token")?;
        single.push((Part::Token(&end), 0));
        pair.push((Part::Token(&end), 1));
    }
    pair.splice(..0, single.iter().copied());
    tokenizer.with_post_processor(Some(template(&single, &pair)?));
    Ok(tokenizer)
}

fn made(model: &Model) -> tokenizers::Result<ModelWrapper> {
    let pieces: Vec<&str> = model.pieces.iter().map(|piece| piece.text.as_str()).collect();
    Ok(match model.kind {
        Type::Unigram => {
            let scored = model.pieces.iter().map(|piece| (piece.text.clone(), piece.score.into()));
            Unigram::from(scored.collect(), Some(model.unknown), true)?.into()
        }
        Type::Bpe => {
            let merges = of_pieces(&pieces);
            let ids = pieces.iter().zip(0..).map(|(&piece, id)| (piece.to_owned(), id));
            BPE::builder()
                .vocab_and_merges(ids.collect::<super::merges::Vocabulary>(), merges)
                .unk_token(pieces[model.unknown].to_owned())
                .fuse_unk(true)
                .byte_fallback(true)
                .build()?
                .into()
        }
    })
}
