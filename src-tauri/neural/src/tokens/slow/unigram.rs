//! SentencePiece's unigram model: the pieces of the best sum of scores. XLM-RoBERTa and CamemBERT move
//! its ids, which they had from fairseq; T5 has tokens for gaps after them.

use tokenizers::Tokenizer;
use tokenizers::models::unigram::Unigram;

use crate::error::Result;
use crate::folder::Folder;

use super::added::Named;
use super::around::{Part, template};
use super::kind::Kind;
use super::sentencepiece::{Model, Type};
use super::settings::bad as bad_field;
use super::{Settings, bad, metaspace};

const FAIRSEQ: [(&str, &str); 7] = [
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];

const T5: [(&str, &str); 3] =
    [("eos_token", "</s>"), ("unk_token", "<unk>"), ("pad_token", "<pad>")];

/// T5 has 100 gaps where it is not said otherwise; nobody has many more.
const GAPS: u64 = 100;
const MOST_GAPS: u64 = 1 << 16;

/// The piece for what is unknown, which is the first.
const UNKNOWN: usize = 3;

pub(super) fn tokenizer(folder: &Folder, settings: &Settings, kind: Kind) -> Result<Tokenizer> {
    let named = match kind {
        Kind::T5 => Named::read(settings, &T5)?,
        Kind::Camembert => Named::read(settings, &FAIRSEQ)?.mask_takes_space(settings),
        _ => Named::read(settings, &FAIRSEQ)?,
    };
    let model = Model::read(folder, kind.files()[0])?;
    if model.kind != Type::Unigram {
        return Err(bad(&model.path, format!("its model_type is {:?}, not Unigram", model.kind)));
    }
    let mut own = model.added();
    let pieces = model.pieces.iter().map(|piece| (piece.text.clone(), f64::from(piece.score)));
    let mut vocabulary: Vec<(String, f64)>;
    let unknown;
    if kind == Kind::T5 {
        vocabulary = pieces.collect();
        unknown = model.unknown;
        let gaps = settings.count("extra_ids")?.unwrap_or(GAPS);
        if gaps > MOST_GAPS {
            return Err(bad_field("tokenizer_config.json", "extra_ids", gaps));
        }
        for gap in (0..gaps).rev() {
            let gap = format!("<extra_id_{gap}>");
            own.push(tokenizers::AddedToken::from(gap.as_str(), true));
            vocabulary.push((gap, 0.0));
        }
    } else {
        let token = |name| named.get(name).map(|token| (token.to_owned(), 0.0));
        let unused = |token: &str, score| (format!("{token}NOTUSED"), score);
        let (pad, unk) = (token("pad_token")?, token("unk_token")?);
        unknown = UNKNOWN;
        if kind == Kind::Camembert {
            // The model's own piece for what is unknown has a score that makes nothing of it.
            vocabulary =
                vec![unused("<s>", 0.0), pad, unused("</s>", 0.0), unk, unused("<unk>", -100.0)];
            vocabulary.extend(pieces.skip(1));
        } else {
            vocabulary = vec![token("bos_token")?, pad, token("eos_token")?, unk];
            vocabulary.extend(pieces.skip(3));
        }
        vocabulary.push(token("mask_token")?);
    }
    let broken = |error: tokenizers::Error| bad(&model.path, error);
    let made = Unigram::from(vocabulary, Some(unknown), false).map_err(broken)?;
    let mut tokenizer = Tokenizer::new(made);
    tokenizer.with_normalizer(model.charsmap()?).map_err(broken)?;
    let begins_with_space = kind == Kind::T5 || settings.flag("add_prefix_space")?.unwrap_or(true);
    metaspace::words(&mut tokenizer, begins_with_space);
    named.add(&mut tokenizer, settings, own)?;
    let end = named.with_id(&tokenizer, "eos_token")?;
    let end = (Part::Token(&end), 0);
    let (first, second) = ((Part::A, 0), (Part::B, 0));
    let around = if kind == Kind::T5 {
        template(&[first, end], &[first, end, second, end])?
    } else {
        let begin = named.with_id(&tokenizer, "bos_token")?;
        let begin = (Part::Token(&begin), 0);
        template(&[begin, first, end], &[begin, first, end, end, second, end])?
    };
    tokenizer.with_post_processor(Some(around));
    Ok(tokenizer)
}
