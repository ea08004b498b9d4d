//! Pairs of bytes, merged as `merges.txt` ranks them, out of `vocab.json`: GPT-2's, RoBERTa's and
//! Qwen 2's.

use std::collections::HashMap;

use tokenizers::models::bpe::BPE;
use tokenizers::normalizers::NFC;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{SplitDelimiterBehavior, Tokenizer};

use crate::error::{Error, Result};
use crate::folder::Folder;

use super::added::Named;
use super::around::between;
use super::kind::Kind;
use super::{Settings, bad, bytes, merges};

const ROBERTA: [(&str, &str); 7] = [
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "<unk>"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];

/// How Qwen 2 cuts text before pairs are merged; the expression is part of the model.
pub(crate) const QWEN2_CUT: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

const QWEN2: [(&str, &str); 3] = [
    ("eos_token", "<|endoftext|>"),
    ("unk_token", "<|endoftext|>"),
    ("pad_token", "<|endoftext|>"),
];

const GPT2: [(&str, &str); 3] = [
    ("bos_token", "<|endoftext|>"),
    ("eos_token", "<|endoftext|>"),
    ("unk_token", "<|endoftext|>"),
];

pub(super) fn tokenizer(folder: &Folder, settings: &Settings, kind: Kind) -> Result<Tokenizer> {
    let begins_with_space = settings.flag("add_prefix_space")?.unwrap_or(false);
    let mut tokenizer = Tokenizer::new(model(folder, kind)?);
    if kind == Kind::Qwen2 {
        let broken = |error: tokenizers::Error| Error::Tokens { reason: error.to_string() };
        let regex = SplitPattern::Regex(QWEN2_CUT.to_owned());
        let cut = Split::new(regex, SplitDelimiterBehavior::Isolated, false).map_err(broken)?;
        let bytes = ByteLevel::new(begins_with_space, true, false);
        tokenizer.with_normalizer(Some(NFC)).map_err(broken)?;
        tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![cut.into(), bytes.into()])));
    } else {
        tokenizer.with_pre_tokenizer(Some(ByteLevel::new(begins_with_space, true, true)));
    }
    tokenizer.with_decoder(Some(ByteLevel::default()));
    if kind == Kind::Roberta {
        let named = Named::read(settings, &ROBERTA)?;
        named.add(&mut tokenizer, settings, Vec::new())?;
        let (begin, end) =
            (named.with_id(&tokenizer, "cls_token")?, named.with_id(&tokenizer, "sep_token")?);
        let around = RobertaProcessing::new(end, begin)
            .trim_offsets(settings.flag("trim_offsets")?.unwrap_or(true))
            .add_prefix_space(begins_with_space);
        tokenizer.with_post_processor(Some(around));
        return Ok(tokenizer);
    }
    let named = Named::read(settings, if kind == Kind::Qwen2 { &QWEN2 } else { &GPT2 })?;
    named.add(&mut tokenizer, settings, Vec::new())?;
    let wanted = |flag, default, name| -> Result<Option<(String, u32)>> {
        let is_wanted = settings.flag(flag)?.unwrap_or(default);
        is_wanted.then(|| named.with_id(&tokenizer, name)).transpose()
    };
    let begin = wanted("add_bos_token", false, "bos_token")?;
    let end = wanted("add_eos_token", false, "eos_token")?;
    let around = between(begin.as_ref(), end.as_ref())?;
    tokenizer.with_post_processor(Some(around));
    Ok(tokenizer)
}

fn model(folder: &Folder, kind: Kind) -> Result<BPE> {
    let (vocab, ranked) = (kind.files()[0], kind.files()[1]);
    let vocabulary: HashMap<String, u32> = folder.json(vocab)?;
    let (path, ranked) = bytes(folder, ranked)?;
    let ranked = String::from_utf8(ranked).map_err(|error| bad(&path, error))?;
    let broken = |line: &str| bad(&path, format!("{line:?} is no pair of tokens"));
    let mut pairs = Vec::new();
    for line in ranked.lines().filter(|line| !line.is_empty() && !line.starts_with("#version")) {
        let (left, right) = line.split_once(' ').ok_or_else(|| broken(line))?;
        pairs.push((left.to_owned(), right.to_owned()));
    }
    merges::check(&pairs, |token| vocabulary.contains_key(token))
        .map_err(|reason| bad(&path, reason))?;
    let made = BPE::builder()
        .vocab_and_merges(vocabulary.into_iter().collect::<merges::Vocabulary>(), pairs);
    made.build()
        .map_err(|error: tokenizers::Error| Error::BadFile { path, reason: error.to_string() })
}
