//! WordPiece out of `vocab.txt`, a token in every line: BERT's, and MPNet's with RoBERTa's tokens.

use tokenizers::Tokenizer;
use tokenizers::decoders::wordpiece::WordPiece as Decoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::roberta::RobertaProcessing;

use crate::error::Result;
use crate::folder::Folder;

use super::added::Named;
use super::around::{Part, template};
use super::kind::Kind;
use super::{Settings, bad, bytes};

const BERT: [(&str, &str); 5] = [
    ("unk_token", "[UNK]"),
    ("sep_token", "[SEP]"),
    ("pad_token", "[PAD]"),
    ("cls_token", "[CLS]"),
    ("mask_token", "[MASK]"),
];

const MPNET: [(&str, &str); 7] = [
    ("bos_token", "<s>"),
    ("eos_token", "</s>"),
    ("unk_token", "[UNK]"),
    ("sep_token", "</s>"),
    ("pad_token", "<pad>"),
    ("cls_token", "<s>"),
    ("mask_token", "<mask>"),
];

pub(super) fn tokenizer(folder: &Folder, settings: &Settings, kind: Kind) -> Result<Tokenizer> {
    let named = if kind == Kind::Mpnet {
        Named::read(settings, &MPNET)?.mask_takes_space(settings)
    } else {
        Named::read(settings, &BERT)?
    };
    let (path, vocabulary) = bytes(folder, kind.files()[0])?;
    let broken = |error: tokenizers::Error| bad(&path, error);
    let unknown = named.get("unk_token")?;
    let model = WordPiece::builder()
        .vocab(WordPiece::read_bytes(&vocabulary).map_err(broken)?)
        .unk_token(unknown.to_owned())
        .build()
        .map_err(broken)?;
    let mut tokenizer = Tokenizer::new(model);
    if tokenizer.token_to_id(unknown).is_none() {
        return Err(bad(&path, format!("it has no {unknown}")));
    }
    let normalizer = BertNormalizer::new(
        true,
        settings.flag("tokenize_chinese_chars")?.unwrap_or(true),
        settings.flag("strip_accents")?,
        settings.flag("do_lower_case")?.unwrap_or(true),
    );
    tokenizer.with_normalizer(Some(normalizer)).map_err(broken)?;
    tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    tokenizer.with_decoder(Some(Decoder::new("##".to_owned(), true)));
    named.add(&mut tokenizer, settings, Vec::new())?;
    let (begin, end) =
        (named.with_id(&tokenizer, "cls_token")?, named.with_id(&tokenizer, "sep_token")?);
    if kind == Kind::Mpnet {
        let around = RobertaProcessing::new(end, begin).trim_offsets(true).add_prefix_space(false);
        tokenizer.with_post_processor(Some(around));
        return Ok(tokenizer);
    }
    let (begin, end) = (Part::Token(&begin), Part::Token(&end));
    let single = [(begin, 0), (Part::A, 0), (end, 0)];
    let pair = [single[0], single[1], single[2], (Part::B, 1), (end, 1)];
    tokenizer.with_post_processor(Some(template(&single, &pair)?));
    Ok(tokenizer)
}
