//! `tokenizer.json` out of what a GGUF file says of its tokenizer.

use serde_json::{Map, Value as Json, json};
use tokenizers::Tokenizer;

use crate::error::Result;
use crate::tokens::slow::byte_level::QWEN2_CUT;
use crate::tokens::slow::merges;
use crate::weights::gguf::{Metadata, Value};

use super::config::bad;
use super::sentencepiece;

/// How text is cut before pairs are merged, by the names that llama.cpp has for it.
struct Cut {
    names: &'static [&'static str],
    regex: &'static str,
    /// Whether text is brought to Unicode's NFC first.
    composed: bool,
    /// Whether a piece that is a token is one, whatever merges would make of it.
    whole: bool,
    /// Whether every text begins with a token of its own where the file says nothing of it.
    begins: bool,
}

/// The expressions are part of the models: they stand in the `tokenizer.json` of Llama 3 and Qwen 2.
const CUTS: [Cut; 2] = [
    Cut {
        names: &["llama-bpe", "llama3", "llama-v3"],
        regex: r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        composed: false,
        whole: true,
        begins: true,
    },
    Cut { names: &["qwen2"], regex: QWEN2_CUT, composed: true, whole: false, begins: false },
];

/// `LLAMA_TOKEN_TYPE_*`.
pub(super) const UNKNOWN: u64 = 2;
pub(super) const CONTROL: u64 = 3;
pub(super) const USER_DEFINED: u64 = 4;
const UNUSED: u64 = 5;

/// A tokenizer that merges pairs: of bytes, as GPT-2's, or of letters, as SentencePiece's.
///
/// # Errors
/// [`Error::BadField`](crate::Error::BadField) for a tokenizer of another kind, or one that its own parts do not make.
pub(super) fn tokenizer(metadata: &Metadata) -> Result<Json> {
    const MODEL: &str = "tokenizer.ggml.model";
    match metadata.text(MODEL).unwrap_or("missing") {
        "gpt2" => byte_level(metadata),
        "llama" => sentencepiece::tokenizer(metadata),
        kind => Err(bad(MODEL, kind)),
    }
}

fn byte_level(metadata: &Metadata) -> Result<Json> {
    const PRE: &str = "tokenizer.ggml.pre";
    const MERGES: &str = "tokenizer.ggml.merges";
    let pre = metadata.text(PRE).unwrap_or("missing");
    let cut = CUTS.iter().find(|cut| cut.names.contains(&pre)).ok_or_else(|| bad(PRE, pre))?;
    let tokens = texts(metadata, "tokenizer.ggml.tokens")?;
    let types = metadata.get("tokenizer.ggml.token_type").and_then(Value::as_array);
    let (mut vocabulary, mut added) = (Map::new(), Vec::new());
    for (id, &token) in tokens.iter().enumerate() {
        let kind = types.and_then(|types| types.get(id)?.as_count());
        match kind {
            Some(UNUSED) => {}
            Some(CONTROL | USER_DEFINED) => added.push(json!({
                "id": id,
                "content": token,
                "single_word": false,
                "lstrip": false,
                "rstrip": false,
                "normalized": false,
                "special": kind == Some(CONTROL),
            })),
            _ => {
                vocabulary.insert(token.to_owned(), id.into());
            }
        }
    }
    let merges = texts(metadata, MERGES)?;
    let pair = |&merge: &&str| {
        let (left, right) = merge.split_once(' ')?;
        Some((left.to_owned(), right.to_owned()))
    };
    let pairs: Option<Vec<_>> = merges.iter().map(pair).collect();
    let pairs = pairs.ok_or_else(|| bad(MERGES, "no list of pairs"))?;
    merges::check(&pairs, |token| vocabulary.contains_key(token))
        .map_err(|reason| bad(MERGES, reason))?;
    let made = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": if cut.composed { json!({ "type": "NFC" }) } else { Json::Null },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {
                    "type": "Split",
                    "pattern": { "Regex": cut.regex },
                    "behavior": "Isolated",
                    "invert": false,
                },
                bytes(),
            ],
        },
        "post_processor": around(metadata, &tokens, cut.begins)?,
        "decoder": bytes(),
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": cut.whole,
            "vocab": vocabulary,
            "merges": merges,
        },
    });
    match made.to_string().parse::<Tokenizer>() {
        Ok(_) => Ok(made),
        Err(error) => Err(bad("tokenizer.ggml", error)),
    }
}

/// What transformers asks for beside it.
pub(super) fn settings(metadata: &Metadata) -> Json {
    let tokens = metadata.get("tokenizer.ggml.tokens").and_then(Value::as_array).unwrap_or(&[]);
    let mut settings = json!({ "tokenizer_class": "PreTrainedTokenizerFast" });
    for (ours, theirs) in [("bos_token", "bos"), ("eos_token", "eos"), ("pad_token", "padding")] {
        if let Some(token) = special(metadata, theirs).and_then(|id| tokens.get(id)?.as_text()) {
            settings[ours] = token.into();
        }
    }
    if let Some(template) = metadata.text("tokenizer.chat_template") {
        settings["chat_template"] = template.into();
    }
    settings
}

/// Every byte as a visible letter, as GPT-2 has it.
fn bytes() -> Json {
    json!({
        "type": "ByteLevel",
        "add_prefix_space": false,
        "trim_offsets": false,
        "use_regex": false,
    })
}

/// What is put around a text.
fn around(metadata: &Metadata, tokens: &[&str], begins: bool) -> Result<Json> {
    let wanted = |name: &str, default| match metadata.get(&format!("tokenizer.ggml.{name}")) {
        Some(&Value::Bool(wanted)) => wanted,
        _ => default,
    };
    let (mut single, mut pair, mut named) = (Vec::new(), Vec::new(), Map::new());
    let part = |id: &str, kind| json!({ "Sequence": { "id": id, "type_id": kind } });
    let (first, second) = (part("A", 0), part("B", 1));
    let mut put = |is_wanted: bool, name: &str, kind: u32| -> Result<Option<Json>> {
        if !is_wanted {
            return Ok(None);
        }
        let id = special(metadata, name);
        let (id, token) = id
            .and_then(|id| Some((id, *tokens.get(id)?)))
            .ok_or_else(|| bad(&format!("tokenizer.ggml.{name}_token_id"), format!("{id:?}")))?;
        named.insert(token.to_owned(), json!({ "id": token, "ids": [id], "tokens": [token] }));
        Ok(Some(json!({ "SpecialToken": { "id": token, "type_id": kind } })))
    };
    let (is_begun, is_ended) = (wanted("add_bos_token", begins), wanted("add_eos_token", false));
    single.extend(put(is_begun, "bos", 0)?);
    single.push(first);
    single.extend(put(is_ended, "eos", 0)?);
    pair.extend_from_slice(&single);
    pair.extend(put(is_begun, "bos", 1)?);
    pair.push(second);
    pair.extend(put(is_ended, "eos", 1)?);
    if named.is_empty() {
        return Ok(bytes());
    }
    let template = json!({
        "type": "TemplateProcessing",
        "single": single,
        "pair": pair,
        "special_tokens": named,
    });
    Ok(json!({ "type": "Sequence", "processors": [bytes(), template] }))
}

pub(super) fn special(metadata: &Metadata, name: &str) -> Option<usize> {
    metadata.count(&format!("tokenizer.ggml.{name}_token_id"))?.try_into().ok()
}

pub(super) fn texts<'a>(metadata: &'a Metadata, name: &str) -> Result<Vec<&'a str>> {
    let values = metadata.get(name).and_then(Value::as_array);
    let texts = values.map(|values| values.iter().map(Value::as_text).collect::<Option<Vec<_>>>());
    texts.flatten().ok_or_else(|| bad(name, "no list of texts"))
}
